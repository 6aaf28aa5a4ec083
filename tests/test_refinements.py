"""A plan that is known outlives a solver that fails on what is asked of it afterwards."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from random_cases import random_case

import optimizer
from optimizer.errors import SolverError
from optimizer.solving.built import build
from optimizer.solving.decomposed import solve_decomposed
from optimizer.solving.equally_good import EquallyGood
from optimizer.solving.extensive import solve_extensive
from optimizer.solving.highs import Solver
from optimizer.solving.outcome import Status
from optimizer.solving.watch import Phase, Watch

REFINEMENTS = (Phase.MAGNITUDE, Phase.ROUNDING, Phase.LEAST_COST, Phase.LEAST_CONTRACTS, Phase.LEAST_ORDERS, Phase.UNAVOIDABLE)
SEEDS = range(60)


def case_of(seed: int):
    """A random case whose risk alone counts, so that the expected cost decides among plans of equal risk; in every third one shortages are very dear."""
    drawn = random_case(seed).with_settings(risk_weight=1.0, cvar_level=0.8)
    return drawn if seed % 3 else replace(drawn, demand=tuple(replace(row, shortage_cost=1e7 * row.shortage_cost) for row in drawn.demand))


def breaks_down(patch: pytest.MonkeyPatch, at: Phase | None) -> Counter:
    """Have the solver fail in one phase; count the solves of each phase from now on."""
    solve, asked = Solver.solve, Counter()

    def solved(self: Solver, phase: Phase = Phase.SEARCH):
        asked[phase] += 1
        if phase == at:
            raise SolverError("The solver broke down.")
        return solve(self, phase)

    patch.setattr(Solver, "solve", solved)
    return asked


@pytest.fixture(scope="module")
def asking():
    """Phase -> the seed of a case whose solve asks for it, and its plan."""
    found: dict[Phase, tuple] = {}
    for seed in SEEDS:
        with pytest.MonkeyPatch.context() as patch:
            asked = breaks_down(patch, None)
            try:
                plan = optimizer.solve(case_of(seed))
            except optimizer.errors.InfeasibleError:
                continue
        for phase in set(REFINEMENTS) & set(asked):
            found.setdefault(phase, (seed, plan))
        if len(found) == len(REFINEMENTS):
            break
    return found


@pytest.mark.parametrize("phase", REFINEMENTS)
def test_a_refinement_that_fails_leaves_the_plan(asking, monkeypatch, phase):
    """The plan has the same objective, was not looked for another way, and what could not be counted is not known."""
    seed, right = asking[phase]
    asked = breaks_down(monkeypatch, phase)
    plan = optimizer.solve(case_of(seed))
    assert asked[phase]
    assert plan.objective == pytest.approx(right.objective, rel=1e-5) and plan.status == right.status
    assert plan.provenance["method"] == right.provenance["method"]
    assert phase != Phase.UNAVOIDABLE or plan.unavoidable_shortage != plan.unavoidable_shortage


def test_a_decomposition_that_fails_on_the_expected_cost_keeps_the_plan_of_least_risk(monkeypatch):
    """The solve among the plans of least CVaR breaks down: the plan of the decomposition is the answer.

    Each of the decisions that are equally good is tried twice, within the room above the exact least CVaR and then above that of the plan.
    """
    built = next(built for built in map(build, map(case_of, SEEDS)) if built.risk_alone and solve_extensive(built.case).status == Status.OPTIMAL)
    right = solve_decomposed(built, Watch(), largest=2)
    asked, told, look = breaks_down(monkeypatch, Phase.LEAST_COST), [], EquallyGood.decisions

    def telling(self):
        told.append(look(self))
        return told[-1]

    monkeypatch.setattr(EquallyGood, "decisions", telling)
    found = solve_decomposed(built, Watch(), largest=2)
    ((decisions, complete),) = told
    assert complete and asked[Phase.LEAST_COST] == 2 * len(decisions)
    assert found.status == right.status == Status.OPTIMAL
    assert found.cvar == pytest.approx(right.cvar, rel=1e-4)
