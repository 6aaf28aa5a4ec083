"""The planner's files as sheets of cells: workbooks, and .csv files of any locale, whose texts stay texts until their columns are known."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from optimizer.errors import Problem, WorkbookError
from optimizer.intake.files import guard
from optimizer.intake.files.csv_text import CsvFault, text_table
from optimizer.intake.files.raw import RawSheet
from optimizer.intake.files.refusals import refusal
from optimizer.intake.files.regular import NotRegular, read_regular
from optimizer.intake.files.sources import sheets_of_bytes
from optimizer.intake.unread import meant_sheet, sheet_by_headers
from optimizer.schema.language import normalize
from optimizer.schema.sheets import INPUTS

ENDINGS = (".xlsx", ".xlsm", ".csv", ".txt", ".tsv")
"""What can be imported."""
_TEXTS = (".csv", ".txt", ".tsv")


@dataclass(frozen=True, slots=True)
class GivenFile:
    """One file that a planner gave: its name without the folder, its sheets, and whether it is text, in which numbers are written in some locale."""

    name: str
    sheets: tuple[RawSheet, ...]
    text: bool = False


def given_file(data: bytes, name: str) -> GivenFile:
    """Return a file's content as sheets. WorkbookError where it is neither a workbook nor text, or is not safe to read."""
    if Path(name).suffix.lower() not in _TEXTS:
        return GivenFile(name, sheets_of_bytes(data, name).sheets)
    guard.check_size(len(data), name)
    title = Path(name).stem
    try:
        table = text_table(data, title)
    except CsvFault as fault:
        problems = [Problem(name, one.cell, one.message, one.found, one.expected, one.fix) for one in fault.problems]
        raise WorkbookError(problems, source=name) from None
    return GivenFile(name, (RawSheet(title, tuple(map(tuple, table.rows)), warnings=table.remarks),), text=True)


def read_files(paths: Iterable[str | os.PathLike[str]]) -> tuple[GivenFile, ...]:
    """Return files of this computer, a folder as the files in it. WorkbookError with what is wrong with every one of them."""
    found: list[GivenFile] = []
    problems: list[Problem] = []
    for path in _expanded(map(Path, paths)):
        try:
            found.append(given_file(read_regular(path, path.name), path.name))
        except WorkbookError as error:
            problems += error.problems
        except FileNotFoundError:
            problems += refusal(path.name, f"There is no file {path}.", fix="Check its name and folder.").problems
        except (NotRegular, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            problems += refusal(path.name, f"The file {path.name} cannot be opened ({reason}).", fix="Close it in other programs.").problems
    if problems:
        raise WorkbookError(problems, source=", ".join(sorted({problem.sheet for problem in problems} - {""})))
    return tuple(found)


def _expanded(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(child for child in path.iterdir() if child.suffix.lower() in ENDINGS and not child.name.startswith(("~$", ".")))
        else:
            yield path


def is_sourcing_workbook(sheets: Iterable[RawSheet]) -> bool:
    """Return whether sheets are those of a sourcing workbook, however faulty, which the reader and the editor take as they are.

    One is known by two sheets of the schema's own name, or by a single sheet of such a name that also has the columns.
    """
    sheets = tuple(sheets)
    names = {normalize(sheet.name) for sheet in INPUTS}
    known = [raw for raw in sheets if normalize(raw.name) in names]
    own = [raw for raw in known if sheet_by_headers(raw) == meant_sheet(raw.name) or (normalize(raw.name) == "settings" and _is_settings(raw))]
    return bool(own) and (len(known) > 1 or len(sheets) == 1)


def _is_settings(raw: RawSheet) -> bool:
    return any([normalize(value) for value in row[:2] if isinstance(value, str)] == ["setting", "value"] for row in raw.rows[:20])
