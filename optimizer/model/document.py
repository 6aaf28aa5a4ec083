"""Print docs/model.md: sets, data, disruptions, prices, variables, objective and constraints, each from beside its code."""

from __future__ import annotations

from collections.abc import Iterable

from optimizer.model import FAMILIES, VARIABLES, notation, risk
from optimizer.model.costs import COSTS
from optimizer.model.symbols import SetSymbol, Symbol
from optimizer.schema.costs import OUTLAYS, listed

INTRODUCTION = """# The model

*Generated from `optimizer/model` by `python docs/build.py`. Every equation is evaluated against the program by a test.*

A multistage stochastic mixed-integer program on a tree of disruption histories (Birge & Louveaux, 2011), with the conditional value
at risk as its measure of risk (Rockafellar & Uryasev, 2000). A plan says what to order, keep and contract so that the mean and the
tail of its discounted cost are least, whatever happens to the sources of supply. The program of **one scenario path** is stated in
Pyomo (`optimizer/model/path.py`, `limits.py`, `costs.py`); *From the path to the tree* says how it becomes the program that is solved.
"""

LETTERS = r"""## Sets and indices

| index | runs over |
|---|---|
| $t, \tau, a$ | periods $0, \dots, T-1$ (Settings.periods) |
| $g$ | materials |
| $b, c$ | origins |
| $u$ | uses of a material |
| $s$ | offers |
| $j$ | projects |
| $d$ | disruptions |
| $i$ | rows of Limits, of Budget, of Inventory, of Inputs, or of Substitutes |
| $v$ | suppliers, or countries |
| $k$ | parts of the cost |
| $n$, $\ell$ | nodes and leaves of the scenario tree |
"""

DISRUPTIONS = r"""## Disruption process

The **regime** of a period is the set of active disruptions. It follows a Markov chain (`optimizer/scenarios/process.py`). In period 0
the disruptions marked active_now are active. Given the regime of period $t$, each disruption $d$ changes independently of the others:

- An inactive one begins in $t+1$ with probability $1 - (1 - \text{annual\_probability}_d)^{\Delta}$; if $t+1$ is the period of its
  decision_date, with $\text{decision\_probability}_d$ instead. While the disruption of `raised_by` is active in $t$,
  $\text{raised\_probability}_d$ stands in place of the annual one. With `follows` it can only begin if the disruption named there is
  active in $t$.
- An active one ends with probability $\min(1, 12\,\Delta / \text{mean\_duration\_months}_d)$ and does not begin again in the same step.

A **scenario** is a path of regimes with a probability. Settings.scenario_method says which ones are taken:

- `exact`: every path of positive probability.
- `sampled`: at most Settings.scenarios paths: the most probable one with its own probability, and others from a stream of numbers for each disruption:
  the expected weight of a path is its probability (docs/sampling.md).
- `listed`: the paths of the sheet Scenarios; what their probabilities leave short of 1 is a path on which nothing happens.
- `auto`: listed where the sheet has rows, else exact where there are no more paths than Settings.scenarios, else sampled.

The **scenario tree** is the trie of these paths: two scenarios share their nodes as long as their regimes have been the same. Node $n$
has the probability $\pi_n$ of the scenarios through it. The **reference path** goes from the most probable root to the most probable
child, and so on; of equal ones (to $10^{-9}$) it takes the fewest active disruptions, then the smallest row numbers of the workbook. In a
sampled tree it is the most probable path of the process, whatever was drawn.

**Projects and the past.** A project that waits for a disruption starts on each path in the first period within its window in which that is active; the node
remembers how long ago that was.

**Limits and the past.** A minimum of Limits that holds `unless released` has no row, and no slack, at a node where a disruption of its
`released_by` is active, or was at one of the $K$ nearest ancestors, $K$ being refill_months as periods. A limit on the `reference path` has rows at its nodes alone.
"""

OBJECTIVE = r"""## Objective

The cost of a leaf $\ell$ is the sum over the nodes $n$ of its path, $t$ the period of $n$, of the parts of the cost:

$$ Z_\ell = \sum_{n \in \text{path}(\ell)} \Big( \delta_t \sum_{k \ne \text{salvage}} \text{part}_{k,n} + \delta_{t+1}\, \text{part}_{\text{salvage},n} \Big) $$

With $\lambda$ = Settings.risk_weight and $\alpha$ = Settings.cvar_level the objective is

$$ \min\ (1-\lambda)\,\mathbb{E}[Z] + \lambda\,\text{CVaR}_\alpha(Z), \qquad \mathbb{E}[Z] = \sum_\ell \pi_\ell Z_\ell $$

$\text{CVaR}_\alpha(Z)$ is the mean cost of the worst $1 - \alpha$ of the probability. It is linear in two further variables, the
threshold $\eta$, here and now, and $\text{excess}_\ell \ge 0$ of each leaf (Rockafellar & Uryasev, 2000):

$$ __RISK__ $$

$\eta$ is bounded below by a bound on $Z$ (`optimizer/model/risk.py`). For $\lambda = 0$ or $\alpha = 0$ these variables and rows are
left out. For $\lambda = 1$ a second solve takes the least expected cost among plans within $10^{-6}$ of the least CVaR. Where the size
of a contract costs nothing, the plan states the least total on the optimal face.

The parts of the cost of a period, undiscounted; __OUTLAYS__ are **outlay**, which budgets limit:
"""

TREE = r"""## From the path to the tree

`optimizer/model/stamp.py` lays the program of the path onto the scenario tree, which gives the deterministic equivalent (Birge &
Louveaux, 2011, chapters 2 and 6). Let $a(n, \tau)$ be the ancestor of node $n$ in period $\tau$.

- A variable *at every node* has one copy for each node of its period, a variable *here and now* one copy in all, and one *on the
  reference path* one copy at the node of that path. Scenarios that share a node share its variables: decisions in $t$ depend on the
  history up to $t$ alone, so the program is **nonanticipative** by construction and has no nonanticipativity constraints.
- A row of period $t$ stands at every node $n$ of period $t$; a variable of period $\tau \le t$ in it is the copy at $a(n, \tau)$.
- The coefficient of a variable is that of the regime of its own node, or of the row's where the variable has no period; a right-hand
  side is that of the regime of its row's node. Equations carry the past in variables, so that this is all that they depend on.
- A row *over all scenarios* sums over all nodes, weighted with $\pi_n$.
"""

REFERENCES = """## References

- Birge, J. R. & Louveaux, F. (2011). *Introduction to Stochastic Programming*, 2nd ed. Springer.
- L'Ecuyer, P., Lécot, C. & Tuffin, B. (2008). A randomized quasi-Monte Carlo simulation method for Markov chains. *Operations Research* 56(4).
- Rockafellar, R. T. & Uryasev, S. (2000). Optimization of conditional value-at-risk. *Journal of Risk* 2(3).
"""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return ["| " + " | ".join(cells) + " |" for cells in (head, ("---",) * len(head), *rows)] + [""]


def _sets(sets: Iterable[SetSymbol]) -> list[str]:
    return _table(("set", "members"), ((f"${s.symbol}$", s.meaning) for s in sets))


def _data(symbols: Iterable[Symbol]) -> list[str]:
    return _table(("symbol", "meaning", "unit", "column of the workbook"), ((f"${s.symbol}$", s.meaning, s.unit or "1", f"`{s.source}`") for s in symbols))


def _defined(symbols: Iterable[Symbol]) -> list[str]:
    """Print symbols with the equations that define them."""
    symbols = list(symbols)
    lines = _table(("symbol", "meaning", "unit"), ((f"${s.symbol}$", s.meaning, s.unit or "1") for s in symbols))
    for s in symbols:
        if s.equation:
            lines += [f"$$ {s.symbol} = {s.equation} $$", ""]
    return lines


def _variables() -> list[str]:
    """Print the variables with their domains: those decided here and now first, slacks last."""
    places = {"here and now": 0, "at every node": 1, "on the reference path": 2}
    shown = sorted((v for v in VARIABLES.values() if not v.internal), key=lambda v: ("slack" in v.name, places[v.where]))
    rows = ((f"${v.symbol}$", f"`{v.name}`", v.meaning, r"$\{0, 1\}$" if v.binary else r"$\ge 0$", v.unit, v.where) for v in shown)
    return _table(("symbol", "name", "decision", "domain", "unit", "where"), rows)


def _constraints() -> list[str]:
    lines: list[str] = []
    for family in sorted(FAMILIES.values(), key=lambda f: f.name != f.rule.__name__):
        home = family.rule.__module__.rpartition(".")[2]
        lines += [f"### {family.name}", "", family.meaning, "", f"For each {family.over}; {family.where}; in {family.unit}. (`optimizer/model/{home}.py`)", ""]
        lines += [f"$$ {family.equation} $$", ""]
    return [*lines, "### excess", "", risk.MEANING, "", "For each leaf; in money. (`optimizer/model/risk.py`)", "", f"$$ {risk.ROW} $$", ""]


def model_page() -> str:
    """Return the text of docs/model.md."""
    lines = [INTRODUCTION, LETTERS, *_sets(notation.SETS)]
    lines += [
        "## Data",
        "",
        "What the workbook says; a blank cell has the default that docs/workbook.md states. *unit* is the unit of the material, *money* the currency.",
        "",
        *_data(notation.DATA),
    ]
    lines += [DISRUPTIONS, "## Prices, demand and lead times", "", "What a regime makes of the data.", "", *_defined(notation.REGIME_DATA)]
    lines += [
        "## Variables",
        "",
        "A variable that an equation names and that does not exist at an index is 0; only $\\text{signed}_s$ is 1 for a contract that needs no signing.",
        "",
    ]
    lines += [*_variables(), "Quantities that several equations share:", "", *_defined(notation.QUANTITIES)]
    lines += [OBJECTIVE.replace("__RISK__", risk.EQUATION).replace("__OUTLAYS__", listed(tuple(name.replace("_", " ") for name in OUTLAYS)))]
    for name, cost in COSTS.items():
        lines += [f"**{name}**: {cost.meaning}", "", rf"$$ \text{{part}}_{{\text{{{name}}},t}} = {cost.equation} $$", ""]
    lines += ["## Constraints", "", "Each stands in one place in the code, under the name given here.", "", *_constraints(), TREE, REFERENCES]
    return "\n".join(lines)
