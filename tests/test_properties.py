"""What must hold of every case, whatever its numbers: no hand-solved answer is needed to see that it does not."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest
from property_cases import CASES, LISTED
from random_cases import random_case
from support import optimum

from optimizer.case import Case, Disruption
from optimizer.model.data import canonical
from optimizer.schema.sheets import INPUTS
from optimizer.solving.extensive import solve_extensive
from optimizer.solving.solution import Solution

EQUAL = 1e-7
"""Relative: what two solves of one problem may differ by."""

SHEETS = (
    "materials",
    "demand",
    "offers",
    "disruptions",
    "budget",
    "inventory",
    "projects",
    "scenarios",
    "limits",
    "duties",
    "plants",
    "origin_rules",
    "currencies",
    "inputs",
    "substitutes",
    "offer_changes",
)

ALL = CASES | {f"random {seed}": random_case(seed) for seed in range(10)}

every_case = pytest.mark.parametrize("name", ALL)
every_rich_case = pytest.mark.parametrize("name", CASES)


@cache
def solved(name: str) -> Solution:
    """The solution of one of the cases as it stands."""
    return solve_extensive(ALL[name])


def cost(solution: Solution) -> float:
    """The objective; infinite where the case has no plan."""
    return np.inf if solution.status == "infeasible" else solution.objective


def plan_of(solution: Solution) -> dict[tuple, float]:
    """What a plan tells the planner to do: contracts, project starts, and every order at every node."""
    if solution.decisions is None:
        return {}
    built, chosen = solution.built, solution.decisions
    key = {s: offer.key for s, offer in enumerate(built.case.offers)}
    plan = {("contract", key[s]): quantity for s, quantity in chosen.contract.items()}
    plan |= {("start", project): -1 if start is None else start for project, start in chosen.start.items()}
    for name, orders in (("spot", chosen.spot), ("call_off", chosen.call_off)):
        for (s, origin), by_node in orders.items():
            plan |= {(name, key[s], origin, node): float(quantity) for node, quantity in enumerate(by_node)}
    return plan


def same_plan(a: Solution, b: Solution) -> bool:
    """Whether two solutions say to do the same."""
    first, second = plan_of(a), plan_of(b)
    return first.keys() == second.keys() and all(second[k] == pytest.approx(v, rel=1e-6, abs=1e-6) for k, v in first.items())


# -- restating a case --------------------------------------------------------------------------------------------------------


def restated(case: Case, units: dict[str, float], money: float) -> Case:
    """The same case with each material counted in a unit 1/units[material] as large, money in one 1/money as large.

    What a number is counted in stands in the schema; only what depends on another cell is told apart here. A limit on several
    materials, each of which stands by itself, becomes one limit a material.
    """
    names = tuple(units)
    case = replace(case, limits=tuple(replace(row, material=(name,)) for row in case.limits for name in row.material or names))
    sheets = {sheet.case_field: sheet for sheet in INPUTS if not sheet.settings}
    result = {}
    for name in SHEETS:
        rows = []
        for row in getattr(case, name):
            material = getattr(row, "material", None)
            size = units[material[0] if isinstance(material, tuple) else material] if material and name != "disruptions" else 1.0
            changes = {}
            for column in sheets[name].columns:
                value = getattr(row, column.attribute)
                if value is not None and "{" in column.unit:
                    changes[column.attribute] = value * (money if "{currency}" in column.unit else size)
                    if "per {unit}" in column.unit:
                        changes[column.attribute] /= size
            if name == "plants":
                made = {units[offer.material] for offer in case.offers if offer.plant == row.plant}
                changes["capacity_per_year"] = row.capacity_per_year * made.pop()
                assert not made, "the materials of a plant have one unit"
            if name == "demand":
                changes["by_period"] = {t: quantity * size for t, quantity in row.by_period.items()}
            if name == "offers" and row.input_material:
                changes["input_per_unit"] = row.input_per_unit * units[row.input_material] / size
            if name == "inputs":
                changes["input_per_unit"] = row.input_per_unit * units[row.input_material] / size
            if name == "substitutes" and row.substitute:
                changes["units_per_unit"] = row.units_per_unit * units[row.substitute] / size
            if name == "limits" and row.measure == "stock_quantity":
                changes |= {bound: getattr(row, bound) * size for bound in ("minimum", "maximum") if getattr(row, bound) is not None}
            rows.append(replace(row, **changes))
        result[name] = tuple(rows)
    return replace(case, **result)


@every_case
def test_restating_units_and_money_restates_the_cost(name):
    """Quantities in a tenth of the unit and money in a thousandth of the currency make every cost exactly 1000 times as large."""
    case = ALL[name]
    units = {material.material: 10.0 for material in case.materials}
    assert cost(solve_extensive(restated(case, units, 1000.0))) == pytest.approx(1000 * cost(solved(name)), rel=EQUAL)


@every_case
def test_restating_one_material_changes_nothing(name):
    """The unit of a single material is of no account, also where that material is converted into another."""
    case = ALL[name]
    first, *others = (material.material for material in case.materials)
    units = {first: 1000.0} | dict.fromkeys(others, 1.0)
    if len({offer.material for offer in case.offers if offer.plant}) > 1:  # the materials of a plant have one unit
        case = replace(case, plants=(), offers=tuple(replace(offer, plant=None) for offer in case.offers))
    assert cost(solve_extensive(restated(case, units, 1.0))) == pytest.approx(cost(solve_extensive(case)), rel=EQUAL)


@every_case
def test_rows_have_one_order_however_they_were_typed(name):
    """Sheet by sheet, rows typed the other way round come to stand in the same order: each sheet by itself."""

    def plain(case: Case, sheet: str) -> list:
        return [replace(row, row=0) for row in getattr(case, sheet)]

    for sheet in SHEETS:
        if sheet != "scenarios":
            turned = replace(ALL[name], **{sheet: getattr(ALL[name], sheet)[::-1]})
            assert plain(canonical(turned), sheet) == plain(canonical(ALL[name]), sheet), sheet


@every_case
def test_order_of_rows_changes_nothing(name):
    """Shuffled sheets give the same cost and the same plan.

    Rows are numbered anew, but for disruptions: their numbers settle which of equally likely histories is the reference path.
    """
    shuffle = random.Random(name)
    shuffled = {}
    for sheet in SHEETS:
        rows = list(getattr(ALL[name], sheet))
        shuffle.shuffle(rows)
        shuffled[sheet] = tuple(rows if sheet == "disruptions" else [replace(row, row=k) for k, row in enumerate(rows, start=2)])
    before, after = solved(name), solve_extensive(replace(ALL[name], **shuffled))
    assert cost(after) == pytest.approx(cost(before), rel=EQUAL)
    assert same_plan(before, after)


@every_rich_case
def test_splitting_a_use_in_two_changes_nothing(name):
    """Two uses of half the demand each cost what the one did."""
    case = CASES[name]
    halves = tuple(
        replace(row, use=f"{row.use}, {half} half", annual_demand=row.annual_demand / 2, by_period={t: quantity / 2 for t, quantity in row.by_period.items()})
        for row in case.demand
        for half in ("first", "second")
    )
    limits = tuple(replace(row, use=tuple(f"{use}, {half} half" for use in row.use for half in ("first", "second"))) for row in case.limits)
    assert optimum(replace(case, demand=halves, limits=limits)) == pytest.approx(solved(name).objective, rel=EQUAL)


# -- scenarios ---------------------------------------------------------------------------------------------------------------


def test_splitting_a_listed_scenario_in_two_changes_nothing():
    """A future that is listed twice with half its probability is still one future: same cost, same plan, same risk."""
    first = LISTED.scenarios[0].scenario
    halves = [replace(row, probability=row.probability / 2) if row.scenario == first else row for row in LISTED.scenarios]
    twins = [replace(row, scenario="twin") for row in halves if row.scenario == first]
    before, after = solved("listed"), solve_extensive(replace(LISTED, scenarios=(*halves, *twins)))
    assert after.objective == pytest.approx(before.objective, rel=EQUAL)
    assert (after.expected_cost, after.cvar) == pytest.approx((before.expected_cost, before.cvar), rel=EQUAL)
    assert same_plan(before, after)


@every_case
@pytest.mark.parametrize("dated", [False, True], ids=["annual", "dated"])
def test_disruption_that_never_happens_changes_nothing(name, dated):
    """A ruinous disruption of probability 0 leaves cost and plan as they were."""
    date = {"decision_date": 1, "decision_probability": 0.0} if dated else {}
    never = Disruption(
        99, "a never", 0.0, 6.0, 0.0, price_multiplier=9.0, spillover_price_multiplier=9.0, demand_multiplier=9.0, lead_time_added_months=99.0, **date
    )
    case = ALL[name]
    before, after = solved(name), solve_extensive(replace(case, disruptions=(*case.disruptions, never)))
    assert cost(after) == pytest.approx(cost(before), rel=EQUAL)
    assert same_plan(before, after)


def test_knowing_the_future_never_costs_more():
    """The mean cost of planners who each know their future is at most that of one plan for all (expected cost only).

    Rules of the reference path would bind in each of those futures, so the case is taken without them.
    """
    case = replace(LISTED.with_settings(risk_weight=0.0), limits=(), offers=tuple(replace(o, minimum_order=0.0) for o in LISTED.offers))
    chances = {row.scenario: row.probability for row in case.scenarios}
    known = {name: optimum(replace(case, scenarios=tuple(replace(row, probability=1.0) for row in case.scenarios if row.scenario == name))) for name in chances}
    quiet = optimum(replace(case, scenarios=(), disruptions=()).with_settings(scenario_method="exact"))
    mean = sum(chances[name] * known[name] for name in chances) + (1 - sum(chances.values())) * quiet
    assert mean < optimum(case)


# -- more is never worse -----------------------------------------------------------------------------------------------------


def change(sheet: str, **changes: Callable) -> Callable[[Case], Case]:
    """A function that changes fields of every row of a sheet; what is None stays None."""

    def apply(case: Case) -> Case:
        rows = (
            replace(row, **{name: how(getattr(row, name)) for name, how in changes.items() if getattr(row, name) is not None}) for row in getattr(case, sheet)
        )
        return replace(case, **{sheet: tuple(rows)})

    return apply


def grow(x: float) -> float:
    return 1.5 * x


RELIEFS = {
    "more budget": change("budget", amount=grow),
    "more capacity": change("offers", capacity_per_year=grow, spot_limit_per_year=grow),
    "more stock": change("inventory", quantity=grow),
    "more storage": change("materials", storage_capacity=grow),
    "more salvage": change("materials", salvage_value=grow),
    "less holding cost": change("materials", holding_cost_per_year=lambda x: x / 2),
    "lower minimum order": change("offers", minimum_order=lambda x: 0.0),
    "lower minimum contract": change("offers", minimum_contract=lambda x: x / 4),
    "cheaper projects": change("projects", cost=lambda x: x / 2),
    "lower penalties": change("limits", penalty=lambda x: x / 2),
    "wider limits": change("limits", minimum=lambda x: x / 2, maximum=grow),
}


@pytest.mark.parametrize("relief", RELIEFS.values(), ids=RELIEFS)
def test_relief_never_costs_more_and_somewhere_less(relief):
    """More room of any kind never makes a plan dearer (what is too much may be thrown away), and in some case makes it cheaper."""
    gains = []
    for name, case in CASES.items():
        before, after = cost(solved(name)), cost(solve_extensive(relief(case)))
        gains.append((before - after) / abs(before))
    assert min(gains) > -EQUAL
    assert max(gains) > 1e-5


# -- risk --------------------------------------------------------------------------------------------------------------------


@every_rich_case
def test_more_weight_on_risk_trades_expected_cost_for_cvar(name):
    """As risk_weight rises from 0 to 1, CVaR never rises and expected cost never falls; from end to end both move.

    With risk_weight 1 a plan may leave the least CVaR by 1e-6 of it, and then saves some multiple of that in expected cost.
    """
    plans = [solve_extensive(CASES[name].with_settings(risk_weight=weight)) for weight in (0.0, 0.3, 0.7, 1.0)]
    expected = np.array([plan.expected_cost for plan in plans])
    cvar = np.array([plan.cvar for plan in plans])
    room = 1e-5 * cvar.max()
    assert np.all(np.diff(cvar) <= room)
    assert np.all(np.diff(expected) >= -room)
    assert cvar[-1] < cvar[0] - room and expected[-1] > expected[0] + room


@every_rich_case
def test_without_weight_on_risk_the_expected_cost_counts(name):
    """With risk_weight 0 the objective is the expected cost, whatever cvar_level; with cvar_level 0, whatever risk_weight."""
    plan = solve_extensive(CASES[name].with_settings(risk_weight=0.0))
    assert plan.objective == pytest.approx(plan.expected_cost, rel=EQUAL)
    for weight in (0.6, 1.0):
        level_zero = solve_extensive(CASES[name].with_settings(risk_weight=weight, cvar_level=0.0))
        assert level_zero.objective == pytest.approx(plan.objective, rel=EQUAL)
        assert level_zero.cvar == pytest.approx(level_zero.expected_cost, rel=EQUAL)


@every_rich_case
def test_cvar_is_never_below_the_expected_cost(name):
    """The mean of the worst futures is at least the mean of all, and rises with cvar_level."""
    plans = [solve_extensive(CASES[name].with_settings(risk_weight=1.0, cvar_level=level)) for level in (0.0, 0.5, 0.9)]
    assert all(plan.cvar >= plan.expected_cost * (1 - EQUAL) for plan in plans)
    assert all(b.cvar >= a.cvar * (1 - 2e-6) for a, b in zip(plans[:-1], plans[1:], strict=True))


def test_every_sheet_of_a_case_is_shuffled_and_restated():
    """A sheet added to the case must join these properties."""
    assert {field.name for field in fields(Case)} == {"settings", *SHEETS}
