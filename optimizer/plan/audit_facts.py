"""What the audit knows of a case at every node of its tree, read from the specification once more.

Nothing here is shared with the program that the solver sees: availability, prices, lead times and demand are worked
out anew from the case's rows and each node's active disruptions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from optimizer.calendar import Calendar
from optimizer.case import BLOCS, Case, Demand, Disruption, Offer, OfferChange
from optimizer.scenarios.tree import ScenarioTree


@dataclass
class Ledger:
    """The findings so far, each with how much it weighs, and the worst violation, kept within tolerance or not."""

    tolerance: float
    entries: list[tuple[float, str]] = field(default_factory=list)
    count: int = 0
    worst: float = 0.0
    most: int = 20

    def note(self, sentence: str) -> None:
        """Record a finding that has no size."""
        self.entries.append((1.0, sentence))
        self.count += 1
        self.worst = max(self.worst, 1.0)

    def check(self, excess: ArrayLike, scale: ArrayLike, sentence: Callable[[int], str]) -> None:
        """Find every place where `excess`, by how much a rule is broken, is over the tolerance of its scale.

        sentence: what to say of the place at a position of `excess`; asked of the worst places only.
        """
        excess, scale = np.broadcast_arrays(np.atleast_1d(np.asarray(excess, float)), np.asarray(scale, float))
        if not excess.size:
            return
        over = ~(excess <= 0.0)
        relative = np.where(over, np.inf, 0.0)
        np.divide(excess, scale, out=relative, where=over & (scale > 0.0))
        relative = np.where(np.isnan(relative), np.inf, relative)
        self.worst = max(self.worst, float(relative.max()))
        broken = np.flatnonzero(relative > self.tolerance)
        self.count += len(broken)
        for k in broken[np.argsort(-relative[broken], kind="stable")][: self.most]:
            self.entries.append((float(relative[k]), sentence(int(k))))

    def findings(self) -> tuple[str, ...]:
        """Return the sentences, the worst first, no more than `most` of them."""
        said = [sentence for _, sentence in sorted(self.entries, key=lambda entry: -entry[0])[: self.most]]
        if self.count > len(said):
            said.append(f"and {self.count - len(said)} more")
        return tuple(said)


@dataclass(frozen=True)
class Facts:
    """The data of a case on its tree: S offers, N nodes, T periods.

    line: (N, T) ancestors. available, spot_price, contract_price, capacity, spot_limit: (S, N), the last two per year. listed_price: (S, T) before growth.
    lead: (S, N) periods from an order to its arrival, or from departure where the offer ships later. wait: (S, N) periods from an order with such an offer to
    its departure.
    demand: (material, use) -> (N,). scale: material -> the quantity per period that is usual for it.
    demand_scale: material -> its largest demand in a period, all uses, or its scale where it has none.
    recipes: offer -> its rows of Inputs, of the offers that have any.
    """

    case: Case
    tree: ScenarioTree
    calendar: Calendar
    line: np.ndarray
    available: np.ndarray
    spot_price: np.ndarray
    contract_price: np.ndarray
    capacity: np.ndarray
    spot_limit: np.ndarray
    listed_price: np.ndarray
    lead: np.ndarray
    wait: np.ndarray
    demand: dict[tuple[str, str], np.ndarray]
    scale: dict[str, float]
    demand_scale: dict[str, float]
    recipes: dict[int, list[int]]

    @property
    def years(self) -> float:
        """Return Δ, the length of a period in years."""
        return self.calendar.years

    @property
    def period(self) -> np.ndarray:
        """Return (N,) the period of each node."""
        return self.tree.period

    @cached_property
    def active_names(self) -> list[frozenset[str]]:
        """Return the names of the disruptions that are active in each regime of the tree."""
        return [frozenset(self.case.disruptions[k].disruption for k in regime) for regime in self.tree.regimes]

    def unit(self, material: str) -> str:
        """Return the unit that a material is counted in."""
        return next(m.unit for m in self.case.materials if m.material == material)

    def place(self, node: int) -> str:
        """Say where a node stands: its period, a scenario that passes it, and what is active there."""
        t = int(self.period[node])
        names = [s.name for s in self.tree.scenarios if self.line[s.leaf, t] == node]
        active = [self.case.disruptions[d].disruption for d in self.tree.regimes[self.tree.regime[node]]]
        others = f" and {len(names) - 1} more" if len(names) > 1 else ""
        scenario = f", scenario {names[0]}{others}" if names else ""
        return f"in {self.calendar.label(t)}{scenario}" + (f", with {' and '.join(active)} active" if active else "")


def gather(case: Case, tree: ScenarioTree) -> Facts:
    """Work out all data of the case at every node of the tree."""
    price, price_since = by_period(case, "price")
    available, spot = _offers_at_nodes(case, tree, grown(case, price, price_since, "price_growth"))
    capacity = by_period(case, "capacity_per_year")[0]
    limit = by_period(case, "spot_limit_per_year")[0]
    wait, lead = _times_at_nodes(case, tree)
    demand = {(row.material, row.use): _demand_at_nodes(case, tree, row) for row in case.demand}
    largest = {m.material: _largest_demand(demand, m.material) for m in case.materials}
    scale = {m.material: _usual(case, largest, m.material) for m in case.materials}
    return Facts(
        case=case,
        tree=tree,
        calendar=case.calendar,
        line=tree.ancestors(),
        available=available,
        spot_price=spot,
        contract_price=_contract_price(case, tree, spot),
        listed_price=price,
        capacity=capacity[:, tree.period],
        spot_limit=np.where(np.isnan(limit), capacity, limit)[:, tree.period],
        lead=lead,
        wait=wait,
        demand=demand,
        scale=scale,
        demand_scale={name: size or scale[name] for name, size in largest.items()},
        recipes=recipes(case),
    )


def delivered(facts: Facts, s: int, origin: str) -> str:
    """Return the origin of what offer s delivers from its single input of `origin`, the more exposed of the two; with rows of Inputs it is the output's."""
    offer = facts.case.offers[s]
    if s in facts.recipes:
        return origin
    return min(offer.origin, origin, key=BLOCS.index) if offer.input_material else offer.origin


def origins(facts: Facts, s: int) -> tuple[str, ...]:
    """Return the origins that an order of offer s is split by: those of its single input; with rows of Inputs those of its output; else its own."""
    offer = facts.case.offers[s]
    return BLOCS if offer.input_material or s in facts.recipes else (offer.origin,)


def recipes(case: Case) -> dict[int, list[int]]:
    """Return offer -> its rows of Inputs; a row names the offer, or leaves it blank where the supplier makes one of the material."""
    found: dict[int, list[int]] = {}
    for i, row in enumerate(case.inputs):
        mine = [s for s, offer in enumerate(case.offers) if (offer.supplier, offer.material) == (row.supplier, row.material)]
        found.setdefault(mine[0] if len(mine) == 1 else next(s for s in mine if case.offers[s].offer == row.offer), []).append(i)
    return found


def may_draw(use: Demand, origin: str, period: np.ndarray | int) -> np.ndarray:
    """Tell whether a use may draw stock of `origin`, in each period of `period`."""
    if not use.allowed_origins or origin in use.allowed_origins:
        return np.ones(np.shape(period), bool)
    return np.asarray(period) < (0 if use.allowed_origins_from is None else use.allowed_origins_from)


def ruled_out(case: Case, tree: ScenarioTree, material: str, use: str, origin: str) -> np.ndarray:
    """Return (N,) whether an origin rule that is in force at a node forbids a use to draw an origin of a material."""
    forbidden = np.zeros(tree.size, bool)
    active = [{case.disruptions[k].disruption for k in regime} for regime in tree.regimes]
    for rule in case.origin_rules:
        if origin in rule.allowed_origins or (rule.material and material not in rule.material) or (rule.use and use not in rule.use):
            continue
        holds = np.array([rule.while_active in (None, *there) and (rule.unless_active is None or rule.unless_active not in there) for there in active])
        first, last = (0 if rule.start is None else rule.start), (tree.periods if rule.end is None else rule.end)
        forbidden |= holds[tree.regime] & (tree.period >= first) & (tree.period <= last)
    return forbidden


def in_periods(calendar: Calendar, months: ArrayLike) -> np.ndarray:
    """Return counts of months as whole periods, rounded up."""
    periods: np.ndarray = np.maximum(0, np.ceil(np.asarray(months, float) / calendar.months - 1e-9)).astype(int)
    return periods


def _strikes(d: Disruption, offer: Offer) -> bool:
    """Tell whether a disruption strikes an offer: each of its non-blank filters contains the offer's value."""
    pairs = ((d.bloc, offer.bloc), (d.country, offer.country), (d.supplier, offer.supplier), (d.material, offer.material))
    return all(value in names for names, value in pairs if names)


def _strikes_feed(d: Disruption, offer: Offer) -> bool:
    """Tell whether it strikes an offer's feedstock and not the offer: no supplier filter, and the others contain the feedstock's place."""
    if d.supplier or _strikes(d, offer) or (offer.feedstock_bloc is None and offer.feedstock_country is None):
        return False
    pairs = ((d.bloc, offer.feedstock_bloc), (d.country, offer.feedstock_country), (d.material, offer.material))
    return all(value in names for names, value in pairs if names)


def _times_at_nodes(case: Case, tree: ScenarioTree) -> tuple[np.ndarray, np.ndarray]:
    """Return the periods until departure (0 where the offer ships at once) and from then to arrival of what is ordered of each offer at each node, (S, N)."""
    wait, lead = (np.zeros((len(case.offers), tree.size), dtype=int) for _ in range(2))
    for s, offer in enumerate(case.offers):
        months_of = {k: d.lead_time_added_months for k, d in enumerate(case.disruptions) if _strikes(d, offer)}
        added = [sum(months_of[k] for k in regime if k in months_of) for regime in tree.regimes]
        months = np.array(added, float)[tree.regime]
        if offer.ships_after_months > 0:
            wait[s] = in_periods(case.calendar, offer.ships_after_months + months)
            lead[s] = transit(case.calendar, offer)
        else:
            lead[s] = in_periods(case.calendar, offer.lead_time_months + months)
    return wait, lead


def transit(calendar: Calendar, offer: Offer) -> int:
    """Return the periods from the departure of an offer's goods to their arrival: those of its lead time less those until they leave."""
    return int(in_periods(calendar, offer.lead_time_months) - in_periods(calendar, offer.ships_after_months))


def by_period(case: Case, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return what a column of Suppliers says in each period, and the period since when, (S, T): the offer's own value until rows of Offer changes begin.

    NaN where nothing says it.
    """
    periods = case.settings.periods
    own = np.array([np.nan if getattr(offer, name) is None else getattr(offer, name) for offer in case.offers], float)
    value, since = np.repeat(own[:, None], periods, axis=1), np.zeros((len(case.offers), periods), dtype=int)
    for change in sorted(case.offer_changes, key=lambda row: row.start):
        if getattr(change, name) is None:
            continue
        first = max(change.start, 0)
        value[_changed(case, change), first:] = getattr(change, name)
        since[_changed(case, change), first:] = first
    return value, since


def _changed(case: Case, change: OfferChange) -> int:
    """Return the position of the offer that a row of Offer changes is about: the one so named, or else the only one of its supplier and material."""
    mine = {offer.offer: s for s, offer in enumerate(case.offers) if (offer.supplier, offer.material) == (change.supplier, change.material)}
    return mine[change.offer] if change.offer in mine else next(iter(mine.values()))


def grown(case: Case, value: np.ndarray, since: np.ndarray, rate: str) -> np.ndarray:
    """Return the values of each offer and period, (S, T), with their growth since they came to hold."""
    rates = np.array([getattr(offer, rate) for offer in case.offers], float)[:, None]
    years = (np.arange(case.settings.periods)[None] - since) * case.calendar.years
    result: np.ndarray = value * (1.0 + rates) ** years
    return result


def _offers_at_nodes(case: Case, tree: ScenarioTree, listed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return availability and spot price of each offer at each node, (S, N). listed: (S, T) prices without what disruptions do to them."""
    offers, ds = case.offers, case.disruptions
    active = np.array([[d in regime for d in range(len(ds))] for regime in tree.regimes], bool).reshape(len(tree.regimes), len(ds))
    strikes = np.array([[_strikes(d, s) for d in ds] for s in offers], bool).reshape(len(offers), len(ds))
    feeds = np.array([[_strikes_feed(d, s) for d in ds] for s in offers], bool).reshape(len(offers), len(ds))
    same = np.array([[a.material == b.material and k != j for j, b in enumerate(offers)] for k, a in enumerate(offers)], bool)
    same = same.reshape(len(offers), len(offers))
    spills = ~strikes & ((same.astype(int) @ strikes.astype(int)) > 0)

    def product(which: np.ndarray, factor: str) -> np.ndarray:
        values = np.array([getattr(d, factor) for d in ds], float)
        result: np.ndarray = np.where(active[None] & which[:, None], values, 1.0).prod(axis=2)
        return result

    def column(name: str) -> np.ndarray:
        return np.array([getattr(s, name) for s in offers], float)[:, None]

    own, feed = product(strikes, "capacity_remaining"), product(feeds, "capacity_remaining")
    by_regime = own * (1.0 - column("feedstock_dependence") * (1.0 - feed))
    opens = np.array([0 if s.available_from is None else s.available_from for s in offers])[:, None]
    available = np.where(tree.period[None] >= opens, by_regime[:, tree.regime], 0.0)
    multiplier = product(strikes, "price_multiplier") * product(spills, "spillover_price_multiplier")
    return available, listed[:, tree.period] * multiplier[:, tree.regime]


def _contract_price(case: Case, tree: ScenarioTree, spot: np.ndarray) -> np.ndarray:
    """Return the (S, N) contract prices: fixed with their growth whatever the regime, or indexed on the spot price; within floor and ceiling."""
    prices = np.zeros_like(spot)
    listed, _ = by_period(case, "price")
    agreed, since = by_period(case, "contract_price")
    fixed = grown(case, agreed, since, "contract_price_growth")
    for s, offer in enumerate(case.offers):
        if offer.contract_pricing == "indexed" and offer.price > 0.0:
            ratio = np.full(tree.periods, offer.contract_price / offer.price)
            begins = [max(row.start, 0) for row in case.offer_changes if row.contract_price is not None and _changed(case, row) == s]
            for t in range(min(begins, default=tree.periods), tree.periods):
                # The ratio is set anew with each change, by the price that holds in its period.
                ratio[t] = agreed[s, t] / listed[s, since[s, t]]
            prices[s] = spot[s] * ratio[tree.period]
        else:
            prices[s] = fixed[s][tree.period]
        if offer.price_floor is not None:
            prices[s] = np.maximum(prices[s], offer.price_floor)
        if offer.price_ceiling is not None:
            prices[s] = np.minimum(prices[s], offer.price_ceiling)
        if offer.upside_share is not None and offer.upside_trigger is not None:
            prices[s] -= offer.upside_share * np.maximum(prices[s] - offer.upside_trigger, 0.0)
    return prices


def _demand_at_nodes(case: Case, tree: ScenarioTree, row: Demand) -> np.ndarray:
    """Return (N,) the quantity of a period, its column's or the computed one, times the multipliers of the active disruptions."""
    years = case.calendar.years
    plain = np.array([row.annual_demand * (1.0 + row.annual_growth) ** (t * years) * years for t in range(tree.periods)])
    for t, quantity in row.by_period.items():
        plain[t] = quantity
    factor = np.ones(len(tree.regimes))
    for k, regime in enumerate(tree.regimes):
        for d in (case.disruptions[d] for d in regime):
            if (not d.material or row.material in d.material) and (not d.use or row.use in d.use):
                factor[k] *= d.demand_multiplier
    demand: np.ndarray = plain[tree.period] * factor[tree.regime]
    return demand


def _largest_demand(demand: dict[tuple[str, str], np.ndarray], material: str) -> float:
    """Return the largest demand of a material at any node, all uses together."""
    rows = [values for (name, _), values in demand.items() if name == material]
    return float(np.sum(rows, axis=0).max()) if rows else 0.0


def _usual(case: Case, largest: dict[str, float], material: str, above: tuple[str, ...] = ()) -> float:
    """Return the usual quantity of a material: its demand, its inventory, or what its products need or it replaces; failing these, its offers' capacity."""
    sizes = [largest[material], sum(item.quantity for item in case.inventory if item.material == material)]
    made = [(offer.material, offer.input_per_unit or 0.0) for offer in case.offers if offer.input_material == material]
    made += [(row.material, row.input_per_unit) for row in case.inputs if row.input_material == material]
    for product, per_unit in made:
        if product not in (*above, material):
            sizes.append(per_unit * _usual(case, largest, product, (*above, material)))
    for row in case.substitutes:
        if row.substitute == material and row.material not in above:
            sizes.append((row.units_per_unit or 0.0) * row.maximum_share * largest[row.material])
    if max(sizes) <= 0.0:
        most = by_period(case, "capacity_per_year")[0].max(axis=1, initial=0.0)
        sizes = [float(most[s]) * case.calendar.years for s, offer in enumerate(case.offers) if offer.material == material]
    return max(sizes, default=0.0) or 1.0
