"""Exact scenarios: every path of the disruption process with positive probability."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from optimizer.case import Case
from optimizer.errors import Problem, WorkbookError
from optimizer.scenarios.process import DisruptionProcess
from optimizer.scenarios.tree import Regime

MOST_EXACT_PATHS = 50_000
"""More paths than this are refused: the program would not fit a desk's memory."""


def count_paths(case: Case, most: int) -> int:
    """Count the paths with positive probability, or some number above `most` as soon as it is passed."""
    process = DisruptionProcess(case)
    paths = Counter({process.start: 1})
    for t in range(1, process.periods):
        # Every path goes on, so the count never falls: the first sum over `most` settles it.
        if sum(n * process.branching(regime, t) for regime, n in paths.items()) > most:
            return most + 1
        following: Counter[Regime] = Counter()
        for regime, n in paths.items():
            for successor, _ in process.successors(regime, t):
                following[successor] += n
        paths = following
    return sum(paths.values())


def count_nodes(case: Case) -> int:
    """Count the nodes of the exact tree. WorkbookError where its paths are more than MOST_EXACT_PATHS."""
    _refuse_too_many(case)
    process = DisruptionProcess(case)
    paths, nodes = Counter({process.start: 1}), 1
    for t in range(1, process.periods):
        following: Counter[Regime] = Counter()
        for regime, n in paths.items():
            for successor, _ in process.successors(regime, t):
                following[successor] += n
        paths = following
        nodes += sum(paths.values())
    return nodes


def _refuse_too_many(case: Case) -> None:
    if count_paths(case, MOST_EXACT_PATHS) > MOST_EXACT_PATHS:
        raise WorkbookError(
            [
                Problem(
                    "Settings",
                    "scenario_method",
                    f"'exact' would make more than {MOST_EXACT_PATHS:,} scenarios. Use 'sampled' or 'auto', or fewer periods or disruptions.",
                )
            ]
        )


def exact_paths(case: Case, tick: Callable[[], None] = lambda: None) -> list[tuple[list[Regime], float, str]]:
    """List every path with its probability and a name. WorkbookError where they are more than MOST_EXACT_PATHS. tick: called once a period."""
    _refuse_too_many(case)
    return exact_continuation(case, 0, DisruptionProcess(case).start, tick)


def exact_continuation(case: Case, since: int, regime: Regime, tick: Callable[[], None] = lambda: None) -> list[tuple[list[Regime], float, str]]:
    """List every path from a period and its regime on, that regime first, with its probability and a name. tick: called once a period."""
    process = DisruptionProcess(case)
    paths: list[tuple[list[Regime], float]] = [([regime], 1.0)]
    for t in range(since + 1, process.periods):
        tick()
        paths = [(history + [regime], probability * chance) for history, probability in paths for regime, chance in process.successors(history[-1], t)]
    return [(history, probability, f"S{k:03d}") for k, (history, probability) in enumerate(paths, start=1) if probability > 0]
