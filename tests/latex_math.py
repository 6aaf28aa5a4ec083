"""Evaluate the LaTeX of docs/model.md: the subset of mathematics that its equations are written in, as a recursive descent.

An equation is sums, products, fractions, powers, min, max and round-up of symbols with subscripts; sums and products run over named
sets. Every name is looked up in what the caller gives: a name that is not declared is an error.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil, prod
from typing import Any

TOKEN = re.compile(
    r"(?P<skip>\s+|\\,|\\ )"
    r"|(?P<open>\\Big\(|\()|(?P<close>\\Big\)|\))|(?P<up>(?:\\Big)?\\lceil)|(?P<down>(?:\\Big)?\\rceil)"
    r"|(?P<command>\\(?:frac|sum|prod|min|max|in|le|ge)(?![a-z]))"
    r"|(?P<symbol>(?:\\text\{[^}]*\}|\\(?:Delta|delta|pi))(?:_(?:\{[^{}]*\}|[a-z]))?)"
    r"|(?P<set>[A-Z](?:\^c)?(?:_(?:\{[^{}]*\}|[a-z]))?)"
    r"|(?P<number>\d+)|(?P<letter>\\tau|[a-z])|(?P<mark>[{}^_+\-=,])"
)
RELATIONS = ("=", r"\le", r"\ge")


def tokens(latex: str) -> Iterator[tuple[str, str]]:
    """Split LaTeX into (kind, text). ValueError for what is not of the subset."""
    at = 0
    while at < len(latex):
        found = TOKEN.match(latex, at)
        if found is None:
            raise ValueError(f"cannot read {latex[at:]!r}")
        at = found.end()
        if found.lastgroup != "skip":
            yield found.lastgroup or "", found.group()


def subscripts(text: str) -> list[str]:
    """List the letters below a symbol or a set."""
    head = re.sub(r"\\text\{[^}]*\}", "", text)
    return [part.strip().removeprefix("\\") for part in head.partition("_")[2].strip("{}").split(",") if part]


@dataclass
class Evaluator:
    """Evaluates equations where letters have values. number(symbol, values) and members(set, values) say what names mean."""

    number: Callable[[str, list[Any]], float]
    members: Callable[[str, list[Any]], list[Any]]
    letters: dict[str, Any] = field(default_factory=dict)
    _tokens: list[tuple[str, str]] = field(default_factory=list)
    _at: int = 0

    def relation(self, latex: str, letters: Mapping[str, Any]) -> tuple[float, str, float]:
        """Evaluate both sides of an equation or inequality."""
        self._start(latex, letters)
        left = self._sum()
        sign = self._take()[1]
        if sign not in RELATIONS:
            raise ValueError(f"{sign} is no relation in {latex}")
        return left, sign, self._end(self._sum())

    def value(self, latex: str, letters: Mapping[str, Any]) -> float:
        """Evaluate an expression."""
        self._start(latex, letters)
        return self._end(self._sum())

    def _start(self, latex: str, letters: Mapping[str, Any]) -> None:
        self._tokens, self._at, self.letters = list(tokens(latex)), 0, dict(letters)

    def _end(self, value: float) -> float:
        if self._at != len(self._tokens):
            raise ValueError(f"not read to the end: {self._tokens[self._at :]}")
        return value

    def _next(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _take(self, *texts: str) -> tuple[str, str]:
        found = self._next()
        if texts and found[1] not in texts:
            raise ValueError(f"{texts} is missing before {found}")
        self._at += 1
        return found

    def _sum(self) -> float:
        negative = self._next()[1] == "-"
        if negative:
            self._take()
        total = -self._product() if negative else self._product()
        while self._next()[1] in ("+", "-"):
            total += self._product() if self._take()[1] == "+" else -self._product()
        return total

    def _product(self) -> float:
        value = self._power()
        while self._next()[0] in ("open", "up", "symbol", "number", "letter") or self._next()[1] in (r"\frac", r"\sum", r"\prod", r"\min", r"\max"):
            value *= self._power()
        return value

    def _power(self) -> float:
        base = self._factor()
        if self._next()[1] == "^":
            self._take()
            base **= self._braced()
        return base

    def _braced(self) -> float:
        self._take("{")
        value = self._sum()
        self._take("}")
        return value

    def _factor(self) -> float:
        kind, text = self._take()
        if kind == "number":
            return float(text)
        if kind == "letter":
            return float(self.letters[text.removeprefix("\\")])
        if kind == "symbol":
            return self.number(text, [self.letters[letter] for letter in subscripts(text)])
        if kind in ("open", "up"):
            value = self._sum()
            if self._take()[0] != {"open": "close", "up": "down"}[kind]:
                raise ValueError("a bracket is not closed")
            return value if kind == "open" else float(ceil(value - 1e-9))
        if text == r"\frac":
            return self._braced() / self._braced()
        if text in (r"\min", r"\max"):
            return self._extreme(min if text == r"\min" else max)
        if text in (r"\sum", r"\prod"):
            return self._over_set(sum if text == r"\sum" else prod)
        raise ValueError(f"{text} stands where a number should")

    def _extreme(self, choose: Callable[..., float]) -> float:
        self._take()
        values = [self._sum()]
        while self._next()[1] == ",":
            self._take()
            values.append(self._sum())
        self._take()
        return choose(values)

    def _over_set(self, combine: Callable[[list[float]], float]) -> float:
        """Evaluate what follows once for each member of the set: the rest of a sum's product, the next factor of a product."""
        self._take("_")
        self._take("{")
        names = []
        while (token := self._take())[1] != r"\in":
            if token[0] == "letter":
                names.append(token[1].removeprefix("\\"))
        kind, name = self._take()
        if kind != "set":
            raise ValueError(f"{name} is no set")
        self._take("}")
        members = self.members(name, [self.letters[letter] for letter in subscripts(name)])
        body, outer = self._at, copy.copy(self.letters)
        evaluate = self._product if combine is sum else self._power
        values = []
        for member in members:
            self._at = body
            self.letters = {**outer, **dict(zip(names, member if len(names) > 1 else [member], strict=True))}
            values.append(evaluate())
        self.letters = outer
        if not values:
            self._at = body
            self._skip(evaluate)
        return float(combine(values))

    def _skip(self, evaluate: Callable[[], float]) -> None:
        """Read past the body of a sum over nothing: its letters stand for nothing, so no name is looked up."""
        number, members, letters = self.number, self.members, self.letters
        self.number, self.members, self.letters = (lambda *_: 1.0), (lambda *_: []), _Any()
        try:
            evaluate()
        finally:
            self.number, self.members, self.letters = number, members, letters


class _Any(dict[str, Any]):
    """Letters of which every one has the value 1."""

    def __missing__(self, letter: str) -> float:
        return 1.0
