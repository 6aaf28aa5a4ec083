"""Lanes that are processes of this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from optimizer.executors.attendance import attend
from optimizer.executors.lanes import WorkerLost
from optimizer.executors.one_thread import started_with_one_thread


class Processes:
    """One process a lane, started when it is first needed; by default as many as this process may use cores."""

    def __init__(self, lanes: int | None = None) -> None:
        self.lanes = lanes or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1))
        self._pools: list[ProcessPoolExecutor | None] = [None] * self.lanes

    def submit(self, lane: int, function: Callable, *args: Any) -> Future:
        from loky.backend import get_context  # a tenth of a second that most solves do without

        for _ in range(2):
            starts: AbstractContextManager[None] = nullcontext()
            if self._pools[lane] is None:
                # Unlike the standard library's, loky's processes do not run the caller's script again: a script needs no __main__ guard.
                with _unreported():
                    self._pools[lane] = ProcessPoolExecutor(1, mp_context=get_context("loky"), initializer=attend, initargs=(os.getpid(),))
                starts = started_with_one_thread()  # the process is started when it is first given something to do
            try:
                with starts:
                    future = self._pools[lane].submit(function, *args)
                return self._translated(lane, self._pools[lane], future)
            except BrokenProcessPool:
                self._pools[lane] = None
        lost: Future = Future()
        lost.set_exception(WorkerLost("A worker process cannot be started."))
        return lost

    def _translated(self, lane: int, pool: ProcessPoolExecutor, future: Future) -> Future:
        """Return a future with the same result, or the same error, with the death of the process as WorkerLost."""
        result: Future = Future()
        result.set_running_or_notify_cancel()

        def pass_on(ended: Future) -> None:
            error = WorkerLost("It was let go.") if ended.cancelled() else ended.exception()
            if isinstance(error, BrokenProcessPool):
                if self._pools[lane] is pool:
                    self._pools[lane] = None
                error = WorkerLost(str(error))
            if error is not None:
                result.set_exception(error)
            else:
                result.set_result(ended.result())

        future.add_done_callback(pass_on)
        return result

    def close(self) -> None:
        for pool in self._pools:
            if pool is not None:
                pool.shutdown(wait=True, cancel_futures=True)
        self._pools = [None] * self.lanes


@contextmanager
def _unreported() -> Iterator[None]:
    """Start loky's resource tracker without its warnings: it tidies up after a process that was killed, which is no news for the user."""
    name, before = "PYTHONWARNINGS", os.environ.get("PYTHONWARNINGS")
    os.environ[name] = ",".join(filter(None, (before, "ignore::UserWarning:loky.backend.resource_tracker")))
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
