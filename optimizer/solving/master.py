"""The master of a decomposition: the trunk's program, a variable θ for the cost of each block, or of a few, and the cuts that bound θ from below."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optimizer.errors import NumericalError
from optimizer.model.arrays import Arrays
from optimizer.solving.blocks import Parts, positions_of
from optimizer.solving.columnwise import model_of
from optimizer.solving.highs import Reoptimizer
from optimizer.solving.layout import LaidOutParts
from optimizer.solving.numerics import FEASIBILITY_TOLERANCE, SMALLEST_COEFFICIENT, check_numbers
from optimizer.solving.outcome import State
from optimizer.solving.reduction import Reduced
from optimizer.solving.subproblems import Cut

IDLE_ROUNDS = 4
"""A cut that has had no dual price for so many of the master's answers is dropped."""

PRICED = 1e-9
"""The dual price from which a cut counts as active: a hundredth of the solver's dual tolerance, so that no active cut is dropped."""

DRIFT = 10 * FEASIBILITY_TOLERANCE
"""By how much an answer may break a row of the trunk. After thousands of updates of its factorised basis the solver's x may be 1e-4 off, which it
does not notice, because it takes the rows' activities from the same basis; an audit would refuse such a plan."""

BOUND_ROWS = 3
"""Rows kept free for bounds on the objective; see Master.bound_objective."""

WORTH_DELETING = 1 / 5
"""The share of the cuts that must be idle before they are deleted: deleting rows costs the solver its factorised basis."""


NO_DUAL = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32)
"""The duals behind a cut of several blocks, which nobody asks for."""


@dataclass(slots=True)
class KeptCut:
    """A cut in the master: the number of its θ, its right-hand side, and for how many answers of the master it has been idle."""

    theta: int
    cut: Cut
    bound: float
    idle: int = 0

    @property
    def size(self) -> float:
        """The number that the row of the cut is divided by. The dual of a feasibility cut may have any size; a large one costs the solver its digits."""
        return 1.0 if self.cut.feasible else max(1.0, float(np.abs(self.cut.slope).max(initial=0.0)))

    def moved(self, rows: np.ndarray, old: Arrays, new: Arrays) -> KeptCut:
        """Return the cut after bounds of rows have moved from one program to another: its duals tell by how much. rows: those of its block."""
        rows, dual = rows[self.cut.dual[0]], self.cut.dual[1]
        at_lower = dual > 0
        before, after = (np.where(at_lower, arrays.row_lower[rows], arrays.row_upper[rows]) for arrays in (old, new))
        by = np.subtract(after, before, out=np.zeros(len(rows)), where=before != after)
        return KeptCut(self.theta, self.cut, self.bound + float(dual.astype(float) @ by), self.idle)


class Master:
    """The trunk's program in the solver, made smaller once: its columns, then the θ; its rows, those for bounds on the objective, then the cuts."""

    def __init__(self, parts: Parts | LaidOutParts, floor: float, seed: int) -> None:
        """floor: a lower bound on the cost of any block."""
        self.parts, self.weights = parts, np.ones(len(parts))
        self.members = positions_of(parts.theta, int(parts.theta.max(initial=-1)) + 1)[1:]
        self.count = len(self.members)
        self.own_theta = np.array_equal(parts.theta, np.arange(len(parts)))
        self.cost = parts.trunk_cost(self.weights)
        trunk = replace(parts.trunk, arrays=replace(parts.trunk.arrays, cost=self.cost))
        self.reduced = Reduced(trunk, np.unique(np.concatenate(parts.used)))
        a = self.reduced.arrays
        self.points = [parts.used[own[0]] if len(own) == 1 else np.unique(np.concatenate([parts.used[k] for k in own])) for own in self.members]
        self.used = [self.reduced.number[points] for points in self.points]
        self.trunk_cost = a.cost
        self.width, self.own_rows, self.rows = a.columns, a.rows, a.rows + BOUND_ROWS
        least = floor * np.array([len(own) for own in self.members])
        relaxed = replace(a, integer=np.zeros_like(a.integer)).with_columns(self.count, cost=1.0, lower=least).with_rows(BOUND_ROWS)
        check_numbers(relaxed)
        self.solver = Reoptimizer(model_of(relaxed), {"random_seed": seed})
        self.integers = np.flatnonzero(trunk.arrays.integer)
        self.switches = self.reduced.number[self.integers]
        self.cuts: list[KeptCut] = []
        self.bounds = 0
        self.most = np.inf

    def bound_integers(self, low: np.ndarray, high: np.ndarray) -> None:
        """Set the bounds of the integer decisions."""
        if len(self.integers):
            self.solver.set_bounds(self.switches, low, high)

    def propose(self, most: float = np.inf, until: float = np.inf) -> tuple[np.ndarray, float] | None:
        """Return the master's decisions and value; None where no decision satisfies its rows, or none has a value below `most`.

        Raises OutOfTime after `until`, NumericalError where no answer is found.
        """
        if most != self.most:
            self.most = most
            self.solver.options({"objective_bound": most - self.reduced.constant})
        state = self.solver.rerun(until)
        if state == State.OPTIMAL and self._has_drifted():
            state = self._factorised_anew(until)
        if state in (State.INFEASIBLE, State.CUT_OFF):
            return None
        if state != State.OPTIMAL:
            raise NumericalError(f"The trunk's program ended with: {state.value}.")
        x = self.reduced.primal(self.solver.point.x[: self.width])
        return x, self.solver.objective + self.reduced.constant

    def _has_drifted(self) -> bool:
        """Return whether the solver's answer breaks a row of the trunk by more than rounding."""
        a = self.reduced.arrays
        activity = a.activity(self.solver.point.x[: self.width])
        return bool((np.maximum(a.row_lower - activity, activity - a.row_upper) > DRIFT).any())

    def _factorised_anew(self, until: float) -> State:
        """Solve again from the last basis, which the solver then factorises anew; it is nearly always still the best one. Raises OutOfTime."""
        basis = self.solver.basis
        if basis is not None:
            self.solver.basis = basis
        return self.solver.rerun(until)

    def weigh(self, weights: np.ndarray) -> None:
        """Set how often the cost of each block counts; at first each counts once. Cuts that were made with other weights go, but for feasibility cuts."""
        gone = np.flatnonzero([kept.cut.feasible for kept in self.cuts])
        if len(gone):
            self.solver.delete_rows(gone + self.rows)
            self.cuts = [kept for kept in self.cuts if not kept.cut.feasible]
        self.weights, self.cost = weights, self.parts.trunk_cost(weights)
        self.trunk_cost = self.reduced.reprice(self.cost)
        self.solver.set_costs(np.arange(self.width), self.trunk_cost)

    def aggregate(self, cuts: list[tuple[int, Cut]]) -> list[tuple[int, Cut]]:
        """Return the cuts of each θ from those of its blocks at the same point: optimality cuts add up, each as often as its block counts.

        Feasibility cuts stay as they are, and where a block has one its θ has no other. (Partial aggregation; Trukhanov, Ntaimo & Schaefer, 2010.)
        """
        if self.own_theta:
            return cuts
        of_theta: dict[int, list[tuple[int, Cut]]] = {}
        for k, cut in cuts:
            of_theta.setdefault(int(self.parts.theta[k]), []).append((k, cut))
        found = []
        for t, own in of_theta.items():
            infeasible = [(k, cut) for k, cut in own if not cut.feasible]
            for part in [[one] for one in infeasible] or [own]:
                slope = np.zeros(len(self.points[t]))
                value = 0.0
                for k, cut in part:
                    weight = float(self.weights[k]) if cut.feasible else 1.0
                    value += weight * cut.value
                    slope[np.searchsorted(self.points[t], self.parts.used[k])] += weight * cut.slope
                found.append((t, Cut(not infeasible, value, sum(cut.excess for _, cut in part), slope, NO_DUAL)))
        return found

    def add(self, cuts: list[tuple[int, Cut]], x: np.ndarray) -> float:
        """Add the cuts of each θ at x. Return the cost of the whole at x, excess of allocations included, inf where a block is infeasible."""
        total = float(self.cost @ x)
        kept = []
        for t, cut in cuts:
            total += cut.value if cut.feasible else np.inf
            kept.append(KeptCut(t, cut, cut.value - float(cut.slope @ x[self.points[t]])))
        self.keep(kept)
        return total

    def keep(self, cuts: list[KeptCut]) -> None:
        """Add cuts that have their right-hand side: θ - slope·x >= bound, or -slope·x >= bound of a feasibility cut."""
        starts, indices, values = [0], [np.zeros(0, dtype=np.int32)], [np.zeros(0)]
        for kept in cuts:
            cut = kept.cut
            slope = cut.slope / kept.size
            nonzero = np.flatnonzero(np.abs(slope) > SMALLEST_COEFFICIENT)
            indices.append(self.used[kept.theta][nonzero])
            values.append(-slope[nonzero])
            if cut.feasible:
                indices.append(np.array([self.width + kept.theta]))
                values.append(np.ones(1))
            starts.append(starts[-1] + len(nonzero) + cut.feasible)
        lower, free = np.array([kept.bound / kept.size for kept in cuts]), np.full(len(cuts), np.inf)
        self.solver.add_rows(lower, free, np.array(starts[:-1], dtype=np.int32), np.concatenate(indices), np.concatenate(values).astype(float))
        self.cuts += cuts

    def values(self, x: np.ndarray) -> np.ndarray:
        """Return what the cuts say that the blocks of each θ cost at x, -inf without one."""
        found = np.full(self.count, -np.inf)
        for kept in self.cuts:
            if kept.cut.feasible:
                found[kept.theta] = max(found[kept.theta], kept.bound + float(kept.cut.slope @ x[self.points[kept.theta]]))
        return found

    def bound_objective(self, least: float, slope: np.ndarray) -> None:
        """Add a bound on the cost of the whole that depends on the integer decisions z: cost >= least + slope·z. There is room for BOUND_ROWS."""
        assert self.bounds < BOUND_ROWS
        row = np.array([self.own_rows + self.bounds])
        coefficient = np.concatenate([self.trunk_cost, np.ones(self.count)])
        coefficient[self.switches] -= slope
        self.solver.set_coefficients(int(row[0]), coefficient)
        self.solver.set_rows(row, np.array([least - self.reduced.constant]), np.array([np.inf]))
        self.bounds += 1

    def drop_objective_bounds(self) -> None:
        """Lift the bounds on the objective: they have no duals that say anything of the program's rows."""
        rows = self.own_rows + np.arange(self.bounds)
        self.solver.set_rows(rows, np.full(self.bounds, -np.inf), np.full(self.bounds, np.inf))
        self.bounds = 0

    def drop_idle_cuts(self, after: int = IDLE_ROUNDS) -> None:
        """Count, after an answer, for how long each cut has been idle, and delete those idle for `after` answers once they are many.

        Where the objective is bounded no cut need have a dual price, and none is dropped.
        """
        if self.bounds:
            return
        active = np.abs(self.solver.point.row_dual[self.rows :]) > PRICED
        for kept, is_active in zip(self.cuts, active):
            kept.idle = 0 if is_active else kept.idle + 1
        gone = np.flatnonzero([kept.idle >= after for kept in self.cuts])
        if len(gone) > len(self.cuts) * WORTH_DELETING:
            self.solver.delete_rows(gone + self.rows)
            self.cuts = [kept for kept in self.cuts if kept.idle < after]

    def duals(self) -> tuple[np.ndarray, list[tuple[float, KeptCut]]]:
        """Return the duals of the trunk's own rows, and the active cuts with their duals."""
        point = self.solver.point
        active = [(price / kept.size, kept) for price, kept in zip(point.row_dual[self.rows :], self.cuts) if price > 0]
        cost = self.cost.copy()
        for price, kept in active:
            # For the trunk's rows, the slope of a cut is part of the cost of a column.
            cost[self.points[kept.theta]] += price * kept.cut.slope
        return self.reduced.duals(point.row_dual[: self.own_rows], point.column_dual[: self.width], cost), active
