"""The planning calendar: periods, fiscal years, and how a date or a label falls on them.

Periods are months, calendar quarters or fiscal years of equal length Δ, numbered 0..T-1. Everything that
the planner writes as a date becomes a period number here; a number below 0 lies before the horizon, one of
T or more after it.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass

MONTHS_PER_PERIOD = {"month": 1, "quarter": 3, "year": 12}

_MONTH = re.compile(r"^(\d{4})-(\d{2})$")
_QUARTER = re.compile(r"^(\d{4})[-_ ]?q([1-4])$", re.IGNORECASE)
_YEAR = re.compile(r"^(\d{4})$")
_ISO = re.compile(r"^(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00)?)?$")


@dataclass(frozen=True, slots=True)
class Calendar:
    """The periods that one case plans for.

    start: first day of period 0. period: "month", "quarter" or "year". periods: how many, T.
    fiscal_year_start_month: 1..12. horizon: how many of them are the horizon, where the rest is planned for beyond it (the tail); None = all.
    """

    start: dt.date
    period: str
    periods: int
    fiscal_year_start_month: int = 1
    horizon: int | None = None

    @property
    def within(self) -> int:
        """The number of periods of the horizon itself."""
        return self.periods if self.horizon is None else self.horizon

    @property
    def parts(self) -> tuple[range, ...]:
        """The periods of the horizon, and where there are any those beyond it: what is promised on average, or of a year, holds in each part."""
        ends = sorted({0, self.within, self.periods})
        return tuple(range(first, end) for first, end in zip(ends, ends[1:]))

    @property
    def months(self) -> int:
        """Months in a period."""
        return MONTHS_PER_PERIOD[self.period]

    @property
    def years(self) -> float:
        """Δ: the length of a period in years."""
        return self.months / 12

    def first_day(self, t: int) -> dt.date:
        """The first day of period t."""
        month = self.start.year * 12 + self.start.month - 1 + t * self.months
        return dt.date(month // 12, month % 12 + 1, 1)

    def index(self, day: dt.date) -> int:
        """The number of the period that holds `day`; negative before the horizon, >= periods after it."""
        month = day.year * 12 + day.month - (self.start.year * 12 + self.start.month)
        return month // self.months

    def periods_of(self, months: float) -> int:
        """A count of months as whole periods, rounded up."""
        return max(0, math.ceil(months / self.months - 1e-9))

    def fiscal_year(self, t: int) -> int:
        """The fiscal year in which period t begins, named by the calendar year in which it ends."""
        day = self.first_day(t)
        late = self.fiscal_year_start_month > 1 and day.month >= self.fiscal_year_start_month
        return day.year + (1 if late else 0)

    @property
    def fiscal_years(self) -> tuple[int, ...]:
        """The fiscal years of all periods, in order."""
        return tuple(sorted({self.fiscal_year(t) for t in range(self.periods)}))

    def periods_in(self, fiscal_year: int) -> tuple[int, ...]:
        """The periods that belong to a fiscal year."""
        return tuple(t for t in range(self.periods) if self.fiscal_year(t) == fiscal_year)

    def year_of(self, t: int) -> tuple[int, ...]:
        """The periods of the fiscal year of period t that lie, as t does, within the horizon or beyond it."""
        return tuple(other for other in self.periods_in(self.fiscal_year(t)) if (other < self.within) == (t < self.within))

    def opens_year(self, t: int) -> bool:
        """Whether t is the first period of the horizon or of a fiscal year."""
        return t == 0 or self.fiscal_year(t) != self.fiscal_year(t - 1)

    def closes_year(self, t: int) -> bool:
        """Whether t is the last period of the horizon, of all periods or of a fiscal year."""
        return t in (self.within - 1, self.periods - 1) or self.fiscal_year(t) != self.fiscal_year(t + 1)

    def label(self, t: int) -> str:
        """The name of period t: 2027-04, 2027-Q2, or its fiscal year."""
        day = self.first_day(t)
        if self.period == "month":
            return f"{day.year}-{day.month:02d}"
        if self.period == "quarter":
            return f"{day.year}-Q{(day.month + 2) // 3}"
        return str(self.fiscal_year(t))

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of all periods."""
        return tuple(self.label(t) for t in range(self.periods))


def parse_date(text: str, period: str, fiscal_year_start_month: int, *, last: bool = False) -> dt.date | None:
    """The day that an ISO date or a calendar label means: its first, or with `last` its last day.

    A bare year is the fiscal year where the periods are years, else the calendar year. None if `text` is neither.
    """
    text = text.strip()
    if found := _ISO.match(text):
        try:
            return dt.date(*(int(part) for part in found.groups()))
        except ValueError:
            return None
    if found := _MONTH.match(text):
        year, month, length = int(found[1]), int(found[2]), 1
    elif found := _QUARTER.match(text):
        year, month, length = int(found[1]), 3 * int(found[2]) - 2, 3
    elif found := _YEAR.match(text):
        year, month, length = int(found[1]), 1, 12
        if period == "year" and fiscal_year_start_month > 1:
            year, month = year - 1, fiscal_year_start_month
    else:
        return None
    if not (1 <= month <= 12 and 1 <= year <= 9998):
        return None
    first = dt.date(year, month, 1)
    if not last:
        return first
    after = year * 12 + month - 1 + length
    return dt.date(after // 12, after % 12 + 1, 1) - dt.timedelta(days=1)
