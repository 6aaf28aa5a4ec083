"""A program with its coefficients column by column, as solvers take it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optimizer.model.arrays import Arrays
from optimizer.solving.numerics import SMALLEST_COEFFICIENT


@dataclass(frozen=True, slots=True)
class Model:
    """A program. start, index, value: its coefficients, column by column; arrays: everything else of it."""

    arrays: Arrays
    start: np.ndarray
    index: np.ndarray
    value: np.ndarray

    def set_costs(self, costs: np.ndarray) -> None:
        """Replace the costs of all columns."""
        self.arrays.cost[:] = costs


NO_ENTRIES = np.zeros(0, dtype=np.int32)
"""The rows or columns of no coefficients."""


def model_of(arrays: Arrays) -> Model:
    """Return the arrays column by column, without coefficients up to SMALLEST_COEFFICIENT."""
    a = arrays
    row, column, value = a.row, a.column, a.value
    keep = np.abs(value) > SMALLEST_COEFFICIENT
    if not keep.all():
        row, column, value = row[keep], column[keep], value[keep]
    if len(column) and (np.diff(column) < 0).any():
        order = np.argsort(column, kind="stable")
        row, column, value = row[order], column[order], value[order]
    start = np.zeros(a.columns + 1, dtype=np.int32)
    np.cumsum(np.bincount(column, minlength=a.columns), out=start[1:])
    rest = replace(a, cost=np.array(a.cost, dtype=float), row=NO_ENTRIES, column=NO_ENTRIES, value=np.zeros(0))
    return Model(rest, start, row.astype(np.int32, copy=False), value)


def arrays_of(model: Model) -> Arrays:
    """Return a model as arrays, its integer columns relaxed."""
    column = np.repeat(np.arange(model.arrays.columns, dtype=np.int32), np.diff(model.start))
    return replace(model.arrays, integer=np.zeros_like(model.arrays.integer), row=model.index, column=column, value=model.value)
