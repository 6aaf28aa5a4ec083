"""State a rule across rows and sheets as a function that yields the places where it is broken.

The docstring of a rule is the planner's message in three parts: what is wrong; "Expected ..."; what to do. The facts of each place stand in
braces. The message is for people only: what a click may do about a place comes with the place, as typed repairs. errors.py holds the rules
whose breach is an error, suspicions.py gathers those whose breach is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from optimizer.calendar import Calendar
from optimizer.errors import ClearRows, Level, Problem, Repair, SetCells
from optimizer.intake.cells.headers import place
from optimizer.intake.cells.parse import is_blank, shown
from optimizer.intake.files.limits import MOST_PROBLEMS
from optimizer.intake.rows.settings import SettingsRead
from optimizer.intake.rows.table import Row, Table
from optimizer.intake.rows.twins import Twin
from optimizer.schema.sheets import SETTINGS

ROUNDING = 1e-9
"""Sums and products of typed numbers that differ by no more than this share are the same: binary fractions cannot hold 0.1."""
_PARTS = re.compile(r"^(?P<wrong>.*?) Expected (?P<expected>.*?)\. (?P<fix>.*)$")


@dataclass(frozen=True)
class WorkbookRead:
    """Hold what could be read of a workbook: its tables by sheet, and its settings. twins: names that are spelled in two ways."""

    tables: dict[str, Table]
    settings: SettingsRead
    twins: tuple[Twin, ...] = ()

    @property
    def calendar(self) -> Calendar | None:
        return self.settings.calendar

    @property
    def tail(self) -> int:
        """The periods that are planned for beyond the horizon; 0 where the setting is faulty."""
        return int(self.settings.values.get("tail_periods") or 0)

    def rows(self, sheet: str, *columns: str) -> Iterator[Row]:
        """Return the rows of a sheet in which none of these columns' cells is faulty; none if there is no such sheet."""
        table = self.tables.get(sheet)
        return table.complete(*columns) if table else iter(())

    def set_cells(self, words: str, sheet: str, values: Mapping[tuple[int, str], Any]) -> tuple[Repair, ...]:
        """Return the repair that puts values into cells, (row, column) -> value; none where the sheet lacks one of the columns."""
        table = self.tables.get(sheet)
        if table is None or any(column not in table.positions for _, column in values):
            return ()
        return (SetCells(words, tuple((row, table.positions[column] + 1, value) for (row, column), value in values.items())),)

    def clear_twin(self, sheet: str, row: int, first: int) -> tuple[Repair, ...]:
        """Return the repair that clears a row which says the same as an earlier one; none where they differ in any cell, even one not read."""
        table = self.tables[sheet]
        if not table.row(row).says_the_same(table.row(first)):
            return ()
        return (ClearRows(f"Clear row {row}, which says the same as row {first}", (row,)),)


def growing(value: float, rate: float, years: float) -> float:
    """Return a value after so many years of growth."""
    try:
        return value * (1 + rate) ** years
    except OverflowError:
        return float("inf")


@dataclass(frozen=True)
class Finding:
    """Name a place where a rule is broken: a column of a row, or the column of a period by its number.

    facts: what stands in the braces of the message. repairs: what a click may do about it, the likeliest first.
    """

    sheet: str
    row: int
    column: str | int
    facts: dict[str, Any] = field(default_factory=dict)
    repairs: tuple[Repair, ...] = ()


def at(sheet: str, row: int, column: str | int, repairs: Iterable[Repair] = (), /, **facts: Any) -> Finding:
    """Return the finding of a place."""
    return Finding(sheet, row, column, facts, tuple(repairs))


Rule = Callable[..., Iterable[Finding]]


def problems_of(rule: Rule, level: Level, book: WorkbookRead, *more: Any) -> Iterator[Problem]:
    """Yield every place where a rule is broken, as problems."""
    parts = _PARTS.match(" ".join((rule.__doc__ or "").split()))
    assert parts, f"the docstring of {rule.__name__} is no message"
    for finding in islice(rule(book, *more), MOST_PROBLEMS + 1):  # more are never listed, and take time to word
        facts = {name: _said(value) for name, value in finding.facts.items()}
        wrong, expected, fix = (parts[name].format(**facts) for name in ("wrong", "expected", "fix"))
        sheet, cell, found = _place(book, finding)
        yield Problem(sheet, cell, f"{wrong} Expected {expected}. {fix}", found, expected, fix, level, finding.repairs)


def _said(value: Any) -> str:
    """Return a fact as a message says it: numbers without needless digits, words as they are."""
    return f"{value:.9g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def _place(book: WorkbookRead, finding: Finding) -> tuple[str, str, str]:
    """Return sheet, cell and content of a finding's place."""
    table = book.tables.get(finding.sheet)
    if finding.sheet == SETTINGS.name:
        sheet, cell = book.settings.place(str(finding.column))
        given = book.settings.given.get(str(finding.column))
        return sheet, cell, shown(given.value) if given else ""
    if table is None:
        return finding.sheet, "", ""
    if isinstance(finding.column, int):
        position = table.period_positions[finding.column]
        return table.title, place(finding.row, position), shown(table.row(finding.row).by_period[finding.column])
    value = table.row(finding.row).raw.get(finding.column)
    return table.title, table.cell(finding.row, finding.column), "" if is_blank(value) else shown(value)
