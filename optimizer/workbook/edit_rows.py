"""Rows of a sheet: insert, repeat, move and delete them, and say what was changed where rows have moved.

A row takes with it what is known of its cells: percentages, number formats, whether it is hidden, and what looked odd about it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from openpyxl.utils.cell import coordinate_to_tuple, get_column_letter

from optimizer.errors import Problem
from optimizer.workbook.cells import is_blank
from optimizer.workbook.edit import Change, Sheets, label_of, pairs, row_name, same, sheet_of, with_cell, without_change
from optimizer.workbook.sources import RawSheet

Origin = tuple[RawSheet, int] | None
"""Where a row comes from: a sheet and its row there, counted from 0; None for a blank one."""


@dataclass(frozen=True, slots=True)
class Difference(Change):
    """A change of a cell, of a whole sheet, or of a whole row, whose cell is then "row 5".

    old_row, new_row: where the row stands before and after, counted from 1; 0 where it is not there. A row that was deleted has as new_row
    the row above which it would come back.
    """

    old_row: int = 0
    new_row: int = 0


# -- rows ------------------------------------------------------------------------------------------------------------------


def insert_rows(sheets: Iterable[RawSheet], name: str, before: int, count: int = 1) -> Sheets:
    """The sheets with blank rows inserted above a row of one of them, counted from 1. KeyError if there is no such sheet."""
    raw = _sheet(sheets, name)
    place = min(max(before - 1, 1), len(raw.rows))
    origins = _origins(raw)
    return _with(sheets, _arranged(raw, [*origins[:place], *[None] * count, *origins[place:]]))


def repeat_rows(sheets: Iterable[RawSheet], name: str, rows: Iterable[int]) -> Sheets:
    """The sheets with a copy of each of these rows right below it."""
    raw, chosen = _sheet(sheets, name), {row - 1 for row in rows}
    origins = [origin for number, origin in enumerate(_origins(raw)) for _ in range(2 if number in chosen and number else 1)]
    return _with(sheets, _arranged(raw, origins))


def delete_rows(sheets: Iterable[RawSheet], name: str, rows: Iterable[int]) -> Sheets:
    """The sheets without these rows of one of them; those below move up. The headers in row 1 stay."""
    raw, gone = _sheet(sheets, name), {row - 1 for row in rows if row > 1}
    return _with(sheets, _arranged(raw, [origin for number, origin in enumerate(_origins(raw)) if number not in gone]))


def _sheet(sheets: Iterable[RawSheet], name: str) -> RawSheet:
    raw = sheet_of(sheets, name)
    if raw is None:
        raise KeyError(name)
    return raw


def _with(sheets: Iterable[RawSheet], changed: RawSheet) -> Sheets:
    return tuple(changed if raw.name == changed.name else raw for raw in sheets)


def _origins(raw: RawSheet) -> list[Origin]:
    return [(raw, number) for number in range(len(raw.rows))]


def _arranged(raw: RawSheet, origins: Sequence[Origin]) -> RawSheet:
    """A sheet whose rows come from where `origins` says."""
    width = max(map(len, raw.rows), default=0)
    rows, now = [], defaultdict(list)
    percents, formats, hidden = set(), {}, set()
    shown = {id(sheet): _by_row(sheet) for sheet in {id(origin[0]): origin[0] for origin in origins if origin}.values()}
    for number, origin in enumerate(origins):
        sheet, row = origin or (None, 0)
        values = sheet.rows[row][:width] if sheet else ()
        rows.append((*values, *[None] * (width - len(values))))
        if sheet:
            of_percents, of_formats = shown[id(sheet)]
            percents |= {(number, column) for column in of_percents.get(row, ())}
            formats |= {(number, column): text for column, text in of_formats.get(row, ())}
            hidden |= {number} if row in sheet.hidden_rows else set()
        if sheet is raw:
            now[row].append(number)
    merged = tuple((top, left, bottom, right) for top, left, bottom, right in _moved_areas(raw.merged, now))
    warnings = tuple(moved for warning in raw.warnings if (moved := _moved_problem(warning, now)) is not None)
    return replace(raw, rows=tuple(rows), percents=frozenset(percents), formats=formats, hidden_rows=frozenset(hidden), merged=merged, warnings=warnings)


def _by_row(raw: RawSheet) -> tuple[dict[int, list[int]], dict[int, list[tuple[int, str]]]]:
    """Row -> the columns of its percentages; row -> (column, number format)."""
    percents, formats = defaultdict(list), defaultdict(list)
    for row, column in raw.percents:
        percents[row].append(column)
    for (row, column), text in raw.formats.items():
        formats[row].append((column, text))
    return percents, formats


def _moved_areas(areas: Iterable[tuple[int, int, int, int]], now: dict[int, list[int]]) -> Iterator[tuple[int, int, int, int]]:
    """Merged areas where their first and last rows are now; one that has lost either is none any more."""
    for top, left, bottom, right in areas:
        if now.get(top) and now.get(bottom):
            yield now[top][0], left, now[bottom][0], right


def _moved_problem(problem: Problem, now: dict[int, list[int]]) -> Problem | None:
    """What looked odd about a row, at the row's new place; None if the row is gone."""
    place = re.fullmatch(r"(row )?([A-Z]*)([0-9]+)", problem.cell)
    if not place:
        return problem
    found = now.get(int(place[3]) - 1)
    return replace(problem, cell=f"{place[1] or ''}{place[2]}{found[0] + 1}") if found else None


# -- what was changed ------------------------------------------------------------------------------------------------------


def differences(before: Iterable[RawSheet], after: Iterable[RawSheet]) -> list[Difference]:
    """Every cell, row and sheet that differs. Rows that only have moved, because others came or went above them, do not."""
    before, after = tuple(before), tuple(after)
    result, kept = [], set()
    for raw, old in pairs(before, after):
        if old is None:
            result.append(Difference(raw.name, "", None, raw.name, f"Sheet {raw.name} added"))
            old = RawSheet(raw.name, raw.rows[:1])
        else:
            kept.add(old.name)
            if old.name != raw.name:
                result.append(Difference(raw.name, "", old.name, raw.name, f"Sheet {old.name} renamed"))
        if old is not raw:
            result += _of_rows(old, raw)
    return result + [Difference(old.name, "", old.name, None, f"Sheet {old.name} removed") for old in before if old.name not in kept]


def _of_rows(old: RawSheet, new: RawSheet) -> Iterator[Difference]:
    width = max((len(cells) for raw in (old, new) for cells in raw.rows), default=0)
    was, now = (_comparable(raw, width) for raw in (old, new))
    top = next((n for n, (left, right) in enumerate(zip(was, now, strict=False)) if left != right), min(len(was), len(now)))
    most = min(len(was), len(now)) - top
    end = next((n for n in range(most) if was[-1 - n] != now[-1 - n]), most)
    middle = SequenceMatcher(None, was[top:len(was) - end], now[top:len(now) - end], autojunk=False)
    for kind, i1, i2, j1, j2 in middle.get_opcodes():
        if kind == "equal":
            continue
        common = min(i2 - i1, j2 - j1)
        for offset in range(common):
            yield from _of_cells(old, new, top + i1 + offset + 1, top + j1 + offset + 1, width)
        for row in range(top + j1 + common + 1, top + j2 + 1):
            if not all(map(is_blank, new.rows[row - 1])):
                yield Difference(new.name, f"row {row}", None, _in_short(new, row), f"{_title(new, row)} added", 0, row)
        for row in range(top + i1 + common + 1, top + i2 + 1):
            if not all(map(is_blank, old.rows[row - 1])):
                yield Difference(new.name, f"row {row}", _in_short(old, row), None, f"{_title(old, row)} deleted", row, top + j2 + 1)


def _comparable(raw: RawSheet, width: int) -> list[tuple]:
    """Rows that are equal only where their cells are the same: 1 is not TRUE, a formula not its text."""
    def key(value: Any) -> Any:
        return value if value is None or type(value) is str else ("number", value) if type(value) in (int, float) else (type(value).__name__, value)

    return [(*map(key, cells), *[None] * (width - len(cells))) for cells in raw.rows]


def _of_cells(old: RawSheet, new: RawSheet, old_row: int, row: int, width: int) -> Iterator[Difference]:
    left, right = old.rows[old_row - 1], new.rows[row - 1]
    for position in range(width):
        was = left[position] if position < len(left) else None
        now = right[position] if position < len(right) else None
        if not same(was, now):
            yield Difference(new.name, f"{get_column_letter(position + 1)}{row}", was, now, label_of(new, old, row, position + 1, old_row), old_row, row)


def _title(raw: RawSheet, row: int) -> str:
    name = row_name(raw, row)
    return f"{raw.name} {name}: row" if name else f"{raw.name}: row {row}"


def _in_short(raw: RawSheet, row: int) -> str:
    """A row as one text: its filled cells."""
    return ", ".join(str(value) for value in raw.rows[row - 1] if not is_blank(value))


def without_differences(before: Iterable[RawSheet], after: Iterable[RawSheet], chosen: Iterable[Difference]) -> Sheets:
    """The sheets as they are now, but for what was chosen of `differences(before, after)`, which is taken back."""
    before, after = tuple(before), tuple(after)
    was = {raw.name: old for raw, old in pairs(before, after) if old is not None}
    chosen = list(chosen)
    result = after
    for change in (one for one in chosen if one.cell and one.old_row and not one.cell.startswith("row ")):
        row, column = coordinate_to_tuple(change.cell)
        result = with_cell(result, change.sheet, row, column, change.before)
        result = _with(result, _shown_as(_sheet(result, change.sheet), (row - 1, column - 1), was[change.sheet], (change.old_row - 1, column - 1)))
    for change in sorted((one for one in chosen if one.cell.startswith("row ")), key=lambda one: (one.new_row, one.old_row), reverse=True):
        raw = _sheet(result, change.sheet)
        origins = _origins(raw)
        if change.old_row:
            origins.insert(change.new_row - 1, (was[change.sheet], change.old_row - 1))
        else:
            del origins[change.new_row - 1]
        result = _with(result, _arranged(raw, origins))
    for change in (one for one in chosen if not one.cell):
        result = without_change(before, result, change)
    return result


def _shown_as(raw: RawSheet, place: tuple[int, int], old: RawSheet, old_place: tuple[int, int]) -> RawSheet:
    """A sheet with one cell shown as the cell that it was."""
    percents = raw.percents - {place} | ({place} if old_place in old.percents else set())
    formats = {where: text for where, text in raw.formats.items() if where != place}
    if old_place in old.formats:
        formats[place] = old.formats[old_place]
    return replace(raw, percents=percents, formats=formats)
