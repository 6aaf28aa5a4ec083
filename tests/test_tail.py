"""Periods planned for beyond the horizon: by hand, in random cases, and in every figure: the horizon's own and the tail's add up to the objective."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from openpyxl import load_workbook
from random_cases import random_case
from support import case, need, offer, ore, settings
from written_out import solve_written_out
from written_tail import gone_on

import optimizer
from optimizer.case import BudgetRow, Case, Disruption, Limit, Project, ScenarioRow
from optimizer.errors import AuditError, InfeasibleError, OptimizerError
from optimizer.lengthening import lengthened, with_tail
from optimizer.plan.audit import audit, require
from optimizer.plan.plan import Plan
from optimizer.plan.quantities import TAIL, worst_weights
from optimizer.plan.results import Results
from optimizer.scenarios import make_tree
from optimizer.scenarios.continued import agree
from optimizer.scenarios.exact import count_paths
from optimizer.schema.results import OUTPUTS
from optimizer.solving.extensive import solve_extensive
from optimizer.studies.registry import STUDIES

SEEDS, BATCH = range(1, 61), 20
MOST_PATHS = 16
"""The most futures of a random case that is written out: with more, a case takes seconds."""


def tailed(given: Case, periods: int = 1) -> Plan:
    """The plan of a case with a tail; where its futures are not drawn, the model as it is written out has the same optimum."""
    longer = given.with_settings(tail_periods=periods)
    plan = optimizer.solve(longer)
    if plan.provenance["scenario_method"] != "sampled":
        assert solve_written_out(longer).objective == pytest.approx(plan.objective, abs=plan.objective - plan.bound + 1e-6 * abs(plan.objective))
    return plan


def costs(plan: Plan, table: str = "costs") -> dict[str, float]:
    """The parts of the cost that are not 0."""
    return {row.part: row.expected for row in plan.tables[table].itertuples() if row.expected}


def test_a_project_that_pays_back_in_the_tail_is_started_and_its_gain_is_the_tail_s():
    """10 t a year at 10, or at 1 a year after 100 were spent: one year of tail starts it. The horizon has 100 + 100 + 10, the tail 10, and 200 without it."""
    given = case(
        offers=(offer("A", price=10.0), offer("mine", price=1.0, capacity=10.0, project="mine", row=3)),
        projects=(Project(2, "mine", cost=100.0, lead_time_months=12.0),),
    )
    assert optimizer.solve(given).expected_cost == pytest.approx(200.0)
    plan = tailed(given)
    assert plan.tables["projects"]["start"].tolist() == ["2027"]
    assert (plan.objective, plan.expected_cost, plan.tail_expected_cost) == pytest.approx((220.0, 210.0, 10.0))
    assert costs(plan) == pytest.approx({"purchases": 110.0, "projects": 100.0}) and costs(plan, "tail_costs") == pytest.approx({"purchases": 10.0})
    assert plan.tables["yearly"]["cash"].tolist() == pytest.approx([200.0, 10.0]) and plan.tables["tail_yearly"]["cash"].tolist() == pytest.approx([10.0])
    assert plan.tables["orders"]["period"].tolist() == ["2027", "2028"] and plan.tables["tail_orders"]["period"].tolist() == ["2029"]
    assert plan.tables["tail_projects"].empty
    line = next(one for one in plan.headlines if one.name == "tail_expected_cost")
    assert line.text == "USD 10" and "2029, discounted: beyond the horizon" in line.meaning


def test_stock_at_the_end_is_kept_for_the_tail_and_its_salvage_is_the_tail_s():
    """Prices double: the 10 t of the tail are bought in the horizon, at its price. What is left at the very end has its salvage value, in the tail."""
    plan = tailed(case(settings=settings(periods=1), offers=(offer(price_growth=1.0),)))
    assert plan.tables["cover"]["quantity"].tolist() == pytest.approx([10.0]) and plan.tables["tail_cover"]["quantity"].tolist() == pytest.approx([0.0])
    assert costs(plan) == pytest.approx({"purchases": 20.0}) and costs(plan, "tail_costs") == {}
    given = case(settings=settings(periods=1), materials=(ore(salvage_value=0.5, holding_cost_per_year=0.0),), offers=(offer(minimum_order=25.0),))
    plan = tailed(given)
    assert "salvage" not in costs(plan) and costs(plan, "tail_costs")["salvage"] < 0


def test_discounting_goes_on_and_a_start_in_the_tail_is_none_of_the_horizon():
    """At 25% a year the third year's 10 count 6.4; a project whose window opens in the tail is told there alone."""
    plan = tailed(case(settings=settings(discount_rate=0.25)))
    assert (plan.expected_cost, plan.tail_expected_cost) == pytest.approx((18.0, 6.4))
    offers = (offer("A", price=10.0), offer("mine", price=1.0, capacity=10.0, project="mine", row=3))
    plan = tailed(case(offers=offers, projects=(Project(2, "mine", cost=50.0, lead_time_months=0.0, earliest_start=2),)), 2)
    assert plan.tables["projects"]["start"].tolist() == [None] and plan.tables["projects"]["chance"].tolist() == [0.0]
    assert plan.tables["tail_projects"]["start"].tolist() == ["2029"]
    assert costs(plan) == pytest.approx({"purchases": 200.0}) and costs(plan, "tail_costs") == pytest.approx({"purchases": 20.0, "projects": 50.0})


def test_a_contract_goes_on_unless_it_ends_and_its_minimum_is_paid_in_the_tail():
    """A contract of at least 10 t a year at 1 against 4 on the spot market: open, it serves the tail; ending with 2028, the tail buys at 4."""
    offers = (offer("spot", price=4.0), offer("ally", contract_price=1.0, terms="contract", minimum_contract=10.0, take_or_pay=1.0, capacity=10.0, row=3))
    assert costs(tailed(case(offers=offers)), "tail_costs") == pytest.approx({"purchases": 10.0})
    ends = (offers[0], replace(offers[1], contract_to=1))
    assert costs(tailed(case(offers=ends)), "tail_costs") == pytest.approx({"purchases": 40.0})


def test_what_ages_in_the_horizon_is_not_kept_for_the_tail():
    """Bought at half the price of the year after, a material that keeps a year is not bought for the tail."""
    given = case(settings=settings(periods=1), materials=(ore(shelf_life_months=12.0, disposal_cost=0.0),), offers=(offer(price_growth=1.0),))
    plan = tailed(given)
    assert costs(plan) == pytest.approx({"purchases": 10.0}) and costs(plan, "tail_costs") == pytest.approx({"purchases": 20.0})


def test_budgets_go_on_and_each_part_keeps_to_its_own():
    """Half of fiscal year 2027 has 4: the horizon's two quarters spend 4 and no more though the rest of the year has 4 of its own; 2028 has 8."""
    given = case(settings=settings(period="quarter", periods=2), budget=(BudgetRow(2, 2027, 4.0),), materials=(ore(holding_cost_per_year=1000.0),))
    plan = tailed(given, 4)
    assert plan.tables["budget"][["fiscal_year", "amount", "spent", "highest"]].to_dict("records") == [
        {"fiscal_year": 2027, "amount": 4.0, "spent": pytest.approx(4.0), "highest": pytest.approx(4.0)}
    ]
    tail = plan.tables["tail_budget"]
    assert tail["fiscal_year"].tolist() == [2027, 2028] and tail["amount"].tolist() == pytest.approx([4.0, 4.0])
    assert tail["spent"].tolist() == pytest.approx([4.0, 4.0])
    carrying = replace(given, budget=(BudgetRow(2, 2027, 6.0, carry_over=1.0),))
    plan = tailed(carrying, 2)
    assert plan.tables["tail_budget"]["carried"].tolist() == pytest.approx([6.0 - 5.0])
    # Half of 2028 with nearly as much as all of 2027 has the budget of the whole year, which horizon and tail share.
    whole = replace(given.with_settings(periods=6), budget=(BudgetRow(2, 2027, 10.0), BudgetRow(3, 2028, 9.0)))
    plan = tailed(whole, 2)
    assert plan.objective == pytest.approx(10.0 + 9.0 + 100.0)


def test_a_quantity_that_is_known_of_the_tail_stays():
    """Demand of 4 and 6 in two years: the year after is as the last one, 6; where a case made in Python says 9 of it, it is 9."""
    for known, expected in (({}, 6.0), ({2: 9.0}, 9.0)):
        plan = tailed(case(demand=(need(by_period={0: 4.0, 1: 6.0, **known}),)))
        assert costs(plan, "tail_costs") == pytest.approx({"purchases": expected})


def test_what_is_promised_on_average_or_of_a_year_is_promised_of_the_horizon_by_itself():
    """A fill rate of 3/4 where the horizon can meet half: a tail that meets all of its demand does not make up for it. A share holds in each part of a year."""
    late = offer("late", capacity=40.0, row=3, available_from=1)
    given = case(
        settings=settings(periods=1), demand=(need(minimum_fill_rate=0.75),), offers=(offer(capacity=5.0), late), materials=(ore(storage_capacity=0.0),)
    )
    with pytest.raises(InfeasibleError):
        tailed(given, 3)
    share = Limit(2, "A", "purchase_share", supplier=("A",), maximum=0.5)
    plan = tailed(case(settings=settings(period="quarter", periods=2), offers=(offer("A"), offer("B", price=2.0, row=3)), limits=(share,)), 2)
    orders = plan.tables["orders"].groupby("supplier")["spot"].sum()
    assert orders["A"] == pytest.approx(orders["B"])


def test_listed_futures_go_on_as_the_sheet_says():
    """A ban of 24 months that begins in the last year of the horizon goes on in the tail; nothing else happens there."""
    ban = Disruption(2, "ban", 0.2, 24.0, 0.0, supplier=("A",))
    rows = (ScenarioRow(2, "ban", 0.25, disruption="ban", starts=1, duration_months=24.0),)
    plan = tailed(case(settings=settings(scenario_method="listed"), materials=(ore(storage_capacity=0.0),), disruptions=(ban,), scenarios=rows), 2)
    assert costs(plan)["shortage"] == pytest.approx(250.0) and costs(plan, "tail_costs")["shortage"] == pytest.approx(250.0)


def test_the_futures_of_the_horizon_are_those_without_a_tail():
    """With a tail, the tree's first periods are the tree that the case has without one, also where futures are drawn."""
    for seed in range(8):
        for method in ("exact", "sampled"):
            given = random_case(seed).with_settings(scenario_method=method, scenarios=12)
            assert agree(make_tree(given), make_tree(with_tail(given.with_settings(tail_periods=3))))


@pytest.mark.parametrize("seed", range(14))
def test_horizon_and_tail_add_up_in_random_cases(seed):
    """Every table of costs, the fill rates, cash and shortage: the horizon's and the tail's figures are those of all periods; the audit agrees."""
    given = random_case(seed).with_settings(
        scenarios=12, scenario_method="sampled" if seed % 2 else "exact", periods=min(3, random_case(seed).settings.periods)
    )
    try:
        plan = tailed(given, 1 + seed % 3)
    except OptimizerError as error:
        assert "exact" in str(error) or isinstance(error, InfeasibleError) or "scenarios" in str(error)
        return
    solution, s = plan.solution, plan.case.settings
    assert solution is not None and plan.case.calendar.periods == s.periods and solution.built.tree.periods == s.periods + s.tail_periods
    both = [(1 - s.risk_weight) * e + s.risk_weight * c for e, c in ((plan.expected_cost, plan.cvar), (plan.tail_expected_cost, plan.tail_cvar))]
    assert sum(both) == pytest.approx(plan.objective)
    parts = plan.tables["costs"]["expected"] + plan.tables["tail_costs"]["expected"]
    whole = Results(solution).expected_costs
    assert dict(zip(plan.tables["costs"]["part"], parts)) == pytest.approx(whole, abs=1e-9)
    assert plan.tables["costs"]["expected"].sum() == pytest.approx(plan.expected_cost, abs=1e-6)
    scenario = plan.tables["scenarios"]
    assert float(scenario["probability"] @ scenario["cost"]) == pytest.approx(plan.expected_cost, abs=1e-6)
    horizon = set(plan.case.calendar.labels)
    for output in OUTPUTS:
        if "period" in output.columns and len(table := plan.tables[output.name]):
            assert set(table["period"]) <= horizon if output.beyond is None else not set(table["period"]) & horizon, output.name


@pytest.mark.parametrize("first", range(SEEDS.start, SEEDS.stop, BATCH))
def test_a_tail_written_out_gives_the_same_optimum_in_random_cases(first):
    """The same status and the same optimum to 1e-6, on cases whose futures all go on in every way, or as listed; most of them have a plan."""
    planned = 0
    for seed in range(first, first + BATCH):
        drawn = random_case(seed)
        given = drawn.with_settings(periods=min(3, drawn.settings.periods), tail_periods=1 + seed % 3, scenarios=100_000, mip_gap=0.0, time_limit_seconds=60.0)
        if not given.scenarios and count_paths(gone_on(given), MOST_PATHS) > MOST_PATHS:
            continue
        solution, other = solve_extensive(given), solve_written_out(given)
        assert solution.status == other.status, f"seed {seed}: {solution.status}, written out {other.status}"
        if solution.status == "optimal":
            planned += 1
            assert solution.objective == pytest.approx(other.objective, abs=1e-6 * max(1.0, abs(other.objective))), f"seed {seed}"
    assert planned >= BATCH / 4


def test_the_plan_workbook_has_the_tail_s_sheets_where_there_is_one(tmp_path):
    """Sheets of the tail stand in the plan workbook of a case that has one alone, with what the tables say; the JSON has the two figures of it."""
    sheets = {output.sheet for output in OUTPUTS if output.beyond is not None}
    for plan, there in ((tailed(case(), 2), sheets), (optimizer.solve(case()), set())):
        plan.save(tmp_path / "plan.xlsx", detail=True)
        book = load_workbook(tmp_path / "plan.xlsx", read_only=True)
        assert set(book.sheetnames) & sheets == there
        assert plan.to_dict()["tail_expected_cost"] == pytest.approx(20.0 if there else 0.0)
        if there:
            rows = list(book["Tail cost parts"].iter_rows(values_only=True))
            assert ("purchases", 20.0, 20.0) in rows


def test_the_audit_refuses_a_wrong_split():
    """What moves cost from the tail to the horizon, or claims one part too few, is found."""
    plan = tailed(case(), 2)
    built, results = plan.solution.built, Results(plan.solution)
    claimed = results.claimed()
    require(audit(built.case, built.tree, results.decisions, claimed))
    one, other = claimed.stretches
    moved = replace(claimed, stretches=(replace(one, expected_cost=one.expected_cost + 1), replace(other, expected_cost=other.expected_cost - 1)))
    parts = replace(claimed, stretches=(replace(one, costs={**one.costs, "purchases": 0.0}), other))
    for wrong in (moved, parts, replace(claimed, stretches=(one,))):
        with pytest.raises(AuditError):
            require(audit(built.case, built.tree, results.decisions, wrong))
    assert Results(plan.solution, part=TAIL).expected_cost == pytest.approx(20.0)


def test_the_worst_futures_weights_take_equal_ones_in_proportion():
    """Of costs 5, 3, 3 and 1 with weights 0.1, 0.2, 0.2 and 0.5 the worst 0.3 are all of the first and half of each of the next two."""
    weights = worst_weights(np.array([5.0, 3.0, 1.0, 3.0]), np.array([0.1, 0.2, 0.5, 0.2]), 0.7)
    assert weights.tolist() == pytest.approx([1 / 3, 1 / 3, 0.0, 1 / 3])
    assert worst_weights(np.array([1.0, 2.0]), np.array([0.5, 0.5]), 0.0).tolist() == pytest.approx([0.5, 0.5])


def test_a_case_goes_on_once():
    """What goes on beyond its horizon already is not lengthened again, and a case without a tail stays as it is."""
    given = case()
    assert with_tail(given) is given
    longer, _ = lengthened(given, 2)
    assert longer.calendar.parts == (range(2), range(2, 4)) and with_tail(longer) is longer
    with pytest.raises(ValueError, match="already"):
        lengthened(longer, 1)


def test_what_a_contract_owes_beyond_the_horizon_is_said_and_counts_in_no_figure():
    """A contract of 10 t a year at 1, paid for in any case: 20 are due in two years of the horizon, and 10 in the year beyond it."""
    offers = (offer("spot", price=4.0), offer("ally", contract_price=1.0, terms="contract", minimum_contract=10.0, take_or_pay=1.0, capacity=10.0, row=3))
    tables = optimizer.study(tailed(case(offers=offers)), "cash_flow")
    assert tables["commitments"]["contracts"].tolist() == pytest.approx([10.0, 10.0]) and tables["commitments"]["left"].tolist() == pytest.approx([10.0, 0.0])
    assert tables["commitments_signed"]["committed"].tolist() == pytest.approx([20.0]) and tables["commitments_signed"]["until"].tolist() == ["2028"]
    assert tables["commitments"]["words"].iloc[1] == (
        "After 2028 nothing is due within the horizon for what is signed and started now. "
        "Beyond the horizon USD 10 more are due in the periods that are planned for there."
    )


ANSWERING = ("playbook", "cash_flow", "out_of_sample", "horizon", "ranges", "stress", "regret", "frontier", "decided_for", "shortage_causes")


@pytest.mark.parametrize("name", ANSWERING)
def test_studies_answer_for_a_plan_with_a_tail(name):
    """Each of these makes its tables, and says which periods it counts; what counts both tells the tail's part of the expected cost apart."""
    ban = Disruption(2, "ban", 0.2, 12.0, 0.0, supplier=("A",), annual_probability_high=0.4)
    given = case(settings=settings(risk_weight=0.3, cvar_level=0.5), offers=(offer("A"), offer("B", price=3.0, row=3)), disruptions=(ban,))
    plan = tailed(given, 1)
    tables, counts = optimizer.study(plan, name), STUDIES[name].counts(plan.case)
    assert ("2028" in counts and ("together" in counts) == STUDIES[name].together) and STUDIES[name].counts(given) == ""
    if name == "regret":
        # Without A all is bought from B at 3 in place of 1: what that costs more in the one year of tail is the tail's, weighed over its futures.
        (offered,) = tables["regret"].query("kind == 'offer' and decision.str.contains('A')").to_dict("records")
        without = tailed(replace(given, offers=given.offers[1:]), 1)
        assert offered["beyond"] == pytest.approx(without.tail_expected_cost - plan.tail_expected_cost)
        assert offered["expected"] - offered["beyond"] == pytest.approx(without.expected_cost - plan.expected_cost)
        assert "lies beyond the horizon" in offered["words"] and "The column beyond tells" in counts
    if name == "frontier":
        (mine,) = tables["frontier"].query("is_plan").to_dict("records")
        assert mine["beyond"] == pytest.approx(plan.tail_expected_cost) and mine["expected_cost"] - mine["beyond"] == pytest.approx(plan.expected_cost)
    if name == "decided_for":
        parts = tables["decided_for_parts"].groupby("decision")["expected"].sum()
        assert parts.tolist() == pytest.approx(tables["decided_for"].set_index("decision")["expected"][parts.index].tolist())
    if name == "cash_flow":
        assert tables["cash_flow"]["period"].tolist() == ["2027", "2028"]
        assert tables["cash_flow"]["mean"].sum() == pytest.approx(plan.expected_cash)
    if name == "out_of_sample":
        assert tables["out_of_sample_costs"].set_index("figure").loc["Total expected cost", "unseen"] == pytest.approx(plan.expected_cost)
    if name == "horizon":
        assert tables["horizon_plans"]["last_period"].tolist() == ["2028", "2030", "2031"]
