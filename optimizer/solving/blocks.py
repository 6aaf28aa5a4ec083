"""Cut a tree's program into a trunk and the subtrees that leave it.

The trunk holds the here-and-now decisions, the reference path and every node with many descendants; each subtree that leaves
it is a block, which depends on the rest of the tree only through the trunk's columns: stock, goods on their way, contracts, budget
already spent, cost already incurred. A row over several blocks (a minimum fill rate) is split by resource-directive decomposition
(Geoffrion, 1970): the trunk allocates to each block how much of the row it may use. A block may exceed its allocation at a price, so that
it always has an answer; the price is raised until no block does.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from optimizer.model.arrays import Arrays
from optimizer.scenarios.tree import ScenarioTree
from optimizer.solving.built import Built

TRUNK = -1


@dataclass(frozen=True, slots=True)
class Split:
    """A program cut up. arrays: the program, with the columns and rows that allocate its shared rows at its end.

    column_block, row_block: the block of each column and row, TRUNK for the trunk's. count: the number of blocks. own: the numbers of
    columns and rows before any were added. allocations: how many of the columns after these are allocations; the rest exceed them.
    """

    arrays: Arrays
    column_block: np.ndarray
    row_block: np.ndarray
    count: int
    own: tuple[int, int]
    allocations: int


@dataclass(frozen=True, slots=True)
class BlockProgram:
    """One block, or the trunk: its own program, and the coefficients of the trunk's columns in it.

    coupling: triples (i, j, value), each the coefficient of the trunk's column used[j] in the block's row touched[i]. columns, rows: the
    numbers that its own have in the whole program. excess: its columns that exceed its allocations. material: of each of its columns, -1 without
    one; None where that is not known.
    """

    arrays: Arrays
    touched: np.ndarray
    used: np.ndarray
    coupling: tuple[np.ndarray, np.ndarray, np.ndarray]
    columns: np.ndarray
    rows: np.ndarray
    excess: np.ndarray
    material: np.ndarray | None = None


def descendants(tree: ScenarioTree) -> np.ndarray:
    """Return for each node the number of nodes of its subtree, itself included."""
    count = np.ones(tree.size, dtype=np.int64)
    for node in range(tree.size - 1, -1, -1):
        if tree.parent[node] >= 0:
            count[tree.parent[node]] += count[node]
    return count


def block_of_node(tree: ScenarioTree, largest: int) -> tuple[np.ndarray, int]:
    """Return the block of each node, none with more than `largest` nodes, and the number of blocks."""
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


def side_by_side(tree: ScenarioTree, block: np.ndarray, most: int) -> np.ndarray:
    """Return a number for each block, equal for up to `most` blocks that leave the trunk at the same node. block: of each node of the tree.

    Blocks with the same number begin with regimes that are alike, because a tree's nodes are sorted by them.
    """
    first = np.flatnonzero((block != TRUNK) & (np.append(block, TRUNK)[tree.parent] == TRUNK))
    number, count = np.zeros(len(first), dtype=np.int64), 0
    for node in np.unique(tree.parent[first]):
        leaving = block[first[tree.parent[first] == node]]
        for group in np.array_split(leaving, -(-len(leaving) // most)):
            number[group], count = count, count + 1
    return number


LEAST_NODES, NODES_PER_NODE = {True: 80, False: 100}, {True: 40, False: 180}
"""By whether there are integer columns: the size of a block in a small tree, and of how many nodes of the tree it gets one more. Measured on
the instances of benchmarks/speed.py."""


NODES_OF_HORIZON = 1 / 6
"""The least size of a block, as a share of the square of the number of periods: over a long horizon smaller blocks leave so much to the trunk that
the master takes most of the time (twice the time at 40 quarters, none at 24)."""


def largest_block(tree: ScenarioTree, mixed: bool) -> int:
    """Return the most nodes that a block may have; a node with more descendants joins the trunk.

    The number grows with the tree, so that the trunk stays small; it grows faster with integer columns, because branch and bound solves the
    trunk again and again.
    """
    return max(LEAST_NODES[mixed] + tree.size // NODES_PER_NODE[mixed], int(tree.periods**2 * NODES_OF_HORIZON))


def split_program(built: Built, arrays: Arrays, node_block: np.ndarray) -> Split:
    """Assign every column and row of the program to a block, and split the rows that several blocks share."""
    node, count = built.program.column_node.copy(), int(node_block.max(initial=TRUNK)) + 1
    if built.risk is not None:
        node[built.risk.running] = np.arange(built.tree.size)
        node[built.risk.excess] = built.tree.leaves
    column_block = np.where(node >= 0, node_block[node], TRUNK)
    own = arrays.columns, arrays.rows
    highest, lowest = _row_blocks(arrays, column_block, count)
    allocations = 0
    shared = np.flatnonzero((highest != TRUNK) & (lowest != highest))
    if len(shared):
        arrays, column_block, allocations = _with_allocations(arrays, column_block, shared)
        highest, _ = _row_blocks(arrays, column_block, count)
    return Split(arrays, column_block.astype(np.int32), highest.astype(np.int32), count, own, allocations)


def _row_blocks(arrays: Arrays, column_block: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return for each row the highest and lowest number of the blocks that have a column in it: TRUNK and count where none has."""
    of_entry = column_block[arrays.column]
    highest, lowest = np.full(arrays.rows, TRUNK), np.full(arrays.rows, count)
    np.maximum.at(highest, arrays.row, of_entry)
    inner = of_entry != TRUNK
    np.minimum.at(lowest, arrays.row[inner], of_entry[inner])
    return highest, lowest


def _with_allocations(arrays: Arrays, column_block: np.ndarray, shared: np.ndarray) -> tuple[Arrays, np.ndarray, int]:
    """Replace each block's part of a shared row by a column of the trunk, its allocation, and give the block a row: part - excess <= allocation.

    The new row has the sense of the shared one; an equality gets an equality with excess in both directions. Return the arrays, the block of
    each column, and the number of allocations.
    """
    of_entry = column_block[arrays.column]
    is_shared = np.zeros(arrays.rows, dtype=bool)
    is_shared[shared] = True
    moved = is_shared[arrays.row] & (of_entry != TRUNK)
    pairs, which = np.unique(np.stack([arrays.row[moved], of_entry[moved]]), axis=1, return_inverse=True)
    which, added = np.ravel(which), pairs.shape[1]
    allocation, rows = arrays.columns + np.arange(added), arrays.rows + np.arange(added)
    below, above = np.isfinite(arrays.row_lower[pairs[0]]), np.isfinite(arrays.row_upper[pairs[0]])
    over, under = np.split(arrays.columns + added + np.arange(above.sum() + below.sum()), [above.sum()])
    row = arrays.row.copy()
    row[moved] = rows[which]
    whole = replace(arrays, row=row).with_columns(added, lower=-np.inf).with_columns(len(over) + len(under))
    whole = whole.with_rows(
        added,
        lower=np.where(below, 0.0, -np.inf),
        upper=np.where(above, 0.0, np.inf),
        entries=[(pairs[0], allocation, 1.0), (rows, allocation, -1.0), (rows[above], over, -1.0), (rows[below], under, 1.0)],
    )
    return whole, np.concatenate([column_block, np.full(added, TRUNK), pairs[1][above], pairs[1][below]]), added


class Parts:
    """The blocks of a program, each cut out when it is asked for: all at once they would take as much memory as the program.

    block: of each node of the tree. trunk: the trunk's own program; trunk_keys: of its own columns, as Built.column_keys. columns, rows, used: of each
    block, as in BlockProgram; sizes: the number of its rows; theta: the number of the master's variable for its cost. width, height: the numbers of
    columns and rows of the whole program, allocations included; own: without them.
    """

    def __init__(self, built: Built, make: Callable[[], Arrays], node_block: np.ndarray) -> None:
        """make: the program's arrays, whenever they are needed. node_block: the block of each node."""
        self._recipe, self.block, self.tree = (built, make), node_block, built.tree
        self._split: Split | None = None
        self._entries: list[np.ndarray] = []
        split = self.split
        self.own, self.width, self.height = split.own, split.arrays.columns, split.arrays.rows
        columns, rows = positions_of(split.column_block, split.count), positions_of(split.row_block, split.count)
        self.columns, self.rows = columns[1:], rows[1:]
        self.sizes = np.array([len(own) for own in self.rows])
        self.theta = np.arange(len(self.rows))
        self._local_column, self._local_row = np.empty(self.width, dtype=np.int32), np.empty(self.height, dtype=np.int32)
        for members, local in ((columns, self._local_column), (rows, self._local_row)):
            for own in members:
                local[own] = np.arange(len(own))
        self._trunk = columns[0], rows[0]
        self.trunk = self._cut(TRUNK)
        self.trunk_keys = built.column_keys()[columns[0][columns[0] < self.own[0]]]
        self.used = [np.unique(self._coupling(k)[1]) for k in range(len(self))]

    @property
    def split(self) -> Split:
        """The program cut up, made anew after it was released."""
        if self._split is None:
            built, make = self._recipe
            self._split = split_program(built, make(), self.block)
            self._entries = positions_of(self._split.row_block[self._split.arrays.row], self._split.count)
        return self._split

    def trunk_cost(self, weights: np.ndarray) -> np.ndarray:
        """Return the costs of the trunk's columns; the weights of the blocks make no difference to them here."""
        return self.trunk.arrays.cost

    @property
    def released(self) -> bool:
        """Whether the program is not in memory."""
        return self._split is None

    def release(self) -> None:
        """Free the memory of the program, which can be made again."""
        self._split, self._entries = None, []
        trim_memory()

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, k: int) -> BlockProgram:
        return self._cut(k)

    def cost(self, k: int) -> np.ndarray:
        """Return the costs of a block's columns."""
        cost: np.ndarray = self.split.arrays.cost[self.columns[k]]
        return cost

    def _coupling(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the entries of block k in columns of the trunk, and the numbers of these columns in the trunk."""
        a, entries = self.split.arrays, self._entries[k + 1]
        other = entries[self.split.column_block[a.column[entries]] != k]
        return other, self._local_column[a.column[other]]

    def _cut(self, k: int) -> BlockProgram:
        columns, rows = self._trunk if k == TRUNK else (self.columns[k], self.rows[k])
        a, entries = self.split.arrays, self._entries[k + 1]
        own = entries[self.split.column_block[a.column[entries]] == k]
        other, column = self._coupling(k)
        used, j = np.unique(column, return_inverse=True)
        touched, i = np.unique(self._local_row[a.row[other]], return_inverse=True)
        return BlockProgram(
            a.part(columns, rows, own, self._local_column, self._local_row),
            touched,
            used,
            (i.astype(np.int32), j.astype(np.int32), a.value[other]),
            columns,
            rows,
            np.flatnonzero(columns >= self.own[0]),
        )


def cut_up(built: Built, largest: int | None = None) -> Parts:
    """Return the parts of a program. largest: nodes of a block at most; None for what suits its tree."""
    return Parts(built, built.arrays, block_of_node(built.tree, largest or largest_block(built.tree, built.mixed))[0])


class Changes:
    """The blocks that differ between two splits with the same columns and rows. costs, bounds: in costs of columns, in bounds of rows.

    others: in bounds of columns or in coefficients. All blocks count as such where the entries stand in different places.
    """

    def __init__(self, old: Split, new: Split) -> None:
        a, b = old.arrays, new.arrays
        self.costs: set[int] = set()
        self.bounds: set[int] = set()
        self.others = set(range(new.count))
        if not (np.array_equal(a.row, b.row) and np.array_equal(a.column, b.column)):
            return
        of_entry = new.row_block[a.row[a.value != b.value]]
        of_column = new.column_block[(a.lower != b.lower) | (a.upper != b.upper)]
        self.costs = _blocks_among(new.column_block[a.cost != b.cost])
        self.bounds = _blocks_among(new.row_block[(a.row_lower != b.row_lower) | (a.row_upper != b.row_upper)])
        self.others = _blocks_among(of_entry) | _blocks_among(of_column)


def _blocks_among(blocks: np.ndarray) -> set[int]:
    return set(np.unique(blocks).tolist()) - {TRUNK}


def positions_of(block: np.ndarray, count: int) -> list[np.ndarray]:
    """Return the positions that belong to the trunk, and to each block, in ascending order."""
    order = np.argsort(block, kind="stable").astype(np.int32)
    cuts = np.searchsorted(block[order], np.arange(TRUNK, count + 1))
    return [order[cuts[k] : cuts[k + 1]] for k in range(count + 1)]


def trim_memory() -> None:
    """Have the C library return freed memory to the machine; otherwise a quarter of it stays, in gaps between what is still used."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):
        pass  # another C library than Linux's usual one
