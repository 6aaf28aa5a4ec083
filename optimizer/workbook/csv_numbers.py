"""The numbers and days of a .csv file: what its text means where its column wants a number or a date.

A file is written by one program in one language, so that its numbers are all of one kind: where one of them can only have a decimal
comma and none can only have a decimal point, commas are decimal in the whole file. Where the file does not tell, a text that has two
readings stays a text, which is reported at its cell.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator
from typing import Any

from openpyxl.utils.cell import get_column_letter

from optimizer.errors import Problem
from optimizer.workbook.cells import parse_number_text
from optimizer.workbook.numerals import numeral
from optimizer.workbook.raw import declared_sheet
from optimizer.workbook.refusals import sheet_problem
from optimizer.workbook.tables import NUMBER_KINDS, Column
from optimizer.workbook.wanted import header_row, wanted

Rows = tuple[tuple[Any, ...], ...]

_DATES = ("date", "last_date")
_LONGEST_NUMBER = 100
_DOTTED_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")


def with_values(rows: list[list[Any]], name: str) -> tuple[Rows, tuple[Problem, ...]]:
    """Rows of text with numbers and days where their column holds these; in other columns 007 stays a name, 2027 a label.

    Also what is to be said about it: that commas were read as decimal commas.
    """
    sheet = declared_sheet(name)
    if sheet is None or not rows:
        return tuple(map(tuple, rows)), ()
    if sheet.period_columns:
        header = header_row(sheet, rows)
        rows[header] = [_day(text) for text in rows[header]]
    places = list(wanted(sheet, rows, (*NUMBER_KINDS, *_DATES)))
    texts = [rows[row][position] for row, position, column in places if column.kind in NUMBER_KINDS]
    decimal = decimal_sign(text for text in texts if parse_number_text(text) is None)
    first = None
    for row, position, column in places:
        text = rows[row][position]
        if column.kind in _DATES:
            rows[row][position] = _day(text)
            continue
        value = parse_number_text(text) if decimal != "," or text.isdigit() else None
        value = _by_comma(text, column) if value is None and decimal == "," else value
        if value is not None:
            rows[row][position] = value
            if decimal == "," and first is None and "," in text:
                first = (f"{get_column_letter(position + 1)}{row + 1}", text, value)
    return tuple(map(tuple, rows)), tuple(_said(name, first))


def decimal_sign(texts: Any) -> str:
    """The sign before decimals by what the texts can only mean: "," or "."; "" where they do not tell, or contradict each other."""
    signs = {sign for text in texts for sign in (_sign_of(text),) if sign}
    return signs.pop() if len(signs) == 1 else ""


def _sign_of(text: str) -> str:
    """The decimal sign of a text that can be read in one way only; "" where it tells nothing."""
    found = numeral(text) if len(text) <= _LONGEST_NUMBER else None
    if found is None or len(found.values) != 1:
        return ""
    fits = [sign for sign in ",." if (value := _value(text, sign)) is not None and math.isclose(value, found.values[0], rel_tol=1e-12)]
    return fits[0] if len(fits) == 1 else ""


def _value(text: str, sign: str) -> float | None:
    """A text as a number whose decimals stand after `sign`, thousands being grouped by the other one; None if it is none."""
    group = "." if sign == "," else ","
    body = re.sub(r"[^0-9.,eE+-]", "", text).replace(group, "").replace(sign, ".")
    value = parse_number_text(body.lstrip("+-"))
    return None if value is None else value * (-1 if "-" in body[:1] or text.strip().startswith("(") else 1) / (100 if "%" in text else 1)


def _by_comma(text: str, column: Column) -> Any:
    """A text in a file of decimal commas as its column takes it; None where it is no such number, or bears a currency."""
    found = numeral(text) if len(text) <= _LONGEST_NUMBER else None
    if found is None or found.currency:
        return None
    value = _value(text, ",")
    fitting = next((one for one in found.values if value is not None and math.isclose(one, value, rel_tol=1e-12, abs_tol=1e-300)), None)
    if fitting is None:
        return None
    if found.percent:
        return f"{fitting * 100:.15g}%"  # a column of shares takes this text, another refuses it
    return int(fitting) if fitting.is_integer() and abs(fitting) < 1e15 and "," not in text else fitting


def _day(text: Any) -> Any:
    """A day written as 31.12.2027 in the international form: points stand in the languages that begin with the day. All else as it is."""
    found = _DOTTED_DAY.fullmatch(text.strip()) if isinstance(text, str) else None
    if not found:
        return text
    try:
        return dt.date(int(found[3]), int(found[2]), int(found[1])).isoformat()
    except ValueError:
        return text


def _said(name: str, first: tuple[str, str, float] | None) -> Iterator[Problem]:
    """The warning that decimal commas were read, with the first of them."""
    if first:
        cell, text, value = first
        message = f"The numbers of this file have decimal commas: '{text}' is read as {value:.15g}."
        yield sheet_problem(name, cell, message, "", text, f"{value:.15g}", "warning")
