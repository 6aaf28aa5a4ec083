"""The generated pages of docs/ say what the code says."""

from __future__ import annotations

import doctest
import inspect
import re
import runpy
from pathlib import Path

import pytest

import optimizer
from optimizer.case import MEASURES
from optimizer.schema.results import OUTPUTS
from optimizer.schema.sheets import INPUTS

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES = runpy.run_path(str(DOCS / "build.py"))["PAGES"]
SCRIPTED = sorted(name for name in optimizer.__all__ if not hasattr(getattr(optimizer, name), "__path__"))
"""The names for people who script: all of the package's but its subpackages."""


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_up_to_date(name):
    """Each generated page on disk equals what the code generates now."""
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run: python docs/build.py"


@pytest.mark.parametrize("sheet", INPUTS, ids=lambda sheet: sheet.name)
def test_every_column_of_a_sheet_is_in_the_reference(sheet):
    """docs/workbook.md lists each input column under its sheet, with its help."""
    section = (DOCS / "workbook.md").read_text(encoding="utf-8").split(f"\n## {sheet.name}\n")[1].split("\n## ")[0]
    assert all(f"| `{column.name}` |" in section and column.help in section for column in sheet.columns)


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: output.name)
def test_every_column_of_a_result_is_in_the_reference(output):
    """docs/workbook.md lists each column of each result table, with its meaning."""
    section = (DOCS / "workbook.md").read_text(encoding="utf-8").split(f"\n## {output.sheet}\n")[1].split("\n## ")[0]
    assert all(f"| `{name}` |" in section and meaning in section for name, (_, meaning, *_) in output.columns.items())


def test_every_measure_of_a_limit_is_in_the_reference():
    """docs/workbook.md explains each measure that a limit can bound."""
    section = (DOCS / "workbook.md").read_text(encoding="utf-8").split("\n## Limits\n")[1].split("\n# ")[0]
    assert all(f"`{measure}`" in section.split("| bounds |")[1] for measure in MEASURES)


@pytest.mark.parametrize("name", SCRIPTED)
def test_every_name_for_scripts_has_an_example_that_runs(name, monkeypatch):
    """The docstring of each public name shows an example, on a sample workbook, that gives what it says."""
    monkeypatch.chdir(DOCS.parent)
    example = doctest.DocTestParser().get_doctest(inspect.getdoc(getattr(optimizer, name)), {"optimizer": optimizer}, name, None, None)
    said: list[str] = []
    assert example.examples and doctest.DocTestRunner().run(example, out=said.append).failed == 0, "".join(said)
    assert f"## optimizer.{name}\n" in (DOCS / "api.md").read_text(encoding="utf-8")


def test_every_public_name_is_explained():
    """No row of the tables of docs/api.md is without an explanation."""
    rows = re.findall(r"^\| `(.+?)` \| *(.*?) *\|$", (DOCS / "api.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert len(rows) > 60 and [name for name, meaning in rows if not meaning] == []
