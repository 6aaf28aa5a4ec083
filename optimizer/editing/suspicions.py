"""What may put a warning right with one click: two spellings of a name made one, a sheet given its name, a word in place of another."""

from __future__ import annotations

import re
from collections.abc import Iterator

from openpyxl.utils.cell import coordinate_to_tuple

from optimizer.editing.sheets import Sheets, add_column, column_at, declared, raw_of, rename_sheet, sheet_of, value_at, with_cell, with_cells
from optimizer.errors import Problem
from optimizer.intake.cells.parse import is_blank, shown, tidy
from optimizer.intake.checks.suspicious_offers import CONTRACT_COLUMNS
from optimizer.intake.files.sources import RawSheet
from optimizer.intake.names.spellings import pairs
from optimizer.intake.rows.twins import DOMAINS, columns_of_names
from optimizer.schema.language import Column, Sheet, fold, normalize
from optimizer.schema.sheets import INPUTS, SETTINGS, SUPPLIERS


def of_suspicion(problem: Problem, sheets: Sheets) -> Iterator[tuple[str, Sheets]]:
    """The proposals for a warning, or for a missing sheet of another name: (what a click does, the sheets after it)."""
    if not problem.cell:
        yield from _renamed(problem, sheets)
        return
    raw = sheet_of(sheets, problem.sheet)
    place = re.fullmatch(r"([A-Z]+)([0-9]+)", problem.cell)
    if raw is None or not place:
        return
    row, column = coordinate_to_tuple(problem.cell)
    if problem.fix.startswith("Make them one"):
        for name, after in made_one(sheets, raw.name, row, column):
            yield f"Write {shown(name)} everywhere", after
    known, near = column_at(raw, row, column), re.search(r"Did you mean '(.+)'\?$", problem.fix)
    if near and known is not None and known.kind == "names" and "," in problem.found and "…" not in near[1] + problem.found:
        changed = _in_list(str(value_at(raw, row, column)), problem.found.strip("'"), near[1])
        yield f"Use {shown(near[1])}", with_cell(sheets, raw.name, row, column, changed)
    if problem.fix.startswith("Correct it, unless this supplier"):
        word = re.search(r"but (\w+) in row", problem.message)
        yield f"Use {word[1] if word else 'chinese'}", with_cell(sheets, raw.name, row, column, word[1] if word else "chinese")
    if problem.fix.startswith("Set terms to both"):
        yield from _terms(raw, row, sheets)
    if "scenario_method to listed" in problem.fix:
        yield "Plan for these futures alone (scenario_method listed)", _with_setting(sheets, "scenario_method", "listed")
        cells = {(number, place): None for number in range(2, len(raw.rows) + 1) for place in range(1, len(raw.rows[0]) + 1)}
        yield "Clear the rows, so that the probabilities count", with_cells(sheets, raw.name, cells)


def _renamed(problem: Problem, sheets: Sheets) -> Iterator[tuple[str, Sheets]]:
    """A sheet given the name under which it is read; one of that name without rows gives way."""
    meant = re.search(r"If it is meant as (\w+), rename it\.$", problem.fix)
    asked = re.search(r"Is it the sheet (.+)\? Then rename that one\.$", problem.fix)
    old = next((raw for raw in sheets if (raw.name == problem.sheet if meant else asked and shown(raw.name) == asked[1])), None)
    sheet = declared(meant[1] if meant else problem.sheet)
    if old is None or sheet is None:
        return
    empty = raw_of(sheets, sheet)
    yield f"Rename the sheet {shown(old.name)} to {sheet.name}", rename_sheet(tuple(raw for raw in sheets if raw is not empty), old.name, sheet.name)


def _terms(raw: RawSheet, row: int, sheets: Sheets) -> Iterator[tuple[str, Sheets]]:
    """Contract columns on a spot offer: it sells under contract too, or what says something of a contract goes."""
    position = _position(raw, "terms")
    if position:
        yield "Set terms to both", with_cell(sheets, raw.name, row, position, "both")
    else:
        added = add_column(sheets, raw.name, "terms")
        yield "Set terms to both", with_cell(added, raw.name, row, _position(sheet_of(added, raw.name), "terms"), "both")
    places = [place for place in (_position(raw, name) for name in CONTRACT_COLUMNS) if place]
    yield "Clear what is meant for a contract", with_cells(sheets, raw.name, {(row, place): None for place in places})


def _with_setting(sheets: Sheets, name: str, value: str) -> Sheets:
    """The sheets with a setting in its row, or in a new one."""
    raw = raw_of(sheets, SETTINGS)
    names, values = _position(raw, "setting"), _position(raw, "value")
    if raw is None or not names or not values:
        return sheets
    rows = range(2, len(raw.rows) + 1)
    row = next((row for row in rows if normalize(value_at(raw, row, names) or "") == name), len(raw.rows) + 1)
    return with_cells(sheets, raw.name, {(row, names): name, (row, values): value})


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
        if fold(f"{mark} ".join(parts[start : start + length])) == fold(old) or fold(mark.join(parts[start : start + length])) == fold(old):
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
