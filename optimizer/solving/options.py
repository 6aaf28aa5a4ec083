"""Options of HiGHS, and where each is of use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from optimizer.solving.numerics import COARSE_MATRIX_VALUE

Options = Mapping[str, Any]
"""By their names in HiGHS."""

UNSCALED: Options = {"simplex_scale_strategy": 0}
"""Our units leave the solver little to scale, which takes time at every solve from a warm start."""

PERTURBED: Options = {"dual_simplex_cost_perturbation_multiplier": 1.0}
UNPERTURBED: Options = {"dual_simplex_cost_perturbation_multiplier": 0.0}
"""Whether the dual simplex method perturbs the costs, as HiGHS does if it is not told. From a start near an optimum that would undo duals that are nearly
right."""

DEVEX: Options = {"simplex_dual_edge_weight_strategy": 1}
STEEPEST_EDGE: Options = {"simplex_dual_edge_weight_strategy": -1}
"""How the dual simplex method weighs rows. The steepest edge takes fewer steps, but its weights are computed for every row where a solver takes up a
program with a basis; Devex weights all begin at 1 (Forrest & Goldfarb, 1992)."""

COARSE: Options = {"simplex_scale_strategy": 1, "small_matrix_value": COARSE_MATRIX_VALUE, "presolve": "on", **PERTURBED, **STEEPEST_EDGE}
RETRIES: tuple[Options, ...] = ({}, {"presolve": "off"}, UNSCALED, {"simplex_scale_strategy": 2}, COARSE, {**COARSE, "solver": "ipm"})
"""Options for another try, from scratch, where the simplex method lost its way numerically: as before but without the warm start; without
presolve; with other scaling; as HiGHS comes, with presolve and its own idea of a zero coefficient; by the interior point method."""

IPM_ITERATIONS = 500
"""The most iterations of the interior point method, which converges in some 100 or not at all."""
