"""The scales of charts, in workbooks and on screen: in what money is shown, and into which ranges the costs of the futures fall."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

EQUAL = 1e-9
"""Costs that differ by less than this part of the largest are equal: they differ by what the solver and the sums round."""
NOTHING = 1e-9
"""Money below this is none."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How large money is shown: in ones, millions or billions (`thousands` = 0, 2 or 3), with so many decimals."""

    thousands: int
    decimals: int

    @property
    def divisor(self) -> float:
        """Return what one of the scale is in money."""
        return 1000.0**self.thousands

    @property
    def word(self) -> str:
        """Return the name of the scale."""
        return {0: "", 2: "million", 3: "billion"}[self.thousands]

    @property
    def format(self) -> str:
        """Return the Excel number format that shows whole money in this scale."""
        return "#,##0" + ("." + "0" * self.decimals if self.decimals else "") + "," * self.thousands

    def unit(self, currency: str) -> str:
        """Return the unit on an axis: USD, USD million ..."""
        return f"{currency} {self.word}".strip()

    def show(self, value: float) -> str:
        """Return a value as `format` shows it."""
        return f"{value / self.divisor:,.{self.decimals}f}"


def scale_of(values: Iterable[float], currency: str = "") -> Scale:
    """Choose the scale that suits the largest of the values. Money in "thousand USD" and the like is not scaled once more."""
    if " " in currency:
        return Scale(0, 0)
    top = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    for thousands in (3, 2):
        if top >= 1000.0**thousands:
            large = top / 1000.0**thousands
            return Scale(thousands, 2 if large < 10 else 1 if large < 1000 else 0)
    return Scale(0, 0 if top >= 100 else 2)


@dataclass(frozen=True, slots=True)
class Ranges:
    """Ranges of equal width with round edges. places: the range, counted from 0, in which each value lies. decimals: what tells the edges apart."""

    edges: list[float]
    places: list[int]
    decimals: int


def ranges_of(values: Iterable[float], most: int = 24) -> Ranges:
    """Choose at most so many ranges in which the values lie. Values that are equal but for rounding are one value, in one range."""
    known = [float(value) for value in values]
    low, high = min(known), max(known)
    size = max(abs(low), abs(high))
    if size < NOTHING:
        known, low, high, size = [0.0] * len(known), 0.0, 0.0, 1.0
    spread = high - low
    if spread <= EQUAL * size:
        # A range by the size of the value: the width of the rounding would be below what a number at this place can tell apart.
        known, low, high, spread = [low] * len(known), low, low, 0.1 * size
    power = math.floor(math.log10(spread / most))
    step = next(size * 10.0**power for size in (1, 2, 5, 10, 20) if spread / (size * 10.0**power) <= most - 1)
    # A value on an edge but for rounding belongs to the range that begins there.
    numbers = [math.floor(value / step + EQUAL) for value in known]
    first, last = min(numbers), max(numbers)
    if last > first and high <= last * step * (1 + math.copysign(EQUAL, last)):
        last -= 1  # the highest value on the last edge closes the range below
    return Ranges(
        [number * step for number in range(first, last + 2)], [min(number, last) - first for number in numbers], max(0, -math.floor(math.log10(step) + EQUAL))
    )


@dataclass(frozen=True, slots=True)
class CostRanges:
    """How likely each range of total cost is. tail: the probability of the worst futures in each range; others: that of all other futures."""

    ranges: Ranges
    others: list[float]
    tail: list[float]


def cost_ranges(futures: pd.DataFrame, divisor: float = 1.0) -> CostRanges:
    """Count the futures, rows of the table scenarios, by ranges of their cost divided by `divisor`."""
    found = ranges_of(futures["cost"].to_numpy(float) / divisor)
    probability, worst = futures["probability"].to_numpy(float), futures["in_tail"].to_numpy(bool)
    others, tail = (np.bincount(found.places, np.where(which, probability, 0.0), len(found.edges) - 1).tolist() for which in (~worst, worst))
    return CostRanges(found, others, tail)
