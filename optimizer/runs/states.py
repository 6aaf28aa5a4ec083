"""The states of a run and the kinds of plan that a run makes."""

from __future__ import annotations

from enum import StrEnum


class RunState(StrEnum):
    """The state of a run. meaning: one sentence for the planner."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> RunState:
        """Make a member that is its word on disk and carries its sentence."""
        member = str.__new__(cls, value)
        member._value_, member.meaning = value, meaning
        return member

    QUEUED = "queued", "It waits for its turn."
    RUNNING = "running", "It is being solved."
    DONE = "done", "It gave what was asked for."
    INFEASIBLE = "infeasible", "No plan satisfies all limits of the workbook."
    NO_PLAN = "no_plan", "It ended before a plan was found."
    BAD_INPUT = "bad_input", "The workbook has problems that must be put right first."
    FAILED = "failed", "Something went wrong while it was solved."
    DISCARDED = "discarded", "It was thrown away."

    @property
    def under_way(self) -> bool:
        """Return whether the run still waits or is being solved."""
        return self in (RunState.QUEUED, RunState.RUNNING)

    @property
    def without_plan(self) -> bool:
        """Return whether the run has ended by itself and gave no plan."""
        return self in (RunState.INFEASIBLE, RunState.NO_PLAN, RunState.BAD_INPUT, RunState.FAILED)


PLAN, STUDY = "plan", "study"
"""The kinds of a run that makes the best plan, and of one that makes a study of such a plan.

A run of any other kind makes a naive plan, and its kind names the rule (optimizer.studies.NAIVE_RULES).
"""
