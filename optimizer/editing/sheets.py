"""Edit sheets outside Excel: change cells, say what was changed, undo it, and keep sheets as JSON.

Sheets are never changed in place: each step gives new ones, so that an earlier state is still there to go back to.
file.py writes the planner's file with the changes; repairs.py proposes what may put a problem right.
"""

from __future__ import annotations

import datetime as dt
import math
import numbers
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from openpyxl.styles.numbers import is_date_format
from openpyxl.utils.cell import coordinate_to_tuple, get_column_letter

from optimizer.editing.entry import Percentage
from optimizer.errors import Problem
from optimizer.intake.cells.headers import SETTING_COLUMNS, Context, columns_of, header_row, is_marked, match
from optimizer.intake.cells.parse import Formula, is_blank, shown
from optimizer.intake.files.raw import RawSheet, declared_sheet
from optimizer.schema.language import Column, Sheet, normalize
from optimizer.schema.sheets import SETTINGS

Sheets = tuple[RawSheet, ...]

PERCENT_FORMAT = "0.00%"
"""The number format that a cell gets when a percentage is typed into it."""
PERIOD_COLUMN = Column("quantity", "number", "The quantity of that period, in place of the computed one.", "{unit}", low=0)
"""What a further column of a sheet with periods holds."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two versions of the sheets.

    cell: such as D4; "" for a whole sheet that was added, removed or renamed. before, after: the values, None = blank; for a
    whole sheet its names. label: what row and column mean in words, such as "Budget 2027: amount".
    """

    sheet: str
    cell: str
    before: Any
    after: Any
    label: str


def sheet_of(sheets: Iterable[RawSheet], name: str) -> RawSheet | None:
    """Return the sheet of that very name; None if there is none."""
    return next((raw for raw in sheets if raw.name == name), None)


def raw_of(sheets: Iterable[RawSheet], sheet: Sheet) -> RawSheet | None:
    """Return the sheet that is read as one of the schema; None if it is missing."""
    return next((raw for raw in sheets if normalize(raw.name) == normalize(sheet.name)), None)


def value_at(raw: RawSheet, row: int, column: int) -> Any:
    """Return the value of a cell, its row and column counted from 1; None beyond the sheet's edge."""
    return raw.rows[row - 1][column - 1] if row <= len(raw.rows) and column <= len(raw.rows[row - 1]) else None


def column_at(raw: RawSheet, row: int, column: int) -> Column | None:
    """Return the column of the schema by which a cell is read; None where none is: in headers and on sheets that are not read."""
    sheet = declared_sheet(raw.name)
    top = headers_in(raw)
    header = value_at(raw, top, column)
    if sheet is None or row <= top or is_blank(header) or is_marked(header):
        return None
    meant = match(header, columns_of(sheet), Context())
    found = meant.column if meant else None
    if found is not None and meant.measure is not None and meant.measure.top is not None and meant.measure.top.kind == "percent":
        found = replace(found, kind="number", low=None, high=None)  # under Growth (%) the number 2 is 2%
    if sheet.settings and found is SETTING_COLUMNS[1]:
        names = [position for position, text in enumerate(raw.rows[top - 1], start=1) if normalize(text) == SETTING_COLUMNS[0].name]
        setting = value_at(raw, row, names[0]) if names else None
        return next((known for known in SETTINGS.columns if not is_blank(setting) and normalize(known.name) == normalize(setting)), found)
    return found or (PERIOD_COLUMN if sheet.period_columns else None)


def column_positions(raw: RawSheet) -> dict[str, int]:
    """Return the first position, counted from 1, whose header means each column of the schema, with or without a unit of its own."""
    sheet = declared_sheet(raw.name)
    found: dict[str, int] = {}
    if sheet is not None and raw.rows:
        for position, header in enumerate(raw.rows[headers_in(raw) - 1], start=1):
            meant = None if is_blank(header) or is_marked(header) else match(header, columns_of(sheet), Context())
            if meant is not None:
                found.setdefault(meant.column.name, position)
    return found


def headers_in(raw: RawSheet) -> int:
    """Return the number of the row that holds a sheet's headers: 1, but for titles above them."""
    sheet = declared_sheet(raw.name)
    return 1 if sheet is None else header_row(sheet, raw.rows)


def with_cell(sheets: Iterable[RawSheet], sheet_name: str, row: int, column: int, value: Any) -> Sheets:
    """Return the sheets with one cell changed, its row and column counted from 1. The sheet grows where needed; KeyError if it is not there."""
    return with_cells(sheets, sheet_name, {(row, column): value})


def with_address(sheets: Iterable[RawSheet], sheet_name: str, cell: str, value: Any) -> Sheets:
    """Return the same for a cell named as Excel does, such as D4."""
    return with_cells(sheets, sheet_name, {coordinate_to_tuple(cell): value})


def with_cells(sheets: Iterable[RawSheet], sheet_name: str, values: dict[tuple[int, int], Any]) -> Sheets:
    """Return the same for several cells of a sheet: (row, column) -> value. A Percentage is shown as one, what is no number no longer."""
    sheets = tuple(sheets)
    raw = sheet_of(sheets, sheet_name)
    if raw is None:
        raise KeyError(sheet_name)
    changed = _changed(raw, values)
    return tuple(changed if one is raw else one for one in sheets)


def _changed(raw: RawSheet, values: dict[tuple[int, int], Any]) -> RawSheet:
    filled = [place for place, value in values.items() if value is not None]
    height = max([len(raw.rows), *(row for row, _ in filled)])
    width = max([*(len(cells) for cells in raw.rows), *(column for _, column in filled)], default=0)
    grid = [list(cells) + [None] * (width - len(cells)) for cells in raw.rows]
    grid += [[None] * width for _ in range(height - len(grid))]
    percents, formats = set(raw.percents), dict(raw.formats)
    for (row, column), value in values.items():
        if row <= height and column <= width:
            grid[row - 1][column - 1] = float(value) if isinstance(value, Percentage) else value
            if isinstance(value, Percentage):
                percents.add((row - 1, column - 1))
                if "%" not in formats.get((row - 1, column - 1), ""):
                    formats[row - 1, column - 1] = PERCENT_FORMAT
            elif isinstance(value, bool) or not isinstance(value, numbers.Real):
                percents.discard((row - 1, column - 1))
                formats.pop((row - 1, column - 1), None)
            elif is_date_format(formats.get((row - 1, column - 1))):
                del formats[row - 1, column - 1]  # the cell becomes a number: edit_file.py takes the date's format away, too
    return replace(raw, rows=tuple(map(tuple, grid)), percents=frozenset(percents), formats=formats)


def add_sheet(sheets: Iterable[RawSheet], sheet: Sheet) -> Sheets:
    """Return the sheets with one of the schema added, its headers in row 1; as they are if it is there already."""
    sheets = tuple(sheets)
    if raw_of(sheets, sheet) is not None:
        return sheets
    return (*sheets, RawSheet(sheet.name, (tuple(column.name for column in columns_of(sheet)),)))


def rename_sheet(sheets: Iterable[RawSheet], old: str, new: str) -> Sheets:
    """Return the sheets with one of them renamed; what was odd about it keeps pointing at it."""

    def moved(warning: Problem) -> Problem:
        return replace(warning, sheet=new) if warning.sheet == old else warning

    return tuple(replace(raw, name=new, warnings=tuple(map(moved, raw.warnings))) if raw.name == old else raw for raw in sheets)


def add_column(sheets: Iterable[RawSheet], sheet_name: str, header: str) -> Sheets:
    """Return the sheets with a header put into the first free column of a sheet."""
    raw = sheet_of(sheets, sheet_name)
    if raw is None:
        raise KeyError(sheet_name)
    return with_cell(sheets, sheet_name, headers_in(raw), max(map(len, raw.rows), default=0) + 1, header)


# -- what was changed ------------------------------------------------------------------------------------------------------


def changes(before: Iterable[RawSheet], after: Iterable[RawSheet]) -> list[Change]:
    """Return every cell and sheet that differs, in the order of the sheets as they are now."""
    before, after = tuple(before), tuple(after)
    result = []
    for raw, old in pairs(before, after):
        if old is None:
            result.append(Change(raw.name, "", None, raw.name, f"Sheet {raw.name} added"))
            headers = raw.rows[:1]
            old = RawSheet(raw.name, headers)
        elif old.name != raw.name:
            result.append(Change(raw.name, "", old.name, raw.name, f"Sheet {old.name} renamed"))
        result += _changes_of_cells(old, raw)
    kept = {old.name for _, old in pairs(before, after) if old is not None}
    return result + [Change(old.name, "", old.name, None, f"Sheet {old.name} removed") for old in before if old.name not in kept]


def pairs(before: Sheets, after: Sheets) -> Iterator[tuple[RawSheet, RawSheet | None]]:
    """Yield each sheet as it is now and as it was. A sheet that kept its place under another name was renamed."""
    now = {raw.name for raw in after}
    for position, raw in enumerate(after):
        old = sheet_of(before, raw.name)
        if old is None and position < len(before) and before[position].name not in now:
            old = before[position]
        yield raw, old


def _changes_of_cells(old: RawSheet, new: RawSheet) -> Iterator[Change]:
    if old.rows == new.rows and old.percents == new.percents and _same_kinds(old, new):
        return
    height = max(len(old.rows), len(new.rows))
    width = max((len(cells) for raw in (old, new) for cells in raw.rows), default=0)
    for row in range(1, height + 1):
        for column in range(1, width + 1):
            was, now = value_at(old, row, column), value_at(new, row, column)
            if not same(was, now):
                yield Change(new.name, f"{get_column_letter(column)}{row}", was, now, label_of(new, old, row, column))


def _same_kinds(old: RawSheet, new: RawSheet) -> bool:
    """Return whether equal rows also hold values of the same kinds: 1 equals TRUE, and a formula its text."""
    return all(same(was, now) for left, right in zip(old.rows, new.rows, strict=True) for was, now in zip(left, right, strict=True))


def same(left: Any, right: Any) -> bool:
    """Return whether two cells hold the same: numbers by value, all else by kind and value."""
    if left is right:
        return True
    if isinstance(left, (int, float)) and isinstance(right, (int, float)) and isinstance(left, bool) == isinstance(right, bool):
        return left == right
    return type(left) is type(right) and left == right


def label_of(new: RawSheet, old: RawSheet, row: int, column: int, old_row: int | None = None) -> str:
    """Return what a cell is, in words: its sheet, what identifies its row, and its column. old_row: where the row stood before, if elsewhere."""
    top = headers_in(new)
    header = value_at(new, top, column)
    what = f"column {get_column_letter(column)}" if is_blank(header) else _word(header)
    if row == top:
        return f"{new.name}: header of column {get_column_letter(column)}"
    names = row_name(new, row) or row_name(old, old_row or row)
    sheet = declared_sheet(new.name)
    if sheet is not None and sheet.settings and names:
        return f"{new.name}: {names}"
    return f"{new.name} {names}: {what}" if names else f"{new.name}, row {row}: {what}"


def row_name(raw: RawSheet, row: int) -> str:
    """Return what identifies a row: the values of its key, or of its required names."""
    sheet = declared_sheet(raw.name)
    if sheet is None or not raw.rows:
        return ""
    keys = sheet.key or tuple(column.name for column in sheet.columns if column.required and column.kind in ("name", "choice", "year"))
    values = []
    for key in keys:
        position = next((p for p, text in enumerate(raw.rows[headers_in(raw) - 1], start=1) if not is_blank(text) and normalize(text) == key), None)
        value = value_at(raw, row, position) if position else None
        if not is_blank(value):
            values.append(_word(value))
    return ", ".join(values)


def _word(value: Any) -> str:
    return shown(value).removeprefix("the date ").strip("'")


def without_change(before: Iterable[RawSheet], after: Iterable[RawSheet], change: Change) -> Sheets:
    """Return the sheets as they are now, but for one change that is taken back."""
    before, after = tuple(before), tuple(after)
    if change.cell:
        row, column = coordinate_to_tuple(change.cell)
        old = next((old for raw, old in pairs(before, after) if raw.name == change.sheet), None)
        back = with_cell(after, change.sheet, row, column, change.before)
        place = (row - 1, column - 1)
        if old is None or not (place in old.percents or place in old.formats):
            return back
        percents = old.percents & {place}
        formats = {place: old.formats[place]} if place in old.formats else {}
        return tuple(replace(raw, percents=raw.percents | percents, formats={**raw.formats, **formats}) if raw.name == change.sheet else raw for raw in back)
    if change.before is None:
        return tuple(raw for raw in after if raw.name != change.sheet)
    if change.after is None:
        return (*after, *(raw for raw in before if raw.name == change.sheet))
    return rename_sheet(after, change.sheet, change.before)


# -- sheets as JSON --------------------------------------------------------------------------------------------------------

_READERS: dict[str, Callable[[Any], Any]] = {
    "formula": Formula,
    "datetime": dt.datetime.fromisoformat,
    "date": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
    "duration": lambda parts: dt.timedelta(*parts),
    "number": float,
}


def sheets_to_json(sheets: Iterable[RawSheet]) -> list[dict[str, Any]]:
    """Return sheets as plain lists, texts and numbers that JSON can hold, nothing lost."""
    return [
        {
            "name": raw.name,
            "rows": [[_plain(value) for value in row] for row in raw.rows],
            "percents": sorted(map(list, raw.percents)),
            "formats": [[row, column, text] for (row, column), text in raw.formats.items()],
            "merged": raw.merged,
            "hidden_rows": sorted(raw.hidden_rows),
            "warnings": [warning.record() for warning in raw.warnings],
        }
        for raw in sheets
    ]


def sheets_from_json(content: Iterable[dict[str, Any]]) -> Sheets:
    """Return the sheets that `sheets_to_json` wrote."""
    return tuple(
        RawSheet(
            one["name"],
            tuple(tuple(_value(value) for value in row) for row in one["rows"]),
            frozenset((row, column) for row, column in one["percents"]),
            tuple(Problem(**warning) for warning in one["warnings"]),
            {(row, column): text for row, column, text in one.get("formats", ())},
            tuple(map(tuple, one.get("merged", ()))),
            frozenset(one.get("hidden_rows", ())),
        )
        for one in content
    )


def _plain(value: Any) -> Any:
    """Return a cell's value as JSON has it; what JSON has no word for becomes {kind: text}."""
    if isinstance(value, Formula):
        return {"formula": str(value)}
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": repr(value)}
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, dt.timedelta):
        return {"duration": [value.days, value.seconds, value.microseconds]}
    kind = next(name for name, cls in (("datetime", dt.datetime), ("date", dt.date), ("time", dt.time)) if isinstance(value, cls))
    return {kind: value.isoformat()}


def _value(content: Any) -> Any:
    if not isinstance(content, dict):
        return content
    ((kind, text),) = content.items()
    return _READERS[kind](text)
