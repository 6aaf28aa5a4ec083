"""The mathematics: one path's program (path, limits, costs), risk, and the stamp that lays it onto the tree.

The only room that knows Pyomo; it knows the case, the names of cost parts and the scenario tree, not the solver.
Doors: data.CaseData, stamp, risk, and the lists CONSTRAINTS, FAMILIES and VARIABLES.
"""

from optimizer.model import (  # noqa: F401, I001  (importing them fills the lists of variables and constraints)
    conversion,
    limits,
    path,
    decided,
    risk,
    shelf,
    shipping,
    substitution,
)
from optimizer.model.registry import CONSTRAINTS as FAMILIES
from optimizer.model.registry import VARIABLES

CONSTRAINTS = {**{name: family.meaning for name, family in FAMILIES.items()}, "excess": risk.MEANING}
"""Every constraint of the model by name, and what it says."""

__all__ = ["CONSTRAINTS", "FAMILIES", "VARIABLES"]
