"""Branch and bound on the master (Land & Doig, 1960) for the integer decisions of a decomposition.

A node is solved by the master alone. Whole decisions that it proposes are fixed while the cutting planes converge; the cuts that the blocks
answer stay and bound the other nodes, too. After a branching the search dives into the nearer child, where the dual simplex method needs
only a few steps; then it goes on with the node of the best bound. To fix decisions takes as long as dozens of nodes, and without an
incumbent, whose cost cuts dives off, the first dive often ends at decisions that cost far more than others: they wait while open nodes promise less.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

import numpy as np

from optimizer.solving.cutting_planes import CuttingPlanes
from optimizer.solving.decomposition import Decomposition, whole
from optimizer.solving.outcome import OutOfTime, within
from optimizer.solving.pseudo_costs import DOWN, UP, Branch, PseudoCosts

WHOLE = 1e-6
"""How far from whole a proposed decision may be and count as whole: the solver's integrality tolerance."""

TOLERANCE = 1 / 4
"""The share of the gap to which fixed decisions converge and by which a node must promise to be better than the incumbent. With less than the
whole gap, what bound and cost each lose adds up to no more than the gap."""

ASK_EVERY = 12
"""After so many nodes the blocks are asked at a fractional point: cuts made for whole decisions are weak between them, and the bound would creep."""

IDLE_NODES = 30
"""A cut that has had no dual price at so many nodes is dropped: with thousands of idle cuts each node takes twice the time. Dropped sooner, cuts
that other nodes need are missing, and the search takes more nodes."""

PATIENCE = 60
"""The most nodes that are examined while whole decisions wait to be fixed. On the gallium sample the first dive ends at decisions that cost 5% more
than the best ones, which forty nodes more find."""

MOST_LEAVES = 200
"""The most leaves of a search from which that of a changed program begins; each of them costs a solve of the master first."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part of the search space: bounds of the integer decisions from below and above."""

    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """A leaf that is still open. bound: on the cost of every plan in it; number: decides between equal bounds.

    whole: whether the decisions that the master proposes in it are whole, and wait to be fixed. branch: how the leaf was split off, None once that is
    known to have raised the bound or not.
    """

    bound: float
    number: int
    leaf: Leaf = field(compare=False)
    whole: bool = field(default=False, compare=False)
    branch: Branch | None = field(default=None, compare=False)


class BranchAndBound:
    """A search over the integer decisions. leaves: what it has split the search space into at its end, or that of the last program.

    closed: the least bound of the leaves that were closed because their decisions have converged. tried: integer decisions that were fixed,
    by their bytes, and a bound on the cost of every plan with them. waiting: a heap of the nodes whose decisions are whole but not fixed yet;
    patience: how many nodes may still be examined before the best of them is fixed.
    """

    def __init__(self, problem: Decomposition, leaves: list[Leaf] | None = None) -> None:
        self.problem = problem
        self.leaves = leaves or []
        self.tried: dict[bytes, float] = {}
        self.closed = np.inf
        self.nodes = 0
        self.waiting: list[Node] = []
        self.patience = PATIENCE
        self.pseudo_costs = PseudoCosts(len(problem.integers))

    def run(self) -> None:
        """Search until the incumbent is proven, no node is open, or the time is over."""
        p = self.problem
        if p.proven:
            return
        heap, shut = self.first_nodes()
        node: Node | None = None
        made = len(heap)
        while (heap or self.waiting or node is not None) and not p.stopping.met:
            node = node or self.next_node(heap)
            p.raise_lower(self.bound_of([node, *heap[:1], *self.waiting[:1]]))
            if p.proven:
                break
            made += 2
            try:
                children = self.examine(node, made)
            except OutOfTime:
                p.stopping.note_timeout()
                break
            if not children:
                shut.append(node.leaf)
            node = self.dive(children, heap)
        if node is None and not heap and not self.waiting and np.isfinite(p.upper):
            p.raise_lower(self.bound_of([]))
        still_open = [*heap, *self.waiting, *([] if node is None else [node])]
        self.leaves = shut + [entry.leaf for entry in still_open]

    def next_node(self, heap: list[Node]) -> Node:
        """Take the node to examine next: the one of the best bound, or the best whole decisions once they have waited for long enough."""
        if self.waiting and (not heap or self.waiting[0] < heap[0] or self.patience <= 0):
            self.patience = PATIENCE
            return heapq.heappop(self.waiting)
        return heapq.heappop(heap)

    def dive(self, children: list[Node], heap: list[Node]) -> Node | None:
        """Put the nodes that an examination has left where they wait, but return the nearest one if it promises more than the whole decisions do."""
        self.patience -= bool(self.waiting)
        nearest = None
        if children and not children[0].whole and not (self.waiting and self.waiting[0] < children[0]):
            nearest, *children = children
        for child in children:
            heapq.heappush(self.waiting if child.whole else heap, child)
        return nearest

    def bound_of(self, best: list[Node]) -> float:
        """Return a bound on the cost of every plan. best: the open nodes among which the lowest bound is.

        A plan lies in an open node, in a closed leaf, or in one that was cut off because it promised too little.
        """
        return min([self.closed, self.cut_off, *(node.bound for node in best)])

    @property
    def cut_off(self) -> float:
        """The value from which on a node is not examined; no bound above it is known."""
        p = self.problem
        return p.upper - p.gap * TOLERANCE * abs(p.upper) if np.isfinite(p.upper) else np.inf

    def first_nodes(self) -> tuple[list[Node], list[Leaf]]:
        """Return the nodes to begin with, as a heap, and the leaves of the last search that need no examination now.

        The nodes are the leaves of the last search, or the whole search space.
        """
        p = self.problem
        if not 1 < len(self.leaves) <= MOST_LEAVES:
            return [Node(p.lower, 0, Leaf(*p.root))], []
        heap: list[Node] = []
        shut: list[Leaf] = []
        for leaf in self.leaves:
            bound = p.lower
            if not p.stopping.met:
                try:
                    proposed = self.propose_within(leaf)
                except OutOfTime:
                    p.stopping.note_timeout()
                else:
                    if proposed is None:
                        shut.append(leaf)
                        continue
                    bound = max(bound, proposed[1])
            heap.append(Node(bound, len(heap), leaf))
        heapq.heapify(heap)
        return heap, shut

    def propose_within(self, leaf: Leaf) -> tuple[np.ndarray, float] | None:
        """Return the master's decisions and value within a leaf; None where it has no plan below the cut-off. Raises OutOfTime."""
        p = self.problem
        p.bound_integers(leaf.low, leaf.high)
        proposed = p.master.propose(self.cut_off, p.stopping.until)
        if proposed is None or proposed[1] >= self.cut_off:
            return None
        p.master.drop_idle_cuts(IDLE_NODES)
        return proposed

    def examine(self, node: Node, made: int) -> list[Node]:
        """Return the nodes that a node leaves to examine, the one to dive into first. made: the number of the first of them. Raises OutOfTime."""
        p, leaf = self.problem, node.leaf
        self.nodes += 1
        proposed = self.propose_within(leaf)
        if node.branch is not None:
            self.pseudo_costs.note(node.branch, (self.cut_off if proposed is None else proposed[1]) - node.bound)
        if proposed is None:
            return []
        value, values = max(node.bound, proposed[1]), proposed[0][p.integers]
        p.report(p.lower, p.upper)
        open_decisions = np.abs(values - np.round(values)) >= WHOLE
        if not open_decisions.any():
            decisions = whole(values)
            if decisions.tobytes() not in self.tried:
                waits = not node.whole and not np.isfinite(p.upper)
                if not waits:
                    self.fix(decisions)
                return [Node(value, made, leaf, whole=waits)]
            if (leaf.low == leaf.high).all():
                self.close(decisions, value)
                return []
            # The decisions look whole but have been tried: branch on one that is not fixed yet.
            open_decisions = leaf.low < leaf.high
        if self.nodes % ASK_EVERY == 0:
            p.evaluate(proposed[0])
            return [Node(value, made, leaf)]
        at = int(np.where(open_decisions, self.pseudo_costs.scores(values), -1.0).argmax())
        up, down = leaf.low.copy(), leaf.high.copy()
        up[at], down[at] = 1.0, 0.0
        children = [
            Node(value, made, Leaf(up, leaf.high), branch=Branch(at, UP, 1 - values[at])),
            Node(value, made + 1, Leaf(leaf.low, down), branch=Branch(at, DOWN, values[at])),
        ]
        return children if values[at] > 0.5 else children[::-1]

    def close(self, decisions: np.ndarray, value: float) -> None:
        """Close a leaf whose decisions are all fixed and have been tried; its bound goes on to count."""
        self.closed = min(self.closed, max(value, self.tried[decisions.tobytes()]))

    def fix(self, decisions: np.ndarray) -> None:
        """Fix integer decisions and let the cutting planes converge, until these decisions are known to cost less than the cut-off, or the best so far."""
        p = self.problem
        if decisions.tobytes() in self.tried:
            return
        p.bound_integers(decisions, decisions)
        run = CuttingPlanes(p, p.gap * TOLERANCE, floor=p.lower, target=max(p.upper, self.cut_off))
        self.tried[decisions.tobytes()] = run.run().lower

    def tighten_root(self, relaxed: float) -> None:
        """Run more cutting planes on the relaxation where its bound, were it as high as its cost `relaxed`, would prove the incumbent.

        That takes less time than branching.
        """
        p = self.problem
        if p.proven or not within(relaxed, p.upper, p.gap):
            return
        p.bound_integers(*p.root)
        found = CuttingPlanes(p, p.gap * TOLERANCE, floor=p.lower, target=p.upper - p.gap * abs(p.upper)).run()
        if np.isfinite(found.lower):
            p.raise_lower(found.lower)
