"""On cases of 50 to 300 futures the decomposition finds what the extensive form finds, and never reports a bound above it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from large_cases import compared, large_case
from random_cases import seeds

import optimizer
from optimizer.intake.reader import read
from optimizer.solving.built import build
from optimizer.solving.decomposed import solve_decomposed
from optimizer.solving.solution import Solution
from optimizer.solving.solve import solve_case
from optimizer.solving.stopping import ROUNDS_OF_PATIENCE, Standstill
from optimizer.solving.watch import Watch

CASES = Path(__file__).resolve().parent / "cases" / "solver"


@pytest.mark.parametrize("first", seeds(40)[::10])
def test_decomposed_and_extensive_agree_and_every_bound_holds(first):
    """Projects, minimum contracts, budgets and limits together: same status, same objective, no reported bound above the optimum."""
    for seed in range(first, first + 10):
        found = compared(seed)
        assert found is None or not found.faults, f"seed {seed}: {found.faults}"


@cache
def stopped_early_whole() -> Solution:
    """The optimum, by the extensive form, of the case whose bound stood still: two tests compare to it."""
    return solve_case(read(CASES / "stops_early.xlsx").case, watch=Watch(), method="extensive")


def test_a_case_whose_bound_stood_still_is_proven():
    """Its cuts came and went in a circle; now the default method proves the decisions of the extensive form."""
    case = read(CASES / "stops_early.xlsx").case
    parts, whole = solve_case(case, watch=Watch()), stopped_early_whole()
    assert (parts.status, parts.stopped, parts.method) == ("optimal", "", "decomposed")
    assert parts.objective == pytest.approx(whole.objective, rel=case.settings.mip_gap)
    assert parts.decisions.start == whole.decisions.start and parts.bound <= whole.objective * (1 + 1e-9)


@pytest.mark.parametrize("name", ("decomposed_projects_budget", "projects_budget_default_method"))
def test_a_budget_for_projects_alone_is_kept_by_the_decomposition(name):
    """A budget row that holds one project's start is a bound on an integer column, which branching must not overwrite."""
    plan = optimizer.solve(CASES / f"{name}.xlsx", method="decomposed")
    assert plan.objective == pytest.approx(optimizer.solve(CASES / f"{name}.xlsx", method="extensive").objective, rel=plan.case.settings.mip_gap)


def test_what_stalls_goes_on_as_one_program(monkeypatch):
    """Where bound and plan stand still, the time left goes to the extensive form, from what is known; the method says so."""
    monkeypatch.setattr(Standstill, "stalled", lambda self, seconds: self.rounds >= 1)
    built = build(read(CASES / "stops_early.xlsx").case)
    parts, whole = solve_decomposed(built, Watch()), stopped_early_whole()
    assert (parts.status, parts.method, parts.stopped) == ("optimal", "decomposed, then as one program", "")
    assert parts.objective == pytest.approx(whole.objective, rel=built.case.settings.mip_gap)


def test_a_round_that_moves_nothing_is_counted_and_a_long_stand_is_a_stall():
    """Neither rounds alone nor time alone make a stall; a tenth of the gap is a move."""
    progress = Standstill(gap=0.01, patience=5.0)
    progress.note(100.0, 200.0, seconds=1.0)
    for k in range(ROUNDS_OF_PATIENCE - 1):
        progress.note(100.0 + 1e-6 * k, 200.0, seconds=2.0)
    assert not progress.stalled(100.0)
    progress.note(100.0, 200.0, seconds=3.0)
    assert progress.stalled(6.1) and not progress.stalled(5.9)
    progress.note(100.2, 200.0, seconds=7.0)
    assert not progress.stalled(100.0)


def test_once_the_plan_is_proven_no_seconds_are_waited_for_a_smaller_gap():
    """Beyond the gap that was asked for, rounds alone count: they end a search for a smaller one."""
    progress = Standstill(gap=1e-6, patience=60.0)
    for _ in range(ROUNDS_OF_PATIENCE + 1):
        progress.note(199.9, 200.0, seconds=1.0, proven=True)
    assert progress.stalled(1.1)


@pytest.mark.parametrize("seed", [29, 45])
def test_a_medium_case_with_decisions_is_solved_in_parts_and_as_exactly_as_in_one(seed):
    """A case of some 4,000 to 6,000 rows: whatever gap is asked for, cost and bound are those of the optimum to six digits, and a loose gap is kept."""
    case = large_case(seed).with_settings(mip_gap=0.01)
    parts, whole = solve_case(case), solve_case(case.with_settings(mip_gap=0.0), method="extensive")
    assert (parts.method, parts.status) == ("decomposed", "optimal")
    assert parts.objective == pytest.approx(whole.objective, rel=2e-6) and parts.bound == pytest.approx(whole.objective, rel=2e-6)


def test_a_search_for_a_smaller_gap_that_stands_still_has_proven_its_plan(monkeypatch):
    """Stopped between the gap that was asked for and the smaller one, the plan is optimal, and nothing goes on as one program."""
    monkeypatch.setattr(Standstill, "stalled", lambda self, seconds: self.patience == 0.0)
    parts = solve_case(large_case(11).with_settings(mip_gap=0.05))
    assert (parts.method, parts.status, parts.stopped) == ("decomposed", "optimal", "")
    assert 1e-6 < parts.gap <= 0.05
