"""Read a program's columns and rows as what a plan says: decisions by name, and duals."""

from __future__ import annotations

import numpy as np

from optimizer.model.decisions import Decisions
from optimizer.solving.built import Built
from optimizer.solving.outcome import Outcome, Status

YES = 0.5
"""A value above it is a yes of a yes/no decision."""


def duals_of(built: Built, outcome: Outcome) -> np.ndarray | None:
    """Return the duals of the program's own rows in money per unit of the row; None unless they belong to an optimum."""
    if outcome.row_dual is None or outcome.status != Status.OPTIMAL:
        return None
    duals: np.ndarray = outcome.row_dual[: built.program.rows] * built.scales.money / built.scales.row
    return duals


def decisions_of(built: Built, x: np.ndarray) -> Decisions:
    """Return the program's columns as decisions by offer, material, origin, use and node."""
    data, contracts, starts = built.data, built.columns("contract"), built.columns("start")
    contract = dict(zip(contracts.offer.tolist(), x[contracts.number].tolist()))
    start: dict[str, int | None] = {project: None for project in data.projects}
    begun = x[starts.number] > YES
    start |= dict(zip(starts.project[begun], starts.period[begun].tolist()))
    conditions = built.columns("start_if")
    waiting = x[conditions.number] > YES
    at_nodes = {family: built.by_index(family, x) for family in ("spot", "call_off", "stock", "discard", "sold", "draw", "short")}
    shortfall, reserved = ({s: values for (s,), values in built.by_index(family, x).items()} for family in ("shortfall", "reserved"))
    zero = np.zeros(built.tree.size)
    paid = {s: sum((at_nodes["call_off"][s, b] for b in data.order_origins(s)), shortfall.get(s, zero)) for s in contract}
    in_force = {s: reserved.get(s, zero + quantity * _in_force(built, s)) for s, quantity in contract.items()}
    filed, withdrawn, held_back = ({s: values for (s,), values in built.by_index(family, x).items()} for family in ("filed", "withdrawn", "held_back"))
    open_shipped, open_left = ({i: values for (_, i), values in built.by_index(family, x).items()} for family in ("open_shipped", "open_left"))
    return Decisions(
        contract,
        start,
        **at_nodes,
        paid=paid,
        reserved=in_force,
        filed=filed,
        withdrawn=withdrawn,
        held_back=held_back,
        open_shipped=open_shipped,
        open_left=open_left,
        input_taken={(i, b): values for (_, i, b), values in built.by_index("input_taken", x).items()},
        replaced=built.by_index("replaced", x),
        start_if=dict(zip(conditions.project[waiting], conditions.disruption[waiting])),
    )


def _in_force(built: Built, s: int) -> np.ndarray:
    """Return (N,) 1 where the contract with an offer that waits for no project counts, else 0."""
    data, tree = built.data, built.tree
    pairs, which = np.unique(np.stack([tree.period, tree.regime]), axis=1, return_inverse=True)
    counts = [data.offers[s].live(t) and data.filed_for(s, t, tree.memory(r)) is not None for t, r in pairs.T.tolist()]
    found: np.ndarray = np.array(counts, dtype=float)[which.reshape(-1)]
    return found
