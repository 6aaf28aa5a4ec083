"""From a sheet's raw cells to its rows: headers matched to columns, every cell read by its column.

What is wrong is collected, never raised, so that all problems of a workbook come at once.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from openpyxl.utils import get_column_letter

from optimizer.calendar import Calendar
from optimizer.errors import Problem
from optimizer.workbook.cells import ERROR_VALUES, Fault, Formula, Labels, is_blank, nearest, parse, shown
from optimizer.workbook.sources import RawSheet
from optimizer.workbook.tables import Column, Sheet, normalize

Report = Callable[[Problem], None]

SETTING_COLUMNS = (
    Column("setting", "name", "The setting's name.", required=True),
    Column("value", "text", "Its value."),
)


@dataclass
class Row:
    """A row as read: the values of its sound cells by column name, defaults filled in.

    A column whose cell is faulty is not in `values`. raw: the cells as they stand, by column name. by_period: the columns
    headed by a period, period -> value. percents: the columns whose number is shown as a percentage.
    """

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)
    by_period: dict[int, float] = field(default_factory=dict)
    percents: frozenset[str] = frozenset()
    sound: bool = True

    def __getitem__(self, column: str) -> Any:
        return self.values[column]

    def spoil(self, column: str) -> None:
        """Take a faulty cell's value out, so that nothing is built on it."""
        self.values.pop(column, None)
        self.sound = False


@dataclass
class Table:
    """A sheet as read. title: its name in the file. positions: column name -> position of the column, from 0."""

    sheet: Sheet
    title: str
    positions: dict[str, int] = field(default_factory=dict)
    period_positions: dict[int, int] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    def cell(self, row: int, column: str) -> str:
        """The place of a column's cell, such as D2; without such a column the row."""
        position = self.positions.get(column)
        return f"row {row}" if position is None else place(row, position)

    def row(self, number: int) -> Row:
        """The row of that number."""
        return self.rows[bisect_left(self.rows, number, key=attrgetter("number"))]

    def complete(self, *columns: str) -> Iterator[Row]:
        """The rows in which none of these columns' cells is faulty."""
        return (row for row in self.rows if all(column in row.values for column in columns))


def blank_value(column: Column) -> Any:
    """What a blank cell of a column means: its default, of the same type as a value that is read."""
    if column.kind in ("names", "choices"):
        return ()
    return float(column.default) if column.default is not None and column.kind in ("number", "share") else column.default


def place(row: int, position: int) -> str:
    """The name of a cell: its row counted from 1, its column from 0."""
    return f"{get_column_letter(position + 1)}{row}"


def columns_of(sheet: Sheet) -> tuple[Column, ...]:
    """The columns that stand on a sheet; those of the settings sheet are setting and value."""
    return SETTING_COLUMNS if sheet.settings else sheet.columns


def read_table(sheet: Sheet, raw: RawSheet, labels: Labels, calendar: Calendar | None, report: Report) -> Table:
    """Read one sheet. Without a calendar (the settings are faulty) period columns are let pass unread."""
    table = Table(sheet, raw.name)
    header = raw.rows[0] if raw.rows else ()
    if all(map(is_blank, header)):
        _report_no_header(table, raw, report)
        return table
    _match_headers(table, header, labels, calendar, report)
    _report_uncovered(table, raw, report)
    for number, cells in enumerate(raw.rows[1:], start=2):
        if not all(map(is_blank, cells)):
            row = _read_row(table, number, cells, labels, report)
            row.percents = frozenset(name for name, position in table.positions.items() if (number - 1, position) in raw.percents)
            table.rows.append(row)
    if sheet.rows_required and not table.rows and table.positions:
        fix = "Fill in at least one row below the headers."
        report(Problem(raw.name, "row 2", f"The sheet has no rows. {fix}", "no rows", "at least one row", fix))
    return table


def _report_no_header(table: Table, raw: RawSheet, report: Report) -> None:
    wanted = ", ".join(column.name for column in columns_of(table.sheet))
    filled = any(not is_blank(value) for row in raw.rows for value in row)
    if table.sheet.required or filled:
        fix = f"Put the headers in row 1: {wanted}."
        report(Problem(raw.name, "row 1", f"Row 1 holds no headers. {fix}", "an empty row", "the headers", fix))
    else:
        report(Problem(raw.name, "", "The sheet is empty, so there is nothing on it to read.", "an empty sheet", level="warning"))


def _match_headers(table: Table, header: tuple[Any, ...], labels: Labels, calendar: Calendar | None, report: Report) -> None:
    """Find the column of each header, and report those that are unknown, doubled or missing."""
    columns = columns_of(table.sheet)
    names = {normalize(column.name): column.name for column in columns}
    suggested: set[str] = set()

    def fault(position: int, found: str, message: str, expected: str, fix: str) -> None:
        report(Problem(table.title, place(1, position), f"{message} {fix}".strip(), found, expected, fix))

    for position, text in enumerate(header):
        if is_blank(text):
            continue
        if isinstance(text, Formula) or text in ERROR_VALUES:
            fault(position, shown(text), f"The header is {shown(text)}, which says nothing.", "a column's name", "Type the column's name.")
            continue
        name = names.get(normalize(text))
        if name is not None and name in table.positions:
            first = place(1, table.positions[name])
            fault(position, shown(text), f"The column {name} stands twice, here and in {first}.", "each column once", "Delete one of them.")
        elif name is not None:
            table.positions[name] = position
        elif not (table.sheet.period_columns and _match_period(table, position, text, labels, calendar, fault)):
            known = list(names.values())
            missing = [column for column in known if column not in table.positions]
            near = nearest(str(text), missing) or nearest(str(text), known)
            suggested.add(near or "")
            hint = f"Did you mean {near}?" if near else "Delete the column, or move it to a sheet of your own."
            fault(position, shown(text), f"There is no column {shown(text)} on {table.sheet.name}.", f"one of {', '.join(known)}", hint)
    for column in columns:
        if (column.required or table.sheet.settings) and column.name not in table.positions and column.name not in suggested:
            fix = f"Add a column headed {column.name}: {column.help}"
            message = f"The column {column.name} is missing. {fix}"
            report(Problem(table.title, "row 1", message, "no such column", f"a column {column.name}", fix))


def _match_period(table: Table, position: int, header: Any, labels: Labels, calendar: Calendar | None, fault: Callable[..., None]) -> bool:
    """Whether a header means a period, of this case or not; it is remembered, or reported."""
    t = _period_of_header(header, labels, calendar)
    if t is None:
        return False
    if calendar is None:
        return True
    if not 0 <= t < calendar.periods:
        expected = f"a period from {calendar.label(0)} to {calendar.label(calendar.periods - 1)}"
        fix = "Correct the header, or delete the column."
        fault(position, shown(header), f"The header {shown(header)} is no period of this case, expected {expected}.", expected, fix)
    elif t in table.period_positions:
        first = place(1, table.period_positions[t])
        message = f"The period {calendar.label(t)} stands twice, here and in {first}."
        fault(position, shown(header), message, "each period once", "Delete one of them.")
    else:
        table.period_positions[t] = position
    return True


def _period_of_header(header: Any, labels: Labels, calendar: Calendar | None) -> int | None:
    """The period that a header names, -1 if it is a date or label but names none, None if it is neither.

    A label must be one of the calendar's own: 2027-01 is no quarter, although it begins on the first day of one. A day is
    taken where it is the first of a period, because Excel turns a typed 2027-04 into one.
    """
    if isinstance(header, (dt.datetime, dt.date)):
        day = header.date() if isinstance(header, dt.datetime) else header
        text = day.isoformat()
    else:
        text = f"{header:.0f}" if isinstance(header, (int, float)) and float(header).is_integer() else str(header).strip()
        day = labels.day(text, False)
    if day is None:
        return None
    if calendar is None:
        return -1
    t = calendar.index(day)
    if not 0 <= t < calendar.periods or calendar.first_day(t) != day:
        return -1
    own = re.sub("[-_ ]", "", text).casefold() == calendar.label(t).replace("-", "").casefold()
    return t if own or len(text) >= len("2027-01-01") else -1


def _report_uncovered(table: Table, raw: RawSheet, report: Report) -> None:
    """Values in columns without a header are read by nobody: say so once for each column."""
    header = raw.rows[0]
    for position, text in enumerate(header):
        if is_blank(text):
            first = next((number for number, row in enumerate(raw.rows[1:], start=2) if not is_blank(row[position])), None)
            if first is not None:
                value, fix = raw.rows[first - 1][position], "Give the column its header in row 1, or delete its values."
                message = f"The value {shown(value)} stands in a column without a header. {fix}"
                report(Problem(table.title, place(first, position), message, shown(value), "a header above it", fix))


def _read_row(table: Table, number: int, cells: tuple[Any, ...], labels: Labels, report: Report) -> Row:
    """Read the cells of one row; what is faulty is reported and left out."""
    row = Row(number)
    for column in columns_of(table.sheet):
        position = table.positions.get(column.name)
        value = None if position is None else cells[position]
        row.raw[column.name] = value
        if table.sheet.settings and column.name == "value":
            row.values[column.name] = value  # its kind depends on the setting: settings.py reads it
            continue
        if is_blank(value):
            if column.required:
                row.sound = False
                if position is not None:
                    fix = f"Fill it in: {column.help}"
                    fault = Fault("a blank cell", column.allowed(), fix)
                    report(fault.problem(table.title, place(number, position), column.name))
            else:
                row.values[column.name] = blank_value(column)
            continue
        try:
            row.values[column.name] = parse(value, column, labels)
        except Fault as fault:
            row.spoil(column.name)
            report(fault.problem(table.title, place(number, position), column.name))
    for t, position in table.period_positions.items():
        if is_blank(cells[position]):
            continue
        try:
            row.by_period[t] = parse(cells[position], Column("quantity", "number", "", low=0), labels)
        except Fault as fault:
            row.sound = False
            report(fault.problem(table.title, place(number, position), "quantity of a period"))
    return row
