"""The master of a decomposition: the trunk's program, a cost θ for each block, and the cuts that bound it from below."""

from __future__ import annotations

from dataclasses import dataclass, replace

import highspy
import numpy as np

from optimizer.errors import NumericalError
from optimizer.solving.blocks import Parts
from optimizer.solving.highs import Arrays, Solver
from optimizer.solving.reduction import Reduced
from optimizer.solving.subproblems import INFEASIBLE, OPTIMAL, Cut, run

IDLE_ROUNDS = 4
"""A cut that has not borne on the master for so many of its answers is dropped."""


@dataclass(slots=True)
class KeptCut:
    """A cut in the master: of which block, its right-hand side, and for how many answers of the master it has been idle."""

    block: int
    cut: Cut
    bound: float
    idle: int = 0

    @property
    def size(self) -> float:
        """What the row of the cut is divided by. A feasibility cut may be stated in any size; a large one costs the solver its digits."""
        return 1.0 if self.cut.feasible else max(1.0, float(np.abs(self.cut.slope).max(initial=0.0)))

    def moved(self, rows: np.ndarray, old: Arrays, new: Arrays) -> KeptCut:
        """The cut once bounds of rows have moved from one program to another: its duals tell by how much. rows: those of its block."""
        rows, dual = rows[self.cut.dual[0]], self.cut.dual[1]
        at_lower = dual > 0
        before, after = (np.where(at_lower, arrays.row_lower[rows], arrays.row_upper[rows]) for arrays in (old, new))
        by = np.subtract(after, before, out=np.zeros(len(rows)), where=before != after)
        return KeptCut(self.block, self.cut, self.bound + float(dual.astype(float) @ by), self.idle)


class Master:
    """The trunk's program in the solver, made smaller once, columns first, then one θ a block; cuts below its own rows."""

    def __init__(self, parts: Parts, floor: float, seed: int) -> None:
        trunk = parts.trunk
        self.cost, self.count = trunk.arrays.cost, len(parts)
        self.reduced = Reduced(trunk, np.unique(np.concatenate(parts.used)))
        a = self.reduced.arrays
        self.used = [self.reduced.number[used] for used in parts.used]
        self.points = parts.used
        self.width, self.rows = len(a.cost), len(a.row_lower)
        self.solver = Solver(_with_costs(a, self.count, floor), seed=seed)
        self.highs = self.solver.highs
        self.integers = np.flatnonzero(trunk.arrays.integer)
        self.switches = self.reduced.number[self.integers]
        self.cuts: list[KeptCut] = []
        self.most = np.inf

    def bound_integers(self, low: np.ndarray, high: np.ndarray) -> None:
        if len(self.integers):
            Solver._ok(self.highs.changeColsBounds(len(self.switches), self.switches, low, high))

    def propose(self, most: float = np.inf, until: float = np.inf) -> tuple[np.ndarray, float] | None:
        """The master's decisions and value; None where no decision satisfies its rows, or none of a value below `most`. OutOfTime after `until`."""
        if most != self.most:
            self.most = most
            self.solver._options({"objective_bound": most - self.reduced.constant})
        status = run(self.solver, until)
        if status in (INFEASIBLE[0], highspy.HighsModelStatus.kObjectiveBound):
            return None
        if status != OPTIMAL:
            raise NumericalError(f"The trunk's program ended with: {self.highs.modelStatusToString(status)}.")
        x = self.reduced.primal(np.array(self.highs.getSolution().col_value)[: self.width])
        return x, self.highs.getInfo().objective_function_value + self.reduced.constant

    def add(self, cuts: list[Cut], x: np.ndarray) -> float:
        """Add every block's cut at x; the cost of the whole at x, excess of shares included, inf where a block has no answer."""
        total = float(self.cost @ x)
        kept = []
        for k, cut in enumerate(cuts):
            if cut.feasible:
                total += cut.value
            else:
                total = np.inf
            kept.append(KeptCut(k, cut, cut.value - float(cut.slope @ x[self.points[k]])))
        self.keep(kept)
        return total

    def keep(self, cuts: list[KeptCut]) -> None:
        """Add cuts as they are."""
        starts, indices, values = [0], [np.zeros(0, dtype=np.int32)], [np.zeros(0)]
        for kept in cuts:
            cut, k = kept.cut, kept.block
            nonzero = np.flatnonzero(np.abs(cut.slope) > 1e-11)
            indices.append(self.used[k][nonzero])
            values.append(-cut.slope[nonzero] / kept.size)
            if cut.feasible:
                indices.append([self.width + k])
                values.append([1.0])
            starts.append(starts[-1] + len(nonzero) + int(cut.feasible))
        index, value = np.concatenate(indices).astype(np.int32), np.concatenate(values).astype(float)
        lower, free = np.array([kept.bound / kept.size for kept in cuts]), np.full(len(cuts), np.inf)
        Solver._ok(self.highs.addRows(len(cuts), lower, free, len(index), np.array(starts[:-1], dtype=np.int32), index, value))
        self.cuts += cuts

    def purge(self) -> None:
        """Drop the cuts that have not borne on the master's answers of late. To be called after an answer."""
        solution = self.highs.getSolution()
        bears = np.abs(np.array(solution.row_dual)[self.rows :]) > 1e-9
        for kept, bearing in zip(self.cuts, bears):
            kept.idle = 0 if bearing else kept.idle + 1
        gone = np.flatnonzero([kept.idle >= IDLE_ROUNDS for kept in self.cuts]).astype(np.int32)
        if len(gone) > len(self.cuts) // 5:
            Solver._ok(self.highs.deleteRows(len(gone), gone + np.int32(self.rows)))
            self.cuts = [kept for kept in self.cuts if kept.idle < IDLE_ROUNDS]

    def duals(self) -> tuple[np.ndarray, list[tuple[float, KeptCut]]]:
        """The prices of the trunk's own rows and of the cuts, those at work."""
        solution = self.highs.getSolution()
        priced, reduced = np.array(solution.row_dual), np.array(solution.col_dual)[: self.width]
        bearing = [(price / kept.size, kept) for price, kept in zip(priced[self.rows :], self.cuts) if price > 0]
        cost = self.cost.copy()
        for price, kept in bearing:
            # What the cuts make of a column is part of its cost for the rows of the trunk.
            cost[self.points[kept.block]] += price * kept.cut.slope
        return self.reduced.duals(priced[: self.rows], reduced, cost), bearing


def _with_costs(a, count: int, floor: float):
    """The trunk's arrays with a column for the cost of each block."""
    return replace(
        a,
        cost=np.concatenate([a.cost, np.ones(count)]),
        lower=np.concatenate([a.lower, np.full(count, floor)]),
        upper=np.concatenate([a.upper, np.full(count, np.inf)]),
        integer=np.zeros(len(a.cost) + count, dtype=bool),
    )
