"""Cut a tree's program into a trunk and the subtrees that leave it.

The trunk holds the here-and-now decisions, the reference path and every node with many descendants; each subtree that leaves
it is a block, which sees the rest of the tree only through the trunk's columns: stock, goods on their way, contracts, budget
already spent, cost already incurred. A row over several blocks (a minimum fill rate) is dealt out: the trunk decides how much
of it each block may use (resource-directive decomposition: Geoffrion, 1970). A block may exceed its share at a price, so that it
always has something to say about it; the price is raised until nobody does.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from optimizer.scenarios.tree import ScenarioTree
from optimizer.solving.extensive import Built
from optimizer.solving.highs import Arrays

TRUNK = -1


@dataclass(frozen=True, slots=True)
class Split:
    """A program cut up. arrays: the program, with the columns and rows that deal out its shared rows at its end.

    column_block, row_block: which block each column and row is of, TRUNK for the trunk's. count: of blocks. own: columns and rows of
    the program before anything was added. shares: how many of the columns after these are shares; the rest exceed them.
    """

    arrays: Arrays
    column_block: np.ndarray
    row_block: np.ndarray
    count: int
    own: tuple[int, int]
    shares: int


@dataclass(frozen=True, slots=True)
class BlockProgram:
    """One block, or the trunk: its own program, and how the trunk's columns enter it.

    Row touched[i] holds the trunk's columns used[j] as the triples (i, j, value) of coupling say. columns, rows: where its own stand in
    the whole program. excess: those of its columns that exceed its shares.
    """

    arrays: Arrays
    touched: np.ndarray
    used: np.ndarray
    coupling: tuple[np.ndarray, np.ndarray, np.ndarray]
    columns: np.ndarray
    rows: np.ndarray
    excess: np.ndarray


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


def largest_block(nodes: int, mixed: bool) -> int:
    """Nodes of a block at most: what has more descendants joins the trunk.

    Grows with the tree, so that the trunk stays small; faster with yes/no decisions, for which the trunk is solved again and again.
    """
    return 30 + nodes // 40 if mixed else 50 + nodes // 400


def split_program(built: Built, arrays: Arrays, largest: int) -> Split:
    """Which block every column and row of the program belongs to, its shared rows dealt out."""
    node_block, count = block_of_node(built.tree, largest)
    node = built.program.column_node.copy()
    if built.risk is not None:
        node[built.risk.running] = np.arange(built.tree.size)
        node[built.risk.excess] = built.tree.leaves
    column_block = np.where(node >= 0, node_block[node], TRUNK)
    own = len(arrays.cost), len(arrays.row_lower)
    highest, lowest = _row_blocks(arrays, column_block, count)
    shares = 0
    shared = np.flatnonzero((highest != TRUNK) & (lowest != highest))
    if len(shared):
        arrays, column_block, shares = _dealt_out(arrays, column_block, shared)
        highest, _ = _row_blocks(arrays, column_block, count)
    return Split(arrays, column_block.astype(np.int32), highest.astype(np.int32), count, own, shares)


def _row_blocks(arrays: Arrays, column_block: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """For each row the highest and lowest number of a block that is in it: TRUNK and count where none is."""
    of_entry = column_block[arrays.column]
    highest, lowest = np.full(len(arrays.row_lower), TRUNK), np.full(len(arrays.row_lower), count)
    np.maximum.at(highest, arrays.row, of_entry)
    inner = of_entry != TRUNK
    np.minimum.at(lowest, arrays.row[inner], of_entry[inner])
    return highest, lowest


def _dealt_out(arrays: Arrays, column_block: np.ndarray, shared: np.ndarray) -> tuple[Arrays, np.ndarray, int]:
    """Put in place of each block's part of a shared row a column of the trunk, its share, and give the block a row: part - excess <= share.

    Which way the new row points is that of the shared one; an equality makes an equality with excess both ways. Returns the arrays, the
    block of each column, and the number of shares.
    """
    of_entry = column_block[arrays.column]
    is_shared = np.zeros(len(arrays.row_lower), dtype=bool)
    is_shared[shared] = True
    moved = is_shared[arrays.row] & (of_entry != TRUNK)
    pairs, which = np.unique(np.stack([arrays.row[moved], of_entry[moved]]), axis=1, return_inverse=True)
    which, added = np.ravel(which), pairs.shape[1]
    columns, rows = len(arrays.cost) + np.arange(added), len(arrays.row_lower) + np.arange(added)
    row = arrays.row.copy()
    row[moved] = rows[which]
    below, above = np.isfinite(arrays.row_lower[pairs[0]]), np.isfinite(arrays.row_upper[pairs[0]])
    over, under = np.flatnonzero(above), np.flatnonzero(below)
    excess = len(arrays.cost) + added + np.arange(len(over) + len(under))
    extra = added + len(excess)
    column = np.concatenate([arrays.column, columns, columns, excess])
    order = np.argsort(column, kind="stable")
    return (
        replace(
            arrays,
            cost=np.concatenate([arrays.cost, np.zeros(extra)]),
            lower=np.concatenate([arrays.lower, np.full(added, -np.inf), np.zeros(len(excess))]),
            upper=np.concatenate([arrays.upper, np.full(extra, np.inf)]),
            integer=np.concatenate([arrays.integer, np.zeros(extra, dtype=bool)]),
            row_lower=np.concatenate([arrays.row_lower, np.where(below, 0.0, -np.inf)]),
            row_upper=np.concatenate([arrays.row_upper, np.where(above, 0.0, np.inf)]),
            row=np.concatenate([row, pairs[0], rows, rows[over], rows[under]])[order],
            column=column[order],
            value=np.concatenate([arrays.value, np.ones(added), -np.ones(added), -np.ones(len(over)), np.ones(len(under))])[order],
        ),
        np.concatenate([column_block, np.full(added, TRUNK), pairs[1][over], pairs[1][under]]),
        added,
    )


class Parts:
    """The blocks of a program, each cut out when it is asked for: all at once they would be the program once more.

    trunk: the trunk's own program. columns, rows, used: of each block, as in BlockProgram. width, height: columns and rows of the whole,
    with what deals out its shared rows; own: without.
    """

    def __init__(self, built: Built, make: Callable[[], Arrays], largest: int) -> None:
        """make: the program's arrays, whenever they are needed. largest: nodes of a block at most."""
        self._recipe = built, make, largest
        self._split: Split | None = None
        split = self.split
        self.own, self.width, self.height = split.own, len(split.arrays.cost), len(split.arrays.row_lower)
        columns, rows = _members(split.column_block, split.count), _members(split.row_block, split.count)
        self.columns, self.rows = columns[1:], rows[1:]
        self._local_column, self._local_row = np.empty(self.width, dtype=np.int32), np.empty(self.height, dtype=np.int32)
        for members, local in ((columns, self._local_column), (rows, self._local_row)):
            for own in members:
                local[own] = np.arange(len(own))
        self._trunk = columns[0], rows[0]
        self.trunk = self._cut(TRUNK)
        self.used = [np.unique(self._coupling(k)[1]) for k in range(len(self))]

    @property
    def split(self) -> Split:
        """The program cut up; made anew after it was released."""
        if self._split is None:
            built, make, largest = self._recipe
            self._split = split_program(built, make(), largest)
            self._entries = _members(self._split.row_block[self._split.arrays.row], self._split.count)
        return self._split

    def release(self) -> None:
        """Let go of the program, which can be made again."""
        self._split = self._entries = None
        give_back()

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, k: int) -> BlockProgram:
        return self._cut(k)

    def cost(self, k: int) -> np.ndarray:
        """The costs of a block's columns."""
        return self.split.arrays.cost[self.columns[k]]

    def _coupling(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Entries of block k in columns of the trunk, and where in the trunk these stand."""
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
            Arrays(
                cost=a.cost[columns],
                lower=a.lower[columns],
                upper=a.upper[columns],
                integer=a.integer[columns],
                row_lower=a.row_lower[rows],
                row_upper=a.row_upper[rows],
                row=self._local_row[a.row[own]],
                column=self._local_column[a.column[own]],
                value=a.value[own],
            ),
            touched,
            used,
            (i.astype(np.int32), j.astype(np.int32), a.value[other]),
            columns,
            rows,
            np.flatnonzero(columns >= self.own[0]),
        )


class Changes:
    """What is different between two splits with the same columns and rows: the blocks with other costs, other bounds of rows, other else.

    Where entries stand in other places, all of every block is taken to be.
    """

    def __init__(self, old: Split, new: Split) -> None:
        a, b = old.arrays, new.arrays
        every = set(range(new.count))
        if not (np.array_equal(a.row, b.row) and np.array_equal(a.column, b.column)):
            self.costs, self.bounds, self.others = set(), set(), every
            return
        of_entry = new.row_block[a.row[a.value != b.value]]
        of_column = new.column_block[(a.lower != b.lower) | (a.upper != b.upper)]
        self.costs = _those(new.column_block[a.cost != b.cost])
        self.bounds = _those(new.row_block[(a.row_lower != b.row_lower) | (a.row_upper != b.row_upper)])
        self.others = _those(of_entry) | _those(of_column)


def _those(blocks: np.ndarray) -> set[int]:
    return set(np.unique(blocks).tolist()) - {TRUNK}


def with_shares(split: Split, x: np.ndarray) -> np.ndarray:
    """The program's columns with those added that deal out its shared rows: each block's share is what it uses."""
    a, (columns, rows) = split.arrays, split.own
    x = np.concatenate([x, np.zeros(len(a.cost) - columns)])
    new = (a.row >= rows) & (a.column < columns)
    x[columns : columns + split.shares] = np.bincount(a.row[new] - rows, a.value[new] * x[a.column[new]], minlength=split.shares)
    return x


def _members(block: np.ndarray, count: int) -> list[np.ndarray]:
    """What belongs to the trunk, and to each block, in their order."""
    order = np.argsort(block, kind="stable").astype(np.int32)
    cuts = np.searchsorted(block[order], np.arange(TRUNK, count + 1))
    return [order[cuts[k] : cuts[k + 1]] for k in range(count + 1)]


def give_back() -> None:
    """Have the C library give freed memory back to the machine: between what stays, a quarter of it else would not."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):
        pass  # another C library than Linux's usual one
