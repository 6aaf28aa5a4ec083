"""Naive plans follow their rule to the letter, keep what no buyer can break, and say what they break."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from random_cases import random_case
from support import case, need, offer, ore, settings

import optimizer
from optimizer.case import BudgetRow, Disruption, Limit, Project, StockItem
from optimizer.errors import NoPlanError
from optimizer.plan import quantities
from optimizer.solving.extensive import solve_extensive
from optimizer.solving.watch import Watch
from optimizer.studies.naive_plans import NAIVE_RULES, cap_of, inherited_of, naive

DEARER = case(offers=(offer(price_growth=1.0),))
"""10 t a year for two years at 1, then at 2: the optimum buys all 20 t at once."""


def stock(plan) -> list[float]:
    return list(plan.tables["cover"]["quantity"])


def test_the_cheapest_source_rule_buys_each_period_what_it_needs():
    """10 t at 1 and 10 t at 2 where the optimum pays 20, and nothing is kept."""
    plan = naive(DEARER, "cheapest")
    assert optimizer.solve(DEARER).objective == pytest.approx(20.0)
    assert plan.expected_cost == plan.objective == pytest.approx(30.0)
    assert stock(plan) == pytest.approx([0.0, 0.0])
    assert plan.status == "optimal" and plan.case.settings.title == "Cheapest supplier, no stock: test"


def test_what_no_decision_avoids_is_taken_from_the_plan_beside_it(monkeypatch):
    """In half of the futures nothing can be bought in the second year, of which nothing can be kept: so it is under every plan, and is computed for one of
    them. A plan of another case, or of one in which a project may never start, tells a naive buyer nothing."""
    stop = Disruption(2, "stop", 0.0, 24, 0.0, decision_date=1, decision_probability=0.5)
    given = case(disruptions=(stop,), materials=(ore(storage_capacity=0.0),))
    best, apart = optimizer.solve(given), naive(given, "cheapest")
    assert best.unavoidable_shortage == apart.unavoidable_shortage == pytest.approx(0.5)
    asked = []
    monkeypatch.setattr(quantities, "unavoidable_shortage", lambda *args: asked.append(args))
    assert naive(given, "cheapest", beside=best).unavoidable_shortage == pytest.approx(0.5) and not asked
    never = replace(given, projects=(Project(2, "plant", 1.0, 0.0, decided="never"),))
    for other, plan in ((replace(given, demand=(need(9.0),)), best), (never, replace(best, case=never))):
        naive(other, "cheapest", beside=plan)
        assert asked.pop()


def test_what_is_inherited_may_be_used_up_but_not_bought_again():
    """Of 15 t inherited 5 are left after the first year; 5 more are bought for the second, at 2."""
    plan = naive(replace(DEARER, inventory=(StockItem(2, "ore", "allied", 15.0),)), "cheapest")
    assert stock(plan) == pytest.approx([5.0, 0.0])
    assert plan.expected_cost == pytest.approx(10.0)


@pytest.mark.parametrize(("rule", "days"), [("stock_60", 60.0), ("stock_180", 180.0)])
def test_a_stock_rule_keeps_its_days_and_no_more(rule, days):
    """So many days of 10 t a year are bought at once, at 1, and still there at the end; each year's 10 t are bought in it."""
    plan, kept = naive(DEARER, rule), 10.0 * days / 365
    assert stock(plan) == pytest.approx([kept, kept])
    assert plan.expected_cost == pytest.approx(10.0 + kept + 20.0)


def test_demand_comes_before_the_stock_that_the_rule_asks_for():
    """With 10 t a year to be had for a need of 10 there is nothing left to store, and nothing short."""
    plan = naive(case(offers=(offer(capacity=10.0),)), "stock_180")
    assert stock(plan) == pytest.approx([0.0, 0.0]) and plan.probability_of_shortage == 0


def test_nothing_is_signed_and_nothing_started():
    """A cheap contract and a cheap project stand by unused."""
    given = case(
        offers=(offer("spot", price=5.0), offer("contract", row=3, terms="contract"), offer("plant", row=4, project="plant")),
        projects=(Project(2, "plant", 1.0, 0.0),),
    )
    plan = naive(given, "cheapest")
    assert plan.tables["contracts"].empty and plan.tables["projects"]["start"].isna().all()
    assert plan.expected_cost == pytest.approx(100.0)
    assert set(plan.tables["orders"]["supplier"]) == {"spot"}


def test_budgets_are_kept_and_broken_limits_named():
    """A budget of 5 leaves 5 t short; a hard least stock is not met, and a warning says so by its name."""
    given = case(
        budget=(BudgetRow(2, 2027, 5.0),), limits=(Limit(2, "reserve", "stock_quantity", minimum=3.0),), inventory=(StockItem(2, "ore", "allied", 3.0),)
    )
    plan = naive(given, "cheapest")
    assert list(plan.tables["cover"]["short"]) == pytest.approx([2.0, 0.0])
    assert plan.warnings == () and [w.message for w in plan.all_warnings] == list(plan.broken_rules) and all(w.level == "warning" for w in plan.all_warnings)
    assert "Limit reserve" in plan.broken_rules[-1] and "2027" in " ".join(plan.broken_rules)


def test_limits_with_a_penalty_are_still_charged():
    """At most half of the need may be bought, else 3 a t: the rule buys all and pays 15 a year."""
    plan = naive(case(limits=(Limit(4, "licence", "purchase_to_demand", maximum=0.5, penalty=3.0),)), "cheapest")
    assert plan.expected_cost == pytest.approx(20.0 + 2 * 15.0)


def test_what_not_even_this_buyer_can_keep_is_infeasible():
    """A store too small for what is inherited, and more of it than is needed: no naive plan either."""
    given = case(materials=(ore(storage_capacity=1.0),), inventory=(StockItem(2, "ore", "allied", 50.0),))
    with pytest.raises(NoPlanError, match="inherited"):
        naive(given, "cheapest")


@pytest.mark.parametrize("first", range(0, 40, 10))
def test_on_random_cases_naive_is_never_better_and_never_over_its_cap(first):
    """Without hard limits and what is decided beforehand the optimum costs no more than any naive plan; stock stays within the rule at every node."""
    made = 0
    for seed in range(first, first + 10):
        given = random_case(seed).with_settings(risk_weight=0.0, mip_gap=0.0)
        free = replace(
            given,
            limits=tuple(row for row in given.limits if row.penalty is not None),
            demand=tuple(replace(row, minimum_fill_rate=None) for row in given.demand),
            offers=tuple(replace(row, fixed_contract=None) for row in given.offers),
            projects=tuple(replace(row, decided="open") for row in given.projects),
        )
        best = solve_extensive(free)
        for name, rule in NAIVE_RULES.items():
            try:
                plan = naive(given, name)
            except NoPlanError:
                continue
            made += 1
            built = plan.solution.built
            assert best.objective <= plan.expected_cost + 1e-6 * max(1.0, abs(best.objective)), f"seed {seed}, {name}"
            inherited = inherited_of(built, Watch())
            for material in built.data.materials:
                kept = sum((v for (g, _), v in plan.solution.decisions.stock.items() if g == material), np.zeros(built.tree.size))
                cap = cap_of(built, material, rule.days, inherited)
                assert (kept <= cap + 1e-6 * np.maximum(1.0, cap)).all(), f"seed {seed}, {name}: {material}"
    assert made > 15


def test_needs_and_prices_are_those_of_the_case():
    """The same futures with the same chances as the plan that it is set against, so that costs compare."""
    given = random_case(3)
    plan, other = naive(given, "cheapest"), solve_extensive(given)
    mine, theirs = plan.solution.built.tree, other.built.tree
    assert (mine.probability == theirs.probability).all() and mine.regimes == theirs.regimes and (mine.regime == theirs.regime).all()


def test_an_unknown_rule_is_refused():
    """A rule that is not declared is a KeyError."""
    with pytest.raises(KeyError):
        naive(case(demand=(need(),)), "hunch")


def test_risk_is_told_but_not_weighed():
    """A naive plan of a case with risk_weight 0.5 reports its CVaR beside an objective that is its expected cost."""
    plan = naive(case(settings=settings(risk_weight=0.5, cvar_level=0.5)), "cheapest")
    assert plan.objective == plan.expected_cost and plan.cvar >= plan.expected_cost


def test_stopped_at_once_it_is_stopped_and_not_infeasible():
    """A naive plan that is cancelled before it began ends as stopped."""
    with pytest.raises(NoPlanError):
        naive(DEARER, "cheapest", cancelled=lambda: True)
