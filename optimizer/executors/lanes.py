"""The interface of an executor: a number of lanes, each of which runs one function after another and keeps its state between them.

A lane is a worker process. What one call leaves in its memory is there for the next call, as long as the worker lives. When it dies, the call
that was running ends in WorkerLost and the lane gets another worker; a caller that kept something in the worker's memory must send it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, Protocol

MOST_LOSSES = 3
"""A task that has lost this many workers is probably what kills them, and is given up."""


class WorkerLost(Exception):
    """The worker died, or could not be reached, before the work was done."""


class Executor(Protocol):
    """Workers that run functions. lanes: their number. Functions and arguments are pickled; a future raises WorkerLost where the worker died."""

    lanes: int

    def submit(self, lane: int, function: Callable, *args: Any) -> Future:
        """Call `function` in the worker of a lane."""

    def close(self) -> None:
        """Let the workers go."""


class Here:
    """An executor that calls functions at once, in this process: for work that is not worth a process of its own."""

    lanes = 1

    def submit(self, lane: int, function: Callable, *args: Any) -> Future:
        done: Future = Future()
        try:
            done.set_result(function(*args))
        except Exception as error:
            done.set_exception(error)
        return done

    def close(self) -> None:
        pass


def run_all(executor: Executor, function: Callable, tasks: Iterable[tuple], cancelled: Callable[[], bool] = lambda: False) -> Iterator[tuple[int, Any]]:
    """Call `function` with each of the tasks' arguments, one at a time a lane; yield (number of the task, result) as they end.

    A task whose worker died is repeated, at most MOST_LOSSES times; after that, and where the function itself fails, the exception is the
    result. No task is begun once cancelled() is true, which is asked several times a second.
    """
    waiting = list(enumerate(tasks))[::-1]
    losses: dict[int, int] = {}
    idle = list(range(executor.lanes))[::-1]
    running: dict[Future, tuple[int, tuple, int]] = {}
    while True:
        # Asked in every round, also while all lanes are busy: whoever waits may then stop what is running.
        stopped = cancelled()
        if not running and (stopped or not waiting):
            return
        while waiting and idle and not stopped:
            number, arguments = waiting.pop()
            lane = idle.pop()
            running[executor.submit(lane, function, *arguments)] = (number, arguments, lane)
        for future in wait(running, timeout=0.2, return_when=FIRST_COMPLETED).done:
            number, arguments, lane = running.pop(future)
            idle.append(lane)
            error = future.exception()
            if isinstance(error, WorkerLost) and losses.get(number, 0) < MOST_LOSSES:
                losses[number] = losses.get(number, 0) + 1
                waiting.append((number, arguments))
            else:
                yield number, error or future.result()
