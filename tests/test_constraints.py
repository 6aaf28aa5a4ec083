"""Every constraint and every term of the model decides a case whose answer was worked out by hand."""

from __future__ import annotations

import pytest
from constraint_cases import CASES, RISKY, Solved, contract, event
from support import case, offer, optimum, ore, settings
from term_cases import TERMS
from written_out import solve_written_out

from optimizer.case import MEASURES, Project
from optimizer.model import CONSTRAINTS
from optimizer.model.costs import COST_TERMS, COSTS
from optimizer.model.data import CaseData
from optimizer.model.limits import LIMIT_ROWS
from optimizer.model.registry import ONCE, constraint
from optimizer.plan.audit import Claimed, audit
from optimizer.plan.audit_costs import MEASURED
from optimizer.plan.results import Results
from optimizer.schema.costs import COST_PARTS
from optimizer.solving.extensive import solve_extensive

EXACT = 1e-6
"""Relative: how near a hand-solved answer must be met."""


def names(cases: tuple[Solved, ...]) -> list[str]:
    return [solved.about for solved in cases]


def test_every_constraint_of_the_model_has_a_case():
    """A constraint added to the model without a hand-solved case fails here."""
    assert sorted(names(CASES)) == sorted(CONSTRAINTS), "tests/constraint_cases.py: add a case that was solved by hand"


def test_every_part_of_the_cost_has_a_case():
    """A part of the cost is declared in the schema, has a term in the model and a hand-solved case."""
    declared = [part.name for part in COST_PARTS]
    assert list(COSTS) == declared, "optimizer/model/costs.py: add the term of each part of optimizer/schema/costs.py, in its order"
    assert set(declared) <= set(names(TERMS)), "tests/term_cases.py: add a case that was solved by hand"


def test_every_measure_of_a_limit_is_in_the_model_and_in_the_audit():
    """The measures that a workbook may name are those that the model has rows for, and those that the audit measures."""
    assert {rows.measure for rows in LIMIT_ROWS.values()} == set(MEASURES), "optimizer/model/limits.py: declare the measure with @limit"
    assert set(MEASURED) == set(MEASURES), "optimizer/plan/audit_costs.py: measure it in MEASURED"


def test_a_constraint_says_what_bounds_it():
    """A constraint cannot be declared without a bound, or None for one that cannot clash."""
    with pytest.raises(TypeError, match="bound"):
        constraint(ONCE, "unit", "", lambda p: [], lambda p: None)


def test_every_term_is_named_once():
    """No two terms hide under one name."""
    assert len(set(names(TERMS))) == len(TERMS)


@pytest.mark.parametrize("solved", CASES, ids=names(CASES))
def test_constraint_gives_the_answer_worked_out_by_hand(solved):
    """The optimum with the constraint in force is the one derived by hand."""
    assert optimum(solved.case) == pytest.approx(solved.answer, rel=EXACT), solved.why


@pytest.mark.parametrize("solved", CASES, ids=names(CASES))
def test_constraint_bites(solved):
    """Without the constraint a cheaper plan (with excess: a riskier one) is chosen."""
    without = optimum(solved.case, drop=(solved.about,))
    if solved.about == "excess":
        assert without == pytest.approx(60, rel=EXACT), "waiting, whose risk nothing counts any more"
    else:
        assert without < solved.answer - 0.5


@pytest.mark.parametrize("solved", [solved for solved in CASES if solved.about != "excess"], ids=lambda solved: solved.about)
def test_the_audit_finds_a_plan_that_breaks_the_constraint(solved):
    """The optimal plan without the constraint breaks it, and the audit says so, whose rules know nothing of the model's."""
    solution = solve_extensive(solved.case, drop=(solved.about,))
    checked = audit(solution.built.case, solution.built.tree, solution.decisions, Claimed(0.0, 0.0, 0.0, {}))
    assert [finding for finding in checked.findings if not finding.startswith("Claimed")], (
        f"optimizer/plan/audit_rules.py: no rule finds a plan that breaks {solved.about}"
    )


@pytest.mark.parametrize("solved", CASES + TERMS, ids=names(CASES + TERMS))
def test_the_model_written_out_gives_the_answer_worked_out_by_hand(solved):
    """The second reading of the model, node by node, knows every constraint and every term too."""
    assert solve_written_out(solved.case).objective == pytest.approx(solved.answer, rel=EXACT), f"tests/written_out.py does not state {solved.about}"


@pytest.mark.parametrize("part", [part.name for part in COST_PARTS])
def test_a_part_of_the_cost_decides_its_case_and_the_audit_adds_it_up(part, monkeypatch):
    """Without the term the optimum is another; with it the audit comes to the same amounts as the model."""
    solved = next(solved for solved in TERMS if solved.about == part)
    solution = solve_extensive(solved.case)
    costs = {row["part"]: row["expected"] for row in Results(solution).costs()}
    claimed = Claimed(solution.objective, solution.expected_cost, solution.cvar, costs)
    findings = audit(solution.built.case, solution.built.tree, solution.decisions, claimed).findings
    assert not findings, f"optimizer/plan/audit_costs.py: {findings}"
    monkeypatch.delitem(COST_TERMS, part)
    assert abs(optimum(solved.case) - solved.answer) > 0.5


@pytest.mark.parametrize("solved", TERMS, ids=names(TERMS))
def test_term_gives_the_answer_worked_out_by_hand(solved):
    """A term of the model that is no constraint of its own has the value derived by hand."""
    assert optimum(solved.case) == pytest.approx(solved.answer, rel=EXACT), solved.why


@pytest.mark.parametrize("weight, expected, cvar", [(0.0, 30, 90), (1.0, 40, 40)])
def test_weight_of_risk_moves_the_plan_towards_the_sure_one(weight, expected, cvar):
    """Who counts expected cost alone waits; who counts the worst quarter alone buys now."""
    plan = solve_extensive(RISKY.with_settings(risk_weight=weight, cvar_level=0.75))
    assert (plan.expected_cost, plan.cvar) == (pytest.approx(expected, rel=EXACT), pytest.approx(cvar, rel=EXACT))


def test_cvar_alone_leaves_no_waste_outside_the_tail():
    """With risk_weight 1 the plan of least expected cost is chosen among those of least CVaR.

    Nothing can be kept. A year brings 4 t from B at 2 and 6 t from A at 3 for 26 or, struck, 1000. The chance of being struck is
    0, 0.3 and 0.7·0.3 + 0.3/2 = 0.36: expected 0.66·1000 + 2.34·26. Struck in both, 0.15, is the worst tenth: 2026.
    """
    plan = solve_extensive(
        case(
            settings=settings(periods=3, risk_weight=1.0, cvar_level=0.9),
            materials=(ore(storage_capacity=0.0),),
            offers=(offer("A", price=3.0), offer("B", price=2.0, capacity=4.0)),
            disruptions=(event(probability=0.3, months=24.0, remaining=0.0),),
        )
    )
    assert plan.cvar == pytest.approx(2026, rel=2 * EXACT)
    assert plan.expected_cost == pytest.approx(720.84, rel=EXACT)


def test_free_options_are_signed_no_larger_than_they_are_used():
    """A contract that costs nothing to hold is stated at the least quantity among plans of equal cost: 10 a year, not 1000."""
    plan = solve_extensive(case(offers=(contract(),)))
    assert plan.objective == pytest.approx(20, rel=EXACT)
    assert plan.decisions.contract[0] == pytest.approx(10, rel=EXACT)


def test_outlay_of_a_project_past_the_horizon_falls_in_its_last_period():
    """A cost of 30 over three years, begun in the second of two, is due in that year; begun in the first, 10 and 20."""
    data = CaseData(case(offers=(offer(project="plant"),), projects=(Project(2, "plant", 30.0, 36.0),), settings=settings()))
    assert [data.project_outlay("plant", 1, t) for t in (0, 1)] == [0, 30]
    assert [data.project_outlay("plant", 0, t) for t in (0, 1)] == [10, 20]
