"""A plan whose program was laid out in parts, put together from what each part decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from optimizer.model.decisions import Decisions
from optimizer.solving.built import Built
from optimizer.solving.readout import decisions_of
from optimizer.solving.ties import with_least_slacks

TermCost: TypeAlias = dict[str, np.ndarray]
"""Term of the costs -> what it comes to at each node, discounted."""


@dataclass(frozen=True, slots=True)
class PartOfPlan:
    """What a plan decides at some nodes of a tree, (n,) node, and what that costs.

    decisions, term_cost: over these nodes. cost_of: the same costs as far as they are for some materials, for each set of them that a row of Budget names.
    """

    node: np.ndarray
    decisions: Decisions
    term_cost: TermCost
    cost_of: dict[tuple[str, ...], TermCost]


class WholePlan:
    """A plan put together from parts: its decisions, and its costs as in PartOfPlan. The first part says what is decided once."""

    def __init__(self, size: int) -> None:
        """size: the number of nodes of the tree."""
        self.size = size
        self._decisions: Decisions | None = None
        self.term_cost: TermCost = {}
        self.cost_of: dict[tuple[str, ...], TermCost] = {}

    def add(self, part: PartOfPlan) -> None:
        """Add what is decided at some nodes."""
        self._decisions = part.decisions.at_more(self.size, part.node, self._decisions)
        self._place(part.node, part.term_cost, self.term_cost)
        for of, costs in part.cost_of.items():
            self._place(part.node, costs, self.cost_of.setdefault(of, {}))

    def _place(self, node: np.ndarray, costs: TermCost, whole: TermCost) -> None:
        for term, values in costs.items():
            whole.setdefault(term, np.zeros(self.size))[node] = values

    @property
    def decisions(self) -> Decisions:
        """The decisions of all parts."""
        assert self._decisions is not None
        return self._decisions


def part_of_plan(built: Built, x: np.ndarray, node: np.ndarray, mine: np.ndarray) -> PartOfPlan:
    """Return what x, the columns of the program of a part of a tree in the solver's units, decides at the nodes that `mine` marks.

    node: the numbers of the part's nodes in the whole tree.
    """
    x = np.clip(x, 0, None)
    x = with_least_slacks(built, np.where(built.program.integer, np.round(x), x) * built.scales.column)

    def costs(of: tuple[str, ...]) -> TermCost:
        return {term: cost[mine] for term, cost in built.costs(x, of).items()}

    named = {row.material for row in built.case.budget if row.material}
    return PartOfPlan(node[mine], decisions_of(built, x).at(mine), costs(()), {of: costs(of) for of in named})
