"""Solve a plan's program again and again with something changed: each time from what is known already, all within a given time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from optimizer.errors import SolverError
from optimizer.solving.built import Built
from optimizer.solving.outcome import Status
from optimizer.solving.solution import Solution
from optimizer.solving.solve import decomposes, solve_program
from optimizer.solving.warm_start import WarmStart
from optimizer.solving.watch import Phase, Progress, Stopped, Watch

WORKERS = 2
"""Programs solved beside each other, each in a thread: the solver runs without the interpreter's lock. A decomposition has processes of its own."""

FAIR_SHARES = 4.0
"""The most time that one solve may take, in even shares of what is left."""

FIRST_SHARE = 0.3
"""The most time, as a share of all of it, that a decomposition takes to solve the plan's own program again."""

LEAST_SECONDS = 8.0
"""The time that each solve gets, as long as there is any: with less, a large program would end without a plan, and all of its time be lost."""

LEAST_GAP = 1e-4
"""The gap to which programs too large to be solved to the very optimum are solved, where a smaller one is asked for: a tenth of what counts as a tie."""

LOOK_SECONDS = 0.2

Change = Callable[[Built], Built]
"""From the plan's program to one with the same columns and rows."""


@dataclass(frozen=True, slots=True)
class Job:
    """A program to solve. words: what it is, for the progress."""

    words: str
    change: Change


class Resolver:
    """Solves changed programs of one plan until its time is over; close() lets the workers go.

    bound: on the objective of every plan of the unchanged program, in money, the highest that is known.
    """

    def __init__(self, solution: Solution, watch: Watch, phase: Phase, seconds: float) -> None:
        """phase: under which progress is told. seconds: of the wall clock, from now, for all solves together."""
        self.solution, self.watch, self.phase = solution, watch, phase
        self.built = solution.built
        self.until = time.monotonic() + seconds
        self.in_parts = decomposes(self.built, "auto")
        self.lanes = 1 if self.in_parts else WORKERS
        self.memory = threading.local()
        self.warm: list[WarmStart] = []
        self.stop = threading.Event()
        self.bound = solution.bound

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return self.until - time.monotonic()

    def solve(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Solution | None]]:
        """Yield (number of the job, its solution) as they end; None for a job that was not begun in time, or that the solver failed on.

        An exception of the caller's progress stops what is under way and is passed on.
        """
        return self._one_by_one(jobs) if self.in_parts else self._side_by_side(jobs)

    def close(self) -> None:
        """Let the workers go."""
        self.stop.set()
        for warm in self.warm:
            warm.close()

    def _one_by_one(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Solution | None]]:
        if not self.warm and jobs:
            # The plan's own program comes first: the cuts that it leaves hold for every narrowed one.
            first = self._reported(Job("the plan once more", lambda built: built), f"{self.phase}, the plan once more", self.left * FIRST_SHARE)
            if first is not None:
                self.bound = max(self.bound, min(first.bound, self.solution.objective))
        for k, job in enumerate(jobs):
            yield k, self._reported(job, f"{self.phase}, {k + 1} of {len(jobs)}: {job.words}", self._share(len(jobs) - k))

    def _reported(self, job: Job, words: str, seconds: float) -> Solution | None:
        """Solve one program in this thread, and tell meanwhile which it is."""

        def report(_: Progress) -> None:
            # Incumbent and bound are those of another program than the plan's.
            self.watch.tell(self.phase, words)

        self.watch.tell(self.phase, words)
        return self._solved(job, seconds, report)

    def _side_by_side(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Solution | None]]:
        pool = ThreadPoolExecutor(self.lanes)

        def work(k: int) -> Solution | None:
            return self._solved(jobs[k], self._share(len(jobs) - k), None)

        try:
            running: dict[Future[Solution | None], int] = {pool.submit(work, k): k for k in range(len(jobs))}
            done = 0
            while running:
                self.watch.tell(self.phase, f"{self.phase}, {done} of {len(jobs)}")
                for future in wait(running, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED).done:
                    done += 1
                    yield running.pop(future), future.result()
        finally:
            self.stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            self.stop.clear()

    def _share(self, waiting: int) -> float:
        """Return the seconds that the next solve may take. waiting: the jobs that are not done yet, this one included."""
        return min(self.left, max(LEAST_SECONDS, FAIR_SHARES * self.left * self.lanes / waiting))

    def _solved(self, job: Job, seconds: float, report: Callable[[Progress], None] | None) -> Solution | None:
        """Solve one program in so many seconds."""
        if seconds <= 0 or self.stop.is_set():
            return None
        watch = Watch(report=report, cancelled=self.stop.is_set, limit=seconds)
        case = self.built.case.with_settings(time_limit_seconds=seconds, mip_gap=max(self.built.case.settings.mip_gap, LEAST_GAP))
        try:
            found = solve_program(job.change(replace(self.built, case=case)), watch, warm_start=self._warm_start())
        except (SolverError, Stopped):
            return None
        return None if found.status == Status.NO_SOLUTION else found

    def _warm_start(self) -> WarmStart:
        """Return what this thread's last solve left, with the plan as the first point of a mixed-integer program."""
        warm: WarmStart | None = getattr(self.memory, "warm", None)
        if warm is None:
            warm = self.memory.warm = WarmStart()
            self.warm.append(warm)
        if not self.in_parts:
            basis = warm.basis if warm.built is not None else None
            warm.remember(self.built, self.solution.x, basis)
        return warm
