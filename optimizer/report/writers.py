"""Register what a plan can be saved as: the plan workbook, and JSON."""

from __future__ import annotations

import os

from optimizer.files import replace_file
from optimizer.plan.plan import WRITERS, Plan


def write_json(plan: Plan, path: str | os.PathLike[str], detail: bool) -> None:
    """Write the plan as JSON, which has every table whether detail is asked for or not."""
    replace_file(path, plan.to_json().encode())


def write_workbook(plan: Plan, path: str | os.PathLike[str], detail: bool) -> None:
    """Write the plan workbook, with its detail where that is asked for."""
    from optimizer.report.plan_book import write_plan

    write_plan(plan, path, detail=detail)


WRITERS |= {".json": write_json, ".xlsx": write_workbook}
