"""Turn what a planner types or pastes into a cell into the value that is kept, and a kept value into the text that is shown for it.

A text that can be read in one way only becomes the number or day that it says. A text with several readings, or none, is kept as it was
typed: it is then a problem at its cell, and `readings_of` gives what it may mean, each to be chosen with one click. Nothing is guessed.
"""

from __future__ import annotations

import datetime as dt
import math
import numbers
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from optimizer.forms.writing import safe_text
from optimizer.intake.cells.months import month_number
from optimizer.intake.cells.numerals import CURRENCY_SIGNS, Numeral, numeral
from optimizer.intake.cells.parse import Formula
from optimizer.schema.language import FIRST_YEAR, LAST_YEAR, NUMBER_KINDS, Column

DATE_KINDS = ("date", "last_date")
_LONGEST = 100
"""Characters of the longest text that may be a number or a day."""

_LIKE_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
_AS_DECLARED = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?|[-_ ]?[qQ][1-4])?")
_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})(?:\2([0-9]{1,2}))?")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/. ])([0-9]{1,2})\2 ?([0-9]{4})")
_SHORT_YEAR = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{2})")
_MONTH_FIRST = re.compile(r"([0-9]{1,2})[-/. ]([0-9]{4})")
_QUARTER = re.compile(r"[qQ]([1-4])[-/. ']*([0-9]{4})|([0-9]{4})[-/. ]?[qQ]([1-4])")
_IN_WORDS = re.compile(
    r"(?:([0-9]{1,2})(?:st|nd|rd|th|er)?[-/. ]+(?:de )?)?([^\W\d_]{3,12})\.?[-/, ]*(?:de )?(?:([0-9]{1,2})(?:st|nd|rd|th)?[-/, ]+)?([0-9]{4})"
)
"""1 April 2027, April 1st, 2027, 12 de enero de 2027."""


class Percentage(float):
    """A number that is shown as a percentage: 0.35 as 35%."""

    __slots__ = ()


def typed(value: Any, column: Column | None, currency: str = "", percent: bool = False) -> Any:
    """Return what was typed into a cell of `column`, as the value that is kept; blank is None.

    currency: the case's; a number that bears its sign or code is taken in a column of money. percent: the cell shows a percentage. A text with
    a percent sign comes as Percentage, a day that is not in the international form as a date or label, all other text as text: a name,
    a list, a word, and whatever is faulty or has several readings. What is no text is kept, NaN as blank.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if not isinstance(value, str):
        return _plain(value)
    if not value.strip():
        return None
    found = readings_of(value, column, currency, percent)
    return found[0] if len(found) == 1 else safe_text(value)


def readings_of(value: Any, column: Column | None, currency: str = "", percent: bool = False) -> tuple[Any, ...]:
    """Return every value of its column that a typed text may mean, the likelier first; () where it means none, or is no text.

    A number above 1 without a percent sign has two in a column of growth, and in a cell that shows a percentage: 5 may be 5% or 500%. In a
    column of names, words or lists a text means itself, which is not told here.
    """
    if column is None or not isinstance(value, str) or isinstance(value, Formula) or len(value) > _LONGEST:
        return ()
    if column.kind in DATE_KINDS:
        return _days(value)
    if column.kind not in (*NUMBER_KINDS, "year"):
        return ()
    found = numeral(value)
    if found is None or not _belongs(found, column, currency):
        return ()
    if found.percent:
        return _possible(map(Percentage, found.values), column)
    plain = tuple(map(_plain, found.values))
    unclear = column.kind == "share" and (percent or (column.high is None and column.low == -1))
    return _possible((one for number in plain for one in ((_hundredth(number), number) if unclear and abs(number) > 1 else (number,))), column)


def _possible(found: Iterable[Any], column: Column) -> tuple[Any, ...]:
    """Return the readings but for those that no share of 0 to 1 can be: 64.162% is no 64162%. Where none is left all stay, for the check to refuse."""
    found = tuple(dict.fromkeys(found))
    fitting = tuple(number for number in found if column.low <= number <= column.high) if column.kind == "share" and column.high is not None else ()
    return fitting or found


def _hundredth(number: float) -> Percentage:
    return Percentage(Decimal(repr(number)).scaleb(-2))


def entry_text(value: Any, column: Column | None = None, percent: bool = False) -> str | None:
    """Return a kept value as the text that is shown and edited for it; None for a blank cell.

    Every digit of a number is shown, without grouping. percent: the file shows it as a percentage. Typed again, the text gives the value.
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return ("yes" if value else "no") if column is not None and column.kind == "yes_no" else "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        if not percent or not math.isfinite(value):
            return str(value) if isinstance(value, int) or not math.isfinite(value) else _digits(Decimal(repr(value)))
        return f"{_digits(Decimal(repr(value)).scaleb(2))}%"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return safe_text(value.isoformat() if isinstance(value, (dt.date, dt.time)) else value)


def _digits(number: Decimal) -> str:
    """Return a number in digits with a decimal point; very large and very small ones with an exponent.

    1.125 is shown as 1.1250, which nobody takes for a grouped thousand, and which has one reading where it is typed or copied.
    """
    plain = f"{number.normalize():f}"
    if len(plain) > 24:
        return f"{number.normalize():e}"
    return f"{plain}0" if _LIKE_THOUSANDS.fullmatch(plain) else plain


def _plain(value: Any) -> Any:
    """Return a number as Excel keeps it: whole ones as whole numbers."""
    if isinstance(value, (bool, Percentage)) or not isinstance(value, numbers.Real):
        return value
    plain = float(value)
    return int(plain) if plain.is_integer() and abs(plain) < 1e15 else plain


def _belongs(found: Numeral, column: Column, currency: str) -> bool:
    """Return whether a column takes a number with this percent sign or currency: shares the one, money of the case's currency the other."""
    if found.percent and column.kind != "share":
        return False
    return not found.currency or (column.unit.startswith("{currency}") and is_currency(found.currency, currency))


def is_currency(sign: str, currency: str) -> bool:
    """Return whether a sign or code means the case's currency."""
    mine, theirs = (CURRENCY_SIGNS.get(word.strip(), word.strip().upper()) for word in (currency, sign))
    return bool(mine) and mine == theirs


# -- days ------------------------------------------------------------------------------------------------------------------


def _days(text: str) -> tuple[Any, ...]:
    """Return the days, or labels of months and quarters, that a text may mean. What is in the form that columns of dates take is itself."""
    text = " ".join(text.split())
    if _AS_DECLARED.fullmatch(text):
        return (text,)
    if found := _YEAR_FIRST.fullmatch(text):
        return _of(found[1], found[3], found[4])
    if found := _QUARTER.fullmatch(text):
        year, quarter = found[2] or found[3], found[1] or found[4]
        return (f"{year}-Q{quarter}",) if _is_year(year) else ()
    if found := _MONTH_FIRST.fullmatch(text):
        return _of(found[2], found[1])
    if found := _YEAR_LAST.fullmatch(text):
        return _once(*_of(found[4], found[3], found[1]), *_of(found[4], found[1], found[3]))
    if found := _SHORT_YEAR.fullmatch(text):
        first, middle, last = found[1], found[3], found[4]
        return _once(*_of(f"20{last}", middle, first), *_of(f"20{last}", first, middle), *_of(f"20{first:0>2}", middle, last))
    found = _IN_WORDS.fullmatch(text)
    month = month_number(found[2]) if found and not (found[1] and found[3]) else None
    return _of(found[4], str(month), found[1] or found[3]) if month else ()


def _once(*days: dt.date) -> tuple[dt.date, ...]:
    return tuple(dict.fromkeys(days))


def _of(year: str, month: str, day: str | None = None) -> tuple[Any, ...]:
    """Return a day, or the label of a month where there is none; () where there is no such day."""
    if not _is_year(year) or not 1 <= int(month) <= 12:
        return ()
    if day is None:
        return (f"{year}-{int(month):02d}",)
    try:
        return (dt.date(int(year), int(month), int(day)),)
    except ValueError:
        return ()


def _is_year(text: str) -> bool:
    return FIRST_YEAR <= int(text) <= LAST_YEAR
