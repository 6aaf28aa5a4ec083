"""What a rule must know of a node's past, beside the regime of its period.

The model's coefficients depend on the regime of their period alone. Where a rule asks for more, such as whether a ban has ended less than
a year ago, the answer is kept as a memory beside the regime: nodes of one regime that differ in it are told apart. A case without such a
rule has no memories, and its tree is as it would be without them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.case import Case
from optimizer.scenarios.tree import Memory, ScenarioTree


def with_memories(case: Case, tree: ScenarioTree) -> ScenarioTree:
    """Return the tree with the memories that the rules of the case ask for; it is the same tree where none does."""
    parts = [*_released(case, tree).items()]
    asks_for_path = any(row.holding == "reference path" for row in case.limits)
    on_reference = np.zeros(tree.size, dtype=bool)
    if asks_for_path:
        on_reference[list(tree.reference)] = True
    if not parts and not asks_for_path:
        return tree
    # One number for each distinct (regime, memory), in the order of the regimes.
    key = np.stack([tree.regime, on_reference, *(released for _, released in parts)], axis=1).astype(np.int64)
    distinct, regime = np.unique(key, axis=0, return_inverse=True)
    names = [name for name, _ in parts]
    memories = tuple(Memory(bool(row[1]), frozenset(name for name, bit in zip(names, row[2:], strict=True) if bit)) for row in distinct)
    return replace(tree, regime=regime.reshape(-1).astype(np.int64), regimes=tuple(tree.regimes[row[0]] for row in distinct), memories=memories)


def _released(case: Case, tree: ScenarioTree) -> dict[tuple[int, str], np.ndarray]:
    """Return for each limit and material whose minimum can be released: (N,) whether it is, at each node."""
    found: dict[tuple[int, str], np.ndarray] = {}
    known: dict[tuple[frozenset[int], int], np.ndarray] = {}
    for i, row in enumerate(case.limits):
        if row.holding != "unless released" or row.minimum is None:
            continue
        within = case.calendar.periods_of(row.months_of_refilling)
        for material in (m.material for m in case.materials if not row.material or m.material in row.material):
            releasing = frozenset(case.releasing(row, material))
            if releasing:
                pair = (releasing, within)
                if pair not in known:
                    known[pair] = _active_within(tree, releasing, within)
                found[i, material] = known[pair]
    return found


def _active_within(tree: ScenarioTree, disruptions: frozenset[int], periods: int) -> np.ndarray:
    """Return (N,): whether one of the disruptions is active at the node or at one of its so many nearest ancestors."""
    strikes = np.array([not disruptions.isdisjoint(regime) for regime in tree.regimes])[tree.regime]
    # How many periods ago it was active last, as far as that matters; a node stands after its parent.
    since = np.full(tree.size, periods + 1)
    for t in range(tree.periods):
        here = np.flatnonzero(tree.period == t)
        if t:
            since[here] = np.minimum(since[tree.parent[here]] + 1, periods + 1)
        since[here[strikes[here]]] = 0
    return since <= periods
