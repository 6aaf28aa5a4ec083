"""What a question is made of, and how its lines change the data of a sample."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from optimizer import Plan

DATA = Path(__file__).resolve().parent.parent.parent / "sample_inputs" / "data"

YES, IN_PART, NO = "Yes", "In part", "No"

ASKED = "asked"
"""The name of the plan that the lines of a question give, among the plans of its answer."""

Row = Mapping[str, Any]
Tables = dict[str, list[dict[str, str]]]
Plans = Mapping[str, Plan]


@dataclass(frozen=True)
class Rows:
    """Rows that are added to a sheet, or, with `alone`, that stand in place of all that it holds."""

    sheet: str
    rows: tuple[Row, ...] = ()
    alone: bool = False

    def change(self, tables: Tables) -> None:
        """Add the rows."""
        held = [] if self.alone else tables.get(self.sheet, [])
        tables[self.sheet] = held + [_texts(row) for row in self.rows]


@dataclass(frozen=True)
class Cells:
    """Cells that are set in every row of a sheet that holds what `where` says."""

    sheet: str
    where: Row
    values: Row

    def change(self, tables: Tables) -> None:
        """Set the cells."""
        for row in _found(tables, self):
            row.update(_texts(self.values))


@dataclass(frozen=True)
class Copied:
    """A row that is added to a sheet as a copy of the one row that holds what `where` says, but for `values`."""

    sheet: str
    where: Row
    values: Row

    def change(self, tables: Tables) -> None:
        """Add the copy."""
        (row,) = _found(tables, self)
        tables[self.sheet].append({**row, **_texts(self.values)})


@dataclass(frozen=True)
class Removed:
    """Rows of a sheet that are taken away: those that hold what `where` says."""

    sheet: str
    where: Row

    def change(self, tables: Tables) -> None:
        """Take the rows away."""
        gone = [id(row) for row in _found(tables, self)]
        tables[self.sheet] = [row for row in tables[self.sheet] if id(row) not in gone]


Edit = Rows | Cells | Copied | Removed


@dataclass(frozen=True)
class Question:
    """A question of a planner, the lines that ask it, and its answer.

    `lines` change the sample; `others` are workbooks that the answer compares with, each with changes of its own; `settings` stand in for
    the sample's in all of them. `answer` makes the words from the plans by name; a question that cannot be asked has words alone.
    """

    key: str
    asks: str
    can: str
    answer: str | Callable[[Plans], str]
    sample: str = ""
    lines: tuple[Edit, ...] = ()
    others: Mapping[str, tuple[Edit, ...]] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    lacks: str = ""

    def workbooks(self) -> dict[str, tuple[Edit, ...]]:
        """Return the changes of every workbook whose plan the answer reads, by name."""
        return {ASKED: self.lines, **self.others} if self.sample else {}


@dataclass(frozen=True)
class Part:
    """One planner and the questions that this planner asks."""

    letter: str
    planner: str
    questions: tuple[Question, ...]


def workbook_of(sample: str, edits: tuple[Edit, ...], settings: Mapping[str, Any], folder: Path) -> Path:
    """Write a sample's data with changes into a folder of .csv that reads as a workbook; Sources is no sheet of the workbook and stays behind."""
    tables: Tables = {}
    for path in sorted((DATA / sample).glob("*.csv")):
        if path.stem != "Sources":
            with path.open(encoding="utf-8", newline="") as lines:
                tables[path.stem] = list(csv.DictReader(lines))
    for edit in (*edits, *(_setting(tables, name, value) for name, value in settings.items())):
        edit.change(tables)
    for sheet, rows in tables.items():
        if rows:
            columns = list(dict.fromkeys(column for row in rows for column in row))
            with (folder / f"{sheet}.csv").open("w", encoding="utf-8", newline="") as target:
                writer = csv.DictWriter(target, columns, restval="")
                writer.writeheader()
                writer.writerows(rows)
    return folder


def _setting(tables: Tables, name: str, value: Any) -> Edit:
    """Return the change that gives a setting its value, whether or not the sample says it."""
    if any(row["setting"] == name for row in tables["Settings"]):
        return Cells("Settings", {"setting": name}, {"value": value})
    return Rows("Settings", ({"setting": name, "value": value},))


def _found(tables: Tables, edit: Cells | Copied | Removed) -> list[dict[str, str]]:
    """Return the rows that an edit speaks of; ValueError where the sample holds none."""
    where = _texts(edit.where)
    rows = [row for row in tables.get(edit.sheet, []) if all((row.get(name) or "") == text for name, text in where.items())]
    if not rows:
        raise ValueError(f"no row of {edit.sheet} holds {where}")
    return rows


def _texts(row: Row) -> dict[str, str]:
    """Return a row as the texts of its cells; None is a blank one."""
    return {name: "" if value is None else str(value) for name, value in row.items()}
