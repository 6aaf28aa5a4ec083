"""The Lagrangian relaxation over materials: hand-solved, a bound on every plan, and the same plans as the extensive form with it."""

from __future__ import annotations

from concurrent.futures import Future

import numpy as np
import pytest
from large_cases import compared

from benchmarks.instances import instance
from optimizer.errors import NumericalError
from optimizer.executors import Here, WorkerLost
from optimizer.model.arrays import Arrays
from optimizer.solving import highs, lagrangian
from optimizer.solving.benders import Benders
from optimizer.solving.blocks import cut_up
from optimizer.solving.built import build
from optimizer.solving.columnwise import model_of
from optimizer.solving.crash import basis_near
from optimizer.solving.cutting_planes import CuttingPlanes
from optimizer.solving.extensive import solve_built
from optimizer.solving.lagrangian import Components, MaterialRelaxation, StartingPoint, cost_of_choices
from optimizer.solving.options import DEVEX, UNPERTURBED
from optimizer.solving.outcome import OutOfTime, State, Stop
from optimizer.solving.subproblems import block_solver
from optimizer.solving.watch import Watch

NOTHING = StartingPoint(np.zeros(6), np.zeros(5))
"""A start for two_plants that is no solution of it."""


def two_plants() -> Arrays:
    """Two materials, columns x, u, z of each: 1 unit is needed, u of it is bought at 10, x <= 2z comes from a plant that costs 5 or 4; x₀ + x₁ <= 1.5."""
    return Arrays(
        cost=np.array([0.0, 10.0, 5.0, 0.0, 10.0, 4.0]),
        lower=np.zeros(6),
        upper=np.array([np.inf, np.inf, 1.0, np.inf, np.inf, 1.0]),
        integer=np.array([False, False, True] * 2),
        row_lower=np.array([1.0, -np.inf, 1.0, -np.inf, -np.inf]),
        row_upper=np.array([np.inf, 0.0, np.inf, 0.0, 1.5]),
        row=np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4]),
        column=np.array([0, 1, 0, 2, 3, 4, 3, 5, 0, 3]),
        value=np.array([1.0, 1.0, 1.0, -2.0, 1.0, 1.0, 1.0, -2.0, 1.0, 1.0]),
    )


def test_two_plants_by_hand():
    """Half a plant costs 2.50 in the relaxation, a whole one 5, none 10; a price of 3 on the row in which both meet adds 3 to what is made."""
    parts = Components(two_plants(), np.array([0, 0, -1, 1, 1, -1]))
    assert parts.of_column.tolist() == [0, 0, 0, 1, 1, 1] and parts.of_row.tolist() == [0, 0, 1, 1, Components.NONE]
    first, second = parts.choices()
    for dual, choice, expected in ((0.0, first, (2.5, 10, 5)), (0.0, second, (2.0, 10, 4)), (-3.0, first, (5.5, 10, 8)), (-8.0, second, (10.0, 10, 12))):
        program, columns, rows = parts.program(choice.component, duals := np.array([0, 0, 0, 0, dual]))
        base, ((none, one),) = cost_of_choices(
            program, [np.searchsorted(columns, choice.columns)], StartingPoint(np.zeros(len(columns)), duals[rows]), 1, np.inf
        )
        assert (base, none, *one) == pytest.approx(expected)


def test_dates_of_one_project_are_one_choice_and_a_project_of_two_materials_unites_them():
    """A row z₀ + z₁ <= 1 makes one choice of two columns; a column that stands in rows of both materials belongs to both."""
    a = two_plants().with_columns(1, upper=1.0, integer=True, entries=[([1], [6], [-2.0])])
    a = a.with_rows(1, upper=1.0, entries=[([5, 5], [2, 6], [1.0, 1.0])])
    parts = Components(a, np.array([0, 0, -1, 1, 1, -1, -1]))
    assert sorted(c.columns.tolist() for c in parts.choices()) == [[2, 6], [5]]
    both = a.with_rows(0, entries=[([3], [2], [-2.0])])
    assert set(Components(both, np.array([0, 0, -1, 1, 1, -1, -1])).of_column) == {0}


@pytest.fixture
def always(monkeypatch):
    """However few components have open choices, their costs bound the whole."""
    monkeypatch.setattr(lagrangian, "FEWEST_IF_SMALL", 1)
    monkeypatch.setattr(lagrangian, "FEWEST_ALWAYS", 1)


SMALL = (1, 2, 3, 8, 15, 18, 19, 23, 24, 28, 29, 33, 35, 37, 38, 46, 50, 52, 57)
"""Large cases that have a plan, and whose extensive form takes a second or two at most."""


@pytest.mark.parametrize("seed", SMALL)
def test_the_extensive_form_agrees_and_every_bound_holds(seed, always):
    """Same status, same objective, no reported bound above the optimum, with the Lagrangian cuts in the master."""
    assert not compared(seed).faults


def test_the_bound_rises_and_holds_for_the_best_plan(always):
    """In the benchmark's instance the bound closes most of the gap that the relaxation leaves, and the optimum satisfies it."""
    built = build(instance(1, 30, projects=True))
    whole = solve_built(built, Watch())
    benders = Benders(built, cut_up(built, 10), Watch(), Here())
    p = benders.problem
    p.lower = CuttingPlanes(p, 1e-6).run().lower
    before = p.master.propose()[1]
    found = lagrangian.lagrangian_bound(p, Here())
    best = whole.objective / built.scales.money
    assert before < found.least <= best * (1 + 1e-7)
    (least, slope), *_ = found.cuts
    p.master.bound_objective(least, slope)
    assert found.least <= p.master.propose()[1] * (1 + 1e-9) <= best * (1 + 1e-7)


@pytest.fixture
def relaxed(always):
    """The benchmark's instance with projects, at the optimum of its relaxation."""
    built = build(instance(1, 30, projects=True))
    benders = Benders(built, cut_up(built, 10), Watch(), Here())
    CuttingPlanes(benders.problem, 1e-6).run()
    return benders


def test_the_bound_begins_near_the_optimum_and_leaves_cuts(relaxed, monkeypatch):
    """Each material's program takes less than a third of the steps that it takes from scratch, and the blocks' answers there are cuts of the master."""
    p, steps, solve = relaxed.problem, [], lagrangian._cost_of_choices

    def counted(solver, program, choices, until):
        scratch = block_solver(model_of(program), 1, {**DEVEX, **UNPERTURBED})
        for each in (solver, scratch):
            each.rerun(until)
        assert solver.objective == pytest.approx(scratch.objective, rel=1e-9)
        steps.append([each.highs.getInfo().simplex_iteration_count for each in (solver, scratch)])
        return solve(solver, program, choices, until)

    monkeypatch.setattr(lagrangian, "_cost_of_choices", counted)
    before = len(p.master.cuts)
    assert lagrangian.lagrangian_bound(p, Here()) is not None
    assert steps and all(near < scratch / 3 for near, scratch in steps)
    assert len(p.master.cuts) == before + len(p.parts)


def test_a_material_whose_program_takes_too_many_steps_is_given_up(relaxed, monkeypatch):
    """It has no costs, so that nothing is said of its choices, and the bound is the master's own."""
    p, usual = relaxed.problem, relaxed.lagrangian_bound()
    monkeypatch.setattr(lagrangian, "STEPS_PER_ROW", 0)
    p.bound_integers(*p.root)
    value = p.master.propose()[1]
    found = relaxed.lagrangian_bound()
    assert usual.cuts and not found.cuts and found.least == pytest.approx(value)


def test_without_the_blocks_answers_there_is_no_bound(relaxed, monkeypatch):
    """A block that the solver loses its way in costs the bound, and not the solve."""

    def lost(self, *asked, **more):
        raise NumericalError("Lost.")

    monkeypatch.setattr(relaxed.problem.pool, "ask", lost)
    assert relaxed.lagrangian_bound() is None and not relaxed.problem.stopping.met


def test_answers_that_were_forgotten_are_asked_for_again_while_there_is_time(relaxed, monkeypatch):
    """The point is the same as with the answers that were kept; once the time is over the question is not asked."""
    p = relaxed.problem
    point, _ = p.master.propose()
    kept = p.whole_point_at(point)
    assert p.joined(point, turn=0) == pytest.approx(kept)
    with pytest.raises(OutOfTime):
        p.joined(point, turn=0, until=1.0)


def test_a_stop_by_hand_breaks_off_the_question_that_the_bound_asks(relaxed, monkeypatch):
    """No plan is known yet, but none depends on this question."""
    p = relaxed.problem

    def interrupted(*asked, stopped, **more):
        assert not stopped()
        p.watch.interrupted = True
        assert stopped()
        raise OutOfTime

    monkeypatch.setattr(p.pool, "ask", interrupted)
    assert relaxed.lagrangian_bound() is None and p.stopping.stop == Stop.BY_HAND


def test_the_basis_near_an_optimum_is_its_own():
    """Maximise 3x + 2y subject to x + y <= 4, the bound x <= 3 and a row x <= 5: x = 3 is at its bound and y = 1 in the basis, so that no step is left."""
    a = Arrays(
        cost=np.array([-3.0, -2.0]),
        lower=np.zeros(2),
        upper=np.array([3.0, np.inf]),
        integer=np.zeros(2, dtype=bool),
        row_lower=np.full(2, -np.inf),
        row_upper=np.array([4.0, 5.0]),
        row=np.array([0, 0, 1]),
        column=np.array([0, 1, 0]),
        value=np.ones(3),
    )
    basis = basis_near(a, np.array([3.0, 1.0]), np.array([-2.0, 0.0]))
    columns, rows = highs.statuses_of(basis)
    assert (columns.tolist(), rows.tolist()) == ([highs.UPPER, highs.BASIC], [highs.UPPER, highs.BASIC])
    solver = highs.Reoptimizer(model_of(a), {"presolve": "off"})
    solver.basis = basis
    solver.rerun()
    assert solver.objective == pytest.approx(-11.0)
    assert solver.highs.getInfo().simplex_iteration_count == 0


def test_the_bound_is_worth_its_time_where_the_components_are_few_and_small_or_many():
    """Of eight materials alike three or four with open choices are enough, five are most of the program and are not, six are enough again."""
    built = build(instance(1, 10, projects=True))
    relaxation = MaterialRelaxation(Benders(built, cut_up(built, 10), Watch(), Here()).problem)
    choices = {c.component: c for c in relaxation.components.choices()}
    worth = [relaxation.is_worth_its_time(list(choices.values())[:count]) for count in range(1, 9)]
    assert worth == [False, False, True, True, False, True, True, True]


class Mortal(Here):
    """An executor in which whoever takes up a task of the first component dies."""

    def __init__(self) -> None:
        self.first = None

    def submit(self, lane, function, *args):
        self.first = self.first or args[0]
        if args[0] is self.first:
            done = Future()
            done.set_exception(WorkerLost("It died."))
            return done
        return super().submit(lane, function, *args)


def test_a_worker_that_dies_takes_the_costs_of_its_component_alone():
    """Of three materials the other two keep their costs, and the search for a plan goes on."""
    built = build(instance(1, 10, projects=True, materials=3))
    p = Benders(built, cut_up(built, 10), Watch(), Here()).problem
    CuttingPlanes(p, 1e-6).run()
    point, _ = p.master.propose()
    dual = p.duals()
    relaxation = MaterialRelaxation(p)
    choices = relaxation.components.choices()
    known, left = (relaxation.costs(choices, StartingPoint(p.whole_point_at(point), dual), executor) for executor in (Here(), Mortal()))
    first = known[0].choice.component
    assert {c.choice.component for c in known} == {0, 1, 2}
    assert [c.least for c in left] == [c.least for c in known if c.choice.component != first]
    assert all(c.least >= -1e-9 for c in known)


def test_a_failure_of_the_search_for_costs_is_not_taken_for_a_bound(always, monkeypatch):
    """Where the solver loses its way in a material's program it has no costs; at the end of the time there is no bound."""
    a = two_plants()
    monkeypatch.setattr(highs.Reoptimizer, "rerun", lambda self, until: State.INFEASIBLE_OR_UNBOUNDED)
    assert cost_of_choices(a, [np.array([2])], NOTHING, 1, np.inf)[1] == []
    monkeypatch.undo()
    with pytest.raises(OutOfTime):
        cost_of_choices(a, [np.array([2])], NOTHING, 1, 1.0)
