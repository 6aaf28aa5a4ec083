"""Many solves of changed cases in worker processes, for a study that asks a little of each of them, within a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np

from optimizer.case import Case
from optimizer.errors import OptimizerError
from optimizer.executors import Executor, Here, StopFile, WorkerLost, run_all, stop_at
from optimizer.plan.plan import Plan
from optimizer.scenarios.exact import count_paths
from optimizer.solving.built import Built, build
from optimizer.solving.outcome import Status
from optimizer.solving.solution import Solution
from optimizer.solving.solve import solve_program
from optimizer.solving.watch import Stopped, Watch
from optimizer.studies.study import solution_of
from optimizer.studies.thresholds.decisions_now import Decision

T = TypeVar("T")

MOST_ROWS = 6_000
"""Rows of the program up to which a study that solves dozens of times keeps the plan's futures; such a program takes some seconds of one core."""

LEAST_FUTURES = 8
"""The fewest futures that a large case is solved with."""

MOST_PATHS = 4
"""A changed case may have this many times as many futures as the plan, if all are kept; with more it is not solved."""


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """What came of one solve. told: what was asked of its plan, None without one. feasible: False where it is proven that no plan keeps all limits."""

    told: T | None
    feasible: bool = True


NOTHING_KNOWN: Reply = Reply(None)
"""The solve was stopped, or failed."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Yes/no decisions that stay as a plan has them, so that what is left is solved in a moment; minimum orders are then not asked for.

    starts: project -> the period in which it starts, None = on no date. waits: project -> the disruption for which it waits. signed: the contracts that
    are signed. free: the decisions that are not kept, and with a contract the project that its offer waits for.
    """

    starts: dict[str, int | None]
    waits: dict[str, str]
    signed: frozenset[Decision]
    free: frozenset[Decision]

    @classmethod
    def of(cls, solution: Solution, signed: frozenset[Decision], free: frozenset[Decision]) -> Kept:
        """Keep what a solution has decided, but for some decisions."""
        assert solution.decisions is not None
        projects = [d.offer(solution.built.case).project for d in free if d.is_contract]
        opened = frozenset(Decision((name,)) for name in projects if name is not None)
        return cls(dict(solution.decisions.start), dict(solution.decisions.start_if), signed, free | opened)

    def applied(self, built: Built) -> Built:
        """Return the program with these decisions kept."""
        program = built.program
        lower, upper, integer = program.lower.copy(), program.upper.copy(), program.integer.copy()
        integer[built.columns("placed").number] = False

        def keep(number: np.ndarray, decisions: list[Decision], taken: list[bool]) -> None:
            mine = np.array([decision not in self.free for decision in decisions], dtype=bool)
            lower[number[mine]] = upper[number[mine]] = np.array(taken, dtype=float)[mine]
            integer[number[mine]] = False

        start, wait, signed = (built.columns(family) for family in ("start", "start_if", "signed"))
        keep(start.number, [Decision((name,)) for name in start.project], [self.starts.get(j) == t for j, t in zip(start.project, start.period)])
        keep(wait.number, [Decision((name,)) for name in wait.project], [self.waits.get(j) == d for j, d in zip(wait.project, wait.disruption)])
        offers = [Decision(built.data.offers[s].key) for s in signed.offer]
        keep(signed.number, offers, [offer in self.signed for offer in offers])
        return replace(built, program=replace(program, lower=lower, upper=upper, integer=integer))


def case_for_many(plan: Plan) -> tuple[Case, bool]:
    """Return the case to solve many times, its rows in the order of the plan's program, and whether it has fewer futures than the plan.

    Its futures are as many as a program of MOST_ROWS has room for. Listed futures are kept as they are. ValueError for a plan without its arrays.
    """
    solution = solution_of(plan)
    built = solution.built
    case, tree = built.case, built.tree
    if tree.method == "listed":
        return case.with_settings(scenario_method="listed"), False
    count = len(tree.scenarios)
    room = max(LEAST_FUTURES, int(count * MOST_ROWS / built.program.rows))
    if built.program.rows <= MOST_ROWS or room >= count:
        return case, False
    return case.with_settings(scenario_method="sampled", scenarios=room), True


def solve_many(
    executor: Executor, cases: Sequence[Case], ask: Callable[[Solution], T], until: float, tick: Callable[[int], None], kept: Kept | None = None
) -> Iterator[tuple[int, Reply[T]]]:
    """Solve cases on the lanes of an executor and yield (number of the case, what `ask` says of its plan) as they end.

    until: the time.monotonic() at which it ends; what is not done by then is NOTHING_KNOWN. tick(done) is called several times a second; an exception
    that it raises stops the workers and closes the executor. kept: yes/no decisions that are not free. ask is pickled.
    """
    stop, done, open_ = StopFile(), 0, set(range(len(cases)))

    def over() -> bool:
        tick(done)
        if time.monotonic() >= until:
            stop.ask()
            return True
        return False

    try:
        tasks = [(case, ask, until - time.monotonic(), stop.path, kept) for case in cases]
        for number, reply in run_all(executor, solve_here, tasks, over):
            done += 1
            open_.discard(number)
            if isinstance(reply, Exception) and not isinstance(reply, (OptimizerError, WorkerLost, MemoryError)):
                raise reply
            yield number, NOTHING_KNOWN if isinstance(reply, Exception) else reply
    except BaseException:
        stop.ask()
        executor.close()
        raise
    finally:
        stop.close()
    for number in sorted(open_):
        yield number, NOTHING_KNOWN


def solve_here(case: Case, ask: Callable[[Solution], T], seconds: float, stop: str = "", kept: Kept | None = None) -> Reply[T]:
    """Solve a case in this very process, and tell what is asked of its plan. stop: a file that asks it to stop once it is there."""
    s = case.settings
    if s.scenario_method == "exact" and count_paths(case, most := MOST_PATHS * max(s.scenarios, LEAST_FUTURES)) > most:
        return NOTHING_KNOWN
    try:
        watch = Watch(cancelled=stop_at(stop), limit=seconds)
        built = build(case, watch)
        solution = solve_program(built if kept is None else kept.applied(built), watch, executor=Here())
    except (Stopped, OptimizerError):
        return NOTHING_KNOWN
    if solution.status == Status.INFEASIBLE:
        return Reply(None, feasible=False)
    # A plan that was stopped early may lack what its proof would have brought.
    return NOTHING_KNOWN if solution.status != Status.OPTIMAL or solution.decisions is None else Reply(ask(solution))
