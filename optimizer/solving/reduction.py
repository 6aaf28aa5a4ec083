"""Presolve a program once that is solved again and again: what the solver's own presolve would find each time.

There are three rules (after Brearley, Mitra & Williams, 1975): a row of one column becomes a bound of that column; an equation of two columns
substitutes one of them by the other; a row of one column beside columns of the trunk becomes a bound that moves with the trunk. Other rows with columns
of the trunk stay.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.model.arrays import Arrays, aggregate
from optimizer.solving.blocks import BlockProgram
from optimizer.solving.moving_bounds import BoundsAt, MovingBounds
from optimizer.solving.numerics import SMALLEST_COEFFICIENT

NO_PRICE = 1e-12
"""A reduced cost up to this one is rounding: the solver gives an exact 0 for columns between their bounds, from which sums of duals were subtracted."""


class Reduced:
    """A smaller program, and the way back from its answers. arrays: the program, whose objective is the block's less `constant`.

    touched: the numbers of the rows that stayed and have columns of the trunk; at: their positions in BlockProgram.touched. moving: the rows at the other
    positions, as bounds of columns. Whoever has taken `arrays` may delete it here: a worker holds thousands of these.
    """

    def __init__(self, part: BlockProgram, staying: np.ndarray | None = None) -> None:
        """staying: columns that must not go, because others speak of them."""
        a = part.arrays
        self.size = len(a.row_lower), len(a.cost)
        may_go = ~a.integer
        may_go[[] if staying is None else staying] = False
        fixed = np.zeros(len(a.row_lower), dtype=bool)
        fixed[part.touched] = True
        count = np.bincount(a.row, minlength=len(a.row_lower))
        # A row of one integer column stays a row: branching sets the bounds of integer columns, and a bound from a row would be lost.
        of_integer = np.bincount(a.row, a.integer[a.column], minlength=len(a.row_lower)) > 0
        alone, double = (count == 1) & ~fixed & ~of_integer, (count == 2) & ~fixed & (a.row_lower == a.row_upper)
        moves = may_go[a.column] & (np.abs(a.value) > SMALLEST_COEFFICIENT)
        moving = (count == 1) & fixed & (np.bincount(a.row, moves, minlength=len(a.row_lower)) > 0)
        may_go[a.column[moving[a.row]]] = False
        lower, upper = a.lower.copy(), a.upper.copy()
        self._bounds_from_rows(a, alone, lower, upper)
        self._equations(a, double, may_go, lower, upper)
        if (lower > upper).any():
            # Clashing rows stay rows, so that the solver finds them infeasible.
            alone, lower, upper = np.zeros_like(alone), a.lower.copy(), a.upper.copy()
            self._bounds_from_rows(a, alone, lower, upper)
            self._equations(a, alone, may_go, lower, upper)
        self._assemble(a, part.touched, alone | moving, lower, upper)
        self._move(a, part.touched, moving)

    # -- what goes -----------------------------------------------------------------------------------------------------

    def _bounds_from_rows(self, a: Arrays, alone: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> None:
        """Turn the rows that are `alone` into bounds. Set low, high: (columns, rows, coefficients) of the bounds that come from rows."""
        at = np.flatnonzero(alone[a.row])
        row, column, value = a.row[at], a.column[at], a.value[at]
        limits = np.stack([a.row_lower[row], a.row_upper[row]]) / value
        lowest, highest = np.where(value > 0, limits[0], limits[1]), np.where(value > 0, limits[1], limits[0])
        # The tightest bound is written last, so that it is the one that stays.
        order = np.argsort(lowest, kind="stable")
        order = order[lowest[order] > lower[column[order]]]
        lower[column[order]] = lowest[order]
        self.low = _last(column[order], row[order], value[order])
        order = np.argsort(-highest, kind="stable")
        order = order[highest[order] < upper[column[order]]]
        upper[column[order]] = highest[order]
        self.high = _last(column[order], row[order], value[order])

    def _equations(self, a: Arrays, double: np.ndarray, may_go: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> None:
        """Choose the equations a_j·y_j + a_k·y_k = b by which y_j is substituted; a column is in at most one of them."""
        entries_of = np.flatnonzero(double[a.row])
        at: np.ndarray = entries_of[np.argsort(a.row[entries_of], kind="stable")].reshape(-1, 2)
        may = may_go[a.column[at]]
        at = at[may.any(axis=1) & ~a.integer[a.column[at]].any(axis=1)]
        entries = np.bincount(a.column, minlength=len(a.cost))
        # An equation is taken where it is the first for both of its columns; of these, the one that stands in fewer rows goes.
        first = np.full(len(a.cost), len(at))
        np.minimum.at(first, a.column[at], np.arange(len(at))[:, None])
        at = at[(first[a.column[at]] == np.arange(len(at))[:, None]).all(axis=1)]
        fewer = np.where(may_go[a.column[at]], entries[a.column[at]], len(a.row)).argmin(axis=1)[:, None]
        gone, stays = np.take_along_axis(at, fewer, 1).ravel(), np.take_along_axis(at, 1 - fewer, 1).ravel()
        self.equation, self.j, self.k = (part.astype(np.int32) for part in (a.row[gone], a.column[gone], a.column[stays]))
        self.a_j, self.a_k = a.value[gone], a.value[stays]
        b = a.row_lower[self.equation]
        self.ratio, self.known = -self.a_k / self.a_j, b / self.a_j
        # y_j within its bounds bounds y_k.
        ends = np.stack([b - self.a_j * lower[self.j], b - self.a_j * upper[self.j]]) / self.a_k
        low, high = ends.min(axis=0, initial=np.inf), ends.max(axis=0, initial=-np.inf)
        self.from_j = np.stack([low > lower[self.k], high < upper[self.k]])
        lower[self.k] = np.maximum(lower[self.k], low)
        upper[self.k] = np.minimum(upper[self.k], high)

    def _move(self, a: Arrays, touched: np.ndarray, moving: np.ndarray) -> None:
        """Turn the rows that are `moving` into bounds that move. Set moving, moving_rows: their numbers in the whole program."""
        position = np.flatnonzero(moving[touched])
        self.moving_rows = touched[position].astype(np.int32)
        entry = np.empty(len(a.row_lower), dtype=np.int64)
        own = np.flatnonzero(moving[a.row])
        entry[a.row[own]] = own
        entries = entry[self.moving_rows]
        row_bounds = np.stack([a.row_lower[self.moving_rows], a.row_upper[self.moving_rows]])
        own_bounds = np.stack([self.arrays.lower, self.arrays.upper])
        self.moving = MovingBounds.of(position, self.number[a.column[entries]], a.value[entries], row_bounds, own_bounds)

    def _assemble(self, a: Arrays, touched: np.ndarray, goes: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> None:
        """Make the program without the rows that go, the equations and the columns that these substitute."""
        goes_row, goes_column = goes.copy(), np.zeros(len(a.cost), dtype=bool)
        goes_row[self.equation], goes_column[self.j] = True, True
        self.kept, self.columns = np.flatnonzero(~goes_row).astype(np.int32), np.flatnonzero(~goes_column).astype(np.int32)
        row_number, column_number = np.cumsum(~goes_row) - 1, np.cumsum(~goes_column) - 1
        ratio, known, partner = np.zeros(len(a.cost)), np.zeros(len(a.cost)), np.arange(len(a.cost))
        ratio[self.j], known[self.j], partner[self.j] = self.ratio, self.known, self.k
        stays = ~goes_row[a.row]
        row, column, value = a.row[stays], a.column[stays], a.value[stays]
        swapped = goes_column[column]
        shift = np.bincount(row[swapped], value[swapped] * known[column[swapped]], minlength=len(a.row_lower))
        row_lower, row_upper = a.row_lower - shift, a.row_upper - shift
        value = np.where(swapped, value * ratio[column], value)
        row, column, value = aggregate(row_number[row], column_number[partner[column]], value, len(self.kept))
        self.at = np.flatnonzero(~goes_row[touched])
        self.touched, self.number = row_number[touched[self.at]].astype(np.int32), column_number.astype(np.int32)
        self.arrays = replace(
            a,
            cost=self.reprice(a.cost),
            lower=lower[self.columns],
            upper=upper[self.columns],
            integer=a.integer[self.columns],
            row_lower=row_lower[self.kept],
            row_upper=row_upper[self.kept],
            row=row,
            column=column,
            value=value,
        )
        # The dual of an equation follows from the other entries of its two columns.
        place = np.full(len(a.cost), -1)
        place[np.concatenate([self.j, self.k])] = np.arange(2 * len(self.j))
        beside = np.flatnonzero(place[a.column] >= 0)
        self.beside = a.row[beside], place[a.column[beside]].astype(np.int32), a.value[beside]

    def reprice(self, cost: np.ndarray) -> np.ndarray:
        """Return the costs of the columns that stay, from those of all, and take up the constant that goes with them."""
        self.constant = float(cost[self.j] @ self.known)
        whole = cost.copy()
        np.add.at(whole, self.k, cost[self.j] * self.ratio)
        return whole[self.columns]

    def moved(self, arrays: Arrays, shift: np.ndarray, bounds: BoundsAt) -> Arrays:
        """Return the smaller program with the trunk's part of the rows that it touches, `shift`, moved to their bounds, and these bounds of columns."""
        a, own = arrays, shift[self.at]
        lower, upper, row_lower, row_upper = a.lower.copy(), a.upper.copy(), a.row_lower.copy(), a.row_upper.copy()
        row_lower[self.touched] -= own
        row_upper[self.touched] -= own
        lower[self.moving.columns], upper[self.moving.columns] = bounds.lower, bounds.upper
        return replace(a, lower=lower, upper=upper, row_lower=row_lower, row_upper=row_upper)

    # -- and comes back ------------------------------------------------------------------------------------------------

    def primal(self, x: np.ndarray) -> np.ndarray:
        """Return the values of all columns from those that stayed."""
        y = np.zeros(self.size[1])
        y[self.columns] = x
        y[self.j] = self.known + self.ratio * y[self.k]
        return y

    def duals(self, row_dual: np.ndarray, column_dual: np.ndarray, cost: np.ndarray, moving: np.ndarray | float = 0.0) -> np.ndarray:
        """Return the duals of all rows from the duals and reduced costs of those that stayed.

        cost: of all columns, as they were in the solve. moving: the duals of the rows of moving bounds, of which the reduced costs hold nothing more.
        """
        dual, reduced = np.zeros(self.size[0]), np.zeros(self.size[1])
        dual[self.kept], dual[self.moving_rows] = row_dual, moving
        reduced[self.columns] = column_dual
        # The bound that is active belongs either to y_j or to y_k. The reduced cost of the other one is 0, and this equation yields the dual.
        if len(self.equation):
            row, place, value = self.beside
            rest_j, rest_k = np.split(cost[np.concatenate([self.j, self.k])] - np.bincount(place, value * dual[row], minlength=2 * len(self.j)), 2)
            price = reduced[self.k]
            by_j = ((price > 0) & self.from_j[0]) | ((price < 0) & self.from_j[1])
            dual[self.equation] = np.where(by_j, rest_k / self.a_k, rest_j / self.a_j)
            reduced[self.j] = rest_j - self.a_j * dual[self.equation]
            reduced[self.k] = np.where(by_j, 0.0, price)
        # The dual of a row that became a bound is the reduced cost of its column, divided by the coefficient.
        for sign, (columns, rows, coefficients) in ((1, self.low), (-1, self.high)):
            priced = sign * reduced[columns] > NO_PRICE
            dual[rows[priced]] = reduced[columns[priced]] / coefficients[priced]
        return dual


def _last(column: np.ndarray, row: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return of the rows of each column the last one."""
    columns, first = np.unique(column[::-1], return_index=True)
    return columns.astype(np.int32), row[::-1][first].astype(np.int32), value[::-1][first]
