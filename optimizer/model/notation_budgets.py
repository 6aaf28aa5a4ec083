"""The symbols of docs/model.md for budgets: what a row of Budget counts, has counted before, and gains from the year before."""

from __future__ import annotations

from optimizer.model import expressions
from optimizer.model.costs import counted
from optimizer.model.symbols import Symbol

OF_BUDGETS = (
    Symbol(
        r"\text{counted}_{i,k,t}",
        r"what row i of Budget counts of $\text{part}_{k,t}$: all, or what is for the materials that it names",
        "money",
        lambda m, p, i, k, t: counted(m, p, i, k, t),
    ),
    Symbol(
        r"\text{spent before}_{i,t}",
        r"$\text{spent}_{i,t-1}$, 0 in the first period of the fiscal year of row i of Budget",
        "money",
        lambda m, p, i, t: expressions.spent_before(m, p, t, i),
    ),
    Symbol(
        r"\text{carried}_i",
        r"what row i of Budget gains from row h of the fiscal year before that has the same category and the same set of materials: Budget.carry_over "
        r"of row h times $\text{unspent}_{h,t}$, t the last period of that year; 0 where there is none",
        "money",
        lambda m, p, i: expressions.carried(m, p, i),
    ),
)
