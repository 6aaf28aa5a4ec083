"""The program of a plan solved anew for its shortages: without some rows of Budget and Limits, or with a shortage held at the least that is possible.

A large program keeps the yes/no decisions of the plan, in what it is compared with as well: to tell the difference of two plans of a decomposition with
yes/no decisions of their own would take too long. What is found is a plan all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from optimizer.solving.built import Built
from optimizer.solving.outcome import Status
from optimizer.solving.solution import Solution
from optimizer.solving.solve import decomposes
from optimizer.solving.warm_start import WarmStart
from optimizer.studies.worth.limit_costs import Line, binds, lines_of, with_finite_rows, with_kept_choices, without
from optimizer.studies.worth.work import Work

PRECISION = 1e-4
"""The relative gap of a large program whose yes/no decisions are kept: avoiding one shortage changes its cost by little."""


class Resolves:
    """Solves changed programs of one plan, each from what the last one has left; close() lets go what they keep.

    kept: whether the yes/no decisions of the plan are kept. base: the plan, or what it comes to when it is solved as the others are.
    """

    def __init__(self, solution: Solution, work: Work) -> None:
        """ValueError for a solution without decisions."""
        if solution.x is None:
            raise ValueError("The solution has no decisions.")
        self.work, self.solution = work, solution
        self.large = decomposes(solution.built, "auto")
        self.kept = self.large and solution.built.mixed
        self.usual = with_kept_choices(solution.built, solution.x) if self.large else solution.built
        self.warm = WarmStart()
        self.base = solution
        if self.large:
            again = self._solved(self.usual)
            self.base = again if again.x is not None else solution

    def close(self) -> None:
        """Let go what the solves keep."""
        self.warm.close()

    @property
    def binding(self) -> list[Line]:
        """The rows of Budget and Limits that the plan reaches; in a program with yes/no decisions all of them, as another choice may be shut out by any."""
        lines = lines_of(self.solution.built.case)
        x = self.base.x
        assert x is not None
        return lines if self.usual.mixed else [line for line in lines if binds(self.usual, x, line)]

    def without(self, lines: Sequence[Line]) -> Solution | None:
        """Return the best plan without these rows; None where none was found in time."""
        return self._found(self._relaxed(lines))

    def held(self, columns: np.ndarray, most: np.ndarray, lines: Sequence[Line] = ()) -> Solution | None:
        """Return the best plan in which some columns are at most so much, in the planner's units, without these rows.

        None where none was found in time. A solution without decisions is infeasible: under the yes/no decisions that are kept, where they are.
        """
        relaxed = self._relaxed(lines)
        upper = relaxed.program.upper.copy()
        upper[columns] = most
        return self._found(replace(relaxed, program=replace(relaxed.program, upper=upper)))

    def _relaxed(self, lines: Sequence[Line]) -> Built:
        changed = self.usual
        for line in lines:
            changed = without(changed, line)
        return with_finite_rows(changed, self.usual) if self.large and lines else changed

    def _found(self, changed: Built) -> Solution | None:
        if self.work.watch.over:
            return None
        found = self._solved(changed)
        return found if found.x is not None or found.status == Status.INFEASIBLE else None

    def _solved(self, built: Built) -> Solution:
        return self.work.solve(built, PRECISION if self.large else None, self.warm if self.large else None)
