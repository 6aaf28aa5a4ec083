"""How long a program takes that is too large to be laid out as a whole, and how much memory: python benchmarks/in_parts.py [--paths N]

The benchmark's instance with contracts and projects, by default that of decision 71: 30 materials, 150 offers, 24 quarters and 5,000 futures, to a gap of
0.1%. What happens is printed as it happens, at the end seconds by the clock, CPU seconds and the peak of the memory of all processes. Linux only.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from optimizer.executors import one_thread  # noqa: E402

one_thread(os.environ)  # as the command line does, before numpy is imported

from instances import instance  # noqa: E402
from speed import used  # noqa: E402

from optimizer.solving.solve import solve_case  # noqa: E402
from optimizer.solving.watch import Progress, Watch  # noqa: E402


class Meter(threading.Thread):
    """Looks at the memory of this process and its workers every second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.cpu = self.peak = 0.0

    def run(self) -> None:
        while True:
            cpu, memory = used(os.getpid())
            self.cpu, self.peak = max(self.cpu, cpu), max(self.peak, memory)
            time.sleep(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--materials", type=int, default=30)
    parser.add_argument("--quarters", type=int, default=24)
    parser.add_argument("--paths", type=int, default=5_000)
    parser.add_argument("--gap", type=float, default=1e-3)
    options = parser.parse_args()
    case = instance(1, options.paths, projects=True, materials=options.materials, quarters=options.quarters).with_settings(mip_gap=options.gap)
    meter, began, last = Meter(), time.monotonic(), [""]
    meter.start()

    def say(progress: Progress) -> None:
        gap = "" if progress.gap is None else f", gap {progress.gap:.3%}"
        if (line := f"{progress.words}{gap}") != last[0]:
            last[0] = line
            print(f"{time.monotonic() - began:7.1f} s  {line}", flush=True)

    found = solve_case(case, watch=Watch(report=say))
    wall = time.monotonic() - began
    time.sleep(2)
    print(f"{found.status}, {found.method}: gap {found.gap:.4%}, {wall:.0f} s, {meter.cpu:.0f} CPU s, {meter.peak:,.0f} MB")


if __name__ == "__main__":
    main()
