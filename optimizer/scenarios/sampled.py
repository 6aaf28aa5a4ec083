"""Sampled scenarios: paths of the disruption process drawn by plain Monte Carlo."""

from __future__ import annotations

from collections import Counter

import numpy as np

from optimizer.case import Case
from optimizer.scenarios.process import DisruptionProcess
from optimizer.scenarios.tree import Regime


def sampled_paths(case: Case) -> list[tuple[list[Regime], float, str]]:
    """`scenarios` paths drawn with `seed`, each of weight 1/scenarios; equal ones are one with the sum of their weights.

    The uniform numbers are dealt to disruptions in the order of their names, so that the order of rows changes nothing.
    """
    process = DisruptionProcess(case)
    by_name = sorted(range(process.count), key=lambda k: case.disruptions[k].disruption.casefold())
    column = {k: rank for rank, k in enumerate(by_name)}
    draws = case.settings.scenarios
    uniform = np.random.default_rng(case.settings.seed).random((draws, process.periods, max(1, process.count)))
    counted: Counter[tuple[Regime, ...]] = Counter()
    for draw in range(draws):
        history = [process.start]
        for t in range(1, process.periods):
            chances = process.chances(history[-1], t)
            history.append(tuple(k for k, chance in enumerate(chances) if uniform[draw, t, column[k]] < chance))
        counted[tuple(history)] += 1
    return [(list(history), times / draws, f"S{number:03d}") for number, (history, times) in enumerate(counted.items(), start=1)]
