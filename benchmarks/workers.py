"""How well workers are used, and what a Dask cluster costs beside processes of this machine: python benchmarks/workers.py [PATHS ...]

The benchmark's instance with contracts is solved in this process alone, with one process for each core, and on the workers of a Dask cluster that runs
on this machine, more of them than there are cores. The table tells CPU seconds of all processes, seconds by the clock, and the share of the cores that was
at work. The solves of one line take turns with the others', so that what else the machine does falls on all. Linux only.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from optimizer.executors import one_thread  # noqa: E402

one_thread(os.environ)  # as the command line does, before numpy is imported

from instances import instance  # noqa: E402
from speed import used  # noqa: E402

from optimizer.executors import Executor, Here, Processes  # noqa: E402
from optimizer.solving.built import build  # noqa: E402
from optimizer.solving.decomposed import solve_decomposed  # noqa: E402
from optimizer.solving.watch import Watch  # noqa: E402

CLUSTER_WORKERS = 8
CORES = len(os.sched_getaffinity(0))


@contextmanager
def here() -> Iterator[Executor]:
    """Everything in this process."""
    yield Here()


@contextmanager
def processes() -> Iterator[Executor]:
    """One process for each core."""
    executor = Processes()
    try:
        yield executor
    finally:
        executor.close()


@contextmanager
def dask() -> Iterator[Executor]:
    """The workers of a Dask cluster on this machine, one thread each."""
    from distributed import LocalCluster

    from optimizer.executors.cluster import Cluster

    with LocalCluster(n_workers=CLUSTER_WORKERS, threads_per_worker=1, dashboard_address=None) as cluster:
        executor = Cluster(cluster.scheduler_address)
        try:
            yield executor
        finally:
            executor.close()


WAYS = {"this process alone": here, f"{CORES} processes": processes, f"{CLUSTER_WORKERS} Dask workers": dask}


def solve(paths: int, way: str) -> tuple[float, float]:
    """Return CPU seconds of all processes and seconds by the clock of one solve, the start of the workers included."""
    before, began = used(os.getpid())[0], time.monotonic()
    built = build(instance(1, paths))
    with WAYS[way]() as executor:
        found = solve_decomposed(built, Watch(), executor=executor)
        cpu, wall = used(os.getpid())[0] - before, time.monotonic() - began
    assert found.gap <= built.case.settings.mip_gap * 1.001, found.status
    return cpu, wall


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", type=int, default=[500, 5_000])
    parser.add_argument("--repeat", type=int, default=1)
    options = parser.parse_args()
    print(f"| paths | where | CPU s | wall s | share of {CORES} cores at work |\n|---|---|---|---|---|")
    for paths in options.paths:
        measured: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
        for _ in range(options.repeat):
            for way in WAYS:
                measured[way].append(solve(paths, way))
        for way, runs in measured.items():
            cpu, wall = statistics.median(run[0] for run in runs), statistics.median(run[1] for run in runs)
            print(f"| {paths:,} | {way} | {cpu:.1f} | {wall:.1f} | {cpu / wall / CORES:.0%} |", flush=True)


if __name__ == "__main__":
    main()
