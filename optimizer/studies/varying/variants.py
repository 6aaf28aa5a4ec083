"""Solve variants of a plan's case one after the other, each from what the ones before have left, within a time that they share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.errors import InternalError
from optimizer.plan.audit import audit, require
from optimizer.plan.quantities import TAIL
from optimizer.plan.results import Results
from optimizer.solving.built import Built
from optimizer.solving.extensive import solve_built
from optimizer.solving.outcome import Status, relative_gap
from optimizer.solving.solution import Solution
from optimizer.solving.solve import solve_program
from optimizer.solving.warm_start import WarmStart
from optimizer.solving.watch import Phase, Progress, Stopped, Watch

NO_TIME = "there was no time for it"
NO_PLAN = "no plan keeps the limits"


@dataclass(frozen=True, slots=True)
class Figures:
    """What a solved variant comes to. Money in the case's currency, discounted.

    bound: the objective cannot be lower. beyond: what of the expected cost lies in the periods beyond the horizon. shortage_cost: expected. worst: the name
    of the dearest future. path_cost: future -> its cost. weights: future -> its probability. modal: the future of the reference path. contracts: offer's
    name -> quantity a year. projects: project -> when it starts, in words. kept: whether it was not solved, but all decisions of another variant were kept.
    """

    objective: float
    bound: float
    expected_cost: float
    cvar: float
    shortage_cost: float
    probability_of_shortage: float
    worst_cost: float
    worst: str
    path_cost: dict[str, float]
    weights: dict[str, float]
    modal: str
    contracts: dict[str, float]
    projects: dict[str, str]
    kept: bool = False
    beyond: float = 0.0

    @property
    def gap(self) -> float:
        """Return the distance of the objective from its bound, relative to the objective."""
        return relative_gap(self.objective, self.bound)


def figures_of(solution: Solution, results: Results | None = None) -> Figures:
    """Return what a solution with decisions comes to."""
    assert solution.path_cost is not None and solution.term_cost is not None
    results = results or Results(solution, Watch(limit=0))
    tree = solution.built.tree
    costs = {scenario.name: float(solution.path_cost[scenario.leaf]) for scenario in tree.scenarios}
    worst = max(costs, key=lambda name: costs[name])
    modal = next((scenario for scenario in tree.scenarios if scenario.leaf == tree.reference[-1]), None)
    return Figures(
        objective=solution.objective,
        bound=solution.bound,
        expected_cost=solution.expected_cost,
        beyond=Results(solution, Watch(limit=0), part=TAIL).expected_cost if len(solution.built.case.calendar.parts) > 1 else 0.0,
        cvar=solution.cvar,
        shortage_cost=float(solution.term_cost["shortage"] @ tree.probability) if "shortage" in solution.term_cost else 0.0,
        probability_of_shortage=results.probability_of_shortage,
        worst_cost=costs[worst],
        worst=worst,
        path_cost=costs,
        weights={scenario.name: scenario.probability for scenario in tree.scenarios},
        modal=modal.name if modal else "",
        contracts={_offer(row): float(row["per_year"]) for row in results.contracts()},
        projects={row["project"]: started for row in results.projects() if (started := _started(row))},
    )


def _offer(row: dict[str, Any]) -> str:
    return f"{row['supplier']}, {row['material']}" + (f" ({row['offer']})" if row["offer"] else "")


def _started(row: dict[str, Any]) -> str:
    """Say when a project starts; an empty text where it does not."""
    return str(row["start"]) if row["start"] is not None else f"once {row['if']} is in force" if row["if"] is not None else ""


class Variants:
    """Solves one variant after the other. seconds: what all of them may take. word: what a variant is called where progress is told.

    An exception that progress raises stops the solve that is under way and is raised from `solve`. Close it, so that its workers go.
    """

    def __init__(self, phase: Phase, word: str, count: int, progress: Callable[[Progress], None] | None, seconds: float, method: str = "auto") -> None:
        self.phase, self.word, self.count, self.progress, self.seconds, self.method = phase, word, count, progress, seconds, method
        self.warm_start, self.watch = WarmStart(), Watch()
        self.done = 0
        self.failure: BaseException | None = None

    def __enter__(self) -> Variants:
        return self

    def __exit__(self, *exception: object) -> None:
        self.warm_start.close()

    @property
    def left(self) -> float:
        """Return the seconds that are left."""
        return self.seconds - self.watch.seconds

    def solve(self, make: Callable[[Watch], Built], *, seconds: float = np.inf) -> Figures | str:
        """Return what the variant comes to whose program `make` lays out, or in words why it has no plan. seconds: of this one, at most.

        AuditError, SolverError: a mistake of this program that another way of solving it did not mend.
        """
        self.done += 1
        if self.progress:
            self.progress(self._state())
        limit = min(seconds, self.left)
        if limit <= 0:
            return NO_TIME
        watch = Watch(report=self._report, limit=limit)
        try:
            found = self._solved(make, watch)
        except Stopped:
            found = NO_TIME
        except BaseException as error:
            raise self.failure or error from None
        if watch.interrupted:
            raise KeyboardInterrupt
        if self.failure:
            raise self.failure
        return found

    def tell(self) -> None:
        """Tell progress where the study stands; it may raise."""
        if self.progress:
            self.progress(self._state())

    def _solved(self, make: Callable[[Watch], Built], watch: Watch) -> Figures | str:
        built = make(watch)
        try:
            return self._judged(solve_program(built, watch, method=self.method, warm_start=self.warm_start))
        except InternalError as error:
            # As in a solve of its own: before an answer is given up, it is looked for in another way.
            watch.tell(Phase.ANOTHER_WAY, f"another way: {type(error).__name__}")
            self.warm_start.forget()
            return self._judged(solve_built(built, watch, again=True, until=watch.limit))

    @staticmethod
    def _judged(solution: Solution) -> Figures | str:
        """Return the figures of a solution that the audit has passed. Raises AuditError."""
        if solution.decisions is None:
            return NO_PLAN if solution.status == Status.INFEASIBLE else NO_TIME
        results = Results(solution, Watch(limit=0))
        claimed = results.claimed()
        require(audit(solution.built.case, solution.built.tree, results.decisions, claimed))
        return figures_of(solution, results)

    def _state(self) -> Progress:
        return Progress(self.phase, self.watch.seconds, detail=f"{self.word}, {min(self.done, self.count)} of {self.count}")

    def _report(self, _: Progress) -> None:
        """Tell progress where the study stands. What it raises stops the solver, and is kept: the solver may end with another exception."""
        if self.failure is not None:
            raise self.failure
        try:
            self.tell()
        except BaseException as error:
            self.failure = error
            raise
