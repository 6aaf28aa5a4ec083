"""Find the yes/no decisions that are as good as the best ones, up to a small share of their cost, by the search that has found these."""

from __future__ import annotations

import numpy as np

from optimizer.errors import SolverError
from optimizer.solving.branch_and_bound import BranchAndBound, Node
from optimizer.solving.decomposition import whole
from optimizer.solving.outcome import OutOfTime

MOST_NODES = 500
"""With more nodes the search is given up: each decision that changes nothing doubles the number of equally good ones."""

SHARE_OF_TIME = 1 / 4
"""The share of the time that is left which the search may take: more is needed for the plan that it is made for."""


class EquallyGood(BranchAndBound):
    """A search that goes on from where another has ended, for decisions that cost at most the share `room` more than the incumbent."""

    def __init__(self, ended: BranchAndBound, room: float) -> None:
        super().__init__(ended.problem, ended.leaves)
        self.tried, self.room = ended.tried, room

    @property
    def cut_off(self) -> float:
        p = self.problem
        return p.upper + self.room * max(1.0, abs(p.upper))

    def decisions(self) -> tuple[np.ndarray, bool]:
        """Return (n, integer columns) these decisions, those of the incumbent first, and whether there are no others.

        Decisions that the cuts do not exclude count as equally good: it takes a solve to tell what each costs. There may be others where the search was
        stopped, by hand, by the clock or because nothing moved; where it takes too many nodes; and where the solver fails.
        """
        p = self.problem
        assert p.incumbent is not None
        best = whole(p.incumbent.point[p.integers])
        p.stopping.begin_anew()
        p.stopping.standstill.patience = 0.0
        p.stopping.deadline = p.watch.seconds + SHARE_OF_TIME * (p.stopping.deadline - p.watch.seconds)
        p.beyond_proof = True
        open_nodes: list[Node] = []
        complete = False
        try:
            open_nodes, _ = self.first_nodes()
            while open_nodes and not p.stopping.met and self.nodes <= MOST_NODES:
                open_nodes += self.examine(open_nodes.pop(), self.nodes)
            complete = not open_nodes and not p.stopping.met
        except (OutOfTime, SolverError):
            pass
        finally:
            p.beyond_proof = False
        found = [np.frombuffer(decisions) for decisions, bound in self.tried.items() if bound < self.cut_off]
        return np.array([best, *(decisions for decisions in found if not np.array_equal(decisions, best))]), complete
