"""Warnings on values of offers that change by date. Each docstring is the planner's message."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.case import Case
from optimizer.intake.checks.rules import ROUNDING, Finding, WorkbookRead, at
from optimizer.intake.checks.suspicious_figures import PRICES_APART, QUANTITIES_APART, Far
from optimizer.intake.rows.changes import changed_offers, replaced
from optimizer.schema.changes import CHANGED

Findings = Iterator[Finding]


def change_replaced_at_once(book: WorkbookRead, case: Case) -> Findings:
    """This {column} is never in force: row {other} changes it again in the same period. Expected one change in each period, because only the last one
    counts. Delete the earlier one, or choose shorter periods."""
    table = book.tables.get("Offer changes")
    for row, column, other in replaced(table.rows, changed_offers(book.tables)) if table else ():
        yield at("Offer changes", row.number, column, column=column, other=other.number)


def change_of_other_terms(book: WorkbookRead, case: Case) -> Findings:
    """{column} of {offer} has no effect, because its terms are {terms}. Expected a column that these terms use. Clear it, or correct terms on
    Suppliers."""
    for schedule in case.schedules:
        offer = schedule.offer
        unused = {"spot": "contract_price", "contract": "spot_limit_per_year"}.get(offer.terms)
        for row in schedule.changes if unused else ():
            if getattr(row, unused) is not None:
                yield at("Offer changes", row.row, unused, column=unused, offer=offer.name, terms=offer.terms)


def change_far_off(book: WorkbookRead, case: Case) -> Findings:
    """{column} {value} of {offer} is {times} times {way} what it was, {nearest}. Expected values of one size. Check its digits and its unit, which is that of
    the offer's row on Suppliers."""
    for schedule in case.schedules:
        for row in schedule.changes:
            for column in CHANGED:
                value, t = getattr(row, column), max(row.start, 0)
                if not value or t >= case.settings.periods:
                    continue
                apart = PRICES_APART if "price" in column else QUANTITIES_APART
                before = schedule.before(column, row)
                if before and max(value / before, before / value) >= apart:
                    words = Far(row, value, max(value / before, before / value), value > before, before).words
                    yield at("Offer changes", row.row, column, column=column, offer=schedule.offer.name, **words)
                    break


def change_below_minimum(book: WorkbookRead, case: Case) -> Findings:
    """From {period} on {offer} can deliver {capacity} per {span}, less than its minimum_order {minimum}, so that nothing can then be ordered on the reference
    path. Expected at least that, or none. Raise the capacity, or lower minimum_order on Suppliers."""
    calendar = case.calendar
    for schedule in case.schedules:
        offer, periods = schedule.offer, range(case.settings.periods)
        turns = [(t, schedule.deliverable(t) * calendar.years) for t in schedule.turns(periods)]
        if not offer.minimum_order or all(most * (1 + ROUNDING) < offer.minimum_order for _, most in turns):
            continue  # one that can never be ordered is said to be so by itself
        for row in schedule.changes:
            most = dict(turns).get(max(row.start, 0))
            if most and most * (1 + ROUNDING) < offer.minimum_order:
                facts = {"capacity": most, "span": case.settings.period, "minimum": offer.minimum_order}
                column = "capacity_per_year" if row.capacity_per_year is not None else "spot_limit_per_year"
                if getattr(row, column) is not None:
                    yield at("Offer changes", row.row, column, period=calendar.label(max(row.start, 0)), offer=offer.name, **facts)


RULES = (change_replaced_at_once, change_of_other_terms, change_far_off, change_below_minimum)
