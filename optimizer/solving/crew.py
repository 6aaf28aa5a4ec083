"""The workers that answer for the blocks of a decomposition, and what to do when one of them dies."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Collection, Iterable

import numpy as np

from optimizer.errors import SolverError
from optimizer.executors import Executor, WorkerLost
from optimizer.solving import subproblems
from optimizer.solving.blocks import Parts, give_back
from optimizer.solving.subproblems import Cut

MOST_LOSSES = 5
"""Workers that one question may lose before it is given up."""

CHUNK_ROWS = 50_000
"""Rows that are sent to a worker at a time."""

SHARED_SOLVER_ROWS = 400_000
"""Rows from which the blocks of a worker share one solver: a solver keeps a thousand bytes for each row of what it has solved."""

RELEASED_ROWS = 800_000
"""Rows of blocks from which the program is let go once the workers have it: making it again is quicker than it is large."""

_numbers = itertools.count()


class Crew:
    """Blocks dealt out to the lanes of an executor. A lane that has lost its worker is given its blocks anew and asked again."""

    def __init__(self, executor: Executor, parts: Parts, seed: int) -> None:
        self.executor, self.parts, self.seed, self.count = executor, parts, seed, len(parts)
        name = f"{os.getpid()}-{id(self)}-{next(_numbers)}"
        self.names = [f"{name}-{lane}" for lane in range(executor.lanes)]
        self.shares = _dealt(parts, executor.lanes)
        self.known = [False] * executor.lanes
        self.turn = 0

    def ask(self, x: np.ndarray, price: float, keep: int = 0, until: float = np.inf) -> list[Cut]:
        """Every block's cut at x, with the price of a unit in excess of its shares.

        Turns are counted: the answers of one can be had until the next question, those of turn `keep` for longer. until: in seconds of the
        epoch; OutOfTime after it.
        """
        self.turn += 1
        found: list[Cut | None] = [None] * self.count
        for answer in self._each(lambda name: (subproblems.ask, name, x, price, self.turn, keep, until)):
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
            self._hold([lane for lane in open_ if not self.known[lane]])
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

    def _rows(self, share: Iterable[int]) -> int:
        return sum(len(self.parts.rows[k]) for k in share)

    def _hold(self, lanes: list[int]) -> None:
        """Tell these lanes their blocks."""
        if not lanes:
            return
        large = self._rows(range(self.count)) > RELEASED_ROWS
        if large:
            give_back()
        begun = self._results(lanes, lambda lane: (subproblems.begin, self.names[lane], self.seed, self._rows(self.shares[lane]) > SHARED_SOLVER_ROWS))
        for lane, done in begun.items():
            self.known[lane] = bool(done)
        self._add({lane: self.shares[lane] for lane in lanes if self.known[lane]})
        if large:
            self.parts.release()

    def _add(self, shares: dict[int, list[int]]) -> None:
        """Send lanes these blocks, a few at a time: pickled all together they would be in memory twice."""
        chunks = {lane: self._chunks(share) for lane, share in shares.items()}
        while any(chunks.values()):
            next_ = {lane: rest.pop(0) for lane, rest in chunks.items() if rest and self.known[lane]}
            if not next_:
                return
            done = self._results(list(next_), lambda lane, send=next_: (subproblems.add, self.names[lane], {k: self.parts[k] for k in send[lane]}))
            for lane, added in done.items():
                self.known[lane] = bool(added)

    def _chunks(self, share: list[int]) -> list[list[int]]:
        chunks: list[list[int]] = []
        size = np.inf
        for k in share:
            if size >= CHUNK_ROWS:
                chunks.append([])
                size = 0
            chunks[-1].append(k)
            size += len(self.parts.rows[k])
        return chunks

    def renew(self, parts: Parts, changed: Collection[int], recosted: Collection[int]) -> None:
        """Put other programs in the place of the blocks that have changed; of some only the costs have. Bases stay."""
        self.parts = parts
        self._add({lane: [k for k in share if k in changed] for lane, share in enumerate(self.shares) if self.known[lane]})
        costs = {lane: {k: parts.cost(k) for k in share if k in recosted} for lane, share in enumerate(self.shares) if self.known[lane]}
        for lane, done in self._results([lane for lane in costs if costs[lane]], lambda lane: (subproblems.recost, self.names[lane], costs[lane])).items():
            self.known[lane] = bool(done)

    def close(self) -> None:
        """Let the workers forget the blocks."""
        for lane, known in enumerate(self.known):
            if known:
                self.executor.submit(lane, subproblems.let_go, self.names[lane])


def _dealt(parts: Parts, lanes: int) -> list[list[int]]:
    """The blocks of each lane: the largest first, each to the lane that has least."""
    shares: list[list[int]] = [[] for _ in range(lanes)]
    load = [0.0] * lanes
    for k in sorted(range(len(parts)), key=lambda k: -len(parts.rows[k])):
        lane = min(range(lanes), key=load.__getitem__)
        shares[lane].append(k)
        # Between a line and a square: what the simplex method takes.
        load[lane] += len(parts.rows[k]) ** 1.5
    return shares
