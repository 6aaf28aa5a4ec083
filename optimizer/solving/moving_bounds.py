"""Rows of a block that bound a single column once the trunk is decided: what a contract, a project or a stock of the trunk allows.

As bounds of their columns, which move with the trunk, they cost the simplex method nothing; as rows they are a third of a block with contracts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from optimizer.model.arrays import Arrays

NONE = -1
"""In the place of a row: the bound is the column's own."""


class BoundsAt(NamedTuple):
    """The bounds of the columns with the trunk decided.

    low, high: for each column the row, by its place in MovingBounds, that sets its lower and its upper bound; NONE where it is the column's own. clash: the
    most, in units of a row, by which a lower bound exceeds the upper bound of its column, 0 where none does. Such an upper bound is raised to the lower
    one, which loosens the program, so that its cut stays valid.
    """

    lower: np.ndarray
    upper: np.ndarray
    low: np.ndarray
    high: np.ndarray
    clash: float


@dataclass(frozen=True, slots=True)
class MovingBounds:
    """Rows of one column and of columns of the trunk. position: of each row among those that the trunk touches.

    columns: the columns they bound, each once, in ascending order; column: of each row, its position among these; coefficient: of that column.
    row_lower, row_upper: the bounds of the rows without the trunk. lower, upper: the columns' own bounds.
    """

    position: np.ndarray
    columns: np.ndarray
    column: np.ndarray
    coefficient: np.ndarray
    row_lower: np.ndarray
    row_upper: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    @classmethod
    def of(cls, position: np.ndarray, columns: np.ndarray, coefficient: np.ndarray, row_bounds: np.ndarray, own: np.ndarray) -> MovingBounds:
        """columns: of each row, its column. row_bounds: (2, rows) lower and upper bounds of the rows; own: (2, columns) those of all columns."""
        unique, column = np.unique(columns, return_inverse=True)
        return cls(position, unique.astype(np.int32), np.ravel(column).astype(np.int32), coefficient, *row_bounds, *own[:, unique])

    def at(self, shift: np.ndarray, room: np.ndarray | float = 0.0) -> BoundsAt:
        """Return the bounds where `shift` is the trunk's part of the rows that it touches, and each of these rows here may be violated by `room`."""
        moved = shift[self.position]
        ends = np.stack([self.row_lower - moved - room, self.row_upper - moved + room]) / self.coefficient
        lowest, highest = ends.min(axis=0), ends.max(axis=0)
        lower, upper = self.lower.copy(), self.upper.copy()
        np.maximum.at(lower, self.column, lowest)
        np.minimum.at(upper, self.column, highest)
        low, high = np.full(len(self.columns), NONE), np.full(len(self.columns), NONE)
        for row, end, own, bound in ((low, lowest, self.lower, lower), (high, highest, self.upper, upper)):
            rows = np.flatnonzero((end != own[self.column]) & (end == bound[self.column]))
            row[self.column[rows]] = rows
        clash = (lower - upper)[self.column] * np.abs(self.coefficient)
        return BoundsAt(lower, np.maximum(lower, upper), low, high, float(clash.max(initial=0.0)))

    def duals(self, bounds: BoundsAt, column_dual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the duals of the rows, and what they leave of the reduced costs of all columns."""
        dual, left = np.zeros(len(self.position)), column_dual.copy()
        price = column_dual[self.columns]
        for row, priced in ((bounds.low, price > 0), (bounds.high, price < 0)):
            by_row = priced & (row != NONE)
            dual[row[by_row]] = price[by_row] / self.coefficient[row[by_row]]
            left[self.columns[by_row]] = 0.0
        return dual, left

    def as_rows(self, program: Arrays) -> Arrays:
        """Return the program with the rows at its end, and the columns' own bounds."""
        lower, upper, count = program.lower.copy(), program.upper.copy(), len(self.position)
        lower[self.columns], upper[self.columns] = self.lower, self.upper
        entries = [(program.rows + np.arange(count, dtype=np.int32), self.columns[self.column], self.coefficient)]
        return replace(program, lower=lower, upper=upper).with_rows(count, lower=self.row_lower, upper=self.row_upper, entries=entries)
