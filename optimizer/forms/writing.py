"""Write Excel files safely: text stays text, and the same content gives the same bytes.

Whatever a planner typed goes through `put`, never through a call that could turn it into a formula or a link.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import numbers
import re
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

INK, MUTED, LINE, PALE, BAR = "#1F2933", "#52606D", "#CBD2D9", "#EEF1F4", "#9AA5B1"
"""Text, secondary text, rules, backgrounds and neutral bars."""

REQUIRED, OPTIONAL = "#0B4F6C", "#5F6C7B"
"""Header backgrounds of columns that must and that may be filled."""

LONGEST_TEXT = 32_767
_A4 = 9
_COLUMNS_A_PAGE = 14
DATE_FORMAT = "yyyy-mm-dd"
_CREATED = dt.datetime(2026, 1, 1)
_FIRST_DAY = dt.datetime(1900, 3, 1)
_CUT = " [cut]"
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def safe_text(value: Any) -> str:
    """Return `value` as text that a cell can hold: no control characters, at most 32,767 characters as Excel counts them."""
    if type(value) is str and len(value) <= LONGEST_TEXT // 2 and value.isprintable():
        return value
    text = _UNSAFE.sub("\ufffd", str(value).replace("\r\n", "\n").replace("\r", "\n"))
    if excel_length(text) <= LONGEST_TEXT:
        return text
    kept = text.encode("utf-16-le")[: 2 * (LONGEST_TEXT - len(_CUT))].decode("utf-16-le", "ignore")
    return kept + _CUT


def excel_length(text: str) -> int:
    """Return the number of characters as Excel counts them (UTF-16 units)."""
    return len(text.encode("utf-16-le", "replace")) // 2


def is_missing(value: Any) -> bool:
    """Return whether a value leaves its cell empty: None, NaN, NaT or no text."""
    return value is None or value == "" or (not isinstance(value, str) and value != value)


class Book:
    """An Excel file under way, in memory until `data`."""

    def __init__(self, title: str = "") -> None:
        self._buffer = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self.workbook = xlsxwriter.Workbook(self._buffer, options)
        self.workbook.set_properties({"title": safe_text(title)[:255], "created": _CREATED})
        self._formats: dict[tuple, Format] = {}

    def format(self, **properties: Any) -> Format:
        """Return the cell format of these properties, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.workbook.add_format(properties)
        return self._formats[key]

    def sheet(self, name: str) -> Worksheet:
        """Return a new sheet at the end, printed one landscape page wide."""
        page = self.workbook.add_worksheet(name)
        page.set_landscape()
        page.set_paper(_A4)
        page.fit_to_pages(1, 0)
        return page

    def sheet_of(self, name: str, columns: int) -> Worksheet:
        """Return a new sheet for a table of so many columns, printed over as many pages side by side as keep it readable."""
        page = self.sheet(name)
        page.fit_to_pages(max(1, math.ceil(columns / _COLUMNS_A_PAGE)), 0)
        page.repeat_rows(0)
        page.repeat_columns(0)
        return page

    def put(self, sheet: Worksheet, row: int, column: int, value: Any, **style: Any) -> None:
        """Write one value by its type: a number, a date, yes or no, or text, which stays text."""
        look = self.format(**style) if style else None
        if type(value) is str and value:
            sheet.write_string(row, column, safe_text(value), look)
        elif is_missing(value):
            sheet.write_blank(row, column, None, look)
        elif type(value) in (float, int) and math.isfinite(value):
            sheet.write_number(row, column, value, look)
        elif isinstance(value, bool) or type(value).__name__ == "bool":
            sheet.write_boolean(row, column, bool(value), look)
        elif isinstance(value, numbers.Real) and math.isfinite(value):
            sheet.write_number(row, column, float(value), look)
        elif _storable_date(value):
            sheet.write_datetime(row, column, value, self.format(**{"num_format": _date_format(value), "align": "left", **style}))
        else:
            sheet.write_string(row, column, safe_text(value), look)

    def put_sum(self, sheet: Worksheet, row: int, column: int, first: int, last: int, value: float, **style: Any) -> None:
        """Write the sum of the cells first..last of a row as a formula, with its value for readers that do not calculate."""
        sheet.write_formula(row, column, f"=SUM({xl_rowcol_to_cell(row, first)}:{xl_rowcol_to_cell(row, last)})", self.format(**style), value)

    def put_across(self, sheet: Worksheet, row: int, first: int, last: int, value: Any, **style: Any) -> None:
        """Write one value into the cells first..last of a row, merged."""
        if last > first:
            sheet.merge_range(row, first, row, last, "", self.format(**style))
        self.put(sheet, row, first, value, **style)

    def data(self) -> bytes:
        """Return the finished file. Nothing can be added after it."""
        self.workbook.close()
        return self._buffer.getvalue()


def _storable_date(value: Any) -> bool:
    """Return whether Excel can hold this as a date or time; NaT and what carries a time zone cannot."""
    if isinstance(value, dt.datetime):
        return value.tzinfo is None and value >= _FIRST_DAY
    if isinstance(value, dt.date):
        return value >= _FIRST_DAY.date()
    return (isinstance(value, dt.time) and value.tzinfo is None) or (isinstance(value, dt.timedelta) and value >= dt.timedelta(0))


def _date_format(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return DATE_FORMAT if value.time() == dt.time() else f"{DATE_FORMAT} hh:mm:ss"
    if isinstance(value, dt.date):
        return DATE_FORMAT
    return "hh:mm:ss" if isinstance(value, dt.time) else "[h]:mm:ss"
