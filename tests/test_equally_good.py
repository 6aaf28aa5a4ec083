"""Where only the worst futures count, the yes/no decisions of a decomposed case are compared by what they cost on average, too."""

from __future__ import annotations

from functools import lru_cache
from itertools import count as count_from

import pytest
from large_cases import large_case

from optimizer.case import Case
from optimizer.errors import SolverError
from optimizer.solving import decomposed, equally_good
from optimizer.solving.built import build
from optimizer.solving.decomposed import solve_decomposed
from optimizer.solving.decomposition import whole
from optimizer.solving.extensive import solve_extensive
from optimizer.solving.highs import Solver
from optimizer.solving.outcome import Outcome, OutOfTime, Status
from optimizer.solving.watch import Phase, Watch


@lru_cache
def case() -> Case:
    """Return a case at risk_weight 1 in which sixteen choices of projects have the same CVaR, and cost 482 to 505 on average."""
    return large_case(74)


@lru_cache
def least() -> tuple[float, float]:
    """Return the least CVaR, and the least expected cost among the plans that have it, as one program finds them."""
    found = solve_extensive(case())
    return found.cvar, found.expected_cost


def test_the_cheapest_of_the_decisions_that_are_equally_good_are_found():
    """As one program the second solve compares all of them; a decomposition knows which these are, and solves the program with each."""
    found = solve_decomposed(build(case()), Watch())
    assert (found.cvar, found.expected_cost) == pytest.approx(least(), rel=1e-6)


@lru_cache
def alone() -> float:
    """Return the expected cost of the plan with the decisions that the decomposition ends with."""
    with pytest.MonkeyPatch.context() as patch:
        own = lambda search: (whole(search.problem.incumbent.point[search.problem.integers])[None], False)  # noqa: E731
        patch.setattr(equally_good.EquallyGood, "decisions", own)
        found = solve_decomposed(build(case()), Watch())
    assert found.cvar == pytest.approx(least()[0], rel=2e-6)
    return found.expected_cost


def test_without_the_comparison_the_plan_is_as_safe_and_dearer():
    """That the other tests can fail: the decisions that the decomposition ends with cost 5% more on average."""
    assert alone() > 1.01 * least()[1]


@pytest.mark.parametrize("error", [None, OutOfTime(), SolverError("The solver refused a change of its program.")])
def test_a_search_that_is_not_ended_leaves_the_plan_no_worse(error, monkeypatch):
    """Where there are too many decisions, the time is over or the solver fails, those are compared that are known, and the plan stays proven."""
    if error is None:
        monkeypatch.setattr(equally_good, "MOST_NODES", 6)
    else:
        examine, count = equally_good.EquallyGood.examine, count_from(1)

        def broken(self, node, made):
            if next(count) > 6:
                raise error
            return examine(self, node, made)

        monkeypatch.setattr(equally_good.EquallyGood, "examine", broken)
    found = solve_decomposed(build(case()), Watch())
    assert found.status == "optimal" and found.gap <= 2e-6
    assert found.cvar == pytest.approx(least()[0], rel=2e-6)
    assert least()[1] * (1 - 1e-6) <= found.expected_cost <= alone() * (1 + 1e-6)


@pytest.mark.parametrize("fails", [1, 3])
def test_where_a_least_cvar_is_not_found_none_is_claimed(fails, monkeypatch):
    """The exact CVaR of the first decisions, or of later ones, is not found in time: the bound stays that of the decomposition, and the plan is no worse."""
    attempt, asked = Solver.attempt, count_from(1)

    def short_of_time(self, phase):
        return Outcome(Status.NO_SOLUTION) if phase == Phase.CHECKING and next(asked) >= fails else attempt(self, phase)

    bounds, ended = [], decomposed._answer
    monkeypatch.setattr(decomposed, "_answer", lambda benders: bounds.append(ended(benders)) or bounds[-1])
    monkeypatch.setattr(Solver, "attempt", short_of_time)
    built = build(case())
    found = solve_decomposed(built, Watch())
    assert next(asked) > fails
    assert found.bound == pytest.approx(bounds[0][0].bound * built.scales.money, rel=1e-12) and found.bound <= least()[0]
    assert found.cvar == pytest.approx(least()[0], rel=2e-6)
    assert found.expected_cost <= alone() * (1 + 1e-6)
