"""A file's bytes as the sheets of an Excel workbook.

Only what gives the cells their values is read: the list of sheets, the shared texts, the number formats and the sheets' own XML. Themes,
fonts, colours, document properties, drawings and extensions are never parsed, so that none of them can stand in the way.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from openpyxl.utils.cell import get_column_letter
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

from optimizer.errors import Level, Problem, WorkbookError
from optimizer.intake.cells.parse import listed
from optimizer.intake.files import guard
from optimizer.intake.files.limits import MOST_CELLS, MOST_COLUMNS, MOST_ROWS, MOST_SHEETS
from optimizer.intake.files.package import MAIN, Package, Relation, TooMuch, UnsafePart, damaged, parse, part_key, relation_id
from optimizer.intake.files.raw import RawSheet, declared_sheet, with_remarks
from optimizer.intake.files.refusals import refusal, sheet_problem
from optimizer.intake.files.sheet_xml import Contents, Room, SheetFault, read_contents
from optimizer.intake.files.styles import Style, cell_styles
from optimizer.intake.files.texts import shared_texts
from optimizer.intake.files.wanted import header_row, wanted
from optimizer.schema.language import normalize
from optimizer.schema.results import OUTPUTS

_RESULTS = {normalize(name) for name in (*(output.sheet for output in OUTPUTS), "Chart data")}
"""The large sheets of a plan workbook, which is an input again: they are not needed, and written anew with the next plan."""
_DAYS = range(10_000, 110_000)
"""Numbers that are days from 1927 to 2201, and no years."""
SAVE_AGAIN = "Open the workbook in Excel, check this sheet and save it."


@dataclass(frozen=True, slots=True)
class _Entry:
    """A sheet in the workbook's list."""

    title: str
    state: str
    relation: str


class _WorkbookTooLarge(SheetFault):
    """Say that a sheet cannot be read because all sheets together would hold too much."""


@dataclass(slots=True)
class _Book:
    """Hold what the sheets of a workbook share, and how much more may be read."""

    package: Package
    entries: list[_Entry] = field(default_factory=list)
    relations: dict[str, Relation] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    styles: list[Style] = field(default_factory=list)
    epoch: dt.datetime = WINDOWS_EPOCH
    room: Room = field(default_factory=Room)


def sheets_of_workbook(data: bytes, name: str) -> tuple[RawSheet, ...]:
    """Return all worksheets of a workbook, in their order. WorkbookError if it is none, is not safe to read, or a sheet of it is unsound.

    A sheet that the schema does not know never stands in the way: where it is unsound or too large it is left out, with a warning.
    """
    guard.check_kind(data, name)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            guard.check_directory(archive, name)
            return _sheets(_book(Package(archive), name), name)
    except UnsafePart as unsafe:
        message = f"The file is not safe to open: {unsafe.part} {unsafe.fault}."
        raise refusal(name, message, unsafe.fault, "a workbook as Excel saves it", unsafe.fix) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        message = "The file is damaged: it ends early or its content does not fit its table of contents."
        raise refusal(name, message, "a damaged .xlsx", "a whole workbook", "Save it again in Excel, or fetch it again.") from error
    except (expat.ExpatError, ValueError, KeyError) as error:
        raise damaged(name, error) from error


def _book(package: Package, name: str) -> _Book:
    """Return the list of sheets and what they share."""
    root = next((one.target for one in package.relations("").values() if one.kind == "officeDocument" and not one.external), "xl/workbook.xml")
    book = _Book(package)
    if root not in package:
        raise ValueError("there is no workbook in it")
    _read_list(package.read(root), book)
    book.relations = package.relations(root)
    parts = {one.kind: one.target for one in book.relations.values() if one.kind in ("sharedStrings", "styles") and not one.external}
    if parts.get("sharedStrings", "") in package:
        book.texts = shared_texts(package.read(parts["sharedStrings"]))
    if parts.get("styles", "") in package:
        book.styles = cell_styles(package.read(parts["styles"]))
    if len(book.entries) > MOST_SHEETS:
        message = f"The workbook has {len(book.entries):,} sheets; the limit is {MOST_SHEETS}."
        raise refusal(name, message, f"{len(book.entries)} sheets", fix="Delete those that are not needed.")
    if not book.entries:
        raise refusal(name, "The workbook has no sheets.", "no sheets", "a workbook with sheets")
    return book


def _read_list(data: bytes, book: _Book) -> None:
    """Read the names, states and relationships of the sheets, and the day from which dates count."""
    path: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        space, _, local = tag.rpartition(" ")
        if not path and (local != "workbook" or space not in MAIN):
            raise ValueError("the workbook's part is none")
        if local == "sheet" and path == ["workbook", "sheets"]:
            book.entries.append(_Entry(attributes.get("name", ""), attributes.get("state", "visible"), relation_id(attributes)))
        elif local == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            book.epoch = MAC_EPOCH
        path.append(local)

    def end(_: str) -> None:
        path.pop()

    parse(data, start, end)


def _sheets(book: _Book, name: str) -> tuple[RawSheet, ...]:
    """Return the sheets. Those that the schema knows are read first, results of a plan last: no large sheet takes room from one that matters more."""
    found: dict[int, RawSheet] = {}
    if problems := list(_list_faults(book)):
        raise WorkbookError(problems, source=name)
    remarks: list[Problem] = []
    order = sorted(range(len(book.entries)), key=lambda number: (declared_sheet(book.entries[number].title) is None, _is_result(book.entries[number])))
    for number in order:
        entry = book.entries[number]
        known, cells = declared_sheet(entry.title) is not None, book.room.cells
        needless = False
        try:
            raw = _sheet(book, entry, known)
        except SheetFault as fault:
            faults = list(fault.problems)
            needless = isinstance(fault, _WorkbookTooLarge) and _is_result(entry)  # results are written anew with the next plan
        except expat.ExpatError as error:
            fix = "Open the workbook in Excel, save it as a new Excel Workbook (.xlsx) and try that."
            faults = [sheet_problem(entry.title, "", f"The sheet {entry.title} cannot be read: its part of the file is damaged.", fix, str(error))]
        except UnsafePart as unsafe:
            message = f"The sheet {entry.title} is not safe to read: it {unsafe.fault}."
            faults = [sheet_problem(entry.title, "", message, unsafe.fix, unsafe.fault, "a sheet as Excel saves it")]
        else:
            faults = []
            if raw is not None:
                found[number] = raw
        if faults:
            book.room.cells = cells  # a sheet that is left out takes no room from the next
        if known:
            problems += faults
        elif not needless:
            remarks += [_left_out(entry.title, fault) for fault in faults[:1]]
    if problems:
        raise WorkbookError(problems, source=name)
    return with_remarks([found[number] for number in sorted(found)], remarks)


def _is_result(entry: _Entry) -> bool:
    """Return whether a sheet has the name of one of a plan workbook's results."""
    return normalize(entry.title) in _RESULTS


def _left_out(title: str, fault: Problem) -> Problem:
    message = f"The sheet {title} is left out, and is not needed: {fault.message}"
    return Problem(title, "", message, fault.found, fault.expected, fault.fix, Level.WARNING)


def _list_faults(book: _Book) -> Iterator[Problem]:
    """Yield sheets of one name, or of one table: which of them counts, nobody can know."""
    names, targets = set(), set()
    for entry in book.entries:
        relation = book.relations.get(entry.relation)
        if entry.title.casefold() in names:
            message = f"Two sheets of the workbook are named {entry.title}, so that it is not clear which of them counts."
            yield sheet_problem(entry.title, "", message, "Delete or rename one of them.", "two sheets of one name", "each name once")
        elif relation is not None and part_key(relation.target) in targets:
            message = f"The sheet {entry.title} and another one have one table of cells in common."
            yield sheet_problem(entry.title, "", message, SAVE_AGAIN, "two sheets with one table")
        names.add(entry.title.casefold())
        if relation is not None:
            targets.add(part_key(relation.target))


def _sheet(book: _Book, entry: _Entry, known: bool) -> RawSheet | None:
    """Return one sheet of the list; None for one that holds no cells, such as a chart sheet."""
    relation = book.relations.get(entry.relation)
    if relation is not None and relation.kind != "worksheet":
        if not known:
            return None
        raise SheetFault(sheet_problem(entry.title, "", f"The sheet {entry.title} is no table of cells, but a {relation.kind}.", SAVE_AGAIN, relation.kind))
    if relation is None or relation.external or relation.target not in book.package:
        message = f"The sheet {entry.title} stands in the workbook's list of sheets, but the file does not hold it."
        raise SheetFault(sheet_problem(entry.title, "", message, SAVE_AGAIN, "a sheet that is missing from the file"))
    try:
        data = book.package.read(relation.target, needed=known)
        contents = read_contents(data, entry.title, book.texts, book.styles, book.epoch, book.room)
    except TooMuch:
        raise _WorkbookTooLarge(_too_large(entry.title, "makes the workbook too large")) from None
    return _raw_sheet(book, entry, contents)


def _too_large(title: str, what: str) -> Problem:
    message = f"The sheet {title} {what}; the limit is {MOST_ROWS:,} rows, {MOST_COLUMNS:,} columns and {MOST_CELLS:,} filled cells in all."
    return sheet_problem(title, "", message, "Delete what is not needed, or what stands far from the table.", what)


def _raw_sheet(book: _Book, entry: _Entry, contents: Contents) -> RawSheet:
    """Return a sheet's cells as a rectangle of values, with what is odd about it."""
    height = max((row for row, cells in contents.values.items() if cells), default=0)
    width = max((max(cells) for cells in contents.values.values() if cells), default=0)
    if height > MOST_ROWS or width > MOST_COLUMNS or height * width > book.room.places:
        raise SheetFault(_too_large(entry.title, f"reaches to {get_column_letter(width)}{height}"))
    book.room.places -= height * width
    empty = (None,) * width
    rows = []
    for number in range(1, height + 1):
        cells = contents.values.get(number)
        if not cells:
            rows.append(empty)
        elif len(cells) == width and next(iter(cells)) == 1 and list(cells) == sorted(cells):
            rows.append(tuple(cells.values()))
        else:
            rows.append(tuple(map(cells.get, range(1, width + 1))))
    days: list[Problem] = []
    if not book.styles:
        rows, days = _with_days(entry.title, rows, book.epoch)
    return RawSheet(
        entry.title,
        tuple(rows),
        frozenset((row - 1, column - 1) for row, column in contents.percents),
        (*_oddities(entry, contents, height, width), *days),
        {(row - 1, column - 1): text for (row, column), text in contents.formats.items()},
        tuple(sorted((top - 1, left - 1, bottom - 1, right - 1) for top, left, bottom, right in contents.merged)),
        frozenset(row - 1 for row in contents.hidden_rows if row <= height),
    )


def _with_days(title: str, rows: list[tuple], epoch: dt.datetime) -> tuple[list[tuple], list[Problem]]:
    """Return the rows of a workbook without number formats, in which days are plain numbers, with days where the schema wants them."""
    sheet, first, grid = declared_sheet(title), None, list(map(list, rows))
    if sheet is None:
        return rows, []
    places = [(row, position) for row, position, _ in wanted(sheet, rows, ("date", "last_date"))]
    if sheet.period_columns and rows:
        header = header_row(sheet, rows)
        places += [(header, position) for position in range(len(rows[header]))]
    for row, position in places:
        value = grid[row][position]
        if isinstance(value, int) and not isinstance(value, bool) and value in _DAYS:
            day = grid[row][position] = from_excel(value, epoch)
            first = first or (f"{get_column_letter(position + 1)}{row + 1}", value, day.date().isoformat())
    if first is None:
        return rows, []
    cell, value, day = first
    message = f"The workbook has no number formats, so that days are numbers in it: {value} is read as {day}."
    return list(map(tuple, grid)), [sheet_problem(title, cell, message, "", f"{value}", day, Level.WARNING)]


def _oddities(entry: _Entry, contents: Contents, height: int, width: int) -> Iterator[Problem]:
    """Warn of what a planner may not see: hidden rows, columns and sheets. All of them are read."""

    def warning(cell: str, message: str, found: str) -> Problem:
        return Problem(entry.title, cell, message, found, "a plain table", "", Level.WARNING)

    if entry.state != "visible":
        yield warning("", "The sheet is hidden, and read all the same.", "a hidden sheet")
    rows = sorted(number for number in contents.hidden_rows if number <= height)
    if rows:
        message = f"Hidden rows are read all the same: {listed(rows)}. Unhide them, or delete them if they should not count."
        yield warning(f"row {rows[0]}", message, f"{len(rows)} hidden rows")
    columns = sorted(get_column_letter(first) for first, _ in contents.hidden_columns if first <= width)
    if columns:
        first = min(columns, key=lambda letters: (len(letters), letters))
        message = f"Hidden columns are read all the same, from {first} on. Unhide them, or delete them if they should not count."
        yield warning(f"{first}1", message, "hidden columns")
