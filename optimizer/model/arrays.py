"""A mixed-integer linear program as arrays, and the algebra on them: add columns, add rows, add up entries of one place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64] | float
"""One value for each new column or row, or one value for all of them."""


Entries = Iterable[tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike]]
"""Rows, columns and values of new entries, in one piece or several. A part that is one number stands for every entry of its piece."""


class Triples(NamedTuple):
    """A sparse matrix: row, column and value of each entry."""

    row: np.ndarray
    column: np.ndarray
    value: np.ndarray


@dataclass(frozen=True, slots=True)
class Arrays:
    """minimise cost·x subject to row_lower <= A·x <= row_upper, lower <= x <= upper, x integer where marked.

    row, column, value: the entries of A in any order, at most one for each place.
    """

    cost: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    integer: np.ndarray
    row_lower: np.ndarray
    row_upper: np.ndarray
    row: np.ndarray
    column: np.ndarray
    value: np.ndarray

    @property
    def columns(self) -> int:
        """The number of columns."""
        return len(self.cost)

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.row_lower)

    def with_columns(
        self, count: int, *, cost: Values = 0.0, lower: Values = 0.0, upper: Values = np.inf, integer: bool = False, entries: Entries = ()
    ) -> Self:
        """Return the program with `count` more columns at its end. entries: theirs; rows and columns are numbered as in the result."""
        wider = replace(
            self,
            cost=_extended(self.cost, count, cost),
            lower=_extended(self.lower, count, lower),
            upper=_extended(self.upper, count, upper),
            integer=_extended(self.integer, count, integer),
        )
        return wider._with_entries(entries)

    def with_rows(self, count: int, *, lower: Values = -np.inf, upper: Values = np.inf, entries: Entries = ()) -> Self:
        """Return the program with `count` more rows at its end. entries: theirs; rows and columns are numbered as in the result."""
        longer = replace(self, row_lower=_extended(self.row_lower, count, lower), row_upper=_extended(self.row_upper, count, upper))
        return longer._with_entries(entries)

    def _with_entries(self, entries: Entries) -> Self:
        added = [np.broadcast_arrays(*triples) for triples in entries]
        if not added:
            return self
        row, column, value = (
            np.concatenate([old, *(new[k].astype(old.dtype, copy=False) for new in added)]) for k, old in enumerate((self.row, self.column, self.value))
        )
        return replace(self, row=row, column=column, value=value)

    def activity(self, x: np.ndarray) -> np.ndarray:
        """Return A·x."""
        return np.bincount(self.row, self.value * x[self.column], minlength=self.rows)

    def activity_size(self, x: np.ndarray) -> np.ndarray:
        """Return |A|·|x|, the size of the terms of which A·x is the sum: its rounding error is proportional to it."""
        return np.bincount(self.row, np.abs(self.value * x[self.column]), minlength=self.rows)

    def part(self, columns: np.ndarray, rows: np.ndarray, entries: np.ndarray, column_of: np.ndarray, row_of: np.ndarray) -> Arrays:
        """Return the program of some columns, rows and entries. column_of, row_of: the number that each column and row has in it."""
        return Arrays(
            cost=self.cost[columns],
            lower=self.lower[columns],
            upper=self.upper[columns],
            integer=self.integer[columns],
            row_lower=self.row_lower[rows],
            row_upper=self.row_upper[rows],
            row=row_of[self.row[entries]],
            column=column_of[self.column[entries]],
            value=self.value[entries],
        )

    def with_only_rows(self, kept: np.ndarray) -> Self:
        """Return the program with those rows alone that `kept` marks."""
        number, inside = np.cumsum(kept) - 1, kept[self.row]
        return replace(
            self,
            row_lower=self.row_lower[kept],
            row_upper=self.row_upper[kept],
            row=number[self.row[inside]].astype(self.row.dtype),
            column=self.column[inside],
            value=self.value[inside],
        )


def _extended(part: np.ndarray, count: int, value: Values) -> np.ndarray:
    return np.concatenate([part, np.broadcast_to(np.asarray(value, dtype=part.dtype), (count,))])


def aggregate(row: np.ndarray, column: np.ndarray, value: np.ndarray, rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the entries ordered by column and row, those of one place added up."""
    key = column.astype(np.int64)
    key *= max(1, rows)
    key += row
    order = np.argsort(key, kind="stable")
    key, value = key[order], value[order]
    del order
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else np.zeros(0, dtype=np.int64)
    if len(starts) < len(key):
        key, value = key[starts], np.add.reduceat(value, starts)
    return (key % max(1, rows)).astype(np.int32), (key // max(1, rows)).astype(np.int32), value
