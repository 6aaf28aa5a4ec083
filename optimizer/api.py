"""Load, check and solve: what the command line and the app are made of."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from optimizer.case import Case, Settings
from optimizer.errors import InfeasibleError, NoPlanError, Problem, WorkbookError
from optimizer.workbook.reader import RawSheet, Reading, case_from_sheets, read

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan
    from optimizer.solving.highs import Progress


def load(path: str | os.PathLike, **settings: Any) -> Reading:
    """Read a sourcing workbook (.xlsx, .xlsm, or a folder of .csv); `settings` stand in for those of its Settings sheet.

    The reading's .case holds typed rows, .warnings what is legal but suspicious. WorkbookError with every problem at once.
    """
    return read(path, settings)


def load_sheets(sheets: Iterable[RawSheet], name: str = "", sha256: str = "", **settings: Any) -> Reading:
    """Read the sheets of a workbook that were edited elsewhere; as `load` otherwise."""
    return case_from_sheets(sheets, name, sha256, settings)


def check(path: str | os.PathLike, **settings: Any) -> list[Problem]:
    """Everything wrong or suspicious about a workbook, errors first; level tells which. Empty: all is well."""
    try:
        return list(read(path, settings).warnings)
    except WorkbookError as error:
        return [*error.problems, *error.warnings]


def solve(
    source: str | os.PathLike | Reading | Case,
    *,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    method: str = "auto",
    **settings: Any,
) -> Plan:
    """The optimal plan of a workbook, a reading or a case; `settings` stand in for its own.

    progress is called several times a second while it runs; once cancelled() is true (or on Ctrl-C) the best plan found is
    returned. method: "extensive" (one program), "decomposed" (cut along the tree's trunk) or "auto" (by size).

    WorkbookError: bad input. InfeasibleError: no plan satisfies the limits; it says what clashes. NoPlanError: stopped before
    any plan was found. AuditError, SolverError: a mistake of this program, never shown as a plan.
    """
    from optimizer.plan.plan import make_plan
    from optimizer.solving.extensive import Stopped
    from optimizer.solving.highs import Watch
    from optimizer.solving.infeasibility import explain
    from optimizer.solving.solve import METHODS, solve_case

    if method not in METHODS:
        raise ValueError(f"method is one of {', '.join(METHODS)}, not {method!r}.")
    began = time.monotonic()
    watch = Watch(report=progress, cancelled=cancelled)
    watch.tell("reading")
    reading = _reading(source, settings)
    try:
        solution = solve_case(reading.case, watch=watch, method=method)
    except (Stopped, KeyboardInterrupt):
        raise NoPlanError("Stopped before any plan was found.") from None
    if solution.status == "infeasible":
        raise InfeasibleError(explain(solution.built, watch))
    if solution.decisions is None:
        raise NoPlanError(f"No plan was found ({solution.stopped or 'stopped'}). Allow more time, fewer scenarios or periods.")
    watch.tell("checking")
    return make_plan(
        reading.case, solution, warnings=reading.warnings, sheets=reading.sheets,
        source={"name": reading.name, "sha256": reading.sha256}, seconds=time.monotonic() - began,
    )


def _reading(source: str | os.PathLike | Reading | Case, settings: dict[str, Any]) -> Reading:
    """Whatever is to be solved as a reading, with other settings where given."""
    if isinstance(source, Case):
        unknown = set(settings) - {field.name for field in fields(Settings)}
        if unknown:
            raise WorkbookError([Problem("Settings", "", f"There is no setting '{name}'.") for name in sorted(unknown)])
        case = source.with_settings(**settings)
        return Reading(case=case, warnings=(), sheets=(), sha256="", name=case.settings.title)
    if isinstance(source, Reading):
        return case_from_sheets(source.sheets, source.name, source.sha256, settings) if settings else source
    return read(source, settings)
