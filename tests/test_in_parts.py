"""Programs that are too large to be laid out as a whole: solved in parts they cost what the whole costs, and say so to a planner."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from large_cases import large_case
from random_cases import seeds

import optimizer
from benchmarks.features import every_feature
from benchmarks.instances import instance
from optimizer.case import BudgetRow, Limit
from optimizer.errors import InfeasibleError, NoPlanError
from optimizer.executors import Here
from optimizer.intake.files.sources import read_sheets
from optimizer.model.arrays import Arrays
from optimizer.plan.plan import make_plan
from optimizer.runs.states import RunState
from optimizer.runs.store import Store
from optimizer.runs.worker import Worker
from optimizer.solving import crash, large, layout, size
from optimizer.solving.benders import Benders
from optimizer.solving.blocks import block_of_node, cut_up, side_by_side
from optimizer.solving.built import build_drawn, draw
from optimizer.solving.columnwise import model_of
from optimizer.solving.cutting_planes import BELIEVED, FIRST_IN_OUT, IN_OUT, CuttingPlanes
from optimizer.solving.disk import OnDisk
from optimizer.solving.extensive import solve_extensive
from optimizer.solving.highs import Reoptimizer
from optimizer.solving.layout import LaidOutParts
from optimizer.solving.outcome import Stop
from optimizer.solving.solution import IN_PARTS
from optimizer.solving.solve import solve_case
from optimizer.solving.subproblems import block_solver
from optimizer.solving.watch import Phase, Progress, Stopped, Watch
from optimizer.studies.shortages.causes import shortage_causes
from optimizer.studies.study import TOO_LARGE

GALLIUM = Path(__file__).resolve().parent.parent / "sample_inputs" / "gallium_germanium.xlsx"

BLOCK = 15
"""Nodes of a block at most, so that small trees have many."""


@pytest.fixture(autouse=True)
def in_parts(monkeypatch):
    """Every sampled program counts as too large for the memory."""
    monkeypatch.setattr(size, "MOST_WHOLE", 0)
    monkeypatch.setattr(size, "LEAST_IN_PARTS", 0)
    monkeypatch.setattr(size, "free_memory", lambda: 1e12)
    monkeypatch.setattr(large, "MOST_NODES", BLOCK)
    monkeypatch.setattr(layout, "NODES_TOGETHER", 3 * BLOCK)
    monkeypatch.setattr(crash, "WORTH", 50)


def benchmark(**changes):
    """An instance of the benchmark with contracts, projects, budgets and risk: 2 materials, 6 quarters, 60 futures."""
    return instance(1, 60, projects=True, materials=2, quarters=6).with_settings(**{"mip_gap": 1e-3, **changes})


def parted(given):
    """The parts of a case, laid out one by one, the whole program, and the whole cut up at the same nodes."""
    drawn = draw(given, Watch(), parts=True)
    assert drawn.in_parts
    template, (block, _) = drawn.template(Watch()), block_of_node(drawn.tree, BLOCK)
    whole = build_drawn(drawn, Watch())
    return LaidOutParts(drawn.case, drawn.data, drawn.tree, template, block, large.TOGETHER), whole, cut_up(whole, BLOCK)


CASES = {"benchmark": benchmark, "without risk": lambda: benchmark(risk_weight=0.0), "every feature": lambda: every_feature(1, 30).with_settings(mip_gap=1e-3)}


@pytest.mark.parametrize("name", CASES)
def test_a_part_laid_out_by_itself_is_the_part_of_the_whole(name):
    """The same columns, rows and coefficients, block by block, and the same columns of the trunk; the whole costs what the parts cost together."""
    parts, whole, cut = parted(CASES[name]())
    at = np.searchsorted(parts.trunk_keys, cut.trunk_keys)
    assert np.array_equal(parts.trunk_keys[at], cut.trunk_keys) and len(parts.trunk_keys) == len(cut.trunk_keys)
    carried, seen = np.zeros(len(at)), 0
    for k, part, to_trunk in parts.layout.programs(range(len(parts))):
        seen += 1
        other = cut[k]
        for field in ("cost", "lower", "upper", "row_lower", "row_upper", "row", "column", "value"):
            assert np.allclose(getattr(part.arrays, field), getattr(other.arrays, field), rtol=1e-12, atol=0), field
        coupling = {(i, u): v for i, u, v in zip(part.touched[part.coupling[0]], part.used[part.coupling[1]], part.coupling[2])}
        assert coupling == {(i, at[u]): v for i, u, v in zip(other.touched[other.coupling[0]], other.used[other.coupling[1]], other.coupling[2])}
        carried[to_trunk.columns] += to_trunk.cost
        assert set(part.material.tolist()) <= set(range(-1, len(whole.data.materials)))
    assert seen == len(cut) > 10
    assert np.allclose((parts.trunk.arrays.cost + carried)[at], cut.trunk.arrays.cost, rtol=1e-9, atol=1e-12)
    shape = parts.shape()
    assert (shape.program.rows, shape.program.columns) == (whole.program.rows, whole.program.columns) and not shape.laid_out and whole.laid_out


@pytest.mark.parametrize("name", CASES)
def test_a_plan_in_parts_costs_what_it_says_and_is_as_good_as_the_whole(name):
    """Its audit finds no fault, its cost is that of its decisions, and cost and bound enclose the optimum of the whole."""
    given = CASES[name]()
    found = solve_case(given, watch=Watch())
    assert (found.status, found.method) == ("optimal", IN_PARTS) and found.x is None
    whole = solve_extensive(given)
    rounding = 1e-6 * abs(whole.objective)
    assert found.bound <= whole.objective + rounding and found.objective >= whole.bound - rounding
    assert found.objective - found.bound <= 1.001e-3 * abs(found.objective)
    plan = make_plan(found.built.case, found)
    assert plan.provenance["audit_worst_violation"] < 1e-6
    assert (plan.provenance["rows"], plan.provenance["columns"]) == (whole.built.program.rows, whole.built.program.columns)
    assert plan.headlines and np.isnan(plan.unavoidable_shortage)


def test_the_slack_of_a_limit_is_no_larger_than_it_need_be():
    """A point of the trunk between two others may have more: it is not stated, and nobody pays a penalty for it."""
    benders = searched()
    p = benders.problem
    large.search_in_parts(benders)
    point = p.incumbent.point
    larger = point.copy()
    larger[np.searchsorted(p.trunk.columns, p.parts.built.columns("slack").number)] += 5.0
    stated, again = p.parts.part_of_plan(point), p.parts.part_of_plan(larger)
    assert (larger > point).any()
    for term, cost in stated.term_cost.items():
        assert np.allclose(cost, again.term_cost[term]), term


@pytest.mark.parametrize("seed", seeds(6))
def test_random_cases_in_parts_agree_with_the_whole(seed):
    """Every sheet at random: the same status, and the optimum between bound and cost."""
    given = large_case(100 + seed)
    given = replace(given, demand=tuple(replace(row, minimum_fill_rate=None) for row in given.demand)).with_settings(mip_gap=1e-3)
    found, whole = solve_case(given, watch=Watch()), solve_extensive(given)
    assert found.method == IN_PARTS and found.status == whole.status
    if whole.status == "optimal":
        rounding = 1e-6 * max(1.0, abs(whole.objective))
        assert found.bound <= whole.objective + rounding and found.objective >= whole.bound - rounding
        assert make_plan(found.built.case, found).status == "optimal"


def test_a_budget_for_some_materials_is_counted_in_parts(monkeypatch):
    """What a row of Budget counts for the materials that it names is known without the program."""
    given = benchmark()
    name = given.materials[0].material
    given = replace(given, budget=(*given.budget, BudgetRow(len(given.budget) + 2, 2027, 1e9, material=(name,))))
    plan = make_plan(given, solve_case(given, watch=Watch()))
    monkeypatch.setattr(size, "MOST_WHOLE", 10**9)
    whole = make_plan(given, solve_case(given, watch=Watch()))
    spent = [made.tables["budget"].set_index("material").spent[name] for made in (plan, whole)]
    assert spent[0] > 0 and spent[0] == pytest.approx(spent[1], rel=0.05)


# -- the search ------------------------------------------------------------------------------------------------------------


def test_blocks_side_by_side_share_a_variable_of_the_master():
    """Only blocks that leave the trunk at the same node, at most as many as are allowed; each has one."""
    parts = parted(benchmark())[0]
    first = np.array([np.flatnonzero(parts.block == k)[0] for k in range(len(parts))])
    above = parts.tree.parent[first]
    for most in (1, 3, large.TOGETHER):
        number = side_by_side(parts.tree, parts.block, most)
        groups = [np.flatnonzero(number == t) for t in range(number.max() + 1)]
        assert all(0 < len(own) <= most and len(np.unique(above[own])) == 1 for own in groups)
        assert len(groups) == sum(-(-int(count) // most) for count in np.unique(above, return_counts=True)[1])


def test_the_sample_stands_for_the_whole():
    """One block for each variable of the master, which counts as often as all of them are probable."""
    parts = parted(benchmark())[0]
    weights = large.sampled(parts)
    probability = parts.tree.probability[[np.flatnonzero(parts.block == k)[0] for k in range(len(parts))]]
    assert 0 < (weights > 0).sum() == parts.theta.max() + 1 < len(parts)
    assert np.allclose(np.bincount(parts.theta, weights * probability), np.bincount(parts.theta, probability))


def searched() -> Benders:
    """A decomposition in parts with some cuts, not solved to its end."""
    parts, _, _ = parted(benchmark())
    benders = Benders(parts.built, parts, Watch(), Here())
    benders.problem.null_steps = 1
    return benders


def test_cuts_of_a_sample_go_with_it():
    """They say about what all blocks cost, which is no bound; the cost of a point counts the sampled blocks as often as their weights say."""
    p = searched().problem
    p.sample(large.sampled(p.parts))
    x = p.master.propose()[0]
    cost = p.evaluate(x)
    assert len(p.master.cuts) == p.master.count and p.master.propose()[1] <= cost * (1 + 1e-9)
    p.sample(None)
    assert not p.master.cuts
    assert p.evaluate(x) == pytest.approx(cost, rel=0.5) and p.evaluate(x) != pytest.approx(cost, rel=1e-6)


def test_cuts_of_blocks_that_share_a_variable_add_up():
    """At their point they say what the blocks cost together, elsewhere no more than that; a block that is infeasible keeps a cut of its own."""
    p = searched().problem
    assert p.master.count < len(p.parts)
    at, other = (p.master.propose()[0] for _ in range(2) if p.evaluate(p.master.propose()[0]))
    cuts = p.pool.ask(at, p.price)
    total = np.bincount(p.parts.theta, [cut.value for _, cut in cuts])
    together = p.master.aggregate(cuts)
    assert np.allclose([cut.value for _, cut in together], total)
    elsewhere = np.bincount(p.parts.theta, [cut.value for _, cut in p.pool.ask(other, p.price)])
    said = np.array([cut.value + cut.slope @ (other - at)[p.master.points[t]] for t, cut in together])
    assert (said <= elsewhere + 1e-6 * np.abs(elsewhere)).all() and (said < elsewhere - 1e-3).any()
    k, first = cuts[0]
    broken = p.master.aggregate([(k, replace(first, feasible=False)), *cuts[1:]])
    mine = [cut for t, cut in broken if t == p.parts.theta[k]]
    assert len(mine) == 1 and not mine[0].feasible and mine[0].value == first.value and mine[0].slope.sum() == pytest.approx(first.slope.sum())
    assert np.isinf(p.master.add(broken, at))


def test_between_two_rounds_only_the_blocks_known_least_are_asked(monkeypatch):
    """About a quarter of the rows, those whose costs the master knew least for their size; a cut raises what is known of them."""
    p = searched().problem
    x = p.master.propose()[0]
    p.evaluate(x)
    point = p.master.propose()[0]
    p.evaluate(point)
    asked, ask = [], p.pool.ask
    monkeypatch.setattr(p.pool, "ask", lambda *given, **more: asked.append(more["blocks"]) or ask(*given, **more))
    theta, sizes = p.parts.theta, p.parts.sizes
    rate = p.error / np.bincount(theta, sizes)
    p.refine(0.5 * x + 0.5 * point)
    (blocks,) = asked
    chosen = np.unique(theta[list(blocks)])
    assert sorted(blocks) == np.flatnonzero(np.isin(theta, chosen)).tolist()
    assert 0.2 < sizes[list(blocks)].sum() / sizes.sum() < 0.5 and rate[chosen].min() >= np.delete(rate, chosen).max()


def test_a_step_that_promises_too_much_is_short():
    """An optimum of a master that knows little is not followed far: on the way to it no more is promised than a share of the best cost."""
    p = searched().problem
    run = CuttingPlanes(p, 1e-3, start=p.master.propose()[0])
    run.step()
    inner = run.best.point
    optimum = inner + 1.0
    far = run.in_out_point(optimum, run.cost - 10 * abs(run.cost), stalled=False)
    assert np.allclose(far - inner, BELIEVED / 10)
    near = run.in_out_point(optimum, run.cost - 0.01 * abs(run.cost), stalled=False)
    assert np.allclose(near - inner, FIRST_IN_OUT)
    assert np.allclose(run.in_out_point(optimum, run.cost - 10 * abs(run.cost), stalled=True), optimum)
    p.null_steps = 0
    assert np.allclose(run.in_out_point(optimum, run.cost - 10 * abs(run.cost), stalled=False) - inner, IN_OUT)


def test_decisions_are_asked_again_where_a_worker_has_forgotten_them():
    """A worker that was lost lays out its blocks anew and answers as before."""
    benders = searched()
    p = benders.problem
    large.search_in_parts(benders)
    found = large._solution(benders, p.parts)
    p.pool.holds[0] = False
    assert large._solution(benders, p.parts).objective == pytest.approx(found.objective, rel=1e-6)


def test_a_solve_in_parts_can_be_stopped():
    """In the sample, whose plan is no plan of the whole and is not told as one, or later: the best plan so far is put in order, which is told step by step."""
    told: list[Progress] = []
    early = Watch(report=told.append, cancelled=lambda: any(step.phase == Phase.SAMPLE for step in told))
    assert solve_case(benchmark(), watch=early).stopped == Stop.BY_HAND
    assert all(step.incumbent is None for step in told if step.phase == Phase.SAMPLE)
    told.clear()
    solve_case(benchmark(), watch=Watch(report=told.append))
    shares = [step.share for step in told if step.phase == Phase.TOGETHER]
    assert len(shares) > 1 and shares == sorted(shares) and shares[-1] == 1
    told.clear()
    found = solve_case(benchmark(mip_gap=1e-9), watch=Watch(report=told.append, cancelled=lambda: any(step.incumbent for step in told)))
    assert found.decisions is not None and found.stopped == Stop.BY_HAND and np.isfinite(found.bound)
    assert make_plan(found.built.case, found).provenance["audit_worst_violation"] < 1e-6


def test_a_solve_is_stopped_while_its_parts_are_laid_out():
    """How many of them are there is told; a stop ends it between two groups of them."""
    told: list[Progress] = []
    with pytest.raises(Stopped):
        solve_case(benchmark(), watch=Watch(report=told.append, cancelled=lambda: any(0 < (step.share or 0) < 1 for step in told)))
    shares = [step.share for step in told if step.phase == Phase.PARTS and step.share]
    assert shares == sorted(shares) and shares[-1] < 1


def test_what_clashes_in_a_large_case_is_looked_for_on_the_likeliest_path():
    """The whole is not there to be examined: what clashes on one future is named, and not that it is all."""
    floor = Limit(2, "floor", "stock_quantity", minimum=1e6)
    given = replace(benchmark(), limits=(floor,))
    with pytest.raises(InfeasibleError) as caught:
        optimizer.solve(given)
    assert not caught.value.finished and any(conflict.row == 2 and conflict.sheet == "Limits" for conflict in caught.value.conflicts)


def test_the_time_is_over_before_there_is_a_plan():
    """A limit of a moment ends in words."""
    with pytest.raises(NoPlanError, match="time"):
        optimizer.solve(benchmark(time_limit_seconds=1e-9))


def test_a_study_of_a_plan_in_parts_is_refused_in_words():
    """It says what to change."""
    plan = optimizer.solve(benchmark())
    assert plan.solution.x is None
    with pytest.raises(NoPlanError, match="fewer futures") as caught:
        shortage_causes(plan)
    assert str(caught.value) == TOO_LARGE


def test_a_plan_in_parts_is_kept_by_a_run_and_a_study_of_it_says_why_not(tmp_path):
    """In the app: the plan is done, without the studies that follow others; one that is asked for is refused at once, and nothing is solved for it again."""
    store = Store(tmp_path)
    work = store.begin(read_sheets(GALLIUM))
    settings = {"scenario_method": "sampled", "scenarios": 40, "mip_gap": 0.01}
    run = work.new_run(work.sheets, title="large", settings=settings)
    Worker(run, store.answers, SimpleNamespace(gone=False)).solve()
    assert run.state == RunState.DONE and run.plan().in_parts, run.state
    study, _ = work.new_study(run, "shortage_causes", "why")
    Worker(study, store.answers, SimpleNamespace(gone=False)).solve()
    assert study.state == RunState.NO_PLAN and study.status["message"] == TOO_LARGE


# -- which programs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "most, memory, fill_rate, scenarios, expected",
    [(10**9, 1e12, None, 60, False), (0, 1e12, None, 60, True), (10**9, 1.6e9, None, 60, False), (0, 1.0e9, None, 60, False), (0, 1e12, 0.5, 60, False)],
)
def test_which_programs_are_laid_out_in_parts(monkeypatch, most, memory, fill_rate, scenarios, expected):
    """Those too large for a whole, where the memory holds an answer, and no row reaches over the whole tree as a fill rate does."""
    monkeypatch.setattr(size, "MOST_WHOLE", most)
    monkeypatch.setattr(size, "free_memory", lambda: memory)
    given = benchmark(scenarios=scenarios)
    if fill_rate is not None:
        given = replace(given, demand=tuple(replace(row, minimum_fill_rate=fill_rate) for row in given.demand))
    assert draw(given, Watch(), parts=True).in_parts is expected
    assert not draw(given, Watch()).in_parts


def test_a_program_that_does_not_fit_as_a_whole_is_laid_out_in_parts(monkeypatch):
    """Too little memory for the whole is enough for the parts."""
    monkeypatch.setattr(size, "MOST_WHOLE", 10**9)
    monkeypatch.setattr(size, "BYTES_PER_COEFFICIENT", 1e6)
    monkeypatch.setattr(size, "free_memory", lambda: 8e9)
    assert draw(benchmark(), Watch(), parts=True).in_parts


# -- its tools -------------------------------------------------------------------------------------------------------------


def test_values_on_disk_are_those_that_were_put_there():
    """The latest of each number; deleted ones are gone; it travels as a dict."""
    held: OnDisk[np.ndarray] = OnDisk()
    for number, value in ((3, 1.0), (1, 2.0), (3, 5.0)):
        held[number] = np.full(1000, value)
    assert sorted(held) == [1, 3] and len(held) == 2 and held[3][0] == 5.0 and held[1][-1] == 2.0
    del held[1]
    assert 1 not in held and type(held.__reduce__()[1][0]) is dict
    with pytest.raises(KeyError):
        held[1]


def two_materials(budget: float) -> tuple[Arrays, np.ndarray]:
    """Each of two materials is bought or goes short, over three periods with stock; a sum of money, the last column, is limited."""
    cost, row, column, value, low, high = [], [], [], [], [], []
    material = []
    for g in range(2):
        for t in range(3):
            at = len(cost)
            cost += [1.0 + g + t, 0.1, 20.0]
            material += [g, g, g]
            entries = [(at, 1.0), (at + 1, -1.0), (at + 2, 1.0)] + ([(at - 2, 1.0)] if t else [])
            for j, v in entries:
                row.append(len(low))
                column.append(j)
                value.append(v)
            low.append(5.0 + t)
            high.append(5.0 + t)
    money = len(cost)
    cost.append(0.0)
    material.append(-1)
    for j in range(0, money, 3):
        row.append(len(low))
        column.append(j)
        value.append(-cost[j])
    row.append(len(low))
    column.append(money)
    value.append(1.0)
    low.append(0.0)
    high.append(0.0)
    n = len(cost)
    upper = np.full(n, 8.0)
    upper[money] = budget
    a = Arrays(np.array(cost), np.zeros(n), upper, np.zeros(n, bool), np.array(low), np.array(high), np.array(row), np.array(column), np.array(value))
    return a, np.array(material)


@pytest.mark.parametrize("budget", [1e6, 20.0])
def test_a_crash_basis_is_nearly_the_last_one(budget):
    """Where the budget does not bind, no step is left to do from it; where it does, few, and the optimum is the same."""
    program, material = two_materials(budget)
    helper = block_solver(model_of(program), 1)
    basis = crash.crash_basis(program, material, helper, np.inf)
    solvers = [Reoptimizer(model_of(program), {"presolve": "off"}) for _ in range(2)]
    solvers[0].basis = basis
    steps = []
    for solver in solvers:
        solver.rerun()
        steps.append(solver.highs.getInfo().simplex_iteration_count)
    assert solvers[0].objective == pytest.approx(solvers[1].objective)
    assert steps[0] == 0 if budget == 1e6 else steps[0] <= steps[1]
