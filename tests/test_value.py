"""What information, planning for many futures and limits are worth: published answers, cases solved by hand, and properties of random cases."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from random_cases import random_case
from support import case, need, offer, ore, settings

import optimizer
from optimizer.case import BudgetRow, Case, Demand, Disruption, Limit, Material, OfferChange, OriginRule, ScenarioRow
from optimizer.scenarios.tree import ScenarioTree
from optimizer.solving.extensive import solve_built, solve_extensive
from optimizer.solving.solve import solve_case
from optimizer.solving.watch import Phase, Progress, Watch
from optimizer.studies.worth import information as information_module
from optimizer.studies.worth.expected_value import mean_problem
from optimizer.studies.worth.information import Information, restricted
from optimizer.studies.worth.limit_costs import binds, lines_of, with_kept_choices, without
from optimizer.studies.worth.valuation import SECONDS, TABLES, interval, value_of_information
from optimizer.studies.worth.work import Work

EXACT = 1e-6
"""Relative: what a published figure and ours may differ by."""

ROUNDING = 1e-6
"""By how much, of the objective, a value may miss what must hold of it."""

PERFECT, LATER, MANY = "Perfect information", "Foresight after the first decisions", "Planning for many futures"


def of(tables, question: str, column: str = "value") -> float:
    """One figure of the table value, on the objective."""
    table = tables["value"]
    return float(table[(table["question"] == question) & (table["measure"] == "objective")][column].iloc[0])


def event(name: str, **more) -> Disruption:
    """A disruption that begins in listed scenarios only and harms nothing unless `more` says so."""
    return Disruption(2, name, **{"annual_probability": 0.0, "mean_duration_months": 12.0, "capacity_remaining": 1.0, **more})


def listed(events: tuple[Disruption, ...], shares: tuple[float, ...], starts: int = 1) -> tuple[ScenarioRow, ...]:
    """One scenario for each event that lasts a year from its start, each with its share of the probability."""
    return tuple(
        ScenarioRow(k + 2, row.disruption, share, disruption=row.disruption, starts=starts, duration_months=12.0)
        for k, (row, share) in enumerate(zip(events, shares))
    )


# -- published answers -----------------------------------------------------------------------------------------------------


def gas() -> Case:
    """LINGO's gas buying: 100 now at 5; next year 100 at 5, 150 at 6 or 180 at 7.5, each with 1/3; a unit kept costs 1."""
    events = (event("cold", price_multiplier=1.2, demand_multiplier=1.5), event("very cold", price_multiplier=1.5, demand_multiplier=1.8))
    normal = ScenarioRow(9, "normal", 1 / 3)
    return case(
        settings=settings(scenario_method="listed"),
        materials=(ore(holding_cost_per_year=1.0),),
        demand=(need(100.0, 1000.0),),
        offers=(offer(price=5.0, capacity=10_000.0),),
        disruptions=events,
        scenarios=(normal, *listed(events, (1 / 3, 1 / 3))),
    )


def test_perfect_information_on_the_winter_is_worth_73_33():
    """LINDO, LINGO user's manual, SPGAS1: the plan costs 1,400, the wait-and-see solution 1,326.667, so that perfect information is worth 73.333."""
    tables = value_of_information(optimizer.solve(gas()))
    assert of(tables, PERFECT, "plan") == pytest.approx(1400, rel=EXACT)
    assert of(tables, PERFECT, "other") == pytest.approx(1326.6666667, rel=EXACT)
    assert of(tables, PERFECT) == pytest.approx(73.3333333, rel=EXACT)


def shop() -> Case:
    """The pop-up shop: bought at 12, sold at 40, or at 2 in the end; demand is 650, 400 or 200 with 0.1, 0.6 and 0.3. A shortage costs the price of 40."""
    events = (event("crowd", demand_multiplier=650 / 400), event("calm"), event("few", demand_multiplier=0.5))
    return case(
        settings=settings(scenario_method="listed"),
        materials=(ore(salvage_value=2.0),),
        demand=(need(400.0, 40.0, by_period={0: 0.0}),),
        offers=(offer(price=12.0, capacity=1000.0, lead_time_months=12.0, row=2),),
        disruptions=events,
        scenarios=listed(events, (0.1, 0.6, 0.3)),
    )


def test_the_pop_up_shop_gains_581_by_planning_for_all_demands():
    """MO-book, notebook 09/02: profits of 8,920 (order 400), 8,339 with the mean demand's order of 365, 10,220 with foresight: VSS 581, EVPI 1,300."""
    given, income = shop(), 40 * 365
    tables = value_of_information(optimizer.solve(given))
    assert income - of(tables, MANY, "plan") == pytest.approx(8920, rel=EXACT)
    assert income - of(tables, MANY, "other") == pytest.approx(8339, rel=EXACT)
    assert of(tables, MANY) == pytest.approx(581, rel=EXACT)
    assert income - of(tables, PERFECT, "other") == pytest.approx(10_220, rel=EXACT)
    assert of(tables, PERFECT) == pytest.approx(1300, rel=EXACT)


def farmer() -> Case:
    """The farmer's 500 acres: a contract is an acre's harvest in the best year, of which a poorer year serves less; the land is a budget of 1 an acre.

    An acre's planting cost is paid in part as a prepayment, the same for all crops, in the year of planting, whose budget is that of the land; the rest is paid
    as a reservation in the year of the harvest, from which on the fields serve. Beets beyond the quota are left over, for their lower price.
    """
    best = {"wheat": 3.0, "corn": 3.6, "beets": 24.0}
    planting = {"wheat": 150.0, "corn": 230.0, "beets": 260.0}
    rows = count(2)
    fields = tuple(
        offer(
            f"{crop} field",
            crop,
            0.0,
            500 * harvest,
            row=next(rows),
            terms="contract",
            prepayment=150 / harvest,
            reservation_price=(planting[crop] - 150) / harvest,
            country="farm",
        )
        for crop, harvest in best.items()
    )
    later = tuple(
        OfferChange(next(rows), f"{crop} field", crop, year, capacity_per_year=capacity)
        for crop, harvest in best.items()
        for year, capacity in ((0, 0.0), (1, 500 * harvest))
    )
    market = (offer("market", "wheat", 238.0, 10_000.0, row=next(rows)), offer("market", "corn", 210.0, 10_000.0, row=next(rows)))
    events = (event("fair year", capacity_remaining=1 / 1.2, country=("farm",)), event("poor year", capacity_remaining=0.8 / 1.2, country=("farm",)))
    return Case(
        settings=settings(scenario_method="listed", start=dt.date(2027, 1, 1)),
        materials=(
            Material(2, "wheat", "t", sale_price=170.0),
            Material(3, "corn", "t", sale_price=150.0),
            Material(4, "beets", "t", sale_price=36.0, sale_limit_per_year=6000.0, salvage_value=10.0),
        ),
        demand=tuple(Demand(k, crop, "feed", tons, 10_000.0, by_period={0: 0.0}) for k, crop, tons in ((2, "wheat", 200.0), (3, "corn", 240.0))),
        offers=(*fields, *market),
        disruptions=events,
        scenarios=(ScenarioRow(9, "good year", 1 / 3), *listed(events, (1 / 3, 1 / 3))),
        budget=(BudgetRow(2, 2027, 500 * 150.0, category="purchases"),),
        offer_changes=later,
    )


def test_the_farmer_gains_1_150_by_planning_for_all_yields():
    """Birge & Louveaux (2011), section 1.1: profits of 108,390, 107,240 with the acres of the mean yield, 115,405.56 on average with foresight."""
    plan = optimizer.solve(farmer())
    contracts = plan.tables["contracts"].set_index("material")["per_year"]
    acres = [contracts["wheat"] / 3, contracts["corn"] / 3.6, contracts["beets"] / 24]
    assert acres == pytest.approx([170, 80, 250], rel=EXACT)
    tables = value_of_information(plan)
    assert -of(tables, MANY, "plan") == pytest.approx(108_390, rel=EXACT)
    assert -of(tables, MANY, "other") == pytest.approx(107_240, rel=EXACT)
    assert of(tables, MANY) == pytest.approx(1150, rel=1e-4)
    assert -of(tables, PERFECT, "other") == pytest.approx(115_405.555556, rel=EXACT)
    assert of(tables, PERFECT) == pytest.approx(7015.555556, rel=1e-5)
    assert mean_problem(plan.solution.built).program.columns == len(plan.solution.built.template.columns)


# -- solved by hand --------------------------------------------------------------------------------------------------------


def two_unknowns() -> Case:
    """10 t are needed in 2028, 20 in a boom; a ton costs 1 then, 4 in a squeeze, and 2 if it is bought and kept from 2027 on. All futures are as likely."""
    both = (event("squeeze", price_multiplier=4.0), event("boom", demand_multiplier=2.0))
    alone = [ScenarioRow(k + 2, row.disruption, 0.25, disruption=row.disruption, starts=1, duration_months=12.0) for k, row in enumerate(both)]
    together = [ScenarioRow(k + 4, "both", 0.25, disruption=row.disruption, starts=1, duration_months=12.0) for k, row in enumerate(both)]
    return case(
        settings=settings(scenario_method="listed"),
        materials=(ore(holding_cost_per_year=1.0),),
        demand=(need(10.0, by_period={0: 0.0}),),
        disruptions=both,
        scenarios=(ScenarioRow(9, "neither", 0.25), *alone, *together),
    )


def test_a_forecast_of_the_squeeze_is_worth_5_and_of_the_boom_2_50():
    """The plan keeps 10 t and costs 32.50. Knowing of the squeeze it costs 40 or 15, of the boom 40 or 20, of both 40, 20, 20 or 10; by hand."""
    tables = value_of_information(optimizer.solve(two_unknowns()))
    assert of(tables, PERFECT, "plan") == pytest.approx(32.5)
    forecasts = tables["value_disruptions"].set_index("disruption")
    assert forecasts["value"].to_dict() == pytest.approx({"squeeze": 5.0, "boom": 2.5})
    assert forecasts["probability"].to_dict() == pytest.approx({"squeeze": 0.5, "boom": 0.5}) and list(forecasts["courses"]) == [2, 2]
    assert of(tables, PERFECT) == of(tables, PERFECT, "at_least") == of(tables, PERFECT, "at_most") == pytest.approx(10.0)
    assert of(tables, LATER) == 0.0, "nothing is left to be learnt after 2027"
    assert forecasts["words"]["squeeze"] == "squeeze: knowing from the start when and whether it comes is worth USD 5."


def test_the_mean_future_keeps_15_t_which_costs_6_25_more():
    """Mean price 2.50, mean demand 15: 15 t are kept for 30; 5 are left over for 5 in half of the futures, and 5 bought at 2.50 in the others: 38.75."""
    assert of(value_of_information(optimizer.solve(two_unknowns())), MANY) == pytest.approx(6.25)


@pytest.mark.parametrize(("share", "cost"), [(0.4, 10.0), (0.6, 1000.0)])
def test_in_the_mean_future_a_rule_holds_if_it_holds_in_most_futures(share, cost):
    """A rule that bars what there is, while an event is active: at 40% the 10 t of 2028 are bought at 1, at 60% they go short at 100."""
    barred = event("barred")
    given = case(
        settings=settings(scenario_method="listed"),
        demand=(need(10.0, by_period={0: 0.0}),),
        disruptions=(barred,),
        origin_rules=(OriginRule(2, "rule", allowed_origins=("onshored",), while_active="barred"),),
        scenarios=(ScenarioRow(2, "free", 1 - share), *listed((barred,), (share,))),
    )
    assert solve_built(mean_problem(optimizer.solve(given).solution.built), Watch()).objective == pytest.approx(cost)


def test_in_the_mean_future_some_of_an_order_is_late():
    """An order of 2027 arrives a year later where the port is closed then, with 30%: of 10 t ordered 7 come in 2027 and 3 in 2028, as they are needed."""
    closed = Disruption(2, "port closed", 0.0, 12.0, capacity_remaining=1.0, lead_time_added_months=12.0)
    given = case(
        settings=settings(scenario_method="listed"),
        demand=(need(7.0, by_period={1: 3.0}),),
        disruptions=(closed,),
        scenarios=(ScenarioRow(2, "open", 0.7), ScenarioRow(3, "closed", 0.3, disruption="port closed", starts=0, duration_months=12.0)),
    )
    mean = solve_built(mean_problem(optimizer.solve(given).solution.built), Watch())
    assert mean.objective == pytest.approx(10.0), "10 t ordered in 2027 meet 7 t then and 3 t in 2028"
    assert mean.decisions.spot[0, "allied"] == pytest.approx([10.0, 0.0])


@pytest.mark.parametrize("seed", (3, 9, 13, 23, 25))
def test_the_mean_of_one_future_is_that_future(seed):
    """Where there is one future only, the plan for the mean costs what the plan costs."""
    plan = solved(seed)
    assert len(plan.solution.built.tree.leaves) == 1
    mean = solve_built(mean_problem(plan.solution.built), Watch())
    assert mean.objective == pytest.approx(plan.expected_cost, rel=1e-6, abs=1e-6)


def test_foresight_after_the_first_decisions_helps_where_there_is_something_to_do_later():
    """With a calm year 2028 between, in which the order for 2029 is placed: 32.50 a plan, 22.50 for whoever knows in 2028; by hand, the first year is empty."""
    given = two_unknowns()
    later = tuple(replace(row, starts=2) if row.disruption else row for row in given.scenarios)
    given = replace(given.with_settings(periods=3), scenarios=later, demand=(need(10.0, by_period={0: 0.0, 1: 0.0}),))
    tables = value_of_information(optimizer.solve(given))
    assert of(tables, PERFECT, "plan") == pytest.approx(32.5) and of(tables, LATER) == of(tables, PERFECT) == pytest.approx(10.0)


def test_a_cap_on_chinese_supply_costs_20():
    """Half of 10 t a year at 3 instead of 1, for two years: without the cap 20 less, 10 a year. A budget that is never reached costs nothing."""
    given = case(
        offers=(offer("A", bloc="chinese"), offer("B", price=3.0, row=3)),
        limits=(Limit(2, "Chinese supply", "purchase_share", bloc=("chinese",), maximum=0.5),),
        budget=(BudgetRow(7, 2027, 1000.0),),
    )
    table = value_of_information(optimizer.solve(given))["value_limits"].set_index("limit")
    assert table.loc["Chinese supply", ["value", "at_least", "at_most", "per_year"]].tolist() == pytest.approx([20.0, 20.0, 20.0, 10.0])
    assert table.loc["Chinese supply", "words"] == "Chinese supply: without it the plan would be USD 20 cheaper; that is USD 10 a year."
    assert table.loc["Budget of 2027, USD 1,000", ["row", "value"]].tolist() == [7, 0.0]


def test_a_budget_that_is_taken_away_takes_what_it_carries_over_with_it():
    """30 t cannot be paid for out of 10 in 2027 and 10 in 2028: each budget keeps 5 t short in all. Without that of 2027 none of its money is left for 2028."""
    given = case(
        settings=settings(periods=2),
        demand=(need(15.0),),
        materials=(ore(storage_capacity=0.0),),
        budget=(BudgetRow(2, 2027, 20.0, carry_over=1.0), BudgetRow(3, 2028, 5.0)),
    )
    plan = optimizer.solve(given)
    assert plan.objective == pytest.approx(15 + 10 + 5 * 100), "5 of 20 carry over to 2028, which pay for 5 t beside its own 5"
    table = value_of_information(plan)["value_limits"].set_index("row")
    assert table["value"].to_dict() == pytest.approx({2: 0.0, 3: 5 * 99.0}), "without the budget of 2027, 2028 would have 5 alone: no gain"


def test_first_decisions_that_cannot_be_kept_are_said_to_be_so():
    """In the mean future 10 t contracted cost 7.50, which is the budget; where nothing is struck they cost 10. So no figure is given."""
    given = case(
        settings=settings(scenario_method="listed"),
        demand=(need(10.0, by_period={0: 0.0}),),
        offers=(offer(terms="contract", take_or_pay=1.0, contract_from=1),),
        disruptions=(event("strike", capacity_remaining=0.5),),
        scenarios=(ScenarioRow(2, "calm", 0.5), *listed((event("strike"),), (0.5,))),
        budget=(BudgetRow(2, 2028, 7.5),),
    )
    tables = value_of_information(optimizer.solve(given))
    told = tables["value"].set_index("question").loc[MANY]
    assert np.isnan(told["value"]) and told["words"].startswith("The first decisions of a plan for the mean future cannot be kept")
    assert np.isnan(of(tables, f"{MANY}, contracts and projects alone"))


def test_where_nothing_is_uncertain_nothing_is_worth_knowing():
    """One future: all values are 0, whether or not anything is needed."""
    for needed in (0.0, 10.0):
        tables = value_of_information(optimizer.solve(case(demand=(need(needed),))))
        assert not tables["value"]["value"].any() and tables["value_disruptions"].empty and tables["value_limits"].empty


def test_a_forecast_of_the_only_disruption_is_perfect_information():
    """The tutorial has one disruption and counts risk: the groups solved as one program, with one threshold, come to what single futures do."""
    tables = value_of_information(optimizer.solve("sample_inputs/tutorial.xlsx"))
    assert of(tables, PERFECT) == pytest.approx(98_035) and tables["value_disruptions"]["value"].tolist() == pytest.approx([98_035])
    told = tables["value"]
    assert told["measure"].tolist() == ["objective", "expected cost", "objective", "objective"]
    assert told["value"][1] == pytest.approx(told["plan"][1] - told["other"][1]) and told["plan"][1] == pytest.approx(1_047_250)


# -- properties of random cases --------------------------------------------------------------------------------------------

QUICK = (1, 8, 12, 24, 30, 53)
"""Random cases with several futures whose programs are solved in a moment; with and without risk, fill rates, minimum orders, projects that wait."""


def solved(seed: int):
    """The plan of a random case."""
    return optimizer.solve(random_case(seed))


@pytest.mark.parametrize("seed", QUICK)
def test_no_information_is_worth_more_than_all_of_it_and_none_less_than_nothing(seed):
    """0 <= a forecast, foresight <= perfect information; planning for many futures and taking a limit away never harm."""
    plan = solved(seed)
    tables, room = value_of_information(plan), ROUNDING * max(1.0, abs(plan.objective))
    perfect = of(tables, PERFECT, "at_most")
    assert 0 <= of(tables, LATER) <= perfect + room and 0 <= of(tables, PERFECT)
    for figure in tables["value_disruptions"].itertuples():
        assert -room <= figure.value <= perfect + room and abs(figure.at_most - figure.at_least) <= room, figure.disruption
    many = tables["value"]["value"][tables["value"]["question"] == MANY]
    assert (many.isna() | (many >= 0)).all() and (tables["value_limits"]["value"] >= 0).all()


@pytest.mark.parametrize("seed", QUICK[:5])
def test_a_limit_costs_what_the_case_without_its_row_is_cheaper(seed):
    """Each figure is the difference to the plan of the case whose row is not there, solved from the beginning."""
    plan = solved(seed)
    room = ROUNDING * max(1.0, abs(plan.objective))
    table = value_of_information(plan)["value_limits"].set_index(["sheet", "row"])["value"]
    given = plan.case
    for name, rows in (("Budget", "budget"), ("Limits", "limits")):
        for row in getattr(given, rows):
            other = solve_extensive(replace(given, **{rows: tuple(kept for kept in getattr(given, rows) if kept is not row)}))
            assert table[name, row.row] == pytest.approx(plan.objective - other.objective, abs=room), row


@pytest.mark.parametrize("seed", (1, 12, 22))
def test_perfect_information_is_each_future_solved_as_a_case_of_its_own(seed):
    """The wait-and-see costs are those of the case whose only future is listed. Fill rates, minimum orders and limits on the reference path are left out."""
    given = random_case(seed)
    given = replace(
        given,
        demand=tuple(replace(row, minimum_fill_rate=None) for row in given.demand),
        offers=tuple(replace(row, minimum_order=0.0) for row in given.offers),
        limits=tuple(row for row in given.limits if row.holding != "reference path"),
    )
    plan = optimizer.solve(given)
    information = Information(plan.solution, Work(None, SECONDS))
    course = information.informed(information.futures())
    tree, given = information.tree, plan.solution.built.case
    for k, leaf in enumerate(information.leaves):
        regimes = [tree.regimes[tree.regime[node]] for node in tree.path(leaf)]
        alone = solve_case(only(given, regimes))
        assert course.path_cost[k] == pytest.approx(alone.objective, rel=1e-6, abs=1e-6), f"future {k}"
    assert course.objective == pytest.approx(information.objective(course.path_cost))


def only(given: Case, regimes) -> Case:
    """The case with one listed future, which has these regimes, and without risk."""
    rows, number = [], count(2)
    for d, row in enumerate(given.disruptions):
        active = [d in regime for regime in regimes]
        for t in range(len(active)):
            if active[t] and (t == 0 or not active[t - 1]):
                length = next((k for k in range(t, len(active)) if not active[k]), len(active)) - t
                months = float(length * given.calendar.months)
                rows.append(ScenarioRow(next(number), "it", 1.0, disruption=row.disruption, starts=t, duration_months=months))
    return replace(given.with_settings(risk_weight=0.0, scenario_method="listed"), scenarios=tuple(rows) or (ScenarioRow(2, "it", 1.0),))


@pytest.mark.parametrize("seed", QUICK)
def test_group_by_group_is_never_better_than_all_groups_in_one_program(seed):
    """What groups solved one by one find is a course that there is: it costs no less than their one program, and no more than the plan."""
    plan = solved(seed)
    information = Information(plan.solution, Work(None, SECONDS))
    room = ROUNDING * max(1.0, abs(plan.objective))
    for disruption in range(len(plan.case.disruptions)):
        groups = information.histories(disruption)
        parts = [information._group(futures, False, neutral=True) for futures in groups]
        one = information._joint(parts).objective
        tied = bool(information._in_expectation) or information.built.risk is not None
        apart = information._apart(groups, False, False, tied)
        assert one - room <= apart.objective <= plan.objective + room and apart.exact != tied
        assert tied or apart.objective == pytest.approx(one, abs=room)


@pytest.mark.parametrize("seed", (1, 12, 30))
def test_what_a_large_program_is_said_to_be_worth_at_least_is_not_more_than_it_is(seed, monkeypatch):
    """With the yes/no decisions of the plan kept, as for large programs, each figure is at most the exact one, and its upper bound is not known."""
    plan = solved(seed)
    exact, room = value_of_information(plan), ROUNDING * max(1.0, abs(plan.objective))
    monkeypatch.setattr(information_module, "LARGE", 1)
    monkeypatch.setattr("optimizer.studies.worth.limit_costs.LARGE", 1)
    monkeypatch.setattr(information_module, "JOINT", 0)
    large = value_of_information(plan)
    for name in ("value_disruptions", "value_limits"):
        assert (large[name]["value"] <= exact[name]["value"] + room).all()
    assert large["value_limits"]["at_most"].isna().all()


@pytest.mark.parametrize("seed", QUICK[:4])
def test_the_tree_of_some_futures_has_their_probabilities_and_histories(seed):
    """Each of its paths is a path of the whole tree, and its probabilities are conditional."""
    tree: ScenarioTree = solved(seed).solution.built.tree
    chosen = tree.leaves[::2]
    part, nodes = restricted(tree, chosen)
    assert [nodes[list(part.path(leaf))].tolist() for leaf in part.leaves] == [list(tree.path(leaf)) for leaf in chosen]
    assert part.probability[part.leaves] == pytest.approx(tree.probability[chosen] / tree.probability[chosen].sum())
    assert np.bincount(part.period, part.probability) == pytest.approx(np.ones(part.periods))
    assert [part.parent[b] for b in part.reference[1:]] == list(part.reference[:-1])


@pytest.mark.parametrize("seed", QUICK[:4])
def test_lines_leave_the_plan_within_the_program_without_them(seed):
    """The plan's decisions keep the rows of every program without a line, so that none can be dearer."""
    solution = solved(seed).solution
    for line in lines_of(solution.built.case):
        program = without(solution.built, line).program
        activity = program.activity(solution.x)
        room = 1e-6 * np.maximum(1.0, program.activity_size(solution.x))
        within = (activity >= program.row_lower - room) & (activity <= program.row_upper + room)
        assert within.all(), line


@pytest.mark.parametrize("seed", QUICK[:4])
def test_a_line_that_is_nowhere_reached_costs_nothing_with_the_yes_no_decisions_kept(seed):
    """Without yes/no decisions the program is convex: solved without such a line it costs what it did; a line that costs something is reached."""
    solution = solved(seed).solution
    usual = with_kept_choices(solution.built, solution.x)
    base = solve_built(usual, Watch())
    for line in lines_of(usual.case):
        other = solve_built(without(usual, line), Watch())
        room = ROUNDING * max(1.0, abs(base.objective))
        assert other.objective <= base.objective + room
        assert binds(usual, base.x, line) or other.objective == pytest.approx(base.objective, abs=room)


# -- how it runs -----------------------------------------------------------------------------------------------------------


def test_the_interval_is_that_of_draws_of_equal_weight():
    """A sampled tree's most probable path has no error; the others count as often as they were drawn: t(0.975; 18) times the error of their mean."""
    base = replace(random_case(1), scenarios=()).with_settings(scenario_method="sampled", scenarios=20, seed=3)
    plan = optimizer.solve(base)
    information = Information(plan.solution, Work(None, SECONDS))
    modal = information.leaves == information.tree.reference[-1]
    rest = float(information.probability[~modal].sum())
    drawn = np.round(information.probability[~modal] / rest * 19).astype(int)
    assert drawn.sum() == 19
    difference = np.arange(1.0, len(modal) + 1)
    values = np.repeat(difference[~modal], drawn)
    low, high = interval(information, difference)
    assert low == high == pytest.approx(2.100922 * rest * np.std(values, ddof=1) / np.sqrt(19), rel=1e-5)


def test_a_study_that_is_stopped_raises_what_its_caller_raised():
    """Whatever progress raises comes out, also from within a solve."""

    class Enough(Exception):
        pass

    plan = optimizer.solve(two_unknowns())
    calls: list[Progress] = []
    value_of_information(plan, calls.append)
    assert {told.phase for told in calls} == {Phase.VALUE} and len(calls) >= 6
    for stop_at in (0, 2, len(calls) - 1):
        left = count()

        def tell(progress, stop_at=stop_at, left=left):
            if next(left) >= stop_at:
                raise Enough

        with pytest.raises(Enough):
            value_of_information(plan, tell)


def test_what_is_not_reached_in_time_is_said_to_be_so():
    """Without any time the forecasts and limits have no figures, and a sentence says why."""
    tables = value_of_information(solved(1), seconds=0.0)
    for name, at_all in (("value_disruptions", 1), ("value_limits", 1), ("value", 3)):
        told = tables[name][tables[name]["value"].isna()]
        assert len(told) >= at_all and told["words"].str.endswith("in the time that there was.").all()


def test_a_plan_that_was_read_back_has_no_value_of_information():
    """Without the solver's arrays there is nothing to solve again: ValueError."""
    with pytest.raises(ValueError, match="read back"):
        value_of_information(replace(solved(2), solution=None))


def test_a_plan_that_was_stopped_early_says_between_what_its_values_lie():
    """A plan whose bound is 5 below its cost: what information is worth at least falls by 5, and what a limit costs is told of the best plan."""
    plan = optimizer.solve(two_unknowns())
    early = replace(plan, solution=replace(plan.solution, bound=plan.objective - 5))
    tables = value_of_information(early)
    assert of(tables, PERFECT) == pytest.approx(10.0) and of(tables, PERFECT, "at_least") == pytest.approx(5.0)
    assert "(between USD 5 and USD 10)" in tables["value"]["words"][0]


def test_tables_are_as_declared():
    """The tables of a case with risk, limits and a sample have the declared columns and whole sentences."""
    tables = value_of_information(solved(1))
    for declared in TABLES:
        assert list(tables[declared.name].columns) == list(declared.columns)
        assert all(words.endswith(".") for words in tables[declared.name]["words"])
