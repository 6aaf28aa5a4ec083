"""The steps of the decomposition by themselves: the price of excess, the bound of the search, what a changed program keeps, the first point."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from large_cases import large_case
from random_cases import random_case

from benchmarks.instances import instance
from optimizer.errors import NumericalError
from optimizer.executors import Here
from optimizer.solving import branch_and_bound, start
from optimizer.solving.benders import Benders
from optimizer.solving.blocks import TRUNK, cut_up
from optimizer.solving.branch_and_bound import BranchAndBound, Leaf, Node
from optimizer.solving.built import build
from optimizer.solving.cutting_planes import CuttingPlanes
from optimizer.solving.decomposed import solve_decomposed
from optimizer.solving.decomposition import FIRST_PRICE, FORBIDDEN, MOST_PRICE, PRICE_FACTOR, Decomposition, Incumbent
from optimizer.solving.extensive import solve_built
from optimizer.solving.highs import Reoptimizer
from optimizer.solving.master import NO_DUAL
from optimizer.solving.outcome import Status
from optimizer.solving.pseudo_costs import DOWN, UP, Branch, PseudoCosts
from optimizer.solving.stopping import StoppingCriteria
from optimizer.solving.subproblems import Cut
from optimizer.solving.watch import Watch

GAP = 0.01


def scripted(values: list[float], integers: int = 0, point: float = 1.0) -> Decomposition:
    """Return a decomposition whose master proposes one point with these values, one after the other and the last for ever; its blocks are not there."""
    problem = object.__new__(Decomposition)
    left = list(values)
    problem.watch, problem.gap, problem.allowed, problem.rounds = Watch(), GAP, GAP, 0
    problem.stopping = StoppingCriteria(problem.watch, GAP, 1e6)
    problem.built = SimpleNamespace(scales=SimpleNamespace(money=1.0))
    problem.integers, problem.root = np.arange(integers), (np.zeros(integers), np.ones(integers))
    problem.fixed, problem.restricted = not integers, False
    problem.lower, problem.incumbent, problem.price, problem.excess = -np.inf, None, FIRST_PRICE, 0.0
    problem.null_steps, problem.sampled, problem.beyond_proof = 0, None, False
    problem.pool = SimpleNamespace(turn=1)
    problem.master = SimpleNamespace(
        propose=lambda most=np.inf, until=np.inf: (np.full(max(1, integers), point), left.pop(0) if len(left) > 1 else left[0]),
        drop_idle_cuts=lambda *after: None,
        bound_integers=lambda low, high: None,
    )
    return problem


def priced(problem: Decomposition, honest: float, cheap: float) -> list[float]:
    """Have the blocks exceed their allocations by 1 at a cost of `cheap` as long as that is allowed, else answer with a cost of `honest`."""
    asked: list[float] = []

    def evaluate(x):
        asked.append(problem.price)
        problem.excess = float(np.isfinite(problem.price))
        return cheap if np.isfinite(problem.price) else honest

    problem.evaluate = evaluate
    return asked


def test_the_price_of_excess_rises_until_it_is_forbidden():
    """From the first price on by a factor, and beyond the most that the solver's digits allow to no excess at all."""
    problem, seen = scripted([0.0]), []
    while np.isfinite(problem.price):
        seen.append(problem.price)
        problem.raise_price()
    assert seen[0] == FIRST_PRICE and seen[-1] >= MOST_PRICE and problem.price == FORBIDDEN
    assert all(after == before * PRICE_FACTOR for before, after in zip(seen, seen[1:]))


def test_a_plan_that_exceeds_its_allocations_is_no_plan_however_cheap_it_is():
    """The blocks are asked again at each higher price; the cost at a lower one is forgotten, and the plan in the end is the honest one."""
    problem = scripted([10.0, 10.0, 10.0, 10.0, 10.0, 15.0])
    asked = priced(problem, honest=15.0, cheap=10.0)
    found = CuttingPlanes(problem, GAP).run()
    assert asked[0] == FIRST_PRICE and asked[-1] == FORBIDDEN
    assert (found.cost, found.lower, found.best.cost, problem.upper) == (15.0, 15.0, 15.0, 15.0)


def test_once_the_price_is_raised_the_run_goes_on():
    """In the very step that raises the price the blocks are asked at the new one: the old cost does not count as converged."""
    problem = scripted([10.0])
    asked = priced(problem, honest=15.0, cheap=10.0)
    planes = CuttingPlanes(problem, GAP)
    assert planes.step() and planes.cost == 10.0 and planes.excess == 1.0
    assert planes.step() and asked == [FIRST_PRICE, FIRST_PRICE * PRICE_FACTOR]
    assert problem.incumbent is None


def test_a_closed_leaf_goes_on_to_bound_the_optimum():
    """A leaf whose fixed decisions have converged at 90 may hide a plan of 90: the bound stays there, and a plan of 100 is not proven."""
    problem = scripted([90.0], integers=1)
    problem.root = np.ones(1), np.ones(1)
    problem.incumbent = Incumbent(np.ones(1), 1, 100.0)
    search = BranchAndBound(problem)
    search.tried[np.ones(1).tobytes()] = 90.0
    search.run()
    assert problem.lower == 90.0 and not problem.proven
    assert search.bound_of([Node(95.0, 0, Leaf(*problem.root))]) == 90.0


def leading_astray(costs: dict[tuple[float, ...], float], incumbent: Incumbent | None = None) -> tuple[BranchAndBound, list[tuple[float, ...]]]:
    """Return a search whose master leans to decisions of 1, and a list of the decisions that it fixes. costs: of whole decisions."""
    problem = scripted([0.0], integers=len(next(iter(costs))))
    problem.incumbent, bounds, fixed = incumbent, list(problem.root), []

    def propose(most=np.inf, until=np.inf):
        within_bounds = {z: cost for z, cost in costs.items() if all(low <= v <= high for low, v, high in zip(bounds[0], z, bounds[1]))}
        whole = (bounds[0] == bounds[1]).all()
        return (bounds[0] if whole else np.where(bounds[0] == bounds[1], bounds[0], 0.6)), min(within_bounds.values())

    def bound_integers(low, high):
        bounds[:], problem.fixed = (low, high), bool((low == high).all())

    def evaluate(x):
        fixed.append(tuple(map(float, x)))
        return costs[fixed[-1]]

    problem.master.propose, problem.bound_integers, problem.evaluate = propose, bound_integers, evaluate
    return BranchAndBound(problem), fixed


COSTS = {(1.0, 1.0): 50.0, (1.0, 0.0): 52.0, (0.0, 1.0): 40.0, (0.0, 0.0): 20.0}
"""What two decisions cost. The first dive ends at (1, 1); the best is (0, 0)."""


def test_while_no_plan_is_known_whole_decisions_wait_for_nodes_that_promise_less():
    """The best decisions are the only ones that are fixed."""
    search, fixed = leading_astray(COSTS)
    search.run()
    assert fixed == [(0.0, 0.0)] and search.problem.upper == 20.0 and search.problem.proven


def test_whole_decisions_do_not_wait_for_ever(monkeypatch):
    """Of those that wait, the best are fixed."""
    monkeypatch.setattr(branch_and_bound, "PATIENCE", 1)
    search, fixed = leading_astray(COSTS)
    search.run()
    assert fixed == [(0.0, 1.0), (0.0, 0.0)] and search.problem.upper == 20.0 and search.problem.proven


def test_with_a_plan_the_first_whole_decisions_are_fixed():
    """Its cost cuts off the dives that lead astray."""
    search, fixed = leading_astray(COSTS, Incumbent(np.ones(2), 1, 60.0))
    search.run()
    assert fixed[0] == (1.0, 1.0) and fixed[-1] == (0.0, 0.0) and search.problem.upper == 20.0 and search.problem.proven


def test_the_search_branches_where_both_children_have_risen_most():
    """Expected rises, worked out by hand: of a decision not branched on yet, the mean of each side, 2 down and 6 up a unit."""
    costs = PseudoCosts(3)
    assert costs.scores(np.array([0.5, 0.9, 0.2])).argmax() == 0  # nothing is known: the decision that is furthest from whole
    costs.note(Branch(0, DOWN, 0.5), 1.0)
    costs.note(Branch(0, UP, 0.5), 1.0)
    costs.note(Branch(1, UP, 0.1), 1.0)
    assert costs.scores(np.array([0.5, 0.9, 0.2])) == pytest.approx([2 * 0.5 * 2 * 0.5, 2 * 0.9 * 10 * 0.1, 2 * 0.2 * 6 * 0.8])
    for branch, rise in ((Branch(2, UP, 0.5), np.inf), (Branch(2, DOWN, 1e-9), 1.0)):
        costs.note(branch, rise)  # tells no amount
    assert costs.times[:, 2].sum() == 0


def test_the_bound_is_the_least_of_what_is_open_closed_and_cut_off():
    """Open nodes, closed leaves and what was cut off a quarter of the gap below the incumbent: a plan may be in any of them."""
    problem = scripted([0.0])
    problem.incumbent = Incumbent(np.ones(1), 1, 100.0)
    search = BranchAndBound(problem)
    assert search.cut_off == pytest.approx(100 - 100 * GAP / 4)
    node = Node(80.0, 0, Leaf(np.zeros(1), np.ones(1)))
    assert search.bound_of([]) == search.cut_off and search.bound_of([node]) == 80.0
    search.closed = 70.0
    assert search.bound_of([node]) == 70.0


def test_a_round_reports_a_gap_once_there_are_a_plan_and_a_bound():
    """The cost of a plan and the bound are told in the case's money, each as soon as it is known, and their relative distance once both are."""
    told = []
    problem = scripted([0.0])
    problem.watch, problem.built = Watch(told.append), SimpleNamespace(scales=SimpleNamespace(money=10.0))
    for low, high in ((-np.inf, np.inf), (80.0, np.inf), (-np.inf, 100.0), (80.0, 100.0)):
        problem.report(low, high)
    assert [(progress.bound, progress.incumbent) for progress in told] == [(None, None), (800.0, None), (None, 1000.0), (800.0, 1000.0)]
    assert [progress.gap for progress in told] == [None, None, None, pytest.approx(0.2)]


def with_switches() -> Benders:
    """Return the decomposition of a feasible random case with projects, not solved."""
    cases = (random_case(seed) for seed in range(400))
    large = (built for built in (build(case) for case in cases if case.projects) if built.tree.size > 2 * len(built.tree.reference) and built.mixed)
    built = next(built for built in large if solve_built(built, Watch()).status == Status.OPTIMAL)
    return Benders(built, cut_up(built, 2), Watch(), Here())


def test_the_leaves_of_a_search_are_kept_for_the_same_switches_alone():
    """Where bounds of integer decisions have changed, what the search was split into covers other plans: it begins anew."""
    benders = with_switches()
    problem, built = benders.problem, benders.problem.built

    def pretend_solved():
        problem.incumbent = Incumbent(np.zeros(len(problem.trunk.columns)), 1, 1.0)
        benders.search.leaves = [Leaf(*problem.root), Leaf(*problem.root)]

    pretend_solved()
    benders.renew(built, Watch())
    assert len(benders.search.leaves) == 2
    pretend_solved()
    changed = replace(built, program=replace(built.program, upper=np.where(built.program.integer, 0.0, built.program.upper)))
    benders.renew(changed, Watch())
    assert benders.search.leaves == []
    benders.close()


def test_a_changed_program_begins_near_the_last_plan():
    """Without cuts that still hold, the first point is the feasible one nearest to the last incumbent; without one, there is nothing to begin from."""
    benders = with_switches()
    assert benders.knows_nothing
    outcome = start.solve(benders)
    assert outcome.status == Status.OPTIMAL
    built, point = benders.problem.built, benders.problem.incumbent.point
    shifted = replace(built, program=replace(built.program, cost=built.program.cost * 1.01, row=built.program.row.copy()))
    benders.renew(shifted, Watch())
    assert not benders.knows_nothing
    first = benders.first_point()
    assert benders.carried_cuts or first == pytest.approx(point)
    assert benders.solve_from(first).objective == pytest.approx(1.01 * outcome.objective, rel=1e-4)
    benders.close()


@pytest.mark.parametrize("seed", [1, 8])
def test_a_small_tree_that_is_large_itself_is_decomposed_in_its_turn(seed, monkeypatch):
    """The first point comes from a decomposition of the small tree, and the answer is the same within the gap."""
    built = build(large_case(seed))
    usual = solve_decomposed(built, Watch(), executor=Here())
    inside, solve = [], start.solve
    monkeypatch.setattr(start, "MOST_ROWS", 0)
    monkeypatch.setattr(start, "solve", lambda benders: inside.append(benders.problem.built.tree.size) or solve(benders))
    again = solve_decomposed(built, Watch(), executor=Here())
    assert again.status == usual.status and len(inside) > 1 and inside[1] < inside[0]
    if usual.status == Status.OPTIMAL:
        assert again.objective == pytest.approx(usual.objective, rel=2.2 * built.case.settings.mip_gap)


def test_the_paths_of_a_small_tree_are_not_cut_in_two(monkeypatch):
    """Over 30 quarters the small tree has paths of more than 24 nodes beside the reference path. Each is one block, and the trunk the reference path."""
    built = build(instance(1, 12, materials=1, quarters=30))
    cut, parts = [], start.Parts
    monkeypatch.setattr(start, "MOST_ROWS", 0)
    monkeypatch.setattr(start, "Parts", lambda coarse, make, block: cut.append((coarse.tree, block)) or parts(coarse, make, block))
    solve_decomposed(built, Watch(), executor=Here(), largest=40)
    tree, block = cut[0]
    assert sorted(np.flatnonzero(block == TRUNK)) == sorted(tree.reference)
    assert np.bincount(block[block != TRUNK]).max() > start.LARGEST_BLOCK


def test_a_plan_is_not_given_up_for_its_duals(monkeypatch):
    """The solver loses its way in the last program, which is solved for the duals alone: the plan and its proof stay."""
    built = build(large_case(1))
    benders = Benders(built, cut_up(built), Watch(), Here())
    usual = start.solve(benders)
    assert usual.status == Status.OPTIMAL and usual.row_dual is not None

    def lost(**limits):
        raise NumericalError("Lost.")

    monkeypatch.setattr(benders.problem.master, "propose", lost)
    found = benders.outcome()
    assert (found.status, found.row_dual) == (Status.OPTIMAL, None)
    assert found.objective == usual.objective and found.bound == usual.bound and found.x == pytest.approx(usual.x)


def test_an_answer_that_has_drifted_off_its_rows_is_found_anew(monkeypatch):
    """What the solver's old factors leave off by 1e-4 comes back from a fresh factorisation, which is made for such an answer alone."""
    built = build(large_case(1))
    master = Benders(built, cut_up(built, 10), Watch(), Here()).problem.master
    expected, value = master.propose()
    true, refactored = Reoptimizer.point.fget, []
    drifted = replace(true(master.solver), x=true(master.solver).x + 1e-4)

    def rerun(self, until=np.inf):
        refactored.append(len(refactored))
        return run(self, until)

    run = Reoptimizer.rerun
    monkeypatch.setattr(Reoptimizer, "rerun", rerun)
    monkeypatch.setattr(Reoptimizer, "point", property(lambda self: drifted if len(refactored) < 2 else true(self)))
    again, same = master.propose()
    assert len(refactored) == 2 and again == pytest.approx(expected) and same == pytest.approx(value)
    monkeypatch.setattr(Reoptimizer, "point", property(true))
    master.propose()
    assert len(refactored) == 3


def test_a_feasibility_cut_may_have_coefficients_of_any_size():
    """Divided by its largest coefficient, the small ones of a cut may be less than the solver takes; they are left out, and the cut still holds."""
    built = build(large_case(3))
    parts = cut_up(built, 4)
    master = Decomposition(built, parts, Watch(), Here()).master
    k = next(k for k, used in enumerate(parts.used) if len(used) > 1)
    slope = np.full(len(parts.used[k]), 1e-7)
    slope[0] = -1e6
    before = master.propose()[1]
    master.add([(k, Cut(False, 1.0, 0.0, slope, NO_DUAL))], np.zeros(len(parts.trunk.columns)))
    x, value = master.propose()
    assert 1.0 + slope @ x[parts.used[k]] <= 1e-6 * 1e6 and value >= before - 1e-9 * abs(before)
    assert len(master.cuts) == 1 and master.cuts[0].size == 1e6
