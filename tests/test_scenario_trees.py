"""Exact and listed trees: what is counted before a tree is built is what the tree holds, and what a list leaves out is calm."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support import case, settings

import optimizer
from optimizer.case import Disruption, ScenarioRow
from optimizer.errors import WorkbookError
from optimizer.scenarios import exact, make_tree
from optimizer.scenarios.exact import count_nodes, count_paths, exact_paths
from optimizer.scenarios.listed import QUIET, listed_paths
from optimizer.scenarios.process import DisruptionProcess
from optimizer.scenarios.tree import build_tree

TUTORIAL = Path(__file__).resolve().parent.parent / "sample_inputs" / "tutorial.xlsx"


@pytest.mark.parametrize("periods", [1, 2, 3, 5])
def test_paths_and_nodes_are_counted_as_the_tree_has_them(periods):
    """The counts that decide whether a tree is too large are those of the tree itself."""
    case = optimizer.load(TUTORIAL, {"periods": periods}).case
    tree = make_tree(case)
    assert (count_paths(case, 10_000), count_nodes(case)) == (len(tree.scenarios), tree.size)


@pytest.mark.parametrize("periods", [1, 2, 3])
def test_paths_are_counted_up_to_the_most_that_are_asked_for(periods):
    """As many as are asked for at most are counted exactly; beyond that the count is some number above it."""
    case = optimizer.load(TUTORIAL, {"periods": periods}).case
    count = len(make_tree(case).scenarios)
    assert count_paths(case, count) == count_paths(case, count + 1) == count
    assert all(count_paths(case, most) > most for most in range(1, count))


def test_an_exact_tree_of_too_many_paths_is_refused(monkeypatch):
    """A tree of as many paths as are allowed is built and counted; with one more it is neither."""
    case = optimizer.load(TUTORIAL, {"periods": 3}).case.with_settings(scenario_method="exact")
    count = len(make_tree(case).scenarios)
    monkeypatch.setattr(exact, "MOST_EXACT_PATHS", count)
    assert len(make_tree(case).scenarios) == count and count_nodes(case) > count
    monkeypatch.setattr(exact, "MOST_EXACT_PATHS", count - 1)
    for refused in (make_tree, count_nodes):
        with pytest.raises(WorkbookError, match="more than"):
            refused(case)


def test_building_a_tree_reports_that_it_goes_on():
    """Whoever waits is told once a period while paths are listed, and again while the tree is built."""
    case, ticks = optimizer.load(TUTORIAL, {"periods": 4}).case, []
    paths = exact_paths(case, lambda: ticks.append(1))
    assert len(ticks) == 3
    build_tree(paths, [d.row for d in case.disruptions], "exact", lambda: ticks.append(1))
    assert len(ticks) > 3 + 4


def test_branches_are_counted_as_they_are_listed():
    """What is certain, either way, makes no branch of its own."""
    chances = (("maybe", 0.3, 12.0, {}), ("never", 0.0, 12.0, {}), ("always", 1.0, 1e9, {"active_now": True}), ("ends", 0.0, 12.0, {"active_now": True}))
    disruptions = tuple(Disruption(k, name, chance, months, 0.5, **changes) for k, (name, chance, months, changes) in enumerate(chances))
    process = DisruptionProcess(case(disruptions=disruptions))
    for regime in ((2, 3), (0, 2), (0, 1, 2, 3), ()):
        assert process.branching(regime, 1) == len(process.successors(regime, 1))


@pytest.mark.parametrize(
    "starts, months, active", [(0, 12.0, [0]), (1, 24.0, [1, 2]), (1, 13.0, [1, 2]), (-1, 24.0, [0]), (-2, 24.0, []), (2, 99.0, [2, 3]), (9, 12.0, [])]
)
def test_a_listed_disruption_is_active_from_its_start_for_its_months(starts, months, active):
    """A start before the horizon counts from there, and what lasts beyond the horizon ends with it."""
    rows = (ScenarioRow(2, "one", 1.0, disruption="ban", starts=starts, duration_months=months),)
    given = case(settings=settings(periods=4, scenario_method="listed"), disruptions=(Disruption(2, "ban", 0.0, 12.0, 0.5),), scenarios=rows)
    ((path, probability, name),) = listed_paths(given)
    assert (path, probability, name) == ([(0,) if t in active else () for t in range(4)], 1.0, "one")


def test_a_listed_row_without_disruption_is_calm():
    """Whatever its other cells say; and rows of one scenario add up."""
    listed = [(None, 1, 12.0), ("ban", 1, 12.0), ("ban", 3, 12.0), ("strike", 1, 12.0)]
    rows = tuple(ScenarioRow(k, "one", 1.0, disruption=name, starts=starts, duration_months=months) for k, (name, starts, months) in enumerate(listed, 2))
    disruptions = (Disruption(2, "ban", 0.0, 12.0, 0.5), Disruption(3, "strike", 0.0, 12.0, 0.5))
    given = case(settings=settings(periods=4, scenario_method="listed"), disruptions=disruptions, scenarios=rows)
    assert listed_paths(given)[0][0] == [(), (0, 1), (), (0,)]
    assert listed_paths(replace(given, scenarios=rows[:1]))[0][0] == [()] * 4


@pytest.mark.parametrize("listed, rest", [(0.75, 0.25), (1 - 1e-6, 1e-6), (1 - 1e-12, None)])
def test_what_the_listed_probabilities_leave_short_of_one_is_calm(listed, rest):
    """The rest of the probability is a scenario without any disruption; a rest that is rounding alone is none."""
    case = optimizer.load(TUTORIAL).case.with_settings(scenario_method="listed")
    case = replace(case, scenarios=(ScenarioRow(2, "stop", listed, disruption="Export stop", starts=1, duration_months=12.0),))
    chances = {scenario.name: scenario.probability for scenario in make_tree(case).scenarios}
    assert chances == pytest.approx({"stop": listed} | ({QUIET: rest} if rest else {}))
