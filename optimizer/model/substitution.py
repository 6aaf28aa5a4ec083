"""Substitutes and thrift: what a use takes in place of a material, and how much less of it can do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from optimizer.model import bounds
from optimizer.model.bounds import BoundOf
from optimizer.model.data import CaseData
from optimizer.model.expressions import project_ready
from optimizer.model.registry import EVERY_NODE, Index, constraint, variable
from optimizer.model.symbols import SetSymbol, Symbol


def _possible(p: CaseData) -> list[Index]:
    """List (t, i, b): what row i of Substitutes may take by its first period and, but for origin rules, by Demand."""
    return [
        (t, i, b)
        for (g, u), rows in p.substitutes_of.items()
        for i in rows
        for t in p.periods
        if p.case.substitutes[i].begun(t)
        for b in p.substitute_origins(i)
        if p.case.substitutes[i].substitute is None or p.demands[g, u].allows(b, t)
    ]


@variable(EVERY_NODE, "unit", r"\text{replaced}_{i,b,t}", lambda p, t, i, b: p.case.substitutes[i].material)
def replaced(p: CaseData) -> Iterable[Index]:
    """Demand that row i of Substitutes replaces, with substitute of origin b where there is one"""
    return _possible(p)


def _rows(p: CaseData) -> list[Index]:
    """List (t, g, u, i): each row of Substitutes that may replace anything, in each such period."""
    rows = p.case.substitutes
    return [(t, rows[i].material, rows[i].use, i) for t, i in dict.fromkeys((t, i) for t, i, _ in _possible(p))]


@constraint(
    EVERY_NODE,
    "unit",
    "row i of Substitutes, of material g for use u, period t",
    _rows,
    lambda p, t, g, u, i: g,
    bound=BoundOf(bounds.of_maximum_share, bounds.substitution_loosens),
)
def substitution(m: Any, p: CaseData, t: int, g: str, u: str, i: int) -> Any:
    r"""No more is replaced than the largest share of the demand, once the row's project is ready.

    $$ \sum_{b \in O_i} \text{replaced}_{i,b,t} \le \text{maximum\_share}_i\,\text{demand}_{g,u,t}\,\text{done}_{i,t} $$
    """
    row = p.case.substitutes[i]
    total = sum(m.replaced[t, i, b] for b in p.substitute_origins(i) if (t, i, b) in m.replaced)
    return total <= row.maximum_share * p.demand(g, u, t, m.regimes[t]) * project_ready(m, p, t, row.project)


def _ruled(p: CaseData) -> list[Index]:
    """List (t, g, i, b): what some origin rule for the material or the substitute may forbid row i of Substitutes to take."""
    rules, rows = p.case.origin_rules, p.case.substitutes

    def speaks(i: int, b: str) -> bool:
        named = [name for name in (rows[i].material, rows[i].substitute) if name]
        return any(b not in rule.allowed_origins and any(rule.concerns(name, rows[i].use) for name in named) for rule in rules)

    return [(t, rows[i].material, i, b) for t, i, b in _possible(p) if b and speaks(i, b)] if rules else []


@constraint(
    EVERY_NODE,
    "unit",
    "row i of Substitutes, of material g, origin b that an origin rule in force in period t forbids",
    _ruled,
    lambda p, t, g, i, b: g,
    bound=None,
)
def substitute_origin(m: Any, p: CaseData, t: int, g: str, i: int, b: str) -> Any:
    r"""No substitute is taken of an origin that an origin rule in force, for the material or for the substitute, does not list.

    $$ \text{replaced}_{i,b,t} \le 0 $$
    """
    return None if p.may_replace(i, b, t, m.regimes[t]) else m.replaced[t, i, b] <= 0


# -- the symbols of docs/model.md ------------------------------------------------------------------------------------------

SETS = (
    SetSymbol("X", "rows of Substitutes", lambda m, p: range(len(p.case.substitutes))),
    SetSymbol("X_{g,u}", "rows of Substitutes by which use u replaces or saves material g", lambda m, p, g, u: p.substitutes_of[g, u]),
    SetSymbol(
        "X_g",
        "rows of Substitutes that take material g in place of another",
        lambda m, p, g: [i for i, r in enumerate(p.case.substitutes) if r.substitute == g],
    ),
    SetSymbol(
        "O_i",
        "origins of the substitute of row i of Substitutes; where the use does with less, a single one without a name",
        lambda m, p, i: p.substitute_origins(i),
    ),
)

COST = Symbol(r"\text{replacement cost}_i", "Substitutes.cost of row i", "money per unit", lambda m, p, i: p.case.substitutes[i].cost)

DONE = Symbol(
    r"\text{done}_{i,t}",
    r"1 where row i of Substitutes waits for no project, else 1 once that is ready, as $\text{ready}_{s,t}$ of an offer",
    "",
    lambda m, p, i, t: project_ready(m, p, t, p.case.substitutes[i].project),
)
