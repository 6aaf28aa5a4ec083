"""What may have to give where no plan satisfies the limits of a workbook: one of its cells, and by how much it can give."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10

from optimizer.errors import Conflict
from optimizer.solving.scaling import ROUNDING

DIGITS = 6
"""The significant digits of an amount: as many as are printed."""

SHARE_DIGITS = 3
"""The significant digits of a share, which is found by bisection: each digit takes three or four solves."""

OPEN = "open"
"""What stands in the column `decided` of a project that is left to the plan."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A number of the workbook that limits something, and may have to give.

    column: that of its sheet. value: the number; sign: -1 where it gives by getting smaller. most: the most that it can give. share: whether it
    is a coefficient. scale: its units per solver unit of its slack. beforehand: whether it is no limit, but decides something for the plan.
    word: what stands in the cell where that is no number, "" where it is one; a word gives whole.
    """

    sheet: str
    row: int
    column: str
    what: str
    unit: str
    value: float
    sign: int
    most: float
    share: bool
    scale: float
    beforehand: bool = False
    word: str = ""

    @property
    def key(self) -> tuple[str, int, str, int]:
        """Return its cell, and the direction in which it gives: a contract that is fixed can give in both."""
        return (self.sheet, self.row, self.column, self.sign)

    def changed(self, give: float) -> float:
        """Return the number after it has given so much."""
        return float(f"{self.value + self.sign * give:.12g}")

    def conflict(self, give: float | None, clash: int, enough: bool) -> Conflict:
        """Return it as a part of a clash. give: None where that is not known."""
        if self.word:
            return Conflict(self.sheet, self.row, self.what, self.most, self.unit, clash, self.column, self.word, OPEN, enough)
        to = None if give is None else self.changed(give)
        return Conflict(self.sheet, self.row, self.what, give, self.unit, clash, self.column, self.value, to, enough)

    def candidates(self, least: float) -> list[float]:
        """Return amounts of DIGITS digits, from `least` on outwards: the first that is enough is the answer."""
        if least >= self.most:
            return [self.most]
        unit = 10.0 ** (floor(log10(least)) - DIGITS + 1) if least > 0 else 0.0
        near, up = round(least / unit) if unit else 0, ceil(least / unit) if unit else 0
        steps = dict.fromkeys([near, up, up + 1, up + 10, up + 100])
        return [min(self.most, float(f"{step * unit:.{DIGITS}g}")) for step in steps if step > 0]

    @property
    def step(self) -> float:
        """The step of a share: a unit in the last of its SHARE_DIGITS digits."""
        return 10.0 ** (floor(log10(self.value) + ROUNDING) - SHARE_DIGITS + 1) if self.value > 0 else 10.0**-SHARE_DIGITS
