"""A good first point for a decomposition: the plan of a small tree, the trunk with a few of the paths that leave it.

At a point that no sensible planner would choose, the cuts that the blocks answer say little. The small tree is solved in a second or two as
one program and saves the first ten rounds.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.executors import Executor, Here
from optimizer.scenarios.tree import Scenario, ScenarioTree
from optimizer.solving.benders import Benders
from optimizer.solving.blocks import TRUNK, BlockProgram, Parts, block_of_node
from optimizer.solving.built import Built, stamped
from optimizer.solving.decomposition import Decomposition
from optimizer.solving.highs import Solver
from optimizer.solving.layout import LaidOutParts
from optimizer.solving.outcome import Outcome
from optimizer.solving.projection import MOST_SECONDS, quiet_part_of, satisfies
from optimizer.solving.watch import Phase, Watch

FEWEST_PATHS, PATHS_PER_TIP = 12, 1 / 4
"""The least number of paths that leave the trunk in the small tree, and how many it has for each tip of the trunk."""

START_GAP = 0.01
"""The gap to which the small tree is solved: its plan is a first point, no answer."""

MOST_ROWS, LARGEST_BLOCK = 15_000, 24
"""Rows of a small tree from which it is decomposed in its turn, and the most nodes of a block then, or those of a path if it has more."""


def solve(benders: Benders) -> Outcome:
    """Solve a decomposition from what it knows of an earlier program, else from the plan of a small tree."""
    if not benders.knows_nothing:
        return benders.solve_from(benders.first_point())
    with benders.problem.pool.sending():
        point = starting_point(benders.problem)
    return benders.solve_from(point)


def starting_point(problem: Decomposition) -> np.ndarray | None:
    """Return the trunk's columns in the plan of the small tree, in the solver's units; None where it has no plan, or one that is not feasible."""
    built, parts, watch = problem.built, problem.parts, problem.watch
    small, node_of = pruned(parts.tree, parts.block == TRUNK)
    if small.size >= parts.tree.size:
        return None
    watch.tell(Phase.SMALL_TREE)
    watch.check()
    case = built.case.with_settings(mip_gap=START_GAP, time_limit_seconds=MOST_SECONDS)
    coarse = stamped(case, built.data, small, built.template, built.drop, watch.check)
    found = _solved(coarse, quiet_part_of(watch), problem.pool.executor if isinstance(parts, LaidOutParts) else Here())
    if found is None:
        return None
    trunk, key, coarse_key = parts.trunk, parts.trunk_keys, coarse.column_keys(node_of, parts.tree.size)
    at = np.minimum(np.searchsorted(coarse_key, key), len(coarse_key) - 1)
    x = np.zeros(len(trunk.columns))
    x[: len(key)] = np.where(coarse_key[at] == key, found[at], 0.0)
    allocations = np.arange(len(key), len(x))
    if len(allocations):
        _allocate(x, allocations, trunk, _weights(problem.whole, trunk.columns[allocations]))
    return x if satisfies(trunk, x) else None


def _solved(coarse: Built, watch: Watch, executor: Executor) -> np.ndarray | None:
    """Return a good plan of the small tree, its integer decisions relaxed: as one program, or decomposed in its turn where that is too large.

    executor: where its parts are solved then.
    """
    arrays = coarse.arrays()
    arrays = replace(arrays, integer=np.zeros_like(arrays.integer))
    if arrays.rows > MOST_ROWS:
        # A path is not cut in two: its first nodes would be of the trunk, whose program is then many times as large.
        largest = max(LARGEST_BLOCK, int(coarse.tree.period.max()))
        benders = Benders(coarse, Parts(coarse, lambda: arrays, block_of_node(coarse.tree, largest)[0]), watch, executor)
        try:
            return solve(benders).x
        finally:
            benders.close()
    s = coarse.case.settings
    return Solver(arrays, seed=s.seed, mip_gap=s.mip_gap, time_limit=s.time_limit_seconds, watch=watch).solve(Phase.SEARCH).x


def pruned(tree: ScenarioTree, trunk: np.ndarray) -> tuple[ScenarioTree, np.ndarray]:
    """Return the trunk with a likely path from each of its tips and from the nodes at which most leaves it, and the old number of each node.

    The probability of all that leaves the trunk at a node goes to the paths that are kept there, or, without any, to the trunk's next nodes.
    """
    likeliest: dict[int, int] = {}
    for node in np.argsort(tree.probability, kind="stable"):
        likeliest[int(tree.parent[node])] = int(node)
    inner, leaving = np.zeros(tree.size, dtype=bool), np.zeros(tree.size)
    exits: dict[int, int] = {}
    for node in np.argsort(tree.probability, kind="stable"):
        above = tree.parent[node]
        if above >= 0 and trunk[above]:
            inner[above] |= trunk[node]
            if not trunk[node]:
                leaving[above] += tree.probability[node]
                exits[int(above)] = int(node)
    tips = [node for node in exits if not inner[node]]
    others = sorted((node for node in exits if inner[node]), key=lambda node: -leaving[node])
    kept = trunk.copy()
    for node in tips + others[: max(FEWEST_PATHS - len(tips), int(len(tips) * PATHS_PER_TIP))]:
        at: int | None = exits[node]
        while at is not None:
            kept[at] = True
            at = likeliest.get(at)
    return _with_nodes(tree, trunk, kept)


def _with_nodes(tree: ScenarioTree, trunk: np.ndarray, kept: np.ndarray) -> tuple[ScenarioTree, np.ndarray]:
    """Return the tree of the kept nodes, the probability of the others added to theirs, and the old number of each node."""
    mass = tree.probability.copy()
    children: dict[int, list[int]] = {}
    for node in np.flatnonzero(kept):
        children.setdefault(int(tree.parent[node]), []).append(int(node))
    for node in np.flatnonzero(kept):
        below = children.get(int(node), [])
        leaving, going_on = [n for n in below if not trunk[n]], [n for n in below if trunk[n]]
        scale = mass[node] / tree.probability[node]
        outside = scale * (tree.probability[node] - sum(tree.probability[n] for n in going_on))
        total = sum(tree.probability[n] for n in (leaving or going_on))
        for n in below:
            given = outside if (leaving and not trunk[n]) or not leaving else 0.0
            mass[n] = (scale * tree.probability[n] if trunk[n] else 0.0) + given * tree.probability[n] / total
    old = np.flatnonzero(kept)
    new = np.full(tree.size, -1)
    new[old] = np.arange(len(old))
    parent = np.where(tree.parent[old] >= 0, new[tree.parent[old]], -1)
    small = replace(
        tree,
        parent=parent,
        period=tree.period[old],
        probability=mass[old],
        regime=tree.regime[old],
        reference=tuple(int(new[n]) for n in tree.reference),
        scenarios=(),
    )
    return replace(small, scenarios=tuple(Scenario(f"S{k}", float(small.probability[n]), int(n)) for k, n in enumerate(small.leaves))), old


def _weights(parts: Parts, columns: np.ndarray) -> np.ndarray:
    """Return for each allocation the probability of its block: of all its nodes together."""
    split, inner = parts.split, parts.block != TRUNK
    size = np.bincount(parts.block[inner], parts.tree.probability[inner], minlength=split.count)
    a = split.arrays
    block = np.full(a.columns, TRUNK)
    np.maximum.at(block, a.column, split.row_block[a.row])
    weights: np.ndarray = size[block[columns]]
    return weights


def _allocate(x: np.ndarray, allocations: np.ndarray, trunk: BlockProgram, weights: np.ndarray) -> None:
    """Allocate what the trunk leaves of each shared row to the blocks, in proportion to their weights."""
    a = trunk.arrays
    weight = np.zeros(len(x))
    weight[allocations] = weights
    shared = np.unique(a.row[np.isin(a.column, allocations)])
    activity = a.activity(x)
    for row in shared:
        mine = a.column[(a.row == row) & np.isin(a.column, allocations)]
        bound = a.row_upper[row] if np.isfinite(a.row_upper[row]) else a.row_lower[row]
        x[mine] = (bound - activity[row]) * weight[mine] / weight[mine].sum()
