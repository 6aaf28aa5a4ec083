"""The parts of a tree whose program is too large to be laid out as a whole: each worker lays out its own blocks.

A block's program needs the nodes of the block and those above it alone. A few blocks are laid out together, on the tree of their nodes and of the
trunk's nodes above them, and cut apart as the parts of a whole program are (blocks.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from optimizer.case import Case
from optimizer.model.data import CaseData
from optimizer.model.stamp import Stamp, shape_of
from optimizer.model.template import Template
from optimizer.scenarios.tree import ScenarioTree
from optimizer.solving.blocks import TRUNK, BlockProgram, Parts, side_by_side
from optimizer.solving.built import Built, stamped
from optimizer.solving.put_together import PartOfPlan, part_of_plan
from optimizer.solving.size import size_of

NODES_TOGETHER = 1_000
"""About how many nodes of blocks are laid out together: each time costs a fortieth of a second, and the more nodes, the more memory."""

NOTHING = np.zeros(0, dtype=np.int64), np.zeros(0)
"""No columns, and what they cost."""


@dataclass(frozen=True, slots=True)
class Group:
    """Some blocks laid out together. built: their program, with the trunk's nodes above them. node: the numbers of its nodes in the whole tree.

    block: of each of its nodes, its position in `blocks`, TRUNK for those of the trunk. blocks: the numbers of the blocks.
    """

    built: Built
    node: np.ndarray
    block: np.ndarray
    blocks: tuple[int, ...]

    def carried(self) -> dict[int, tuple[np.ndarray, np.ndarray]]:
        """Return for each block, by its position, columns of the trunk that cost something at the block's nodes, and what, in the solver's units."""
        built, program = self.built, self.built.program
        of_column = np.where(program.column_node >= 0, self.block[program.column_node], TRUNK)
        entries = []
        for cost in program.term_cost.values():
            at = self.block[cost.row]
            mine = (at != TRUNK) & (of_column[cost.column] == TRUNK)
            entries.append((at[mine], cost.column[mine], cost.value[mine] * built.tree.probability[cost.row[mine]]))
        at, column, value = (np.concatenate([entry[k] for entry in entries]) for k in range(3))
        share = 1 - built.case.settings.risk_weight if built.risk is not None else 1.0
        value = value * share * built.scales.column[column] / built.scales.money
        found = {}
        for i in np.unique(at).tolist():
            columns, which = np.unique(column[at == i], return_inverse=True)
            found[i] = columns, np.bincount(which, value[at == i])
        return found


class Coupling(NamedTuple):
    """How a block depends on the trunk, by positions in the trunk's program.

    used: the columns of the trunk in its rows. columns, cost: those that cost something at its nodes, and what a unit costs, in the solver's units.
    """

    used: np.ndarray
    columns: np.ndarray
    cost: np.ndarray


@dataclass(frozen=True, slots=True)
class Layout:
    """All that it takes to lay out any block. block: of each node of the tree, TRUNK for those of the trunk. trunk: the keys of the trunk's columns."""

    case: Case
    data: CaseData
    template: Template
    tree: ScenarioTree
    block: np.ndarray
    trunk: np.ndarray

    def group(self, blocks: Sequence[int]) -> Group:
        """Lay out some blocks, in ascending order, together."""
        number = np.full(int(self.block.max(initial=TRUNK)) + 2, TRUNK)  # the last one is what TRUNK points to
        number[list(blocks)] = np.arange(len(blocks))
        kept = number[self.block] != TRUNK
        above = np.unique(self.tree.parent[kept])
        while len(above := above[above >= 0]):
            kept[above] = True
            above = np.unique(self.tree.parent[above])
        part, node = self.tree.part(kept)
        return Group(stamped(self.case, self.data, part, self.template), node, number[self.block[node]], tuple(blocks))

    def read_out(self, blocks: Sequence[int], answers: Mapping[int, np.ndarray], point: np.ndarray) -> PartOfPlan:
        """Return what some blocks decided, by their answers with the trunk at a point, in the planner's units."""
        group = self.group(blocks)
        parts = Parts(group.built, group.built.arrays, group.block)
        x = np.zeros(parts.width)
        x[parts.trunk.columns] = point[np.searchsorted(self.trunk, group.built.column_keys(group.node, self.tree.size)[parts.trunk.columns])]
        for columns, k in zip(parts.columns, group.blocks):
            x[columns] = answers[k]
        return part_of_plan(group.built, x[: parts.own[0]], group.node, group.block != TRUNK)

    def programs(self, blocks: Sequence[int]) -> Iterator[tuple[int, BlockProgram, Coupling]]:
        """Yield the number and the program of each of some blocks, and how it depends on the trunk."""
        names = {name: number for number, name in enumerate(self.data.materials)}
        material = np.array([names.get(family.material(self.data, *index) or "", -1) for family, index in self.template.columns] + [-1])
        for together in self.together(blocks):
            group = self.group(together)
            carried = group.carried()
            parts = Parts(group.built, group.built.arrays, group.block)
            keys, trunk = group.built.column_keys(group.node, self.tree.size), parts.trunk.columns
            for i, k in enumerate(group.blocks):
                part = parts[i]
                of_column = material[group.built.program.column_template[part.columns]]
                columns, cost = carried.get(i, NOTHING)
                coupling = Coupling(np.searchsorted(self.trunk, keys[trunk[part.used]]), np.searchsorted(self.trunk, keys[columns]), cost)
                yield k, replace(part, material=of_column, used=coupling.used), coupling

    def together(self, blocks: Iterable[int]) -> Iterator[list[int]]:
        """Yield the blocks in ascending order, as many at a time as are laid out together."""
        size = np.bincount(self.block[self.block != TRUNK])
        chosen: list[int] = []
        for k in sorted(blocks):
            if chosen and size[chosen].sum() + size[k] > NODES_TOGETHER:
                yield chosen
                chosen = []
            chosen.append(k)
        if chosen:
            yield chosen


class LaidOutParts:
    """The parts of a program that is laid out block by block: the trunk here, the blocks where they are solved.

    built: the trunk's program, on the nodes with the numbers `node`. block, tree, trunk, trunk_keys, theta: as those of Parts; blocks side by side
    share a variable of the master. sizes: about how many rows each block has. couplings: how each depends on the trunk, known once it is laid out.
    """

    def __init__(self, case: Case, data: CaseData, tree: ScenarioTree, template: Template, block: np.ndarray, together: int = 1) -> None:
        """block: of each node of the tree. together: the most blocks that share a variable of the master."""
        part, node = tree.part(block == TRUNK)
        self.built = stamped(case, data, part, template)
        self.node, self.block, self.tree = node, block, tree
        whole = Parts(self.built, self.built.arrays, np.full(part.size, TRUNK))
        keys = self.built.column_keys(node, tree.size)
        assert (np.diff(keys) > 0).all()
        self.trunk, self.trunk_keys, self.layout = whole.trunk, keys, Layout(case, data, template, tree, block, keys)
        counts = np.bincount(block[block != TRUNK])
        self.sizes = (counts * size_of(data, 1, 1).rows).astype(np.int64)
        self.theta = side_by_side(tree, block, together)
        self.couplings = [Coupling(NOTHING[0], *NOTHING)] * len(counts)

    def __len__(self) -> int:
        return len(self.couplings)

    @property
    def used(self) -> list[np.ndarray]:
        """Of each block, as those of Parts; known once the blocks are laid out."""
        return [coupling.used for coupling in self.couplings]

    def trunk_cost(self, weights: np.ndarray) -> np.ndarray:
        """Return the costs of the trunk's columns with those at the nodes of the blocks, each block's as often as it counts."""
        cost = self.trunk.arrays.cost.copy()
        for weight, coupling in zip(weights, self.couplings):
            cost[coupling.columns] += weight * coupling.cost
        return cost

    def shape(self) -> Built:
        """Return the whole program without its coefficients: as many rows and columns as it has, of which nothing is known."""
        layout, tree = self.layout, self.tree
        stamped = Stamp(layout.template, tree)
        columns, rows = stamped.count()
        if self.built.risk is not None:
            leaves = len(tree.leaves)
            columns, rows = columns + 1 + tree.size + leaves, rows + tree.size + leaves
        program = shape_of(self.built.program, rows, columns)
        return Built(layout.case, layout.data, tree, layout.template, program, self.built.risk, replace(self.built.scales, program=program))

    def part_of_plan(self, point: np.ndarray) -> PartOfPlan:
        """Return what the trunk decides at a point, in the planner's units."""
        x = np.zeros(self.built.program.columns)
        x[self.trunk.columns] = point
        return part_of_plan(self.built, x, self.node, np.ones(len(self.node), dtype=bool))
