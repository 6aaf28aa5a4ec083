"""Sums that several equations share: what is ordered from an offer, what arrives, what is used up, what is ready."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from optimizer.case import Offer
from optimizer.model.data import CaseData


def order(m: Any, p: CaseData, t: int, s: int, b: str) -> Any:
    """Return what is ordered from offer s with input of origin b: spot and called off."""
    return (m.spot[t, s, b] if (t, s, b) in m.spot else 0) + (m.call_off[t, s, b] if (t, s, b) in m.call_off else 0)


def total_order(m: Any, p: CaseData, t: int, s: int) -> Any:
    """Return what is ordered from offer s, whatever the origin of its input."""
    return sum(order(m, p, t, s, b) for b in p.order_origins(s))


def called_off(m: Any, p: CaseData, t: int, s: int) -> Any:
    """Return what is called off under the contract with offer s."""
    return sum(m.call_off[t, s, b] for b in p.order_origins(s) if (t, s, b) in m.call_off)


def paid(m: Any, p: CaseData, t: int, s: int) -> Any:
    """Return the contract quantity paid for: what is called off, and with take-or-pay the shortfall."""
    return called_off(m, p, t, s) + (m.shortfall[t, s] if (t, s) in m.shortfall else 0)


def in_force(m: Any, p: CaseData, t: int, s: int) -> Any:
    """Return the contract in force: all of it while it is live and what it was for can be due, unless it waits for a project."""
    if not p.offers[s].live(t):
        return 0
    if (t, s) in m.reserved:
        return m.reserved[t, s]
    return m.contract[s] if p.filed_for(s, t, m.memories[t]) is not None else 0


def arrivals(m: Any, p: CaseData, t: int, g: str, b: str) -> Any:
    """Return open orders that arrive in t, and orders placed, or shipped, at a that arrive at t = a + lead(s, a)."""
    total: Any = p.open_orders(g, b, t)
    for s, i in p.unshipped:
        item, left = p.case.inventory[i], t - p.case.transit(p.offers[s])
        if (item.material, item.origin) == (g, b) and left >= 0:
            total += m.open_shipped[left, s, i]
    for a in range(t + 1):
        total += sum(order(m, p, a, s, c) for s, c in p.arriving(g, b, m.regimes[a]).get(t - a, ()))
    return total


def came_in(m: Any, p: CaseData, t: int, g: str, b: str) -> Any:
    """Return what arrives in t, in the first period with the stock on hand."""
    return arrivals(m, p, t, g, b) + (0 if t else p.on_hand(g, b))


def left_of_arrivals(m: Any, p: CaseData, t: int, g: str, b: str, periods: list[int]) -> Any:
    """Return what came in over some periods less what store has lost of it until period t."""
    return sum(p.keeps(g) ** (t - a) * came_in(m, p, a, g, b) for a in periods)


def input_used(m: Any, p: CaseData, t: int, g: str, b: str) -> Any:
    """Return the input of origin b that the offers converting g use up, at the node of their orders."""
    single = [(s, per_unit) for s, inputs in enumerate(p.inputs) if s not in p.listed_inputs for name, per_unit in inputs if name == g]
    several = [(s, i) for s, rows in p.listed_inputs.items() for i in rows if p.case.inputs[i].input_material == g]
    listed = sum(m.input_taken[t, s, i, b] for s, i in several if (t, s, i, b) in m.input_taken)
    return sum(per_unit * order(m, p, t, s, b) for s, per_unit in single) + listed


def replaced(m: Any, p: CaseData, t: int, g: str, u: str) -> Any:
    """Return the demand of a use that is replaced by substitutes, or simply saved."""
    return sum(m.replaced[t, i, b] for i in p.substitutes_of[g, u] for b in p.substitute_origins(i) if (t, i, b) in m.replaced)


def used_instead(m: Any, p: CaseData, t: int, g: str, b: str) -> Any:
    """Return the stock of material g of origin b that is used in place of others."""
    rows = [(i, row) for i, row in enumerate(p.case.substitutes) if row.substitute == g]
    return sum(row.units_per_unit * m.replaced[t, i, b] for i, row in rows if (t, i, b) in m.replaced)


def ready(m: Any, p: CaseData, t: int, s: int) -> Any:
    """Return 1 once the project that offer s waits for is ready, or without one."""
    return project_ready(m, p, t, p.offers[s].project)


def project_ready(m: Any, p: CaseData, t: int, project: str | None) -> Any:
    """Return 1 once a project is ready, or where there is none."""
    if project is None:
        return 1
    waited = (d for d in p.conditions(project) if (begun := p.begun_for(project, d, t, m.memories[t])) is not None and begun + p.project_lead(project) <= t)
    return _started(m, p, project, t) + sum(m.start_if[project, d] for d in waited)


def ready_for(m: Any, p: CaseData, t: int, s: int, filed: int) -> Any:
    """Return 1 if the project that offer s waits for was ready in the period `filed`, the latest whose orders are due by t."""
    project = p.offers[s].project
    if filed == t or project is None:
        return ready(m, p, t, s)
    return _started(m, p, project, filed) + sum(m.start_if[project, d] for d in p.conditions(project) if (s, d) in m.memories[t].ready_for)


def _started(m: Any, p: CaseData, project: str, t: int) -> Any:
    """Return 1 if a project is ready in t that starts in a period."""
    return sum(m.start[project, tau] for tau in p.starts(project) if tau + p.project_lead(project) <= t)


def spent_before(m: Any, p: CaseData, t: int, i: int) -> Any:
    """Return the money that row i of Budget has counted before period t of its fiscal year."""
    return m.spent[t - 1, i] if (t - 1, i) in m.spent else 0


def carried(m: Any, p: CaseData, i: int) -> Any:
    """Return the money that row i of Budget gains from the fiscal year before."""
    before = p.budget_before(i)
    if before is None:
        return 0
    row = p.case.budget[before]
    return row.carry_over * m.unspent[p.case.budget_periods(row)[-1], before]


def available(m: Any, p: CaseData, t: int, s: int) -> float:
    """Return the share of offer s's capacity that the regime of period t leaves."""
    return p.availability(s, t, m.regimes[t])


def delivered(m: Any, p: CaseData, t: int, g: str, wanted: Callable[[Offer], bool] = lambda offer: True, origins: tuple[str, ...] = ()) -> Any:
    """Return the quantity of g ordered in t from the offers that are `wanted`, of the origins delivered (none named = any)."""
    return sum(
        order(m, p, t, s, b) for s in p.offers_of[g] if wanted(p.offers[s]) for b in p.order_origins(s) if not origins or p.offers[s].delivers(b) in origins
    )


def or_zero_variable(m: Any, total: Any) -> Any:
    """Return `total`, or a variable fixed at 0 where no variable is in it: a row such as 0 >= 5 must reach the solver."""
    return m.nothing["none"] if isinstance(total, (int, float)) else total
