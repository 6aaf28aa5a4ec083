"""Sums that several equations share: what is taken from an offer, what arrives, what is used up, what is ready."""

from __future__ import annotations

from optimizer.model.data import CaseData


def taken(m, p: CaseData, t: int, s: int, b: str):
    """Ordered from offer s with input of origin b: spot and contract."""
    return (m.spot[t, s, b] if (t, s, b) in m.spot else 0) + (m.lift[t, s, b] if (t, s, b) in m.lift else 0)


def taken_all(m, p: CaseData, t: int, s: int):
    """Ordered from offer s, whatever the origin of its input."""
    return sum(taken(m, p, t, s, b) for b in p.order_origins(s))


def lifted(m, p: CaseData, t: int, s: int):
    """Taken under contract from offer s."""
    return sum(m.lift[t, s, b] for b in p.order_origins(s))


def paid(m, p: CaseData, t: int, s: int):
    """Contract quantity paid for: what is taken, and with take-or-pay what is left unlifted."""
    return lifted(m, p, t, s) + (m.unlifted[t, s] if (t, s) in m.unlifted else 0)


def in_force(m, p: CaseData, t: int, s: int):
    """The contract in force: all of it, unless it waits for a project."""
    return m.reserved[t, s] if (t, s) in m.reserved else m.contract[s]


def arrivals(m, p: CaseData, t: int, g: str, b: str):
    """Open orders due in t and orders placed at a that arrive at t = a + lead(s, a)."""
    total = p.open_orders(g, b, t)
    for a in range(t + 1):
        total += sum(taken(m, p, a, s, c) for s, c in p.arriving(g, b, m.regimes[a]).get(t - a, ()))
    return total


def input_used(m, p: CaseData, t: int, g: str, b: str):
    """Input of origin b that the offers converting g use up, at the node of their orders."""
    converting = [s for s, offer in enumerate(p.offers) if offer.input_material == g]
    return sum(p.offers[s].input_per_unit * taken(m, p, t, s, b) for s in converting)


def ready(m, p: CaseData, t: int, s: int):
    """1 once the project that offer s waits for is ready, or without one."""
    project = p.offers[s].project
    if project is None:
        return 1
    return sum(m.start[project, tau] for tau in p.starts(project) if tau + p.project_lead(project) <= t)


def available(m, p: CaseData, t: int, s: int) -> float:
    return p.availability(s, t, m.regimes[t])


def delivered(m, p: CaseData, t: int, g: str, wanted=lambda offer: True, origins: tuple[str, ...] = ()):
    """Quantity of g ordered in t from the offers that are `wanted`, of the origins delivered (none named = any)."""
    return sum(
        taken(m, p, t, s, b) for s in p.offers_of[g] if wanted(p.offers[s]) for b in p.order_origins(s) if not origins or p.offers[s].delivers(b) in origins
    )


def some(m, total):
    """`total`, or a variable fixed at 0 where no variable is in it: a row such as 0 >= 5 must reach the solver."""
    return m.nothing["none"] if isinstance(total, (int, float)) else total
