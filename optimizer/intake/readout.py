"""Report what was read of a workbook: sheets, rows, units, currency, what stands on defaults, and what was not read.

One page for the planner who asks whether everything in the file counts. What is wrong or suspicious is not repeated here: those are
problems with their cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from optimizer.calendar import Calendar
from optimizer.intake.cells.headers import place
from optimizer.intake.cells.parse import is_blank, listed, tidy
from optimizer.intake.checks.rules import WorkbookRead
from optimizer.intake.files.sources import RawSheet
from optimizer.intake.rows.table import Table
from optimizer.schema.defaults import default_in_words
from optimizer.schema.language import Sheet, normalize
from optimizer.schema.sheets import INPUTS

ABSENT = {
    "Inventory": "no stock and no open orders",
    "Projects": "no projects",
    "Scenarios": "futures are made from the probabilities on Disruptions",
    "Limits": "no limits of your own",
    "Origin rules": "only Demand says which origins a use accepts",
    "Offer changes": "every offer keeps its values",
    "Currencies": "every row is in the case's currency",
    "Substitutes": "nothing is replaced or saved",
    "Plants": "no offers share a plant",
    "Inputs": "an offer converts the input that Suppliers names, or none",
    "Duties": "nothing is paid at the border",
    "Budget": "spending is not limited",
    "Disruptions": "nothing happens",
}
"""What it means that a sheet is missing or has no rows."""


@dataclass(frozen=True, slots=True)
class Default:
    """A column, or a setting, whose default counts. rows: in how many rows; all: whether in every one. meaning: what then counts."""

    name: str
    rows: int
    all: bool
    meaning: str

    def words(self, of: int) -> str:
        """Return the default in words, such as "terms: spot (3 of 8 rows)"."""
        return f"{self.name}: {self.meaning}" + ("" if self.all else f" ({self.rows:,} of {of:,} rows)")


@dataclass(frozen=True, slots=True)
class SheetRead:
    """One sheet of the workbook. name: of the schema; title: in the file. rows: how many count.

    columns: those read, as the schema names them, and the periods that have a column. unread: (cell, header) of columns that are not.
    defaults: what stands on defaults that change the plan; blank: columns left blank whose default is that nothing is set.
    examples: rows of the template's example that were left out. ignored: (cell, text) of rows that are no data: titles, totals, notes.
    note: why its rows do not count, "" if they do.
    """

    name: str
    title: str
    rows: int
    columns: tuple[str, ...]
    unread: tuple[tuple[str, str], ...] = ()
    defaults: tuple[Default, ...] = ()
    blank: tuple[str, ...] = ()
    examples: tuple[int, ...] = ()
    note: str = ""
    ignored: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Readout:
    """Hold what was read. source: the file's name. currency, horizon: in words, "" where the settings are faulty. units: material -> its unit.

    sheets: those read, in the schema's order. absent: sheet -> what it means that it is not there. unread: (sheet, its filled rows) not read.
    """

    source: str
    currency: str
    horizon: str
    units: Mapping[str, str] = field(default_factory=dict)
    sheets: tuple[SheetRead, ...] = ()
    absent: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[tuple[str, int], ...] = ()

    @property
    def headline(self) -> str:
        """Return the whole in one line."""
        rows = sum(sheet.rows for sheet in self.sheets)
        left = len(self.unread) + sum(len(sheet.unread) for sheet in self.sheets)
        parts = [f"{_counted(len(self.sheets), 'sheet')}, {_counted(rows, 'row')}", self.currency, self.horizon]
        aside = sum(len(sheet.ignored) for sheet in self.sheets)
        parts.append(f"{_counted(left, 'sheet or column', 'sheets or columns')} not read" if left else "" if aside else "nothing left out")
        parts.append(f"{_counted(aside, 'row')} that {'is' if aside == 1 else 'are'} no data" if aside else "")
        return ", ".join(part for part in parts if part)

    def lines(self) -> Iterator[str]:
        """Yield the page as lines of text."""
        if self.units:
            yield f"units: {listed((f'{material} in {unit}' for material, unit in self.units.items()), 12)}"
        for sheet in self.sheets:
            said = f" (in the file: {sheet.title})" if sheet.title != sheet.name else ""
            yield f"{sheet.name}{said}: {_counted(sheet.rows, 'row')}{f'; not read, {sheet.note}' if sheet.note else ''}"
            yield from (f"  {line}" for line in sheet_lines(sheet))
        for name, meaning in self.absent.items():
            yield f"{name}: not there, so {meaning}"
        if self.unread:
            yield f"sheets not read: {listed((f'{name} ({rows:,} filled)' for name, rows in self.unread), 20)}"


def sheet_lines(sheet: SheetRead) -> Iterator[str]:
    """Yield what is to be said of one sheet beside its rows."""
    if not sheet.rows and sheet.name in ABSENT:
        yield ABSENT[sheet.name]
    if sheet.examples:
        yield f"the template's example does not count: row {listed(map(str, sheet.examples))}"
    if sheet.unread:
        yield f"columns not read: {listed((f'{header} ({cell})' for cell, header in sheet.unread), 20)}"
    if sheet.ignored:
        yield f"rows that are no data: {listed((f'{text} ({cell})' for cell, text in sheet.ignored), 20)}"
    if sheet.defaults:
        yield f"on defaults: {listed((default.words(sheet.rows) for default in sheet.defaults), 30)}"
    if sheet.blank:
        yield f"nothing set: {listed(sheet.blank, 30)}"


def _counted(count: int, noun: str, plural: str = "") -> str:
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def readout(source: str, sheets: Iterable[RawSheet], book: WorkbookRead, examples: Mapping[str, tuple[int, ...]]) -> Readout:
    """Return what was read of the sheets of a file, as far as it could be. examples: sheet -> rows of the template's example, left out."""
    by_title = {raw.name: raw for raw in sheets}
    read = tuple(_sheet_read(table, by_title.get(table.title), book, examples.get(name, ())) for name, table in _in_order(book.tables))
    calendar = book.calendar
    return Readout(
        source,
        str(book.settings.values.get("currency", "")),
        _horizon(calendar) if calendar else "",
        _units(book),
        read,
        {sheet.name: ABSENT[sheet.name] for sheet in INPUTS if not sheet.rows_required and sheet.name not in book.tables},
        tuple((raw.name, _filled_rows(raw)) for raw in by_title.values() if not _is_read(raw.name)),
    )


def _in_order(tables: Mapping[str, Table]) -> list[tuple[str, Table]]:
    return [(sheet.name, tables[sheet.name]) for sheet in INPUTS if sheet.name in tables]


def _is_read(title: str) -> bool:
    return any(normalize(title) == normalize(sheet.name) for sheet in INPUTS)


def _filled_rows(raw: RawSheet) -> int:
    return sum(not all(map(is_blank, row)) for row in raw.rows)


def _horizon(calendar: Calendar) -> str:
    """Return the horizon in words, such as "8 quarters from 2027-Q1 to 2028-Q4"."""
    first, last = calendar.label(0), calendar.label(calendar.periods - 1)
    return f"{_counted(calendar.periods, calendar.period)} from {first}" + (f" to {last}" if first != last else "")


def _units(book: WorkbookRead) -> dict[str, str]:
    return {row["material"]: row["unit"] for row in book.rows("Materials", "material", "unit")}


def _sheet_read(table: Table, raw: RawSheet | None, book: WorkbookRead, examples: tuple[int, ...]) -> SheetRead:
    sheet = table.sheet
    periods = tuple(book.calendar.label(t) for t in sorted(table.period_positions)) if book.calendar else ()
    defaults, blank = _setting_defaults(book) if sheet.settings else _column_defaults(table)
    return SheetRead(
        sheet.name,
        table.title,
        len(table.rows),
        (*table.positions, *periods),
        _unread_columns(table, raw),
        defaults,
        blank,
        examples,
        _why_not(sheet, book) if table.rows else "",
        tuple(table.ignored),
    )


def _why_not(sheet: Sheet, book: WorkbookRead) -> str:
    """Return why the rows of a sheet do not count, "" if they do."""
    method = book.settings.values.get("scenario_method")
    return f"because scenario_method is {method}" if sheet.name == "Scenarios" and method not in ("auto", "listed", None) else ""


def _unread_columns(table: Table, raw: RawSheet | None) -> tuple[tuple[str, str], ...]:
    """Return cell and header of each column that is neither of the schema nor of a period."""
    header_row = table.header_row
    if raw is None or len(raw.rows) < header_row or not table.positions:
        return ()
    read = {*table.positions.values(), *table.period_positions.values()}
    return tuple(
        (place(header_row, position), tidy(str(text))) for position, text in enumerate(raw.rows[header_row - 1]) if position not in read and not is_blank(text)
    )


def _setting_defaults(book: WorkbookRead) -> tuple[tuple[Default, ...], tuple[str, ...]]:
    given = book.settings.given
    columns = [column for sheet in INPUTS if sheet.settings for column in sheet.columns if not column.required]
    left = [column for column in columns if column.name not in given or is_blank(given[column.name].value)]
    return tuple(Default(column.name, 1, True, default_in_words(column)) for column in left), ()


def _column_defaults(table: Table) -> tuple[tuple[Default, ...], tuple[str, ...]]:
    """Return the columns on defaults that change a plan, and those of which nothing is set in any row."""
    defaults, blank = [], []
    for column in table.sheet.columns:
        there = column.name in table.positions
        rows = sum(is_blank(row.raw.get(column.name)) for row in table.rows) if there else len(table.rows)
        if column.required or not rows:
            continue
        if column.default_from or column.default not in (None, "") or (column.default is None and column.blank_words):
            defaults.append(Default(column.name, rows, rows == len(table.rows), default_in_words(column)))
        elif rows == len(table.rows):
            blank.append(column.name)
    return tuple(defaults), tuple(blank)
