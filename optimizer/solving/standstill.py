"""When a decomposition gets nowhere."""

from __future__ import annotations

import numpy as np

LEAST_PATIENCE, PATIENCE, ROUNDS_OF_PATIENCE = 5.0, 0.2, 30
"""Seconds, share of the time limit, and rounds without progress before a decomposition counts as stalled."""


class Standstill:
    """When the bound or the best cost last moved by a tenth of the gap, so that a decomposition that gets nowhere is given up in time."""

    def __init__(self, gap: float, time_limit: float) -> None:
        """gap: relative. time_limit: seconds."""
        self.step, self.patience = gap / 10, max(LEAST_PATIENCE, PATIENCE * time_limit)
        self.low, self.high, self.moved, self.rounds = -np.inf, np.inf, 0.0, 0

    def note(self, low: float, high: float, seconds: float) -> None:
        """Take note of a bound and a cost after a round."""
        self.rounds += 1
        if low > self.low + self.step * abs(low) or high < self.high - self.step * abs(high):
            self.low, self.high, self.moved, self.rounds = max(low, self.low), min(high, self.high), seconds, 0

    def stalled(self, seconds: float) -> bool:
        """Whether nothing has moved for long. A slow machine alone is no stall: some rounds must have passed, too."""
        return self.rounds >= ROUNDS_OF_PATIENCE and seconds - self.moved > self.patience
