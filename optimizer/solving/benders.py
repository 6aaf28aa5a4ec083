"""Solve a large tree by Benders decomposition on its trunk.

The master holds the trunk and, for each block, a variable for its cost, bounded below by cuts (Benders, 1962; one cut a block:
Birge & Louveaux, 1988). The first point is the plan of a small tree; later ones lie between the master's and the best known one
(in-out: Ben-Ameur & Neto, 2007). Yes/no decisions: the relaxation converges first, then branch and bound on the master proposes
them and they are kept while the rest converges, until no better ones can exist. The answer carries a certificate: the master's
value bounds every plan from below, and the plan's own cost is the upper bound.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable

import numpy as np

from optimizer.executors import Executor, Here, Processes
from optimizer.model.risk import least_cost
from optimizer.solving.blocks import Changes, Parts, block_of_node, largest_block
from optimizer.solving.crew import Crew
from optimizer.solving.extensive import Built
from optimizer.solving.highs import STALLED, Arrays, Outcome
from optimizer.solving.master import Master
from optimizer.solving.standstill import Standstill
from optimizer.solving.start import nearest, satisfies, starting_point
from optimizer.solving.subproblems import OutOfTime
from optimizer.solving.watch import Watch

FIRST_PRICE, MOST_PRICE, FORBIDDEN = 100.0, 1e4, np.inf
"""Of a unit in excess of a share, in the solver's units, in which prices are of the order of 1. Where the largest finite price does not
keep the blocks to their shares, excess is forbidden: a dearer one would drown the costs in rounding."""
EXCESS = 1e-6
"""What counts as none."""
IN_OUT = 0.7
FIRST_STEPS, FIRST_IN_OUT = 3, 0.2
"""After a good start the blocks are asked near it at first: the master still knows too little to be followed far."""
HURRIED_GAP = 0.02
ASK_EVERY = 12
IDLE_ALONG = 2
"""Under kept yes/no decisions no cut is dropped: those idle for so long before do not come along to a changed program."""
MOST_LEAVES = 200
"""Into which a search may be split for that of a changed program to begin there."""
WORTH_PROCESSES = 30_000
"""Rows from which the blocks are worth processes of their own, each of which takes half a second to start."""


Leaf = tuple[np.ndarray, np.ndarray]
"""Bounds of the yes/no decisions from below and above."""
Node = tuple[float, int, np.ndarray, np.ndarray]
"""A bound on the cost, a number that orders equals, and a leaf."""


class Benders:
    """The decomposition of one case. All values are in the solver's units; see Scales."""

    def __init__(
        self, built: Built, make: Callable[[], Arrays], watch: Watch, largest: int | None = None, executor: Executor | None = None, expected: bool = False
    ) -> None:
        """make: the program's arrays, which are not kept where they are large. largest: nodes of a block at most.

        executor: None for processes of its own. expected: the arrays' cost is the expected cost.
        """
        self.largest = largest or largest_block(built.tree.size, bool(built.program.integer.any()))
        self.expected = expected
        self._begin(built, make, watch)
        self.master = Master(self.parts, self._least(), built.case.settings.seed)
        self.own_executor = executor is None
        small = len(built.program.row_lower) < WORTH_PROCESSES
        self.executor = executor or (Here() if small else Processes())
        self.crew = Crew(self.executor, self.parts, built.case.settings.seed)

    def _begin(self, built: Built, make: Callable[[], Arrays], watch: Watch) -> None:
        """Cut the program up, nothing known of its answer."""
        self.built, self.watch = built, watch
        settings = built.case.settings
        self.gap = max(settings.mip_gap, 1e-6)
        self.node_block, _ = block_of_node(built.tree, self.largest)
        self.parts = Parts(built, make, self.largest)
        self.trunk = self.parts.trunk
        watch.tell(f"{len(self.parts)} parts of the tree")
        self.integers = np.flatnonzero(self.trunk.arrays.integer)
        self.bounds = self.trunk.arrays.lower[self.integers], self.trunk.arrays.upper[self.integers]
        self.lower, self.upper = -np.inf, np.inf
        self.best: tuple[np.ndarray, int] | None = None
        self.rounds = self.nodes = 0
        # Integer decisions that were put to the blocks, and a bound on the cost of every plan with them.
        self.tried: dict[bytes, float] = {}
        self.remembered: np.ndarray | None = None
        self.leaves: list[Leaf] = []
        self.price, self.excess = FIRST_PRICE, 0.0
        self.closed = np.inf
        self.deadline = min(watch.seconds + settings.time_limit_seconds, watch.limit)
        self.standstill = Standstill(self.gap, settings.time_limit_seconds)
        self.stopped = ""
        self.whole, self.kept = not len(self.integers), False

    def renew(self, built: Built, make: Callable[[], Arrays], watch: Watch) -> np.ndarray | None:
        """Take up another program with the same columns and rows; where to ask first, None for where its master says.

        Blocks that are as they were but for bounds of rows keep their cuts, moved by what their duals say of these bounds.
        """
        point, before, cuts = (self.best[0] if self.best else None), self.parts, self.master.cuts
        leaves, bounds = self.leaves, self.bounds
        self._begin(built, make, watch)
        if point is not None:
            self.remembered = _whole(point[self.integers])
            self.leaves = leaves if all(map(np.array_equal, bounds, self.bounds)) else []
        changes = Changes(before.split, self.parts.split)
        rows_of, old, new = self.parts.rows, before.split.arrays, self.parts.split.arrays
        kept = [
            cut.moved(rows_of[cut.block], old, new) if cut.block in changes.bounds else cut
            for cut in cuts
            if cut.block not in changes.costs | changes.others and (not len(self.integers) or cut.idle < IDLE_ALONG)
        ]
        self.master = Master(self.parts, self._least(), built.case.settings.seed)
        self.master.keep(kept)
        self.crew.renew(self.parts, changes.bounds | changes.others, changes.costs - changes.bounds - changes.others)
        if kept:
            return None
        if point is None:
            return starting_point(built, self.parts, self.node_block, watch)
        if satisfies(self.trunk, point):
            return point
        follows = np.zeros(self.parts.width, dtype=bool)
        follows[: self.parts.own[0]] = built.program.column_template < 0
        return nearest(self.trunk, point, follows[self.trunk.columns], built.case.settings.seed, watch)

    def _least(self) -> float:
        """A bound on each block's cost from below: nothing but salvage is ever negative."""
        weight = 1 - self.built.case.settings.risk_weight if self.built.risk is not None and not self.expected else 1.0
        return min(0.0, least_cost(self.built.data)) * weight / self.built.scales.money

    # -- rounds --------------------------------------------------------------------------------------------------------

    def ask(self, x: np.ndarray) -> float:
        """The cost of the trunk's decisions x with the blocks' best answers (inf where one has none); adds their cuts."""
        self.rounds += 1
        cuts = self.crew.ask(x, self.price, keep=self.best[1] if self.best else 0, until=self._until)
        self.excess = sum(cut.excess for cut in cuts)
        return self.master.add(cuts, x)

    @staticmethod
    def _near(low: float, high: float, tolerance: float) -> bool:
        return bool(np.isfinite(high)) and high - low <= tolerance * max(abs(high), 1e-9)

    @property
    def _until(self) -> float:
        """The end of the time in seconds of the epoch, which processes share."""
        return time.time() + self.deadline - self.watch.seconds

    def _late(self) -> None:
        """Take note that a solve was broken off by the clock, whichever clock was ahead."""
        self.deadline = min(self.deadline, self.watch.seconds)

    def out_of_time(self) -> bool:
        """Whether to stop: by hand, by the clock or because nothing moves; once more by the clock alone where a plan is still put in order."""
        if self.watch.seconds >= self.deadline:
            return True
        return not self.stopped and (self.watch.stop or self.standstill.stalled(self.watch.seconds))

    def _reason(self) -> str:
        if self.watch.stop:
            return "stopped by hand"
        return "time limit" if self.watch.seconds >= self.deadline else STALLED

    def converge(self, tolerance: float, floor: float = -np.inf, target: float = np.inf, start: np.ndarray | None = None) -> tuple[float, float, tuple | None]:
        """Rounds until the best plan is within `tolerance` of the master's value, or that value has passed `target`.

        Returns (lower bound, cost, (x, turn)) under the master's present bounds of the yes/no decisions. start: where to ask first.
        """
        best, cost, low, excess, weight, steps = None, np.inf, -np.inf, 0.0, IN_OUT, FIRST_STEPS if start is not None else 0
        # Until some plan is known, the mean of the points so far stands in for it: the corners that the master proposes share out badly.
        point: np.ndarray | None = None
        while True:
            if start is None:
                try:
                    proposed = self.master.propose(until=self._until)
                except OutOfTime:
                    self._late()
                    break
                if proposed is None:
                    return np.inf, np.inf, None
                x, value = proposed
                stalled = value <= low + 1e-3 * tolerance * abs(value)
                low = max(low, value)
                if excess > EXCESS and self._near(low, cost, tolerance):
                    # The best that the price allows is no plan: exceeding a share must cost more, and at last be forbidden.
                    self.price = self.price * 100 if self.price < MOST_PRICE else FORBIDDEN
                    cost, steps = np.inf, 0
                if self._near(low, cost, tolerance) or low >= target or self.out_of_time():
                    break
                if not stalled and (not self.whole or not len(self.integers)):
                    # A cut is dropped only after the bound has risen: otherwise the same cuts would come and go for ever. Under kept integer
                    # decisions no cut is dropped, because a cut that does not bear on these decisions may be the one that rules out others.
                    self.master.purge()
                weight = 1.0 if stalled and weight < 1.0 else FIRST_IN_OUT if steps > 0 else IN_OUT
                steps -= 1
                inner = best[0] if best is not None else point
                point = x if inner is None else weight * x + (1 - weight) * inner
            else:
                point, start = start, None
            try:
                total = self.ask(point)
            except OutOfTime:
                self._late()
                break
            if total < cost:
                best, cost, excess = (point, self.crew.turn), total, self.excess
                if cost < self.upper and self.whole and excess <= EXCESS:
                    self.upper, self.best = cost, best
            self.standstill.note(floor if self.kept else max(low, floor), self.upper if self.kept else min(cost, self.upper), self.watch.seconds)
            # Under kept decisions the master's value bounds the plans with these decisions alone, so only `floor` bounds every plan. While
            # decisions are still open, what is found may cost less than any plan can: it is no incumbent.
            self._tell(floor if self.kept else max(low, floor), self.upper)
        return low, cost, best if excess <= EXCESS or not self.whole else None

    def _tell(self, low: float, high: float) -> None:
        """Report the best plan and the bound; neither in the second solve of risk_weight 1, whose objective is another one."""
        if self.expected:
            self.watch.tell("least expected cost")
            return
        money = self.built.scales.money
        gap = (high - low) / max(abs(high), 1e-9) if np.isfinite(high) and np.isfinite(low) else None
        self.watch.tell(f"round {self.rounds}", incumbent=high * money if np.isfinite(high) else None, bound=low * money if np.isfinite(low) else None, gap=gap)

    # -- yes/no decisions ----------------------------------------------------------------------------------------------

    def branch(self) -> None:
        """Branch and bound on the master (Land & Doig, 1960); whole decisions are put to the blocks, whose cuts stay for the rest.

        After a branching the search dives into the nearer child, where the dual simplex needs but a few steps; then it goes on
        with the node of the best bound. What the search is split into at its end is where that of a changed program begins.
        """
        if self._near(self.lower, self.upper, self.gap):
            return
        heap, shut, node = *self._first_nodes(), None
        made = len(heap)
        while (heap or node is not None) and not self.out_of_time():
            node = node or heapq.heappop(heap)
            bound, _, low, high = node
            self.lower = max(self.lower, min([bound, self.closed, self._cut_off, *(entry[0] for entry in heap[:1])]))
            if self._near(self.lower, self.upper, self.gap):
                break
            made += 2
            try:
                children = self._examine(bound, low, high, made)
            except OutOfTime:
                self._late()
                break
            for child in children[1:]:
                heapq.heappush(heap, child)
            if not children:
                shut.append((low, high))
            node = children[0] if children else None
        if node is None and not heap and np.isfinite(self.upper):
            # Nothing is open.
            self.lower = max(self.lower, min(self.closed, self._cut_off))
        self.leaves = shut + [entry[2:] for entry in heap + [node] if entry is not None]

    def _first_nodes(self) -> tuple[list[Node], list[Leaf]]:
        """What the search before was split into, else the whole: the nodes to look at, as a heap, and what needs no look."""
        if not 1 < len(self.leaves) <= MOST_LEAVES:
            return [(self.lower, 0, *self.bounds)], []
        heap: list[Node] = []
        shut: list[Leaf] = []
        for low, high in self.leaves:
            if self.out_of_time():
                heap.append((self.lower, len(heap), low, high))
                continue
            try:
                proposed = self._propose_within(low, high)
            except OutOfTime:
                self._late()
                heap.append((self.lower, len(heap), low, high))
                continue
            if proposed is None:
                shut.append((low, high))
            else:
                heap.append((max(self.lower, proposed[1]), len(heap), low, high))
        heapq.heapify(heap)
        return heap, shut

    def _propose_within(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, float] | None:
        """The master's decisions and value under bounds of the yes/no decisions; None where no plan is better by a quarter of the gap.

        OutOfTime where that is not known in time.
        """
        self._bound_integers(low, high)
        proposed = self.master.propose(self._cut_off, self._until)
        return None if proposed is None or proposed[1] >= self._cut_off else proposed

    @property
    def _cut_off(self) -> float:
        """From which value on a node is not looked at, and above which no bound is known: a quarter of the gap below the best plan."""
        return self.upper - self.gap / 4 * abs(self.upper) if np.isfinite(self.upper) else np.inf

    def _examine(self, bound: float, low: np.ndarray, high: np.ndarray, made: int) -> list[Node]:
        """The nodes that a node leaves to look at, the one to dive into first."""
        self.nodes += 1
        proposed = self._propose_within(low, high)
        if proposed is None:
            return []
        value, values = max(bound, proposed[1]), proposed[0][self.integers]
        self._tell(self.lower, self.upper)
        fraction = np.abs(values - np.round(values))
        if fraction.max() < 1e-6:
            whole = _whole(values)
            if whole.tobytes() not in self.tried:
                self.put_to_blocks(whole)
                return [(value, made, low, high)]
            if (low == high).all():
                self.closed = min(self.closed, max(value, self.tried[whole.tobytes()]))
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

    def _tighten(self, relaxed: float) -> None:
        """More rounds on the relaxation, where its bound would do if it were as high as its cost: they are cheaper than to branch."""
        if self._near(self.lower, self.upper, self.gap) or not self._near(relaxed, self.upper, self.gap):
            return
        self._bound_integers(*self.bounds)
        low, _, _ = self.converge(self.gap / 4, floor=self.lower, target=self.upper - self.gap * abs(self.upper))
        if np.isfinite(low):
            self.lower = max(self.lower, low)

    def put_to_blocks(self, values: np.ndarray) -> None:
        """Keep these yes/no decisions and converge, until they are known to be the best so far or not."""
        if values.tobytes() in self.tried:
            return
        self._bound_integers(values, values)
        self.tried[values.tobytes()], _, _ = self.converge(self.gap / 4, floor=self.lower, target=self.upper)

    def _hurry(self, values: np.ndarray) -> None:
        """Stopped before any whole decisions were put to the blocks: take the nearest ones, and a short while more, for a plan at all."""
        if self.out_of_time():
            self.stopped = self._reason()
            self.deadline = self.watch.seconds + self.watch.grace
            self._bound_integers(values, values)
            self.converge(HURRIED_GAP)

    def _bound_integers(self, low: np.ndarray, high: np.ndarray) -> None:
        self.whole = bool((low == high).all())
        self.kept = len(self.integers) > 0 and not (np.array_equal(low, self.bounds[0]) and np.array_equal(high, self.bounds[1]))
        self.master.bound_integers(low, high)

    # -- the answer ----------------------------------------------------------------------------------------------------

    def solve(self) -> Outcome:
        """The best plan, and the bound that certifies it."""
        return self.solve_from(starting_point(self.built, self.parts, self.node_block, self.watch))

    def solve_from(self, start: np.ndarray | None) -> Outcome:
        """The best plan, asking first at `start`."""
        self.lower, relaxed, best = self.converge(self.gap, start=start)
        if best is None and not self.out_of_time():
            return Outcome("infeasible")
        if len(self.integers) and best is not None:
            first = _whole(best[0][self.integers])
            # What was best before something changed often still is.
            for values in ([] if self.remembered is None else [self.remembered]) + [first]:
                if not self._near(self.lower, self.upper, self.gap):
                    self.put_to_blocks(values)
            self._tighten(relaxed)
            self.branch()
            if self.best is None:
                self._hurry(first)
        return self._outcome()

    def close(self) -> None:
        """Let the workers go."""
        self.crew.close()
        if self.own_executor:
            self.executor.close()

    def _outcome(self) -> Outcome:
        stopped = self.stopped or (self._reason() if self.out_of_time() else "")
        if self.best is None:
            return Outcome("no_solution" if stopped else "infeasible", stopped=stopped)
        point, turn = self.best
        x = np.zeros(self.parts.width)
        x[self.trunk.columns] = point
        for columns, y in zip(self.parts.columns, self.crew.answers(turn, point, self.price)):
            x[columns] = y
        near = self._near(self.lower, self.upper, self.gap * (1 + 1e-6))
        return Outcome(
            "optimal" if near else "feasible",
            self.upper,
            min(self.lower, self.upper),
            x[: self.parts.own[0]],
            self.duals() if near else None,
            stopped="" if near else stopped,
            iterations=self.rounds,
        )

    def duals(self) -> np.ndarray | None:
        """The duals of the whole program's rows, with the yes/no decisions of the best plan.

        A block's are those found with its cuts, in the mixture in which these bear on the master: together with the master's own
        they are an answer to the whole program's dual (Dantzig & Wolfe, 1960).
        """
        self._bound_integers(*[_whole(self.best[0][self.integers])] * 2)
        try:
            if self.master.propose(until=self._until + self.watch.grace) is None:
                return None
        except OutOfTime:
            return None
        own, bearing = self.master.duals()
        dual = np.zeros(self.parts.height)
        dual[self.trunk.rows] = own
        for price, kept in bearing:
            rows, values = kept.cut.dual
            dual[self.parts.rows[kept.block][rows]] += price * values
        return dual[: self.parts.own[1]]


def _whole(values: np.ndarray) -> np.ndarray:
    """The nearest whole numbers, no zero of them negative: decisions are told apart by their bytes."""
    return np.round(values) + 0.0
