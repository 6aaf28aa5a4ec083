"""What an executor is: a number of lanes, each of which does one thing after another, and remembers between them.

A lane is a worker process. Work sent to one lane finds there what earlier work left in it, as long as the worker lives; when it
dies, what was under way comes back as WorkerLost, the lane gets another worker, and whoever kept something there sends it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, Protocol

MOST_LOSSES = 3
"""Work that has lost this many workers is likely what kills them: it is given up."""


class WorkerLost(Exception):
    """The worker died, or could not be reached, before the work was done."""


class Executor(Protocol):
    """lanes: how many workers there are. Functions and arguments are pickled; a future's result raises WorkerLost where the worker died."""

    lanes: int

    def submit(self, lane: int, function: Callable, *args: Any) -> Future:
        """Have `function` called in the worker of a lane."""

    def close(self) -> None:
        """Let the workers go."""


class Here:
    """This very process, at once: for work that is not worth a process."""

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

    A task whose worker died is done again, at most MOST_LOSSES times; then, and where the function itself fails, the exception is the
    result. Nothing new is begun once cancelled() is true.
    """
    waiting = list(enumerate(tasks))[::-1]
    losses: dict[int, int] = {}
    idle = list(range(executor.lanes))[::-1]
    running: dict[Future, tuple[int, tuple, int]] = {}
    while running or (waiting and not cancelled()):
        while waiting and idle and not cancelled():
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
