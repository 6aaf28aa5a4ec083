"""Which integer decision a search had best branch on: the one whose branchings have raised the bound most (Bénichou et al., 1971).

The search branches where it expects both children to rise: decisions on which the bound does not depend would only double its nodes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DOWN, UP = 0, 1
"""The sides of a branching: the decision is at most 0, or at least 1."""

LEAST_DISTANCE = 1e-3
"""The shortest way of a decision that tells anything: a rise divided by a shorter one would be mostly rounding."""

LEAST_RISE = 1e-6
"""The rise of the bound, as a cost in the solver's units, that a branching counts for at least: so the other side still decides between two."""


@dataclass(frozen=True, slots=True)
class Branch:
    """The integer decision that was bounded, on which side, and by how much that moves it from what the master proposed."""

    decision: int
    side: int
    distance: float


class PseudoCosts:
    """By how much branching on each of `count` decisions has raised the bound so far, for each unit that the decision was moved.

    total, times: of (side, decision).
    """

    def __init__(self, count: int) -> None:
        self.total, self.times = np.zeros((2, count)), np.zeros((2, count))

    def note(self, branch: Branch, rise: float) -> None:
        """Take note of by how much a branching has raised the bound; inf, where nothing is left on that side, tells no amount."""
        if np.isfinite(rise) and branch.distance > LEAST_DISTANCE:
            self.total[branch.side, branch.decision] += max(0.0, rise) / branch.distance
            self.times[branch.side, branch.decision] += 1

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Return the product of the rises that are expected of both children of each decision; of one not branched on yet, the mean of the others'."""
        times = self.times.sum(axis=1, keepdims=True)
        mean = np.where(times > 0, self.total.sum(axis=1, keepdims=True) / np.maximum(times, 1), 1.0)
        cost = np.where(self.times > 0, self.total / np.maximum(self.times, 1), mean)
        distance = np.stack([values, 1 - values])
        product: np.ndarray = np.maximum(cost * distance, LEAST_RISE * distance).prod(axis=0)
        return product
