"""Each number of the workbook that limits something is described with its place, its size and what one unit of it does to a row."""

from __future__ import annotations

import pytest
from constraint_cases import contract
from support import case, need, offer, ore, settings

import optimizer
from optimizer.case import BudgetRow, Disruption, Limit, OfferChange, Plant, Project
from optimizer.model.decisions import Decisions
from optimizer.solving.bounds import bound_rows
from optimizer.solving.built import build

QUARTERS = settings(period="quarter")
TYPICAL = 4.0
"""Ore of which 10 t are needed in a year of quarters stands for a bound of 0 by so many t a year: a round number of the order of the need."""


def limit(measure: str, **bound: float) -> dict:
    return dict(settings=QUARTERS, limits=(Limit(5, "rule", measure, **bound),))


BOUNDS = {  # changes of a case: sheet, column, unit, size, value and side of the bound, and the effect of one unit of it on each of its rows
    "budget": (dict(budget=(BudgetRow(3, 2027, 50.0),)), ("Budget", "amount", "USD", 50.0, 50.0, "maximum"), [1.0]),
    "budget of 0": (dict(budget=(BudgetRow(3, 2027, 0.0),)), ("Budget", "amount", "USD", 100.0, 0.0, "maximum"), [1.0]),
    "storage": (dict(settings=QUARTERS, materials=(ore(storage_capacity=7.0),)), ("Materials", "storage_capacity", "t", 7.0, 7.0, "maximum"), [1.0, 1.0]),
    "no storage": (
        dict(settings=QUARTERS, materials=(ore(storage_capacity=0.0),)),
        ("Materials", "storage_capacity", "t", TYPICAL / 4, 0.0, "maximum"),
        [1.0, 1.0],
    ),
    "sales": (
        dict(settings=QUARTERS, materials=(ore(sale_price=2.0, sale_limit_per_year=6.0),)),
        ("Materials", "sale_limit_per_year", "t per year", 6.0, 6.0, "maximum"),
        [0.25, 0.25],
    ),
    "no sales": (
        dict(settings=QUARTERS, materials=(ore(sale_price=2.0, sale_limit_per_year=0.0),)),
        ("Materials", "sale_limit_per_year", "t per year", TYPICAL, 0.0, "maximum"),
        [0.25, 0.25],
    ),
    "fill rate": (
        dict(settings=QUARTERS, demand=(need(minimum_fill_rate=0.5),)),
        ("Demand", "minimum_fill_rate", "t of expected demand", TYPICAL / 2, 0.5, "minimum"),
        [1.0],
    ),
    "spot limit": (
        dict(settings=QUARTERS, offers=(offer(spot_limit_per_year=5.0),)),
        ("Suppliers", "spot_limit_per_year", "t per year", 5.0, 5.0, "maximum"),
        [0.25, 0.25],
    ),
    "spot limit of 0": (
        dict(settings=QUARTERS, offers=(offer(spot_limit_per_year=0.0),)),
        ("Suppliers", "spot_limit_per_year", "t per year", TYPICAL, 0.0, "maximum"),
        [0.25, 0.25],
    ),
    "capacity": (
        dict(settings=QUARTERS, offers=(offer(capacity=20.0),)),
        ("Suppliers", "capacity_per_year", "t per year", 20.0, 20.0, "maximum"),
        [0.25, 0.25],
    ),
    "capacity of a contract": (
        dict(settings=QUARTERS, offers=(contract(capacity=20.0),)),
        ("Suppliers", "capacity_per_year", "t per year", 20.0, 20.0, "maximum"),
        [0.25, 0.25, 1.0],
    ),
    "plant": (
        dict(settings=QUARTERS, offers=(offer(plant="mill"), offer("B", plant="mill")), plants=(Plant(3, "mill", 30.0),)),
        ("Plants", "capacity_per_year", "t per year", 30.0, 30.0, "maximum"),
        [0.25, 0.25],
    ),
    "share": (limit("purchase_share", minimum=0.5), ("Limits", "minimum", "t", TYPICAL / 2, 0.5, "minimum"), [1.0]),
    "share of 0": (limit("purchase_share", maximum=0.0), ("Limits", "maximum", "t", TYPICAL, 0.0, "maximum"), [1.0]),
    "largest share": (limit("largest_supplier_share", maximum=0.5), ("Limits", "maximum", "t", TYPICAL / 2, 0.5, "maximum"), [1.0]),
    "purchases to demand": (limit("purchase_to_demand", maximum=0.5), ("Limits", "maximum", "t", TYPICAL / 8, 0.5, "maximum"), [1.0, 1.0]),
    "cover": (limit("stock_cover_days", minimum=73.0), ("Limits", "minimum", "t", TYPICAL / 5, 73.0, "minimum"), [1.0, 1.0]),
    "stock": (limit("stock_quantity", maximum=3.0), ("Limits", "maximum", "t", 3.0, 3.0, "maximum"), [1.0, 1.0]),
    "no stock": (limit("stock_quantity", maximum=0.0), ("Limits", "maximum", "t", TYPICAL, 0.0, "maximum"), [1.0, 1.0]),
}


@pytest.mark.parametrize("changes, described, effects", BOUNDS.values(), ids=BOUNDS)
def test_a_bound_is_described_with_its_size_and_its_effect(changes, described, effects):
    """The size is what the bound allows, in the unit of its rows; of a bound of 0 it is what is usual."""
    found = bound_rows(build(case(**changes)))
    (k,) = [k for k, bound in enumerate(found.bounds) if (bound.sheet, bound.column) == described[:2]]
    bound = found.bounds[k]
    assert (bound.unit, bound.size, bound.value, bound.side) == (described[2], pytest.approx(described[3]), *described[4:])
    assert sorted(found.effect[found.bound == k]) == pytest.approx(sorted(effects))


def test_a_budget_says_what_it_is_for():
    """Its year, its category where it has one, and its materials."""
    rows = (BudgetRow(3, 2027, 50.0), BudgetRow(4, 2027, 5.0, category="purchases", material=("ore", "metal")), BudgetRow(5, 2028, 7.0, material=("ore",)))
    built = build(case(materials=(ore(), ore("metal")), budget=rows))
    assert {bound.row: bound.what for bound in bound_rows(built).bounds if bound.sheet == "Budget"} == {
        3: "the 2027 budget of 50 USD",
        4: "the 2027 budget for purchases of ore and metal of 5 USD",
        5: "the 2028 budget of ore of 7 USD",
    }


def effects(offers: tuple, decisions: Decisions | None, **changes) -> list[float]:
    """The effects of the capacity of the first offer on its rows: of capacity in each of two quarters, and of the contract's maximum where it counts."""
    found = bound_rows(build(case(settings=QUARTERS, offers=offers, **changes)), decisions)
    at = [k for k, bound in enumerate(found.bounds) if bound.column == "capacity_per_year" and bound.what.endswith("of A, ore")]
    return sorted(found.effect[found.bound == at[0]].tolist()) if at else []


@pytest.mark.parametrize("remaining, period, worth", [(1.0, "year", 198.0), (1.0, "quarter", 49.5), (0.5, "year", 99.0), (0.5, "quarter", 24.75)])
def test_a_plant_is_worth_what_it_can_serve(remaining, period, worth):
    """One unit a year more in a plant saves 99 on each t that it can serve in two periods, where nothing can be kept and 2 t a year are short."""
    struck = (Disruption(2, "strike", 0.0, 1200.0, remaining, active_now=True),)
    given = case(
        settings=settings(period=period),
        materials=(ore(storage_capacity=0.0),),
        offers=(offer(plant="mill"), offer("B", plant="mill")),
        plants=(Plant(3, "mill", 8.0),),
        disruptions=struck if remaining < 1 else (),
    )
    (row,) = [row for row in optimizer.solve(given).tables["binding"].to_dict("records") if row["sheet"] == "Plants"]
    assert row["worth"] == pytest.approx(worth, rel=0.05 if remaining < 1 else 1e-6)


PLANT = {"projects": (Project(2, "mill", 50.0, 3.0),)}

DECIDED = {  # of a contract with A for up to 20 t a year: its changes, what is decided, and the effects of A's capacity
    "before anything is decided": (dict(), None, [0.25, 0.25, 1.0]),
    "a minimum may not be signed": (dict(minimum_contract=4.0), None, [0.25, 0.25]),
    "another may be chosen": (dict(choose_one="pick"), None, [0.25, 0.25]),
    "no minimum": (dict(), Decisions({0: 0.0}, {}), [0.25, 0.25, 1.0]),
    "signed": (dict(minimum_contract=4.0), Decisions({0: 4.0}, {}), [0.25, 0.25, 1.0]),
    "signed but for rounding": (dict(minimum_contract=4.0), Decisions({0: 4.0 - 1e-9}, {}), [0.25, 0.25, 1.0]),
    "not signed": (dict(minimum_contract=4.0), Decisions({0: 0.0}, {}), [0.0, 0.25, 0.25]),
    "not signed but for rounding": (dict(minimum_contract=4.0), Decisions({0: 1e-9}, {}), [0.0, 0.25, 0.25]),
    "chosen": (dict(choose_one="pick"), Decisions({0: 0.1}, {}), [0.25, 0.25, 1.0]),
    "not chosen": (dict(choose_one="pick"), Decisions({0: 0.0}, {}), [0.0, 0.25, 0.25]),
    "not chosen but for rounding": (dict(choose_one="pick"), Decisions({0: 1e-6}, {}), [0.0, 0.25, 0.25]),
    "chosen, with a minimum": (dict(choose_one="pick", minimum_contract=4.0), Decisions({0: 4.0}, {}), [0.25, 0.25, 1.0]),
    "not chosen, with a minimum": (dict(choose_one="pick", minimum_contract=4.0), Decisions({0: 1.0}, {}), [0.0, 0.25, 0.25]),
}


@pytest.mark.parametrize("changes, decided, expected", DECIDED.values(), ids=DECIDED)
def test_capacity_loosens_a_contract_that_is_signed(changes, decided, expected):
    """The rows of capacity give by a quarter of a unit a year; the largest contract by a whole one, once it is signed or needs no signing."""
    offers = (contract(supplier="A", capacity=20.0, **changes), contract(supplier="B", capacity=20.0, choose_one=changes.get("choose_one")))
    assert effects(offers, decided) == pytest.approx(expected)


def test_capacity_that_changes_by_date_loosens_no_contract():
    """The rates of a contract follow from its offer's largest capacity: what a unit of one of its dates does to the rows is not known."""
    changed = (OfferChange(2, "A", "ore", start=1, capacity_per_year=30.0),)
    assert effects((contract(capacity=20.0),), Decisions({0: 1.0}, {}), offer_changes=changed) == []
    assert effects((contract(capacity=20.0),), None, offer_changes=changed) == []
    assert effects((offer("A", capacity=20.0),), Decisions({}, {}), offer_changes=changed) == [0.25]


@pytest.mark.parametrize("start, expected", [(None, [0.0, 0.0]), (0, [0.0, 0.25]), (1, [0.0, 0.0])])
def test_capacity_loosens_what_a_project_has_made_ready(start, expected):
    """A mill that takes a quarter to build and is begun in the first one delivers in the second."""
    assert effects((offer("A", capacity=20.0, project="mill"),), Decisions({}, {"mill": start}), **PLANT) == pytest.approx(expected)
    assert effects((offer("A", capacity=20.0, project="mill"),), None, **PLANT) == []


@pytest.mark.parametrize("start, reserved", [(None, [1.0, 1.0]), (0, [1.0, 0.0]), (1, [1.0, 1.0])])
def test_capacity_loosens_the_reservation_of_a_contract_whose_project_is_not_ready(start, reserved):
    """Until the mill is ready nothing has to be reserved; what a date's capacity does to a contract's rates is not known, and before a plan nothing is."""
    sold = (contract(capacity=20.0, reservation_price=1.0, project="mill"),)
    built = build(case(settings=QUARTERS, offers=sold, **PLANT))
    rows = {k for k, (family, _) in enumerate(built.template.rows) if family.name == "contract_reserved"}
    found = bound_rows(built, Decisions({0: 1.0}, {"mill": start}))
    assert [effect for row, effect in zip(found.row, found.effect) if built.program.row_template[row] in rows] == reserved
    assert effects(sold, None, **PLANT) == []
    changed = (OfferChange(2, "A", "ore", start=1, capacity_per_year=30.0),)
    assert effects(sold, Decisions({0: 1.0}, {"mill": start}), offer_changes=changed, **PLANT) == []
