"""The frontier is monotone within the gaps, its knee is the one that a hand finds, and what is dominated is marked."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from plans import plain, solved
from random_cases import random_case
from support import case, need, offer, settings

import optimizer
from optimizer.case import BudgetRow, Disruption, StockItem
from optimizer.errors import InfeasibleError
from optimizer.model.data import CaseData
from optimizer.model.template import compile_template
from optimizer.solving.extensive import solve_extensive
from optimizer.studies.varying.budget_frontier import FACTORS, budget_frontier
from optimizer.studies.varying.frontiers import Point, dominated, frontier, knee_of, with_budget, with_budget_rows
from optimizer.studies.varying.variants import Figures

STOP = Disruption(2, "stop", annual_probability=0.2, mean_duration_months=12.0, capacity_remaining=0.0, supplier=("A",))


def hedge(**changes):
    """Two years of 10 t each, and storing is dear. A sells at 1 on the spot market and stops in the second year with 20%; 1 t short costs 20.

    B sells at 3 by a contract that is paid for in both years, called off or not.
    """
    given = {
        "settings": settings(cvar_level=0.8),
        "demand": (need(10.0, shortage_cost=20.0, allowed_origins=("allied",)),),
        "offers": (offer("A"), offer("B", price=3.0, row=3, terms="contract", take_or_pay=1.0)),
        "disruptions": (STOP,),
        "materials": (replace(case().materials[0], holding_cost_per_year=50.0),),
    }
    return case(**{**given, **changes})


def figures(expected: float, cvar: float) -> Figures:
    """Figures of which only these two matter."""
    return Figures(expected, expected, expected, cvar, 0.0, 0.0, cvar, "S001", {}, {}, "S001", {}, {})


def test_the_ends_of_a_hedge_are_those_found_by_hand():
    """Unhedged, a calm future costs 20 and a stopped one 10 + 200: E = 0.8 · 20 + 0.2 · 210 = 58, CVaR = 210. A contract of 10 t costs 60 always.

    A contract of q t costs 20 + 4q if all is calm and 210 - 15q if not. So E = 58 + 0.2q, and CVaR = 210 - 15q: nothing is signed at weight 0, and
    10 t from the weight w on at which 0.2 (1 - w) = 15w, which is 1/76.
    """
    table = frontier(optimizer.solve(hedge()))["frontier"]
    assert list(table["risk_weight"]) == pytest.approx([k / 10 for k in range(11)])
    assert table["expected_cost"].iloc[0] == pytest.approx(58.0) and table["cvar"].iloc[0] == pytest.approx(210.0)
    assert list(table["expected_cost"].iloc[1:]) == pytest.approx([60.0] * 10, rel=1e-5)
    assert list(table["cvar"].iloc[1:]) == pytest.approx([60.0] * 10, rel=1e-5)
    assert table["shortage_cost"].iloc[0] == pytest.approx(0.2 * 200) and table["probability_of_shortage"].iloc[0] == pytest.approx(0.2)
    assert table["worst_cost"].iloc[0] == pytest.approx(210.0) and list(table["contracts"]) == [0.0] + [1.0] * 10
    assert not table["knee"].any() and not table["dominated"].any(), "two different points have a chord and no knee"
    assert list(table["is_plan"]) == [True] + [False] * 10


def test_a_budget_frontier_ends_where_there_is_enough():
    """A budget of 10 a year buys all 10 t at 1; half of it leaves 5 t short at 100 in each year, none all of it; twice as much gains nothing."""
    plan = optimizer.solve(case(budget=(BudgetRow(2, 2027, 10.0), BudgetRow(3, 2028, 10.0))))
    table = frontier(plan, budgets=[0, 0.5, 1, 2])["frontier"]
    assert list(table["objective"]) == pytest.approx([2000.0, 1010.0, 20.0, 20.0])
    assert list(table["budget_factor"]) == [0.0, 0.5, 1.0, 2.0] and set(table["risk_weight"]) == {0.0}
    # Across 0, 1/4, 1/2, 1 and down 1, 1/2, 0, 0: the third lies farthest below the chord, by 1/2 / sqrt 2.
    assert list(table["knee"]) == [False, False, True, False] and list(table["is_plan"]) == [False, False, True, False]


@pytest.mark.parametrize("seed", (9, 21))
def test_a_factor_on_the_budget_is_a_factor_on_the_bounds_of_its_rows(seed):
    """The template with other bounds is the one that is compiled anew from the case with other amounts."""
    built = solve_extensive(random_case(seed)).built
    assert built.case.budget
    anew = compile_template(CaseData(with_budget(built.case, 0.7)), built.tree, built.drop)
    made = with_budget_rows(built.template, 0.7)
    assert (anew.rows, anew.columns) == (made.rows, made.columns) and not np.allclose(anew.rhs, built.template.rhs)
    for one, other in ((anew.rhs, made.rhs), (anew.matrix.value, made.matrix.value), (anew.present, made.present)):
        assert np.allclose(one, other)


def test_the_budget_frontier_is_the_frontier_over_factors_and_says_what_its_knee_means():
    """Asked as a study of its own, the points are the same; the knee speaks of budget, and a workbook without a budget has no point."""
    plan = optimizer.solve(case(budget=(BudgetRow(2, 2027, 10.0), BudgetRow(3, 2028, 10.0))))
    table = budget_frontier(plan, factors=[0, 0.5, 1, 2])["budget_frontier"]
    pd.testing.assert_frame_equal(table, frontier(plan, budgets=[0, 0.5, 1, 2])["frontier"])
    assert "This is the knee: beyond it more budget saves less than on average." in table["words"][2]
    assert list(budget_frontier(plan)["budget_frontier"]["budget_factor"]) == list(FACTORS)
    told = []
    assert budget_frontier(plain(), told.append)["budget_frontier"].empty and told


@pytest.mark.parametrize(
    ("x", "y", "wanted"),
    [
        ([0, 1, 3, 10], [10, 3, 2, 0], 1),  # 1 - 0.1 - 0.3 = 0.6 against 1 - 0.3 - 0.2 = 0.5
        ([0, 1, 2, 10], [10, 4, 2, 0], 2),  # 0.5 against 0.6
        ([0, 1, 2, 10], [10, 3, 2, 0], 1),  # 0.6 both: the first
        ([0, 1, 10], [10, 2, 0], 1),
        ([0, 5, 10], [10, 5, 0], None),  # straight
        ([0, 10], [10, 0], None),
        ([0, 0, 10, 10], [10, 10, 0, 0], None),  # two different points, each twice
        ([5, 5, 5], [3, 2, 1], None),  # nothing is paid for less risk
        ([], [], None),
        ([1, 2, 3], [5, 5, 5], None),
        ([0, 5, 10], [10, 8, 0], None),  # above the chord
        ([10, 1, 0], [0, 2, 10], 1),  # in any order
    ],
)
def test_the_knee_is_the_point_farthest_below_the_chord(x, y, wanted):
    """Of curves whose distances a hand can tell; scaling an axis and moving it leave the knee where it is."""
    assert knee_of(x, y) == wanted
    assert knee_of([1e6 + 1000 * value for value in x], [value / 7 - 3 for value in y]) == wanted


def test_what_is_worse_in_all_is_dominated():
    """Of four points one costs more and risks more than another; one that is only equal is not dominated, nor one with a smaller budget."""
    points = [
        Point(0.0, 1.0, figures(10.0, 30.0)),
        Point(0.5, 1.0, figures(12.0, 20.0)),
        Point(1.0, 1.0, figures(13.0, 20.5)),
        Point(0.2, 1.0, figures(10.0, 30.0)),
    ]
    assert dominated(points) == [False, False, True, False]
    assert dominated([*points, Point(0.0, 0.5, figures(15.0, 40.0)), Point(1.0, 1.0, "no time")]) == [False, False, True, False, False, False]


@pytest.mark.parametrize("first", (0, 4, 8))
def test_on_random_cases_cost_never_falls_and_risk_never_rises(first):
    """With the weight, within what the gaps allow: (w - v) (E_v - E_w) ≤ w ε_v + v ε_w for v < w, and likewise for CVaR; and each row is `solve`'s."""
    told = 0
    for seed in range(first, first + 4):
        given = random_case(seed).with_settings(mip_gap=1e-6, cvar_level=0.7)
        try:
            plan = optimizer.solve(given, method="extensive")
        except InfeasibleError:
            continue
        table = frontier(plan, weights=[0, 0.7, 1])["frontier"]
        size = max(1.0, abs(plan.objective))
        room = table["objective"] * table["gap"] + 2e-6 * size
        for a, b in pairwise(range(len(table))):
            v, w = table["risk_weight"][a], table["risk_weight"][b]
            assert (w - v) * (table["expected_cost"][a] - table["expected_cost"][b]) <= abs(w * room[a]) + abs(v * room[b]), f"seed {seed}"
            assert (w - v) * (table["cvar"][b] - table["cvar"][a]) <= abs((1 - w) * room[a]) + abs((1 - v) * room[b]), f"seed {seed}"
        (at,) = table.index[table["risk_weight"] == 0.7]
        alone = optimizer.solve(given.with_settings(risk_weight=0.7), method="extensive")
        assert table["objective"][at] == pytest.approx(alone.objective, rel=1e-5, abs=1e-5 * size), f"seed {seed}"
        assert table["objective"][at] == pytest.approx(0.3 * table["expected_cost"][at] + 0.7 * table["cvar"][at], rel=1e-6, abs=1e-6 * size)
        assert (table["worst_cost"] >= table["cvar"] - 1e-6 * size).all() and (table["cvar"] >= table["expected_cost"] - 1e-6 * size).all()
        told += 1
    assert told >= 2


def test_a_smaller_budget_that_nothing_fits_is_said():
    """What is in store costs 5 a year to keep and cannot be thrown away: half of the budget for it leaves no plan, and the row says so without figures."""
    given = case(
        materials=(replace(case().materials[0], holding_cost_per_year=1.0),),
        inventory=(StockItem(2, "ore", "allied", 25.0),),
        demand=(need(10.0),),
        budget=(BudgetRow(2, 2027, 20.0),),
    )
    table = frontier(optimizer.solve(given), budgets=[0.5, 1])["frontier"]
    assert np.isnan(table["objective"][0]) and "no plan keeps the budget" in table["words"][0] and np.isfinite(table["objective"][1])


def test_without_time_the_plan_alone_is_left():
    """With no second to spend the other points are blank and say why; the plan's own is known."""
    plan = solved("tutorial")
    table = frontier(plan, seconds=0.0)["frontier"]
    assert table["is_plan"].sum() == 1 and table["objective"].notna().tolist() == table["is_plan"].tolist()
    assert table.loc[~table["is_plan"], "words"].str.contains("there was no time").all()


@pytest.mark.parametrize(
    ("asked", "words"),
    [({"weights": [1.5]}, "share from 0 to 1"), ({"weights": []}, "nothing"), ({"budgets": [-1]}, "at least 0"), ({"weights": [float("nan")]}, "nan")],
)
def test_what_is_no_weight_or_factor_is_refused(asked, words):
    """With the value in words."""
    with pytest.raises(ValueError, match=words):
        frontier(solved("tutorial"), **asked)


def test_a_case_without_budget_and_a_plan_without_its_arrays_are_refused():
    """Each in words."""
    plan = optimizer.solve(case())
    with pytest.raises(ValueError, match="no budget"):
        frontier(plan, budgets=[0.5, 1])
    with pytest.raises(ValueError, match="as it was solved"):
        frontier(replace(plan, solution=None))


RISK_ALONE, NO_RISK = hedge(settings=settings(risk_weight=1.0, cvar_level=0.8)), hedge(settings=settings(cvar_level=0.0))


@pytest.mark.parametrize("given", [case(), case(demand=(need(0.0),)), RISK_ALONE, NO_RISK])
def test_the_bare_cases_have_a_frontier(given):
    """No disruption, no demand, CVaR alone, and CVaR that is the mean: every row has its figures, and the plan's own row is the plan's."""
    plan = optimizer.solve(given)
    table = frontier(plan)["frontier"]
    assert table["objective"].notna().all() and table["is_plan"].sum() == 1
    mine = table[table["is_plan"]].iloc[0]
    assert (mine["objective"], mine["expected_cost"], mine["cvar"]) == pytest.approx((plan.objective, plan.expected_cost, plan.cvar), rel=1e-12)


class Enough(Exception):
    """Raised by a listener that has heard enough."""


def test_an_exception_of_the_listener_stops_it_at_once():
    """Whatever progress raises comes out of the study, from its second call, too."""
    calls = []

    def listen(state):
        calls.append(state)
        if len(calls) == 3:
            raise Enough

    with pytest.raises(Enough):
        frontier(solved("tutorial"), listen)
    assert 3 <= len(calls) <= 4 and {str(call.phase) for call in calls} == {"frontier"}
