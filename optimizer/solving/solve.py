"""Choose the method by which a case is solved: its extensive form, or the decomposition of its tree."""

from __future__ import annotations

from typing import Protocol

from optimizer.case import Case
from optimizer.errors import NumericalError
from optimizer.executors import Executor
from optimizer.solving.blocks import block_of_node, largest_block
from optimizer.solving.built import Built, build
from optimizer.solving.decomposed import solve_decomposed
from optimizer.solving.extensive import solve_built
from optimizer.solving.refined import well_scaled
from optimizer.solving.solution import Solution
from optimizer.solving.warm_start import WarmStart
from optimizer.solving.watch import Phase, Watch


class Method(Protocol):
    """The interface of a method; each may have further options."""

    def __call__(self, built: Built, watch: Watch, warm_start: WarmStart | None = None) -> Solution:
        """Solve a program. warm_start: what earlier solves left behind, and where this one leaves something for the next."""


EXTENSIVE_FORM: Method = solve_built
DECOMPOSITION: Method = solve_decomposed
METHODS = ("auto", "extensive", "decomposed")

LARGE = 15_000
"""Rows from which the decomposition is faster than the extensive form (docs/performance.md)."""


def solve_case(
    case: Case, *, watch: Watch | None = None, method: str = "auto", executor: Executor | None = None, warm_start: WarmStart | None = None
) -> Solution:
    """Return the plan of least (1-λ)·E[Z] + λ·CVaR_α(Z).

    method: one of METHODS. executor: where the blocks of a large tree are solved. warm_start: what earlier solves left behind, for the next.
    """
    watch = watch or Watch()
    return solve_program(build(case, watch), watch, method=method, executor=executor, warm_start=warm_start)


def solve_program(built: Built, watch: Watch, *, method: str = "auto", executor: Executor | None = None, warm_start: WarmStart | None = None) -> Solution:
    """Return the plan of a program that is laid out already, as `solve_case` does; some of its decisions may have been bounded by hand."""
    if not decomposes(built, method):
        return solve_built(built, watch, warm_start)
    try:
        return solve_decomposed(well_scaled(built, watch), watch, warm_start, executor=executor)
    except NumericalError as error:
        watch.tell(Phase.ONE_PROGRAM, f"as one program after all: {error}")
        if warm_start is not None:
            warm_start.forget()
        return solve_built(built, watch, warm_start)


def decomposes(built: Built, method: str) -> bool:
    """Return whether `method` means decomposition here. A tree that belongs to the trunk as a whole cannot be decomposed."""
    if method == "extensive" or not block_of_node(built.tree, largest_block(built.tree, built.mixed))[1]:
        return False
    return method == "decomposed" or built.program.rows >= LARGE
