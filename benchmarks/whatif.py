"""How long a changed case takes when what it was changed from is known, beside a process of its own: python benchmarks/whatif.py [CASE ...]

CASE: a sample's name, or a number of paths of the benchmark's instance. One row a question: CPU seconds, workers included, of a new process
that knows nothing and solves the changed case, and of asking it after the case itself. `--cold CASE N` is that new process, for question N.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
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
    except optimizer.errors.OptimizerError as error:
        said = str(error).splitlines()[0]
    return used(os.getpid())[0] - before, time.monotonic() - began, said


def case_of(name: str):
    return instance(1, int(name)) if name.isdigit() else optimizer.load(ROOT / "sample_inputs" / f"{name}.xlsx").case


def cold(name: str, number: int) -> float:
    """CPU seconds of a new process that solves the changed case, nothing kept from before."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "OPTIMIZER_HOME": home, "XDG_CACHE_HOME": home}
        subprocess.run([sys.executable, __file__, "--cold", name, str(number)], env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the table."""
    if sys.argv[1:2] == ["--cold"]:
        optimizer.solve(list(questions(case_of(sys.argv[2])).values())[int(sys.argv[3])])
        return
    print("| case | question | new process, CPU s | asked again, CPU s | ratio | gap |\n|---|---|---|---|---|---|")
    for name in sys.argv[1:] or CASES:
        case = case_of(name)
        with optimizer.WhatIf(case) as ask:
            for number, (what, changed) in enumerate(questions(case).items()):
                measured(ask)
                cpu, _, gap = measured(ask, changed)
                fresh = cold(name, number)
                print(f"| {name} | {what} | {fresh:.1f} | {cpu:.1f} | {cpu / fresh:.2f} | {gap} |", flush=True)


if __name__ == "__main__":
    main()
