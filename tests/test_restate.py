"""A row in a unit or currency of its own is the same row in the material's unit and the case's currency."""

from __future__ import annotations

from dataclasses import replace

import pytest
from books import put, raw, sound

from optimizer.intake.cells.units import grams_of
from optimizer.intake.reader import case_from_sheets


@pytest.mark.parametrize(
    ("unit", "kilograms"),
    [("g", 0.001), ("kg", 1), ("t", 1000), ("metric ton", 1000), ("lb", 0.45359237), ("Pounds", 0.45359237), ("oz", 0.028349523125),
     ("short ton", 907.18474), ("Long ton", 1016.0469088)],
)  # fmt: skip
def test_units_of_weight_and_their_spellings(unit, kilograms):
    """Each unit of the contract, in its usual spellings, weighs what it weighs."""
    assert grams_of(unit) == pytest.approx(1000 * kilograms)


def test_a_bare_ton_is_no_unit():
    """A ton may be metric, short or long."""
    assert grams_of("ton") is None and grams_of("tons") is None


def test_a_row_in_another_unit_and_currency_is_restated():
    """An offer of oxide, whose unit is kg, in lb and EUR: capacities in kg, prices per kg in USD; what is no quantity stays."""
    plain = case_from_sheets(raw(sound())).case.offers[0]
    sheets = sound() | {"Currencies": [["currency", "rate"], ["EUR", 2.0]]}
    put(sheets, "Suppliers", 2, "unit", "lb")
    put(sheets, "Suppliers", 2, "currency", "eur")
    offer = case_from_sheets(raw(sheets)).case.offers[0]
    assert offer.capacity_per_year == pytest.approx(plain.capacity_per_year * 0.45359237)
    assert offer.price == pytest.approx(plain.price * 2 / 0.45359237)
    kept = {"unit": "", "currency": "", "price": 0.0, "capacity_per_year": 0.0, "spot_limit_per_year": 0.0, "contract_price": 0.0}
    assert replace(offer, **kept) == replace(plain, **kept)


def test_demand_and_stock_in_another_unit_are_restated():
    """The yearly quantity, that of a period, and the cost of a unit short; and a stock."""
    plain = case_from_sheets(raw(sound())).case
    sheets = sound()
    put(sheets, "Demand", 2, "2027-Q2", 100)
    put(sheets, "Demand", 2, "unit", "t")
    put(sheets, "Inventory", 2, "unit", "g")
    case = case_from_sheets(raw(sheets)).case
    assert case.demand[0].annual_demand == pytest.approx(1000 * plain.demand[0].annual_demand)
    assert case.demand[0].by_period == {1: pytest.approx(100_000)}
    assert case.demand[0].shortage_cost == pytest.approx(plain.demand[0].shortage_cost / 1000)
    own = {m.material: m.unit for m in case.materials}[case.inventory[0].material]
    assert case.inventory[0].quantity == pytest.approx(plain.inventory[0].quantity * {"kg": 0.001, "t": 1e-6}[own])
