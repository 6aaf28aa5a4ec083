"""Read a program's columns and rows as what a plan says: decisions by name, contracts and slacks no larger than they need be, duals."""

from __future__ import annotations

import numpy as np

from optimizer.model.decisions import Decisions
from optimizer.solving.built import Built
from optimizer.solving.numerics import FEASIBILITY_TOLERANCE
from optimizer.solving.outcome import Outcome, Status

YES = 0.5
"""A value above it is a yes of a yes/no decision."""

IDLE = FEASIBILITY_TOLERANCE
"""A need for a contract up to this part of its size is rounding."""

LARGE_CONTRACT = 100
"""Solver units that count as the size of a contract that nothing limits: quantities are scaled to lie between 1 and 100."""


def duals_of(built: Built, outcome: Outcome) -> np.ndarray | None:
    """Return the duals of the program's own rows in money per unit of the row; None unless they belong to an optimum."""
    if outcome.row_dual is None or outcome.status != Status.OPTIMAL:
        return None
    duals: np.ndarray = outcome.row_dual[: built.program.rows] * built.scales.money / built.scales.row
    return duals


def without_idle_contracts(built: Built, x: np.ndarray) -> np.ndarray:
    """Return the decisions with every contract that costs nothing to hold cut to what is lifted under it.

    Such are contracts without reservation price and take-or-pay, and those that wait for a project that is not started.
    """
    data, tree = built.data, built.tree
    starts, signed = built.columns("start"), built.columns("signed")
    started = set(starts.project[x[starts.number] > YES])
    switch = dict(zip(signed.offer.tolist(), signed.number))
    idle = {}
    contracts = built.columns("contract")
    for s, k in zip(contracts.offer.tolist(), contracts.number):
        offer = data.offers[s]
        if offer.reservation_price == offer.take_or_pay == offer.prepayment == 0 or (offer.project and offer.project not in started):
            idle[s] = k
    if not idle:
        return x
    lifted = {s: np.zeros(tree.size) for s in idle}
    for (s, _), values in built.by_index("call_off", x).items():
        if s in idle:
            lifted[s] += values
    for s, k in idle.items():
        served = np.array([data.availability(s, int(t), tree.regimes[r]) for t, r in zip(tree.period, tree.regime)]) * data.years
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


def decisions_of(built: Built, x: np.ndarray) -> Decisions:
    """Return the program's columns as decisions by offer, material, origin, use and node."""
    data, contracts, starts = built.data, built.columns("contract"), built.columns("start")
    contract = dict(zip(contracts.offer.tolist(), x[contracts.number].tolist()))
    start: dict[str, int | None] = {project: None for project in data.projects}
    begun = x[starts.number] > YES
    start |= dict(zip(starts.project[begun], starts.period[begun].tolist()))
    at_nodes = {family: built.by_index(family, x) for family in ("spot", "call_off", "stock", "discard", "sold", "draw", "short")}
    shortfall, reserved = ({s: values for (s,), values in built.by_index(family, x).items()} for family in ("shortfall", "reserved"))
    zero = np.zeros(built.tree.size)
    paid = {s: sum((at_nodes["call_off"][s, b] for b in data.order_origins(s)), shortfall.get(s, zero)) for s in contract}
    live = {s: np.array([built.data.offers[s].live(t) for t in built.data.periods])[built.tree.period] for s in contract}
    in_force = {s: reserved.get(s, zero + quantity * live[s]) for s, quantity in contract.items()}
    return Decisions(contract, start, paid=paid, reserved=in_force, **at_nodes)
