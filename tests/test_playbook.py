"""The playbook keeps what the plan has decided by then, answers at least cost, and owns up where it cannot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from random_cases import random_case
from support import case, need, offer, ore, settings

import optimizer
from optimizer.case import BudgetRow, Disruption, Limit, StockItem
from optimizer.errors import InfeasibleError
from optimizer.studies.playbooks import TABLES, branches_of, playbook

BAN = Disruption(2, "ban", annual_probability=0.1, mean_duration_months=12.0, capacity_remaining=0.0, supplier=("A",))


def at(table, **where):
    """The rows of a table where columns have these values."""
    for column, value in where.items():
        table = table[table[column] == value]
    return table


def test_a_disruption_draws_on_stock_then_on_the_dearer_source():
    """Stock of 4 and a source at 3 for 5 a year meet a year's ban of 10 t in 2028, and 1 t is short: by hand.

    Inherited: 4 t, which keeping costs nothing and salvage repays, so that the plan still has them. Cheap A at 1, B at 3.
    """
    given = case(
        settings=settings(periods=3),
        materials=(ore(salvage_value=2.9),),
        inventory=(StockItem(2, "ore", "allied", 4.0),),
        demand=(need(10.0),),
        offers=(offer("A", capacity=10.0), offer("B", price=3.0, capacity=5.0, row=3)),
        disruptions=(replace(BAN, annual_probability=0.0),),
    )
    tables = playbook(optimizer.solve(given))
    rows = at(tables["playbook"], begins="2028")
    assert list(rows["lasts_until"]) == ["2028"] * 3 and rows["feasible"].dtype == bool and rows["feasible"].all()
    assert list(rows["stock_undisturbed"]) == pytest.approx([4.0, 4.0, 4.0])
    assert list(rows["stock"]) == pytest.approx([4.0, 0.0, 0.0])
    assert list(rows["ordered"]) == pytest.approx([10.0, 5.0, 10.0])
    assert list(rows["short"]) == pytest.approx([0.0, 1.0, 0.0])
    summary = at(tables["playbook_summary"], begins="2028").iloc[0]
    # 10 t from A not bought; 5 t from B, 1 t short, 4 t less to sell at the end.
    assert summary["extra_cost"] == pytest.approx(-10 + 15 + 100 + 4 * 2.9)
    assert summary["extra_shortage_cost"] == pytest.approx(100) and summary["first_short"] == "2028"
    assert summary["words"] == "ban, 2028: costs USD 117 more; short of 1 t of ore, from 2028 on."
    orders = at(tables["playbook_orders"], begins="2028", period="2028").set_index("supplier")
    assert orders.loc["A", ["spot", "spot_undisturbed"]].tolist() == pytest.approx([0.0, 10.0])
    assert orders.loc["B", ["spot", "spot_undisturbed"]].tolist() == pytest.approx([5.0, 0.0])


def test_what_the_limits_cannot_meet_is_marked():
    """A hard least purchase that a ban makes impossible is said to be so, without figures and without failing."""
    given = case(disruptions=(replace(BAN, annual_probability=0.0),), limits=(Limit(2, "keep buying", "purchase_to_demand", minimum=0.5),))
    tables = playbook(optimizer.solve(given))
    (summary,) = tables["playbook_summary"].to_dict("records")
    assert summary["feasible"] is False and np.isnan(summary["extra_cost"])
    assert summary["words"].startswith("ban, 2028: cannot be met")
    assert tables["playbook"]["stock"].isna().all() and tables["playbook_orders"].empty


def test_money_already_spent_is_gone():
    """Half of the year's budget went into the first quarter's stock: what is left buys the dear source only so far."""
    given = case(
        settings=settings(period="quarter", periods=4),
        demand=(need(40.0),),
        budget=(BudgetRow(2, 2027, 40.0),),
        offers=(offer("A", capacity=40.0), offer("B", price=10.0, row=3)),
        disruptions=(replace(BAN, mean_duration_months=9.0, annual_probability=0.0),),
    )
    rows = at(playbook(optimizer.solve(given))["playbook"], begins="2027-Q2")
    assert rows["short"].sum() == pytest.approx(30 - 3), "10 USD are spent, 30 buy 3 t at 10"


def test_what_another_follows_comes_first():
    """A disruption that follows another begins with it already active: from the period before, in the first period it can."""
    first, second = replace(BAN, disruption="licences"), replace(BAN, row=3, disruption="ban", follows="licences")
    branches = {(b.disruption, b.begins): b for b in branches_of(case(disruptions=(first, second)), ((),) * 4)}
    assert branches[1, 2].regimes == ((), (0,), (0, 1), ()) and branches[1, 2].leaves == 1
    assert branches[1, 1].regimes == ((), (0, 1), (), ())
    assert branches[0, 3].regimes == ((), (), (), (0,))


def test_a_plan_without_its_solution_is_refused():
    """A plan read back from a file cannot be played."""
    with pytest.raises(ValueError, match="as it was solved"):
        playbook(replace(optimizer.solve(case()), solution=None))


@pytest.mark.parametrize("first", range(0, 40, 10))
def test_on_random_cases_the_past_is_kept_and_nothing_costs_nothing(first):
    """Before a branch leaves, stocks, shortages and orders are the plan's; a disruption without effect costs nothing more."""
    played = 0
    for seed in range(first, first + 10):
        given = random_case(seed)
        idle = Disruption(99, "idle", annual_probability=0.0, mean_duration_months=7.0, capacity_remaining=1.0)
        given = replace(given, disruptions=(*given.disruptions, idle))
        try:
            plan = optimizer.solve(given, method="extensive")
        except InfeasibleError:
            continue
        tables = playbook(plan)
        assert {o.name: list(o.columns) for o in TABLES} == {name: list(table) for name, table in tables.items()}
        rows = tables["playbook"].merge(plan.tables["cover"], on=["material", "period"], suffixes=("", "_plan"))
        leaves = {(b.disruption, b.begins): b.leaves for b in branches_of(plan.solution.built.case, ((),) * given.settings.periods)}
        names = [d.disruption for d in plan.solution.built.case.disruptions]
        labels = given.calendar.labels
        for row in rows.to_dict("records"):
            before = labels.index(row["period"]) < leaves[names.index(row["disruption"]), labels.index(row["begins"])]
            if row["feasible"] and before:
                assert row["stock"] == pytest.approx(row["quantity"], rel=1e-6, abs=1e-6), f"seed {seed}: {row}"
                assert row["short"] == pytest.approx(row["short_plan"], rel=1e-6, abs=1e-6), f"seed {seed}: {row}"
                played += 1
            assert row["stock_undisturbed"] == pytest.approx(row["quantity"], rel=1e-6, abs=1e-6), f"seed {seed}: {row}"
        nothing = at(tables["playbook_summary"], disruption="idle", feasible=True)
        size = max(1.0, abs(plan.expected_cost))
        assert np.abs(nothing["extra_cost"]).max() <= 1e-5 * size, f"seed {seed}"
    assert played > 20
