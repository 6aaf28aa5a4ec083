"""Live through what really happened: decide with what a case believes, then get only what could be had, at the price that it had.

Each period has two steps. First orders are placed, by solving the case again as on any rolling horizon (optimizer/studies/living/replay.py): its past is as
it was, the prices of the period are known, and what can be had in it is as believed. Then the period is settled: each order is cut to what could be
had, and all else (what is drawn, kept, sold, thrown away, short) is decided once more with what came. No second order is placed in the same period.
The contracts, the projects and the orders of the first period are those of the plan, or of the rule, made before anything was seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer.case import Case
from optimizer.errors import SolverError
from optimizer.model.arrays import Arrays
from optimizer.model.registry import IN_EXPECTATION, REFERENCE
from optimizer.model.stamp import NO_NODE
from optimizer.model.template import Template, compile_template
from optimizer.scenarios.tree import Memory, Regime
from optimizer.solving.built import Built
from optimizer.solving.highs import Solver
from optimizer.solving.outcome import Outcome
from optimizer.solving.watch import Phase, Watch
from optimizer.studies.living.realised import RealisedData, RealisedHistory, updated
from optimizer.studies.living.replay import SOFT, History, Lived, RollingHorizon
from optimizer.studies.living.simple_rules import Policy, RuleHorizon

CALLED_OFF_FIRST = {"call_off": 2.0, "spot": 1.0}
"""The worth of a unit that is had, where an offer cannot serve both: what is under contract is served first."""

FULLY_HAD = 1e-7
"""The share of an order up to which it counts as had in full: the solver's rounding."""


@dataclass(frozen=True)
class Known:
    """A case as it is known at one step: its rows, its parameters, and its template for all that can be met from there on."""

    case: Case
    data: RealisedData
    template: Template
    position: dict[tuple[Regime, Memory], int]
    regimes: tuple[Regime, ...]
    memories: tuple[Memory, ...]


class Reality:
    """What happened to a case, and the case as it is known at each step. It is shared by all policies that live through it."""

    def __init__(self, own: RollingHorizon, history: RealisedHistory, record_years: float | None = None, watch: Watch | None = None) -> None:
        """own: the plan's policy. record_years: see `updated` of realised.py; None: probabilities stay as they are. watch: told where it stands.

        ValueError for a history that does not fit the case.
        """
        self.own, self.case, self.record_years, self.watch = own, own.case, record_years, watch or Watch()
        self.path, self.quotes = history.path(own.case), history.by_offer(own.case)
        if self.path[0] != own.reference[0]:
            names = [row.disruption for row in own.case.disruptions]
            said, active = (", ".join(names[k] for k in regime) or "no disruption" for regime in (self.path[0], own.reference[0]))
            raise ValueError(f"The history begins with {said}, the case with {active} (active_now).")
        self.likeliest = RollingHorizon(own.solution, 1, own.seed)
        self.asked: dict[int, Known] = {}
        self.settled: dict[int, Known] = {}

    @property
    def last(self) -> int:
        """The last period."""
        return len(self.path) - 1

    def before(self, t: int) -> Known:
        """Return the case as it is known when the orders of period t are placed. In the first period nothing has been seen."""
        if t not in self.asked:
            self.asked[t] = self._known(t, t if t else NO_NODE, t - 1)
        return self.asked[t]

    def after(self, t: int) -> Known:
        """Return the case as it is known when period t is settled; what was known before where nothing differs from it."""
        if t not in self.settled:
            data, before = self._data(t, t), self.before(t)
            self.settled[t] = before if data.like(before.data, t) else self._known(t, t, t)
        return self.settled[t]

    def whole(self) -> Known:
        """Return the case as it is known in the end."""
        if NO_NODE not in self.settled:
            self.settled[NO_NODE] = self._compiled(self.case, self._data(self.last, self.last), [self.path], "in the end")
        return self.settled[NO_NODE]

    def _data(self, priced: int, delivered: int) -> RealisedData:
        return RealisedData(self.case, self.path, self.quotes, priced, delivered)

    def _known(self, t: int, priced: int, delivered: int) -> Known:
        case = self.case if self.record_years is None else updated(self.case, self.path, t, self.record_years)
        # Futures are drawn with the probabilities that are believed in this period.
        self.own.case = self.likeliest.case = case
        futures = [tuple(future) for policy in (self.own, self.likeliest) for future, _, _ in policy.continuation(t, self.path[t])]
        return self._compiled(case, self._data(priced, delivered), [self.path[:t] + future for future in futures], self.case.calendar.labels[t])

    def _compiled(self, case: Case, data: RealisedData, paths: Sequence[History], when: str) -> Known:
        distinct = list(dict.fromkeys(paths))
        met = self.own._tree([(list(path), 1 / len(distinct), "") for path in distinct])
        position = {self.own._key(met, k): k for k in range(len(met.regimes))}

        def tick(done: int, total: int) -> None:
            self.watch.tell(Phase.HISTORY, f"history: what is known {when}, {done:,} of {total:,} parts")

        return Known(case, data, compile_template(data, met, self.own.solution.built.drop, tick), position, met.regimes, met.memories)


class Settling(RollingHorizon):
    """A policy that lives through one reality. cut: for each period, material -> units that were ordered and could not be had."""

    soft = (*SOFT, "storage")

    def __init__(self, reality: Reality, scenarios: int | None) -> None:
        """scenarios: futures that each period's orders are decided for, at most; None for all there are."""
        RollingHorizon.__init__(self, reality.own.solution, scenarios, reality.own.seed)
        self.reality = reality
        self.cut: dict[int, dict[str, float]] = {}

    def _know(self, known: Known) -> None:
        """Take the case as it is known at a step."""
        self.case, self.data, self.template, self.position = known.case, known.data, known.template, known.position
        self.regimes, self.memories = known.regimes, known.memories

    # -- a period ------------------------------------------------------------------------------------------------------

    def decide(self, history: History) -> np.ndarray:
        """Return what was decided along the path that really was taken up to a period, by column of the template, and had. Raises SolverError."""
        now = len(history) - 1
        if history not in self.known:
            before = self.decide(history[:-1]) if now else None
            self._know(self.reality.before(now))
            values, broken = self._ordered(history, before)
            if self.reality.after(now) is not self.reality.before(now):
                self._know(self.reality.after(now))
                values, broken = self._settled(history, values, values if before is None else before)
            self.known[history] = values
            self.broken[history] = self.broken.get(history[:-1], ()) + tuple(row for row in broken if row[0] == now)
        return self.known[history]

    def _ordered(self, history: History, before: np.ndarray | None) -> tuple[np.ndarray, tuple[tuple[int, str], ...]]:
        """Return what is decided in the last period of a history, after what was decided before, by what is believed; and what that breaks."""
        if before is None:
            return self.planned, ()
        now = len(history) - 1
        built = self._built(history, self.continuation(now, history[-1]))
        x, broken = self._solved(built, before, now)
        return self._with_period(built, before, x, now), broken

    @staticmethod
    def _with_period(built: Built, before: np.ndarray, x: np.ndarray, now: int) -> np.ndarray:
        """Return decisions by column of the template, with those of period `now` taken from a program's."""
        program, values = built.program, before.copy()
        here = (program.column_template >= 0) & (program.column_node == now)
        values[program.column_template[here]] = x[here]
        return values

    def _settled(self, history: History, asked: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, tuple[tuple[int, str], ...]]:
        """Return what was had and decided in the last period of a history, and what that breaks. asked, before: by column of the template."""
        now = len(history) - 1
        built = self._built(history, self.continuation(now, history[-1]))
        columns, worth = self._orders(built, now)
        wanted = asked[built.program.column_template[columns]] / built.scales.column[columns]
        had = self._had(built, before, columns, worth, wanted, now)
        self._note(built, columns, (wanted - had) * built.scales.column[columns], now)
        arrays = _free_of(self._arrays(built, before, now), self._of_rows(built, lambda family: family.where == REFERENCE))
        lower, upper = arrays.lower.copy(), arrays.upper.copy()
        lower[columns] = upper[columns] = had
        # An order that was cut need no longer be a whole lot.
        arrays = replace(arrays, lower=lower, upper=upper, integer=np.zeros(len(lower), dtype=bool))
        x, broken = self._solve(built, arrays, now)
        return self._with_period(built, before, x, now), broken

    def _outcome(self, arrays: Arrays) -> Outcome:
        """Return what the solver makes of a program; whoever watches is told several times a second."""
        self.reality.watch.tell(Phase.HISTORY)
        return Solver(arrays, seed=self.case.settings.seed, watch=self.reality.watch).solve(Phase.HISTORY)

    def _orders(self, built: Built, now: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the columns of the orders of a period, and what a unit of each is worth when not all can be had.

        What an offer ships some time after the order is no order, but due or held back; its orders are what is filed.
        """
        numbers, worths = [], []
        for family, worth in {**CALLED_OFF_FIRST, "filed": 1.0}.items():
            columns = built.columns(family)
            mine = np.array([n == now and built.data.offers[s].ships_later == (family == "filed") for n, s in zip(columns.node, columns.offer)], dtype=bool)
            numbers.append(columns.number[mine])
            worths.append(np.full(mine.sum(), worth))
        return np.concatenate(numbers).astype(np.int64), np.concatenate(worths)

    def _had(self, built: Built, before: np.ndarray, columns: np.ndarray, worth: np.ndarray, wanted: np.ndarray, now: int) -> np.ndarray:
        """Return how much of each order could be had, in the solver's units: as much as possible in all, contracts first. Raises SolverError."""
        program = built.program
        wanted = np.clip(wanted, 0.0, None)
        arrays = RollingHorizon._arrays(self, built, before, now)
        # Only what the orders of this period meet counts: no budget, no limit, nothing of later periods.
        left_out = self._of_rows(built, lambda family: family.where == REFERENCE or family.name in self.soft) | (program.row_node > now)
        arrays = _free_of(arrays, left_out | (program.row_template < 0))
        lower, upper, cost = arrays.lower.copy(), arrays.upper.copy(), np.zeros(arrays.columns)
        lower[columns], upper[columns], cost[columns] = 0.0, wanted, -worth
        outcome = self._outcome(replace(arrays, lower=lower, upper=upper, cost=cost, integer=np.zeros(arrays.columns, dtype=bool)))
        if outcome.x is None:
            raise SolverError("What could be had of the orders of a period could not be computed.")
        had = np.clip(outcome.x[columns], 0.0, wanted)
        full: np.ndarray = np.where(had >= wanted * (1 - FULLY_HAD), wanted, had)
        return full

    def _note(self, built: Built, columns: np.ndarray, missing: np.ndarray, now: int) -> None:
        """Note what was ordered in a period and could not be had."""
        self.cut[now] = dict.fromkeys(built.data.materials, 0.0)
        for column, quantity in zip(columns, missing):
            family, index = built.template.columns[built.program.column_template[column]]
            self.cut[now][str(family.material(built.data, *index))] += float(quantity)

    # -- the whole path ------------------------------------------------------------------------------------------------

    def outcome(self) -> tuple[Built, np.ndarray, tuple[tuple[int, str], ...]]:
        """Return the program of what happened, what was decided and had, by its columns, and the limits that could not be kept. Raises SolverError."""
        path = self.reality.path
        values = self.decide(path)
        self._know(self.reality.whole())
        built = self._known_whole(path)
        template = built.program.column_template
        return built, np.where(template >= 0, values[template], 0.0), self.broken.get(path, ())

    def live(self, path: Sequence[Regime] = ()) -> Lived:
        """Return what the history cost. path: the one that really was taken, which is the default; ValueError for another. Raises SolverError."""
        if path and tuple(path) != self.reality.path:
            raise ValueError("Only the path that really was taken can be lived through here.")
        built, x, broken = self.outcome()
        return self._lived(built, x[self._first_copies(built)], broken)

    @staticmethod
    def _first_copies(built: Built) -> np.ndarray:
        """Return for each column of the template its copy in the program of one path; the first column where it has none."""
        copies = np.zeros(len(built.template.columns), dtype=np.int64)
        own = np.flatnonzero(built.program.column_template >= 0)
        copies[built.program.column_template[own]] = own
        return copies

    def hindsight(self, signed: bool) -> tuple[Built, np.ndarray, tuple[tuple[int, str], ...]]:
        """Return the same for who knew all that would happen before the first period. signed: the contracts and projects are the plan's all the same.

        No policy that has these contracts and projects costs less, if it keeps the same limits. Raises SolverError.
        """
        self._know(self.reality.whole())
        built = self._known_whole(self.reality.path)
        arrays = RollingHorizon._arrays(self, built, self.planned, 0 if signed else NO_NODE)
        arrays = _free_of(arrays, self._of_rows(built, lambda family: family.where == IN_EXPECTATION))
        x, broken = self._solve(built, arrays, 0 if signed else NO_NODE)
        return built, np.where(built.program.column_template >= 0, x, 0.0), broken


def _free_of(arrays: Arrays, rows: np.ndarray) -> Arrays:
    """Return the program without some of its rows. rows: (rows,) whether to leave each out; rows beyond these stay."""
    lower, upper = arrays.row_lower.copy(), arrays.row_upper.copy()
    where = np.flatnonzero(rows)
    lower[where], upper[where] = -np.inf, np.inf
    return replace(arrays, row_lower=lower, row_upper=upper)


class RuleSettling(Settling, RuleHorizon):
    """The policy of a buyer with a rule in what really happened."""

    def __init__(self, reality: Reality, rule: Policy) -> None:
        Settling.__init__(self, reality, 1)
        self.rule = rule
