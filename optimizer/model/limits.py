"""The constraints of the Limits sheet: shares of purchases, purchases against demand, cover and stock.

Each material stands by itself. Ratios are cleared of their denominator, so that a year without orders meets them. With a
penalty each row gets a slack of its own, in units of material.
"""

from __future__ import annotations

from optimizer.model.data import CaseData, group_of
from optimizer.model.expressions import delivered, some
from optimizer.model.registry import EVERY_NODE, REFERENCE, constraint, variable

DAYS_PER_YEAR = 365


def yearly(measure: str, bound: str):
    """Indices (t, i, g) of a measure per fiscal year: t closes a year that has a period in from..to."""

    def index(p: CaseData):
        return [(t, i, g) for t in p.periods if p.calendar.closes_year(t) for i in _limits(p, measure, bound) if _window(p, i, t) for g in p.limit_materials(i)]

    return index


def grouped(measure: str):
    """Indices (t, i, g, group) of a measure of the largest share."""

    def index(p: CaseData):
        return [(*head, group) for head in yearly(measure, "maximum")(p) for group in p.groups(head[1], head[2])]

    return index


def each_period(measure: str, bound: str):
    """Indices (t, i, g) of a measure per period within from..to."""

    def index(p: CaseData):
        return [(t, i, g) for t in p.periods for i in _limits(p, measure, bound) if p.case.limits[i].covers(t) for g in p.limit_materials(i)]

    return index


def _limits(p: CaseData, measure: str, bound: str) -> list[int]:
    return [i for i, limit in enumerate(p.case.limits) if limit.measure == measure and getattr(limit, bound) is not None]


def _window(p: CaseData, i: int, t: int) -> list[int]:
    """The periods of t's fiscal year that limit i covers."""
    return [tau for tau in p.calendar.periods_in(p.calendar.fiscal_year(t)) if p.case.limits[i].covers(tau)]


def of_row(p: CaseData, t, i, g, *rest) -> str:
    return g


LIMIT_ROWS = {
    "purchase_share_minimum": (EVERY_NODE, yearly("purchase_share", "minimum")),
    "purchase_share_maximum": (EVERY_NODE, yearly("purchase_share", "maximum")),
    "supplier_share": (EVERY_NODE, grouped("largest_supplier_share")),
    "country_share": (EVERY_NODE, grouped("largest_country_share")),
    "purchase_to_demand_minimum": (EVERY_NODE, each_period("purchase_to_demand", "minimum")),
    "purchase_to_demand_maximum": (EVERY_NODE, each_period("purchase_to_demand", "maximum")),
    "stock_cover_minimum": (REFERENCE, each_period("stock_cover_days", "minimum")),
    "stock_cover_maximum": (REFERENCE, each_period("stock_cover_days", "maximum")),
    "stock_quantity_minimum": (REFERENCE, each_period("stock_quantity", "minimum")),
    "stock_quantity_maximum": (REFERENCE, each_period("stock_quantity", "maximum")),
}
"""Family of rows -> where it stands and its indices."""


def _slacks(wanted: str):
    """Indices (t, i, family, g, group or "") of the slacks of penalised limits whose rows stand at `wanted`."""

    def index(p: CaseData):
        return [
            (t, i, family, g, *(group or [""]))
            for family, (where, rows) in LIMIT_ROWS.items()
            if where == wanted
            for t, i, g, *group in rows(p)
            if p.case.limits[i].penalty is not None
        ]

    return index


def _slack_material(p: CaseData, t, i, family, g, group) -> str:
    return g


for _name, _where in (("slack", EVERY_NODE), ("reference_slack", REFERENCE)):
    variable(_name, r"\text{slack}_{i,t}", "short of or over limit i, which has a penalty", "unit", _where, _slacks(_where), _slack_material)


def slack(m, family: str, t: int, i: int, g: str, group: str = ""):
    """The slack of one row, 0 where its limit is hard."""
    found = m.slack if LIMIT_ROWS[family][0] == EVERY_NODE else m.reference_slack
    index = (t, i, family, g, group)
    return found[index] if index in found else 0


def limit_rows(family: str, over: str):
    """Declare a family of limit rows."""
    where, index = LIMIT_ROWS[family]
    return constraint(where, "unit", over, index, of_row)


def _ordered(m, p: CaseData, t: int, i: int, g: str, group: str | None = None):
    """Quantity of g ordered in the window of limit i in t's fiscal year: what matches (of one group), and all."""
    limit = p.case.limits[i]

    def wanted(offer) -> bool:
        return limit.matches(offer) and (group is None or group_of(limit.measure, offer) == group)

    window = _window(p, i, t)
    matched = sum(delivered(m, p, tau, g, wanted, limit.origin) for tau in window)
    return matched, sum(delivered(m, p, tau, g) for tau in window)


@limit_rows("purchase_share_minimum", "limit i, material g, last period t of a fiscal year y")
def purchase_share_minimum(m, p, t, i, g):
    r"""Of what is ordered in the window of a year, at least the given share matches.

    $$ \sum_{\tau \in y} \text{matched}_{i,g,\tau} + \text{slack} \ge \text{minimum}_i \sum_{\tau \in y} \text{ordered}_{g,\tau} $$
    """
    matched, everything = _ordered(m, p, t, i, g)
    return matched + slack(m, "purchase_share_minimum", t, i, g) >= p.case.limits[i].minimum * everything


@limit_rows("purchase_share_maximum", "limit i, material g, last period t of a fiscal year y")
def purchase_share_maximum(m, p, t, i, g):
    r"""Of what is ordered in the window of a year, at most the given share matches.

    $$ \sum_{\tau \in y} \text{matched}_{i,g,\tau} - \text{slack} \le \text{maximum}_i \sum_{\tau \in y} \text{ordered}_{g,\tau} $$
    """
    matched, everything = _ordered(m, p, t, i, g)
    return matched - slack(m, "purchase_share_maximum", t, i, g) <= p.case.limits[i].maximum * everything


@limit_rows("supplier_share", "limit i, material g, single supplier v, last period t of a fiscal year y")
def supplier_share(m, p, t, i, g, group):
    r"""No single supplier among those that match takes more than the given share of what is ordered.

    $$ \sum_{\tau \in y} \text{matched}_{i,g,v,\tau} - \text{slack} \le \text{maximum}_i \sum_{\tau \in y} \text{ordered}_{g,\tau} $$
    """
    matched, everything = _ordered(m, p, t, i, g, group)
    return matched - slack(m, "supplier_share", t, i, g, group) <= p.case.limits[i].maximum * everything


@limit_rows("country_share", "limit i, material g, single country v, last period t of a fiscal year y")
def country_share(m, p, t, i, g, group):
    r"""No single country among those that match takes more than the given share of what is ordered.

    $$ \sum_{\tau \in y} \text{matched}_{i,g,v,\tau} - \text{slack} \le \text{maximum}_i \sum_{\tau \in y} \text{ordered}_{g,\tau} $$
    """
    matched, everything = _ordered(m, p, t, i, g, group)
    return matched - slack(m, "country_share", t, i, g, group) <= p.case.limits[i].maximum * everything


def _needed(m, p: CaseData, t: int, g: str, uses) -> float:
    """Demand of the uses in the period."""
    return sum(p.demand(g, u, t, m.regimes[t]) for u in uses)


def _matched(m, p: CaseData, t: int, i: int, g: str):
    """Quantity ordered in the period that limit i matches."""
    limit = p.case.limits[i]
    return some(m, delivered(m, p, t, g, limit.matches, limit.origin))


@limit_rows("purchase_to_demand_minimum", "limit i, material g, period t with demand")
def purchase_to_demand_minimum(m, p, t, i, g):
    r"""What is ordered and matches is at least the given multiple of the period's demand, all uses.

    $$ \text{matched}_{i,g,t} + \text{slack} \ge \text{minimum}_i \sum_u \text{demand}_{g,u,t} $$
    """
    needed = _needed(m, p, t, g, p.uses_of[g])
    return _matched(m, p, t, i, g) + slack(m, "purchase_to_demand_minimum", t, i, g) >= p.case.limits[i].minimum * needed if needed else None


@limit_rows("purchase_to_demand_maximum", "limit i, material g, period t with demand")
def purchase_to_demand_maximum(m, p, t, i, g):
    r"""What is ordered and matches is at most the given multiple of the period's demand, all uses.

    $$ \text{matched}_{i,g,t} - \text{slack} \le \text{maximum}_i \sum_u \text{demand}_{g,u,t} $$
    """
    needed = _needed(m, p, t, g, p.uses_of[g])
    return _matched(m, p, t, i, g) - slack(m, "purchase_to_demand_maximum", t, i, g) <= p.case.limits[i].maximum * needed if needed else None


def _cover(m, p: CaseData, t: int, i: int, g: str):
    """Stock that at least one matched use may draw, and those uses' demand per day."""
    limit = p.case.limits[i]
    uses = p.matched_uses(i, g)
    drawable = [b for b in p.origins[g] if (not limit.origin or b in limit.origin) and any(p.demands[g, u].allows(b, t) for u in uses)]
    return some(m, sum(m.stock[t, g, b] for b in drawable)), _needed(m, p, t, g, uses) / (p.years * DAYS_PER_YEAR)


@limit_rows("stock_cover_minimum", "limit i, material g, period t with demand")
def stock_cover_minimum(m, p, t, i, g):
    r"""Stock that at least one of the matched uses may draw lasts at least the given days of their demand.

    $$ \sum_{b\ \text{drawable}} \text{stock}_{g,b,t} + \text{slack} \ge \text{minimum}_i\,\frac{\sum_{u\ \text{matched}} \text{demand}_{g,u,t}}{365\,\Delta} $$
    """
    held, per_day = _cover(m, p, t, i, g)
    return held + slack(m, "stock_cover_minimum", t, i, g) >= p.case.limits[i].minimum * per_day if per_day else None


@limit_rows("stock_cover_maximum", "limit i, material g, period t with demand")
def stock_cover_maximum(m, p, t, i, g):
    r"""Stock that at least one of the matched uses may draw lasts at most the given days of their demand.

    $$ \sum_{b\ \text{drawable}} \text{stock}_{g,b,t} - \text{slack} \le \text{maximum}_i\,\frac{\sum_{u\ \text{matched}} \text{demand}_{g,u,t}}{365\,\Delta} $$
    """
    held, per_day = _cover(m, p, t, i, g)
    return held - slack(m, "stock_cover_maximum", t, i, g) <= p.case.limits[i].maximum * per_day if per_day else None


def _held(m, p: CaseData, t: int, i: int, g: str):
    """Stock of the origins that limit i names."""
    wanted = p.case.limits[i].origin
    return some(m, sum(m.stock[t, g, b] for b in p.origins[g] if not wanted or b in wanted))


@limit_rows("stock_quantity_minimum", "limit i, material g, period t")
def stock_quantity_minimum(m, p, t, i, g):
    r"""Stock is at least the given quantity.

    $$ \sum_{b\ \text{matched}} \text{stock}_{g,b,t} + \text{slack} \ge \text{minimum}_i $$
    """
    return _held(m, p, t, i, g) + slack(m, "stock_quantity_minimum", t, i, g) >= p.case.limits[i].minimum


@limit_rows("stock_quantity_maximum", "limit i, material g, period t")
def stock_quantity_maximum(m, p, t, i, g):
    r"""Stock is at most the given quantity.

    $$ \sum_{b\ \text{matched}} \text{stock}_{g,b,t} - \text{slack} \le \text{maximum}_i $$
    """
    return _held(m, p, t, i, g) - slack(m, "stock_quantity_maximum", t, i, g) <= p.case.limits[i].maximum
