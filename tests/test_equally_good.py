"""Where only the worst futures count, the yes/no decisions of a decomposed case are compared by what they cost on average, too."""

from __future__ import annotations

from functools import lru_cache
from itertools import count as count_from

import pytest
from large_cases import large_case

from optimizer.case import Case
from optimizer.errors import SolverError
from optimizer.solving import equally_good
from optimizer.solving.built import build
from optimizer.solving.decomposed import solve_decomposed
from optimizer.solving.decomposition import whole
from optimizer.solving.extensive import solve_extensive
from optimizer.solving.outcome import OutOfTime
from optimizer.solving.watch import Watch


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


def test_a_short_time_limit_costs_no_more_than_the_comparison():
    """With so little time that the comparison does not end, the plan is the cheapest one with its own decisions all the same."""
    averse = large_case(10).with_settings(risk_weight=1.0, cvar_level=0.9)
    short, usual = (solve_decomposed(build(averse.with_settings(time_limit_seconds=seconds)), Watch()) for seconds in (0.5, 300.0))
    assert short.cvar == pytest.approx(usual.cvar, rel=2e-6)
    assert short.expected_cost <= usual.expected_cost * 1.01
