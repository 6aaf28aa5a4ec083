"""The scenario tree: the trie of disruption histories, as arrays.

A scenario is a path of regimes (sets of active disruptions) with a probability. Scenarios share a node exactly as
long as their regimes have been the same, so that no decision can use what is not yet known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

Regime = tuple[int, ...]
"""The active disruptions, as sorted positions in Case.disruptions."""


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
    scenarios: one a future; several may share a leaf. method: exact, sampled or listed.
    """

    parent: np.ndarray
    period: np.ndarray
    probability: np.ndarray
    regime: np.ndarray
    regimes: tuple[Regime, ...]
    reference: tuple[int, ...]
    scenarios: tuple[Scenario, ...]
    method: str

    @property
    def size(self) -> int:
        """The number of nodes, N."""
        return len(self.parent)

    @property
    def periods(self) -> int:
        """The number of periods, T."""
        return len(self.reference)

    @property
    def leaves(self) -> np.ndarray:
        """The nodes of the last period."""
        return np.flatnonzero(self.period == self.periods - 1)

    def path(self, node: int) -> tuple[int, ...]:
        """The nodes from the root to `node`."""
        nodes = [node]
        while (node := int(self.parent[node])) >= 0:
            nodes.append(node)
        return tuple(reversed(nodes))

    def ancestors(self) -> np.ndarray:
        """(N, T): the ancestor of each node (itself included) in each period, -1 for later periods."""
        table = np.full((self.size, self.periods), -1, dtype=np.int64)
        for t in range(self.periods):
            here = np.flatnonzero(self.period == t)
            if t:
                table[here] = table[self.parent[here]]
            table[here, t] = here
        return table


def build_tree(paths: Iterable[tuple[Sequence[Regime], float, str]], row_numbers: Sequence[int], method: str) -> ScenarioTree:
    """The trie of `paths`, each a regime for every period, a probability and a name.

    row_numbers: the workbook row of each disruption, by which the reference path breaks its last ties.
    """
    paths = sorted(paths, key=lambda path: tuple(path[0]))
    periods = len(paths[0][0])
    levels: list[dict[tuple[Regime, ...], float]] = [{} for _ in range(periods)]
    for regimes, probability, _ in paths:
        for t, level in enumerate(levels):
            history = tuple(regimes[: t + 1])
            level[history] = level.get(history, 0.0) + probability
    number: dict[tuple[Regime, ...], int] = {}
    for level in levels:
        for history in level:
            number[history] = len(number)
    regimes = tuple(sorted({history[-1] for history in number}))
    position = {regime: k for k, regime in enumerate(regimes)}
    probability = np.array([p for level in levels for p in level.values()])
    parent = np.array([number[h[:-1]] if len(h) > 1 else -1 for h in number], dtype=np.int64)
    tree = ScenarioTree(
        parent=parent,
        period=np.array([len(h) - 1 for h in number], dtype=np.int64),
        probability=probability,
        regime=np.array([position[h[-1]] for h in number], dtype=np.int64),
        regimes=regimes,
        reference=_reference_path(parent, probability, [h[-1] for h in number], periods, row_numbers),
        scenarios=tuple(Scenario(name, p, number[tuple(history)]) for history, p, name in paths),
        method=method,
    )
    return tree


def _reference_path(parent, probability, regimes, periods: int, row_numbers: Sequence[int]) -> tuple[int, ...]:
    """From the most probable root to the most probable child, and so on.

    Equal within 1e-9 relative: fewest active disruptions, then the smallest sorted list of row numbers.
    """
    children: dict[int, list[int]] = {}
    for node, above in enumerate(parent):
        children.setdefault(int(above), []).append(node)
    reference: list[int] = []
    node = -1
    for _ in range(periods):
        candidates = children[node]
        best = max(probability[child] for child in candidates)
        ties = [child for child in candidates if probability[child] >= best * (1 - 1e-9)]
        node = min(ties, key=lambda child: (len(regimes[child]), sorted(row_numbers[d] for d in regimes[child])))
        reference.append(node)
    return tuple(reference)
