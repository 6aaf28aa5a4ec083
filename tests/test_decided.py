"""What the workbook decides beforehand: contracts that are fixed, projects that start in any case or never, and what studies make of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support import case, offer, optimum

import optimizer
from optimizer.case import Disruption, Project
from optimizer.plan.audit import Claimed, audit
from optimizer.plan.results import Results
from optimizer.solving.extensive import solve_extensive
from optimizer.studies.naive_plans import naive
from optimizer.studies.reversing.regrets import regret
from optimizer.studies.thresholds.decisions_now import Decision, decisions_of

BAN = Disruption(2, "ban", 0.3, 12, 0.0, supplier=("A",))


def decided(fixed: float | None = 3.0, plant: str = "start", **changes):
    """A spot offer that may be struck, a contract, and a project that nothing needs."""
    offers = (offer(price=2.0, capacity=8.0), offer("B", row=3, price=1.5, terms="contract", fixed_contract=fixed, **changes))
    return case(offers=offers, projects=(Project(2, "plant", 10.0, 0.0, decided=plant),), disruptions=(BAN,))


@pytest.mark.parametrize("fixed", [0.0, 3.0, 900.0])
def test_a_fixed_contract_stands_in_the_plan_as_it_is(fixed):
    """None, one that is used and one that nobody can use: the plan states the quantity that the workbook fixes, also where holding it costs nothing."""
    contracts = optimizer.solve(decided(fixed)).tables["contracts"]
    assert contracts["per_year"].tolist() == ([fixed] if fixed else [])


def test_a_fixed_contract_takes_its_place_among_one_of_several():
    """Where one of several contracts is fixed, the others are not signed, however cheap."""
    cheap = offer("C", row=4, price=0.1, terms="contract", choose_one="pick")
    given = decided(3.0, choose_one="pick")
    plan = optimizer.solve(replace(given, offers=(*given.offers, cheap)))
    assert plan.tables["contracts"]["supplier"].tolist() == ["B"]


@pytest.mark.parametrize(("word", "started", "extra"), [("open", [], 0), ("start", ["plant"], 10), ("never", [], 0)])
def test_a_project_is_decided_by_the_plan_or_beforehand(word, started, extra):
    """A project that nothing needs starts only where it is decided that it does, and then costs what it costs."""
    plan = optimizer.solve(decided(plant=word))
    projects = plan.tables["projects"]
    assert projects[projects["start"].notna()]["project"].tolist() == started
    assert plan.objective == pytest.approx(optimum(decided(plant="open")) + extra)


def test_a_project_that_may_never_start_waits_for_nothing_either():
    """What is decided never to start neither starts on a date nor once a disruption is active, though all else depends on it."""
    project = Project(2, "plant", 1.0, 0.0, may_wait_for=("ban",), decided="never")
    home = offer("H", row=3, price=2.0, project="plant")
    given = case(offers=(offer(capacity=5.0), home), projects=(project,), disruptions=(BAN,))
    opened = replace(given, projects=(replace(project, decided="open"),))
    assert optimum(given) > optimum(opened) + 100
    solution = solve_extensive(opened)
    results = Results(solution)
    claimed = Claimed(solution.objective, solution.expected_cost, solution.cvar, results.expected_costs)
    found = "\n".join(audit(given, solution.built.tree, results.decisions, claimed).findings)
    assert "decided that it never starts" in found


def test_what_the_workbook_decides_is_not_taken_back():
    """Neither the regret of a plan nor the break-even asks what it would be worth without a decision that is not the plan's."""
    given = decided()
    words = " ".join(regret(optimizer.solve(given))["regret"]["decision"])
    assert "from A" in words and "from B" not in words and "with B" not in words and "plant" not in words
    assert decisions_of(given) == [] and decisions_of(decided(None, "open")) == [Decision(("B", "ore", "")), Decision(("plant",))]


def test_a_naive_buyer_is_not_asked_for_what_is_decided():
    """The naive plan signs and builds nothing, and says which decisions of the workbook it does not keep."""
    broken = naive(decided(), "cheapest").broken_rules
    assert any("not the 3 that are fixed" in rule for rule in broken) and any("project plant does not start" in rule for rule in broken)
