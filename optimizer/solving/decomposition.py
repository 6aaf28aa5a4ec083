"""The state of a Benders decomposition: the master, the blocks, the bounds on the optimum and the incumbent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optimizer.executors import Executor
from optimizer.model.risk import least_cost
from optimizer.solving.blocks import Changes, Parts
from optimizer.solving.built import Built
from optimizer.solving.layout import LaidOutParts
from optimizer.solving.master import Master
from optimizer.solving.outcome import relative_gap, within
from optimizer.solving.stopping import StoppingCriteria
from optimizer.solving.subproblems import Cut
from optimizer.solving.watch import Phase, Watch
from optimizer.solving.worker_pool import WorkerPool

FIRST_PRICE, PRICE_FACTOR, MOST_PRICE, FORBIDDEN = 100.0, 100.0, 1e4, np.inf
"""The price of a unit in excess of an allocation, in the solver's units, in which prices are of the order of 1. Where the largest finite price
does not keep the blocks to their allocations, excess is forbidden: at a higher price the costs would be lost in its rounding."""

NO_EXCESS = 1e-6
"""An excess, in the solver's units, up to which an allocation counts as kept: ten times the solver's tolerance."""

LEAST_GAP = 1e-6
"""The relative gap to which a decomposition converges where a smaller one is asked for: cuts carry the solver's tolerance of 1e-7."""

QUICK = 15_000
"""Rows up to which a decomposition converges to LEAST_GAP, whatever gap is allowed: in the median that takes a tenth more time (decision 69)."""

REFINED = 0.25
"""The share of the blocks, by their size, that are asked between two rounds of all of them."""

IDLE_CARRIED = 2
"""Cuts that have been idle for so many of the master's answers are not carried over to a changed program, if it has integer columns: while
these are fixed no cut is dropped, so that many idle ones are there."""


@dataclass(frozen=True, slots=True)
class Incumbent:
    """A plan. point: the trunk's columns; turn: the turn of the worker pool in which the blocks answered it; cost: of the whole."""

    point: np.ndarray
    turn: int
    cost: float


class Decomposition:
    """A program cut into trunk and blocks, with all that is known of its optimum. All values are in the solver's units.

    allowed: the relative gap at which a plan counts as proven; gap: the one to which the search goes on, which is less for a program that is `quick` to
    solve. lower: a bound on the cost of every plan. incumbent: the best plan that keeps all rules. integers: the trunk's integer columns; root: their
    bounds in the program. price: of a unit in excess of an allocation; excess: the total excess at the last point. rounds: points asked. sampled: the
    blocks that are asked and count, None for all. null_steps: how often, between two rounds of all blocks, only those are asked of whose costs the
    master knows least; error: by how much the blocks of each θ cost more than the master knew when they were last asked. beyond_proof: whether the
    search goes on once the incumbent is proven.
    """

    def __init__(self, built: Built, parts: Parts | LaidOutParts, watch: Watch, executor: Executor) -> None:
        """built: the program, or that of the trunk where it is not laid out as a whole."""
        self._begin(built, parts, watch)
        self.pool = WorkerPool(executor, self.parts, built.case.settings.seed)
        if isinstance(parts, LaidOutParts):
            self.pool.deliver(self._tell_laid_out)
        self.master = self._new_master()

    def _begin(self, built: Built, parts: Parts | LaidOutParts, watch: Watch) -> None:
        """Forget all that is known of the optimum of another program."""
        self.built, self.parts, self.trunk, self.watch = built, parts, parts.trunk, watch
        settings = built.case.settings
        self.allowed = max(settings.mip_gap, LEAST_GAP)
        self.quick = bool(parts.sizes.sum() + self.trunk.arrays.rows < QUICK)
        self.gap = LEAST_GAP if self.quick else self.allowed
        watch.tell(Phase.PARTS, f"{len(self.parts)} parts of the tree")
        self.integers = np.flatnonzero(self.trunk.arrays.integer)
        self.root = self.trunk.arrays.lower[self.integers], self.trunk.arrays.upper[self.integers]
        self.fixed, self.restricted = not len(self.integers), False
        self.lower = -np.inf
        self.incumbent: Incumbent | None = None
        self.price, self.excess, self.rounds = FIRST_PRICE, 0.0, 0
        self.stopping = StoppingCriteria(watch, self.gap, settings.time_limit_seconds)
        self.sampled: frozenset[int] | None = None
        self.null_steps, self.beyond_proof = 0, False
        self.error = np.full(int(parts.theta.max(initial=-1)) + 1, np.inf)

    def _tell_laid_out(self, done: int) -> None:
        """Tell how many blocks are laid out. Raises Stopped once the solve was stopped."""
        self.watch.check()
        self.watch.tell(Phase.PARTS, f"{len(self.parts)} parts of the tree, {done} of them laid out", share=done / len(self.parts))

    def _new_master(self) -> Master:
        return Master(self.parts, self._least_block_cost(), self.built.case.settings.seed)

    def renew(self, built: Built, parts: Parts, watch: Watch) -> bool:
        """Take up another program with the same columns and rows. Return whether cuts of the last one were kept.

        Blocks in which only bounds of rows have changed keep their cuts, moved by what their duals say of these bounds.
        """
        before, cuts = self.whole, self.master.cuts
        self._begin(built, parts, watch)
        self.master = self._new_master()
        changes = Changes(before.split, parts.split)
        rows_of, old, new = parts.rows, before.split.arrays, parts.split.arrays
        kept = [
            cut.moved(rows_of[cut.theta], old, new) if cut.theta in changes.bounds else cut
            for cut in cuts
            if cut.theta not in changes.costs | changes.others and (not len(self.integers) or cut.idle < IDLE_CARRIED)
        ]
        self.master.keep(kept)
        self.pool.renew(parts, changes.bounds | changes.others, changes.costs - changes.bounds - changes.others)
        return bool(kept)

    def _least_block_cost(self) -> float:
        """Return a lower bound on the cost of a block: nothing but sales and salvage is ever negative."""
        weight = 1 - self.built.case.settings.risk_weight if self.built.risk is not None else 1.0
        return min(0.0, least_cost(self.built.data)) * weight / self.built.scales.money

    # -- questions -----------------------------------------------------------------------------------------------------

    @property
    def whole(self) -> Parts:
        """The parts of the program, where it is laid out as a whole."""
        assert isinstance(self.parts, Parts)
        return self.parts

    @property
    def upper(self) -> float:
        """The cost of the incumbent, inf without one."""
        return self.incumbent.cost if self.incumbent is not None else np.inf

    @property
    def proven(self) -> bool:
        """Whether the incumbent is within the allowed gap of the bound, so that nothing better is looked for."""
        return not self.beyond_proof and within(self.lower, self.upper, self.gap)

    @property
    def enough(self) -> bool:
        """Whether the incumbent is as good as was asked for."""
        return within(self.lower, self.upper, self.allowed)

    def evaluate(self, x: np.ndarray) -> float:
        """Return the cost of the trunk's decisions x with the blocks' best answers, inf where a block has none, and add the blocks' cuts to the master.

        Raises OutOfTime.
        """
        cuts = self._ask(x, self.sampled, answers=self.fixed and self.sampled is None)
        self.excess = sum(cut.excess for _, cut in cuts)
        return self._learn(cuts, x)

    def whole_point_at(self, x: np.ndarray) -> np.ndarray:
        """Return all columns of the whole program with the trunk at x and the blocks' best answers there, and add their cuts.

        Raises OutOfTime, NumericalError.
        """
        self._learn(self._ask(x, None, answers=True, stopped=lambda: self.stopping.met), x)
        return self.joined(x, self.pool.turn, self.stopping.until)

    def joined(self, x: np.ndarray, turn: int, until: float = np.inf) -> np.ndarray:
        """Return all columns of the whole program from the trunk's, x, and what the blocks decided in the turn in which they were asked there.

        Where one has forgotten it all are asked again. Raises OutOfTime after `until`, in seconds of the epoch.
        """
        found = np.zeros(self.whole.width)
        found[self.trunk.columns] = x
        for columns, y in zip(self.whole.columns, self.pool.answers(turn, x, self.price, until)):
            found[columns] = y
        return found

    def refine(self, x: np.ndarray) -> None:
        """Ask at x only the blocks whose costs the master knew least, for their size, when they were last asked, and add their cuts. Raises OutOfTime."""
        sizes = np.bincount(self.parts.theta, self.parts.sizes)
        worst = np.argsort(-self.error / sizes, kind="stable")
        share = np.cumsum(sizes[worst]) / sizes.sum()
        asked = np.isin(self.parts.theta, worst[: np.searchsorted(share, REFINED) + 1])
        self._learn(self._ask(x, frozenset(np.flatnonzero(asked).tolist()), answers=False), x)

    def _ask(self, x: np.ndarray, blocks: frozenset[int] | None, answers: bool, stopped: Callable[[], bool] | None = None) -> list[tuple[int, Cut]]:
        """Return the cuts of these blocks at x, of all for None. stopped: whether to break off; None: see StoppingCriteria.at_once. Raises OutOfTime."""
        self.rounds += 1
        kept, planned, criteria = self.incumbent.turn if self.incumbent else 0, self.incumbent is not None, self.stopping
        stopped = stopped or (lambda: criteria.at_once(planned))
        return self.pool.ask(x, self.price, keep=kept, until=criteria.until, stopped=stopped, answers=answers, blocks=blocks)

    def _learn(self, cuts: list[tuple[int, Cut]], x: np.ndarray) -> float:
        """Add the blocks' cuts at x to the master, and note by how much they cost more than it knew. Return what Master.add does."""
        cuts = self.master.aggregate(cuts)
        if self.null_steps:
            known = self.master.values(x)
            for t, cut in cuts:
                self.error[t] = max(0.0, cut.value - known[t]) if np.isfinite(known[t]) else abs(cut.value)
        return self.master.add(cuts, x)

    def duals(self) -> np.ndarray:
        """Return duals of the whole program's rows at the master's last optimum.

        A block's are those found with its cuts, weighted by the cuts' duals in the master: together with the master's own they are a
        solution of the whole program's dual (Dantzig & Wolfe, 1960).
        """
        own, active = self.master.duals()
        dual = np.zeros(self.whole.height)
        dual[self.trunk.rows] = own
        for price, kept in active:
            rows, values = kept.cut.dual
            dual[self.whole.rows[kept.theta][rows]] += price * values
        return dual

    def sample(self, weights: np.ndarray | None) -> None:
        """Ask from here on only the blocks whose weight is not 0, and count each by its weight; None for all of them, each once. Cuts and bounds go."""
        self.sampled = None if weights is None else frozenset(np.flatnonzero(weights).tolist())
        self.master.weigh(np.ones(len(self.parts)) if weights is None else weights)
        self.lower, self.incumbent = -np.inf, None
        self.bound_integers(*self.root)
        self.stopping.begin_anew()

    def raise_price(self) -> None:
        """Make excess dearer, or forbid it once it costs the most that the solver's digits allow."""
        self.price = self.price * PRICE_FACTOR if self.price < MOST_PRICE else FORBIDDEN

    def raise_lower(self, bound: float) -> None:
        """Take note of a bound on the cost of every plan."""
        self.lower = max(self.lower, bound)

    def bound_integers(self, low: np.ndarray, high: np.ndarray) -> None:
        """Bound the integer decisions. fixed: whether they all have one value. restricted: whether plans are excluded that the program allows."""
        self.fixed = bool((low == high).all())
        self.restricted = len(self.integers) > 0 and not (np.array_equal(low, self.root[0]) and np.array_equal(high, self.root[1]))
        self.master.bound_integers(low, high)

    def report(self, low: float, high: float) -> None:
        """Report a bound and the cost of the best plan; of a sample neither, because they are not those of the whole."""
        if self.sampled is not None:
            self.watch.tell(Phase.SAMPLE, f"{Phase.SAMPLE}, round {self.rounds}")
            return
        money = self.built.scales.money
        incumbent, bound = (value * money if np.isfinite(value) else None for value in (high, low))
        gap = relative_gap(high, low) if incumbent is not None and bound is not None else None
        self.watch.tell(Phase.ROUND, f"round {self.rounds}", incumbent=incumbent, bound=bound, gap=gap)


def whole(values: np.ndarray) -> np.ndarray:
    """Return the nearest whole numbers, none of them -0.0, because decisions are compared by their bytes."""
    return np.round(values) + 0.0
