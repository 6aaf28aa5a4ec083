"""The futures of a solved case under other chances, without drawing them anew: each path is weighed by its likelihood ratio.

A path that is twice as likely under the changed chances counts twice as much (importance sampling: Kahn & Marshall, 1953). The most probable path of
a sampled tree has its own probability; the others share the rest (optimizer/scenarios/sampled.py), here in proportion to their weights (the ratio
estimator: Owen, 2013, Monte Carlo theory, methods and examples, section 9.2). Listed futures have the probabilities of the changed list.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np

from optimizer.case import Case
from optimizer.model.risk import conditional_value_at_risk
from optimizer.scenarios.listed import QUIET
from optimizer.scenarios.process import DisruptionProcess
from optimizer.scenarios.tree import Regime, ScenarioTree
from optimizer.studies.estimates import CONFIDENCE, Estimate, equal_draws, exactly, student

LISTED, SAMPLED = "listed", "sampled"


@dataclass(frozen=True)
class Futures:
    """The K scenarios of a tree. paths: the regime of each period; weight: (K,), their probabilities, which sum to 1; names: those of the scenarios.

    modal: the position of the most probable path of a sampled tree, whose probability is not estimated; -1 in other trees.
    """

    case: Case
    method: str
    paths: tuple[tuple[Regime, ...], ...]
    weight: np.ndarray
    names: tuple[str, ...]
    modal: int

    @classmethod
    def of(cls, case: Case, tree: ScenarioTree) -> Futures:
        """Take the scenarios of a tree. case: the one that the tree was made for, with its disruptions in the same order."""
        paths = tuple(tuple(tree.regimes[tree.regime[node]] for node in tree.path(future.leaf)) for future in tree.scenarios)
        weight = np.array([future.probability for future in tree.scenarios])
        leaves = [future.leaf for future in tree.scenarios]
        modal = leaves.index(tree.reference[-1]) if tree.method == SAMPLED else -1
        return cls(case, tree.method, paths, weight, tuple(future.name for future in tree.scenarios), modal)

    @cached_property
    def _process(self) -> DisruptionProcess:
        return DisruptionProcess(self.case)

    def reweighted(self, changed: Case) -> np.ndarray | None:
        """Return the weights (K,) of the same paths under a changed case whose disruptions stand in the same order; they sum to 1.

        None where none of the paths can be under it, or where others can be that cannot be under the own case, so that nothing can be told.
        """
        if self.method == LISTED:
            listed = {row.scenario: row.probability for row in changed.scenarios}
            rest = 1 - sum(listed.values())
            weight = np.array([listed.get(name, rest if name == QUIET else 0.0) for name in self.names])
            return self._normalised(np.maximum(weight, 0.0))
        if not self._covers(changed):
            return None
        return self.weighed(self.ratios(changed))

    def weighed(self, ratio: np.ndarray) -> np.ndarray | None:
        """Return the weights (K,) of the same paths, each as much likelier as its likelihood ratio (K,) says; they sum to 1. None where none can be.

        The most probable path of a sampled tree keeps its own probability; the others share the rest.
        """
        weight = self.weight * ratio
        if self.modal < 0:
            return self._normalised(weight)
        mine = min(1.0, float(weight[self.modal]))
        others = np.delete(weight, self.modal)
        if not others.sum() > 0:
            return self._normalised(weight)
        weight *= (1 - mine) / others.sum()
        weight[self.modal] = mine
        return weight

    def _covers(self, changed: Case) -> bool:
        """Return whether all that can follow on these paths under the changed case can follow under their own."""
        process = DisruptionProcess(changed)
        for t, before in sorted({(t, path[t - 1]) for path in self.paths for t in range(1, len(path))}):
            for own, other in zip(self._process.chances(before, t), process.chances(before, t), strict=True):
                if own in (0.0, 1.0) and own != other:
                    return False
        return True

    @staticmethod
    def _normalised(weight: np.ndarray) -> np.ndarray | None:
        total = float(weight.sum())
        return weight / total if total > 0 else None

    def ratios(self, changed: Case) -> np.ndarray:
        """Return the likelihood ratio of each path, (K,): its probability under the changed case divided by that under its own."""
        process, known = DisruptionProcess(changed), dict[tuple[int, Regime, Regime], float]()

        def ratio(step: tuple[int, Regime, Regime]) -> float:
            if step not in known:
                known[step] = step_chance(process, *step) / step_chance(self._process, *step)
            return known[step]

        result = np.ones(len(self.paths))
        for k, path in enumerate(self.paths):
            for t in range(1, len(path)):
                result[k] *= ratio((t, path[t - 1], path[t]))
        return result


def step_chance(process: DisruptionProcess, t: int, before: Regime, after: Regime) -> float:
    """Return the probability of the regime `after` in period t, given the regime `before` in period t-1."""
    active, chance = set(after), 1.0
    for k, on in enumerate(process.chances(before, t)):
        chance *= on if k in active else 1 - on
    return chance


def objective(weight: np.ndarray, cost: np.ndarray, risk_weight: float, cvar_level: float) -> float:
    """Return (1-λ)·E[Z] + λ·CVaR_α(Z) of costs (K,) with these weights (K,)."""
    expected = float(weight @ cost)
    return (1 - risk_weight) * expected + (risk_weight * conditional_value_at_risk(cost, weight, cvar_level) if risk_weight else 0.0)


def terms(weight: np.ndarray, cost: np.ndarray, risk_weight: float, cvar_level: float) -> np.ndarray:
    """Return (K,) terms whose weighted mean is the objective; CVaR is the mean of what is above its quantile (Rockafellar & Uryasev, 2000)."""
    if not risk_weight:
        return cost
    order = np.argsort(cost, kind="stable")
    below = np.cumsum(weight[order])
    threshold = float(cost[order][min(int(np.searchsorted(below, cvar_level * (1 - 1e-12))), len(cost) - 1)])
    tail = threshold + np.maximum(cost - threshold, 0.0) / (1 - cvar_level)
    weighed: np.ndarray = (1 - risk_weight) * cost + risk_weight * tail
    return weighed


def difference(futures: Futures, weight: np.ndarray, one: np.ndarray, other: np.ndarray, risk_weight: float, cvar_level: float) -> Estimate:
    """Estimate by how much the objective of costs `one` exceeds that of costs `other`, (K,) each, under weights (K,), with its 95% interval.

    The interval is that of the ratio estimator (delta method); it has no width where the futures are no sample, and all numbers are inside it
    where fewer than three different futures were drawn.
    """
    mean = objective(weight, one, risk_weight, cvar_level) - objective(weight, other, risk_weight, cvar_level)
    if futures.modal < 0:
        return exactly(mean)
    apart = terms(weight, one, risk_weight, cvar_level) - terms(weight, other, risk_weight, cvar_level)
    drawn, value = np.delete(weight, futures.modal), np.delete(apart, futures.modal)
    total = float(drawn.sum())
    if total <= 0:
        return exactly(mean)
    if len(drawn) < 3:
        return Estimate(mean, -np.inf, np.inf)
    # A future of k equal draws pulls as its draws do together, each by a k-th of it.
    counts = equal_draws(np.delete(futures.weight, futures.modal), futures.case.settings.scenarios - 1)
    share, draws = drawn / total, int(counts.sum())
    error = total * sqrt(float((share**2 / counts) @ (value - share @ value) ** 2) * draws / (draws - 1))
    half = student((1 + CONFIDENCE) / 2, draws - 1) * error
    return Estimate(mean, mean - half, mean + half)
