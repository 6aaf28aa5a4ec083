"""The blank sourcing workbook: every sheet and column of the schema, explained and checked while it is filled in.

Each sheet has an example row, which examples.py marks and no reader counts.
"""

from __future__ import annotations

import datetime as dt
import os
from typing import Any

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from optimizer.files import replace_file
from optimizer.forms.writing import DATE_FORMAT, INK, LINE, MUTED, OPTIONAL, PALE, REQUIRED, Book
from optimizer.intake.rows.examples import MARK, example_row, example_value
from optimizer.schema.defaults import default_in_words
from optimizer.schema.language import FIRST_YEAR, LARGEST_NUMBER, LAST_YEAR, NUMBER_KINDS, Column, Sheet
from optimizer.schema.sheets import INPUTS

ROWS = 1000
"""Rows below the header that carry formats, drop-downs and bounds."""

EXAMPLE = "#FFF8E5"
_EARLIEST_DATE = dt.date(1950, 1, 1)

HOW_TO = (
    "Fill in one sheet after the other, from left to right. Each row is one record; row 1 holds the headers: keep them as they are.",
    "Rest the pointer on a header to read what its column means, its unit, what is allowed and what a blank cell means.",
    "A dark blue header marks a column that every row must fill; a grey one may stay blank: its default then counts.",
    f"The cream rows are examples, their names marked '{MARK.strip()}'. Left as they are they never count; overwrite or delete them.",
    "Quantities are in the unit that you give the material on Materials; all money is in the one currency of Settings.",
    "Shares and rates are percentages: type 35% (or 0.35). Cells of such columns show the percentage.",
    "Dates: 2027-04-01, or a label such as 2027-04 or 2027-Q2, which means its first day (in 'to' and 'latest_start' its last).",
    "Names are matched without regard to capitals. A name used on one sheet must stand on the sheet that it refers to.",
    "Several values in one cell (blocs, countries, suppliers, materials, uses) are separated by commas; a blank cell means any.",
    "You may delete optional sheets and columns, and add sheets of your own (notes, sources): they travel along with the plan.",
)


def write_template(path: str | os.PathLike) -> None:
    """Write the blank sourcing workbook to `path`."""
    replace_file(path, template_bytes())


def template_bytes() -> bytes:
    """The blank sourcing workbook as a file's content."""
    book = Book("Sourcing workbook")
    _read_me(book)
    for sheet in INPUTS:
        page = book.sheet_of(sheet.name, 2 if sheet.settings else len(sheet.columns))
        if sheet.settings:
            _settings(book, page, sheet)
        else:
            _table(book, page, sheet)
    return book.data()


def header_note(column: Column, sheet: Sheet | None = None) -> str:
    """The cell note of a header: its meaning, unit, what is allowed, and what a blank cell means."""
    lines = [column.help]
    if column.unit:
        lines.append(f"Unit: {unit_in_words(column.unit)}.")
    lines.append(f"Allowed: {column.allowed()}.")
    if column.refers:
        lines.append(f"Must stand in {' or '.join(column.refers)}.")
    lines.append("Required." if column.required else f"If blank: {default_in_words(column)}.")
    if sheet is not None:
        lines.insert(0, f"{sheet.name}: {sheet.help}\n")
    return "\n".join(lines)


def unit_in_words(unit: str) -> str:
    """A unit of the schema for a reader who has no case before him."""
    return unit.replace("{currency}", "currency").replace("{unit}", "unit of the material")


def number_format(column: Column) -> str:
    """The Excel number format of a column's cells."""
    if column.kind in ("date", "last_date"):
        return DATE_FORMAT
    if column.percent_decimals is not None:
        return f"0.{'0' * column.percent_decimals}%"
    if column.kind == "number":
        return "#,##0.######" if column.unit in ("share", "times") else "General"
    return "General"


def _read_me(book: Book) -> None:
    """The first sheet: how to fill in the others."""
    page = book.sheet("Read me")
    page.hide_gridlines(2)
    page.set_column(0, 0, 14)
    page.set_column(1, 1, 118)
    book.put(page, 0, 0, "How to fill in this sourcing workbook", bold=True, font_size=16, font_color=INK)
    page.set_row(0, 26)
    for number, line in enumerate(HOW_TO, start=1):
        book.put(page, number + 1, 0, number, align="left", valign="top", font_color=MUTED, indent=1)
        book.put(page, number + 1, 1, line, text_wrap=True, valign="top")
        page.set_row(number + 1, 31 if len(line) > 128 else 16)
    row = len(HOW_TO) + 3
    book.put(page, row, 0, "Sheet", bold=True, bottom=1, bottom_color=LINE)
    book.put(page, row, 1, "What it holds", bold=True, bottom=1, bottom_color=LINE)
    for sheet in INPUTS:
        row += 1
        page.write_url(row, 0, f"internal:'{sheet.name}'!A1", book.format(font_color=REQUIRED, underline=1), sheet.name)
        book.put(page, row, 1, f"{'Required' if sheet.required else 'Optional'}. {sheet.help}")
    row += 2
    for colour, ink, meaning in (
        (REQUIRED, "#FFFFFF", "A column that every row must fill"),
        (OPTIONAL, "#FFFFFF", "A column that may stay blank"),
        (EXAMPLE, INK, "An example to overwrite or delete; it does not count"),
    ):
        book.put(page, row, 0, "Colour", bg_color=colour, font_color=ink, align="center", border=1, border_color=LINE)
        book.put(page, row, 1, meaning)
        row += 1


def _header(book: Book, page: Worksheet, position: int, name: str, note: str, required: bool) -> None:
    """One header cell with its note."""
    book.put(
        page, 0, position, name, bold=True, font_color="#FFFFFF", bg_color=REQUIRED if required else OPTIONAL, border=1, border_color=LINE, valign="vcenter"
    )
    lines = sum(1 + len(line) // 46 for line in note.split("\n"))
    page.write_comment(0, position, note, {"author": "", "width": 290, "height": 16 * lines + 14, "font_size": 9, "color": "#FFFFE8"})


def _freeze(page: Worksheet, columns: int) -> None:
    page.set_row(0, 22)
    page.freeze_panes(1, columns)


def _settings(book: Book, page: Worksheet, sheet: Sheet) -> None:
    """The Settings sheet: each setting with its default or example, its help as a note."""
    _header(book, page, 0, "setting", f"{sheet.name}: {sheet.help}\nThe name of a setting. Keep the names as they are.\nRequired.", True)
    note = "The value of the setting. Rest the pointer on a setting's name to read what it means.\nBlank: the setting's default."
    _header(book, page, 1, "value", note, True)
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 34)
    for row, column in enumerate(sheet.columns, start=1):
        value = column.example if column.example is not None else column.default
        ink = REQUIRED if column.required else INK
        book.put(page, row, 0, column.name, bold=column.required, font_color=ink, bg_color=PALE, border=1, border_color=LINE)
        page.write_comment(row, 0, header_note(column), {"author": "", "width": 290, "height": 110, "font_size": 9, "color": "#FFFFE8"})
        book.put(page, row, 1, example_value(column, value), num_format=number_format(column), align="left", bg_color=EXAMPLE, border=1, border_color=LINE)
        _validate(page, row, row, 1, column)
    _freeze(page, 1)


def _table(book: Book, page: Worksheet, sheet: Sheet) -> None:
    """A sheet of records: headers, one example row, and formats and checks for the rows to come."""
    examples = example_row(sheet)
    for position, column in enumerate(sheet.columns):
        look = {"num_format": number_format(column), "align": "left" if column.kind not in NUMBER_KINDS else "right"}
        example = examples[column.name]
        width = max(len(column.name) * 1.15 + 3, len(str(example or "")) * 1.05 + 3, 11)
        page.set_column(position, position, min(width, 40), book.format(**look))
        _header(book, page, position, column.name, header_note(column, sheet if position == 0 else None), column.required)
        book.put(page, 1, position, example, bg_color=EXAMPLE, border=1, border_color=LINE, **look)
        _validate(page, 1, ROWS, position, column)
    _freeze(page, 1)


def _validate(page: Worksheet, first: int, last: int, position: int, column: Column) -> None:
    """The drop-down, bounds or input message of a column's cells."""
    rule = _rule(column, xl_rowcol_to_cell(first, position))
    if rule:
        page.data_validation(first, position, last, position, {"ignore_blank": True, **rule})


def _rule(column: Column, cell: str) -> dict[str, Any] | None:
    """The data validation of a column whose first cell is `cell`; None where any text may stand."""
    if column.kind in ("choice", "yes_no"):
        words = list(column.choices) or ["yes", "no"]
        return {"validate": "list", "source": words, **_refusal(f"Pick one of: {', '.join(words)}.")}
    if column.kind in ("choices", "names"):
        given = column.choices or (f"names from {' or '.join(column.refers)}",)
        message = f"One or several, separated by commas: {', '.join(given)}. Blank = any."
        return {"validate": "any", "input_title": column.name[:32], "input_message": message[:255]}
    if column.kind == "name" and len(column.refers) == 1:
        message = f"This name does not stand on the sheet and column {column.refers[0]} yet. Keep it anyway?"
        return {"validate": "list", "source": _range(column.refers[0]), "error_type": "warning", **_refusal(message)}
    if column.kind in ("date", "last_date"):
        earliest = (_EARLIEST_DATE - dt.date(1899, 12, 30)).days
        message = "Type a date such as 2027-04-01, or a label such as 2027-Q2. For a whole year put an apostrophe before it: '2027."
        return {"validate": "custom", "value": f"=OR(ISTEXT({cell}),{cell}>={earliest})", **_refusal(message)}
    if column.kind == "year":
        return {"validate": "integer", "criteria": "between", "minimum": FIRST_YEAR, "maximum": LAST_YEAR, **_refusal("Type a fiscal year such as 2027.")}
    return _bounds(column, cell) if column.kind in NUMBER_KINDS else None


def _bounds(column: Column, cell: str) -> dict[str, Any]:
    """The data validation of a number."""
    low = -LARGEST_NUMBER if column.low is None else column.low
    high = LARGEST_NUMBER if column.high is None else column.high
    refusal = _refusal(f"Type {column.allowed()}.")
    if column.above or column.below:
        tests = [f"ISNUMBER({cell})", f"{cell}{'>' if column.above else '>='}{low:.15g}", f"{cell}{'<' if column.below else '<='}{high:.15g}"]
        return {"validate": "custom", "value": f"=AND({','.join(tests)})", **refusal}
    kind = "integer" if column.kind == "whole" else "decimal"
    return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high, **refusal}


def _refusal(message: str) -> dict[str, str]:
    return {"error_title": "Not allowed here", "error_message": message[:255]}


def _range(reference: str) -> str:
    """The cells of a "Sheet.column" of this template."""
    name, column = reference.split(".")
    sheet = next(sheet for sheet in INPUTS if sheet.name == name)
    letter = xl_col_to_name(sheet.columns.index(sheet.column(column)))
    return f"='{name}'!${letter}$2:${letter}${ROWS + 1}"
