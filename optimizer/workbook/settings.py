"""The Settings sheet, and the settings given beside the workbook, as one record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from optimizer.calendar import Calendar
from optimizer.case import Settings
from optimizer.errors import Problem, WorkbookError
from optimizer.workbook.cells import Fault, Labels, is_blank, nearest, parse, parse_number_text, shown
from optimizer.workbook.rows import Report, Table, blank_value
from optimizer.workbook.schema import SETTINGS
from optimizer.workbook.tables import NUMBER_KINDS, Column, normalize

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

    calendar and record are None where they cannot be made.
    """

    values: dict[str, Any] = field(default_factory=dict)
    given: dict[str, Given] = field(default_factory=dict)
    calendar: Calendar | None = None
    record: Settings | None = None
    title: str = SETTINGS.name

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
    read = SettingsRead(title=table.title if table else SETTINGS.name)
    if table:
        _collect_rows(read, table, report)
    _collect_overrides(read, overrides, report)
    # Dates come last: what a bare year means depends on the period and the fiscal year.
    for column in sorted(SETTINGS.columns, key=lambda column: column.kind == "date"):
        _parse_setting(read, column, table is not None and bool(table.positions), report)
    if read.values.get("title") is None:
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
        column = _known(row["setting"])
        cell = table.cell(row.number, "setting")
        if column is None:
            report(_unknown(row["setting"], table.title, cell))
        elif column.name in read.given:
            fix = "Delete one of them."
            message = f"The setting {column.name} stands twice, here and in {read.given[column.name].cell}. {fix}"
            report(Problem(table.title, cell, message, f"{column.name} twice", "each setting once", fix))
        else:
            read.given[column.name] = Given(row["value"], table.title, table.cell(row.number, "value"))


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
    fix = f"Did you mean {near}?" if near else "Delete it."
    # On a sheet the settings stand beside; of what is given without one they are listed.
    listed = f" The settings are {', '.join(known)}." if sheet == OVERRIDES else ""
    return Problem(sheet, cell, f"There is no setting {shown(name)}. {fix}{listed}", shown(name), f"one of {', '.join(known)}", fix)


def _parse_setting(read: SettingsRead, column: Column, report_missing: bool, report: Report) -> None:
    """Put one setting's value, or its default, into read.values; a faulty one is reported and left out."""
    given = read.given.get(column.name)
    if given is None or is_blank(given.value):
        if not column.required:
            read.values[column.name] = blank_value(column)
        elif given is not None:
            fault = Fault("a blank cell", column.allowed(), f"Fill it in: {column.help}")
            report(fault.problem(given.sheet, given.cell, column.name))
        elif report_missing:
            fix = f"Add a row with {column.name} and its value: {column.help}"
            message = f"The setting {column.name} is missing, expected {column.allowed()}. {fix}"
            report(Problem(read.title, "", message, "no such setting", column.allowed(), fix))
        return
    try:
        read.values[column.name] = parse(given.value, column, _labels(read.values))
    except Fault as fault:
        report(fault.problem(given.sheet, given.cell, column.name))


def _labels(values: Mapping[str, Any]) -> Labels:
    defaults = Labels()
    return Labels(values.get("period", defaults.period), values.get("fiscal_year_start_month", defaults.fiscal_year_start_month))


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
