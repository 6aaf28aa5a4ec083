"""The small parts of the solver's side by themselves: scales, tolerances, times, the small tree, and what is worked out again and what is not."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from constraint_cases import RISKY
from large_cases import large_case
from support import case, need, offer, ore, settings
from test_benders_steps import GAP, scripted

from optimizer.case import Project
from optimizer.errors import NumericalError, SolverError
from optimizer.executors import Here
from optimizer.model.arrays import Arrays
from optimizer.model.data import CaseData
from optimizer.model.registry import CONSTRAINTS, VARIABLES
from optimizer.model.risk import least_cost
from optimizer.model.stamp import columns_of, rows_of
from optimizer.solving import branch_and_bound, decomposed, extensive, solve, subproblems
from optimizer.solving.blocks import TRUNK, Changes, block_of_node, cut_up
from optimizer.solving.branch_and_bound import BranchAndBound, Leaf, Node
from optimizer.solving.built import build
from optimizer.solving.decomposition import Decomposition
from optimizer.solving.extensive import solve_built, solve_extensive
from optimizer.solving.numerics import check_solution
from optimizer.solving.outcome import Outcome, Status, Stop
from optimizer.solving.projection import SHARE, quiet_part_of
from optimizer.solving.scaling import money_scale, power_of_ten
from optimizer.solving.solve import solve_case
from optimizer.solving.start import pruned
from optimizer.solving.stopping import Standstill
from optimizer.solving.ties import without_idle_contracts
from optimizer.solving.warm_start import WarmStart
from optimizer.solving.watch import Phase, Progress, Watch, run_interruptibly
from optimizer.solving.worker_pool import WorkerPool

# -- scales and tolerances -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value, power", [(1.0, 1.0), (1000.0, 1000.0), (999.9, 100.0), (1000.0 * (1 - 1e-15), 1000.0), (0.002, 0.001), (0.0, 1.0)])
def test_a_scale_is_the_power_of_ten_that_a_number_reaches(value, power):
    """A number that misses one by rounding has reached it; of nothing it is 1."""
    assert power_of_ten(value) == pytest.approx(power)


def test_without_prices_money_is_scaled_by_what_else_is_paid():
    """The middle of a contract's price, what keeping costs, and a hundredth of a project."""
    free = case(
        materials=(ore(holding_cost_per_year=3.0),),
        offers=(offer(price=0.0, terms="contract", contract_price=50.0, project="mill"),),
        projects=(Project(2, "mill", 70000.0, 12.0),),
    )
    assert money_scale(CaseData(free), {"ore": 1.0}) == 10.0
    assert money_scale(CaseData(free), {"ore": 100.0}) == 100.0


def test_an_answer_that_breaks_a_row_or_a_bound_is_refused():
    """Beyond a hundred-thousandth of the size of the row; less is rounding."""
    none = np.zeros(0, int)
    bounded = Arrays(np.zeros(1), np.zeros(1), np.ones(1), np.zeros(1, bool), np.zeros(0), np.zeros(0), none, none, np.zeros(0))
    limited = bounded.with_rows(1, lower=0.0, upper=1.0, entries=[(np.zeros(1, int), np.zeros(1, int), np.full(1, 2.0))])
    for arrays, most in ((bounded, 1.0), (limited, 0.5)):
        check_solution(arrays, np.array([most + 1e-6]), 0.0)
        for broken in (most + 1e-3, -1e-3, np.nan):
            with pytest.raises(SolverError):
                check_solution(arrays, np.array([broken]), 0.0)


def test_blocks_are_worth_no_less_than_their_sales():
    """The bound on a block's cost is that on a path's, in the solver's money, as far as risk does not count it otherwise."""
    selling = case(materials=(ore(salvage_value=3.0),), settings=settings(risk_weight=0.25))
    for risk, weight in ((None, 1.0), (True, 0.75)):
        problem = object.__new__(Decomposition)
        problem.built = SimpleNamespace(case=selling, data=CaseData(selling), risk=risk, scales=SimpleNamespace(money=10.0))
        assert least_cost(problem.built.data) < 0
        assert problem._least_block_cost() == pytest.approx(least_cost(problem.built.data) * weight / 10)


@pytest.mark.parametrize("high, moved", [(200.0, False), (199.9, False), (199.7, True), (200.1, False)])
def test_a_plan_counts_as_a_move_once_it_is_cheaper_by_a_tenth_of_the_gap(high, moved):
    """Of a gap of 1%, a tenth of 200 hundredths is 0.2."""
    progress = Standstill(gap=0.01, patience=5.0)
    progress.note(100.0, 200.0, seconds=1.0)
    progress.note(100.0, high, seconds=2.0)
    assert progress.moved == (2.0 if moved else 1.0)


# -- times -----------------------------------------------------------------------------------------------------------------


def test_the_nearest_plan_is_looked_for_in_a_share_of_the_time_that_is_left():
    """Of 100 seconds, 40 of which are over, it is that share of 60; of none that is left none."""
    watch = Watch(limit=100.0)
    watch.started -= 40.0
    assert quiet_part_of(watch).limit == pytest.approx(SHARE * 60, abs=1.0)
    watch.started -= 100.0
    assert quiet_part_of(watch).limit == 0.0


def test_any_plan_is_looked_for_in_the_time_that_is_left(monkeypatch):
    """The search for a feasible point, once the program seemed infeasible, ends with the time of the solve, whenever that has begun."""
    given, find = [], extensive.feasible_point
    monkeypatch.setattr(extensive, "feasible_point", lambda built, watch, seconds: given.append(seconds) or find(built, watch, seconds))
    watch = Watch()
    watch.started -= 1000.0
    built = build(case(offers=(offer(capacity=0.0),), demand=(need(minimum_fill_rate=1.0),)), Watch())
    assert solve_built(built, watch, until=watch.seconds + 60.0).status == Status.INFEASIBLE
    assert given and all(0 < seconds <= 60.0 for seconds in given)


def test_only_a_doubtful_answer_is_confirmed(monkeypatch):
    """An answer that is as it should be is not worked out twice; one in doubt is."""
    confirmed, confirm = [], extensive._confirmed
    monkeypatch.setattr(extensive, "_confirmed", lambda *given: confirmed.append(given) or confirm(*given))
    built = build(case())
    assert solve_built(built, Watch()).status == Status.OPTIMAL and not confirmed
    monkeypatch.setattr(extensive, "doubtful", lambda answer: True)
    assert solve_built(built, Watch()).objective == pytest.approx(20.0) and len(confirmed) == 1


def test_a_decomposition_that_failed_leaves_nothing_to_the_next_solve(monkeypatch):
    """The case is solved as one program, and the warm start forgets the decomposition whose numbers failed."""

    def fail(built, watch, warm_start, executor=None):
        warm_start.decomposition = SimpleNamespace(close=lambda: None)
        raise NumericalError("lost")

    monkeypatch.setattr(solve, "solve_decomposed", fail)
    monkeypatch.setattr(solve, "decomposes", lambda built, method: True)
    warm_start = WarmStart()
    assert solve.solve_case(case(), warm_start=warm_start).objective == pytest.approx(20.0)
    assert warm_start.decomposition is None


@pytest.mark.parametrize("size", [1e-4, 1.0, 1e6])
def test_cvar_alone_is_kept_whatever_money_is_worth(size):
    """Of the plans of test_constraints.py the sure one has the least CVaR, 40, though waiting costs less in expectation: in other money, too."""
    dearer = replace(
        RISKY,
        materials=tuple(replace(m, holding_cost_per_year=m.holding_cost_per_year * size) for m in RISKY.materials),
        offers=tuple(replace(one, price=one.price * size) for one in RISKY.offers),
        demand=tuple(replace(row, shortage_cost=row.shortage_cost * size) for row in RISKY.demand),
    )
    plan = solve_extensive(dearer.with_settings(risk_weight=1.0, cvar_level=0.75))
    assert (plan.expected_cost / size, plan.cvar / size) == (pytest.approx(40, rel=1e-5), pytest.approx(40, rel=1e-5))


# -- the search over integer decisions ---------------------------------------------------------------------------------------


def test_each_node_of_a_search_has_a_number_of_its_own():
    """Of nodes with one bound the older one is examined first: the numbers rise by two with each node that is split."""
    problem = scripted([0.0], integers=1)
    search, seen = BranchAndBound(problem), []
    nodes = [Node(0.0, number, Leaf(*problem.root)) for number in range(3)]
    search.first_nodes = lambda: (list(nodes), [])
    search.examine = lambda node, made: seen.append((node.number, made)) or []
    search.run()
    assert [made for _, made in seen] == [5, 7, 9] and [number for number, _ in seen] == [0, 1, 2]


def test_fixed_decisions_converge_to_a_part_of_the_gap(monkeypatch):
    """A quarter of it: what is left is for the search."""
    asked = []

    class Planes:
        def __init__(self, problem, gap, floor, target):
            asked.append((gap, floor, target))

        def run(self):
            return SimpleNamespace(lower=7.0)

    monkeypatch.setattr(branch_and_bound, "CuttingPlanes", Planes)
    problem = scripted([0.0], integers=1)
    problem.lower = 5.0
    search = BranchAndBound(problem)
    search.fix(np.ones(1))
    search.fix(np.ones(1))
    assert asked == [(GAP / 4, 5.0, np.inf)] and list(search.tried.values()) == [7.0]


# -- blocks and workers ------------------------------------------------------------------------------------------------------


def split_of(**changes) -> SimpleNamespace:
    """A program of three columns and rows, one each for the trunk and two blocks, with some of its numbers changed."""
    numbers = {"cost": [1.0, 2.0, 3.0], "lower": [0.0] * 3, "upper": [9.0] * 3, "row_lower": [0.0] * 3, "row_upper": [5.0] * 3, "value": [1.0, 2.0, 3.0]}
    numbers = {name: np.array(changes.get(name, given)) for name, given in numbers.items()}
    places = np.array(changes.get("row", [0, 1, 2])), np.arange(3)
    arrays = Arrays(integer=np.zeros(3, bool), row=places[0], column=places[1], **numbers)
    return SimpleNamespace(arrays=arrays, column_block=np.array([TRUNK, 0, 1]), row_block=np.array([TRUNK, 0, 1]), count=2)


@pytest.mark.parametrize(
    "changes, costs, bounds, others",
    [
        ({}, set(), set(), set()),
        ({"cost": [1.0, 7.0, 3.0]}, {0}, set(), set()),
        ({"row_lower": [0.0, 0.0, 1.0]}, set(), {1}, set()),
        ({"row_upper": [5.0, 6.0, 5.0]}, set(), {0}, set()),
        ({"lower": [0.0, 1.0, 0.0]}, set(), set(), {0}),
        ({"upper": [9.0, 9.0, 8.0]}, set(), set(), {1}),
        ({"value": [1.0, 2.0, 4.0]}, set(), set(), {1}),
        ({"cost": [2.0, 2.0, 3.0], "upper": [8.0, 9.0, 9.0]}, set(), set(), set()),
        ({"row": [0, 2, 1]}, set(), set(), {0, 1}),
    ],
)
def test_the_blocks_that_a_change_concerns_are_told(changes, costs, bounds, others):
    """A block keeps what it knows unless its own numbers have changed; the trunk is none."""
    found = Changes(split_of(), split_of(**changes))
    assert (found.costs, found.bounds, found.others) == (costs, bounds, others)


def test_a_worker_is_sent_its_blocks_once(monkeypatch):
    """However often it is asked, as long as it holds them; one that has forgotten is sent them anew."""
    built = build(large_case(1))
    problem = Decomposition(built, cut_up(built, 40), Watch(), Here())
    begun, begin = [], subproblems.begin
    monkeypatch.setattr(subproblems, "begin", lambda *given: begun.append(given[0]) or begin(*given))
    x = problem.trunk.arrays.lower.clip(0)
    for _ in range(3):
        problem.pool.ask(x, 1.0)
    assert len(begun) == 1
    problem.pool.holds[0] = False
    problem.pool.ask(x, 1.0)
    assert len(begun) == 2
    assert isinstance(problem.pool, WorkerPool)
    problem.pool.close()


@pytest.mark.parametrize("seed", [1, 8])
def test_a_small_tree_carries_all_the_probability(seed):
    """The children of each node have its probability together, those of the roots 1; each stands below the parent that it had."""
    tree = build(large_case(seed)).tree
    trunk = block_of_node(tree, 20)[0] == TRUNK
    small, old = pruned(tree, trunk)
    assert trunk.sum() < small.size < tree.size
    roots = small.parent < 0
    assert np.array_equal(old[small.parent[~roots]], tree.parent[old[~roots]]) and (tree.parent[old[roots]] < 0).all()
    below = np.bincount(small.parent[~roots], small.probability[~roots], minlength=small.size)
    inner = small.period < small.periods - 1
    assert below[inner] == pytest.approx(small.probability[inner]) and small.probability[roots].sum() == pytest.approx(1)
    assert sum(scenario.probability for scenario in small.scenarios) == pytest.approx(1)
    # Where the trunk goes on and other paths leave it, the trunk keeps its share of what its node has.
    for node in np.flatnonzero(inner):
        mine = np.flatnonzero(small.parent == node)
        if trunk[old[mine]].any() and not trunk[old[mine]].all():
            kept, share = small.probability[mine] / small.probability[node], tree.probability[old[mine]] / tree.probability[old[node]]
            assert kept[trunk[old[mine]]] == pytest.approx(share[trunk[old[mine]]])


@pytest.mark.parametrize("bound, status, stopped", [(20.0, Status.OPTIMAL, Stop.NONE), (10.0, Status.FEASIBLE, Stop.BY_TIME)])
def test_the_bound_of_a_decomposition_may_prove_the_plan_of_one_program(bound, status, stopped, monkeypatch):
    """A plan of 20 whose own bound is 15 is proven by a decomposition that knew 20, and not by one that knew 10."""
    built = build(case())
    unproven = replace(solve_built(built, Watch()), status=Status.FEASIBLE, stopped=Stop.BY_TIME, bound=15.0)
    monkeypatch.setattr(decomposed, "solve_built", lambda *given, **named: unproven)
    known = Outcome(Status.NO_SOLUTION, objective=np.inf, bound=bound / built.scales.money)
    found = decomposed._in_one_piece(built, Watch(), known, until=1.0)
    assert (found.status, found.stopped, found.bound) == (status, stopped, pytest.approx(max(bound, 15.0)))


@pytest.mark.parametrize("lifted, left", [(0.3, 0.3), (5.0, 5.0), (0.0, 0.0), (9.0, 8.0)])
def test_a_contract_that_costs_nothing_is_cut_to_what_is_lifted(lifted, left):
    """Of 8 t a year that cost nothing to hold what is called off in a year remains, however little; no contract grows."""
    built = build(case(offers=(offer(terms="contract"),)))
    x = np.zeros(built.program.columns)
    x[built.columns("contract").number] = 8.0
    x[built.columns("call_off").number[:1]] = lifted
    assert without_idle_contracts(built, x)[built.columns("contract").number] == pytest.approx([left])


def test_what_a_progress_function_raises_ends_the_work_first():
    """A caller's exception comes out once the work has been interrupted and has ended, so that no solver goes on in its thread."""
    watch, ended = Watch(), []

    def work() -> None:
        while not watch.stop:
            time.sleep(0.01)
        ended.append(True)

    def tick() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        run_interruptibly(work, watch, tick)
    assert ended and watch.interrupted and watch.abandoned and watch.grace == 0


def test_a_step_that_takes_long_is_told_of_again_and_again():
    """While a step is under way, what was reported last is reported once more, with its figures and the seconds that it is then."""
    told: list[Progress] = []
    watch = Watch(report=told.append)
    watch.tell_again()
    assert told == []

    def work() -> None:
        watch.tell(Phase.ROUND, "round 1", incumbent=2.0, bound=1.0, gap=0.5, share=0.25)
        while len(told) < 3:
            time.sleep(0.01)

    run_interruptibly(work, watch, watch.tell_again)
    assert len({replace(one, seconds=0.0) for one in told}) == 1 and told[0].detail == "round 1" and told[0].share == 0.25
    assert [one.seconds for one in told] == sorted(one.seconds for one in told) and told[-1].seconds > told[0].seconds


def test_every_letter_of_an_index_has_its_word():
    """Rows and columns of every family can be asked for by name, whatever their indices are."""
    solution = solve_case(case(), watch=Watch())
    built = solution.built
    for family in VARIABLES:
        columns_of(built.template, built.program, family)
    for family in CONSTRAINTS:
        rows_of(built.template, built.program, family)
