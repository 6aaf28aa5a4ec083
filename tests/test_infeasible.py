"""What clashes is named by its row of the workbook, with how much it would have to give, and giving that much is enough."""

from __future__ import annotations

from dataclasses import replace

import pytest
from random_cases import random_case
from support import case, need, offer, ore, settings

import optimizer
from optimizer.case import BudgetRow, Disruption, Limit
from optimizer.errors import InfeasibleError
from optimizer.solving.extensive import build, solve_extensive
from optimizer.solving.infeasibility import explain


def conflicts(problem):
    with pytest.raises(InfeasibleError) as caught:
        optimizer.solve(problem)
    return {(c.sheet, c.row): c for c in caught.value.conflicts}


def test_a_floor_and_a_budget_clash():
    """A stock floor of 50 t against a budget for 30 t: either gives 20; the store, which has room, is not named."""
    found = conflicts(case(
        limits=(Limit(5, "floor", "stock_quantity", minimum=50),), budget=(BudgetRow(3, 2027, 30.0),), materials=(ore(storage_capacity=60),)))
    assert {place: pytest.approx(c.give) for place, c in found.items()} == {("Limits", 5): 20, ("Budget", 3): 20}


def test_a_floor_and_a_store_clash():
    """A floor of 50 t does not fit a store of 30 t: either gives 20 t."""
    found = conflicts(case(limits=(Limit(5, "floor", "stock_quantity", minimum=50),), materials=(ore(row=7, storage_capacity=30),)))
    assert {place: pytest.approx(c.give) for place, c in found.items()} == {("Limits", 5): 20, ("Materials", 7): 20}


def test_a_fill_rate_and_a_capacity_clash():
    """Half of 2 × 10 t must be delivered from an offer of 4 t a year: the offer gives 1 t a year, or the floor 2 t."""
    found = conflicts(case(demand=(need(minimum_fill_rate=0.5),), offers=(offer(row=9, capacity=4.0),)))
    assert found["Suppliers", 9].give == pytest.approx(1)
    assert found["Demand", 2].give == pytest.approx(2)


def test_two_clashes_are_told_apart():
    """Two materials, each with a floor over its store: two clashes of two rows."""
    found = conflicts(case(
        materials=(ore("a", row=2, storage_capacity=1), ore("b", row=3, storage_capacity=2)), demand=(need(material="a"), need(material="b", row=3)),
        offers=(offer(material="a"), offer(material="b", row=3)), limits=(Limit(2, "floor", "stock_quantity", minimum=5),)))
    assert {c.clash for c in found.values()} == {1, 2}


def test_what_cannot_be_met_at_all_stands_alone():
    """A floor on a material that nobody offers clashes with nothing else."""
    found = conflicts(case(
        materials=(ore(), ore("b", row=3)), limits=(Limit(4, "floor", "stock_quantity", material=("b",), minimum=5),)))
    assert list(found) == [("Limits", 4)]


def test_a_clash_in_one_scenario_is_found():
    """Take-or-pay at a floor purchase in a year in which the offer is struck: the limit on purchases cannot be met there."""
    found = conflicts(case(
        settings=settings(periods=2), disruptions=(Disruption(2, "stop", 0.5, 12, 0.0),),
        limits=(Limit(6, "buy", "purchase_to_demand", minimum=0.5),)))
    assert ("Limits", 6) in found


def test_where_the_simplex_method_loses_its_way_what_clashes_is_still_named():
    """Random case 121, with penalties a million times the prices: the solver calls what is to explain it Unknown, from scratch too."""
    with pytest.raises(InfeasibleError) as caught:
        optimizer.solve(random_case(121).with_settings(mip_gap=1e-5), method="decomposed")
    assert any(c.sheet == "Demand" for c in caught.value.conflicts)


@pytest.mark.parametrize("first", range(0, 120, 40))
def test_giving_is_enough(first):
    """On random infeasible cases: without the rows that clash there is a plan, and no row that stands alone is idle."""
    seen = 0
    for seed in range(first, first + 40):
        problem = random_case(seed)
        built = build(problem)
        if solve_extensive(problem).status != "infeasible":
            continue
        found = explain(built)
        assert found, f"seed {seed}"
        assert all(c.give > 0 and c.row >= 2 for c in found), f"seed {seed}: {found}"
        seen += 1
        assert solve_extensive(_without(built.case, found)).status == "optimal", f"seed {seed}"
    assert seen


def _without(problem, found):
    """The case without the rows named, capacities and stores among them made ample."""
    named = {(c.sheet, c.row) for c in found}
    return replace(
        problem,
        budget=tuple(r for r in problem.budget if ("Budget", r.row) not in named),
        limits=tuple(r for r in problem.limits if ("Limits", r.row) not in named),
        demand=tuple(replace(r, minimum_fill_rate=None) if ("Demand", r.row) in named else r for r in problem.demand),
        materials=tuple(replace(r, storage_capacity=None) if ("Materials", r.row) in named else r for r in problem.materials),
        offers=tuple(replace(r, capacity_per_year=1e6, spot_limit_per_year=1e6) if ("Suppliers", r.row) in named else r for r in problem.offers),
    )
