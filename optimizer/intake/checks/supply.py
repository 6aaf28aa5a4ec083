"""Find what a case can deliver at best: the cheapest prices, the origins, the possible starts, and what cannot arrive in time.

Ordinary times are looked at: what disruptions do to prices and capacities is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeAlias

from optimizer.calendar import Calendar
from optimizer.case import BLOCS, EXPOSURE, Case, Demand, Offer, Project, Schedule
from optimizer.intake.checks.rules import ROUNDING, growing

Inputs: TypeAlias = tuple[tuple[str, float], ...]
"""The inputs of an offer: (material, units per unit of output)."""


def cheapest_prices(case: Case) -> dict[str, float]:
    """Return the least that a unit of each material costs in any period, its inputs included; a material that no offer sells in the horizon is left out."""
    found: dict[str, float | None] = {}
    offers: dict[str, list[tuple[Schedule, Inputs]]] = {}
    for schedule, inputs in zip(case.schedules, case.inputs_of_offers()):
        offers.setdefault(schedule.offer.material, []).append((schedule, inputs))

    def cheapest(material: str) -> float | None:
        if material not in found:
            prices = [_offer_price(case.calendar, schedule, inputs, cheapest) for schedule, inputs in offers.get(material, ())]
            found[material] = min((price for price in prices if price is not None), default=None)
        return found[material]

    for row in case.materials:
        cheapest(row.material)
    return {material: price for material, price in found.items() if price is not None}


def _offer_price(calendar: Calendar, schedule: Schedule, inputs: Inputs, cheapest: Callable[[str], float | None]) -> float | None:
    """Return the least that a unit of an offer costs in any period from which it is available; None if there is none."""
    offer, first, last = schedule.offer, max(0, schedule.offer.available_from or 0), calendar.periods - 1
    own: list[float] = []
    # A price grows or falls steadily until it changes: it is least at an end of such a time.
    changed = {t for row in schedule.changes for t in (row.start - 1, row.start) if first < t < last}
    for t in sorted({first, last} | changed) if first <= last else ():
        spot = schedule.price(t)
        if offer.sold_spot:
            own.append(spot)
        if offer.contractable:
            own.append(schedule.contract_price(t, spot))
    if not own:
        return None
    total = min(own)
    for name, per_unit in inputs:
        if (input_price := cheapest(name)) is None:
            return None
        total += per_unit * input_price
    return total


def origins_of(case: Case) -> dict[str, list[str]]:
    """Return the origins that any of each material can have, in stock, open orders or deliveries."""
    found: dict[str, list[str]] = {row.material: [] for row in case.materials}

    def add(material: str, origins: list[str]) -> bool:
        before = found[material]
        found[material] = [origin for origin in BLOCS if origin in before or origin in origins]
        return found[material] != before

    for item in case.inventory:
        add(item.material, [item.origin])
    # What is made from others gets their origins, one step of processing in each round, until a round adds nothing.
    made = list(zip(case.offers, case.inputs_of_offers()))
    while any([add(offer.material, delivered_by(offer, inputs, found)) for offer, inputs in made]):
        pass
    return found


def delivered_by(offer: Offer, inputs: Inputs, origins: dict[str, list[str]]) -> list[str]:
    """Return the origins that an offer can deliver, where each material has these."""
    if offer.input_material is None and inputs:
        return [b for b in BLOCS if EXPOSURE[b] <= EXPOSURE[offer.origin] and all(any(EXPOSURE[c] >= EXPOSURE[b] for c in origins[name]) for name, _ in inputs)]
    sources = origins[offer.input_material] if offer.input_material else [offer.origin]
    delivered = {offer.delivers(origin) for origin in sources}
    return [origin for origin in BLOCS if origin in delivered]


def possible_starts(calendar: Calendar, project: Project) -> list[int]:
    """Return the periods in which a project may start."""
    return [t for t in range(calendar.periods) if calendar.opens_year(t) and project.in_window(t)]


def earliest_starts(calendar: Calendar, project: Project) -> list[int]:
    """Return the periods in which a project may start at best: one that may wait for a disruption in any period of its window."""
    if project.may_wait_for and project.decided != "never":
        return [t for t in range(calendar.periods) if project.in_window(t)]
    return possible_starts(calendar, project)


@dataclass(frozen=True, slots=True)
class Shortage:
    """Hold what a use must go without, whatever is decided. period: the one by whose end `short` units cannot have been there.

    needed, supply: what it needs until then, and the most that can be there for it.
    """

    demand: Demand
    period: int
    short: float
    needed: float
    supply: float


def unavoidable_shortages(case: Case) -> list[Shortage]:
    """Return the uses that must go short even if all that can arrive in ordinary times, by origins that they accept, were theirs alone.

    Losses in store, budgets and limits are left out, a converted material's input is only waited for, and what may be replaced or saved is not
    needed, so that no shortage is claimed that some plan avoids.
    """
    arrivals = _Arrivals(case)
    found = []
    for row in case.demand:
        if row.material not in arrivals.offers:
            continue  # nobody offers it: that is said by itself
        least = _least_demand(case, row.material)
        needs = [least * needed_in(case, row, t) * _share_to_meet(case, row, t) for t in range(case.calendar.periods)]
        worst = None
        for begin in {0, max(0, row.allowed_origins_from or 0)}:
            needed = 0.0
            for t in range(begin, case.calendar.periods):
                needed += needs[t]
                allowed = tuple(origin for origin in BLOCS if any(row.allows(origin, u) for u in {begin, t}))
                supply = arrivals.until(row.material, allowed, t)
                short = needed - supply
                if short > 1e-6 * max(needed, 1e-12) and (worst is None or short > worst.short * (1 + ROUNDING)):
                    worst = Shortage(row, t, short, needed, supply)
        if worst is not None:
            found.append(worst)
    return found


def _share_to_meet(case: Case, need: Demand, t: int) -> float:
    """Return the share of a demand that substitutes and thrift leave to be met in a period at best."""
    rows = (row for row in case.substitutes if (row.material, row.use) == (need.material, need.use) and row.begun(t))
    return max(0.0, 1.0 - sum(row.maximum_share for row in rows))


def needed_in(case: Case, row: Demand, t: int) -> float:
    """Return the quantity that a use needs in a period of ordinary times."""
    years = case.calendar.years
    return row.by_period[t] if t in row.by_period else growing(row.annual_demand, row.annual_growth, t * years) * years


def _least_demand(case: Case, material: str) -> float:
    """Return the share of demand that is left by disruptions which lower it and may be active from the first period on."""
    share = 1.0
    for row in case.disruptions:
        if (row.active_now or case.scenarios) and not row.use and (not row.material or material in row.material):
            share *= min(1.0, row.demand_multiplier)
    return share


class _Arrivals:
    """The most that can have arrived of a material by a period."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.calendar = case.calendar
        self.offers: dict[str, list[Schedule]] = {}
        for schedule in case.schedules:
            self.offers.setdefault(schedule.offer.material, []).append(schedule)
        self.inputs = {offer.key: inputs for offer, inputs in zip(case.offers, case.inputs_of_offers())}
        self.ready = {
            project.project: min((t + self.calendar.periods_of(project.lead_time_months) for t in earliest_starts(self.calendar, project)), default=None)
            for project in case.projects
        }
        self.earliest = self._earliest()
        self._until: dict[tuple, list[float]] = {}

    def _earliest(self) -> dict[tuple[str, str], int]:
        """Return, by (material, origin), the first period in which any of it can be there."""
        found: dict[tuple[str, str], int] = {}

        def add(key: tuple[str, str], t: int) -> bool:
            if t >= self.calendar.periods or found.get(key, self.calendar.periods) <= t:
                return False
            found[key] = t
            return True

        for item in self.case.inventory:
            if item.quantity > 0:
                add((item.material, item.origin), self.case.usual_arrival(item) or 0)
        # One step of processing in each round, until a round brings nothing forward.
        schedules = [schedule for mine in self.offers.values() for schedule in mine]
        while any([add((schedule.offer.material, origin), t) for schedule in schedules for origin, t in self.deliveries(schedule, found)]):
            pass
        return found

    def deliveries(self, schedule: Schedule, earliest: dict[tuple[str, str], int]) -> list[tuple[str, int]]:
        """Return the origins that an offer can deliver, and the first period in which each arrives."""
        offer = schedule.offer
        first = max(0, offer.available_from or 0)
        if offer.project is not None:
            ready = self.ready.get(offer.project)
            if ready is None:
                return []
            first = max(first, ready)
        lead = self.calendar.periods_of(offer.lead_time_months)
        sources = [(offer.origin, first)]
        if offer.input_material is not None:
            inputs = [(origin, earliest[offer.input_material, origin]) for origin in BLOCS if (offer.input_material, origin) in earliest]
            sources = [(offer.delivers(origin), max(first, t)) for origin, t in inputs]
        elif self.inputs[offer.key]:
            sources = [(b, max(first, t)) for b in BLOCS if (t := self._inputs_there(offer, b, earliest)) is not None]
        begins = ((origin, next((u for u in schedule.turns(range(t, self.calendar.periods)) if schedule.deliverable(u) > 0), None)) for origin, t in sources)
        return [(origin, t + lead) for origin, t in begins if t is not None]

    def _inputs_there(self, offer: Offer, origin: str, earliest: dict[tuple[str, str], int]) -> int | None:
        """Return the first period in which all inputs of an offer are there of an origin or cleaner ones; None where its output cannot be of it."""
        if EXPOSURE[origin] > EXPOSURE[offer.origin]:
            return None
        there = [[earliest[name, b] for b in BLOCS if EXPOSURE[b] >= EXPOSURE[origin] and (name, b) in earliest] for name, _ in self.inputs[offer.key]]
        return max(map(min, there)) if all(there) else None

    def _deliver(self, schedule: Schedule, first: int, beginning: list[float]) -> None:
        """Add to each period by how much more an offer delivers from then on: as much as it can in the period in which that is ordered, or leaves."""
        offer, before = schedule.offer, 0.0
        later = self.case.transit(offer) if offer.ships_later else self.calendar.periods_of(offer.lead_time_months)
        for t in schedule.turns(range(first - later, self.calendar.periods - later)):
            most = schedule.deliverable(t) * self.calendar.years
            beginning[t + later] += most - before
            before = most

    def until(self, material: str, origins: tuple[str, ...], t: int) -> float:
        """Return the most of a material, by these origins, that can have arrived by the end of period t."""
        if (material, origins) not in self._until:
            arriving, beginning = [0.0] * self.calendar.periods, [0.0] * self.calendar.periods
            for item in self.case.inventory:
                due = self.case.usual_arrival(item) or 0
                if item.material == material and item.origin in origins and due < len(arriving):
                    arriving[due] += item.quantity
            for schedule in self.offers.get(material, ()):
                times = [when for origin, when in self.deliveries(schedule, self.earliest) if origin in origins]
                self._deliver(schedule, min(times, default=self.calendar.periods), beginning)
            rates = accumulate(beginning)
            self._until[material, origins] = list(accumulate(quantity + rate for quantity, rate in zip(arriving, rates, strict=True)))
        return self._until[material, origins][t]
