"""The backtest: as on any rolling horizon where what happened was believed, hand-solved where it was not, and the two histories that come with it."""

from __future__ import annotations

import datetime as dt
import pickle
import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from random_cases import random_case
from support import case, need, offer, ore, settings

import optimizer
from optimizer.case import BudgetRow, Case, Disruption, Project, ScenarioRow, StockItem
from optimizer.model.data import CaseData
from optimizer.scenarios import choose_method
from optimizer.scenarios.exact import exact_paths
from optimizer.scenarios.sampled import unseen_paths
from optimizer.solving.built import Built
from optimizer.solving.solve import solve_case
from optimizer.solving.watch import Phase, Watch
from optimizer.studies.living.backtesting import FORESIGHT, FORESIGHT_SIGNED, RULES, TABLES, THE_PLAN, backtest
from optimizer.studies.living.realised import Quote, RealisedData, RealisedHistory, read_beliefs, read_history, updated
from optimizer.studies.living.replay import Lived, RollingHorizon
from optimizer.studies.living.settling import Reality, RuleSettling, Settling
from optimizer.studies.living.simple_rules import NOTHING_SIGNED, Policy

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


def test_a_price_is_expected_to_stay_off_by_the_ratio_that_was_seen():
    """Seen at 3 in the second year in place of 1.1, it is expected at 3 and its growth of a tenth in the third; in the first it was as the case says."""
    drawn = replace(two_sources(3), offers=(offer("A", price_growth=0.1),))
    quotes = {(0, 1): Quote("2028", "A", "ore", price=3.0)}
    for priced, expected in ((0, [1.0, 1.1, 1.21]), (1, [1.0, 3.0, 3.3])):
        data = RealisedData(drawn, ((),) * 3, quotes, priced, -1)
        assert [data.spot_price(0, t, ()) for t in range(3)] == pytest.approx(expected)


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


def test_under_one_offer_the_contract_is_served_before_the_spot_market():
    """Eight of the spot market at 1 and two of a contract of six at 1.05; when five can be had, these are the contract's two and three of the others."""
    drawn = two_sources()
    both = replace(drawn.offers[0], capacity_per_year=10.0, spot_limit_per_year=8.0, terms="both", contract_price=1.05, minimum_contract=6.0)
    _, lived = lived_through(replace(drawn, offers=(both,)), CALM, Quote("2028", "A", "ore", available=0.5))
    assert lived.cost == pytest.approx((8.0 + 2.1) + (3.0 + 2.1) + 500.0)


def test_what_leaves_some_time_after_its_order_is_held_back_and_not_cut():
    """Ten are ordered in the first year and due in the second, in which six can be had: four are short, though the order stands."""
    later = offer("A", bloc="chinese", capacity=20.0, lead_time_months=12.0, ships_after_months=12.0)
    drawn = replace(two_sources(), offers=(later,), inventory=(StockItem(2, "ore", "chinese", 10.0),))
    policy, lived = lived_through(drawn, CALM, Quote("2028", "A", "ore", available=0.3))
    assert lived.cost == pytest.approx(6.0 + 400.0) and policy.cut[1] == {"ore": 0.0}


def test_a_store_that_overflows_because_an_order_was_cut_is_said():
    """Ten of raw ore lie in a store for ten and ten more are bought before they are dear; then no mill takes the first ten."""
    drawn = case(
        materials=(ore("raw", storage_capacity=10.0), ore("ore", row=3, holding_cost_per_year=5.0)),
        offers=(offer("A", "raw", price_growth=9.0), offer("Mill", "ore", input_material="raw", input_per_unit=1.0, row=3)),
        inventory=(StockItem(2, "raw", "allied", 10.0),),
    )
    policy, lived = lived_through(drawn, CALM, Quote("2027", "Mill", "ore", available=0.0), Quote("2028", "Mill", "ore", available=1.0))
    assert lived.broken == ((0, "storage"), (1, "storage")) and policy.cut[0] == {"raw": 0.0, "ore": pytest.approx(10.0)}
    # Ten of raw at 1; ten short in the first year; in the second the mill is believed to be closed as it was, and not asked.
    assert lived.cost == pytest.approx(10.0 + 1000.0 + 1000.0)


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
    # Of an offer that was not yet available nothing could be had, which says nothing about later.
    drawn = halved()
    late = replace(drawn, offers=(replace(drawn.offers[0], available_from=1), drawn.offers[1]))
    closed = RealisedData(late, ((),) * 3, {(0, 0): Quote("2027", "A", "ore", available=0.0)}, 0, 0)
    assert [closed.availability(0, t, ()) for t in range(3)] == [0.0, 1.0, 1.0]
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


@pytest.mark.parametrize("first", (0, 12))
def test_whatever_happens_rows_hold_and_hindsight_costs_no_more(first):
    """With prices and deliveries drawn at random, all rows hold in what happened but those said to be broken; knowing it all costs no more than any policy."""
    seen = cut = 0
    for seed in range(first, first + 12):
        drawn = random_case(seed)
        if choose_method(drawn) == "listed":
            continue
        solution = solve_case(drawn, watch=Watch())
        if solution.x is None or solution.built.tree.size > 60:
            continue
        seen += 1
        reality = Reality(RollingHorizon(solution, 3, 1), drawn_history(solution.built.case, seed), 5.0)
        plan, rule = Settling(reality, 3), RuleSettling(reality, next(rule for rule in RULES if rule.days))
        known = plan.hindsight(signed=True)
        for policy in (plan, rule):
            built, x, broken = policy.outcome()
            assert not_held(built, x) <= {name for _, name in broken}, seed
            assert all(quantity >= 0 for materials in policy.cut.values() for quantity in materials.values())
            cut += sum(quantity > 1e-6 for materials in policy.cut.values() for quantity in materials.values())
        priced = any(row.minimum_fill_rate is not None for row in drawn.demand)
        if not plan.outcome()[2] and not known[2] and not priced:
            lived = plan.live().cost
            assert sum(cost.sum() for cost in known[0].costs(known[1]).values()) <= lived + 1e-5 * (1 + abs(lived)), seed
    assert seen > 5 and cut > 5


def drawn_history(drawn: Case, seed: int) -> RealisedHistory:
    """A path of the case's own process, with prices from a half to five times and deliveries from nothing to half as much again."""
    random, data = np.random.default_rng(seed), CaseData(drawn)
    path = unseen_paths(drawn, 1, seed)[0] if drawn.disruptions else [()] * drawn.settings.periods
    names, labels = [row.disruption for row in drawn.disruptions], drawn.calendar.labels
    quotes = [
        Quote(
            label,
            row.supplier,
            row.material,
            float(data.spot_price(s, t, path[t]) * random.choice([0.5, 1, 2, 5])) if random.random() < 0.6 else None,
            float(random.choice([0, 0.1, 0.5, 1, 1.5])) if random.random() < 0.6 else None,
            row.offer,
        )
        for t, label in enumerate(labels)
        for s, row in enumerate(drawn.offers)
    ]
    return RealisedHistory("drawn", {label: tuple(names[k] for k in regime) for label, regime in zip(labels, path)}, tuple(quotes))


def not_held(built: Built, x: np.ndarray) -> set[str]:
    """The families of rows that do not hold, but for those that speak of other paths or of whole lots, and of risk, which the decisions do not hold."""
    program, scale = built.program, 1e-4 * built.scales.row
    value = np.bincount(program.row, program.value * x[program.column], minlength=program.rows)
    names = np.array([family.name for family, _ in built.template.rows] + ["risk"])[program.row_template]
    off = (value < program.row_lower - scale) | (value > program.row_upper + scale)
    return set(names[off]) - {"risk", "fill_rate", "minimum_order", "order_switch"}


# -- rules, beliefs, tables ------------------------------------------------------------------------------------------------


def test_a_rule_s_stock_helps_where_an_order_cannot_be_had():
    """Half a year of demand, 5, is held from the first year on at 0.6 each. When nothing comes in the second year, 5 are short instead of ten."""
    rule = Policy("x", "X", NOTHING_SIGNED, days=182.5)
    policy, lived = lived_through(two_sources(), CALM, Quote("2028", "A", "ore", available=0.0), rule=rule)
    assert lived.cost == pytest.approx(15.0 + 3.0 + 500.0) and policy.cut[1]["ore"] == pytest.approx(10.0)


def test_a_rule_s_first_orders_are_placed_before_any_price_is_seen():
    """As the plan's: ten of A, which then costs 3, and in the second year ten of B."""
    rule = Policy("x", "X", NOTHING_SIGNED)
    assert lived_through(two_sources(), CALM, Quote("2027", "A", "ore", price=3.0), rule=rule)[1].cost == pytest.approx(30.0 + 15.0)


def test_who_knew_it_all_may_sign_other_contracts_than_the_plan():
    """Nothing of A can be had in the second year. With the plan's contracts, none, ten are held for it at 0.6; a contract at 1.2 costs less."""
    drawn = two_sources()
    drawn = replace(drawn, offers=(drawn.offers[0], offer("C", price=1.2, terms="contract", contract_price=1.2, row=3)))
    policy, lived = lived_through(drawn, CALM, Quote("2028", "A", "ore", available=0.0))
    known = [sum(cost.sum() for cost in built.costs(x).values()) for built, x, _ in (policy.hindsight(signed=True), policy.hindsight(signed=False))]
    assert lived.cost == pytest.approx(1010.0) and known == pytest.approx([26.0, 22.0])


def test_a_probability_follows_what_begins():
    """Ten years of record at ln 2 a year; in three years it begins once, after one in which it did not, and lasts: two years at risk."""
    drawn = two_sources(4, disruptions=(Disruption(2, "ban", 0.5, 12.0, 0.0), Disruption(3, "more", 0.5, 12.0, 0.0, follows="ban")))
    path = ((), (), (0,), (0,))
    one, two = (row.annual_probability for row in updated(drawn, path, 3, 10.0).disruptions)
    assert one == pytest.approx(1 - np.exp(-(10 * np.log(2) + 1) / 12.0)) and two == pytest.approx(1 - np.exp(-10 * np.log(2) / 11.0))
    assert updated(drawn, path, 0, 10.0) == drawn
    # What begins on a decision date, or while it is likelier, says nothing about other periods: one year at risk, and two.
    dated = replace(drawn.disruptions[0], decision_date=2, decision_probability=0.5)
    raised = replace(drawn.disruptions[1], follows=None, raised_by="ban", raised_probability=0.9)
    one, two = (row.annual_probability for row in updated(replace(drawn, disruptions=(dated, raised)), path, 3, 10.0).disruptions)
    assert [one, two] == pytest.approx([1 - np.exp(-10 * np.log(2) / years) for years in (11.0, 12.0)])
    sure = replace(drawn, disruptions=(replace(drawn.disruptions[0], annual_probability=1.0),))
    assert updated(sure, path, 3, 10.0) == sure


def test_the_tables_add_up_and_tell_the_same():
    """Every policy has its row under each of two beliefs; parts add up to the total, uses and periods to the shortages, and words say them."""
    told = []
    quotes = (Quote("2028", "A", "ore", price=2.0, available=0.1), Quote("2029", "A", "ore", available=0.1))
    history = RealisedHistory("test", dict(zip(YEARS, ((), ("cut",), ("cut",)))), quotes)
    rules = (Policy("spot", "Spot", NOTHING_SIGNED),)
    tables = backtest({"one": halved(), "two": optimizer.solve(halved())}, history, rules, record_years=5.0, progress=told.append)
    table = tables["backtest"]
    assert list(tables) == [output.name for output in TABLES] and told[-1].phase == Phase.HISTORY
    assert list(table["policy"]) == [THE_PLAN, "Spot", FORESIGHT_SIGNED, FORESIGHT] * 2 and list(table["beliefs"]) == ["one"] * 4 + ["two"] * 4
    assert table["total"].tolist() == pytest.approx((table["cash"] + table["shortage_cost"] + table["other"]).tolist()) and not table["not_kept"].any()
    plan = table.iloc[0]
    # Ten at 1; two of A at 2 though ten were asked of B, which is cheaper; in the third year A is expected at 2, so that all is B's.
    assert (plan.cash, plan.shortage_cost) == pytest.approx((10.0 + 15.0 + 15.0, 0.0)) and np.isnan(plan.more) and "nothing short" in plan.words
    assert table["total"][3] == pytest.approx(10.0 + 10 * 1.5 + 10 * 1.5)
    short, periods = tables["backtest_short"], tables["backtest_periods"]
    assert short["demand"].tolist() == [30.0] * 8 and short["short"].sum() == pytest.approx(periods["short"].sum())
    mine = periods[(periods["policy"] == THE_PLAN) & (periods["beliefs"] == "one")]
    assert mine["ordered"].tolist() == pytest.approx([10.0] * 3) and mine["disruptions"].tolist()[1:] == ["cut", "cut"]
    assert mine["cash"].tolist() == pytest.approx([10.0, 15.0, 15.0])


def test_shortages_are_said_in_units_and_money():
    """Ten short at 100: the words say both, and how much more than the plan, which is the same, that is."""
    history = RealisedHistory("test", {"2027": (), "2028": ()}, (Quote("2028", "A", "ore", available=0.0),))
    words = backtest(two_sources(), history, (Policy("spot", "Spot", NOTHING_SIGNED),))["backtest"]["words"]
    assert words[1] == "Spot: USD 10 paid and USD 1,000 of shortages (10 t of ore); as much as the plan."
    # Who knew it buys the second year's ten in the first, and holds them.
    assert words[2].startswith(f"{FORESIGHT_SIGNED}: USD 25 paid and nothing short; in all USD 985 less")


@pytest.mark.parametrize(
    "active, quote, said",
    [
        ({"2027": ()}, None, "does not say which disruptions were active in 2028"),
        ({"2027": (), "2028": ("war",)}, None, "no disruption of the name war"),
        ({"2027": ("cut",), "2028": ()}, None, "begins with cut, the case with no disruption"),
        ({"2027": (), "2028": ()}, Quote("2028", "Nobody", "ore", 1.0), "no offer Nobody / ore"),
        ({"2027": (), "2028": ()}, Quote("2031", "A", "ore", 1.0), "none of its periods"),
        ({"2027": (), "2028": ()}, Quote("2028", "A", "ore", -1.0), "below 0"),
    ],
)
def test_a_history_that_does_not_fit_is_refused_with_a_sentence(active, quote, said):
    """Each names what does not fit."""
    drawn = two_sources(disruptions=(Disruption(2, "cut", 0.1, 12.0, 0.5),))
    with pytest.raises(ValueError, match=said):
        backtest(drawn, RealisedHistory("test", active, (quote,) if quote else ()))


def test_what_cannot_be_lived_through_is_refused_with_a_sentence():
    """A case whose futures are listed, a plan that was read back, an offer quoted twice, and a path that was not taken."""
    listed = two_sources(scenarios=(ScenarioRow(2, "quiet", 1.0),)).with_settings(scenario_method="listed")
    history = RealisedHistory("test", {"2027": (), "2028": ()}, (Quote("2028", "A", "ore", 1.0),) * 2)
    with pytest.raises(ValueError, match="are listed"):
        backtest(listed, history)
    with pytest.raises(ValueError, match="read back"):
        backtest(replace(optimizer.solve(two_sources()), solution=None), history)
    with pytest.raises(ValueError, match="twice"):
        backtest(two_sources(), replace(history, quotes=(history.quotes[0], replace(history.quotes[0], price=2.0))))
    policy, _ = lived_through(two_sources(), CALM)
    with pytest.raises(ValueError, match="really was taken"):
        policy.live(((0,), ()))


def test_an_exception_of_who_is_told_stops_it():
    """It is let through at once."""

    def stop(progress):
        if progress.phase == Phase.HISTORY and "2028" in progress.words:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backtest(two_sources(), RealisedHistory("test", {"2027": (), "2028": ()}), progress=stop)


@pytest.mark.parametrize(
    "changes",
    [
        {"disruptions": ()},
        {"settings": settings(risk_weight=1.0, cvar_level=0.9)},
        {"demand": (need(0.0),)},
        {"budget": (BudgetRow(2, 2028, 3.0),)},
        {"settings": settings(scenario_method="sampled", scenarios=1)},
        {
            "projects": (Project(2, "mine", cost=1.0, lead_time_months=0.0, may_wait_for=("cut",)),),
            "offers": (offer("A", bloc="chinese", capacity=20.0), offer("B", price=1.5, row=3, project="mine")),
        },
    ],
    ids=["no disruption", "risk alone", "no demand", "budget", "one scenario", "a project that waits"],
)
def test_unusual_cases_are_lived_through(changes):
    """Each is told of, policy by policy, and who knew it all pays no more than the plan where the plan kept every limit."""
    drawn = replace(two_sources(disruptions=(Disruption(2, "cut", 0.1, 12.0, 0.5, bloc=("chinese",)),)), **changes)
    active = {"2027": (), "2028": ("cut",) if drawn.disruptions else ()}
    table = backtest(drawn, RealisedHistory("test", active, (Quote("2028", "A", "ore", 2.0, 0.2),)))["backtest"]
    assert len(table) == len(RULES) + 3 and table["total"].notna().all()
    assert table["total"].iloc[-1] <= table["total"].iloc[0] + 1e-2 or table["not_kept"].iloc[0] > 0


# -- the histories ---------------------------------------------------------------------------------------------------------

HISTORIES = Path(__file__).resolve().parent.parent / "sample_inputs" / "history"
BUILD = runpy.run_path(str(HISTORIES / "build.py"))
NAMES = BUILD["histories"]()

BELIEFS = {"rare_earths_2010": ["nothing seen before", "rate of 2010 to mid-2023", "rate since 2023"]}
"""The beliefs of a history that has others than the long record and the rate since 2023; the first ones stand in its workbook."""


@pytest.mark.parametrize("name", NAMES)
def test_a_history_is_in_step_with_its_data_and_fits_its_workbook(name):
    """Its quotes are what build.py makes of its data; workbook, beliefs and history fit; every line has its grade, and a source where it needs one."""
    folder = HISTORIES / name
    assert (folder / "quotes.csv").read_text(encoding="utf-8") == BUILD["written"](name)
    drawn = optimizer.load(folder / "as_of").case
    history, beliefs = read_history(folder), read_beliefs(folder / "beliefs.csv", drawn)
    assert len(history.path(drawn)) == drawn.settings.periods and history.by_offer(drawn) and history.title.startswith(name.split("_")[0])
    assert list(beliefs) == BELIEFS.get(name, ["long record", "rate since 2023"]) and next(iter(beliefs.values())) == drawn
    for sheet in ("active", "prices", "available", "follows", "beliefs", "as_of/Sources"):
        for row in BUILD["rows"](name, sheet):
            assert row["grade"] in set("ABCD") and (row["grade"] == "D" or row.get("source") or sheet == "follows"), row


def test_a_price_of_a_quarter_stands_on_the_line_between_the_dates_that_were_found():
    """A third of the way from 10 to 40 it is 20; outside of the dates the nearest price is carried."""
    points = [(dt.date(2024, 1, 1), 10.0), (dt.date(2024, 1, 31), 40.0)]
    assert [BUILD["price_on"](points, day)[0] for day in (dt.date(2023, 1, 1), dt.date(2024, 1, 11), dt.date(2025, 1, 1))] == pytest.approx([10, 20, 40])
    assert BUILD["middle"]("2024-Q3") == dt.date(2024, 8, 15)


def test_beliefs_about_a_disruption_that_the_case_does_not_list_are_refused(tmp_path):
    """The name is said."""
    (tmp_path / "beliefs.csv").write_text("beliefs,disruption,annual_probability,mean_duration_months\nmine,war,0.1,12\n", encoding="utf-8")
    with pytest.raises(ValueError, match="war, of which 'mine'"):
        read_beliefs(tmp_path / "beliefs.csv", two_sources())


def test_the_history_of_heavy_rare_earths_is_lived_through_as_the_decision_note_says():
    """A buyer who expected nothing goes short when exports stop; one who expected a wave of controls does not; who knew it all pays least."""
    folder = HISTORIES / "heavy_rare_earths_2025"
    drawn = optimizer.load(folder / "as_of").case
    table = backtest(read_beliefs(folder / "beliefs.csv", drawn), read_history(folder), ())["backtest"].set_index(["beliefs", "policy"])
    assert table.loc["long record", THE_PLAN].shortage_cost > 10_000 > 1 > table.loc["rate since 2023", THE_PLAN].shortage_cost
    for beliefs in ("long record", "rate since 2023"):
        assert table.loc[beliefs, FORESIGHT].total <= table.loc[beliefs, FORESIGHT_SIGNED].total + 1 <= table.loc[beliefs, THE_PLAN].total + 2


def test_the_history_of_2010_is_lived_through_as_the_evidence_says():
    """A buyer who had seen nothing goes short in the quotas, as whoever knew it all does, by less; in the quarter of the halt little can be had."""
    folder = HISTORIES / "rare_earths_2010"
    drawn = optimizer.load(folder / "as_of").case
    believed = {"nothing seen before": read_beliefs(folder / "beliefs.csv", drawn)["nothing seen before"]}
    tables = backtest(believed, read_history(folder), (), scenarios=20)
    plan, _, foresight = tables["backtest"].to_dict("records")
    assert plan["shortage_cost"] > foresight["shortage_cost"] > 1_000 and plan["total"] > foresight["total"]
    periods = tables["backtest_periods"]
    halt = periods[(periods["policy"] == THE_PLAN) & (periods["period"] == "2010-Q4")].iloc[0]
    assert halt["disruptions"] == "Export quotas cut, Halt of exports to Japan" and halt["short"] > 0
