"""Living through what really happened: as on any rolling horizon where it was foreseen, and hand-solved where it was not."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest
from random_cases import random_case
from support import case, offer, ore, settings

from optimizer.case import Case, Disruption
from optimizer.model.data import CaseData
from optimizer.scenarios import choose_method
from optimizer.scenarios.exact import exact_paths
from optimizer.solving.solve import solve_case
from optimizer.solving.watch import Watch
from optimizer.studies.policies import Policy
from optimizer.studies.realised import Quote, RealisedData, RealisedHistory
from optimizer.studies.replay import Lived, RollingHorizon
from optimizer.studies.settling import Reality, RuleSettling, Settling

YEARS = ("2027", "2028", "2029")


def lived_through(drawn: Case, active: tuple[tuple[str, ...], ...], *quotes: Quote, rule: Policy | None = None) -> tuple[Settling, Lived]:
    """The plan's policy, or a rule's, and what a history costs it."""
    solution = solve_case(drawn, watch=Watch())
    history = RealisedHistory("test", dict(zip(drawn.calendar.labels, active, strict=True)), quotes)
    reality = Reality(RollingHorizon(solution, None, 1), history)
    policy = Settling(reality, None) if rule is None else RuleSettling(reality, rule)
    return policy, policy.live()


def two_sources(periods: int = 2, **changes) -> Case:
    """Ten units a year, at 1 from A, which can deliver 20, or at 1.5 from B; short at 100. A unit is held for 0.6 a year, so that none is."""
    return case(
        settings=settings(periods=periods),
        materials=(ore(holding_cost_per_year=0.6),),
        offers=(offer("A", bloc="chinese", capacity=20.0), offer("B", price=1.5, row=3)),
        **changes,
    )


def halved(**changes) -> Case:
    """The same for three years; a disruption that leaves A half of its capacity may begin, and then lasts."""
    return two_sources(3, disruptions=(Disruption(2, "cut", 0.1, 1200.0, 0.5, bloc=("chinese",)),), **changes)


CALM = ((), ())


# -- prices ----------------------------------------------------------------------------------------------------------------


def test_a_price_that_doubles_unexpectedly_is_paid_by_who_has_no_other_source():
    """Ten at 1 in the first year and, as A alone sells, ten at 2 in the second: 30."""
    alone = replace(two_sources(), offers=two_sources().offers[:1])
    policy, lived = lived_through(alone, CALM, Quote("2028", "A", "ore", price=2.0))
    assert lived.cost == pytest.approx(30.0) and lived.short == {("ore", "use"): 0.0} and not lived.broken
    assert sum(policy.hindsight(signed=True)[0].path_costs(policy.hindsight(signed=True)[1])[-1:]) == pytest.approx(10.0 + 10.0 * 1.6)


def test_a_price_that_doubles_unexpectedly_sends_the_buyer_to_another_source():
    """The price of the second year is seen when its orders are placed: ten of B at 1.5, 25 in all."""
    assert lived_through(two_sources(), CALM, Quote("2028", "A", "ore", price=2.0))[1].cost == pytest.approx(25.0)


def test_the_first_orders_are_placed_before_any_price_is_seen():
    """The plan orders ten of A in the first year and pays what they then cost, 3 each; in the second year, where 3 is expected to stay, it takes B."""
    assert lived_through(two_sources(), CALM, Quote("2027", "A", "ore", price=3.0))[1].cost == pytest.approx(30.0 + 15.0)


def test_a_price_is_expected_to_stay_where_it_was_seen():
    """At 3 in the second year and 1 in the third, a buyer who expects 3 buys ten of B in each, though waiting would have been worth nothing."""
    drawn = two_sources(3)
    data = RealisedData(drawn, ((),) * 3, RealisedHistory("x", {}, ()).by_offer(drawn), 1, 0)
    seen = RealisedData(drawn, ((),) * 3, {(0, 1): Quote("2028", "A", "ore", price=3.0)}, 1, 0)
    assert [data.spot_price(0, t, ()) for t in range(3)] == [1.0, 1.0, 1.0] and [seen.spot_price(0, t, ()) for t in range(3)] == [1.0, 3.0, 3.0]


# -- orders ----------------------------------------------------------------------------------------------------------------


def test_an_order_that_cannot_be_had_is_short():
    """Ten are ordered of A in the second year; nothing comes, and B is not asked in time: ten short at 100."""
    policy, lived = lived_through(two_sources(), CALM, Quote("2028", "A", "ore", available=0.0))
    assert lived.cost == pytest.approx(10.0 + 1000.0) and lived.short["ore", "use"] == pytest.approx(10.0)
    assert policy.cut == {1: {"ore": pytest.approx(10.0)}}


def test_an_order_is_cut_to_what_could_be_had():
    """A fifth of A's capacity of 20 comes: 4 of the ten ordered, 6 short."""
    policy, lived = lived_through(two_sources(), CALM, Quote("2028", "A", "ore", available=0.2))
    assert lived.cost == pytest.approx(14.0 + 600.0) and policy.cut[1]["ore"] == pytest.approx(6.0)


def test_the_first_order_can_be_cut_too():
    """Nothing comes in the first year: ten are short. In the second nothing is expected of A, though it would come: ten of B."""
    policy, lived = lived_through(two_sources(), CALM, Quote("2027", "A", "ore", available=0.0), Quote("2028", "A", "ore", available=1.0))
    assert lived.cost == pytest.approx(1000.0 + 15.0) and policy.cut == {0: {"ore": pytest.approx(10.0)}, 1: {"ore": 0.0}}


def test_more_than_was_believed_helps_nobody_who_did_not_order_it():
    """Of what was ordered all comes, and no more."""
    policy, lived = lived_through(two_sources(), CALM, Quote("2028", "A", "ore", available=5.0))
    assert lived.cost == pytest.approx(20.0) and policy.cut == {1: {"ore": 0.0}}


def test_a_contract_is_served_before_the_spot_market_and_pays_for_what_could_be_had():
    """Six a year are contracted at 0.9, taken or not, and four bought at 1; when 5 can be had, these are called off under the contract."""
    drawn = two_sources()
    both = replace(drawn.offers[0], terms="both", contract_price=0.9, take_or_pay=1.0)
    drawn = replace(drawn, offers=(replace(both, offer="c", terms="contract", capacity_per_year=6.0), replace(both, offer="s", terms="spot")))
    policy, lived = lived_through(drawn, CALM, Quote("2028", "A", "ore", available=0.5, offer="c"), Quote("2028", "A", "ore", available=0.1, offer="s"))
    # First year: 6 at 0.9 and 4 at 1. Second: 3 under the contract, of which no more is due, and 2 of the spot market's 20.
    assert lived.cost == pytest.approx(5.4 + 4.0 + 2.7 + 2.0 + 500.0) and policy.cut[1]["ore"] == pytest.approx(5.0)


def test_the_strength_of_a_disruption_is_believed_once_it_has_been_seen():
    """Half was believed to be left, 10; a tenth was, 2. The second year is 8 short; in the third the buyer asks A for 2 and B for 8."""
    policy, lived = lived_through(halved(), ((), ("cut",), ("cut",)), Quote("2028", "A", "ore", available=0.1), Quote("2029", "A", "ore", available=0.1))
    assert lived.cost == pytest.approx(10.0 + (2.0 + 800.0) + (2.0 + 8 * 1.5)) and policy.cut == {1: {"ore": pytest.approx(8.0)}}


def test_what_could_be_had_is_expected_again_under_the_same_strikes_alone():
    """A third could be had though nothing struck: that is expected while nothing strikes A; under the disruption what the case says. B is not struck."""
    quotes = {(s, 0): Quote("2027", "x", "ore", available=0.3) for s in (0, 1)}
    data = RealisedData(halved(), ((),) * 3, quotes, 0, 0)
    assert [data.availability(0, t, ()) for t in range(3)] == [0.3, 0.3, 0.3] and data.availability(0, 1, (0,)) == 0.5
    assert data.availability(1, 1, (0,)) == 0.3
    again = pickle.loads(pickle.dumps(data))
    assert again.availability(0, 1, ()) == 0.3 and again.like(data, 1) and not RealisedData(halved(), ((),) * 3, quotes, 0, -1).like(data, 0)


# -- as believed -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", (0, 40))
def test_what_happens_as_believed_costs_what_the_rolling_horizon_says(first):
    """Without a quote, and with quotes that say what the case says, a history costs what RollingHorizon.live gives for its path."""
    seen = 0
    for seed in range(first, first + 15):
        drawn = random_case(seed)
        if choose_method(drawn) == "listed" or not drawn.disruptions:
            continue
        solution = solve_case(drawn, watch=Watch())
        if solution.x is None or solution.built.tree.size > 40:
            continue
        seen += 1
        built = solution.built
        names, labels = [row.disruption for row in built.case.disruptions], built.case.calendar.labels
        path = tuple(max(exact_paths(built.case), key=lambda found: (len({*found[0]}), found[1]))[0])
        usual = RollingHorizon(solution, 5, 1)
        usual.prepare([path])
        data = CaseData(built.case)
        quotes = [
            Quote(label, o.supplier, o.material, data.spot_price(s, t, path[t]), data.availability(s, t, path[t]), o.offer)
            for t, label in enumerate(labels)
            for s, o in enumerate(built.case.offers)
        ]
        for told in ((), tuple(quotes)):
            history = RealisedHistory("test", {label: tuple(names[k] for k in regime) for label, regime in zip(labels, path)}, told)
            lived = Settling(Reality(RollingHorizon(solution, 5, 1), history), 5).live()
            assert lived.cost == pytest.approx(usual.live(path).cost, rel=1e-6, abs=1e-6), seed
            assert lived.broken == usual.live(path).broken
    assert seen
