"""Find the yes/no decisions that are as good as the best ones, up to a small share of their cost, by the search that has found these."""

from __future__ import annotations

import numpy as np

from optimizer.solving.branch_and_bound import BranchAndBound
from optimizer.solving.decomposition import whole
from optimizer.solving.outcome import OutOfTime

MOST_NODES = 500
"""Where the search takes more nodes it is given up: decisions that change nothing double the number of equally good ones each."""


class EquallyGood(BranchAndBound):
    """A search that goes on from where another has ended, for decisions that cost at most the share `room` more than the incumbent."""

    def __init__(self, ended: BranchAndBound, room: float) -> None:
        super().__init__(ended.problem, ended.leaves)
        self.tried, self.room = ended.tried, room

    @property
    def cut_off(self) -> float:
        p = self.problem
        return p.upper + self.room * abs(p.upper)

    def decisions(self) -> np.ndarray | None:
        """Return (n, integer columns) these decisions, those of the incumbent first; None where the time is over.

        Where they are too many to be told, the least and the largest of all stand for them. Decisions that the cuts do not exclude count as equally good:
        it takes a solve to tell what each costs.
        """
        p = self.problem
        assert p.incumbent is not None
        best = whole(p.incumbent.point[p.integers])
        lower, p.lower = p.lower, -np.inf  # a proven incumbent would end each step
        p.stopping.begin_anew()
        try:
            open_nodes, _ = self.first_nodes()
            while open_nodes:
                if p.stopping.met:
                    return None
                if self.nodes > MOST_NODES:
                    return np.stack(p.root)
                open_nodes += self.examine(open_nodes.pop(), self.nodes)
        except OutOfTime:
            return None
        finally:
            p.lower = lower
        found = [np.frombuffer(decisions) for decisions, bound in self.tried.items() if bound < self.cut_off]
        others = [decisions for decisions in found if not np.array_equal(decisions, best)]
        return np.array([best, *others])
