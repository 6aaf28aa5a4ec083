"""The variables of one scenario path, each the function that lists its indices.

Letters: t period, g material (good), b origin, u use, s offer, j project. Notation as in docs/model.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from optimizer.case import Offer
from optimizer.model.data import CaseData
from optimizer.model.registry import EVERY_NODE, ONCE, REFERENCE, Index, IndexSet, variable

Wanted = Callable[[Offer], bool]

# -- index sets ------------------------------------------------------------------------------------------------------------


def any_offer(offer: Offer) -> bool:
    """Accept every offer."""
    return True


def sold_spot(offer: Offer) -> bool:
    """Accept offers on the spot market."""
    return offer.sold_spot


def contractable(offer: Offer) -> bool:
    """Accept offers under contract."""
    return offer.contractable


def offers(p: CaseData, wanted: Wanted) -> list[int]:
    """List the offers that pass `wanted` and can deliver (one whose input has no source cannot)."""
    return [s for s, offer in enumerate(p.offers) if wanted(offer) and p.order_origins(s)]


def offers_by_period(wanted: Wanted = any_offer) -> IndexSet:
    """Index (t, s)."""
    return lambda p: [(t, s) for t in p.periods for s in offers(p, wanted)]


def _orders(p: CaseData, wanted: Wanted) -> Iterable[Index]:
    """List (t, s, b), b an origin of the offer's input or its own."""
    return [(t, s, b) for t in p.periods for s in offers(p, wanted) for b in p.order_origins(s)]


def stocks(p: CaseData) -> list[Index]:
    """List (t, g, b), b an origin that g can have."""
    return [(t, g, b) for t in p.periods for g in p.materials for b in p.origins[g]]


# -- units -----------------------------------------------------------------------------------------------------------------


def of_offer(p: CaseData, *index: Any) -> str:
    """Return the material of the offer whose position is the last number of the index."""
    return p.offers[[part for part in index if isinstance(part, int)][-1]].material


def of_material(p: CaseData, t: int, g: str, *rest: Any) -> str:
    """Return the material that stands after the period."""
    return g


def pure(p: CaseData, *index: Any) -> None:
    """Return None: a pure number."""
    return None


def money(p: CaseData, *index: Any) -> str:
    """Return what amounts of money are counted in."""
    return "money"


def live_contracts(p: CaseData) -> list[Index]:
    """List (t, s): each offer under contract in each period in which its contract is live."""
    return [(t, s) for t in p.periods for s in offers(p, contractable) if p.offers[s].live(t)]


# -- decisions -------------------------------------------------------------------------------------------------------------


@variable(ONCE, "unit per year", r"\text{contract}_s", of_offer)
def contract(p: CaseData) -> Iterable[Index]:
    """Quantity contracted with offer s over the whole horizon."""
    return [(s,) for s in offers(p, contractable) if any(p.offers[s].live(t) for t in p.periods)]


@variable(ONCE, "0 or 1", r"\text{signed}_s", pure, binary=True)
def signed(p: CaseData) -> Iterable[Index]:
    """1 if the contract with offer s, which has a minimum or is one of several, is signed."""
    return [(s,) for (s,) in contract(p) if p.offers[s].minimum_contract > 0 or p.offers[s].choose_one is not None]


@variable(ONCE, "0 or 1", r"\text{start}_{j,\tau}", pure, binary=True)
def start(p: CaseData) -> Iterable[Index]:
    """1 if project j starts in period τ."""
    return [(j, t) for j in p.projects for t in p.starts(j)]


@variable(ONCE, "0 or 1", r"\text{start\_if}_{j,d}", pure, binary=True)
def start_if(p: CaseData) -> Iterable[Index]:
    """1 if project j starts once disruption d is active."""
    return [(j, d) for j in p.projects for d in p.conditions(j)]


@variable(EVERY_NODE, "unit", r"\text{spot}_{s,b,t}", of_offer)
def spot(p: CaseData) -> Iterable[Index]:
    """Quantity ordered on the spot market from offer s (input of origin b)."""
    return _orders(p, sold_spot)


@variable(EVERY_NODE, "unit", r"\text{call\_off}_{s,b,t}", of_offer)
def call_off(p: CaseData) -> Iterable[Index]:
    """Quantity called off under contract from offer s (input of origin b)."""
    return [(t, s, b) for t, s, b in _orders(p, contractable) if p.offers[s].live(t)]


@variable(EVERY_NODE, "unit", r"\text{shortfall}_{s,t}", of_offer)
def shortfall(p: CaseData) -> Iterable[Index]:
    """Contract quantity of offer s, which has take-or-pay, that is paid for and not taken."""
    return [(t, s) for t, s in live_contracts(p) if p.offers[s].take_or_pay > 0]


@variable(EVERY_NODE, "unit per year", r"\text{reserved}_{s,t}", of_offer)
def reserved(p: CaseData) -> Iterable[Index]:
    """Contract in force of offer s, which waits for a project."""
    return [(t, s) for t, s in live_contracts(p) if p.offers[s].project]


@variable(REFERENCE, "0 or 1", r"\text{placed}_{s,t}", pure, binary=True)
def placed(p: CaseData) -> Iterable[Index]:
    """1 if an order of offer s, which has a minimum order, is placed."""
    return [(t, s) for t in p.periods for s in offers(p, lambda offer: offer.minimum_order > 0)]


@variable(EVERY_NODE, "unit", r"\text{stock}_{g,b,t}", of_material)
def stock(p: CaseData) -> Iterable[Index]:
    """Stock at the end of the period."""
    return stocks(p)


@variable(EVERY_NODE, "unit", r"\text{discard}_{g,b,t}", of_material)
def discard(p: CaseData) -> Iterable[Index]:
    """Quantity thrown away (only with a disposal_cost, or where some of it ends its life)."""
    return [(t, g, b) for t, g, b in stocks(p) if p.materials[g].disposal_cost is not None or p.ends_life(g, t)]


@variable(EVERY_NODE, "unit", r"\text{sold}_{g,b,t}", of_material)
def sold(p: CaseData) -> Iterable[Index]:
    """Quantity sold out of the stock (only with a sale_price)."""
    return [(t, g, b) for t, g, b in stocks(p) if p.materials[g].sale_price is not None]


@variable(EVERY_NODE, "unit", r"\text{draw}_{g,b,u,t}", of_material)
def draw(p: CaseData) -> Iterable[Index]:
    """Quantity drawn from stock for a use (only where it allows the origin)."""
    return [(t, g, b, u) for t, g, b in stocks(p) for u in p.uses_of[g] if p.demands[g, u].allows(b, t)]


@variable(EVERY_NODE, "unit", r"\text{short}_{g,u,t}", of_material)
def short(p: CaseData) -> Iterable[Index]:
    """Demand not met."""
    return [(t, g, u) for t in p.periods for g, u in p.demands]


def budget_rows(p: CaseData) -> list[Index]:
    """List (t, i): t is the last period that row i of Budget counts."""
    return sorted((periods[-1], i) for i, row in enumerate(p.case.budget) if (periods := p.case.budget_periods(row)))


def budget_periods(p: CaseData) -> list[Index]:
    """List (t, i): t is a period that row i of Budget counts."""
    return sorted((t, i) for i, row in enumerate(p.case.budget) for t in p.case.budget_periods(row))


@variable(EVERY_NODE, "money", r"\text{spent}_{i,t}", money)
def spent(p: CaseData) -> Iterable[Index]:
    """Money that row i of Budget counts from the first period of its fiscal year to the end of period t, undiscounted."""
    return budget_periods(p)


@variable(EVERY_NODE, "money", r"\text{unspent}_{i,t}", money)
def unspent(p: CaseData) -> Iterable[Index]:
    """Money of row i of Budget, which carries over to another row, that is not spent at the end of its fiscal year."""
    rows = budget_rows(p)
    carrying = {p.budget_before(i) for _, i in rows}
    return [(t, i) for t, i in rows if i in carrying]


@variable(ONCE, "unit", "0", pure, upper=0.0, internal=True)
def nothing(p: CaseData) -> Iterable[Index]:
    """Always 0: stands in a row of a limit whose quantity cannot be."""
    return [("none",)]
