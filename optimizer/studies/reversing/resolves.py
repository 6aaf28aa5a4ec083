"""Solve a plan's program again and again with something changed: each time from what is known already, all within a given time.

A program that is decomposed because it is large is not solved to the optimum, which would take too long for each of many changes. Two programs
without integer columns enclose it, which the cuts of all earlier ones bring near their optimum at once: with the yes/no decisions kept as they are
in the plan, whose optimum is a plan; and with the yes/no decisions relaxed, whose optimum is a bound.

A change of what is decided here and now leaves every cut of the parts of the tree as it is: they are rays of the dual whose value the change moves in the
trunk alone (Geoffrion, 1972). So the trunk's program with the cuts that are known already bounds the changed program from below, in a moment, without a
part being asked. These bounds are found first, so that every such change has one for which there is no time otherwise.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

import numpy as np

from optimizer.errors import SolverError
from optimizer.solving.benders import Benders
from optimizer.solving.built import Built
from optimizer.solving.outcome import NEGLIGIBLE, OutOfTime, Status
from optimizer.solving.refined import well_scaled
from optimizer.solving.solution import Solution
from optimizer.solving.solve import decomposes, solve_program
from optimizer.solving.warm_start import WarmStart
from optimizer.solving.watch import Phase, Progress, Stopped, Watch

WORKERS = 2
"""Programs solved beside each other, each in a thread: the solver runs without the interpreter's lock. A decomposition has processes of its own."""

FAIR_SHARES = 4.0
"""The most time that one solve may take, in even shares of what is left."""

FIRST_SHARE = 0.3
"""The most time, as a share of all of it, that a decomposition takes to solve the relaxation of the plan's own program."""

LEAST_SECONDS = 8.0
"""The time that each solve gets, as long as there is any: with less, a large program would end without a plan, and all of its time be lost."""

LEAST_GAP = 1e-4
"""The gap to which programs too large to be solved to the very optimum are solved, where a smaller one is asked for: a tenth of what counts as a tie."""

BOUND_SHARE = 0.25
"""The gap to which a relaxation is solved, as a share of what the plan that was found costs more: that much of it a bound need not tell."""

TIE, WIDEST = 1e-3, 0.02
"""The shares of the plan's cost up to which a difference counts as nothing, and up to which the gap of a plan that was stopped early may call one so."""

BOUNDS_SHARE, REST_SHARE = 0.3, 0.3
"""The most of the time, as shares of it, for the bounds of changes of the trunk, and what is kept for changes of other kinds."""

GOOD_BOUND = 0.5
"""The share of what the plan that was found costs more at which a bound from known cuts is good enough."""

LOOK_SECONDS = 0.2

Change = Callable[[Built], Built]
"""From the plan's program to one with the same columns and rows."""


@dataclass(frozen=True, slots=True)
class Job:
    """A program to solve. words: what it is, for the progress.

    one_of: integer columns of which one is to be 1, and which the plan says nothing of. bounded: whether a bound on its optimum is asked for.
    """

    words: str
    change: Change
    one_of: tuple[int, ...] = ()
    bounded: bool = True


class Resolver:
    """Solves changed programs of one plan until its time is over; close() lets the workers go.

    bound: on the objective of every plan of the unchanged program, in money, the highest that is known. took: the seconds of each job that was solved by
    parts, one by one.
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
        self.took: list[float] = []

    @property
    def tolerance(self) -> float:
        """The money up to which it is open which of two plans is better: the plan's own gap, but no more than WIDEST of its cost, and at least a tie."""
        gap = min(self.solution.objective - self.bound, WIDEST * abs(self.solution.objective))
        return max(gap, self.tie)

    @property
    def tie(self) -> float:
        """The money that counts as nothing."""
        return TIE * abs(self.solution.objective)

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return self.until - time.monotonic()

    def solve(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Solution | None]]:
        """Yield (number of the job, its solution) as they end; None for a job that was not begun in time, or that the solver failed on.

        A solution without decisions and not infeasible has a bound alone. The bound of one that only shows what is possible is -inf.
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
            first = self._reported(_relaxed(self.built), f"{self.phase}, the plan once more", self.left * FIRST_SHARE)
            if first is not None and first.x is not None:
                self.bound = max(self.bound, min(first.bound, self.solution.objective))
        trunk = [k for k, job in enumerate(jobs) if job.bounded and self._of_trunk(job.change(self.built))]
        rest, waiting = [k for k in range(len(jobs)) if k not in set(trunk)], list(trunk)
        words = [f"{self.phase}, {k + 1} of {len(jobs)}: {job.words}" for k, job in enumerate(jobs)]
        end, total = self.until, max(0.0, self.left)

        def solved(k: int, left: int) -> Solution | None:
            began = time.monotonic()
            found = self._enclosed(jobs[k], words[k], left, known.get(k, -np.inf))
            if found is None:
                return self._alone(jobs[k].change(self.built), known[k]) if k in known else None
            self.took.append(time.monotonic() - began)
            return found

        # The bounds come first: of the cuts that the plan's own relaxation rests on, those that a changed program has no use for go as that is solved.
        self.until = end - (1 - BOUNDS_SHARE) * total
        known = {k: self._bound_of_cuts(jobs[k].change(self.built), words[k]) for k in trunk}
        # Another change than of the trunk costs the parts their cuts, from which all others begin: it comes after these.
        self.until = end - (REST_SHARE * total if rest and trunk else 0.0)
        while waiting and self.left > 0:
            k = waiting.pop(0)
            yield k, solved(k, len(waiting) + 1)
        self.until = end
        for place, k in enumerate(rest):
            yield k, solved(k, len(rest) - place)
        for place, k in enumerate(waiting):
            yield k, solved(k, len(waiting) - place)

    def _of_trunk(self, changed: Built) -> bool:
        """Return whether a change is one of the trunk alone, so that the cuts of all parts hold for it; False where no cuts are known."""
        last, before, after = self._warm_start().decomposition, self.built.program, changed.program
        columns = np.flatnonzero((before.lower != after.lower) | (before.upper != after.upper))
        rows = np.flatnonzero((before.row_lower != after.row_lower) | (before.row_upper != after.row_upper))
        return isinstance(last, Benders) and last.is_of_trunk(columns, rows)

    def _alone(self, changed: Built, bound: float) -> Solution | None:
        """Return a bound in money as an answer: inf says that there is no plan, -inf that nothing is known."""
        if bound == np.inf:
            return Solution(changed, Status.INFEASIBLE)
        return Solution(changed, Status.NO_SOLUTION, bound=max(bound, self.bound)) if np.isfinite(bound) else None

    def _bound_of_cuts(self, changed: Built, words: str) -> float:
        """Return the bound, in money, that the cuts of the last solve give of a program whose trunk is changed; -inf where the time is over."""
        warm = self._warm_start()
        last = warm.decomposition
        if not isinstance(last, Benders) or self.stop.is_set() or self.left <= 0:
            return -np.inf
        self.watch.tell(self.phase, words)
        watch = Watch(cancelled=self.stop.is_set, limit=self.left)
        try:
            relaxed = well_scaled(_relaxed(changed), watch)
            if not warm.fits(relaxed):
                return -np.inf
            last.renew(relaxed, watch)
            warm.remember(relaxed, None)
            return last.bound_of_master() * relaxed.scales.money
        except (SolverError, Stopped, OutOfTime):
            return -np.inf

    def _enclosed(self, job: Job, words: str, waiting: int, least: float) -> Solution | None:
        """Return a plan of a changed program with a bound on its optimum, see the module; the bound is left out where the plan costs nothing more.

        least: a bound that is known, in money.
        """
        changed = job.change(self.built)
        if least == np.inf:
            return self._alone(changed, least)
        worth = least - self.solution.objective

        def run(built: Built, gap: float = 0.0) -> Solution | None:
            return self._reported(built, words, self._share(waiting), gap)

        relaxed = run(_relaxed(changed)) if job.one_of else None
        if job.one_of and (relaxed is None or relaxed.x is None):
            return relaxed
        found = run(self._with_integers_kept(changed, job.one_of, relaxed), BOUND_SHARE * max(0.0, worth) / max(abs(self.solution.objective), NEGLIGIBLE))
        if found is None or found.x is None:
            # Under the yes/no decisions of the plan there may be no plan, and under others there may be one.
            found = run(changed)
            if found is None or found.x is not None or found.status == Status.INFEASIBLE:
                return found
        bound, more = least if relaxed is None else relaxed.bound, found.objective - self.solution.objective
        enough = worth > self.tolerance and worth >= GOOD_BOUND * more
        if relaxed is None and job.bounded and not more <= self.tolerance and not enough:
            relaxed = run(_relaxed(changed), 0.0 if np.isnan(more) else BOUND_SHARE * more / max(abs(found.objective), NEGLIGIBLE))
            if relaxed is not None and relaxed.status == Status.INFEASIBLE:
                return relaxed
            bound = max(least, self._bound_of(relaxed))
        return replace(found, bound=bound if found.x is None else min(bound, found.objective))

    def _bound_of(self, relaxed: Solution | None) -> float:
        """Return the bound that the last solve has found, in money; that of its master where there was no time to ask the blocks."""
        if relaxed is None:
            return -np.inf
        if relaxed.x is not None:
            return relaxed.bound
        last = self._warm_start().decomposition
        bound = last.problem.lower * last.problem.built.scales.money if isinstance(last, Benders) else -np.inf
        return bound if np.isfinite(bound) else -np.inf

    def _with_integers_kept(self, changed: Built, one_of: tuple[int, ...], relaxed: Solution | None) -> Built:
        """Return the program with its integer columns fixed as in the plan, as near as its bounds allow; of `one_of` the one that the relaxation prefers."""
        p = changed.program
        assert self.solution.x is not None
        values = np.clip(np.round(self.solution.x), p.lower, p.upper)
        if one_of and relaxed is not None and relaxed.x is not None:
            values[list(one_of)] = 0.0
            values[max(one_of, key=relaxed.x.__getitem__)] = 1.0
        lower, upper = np.where(p.integer, values, p.lower), np.where(p.integer, values, p.upper)
        return _relaxed(replace(changed, program=replace(p, lower=lower, upper=upper)))

    def _reported(self, built: Built, words: str, seconds: float, gap: float = 0.0) -> Solution | None:
        """Solve one program in this thread, and tell meanwhile which it is."""

        def report(_: Progress) -> None:
            # Incumbent and bound are those of another program than the plan's.
            self.watch.tell(self.phase, words)

        self.watch.tell(self.phase, words)
        return self._solved(built, seconds, report, gap)

    def _side_by_side(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Solution | None]]:
        pool = ThreadPoolExecutor(self.lanes)

        def work(k: int) -> Solution | None:
            return self._solved(jobs[k].change(self.built), self._share(len(jobs) - k), None)

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

    def _solved(self, built: Built, seconds: float, report: Callable[[Progress], None] | None, gap: float = 0.0) -> Solution | None:
        """Solve one program in so many seconds, to this gap or that of the case, whichever is wider."""
        if seconds <= 0 or self.stop.is_set():
            return None
        watch = Watch(report=report, cancelled=self.stop.is_set, limit=seconds)
        case = built.case.with_settings(time_limit_seconds=seconds, mip_gap=min(1.0, max(gap, built.case.settings.mip_gap, LEAST_GAP)))
        try:
            return solve_program(replace(built, case=case), watch, warm_start=self._warm_start())
        except (SolverError, Stopped):
            return None

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


def _relaxed(built: Built) -> Built:
    """Return the program with its integer columns continuous."""
    return replace(built, program=replace(built.program, integer=np.zeros_like(built.program.integer)))
