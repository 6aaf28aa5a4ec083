"""Where only the worst futures count, the yes/no decisions of a decomposed case are compared by what they cost on average, too."""

from __future__ import annotations

from functools import lru_cache

import pytest
from large_cases import large_case

from optimizer.case import Case
from optimizer.solving import equally_good
from optimizer.solving.built import build
from optimizer.solving.decomposed import solve_decomposed
from optimizer.solving.decomposition import whole
from optimizer.solving.extensive import solve_extensive
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
    """As one program the second solve compares all of them; a decomposition knows which these are, and solves each."""
    found = solve_decomposed(build(case()), Watch())
    assert (found.cvar, found.expected_cost) == pytest.approx(least(), rel=1e-6)


def test_where_they_are_too_many_one_program_finds_them(monkeypatch):
    """Decisions that change nothing double their number each, so that they are not told one by one beyond a limit."""
    monkeypatch.setattr(equally_good, "MOST_NODES", 3)
    found = solve_decomposed(build(case()), Watch())
    assert (found.cvar, found.expected_cost) == pytest.approx(least(), rel=1e-6)


def test_without_the_comparison_the_plan_is_as_safe_and_dearer(monkeypatch):
    """That the first two tests can fail: the decisions that the decomposition ends with cost 5% more on average."""
    monkeypatch.setattr(equally_good.EquallyGood, "decisions", lambda self: whole(self.problem.incumbent.point[self.problem.integers])[None])
    found = solve_decomposed(build(case()), Watch())
    assert found.cvar == pytest.approx(least()[0], rel=2e-6) and found.expected_cost > 1.01 * least()[1]
