"""What has not left can be stopped: offers that ship some time after an order, and open orders that have not left.

An order with such an offer is filed; it is due once licence or production take their course, and what a disruption stops then is held back until
it is shipped later or withdrawn. Spot orders and call-offs of these offers are what is shipped.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from optimizer.model import bounds
from optimizer.model.bounds import BoundOf
from optimizer.model.data import CaseData
from optimizer.model.expressions import available, ready, total_order
from optimizer.model.registry import EVERY_NODE, Index, constraint, variable
from optimizer.model.variables import of_offer, offers

# -- variables -------------------------------------------------------------------------------------------------------------


def _later(p: CaseData) -> list[Index]:
    """List (t, s): the offers that ship some time after an order, in each period."""
    return [(t, s) for t in p.periods for s in offers(p, lambda offer: offer.ships_later)]


def _unshipped(p: CaseData) -> list[Index]:
    """List (t, s, i): the open orders, rows i of Inventory, that have not left offer s, in each period."""
    return [(t, s, i) for t in p.periods for s, i in p.unshipped]


def _of_open(p: CaseData, t: int, s: int, i: int) -> str:
    return p.offers[s].material


@variable(EVERY_NODE, "unit", r"\text{filed}_{s,t}", of_offer)
def filed(p: CaseData) -> Iterable[Index]:
    """Quantity ordered from offer s, which ships later."""
    return _later(p)


@variable(EVERY_NODE, "unit", r"\text{due}_{s,t}", of_offer)
def due(p: CaseData) -> Iterable[Index]:
    """Quantity that was ordered from offer s and is due to be shipped."""
    return _later(p)


@variable(EVERY_NODE, "unit", r"\text{held\_back}_{s,t}", of_offer)
def held_back(p: CaseData) -> Iterable[Index]:
    """Quantity that was due from offer s, and is neither shipped nor withdrawn by the end of the period."""
    return _later(p)


@variable(EVERY_NODE, "unit", r"\text{withdrawn}_{s,t}", of_offer)
def withdrawn(p: CaseData) -> Iterable[Index]:
    """Quantity held back by offer s that is given up."""
    return _later(p)


@variable(EVERY_NODE, "unit", r"\text{open\_shipped}_{s,i,t}", _of_open)
def open_shipped(p: CaseData) -> Iterable[Index]:
    """Quantity of open order i with offer s that is shipped."""
    return _unshipped(p)


@variable(EVERY_NODE, "unit", r"\text{open\_left}_{s,i,t}", _of_open)
def open_left(p: CaseData) -> Iterable[Index]:
    """Quantity of open order i with offer s that is due and not shipped by the end of the period."""
    return _unshipped(p)


# -- constraints -----------------------------------------------------------------------------------------------------------


@constraint(EVERY_NODE, "unit", "offer s that ships later, period t", _later, of_offer, bound=BoundOf(bounds.of_capacity, bounds.filing_loosens))
def filing(m: Any, p: CaseData, t: int, s: int) -> Any:
    r"""Orders stay within the capacity of the period in which they are filed, once the offer's project is ready.

    $$ \text{filed}_{s,t} \le \text{capacity}_{s,t}\,\Delta\,\text{ready}_{s,t} $$
    """
    return m.filed[t, s] <= p.capacity(s, t) * p.years * ready(m, p, t, s)


@constraint(EVERY_NODE, "unit", "offer s that ships later, period t in which orders would be due before it is available", _later, of_offer, bound=None)
def filing_too_early(m: Any, p: CaseData, t: int, s: int) -> Any:
    r"""What would be due before the offer is available is not filed.

    $$ \text{filed}_{s,t} \le 0 $$
    """
    first = p.offers[s].available_from
    return m.filed[t, s] <= 0 if first is not None and t + p.wait(s, m.regimes[t]) < first else None


@constraint(EVERY_NODE, "unit", "offer s that ships later, period t", _later, of_offer, bound=None)
def orders_due(m: Any, p: CaseData, t: int, s: int) -> Any:
    r"""What is due in a period was filed so many periods before as licence and production took at that time.

    $$ \text{due}_{s,t} = \sum_{a \in E_{s,t}} \text{filed}_{s,a} $$
    """
    return m.due[t, s] == sum(m.filed[a, s] for a in range(t + 1) if a + p.wait(s, m.regimes[a]) == t)


@constraint(EVERY_NODE, "unit", "offer s that ships later, period t", _later, of_offer, bound=None)
def orders_held_back(m: Any, p: CaseData, t: int, s: int) -> Any:
    r"""What is due is shipped, withdrawn, or held back to be shipped later.

    $$ \text{held\_back}_{s,t} = \text{held before}_{s,t} + \text{due}_{s,t} - \sum_{b \in B_s} \text{order}_{s,b,t} - \text{withdrawn}_{s,t} $$
    """
    before = m.held_back[t - 1, s] if t else 0
    return m.held_back[t, s] == before + m.due[t, s] - total_order(m, p, t, s) - m.withdrawn[t, s]


@constraint(EVERY_NODE, "unit", "offer s that ships later, period t", _later, of_offer, bound=None)
def firm_orders(m: Any, p: CaseData, t: int, s: int) -> Any:
    r"""An order is firm: what can be shipped of it when it is due is taken.

    $$ \sum_{b \in B_s} \text{order}_{s,b,t} \ge \text{avail}_{s,t}\,\text{due}_{s,t} $$
    """
    return total_order(m, p, t, s) >= available(m, p, t, s) * m.due[t, s]


@constraint(EVERY_NODE, "unit", "open order i that has not left offer s, period t", _unshipped, _of_open, bound=None)
def open_orders_left(m: Any, p: CaseData, t: int, s: int, i: int) -> Any:
    r"""An open order that has not left is due in the period of Inventory.ships, and shipped then or later.

    $$ \text{open\_left}_{s,i,t} = \text{left before}_{s,i,t} + \text{falls due}_{i,t} - \text{open\_shipped}_{s,i,t} $$
    """
    before = m.open_left[t - 1, s, i] if t else 0
    return m.open_left[t, s, i] == before + p.falls_due(i, t) - m.open_shipped[t, s, i]


@constraint(EVERY_NODE, "unit", "open order i that has not left offer s, period t", _unshipped, _of_open, bound=None)
def open_orders_served(m: Any, p: CaseData, t: int, s: int, i: int) -> Any:
    r"""Of an open order no larger share is shipped in a period than of the offer's capacity is served.

    $$ \text{open\_shipped}_{s,i,t} \le \text{avail}_{s,t}\,\text{quantity}_i $$
    """
    return m.open_shipped[t, s, i] <= available(m, p, t, s) * p.case.inventory[i].quantity
