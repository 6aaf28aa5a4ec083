"""What the equations of a path look up of its regimes and memories, so that an equation whose answers are the same on another path is taken from there.

A regime moves few of the offers, materials and uses: most of the sixty regimes of a case with six disruptions look the same to one equation.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from optimizer.model.data import CaseData
from optimizer.scenarios.tree import Memory, ScenarioTree

Question = tuple[Any, ...]
"""The name of what is looked up and its arguments, with the period in place of the regime or memory of that period."""

_MEMORY = "memory"


class Lookups:
    """The parameters of a case along one path after the other of a tree. What is looked up of a regime or of a memory is noted.

    p: the parameters, whose lookups by a regime want the period of the regime in its place, as `regimes` gives it: an equation that uses a regime otherwise
    fails. asked: the numbers of the questions since they were last cleared, each once. memories: those of the path, by period.
    """

    def __init__(self, p: CaseData, tree: ScenarioTree) -> None:
        self.tree = tree
        self.path: Sequence[int] = [0] * tree.periods
        self.regimes: Sequence[Any] = range(tree.periods)
        self.memories = _Memories(self)
        self.asked: dict[int, None] = {}
        self.questions: list[Question] = []
        self._number: dict[Question, int] = {}
        self._answers: list[dict[int, Hashable]] = []
        self._on_path: dict[int, Hashable] = {}
        self._known = {name: getattr(p, name) for name in by_regime(type(p))}
        first: dict[Memory, int] = {}
        # Equal memories have one number, that of the first of them.
        self._memory = [first.setdefault(memory, number) for number, memory in enumerate(tree.memories)] or [0] * len(tree.regimes)
        self.p = object.__new__(type(p))
        self.p.__dict__.update(p.__dict__, usable=p.usable, **{name: self._noting(name, look) for name, look in self._known.items()})

    def follow(self, path: Sequence[int]) -> None:
        """Answer along this path from here on. path: (periods,) positions of regimes in the tree."""
        self.path = path
        self._on_path = _OnPath(self)

    def answers(self, questions: tuple[int, ...]) -> tuple[Hashable, ...]:
        """Return what the path answers to questions, by their numbers."""
        return tuple(map(self._on_path.__getitem__, questions))

    def note(self, question: Question) -> None:
        """Note that a question was asked."""
        number = self._number.setdefault(question, len(self.questions))
        if number == len(self.questions):
            self.questions.append(question)
            self._answers.append({})
        self.asked[number] = None

    def _noting(self, name: str, look: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*arguments: Any) -> Any:
            t = arguments[-1]
            if isinstance(t, tuple):
                return look(*arguments)  # asked of a given regime, such as the one without any disruption, and not of the path's
            self.note((name, *arguments))
            return look(*arguments[:-1], self.tree.regimes[self.path[t]])

        return noted

    def answer(self, number: int) -> Hashable:
        """Return what the path answers to a question, as something that is equal for equal answers."""
        name, *arguments, t = self.questions[number]
        position, known = self.path[t], self._answers[number]
        if position not in known:
            if name == _MEMORY:
                known[position] = self._memory[position]
            else:
                found = self._known[name](*arguments, self.tree.regimes[position])
                known[position] = found if isinstance(found, (int, float)) else repr(found)
        return known[position]


def by_regime(parameters: type) -> list[str]:
    """List the methods that look something up by a regime, which is the last of their arguments."""
    found = []
    for name in dir(parameters):
        code = getattr(getattr(parameters, name), "__code__", None)
        if code is not None and code.co_varnames[code.co_argcount - 1 : code.co_argcount] == ("regime",):
            found.append(name)
    return found


class _OnPath(dict[int, Hashable]):
    """The answers along one path, by the number of the question, found as they are wanted."""

    def __init__(self, lookups: Lookups) -> None:
        super().__init__()
        self.lookups = lookups

    def __missing__(self, number: int) -> Hashable:
        self[number] = self.lookups.answer(number)
        return self[number]


class _Memories(Sequence[Memory]):
    """The memories of a path by period, each of which is noted as it is looked up."""

    def __init__(self, lookups: Lookups) -> None:
        self.lookups = lookups

    def __len__(self) -> int:
        return self.lookups.tree.periods

    def __getitem__(self, t: Any) -> Any:
        self.lookups.note((_MEMORY, t))
        return self.lookups.tree.memory(self.lookups.path[t])
