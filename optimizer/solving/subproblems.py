"""The blocks of a decomposition as a worker holds them: asked again and again, each answers with a cut.

A worker keeps its blocks in the solver between questions, so that each starts from its last basis. Whoever asks gives the name under
which they are held; a worker that does not know the name, because it took the place of one that died, says so by answering None.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

import highspy
import numpy as np

from optimizer.errors import SolverError
from optimizer.solving.blocks import BlockProgram
from optimizer.solving.highs import Arrays, Solver
from optimizer.solving.reduction import Reduced

OPTIMAL = highspy.HighsModelStatus.kOptimal
INFEASIBLE = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)
UNSCALED, SCALED = {"simplex_scale_strategy": 0}, {"simplex_scale_strategy": 2}
"""Our units leave the solver little to scale, which takes time at every question."""
MOST_HELD = 8
"""Decompositions that a worker keeps: one is in use, others may be asked what-if."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What a block answers at a point of the trunk: θ >= value + slope·(x - point)[used]; where it is infeasible, 0 >= the same.

    dual: (rows, values) of the nonzero duals that say so. excess: by how much the block exceeds its shares of rows over several blocks.
    """

    feasible: bool
    value: float
    excess: float
    slope: np.ndarray
    dual: tuple[np.ndarray, np.ndarray]


def run(solver: Solver):
    """Solve what was changed, from the last basis; the solver's status. SolverError where it has none.

    A warm start can lead the simplex astray numerically: then from scratch, and then with the solver's own scaling.
    """
    for retry in (None, UNSCALED, SCALED):
        if retry is not None:
            solver.highs.clearSolver()
            solver._options(retry)
        failed = solver.highs.run() == highspy.HighsStatus.kError
        if not failed and solver.highs.getModelStatus() != highspy.HighsModelStatus.kUnknown:
            break
    if failed:
        raise SolverError("The solver failed on a part of the tree.")
    if retry is SCALED:
        solver._options(UNSCALED)
    return solver.highs.getModelStatus()


class Block:
    """One block's program in the solver."""

    def __init__(self, part: BlockProgram, seed: int) -> None:
        self.part, self.seed = part, seed
        self.reduced = Reduced(part, part.excess)
        self.solver = Solver(self.reduced.arrays, seed=seed)
        self.solver._options({"presolve": "off", **UNSCALED})
        self.elastic: Solver | None = None
        self.answer = np.zeros(0)
        self.cost, self.price = part.arrays.cost, 0.0

    def ask(self, x: np.ndarray, price: float) -> Cut:
        """The cheapest that this block can do once the trunk is at x, and the cut that says so. price: of a unit in excess of its shares."""
        part = self.part
        if price != self.price and len(part.excess):
            self.cost, self.price = self.cost.copy(), price
            self.cost[part.excess] = price
            Solver._ok(self.solver.highs.changeColsCost(len(part.excess), self.reduced.number[part.excess], self.cost[part.excess]))
        i, j, value = part.coupling
        shift = np.bincount(i, value * x[part.used[j]], minlength=len(part.touched))
        reduced, touched = self.reduced, part.touched
        status = self._run(self.solver, reduced.touched, reduced.row_lower[touched] - shift, reduced.row_upper[touched] - shift)
        if status == OPTIMAL:
            solution = self.solver.highs.getSolution()
            self.answer = reduced.primal(np.array(solution.col_value))
            dual = reduced.duals(np.array(solution.row_dual), np.array(solution.col_dual), self.cost)
            return self._cut(True, float(self.cost @ self.answer), dual)
        if status not in INFEASIBLE:
            raise SolverError(f"A part of the tree ended with: {self.solver.highs.modelStatusToString(status)}.")
        return self._infeasible(shift)

    def _cut(self, feasible: bool, value: float, dual: np.ndarray) -> Cut:
        i, j, coefficient = self.part.coupling
        slope = -np.bincount(j, coefficient * dual[self.part.touched[i]], minlength=len(self.part.used))
        nonzero = np.flatnonzero(dual)
        return Cut(feasible, value, float(self.answer[self.part.excess].sum()), slope, (nonzero.astype(np.int32), dual[nonzero].astype(np.float32)))

    def _run(self, solver: Solver, rows: np.ndarray, lower: np.ndarray, upper: np.ndarray):
        if len(rows):
            Solver._ok(solver.highs.changeRowsBounds(len(rows), rows, lower, upper))
        return run(solver)

    def _infeasible(self, shift: np.ndarray) -> Cut:
        """By how much the block's rows must give at x, and the cut that forbids it."""
        a, rows, wide = self.part.arrays, len(self.part.rows), len(self.part.columns)
        if self.elastic is None:
            extra = np.arange(rows)
            self.elastic = Solver(Arrays(
                cost=np.concatenate([np.zeros(wide), np.ones(2 * rows)]), lower=np.concatenate([a.lower, np.zeros(2 * rows)]),
                upper=np.concatenate([a.upper, np.full(2 * rows, np.inf)]), integer=np.zeros(wide + 2 * rows, dtype=bool),
                row_lower=a.row_lower, row_upper=a.row_upper, row=np.concatenate([a.row, extra, extra]),
                column=np.concatenate([a.column, wide + extra, wide + rows + extra]),
                value=np.concatenate([a.value, np.ones(rows), -np.ones(rows)]),
            ), seed=self.seed)
        touched = self.part.touched
        if self._run(self.elastic, touched.astype(np.int32), a.row_lower[touched] - shift, a.row_upper[touched] - shift) != OPTIMAL:
            raise SolverError("A part of the tree could not be examined.")
        solution = self.elastic.highs.getSolution()
        y = np.array(solution.col_value)
        self.answer = y[:wide]
        return self._cut(False, float(y[wide:].sum()), np.array(solution.row_dual))


class Held:
    """The blocks of one decomposition that one worker holds, by their number, and their answers of late."""

    def __init__(self, parts: dict[int, BlockProgram], seed: int) -> None:
        self.parts, self.seed = parts, seed
        self.blocks: dict[int, Block] = {}
        self.answers: dict[int, dict[int, np.ndarray]] = {}

    def ask(self, x: np.ndarray, price: float, turn: int, keep: int) -> list[tuple[int, Cut]]:
        """The cuts of the blocks at x. The answers of turn `keep` stay; those of others but this turn are forgotten."""
        found = []
        for k, part in self.parts.items():
            if k not in self.blocks:
                self.blocks[k] = Block(part, self.seed)
            found.append((k, self.blocks[k].ask(x, price)))
        self.answers = {kept: answer for kept, answer in self.answers.items() if kept == keep}
        self.answers[turn] = {k: self.blocks[k].answer for k, _ in found}
        return found


    def renew(self, parts: dict[int, BlockProgram]) -> None:
        """Other programs for some blocks; those whose rows and columns stay begin from the old bases."""
        for k, part in parts.items():
            self.parts[k] = part
            old = self.blocks.pop(k, None)
            if old is not None:
                new = self.blocks[k] = Block(part, self.seed)
                if np.array_equal(old.reduced.kept, new.reduced.kept) and np.array_equal(old.reduced.columns, new.reduced.columns):
                    new.solver.highs.setBasis(old.solver.highs.getBasis())
        self.answers = {}


_held: OrderedDict[str, Held] = OrderedDict()
_one = threading.Lock()


def hold(name: str, parts: dict[int, BlockProgram], seed: int) -> bool:
    """Keep these blocks under a name; True, to say that it is done."""
    with _one:
        _held[name] = Held(parts, seed)
        while len(_held) > MOST_HELD:
            _held.popitem(last=False)
    return True


def ask(name: str, x: np.ndarray, price: float, turn: int, keep: int) -> list[tuple[int, Cut]] | None:
    """The cuts of the blocks that are held under `name`; None where nothing is. See Held.ask."""
    with _one:
        if name not in _held:
            return None
        _held.move_to_end(name)
        return _held[name].ask(x, price, turn, keep)


def renew(name: str, parts: dict[int, BlockProgram]) -> bool | None:
    """Put other programs in the place of some blocks held under `name`; None where nothing is held. See Held.renew."""
    with _one:
        if name not in _held:
            return None
        _held[name].renew(parts)
        return True


def answers(name: str, turn: int) -> dict[int, np.ndarray] | None:
    """What the blocks decided in a turn, by their number; None where that is not known any more."""
    with _one:
        return _held[name].answers.get(turn) if name in _held else None


def let_go(name: str) -> None:
    """Forget the blocks held under a name."""
    with _one:
        _held.pop(name, None)
