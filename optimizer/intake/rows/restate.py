"""Restate a row that is in a unit or currency of its own in those of its material and of the case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from optimizer.intake.cells.units import grams_of
from optimizer.schema.language import Column, fold


def unit_factor(unit: str, own: str) -> float | None:
    """Return how many of a material's own units one of another is; blank is the material's own. None where it cannot be told."""
    if not unit or fold(unit) == fold(own):
        return 1.0
    one, other = grams_of(unit), grams_of(own)
    return None if one is None or other is None else one / other


@dataclass(frozen=True, slots=True)
class Measures:
    """What rows are restated in. units: folded material -> its unit. rates: folded currency -> the case's currency for one of it."""

    units: Mapping[str, str]
    rates: Mapping[str, float]

    def factors(self, row: Mapping[str, Any]) -> tuple[float, float]:
        """Return what a row's quantities, and its money, are multiplied by. KeyError or TypeError for what no rule has let pass."""
        unit, currency = row.get("unit") or "", row.get("currency") or ""
        quantity = 1.0 if not unit else unit_factor(unit, self.units[fold(row["material"])])
        if quantity is None:
            raise TypeError(f"{unit} cannot be restated.")
        return quantity, 1.0 if not currency else self.rates[fold(currency)]


def restated(value: Any, column: Column, quantity: float, money: float) -> Any:
    """Return a value of a column in the material's unit and the case's currency, by the unit that the column declares."""
    if value is None or "{" not in column.unit or (quantity == 1.0 and money == 1.0):
        return value
    factor = money if "{currency}" in column.unit else 1.0
    if "per {unit}" in column.unit:
        factor /= quantity
    elif "{unit}" in column.unit:
        factor *= quantity
    return value * factor
