"""The futures of a sampled tree under other probabilities and durations: the same paths, with other weights (likelihood ratios; Rubinstein, 1989; Glynn, 1990).

A path that was drawn under one disruption process stands for another one, too, if its weight is multiplied by how much likelier the other makes it. So a
small change of a probability has a small effect on exactly the same futures, where a new draw moves an onset from one period to another, or not at all.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.case import Case
from optimizer.scenarios import ScenarioTree
from optimizer.scenarios.process import DisruptionProcess
from optimizer.scenarios.sampled import Chain, modal_path
from optimizer.scenarios.tree import Regime

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
    ratio = _ratios(tree, DisruptionProcess(before), DisruptionProcess(after))
    if ratio is None:
        return None
    leaves, modal = tree.leaves, tree.reference[-1]
    others = leaves[leaves != modal]
    old = tree.probability[others]
    new = old * ratio[others]
    first = float(tree.probability[modal] * ratio[modal]) if len(others) else 1.0
    if len(others) and (not (new > 0).all() or not 0 < first < 1 or _effective(new) < ENOUGH * _effective(old)):
        return None
    weight = np.zeros(tree.size)
    weight[modal] = first
    if len(others):
        weight[others] = new * (1 - first) / new.sum()
    share = {int(leaf): weight[leaf] / tree.probability[leaf] for leaf in leaves}
    scenarios = tuple(replace(one, probability=one.probability * share[one.leaf]) for one in tree.scenarios)
    # A node stands after its parent, so that from the last node to the first each has its whole weight when it is added to its parent's.
    for node in range(tree.size - 1, -1, -1):
        if tree.parent[node] >= 0:
            weight[tree.parent[node]] += weight[node]
    return replace(tree, probability=weight, scenarios=scenarios)


def _ratios(tree: ScenarioTree, before: DisruptionProcess, after: DisruptionProcess) -> np.ndarray | None:
    """Return (N,) how much likelier the path to each node is under the second process than under the first.

    None where the second process can go on from a node as the first never does: no path stands for what then comes.
    """
    ratio = np.ones(tree.size)
    known: dict[tuple[Regime, int], tuple[np.ndarray, np.ndarray]] = {}
    for node in range(tree.size):
        parent, t = int(tree.parent[node]), int(tree.period[node])
        if parent < 0:
            continue
        key = tree.regimes[tree.regime[parent]], t
        if key not in known:
            known[key] = np.array(before.chances(*key)), np.array(after.chances(*key))
            never, always = (known[key][0] <= 0) & (known[key][1] > 0), (known[key][0] >= 1) & (known[key][1] < 1)
            if never.any() or always.any():
                return None
        active = np.isin(np.arange(before.count), tree.regimes[tree.regime[node]])
        first, second = (float(np.prod(np.where(active, chance, 1 - chance))) for chance in known[key])
        ratio[node] = ratio[parent] * (second / first if first > 0 else 0.0)
    return ratio


def _effective(weight: np.ndarray) -> float:
    """Return the effective number of equally weighted futures (Kish, 1965)."""
    return float(weight.sum() ** 2 / (weight @ weight)) if len(weight) else 0.0
