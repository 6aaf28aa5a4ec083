"""A block's program that is made smaller has the same optimum, and its answer comes back as one of the whole program."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.model.arrays import Arrays
from optimizer.solving import highs
from optimizer.solving.blocks import BlockProgram
from optimizer.solving.outcome import State
from optimizer.solving.reduction import Reduced
from optimizer.solving.subproblems import block_solver

COLUMNS, TOUCHED = 12, 6


def program(seed: int) -> tuple[Arrays, np.ndarray]:
    """Return a feasible program with rows of one column, equations of two and others, no coefficient of which is 1, and rows that stay."""
    random = np.random.default_rng(seed)

    def coefficients(count: int) -> np.ndarray:
        return random.choice([-1.0, 1.0], count) * random.uniform(0.3, 4.0, count)

    point = random.uniform(0.5, 5.0, COLUMNS)
    rows: list[tuple[np.ndarray, np.ndarray, float, float]] = []
    for _ in range(8):
        columns = random.choice(COLUMNS, 1)
        rows.append((columns, coefficients(1), *random.choice([0.1, 0.4, np.inf], 2)))
    for _ in range(6):
        columns = random.choice(COLUMNS, 2, replace=False)
        rows.append((columns, coefficients(2), 0.0, 0.0))
    for _ in range(7):
        columns = random.choice(COLUMNS, 4, replace=False)
        rows.append((columns, coefficients(4), 0.3, random.choice([0.5, np.inf])))
    values = np.array([given @ point[columns] for columns, given, _, _ in rows])
    arrays = Arrays(
        cost=random.uniform(-3.0, 3.0, COLUMNS),
        lower=np.zeros(COLUMNS),
        upper=point + random.uniform(0.0, 3.0, COLUMNS),
        integer=np.zeros(COLUMNS, dtype=bool),
        row_lower=values - [below for _, _, below, _ in rows],
        row_upper=values + [above for _, _, _, above in rows],
        row=np.repeat(np.arange(len(rows)), [len(columns) for columns, *_ in rows]),
        column=np.concatenate([columns for columns, *_ in rows]),
        value=np.concatenate([given for _, given, *_ in rows]),
    )
    return arrays, random.choice(len(rows), TOUCHED, replace=False)


def solved(arrays: Arrays) -> highs.Point:
    """Return the optimum that the solver finds."""
    solver = block_solver(highs.model_of(arrays), 1)
    assert solver.rerun() == State.OPTIMAL
    return solver.point


@pytest.mark.parametrize("seed", range(30))
def test_a_reduced_program_has_the_optimum_of_the_whole_one_and_its_duals_prove_it(seed):
    """The values that come back keep every row and cost as much as the optimum; the duals that come back bound the cost by as much.

    The rows that the trunk touches are shifted by what it decides; those of one column are bounds then.
    """
    a, touched = program(seed)
    reduced = Reduced(BlockProgram(a, touched, np.zeros(0, int), (), np.arange(COLUMNS), np.arange(a.rows), np.zeros(0, int)))
    assert len(reduced.arrays.cost) < a.columns and len(reduced.arrays.row_lower) < a.rows
    shift = np.random.default_rng(seed).uniform(-0.05, 0.05, TOUCHED) * (a.row_lower < a.row_upper)[touched]
    a.row_lower[touched] -= shift
    a.row_upper[touched] -= shift
    least = float(a.cost @ solved(a).x)
    bounds = reduced.moving.at(shift)
    point = solved(reduced.moved(reduced.arrays, shift, bounds))
    x = reduced.primal(point.x)
    assert a.cost @ x == pytest.approx(least, abs=1e-6) and reduced.arrays.cost @ point.x + reduced.constant == pytest.approx(least, abs=1e-6)
    level = np.bincount(a.row, a.value * x[a.column], minlength=a.rows)
    assert (level >= a.row_lower - 1e-6).all() and (level <= a.row_upper + 1e-6).all() and (x >= a.lower - 1e-6).all() and (x <= a.upper + 1e-6).all()
    moving, left = reduced.moving.duals(bounds, point.column_dual)
    dual = reduced.duals(point.row_dual, left, a.cost, moving)
    left = a.cost - np.bincount(a.column, a.value * dual[a.row], minlength=a.columns)
    dual, left = np.where(np.abs(dual) < 1e-9, 0.0, dual), np.where(np.abs(left) < 1e-9, 0.0, left)
    bound = sum(
        float(price[which] @ ends[which])
        for price, low, high in ((dual, a.row_lower, a.row_upper), (left, a.lower, a.upper))
        for which, ends in ((price > 0, low), (price < 0, high))
    )
    assert bound == pytest.approx(least, abs=1e-6)


def test_an_integer_column_keeps_its_row_and_its_equation():
    """A row of an integer column alone stays a row, for branching sets its bounds; an equation with an integer column substitutes nothing."""
    a, _ = program(1)
    none = np.zeros(0, int)
    for integer, gone in ((False, True), (True, False)):
        marked = replace(a, integer=np.full(COLUMNS, integer))
        reduced = Reduced(BlockProgram(marked, none, none, (), np.arange(COLUMNS), np.arange(a.rows), none))
        assert (len(reduced.arrays.cost) < COLUMNS, len(reduced.arrays.row_lower) < a.rows) == (gone, gone)
