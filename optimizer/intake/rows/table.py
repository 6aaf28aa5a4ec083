"""A sheet as read: its rows, and where each column stands."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from operator import attrgetter
from typing import Any

from optimizer.errors import Problem
from optimizer.intake.cells.headers import PERIOD_COLUMN, Header, columns_of, place
from optimizer.intake.cells.parse import is_blank
from optimizer.schema.language import Column, Sheet

Report = Callable[[Problem], None]


@dataclass
class Row:
    """A row as read: the values of its sound cells by column name, defaults filled in.

    A column whose cell is faulty is not in `values`. raw: the cells as they stand, by column name. by_period: the columns
    headed by a period, period -> value. days: of the dates, whose periods stand in `values`. percents: the columns whose number is shown as
    a percentage. cells: all cells as they stand, also those of columns that are not read.
    """

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)
    by_period: dict[int, float] = field(default_factory=dict)
    days: dict[str, dt.date] = field(default_factory=dict)
    percents: frozenset[str] = frozenset()
    sound: bool = True
    cells: tuple[Any, ...] = ()

    def __getitem__(self, column: str) -> Any:
        return self.values[column]

    def spoil(self, column: str) -> None:
        """Take a faulty cell's value out, so that nothing is built on it."""
        self.values.pop(column, None)
        self.sound = False

    def says_the_same(self, other: Row) -> bool:
        """Return whether two rows hold the same in every cell, texts but for case and blanks."""
        return all(_comparable(mine) == _comparable(theirs) for mine, theirs in zip_longest(self.cells, other.cells))


def _comparable(value: Any) -> Any:
    """Return a value that equals another only where their cells say the same: 1 is not TRUE, and a number is not its text."""
    if is_blank(value):
        return None
    if isinstance(value, str):
        return (type(value), " ".join(value.split()).casefold())
    return ("number", value) if isinstance(value, (int, float)) and not isinstance(value, bool) else (type(value), value)


@dataclass
class Table:
    """A sheet as read. title: its name in the file. positions: column name -> position of the column, from 0.

    header_row: the number of the row of the headers. measured: position -> the header that bears a unit of its own. ignored: (cell, text)
    of the rows that are marked as not to be read, and of those that are no data. merged: the merged areas that were read.
    """

    sheet: Sheet
    title: str
    positions: dict[str, int] = field(default_factory=dict)
    period_positions: dict[int, int] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    header_row: int = 1
    measured: dict[int, Header] = field(default_factory=dict)
    ignored: list[tuple[str, str]] = field(default_factory=list)
    merged: set[str] = field(default_factory=set)

    def cell(self, row: int, column: str) -> str:
        """Return the place of a column's cell, such as D2; without such a column the row."""
        position = self.positions.get(column)
        return f"row {row}" if position is None else place(row, position)

    def row(self, number: int) -> Row:
        """Return the row of that number."""
        return self.rows[bisect_left(self.rows, number, key=attrgetter("number"))]

    def complete(self, *columns: str) -> Iterator[Row]:
        """Return the rows in which none of these columns' cells is faulty."""
        return (row for row in self.rows if all(column in row.values for column in columns))

    def columns(self) -> dict[int, Column]:
        """Return the column of the schema, or of a period, that stands at each position."""
        by_name = {column.name: column for column in columns_of(self.sheet)}
        return {position: by_name[name] for name, position in self.positions.items()} | dict.fromkeys(self.period_positions.values(), PERIOD_COLUMN)
