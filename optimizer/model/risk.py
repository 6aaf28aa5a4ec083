"""Risk: from expected cost to (1-λ)·E[Z] + λ·CVaR_α(Z), as a transform of the stamped program.

CVaR_α(Z) = min over η of η + E[max(Z - η, 0)]/(1 - α) (Rockafellar & Uryasev, 2000). The cost of a path is carried down
the tree in one variable a node, so that no row is longer than a node's own cost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from optimizer.model.data import CaseData
from optimizer.model.stamp import Program
from optimizer.model.usable import best_sale
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
    """Return a lower bound on the cost of any path: all that could ever be had is sold, as far as that may be, or left over for its salvage value."""
    most = 0.0
    for name, material in p.materials.items():
        held = sum(item.quantity for item in p.case.inventory if item.material == name)
        bought = sum(min(p.capacity(s, t) * p.years, p.usable.order[s]) for s in p.offers_of[name] for t in p.periods)
        left, sold = material.salvage_value * p.discount(len(p.periods)), best_sale(p, name)
        limit = held + bought if material.sale_limit_per_year is None else material.sale_limit_per_year * p.years * len(p.periods)
        most += left * (held + bought) + max(0.0, sold - left) * min(held + bought, limit)
    return -most


def conditional_value_at_risk(cost: np.ndarray, probability: np.ndarray, level: float) -> float:
    """Return the CVaR of a discrete distribution: the mean of its worst 1 - level (Rockafellar & Uryasev, 2000)."""
    order = np.argsort(-cost, kind="stable")
    weight = probability[order]
    before = np.concatenate([[0.0], np.cumsum(weight)[:-1]])
    inside = np.clip(1 - level - before, 0, weight)
    return float(inside @ cost[order] / inside.sum())


def with_risk(program: Program, tree: ScenarioTree, weight: float, level: float, least_cost: float, drop: tuple[str, ...] = ()) -> tuple[Program, RiskColumns]:
    """Return the program that minimises (1-weight)·E + weight·CVaR_level, and its columns of risk. least_cost bounds any path's cost, and η, from below."""
    leaves, nodes, tips = tree.leaves, tree.size, len(tree.leaves)
    threshold, running, excess = program.columns, program.columns + 1, program.columns + 1 + nodes
    risk = RiskColumns(threshold, running + np.arange(nodes, dtype=np.int32), excess + np.arange(tips, dtype=np.int32))
    program = replace(program, cost=(1 - weight) * program.cost)
    program = program.with_columns(1, cost=weight, lower=least_cost)
    program = program.with_columns(nodes, lower=-np.inf)
    program = program.with_columns(tips, cost=weight * tree.probability[leaves] / (1 - level))
    # running(n) - running(parent of n) - Σ costs at n = 0
    first, inner = program.rows, np.flatnonzero(tree.parent >= 0)
    sums: list[tuple[Any, Any, Any]] = [(first + np.arange(nodes), risk.running, 1.0), (first + inner, risk.running[tree.parent[inner]], -1.0)]
    sums += [(first + cost.row, cost.column, -cost.value) for cost in program.term_cost.values()]
    if "excess" in drop:
        return program.with_rows(nodes, lower=0.0, upper=0.0, entries=sums), risk
    # excess(leaf) + η - running(leaf) >= 0
    at = first + nodes + np.arange(tips)
    above = [(at, risk.excess, 1.0), (at, threshold, 1.0), (at, risk.running[leaves], -1.0)]
    lower, upper = np.zeros(nodes + tips), np.repeat([0.0, np.inf], [nodes, tips])
    return program.with_rows(nodes + tips, lower=lower, upper=upper, entries=[*sums, *above]), risk
