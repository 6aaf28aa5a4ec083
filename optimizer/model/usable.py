"""How much of an offer a plan can use: what big-M coefficients are made of, where a capacity as typed only means "without limit".

A bound that leaves at least one optimal plan, not an estimate; docs/decisions/0021 derives it. In short: of a plan among the optimal
ones with the fewest orders, goods that are neither drawn nor needed for a limit could be left unordered, at no more cost, unless they
sell for more than they cost. What is converted cannot exceed what there is of its input.
"""

from __future__ import annotations

from functools import cached_property
from math import inf, log10, prod

from optimizer.model.parameters import Parameters

DAYS_PER_YEAR = 365
SHARES = ("purchase_share", "largest_supplier_share", "largest_country_share")

MOST_LOSS = 60
"""Power of ten from which what is lost in store leaves nothing of any capacity."""

ROOM = 10.0
"""By how much more than the shares alone ask for purchases may grow to keep to several limits on shares at once."""


def best_sale(p: Parameters, g: str) -> float:
    """Return the most that a unit sold out of the stock can bring, discounted; 0 where none may be sold."""
    return (p.materials[g].sale_price or 0.0) * max(p.discount(t) for t in p.periods)


class Usable:
    """What orders and contracts of a case are worth having at most.

    order[s]: units of offer s in one period at one node; contract[s]: units per year. inf where only the capacity bounds it.
    """

    def __init__(self, p: Parameters) -> None:
        self.p = p
        self._needed: dict[str, float] = {}
        self._had: dict[str, float] = {}
        self._worth: dict[str, float] = {}

    # -- the two answers -----------------------------------------------------------------------------------------------

    @cached_property
    def order(self) -> list[float]:
        """Bound the units of each offer ordered in one period at one node."""
        return [self._order(s) for s in range(len(self.p.offers))]

    @cached_property
    def contract(self) -> list[float]:
        """Bound the units of each offer contracted per year: enough to call off what can be used where least is served at the least rate, or the minimum, or
        what is fixed."""
        return [self._contract(s) for s in range(len(self.p.offers))]

    # -- of an offer ---------------------------------------------------------------------------------------------------

    def _order(self, s: int) -> float:
        """Bound the orders of an offer. Under take-or-pay what is paid for anyway may also be taken, to be sold for its salvage value."""
        offer, taken = self.p.offers[s], self._taken(s)
        if offer.contractable and offer.take_or_pay > 0 and self.worth(offer.material) > 0:
            return max(taken, self._contract(s) * self.p.years)
        return taken

    def _contract(self, s: int) -> float:
        offer = self.p.offers[s]
        usable = self._taken(s) / (self.p.years * self._least_availability(s) * self.p.least_rate(s))
        return min(self.p.largest_capacity[s], max(offer.minimum_contract, offer.fixed_contract or 0.0, usable))

    def _taken(self, s: int) -> float:
        """Bound the orders of an offer of which each unit is paid for by itself."""
        offer = self.p.offers[s]
        if self.p.inputs[s]:
            return min(self.had(g) / (per_unit or 1.0) for g, per_unit in self.p.inputs[s])
        if offer.ships_later:
            # Orders are firm: what is taken on one path may have been ordered for the needs of others.
            return inf
        if self._sells_at_a_gain(s) or (self.shares(offer.material) and self._some_gain(offer.material)):
            return inf
        return max(self.needed(offer.material) * self.dilution(offer.material), offer.minimum_order)

    def _some_gain(self, g: str) -> bool:
        """Return whether some offer of a material sells at a gain, so that limits on shares may ask for any amount of the others."""
        return any(self._sells_at_a_gain(s) for s in self.p.offers_of[g] if not self.p.inputs[s])

    def _sells_at_a_gain(self, s: int) -> bool:
        """Return whether one unit bought and left over can bring more than it costs."""
        worth = self.worth(self.p.offers[s].material)
        return worth > 0 and any(worth > self.p.discount(t) * self._least_price(s, t) for t in self.p.periods)

    def _least_price(self, s: int, t: int) -> float:
        """Return the lowest price that a unit of offer s can cost in period t, in whatever regime."""
        p, offer = self.p, self.p.offers[s]
        spot = p.schedules[s].price(t)
        for k, d in enumerate(p.case.disruptions):
            spot *= min(1.0, d.price_multiplier if k in p.struck_by(s) else d.spillover_price_multiplier)
        prices: list[float] = ([spot] if offer.sold_spot else []) + ([self._contract_price(s, spot, t)] if offer.contractable else [])
        return min(prices)

    def _contract_price(self, s: int, spot: float, t: int) -> float:
        return self.p.offers[s].with_upside(self.p.schedules[s].contract_price(t, spot))

    def _least_availability(self, s: int) -> float:
        """Return the least share of offer s that any regime leaves which leaves anything; 1 where none does."""
        p, offer = self.p, self.p.offers[s]
        own = prod(d.capacity_remaining for k, d in enumerate(p.case.disruptions) if k in p.struck_by(s) and d.capacity_remaining > 0)
        # Should the feedstock be all, only regimes that leave some of it count.
        feed = prod(
            d.capacity_remaining for d in p.case.disruptions if d.strikes_feedstock(offer) and (d.capacity_remaining > 0 or offer.feedstock_dependence < 1)
        )
        return min(1.0, own * (1 - offer.feedstock_dependence * (1 - feed))) or 1.0

    # -- of a material -------------------------------------------------------------------------------------------------

    def needed(self, g: str) -> float:
        """Add up what draws, limits with a minimum and minimum orders can ask of a material along a path, ordered in the first period."""
        if g not in self._needed:
            p = self.p
            orders = sum(p.offers[s].minimum_order for s in p.offers_of[g]) * len(p.periods)
            total = sum(self._asked(g, t) * self._kept_for(g, t) for t in p.periods)
            last = self._kept_for(g, len(p.periods) - 1)
            converted = sum(
                per_unit * self.needed(p.offers[s].material) * self.dilution(p.offers[s].material)
                for s, inputs in enumerate(p.inputs)
                for name, per_unit in inputs
                if name == g
            )
            self._needed[g] = total + (orders + converted) * last
        return self._needed[g]

    def _kept_for(self, g: str, t: int) -> float:
        """Return the units ordered at the start for one unit in period t; where nothing is kept, what is ordered serves its own period only."""
        keeps = self.p.keeps(g)
        return 10.0 ** min(MOST_LOSS, -t * log10(keeps)) if keeps > 0 else 1.0

    def _asked(self, g: str, t: int) -> float:
        """Add up the demand in period t, highest of any regime, and what limits with a minimum want ordered or kept then."""
        p = self.p
        rises = {u: prod(max(1.0, d.demand_multiplier) for d in p.case.disruptions if d.moves(g, u)) for u in p.uses_of[g]}
        demand = {u: p.demand(g, u, t, ()) * rises[u] for u in p.uses_of[g]}
        asked = sum(demand.values()) + sum(self._replacing(i, t) for i, row in enumerate(p.case.substitutes) if row.substitute == g)
        for i, limit in enumerate(p.case.limits):
            if limit.minimum is None or not limit.covers(t) or g not in p.limit_materials(i):
                continue
            if limit.measure == "purchase_to_demand":
                asked += limit.minimum * sum(demand.values())
            elif limit.measure == "stock_cover_days":
                asked += limit.minimum * sum(demand[u] for u in p.matched_uses(i, g)) / (p.years * DAYS_PER_YEAR)
            elif limit.measure == "stock_quantity":
                asked += limit.minimum
        return asked

    def _replacing(self, i: int, t: int) -> float:
        """Return the most of its substitute that row i of Substitutes can ask for in period t, highest of any regime."""
        p, row = self.p, self.p.case.substitutes[i]
        if not row.begun(t) or (row.material, row.use) not in p.demands:
            return 0.0
        rise = prod(max(1.0, d.demand_multiplier) for d in p.case.disruptions if d.moves(row.material, row.use))
        return (row.units_per_unit or 0.0) * row.maximum_share * p.demand(row.material, row.use, t, ()) * rise

    def shares(self, g: str) -> list[float]:
        """List the shares that limits on shares of purchases leave to those that they bound: a minimum bounds those that do not match."""
        found = []
        for i, limit in enumerate(self.p.case.limits):
            if limit.measure in SHARES and g in self.p.limit_materials(i):
                sides = [limit.maximum] + ([None if limit.minimum is None else 1 - limit.minimum] if limit.measure == "purchase_share" else [])
                found += [share for share in sides if share is not None and 0 < share < 1]
        return found

    def dilution(self, g: str) -> float:
        """Return by how much purchases may exceed what is needed so that the limits on shares are kept."""
        shares = self.shares(g)
        return ROOM / prod(shares) if shares else 1.0

    def had(self, g: str) -> float:
        """Add up all that there can be of a material along a path: inventory, open orders and what is ordered."""
        if g not in self._had:
            p = self.p
            ordered = 0.0
            for s in p.offers_of[g]:
                most = self._order(s)
                ordered += sum(min(p.capacity(s, t) * p.years, most) for t in p.periods)
            self._had[g] = sum(item.quantity for item in p.case.inventory if item.material == g) + ordered
        return self._had[g]

    def worth(self, g: str) -> float:
        """Return what a unit left over can bring, discounted, sold as it is, in any period or at the end, or converted."""
        if g not in self._worth:
            p = self.p
            worth = max(p.materials[g].salvage_value * p.discount(len(p.periods)), best_sale(p, g))
            for s, offer in enumerate(p.offers):
                for per_unit in (per_unit for name, per_unit in p.inputs[s] if name == g):
                    fee = 0.0 if offer.contractable and offer.take_or_pay > 0 else min(p.discount(t) * self._least_price(s, t) for t in p.periods)
                    worth = max(worth, (self.worth(offer.material) - fee) / (per_unit or 1.0))
            self._worth[g] = worth
        return self._worth[g]
