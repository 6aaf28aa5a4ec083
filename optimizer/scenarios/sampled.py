"""Sampled scenarios: few paths of the disruption process with weights that stand for all of them.

The design is array quasi-Monte Carlo, which told the most at equal size among seven (docs/decisions/0017-sampling.md); the others
stand in benchmarks/sampling_designs.py. It is unbiased: the expected weight of a path, over seeds, is its probability.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import fsum

import numpy as np

from optimizer.case import Case
from optimizer.scenarios.process import DisruptionProcess
from optimizer.scenarios.tree import Regime

Draw = tuple[np.ndarray, np.ndarray]
"""Paths (n, T, D), true where a disruption is active, and their weights (n,)."""


class Chain:
    """The disruption process for many paths at once, disruptions in the order of their names. tick: called once a period."""

    def __init__(self, case: Case, tick: Callable[[], None] = lambda: None) -> None:
        self.process, self.tick = DisruptionProcess(case), tick
        self.count, self.periods = self.process.count, self.process.periods
        self.order = sorted(range(self.count), key=lambda k: case.disruptions[k].disruption.casefold())
        self.start = np.isin(self.order, self.process.start)

    def regime(self, active: np.ndarray) -> Regime:
        """Return the regime of one path in one period, (D,)."""
        return tuple(sorted(self.order[k] for k in np.flatnonzero(active)))

    def regimes(self, active: np.ndarray) -> Iterator[list[Regime]]:
        """Yield the regimes of each path, (n, T, D)."""
        known: dict[bytes, Regime] = {}
        for number, path in enumerate(active):
            if number % 100 == 0:
                self.tick()
            keys = [row.tobytes() for row in path]
            for key, row in zip(keys, path):
                if key not in known:
                    known[key] = self.regime(row)
            yield [known[key] for key in keys]

    def chances(self, active: np.ndarray, t: int) -> np.ndarray:
        """Return each disruption's probability, (n, D), of being active in period t, given what is active in t-1, (n, D)."""
        self.tick()
        states, which = np.unique(active, axis=0, return_inverse=True)
        table = np.array([self.process.chances(self.regime(state), t) for state in states])
        return table[:, self.order][which.reshape(-1)]

    def begun(self, n: int) -> np.ndarray:
        """Return paths, (n, T, D), of which only the first period is known."""
        paths = np.zeros((n, self.periods, self.count), dtype=bool)
        paths[:, 0] = self.start
        return paths

    def follow(self, uniform: np.ndarray) -> np.ndarray:
        """Return the paths along which each disruption is active where its uniform number, (n, T, D), is below its chance."""
        paths = self.begun(len(uniform))
        for t in range(1, self.periods):
            paths[:, t] = uniform[:, t] < self.chances(paths[:, t - 1], t)
        return paths


def equal(n: int) -> np.ndarray:
    """Return equal weights."""
    return np.full(n, 1 / n)


def array_quasi_monte_carlo(chain: Chain, n: int, random: np.random.Generator) -> Draw:
    """Draw all paths at once, period by period, with quasi-random numbers in the order of their regimes (L'Ecuyer, Lécot & Tuffin, 2008).

    The numbers are multiples of the square roots of primes, shifted at random (Richtmyer, 1951; Cranley & Patterson, 1976).
    """
    step, paths, rank = np.sqrt(_primes(chain.count)), chain.begun(n), np.arange(n)[:, None]
    for t in range(1, chain.periods):
        # By regime, those of one regime by the regime before, and so on: the order of the last period is kept among equals.
        paths = paths[np.lexsort(paths[:, t - 1].T[::-1])]
        paths[:, t] = (rank * step + random.random(chain.count)) % 1 < chain.chances(paths[:, t - 1], t)
    return paths, equal(n)


def _primes(count: int) -> list[int]:
    """Return the first primes."""
    found: list[int] = []
    number = 2
    while len(found) < count:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return found


Design = Callable[[Chain, int, np.random.Generator], Draw]
"""Draws n paths of a chain."""


def sampled_paths(case: Case, tick: Callable[[], None] = lambda: None, design: Design = array_quasi_monte_carlo) -> list[tuple[list[Regime], float, str]]:
    """Draw at most `scenarios` paths with `seed`; return each with its weight and a name.

    Weights sum to 1, and equal paths are merged into one. Random numbers are assigned to disruptions in the order of their names, so
    that the order of rows in the workbook changes nothing. tick: called now and then.
    """
    chain = Chain(case, tick)
    if not chain.count:
        return [([()] * chain.periods, 1.0, "S001")]
    active, weight = design(chain, case.settings.scenarios, np.random.default_rng(case.settings.seed))
    copies: dict[bytes, list[int]] = {}
    for number, path in enumerate(np.packbits(active.reshape(len(active), -1), axis=1)):
        copies.setdefault(path.tobytes(), []).append(number)
    whole = fsum(weight)
    regimes = chain.regimes(active[[same[0] for same in copies.values()]])
    return [(path, fsum(weight[same]) / whole, f"S{k:03d}") for k, (path, same) in enumerate(zip(regimes, copies.values()), start=1)]
