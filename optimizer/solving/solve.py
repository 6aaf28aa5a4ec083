"""Choose the way a case is solved: as one program, or cut along its trunk."""

from __future__ import annotations

from optimizer.case import Case
from optimizer.model.registry import IN_EXPECTATION
from optimizer.solving.extensive import Built, Solution, build, solution_of, solve_built
from optimizer.solving.highs import Watch

METHODS = ("auto", "extensive", "decomposed")

LARGE = 15_000
"""Rows from which cutting the tree pays."""

LARGEST_BLOCK = 60
"""Nodes of a block at most; what has more descendants joins the trunk."""


def solve_case(case: Case, *, watch: Watch | None = None, method: str = "auto") -> Solution:
    """The plan of least (1-λ)·E[Z] + λ·CVaR_α(Z). method: one of METHODS."""
    watch = watch or Watch()
    built = build(case, watch)
    return solve_decomposed(built, watch) if decomposes(built, method) else solve_built(built, watch)


def decomposes(built: Built, method: str) -> bool:
    """Whether `method` means decomposition here.

    A row over all scenarios (a minimum fill rate) joins every block, and the second solve of risk_weight 1 wants the whole
    program, so these go as one.
    """
    joined = any(family.where == IN_EXPECTATION for family, _ in built.template.rows)
    lexicographic = built.risk is not None and built.case.settings.risk_weight == 1
    if method == "extensive" or joined or lexicographic or built.tree.size == len(built.tree.reference):
        return False
    return method == "decomposed" or len(built.program.row_lower) >= LARGE


def solve_decomposed(built: Built, watch: Watch, largest: int = LARGEST_BLOCK) -> Solution:
    """The plan of a built case by Benders decomposition on the trunk of its tree."""
    from optimizer.solving.benders import Benders

    outcome = Benders(built, built.arrays(), largest, watch).solve()
    if outcome.x is None:
        return Solution(built, outcome.status, stopped=outcome.stopped, method="decomposed")
    return solution_of(built, outcome, outcome.bound, "decomposed")

