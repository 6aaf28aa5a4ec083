"""Lanes that are the workers of a Dask cluster (dask.distributed, the extra `dask`)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from importlib.metadata import version
from typing import Any

from optimizer.errors import ClusterError
from optimizer.executors.lanes import WorkerLost
from optimizer.places import APP

CONNECT_SECONDS = 10
FETCH_SECONDS = 30
"""How long the result of work that is done may take to arrive."""
JOIN_SECONDS = 60
"""How long a cluster without workers is given to get one."""


class Cluster:
    """A lane for every worker that the cluster has when it is reached.

    A worker that dies later leaves its lane to the others; a new one joins in where a lane has lost its own.
    """

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise ClusterError("A cluster takes Dask: pip install 'critical-materials-optimizer[dask]'.") from None
        try:
            self.client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TimeoutError):
            raise ClusterError(f"There is no Dask scheduler at {address}. Start one with: dask scheduler") from None
        workers = self._workers()
        if not workers:
            self.close()
            raise ClusterError(f"The Dask scheduler at {address} has no workers. Start some with: dask worker {address} --nthreads 1")
        self._versions(address)
        self._address = dict(enumerate(workers))
        self.lanes = len(workers)

    def _workers(self) -> list[str]:
        # Not from scheduler_info, whose answer a task of the client's own overwrites every two seconds with one that names no worker.
        return sorted(self.client.nthreads())

    def _versions(self, address: str) -> None:
        """Raise ClusterError for workers with another version of this program, or without it: they would fail in the middle of a solve."""
        needed = _version()
        try:
            found = set(self.client.run(_version).values())
        except Exception as error:  # whatever a worker without this program, or with half of it, says
            found = {f"none ({type(error).__name__}: {error})"}
        if found - {needed}:
            self.close()
            raise ClusterError(f"Every worker of the cluster at {address} needs this program in version {needed}; found: {', '.join(sorted(found))}.")

    def submit(self, lane: int, function: Callable, *args: Any) -> Future:
        result: Future = Future()
        result.set_running_or_notify_cancel()
        try:
            address = self._worker(lane)
        except TimeoutError:
            result.set_exception(WorkerLost("The cluster has no workers left."))
            return result
        # Dask does not retry: only the caller knows what another worker has to hold first.
        future = self.client.submit(function, *args, workers=[address], allow_other_workers=True, pure=False, retries=0)
        future.add_done_callback(lambda ended: _pass_on(ended, result))
        return result

    def _worker(self, lane: int) -> str:
        """Return the worker of a lane: another one where its own is gone, one that joins where none is left. Raise TimeoutError where none joins, or stays."""
        alive = self._workers()
        if not alive:
            self.client.wait_for_workers(1, timeout=JOIN_SECONDS)
            alive = self._workers()
            if not alive:
                raise TimeoutError
        if self._address[lane] not in alive:
            fresh = [worker for worker in alive if worker not in self._address.values()] or alive
            self._address[lane] = fresh[lane % len(fresh)]
        return self._address[lane]

    def close(self) -> None:
        self.client.close()


def _pass_on(ended: Any, future: Future) -> None:
    """Pass the result of a Dask future on, or its error, with the death of its worker as WorkerLost."""
    from distributed import KilledWorker
    from distributed.client import FutureCancelledError

    try:
        # The work has ended and only its result is fetched; the result of a worker that died meanwhile may never come.
        future.set_result(ended.result(timeout=FETCH_SECONDS))
    except (KilledWorker, CancelledError, FutureCancelledError, OSError) as error:
        future.set_exception(WorkerLost(str(error)))
    except Exception as error:
        future.set_exception(error)


def _version() -> str:
    return version(APP)
