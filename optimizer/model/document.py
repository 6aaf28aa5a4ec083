"""docs/model.md: symbols, then each equation, printed from beside its code."""

from __future__ import annotations

import re

from optimizer.model import FAMILIES, VARIABLES, costs, risk
from optimizer.model.costs import UNDISCOUNTED

INTRODUCTION = r"""# The model

*Generated from `optimizer/model` by `python docs/build.py`.*

A multistage stochastic mixed-integer program on a tree of disruption histories, after Birge & Louveaux, *Introduction to
Stochastic Programming* (2011), with the risk measure of Rockafellar & Uryasev (2000). The program of **one scenario path** is
stated in Pyomo (`optimizer/model/path.py`); `optimizer/model/stamp.py` lays it onto the tree: the rows of period $t$ go to every
node of period $t$, a column of period $\tau$ to the node's ancestor in $\tau$, here-and-now columns are shared, costs are weighted
by the node's probability.

## Sets and data

| symbol | meaning |
|---|---|
| $t = 0..T-1$ | periods of $\Delta$ years (1/12, 1/4 or 1) |
| $g$ | materials; $u$ the uses of a material; $b$ origins: chinese, other, allied, onshored |
| $s$ | offers, each of one material and one supplier; $j$ projects; $i$ rows of Limits or Budget; $y$ fiscal years |
| $n$, $\ell$ | nodes and leaves of the tree, with probability $\pi_n$; a node's regime is the set of active disruptions |
| $\text{avail}_{s,t}$ | share of an offer's capacity that its regime leaves: own $\cdot (1 - \text{feedstock\_dependence}\,(1 - \text{feed}))$, 0 before available_from |
| spot price, contract price, demand | those of the period and its regime; see `optimizer/model/data.py` |
| $\text{ready}_{s,t}$ | 1 without a project, else $\sum_\tau \text{start}_{j,\tau}$ over $\tau + \text{lead}_j \le t$ |
| $\text{arrivals}_{g,b,t}$ | open orders due in $t$, and orders placed at $a$ with $a + \text{lead}_{s,a} = t$; one unit converted from input of origin $b$ has the more exposed of $b$ and the offer's origin |
| $\delta(t)$ | $(1 + \text{discount\_rate})^{-t\Delta}$ |

The **reference path** goes from the most probable root to the most probable child, and so on: what is planned while events take
their likeliest course.
"""

OBJECTIVE = r"""## Objective

$Z_\ell$ is the sum of the cost of the nodes on the path to leaf $\ell$.

$$ \min\ (1-\lambda)\,\mathbb{E}[Z] + \lambda\,\text{CVaR}_\alpha(Z) $$

__RISK__

$$ __RISK_EQUATION__ $$

$\eta$ is bounded below by a bound on $Z$. For $\lambda = 0$ or $\alpha = 0$ these rows are left out. For $\lambda = 1$ a second
solve takes the least expected cost among plans within $10^{-6}$ of the least CVaR. Where free options leave contracts
undetermined, the plan states those of the least total on the optimal face.

The cost of a node is $\delta(t)$ times the sum of these terms (salvage: $\delta(T)$); the first three are the outlay that budgets
limit, undiscounted:
"""


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _split(text: str | None) -> tuple[str, str]:
    """A docstring's meaning and its equation."""
    meaning, _, rest = (text or "").partition("$$")
    return _flat(meaning), _flat(rest.partition("$$")[0])


def model_page() -> str:
    """The text of docs/model.md."""
    lines = [INTRODUCTION, "## Decisions", "", "| symbol | name | decision | unit | where |", "|---|---|---|---|---|"]
    lines += [f"| ${v.symbol}$ | `{v.name}` | {v.meaning} | {v.unit} | {v.where} |" for v in VARIABLES.values() if v.name != "nothing"]
    lines += ["", OBJECTIVE.replace("__RISK__", risk.MEANING).replace("__RISK_EQUATION__", risk.EQUATION)]
    for name, term in UNDISCOUNTED.items():
        meaning, equation = _split(term.__doc__)
        lines += [f"**{name}**: {meaning}", "", f"$$ {equation} $$", ""]
    lines += ["## Constraints", "", "Each stands in one place in the code, under the name given here.", ""]
    for family in sorted(FAMILIES.values(), key=lambda f: not f.rule.__module__.endswith(".path")):
        meaning, equation = _split(family.rule.__doc__)
        home = family.rule.__module__.rsplit(".", 1)[-1]
        lines += [
            f"### {family.name}",
            "",
            f"{meaning}",
            "",
            f"For each {family.over}; {family.where}; in {family.unit}. (`optimizer/model/{home}.py`)",
            "",
            f"$$ {equation} $$",
            "",
        ]
    lines += ["### excess", "", f"{risk.MEANING}", "", "For each leaf; in money. (`optimizer/model/risk.py`)", "", f"$$ {risk.EQUATION} $$", ""]
    lines += ["## Cost terms in code", "", f"`optimizer/model/costs.py`: {', '.join(f'`{name}`' for name in costs.COST_TERMS)}.", ""]
    return "\n".join(lines)
