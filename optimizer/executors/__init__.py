"""Run work in this process, in processes of this machine, or on a Dask cluster, behind one interface.

It knows the errors only, and not what the work is.
Doors: Executor, Here, Processes, on_cluster, run_all, give_way, one_thread.
"""

from __future__ import annotations

from optimizer.executors.attendance import StopFile, give_way, stop_at
from optimizer.executors.lanes import Executor, Here, WorkerLost, run_all
from optimizer.executors.one_thread import one_thread
from optimizer.executors.processes import Processes

__all__ = ["Executor", "Here", "Processes", "StopFile", "WorkerLost", "give_way", "on_cluster", "one_thread", "run_all", "stop_at"]


def on_cluster(address: str) -> Executor:
    """Return the Dask cluster whose scheduler listens at `address` (tcp://host:8786). Raise ClusterError where it cannot be reached, or Dask is missing."""
    from optimizer.executors.cluster import Cluster

    return Cluster(address)
