"""What a symbol of docs/model.md is: a set, or a number."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

Model = Any
"""A Pyomo path model."""


@dataclass(frozen=True, slots=True)
class SetSymbol:
    """A set. symbol: with its subscripts; members(model, data, *subscripts)."""

    symbol: str
    meaning: str
    members: Callable[..., Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A number. source: Sheet.column of the workbook, or empty; equation: the right-hand side that defines it, or empty.

    value(model, data, *subscripts); a quantity of variables gives an expression.
    """

    symbol: str
    meaning: str
    unit: str
    value: Callable[..., Any]
    source: str = ""
    equation: str = ""
