"""Propose what may put a problem right with one click. The planner takes or leaves each proposal; none is ever made unasked.

A proposal comes with the problem, typed and made where the fault was found (Problem.repairs), and becomes changed sheets here. To it come
the values that the text of the problem's cell may mean. No sentence of a problem is read, so that its wording can be changed freely.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from optimizer.editing.names import with_one_name
from optimizer.editing.readings import of_readings
from optimizer.editing.sheets import Sheets, add_column, add_sheet, column_positions, headers_in, raw_of, rename_sheet, sheet_of, value_at, with_cells
from optimizer.errors import AddColumn, AddRow, AddSheet, ClearRows, Problem, RenameSheet, Repair, SetCells, SetSetting, UseOneName
from optimizer.intake.cells.headers import SETTING_COLUMNS
from optimizer.intake.cells.parse import is_blank
from optimizer.intake.files.raw import RawSheet, declared_sheet
from optimizer.schema.language import normalize
from optimizer.schema.sheets import INPUTS, SETTINGS


@dataclass(frozen=True, slots=True)
class Fix:
    """Hold a proposal. words: what a click would do; sheets: the sheets after it."""

    words: str
    sheets: Sheets


def fixes(problem: Problem, sheets: Sheets) -> list[Fix]:
    """Return what may put a problem right, the likeliest first; nothing where only the planner can know."""
    found = [Fix(words, after) for words, after in of_readings(problem, sheets)] if problem.column else []
    repairs = [repair for repair in problem.repairs if not (found and _sets_own_cell(repair, problem))]
    found += [Fix(repair.words, after) for repair in repairs if (after := repaired(repair, problem, sheets)) is not None]
    return [fix for number, fix in enumerate(found) if fix.sheets != sheets and all(fix.sheets != other.sheets for other in found[:number])]


def _sets_own_cell(repair: Repair, problem: Problem) -> bool:
    """Return whether a repair gives the problem's own cell alone another value: the readings of the cell's text say more."""
    if not isinstance(repair, SetCells) or len(repair.cells) != 1:
        return False
    row, column, value = repair.cells[0]
    return (row, column) == (problem.row, problem.column) and value is not None


def repaired(repair: Repair, problem: Problem, sheets: Sheets) -> Sheets | None:
    """Return the sheets after a repair of a problem; None where the repair does not apply to these sheets any more."""
    match repair:
        case AddSheet():
            return add_sheet(sheets, next(sheet for sheet in INPUTS if sheet.name == repair.name))
        case RenameSheet():
            return _renamed(repair, sheets)
        case SetSetting():
            return _with_setting(repair, sheets)
        case UseOneName():
            return with_one_name(sheets, repair)
    raw = sheet_of(sheets, problem.sheet)
    return _ON_ONE_SHEET[type(repair)](repair, raw, sheets) if raw is not None else None


def _renamed(repair: RenameSheet, sheets: Sheets) -> Sheets | None:
    sheet = declared_sheet(repair.new)
    rest = tuple(raw for raw in sheets if not repair.replaces or raw.name != repair.replaces)
    if sheet_of(rest, repair.old) is None or (sheet is not None and raw_of(rest, sheet) is not None):
        return None
    return rename_sheet(rest, repair.old, repair.new)


def _with_setting(repair: SetSetting, sheets: Sheets) -> Sheets | None:
    """Return the sheets with a setting in its row, or in a new one."""
    raw = raw_of(sheets, SETTINGS)
    if raw is None:
        return None
    positions = column_positions(raw)
    names, values = (positions.get(column.name) for column in SETTING_COLUMNS)
    if names is None or values is None:
        return None
    texts = {row: value_at(raw, row, names) for row in range(headers_in(raw) + 1, len(raw.rows) + 1)}
    row = next((row for row, text in texts.items() if not is_blank(text) and normalize(text) == repair.name), len(raw.rows) + 1)
    return with_cells(sheets, raw.name, {(row, names): repair.name, (row, values): repair.value})


def _cells_set(repair: SetCells, raw: RawSheet, sheets: Sheets) -> Sheets:
    return with_cells(sheets, raw.name, {(row, column): value for row, column, value in repair.cells})


def _column_added(repair: AddColumn, raw: RawSheet, sheets: Sheets) -> Sheets:
    added, column = add_column(sheets, raw.name, repair.header), max(map(len, raw.rows), default=0) + 1
    return with_cells(added, raw.name, {(row, column): value for row, value in repair.cells})


def _row_added(repair: AddRow, raw: RawSheet, sheets: Sheets) -> Sheets:
    return with_cells(sheets, raw.name, {(len(raw.rows) + 1, column): value for column, value in repair.cells})


def _rows_cleared(repair: ClearRows, raw: RawSheet, sheets: Sheets) -> Sheets:
    width = max(map(len, raw.rows), default=0)
    return with_cells(sheets, raw.name, {(row, column): None for row in repair.rows for column in range(1, width + 1)})


_ON_ONE_SHEET: dict[type[Repair], Callable[..., Sheets]] = {SetCells: _cells_set, AddColumn: _column_added, AddRow: _row_added, ClearRows: _rows_cleared}
"""The repairs that change the problem's own sheet."""
