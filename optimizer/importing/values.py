"""The values of a planner's cells: which signs and orders a file writes numbers and dates in, and what a cell says as a number, a day or a word."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from numbers import Real
from typing import Any

from optimizer.importing.periods import day_order, span_of
from optimizer.importing.tables import FoundTable
from optimizer.importing.wording import unit_in
from optimizer.intake.cells.numerals import Numeral, numeral
from optimizer.intake.cells.parse import Formula, is_blank
from optimizer.intake.cells.units import Measure, currency_of, grams_of, parse_unit
from optimizer.intake.files.csv_numbers import decimal_sign
from optimizer.intake.names.countries import country_of
from optimizer.intake.rows.kinds import TOTAL

BLANK_WORDS = frozenset("na n/a n.a. n.a none null nil tbd tba tbc unknown k.a. - -- --- – — . ?".split())
"""Words that planners write where there is nothing to say. They are proposed as blanks, never taken for it."""
_LONGEST = 40
_WITH_UNIT = re.compile(r"(?:ca\.?|approx\.?|~|≈)?\s*([+-]?[\d][\d.,' \u00a0\u202f]*)\s*([^\d\s].{0,30})")


@dataclass(frozen=True, slots=True)
class Profile:
    """What the cells of one column hold, as shares of those that are filled. blanks: the words among them that stand for nothing; unit: of all its texts."""

    filled: int
    numbers: float
    spans: float
    countries: float
    currencies: float
    units: float
    distinct: float
    blanks: tuple[str, ...] = ()
    unit: str = ""
    largest: float = 0.0
    percent: bool = False


def profile_of(table: FoundTable, header: str) -> Profile:
    """Return what a column of a table holds."""
    position = table.positions[header]
    cells = [(row, cells[position]) for row, cells in enumerate(table.rows) if not is_blank(cells[position])]
    blanks = tuple(dict.fromkeys(value for _, value in cells if is_blank_word(value)))
    held = [(row, value) for row, value in cells if not is_blank_word(value)]
    values = [value for _, value in held]
    count = len(values) or 1
    texts = [value for value in values if isinstance(value, str)]
    numbers = [value for value in values if is_number(value)]
    read = [found for text in texts if (found := number_in(text)) is not None]
    sizes = [abs(value) for value in numbers] + [max(map(abs, found[0].values)) for found in read if not found[0].percent]
    units = {found[1] for found in read}
    return Profile(
        len(values),
        (len(numbers) + len(read)) / count,
        sum(span_of(value, True) is not None for value in values) / count,
        sum(len(text.strip()) > 2 and country_of(text) is not None for text in texts) / count,
        sum(bool(currency_of(text)) for text in texts) / count,
        sum(grams_of(text) is not None for text in texts) / count,
        len({str(value).strip().casefold() for value in values}) / count,
        blanks,
        units.pop() if len(units) == 1 and len(read) == len(values) else "",
        max(sizes, default=0.0),
        any((row, position) in table.percents for row, _ in held) or any(found[0].percent for found in read),
    )


def is_number(value: Any) -> bool:
    """Return whether a cell holds a number, and not yes or no."""
    return isinstance(value, Real) and not isinstance(value, bool)


def is_blank_word(value: Any) -> bool:
    """Return whether a cell holds a word that stands for nothing, such as NA."""
    return isinstance(value, str) and value.strip().casefold() in BLANK_WORDS


@lru_cache(maxsize=100_000)
def number_in(text: str) -> tuple[Numeral, str] | None:
    """Return the number that a text holds, with the unit behind it, "" for none: 12 weeks, 1.250 kg, € 105.00; None where it is none."""
    text = text.strip()
    if not text or len(text) > _LONGEST or not any(mark.isdigit() for mark in text):
        return None
    found = numeral(text)
    if found is not None:
        return found, ""
    parts = _WITH_UNIT.fullmatch(text)
    inner = numeral(parts[1]) if parts is not None else None
    if parts is None or inner is None or unit_in(parts[2]) is None:
        return None
    return inner, " ".join(parts[2].split())


def sign_of(texts: Iterable[str]) -> str:
    """Return the sign before decimals that texts of numbers show; "" where they do not tell or contradict each other."""
    return decimal_sign(_figures(dict.fromkeys(texts)))


def _figures(texts: Iterable[str]) -> Iterable[str]:
    for text in texts:
        if number_in(text) is not None:
            yield re.sub(r"[^0-9.,'+\- ]", "", text).strip(" .,'")


def is_ambiguous(text: Any) -> bool:
    """Return whether a text may be two numbers, such as 1.250."""
    found = number_in(text) if isinstance(text, str) else None
    return found is not None and len(found[0].values) > 1


def read_number(text: str, decimal: str) -> tuple[float, str, Numeral] | None:
    """Return the number of a text, the unit behind it and how it is written; None where it is none, or may be two and the sign is not known."""
    found = number_in(text)
    if found is None:
        return None
    values = found[0].values
    if len(values) == 1:
        return values[0], found[1], found[0]
    if not decimal:
        return None
    figures = re.sub(r"[^0-9.,]", "", re.sub(r"[^\d]*$", "", _WITH_UNIT.sub(r"\1", text) if found[1] else text))
    plain = float(figures.replace("." if decimal == "," else ",", "").replace(",", "."))
    size = plain / 100 if found[0].percent else plain
    value = min(values, key=lambda one: abs(abs(one) - size))
    return (value, found[1], found[0]) if abs(abs(value) - size) <= 1e-9 * max(1.0, size) else None


def contradicts(texts: Iterable[str], decimal: str) -> bool:
    """Return whether texts can only be written with the other sign before decimals."""
    found = sign_of(texts)
    return bool(found and decimal and found != decimal)


def order_of_days(values: Iterable[Any]) -> str:
    """Return how dates in figures are written: "day" or "month" first, "either" where they do not tell, "both" where they contradict; "" for none."""
    orders = {order for value in values if (order := day_order(value)) is not None}
    if {"day", "month"} <= orders:
        return "both"
    return "day" if "day" in orders else "month" if "month" in orders else "either" if orders else ""


def tidy_number(value: float) -> int | float:
    """Return a number without the last digits that arithmetic leaves, whole where it is whole."""
    plain = float(f"{value:.15g}")
    return int(plain) if plain.is_integer() and abs(plain) < 1e15 else plain


def measure_of(unit: str, currency: str = "", material_unit: str = "") -> Measure | None:
    """Return what a unit's text says; None for none."""
    return parse_unit(unit, currency, material_unit) if unit.strip() else None


def is_total_row(table: FoundTable, row: int) -> bool:
    """Return whether a row names itself a total."""
    return any(isinstance(value, str) and TOTAL.fullmatch(value.strip().rstrip(":").strip()) for value in table.rows[row])


def is_heading_row(row: Sequence[Any]) -> bool:
    """Return whether a row of several columns holds one text alone, as the heading of a section does."""
    filled = [value for value in row if not is_blank(value)]
    return len(row) > 2 and len(filled) == 1 and isinstance(filled[0], str) and not isinstance(filled[0], Formula)


def as_day(value: Any) -> dt.date | None:
    """Return a cell's day, None where it holds another thing."""
    return value.date() if isinstance(value, dt.datetime) else value if isinstance(value, dt.date) else None
