"""The blocks of a decomposition as a worker holds them: asked again and again, each answers with a cut.

A worker keeps its blocks in the solver between questions, so that each starts from its last basis. Every question names the decomposition
whose blocks it is for; a worker that does not hold that decomposition, because it replaced one that died, answers None.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace

import numpy as np

from optimizer.errors import NumericalError
from optimizer.model.arrays import Arrays
from optimizer.solving.blocks import BlockProgram
from optimizer.solving.highs import UNSCALED, Basis, Model, Options, Reoptimizer, arrays_of, model_of
from optimizer.solving.numerics import FEASIBILITY_TOLERANCE, check_numbers
from optimizer.solving.outcome import OutOfTime, State
from optimizer.solving.reduction import Reduced

INFEASIBLE = (State.INFEASIBLE, State.INFEASIBLE_OR_UNBOUNDED)
"""States in which a block has no answer. No block is unbounded, because its costs are bounded from below."""

FEASIBLE = FEASIBILITY_TOLERANCE
"""The total violation of a block's rows, in the solver's units, up to which it counts as feasible."""

MOST_HELD = 8
"""The number of decompositions that a worker keeps: one is in use, others may be asked what-if."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What a block answers at a point of the trunk.

    feasible: an optimality cut, θ >= value + slope·(x - point)[used], else a feasibility cut, 0 >= value + slope·(x - point)[used] (Van Slyke
    & Wets, 1969). excess: by how much the block exceeds its allocations. dual: (rows, values) of the nonzero duals behind the cut.
    """

    feasible: bool
    value: float
    excess: float
    slope: np.ndarray
    dual: tuple[np.ndarray, np.ndarray]


class Block:
    """One block's program, made smaller, with a solver of its own or for one that it shares.

    solver: its own. model: the program that a shared solver is given. basis: where a shared solver left it.
    """

    def __init__(self, part: BlockProgram, seed: int, shared: bool = False) -> None:
        self.reduced = Reduced(part, part.excess)
        arrays = self.reduced.arrays
        check_numbers(arrays)
        del self.reduced.arrays  # the solver, or the model for it, has them
        self.coupling, self.used, self.touched, self.excess = part.coupling, part.used, part.touched, part.excess
        self.bounds = arrays.row_lower[self.reduced.touched], arrays.row_upper[self.reduced.touched]
        self.cost, self.price, self.seed = part.arrays.cost, 0.0, seed
        self.model: Model | None = model_of(arrays) if shared else None
        self.solver: Reoptimizer | None = None if shared else block_solver(model_of(arrays), seed)
        self.basis: Basis | None = None
        self.elastic: Reoptimizer | None = None
        self.answer = np.zeros(0)

    def ask(self, x: np.ndarray, price: float, shared: Reoptimizer | None = None, until: float = np.inf) -> Cut:
        """Return the cut of the block's least cost once the trunk is at x. price: of a unit in excess of its allocations.

        Raises OutOfTime after `until`, NumericalError where no answer is found.
        """
        solver = self.solver or shared
        assert solver is not None
        if self.model is not None:
            solver.load(self.model, self.basis)
        self._set_price(solver, price)
        i, j, value = self.coupling
        shift = np.bincount(i, value * x[self.used[j]], minlength=len(self.touched))
        state = self._run(solver, shift, until)
        if self.model is not None:
            self.basis = solver.basis
        if state == State.OPTIMAL:
            return self._optimality_cut(solver)
        if state not in INFEASIBLE:
            raise NumericalError(f"A part of the tree ended with: {state.value}.")
        return self._feasibility_cut(solver, shift, until)

    def _optimality_cut(self, solver: Reoptimizer) -> Cut:
        """Return the cut of the optimum that the solver has found."""
        point = solver.point
        self.answer = self.reduced.primal(point.x)
        dual = self.reduced.duals(point.row_dual, point.column_dual, self.cost)
        return self._cut(True, float(self.cost @ self.answer), dual)

    def _set_price(self, solver: Reoptimizer, price: float) -> None:
        """Set the price of a unit in excess of the allocations; an infinite price forbids excess."""
        if not len(self.excess) or (price == self.price and self.solver is not None):
            return
        if price != self.price:
            self.cost, self.price, self.elastic = self.cost.copy(), price, None
            self.cost[self.excess] = price if np.isfinite(price) else 0.0
        count, columns = len(self.excess), self.reduced.number[self.excess]
        solver.set_costs(columns, self.cost[self.excess])
        solver.set_bounds(columns, np.zeros(count), np.full(count, np.inf if np.isfinite(price) else 0.0))

    def _run(self, solver: Reoptimizer, shift: np.ndarray, until: float) -> State:
        """Solve with the trunk's part of the rows, `shift`, moved to their bounds."""
        lower, upper = self.bounds
        if len(shift):
            solver.set_rows(self.reduced.touched, lower - shift, upper - shift)
        return solver.rerun(until)

    def _cut(self, feasible: bool, value: float, dual: np.ndarray) -> Cut:
        i, j, coefficient = self.coupling
        slope = -np.bincount(j, coefficient * dual[self.touched[i]], minlength=len(self.used))
        nonzero = np.flatnonzero(dual)
        return Cut(feasible, value, float(self.answer[self.excess].sum()), slope, (nonzero.astype(np.int32), dual[nonzero].astype(np.float32)))

    def _feasibility_cut(self, solver: Reoptimizer, shift: np.ndarray, until: float) -> Cut:
        """Return the cut of the least total violation of the block's rows at x; the optimality cut where that is no more than rounding."""
        if self.elastic is None:
            self.elastic = Reoptimizer(model_of(_with_violations(solver.arrays_now())), {"random_seed": self.seed})
        if self._run(self.elastic, shift, until) != State.OPTIMAL:
            raise NumericalError("A part of the tree could not be examined.")
        point, wide = self.elastic.point, len(self.reduced.columns)
        violation = point.x[wide:]
        if violation.sum() <= FEASIBLE:
            return self._nearly_feasible(solver, *np.split(violation, 2))
        self.answer = self.reduced.primal(point.x[:wide])
        dual = self.reduced.duals(point.row_dual, point.column_dual[:wide], np.zeros_like(self.cost))
        return self._cut(False, float(violation.sum()), dual)

    def _nearly_feasible(self, solver: Reoptimizer, below: np.ndarray, above: np.ndarray) -> Cut:
        """Return the optimality cut with the rows loosened by these amounts, which are rounding: its duals are feasible whatever the rows' bounds are."""
        lower, upper = solver.row_bounds()
        rows = np.arange(len(lower), dtype=np.int32)
        room = below + above + FEASIBLE
        solver.set_rows(rows, lower - room, upper + room)
        if solver.rerun() != State.OPTIMAL:
            raise NumericalError("A part of the tree is feasible up to rounding, and could not be solved.")
        cut = self._optimality_cut(solver)
        solver.set_rows(rows, lower, upper)
        return cut

    def set_costs(self, cost: np.ndarray) -> None:
        """Replace the costs of the columns."""
        self.cost, self.price = cost, 0.0
        reduced = self.reduced.cost(cost)
        if self.solver is not None:
            self.solver.set_costs(np.arange(len(reduced)), reduced)
        elif self.model is not None:
            self.model.set_costs(reduced)

    def begin_from(self, old: Block) -> None:
        """Begin from the last basis of another program of this block, if it has the same rows and columns."""
        if not (np.array_equal(old.reduced.kept, self.reduced.kept) and np.array_equal(old.reduced.columns, self.reduced.columns)):
            return
        if self.solver is None:
            self.basis = old.basis
        elif old.solver is not None and (basis := old.solver.basis) is not None:
            self.solver.basis = basis


def block_solver(model: Model, seed: int) -> Reoptimizer:
    """Return a solver for programs that were made smaller already, so that presolve and scaling would only cost time."""
    options: Options = {"presolve": "off", "random_seed": seed, **UNSCALED}
    return Reoptimizer(model, options)


def _with_violations(a: Arrays) -> Arrays:
    """Return the program of the least total violation: every row may be violated from below and from above."""
    rows, free = np.arange(a.rows, dtype=np.int32), replace(a, cost=np.zeros(a.columns))
    for sign in (1.0, -1.0):
        free = free.with_columns(a.rows, cost=1.0, entries=[(rows, free.columns + rows, sign)])
    return free


class BlockSet:
    """The blocks of one decomposition that one worker holds, by their number, and their latest answers."""

    def __init__(self, seed: int, shared: bool) -> None:
        """shared: whether one solver answers for all blocks, which takes a little longer and far less memory."""
        self.seed, self.shared = seed, shared
        self.solver: Reoptimizer | None = None
        self.blocks: dict[int, Block] = {}
        self.answers: dict[int, dict[int, np.ndarray]] = {}

    def add(self, parts: dict[int, BlockProgram]) -> None:
        """Hold these blocks, too; one that replaces another begins from its last basis."""
        for k, part in parts.items():
            new, old = Block(part, self.seed, self.shared), self.blocks.get(k)
            if old is not None:
                new.begin_from(old)
            self.blocks[k] = new
            if new.model is not None and self.solver is None:
                self.solver = block_solver(model_of(arrays_of(new.model)), self.seed)
        self.answers = {}

    def set_costs(self, costs: dict[int, np.ndarray]) -> None:
        """Replace the costs of the columns of some blocks."""
        for k, cost in costs.items():
            self.blocks[k].set_costs(cost)
        self.answers = {}

    def ask(self, x: np.ndarray, price: float, turn: int, keep: int, until: float = np.inf, stop: str = "") -> list[tuple[int, Cut]]:
        """Return the cuts of the blocks at x. The answers of this turn and of turn `keep` are kept, those of others forgotten.

        stop: a file whose existence says to break off, between two blocks. Raises OutOfTime then, and after `until`.
        """
        self.answers = {kept: answer for kept, answer in self.answers.items() if kept == keep}
        found = []
        for k, block in self.blocks.items():
            if stop and os.path.exists(stop):
                raise OutOfTime
            found.append((k, block.ask(x, price, self.solver, until)))
        self.answers[turn] = {k: block.answer for k, block in self.blocks.items()}
        return found


# -- the worker's side of WorkerPool: each function answers None where the worker does not hold the blocks of that name ------------------

_held: OrderedDict[str, BlockSet] = OrderedDict()
_one = threading.Lock()


def ready() -> None:
    """Do nothing: a worker that is asked this has started and imported what it needs."""


def begin(name: str, seed: int, shared: bool) -> bool:
    """Hold an empty set of blocks under a name; see BlockSet. Return True, to confirm it."""
    with _one:
        _held[name] = BlockSet(seed, shared)
        while len(_held) > MOST_HELD:
            _held.popitem(last=False)
    return True


def add(name: str, parts: dict[int, BlockProgram]) -> bool | None:
    """Hold these blocks, too, in place of those of their numbers; see BlockSet.add. Return True, to confirm it."""
    with _one:
        if name not in _held:
            return None
        _held[name].add(parts)
        return True


def set_costs(name: str, costs: dict[int, np.ndarray]) -> bool | None:
    """Replace the costs of blocks; see BlockSet.set_costs. Return True, to confirm it."""
    with _one:
        if name not in _held:
            return None
        _held[name].set_costs(costs)
        return True


def ask(name: str, x: np.ndarray, price: float, turn: int, keep: int, until: float = np.inf, stop: str = "") -> list[tuple[int, Cut]] | None:
    """Return the cuts of the blocks; see BlockSet.ask."""
    with _one:
        if name not in _held:
            return None
        _held.move_to_end(name)
        return _held[name].ask(x, price, turn, keep, until, stop)


def answers(name: str, turn: int) -> dict[int, np.ndarray] | None:
    """Return what the blocks decided in a turn, by their number; None, too, where that was forgotten."""
    with _one:
        return _held[name].answers.get(turn) if name in _held else None


def release(name: str) -> None:
    """Forget the blocks held under a name."""
    with _one:
        _held.pop(name, None)
