"""The rows of a planner's table as records of the schema's columns: each cell with the place that it came from, and still in the planner's own unit."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from optimizer.importing.mapping import EACH_ROW, PERIOD_NAME, TableMapping, Unpivot, Use, column_of
from optimizer.importing.measures import currency_in
from optimizer.importing.periods import Span, span_of
from optimizer.importing.shown import Contradictions
from optimizer.importing.tables import FoundTable
from optimizer.importing.values import as_day, is_ambiguous, is_heading_row, is_number, is_total_row, order_of_days, read_number, sign_of, tidy_number
from optimizer.importing.wording import read_header
from optimizer.intake.cells.formats import as_shown, read_format
from optimizer.intake.cells.parse import is_blank, shown, tidy
from optimizer.intake.cells.units import currency_of
from optimizer.intake.rows.kinds import is_line, is_note, is_total, repeats
from optimizer.schema.language import NUMBER_KINDS, Column, fold, normalize

_FIELD = re.compile(r"\{([^{}]+)\}")
DATES = ("date", "last_date")
DECIMAL, DAYS, COLUMN, TABLE, PLACE, SETTING, CURRENCY, RATE, UNIT = "decimal", "days", "column", "table", "place", "setting", "currency", "rate", "unit"
"""What a question is about."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The place that a value came from: file, sheet and cell. text: whether the file is text, whose one sheet has its name."""

    file: str
    sheet: str
    cell: str
    text: bool = False

    def __str__(self) -> str:
        return f"{self.file}, {self.cell}" if self.text else f"{self.file}, {self.sheet}!{self.cell}"


@dataclass(frozen=True, slots=True)
class Question:
    """Something that only the planner knows. about: what it is about; table: the number of the table, from 0, -1 for the whole; header: of its column."""

    where: str
    words: str
    about: str = COLUMN
    table: int = -1
    header: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.words}" if self.where else self.words


@dataclass(frozen=True, slots=True)
class Cell:
    """A value on its way into the case. origin: None where the planner gave it for a whole column. unit: of a number, as the planner has it.

    needed: whether it is blank because a part of it is missing, so that it must be given though its column may stay blank. pending: whether it is blank
    until the unit of its material is known.
    """

    value: Any
    origin: Origin | None = None
    unit: str = ""
    needed: bool = False
    pending: bool = False


@dataclass(slots=True)
class Record:
    """One row: the cells by column of the schema, several where several columns become one. origin: of its first cell; table: its number.

    added: the columns to which another table has added something.
    """

    cells: dict[str, list[Cell]]
    origin: Origin
    table: int
    added: set[str] = field(default_factory=set)

    def text(self, target: str) -> str:
        """Return a cell's value as a text, "" where it is blank."""
        cells = self.cells.get(target, [])
        return "" if not cells or is_blank(cells[0].value) else tidy(str(cells[0].value))


@dataclass(slots=True)
class Findings:
    """What is to be asked and what is to be said about an import."""

    questions: list[Question] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def ask(self, where: str, words: str, about: str = COLUMN, table: int = -1, header: str = "") -> None:
        """Add a question, once."""
        question = Question(where, words, about, table, header)
        if question not in self.questions:
            self.questions.append(question)


def records_of(table: FoundTable, made: TableMapping, number: int, findings: Findings) -> list[Record]:
    """Return the records of one table. What cannot be read without the planner is asked, and its cell stays as it is."""
    if not made.sheet:
        return []
    made = _with_habits(table, made, number, findings)
    reader = _Reader(table, made, number, findings)
    found: list[Record] = []
    reader.rows = list(_rows_of_data(table, made, reader.sections, findings))
    for row in reader.rows:
        for record in reader.records(row):
            found += _unpivoted(record, row, reader)
    return found


# -- rows ------------------------------------------------------------------------------------------------------------------


def _rows_of_data(table: FoundTable, made: TableMapping, sections: dict[int, str], findings: Findings) -> Iterator[int]:
    """Yield the positions of the rows that are data. Notes, lines, repeated headers, totals and headings are left out, which is said.

    sections: takes the heading above each row.
    """
    columns = {table.positions[use.header]: column_of(use.becomes) for use in made.uses if use.becomes and use.header in table.positions}
    kinds: dict[int, Column] = {position: column for position, column in columns.items() if column is not None}
    for one in made.unpivots:
        values = column_of(one.values)
        kinds |= {table.positions[header]: values for header in one.headers if header in table.positions and values is not None}
    required = {position: _as_required(column) for position, column in kinds.items()}
    data: list[tuple[Any, ...]] = []
    left: dict[str, list[str]] = {}
    section = ""
    for position, row in enumerate(table.rows):
        what = (
            "a note"
            if is_note(row)
            else "a line"
            if is_line(row)
            else "the headers once more"
            if repeats(row, table.headers)
            else "a total"
            if is_total(row, required, data) or _sums_up(table, position, data)
            else "the heading of a section"
            if is_heading_row(row) and len(kinds) > 2
            else "blank in every column that is used"
            if all(is_blank(row[at]) for at in kinds)
            else ""
        )
        if what == "the heading of a section":
            section = next(tidy(value) for value in row if not is_blank(value))
        if what:
            left.setdefault(what, []).append(re.sub("[A-Z]", "", table.places[position][0]))
        else:
            data.append(row)
            sections[position] = section
            yield position
    for what, rows in left.items():
        findings.notes.append(f"{table.title}: row {', '.join(rows[:8])}{' and more' * (len(rows) > 8)} is left out: {what}.")


def _sums_up(table: FoundTable, position: int, data: list[tuple[Any, ...]]) -> bool:
    """Return whether a row names itself a total and every number of it is the sum of those above, be it of a single row."""
    if not data or not is_total_row(table, position):
        return False
    places = [at for at, value in enumerate(table.rows[position]) if is_number(value)]
    return bool(places) and all(math.isclose(sum(row[at] for row in data if is_number(row[at])), table.rows[position][at], rel_tol=1e-9) for at in places)


def _as_required(column: Column) -> Column:
    """Return a column of names as one that every row must fill: a total is told by the names that it lacks."""
    return replace(column, required=True) if column.kind == "name" else column


# -- habits ----------------------------------------------------------------------------------------------------------------


def _with_habits(table: FoundTable, made: TableMapping, number: int, findings: Findings) -> TableMapping:
    """Return the mapping with the signs of numbers and the order of dates, asked once a file where its cells do not tell."""
    used = [use for use in made.uses if use.becomes and use.header in table.positions]
    kinds = {use.header: column for use in used if (column := column_of(use.becomes)) is not None}
    numeric = [header for header, column in kinds.items() if column.kind in NUMBER_KINDS]
    numeric += [header for one in made.unpivots for header in one.headers if header in table.positions]
    texts = [value for header in numeric for value in table.column(header) if isinstance(value, str)]
    shown_sign = sign_of(texts)
    if shown_sign and made.decimal and shown_sign != made.decimal:
        words = f"Its numbers have a decimal {_sign(shown_sign)}, and the mapping says {_sign(made.decimal)}."
        findings.ask(table.title, words, DECIMAL, number)
    elif not (made.decimal or shown_sign) and (odd := next(filter(is_ambiguous, texts), None)):
        findings.ask(
            table.title, f"Is the sign before decimals a point or a comma? '{odd.strip()}' may be two numbers, and nothing in the file tells.", DECIMAL, number
        )
    days = [value for header, column in kinds.items() if column.kind in DATES for value in table.column(header)]
    order = order_of_days(days)
    known = made.day_first
    if order == "both" or (order in ("day", "month") and known is not None and known != (order == "day")):
        findings.ask(table.title, "Its dates cannot all begin with the day, nor all with the month. Write them in one way.", DAYS, number)
    elif order == "either" and known is None:
        odd = next(value for value in days if order_of_days([value]) == "either")
        findings.ask(table.title, f"Does a date begin with the day or with the month? '{odd.strip()}' may be two days.", DAYS, number)
    elif known is None and order in ("day", "month"):
        known = order == "day"
    return replace(made, decimal=made.decimal or shown_sign, day_first=known)


def _sign(sign: str) -> str:
    return "comma" if sign == "," else "point"


# -- cells -----------------------------------------------------------------------------------------------------------------


class _Reader:
    """The cells of one table, read by what their columns become."""

    def __init__(self, table: FoundTable, made: TableMapping, number: int, findings: Findings) -> None:
        self.table, self.made, self.number, self.findings = table, made, number, findings
        self.positions = table.positions
        self.blanks = {word.strip().casefold() for word in made.blanks}
        self.formats = dict(table.formats)
        self.contradictions = Contradictions()
        self.rows: list[int] = []
        """The positions of the rows that are data."""
        self.sections: dict[int, str] = {}
        """Position of a row -> the heading above it."""

    def origin(self, row: int, header: str) -> Origin:
        """Return the place of a cell."""
        return Origin(self.table.file, self.table.sheet, self.table.places[row][self.positions[header]], self.table.text)

    def records(self, row: int) -> Iterator[Record]:
        """Yield the records of one row: one, but for cells that become a row for each of their names."""
        cells: dict[str, list[Cell]] = {}
        several: list[list[tuple[Use, Cell]]] = []
        first = Origin(self.table.file, self.table.sheet, self.table.places[row][0], self.table.text)
        for use in self.made.uses:
            if not use.becomes or use.header not in self.positions:
                continue
            if use.part == EACH_ROW:
                several.append([(use, replace(self.cell(row, use), value=part)) for part in self._parts(row, use)])
            else:
                cells.setdefault(use.becomes, []).append(self.cell(row, use))
        for combination in product(*filter(None, several)):
            made = {target: list(held) for target, held in cells.items()}
            for target, value in self.made.fixed.items():
                filled_in = self.filled_in(value, row, {use.header: cell.value for use, cell in combination})
                if not is_blank(filled_in):
                    made.setdefault(target, []).append(Cell(filled_in))
            yield Record({**made, **{use.becomes: [cell] for use, cell in combination}}, first, self.number)

    def cell(self, row: int, use: Use) -> Cell:
        """Return one cell as its column has it."""
        value: Any = self.table.rows[row][self.positions[use.header]]
        if use.down and is_blank(value):
            above = (self.table.rows[one][self.positions[use.header]] for one in reversed(self.rows) if one < row)
            value = next((held for held in above if not is_blank(held)), None)
        if use.split and use.part not in ("", EACH_ROW):
            parts = self._parts(row, use)
            value = parts[int(use.part) - 1] if use.part.isdigit() and 0 < int(use.part) <= len(parts) else None
        return self.read(value, use.becomes, use.unit, row, use.header, use)

    def read(self, value: Any, target: str, unit: str, row: int, header: str, use: Use | None = None) -> Cell:
        """Return a value as a column of the schema has it; what cannot be read stays as it is, for the reader's own message."""
        origin, column = self.origin(row, header), column_of(target)
        if is_blank(value) or (isinstance(value, str) and value.strip().casefold() in self.blanks and self._may_be_blank(value, column)):
            return Cell(None, origin)
        if column is None:
            return Cell(value, origin)
        if use is not None and use.words and isinstance(value, str):
            value = next((ours for theirs, ours in use.words.items() if fold(theirs) == fold(value)), value)
        if column.kind in NUMBER_KINDS:
            return self._number(value, column, unit, origin, row, header)
        if column.kind in DATES or column.kind == "year":
            return Cell(self._date(value, column, target), origin)
        if column.kind in ("text", "name", "names") and is_number(value):
            return Cell(as_shown(value, self.formats.get((row, self.positions[header]), "")) or shown(value), origin)
        return Cell(value, origin)

    def _may_be_blank(self, value: str, column: Column | None) -> bool:
        """Return whether a word stands for nothing in a column: among names, NA is sodium, or Namibia."""
        return column is None or column.kind not in ("name", "names") or value.strip().casefold() != "na"

    def _number(self, value: Any, column: Column, unit: str, origin: Origin, row: int, header: str) -> Cell:
        percent = (row, self.positions[header]) in self.table.percents
        if is_number(value):
            if question := self.contradictions.question(header, self.formats.get((row, self.positions[header])), unit, column):
                self.findings.ask(str(origin), question, PLACE, self.number, header)
            # A cell that Excel shows as a percentage holds the fraction already; one that it shows in a currency is in that currency.
            return Cell(value, origin, "" if percent and "%" in unit else self._with_money(unit, row, header, column))
        found = read_number(value, self.made.decimal) if isinstance(value, str) else None
        if found is None:
            return Cell(value, origin, unit)
        number, own, numeral = found
        if numeral.percent:
            return Cell(tidy_number(number), origin) if column.kind == "share" or column.unit == "times" else Cell(value, origin)
        money = currency_of(numeral.currency) if numeral.currency else ""
        return Cell(tidy_number(number), origin, own or (f"{money} {unit}".strip() if money and not currency_in(unit) else unit))

    def _with_money(self, unit: str, row: int, header: str, column: Column) -> str:
        """Return a number's unit with the one currency that its format shows, where its header names none."""
        code = self.formats.get((row, self.positions[header]))
        if code is None or not column.unit.startswith("{currency}") or currency_in(unit):
            return unit
        found = read_format(code).currencies
        return f"{found[0]} {unit}".strip() if len(found) == 1 else unit

    def _date(self, value: Any, column: Column, target: str) -> Any:
        """Return a date as a day or a label; text that is none stays."""
        if (day := as_day(value)) is not None:
            return day.year if column.kind == "year" else value
        span = span_of(value, self.made.day_first)
        if span is None or target == PERIOD_NAME:
            return value
        if column.kind == "year":
            return span.first.year if span.kind == "year" else value
        if span.kind == "quarter":
            return f"{span.first.year}-Q{(span.first.month + 2) // 3}"
        return {"year": f"{span.first.year}", "month": f"{span.first:%Y-%m}"}.get(span.kind, span.first.isoformat())

    def _parts(self, row: int, use: Use) -> list[str]:
        value = self.table.rows[row][self.positions[use.header]]
        return [tidy(part) for part in str(value).split(use.split or ";") if part.strip()] if not is_blank(value) else []

    def filled_in(self, value: Any, row: int, parts: Mapping[str, Any]) -> Any:
        """Return a fixed value with the row's own cells, and the names of its sheet and file, in place of their names in braces.

        parts: header -> what was taken out of its cell of several names.
        """
        if not isinstance(value, str) or "{" not in value:
            return value
        names = {normalize(header): header for header in self.table.headers}

        def held(found: re.Match[str]) -> str:
            header = names.get(normalize(found[1]))
            if header is None:
                return {"sheet": self.table.sheet, "file": self.table.file.rsplit(".", 1)[0], "section": self.sections.get(row, "")}.get(
                    found[1].casefold(), found[0]
                )
            content = parts.get(header, self.table.rows[row][self.positions[header]])
            return "" if is_blank(content) else tidy(content) if isinstance(content, str) else shown(content)

        return " ".join(_FIELD.sub(held, value).split())


# -- columns side by side --------------------------------------------------------------------------------------------------


def _unpivoted(record: Record, row: int, reader: _Reader) -> Iterator[Record]:
    """Yield a record once for each of the columns that become rows; a blank cell gives none."""
    if not reader.made.unpivots:
        yield record
        return
    changes = [one for one in reader.made.unpivots if one.names == "Offer changes.from"]
    others = [one for one in reader.made.unpivots if one not in changes]
    later: list[Record] = []
    for one in changes:
        later += _changes_by_date(record, one, row, reader)
    if not others:
        yield record
    for one in others:
        for header in one.headers:
            if header not in reader.positions:
                continue
            value = reader.read(reader.table.rows[row][reader.positions[header]], one.values, one.unit, row, header)
            if value.value is None:
                continue
            place = reader.table.header_places[reader.positions[header]]
            name = Cell(header, Origin(reader.table.file, reader.table.sheet, place, reader.table.text))
            yield Record({**{target: list(held) for target, held in record.cells.items()}, one.names: [name], one.values: [value]}, record.origin, record.table)
    yield from later


def _changes_by_date(record: Record, one: Unpivot, row: int, reader: _Reader) -> Iterator[Record]:
    """Give an offer the first of its values by date, and yield the later ones where they change as rows of Offer changes."""
    name, before, late = one.values.partition(".")[2], None, False
    for header in sorted((header for header in one.headers if header in reader.positions), key=_first_day):
        cell = reader.read(reader.table.rows[row][reader.positions[header]], one.values, one.unit, row, header)
        place = reader.table.header_places[reader.positions[header]]
        start = Cell(_label(header), Origin(reader.table.file, reader.table.sheet, place, reader.table.text))
        if cell.value is None and before is not None:
            words = f"Is {one.values.partition('.')[2]} as before here, or is there none? The cell is blank, and earlier ones are not. Type the number."
            reader.findings.ask(str(cell.origin), words, PLACE, reader.number, header)
        elif cell.value is None:
            late = True
        elif before is None:
            record.cells[f"Suppliers.{name}"] = [cell]
            if late and not record.cells.get("Suppliers.available_from"):
                record.cells["Suppliers.available_from"] = [start]
                reader.findings.notes.append(
                    f"{reader.table.title}: where the first of the columns by date are blank, the offer is available from the first that is not."
                )
        elif cell.value != before:
            key = {f"Offer changes.{key}": held for key in ("supplier", "material", "offer") if (held := record.cells.get(f"Suppliers.{key}"))}
            yield Record({**key, "Offer changes.from": [start], one.values: [cell]}, record.origin, record.table)
        before = before if cell.value is None else cell.value


def _first_day(header: str) -> Any:
    span = _span_in(header)
    return (span is None, span.first if span else header)


def _label(header: str) -> str:
    span = _span_in(header)
    return header if span is None else f"{span.first:%Y-%m}" if span.first.day == 1 else span.first.isoformat()


def _span_in(header: str) -> Span | None:
    return read_header(header).span
