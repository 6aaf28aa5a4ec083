"""The numbers and days of a .csv file: what its text means where its column wants a number or a date.

A file is written by one program in one language, so that its numbers are all of one kind: where one of them can only have a decimal
comma and none can only have a decimal point, commas are decimal in the whole file. Where the file does not tell, a text that has two
readings stays a text, which is reported at its cell.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

from openpyxl.utils.cell import get_column_letter

from optimizer.errors import Level, Problem
from optimizer.intake.cells.numerals import Numeral, numeral
from optimizer.intake.cells.parse import parse_number_text
from optimizer.intake.files.csv_text import CsvFault
from optimizer.intake.files.raw import declared_sheet
from optimizer.intake.files.refusals import sheet_problem
from optimizer.intake.files.wanted import header_row, wanted
from optimizer.schema.language import NUMBER_KINDS, Column

MOST_UNCLEAR = 50
"""Numbers of one file with two readings that are listed."""
MOST_ODD = 20_000
"""Numbers of one file that are written otherwise than in digits with a decimal sign: each takes time to make out."""

Rows = tuple[tuple[Any, ...], ...]

_DATES = ("date", "last_date")
_LONGEST_NUMBER = 100
_PLAIN = re.compile(r"[+-]?[0-9]+")
_GROUPED = {
    sign: re.compile(rf"[+-]?[1-9][0-9]{{0,2}}([{group}'\u2019 \u00a0\u202f])[0-9]{{3}}(?:\1[0-9]{{3}})*(?:[{sign}][0-9]+)?") for sign, group in (",.", ".,")
}
_WITH_DECIMALS = {sign: re.compile(rf"[+-]?[0-9]+[{sign}][0-9]+") for sign in ",."}
_DOTTED_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")


def with_values(rows: list[list[Any]], name: str, separator: str) -> tuple[Rows, tuple[Problem, ...]]:
    """Return rows of text with numbers and days where their column holds these; in other columns 007 stays a name, 2027 a label.

    Also what is to be said about it: that commas were read as decimal commas, or which texts are not clear, each with its readings.
    separator: what stands between the values; where it is a comma, 1.250 is one and a quarter.
    """
    sheet = declared_sheet(name)
    if sheet is None or not rows:
        return tuple(map(tuple, rows)), ()
    if sheet.period_columns:
        header = header_row(sheet, rows)
        rows[header] = [_day(text) for text in rows[header]]
    places = list(wanted(sheet, rows, (*NUMBER_KINDS, *_DATES)))
    decimal = decimal_sign(rows[row][position] for row, position, column in places if column.kind in NUMBER_KINDS)
    first, odd = None, 0
    unclear: list[Any] = []
    for row, position, column in places:
        text, cell = rows[row][position], f"{get_column_letter(position + 1)}{row + 1}"
        if column.kind in _DATES:
            rows[row][position] = _day(text)
            continue
        value = _simple(text, decimal)
        if value is None and separator == "," and not decimal:
            value = parse_number_text(text)
        found = _numeral(text) if value is None else None
        odd += value is None
        if odd > MOST_ODD or len(unclear) >= MOST_UNCLEAR:
            fix = "Write numbers as plain digits, such as 1250.5, or save the file with the sheet's cells formatted as General."
            more = sheet_problem(name, "", "The file holds a great many more numbers that are not written as plain digits.", fix, f"from {cell} on")
            raise CsvFault(*unclear, more)
        if found is not None and not decimal and len(found.values) > 1:
            unclear.append(_not_clear(name, cell, column, text, found.values))
            rows[row][position] = found.values[0]  # not to be reported a second time: with this problem nothing is solved
            continue
        if value is None:
            value = parse_number_text(text) if found is None else _by_sign(text, found, decimal) if decimal else _only(text, found)
        if value is not None:
            rows[row][position] = value
            if first is None and isinstance(value, (int, float)) and parse_number_text(text) is None:
                first = (cell, text, value)
    return tuple(map(tuple, rows)), (*unclear, *_said(name, decimal, first))


def _numeral(text: str) -> Numeral | None:
    """Return what a text says as a number; None for one with a currency, which is for the reader of the column."""
    found = numeral(text) if len(text) <= _LONGEST_NUMBER else None
    return None if found is None or found.currency else found


def _not_clear(name: str, cell: str, column: Column, text: str, values: tuple[float, ...]) -> Problem:
    readings = " or ".join(f"{value:.15g}" for value in values)
    message = f"{column.name}: the text '{text.strip()}' may be {readings}, and nothing in the file tells which."
    fix = "Write it without grouping thousands, or write one other number of the file with its decimals, such as 0,5 or 0.5."
    return sheet_problem(name, cell, message, fix, f"'{text.strip()}'", f"a number that can be read in one way: {readings}")


def decimal_sign(texts: Iterable[str]) -> str:
    """Return the sign before decimals by what the texts can only mean: "," or "."; "" where they do not tell, or contradict each other."""
    signs: set[str] = set()
    odd = 0
    for text in texts:
        # A text with one comma and no point tells of a decimal comma or of nothing: what is known already need not be asked again.
        points, commas = text.count("."), text.count(",")
        if not points + commas or (points + commas == 1 and ("." if points else ",") in signs):
            continue
        sign = next((sign for sign in ",." if points and commas and _GROUPED[sign].fullmatch(text)), None)
        odd += sign is None
        signs.add(_sign_of(text) if sign is None and odd <= MOST_ODD else sign or "")
    signs.discard("")
    return signs.pop() if len(signs) == 1 else ""


def _sign_of(text: str) -> str:
    """Return the decimal sign of a text that can be read in one way only; "" where it tells nothing."""
    found = _numeral(text)
    if found is None or len(found.values) != 1:
        return ""
    fits = [sign for sign in ",." if (value := _value(text, sign)) is not None and math.isclose(value, found.values[0], rel_tol=1e-12)]
    return fits[0] if len(fits) == 1 else ""


def _value(text: str, sign: str) -> float | None:
    """Return a text as a number whose decimals stand after `sign`, thousands being grouped by the other one; None if it is none."""
    group = "." if sign == "," else ","
    body = re.sub(r"[^0-9.,eE+-]", "", text).replace(group, "").replace(sign, ".")
    value = parse_number_text(body.lstrip("+-"))
    return None if value is None else value * (-1 if "-" in body[:1] or text.strip().startswith("(") else 1) / (100 if "%" in text else 1)


def _simple(text: str, decimal: str) -> int | float | None:
    """Return a text of digits alone, or with the decimal sign of the file, thousands grouped by the other one: there is no other way to read it."""
    if _PLAIN.fullmatch(text):
        return parse_number_text(text)
    if not decimal:
        return None
    if _WITH_DECIMALS[decimal].fullmatch(text):
        return parse_number_text(text.replace(",", "."))
    return parse_number_text(re.sub(f"[^0-9{decimal}+-]", "", text).replace(",", ".")) if _GROUPED[decimal].fullmatch(text) else None


def _by_sign(text: str, found: Numeral, decimal: str) -> Any:
    """Return a text in a file of which the decimal sign is known, as its column takes it; None where the text does not agree with the sign."""
    value = _value(text, decimal)
    fitting = next((one for one in found.values if value is not None and math.isclose(one, value, rel_tol=1e-12, abs_tol=1e-300)), None)
    if fitting is None:
        return None
    if found.percent:
        return f"{fitting * 100:.15g}%"  # a column of shares takes this text, another refuses it
    return int(fitting) if fitting.is_integer() and abs(fitting) < 1e15 and decimal not in text else fitting


def _only(text: str, found: Numeral) -> int | float | None:
    """Return a text in a file of which the decimal sign is not known: a whole number whose thousands are grouped by neither, such as 5 000 or 5'000.

    A percentage stays as it is written; and where one number of the file contradicts another, neither of them is read.
    """
    value = parse_number_text(text)
    if value is not None or found.percent or re.search("[.,]", text):
        return value
    return int(found.values[0]) if abs(found.values[0]) < 1e15 else found.values[0]


def _day(text: Any) -> Any:
    """Return a day written as 31.12.2027 in the international form: points stand in the languages that begin with the day. All else as it is."""
    found = _DOTTED_DAY.fullmatch(text.strip()) if isinstance(text, str) else None
    if not found:
        return text
    try:
        return dt.date(int(found[3]), int(found[2]), int(found[1])).isoformat()
    except ValueError:
        return text


def _said(name: str, decimal: str, first: tuple[str, str, float] | None) -> Iterator[Problem]:
    """Yield the warning that numbers were not read as Python or SQL would write them, with the first of them."""
    if first:
        cell, text, value = first
        how = "decimal commas" if decimal == "," else "decimal points and grouped thousands" if decimal else "blanks or other signs among their digits"
        yield sheet_problem(name, cell, f"The numbers of this file have {how}: '{text}' is read as {value:.15g}.", "", text, f"{value:.15g}", Level.WARNING)
