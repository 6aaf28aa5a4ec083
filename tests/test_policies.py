"""Simple rules on the same futures as the plan: what each of them does, by hand, and what it costs beside the plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support import case, need, offer, ore, settings

import optimizer
from optimizer.case import Case, Disruption
from optimizer.executors import Here
from optimizer.studies.living.kept_orders import FirstYear
from optimizer.studies.living.replay import RollingHorizon
from optimizer.studies.living.simple_rules import (
    FIRST_YEAR_SIGNS,
    LIKELIEST_SIGNS,
    NOTHING_SIGNED,
    PLAN_SIGNS,
    POLICIES,
    Policy,
    RuleHorizon,
    met_under_rules,
    policies,
    rules_of,
)

CALM, BAN = ((), (), ()), ((), (0,), (0,))


def threatened(**changes) -> Case:
    """Ten units a year for three years: at 1 from China, which a ban may stop, at 1.2 under an allied contract, short at 5. A unit is held for 0.5 a year."""
    return case(
        settings=settings(periods=3, scenario_method="sampled", scenarios=8, **changes),
        materials=(ore(holding_cost_per_year=0.5),),
        offers=(offer("China", bloc="chinese", capacity=40.0), offer("Ally", price=1.2, capacity=4.0, row=3, terms="contract", take_or_pay=1.0)),
        demand=(need(10.0, shortage_cost=5.0),),
        disruptions=(Disruption(2, "ban", 0.4, 36.0, 0.0, bloc=("chinese",)),),
    )


@pytest.fixture(scope="module")
def own() -> RollingHorizon:
    """The plan's own policy, prepared for a calm future and one with a ban from the second year on."""
    solution = optimizer.solve(threatened()).solution
    policy = RollingHorizon(solution, 20, 1)
    policy.prepare([CALM, BAN], met_under_rules(policy, [CALM, BAN]))
    return policy


def lived(own: RollingHorizon, rule: Policy) -> tuple[float, float, float]:
    """What a rule costs in the calm future and in that with a ban, and how short it is in the latter."""
    policy = RuleHorizon(own, rule)
    return policy.live(CALM).cost, policy.live(BAN).cost, policy.live(BAN).short["ore", "use"]


def test_who_signs_nothing_and_holds_nothing_by_hand(own):
    """Ten a year at 1 while that lasts; in the ban's two years all twenty are short at 5."""
    assert lived(own, Policy("x", "X", NOTHING_SIGNED)) == pytest.approx((30.0, 10.0 + 100.0, 20.0))


def test_days_of_stock_by_hand(own):
    """Half a year of demand, 5, is bought at 1 and held for 2.5 a year. In a ban it is kept as long as it serves the same demand later."""
    calm, banned, short = lived(own, Policy("x", "X", NOTHING_SIGNED, days=182.5))
    # Calm: 5 more are bought in the first year and held for three years' ends.
    assert calm == pytest.approx(35.0 + 3 * 2.5)
    assert (banned, short) == pytest.approx((15.0 + 2 * 2.5 + 15 * 5.0, 15.0))


def test_no_chinese_source_by_hand(own):
    """The allied contract of four a year is signed, though the most probable course has no ban: without China six a year are short at 5."""
    calm, banned, short = lived(own, Policy("x", "X", LIKELIEST_SIGNS, without="chinese"))
    assert (calm, banned, short) == pytest.approx((3 * (4 * 1.2 + 6 * 5.0),) * 2 + (18.0,))


def test_who_plans_for_the_most_probable_course_signs_what_it_needs(own):
    """Without a ban the contract is dearer than the spot market, so nothing is signed."""
    assert lived(own, Policy("x", "X", LIKELIEST_SIGNS)) == pytest.approx((30.0, 110.0, 20.0))


def test_the_plan_s_contracts_are_kept(own):
    """With the plan's contracts, the take-or-pay quantity comes in every future, and nothing is held against a ban."""
    signed = own.solution.x[own.solution.built.columns("contract").number]
    assert signed == pytest.approx([4.0])
    calm, banned, short = lived(own, Policy("x", "X", PLAN_SIGNS))
    assert (calm, banned, short) == pytest.approx((3 * (4.8 + 6.0), 10.8 + 2 * (4.8 + 30.0), 12.0))


def test_last_year_s_orders_are_repeated_whatever_happens(own):
    """The plan orders in its first year what is its own first period; every later year the same is ordered as far as it arrives and can be served."""
    first = FirstYear.of(own.solution)
    offers = own.solution.built.data.offers
    ordered = {(family, offers[s].supplier): float(quantity.sum()) for (family, s), quantity in first.quantity.items()}
    # Against the ban the plan buys ahead; 4 of the contract are called off every year, and what it costs follows from what is bought in the first.
    bought = ordered["spot", "China"]
    assert (
        ordered["call_off", "Ally"] == pytest.approx(4.0)
        and bought > 6.0
        and [offers[s].supplier for s in first.contracts] == ["Ally"]
        and first.projects == set()
    )
    calm, banned, short = lived(own, Policy("x", "X", FIRST_YEAR_SIGNS))
    # Calm: as much again is bought in each year, and what is not needed is held for half a year's price a unit and year.
    ahead = bought - 6.0
    assert calm == pytest.approx(3 * (4.8 + bought) + 0.5 * ahead * (1 + 2 + 3))
    # In a ban only the contract delivers, and what was bought ahead serves the next two years' twelve.
    used = min(ahead, 6.0)
    left = max(0.0, ahead - 6.0)
    assert short == pytest.approx(12.0 - used - min(left, 6.0))
    assert banned == pytest.approx(3 * 4.8 + bought + 0.5 * (ahead + left + max(0.0, left - 6.0)) + 5.0 * short)


def test_last_year_s_plan_signs_only_what_its_orders_need(own):
    """A contract from which nothing is called off in the first year is not signed, and a project that is ready after it is not started."""
    first = FirstYear.of(own.solution)
    built, known = own.solution.built, np.ones(len(own.solution.built.template.columns))
    kept = replace(first, contracts=frozenset(), projects=frozenset()).signed(built, known)
    families = np.array([family.name for family, _ in built.template.columns])
    assert (kept[np.isin(families, ["contract", "signed", "start", "start_if"])] == 0).all() and (kept[families == "spot"] == 1).all()
    assert (first.signed(built, known)[families == "contract"] == 1).all()


def test_within_one_year_there_is_no_last_year():
    """Where the horizon is one year, the rule is left out: nothing could be repeated."""
    plan = optimizer.solve(replace(threatened(), settings=replace(threatened().settings, periods=1)))
    assert FirstYear.of(plan.solution) is None and [rule.name for rule in rules_of(plan.solution)] == [r.name for r in POLICIES if r.name != "last_year"]
    assert len(rules_of(optimizer.solve(threatened()).solution)) == len(POLICIES)


def test_the_table_sets_every_rule_against_the_plan():
    """One row for the plan and one a rule; on the same futures no rule is cheaper than the plan by more than chance, and each is worded."""
    plan = optimizer.solve(threatened())
    told: list[float] = []
    table = policies(plan, lambda progress: told.append(progress.share or 0.0), futures=60, lived=6, executor=Here())["policies"]
    assert list(table["policy"]) == ["The plan", *(rule.title for rule in POLICIES)]
    assert np.isnan(table["more"][0]) and (table["more_high"][1:] >= 0).all()
    assert told == sorted(told) or told[-1] == 1.0
    spot = table.set_index("policy").loc["Spot market alone, no stock"]
    assert spot.more > 0 and "more than the plan" in spot.words
    assert spot.cost - table["cost"][0] == pytest.approx(spot.more, rel=0.05)


def test_listed_futures_cannot_be_drawn_and_a_plan_that_was_read_back_is_refused():
    """There is nothing to draw from a list; without the solver's arrays there is nothing to live through."""
    plan = optimizer.solve(threatened())
    with pytest.raises(ValueError, match="read back"):
        policies(replace(plan, solution=None))
