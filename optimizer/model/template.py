"""Compile the path model: its columns, its rows, and what each coefficient is under each regime of each period.

Every path model of one case has the same columns and rows up to those that a regime empties. It is compiled along as
many mixed paths as it takes to see every (period, regime) pair of the tree once; an entry is then looked up by the
regime of its column's period, or, if the column has none, of its row's.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from optimizer.model.costs import COST_TERMS
from optimizer.model.data import CaseData
from optimizer.model.path_compiler import Index, PathCompiler
from optimizer.model.registry import CONSTRAINTS, EVERY_NODE, ONCE, REFERENCE, VARIABLES, ConstraintFamily, Variable
from optimizer.scenarios.tree import ScenarioTree

NO_PERIOD = -1

Family = TypeVar("Family", Variable, ConstraintFamily)


@dataclass(frozen=True, slots=True)
class Entries:
    """Coefficients of one table: row, column, (E,) each, and value (E, K) along each compiled path."""

    row: np.ndarray
    column: np.ndarray
    value: np.ndarray


@dataclass(frozen=True, slots=True)
class Template:
    """The compiled path model.

    columns, rows: what each is, (family, index). column_period, row_period: (.,), NO_PERIOD where it has none.
    matrix: the constraints' coefficients. rhs, present: (rows, K). sense: -1 for >=, 0 for ==, 1 for <=.
    cost: coefficients of cost_rows, each a (period, term). path_of: (T, regimes) -> k, the compiled path on which that
    regime was seen in that period, -1 where the tree has no such node.
    """

    columns: tuple[tuple[Variable, Index], ...]
    rows: tuple[tuple[ConstraintFamily, Index], ...]
    column_period: np.ndarray
    row_period: np.ndarray
    matrix: Entries
    rhs: np.ndarray
    present: np.ndarray
    sense: np.ndarray
    cost: Entries
    cost_rows: tuple[tuple[int, str], ...]
    path_of: np.ndarray


def covering_paths(tree: ScenarioTree) -> tuple[list[list[int]], np.ndarray]:
    """Find paths of regime positions that show every (period, regime) pair of the tree, and the path of each pair."""
    seen = [np.unique(tree.regime[tree.period == t]) for t in range(tree.periods)]
    path_of = np.full((tree.periods, len(tree.regimes)), -1, dtype=np.int64)
    for t, regimes in enumerate(seen):
        path_of[t, regimes] = np.arange(len(regimes))
    longest = max(len(regimes) for regimes in seen)
    return [[int(regimes[k % len(regimes)]) for regimes in seen] for k in range(longest)], path_of


def compile_template(p: CaseData, tree: ScenarioTree, drop: Collection[str] = (), tick: Callable[[int, int], None] = lambda done, total: None) -> Template:
    """Compile the path model of a case for the regimes of its tree, without the constraints named in `drop`.

    tick(done, total), compiled paths of all, is called several times a second.
    """
    paths, path_of = covering_paths(tree)

    def at(path: int) -> Callable[[], None]:
        return lambda: tick(path, len(paths))

    def members(families: Iterable[Family]) -> list[tuple[Family, Index]]:
        found: list[tuple[Family, Index]] = []
        for family in families:
            tick(0, len(paths))
            found += [(family, index) for index in sorted(set(family.index(p)), key=repr)]
        return found

    columns = members(VARIABLES.values())
    rows = members(family for family in CONSTRAINTS.values() if family.name not in drop)
    cost_rows = [(t, term) for t in p.periods for term in COST_TERMS]
    column_of = {(family.name, index): j for j, (family, index) in enumerate(columns)}
    row_of = {(family.name, index): i for i, (family, index) in enumerate(rows)}
    cost_of = {row: i for i, row in enumerate(cost_rows)}
    compiled = []
    with _no_garbage():
        compiler = PathCompiler(p, tree, column_of, row_of, cost_of, at(0))
        for k, path in enumerate(paths):
            compiled.append(compiler.compile(path, at(k)))
            tick(k + 1, len(paths))
    matrix = _aligned([c.matrix for c in compiled], len(columns))
    cost = _aligned([c.cost for c in compiled], len(columns))
    return Template(
        columns=tuple(columns),
        rows=tuple(rows),
        column_period=np.array([NO_PERIOD if f.where == ONCE else index[0] for f, index in columns], dtype=np.int64),
        row_period=np.array([index[0] if f.where in (EVERY_NODE, REFERENCE) else NO_PERIOD for f, index in rows], dtype=np.int64),
        matrix=matrix,
        rhs=np.array([c.rhs for c in compiled]).T.reshape(len(rows), len(paths)),
        present=np.array([c.present for c in compiled]).T.reshape(len(rows), len(paths)),
        sense=np.max([c.sense for c in compiled], axis=0) if rows else np.zeros(0, dtype=np.int64),
        cost=cost,
        cost_rows=tuple(cost_rows),
        path_of=path_of,
    )


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Pause the collector of cyclic garbage, which would look through a model's many objects again and again: a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _aligned(tables: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]], width: int) -> Entries:
    """Unite the entries of all compiled paths, each with its value along every path."""
    keys = [row * width + column for row, column, _ in tables]
    union = np.unique(np.concatenate(keys)) if keys else np.zeros(0, dtype=np.int64)
    value = np.zeros((len(union), len(tables)))
    for k, (key, (_, _, data)) in enumerate(zip(keys, tables)):
        value[np.searchsorted(union, key), k] = data
    return Entries(union // max(1, width), union % max(1, width), value)
