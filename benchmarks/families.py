"""Whether any case of the random families takes far longer than others of its size: python benchmarks/families.py [--cases N]

The cases are those of tests/large_cases.py: 50 to 300 futures with projects, minimum contracts, budgets and limits. Each is solved as `optimizer solve`
does. The table tells, for cases of about as many rows, the median and the largest of the CPU seconds, the ratio of the two, and which case takes longest.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from optimizer.executors import one_thread  # noqa: E402

one_thread(os.environ)  # as the command line does, before numpy is imported

from large_cases import large_case  # noqa: E402

from optimizer.solving.built import build  # noqa: E402
from optimizer.solving.solve import solve_case  # noqa: E402

BANDS = (1_000, 3_000, 6_000, 10_000, 40_000)
"""The most rows of each band of sizes."""


def measured(seed: int) -> tuple[int, float]:
    """Return the rows of a case's program and the CPU seconds of its solve, the layout of the program included."""
    case = large_case(seed)
    rows = build(case).program.rows  # which also compiles the model, as an earlier solve has done at a planner's desk
    began = time.process_time()
    found = solve_case(case)
    took = time.process_time() - began
    assert found.status in ("optimal", "infeasible"), f"case {seed}: {found.status}"
    return rows, took


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=200)
    count = parser.parse_args().cases
    print("| rows | cases | median CPU s | largest CPU s | ratio | which |\n|---|---|---|---|---|---|")
    taken: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for seed in range(count):
        rows, took = measured(seed)
        taken[next(band for band in BANDS if rows <= band)].append((took, seed))
    for band, runs in sorted(taken.items()):
        middle, (largest, which) = statistics.median(took for took, _ in runs), max(runs)
        print(f"| to {band:,} | {len(runs)} | {middle:.2f} | {largest:.2f} | {largest / middle:.1f} | case {which} |")


if __name__ == "__main__":
    main()
