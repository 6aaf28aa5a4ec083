"""The whole model written out node by node in plain Pyomo: a second reading of its definition, to test the product by.

Nothing here is shared with the product but the records of a case and its calendar. Speed does not matter; every rule
stands as the paper has it, in the paper's order. `tests/random_cases.py` draws the cases to compare on.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import highspy
import numpy as np
import pyomo.environ as pyo
from pyomo.common.errors import InfeasibleConstraintException
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler, LinearStandardFormInfo
from written_tail import budgets, gone_on

from optimizer.case import Case, Disruption, InputRow, Limit, Offer, OfferChange

ORIGINS = ("chinese", "other", "allied", "onshored")
OPTIONS = {
    "output_flag": False,
    "primal_feasibility_tolerance": 1e-9,
    "dual_feasibility_tolerance": 1e-9,
    "mip_feasibility_tolerance": 1e-9,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 1e-9,
    "threads": 1,
}
"""The solver's, under which an optimum is exact to the last digits."""
Regime = frozenset[int]
"""The positions in case.disruptions of the active ones."""


# --- the disruption process ------------------------------------------------------------------------------------------


def steps(case: Case, regime: Regime, period: int) -> list[tuple[Regime, float]]:
    """The regimes that may follow `regime` in the next period, `period`, each with its conditional probability."""
    position = {d.disruption: k for k, d in enumerate(case.disruptions)}
    months = case.calendar.months
    active_next = []
    for k, d in enumerate(case.disruptions):
        if k in regime:
            chance = 1 - min(1.0, months / d.mean_duration_months)
        elif d.follows is not None and position[d.follows] not in regime:
            chance = 0.0
        elif d.decision_date == period:
            chance = d.decision_probability
        else:
            raised = d.raised_by is not None and position[d.raised_by] in regime
            chance = 1 - (1 - (d.raised_probability if raised else d.annual_probability)) ** (months / 12)
        active_next.append(chance)
    result = []
    for pattern in itertools.product((False, True), repeat=len(active_next)):
        probability = math.prod(chance if active else 1 - chance for active, chance in zip(pattern, active_next, strict=True))
        if probability > 0:
            result.append((frozenset(k for k, active in enumerate(pattern) if active), probability))
    return result


def exact_paths(case: Case) -> list[tuple[tuple[Regime, ...], float]]:
    """Every path of regimes of positive probability."""
    paths = [((frozenset(k for k, d in enumerate(case.disruptions) if d.active_now),), 1.0)]
    for period in range(1, case.settings.periods):
        paths = [((*path, after), weight * chance) for path, weight in paths for after, chance in steps(case, path[-1], period)]
    return paths


def listed_paths(case: Case) -> list[tuple[tuple[Regime, ...], float]]:
    """The paths of the Scenarios sheet, and the one in which nothing happens with what they leave of probability 1."""
    position = {d.disruption: k for k, d in enumerate(case.disruptions)}
    periods = range(case.settings.periods)
    regimes: dict[str, list[set[int]]] = {}
    weights: dict[str, float] = {}
    for row in case.scenarios:
        weights[row.scenario] = row.probability
        path = regimes.setdefault(row.scenario, [set() for _ in periods])
        if row.disruption is not None:
            for t in range(max(0, row.starts), min(len(periods), row.starts + case.calendar.periods_of(row.duration_months))):
                path[t].add(position[row.disruption])
    paths = [(tuple(frozenset(regime) for regime in regimes[name]), weights[name]) for name in regimes]
    rest = 1 - sum(weights.values())
    if rest > 1e-9:
        paths.append((tuple(frozenset() for _ in periods), rest))
    return paths


def enumerate_paths(case: Case) -> list[tuple[tuple[Regime, ...], float]]:
    """The scenarios of a case that are not sampled: a regime for each period, and the probability."""
    method = case.settings.scenario_method
    if method == "listed" or (method == "auto" and case.scenarios):
        return listed_paths(case)
    if method == "sampled":
        raise ValueError("sampled scenarios must be given as `paths`")
    return exact_paths(case)


# --- the tree --------------------------------------------------------------------------------------------------------


@dataclass
class Node:
    """A history of regimes up to a period. history: the numbers of its ancestors from the root on, and its own."""

    number: int
    parent: int | None
    period: int
    regime: Regime
    probability: float
    history: tuple[int, ...]


def build_tree(paths: Iterable[tuple[Sequence[Regime], float]]) -> list[Node]:
    """The trie of the paths: scenarios share a node as long as their regimes have been the same."""
    nodes: list[Node] = []
    known: dict[tuple[Regime, ...], int] = {}
    for path, weight in paths:
        history: tuple[int, ...] = ()
        for t in range(len(path)):
            so_far = tuple(path[: t + 1])
            if so_far not in known:
                known[so_far] = len(nodes)
                nodes.append(Node(len(nodes), history[-1] if history else None, t, path[t], 0.0, (*history, len(nodes))))
            history = (*history, known[so_far])
            nodes[known[so_far]].probability += weight
    return nodes


def reference_path(case: Case, nodes: list[Node]) -> list[int]:
    """The numbers of the nodes that events pass while they take their likeliest course."""
    path: list[int] = []
    for _ in range(case.settings.periods):
        choice = [node for node in nodes if node.parent == (path[-1] if path else None)]
        best = max(node.probability for node in choice)
        tied = [node for node in choice if node.probability >= best * (1 - 1e-9)]
        path.append(min(tied, key=lambda node: (len(node.regime), sorted(case.disruptions[k].row for k in node.regime))).number)
    return path


# --- data by regime --------------------------------------------------------------------------------------------------


def admits(names: tuple[str, ...], value: str | None) -> bool:
    """Whether a filter, blank for any, lets a value through."""
    return not names or value in names


def strikes(d: Disruption, s: Offer) -> bool:
    return admits(d.bloc, s.bloc) and admits(d.country, s.country) and admits(d.supplier, s.supplier) and admits(d.material, s.material)


def strikes_feedstock(d: Disruption, s: Offer) -> bool:
    """Whether d would strike an offer of the same material from where the feedstock of s comes from."""
    if s.feedstock_bloc is None and s.feedstock_country is None:
        return False
    there = admits(d.bloc, s.feedstock_bloc) and admits(d.country, s.feedstock_country) and admits(d.material, s.material)
    return there and not d.supplier and not strikes(d, s)


class Data:
    """What the paper calls data by regime, for the nodes of a tree."""

    def __init__(self, case: Case, nodes: list[Node]) -> None:
        self.case, self.nodes, self.calendar = case, nodes, case.calendar
        self.years = case.calendar.months / 12

    def active(self, n: int) -> list[Disruption]:
        return [self.case.disruptions[k] for k in sorted(self.nodes[n].regime)]

    def grown(self, rate: float, n: int) -> float:
        return (1 + rate) ** (self.nodes[n].period * self.years)

    def available(self, s: Offer, n: int) -> float:
        if s.available_from is not None and self.nodes[n].period < s.available_from:
            return 0.0
        own = math.prod(d.capacity_remaining for d in self.active(n) if strikes(d, s))
        feed = math.prod(d.capacity_remaining for d in self.active(n) if strikes_feedstock(d, s))
        return own * (1 - s.feedstock_dependence * (1 - feed))

    def changes(self, s: Offer) -> list[OfferChange]:
        """The rows of Offer changes of an offer, those that begin first first."""
        return sorted((row for row in self.case.offer_changes if (row.supplier, row.material, row.offer) == s.key), key=lambda row: row.start)

    def in_force(self, s: Offer, name: str, n: int) -> tuple[float | None, int]:
        """What a column of an offer is in the period of a node, and the period since when: its own until changes begin."""
        value, since = getattr(s, name), 0
        for row in self.changes(s):
            if row.start <= self.nodes[n].period and getattr(row, name) is not None:
                value, since = getattr(row, name), max(0, row.start)
        return value, since

    def capacity(self, s: Offer, n: int) -> float:
        """Per year."""
        return self.in_force(s, "capacity_per_year", n)[0]

    def spot_limit(self, s: Offer, n: int) -> float:
        limit, _ = self.in_force(s, "spot_limit_per_year", n)
        return self.capacity(s, n) if limit is None else limit

    def spot_price(self, s: Offer, n: int) -> float:
        price, since = self.in_force(s, "price", n)
        price *= (1 + s.price_growth) ** ((self.nodes[n].period - since) * self.years)
        others = [other for other in self.case.offers if other.material == s.material and other is not s]
        for d in self.active(n):
            if strikes(d, s):
                price *= d.price_multiplier
            elif any(strikes(d, other) for other in others):
                price *= d.spillover_price_multiplier
        return price

    def contract_price(self, s: Offer, n: int) -> float:
        agreed, since = self.in_force(s, "contract_price", n)
        if s.contract_pricing == "fixed":
            price = agreed * (1 + s.contract_price_growth) ** ((self.nodes[n].period - since) * self.years)
        elif any(row.contract_price is not None and row.start <= self.nodes[n].period for row in self.changes(s)):
            # A changed contract price sets the ratio to the price that holds in the period of the change, an ancestor's.
            price = self.spot_price(s, n) * agreed / self.in_force(s, "price", self.nodes[n].history[since])[0]
        else:
            price = self.spot_price(s, n) * s.contract_price / s.price
        if s.price_floor is not None:
            price = max(price, s.price_floor)
        if s.price_ceiling is not None:
            price = min(price, s.price_ceiling)
        if s.upside_trigger is not None:
            price -= s.upside_share * max(0, price - s.upside_trigger)
        return price

    def added_months(self, s: Offer, n: int) -> float:
        return sum(d.lead_time_added_months for d in self.active(n) if strikes(d, s))

    def lead(self, s: Offer, n: int) -> int:
        """Periods from an order to its arrival; of an offer that ships later, from departure."""
        if s.ships_after_months > 0:
            return self.transit(s)
        return self.calendar.periods_of(s.lead_time_months + self.added_months(s, n))

    def transit(self, s: Offer) -> int:
        return self.calendar.periods_of(s.lead_time_months) - self.calendar.periods_of(s.ships_after_months)

    def wait(self, s: Offer, n: int) -> int:
        """Periods from an order to its departure, of an offer that ships later."""
        return self.calendar.periods_of(s.ships_after_months + self.added_months(s, n))

    def demand(self, u: int, n: int) -> float:
        row, t = self.case.demand[u], self.nodes[n].period
        quantity = row.by_period[t] if t in row.by_period else row.annual_demand * self.grown(row.annual_growth, n) * self.years
        return quantity * math.prod(d.demand_multiplier for d in self.active(n) if admits(d.material, row.material) and admits(d.use, row.use))

    def allowed(self, u: int, origin: str, n: int) -> bool:
        row = self.case.demand[u]
        binds = row.allowed_origins_from is None or self.nodes[n].period >= row.allowed_origins_from
        return self.ruled_in(row.material, row.use, origin, n) and (not (row.allowed_origins and binds) or origin in row.allowed_origins)

    def ruled_in(self, material: str, use: str, origin: str, n: int) -> bool:
        """Whether every origin rule in force for a material and use lists an origin."""
        names = {d.disruption for d in self.active(n)}
        for rule in self.case.origin_rules:
            concerned = admits(rule.material, material) and admits(rule.use, use)
            dated = (rule.start is None or rule.start <= self.nodes[n].period) and (rule.end is None or self.nodes[n].period <= rule.end)
            if concerned and dated and rule.while_active in (None, *names) and rule.unless_active not in names and origin not in rule.allowed_origins:
                return False
        return True

    def discount(self, t: int) -> float:
        return (1 + self.case.settings.discount_rate) ** (-t * self.years)


# --- the program -----------------------------------------------------------------------------------------------------


def write_out(given: Case, nodes: list[Node]) -> pyo.ConcreteModel:
    """The program of a case on a tree of all its periods, the tail's too. Offers, uses and projects are numbered by their place in the case."""
    case, within, spans = gone_on(given), given.settings.periods, budgets(given)
    data = Data(case, nodes)
    calendar, years, horizon = case.calendar, case.calendar.months / 12, case.settings.periods
    numbers = range(len(nodes))
    leaves = [n for n in numbers if nodes[n].period == horizon - 1]
    reference = reference_path(case, nodes)
    offers, uses, projects = dict(enumerate(case.offers)), dict(enumerate(case.demand)), dict(enumerate(case.projects))
    materials = {row.material: row for row in case.materials}
    recipes: dict[int, list[InputRow]] = {i: [] for i in offers}
    for row in case.inputs:
        mine = [i for i, s in offers.items() if (s.supplier, s.material) == (row.supplier, row.material)]
        recipes[mine[0] if len(mine) == 1 else next(i for i in mine if offers[i].offer == row.offer)].append(row)
    inputs = {i: (s.origin,) if s.input_material is None else ORIGINS for i, s in offers.items()}
    # With rows of Inputs an order has the origin of its output, no cleaner than the offer.
    inputs |= {i: ORIGINS[: ORIGINS.index(offers[i].origin) + 1] for i, rows in recipes.items() if rows}
    pairs = [(i, b) for i in offers for b in inputs[i]]

    def period(n: int) -> int:
        return nodes[n].period

    def delivered(i: int, b: str) -> str:
        return b if recipes[i] or offers[i].input_material is None else min(b, offers[i].origin, key=ORIGINS.index)

    def part(n: int) -> int:
        """0 within the horizon, 1 in the tail: what is promised of a year or on average is promised of each by itself."""
        return 0 if period(n) < within else 1

    def year_so_far(n: int) -> list[int]:
        """n and its ancestors in its fiscal year, on its side of the end of the horizon."""
        return [a for a in nodes[n].history if calendar.fiscal_year(period(a)) == calendar.fiscal_year(period(n)) and part(a) == part(n)]

    year_ends = [n for n in numbers if n in leaves or period(n) == within - 1 or calendar.fiscal_year(period(n)) != calendar.fiscal_year(period(n) + 1)]

    model = pyo.ConcreteModel()
    model.rows = pyo.ConstraintList()

    def require(relation) -> None:
        """Add a row; a relation between constants is true or false by itself."""
        if relation is True:
            return
        model.rows.add(pyo.Constraint.Infeasible if relation is False else relation)

    # decisions, here and now
    contractable = [i for i, s in offers.items() if s.terms in ("contract", "both")]
    starts = [
        (j, t)
        for j, row in projects.items()
        for t in range(horizon)
        if (t == 0 or calendar.fiscal_year(t) != calendar.fiscal_year(t - 1))
        and row.decided != "never"
        and (row.earliest_start is None or t >= row.earliest_start)
        and (row.latest_start is None or t <= row.latest_start)
    ]
    model.contract = pyo.Var(contractable, within=pyo.NonNegativeReals)
    model.contract_held = pyo.Var(contractable, within=pyo.Binary)
    model.start = pyo.Var(starts, within=pyo.Binary)
    for i in contractable:
        require(model.contract[i] >= offers[i].minimum_contract * model.contract_held[i])
    for group in {offers[i].choose_one for i in contractable} - {None}:
        require(sum(model.contract_held[i] for i in contractable if offers[i].choose_one == group) <= 1)

    def live(i: int, n: int) -> bool:
        """Whether a contract is live at a node; one that never is, is not signed."""
        first, last = offers[i].contract_from, offers[i].contract_to
        return (first is None or first <= period(n)) and (last is None or period(n) <= last)

    largest = {i: max((data.capacity(offers[i], n) for n in numbers if live(i, n)), default=0) for i in contractable}
    for i in contractable:
        require(model.contract[i] <= largest[i] * model.contract_held[i])
        if offers[i].fixed_contract is not None and any(live(i, n) for n in numbers):
            require(model.contract[i] == offers[i].fixed_contract)

    def rate(i: int, n: int):
        """The contract as it counts at a node: by the capacity then, of the largest while it is live."""
        return data.capacity(offers[i], n) / largest[i] if largest[i] > 0 else 1

    waits = [(j, name) for j, row in projects.items() for name in row.may_wait_for if row.decided != "never"]
    model.start_if = pyo.Var(waits, within=pyo.Binary)
    for j in projects:
        if any(k == j for k, _ in (*starts, *waits)):
            require(sum(model.start[k, t] for k, t in starts if k == j) + sum(model.start_if[k, name] for k, name in waits if k == j) <= 1)
        if projects[j].decided == "start" and any(k == j for k, _ in (*starts, *waits)):
            require(sum(model.start[k, t] for k, t in starts if k == j) + sum(model.start_if[k, name] for k, name in waits if k == j) >= 1)

    def triggered(j: int, name: str, n: int) -> int | None:
        """The first period within the window of a project at which a disruption is active on the path to n."""
        first, last = projects[j].earliest_start, projects[j].latest_start
        for a in nodes[n].history:
            inside = (first is None or period(a) >= first) and (last is None or period(a) <= last)
            if inside and any(d.disruption == name for d in data.active(a)):
                return period(a)
        return None

    # decisions, at each node
    everything = [(m, b, n) for m in materials for b in ORIGINS for n in numbers]
    model.spot = pyo.Var([(i, b, n) for i, b in pairs for n in numbers if offers[i].terms in ("spot", "both")], within=pyo.NonNegativeReals)
    model.call_off = pyo.Var([(i, b, n) for i, b in pairs for n in numbers if i in contractable], within=pyo.NonNegativeReals)
    model.paid = pyo.Var(contractable, numbers, within=pyo.NonNegativeReals)
    model.reserved = pyo.Var(contractable, numbers, within=pyo.NonNegativeReals)
    model.stock = pyo.Var(everything, within=pyo.NonNegativeReals)
    mortal = [(m, b, n) for m, b, n in everything if materials[m].shelf_life_months is not None]
    discarded = {*((m, b, n) for m, b, n in everything if materials[m].disposal_cost is not None), *mortal}
    model.discard = pyo.Var(sorted(discarded), within=pyo.NonNegativeReals)
    model.sell = pyo.Var([(m, b, n) for m, b, n in everything if materials[m].sale_price is not None], within=pyo.NonNegativeReals)
    model.draw = pyo.Var([(u, b, n) for u in uses for b in ORIGINS for n in numbers if data.allowed(u, b, n)], within=pyo.NonNegativeReals)
    model.short = pyo.Var(list(uses), numbers, within=pyo.NonNegativeReals)

    def value(variable, *index):
        """A variable, or 0 where it does not exist."""
        return variable[index] if index in variable else 0

    def ordered(i: int, b: str, n: int):
        return value(model.spot, i, b, n) + value(model.call_off, i, b, n)

    several = [(i, k) for i, rows in recipes.items() for k in range(len(rows))]
    model.taken = pyo.Var([(i, k, b, n) for i, k in several for b in ORIGINS for n in numbers], within=pyo.NonNegativeReals)
    for (i, k), n in itertools.product(several, numbers):
        per_unit = recipes[i][k].input_per_unit
        require(sum(model.taken[i, k, b, n] for b in ORIGINS) == per_unit * sum(ordered(i, e, n) for e in inputs[i]))
        for rank in range(1, len(ORIGINS)):
            clean = sum(model.taken[i, k, b, n] for b in ORIGINS[rank:])
            require(clean >= per_unit * sum(ordered(i, e, n) for e in inputs[i] if ORIGINS.index(e) >= rank))

    def ready(i: int, n: int):
        return project_ready(offers[i].project, n)

    def project_ready(name: str | None, n: int):
        if name is None:
            return 1
        mine = next(j for j in projects if projects[j].project == name)
        months = calendar.periods_of(projects[mine].lead_time_months)
        begun = [(model.start[j, t], t) for j, t in starts if j == mine]
        begun += [(model.start_if[j, name], triggered(j, name, n)) for j, name in waits if j == mine]
        return sum(variable for variable, t in begun if t is not None and t + months <= period(n))

    # what has not left
    later = [i for i, s in offers.items() if s.ships_after_months > 0]
    unshipped = [k for k, item in enumerate(case.inventory) if item.supplier is not None]
    model.filed = pyo.Var(later, numbers, within=pyo.NonNegativeReals)
    model.waiting = pyo.Var(later, numbers, within=pyo.NonNegativeReals)
    model.dropped = pyo.Var(later, numbers, within=pyo.NonNegativeReals)
    model.open_shipped = pyo.Var(unshipped, numbers, within=pyo.NonNegativeReals)
    model.open_left = pyo.Var(unshipped, numbers, within=pyo.NonNegativeReals)

    def seller(k: int) -> int:
        item = case.inventory[k]
        mine = [i for i, s in offers.items() if (s.supplier, s.material) == (item.supplier, item.material)]
        return mine[0] if len(mine) == 1 else next(i for i in mine if offers[i].offer == item.offer)

    for i, n in itertools.product(later, numbers):
        s, parent = offers[i], nodes[n].parent
        early = s.available_from is not None and period(n) + data.wait(s, n) < s.available_from
        require(model.filed[i, n] <= (0 if early else data.capacity(s, n) * years * ready(i, n)))
        due = sum(model.filed[i, a] for a in nodes[n].history if period(a) + data.wait(s, a) == period(n))
        shipped = sum(ordered(i, b, n) for b in inputs[i])
        before = 0 if parent is None else model.waiting[i, parent]
        require(model.waiting[i, n] == before + due - shipped - model.dropped[i, n])
        require(shipped >= data.available(s, n) * due)
    for k, n in itertools.product(unshipped, numbers):
        item, parent = case.inventory[k], nodes[n].parent
        due = item.quantity if max(0, item.ships or 0) == period(n) else 0
        before = 0 if parent is None else model.open_left[k, parent]
        require(model.open_left[k, n] == before + due - model.open_shipped[k, n])
        require(model.open_shipped[k, n] <= data.available(offers[seller(k)], n) * item.quantity)

    # substitutes: (row of the sheet, the substitute's origin or None, node) -> the demand that is replaced
    model.replace = pyo.Var(
        [(k, b, n) for k, row in enumerate(case.substitutes) for b in ((None,) if row.substitute is None else ORIGINS) for n in numbers],
        within=pyo.NonNegativeReals,
    )
    demanded = {(row.material, row.use): u for u, row in uses.items()}
    for k, n in itertools.product(range(len(case.substitutes)), numbers):
        row = case.substitutes[k]
        u, begun = demanded[row.material, row.use], row.start is None or row.start <= period(n)
        amounts = [model.replace[k, b, n] for b in ((None,) if row.substitute is None else ORIGINS)]
        require(sum(amounts) <= (row.maximum_share * data.demand(u, n) * project_ready(row.project, n) if begun else 0))
        for b in ORIGINS if row.substitute is not None else ():
            if not (data.allowed(u, b, n) and data.ruled_in(row.substitute, row.use, b, n)):
                require(model.replace[k, b, n] <= 0)

    def filed_for(i: int, n: int) -> int | None:
        """The latest of n and its ancestors whose orders with an offer are due by n; n itself where orders leave at once."""
        if i not in later:
            return n
        return max((a for a in nodes[n].history if period(a) + data.wait(offers[i], a) <= period(n)), key=period, default=None)

    def on_hand(m: str, b: str) -> float:
        return sum(item.quantity for item in case.inventory if (item.material, item.origin) == (m, b) and item.on_hand)

    def arriving(m: str, b: str, n: int):
        """Open orders due at a node, and orders placed at it or its ancestors that arrive there."""
        items = [item for item in case.inventory if (item.material, item.origin) == (m, b) and item.arrives is not None]
        ordered_before = sum(
            ordered(i, origin, a)
            for i, origin in pairs
            if offers[i].material == m and delivered(i, origin) == b
            for a in nodes[n].history
            if period(a) + data.lead(offers[i], a) == period(n)
        )
        shipped_before = sum(
            model.open_shipped[k, a]
            for k in unshipped
            if (case.inventory[k].material, case.inventory[k].origin) == (m, b)
            for a in nodes[n].history
            if period(a) + data.transit(offers[seller(k)]) == period(n)
        )
        return sum(item.quantity for item in items if max(0, item.arrives) == period(n)) + ordered_before + shipped_before

    for n in numbers:
        # 1. balance
        for m, b in itertools.product(materials, ORIGINS):
            if nodes[n].parent is None:
                inherited = on_hand(m, b)
            else:
                inherited = (1 - materials[m].annual_loss) ** years * model.stock[m, b, nodes[n].parent]
            arrivals = arriving(m, b, n)
            taken = sum(model.taken[i, k, b, n] for i, k in several if recipes[i][k].input_material == m)
            drawn = sum(value(model.draw, u, b, n) for u in uses if uses[u].material == m)
            used = sum(offers[i].input_per_unit * ordered(i, b, n) for i in offers if offers[i].input_material == m)
            instead = sum(row.units_per_unit * model.replace[k, b, n] for k, row in enumerate(case.substitutes) if row.substitute == m)
            gone = value(model.discard, m, b, n) + value(model.sell, m, b, n)
            require(model.stock[m, b, n] == inherited + arrivals - drawn - used - taken - instead - gone)
        # 2. demand
        for u in uses:
            mine = [k for k, row in enumerate(case.substitutes) if (row.material, row.use) == (uses[u].material, uses[u].use)]
            replaced = sum(model.replace[index] for index in model.replace if index[0] in mine and index[2] == n)
            require(sum(value(model.draw, u, b, n) for b in ORIGINS) + replaced + model.short[u, n] == data.demand(u, n))
        for i, s in offers.items():
            # 3. capacity
            spot = sum(value(model.spot, i, b, n) for b in inputs[i])
            call_off = sum(value(model.call_off, i, b, n) for b in inputs[i])
            most = data.capacity(s, n) * years * data.available(s, n)
            if s.terms != "contract":
                require(spot <= data.spot_limit(s, n) * years * data.available(s, n))
            require(spot + call_off <= most * ready(i, n))
            # 4. contract
            if i in contractable and not live(i, n):
                require(call_off <= 0)
            elif i in contractable:
                require(call_off <= model.contract[i] * rate(i, n) * years * data.available(s, n))
                require(model.paid[i, n] >= call_off)
                if (filed := filed_for(i, n)) is not None:
                    require(model.reserved[i, n] >= model.contract[i] - largest[i] * (1 - ready(i, filed)))
                require(model.paid[i, n] >= s.take_or_pay * rate(i, n) * years * data.available(s, n) * model.reserved[i, n])
        # 5. storage
        for m, row in materials.items():
            if row.storage_capacity is not None:
                require(sum(model.stock[m, b, n] for b in ORIGINS) <= row.storage_capacity)

    # 5b. age and sale
    for m, b, n in mortal:
        row, life = materials[m], math.ceil(materials[m].shelf_life_months / calendar.months - 1e-9)
        keep = (1 - row.annual_loss) ** years
        back = nodes[n].history[::-1]
        young = sum(keep**k * arriving(m, b, a) for k, a in enumerate(back) if k <= life - 2)
        require(model.stock[m, b, n] <= young + (keep ** period(n) * on_hand(m, b) if period(n) <= life - 2 else 0))
        if row.disposal_cost is None:
            dying = arriving(m, b, back[life - 1]) if period(n) >= life - 1 else 0
            dying += on_hand(m, b) if period(n) == life - 1 else 0
            require(model.discard[m, b, n] <= keep ** (life - 1) * dying)
    for m, row in materials.items():
        for n in numbers if row.sale_price is not None and row.sale_limit_per_year is not None else ():
            require(sum(model.sell[m, b, n] for b in ORIGINS) <= row.sale_limit_per_year * years)

    # 6. minimum order
    small = [(i, n) for i, s in offers.items() if s.minimum_order > 0 for n in reference]
    model.order_placed = pyo.Var(small, within=pyo.Binary)
    for i, n in small:
        quantity = sum(ordered(i, b, n) for b in inputs[i])
        require(quantity >= offers[i].minimum_order * model.order_placed[i, n])
        require(quantity <= data.capacity(offers[i], n) * years * data.available(offers[i], n) * model.order_placed[i, n])

    # 6b. plants
    for plant, n in itertools.product(case.plants, numbers):
        sharing = [i for i in offers if offers[i].plant == plant.plant]
        if sharing:
            share = max(data.available(offers[i], n) for i in sharing)
            require(sum(ordered(i, b, n) for i in sharing for b in inputs[i]) <= plant.capacity_per_year * years * share)

    # 7. budget
    def purchases(n: int, of: tuple[str, ...] = ()):
        spot = sum(data.spot_price(offers[i], n) * value(model.spot, i, b, n) for i, b in pairs if admits(of, offers[i].material))
        signed = [i for i in contractable if admits(of, offers[i].material)]
        paid = sum(data.contract_price(offers[i], n) * model.paid[i, n] for i in signed)
        running = [i for i in signed if live(i, n)]
        fees = sum(offers[i].reservation_price * rate(i, n) * years * model.reserved[i, n] for i in running)
        opening = [i for i in running if period(n) == min(period(a) for a in numbers if live(i, a))]
        return spot + paid + fees + sum(offers[i].prepayment * model.contract[i] for i in opening)

    def storage(n: int, of: tuple[str, ...] = ()):
        places = [(m, row, b) for m, row in materials.items() if admits(of, m) for b in ORIGINS]
        kept = sum(row.holding_cost_per_year * years * model.stock[m, b, n] for m, row, b in places)
        return kept + sum((row.disposal_cost or 0) * value(model.discard, m, b, n) for m, row, b in places)

    def project_outlay(n: int, of: tuple[str, ...] = ()):
        if of:
            return 0
        total = 0
        for j, t in starts:
            spread = max(1, calendar.periods_of(projects[j].lead_time_months))
            shares = sum(min(t + k, horizon - 1) == period(n) for k in range(spread))
            total += projects[j].cost / spread * shares * model.start[j, t]
        for j, name in waits:
            if (t := triggered(j, name, n)) is not None:
                spread = max(1, calendar.periods_of(projects[j].lead_time_months))
                shares = sum(min(t + k, horizon - 1) == period(n) for k in range(spread))
                total += projects[j].cost / spread * shares * model.start_if[j, name]
        return total

    def duties(n: int, of: tuple[str, ...] = ()):
        """What crosses the border bears the duties of its offer: spot at the spot price, what is called off at the contract's."""
        names = {d.disruption for d in data.active(n)}
        total = 0
        for row, (i, b) in itertools.product(case.duties, pairs):
            s = offers[i]
            matches = admits(row.bloc, s.bloc) and admits(row.country, s.country) and admits(row.supplier, s.supplier) and admits(row.material, s.material)
            dated = (row.start is None or row.start <= period(n)) and (row.end is None or period(n) <= row.end)
            if admits(of, s.material) and matches and dated and row.while_active in (None, *names) and row.unless_active not in names:
                total += row.rate * data.spot_price(s, n) * value(model.spot, i, b, n)
                total += row.rate * data.contract_price(s, n) * value(model.call_off, i, b, n)
        return total

    def substitution(n: int, of: tuple[str, ...] = ()):
        """What replacing costs, which a budget of some materials does not count."""
        if of:
            return 0
        return sum(case.substitutes[index[0]].cost * model.replace[index] for index in model.replace if index[2] == n)

    outlays = {"substitution": (substitution,), "purchases": (purchases, duties), "storage": (storage,), "projects": (project_outlay,)}

    def outlay(category: str, n: int, of: tuple[str, ...] = ()):
        return sum(paid(n, of) for name, parts in outlays.items() if category in ("all", name) for paid in parts)

    budgeted = [(k, n) for k, (_, _, span) in enumerate(spans) for n in numbers if period(n) == span[-1]]
    model.unspent = pyo.Var(budgeted, within=pyo.NonNegativeReals)
    for k, n in budgeted:
        (row, amount, span), gained = spans[k], 0
        for j, a in itertools.product(range(len(spans)), nodes[n].history):
            before, _, earlier = spans[j]
            alike = before.category == row.category and set(before.material) == set(row.material)
            if before.carry_over > 0 and alike and earlier[-1] + 1 == span[0] and (j, a) in model.unspent:
                gained += before.carry_over * model.unspent[j, a]
        require(sum(outlay(row.category, a, row.material) for a in nodes[n].history if period(a) in span) + model.unspent[k, n] == amount + gained)

    # 8. limits
    def limited(limit: Limit):
        """Each row of a limit: its material, its node, the quantity bounded, and the quantity of which the bounds are multiples."""
        for m in (m for m in materials if admits(limit.material, m)):
            of_material = [(i, b) for i, b in pairs if offers[i].material == m]
            matched = [
                (i, b)
                for i, b in of_material
                if admits(limit.bloc, offers[i].bloc)
                and admits(limit.country, offers[i].country)
                and admits(limit.supplier, offers[i].supplier)
                and admits(limit.origin, delivered(i, b))
            ]
            if limit.measure in ("purchase_share", "largest_supplier_share", "largest_country_share"):
                groups = [matched]
                if limit.measure != "purchase_share":
                    field = "supplier" if limit.measure == "largest_supplier_share" else "country"
                    labels = {getattr(offers[i], field) for i, _ in matched} - {None}
                    groups = [[(i, b) for i, b in matched if getattr(offers[i], field) == label] for label in sorted(labels)]
                for group, n in itertools.product(groups, year_ends):
                    counted = [a for a in year_so_far(n) if covers(limit, period(a))]
                    total = sum(ordered(i, b, a) for i, b in of_material for a in counted)
                    yield m, n, sum(ordered(i, b, a) for i, b in group for a in counted), total
            elif limit.measure == "purchase_to_demand":
                for n in numbers:
                    needed = sum(data.demand(u, n) for u in uses if uses[u].material == m)
                    if covers(limit, period(n)) and needed > 0:
                        yield m, n, sum(ordered(i, b, n) for i, b in matched), needed
            else:
                for n in (n for n in numbers if covers(limit, period(n))):
                    origins = [b for b in ORIGINS if admits(limit.origin, b)]
                    unit = 1.0
                    if limit.measure == "stock_cover_days":
                        served = [u for u in uses if uses[u].material == m and admits(limit.use, uses[u].use)]
                        unit = sum(data.demand(u, n) for u in served) / (365 * years)
                        origins = [b for b in origins if any(data.allowed(u, b, n) for u in served)]
                    if unit > 0:
                        yield m, n, sum(model.stock[m, b, n] for b in origins), unit

    def holds_at(limit: Limit, m: str, n: int, sign: int) -> bool:
        """Whether a side of a limit stands at a node: a minimum may be released by what is or lately was active."""
        stock = limit.measure in ("stock_cover_days", "stock_quantity")
        where = limit.holds or ("unless released" if stock and limit.minimum is not None else "everywhere")
        if where == "reference path":
            return n in reference
        if where == "everywhere" or sign < 0:
            return True
        back = math.ceil((12 if limit.refill_months is None else limit.refill_months) / calendar.months - 1e-9)
        lately = [n]
        while len(lately) <= back and nodes[lately[-1]].parent is not None:
            lately.append(nodes[lately[-1]].parent)
        return not any(releases(case, limit, d, m) for a in lately for d in data.active(a))

    model.slack = pyo.VarList(within=pyo.NonNegativeReals)
    penalties = {n: 0 for n in numbers}
    for limit in case.limits:
        for m, n, quantity, base in limited(limit):
            for sign, bound in ((1, limit.minimum), (-1, limit.maximum)):
                if bound is not None and holds_at(limit, m, n, sign):
                    slack = 0
                    if limit.penalty is not None:
                        slack = model.slack.add()
                        penalties[n] += limit.penalty * slack
                    require(sign * quantity + slack >= sign * bound * base)

    # 9. fill rate
    for u, row in uses.items():
        for side in (0, 1) if row.minimum_fill_rate is not None else ():
            counted = [n for n in numbers if part(n) == side]
            expected = sum(nodes[n].probability * data.demand(u, n) for n in counted)
            require(sum(nodes[n].probability * model.short[u, n] for n in counted) <= (1 - row.minimum_fill_rate) * expected)

    # the objective
    def cost(n: int):
        shortage = sum(row.shortage_cost * model.short[u, n] for u, row in uses.items())
        sales = sum(row.sale_price * model.sell[m, b, n] for m, row in materials.items() if row.sale_price is not None for b in ORIGINS)
        return data.discount(period(n)) * (outlay("all", n) + penalties[n] + shortage - sales)

    def salvage(n: int):
        return data.discount(horizon) * sum(row.salvage_value * model.stock[m, b, n] for m, row in materials.items() for b in ORIGINS)

    costs = [cost(n) for n in numbers]
    model.cost = pyo.Expression(leaves, rule=lambda _, leaf: sum(costs[n] for n in nodes[leaf].history) - salvage(leaf))
    model.expected = pyo.Expression(expr=sum(nodes[leaf].probability * model.cost[leaf] for leaf in leaves))
    weight, level = case.settings.risk_weight, case.settings.cvar_level
    if weight > 0 and level > 0:
        model.eta = pyo.Var()
        model.excess = pyo.Var(leaves, within=pyo.NonNegativeReals)
        for leaf in leaves:
            require(model.excess[leaf] >= model.cost[leaf] - model.eta)
        model.cvar = pyo.Expression(expr=model.eta + sum(nodes[leaf].probability * model.excess[leaf] for leaf in leaves) / (1 - level))
        model.objective = pyo.Objective(expr=(1 - weight) * model.expected + weight * model.cvar)
    else:
        model.objective = pyo.Objective(expr=model.expected)
    return model


def releases(case: Case, limit: Limit, d: Disruption, material: str) -> bool:
    """Whether a disruption releases the minimum of a limit for a material."""
    if limit.released_by:
        return d.disruption in limit.released_by
    if d.capacity_remaining == 1 and d.lead_time_added_months == 0:
        return False
    return any(d.strikes(offer) or (offer.feedstock_dependence > 0 and d.strikes_feedstock(offer)) for offer in case.offers if offer.material == material)


def covers(limit: Limit, t: int) -> bool:
    """Whether period t lies within from..to of a limit."""
    return (limit.start is None or t >= limit.start) and (limit.end is None or t <= limit.end)


# --- solving ---------------------------------------------------------------------------------------------------------


@dataclass
class WrittenOut:
    """An optimum. contracts: by key of the offer; starts: by project, the period or None; costs: Z by leaf node."""

    status: str
    objective: float = math.nan
    expected_cost: float = math.nan
    cvar: float = math.nan
    contracts: dict[tuple[str, str, str], float] | None = None
    starts: dict[str, int | None] | None = None
    costs: dict[int, float] | None = None
    nodes: list[Node] | None = None
    reference: list[int] | None = None
    model: pyo.ConcreteModel | None = None


def value_at_risk_mean(outcomes: list[tuple[float, float]], level: float) -> float:
    """CVaR of (cost, probability) pairs: the least of η + E[max(Z − η, 0)]/(1 − level), taken on at one of the costs."""
    return min(eta + sum(p * max(z - eta, 0.0) for z, p in outcomes) / (1 - level) for eta, _ in outcomes)


def minimise(model: pyo.ConcreteModel) -> float | None:
    """Solve to the last digit and load the plan; the optimum, or None where there is no plan."""
    try:
        form = LinearStandardFormCompiler().write(model, mixed_form=True, set_sense=pyo.minimize)
    except InfeasibleConstraintException:
        return None  # a row without variables that does not hold
    highs = highspy.Highs()
    for name, value in OPTIONS.items():
        highs.setOptionValue(name, value)
    highs.passModel(linear_program(form))
    highs.run()
    status = highs.getModelStatus()
    # every quantity is bounded by a capacity and every cost by that, so there is no unbounded case
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        return None
    if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty):
        raise RuntimeError(f"the solver ended with {highs.modelStatusToString(status)}")
    for column, value in zip(form.columns, highs.getSolution().col_value, strict=True):
        column.set_value(value, skip_validation=True)
    for column in model.component_data_objects(pyo.Var):
        if column.value is None:  # it stands in no row and costs nothing
            column.set_value(0.0 if column.has_lb() else None, skip_validation=True)
    return pyo.value(model.objective)


def linear_program(form: LinearStandardFormInfo) -> highspy.HighsLp:
    """Pyomo's matrices as HiGHS takes them. In the mixed form a row's bound_type is 0 where it is an equation, 1 where it is <=, -1 where it is >=."""
    rhs = np.asarray(form.rhs, dtype=float)
    kind = np.array([row.bound_type for row in form.rows], dtype=int)
    bounds = np.array([[-math.inf if v.lb is None else v.lb, math.inf if v.ub is None else v.ub] for v in form.columns]).reshape(-1, 2)
    program = highspy.HighsLp()
    program.num_row_, program.num_col_ = form.A.shape
    program.col_cost_ = form.c.toarray().ravel()
    program.offset_ = float(form.c_offset[0])
    program.col_lower_, program.col_upper_ = bounds.T
    program.row_lower_, program.row_upper_ = np.where(kind <= 0, rhs, -math.inf), np.where(kind >= 0, rhs, math.inf)
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_, program.a_matrix_.index_, program.a_matrix_.value_ = form.A.indptr, form.A.indices, form.A.data
    program.integrality_ = [highspy.HighsVarType.kContinuous if v.is_continuous() else highspy.HighsVarType.kInteger for v in form.columns]
    return program


def solve_written_out(case: Case, paths: Iterable[tuple[Sequence[Regime], float]] | None = None) -> WrittenOut:
    """The optimum of a case on its own scenarios, or on `paths`: a regime for each period, those of the tail too, and a probability."""
    longer = gone_on(case)
    nodes = build_tree(enumerate_paths(longer) if paths is None else paths)
    model = write_out(case, nodes)
    objective = minimise(model)
    reference = reference_path(longer, nodes)
    if objective is None:
        return WrittenOut("infeasible", nodes=nodes, reference=reference, model=model)
    settings = case.settings
    if settings.risk_weight == 1 and settings.cvar_level > 0:
        model.within = pyo.Constraint(expr=model.cvar <= objective + 1e-6 * abs(objective))
        model.objective.set_value(model.expected)
        if minimise(model) is None:
            raise RuntimeError("the second solve lost the plan of the first")
    costs = {leaf: pyo.value(model.cost[leaf]) for leaf in model.cost}
    outcomes = [(cost, nodes[leaf].probability) for leaf, cost in costs.items()]
    return WrittenOut(
        "optimal",
        objective,
        sum(p * z for z, p in outcomes),
        value_at_risk_mean(outcomes, settings.cvar_level),
        {s.key: pyo.value(model.contract[i]) for i, s in enumerate(case.offers) if i in model.contract},
        {row.project: next((t for k, t in model.start if k == j and pyo.value(model.start[k, t]) > 0.5), None) for j, row in enumerate(case.projects)},
        costs,
        nodes,
        reference,
        model,
    )
