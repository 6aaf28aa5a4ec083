"""The cutting-plane method of Benders (1962): the master proposes decisions, the blocks answer with cuts, until bound and cost meet.

There is one cut for each block (Birge & Louveaux, 1988). The blocks are not asked at the master's optimum but at a point between it and
the best point known, the in-out point (Ben-Ameur & Neto, 2007), because the first optima of a master are far from any good plan. Of a large program
only the blocks whose costs are known least are asked in some of the steps (incremental bundle methods; Emiel & Sagastizábal, 2010).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.solving.decomposition import NO_EXCESS, Decomposition, Incumbent
from optimizer.solving.outcome import OutOfTime, within

IN_OUT = 0.5
"""The weight of the master's optimum in the in-out point; Ben-Ameur & Neto (2007) recommend 0.5 to 0.9. In benchmarks/speed.py 0.7 takes
a third more time with 32 materials, and as much with 8."""

FIRST_STEPS, FIRST_IN_OUT = 3, 0.2
"""The number of first steps after a given start, and the weight in them: the master still knows too little to be followed far."""

BELIEVED = 0.02
"""The share of the best cost that a step may promise to save. An optimum that promises more lies where the master knows nothing, and blocks of
thousands of rows take ten times as long there as near a good plan."""

STALLED_STEP = 1e-3
"""The share of the tolerance by which the master's value must rise; else the master's optimum itself is asked, which always makes progress."""


@dataclass(frozen=True, slots=True)
class Converged:
    """What a run of cutting planes has found under the present bounds of the integer decisions. best: a plan of that cost, if it is one.

    lower: a bound on the cost of every plan within these bounds, inf where there is none.
    """

    lower: float
    cost: float
    best: Incumbent | None


class CuttingPlanes:
    """One run of the cutting-plane method under the present bounds of the integer decisions.

    It ends once the best cost is within `tolerance` of the master's value, that value has reached `target`, or the incumbent is proven. floor: a
    bound on the cost of every plan of the program, for the reports. start: the first point; None for the master's optimum. known: a plan from whose
    point to begin.
    """

    def __init__(
        self,
        problem: Decomposition,
        tolerance: float,
        *,
        floor: float = -np.inf,
        target: float = np.inf,
        start: np.ndarray | None = None,
        known: Incumbent | None = None,
    ) -> None:
        self.problem, self.tolerance, self.floor, self.target, self.start = problem, tolerance, floor, target, start
        self.lower, self.cost, self.excess = -np.inf, np.inf, 0.0
        self.best: Incumbent | None = None
        self.point: np.ndarray | None = None
        self.weight, self.refinements = IN_OUT, problem.null_steps
        self.near_steps = FIRST_STEPS if start is not None or known is not None else 0
        if known is not None:
            self.best, self.point, self.cost = known, known.point, known.cost

    def run(self) -> Converged:
        """Step until the run ends, or the time is over."""
        try:
            while self.step():
                pass
        except OutOfTime:
            self.problem.stopping.note_timeout()
        is_plan = self.excess <= NO_EXCESS or not self.problem.fixed
        return Converged(self.lower, self.cost, self.best if is_plan else None)

    def step(self) -> bool:
        """Solve the master, ask the blocks at the in-out point and add their cuts. Return whether the run goes on. Raises OutOfTime."""
        if self.start is not None:
            point, self.start = self.start, None
        else:
            proposed = self.problem.master.propose(until=self.problem.stopping.until)
            if proposed is None:
                self.lower, self.cost, self.best = np.inf, np.inf, None
                return False
            optimum, value = proposed
            stalled = value <= self.lower + STALLED_STEP * self.tolerance * abs(value)
            self.lower = max(self.lower, value)
            if self.excess > NO_EXCESS and self.converged:
                self.raise_price()
            if self.converged or self.lower >= self.target or self.problem.proven or self.problem.stopping.met:
                return False
            if not stalled:
                self.drop_idle_cuts()
            point = self.in_out_point(optimum, value, stalled)
            if self.refinements > 0:
                self.refinements -= 1
                self.problem.refine(point)
                return True
        self.point, self.refinements = point, self.problem.null_steps
        self.note(point, self.problem.evaluate(point))
        return True

    @property
    def converged(self) -> bool:
        """Whether the best cost is within the tolerance of the master's value."""
        return within(self.lower, self.cost, self.tolerance)

    def raise_price(self) -> None:
        """Raise the price of excess, because the best that the present price allows exceeds an allocation and so is no plan.

        The best cost is forgotten: it was counted at the lower price, and would end the run.
        """
        self.problem.raise_price()
        self.cost, self.near_steps = np.inf, 0

    def drop_idle_cuts(self) -> None:
        """Drop idle cuts after the bound has risen; otherwise the same cuts would come and go for ever.

        Under fixed integer decisions none is dropped, because a cut that is idle under these decisions may be the one that excludes others.
        """
        if not self.problem.fixed or not len(self.problem.integers):
            self.problem.master.drop_idle_cuts()

    def in_out_point(self, optimum: np.ndarray, value: float, stalled: bool) -> np.ndarray:
        """Return a point between the master's optimum, of that value, and the best point; until there is one, the last point stands in for it."""
        weight = FIRST_IN_OUT if self.near_steps > 0 else IN_OUT
        if self.best is not None and self.problem.null_steps and (promised := self.cost - value) > 0:
            weight = min(weight, BELIEVED * abs(self.cost) / promised)
        self.weight = 1.0 if stalled and self.weight < 1.0 else weight
        self.near_steps -= 1
        inner = self.best.point if self.best is not None else self.point
        return optimum if inner is None else self.weight * optimum + (1 - self.weight) * inner

    def note(self, point: np.ndarray, cost: float) -> None:
        """Take note of the cost of a point, and report.

        While integer decisions are open a point is no plan and may cost less than any plan: it is no incumbent. Under restricted decisions
        the master's value bounds only the plans within the restriction, so that only `floor` bounds every plan.
        """
        p = self.problem
        if cost < self.cost:
            self.best, self.cost, self.excess = Incumbent(point, p.pool.turn, cost), cost, p.excess
            if cost < p.upper and p.fixed and self.excess <= NO_EXCESS:
                p.incumbent = self.best
        bound = self.floor if p.restricted else max(self.lower, self.floor)
        p.stopping.standstill.note(bound, p.upper if p.restricted else min(self.cost, p.upper), p.watch.seconds, p.enough)
        p.report(bound, p.upper)
