"""Cut a tree's program into a trunk and the subtrees that leave it.

The trunk holds the here-and-now decisions, the reference path and every node with many descendants; each subtree that leaves
it is a block, which sees the rest of the tree only through the trunk's columns: stock, goods on their way, contracts, budget
already spent, cost already incurred.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from optimizer.scenarios.tree import ScenarioTree
from optimizer.solving.extensive import Built
from optimizer.solving.highs import Arrays

TRUNK = -1


@dataclass(frozen=True, slots=True)
class Split:
    """The program's columns and rows by block, TRUNK for the trunk's. linked: whether some row joins two blocks."""

    column_block: np.ndarray
    row_block: np.ndarray
    count: int
    linked: bool


@dataclass(frozen=True, slots=True)
class BlockProgram:
    """One block: its own program, and how the trunk's columns enter its rows (rows × trunk columns).

    columns, rows: where its own stand in the whole program.
    """

    arrays: Arrays
    coupling: sparse.csr_matrix
    columns: np.ndarray
    rows: np.ndarray


def descendants(tree: ScenarioTree) -> np.ndarray:
    """(N,) the number of nodes below each node, itself included."""
    count = np.ones(tree.size, dtype=np.int64)
    for node in range(tree.size - 1, -1, -1):
        if tree.parent[node] >= 0:
            count[tree.parent[node]] += count[node]
    return count


def block_of_node(tree: ScenarioTree, largest: int) -> tuple[np.ndarray, int]:
    """The block of each node, none with more than `largest` nodes, and how many blocks there are."""
    trunk = descendants(tree) > largest
    trunk[list(tree.reference)] = True
    block = np.full(tree.size, TRUNK, dtype=np.int64)
    count = 0
    for node in np.flatnonzero(~trunk):
        above = tree.parent[node]
        if above < 0 or trunk[above]:
            block[node], count = count, count + 1
        else:
            block[node] = block[above]
    return block, count


def split_program(built: Built, arrays: Arrays, largest: int) -> Split:
    """Which block every column and row of the program belongs to."""
    node_block, count = block_of_node(built.tree, largest)
    program = built.program
    node = program.column_node.copy()
    if built.risk is not None:
        node[built.risk.running] = np.arange(built.tree.size)
        node[built.risk.excess] = built.tree.leaves
    column_block = np.where(node >= 0, node_block[node], TRUNK)
    of_entry = column_block[arrays.column]
    rows = len(arrays.row_lower)
    highest, lowest = np.full(rows, TRUNK), np.full(rows, count)
    np.maximum.at(highest, arrays.row, of_entry)
    inner = of_entry != TRUNK
    np.minimum.at(lowest, arrays.row[inner], of_entry[inner])
    return Split(column_block, highest, count, bool(((highest != TRUNK) & (lowest != highest)).any()))


def cut(arrays: Arrays, split: Split) -> tuple[BlockProgram, list[BlockProgram]]:
    """The trunk's program and each block's."""
    matrix = sparse.csr_matrix((arrays.value, (arrays.row, arrays.column)), shape=(len(arrays.row_lower), len(arrays.cost)))
    trunk_columns = np.flatnonzero(split.column_block == TRUNK)
    columns_of = _members(split.column_block, split.count)
    rows_of = _members(split.row_block, split.count)
    trunk = _part(arrays, matrix[np.flatnonzero(split.row_block == TRUNK)], np.flatnonzero(split.row_block == TRUNK), trunk_columns, trunk_columns)
    return trunk, [_part(arrays, matrix[rows], rows, columns, trunk_columns) for rows, columns in zip(rows_of, columns_of)]


def _members(block: np.ndarray, count: int) -> list[np.ndarray]:
    order = np.argsort(block, kind="stable")
    cuts = np.searchsorted(block[order], np.arange(count + 1))
    return [order[cuts[k]:cuts[k + 1]] for k in range(count)]


def _part(arrays: Arrays, lines, rows: np.ndarray, columns: np.ndarray, trunk_columns: np.ndarray) -> BlockProgram:
    own = lines[:, columns].tocsc()
    own.sort_indices()
    return BlockProgram(
        Arrays(
            cost=arrays.cost[columns], lower=arrays.lower[columns], upper=arrays.upper[columns], integer=arrays.integer[columns],
            row_lower=arrays.row_lower[rows], row_upper=arrays.row_upper[rows],
            row=own.indices.astype(np.int64), column=np.repeat(np.arange(len(columns)), np.diff(own.indptr)), value=own.data,
        ),
        lines[:, trunk_columns].tocsr(),
        columns,
        rows,
    )
