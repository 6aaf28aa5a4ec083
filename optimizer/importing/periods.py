"""Read the day, week, month, quarter or year that a header or a cell names, as planners write it: Jan-27, Q1 2027, KW 05/2027, FY27, 31.01.2027."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from optimizer.intake.cells.months import month_number
from optimizer.schema.language import FIRST_YEAR, LAST_YEAR

DAY, WEEK, MONTH, QUARTER, YEAR = "day", "week", "month", "quarter", "year"
_LENGTHS = {MONTH: 1, QUARTER: 3, YEAR: 12}

_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?")
_SIGNED_DAY = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})")
_NAMED_DAY = re.compile(r"(\d{1,2})\.?[ -]([^\W\d_]{3,12})\.?[ -](\d{4}|\d{2})", re.IGNORECASE)
_ISO_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})|(\d{1,2})[-/.](\d{4})")
_NAMED_MONTH = re.compile(r"([^\W\d_]{3,12})\.?[-/. ']*(?:de )?(\d{4}|\d{2})|(\d{4})[-/. ]*([^\W\d_]{3,12})", re.IGNORECASE)
_QUARTER = re.compile(r"[qtk]([1-4])[-/. ']*(\d{4}|\d{2})|(\d{4})[-/. ]*[qtk]([1-4])|([1-4])q[-/. ']*(\d{4}|\d{2})", re.IGNORECASE)
_WEEK = re.compile(r"(\d{4})[-/. ]*(?:w|kw|cw|wk|week)[-/. ]*(\d{1,2})|(?:w|kw|cw|wk|week)[-/. ]*(\d{1,2})[-/. ']*(\d{4})", re.IGNORECASE)
_YEAR = re.compile(r"(?:fy|cy|gj|year|jahr)?[ -]*(\d{4})|(?:fy|cy|gj)[ -]?(\d{2})", re.IGNORECASE)
_MONTH_ALONE = re.compile(r"([^\W\d_]{3,12})\.?")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time that a header or cell names: its first day, the day after its last, and its kind."""

    first: dt.date
    after: dt.date
    kind: str

    def share_in(self, first: dt.date, after: dt.date) -> float:
        """Return the share of this span that lies from `first` to the day before `after`: by months where it has whole ones, else by days."""
        low, high = max(self.first, first), min(self.after, after)
        if low >= high:
            return 0.0
        if self.kind in _LENGTHS and all(day.day == 1 for day in (low, high)):
            return _months(low, high) / _LENGTHS[self.kind]
        return (high - low).days / (self.after - self.first).days


def _months(first: dt.date, after: dt.date) -> int:
    return 12 * (after.year - first.year) + after.month - first.month


def _span(year: int, month: int, kind: str) -> Span | None:
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
        return None
    after = 12 * year + month - 1 + _LENGTHS[kind]
    return Span(dt.date(year, month, 1), dt.date(after // 12, after % 12 + 1, 1), kind)


def _year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def span_of(value: Any, day_first: bool | None = None) -> Span | None:
    """Return what a value names; None where it names no time, or a day that may be read in two ways and `day_first` does not say which."""
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, dt.date):
        return Span(value, value + dt.timedelta(days=1), DAY)
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        whole = float(value).is_integer() and 1990 <= value <= LAST_YEAR
        return _span(int(value), 1, YEAR) if whole else None
    return _span_of_text(" ".join(value.split()), day_first) if isinstance(value, str) and len(value) <= 30 else None


@lru_cache(maxsize=20_000)
def _span_of_text(text: str, day_first: bool | None) -> Span | None:
    day = day_of(text, day_first)
    if day is not None:
        return Span(day, day + dt.timedelta(days=1), DAY)
    if found := _WEEK.fullmatch(text):
        return _week(int(found[1] or found[4]), int(found[2] or found[3]))
    if found := _QUARTER.fullmatch(text):
        return _span(_year(found[2] or found[3] or found[6]), 3 * int(found[1] or found[4] or found[5]) - 2, QUARTER)
    if found := _YEAR.fullmatch(text):
        return _span(_year(found[1] or found[2]), 1, YEAR) if 1990 <= _year(found[1] or found[2]) <= LAST_YEAR else None
    if found := _ISO_MONTH.fullmatch(text):
        return _span(int(found[1] or found[4]), int(found[2] or found[3]), MONTH)
    if found := _NAMED_MONTH.fullmatch(text):
        month = month_number(found[1] or found[4])
        return _span(_year(found[2] or found[3]), month, MONTH) if month else None
    return None


def _week(year: int, week: int) -> Span | None:
    try:
        first = dt.date.fromisocalendar(year, week, 1)
    except ValueError:
        return None
    return Span(first, first + dt.timedelta(days=7), WEEK)


def day_of(text: str, day_first: bool | None) -> dt.date | None:
    """Return the day that a text names: ISO, with a month's name, or in figures where one reading is possible or `day_first` says which."""
    try:
        if found := _ISO_DAY.fullmatch(text):
            return dt.date(int(found[1]), int(found[2]), int(found[3]))
        if found := _NAMED_DAY.fullmatch(text):
            month = month_number(found[2])
            return dt.date(_year(found[3]), month, int(found[1])) if month else None
        order, found = day_order(text), _SIGNED_DAY.fullmatch(text)
        if order is None or found is None:
            return None
        one, two, year = int(found[1]), int(found[3]), _year(found[4])
        first = one == two or (order == "day" or (order == "either" and day_first is True))
        if order == "either" and day_first is None and one != two:
            return None
        return dt.date(year, two, one) if first else dt.date(year, one, two)
    except ValueError:
        return None


def day_order(text: Any) -> str | None:
    """Return which figure of a date such as 13/02/2027 is the day: "day" (the first), "month" (the second), "either"; None where it is no such date."""
    found = _SIGNED_DAY.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        return None
    one, two = int(found[1]), int(found[3])
    if one > 31 or two > 31 or (one > 12 and two > 12) or not (one and two):
        return None
    if found[2] == "." or one > 12:
        return "day"  # points stand in the languages that begin with the day
    return "month" if two > 12 else "either"


def is_fiscal(text: str) -> bool:
    """Return whether a header or cell names a fiscal year: FY27, GJ 2027."""
    return re.fullmatch(r"(?:fy|gj)[ -]*(?:\d{4}|\d{2})", " ".join(text.split()), re.IGNORECASE) is not None


def fiscal_year(span: Span, first_month: int) -> Span:
    """Return the fiscal year of a calendar year's number: it ends in that year, as the plan's own do."""
    found = _span(span.first.year - (first_month > 1), first_month, YEAR)
    return found or span


def month_alone(text: str) -> int | None:
    """Return the number of a month that stands without a year; None where the text is none."""
    found = _MONTH_ALONE.fullmatch(text.strip())
    return month_number(found[1]) if found else None


def part_of_year(text: str) -> tuple[str, int] | None:
    """Return the kind and number of a month, week or quarter that stands without a year: Jan, KW 5, Q2; None where the text is none."""
    if month := month_alone(text):
        return MONTH, month
    if found := re.fullmatch(r"(?:w|kw|cw|wk|week)[-/. ]*(\d{1,2})", text.strip(), re.IGNORECASE):
        return WEEK, int(found[1])
    found = re.fullmatch(r"q([1-4])|([1-4])q", text.strip(), re.IGNORECASE)
    return (QUARTER, int(found[1] or found[2])) if found else None


def in_years_from(headers: Sequence[str], year: int) -> dict[str, Span]:
    """Return what parts of a year side by side name, the first of them in `year`; where their numbers begin again, the next year begins."""
    spans: dict[str, Span] = {}
    last = 0
    for header in headers:
        part = part_of_year(header)
        if part is None:
            continue
        year += part[1] < last
        last = part[1]
        span = _week(year, part[1]) if part[0] == WEEK else _span(year, part[1] if part[0] == MONTH else 3 * part[1] - 2, part[0])
        if span is not None:
            spans[header] = span
    return spans


def side_by_side(named: Mapping[str, Span | None]) -> dict[str, Span]:
    """Return what headers side by side name. named: header -> what each names alone.

    Days that begin months, quarters, years or weeks, as Excel has 2027-04-01 for April, name these.
    """
    spans = {header: span for header, span in named.items() if span is not None}
    if not spans or any(span.kind != DAY for span in spans.values()):
        return spans
    days = sorted({span.first for span in spans.values()})
    gaps = {_months(one, other) for one, other in pairwise(days)} if all(day.day == 1 for day in days) else set()
    kind = next((kind for kind, length in _LENGTHS.items() if gaps == {length}), "")
    if kind:
        return {header: made for header, span in spans.items() if (made := _span(span.first.year, span.first.month, kind)) is not None}
    if len(days) > 1 and {(other - one).days for one, other in pairwise(days)} == {7}:
        return {header: Span(span.first, span.first + dt.timedelta(days=7), WEEK) for header, span in spans.items()}
    return spans
