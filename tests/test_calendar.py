"""The calendar: how dates and labels fall on periods and fiscal years."""

from __future__ import annotations

import datetime as dt

import pytest

from optimizer.calendar import Calendar, parse_date

MONTHS = Calendar(dt.date(2027, 11, 1), "month", 4)
QUARTERS = Calendar(dt.date(2027, 4, 1), "quarter", 6, fiscal_year_start_month=10)
YEARS = Calendar(dt.date(2026, 10, 1), "year", 3, fiscal_year_start_month=10)


@pytest.mark.parametrize(
    ("calendar", "labels"),
    [
        (MONTHS, ("2027-11", "2027-12", "2028-01", "2028-02")),
        (QUARTERS, ("2027-Q2", "2027-Q3", "2027-Q4", "2028-Q1", "2028-Q2", "2028-Q3")),
        (YEARS, ("2027", "2028", "2029")),
    ],
)
def test_periods_are_named_by_the_calendar_and_years_by_their_fiscal_year(calendar, labels):
    """Months and quarters bear their calendar labels; years bear the number of their fiscal year."""
    assert calendar.labels == labels


@pytest.mark.parametrize(
    ("calendar", "day", "period"),
    [
        (MONTHS, dt.date(2027, 11, 30), 0),
        (MONTHS, dt.date(2028, 1, 1), 2),
        (MONTHS, dt.date(2027, 10, 31), -1),
        (QUARTERS, dt.date(2027, 6, 30), 0),
        (QUARTERS, dt.date(2027, 7, 1), 1),
        (QUARTERS, dt.date(2027, 3, 31), -1),
        (QUARTERS, dt.date(2028, 10, 1), 6),
        (YEARS, dt.date(2027, 9, 30), 0),
        (YEARS, dt.date(2027, 10, 1), 1),
    ],
)
def test_a_day_belongs_to_the_period_that_holds_it_inside_and_outside_the_horizon(calendar, day, period):
    """A day has the number of its period: 0 at the start of the horizon, negative before it, and counted on after its end."""
    assert calendar.index(day) == period


@pytest.mark.parametrize("calendar", [MONTHS, QUARTERS, YEARS])
def test_the_first_day_of_each_period_lies_in_it_and_the_day_before_does_not(calendar):
    """first_day(t) has the number t and the day before it t - 1, also beyond both ends of the horizon."""
    for t in range(-3, calendar.periods + 3):
        assert calendar.index(calendar.first_day(t)) == t
        assert calendar.index(calendar.first_day(t) - dt.timedelta(days=1)) == t - 1


def test_a_fiscal_year_is_named_by_the_calendar_year_in_which_it_ends():
    """The fiscal year from October 2026 to September 2027 is 2027, and periods_in lists its periods within the horizon."""
    assert [QUARTERS.fiscal_year(t) for t in range(6)] == [2027, 2027, 2028, 2028, 2028, 2028]
    assert QUARTERS.fiscal_years == (2027, 2028)
    assert QUARTERS.periods_in(2027) == (0, 1)
    assert MONTHS.fiscal_years == (2027, 2028)


def test_years_open_and_close_at_the_horizon_and_at_each_turn_of_the_fiscal_year():
    """A fiscal year opens at the first period or after a turn, and closes at a turn or at the last period."""
    assert [t for t in range(6) if QUARTERS.opens_year(t)] == [0, 2]
    assert [t for t in range(6) if QUARTERS.closes_year(t)] == [1, 5]


@pytest.mark.parametrize(("months", "periods"), [(0, 0), (0.5, 1), (3, 1), (3.0000000001, 1), (3.1, 2), (12, 4)])
def test_months_become_periods_by_rounding_up(months, periods):
    """A lead time counts as the least whole number of periods that covers it, within rounding."""
    assert QUARTERS.periods_of(months) == periods


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2027-04-15", dt.date(2027, 4, 15), dt.date(2027, 4, 15)),
        ("2027-04", dt.date(2027, 4, 1), dt.date(2027, 4, 30)),
        ("2027-q4", dt.date(2027, 10, 1), dt.date(2027, 12, 31)),
        (" 2028-02 ", dt.date(2028, 2, 1), dt.date(2028, 2, 29)),
        ("2027", dt.date(2027, 1, 1), dt.date(2027, 12, 31)),
    ],
)
def test_a_label_means_its_first_day_or_where_asked_its_last(text, first, last):
    """A day, month, quarter or year in words means its first day, and its last day with last=True."""
    assert parse_date(text, "quarter", 10) == first
    assert parse_date(text, "quarter", 10, last=True) == last


def test_a_bare_year_is_the_fiscal_year_where_periods_are_years():
    """'2027' means the fiscal year 2027 if periods are years, from its own first to its own last day."""
    assert parse_date("2027", "year", 10) == dt.date(2026, 10, 1)
    assert parse_date("2027", "year", 10, last=True) == dt.date(2027, 9, 30)
    assert parse_date("2027", "year", 1) == dt.date(2027, 1, 1)


@pytest.mark.parametrize("text", ["", "soon", "2027-13", "2027-00", "2027-Q5", "2027-02-30", "27-04", "04/2027", "0000", "9999"])
def test_what_is_neither_a_date_nor_a_label_is_none(text):
    """A text that is no date and no label of a period gives None."""
    assert parse_date(text, "quarter", 1) is None
