"""What information, planning for many futures and limits are worth: published answers, cases solved by hand, and properties of random cases."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from random_cases import random_case
from support import case, need, offer, ore, settings

import optimizer
from optimizer.case import BudgetRow, Case, Demand, Disruption, Limit, Material, OfferChange, Project, ScenarioRow
from optimizer.errors import OptimizerError
from optimizer.scenarios.tree import ScenarioTree
from optimizer.solving.extensive import solve_extensive
from optimizer.solving.solve import solve_case
from optimizer.studies import information as information_module
from optimizer.studies.expected_value import mean_problem
from optimizer.studies.information import Information, Work, restricted
from optimizer.studies.limit_costs import lines_of, without
from optimizer.studies.value import SECONDS, TABLES, value_of_information

EXACT = 1e-6
"""Relative: what a published figure and ours may differ by."""

ROUNDING = 1e-6
"""By how much, of the objective, a value may miss what must hold of it."""

PERFECT, LATER, MANY = "Perfect information", "Foresight after the first decisions", "Planning for many futures"


def of(tables, question: str, column: str = "value") -> float:
    """One figure of the table value, on the objective."""
    table = tables["value"]
    return float(table[(table["question"] == question) & (table["measure"] == "objective")][column].iloc[0])


def event(name: str, **more) -> Disruption:
    """A disruption that begins in listed scenarios only and harms nothing unless `more` says so."""
    return Disruption(2, name, **{"annual_probability": 0.0, "mean_duration_months": 12.0, "capacity_remaining": 1.0, **more})


def listed(events: tuple[Disruption, ...], shares: tuple[float, ...], starts: int = 1) -> tuple[ScenarioRow, ...]:
    """One scenario for each event that lasts a year from its start, each with its share of the probability."""
    return tuple(ScenarioRow(k + 2, row.disruption, share, disruption=row.disruption, starts=starts, duration_months=12.0) for k, (row, share) in enumerate(zip(events, shares)))


# -- published answers -----------------------------------------------------------------------------------------------------


def gas() -> Case:
    """LINGO's gas buying: 100 now at 5; next year 100 at 5, 150 at 6 or 180 at 7.5, each with 1/3; a unit kept costs 1."""
    events = (event("cold", price_multiplier=1.2, demand_multiplier=1.5), event("very cold", price_multiplier=1.5, demand_multiplier=1.8))
    normal = ScenarioRow(9, "normal", 1 / 3)
    return case(
        settings=settings(scenario_method="listed"),
        materials=(ore(holding_cost_per_year=1.0),),
        demand=(need(100.0, 1000.0),),
        offers=(offer(price=5.0, capacity=10_000.0),),
        disruptions=events,
        scenarios=(normal, *listed(events, (1 / 3, 1 / 3))),
    )


def test_perfect_information_on_the_winter_is_worth_73_33():
    """LINDO, LINGO user's manual, SPGAS1: the plan costs 1,400, the wait-and-see solution 1,326.667, so that perfect information is worth 73.333."""
    tables = value_of_information(optimizer.solve(gas()))
    assert of(tables, PERFECT, "plan") == pytest.approx(1400, rel=EXACT)
    assert of(tables, PERFECT, "other") == pytest.approx(1326.6666667, rel=EXACT)
    assert of(tables, PERFECT) == pytest.approx(73.3333333, rel=EXACT)


def shop() -> Case:
    """The pop-up shop: bought at 12, sold at 40, or at 2 in the end; demand is 650, 400 or 200 with 0.1, 0.6 and 0.3. A shortage costs the price of 40."""
    events = (event("crowd", demand_multiplier=650 / 400), event("calm"), event("few", demand_multiplier=0.5))
    return case(
        settings=settings(scenario_method="listed"),
        materials=(ore(salvage_value=2.0),),
        demand=(need(400.0, 40.0, by_period={0: 0.0}),),
        offers=(offer(price=12.0, capacity=1000.0, lead_time_months=12.0, row=2),),
        disruptions=events,
        scenarios=listed(events, (0.1, 0.6, 0.3)),
    )


def test_the_pop_up_shop_gains_581_by_planning_for_all_demands():
    """MO-book, notebook 09/02: profits of 8,920 (order 400), 8,339 with the mean demand's order of 365, 10,220 with foresight: VSS 581, EVPI 1,300."""
    given, income = shop(), 40 * 365
    tables = value_of_information(optimizer.solve(given))
    assert income - of(tables, MANY, "plan") == pytest.approx(8920, rel=EXACT)
    assert income - of(tables, MANY, "other") == pytest.approx(8339, rel=EXACT)
    assert of(tables, MANY) == pytest.approx(581, rel=EXACT)
    assert income - of(tables, PERFECT, "other") == pytest.approx(10_220, rel=EXACT)
    assert of(tables, PERFECT) == pytest.approx(1300, rel=EXACT)


def farmer() -> Case:
    """The farmer's 500 acres: a contract is an acre's harvest in the best year, of which a poorer year serves less; the land is a budget of 1 an acre.

    An acre's planting cost is paid in part as a prepayment, the same for all crops, in the year of planting, whose budget is that of the land; the rest is paid
    as a reservation in the year of the harvest, from which on the fields serve. Beets beyond the quota are left over, for their lower price.
    """
    best = {"wheat": 3.0, "corn": 3.6, "beets": 24.0}
    planting = {"wheat": 150.0, "corn": 230.0, "beets": 260.0}
    rows = count(2)
    fields = tuple(
        offer(
            f"{crop} field",
            crop,
            0.0,
            500 * harvest,
            row=next(rows),
            terms="contract",
            prepayment=150 / harvest,
            reservation_price=(planting[crop] - 150) / harvest,
            country="farm",
        )
        for crop, harvest in best.items()
    )
    later = tuple(
        OfferChange(next(rows), f"{crop} field", crop, year, capacity_per_year=capacity)
        for crop, harvest in best.items()
        for year, capacity in ((0, 0.0), (1, 500 * harvest))
    )
    market = (offer("market", "wheat", 238.0, 10_000.0, row=next(rows)), offer("market", "corn", 210.0, 10_000.0, row=next(rows)))
    events = (event("fair year", capacity_remaining=1 / 1.2, country=("farm",)), event("poor year", capacity_remaining=0.8 / 1.2, country=("farm",)))
    return Case(
        settings=settings(scenario_method="listed", start=dt.date(2027, 1, 1)),
        materials=(
            Material(2, "wheat", "t", sale_price=170.0),
            Material(3, "corn", "t", sale_price=150.0),
            Material(4, "beets", "t", sale_price=36.0, sale_limit_per_year=6000.0, salvage_value=10.0),
        ),
        demand=tuple(Demand(k, crop, "feed", tons, 10_000.0, by_period={0: 0.0}) for k, crop, tons in ((2, "wheat", 200.0), (3, "corn", 240.0))),
        offers=(*fields, *market),
        disruptions=events,
        scenarios=(ScenarioRow(9, "good year", 1 / 3), *listed(events, (1 / 3, 1 / 3))),
        budget=(BudgetRow(2, 2027, 500 * 150.0, category="purchases"),),
        offer_changes=later,
    )


def test_the_farmer_gains_1_150_by_planning_for_all_yields():
    """Birge & Louveaux (2011), section 1.1: profits of 108,390, 107,240 with the acres of the mean yield, 115,405.56 on average with foresight."""
    plan = optimizer.solve(farmer())
    contracts = plan.tables["contracts"].set_index("material")["per_year"]
    acres = [contracts["wheat"] / 3, contracts["corn"] / 3.6, contracts["beets"] / 24]
    assert acres == pytest.approx([170, 80, 250], rel=EXACT)
    tables = value_of_information(plan)
    assert -of(tables, MANY, "plan") == pytest.approx(108_390, rel=EXACT)
    assert -of(tables, MANY, "other") == pytest.approx(107_240, rel=EXACT)
    assert of(tables, MANY) == pytest.approx(1150, rel=1e-4)
    assert -of(tables, PERFECT, "other") == pytest.approx(115_405.555556, rel=EXACT)
    assert of(tables, PERFECT) == pytest.approx(7015.555556, rel=1e-5)
    assert mean_problem(plan.solution.built).program.columns == len(plan.solution.built.template.columns)
