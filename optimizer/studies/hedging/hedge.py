"""What the study of ranges knows while it looks for the robust plan: the plans that were made, and the probabilities that were found to be worst for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from optimizer.solving.built import Built
from optimizer.solving.solution import Solution
from optimizer.studies.hedging.probability_box import Weighing
from optimizer.studies.hedging.worst_case_program import ENOUGH
from optimizer.studies.path_weights import objective


@dataclass
class Hedge:
    """What the study finds, all of it on the same futures.

    central: the plan for the workbook's own probabilities. robust: the plan whose worst objective is least, which is the central one where no other plan
    is better by more than the gap. known: the sets of probabilities (D,) that were found to be worst for some
    plan, the central ones first. plans: all that were made. bound: no plan's worst objective is below it.
    drawn: whether the futures are other ones than the plan's.
    """

    weighing: Weighing
    built: Built
    central: Solution
    drawn: bool
    known: list[np.ndarray] = field(default_factory=list)
    plans: list[Solution] = field(default_factory=list)
    robust: Solution | None = None
    bound: float = -np.inf
    stopped: bool = False

    def costs(self, solution: Solution) -> np.ndarray:
        """Return (K,) what each future costs under a plan."""
        assert solution.path_cost is not None
        cost: np.ndarray = solution.path_cost[[future.leaf for future in self.built.tree.scenarios]]
        return cost

    def value(self, solution: Solution, point: np.ndarray) -> float:
        """Return the objective of a plan under some probabilities."""
        s = self.built.case.settings
        return objective(self.weighing.weight(point), self.costs(solution), s.risk_weight, s.cvar_level)

    @property
    def gap(self) -> float:
        """The share within which a plan counts as the best."""
        return max(self.built.case.settings.mip_gap, ENOUGH)

    @property
    def best(self) -> Solution:
        """The plan whose worst objective is least, of those found."""
        return min(self.plans, key=self.worst_value)

    @property
    def closed(self) -> bool:
        """Whether it is proven that no plan is better at its worst than the best one, by more than the gap; on the futures of the study."""
        value = self.worst_value(self.best)
        return value - self.bound <= self.gap * abs(value)

    def taken(self, solution: Solution, tick: Callable[[], None]) -> None:
        """Take a plan, and the worst probabilities for it where they are worse for it than all known ones."""
        s = self.built.case.settings
        self.plans.append(solution)
        point = self.weighing.worst(self.costs(solution), s.risk_weight, s.cvar_level, tick)
        value = max(self.value(solution, known) for known in self.known)
        if self.value(solution, point) > value + 1e-7 * abs(value):
            self.known.append(point)

    def worst_of(self, solution: Solution) -> np.ndarray:
        """Return the probabilities under which a plan is dearest, of all that were found for any plan."""
        return max(self.known, key=lambda point: self.value(solution, point))

    def worst_value(self, solution: Solution) -> float:
        """Return the worst objective of a plan."""
        return self.value(solution, self.worst_of(solution))
