"""How much of the chance of a shortage no decision can avoid."""

from __future__ import annotations

from dataclasses import replace

import pytest
from random_cases import random_case
from support import case, offer, ore

import optimizer
from optimizer.case import BudgetRow, Disruption, Limit, Project, StockItem

BAN = Disruption(row=2, disruption="ban", annual_probability=0.25, mean_duration_months=1200.0, capacity_remaining=0.0, supplier=("A",))


def chances(**changes) -> tuple[float, float]:
    """Chance of a shortage, and what of it is unavoidable, of the small case with changes."""
    plan = optimizer.solve(case(**changes))
    return plan.probability_of_shortage, plan.unavoidable_shortage


def test_what_cannot_arrive_in_time_is_unavoidable():
    """With a lead time of a year and nothing on hand the first year goes short in every future."""
    assert chances(offers=(offer(lead_time_months=12.0),)) == (1.0, 1.0)


def test_what_the_stock_bridges_is_avoidable():
    """Ten tonnes on hand bridge the year that the first order takes."""
    stock = (StockItem(row=2, material="ore", origin="allied", quantity=10.0),)
    assert chances(offers=(offer(lead_time_months=12.0),), inventory=stock) == (0.0, 0.0)


def test_what_a_budget_or_a_limit_prevents_is_avoidable():
    """Short because of money, or of a licence, is no fate."""
    assert chances(budget=(BudgetRow(row=2, fiscal_year=2027, amount=5.0),)) == (1.0, 0.0)
    licence = Limit(row=2, limit="licence", measure="purchase_to_demand", maximum=0.5)
    assert chances(limits=(licence,)) == (1.0, 0.0)


def test_what_is_not_worth_its_price_is_avoidable():
    """A buyer who rather goes short than pays could have paid."""
    assert chances(offers=(offer(price=200.0),)) == (1.0, 0.0)


def test_what_a_ban_takes_away_could_have_been_stored():
    """The ban of the second year, at 25%: without a store for it the shortage is unavoidable, with one it is not."""
    store = ore(storage_capacity=0.0)
    dear = offer(price=90.0)
    assert chances(disruptions=(BAN,), offers=(dear,), materials=(store,)) == (pytest.approx(0.25), pytest.approx(0.25))
    assert chances(disruptions=(BAN,), offers=(dear,), materials=(ore(holding_cost_per_year=50.0),)) == (pytest.approx(0.25), 0.0)


def test_a_project_that_is_not_worth_its_cost_could_have_been_started():
    """The plant would be ready in the second year: the first is short whatever is decided, then every future is."""
    plant = Project(row=2, project="plant", cost=1e9, lead_time_months=12.0)
    assert chances(projects=(plant,), offers=(offer(project="plant"),)) == (1.0, 1.0)
    at_once = replace(plant, lead_time_months=0.0)
    assert chances(projects=(at_once,), offers=(offer(project="plant"),)) == (1.0, 0.0)


def test_an_input_that_cannot_be_had_makes_the_product_short():
    """Eight tonnes of feed a year make four of ore, where ten are needed."""
    tolled = offer(input_material="feed", input_per_unit=2.0)
    materials = (ore(), ore("feed", row=3))
    assert chances(materials=materials, offers=(tolled, offer("F", "feed", capacity=8.0, row=3))) == (1.0, 1.0)
    assert chances(materials=materials, offers=(tolled, offer("F", "feed", capacity=20.0, row=3))) == (0.0, 0.0)


@pytest.mark.parametrize("seed", range(12))
def test_no_plan_goes_short_more_rarely_than_is_unavoidable(seed):
    """A plan that spares no cost and has neither budget nor limits still goes short at least that often."""
    found = random_case(seed)
    try:
        plan = optimizer.solve(found)
    except optimizer.errors.InfeasibleError:
        return
    dear = tuple(replace(row, shortage_cost=1e4 * (1 + row.shortage_cost), minimum_fill_rate=None) for row in found.demand)
    careful = optimizer.solve(replace(found, demand=dear, budget=(), limits=(), settings=replace(found.settings, risk_weight=0.0)))
    assert plan.unavoidable_shortage <= plan.probability_of_shortage + 1e-9
    assert plan.unavoidable_shortage <= careful.probability_of_shortage + 1e-9
