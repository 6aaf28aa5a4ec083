"""A sheet of the workbook as an editable grid, and what was typed there back as a sheet.

Every cell is text: the editor would read 0,35 as 35 and drop what it cannot read, so that reading is left to `typed`, which knows the
rules of the file. The grid shows every column of the schema, also those that the file does not have, then the file's own further columns,
then a blank one. A grid is made once and stays as it is while it is edited: `edited` puts what the editor has gathered since then on top
of it, so that nothing which was not typed can change. Rows keep the numbers that they have in Excel; blank rows at the end take new ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st
from openpyxl.utils.cell import get_column_letter

from optimizer.editing import column_at, column_positions, currency_of, entry_text, headers_in, raw_of, same, typed, value_at, with_cells
from optimizer.errors import Problem
from optimizer.forms import header_note
from optimizer.intake import RawSheet, columns_of, is_blank, tidy
from optimizer.schema import INPUTS, MATERIALS, NUMBER_KINDS, Column, Sheet, fold, normalize
from ui.words import data as text
from ui.words.escape import md, short

TICK, ROW, CHECK, ALLOWED, HELP, BEYOND = "Tick", "Row", "Check", "Allowed", "Help", "Beyond"
SPARE_ROWS = 200
"""Blank rows at the end of a grid, to type new ones into or to paste a block."""

_LONGEST_UNIT, _LONGEST_HEADER, _LONGEST_CHECK = 20, 60, 160
_MOST_OPTIONS = 12
"""Names that a column's help lists."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a grid. column: of the schema, None for one that it does not know. position: in the file, counted from 1; None if missing."""

    id: str
    column: Column | None
    position: int | None
    label: str

    @property
    def number(self) -> bool:
        """Return whether the column holds numbers, which stand to the right."""
        return self.column is not None and self.column.kind in (*NUMBER_KINDS, "year")


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet under edit. rows: the Excel row of each row of `frame`; None = a setting that the file does not have yet."""

    sheet: Sheet
    raw: RawSheet
    fields: tuple[Field, ...]
    rows: tuple[int | None, ...]
    frame: pd.DataFrame
    config: dict[str, Any]
    currency: str = ""

    def with_checks(self, problems: Iterable[Problem]) -> pd.DataFrame:
        """The frame with what is wrong now in each row."""
        found = checks(problems, self.raw.name)
        return self.frame.assign(**{CHECK: [found.get(row, "") for row in self.rows]})


@dataclass(frozen=True, slots=True)
class Terms:
    """Names on other sheets that labels and drop-downs need. names: "Sheet.column" -> the names that stand there."""

    currency: str
    unit: str
    names: Mapping[str, tuple[str, ...]]


def terms_of(sheets: Iterable[RawSheet]) -> Terms:
    """Currency, the materials' one unit ("material's unit" where there are several) and all names of the sheets."""
    sheets = tuple(sheets)
    names: dict[str, tuple[str, ...]] = {}
    for sheet in INPUTS:
        raw = raw_of(sheets, sheet)
        for column in sheet.columns:
            if raw is not None and not sheet.settings and (column.kind == "name" or column.name == "unit"):
                names[f"{sheet.name}.{column.name}"] = _names(raw, column)
    units = names.get(f"{MATERIALS.name}.unit", ())
    return Terms(currency_of(sheets), short(units[0], _LONGEST_UNIT) if len(units) == 1 else text.MATERIALS_UNIT, names)


def _names(raw: RawSheet, column: Column) -> tuple[str, ...]:
    position = positions(raw, (column,)).get(column.name)
    found: dict[str, str] = {}
    for row in range(headers_in(raw) + 1, len(raw.rows) + 1) if position else ():
        value = entry_text(value_at(raw, row, position))
        if not is_blank(value):
            found.setdefault(fold(value), tidy(value))
    return tuple(found.values())


def positions(raw: RawSheet, columns: Iterable[Column]) -> dict[str, int]:
    """Column name -> the first position, counted from 1, whose header means it."""
    found = column_positions(raw)
    return {column.name: found[column.name] for column in columns if column.name in found}


def checks(problems: Iterable[Problem], sheet: str) -> dict[int, str]:
    """Row -> what is wrong in it: the column's letter and the message, shortly."""
    found: dict[int, list[str]] = {}
    for problem in problems:
        if problem.sheet == sheet and problem.row:
            column = f"{get_column_letter(problem.column)}: " if problem.column else ""
            found.setdefault(problem.row, []).append(f"{column}{problem.message}")
    return {row: short("; ".join(messages), _LONGEST_CHECK) for row, messages in found.items()}


def label(column: Column, terms: Terms) -> str:
    """A column's header in plain words with its unit, a star where every row must fill it."""
    words = column.name.replace("_", " ").capitalize()
    unit = column.unit.replace("{currency}", short(terms.currency, _LONGEST_UNIT)).replace("{unit}", terms.unit)
    if unit in ("share", "share per year", "per year"):
        unit = text.SHARE if unit == "share" else text.SHARE_PER_YEAR
    return f"{words}{f' ({unit})' if unit else ''}{' *' if column.required else ''}"


# -- from a sheet to its grid ----------------------------------------------------------------------------------------------


def grid_of(sheet: Sheet, raw: RawSheet, terms: Terms, only: Iterable[int] | None = None, by: str | None = None) -> Grid:
    """A sheet as a grid. only: the rows to show; without it all, and blank ones to type new rows into. by: the column that orders them, by
    size where it holds numbers: the editor's own order is that of the alphabet, in which 1000 comes before 200.
    """
    if sheet.settings:
        return _settings_grid(sheet, raw, terms, only)
    fields = tuple(_fields(sheet, raw, terms))
    height = max(len(raw.rows), 1)
    top = headers_in(raw)
    rows = tuple(range(top + 1, height + 1)) if only is None else tuple(row for row in only if row > top)
    at = next((field.position for field in fields if field.id == by), None)
    if at is not None:
        rows = tuple(sorted(rows, key=lambda row: _rank(value_at(raw, row, at))))
    rows = (*rows, *(range(height + 1, height + 1 + SPARE_ROWS) if only is None else ()))
    data, config = _first_columns(rows)
    for field in fields:
        data[field.id] = pd.Series([_shown(raw, row, field) for row in rows], dtype="str")
        config[field.id] = _config(field, terms)
    return Grid(sheet, raw, fields, rows, pd.DataFrame(data), config, terms.currency)


def _rank(value: Any) -> tuple[int, Any]:
    """The place of a value in an order: numbers by size, then texts and days by the alphabet, blanks at last."""
    if is_blank(value):
        return (2, "")
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return (0, value) if number else (1, fold(entry_text(value)))


def _first_columns(rows: tuple[int | None, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the columns that tick a row, number it, and say what is wrong in it.

    The number and the check can be typed into, so that a block which is pasted onto them is noticed: a column that takes nothing would
    swallow the block's first column without a word.
    """
    data = {
        TICK: pd.Series([False] * len(rows), dtype="bool"),
        ROW: pd.Series(["" if row is None else str(row) for row in rows], dtype="str"),
        CHECK: pd.Series([""] * len(rows), dtype="str"),
    }
    config = {
        TICK: st.column_config.CheckboxColumn("", help=text.TICK_HELP, pinned=True, width=30),
        ROW: st.column_config.TextColumn(text.ROW, help=text.ROW_HELP, required=True, pinned=True, width=70, alignment="right"),
        CHECK: st.column_config.TextColumn(text.CHECK, help=text.CHECK_HELP, required=True, width=130),
    }
    return data, config


def _fields(sheet: Sheet, raw: RawSheet, terms: Terms) -> list[Field]:
    """The schema's columns, then the file's own."""
    at = positions(raw, columns_of(sheet))
    top = headers_in(raw)
    fields = [_field(raw, top, column, at.get(column.name), terms) for column in columns_of(sheet)]
    width = max(map(len, raw.rows), default=0)
    for position in range(1, width + 1):
        header = value_at(raw, top, position)
        if position in at.values() or (is_blank(header) and all(is_blank(value_at(raw, row, position)) for row in range(top + 1, len(raw.rows) + 1))):
            continue
        column = column_at(raw, top + 1, position)
        words = text.no_header(get_column_letter(position)) if is_blank(header) else short(entry_text(header), _LONGEST_HEADER)
        fields.append(Field(f"column {position}", column, position, f"{words} ({terms.unit})" if column else words))
    return [*fields, Field(BEYOND, None, None, text.BEYOND)]


def _field(raw: RawSheet, top: int, column: Column, position: int | None, terms: Terms) -> Field:
    """A column of the schema. Where its header in the file bears a unit of its own, the header is its label: the numbers count in that."""
    header = value_at(raw, top, position) if position else None
    if position is None or normalize(header) == normalize(column.name):
        return Field(column.name, column, position, label(column, terms))
    words = f"{short(entry_text(header), _LONGEST_HEADER)}{' *' if column.required else ''}"
    return Field(column.name, column_at(raw, top + 1, position) or column, position, words)


def _shown(raw: RawSheet, row: int | None, field: Field, column: Column | None = None) -> str | None:
    """A cell as the grid's text. column: how it is read, where that is not the field's."""
    if not row or not field.position:
        return None
    return entry_text(value_at(raw, row, field.position), column or field.column, (row - 1, field.position - 1) in raw.percents)


def _config(field: Field, terms: Terms) -> Any:
    """Return the configuration of a column: its heading, and in its help what it means and what it takes."""
    heading = short(field.label, 80)
    if field.column is None:
        return st.column_config.TextColumn(heading, help=text.BEYOND_HELP if field.id == BEYOND else text.OWN_COLUMN)
    names = options(field.column, terms) if field.column.refers else None
    note = header_note(field.column) + (f"\n{text.one_of(names, _MOST_OPTIONS)}" if names else "")
    return st.column_config.TextColumn(heading, help=md(note, 800), alignment="right" if field.number else None)


def options(column: Column | None, terms: Terms) -> tuple[str, ...] | None:
    """The words that a cell of a column may hold; None where any text may be typed."""
    if column is None:
        return None
    if column.kind == "choice":
        return column.choices
    if column.kind == "yes_no":
        return ("yes", "no")
    if column.kind == "name" and column.refers:
        return tuple(name for key in column.refers for name in terms.names.get(key, ()))
    return None


def _settings_grid(sheet: Sheet, raw: RawSheet, terms: Terms, only: Iterable[int] | None) -> Grid:
    """The settings: those of the file in its order, then those that it leaves to their defaults."""
    name_column, value_column = columns_of(sheet)
    at = positions(raw, (name_column, value_column))
    wanted = None if only is None else set(only)
    named = {}
    for row in range(headers_in(raw) + 1, len(raw.rows) + 1):
        name = value_at(raw, row, at[name_column.name]) if name_column.name in at else None
        if (not all(map(is_blank, raw.rows[row - 1]))) and (wanted is None or row in wanted):
            named[row] = entry_text(name) or ""
    known = {normalize(column.name): column for column in sheet.columns}
    missing = [] if only is not None else [column.name for column in sheet.columns if normalize(column.name) not in set(map(normalize, named.values()))]
    rows: tuple[int | None, ...] = (*named, *[None] * len(missing))
    names = [*named.values(), *missing]
    name, value = name_column.name, value_column.name
    fields = (Field(name, name_column, at.get(name), text.SETTING), Field(value, value_column, at.get(value), text.VALUE))
    data, config = _first_columns(rows)
    columns = [known.get(normalize(name)) for name in names]
    data[name_column.name] = pd.Series(names, dtype="str")
    data[value] = pd.Series([_shown(raw, row, fields[1], column) for row, column in zip(rows, columns, strict=True)], dtype="str")
    data[ALLOWED] = pd.Series([text.allowed(column) if column else "" for column in columns], dtype="str")
    data[HELP] = pd.Series([column.help if column else text.NO_SETTING for column in columns], dtype="str")
    config |= {
        name_column.name: st.column_config.TextColumn(text.SETTING, required=True),
        value_column.name: st.column_config.TextColumn(text.VALUE, help=text.VALUE_HELP),
        ALLOWED: st.column_config.TextColumn(text.ALLOWED, required=True, width="medium"),
        HELP: st.column_config.TextColumn(text.MEANING, required=True, width="large"),
    }
    return Grid(sheet, raw, fields, rows, pd.DataFrame(data), config, terms.currency)


# -- from what was typed to the sheet --------------------------------------------------------------------------------------


def edited(grid: Grid, typed_rows: Mapping[Any, Mapping[str, Any]]) -> RawSheet:
    """The grid's sheet with what was typed since it was made: row of the frame -> column -> value. All else stays as it was."""
    fields = {field.id: field for field in grid.fields}
    at = {field.id: field.position for field in grid.fields}
    width, height = max(map(len, grid.raw.rows), default=0), max(len(grid.raw.rows), 1)
    cells: dict[tuple[int, int], Any] = {}

    def position(name: str) -> int:
        """Return the position of a column; a missing one gets its header after the last."""
        nonlocal width
        if at[name] is None:
            width += 1
            at[name] = width
            cells[headers_in(grid.raw), width] = fields[name].column.name if fields[name].column else None
        return at[name]

    for index, values in sorted((int(index), values) for index, values in typed_rows.items()):
        row = grid.rows[index]
        found = {name: value for name, value in values.items() if name in fields}
        news = {name: new for name, value in found.items() if (new := _typed(grid, fields[name], index, value)) is not _UNCHANGED}
        if row is None and news:
            height += 1
            row = height
            news = {grid.fields[0].id: grid.frame[grid.fields[0].id][index], **news}  # a setting takes its name with its value
        for name, new in news.items():
            if new is not None or at[name] is not None:
                cells[row, position(name)] = new
    return with_cells((grid.raw,), grid.raw.name, cells)[0] if cells else grid.raw


_UNCHANGED = object()


def column_of(grid: Grid, field: Field, index: int) -> Column | None:
    """The column by which a cell of the grid is read: that of its field, or of the setting that its row names."""
    if not grid.sheet.settings or field is grid.fields[0]:
        return field.column
    name = normalize(grid.frame[grid.fields[0].id][index])
    return next((known for known in grid.sheet.columns if normalize(known.name) == name), None)


def _typed(grid: Grid, field: Field, index: int, value: Any) -> Any:
    """The new value of a cell; _UNCHANGED where the editor gives back what it was given."""
    row, raw = grid.rows[index], grid.raw
    if grid.sheet.settings and field is grid.fields[0]:
        return _UNCHANGED  # the names of settings are not typed
    there = bool(row and field.position)
    old = value_at(raw, row, field.position) if there else None
    if (value or None) == (grid.frame[field.id][index] or None):
        return _UNCHANGED
    column = column_of(grid, field, index)
    new = typed(value, column, grid.currency, there and (row - 1, field.position - 1) in raw.percents)
    if column is None and isinstance(old, (int, float)) and not isinstance(old, bool):
        new = _as_before(new)
    return _UNCHANGED if same(new, old) else new


def _as_before(value: Any) -> Any:
    """A number typed over a number in a column that is not read is a number, too: formulas of the file may use it."""
    try:
        number = float(value) if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]+(?:[.][0-9]+)?", value.strip()) else None
    except OverflowError:
        number = None
    return value if number is None else int(number) if number.is_integer() and abs(number) < 1e15 else number


# -- what the editor tells besides -----------------------------------------------------------------------------------------


def ticked(grid: Grid, typed_rows: Mapping[Any, Mapping[str, Any]]) -> list[int]:
    """The rows of the file that are ticked; rows below its last have nothing to move."""
    chosen = [grid.rows[int(index)] for index, values in typed_rows.items() if values.get(TICK)]
    return sorted(row for row in chosen if row is not None and row <= len(grid.raw.rows))


def misplaced(grid: Grid, typed_rows: Mapping[Any, Mapping[str, Any]]) -> bool:
    """Return whether something was typed or pasted onto what is not typed: rows' numbers and checks, the names and meanings of settings."""
    fixed = (ROW, CHECK, ALLOWED, HELP, *([grid.fields[0].id] if grid.sheet.settings else []))
    return any(values.get(name) is not None for values in typed_rows.values() for name in fixed)


def cut_off(grid: Grid, before: Mapping[Any, Mapping[str, Any]], now: Mapping[Any, Mapping[str, Any]]) -> bool:
    """Return whether a block that was pasted reached the last row, so that the editor may have left out what lay below."""
    fresh = {int(index) for index, values in now.items() if {**values, TICK: None} != {**before.get(index, {}), TICK: None}}
    return len(fresh) > 1 and len(grid.rows) - 1 in fresh


def rows_left(grid: Grid, typed_rows: Mapping[Any, Any]) -> int:
    """Count the blank rows at the end that are still blank."""
    last = max((int(index) for index, values in typed_rows.items() if set(values) - {TICK}), default=-1)
    return len(grid.rows) - 1 - max(last, sum(row is not None and row <= len(grid.raw.rows) for row in grid.rows) - 1)
