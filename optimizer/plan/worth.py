"""What binds, and what one more unit of it is worth: the program's duals, added up by the rows of the workbook.

One number of the workbook stands behind many rows of the program, in every period and scenario. By the envelope theorem the
objective falls by the sum of their duals, each times how far one unit of the number loosens it. That holds for small changes and
with the yes/no decisions of the plan kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.solving.bounds import Bound, bound_rows
from optimizer.solving.solution import Solution

NEGLIGIBLE = 1e-6
"""A bound of which 1% more saves less than this part of the objective does not bind."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What one more unit of a bound saves, in money on the objective."""

    bound: Bound
    worth: float

    @property
    def effect(self) -> float:
        """Return what 1% of the bound saves, at this rate."""
        return self.worth * 0.01 * self.bound.size


def all_worths(solution: Solution) -> list[Worth]:
    """Return the worth of every bound, at least 0, in the order of the program's rows; empty where the duals are not known."""
    if solution.row_dual is None:
        return []
    found, program = bound_rows(solution.built, solution.decisions), solution.built.program
    saves = np.where(np.isfinite(program.row_upper[found.row]), -1.0, 1.0) * solution.row_dual[found.row] * found.effect
    total = np.bincount(found.bound, saves, minlength=len(found.bounds))
    return [Worth(bound, max(0.0, float(value))) for bound, value in zip(found.bounds, total)]


def worth(solution: Solution) -> list[Worth]:
    """Return the bounds whose worth is not negligible, those first of which 1% more saves most."""
    least = NEGLIGIBLE * abs(solution.objective)
    return sorted((w for w in all_worths(solution) if w.effect > least), key=lambda w: (-w.effect, w.bound.key))
