"""Living through futures on a rolling horizon: as good as the plan where its tree is all there is, never better than foresight, hand-solved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from random_cases import random_case
from support import case, need, offer, ore, settings

from optimizer.case import Case, Disruption, Limit, StockItem
from optimizer.scenarios import choose_method
from optimizer.scenarios.exact import exact_paths
from optimizer.scenarios.sampled import unseen_paths
from optimizer.scenarios.tree import Regime
from optimizer.solving.solve import solve_case
from optimizer.solving.watch import Watch
from optimizer.studies.living.replay import Lived, RollingHorizon


def plain(seed: int) -> Case | None:
    """A random case with all its futures in its tree, solved to the optimum, without what holds on the reference path alone."""
    drawn = random_case(seed).with_settings(mip_gap=0.0)
    asked = any(offer.minimum_order > 0 for offer in drawn.offers) or any(row.holding == "reference path" for row in drawn.limits)
    # Thrift makes a demand smaller, which `owed` does not know.
    priced = any(row.minimum_fill_rate is not None for row in drawn.demand) and drawn.substitutes
    return None if asked or priced or choose_method(drawn) != "exact" or not drawn.disruptions else drawn


def weighed(policy: RollingHorizon, path: list[Regime], lived: Lived) -> float:
    """What one future adds to the objective: its cost, what is above the threshold of risk more, less what is short at the duals of fill rates."""
    solution = policy.solution
    settings, total = solution.built.case.settings, lived.cost
    if solution.built.risk is not None:
        threshold = solution.x[solution.built.risk.threshold]
        excess = max(0.0, total - threshold) / (1 - settings.cvar_level)
        total = (1 - settings.risk_weight) * total + settings.risk_weight * (threshold + excess)
    for row, dual in policy.price_of_row.items():
        _, (g, u, _) = solution.built.template.rows[row]
        needed = sum(policy.data.demand(g, u, t, regime) for t, regime in enumerate(path))
        total -= dual * (lived.short[g, u] - (1 - policy.data.demands[g, u].minimum_fill_rate) * needed)
    return total


@pytest.mark.parametrize("first", range(0, 120, 30))
def test_where_the_tree_is_all_there_is_the_policy_costs_what_the_plan_says(first):
    """Over all futures with their probabilities, deciding period by period has the plan's objective, and knowing each future costs no more."""
    seen = priced = 0
    for seed in range(first, first + 30):
        drawn = plain(seed)
        solution = solve_case(drawn, watch=Watch()) if drawn is not None else None
        if solution is None or solution.x is None or solution.built.tree.size > 60:
            continue
        seen += 1
        paths = exact_paths(solution.built.case)
        policy = RollingHorizon(solution, None, 1)
        policy.prepare(path for path, _, _ in paths)
        lived, foreseen = (np.array([weighed(policy, path, do(path)) for path, _, _ in paths]) for do in (policy.live, policy.foresee))
        size = abs(solution.path_cost).max() + 1
        assert sum(p * value for (_, p, _), value in zip(paths, lived)) == pytest.approx(solution.objective, abs=1e-5 * size), seed
        assert (foreseen <= lived + 1e-6 * size).all(), seed
        priced += any(abs(dual) > 1e-6 for dual in policy.price_of_row.values())
    # A fill rate that binds is among the first of them.
    assert seen and (priced or first)


def banned(**changes) -> Case:
    """Ten units a year at 1, which a ban on the only source may stop for the second year, with stock to be held at 0.1 a year."""
    return case(
        materials=(ore(holding_cost_per_year=0.1),),
        offers=(offer(bloc="chinese", capacity=20.0),),
        demand=(need(10.0, shortage_cost=2.0),),
        disruptions=(Disruption(2, "ban", 0.5, 12.0, 0.0, bloc=("chinese",)),),
        **changes,
    )


def test_by_hand():
    """At a chance of one half it pays to hold 10 for the second year: 20 + 0.1·10 in either future. Who knows that no ban comes still holds them by then."""
    solution = solve_case(banned(), watch=Watch())
    policy = RollingHorizon(solution, 10, 1)
    calm, ban = ((), ()), ((), (0,))
    policy.prepare([calm, ban])
    for path in (calm, ban):
        assert policy.live(path).cost == pytest.approx(21.0) and policy.foresee(path).cost == pytest.approx(21.0)
        assert policy.live(path).short == {("ore", "use"): 0.0} and not policy.live(path).broken
    assert sum(policy.live(calm).costs.values()) == policy.live(calm).cost and policy.live(calm).costs["storage"] == pytest.approx(1.0)


def test_a_limit_that_no_decision_can_keep_is_broken_as_little_as_possible_and_said():
    """Half of the stock perishes each year, 15 are to be held. A plan for a future without a ban has 10 left in one: short of all it needs, it misses 5."""
    drawn = banned(
        settings=settings(scenario_method="sampled", scenarios=1),
        limits=(Limit(2, "reserve", "stock_quantity", minimum=15.0, holds="everywhere"),),
        inventory=(StockItem(2, "ore", "allied", 20.0),),
    )
    drawn = replace(drawn, materials=(ore(annual_loss=0.5),))
    solution = solve_case(drawn, watch=Watch())
    policy = RollingHorizon(solution, 1, 1)
    calm, ban = ((), ()), ((), (0,))
    policy.prepare([calm, ban])
    assert policy.live(calm).cost == pytest.approx(solution.expected_cost) and not policy.live(calm).broken
    hit = policy.live(ban)
    assert [t for t, _ in hit.broken] == [1] and hit.short[("ore", "use")] == pytest.approx(10.0)


def test_an_order_beyond_what_can_be_taken_is_taken_as_far_as_it_can_be_and_said():
    """Twenty were filed in the first year of an offer whose market gives ten: in the second the ten are taken, and the rest of the order is said to fail."""
    later = offer(bloc="chinese", capacity=20.0, spot_limit_per_year=10.0, lead_time_months=12.0, ships_after_months=12.0)
    solution = solve_case(replace(banned(), offers=(later,)), watch=Watch())
    policy = RollingHorizon(solution, 10, 1)
    calm = ((), ())
    policy.prepare([calm])
    assert not policy.live(calm).broken
    again = RollingHorizon(solution, 10, 1)
    again.prepare([calm])
    filed = [k for k, (family, _) in enumerate(solution.built.template.columns) if family.name in ("filed", "due")]
    assert filed
    again.planned[filed] = 20.0
    assert again.live(calm).broken == ((1, "firm_orders"),)
    assert again.live(calm).short["ore", "use"] == pytest.approx(policy.live(calm).short["ore", "use"])


def test_a_future_that_was_not_prepared_for_is_refused_with_a_sentence():
    """What may be met must be known before the template is compiled."""
    policy = RollingHorizon(solve_case(banned(), watch=Watch()), 10, 1)
    with pytest.raises(ValueError, match="prepare"):
        policy.live(((), (0,)))
    with pytest.raises(ValueError, match="prepare"):
        policy.foresee(((), (0,)))


def test_unseen_futures_follow_the_process():
    """A disruption that begins with a chance of one half a year is active in the second year in about half of 2,000 futures, and each seed has its own."""
    drawn = banned()
    share = np.mean([path[1] == (0,) for path in unseen_paths(drawn, 2000, 1)])
    assert share == pytest.approx(0.5, abs=0.05)
    assert unseen_paths(drawn, 50, 1) == unseen_paths(drawn, 50, 1) != unseen_paths(drawn, 50, 2)


def test_where_risk_alone_counts_the_cheapest_of_equal_risk_is_taken():
    """Two are held for a ban. Without it the second year's eight cost less than the worst future whatever is bought: six at 1 and two at 1.2, no more."""
    drawn = case(
        settings=settings(risk_weight=1.0, cvar_level=0.9),
        materials=(ore(holding_cost_per_year=5.0),),
        offers=(
            offer("A", price=1.0, capacity=6.0, bloc="chinese"),
            offer("B", price=1.2, capacity=6.0, bloc="chinese", row=3),
            offer("C", price=9.0, capacity=1000.0, row=4),
        ),
        disruptions=(Disruption(2, "ban", 0.3, 12.0, 0.0, bloc=("chinese",)),),
    )
    policy = RollingHorizon(solve_case(drawn, watch=Watch()), None, 1)
    calm = ((), ())
    policy.prepare([calm])
    assert policy.live(calm).cost == pytest.approx((6 + 6 * 1.2 + 2 * 5) + (6 + 2 * 1.2), rel=1e-4)
