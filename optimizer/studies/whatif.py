"""What if the workbook said something else: changed sheets, to be solved like any other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from numbers import Real
from typing import Any

from optimizer.intake.files.sources import RawSheet
from optimizer.schema.language import normalize
from optimizer.schema.sheets import BUDGET


def budget_scaled(sheets: Iterable[RawSheet], factor: float) -> tuple[RawSheet, ...]:
    """Return the sheets with every amount of the Budget sheet multiplied by `factor` (at least 0). What is no number there stays as it is."""
    if factor < 0:
        raise ValueError(f"A budget cannot be multiplied by {factor}.")
    return tuple(_scaled(raw, factor) if normalize(raw.name) == normalize(BUDGET.name) else raw for raw in sheets)


def _scaled(raw: RawSheet, factor: float) -> RawSheet:
    header = [normalize(value) if value is not None else "" for value in (raw.rows[0] if raw.rows else ())]
    if "amount" not in header:
        return raw
    at = header.index("amount")

    def scaled(row: tuple[Any, ...]) -> tuple[Any, ...]:
        value = row[at]
        if not isinstance(value, Real) or isinstance(value, bool):
            return row
        return (*row[:at], round(float(value) * factor, 6), *row[at + 1 :])

    return replace(raw, rows=(raw.rows[0], *(scaled(row) for row in raw.rows[1:])))
