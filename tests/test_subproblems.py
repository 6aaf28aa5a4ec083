"""The cuts of a block: exact where it is asked, and never above the truth anywhere else, whether it has an answer there or not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.model.arrays import Arrays
from optimizer.solving.blocks import BlockProgram
from optimizer.solving.columnwise import model_of
from optimizer.solving.outcome import State
from optimizer.solving.subproblems import Block, block_solver

COLUMNS, TRUNK = 8, 4
"""The columns of a block, and those of the trunk."""


def block(seed: int) -> BlockProgram:
    """Return a block most of whose rows bound one column as the trunk allows: from above, from below, on both sides, by coefficients of either sign."""
    random = np.random.default_rng(seed)
    sizes = [1] * 9 + [2] * 3 + [4] * 3
    row = np.repeat(np.arange(len(sizes)), sizes)
    column = np.concatenate([random.choice(COLUMNS, size, replace=False) for size in sizes])
    value = random.choice([-1.0, 1.0], len(row)) * random.uniform(0.3, 3.0, len(row))
    touched = np.sort(random.choice(len(sizes), 10, replace=False))
    point, x = random.uniform(0.2, 3.0, COLUMNS), random.uniform(0.0, 2.0, TRUNK)
    pairs = np.array([(i, j) for i in range(len(touched)) for j in random.choice(TRUNK, random.integers(1, 3), replace=False)])
    coupling = random.uniform(-2.0, 2.0, len(pairs))
    level = np.bincount(row, value * point[column], minlength=len(sizes))
    level[touched] += np.bincount(pairs[:, 0], coupling * x[pairs[:, 1]], minlength=len(touched))
    below, above = random.choice([0.0, 0.3, np.inf], (2, len(sizes)), p=[0.2, 0.5, 0.3])
    arrays = Arrays(
        cost=random.uniform(-2.0, 3.0, COLUMNS),
        lower=np.where(random.random(COLUMNS) < 0.5, 0.0, -1.0),
        upper=point + random.uniform(0.5, 3.0, COLUMNS),
        integer=np.zeros(COLUMNS, dtype=bool),
        row_lower=level - below,
        row_upper=level + above,
        row=row,
        column=column,
        value=value,
    )
    return BlockProgram(
        arrays, touched, np.arange(TRUNK), (pairs[:, 0], pairs[:, 1], coupling), np.arange(COLUMNS), np.arange(len(sizes)), np.zeros(0, dtype=int)
    )


def at(part: BlockProgram, x: np.ndarray) -> Arrays:
    """Return the block's program with the trunk at x."""
    i, j, value = part.coupling
    shift = np.bincount(part.touched[i], value * x[j], minlength=part.arrays.rows)
    return replace(part.arrays, row_lower=part.arrays.row_lower - shift, row_upper=part.arrays.row_upper - shift)


def truth(part: BlockProgram, x: np.ndarray, soft: np.ndarray) -> tuple[float, float]:
    """Return the least cost of the whole program of a block with the trunk at x, inf without one, and the least violation of the rows that are `soft`."""
    program = at(part, x)
    solver = block_solver(model_of(program), 1)
    cost = solver.objective if solver.rerun() == State.OPTIMAL else np.inf
    free = replace(program, cost=np.zeros(COLUMNS))
    for sign in (1.0, -1.0):
        free = free.with_columns(len(soft), cost=1.0, entries=[(soft, free.columns + np.arange(len(soft)), sign)])
    solver = block_solver(model_of(free), 1)
    assert solver.rerun() == State.OPTIMAL
    return cost, solver.objective


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_a_cut_is_exact_where_the_block_is_asked_and_never_above_the_truth(seed, shared):
    """Asked at points one after another, from near one at which it has an answer to far away, where most blocks have none."""
    part = block(seed)
    own = Block(part, 1, shared)
    solver = block_solver(own.model, 1) if shared else None
    random = np.random.default_rng(seed + 100)
    points = [random.uniform(0.0, 2.0, TRUNK) * random.choice([0.5, 1.0, 2.0]) for _ in range(12)]
    # Rows of one column that the trunk does not touch, and equations of two, are taken as given.
    soft = np.concatenate([own.reduced.kept, own.reduced.moving_rows])
    truths = [truth(part, x, soft) for x in points]
    for x, (cost, violation) in zip(points, truths):
        cut = own.ask(x, 100.0, solver)
        assert cut.feasible == (violation < 1e-7)
        assert cut.value == pytest.approx(cost if cut.feasible else violation, abs=1e-6)
        for other, (cost_there, violation_there) in zip(points, truths):
            assert cut.value + cut.slope @ (other - x) <= (cost_there if cut.feasible else violation_there) + 1e-6
    assert own.reduced.moving.position.size >= 2


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("short", [0.0, 1e-9, 9e-8, 1e-6])
def test_a_bound_that_is_short_by_rounding_is_no_infeasibility(short, shared):
    """The trunk allows a little less than nothing of the only column: up to the solver's tolerance that is nothing, and beyond it infeasible."""
    arrays = Arrays(*map(np.array, ([-1.0], [0.0], [5.0], [False], [-np.inf], [0.0], [0], [0], [2.0])))
    part = BlockProgram(
        arrays, np.zeros(1, int), np.zeros(1, int), (np.zeros(1, int), np.zeros(1, int), -np.ones(1)), *(np.zeros(1, int),) * 2, np.zeros(0, int)
    )
    own = Block(part, 1, shared)
    cut = own.ask(np.array([-short]), 100.0, block_solver(own.model, 1) if shared else None)
    assert cut.feasible == (short < 1e-7)
    assert cut.value == pytest.approx(0.0 if cut.feasible else short, abs=1e-7)
    assert cut.slope == pytest.approx([-0.5] if cut.feasible else [-1.0])


def test_the_points_that_are_asked_are_of_both_kinds():
    """Otherwise the test above would say nothing of feasibility cuts, or of optimality cuts."""
    random, kinds = np.random.default_rng(5), set()
    for seed in range(12):
        part = block(seed)
        kinds |= {truth(part, random.uniform(0.0, 2.0, TRUNK), np.arange(part.arrays.rows))[1] < 1e-7 for _ in range(12)}
    assert kinds == {True, False}
