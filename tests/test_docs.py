"""The generated pages of docs/ say what the code says."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from optimizer.case import MEASURES
from optimizer.schema.results import OUTPUTS
from optimizer.schema.sheets import INPUTS

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES = runpy.run_path(str(DOCS / "build.py"))["PAGES"]


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
    assert all(f"| `{name}` |" in section and meaning in section for name, (_, meaning) in output.columns.items())


def test_every_measure_of_a_limit_is_in_the_reference():
    """docs/workbook.md explains each measure that a limit can bound."""
    section = (DOCS / "workbook.md").read_text(encoding="utf-8").split("\n## Limits\n")[1].split("\n# ")[0]
    assert all(f"`{measure}`" in section.split("| bounds |")[1] for measure in MEASURES)
