"""Solve a large tree by Benders decomposition on its trunk (Benders, 1962; the L-shaped method of Van Slyke & Wets, 1969).

The cutting planes converge on the relaxation first. Then branch and bound on the master proposes integer decisions, which are fixed while
the cutting planes converge again, until no better ones can exist. The answer carries a certificate: the master's value bounds every plan
from below, and the plan's own cost is the upper bound.
"""

from __future__ import annotations

import numpy as np

from optimizer.errors import NumericalError
from optimizer.executors import Executor, Here, Processes
from optimizer.solving.blocks import Parts
from optimizer.solving.branch_and_bound import TOLERANCE, BranchAndBound
from optimizer.solving.built import Built
from optimizer.solving.cutting_planes import CuttingPlanes
from optimizer.solving.decomposition import Decomposition, Incumbent, whole
from optimizer.solving.lagrangian import LagrangianBound, lagrangian_bound
from optimizer.solving.layout import LaidOutParts
from optimizer.solving.outcome import Outcome, OutOfTime, Status, Stop, within
from optimizer.solving.projection import nearest, satisfies
from optimizer.solving.watch import Watch

HURRIED_GAP = 0.02
"""The gap to which a plan converges that is made after the solve was stopped, in a grace of seconds."""

ROUNDING = 1e-6
"""The share of the allowed gap by which a proven plan may exceed it."""

WORTH_PROCESSES = 30_000
"""Rows from which the blocks are solved in processes of their own, each of which takes half a second to start."""


class Benders:
    """The decomposition of one case."""

    def __init__(self, built: Built, parts: Parts | LaidOutParts, watch: Watch, executor: Executor | None = None) -> None:
        """built, parts: as those of Decomposition. executor: None for one of its own."""
        self.own_executor = executor is None
        self.executor = executor or (Here() if parts.sizes.sum() < WORTH_PROCESSES else Processes())
        self.problem = Decomposition(built, parts, watch, self.executor)
        self.search = BranchAndBound(self.problem)
        self.last_point: np.ndarray | None = None
        self.carried_cuts = False

    def renew(self, built: Built, watch: Watch) -> None:
        """Take up another program with the same columns and rows: cuts that still hold, the last incumbent, and the leaves of the last search."""
        last, root, leaves = self.problem.incumbent, self.problem.root, self.search.leaves
        self.carried_cuts = self.problem.renew(built, Parts(built, built.arrays, self.problem.parts.block), watch)
        self.last_point = None if last is None else last.point
        same_root = all(map(np.array_equal, root, self.problem.root))
        self.search = BranchAndBound(self.problem, leaves if same_root and last is not None else [])

    def bound_of_master(self) -> float:
        """Return a bound on the cost of every plan, in the solver's units, from the cuts that are known alone, without asking a block; inf without a plan.

        Raises OutOfTime.
        """
        proposed = self.problem.master.propose(until=self.problem.stopping.until)
        return np.inf if proposed is None else proposed[1]

    def is_of_trunk(self, columns: np.ndarray, rows: np.ndarray) -> bool:
        """Return whether these columns and rows of the whole program belong to the trunk alone, so that all cuts hold whatever their bounds are."""
        trunk = self.problem.trunk
        return bool(np.isin(columns, trunk.columns).all() and np.isin(rows, trunk.rows).all())

    @property
    def knows_nothing(self) -> bool:
        """Whether neither a cut nor a point of an earlier program is there to begin from."""
        return not self.carried_cuts and self.last_point is None

    def first_point(self) -> np.ndarray | None:
        """Return the feasible point nearest to the last incumbent; None where the master knows cuts already, or no point is feasible."""
        p, point = self.problem, self.last_point
        if self.carried_cuts or point is None or satisfies(p.trunk, point):
            return None if self.carried_cuts else point
        is_implied = np.zeros(p.whole.width, dtype=bool)
        is_implied[: p.whole.own[0]] = p.built.program.column_template < 0
        return nearest(p.trunk, point, is_implied[p.trunk.columns], p.built.case.settings.seed, p.watch)

    def solve_from(self, start: np.ndarray | None) -> Outcome:
        """Return the best plan and the bound that certifies it. start: the first point, None for the master's optimum."""
        return self.outcome() if self.search_from(start) else Outcome(Status.INFEASIBLE)

    def search_from(self, start: np.ndarray | None, known: Incumbent | None = None) -> bool:
        """Look for the best plan. Return whether there may be one. start: the first point; known: a plan, whose point stands in for it."""
        p = self.problem
        relaxed = CuttingPlanes(p, p.gap, start=start, known=known).run()
        p.lower = relaxed.lower
        if relaxed.best is None and not p.stopping.met:
            return False
        if len(p.integers) and relaxed.best is not None:
            rounded = whole(relaxed.best.point[p.integers])
            bound = self.lagrangian_bound()
            # The decisions that were best before the program changed often still are.
            before = [] if self.last_point is None else [whole(self.last_point[p.integers])]
            for decisions in [*before, rounded if bound is None else bound.decisions]:
                if not p.proven:
                    self.search.fix(decisions)
            self.search.tighten_root(relaxed.cost)
            if bound is not None and not p.proven:
                for least, slope in bound.cuts:
                    p.master.bound_objective(least, slope)
            self.search.run()
            if p.incumbent is None and p.stopping.met and not p.watch.abandoned and p.sampled is None:
                self.find_any_plan(rounded)
        return True

    def lagrangian_bound(self) -> LagrangianBound | None:
        """Return the Lagrangian bound, noted as a bound on the cost of every plan; None where it is not worth its time, or the time is over."""
        p = self.problem
        if p.stopping.met or isinstance(p.parts, LaidOutParts):
            return None
        try:
            bound = lagrangian_bound(p, self.executor)
        except OutOfTime:
            p.stopping.note_timeout()
            return None
        if bound is not None:
            p.raise_lower(bound.least)
        return bound

    def find_any_plan(self, decisions: np.ndarray) -> None:
        """Fix integer decisions and converge for a short while: the solve was stopped before any plan was known."""
        p = self.problem
        p.stopping.grant_grace()
        p.bound_integers(decisions, decisions)
        CuttingPlanes(p, HURRIED_GAP).run()

    def close(self) -> None:
        """Let the workers go."""
        self.problem.pool.close()
        if self.own_executor:
            self.executor.close()

    # -- the answer ----------------------------------------------------------------------------------------------------

    def outcome(self) -> Outcome:
        """Return the incumbent as an answer to the whole program."""
        p = self.problem
        stopped = p.stopping.stop
        if p.incumbent is None:
            return Outcome(Status.NO_SOLUTION if stopped else Status.INFEASIBLE, stopped=stopped)
        x = p.joined(p.incumbent.point, p.incumbent.turn)
        proven = within(p.lower, p.upper, p.allowed * (1 + ROUNDING))
        return Outcome(
            Status.OPTIMAL if proven else Status.FEASIBLE,
            p.upper,
            min(p.lower, p.upper),
            x[: p.whole.own[0]],
            self.duals(p.incumbent.point) if proven else None,
            stopped=Stop.NONE if proven else stopped,
            iterations=p.rounds,
        )

    def duals(self, point: np.ndarray) -> np.ndarray | None:
        """Return the duals of the whole program's rows, with the integer decisions of a point fixed; None where they are not found, or not in time."""
        p = self.problem
        decisions = whole(point[p.integers])
        p.bound_integers(decisions, decisions)
        p.master.drop_objective_bounds()
        try:
            if self.search.nodes:
                # Cuts that hold here may have been dropped at other nodes of the search.
                CuttingPlanes(p, p.gap * TOLERANCE, start=point).run()
            if p.master.propose(until=p.stopping.until + p.watch.grace) is None:
                return None
        except (OutOfTime, NumericalError):
            return None  # the plan is known, and is not given up for its duals
        return p.duals()[: p.whole.own[1]]
