"""From a case to its scenario tree, by the method that its settings name.

Knows the case; neither the model nor the solver.
Doors: build_tree and tree.ScenarioTree.
"""

from __future__ import annotations

from collections.abc import Callable

from optimizer.case import Case
from optimizer.scenarios.continued import continued
from optimizer.scenarios.exact import count_paths, exact_paths
from optimizer.scenarios.listed import listed_paths
from optimizer.scenarios.sampled import sampled_paths
from optimizer.scenarios.tree import Scenario, ScenarioTree, build_tree

__all__ = ["Scenario", "ScenarioTree", "choose_method", "make_tree"]

METHODS = {"exact": exact_paths, "sampled": sampled_paths, "listed": listed_paths}


def choose_method(case: Case) -> str:
    """Return the method of a case; `auto` is listed with Scenarios rows, else exact while that is few enough, else sampled."""
    method = case.settings.scenario_method
    if method != "auto":
        return method
    if case.scenarios:
        return "listed"
    most = case.settings.scenarios
    return "exact" if count_paths(case, most) <= most else "sampled"


def make_tree(case: Case, tick: Callable[[], None] = lambda: None) -> ScenarioTree:
    """Build the scenario tree of a case. tick: called now and then, a few times a second. WorkbookError where the exact one would be too large.

    The futures of a case that goes on beyond its horizon are those of the horizon, continued.
    """
    if (horizon := case.settings.horizon) is not None:
        return continued(make_tree(case.with_settings(periods=horizon, horizon=None), tick), case, tick)
    method = choose_method(case)
    paths = METHODS[method](case, tick=tick)
    # The first of the sampled paths is the most probable one of the process, whatever the draw.
    return build_tree(paths, [d.row for d in case.disruptions], method, tick, paths[0][0] if method == "sampled" else None)
