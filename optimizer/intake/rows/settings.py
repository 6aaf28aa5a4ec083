"""The Settings sheet, and the settings given beside the workbook, as one record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

from openpyxl.utils.cell import coordinate_to_tuple

from optimizer.calendar import Calendar
from optimizer.errors import AddRow, Level, Problem, SetCells, WorkbookError
from optimizer.intake.cells.headers import MARK, Context, Header, convert, match
from optimizer.intake.cells.parse import Fault, Labels, is_blank, nearest, parse, parse_number_text, shown
from optimizer.intake.cells.units import UnitFault
from optimizer.intake.rows.table import Report, Row, Table
from optimizer.schema.language import NUMBER_KINDS, Column, normalize
from optimizer.schema.records import Settings
from optimizer.schema.sheets import SETTINGS

OVERRIDES = "--set"
"""The place of a problem with a setting that was given beside the workbook."""


@dataclass
class Given:
    """A setting as given: its value, and the sheet and cell that it stands in."""

    value: Any
    sheet: str
    cell: str


@dataclass
class SettingsRead:
    """The settings as far as they are sound. values: by name, defaults filled in. given: where each was given.

    calendar and record are None where they cannot be made. names: the position, from 0, of the column of the settings' names.
    """

    values: dict[str, Any] = field(default_factory=dict)
    given: dict[str, Given] = field(default_factory=dict)
    calendar: Calendar | None = None
    record: Settings | None = None
    title: str = SETTINGS.name
    names: int = 0

    @property
    def labels(self) -> Labels:
        """How a bare year is read; by the defaults where the settings are faulty."""
        return _labels(self.values)

    def place(self, name: str) -> tuple[str, str]:
        """Sheet and cell of a setting; just the sheet where it is not given."""
        given = self.given.get(name)
        return (given.sheet, given.cell) if given else (self.title, "")


def read_settings(table: Table | None, overrides: Mapping[str, object], name: str, report: Report) -> SettingsRead:
    """Read the settings; `name`, the file's, is the title where there is none. What is wrong is reported."""
    read = SettingsRead(title=table.title if table else SETTINGS.name, names=table.positions.get("setting", 0) if table else 0)
    if table:
        _collect_rows(read, table, report)
    _collect_overrides(read, overrides, report)
    # Dates come last: what a bare year means depends on the period and the fiscal year.
    for column in sorted(SETTINGS.columns, key=lambda column: column.kind == "date"):
        _parse_setting(read, column, table is not None and bool(table.positions), report)
    if not read.values.get("title"):
        read.values["title"] = name
    read.calendar = _calendar(read, report)
    if read.calendar and all(column.name in read.values for column in SETTINGS.columns):
        read.record = Settings(**{column.attribute: read.values[column.name] for column in SETTINGS.columns})
    return read


def settings_with(record: Settings, overrides: Mapping[str, object]) -> Settings:
    """The settings with others in their place, given as text or value. WorkbookError with every problem of these."""
    problems: list[Problem] = []
    read = SettingsRead()
    for column in SETTINGS.columns:
        read.values[column.name] = getattr(record, column.attribute)
    _collect_overrides(read, overrides, problems.append)
    for column in sorted(SETTINGS.columns, key=lambda column: column.kind == "date"):
        if column.name in read.given:
            _parse_setting(read, column, False, problems.append)
    if not problems and _calendar(read, problems.append) and not problems:
        return Settings(**{column.attribute: read.values[column.name] for column in SETTINGS.columns})
    raise WorkbookError(problems)


def _collect_rows(read: SettingsRead, table: Table, report: Report) -> None:
    """The settings that stand on the sheet, each once."""
    if "value" not in table.positions:
        return
    for row in table.complete("setting"):
        header = match(row["setting"], SETTINGS.columns, Context())
        column = header.column if header else None
        cell = table.cell(row.number, "setting")
        if column is None:
            report(_unknown(row["setting"], table.title, cell))
        elif column.name in read.given:
            fix = "Delete one of them."
            message = f"The setting {column.name} stands twice, here and in {read.given[column.name].cell}. {fix}"
            repairs = _one_of_two(table, read.given[column.name], row)
            report(Problem(table.title, cell, message, f"{column.name} twice", "each setting once", fix, repairs=repairs))
        else:
            value = _in_its_unit(header, row, table, report) if header.measure else row["value"]
            read.given[column.name] = Given(value, table.title, table.cell(row.number, "value"))


def _one_of_two(table: Table, first: Given, second: Row) -> tuple[SetCells, ...]:
    """Clear one of the two rows of a setting, each with the value that then counts."""

    def clear(words: str, number: int) -> SetCells:
        return SetCells(f"{words} (clear row {number})", tuple((number, table.positions[name] + 1, None) for name in ("setting", "value")))

    other = coordinate_to_tuple(first.cell)[0]
    if is_blank(second["value"]) or first.value == second["value"]:
        return (clear(f"Keep {shown(first.value)}", second.number),)
    return clear(f"Keep {shown(first.value)}", second.number), clear(f"Keep {shown(second['value'])}", other)


def _in_its_unit(header: Header, row: Row, table: Table, report: Report) -> Any:
    """The value of a setting whose name bears a unit, such as discount_rate (%), in the setting's own."""
    value, cell = row["value"], table.cell(row.number, "setting")
    is_fraction = header.measure.top is not None and header.measure.top.kind == "percent" and "value" in row.percents
    if isinstance(value, bool) or not isinstance(value, Real):
        return value
    try:
        by = convert(header, Context(), "") * (100 if is_fraction else 1)
        result = float(f"{value * by:.15g}")
    except UnitFault as fault:
        fix = f"Head it {header.column.name}, and give it as that."
        message = f"{shown(row['setting'])} does not serve {header.column.name}: {fault.clause}. {fix}"
        report(Problem(table.title, cell, message, shown(row["setting"]), header.column.name, fix))
        return value
    if result == value:
        return value
    message = f"{shown(row['setting'])} is read as {header.column.name}, converted: {value:.15g} is {result:.6g}."
    report(Problem(table.title, cell, message, shown(row["setting"]), header.column.name, "", Level.WARNING))
    return result


def _collect_overrides(read: SettingsRead, overrides: Mapping[str, object], report: Report) -> None:
    """The settings given beside the workbook take the place of its own."""
    for name, value in overrides.items():
        column = _known(name)
        if column is None:
            report(_unknown(name, OVERRIDES, ""))
        else:
            read.given[column.name] = Given(_plain(value, column), OVERRIDES, "")


def _plain(value: object, column: Column) -> object:
    """A value typed on a command line: digits are a number there, because nothing but text can be typed."""
    if isinstance(value, str) and column.kind in NUMBER_KINDS:
        number = parse_number_text(value)
        return value if number is None else number
    return value


def _known(name: str) -> Column | None:
    return next((column for column in SETTINGS.columns if normalize(column.name) == normalize(name)), None)


def _unknown(name: str, sheet: str, cell: str) -> Problem:
    known = [column.name for column in SETTINGS.columns]
    near = nearest(name, known)
    fix = f"Did you mean {near}?" if near else "Delete it, or put # before it: then the row is not read."
    repairs: tuple[SetCells, ...] = ()
    if re.fullmatch(r"[A-Z]{1,3}[0-9]+", cell):
        row, position = coordinate_to_tuple(cell)
        aside = SetCells(f"Do not read row {row} (a # before {shown(name)})", ((row, position, MARK + name),))
        repairs = (SetCells(f"Use {shown(near)}", ((row, position, near),)), aside) if near else (aside,)
    # On a sheet the settings stand beside; of what is given without one they are listed.
    listed = f" The settings are {', '.join(known)}." if sheet == OVERRIDES else ""
    return Problem(sheet, cell, f"There is no setting {shown(name)}. {fix}{listed}", shown(name), f"one of {', '.join(known)}", fix, repairs=repairs)


def _parse_setting(read: SettingsRead, column: Column, report_missing: bool, report: Report) -> None:
    """Put one setting's value, or its default, into read.values; a faulty one is reported and left out."""
    given = read.given.get(column.name)
    if given is None or is_blank(given.value):
        if not column.required:
            read.values[column.name] = column.blank
        elif given is not None:
            fault = Fault("a blank cell", column.allowed(), f"Fill it in: {column.help}")
            report(fault.problem(given.sheet, given.cell, column.name))
        elif report_missing:
            fix = f"Add a row with {column.name} and its value: {column.help}"
            message = f"The setting {column.name} is missing, expected {column.allowed()}. {fix}"
            repairs = (AddRow(f"Add a row for {column.name}", ((read.names + 1, column.name),)),)
            report(Problem(read.title, "", message, "no such setting", column.allowed(), fix, repairs=repairs))
        return
    try:
        read.values[column.name] = parse(given.value, column, _labels(read.values))
    except Fault as fault:
        report(fault.problem(given.sheet, given.cell, column.name))


def _labels(values: Mapping[str, Any]) -> Labels:
    defaults = Labels()
    currency = values.get("currency")
    month = values.get("fiscal_year_start_month", defaults.fiscal_year_start_month)
    return Labels(values.get("period", defaults.period), month, currency if isinstance(currency, str) else "")


def _calendar(read: SettingsRead, report: Report) -> Calendar | None:
    """The calendar of the case, if its settings are sound and it starts on a period's first day."""
    wanted = [read.values.get(name) for name in ("start", "period", "periods", "fiscal_year_start_month")]
    if any(value is None for value in wanted):
        return None
    start, period, periods, month = wanted
    first_months = {"month": range(1, 13), "quarter": (1, 4, 7, 10), "year": (month,)}[period]
    if start.day == 1 and start.month in first_months:
        return Calendar(start, period, periods, month)
    expected = {
        "month": "the first day of a month",
        "quarter": "the first day of a calendar quarter: 1 January, 1 April, 1 July or 1 October",
        "year": f"the first day of a fiscal year: the first of month {month} (fiscal_year_start_month)",
    }[period]
    fault = Fault(shown(start), expected, f"Correct start, or the period ({period}).")
    report(fault.problem(*read.place("start"), "start"))
    return None
