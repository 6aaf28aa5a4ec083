"""Outlay and cost: one list of terms feeds the objective, the budgets and every report."""

from __future__ import annotations

from optimizer.model.data import CaseData
from optimizer.model.expressions import in_force, paid


def purchases(m, p: CaseData, t: int):
    r"""Spot orders, contract quantities paid for (lifted or not), and reservation.

    $$ \sum_{s,b} \text{spot price}_{s,t}\,\text{spot}_{s,b,t} + \sum_s \big(\text{contract price}_{s,t}\,\text{paid}_{s,t}
       + \text{reservation\_price}_s\,\Delta\,\text{reserved}_{s,t}\big) $$
    """
    regime = m.regimes[t]
    spot = sum(p.spot_price(s, t, regime) * m.spot[t, s, b] for s in range(len(p.offers)) for b in p.order_origins(s) if (t, s, b) in m.spot)
    contracted = [s for s in range(len(p.offers)) if s in m.contract]
    lifted = sum(p.contract_price(s, t, regime) * paid(m, p, t, s) for s in contracted)
    return spot + lifted + sum(p.offers[s].reservation_price * p.years * in_force(m, p, t, s) for s in contracted)


def storage(m, p: CaseData, t: int):
    r"""Room for what is kept, and what throwing away costs.

    $$ \sum_{g,b} \big(\text{holding\_cost\_per\_year}_g\,\Delta\,\text{stock}_{g,b,t} + \text{disposal\_cost}_g\,\text{discard}_{g,b,t}\big) $$
    """
    kept = sum(p.materials[g].holding_cost_per_year * p.years * m.stock[t, g, b] for g in p.materials for b in p.origins[g])
    thrown = sum(p.materials[g].disposal_cost * m.discard[t, g, b] for g in p.materials for b in p.origins[g] if (t, g, b) in m.discard)
    return kept + thrown


def projects(m, p: CaseData, t: int):
    r"""Each project's cost in even parts over the max(1, lead) periods from its start; parts past the horizon in its last period.

    $$ \sum_{j,\tau} \text{start}_{j,\tau}\,\frac{\text{cost}_j}{\max(1, \text{lead}_j)}\,
       \big|\{k < \max(1, \text{lead}_j) : \min(\tau + k, T-1) = t\}\big| $$
    """
    return sum(p.project_outlay(j, tau, t) * m.start[j, tau] for j in p.projects for tau in p.starts(j))


def penalties(m, p: CaseData, t: int):
    r"""What violated limits with a penalty cost.

    $$ \sum_i \text{penalty}_i\,\text{slack}_{i,t} $$
    """
    return sum(p.case.limits[index[1]].penalty * slack[index] for slack in (m.slack, m.reference_slack) for index in slack if index[0] == t)


def shortage(m, p: CaseData, t: int):
    r"""Demand not met.

    $$ \sum_{g,u} \text{shortage\_cost}_{g,u}\,\text{short}_{g,u,t} $$
    """
    return sum(row.shortage_cost * m.short[t, g, u] for (g, u), row in p.demands.items())


def salvage(m, p: CaseData, t: int):
    r"""The value of what is left at the end, as a negative cost.

    $$ -\sum_{g,b} \text{salvage\_value}_g\,\text{stock}_{g,b,T-1} $$
    """
    if t != p.periods[-1]:
        return 0
    return -sum(p.materials[g].salvage_value * m.stock[t, g, b] for g in p.materials for b in p.origins[g])


OUTLAYS = {"purchases": purchases, "storage": storage, "projects": projects}
"""What budgets limit, by category."""


def outlay(m, p: CaseData, category: str, t: int):
    """Money spent in period t on one category, or on `all` three, not discounted."""
    terms = OUTLAYS.values() if category == "all" else [OUTLAYS[category]]
    return sum(term(m, p, t) for term in terms)


def _discounted(term, later: int = 0):
    """The term times δ of its period (`later` periods on)."""
    return lambda m, p, t: p.discount(t + later) * term(m, p, t)


COST_TERMS = {
    **{name: _discounted(term) for name, term in OUTLAYS.items()},
    "penalties": _discounted(penalties),
    "shortage": _discounted(shortage),
    "salvage": _discounted(salvage, later=1),
}
"""The parts of the cost, discounted; they add up to it."""

UNDISCOUNTED = {**OUTLAYS, "penalties": penalties, "shortage": shortage, "salvage": salvage}
"""The same parts as formulas, for docs/model.md."""
