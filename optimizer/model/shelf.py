"""The constraints on the age of the stock and on its sale.

The oldest goes out first. What is in stock at the end of a period then came in recently enough exactly if it is no more than what came in so
recently: no variable for each age is needed.
"""

from __future__ import annotations

from typing import Any

from optimizer.model import bounds
from optimizer.model.bounds import BoundOf
from optimizer.model.data import CaseData
from optimizer.model.expressions import left_of_arrivals
from optimizer.model.registry import EVERY_NODE, Index, constraint
from optimizer.model.variables import of_material, stocks


def at_end_of_life(p: CaseData) -> list[Index]:
    """List (t, g, b) for the periods with which arrivals of a material end their life; until then all that came in is fresh."""
    return [(t, g, b) for t, g, b in stocks(p) if p.ends_life(g, t)]


@constraint(EVERY_NODE, "unit", "material g with a shelf life, origin b, period t from the end of the first one on", at_end_of_life, of_material, bound=None)
def shelf_life(m: Any, p: CaseData, t: int, g: str, b: str) -> Any:
    r"""Stock is no more than what came in recently enough to be used later: what is older goes out first.

    $$ \text{stock}_{g,b,t} \le \sum_{a \in L_{g,t}} (1 - \text{annual\_loss}_g)^{(t - a)\,\Delta}\,\text{came in}_{g,b,a} $$
    """
    return m.stock[t, g, b] <= left_of_arrivals(m, p, t, g, b, p.fresh(g, t))


@constraint(
    EVERY_NODE,
    "unit",
    "material g with a shelf life and without a disposal_cost, origin b, period t from the end of the first one on",
    lambda p: [(t, g, b) for t, g, b in at_end_of_life(p) if p.materials[g].disposal_cost is None],
    of_material,
    bound=None,
)
def end_of_life(m: Any, p: CaseData, t: int, g: str, b: str) -> Any:
    r"""Without a disposal_cost no more is thrown away than ends its life.

    $$ \text{discard}_{g,b,t} \le \sum_{a \in E_{g,t}} (1 - \text{annual\_loss}_g)^{(t - a)\,\Delta}\,\text{came in}_{g,b,a} $$
    """
    return m.discard[t, g, b] <= left_of_arrivals(m, p, t, g, b, p.ends_life(g, t))


def limited_sales(p: CaseData) -> list[Index]:
    """List (t, g) for the materials of which only so much may be sold."""
    limited = [g for g, m in p.materials.items() if m.sale_price is not None and m.sale_limit_per_year is not None and p.origins[g]]
    return [(t, g) for t in p.periods for g in limited]


@constraint(EVERY_NODE, "unit", "material g with a sale limit, period t", limited_sales, of_material, bound=BoundOf(bounds.of_sale_limit, bounds.of_a_period))
def sale_limit(m: Any, p: CaseData, t: int, g: str) -> Any:
    r"""Sales of all origins together stay within the sale limit.

    $$ \sum_{b \in B_g} \text{sold}_{g,b,t} \le \text{sale\_limit\_per\_year}_g\,\Delta $$
    """
    most = p.materials[g].sale_limit_per_year or 0.0
    return sum(m.sold[t, g, b] for b in p.origins[g]) <= most * p.years
