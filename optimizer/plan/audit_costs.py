"""The audit's arithmetic of money: outlays, the limits' violations, the cost at each node, and the risk of the total."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from optimizer.case import BLOCS, Duty, Limit, Offer
from optimizer.plan.audit_facts import Facts, delivered, in_periods, may_draw, ruled_out
from optimizer.plan.audit_read import Plan
from optimizer.schema.costs import COST_PARTS

PARTS = tuple(part.name for part in COST_PARTS)
"""The parts of the expected cost; salvage is a cost below 0, so that they add up."""

DAYS = 365.0


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One row of a limit at K nodes: value at least (minimum) or at most (maximum) bound, in units of the material.

    left_out: the nodes at which it would stand, had it not been released, or were they on the reference path.
    """

    limit: Limit
    minimum: bool
    material: str
    group: str
    nodes: np.ndarray
    value: np.ndarray
    base: np.ndarray
    left_out: np.ndarray

    @property
    def bound(self) -> np.ndarray:
        """Return the bound of each row, (K,): the share, the days or the quantity, times its base."""
        share = self.limit.minimum if self.minimum else self.limit.maximum
        bound: np.ndarray = (0.0 if share is None else share) * self.base
        return bound

    @property
    def excess(self) -> np.ndarray:
        """Return by how much each row is broken, (K,); below 0 where it is kept."""
        excess: np.ndarray = self.bound - self.value if self.minimum else self.value - self.bound
        return excess


Measured = tuple[str, np.ndarray, np.ndarray, np.ndarray]
"""Of the rows of a limit: the group, the nodes, the value and what it is a share of."""


def outlay(facts: Facts, plan: Plan, of: tuple[str, ...] = ()) -> dict[str, np.ndarray]:
    """Add up what is paid at each node for each outlay, not discounted: name -> (N,); of some materials only, without projects, where any are named."""
    purchases, duties, storage = (np.zeros(facts.tree.size) for _ in range(3))
    for s, offer in enumerate(facts.case.offers):
        if of and offer.material not in of:
            continue
        crossing = facts.spot_price[s] * plan.spot_of[s] + facts.contract_price[s] * plan.call_off_of[s]
        for duty in facts.case.duties:
            if _concerns(duty, offer):
                duties += duty.rate * _due(facts, duty) * crossing
        purchases += facts.spot_price[s] * plan.spot_of[s] + facts.contract_price[s] * plan.paid[s]
        live = live_at(facts, offer)
        purchases += offer.reservation_price * facts.years * np.where(live, plan.reserved[s], 0.0) * rates(facts, s)[1]
        if live.any():
            purchases += offer.prepayment * plan.contract[s] * (facts.period == facts.period[live].min())
    for m in (m for m in facts.case.materials if not of or m.material in of):
        storage += m.holding_cost_per_year * facts.years * plan.stock_of(m.material, BLOCS)
        storage += (m.disposal_cost or 0.0) * sum(plan.discard[m.material, b] for b in BLOCS)
    projects, instead = np.zeros(facts.tree.size), np.zeros(facts.tree.size)
    if not of:
        projects = _project_outlay(facts, plan)
        instead = sum((facts.case.substitutes[i].cost * quantity for (i, _), quantity in plan.replaced.items()), instead)
    return {"purchases": purchases, "duties": duties, "storage": storage, "projects": projects, "substitution": instead}


def live_at(facts: Facts, offer: Offer) -> np.ndarray:
    """Return (N,) whether the contract with an offer is live at each node."""
    first = 0 if offer.contract_from is None else offer.contract_from
    last = facts.tree.periods if offer.contract_to is None else offer.contract_to
    live: np.ndarray = (facts.period >= first) & (facts.period <= last)
    return live


def rates(facts: Facts, s: int) -> tuple[float, np.ndarray]:
    """Return the largest capacity of an offer while its contract is live, and (N,) its capacity at each node as a share of that."""
    largest = float(facts.capacity[s].max(where=live_at(facts, facts.case.offers[s]), initial=0.0))
    return largest, facts.capacity[s] / largest if largest > 0.0 else np.ones(facts.tree.size)


def _concerns(duty: Duty, offer: Offer) -> bool:
    """Whether a duty falls on what an offer delivers, in whichever periods."""
    named = ((duty.bloc, offer.bloc), (duty.country, offer.country), (duty.supplier, offer.supplier), (duty.material, offer.material))
    return all(value in names for names, value in named if names)


def _due(facts: Facts, duty: Duty) -> np.ndarray:
    """Return (N,) whether a duty is due at each node."""
    due = np.ones(facts.tree.size, dtype=bool)
    if duty.start is not None:
        due &= facts.period >= duty.start
    if duty.end is not None:
        due &= facts.period <= duty.end
    for name, wanted in ((duty.while_active, True), (duty.unless_active, False)):
        if name is not None:
            due &= np.array([(name in there) == wanted for there in facts.active_names])[facts.tree.regime]
    return due


def _project_outlay(facts: Facts, plan: Plan) -> np.ndarray:
    """Spread each project's cost over the periods from its start, (N,): in equal shares over its lead time, at least one; past the horizon in the last."""
    last = facts.tree.periods - 1
    paid = np.zeros(facts.tree.size)
    for project in facts.case.projects:
        begun = plan.begun[project.project]
        count = max(1, int(in_periods(facts.calendar, project.lead_time_months)))
        part = facts.period - begun
        shares = np.where((part >= 0) & (part < count), 1, 0) + np.where((facts.period == last) & (part >= 0), np.maximum(0, count - 1 - part), 0)
        paid += project.cost / count * shares
    return paid


def limit_rows(facts: Facts, plan: Plan) -> Iterator[LimitRow]:
    """Yield every row of every limit: of each minimum, maximum, group and material, at its nodes."""
    for limit in facts.case.limits:
        for m in facts.case.materials:
            if limit.material and m.material not in limit.material:
                continue
            for group, nodes, value, base in MEASURED[limit.measure](facts, plan, limit, m.material):
                for minimum, bound in ((True, limit.minimum), (False, limit.maximum)):
                    if bound is not None and len(nodes):
                        holds = holding_at(facts, limit, m.material, minimum)[nodes]
                        yield LimitRow(limit, minimum, m.material, group, nodes[holds], value[holds], base[holds], nodes[~holds])


def holding_at(facts: Facts, limit: Limit, material: str, minimum: bool) -> np.ndarray:
    """Return (N,) whether one side of a limit holds for a material at each node: everywhere, on the reference path, or unless released."""
    size, periods = facts.tree.size, facts.tree.periods
    stock = limit.measure in ("stock_cover_days", "stock_quantity")
    where = limit.holds or ("unless released" if stock and limit.minimum is not None else "everywhere")
    if where == "reference path":
        return np.isin(np.arange(size), facts.tree.reference)
    if where == "everywhere" or not minimum:
        return np.ones(size, dtype=bool)
    released = np.zeros(size, dtype=bool)
    months = 12.0 if limit.refill_months is None else limit.refill_months
    back = int(in_periods(facts.calendar, months))
    for k, d in enumerate(facts.case.disruptions):
        if d.disruption in limit.released_by if limit.released_by else _takes_supply(facts, k, material):
            on = np.array([k in regime for regime in facts.tree.regimes])[facts.tree.regime]
            for t in range(periods):
                here = np.flatnonzero(facts.period == t)
                released[here] |= on[facts.line[here, max(0, t - back) : t + 1]].any(axis=1)
    return ~released


def _takes_supply(facts: Facts, k: int, material: str) -> bool:
    """Tell whether a disruption takes capacity or adds lead time, and strikes an offer of the material or feedstock that one depends on."""
    d = facts.case.disruptions[k]
    if d.capacity_remaining >= 1 and not d.lead_time_added_months:
        return False
    for offer in (offer for offer in facts.case.offers if offer.material == material):
        passed = (not d.supplier or offer.supplier in d.supplier) and (not d.material or material in d.material)
        own = passed and (not d.bloc or offer.bloc in d.bloc) and (not d.country or offer.country in d.country)
        source = (offer.feedstock_bloc, offer.feedstock_country)
        feed = not d.supplier and any(source) and (not d.bloc or source[0] in d.bloc) and (not d.country or source[1] in d.country)
        if own or (feed and passed and offer.feedstock_dependence > 0):
            return True
    return False


def stretches(facts: Facts) -> list[tuple[int, int]]:
    """Return the first period and that after the last one of the horizon, and of what is planned for beyond it where there is any."""
    horizon, end = facts.case.settings.horizon, facts.tree.periods
    return [(0, end)] if horizon is None or horizon == end else [(0, horizon), (horizon, end)]


def nodes_of(facts: Facts, period: int) -> np.ndarray:
    """Return the nodes of a period."""
    return np.flatnonzero(facts.period == period)


def over_periods(facts: Facts, values: np.ndarray, nodes: np.ndarray, periods: list[int]) -> np.ndarray:
    """Add up `values` over those ancestors of each node, itself included, that lie in `periods`."""
    return values[facts.line[np.ix_(nodes, periods)]].sum(axis=1)


def _passes(limit: Limit, offer: Offer) -> bool:
    """Tell whether an offer has the limit's bloc, country and supplier."""
    pairs = ((limit.bloc, offer.bloc), (limit.country, offer.country), (limit.supplier, offer.supplier))
    return all(value in names for names, value in pairs if names)


def _ordered(facts: Facts, plan: Plan, limit: Limit | None, material: str, group: tuple[str, str] | None = None) -> np.ndarray:
    """Add up the quantity ordered at each node, (N,), of a material, all of it (limit None) or what matches, of one supplier or country."""
    total = np.zeros(facts.tree.size)
    for (s, origin), quantity in plan.order.items():
        offer = facts.case.offers[s]
        if offer.material != material or (group and getattr(offer, group[0]) != group[1]):
            continue
        if limit is None or (_passes(limit, offer) and (not limit.origin or delivered(facts, s, origin) in limit.origin)):
            total += quantity
    return total


def _share(facts: Facts, plan: Plan, limit: Limit, material: str) -> Iterator[Measured]:
    """Measure what is ordered and matched against all ordered of the material in the periods of from..to of each fiscal year."""
    groups: list[tuple[str, str] | None] = [None]
    if limit.measure != "purchase_share":
        kind = "supplier" if limit.measure == "largest_supplier_share" else "country"
        named = {getattr(s, kind) for s in facts.case.offers if s.material == material and _passes(limit, s)} - {None}
        groups = [(kind, name) for name in sorted(named)]
    total = _ordered(facts, plan, None, material)
    for group in groups:
        matched = _ordered(facts, plan, limit, material, group)
        for first, end, year in ((first, end, year) for first, end in stretches(facts) for year in facts.calendar.fiscal_years):
            of_year = [t for t in facts.calendar.periods_in(year) if first <= t < end]
            periods = [t for t in of_year if limit.covers(t)]
            if periods:
                nodes = nodes_of(facts, of_year[-1])
                yield group[1] if group else "", nodes, over_periods(facts, matched, nodes, periods), over_periods(facts, total, nodes, periods)


def _purchase_to_demand(facts: Facts, plan: Plan, limit: Limit, material: str) -> Iterator[Measured]:
    """Measure what is ordered and matched in a period against that period's demand, all uses; a period without demand is left out."""
    demand = sum((v for (m, _), v in facts.demand.items() if m == material), np.zeros(facts.tree.size))
    covered = np.array([limit.covers(t) for t in range(facts.tree.periods)])
    nodes = np.flatnonzero(covered[facts.period] & (demand > 0.0))
    yield "", nodes, _ordered(facts, plan, limit, material)[nodes], demand[nodes]


def _stock_cover(facts: Facts, plan: Plan, limit: Limit, material: str) -> Iterator[Measured]:
    """Measure the stock at the end that a matched use may draw, against those uses' demand per day."""
    uses = [row for row in facts.case.demand if row.material == material and (not limit.use or row.use in limit.use)]
    demand = sum((facts.demand[material, row.use] for row in uses), np.zeros(facts.tree.size))
    usable = np.zeros(facts.tree.size)
    for b in (b for b in BLOCS if not limit.origin or b in limit.origin):
        drawable = [may_draw(row, b, facts.period) & ~ruled_out(facts.case, facts.tree, row.material, row.use, b) for row in uses]
        usable += np.where(np.any(drawable, axis=0), plan.stock_of(material, [b]), 0.0) if drawable else 0.0
    covered = np.array([limit.covers(t) for t in range(facts.tree.periods)])
    nodes = np.flatnonzero(covered[facts.period] & (demand > 0.0))
    yield "", nodes, usable[nodes], demand[nodes] / (facts.years * DAYS)


def _stock_quantity(facts: Facts, plan: Plan, limit: Limit, material: str) -> Iterator[Measured]:
    """Measure the stock at a period's end, of the limit's origins."""
    nodes = np.flatnonzero(np.array([limit.covers(t) for t in range(facts.tree.periods)])[facts.period])
    yield "", nodes, plan.stock_of(material, limit.origin or BLOCS)[nodes], np.ones(len(nodes))


MEASURED = {
    "purchase_share": _share,
    "largest_supplier_share": _share,
    "largest_country_share": _share,
    "purchase_to_demand": _purchase_to_demand,
    "stock_cover_days": _stock_cover,
    "stock_quantity": _stock_quantity,
}
"""Measure of a limit -> the function that yields (group, nodes, value, base) of its rows."""


def parts_by_node(facts: Facts, plan: Plan, rows: list[LimitRow]) -> dict[str, np.ndarray]:
    """Add up each part of the cost at each node, discounted to the start; sales, and salvage at the leaves, as costs below 0."""
    case, tree = facts.case, facts.tree
    parts = outlay(facts, plan)
    parts["penalties"] = np.zeros(tree.size)
    for row in rows:
        if row.limit.penalty:
            np.add.at(parts["penalties"], row.nodes, row.limit.penalty * np.maximum(row.excess, 0.0))
    parts["shortage"] = sum((row.shortage_cost * plan.short[row.material, row.use] for row in case.demand), np.zeros(tree.size))
    parts["sales"] = -sum(((m.sale_price or 0.0) * plan.sold[m.material, b] for m in case.materials for b in BLOCS), np.zeros(tree.size))
    factor = (1.0 + case.settings.discount_rate) ** -facts.years
    parts = {name: values * factor**facts.period for name, values in parts.items()}
    left = sum((m.salvage_value * plan.stock_of(m.material, BLOCS) for m in case.materials), np.zeros(tree.size))
    parts["salvage"] = np.where(facts.period == tree.periods - 1, -left * factor**tree.periods, 0.0)
    return parts


def cvar(totals: np.ndarray, probability: np.ndarray, level: float) -> float:
    """Return the least over η of η + E[max(Z − η, 0)] / (1 − level), which one of the totals attains; level 0: the mean.

    Rockafellar & Uryasev (2000), Optimization of conditional value-at-risk.
    """
    if level == 0.0:
        return float(probability @ totals)
    order = np.argsort(totals)
    z, p = totals[order], probability[order]
    steps = np.diff(z, append=z[-1])
    weight_above = np.append(np.cumsum(p[::-1])[::-1][1:], 0.0)
    mean_excess = np.cumsum((steps * weight_above)[::-1])[::-1]
    return float(np.min(z + mean_excess / (1.0 - level)))


def share_of_cvar(mine: np.ndarray, totals: np.ndarray, probability: np.ndarray, level: float) -> float:
    """Return what a part of the totals, (L,), comes to on average over the worst 1 - level of the totals: the part's share of their CVaR.

    Leaf by leaf from the dearest; leaves that are equally dear are taken together, as much of each as is left of the weight. Tasche (1999), Risk
    contributions and performance measurement.
    """
    left, result = 1.0 - level, 0.0
    if level == 0.0:
        return float(probability @ mine)
    order = np.argsort(-totals, kind="stable")
    at = 0
    while at < len(order) and left > 0.0:
        equal = [k for k in order[at:] if abs(totals[k] - totals[order[at]]) <= 2e-9 * max(1.0, abs(float(totals[k])))]
        weight = float(probability[equal].sum())
        taken = min(left, weight)
        result += taken * float(probability[equal] @ mine[equal]) / weight if weight > 0 else 0.0
        left, at = left - taken, at + len(equal)
    return result / (1.0 - level)
