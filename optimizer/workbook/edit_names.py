"""The one click that makes two spellings of a name one, on every sheet and in every list that holds it."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.workbook.cells import is_blank, tidy
from optimizer.workbook.edit import Sheets, add_column, declared, raw_of, sheet_of, value_at, with_cells
from optimizer.workbook.schema import INPUTS, SUPPLIERS
from optimizer.workbook.sources import RawSheet
from optimizer.workbook.spellings import pairs
from optimizer.workbook.tables import Column, Sheet, fold, normalize
from optimizer.workbook.twins import DOMAINS, columns_of_names


def made_one(sheets: Sheets, sheet_name: str, row: int, column: int) -> list[tuple[str, Sheets]]:
    """The ways to make the name of a cell and the one that it is a second spelling of one: (the spelling to keep, the sheets then)."""
    raw = sheet_of(sheets, sheet_name)
    sheet = declared(sheet_name)
    name = value_at(raw, row, column) if raw is not None else None
    header = value_at(raw, 1, column) if raw is not None else None
    if sheet is None or not isinstance(name, str) or is_blank(name) or is_blank(header):
        return []
    keys, kind = next(((keys, kind) for keys, kind in DOMAINS.items() if f"{sheet.name}.{normalize(header)}" in keys), ((), ""))
    names = [value for key in keys for _, _, value in _cells(sheets, *_column_of(key)) if isinstance(value, str) and not is_blank(value)]
    pair = next((pair for pair in pairs(map(tidy, names), kind) if fold(pair.name) == fold(name)), None) if keys else None
    if pair is None:
        return []
    return [(new, _with_one_name(sheets, keys, old, new)) for old, new in ((pair.name, pair.first), (pair.first, pair.name))]


def _column_of(key: str) -> tuple[Sheet, Column]:
    sheet = next(sheet for sheet in INPUTS if sheet.name == key.split(".")[0])
    return sheet, sheet.column(key.split(".")[1])


def _cells(sheets: Sheets, sheet: Sheet, column: Column) -> Iterator[tuple[int, int, object]]:
    """Row, column and value of the cells of a column of the schema."""
    raw = raw_of(sheets, sheet)
    position = _position(raw, column.name)
    for row in range(2, len(raw.rows) + 1) if raw is not None and position else ():
        yield row, position, value_at(raw, row, position)


def _position(raw: RawSheet | None, name: str) -> int | None:
    headers = raw.rows[0] if raw is not None and raw.rows else ()
    return next((place for place, text in enumerate(headers, start=1) if not is_blank(text) and normalize(text) == normalize(name)), None)


def _with_one_name(sheets: Sheets, keys: tuple[str, ...], old: str, new: str) -> Sheets:
    """The sheets with one name in place of another in every column and list that may hold it."""
    if "Suppliers.supplier" in keys:
        sheets = _with_offers_apart(sheets, old, new)
    for sheet, column in columns_of_names(keys):
        edits = {}
        for row, position, value in _cells(sheets, sheet, column):
            if isinstance(value, str) and not is_blank(value):
                changed = _in_list(value, old, new) if column.kind == "names" else new if fold(value) == fold(old) else value
                if changed != value:
                    edits[row, position] = changed
        raw = raw_of(sheets, sheet)
        if edits and raw is not None:
            sheets = with_cells(sheets, raw.name, edits)
    return sheets


def _in_list(text: str, old: str, new: str) -> str:
    """A list of names with one of them changed, each name once. A name may hold commas itself."""
    mark = ";" if ";" in text and ";" not in old else ","
    parts, length, found = [tidy(part) for part in text.split(mark)], old.count(mark) + 1, False
    result: list[str] = []
    start = 0
    while start < len(parts):
        if fold(f"{mark} ".join(parts[start:start + length])) == fold(old) or fold(mark.join(parts[start:start + length])) == fold(old):
            result.append(new)
            found, start = True, start + length
        else:
            result.append(parts[start])
            start += 1
    return f"{mark} ".join({fold(part): part for part in result}.values()) if found else text


def _with_offers_apart(sheets: Sheets, old: str, new: str) -> Sheets:
    """The sheets in which offers that would become the same offer have a name of their own: the spelling that goes."""
    raw = raw_of(sheets, SUPPLIERS)
    if raw is None:
        return sheets
    supplier, material, offer = (_position(raw, name) for name in SUPPLIERS.key)
    if not supplier or not material:
        return sheets

    def said(row: int, place: int | None) -> str:
        value = value_at(raw, row, place) if place else None
        return "" if is_blank(value) else fold(value)

    rows = range(2, len(raw.rows) + 1)
    kept = {(said(row, material), said(row, offer)) for row in rows if said(row, supplier) == fold(new)}
    alike = [row for row in rows if said(row, supplier) == fold(old) and (said(row, material), said(row, offer)) in kept]
    if alike and not offer:
        sheets = add_column(sheets, raw.name, "offer")
        offer = _position(raw_of(sheets, SUPPLIERS), "offer")
    words = {row: value_at(raw, row, offer) for row in alike}
    return with_cells(sheets, raw.name, {(row, offer): old if is_blank(word) else f"{word}, {old}" for row, word in words.items()}) if alike else sheets
