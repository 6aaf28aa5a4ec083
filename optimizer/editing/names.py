"""Make two spellings of one name one, on every sheet and in every list of the workbook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from optimizer.editing.sheets import Sheets, add_column, column_positions, headers_in, raw_of, value_at, with_cells
from optimizer.errors import UseOneName
from optimizer.intake.cells.parse import is_blank, with_name_replaced
from optimizer.intake.rows.twins import columns_of_names
from optimizer.schema.language import Column, Sheet, fold
from optimizer.schema.sheets import SUPPLIERS


def with_one_name(sheets: Sheets, repair: UseOneName) -> Sheets:
    """Return the sheets with the repair's new spelling in place of the old one in every column that holds such names."""
    old, new = repair.old, repair.new
    if f"{SUPPLIERS.name}.{SUPPLIERS.key[0]}" in repair.columns:
        sheets = _with_offers_apart(sheets, old, new)
    for sheet, column in columns_of_names(repair.columns):
        edits = {}
        for place, text in _texts(sheets, sheet, column):
            changed = with_name_replaced(text, old, new) if column.kind == "names" else new if fold(text) == fold(old) else text
            if changed != text:
                edits[place] = changed
        raw = raw_of(sheets, sheet)
        if edits and raw is not None:
            sheets = with_cells(sheets, raw.name, edits)
    return sheets


def _texts(sheets: Sheets, sheet: Sheet, column: Column) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield the place, (row, column) counted from 1, and the text of each filled cell of a column of the schema."""
    raw = raw_of(sheets, sheet)
    position = column_positions(raw).get(column.name) if raw is not None else None
    if raw is None or position is None:
        return
    for row in range(headers_in(raw) + 1, len(raw.rows) + 1):
        value = value_at(raw, row, position)
        if isinstance(value, str) and not is_blank(value):
            yield (row, position), value


def _with_offers_apart(sheets: Sheets, old: str, new: str) -> Sheets:
    """Return the sheets in which offers that would become one offer are told apart by the column offer, which gets the spelling that goes."""
    raw = raw_of(sheets, SUPPLIERS)
    if raw is None:
        return sheets
    positions = column_positions(raw)
    supplier, material, offer = (positions.get(name) for name in SUPPLIERS.key)
    if supplier is None or material is None:
        return sheets
    rows = range(headers_in(raw) + 1, len(raw.rows) + 1)

    def folded(row: int, position: int | None) -> str:
        value: Any = value_at(raw, row, position) if position else None
        return "" if is_blank(value) else fold(value)

    kept = {(folded(row, material), folded(row, offer)) for row in rows if folded(row, supplier) == fold(new)}
    alike = [row for row in rows if folded(row, supplier) == fold(old) and (folded(row, material), folded(row, offer)) in kept]
    if not alike:
        return sheets
    if offer is None:
        sheets = add_column(sheets, raw.name, SUPPLIERS.key[2])
        offer = max(map(len, raw.rows)) + 1
    names = {row: value_at(raw, row, offer) for row in alike}
    return with_cells(sheets, raw.name, {(row, offer): old if is_blank(name) else f"{name}, {old}" for row, name in names.items()})
