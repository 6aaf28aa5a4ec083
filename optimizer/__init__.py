"""Stockpiling and procurement optimizer for critical materials.

    import optimizer
    plan = optimizer.solve("sample_inputs/rare_earth_magnets.xlsx", risk_weight=0.5)
    plan.tables["contracts"]          # tidy pandas DataFrames, one a result table
    plan.save("plan.xlsx")            # or plan.json

check() lists what is wrong with a workbook, load() reads it; errors are drawn as one tree in optimizer.errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.errors import AuditError, InfeasibleError, NoPlanError, OptimizerError, Problem, WorkbookError

if TYPE_CHECKING:
    from optimizer.api import check, load, load_sheets, solve
    from optimizer.case import Case
    from optimizer.plan.headline import Headline, answer, headlines
    from optimizer.plan.plan import Plan
    from optimizer.runs.desk import Desk
    from optimizer.runs.intake import read_upload
    from optimizer.runs.run import Run
    from optimizer.runs.store import Store, Work
    from optimizer.studies.whatif import budget_scaled
    from optimizer.workbook.plan_book import heading
    from optimizer.workbook.reader import RawSheet, Reading
    from optimizer.workbook.schema import OUTPUTS
    from optimizer.workbook.summary import status_in_words
    from optimizer.workbook.tables import Output
    from optimizer.workbook.template import template_bytes

_HOMES = {
    "optimizer.api": ("check", "load", "load_sheets", "solve"),
    "optimizer.case": ("Case",),
    "optimizer.plan.headline": ("Headline", "answer", "headlines"),
    "optimizer.plan.plan": ("Plan",),
    "optimizer.studies.whatif": ("budget_scaled",),
    "optimizer.workbook.plan_book": ("heading",),
    "optimizer.workbook.reader": ("Reading", "RawSheet"),
    "optimizer.workbook.schema": ("OUTPUTS",),
    "optimizer.workbook.summary": ("status_in_words",),
    "optimizer.workbook.tables": ("Output",),
    "optimizer.workbook.template": ("template_bytes",),
    "optimizer.runs.desk": ("Desk",),
    "optimizer.runs.intake": ("read_upload",),
    "optimizer.runs.run": ("Run",),
    "optimizer.runs.store": ("Store", "Work"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "AuditError", "Case", "Desk", "Headline", "InfeasibleError", "NoPlanError", "OUTPUTS", "OptimizerError", "Output", "Plan",
    "Problem", "RawSheet", "Reading", "Run", "Store", "Work", "WorkbookError", "answer", "budget_scaled", "check", "heading",
    "headlines", "load", "load_sheets", "read_upload", "solve", "status_in_words", "template_bytes",
]


def __getattr__(name: str):
    """Import what is asked for only then: reading a workbook must not wait for pandas, Pyomo and the solver."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'optimizer' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME_OF[name]), name)
