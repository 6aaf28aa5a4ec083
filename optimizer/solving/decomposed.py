"""Solve a case by Benders decomposition, with all that belongs to it: the choice among plans of least CVaR, and the end where it stalls."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from optimizer.executors import Executor
from optimizer.solving import start
from optimizer.solving.benders import Benders
from optimizer.solving.blocks import cut_up
from optimizer.solving.built import Built
from optimizer.solving.decomposition import LEAST_GAP, whole
from optimizer.solving.equally_good import EquallyGood
from optimizer.solving.extensive import CVAR_ROOM, least_expected, solve_built
from optimizer.solving.outcome import Outcome, Status, Stop, relative_gap
from optimizer.solving.solution import Solution, solution_of
from optimizer.solving.warm_start import WarmStart
from optimizer.solving.watch import Phase, Watch, run_interruptibly

DECOMPOSED, BOTH = "decomposed", "decomposed, then as one program"

LEAST_ROOM = CVAR_ROOM / 10
"""The least room for a plan of lower expected cost where what the bound has left open fills the allowed gap."""

LEAST_SECONDS = 1.0
"""The seconds that a last try gets, however little time is left."""


class Decisions(NamedTuple):
    """Yes/no decisions that are equally good. chosen: (n, integer columns), those of the plan first; complete: whether there are no others."""

    chosen: np.ndarray
    complete: bool


def solve_decomposed(
    built: Built, watch: Watch, warm_start: WarmStart | None = None, *, largest: int | None = None, executor: Executor | None = None
) -> Solution:
    """Solve a program by decomposition on the trunk of its tree. largest: nodes of a block at most. executor: where the blocks are solved.

    Raises NumericalError where the solver loses its way on a part of the tree.
    """
    until = min(watch.seconds + built.case.settings.time_limit_seconds, watch.limit)
    outcome, equally_good = run_interruptibly(lambda: _solved(built, watch, largest, executor, warm_start), watch, watch.tell_again)
    if outcome.stopped == Stop.STALLED:
        watch.tell(Phase.ONE_PROGRAM, "as one program from here on")
        return _in_one_piece(built, watch, outcome, until)
    if outcome.x is None:
        return Solution(built, outcome.status, stopped=outcome.stopped, method=DECOMPOSED)
    if equally_good is not None:
        outcome = _of_least_expected_cost(built, outcome, outcome.x * built.scales.column, equally_good, watch, max(until, watch.seconds + LEAST_SECONDS))
    return solution_of(built, outcome, outcome.bound, DECOMPOSED)


def _of_least_expected_cost(built: Built, outcome: Outcome, x: np.ndarray, decisions: Decisions, watch: Watch, until: float) -> Outcome:
    """Return a plan as good as the plan x of the outcome where only the worst futures count, and cheaper on average; the outcome itself where none is found.

    It is looked for in one piece: the room for it is smaller than the accuracy to which the parts of a tree keep what they are allocated.
    """
    watch.tell(Phase.LEAST_COST)
    money = built.scales.money
    if decisions.complete and (found := least_expected(built, x, decisions.chosen, CVAR_ROOM, True, watch, until)) is not None:
        outcome = replace(outcome, bound=found.least / money)
    else:
        left = max(built.case.settings.mip_gap, LEAST_GAP) - relative_gap(outcome.objective, outcome.bound)
        room = min(CVAR_ROOM, max(left, LEAST_ROOM))
        found = least_expected(built, x, decisions.chosen, room, False, watch, max(until, watch.seconds + LEAST_SECONDS))
    if found is None:
        return outcome
    return replace(outcome, x=found.x / built.scales.column, row_dual=outcome.row_dual if found.row_dual is None else found.row_dual)


def _in_one_piece(built: Built, watch: Watch, known: Outcome, until: float) -> Solution:
    """Go on as one program from the best plan and the bound of a decomposition that has stalled. until: the watch's second by which to end.

    The plan is the better of the two and its bound the higher of the two, because both bounds are valid.
    """
    begin = WarmStart()
    if known.x is not None:
        begin.remember(built, known.x * built.scales.column)
    found = solve_built(built, watch, begin, until=max(until, watch.seconds + LEAST_SECONDS))
    money = built.scales.money
    if found.x is None and known.x is None:
        return Solution(built, found.status, stopped=found.stopped, method=BOTH)
    if found.x is None or found.objective > known.objective * money:
        found = solution_of(built, replace(known, status=Status.FEASIBLE, stopped=found.stopped or Stop.BY_TIME), known.bound)
    bound = min(max(found.bound, known.bound * money), found.objective)
    found = replace(found, bound=bound, method=BOTH)
    proven = found.gap <= max(built.case.settings.mip_gap, LEAST_GAP)
    return replace(found, status=Status.OPTIMAL, stopped=Stop.NONE) if proven else found


def _solved(built: Built, watch: Watch, largest: int | None, executor: Executor | None, warm_start: WarmStart | None) -> tuple[Outcome, Decisions | None]:
    """Solve from the decomposition that the warm start holds if it fits, else from scratch; leave the decomposition in the warm start."""
    if warm_start is not None and isinstance(warm_start.decomposition, Benders) and warm_start.fits(built):
        benders = warm_start.decomposition
        benders.renew(built, watch)
        answer = _answer(benders)
        warm_start.remember(built, None)
        return answer
    if warm_start is not None:
        warm_start.forget()
    benders = Benders(built, cut_up(built, largest), watch, executor)
    if warm_start is not None:
        warm_start.decomposition = benders
        warm_start.remember(built, None)
        return _answer(benders)
    try:
        return _answer(benders)
    finally:
        benders.close()


def _answer(benders: Benders) -> tuple[Outcome, Decisions | None]:
    """Solve a decomposition. Return the outcome, and where the worst futures are all that counts the decisions that are as good as those of its plan.

    Others than its own are looked for in programs that converge to LEAST_GAP because they are small.
    """
    outcome, p = start.solve(benders), benders.problem
    if not p.built.risk_alone or outcome.status != Status.OPTIMAL or p.incumbent is None:
        return outcome, None
    if len(p.integers) and p.quick:
        return outcome, Decisions(*EquallyGood(benders.search, CVAR_ROOM + p.gap).decisions())
    return outcome, Decisions(whole(p.incumbent.point[p.integers])[None], not len(p.integers))
