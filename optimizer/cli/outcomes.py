"""Turn what came of a solve into an exit status, and into the JSON of a case without a plan."""

from __future__ import annotations

from pathlib import Path

from optimizer.cli.console import say
from optimizer.errors import ClusterError, InfeasibleError, NoPlanError, NotWrittenError, OptimizerError, WorkbookError

SOLVED, BROKEN, BAD_INPUT, INFEASIBLE, NO_PLAN, NOT_WRITTEN, QUESTION = 0, 1, 2, 3, 4, 5, 6


def status_of(error: OptimizerError) -> int:
    """Return the exit status of an error."""
    kinds = ((WorkbookError, BAD_INPUT), (ClusterError, BAD_INPUT), (InfeasibleError, INFEASIBLE), (NoPlanError, NO_PLAN), (NotWrittenError, NOT_WRITTEN))
    return next((status for kind, status in kinds if isinstance(error, kind)), BROKEN)


def write_failure(path: Path, error: OptimizerError) -> None:
    """Write the JSON of a case without a plan; where that cannot be written, say why on the error stream."""
    from optimizer.files import replace_file
    from optimizer.plan.json_format import content_of_failure, dumps

    try:
        replace_file(path, dumps(content_of_failure(error)).encode())
    except OSError as trouble:
        say(f"{path} could not be written: {trouble.strerror or trouble}.", err=True)
