"""The header row of a sheet: which column each header is, and what is wrong with those that are none."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from optimizer.calendar import Calendar
from optimizer.errors import AddColumn, Problem, Repair, SetCells
from optimizer.intake.cells.formats import is_year_alone
from optimizer.intake.cells.headers import PERIOD_COLUMN, Context, Header, columns_of, header_problem, ignore, is_marked, match, place, unit_problem
from optimizer.intake.cells.months import month_number
from optimizer.intake.cells.parse import ERROR_VALUES, Formula, Labels, is_blank, listed, shown
from optimizer.intake.cells.units import UnitFault
from optimizer.intake.files.sources import RawSheet
from optimizer.intake.rows.kinds import unit_of
from optimizer.schema.language import NUMBER_KINDS

if TYPE_CHECKING:
    from optimizer.intake.rows.table import Table

Report = Callable[[Problem], None]


_QUARTER = re.compile(r"q([1-4])[-/. ']*([0-9]{4})|([0-9]{4})[-/. ]*q([1-4])|([1-4])q[-/. ']*([0-9]{4})", re.IGNORECASE)
_MONTH = re.compile(r"([^\W\d_]{3,12})\.?[-/. ']*(?:de )?([0-9]{4})|([0-9]{1,2})[-/.]([0-9]{4})|([0-9]{4})[/.]([0-9]{1,2})", re.IGNORECASE)


def label_of(text: str) -> str | None:
    """Return the label of a month or quarter that is written in another form: Q1 2027, 1Q2027, Jan 2027, 01/2027; None if it is none."""
    if found := _QUARTER.fullmatch(text.strip()):
        year, quarter = found[2] or found[3] or found[6], found[1] or found[4] or found[5]
        return f"{year}-Q{quarter}"
    if found := _MONTH.fullmatch(text.strip()):
        named = month_number(found[1]) if found[1] else int(found[3] or found[6])
        month, year = named or 0, found[2] or found[4] or found[5]
        return f"{year}-{month:02d}" if 1 <= month <= 12 else None
    return None


def match_headers(table: Table, raw: RawSheet, labels: Labels, calendar: Calendar | None, context: Context, report: Report) -> None:
    """Find the column of each header, and report those that are unknown, doubled or missing."""
    _Matcher(table, raw, labels, calendar, context, report).match_all()


class _Matcher:
    """The headers of one sheet, matched one after the other."""

    def __init__(self, table: Table, raw: RawSheet, labels: Labels, calendar: Calendar | None, context: Context, report: Report) -> None:
        self.table, self.raw, self.labels, self.calendar, self.context, self.report = table, raw, labels, calendar, context, report
        self.row = table.header_row
        self.columns = columns_of(table.sheet)
        self.finer: list[tuple[int, Any]] = []
        """Headers of days, months or years that are not periods of this case but lie inside its horizon."""

    def match_all(self) -> None:
        header = self.raw.rows[self.row - 1]
        unknown, meant = [], set()
        for position, text in enumerate(header):
            if is_blank(text) or is_marked(text):
                continue
            if isinstance(text, Formula) or text in ERROR_VALUES:
                self._fault(
                    position,
                    shown(text),
                    f"The header is {shown(text)}, which says nothing.",
                    "a column's name",
                    "Type the column's name.",
                    ignore(self.row, position, "not read"),
                )
            elif not self._column(position, text) and not (self.table.sheet.period_columns and self._period(position, text)):
                unknown.append((position, text))
        missing = [column.name for column in self.columns if column.name not in self.table.positions]
        for position, text in unknown:
            problem, name = header_problem(self.table.sheet, self.table.title, self.row, position, text, missing, self.context)
            self.report(problem)
            meant.add(name)
        self._say_finer()
        self._missing(meant)

    def _fault(self, position: int, found: str, message: str, expected: str, fix: str, *repairs: Repair) -> None:
        self.report(Problem(self.table.title, place(self.row, position), f"{message} {fix}".strip(), found, expected, fix, repairs=repairs))

    def _column(self, position: int, text: Any) -> bool:
        """Return whether a header means a column of the schema; it is remembered, or reported as doubled."""
        header = match(text, self.columns, self.context)
        if header is None:
            return False
        name = header.column.name
        if name in self.table.positions:
            first = place(self.row, self.table.positions[name])
            other = self.table.positions[name]
            fix = "Delete one of them."
            repairs = [ignore(self.row, position, text), ignore(self.row, other, self.raw.rows[self.row - 1][other])]
            self._fault(position, shown(text), f"The column {name} stands twice, here and in {first}.", "each column once", fix, *repairs)
        else:
            self.table.positions[name] = position
            if header.measure is not None and header.column.kind in NUMBER_KINDS:
                self.table.measured[position] = header
            elif header.measure is not None:
                fault = UnitFault("the column holds no numbers", f"Head it {name}.")
                self.report(unit_problem(self.table.title, self.row, position, text, header, fault, self.context))
        return True

    def _missing(self, meant: set[str]) -> None:
        """Report required columns that are not there; one that a faulty header means is reported already."""
        for column in self.columns:
            if not (column.required or self.table.sheet.settings) or column.name in self.table.positions or column.name in meant:
                continue
            if column.from_periods and (self.calendar is None or len(self.table.period_positions) == self.calendar.periods):
                continue
            fix = f"Add a column headed {column.name}: {column.help}"
            message = f"The column {column.name} is missing. {fix}"
            add = AddColumn(f"Add the column {column.name}", column.name)
            self.report(Problem(self.table.title, f"row {self.row}", message, "no such column", f"a column {column.name}", fix, repairs=(add,)))

    # -- periods --

    def _period(self, position: int, header: Any) -> bool:
        """Return whether a header means a period, of this case or not; it is remembered, or reported."""
        text, measure = self._without_unit(header)
        t = self._index(position, text)
        if t is None:
            return self._otherwise_written(position, header, text)
        if self.calendar is None:
            return True
        calendar = self.calendar
        if not 0 <= t < calendar.periods:
            if self._is_inside(position, text):
                self.finer.append((position, header))
                return True
            self._no_period(position, header)
        elif t in self.table.period_positions:
            first = place(self.row, self.table.period_positions[t])
            message = f"The period {calendar.label(t)} stands twice, here and in {first}."
            self._fault(position, shown(header), message, "each period once", "Delete one of them.", ignore(self.row, position, header))
        else:
            self.table.period_positions[t] = position
            if measure is not None:
                self.table.measured[position] = Header(PERIOD_COLUMN, measure)
        return True

    def _otherwise_written(self, position: int, header: Any, text: Any) -> bool:
        """Return whether a header is a label of a month or quarter in another form, such as Q1 2027 or Jan 2027; it is reported."""
        label = label_of(text) if isinstance(text, str) else None
        if label is None or self.calendar is None:
            return label is not None
        t = self._index(position, label)
        if t is None or t < 0:
            if self._is_inside(position, label):
                self.finer.append((position, header))
            else:
                self._no_period(position, header)
            return True
        new = header.replace(text, label)
        fix = f"Head it {new}."
        repair = SetCells(f"Use {shown(new)}", ((self.row, position + 1, new),))
        message = f"The header {shown(header)} is not in the form of the periods, such as {self.calendar.label(t)}."
        self._fault(position, shown(header), message, f"a period such as {self.calendar.label(t)}", fix, repair)
        return True

    def _no_period(self, position: int, header: Any) -> None:
        calendar = self.calendar
        expected = f"a period from {calendar.label(0)} to {calendar.label(calendar.periods - 1)}"
        message = f"The header {shown(header)} is no period of this case, expected {expected}."
        self._fault(position, shown(header), message, expected, "Correct the header, or delete the column.", ignore(self.row, position, header))

    def _without_unit(self, header: Any) -> tuple[Any, Any]:
        """Return a header without a unit in brackets behind it, and that unit."""
        found = re.fullmatch(r"(.*?)\s*[(\[]([^()\[\]]*)[)\]]\s*", header) if isinstance(header, str) else None
        measure = unit_of(found[2], self.context) if found else None
        return (found[1], measure) if measure is not None else (header, None)

    def _day(self, position: int, header: Any) -> tuple[dt.date | None, str]:
        """Return the first day that a header means, and the header as a label."""
        if isinstance(header, (dt.datetime, dt.date)):
            day = header.date() if isinstance(header, dt.datetime) else header
            if is_year_alone(self.raw.formats.get((self.row - 1, position), "")):
                return self.labels.day(str(day.year), False), str(day.year)
            return self.labels.day(day.isoformat(), False), day.isoformat()
        text = f"{header:.0f}" if isinstance(header, (int, float)) and float(header).is_integer() else str(header).strip()
        return self.labels.day(text, False), text

    def _index(self, position: int, header: Any) -> int | None:
        """Return the period that a header names, -1 if it is a date or label but names none, None if it is neither.

        A label must be one of the calendar's own: 2027-01 is no quarter, although it begins on the first day of one. A day is
        taken where it is the first of a period, because Excel turns a typed 2027-04 into one.
        """
        day, text = self._day(position, header)
        if day is None:
            return None
        calendar = self.calendar
        if calendar is None:
            return -1
        t = calendar.index(day)
        if not 0 <= t < calendar.periods or calendar.first_day(t) != day:
            return -1
        own = re.sub("[-_ ]", "", text).casefold() == calendar.label(t).replace("-", "").casefold()
        return t if own or len(text) >= len("2027-01-01") else -1

    def _is_inside(self, position: int, header: Any) -> bool:
        day, _ = self._day(position, header)
        return day is not None and 0 <= self.calendar.index(day) < self.calendar.periods

    def _say_finer(self) -> None:
        """Report months or years among quarters: one such header is a slip; several are a table in other periods than the case's."""
        if len(self.finer) < 2:
            for position, header in self.finer:
                self._no_period(position, header)
            return
        calendar = self.calendar
        days = {t: position for t, position in self.table.period_positions.items() if isinstance(self.raw.rows[self.row - 1][position], (dt.datetime, dt.date))}
        places = [place(self.row, position) for position in sorted([*days.values(), *(position for position, _ in self.finer)])]
        header = self.finer[0][1]
        fix = f"Give the quantities by {calendar.period} under headers such as {calendar.label(0)}, or set period on Settings to what the headers are."
        message = (
            f"The header {shown(header)} is no period of this case, which has {calendar.period}s, and so are others: the headers {listed(places, 30)} "
            f"are in periods of another length."
        )
        self._fault(self.finer[0][0], shown(header), message, f"a period from {calendar.label(0)} to {calendar.label(calendar.periods - 1)}", fix)
