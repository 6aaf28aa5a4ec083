"""The futures of a tree, continued into later periods.

They are not drawn anew: each future goes on from its last period, so that what is planned for fewer and for more periods differs in these alone.
A future that weighs much is continued in several ways.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import numpy as np

from optimizer.case import Case
from optimizer.scenarios.exact import MOST_EXACT_PATHS, count_paths, exact_paths
from optimizer.scenarios.listed import listed_paths
from optimizer.scenarios.sampled import Chain, candidates, draw_paths
from optimizer.scenarios.tree import Regime, ScenarioTree, build_tree

Path = tuple[Regime, ...]


def continued(tree: ScenarioTree, longer: Case, tick: Callable[[], None] = lambda: None) -> ScenarioTree:
    """Return the tree of a plan's futures, each continued to the end of a longer case; the plan's tree is its first periods.

    longer: in canonical order, as the plan's own case. Listed futures go on as the sheet says. All futures of a plan that has all there are go on in
    every way, while these are not more than the setting `scenarios`; others go on in as many ways as their weight asks for. tick: called now and then.
    """
    rows, method = [d.row for d in longer.disruptions], tree.method
    if method == "listed":
        return build_tree(listed_paths(longer, tick), rows, method, tick)
    most = max(longer.settings.scenarios, len(tree.scenarios))
    if method == "exact" and count_paths(longer, min(most, MOST_EXACT_PATHS)) <= min(most, MOST_EXACT_PATHS):
        return build_tree(exact_paths(longer, tick), rows, method, tick)
    paths = _continued_paths(tree, longer, most, tick)
    return build_tree(paths, rows, "sampled", tick, reference=paths[0][0])


def history(tree: ScenarioTree, leaf: int) -> Path:
    """Return the regimes on the path to a node."""
    return tuple(tree.regimes[tree.regime[n]] for n in tree.path(leaf))


def _continued_paths(tree: ScenarioTree, longer: Case, most: int, tick: Callable[[], None]) -> list[tuple[list[Regime], float, str]]:
    """Return the paths that continue those of a tree, about `most` of them, each with a probability and a name; that of the reference path first.

    A path goes on in so many ways as its probability is of `most`, at least one. They are drawn together for all paths that end with the same regime,
    evenly spread over what may happen. The reference path goes on as is most probable, with the probability of that, and in other ways.
    """
    since = tree.periods - 1
    usual = history(tree, tree.reference[-1])
    weight: dict[Path, float] = {}
    names: dict[Path, str] = {}
    for scenario in tree.scenarios:
        path = history(tree, scenario.leaf)
        weight[path] = weight.get(path, 0.0) + scenario.probability
        names.setdefault(path, scenario.name)
    ways = {path: max(1, round(share * most)) for path, share in weight.items()}
    chain, seed = Chain(longer, tick, since, usual[-1]), _seed(longer, since, usual[-1])
    found = [([*usual[:-1], *rest], weight[usual] * share) for rest, share, _ in draw_paths(chain, max(2, ways[usual]), seed)]
    drawn: dict[Regime, Iterator[list[Regime]]] = {}
    for regime in {path[-1] for path in weight}:
        count = sum(number for path, number in ways.items() if path[-1] == regime and path != usual)
        drawn[regime] = iter(_drawn(longer, since, regime, count, tick))
    for path, share in weight.items():
        if path != usual:
            found += [([*path[:-1], *next(drawn[path[-1]])], share / ways[path]) for _ in range(ways[path])]
    return _named(found, names, since)


def _named(found: list[tuple[list[Regime], float]], names: dict[Path, str], since: int) -> list[tuple[list[Regime], float, str]]:
    """Return different paths, equal ones as one with the sum of their probabilities; each has the name of its future, with a number for the way it goes on."""
    together: dict[Path, float] = {}
    for path, share in found:
        together[tuple(path)] = together.get(tuple(path), 0.0) + share
    count: dict[str, int] = {}
    result = []
    for whole, share in together.items():
        name = names[whole[: since + 1]]
        count[name] = count.get(name, 0) + 1
        result.append((list(whole), share, name if count[name] == 1 else f"{name}.{count[name]}"))
    return result


def _seed(case: Case, since: int, regime: Regime) -> int:
    """Return the seed of what is drawn from a period and its regime on."""
    return int.from_bytes(hashlib.sha256(f"{case.settings.seed}\n{since}\n{regime}".encode()).digest()[:4], "little")


def _drawn(case: Case, since: int, regime: Regime, count: int, tick: Callable[[], None]) -> list[list[Regime]]:
    """Return so many paths of the disruption process from a period and its regime on, that regime first, all equally probable."""
    chain = Chain(case, tick, since, regime)
    if not chain.count or not count:
        return [[() for _ in range(chain.periods)] for _ in range(count)]
    return list(chain.regimes(candidates(chain, _seed(case, since, regime), 0, count)))


def agree(short: ScenarioTree, long: ScenarioTree) -> bool:
    """Return whether the first periods of a longer tree are a shorter one: the same histories with the same probabilities, and the reference path."""

    def nodes(tree: ScenarioTree, periods: int) -> dict[Path, float]:
        return {history(tree, int(n)): float(tree.probability[n]) for n in np.flatnonzero(tree.period == periods - 1)}

    one, other = nodes(short, short.periods), nodes(long, short.periods)
    usual = history(long, long.reference[short.periods - 1])
    return one.keys() == other.keys() and all(abs(p - other[path]) <= 1e-9 for path, p in one.items()) and usual == history(short, short.reference[-1])
