"""Many futures at once: some lived through, all of them known beforehand, in worker processes."""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from optimizer.case import Case
from optimizer.errors import InternalError, SolverError
from optimizer.executors import Executor, StopFile, WorkerLost, give_way, run_all, stop_at
from optimizer.scenarios.sampled import unseen_paths
from optimizer.studies.living.replay import History, Lived, RollingHorizon

KNOWN_AT_ONCE, LIVED_AT_ONCE = 40, 4
"""The futures of one task, so that a task takes a few seconds at most and progress is seen."""


@dataclass(frozen=True)
class Sample:
    """Futures that were drawn, (N), and what they cost. lived: of the first n, period by period; foreseen: of all, each known beforehand."""

    policy: RollingHorizon
    paths: list[History]
    lived: list[Lived]
    foreseen: list[Lived]

    @cached_property
    def costs(self) -> tuple[np.ndarray, np.ndarray]:
        """Return what futures cost: lived through, (n,), and foreseen, (N,)."""
        return self.each(lambda lived: lived.cost)

    @cached_property
    def surplus(self) -> float:
        """Return by how much a future that is lived through costs more than one that is known, in the mean over those that were lived through."""
        lived, known = self.costs
        return float(lived.mean() - known[: len(lived)].mean())

    def each(self, of: Callable[[Lived], float]) -> tuple[np.ndarray, np.ndarray]:
        """Return a figure of each future: lived through, (n,), and foreseen, (N,)."""
        return np.array([of(lived) for lived in self.lived]), np.array([of(lived) for lived in self.foreseen])

    def tails(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Return terms, (n,) and (N,), whose mean is the CVaR of the cost at a level: what is above a threshold, divided by the probability of that.

        The best threshold is the quantile of the costs (Rockafellar & Uryasev, 2000); it is taken from what the futures are expected to cost.
        """
        lived, known = self.costs
        known = known + self.surplus
        threshold = float(np.quantile(known, level))
        return threshold + np.maximum(lived - threshold, 0) / (1 - level), threshold + np.maximum(known - threshold, 0) / (1 - level)

    def foreseen_cvar(self, level: float) -> float:
        """Return the CVaR of the cost, at a level, for whoever knows each future."""
        known = self.costs[1]
        threshold = float(np.quantile(known, level))
        return threshold + float(np.maximum(known - threshold, 0).mean()) / (1 - level)


STEPS = 50
"""How many times as long a future takes that is lived through as one that is known, about, for the progress."""

PILOT = 1_000_003
"""Added to the seed of the futures by which it is decided how many are lived through."""


def how_many_lived(case: Case, futures: int, most: int, seed: int) -> int:
    """Return how many of so many futures to live through, so that about `most` of them are different.

    Others are drawn to decide it. Were it decided by the futures themselves, they would end just before a rare one, which is a dear one.
    """
    seen: set[History] = set()
    for number, path in enumerate(unseen_paths(case, futures, seed + PILOT)):
        seen.add(tuple(path))
        if len(seen) > most:
            return number
    return futures


def live_many(
    policy: RollingHorizon, lived: Iterable[History], known: Iterable[History], executor: Executor, tick: Callable[[float, str], None]
) -> tuple[dict[History, Lived], dict[History, Lived]]:
    """Return what each future costs that is lived through, and each that is known, by the future. The policy is prepared for all of them.

    tick(share, words): how much is done, and how many of which; it is called several times a second, and an exception that it raises stops the workers.
    The caller closes the executor. SolverError: a period could not be decided, or memory ran out.
    """
    # Futures that begin alike have their first decisions in common, so they go to one worker.
    one_by_one, foreseen = sorted(dict.fromkeys(lived)), sorted(dict.fromkeys(known))
    tasks = [(True, chunk) for chunk in _chunks(one_by_one, LIVED_AT_ONCE)] + [(False, chunk) for chunk in _chunks(foreseen, KNOWN_AT_ONCE)]
    found: tuple[dict[History, Lived], dict[History, Lived]] = ({}, {})
    stop = StopFile()
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "policy")
        Path(file).write_bytes(pickle.dumps(policy))
        try:
            total = STEPS * len(one_by_one) + len(foreseen)

            def told() -> None:
                lived, seen = len(found[0]), len(found[1])
                tick((STEPS * lived + seen) / max(1, total), f"{lived:,} of {len(one_by_one):,} lived through, {seen:,} of {len(foreseen):,} solved as known")

            def asked() -> bool:
                """Tell where it stands several times a second, which is also when the caller may stop it."""
                told()
                return False

            for number, result in run_all(executor, _live_here, [(file, *task, stop.path) for task in tasks], asked):
                if isinstance(result, WorkerLost):
                    raise SolverError("A worker that lived through futures ended again and again; perhaps memory ran out. Ask for fewer futures.")
                if isinstance(result, Exception):
                    raise result
                in_steps, chunk = tasks[number]
                if len(result) < len(chunk):
                    raise InternalError("A worker was asked to stop while it lived through a future.")
                found[0 if in_steps else 1].update(zip(chunk, result, strict=True))
            told()
        except BaseException:
            stop.ask()
            executor.close()  # once it has closed, no worker looks for the file any more
            raise
        finally:
            stop.close()
    return found


def _chunks(paths: list[History], size: int) -> list[list[History]]:
    return [paths[at : at + size] for at in range(0, len(paths), size)]


@lru_cache(maxsize=1)
def _policy(file: str) -> RollingHorizon:
    """Return the policy that lies in a file; the worker keeps it, with all that it has decided, for its next task.

    It gives way to whatever else runs on this machine: futures are lived through behind what the planner does.
    """
    give_way()
    policy = pickle.loads(Path(file).read_bytes())
    assert isinstance(policy, RollingHorizon)
    return policy


def _live_here(file: str, in_steps: bool, paths: list[History], stop: str) -> list[Lived]:
    """Return what futures cost, in this very process; fewer than there are where it was asked to stop."""
    policy, stopped = _policy(file), stop_at(stop)
    found: list[Lived] = []
    for path in paths:
        if in_steps:
            for t in range(2, len(path)):
                if stopped():
                    return found
                policy.decide(path[:t])
        if stopped():
            return found
        found.append(policy.live(path) if in_steps else policy.foresee(path))
    return found
