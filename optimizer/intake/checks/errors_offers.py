"""Rules on rows that speak of an offer of Suppliers, of what has not left and of inputs, whose breach is an error.

Each docstring is the planner's message, as in errors.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.intake.cells.parse import is_blank
from optimizer.intake.checks.rules import ROUNDING, Finding, WorkbookRead, at
from optimizer.intake.rows.changes import KEY, named_offers
from optimizer.intake.rows.table import Row
from optimizer.schema.language import fold

Findings = Iterator[Finding]


def ships_after_arrival(book: WorkbookRead) -> Findings:
    """The goods leave {ships} months after an order and arrive {lead} months after it. Expected ships_after_months of at most lead_time_months, of which it
    is a part. Correct one of them."""
    for row in book.rows("Suppliers", "ships_after_months", "lead_time_months"):
        if row["ships_after_months"] > row["lead_time_months"] * (1 + ROUNDING):
            yield at("Suppliers", row.number, "ships_after_months", ships=row["ships_after_months"], lead=row["lead_time_months"])


def arrival_of_what_has_not_left(book: WorkbookRead) -> Findings:
    """An open order that names its supplier has not left yet. Expected a blank cell, because its arrival follows from the supplier's lead time. Clear it and
    write in ships when the order leaves, or clear supplier if the order is under way."""
    for row in book.rows("Inventory", "supplier"):
        if row["supplier"] is not None and not is_blank(row.raw.get("arrives")):
            yield at("Inventory", row.number, "arrives", book.set_cells("Clear the cell", "Inventory", {(row.number, "arrives"): None}))


def departure_without_supplier(book: WorkbookRead) -> Findings:
    """{column} is given without a supplier. Expected the supplier of an open order that has not left. Name the supplier, or clear {column}."""
    for row in book.rows("Inventory", "supplier"):
        for column in ("offer", "ships") if row["supplier"] is None else ():
            if not is_blank(row.raw.get(column)):
                yield at("Inventory", row.number, column, column=column)


def row_of_no_offer(book: WorkbookRead) -> Findings:
    """{supplier} makes {what}. Expected an offer as it stands on Suppliers. {fix}."""
    offers: dict[tuple[str, str], list[str]] = {}
    for row in book.rows("Suppliers", *KEY):
        offers.setdefault((fold(row["supplier"]), fold(row["material"])), []).append(row["offer"])
    for sheet in ("Inventory", "Inputs", "Offer changes"):
        known = named_offers(book.tables, sheet)
        for row in (row for row in book.rows(sheet, *KEY) if row["supplier"] is not None):
            names, name = offers.get((fold(row["supplier"]), fold(row["material"])), []), row["offer"]
            # An open order has to say which of several offers it is with, even where one of them has no name.
            if row.number in known and not (sheet == "Inventory" and not name and len(names) > 1):
                continue
            column = "offer" if names else "supplier"
            what, fix = f"no offer {name} of {row['material']}", f"Write one of them in offer: {', '.join(filter(None, names))}"
            if not names:
                what, fix = f"no offer of {row['material']}", "Correct supplier or material"
            elif len(names) == 1:
                fix = "Correct it, or clear it where the supplier makes one offer"
            elif not name:
                what = f"{len(names)} offers of {row['material']}"
                fix = fix if all(names) else "Write its name in offer, or name it on Suppliers where it has none"
            yield at(sheet, row.number, column, supplier=row["supplier"], what=what, fix=fix)


def inputs_in_two_places(book: WorkbookRead) -> Findings:
    """{offer} names the input {own} on Suppliers, too. Expected its inputs in one place. Clear input_material and input_per_unit there, or delete the rows
    here."""
    offers = named_offers(book.tables, "Inputs")
    for row in book.rows("Inputs", "supplier", "material", "offer"):
        if row.number in offers and (own := offers[row.number].values.get("input_material")) is not None:
            yield at("Inputs", row.number, "input_material", offer=f"{row['supplier']}, {row['material']}", own=own)


def input_twice(book: WorkbookRead) -> Findings:
    """The input {input} of this offer stands in row {first}, too, which names the offer in another way. Expected one row for each input. Add up what both
    mean, or delete one."""
    seen: dict[tuple[int, str], Row] = {}
    offers = named_offers(book.tables, "Inputs")
    for row in book.rows("Inputs", "supplier", "material", "offer", "input_material"):
        if row.number in offers:
            first = seen.setdefault((offers[row.number].number, fold(row["input_material"])), row)
            if first is not row and fold(first["offer"]) != fold(row["offer"]):
                yield at("Inputs", row.number, "input_material", input=row["input_material"], first=first.number)


OFFER_RULES = (ships_after_arrival, arrival_of_what_has_not_left, departure_without_supplier, row_of_no_offer, inputs_in_two_places, input_twice)
