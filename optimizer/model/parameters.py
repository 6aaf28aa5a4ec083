"""The parameters of the model: what a case says, and what a regime does to offers, prices, lead times and demand."""

from __future__ import annotations

from functools import cached_property, lru_cache
from math import prod
from typing import Any

from optimizer.case import BLOCS, EXPOSURE, Case, Offer, Plant
from optimizer.scenarios.memory import delayed
from optimizer.scenarios.tree import Memory, Regime

REMEMBERED = ("availability", "capacity", "spot_limit", "rate", "spot_price", "contract_price", "duty", "lead", "demand", "arriving", "order_origins", "starts")
"""The lookups whose answers are kept."""


class Parameters:
    """The parameters of a case by name and position, and what a regime makes of them.

    s is an offer's position in case.offers, d a disruption's, i a limit's or budget row's; regime a sorted tuple of d.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self.calendar = case.calendar
        self.periods = range(case.settings.periods)
        self.years = self.calendar.years
        self.materials = {m.material: m for m in case.materials}
        self.offers = case.offers
        self.schedules = case.schedules
        self.demands = {(d.material, d.use): d for d in case.demand}
        self.projects = {p.project: p for p in case.projects}
        # Each lookup is asked for again by every period of every path: remember the answers.
        for name in REMEMBERED:
            setattr(self, name, lru_cache(maxsize=None)(getattr(self, name)))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the case alone: remembered answers do not travel."""
        return type(self), (self.case,)

    @cached_property
    def offers_of(self) -> dict[str, list[int]]:
        """Map each material to its offers."""
        found: dict[str, list[int]] = {m: [] for m in self.materials}
        for s, offer in enumerate(self.offers):
            found[offer.material].append(s)
        return found

    @cached_property
    def uses_of(self) -> dict[str, list[str]]:
        """Map each material to its uses."""
        return {m: [use for material, use in self.demands if material == m] for m in self.materials}

    @cached_property
    def origins(self) -> dict[str, list[str]]:
        """Map each material to the origins that any of it can have: of stock, open orders and deliveries."""
        found: dict[str, list[str]] = {}

        def visit(material: str) -> list[str]:
            if material not in found:
                held = {item.origin for item in self.case.inventory if item.material == material}
                for s in self.offers_of[material]:
                    for g, _ in self.inputs[s]:
                        visit(g)
                    held |= {self.offers[s].delivers(b) for b in self._runs_over(s, found)}
                found[material] = [b for b in BLOCS if b in held]
            return found[material]

        for material in self.materials:
            visit(material)
        return found

    @cached_property
    def inputs(self) -> list[tuple[tuple[str, float], ...]]:
        """List the inputs of each offer, (material, units per unit of output)."""
        return self.case.inputs_of_offers()

    @cached_property
    def listed_inputs(self) -> dict[int, list[int]]:
        """Map each offer whose inputs stand on the sheet Inputs to its rows there."""
        return self.case.listed_inputs()

    def order_origins(self, s: int) -> list[str]:
        """List the origins b over which orders of offer s run: its own; those of its single input; with inputs of the sheet Inputs, those of its output."""
        return self._runs_over(s, self.origins)

    def _runs_over(self, s: int, origins: dict[str, list[str]]) -> list[str]:
        offer = self.offers[s]
        if s in self.listed_inputs:
            # The output may be called as exposed as one likes, but no cleaner than the offer, nor than what some input can be.
            cleanest = min(
                [offer.origin, *(max(origins[g], key=EXPOSURE.__getitem__, default="") for g, _ in self.inputs[s])], key=lambda b: EXPOSURE.get(b, -1)
            )
            return [b for b in BLOCS if cleanest and EXPOSURE[b] <= EXPOSURE[cleanest]]
        return origins[offer.input_material] if offer.input_material else [offer.origin]

    def on_hand(self, material: str, origin: str) -> float:
        """Return stock before the first period."""
        return sum(i.quantity for i in self.case.inventory if (i.material, i.origin) == (material, origin) and i.on_hand)

    def open_orders(self, material: str, origin: str, t: int) -> float:
        """Return open orders under way that arrive in period t; those due before the horizon come in its first period."""
        items = (i for i in self.case.inventory if (i.material, i.origin) == (material, origin))
        return sum((i.quantity for i in items if i.arrives is not None and max(0, i.arrives) == t), 0.0)

    def keeps(self, material: str) -> float:
        """Return the share of a unit in store that is left after one period."""
        return float((1 - self.materials[material].annual_loss) ** self.years)

    def shelf_life(self, material: str) -> int | None:
        """Return in how many periods, that of the arrival included, a material can be used; None without end."""
        months = self.materials[material].shelf_life_months
        return None if months is None else self.calendar.periods_of(months)

    def fresh(self, material: str, t: int) -> list[int]:
        """List the periods whose arrivals can still be used after period t."""
        life = self.shelf_life(material)
        return [] if life is None else list(range(max(0, t - life + 2), t + 1))

    def ends_life(self, material: str, t: int) -> list[int]:
        """List the period whose arrivals end their life with period t; none before the first ones do, or where a material keeps for ever."""
        life = self.shelf_life(material)
        return [t - life + 1] if life is not None and t >= life - 1 else []

    def discount(self, t: int) -> float:
        """Return the discount factor of period t."""
        return float((1 + self.case.settings.discount_rate) ** (-t * self.years))

    # -- what a regime does ----------------------------------------------------------------------------------------

    @cached_property
    def struck(self) -> list[tuple[frozenset[int], frozenset[int], frozenset[int]]]:
        """List for each offer the disruptions that strike it, its feedstock, and another offer of its material but not it."""
        own: list[set[int]] = [set() for _ in self.offers]
        feed: list[set[int]] = [set() for _ in self.offers]
        spill: list[set[int]] = [set() for _ in self.offers]
        for k, disruption in enumerate(self.case.disruptions):
            struck = [disruption.strikes(offer) for offer in self.offers]
            materials = {offer.material for offer, hit in zip(self.offers, struck) if hit}
            for s, (offer, hit) in enumerate(zip(self.offers, struck)):
                if hit:
                    own[s].add(k)
                elif offer.material in materials:
                    spill[s].add(k)
                if disruption.strikes_feedstock(offer):
                    feed[s].add(k)
        return [(frozenset(a), frozenset(b), frozenset(c)) for a, b, c in zip(own, feed, spill)]

    def struck_by(self, s: int) -> frozenset[int]:
        """Return the disruptions that strike offer s."""
        return self.struck[s][0]

    def availability(self, s: int, t: int, regime: Regime) -> float:
        """Return the share of offer s's capacity that is served: own·(1 - feedstock_dependence·(1 - feed))."""
        offer = self.offers[s]
        if offer.available_from is not None and t < offer.available_from:
            return 0.0
        own, feed, _ = self.struck[s]
        remaining = [d.capacity_remaining for d in self.case.disruptions]
        served = prod(remaining[k] for k in regime if k in own)
        return served * (1 - offer.feedstock_dependence * (1 - prod(remaining[k] for k in regime if k in feed)))

    def capacity(self, s: int, t: int) -> float:
        """Return the capacity per year of offer s in period t."""
        return self.schedules[s].capacity(t)

    def spot_limit(self, s: int, t: int) -> float:
        """Return the spot limit per year of offer s in period t."""
        return self.schedules[s].spot_limit(t)

    def has_spot_limit(self, s: int, t: int) -> bool:
        """Return whether offer s is sold spot in period t with a limit below its capacity."""
        return self.offers[s].sold_spot and self.spot_limit(s, t) < self.capacity(s, t)

    @cached_property
    def largest_capacity(self) -> list[float]:
        """List the largest capacity per year of each offer in the periods in which its contract is live."""
        return [schedule.largest_capacity(filter(schedule.offer.live, self.periods)) for schedule in self.schedules]

    def rate(self, s: int, t: int) -> float:
        """Return the share of a contract with offer s that can be called off in period t: its capacity then, of the largest while the contract is live."""
        largest = self.largest_capacity[s]
        return self.capacity(s, t) / largest if largest > 0 else 1.0

    def least_rate(self, s: int) -> float:
        """Return the least rate above 0 of the contract with offer s while it is live; 1 where there is none."""
        if not self.schedules[s].changes_in("capacity_per_year"):
            return 1.0
        return min((rate for t in self.periods if self.offers[s].live(t) and (rate := self.rate(s, t)) > 0), default=1.0)

    def spot_price(self, s: int, t: int, regime: Regime) -> float:
        """Return the spot price per unit of offer s."""
        own, _, spill = self.struck[s]
        multiplier = prod(self.case.disruptions[k].price_multiplier for k in regime if k in own)
        multiplier *= prod(self.case.disruptions[k].spillover_price_multiplier for k in regime if k in spill)
        return float(self.schedules[s].price(t) * multiplier)

    def contract_price(self, s: int, t: int, regime: Regime) -> float:
        """Return the contract price per unit of offer s, less the buyer's share of what it is above the trigger."""
        return self.offers[s].with_upside(self.bounded_price(s, t, regime))

    def bounded_price(self, s: int, t: int, regime: Regime) -> float:
        """Return the contract price per unit of offer s: fixed or indexed, then raised to the floor, then lowered to the ceiling."""
        return self.schedules[s].contract_price(t, self.spot_price(s, t, regime))

    def permits(self, material: str, use: str, origin: str, t: int, regime: Regime) -> bool:
        """Return whether every origin rule in force for a use lists an origin."""
        active = {self.case.disruptions[k].disruption for k in regime}
        return all(origin in row.allowed_origins for row in self.case.origin_rules if row.concerns(material, use) and row.in_force(t, active))

    def may_draw(self, material: str, use: str, origin: str, t: int, regime: Regime) -> bool:
        """Return whether a use may draw an origin: by its own columns of Demand, and by the rules in force."""
        return self.demands[material, use].allows(origin, t) and self.permits(material, use, origin, t, regime)

    # -- what a use can do without ---------------------------------------------------------------------------------

    @cached_property
    def substitutes_of(self) -> dict[tuple[str, str], list[int]]:
        """Map each (material, use) to the rows of Substitutes that replace it there."""
        found: dict[tuple[str, str], list[int]] = {pair: [] for pair in self.demands}
        for i, row in enumerate(self.case.substitutes):
            if (row.material, row.use) in found:
                found[row.material, row.use].append(i)
        return found

    def substitute_origins(self, i: int) -> list[str]:
        """List the origins over which row i of Substitutes runs: those of its substitute; where less is simply needed one without a name."""
        substitute = self.case.substitutes[i].substitute
        return [""] if substitute is None else self.origins[substitute]

    def may_replace(self, i: int, origin: str, t: int, regime: Regime) -> bool:
        """Return whether the use may take the substitute of an origin: as it may draw its material, and as the rules in force for the substitute list it."""
        row = self.case.substitutes[i]
        if row.substitute is None:
            return True
        return self.may_draw(row.material, row.use, origin, t, regime) and self.permits(row.substitute, row.use, origin, t, regime)

    # -- offers that share -----------------------------------------------------------------------------------------

    @cached_property
    def plants(self) -> dict[str, Plant]:
        """Return plant -> its row."""
        return {row.plant: row for row in self.case.plants}

    def offers_of_plant(self, plant: str) -> list[int]:
        """Return the offers that share a plant and can deliver."""
        return [s for s, offer in enumerate(self.offers) if offer.plant == plant and self.order_origins(s)]

    def served(self, plant: str, t: int, regime: Regime) -> float:
        """Return the share of a plant's capacity that is served: that of its offer of which most is."""
        return max((self.availability(s, t, regime) for s in self.offers_of_plant(plant)), default=0.0)

    def first_live(self, s: int) -> int | None:
        """Return the first period in which the contract with offer s is live, None where there is none."""
        return next((t for t in self.periods if self.offers[s].live(t)), None)

    def duty(self, s: int, t: int, regime: Regime) -> float:
        """Return the share of its price that is due on what offer s delivers: the sum of the duties in force."""
        active = {self.case.disruptions[k].disruption for k in regime}
        return sum(row.rate for row in self.case.duties if row.matches(self.offers[s]) and row.in_force(t, active))

    def lead(self, s: int, regime: Regime) -> int:
        """Return the periods from order to arrival, or from departure where the offer ships later; the sum of months is rounded up once."""
        if self.offers[s].ships_later:
            return self.case.transit(self.offers[s])
        added = sum(self.case.disruptions[k].lead_time_added_months for k in regime if k in self.struck[s][0])
        return self.calendar.periods_of(self.offers[s].lead_time_months + added)

    # -- what has not left -----------------------------------------------------------------------------------------

    def wait(self, s: int, regime: Regime) -> int:
        """Return the periods from an order to the departure of its goods; the sum of months is rounded up once."""
        added = sum(self.case.disruptions[k].lead_time_added_months for k in regime if k in self.struck[s][0])
        return self.calendar.periods_of(self.offers[s].ships_after_months + added)

    def filed_for(self, s: int, t: int, memory: Memory) -> int | None:
        """Return the latest period whose orders with offer s are due by t; None where none is due yet.

        It is t itself where orders leave at once, or where it makes no difference because an unused contract costs nothing.
        """
        if not (self.offers[s].ships_later and self.offers[s].paid_unused):
            return t
        if not delayed(self.case, self.offers[s]):
            filed = t - self.wait(s, ())
            return filed if filed >= 0 else None
        return dict(memory.due_since).get(s)

    @cached_property
    def unshipped(self) -> list[tuple[int, int]]:
        """List (s, i): the open orders, positions in case.inventory, that have not left, each with its offer."""
        return [(s, i) for i, item in enumerate(self.case.inventory) if (s := self.case.offer_of(item)) is not None]

    def falls_due(self, i: int, t: int) -> float:
        """Return the quantity of an open order that is due to leave in period t; one due before the horizon is in its first period."""
        item = self.case.inventory[i]
        return item.quantity if max(0, item.ships or 0) == t else 0.0

    def arriving(self, material: str, origin: str, regime: Regime) -> dict[int, list[tuple[int, str]]]:
        """Map periods from order to arrival to the offers, each with the origin of its input, that then deliver this origin."""
        found: dict[int, list[tuple[int, str]]] = {}
        for s in self.offers_of[material]:
            for c in self.order_origins(s):
                if self.offers[s].delivers(c) == origin:
                    found.setdefault(self.lead(s, regime), []).append((s, c))
        return found

    def demand(self, material: str, use: str, t: int, regime: Regime) -> float:
        """Return the quantity needed in period t."""
        row = self.demands[material, use]
        quantity = row.by_period.get(t, row.annual_demand * (1 + row.annual_growth) ** (t * self.years) * self.years)
        active = (self.case.disruptions[k] for k in regime)
        return float(quantity * prod(d.demand_multiplier for d in active if d.moves(material, use)))

    # -- projects --------------------------------------------------------------------------------------------------

    def project_lead(self, project: str) -> int:
        """Return the periods from a project's start until it is ready."""
        return self.calendar.periods_of(self.projects[project].lead_time_months)

    def starts(self, project: str) -> list[int]:
        """List the periods in which a project may start: the first of the horizon or of a fiscal year, within its window."""
        row = self.projects[project]
        return [t for t in self.periods if self.calendar.opens_year(t) and row.in_window(t)]

    def conditions(self, project: str) -> tuple[str, ...]:
        """List the disruptions that a project may wait for, unless it is decided that it never starts."""
        row = self.projects[project]
        return () if row.decided == "never" else row.may_wait_for

    def begun_for(self, project: str, disruption: str, t: int, memory: Memory) -> int | None:
        """Return the period in which a project that starts once a disruption is active has started, by period t; None where it has not.

        Once it is ready, the period is the latest that it can have been.
        """
        since = next((periods for j, d, periods in memory.begun if (j, d) == (project, disruption)), None)
        return None if since is None else t - since

    def project_outlay(self, project: str, start: int, t: int) -> float:
        """Return the money due in period t for a project started in `start`: even parts, those past the horizon in its last period."""
        parts = max(1, self.project_lead(project))
        last = self.periods[-1]
        due = sum(1 for k in range(parts) if min(start + k, last) == t)
        return self.projects[project].cost * due / parts

    # -- budgets ---------------------------------------------------------------------------------------------------

    def budget_before(self, i: int) -> int | None:
        """Return the row of Budget that carries over to row i: that of the periods just before its own, with the same category and materials."""
        own = self.case.budget_periods(self.case.budget[i])
        earlier = (
            j
            for j, other in enumerate(self.case.budget)
            if other.scope == self.case.budget[i].scope
            and other.carry_over > 0
            and own
            and (periods := self.case.budget_periods(other))
            and periods[-1] == own[0] - 1
        )
        return next(earlier, None)

    # -- limits ----------------------------------------------------------------------------------------------------

    def limit_materials(self, i: int) -> list[str]:
        """List the materials that limit i names, all where it names none."""
        wanted = self.case.limits[i].material
        return [m for m in self.materials if not wanted or m in wanted]

    def matched_uses(self, i: int, material: str) -> list[str]:
        """List the uses of `material` that limit i names, all where it names none."""
        wanted = self.case.limits[i].use
        return [use for use in self.uses_of[material] if not wanted or use in wanted]

    def groups(self, i: int, material: str) -> list[str]:
        """List the suppliers, or countries, of the offers that limit i matches."""
        limit = self.case.limits[i]
        matched = [self.offers[s] for s in self.offers_of[material] if limit.matches(self.offers[s])]
        names = {name for offer in matched if (name := group_of(limit.measure, offer)) is not None}
        return sorted(names, key=str.casefold)


def group_of(measure: str, offer: Offer) -> str | None:
    """Return the supplier or country of an offer, as a measure of the largest share asks."""
    return offer.country if measure == "largest_country_share" else offer.supplier
