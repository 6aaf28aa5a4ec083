"""The link between a caller and a solve that is under way: progress, a stop by hand, and the end of the time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from optimizer.solving.outcome import Stop
from optimizer.solving.words import Words

T = TypeVar("T")


class Phase(Words):
    """What the program is doing."""

    READING = "reading", "The workbook is read and checked."
    SCENARIOS = "scenarios", "The scenario tree is made."
    MODEL = "model", "The model is stated and laid onto the tree."
    SEARCH = "solver", "The solver looks for the best plan of the whole program; its incumbent and bound are those of the case."
    PARTS = "parts", "The tree is cut into a trunk and blocks."
    SMALL_TREE = "a small tree first", "A small tree is solved, whose plan is the first point of the decomposition."
    SAMPLE = "a sample of the futures first", "A sample of the futures is solved, whose plan is the first point of the decomposition of a very large program."
    NEAREST = "nearest to what was best", "The feasible point nearest to the last best one is looked for."
    ROUND = "round", "The decomposition asks its master and its blocks in turn."
    ONE_PROGRAM = "as one program", "The decomposition was given up; the case is solved as one program."
    MAGNITUDE = "how large costs are", "The relaxation is solved to learn the magnitude of the costs."
    FEASIBILITY = "whether there is a plan", "The program is solved without its costs."
    ANOTHER_WAY = "another way", "An answer was no good; the case is solved once more in a different way."
    ROUNDING = "yes/no decisions kept", "The yes/no decisions are fixed at whole numbers and the rest is solved again."
    LEAST_COST = "least expected cost", "Among plans of least CVaR, one of least expected cost is chosen."
    LEAST_CONTRACTS = "least contracts", "Among equally good plans, one with the least contracts is chosen."
    LEAST_ORDERS = "least orders", "Among equally good plans, one with the least orders filed is chosen."
    TOGETHER = "putting the plan together", "A plan that was solved in parts is put together from what each part decides."
    CHECKING = "checking", "The plan is checked: by a second solve, and by the audit."
    UNAVOIDABLE = "what no decision avoids", "The shortages that no decision can avoid are counted."
    CLASHES = "looking for what clashes", "There is no plan; the numbers of the workbook that clash are looked for."
    INHERITED = "what is in stock", "The stock that a naive buyer inherits is computed."
    UNSEEN = "unseen futures", "The plan is lived through on futures that it has not seen."
    HORIZON = "longer horizon", "The case is solved over longer horizons, with what is decided now kept and then freely."
    HISTORY = "history", "The plan is lived through what really happened."
    BREAK_EVEN = "break-even", "The case is solved with other values of a probability, a duration or a price."
    RISK_MAP = "risk map", "The case is solved over a grid of probabilities and durations of one disruption."
    RANGES = "ranges of probabilities", "A plan for the worst probabilities within their ranges is looked for."
    PLAYBOOK = "playbook", "The response to each disruption at each date is computed."
    STRESS = "stress test", "How long supply lasts when a source fails, and what it then costs, is computed."
    REPLICATIONS = "fresh samples of futures", "The plan's decisions are tried on fresh samples of futures, beside the best plan for each."
    VALUE = "value", "What information, planning for many futures, and each limit are worth is computed."
    REGRET = "regret", "Each decision of the plan is taken back, and the rest is decided anew."
    CAUSES = "causes of shortages", "The cause of each shortage is looked for."
    FRONTIER = "frontier", "The case is solved again under other risk weights or budgets."
    TORNADO = "tornado", "The case is solved again with one number of the workbook changed at a time."


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of a solve or of a study.

    incumbent, bound: best plan found and best possible, None while unknown; gap relative. detail: more about the phase. share: how much of it is
    done, None where that is not known.
    """

    phase: Phase
    seconds: float
    incumbent: float | None = None
    bound: float | None = None
    gap: float | None = None
    detail: str = ""
    share: float | None = None

    @property
    def words(self) -> str:
        """The phase in words, with its detail where there is one."""
        return self.detail or str(self.phase)


class Stopped(Exception):
    """The solve was stopped by hand, or its time was over, before it had a plan. Its text is the Stop that says which."""


GRACE_SECONDS = 20.0
"""The most seconds in which a plan may be put in order after the solver was stopped."""

LEAST_GRACE_SECONDS, GRACE_SHARE = 1.5, 0.03
"""The same after a short time limit: these seconds, and this share of the limit."""

TICK_SECONDS = 0.2
"""How often progress is reported while the solver runs."""


@dataclass
class Watch:
    """The caller's side of a solve. limit: seconds from its making after which the time is over.

    abandoned: whether the caller's report has raised an exception, so that nobody wants a plan any more.
    """

    report: Callable[[Progress], None] | None = None
    cancelled: Callable[[], bool] = lambda: False
    limit: float = np.inf
    interrupted: bool = field(default=False, init=False)
    abandoned: bool = field(default=False, init=False)
    started: float = field(default_factory=time.monotonic, init=False)
    _last: Progress | None = field(default=None, init=False, repr=False)
    _telling: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False)

    @property
    def seconds(self) -> float:
        """The seconds since it was made."""
        return time.monotonic() - self.started

    @property
    def stop(self) -> bool:
        """Whether the solve was stopped by hand."""
        return self.interrupted or self.cancelled()

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return self.seconds > self.limit

    @property
    def grace(self) -> float:
        """The seconds that putting a plan in order may take once the time is over; none where nobody wants it."""
        return 0.0 if self.abandoned else min(GRACE_SECONDS, LEAST_GRACE_SECONDS + GRACE_SHARE * self.limit)

    def check(self, phase: Phase | None = None) -> None:
        """Report the phase, if one is given. Raise Stopped once the solve was stopped by hand or the time is over.

        Code that has no plan yet calls it several times a second.
        """
        if self.stop:
            raise Stopped(Stop.BY_HAND)
        if self.over:
            raise Stopped(Stop.BY_TIME)
        if phase:
            self.tell(phase)

    def tell(
        self,
        phase: Phase,
        detail: str = "",
        *,
        incumbent: float | None = None,
        bound: float | None = None,
        gap: float | None = None,
        share: float | None = None,
    ) -> None:
        """Report where the solve stands, if anybody listens."""
        if self.report:
            with self._telling:
                self._last = Progress(phase, self.seconds, incumbent, bound, gap, detail, share)
                self.report(self._last)

    def tell_again(self) -> None:
        """Report once more what was reported last, with the seconds that it is now: a step that takes long must not look like a standstill."""
        if self.report:
            with self._telling:
                if self._last is not None:
                    self.report(replace(self._last, seconds=self.seconds))


def run_interruptibly(work: Callable[[], T], watch: Watch, tick: Callable[[], None] = lambda: None) -> T:
    """Run work() in a thread of its own and return its result, or raise its exception. Ctrl-C does not break it off but sets watch.interrupted.

    tick() is called several times a second meanwhile; what it raises is raised once the work has been interrupted and has ended.
    """
    result: list[T] = []
    failure: list[BaseException] = []
    ended = threading.Event()

    def do() -> None:
        try:
            result.append(work())
        except BaseException as error:
            failure.append(error)
        ended.set()

    threading.Thread(target=do, daemon=True).start()
    # Thread.join is not used, because Ctrl-C can lead it to believe that the thread has ended.
    while not ended.is_set():
        try:
            if not ended.wait(TICK_SECONDS):
                tick()
        except KeyboardInterrupt:
            watch.interrupted = True
        except BaseException:
            # What the caller's progress function raises ends the work first: it would go on in its thread.
            watch.interrupted = watch.abandoned = True
            ended.wait()
            raise
    if failure:
        raise failure[0]
    return result[0]
