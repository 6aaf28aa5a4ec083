"""A folder of .csv files as sheets, one a file. What in the folder is not read is said."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from optimizer.errors import Level, Problem, WorkbookError
from optimizer.intake.cells.parse import listed
from optimizer.intake.files import guard
from optimizer.intake.files.csv_numbers import with_values
from optimizer.intake.files.csv_text import CsvFault, text_table
from optimizer.intake.files.limits import MOST_CELLS, MOST_PLACES
from optimizer.intake.files.raw import RawSheet, Source, declared_sheet, with_remarks
from optimizer.intake.files.refusals import refusal, sheet_problem
from optimizer.intake.files.regular import NotRegular, read_regular

MOST_FILES = 1_000
_TEMPORARY = re.compile(r"~|\.~lock")
_TABLES = (".txt", ".tsv", ".tab", ".xlsx", ".xls", ".xlsm", ".ods", ".csv_", ".bak", ".prn", ".dat")


def sheets_of_folder(path: Path, name: str) -> Source:
    """Return all .csv files of a folder as sheets. WorkbookError where a file that is needed is unsound, or none is there.

    Files whose name begins with a point are left alone. A file that the schema does not know never stands in the way.
    """
    entries = sorted((entry for entry in path.iterdir() if not entry.name.startswith(".")), key=lambda entry: entry.name)
    files = [entry for entry in entries if entry.suffix.lower() == ".csv" and not _TEMPORARY.match(entry.name)]
    if not files:
        fix = "Give an .xlsx workbook, or a folder with one .csv file for each sheet (Settings.csv, Materials.csv …)."
        raise refusal(name, f"The folder {path.name} holds no .csv file.", "no .csv file", "one .csv file for each sheet", fix)
    if len(files) > MOST_FILES:
        raise refusal(name, f"The folder {path.name} holds {len(files):,} .csv files; the limit is {MOST_FILES:,}.", fix="Give a folder of one case.")
    remarks: list[Problem] = []
    problems: list[Problem] = []
    for problem in _others(entries, files):
        (problems if problem.level is Level.ERROR else remarks).append(problem)
    contents = {}
    for file in files:
        try:
            contents[file] = read_regular(file, name)
        except (NotRegular, OSError) as error:
            reason = f"is {error}, not a file" if isinstance(error, NotRegular) else f"cannot be opened ({error.strerror})"
            message = f"{file.name} {reason}."
            problems.append(sheet_problem(file.stem, "", message, "Put the file itself into the folder.", reason))
    guard.check_size(sum(map(len, contents.values())), name)
    digest, sheets = hashlib.sha256(), []
    for file, data in contents.items():
        digest.update(f"{file.name}\0{len(data)}\0".encode("utf-8", "surrogateescape"))
        digest.update(data)
        try:
            sheets.append(_sheet(data, file.stem, remarks))
        except CsvFault as fault:
            if declared_sheet(file.stem) is not None:
                problems += fault.problems
            else:
                first = fault.problems[0]
                message = f"The file {file.name} is left out, and is not needed: {first.message}"
                remarks.append(sheet_problem(file.stem, first.cell, message, "", first.found, first.expected, Level.WARNING))
    problems += _too_much(sheets)
    if problems:
        raise WorkbookError(problems, source=name)
    return Source(name, digest.hexdigest(), with_remarks(sheets, remarks))


def _sheet(data: bytes, title: str, remarks: list[Problem]) -> RawSheet:
    table = text_table(data, title)
    rows, converted = with_values(table.rows, title, table.separator)
    return RawSheet(title, rows, warnings=(*table.remarks, *converted))


def _others(entries: list[Path], files: list[Path]) -> Iterator[Problem]:
    """Yield what a folder holds beside the .csv files: a table that would be missed is an error, all else is named."""
    here = {file.stem.casefold() for file in files}
    others = []
    for entry in entries:
        if entry in files:
            continue
        sheet = declared_sheet(entry.stem)
        if _TEMPORARY.match(entry.name):
            message = f"{entry.name} is a temporary file: its table may be open in Excel with changes that are not saved."
            yield sheet_problem("", "", message, "Save and close it there.", entry.name, level=Level.WARNING)
        elif sheet is not None and entry.suffix.lower() in ("", *_TABLES) and entry.stem.casefold() not in here:
            kind = "a folder" if entry.is_dir() else f"of the kind {entry.suffix}" if entry.suffix else "without an ending"
            message = f"{entry.name} is named like the sheet {sheet.name}, but is {kind}, so that it is not read."
            yield sheet_problem(sheet.name, "", message, f"Save it as {sheet.name}.csv, or take it out of the folder.", entry.name, f"{sheet.name}.csv")
        else:
            others.append(entry.name)
    if others:
        message = f"Not read, because they are no .csv files: {listed(others)}."
        yield sheet_problem("", "", message, "", listed(others), "one .csv file for each sheet", Level.WARNING)


def _too_much(sheets: list[RawSheet]) -> Iterator[Problem]:
    """Yield whether all files together hold more than may be read."""
    filled = sum(value is not None for raw in sheets for row in raw.rows for value in row)
    places = sum(len(raw.rows) * len(raw.rows[0]) for raw in sheets if raw.rows)
    if filled > MOST_CELLS or places > MOST_PLACES:
        message = f"The files hold {filled:,} filled cells; the limit is {MOST_CELLS:,}."
        yield sheet_problem("", "", message, "Take files that are not needed out of the folder.", f"{filled} cells")
