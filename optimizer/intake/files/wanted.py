"""Find the cells of a sheet that the schema wants as a number or a date, for files that do not say the kinds of their values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from optimizer.intake.cells import headers
from optimizer.intake.cells.parse import is_blank
from optimizer.schema.language import Column, Sheet, normalize

_SETTING, _VALUE = "setting", "value"


def header_names(sheet: Sheet) -> set[str]:
    """Return the names that stand in the header row of a sheet."""
    return {_SETTING, _VALUE} if sheet.settings else {column.name for column in sheet.columns}


def header_row(sheet: Sheet, rows: Sequence[Sequence[Any]]) -> int:
    """Return the row of the headers, from 0: that of the first rows in which most of the sheet's columns are named; the first where none is."""
    return headers.header_row(sheet, rows) - 1


def wanted(sheet: Sheet, rows: Sequence[Sequence[Any]], kinds: Sequence[str]) -> Iterator[tuple[int, int, Column]]:
    """Yield row and position from 0, and column, of every filled cell below the headers whose column is of one of these kinds.

    Where periods may head columns, every header that names no column counts as that of a quantity.
    """
    header = header_row(sheet, rows)
    columns = [_column_of(sheet, text) for text in rows[header]] if rows else []
    named = [normalize(text) if not is_blank(text) else "" for text in rows[header]] if rows else []
    keys = named.index(_SETTING) if _SETTING in named else 0
    for number, row in enumerate(rows[header + 1 :], start=header + 1):
        setting = _column_of(sheet, row[keys]) if sheet.settings else None
        for position, value in enumerate(row):
            column = columns[position]
            if sheet.settings:
                column = setting if named[position] == _VALUE else None
            if value is not None and column is not None and column.kind in kinds:
                yield number, position, column


def _column_of(sheet: Sheet, header: Any) -> Column | None:
    """Return the column that a header names; where periods may head columns, any other header counts as a quantity."""
    if is_blank(header):
        return None
    found = headers.match(header, sheet.columns, headers.Context())
    if found is not None:
        return found.column
    return Column(str(header), "number", "") if sheet.period_columns else None
