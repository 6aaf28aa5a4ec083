# ruff: noqa: E501, one column a line reads as the table that it is
"""The rows of the sheet Substitutes, declared as those of the other sheets in records.py."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.schema.fields import Record, amount, column, share
from optimizer.schema.records import PER_UNIT


# fmt: off
@dataclass(frozen=True, slots=True)
class Substitute(Record):
    """A row of Substitutes. substitute: None = less is simply needed. start: period number of `from`, None = at once."""

    material: str = column("name", "What is replaced.", refers=("Materials.material",), example="Dysprosium oxide")
    use: str = column("name", "In which use.", refers=("Demand.use",), example="Traction motors")
    substitute: str | None = column("name", "The material used in its place; blank = the use does with less (thrift).", default=None, refers=("Materials.material",), example="Terbium oxide")
    units_per_unit: float | None = column("number", "Units of the substitute for one unit replaced; required with a substitute.", "units per unit", default=None, low=0, above=True, example=0.7)
    cost: float = amount("Cost of replacing one unit, beside the substitute itself; required without a substitute.", PER_UNIT, default=0, example=20)
    maximum_share: float = share("Most of a period's demand that can be replaced; required without a substitute.", default=1, example=0.3)
    project: str | None = column("name", "The project that must be ready first; blank = it can be done already.", default=None, refers=("Projects.project",))
    start: int | None = column("date", "First period in which it can be done; blank = at once.", name="from", default=None)

    def begun(self, t: int) -> bool:
        """Return whether period t is not before its first."""
        return self.start is None or t >= self.start
