"""What a caller wants to know and say while a case is solved: progress, a stop by hand, and the end of the time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a solve stands. incumbent, bound: best plan found and best possible, None while unknown; gap relative."""

    phase: str
    seconds: float
    incumbent: float | None = None
    bound: float | None = None
    gap: float | None = None


class Stopped(Exception):
    """Stopped by hand, or the time was over, before there was anything to put in order. Its text says which."""


BY_HAND, BY_TIME = "stopped by hand", "time limit"

GRACE_SECONDS = 20.0
"""Time to settle a plan after the solver was stopped, at most."""


@dataclass
class Watch:
    """What a caller wants to know and say while a case is solved. limit: seconds from its making after which the time is over."""

    report: Callable[[Progress], None] | None = None
    cancelled: Callable[[], bool] = lambda: False
    limit: float = np.inf
    interrupted: bool = field(default=False, init=False)
    started: float = field(default_factory=time.monotonic, init=False)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    @property
    def stop(self) -> bool:
        return self.interrupted or self.cancelled()

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return self.seconds > self.limit

    @property
    def grace(self) -> float:
        """Seconds that putting a plan in order may take once the time is over: a part of what may be overrun."""
        return min(GRACE_SECONDS, 1.5 + 0.03 * self.limit)

    def check(self, phase: str = "") -> None:
        """Raise Stopped once it is stopped by hand or the time is over; else tell where it stands, if that is given.

        To be called several times a second by what has no plan yet.
        """
        if self.stop:
            raise Stopped(BY_HAND)
        if self.over:
            raise Stopped(BY_TIME)
        if phase:
            self.tell(phase)

    def tell(self, phase: str, **more) -> None:
        if self.report:
            self.report(Progress(phase, self.seconds, **more))


def attended(work: Callable[[], Any], watch: Watch, tick: Callable[[], None] = lambda: None) -> Any:
    """What work() returns or raises, done in a thread of its own: Ctrl-C asks it to stop, through the watch, and does not break it off.

    tick() is called several times a second meanwhile.
    """
    result: list = []
    ended = threading.Event()

    def do() -> None:
        try:
            result.append((work(), None))
        except BaseException as error:
            result.append((None, error))
        ended.set()

    threading.Thread(target=do, daemon=True).start()
    # Not Thread.join, which Ctrl-C can lead to believe that the thread has ended.
    while not ended.is_set():
        try:
            if not ended.wait(0.2):
                tick()
        except KeyboardInterrupt:
            watch.interrupted = True
    value, error = result[0]
    if error is not None:
        raise error
    return value
