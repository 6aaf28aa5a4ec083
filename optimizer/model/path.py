"""THE PAPER: the program of one scenario path.

Periods t = 0..T-1, no node index. History is carried in variables: every coefficient of a decision made in period t
depends on the regime of t alone, and a right-hand side on the regime of its row's period alone, so that stamp.py can
lay these rows onto the scenario tree. Notation as in docs/model.md, after Birge & Louveaux (2011).

Letters: t period, g material (good), b origin, u use, s offer, j project, i row of Limits or Budget.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from time import monotonic
from typing import TYPE_CHECKING

from optimizer.model.costs import COST_TERMS, outlay
from optimizer.model.data import CaseData
from optimizer.model.expressions import arrivals, available, in_force, input_used, lifted, paid, ready, taken_all
from optimizer.model.registry import CONSTRAINTS, EVERY_NODE, IN_EXPECTATION, ONCE, REFERENCE, VARIABLES, constraint, variable
from optimizer.scenarios.tree import Regime

if TYPE_CHECKING:
    import pyomo.environ as pyo

LOOK_SECONDS = 0.2
"""From one look at the time to the next: a row can take a microsecond or half a second."""


def seldom(tick: Callable[[], None]) -> Callable[[], None]:
    """A function that may be called as often as one likes and calls tick() a few times a second."""
    last = monotonic()

    def look() -> None:
        nonlocal last
        if (now := monotonic()) - last >= LOOK_SECONDS:
            last = now
            tick()

    return look


# -- index sets ----------------------------------------------------------------------------------------------------------


def offers(p: CaseData, wanted=lambda offer: True):
    """The offers that pass `wanted` and can deliver (one whose input has no source cannot)."""
    return [s for s, offer in enumerate(p.offers) if wanted(offer) and p.order_origins(s)]


def offers_by_period(wanted=lambda offer: True):
    return lambda p: [(t, s) for t in p.periods for s in offers(p, wanted)]


def orders(wanted):
    return lambda p: [(t, s, b) for t in p.periods for s in offers(p, wanted) for b in p.order_origins(s)]


def stocks(p: CaseData):
    return [(t, g, b) for t in p.periods for g in p.materials for b in p.origins[g]]


def of_offer(p: CaseData, *index) -> str:
    """The material of the offer whose position is the last number of the index."""
    return p.offers[[part for part in index if isinstance(part, int)][-1]].material


def of_material(p: CaseData, t, g, *rest) -> str:
    return g


def pure(p: CaseData, *index) -> None:
    return None


# -- variables -----------------------------------------------------------------------------------------------------------

variable(
    "contract",
    r"\text{contract}_s",
    "contracted with offer s over the whole horizon",
    "unit per year",
    ONCE,
    lambda p: [(s,) for s in offers(p, lambda o: o.contractable)],
    of_offer,
)
variable(
    "signed",
    r"\text{signed}_s",
    "1 if the contract with offer s, which has a minimum, is signed",
    "0 or 1",
    ONCE,
    lambda p: [(s,) for s in offers(p, lambda o: o.contractable and o.minimum_contract > 0)],
    pure,
    binary=True,
)
variable(
    "start",
    r"\text{start}_{j,\tau}",
    "1 if project j starts in period τ",
    "0 or 1",
    ONCE,
    lambda p: [(j, t) for j in p.projects for t in p.starts(j)],
    pure,
    binary=True,
)
variable(
    "spot", r"\text{spot}_{s,b,t}", "ordered on the spot market from offer s (input of origin b)", "unit", EVERY_NODE, orders(lambda o: o.sold_spot), of_offer
)
variable(
    "lift", r"\text{lift}_{s,b,t}", "taken under contract from offer s (input of origin b)", "unit", EVERY_NODE, orders(lambda o: o.contractable), of_offer
)
variable(
    "unlifted",
    r"\text{unlifted}_{s,t}",
    "contract quantity paid for and not taken",
    "unit",
    EVERY_NODE,
    offers_by_period(lambda o: o.contractable and o.take_or_pay > 0),
    of_offer,
)
variable(
    "reserved",
    r"\text{reserved}_{s,t}",
    "contract in force of an offer that waits for a project",
    "unit per year",
    EVERY_NODE,
    offers_by_period(lambda o: o.contractable and o.project),
    of_offer,
)
variable(
    "ordered",
    r"\text{ordered}_{s,t}",
    "1 if offer s, which has a minimum order, is used",
    "0 or 1",
    REFERENCE,
    offers_by_period(lambda o: o.minimum_order > 0),
    pure,
    binary=True,
)
variable("stock", r"\text{stock}_{g,b,t}", "stock at the end of the period", "unit", EVERY_NODE, stocks, of_material)
variable(
    "discard",
    r"\text{discard}_{g,b,t}",
    "thrown away (only with a disposal_cost)",
    "unit",
    EVERY_NODE,
    lambda p: [(t, g, b) for t, g, b in stocks(p) if p.materials[g].disposal_cost is not None],
    of_material,
)
variable(
    "draw",
    r"\text{draw}_{g,b,u,t}",
    "drawn from stock for a use (only where it allows the origin)",
    "unit",
    EVERY_NODE,
    lambda p: [(t, g, b, u) for t, g, b in stocks(p) for u in p.uses_of[g] if p.demands[g, u].allows(b, t)],
    of_material,
)
variable("short", r"\text{short}_{g,u,t}", "demand not met", "unit", EVERY_NODE, lambda p: [(t, g, u) for t in p.periods for g, u in p.demands], of_material)

variable("nothing", "0", "always 0: stands where a limit speaks of something that cannot be", "unit", ONCE, lambda p: [("none",)], pure)

# -- constraints ---------------------------------------------------------------------------------------------------------


@constraint(EVERY_NODE, "unit", "material g, origin b, period t", stocks, of_material)
def balance(m, p, t, g, b):
    r"""What is kept at the end of a period is what was left of the stock before, plus arrivals, less what is drawn, used
    as input and thrown away. Before the first period stands the inventory on hand, without loss.

    $$ \text{stock}_{g,b,t} = (1-\text{annual\_loss}_g)^{\Delta}\,\text{stock}_{g,b,t-1} + \text{arrivals}_{g,b,t}
       - \sum_u \text{draw}_{g,b,u,t} - \text{input used}_{g,b,t} - \text{discard}_{g,b,t} $$
    """
    before = p.keeps(g) * m.stock[t - 1, g, b] if t else p.on_hand(g, b)
    drawn = sum(m.draw[t, g, b, u] for u in p.uses_of[g] if (t, g, b, u) in m.draw)
    discarded = m.discard[t, g, b] if (t, g, b) in m.discard else 0
    return m.stock[t, g, b] == before + arrivals(m, p, t, g, b) - drawn - input_used(m, p, t, g, b) - discarded


@constraint(EVERY_NODE, "unit", "material g, use u, period t", VARIABLES["short"].index, of_material)
def demand(m, p, t, g, u):
    r"""Demand is met from stock of the origins that the use allows; the rest is short.

    $$ \sum_{b\ \text{allowed}} \text{draw}_{g,b,u,t} + \text{short}_{g,u,t} = \text{demand}_{g,u,t} $$
    """
    drawn = sum(m.draw[t, g, b, u] for b in p.origins[g] if (t, g, b, u) in m.draw)
    return drawn + m.short[t, g, u] == p.demand(g, u, t, m.regimes[t])


@constraint(
    EVERY_NODE,
    "unit",
    "offer s sold spot with a limit below its capacity, period t",
    offers_by_period(lambda o: o.sold_spot and o.spot_limit_per_year < o.capacity_per_year),
    of_offer,
)
def spot_limit(m, p, t, s):
    r"""The spot market delivers no more than its limit. (Without a limit below the capacity, the capacity says it all.)

    $$ \sum_b \text{spot}_{s,b,t} \le \text{spot\_limit\_per\_year}_s\,\Delta\,\text{avail}_{s,t} $$
    """
    bought = sum(m.spot[t, s, b] for b in p.order_origins(s))
    return bought <= p.offers[s].spot_limit_per_year * p.years * available(m, p, t, s)


@constraint(EVERY_NODE, "unit", "offer s, period t", offers_by_period(), of_offer)
def capacity(m, p, t, s):
    r"""Spot and contract together stay within what the offer can serve in this regime, once its project is ready. Of a capacity
    beyond what any plan can use, what is usable counts: a bound that leaves an optimal plan (decision 21).

    $$ \sum_b (\text{spot} + \text{lift})_{s,b,t} \le \text{most}_{s,t}\,\text{ready}_{s,t}, \qquad
       \text{most}_{s,t} = \min(\text{capacity\_per\_year}_s\,\Delta\,\text{avail}_{s,t},\ \text{usable order}_s) $$
    """
    return taken_all(m, p, t, s) <= p.most(s, t, m.regimes[t]) * ready(m, p, t, s)


@constraint(EVERY_NODE, "unit", "offer s under contract, period t", offers_by_period(lambda o: o.contractable), of_offer)
def contract_lift(m, p, t, s):
    r"""No more is taken under contract than was contracted and can be served.

    $$ \sum_b \text{lift}_{s,b,t} \le \text{contract}_s\,\Delta\,\text{avail}_{s,t} $$
    """
    return lifted(m, p, t, s) <= m.contract[s] * p.years * available(m, p, t, s)


@constraint(EVERY_NODE, "unit per year", "offer s under contract that waits for a project, period t", VARIABLES["reserved"].index, of_offer)
def contract_reserved(m, p, t, s):
    r"""A contract is in force unless the project it waits for is not ready. (Without a project it always is: reserved = contract.)

    $$ \text{reserved}_{s,t} \ge \text{contract}_s - \text{largest contract}_s\,(1 - \text{ready}_{s,t}) $$
    """
    return m.reserved[t, s] >= m.contract[s] - p.usable.contract[s] * (1 - ready(m, p, t, s))


@constraint(EVERY_NODE, "unit", "offer s under contract with take-or-pay, period t", VARIABLES["unlifted"].index, of_offer)
def take_or_pay(m, p, t, s):
    r"""What is taken under contract is paid for, and of a contract in force the agreed share of what can be served, taken or not.
    Paid for is what is lifted and what is left unlifted.

    $$ \sum_b \text{lift}_{s,b,t} + \text{unlifted}_{s,t} \ge \text{take\_or\_pay}_s\,\Delta\,\text{avail}_{s,t}\,\text{reserved}_{s,t} $$
    """
    return paid(m, p, t, s) >= p.offers[s].take_or_pay * p.years * available(m, p, t, s) * in_force(m, p, t, s)


@constraint(ONCE, "unit per year", "offer s with a minimum contract", VARIABLES["signed"].index, of_offer)
def contract_minimum(m, p, s):
    r"""A contract that is signed is at least the minimum.

    $$ \text{contract}_s \ge \text{minimum\_contract}_s\,\text{signed}_s $$
    """
    return m.contract[s] >= p.offers[s].minimum_contract * m.signed[s]


@constraint(ONCE, "unit per year", "offer s under contract", VARIABLES["contract"].index, of_offer)
def contract_maximum(m, p, s):
    r"""A contract is at most the capacity, or what is usable of it, and nothing if it is not signed (signed = 1 without a
    minimum contract).

    $$ \text{contract}_s \le \text{largest contract}_s\,\text{signed}_s, \qquad
       \text{largest contract}_s = \min(\text{capacity\_per\_year}_s,\ \text{usable contract}_s) $$
    """
    return m.contract[s] <= p.usable.contract[s] * (m.signed[s] if s in m.signed else 1)


@constraint(
    EVERY_NODE,
    "unit",
    "material g with a storage capacity, period t",
    lambda p: [(t, g) for t in p.periods for g in p.materials if p.materials[g].storage_capacity is not None and p.origins[g]],
    of_material,
)
def storage(m, p, t, g):
    r"""All origins together fit the store.

    $$ \sum_b \text{stock}_{g,b,t} \le \text{storage\_capacity}_g $$
    """
    return sum(m.stock[t, g, b] for b in p.origins[g]) <= p.materials[g].storage_capacity


@constraint(REFERENCE, "unit", "offer s with a minimum order, period t", VARIABLES["ordered"].index, of_offer)
def minimum_order(m, p, t, s):
    r"""An order of the reference path is at least the minimum.

    $$ \sum_b (\text{spot} + \text{lift})_{s,b,t} \ge \text{minimum\_order}_s\,\text{ordered}_{s,t} $$
    """
    return taken_all(m, p, t, s) >= p.offers[s].minimum_order * m.ordered[t, s]


@constraint(REFERENCE, "unit", "offer s with a minimum order, period t", VARIABLES["ordered"].index, of_offer)
def order_switch(m, p, t, s):
    r"""Nothing is taken where the minimum order is not placed.

    $$ \sum_b (\text{spot} + \text{lift})_{s,b,t} \le \text{most}_{s,t}\,\text{ordered}_{s,t} $$
    """
    return taken_all(m, p, t, s) <= p.most(s, t, m.regimes[t]) * m.ordered[t, s]


@constraint(ONCE, "number", "project j", lambda p: [(j,) for j in p.projects if p.starts(j)], pure)
def single_start(m, p, j):
    r"""A project starts at most once.

    $$ \sum_\tau \text{start}_{j,\tau} \le 1 $$
    """
    return sum(m.start[j, t] for t in p.starts(j)) <= 1


def budget_rows(p: CaseData):
    return [(t, i) for t in p.periods if p.calendar.closes_year(t) for i, row in enumerate(p.case.budget) if row.fiscal_year == p.calendar.fiscal_year(t)]


@constraint(EVERY_NODE, "money", "row i of Budget, last period t of its fiscal year y", budget_rows, lambda p, *index: "money")
def budget(m, p, t, i):
    r"""What is spent in a fiscal year stays within each of its budget rows, undiscounted.

    $$ \sum_{\tau \in y} \text{outlay}_{k(i),\tau} \le \text{amount}_i $$
    """
    row = p.case.budget[i]
    spent = sum(outlay(m, p, row.category, tau) for tau in p.calendar.periods_in(row.fiscal_year))
    return spent <= row.amount


@constraint(
    IN_EXPECTATION,
    "unit",
    "material g, use u with a minimum fill rate",
    lambda p: [(g, u) for (g, u), row in p.demands.items() if row.minimum_fill_rate is not None],
    lambda p, g, u: g,
)
def fill_rate(m, p, g, u):
    r"""The share of expected demand that is short stays below what the fill rate leaves. Demand stands here as what is
    drawn and short together, so that the row holds variables only.

    $$ \sum_n \pi_n\,\text{short}_{g,u,n} \le (1 - \text{minimum\_fill\_rate}_{g,u}) \sum_n \pi_n\,
       \Big(\sum_b \text{draw}_{g,b,u,n} + \text{short}_{g,u,n}\Big) $$
    """
    missing = 1 - p.demands[g, u].minimum_fill_rate
    short = sum(m.short[t, g, u] for t in p.periods)
    drawn = sum(m.draw[t, g, b, u] for t in p.periods for b in p.origins[g] if (t, g, b, u) in m.draw)
    return short <= missing * (drawn + short)


# -- the model -----------------------------------------------------------------------------------------------------------


def path_model(p: CaseData, regimes: Sequence[Regime], drop: Collection[str] = (), tick: Callable[[], None] = lambda: None) -> pyo.ConcreteModel:
    """The program of the path on which period t has regimes[t], without the constraints named in `drop`.

    Solved by itself, it is the plan of a planner who knows this future. m.cost[t, term] is what the term costs in t. tick: called now
    and then.
    """
    import pyomo.environ as pyo  # half a second that a template from the cache saves

    m = pyo.ConcreteModel()
    m.regimes = tuple(regimes)
    for family in VARIABLES.values():
        domain = pyo.Binary if family.binary else pyo.NonNegativeReals
        tick()
        setattr(m, family.name, pyo.Var(list(family.index(p)), domain=domain, doc=f"{family.meaning} [{family.unit}]"))
    m.nothing.setub(0)
    m.cost = pyo.Var([(t, term) for t in p.periods for term in COST_TERMS], doc="cost of a period, discounted [money]")
    for family in CONSTRAINTS.values():
        if family.name not in drop:
            _add_rows(m, p, family, tick)
    m.cost_definition = pyo.Constraint(
        [(t, term) for t in p.periods for term in COST_TERMS], rule=lambda m, t, term: m.cost[t, term] == COST_TERMS[term](m, p, t)
    )
    m.total_cost = pyo.Objective(expr=sum(m.cost.values()))
    return m


def _add_rows(m, p: CaseData, family, tick: Callable[[], None]) -> None:
    """The rows of one family along the path; a relation without any variable is no row if it holds."""
    import pyomo.environ as pyo

    indices = list(family.index(p))
    rows = pyo.Constraint(indices, doc=f"{family.meaning} [{family.unit}]")
    setattr(m, f"{family.name}_row", rows)
    look = seldom(tick)
    for index in indices:
        look()
        relation = family.rule(m, p, *index)
        if relation is None or relation is True:
            continue
        rows.add(index, pyo.Constraint.Infeasible if relation is False else relation)
