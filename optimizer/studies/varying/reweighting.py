"""The futures of a sampled tree under other probabilities and durations: the same paths, with other weights (likelihood ratios; Rubinstein, 1989; Glynn, 1990).

A path that was drawn under one disruption process stands for another one, too, if its weight is multiplied by how much likelier the other makes it. So a
small change of a probability has a small effect on exactly the same futures, where a new draw moves an onset from one period to another, or not at all.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.case import Case
from optimizer.scenarios import ScenarioTree
from optimizer.scenarios.sampled import Chain, modal_path
from optimizer.studies.path_weights import Futures

ENOUGH = 0.5
"""The least effective number of futures, as a share of what it was, at which weights are trusted (Kish, 1965); below it futures are drawn anew."""


def reweighted(tree: ScenarioTree, before: Case, after: Case) -> ScenarioTree | None:
    """Return a sampled tree of one case with the weights that its paths have under the disruptions of another; None where its paths do not serve that one.

    The most probable path keeps its own probability, that of the other process; the rest of the weight goes to the other paths by their likelihood ratios.
    They do not serve where the most probable path is another one, where the other process cannot take a path or can take one that the first never takes,
    and where few paths would bear all weight. The cases have the same disruptions, in one order, and differ in their probabilities and durations alone.
    """
    if tree.method != "sampled":
        return None
    chain = Chain(after)
    path, _ = modal_path(chain)
    if list(next(chain.regimes(path[None]))) != [tree.regimes[tree.regime[n]] for n in tree.reference]:
        return None
    futures = Futures.of(before, tree)
    new = futures.reweighted(after)
    if new is None:
        return None
    leaves = np.array([future.leaf for future in tree.scenarios])
    others = np.arange(len(leaves)) != futures.modal
    if others.any() and (not (new > 0).all() or _effective(new[others]) < ENOUGH * _effective(futures.weight[others])):
        return None
    weight = np.zeros(tree.size)
    weight[leaves] = new
    scenarios = tuple(replace(one, probability=float(chance)) for one, chance in zip(tree.scenarios, new, strict=True))
    # A node stands after its parent, so that from the last node to the first each has its whole weight when it is added to its parent's.
    for node in range(tree.size - 1, -1, -1):
        if tree.parent[node] >= 0:
            weight[tree.parent[node]] += weight[node]
    return replace(tree, probability=weight, scenarios=scenarios)


def _effective(weight: np.ndarray) -> float:
    """Return the effective number of equally weighted futures (Kish, 1965)."""
    return float(weight.sum() ** 2 / (weight @ weight)) if len(weight) else 0.0
