"""How the mathematics is declared: a name, its meaning, its index sets, its unit, its equation.

A constraint is a function of the path model whose docstring holds its meaning and its LaTeX; `@constraint` puts it on
the list CONSTRAINTS, from which the model is built and docs/model.md is printed. Variables stand on the list VARIABLES.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

EVERY_NODE = "at every node"
REFERENCE = "on the reference path"
ONCE = "here and now"
IN_EXPECTATION = "over all scenarios"


@dataclass(frozen=True, slots=True)
class Variable:
    """A family of decisions. where: EVERY_NODE and REFERENCE have the period as their first index, ONCE has none.

    index(data) yields the indices along one path. material(data, *index) names the material in whose unit it is counted,
    None for a pure number.
    """

    name: str
    symbol: str
    meaning: str
    unit: str
    where: str
    index: Callable[..., Iterable[tuple]]
    material: Callable[..., str | None]
    binary: bool = False

    def __reduce__(self):
        """Its name says it all: another process has the same list."""
        return _known, ("VARIABLES", self.name)


@dataclass(frozen=True, slots=True)
class ConstraintFamily:
    """A family of constraints. where as for variables; rows IN_EXPECTATION sum over all nodes of the tree.

    index(data) yields the indices along one path; rule(model, data, *index) gives the relation, None = no row here.
    scale(data, *index) names the material in whose unit the row is counted, "money", or None for a pure number.
    """

    name: str
    where: str
    unit: str
    over: str
    index: Callable[..., Iterable[tuple]]
    scale: Callable[..., str | None]
    rule: Callable[..., Any]

    def __reduce__(self):
        """Its name says it all: another process has the same list."""
        return _known, ("CONSTRAINTS", self.name)

    @property
    def meaning(self) -> str:
        """The sentences of the docstring, without the equation."""
        return (self.rule.__doc__ or "").split("$$")[0].strip()

    @property
    def equation(self) -> str:
        """The LaTeX of the docstring."""
        parts = (self.rule.__doc__ or "").split("$$")
        return parts[1].strip() if len(parts) > 1 else ""


def _known(kind: str, name: str) -> Variable | ConstraintFamily:
    """A family by its name, the lists filled."""
    import optimizer.model as model

    return {"VARIABLES": model.VARIABLES, "CONSTRAINTS": model.FAMILIES}[kind][name]


VARIABLES: dict[str, Variable] = {}
CONSTRAINTS: dict[str, ConstraintFamily] = {}


def variable(name: str, symbol: str, meaning: str, unit: str, where: str, index, material, binary: bool = False) -> None:
    """Put a variable on the list."""
    VARIABLES[name] = Variable(name, symbol, meaning, unit, where, index, material, binary)


def constraint(where: str, unit: str, over: str, index, scale):
    """Put the decorated rule on the list of constraints under its own name."""

    def register(rule):
        CONSTRAINTS[rule.__name__] = ConstraintFamily(rule.__name__, where, unit, over, index, scale, rule)
        return rule

    return register
