"""What came of a solve: one enumeration with one sentence each, from which screens, files and the JSON take their words."""

from __future__ import annotations

import math
from enum import StrEnum

from optimizer.errors import ClusterError, InfeasibleError, NoPlanError, OptimizerError, WorkbookError


class ResultStatus(StrEnum):
    """What came of a solve. A plan is optimal or feasible; the others stand in the JSON of a case without a plan."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    NO_SOLUTION = "no_solution"
    BAD_INPUT = "bad_input"
    FAILED = "failed"

    @property
    def meaning(self) -> str:
        """Say in a sentence what the status means."""
        return _MEANING[self]

    @classmethod
    def of(cls, error: OptimizerError) -> ResultStatus:
        """Return the status of a solve that ended in this error."""
        return next((status for kind, status in _OF_ERRORS if isinstance(error, kind)), cls.FAILED)


_MEANING = {
    ResultStatus.OPTIMAL: "The plan is proven to be within mip_gap of the best possible.",
    ResultStatus.FEASIBLE: "There is a plan, and it is not proven to be within mip_gap of the best possible.",
    ResultStatus.INFEASIBLE: "No plan satisfies all limits.",
    ResultStatus.NO_SOLUTION: "The solve was stopped before any plan was found.",
    ResultStatus.BAD_INPUT: "The input cannot be read as a case, or the cluster that was named cannot do the work.",
    ResultStatus.FAILED: "This program made a mistake, or the plan could not be written.",
}

_OF_ERRORS: tuple[tuple[type[OptimizerError], ResultStatus], ...] = (
    (WorkbookError, ResultStatus.BAD_INPUT),
    (ClusterError, ResultStatus.BAD_INPUT),
    (InfeasibleError, ResultStatus.INFEASIBLE),
    (NoPlanError, ResultStatus.NO_SOLUTION),
)


def proven(status: ResultStatus, gap: float) -> str:
    """Say how good a plan is known to be."""
    if not math.isfinite(gap):
        return "Stopped early: how far from the best possible it is, is not known."
    within = f"within {percent_up(gap)} of the best possible."
    return f"Proven {within}" if status == ResultStatus.OPTIMAL else f"Stopped early: {within}"


def percent_up(share: float) -> str:
    """Return a share as a percentage of two digits, rounded up, at least 0.01%."""
    percent = max(100 * share, 0.01)
    step = 10.0 ** (math.floor(math.log10(percent)) - 1)
    return f"{max(math.ceil(percent / step - 1e-6) * step, 0.01):.4g}%"
