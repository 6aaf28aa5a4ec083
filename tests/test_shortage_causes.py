"""The cause of each shortage is the one that a hand finds: what no decision avoids, what a limit does, and what is dearer to avoid than to bear."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from plans import plain
from random_cases import random_case
from support import case, need, offer, ore, settings

import optimizer
from optimizer.case import BudgetRow, Disruption, Limit, Project
from optimizer.errors import InfeasibleError
from optimizer.studies.shortages import causes as causes_module
from optimizer.studies.shortages.causes import TABLES, shortage_causes
from optimizer.studies.shortages.least_shortage import Shortages
from optimizer.studies.shortages.words import KNOWINGLY, LIMIT, NOT_KNOWN, OPEN, TERMS, TOGETHER, UNAVOIDABLE

BAN = Disruption(2, "ban", annual_probability=0.25, mean_duration_months=1200.0, capacity_remaining=0.0, supplier=("A",))


FRESH = (ore(annual_loss=1.0),)
"""Nothing can be kept for the next year, so that no shortage moves to another one."""


def made(**changes):
    """The table of causes of the small case with changes."""
    return shortage_causes(optimizer.solve(case(**{"materials": FRESH, **changes})))["shortage_causes"]


def test_what_cannot_arrive_in_time_is_unavoidable():
    """An order takes a year: ten tonnes of the first year are short in every future, and no decision avoids them."""
    (found,) = made(offers=(offer(lead_time_months=12.0),)).to_dict("records")
    assert (found["period"], found["cause"], found["short"], found["unavoidable"], found["cost"]) == ("2027", UNAVOIDABLE, 10.0, 10.0, 1000.0)
    assert found["words"] == (
        "ore for use, 2027: 10 t are short on average over all futures, in 100% of them. No decision avoids it, with money and contracts unlimited."
    )


def test_what_is_dearer_to_avoid_than_to_bear_is_borne_knowingly():
    """B asks 120 for what is short at 100: each tonne would cost 120 to avoid, and bearing it costs 100."""
    table = made(offers=(offer(capacity=8.0), offer("B", price=120.0, row=3)))
    assert table["cause"].tolist() == [KNOWINGLY] * 2 and table["knowingly"].tolist() == pytest.approx([2.0, 2.0])
    assert table["avoiding"].tolist() == pytest.approx([120.0, 120.0], rel=1e-4) and table["bearing"].tolist() == pytest.approx([100.0, 100.0])
    assert table["words"][0].endswith(
        "The plan bears it knowingly: avoiding it, in all periods together, would cost USD 120 for each t, and bearing it costs USD 100."
    )


def test_a_budget_is_named_as_the_limit():
    """With 5 for the first year half of its ten tonnes are short; without that row none is."""
    (found,) = made(budget=(BudgetRow(row=2, fiscal_year=2027, amount=5.0),)).to_dict("records")
    assert (found["cause"], found["limit"], found["by_limits"]) == (LIMIT, "Budget of 2027, USD 5", pytest.approx(5.0))
    assert found["words"].endswith("A limit causes it: Budget of 2027, USD 5. Without it, the best plan avoids it.")


def test_a_shortage_with_three_causes_is_divided_among_them():
    """Of ten tonnes A can deliver 6 at 1 and the budget pays 4 of them; B's 3 at 120 are not worth it; one tonne nobody has."""
    given = {"settings": settings(periods=1), "offers": (offer(capacity=6.0), offer("B", price=120.0, capacity=3.0, row=3))}
    (found,) = made(**given, budget=(BudgetRow(row=2, fiscal_year=2027, amount=4.0),)).to_dict("records")
    assert [found[part] for part in ("short", "unavoidable", "by_limits")] == pytest.approx([6.0, 1.0, 2.0])
    # No plan within the budget avoids the other three; without it each costs 120.
    assert found["knowingly"] == pytest.approx(3.0, rel=1e-3) and found["avoiding"] == pytest.approx(120.0, rel=1e-3)
    assert "(no plan that avoids it keeps all rows of Budget and Limits, so these are left out here)" in found["words"]


def test_limits_that_bind_only_together_are_named_together():
    """Either of two equal budgets alone leaves half of the year's demand short; only without both is nothing short."""
    rows = tuple(BudgetRow(row=row, fiscal_year=2027, amount=5.0) for row in (2, 3))
    (found,) = made(budget=rows).to_dict("records")
    assert (found["cause"], found["limit"], found["by_limits"]) == (LIMIT, TOGETHER, pytest.approx(5.0))
    assert found["words"].endswith("All rows of Budget and Limits together cause it: without them, the best plan avoids it.")


def test_a_row_of_limits_is_named():
    """A licence for half of the demand leaves the other half short."""
    table = made(limits=(Limit(row=2, limit="licence", measure="purchase_to_demand", maximum=0.5),))
    assert table["cause"].tolist() == [LIMIT] * 2 and set(table["limit"]) == {"licence"} and table["by_limits"].tolist() == pytest.approx([5.0, 5.0])


def test_the_terms_of_contracts_are_a_limit_where_quantities_and_money_are_none():
    """Two contracts of 5 t a year, of which one may be signed: five tonnes are short, and both could be delivered."""
    offers = tuple(offer(name, capacity=5.0, row=row, terms="contract", spot_limit_per_year=0.0, choose_one="either") for name, row in (("A", 2), ("B", 3)))
    table = made(offers=offers)
    assert table["cause"].tolist() == [LIMIT] * 2 and set(table["limit"]) == {TERMS}
    assert table["words"][0].endswith(f"The quantities are there, but {TERMS} leave no plan that avoids it.")


def test_what_would_only_move_a_shortage_is_told_with_the_other_shortage():
    """Five tonnes for two uses that need five each: the cheaper shortage is borne, as avoiding it would cost another one of 100 for each tonne."""
    demand = (need(5.0, use="dear"), need(5.0, shortage_cost=60.0, use="cheap", row=3))
    (found,) = made(settings=settings(periods=1), offers=(offer(capacity=5.0),), demand=demand).to_dict("records")
    assert (found["use"], found["cause"], found["avoiding"], found["bearing"]) == ("cheap", KNOWINGLY, pytest.approx(100.0), pytest.approx(60.0))
    assert "avoiding it would cost USD 100 for each t, USD 100 of it in other shortages, and bearing it costs USD 60." in found["words"]


def test_a_stock_that_is_dearer_than_the_shortage_is_told_by_its_cost():
    """A ban of the second year at one in four: a tonne kept for it costs 1 and a year's holding of 50 in every future."""
    table = made(disruptions=(BAN,), materials=(ore(holding_cost_per_year=50.0),))
    (found,) = table.to_dict("records")
    assert found["cause"] == KNOWINGLY and found["short"] == pytest.approx(2.5) and found["chance"] == pytest.approx(0.25)
    # Bought in 2027 for every future: 10 + 500 held at the end of 2027, less the 10 that are not bought in 2028 in three of four futures.
    assert found["avoiding"] == pytest.approx((10 + 500 - 7.5) / 2.5) and found["bearing"] == pytest.approx(100.0)


def test_a_project_that_is_not_worth_its_cost_is_told_by_its_cost_for_each_unit():
    """A plant for 1,500 would avoid ten tonnes at 100: each would cost 151."""
    plant = Project(row=2, project="plant", cost=1500.0, lead_time_months=0.0)
    table = made(projects=(plant,), offers=(offer(capacity=5.0), offer("P", capacity=5.0, row=3, project="plant")))
    assert table["cause"].tolist() == [KNOWINGLY] * 2
    # Started, it avoids 5 t in either year: 1,500 and the price of 1 a tonne.
    assert table["avoiding"].tolist() == pytest.approx([(1500 + 10) / 10] * 2)


def test_of_two_equal_ways_neither_is_called_the_better():
    """B asks what a shortage costs: either is as good, and no reason is made up."""
    table = made(offers=(offer(capacity=8.0), offer("B", price=100.0, row=3)), settings=settings(periods=1))
    if not table.empty:  # the plan may as well buy it
        assert table["cause"].tolist() == [OPEN] and "avoiding and bearing are equally good" in table["words"][0]
    bought = made(offers=(offer(capacity=8.0), offer("B", price=99.0, row=3)), settings=settings(periods=1))
    assert bought.empty


def test_the_costs_by_cause_add_up_to_the_shortage_cost():
    """Over random cases every shortage has its parts, they add up, and the costs of the causes add up to the plan's own shortage cost."""
    seen = set()
    for seed in range(8):
        try:
            plan = optimizer.solve(random_case(seed))
        except InfeasibleError:
            continue
        tables = shortage_causes(plan)
        assert {o.name: list(o.columns) for o in TABLES} == {name: list(table) for name, table in tables.items()}
        table, costs = tables["shortage_causes"], tables["shortage_costs"]
        seen |= set(costs["cause"])
        whole = float(plan.solution.term_cost["shortage"] @ plan.solution.built.tree.probability)
        assert costs["cost"].sum() == pytest.approx(whole, rel=1e-4, abs=1e-6) and NOT_KNOWN not in set(costs["cause"])
        parts = table[["unavoidable", "by_limits", "knowingly"]].sum(axis=1)
        assert (parts <= table["short"] * (1 + 1e-6)).all() and table["words"].str.endswith(".").all()
        dearer = table[(table["cause"] == KNOWINGLY) & (plan.case.settings.risk_weight == 0)]
        assert (dearer["avoiding"] > dearer["bearing"]).all()
    assert {UNAVOIDABLE, KNOWINGLY} <= seen


def test_a_limit_that_is_named_is_one_without_which_the_workbook_is_not_short():
    """Solved anew without the row that is named, the workbook's own plan leaves as much less short in that period as is told."""
    rows = (BudgetRow(row=2, fiscal_year=2027, amount=5.0), BudgetRow(row=3, fiscal_year=2028, amount=7.0))
    given = case(materials=FRESH, budget=rows)
    table = shortage_causes(optimizer.solve(given))["shortage_causes"]
    assert table["limit"].tolist() == ["Budget of 2027, USD 5", "Budget of 2028, USD 7"]
    for at, found in enumerate(table.itertuples()):
        again = optimizer.solve(replace(given, budget=(rows[1 - at],))).solution
        left = Shortages(again.built).expected(again.x, ("ore", "use", at))
        assert found.short - left == pytest.approx(found.by_limits)


def test_a_decomposition_finds_the_same_causes(monkeypatch):
    """Solved in parts, with the yes/no decisions kept, unavoidable parts are the same, and what is told is what one program finds."""
    given = case(disruptions=(BAN,), materials=(ore(holding_cost_per_year=50.0),), budget=(BudgetRow(row=2, fiscal_year=2028, amount=4.0),))
    plan = optimizer.solve(given)
    whole = shortage_causes(plan)["shortage_causes"]
    monkeypatch.setattr("optimizer.solving.solve.LARGE", 1)
    monkeypatch.setattr("optimizer.solving.solve.largest_block", lambda tree, mixed: 1)
    parts = shortage_causes(plan)["shortage_causes"]
    figures = ["short", "unavoidable", "by_limits"]
    assert parts["cause"].tolist() == whole["cause"].tolist() and np.allclose(parts[figures], whole[figures], atol=1e-3)


def test_what_there_was_no_time_for_is_not_known():
    """Without any time the physical least is not known either, and each sentence says so."""
    tables = shortage_causes(optimizer.solve(case(offers=(offer(price=200.0),))), seconds=0.0)
    assert set(tables["shortage_causes"]["cause"]) == {NOT_KNOWN} and set(tables["shortage_costs"]["cause"]) == {NOT_KNOWN}
    assert tables["shortage_causes"]["words"].str.endswith("Its cause was not found in the time of this study.").all()


def test_progress_stops_it_and_a_plan_that_was_read_back_is_refused():
    """An exception of progress is passed on; a plan without its arrays is no beginning, and one without shortages has no causes."""

    class Enough(Exception):
        pass

    def stop(progress):
        raise Enough

    plan = optimizer.solve(case(offers=(offer(price=200.0),)))
    with pytest.raises(Enough):
        shortage_causes(plan, stop)
    with pytest.raises(ValueError, match="read back"):
        shortage_causes(replace(plan, solution=None))
    assert shortage_causes(plain())["shortage_causes"].empty and causes_module.SHORTAGE_CAUSES.nothing.endswith(".")
