"""How the mathematics is declared: variables and constraints by their index sets, units, meaning and equation.

`@variable` decorates the function that yields a variable's indices, `@constraint` the one that states a relation. The docstring
of either is its meaning; that of a constraint ends with its LaTeX. The lists VARIABLES and CONSTRAINTS, from which the model is
built and docs/model.md is printed, hold them by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from inspect import cleandoc, signature
from math import inf
from typing import Any, TypeAlias

from optimizer.model.bounds import BoundOf
from optimizer.model.data import CaseData

EVERY_NODE = "at every node"
REFERENCE = "on the reference path"
ONCE = "here and now"
IN_EXPECTATION = "over all scenarios"

Index: TypeAlias = tuple[Any, ...]
IndexSet: TypeAlias = Callable[[CaseData], Iterable[Index]]
UnitOf: TypeAlias = Callable[..., str | None]
"""(data, *index) -> the material in whose unit something is counted, "money", or None for a pure number."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A family of decisions, at least 0 and at most `upper`.

    where: EVERY_NODE and REFERENCE have the period as their first index, ONCE has none. index(data) yields the indices along one path.
    letters: of its index, one each (t period, g material, b origin, u use, s offer, j project, d disruption, i line of a sheet, f family, o group).
    internal: it is no decision, and docs/model.md does not name it.
    """

    name: str
    symbol: str
    meaning: str
    unit: str
    where: str
    index: IndexSet
    material: UnitOf
    binary: bool = False
    upper: float = inf
    internal: bool = False
    letters: str = ""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        """Pickle the name alone: another process has the same list."""
        return _variable, (self.name,)


@dataclass(frozen=True, slots=True)
class ConstraintFamily:
    """A family of constraints. where: as for variables; rows IN_EXPECTATION sum over all nodes of the tree.

    index(data) yields the indices along one path; rule(model, data, *index) gives the relation, None where there is no row.
    scale: the unit of the row. letters: of its index, as for variables. bound: the number of the workbook behind the rows, None where
    they cannot clash with others.
    """

    name: str
    where: str
    unit: str
    over: str
    index: IndexSet
    scale: UnitOf
    rule: Callable[..., Any]
    meaning: str
    equation: str
    bound: BoundOf | None
    letters: str

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        """Pickle the name alone: another process has the same list."""
        return _constraint, (self.name,)


VARIABLES: dict[str, Variable] = {}
CONSTRAINTS: dict[str, ConstraintFamily] = {}
"""Filled by importing optimizer.model, which any import of this module does first."""


def _variable(name: str) -> Variable:
    """Find a variable by its name."""
    return VARIABLES[name]


def _constraint(name: str) -> ConstraintFamily:
    """Find a constraint by its name."""
    return CONSTRAINTS[name]


def statement(function: Callable[..., Any]) -> tuple[str, str]:
    """Split a docstring into its meaning and the LaTeX between its first two $$, each on one line."""
    meaning, _, rest = cleandoc(function.__doc__ or "").partition("$$")
    return " ".join(meaning.split()), " ".join(rest.partition("$$")[0].split())


def variable(
    where: str, unit: str, symbol: str, of: UnitOf, binary: bool = False, upper: float = inf, internal: bool = False, letters: str = ""
) -> Callable[[IndexSet], IndexSet]:
    """Declare the variable whose indices the decorated function yields; its name is the function's, its meaning the docstring.

    letters: of its index; by default those below its symbol, the period first unless it is decided here and now.
    """
    below = symbol.rpartition("_")[2].strip("{}").replace(r"\tau", "t").replace(",", "") if "_" in symbol else ""
    if where != ONCE:
        below = "t" + below.replace("t", "")

    def register(index: IndexSet) -> IndexSet:
        name, meaning = index.__name__, statement(index)[0].removesuffix(".")
        VARIABLES[name] = Variable(name, symbol, meaning, unit, where, index, of, binary, 1.0 if binary else upper, internal, letters or below)
        return index

    return register


def constraint(where: str, unit: str, over: str, index: IndexSet, scale: UnitOf, bound: BoundOf | None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare the constraint that the decorated rule states; its name is the rule's.

    bound: the number of the workbook that limits the rows, by which a clash is told; None says that they cannot clash with any other.
    """

    def register(rule: Callable[..., Any]) -> Callable[..., Any]:
        meaning, equation = statement(rule)
        letters = "".join(list(signature(rule).parameters)[2:])
        CONSTRAINTS[rule.__name__] = ConstraintFamily(rule.__name__, where, unit, over, index, scale, rule, meaning, equation, bound, letters)
        return rule

    return register
