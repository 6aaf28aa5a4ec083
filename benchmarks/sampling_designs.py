"""The designs of sampling that docs/sampling.md compares, each unbiased: the expected weight of a path, over seeds, is its probability.

The product has a stream of numbers for each disruption, see optimizer/scenarios/sampled.py.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from optimizer.case import Case
from optimizer.scenarios.sampled import Chain, Draw, first_primes, merged, sampled_paths
from optimizer.scenarios.tree import Regime

CROWD = 64
"""Branches for each path to be kept, at which a period's branching pauses and the paths are thinned out."""


def equal(n: int) -> np.ndarray:
    """Equal weights."""
    return np.full(n, 1 / n)


def plain(chain: Chain, n: int, random: np.random.Generator) -> Draw:
    """Draw independent paths: plain Monte Carlo."""
    return chain.follow(random.random((n, chain.periods, chain.count))), equal(n)


def antithetic(chain: Chain, n: int, random: np.random.Generator) -> Draw:
    """Draw pairs of paths from u and 1 - u (Hammersley & Morton, 1956)."""
    uniform = random.random(((n + 1) // 2, chain.periods, chain.count))
    return chain.follow(np.concatenate([uniform, 1 - uniform])[:n]), equal(n)


def quasi(chain: Chain, n: int, random: np.random.Generator) -> Draw:
    """Follow points of a scrambled Sobol' sequence, a coordinate for each period and disruption (Owen, 1998)."""
    from scipy.stats.qmc import Sobol  # takes longer to import than a small case to solve

    sequence = Sobol(max(1, chain.periods - 1) * chain.count, scramble=True, seed=random)
    points = sequence.random_base2((n - 1).bit_length())[:n].reshape(n, -1, chain.count)
    return chain.follow(np.concatenate([np.zeros((n, 1, chain.count)), points], axis=1)), equal(n)


def stratified(chain: Chain, n: int, random: np.random.Generator) -> Draw:
    """Take the path without any change with its exact probability; draw the others by the period and disruption of the first change.

    A stratum is a disruption that changes first, by name within a period, and as many periods on end as it takes to be due a
    path. Strata have paths in proportion to their probabilities, by largest remainder, and these as their total weights.
    """
    probability, still = _first_changes(chain)
    if n == 1 or not probability.sum():
        return plain(chain, n, random)
    members = probability.T.ravel()
    total, spare = members.sum(), n - (still > 0)
    # A stratum is closed as soon as it is due a path; what is left at the end joins the last one.
    stratum, due = np.zeros(len(members), dtype=np.int64), 0.0
    for j, chance in enumerate(members[:-1]):
        due += chance * spare / total
        stratum[j + 1] = stratum[j] + (due >= 1)
        due = 0.0 if due >= 1 else due
    mass = np.bincount(stratum, members)
    if len(mass) > 1 and mass[-1] * spare < total:
        stratum = np.minimum(stratum, len(mass) - 2)
        mass = np.bincount(stratum, members)
    number = _largest_remainder(mass * spare / mass.sum(), spare)
    below = np.cumsum(mass) - mass
    which = np.repeat(np.arange(len(mass)), number)
    rank = np.arange(spare) - (np.cumsum(number) - number)[which]
    place = below[which] + mass[which] * (rank + random.random(len(mass))[which]) / number[which]
    member = np.minimum(np.searchsorted(np.cumsum(members), place, side="right"), np.flatnonzero(members)[-1])
    disruption, period = np.divmod(member, chain.periods)
    paths = _from_first_change(chain, period, disruption, random)
    weight = (mass / number)[which]
    if still > 0:
        paths = np.concatenate([np.broadcast_to(chain.start, (1, chain.periods, chain.count)), paths])
        weight = np.concatenate([[still], weight])
    return paths, weight


def _first_changes(chain: Chain) -> tuple[np.ndarray, float]:
    """Return the probability, (T, D), that the first change is in a period and a disruption's, by name; and that of no change."""
    probability, still = np.zeros((chain.periods, chain.count)), 1.0
    for t in range(1, chain.periods):
        chance = chain.chances(chain.start[None], t)[0]
        change = np.where(chain.start, 1 - chance, chance)
        stays = np.cumprod(1 - change)
        probability[t] = still * change * np.concatenate([[1.0], stays[:-1]])
        still *= float(stays[-1])
    return probability, still


def _largest_remainder(quota: np.ndarray, n: int) -> np.ndarray:
    """Return whole numbers that sum to n, each within 1 of its quota."""
    number = np.floor(quota + 1e-9).astype(np.int64)
    number[np.argsort(number - quota, kind="stable")[: n - number.sum()]] += 1
    return number


def _from_first_change(chain: Chain, period: np.ndarray, disruption: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draw paths whose first change is that of `disruption` in `period`, (n,) each, and which go on at random."""
    uniform, column = random.random((len(period), chain.periods, chain.count)), np.arange(chain.count)
    paths = chain.begun(len(period))
    for t in range(1, chain.periods):
        now = uniform[:, t] < chain.chances(paths[:, t - 1], t)
        settled = (t < period)[:, None] | ((t == period)[:, None] & (column < disruption[:, None]))
        now = np.where(settled, chain.start, now)
        paths[:, t] = np.where((t == period)[:, None] & (column == disruption[:, None]), ~chain.start, now)
    return paths


def systematic(chain: Chain, n: int, random: np.random.Generator) -> Draw:
    """Divide the paths of each node among its successors by systematic sampling (Madow & Madow, 1944).

    A successor of probability p has p times the node's paths, up to less than one path.
    """
    paths, node = chain.begun(n), np.zeros(n, dtype=np.int64)
    for t in range(1, chain.periods):
        first = np.flatnonzero(np.diff(node, prepend=-1))
        paths_of = np.diff(first, append=n)
        uniform = (np.arange(n) - first[node] + random.random(len(first))[node]) / paths_of[node]
        paths[:, t] = _decoded(uniform, chain.chances(paths[:, t - 1], t))
        moved = np.any(paths[1:, t] != paths[:-1, t], axis=1) | (np.diff(node) > 0)
        node = np.concatenate([[0], np.cumsum(moved)])
    return paths, equal(n)


def _decoded(uniform: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """Return the successor, (n, D), in whose part of the unit interval a number lies: halves of halves, one disruption after another."""
    active = np.zeros(chances.shape, dtype=bool)
    for k, chance in enumerate(chances.T):
        active[:, k] = on = uniform >= 1 - chance
        uniform = np.where(on, (uniform - (1 - chance)) / np.where(on, chance, 1.0), uniform / np.where(on, 1.0, 1 - chance))
    return active


def thinned(chain: Chain, n: int, random: np.random.Generator) -> Draw:
    """Take every branch of every path, thinned out to n of them in each period (Fearnhead & Clifford, 2003).

    The most probable keep their exact weights; of the others some are drawn, systematically in the order of the tree, and share
    the weight of all. Where n paths are all there are, they are all taken with their probabilities.
    """
    paths, weight = chain.begun(1), np.ones(1)
    for t in range(1, chain.periods):
        chances = chain.chances(paths[:, t - 1], t)
        origin, now = np.arange(len(paths)), np.zeros((len(paths), chain.count), dtype=bool)
        for k in range(chain.count):
            if len(weight) > CROWD * n:
                kept, weight = thin_out(weight, n, random)
                origin, now = origin[kept], now[kept]
            chance = chances[origin, k]
            twice = (0 < chance) & (chance < 1)
            branch = np.repeat(np.arange(len(origin)), 1 + twice)
            second = np.concatenate([[False], branch[1:] == branch[:-1]])
            origin, now, chance, weight = origin[branch], now[branch], chance[branch], weight[branch]
            now[:, k] = on = second | (chance == 1)
            weight = weight * np.where(on, chance, 1 - chance)
        if len(weight) > n:
            kept, weight = thin_out(weight, n, random)
            origin, now = origin[kept], now[kept]
        paths = paths[origin]
        paths[:, t] = now
    return paths, weight


def thin_out(weight: np.ndarray, n: int, random: np.random.Generator) -> Draw:
    """Draw n of more than n weighted items; return their places, ascending, and new weights of the same sum, whose means are the old ones.

    There is one weight c such that those above it number L and the others weigh (n - L)·c: those above are kept as they are, n - L
    of the others are drawn with probability weight/c and weigh c.
    """
    largest = np.argsort(-weight, kind="stable")
    left = np.cumsum(weight[largest][::-1])[::-1][:n]
    level = left / (n - np.arange(n))
    above = int(np.argmax(weight[largest][:n] < level))
    c = level[above]
    rest = np.sort(largest[above:])
    reach = np.cumsum(weight[rest]) / c
    points = (np.arange(n - above) + random.random()) * (reach[-1] / (n - above))
    drawn, times = np.unique(np.minimum(np.searchsorted(reach, points, side="right"), len(rest) - 1), return_counts=True)
    kept = np.concatenate([largest[:above], rest[drawn]])
    new = np.concatenate([weight[largest[:above]], c * times])
    order = np.argsort(kept)
    return kept[order], new[order]


def array_quasi_monte_carlo(chain: Chain, n: int, random: np.random.Generator) -> Draw:
    """All paths at once, period by period, with quasi-random numbers in the order of their regimes (L'Ecuyer, Lécot & Tuffin, 2008).

    The numbers are multiples of the square roots of primes, shifted at random (Richtmyer, 1951; Cranley & Patterson, 1976).
    """
    step, paths, rank = np.sqrt(first_primes(chain.count)), chain.begun(n), np.arange(n)[:, None]
    for t in range(1, chain.periods):
        # By regime, those of one regime by the regime before, and so on: the order of the last period is kept among equals.
        paths = paths[np.lexsort(paths[:, t - 1].T[::-1])]
        paths[:, t] = (rank * step + random.random(chain.count)) % 1 < chain.chances(paths[:, t - 1], t)
    return paths, equal(n)


Design = Callable[[Chain, int, np.random.Generator], Draw]
"""Draws n paths of a chain."""

DESIGNS: dict[str, Design] = {
    "plain": plain,
    "antithetic": antithetic,
    "quasi-Monte Carlo": quasi,
    "stratified by first event": stratified,
    "systematic branching": systematic,
    "array quasi-Monte Carlo": array_quasi_monte_carlo,
    "thinned branching": thinned,
}


PRODUCT = "a stream for each disruption"
"""The design of the product, optimizer/scenarios/sampled.py, which draws the others' paths beside the most probable one."""


def drawn_paths(case: Case, design: str) -> list[tuple[list[Regime], float, str]]:
    """Draw the paths of a case by one of DESIGNS, or as the product does."""
    if design == PRODUCT:
        return sampled_paths(case)
    chain = Chain(case)
    if not chain.count:
        return [([()] * chain.periods, 1.0, "S001")]
    active, weight = DESIGNS[design](chain, case.settings.scenarios, np.random.default_rng(case.settings.seed))
    return merged(chain, active, weight, [f"S{k:03d}" for k in range(1, len(active) + 1)])
