"""Live through futures that a plan has not seen, deciding as one would have to: on a rolling horizon.

Contracts and projects stay as planned. Everything else is decided period by period with what is known then: in each period the case is solved again
with the past as it was and with futures drawn anew from the present regime (the rolling-horizon policy of Chand, Hsu & Sethi, 2002). The past is a
chain of nodes above the tree whose decisions are fixed, so that one template serves every step. Risk is priced by the plan's own threshold η: what a
path costs above it counts λ/(1-α) times as much. Whoever knew the whole future would pay less; that cost bounds from below what is to be had.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from optimizer.errors import SolverError
from optimizer.model.arrays import Arrays
from optimizer.model.limits import LIMIT_ROWS
from optimizer.model.registry import IN_EXPECTATION, REFERENCE, ConstraintFamily
from optimizer.model.stamp import NO_NODE
from optimizer.model.template import Template, compile_template
from optimizer.scenarios import ScenarioTree
from optimizer.scenarios.exact import exact_continuation
from optimizer.scenarios.memory import with_memories
from optimizer.scenarios.sampled import Chain, draw_paths
from optimizer.scenarios.tree import Memory, Regime, build_tree
from optimizer.solving.built import Built, stamped
from optimizer.solving.highs import Solver
from optimizer.solving.outcome import Outcome, Status
from optimizer.solving.solution import Solution

History = tuple[Regime, ...]
"""The regimes of the periods so far."""

SOFT = ("budget", "firm_orders", *LIMIT_ROWS)
"""Constraints that a future may make impossible to keep: those that the planner has set, and an order of which the supplier's capacity has fallen
short since. Then they are kept as far as they can be."""

MISSING = 1e3
"""The price, in the solver's units, of breaking one of them: above any price or shortage, which are of the order of 1 to 100."""

KEPT = 1e-5
"""How far, in the solver's units, a row may be broken and count as kept."""

LEAST_COST = 1e-4
"""The weight of the expected cost where risk alone counts: it decides among decisions of equal risk."""

CERTAIN = 1 - 1e-9
"""The probability from which a node is one that is met for certain."""


@dataclass(frozen=True, slots=True)
class Lived:
    """One future lived through, as far as the horizon goes. costs: by cost term, discounted; short: (material, use) -> units short of its demand in all.

    broken: the budgets and limits, by period and name of the constraint, that no decision could keep.
    """

    costs: dict[str, float]
    short: dict[tuple[str, str], float]
    broken: tuple[tuple[int, str], ...]

    @property
    def cost(self) -> float:
        """The cost of the path within the horizon, discounted."""
        return sum(self.costs.values())


class RollingHorizon:
    """The policy of a plan: its contracts and projects, and for the rest what solving again advises.

    solution: of the plan. scenarios: futures drawn at each step, at most; None for all there are. seed: of these draws.
    """

    soft: tuple[str, ...] = SOFT
    """The constraints that are kept as far as they can be."""

    def __init__(self, solution: Solution, scenarios: int | None, seed: int) -> None:
        if solution.x is None:
            raise ValueError("Only a plan can be lived through.")
        self.solution, self.scenarios, self.seed = solution, scenarios, seed
        built = solution.built
        self.case, self.data, self.tree = built.case, built.data, built.tree
        self.reference = [self.tree.regimes[self.tree.regime[n]] for n in self.tree.reference]
        self.continuations: dict[tuple[int, Regime], list[tuple[list[Regime], float, str]]] = {}
        self.template: Template | None = None
        self.position: dict[tuple[Regime, Memory], int] = {}
        self.known: dict[History, np.ndarray] = {}
        self.broken: dict[History, tuple[tuple[int, str], ...]] = {}

    # -- what there is to know -----------------------------------------------------------------------------------------

    def continuation(self, since: int, regime: Regime) -> list[tuple[list[Regime], float, str]]:
        """Return futures from a period and its regime on, that regime first: regimes, weight, name; the most probable one first."""
        if (since, regime) not in self.continuations:
            if self.scenarios is None:
                found = sorted(exact_continuation(self.case, since, regime), key=lambda path: -path[1])
            else:
                key = hashlib.sha256(f"{self.seed}\n{since}\n{regime}".encode()).digest()
                found = draw_paths(Chain(self.case, since=since, regime=regime), self.scenarios, int.from_bytes(key[:4], "little"))
            self.continuations[since, regime] = found
        return self.continuations[since, regime]

    def prepare(
        self, paths: Iterable[Sequence[Regime]], known: Iterable[Sequence[Regime]] = (), tick: Callable[[int, int], None] = lambda done, total: None
    ) -> None:
        """Compile one template for all that can be met on these paths, and on others that are only foreseen.

        tick(done, total): called several times a second.
        """
        whole: dict[History, None] = {tuple(self.reference): None, **{tuple(path): None for path in known}}
        for path in paths:
            for t in range(1, len(path)):
                whole.update((tuple(path[:t]) + tuple(future), None) for future, _, _ in self.continuation(t, path[t]))
        met = self._tree([(list(path), 1 / len(whole), "") for path in whole])
        self.position = {self._key(met, k): k for k in range(len(met.regimes))}
        self.regimes, self.memories = met.regimes, met.memories
        self.template = compile_template(self.data, met, self.solution.built.drop, tick)

    def _tree(self, paths: list[tuple[list[Regime], float, str]]) -> ScenarioTree:
        """Return the tree of paths, the first one its reference path, with the memories that the rules ask for."""
        tree = build_tree(paths, [d.row for d in self.case.disruptions], "sampled", reference=paths[0][0])
        # What holds on the reference path holds on the plan's.
        followed = []
        for node, regime in zip(tree.reference, self.reference):
            if tree.regimes[tree.regime[node]] != regime:
                break
            followed.append(node)
        return with_memories(self.case, tree, followed)

    @staticmethod
    def _key(tree: ScenarioTree, regime: int) -> tuple[Regime, Memory]:
        return tree.regimes[regime], tree.memory(regime)

    def _built(self, history: History, futures: list[tuple[list[Regime], float, str]]) -> Built:
        """Return the program of a history with these futures of its last regime."""
        tree = self._tree([([*history[:-1], *future], weight, name) for future, weight, name in futures])
        keys = [self._key(tree, k) for k in range(len(tree.regimes))]
        if self.template is None or not self.position.keys() >= set(keys):
            raise ValueError("A future can be lived through once `prepare` has been called with it.")
        number = np.array([self.position[key] for key in keys])
        tree = replace(tree, regime=number[tree.regime], regimes=self.regimes, memories=self.memories)
        return stamped(self.case, self.data, tree, self.template, self.solution.built.drop)

    # -- what is decided -----------------------------------------------------------------------------------------------

    @cached_property
    def planned(self) -> np.ndarray:
        """The plan's contracts, projects and decisions of the first period, by column of the template."""
        built, x = self.solution.built, self.solution.x
        assert x is not None
        program = built.program
        values = np.zeros(len(built.template.columns))
        here = (program.column_template >= 0) & np.isin(program.column_node, [NO_NODE, self.tree.reference[0]])
        values[program.column_template[here]] = x[here]
        return values

    def decide(self, history: History) -> np.ndarray:
        """Return what is decided along a history, by column of the template: what was decided before, and what solving again advises now."""
        if len(history) == 1:
            return self.planned
        if history not in self.known:
            now = len(history) - 1
            built = self._built(history, self.continuation(now, history[-1]))
            before = self.decide(history[:-1])
            x, broken = self._solved(built, before, now)
            program = built.program
            here = (program.column_template >= 0) & (program.column_node == now)
            values = before.copy()
            values[program.column_template[here]] = x[here]
            self.known[history] = values
            self.broken[history] = self.broken.get(history[:-1], ()) + tuple(row for row in broken if row[0] == now)
        return self.known[history]

    def live(self, path: Sequence[Regime]) -> Lived:
        """Return what a future costs that is lived through period by period. Raises SolverError, ValueError where it was not prepared for."""
        values = self.decide(tuple(path))
        return self._lived(self._known_whole(path), values, self.broken.get(tuple(path), ()))

    def foresee(self, path: Sequence[Regime]) -> Lived:
        """Return what a future costs at least with the plan's contracts and projects, if all of it is known after the first period.

        Raises SolverError, ValueError where it was not prepared for.
        """
        built = self._known_whole(path)
        x, broken = self._solved(built, self.planned, 1)
        values, program = self.planned.copy(), built.program
        own = program.column_template >= 0
        values[program.column_template[own]] = x[own]
        return self._lived(built, values, broken)

    def _known_whole(self, path: Sequence[Regime]) -> Built:
        """Return the program of one future alone."""
        return self._built((path[0],), [(list(path), 1.0, "")])

    @staticmethod
    def _lived(built: Built, values: np.ndarray, broken: tuple[tuple[int, str], ...]) -> Lived:
        """Return what decisions, by column of the template, come to in the program of one future."""
        x = np.where(built.program.column_template >= 0, values[built.program.column_template], 0.0)
        within = built.tree.period < built.case.calendar.within
        costs = {term: float(cost[within].sum()) for term, cost in built.costs(x).items()}
        short = {(g, u): float(quantity[within].sum()) for (g, u), quantity in built.by_index("short", x).items()}
        return Lived(costs, short, tuple(one for one in broken if one[0] < built.case.calendar.within))

    def _solved(self, built: Built, known: np.ndarray, now: int) -> tuple[np.ndarray, tuple[tuple[int, str], ...]]:
        """Return the best decisions from period `now` on, in the planner's units, and what no decision can keep in that period or, if it is known, later.

        Raises SolverError.
        """
        return self._solve(built, self._arrays(built, known, now), now)

    def _solve(self, built: Built, arrays: Arrays, now: int) -> tuple[np.ndarray, tuple[tuple[int, str], ...]]:
        """Solve a program that is bounded already; otherwise as `_solved`."""
        outcome = self._outcome(arrays)
        broken: tuple[tuple[int, str], ...] = ()
        if outcome.status == Status.INFEASIBLE:
            outcome, broken = self._as_far_as_possible(built, arrays, now)
        if outcome.x is None:
            raise SolverError("A period could not be decided.")
        x = outcome.x[: built.program.columns] * built.scales.column
        return np.where(built.program.column_template >= 0, np.clip(x, 0, None), x), broken

    def _outcome(self, arrays: Arrays) -> Outcome:
        """Return what the solver makes of a program."""
        return Solver(arrays, seed=self.case.settings.seed).solve()

    def _arrays(self, built: Built, known: np.ndarray, now: int) -> Arrays:
        """Return the program from period `now` on, in the solver's units. Minimum orders are kept on the plan's reference path alone, as in the plan."""
        program = built.program
        template, node = program.column_template, program.column_node
        # Up to the present the tree is a chain, so that a node has the number of its period.
        fixed = (template >= 0) & (node < now)
        lower, upper = np.where(fixed, known[template], program.lower), np.where(fixed, known[template], program.upper)
        if built.risk is not None and self.solution.built.risk is not None:
            assert self.solution.x is not None
            at = built.risk.threshold
            lower[at] = upper[at] = self.solution.x[self.solution.built.risk.threshold]
        cost, row_lower, row_upper = program.cost.copy(), program.row_lower.copy(), program.row_upper.copy()
        if built.risk_alone:
            # Below the threshold no cost counts then; among decisions of equal risk the cheapest is taken, as in the plan.
            cost += LEAST_COST * built.expected_cost
        # What is decided is decided, even where it has broken a row.
        past = (program.row_template >= 0) & (program.row_node < now)
        whole = program.integer & (node == now) & self._on_reference(built, now)
        elsewhere = self._of_rows(built, lambda family: family.where == REFERENCE) & ((program.row_node != now) | (not whole.any()))
        row_lower[past | elsewhere], row_upper[past | elsewhere] = -np.inf, np.inf
        # What holds in expectation over all futures has a price in each of them.
        for row in self._in_expectation(built):
            own = program.row == row
            np.subtract.at(cost, program.column[own], self.price_of_row.get(int(program.row_template[row]), 0.0) * program.value[own])
        program = replace(program, cost=cost, lower=lower, upper=upper, integer=whole, row_lower=row_lower, row_upper=row_upper)
        return replace(built, program=program).arrays()

    def _on_reference(self, built: Built, now: int) -> bool:
        """Return whether the path to the present is the plan's reference path."""
        return all(built.tree.regimes[built.tree.regime[n]] == regime for n, regime in zip(range(now + 1), self.reference))

    @staticmethod
    def _of_rows(built: Built, chosen: Callable[[ConstraintFamily], bool]) -> np.ndarray:
        """Return for each row of a program whether its family is one of the chosen."""
        is_chosen: np.ndarray = np.array([chosen(family) for family, _ in built.template.rows] + [False])[built.program.row_template]
        return is_chosen

    def _in_expectation(self, built: Built) -> np.ndarray:
        return np.flatnonzero(self._of_rows(built, lambda family: family.where == IN_EXPECTATION))

    @cached_property
    def price_of_row(self) -> dict[int, float]:
        """The dual of each of the plan's rows in expectation, by row of the template."""
        built, dual = self.solution.built, self.solution.row_dual
        rows = self._in_expectation(built)
        return {} if dual is None else {int(built.program.row_template[row]): float(dual[row]) for row in rows}

    def _as_far_as_possible(self, built: Built, arrays: Arrays, now: int) -> tuple[Outcome, tuple[tuple[int, str], ...]]:
        """Return the outcome with budgets, limits and orders broken as little as possible, and which are for certain, from period `now` on."""
        program, likely = built.program, built.tree.probability
        rows = np.flatnonzero(self._of_rows(built, lambda family: family.name in self.soft) & (program.row_node >= now))
        columns, sign = arrays.columns + np.arange(len(rows)), np.where(np.isfinite(arrays.row_upper[rows]), -1.0, 1.0)
        eased = arrays.with_columns(len(rows), cost=MISSING * likely[program.row_node[rows]], entries=[(rows, columns, sign)])
        outcome = self._outcome(eased)
        if outcome.x is None:
            return outcome, ()
        over = rows[outcome.x[arrays.columns :] > KEPT]
        over = over[likely[program.row_node[over]] >= CERTAIN]
        names = {(int(built.tree.period[program.row_node[row]]), built.template.rows[program.row_template[row]][0].name) for row in over}
        return outcome, tuple(sorted(names))
