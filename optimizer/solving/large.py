"""Solve a program that is too large to be laid out as a whole, by the decomposition of its tree with the blocks on disk.

A sample of the blocks, each counted for those that it stands for, is solved first: its plan is the first plan of the whole, and its point the one from
which the search begins. (Sample average approximation, Kleywegt, Shapiro & Homem-de-Mello, 2002, here within one tree.)
"""

from __future__ import annotations

import numpy as np

from optimizer.executors import Executor
from optimizer.solving.benders import ROUNDING, Benders
from optimizer.solving.blocks import TRUNK, block_of_node, positions_of
from optimizer.solving.branch_and_bound import BranchAndBound
from optimizer.solving.built import Drawn
from optimizer.solving.cutting_planes import CuttingPlanes
from optimizer.solving.decomposition import whole
from optimizer.solving.layout import LaidOutParts
from optimizer.solving.outcome import OutOfTime, Status, Stop, relative_gap
from optimizer.solving.put_together import WholePlan
from optimizer.solving.solution import IN_PARTS, Solution
from optimizer.solving.start import starting_point
from optimizer.solving.watch import Phase, Watch, run_interruptibly

LEAST_NODES, MOST_NODES, PARTS_OF_TREE = 120, 300, 300
"""A block has at most one node for each PARTS_OF_TREE nodes of the tree, but this limit is never below LEAST_NODES nor above MOST_NODES. Larger blocks
leave less to the master, smaller ones are solved faster: in a tree of 19,000 nodes a limit of 120 is better than 300, in one of 90,000 300 than 150."""

TOGETHER = 20
"""The most blocks that leave the trunk side by side and have one variable of the master, and one of them in the sample."""

SAMPLE_GAP = 5e-3
"""The gap to which the sample is solved: what it tells of the whole is hardly more exact."""

NULL_STEPS = 2
"""Between two rounds of all blocks, those in which only the worst known are asked. More of them save no round of all."""


def solve_in_parts(drawn: Drawn, watch: Watch, executor: Executor | None = None) -> Solution:
    """Solve a case whose program is too large to be laid out as a whole. executor: where the blocks are solved; None for processes of this machine.

    The solution has neither the columns of the program nor its duals. Raises NumericalError where the solver loses its way on a part of the tree.
    """
    parts = parts_of(drawn, watch)
    return run_interruptibly(lambda: _solved(parts, watch, executor), watch, watch.tell_again)


def parts_of(drawn: Drawn, watch: Watch) -> LaidOutParts:
    """Compile the model and lay out the trunk; the blocks are laid out where they are solved."""
    template = drawn.template(watch)
    largest = min(max(drawn.tree.size // PARTS_OF_TREE, LEAST_NODES), MOST_NODES)
    block, count = block_of_node(drawn.tree, largest)
    watch.tell(Phase.PARTS, f"{count} parts of the tree")
    return LaidOutParts(drawn.case, drawn.data, drawn.tree, template, block, TOGETHER)


def _solved(parts: LaidOutParts, watch: Watch, executor: Executor | None) -> Solution:
    benders = Benders(parts.built, parts, watch, executor)
    try:
        if not search_in_parts(benders):
            return Solution(parts.shape(), Status.INFEASIBLE, method=IN_PARTS)
        return _solution(benders, parts)
    finally:
        benders.close()


def _solution(benders: Benders, parts: LaidOutParts) -> Solution:
    """Return the incumbent, put together from what the blocks decide; cost and risk are computed anew from its decisions."""
    p, shape, found = benders.problem, parts.shape(), benders.problem.incumbent
    if found is None:
        stopped = p.stopping.stop
        return Solution(shape, Status.NO_SOLUTION if stopped else Status.INFEASIBLE, stopped=stopped, method=IN_PARTS)
    if not np.isfinite(p.lower):
        _bound(benders)
    whole_plan = WholePlan(parts.tree.size)
    whole_plan.add(parts.part_of_plan(found.point))

    def tell(done: int) -> None:
        p.watch.tell(Phase.TOGETHER, f"{Phase.TOGETHER}, {done} of {len(parts)} parts", share=done / len(parts))

    for part in p.pool.read_out(found.turn, found.point, p.price, tell):
        whole_plan.add(part)
    path_cost = parts.tree.along_paths(sum(whole_plan.term_cost.values(), np.zeros(parts.tree.size)))
    expected, cvar, objective = shape.objective(path_cost)
    bound = min(p.lower * parts.built.scales.money, objective)
    proven = relative_gap(objective, bound) <= p.allowed * (1 + ROUNDING)
    return Solution(
        shape,
        Status.OPTIMAL if proven else Status.FEASIBLE,
        objective,
        bound,
        expected,
        cvar,
        whole_plan.decisions,
        whole_plan.term_cost,
        path_cost,
        stopped=Stop.NONE if proven else p.stopping.stop,
        method=IN_PARTS,
        cost_of=whole_plan.cost_of,
    )


def _bound(benders: Benders) -> None:
    """Note what the cuts that are known say of the cost of every plan: the solve was stopped before the relaxation was solved."""
    p = benders.problem
    p.stopping.grant_grace()
    p.bound_integers(*p.root)
    try:
        p.raise_lower(benders.bound_of_master())
    except OutOfTime:
        pass  # the plan is told without a bound


def sampled(parts: LaidOutParts) -> np.ndarray:
    """Return how often each block counts in the sample: of those with one variable of the master the one of middle size stands for all."""
    tree, block = parts.tree, parts.block
    first = np.flatnonzero((block != TRUNK) & (np.append(block, TRUNK)[tree.parent] == TRUNK))
    weights, probability = np.zeros(len(parts)), np.zeros(len(parts))
    probability[block[first]] = tree.probability[first]
    for own in positions_of(parts.theta, int(parts.theta.max()) + 1)[1:]:
        chosen = own[np.argsort(parts.sizes[own], kind="stable")[len(own) // 2]]
        weights[chosen] = probability[own].sum() / probability[chosen]
    return weights


def search_in_parts(benders: Benders) -> bool:
    """Look for the best plan of a program that is laid out in parts. Return whether there may be one."""
    p = benders.problem
    assert isinstance(p.parts, LaidOutParts)
    gap, allowed = p.gap, p.allowed
    start = starting_point(p)
    p.sample(sampled(p.parts))
    p.gap = p.allowed = SAMPLE_GAP
    benders.search_from(start)
    found = p.incumbent
    p.gap, p.allowed, p.null_steps = gap, allowed, NULL_STEPS
    p.sample(None)
    benders.search = BranchAndBound(p)
    if found is None or p.stopping.met:
        return benders.search_from(start)
    _evaluate_plan(benders, found.point)
    return benders.search_from(None if p.incumbent is not None else found.point, p.incumbent)


def _evaluate_plan(benders: Benders, point: np.ndarray) -> None:
    """Ask all blocks what the sample's plan costs, which is at a point, so that there is a plan however early the solve is stopped."""
    p = benders.problem
    decisions = whole(point[p.integers])
    p.bound_integers(decisions, decisions)
    try:
        CuttingPlanes(p, p.gap, start=point).step()
    except OutOfTime:
        p.stopping.note_timeout()
    p.bound_integers(*p.root)
