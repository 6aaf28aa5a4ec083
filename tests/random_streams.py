"""Streams of random numbers, one a feature: what is drawn in addition leaves all else as it was."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any


class Stream(Random):
    """The random numbers of one feature."""

    def chance(self, probability: float) -> bool:
        return self.random() < probability

    def pick(self, choices) -> Any:
        return choices[int(self.random() * len(choices))]

    def some(self, choices, share: float = 0.5) -> tuple:
        """Return at least one of the choices, in their order, each with probability `share`."""
        return tuple(choice for choice in choices if self.chance(share)) or (self.pick(choices),)

    def between(self, low: float, high: float, digits: int = 2) -> float:
        return round(low + (high - low) * self.random(), digits)

    def whole(self, low: int, high: int) -> int:
        """Return a whole number, both ends included."""
        return low + int(self.random() * (high - low + 1))


class Draw:
    """The streams that a case, a sheet of it or a row is drawn from: `draw("price")` is the stream of that column."""

    def __init__(self, *path: object, drawn: set[str] | None = None) -> None:
        self.path = path
        self.drawn = set() if drawn is None else drawn

    def __call__(self, feature: str) -> Stream:
        """Return the stream of a feature, from its beginning. ValueError where it was asked for before: the same numbers would come again."""
        name = ".".join(map(str, (*self.path, feature)))
        if name in self.drawn:
            raise ValueError(f"{name} is drawn twice")
        self.drawn.add(name)
        return Stream(name)

    def within(self, *part: object) -> Draw:
        """Return the streams of a part: a sheet, a row."""
        return Draw(*self.path, *part, drawn=self.drawn)

    def maybe(self, column: str, probability: float, value: Callable[[Stream], Any]) -> dict[str, Any]:
        """Return a column with a value drawn from its stream, with that probability, else nothing."""
        stream = self(column)
        return {column: value(stream)} if stream.chance(probability) else {}
