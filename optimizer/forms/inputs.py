"""Write the sheets of an input into a workbook as they were read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from xlsxwriter.worksheet import Worksheet

from optimizer.forms.plan_sheets import is_ours
from optimizer.forms.writing import LINE, PALE, Book, excel_length, is_missing, safe_text
from optimizer.intake.cells.formats import is_year_alone
from optimizer.intake.files.sources import RawSheet
from optimizer.schema.language import normalize
from optimizer.schema.sheets import INPUTS

_INPUT_TAB = "#CBD2D9"
_INPUT_HEADER = {"bold": True, "bg_color": PALE, "bottom": 1, "bottom_color": LINE}


def add_inputs(book: Book, sheets: Iterable[RawSheet]) -> None:
    """Add the input as it was read, without the sheets that an earlier plan had put beside it."""
    taken = {page.get_name().casefold() for page in book.workbook.worksheets()}
    known = {normalize(sheet.name) for sheet in INPUTS}
    for raw in sheets:
        if is_ours(raw):
            continue
        page = book.sheet_of(free_name(raw.name, taken), max(map(len, raw.rows), default=1))
        page.set_tab_color(_INPUT_TAB)
        header_style = _INPUT_HEADER if normalize(raw.name) in known else {}
        for number, row in enumerate(raw.rows):
            for position, value in enumerate(row):
                if not is_missing(value):
                    book.put(page, number, position, value, **_format_of(raw, number, position, value), **(header_style if number == 0 else {}))
        _merge(book, page, raw)
        if header_style:
            page.freeze_panes(1, 0)
        for position, column in enumerate(zip(*raw.rows[:200], strict=False)):
            longest = max((min(excel_length(str(value)), 60) for value in column if not is_missing(value)), default=0)
            page.set_column(position, position, max(longest + 3, 9))


def _format_of(raw: RawSheet, row: int, position: int, value: Any) -> dict[str, str]:
    """Return the number format of a cell where it says what the value is: a percentage, 007, an amount in euros, a date that is a year."""
    code = raw.formats.get((row, position), "")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return {"num_format": code} if code else {"num_format": "0.00%"} if (row, position) in raw.percents else {}
    return {"num_format": code} if isinstance(value, dt.date) and is_year_alone(code) else {}


def _merge(book: Book, page: Worksheet, raw: RawSheet) -> None:
    """Merge the cells of one column that are read as one value for all their rows."""
    taken: set[tuple[int, int]] = set()
    for top, left, bottom, right in raw.merged:
        places = {(row, left) for row in range(top, min(bottom, len(raw.rows) - 1) + 1)}
        if left != right or len(places) < 2 or left >= len(raw.rows[0]) or places & taken:
            continue
        if all(is_missing(raw.rows[row][left]) for row, _ in places if row > top):
            taken |= places
            page.merge_range(top, left, max(row for row, _ in places), left, "")
            book.put(page, top, left, raw.rows[top][left], valign="top", **_format_of(raw, top, left, raw.rows[top][left]))


def free_name(name: str, taken: set[str]) -> str:
    """Return a sheet name like `name` that Excel accepts and that is not taken; it is taken afterwards."""
    plain = re.sub(r"[\[\]:*?/\\]", "_", safe_text(name)).strip("'") or "Sheet"
    if plain.casefold() == "history":
        plain += "_"
    wanted, number = _short(plain, ""), 1
    while wanted.casefold() in taken:
        wanted = _short(plain, " (input)" if number == 1 else f" (input {number})")
        number += 1
    taken.add(wanted.casefold())
    return wanted


def _short(name: str, ending: str) -> str:
    """Return the name with its ending in the 31 characters that Excel allows."""
    room = 31 - len(ending)
    while excel_length(name) > room:
        name = name[:-1]
    return name + ending
