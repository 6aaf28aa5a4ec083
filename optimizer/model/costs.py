"""Outlay and cost: one list of terms feeds the objective, the budgets and every report.

`@cost` declares the term of a part of the cost, which optimizer/schema/costs.py names; the docstring is its meaning and its LaTeX.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeAlias

from optimizer.model.data import CaseData
from optimizer.model.expressions import in_force, paid
from optimizer.model.registry import statement
from optimizer.schema.costs import outlays_of

Term: TypeAlias = Callable[..., Any]
"""(model, data, t) -> money in period t; the terms of outlay also take the materials that count, none named = all."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The term of a part of the cost. amount: undiscounted; later: it counts as paid so many periods after its own."""

    amount: Term
    later: int
    meaning: str
    equation: str


COSTS: dict[str, Cost] = {}
"""The parts of the cost by name; budgets limit those of them that are OUTLAYS."""

COST_TERMS: dict[str, Term] = {}
"""The same, discounted to the start; they add up to the cost."""


def cost(later: int = 0) -> Callable[[Term], Term]:
    """Declare the decorated function as the term of the part of the cost that has its name."""

    def register(term: Term) -> Term:
        name = term.__name__
        COSTS[name] = Cost(term, later, *statement(term))
        COST_TERMS[name] = lambda m, p, t: p.discount(t + later) * term(m, p, t)
        return term

    return register


def _offers(p: CaseData, of: Collection[str]) -> list[int]:
    """List the offers of the materials that count."""
    return [s for s, offer in enumerate(p.offers) if not of or offer.material in of]


@cost()
def purchases(m: Any, p: CaseData, t: int, of: Collection[str] = ()) -> Any:
    r"""Spot orders, contract quantities paid for (taken or not), reservation, and prepayment.

    $$ \sum_{s \in S} \sum_{b \in B_s} \text{spot price}_{s,t}\,\text{spot}_{s,b,t} + \sum_{s \in S^c} \Big(\text{contract price}_{s,t}\,\text{paid}_{s,t}
       + \text{reservation\_price}_s\,\text{rate}_{s,t}\,\Delta\,\text{force}_{s,t}
       + \text{prepayment}_s\,\text{first}_{s,t}\,\text{contract}_s\Big) $$
    """
    regime, offers = m.regimes[t], _offers(p, of)
    spot = sum(p.spot_price(s, t, regime) * m.spot[t, s, b] for s in offers for b in p.order_origins(s) if (t, s, b) in m.spot)
    contracted = [s for s in offers if s in m.contract]
    called = sum(p.contract_price(s, t, regime) * paid(m, p, t, s) for s in contracted)
    prepaid = sum(p.offers[s].prepayment * m.contract[s] for s in contracted if p.offers[s].prepayment and p.first_live(s) == t)
    return spot + called + prepaid + sum(p.offers[s].reservation_price * p.rate(s, t) * p.years * in_force(m, p, t, s) for s in contracted)


@cost()
def duties(m: Any, p: CaseData, t: int, of: Collection[str] = ()) -> Any:
    r"""Duties on what crosses the border: spot orders, and what is called off under contract.

    $$ \sum_{s \in S} \sum_{b \in B_s} \text{duty}_{s,t}\,\Big(\text{spot price}_{s,t}\,\text{spot}_{s,b,t}
       + \text{contract price}_{s,t}\,\text{call\_off}_{s,b,t}\Big) $$
    """
    regime, total = m.regimes[t], 0
    for s in _offers(p, of) if p.case.duties else ():
        if rate := p.duty(s, t, regime):
            for b in p.order_origins(s):
                total += rate * p.spot_price(s, t, regime) * m.spot[t, s, b] if (t, s, b) in m.spot else 0
                total += rate * p.contract_price(s, t, regime) * m.call_off[t, s, b] if (t, s, b) in m.call_off else 0
    return total


@cost()
def storage(m: Any, p: CaseData, t: int, of: Collection[str] = ()) -> Any:
    r"""Keeping what is in stock at the end of a period, and disposal of what is thrown away.

    $$ \sum_{g \in G} \sum_{b \in B_g} \Big(\text{holding\_cost\_per\_year}_g\,\Delta\,\text{stock}_{g,b,t}
       + \text{disposal\_cost}_g\,\text{discard}_{g,b,t}\Big) $$
    """
    held = [(g, b) for g in p.materials if not of or g in of for b in p.origins[g]]
    kept = sum(p.materials[g].holding_cost_per_year * p.years * m.stock[t, g, b] for g, b in held)
    thrown = sum((p.materials[g].disposal_cost or 0.0) * m.discard[t, g, b] for g, b in held if (t, g, b) in m.discard)
    return kept + thrown


@cost()
def projects(m: Any, p: CaseData, t: int) -> Any:
    r"""Each project's cost in even parts over its lead time, at least one period; parts past the horizon are due in its last period.

    $$ \sum_{j \in J} \frac{\text{cost}_j}{\max(1, \text{lead}_j)} \Big(\sum_{\tau \in T_j} \text{parts}_{j,\tau,t}\,\text{start}_{j,\tau}
       + \sum_{d \in V_j} \text{parts if}_{j,d,t}\,\text{start\_if}_{j,d}\Big) $$
    """
    dated = sum(p.project_outlay(j, tau, t) * m.start[j, tau] for j in p.projects for tau in p.starts(j))
    waiting = [(j, d, p.begun_for(j, d, t, m.memories[t])) for j in p.projects for d in p.conditions(j)]
    return dated + sum(p.project_outlay(j, begun, t) * m.start_if[j, d] for j, d, begun in waiting if begun is not None)


@cost()
def substitution(m: Any, p: CaseData, t: int) -> Any:
    r"""What replacing a material costs, or doing with less of it, beside the substitute itself.

    $$ \sum_{i \in X} \sum_{b \in O_i} \text{replacement cost}_i\,\text{replaced}_{i,b,t} $$
    """
    return sum(p.case.substitutes[index[1]].cost * m.replaced[index] for index in m.replaced if index[0] == t)


@cost()
def penalties(m: Any, p: CaseData, t: int) -> Any:
    r"""Penalties for limits that are not kept, over all rows of these limits.

    $$ \sum_{i \in I} \sum_{r \in R_{i,t}} \text{penalty}_i\,\text{slack}_r $$
    """
    return sum((p.case.limits[index[1]].penalty or 0.0) * m.slack[index] for index in m.slack if index[0] == t)


@cost()
def shortage(m: Any, p: CaseData, t: int) -> Any:
    r"""Losses from demand that is not met.

    $$ \sum_{g \in G} \sum_{u \in U_g} \text{shortage\_cost}_{g,u}\,\text{short}_{g,u,t} $$
    """
    return sum(row.shortage_cost * m.short[t, g, u] for (g, u), row in p.demands.items())


@cost()
def sales(m: Any, p: CaseData, t: int) -> Any:
    r"""What sales out of the stock bring, as a negative cost. It adds to no budget.

    $$ -\sum_{g \in G} \sum_{b \in B_g} \text{sale\_price}_g\,\text{sold}_{g,b,t} $$
    """
    return -sum((p.materials[g].sale_price or 0.0) * m.sold[t, g, b] for g in p.materials for b in p.origins[g] if (t, g, b) in m.sold)


@cost(later=1)
def salvage(m: Any, p: CaseData, t: int) -> Any:
    r"""The value of what is left at the end of the horizon, as a negative cost of its last period.

    $$ -\text{last}_t \sum_{g \in G} \sum_{b \in B_g} \text{salvage\_value}_g\,\text{stock}_{g,b,t} $$
    """
    if t != p.periods[-1]:
        return 0
    return -sum(p.materials[g].salvage_value * m.stock[t, g, b] for g in p.materials for b in p.origins[g])


def counted(m: Any, p: CaseData, i: int, part: str, t: int) -> Any:
    """Return what row i of Budget counts of a part of the cost in period t, not discounted: that of its materials alone, where it names some."""
    materials = p.case.budget[i].material
    return COSTS[part].amount(m, p, t, materials) if materials else COSTS[part].amount(m, p, t)


def parts_counted(p: CaseData, i: int) -> tuple[str, ...]:
    """Return the parts of the cost that row i of Budget counts."""
    row = p.case.budget[i]
    return outlays_of(row.category, bool(row.material))
