"""The blocks of a decomposition as a worker holds them: asked again and again, each answers with a cut.

A worker keeps its blocks in the solver between questions, so that each starts from its last basis. Whoever asks gives the name under
which they are held; a worker that does not know the name, because it took the place of one that died, says so by answering None.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

import highspy
import numpy as np

from optimizer.errors import NumericalError
from optimizer.solving.blocks import BlockProgram
from optimizer.solving.highs import SMALLEST_KEPT, Arrays, Model, Solver, arrays_of, model_of
from optimizer.solving.reduction import Reduced

OPTIMAL = highspy.HighsModelStatus.kOptimal
INFEASIBLE = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)
UNSCALED, SCALED = {"simplex_scale_strategy": 0}, {"simplex_scale_strategy": 2}
COARSE = {"simplex_scale_strategy": 1, "small_matrix_value": 1e-9, "presolve": "on"}
INTERIOR = {**COARSE, "solver": "ipm"}
"""Our units leave the solver little to scale, which takes time at every question."""
FEASIBLE = 1e-7
"""The total by which the rows of a block may give, in the solver's units, and count as kept."""
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


class OutOfTime(Exception):
    """The time was over before an answer was known."""


def run(solver: Solver, until: float = np.inf):
    """Solve what was changed, from the last basis; the solver's status. NumericalError where it has none.

    until: in seconds of the epoch, which processes share; OutOfTime after it.

    A warm start can lead the simplex method astray numerically: then from scratch, then with the solver's own scaling, then as the solver
    comes, with its presolve and its own idea of what is nothing, which it needs to prove some programs infeasible; at last by the interior
    point method, which ends in a basis, too.
    """
    _, presolve = solver.highs.getOptionValue("presolve")
    for retry in (None, UNSCALED, SCALED, COARSE, INTERIOR):
        if retry is not None:
            solver.highs.clearSolver()
            solver._options(retry)
        if until < np.inf:
            left = until - time.time()
            if left <= 0:
                raise OutOfTime
            solver._options({"time_limit": left + solver.highs.getRunTime()})
        failed = solver.highs.run() == highspy.HighsStatus.kError
        if not failed and solver.highs.getModelStatus() != highspy.HighsModelStatus.kUnknown:
            break
    if retry in (SCALED, COARSE, INTERIOR):
        solver._options({**UNSCALED, "small_matrix_value": SMALLEST_KEPT, "presolve": presolve, "solver": "choose"})
    if failed:
        raise NumericalError("The solver failed on a part of the tree.")
    if solver.highs.getModelStatus() == highspy.HighsModelStatus.kTimeLimit:
        raise OutOfTime
    return solver.highs.getModelStatus()


class Block:
    """One block's program, made smaller, with a solver of its own or for one that it shares.

    solver: its own. model: what a shared solver is given. basis: where a shared solver left it.
    """

    def __init__(self, part: BlockProgram, seed: int, shared: bool = False) -> None:
        self.reduced = Reduced(part, part.excess)
        arrays = self.reduced.arrays
        del self.reduced.arrays  # the solver, or the model for it, has them
        self.coupling, self.used, self.touched, self.excess = part.coupling, part.used, part.touched, part.excess
        self.bounds = arrays.row_lower[self.reduced.touched], arrays.row_upper[self.reduced.touched]
        self.cost, self.price, self.seed = part.arrays.cost, 0.0, seed
        self.model: Model | None = model_of(arrays) if shared else None
        self.solver = None if shared else quick_solver(arrays, seed)
        self.basis: highspy.HighsBasis | None = None
        self.elastic: Solver | None = None
        self.answer = np.zeros(0)

    def ask(self, x: np.ndarray, price: float, shared: Solver | None = None, until: float = np.inf) -> Cut:
        """The cheapest that this block can do once the trunk is at x, and the cut that says so. price: of a unit in excess of its shares."""
        if self.solver is None:
            shared.load(self.model, self.basis)
        solver = self.solver or shared
        self._price(solver, price)
        i, j, value = self.coupling
        shift = np.bincount(i, value * x[self.used[j]], minlength=len(self.touched))
        status = self._run(solver, shift, until)
        if self.solver is None:
            self.basis = _valid(solver.highs.getBasis())
        if status == OPTIMAL:
            return self._optimal(solver)
        if status not in INFEASIBLE:
            raise NumericalError(f"A part of the tree ended with: {solver.highs.modelStatusToString(status)}.")
        return self._infeasible(solver, shift, until)

    def _optimal(self, solver: Solver) -> Cut:
        """The optimality cut of the answer that the solver has found."""
        solution = solver.highs.getSolution()
        self.answer = self.reduced.primal(np.array(solution.col_value))
        dual = self.reduced.duals(np.array(solution.row_dual), np.array(solution.col_dual), self.cost)
        return self._cut(True, float(self.cost @ self.answer), dual)

    def _price(self, solver: Solver, price: float) -> None:
        """Have what exceeds the shares cost `price`, or forbid it where that is infinite."""
        if not len(self.excess) or (price == self.price and self.solver is not None):
            return
        if price != self.price:
            self.cost, self.price, self.elastic = self.cost.copy(), price, None
            self.cost[self.excess] = price if np.isfinite(price) else 0.0
        count, columns = len(self.excess), self.reduced.number[self.excess]
        Solver._ok(solver.highs.changeColsCost(count, columns, self.cost[self.excess]))
        Solver._ok(solver.highs.changeColsBounds(count, columns, np.zeros(count), np.full(count, np.inf if np.isfinite(price) else 0.0)))

    def _run(self, solver: Solver, shift: np.ndarray, until: float):
        """Solve with the trunk's part of the rows moved to their bounds."""
        lower, upper = self.bounds
        if len(shift):
            Solver._ok(solver.highs.changeRowsBounds(len(shift), self.reduced.touched, lower - shift, upper - shift))
        return run(solver, until)

    def _cut(self, feasible: bool, value: float, dual: np.ndarray) -> Cut:
        i, j, coefficient = self.coupling
        slope = -np.bincount(j, coefficient * dual[self.touched[i]], minlength=len(self.used))
        nonzero = np.flatnonzero(dual)
        return Cut(feasible, value, float(self.answer[self.excess].sum()), slope, (nonzero.astype(np.int32), dual[nonzero].astype(np.float32)))

    def _infeasible(self, solver: Solver, shift: np.ndarray, until: float) -> Cut:
        """The feasibility cut: by how much the block's rows must give at x. What is no more than rounding is no infeasibility."""
        if self.elastic is None:
            self.elastic = Solver(_elastic(arrays_of(solver.highs.getLp())), seed=self.seed)
        if self._run(self.elastic, shift, until) != OPTIMAL:
            raise NumericalError("A part of the tree could not be examined.")
        solution, wide = self.elastic.highs.getSolution(), len(self.reduced.columns)
        y, reduced = np.array(solution.col_value), np.array(solution.col_dual)
        if y[wide:].sum() <= FEASIBLE:
            return self._nearly_feasible(solver, *np.split(y[wide:], 2))
        self.answer = self.reduced.primal(y[:wide])
        dual = self.reduced.duals(np.array(solution.row_dual), reduced[:wide], np.zeros_like(self.cost))
        return self._cut(False, float(y[wide:].sum()), dual)

    def _nearly_feasible(self, solver: Solver, below: np.ndarray, above: np.ndarray) -> Cut:
        """The optimality cut where the rows give by these amounts, which are rounding. Its duals are feasible whatever the rows' bounds are."""
        lp = solver.highs.getLp()
        lower, upper = np.array(lp.row_lower_), np.array(lp.row_upper_)
        rows = np.arange(len(lower), dtype=np.int32)
        room = below + above + FEASIBLE
        Solver._ok(solver.highs.changeRowsBounds(len(rows), rows, lower - room, upper + room))
        if run(solver) != OPTIMAL:
            raise NumericalError("A part of the tree is feasible up to rounding, and could not be solved.")
        cut = self._optimal(solver)
        Solver._ok(solver.highs.changeRowsBounds(len(rows), rows, lower, upper))
        return cut

    def recost(self, cost: np.ndarray) -> None:
        """Take up other costs of the columns."""
        self.cost, self.price = cost, 0.0
        reduced = self.reduced.cost(cost)
        if self.solver is None:
            self.model.lp.col_cost_ = reduced
        else:
            Solver._ok(self.solver.highs.changeColsCost(len(reduced), np.arange(len(reduced), dtype=np.int32), reduced))

    def begin_from(self, old: Block) -> None:
        """Begin from where another program of this block was left, if it has the same rows and columns."""
        if not (np.array_equal(old.reduced.kept, self.reduced.kept) and np.array_equal(old.reduced.columns, self.reduced.columns)):
            return
        if self.solver is None:
            self.basis = old.basis
        elif (basis := _valid(old.solver.highs.getBasis())) is not None:
            Solver._ok(self.solver.highs.setBasis(basis))


def quick_solver(arrays: Arrays, seed: int) -> Solver:
    """A solver for a program that was made smaller already and is solved again and again."""
    solver = Solver(arrays, seed=seed)
    solver._options({"presolve": "off", **UNSCALED})
    return solver


def _valid(basis: highspy.HighsBasis) -> highspy.HighsBasis | None:
    return basis if basis.valid else None


def _elastic(a: Arrays) -> Arrays:
    """The program whose rows may give, and which minimises by how much they do."""
    rows, wide = len(a.row_lower), len(a.cost)
    extra = np.arange(rows, dtype=np.int32)
    return Arrays(
        cost=np.concatenate([np.zeros(wide), np.ones(2 * rows)]),
        lower=np.concatenate([a.lower, np.zeros(2 * rows)]),
        upper=np.concatenate([a.upper, np.full(2 * rows, np.inf)]),
        integer=np.zeros(wide + 2 * rows, dtype=bool),
        row_lower=a.row_lower,
        row_upper=a.row_upper,
        row=np.concatenate([a.row, extra, extra]),
        column=np.concatenate([a.column, wide + extra, wide + rows + extra]),
        value=np.concatenate([a.value, np.ones(rows), -np.ones(rows)]),
    )


class Held:
    """The blocks of one decomposition that one worker holds, by their number, and their answers of late."""

    def __init__(self, seed: int, shared: bool) -> None:
        """shared: whether one solver answers for all, which takes a little longer and far less memory."""
        self.seed, self.shared = seed, shared
        self.solver: Solver | None = None
        self.blocks: dict[int, Block] = {}
        self.answers: dict[int, dict[int, np.ndarray]] = {}

    def add(self, parts: dict[int, BlockProgram]) -> None:
        """Hold these blocks too; one held already is begun from its last basis."""
        for k, part in parts.items():
            new, old = Block(part, self.seed, self.shared), self.blocks.get(k)
            if old is not None:
                new.begin_from(old)
            self.blocks[k] = new
            if self.shared and self.solver is None:
                self.solver = quick_solver(arrays_of(new.model.lp), self.seed)
        self.answers = {}

    def recost(self, costs: dict[int, np.ndarray]) -> None:
        """Other costs of the columns of some blocks."""
        for k, cost in costs.items():
            self.blocks[k].recost(cost)
        self.answers = {}

    def ask(self, x: np.ndarray, price: float, turn: int, keep: int, until: float = np.inf) -> list[tuple[int, Cut]]:
        """The cuts of the blocks at x. The answers of turn `keep` stay; those of others but this turn are forgotten."""
        self.answers = {kept: answer for kept, answer in self.answers.items() if kept == keep}
        found = [(k, block.ask(x, price, self.solver, until)) for k, block in self.blocks.items()]
        self.answers[turn] = {k: block.answer for k, block in self.blocks.items()}
        return found


_held: OrderedDict[str, Held] = OrderedDict()
_one = threading.Lock()


def begin(name: str, seed: int, shared: bool) -> bool:
    """Make room for blocks under a name; True, to say that it is done. See Held."""
    with _one:
        _held[name] = Held(seed, shared)
        while len(_held) > MOST_HELD:
            _held.popitem(last=False)
    return True


def add(name: str, parts: dict[int, BlockProgram]) -> bool | None:
    """Keep these blocks too, in place of what they were; None where nothing is held under `name`. See Held.add."""
    with _one:
        if name not in _held:
            return None
        _held[name].add(parts)
        return True


def recost(name: str, costs: dict[int, np.ndarray]) -> bool | None:
    """Other costs for blocks that are held under a name; None where nothing is. See Held.recost."""
    with _one:
        if name not in _held:
            return None
        _held[name].recost(costs)
        return True


def ask(name: str, x: np.ndarray, price: float, turn: int, keep: int, until: float = np.inf) -> list[tuple[int, Cut]] | None:
    """The cuts of the blocks that are held under `name`; None where nothing is. See Held.ask."""
    with _one:
        if name not in _held:
            return None
        _held.move_to_end(name)
        return _held[name].ask(x, price, turn, keep, until)


def answers(name: str, turn: int) -> dict[int, np.ndarray] | None:
    """What the blocks decided in a turn, by their number; None where that is not known any more."""
    with _one:
        return _held[name].answers.get(turn) if name in _held else None


def let_go(name: str) -> None:
    """Forget the blocks held under a name."""
    with _one:
        _held.pop(name, None)
