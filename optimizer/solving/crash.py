"""A basis to begin from: for a program that nearly falls apart into one for each material, and for one of which a solution is nearly known.

The dual simplex method takes some 30 steps for 100 rows, each of which takes the longer the more rows there are. Materials meet in few rows: budgets,
limits and risk. Without these each material's program is solved by itself, and what is left to do from their bases together is little
(a crash basis from a relaxation; Maros, 2003, ch. 9.8).
"""

from __future__ import annotations

import numpy as np

from optimizer.errors import NumericalError
from optimizer.model.arrays import Arrays
from optimizer.solving.blocks import positions_of
from optimizer.solving.columnwise import model_of
from optimizer.solving.highs import BASIC, FREE, LOWER, UPPER, Basis, Reoptimizer, basis_of, statuses_of
from optimizer.solving.numerics import FEASIBILITY_TOLERANCE
from optimizer.solving.outcome import State

WORTH = 15_000
"""Rows from which a program is begun so. Of a smaller one the whole takes no longer than its pieces."""

ZERO = FEASIBILITY_TOLERANCE
"""A dual or a reduced cost of at most this counts as none, and a column at most this far from a bound as standing at it."""


def basis_near(a: Arrays, x: np.ndarray, dual: np.ndarray) -> Basis:
    """Return a basis near a solution x of a program and duals of its rows, which need not belong to a basis (a crossover; Bixby & Saltzman, 1994).

    Columns between their bounds without a reduced cost are in it, and rows without a dual. Together they need not be as many as there are rows: HiGHS
    drops linearly dependent ones, and adds rows where some are missing.
    """
    reduced = a.cost - np.bincount(a.column, a.value * dual[a.row], minlength=a.columns)
    above, below = x > a.lower + ZERO, x < a.upper - ZERO
    column = np.where(below | (a.lower == a.upper), LOWER, UPPER)
    column[above & below & (np.abs(reduced) <= ZERO)] = BASIC
    column[~np.isfinite(a.lower) & (column == LOWER)] = FREE
    row = np.where((np.abs(dual) <= ZERO) & (a.row_lower != a.row_upper), BASIC, np.where(dual > 0, LOWER, UPPER))
    row[a.row_lower == a.row_upper] = LOWER
    return basis_of(column, row)


def crash_basis(program: Arrays, material: np.ndarray, solver: Reoptimizer, until: float) -> Basis:
    """Return a basis of a program. material: of each column, -1 without one. solver: one for programs of its kind. Raises OutOfTime."""
    a, count = program, int(material.max(initial=-1)) + 1
    column, row = np.full(a.columns, LOWER), np.full(a.rows, BASIC)
    column[~np.isfinite(a.lower)] = FREE
    of_row = _one_material(a, material)
    column_of, row_of = np.zeros(a.columns, dtype=np.int32), np.zeros(a.rows, dtype=np.int32)
    pieces = zip(positions_of(material, count), positions_of(of_row, count), positions_of(of_row[a.row], count))
    next(pieces)  # what belongs to no material
    for columns, rows, entries in pieces:
        column_of[columns], row_of[rows] = np.arange(len(columns)), np.arange(len(rows))
        if (found := _solved(a.part(columns, rows, entries, column_of, row_of), solver, until)) is not None:
            column[columns], row[rows] = statuses_of(found)
    _define_sums(a, material, of_row, column, row)
    return basis_of(column, row)


def _solved(piece: Arrays, solver: Reoptimizer, until: float) -> Basis | None:
    """Return the last basis of a material's program; None where it has no optimum, as it is not held by the rows that it shares. Raises OutOfTime."""
    solver.load(model_of(piece))
    try:
        return solver.basis if solver.rerun(until) == State.OPTIMAL else None
    except NumericalError:
        return None


def _one_material(a: Arrays, material: np.ndarray) -> np.ndarray:
    """Return for each row the material of all its columns, -1 where these have several, or one has none."""
    of_entry = material[a.column]
    low, high = np.full(a.rows, np.iinfo(np.int64).max), np.full(a.rows, -1)
    np.minimum.at(low, a.row, of_entry)
    np.maximum.at(high, a.row, of_entry)
    return np.where(low == high, high, -1)


def _define_sums(a: Arrays, material: np.ndarray, of_row: np.ndarray, column: np.ndarray, row: np.ndarray) -> None:
    """Let each equation that adds up money have the column of its sum in the basis: of its columns without a material the last, that of the latest node."""
    sums = (of_row < 0) & (a.row_lower == a.row_upper)
    of_sum = sums[a.row] & (material[a.column] < 0)
    last = np.full(a.rows, -1)
    np.maximum.at(last, a.row[of_sum], a.column[of_sum])
    rows = np.flatnonzero(last >= 0)
    columns, first = np.unique(last[rows], return_index=True)
    column[columns], row[rows[first]] = BASIC, LOWER
