"""The constraints of the Limits sheet: shares of purchases, purchases against demand, cover and stock.

Each measure is one function that returns the quantity measured and the base of which a limit's minimum and maximum are multiples;
`@limit` makes a constraint of each side. Each material stands by itself. Ratios are cleared of their denominator, so that a year
without orders meets them. With a penalty each row gets a slack of its own, in units of material.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from optimizer.model.bounds import Bound, BoundOf, Kept, Typical
from optimizer.model.data import CaseData
from optimizer.model.expressions import delivered, or_zero_variable
from optimizer.model.parameters import group_of
from optimizer.model.registry import CONSTRAINTS, EVERY_NODE, ConstraintFamily, Index, IndexSet, statement, variable

DAYS_PER_YEAR = 365
BOTH = ("minimum", "maximum")

LimitIndex = Callable[[CaseData, list[int]], Iterable[Index]]
"""(data, limits) -> the indices (t, i, g) or (t, i, g, group) of the rows of these limits."""


@dataclass(frozen=True, slots=True)
class LimitRows:
    """The rows of one side of a measure."""

    measure: str
    side: str
    index: IndexSet


LIMIT_ROWS: dict[str, LimitRows] = {}
"""By the name of the constraint."""

# -- index sets ------------------------------------------------------------------------------------------------------------


def yearly(p: CaseData, limits: list[int]) -> list[Index]:
    """List (t, i, g): t closes a fiscal year of which limit i covers a period."""
    closing = [t for t in p.periods if p.calendar.closes_year(t)]
    return [(t, i, g) for t in closing for i in limits if _window(p, i, t) for g in p.limit_materials(i)]


def grouped(p: CaseData, limits: list[int]) -> list[Index]:
    """List (t, i, g, group): as yearly, for each supplier or country that limit i matches."""
    return [(t, i, g, group) for t, i, g in yearly(p, limits) for group in p.groups(i, g)]


def each_period(p: CaseData, limits: list[int]) -> list[Index]:
    """List (t, i, g): limit i covers period t."""
    return [(t, i, g) for t in p.periods for i in limits if p.case.limits[i].covers(t) for g in p.limit_materials(i)]


def _window(p: CaseData, i: int, t: int) -> list[int]:
    """List the periods of t's fiscal year that limit i covers."""
    return [tau for tau in p.calendar.year_of(t) if p.case.limits[i].covers(tau)]


# -- slacks ----------------------------------------------------------------------------------------------------------------


def _material(p: CaseData, t: int, i: int, family: str, g: str, group: str) -> str:
    return g


def _slacks(p: CaseData) -> list[Index]:
    """List (t, i, family, g, group or "") for the rows of penalised limits."""
    return [
        (t, i, family, g, *(group or [""])) for family, rows in LIMIT_ROWS.items() for t, i, g, *group in rows.index(p) if p.case.limits[i].penalty is not None
    ]


@variable(EVERY_NODE, "unit", r"\text{slack}_{i,g,t}", _material, letters="tifgo")
def slack(p: CaseData) -> Iterable[Index]:
    """Quantity by which limit i, which has a penalty, is not kept."""
    return _slacks(p)


def slack_of(m: Any, family: str, t: int, i: int, g: str, group: str = "") -> Any:
    """Return the slack of one row, 0 where its limit has no penalty."""
    index = (t, i, family, g, group)
    return m.slack[index] if index in m.slack else 0


def stands(m: Any, p: CaseData, t: int, i: int, g: str, side: str) -> bool:
    """Return whether a side of limit i holds for material g in period t, by what is remembered of the path."""
    holding = p.case.limits[i].holding
    if holding == "reference path":
        return bool(m.memories[t].on_reference)
    return holding == "everywhere" or side == "maximum" or (i, g) not in m.memories[t].released


# -- the declaration of a measure --------------------------------------------------------------------------------------------


def limit(measure: str, over: str, rows: LimitIndex, sides: tuple[str, ...] = BOTH) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a measure of the Limits sheet: a constraint for each of its sides.

    The decorated function returns (quantity, base), or None where there is no row: quantity at least minimum·base, or at most
    maximum·base. Its LaTeX is the two with \\lessgtr between them. A constraint's name is the function's, with the side where both exist.
    """

    def register(measured: Callable[..., Any]) -> Callable[..., Any]:
        for side in sides:
            _declare(measured, measure, side, over, rows, measured.__name__ + (f"_{side}" if len(sides) > 1 else ""))
        return measured

    return register


def _declare(measured: Callable[..., Any], measure: str, side: str, over: str, rows: LimitIndex, name: str) -> None:
    """Put the constraint of one side of a measure on the list."""

    def index(p: CaseData) -> Iterable[Index]:
        return rows(p, [i for i, row in enumerate(p.case.limits) if row.measure == measure and getattr(row, side) is not None])

    def rule(m: Any, p: CaseData, t: int, i: int, g: str, *group: str) -> Any:
        found = measured(m, p, t, i, g, *group) if stands(m, p, t, i, g, side) else None
        if found is None:
            return None
        quantity, base = found
        if side == "minimum":
            return quantity + slack_of(m, name, t, i, g, *group) >= p.case.limits[i].minimum * base
        return quantity - slack_of(m, name, t, i, g, *group) <= p.case.limits[i].maximum * base

    def of_limit(p: CaseData, typical: Typical, t: int, i: int, g: str, *group: str) -> Bound:
        row, m, per_year = p.case.limits[i], p.materials[g], typical.yearly[g]
        value = getattr(row, side)
        per_unit = {"stock_quantity": 1.0, "stock_cover_days": per_year / DAYS_PER_YEAR, "purchase_to_demand": per_year * p.years}
        size = value * per_unit.get(measure, per_year) or per_year
        what = f"'{row.limit}' ({measure}, {side} {value:,.10g}) for {m.material}"
        return Bound("Limits", row.row, side, what, m.unit, size, value, side)

    def loosens(p: CaseData, kept: Kept | None, t: int, i: int, *rest: str) -> float | None:
        """Loosen the row in full; while nothing is decided, a limit with a penalty gives by its slack."""
        return 1.0 if kept or p.case.limits[i].penalty is None else None

    meaning, equation = statement(measured)
    quantity, _, base = (part.strip() for part in equation.partition(r"\lessgtr"))
    sign, relation = ("+", r"\ge") if side == "minimum" else ("-", r"\le")
    index_of_slack = r"\text{slack}_{i,g,v,t}" if rows is grouped else r"\text{slack}_{i,g,t}"
    words = {"minimum": "at least the minimum", "maximum": "at most the maximum"}[side]
    LIMIT_ROWS[name] = LimitRows(measure, side, index)
    CONSTRAINTS[name] = ConstraintFamily(
        name=name,
        where=EVERY_NODE,
        unit="unit",
        over=over,
        index=index,
        scale=lambda p, t, i, g, *group: g,
        rule=rule,
        meaning=meaning.replace("{bound}", words),
        equation=rf"{quantity} {sign} {index_of_slack} {relation} \text{{{side}}}_i" + (rf"\,{base}" if base != "1" else ""),
        bound=BoundOf(of_limit, loosens),
        letters="tigo" if rows is grouped else "tig",
    )


# -- the measures ------------------------------------------------------------------------------------------------------------


def _ordered(m: Any, p: CaseData, t: int, i: int, g: str, group: str | None = None) -> tuple[Any, Any]:
    """Return the quantity of g ordered in the window of limit i in t's fiscal year: what matches (of one group), and all."""
    row = p.case.limits[i]

    def wanted(offer: Any) -> bool:
        return row.matches(offer) and (group is None or group_of(row.measure, offer) == group)

    window = _window(p, i, t)
    matched = sum(delivered(m, p, tau, g, wanted, row.origin) for tau in window)
    return matched, sum(delivered(m, p, tau, g) for tau in window)


OF_A_YEAR = "limit i, material g, last period t of a fiscal year"


@limit("purchase_share", OF_A_YEAR, yearly)
def purchase_share(m: Any, p: CaseData, t: int, i: int, g: str) -> Any:
    r"""Of what is ordered in the window of a fiscal year, the share that the limit matches is {bound}.

    $$ \sum_{\tau \in W_{i,t}} \sum_{(s,b) \in M_{i,g}} \text{order}_{s,b,\tau}
       \lessgtr \sum_{\tau \in W_{i,t}} \sum_{s \in S_g} \sum_{b \in B_s} \text{order}_{s,b,\tau} $$
    """
    return _ordered(m, p, t, i, g)


@limit("largest_supplier_share", f"{OF_A_YEAR}, supplier v", grouped, sides=("maximum",))
def supplier_share(m: Any, p: CaseData, t: int, i: int, g: str, group: str) -> Any:
    r"""Of what is ordered in the window of a fiscal year, the share of any single supplier among those that match is {bound}.

    $$ \sum_{\tau \in W_{i,t}} \sum_{(s,b) \in M_{i,g,v}} \text{order}_{s,b,\tau}
       \lessgtr \sum_{\tau \in W_{i,t}} \sum_{s \in S_g} \sum_{b \in B_s} \text{order}_{s,b,\tau} $$
    """
    return _ordered(m, p, t, i, g, group)


@limit("largest_country_share", f"{OF_A_YEAR}, country v", grouped, sides=("maximum",))
def country_share(m: Any, p: CaseData, t: int, i: int, g: str, group: str) -> Any:
    r"""Of what is ordered in the window of a fiscal year, the share of any single country among those that match is {bound}.

    $$ \sum_{\tau \in W_{i,t}} \sum_{(s,b) \in M_{i,g,v}} \text{order}_{s,b,\tau}
       \lessgtr \sum_{\tau \in W_{i,t}} \sum_{s \in S_g} \sum_{b \in B_s} \text{order}_{s,b,\tau} $$
    """
    return _ordered(m, p, t, i, g, group)


def _needed(m: Any, p: CaseData, t: int, g: str, uses: list[str]) -> float:
    """Add up the demand of the uses in the period."""
    return sum(p.demand(g, u, t, m.regimes[t]) for u in uses)


@limit("purchase_to_demand", "limit i, material g, period t with demand", each_period)
def purchase_to_demand(m: Any, p: CaseData, t: int, i: int, g: str) -> Any:
    r"""What is ordered in a period and matches is {bound} multiple of the period's demand, all uses together.

    $$ \sum_{(s,b) \in M_{i,g}} \text{order}_{s,b,t} \lessgtr \sum_{u \in U_g} \text{demand}_{g,u,t} $$
    """
    row, needed = p.case.limits[i], _needed(m, p, t, g, p.uses_of[g])
    return (or_zero_variable(m, delivered(m, p, t, g, row.matches, row.origin)), needed) if needed else None


@limit("stock_cover_days", "limit i, material g, period t with demand", each_period)
def stock_cover(m: Any, p: CaseData, t: int, i: int, g: str) -> Any:
    r"""Stock that at least one of the matched uses may draw lasts {bound} days of these uses' demand.

    $$ \sum_{b \in D_{i,g,t}} \text{stock}_{g,b,t} \lessgtr \frac{\sum_{u \in U_{i,g}} \text{demand}_{g,u,t}}{365\,\Delta} $$
    """
    row, uses = p.case.limits[i], p.matched_uses(i, g)
    drawable = [b for b in p.origins[g] if (not row.origin or b in row.origin) and any(p.may_draw(g, u, b, t, m.regimes[t]) for u in uses)]
    per_day = _needed(m, p, t, g, uses) / (p.years * DAYS_PER_YEAR)
    return (or_zero_variable(m, sum(m.stock[t, g, b] for b in drawable)), per_day) if per_day else None


@limit("stock_quantity", "limit i, material g, period t", each_period)
def stock_quantity(m: Any, p: CaseData, t: int, i: int, g: str) -> Any:
    r"""Stock at the end of a period, of the origins that the limit names, is {bound} quantity.

    $$ \sum_{b \in B_{i,g}} \text{stock}_{g,b,t} \lessgtr 1 $$
    """
    wanted = p.case.limits[i].origin
    return or_zero_variable(m, sum(m.stock[t, g, b] for b in p.origins[g] if not wanted or b in wanted)), 1.0
