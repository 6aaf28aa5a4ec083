"""Files as plain tables of cell values: an Excel workbook, or a folder of .csv files. The only place that meets file formats.

Here a file has become sheets of values; what they mean is for rows.py and reader.py.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from optimizer.errors import Problem, WorkbookError
from optimizer.workbook import guard
from optimizer.workbook.cells import Formula, is_blank, listed, parse_number_text
from optimizer.workbook.schema import INPUTS
from optimizer.workbook.tables import NUMBER_KINDS, Column, Sheet, normalize


@dataclass(frozen=True, slots=True)
class RawSheet:
    """One sheet of a file: its name and its cell values, row by row, all rows equally long; None = an empty cell.

    Rows and columns are counted from 0. percents: the (row, column) positions of numbers shown as percentages. warnings: what
    looks odd about the sheet itself, such as hidden rows. formats: (row, column) -> the number format of each filled cell whose
    format is not General. merged: the merged areas, as first row, first column, last row, last column. hidden_rows: the rows
    that Excel does not show; they are read all the same.
    """

    name: str
    rows: tuple[tuple[Any, ...], ...]
    percents: frozenset[tuple[int, int]] = frozenset()
    warnings: tuple[Problem, ...] = ()
    formats: Mapping[tuple[int, int], str] = field(default_factory=dict, hash=False)
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden_rows: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Source:
    """What a file or folder holds. name: without its folder; sha256: of its bytes."""

    name: str
    sha256: str
    sheets: tuple[RawSheet, ...]


def read_sheets(path: str | os.PathLike) -> Source:
    """All sheets of a workbook (.xlsx, .xlsm) or of a folder of .csv files.

    Raises WorkbookError when there is nothing to read, or when it is not safe to.
    """
    path = Path(path)
    name = path.name or str(path)
    try:
        if path.is_dir():
            return _read_folder(path, name)
        guard.check_size(path.stat().st_size, name)
        return sheets_of_bytes(path.read_bytes(), name)
    except FileNotFoundError:
        raise guard.refusal(name, f"There is no file {path}.", fix="Check its name and folder.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is not a path"
        message = f"The file cannot be opened ({reason})."
        raise guard.refusal(name, message, fix="Close it in other programs and check that you may read it.") from error


def sheets_of_bytes(data: bytes, name: str) -> Source:
    """All sheets of a workbook given as a file's content. WorkbookError if it is none, or not safe to read."""
    has_formulas = guard.guard(data, name)
    book = _load(data, name, values=True)
    formulas = _formulas(_load(data, name, values=False)) if has_formulas else {}
    sheets = tuple(_raw_sheet(sheet, formulas.get(sheet.title, {}), name) for sheet in book.worksheets)
    return Source(name, hashlib.sha256(data).hexdigest(), sheets)


def _load(data: bytes, name: str, *, values: bool) -> Workbook:
    """The workbook with its values, or with its formulas."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl cannot keep (pictures, extensions) is not needed here
            return openpyxl.load_workbook(io.BytesIO(data), data_only=values, keep_links=False)
    except Exception as error:  # openpyxl fails in many ways on a part that it does not understand: all mean the same here
        message = "The workbook cannot be read: one of its parts is damaged or of an unknown kind."
        fix = "Open it in Excel, save it as a new Excel Workbook (.xlsx) and try that."
        raise guard.refusal(name, message, f"{type(error).__name__}", "a workbook as Excel saves it", fix) from error


def _cells(sheet: Worksheet) -> dict[tuple[int, int], Any]:
    # openpyxl's public loops visit every position up to the last cell: 17 billion where one stands in XFD1048576.
    return sheet._cells


def _formulas(book: Workbook) -> dict[str, dict[tuple[int, int], Formula]]:
    """Every formula's text, by sheet and (row, column) counted from 1."""
    result = {}
    for sheet in book.worksheets:
        found = {place: cell.value for place, cell in _cells(sheet).items() if cell.data_type == "f"}
        texts = {place: value if isinstance(value, str) else getattr(value, "text", None) for place, value in found.items()}
        result[sheet.title] = {place: Formula(text or "=TABLE()") for place, text in texts.items()}
    return result


def _raw_sheet(sheet: Worksheet, formulas: dict[tuple[int, int], Formula], name: str) -> RawSheet:
    """A sheet of openpyxl as plain values; a formula that has none stands as its text."""
    values, percents, formats = {}, [], {}
    for place, cell in _cells(sheet).items():
        value = cell.value
        if value is None and cell.data_type != "str":  # "str" without a value is a formula whose result is an empty text
            value = formulas.get(place)
        if value is None:
            continue
        values[place] = value
        if cell.has_style and cell.number_format not in ("General", None):
            formats[place[0] - 1, place[1] - 1] = cell.number_format
        if isinstance(value, (int, float)) and "%" in (cell.number_format or ""):
            percents.append((place[0] - 1, place[1] - 1))
    height = max((row for row, _ in values), default=0)
    width = max((column for _, column in values), default=0)
    if height > guard.MOST_ROWS or width > guard.MOST_COLUMNS or height * width > guard.MOST_CELLS:
        message = (f"Sheet {sheet.title} reaches to {get_column_letter(width)}{height}; the limit is {guard.MOST_ROWS:,} rows, "
                   f"{guard.MOST_COLUMNS:,} columns and {guard.MOST_CELLS:,} cells.")
        raise guard.refusal(name, message, f"{get_column_letter(width)}{height}", fix="Delete what stands far from the table.")
    grid = [[None] * width for _ in range(height)]
    for (row, column), value in values.items():
        grid[row - 1][column - 1] = value
    merged = tuple(sorted((a.min_row - 1, a.min_col - 1, a.max_row - 1, a.max_col - 1) for a in sheet.merged_cells.ranges))
    hidden = frozenset(number - 1 for number, row in sheet.row_dimensions.items() if row.hidden and number <= height)
    return RawSheet(sheet.title, tuple(map(tuple, grid)), frozenset(percents), _oddities(sheet, height, width), formats, merged, hidden)


def _oddities(sheet: Worksheet, height: int, width: int) -> tuple[Problem, ...]:
    """Warnings of what a planner may not see: hidden rows, columns and sheets, and merged cells. All of them are read."""
    def warning(cell: str, message: str, found: str) -> Problem:
        return Problem(sheet.title, cell, message, found, "a plain table", "", "warning")

    result = []
    if sheet.sheet_state != "visible":
        result.append(warning("", "The sheet is hidden, and read all the same.", "a hidden sheet"))
    rows = sorted(number for number, row in sheet.row_dimensions.items() if row.hidden and number <= height)
    if rows:
        message = f"Hidden rows are read all the same: {listed(rows)}. Unhide them, or delete them if they should not count."
        result.append(warning(f"row {rows[0]}", message, f"{len(rows)} hidden rows"))
    columns = sorted((c.min or 1, letter) for letter, c in sheet.column_dimensions.items() if c.hidden and (c.min or 1) <= width)
    if columns:
        message = f"Hidden columns are read all the same, from {columns[0][1]} on. Unhide them, or delete them if they should not count."
        result.append(warning(f"{columns[0][1]}1", message, "hidden columns"))
    for area in sorted(sheet.merged_cells.ranges, key=lambda a: (a.min_row, a.min_col)):
        if area.min_row <= height and area.min_col <= width:
            message = f"Merged cells {area.coord}: only the first of them holds the value, the others are read as blank. Unmerge them."
            result.append(warning(area.coord.split(":")[0], message, f"merged cells {area.coord}"))
    return tuple(result)


def _read_folder(path: Path, name: str) -> Source:
    """A folder of .csv files, one a sheet; other files in it are left alone, and those whose name begins with a point."""
    files = [file for file in path.iterdir() if file.suffix.lower() == ".csv" and file.is_file() and not file.name.startswith(".")]
    files.sort(key=lambda file: file.name)
    if not files:
        fix = "Give an .xlsx workbook, or a folder with one .csv file for each sheet (Settings.csv, Materials.csv …)."
        raise guard.refusal(name, f"The folder {path.name} holds no .csv file.", "no .csv file", "one .csv file for each sheet", fix)
    guard.check_size(sum(file.stat().st_size for file in files), name)
    digest, sheets, problems = hashlib.sha256(), [], []
    for file in files:
        data = file.read_bytes()
        digest.update(f"{file.name}\0{len(data)}\0".encode())
        digest.update(data)
        try:
            sheets.append(RawSheet(file.stem, _csv_rows(data, file.stem)))
        except WorkbookError as error:
            problems += error.problems
    if problems:
        raise WorkbookError(problems, source=name)
    return Source(name, digest.hexdigest(), tuple(sheets))


def _csv_rows(data: bytes, name: str) -> tuple[tuple[Any, ...], ...]:
    """The cells of one .csv file; what its column counts as numbers have become numbers. WorkbookError if it is no such file."""
    def refused(message: str, fix: str) -> WorkbookError:
        return WorkbookError([Problem(name, "", f"{message} {fix}", fix=fix)])

    try:
        text = data.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except UnicodeDecodeError:
        raise refused("The file is not in UTF-8.", "Save it in Excel as CSV UTF-8 (Comma delimited).") from None
    except csv.Error:
        fix = "Check the quotation marks: one that opens must close, and stands doubled inside a quoted text."
        raise refused("The file does not read as comma-separated values.", fix) from None
    if rows and len(rows[0]) == 1 and (";" in rows[0][0] or "\t" in rows[0][0]):
        raise refused("The values are separated by semicolons or tabs.", "Separate them by commas.")
    width = max((len(row) for row in rows), default=0)
    if len(rows) > guard.MOST_ROWS or width > guard.MOST_COLUMNS or len(rows) * width > guard.MOST_CELLS:
        raise refused(f"The file has {len(rows):,} rows and {width:,} columns.", f"The limit is {guard.MOST_ROWS:,} rows.")
    return _with_numbers(name, [[text if text.strip() else None for text in row] + [None] * (width - len(row)) for row in rows])


def _with_numbers(name: str, rows: list[list[Any]]) -> tuple[tuple[Any, ...], ...]:
    """Rows of text with numbers where their column holds numbers; in other columns 007 stays a name, 2027 a label."""
    sheet = next((sheet for sheet in INPUTS if normalize(sheet.name) == normalize(name)), None)
    if sheet is None or not rows:
        return tuple(map(tuple, rows))
    columns = [_column_of(sheet, header) for header in rows[0]]
    for row in rows[1:]:
        for position, text in enumerate(row):
            column = _column_of(sheet, row[0]) if sheet.settings and position == 1 else columns[position]
            if text is not None and column is not None and column.kind in NUMBER_KINDS:
                number = parse_number_text(text)
                row[position] = text if number is None else number
    return tuple(map(tuple, rows))


def _column_of(sheet: Sheet, header: Any) -> Column | None:
    """The column that a header names; where periods may head columns, any other header counts as a quantity."""
    if is_blank(header):
        return None
    for column in sheet.columns:
        if normalize(column.name) == normalize(header):
            return column
    return Column(str(header), "number", "") if sheet.period_columns else None
