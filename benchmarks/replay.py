"""What one step of an honest replay costs: python benchmarks/replay.py [SAMPLE ...] [--futures 20] [--scenarios 30]

A plan is lived through on futures that it has not seen, its contracts and projects as planned and the rest decided period by period; each period is
one step, the case solved again from there (optimizer/studies/living/replay.py). CPU seconds of a step, the drawing of its tree and the laying out of its
program included, beside those of the plan's own solve in the same run; each future's cost beside what it costs whoever knows it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from optimizer.executors import one_thread  # noqa: E402

one_thread(os.environ)  # as the command line does, before numpy is imported

import optimizer  # noqa: E402
from optimizer.scenarios.sampled import unseen_paths  # noqa: E402
from optimizer.studies.living.replay import RollingHorizon  # noqa: E402

SAMPLES = ("gallium_germanium", "national_stockpile", "rare_earth_magnets")


def seconds(work, *args):
    """Call a function; return its CPU seconds in this process, and what it returned."""
    began = time.process_time()
    found = work(*args)
    return time.process_time() - began, found


def measure(name: str, futures: int, scenarios: int) -> None:
    """Print one line of a sample."""
    solving, plan = seconds(optimizer.solve, ROOT / "sample_inputs" / f"{name}.xlsx")
    solution = plan.solution
    paths = unseen_paths(solution.built.case, futures, solution.built.case.settings.seed)
    policy = RollingHorizon(solution, scenarios, solution.built.case.settings.seed)
    compiling, _ = seconds(policy.prepare, paths)
    steps, ratios = [], []
    for path in paths:
        for t in range(2, len(path) + 1):
            if tuple(path[:t]) not in policy.known:
                steps.append(seconds(policy.decide, tuple(path[:t]))[0])
        ratios.append(policy.live(path).cost / policy.foresee(path).cost)
    print(
        f"{name}: plan {solving:.1f} s (without its workers'), template {compiling:.1f} s, {len(steps)} steps: median {statistics.median(steps):.2f} s, "
        f"longest {max(steps):.2f} s; lived costs {statistics.mean(ratios) - 1:.1%} more than foreseen",
        flush=True,
    )


def main() -> None:
    """Measure each sample that is named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("samples", nargs="*", default=SAMPLES)
    parser.add_argument("--futures", type=int, default=20)
    parser.add_argument("--scenarios", type=int, default=30)
    args = parser.parse_args()
    for name in args.samples:
        measure(name, args.futures, args.scenarios)


if __name__ == "__main__":
    main()
