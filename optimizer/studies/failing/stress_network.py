"""From a plan to the network of its supply: what flows where, and what a failure leaves of it from a moment on.

The pools are the stocks by material and origin, and for offers that ship later what was ordered and has not left. The flows are the offers, each
over the origins of its input. Quantities are counted in the solver's units of each material. What the plan has decided here and now stays:
an offer sold under contract delivers what is contracted, one that waits for a project delivers once the plan's project is ready. Budgets and
limits are left out: the question is what goods there can be, not what they may cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer.case import EXPOSURE
from optimizer.model.data import CaseData
from optimizer.model.decisions import Decisions
from optimizer.scenarios.tree import Regime
from optimizer.solving.scaling import material_scales
from optimizer.studies.failing.survival import Draw, Flow, Network, Supply

MONTHS_PER_YEAR = 12.0
LATEST = 120.0
"""The months after the horizon until which a project may become ready, or an offer available, and still count."""

WITHOUT_LIMIT = 1e6
"""The units of the solver a month from which a capacity makes no difference; a larger number would only spoil the arithmetic."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a plan does on its reference path, by period: decisions at the nodes (N,), and the node of each period."""

    decisions: Decisions
    reference: tuple[int, ...]

    def at(self, values: np.ndarray | None, t: int) -> float:
        """Return the value in a period; 0 where there is none."""
        return 0.0 if values is None else max(0.0, float(values[self.reference[t]]))

    def ordered(self, s: int, b: str, t: int) -> float:
        """Return what is ordered from an offer over an origin in a period, spot and call-off."""
        return self.at(self.decisions.spot.get((s, b)), t) + self.at(self.decisions.call_off.get((s, b)), t)


class SupplyNetwork:
    """The network of a case, and its figures under a failure that begins in a period.

    data: of the case, whose disruptions may be more than the plan's. reference: the regimes of the plan's reference path in it.
    """

    def __init__(self, data: CaseData, held: Held, reference: tuple[Regime, ...]) -> None:
        self.data, self.held, self.reference = data, held, reference
        self.periods, self.months = len(reference), data.calendar.months
        scales = material_scales(data)
        self.scale = {g: scales[g] for g in data.materials}
        self.pool = {pair: k for k, pair in enumerate((g, b) for g in data.materials for b in data.origins[g])}
        later = [s for s, offer in enumerate(data.offers) if offer.ships_later and data.order_origins(s)]
        self.waiting = {s: len(self.pool) + k for k, s in enumerate(later)}
        self.unshipped = {(s, i): len(self.pool) + len(later) + k for k, (s, i) in enumerate(data.unshipped)}
        self.uses = list(data.demands)
        self.flows: list[Flow] = []
        self.flow_of: list[tuple[str, int]] = []
        self.shared: list[tuple[tuple[int, float], ...]] = []
        self.shared_of: list[tuple[str, int | str]] = []
        self.scale_of_plant: dict[str, float] = {}
        self._list_flows()
        self.draws: list[Draw] = []
        self.draw_of: list[tuple[int, str]] = []
        self.shares: dict[int, list[int]] = {}
        self._list_draws()

    # -- the network ---------------------------------------------------------------------------------------------------

    def _list_flows(self) -> None:
        data, members = self.data, dict[int, tuple[int, ...]]()
        for s in range(len(data.offers)):
            own = [self._flow(s, b) for b in data.order_origins(s)]
            if not own:
                continue
            members[s] = tuple(len(self.flows) + k for k in range(len(own)))
            self._add_flows("offer", s, own)
        for s, pool in self.waiting.items():
            self._add_flows("filing", s, [Flow(pool)])
        for (_, i), pool in self.unshipped.items():
            item = data.case.inventory[i]
            self._add_flows("open", i, [Flow(self.pool[item.material, item.origin], ((1.0, (pool,)),))])
        for plant in data.plants:
            group = tuple(f for s in data.offers_of_plant(plant) for f in members.get(s, ()))
            if group:
                # The offers of a plant have materials of one unit, but each material has a solver unit of its own.
                sizes = [self.scale[data.offers[self.flow_of[f][1]].material] for f in group]
                self.scale_of_plant[plant] = max(sizes)
                self.shared.append(tuple((f, size / max(sizes)) for f, size in zip(group, sizes)))
                self.shared_of.append(("plant", plant))

    def _add_flows(self, kind: str, which: int, flows: list[Flow]) -> None:
        numbers = tuple(len(self.flows) + k for k in range(len(flows)))
        self.flows += flows
        self.flow_of += [(kind, which)] * len(flows)
        self.shared.append(tuple((f, 1.0) for f in numbers))
        self.shared_of.append((kind, which))

    def _flow(self, s: int, b: str) -> Flow:
        """Return the flow of an offer over one origin: of its single input; with several inputs, of what it delivers."""
        data, offer = self.data, self.data.offers[s]
        own = self.scale[offer.material]
        inputs: list[tuple[float, tuple[int, ...]]] = []
        if s in self.waiting:
            inputs.append((1.0, (self.waiting[s],)))
        for g, units in data.inputs[s]:
            # An output is no cleaner than its dirtiest input.
            some = [c for c in data.origins[g] if EXPOSURE[c] >= EXPOSURE[b]] if s in data.listed_inputs else [b]
            inputs.append((units * own / self.scale[g], tuple(self.pool[g, c] for c in some)))
        return Flow(self.pool[offer.material, offer.delivers(b)], tuple(inputs))

    def _list_draws(self) -> None:
        data = self.data
        for n, (g, u) in enumerate(self.uses):
            for b in data.origins[g]:
                self.draws.append(Draw(n, self.pool[g, b]))
                self.draw_of.append((-1, b))
            for i in data.substitutes_of[g, u]:
                row = data.case.substitutes[i]
                for b in data.substitute_origins(i):
                    self.shares.setdefault(i, []).append(len(self.draws))
                    pool, units = None, 0.0
                    if row.substitute is not None:
                        pool, units = self.pool[row.substitute, b], (row.units_per_unit or 0.0) * self.scale[g] / self.scale[row.substitute]
                    self.draws.append(Draw(n, pool, units))
                    self.draw_of.append((i, b))

    @cached_property
    def network(self) -> Network:
        """The network, the same under every failure."""
        stores = [tuple(self.pool[g, b] for b in self.data.origins[g]) for g in self.stored]
        pools = len(self.pool) + len(self.waiting) + len(self.unshipped)
        return Network(pools, len(self.uses), tuple(self.flows), tuple(self.draws), tuple(self.shared), tuple(map(tuple, self.shares.values())), tuple(stores))

    @cached_property
    def stored(self) -> list[str]:
        """The materials whose storage has a capacity."""
        return [g for g, row in self.data.materials.items() if row.storage_capacity is not None and self.data.origins[g]]

    # -- the figures ---------------------------------------------------------------------------------------------------

    def regime(self, t: int, begins: int, failure: Regime) -> Regime:
        """Return the disruptions active in a period: those of the reference path, and the failure once it has begun."""
        usual = self.reference[min(t, self.periods - 1)]
        return tuple(sorted({*usual, *failure})) if t >= begins else usual

    def ready_from(self, begins: int, failure: Regime) -> dict[str, int]:
        """Return project -> the period from which it is ready, of those that the plan starts on a date or once a disruption is active."""
        data, found = self.data, {}
        for project, row in data.projects.items():
            start, condition = self.held.decisions.start.get(project), self.held.decisions.start_if.get(project)
            if condition is not None:
                d = next(k for k, other in enumerate(data.case.disruptions) if other.disruption == condition)
                start = next((t for t in range(self.periods) if row.in_window(t) and d in self.regime(t, begins, failure)), None)
            if start is not None:
                found[project] = start + data.project_lead(project)
        return found

    def rate(self, s: int, t: int, regime: Regime, ready: bool) -> float:
        """Return the units a month of an offer that can be ordered in a period: within its capacity, its spot limit and the plan's contract."""
        data, offer, known = self.data, self.data.offers[s], min(t, self.periods - 1)
        sold = data.spot_limit(s, known) if offer.sold_spot else 0.0
        if offer.contractable and offer.live(known):
            sold += self.held.decisions.contract.get(s, 0.0) * data.rate(s, known)
        return min(data.capacity(s, known) * ready, sold) * data.availability(s, t, regime) / MONTHS_PER_YEAR

    def supply(self, begins: int, failure: Regime) -> Supply:
        """Return the figures from the beginning of a period on, if a failure, which may be none, begins then and lasts without end."""
        ready = self.ready_from(begins, failure)
        changes = [self.periods, *ready.values(), *(offer.available_from or 0 for offer in self.data.offers)]
        last = min(max(changes), self.periods + round(LATEST / self.months))
        settled = self.regime(self.periods, begins, failure)
        longest = max((self.data.wait(s, settled) + self.data.lead(s, settled) for s in range(len(self.data.offers))), default=0)
        lives = [life for g in self.data.materials if (life := self.data.shelf_life(g)) is not None]
        longest += min(max(lives, default=0), round(LATEST / self.months))
        when = list(range(begins, last + longest + 1))
        regimes = [self.regime(t, begins, failure) for t in when]
        columns = list(zip(when, regimes))
        opening, arriving = self._goods(begins, len(when) - 1)
        return Supply(
            months=float(self.months),
            opening=opening,
            arriving=arriving,
            demand=np.array([[self._demand(g, u, t, r) for t, r in columns] for g, u in self.uses]).reshape(len(self.uses), len(when)),
            capacity=np.array([[self._capacity(*key, t, r, ready) for t, r in columns] for key in self.shared_of]).reshape(-1, len(when)),
            lag=np.array([[self._lag(*key, r) for r in regimes] for key in self.flow_of], dtype=int).reshape(-1, len(when)),
            usable=np.array([[self._usable(d, t, r) for t, r in columns] for d in range(len(self.draws))], dtype=bool).reshape(-1, len(when)),
            most=np.array([[self._most(i, t, r, ready) for t, r in columns] for i in self.shares]).reshape(-1, len(when)),
            keep=np.array([*(self.data.keeps(g) for g, _ in self.pool), *([1.0] * (len(self.waiting) + len(self.unshipped)))]),
            room=np.array([(self.data.materials[g].storage_capacity or 0.0) / self.scale[g] for g in self.stored]),
            **(self._ages(begins, len(when) - 1) if lives else {}),
        )

    def _demand(self, g: str, u: str, t: int, regime: Regime) -> float:
        return self.data.demand(g, u, min(t, self.periods - 1), regime) / self.months / self.scale[g]

    def _capacity(self, kind: str, which: int | str, t: int, regime: Regime, ready: dict[str, int]) -> float:
        """Return the solver's units a month that a group of flows can order in a period."""
        data, known = self.data, min(t, self.periods - 1)
        if isinstance(which, str):
            rate = data.plants[which].capacity_per_year * data.served(which, t, regime) / MONTHS_PER_YEAR
            return min(rate / self.scale_of_plant[which], WITHOUT_LIMIT)
        if kind == "open":
            item = data.case.inventory[which]
            s = data.case.offer_of(item)
            assert s is not None
            return item.quantity * data.availability(s, t, regime) / self.months / self.scale[item.material]
        offer = data.offers[which]
        is_ready = offer.project is None or ready.get(offer.project, t + 1) <= t
        if kind == "filing":
            early = offer.available_from is not None and t + data.wait(which, regime) < offer.available_from
            rate = 0.0 if early else data.capacity(which, known) * is_ready / MONTHS_PER_YEAR
        else:
            rate = self.rate(which, t, regime, is_ready)
        return min(rate / self.scale[offer.material], WITHOUT_LIMIT)

    def _lag(self, kind: str, which: int, regime: Regime) -> int:
        if kind == "open":
            s = self.data.case.offer_of(self.data.case.inventory[which])
            assert s is not None
            return self.data.lead(s, regime)
        return self.data.wait(which, regime) if kind == "filing" else self.data.lead(which, regime)

    def _usable(self, d: int, t: int, regime: Regime) -> bool:
        data, (i, b), known = self.data, self.draw_of[d], min(t, self.periods - 1)
        g, u = self.uses[self.draws[d].need]
        if i < 0:
            return data.may_draw(g, u, b, known, regime)
        return data.case.substitutes[i].begun(known) and data.may_replace(i, b, known, regime)

    def _most(self, i: int, t: int, regime: Regime, ready: dict[str, int]) -> float:
        row = self.data.case.substitutes[i]
        if row.project is not None and ready.get(row.project, t + 1) > t:
            return 0.0
        return row.maximum_share * self._demand(row.material, row.use, t, regime)

    def _goods(self, begins: int, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return (pools,) the stock when a period begins, and (pools, count) the goods on their way by the period in which they arrive."""
        data, held = self.data, self.held
        opening = np.zeros(self.network.pools)
        for (g, b), pool in self.pool.items():
            before = data.on_hand(g, b) if begins == 0 else held.at(held.decisions.stock.get((g, b)), begins - 1) * data.keeps(g)
            opening[pool] = before / self.scale[g]
        for s, pool in self.waiting.items():
            opening[pool] = held.at(held.decisions.held_back.get(s), begins - 1) / self.scale[data.offers[s].material] if begins else 0.0
        for (s, i), pool in self.unshipped.items():
            opening[pool] = held.at(held.decisions.open_left.get(i), begins - 1) / self.scale[data.offers[s].material] if begins else 0.0
        return opening, self._comes_in(begins, range(begins, begins + count))

    def _comes_in(self, ordered_before: int, when: range) -> np.ndarray:
        """Return (pools, periods) what comes in, in some periods, of open orders and of what the plan orders before a period."""
        data, held, found = self.data, self.held, np.zeros((self.network.pools, len(when)))

        def add(pool: int, t: int, quantity: float, g: str) -> None:
            if t in when:
                found[pool, t - when.start] += quantity / self.scale[g]

        for (g, b), pool in self.pool.items():
            for t in when:
                add(pool, t, data.open_orders(g, b, t), g)
        for s, offer in enumerate(data.offers):
            for b in data.order_origins(s):
                for a in range(ordered_before):
                    add(self.pool[offer.material, offer.delivers(b)], a + data.lead(s, self.reference[a]), held.ordered(s, b, a), offer.material)
        for s, pool in self.waiting.items():
            for a in range(ordered_before):
                add(pool, a + data.wait(s, self.reference[a]), held.at(held.decisions.filed.get(s), a), data.offers[s].material)
        for (s, i), pool in self.unshipped.items():
            item = data.case.inventory[i]
            for t in when:
                add(pool, t, data.falls_due(i, t), item.material)
            for a in range(ordered_before):
                shipped = held.at(held.decisions.open_shipped.get(i), a)
                add(self.pool[item.material, item.origin], a + data.case.transit(data.offers[s]), shipped, item.material)
        return found

    def _ages(self, begins: int, count: int) -> dict[str, np.ndarray]:
        """Return the shelf lives of the pools, and what can still be used later of what came in before a period, as Supply has them."""
        data, pools = self.data, self.network.pools
        life, old = np.zeros(pools, dtype=int), np.zeros((pools, count))
        came = self._comes_in(begins, range(begins))
        for (g, b), pool in self.pool.items():
            periods = data.shelf_life(g)
            if periods is None:
                continue
            life[pool] = periods
            for t in range(begins, begins + count):
                # What is on hand counts as what comes in first.
                fresh = data.on_hand(g, b) / self.scale[g] * data.keeps(g) ** t if t - periods + 2 <= 0 else 0.0
                old[pool, t - begins] = fresh + sum(data.keeps(g) ** (t - a) * came[pool, a] for a in data.fresh(g, t) if a < begins)
        return {"life": life, "old": old}
