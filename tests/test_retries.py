"""Where the solver loses its way it is asked again in other ways, and says so where none of them helps."""

from __future__ import annotations

import time
from dataclasses import replace

import highspy
import numpy as np
import pytest
from random_cases import random_case

from optimizer.errors import NumericalError, SolverError
from optimizer.model.arrays import Arrays
from optimizer.solving import extensive
from optimizer.solving.built import build
from optimizer.solving.columnwise import model_of
from optimizer.solving.extensive import solve_built
from optimizer.solving.highs import Reoptimizer, Solver
from optimizer.solving.numerics import INTEGRALITY_TOLERANCE, TIGHT_INTEGRALITY
from optimizer.solving.options import RETRIES, UNSCALED
from optimizer.solving.outcome import OutOfTime, State, Status, Stop
from optimizer.solving.watch import Phase, Watch

LINEAR = Arrays(
    cost=np.array([1.0, 2.0]),
    lower=np.zeros(2),
    upper=np.array([2.0, np.inf]),
    integer=np.zeros(2, dtype=bool),
    row_lower=np.array([3.0]),
    row_upper=np.array([np.inf]),
    row=np.zeros(2, dtype=np.int32),
    column=np.arange(2, dtype=np.int32),
    value=np.ones(2),
)
"""Minimise x + 2y, 3 <= x + y, 0 <= x <= 2, y >= 0: 4 at (2, 1)."""

NAMES = sorted({name for options in RETRIES for name in options})


class Failing:
    """HiGHS, which fails a number of times before it does what it is asked. tried: the options in force at each run."""

    def __init__(self, highs: highspy.Highs, times: int, status: highspy.HighsStatus, model_status: highspy.HighsModelStatus) -> None:
        self.highs, self.times, self.status, self.model_status = highs, times, status, model_status
        self.tried: list[dict] = []

    def __getattr__(self, name):
        return getattr(self.highs, name)

    def options(self) -> dict:
        """Return the options that retries change, as they are."""
        return {name: self.highs.getOptionValue(name)[1] for name in NAMES}

    def run(self):
        self.tried.append(self.options())
        return self.status if len(self.tried) <= self.times else self.highs.run()

    def getModelStatus(self):
        return self.model_status if len(self.tried) <= self.times else self.highs.getModelStatus()


FAILURES = {
    "an error": (highspy.HighsStatus.kError, highspy.HighsModelStatus.kNotset),
    "an unknown status": (highspy.HighsStatus.kWarning, highspy.HighsModelStatus.kUnknown),
}


def failing(times: int, failure: str, options=None) -> tuple[Reoptimizer, Failing]:
    solver = Reoptimizer(model_of(LINEAR), options or {"presolve": "off", **UNSCALED})
    solver.highs = Failing(solver.highs, times, *FAILURES[failure])
    return solver, solver.highs


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("times", range(1, 5))
def test_a_part_that_is_lost_is_solved_by_a_later_retry(times, failure):
    """Each retry has options of its own, and afterwards the usual ones are in force again."""
    solver, highs = failing(times, failure)
    usual = highs.options()
    assert solver.rerun() == State.OPTIMAL and solver.objective == pytest.approx(4.0)
    assert len(highs.tried) == times + 1 and highs.options() == usual
    assert all(one != other for one, other in zip(highs.tried[1:], highs.tried[2:]))


@pytest.mark.parametrize("failure", FAILURES)
def test_a_part_that_no_retry_solves_is_a_numerical_error(failure):
    """The last retry is the interior point method; the usual options are in force again."""
    solver, highs = failing(99, failure)
    usual = highs.options()
    with pytest.raises(NumericalError):
        solver.rerun()
    # What the usual options are already is not tried again.
    assert len(highs.tried) == 1 + sum(not options or not options.items() <= solver.usual.items() for options in RETRIES)
    assert highs.tried[-1]["solver"] == "ipm" and highs.options() == usual


def test_no_retry_is_begun_after_the_time():
    """Once the time is over, that is said, and not that the program is lost."""
    solver, highs = failing(99, "an error")
    with pytest.raises(OutOfTime):
        solver.rerun(until=time.time() - 1)
    assert not highs.tried


def test_a_program_in_one_piece_is_retried_by_the_same_ladder():
    """What HiGHS calls unbounded or infeasible is solved again without presolve."""
    solver = Solver(LINEAR)
    solver.highs = Failing(solver.highs, 2, highspy.HighsStatus.kOk, highspy.HighsModelStatus.kUnboundedOrInfeasible)
    assert solver.solve().objective == pytest.approx(4.0)
    assert [tried["presolve"] for tried in solver.highs.tried] == ["choose", "choose", "off"]
    solver.highs = Failing(solver.highs.highs, 99, highspy.HighsStatus.kError, highspy.HighsModelStatus.kSolveError)
    with pytest.raises(SolverError, match="The solver failed"):
        solver.solve()


def test_what_slipped_through_an_almost_closed_switch_is_looked_for_again_more_strictly(monkeypatch):
    """Where the settled plan costs more than the solver claimed, the program is solved once more with a tight tolerance, and the better plan wins."""
    built = next(built for built in (build(random_case(seed)) for seed in range(200)) if built.mixed and solve_built(built, Watch()).status == Status.OPTIMAL)
    best = solve_built(built, Watch())
    monkeypatch.setattr(extensive, "doubtful", lambda answer: False)
    made, solve, begin = [], Solver.solve, Solver.__init__

    def look(self, arrays, **more):
        made.append(more.get("integrality"))
        begin(self, arrays, **more)

    def leaking(self, phase=Phase.SEARCH):
        """The first time, claim a tenth less than a plan that costs a tenth more than the best."""
        outcome = solve(self, phase)
        if len(made) == 1 and outcome.x is not None:
            factor = 0.9 if phase == Phase.SEARCH else 1.1
            return replace(outcome, objective=outcome.objective - (1 - factor) * abs(outcome.objective))
        return outcome

    monkeypatch.setattr(Solver, "__init__", look)
    monkeypatch.setattr(Solver, "solve", leaking)
    solution = solve_built(built, Watch())
    assert made[:2] == [INTEGRALITY_TOLERANCE, TIGHT_INTEGRALITY]
    assert solution.status == Status.OPTIMAL and solution.objective == pytest.approx(best.objective, rel=1e-6)
    assert solution.bound <= solution.objective


@pytest.mark.parametrize("stop, reason", [(lambda: True, Stop.BY_HAND), (lambda: False, Stop.BY_TIME)])
def test_an_interrupted_solve_says_by_whom(stop, reason):
    """Stopped inside the solver, by hand or by our clock, which HiGHS asks more often than its own."""
    built = build(random_case(11))
    watch = Watch(cancelled=stop, limit=np.inf if stop() else -1.0)
    outcome = Solver(built.arrays(), watch=watch, time_limit=np.inf).solve()
    assert outcome.stopped == reason and outcome.status in (Status.NO_SOLUTION, Status.FEASIBLE)
