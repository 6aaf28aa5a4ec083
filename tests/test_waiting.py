"""Projects that wait for a disruption, on cases in which waiting is often best: three programs agree, and of equal plans a start on a date is stated."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from constraint_cases import HOLD, event
from support import case, need, offer, settings
from written_out import solve_written_out

import optimizer
from optimizer.case import Case, Project
from optimizer.model.decisions import Decisions
from optimizer.plan.audit import Claimed, audit
from optimizer.plan.headline import answer
from optimizer.plan.results import Results
from optimizer.solving.built import build
from optimizer.solving.decomposed import solve_decomposed
from optimizer.solving.extensive import solve_extensive
from optimizer.solving.watch import Watch

SEEDS = range(40)


def waiting_case(seed: int) -> Case:
    """One source that is struck now and then, and another, dearer one that must be built, at once or once the first is struck."""
    draw = random.Random(f"waiting {seed}")
    period = draw.choice(("quarter", "year"))
    months = {"quarter": 3.0, "year": 12.0}[period]
    disruptions = [event("ban", draw.choice((0.1, 0.3)), draw.choice((6.0, 24.0)), draw.choice((0.0, 0.3)), supplier=("A",))]
    if draw.random() < 0.5:
        disruptions.append(event("strike", 0.15, 12.0, 0.5, supplier=("A",), lead_time_added_months=draw.choice((0.0, months))))
    names = [d.disruption for d in disruptions]
    built = {"terms": "both", "take_or_pay": 0.5, "reservation_price": 0.3} if draw.random() < 0.5 else {}
    if draw.random() < 0.4:
        built |= {"ships_after_months": months, "lead_time_months": months * draw.choice((1, 2))}
        disruptions = [replace(d, supplier=("A", "B"), capacity_remaining=d.capacity_remaining or 0.5) for d in disruptions]
    window = {"earliest_start": draw.choice((0, 1))} if draw.random() < 0.4 else {}
    window |= {"latest_start": draw.choice((1, 2))} if draw.random() < 0.3 else {}
    plant = Project(
        2, "plant", draw.choice((0.0, 0.1, 0.5, 1.0)) * 1000.0 * months / 12.0, draw.choice((0.0, 0.0, 1.0)) * months, may_wait_for=tuple(names), **window
    )
    return case(
        settings=settings(periods=draw.choice((3, 4)), period=period, risk_weight=draw.choice((0.0, 0.3)), cvar_level=0.8, discount_rate=0.05),
        demand=(need(),),
        offers=(offer("A", capacity=12.0), offer("B", price=3.0, project="plant", capacity=20.0, **built)),
        disruptions=tuple(replace(d, row=k + 2) for k, d in enumerate(disruptions)),
        projects=(plant,),
        **HOLD,
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_stamped_written_out_decomposed_and_audit_agree(seed):
    """The same optimum in four ways to write the program down, and a plan that the audit accepts."""
    drawn = waiting_case(seed)
    solution, written, parts = solve_extensive(drawn), solve_written_out(drawn), solve_decomposed(build(drawn), Watch(), largest=1 + seed % 2)
    assert solution.objective == pytest.approx(written.objective, rel=1e-6)
    assert parts.objective == pytest.approx(written.objective, rel=1e-6)
    costs = {row["part"]: row["expected"] for row in Results(solution).costs()}
    claimed = Claimed(solution.objective, solution.expected_cost, solution.cvar, costs)
    assert not audit(solution.built.case, solution.built.tree, solution.decisions, claimed).findings


def test_waiting_is_often_best():
    """A fifth of these cases wait, and as many start on a date: the agreement above says something of both."""
    chosen = [solve_extensive(waiting_case(seed)).decisions for seed in SEEDS]
    assert sum(bool(decisions.start_if) for decisions in chosen) >= len(SEEDS) / 5
    assert sum(decisions.start["plant"] is not None for decisions in chosen) >= len(SEEDS) / 10


def decisions_of(cost: float, **changes) -> Decisions:
    """The decisions where A is struck from the second year on in half of the futures, and B must be built."""
    return solve_extensive(replace(waiting_case(0), **(certain(cost) | changes))).decisions


def certain(cost: float) -> dict:
    """A case in which the ban is active from the first period on."""
    return {
        "settings": settings(periods=3),
        "offers": (offer("A"), offer("B", project="plant")),
        "disruptions": (event("ban", remaining=0.0, months=1e6, supplier=("A",), active_now=True),),
        "projects": (Project(2, "plant", cost, 0.0, may_wait_for=("ban",)),),
    }


def test_of_equal_plans_the_start_on_a_date_is_stated():
    """Where what it waits for is active from the first period on, a project that starts for it starts then: so it is said."""
    decisions = decisions_of(50.0)
    assert (decisions.start, decisions.start_if) == ({"plant": 0}, {})


def test_what_never_comes_is_not_waited_for():
    """A project that costs nothing and waits for what never comes is not started."""
    never = certain(0.0) | {"disruptions": (event("ban", 0.0, remaining=0.0, supplier=("A",)),)}
    decisions = decisions_of(0.0, **never)
    assert not decisions.start_if
    assert np.allclose(sum(decisions.short.values()), 0)


def test_a_project_that_waits_is_told_in_words():
    """The table of projects names the disruption and the chance that the project starts, and the summary says it."""
    drawn = next(drawn for drawn in map(waiting_case, SEEDS) if solve_extensive(drawn).decisions.start_if)
    results = Results(solve_extensive(drawn))
    (row,) = results.projects()
    assert (row["start"], row["ready"]) == (None, None)
    assert row["if"] in ("ban", "strike")
    tree = results.tree
    position = [d.disruption for d in results.case.disruptions].index(row["if"])
    window = results.case.projects[0]
    struck = {n for n in range(tree.size) if position in tree.regimes[tree.regime[n]] and window.in_window(int(tree.period[n]))}
    expected = sum(s.probability for s in tree.scenarios if struck & set(tree.path(s.leaf)))
    assert row["chance"] == pytest.approx(expected)
    said, plan = f"tart plant once {row['if']} is in force", optimizer.solve(drawn)
    assert said in answer(plan)[0]
    assert any(f"S{said}, not before" in line for lines in plan.sentences.values() for line in lines)
