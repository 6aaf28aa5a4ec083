"""Where the time of a solve from the command line goes, phase by phase: python benchmarks/phases.py

Each sample, and instances of the benchmark (benchmarks/instances.py) that grow in materials and quarters, are solved as `optimizer solve CASE.xlsx -o
OUT.xlsx` solves them, in a process of its own under benchmarks/phase_clock.py: first with nothing kept of earlier solves, then again with the model that
was compiled then. All cases take their turns, --repeat times, so that what else the machine does falls on all. A large instance is read, drawn and laid
out, and of one of 5,000 futures the trunk; neither is solved. Results go to benchmarks/results/phases.jsonl, those of a case that is measured again in
place of its old ones; their section of docs/performance.md is written by benchmarks/speed.py, or with `--render-only`. `phases.py tutorial` measures
that sample alone. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from speed import SIZES, growing, used  # noqa: E402  (the folder of this repository is on the path now)

SAMPLES = ("tutorial", "gallium_germanium", "national_stockpile", "rare_earth_magnets")
RESULTS = HERE / "results" / "phases.jsonl"
LOOK_SECONDS = 0.25


@dataclass(frozen=True)
class Instance:
    """An instance of the benchmark with contracts, at data seed 1. until: the flag of phase_clock.py by which a run ends before the solve."""

    materials: int
    quarters: int
    futures: int
    until: str = ""

    @property
    def name(self) -> str:
        """Tell its size."""
        return f"{self.materials} materials, {self.quarters} quarters, {self.futures:,} futures"


GROWN = {size: Instance(*size, 200) for size in SIZES}
IN_MATERIALS, IN_QUARTERS = ([GROWN[size].name for size in growing(at)] for at in (0, 1))
LARGE, LARGEST = Instance(40, 40, 50, "--build"), Instance(40, 40, 5_000, "--trunk")
INSTANCES = {instance.name: instance for instance in (*GROWN.values(), LARGE, LARGEST)}
"""By name. There are five offers a material: 200 in LARGE and LARGEST, which are laid out and not solved."""

RUNS = ("first", "again")
"""Nothing kept from earlier solves; the same once more."""


def workbook_of(name: str, folder: Path) -> Path:
    """Return the workbook of a case, made where it is no sample."""
    if name in SAMPLES:
        return HERE.parent / "sample_inputs" / f"{name}.xlsx"
    from benchmarks.case_book import write_case
    from benchmarks.instances import instance

    path, size = folder / f"{name.replace(',', '').replace(' ', '_')}.xlsx", INSTANCES[name]
    if not path.exists():
        write_case(path, instance(1, size.futures, materials=size.materials, quarters=size.quarters))
    return path


def one_run(name: str, run: str, folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    """Solve a case once. RuntimeError where that fails."""
    until = INSTANCES[name].until if name in INSTANCES else ""
    command = [sys.executable, str(HERE / "phase_clock.py"), str(workbook_of(name, folder)), until or str(folder / "out.xlsx")]
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdout=said, stderr=errors, env=environment)
        peak = 0.0
        while process.poll() is None:
            time.sleep(LOOK_SECONDS)
            peak = max(peak, used(process.pid)[1])
        said.seek(0)
        errors.seek(0)
        lines = said.read().splitlines()
        if process.returncode or not lines:
            raise RuntimeError(f"{name}: {errors.read()[-1000:]}")
    return {"case": name, "run": run, "memory_mb": round(peak, 1), **json.loads(lines[-1])}


def measured(names: list[str], repeat: int) -> Iterator[dict[str, Any]]:
    """Solve every case in turn, first and again, `repeat` times."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        # Whoever has run the program before has its modules compiled.
        usual = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | {"PYTHONPYCACHEPREFIX": str(folder / "compiled")}
        one_run("gallium_germanium", "", folder, {**usual, "OPTIMIZER_HOME": str(folder / "warm"), "XDG_CACHE_HOME": str(folder / "warm")})
        for turn in range(repeat):
            for number, name in enumerate(names):
                own = folder / f"{turn}-{number}"
                for run in RUNS:
                    yield one_run(name, run, folder, {**usual, "OPTIMIZER_HOME": str(own), "XDG_CACHE_HOME": str(own)})


def load() -> list[dict[str, Any]]:
    """Return the results that are there."""
    return [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()] if RESULTS.exists() else []


def main() -> None:
    """Measure, keep and show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [*SAMPLES, *INSTANCES]
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {'; '.join(names)}; all without")
    parser.add_argument("--repeat", type=int, default=3, help="the page tells the medians")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where results are kept, for trials that the page is not to tell")
    parser.add_argument("--render-only", action="store_true", help="measure nothing and write docs/performance.md anew")
    args = parser.parse_args()
    if unknown := set(args.cases) - set(names):
        parser.error(f"{', '.join(sorted(unknown))}: no case of {'; '.join(names)}")
    if not args.render_only:
        asked = args.cases or names
        kept = [line for line in load() if line["case"] not in asked] if args.out == RESULTS else []
        for line in measured(asked, args.repeat):
            kept.append(line)
            args.out.write_text("".join(json.dumps(each) + "\n" for each in kept), encoding="utf-8")
            seconds = [sum(phase[k] for phase in line["phases"].values()) for k in range(3)]
            print(f"{line['case']}, {line['run']}: {seconds[0] + seconds[1]:.2f} s CPU, {seconds[2]:.2f} s, {line['memory_mb']:,.0f} MB", flush=True)
    if args.out == RESULTS:
        import speed
        from speed_page import render

        render(list(speed.load().values()))


if __name__ == "__main__":
    main()
