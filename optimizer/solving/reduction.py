"""A block's program made smaller once, since it is solved again and again: what the solver's presolve would find each time.

Two rules (Brearley, Mitra & Williams, 1975): a row of one column is a bound of that column; an equation of two columns gives one of them
by the other. Rows into which the trunk's columns enter stay as they are but for their constants, so that their bounds can be moved.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.solving.blocks import BlockProgram


class Reduced:
    """arrays: the smaller program; its objective is the block's less `constant`. touched: where the rows that the trunk enters stand."""

    def __init__(self, part: BlockProgram, staying: np.ndarray | None = None) -> None:
        """staying: columns that must not go, because others speak of them."""
        self.part, a = part, part.arrays
        self.may_go = ~a.integer
        self.may_go[[] if staying is None else staying] = False
        self.lower, self.upper = a.lower.copy(), a.upper.copy()
        fixed = np.zeros(len(a.row_lower), dtype=bool)
        fixed[part.touched] = True
        count = np.bincount(a.row, minlength=len(a.row_lower))
        self._bounds_from_rows((count == 1) & ~fixed)
        self._equations((count == 2) & ~fixed & (a.row_lower == a.row_upper))
        if (self.lower > self.upper).any():
            # Clashing rows stay rows, so that the solver finds them infeasible.
            self.lower, self.upper = a.lower.copy(), a.upper.copy()
            self._bounds_from_rows(np.zeros(len(count), dtype=bool))
            self._equations(np.zeros(len(count), dtype=bool))
        self._assemble()

    # -- what goes -----------------------------------------------------------------------------------------------------

    def _bounds_from_rows(self, alone: np.ndarray) -> None:
        """Turn the rows that are `alone` into bounds; low_row, high_row: the row that a column's bound is from, -1 for its own."""
        a = self.part.arrays
        at = np.flatnonzero(alone[a.row])
        row, column, value = a.row[at], a.column[at], a.value[at]
        limits = np.stack([a.row_lower[row], a.row_upper[row]]) / value
        low, high = np.where(value > 0, limits[0], limits[1]), np.where(value > 0, limits[1], limits[0])
        self.alone, self.coefficient = alone, np.zeros(len(a.row_lower))
        self.coefficient[row] = value
        self.low_row, self.high_row = np.full(len(a.cost), -1), np.full(len(a.cost), -1)
        # The tightest last, so that it is what stays.
        order = np.argsort(low, kind="stable")
        order = order[low[order] > self.lower[column[order]]]
        self.lower[column[order]], self.low_row[column[order]] = low[order], row[order]
        order = np.argsort(-high, kind="stable")
        order = order[high[order] < self.upper[column[order]]]
        self.upper[column[order]], self.high_row[column[order]] = high[order], row[order]

    def _equations(self, double: np.ndarray) -> None:
        """Choose equations a_j·y_j + a_k·y_k = b whose y_j goes; a column takes part in one at most."""
        a = self.part.arrays
        at = np.flatnonzero(double[a.row])
        at = at[np.argsort(a.row[at], kind="stable")].reshape(-1, 2)
        may = self.may_go[a.column[at]]
        at = at[may.any(axis=1) & ~a.integer[a.column[at]].any(axis=1)]
        entries = np.bincount(a.column, minlength=len(a.cost))
        # An equation is taken where it is the first for both of its columns; of these, the one that stands in fewer rows goes.
        first = np.full(len(a.cost), len(at))
        np.minimum.at(first, a.column[at], np.arange(len(at))[:, None])
        at = at[(first[a.column[at]] == np.arange(len(at))[:, None]).all(axis=1)]
        fewer = np.where(self.may_go[a.column[at]], entries[a.column[at]], len(a.row)).argmin(axis=1)[:, None]
        gone, stays = np.take_along_axis(at, fewer, 1).ravel(), np.take_along_axis(at, 1 - fewer, 1).ravel()
        self.equation, self.j, self.k = a.row[gone], a.column[gone], a.column[stays]
        self.a_j, self.a_k = a.value[gone], a.value[stays]
        self.b = a.row_lower[self.equation]
        # y_j within its bounds bounds y_k.
        ends = np.stack([self.b - self.a_j * self.lower[self.j], self.b - self.a_j * self.upper[self.j]]) / self.a_k
        low, high = ends.min(axis=0, initial=np.inf), ends.max(axis=0, initial=-np.inf)
        self.from_j = np.stack([low > self.lower[self.k], high < self.upper[self.k]])
        self.lower[self.k] = np.maximum(self.lower[self.k], low)
        self.upper[self.k] = np.minimum(self.upper[self.k], high)

    def _assemble(self) -> None:
        """The program without those rows and columns."""
        a = self.part.arrays
        goes_row, goes_column = self.alone.copy(), np.zeros(len(a.cost), dtype=bool)
        goes_row[self.equation], goes_column[self.j] = True, True
        self.kept, self.columns = np.flatnonzero(~goes_row), np.flatnonzero(~goes_column)
        row_number, column_number = np.cumsum(~goes_row) - 1, np.cumsum(~goes_column) - 1
        ratio, known, partner = np.zeros(len(a.cost)), np.zeros(len(a.cost)), np.arange(len(a.cost))
        ratio[self.j], known[self.j], partner[self.j] = -self.a_k / self.a_j, self.b / self.a_j, self.k
        stays = ~goes_row[a.row]
        row, column, value = a.row[stays], a.column[stays], a.value[stays]
        swapped = goes_column[column]
        shift = np.bincount(row[swapped], value[swapped] * known[column[swapped]], minlength=len(a.row_lower))
        self.row_lower, self.row_upper = a.row_lower - shift, a.row_upper - shift
        value = np.where(swapped, value * ratio[column], value)
        row, column = row_number[row], column_number[partner[column]]
        key = column * np.int64(max(1, len(self.kept))) + row
        order = np.argsort(key, kind="stable")
        starts = np.flatnonzero(np.diff(key[order], prepend=-1))
        value = np.add.reduceat(value[order], starts) if len(starts) else value
        cost = a.cost.copy()
        np.add.at(cost, self.k, a.cost[self.j] * ratio[self.j])
        self.ratio, self.known = ratio[self.j], known[self.j]
        self.constant = float(a.cost[self.j] @ self.known)
        self.touched = row_number[self.part.touched].astype(np.int32)
        self.arrays = replace(
            a, cost=cost[self.columns], lower=self.lower[self.columns], upper=self.upper[self.columns], integer=a.integer[self.columns],
            row_lower=self.row_lower[self.kept], row_upper=self.row_upper[self.kept], row=row[order][starts], column=column[order][starts], value=value,
        )
        self.number = column_number.astype(np.int32)

    # -- and comes back ------------------------------------------------------------------------------------------------

    def primal(self, x: np.ndarray) -> np.ndarray:
        """The values of all columns."""
        y = np.zeros(len(self.part.columns))
        y[self.columns] = x
        y[self.j] = self.known + self.ratio * y[self.k]
        return y

    def duals(self, row_dual: np.ndarray, column_dual: np.ndarray, cost: np.ndarray) -> np.ndarray:
        """The duals of all rows. cost: of the block's columns as they were priced."""
        a = self.part.arrays
        dual, reduced = np.zeros(len(a.row_lower)), np.zeros(len(a.cost))
        dual[self.kept] = row_dual
        reduced[self.columns] = column_dual
        # Of y_j and y_k, the one whose bound holds the pair has a reduced cost; the other's is 0, which gives the dual of the equation.
        if len(self.equation):
            rest = cost - np.bincount(a.column, a.value * dual[a.row], minlength=len(a.cost))
            price = reduced[self.k]
            by_j = ((price > 0) & self.from_j[0]) | ((price < 0) & self.from_j[1])
            dual[self.equation] = np.where(by_j, rest[self.k] / self.a_k, rest[self.j] / self.a_j)
            reduced[self.j] = rest[self.j] - self.a_j * dual[self.equation]
            reduced[self.k] = np.where(by_j, 0.0, price)
        # A row that became a bound has the price of the column that it holds.
        for priced, source in ((reduced > 1e-12, self.low_row), (reduced < -1e-12, self.high_row)):
            columns = np.flatnonzero(priced & (source >= 0))
            dual[source[columns]] = reduced[columns] / self.coefficient[source[columns]]
        return dual
