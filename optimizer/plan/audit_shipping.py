"""The audit of what has not left: orders with offers that ship later, and open orders that have not left their supplier."""

from __future__ import annotations

import numpy as np

from optimizer.plan.audit_facts import Facts, Ledger
from optimizer.plan.audit_read import Plan
from optimizer.plan.audit_rules import largest, moved, rule, seller


@rule
def firm_orders(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """Check that orders keep to the capacity once the project is ready, that what is due is shipped as far as it is served, and no more than is there."""
    for s, offer in enumerate(facts.case.offers):
        if offer.ships_after_months <= 0:
            continue
        unit, usual = facts.unit(offer.material), facts.scale[offer.material]
        filed, shipped, withdrawn = plan.filed[s], plan.ordered[s], plan.withdrawn[s]
        opens = facts.period + facts.wait[s] >= (0 if offer.available_from is None else offer.available_from)
        most = facts.capacity[s] * facts.years * plan.ready[s] * opens
        ledger.check(
            filed - most,
            largest(filed, most, usual),
            lambda n: f"Orders with {offer.name} {facts.place(n)}: {filed[n]:.6g} {unit} are ordered, at most {most[n]:.6g} can be.",
        )
        due = _due(facts, s, filed)
        least = facts.available[s] * due
        ledger.check(
            least - shipped,
            largest(shipped, least, usual),
            lambda n: f"Firm orders with {offer.name} {facts.place(n)}: {shipped[n]:.6g} {unit} are shipped, {least[n]:.6g} are due and can be.",
        )
        held = _so_far(facts, due - shipped - withdrawn)
        ledger.check(
            -held,
            largest(_so_far(facts, due), usual),
            lambda n: f"Orders with {offer.name} {facts.place(n)}: {-held[n]:.6g} {unit} more are shipped or withdrawn than were due by then.",
        )


@rule
def open_orders(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """Check that an open order that has not left is shipped once it is due, in all no more than it is, and in a period no more of it than is served."""
    for i, shipped in plan.open_shipped.items():
        item = facts.case.inventory[i]
        offer = seller(facts, item)
        served = facts.available[facts.case.offers.index(offer)] * item.quantity
        due = np.where(facts.period == max(0, item.ships or 0), item.quantity, 0.0)
        what, scale = f"The open order of {item.quantity:.6g} {facts.unit(item.material)} with {offer.name}", largest(item.quantity, facts.scale[item.material])
        ledger.check(shipped - served, scale, lambda n: f"{what} {facts.place(n)}: {shipped[n]:.6g} are shipped, {served[n]:.6g} can be.")
        left = _so_far(facts, due - shipped)
        ledger.check(-left, scale, lambda n: f"{what} {facts.place(n)}: {-left[n]:.6g} more are shipped than are due by then.")


def _due(facts: Facts, s: int, filed: np.ndarray) -> np.ndarray:
    """Return what is due at each node of an offer's orders: as many periods later as licence and production took where they were placed."""
    return sum((moved(facts, np.where(facts.wait[s] == lag, filed, 0.0), int(lag)) for lag in np.unique(facts.wait[s])), np.zeros(facts.tree.size))


def _so_far(facts: Facts, values: np.ndarray) -> np.ndarray:
    """Add up values over the path to each node, itself included."""
    total = values.copy()
    for t in range(1, facts.tree.periods):
        here = np.flatnonzero(facts.period == t)
        total[here] += total[facts.tree.parent[here]]
    return total
