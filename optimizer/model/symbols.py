"""What a symbol of docs/model.md is: a set or a number, with its meaning and the code that gives its value."""

from __future__ import annotations

import re
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


SYMBOL = re.compile(r"(?:\\text\{(?P<text>.*?)\}|(?P<letter>\\?[A-Za-z]+))(?:_(?:\{(?P<several>[^{}]*)\}|(?P<one>\\?[a-z]+)))?")


def head(symbol: str) -> tuple[str, int]:
    """Return the name of a symbol without its subscripts, and how many of them it has."""
    found = SYMBOL.fullmatch(symbol)
    if found is None:
        raise ValueError(f"{symbol} is no symbol.")
    name = found["letter"] or found["text"].replace(r"\_", "_")
    subscripts = found["several"] or found["one"]
    return name, subscripts.count(",") + 1 if subscripts else 0
