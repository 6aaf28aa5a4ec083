"""Rules on values of offers that change by date whose breach is an error. Each docstring is the planner's message, as in errors.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from optimizer.intake.checks.rules import Finding, WorkbookRead, at, growing
from optimizer.intake.rows.changes import KEY, changed_offers
from optimizer.intake.rows.table import Row
from optimizer.schema.changes import CHANGED
from optimizer.schema.language import LARGEST_NUMBER

Findings = Iterator[Finding]


def change_of_nothing(book: WorkbookRead) -> Findings:
    """The row changes nothing. Expected a value in price, capacity_per_year, spot_limit_per_year or contract_price. Fill in what changes, or delete
    the row."""
    for row in book.rows("Offer changes", *CHANGED):
        if all(row[column] is None for column in CHANGED):
            yield at("Offer changes", row.number, "price")


def change_twice(book: WorkbookRead) -> Findings:
    """{column} of this offer changes twice on one day, here and in row {first}. Expected one value from a day on. Delete one of them, or correct its
    from."""
    offers = changed_offers(book.tables)
    seen: dict[tuple[int, dt.date, str], Row] = {}
    for row in book.rows("Offer changes", *KEY, "from"):
        for column in CHANGED if row.number in offers else ():
            if row.values.get(column) is not None:
                first = seen.setdefault((offers[row.number].number, row.days["from"], column), row)
                if first is not row:
                    yield at("Offer changes", row.number, column, book.clear_twin("Offer changes", row.number, first.number), column=column, first=first.number)


def indexed_on_a_price_of_nothing(book: WorkbookRead) -> Findings:
    """The changed contract_price of an indexed contract sets its ratio to the price in force then, and that is 0. Expected a price above 0. Give the
    price, or make the contract fixed."""
    offers = changed_offers(book.tables)
    indexed = {row.number: row for row in book.rows("Suppliers", "price", "terms", "contract_pricing")}
    indexed = {number: row for number, row in indexed.items() if row["contract_pricing"] == "indexed" and row["terms"] != "spot"}
    changes: dict[int, list[Row]] = {number: [] for number in indexed}
    for row in book.rows("Offer changes", *KEY, "from", "price", "contract_price"):
        if row.number in offers and offers[row.number].number in indexed:
            changes[offers[row.number].number].append(row)
    for number, rows in changes.items():
        priced = sorted((row for row in rows if row["price"] is not None), key=lambda row: row.days["from"])
        for row in (row for row in rows if row["contract_price"] is not None):
            begun = [other["price"] for other in priced if max(other["from"], 0) <= max(row["from"], 0)]
            if (begun[-1] if begun else indexed[number]["price"]) == 0:
                yield at("Offer changes", row.number, "contract_price")


def changed_value_grows_too_large(book: WorkbookRead) -> Findings:
    """{column} {value} grows past {largest} within the horizon, at {rate} per year. Expected a growth such as 5%. Correct the value, or the growth on
    Suppliers."""
    offers = changed_offers(book.tables)
    for row in book.rows("Offer changes", *KEY, "from") if book.calendar is not None else ():
        left = (book.calendar.periods + book.tail - max(row["from"], 0)) * book.calendar.years
        for column, growth in (("price", "price_growth"), ("contract_price", "contract_price_growth")):
            value, rate = row.values.get(column), offers[row.number].values.get(growth) if row.number in offers else None
            if value and rate and left > 0 and growing(value, rate, left) >= LARGEST_NUMBER:
                yield at("Offer changes", row.number, column, column=column, value=value, rate=rate, largest=f"{LARGEST_NUMBER:,.0f}")


CHANGE_RULES = (change_of_nothing, change_twice, indexed_on_a_price_of_nothing, changed_value_grows_too_large)
