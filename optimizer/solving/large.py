"""Solve a program that is too large to be laid out as a whole, by the decomposition of its tree with the blocks on disk.

A sample of the blocks, each counted for those that it stands for, is solved first: its plan is a good first point, its cuts hold for the whole, and
its yes/no decisions are tried first. (Sample average approximation, Kleywegt, Shapiro & Homem-de-Mello, 2002, here within one tree.)
"""

from __future__ import annotations

import numpy as np

from optimizer.executors import Executor
from optimizer.scenarios.tree import ScenarioTree
from optimizer.solving.benders import ROUNDING, Benders
from optimizer.solving.blocks import TRUNK, block_of_node
from optimizer.solving.branch_and_bound import BranchAndBound
from optimizer.solving.built import Drawn
from optimizer.solving.cutting_planes import IN_OUT, CuttingPlanes
from optimizer.solving.decomposition import whole
from optimizer.solving.layout import LaidOutParts
from optimizer.solving.outcome import OutOfTime, Status, Stop, relative_gap
from optimizer.solving.put_together import WholePlan
from optimizer.solving.solution import IN_PARTS, Solution
from optimizer.solving.start import starting_point
from optimizer.solving.watch import Phase, Watch, run_interruptibly

LARGEST_BLOCK = 300
"""Nodes of a block at most. Larger ones leave less to the master, smaller ones are solved faster. With 600 a round in which the plan
moves far takes three times as long."""

SAMPLED = 20
"""Of so many blocks that leave the trunk side by side one is in the sample."""

SAMPLE_GAP = 5e-3
"""The gap to which the sample is solved: what it tells of the whole is hardly more exact."""

SURROGATE_STEPS = 4
"""Points that are asked while the sample's cuts stand in for those of the other blocks, as surrogates."""

NULL_STEPS = 2
"""Between two rounds of all blocks, those in which only the worst known are asked. More of them save no round of all."""

CONVERGED = 0.5
"""The share of the gap to which the costs converge with the yes/no decisions of the sample's plan; the rest is for other decisions."""


def solve_in_parts(drawn: Drawn, watch: Watch, executor: Executor | None = None) -> Solution:
    """Solve a case whose program is too large to be laid out as a whole. executor: where the blocks are solved; None for processes of this machine.

    The solution has neither the columns of the program nor its duals. Raises NumericalError where the solver loses its way on a part of the tree.
    """
    template = drawn.template(watch)
    block, count = block_of_node(drawn.tree, LARGEST_BLOCK)
    watch.tell(Phase.PARTS, f"{count} parts of the tree")
    parts = LaidOutParts(drawn.case, drawn.data, drawn.tree, template, block)
    return run_interruptibly(lambda: _solved(parts, watch, executor), watch, watch.tell_again)


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
    for part in p.pool.read_out(found.turn, found.point, p.price):
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


def sampled(tree: ScenarioTree, block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how often each block counts in the sample, and which block of the sample stands for it.

    Of SAMPLED blocks that leave the trunk side by side at a node, the one of middle size stands for all. Blocks side by side begin with regimes that
    are alike, because a tree's nodes are sorted by them.
    """
    first = np.flatnonzero((block != TRUNK) & (np.append(block, TRUNK)[tree.parent] == TRUNK))
    weights, representative = np.zeros(len(first)), np.zeros(len(first), dtype=np.int64)
    count = np.bincount(block[block != TRUNK])
    for node in np.unique(tree.parent[first]):
        leaving = first[tree.parent[first] == node]
        for group in np.array_split(leaving, -(-len(leaving) // SAMPLED)):
            mass = tree.probability[group]
            chosen = group[np.argsort(count[block[group]], kind="stable")[len(group) // 2]]
            weights[block[chosen]] = mass.sum() / tree.probability[chosen]
            representative[block[group]] = block[chosen]
    return weights, representative


def search_in_parts(benders: Benders) -> bool:
    """Look for the best plan of a program that is laid out in parts. Return whether there may be one."""
    p = benders.problem
    gap, allowed = p.gap, p.allowed
    start = starting_point(p)
    weights, representative = sampled(p.parts.tree, p.parts.block)
    p.sample(weights)
    p.gap = p.allowed = SAMPLE_GAP
    benders.search_from(start)
    found = p.incumbent
    p.gap, p.allowed, p.null_steps = gap, allowed, NULL_STEPS
    p.master.add_surrogates(representative)
    p.sample(None)
    benders.search = BranchAndBound(p)
    if found is None or p.stopping.met:
        p.master.drop_surrogates()
        return benders.search_from(start)
    _improve(benders, found.point)
    return benders.search_from(None, p.incumbent)


def _improve(benders: Benders, point: np.ndarray) -> None:
    """Look for the best plan with the yes/no decisions of the sample's plan, which is at a point. The surrogate cuts are dropped on the way.

    The relaxation comes afterwards: the cuts that are found here bound it nearly as well, and every step may find a plan.
    """
    p = benders.problem
    decisions = whole(point[p.integers])
    p.bound_integers(decisions, decisions)
    run = CuttingPlanes(p, p.gap * CONVERGED, start=point)
    try:
        run.step()
        for step in range(SURROGATE_STEPS):
            proposed = p.master.propose(until=p.stopping.until)
            if proposed is None or run.best is None:
                break
            between = IN_OUT * proposed[0] + (1 - IN_OUT) * run.best.point
            if step < SURROGATE_STEPS - 1:
                p.refine(between)
            else:
                run.note(between, p.evaluate(between))
    except OutOfTime:
        p.stopping.note_timeout()
    p.master.drop_surrogates()
    benders.search.tried[decisions.tobytes()] = run.run().lower
    p.bound_integers(*p.root)
