"""The parts of the cost: their names, words and colours, declared once for model, audit, results, charts and screen."""

from __future__ import annotations

from dataclasses import dataclass

EVERYTHING = "all"
"""The category of Budget that counts every outlay."""


@dataclass(frozen=True, slots=True)
class CostPart:
    """A part of the cost.

    word: as a reader sees it. colour: on the screen; shade: in the plan workbook. category: the category of Budget that counts it, as it is
    paid in cash, EVERYTHING = only the one that counts every outlay; blank = it is no outlay. of_material: a budget of some materials counts what
    of it is for these.
    """

    name: str
    word: str
    colour: str
    shade: str
    category: str = ""
    of_material: bool = True

    @property
    def spending(self) -> str:
        """What it is told under as spending: its category of Budget, itself where it has none of its own; blank = it is no outlay."""
        return self.name if self.category == EVERYTHING else self.category


COST_PARTS = (
    CostPart("purchases", "Purchases", "#2F78B7", "#52606D", category="purchases"),
    CostPart("duties", "Duties", "#1B4F8A", "#7B8794", category="purchases"),
    CostPart("storage", "Storage", "#86B6E0", "#9AA5B1", category="storage"),
    CostPart("projects", "Projects", "#6B7785", "#CBD2D9", category="projects", of_material=False),
    CostPart("substitution", "Substitution", "#3E8E7E", "#B8C9BF", category=EVERYTHING, of_material=False),
    CostPart("penalties", "Penalties", "#B9A3D6", "#B9A3D6"),
    CostPart("shortage", "Shortage", "#CC79A7", "#CC79A7"),
    CostPart("sales", "Sales", "#7FB08A", "#7FB08A"),
    CostPart("salvage", "Salvage value", "#A9B4BF", "#A9B4BF"),
)
"""In the order in which they are told. The model's term of each stands in optimizer/model/costs.py under the same name."""

OUTLAYS = tuple(part.name for part in COST_PARTS if part.category)
"""The parts that are outlay."""

CATEGORIES = tuple(dict.fromkeys(part.category for part in COST_PARTS if part.category not in ("", EVERYTHING)))
"""The categories of Budget besides `all`."""

SPENDING = tuple(dict.fromkeys(part.spending for part in COST_PARTS if part.spending))
"""What is paid in cash: the categories of Budget, and each outlay that has no category of its own."""


def outlays_of(category: str, of_materials: bool = False) -> tuple[str, ...]:
    """Return the parts of the cost that a category of Budget, or an entry of SPENDING, counts; `all` counts every outlay.

    of_materials: those alone that are for a material.
    """
    return tuple(part.name for part in COST_PARTS if part.spending and category in (EVERYTHING, part.spending) and (part.of_material or not of_materials))


def listed(names: tuple[str, ...] = OUTLAYS, last: str = "and") -> str:
    """Write names as a list in prose: "purchases, duties, storage, projects and substitution"."""
    return f"{', '.join(names[:-1])} {last} {names[-1]}" if len(names) > 1 else names[0]
