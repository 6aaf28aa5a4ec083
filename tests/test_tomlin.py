"""Tomlin (2006), On the Value of Mitigation and Contingency Strategies for Managing Supply Chain Disruption Risks, as a theorem of this model.

One source is cheap and may be down, another is dearer and never is. For a stationary demand one of three pure strategies is best: hold stock and buy
from the cheap source, buy from the reliable source alone, or accept that demand goes short while the cheap source is down.
"""

from __future__ import annotations

import numpy as np
import pytest
from support import case, need, offer, ore, settings

import optimizer
from optimizer.case import Case, Disruption, ScenarioRow

# -- the long run: a published instance ------------------------------------------------------------------------------------

DEMAND, HOLDING, SHORTAGE = 2000.0, 0.25, 3.0
FAILS, RECOVERS = 0.04, 0.25
"""Snyder & Shen, Fundamentals of Supply Chain Theory (2nd ed.), example 9.3: the newsvendor with disruptions of a two-state Markov chain."""

MOST_DOWN = 60
"""The most periods since the source went down that are told apart; the probability of more of them is that of the last, and under 1e-8 in all."""

COST_AT = {2000: 3310.344828, 4000: 2913.793103, 6000: 2741.379310, 8000: 2737.068966, 10000: 2858.836207, 12000: 3075.161638}
"""Base stock -> its printed cost a period; that at 8,000 is 79,375/29 and the least."""

SWITCH = 1.36853
"""2737.069 / 2000: what a unit of the reliable source may cost more than one of the other, and no more, for it to be best."""


def since_down() -> list[float]:
    """The long-run probability that the source has been down for 0, 1, 2, ... periods."""
    chance = [RECOVERS / (FAILS + RECOVERS)]
    chance += [FAILS * chance[0] * (1 - RECOVERS) ** (n - 1) for n in range(1, MOST_DOWN)]
    return [*chance, 1 - sum(chance)]


def long_run(premium: float | None = None, shortage: float = SHORTAGE, least: float = 0.0, most: float = 1e6) -> Case:
    """One period of the long run: the stock is bought before it is known for how long the source has been down, n periods with their probability.

    The stock then meets the demand of n + 1 periods. A contract with the reliable source covers the demand of each of them or of none, at a premium
    per unit of a period's demand. least, most: of what is bought for the stock, if anything is.
    """
    chance, periods = since_down(), MOST_DOWN + 1
    reliable = offer(
        "reliable",
        price=0.0,
        capacity=periods * DEMAND,
        terms="contract",
        minimum_contract=periods * DEMAND,
        reservation_price=(premium or 0.0) / periods,
        contract_from=1,
        row=3,
    )
    unreliable = offer("unreliable", price=0.0, capacity=most, minimum_order=least, lead_time_months=12.0)
    down = {n: f"down for {n}" for n in range(periods)}
    return case(
        settings=settings(scenario_method="listed"),
        materials=(ore(holding_cost_per_year=HOLDING),),
        demand=(need(DEMAND, shortage, by_period={0: 0.0}),),
        offers=(unreliable,) if premium is None else (unreliable, reliable),
        # What the reliable source delivers adds up over the periods, as the demand does.
        disruptions=tuple(Disruption(n + 2, name, 0.0, 12.0, (n + 1) / periods, demand_multiplier=n + 1.0, supplier=("reliable",)) for n, name in down.items()),
        scenarios=tuple(ScenarioRow(n + 2, f"n = {n}", chance[n], disruption=name, starts=1, duration_months=12.0) for n, name in down.items()),
    )


def stocked(plan: optimizer.Plan) -> float:
    """What is bought for the stock."""
    return float(plan.tables["orders"]["spot"].sum())


def bought_reliably(plan: optimizer.Plan) -> bool:
    """Whether the contract with the reliable source is signed."""
    return bool(len(plan.tables["contracts"]))


def bisected(low: float, high: float, above, steps: int) -> float:
    """The number between two at which a statement, false at the lower and true at the higher one, becomes true."""
    assert not above(low) and above(high)
    for _ in range(steps):
        middle = (low + high) / 2
        low, high = (low, middle) if above(middle) else (middle, high)
    return (low + high) / 2


def test_the_newsvendor_with_disruptions_keeps_8000_at_2737_a_period():
    """The printed answer: a base stock of 8,000 at 2,737.069 a period."""
    plan = optimizer.solve(long_run())
    assert plan.objective == pytest.approx(COST_AT[8000], rel=1e-6)
    assert stocked(plan) == pytest.approx(8000, rel=1e-6)


@pytest.mark.parametrize("base_stock", COST_AT)
def test_a_base_stock_costs_what_is_printed(base_stock):
    """Where that much is bought or nothing, that much is, and the cost is the printed one of that base stock."""
    plan = optimizer.solve(long_run(least=float(base_stock), most=float(base_stock)))
    assert stocked(plan) == pytest.approx(base_stock, rel=1e-6) and plan.objective == pytest.approx(COST_AT[base_stock], rel=1e-6)


def test_the_reliable_source_is_best_up_to_a_premium_of_1_36853():
    """Below that premium the plan buys all from the reliable source and keeps nothing, above it keeps 8,000: the switch, by bisection, within 0.2%."""

    def stock_is_best(premium: float) -> bool:
        plan = optimizer.solve(long_run(premium))
        least = min(premium * DEMAND, COST_AT[8000])
        assert plan.objective == pytest.approx(least, rel=1e-6)
        # What an up period needs costs nothing to buy from either source in that period.
        assert stocked(plan) <= DEMAND + 0.1 if bought_reliably(plan) else stocked(plan) == pytest.approx(8000, rel=1e-6), "one strategy, no mixture"
        return not bought_reliably(plan)

    assert bisected(1.0, 2.0, stock_is_best, 8) == pytest.approx(SWITCH, rel=0.002)


def test_acceptance_is_best_where_the_shortage_cost_is_small():
    """Only what an up period needs is bought while p < h·beta/alpha = 0.25·0.25/0.04 = 1.5625: the critical ratio p/(p+h) is below beta/(alpha+beta).

    The reliable source is dearer than what is lost, 1.5625·0.55172 = 0.862 a unit, where the source is down for 0.04/(0.25·0.29) = 0.55172 periods on
    average. The cost is that of 2,000 units short in each of them.
    """
    down = FAILS / (RECOVERS * (FAILS + RECOVERS))
    premium = 0.95

    def something_is_kept(shortage: float) -> bool:
        plan = optimizer.solve(long_run(premium, shortage))
        assert not bought_reliably(plan)
        if stocked(plan) > DEMAND + 0.1:
            return True
        assert stocked(plan) == pytest.approx(DEMAND, rel=1e-6) and plan.objective == pytest.approx(shortage * DEMAND * down, rel=1e-4)
        return False

    assert bisected(1.2, 1.7, something_is_kept, 6) == pytest.approx(1.5625, rel=0.005)


def test_acceptance_gives_way_to_the_reliable_source_where_that_is_cheaper_than_what_is_lost():
    """At a premium of 0.5, below what stock costs, a unit bought reliably costs more than 0.55172 p, what is lost, while p < 0.90625 = 0.5/0.55172."""

    def reliable_is_best(shortage: float) -> bool:
        plan = optimizer.solve(long_run(0.5, shortage))
        assert stocked(plan) <= DEMAND + 0.1, "nothing is kept beyond what an up period needs"
        return bought_reliably(plan)

    assert bisected(0.8, 1.0, reliable_is_best, 5) == pytest.approx(0.90625, rel=0.005)


# -- the tree: period by period --------------------------------------------------------------------------------------------


def on_tree(premium: float | None, shortage: float, holding: float, fails: float, recovers: float, periods: int, demand: float = 100.0) -> Case:
    """Years of which each history is a future: the cheap source, at 1, fails and recovers; the contract with the other is paid for, taken or not."""
    reliable = offer("reliable", price=1.0 + (premium or 0.0), capacity=demand, terms="contract", take_or_pay=1.0, row=3)
    return case(
        settings=settings(periods=periods),
        materials=(ore(holding_cost_per_year=holding),),
        demand=(need(demand, shortage),),
        offers=(offer("unreliable", capacity=1e5), *(() if premium is None else (reliable,))),
        disruptions=(Disruption(2, "down", fails, 12.0 / recovers, 0.0, supplier=("unreliable",)),),
    )


def contracted(plan: optimizer.Plan) -> float:
    """The quantity under contract, a year."""
    return float(plan.tables["contracts"]["per_year"].sum())


def kept(plan: optimizer.Plan) -> float:
    """The largest stock of any future."""
    return float(plan.tables["scenario_stock"]["quantity"].max())


def test_stock_for_one_year_is_worth_as_much_as_a_premium_of_0_096667():
    """Three years, failing with 0.1, recovering with 0.5, purchase 1, holding 0.1, shortage 3, all a unit; by hand.

    Accepting costs 1 + (0.9 + 0.1·3) + (0.86 + 0.14·3) = 3.48. A unit kept over a year in which the source is up saves 0.1·(3 - 1) - 0.1 = 0.1, in the
    first and, with 0.9, the second year: 3.29. A second one would save 0.1·(0.5·3 + 0.5 - 0.1) + 0.9 - 1.1 = -0.01. Contracts cost 3·(1 + premium),
    which is less up to a premium of 0.29/3.
    """
    given = {"shortage": 3.0, "holding": 0.1, "fails": 0.1, "recovers": 0.5, "periods": 3}
    alone = optimizer.solve(on_tree(None, **given))
    assert alone.objective == pytest.approx(329.0) and kept(alone) == pytest.approx(100.0)
    cheap, dear = (optimizer.solve(on_tree(premium, **given)) for premium in (0.0966, 0.0967))
    assert contracted(cheap) == pytest.approx(100.0) and kept(cheap) == 0 and cheap.objective == pytest.approx(328.98)
    assert contracted(dear) == 0 and kept(dear) == pytest.approx(100.0) and dear.objective == pytest.approx(329.0)
    # A shortage of 2 is what stock costs: 1 + 0.1/0.1.
    assert kept(optimizer.solve(on_tree(None, **given | {"shortage": 1.99}))) == 0
    assert kept(optimizer.solve(on_tree(None, **given | {"shortage": 2.01}))) == pytest.approx(100.0)


@pytest.mark.parametrize("seed", range(6))
def test_exactly_one_pure_strategy_is_best_on_any_tree(seed):
    """For random costs and chances the contract is for all of the demand or none; stock is kept only beside none, and only above 1 + holding/fails.

    The switch is where a unit costs the same under contract as the plan without it, on average over the years.
    """
    random = np.random.default_rng(seed)
    fails, recovers, holding, periods = random.uniform(0.05, 0.3), random.uniform(0.2, 0.9), random.uniform(0.02, 0.3), 5
    threshold = 1 + holding / fails
    shortage = threshold * (random.uniform(1.2, 4.0) if seed % 2 else random.uniform(0.5, 0.95))
    given = {"shortage": shortage, "holding": holding, "fails": fails, "recovers": recovers, "periods": periods}
    without = optimizer.solve(on_tree(None, **given))
    assert (kept(without) > 0) == (shortage > threshold)
    switch = without.objective / (100.0 * periods) - 1
    for premium in (switch - 0.002, switch + 0.002):
        plan = optimizer.solve(on_tree(premium, **given))
        reliable = premium < switch
        assert contracted(plan) == pytest.approx(100.0 if reliable else 0.0, abs=1e-6)
        assert kept(plan) == (0 if reliable else pytest.approx(kept(without)))
        assert plan.objective == pytest.approx(min(without.objective, 100.0 * periods * (1 + premium)), rel=1e-6)
