"""Budgets of some materials, and what one year leaves to the next: in a plan's tables, JSON and words, in the audit, and in the checks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from budget_cases import DEAR_TO_KEEP, TWO, rows
from constraint_cases import event, happens, listed
from random_cases import random_case
from support import case, need, offer, ore, settings

import optimizer
from optimizer.case import BudgetRow, StockItem
from optimizer.errors import InfeasibleError
from optimizer.plan.audit import Claimed, audit
from optimizer.plan.audit_budgets import _counted
from optimizer.plan.audit_costs import outlay
from optimizer.plan.audit_facts import Ledger, gather
from optimizer.plan.audit_read import read
from optimizer.plan.results import Results
from optimizer.solving.extensive import solve_extensive

LEAVES = case(
    **listed(),
    scenarios=(happens(0, 0.4),),
    disruptions=(event(demand_multiplier=2.0),),
    **DEAR_TO_KEEP,
    demand=(need(by_period={0: 4.0}),),
    budget=rows((2027, 10.0, {"carry_over": 0.5}), (2028, 6.0)),
)
"""4 or, with the event, 8 of 10 are spent in the first year; half of what is left adds 3 or 1 to the 6 of the second."""


def test_what_is_carried_over_stands_in_the_tables_the_json_and_the_words():
    """3 of the likelier first year's 6 are carried over; in each future as much as it has left; all of it is spent."""
    plan = optimizer.solve(LEAVES)
    told = [(row["fiscal_year"], row["amount"], row["carried"], row["spent"], row["highest"]) for row in plan.to_dict()["budget"]]
    assert told == [(2027, 10.0, 0.0, pytest.approx(4.0), pytest.approx(8.0)), (2028, 6.0, pytest.approx(3.0), pytest.approx(9.0), pytest.approx(9.0))]
    each = plan.tables["scenario_budget"]
    assert sorted(each[each["fiscal_year"] == 2028]["carried"]) == pytest.approx([1.0, 3.0])
    assert plan.tables["budget"]["fullest"].tolist() == pytest.approx([0.8, 1.0])
    assert plan.sentences["binds"][0] == "The 2028 budget of USD 6, with USD 3 of the year before, is used up on the reference path."
    used = next(figure for figure in plan.headlines if figure.name == "budget_used")
    assert used.value == pytest.approx(1.0) and "100% in the fullest future" in used.meaning


def test_a_budget_of_a_material_counts_what_is_paid_for_it():
    """4 of 14 are for ore, and the row says which materials it counts."""
    plan = optimizer.solve(case(**TWO, settings=settings(periods=1), budget=rows((2027, 4.0, {"material": ("ore",)}), (2027, 99.0))))
    (ore_row, all_row) = plan.to_dict()["budget"]
    assert (ore_row["material"], ore_row["spent"]) == ("ore", pytest.approx(4.0))
    assert (all_row["material"], all_row["spent"]) == ("", pytest.approx(14.0))
    assert "The 2027 budget of ore of USD 4 is used up on the reference path." in plan.sentences["binds"]
    assert any(line.startswith("One more USD in the 2027 budget of ore of 4 USD is worth USD 99") for line in plan.sentences["binds"])


def test_a_budget_that_leaves_some_is_worth_what_the_next_year_buys():
    """One more in the first year is half of one in the second, which buys half a ton more there: 49.5; where it is short there itself, 99."""
    binding = {row.row: row.worth for row in optimizer.solve(LEAVES).tables["binding"].itertuples()}
    assert binding == {2: pytest.approx(49.5), 3: pytest.approx(99.0)}


def test_the_audit_finds_a_plan_that_spends_what_was_not_left():
    """A plan made for 12 in the second year is unsound where 3 and 6 may be spent, and sound where 6 are carried over."""
    generous, strict = (rows((2027, 10.0, {"carry_over": share}), (2028, 6.0)) for share in (1.0, 0.5))

    def findings(of, given):
        base = case(**DEAR_TO_KEEP, demand=(need(12.0, by_period={0: 4.0}),))
        solution = solve_extensive(replace(base, budget=of))
        found = audit(replace(solution.built.case, budget=given), solution.built.tree, solution.decisions, Claimed(0.0, 0.0, 0.0, {})).findings
        return [line for line in found if not line.startswith("Claimed")]

    assert not findings(generous, generous)
    (line,) = findings(generous, strict)
    assert line.startswith("Budget of fiscal year 2028 for everything (row 3)") and "12 USD are spent of 9." in line


@pytest.mark.parametrize("seed", range(0, 120, 8))
def test_the_spending_of_a_row_is_that_of_the_audit(seed):
    """On random cases the tables and the audit, which add up by other ways, count the same for a row of any category and materials."""
    given = random_case(seed)
    solution = solve_extensive(given)
    if solution.status != "optimal":
        return
    case_ = solution.built.case
    few = rows(*((2027, 1.0, {"category": kind, "material": of}) for kind in ("all", "purchases", "storage") for of in ((), (case_.materials[0].material,))))
    results = Results(solution)
    facts = gather(case_, solution.built.tree)
    plan = read(facts, solution.decisions, Ledger(1e-6))
    for row in few:
        assert results.counted(row) == pytest.approx(
            _counted(facts, outlay(facts, plan, row.material), row), rel=1e-6, abs=1e-6 * (1 + np.abs(results.outlay["all"]).max())
        )


def test_an_offer_is_of_the_material_that_it_delivers():
    """A fee for converting counts in the budget of what is made, the input in that of the input."""
    made = offer("C", "metal", 3.0, input_material="ore", input_per_unit=2.0)
    given = case(
        settings=settings(periods=1),
        materials=TWO["materials"],
        offers=(offer(), made),
        demand=(need(material="metal"),),
        budget=rows((2027, 99.0, {"material": ("ore",)}), (2027, 99.0, {"material": ("metal",)})),
    )
    assert optimizer.solve(given).tables["budget"]["spent"].tolist() == pytest.approx([20.0, 30.0])


@pytest.mark.parametrize("material, feasible", [((), False), (("metal",), False), (("ore",), True)])
def test_a_budget_of_some_materials_leaves_the_storage_of_others_free(material, feasible):
    """What keeping 5 t of metal costs, which nobody needs, counts in a budget of everything or of metal alone."""
    idle = case(
        materials=(ore(), ore("metal", holding_cost_per_year=3.0)),
        inventory=(StockItem(2, "metal", "allied", 5.0),),
        budget=(BudgetRow(2, 2027, 10.0, category="storage", material=material),),
    )
    if feasible:
        assert optimizer.solve(idle).objective == pytest.approx(2 * 10 + 2 * 15)
    else:
        with pytest.raises(InfeasibleError):
            optimizer.solve(idle)


def test_of_a_budget_of_nothing_all_is_used():
    """Where every amount is 0 the plan does not say that there is no budget."""
    plan = optimizer.solve(case(**TWO, settings=settings(periods=1), budget=rows((2027, 0.0))))
    used = next(figure for figure in plan.headlines if figure.name == "budget_used")
    assert (used.text, used.meaning) == ("100%", "Every budget is 0: nothing may be spent.")
