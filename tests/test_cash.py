"""Cash and commitments: what is due whatever happens, by hand, and cash that adds up to that of the plan."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plans import solved
from random_cases import random_case
from support import case, need, offer, settings

import optimizer
from optimizer.case import Disruption, Project
from optimizer.errors import OptimizerError
from optimizer.studies.cash import cash_flow


def test_what_is_signed_and_started_binds_by_hand():
    """Ten a year at 2 with half of it take-or-pay, 0.1 a unit reserved and 0.3 prepaid; a project of 6 over two years that the contract waits for."""
    signed = offer(price=2.0, capacity=10.0, terms="contract", take_or_pay=0.5, reservation_price=0.1, prepayment=0.3)
    built = offer("B", price=0.5, capacity=10.0, row=3, project="plant")
    drawn = case(
        settings=settings(periods=3),
        offers=(signed, built),
        demand=(need(12.0, shortage_cost=50.0),),
        projects=(Project(row=2, project="plant", cost=6.0, lead_time_months=24.0),),
    )
    plan = optimizer.solve(drawn)
    tables = cash_flow(plan)
    contract = plan.tables["contracts"].iloc[0]
    assert (contract.price, contract.begins, contract.ends, contract.take_or_pay) == (2.0, "2027", "2029", 0.5)
    assert contract.committed == pytest.approx(36.0) and contract.value == pytest.approx(3 * (20 + 1) + 3)
    years = tables["commitments"].set_index("fiscal_year")
    # 5 units at 2 and 10 reserved at 0.1 a year, and 3 prepaid in the first.
    assert years["contracts"].tolist() == pytest.approx([14.0, 11.0, 11.0])
    assert years["projects"].tolist() == pytest.approx([3.0, 3.0, 0.0])
    assert years["left"].tolist() == pytest.approx([25.0, 11.0, 0.0])
    assert "USD 25" in years.loc[2027, "words"] and "nothing is due" in years.loc[2029, "words"]
    listed = tables["commitments_signed"].set_index("kind")
    assert listed.loc["contract", "until"] == "2029" and listed.loc["contract", "committed"] == pytest.approx(36.0)
    assert listed.loc["project", "until"] == "2028" and listed.loc["project", "committed"] == pytest.approx(6.0)


@pytest.mark.parametrize("name", ["tutorial", "gallium_germanium", "national_stockpile"])
def test_the_periods_add_up_to_the_years_of_the_plan(name):
    """Mean cash by period is the plan's cash by fiscal year, low is no more than high, and no future pays more than the most."""
    plan = solved(name)
    table, calendar = cash_flow(plan)["cash_flow"], plan.case.calendar
    year = [calendar.fiscal_year(t) for t in range(calendar.periods)]
    for row in plan.tables["yearly"].itertuples():
        mean = sum(value for value, other in zip(table["mean"], year) if other == row.fiscal_year)
        assert mean == pytest.approx(row.cash, rel=1e-6, abs=1e-3)
    assert (table["low"] <= table["high"] + 1e-6).all() and (table["high"] <= table["most"] + 1e-6).all()


def test_commitments_are_never_more_than_what_the_reference_path_pays():
    """On random cases what is due if nothing is called off is within the cash of the reference path: whatever is called off comes on top."""
    seen = 0
    for seed in range(40):
        try:
            plan = optimizer.solve(random_case(seed).with_settings(time_limit_seconds=20))
        except OptimizerError:
            continue
        tables = cash_flow(plan)
        due = tables["commitments"][["contracts", "projects"]].to_numpy().sum()
        seen += due > 0
        assert due <= tables["cash_flow"]["reference"].sum() * (1 + 1e-6) + 1e-3, seed
    assert seen > 3


def test_a_plan_that_was_read_back_is_refused():
    """Its arrays are what the study begins from."""
    with pytest.raises(ValueError, match="read back"):
        cash_flow(replace(solved("tutorial"), solution=None))


def test_what_cannot_be_served_or_is_not_in_force_is_not_due():
    """A ban in force on the whole reference path stops a supplier, so that its take-or-pay is not due; nor is that of a plant that is not ready yet."""
    stopped = offer("A", price=2.0, capacity=10.0, terms="contract", take_or_pay=1.0, bloc="chinese")
    drawn = case(
        settings=settings(periods=3),
        offers=(stopped, offer("B", price=9.0, row=3)),
        disruptions=(Disruption(2, "ban", 0.0, 60.0, 0.0, bloc=("chinese",), active_now=True),),
    )
    plan = optimizer.solve(drawn)
    assert plan.tables["contracts"]["per_year"].tolist() == [] or cash_flow(plan)["commitments"]["contracts"].sum() == pytest.approx(0.0)
    late = offer("A", price=2.0, capacity=10.0, terms="contract", take_or_pay=1.0, project="plant")
    built = case(
        settings=settings(periods=3), offers=(late, offer("B", price=90.0, row=3)), projects=(Project(row=2, project="plant", cost=6.0, lead_time_months=12.0),)
    )
    years = cash_flow(optimizer.solve(built))["commitments"]
    assert years["contracts"].tolist() == pytest.approx([0.0, 20.0, 20.0])


def test_a_contract_has_the_term_and_the_price_of_its_own_periods():
    """One that is live in the second and third year alone, whose price grows by a tenth a year, and of which nothing is due if nothing is called off."""
    later = offer(price=9.0, capacity=10.0, terms="contract", contract_price=2.0, contract_price_growth=0.1, contract_from=1, contract_to=2)
    plan = optimizer.solve(case(settings=settings(periods=4), offers=(later, offer("B", price=50.0, row=3))))
    contract = plan.tables["contracts"].iloc[0]
    assert (contract.begins, contract.ends, contract.committed) == ("2028", "2029", 0.0)
    assert contract.price == pytest.approx(2.2) and contract.value == pytest.approx(10 * 2.2 + 10 * 2.42)


@pytest.mark.parametrize(
    ("lead", "delivery", "window", "reason"),
    [
        (48.0, 0.0, {}, "ready only after the horizon"),
        (24.0, 12.0, {}, "could deliver nothing before the end"),
        (12.0, 0.0, {"earliest_start": 7}, "No period in which it may start"),
        (12.0, 0.0, {}, "The plan is better without it"),
    ],
)
def test_a_project_that_does_not_start_says_why(lead, delivery, window, reason):
    """It comes too late, what it delivers does, it may not start within the horizon, or it is not worth it; one that starts stands first, without a reason."""
    slow, quick = (offer("B", price=2.9, row=3, project="plant", lead_time_months=delivery), offer("C", price=1.0, row=4, project="cheap"))
    offers = (offer("A", price=3.0, capacity=4.0), slow, quick)
    projects = (Project(row=2, project="plant", cost=500.0, lead_time_months=lead, **window), Project(row=3, project="cheap", cost=1.0, lead_time_months=0.0))
    table = optimizer.solve(case(settings=settings(periods=3), offers=offers, projects=projects)).tables["projects"]
    assert table["project"].tolist() == ["cheap", "plant"] and table["start"].notna().tolist() == [True, False]
    assert reason in table["reason"].iloc[1] and table["reason"].isna().iloc[0]
