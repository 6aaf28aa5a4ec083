"""What a failure of a given length costs: the plan's decisions so far are kept, and the rest is decided anew at least cost.

Each failure is a branch that leaves the plan's reference path, as in the playbook: a buyer who knows how long it lasts answers within every limit
that holds in all futures. What it costs is counted against the cheapest course from the same period on without the failure, known likewise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.case import Case
from optimizer.scenarios.tree import Regime
from optimizer.solving.built import Built, build
from optimizer.solving.solution import Solution
from optimizer.solving.watch import Phase, Watch
from optimizer.studies.playbooks import Branch, comb, kept_decisions, responses

PURCHASES = ("purchases", "duties")
"""The parts of the cost that are paid for goods."""

NEGLIGIBLE = 1e-6
"""The part of the demand below which a shortage counts as none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A failure to be answered: what is active, from which period on, in how many periods."""

    regime: Regime
    begins: int
    lasts: int


@dataclass(frozen=True, slots=True)
class Loss:
    """What a failure costs above the course without it, discounted, in money. feasible: whether the limits can be kept; without, the rest is 0.

    shortage, purchases: the parts of it. short: (material, use) -> units short beyond those of that course. hit: the (material, use) with the largest
    part of the shortage cost; None where no more is short. first_short: the first period from the failure on in which any demand is short; None = none.
    """

    feasible: bool
    cost: float = 0.0
    shortage: float = 0.0
    purchases: float = 0.0
    short: dict[tuple[str, str], float] | None = None
    hit: tuple[str, str] | None = None
    first_short: int | None = None


def losses(solution: Solution, case: Case, reference: tuple[Regime, ...], asked: list[Asked], watch: Watch) -> list[Loss]:
    """Return the loss of each failure asked for.

    case: the plan's, with disruptions that stand for failures; reference: the regimes of the plan's reference path in it. Equal questions are
    answered once. Raises what the watch's report raises.
    """
    if not asked:
        return []
    branch_of = {one: _branch(one, reference) for one in asked}
    branches = list(branch_of.values())
    # A branch that never leaves the reference path is that path, and costs what nothing costs.
    calm = [Branch(-1, t, 0, reference, t) for t in sorted({b.leaves for b in branches})]
    tree, paths = comb(reference, branches + calm, solution.built.tree.method)
    built = build(case.with_settings(risk_weight=0.0), watch, ("fill_rate",), tree)
    x, feasible = responses(built, kept_decisions(solution, built), paths, watch, Phase.STRESS, "failures answered")
    counted = _Counted(built, x)
    without = {b.leaves: len(branches) + k for k, b in enumerate(calm)}
    answers = {}
    for k, (one, branch) in enumerate(branch_of.items()):
        other = without[branch.leaves]
        answers[one] = counted.loss(paths[k + 1], paths[other + 1], one.begins) if feasible[k] and feasible[other] else Loss(False)
    return [answers[one] for one in asked]


def _branch(one: Asked, reference: tuple[Regime, ...]) -> Branch:
    """Return the reference regimes with the failure added while it lasts."""
    until = one.begins + one.lasts
    path = tuple(tuple(sorted({*regime, *one.regime})) if one.begins <= t < until else regime for t, regime in enumerate(reference))
    leaves = next((t for t, (own, usual) in enumerate(zip(path, reference)) if own != usual), len(path))
    return Branch(-1, one.begins, one.lasts, path, leaves)


class _Counted:
    """The costs and shortages of the nodes of a tree of branches."""

    def __init__(self, built: Built, x: np.ndarray) -> None:
        self.built, data, tree = built, built.data, built.tree
        self.costs = built.costs(x)
        self.total: np.ndarray = sum(self.costs.values(), np.zeros(tree.size))
        self.paid: np.ndarray = sum((self.costs[term] for term in PURCHASES if term in self.costs), np.zeros(tree.size))
        self.short = built.by_index("short", x)
        self.discount = np.array([data.discount(int(t)) for t in tree.period])

    def loss(self, path: np.ndarray, other: np.ndarray, begins: int) -> Loss:
        """Return what one path, on which something begins in a period, costs more than another."""

        def more(values: np.ndarray) -> float:
            return float(values[path].sum() - values[other].sum())

        short, lost, first = {}, {}, len(path)
        for (g, u), values in self.short.items():
            needed, row = self._needed(g, u, path), self.built.data.demands[g, u]
            missing = more(values)
            if missing > NEGLIGIBLE * needed.sum():
                short[g, u] = missing
                lost[g, u] = row.shortage_cost * more(values * self.discount)
            when = begins + np.flatnonzero(values[path][begins:] > NEGLIGIBLE * needed[begins:])
            first = min([first, *when.tolist()])
        hit = max(lost, key=lambda pair: (lost[pair], short[pair])) if lost else None
        return Loss(True, more(self.total), more(self.costs["shortage"]), more(self.paid), short, hit, first if first < len(path) else None)

    def _needed(self, g: str, u: str, path: np.ndarray) -> np.ndarray:
        """Return the demand of a use at the nodes of a path."""
        tree = self.built.tree
        return np.array([self.built.data.demand(g, u, int(tree.period[n]), tree.regimes[tree.regime[n]]) for n in path])
