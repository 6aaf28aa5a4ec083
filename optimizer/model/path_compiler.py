"""Turn the path model into arrays along one path after the other.

No Pyomo constraint is made of a relation: to make and keep them would take as long as all the rest. What an equation gave on an earlier path
is taken from there if all that it looked up of the regimes is the same on this one (lookups.py).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.errors import InternalError
from optimizer.model.costs import COST_TERMS
from optimizer.model.data import CaseData
from optimizer.model.lookups import Lookups
from optimizer.model.path import at_path, path_variables, relation_of, seldom
from optimizer.model.registry import CONSTRAINTS
from optimizer.scenarios.tree import ScenarioTree

Index = tuple[Any, ...]
"""The index of a variable or of a row, its period first where it has one."""

UNSEEN = -2
"""The sense of a row that no compiled path has shown."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """One compiled path: triples of the constraints and of the costs; rhs, presence and sense of each row."""

    matrix: tuple[np.ndarray, np.ndarray, np.ndarray]
    cost: tuple[np.ndarray, np.ndarray, np.ndarray]
    rhs: np.ndarray
    present: np.ndarray
    sense: np.ndarray


@dataclass(frozen=True, slots=True)
class Row:
    """A linear row: columns and their coefficients, sense, right-hand side. Of a cost, the right-hand side is 0: it has no constant."""

    columns: list[int]
    values: Sequence[float]
    sense: int = 0
    rhs: float = 0.0


class PathCompiler:
    """The path model of a case, compiled along paths of a tree's regimes.

    known: of each equation, by the numbers of the questions that it asked of the path, the row that it gave by the answers; None for none.
    """

    def __init__(
        self,
        p: CaseData,
        tree: ScenarioTree,
        column_of: Mapping[tuple[str, Index], int],
        row_of: Mapping[tuple[str, Index], int],
        cost_of: Mapping[Index, int],
        tick: Callable[[], None],
    ) -> None:
        """column_of, row_of, cost_of: the numbers of variables, rows and (period, cost term). tick: called now and then."""
        self.lookups, self.row_of, self.cost_of = Lookups(p, tree), row_of, cost_of
        # Pyomo is loaded here, because a template from the cache does without it.
        from pyomo.core.expr import EqualityExpression
        from pyomo.repn.linear import LinearRepnVisitor

        self.model, self.equality, self.visitor = path_variables(p, tick), EqualityExpression, LinearRepnVisitor({})
        # By the variables themselves, never by their place: one whose coefficients vanish under a regime is in no row.
        self.column = {id(member): column_of[part.local_name, _tuple(index)] for part in self.model.component_objects() for index, member in part.items()}
        at_path(self.model, self.lookups.regimes, self.lookups.memories)
        self.known: dict[Index, dict[tuple[int, ...], dict[tuple[Hashable, ...], Row | None]]] = {}

    def compile(self, path: Sequence[int], tick: Callable[[], None]) -> Compiled:
        """Compile along a path of regimes, by their positions in the tree. tick: called now and then."""
        self.lookups.follow(path)
        rhs, present = np.zeros(len(self.row_of)), np.zeros(len(self.row_of), dtype=bool)
        sense = np.full(len(self.row_of), UNSEEN, dtype=np.int64)
        matrix, cost, look = _Triples(), _Triples(), seldom(tick)
        for key, i in self.row_of.items():
            look()
            if (row := self._row(key, self._constraint)) is not None:
                matrix.add(i, row)
                rhs[i], present[i], sense[i] = row.rhs, True, row.sense
        for key, i in self.cost_of.items():
            look()
            if (row := self._row(key, self._cost)) is not None:
                cost.add(i, row)
        return Compiled(matrix=matrix.arrays(), cost=cost.arrays(), rhs=rhs, present=present, sense=sense)

    def _row(self, key: Index, make: Callable[..., Row | None]) -> Row | None:
        """Return the row of an equation along the path: a known one, if all that it looked up is the same."""
        of_equation = self.known.setdefault(key, {})
        for questions, rows in of_equation.items():
            answers = self.lookups.answers(questions)
            if answers in rows:
                return rows[answers]
        self.lookups.asked.clear()
        row = make(*key)
        questions = tuple(self.lookups.asked)
        of_equation.setdefault(questions, {})[self.lookups.answers(questions)] = row
        return row

    def _constraint(self, name: str, index: Index) -> Row | None:
        relation = relation_of(self.model, self.lookups.p, CONSTRAINTS[name], index)
        if relation is None:
            return None
        left, right = relation.args
        sense, bound = 0 if isinstance(relation, self.equality) else 1, 0.0
        if isinstance(right, (int, float)):
            body, bound = left, right
        elif isinstance(left, (int, float)):
            body, bound, sense = right, left, -sense
        else:
            body = left - right
        columns, values, constant = self._linear(body)
        return Row(columns, values, sense, bound - constant)

    def _cost(self, t: int, term: str) -> Row:
        columns, values, _ = self._linear(COST_TERMS[term](self.model, self.lookups.p, t))
        return Row(columns, values)

    def _linear(self, expression: Any) -> tuple[list[int], Sequence[float], float]:
        """Return the columns of an expression, their coefficients and its constant."""
        form = self.visitor.walk_expression(expression)
        if form.nonlinear is not None:
            raise InternalError(f"An equation of the model is not linear: {form.nonlinear}")
        return [self.column[v] for v in form.linear], list(form.linear.values()), form.constant


class _Triples:
    """Rows, columns and values as they come."""

    def __init__(self) -> None:
        self.row: list[int] = []
        self.column: list[int] = []
        self.value: list[float] = []

    def add(self, i: int, row: Row) -> None:
        self.row += [i] * len(row.columns)
        self.column += row.columns
        self.value += row.values

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return np.array(self.row, dtype=np.int64), np.array(self.column, dtype=np.int64), np.array(self.value, dtype=float)


def _tuple(index: Any) -> Index:
    return index if isinstance(index, tuple) else (index,)
