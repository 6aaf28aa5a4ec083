"""What came of a solve: one enumeration with one sentence each, from which screens, files and the JSON take their words."""

from __future__ import annotations

import math

from optimizer.errors import ClusterError, InfeasibleError, NoPlanError, OptimizerError, WorkbookError
from optimizer.solving.words import Words


class ResultStatus(Words):
    """What came of a solve. A plan is optimal or feasible; the others stand in the JSON of a case without a plan."""

    OPTIMAL = "optimal", "The plan is proven to be within mip_gap of the best possible."
    FEASIBLE = "feasible", "There is a plan, and it is not proven to be within mip_gap of the best possible."
    INFEASIBLE = "infeasible", "No plan satisfies all limits."
    NO_SOLUTION = "no_solution", "The solve was stopped before any plan was found."
    BAD_INPUT = "bad_input", "The input cannot be read as a case, or the cluster that was named cannot do the work."
    FAILED = "failed", "This program made a mistake, or the plan could not be written."

    @classmethod
    def of(cls, error: OptimizerError) -> ResultStatus:
        """Return the status of a solve that ended in this error."""
        return next((status for kind, status in _OF_ERRORS if isinstance(error, kind)), cls.FAILED)


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
