"""A study of a plan: tables that are made on demand and are no part of the plan workbook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from optimizer.case import Case
from optimizer.errors import NoPlanError
from optimizer.plan.plan import Plan
from optimizer.schema.results import Output
from optimizer.solving.solution import Solution
from optimizer.solving.watch import Progress


class Run(Protocol):
    """A function that makes the tables of a study, by name.

    progress is told now and then where it stands; to stop the study it raises an exception, which `run` lets through.
    """

    def __call__(self, plan: Plan, progress: Callable[[Progress], None] | None = None) -> dict[str, pd.DataFrame]: ...


@dataclass(frozen=True, slots=True)
class Study:
    """A study, declared once, beside the function that runs it.

    title: its heading on screen. meaning: a sentence on what it tells. tables: the declarations of what `run` returns.
    on_request: whether it is made only when somebody asks for it, because it takes long; else it is made after every solve. takes: how long that
    is, in words. nothing: what is said where its tables are empty.
    together: whether its figures count the horizon and the periods beyond it together, where a case has any; else they are of the horizon alone.
    """

    name: str
    title: str
    meaning: str
    tables: tuple[Output, ...]
    run: Run
    on_request: bool = False
    takes: str = ""
    nothing: str = "There is nothing to tell of this plan."
    together: bool = False

    def counts(self, case: Case) -> str:
        """Say which periods the figures count where a case goes on beyond its horizon (tail_periods); an empty text where it does not."""
        tail, last = case.settings.tail_periods, case.calendar.label(case.settings.periods - 1)
        if not tail:
            return ""
        if not self.together:
            return f"All figures here are of the horizon, which ends with {last}."
        beyond = "the period that is" if tail == 1 else f"the {tail} periods that are"
        apart = any("beyond" in table.columns for table in self.tables)
        told = " The column beyond tells how much of the expected cost lies there." if apart else ""
        return f"Costs here count the horizon, which ends with {last}, and {beyond} planned for beyond it together, as the objective of the plan does.{told}"


TOO_LARGE = (
    "The program of this plan is so large that it was solved in parts. Studies need it as a whole: solve the workbook with fewer futures (the setting "
    "scenarios), periods or offers, and study that plan."
)


def require_whole(plan: Plan) -> None:
    """Refuse a plan whose program was solved in parts: NoPlanError."""
    if plan.in_parts:
        raise NoPlanError(TOO_LARGE)


def solution_of(plan: Plan) -> Solution:
    """Return the solution that a study begins from.

    ValueError for a plan that was read back from a file, without its solver's arrays; NoPlanError for one whose program was solved in parts.
    """
    require_whole(plan)
    if plan.solution is None or plan.solution.x is None:
        raise ValueError("This plan was read back from a file, without its solver's arrays; a study needs it as it was solved.")
    return plan.solution
