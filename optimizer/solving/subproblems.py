"""The blocks of a decomposition as a worker holds them: asked again and again, each answers with a cut.

A worker keeps its blocks in the solver between questions, so that each starts from its last basis. Every question names the decomposition
whose blocks it is for; a worker that does not hold that decomposition, because it replaced one that died, answers None.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, replace

import numpy as np

from optimizer.errors import NumericalError
from optimizer.model.arrays import Arrays
from optimizer.solving import crash
from optimizer.solving.blocks import BlockProgram
from optimizer.solving.columnwise import Model, arrays_of, model_of
from optimizer.solving.disk import OnDisk
from optimizer.solving.highs import Basis, Reoptimizer
from optimizer.solving.layout import Coupling, Layout
from optimizer.solving.moving_bounds import BoundsAt
from optimizer.solving.numerics import FEASIBILITY_TOLERANCE, check_numbers
from optimizer.solving.options import DEVEX, STEEPEST_EDGE, UNSCALED, Options
from optimizer.solving.outcome import OutOfTime, State
from optimizer.solving.put_together import PartOfPlan
from optimizer.solving.reduction import Reduced

INFEASIBLE = (State.INFEASIBLE, State.INFEASIBLE_OR_UNBOUNDED)
"""States in which a block has no answer. No block is unbounded, because its costs are bounded from below."""

FEASIBLE = FEASIBILITY_TOLERANCE
"""The total violation of a block's rows, in the solver's units, up to which it counts as feasible."""

QUICKLY_BEGUN = 30_000
"""Rows of a block up to which a question that begins from its last basis takes less time with Devex weights: a sixth less. With more rows the steps
that are saved are worth more."""

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


@dataclass(frozen=True, slots=True)
class Question:
    """What the blocks are asked: their cuts with the trunk at x, and `price` for a unit in excess of their allocations.

    turn: its number. answers: whether what they decide is kept; keep: the turn whose answers are kept for longer. blocks: those asked, None for all.
    until: in seconds of the epoch. stop: a file whose existence says to break off, between two blocks.
    """

    x: np.ndarray
    price: float
    turn: int
    answers: bool = True
    keep: int = 0
    blocks: frozenset[int] | None = None
    until: float = np.inf
    stop: str = ""


class Block:
    """One block's program, made smaller, with a solver of its own or for one that it shares.

    solver: its own. model: the program that a shared solver is given. basis: where a shared solver left it.
    """

    def __init__(self, part: BlockProgram, seed: int, shared: bool = False, duals: bool = True) -> None:
        """shared: whether it has no solver of its own. duals: whether its cuts tell the duals behind them."""
        self.reduced = Reduced(part, part.excess)
        arrays = self.reduced.arrays
        check_numbers(arrays)
        del self.reduced.arrays  # the solver, or the model for it, has them
        self.coupling, self.used, self.touched, self.excess = part.coupling, part.used, part.touched, part.excess
        self.row_bounds = arrays.row_lower[self.reduced.touched], arrays.row_upper[self.reduced.touched]
        self.cost, self.price, self.seed, self.duals = part.arrays.cost, 0.0, seed, duals
        self.model: Model | None = model_of(arrays) if shared else None
        self.solver: Reoptimizer | None = None if shared else block_solver(model_of(arrays), seed)
        self.basis: Basis | None = None
        self.material = None if part.material is None or arrays.rows < crash.WORTH else part.material[self.reduced.columns]
        self.elastic: Reoptimizer | None = None
        self.answer = np.zeros(0)

    def ask(self, x: np.ndarray, price: float, shared: Reoptimizer | None = None, until: float = np.inf) -> Cut:
        """Return the cut of the block's least cost once the trunk is at x. price: of a unit in excess of its allocations.

        Raises OutOfTime after `until`, NumericalError where no answer is found.
        """
        solver = self.solver or shared
        assert solver is not None
        i, j, value = self.coupling
        shift = np.bincount(i, value * x[self.used[j]], minlength=len(self.touched))
        bounds = self.reduced.moving.at(shift)
        if self.model is not None:
            near = self.basis is not None and len(self.model.arrays.row_lower) < QUICKLY_BEGUN
            solver.options(DEVEX if near else STEEPEST_EDGE)
            model = replace(self.model, arrays=self.reduced.moved(self.model.arrays, shift, bounds))
            if self.basis is None and self.material is not None and bounds.clash <= FEASIBLE:
                self.basis = crash.crash_basis(arrays_of(model), self.material, solver, until)
            solver.load(model, self.basis)
        self._set_price(solver, price)
        if bounds.clash > FEASIBLE:
            return self._feasibility_cut(solver, shift, until)
        if self.model is None:
            self._move(solver, shift, bounds)
        state = solver.rerun(until)
        if self.model is not None:
            self.basis = solver.basis
        if state == State.OPTIMAL:
            return self._optimality_cut(solver, bounds)
        if state not in INFEASIBLE:
            raise NumericalError(f"A part of the tree ended with: {state.value}.")
        return self._feasibility_cut(solver, shift, until)

    def _move(self, solver: Reoptimizer, shift: np.ndarray, bounds: BoundsAt) -> None:
        """Move the trunk's part of the rows, `shift`, to their bounds in the solver."""
        reduced, (lower, upper), own = self.reduced, self.row_bounds, shift[self.reduced.at]
        if len(own):
            solver.set_rows(reduced.touched, lower - own, upper - own)
        if len(bounds.lower):
            solver.set_bounds(reduced.moving.columns, bounds.lower, bounds.upper)

    def _optimality_cut(self, solver: Reoptimizer, bounds: BoundsAt) -> Cut:
        """Return the cut of the optimum that the solver has found within the moved bounds."""
        point = solver.point
        self.answer = self.reduced.primal(point.x)
        moving, left = self.reduced.moving.duals(bounds, point.column_dual)
        return self._cut(True, float(self.cost @ self.answer), self.reduced.duals(point.row_dual, left, self.cost, moving))

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

    def _cut(self, feasible: bool, value: float, dual: np.ndarray) -> Cut:
        i, j, coefficient = self.coupling
        slope = -np.bincount(j, coefficient * dual[self.touched[i]], minlength=len(self.used))
        nonzero = np.flatnonzero(dual) if self.duals else np.zeros(0, dtype=np.int64)
        return Cut(feasible, value, float(self.answer[self.excess].sum()), slope, (nonzero.astype(np.int32), dual[nonzero].astype(np.float32)))

    def _feasibility_cut(self, solver: Reoptimizer, shift: np.ndarray, until: float) -> Cut:
        """Return the cut of the least total violation of the block's rows at x; the optimality cut where that is no more than rounding."""
        reduced, moving = self.reduced, self.reduced.moving
        if self.elastic is None:
            self.elastic = Reoptimizer(model_of(_with_violations(moving.as_rows(solver.arrays_now()))), {"random_seed": self.seed})
        rows, wide = len(reduced.kept), len(reduced.columns)
        touched = np.concatenate([reduced.touched, rows + np.arange(len(moving.position))])
        lower, upper = np.concatenate([self.row_bounds, (moving.row_lower, moving.row_upper)], axis=1) - shift[np.concatenate([reduced.at, moving.position])]
        self.elastic.set_rows(touched, lower, upper)
        if self.elastic.rerun(until) != State.OPTIMAL:
            raise NumericalError("A part of the tree could not be examined.")
        point = self.elastic.point
        violation = point.x[wide:]
        if violation.sum() <= FEASIBLE:
            below, above = np.split(violation, 2)
            return self._nearly_feasible(solver, shift, below + above)
        self.answer = reduced.primal(point.x[:wide])
        dual = reduced.duals(point.row_dual[:rows], point.column_dual[:wide], np.zeros_like(self.cost), point.row_dual[rows:])
        return self._cut(False, float(violation.sum()), dual)

    def _nearly_feasible(self, solver: Reoptimizer, shift: np.ndarray, violation: np.ndarray) -> Cut:
        """Return the optimality cut with the rows loosened by these amounts, which are rounding: its duals are feasible whatever the rows' bounds are."""
        rows = np.arange(len(self.reduced.kept), dtype=np.int32)
        room, of_moving = np.split(violation + FEASIBLE, [len(rows)])
        bounds = self.reduced.moving.at(shift, of_moving)
        self._move(solver, shift, bounds)
        lower, upper = solver.row_bounds()
        solver.set_rows(rows, lower - room, upper + room)
        if solver.rerun() != State.OPTIMAL:
            raise NumericalError("A part of the tree is feasible up to rounding, and could not be solved.")
        cut = self._optimality_cut(solver, bounds)
        solver.set_rows(rows, lower, upper)
        return cut

    def set_costs(self, cost: np.ndarray) -> None:
        """Replace the costs of the columns."""
        self.cost, self.price = cost, 0.0
        reduced = self.reduced.reprice(cost)
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


def block_solver(model: Model, seed: int, more: Options | None = None) -> Reoptimizer:
    """Return a solver for programs that begin from a basis, or were made smaller already: presolve and scaling would only cost time.

    more: further options of HiGHS.
    """
    options: Options = {"presolve": "off", "random_seed": seed, **UNSCALED, **(more or {})}
    return Reoptimizer(model, options)


def _with_violations(a: Arrays) -> Arrays:
    """Return the program of the least total violation: every row may be violated from below and from above."""
    rows, free = np.arange(a.rows, dtype=np.int32), replace(a, cost=np.zeros(a.columns))
    for sign in (1.0, -1.0):
        free = free.with_columns(a.rows, cost=1.0, entries=[(rows, free.columns + rows, sign)])
    return free


class BlocksOnDisk(OnDisk[Block]):
    """Blocks that share a solver, between questions on disk. Their last bases, which take a fiftieth of the memory, stay here."""

    def __init__(self) -> None:
        super().__init__()
        self.bases: dict[int, Basis | None] = {}

    def __getitem__(self, k: int) -> Block:
        block = super().__getitem__(k)
        block.basis = self.bases.get(k)
        return block

    def __setitem__(self, k: int, block: Block) -> None:
        self.note(k, block)
        block.basis = None  # the solver's own class cannot be pickled
        super().__setitem__(k, block)

    def note(self, k: int, block: Block) -> None:
        """Keep the basis of a block that has answered."""
        self.bases[k] = block.basis


class BlockSet:
    """The blocks of one decomposition that one worker holds, by their number, and their latest answers.

    blocks: by number. answers: by turn and number. solver: the one that answers for all blocks, where these have none of their own. layout: by which
    blocks are laid out here.
    """

    def __init__(self, seed: int, shared: bool, layout: Layout | None = None) -> None:
        """shared: whether one solver answers for all blocks, which takes a little longer and far less memory. With a layout they are kept on disk, too."""
        self.seed, self.shared, self.layout = seed, shared or layout is not None, layout
        self.solver: Reoptimizer | None = None
        self.blocks: MutableMapping[int, Block] = {} if layout is None else BlocksOnDisk()
        self.answers: dict[int, MutableMapping[int, np.ndarray]] = {}

    def add(self, parts: Iterable[tuple[int, BlockProgram]]) -> None:
        """Hold these blocks, too; one that replaces another begins from its last basis."""
        for k, part in parts:
            new = Block(part, self.seed, self.shared, duals=self.layout is None)
            if k in self.blocks:
                new.begin_from(self.blocks[k])
            if new.model is not None and self.solver is None:
                self.solver = block_solver(model_of(arrays_of(new.model)), self.seed)
            self.blocks[k] = new
        self.answers = {}

    def lay_out(self, numbers: list[int]) -> dict[int, Coupling]:
        """Lay out blocks and hold them. Return how each of them depends on the trunk."""
        assert self.layout is not None
        couplings = {}
        for k, part, coupling in self.layout.programs(numbers):
            couplings[k] = coupling
            self.add([(k, part)])
        return couplings

    def set_costs(self, costs: dict[int, np.ndarray]) -> None:
        """Replace the costs of the columns of some blocks, none of which is on disk."""
        assert self.layout is None
        for k, cost in costs.items():
            self.blocks[k].set_costs(cost)
        self.answers = {}

    def ask(self, question: Question) -> list[tuple[int, Cut]]:
        """Return the cuts of the blocks. The answers of this turn, if they are kept, and of turn `keep` are kept, those of others forgotten.

        Raises OutOfTime where the question is broken off.
        """
        q = question
        self.answers = {kept: answer for kept, answer in self.answers.items() if kept == q.keep}
        now: MutableMapping[int, np.ndarray] = {} if self.layout is None else OnDisk()
        found = []
        for k in self.blocks:
            if q.blocks is not None and k not in q.blocks:
                continue
            if q.stop and os.path.exists(q.stop):
                raise OutOfTime
            block = self.blocks[k]
            found.append((k, block.ask(q.x, q.price, self.solver, q.until)))
            if q.answers:
                now[k] = block.answer
            if isinstance(self.blocks, BlocksOnDisk):
                self.blocks.note(k, block)
        if q.answers:
            self.answers[q.turn] = now
        return found

    def read_out(self, turn: int, point: np.ndarray, numbers: list[int]) -> PartOfPlan | None:
        """Return what some blocks decided in a turn in which the trunk was at a point; None where that was forgotten. Only of blocks laid out here."""
        assert self.layout is not None
        answers = self.answers.get(turn)
        return None if answers is None else self.layout.read_out(numbers, answers, point)


# -- the worker's side of WorkerPool: each function answers None where the worker does not hold the blocks of that name ------------------

_held: OrderedDict[str, BlockSet] = OrderedDict()
_one = threading.Lock()


def ready() -> None:
    """Do nothing: a worker that is asked this has started and imported what it needs."""


def begin(name: str, seed: int, shared: bool, layout: Layout | None = None) -> bool:
    """Hold an empty set of blocks under a name; see BlockSet. Return True, to confirm it."""
    with _one:
        _held[name] = BlockSet(seed, shared, layout)
        while len(_held) > MOST_HELD:
            _held.popitem(last=False)
    return True


def add(name: str, parts: dict[int, BlockProgram]) -> bool | None:
    """Hold these blocks, too, in place of those of their numbers; see BlockSet.add. Return True, to confirm it."""
    with _one:
        if name not in _held:
            return None
        _held[name].add(parts.items())
        return True


def lay_out(name: str, numbers: list[int]) -> dict[int, Coupling] | None:
    """Lay out blocks and hold them; see BlockSet.lay_out."""
    with _one:
        return _held[name].lay_out(numbers) if name in _held else None


def set_costs(name: str, costs: dict[int, np.ndarray]) -> bool | None:
    """Replace the costs of blocks; see BlockSet.set_costs. Return True, to confirm it."""
    with _one:
        if name not in _held:
            return None
        _held[name].set_costs(costs)
        return True


def ask(name: str, question: Question) -> list[tuple[int, Cut]] | None:
    """Return the cuts of the blocks; see BlockSet.ask."""
    with _one:
        if name not in _held:
            return None
        _held.move_to_end(name)
        return _held[name].ask(question)


def answers(name: str, turn: int) -> MutableMapping[int, np.ndarray] | None:
    """Return what the blocks decided in a turn, by their number; None, too, where that was forgotten."""
    with _one:
        return _held[name].answers.get(turn) if name in _held else None


def read_out(name: str, turn: int, point: np.ndarray, numbers: list[int]) -> PartOfPlan | None:
    """Return what some blocks decided in a turn as a part of a plan; see BlockSet.read_out."""
    with _one:
        return _held[name].read_out(turn, point, numbers) if name in _held else None


def release(name: str) -> None:
    """Forget the blocks held under a name."""
    with _one:
        _held.pop(name, None)
