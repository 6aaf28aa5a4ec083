"""Choose the way a case is solved: as one program, or cut along its trunk."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.case import Case
from optimizer.errors import NumericalError
from optimizer.executors import Executor
from optimizer.solving.blocks import block_of_node, largest_block, with_shares
from optimizer.solving.extensive import CVAR_ROOM, Built, Solution, build, expected_cost, lexicographic, solution_of, solve_built, well_scaled
from optimizer.solving.highs import STALLED, Arrays, Outcome
from optimizer.solving.memory import Memory
from optimizer.solving.watch import Watch, attended

METHODS = ("auto", "extensive", "decomposed")

LARGE = 15_000
"""Rows from which cutting the tree pays."""

LEAST_SECONDS = 1.0
"""Given to a last try, however little time is left."""


def solve_case(case: Case, *, watch: Watch | None = None, method: str = "auto", executor: Executor | None = None, memory: Memory | None = None) -> Solution:
    """The plan of least (1-λ)·E[Z] + λ·CVaR_α(Z).

    method: one of METHODS. executor: where the blocks of a large tree are solved. memory: what earlier solves left behind, for the next.
    """
    watch = watch or Watch()
    built = build(case, watch)
    if not decomposes(built, method):
        return solve_built(built, watch, memory)
    try:
        return solve_decomposed(well_scaled(built, watch), watch, executor=executor, memory=memory)
    except NumericalError as error:
        watch.tell(f"as one program after all: {error}")
        if memory is not None:
            memory.forget()
        return solve_built(built, watch, memory)


def decomposes(built: Built, method: str) -> bool:
    """Whether `method` means decomposition here. A tree of which all belongs to the trunk has nothing to cut."""
    if method == "extensive" or not block_of_node(built.tree, largest_block(built.tree.size, bool(built.program.integer.any())))[1]:
        return False
    return method == "decomposed" or len(built.program.row_lower) >= LARGE


def solve_decomposed(built: Built, watch: Watch, largest: int | None = None, executor: Executor | None = None, memory: Memory | None = None) -> Solution:
    """The plan of a built case by Benders decomposition on the trunk of its tree. largest: nodes of a block at most."""

    def work() -> Outcome:
        outcome = _decomposed(built, watch, largest, executor, memory)
        if outcome.x is not None and lexicographic(built) and outcome.status == "optimal":
            return _least_expected(built, outcome, watch, largest, executor)
        return outcome

    began = watch.seconds
    outcome = attended(work, watch)
    if outcome.stopped == STALLED:
        watch.tell("as one program from here on")
        return _in_one_piece(built, watch, outcome, min(began + built.case.settings.time_limit_seconds, watch.limit))
    if outcome.x is None:
        return Solution(built, outcome.status, stopped=outcome.stopped, method="decomposed")
    return solution_of(built, outcome, outcome.bound, "decomposed")


def _in_one_piece(built: Built, watch: Watch, known: Outcome, until: float) -> Solution:
    """Go on as one program from the best plan and the bound of a decomposition that has stalled. until: the watch's second by which to end.

    The plan is the better of the two, its bound the higher of the two: both are valid.
    """
    method = "decomposed, then as one program"
    start = Memory()
    if known.x is not None:
        start.remember(built, known.x * built.scales.column)
    found = solve_built(built, watch, start, until=max(until, watch.seconds + LEAST_SECONDS))
    money = built.scales.money
    if found.x is None and known.x is None:
        return Solution(built, found.status, stopped=found.stopped, method=method)
    if found.x is None or found.objective > known.objective * money:
        found = solution_of(built, replace(known, status="feasible", stopped=found.stopped or "time limit"), known.bound)
    bound = min(max(found.bound, known.bound * money), found.objective)
    found = replace(found, bound=bound, method=method)
    proven = found.gap <= max(built.case.settings.mip_gap, 1e-6)
    return replace(found, status="optimal", stopped="") if proven else found


def _decomposed(built: Built, watch: Watch, largest: int | None, executor: Executor | None, memory: Memory | None) -> Outcome:
    """Solve from what is known where something fits, else from scratch; what is then known stays in the memory."""
    from optimizer.solving.benders import Benders

    if memory is not None and memory.benders is not None and memory.fits(built):
        start = memory.benders.renew(built, built.arrays, watch)
        outcome = memory.benders.solve_from(start)
        memory.remember(built, None)
        return outcome
    if memory is not None:
        memory.forget()
    benders = Benders(built, built.arrays, watch, largest, executor)
    if memory is not None:
        memory.benders = benders
        memory.remember(built, None)
        return benders.solve()
    try:
        return benders.solve()
    finally:
        benders.close()


def _least_expected(built: Built, outcome: Outcome, watch: Watch, largest: int | None, executor: Executor | None) -> Outcome:
    """Among the plans within CVAR_ROOM of the CVaR that was found, the one of least expected cost; its bound stays that of the CVaR."""
    from optimizer.solving.benders import Benders

    watch.tell("least expected cost")

    def limited() -> Arrays:
        arrays = built.arrays()
        columns, row = np.flatnonzero(arrays.cost), len(arrays.row_lower)
        order = np.argsort(np.concatenate([arrays.column, columns]), kind="stable")
        return replace(
            arrays,
            cost=expected_cost(built) * built.scales.column / built.scales.money,
            row_lower=np.append(arrays.row_lower, -np.inf),
            row_upper=np.append(arrays.row_upper, outcome.objective + CVAR_ROOM * abs(outcome.objective)),
            row=np.concatenate([arrays.row, np.full(len(columns), row, dtype=np.int32)])[order],
            column=np.concatenate([arrays.column, columns.astype(np.int32)])[order],
            value=np.concatenate([arrays.value, arrays.cost[columns]])[order],
        )

    second = Benders(built, limited, watch, largest, executor, expected=True)
    try:
        found = second.solve_from(with_shares(second.parts.split, outcome.x)[second.trunk.columns])
    finally:
        second.close()
    return outcome if found.x is None else replace(outcome, x=found.x)
