"""How a rule across rows and sheets is stated: a function that yields the places where it is broken.

The docstring of a rule is the planner's message: what is wrong; "Expected ..."; what to do, the facts of each place in braces.
checks.py holds the rules that make an error, suspicions.py gathers those that warn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from optimizer.calendar import Calendar
from optimizer.errors import Problem
from optimizer.intake.cells.headers import place
from optimizer.intake.cells.parse import is_blank, shown
from optimizer.intake.files.limits import MOST_PROBLEMS
from optimizer.intake.rows.settings import SettingsRead
from optimizer.intake.rows.table import Row, Table
from optimizer.intake.rows.twins import Twin

_PARTS = re.compile(r"^(?P<wrong>.*?) Expected (?P<expected>.*?)\. (?P<fix>.*)$")


@dataclass(frozen=True)
class Book:
    """The tables of a workbook by sheet, and its settings, as far as they could be read. twins: names that are spelled in two ways."""

    tables: dict[str, Table]
    settings: SettingsRead
    twins: tuple[Twin, ...] = ()

    @property
    def calendar(self) -> Calendar | None:
        return self.settings.calendar

    def rows(self, sheet: str, *columns: str) -> Iterator[Row]:
        """The rows of a sheet in which none of these columns' cells is faulty; none if there is no such sheet."""
        table = self.tables.get(sheet)
        return table.complete(*columns) if table else iter(())


@dataclass(frozen=True)
class Finding:
    """A place where a rule is broken: a column of a row, or the column of a period by its number, and the facts of the message."""

    sheet: str
    row: int
    column: str | int
    facts: dict[str, Any] = field(default_factory=dict)


def at(sheet: str, row: int, column: str | int, /, **facts: Any) -> Finding:
    """A finding."""
    return Finding(sheet, row, column, facts)


Rule = Callable[..., Iterable[Finding]]


def problems_of(rule: Rule, level: str, book: Book, *more: Any) -> Iterator[Problem]:
    """Every place where a rule is broken, as problems."""
    parts = _PARTS.match(" ".join((rule.__doc__ or "").split()))
    assert parts, f"the docstring of {rule.__name__} is no message"
    for finding in islice(rule(book, *more), MOST_PROBLEMS + 1):  # more are never listed, and take time to word
        facts = {name: _said(value) for name, value in finding.facts.items()}
        wrong, expected, fix = (parts[name].format(**facts) for name in ("wrong", "expected", "fix"))
        sheet, cell, found = _place(book, finding)
        yield Problem(sheet, cell, f"{wrong} Expected {expected}. {fix}", found, expected, fix, level)


def _said(value: Any) -> str:
    """A fact as a message says it: numbers without needless digits, words as they are."""
    return f"{value:.9g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def _place(book: Book, finding: Finding) -> tuple[str, str, str]:
    """Sheet, cell and content of a finding's place."""
    table = book.tables.get(finding.sheet)
    if finding.sheet == "Settings":
        sheet, cell = book.settings.place(finding.column)
        given = book.settings.given.get(finding.column)
        return sheet, cell, shown(given.value) if given else ""
    if table is None:
        return finding.sheet, "", ""
    if isinstance(finding.column, int):
        position = table.period_positions[finding.column]
        return table.title, place(finding.row, position), shown(table.row(finding.row).by_period[finding.column])
    value = table.row(finding.row).raw.get(finding.column)
    return table.title, table.cell(finding.row, finding.column), "" if is_blank(value) else shown(value)
