"""What has a shelf life and what is sold stand in a plan, in its JSON and in its words, and every part of the house knows of them."""

from __future__ import annotations

import numpy as np
import pytest
from age_cases import PLENTY
from constraint_cases import DEARER_NEXT_YEAR
from support import case, need, offer, ore, settings

import optimizer
from optimizer.case import Limit, StockItem
from optimizer.errors import InfeasibleError
from optimizer.model.data import CaseData
from optimizer.model.risk import least_cost
from optimizer.plan.audit import Claimed, audit
from optimizer.solving.extensive import solve_extensive
from optimizer.studies.naive_plans import naive

OLD = {"materials": (ore(row=7, shelf_life_months=12.0),)}
"""Ore that cannot be kept from one year to the next."""


def test_what_is_sold_stands_in_the_table_the_json_and_the_words():
    """10 t of the 30 on hand are sold at 2: a row, a part of the cost below 0, and a sentence."""
    plan = optimizer.solve(case(materials=(ore(sale_price=2.0),), **PLENTY))
    told = plan.to_dict()
    assert sum(row["quantity"] for row in told["sales"]) == pytest.approx(10.0)
    assert {(row["material"], row["origin"]) for row in told["sales"]} == {("ore", "allied")}
    assert told["costs"]["sales"] == pytest.approx(-20.0) == told["expected_cost"]
    assert any(line.startswith("Sell 10 t of ore") for line in plan.sentences["hold"])
    assert "less what sales bring (USD 20)" in plan.headlines[0].meaning


def test_without_a_sale_nothing_is_said_of_one():
    """The table has no row, the part of the cost is 0, and no sentence speaks of sales."""
    told = optimizer.solve(case()).to_dict()
    assert told["sales"] == [] and told["costs"]["sales"] == 0


def test_a_stock_that_its_life_forbids_is_told_by_what_asks_for_it():
    """A floor of 5 t in ore that cannot be kept: it is the floor that has to give, all of it."""
    with pytest.raises(InfeasibleError) as caught:
        optimizer.solve(case(**OLD, limits=(Limit(5, "floor", "stock_quantity", minimum=5.0),)))
    assert {(c.sheet, c.row): pytest.approx(c.give) for c in caught.value.conflicts} == {("Limits", 5): 5}


def test_a_sale_limit_is_worth_what_another_unit_a_year_brings():
    """One more t a year for two years at 2, as far as small changes go."""
    (row,) = optimizer.solve(case(materials=(ore(row=7, sale_price=2.0, sale_limit_per_year=4.0),), **PLENTY)).tables["binding"].to_dict("records")
    assert (row["sheet"], row["row"], row["unit"], row["worth"]) == ("Materials", 7, "t per year", pytest.approx(4.0))


def test_a_shortage_that_a_shelf_life_makes_cannot_be_avoided():
    """20 t a year are on offer for a need of 30 in the second, and what is bought in the first is too old by then."""
    scarce = {"demand": (need(by_period={0: 0.0, 1: 30.0}),), "offers": (offer(capacity=20.0),)}
    plan = optimizer.solve(case(**OLD, **scarce))
    assert plan.probability_of_shortage == plan.unavoidable_shortage == 1
    assert optimizer.solve(case(**scarce)).probability_of_shortage == 0


def test_a_naive_buyer_sells_nothing_and_keeps_no_longer_than_it_lasts():
    """Of 30 t on hand 10 are used; the rest, which is too old, is thrown away, and 10 t are bought at 3."""
    plan = naive(case(materials=(ore(shelf_life_months=12.0, sale_price=2.0),), **PLENTY), "stock_60")
    assert plan.tables["sales"].empty and not plan.tables["stock"]["quantity"].any()
    assert plan.expected_cost == pytest.approx(30.0)


def test_what_pays_to_be_sold_is_usable_without_end_and_bounds_the_cost():
    """Below its price a sale leaves orders bounded by the need; above it they are not, and all that may be sold counts in the least cost."""

    def usable(price):
        return CaseData(case(materials=(ore(sale_price=price),), offers=(offer(capacity=1e11),))).usable.order[0]

    assert usable(0.9) == pytest.approx(20.0) and usable(1.1) == float("inf")
    held = {"inventory": (StockItem(2, "ore", "allied", 30.0),), "offers": (offer(capacity=10.0),)}
    sold = ore(sale_price=2.0, salvage_value=1.0, sale_limit_per_year=5.0)
    assert least_cost(CaseData(case(materials=(sold,), **held))) == pytest.approx(-(50.0 + 10.0)), "50 t, 10 of them sold at 2, the others left at 1"
    growing = settings(discount_rate=-0.5)
    assert least_cost(CaseData(case(settings=growing, materials=(ore(sale_price=2.0),), **held))) == pytest.approx(-50.0 * 2.0 * 2.0), "later counts double"


def tampered(given, drop=(), **changes):
    """What the audit finds in the optimal plan of a case, made without some constraints, with other decisions in some of its tables."""
    solution = solve_extensive(given, drop=drop)
    for name, values in changes.items():
        getattr(solution.decisions, name)["ore", "allied"] = np.array(values)
    found = audit(solution.built.case, solution.built.tree, solution.decisions, Claimed(0.0, 0.0, 0.0, {})).findings
    return [finding for finding in found if not finding.startswith("Claimed")]


def test_the_audit_tells_what_is_too_old_what_may_not_go_and_what_may_not_be_sold():
    """Each rule of age and sale has its sentence, with the place and the quantities."""
    kept = tampered(case(**OLD, offers=DEARER_NEXT_YEAR), drop=("shelf_life",))
    assert any(line.startswith("Shelf life of ore in 2027") and "10 t of allied origin are kept beyond their life of 1 periods" in line for line in kept)
    young = case(materials=(ore(shelf_life_months=24.0),), demand=(need(by_period={0: 0.0}),), inventory=(StockItem(2, "ore", "allied", 30.0, arrives=1),))
    assert any(line.startswith("Disposal of ore in 2028") and "0 of which may be" in line for line in tampered(young, discard=[0.0, 20.0]))
    assert any(line.startswith("Sales of ore in 2027") and "5 t are sold, 0 may be" in line for line in tampered(case(**PLENTY), sold=[5.0, 0.0]))
    limited = case(materials=(ore(sale_price=2.0, sale_limit_per_year=4.0),), **PLENTY)
    assert any("8 t are sold, 4 may be" in line for line in tampered(limited, sold=[8.0, 0.0]))
