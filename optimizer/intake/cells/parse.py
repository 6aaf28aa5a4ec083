"""Read one cell as its column has it, and word what is wrong with it.

`parse` gives the value, or raises Fault: what was found, what was expected, and what to do. Nothing is guessed: a number
stored as text is a fault, not a number. (A share written as 35%, a year, a date and a label may be text.)
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from numbers import Real
from typing import Any

from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.utils.datetime import from_excel

from optimizer.calendar import parse_date
from optimizer.errors import Problem, SetCells
from optimizer.intake.cells.numerals import numeral
from optimizer.intake.cells.senses import is_denied, may_be_meant
from optimizer.intake.cells.units import currency_of, same_currency
from optimizer.schema.language import FIRST_YEAR, LARGEST_NUMBER, LAST_YEAR, Column, fold, normalize, visible

_YEARS_AS_DAYS = (dt.date(1905, 3, 14), dt.date(1906, 1, 8))
"""Excel's days number 1900 to 2200: what it shows when a year is typed into a cell that is formatted as a date."""
ERROR_VALUES = frozenset(
    (
        "#REF!",
        "#N/A",
        "#NAME?",
        "#VALUE!",
        "#DIV/0!",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BLOCKED!",
        "#CONNECT!",
        "#UNKNOWN!",
        "#BUSY!",
        "#GETTING_DATA",
    )
)

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_WITH_SEPARATORS = re.compile(r"[+-]?[0-9][0-9.,' _\u00a0\u202f]*")
_LONGEST_SHOWN = 60
_FIRST_LETTERS = 20
_LONGEST_NUMBER = 100


class Formula(str):
    """A formula that no program has calculated yet, as its text. It has no value."""

    __slots__ = ()


class Fault(Exception):
    """Say what is wrong with a cell: found, expected, and the fix as a sentence.

    readings: the values that the cell may be meant to hold, the likeliest first; None = blank.
    """

    def __init__(self, found: str, expected: str, fix: str, readings: Iterable[Any] = ()) -> None:
        super().__init__(found, expected, fix)
        self.found, self.expected, self.fix, self.readings = found, expected, fix, tuple(readings)

    def problem(self, sheet: str, cell: str, subject: str) -> Problem:
        """Return the same as a problem of `subject`, a column or setting, at its place."""
        message = f"{subject}: found {self.found}, expected {self.expected}. {self.fix}"
        return Problem(sheet, cell, message, self.found, self.expected, self.fix, repairs=self._repairs(cell))

    def _repairs(self, cell: str) -> tuple[SetCells, ...]:
        """Return a click for each reading, at the fault's cell."""
        if not self.readings or not re.fullmatch(r"[A-Z]{1,3}[0-9]+", cell):
            return ()  # a setting given beside the workbook has no cell
        row, column = coordinate_to_tuple(cell)
        # Of two readings each is written so that nobody takes it for the other: 25 or 25,000.
        words = [f"{value:,.15g}" if len(self.readings) > 1 and isinstance(value, Real) else shown(value) for value in self.readings]
        return tuple(SetCells(f"Use {word}", ((row, column, value),)) for word, value in zip(words, self.readings, strict=True))


@dataclass(frozen=True, slots=True)
class Labels:
    """Say what a bare year means in this case: a fiscal year where the periods are years, else a calendar year. currency: the case's, "" if unknown."""

    period: str = "quarter"
    fiscal_year_start_month: int = 1
    currency: str = ""

    def day(self, text: str, last: bool) -> dt.date | None:
        """Return the first or last day that a date's text or a label means; None if it is neither."""
        return parse_date(text, self.period, self.fiscal_year_start_month, last=last)


def is_blank(value: Any) -> bool:
    """Return whether a cell holds nothing, or blanks and what nobody sees alone."""
    if not isinstance(value, str):
        return value is None
    # Most texts show by their first letters that they are none; only what may be blank is read to its end.
    return not (visible(value[:_FIRST_LETTERS]) or visible(value))


def tidy(text: str) -> str:
    """Return a name as it is shown: without outer or doubled blanks and what nobody sees."""
    return visible(text)


def shown(value: Any) -> str:
    """Return a cell's value as a message shows it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (dt.datetime, dt.date)):
        day = value.isoformat()
        return f"the date {day.removesuffix('T00:00:00')}"
    if isinstance(value, Real):
        return f"{value:.15g}"
    text = tidy(str(value))
    return f"'{text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + '…'}'"


def listed(items: Iterable[object], most: int = 10) -> str:
    """Return items in a row, with the number of those that are too many to name."""
    words = [str(item) for item in items]
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return (", ".join(words[:most]) or "none") + more


def nearest(word: str, known: list[str] | tuple[str, ...], cutoff: float = 0.6) -> str | None:
    """Return the known word that reads most like `word`, if any does and the two cannot mean different things."""
    if is_denied(word):
        return None
    by_form = {normalize(candidate) or candidate: candidate for candidate in known}
    form = normalize(word) or word
    found = get_close_matches(form, list(by_form), n=5, cutoff=cutoff)
    return next((by_form[one] for one in found if may_be_meant(form, one)), None)


def parse_number_text(text: str) -> int | float | None:
    """Return the number that a text spells out in digits, as a .csv file has it; None if it does not, or is not finite.

    A strict pattern comes first, because a plain conversion would also take nan, inf and 1_500.
    """
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        return None
    number = int(text) if re.fullmatch(r"[+-]?[0-9]{1,15}", text) else float(text)
    return number if math.isfinite(number) else None


def parse(value: Any, column: Column, labels: Labels) -> Any:
    """Return the value of a cell that is not blank. Fault says what is wrong with it.

    A date comes back as a day, a list of choices as a tuple, a comma list of names as its text: what it names is not known here.
    """
    if isinstance(value, Formula):
        fix = "Open the workbook in Excel and save it, so that the formula gets its value, or type the value."
        raise Fault(f"a formula without a value ({shown(value)})", column.allowed(), fix)
    if isinstance(value, str) and value.strip().upper() in ERROR_VALUES:
        fix = "Correct the formula that gives this error, or type the value."
        raise Fault(f"the error {value.strip().upper()}", column.allowed(), fix)
    return _PARSERS[column.kind](value, column, labels)


def _text(value: Any, column: Column, labels: Labels) -> str:
    if isinstance(value, str):
        return value.strip() if column.kind == "text" else tidy(value)
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise Fault(shown(value), column.allowed(), "Format the cell as text and type it again.")
    return shown(value)


def _number(value: Any, column: Column, labels: Labels) -> float:
    if isinstance(value, str):
        value = _number_in_text(value, column, labels)
    elif isinstance(value, bool) or not isinstance(value, Real):
        raise Fault(shown(value), column.allowed(), "Format the cell as a number and type the number.")
    if not math.isfinite(value) or abs(value) >= LARGEST_NUMBER:
        fix = "Check for a slip in its digits, or count in a larger unit."
        raise Fault(shown(value), f"a finite number below {LARGEST_NUMBER:,.0f} in size", fix)
    low = column.low is not None and (value <= column.low if column.above else value < column.low)
    high = column.high is not None and (value >= column.high if column.below else value > column.high)
    if low or high:
        percent = high and column.kind == "share" and value <= 100
        fix = f"If {value:g} percent is meant, type {value:g}%." if percent else "Correct the number."
        raise Fault(shown(value), column.allowed(), fix, [f"{value:g}%"] if percent else ())
    return float(value)


def _number_in_text(text: str, column: Column, labels: Labels) -> float:
    """Return the number of a text such as 35% in a column of shares; every other text is a fault."""
    text = text.strip()
    percent = parse_number_text(text[:-1]) if text.endswith("%") else None
    if percent is not None:
        if column.kind == "share":
            return percent / 100
        raise Fault(shown(text), column.allowed(), "Type the number without the percent sign.")
    if parse_number_text(text) is not None:
        fix = "Turn the cell into a number: choose Convert to Number in Excel, or format it as General and type it again."
        readings = _readings(text, column, labels)
        raise Fault(f"{shown(text)}, a number stored as text{_either(readings)}", column.allowed(), fix, readings)
    readings = _readings(text, column, labels)
    if _WITH_SEPARATORS.fullmatch(text):
        fix = "Type the digits without thousands separators, with a point before decimals."
        raise Fault(f"the text {shown(text)}{_either(readings)}", column.allowed(), fix, readings)
    found = numeral(text) if len(text) <= _LONGEST_NUMBER else None
    money = column.unit.startswith("{currency}") and bool(labels.currency)
    if found is not None and found.currency and money and not same_currency(found.currency, labels.currency):
        fix = f"Give the amount in {labels.currency}, as a number alone, or correct currency on Settings."
        wanted = f"an amount in {labels.currency}, the currency of the case"
        raise Fault(f"the text {shown(text)}, in {currency_of(found.currency) or found.currency}", wanted, fix)
    raise Fault(f"the text {shown(text)}{_either(readings)}", column.allowed(), "Type the number alone, without unit, currency or remark.", readings)


def _readings(text: str, column: Column, labels: Labels) -> tuple[Any, ...]:
    """Return the numbers that a text in a column of numbers may mean: none where its sign is not the column's."""
    found = numeral(text) if len(text) <= _LONGEST_NUMBER else None
    if found is None or (found.percent and column.kind != "share"):
        return ()
    if found.currency and not (column.unit.startswith("{currency}") and labels.currency and same_currency(found.currency, labels.currency)):
        return ()
    values = [int(value) if float(value).is_integer() and abs(value) < 1e15 else value for value in found.values]
    if found.percent:
        return tuple(f"{value * 100:.15g}%" for value in values)
    fitting = [value for value in values if (column.low is None or value >= column.low) and (column.high is None or value <= column.high)]
    return tuple(fitting or values)


def _either(readings: tuple[Any, ...]) -> str:
    return f" ({' or '.join(f'{value:,.15g}' if isinstance(value, Real) else value for value in readings)})" if len(readings) > 1 else ""


def _whole(value: Any, column: Column, labels: Labels) -> int:
    number = _number(value, column, labels)
    if not number.is_integer():
        raise Fault(shown(number), column.allowed(), "Type a whole number.")
    return int(number)


def _choice(value: Any, column: Column, labels: Labels) -> str:
    if isinstance(value, str):
        for choice in column.choices:
            if normalize(choice) == normalize(value) and not is_denied(value):
                return choice
        near = nearest(value, column.choices)
        raise Fault(shown(value), column.allowed(), f"Did you mean {near}?" if near else "Type one of these words.", [near] if near else ())
    raise Fault(shown(value), column.allowed(), "Type one of these words.")


def _choices(value: Any, column: Column, labels: Labels) -> tuple[str, ...]:
    if not isinstance(value, str):
        raise Fault(shown(value), column.allowed(), "Type one or several of these words, with commas between them.")
    parts, words = list_parts(value), []
    for number, part in enumerate(parts):
        _part(part, parts, value, column)
        try:
            words.append(_choice(part, column, labels))
        except Fault as fault:
            fault.readings = tuple(", ".join([*map(tidy, parts[:number]), near, *map(tidy, parts[number + 1 :])]) for near in fault.readings)
            raise
    return tuple(dict.fromkeys(words))


def _names(value: Any, column: Column, labels: Labels) -> str:
    text = _text(value, column, labels)
    parts = list_parts(value if isinstance(value, str) else text)
    for part in parts:
        _part(part, parts, text, column)
    return "; ".join(map(tidy, parts)) if isinstance(value, str) and "\n" in value else text


def list_parts(text: str) -> list[str]:
    """Return the parts of a list: between semicolons or lines where it has any, else between commas. A name may then hold commas itself."""
    lines = [line.strip().rstrip(";,") for line in text.strip().splitlines()]
    text = ";".join(lines) if len(lines) > 1 else text
    return text.split(";" if ";" in text else ",")


def with_name_replaced(text: str, old: str, new: str) -> str:
    """Return a list of names with one of them replaced, each name once; the list as it is where it does not hold the old name.

    A name may hold commas itself: then several parts between commas are the old name.
    """
    several = ";" in text or len(text.strip().splitlines()) > 1
    groups = [[tidy(part)] for part in list_parts(text)] if several else [[tidy(part) for part in text.split(",")]]
    replaced = [_with_run_replaced(group, old, new) or _with_run_replaced([tidy(part) for part in group[0].split(",")], old, new) for group in groups]
    if fold(text) == fold(old) or not any(replaced):
        return new if fold(text) == fold(old) else text
    parts = [", ".join(_each_once(after or before)) for before, after in zip(groups, replaced, strict=True)]
    return "; ".join(_each_once(parts))


def _with_run_replaced(parts: list[str], old: str, new: str) -> list[str]:
    """Return the parts of a list with each run of parts that is the old name replaced; [] where none is."""
    length, result, start, found = min(old.count(",") + 1, len(parts)), [], 0, False
    while start < len(parts):
        run = parts[start : start + length]
        if fold(old) in (fold(", ".join(run)), fold(",".join(run))):
            result.append(new)
            start, found = start + length, True
        else:
            result.append(parts[start])
            start += 1
    return result if found else []


def _each_once(names: list[str]) -> list[str]:
    return list({fold(name): name for name in names}.values())


def _part(part: str, parts: list[str], whole: str, column: Column) -> None:
    """Raise Fault where a part of a list is empty."""
    if not part.strip():
        full = ("; " if ";" in whole else ", ").join(tidy(one) for one in parts if one.strip())
        fault = f"nothing between two {'semicolons' if ';' in whole else 'commas'} or beside one in {shown(whole)}"
        raise Fault(fault, column.allowed(), f"Remove the surplus {'semicolon' if ';' in whole else 'comma'}.", [full] if full else ())


def _date(value: Any, column: Column, labels: Labels) -> dt.date:
    day = None
    if isinstance(value, dt.datetime):
        day = value.date()
    elif isinstance(value, dt.date):
        day = value
    elif isinstance(value, str):
        day = labels.day(value, column.kind == "last_date")
    elif isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value):
        number = float(value)
        if number.is_integer() and FIRST_YEAR <= number <= LAST_YEAR:
            day = labels.day(f"{value:.0f}", column.kind == "last_date")
        elif 10_000 <= number < 110_000:
            raise Fault(f"the number {shown(value)}", column.allowed(), "Format the cell as a date.", [f"{from_excel(value):%Y-%m-%d}"])
    if day is None:
        raise Fault(shown(value), column.allowed(), "Type the date as year-month-day, or a label such as 2027-Q2.")
    if isinstance(value, dt.date) and _YEARS_AS_DAYS[0] <= day <= _YEARS_AS_DAYS[1]:
        year = (day - dt.date(1899, 12, 30)).days
        fix = f"If the year {year} is meant, type {year}-01-01, or format the cell as text and type {year}."
        raise Fault(shown(value), "a date of the plan (Excel makes this of a year typed into a date cell)", fix, [f"{year}-01-01"])
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Fault(shown(value), f"a date between the years {FIRST_YEAR} and {LAST_YEAR}", "Correct the year.")
    return day


def _year(value: Any, column: Column, labels: Labels) -> int:
    if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{4}\s*", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, Real) or value not in range(FIRST_YEAR, LAST_YEAR + 1):
        raise Fault(shown(value), column.allowed(), "Type the fiscal year as four digits.")
    return int(float(value))


def _yes_no(value: Any, column: Column, labels: Labels) -> bool:
    if isinstance(value, bool):
        return value
    word = normalize(value) if isinstance(value, str) and not is_denied(value) else ""
    if word not in ("yes", "true", "no", "false"):
        raise Fault(shown(value), column.allowed(), "Type yes or no.")
    return word in ("yes", "true")


_PARSERS: dict[str, Callable[[Any, Column, Labels], Any]] = {
    "text": _text,
    "name": _text,
    "names": _names,
    "number": _number,
    "share": _number,
    "whole": _whole,
    "choice": _choice,
    "choices": _choices,
    "date": _date,
    "last_date": _date,
    "year": _year,
    "yes_no": _yes_no,
}
