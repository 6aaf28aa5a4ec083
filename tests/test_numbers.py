"""Numbers of any size: what is proven is the best, what has an answer gets it, and what is found wrong is solved another way."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from random_cases import random_case
from support import case, need, offer, ore, settings
from written_out import solve_written_out

import optimizer
from optimizer.case import BudgetRow, Limit, Project, ScenarioRow
from optimizer.errors import AuditError, SolverError
from optimizer.model.data import CaseData, canonical
from optimizer.plan.audit import Claimed, audit
from optimizer.plan.results import Results
from optimizer.solving import extensive, highs
from optimizer.solving.extensive import solve_extensive
from optimizer.solving.highs import Arrays, Solver
from optimizer.solving.refined import dual_bound

CASES = Path(__file__).parent / "cases" / "solver"


def findings(solution) -> tuple[str, ...]:
    """What the audit says of a solution."""
    costs = {row["part"]: row["expected"] for row in Results(solution).costs()}
    claimed = Claimed(solution.objective, solution.expected_cost, solution.cvar, costs)
    return audit(solution.built.case, solution.built.tree, solution.decisions, claimed).findings


# -- the files on which it failed --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "objective"), [
    ("capacity_1e9_project_audit", 17013.776620371606),
    ("minimum_contract_1e+10", 2000.0),
    ("free_goods_wrong_optimum", 86.38375985314758),
    ("shortage_1e9_infeasible", 240e9 * (1 + 1 / 1.05 + 1 / 1.05**2 + 1 / 1.05**3) + 400e9 * (1 + 1 / 1.05 + 1 / 1.05**2 + 1 / 1.05**3)),
])
def test_cases_that_failed_for_their_numbers_are_solved(name, objective):
    """Each is proven, at the value that the written-out form has with smaller numbers or that is plain by hand."""
    plan = optimizer.solve(CASES / f"{name}.xlsx")
    assert plan.status == "optimal" and plan.gap <= 1e-6
    assert plan.objective == pytest.approx(objective, rel=1e-6)


def test_a_probability_of_one_in_a_billion_is_no_trouble():
    """The case is infeasible for its cover limits, and the answer names these and no other row."""
    with pytest.raises(optimizer.InfeasibleError) as error:
        optimizer.solve(CASES / "probability_1e-9.xlsx")
    assert {(c.sheet, c.row) for c in error.value.conflicts} == {("Limits", 3)}
