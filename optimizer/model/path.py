"""THE PAPER: the program of one scenario path.

Periods t = 0..T-1, no node index. History is carried in variables: every coefficient of a decision made in period t
depends on the regime of t alone, and a right-hand side on the regime of its row's period alone, so that stamp.py can
lay these rows onto the scenario tree. Notation as in docs/model.md, after Birge & Louveaux (2011).

Letters: t period, g material (good), b origin, u use, s offer, j project, i row of Limits or Budget.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from time import monotonic
from typing import Any

from optimizer.model import bounds
from optimizer.model.bounds import BoundOf
from optimizer.model.costs import COST_TERMS, counted, parts_counted
from optimizer.model.data import CaseData
from optimizer.model.expressions import (
    arrivals,
    available,
    called_off,
    carried,
    in_force,
    input_used,
    paid,
    ready,
    ready_for,
    replaced,
    spent_before,
    total_order,
    used_instead,
)
from optimizer.model.registry import CONSTRAINTS, EVERY_NODE, IN_EXPECTATION, ONCE, REFERENCE, VARIABLES, ConstraintFamily, Index, constraint
from optimizer.model.variables import (
    budget_periods,
    budget_rows,
    contract,
    draw,
    live_contracts,
    money,
    of_material,
    of_offer,
    offers_by_period,
    placed,
    pure,
    reserved,
    short,
    shortfall,
    signed,
    stocks,
)
from optimizer.scenarios.tree import Memory, Regime

LOOK_SECONDS = 0.2
"""From one look at the time to the next: a row can take a microsecond or half a second."""


def seldom(tick: Callable[[], None]) -> Callable[[], None]:
    """Return a function that may be called as often as one likes and calls tick() a few times a second."""
    last = monotonic()

    def look() -> None:
        nonlocal last
        if (now := monotonic()) - last >= LOOK_SECONDS:
            last = now
            tick()

    return look


# -- balance and demand ----------------------------------------------------------------------------------------------------


@constraint(EVERY_NODE, "unit", "material g, origin b, period t", stocks, of_material, bound=None)
def balance(m: Any, p: CaseData, t: int, g: str, b: str) -> Any:
    r"""Stock at the end of a period is the opening stock plus arrivals, less what is drawn, used as input or in place of others, thrown away and sold.

    $$ \text{stock}_{g,b,t} = \text{opening}_{g,b,t} + \text{arrivals}_{g,b,t}
       - \sum_{u \in U_g} \text{draw}_{g,b,u,t} - \sum_{s \in C_g} \text{input\_per\_unit}_s\,\text{order}_{s,b,t}
       - \sum_{(s,i) \in L_g} \text{input\_taken}_{s,i,b,t}
       - \sum_{i \in X_g} \text{units\_per\_unit}_i\,\text{replaced}_{i,b,t} - \text{discard}_{g,b,t} - \text{sold}_{g,b,t} $$
    """
    opening = p.keeps(g) * m.stock[t - 1, g, b] if t else p.on_hand(g, b)
    drawn = sum(m.draw[t, g, b, u] for u in p.uses_of[g] if (t, g, b, u) in m.draw)
    away = sum(family[t, g, b] for family in (m.discard, m.sold) if (t, g, b) in family)
    return m.stock[t, g, b] == opening + arrivals(m, p, t, g, b) - drawn - input_used(m, p, t, g, b) - used_instead(m, p, t, g, b) - away


@constraint(EVERY_NODE, "unit", "material g, use u, period t", short, of_material, bound=None)
def demand(m: Any, p: CaseData, t: int, g: str, u: str) -> Any:
    r"""Demand is met from stock of the origins that the use allows, or replaced; the rest is short.

    $$ \sum_{b \in B_g} \text{draw}_{g,b,u,t} + \sum_{i \in X_{g,u}} \sum_{b \in O_i} \text{replaced}_{i,b,t} + \text{short}_{g,u,t} = \text{demand}_{g,u,t} $$
    """
    drawn = sum(m.draw[t, g, b, u] for b in p.origins[g] if (t, g, b, u) in m.draw)
    return drawn + replaced(m, p, t, g, u) + m.short[t, g, u] == p.demand(g, u, t, m.regimes[t])


# -- offers and contracts --------------------------------------------------------------------------------------------------


def ruled(p: CaseData) -> list[Index]:
    """List (t, g, b, u): what a use may draw by Demand, and some origin rule does not list."""
    rules = p.case.origin_rules
    return [(t, g, b, u) for t, g, b, u in draw(p) if any(row.concerns(g, u) and b not in row.allowed_origins for row in rules)] if rules else []


@constraint(EVERY_NODE, "unit", "material g, origin b and use u that an origin rule in force in period t forbids", ruled, of_material, bound=None)
def origin_rule(m: Any, p: CaseData, t: int, g: str, b: str, u: str) -> Any:
    r"""Nothing is drawn of an origin that an origin rule in force does not list.

    $$ \text{draw}_{g,b,u,t} \le 0 $$
    """
    return None if p.permits(g, u, b, t, m.regimes[t]) else m.draw[t, g, b, u] <= 0


@constraint(
    EVERY_NODE,
    "unit",
    "offer s sold spot with a limit below its capacity, period t",
    lambda p: [(t, s) for t, s in offers_by_period()(p) if p.has_spot_limit(s, t)],
    of_offer,
    bound=BoundOf(bounds.of_spot_limit, served=bounds.served_by_offer),
)
def spot_limit(m: Any, p: CaseData, t: int, s: int) -> Any:
    r"""Spot orders stay within the spot limit. (Without a limit below the capacity, the constraint `capacity` implies it.)

    $$ \sum_{b \in B_s} \text{spot}_{s,b,t} \le \text{spot limit}_{s,t}\,\Delta\,\text{avail}_{s,t} $$
    """
    bought = sum(m.spot[t, s, b] for b in p.order_origins(s))
    return bought <= p.spot_limit(s, t) * p.years * available(m, p, t, s)


@constraint(
    EVERY_NODE,
    "unit",
    "offer s, period t",
    offers_by_period(),
    of_offer,
    bound=BoundOf(bounds.of_capacity, bounds.capacity_loosens, served=bounds.served_by_offer),
)
def capacity(m: Any, p: CaseData, t: int, s: int) -> Any:
    r"""Spot and contract orders together stay within what the offer can serve in this regime, once its project is ready.

    $$ \sum_{b \in B_s} \text{order}_{s,b,t} \le \text{most}_{s,t}\,\text{ready}_{s,t} $$
    """
    return total_order(m, p, t, s) <= p.most(s, t, m.regimes[t]) * ready(m, p, t, s)


@constraint(EVERY_NODE, "unit", "offer s under contract, period t in which it is live", live_contracts, of_offer, bound=None)
def contract_call_off(m: Any, p: CaseData, t: int, s: int) -> Any:
    r"""No more is called off under a contract than was contracted and can be served.

    $$ \sum_{b \in B_s} \text{call\_off}_{s,b,t} \le \text{contract}_s\,\text{rate}_{s,t}\,\Delta\,\text{avail}_{s,t} $$
    """
    return called_off(m, p, t, s) <= m.contract[s] * p.rate(s, t) * p.years * available(m, p, t, s)


@constraint(
    EVERY_NODE,
    "unit per year",
    "offer s under contract that waits for a project, period t",
    reserved,
    of_offer,
    bound=BoundOf(bounds.of_capacity, bounds.contract_reserved_loosens),
)
def contract_reserved(m: Any, p: CaseData, t: int, s: int) -> Any:
    r"""A contract is in force unless the project that it waits for was not ready when what is now due was ordered.

    $$ \text{reserved}_{s,t} \ge \text{contract}_s - \text{largest}_s\,(1 - \text{ready for}_{s,t}) $$
    """
    filed = p.filed_for(s, t, m.memories[t])
    return None if filed is None else m.reserved[t, s] >= m.contract[s] - p.usable.contract[s] * (1 - ready_for(m, p, t, s, filed))


@constraint(EVERY_NODE, "unit", "offer s under contract with take-or-pay, period t", shortfall, of_offer, bound=None)
def take_or_pay(m: Any, p: CaseData, t: int, s: int) -> Any:
    r"""Of a contract in force the agreed share of what can be served is paid for, taken or not.

    $$ \text{paid}_{s,t} \ge \text{take\_or\_pay}_s\,\text{rate}_{s,t}\,\Delta\,\text{avail}_{s,t}\,\text{force}_{s,t} $$
    """
    return paid(m, p, t, s) >= p.offers[s].take_or_pay * p.rate(s, t) * p.years * available(m, p, t, s) * in_force(m, p, t, s)


def with_minimum(p: CaseData) -> list[Index]:
    """List (s,): the contracts that have a minimum."""
    return [(s,) for (s,) in signed(p) if p.offers[s].minimum_contract > 0]


@constraint(ONCE, "unit per year", "offer s with a minimum contract", with_minimum, of_offer, bound=None)
def contract_minimum(m: Any, p: CaseData, s: int) -> Any:
    r"""A contract that is signed is at least the minimum.

    $$ \text{contract}_s \ge \text{minimum\_contract}_s\,\text{signed}_s $$
    """
    return m.contract[s] >= p.offers[s].minimum_contract * m.signed[s]


@constraint(ONCE, "unit per year", "offer s under contract", contract, of_offer, bound=BoundOf(bounds.of_capacity, bounds.contract_maximum_loosens))
def contract_maximum(m: Any, p: CaseData, s: int) -> Any:
    r"""A contract is at most the largest usable one, and nothing if it is not signed.

    $$ \text{contract}_s \le \text{largest}_s\,\text{signed}_s $$
    """
    return m.contract[s] <= p.usable.contract[s] * (m.signed[s] if s in m.signed else 1)


def groups_of_one(p: CaseData) -> list[Index]:
    """List (group,): the groups of which at most one contract is signed."""
    return [(group,) for group in dict.fromkeys(p.offers[s].choose_one for (s,) in contract(p)) if group is not None]


@constraint(ONCE, "number", "group c of choose_one", groups_of_one, pure, bound=None)
def choose_one(m: Any, p: CaseData, c: str) -> Any:
    r"""Of the offers of a group at most one is contracted.

    $$ \sum_{s \in G_c} \text{signed}_s \le 1 $$
    """
    return sum(m.signed[s] for (s,) in contract(p) if p.offers[s].choose_one == c) <= 1


def plants(p: CaseData) -> list[Index]:
    """List (t, h): each plant of which some offer can deliver, in each period."""
    return [(t, h) for t in p.periods for h in p.plants if p.offers_of_plant(h)]


@constraint(
    EVERY_NODE,
    "unit",
    "plant h, period t",
    plants,
    lambda p, t, h: p.offers[p.offers_of_plant(h)[0]].material,
    bound=BoundOf(bounds.of_plant, served=bounds.served_by_plant),
)
def plant_capacity(m: Any, p: CaseData, t: int, h: str) -> Any:
    r"""The offers of a plant stay together within what the plant can serve in this regime.

    $$ \sum_{s \in H_h} \sum_{b \in B_s} \text{order}_{s,b,t} \le \text{plant capacity}_h\,\Delta\,\text{served}_{h,t} $$
    """
    mine = p.offers_of_plant(h)
    return sum(total_order(m, p, t, s) for s in mine) <= p.plants[h].capacity_per_year * p.years * p.served(h, t, m.regimes[t])


# -- storage, minimum orders, projects ---------------------------------------------------------------------------------------


@constraint(
    EVERY_NODE,
    "unit",
    "material g with a storage capacity, period t",
    lambda p: [(t, g) for t in p.periods for g in p.materials if p.materials[g].storage_capacity is not None and p.origins[g]],
    of_material,
    bound=BoundOf(bounds.of_material("storage_capacity")),
)
def storage(m: Any, p: CaseData, t: int, g: str) -> Any:
    r"""Stock of all origins together fits the storage capacity.

    $$ \sum_{b \in B_g} \text{stock}_{g,b,t} \le \text{storage\_capacity}_g $$
    """
    return sum(m.stock[t, g, b] for b in p.origins[g]) <= p.materials[g].storage_capacity


@constraint(REFERENCE, "unit", "offer s with a minimum order, period t", placed, of_offer, bound=None)
def minimum_order(m: Any, p: CaseData, t: int, s: int) -> Any:
    r"""An order that is placed on the reference path is at least the minimum.

    $$ \sum_{b \in B_s} \text{order}_{s,b,t} \ge \text{minimum\_order}_s\,\text{placed}_{s,t} $$
    """
    return total_order(m, p, t, s) >= p.offers[s].minimum_order * m.placed[t, s]


@constraint(
    REFERENCE,
    "unit",
    "offer s with a minimum order, period t",
    placed,
    of_offer,
    bound=BoundOf(bounds.of_capacity, bounds.order_switch_loosens, served=bounds.served_by_offer),
)
def order_switch(m: Any, p: CaseData, t: int, s: int) -> Any:
    r"""Nothing is ordered where no order is placed.

    $$ \sum_{b \in B_s} \text{order}_{s,b,t} \le \text{most}_{s,t}\,\text{placed}_{s,t} $$
    """
    return total_order(m, p, t, s) <= p.most(s, t, m.regimes[t]) * m.placed[t, s]


@constraint(ONCE, "number", "project j", lambda p: [(j,) for j in p.projects if p.starts(j) or p.conditions(j)], pure, bound=None)
def single_start(m: Any, p: CaseData, j: str) -> Any:
    r"""A project starts at most once: in a period, or once a disruption that it may wait for is active.

    $$ \sum_{\tau \in T_j} \text{start}_{j,\tau} + \sum_{d \in V_j} \text{start\_if}_{j,d} \le 1 $$
    """
    return sum(m.start[j, t] for t in p.starts(j)) + sum(m.start_if[j, d] for d in p.conditions(j)) <= 1


# -- money and service -----------------------------------------------------------------------------------------------------


@constraint(EVERY_NODE, "money", "row i of Budget, period t of its fiscal year", budget_periods, money, bound=None)
def spending(m: Any, p: CaseData, t: int, i: int) -> Any:
    r"""What a row of Budget counts is added up from one period of its fiscal year to the next, undiscounted. A sum over the whole year in one row
    would need what held at earlier nodes, such as when a project that waits has begun.

    $$ \text{spent}_{i,t} = \sum_{k \in K_i} \text{counted}_{i,k,t} + \text{spent before}_{i,t} $$
    """
    return m.spent[t, i] == sum(counted(m, p, i, part, t) for part in parts_counted(p, i)) + spent_before(m, p, t, i)


@constraint(EVERY_NODE, "money", "row i of Budget, last period t of its fiscal year", budget_rows, money, bound=BoundOf(bounds.of_budget))
def budget(m: Any, p: CaseData, t: int, i: int) -> Any:
    r"""What a row of Budget counts in its fiscal year stays within its amount and what the year before has carried over.

    $$ \text{spent}_{i,t} + \text{unspent}_{i,t} \le \text{amount}_i + \text{carried}_i $$
    """
    left = m.unspent[t, i] if (t, i) in m.unspent else 0
    return m.spent[t, i] + left <= p.case.budget[i].amount + carried(m, p, i)


@constraint(
    IN_EXPECTATION,
    "unit",
    "material g, use u with a minimum fill rate, part q of the periods: the horizon (0), or what lies beyond it (1)",
    lambda p: [(g, u, q) for (g, u), row in p.demands.items() if row.minimum_fill_rate is not None for q in range(len(p.calendar.parts))],
    lambda p, g, u, q: g,
    bound=BoundOf(bounds.of_fill_rate),
)
def fill_rate(m: Any, p: CaseData, g: str, u: str, q: int) -> Any:
    r"""The share of expected demand that is short stays below what the fill rate leaves. Demand stands here as what is
    drawn, replaced and short together, so that the row holds variables only.

    $$ \sum_{n \in N_q} \pi_n\,\text{short}_{g,u,n} \le (1 - \text{minimum\_fill\_rate}_{g,u}) \sum_{n \in N_q} \pi_n\,
       \Big(\sum_{b \in B_g} \text{draw}_{g,b,u,n} + \sum_{i \in X_{g,u}} \sum_{b \in O_i} \text{replaced}_{i,b,n} + \text{short}_{g,u,n}\Big) $$
    """
    missing = 1 - (p.demands[g, u].minimum_fill_rate or 0.0)
    not_met = sum(m.short[t, g, u] for t in p.calendar.parts[q])
    drawn = sum(m.draw[t, g, b, u] for t in p.calendar.parts[q] for b in p.origins[g] if (t, g, b, u) in m.draw)
    instead = sum(replaced(m, p, t, g, u) for t in p.calendar.parts[q])
    return not_met <= missing * (drawn + instead + not_met)


# -- the model -----------------------------------------------------------------------------------------------------------


def path_model(
    p: CaseData, regimes: Sequence[Regime], drop: Collection[str] = (), tick: Callable[[], None] = lambda: None, memories: Sequence[Memory] | None = None
) -> Any:
    """Build the program of the path on which period t has regimes[t], without the constraints named in `drop`.

    Return a Pyomo ConcreteModel. Solved by itself, it is the plan of a planner who knows this future. m.cost[t, term] is what the
    term costs in t. tick: called now and then.
    """
    import pyomo.core as pyo  # pyomo.environ would load solvers and writers, too, which takes three times as long

    m = at_path(path_variables(p, tick), regimes, memories)
    m.cost = pyo.Var([(t, term) for t in p.periods for term in COST_TERMS], doc="cost of a period, discounted [money]")
    for family in CONSTRAINTS.values():
        if family.name not in drop:
            rows = pyo.Constraint(list(family.index(p)), doc=f"{family.meaning} [{family.unit}]")
            setattr(m, f"{family.name}_row", rows)
            look = seldom(tick)
            for index in family.index(p):
                look()
                if (relation := relation_of(m, p, family, index)) is not None:
                    rows.add(index, relation)
    m.cost_definition = pyo.Constraint(
        [(t, term) for t in p.periods for term in COST_TERMS], rule=lambda m, t, term: m.cost[t, term] == COST_TERMS[term](m, p, t)
    )
    m.total_cost = pyo.Objective(expr=sum(m.cost.values()))
    return m


def path_variables(p: CaseData, tick: Callable[[], None] = lambda: None) -> Any:
    """Return a Pyomo ConcreteModel with the variables of a path, which are the same on every path. tick: called now and then."""
    import pyomo.core as pyo

    m = pyo.ConcreteModel()
    for family in VARIABLES.values():
        domain = pyo.Binary if family.binary else pyo.NonNegativeReals
        tick()
        setattr(m, family.name, pyo.Var(list(family.index(p)), domain=domain, bounds=(0, family.upper), doc=f"{family.meaning} [{family.unit}]"))
    return m


def at_path(m: Any, regimes: Sequence[Regime], memories: Sequence[Memory] | None) -> Any:
    """Return the model, whose equations follow from here on the path on which period t has regimes[t]."""
    m.regimes = regimes
    m.memories = memories or [Memory(on_reference=True)] * len(regimes)
    return m


def relation_of(m: Any, p: CaseData, family: ConstraintFamily, index: tuple[Any, ...]) -> Any:
    """Return the relation of one row along the path of the model; None where there is none, or one without any variable, which holds.

    Raises ValueError for one that cannot hold.
    """
    relation = family.rule(m, p, *index)
    if relation is False:
        raise ValueError(f"The row {family.name}{index} can never hold.")
    return None if relation is True else relation
