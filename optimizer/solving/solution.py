"""The result of solving a case: the best plan found, in the planner's units, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from optimizer.model.decisions import Decisions
from optimizer.solving.built import Built
from optimizer.solving.outcome import Outcome, Status, Stop, relative_gap
from optimizer.solving.readout import decisions_of, duals_of
from optimizer.solving.ties import as_stated

EXTENSIVE_FORM, IN_PARTS = "extensive form", "decomposed, laid out in parts"
"""Methods in words."""


@dataclass(frozen=True)
class Solution:
    """The best plan found for a case. objective, bound, expected_cost, cvar in money; term_cost: term -> (nodes,). x: the program's columns, None where the
    program was never laid out as a whole; cost_of: what its costs are for the materials that rows of Budget name, then.

    row_dual: by how much the objective changes with one more unit of each row's bound, the yes/no decisions kept; None where that is not
    known. method: how it was found, in words.
    """

    built: Built
    status: Status
    objective: float = np.nan
    bound: float = np.nan
    expected_cost: float = np.nan
    cvar: float = np.nan
    decisions: Decisions | None = None
    term_cost: dict[str, np.ndarray] | None = None
    path_cost: np.ndarray | None = None
    x: np.ndarray | None = None
    stopped: Stop = Stop.NONE
    method: str = EXTENSIVE_FORM
    row_dual: np.ndarray | None = None
    cost_of: Mapping[tuple[str, ...], dict[str, np.ndarray]] | None = None

    def costs_of(self, material: tuple[str, ...]) -> dict[str, np.ndarray]:
        """Return each cost term at each node as far as it is for some materials, which a row of Budget names together."""
        if self.x is not None:
            return self.built.costs(self.x, material)
        if self.cost_of is None:
            raise ValueError("The solution does not say what is paid for each material.")
        return self.cost_of[material]

    @property
    def gap(self) -> float:
        """The distance of the objective from its bound, relative to the objective."""
        return relative_gap(self.objective, self.bound)


def solution_of(built: Built, outcome: Outcome, bound: float, method: str = EXTENSIVE_FORM) -> Solution:
    """Return the plan of an outcome in the planner's units; cost and risk are computed anew from its decisions. bound: in the solver's units."""
    assert outcome.x is not None
    # Running costs and the threshold of risk may be negative; decisions may not.
    x = np.where(built.program.column_template >= 0, np.clip(outcome.x, 0, None), outcome.x)
    x = np.where(built.program.integer, np.round(x), x) * built.scales.column
    money = bound * built.scales.money
    return decided(built, as_stated(built, x), money, status=outcome.status, stopped=outcome.stopped, method=method, row_dual=duals_of(built, outcome))


def decided(
    built: Built, x: np.ndarray, bound: float, *, status: Status, stopped: Stop = Stop.NONE, method: str = EXTENSIVE_FORM, row_dual: np.ndarray | None = None
) -> Solution:
    """Return the plan whose decisions are x, by column of the program, in the planner's units, as the bound and the duals are."""
    term_cost, path_cost = built.costs(x), built.path_costs(x)
    expected, cvar, objective = built.objective(path_cost)
    return Solution(built, status, objective, min(bound, objective), expected, cvar, decisions_of(built, x), term_cost, path_cost, x, stopped, method, row_dual)
