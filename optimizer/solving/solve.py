"""Choose the method by which a case is solved: its extensive form, or the decomposition of its tree."""

from __future__ import annotations

from typing import Protocol

from optimizer.case import Case
from optimizer.errors import NumericalError
from optimizer.executors import Executor, Processes
from optimizer.solving import benders, subproblems
from optimizer.solving.blocks import block_of_node, largest_block
from optimizer.solving.built import Built, Drawn, build_drawn, draw
from optimizer.solving.decomposed import solve_decomposed
from optimizer.solving.extensive import solve_built
from optimizer.solving.large import solve_in_parts
from optimizer.solving.refined import well_scaled
from optimizer.solving.size import size_of
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


LARGE_MIXED = 800
"""The same of programs with yes/no decisions (decision 69)."""


class EarlyWorkers:
    """Workers of this machine that start while the model is compiled, for a tree whose blocks will be solved in processes of their own.

    executor: theirs; None where the case is not expected to need any.
    """

    def __init__(self) -> None:
        self.executor: Processes | None = None

    def expect(self, drawn: Drawn) -> None:
        """Start them if the program of this tree will be so large, and is not trunk alone."""
        tree = drawn.tree
        if size_of(drawn.data, tree.size, 1).rows < benders.WORTH_PROCESSES or not block_of_node(tree, largest_block(tree, mixed=True))[1]:
            return
        self.executor = Processes()
        for lane in range(self.executor.lanes):
            self.executor.submit(lane, subproblems.ready)

    def close(self) -> None:
        """Let them go."""
        if self.executor is not None:
            self.executor.close()


def solve_case(
    case: Case, *, watch: Watch | None = None, method: str = "auto", executor: Executor | None = None, warm_start: WarmStart | None = None
) -> Solution:
    """Return the plan of least (1-λ)·E[Z] + λ·CVaR_α(Z).

    method: one of METHODS. executor: where the blocks of a large tree are solved. warm_start: what earlier solves left behind, for the next.
    """
    watch = watch or Watch()
    drawn = draw(case, watch, parts=method != "extensive")
    if drawn.in_parts:
        return solve_in_parts(drawn, watch, executor)
    if executor is not None or warm_start is not None or method == "extensive":
        built = build_drawn(drawn, watch)
        return solve_program(built, watch, method=_quickest(built, method), executor=executor, warm_start=warm_start)
    early = EarlyWorkers()
    try:
        early.expect(drawn)
        built = build_drawn(drawn, watch)
        return solve_program(built, watch, method=_quickest(built, method), executor=early.executor)
    finally:
        early.close()


def _quickest(built: Built, method: str) -> str:
    """Return the method for a whole case.

    The studies, which solve a program again and again with little changed, decompose only large ones.
    """
    if method == "auto" and built.mixed and built.program.rows >= LARGE_MIXED:
        return "decomposed"
    return method


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
