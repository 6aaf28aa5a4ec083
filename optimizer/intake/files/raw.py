"""Hold what every kind of file is read into: sheets of plain cell values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from optimizer.errors import Problem
from optimizer.schema.language import Sheet, normalize
from optimizer.schema.sheets import INPUTS


@dataclass(frozen=True, slots=True)
class RawSheet:
    """One sheet of a file: its name and its cell values, row by row, all rows equally long; None = an empty cell.

    Rows and columns are counted from 0. percents: the (row, column) positions of numbers shown as percentages. warnings: what
    looks odd about the sheet itself, such as hidden rows. formats: (row, column) -> the number format of each filled cell whose
    format is not General. merged: the merged areas, as first row, first column, last row, last column. hidden_rows: the rows
    that Excel does not show; they are read all the same.
    """

    name: str
    rows: tuple[tuple[Any, ...], ...]
    percents: frozenset[tuple[int, int]] = frozenset()
    warnings: tuple[Problem, ...] = ()
    formats: Mapping[tuple[int, int], str] = field(default_factory=dict, hash=False)
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden_rows: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Source:
    """Hold the sheets of a file or folder. name: without its folder; sha256: of its bytes."""

    name: str
    sha256: str
    sheets: tuple[RawSheet, ...]


def declared_sheet(name: str) -> Sheet | None:
    """Return the sheet of the schema that a sheet's name means; None for one that is not read."""
    return next((sheet for sheet in INPUTS if normalize(sheet.name) == normalize(name)), None)


def with_remarks(sheets: Iterable[RawSheet], remarks: Iterable[Problem]) -> tuple[RawSheet, ...]:
    """Return the sheets, the first one that is read bearing the warnings that are about the file as a whole."""
    sheets, remarks = tuple(sheets), tuple(remarks)
    bearer = next((raw for raw in sheets if declared_sheet(raw.name) is not None), None)
    if not remarks or bearer is None:
        return sheets
    return tuple(replace(raw, warnings=remarks + raw.warnings) if raw is bearer else raw for raw in sheets)
