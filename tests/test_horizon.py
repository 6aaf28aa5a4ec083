"""A longer horizon turns what it should, keeps the plan's futures, and goes on with what the workbook says of its last year."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from random_cases import random_case
from support import case, need, offer, ore, settings

import optimizer
from optimizer.calendar import Calendar
from optimizer.case import BudgetRow, Case, Disruption, Duty, Limit, OfferChange, Project, ScenarioRow
from optimizer.errors import OptimizerError
from optimizer.lengthening import a_year
from optimizer.lengthening import lengthened as lengthened_by_periods
from optimizer.model.data import canonical
from optimizer.scenarios import make_tree
from optimizer.scenarios.continued import agree, continued, history
from optimizer.scenarios.process import DisruptionProcess
from optimizer.scenarios.sampled import sampled_paths
from optimizer.solving.watch import Phase, Watch
from optimizer.studies.lengthening.longer_horizon import Link

BAN = Disruption(2, "ban", annual_probability=0.2, mean_duration_months=24.0, capacity_remaining=0.0, supplier=("A",))


def studied(given: Case, **options) -> dict:
    """The tables of the study of a case's plan."""
    return optimizer.studies.horizon(optimizer.solve(given), **options)


def lengthened(given: Case, years: int):
    """The case that goes on for some years, and what it assumes of them."""
    return lengthened_by_periods(given, years * a_year(given.calendar))


def row_of(table, **where) -> dict:
    """The one row of a table where columns have these values."""
    for column, value in where.items():
        table = table[table[column] == value]
    (row,) = table.to_dict("records")
    return row


MINE = case(
    offers=(offer("A", price=10.0), offer("mine", price=1.0, capacity=10.0, project="mine", row=3)),
    projects=(Project(2, "mine", cost=100.0, lead_time_months=12.0),),
)
"""10 t a year at 10, or at 1 a year after 100 were spent: a year saves 90, two save 180."""


def test_a_project_that_pays_back_after_the_horizon_turns():
    """Over two years the mine saves 90 of its 100; over three it is started at once: 100 + 100 + 20 in place of 300; over four 230 in place of 400."""
    tables = studied(MINE)
    project = row_of(tables["horizon_decisions"], kind="project")
    assert project["start_as_it_is"] is None and project["start_one_year"] == project["start_two_years"] == "2027" and project["turns"]
    assert project["words"] == (
        "Project mine: not started over the horizon as it is, 2027 with one more year, 2027 with two more years. It turns with one more year and with two more "
        "years."
    )
    orders = row_of(tables["horizon_decisions"], kind="first orders")
    assert [orders[name] for name in ("as_it_is", "one_year", "two_years")] == pytest.approx([10.0] * 3) and not orders["turns"]
    plans = tables["horizon_plans"]
    assert plans["objective"].tolist() == pytest.approx([200.0, 220.0, 230.0])
    assert plans["kept"].tolist() == pytest.approx([200.0, 300.0, 400.0]) and plans["extra"].tolist() == pytest.approx([0.0, 80.0, 170.0])
    assert plans["last_period"].tolist() == ["2028", "2029", "2030"] and plans["longer"].tolist() == [0, 1, 2]
    assert plans["words"].iloc[1] == "With one more year, keeping what is decided now costs USD 80 (36.4%) more than the best plan found."
    first = tables["horizon"].iloc[0]
    assert first["words"] == (
        "Two more years turn 1 decision: Project mine. One more year turns 1 decision: Project mine. "
        "Plan over the longer horizon, or set a salvage value for what is left at the end."
    )


def test_a_start_after_the_plan_s_horizon_is_no_decision_of_today():
    """A mine that pays back within a year, and can start in the third only, is started there with either; nothing turns."""
    given = replace(MINE, projects=(Project(2, "mine", cost=50.0, lead_time_months=12.0, earliest_start=2),))
    tables = studied(given)
    assert not tables["horizon_decisions"]["turns"].any()
    # 40 without it; with two more years, 30 and, in the fourth, 10 of mine in place of 100 of A.
    assert tables["horizon_plans"]["objective"].tolist() == pytest.approx([200.0, 300.0, 360.0])
    assert tables["horizon_plans"]["extra"].tolist() == pytest.approx([0.0, 0.0, 0.0])
    assert tables["horizon"]["words"].iloc[0] == "No decision turns with one more year or with two more years."


def test_stock_at_the_end_of_the_horizon_is_kept_once_there_is_a_year_after_it():
    """Where prices double, the need of every later year of the horizon is bought in the first: none, 10 or 20 t beyond that of the first."""
    tables = studied(case(settings=settings(periods=1), offers=(offer(price_growth=1.0),)))
    stock = row_of(tables["horizon_decisions"], kind="largest stock")
    assert [stock[name] for name in ("as_it_is", "one_year", "two_years")] == pytest.approx([0.0, 10.0, 20.0]) and stock["turns"]
    orders = row_of(tables["horizon_decisions"], kind="first orders")
    assert [orders[name] for name in ("as_it_is", "one_year", "two_years")] == pytest.approx([10.0, 20.0, 30.0]) and orders["turns"]
    # All at 1, or 10 t in each year at 1, 2 and 4.
    assert tables["horizon_plans"]["objective"].tolist() == pytest.approx([10.0, 20.0, 30.0])
    assert tables["horizon_plans"]["kept"].tolist() == pytest.approx([10.0, 30.0, 10.0 + 40.0])


def test_a_stock_that_is_built_after_the_plan_s_horizon_is_none_of_it():
    """The price leaps in the third year, for which 10 t are kept over the second; within the plan's one year nothing is kept."""
    leap = OfferChange(2, "A", "ore", start=2, price=50.0)
    tables = studied(case(settings=settings(periods=1), materials=(ore(holding_cost_per_year=0.1),), offer_changes=(leap,)))
    assert tables["horizon_plans"]["objective"].tolist() == pytest.approx([10.0, 20.0, 30.0 + 1.0])
    stock = row_of(tables["horizon_decisions"], kind="largest stock")
    assert stock["two_years"] == 0 and not stock["turns"]
    assert "What the row dates 2029, after the horizon as it is, counts in the longer one." in set(tables["horizon_assumptions"]["words"])


def test_decisions_that_cost_the_same_do_not_turn():
    """Of two equal contracts either may be signed; the longer horizon leaves the one that the plan has."""
    offers = tuple(offer(name, terms="contract", minimum_contract=10.0, capacity=10.0, row=row) for row, name in enumerate("ABC", start=2))
    for given in (case(offers=offers), case(offers=tuple(reversed(offers)))):
        tables = studied(given)
        assert not tables["horizon_decisions"]["turns"].any()
        assert tables["horizon_plans"]["extra"].tolist() == pytest.approx([0.0, 0.0, 0.0])


def test_what_the_plan_s_own_gap_may_explain_does_not_turn():
    """Of a plan that was stopped with 100 between it and its bound, the mine that saves 80 does not turn, and the one that saves 170 does."""
    plan = optimizer.solve(MINE)
    assert plan.solution is not None
    stopped = replace(plan, bound=100.0, solution=replace(plan.solution, bound=100.0))
    tables = optimizer.studies.horizon(stopped)
    words = tables["horizon"].set_index("subject")["words"]
    assert words["what turns"].startswith("Two more years turn 1 decision: Project mine. Plan over the longer horizon")
    assert words["the plan itself"].startswith("The plan was stopped at a gap of 50%.")
    assert words["one more year"] == (
        "With one more year, keeping what is decided now costs USD 80 (36.4%) more than the best plan found, "
        "which is within the precision to which the plans were solved."
    )
    assert row_of(tables["horizon_decisions"], kind="project")["start_one_year"] is None


def test_a_longer_horizon_without_a_plan_is_said():
    """Demand of 10, 20, 40 and 80 t of which 10 a year can be met: half of it over two years, no more than 3/7 over three."""
    given = case(demand=(need(annual_growth=1.0, minimum_fill_rate=0.6),), offers=(offer(capacity=10.0),))
    tables = studied(given)
    plans = tables["horizon_plans"]
    assert plans["objective"].isna().tolist() == [False, True, True] and plans["words"].iloc[1].startswith("With one more year there is no plan: ")
    decisions = tables["horizon_decisions"]
    assert decisions[["one_year", "two_years"]].isna().all(axis=None) and not decisions["turns"].any()
    assert "no plan with one more year" in decisions["words"].iloc[0]
    assert tables["horizon"]["words"].iloc[0].startswith("It cannot be told")


def test_what_cannot_be_kept_over_a_longer_horizon_is_said():
    """A contract of 10 t a year for one year of 10 t cannot serve 9/10 of 10 and 20 t; one of 15 t a year, of which 5 are kept, can."""
    given = case(settings=settings(periods=1), demand=(need(annual_growth=1.0, minimum_fill_rate=0.9),), offers=(offer(terms="contract", take_or_pay=1.0),))
    tables = studied(given)
    plan = row_of(tables["horizon_plans"], longer=1)
    assert (
        np.isnan(plan["kept"]) and plan["words"] == "With one more year, what is decided now cannot be kept: the workbook's limits cannot all be kept with it."
    )
    contract = row_of(tables["horizon_decisions"], kind="contract")
    assert contract["as_it_is"] == pytest.approx(10.0) and contract["one_year"] == pytest.approx(15.0) and contract["turns"]


# -- the years after the horizon -------------------------------------------------------------------------------------------


def test_quantities_by_period_are_repeated_from_the_last_year():
    """Of six quarters the last four are repeated; a quarter without a quantity of its own grows on; of a half-year, both quarters are."""
    row = need(by_period={0: 7.0, 2: 1.0, 4: 2.0, 5: 3.0})
    longer, told = lengthened(case(settings=settings(period="quarter", periods=6), demand=(row,)), 2)
    assert longer.settings.periods == 14
    assert longer.demand[0].by_period == {0: 7.0, 2: 1.0, 4: 2.0, 5: 3.0, 6: 1.0, 8: 2.0, 9: 3.0, 10: 1.0, 12: 2.0, 13: 3.0}
    assert [one.where for one in told] == ["Settings", "Demand, row 2"]
    half, _ = lengthened(case(settings=settings(period="quarter", periods=2), demand=(need(by_period={0: 5.0, 1: 6.0}),)), 1)
    assert half.demand[0].by_period == {0: 5.0, 1: 6.0, 2: 5.0, 3: 6.0, 4: 5.0, 5: 6.0}


def budgets(periods: int, *rows: BudgetRow, period: str = "quarter", years: int = 2) -> dict[tuple[int, str], float]:
    """Fiscal year and category -> amount, of the longer case; of a year that the horizon cuts, that of both parts."""
    longer, _ = lengthened(case(settings=settings(period=period, periods=periods), budget=rows), years)
    found: dict[tuple[int, str], float] = {}
    for row in longer.budget:
        found[row.fiscal_year, row.category] = found.get((row.fiscal_year, row.category), 0.0) + row.amount
    return found


def test_budgets_of_the_last_year_go_on():
    """A half year's 40 is 80 a whole year, and 40 again in the half year that the longer horizon ends with; a year that the sheet has stays."""
    rows = (BudgetRow(2, 2027, 90.0), BudgetRow(3, 2028, 40.0), BudgetRow(4, 2028, 10.0, category="projects"), BudgetRow(5, 2029, 3.0, category="projects"))
    assert budgets(6, *rows) == {
        (2027, "all"): 90.0, (2028, "all"): 80.0, (2029, "all"): 80.0, (2030, "all"): 40.0,
        (2028, "projects"): 20.0, (2029, "projects"): 3.0, (2030, "projects"): 10.0,
    }  # fmt: skip
    assert budgets(2, BudgetRow(2, 2027, 5.0), period="year") == {(2027, "all"): 5.0}, "what ends before the last year is no budget of it"
    assert budgets(8, BudgetRow(2, 2028, 5.0), years=1) == {(2028, "all"): 5.0, (2029, "all"): 5.0}


def test_a_budget_for_part_of_a_year_that_is_a_whole_year_s_is_taken_for_one():
    """90 for half of 2028 after 100 for 2027 looks like a whole year's, of which checks warn; it is one of 90."""
    assert budgets(6, BudgetRow(2, 2027, 100.0), BudgetRow(3, 2028, 90.0), years=1) == {(2027, "all"): 100.0, (2028, "all"): 90.0, (2029, "all"): 45.0}


def test_a_horizon_that_begins_within_its_only_fiscal_year_goes_on_at_its_rate():
    """Two quarters of fiscal year 2027 with 30 are 60 in the year after."""
    given = case(settings=settings(period="quarter", periods=2, fiscal_year_start_month=7), budget=(BudgetRow(2, 2027, 30.0),))
    assert given.calendar == Calendar(given.settings.start, "quarter", 2, 7)
    longer, told = lengthened(given, 1)
    assert {row.fiscal_year: row.amount for row in longer.budget} == {2027: 30.0, 2028: 60.0}
    assert told[1].words == "all: USD 30 for the 2 of 4 periods of 2027 in the horizon goes on at the same rate, USD 60 a whole year."


def test_limits_duties_and_rules_that_end_with_the_horizon_go_on():
    """One that ends in its last period goes on, unless a later row takes its place; one that ends before it, or has a date after it, stays as it is."""
    limits = tuple(Limit(2 + k, name, "stock_quantity", maximum=9.0, end=end) for k, (name, end) in enumerate([("a", 1), ("b", 0), ("c", 2), ("d", None)]))
    duties = (Duty(2, "tariff", 0.1, end=1), Duty(3, "tariff", 0.2, start=2), Duty(4, "levy", 0.1, end=1))
    longer, told = lengthened(case(limits=limits, duties=duties), 1)
    assert [row.end for row in longer.limits] == [None, 0, 2, None] and [row.end for row in longer.duties] == [1, None, None]
    assert [one.where for one in told] == ["Settings", "Limits, row 2", "Duties, row 4", "Duties, row 3"]
    assert told[1].words == "a: it ends with the horizon, in 2028, and goes on."
    assert told[3].words == "What the row dates 2029, after the horizon as it is, counts in the longer one."


# -- futures ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(30))
def test_the_futures_of_the_longer_case_are_those_of_the_plan_as_far_as_they_go(seed):
    """For random cases of every method the longer tree's first periods are the plan's tree, and its probabilities sum to 1."""
    given = canonical(random_case(seed))
    tree = make_tree(given)
    for years in (1, 2):
        longer = canonical(lengthened(given, years)[0])
        long = continued(tree, longer)
        assert long.periods == longer.settings.periods and agree(tree, long)
        assert sum(scenario.probability for scenario in long.scenarios) == pytest.approx(1.0)
        names = [scenario.name for scenario in long.scenarios]
        assert len(set(names)) == len(names)
        process = DisruptionProcess(longer)
        for n in range(long.size):
            above, t = int(long.parent[n]), int(long.period[n])
            if above >= 0 and tree.method != "listed":
                assert long.regimes[long.regime[n]] in [regime for regime, _ in process.successors(long.regimes[long.regime[above]], t)]


def sampled(scenarios: int = 40, periods: int = 6) -> Case:
    """Two disruptions, of which as many futures are drawn."""
    other = Disruption(3, "strike", annual_probability=0.4, mean_duration_months=6.0, capacity_remaining=0.5, supplier=("A",))
    return canonical(
        case(settings=settings(period="quarter", periods=periods, scenario_method="sampled", scenarios=scenarios, seed=5), disruptions=(BAN, other))
    )


def test_drawn_futures_go_on_as_the_process_does():
    """Of the futures that end without a disruption, and are not the most probable one, as many see a ban begin as its chance says, within one of them."""
    given = sampled(200)
    tree = make_tree(given)
    longer = canonical(lengthened(given, 1)[0])
    long = continued(tree, longer)
    usual = history(tree, tree.reference[-1])
    paths = [(history(long, s.leaf), s.probability) for s in long.scenarios]
    calm = [(path, p) for path, p in paths if path[5] == () and path[:6] != usual]
    began = sum(p for path, p in calm if any(0 in regime for regime in path[6:])) / sum(p for _, p in calm)
    assert began == pytest.approx(0.2, abs=1.5 / len(calm) + 0.01)
    # The reference path goes on as is most probable, with the probability of that.
    most = next(p for path, p in paths if path == (*usual, *[()] * 4))
    weight = sum(p for path, p in paths if path[:6] == usual)
    assert most == pytest.approx(weight * 0.8 * 0.6) and history(long, long.reference[-1]) == (*usual, *[()] * 4)


def test_a_new_draw_would_have_other_futures():
    """Why futures are continued: the same seed draws other futures for a longer horizon, because their numbers are shuffled anew."""
    given = sampled()
    longer = canonical(lengthened(given, 1)[0])
    own = {tuple(path) for path, _, _ in sampled_paths(given)}
    drawn = longer.with_settings(horizon=None)
    anew = {tuple(path[:6]) for path, _, _ in sampled_paths(drawn)}
    assert own != anew and not agree(make_tree(given), make_tree(drawn))
    assert agree(make_tree(given), continued(make_tree(given), longer)) and agree(make_tree(given), make_tree(longer))


def test_listed_futures_go_on_as_the_sheet_says():
    """A listed ban that begins after the horizon comes with the longer one, and one that outlasts it goes on."""
    rows = tuple(
        ScenarioRow(row, name, 0.3, disruption="ban", starts=starts, duration_months=months)
        for row, name, starts, months in ((2, "late", 2, 12.0), (3, "long", 1, 24.0))
    )
    given = canonical(case(settings=settings(scenario_method="listed"), disruptions=(BAN,), scenarios=rows))
    tree = make_tree(given)
    long = continued(tree, canonical(lengthened(given, 2)[0]))
    assert agree(tree, long)
    assert {s.name: history(long, s.leaf) for s in long.scenarios} == {
        "late": ((), (), (0,), ()),
        "long": ((), (0,), (0,), ()),
        "nothing happens": ((), (), (), ()),
    }


def test_every_way_in_which_few_futures_go_on_is_a_future():
    """The exact tree of a longer case, while its futures are no more than the setting; then each goes on in as many ways as its weight asks for."""
    given = canonical(case(disruptions=(BAN,)))
    longer = canonical(lengthened(given, 2)[0])
    assert len(continued(make_tree(given), longer).scenarios) == 8
    few = continued(make_tree(given), canonical(longer.with_settings(scenarios=5)))
    assert agree(make_tree(given), few) and few.method == "sampled" and len(few.scenarios) <= 7


# -- any plan --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_the_study_is_right_for_random_cases(seed):
    """Keeping today's decisions is never cheaper than the best plan; nothing turns where it is as good, and it is said where it turns."""
    try:
        plan = optimizer.solve(random_case(seed).with_settings(scenarios=10))
    except OptimizerError:
        return
    tables = optimizer.studies.horizon(plan)
    plans, decisions = tables["horizon_plans"], tables["horizon_decisions"]
    known = plans[plans["kept"].notna()]
    assert (known["kept"] >= known["objective"] - 1e-6 * known["objective"].abs()).all() and (known["extra"] >= 0).all()
    today = decisions[decisions["kind"].isin(["contract", "project", "first orders"])]
    if (known["extra"] <= 1e-6 * known["objective"].abs()).all() and len(known) == 3:
        assert not today["turns"].any()
    assert tables["horizon"]["words"].iloc[0].startswith("No decision") != decisions["turns"].any() or plans["objective"].isna().any()
    assert "those of the plan" in tables["horizon"]["words"].iloc[-1]


@pytest.mark.parametrize(
    "given",
    [
        case(demand=(need(0.0),)),
        case(settings=settings(risk_weight=1.0, cvar_level=0.5), disruptions=(BAN,)),
        case(settings=settings(periods=1, scenario_method="sampled", scenarios=1), disruptions=(BAN,)),
        replace(MINE, disruptions=(BAN,), projects=(replace(MINE.projects[0], may_wait_for=("ban",)),)),
        case(disruptions=(replace(BAN, active_now=True),), materials=(ore(shelf_life_months=12.0),)),
    ],
    ids=["nothing is needed", "CVaR alone", "one future", "a project that waits", "active now"],
)
def test_the_study_answers_for_unusual_plans(given):
    """Nothing needed, aversion to risk alone, one future, projects that wait for a disruption: each longer horizon has its plan."""
    tables = studied(given)
    assert tables["horizon_plans"]["objective"].notna().all() and tables["horizon_plans"]["kept"].notna().all()


def test_a_program_that_is_decomposed_has_the_same_answer(monkeypatch):
    """Cut along the trunk of its tree, a case turns the same decisions at the same cost as in one piece."""
    from optimizer.solving import solve

    given = replace(MINE, disruptions=(replace(BAN, capacity_remaining=0.5, annual_probability=0.1),), settings=settings(periods=3))
    plan = optimizer.solve(replace(given, projects=(replace(MINE.projects[0], cost=190.0),)))
    whole = optimizer.studies.horizon(plan)
    monkeypatch.setattr(solve, "LARGE", 1)
    parts = optimizer.studies.horizon(plan)
    for column in ("objective", "kept"):
        assert parts["horizon_plans"][column].tolist() == pytest.approx(whole["horizon_plans"][column].tolist(), rel=1e-5)
    assert parts["horizon_decisions"]["turns"].tolist() == whole["horizon_decisions"]["turns"].tolist()


def test_what_is_stopped_by_the_clock_is_said_with_its_gap():
    """A plan that is not proven over the longer horizon says how much less another may cost."""
    from optimizer.studies.lengthening.horizon_words import Compared, of_plan

    said = of_plan(Compared(2, 1000.0, 0.02, 50.0, False, False, False, True, ""), "USD")
    assert said == (
        "With two more years, keeping what is decided now costs USD 50 (5%) more than the best plan found. "
        "The search was stopped: a plan that costs up to 2% less may exist."
    )
    unknown = of_plan(Compared(2, 1000.0, np.inf, 50.0, False, False, False, True, ""), "USD")
    assert unknown.endswith("The search was stopped: how much less another plan may cost is not known.")


class Enough(Exception):
    """Raised by whoever listens."""


@pytest.mark.parametrize("calls", [1, 3, 12])
def test_an_exception_of_the_listener_stops_the_study(calls):
    """It comes out as it was raised, and leaves no thread behind that works on."""
    plan, told, before = optimizer.solve(MINE), [], threading.active_count()

    def progress(state) -> None:
        told.append(state)
        if len(told) >= calls:
            raise Enough

    with pytest.raises(Enough):
        optimizer.studies.horizon(plan, progress)
    assert threading.active_count() <= before
    assert all(0 <= state.share <= 1 for state in told if state.share is not None) and all(state.words for state in told)


def test_a_solver_at_work_ends_before_an_exception_of_the_listener_goes_on():
    """While a solve runs, the exception stops it as a caller would; it is raised once the solve has ended."""

    def progress(state) -> None:
        raise Enough

    link = Link(Watch(report=progress), 1, 60.0)
    assert not link.watch.stop
    link.watch.tell(Phase.SEARCH)
    assert link.watch.stop
    with pytest.raises(Enough):
        link.go_on()


def test_a_plan_without_its_solver_s_arrays_is_refused():
    """A plan that was read back has nothing to be solved again."""
    with pytest.raises(ValueError, match="read back"):
        optimizer.studies.horizon(replace(optimizer.solve(case()), solution=None))
