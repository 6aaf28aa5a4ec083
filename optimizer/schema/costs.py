"""The parts of the cost: their names, words and colours, declared once for model, audit, results, charts and screen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CostPart:
    """A part of the cost.

    word: as a reader sees it. colour: on the screen; shade: in the plan workbook. outlay: it is paid in cash and budgets limit it.
    """

    name: str
    word: str
    colour: str
    shade: str
    outlay: bool = False


COST_PARTS = (
    CostPart("purchases", "Purchases", "#2F78B7", "#52606D", outlay=True),
    CostPart("storage", "Storage", "#86B6E0", "#9AA5B1", outlay=True),
    CostPart("projects", "Projects", "#6B7785", "#CBD2D9", outlay=True),
    CostPart("penalties", "Penalties", "#B9A3D6", "#B9A3D6"),
    CostPart("shortage", "Shortage", "#CC79A7", "#CC79A7"),
    CostPart("salvage", "Salvage value", "#A9B4BF", "#A9B4BF"),
)
"""In the order in which they are told. The model's term of each stands in optimizer/model/costs.py under the same name."""

OUTLAYS = tuple(part.name for part in COST_PARTS if part.outlay)
"""The parts that are outlay: the categories of Budget besides `all`."""


def listed(names: tuple[str, ...] = OUTLAYS, last: str = "and") -> str:
    """Write names as a list in prose: "purchases, storage and projects"."""
    return f"{', '.join(names[:-1])} {last} {names[-1]}" if len(names) > 1 else names[0]
