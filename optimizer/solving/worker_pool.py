"""The workers that answer for the blocks of a decomposition, and the recovery when one of them dies."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from typing import Any

import numpy as np

from optimizer.errors import SolverError
from optimizer.executors import Executor, Here, StopFile, WorkerLost
from optimizer.solving import subproblems
from optimizer.solving.blocks import Parts, trim_memory
from optimizer.solving.layout import LaidOutParts
from optimizer.solving.outcome import OutOfTime
from optimizer.solving.put_together import PartOfPlan
from optimizer.solving.subproblems import Cut, Question

MOST_LOSSES = 5
"""The number of workers, for each lane, that one question may lose before it is given up."""

CHUNK_ROWS = 50_000
"""Rows that are sent to a worker at a time."""

SHARED_SOLVER_ROWS = 400_000
"""Rows from which the blocks of a worker share one solver: a solver keeps a thousand bytes for each row of what it has solved."""

RELEASED_ROWS = 800_000
"""Rows of blocks from which the program is released once the workers have it: to make it again takes less time than its memory is worth."""

LOAD_EXPONENT = 1.5
"""The time of the simplex method grows with the rows of a program to a power between 1 and 2."""

LOOK_SECONDS = 0.2
"""How often it is asked whether to break off, while the workers are busy."""

Call = tuple[Any, ...]
"""A function of subproblems.py and its arguments."""

_numbers = itertools.count()


class WorkerPool:
    """The blocks of a decomposition, assigned to the lanes of an executor. A lane that lost its worker gets its blocks sent again."""

    def __init__(self, executor: Executor, parts: Parts | LaidOutParts, seed: int) -> None:
        self.executor, self.parts, self.seed, self.count = executor, parts, seed, len(parts)
        name = f"{os.getpid()}-{id(self)}-{next(_numbers)}"
        self.names = [f"{name}-{lane}" for lane in range(executor.lanes)]
        self.blocks_of = _assigned(parts, executor.lanes)
        self.holds = [False] * executor.lanes
        self.turn = 0
        self.stop = StopFile()

    def ask(
        self,
        x: np.ndarray,
        price: float,
        keep: int = 0,
        until: float = np.inf,
        stopped: Callable[[], bool] = lambda: False,
        answers: bool = True,
        blocks: frozenset[int] | None = None,
    ) -> list[tuple[int, Cut]]:
        """Return the cut of every block, or of some, at x, with its number, in ascending order. price: of a unit in excess of their allocations.

        Turns are counted: the blocks keep their answers of this turn, if they are to, until the next question, those of turn `keep` for longer. until: in
        seconds of the epoch. stopped: asked several times a second whether to break off. Raises OutOfTime after either, SolverError where workers die
        again and again.
        """
        self.turn += 1
        path = "" if stopped() or isinstance(self.executor, Here) else self.stop.path
        question = Question(x, price, self.turn, answers, keep, blocks, until, path)
        try:
            found = self._call_until_known(lambda name: (subproblems.ask, name, question), stopped)
        except OutOfTime:
            self.stop.close()  # what is asked next may not find the file that has stopped this
            self.stop = StopFile()
            raise
        return sorted((pair for answer in found for pair in answer), key=lambda pair: pair[0])

    def answers(self, turn: int, x: np.ndarray, price: float, until: float = np.inf) -> list[np.ndarray]:
        """Return what the blocks decided in a turn, in which they were asked at x and that price; they are asked again if one has forgotten it.

        Raises OutOfTime after `until`, in seconds of the epoch.
        """
        parts = self._call_once(lambda name: (subproblems.answers, name, turn))
        if any(part is None for part in parts.values()):
            self.ask(x, price, until=until)
            parts = dict(enumerate(self._call_until_known(lambda name: (subproblems.answers, name, self.turn))))
        merged = {k: y for part in parts.values() for k, y in part.items()}
        return [merged[k] for k in range(self.count)]

    def read_out(self, turn: int, x: np.ndarray, price: float, tick: Callable[[int], None]) -> Iterator[PartOfPlan]:
        """Yield what the blocks decided in a turn, in which they were asked at x and that price; they are asked again where one has forgotten it.

        tick: called with the number of blocks that were read out, now and then.
        """
        assert isinstance(self.parts, LaidOutParts)
        waiting, known = {lane: list(self.parts.layout.together(self.blocks_of[lane])) for lane in self._lanes}, 0
        while now := {lane: rest[0] for lane, rest in waiting.items() if rest}:
            tasks = {lane: (subproblems.read_out, self.names[lane], turn, x, mine) for lane, mine in now.items() if self.holds[lane]}
            found = self._results(list(tasks), tasks.__getitem__)
            for lane, part in found.items():
                if part is not None:
                    known += len(waiting[lane].pop(0))
                    yield part
            if any(found.get(lane) is None for lane in now):
                self.ask(x, price)
                turn = self.turn
            tick(known)

    def deliver(self, tick: Callable[[int], None]) -> None:
        """Give the lanes their blocks now, and not when they are first asked. tick: called with the number of blocks that are there, now and then."""
        self._begin([lane for lane in self._lanes if not self.holds[lane]], tick)

    def renew(self, parts: Parts, changed: Collection[int], repriced: Collection[int]) -> None:
        """Replace the programs of the changed blocks, and the costs alone of the repriced ones. Bases stay."""
        self.parts = parts
        lanes = [lane for lane, holds in enumerate(self.holds) if holds]
        self._send({lane: [k for k in self.blocks_of[lane] if k in changed] for lane in lanes})
        costs = {lane: {k: parts.cost(k) for k in self.blocks_of[lane] if k in repriced} for lane in lanes}
        done = self._results([lane for lane in lanes if costs[lane]], lambda lane: (subproblems.set_costs, self.names[lane], costs[lane]))
        for lane, confirmed in done.items():
            self.holds[lane] = bool(confirmed)

    def close(self) -> None:
        """Let the workers forget the blocks."""
        self.stop.close()
        for lane, holds in enumerate(self.holds):
            if holds:
                self.executor.submit(lane, subproblems.release, self.names[lane])

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Send the lanes their blocks meanwhile, from a thread of its own, where these are other processes and the program need not be released.

        What goes wrong is no matter yet: a lane that does not hold its blocks is sent them when it is first asked.
        """
        lanes = [lane for lane in self._lanes if not self.holds[lane]]
        if not lanes:
            yield
            return

        def send() -> None:
            try:
                self._begin(lanes)
            except Exception:
                for lane in lanes:
                    self.holds[lane] = False

        if isinstance(self.executor, Here) or self._rows(range(self.count)) > RELEASED_ROWS:
            yield
            return
        thread = threading.Thread(target=send, daemon=True)
        thread.start()
        try:
            yield
        finally:
            thread.join()

    # -- calls ---------------------------------------------------------------------------------------------------------

    @property
    def _lanes(self) -> list[int]:
        """The lanes that have blocks."""
        return [lane for lane in range(self.executor.lanes) if self.blocks_of[lane]]

    def _call_once(self, call: Callable[[str], Call]) -> dict[int, Any]:
        """Return the answer of every lane, None where it does not hold its blocks or has forgotten."""
        answers = self._results([lane for lane in self._lanes if self.holds[lane]], lambda lane: call(self.names[lane]))
        return {lane: answers.get(lane) for lane in self._lanes}

    def _call_until_known(self, call: Callable[[str], Call], stopped: Callable[[], bool] = lambda: False) -> list[Any]:
        """Return the answer of every lane; one that does not hold its blocks is sent them and asked again. stopped: as in `ask`."""
        results: dict[int, Any] = {}
        missed, waiting = 0, self._lanes
        while waiting:
            # A worker with several threads may change the order of two calls, so that it is asked only after it holds the blocks.
            self._begin([lane for lane in waiting if not self.holds[lane]])
            answers = self._results([lane for lane in waiting if self.holds[lane]], lambda lane: call(self.names[lane]), stopped)
            for lane in waiting:
                answer = answers.get(lane)
                self.holds[lane] = answer is not None
                if answer is not None:
                    results[lane] = answer
                else:
                    missed += 1
            waiting = [lane for lane in waiting if lane not in results]
            if missed > MOST_LOSSES * self.executor.lanes:
                raise SolverError("Workers die, or forget their part of the tree, again and again.")
        return [results[lane] for lane in self._lanes]

    def _results(self, lanes: list[int], call: Callable[[int], Call], stopped: Callable[[], bool] = lambda: False) -> dict[int, Any]:
        """Return what each lane's worker answers; None where it does not hold the blocks, or died. All have ended by then."""
        futures = {lane: self.executor.submit(lane, *call(lane)) for lane in lanes}
        while wait(futures.values(), LOOK_SECONDS).not_done:
            if stopped():
                self.stop.ask()
        found: dict[int, Any] = {}
        for lane, future in futures.items():
            try:
                found[lane] = future.result()
            except WorkerLost:
                found[lane] = None
        return found

    # -- sending the blocks --------------------------------------------------------------------------------------------

    def _rows(self, blocks: Iterable[int]) -> int:
        return sum(int(self.parts.sizes[k]) for k in blocks)

    def _begin(self, lanes: list[int], tick: Callable[[int], None] = lambda done: None) -> None:
        """Send these lanes their blocks, and release the program where it is large; or have them lay their blocks out. tick: as in `deliver`."""
        if not lanes:
            return
        large = self._rows(range(self.count)) > RELEASED_ROWS
        if large:
            trim_memory()
        layout = self.parts.layout if isinstance(self.parts, LaidOutParts) else None
        shared = [self._rows(mine) > SHARED_SOLVER_ROWS for mine in self.blocks_of]
        begun = self._results(lanes, lambda lane: (subproblems.begin, self.names[lane], self.seed, shared[lane], layout))
        for lane, confirmed in begun.items():
            self.holds[lane] = bool(confirmed)
        mine = {lane: self.blocks_of[lane] for lane in lanes if self.holds[lane]}
        if isinstance(self.parts, LaidOutParts):
            self._have_laid_out(mine, self.parts, tick)
            return
        self._send(mine)
        if large:
            self.parts.release()

    def _have_laid_out(self, blocks: dict[int, list[int]], parts: LaidOutParts, tick: Callable[[int], None]) -> None:
        """Have lanes lay out these blocks, and take note of how they depend on the trunk."""
        waiting, known = {lane: list(parts.layout.together(mine)) for lane, mine in blocks.items()}, 0
        while now := {lane: rest.pop(0) for lane, rest in waiting.items() if rest and self.holds[lane]}:
            for lane, couplings in self._results(list(now), lambda lane: (subproblems.lay_out, self.names[lane], now[lane])).items():
                self.holds[lane] = couplings is not None
                known += len(couplings or {})
                for k, coupling in (couplings or {}).items():
                    parts.couplings[k] = coupling
            tick(known)

    def _send(self, blocks: dict[int, list[int]]) -> None:
        """Send lanes these blocks, a few at a time: pickled all together they would be in memory twice."""
        assert isinstance(parts := self.parts, Parts)
        chunks = {lane: self._chunks(mine) for lane, mine in blocks.items()}
        while any(chunks.values()):
            now = {lane: rest.pop(0) for lane, rest in chunks.items() if rest and self.holds[lane]}
            if not now:
                return
            tasks = {lane: (subproblems.add, self.names[lane], {k: parts[k] for k in mine}) for lane, mine in now.items()}
            done = self._results(list(now), tasks.__getitem__)
            for lane, confirmed in done.items():
                self.holds[lane] = bool(confirmed)

    def _chunks(self, blocks: list[int]) -> list[list[int]]:
        """Cut a list of blocks into pieces of about CHUNK_ROWS rows."""
        chunks: list[list[int]] = []
        size = CHUNK_ROWS
        for k in blocks:
            if size >= CHUNK_ROWS:
                chunks.append([])
                size = 0
            chunks[-1].append(k)
            size += int(self.parts.sizes[k])
        return chunks


def _assigned(parts: Parts | LaidOutParts, lanes: int) -> list[list[int]]:
    """Return the blocks of each lane: the largest first, each to the lane with the least load (longest processing time first; Graham, 1969)."""
    blocks_of: list[list[int]] = [[] for _ in range(lanes)]
    load = [0.0] * lanes
    for k in sorted(range(len(parts)), key=lambda k: -int(parts.sizes[k])):
        lane = min(range(lanes), key=load.__getitem__)
        blocks_of[lane].append(k)
        load[lane] += float(parts.sizes[k]) ** LOAD_EXPONENT
    return blocks_of
