"""Solve a large tree by Benders decomposition on its trunk.

The master holds the trunk and, for each block, a variable for its cost, bounded below by cuts (Benders, 1962; one cut a block:
Birge & Louveaux, 1988). The point at which the blocks are asked lies between the master's and the best known one (in-out:
Ben-Ameur & Neto, 2007). Yes/no decisions: the relaxation converges first, then branch and bound on the master proposes them and
they are kept while the rest converges, until no better ones can exist. The answer carries a certificate: the master's value bounds
every plan from below, and the plan's own cost is the upper bound.
"""

from __future__ import annotations

import heapq
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from optimizer.errors import SolverError
from optimizer.solving.blocks import BlockProgram, cut, split_program
from optimizer.solving.extensive import GRACE_SECONDS, Built, least_cost
from optimizer.solving.highs import Arrays, Outcome, Solver, Watch

WORKERS = 2
MOST_ROUNDS = 400
IN_OUT = 0.5
HURRIED_GAP = 0.02
RECENT_ROUNDS = 4
ASK_EVERY = 12
FEASIBLE = 1e-7
OPTIMAL = highspy.HighsModelStatus.kOptimal


@dataclass(frozen=True, slots=True)
class Cut:
    """θ >= value + slope·(x - point) for a block; where the block is infeasible, 0 >= the same. y, dual: the block's answer."""

    feasible: bool
    value: float
    slope: np.ndarray
    y: np.ndarray
    dual: np.ndarray


class Block:
    """One block's program, kept in the solver between rounds."""

    def __init__(self, part: BlockProgram, seed: int) -> None:
        self.part = part
        self.coupling, self.transposed = part.coupling, part.coupling.T.tocsr()
        self.seed = seed
        self.touched = np.flatnonzero(np.diff(part.coupling.indptr)).astype(np.int32)
        self.solver = Solver(part.arrays, seed=seed)
        self.solver._options({"presolve": "off", "simplex_scale_strategy": 0})
        self.elastic: Solver | None = None

    def ask(self, x: np.ndarray) -> Cut:
        """The cheapest that this block can do once the trunk is at x, and the cut that says so."""
        shift = self.coupling @ x
        status = self._run(self.solver, shift)
        if status == OPTIMAL:
            solution = self.solver.highs.getSolution()
            y, dual = np.array(solution.col_value), np.array(solution.row_dual)
            return Cut(True, float(self.part.arrays.cost @ y), -(self.transposed @ dual), y, dual)
        if status not in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            raise SolverError(f"A part of the tree ended with: {self.solver.highs.modelStatusToString(status)}.")
        return self._infeasible(shift)

    def _run(self, solver: Solver, shift: np.ndarray):
        a, rows = self.part.arrays, self.touched
        if len(rows):
            Solver._ok(solver.highs.changeRowsBounds(len(rows), rows, a.row_lower[rows] - shift[rows], a.row_upper[rows] - shift[rows]))
        for _ in range(2):
            if solver.highs.run() == highspy.HighsStatus.kError:
                raise SolverError("The solver failed on a part of the tree.")
            if solver.highs.getModelStatus() != highspy.HighsModelStatus.kUnknown:
                break
            # A warm start can lead the simplex astray numerically; from scratch it finds its way.
            solver.highs.clearSolver()
        return solver.highs.getModelStatus()

    def _infeasible(self, shift: np.ndarray) -> Cut:
        """By how much the block's rows must give at x, and the cut that forbids it."""
        if self.elastic is None:
            a, rows = self.part.arrays, len(self.part.arrays.row_lower)
            extra = np.arange(rows)
            wide = len(a.cost)
            self.elastic = Solver(Arrays(
                cost=np.concatenate([np.zeros(wide), np.ones(2 * rows)]), lower=np.concatenate([a.lower, np.zeros(2 * rows)]),
                upper=np.concatenate([a.upper, np.full(2 * rows, np.inf)]), integer=np.zeros(wide + 2 * rows, dtype=bool),
                row_lower=a.row_lower, row_upper=a.row_upper, row=np.concatenate([a.row, extra, extra]),
                column=np.concatenate([a.column, wide + extra, wide + rows + extra]),
                value=np.concatenate([a.value, np.ones(rows), -np.ones(rows)]),
            ), seed=self.seed)
        if self._run(self.elastic, shift) != OPTIMAL:
            raise SolverError("A part of the tree could not be examined.")
        solution = self.elastic.highs.getSolution()
        y, dual = np.array(solution.col_value), np.array(solution.row_dual)
        return Cut(False, float(self.elastic.arrays.cost @ y), -(self.transposed @ dual), y[:len(self.part.arrays.cost)], dual)


class Benders:
    """The decomposition of one case. All values are in the solver's units; see Scales."""

    def __init__(self, built: Built, arrays: Arrays, largest: int, watch: Watch) -> None:
        self.built, self.watch = built, watch
        settings = built.case.settings
        self.gap = max(settings.mip_gap, 1e-6)
        self.split = split_program(built, arrays, largest)
        trunk, parts = cut(arrays, self.split)
        self.columns, self.width, self.count = trunk.columns, len(trunk.columns), len(parts)
        self.trunk_rows, self.cut_duals = trunk.rows, []
        watch.tell(f"{self.count} parts of the tree")
        self.blocks = [Block(part, settings.seed) for part in parts]
        a = trunk.arrays
        share = self._least(parts)
        self.master = Solver(Arrays(
            cost=np.concatenate([a.cost, np.ones(self.count)]), lower=np.concatenate([a.lower, share]),
            upper=np.concatenate([a.upper, np.full(self.count, np.inf)]), integer=np.zeros(self.width + self.count, dtype=bool),
            row_lower=a.row_lower, row_upper=a.row_upper, row=a.row, column=a.column, value=a.value,
        ), seed=settings.seed)
        self.cost = a.cost
        self.integers = np.flatnonzero(a.integer).astype(np.int32)
        self.bounds = a.lower[self.integers], a.upper[self.integers]
        self.lower, self.upper = -np.inf, np.inf
        self.best: tuple[np.ndarray, list[np.ndarray]] | None = None
        self.rounds = self.nodes = 0
        self.tried: set[bytes] = set()
        self.closed = np.inf
        self.pool = ThreadPoolExecutor(WORKERS)
        self.deadline = watch.seconds + settings.time_limit_seconds
        self.stopped = ""
        self.whole = not len(self.integers)

    def _least(self, parts: list[BlockProgram]) -> np.ndarray:
        """A bound on each block's cost from below: nothing but salvage is ever negative."""
        s = self.built.case.settings
        weight = 1 - s.risk_weight if self.built.risk is not None else 1.0
        floor = min(0.0, least_cost(self.built.data)) * weight / self.built.scales.money
        return np.full(len(parts), floor)

    # -- one round -----------------------------------------------------------------------------------------------------

    def ask(self, x: np.ndarray) -> tuple[float, list[np.ndarray]]:
        """The cost of the trunk's decisions x with the blocks' best answers (inf where one has none); adds their cuts."""
        cuts = list(self.pool.map(lambda block: block.ask(x), self.blocks))
        starts, indices, values, lower = [0], [], [], []
        total = float(self.cost @ x)
        for k, found in enumerate(cuts):
            nonzero = np.flatnonzero(np.abs(found.slope) > 1e-11)
            indices.append(nonzero)
            values.append(-found.slope[nonzero])
            right = found.value - float(found.slope @ x)
            if found.feasible:
                indices.append([self.width + k])
                values.append([1.0])
                total += found.value
            elif found.value > FEASIBLE:
                total = np.inf
            lower.append(right)
            starts.append(starts[-1] + len(nonzero) + int(found.feasible))
        index, value = np.concatenate(indices).astype(np.int32), np.concatenate(values).astype(float)
        count = len(lower)
        Solver._ok(self.master.highs.addRows(count, np.array(lower), np.full(count, np.inf), len(index), np.array(starts[:-1], dtype=np.int32), index, value))
        self.cut_duals += [(k, sparse.csr_array(found.dual[None, :])) for k, found in enumerate(cuts)]
        return total, [found.y for found in cuts]

    def propose(self) -> tuple[np.ndarray, float] | None:
        """The master's decisions and value; None where no decision satisfies its rows."""
        status = None
        for _ in range(2):
            self.master.highs.run()
            status = self.master.highs.getModelStatus()
            if status in (OPTIMAL, highspy.HighsModelStatus.kInfeasible):
                break
            # A warm start can lead the simplex astray numerically; from scratch it finds its way.
            self.master.highs.clearSolver()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != OPTIMAL:
            raise SolverError(f"The trunk's program ended with: {self.master.highs.modelStatusToString(status)}.")
        return np.array(self.master.highs.getSolution().col_value)[:self.width], self.master.highs.getInfo().objective_function_value

    @staticmethod
    def _near(low: float, high: float, tolerance: float) -> bool:
        return bool(np.isfinite(high)) and high - low <= tolerance * max(abs(high), 1e-9)

    def out_of_time(self) -> bool:
        """Whether to stop: by hand or by the clock, once more by the clock alone where a plan is still put in order."""
        return (self.watch.stop and not self.stopped) or self.watch.seconds > self.deadline

    def _reason(self) -> str:
        return "stopped by hand" if self.watch.stop else "time limit"

    def converge(self, tolerance: float, floor: float = -np.inf, target: float = np.inf) -> tuple[float, float, tuple | None]:
        """Rounds until the best plan is within `tolerance` of the master's value, or that value has passed `target`.

        Returns (lower bound, cost, (x, answers)) under the master's present bounds of the yes/no decisions.
        """
        best, cost, low, weight = None, np.inf, -np.inf, IN_OUT
        for _ in range(MOST_ROUNDS):
            proposed = self.propose()
            if proposed is None:
                return np.inf, np.inf, None
            x, value = proposed
            stalled = value <= low + 1e-3 * tolerance * abs(value)
            low = max(low, value)
            if self._near(low, cost, tolerance) or low >= target or self.out_of_time():
                break
            weight = 1.0 if stalled and weight < 1.0 else IN_OUT
            point = x if best is None else weight * x + (1 - weight) * best[0]
            total, answers = self.ask(point)
            self.rounds += 1
            if total < cost:
                best, cost = (point, answers), total
            # While yes/no decisions are still open, what is found costs less than any plan can: no incumbent.
            self._tell(max(low, floor), min(cost, self.upper) if self.whole else self.upper)
        return low, cost, best

    def _tell(self, low: float, high: float) -> None:
        money = self.built.scales.money
        gap = (high - low) / max(abs(high), 1e-9) if np.isfinite(high) and np.isfinite(low) else None
        self.watch.tell(f"round {self.rounds}", incumbent=high * money if np.isfinite(high) else None,
                        bound=low * money if np.isfinite(low) else None, gap=gap)

    # -- yes/no decisions ----------------------------------------------------------------------------------------------

    def branch(self, first: np.ndarray) -> None:
        """Branch and bound on the master (Land & Doig, 1960); whole decisions are put to the blocks, whose cuts stay for the rest.

        After a branching the search dives into the nearer child, where the dual simplex needs but a few steps; then it goes on
        with the node of the best bound. `first` is tried before anything else, for a good plan early.
        """
        self._put_to_blocks(first)
        low, high = self.bounds
        heap: list[tuple[float, int, np.ndarray, np.ndarray]] = []
        node, made = (self.lower, 0, low, high), 0
        while node is not None and not self.out_of_time():
            bound, _, low, high = node
            self.lower = min([bound, self.closed, *(entry[0] for entry in heap[:1])])
            if self._near(self.lower, self.upper, self.gap):
                return
            made += 2
            children = self._examine(bound, low, high, made)
            for child in children[1:]:
                heapq.heappush(heap, child)
            node = children[0] if children else heapq.heappop(heap) if heap else None
        if node is None and np.isfinite(self.upper):
            # Nothing is open: what was cut off lay within a quarter of the gap of the best plan.
            self.lower = max(self.lower, min(self.closed, self.upper - self.gap / 4 * abs(self.upper)))

    def _examine(self, bound: float, low: np.ndarray, high: np.ndarray, made: int) -> list[tuple]:
        """The nodes that a node leaves to look at, the one to dive into first."""
        self.nodes += 1
        self._bound_integers(low, high)
        proposed = self.propose()
        if proposed is None or self._near(proposed[1], self.upper, self.gap / 4):
            return []
        value, values = max(bound, proposed[1]), proposed[0][self.integers]
        self._tell(self.lower, self.upper)
        fraction = np.abs(values - np.round(values))
        if fraction.max() < 1e-6:
            whole = np.round(values)
            if whole.tobytes() not in self.tried:
                self.tried.add(whole.tobytes())
                self._put_to_blocks(whole)
                return [(value, made, low, high)]
            if (low == high).all():
                self.closed = min(self.closed, value)
                return []
            # Nearly whole but not the decisions it looks like: branch on what is still open.
            fraction = np.where(low < high, fraction + 1e-12, -1.0)
        if self.nodes % ASK_EVERY == 0:
            # Cuts made for whole decisions are weak between them; without new ones the bound would creep.
            self.ask(proposed[0])
            return [(value, made, low, high)]
        at = int(fraction.argmax())
        up, down = low.copy(), high.copy()
        up[at], down[at] = 1.0, 0.0
        children = [(value, made, up, high), (value, made + 1, low, down)]
        return children if values[at] > 0.5 else children[::-1]

    def _put_to_blocks(self, values: np.ndarray) -> None:
        """Keep these yes/no decisions and converge, until they are known to be the best so far or not."""
        self._bound_integers(values, values)
        _, cost, best = self.converge(self.gap / 4, floor=self.lower, target=self.upper)
        if cost < self.upper and best is not None:
            self.upper, self.best = cost, best

    def _hurry(self, values: np.ndarray) -> None:
        """Stopped before any whole decisions were put to the blocks: take the nearest ones, and a short while more, for a plan at all."""
        if self.out_of_time():
            self.stopped = self._reason()
            self.deadline = self.watch.seconds + GRACE_SECONDS
            self._bound_integers(values, values)
            _, self.upper, self.best = self.converge(HURRIED_GAP)

    def purge(self) -> None:
        """Drop the cuts that neither bear on the master's present answer nor are recent."""
        highs, first = self.master.highs, len(self.master.arrays.row_lower)
        highs.run()
        solution, rows = highs.getSolution(), highs.getNumRow()
        lower = np.array(highs.getLp().row_lower_)
        idle = (np.abs(solution.row_dual) < 1e-9) & (np.array(solution.row_value) - lower > 1e-4 * np.maximum(1, np.abs(lower)))
        idle[:first] = False
        idle[max(first, rows - RECENT_ROUNDS * self.count):] = False
        gone = np.flatnonzero(idle).astype(np.int32)
        if len(gone):
            Solver._ok(highs.deleteRows(len(gone), gone))
            self.cut_duals = [entry for entry, left in zip(self.cut_duals, ~idle[first:]) if left]

    def duals(self) -> np.ndarray | None:
        """The duals of the whole program's rows, with the yes/no decisions of the best plan.

        A block's are those found with its cuts, in the mixture in which these bear on the master: together with the master's own
        they are an answer to the whole program's dual (Dantzig & Wolfe, 1960).
        """
        self._bound_integers(*[np.round(self.best[0][self.integers])] * 2)
        if self.propose() is None:
            return None
        priced = np.array(self.master.highs.getSolution().row_dual)
        first = len(self.trunk_rows)
        dual = np.zeros(len(self.split.row_block))
        dual[self.trunk_rows] = priced[:first]
        for price, (k, found) in zip(priced[first:], self.cut_duals):
            if price > 0:
                np.add.at(dual, self.blocks[k].part.rows[found.indices], price * found.data)
        return dual

    def _bound_integers(self, low: np.ndarray, high: np.ndarray) -> None:
        self.whole = bool((low == high).all())
        Solver._ok(self.master.highs.changeColsBounds(len(self.integers), self.integers, low, high))

    def solve(self) -> Outcome:
        """The best plan, and the bound that certifies it."""
        self.lower, cost, best = self.converge(self.gap / 3 if len(self.integers) else self.gap)
        if best is None and not self.out_of_time():
            return Outcome("infeasible")
        if not len(self.integers):
            self.upper, self.best = cost, best
        elif best is not None:
            first = np.round(best[0][self.integers])
            self.purge()
            self.branch(first)
            if self.best is None:
                self._hurry(first)
        self.pool.shutdown()
        return self._outcome()

    def _outcome(self) -> Outcome:
        stopped = self.stopped or (self._reason() if self.out_of_time() else "")
        if self.best is None:
            return Outcome("no_solution" if stopped else "infeasible", stopped=stopped)
        x = np.zeros(len(self.split.column_block))
        x[self.columns] = self.best[0]
        for block, y in zip(self.blocks, self.best[1]):
            x[block.part.columns] = y
        near = self._near(self.lower, self.upper, self.gap * (1 + 1e-6))
        return Outcome("optimal" if near else "feasible", self.upper, min(self.lower, self.upper), x, self.duals() if near else None,
                       stopped="" if near else stopped, iterations=self.rounds)
