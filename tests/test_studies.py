"""A study is its module and one line in the registry: worker, app and interface take it from there."""

from __future__ import annotations

import ast
import io
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook
from plans import SAMPLES, barest, biting, solved

from optimizer.cli.console import Stop
from optimizer.cli.studying import study_one
from optimizer.plan.json_format import plain
from optimizer.report import study_bytes
from optimizer.schema.results import OUTPUTS
from optimizer.studies.registry import STUDIES
from optimizer.studies.study import Study
from ui import charts
from ui.parts import study_view
from ui.parts.plan_sections import SECTIONS
from ui.words import plan as text
from ui.words.studies import TITLES

ROOM = Path(__file__).resolve().parent.parent / "optimizer" / "studies"


def declared_in(path: Path) -> list[str]:
    """The names of the studies that a module makes."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    return [node.args[0].value for node in calls if isinstance(node.func, ast.Name) and node.func.id == "Study"]


@pytest.mark.parametrize("path", sorted(ROOM.rglob("*.py")), ids=lambda path: path.stem)
def test_every_study_that_a_module_makes_is_in_the_registry(path):
    """A module that declares a study has its line in the registry."""
    missing = [name for name in declared_in(path) if name not in STUDIES]
    assert not missing, f"optimizer/studies/registry.py does not list {', '.join(missing)} of optimizer/studies/{path.name}"


def test_each_study_has_tables_of_its_own():
    """No table of a study has the name or the sheet of another table, of a study or of the plan."""
    tables = [*OUTPUTS, *(table for study in STUDIES.values() for table in study.tables)]
    assert len({table.name for table in tables}) == len({table.sheet for table in tables}) == len(tables)
    assert all(study.tables and study.title and study.meaning.endswith(".") for study in STUDIES.values())


@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
def test_a_study_makes_the_tables_that_it_declares_and_is_asked_by_command(study, tmp_path, monkeypatch, capsys):
    """Run on a plan, a study gives its declared tables and no others, and tells where it stands meanwhile; the command shows and writes these."""
    plan, told, made = solved("tutorial"), [], {}

    def run(plan, progress):
        def heard(state):
            told.append(state)
            progress(state)

        made.update(study.run(plan, heard))
        return made

    monkeypatch.setattr("optimizer.api.solve", lambda *_, **__: plan)
    assert study_one(replace(study, run=run), SAMPLES / "tutorial.xlsx", tmp_path / "made.xlsx", {}, Stop()) == 0
    assert list(made) == [table.name for table in study.tables] and told
    for declared in study.tables:
        pd.testing.assert_frame_equal(made[declared.name], declared.frame(made[declared.name]))
    shown = capsys.readouterr().out
    assert all(table.sheet in shown or made[table.name].empty for table in study.tables)
    assert {table.sheet for table in study.tables} <= set(load_workbook(tmp_path / "made.xlsx", read_only=True).sheetnames)


@pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
def test_each_study_is_stopped_by_whoever_asked_for_it(study, monkeypatch, capsys):
    """In Python what progress raises comes out; the command, once it is interrupted, says that it was stopped, and writes nothing."""

    class Enough(Exception):
        pass

    def stop(progress):
        raise Enough

    plan = solved("tutorial")
    with pytest.raises(Enough):
        study.run(plan, stop)
    monkeypatch.setattr("optimizer.api.solve", lambda *_, **__: plan)
    asked = Stop()
    asked.asked = True
    assert study_one(study, SAMPLES / "tutorial.xlsx", None, {}, asked) != 0
    said = capsys.readouterr()
    assert "Stopped." in said.err and not said.out


@pytest.mark.parametrize("name", STUDIES)
def test_each_study_has_a_section_in_the_app(name):
    """The app offers every study under its title: one that follows every solve beside the plan, one that is asked for on a page of its own."""
    study = STUDIES[name]
    assert (TITLES if study.on_request else text.SECTIONS)[name] == study.title and (study.on_request or name in SECTIONS)
    assert bool(study.takes) == study.on_request


def test_a_study_without_a_section_of_its_own_shows_its_tables(monkeypatch):
    """A study that was only added to the registry is shown by its meaning and its tables."""
    from ui.parts import plan_sections

    declared = STUDIES["playbook"]
    study = Study("new", "New", "Tells something new.", declared.tables, declared.run)
    made = declared.run(solved("tutorial"))
    said, drawn = [], []
    monkeypatch.setattr(plan_sections.state, "studies_of", lambda run: made)
    monkeypatch.setattr(plan_sections.st, "header", lambda words, **_: said.append(words))
    monkeypatch.setattr(plan_sections.st, "markdown", lambda words, **_: said.append(words))
    monkeypatch.setattr(plan_sections.tables, "table", lambda frame, *_: drawn.append(len(frame)))
    plan_sections.tables_of(study)(None, solved("tutorial"))
    assert said == ["New", "Tells something new.", *(f"**{table.sheet}**" for table in declared.tables)] and drawn == [len(table) for table in made.values()]


@pytest.mark.parametrize("make", [barest, biting], ids=["barest", "biting"])
def test_what_a_study_says_of_an_odd_plan_can_be_kept_shown_and_written(make):
    """Of a plan of one period without demand, and of one whose every name bites, each study's tables go to disk and back, on the screen and into a workbook."""
    plan = make()
    for study in STUDIES.values():
        if not plan.sheets and study.name == "tornado":
            continue  # it changes cells, which a case has not
        made = study.run(plan)
        kept = json.loads(json.dumps(plain({table.name: made[table.name].to_dict(orient="list") for table in study.tables})))
        found = {table.name: table.restored(kept[table.name]) for table in study.tables}
        study_view.show_tables(study, found, plan)
        for _, drawn, _ in charts.of_study(study.name, plan, found):
            drawn.to_dict()
        book = load_workbook(io.BytesIO(study_bytes(plan, study, found)), read_only=True)
        assert {table.sheet for table in study.tables} <= set(book.sheetnames), study.name
        words = [line for table in found.values() if "words" in table for line in table["words"].dropna()]
        assert not [line for line in words if {"nan", "inf", "None"} & set(line.split())], study.name
