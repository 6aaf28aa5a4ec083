"""Read a sheet's raw cells as its rows: headers are matched to columns, and every cell is read by its column.

What is wrong is collected, never raised, so that all problems of a workbook come at once. headers.py says what a header means,
rowkinds.py which rows are no data.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from optimizer.calendar import Calendar
from optimizer.errors import Level, Problem, SetCells
from optimizer.intake.cells.headers import PERIOD_COLUMN, Context, Header, columns_of, header_row, ignore, is_marked, place, unit_problem
from optimizer.intake.cells.parse import Fault, Labels, is_blank, listed, parse, shown
from optimizer.intake.cells.units import UnitFault
from optimizer.intake.files.sources import RawSheet
from optimizer.intake.rows.kinds import LABEL_KINDS, are_units, is_heading, is_line, is_note, is_total, merged_number, note, repeats, unit_of, vertical_areas
from optimizer.intake.rows.matching import match_headers
from optimizer.intake.rows.quantities import REFUSED, Quantities
from optimizer.intake.rows.table import Report, Row, Table
from optimizer.intake.rows.titles import report_above
from optimizer.schema.language import NUMBER_KINDS, Column, Sheet


def read_table(
    sheet: Sheet, raw: RawSheet, labels: Labels, calendar: Calendar | None, report: Report, context: Context | None = None, examples: tuple[int, ...] = ()
) -> Table:
    """Read one sheet. Without a calendar (the settings are faulty) period columns are let pass unread.

    context: the currency of the case and the units of its materials, into which units in headers are converted. examples: the numbers of
    the rows that held the template's example and were left out.
    """
    table, context = Table(sheet, raw.name), context or Context(labels.currency)
    table.header_row = header_row(sheet, raw.rows)
    header = raw.rows[table.header_row - 1] if raw.rows else ()
    if all(is_blank(text) or is_marked(text) for text in header):
        _report_no_header(table, raw, report)
        return table
    report_above(table, raw, context, report)
    match_headers(table, raw, labels, calendar, context, report)
    _report_uncovered(table, raw, report)
    _Rows(table, raw, labels, calendar, context, report).read()
    if sheet.rows_required and not table.rows and table.positions:
        _report_no_rows(table, examples, report)
    return table


def _report_no_rows(table: Table, examples: tuple[int, ...], report: Report) -> None:
    if examples:
        message, row = "The sheet has no rows but the template's example, which does not count.", examples[0]
        fix = f"Overwrite the example in row {row}, or fill in a row below it."
    else:
        message, row = "The sheet has no rows.", table.header_row + 1
        fix = "Fill in at least one row below the headers."
    report(Problem(table.title, f"row {row}", f"{message} {fix}", "no rows", "at least one row", fix))


def _report_no_header(table: Table, raw: RawSheet, report: Report) -> None:
    names = [column.name for column in columns_of(table.sheet)]
    filled = any(not is_blank(value) for row in raw.rows for value in row)
    if table.sheet.required or filled:
        fix = f"Put the headers in row 1: {', '.join(names)}."
        # Over rows that are filled a click could only guess which column is which.
        repairs = () if filled else (SetCells("Put the headers in row 1", tuple((1, number, name) for number, name in enumerate(names, start=1))),)
        report(Problem(raw.name, "row 1", f"Row 1 holds no headers. {fix}", "an empty row", "the headers", fix, repairs=repairs))
    else:
        report(Problem(raw.name, "", "The sheet is empty, so there is nothing on it to read.", "an empty sheet", level=Level.WARNING))


def _report_uncovered(table: Table, raw: RawSheet, report: Report) -> None:
    """Report each column that holds values but has no header: nobody reads them."""
    top = table.header_row
    for position, text in enumerate(raw.rows[top - 1]):
        if is_blank(text):
            below = enumerate(raw.rows[top:], start=top + 1)
            first = next((number for number, row in below if not is_blank(row[position]) and not is_note(row)), None)
            if first is not None:
                value, fix = raw.rows[first - 1][position], f"Give the column its header in row {top}, or mark it there as one that is not read."
                message = f"The value {shown(value)} stands in a column without a header. {fix}"
                report(Problem(table.title, place(first, position), message, shown(value), "a header above it", fix, repairs=(ignore(top, position, None),)))


class _Rows:
    """The rows below the headers of one sheet, read one after the other."""

    def __init__(self, table: Table, raw: RawSheet, labels: Labels, calendar: Calendar | None, context: Context, report: Report) -> None:
        self.table, self.raw, self.labels, self.calendar, self.context, self.report = table, raw, labels, calendar, context, report
        self.columns = table.columns()
        self.cells = [list(row) for row in raw.rows]
        self.quantities = Quantities(table, raw, self.columns, self.cells, context)
        self.left_out: dict[str, list[int]] = {}
        """What a row is that is no data -> the numbers of such rows."""

    def read(self) -> None:
        """Read all rows; what is no data is left out with a word."""
        top, settings = self.table.header_row, self.table.sheet.settings
        self._fill_merged()
        numbers = [number for number in range(top + 1, len(self.cells) + 1) if not all(map(is_blank, self.cells[number - 1]))]
        if numbers and not settings and are_units(self.cells[numbers[0] - 1], self.columns, self.context):
            self._units(numbers.pop(0))
        data: list[list[Any]] = []
        for number, following in zip(numbers, [*numbers[1:], None], strict=False):
            cells = self.cells[number - 1]
            below = self.cells[following - 1] if following else ()
            if is_note(cells):
                self._ignore(number)
            elif is_line(cells):
                self._leave_out(number, "a line that separates")
            elif not settings and repeats(cells, self.cells[top - 1]):
                self._leave_out(number, "the headers once more")
            elif not settings and is_total(cells, self.columns, data):
                self._leave_out(number, "a total")
            elif not settings and (heading := is_heading(cells, self.columns, below, self._is_merged(number), self.context)) is not False:
                self._heading(number, bool(heading))
            else:
                data.append(cells)
                self._row(number, cells)
        self._say_left_out()
        for problem in self.quantities.problems():
            self.report(problem)

    # -- rows that are no data --

    def _ignore(self, number: int) -> None:
        cells = self.cells[number - 1]
        position = next(position for position, value in enumerate(cells) if not is_blank(value))
        self.table.ignored.append((place(number, position), shown(cells[position]).strip("'")))

    def _leave_out(self, number: int, what: str) -> None:
        self._ignore(number)
        self.left_out.setdefault(what, []).append(number)

    def _heading(self, number: int, certain: bool) -> None:
        """Leave out a row that certainly is a heading; report one that holds one text alone and may be data that is not finished."""
        if certain:
            self._leave_out(number, "the heading of a section")
            return
        cells = self.cells[number - 1]
        position = next(position for position, value in enumerate(cells) if not is_blank(value))
        fix = "Fill in the row; or, if it is a heading or a remark, put # before it: then the row is not read."
        message = f"The row holds {shown(cells[position])} alone. {fix}"
        mark = note(self.table.title, number, cells, f"Do not read row {number} (a # before {shown(cells[position])})")
        self.report(Problem(self.table.title, place(number, position), message, shown(cells[position]), "a whole row, or none", fix, repairs=(mark,)))

    def _say_left_out(self) -> None:
        for what, numbers in self.left_out.items():
            first = self.cells[numbers[0] - 1]
            position = next(position for position, value in enumerate(first) if not is_blank(value))
            rows = f"Row {numbers[0]} is" if len(numbers) == 1 else f"Rows {listed(numbers)} are"
            message = f"{rows} read as {what} ({shown(first[position])}), not as data. Put # before it to say so, or fill in the row if it is data."
            cells = tuple(cell for number in numbers for cell in note(self.table.title, number, self.cells[number - 1], "").cells)
            mark = SetCells(f"Mark {'it' if len(numbers) == 1 else 'them'} as not to be read (a # before the text)", cells)
            cell, found = place(numbers[0], position), shown(first[position])
            self.report(Problem(self.table.title, cell, message, found, "rows of data", "", Level.WARNING, repairs=(mark,)))

    def _units(self, number: int) -> None:
        """Read a row of units under the headers: each unit counts as if it stood in the header."""
        self._ignore(number)
        cells, texts = self.cells[number - 1], []
        for position, column in self.columns.items():
            text = cells[position]
            if is_blank(text) or column.kind not in NUMBER_KINDS:
                continue
            measure, header = unit_of(text, self.context), self.table.measured.get(position)
            if measure is None:
                fault = UnitFault("it is not understood")
            elif header is not None and header.measure.text.casefold() != measure.text.casefold():
                fault = UnitFault(f"the header above says {header.measure.text}")
            else:
                self.table.measured[position] = Header(column, measure)
                texts.append(f"{column.name} in {measure.text}")
                continue
            self.report(unit_problem(self.table.title, number, position, text, Header(column), fault, self.context))
        position = next(position for position, value in enumerate(cells) if not is_blank(value))
        message = f"Row {number} is read as the units of the columns, not as data: {listed(texts)}."
        self.report(Problem(self.table.title, place(number, position), message, "a row of units", "rows of data", "", Level.WARNING))

    # -- merged cells --

    def _is_merged(self, number: int) -> bool:
        return any(top <= number - 1 <= bottom and right > left for top, left, bottom, right in self.raw.merged)

    def _fill_merged(self) -> None:
        """Give the label of a merged cell to every row beside it; report a number there, which may be meant for each row or for all together."""
        for position, top, bottom in vertical_areas(self.raw.merged, self.table.header_row):
            column = self.columns.get(position)
            if column is None or bottom >= len(self.cells) or is_blank(self.cells[top][position]):
                continue
            beside = [row for row in range(top + 1, bottom + 1) if any(not is_blank(value) for value in self.cells[row])]
            value, area = self.cells[top][position], f"{place(top + 1, position)}:{place(bottom + 1, position)}"
            if not beside or any(not is_blank(self.cells[row][position]) for row in beside):
                continue
            self.table.merged.add(area)
            if column.kind not in (*LABEL_KINDS, "year", "date", "last_date", "yes_no"):
                self.report(merged_number(self.table.title, position, top, bottom, value))
                continue
            for row in beside:
                self.cells[row][position] = value
            message = f"The merged cells {area} give {shown(value)} to the rows {top + 1} to {bottom + 1}, and are read so."
            self.report(Problem(self.table.title, place(top + 1, position), message, f"merged cells {area}", "a plain table", "", Level.WARNING))

    # -- rows of data --

    def _row(self, number: int, cells: list[Any]) -> None:
        """Read the cells of one row; what is faulty is reported and left out."""
        table, row = self.table, Row(number, cells=self.raw.rows[number - 1])
        table.rows.append(row)
        row.percents = frozenset(name for name, position in table.positions.items() if (number - 1, position) in self.raw.percents)
        for column in columns_of(table.sheet):
            position = table.positions.get(column.name)
            value = None if position is None else self.quantities.as_shown(number, position, column, cells[position])
            row.raw[column.name] = value
            if table.sheet.settings and column.name == "value":
                row.values[column.name] = value  # its kind depends on the setting: settings.py reads it
            elif is_blank(value):
                self._blank(row, column, position)
            elif (read := self._value(row, column, position, value)) is not REFUSED:
                row.values[column.name] = read
        for t, position in table.period_positions.items():
            if not is_blank(cells[position]) and (read := self._value(row, PERIOD_COLUMN, position, cells[position])) is not REFUSED:
                row.by_period[t] = read
        self._demand_by_period(row, cells)

    def _value(self, row: Row, column: Column, position: int, value: Any) -> Any:
        """Return what a cell that is not blank says; REFUSED where it is faulty, which is reported."""
        try:
            self.quantities.remember_format(row.number, position, column, value)
            converted = self.quantities.converted(row.number, position, value)
            if converted is not REFUSED:
                return parse(converted, column, self.labels)
        except Fault as fault:
            self.report(fault.problem(self.table.title, place(row.number, position), column.name))
        row.spoil(column.name)
        return REFUSED

    def _blank(self, row: Row, column: Column, position: int | None) -> None:
        """Read a blank cell as its default; report it where a value is required."""
        if not column.required:
            row.values[column.name] = column.blank
            return
        if column.from_periods and self._has_all_periods():
            return  # the periods' own quantities may say it
        row.sound = False
        if position is not None:
            fault = Fault("a blank cell", column.allowed(), f"Fill it in: {column.help}")
            problem = fault.problem(self.table.title, place(row.number, position), column.name)
            above = self.table.rows[-2].raw.get(column.name) if len(self.table.rows) > 1 else None
            if column.name == "supplier" and not is_blank(above):
                # A list of offers often names each supplier once.
                same = SetCells(f"Use {shown(above)}, as in the row above", ((row.number, position + 1, above),))
                problem = replace(problem, repairs=(same,))
            self.report(problem)

    def _has_all_periods(self) -> bool:
        return self.calendar is not None and len(self.table.period_positions) == self.calendar.periods

    def _demand_by_period(self, row: Row, cells: list[Any]) -> None:
        """Fill in a yearly quantity that is blank by the mean of the periods' own quantities; report it where a period has none."""
        for column in columns_of(self.table.sheet):
            if not column.from_periods or not self._has_all_periods() or not is_blank(row.raw[column.name]):
                continue
            blank = [t for t, position in self.table.period_positions.items() if is_blank(cells[position])]
            if not blank and row.sound and len(row.by_period) == self.calendar.periods:
                row.values[column.name] = sum(row.by_period.values()) / (self.calendar.periods * self.calendar.years)
            elif blank:
                row.spoil(column.name)
                fix = f"Fill in the quantity of {self.calendar.label(blank[0])}, or {column.name}, from which it then follows."
                fault = Fault("a blank cell", f"a quantity in every period where {column.name} is blank", fix)
                cell = place(row.number, self.table.period_positions[blank[0]])
                self.report(fault.problem(self.table.title, cell, f"quantity of {self.calendar.label(blank[0])}"))
