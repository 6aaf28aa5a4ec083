"""The work of a study that solves many programs: its progress, its time, and the processes that help it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from optimizer.errors import SolverError
from optimizer.executors import Processes
from optimizer.solving.built import Built
from optimizer.solving.outcome import Status, Stop
from optimizer.solving.solution import Solution
from optimizer.solving.solve import solve_program
from optimizer.solving.warm_start import WarmStart
from optimizer.solving.watch import Phase, Progress, Stopped, Watch

LEAST_SECONDS = 0.1
"""The seconds that a program has at least."""


class Work:
    """The caller's progress, the time and the worker processes of a study, which close() lets go.

    Programs that are under way end as soon as the caller's function has raised an exception.
    """

    def __init__(self, progress: Callable[[Progress], None] | None, seconds: float, phase: Phase = Phase.VALUE) -> None:
        """phase: under which progress is told. seconds: after which the time is over."""
        self.phase = phase
        self._progress, self._lock, self.words = progress, threading.Lock(), ""
        self._failure: BaseException | None = None
        self.watch = Watch(report=self._tell, cancelled=lambda: self._failure is not None, limit=seconds)
        self._executor = Processes()

    def _tell(self, told: Progress) -> None:
        """Pass on where the study stands: the figures of its single programs are none of the plan's."""
        with self._lock:
            if self._failure is not None:
                raise Stopped(Stop.BY_HAND)
            if self._progress is not None:
                try:
                    self._progress(Progress(self.phase, told.seconds, detail=self.words))
                except BaseException as failure:
                    self._failure = failure
                    raise

    def tell(self, words: str) -> None:
        """Say what is being computed."""
        self.words = words
        self.watch.tell(self.phase)

    def raise_failure(self) -> None:
        """Raise the exception by which the caller's function has stopped the study, if it has: another thread may have met only its consequence."""
        if self._failure is not None:
            raise self._failure

    @contextmanager
    def within(self, share: float) -> Iterator[None]:
        """Let what follows take no more than a share of the time that is left."""
        whole = self.watch.limit
        self.watch.limit = self.watch.seconds + share * max(0.0, whole - self.watch.seconds)
        try:
            yield
        finally:
            self.watch.limit = whole

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return max(LEAST_SECONDS, self.watch.limit - self.watch.seconds)

    def solve(self, built: Built, gap: float | None = None, warm_start: WarmStart | None = None) -> Solution:
        """Solve a program of all or many futures in the time that is left, within a relative gap, that of the case without one.

        Where the time ends first, or the solver fails, the solution has no decisions. Raises Stopped once the caller's function has raised an exception.
        """
        settings = built.case.settings
        case = built.case.with_settings(time_limit_seconds=self.left, mip_gap=settings.mip_gap if gap is None else gap)
        if warm_start is not None:
            warm_start.executor = self._executor
        try:
            return solve_program(replace(built, case=case), self.watch, executor=self._executor, warm_start=warm_start)
        except (Stopped, SolverError):
            self.raise_failure()
            if warm_start is not None:
                warm_start.forget()
            return Solution(built, Status.NO_SOLUTION, stopped=Stop.BY_TIME)

    def close(self) -> None:
        """Let the worker processes go."""
        self._executor.close()
