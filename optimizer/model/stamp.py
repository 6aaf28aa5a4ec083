"""Stamp the path model onto the scenario tree: the deterministic equivalent, as arrays.

Rows of period t go to every node of period t, a column of period τ to the node's ancestor in τ, here-and-now columns are
shared, costs are weighted by the node's probability. (The extensive form of Birge & Louveaux, 2011, ch. 2 and 6.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from optimizer.model.arrays import Arrays, Triples
from optimizer.model.registry import CONSTRAINTS, IN_EXPECTATION, REFERENCE, VARIABLES, Index
from optimizer.model.template import NO_PERIOD, Entries, Template
from optimizer.scenarios.tree import ScenarioTree

NO_TEMPLATE = -1
"""The template column or row of a column or row of the program that was not stamped from one."""

NO_NODE = -1
"""The node of a column or row that belongs to the whole tree."""


@dataclass(frozen=True, slots=True)
class Program(Arrays):
    """The deterministic equivalent in the planner's units, and where each column and row comes from.

    column_template, row_template: the column or row of the template that it was stamped from, or NO_TEMPLATE. column_node, row_node:
    its node, or NO_NODE. term_cost: term -> (nodes × columns) triples of the cost that it causes at each node, discounted.
    """

    column_template: np.ndarray
    column_node: np.ndarray
    row_template: np.ndarray
    row_node: np.ndarray
    term_cost: dict[str, Triples]

    def with_columns(self, count: int, **parts: Any) -> Self:
        """Return the program with `count` more columns, stamped from no template; see Arrays.with_columns."""
        return replace(
            Arrays.with_columns(self, count, **parts),
            column_template=_with_unknown(self.column_template, count, NO_TEMPLATE),
            column_node=_with_unknown(self.column_node, count, NO_NODE),
        )

    def with_rows(self, count: int, **parts: Any) -> Self:
        """Return the program with `count` more rows, stamped from no template; see Arrays.with_rows."""
        return replace(
            Arrays.with_rows(self, count, **parts),
            row_template=_with_unknown(self.row_template, count, NO_TEMPLATE),
            row_node=_with_unknown(self.row_node, count, NO_NODE),
        )


def _with_unknown(known: np.ndarray, count: int, value: int) -> np.ndarray:
    return np.concatenate([known, np.full(count, value, dtype=known.dtype)])


LETTERS = {
    "t": "period",
    "g": "material",
    "b": "origin",
    "u": "use",
    "s": "offer",
    "j": "project",
    "d": "disruption",
    "h": "plant",
    "c": "choice",
    "i": "line",
    "f": "family",
    "o": "group",
    "q": "part",
}
"""What the letters of the model's indices stand for; i is a line of the sheets Limits, Budget, Inventory or Substitutes."""


def columns_of(template: Template, program: Program, family: str) -> np.recarray:
    """Return the columns of a family of variables: the fields `number`, `node` and those of its index, as LETTERS calls them."""
    return _members(template.columns, program.column_template, program.column_node, family, VARIABLES[family].letters)


def rows_of(template: Template, program: Program, family: str) -> np.recarray:
    """Return the rows of a family of constraints, with fields as those of columns_of."""
    return _members(template.rows, program.row_template, program.row_node, family, CONSTRAINTS[family].letters)


def _members(members: Sequence[tuple[Any, Index]], template: np.ndarray, node: np.ndarray, family: str, letters: str) -> np.recarray:
    mine = [j for j, (member, _) in enumerate(members) if member.name == family]
    place = np.full(len(members) + 1, -1)  # the last one is what NO_TEMPLATE points to
    place[mine] = np.arange(len(mine))
    number = np.flatnonzero(place[template] >= 0)
    which = place[template[number]]
    fields = [number, node[number]]
    for k, letter in enumerate(letters):
        fields.append(np.array([members[j][1][k] for j in mine], dtype=int if letter in "tsiq" else object)[which])
    names = ["number", "node", *(LETTERS[letter] for letter in letters)]
    return np.rec.fromarrays(fields, dtype=np.dtype([(name, field.dtype) for name, field in zip(names, fields)]))


def by_index(template: Template, program: Program, family: str, x: np.ndarray, nodes: int) -> dict[Index, np.ndarray]:
    """Return what the decisions x say of a family that stands at the nodes: its index without the period -> (nodes,) values."""
    columns, letters = columns_of(template, program, family), VARIABLES[family].letters.replace("t", "")
    found: dict[Index, np.ndarray] = {}
    # The copies of one column of the template stand side by side.
    starts = np.flatnonzero(np.diff(program.column_template[columns.number], prepend=NO_TEMPLATE))
    keys = zip(*(columns[LETTERS[letter]][starts].tolist() for letter in letters))
    for key, copies in zip(keys, np.split(np.arange(len(columns)), starts[1:])):
        found.setdefault(key, np.zeros(nodes))[columns.node[copies]] = x[columns.number[copies]]
    return found


def shared_columns(template: Template, program: Program, tree: ScenarioTree) -> np.ndarray:
    """Return for each column of the template its copy here and now or on the reference path of the tree."""
    number = np.full(len(template.columns), -1)
    here = np.flatnonzero((program.column_template != NO_TEMPLATE) & np.isin(program.column_node, [NO_NODE, *tree.reference]))
    number[program.column_template[here]] = here
    return number


class Stamp:
    """Where the template's columns and rows come to stand on the tree."""

    def __init__(self, template: Template, tree: ScenarioTree) -> None:
        self.template, self.tree = template, tree
        self.ancestors = tree.ancestors()
        self.nodes_of = [np.flatnonzero(tree.period == t) for t in range(tree.periods)]
        self.path = template.path_of[tree.period, tree.regime]
        self.column_start, self.column_template, self.column_node = self._place(
            template.column_period, [family.where == REFERENCE for family, _ in template.columns]
        )
        self.row_start, self.row_template, self.row_node = self._place(template.row_period, [family.where == REFERENCE for family, _ in template.rows])
        # The place of a node among those of its period, by which a stamped family counts its copies.
        self.local = np.zeros(tree.size, dtype=np.int64)
        for nodes in self.nodes_of:
            self.local[nodes] = np.arange(len(nodes))
        self.column_reference = np.array([family.where == REFERENCE for family, _ in template.columns], dtype=bool)
        self.row_reference = np.array([family.where == REFERENCE for family, _ in template.rows], dtype=bool)

    def _place(self, period: np.ndarray, reference: list[bool]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the number of the first copy of each column or row of the template, and the template number and node of each copy."""
        copies = [np.array([NO_NODE]) if t == NO_PERIOD else self._reference(t) if only else self.nodes_of[t] for t, only in zip(period, reference)]
        counts = np.array([len(c) for c in copies], dtype=np.int64)
        start = np.concatenate([[0], np.cumsum(counts)])[:-1] if len(counts) else np.zeros(0, dtype=np.int64)
        node = np.concatenate(copies) if copies else np.zeros(0)
        return start, np.repeat(np.arange(len(counts), dtype=np.int32), counts), node.astype(np.int32)

    def count(self) -> tuple[int, int]:
        """Return the numbers of columns, and of rows that exist, on the tree."""
        return len(self.column_template), int(self.exists().sum())

    def exists(self) -> np.ndarray:
        """Return for each row whether it exists: a regime may empty it."""
        found = np.ones(len(self.row_template), dtype=bool)
        placed = self.row_node >= 0
        found[placed] = self.template.present[self.row_template[placed], self.path[self.row_node[placed]]]
        found[~placed] = self.template.present[self.row_template[~placed]].any(axis=1)
        return found

    def _reference(self, t: int) -> np.ndarray:
        """Return the node of the reference path in a period, none where it is not in the tree."""
        node = self.tree.reference[t]
        return np.array([node] if node >= 0 else [], dtype=np.int64)

    def columns_at(self, column: np.ndarray, nodes: np.ndarray) -> np.ndarray:
        """Return (E, n) the numbers of template columns at the nodes of their period; -1 for a reference column elsewhere."""
        start = self.column_start[column][:, None]
        at: np.ndarray = start + self.local[nodes][None, :]
        only = self.column_reference[column]
        if only.any():
            on_path = np.array([self.tree.reference[self.tree.period[n]] == n for n in nodes])
            at[only] = np.where(on_path[None, :], start[only], -1)
        return at

    def spread(self, entries: Entries, row_period: np.ndarray, row_reference: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
        """Yield (rows, nodes, columns, values) for each pair of row and column period; rows are template rows.

        nodes: (n,) of the row; columns, values: (E, n). Only for rows that have a period.
        """
        t_row, t_col = row_period[entries.row], self.template.column_period[entries.column]
        groups = np.stack([t_row, t_col, row_reference[entries.row]], axis=1)
        order = np.lexsort((groups[:, 2], groups[:, 1], groups[:, 0]))
        cuts = np.flatnonzero(np.any(np.diff(groups[order], axis=0) != 0, axis=1)) + 1
        for part in np.split(order, cuts):
            if not len(part) or t_row[part[0]] == NO_PERIOD:
                continue
            t, tau, only = t_row[part[0]], t_col[part[0]], row_reference[entries.row[part[0]]]
            nodes = self._reference(t) if only else self.nodes_of[t]
            if tau == NO_PERIOD:
                columns = np.repeat(self.column_start[entries.column[part]][:, None], len(nodes), axis=1)
                values = entries.value[part][:, self.path[nodes]]
            else:
                above = self.ancestors[nodes, tau]
                columns = self.columns_at(entries.column[part], above)
                values = entries.value[part][:, self.path[above]]
            yield entries.row[part], nodes, columns, values


def stamp(template: Template, tree: ScenarioTree, tick: Callable[[], None] = lambda: None) -> Program:
    """Return the deterministic equivalent of the tree, which minimises the expected cost; risk.py adds CVaR. tick: called now and then."""
    s = Stamp(template, tree)
    period, reference = template.row_period, s.row_reference
    exists, placed = s.exists(), s.row_node >= 0
    number = (np.cumsum(exists) - 1).astype(np.int32)
    rhs = np.zeros(len(exists))
    rhs[placed] = template.rhs[s.row_template[placed], s.path[s.row_node[placed]]]
    rhs[~placed] = template.rhs[s.row_template[~placed], 0]
    rhs, row_template, row_node = rhs[exists], s.row_template[exists], s.row_node[exists]
    sense = template.sense[row_template]

    def existing(row: np.ndarray, column: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the entries that are not zero, of rows that exist, with the numbers that these rows have among those that exist."""
        keep = (value != 0) & (column >= 0) & exists[row]
        return number[row[keep]], column[keep].astype(np.int32), value[keep]

    parts = [existing(*_placeless(s, tree))]
    for rows, nodes, columns, values in s.spread(template.matrix, period, reference):
        tick()
        only = reference[rows[0]]
        at = s.row_start[rows][:, None] + (np.zeros_like(nodes) if only else s.local[nodes])[None, :]
        parts.append(existing(at.ravel(), columns.ravel(), values.ravel()))
    row, column, value = (np.concatenate([part[k] for part in parts]) for k in range(3))
    del parts

    tick()
    term_cost = _term_costs(s, template, tree, tick)
    cost = np.zeros(len(s.column_template))
    for triples in term_cost.values():
        np.add.at(cost, triples.column, triples.value * tree.probability[triples.row])
    binary = np.array([family.binary for family, _ in template.columns], dtype=bool)[s.column_template]
    upper = np.array([family.upper for family, _ in template.columns], dtype=float)[s.column_template]
    return Program(
        cost=cost,
        lower=np.zeros(len(cost)),
        upper=upper,
        integer=binary,
        row_lower=np.where(sense <= 0, rhs, -np.inf),
        row_upper=np.where(sense >= 0, rhs, np.inf),
        row=row,
        column=column,
        value=value,
        column_template=s.column_template,
        column_node=s.column_node,
        row_template=row_template,
        row_node=row_node,
        term_cost=term_cost,
    )


def shape_of(program: Program, rows: int, columns: int) -> Program:
    """Return a program of so many rows and columns without any coefficient, which takes no memory. program: a part of it."""

    def many(values: np.ndarray, count: int, value: float) -> np.ndarray:
        return np.broadcast_to(np.array(value, dtype=values.dtype), (count,))

    p, none = program, np.zeros(0, dtype=np.int32)
    return Program(
        cost=many(p.cost, columns, 0),
        lower=many(p.lower, columns, 0),
        upper=many(p.upper, columns, 0),
        integer=many(p.integer, columns, 0),
        row_lower=many(p.row_lower, rows, 0),
        row_upper=many(p.row_upper, rows, 0),
        row=none,
        column=none,
        value=np.zeros(0),
        column_template=many(p.column_template, columns, NO_TEMPLATE),
        column_node=many(p.column_node, columns, NO_NODE),
        row_template=many(p.row_template, rows, NO_TEMPLATE),
        row_node=many(p.row_node, rows, NO_NODE),
        term_cost={},
    )


def _placeless(s: Stamp, tree: ScenarioTree) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the triples of the rows without a period: here-and-now rows, and those in expectation, weighted by probability."""
    entries, template = s.template.matrix, s.template
    chosen = np.flatnonzero(template.row_period[entries.row] == NO_PERIOD)
    rows: list[Any] = []
    columns: list[Any] = []
    values: list[Any] = []
    for e in chosen:
        i, j = entries.row[e], entries.column[e]
        t = template.column_period[j]
        if t == NO_PERIOD:
            rows.append([s.row_start[i]])
            columns.append([s.column_start[j]])
            values.append([entries.value[e, 0]])
            continue
        if template.rows[i][0].where != IN_EXPECTATION:
            raise ValueError(f"{template.rows[i][0].name} has no period but a column that has one")
        nodes = s.nodes_of[t]
        rows.append(np.full(len(nodes), s.row_start[i]))
        columns.append(s.column_start[j] + s.local[nodes])
        values.append(entries.value[e, s.path[nodes]] * tree.probability[nodes])
    if not rows:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
    return np.concatenate(rows).astype(np.int64), np.concatenate(columns).astype(np.int64), np.concatenate(values)


def _term_costs(s: Stamp, template: Template, tree: ScenarioTree, tick: Callable[[], None]) -> dict[str, Triples]:
    """Return for each cost term what every column causes at every node, discounted, not weighted by probability."""
    period = np.array([t for t, _ in template.cost_rows], dtype=np.int64)
    found: dict[str, list[tuple[np.ndarray, np.ndarray, np.ndarray]]] = {term: [] for _, term in template.cost_rows}
    terms = list(found)
    term_of = np.array([terms.index(term) for _, term in template.cost_rows])
    for rows, nodes, columns, values in s.spread(template.cost, period, np.zeros(len(period), dtype=bool)):
        tick()
        for k in np.unique(term_of[rows]):
            mine = term_of[rows] == k
            node = np.broadcast_to(nodes[None, :], values[mine].shape)
            keep = (columns[mine] >= 0) & (values[mine] != 0)
            found[terms[k]].append((node[keep].astype(np.int32), columns[mine][keep].astype(np.int32), values[mine][keep]))
    empty = (np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32), np.zeros(0))
    return {term: Triples(*(np.concatenate([part[k] for part in parts or [empty]]) for k in range(3))) for term, parts in found.items()}
