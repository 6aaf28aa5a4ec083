"""Plan the futures of a plan once more with more knowledge: groups of futures that are told apart from the start, each planned by itself.

Whoever knows from the start in which group the future lies has contracts, projects and orders of its own for each group. One group a future is perfect
information, whose value was defined by Raiffa & Schlaifer (1961); the groups of one disruption's histories are what a forecast of that disruption would tell.

Without risk in the objective the groups do not touch each other. What ties them together is a minimum fill rate, which holds over all futures, and CVaR,
whose threshold is common to them; small programs are then solved as one, which is exact. Larger ones are solved group by group, with the plan's threshold and
with the shortage that the plan itself leaves in each group. Nothing that this finds is out of reach, so that knowing is then worth at least what is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from optimizer.errors import SolverError
from optimizer.model.arrays import Triples, aggregate
from optimizer.model.registry import IN_EXPECTATION, REFERENCE
from optimizer.model.risk import conditional_value_at_risk, least_cost, with_risk
from optimizer.model.stamp import NO_NODE
from optimizer.scenarios.tree import Scenario, ScenarioTree
from optimizer.solving.built import Built, stamped
from optimizer.solving.highs import Solver
from optimizer.solving.outcome import Status, Stop
from optimizer.solving.scaling import scales_of
from optimizer.solving.solution import Solution
from optimizer.solving.solve import LARGE
from optimizer.solving.watch import Phase, Stopped
from optimizer.studies.worth.work import Work

WORKERS = 2
"""Programs that are solved at a time."""

CERTAINLY_SMALL = 0.8
"""The share of LARGE up to which a program is certainly solved in one piece, though its rows are only estimated."""

JOINT = 6_000
"""Rows up to which groups that something ties together are solved as one program."""

LARGE_GAP = 2e-3
"""The relative gap within which a large program is solved, where that of the case is not smaller: a difference of two plans has to be told apart from it."""


@dataclass(frozen=True, slots=True)
class Course:
    """What one way of deciding comes to on the futures of a plan.

    objective: in money, on the plan's objective. path_cost: (leaves,) the discounted cost of each future. bound: no such course has a smaller objective; -inf
    where that is not known. exact: whether the whole question was solved, within a gap; if not, the course is one of those that there are. reached: the
    probability of the futures that were planned anew in the time there was; the others are as planned.
    """

    objective: float
    path_cost: np.ndarray
    bound: float = -np.inf
    exact: bool = True
    reached: float = 1.0


class Group(NamedTuple):
    """Futures that are planned together: their places among the leaves, their program, its nodes as the plan's, and the plan's decisions in it."""

    futures: np.ndarray
    built: Built
    nodes: np.ndarray
    planned: np.ndarray


def restricted(tree: ScenarioTree, leaves: np.ndarray) -> tuple[ScenarioTree, np.ndarray]:
    """Return the tree of some leaves alone, with their probabilities given that one of them comes true, and the number of each of its nodes in the whole tree.

    Its reference path is that of the whole tree as far as it goes, and then the most probable one.
    """
    line = tree.ancestors()[leaves]
    nodes = np.unique(line)
    place = np.full(tree.size, -1)
    place[nodes] = np.arange(len(nodes))
    mass = np.bincount(place[line].ravel(), np.repeat(tree.probability[leaves], tree.periods), minlength=len(nodes))
    parent = np.where(tree.parent[nodes] >= 0, place[tree.parent[nodes]], -1)
    reference, above = [], -1
    for t in range(tree.periods):
        usual = place[tree.reference[t]]
        children = np.flatnonzero((parent == above) & (tree.period[nodes] == t))
        above = int(usual) if usual in children else int(children[np.argmax(mass[children])])
        reference.append(above)
    share = mass / tree.probability[leaves].sum()
    part = replace(
        tree,
        parent=parent,
        period=tree.period[nodes],
        probability=share,
        regime=tree.regime[nodes],
        reference=tuple(reference),
        scenarios=tuple(Scenario(str(leaf), float(share[place[leaf]]), int(place[leaf])) for leaf in leaves),
    )
    return part, nodes


class Information:
    """The futures of a plan, to be planned once more with more knowledge. Raises ValueError for a solution without decisions."""

    def __init__(self, solution: Solution, work: Work) -> None:
        if solution.x is None:
            raise ValueError("The solution has no decisions.")
        self.solution, self.work, self.built, self.x = solution, work, solution.built, solution.x
        self.tree, self.settings = self.built.tree, self.built.case.settings
        self.leaves = self.tree.leaves
        self.probability = self.tree.probability[self.leaves]
        self.path_cost = self.built.path_costs(self.x)[self.leaves]
        self.planned = Course(self.objective(self.path_cost), self.path_cost, solution.bound)
        self.large = self.built.program.rows >= LARGE
        self._key = self._keys(self.built, np.arange(self.tree.size))
        self._order = np.argsort(self._key)
        activity = self.built.program.activity(self.x)
        self._in_expectation = {int(self.built.program.row_template[row]): float(activity[row]) for row in self._rows_in_expectation(self.built)}

    # -- what a course comes to ----------------------------------------------------------------------------------------

    def objective(self, path_cost: np.ndarray) -> float:
        """Return the plan's objective of costs of the futures, (leaves,)."""
        weight, expected = self.settings.risk_weight, float(self.probability @ path_cost)
        return (1 - weight) * expected + weight * conditional_value_at_risk(path_cost, self.probability, self.settings.cvar_level)

    def threshold(self, path_cost: np.ndarray) -> float:
        """Return the value at risk of costs of the futures: the threshold at which their CVaR is found (Rockafellar & Uryasev, 2000)."""
        order = np.argsort(path_cost, kind="stable")
        place = int(np.searchsorted(np.cumsum(self.probability[order]), self.settings.cvar_level - 1e-12))
        return float(path_cost[order[min(place, len(order) - 1)]])

    def weighed(self, path_cost: np.ndarray) -> np.ndarray:
        """Return (leaves,) what each future adds to the objective, whose mean the objective is: what exceeds the threshold counts more."""
        if self.built.risk is None:
            return path_cost
        return self._weighed_at(path_cost, self.threshold(path_cost))

    def _weighed_at(self, path_cost: np.ndarray, threshold: float) -> np.ndarray:
        weight, level = self.settings.risk_weight, self.settings.cvar_level
        found: np.ndarray = (1 - weight) * path_cost + weight * (threshold + np.clip(path_cost - threshold, 0, None) / (1 - level))
        return found

    # -- groups --------------------------------------------------------------------------------------------------------

    def futures(self) -> list[np.ndarray]:
        """Return each future as a group, the most probable first."""
        return [np.array([k]) for k in np.argsort(-self.probability, kind="stable")]

    def histories(self, disruption: int) -> list[np.ndarray]:
        """Return the futures grouped by when a disruption, by its position in the case, is active, the most probable group first."""
        active = np.array([disruption in regime for regime in self.tree.regimes], dtype=bool)[self.tree.regime]
        _, which = np.unique(active[self.tree.ancestors()[self.leaves]], axis=0, return_inverse=True)
        which = which.reshape(-1)
        return [np.flatnonzero(which == k) for k in np.argsort(-np.bincount(which, self.probability), kind="stable")]

    def informed(self, groups: Sequence[np.ndarray], decided: bool = False) -> Course:
        """Return the best course of whoever knows from the start in which group of futures the future lies.

        decided: the contracts, the projects and all of the first period are those of the plan, and what is known helps only afterwards.
        """
        if len(groups) == 1 and not decided:
            return self.planned
        single = all(len(futures) == 1 for futures in groups)
        tied = bool(self._in_expectation) or (self.built.risk is not None and not single)
        if tied and sum(map(self._rows_of, groups)) <= JOINT:
            parts = [self._group(futures, decided, neutral=True) for futures in groups]
            if sum(part.built.program.rows for part in parts) <= JOINT:
                return self._joint(parts)
        return self._apart(groups, decided, single, tied)

    def _group(self, futures: np.ndarray, decided: bool, neutral: bool, kept: bool = False) -> Group:
        """Lay out the program of some futures. decided: see informed. neutral: without risk in its objective. kept: its yes/no decisions are the plan's."""
        tree, nodes = restricted(self.tree, self.leaves[futures])
        case = self.built.case.with_settings(risk_weight=0.0) if neutral else self.built.case
        built = stamped(case, self.built.data, tree, self.built.template, self.built.drop)
        program = built.program
        planned = self._planned(built, nodes)
        lower, upper, integer = program.lower.copy(), program.upper.copy(), program.integer.copy()
        fixed = integer & kept
        if decided:
            roots = np.flatnonzero(tree.parent < 0)
            fixed |= (program.column_template >= 0) & np.isin(program.column_node, [NO_NODE, *roots])
        # Minimum orders hold at the nodes of the plan's reference path alone.
        off = ~np.isin(nodes, self.tree.reference)
        elsewhere = self._of(built, columns=True) & off[program.column_node]
        free = self._of(built, columns=False) & off[program.row_node]
        value = np.where(integer, np.round(planned), planned)
        lower[fixed] = upper[fixed] = value[fixed]
        lower[elsewhere] = upper[elsewhere] = 0.0
        integer[fixed | elsewhere] = False
        row_lower, row_upper = np.where(free, -np.inf, program.row_lower), np.where(free, np.inf, program.row_upper)
        program = replace(program, lower=lower, upper=upper, integer=integer, row_lower=row_lower, row_upper=row_upper)
        return Group(futures, replace(built, program=program), nodes, planned)

    @staticmethod
    def _of(built: Built, columns: bool) -> np.ndarray:
        """Return for each column, or row, of a program whether it stands on the reference path alone."""
        members, template = (built.template.columns, built.program.column_template) if columns else (built.template.rows, built.program.row_template)
        found: np.ndarray = np.array([family.where == REFERENCE for family, _ in members] + [False])[template]
        return found

    @staticmethod
    def _rows_in_expectation(built: Built) -> np.ndarray:
        is_one = np.array([family.where == IN_EXPECTATION for family, _ in built.template.rows] + [False])
        return np.flatnonzero(is_one[built.program.row_template])

    def _keys(self, built: Built, nodes: np.ndarray) -> np.ndarray:
        """Return one number for each column of a program: what it is, and at which of the plan's nodes."""
        program = built.program
        node = np.where(program.column_node >= 0, np.append(nodes, NO_NODE)[program.column_node], NO_NODE)
        key: np.ndarray = program.column_template.astype(np.int64) * (self.tree.size + 1) + node + 1
        return key

    def _planned(self, built: Built, nodes: np.ndarray) -> np.ndarray:
        """Return the plan's decisions on the columns of a group's program; 0 for what stands on another reference path than the plan's, and for risk."""
        key, known = self._keys(built, nodes), self._key[self._order]
        place = np.minimum(np.searchsorted(known, key), len(known) - 1)
        found = (known[place] == key) & (built.program.column_template >= 0)
        return np.where(found, self.x[self._order[place]], 0.0)

    # -- one program for all groups ------------------------------------------------------------------------------------

    def _joint(self, groups: Sequence[Group]) -> Course:
        """Solve the groups as one program, with one threshold of risk and with minimum fill rates over all of them."""
        whole = self._stacked(groups)
        x, bound = self._solved(whole)
        futures = np.concatenate([group.futures for group in groups])
        if x is None:
            return replace(self.planned, bound=bound, exact=False, reached=0.0)
        path_cost = np.empty(len(futures))
        path_cost[futures] = whole.path_costs(x)[whole.tree.leaves]
        objective = self.objective(path_cost)
        if objective > self.planned.objective:
            return replace(self.planned, bound=bound)
        return Course(objective, path_cost, min(bound, objective))

    def _stacked(self, groups: Sequence[Group]) -> Built:
        """Return one program of the groups, each weighted by its probability, and the forest of their trees."""
        parts = [group.built for group in groups]
        mass = [float(self.probability[group.futures].sum()) for group in groups]
        nodes, columns, rows = (np.cumsum([0, *sizes]) for sizes in zip(*((p.tree.size, p.program.columns, p.program.rows) for p in parts)))
        shared: dict[int, int] = {}
        row, value = [], []
        for k, part in enumerate(parts):
            number, weight = rows[k] + np.arange(part.program.rows), np.ones(part.program.rows)
            for own in self._rows_in_expectation(part):
                number[own] = shared.setdefault(int(part.program.row_template[own]), int(number[own]))
                weight[own] = mass[k]
            row.append(number[part.program.row])
            value.append(part.program.value * weight[part.program.row])
        terms = {
            term: Triples(
                np.concatenate([p.program.term_cost[term].row + nodes[k] for k, p in enumerate(parts)]),
                np.concatenate([p.program.term_cost[term].column + columns[k] for k, p in enumerate(parts)]),
                np.concatenate([p.program.term_cost[term].value for p in parts]),
            )
            for term in parts[0].program.term_cost
        }

        def joined(name: str) -> np.ndarray:
            return np.concatenate([getattr(part.program, name) for part in parts])

        def placed(name: str) -> np.ndarray:
            at = [getattr(part.program, name) for part in parts]
            return np.concatenate([np.where(where >= 0, where + nodes[k], where) for k, where in enumerate(at)])

        program = replace(
            parts[0].program,
            cost=np.concatenate([p.program.cost * mass[k] for k, p in enumerate(parts)]),
            row=np.concatenate(row),
            column=np.concatenate([p.program.column + columns[k] for k, p in enumerate(parts)]),
            value=np.concatenate(value),
            column_node=placed("column_node"),
            row_node=placed("row_node"),
            term_cost=terms,
            **{name: joined(name) for name in ("lower", "upper", "integer", "row_lower", "row_upper", "column_template", "row_template")},
        )
        trees = [part.tree for part in parts]
        forest = replace(
            trees[0],
            parent=np.concatenate([np.where(tree.parent >= 0, tree.parent + nodes[k], -1) for k, tree in enumerate(trees)]),
            period=np.concatenate([tree.period for tree in trees]),
            probability=np.concatenate([tree.probability * mass[k] for k, tree in enumerate(trees)]),
            regime=np.concatenate([tree.regime for tree in trees]),
        )
        made, risk = self.built, None
        if made.risk is not None:
            program, risk = with_risk(program, forest, self.settings.risk_weight, self.settings.cvar_level, least_cost(made.data), made.drop)
        entries = aggregate(program.row, program.column, program.value, program.rows)
        program = replace(program, row=entries[0], column=entries[1], value=entries[2])
        return Built(made.case, made.data, forest, made.template, program, risk, scales_of(made.data, made.template, program), made.drop)

    # -- group by group ------------------------------------------------------------------------------------------------

    def _apart(self, groups: Sequence[np.ndarray], decided: bool, single: bool, tied: bool) -> Course:
        """Solve the groups one by one. tied: something ties them together, so that what is found is one course of those that there are."""
        kept, neutral = self.large and not single, single or self.built.risk is None
        threshold = self.threshold(self.path_cost) if not neutral else 0.0
        path_cost, bound, reached = self.path_cost.copy(), np.full(len(self.leaves), -np.inf), np.zeros(len(self.leaves), dtype=bool)

        def solve(futures: np.ndarray) -> None:
            if self.work.watch.stop:
                raise Stopped(Stop.BY_HAND)
            if self.work.watch.over:
                return
            group = self._within(self._group(futures, decided, neutral, kept), threshold)
            x, least = self._solved(group.built)
            if x is not None:
                self._take(path_cost, group, x, None if neutral else threshold)
                reached[futures] = True
            bound[futures] = least
            self.work.watch.tell(Phase.VALUE)

        # The rows of a group are an estimate: one that might be cut into parts has the worker processes for itself.
        big = [futures for futures in groups if self._rows_of(futures) >= CERTAINLY_SMALL * LARGE]
        for futures in big:
            solve(futures)
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(solve, [futures for futures in groups if self._rows_of(futures) < CERTAINLY_SMALL * LARGE]))
        share = float(self.probability @ reached)
        if tied or kept:
            found = Course(self.objective(path_cost), path_cost, exact=False, reached=share)
            return found if found.objective < self.planned.objective else replace(found, objective=self.planned.objective, path_cost=self.path_cost)
        # Bounds of single futures bound every objective that grows with the costs; without risk those of groups do.
        least_objective = self.objective(bound) if np.isfinite(bound).all() else -np.inf
        objective = self.objective(path_cost)
        return Course(objective, path_cost, min(least_objective, objective), bool(np.isfinite(bound).all()), share)

    def _rows_of(self, futures: np.ndarray) -> float:
        """Return about how many rows the program of some futures has."""
        nodes = len(np.unique(self.tree.ancestors()[self.leaves[futures]]))
        return self.built.program.rows * nodes / self.tree.size

    def _within(self, group: Group, threshold: float) -> Group:
        """Return the group's program with the threshold of risk fixed, and with as much shortage under minimum fill rates as the plan has in it.

        What the plan leaves of a fill rate is shared out evenly, so that the groups together keep it.
        """
        built, program = group.built, group.built.program
        lower, upper, row_lower, row_upper = program.lower.copy(), program.upper.copy(), program.row_lower.copy(), program.row_upper.copy()
        if built.risk is not None:
            lower[built.risk.threshold] = upper[built.risk.threshold] = threshold
        rows = self._rows_in_expectation(built)
        more = program.activity(group.planned)[rows] - np.array([self._in_expectation[int(i)] for i in program.row_template[rows]])
        row_lower[rows] += more
        row_upper[rows] += more
        changed = replace(program, lower=lower, upper=upper, row_lower=row_lower, row_upper=row_upper)
        return group._replace(built=replace(built, program=changed))

    def _take(self, path_cost: np.ndarray, group: Group, x: np.ndarray, threshold: float | None) -> None:
        """Put what the futures of a group cost with decisions x into (leaves,), where that is better than the plan. threshold: None without risk."""
        leaves = group.built.tree.leaves
        found, weight = group.built.path_costs(x)[leaves], group.built.tree.probability[leaves]
        before = self.path_cost[group.futures]
        costs = [found, before] if threshold is None else [self._weighed_at(cost, threshold) for cost in (found, before)]
        if weight @ costs[0] < weight @ costs[1]:
            path_cost[group.futures] = found

    def _solved(self, built: Built) -> tuple[np.ndarray | None, float]:
        """Return the best decisions of a program in the planner's units, None where there are none in time, and the bound on its objective in money."""
        watch, settings = self.work.watch, self.settings
        if built.program.rows >= LARGE:
            solution = self.work.solve(built, min(settings.mip_gap, LARGE_GAP))
            return solution.x, solution.bound if solution.x is not None else -np.inf
        try:
            solver = Solver(built.arrays(), seed=settings.seed, time_limit=self.work.left, mip_gap=settings.mip_gap, watch=watch, money=built.scales.money)
            outcome = solver.solve(Phase.VALUE)
            if outcome.x is None:
                return None, -np.inf
            bound = outcome.bound if np.isfinite(outcome.bound) else -np.inf
            if solver.arrays.integer.any():
                # The yes/no decisions of a mixed-integer solver are only nearly whole.
                solver.fix_integers(outcome.x)
                whole = solver.attempt(Phase.ROUNDING)
                outcome = whole if whole.status == Status.OPTIMAL else outcome
        except SolverError:
            return None, -np.inf
        assert outcome.x is not None
        x = np.where(built.program.column_template >= 0, np.clip(outcome.x, 0, None), outcome.x) * built.scales.column
        return x, bound * built.scales.money
