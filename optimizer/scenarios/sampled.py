"""Sampled scenarios: the most probable path, and few others with weights that stand for all of them.

Every disruption has a stream of numbers of its own, keyed by the seed and its name, so that its path in candidate i depends on its own
numbers and data, and on a disruption that it follows, alone: another disruption that is added, removed or changed leaves it as it was. How
long a state lasts is drawn at once, by inversion of its survival (Devroye, 1986): a disruption that is more probable first begins no later
on any candidate. Decision 31 compares its errors with those of the design before it, docs/sampling.md seven others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from math import fsum

import numpy as np

from optimizer.case import Case
from optimizer.scenarios.process import DisruptionProcess
from optimizer.scenarios.tree import Regime
from optimizer.schema.language import fold

MOST_BLOCKS = 1_000
"""Blocks of `scenarios` candidates that are drawn at most: where nearly all are the most probable path, fewer others are taken."""

Draw = tuple[np.ndarray, np.ndarray]
"""Paths (n, T, D), true where a disruption is active, and their weights (n,)."""


class Chain:
    """The disruption process for many paths at once, disruptions in the order of their names.

    Periods are counted from the one in which it begins. tick: called once a period.
    """

    def __init__(self, case: Case, tick: Callable[[], None] = lambda: None, since: int = 0, regime: Regime | None = None) -> None:
        """since: the period in which it begins, with `regime`; that of the case without one."""
        self.process, self.tick, self.since = DisruptionProcess(case), tick, since
        self.count, self.periods = self.process.count, self.process.periods - since
        self.order = sorted(range(self.count), key=lambda k: case.disruptions[k].disruption.casefold())
        self.names = [fold(case.disruptions[k].disruption) for k in self.order]
        self.start = np.isin(self.order, self.process.start if regime is None else regime)

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
        table = np.array([self.process.chances(self.regime(state), self.since + t) for state in states])
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


def first_primes(count: int) -> list[int]:
    """Return the first primes."""
    found: list[int] = []
    number = 2
    while len(found) < count:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return found


def points(seed: int, name: str, block: int, n: int, dimensions: int) -> np.ndarray:
    """Return n points of the unit cube, (n, dimensions), for one disruption in one block of candidates, in random order.

    The first coordinate, which decides when a disruption first changes, has one point in each n-th of its range. The others are multiples of
    the square roots of primes, shifted at random (Richtmyer, 1951; Cranley & Patterson, 1976). The order is random, so that disruptions
    are independent of each other.
    """
    key = hashlib.sha256(f"{seed}\n{name}\n{block}".encode()).digest()
    random = np.random.default_rng(np.frombuffer(key, dtype=np.uint32))
    step = np.sqrt(first_primes(dimensions))
    step[0] = 1 / n
    found = (np.arange(n)[:, None] * step + random.random(dimensions) * np.where(np.arange(dimensions), 1.0, 1 / n)) % 1
    return found[random.permutation(n)]


def candidates(chain: Chain, seed: int, block: int, n: int) -> np.ndarray:
    """Return one block of n candidates, paths (n, T, D) of the process.

    A disruption keeps its state until the probability of having kept it so long falls below its number, one coordinate of its point for
    each state.
    """
    numbers = np.stack([points(seed, name, block, n, chain.periods) for name in chain.names], axis=1)
    paths, survival, state = chain.begun(n), np.ones((n, chain.count)), np.zeros((n, chain.count, 1), dtype=np.int64)
    for t in range(1, chain.periods):
        before = paths[:, t - 1]
        active = chain.chances(before, t)
        change = np.where(before, 1 - active, active)
        survival *= 1 - change
        changes = (np.take_along_axis(numbers, state, axis=2)[:, :, 0] >= survival) & (change > 0)
        paths[:, t] = before ^ changes
        state[:, :, 0] += changes
        survival[changes] = 1.0
    return paths


def modal_path(chain: Chain) -> tuple[np.ndarray, float]:
    """Return the path (T, D) that goes from period to period to the most probable regime, and its probability.

    Of regimes that are equally probable, within 1e-9 relative, it takes the one with the fewest active disruptions.
    """
    path, probability = chain.begun(1)[0], 1.0
    for t in range(1, chain.periods):
        active = chain.chances(path[None, t - 1], t)[0]
        path[t] = active * (1 - 1e-9) > 1 - active
        probability *= float(np.prod(np.where(path[t], active, 1 - active)))
    return path, probability


def merged(chain: Chain, active: np.ndarray, weight: np.ndarray, names: Sequence[str]) -> list[tuple[list[Regime], float, str]]:
    """Return paths (n, T, D) as regimes, equal ones as one with the sum of their weights and the first one's name. Weights sum to 1."""
    copies: dict[bytes, list[int]] = {}
    for number, path in enumerate(np.packbits(active.reshape(len(active), -1), axis=1)):
        copies.setdefault(path.tobytes(), []).append(number)
    whole = fsum(weight)
    regimes = chain.regimes(active[[same[0] for same in copies.values()]])
    return [(path, fsum(weight[same]) / whole, names[same[0]]) for path, same in zip(regimes, copies.values(), strict=True)]


def sampled_paths(case: Case, tick: Callable[[], None] = lambda: None) -> list[tuple[list[Regime], float, str]]:
    """Draw at most `scenarios` paths with `seed`; see draw_paths."""
    return draw_paths(Chain(case, tick), case.settings.scenarios, case.settings.seed)


def draw_paths(chain: Chain, scenarios: int, seed: int) -> list[tuple[list[Regime], float, str]]:
    """Draw at most `scenarios` paths of a chain; return each with its weight and a name, the most probable path first.

    The most probable path has its own probability. The others are the candidates that differ from it, in their order, and share the rest of
    the weight equally; equal ones are merged. S001 is the most probable path, S002 the first candidate: a name stands for the same numbers
    whatever the disruptions are.
    """
    if not chain.count:
        return [([()] * chain.periods, 1.0, "S001")]
    modal, probability = modal_path(chain)
    wanted, n = scenarios - 1, scenarios
    active, chosen = modal[None], np.zeros(1, dtype=np.int64)
    for block in range(MOST_BLOCKS if probability < 1 else 0):
        if len(chosen) > wanted:
            break
        drawn = candidates(chain, seed, block, n)
        other = np.flatnonzero((drawn != modal).any(axis=(1, 2)))[: wanted + 1 - len(chosen)]
        active, chosen = np.concatenate([active, drawn[other]]), np.concatenate([chosen, block * n + other + 1])
    weight = np.full(len(active), (1 - probability) / max(1, len(active) - 1))
    weight[0] = probability if len(active) > 1 else 1.0
    return merged(chain, active, weight, [f"S{number + 1:03d}" for number in chosen])


def unseen_paths(case: Case, count: int, seed: int) -> list[list[Regime]]:
    """Draw `count` paths of the process by plain Monte Carlo, with a stream of numbers that no scenario tree uses."""
    chain = Chain(case)
    uniform = np.random.default_rng([seed, count]).random((count, chain.periods, chain.count))
    return list(chain.regimes(chain.follow(uniform)))
