"""Turn what came of a solve into an exit status, and into the JSON of a case without a plan."""

from __future__ import annotations

from pathlib import Path

from optimizer.cli.console import say
from optimizer.errors import ClusterError, InfeasibleError, NoPlanError, NotWrittenError, OptimizerError, WorkbookError

SOLVED, BROKEN, BAD_INPUT, INFEASIBLE, NO_PLAN, NOT_WRITTEN = 0, 1, 2, 3, 4, 5


def status_of(error: OptimizerError) -> int:
    """Return the exit status of an error."""
    kinds = ((WorkbookError, BAD_INPUT), (ClusterError, BAD_INPUT), (InfeasibleError, INFEASIBLE), (NoPlanError, NO_PLAN), (NotWrittenError, NOT_WRITTEN))
    return next((status for kind, status in kinds if isinstance(error, kind)), BROKEN)


def write_failure(path: Path, error: OptimizerError) -> None:
    """Write the JSON of a case without a plan; where that cannot be written, say why on the error stream."""
    from dataclasses import asdict

    from optimizer.files import replace_file
    from optimizer.plan.plan import dumps

    status = {BAD_INPUT: "bad_input", INFEASIBLE: "infeasible", NO_PLAN: "no_solution"}.get(status_of(error), "failed")
    conflicts = [asdict(conflict) for conflict in getattr(error, "conflicts", ())]
    problems = [problem.record() for problem in getattr(error, "problems", ())]
    try:
        replace_file(path, dumps({"status": status, "conflicts": conflicts, "problems": problems, "message": str(error)}).encode())
    except OSError as trouble:
        say(f"{path} could not be written: {trouble.strerror or trouble}.", err=True)
