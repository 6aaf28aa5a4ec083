"""Statistics, charts, workbook, report and JSON hold whatever the costs of the futures are: equal, equal but for rounding, zero, negative, far apart."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from outputs import make_all
from plans import solved, with_table
from random_cases import random_case

import optimizer
from optimizer.report.scales import ranges_of
from ui.charts.plan import cost_bins

CASES = Path(__file__).resolve().parent / "cases"
EQUAL_COSTS = ("messy/22-equal-costs-crash.xlsx", "messy/22y-crash-overflow.xlsx", "solver/plan_workbook_crash.xlsx")

COSTS = {
    "one": [7e6],
    "all equal": [7e6] * 5,
    "equal but for rounding": [7e6, 7e6 + 1e-9, 7e6 - 1e-9],
    "one unit in the last place": [0.3, 0.1 + 0.2],
    "around a round number": [100.0, 100.0 - 1e-13, 100.0 + 1e-13],
    "just told apart": [1.0, 1.0 + 1e-7],
    "zero": [0.0, 0.0],
    "zero but for rounding": [1e-17, -1e-12],
    "smallest number": [5e-324, 0.0],
    "negative": [-3.0, -8.0, -8.0],
    "negative and equal": [-7e9, -7e9 - 1e-6],
    "on both sides": [-5.0, 5.0, 0.0],
    "huge next to tiny": [1e15, 1e-6, 3.0],
    "up to zero": [-24.0, -1.0, 0.0],
    "many": list(np.linspace(0.1, 9.7, 500)),
    "on the edges": [0.1 * k for k in range(25)],
}


@pytest.mark.parametrize("costs", COSTS.values(), ids=COSTS)
def test_every_cost_lies_in_one_of_a_few_ranges(costs):
    """At most 24 ranges of one width, told apart by their labels; each cost lies in its own, costs equal but for rounding in one."""
    found = ranges_of(costs)
    edges, size = found.edges, max(map(abs, costs))
    width = edges[1] - edges[0]
    assert 1 <= len(edges) - 1 <= 24 and width > 0 and np.allclose(np.diff(edges), width)
    assert len({f"{edge:.{found.decimals}f}" for edge in edges}) == len(edges)
    for cost, place in zip(costs, found.places, strict=True):
        room = 1e-6 * width + 1e-9 * size + 1e-9
        assert edges[place] - room <= cost <= edges[place + 1] + room
    if max(costs) - min(costs) <= 1e-9 * size or size < 1e-9:
        assert len(set(found.places)) == 1


@pytest.mark.parametrize("costs", COSTS.values(), ids=COSTS)
def test_the_ranges_of_the_app_hold_all_the_probability(costs):
    """Whatever the costs, the bars of the app's chart add up to one."""
    futures = solved("tutorial").tables["scenarios"].iloc[[0] * len(costs)].assign(cost=costs, probability=1 / len(costs), in_tail=False)
    bins = cost_bins(futures)
    assert bins["probability"].sum() == pytest.approx(1.0) and np.isfinite(bins[["low", "high"]].to_numpy()).all()


@pytest.mark.parametrize("name", ["negative", "huge next to tiny"])
def test_all_of_a_plan_can_be_made_whatever_its_futures_cost(name):
    """Workbook, JSON, report, charts, figures and comparison of a plan whose futures cost that."""
    plan = solved("tutorial")
    futures = plan.tables["scenarios"]
    costs = [COSTS[name][k % len(COSTS[name])] for k in range(len(futures))]
    mean = math.fsum(futures["probability"] * costs)
    plan = replace(with_table(plan, "scenarios", futures.assign(cost=costs)), expected_cost=mean, cvar=max(costs), objective=mean, bound=mean)
    make_all(plan, picture=False)


@pytest.mark.parametrize("name", EQUAL_COSTS)
def test_a_case_whose_futures_cost_the_same_has_its_outputs(name):
    """Cases whose costs differ by rounding alone: everything is made of their plans, and all futures stand in one range of cost."""
    given = optimizer.load(CASES / name).case
    harmless = tuple(replace(d, capacity_remaining=1.0) for d in given.disruptions)
    plan = optimizer.solve(replace(given, disruptions=harmless))
    assert len(plan.tables["scenarios"]) > 1 and set(ranges_of(plan.tables["scenarios"]["cost"]).places) == {0}
    make_all(plan, picture=name == EQUAL_COSTS[1])


@pytest.mark.parametrize("seed", [3, 43])
def test_all_of_a_random_plan_can_be_made(seed):
    """A few of the random cases, with few and with many features."""
    make_all(optimizer.solve(random_case(seed)), picture=False)
