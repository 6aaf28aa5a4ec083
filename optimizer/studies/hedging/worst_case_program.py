r"""The plan that is best against the worst of several sets of probabilities: one program, with one row for each of them.

$$ \min_x \ \theta \quad \text{subject to} \quad \theta \ge (1-\lambda)\sum_k w^i_k Z_k(x) + \lambda\Big(\eta_i + \frac{1}{1-\alpha}\sum_k w^i_k e_{ik}\Big),
\quad e_{ik} \ge Z_k(x) - \eta_i, \quad e_{ik} \ge 0 \qquad \text{for each set } i $$

w^i are the weights of the futures under the i-th probabilities, x keeps every constraint of the case. It is the problem of Bertsimas & Sim (2004) over
finitely many points of their box, with the risk measure stated once for each distribution, as Pflug & Wozabal (2007) and Delage & Ye (2010) do for ambiguous
distributions. The central objective counts TIE besides, so that futures which none of the sets makes likely are still planned for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from optimizer.model.arrays import Arrays
from optimizer.model.risk import least_cost
from optimizer.model.stamp import Program
from optimizer.scenarios import ScenarioTree
from optimizer.solving.built import Built
from optimizer.solving.highs import Solver
from optimizer.solving.outcome import Status
from optimizer.solving.refined import with_exact_risk
from optimizer.solving.solution import Solution, decided
from optimizer.solving.ties import as_stated
from optimizer.solving.watch import Phase, Watch

TIE = 1e-4
"""The share of the central objective in what is minimised: less than any gap within which a plan counts as the best."""


ENOUGH = 2e-4
"""A plan is the best when no probabilities are found that are worse than those it was made for, by this share or by the workbook's gap."""


LONG = 3_000
"""Rows from which on the interior point method is faster."""


@dataclass(frozen=True)
class Found:
    """What came of the program against several sets of probabilities. x: the columns of the central program, None without a plan; bound: in money, none
    of its plans has a worst objective below it. share: how much each of the sets counts in the mixture of them that is as bad as the worst, (m,): the
    duals of their rows; None where the solver does not tell.
    """

    x: np.ndarray | None
    bound: float
    status: Status
    share: np.ndarray | None = None


def node_weights(tree: ScenarioTree, at_leaves: np.ndarray) -> np.ndarray:
    """Return (N,) the weight of each node from that of the leaves, (N,) and 0 elsewhere: the sum of those below it."""
    weight = at_leaves.copy()
    # A node stands after its parent, so that from the last node to the first each has its whole weight when it is added to its parent's.
    for node in range(tree.size - 1, -1, -1):
        if tree.parent[node] >= 0:
            weight[tree.parent[node]] += weight[node]
    return weight


def reweighted_tree(tree: ScenarioTree, weight: np.ndarray) -> ScenarioTree:
    """Return the tree with other probabilities of its scenarios, (K,)."""
    scenarios = tuple(replace(one, probability=float(chance)) for one, chance in zip(tree.scenarios, weight, strict=True))
    return replace(tree, probability=node_weights(tree, leaf_weights(tree, weight)), scenarios=scenarios)


def leaf_weights(tree: ScenarioTree, weight: np.ndarray) -> np.ndarray:
    """Return (N,) the weight of the scenarios, (K,), that end at each node."""
    return np.bincount([future.leaf for future in tree.scenarios], weight, minlength=tree.size)


def against_worst(built: Built, weights: Sequence[np.ndarray], watch: Watch, seconds: float, begin: np.ndarray | None = None, *, kept: bool = False) -> Found:
    """Return the plan whose objective is least under the worst of several weights of the scenarios, (K,) each.

    built: the program under the central probabilities. begin: decisions to begin from, columns of that program. kept: its yes/no decisions are kept, and the
    rest is solved by the interior point method, which long rows hinder less. SolverError where the solver fails.
    """
    program, rows = _extended(built, weights)
    extended = replace(built, program=program, scales=replace(built.scales, program=program))
    arrays, scale = extended.arrays(), extended.scales.column
    if kept and begin is not None:
        arrays = _with_kept(arrays, begin / scale[: len(begin)])
    mixed, settings = bool(arrays.integer.any()), built.case.settings
    options: dict[str, Any] = {"solver": "ipm"} if kept and program.rows > LONG else {}
    solver = Solver(arrays, seed=settings.seed, time_limit=seconds, mip_gap=settings.mip_gap, watch=watch, money=built.scales.money, **options)
    if begin is not None and mixed:
        start = np.zeros(program.columns)
        start[: len(begin)] = begin
        solver.start_from(_completed(built, weights, start) / scale)
    outcome = solver.solve(Phase.RANGES)
    if outcome.x is None:
        return Found(None, -np.inf, outcome.status)
    x, bound, status, share = outcome.x, outcome.bound * built.scales.money, outcome.status, None
    if mixed:
        # What follows the yes/no decisions is solved once more with these at exactly 0 and 1.
        solver.watch = Watch(report=watch.report, cancelled=lambda: watch.stop)
        solver.deadline = watch.grace
        solver.fix_integers(x)
        outcome = solver.attempt(Phase.RANGES)
        x = outcome.x if outcome.status == Status.OPTIMAL and outcome.x is not None else x
    if outcome.row_dual is not None and outcome.status == Status.OPTIMAL:
        priced = np.maximum(outcome.row_dual[rows], 0.0)
        share = priced / priced.sum() if priced.sum() > 0 else None
    x = (x * scale)[: built.program.columns]
    own = built.program.column_template >= 0
    return Found(np.where(own, np.clip(x, 0, None), x), bound, status, share)


def _with_kept(arrays: Arrays, x: np.ndarray) -> Arrays:
    """Return the program with its integer columns at the whole numbers nearest to x."""
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    whole = np.flatnonzero(arrays.integer)
    lower[whole] = upper[whole] = np.round(x[whole])
    return replace(arrays, lower=lower, upper=upper, integer=np.zeros_like(arrays.integer))


def stated(built: Built, found: Found) -> Solution:
    """Return what was found as a plan in the terms of the central program: its figures are those under the central probabilities."""
    assert found.x is not None
    x = as_stated(built, with_exact_risk(built, found.x))
    return decided(built, x, -np.inf, status=found.status, method="plan for the worst probabilities")


def _extended(built: Built, weights: Sequence[np.ndarray]) -> tuple[Program, list[int]]:
    """Return the program with θ as its cost, and with the columns and rows of each set of probabilities; and the rows that bound θ."""
    s, tree, central = built.case.settings, built.tree, built.program
    program = replace(central, cost=TIE * central.cost).with_columns(1, cost=1 - TIE, lower=-np.inf)
    theta, rows = central.columns, []
    for weight in weights:
        rows.append(program.rows)
        at_leaves = leaf_weights(tree, weight)
        probability = node_weights(tree, at_leaves)
        columns, values = _expected(built, probability)
        if built.risk is None:
            entries = [([program.rows], [theta], 1.0), (program.rows, columns, -values)]
            program = program.with_rows(1, lower=0.0, entries=entries)
            continue
        leaves, tips = tree.leaves, len(tree.leaves)
        threshold, excess = program.columns, program.columns + 1 + np.arange(tips)
        program = program.with_columns(1, lower=least_cost(built.data)).with_columns(tips)
        entries = [
            ([program.rows], [theta], 1.0),
            (program.rows, columns, -(1 - s.risk_weight) * values),
            ([program.rows], [threshold], -s.risk_weight),
            (program.rows, excess, -s.risk_weight * at_leaves[leaves] / (1 - s.cvar_level)),
        ]
        program = program.with_rows(1, lower=0.0, entries=entries)
        at = program.rows + np.arange(tips)
        above = [(at, excess, 1.0), (at, threshold, 1.0), (at, built.risk.running[leaves], -1.0)]
        program = program.with_rows(tips, lower=0.0, entries=above)
    return program, rows


def _expected(built: Built, probability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns and coefficients of the expected cost under other probabilities of the nodes, (N,)."""
    if built.risk is not None:
        leaves = built.tree.leaves
        return built.risk.running[leaves], probability[leaves]
    cost = np.zeros(built.program.columns)
    for triples in built.program.term_cost.values():
        np.add.at(cost, triples.column, triples.value * probability[triples.row])
    columns = np.flatnonzero(cost)
    return columns, cost[columns]


def _completed(built: Built, weights: Sequence[np.ndarray], x: np.ndarray) -> np.ndarray:
    """Return the columns of the extended program that follow from its decisions: a start for the solver, which need not be the best of them."""
    s, tree = built.case.settings, built.tree
    columns = built.program.columns
    x[:columns] = with_exact_risk(built, x[:columns])
    cost, leaves = built.path_costs(x[:columns]), tree.leaves
    at, worst = columns + 1, -np.inf
    for weight in weights:
        probability = leaf_weights(tree, weight)[leaves]
        value = float(probability @ cost[leaves])
        if built.risk is not None:
            order = np.argsort(cost[leaves], kind="stable")
            place = min(int(np.searchsorted(np.cumsum(probability[order]), s.cvar_level)), len(order) - 1)
            x[at] = cost[leaves][order][place]
            x[at + 1 : at + 1 + len(leaves)] = np.maximum(cost[leaves] - x[at], 0.0)
            tail = x[at] + float(probability @ x[at + 1 : at + 1 + len(leaves)]) / (1 - s.cvar_level)
            value, at = (1 - s.risk_weight) * value + s.risk_weight * tail, at + 1 + len(leaves)
        worst = max(worst, value)
    x[columns] = worst
    return x
