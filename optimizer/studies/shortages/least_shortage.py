"""The least shortage that decisions can bring about: on the futures of a plan, under what no planner can lift.

Money, contracts, limits and minimum orders do not count, and every project is begun as early as it may; what remains is what arrives in time, what can
be stored, and what a use may draw (the constraints of PHYSICAL). As in the plan, nothing is known before it happens.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optimizer.model.arrays import Arrays
from optimizer.model.stamp import rows_of
from optimizer.plan.unavoidable import PHYSICAL
from optimizer.solving.built import Built
from optimizer.solving.highs import Solver
from optimizer.solving.outcome import Status
from optimizer.solving.watch import Phase, Watch

Key = tuple[str, str, int]
"""A material, a use and a period."""


@dataclass(frozen=True)
class Shortages:
    """Where a program may go short. key: (columns,) -> the key of each column of `short`; number, node, chance: of these columns, and of their nodes."""

    built: Built

    @property
    def columns(self) -> np.recarray:
        """The columns of the family `short`."""
        return self.built.columns("short")

    def of(self, key: Key) -> np.recarray:
        """Return the columns of one material and use at the nodes of one period."""
        columns, (material, use, period) = self.columns, key
        found: np.recarray = columns[(columns.material == material) & (columns.use == use) & (self.built.tree.period[columns.node] == period)]
        return found

    def expected(self, x: np.ndarray, key: Key) -> float:
        """Return the units that are short on average over all futures under decisions x, in the planner's units."""
        mine = self.of(key)
        return float(self.built.tree.probability[mine.node] @ x[mine.number])


class LeastShortage:
    """The least shortage of single keys. least: (columns,) of the program, in the planner's units, what counts as nothing."""

    def __init__(self, built: Built, watch: Watch) -> None:
        self.built, self.watch, self.shortages = built, watch, Shortages(built)
        self.arrays = self._physical()

    def at(self, keys: list[Key]) -> dict[Key, np.ndarray | None]:
        """Return for each key the (its columns,) units that are short at its nodes if all is done to avoid this one shortage; None where there is no time.

        All keys are looked at together first: what nothing is short of then can be avoided. Each of the others is looked at alone, as what it needs may
        only have gone to another use or period.
        """
        together = self._least([number for key in keys for number in self.shortages.of(key).number])
        found: dict[Key, np.ndarray | None] = {}
        for key in keys:
            mine = self.shortages.of(key)
            alone = together
            if together is not None and together[mine.number].max(initial=0.0) > 0 and len(keys) > 1:
                alone = self._least(mine.number.tolist())
            found[key] = None if alone is None else alone[mine.number]
        return found

    def _least(self, columns: list[int]) -> np.ndarray | None:
        """Return the shortage in each column of the program, in the planner's units, if that in `columns` is as small as can be."""
        if self.watch.over or self.watch.stop:
            return None
        cost = np.zeros(self.arrays.columns)
        cost[columns] = 1.0
        outcome = Solver(replace(self.arrays, cost=cost), seed=self.built.case.settings.seed, watch=self.watch).attempt(Phase.CAUSES)
        if outcome.status != Status.OPTIMAL or outcome.x is None:
            return None
        units = np.clip(outcome.x, 0.0, None) * self.built.scales.column
        short: np.ndarray = np.where(outcome.x > ROUNDING, units, 0.0)
        return short

    def _physical(self) -> Arrays:
        """Return the program under the physical constraints alone, every project begun as early as it may."""
        built, arrays = self.built, self.built.arrays()
        kept = np.zeros(arrays.rows, dtype=bool)
        for family in PHYSICAL:
            kept[rows_of(built.template, built.program, family).number] = True
        lower, upper = arrays.lower.copy(), arrays.upper.copy()
        start, waiting = built.columns("start"), built.columns("start_if")
        first = {j: min(starts) for j in built.data.projects if (starts := built.data.starts(j))}
        # A project that may only wait is as good as begun once what it waits for is active.
        upper[waiting.number] = [float(j not in first) for j in waiting.project]
        lower[start.number] = upper[start.number] = [float(first[j] == t) for j, t in zip(start.project, start.period)]
        bounded = replace(arrays, cost=np.zeros(arrays.columns), lower=lower, upper=upper, integer=np.zeros_like(arrays.integer))
        return bounded.with_only_rows(kept)


ROUNDING = 1e-6
"""Up to this, in the solver's units, a shortage is the rounding of a solve."""
