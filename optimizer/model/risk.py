"""Risk: from expected cost to (1-λ)·E[Z] + λ·CVaR_α(Z), as a transform of the stamped program.

CVaR_α(Z) = min over η of η + E[max(Z - η, 0)]/(1 - α) (Rockafellar & Uryasev, 2000). The cost of a path is carried down
the tree in one variable a node, so that no row is longer than a node's own cost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optimizer.model.data import CaseData
from optimizer.model.stamp import Program, Triples
from optimizer.scenarios.tree import ScenarioTree

MEANING = "What a leaf's path costs above the threshold η is its excess; CVaR is η plus the mean excess over 1 - α."
ROW = r"\text{excess}_\ell \ge Z_\ell - \eta"
EQUATION = r"\text{CVaR}_\alpha(Z) = \min_\eta\ \eta + \frac{1}{1-\alpha}\sum_\ell \pi_\ell\,\text{excess}_\ell, \qquad " + ROW


@dataclass(frozen=True, slots=True)
class RiskColumns:
    """Where the columns of risk stand: the threshold η, the running cost of each node, the excess of each leaf."""

    threshold: int
    running: np.ndarray
    excess: np.ndarray


def least_cost(p: CaseData) -> float:
    """No path costs less than this: everything that could ever be had, left over and sold for its salvage value."""
    most = 0.0
    for name, material in p.materials.items():
        held = sum(item.quantity for item in p.case.inventory if item.material == name)
        bought = sum(min(p.offers[s].capacity_per_year * p.years, p.usable.order[s]) for s in p.offers_of[name]) * len(p.periods)
        most += material.salvage_value * (held + bought)
    return -most * p.discount(len(p.periods))


def conditional_value_at_risk(cost: np.ndarray, probability: np.ndarray, level: float) -> float:
    """CVaR of a discrete distribution: the mean of its worst 1 - level (Rockafellar & Uryasev, 2000)."""
    order = np.argsort(-cost, kind="stable")
    weight = probability[order]
    before = np.concatenate([[0.0], np.cumsum(weight)[:-1]])
    inside = np.clip(1 - level - before, 0, weight)
    return float(inside @ cost[order] / inside.sum())


def with_risk(program: Program, tree: ScenarioTree, weight: float, level: float, least_cost: float, drop: tuple[str, ...] = ()) -> tuple[Program, RiskColumns]:
    """The program that minimises (1-weight)·E + weight·CVaR_level. least_cost bounds any path's cost, and η, from below."""
    columns, rows, nodes = len(program.cost), len(program.row_lower), tree.size
    leaves, every = tree.leaves, np.arange(nodes, dtype=np.int32)
    risk = RiskColumns(columns, columns + 1 + every, columns + 1 + nodes + every[: len(leaves)])

    # running(n) - running(parent) - Σ cost at n = 0
    costs = list(program.term_cost.values())
    inner = every[tree.parent >= 0]
    row = [rows + every, rows + inner, *(rows + c.row for c in costs)]
    column = [risk.running, risk.running[tree.parent[inner]], *(c.column for c in costs)]
    value = [np.ones(nodes), -np.ones(len(inner)), *(-c.value for c in costs)]
    row_lower, row_upper = [np.zeros(nodes)], [np.zeros(nodes)]
    if "excess" not in drop:
        # excess(leaf) + η - running(leaf) >= 0
        at = rows + nodes + every[: len(leaves)]
        row += [at, at, at]
        column += [risk.excess, np.full(len(leaves), risk.threshold, dtype=np.int32), risk.running[leaves]]
        value += [np.ones(len(leaves)), np.ones(len(leaves)), -np.ones(len(leaves))]
        row_lower.append(np.zeros(len(leaves)))
        row_upper.append(np.full(len(leaves), np.inf))
    matrix = program.matrix
    added = 1 + nodes + len(leaves)
    unknown = np.full(added, -1, dtype=np.int32)
    new_rows = sum(len(part) for part in row_lower)
    return replace(
        program,
        cost=np.concatenate([(1 - weight) * program.cost, [weight], np.zeros(nodes), weight * tree.probability[leaves] / (1 - level)]),
        lower=np.concatenate([program.lower, [least_cost], np.full(nodes, -np.inf), np.zeros(len(leaves))]),
        upper=np.concatenate([program.upper, np.full(added, np.inf)]),
        integer=np.concatenate([program.integer, np.zeros(added, dtype=bool)]),
        row_lower=np.concatenate([program.row_lower, *row_lower]),
        row_upper=np.concatenate([program.row_upper, *row_upper]),
        matrix=Triples(np.concatenate([matrix.row, *row]), np.concatenate([matrix.column, *column]), np.concatenate([matrix.value, *value])),
        column_template=np.concatenate([program.column_template, unknown]),
        column_node=np.concatenate([program.column_node, unknown]),
        row_template=np.concatenate([program.row_template, np.full(new_rows, -1, dtype=np.int32)]),
        row_node=np.concatenate([program.row_node, np.full(new_rows, -1, dtype=np.int32)]),
    ), risk
