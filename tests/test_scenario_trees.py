"""Exact and listed trees: what is counted before a tree is built is what the tree holds, and what a list leaves out is calm."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import optimizer
from optimizer.case import ScenarioRow
from optimizer.scenarios import make_tree
from optimizer.scenarios.exact import count_nodes, count_paths
from optimizer.scenarios.listed import QUIET

TUTORIAL = Path(__file__).resolve().parent.parent / "sample_inputs" / "tutorial.xlsx"


@pytest.mark.parametrize("periods", [1, 2, 3, 5])
def test_paths_and_nodes_are_counted_as_the_tree_has_them(periods):
    """The counts that decide whether a tree is too large are those of the tree itself."""
    case = optimizer.load(TUTORIAL, {"periods": periods}).case
    tree = make_tree(case)
    assert (count_paths(case, 10_000), count_nodes(case)) == (len(tree.scenarios), tree.size)


@pytest.mark.parametrize("listed, rest", [(0.75, 0.25), (1 - 1e-6, 1e-6), (1 - 1e-12, None)])
def test_what_the_listed_probabilities_leave_short_of_one_is_calm(listed, rest):
    """The rest of the probability is a scenario without any disruption; a rest that is rounding alone is none."""
    case = optimizer.load(TUTORIAL).case.with_settings(scenario_method="listed")
    case = replace(case, scenarios=(ScenarioRow(2, "stop", listed, disruption="Export stop", starts=1, duration_months=12.0),))
    chances = {scenario.name: scenario.probability for scenario in make_tree(case).scenarios}
    assert chances == pytest.approx({"stop": listed} | ({QUIET: rest} if rest else {}))
