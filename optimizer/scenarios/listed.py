"""Listed scenarios: the Scenarios sheet as the planner wrote it."""

from __future__ import annotations

from collections.abc import Callable

from optimizer.case import Case
from optimizer.scenarios.tree import Regime

QUIET = "nothing happens"
"""The name of the scenario that takes what the listed probabilities leave short of 1."""

ROUNDING = 1e-9
"""A sum of probabilities this near to 1 is 1."""


def listed_paths(case: Case, tick: Callable[[], None] = lambda: None) -> list[tuple[list[Regime], float, str]]:
    """List each scenario of the sheet, and the one in which nothing happens for the rest of the probability.

    tick: called now and then. A disruption is active while any of its rows says so: from the period of `starts` for duration_months rounded up.
    """
    calendar = case.calendar
    position = {d.disruption: k for k, d in enumerate(case.disruptions)}
    active: dict[str, list[set[int]]] = {}
    probability: dict[str, float] = {}
    for row in case.scenarios:
        tick()
        probability[row.scenario] = row.probability
        periods = active.setdefault(row.scenario, [set() for _ in range(calendar.periods)])
        if row.disruption is not None and row.starts is not None and row.duration_months is not None:
            end = row.starts + calendar.periods_of(row.duration_months)
            for t in range(max(0, row.starts), min(calendar.periods, end)):
                periods[t].add(position[row.disruption])
    paths = [([tuple(sorted(regime)) for regime in regimes], probability[name], name) for name, regimes in active.items()]
    rest = 1 - sum(probability.values())
    if rest > ROUNDING:
        paths.append(([()] * calendar.periods, rest, QUIET))
    return paths
