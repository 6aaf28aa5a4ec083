"""The scenario tree: the trie of disruption histories, as arrays.

A scenario is a path of regimes (sets of active disruptions) with a probability. Scenarios share a node exactly as
long as their regimes have been the same, so that no decision can use what is not yet known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

Regime = tuple[int, ...]
"""The active disruptions, as sorted positions in Case.disruptions."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of the past at a node.

    on_reference: the node is on the reference path (told apart only where a limit holds there alone). released: (position in Case.limits,
    material) of the limits whose minimum a disruption has released, now or within the months of refilling. due_since: (position in Case.offers,
    period) of the offers that ship later, may be delayed and have a contract: the latest period whose orders are due by now. begun: (project,
    disruption, periods since) of the projects that may wait for a disruption, from when they would have started for it; no more periods than the
    project takes. ready_for: (position in Case.offers, disruption) of offers that ship later and have a contract: the project that the offer waits for
    would, started once that is active, have been ready when what is due by now was ordered.
    """

    on_reference: bool = False
    released: frozenset[tuple[int, str]] = frozenset()
    due_since: tuple[tuple[int, int], ...] = ()
    begun: tuple[tuple[str, str, int], ...] = ()
    ready_for: frozenset[tuple[int, str]] = frozenset()


NOTHING = Memory()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One future: its name, its probability, and the leaf at which its path ends."""

    name: str
    probability: float
    leaf: int


@dataclass(frozen=True, slots=True)
class ScenarioTree:
    """Nodes 0..N-1, sorted by period, a parent always before its children.

    parent: (N,) node numbers, -1 at a root. period: (N,). probability: (N,), summing to 1 in each period.
    regime: (N,) positions in `regimes`. reference: the node of the reference path in each period.
    scenarios: one a future; several may share a leaf. method: exact, sampled or listed. memories: for each of `regimes` what is known of the
    past beside it, see scenarios/memory.py; empty where nothing is asked for.
    """

    parent: np.ndarray
    period: np.ndarray
    probability: np.ndarray
    regime: np.ndarray
    regimes: tuple[Regime, ...]
    reference: tuple[int, ...]
    scenarios: tuple[Scenario, ...]
    method: str
    memories: tuple[Memory, ...] = ()

    def memory(self, regime: int) -> Memory:
        """Return what is known of the past beside a regime, by its position in `regimes`."""
        return self.memories[regime] if self.memories else NOTHING

    @property
    def size(self) -> int:
        """Return the number of nodes, N."""
        return len(self.parent)

    @property
    def periods(self) -> int:
        """Return the number of periods, T."""
        return len(self.reference)

    @property
    def leaves(self) -> np.ndarray:
        """Return the nodes of the last period."""
        return np.flatnonzero(self.period == self.periods - 1)

    def path(self, node: int) -> tuple[int, ...]:
        """Return the nodes from the root to `node`."""
        nodes = [node]
        while (node := int(self.parent[node])) >= 0:
            nodes.append(node)
        return tuple(reversed(nodes))

    def along_paths(self, values: np.ndarray) -> np.ndarray:
        """Return for each node the sum of the values, (N,), of the nodes from the root to it."""
        total = np.array(values, dtype=float)
        for node in np.flatnonzero(self.parent >= 0):
            total[node] += total[self.parent[node]]
        return total

    def part(self, kept: np.ndarray) -> tuple[ScenarioTree, np.ndarray]:
        """Return the tree of the nodes that are marked, among them the parent of each, and the number that each of them has here.

        Probabilities stay as they are. reference is -1 where the node of the reference path is not among them; there are no scenarios.
        """
        old = np.flatnonzero(kept)
        new = np.full(self.size + 1, -1)  # the last one is what the parent -1 of a root points to
        new[old] = np.arange(len(old))
        return replace(
            self,
            parent=new[self.parent[old]],
            period=self.period[old],
            probability=self.probability[old],
            regime=self.regime[old],
            reference=tuple(int(new[node]) for node in self.reference),
            scenarios=(),
        ), old

    def ancestors(self) -> np.ndarray:
        """Return the ancestor of each node, (N, T), (itself included) in each period, -1 for later periods."""
        table = np.full((self.size, self.periods), -1, dtype=np.int64)
        for t in range(self.periods):
            here = np.flatnonzero(self.period == t)
            if t:
                table[here] = table[self.parent[here]]
            table[here, t] = here
        return table


def build_tree(
    paths: Iterable[tuple[Sequence[Regime], float, str]],
    row_numbers: Sequence[int],
    method: str,
    tick: Callable[[], None] = lambda: None,
    reference: Sequence[Regime] | None = None,
) -> ScenarioTree:
    """Return the trie of `paths`, each a regime for every period, a probability and a name.

    row_numbers: the workbook row of each disruption, by which the reference path breaks its last ties. reference: the path that is the
    reference path; without it, the tree's most probable branches are followed. tick: called now and then.
    """
    paths = list(paths)
    regimes = tuple(sorted({regime for history, _, _ in paths for regime in history}))
    position = {regime: k for k, regime in enumerate(regimes)}
    tick()
    code = np.array([[position[regime] for regime in history] for history, _, _ in paths], dtype=np.int32)
    tick()
    order = np.lexsort(code.T[::-1])
    code, paths = code[order], [paths[k] for k in order]
    count, periods = code.shape
    # A path leaves the one before it, in their order, where they first differ: from there on its nodes are new.
    differs = code[1:] != code[:-1]
    leaves_at = np.concatenate([[0], np.where(differs.any(axis=1), differs.argmax(axis=1), periods)])
    weight = np.array([probability for _, probability, _ in paths])
    parents: list[np.ndarray] = []
    masses: list[np.ndarray] = []
    entered: list[np.ndarray] = []
    at, first = np.full(count, -1, dtype=np.int64), 0
    for t in range(periods):
        tick()
        new = leaves_at <= t
        above, at = at, first + np.cumsum(new) - 1
        parents.append(above[new])
        entered.append(code[new, t])
        masses.append(np.bincount(at - first, weight))
        first += int(new.sum())
    sizes = [len(part) for part in parents]
    parent, probability, regime = np.concatenate(parents), np.concatenate(masses), np.concatenate(entered).astype(np.int64)
    return ScenarioTree(
        parent=parent,
        period=np.repeat(np.arange(periods, dtype=np.int64), sizes),
        probability=probability,
        regime=regime,
        regimes=regimes,
        reference=(
            _reference_path(parent, probability, [regimes[k] for k in regime], sizes, row_numbers)
            if reference is None
            else _nodes_of(reference, parent, [regimes[k] for k in regime])
        ),
        scenarios=tuple(Scenario(name, p, int(leaf)) for (_, p, name), leaf in zip(paths, at)),
        method=method,
    )


def _reference_path(
    parent: np.ndarray, probability: np.ndarray, regimes: Sequence[Regime], sizes: Sequence[int], row_numbers: Sequence[int]
) -> tuple[int, ...]:
    """Follow the most probable root and its most probable children. sizes: nodes of each period.

    Equal within 1e-9 relative: fewest active disruptions, then the smallest sorted list of row numbers.
    """
    reference: list[int] = []
    node, first = -1, 0
    for size in sizes:
        candidates = first + np.flatnonzero(parent[first : first + size] == node)
        best = probability[candidates].max()
        ties = [int(child) for child in candidates if probability[child] >= best * (1 - 1e-9)]
        node = min(ties, key=lambda child: (len(regimes[child]), sorted(row_numbers[d] for d in regimes[child])))
        reference.append(node)
        first += size
    return tuple(reference)


def _nodes_of(path: Sequence[Regime], parent: np.ndarray, regimes: Sequence[Regime]) -> tuple[int, ...]:
    """Return the nodes along a path of the tree."""
    nodes: list[int] = []
    for regime in path:
        above = nodes[-1] if nodes else -1
        nodes.append(next(child for child in np.flatnonzero(parent == above).tolist() if regimes[child] == regime))
    return tuple(nodes)
