"""What a solve comes to: its status, why it stopped early, and the point, bound and duals that it found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from optimizer.solving.words import Words

NEGLIGIBLE = 1e-9
"""The smallest magnitude that a relative difference is divided by: an objective of zero has no relative gap."""


class Status(Words):
    """How a solve ended."""

    OPTIMAL = "optimal", "The best plan is known, within the allowed gap."
    FEASIBLE = "feasible", "The solve was stopped early and has a plan that is not proven to be within the allowed gap."
    INFEASIBLE = "infeasible", "It is proven that no plan satisfies all constraints."
    NO_SOLUTION = "no_solution", "The solve was stopped early, before any plan was found."


class Stop(Words):
    """Why a solve ended before its plan was proven to be within the allowed gap. Stop.NONE is falsy."""

    NONE = "", "The solve ended by itself."
    BY_HAND = "stopped by hand", "The user stopped it."
    BY_TIME = "time limit", "The time limit was over."
    STALLED = "stalled", "Neither the bound nor the best plan of a decomposition had moved for a long time."


def relative_gap(objective: float, bound: float) -> float:
    """Return the distance of the objective from its bound, relative to the objective."""
    return abs(objective - bound) / max(abs(objective), NEGLIGIBLE)


def within(low: float, high: float, gap: float) -> bool:
    """Return whether the objective `high` is known and exceeds its lower bound `low` by no more than the relative gap."""
    return bool(np.isfinite(high)) and high - low <= gap * max(abs(high), NEGLIGIBLE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a solve, in the solver's units. x, row_dual, column_dual: None without a plan or without duals."""

    status: Status
    objective: float = np.nan
    bound: float = -np.inf
    x: np.ndarray | None = None
    row_dual: np.ndarray | None = None
    column_dual: np.ndarray | None = None
    stopped: Stop = Stop.NONE
    iterations: int = 0


class State(Enum):
    """How a program ended that is solved again and again."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    INFEASIBLE_OR_UNBOUNDED = "infeasible or unbounded"
    CUT_OFF = "no solution below the objective bound"


class OutOfTime(Exception):
    """The time was over before an answer was known."""


@dataclass(frozen=True, slots=True)
class Point:
    """The last solution of a solver: values and reduced costs of the columns, duals of the rows."""

    x: np.ndarray
    column_dual: np.ndarray
    row_dual: np.ndarray
