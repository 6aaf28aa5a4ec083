"""Tolerances of the solver, and checks of a program and of its solution against them."""

from __future__ import annotations

import numpy as np

from optimizer.errors import SolverError
from optimizer.model.arrays import Arrays

LARGEST_COEFFICIENT = 1e13
"""Above it a double has fewer than three digits left beside 1, and HiGHS refuses coefficients from 1e15 on (its large_matrix_value)."""

SMALLEST_COEFFICIENT = 1e-11
"""A coefficient up to this one is left out. In our units what is typical lies between 1 and 100: such a coefficient moves no row by its tolerance."""

SMALLEST_KEPT = 1e-12
"""HiGHS drops a coefficient below this when it takes up a program (its small_matrix_value; HiGHS allows nothing smaller)."""

COARSE_MATRIX_VALUE = 1e-9
"""The default of HiGHS for small_matrix_value, which it needs in order to prove some programs infeasible."""

FEASIBILITY_TOLERANCE = 1e-7
"""By how much a row, a bound or a reduced cost may be violated: the default of HiGHS."""

INTEGRALITY_TOLERANCE = 1e-6
"""How far from whole an integer column may be: the default of HiGHS. With 1e-8 it has called an objective 1% above the optimum optimal."""

TIGHT_INTEGRALITY = 1e-9
"""The same, for a second opinion."""

MIP_GAP = 1e-4
"""The relative gap of a mixed-integer program, where none is given: the default of HiGHS."""

BROKEN = 1e-5
"""The violation, relative to the size of the row, from which an answer is refused: a hundred times FEASIBILITY_TOLERANCE, because HiGHS keeps its
tolerance on the scaled program and after its presolve, not on ours."""


def check_numbers(a: Arrays) -> None:
    """Raise SolverError for a number that HiGHS would refuse, or take for something else."""
    if not all(np.isfinite(part).all() for part in (a.cost, a.value)):
        raise SolverError("A coefficient of the program is not a finite number.")
    for part in (a.cost, a.value):
        if len(part) and np.abs(part).max() > LARGEST_COEFFICIENT:
            raise SolverError(f"A coefficient of the program is {np.abs(part).max():.3g}, beyond what the solver can take.")
    for low, high in ((a.lower, a.upper), (a.row_lower, a.row_upper)):
        if np.isnan(low).any() or np.isnan(high).any():
            raise SolverError("A bound of the program is not a number.")


def check_solution(a: Arrays, x: np.ndarray, objective: float) -> None:
    """Raise SolverError where a point breaks a row or a bound of the program beyond rounding."""
    if not np.isfinite(x).all() or not np.isfinite(objective):
        raise SolverError("The solver returned something that is not a number.")
    activity, size = a.activity(x), 1 + a.activity_size(x)
    broken = np.maximum(np.maximum(a.row_lower - activity, activity - a.row_upper), 0) / size
    worst = max(broken.max(initial=0), (np.maximum(np.maximum(a.lower - x, x - a.upper), 0) / (1 + np.abs(x))).max(initial=0))
    if worst > BROKEN:
        raise SolverError(f"The solver's answer breaks a row by {worst:.2g} of its size.")
