"""What decisions would cost if, of the disruptions of each future, only some occurred: the game whose Shapley value splits a difference of two plans.

Each future of the plan is taken with every subset of the disruptions that occur in it, the others struck out. A plan keeps its contracts, its projects
and its first period, and all else is decided with that course known, as nothing else says what a plan would do in a course that is not in its tree.

Where there are many disruptions, those that matter less are one player: they occur together or not at all. That is Owen's value (1977) with these as one
union and every other disruption by itself; of the union as a whole and of each other disruption it is the Shapley value of the game among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from math import factorial

import numpy as np

from optimizer.errors import SolverError
from optimizer.model.arrays import Arrays
from optimizer.scenarios.tree import Regime
from optimizer.solving.built import Built
from optimizer.solving.solution import Solution
from optimizer.studies.living.replay import History, RollingHorizon
from optimizer.studies.reversing.reversals import Reversal

MOST_PLAYERS = 8
"""The most players among which a difference is split: beyond, the subsets are too many."""

WORKERS = 2
"""Courses solved beside each other, each in a thread: the solver runs without the interpreter's lock."""

Coalition = frozenset[int]
"""Players, by their number."""

Player = frozenset[int]
"""Disruptions that occur together or not at all, by their position in the case: mostly one."""


def shapley(players: list[int], worth: Callable[[Coalition], float]) -> dict[int, float]:
    """Return the Shapley value of each player: the mean of what it adds over all orders in which players can join (Shapley, 1953).

    The values add up to the worth of all players less that of none.
    """
    count, value = len(players), dict.fromkeys(players, 0.0)
    for player in players:
        others = [other for other in players if other != player]
        for size in range(count):
            weight = factorial(size) * factorial(count - size - 1) / factorial(count)
            for joined in combinations(others, size):
                value[player] += weight * (worth(frozenset((*joined, player))) - worth(frozenset(joined)))
    return value


class MaskedFutures:
    """The futures of a plan, each with every subset of the players that occur in it.

    disruptions: those that occur in some futures and not in all. players: into which these are put, each one by itself where nothing is given.
    """

    def __init__(self, solution: Solution, players: list[Player] | None = None) -> None:
        tree = solution.built.tree
        self.solution, self.built = solution, solution.built
        self.paths: list[History] = [tuple(tree.regimes[tree.regime[n]] for n in tree.path(leaf)) for leaf in tree.leaves.tolist()]
        self.weight = tree.probability[tree.leaves]
        occurs = [frozenset(k for regime in path for k in regime) for path in self.paths]
        self.disruptions = sorted(frozenset().union(*occurs) - frozenset.intersection(*occurs)) if occurs else []
        self.players = [frozenset({k}) for k in self.disruptions] if players is None else players
        self.occurring = [[number for number, player in enumerate(self.players) if player & found] for found in occurs]
        self.courses: dict[History, Built] = {}

    def with_others_as_one(self, ranked: list[int], most: int) -> MaskedFutures:
        """Return the same futures with the first of some disruptions each by itself and all others as one player.

        ranked: the disruptions, those that matter most first. most: the courses that may have to be looked at; as many disruptions stand by themselves
        as that allows, the first at least, and with the others no more than MOST_PLAYERS.
        """
        for count in range(min(MOST_PLAYERS, len(ranked)) - 1, 0, -1):
            found = MaskedFutures(self.solution, [*(frozenset({k}) for k in ranked[:count]), frozenset(ranked[count:])])
            if count == 1 or len(found.all_courses()) <= most:
                return found
        return self

    def masked(self, future: int, coalition: Coalition) -> History:
        """Return the course of a future in which, of the players, only the coalition occurs."""
        off = set(self.disruptions).difference(*(self.players[number] for number in coalition))
        return tuple(tuple(k for k in regime if k not in off) for regime in self.paths[future])

    def all_courses(self) -> list[History]:
        """List every course that is to be looked at, each once."""
        found: dict[History, None] = {}
        for future, occurring in enumerate(self.occurring):
            for size in range(len(occurring) + 1):
                found.update((self.masked(future, frozenset(some)), None) for some in combinations(occurring, size))
        return list(found)

    def split(self, difference: dict[History, float]) -> tuple[float, dict[int, float]]:
        """Return the mean difference if no player occurs, and the Shapley value of each player, by its number. difference: of every course."""
        calm, shares = 0.0, dict.fromkeys(range(len(self.players)), 0.0)
        for future, (occurring, weight) in enumerate(zip(self.occurring, self.weight.tolist(), strict=True)):
            calm += weight * difference[self.masked(future, frozenset())]
            values = shapley(occurring, lambda some, future=future: difference[self.masked(future, some)])  # type: ignore[misc]
            for player, value in values.items():
                shares[player] += weight * value
        return calm, shares


class Foreseeing(RollingHorizon):
    """A plan that keeps its contracts, projects and first period and decides all else with the course known; and with a decision taken back, if any."""

    def __init__(self, futures: MaskedFutures, solution: Solution, reversal: Reversal | None = None) -> None:
        super().__init__(solution, 1, solution.built.case.settings.seed)
        self.futures = futures
        program = solution.built.program
        self.most = np.full(len(solution.built.template.columns), np.inf)
        bounds: dict[int, float] = {}
        for column, value in (reversal.upper if reversal else {}).items():
            at = int(program.column_template[column])
            bounds[at] = max(value, bounds.get(at, 0.0))
        self.most[list(bounds)] = list(bounds.values())

    def like(self, other: RollingHorizon) -> Foreseeing:
        """Take over the template of another policy, which was prepared for all courses."""
        self.template, self.position, self.regimes, self.memories = other.template, other.position, other.regimes, other.memories
        return self

    def _known_whole(self, path: Sequence[Regime]) -> Built:
        course = tuple(path)
        if course not in self.futures.courses:
            self.futures.courses[course] = super()._known_whole(course)
        return self.futures.courses[course]

    def _arrays(self, built: Built, known: np.ndarray, now: int) -> Arrays:
        arrays = super()._arrays(built, known, now)
        program = built.program
        free = np.flatnonzero((program.column_template >= 0) & (program.column_node >= now))
        capped = free[np.isfinite(self.most[program.column_template[free]])]
        arrays.upper[capped] = np.minimum(arrays.upper[capped], self.most[program.column_template[capped]] / built.scales.column[capped])
        return arrays

    def costs(self, courses: list[History]) -> Iterator[tuple[History, float | None]]:
        """Yield each course with what it costs, as they end; None where the solver fails. What the caller raises meanwhile lets the workers go."""

        def cost(course: History) -> float | None:
            try:
                return self.foresee(course).cost
            except SolverError:
                return None

        pool = ThreadPoolExecutor(WORKERS)
        try:
            yield from zip(courses, pool.map(cost, courses), strict=True)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
