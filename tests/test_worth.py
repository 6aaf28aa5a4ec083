"""What binds is worth what solving again with a little more of it saves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from random_cases import random_case
from support import case, need, offer, ore, settings
from test_benders import decomposable

import optimizer
from optimizer.case import BudgetRow, Limit, Project
from optimizer.plan.worth import all_worths
from optimizer.solving.bounds import bound_rows
from optimizer.solving.built import build
from optimizer.solving.decomposed import solve_decomposed
from optimizer.solving.extensive import solve_built
from optimizer.solving.highs import Solver
from optimizer.solving.watch import Watch


def worths(given) -> dict[tuple[str, int], tuple[float, str]]:
    """(sheet, row) -> worth and unit in the plan's table."""
    return {(r.sheet, r.row): (pytest.approx(r.worth), r.unit) for r in optimizer.solve(given).tables["binding"].itertuples()}


def test_a_budget_is_worth_what_it_lets_one_buy():
    """A budget of 5 buys 5 t at 1 for a need of 10 short at 100: one more USD saves 99, and the plan says so."""
    given = case(budget=(BudgetRow(3, 2027, 5.0),))
    assert worths(given) == {("Budget", 3): (99.0, "USD")}
    said = optimizer.solve(given).sentences["binds"]
    assert said[:2] == ["The 2027 budget of USD 5 is used up on the reference path.", "One more USD in the 2027 budget of 5 USD is worth USD 99."]
    assert "small changes" in said[-1] and "yes/no decisions" in said[-1]


def test_a_capacity_is_worth_what_it_serves_in_every_period():
    """6 t a year for a need of 10 in each of two years: one more t per year saves 99 twice."""
    assert worths(case(offers=(offer(capacity=6.0),))) == {("Suppliers", 2): (198.0, "t per year")}


def test_a_capacity_that_waits_for_a_project_counts_from_when_it_is_ready():
    """The project starts at once and takes a year, so that one more t per year serves the second year alone."""
    given = case(offers=(offer(capacity=6.0, project="plant"),), projects=(Project(2, "plant", 10.0, 12.0),))
    assert worths(given) == {("Suppliers", 2): (99.0, "t per year")}


def test_a_contract_at_capacity_is_worth_more_capacity():
    """A contract at 1 on 6 t a year beside spot at 3: one more t per year saves 2 in each of two years."""
    given = case(offers=(offer("A", capacity=6.0, terms="contract"), offer("B", price=3.0, row=3)))
    assert worths(given) == {("Suppliers", 2): (4.0, "t per year")}


def test_a_limit_with_a_penalty_is_worth_its_penalty():
    """Half of each year's need over the limit at 3 a t: one t more of limit in both years saves 6."""
    given = case(limits=(Limit(4, "licence", "purchase_to_demand", maximum=0.5, penalty=3.0),))
    assert worths(given) == {("Limits", 4): (6.0, "t")}
    assert "Loosening 'licence' (purchase_to_demand, maximum 0.5) for ore by 1 t saves USD 6." in optimizer.solve(given).sentences["binds"]


def test_what_is_not_used_up_does_not_bind():
    """With room everywhere the table is empty."""
    assert not worths(case(budget=(BudgetRow(3, 2027, 500.0),), materials=(ore(storage_capacity=50.0),)))


def test_with_all_weight_on_risk_the_worth_is_that_of_the_cvar():
    """At risk_weight 1 a budget is worth what it saves in the worst futures: here, where there is but one, the same."""
    given = case(settings=settings(risk_weight=1.0, cvar_level=0.5), demand=(need(),), budget=(BudgetRow(3, 2027, 5.0),))
    assert worths(given)["Budget", 3] == (99.0, "USD")


# -- against solving again -------------------------------------------------------------------------------------------------


def least(built, x, loosened: int | None = None, by: float = 0.0, found=None) -> float:
    """The least objective with the yes/no decisions of x and bound `loosened` given so much more; inf where there is none."""
    program = built.program
    upper, lower = program.row_upper.copy(), program.row_lower.copy()
    if loosened is not None:
        mine = found.bound == loosened
        np.add.at(upper, found.row[mine], by * found.effect[mine])
        np.add.at(lower, found.row[mine], np.where(np.isfinite(program.row_upper[found.row[mine]]), 0.0, -by * found.effect[mine]))
    solver = Solver(replace(built, program=replace(program, row_upper=upper, row_lower=lower)).arrays())
    solver.fix_integers(x)
    outcome = solver.solve()
    return outcome.objective * built.scales.money if outcome.x is not None else np.inf


def by_case(given, bound, by: float):
    """The case with `by` more in the workbook's own cell, for the bounds that are one number there."""

    def more(records, field):
        return tuple(replace(r, **{field: getattr(r, field) + by}) if r.row == bound.row else r for r in records)

    if bound.sheet == "Budget":
        return replace(given, budget=more(given.budget, "amount"))
    if bound.sheet == "Materials":
        return replace(given, materials=more(given.materials, bound.column))
    if bound.sheet == "Offer changes":
        return replace(given, offer_changes=more(given.offer_changes, bound.column))
    return replace(given, offers=more(given.offers, bound.column))


def check(solution, slack: float, name: str) -> int:
    """Every worth lies between what one step more saves and what one step less costs. The number that bind."""
    built, x = solution.built, solution.x / solution.built.scales.column
    now, binding = least(built, x), 0
    found = bound_rows(built, solution.decisions)
    room = slack * max(1.0, abs(now))
    for k, w in enumerate(all_worths(solution)):
        step = 0.02 * w.bound.size
        if w.bound.sheet in ("Budget", "Materials", "Suppliers", "Offer changes"):
            more, fewer = (least(build(by_case(built.case, w.bound, sign * step), tree=built.tree), x) for sign in (1, -1))
        else:
            more, fewer = (least(built, x, k, sign * step, found) for sign in (1, -1))
        assert now - more <= w.worth * step + room, f"{name}: one more of {w.bound.what} saves more than said"
        assert w.worth * step <= fewer - now + room, f"{name}: one less of {w.bound.what} costs less than said"
        binding += w.worth * step > 10 * room
    return binding


@pytest.mark.parametrize("first", range(0, 40, 10))
def test_worth_lies_between_the_differences_of_solving_again(first):
    """On random cases of every feature: one step more saves no more, one step less costs no less, cells changed in the case."""
    binding = 0
    for seed in range(first, first + 10):
        solution = solve_built(build(random_case(seed)), Watch())
        if solution.status == "optimal" and solution.row_dual is not None:
            binding += check(solution, 1e-6, f"seed {seed}")
    assert binding > 5


def test_worth_of_a_decomposed_plan_lies_between_the_differences():
    """The same where the tree is cut: the duals of trunk and blocks together are those of the whole."""
    binding = 0
    for seed in range(30):
        built = build(decomposable(seed, gap=1e-6))
        if built.tree.size > len(built.tree.reference):
            solution = solve_decomposed(built, Watch(), largest=1 + seed % 3)
            if solution.row_dual is not None:
                binding += check(solution, 3e-6, f"seed {seed}")
    assert binding > 10
