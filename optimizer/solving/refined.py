"""The program measured from a plan: what is solved is by how much a better plan differs.

A solver's tolerances are absolute. Where an optimum is made of cents and an emergency costs millions, or where millions are lost
whatever is decided, the first answer can be far from the best and yet be called optimal. Differences from a plan are small where the
plan is good, whatever they are differences of, and can be counted in other money than the plan: the iterative refinement of Gleixner,
Steffy & Wolter (2016), here of mixed programs. The answer is also a second proof, from other numbers, that nothing better exists.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from optimizer.solving.highs import Arrays, Solver
from optimizer.solving.scaling import power_of_ten
from optimizer.solving.watch import Watch

if TYPE_CHECKING:
    from optimizer.solving.extensive import Built

LARGEST_COST = 1e10
"""Of a coefficient of the objective, in the solver's units."""

WIDE = 1e5
"""The same, from which the prices alone do not tell what an optimum is made of."""

USUAL = (1.0, 1e6)
"""An objective between these, in the solver's units, stands well above its tolerances and its rounding."""


def dearest(built: Built) -> float:
    """The largest cost of one solver unit of any column, in the planner's money, whatever its probability."""
    most = 0.0
    for triples in built.program.term_cost.values():
        if len(triples.value):
            most = max(most, float(np.abs(triples.value * built.scales.column[triples.column]).max()))
    return most


def rescaled(built: Built, money: float) -> Built:
    """The same program with its objective and the costs of its paths counted in other money."""
    s = built.scales
    if money == s.money:
        return built
    return replace(built, scales=replace(s, of_column=np.append(s.of_column[:-1], money), of_row=np.append(s.of_row[:-1], money), money=money))


def suited(built: Built, value: float) -> float:
    """Money per solver unit for an optimum of about this value: the prices', unless that makes it very small or very large."""
    prices = built.scales.money
    if value == 0 or USUAL[0] <= abs(value) / prices <= USUAL[1]:
        return prices
    return max(power_of_ten(abs(value)) / 1e3, power_of_ten(dearest(built)) / LARGEST_COST)


def without_risk(built: Built, cost: np.ndarray) -> Arrays:
    """The program without the columns and rows of risk, under other costs (of all columns, in the planner's units)."""
    p, s = built.program, built.scales
    columns, rows = int((p.column_template >= 0).sum()), int((p.row_template >= 0).sum())
    a = built.arrays()
    keep = (a.row < rows) & (a.column < columns)
    return replace(
        a,
        cost=(cost * s.column / s.money)[:columns],
        lower=a.lower[:columns],
        upper=a.upper[:columns],
        integer=a.integer[:columns],
        row_lower=a.row_lower[:rows],
        row_upper=a.row_upper[:rows],
        row=a.row[keep],
        column=a.column[keep],
        value=a.value[keep],
    )


def magnitude(built: Built, cost: np.ndarray, watch: Watch) -> float:
    """About what an optimum comes to: the least expected cost with yes/no decisions between yes and no. 0 where that is not to be had."""
    arrays = without_risk(built, cost)
    wide = max(1.0, float(np.abs(arrays.cost).max(initial=0.0)) / WIDE)
    arrays = replace(arrays, cost=arrays.cost / wide, integer=np.zeros_like(arrays.integer))
    outcome = Solver(arrays, watch=watch, time_limit=built.case.settings.time_limit_seconds / 4).solve("how large costs are")
    return 0.0 if outcome.status != "optimal" else outcome.objective * wide * built.scales.money


def feasible_point(built: Built, watch: Watch, time_limit: float = np.inf) -> tuple[str, np.ndarray | None]:
    """The status of the program without its costs, and a plan that keeps to all rules (planner's units, without the columns of risk)."""
    arrays = without_risk(built, np.zeros(len(built.program.cost)))
    outcome = Solver(arrays, watch=watch, time_limit=time_limit).solve("whether there is a plan")
    return outcome.status, None if outcome.x is None else outcome.x * built.scales.column[: len(outcome.x)]


def _whole(x: np.ndarray, integer: np.ndarray) -> np.ndarray:
    return np.where(integer, np.round(x), x)


def with_exact_risk(built: Built, x: np.ndarray) -> np.ndarray:
    """The program's columns (planner's units) with the yes/no decisions whole and those of risk as they follow from the decisions."""
    p, tree, risk = built.program, built.tree, built.risk
    own = int((p.column_template >= 0).sum())
    whole = np.zeros(len(p.cost))
    whole[:own] = _whole(x[:own], p.integer[:own])
    if risk is None:
        return whole
    running = sum(built.costs(whole).values())
    for node in np.flatnonzero(tree.parent >= 0):
        running[node] += running[tree.parent[node]]
    leaves = tree.leaves
    order = np.argsort(running[leaves], kind="stable")
    reached = np.cumsum(tree.probability[leaves][order])
    at = min(int(np.searchsorted(reached, built.case.settings.cvar_level)), len(order) - 1)
    threshold = max(running[leaves][order][at], p.lower[risk.threshold])
    whole[risk.running], whole[risk.threshold] = running, threshold
    whole[risk.excess] = np.maximum(running[leaves] - threshold, 0.0)
    return whole


def differences(built: Built, x: np.ndarray) -> Arrays:
    """The program in the solver's units, of differences from x (all columns, planner's units, as with_exact_risk gives them)."""
    a = built.arrays()
    y = x / built.scales.column
    activity = np.bincount(a.row, a.value * y[a.column], minlength=len(a.row_lower))
    low, high = a.row_lower - activity, a.row_upper - activity
    # The rows that add up costs hold by the making of x; what is left of them is rounding of large sums.
    sums = (built.program.row_template < 0) & (a.row_lower == a.row_upper)
    low[sums] = high[sums] = 0.0
    return replace(a, lower=a.lower - y, upper=a.upper - y, row_lower=low, row_upper=high)


def dual_bound(a: Arrays, row_dual: np.ndarray, x: np.ndarray) -> float:
    """A lower bound on what the program's relaxation can come to, added up by ourselves from the duals of an answer x.

    As in Neumaier & Shcherbina (2004): what a column without a bound gains by a price that is not quite 0 is counted as if it could be
    ten times as large as it is.
    """
    reduced = a.cost - np.bincount(a.column, a.value * row_dual[a.row], minlength=len(a.cost))
    activity = np.bincount(a.row, a.value * x[a.column], minlength=len(a.row_lower))
    total = 0.0
    for price, low, high, at in ((row_dual, a.row_lower, a.row_upper, activity), (reduced, a.lower, a.upper, x)):
        side = np.where(price > 0, low, high)
        far = at - np.sign(price) * 10 * (1 + np.abs(at))
        total += float(np.sum(price * np.where(np.isfinite(side), side, far), where=price != 0))
    return total
