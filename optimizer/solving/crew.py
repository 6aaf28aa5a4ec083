"""The workers that answer for the blocks of a decomposition, and what to do when one of them dies."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Sequence

import numpy as np

from optimizer.errors import SolverError
from optimizer.executors import Executor, WorkerLost
from optimizer.solving import subproblems
from optimizer.solving.blocks import BlockProgram
from optimizer.solving.subproblems import Cut

MOST_LOSSES = 5
"""Workers that one question may lose before it is given up."""

_numbers = itertools.count()


class Crew:
    """Blocks dealt out to the lanes of an executor. A lane that has lost its worker is given its blocks anew and asked again."""

    def __init__(self, executor: Executor, parts: Sequence[BlockProgram], seed: int) -> None:
        self.executor, self.seed, self.count = executor, seed, len(parts)
        name = f"{os.getpid()}-{id(self)}-{next(_numbers)}"
        self.names = [f"{name}-{lane}" for lane in range(executor.lanes)]
        self.shares = _dealt(parts, executor.lanes)
        self.known = [False] * executor.lanes
        self.turn = 0

    def ask(self, x: np.ndarray, price: float, keep: int = 0) -> list[Cut]:
        """Every block's cut at x, with the price of a unit in excess of its shares.

        Turns are counted: the answers of one can be had until the next question, those of turn `keep` for longer.
        """
        self.turn += 1
        found: list[Cut | None] = [None] * self.count
        for answer in self._each(lambda name: (subproblems.ask, name, x, price, self.turn, keep)):
            for k, cut in answer:
                found[k] = cut
        return found

    def answers(self, turn: int, x: np.ndarray, price: float) -> list[np.ndarray]:
        """What the blocks decided in a turn, in which they were asked at x and that price."""
        missing = object()
        parts = self._each(lambda name: (subproblems.answers, name, turn), default=missing)
        if any(part is missing for part in parts):
            self.ask(x, price)
            parts = self._each(lambda name: (subproblems.answers, name, self.turn))
        merged = {k: y for part in parts for k, y in part.items()}
        return [merged[k] for k in range(self.count)]

    def _each(self, call: Callable[[str], tuple], default=None) -> list:
        """The answer of every lane; with a default, that is the answer of one that does not know. Else it is told and asked again."""
        lanes = [lane for lane in range(self.executor.lanes) if self.shares[lane]]
        results, missed, open_ = {}, 0, list(lanes)
        while open_:
            # A worker with several threads would not keep the order of the two: it holds the blocks before it is asked.
            unknown = [lane for lane in open_ if not self.known[lane]]
            held = self._results(unknown, lambda lane: (subproblems.hold, self.names[lane], self.shares[lane], self.seed))
            for lane in unknown:
                self.known[lane] = held[lane] is not None
            answers = self._results([lane for lane in open_ if self.known[lane]], lambda lane: call(self.names[lane]))
            for lane in open_:
                answer = answers.get(lane)
                self.known[lane] = answer is not None
                if answer is not None or default is not None:
                    results[lane] = default if answer is None else answer
                else:
                    missed += 1
            open_ = [lane for lane in open_ if lane not in results]
            if missed > MOST_LOSSES * self.executor.lanes:
                raise SolverError("Workers die, or forget their part of the tree, again and again.")
        return [results[lane] for lane in lanes]

    def _results(self, lanes: list[int], call: Callable[[int], tuple]) -> dict[int, object]:
        """What each lane's worker answers; None where it does not know, or died."""
        futures = {lane: self.executor.submit(lane, *call(lane)) for lane in lanes}
        found: dict[int, object] = {}
        for lane, future in futures.items():
            try:
                found[lane] = future.result()
            except WorkerLost:
                found[lane] = None
        return found

    def renew(self, parts: dict[int, BlockProgram]) -> None:
        """Put other programs in the place of some blocks, to be begun from the bases of the old ones."""
        for share in self.shares:
            share |= {k: part for k, part in parts.items() if k in share}
        if any(self.known):
            self._each(lambda name: (subproblems.renew, name, {k: part for k, part in parts.items() if k in self.shares[self.names.index(name)]}))

    def close(self) -> None:
        """Let the workers forget the blocks."""
        for lane, known in enumerate(self.known):
            if known:
                self.executor.submit(lane, subproblems.let_go, self.names[lane])


def _dealt(parts: Sequence[BlockProgram], lanes: int) -> list[dict[int, BlockProgram]]:
    """The blocks of each lane: the largest first, each to the lane that has least."""
    shares: list[dict[int, BlockProgram]] = [{} for _ in range(lanes)]
    load = [0.0] * lanes
    for k in sorted(range(len(parts)), key=lambda k: -len(parts[k].rows)):
        lane = min(range(lanes), key=load.__getitem__)
        shares[lane][k] = parts[k]
        # Between a line and a square: what the simplex method takes.
        load[lane] += len(parts[k].rows) ** 1.5
    return shares
