"""Mark the example rows of the blank workbook, and recognise one that was left as it is.

Every name in an example row begins with "Example: ", and the budget is an amount that nobody has, so that no row of a planner's own equals
one. A row that still equals the example of its sheet never counts; one in which anything was changed, added or cleared is the planner's.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from optimizer.calendar import parse_date
from optimizer.intake.cells.numerals import numeral
from optimizer.intake.cells.parse import is_blank
from optimizer.intake.files.sources import RawSheet
from optimizer.schema.language import Column, Sheet, fold, normalize

MARK = "Example: "
_HEADERS_WITHIN, _LONGEST_NUMBER = 20, 30


def example_value(column: Column, value: Any) -> Any:
    """Return an example or default of the schema as the value that its cell holds."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column.kind in ("date", "last_date") and isinstance(value, str):
        day = parse_date(value, "quarter", 1)
        return day if day is not None and day.isoformat() == value else value
    return value


def example_row(sheet: Sheet) -> dict[str, Any]:
    """Return what the example row of a sheet holds, by column, its names marked; None where it is blank."""
    return {
        column.name: MARK + column.example if column.kind in ("name", "names") and column.example else example_value(column, column.example)
        for column in sheet.columns
    }


def without_examples(sheet: Sheet, raw: RawSheet) -> tuple[RawSheet, tuple[int, ...]]:
    """Return a sheet whose untouched example rows are blank, so that all rows keep their numbers; and those rows' numbers in Excel."""
    example = {name: _plain(value) for name, value in example_row(sheet).items()}
    positions = _positions(sheet, raw)
    if sheet.settings or positions is None:
        return raw, ()
    found = [number for number, cells in enumerate(raw.rows, start=1) if _is_example(cells, positions, example)]
    if not found:
        return raw, ()
    blank = (None,) * max(map(len, raw.rows))
    rows = tuple(blank[: len(cells)] if number in found else cells for number, cells in enumerate(raw.rows, start=1))
    return replace(raw, rows=rows), tuple(found)


def _positions(sheet: Sheet, raw: RawSheet) -> dict[int, str] | None:
    """Return the column at each position, from 0, of the row of headers; None where no row has every required column."""
    names = {normalize(column.name): column.name for column in sheet.columns}
    required = {column.name for column in sheet.columns if column.required}
    for cells in raw.rows[:_HEADERS_WITHIN]:
        found = {place: names[normalize(text)] for place, text in enumerate(cells) if not is_blank(text) and normalize(text) in names}
        if required and required <= set(found.values()):
            return found
    return None


def _is_example(cells: tuple[Any, ...], positions: dict[int, str], example: dict[str, Any]) -> bool:
    """Return whether a row equals the example in every column that is there, and holds nothing beside."""
    return any(not is_blank(value) for value in cells) and all(_same(value, example.get(positions.get(place, ""))) for place, value in enumerate(cells))


def _same(value: Any, example: Any) -> bool:
    """Return whether a cell holds what the example does; a number may be written out, as a .csv file has it."""
    plain = _plain(value)
    if isinstance(plain, str) and isinstance(example, float) and len(plain) < _LONGEST_NUMBER:
        written = numeral(plain)
        return written is not None and example in written.values
    return plain == example


def _plain(value: Any) -> Any:
    """Return a value as it is compared: texts as names are, days as days, numbers as numbers."""
    if is_blank(value):
        return None
    if isinstance(value, str):
        return fold(value)
    if isinstance(value, dt.datetime):
        return value.date()
    return value if isinstance(value, (bool, dt.date)) else float(value) if isinstance(value, (int, float)) else value
