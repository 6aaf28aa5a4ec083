"""When a decomposition ends before its plan is proven: by hand, by the clock, or because nothing moves."""

from __future__ import annotations

import time

import numpy as np

from optimizer.solving.outcome import Stop
from optimizer.solving.watch import Watch

LEAST_PATIENCE, PATIENCE, ROUNDS_OF_PATIENCE = 5.0, 0.2, 30
"""Seconds, share of the time limit, and rounds without progress before a decomposition counts as stalled."""

MOVE = 1 / 10
"""The share of the allowed gap by which the bound or the best cost must move to count as progress."""


class Standstill:
    """The time and the rounds since the bound or the best cost of a decomposition last moved."""

    def __init__(self, gap: float, patience: float) -> None:
        """gap: relative. patience: the seconds without progress after which it may count as stalled."""
        self.step, self.patience = gap * MOVE, patience
        self.low, self.high, self.moved, self.rounds = -np.inf, np.inf, 0.0, 0

    def note(self, low: float, high: float, seconds: float, proven: bool = False) -> None:
        """Take note of the bound and the cost after a round. proven: whether the best plan is as good as was asked for; then no seconds are waited for more."""
        self.rounds += 1
        self.patience = 0.0 if proven else self.patience
        if low > self.low + self.step * abs(low) or high < self.high - self.step * abs(high):
            self.low, self.high, self.moved, self.rounds = max(low, self.low), min(high, self.high), seconds, 0

    def stalled(self, seconds: float) -> bool:
        """Return whether nothing has moved for long. A slow machine alone is no stall: some rounds must have passed, too."""
        return self.rounds >= ROUNDS_OF_PATIENCE and seconds - self.moved > self.patience


class StoppingCriteria:
    """The end of a decomposition. deadline: in the watch's seconds. reason: why it was stopped, once a grace was granted."""

    def __init__(self, watch: Watch, gap: float, time_limit: float) -> None:
        self.watch = watch
        self.deadline = min(watch.seconds + time_limit, watch.limit)
        self._patience = gap, max(LEAST_PATIENCE, PATIENCE * time_limit)
        self.begin_anew()
        self.reason = Stop.NONE

    def begin_anew(self) -> None:
        """Forget how long nothing has moved."""
        self.standstill = Standstill(*self._patience)

    @property
    def until(self) -> float:
        """The deadline in seconds of the epoch, which processes share."""
        return time.time() + self.deadline - self.watch.seconds

    @property
    def met(self) -> bool:
        """Whether to stop. Once a grace was granted, the clock alone counts."""
        if self.watch.seconds >= self.deadline:
            return True
        return not self.reason and (self.watch.stop or self.standstill.stalled(self.watch.seconds))

    def at_once(self, planned: bool) -> bool:
        """Return whether a round that is under way is to be broken off, because the solve was stopped by hand. planned: whether a plan is known.

        Without one the round is heard out, as the plan that is then put in order begins from it; unless nobody wants one any more.
        """
        return self.watch.abandoned or (planned and not self.reason and self.watch.stop)

    @property
    def stop(self) -> Stop:
        """Why the decomposition is stopped; Stop.NONE where it is not."""
        if self.reason or not self.met:
            return self.reason
        if self.watch.stop:
            return Stop.BY_HAND
        return Stop.BY_TIME if self.watch.seconds >= self.deadline else Stop.STALLED

    def note_timeout(self) -> None:
        """Bring the deadline forward to now, because a solve was broken off by a clock that was ahead of the watch's."""
        self.deadline = min(self.deadline, self.watch.seconds)

    def grant_grace(self) -> None:
        """Keep the reason for the stop, and move the deadline so that a plan can still be found and put in order."""
        self.reason = self.stop
        self.deadline = self.watch.seconds + self.watch.grace
