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
    from optimizer.api import check, load, solve
    from optimizer.case import Case
    from optimizer.plan.plan import Plan

__all__ = [
    "AuditError", "Case", "InfeasibleError", "NoPlanError", "OptimizerError", "Plan", "Problem", "WorkbookError", "check", "load", "solve",
]

_HOMES = {"check": "optimizer.api", "load": "optimizer.api", "solve": "optimizer.api", "Case": "optimizer.case", "Plan": "optimizer.plan.plan"}


def __getattr__(name: str):
    """Import what is asked for only then: reading a workbook must not wait for pandas, Pyomo and the solver."""
    if name not in _HOMES:
        raise AttributeError(f"module 'optimizer' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
