"""Iterative refinement: state a program as the difference from a known plan, in units that suit the difference.

A solver's tolerances are absolute. Where an optimum is made of cents and an emergency costs millions, or where millions are lost
whatever is decided, the first answer can be far from the best and yet be called optimal. The differences from a good plan are small,
whatever the plan costs, and can be counted in other money than the plan (Gleixner, Steffy & Wolter, 2016; here for mixed-integer
programs). The answer is also a second proof, from other numbers, that nothing better exists.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.model.arrays import Arrays
from optimizer.solving.built import Built
from optimizer.solving.highs import Solver
from optimizer.solving.outcome import Status
from optimizer.solving.scaling import power_of_ten
from optimizer.solving.watch import Phase, Watch

LARGEST_COST = 1e10
"""The largest coefficient of the objective in the solver's units: a thousandth of LARGEST_COEFFICIENT, so that sums of costs keep their digits."""

WIDE = 1e5
"""The largest cost in the solver's units, where a typical price is 1 to 10, from which prices do not tell the magnitude of an optimum."""

USUAL = (1.0, 1e6)
"""An objective between these, in the solver's units, is at least 1e7 times the tolerance and at most 1e-9 of it is lost to rounding."""

DIGITS_BELOW = 1e3
"""An optimum outside USUAL is counted in a thousandth of its magnitude, so that it becomes 1,000 to 10,000 solver units."""

FAR = 10
"""Times its own size that a column without a bound is assumed to be able to move, in a dual bound."""

MAGNITUDE_SHARE = 1 / 4
"""The share of the time limit that learning the magnitude of the costs may take."""


def dearest(built: Built) -> float:
    """Return the largest cost of one solver unit of any column, in the planner's money, whatever its probability."""
    most = 0.0
    for triples in built.program.term_cost.values():
        if len(triples.value):
            most = max(most, float(np.abs(triples.value * built.scales.column[triples.column]).max()))
    return most


def rescaled(built: Built, money: float) -> Built:
    """Return the same program with its objective and the costs of its paths counted in other money per solver unit."""
    s = built.scales
    if money == s.money:
        return built
    return replace(built, scales=replace(s, of_column=np.append(s.of_column[:-1], money), of_row=np.append(s.of_row[:-1], money), money=money))


def suited(built: Built, value: float) -> float:
    """Return the money per solver unit that suits an optimum of about this value: the prices', unless that makes it very small or very large."""
    prices = built.scales.money
    if value == 0 or USUAL[0] <= abs(value) / prices <= USUAL[1]:
        return prices
    return max(power_of_ten(abs(value)) / DIGITS_BELOW, power_of_ten(dearest(built)) / LARGEST_COST)


def well_scaled(built: Built, watch: Watch) -> Built:
    """Return the program with its money counted in what an optimum is made of, where the prices alone do not tell that."""
    if dearest(built) <= WIDE * built.scales.money:
        return built
    return rescaled(built, suited(built, magnitude(built, built.expected_cost, watch)))


def without_risk(built: Built, cost: np.ndarray) -> Arrays:
    """Return the program without the columns and rows of risk, under other costs (of all columns, in the planner's units)."""
    p, s = built.program, built.scales
    columns, rows = int((p.column_template >= 0).sum()), int((p.row_template >= 0).sum())
    a = built.arrays()
    a = replace(a, cost=cost * s.column / s.money).with_only_rows(np.arange(a.rows) < rows)
    keep = a.column < columns
    return replace(
        a,
        cost=a.cost[:columns],
        lower=a.lower[:columns],
        upper=a.upper[:columns],
        integer=a.integer[:columns],
        row=a.row[keep],
        column=a.column[keep],
        value=a.value[keep],
    )


def magnitude(built: Built, cost: np.ndarray, watch: Watch) -> float:
    """Return about what an optimum comes to: the least expected cost with the yes/no decisions relaxed. 0 where it is not found."""
    arrays = without_risk(built, cost)
    wide = max(1.0, float(np.abs(arrays.cost).max(initial=0.0)) / WIDE)
    arrays = replace(arrays, cost=arrays.cost / wide, integer=np.zeros_like(arrays.integer))
    outcome = Solver(arrays, watch=watch, time_limit=built.case.settings.time_limit_seconds * MAGNITUDE_SHARE).attempt(Phase.MAGNITUDE)
    return 0.0 if outcome.status != Status.OPTIMAL else outcome.objective * wide * built.scales.money


def feasible_point(built: Built, watch: Watch, time_limit: float = np.inf) -> tuple[Status, np.ndarray | None]:
    """Return the status of the program without its costs, and a plan that keeps all rules (planner's units, without the columns of risk)."""
    arrays = without_risk(built, np.zeros(built.program.columns))
    outcome = Solver(arrays, watch=watch, time_limit=time_limit).solve(Phase.FEASIBILITY)
    return outcome.status, None if outcome.x is None else outcome.x * built.scales.column[: len(outcome.x)]


def with_exact_risk(built: Built, x: np.ndarray) -> np.ndarray:
    """Return the program's columns (planner's units), the yes/no decisions rounded and the columns of risk as they follow from the decisions."""
    p, tree, risk = built.program, built.tree, built.risk
    own = int((p.column_template >= 0).sum())
    exact = np.zeros(p.columns)
    exact[:own] = np.where(p.integer[:own], np.round(x[:own]), x[:own])
    if risk is None:
        return exact
    running = built.path_costs(exact)
    leaves = tree.leaves
    order = np.argsort(running[leaves], kind="stable")
    reached = np.cumsum(tree.probability[leaves][order])
    at = min(int(np.searchsorted(reached, built.case.settings.cvar_level)), len(order) - 1)
    threshold = max(running[leaves][order][at], p.lower[risk.threshold])
    exact[risk.running], exact[risk.threshold] = running, threshold
    exact[risk.excess] = np.maximum(running[leaves] - threshold, 0.0)
    return exact


def differences(built: Built, x: np.ndarray) -> Arrays:
    """Return the program in the solver's units, of differences from x (all columns, planner's units, as with_exact_risk gives them)."""
    a = built.arrays()
    y = x / built.scales.column
    activity = a.activity(y)
    low, high = a.row_lower - activity, a.row_upper - activity
    # x satisfies the rows that add up costs by its construction; what is left of them is the rounding of large sums.
    sums = (built.program.row_template < 0) & (a.row_lower == a.row_upper)
    low[sums] = high[sums] = 0.0
    return replace(a, lower=a.lower - y, upper=a.upper - y, row_lower=low, row_upper=high)


def dual_bound(a: Arrays, row_dual: np.ndarray, x: np.ndarray) -> float:
    """Return a lower bound on the program's relaxation, computed from the duals of an answer x (Neumaier & Shcherbina, 2004).

    A reduced cost that is not quite 0, of a column without a bound on that side, is counted as if the column could move FAR times its size.
    """
    reduced = a.cost - np.bincount(a.column, a.value * row_dual[a.row], minlength=a.columns)
    total = 0.0
    for price, low, high, at in ((row_dual, a.row_lower, a.row_upper, a.activity(x)), (reduced, a.lower, a.upper, x)):
        side = np.where(price > 0, low, high)
        far = at - np.sign(price) * FAR * (1 + np.abs(at))
        total += float(np.sum(price * np.where(np.isfinite(side), side, far), where=price != 0))
    return total
