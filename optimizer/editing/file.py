"""Write the planner's own file with the cells that were edited, and mark its problems in it where there are any.

Only the changed cells are touched: formats, formulas, macros and further sheets stay. A formula keeps the value that it had, so
that the file reads back as it is shown; Excel calculates it anew when it opens the file. Without a file to start from (a folder
of .csv, a case made here) a new one is written. What of a file cannot be kept stands on a sheet of its own.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable
from typing import Any

import openpyxl
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.styles.numbers import is_date_format, is_timedelta_format
from openpyxl.utils.cell import coordinate_to_tuple, get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from optimizer.editing.load import NEW_FILE, load_to_edit
from optimizer.editing.rows import rows_moved
from optimizer.editing.sheets import PERCENT_FORMAT, Change, Sheets, changes, column_at, sheet_of, value_at
from optimizer.editing.xlsx_patch import with_cached_values
from optimizer.errors import Level, Problem
from optimizer.forms.inputs import add_inputs, free_name
from optimizer.forms.writing import OPTIONAL, Book, safe_text
from optimizer.intake.cells.parse import ERROR_VALUES, Formula, listed
from optimizer.intake.files.sources import RawSheet

PROBLEMS = "Problems"
ABOUT = "About this file"
ROWS_MOVED = "Rows were inserted or deleted, so that these formulas would read other rows than before; they are kept as their values:"
PROBLEMS_HEAD = ("Level", "Where", "Message", "Found", "Expected", "What to do")

_RED, _AMBER = "FFFFC7CE", "FFFFEB9C"
_WIDTHS = (10, 22, 90, 30, 40, 50)


def edited_bytes(original: bytes | None, before: Sheets, after: Sheets, *, problems: Iterable[Problem] = ()) -> bytes:
    """Return the content of a workbook that holds `after`.

    original: the file that gave the sheets `before`; its changed cells alone are changed. problems: each marks its cell by a fill and
    a comment, and stands on a sheet Problems with a link to it. Text stays text, whatever it begins with.
    """
    problems = tuple(problems)
    if original is None:
        original, before = _new_file(after), after
    edits = changes(before, after)
    if not edits and not problems:
        return original
    loaded = load_to_edit(original, [raw.name for raw in before])
    if loaded is None:
        edits, before, loaded = [], after, _written_anew(after)
    book, lost = loaded
    for page in book.worksheets:
        for cell in _cells_of(page):
            if cell.comment is not None:
                _fit(cell.comment)
    cached = _cached(book, before)
    lost = " ".join(filter(None, (lost, _keep_as_values(book, rows_moved(before, after), cached))))
    for change in edits:
        _apply(book, change, after)
        cached.pop((_title_before(change, edits), change.cell), None)
    if lost:
        _tell(book, lost)
    if problems:
        _mark(book, problems)
    book.calculation.fullCalcOnLoad = True
    buffer = io.BytesIO()
    book.save(buffer)
    if book.vba_archive is not None:
        book.vba_archive.close()
    titles = {change.before: change.after for change in edits if not change.cell and change.before and change.after}
    values: dict[str, dict[str, Any]] = {}
    for (sheet, coordinate), value in cached.items():
        values.setdefault(titles.get(sheet, sheet), {})[coordinate] = value
    return with_cached_values(buffer.getvalue(), values, book.epoch)


def _keep_as_values(book: Workbook, sheets: set[str], cached: dict[tuple[str, str], Any]) -> str:
    """Put the values of formulas in place of those that read sheets on which rows have moved: they would calculate with other rows.

    cached: (sheet, cell) -> a formula's value; what is put there leaves it. Says so in a sentence, "" where there was nothing to do.
    """
    done = []
    for title, coordinate in [place for place in cached if sheets]:
        cell = book[title][coordinate]
        if title in sheets or any(name.casefold() in str(getattr(cell.value, "text", cell.value)).casefold() for name in sheets):
            cell.value = None
            _put(cell, cached.pop((title, coordinate)), "%" in (cell.number_format or ""), True)
            done.append(f"{title}!{coordinate}")
    return f"{ROWS_MOVED} {listed(done, 20)}." if done else ""


def _new_file(sheets: Iterable[RawSheet]) -> bytes:
    book = Book()
    add_inputs(book, sheets)
    return book.data()


def _written_anew(sheets: Sheets) -> tuple[Workbook, str]:
    """Return a new file with the values and number formats of the sheets, in place of one that cannot be edited."""
    book = openpyxl.load_workbook(io.BytesIO(_new_file(sheets)))
    for raw in sheets:
        page = book[raw.name] if raw.name in book.sheetnames else None
        for (row, column), number_format in raw.formats.items() if page is not None else ():
            if isinstance(value_at(raw, row + 1, column + 1), (int, float, dt.date, dt.time, dt.timedelta)):
                page.cell(row + 1, column + 1).number_format = number_format
    return book, NEW_FILE


def _tell(book: Workbook, lost: str) -> None:
    """Say on a sheet of its own, behind the others, what of the original file could not be kept."""
    page = book.create_sheet(free_name(ABOUT, {title.casefold() for title in book.sheetnames}))
    page["A1"], page["A2"] = ABOUT, lost
    page["A1"].font = Font(bold=True)
    page.column_dimensions["A"].width = 120
    page["A2"].alignment = Alignment(wrap_text=True, vertical="top")


# -- cells -----------------------------------------------------------------------------------------------------------------


def _apply(book: Workbook, change: Change, after: Sheets) -> None:
    """Make one change in the file."""
    if change.cell:
        raw = sheet_of(after, change.sheet)
        row, column = coordinate_to_tuple(change.cell)
        page = book[change.sheet]
        cell = _own_cell(page, row, column)
        _put(cell, change.after, (row - 1, column - 1) in raw.percents, _is_share(raw, row, column))
        if isinstance(change.after, (int, float)) and (row - 1, column - 1) in raw.formats:
            cell.number_format = raw.formats[row - 1, column - 1]  # that of a row that has moved is its own
        if row == 1 or page.tables:
            _keep_tables(page, change.cell)
    elif change.before is None:
        page = book.create_sheet(safe_text(change.after)[:31])
        for position, header in enumerate(sheet_of(after, change.after).rows[0], start=1):
            cell = page.cell(1, position)
            _put(cell, header, False, False)
            cell.font, cell.fill = Font(bold=True, color="FFFFFFFF"), PatternFill("solid", fgColor=f"FF{OPTIONAL[1:]}")
        page.freeze_panes = "A2"
    elif change.after is None:
        del book[change.before]
    else:
        book[change.before].title = change.after


def _title_before(change: Change, edits: list[Change]) -> str:
    """Return the name that a change's sheet had in the original file."""
    return next((edit.before for edit in edits if not edit.cell and edit.after == change.sheet and edit.before), change.sheet)


def _own_cell(page: Worksheet, row: int, column: int) -> Cell:
    """Return a cell that can hold a value; one that a merged area covers is parted from it."""
    cell = page.cell(row, column)
    if isinstance(cell, MergedCell):
        for area in [area for area in page.merged_cells.ranges if cell.coordinate in area]:
            page.unmerge_cells(area.coord)
        cell = page.cell(row, column)
    return cell


def _is_share(raw: RawSheet, row: int, column: int) -> bool:
    """Return whether a cell's number is shown as a percentage in the blank workbook, so that such a format suits it."""
    known = column_at(raw, row, column)
    return known is not None and known.percent_decimals is not None


def _put(cell: Cell, value: Any, percent: bool, share: bool) -> None:
    """Write one value, and a format under which it reads back as it is: a number in a date's cell would become a day."""
    if cell.hyperlink is not None:
        cell.hyperlink = None
    if isinstance(value, (dt.datetime, dt.date, dt.time, dt.timedelta)):
        if is_timedelta_format(cell.number_format) != isinstance(value, dt.timedelta):
            cell.number_format = "General"  # in place of which openpyxl puts the format of a day, or of a span of time
        cell.value = value
    elif isinstance(value, Formula) or (isinstance(value, str) and value.strip().upper() in ERROR_VALUES):
        cell.value = str(value).strip()
    elif isinstance(value, str):
        cell.value = safe_text(value)
        cell.data_type = "s"
    else:
        cell.value = value
        shown_as_percent = "%" in (cell.number_format or "")
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if percent and not shown_as_percent:
                cell.number_format = PERCENT_FORMAT
            elif not percent and (_shows_dates(cell) or (shown_as_percent and not share)):
                cell.number_format = "General"


def _shows_dates(cell: Cell) -> bool:
    return is_date_format(cell.number_format) or is_timedelta_format(cell.number_format)


def _keep_tables(page: Worksheet, coordinate: str) -> None:
    """Name the columns of an Excel table as its header cells do, else Excel calls the file damaged; make it a plain range where that is not possible."""
    row, column = coordinate_to_tuple(coordinate)
    for table in list(page.tables.values()):
        left, top, right, _ = openpyxl.utils.cell.range_boundaries(table.ref)
        if row != top or not left <= column <= right or not table.headerRowCount:
            continue
        names = [str(page.cell(top, position).value or "") for position in range(left, right + 1)]
        if all(names) and len({name.casefold() for name in names}) == len(names):
            table.tableColumns[column - left].name = names[column - left]
        else:
            del page.tables[table.name]


# -- values of formulas ----------------------------------------------------------------------------------------------------


def _cached(book: Workbook, before: Sheets) -> dict[tuple[str, str], Any]:
    """Return the value that each formula had, by (sheet, cell); a formula that no program has calculated is left out."""
    result = {}
    for raw in before:
        page = book[raw.name] if raw.name in book.sheetnames else None
        for cell in _cells_of(page) if page is not None else ():
            if cell.data_type == "f":
                value = value_at(raw, cell.row, cell.column)
                if not isinstance(value, Formula):
                    result[raw.name, cell.coordinate] = value
    return result


def _cells_of(page: Worksheet) -> list[Cell]:
    """Return the cells that a sheet has. openpyxl's own ways to walk through a sheet make a cell of every place, which takes its time."""
    return list(page._cells.values())


# -- problems --------------------------------------------------------------------------------------------------------------


def _mark(book: Workbook, problems: tuple[Problem, ...]) -> None:
    """Fill and comment each faulty cell, and list all of them on a sheet of its own, in front."""
    earlier = [page for page in book.worksheets if page.title == PROBLEMS and page["A1"].value == PROBLEMS_HEAD[0] and page["C1"].value == PROBLEMS_HEAD[2]]
    for page in earlier:
        del book[page.title]
    marked: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        if place := place_of(problem):
            marked.setdefault((problem.sheet, place), []).append(problem)
    for (sheet, coordinate), found in marked.items():
        if sheet in book.sheetnames:
            _mark_cell(book[sheet], coordinate, found)
    _list(book, problems)


def place_of(problem: Problem) -> str:
    """Return the cell that stands for a problem's place: itself, the first of its row, or none for a whole sheet."""
    return f"{get_column_letter(problem.column or 1)}{problem.row}" if problem.row else ""


def _mark_cell(page: Worksheet, coordinate: str, problems: list[Problem]) -> None:
    cell = page[coordinate]
    if isinstance(cell, MergedCell):
        return
    colour = _RED if any(problem.level is Level.ERROR for problem in problems) else _AMBER
    cell.fill = PatternFill("solid", fgColor=colour)
    message = "\n".join(f"{problem.level.capitalize()}: {problem.message}" for problem in problems)
    earlier = f"{cell.comment.text}\n\n" if cell.comment is not None else ""
    cell.comment = Comment(safe_text(earlier + message)[:2000], "Check")
    _fit(cell.comment)


def _fit(comment: Comment) -> None:
    """Give a comment a box that shows all of it: the size that it had is not read."""
    lines = sum(1 + len(line) // 46 for line in comment.text.split("\n"))
    comment.width, comment.height = 320, min(18 * lines + 14, 420)


def _list(book: Workbook, problems: tuple[Problem, ...]) -> None:
    page = book.create_sheet(free_name(PROBLEMS, {title.casefold() for title in book.sheetnames}), 0)
    page.sheet_properties.tabColor = "FFC00000"
    for position, (name, width) in enumerate(zip(PROBLEMS_HEAD, _WIDTHS, strict=True), start=1):
        cell = page.cell(1, position, name)
        cell.font, cell.fill = Font(bold=True, color="FFFFFFFF"), PatternFill("solid", fgColor="FFC00000")
        page.column_dimensions[cell.column_letter].width = width
    for number, problem in enumerate(problems, start=2):
        row = (problem.level, problem.where, problem.message, problem.found, problem.expected, problem.fix)
        for position, value in enumerate(row, start=1):
            cell = page.cell(number, position)
            _put(cell, value or None, False, False)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        if problem.sheet in book.sheetnames:
            sheet = problem.sheet.replace("'", "''")
            link = page.cell(number, 2)
            link.hyperlink = Hyperlink(ref=link.coordinate, location=f"'{sheet}'!{place_of(problem) or 'A1'}")
            link.font = Font(underline="single", color="FF0B4F6C")
    page.freeze_panes = "A2"
    for other in book.worksheets:
        other.sheet_view.tabSelected = False
    book.active = 0
