"""What may put a problem right with one click. Each is a proposal that the planner takes or leaves; none is ever made unasked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from openpyxl.utils.cell import coordinate_to_tuple, get_column_letter
from openpyxl.utils.datetime import from_excel

from optimizer.errors import Problem
from optimizer.workbook.cells import is_blank, parse_number_text, shown, tidy
from optimizer.workbook.edit import (
    Sheets,
    add_column,
    add_sheet,
    column_at,
    declared,
    raw_of,
    sheet_of,
    value_at,
    with_cell,
    with_cells,
)
from optimizer.workbook.edit_readings import of_readings
from optimizer.workbook.edit_suspicions import of_suspicion
from optimizer.workbook.rows import columns_of
from optimizer.workbook.schema import INPUTS, SETTINGS
from optimizer.workbook.sources import RawSheet
from optimizer.workbook.tables import fold

_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Fix:
    """A proposal. words: what a click would do; sheets: the sheets after it."""

    words: str
    sheets: Sheets


def fixes(problem: Problem, sheets: Sheets) -> list[Fix]:
    """What may put a problem right, the likeliest first; none where only the planner can know."""
    row = re.fullmatch(r"row ([0-9]+)", problem.cell)
    if problem.cell and not row:
        raw = sheet_of(sheets, problem.sheet)
        found = [] if raw is None else list(_of_cell(problem, raw, *coordinate_to_tuple(problem.cell), sheets))
        found = [*(Fix(words, after) for words, after in of_readings(problem, sheets)), *found]
    else:
        found = list(_of_sheet(problem, sheets))
    if added := re.search(r"There is no sheet (\w+): add it", problem.fix):
        sheet = next(sheet for sheet in INPUTS if sheet.name == added[1])
        found.append(Fix(f"Add the sheet {sheet.name}", add_sheet(sheets, sheet)))
    if problem.cell:
        found += [Fix(words, after) for words, after in of_suspicion(problem, sheets)]
    return [fix for number, fix in enumerate(found) if fix.sheets != sheets and all(fix.sheets != other.sheets for other in found[:number])]


def _of_sheet(problem: Problem, sheets: Sheets) -> Iterator[Fix]:
    """Where a sheet, a column, a row or all headers are missing, or a sheet's name is misspelled."""
    sheet, raw = declared(problem.sheet), sheet_of(sheets, problem.sheet)
    if sheet is not None and raw_of(sheets, sheet) is None:
        yield from (Fix(words, after) for words, after in of_suspicion(problem, sheets))
        yield Fix(f"Add the sheet {sheet.name}", add_sheet(sheets, sheet))
    elif raw is None:
        return
    elif declared(raw.name) is None:
        yield from (Fix(words, after) for words, after in of_suspicion(problem, sheets))
    elif missing := re.fullmatch(r"a column (\w+)", problem.expected):
        yield Fix(f"Add the column {missing[1]}", add_column(sheets, raw.name, missing[1]))
    elif missing := re.match(r"The setting (\w+) is missing", problem.message):
        yield Fix(f"Add a row for {missing[1]}", _with_setting(raw, missing[1], sheets))
    elif problem.expected == "the headers" and not any(not is_blank(value) for row in raw.rows for value in row):
        headers = {(1, number): column.name for number, column in enumerate(columns_of(sheet), start=1)}
        yield Fix("Put the headers in row 1", with_cells(sheets, raw.name, headers))


def _with_setting(raw: RawSheet, name: str, sheets: Sheets) -> Sheets:
    """The sheets with a new row for a setting, its value blank or the example of the schema."""
    position = next((p for p, text in enumerate(raw.rows[0], start=1) if fold(text or "") == "setting"), 1)
    return with_cell(sheets, raw.name, len(raw.rows) + 1, position, name)


def _of_cell(problem: Problem, raw: RawSheet, row: int, column: int, sheets: Sheets) -> Iterator[Fix]:
    """Where a cell holds something else than it should."""
    value = value_at(raw, row, column)

    def put(new: Any) -> Fix:
        return Fix(f"Use {shown(new)}", with_cell(sheets, raw.name, row, column, new))

    if near := re.search(r"Did you mean '?(.+?)'?\?$", problem.fix):
        yield from _near(near[1], problem, raw, row, column, sheets)
    if percent := re.search(r"type ([-+0-9.e]+%)\.$", problem.fix):
        yield put(percent[1])
    if day := re.search(r"type ([0-9]{4}-01-01)\b", problem.fix):
        yield put(day[1])
    if "Format the cell as a date" in problem.fix:
        yield put(f"{from_excel(value):%Y-%m-%d}")
    if isinstance(value, str) and problem.found.endswith("a number stored as text"):
        yield put(parse_number_text(value))
    if isinstance(value, str) and "thousands separators" in problem.fix and _THOUSANDS.fullmatch(value.strip()):
        yield put(parse_number_text(value.replace(",", "")))
    if "surplus comma" in problem.fix:
        yield put(", ".join(part.strip() for part in value.split(",") if part.strip()))
    if re.search(r"\bClear it\b", problem.fix):
        yield Fix("Clear the cell", with_cell(sheets, raw.name, row, column, None))
    yield from _clearing(problem, raw, row, column, sheets)


def _near(word: str, problem: Problem, raw: RawSheet, row: int, column: int, sheets: Sheets) -> Iterator[Fix]:
    """The nearest known word in place of the one found: in a comma list its part alone, a name in every row that holds it."""
    if "…" in word or "…" in problem.found:
        return
    known = column_at(raw, row, column)
    found = fold(problem.found.strip("'"))
    if row == 1 or known is None or known.kind not in ("name", "names", "choices"):
        yield Fix(f"Use {shown(word)}", with_cell(sheets, raw.name, row, column, word))
        return
    places = [row] if known.kind == "choices" else range(2, len(raw.rows) + 1)
    edits = {}
    for number in places:
        value = value_at(raw, number, column)
        if isinstance(value, str):
            parts = [value] if known.kind == "name" else value.split(",")
            changed = [word if fold(part) == found else tidy(part) for part in parts]
            if any(fold(part) == found for part in parts):
                edits[number, column] = ", ".join(changed)
    more = f" in {len(edits)} rows" if len(edits) > 1 else ""
    yield Fix(f"Use {shown(word)}{more}", with_cells(sheets, raw.name, edits))


def _clearing(problem: Problem, raw: RawSheet, row: int, column: int, sheets: Sheets) -> Iterator[Fix]:
    """Where a row or column should not be there: what stands in it is blanked."""
    height, width = len(raw.rows), max(map(len, raw.rows))
    sheet = declared(raw.name)
    whole_column = row == 1 and re.search(r"[Dd]elete (the column|one of them)", problem.fix)
    if whole_column or "delete its values" in problem.fix:
        cells = {(number, column): None for number in range(1, height + 1)}
        yield Fix(f"Clear column {get_column_letter(column)}", with_cells(sheets, raw.name, cells))
    elif sheet is not None and row > 1 and (
        re.match(r"(Delete one|Merge the rows|Delete it\.)", problem.fix) or (sheet is SETTINGS and "Did you mean" in problem.fix and column == 1)
    ):
        yield Fix(f"Clear row {row}", with_cells(sheets, raw.name, {(row, number): None for number in range(1, width + 1)}))
