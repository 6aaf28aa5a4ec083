"""How long a changed case takes when it is asked again, beside the first time: python benchmarks/whatif.py [CASE ...]

CASE: a sample's name, or a number of paths of the benchmark's instance. Prints CPU seconds (this process and its workers), one row a question.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from instances import instance  # noqa: E402
from speed import used  # noqa: E402

import optimizer  # noqa: E402

CASES = ("tutorial", "gallium_germanium", "national_stockpile", "rare_earth_magnets", "500")


def questions(case):
    """The case with something changed."""
    def limited(row):
        return replace(row, **{side: 0.95 * getattr(row, side) for side in ("minimum", "maximum") if getattr(row, side)})

    first = case.offers[0]
    return {
        "budgets 5% smaller": replace(case, budget=tuple(replace(row, amount=0.95 * row.amount) for row in case.budget)),
        "budgets 10% larger": replace(case, budget=tuple(replace(row, amount=1.1 * row.amount) for row in case.budget)),
        "risk weight 0.1 more": case.with_settings(risk_weight=min(1.0, case.settings.risk_weight + 0.1)),
        "limits 5% smaller": replace(case, limits=tuple(limited(row) for row in case.limits)),
        "a price 5% higher": replace(case, offers=(replace(first, price=1.05 * first.price), *case.offers[1:])),
    }


def measured(ask: optimizer.WhatIf, case=None) -> tuple[float, float, str]:
    """CPU seconds, wall seconds, and the gap or what went wrong."""
    began, before = time.monotonic(), used(os.getpid())[0]
    try:
        said = f"{ask.solve(case).gap:.1e}"
    except optimizer.OptimizerError as error:
        said = str(error).splitlines()[0]
    return used(os.getpid())[0] - before, time.monotonic() - began, said


def main() -> None:
    """Print the table."""
    print("| case | question | CPU s | of the first | wall s | gap |\n|---|---|---|---|---|---|")
    for name in sys.argv[1:] or CASES:
        case = instance(1, int(name)) if name.isdigit() else optimizer.load(ROOT / "sample_inputs" / f"{name}.xlsx").case
        with optimizer.WhatIf(case) as ask:
            first, wall, gap = measured(ask)
            print(f"| {name} | the first time | {first:.1f} | | {wall:.1f} | {gap} |", flush=True)
            for what, changed in questions(case).items():
                cpu, wall, gap = measured(ask, changed)
                print(f"| {name} | {what} | {cpu:.1f} | {cpu / first:.2f} | {wall:.1f} | {gap} |", flush=True)


if __name__ == "__main__":
    main()
