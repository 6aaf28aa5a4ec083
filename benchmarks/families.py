"""Whether any case of the random families takes far longer than others of its size: python benchmarks/families.py [--cases N]

The cases are those of tests/large_cases.py: 50 to 300 futures with projects, minimum contracts, budgets and limits. Each is solved as `optimizer solve`
does, and decomposed whatever its size, in this process alone. The table tells, for cases of about as many futures, the median and the largest of
the CPU seconds, the ratio of the two, and which case takes longest.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from large_cases import large_case  # noqa: E402

from optimizer.executors import Here  # noqa: E402
from optimizer.solving.built import build  # noqa: E402
from optimizer.solving.solve import decomposes, solve_program  # noqa: E402
from optimizer.solving.watch import Watch  # noqa: E402

BANDS = (100, 150, 200, 250, 300)
"""The most futures of each band of sizes."""
WAYS = ("auto", "decomposed")


def seconds(seed: int, way: str) -> float | None:
    """Return the CPU seconds of a solve; None where the tree cannot be decomposed and that is what is asked for."""
    built = build(large_case(seed))
    if way == "decomposed" and not decomposes(built, way):
        return None
    began = time.process_time()
    found = solve_program(built, Watch(), method=way, executor=Here())
    took = time.process_time() - began
    assert found.status in ("optimal", "infeasible"), f"case {seed}, {way}: {found.status}"
    return took


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=200)
    count = parser.parse_args().cases
    print("| futures | how | cases | median CPU s | largest CPU s | ratio | which |\n|---|---|---|---|---|---|---|")
    taken: dict[tuple[str, int], list[tuple[float, int]]] = defaultdict(list)
    for way in WAYS:
        for seed in range(count):
            if (took := seconds(seed, way)) is not None:
                futures = large_case(seed).settings.scenarios
                taken[way, next(band for band in BANDS if futures <= band)].append((took, seed))
    for (way, band), runs in sorted(taken.items()):
        middle, (largest, which) = statistics.median(took for took, _ in runs), max(runs)
        print(f"| to {band} | {way} | {len(runs)} | {middle:.2f} | {largest:.2f} | {largest / middle:.1f} | case {which} |")


if __name__ == "__main__":
    main()
