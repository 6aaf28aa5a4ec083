"""Warnings on figures that are some hundred times off: usually a slip of the keyboard or of the unit. Each docstring is the planner's message.

A figure is compared with others that should be of its size. Sorted, such figures lie close together; where one gap between neighbours is
very wide, the fewer on one side of it are named. So one slip, or two alike, are found whatever the others are, and no average is needed
that the slip itself would move.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from optimizer.case import Case, Demand, Offer
from optimizer.intake.checks.rules import ROUNDING, Finding, WorkbookRead, at
from optimizer.intake.checks.supply import cheapest_prices, needed_in

Findings = Iterator[Finding]

PRICES_APART = 25.0
"""Prices of one material differ by far less: by trade, purity and place, about tenfold at most."""
QUANTITIES_APART = 100.0
"""Capacities and uses of one material differ more: a recycler beside a mine."""
_MORE_THAN_NEEDED = 50.0
"""Nobody needs an offer of so many times a year's demand."""
_YEARS_IN_STOCK = 10.0
"""Nobody holds stock for so many years."""
_NO_LIMIT = 1e5
"""From here on a round number, such as 1,000,000 or 999,999, stands for no limit."""


@dataclass(frozen=True, slots=True)
class Far:
    """A figure far from its peers. key: whose it is; times: how many times off the nearest peer; above: which way; nearest: that peer's figure."""

    key: Any
    value: float
    times: float
    above: bool
    nearest: float

    @property
    def words(self) -> dict[str, str]:
        """Return the facts of a message."""
        return {"times": f"{self.times:,.0f}", "way": "above" if self.above else "below", "nearest": f"{self.nearest:,.6g}", "value": f"{self.value:,.15g}"}


def far_off(figures: Iterable[tuple[Any, float]], apart: float, expected: float | None = None) -> list[Far]:
    """Return the figures on the smaller side of the widest gap between neighbours, if that is at least `apart`, a factor.

    Where both sides hold as many, the side farther from `expected` is named, or the higher one. Figures of 0 are left out.
    """
    ordered = sorted(((key, value) for key, value in figures if value > 0), key=lambda pair: pair[1])
    if len(ordered) < 2:
        return []
    gaps = [ordered[place + 1][1] / ordered[place][1] for place in range(len(ordered) - 1)]
    cut = max(range(len(gaps)), key=gaps.__getitem__)
    if gaps[cut] < apart:
        return []
    low, high = ordered[: cut + 1], ordered[cut + 1 :]
    if len(low) == len(high) and expected:
        above = abs(math.log(high[0][1] / expected)) >= abs(math.log(low[-1][1] / expected))
    else:
        above = len(high) <= len(low)
    peer = low[-1][1] if above else high[0][1]
    return [Far(key, value, value / peer if above else peer / value, above, peer) for key, value in (high if above else low)]


# -- prices ----------------------------------------------------------------------------------------------------------------


def price_off_peers(book: WorkbookRead, case: Case) -> Findings:
    """price {value} of {offer} is {times} times {way} the nearest other offer of {material}, {nearest}. Expected prices of one size, in
    {currency} per {unit}. Check its digits and its unit."""
    units = {row.material: row.unit for row in case.materials}
    for far in _far_prices(case):
        offer = far.key
        yield at(
            "Suppliers", offer.row, "price", offer=offer.name, material=offer.material, currency=case.settings.currency, unit=units[offer.material], **far.words
        )


def _far_prices(case: Case) -> list[Far]:
    """Return the offers whose price is far off that of the other offers of their material; a fee for converting is compared with fees."""
    groups: dict[tuple[str, bool], list] = {}
    for offer, inputs in zip(case.offers, case.inputs_of_offers()):
        groups.setdefault((offer.material, bool(inputs)), []).append(offer)
    shortage = {row.material: row.shortage_cost for row in reversed(case.demand)}
    return [
        far for (material, _), offers in groups.items() for far in far_off(((offer, offer.price) for offer in offers), PRICES_APART, shortage.get(material))
    ]


def contract_price_off_spot(book: WorkbookRead, case: Case) -> Findings:
    """{column} {value} of {offer} is {times} times {way} its {base}, {nearest}. Expected prices of one size. Check its digits and its unit."""
    priced = {far.key.row for far in _far_prices(case)}
    for offer in case.offers:
        if not offer.contractable or offer.row in priced or offer.price <= 0:
            continue
        checks = [
            ("contract_price", offer.contract_price, "price", offer.price, True),
            ("reservation_price", offer.reservation_price, "price", offer.price, False),
            ("price_floor", offer.price_floor, "contract_price", offer.contract_price, False),
            ("price_ceiling", offer.price_ceiling, "contract_price", offer.contract_price, True),
        ]
        for column, value, base, other, below_too in checks:
            if not value or not other:
                continue
            times = max(value / other, other / value)
            if times >= PRICES_APART and (value > other or below_too) and not (column == "price_ceiling" and value > other):
                yield at("Suppliers", offer.row, column, column=column, offer=offer.name, base=base, **Far(offer, value, times, value > other, other).words)
                break


# -- quantities ------------------------------------------------------------------------------------------------------------


def capacity_off_peers(book: WorkbookRead, case: Case) -> Findings:
    """capacity_per_year {value} of {offer} is {times} times {way} the nearest other offer of {material}, {nearest}. Expected capacities of
    one size, in {unit} per year. Check its digits and its unit."""
    units = {row.material: row.unit for row in case.materials}
    needed = _needed_per_year(case)
    groups: dict[str, list] = {}
    for offer in case.offers:
        if not _means_no_limit(offer.capacity_per_year):
            groups.setdefault(offer.material, []).append(offer)
    for material, offers in groups.items():
        for far in _far_capacities(offers, needed.get(material, 0.0)):
            yield at("Suppliers", far.key.row, "capacity_per_year", offer=far.key.name, material=material, unit=units[material], **far.words)


def _far_capacities(offers: list[Offer], needed: float) -> list[Far]:
    """Return the capacities far off the others of their material; one that is far more than is needed of it is suspected sooner."""
    figures = [(offer, offer.capacity_per_year) for offer in offers]
    sooner = [far for far in far_off(figures, PRICES_APART, needed) if far.above and needed and far.value >= _MORE_THAN_NEEDED * needed]
    return far_off(figures, QUANTITIES_APART, needed) or sooner


def _means_no_limit(value: float) -> bool:
    """Return whether a capacity is a round large number, as typed for "as much as you like"."""
    return value >= _NO_LIMIT and (f"{value:.15g}".replace("+", "").strip("0") in ("1", "1e") or set(f"{value:.15g}") <= {"9", "."} or value >= 1e9)


def _needed_per_year(case: Case) -> dict[str, float]:
    """Return what all uses of each material need per year."""
    found: dict[str, float] = {}
    for row in case.demand:
        found[row.material] = found.get(row.material, 0.0) + row.annual_demand
    return found


def demand_off(book: WorkbookRead, case: Case) -> Findings:
    """annual_demand {value} of {material} for {use} is {times} times {way} {what}, {nearest}. Expected quantities of one size, in {unit} per
    year. Check its digits and its unit."""
    units = {row.material: row.unit for row in case.materials}
    for far, what in far_demands(case):
        row = far.key
        yield at("Demand", row.row, "annual_demand", material=row.material, use=row.use, what=what, unit=units[row.material], **far.words)


def far_demands(case: Case) -> list[tuple[Far, str]]:
    """Return rows of Demand far above what all offers of their material deliver, or far below its other uses, and what they are compared with."""
    capacity: dict[str, float] = {}
    for schedule in case.schedules:
        material = schedule.offer.material
        capacity[material] = capacity.get(material, 0.0) + max(schedule.deliverable(t) for t in schedule.turns(range(case.settings.periods)))
    groups: dict[str, list[Demand]] = {}
    for row in case.demand:
        groups.setdefault(row.material, []).append(row)
    found = []
    for material, rows in groups.items():
        most = capacity.get(material, 0.0)
        over = [row for row in rows if 0 < most * PRICES_APART <= row.annual_demand]
        found += [(Far(row, row.annual_demand, row.annual_demand / most, True, most), "what all its offers can deliver in a year") for row in over]
        rest = [(row, row.annual_demand) for row in rows if row not in over]
        found += [(far, "the nearest other use") for far in far_off(rest, 2 * QUANTITIES_APART, most) if not far.above]
    return found


def period_off_year(book: WorkbookRead, case: Case) -> Findings:
    """The quantity of {period} for {use}, {value}, is {times} times {way} what annual_demand gives for a period, {nearest}. Expected
    quantities of one size. Check its digits, its unit, and that it is for the period, not for the year."""
    for row in case.demand:
        plain = replace(row, by_period={})
        for t, value in row.by_period.items():
            other = needed_in(case, plain, t)
            if value > 0 and other > 0 and max(value / other, other / value) >= PRICES_APART:
                far = Far(row, value, max(value / other, other / value), value > other, other)
                yield at("Demand", row.row, t, period=case.calendar.label(t), use=row.use, **far.words)
                break


# -- stock and money -------------------------------------------------------------------------------------------------------


def stock_over_storage(book: WorkbookRead, case: Case) -> Findings:
    """{stock} {unit} of {material} {when}, but its storage_capacity is {capacity}. Expected no more than can be stored. Correct quantity, or
    storage_capacity on Materials."""
    for material in case.materials:
        if material.storage_capacity is None:
            continue
        due: dict[int, list] = {}
        for item in case.inventory:
            if item.material == material.material:
                arrival = case.usual_arrival(item)
                due.setdefault(-1 if arrival is None else arrival, []).append(item)
        for t, items in sorted(due.items()):
            stock = sum(item.quantity for item in items)
            if stock > material.storage_capacity * (1 + ROUNDING) and t < case.calendar.periods:
                when = "are in stock" if t < 0 else f"arrive in {case.calendar.label(t)}"
                most = max(items, key=lambda item: item.quantity)
                yield at(
                    "Inventory",
                    most.row,
                    "quantity",
                    stock=f"{stock:,.15g}",
                    unit=material.unit,
                    material=material.material,
                    when=when,
                    capacity=f"{material.storage_capacity:,.15g}",
                )
                break


def stock_for_many_years(book: WorkbookRead, case: Case) -> Findings:
    """{stock} {unit} of {material} in stock and on order are {years} years of its demand, {needed} per year. Expected quantities of one size.
    Check the digits and the unit of quantity, and of annual_demand on Demand."""
    needed = _needed_per_year(case)
    inputs = {name for needed in case.inputs_of_offers() for name, _ in needed} | {row.substitute for row in case.substitutes}
    for material in case.materials:
        items = [item for item in case.inventory if item.material == material.material]
        stock, year = sum(item.quantity for item in items), needed.get(material.material, 0.0)
        if year > 0 and stock >= _YEARS_IN_STOCK * year and material.material not in inputs:
            most = max(items, key=lambda item: item.quantity)
            yield at(
                "Inventory",
                most.row,
                "quantity",
                stock=f"{stock:,.15g}",
                unit=material.unit,
                material=material.material,
                years=f"{stock / year:,.0f}",
                needed=f"{year:,.15g}",
            )


def open_order_twice(book: WorkbookRead, case: Case) -> Findings:
    """This open order says the same as row {first}, and both count. Expected a row for each order. Delete one if it was copied, or leave it
    if there are two orders."""
    seen: dict[tuple, int] = {}
    table = book.tables.get("Inventory")
    for item in case.inventory if table else ():
        if not item.on_hand:
            raw = table.row(item.row).raw
            when = tuple(str(raw.get(column)) for column in ("arrives", "ships"))
            first = seen.setdefault((item.material, item.origin, item.quantity, item.supplier, item.offer, *when), item.row)
            if first != item.row:
                yield at("Inventory", item.row, "material", book.clear_twin("Inventory", item.row, first), first=first)


def budget_off_years(book: WorkbookRead, case: Case) -> Findings:
    """{value} for the fiscal year {year} is {times} times {way} the nearest other year, {nearest}. Expected amounts of one size, in
    {currency}. Check its digits, and that it is not in thousands."""
    horizon = case.calendar.fiscal_years
    for scope in dict.fromkeys(row.scope for row in case.budget):
        category, materials = scope
        rows = [(row, row.amount) for row in case.budget if row.scope == scope and row.fiscal_year in horizon]
        if not far_off(rows, QUANTITIES_APART):
            continue
        prices = cheapest_prices(case) if category in ("all", "purchases") else {}
        needs = {material: quantity for material, quantity in _needed_per_year(case).items() if not materials or material in materials}
        need = sum(quantity * prices.get(material, 0.0) for material, quantity in needs.items())
        for far in far_off(rows, QUANTITIES_APART, need):
            yield at("Budget", far.key.row, "amount", year=str(far.key.fiscal_year), currency=case.settings.currency, **far.words)


RULES = (
    price_off_peers,
    contract_price_off_spot,
    capacity_off_peers,
    demand_off,
    period_off_year,
    stock_over_storage,
    stock_for_many_years,
    open_order_twice,
    budget_off_years,
)
