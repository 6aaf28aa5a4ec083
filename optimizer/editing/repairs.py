"""What may put a problem right with one click. Each is a proposal that the planner takes or leaves; none is ever made unasked.

Most proposals are made where the fault is found and come with the problem (Problem.repairs); here they become sheets. What is left are rules
across rows, whose words say what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from openpyxl.utils.cell import coordinate_to_tuple

from optimizer.editing.readings import of_readings
from optimizer.editing.sheets import Sheets, add_column, add_sheet, declared, raw_of, rename_sheet, same, sheet_of, value_at, with_cell, with_cells
from optimizer.editing.suspicions import of_suspicion
from optimizer.errors import AddColumn, AddRow, AddSheet, Problem, RenameSheet, Repair, SetCells
from optimizer.intake.cells.parse import is_blank, shown
from optimizer.intake.files.sources import RawSheet
from optimizer.schema.sheets import INPUTS


@dataclass(frozen=True, slots=True)
class Fix:
    """A proposal. words: what a click would do; sheets: the sheets after it."""

    words: str
    sheets: Sheets


def fixes(problem: Problem, sheets: Sheets) -> list[Fix]:
    """What may put a problem right, the likeliest first; none where only the planner can know."""
    raw = sheet_of(sheets, problem.sheet)
    at_cell = raw is not None and re.fullmatch(r"[A-Z]{1,3}[0-9]+", problem.cell)
    found = [Fix(words, after) for words, after in of_readings(problem, sheets)] if at_cell else []
    repairs = [repair for repair in problem.repairs if not (found and isinstance(repair, SetCells) and _is_of(repair, problem.cell))]
    found += [Fix(repair.words, after) for repair in repairs for after in _repaired(repair, problem, sheets)]
    found += _of_rule(problem, raw, *coordinate_to_tuple(problem.cell), sheets) if at_cell else []
    found += [Fix(words, after) for words, after in of_suspicion(problem, sheets)]
    return [fix for number, fix in enumerate(found) if fix.sheets != sheets and all(fix.sheets != other.sheets for other in found[:number])]


def _is_of(repair: SetCells, cell: str) -> bool:
    """Whether a repair sets a problem's own cell alone, of which the readings of its text say more."""
    return [(row, column) for row, column, _ in repair.cells] == [coordinate_to_tuple(cell)]


def _repaired(repair: Repair, problem: Problem, sheets: Sheets) -> Iterator[Sheets]:
    """The sheets after a repair; nothing where it does not apply to them any more."""
    raw = sheet_of(sheets, problem.sheet)
    match repair:
        case AddSheet():
            yield add_sheet(sheets, next(sheet for sheet in INPUTS if sheet.name == repair.name))
        case RenameSheet():
            sheet = declared(repair.new)
            if sheet is None or raw_of(sheets, sheet) is None:
                yield rename_sheet(sheets, repair.old, repair.new)
        case SetCells() if raw is not None:
            yield with_cells(sheets, raw.name, {(row, column): value for row, column, value in repair.cells})
        case AddColumn() if raw is not None:
            yield add_column(sheets, raw.name, repair.header)
        case AddRow() if raw is not None:
            yield with_cells(sheets, raw.name, {(len(raw.rows) + 1, column): value for column, value in repair.cells})


def _of_rule(problem: Problem, raw: RawSheet, row: int, column: int, sheets: Sheets) -> Iterator[Fix]:
    """Where a rule across rows is broken."""
    if percent := re.search(r"type ([-+0-9.e]+%)\.$", problem.fix):
        yield Fix(f"Use {shown(percent[1])}", with_cell(sheets, raw.name, row, column, percent[1]))
    if re.search(r"\bClear it\b", problem.fix):
        header = value_at(raw, 1, column)
        meaning = f": {header} then counts for nothing in this row" if isinstance(header, str) else ""
        yield Fix(f"Clear the cell{meaning}", with_cell(sheets, raw.name, row, column, None))
    first = re.search(r"\brow ([0-9]+)\b", problem.message)
    if row > 1 and first and re.match(r"(Delete one|Merge the rows|Delete it\.)", problem.fix) and _twins(raw, row, int(first[1])):
        width = max(map(len, raw.rows))
        blank = dict.fromkeys((row, number) for number in range(1, width + 1))
        yield Fix(f"Clear row {row}, which says the same as row {first[1]}", with_cells(sheets, raw.name, blank))


def _twins(raw: RawSheet, row: int, other: int) -> bool:
    """Whether two rows hold the same, texts but for case and blanks: then one of them can go."""

    def plain(value: object) -> object:
        return None if is_blank(value) else " ".join(value.split()).casefold() if isinstance(value, str) else value

    pairs = zip(raw.rows[row - 1], raw.rows[other - 1], strict=True) if 0 < other <= len(raw.rows) else ()
    return 0 < other <= len(raw.rows) and all(same(plain(left), plain(right)) for left, right in pairs)
