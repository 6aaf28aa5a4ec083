"""Insert, repeat, move and delete rows of a sheet, and say what was changed where rows have moved.

A row takes with it what is known of its cells: percentages, number formats, whether it is hidden, and what looked odd about it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from openpyxl.utils.cell import coordinate_to_tuple, get_column_letter

from optimizer.editing.sheets import Change, Sheets, label_of, pairs, row_name, same, sheet_of, with_cell, without_change
from optimizer.errors import Problem
from optimizer.intake.cells.parse import is_blank
from optimizer.intake.files.sources import RawSheet

_MOST_PAIRS = 10_000
"""Pairs of rows that are compared to find out which row has become which."""
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
    """Return the sheets with blank rows inserted above a row of one of them, counted from 1. KeyError if there is no such sheet."""
    raw = _sheet(sheets, name)
    place = min(max(before - 1, 1), len(raw.rows))
    origins = _origins(raw)
    return _with(sheets, _arranged(raw, [*origins[:place], *[None] * count, *origins[place:]]))


def repeat_rows(sheets: Iterable[RawSheet], name: str, rows: Iterable[int]) -> Sheets:
    """Return the sheets with a copy of each of these rows right below it."""
    raw, chosen = _sheet(sheets, name), {row - 1 for row in rows}
    origins = [origin for number, origin in enumerate(_origins(raw)) for _ in range(2 if number in chosen and number else 1)]
    return _with(sheets, _arranged(raw, origins))


def delete_rows(sheets: Iterable[RawSheet], name: str, rows: Iterable[int]) -> Sheets:
    """Return the sheets without these rows of one of them; those below move up. The headers in row 1 stay."""
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
    """Return a sheet whose rows come from where `origins` says."""
    width = max(map(len, raw.rows), default=0)
    rows, now = [], defaultdict(list)
    percents: set[tuple[int, int]] = set()
    formats: dict[tuple[int, int], str] = {}
    hidden: set[int] = set()
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
    """Return, by row, the columns of its percentages, and its (column, number format) pairs."""
    percents: dict[int, list[int]] = defaultdict(list)
    formats: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for row, column in raw.percents:
        percents[row].append(column)
    for (row, column), text in raw.formats.items():
        formats[row].append((column, text))
    return percents, formats


def _moved_areas(areas: Iterable[tuple[int, int, int, int]], now: dict[int, list[int]]) -> Iterator[tuple[int, int, int, int]]:
    """Yield merged areas where their first and last rows are now; one that has lost either is none any more."""
    for top, left, bottom, right in areas:
        if now.get(top) and now.get(bottom):
            yield now[top][0], left, now[bottom][0], right


def _moved_problem(problem: Problem, now: dict[int, list[int]]) -> Problem | None:
    """Return what looked odd about a row, at the row's new place; None if the row is gone."""
    if not problem.row:
        return problem
    found = now.get(problem.row - 1)
    return replace(problem, cell=f"{problem.cell.removesuffix(str(problem.row))}{found[0] + 1}") if found else None


# -- what was changed ------------------------------------------------------------------------------------------------------


def differences(before: Iterable[RawSheet], after: Iterable[RawSheet]) -> list[Difference]:
    """Return every cell, row and sheet that differs. Rows that only have moved, because others came or went above them, do not."""
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


def rows_moved(before: Iterable[RawSheet], after: Iterable[RawSheet]) -> set[str]:
    """Return the names that sheets had before on which a row stands elsewhere now, because others came or went above it."""
    return {old.name for raw, old in pairs(tuple(before), tuple(after)) if old is not None and any(i != j for i, j, _ in _paired(old, raw) if i and j > 0)}


def _of_rows(old: RawSheet, new: RawSheet) -> Iterator[Difference]:
    width = _width(old, new)
    for old_row, row, equal in _paired(old, new):
        if equal:
            continue
        if old_row and row > 0:
            yield from _of_cells(old, new, old_row, row, width)
        elif not old_row and not all(map(is_blank, new.rows[row - 1])):
            yield Difference(new.name, f"row {row}", None, _in_short(new, row), f"{_title(new, row)} added", 0, row)
        elif old_row and not all(map(is_blank, old.rows[old_row - 1])):
            place = -row  # the row above which it stood
            yield Difference(new.name, f"row {place}", _in_short(old, old_row), None, f"{_title(old, old_row)} deleted", old_row, place)


def _paired(old: RawSheet, new: RawSheet) -> Iterator[tuple[int, int, bool]]:
    """Yield the rows as `_matched` pairs them, and whether they are equal; of equal rows at the top and the end only the first that has moved."""
    if old.rows is new.rows:
        return
    width = _width(old, new)
    was, now = (_comparable(raw, width) for raw in (old, new))
    top = next((n for n, (left, right) in enumerate(zip(was, now, strict=False)) if left != right), min(len(was), len(now)))
    most = min(len(was), len(now)) - top
    end = next((n for n in range(most) if was[-1 - n] != now[-1 - n]), most)
    middle = SequenceMatcher(None, was[top : len(was) - end], now[top : len(now) - end], autojunk=False)
    for kind, i1, i2, j1, j2 in middle.get_opcodes():
        if kind == "equal":
            yield from ((top + i1 + n + 1, top + j1 + n + 1, True) for n in range(i2 - i1))
        else:
            yield from ((i, j, False) for i, j in _matched(was, now, range(top + i1, top + i2), range(top + j1, top + j2)))
    if end and len(was) != len(now):
        yield len(was) - end + 1, len(now) - end + 1, True


def _width(old: RawSheet, new: RawSheet) -> int:
    return max((len(cells) for raw in (old, new) for cells in raw.rows), default=0)


def _matched(was: list[tuple], now: list[tuple], left: range, right: range) -> Iterator[tuple[int, int]]:
    """Yield rows before and after that belong together, counted from 1, in order: first those that are alike, then what stands between them.

    Without a partner a new row comes as (0, row), an old one as (row, -row above which it would come back).
    """
    i, j = left.start, right.start
    for anchor_i, anchor_j in [*_alike(was, now, left, right), (left.stop, right.stop)]:
        common = min(anchor_i - i, anchor_j - j)
        yield from ((i + n + 1, j + n + 1) for n in range(common))
        yield from ((0, row + 1) for row in range(j + common, anchor_j))
        yield from ((row + 1, -(anchor_j + 1)) for row in range(i + common, anchor_i))
        if anchor_i < left.stop:
            yield anchor_i + 1, anchor_j + 1
        i, j = anchor_i + 1, anchor_j + 1


def _alike(was: list[tuple], now: list[tuple], left: range, right: range) -> list[tuple[int, int]]:
    """Return the longest chain of pairs of rows that share at least half of their filled cells; none where that would take long to find."""
    if len(left) == len(right) == 1 or len(left) * len(right) > _MOST_PAIRS:
        return []
    best: dict[tuple[int, int], tuple[int, tuple | None]] = defaultdict(lambda: (0, None))
    for i in reversed(left):
        for j in reversed(right):
            found = max(best[i + 1, j], best[i, j + 1], key=lambda one: one[0])
            filled = sum(value is not None for value in was[i])
            shared = sum(value is not None and value == other for value, other in zip(was[i], now[j], strict=True))
            ahead = best[i + 1, j + 1]
            if filled and 2 * shared >= filled and ahead[0] + shared > found[0]:
                found = (ahead[0] + shared, ((i, j), ahead[1]))
            best[i, j] = found
    chain, pairs_found = best[left.start, right.start][1], []
    while chain:
        pairs_found.append(chain[0])
        chain = chain[1]
    return pairs_found


def _comparable(raw: RawSheet, width: int) -> list[tuple]:
    """Return rows that are equal only where their cells are the same: 1 is not TRUE, a formula not its text."""

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
    """Return a row as one text: its filled cells."""
    return ", ".join(str(value) for value in raw.rows[row - 1] if not is_blank(value))


def without_differences(before: Iterable[RawSheet], after: Iterable[RawSheet], chosen: Iterable[Difference]) -> Sheets:
    """Return the sheets as they are now, but for what was chosen of `differences(before, after)`, which is taken back."""
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
    """Return a sheet with one cell shown as the cell that it was."""
    percents = raw.percents - {place} | ({place} if old_place in old.percents else set())
    formats = {where: text for where, text in raw.formats.items() if where != place}
    if old_place in old.formats:
        formats[place] = old.formats[old_place]
    return replace(raw, percents=percents, formats=formats)
