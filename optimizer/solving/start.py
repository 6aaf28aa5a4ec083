"""A good first point for a decomposition: the plan of a small tree, the trunk with a few of the paths that leave it.

Asked first at a point that no sensible planner would choose, the blocks answer with cuts that say little. The small tree costs a
second or two as one program and takes the first ten rounds away.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.executors import Here
from optimizer.scenarios.tree import Scenario, ScenarioTree
from optimizer.solving.blocks import TRUNK, BlockProgram, Parts, Split
from optimizer.solving.extensive import Built, stamped
from optimizer.solving.highs import Arrays, Solver
from optimizer.solving.watch import Watch

FEWEST_PATHS = 12
START_GAP = 0.01
MOST_SECONDS, PART = 30.0, 0.25
"""For a start at most, and of the time that is left."""
MOST_ROWS, LARGEST_BLOCK = 15_000, 24
WHOLE = 100.0
"""What a change of a yes/no decision counts for, where a quantity's counts for itself."""


def starting_point(built: Built, parts: Parts, node_block: np.ndarray, watch: Watch) -> np.ndarray | None:
    """The trunk's columns in the plan of the small tree, in the solver's units; None where it has none, or one that does not fit."""
    small, node_of = pruned(built.tree, node_block == TRUNK)
    if small.size >= built.tree.size:
        return None
    watch.tell("a small tree first")
    watch.check()
    case = built.case.with_settings(mip_gap=START_GAP, time_limit_seconds=MOST_SECONDS)
    coarse = stamped(case, built.data, small, built.template, built.drop, watch.check)
    found = _solved(coarse, _quiet(watch))
    if found is None:
        return None
    trunk = parts.trunk
    own = trunk.columns < parts.own[0]
    place, there = _places(built)[trunk.columns[own]], _places(coarse, node_of, built.tree.size)
    order = np.argsort(there)
    at = order[np.minimum(np.searchsorted(there, place, sorter=order), len(there) - 1)]
    x = np.zeros(len(trunk.columns))
    x[own] = np.where(there[at] == place, found[at], 0.0)
    shares = np.flatnonzero(trunk.columns >= parts.own[0])
    if len(shares):
        _deal_out(x, shares, trunk, _weights(built, node_block, trunk.columns[shares], parts.split))
    return x if satisfies(trunk, x) else None


def _quiet(watch: Watch) -> Watch:
    """A watch that ends with a part of the time that is left, and reports nothing."""
    return Watch(cancelled=lambda: watch.stop, limit=PART * max(0.0, watch.limit - watch.seconds))


def _solved(coarse: Built, watch: Watch) -> np.ndarray | None:
    """A good plan of the small tree, its yes/no decisions between 0 and 1: as one program, or cut up in its turn where that is too large."""
    from optimizer.solving.benders import Benders

    arrays = coarse.arrays()
    arrays = replace(arrays, integer=np.zeros_like(arrays.integer))
    if len(arrays.row_lower) > MOST_ROWS:
        parts = Benders(coarse, lambda: arrays, watch, LARGEST_BLOCK, Here())
        try:
            return parts.solve().x
        finally:
            parts.close()
    s = coarse.case.settings
    solver = Solver(arrays, seed=s.seed, mip_gap=s.mip_gap, time_limit=s.time_limit_seconds, watch=watch)
    solver._options({"simplex_scale_strategy": 0})
    return solver.solve().x


def pruned(tree: ScenarioTree, trunk: np.ndarray) -> tuple[ScenarioTree, np.ndarray]:
    """The trunk with a likely path from each of its tips and of where most leaves it; and the old number of each node.

    What leaves the trunk at a node keeps its probability where some of it is kept, else that goes to where the trunk goes on.
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
    for node in tips + others[: max(FEWEST_PATHS - len(tips), len(tips) // 4)]:
        at: int | None = exits[node]
        while at is not None:
            kept[at] = True
            at = likeliest.get(at)
    return _with_nodes(tree, trunk, kept)


def _with_nodes(tree: ScenarioTree, trunk: np.ndarray, kept: np.ndarray) -> tuple[ScenarioTree, np.ndarray]:
    """The tree of the kept nodes, the probability of the others handed to those kept."""
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


def _places(built: Built, node_of: np.ndarray | None = None, nodes: int | None = None) -> np.ndarray:
    """A number for what each column is, its template column and node; nodes numbered as in node_of, where there are `nodes` of them."""
    program, tree = built.program, built.tree
    node, template = program.column_node.astype(np.int64), program.column_template.astype(np.int64)
    if built.risk is not None:
        node[built.risk.running], template[built.risk.running] = np.arange(tree.size), -2
        node[built.risk.excess], template[built.risk.excess] = tree.leaves, -3
    if node_of is not None:
        node = np.where(node >= 0, node_of[node], -1)
    return (template + 3) * ((nodes or tree.size) + 1) + node + 1


def _weights(built: Built, node_block: np.ndarray, columns: np.ndarray, split: Split) -> np.ndarray:
    """For each share of a dealt out row how much of the tree its block is."""
    size = np.bincount(node_block[node_block != TRUNK], built.tree.probability[node_block != TRUNK], minlength=split.count)
    a = split.arrays
    block = np.full(len(a.cost), TRUNK)
    np.maximum.at(block, a.column, split.row_block[a.row])
    return size[block[columns]]


def _deal_out(x: np.ndarray, shares: np.ndarray, trunk: BlockProgram, weights: np.ndarray) -> None:
    """Give each block a share of what a shared row leaves, by how much of the tree it is."""
    a = trunk.arrays
    weight = np.zeros(len(x))
    weight[shares] = weights
    shared = np.unique(a.row[np.isin(a.column, shares)])
    activity = np.bincount(a.row, a.value * x[a.column], minlength=len(a.row_lower))
    for row in shared:
        mine = a.column[(a.row == row) & np.isin(a.column, shares)]
        bound = a.row_upper[row] if np.isfinite(a.row_upper[row]) else a.row_lower[row]
        x[mine] = (bound - activity[row]) * weight[mine] / weight[mine].sum()


def satisfies(trunk: BlockProgram, x: np.ndarray) -> bool:
    """Whether x keeps the trunk's own rows and bounds."""
    a = trunk.arrays
    terms = a.value * x[a.column]
    activity = np.bincount(a.row, terms, minlength=len(a.row_lower))
    room = 1e-6 * (1 + np.bincount(a.row, np.abs(terms), minlength=len(a.row_lower)))
    return bool(
        (activity >= a.row_lower - room).all()
        and (activity <= a.row_upper + room).all()
        and (x >= a.lower - 1e-6 * (1 + np.abs(x))).all()
        and (x <= a.upper + 1e-6 * (1 + np.abs(x))).all()
    )


def nearest(trunk: BlockProgram, x: np.ndarray, follows: np.ndarray, seed: int, watch: Watch) -> np.ndarray | None:
    """The decisions that keep the trunk's rows and bounds and are nearest to x by the sum of changes; None where none do.

    follows: the columns whose change does not count, because they follow from the others.
    """
    a = trunk.arrays
    x = np.clip(x, a.lower, a.upper)
    activity = np.bincount(a.row, a.value * x[a.column], minlength=len(a.row_lower))
    weight = np.where(follows, 0.0, np.where(a.integer, WHOLE, 1.0))
    wide = len(x)
    # Up and down are columns of their own.
    solver = Solver(
        Arrays(
            cost=np.concatenate([weight, weight]),
            lower=np.zeros(2 * wide),
            upper=np.concatenate([a.upper - x, x - a.lower]),
            integer=np.zeros(2 * wide, dtype=bool),
            row_lower=a.row_lower - activity,
            row_upper=a.row_upper - activity,
            row=np.concatenate([a.row, a.row]),
            column=np.concatenate([a.column, a.column + wide]),
            value=np.concatenate([a.value, -a.value]),
        ),
        seed=seed,
        time_limit=MOST_SECONDS,
        watch=_quiet(watch),
    )
    found = solver.solve("nearest to what was best")
    return None if found.x is None else x + found.x[:wide] - found.x[wide:]
