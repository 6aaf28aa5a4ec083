"""A sheet of the workbook as an editable grid, and what was typed there back as a sheet.

The grid shows every column of the schema, also those that the file does not have, then the file's own further columns. A grid is
made once and stays as it is while it is edited: `edited` puts what the editor has gathered since then on top of it, so that
nothing which was not typed can change. Rows keep the numbers that they have in Excel; blank rows at the end take new ones.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st
from openpyxl.utils.cell import get_column_letter

from optimizer import (
    INPUTS,
    MATERIALS,
    NUMBER_KINDS,
    PERIOD_COLUMN,
    SETTINGS,
    Column,
    Problem,
    RawSheet,
    Sheet,
    columns_of,
    fold,
    header_note,
    is_blank,
    normalize,
    raw_of,
    safe_text,
    same,
    tidy,
    typed,
    value_at,
    with_cells,
)
from ui import text_data as text
from ui.escape import md, short

ROW, CHECK, ALLOWED, HELP = "Row", "Check", "Allowed", "Help"
SPARE_ROWS = 10
"""Blank rows at the end of a grid, to type new ones into."""

_LARGEST = 2**53
_NUMBER_FORMAT = "%,.12g"
"""Thousands separators, and all decimals that there are but no more."""
_LONGEST_UNIT, _LONGEST_HEADER, _LONGEST_CHECK = 20, 60, 160


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a grid. column: of the schema, None for one that it does not know. position: in the file, counted from 1; None if missing."""

    id: str
    column: Column | None
    position: int | None
    label: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet under edit. rows: the Excel row of each row of `frame`; None = a setting that the file does not have yet."""

    sheet: Sheet
    raw: RawSheet
    fields: tuple[Field, ...]
    rows: tuple[int | None, ...]
    frame: pd.DataFrame
    config: dict[str, Any]

    def with_checks(self, problems: Iterable[Problem]) -> pd.DataFrame:
        """The frame with what is wrong now in each row."""
        found = checks(problems, self.raw.name)
        return self.frame.assign(**{CHECK: [found.get(row, "") for row in self.rows]})


@dataclass(frozen=True, slots=True)
class Terms:
    """What labels and drop-downs need to know of the other sheets. names: "Sheet.column" -> the names that stand there."""

    currency: str
    unit: str
    names: Mapping[str, tuple[str, ...]]


def terms_of(sheets: Iterable[RawSheet]) -> Terms:
    """Currency, the materials' one unit ("material's unit" where there are several) and all names of the sheets."""
    sheets = tuple(sheets)
    settings, names = raw_of(sheets, SETTINGS), {}
    currency = next((row[1] for row in (settings.rows if settings else ()) if len(row) > 1 and not is_blank(row[0]) and normalize(row[0]) == "currency"), None)
    for sheet in INPUTS:
        raw = raw_of(sheets, sheet)
        for column in sheet.columns:
            if raw is not None and not sheet.settings and (column.kind == "name" or column.name == "unit"):
                names[f"{sheet.name}.{column.name}"] = _names(raw, column)
    units = names.get(f"{MATERIALS.name}.unit", ())
    default = SETTINGS.column("currency").default
    return Terms(
        short(currency if not is_blank(currency) else default, _LONGEST_UNIT),
        short(units[0], _LONGEST_UNIT) if len(units) == 1 else text.MATERIALS_UNIT,
        names,
    )


def _names(raw: RawSheet, column: Column) -> tuple[str, ...]:
    position = positions(raw, (column,)).get(column.name)
    found: dict[str, str] = {}
    for row in range(2, len(raw.rows) + 1) if position else ():
        value = as_text(value_at(raw, row, position))
        if not is_blank(value):
            found.setdefault(fold(value), tidy(value))
    return tuple(found.values())


def positions(raw: RawSheet, columns: Iterable[Column]) -> dict[str, int]:
    """Column name -> the first position, counted from 1, whose header means it."""
    headers = [normalize(header) if not is_blank(header) else None for header in (raw.rows[0] if raw.rows else ())]
    return {column.name: headers.index(normalize(column.name)) + 1 for column in columns if normalize(column.name) in headers}


def as_text(value: Any) -> str | None:
    """A cell's value as text that can be edited; None for a blank cell."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return f"{value:.15g}"
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        value = value.date()
    return safe_text(value.isoformat(" ") if isinstance(value, dt.datetime) else value)


def checks(problems: Iterable[Problem], sheet: str) -> dict[int, str]:
    """Row -> what is wrong in it: the column's letter and the message, shortly."""
    found: dict[int, list[str]] = {}
    for problem in problems:
        place = re.fullmatch(r"(?:row )?([A-Z]*)([0-9]+)", problem.cell)
        if problem.sheet == sheet and place:
            found.setdefault(int(place[2]), []).append(f"{place[1]}: {problem.message}" if place[1] else problem.message)
    return {row: short("; ".join(messages), _LONGEST_CHECK) for row, messages in found.items()}


def label(column: Column, terms: Terms) -> str:
    """A column's header in plain words with its unit, a star where every row must fill it."""
    words = column.name.replace("_", " ").capitalize()
    unit = column.unit.replace("{currency}", terms.currency).replace("{unit}", terms.unit)
    if unit in ("share", "share per year", "per year"):
        unit = text.SHARE if unit == "share" else text.SHARE_PER_YEAR
    return f"{words}{f' ({unit})' if unit else ''}{' *' if column.required else ''}"


# -- from a sheet to its grid ----------------------------------------------------------------------------------------------


def grid_of(sheet: Sheet, raw: RawSheet, terms: Terms, only: Iterable[int] | None = None) -> Grid:
    """A sheet as a grid. only: the rows to show; without it all, and blank ones to type new rows into."""
    if sheet.settings:
        return _settings_grid(sheet, raw, terms, only)
    fields = tuple(_field(raw, field, terms) for field in _fields(sheet, raw, terms))
    height = max(len(raw.rows), 1)
    rows = tuple(range(2, height + 1 + SPARE_ROWS)) if only is None else tuple(row for row in only if row > 1)
    data, config = _first_columns(rows)
    for field in fields:
        values = [value_at(raw, row, field.position) if field.position else None for row in rows]
        data[field.id] = _series(field, values)
        config[field.id] = _config(field, values, terms)
    return Grid(sheet, raw, fields, rows, pd.DataFrame(data), config)


def _first_columns(rows: tuple[int | None, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The row's number and what is wrong in it."""
    data = {ROW: pd.Series(rows, dtype="Int64"), CHECK: pd.Series([""] * len(rows), dtype="str")}
    config = {
        ROW: st.column_config.NumberColumn(text.ROW, help=text.ROW_HELP, disabled=True, pinned=True, width=50, format="%d"),
        CHECK: st.column_config.TextColumn(text.CHECK, help=text.CHECK_HELP, disabled=True, width=130),
    }
    return data, config


def _fields(sheet: Sheet, raw: RawSheet, terms: Terms) -> list[Field]:
    """The schema's columns, then the file's own."""
    at = positions(raw, columns_of(sheet))
    fields = [Field(column.name, column, at.get(column.name), label(column, terms)) for column in columns_of(sheet)]
    width = max(map(len, raw.rows), default=0)
    for position in range(1, width + 1):
        header = value_at(raw, 1, position)
        if position in at.values() or (is_blank(header) and all(is_blank(value_at(raw, row, position)) for row in range(2, len(raw.rows) + 1))):
            continue
        column = PERIOD_COLUMN if sheet.period_columns and not is_blank(header) else None
        words = text.no_header(get_column_letter(position)) if is_blank(header) else short(as_text(header), _LONGEST_HEADER)
        fields.append(Field(f"column {position}", column, position, f"{words} ({terms.unit})" if column else words))
    return fields


def _field(raw: RawSheet, field: Field, terms: Terms) -> Field:
    """The field, as a column of numbers where its cells hold nothing else."""
    wants_number = field.column is not None and field.column.kind in (*NUMBER_KINDS, "year")
    values = [value_at(raw, row, field.position) for row in range(2, len(raw.rows) + 1)] if field.position else []
    number = wants_number and all(value is None or _plain_number(value) for value in values)
    return Field(field.id, field.column, field.position, field.label, number)


def _plain_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and abs(value) < _LARGEST


def _series(field: Field, values: list[Any]) -> pd.Series:
    if field.number:
        return pd.Series([math.nan if value is None else float(value) for value in values], dtype="float64")
    return pd.Series([_shown(field, value) for value in values], dtype="str")


def _shown(field: Field, value: Any) -> str | None:
    """A value as the grid's text; yes and no as the schema spells them."""
    if isinstance(value, bool) and field.column is not None and field.column.kind == "yes_no":
        return "yes" if value else "no"
    return as_text(value)


def _config(field: Field, values: list[Any], terms: Terms) -> Any:
    """How a column is shown and edited."""
    column = field.column
    if column is None:
        return st.column_config.TextColumn(short(field.label, 80), help=text.OWN_COLUMN)
    note = md(header_note(column), 600)
    if field.number:
        return _number_config(field, [value for value in values if value is not None], note)
    options = _options(column, terms)
    if options is not None:
        present = [shown for value in values if not is_blank(shown := _shown(field, value))]
        return st.column_config.SelectboxColumn(short(field.label, 80), help=note, options=list(dict.fromkeys([*options, *present])))
    return st.column_config.TextColumn(short(field.label, 80), help=note)


def _number_config(field: Field, values: list[float], note: str) -> Any:
    """Bounds hold for what is typed; where a number in the file is beyond them they are left to the check, which says so."""
    column = field.column
    within = all((column.low is None or value >= column.low) and (column.high is None or value <= column.high) for value in values)
    return st.column_config.NumberColumn(
        short(field.label, 80), help=note, format="%d" if column.kind == "year" else _NUMBER_FORMAT,
        min_value=column.low if within else None, max_value=column.high if within else None,
    )


def _options(column: Column, terms: Terms) -> tuple[str, ...] | None:
    """The words of a drop-down; None where any text may be typed."""
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
    for row in range(2, len(raw.rows) + 1):
        name = value_at(raw, row, at[name_column.name]) if name_column.name in at else None
        if (not all(map(is_blank, raw.rows[row - 1]))) and (wanted is None or row in wanted):
            named[row] = as_text(name) or ""
    known = {normalize(column.name): column for column in sheet.columns}
    missing = [] if only is not None else [column.name for column in sheet.columns if normalize(column.name) not in set(map(normalize, named.values()))]
    rows: tuple[int | None, ...] = (*named, *[None] * len(missing))
    names = [*named.values(), *missing]
    name, value = name_column.name, value_column.name
    fields = (Field(name, name_column, at.get(name), text.SETTING), Field(value, None, at.get(value), text.VALUE))
    data, config = _first_columns(rows)
    columns = [known.get(normalize(name)) for name in names]
    data[name_column.name] = pd.Series(names, dtype="str")
    data[value] = pd.Series([as_text(value_at(raw, row, at[value])) if row and value in at else None for row in rows], dtype="str")
    data[ALLOWED] = pd.Series([text.allowed(column, terms.currency) if column else "" for column in columns], dtype="str")
    data[HELP] = pd.Series([column.help if column else text.NO_SETTING for column in columns], dtype="str")
    config |= {
        name_column.name: st.column_config.TextColumn(text.SETTING, disabled=True),
        value_column.name: st.column_config.TextColumn(text.VALUE, help=text.VALUE_HELP),
        ALLOWED: st.column_config.TextColumn(text.ALLOWED, disabled=True, width="medium"),
        HELP: st.column_config.TextColumn(text.MEANING, disabled=True, width="large"),
    }
    return Grid(sheet, raw, fields, rows, pd.DataFrame(data), config)


# -- from what was typed to the sheet --------------------------------------------------------------------------------------


def edited(grid: Grid, typed_rows: Mapping[Any, Mapping[str, Any]]) -> RawSheet:
    """The grid's sheet with what was typed since it was made: row of the frame -> column -> value. All else stays as it was."""
    fields = {field.id: field for field in grid.fields}
    at = {field.id: field.position for field in grid.fields}
    width, height = max(map(len, grid.raw.rows), default=0), max(len(grid.raw.rows), 1)
    cells: dict[tuple[int, int], Any] = {}

    def position(name: str) -> int:
        """Where a column stands; a missing one gets its header after the last."""
        nonlocal width
        if at[name] is None:
            width += 1
            at[name] = width
            cells[1, width] = fields[name].column.name if fields[name].column else name
        return at[name]

    for index, values in sorted((int(index), values) for index, values in typed_rows.items()):
        row = grid.rows[index]
        found = {name: value for name, value in values.items() if name in fields}
        news = {name: new for name, value in found.items() if (new := _typed(grid, fields[name], index, value)) is not _UNCHANGED}
        if row is None and news:
            height += 1
            row = height
            news = {grid.fields[0].id: grid.frame[grid.fields[0].id][index], **news}
        for name, new in news.items():
            if new is not None or at[name] is not None:
                cells[row, position(name)] = new
    return with_cells((grid.raw,), grid.raw.name, cells)[0] if cells else grid.raw


_UNCHANGED = object()


def _typed(grid: Grid, field: Field, index: int, value: Any) -> Any:
    """The new value of a cell; _UNCHANGED where the editor gives back what it was given."""
    row = grid.rows[index]
    old = value_at(grid.raw, row, field.position) if row and field.position else None
    column = field.column
    if grid.sheet.settings and field is grid.fields[0]:
        return _UNCHANGED  # the names of settings are not typed: a new row takes its own with its value
    if grid.sheet.settings:
        name = normalize(grid.frame[grid.fields[0].id][index])
        column = next((known for known in grid.sheet.columns if normalize(known.name) == name), None)
    new = typed(value, column)
    if same(new, old) or (isinstance(new, str) and new == _shown(field, old)) or (isinstance(value, str) and value == _shown(field, old)):
        return _UNCHANGED
    return new


def rows_left(grid: Grid, typed_rows: Mapping[Any, Any]) -> int:
    """How many of the blank rows at the end are still blank."""
    last = max((int(index) for index in typed_rows), default=-1)
    return len(grid.rows) - 1 - max(last, sum(row is not None and row <= len(grid.raw.rows) for row in grid.rows) - 1)
