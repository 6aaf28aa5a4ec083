"""Of plans that cost the same, which one is stated: projects on dates, contracts and slacks no larger than they need be, the least orders filed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.solving.built import Built
from optimizer.solving.highs import Solver
from optimizer.solving.numerics import FEASIBILITY_TOLERANCE
from optimizer.solving.outcome import Status
from optimizer.solving.readout import YES
from optimizer.solving.watch import Phase

IDLE = FEASIBILITY_TOLERANCE
"""A need for a contract up to this part of its size is rounding."""

SAME = 1e-9
"""Costs that differ by no more than this share are the same."""

FILING = ("filed", "due", "held_back", "withdrawn")
"""The decisions on orders with offers that ship later, beside what is shipped."""

LARGE_CONTRACT = 100
"""Solver units that count as the size of a contract that nothing limits: quantities are scaled to lie between 1 and 100."""


def as_stated(built: Built, x: np.ndarray) -> np.ndarray:
    """Return the decisions of a plan as they are stated, in the planner's units: of those that cost the same the plainest."""
    for plainer in (with_fixed_starts, without_idle_contracts, with_least_slacks, with_least_filed):
        x = plainer(built, x)
    return x


def with_fixed_starts(built: Built, x: np.ndarray) -> np.ndarray:
    """Return the decisions with each project that starts once a disruption is active started on a date, or not at all, where that costs the same.

    Only plans that differ in this alone are looked at.
    """
    starts, conditions = built.columns("start"), built.columns("start_if")
    for number, project in zip(conditions.number, conditions.project):
        if x[number] <= YES:
            continue
        # Not at all, or as late as it can be.
        dates = starts.number[starts.project == project]
        for date in (None, *dates[np.argsort(-starts.period[starts.project == project])]):
            other = x.copy()
            other[number] = 0.0
            if date is not None:
                other[date] = 1.0
            if _as_good(built, other, x):
                x = other
                break
    return x


def _as_good(built: Built, other: np.ndarray, x: np.ndarray) -> bool:
    """Return whether other decisions keep every row that these keep, and cost no more."""
    program, rounding = built.program, FEASIBILITY_TOLERANCE * built.scales.row[: built.program.rows]
    own = program.row_template >= 0
    before, after = program.activity(x), program.activity(other)
    excess = np.maximum(after - np.maximum(program.row_upper, before), np.minimum(program.row_lower, before) - after)
    if np.any(excess[own] > rounding[own]):
        return False
    old, new = (built.objective(built.path_costs(plan))[2] for plan in (x, other))
    return new <= old + SAME * max(abs(old), abs(new))


def with_least_filed(built: Built, x: np.ndarray) -> np.ndarray:
    """Return the decisions with the least orders filed, weighted by their probability, under which the same is shipped and paid."""
    free = np.zeros(built.program.columns, dtype=bool)
    for family in FILING:
        free[built.columns(family).number] = True
    if not free.any():
        return x
    filed = built.columns("filed")
    cost = np.zeros(built.program.columns)
    cost[filed.number] = built.tree.probability[filed.node]
    arrays = built.arrays()
    scaled = x / built.scales.column
    # What is not free stays; a row that it breaks by rounding stays broken by as much.
    activity = arrays.activity(scaled)
    arrays = replace(
        arrays,
        cost=cost,
        lower=np.where(free, arrays.lower, scaled),
        upper=np.where(free, arrays.upper, scaled),
        integer=np.zeros_like(arrays.integer),
        row_lower=np.minimum(arrays.row_lower, activity),
        row_upper=np.maximum(arrays.row_upper, activity),
    )
    touched = np.zeros(arrays.rows, dtype=bool)
    touched[arrays.row[free[arrays.column]]] = True
    outcome = Solver(arrays.with_only_rows(touched)).attempt(Phase.LEAST_ORDERS)
    if outcome.status != Status.OPTIMAL or outcome.x is None:
        return x
    return np.where(free, np.clip(outcome.x, 0, None) * built.scales.column, x)


def without_idle_contracts(built: Built, x: np.ndarray) -> np.ndarray:
    """Return the decisions with every contract that costs nothing to hold cut to what is lifted under it.

    Such are contracts without reservation price and take-or-pay, and those that wait for a project that is not started. A
    contract that is fixed stays as it is.
    """
    data, tree = built.data, built.tree
    starts, signed = built.columns("start"), built.columns("signed")
    conditions = built.columns("start_if")
    started = set(starts.project[x[starts.number] > YES]) | set(conditions.project[x[conditions.number] > YES])
    switch = dict(zip(signed.offer.tolist(), signed.number))
    idle = {}
    contracts = built.columns("contract")
    for s, k in zip(contracts.offer.tolist(), contracts.number):
        offer = data.offers[s]
        if offer.fixed_contract is not None:
            continue
        if offer.reservation_price == offer.take_or_pay == offer.prepayment == 0 or (offer.project and offer.project not in started):
            idle[s] = k
    if not idle:
        return x
    lifted = {s: np.zeros(tree.size) for s in idle}
    for (s, _), values in built.by_index("call_off", x).items():
        if s in idle:
            lifted[s] += values
    for s, k in idle.items():
        served = np.array([data.availability(s, int(t), tree.regimes[r]) * data.rate(s, int(t)) for t, r in zip(tree.period, tree.regime)]) * data.years
        needed = float(np.max(np.divide(lifted[s], served, out=np.zeros(tree.size), where=served > 0), initial=0.0))
        if needed > IDLE * min(data.usable.contract[s], LARGE_CONTRACT * built.scales.column[k]):
            needed = max(needed, data.offers[s].minimum_contract)
        else:
            needed = 0.0
            if s in switch:
                x[switch[s]] = 0.0
        x[k] = min(x[k], needed)
    return x


def with_least_slacks(built: Built, x: np.ndarray) -> np.ndarray:
    """Return the decisions with the slack of each limit no larger than what its row is short of or over."""
    program = built.program
    is_slack = np.zeros(program.columns, dtype=bool)
    is_slack[built.columns("slack").number] = True
    entry = np.flatnonzero(is_slack[program.column] & (program.row_template[program.row] >= 0))
    row, column, value = program.row[entry], program.column[entry], program.value[entry]
    others = program.activity(np.where(is_slack, 0.0, x))[row]
    missing = np.where(np.isfinite(program.row_upper[row]), others - program.row_upper[row], program.row_lower[row] - others)
    x[column] = np.clip(missing / np.abs(value), 0, x[column])
    return x
