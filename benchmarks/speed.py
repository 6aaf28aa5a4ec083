"""Time and memory of this program beside its peers, on the same instances in one go: python benchmarks/speed.py

Every method of peers.py solves every instance in a process of its own, one after the other (or --jobs at a time, which the results
tell: they share the memory's bandwidth, and `decomposed` wants all cores). What passes the limit of CPU seconds is ended, and a method
that did not end at a size is not run at a larger one. Results are added to benchmarks/results/speed.jsonl as they come, so that an
interrupted run goes on where it was (--fresh begins anew); docs/performance.md and its plots are made from that file (--render-only
makes nothing else). `--paths 20 --seeds 1` is a check in minutes that all methods agree. Needs the benchmarks extra, and Linux (the
CPU time of a process and its children is read from /proc).
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "speed.jsonl"
METHODS = ("bare", "extensive", "decomposed", "linopy", "pyomo", "mpisppy-ef", "mpisppy-ph")
SIZES = ((8, 12), (16, 12), (32, 12), (8, 24), (8, 40))
"""Materials and quarters of the instances that grow in either, with contracts, and with projects, too."""


def growing(at: int) -> list[tuple[int, int]]:
    """The sizes that grow in materials (at 0) or in quarters (at 1) alone."""
    return [size for size in SIZES if size[1 - at] == SIZES[0][1 - at]]


def size_name(materials: int, quarters: int, projects: bool) -> str:
    """The name of a variant that grows in materials or quarters."""
    return f"{materials} materials, {quarters} quarters" + (", projects" if projects else "")


GROWN = {
    size_name(m, q, projects): ["--materials", str(m), "--quarters", str(q), *(["--projects"] if projects else [])]
    for projects in (False, True)
    for m, q in SIZES
}
VARIANTS = {"contracts": [], "contracts and projects": ["--projects"], "no contracts": ["--no-contracts"], "every feature": ["--every-feature"], **GROWN}
LARGEST = {"no contracts": 500, "every feature": 500}
"""Paths up to which a variant is run, where not at all sizes."""
GROWN_PATHS, BESIDE_PATHS = 200, 50
"""The paths at which materials and quarters grow, and those at which the peers are run beside `decomposed`: with more they end at the smallest size alone.
Fewer where no size asked for has as many."""
BESIDE = ("bare", "decomposed", "linopy", "pyomo")
"""The methods that are run where materials and quarters grow."""
OURS = ("bare", "extensive", "decomposed")
"""The methods that know every feature of a workbook: the peers' models are stated for the plain instances alone."""
AGREE = 1e-4
"""How far objectives of methods that ended may differ, relative: the gap that all are allowed, on either side."""
GRACE = 1.5
"""mpisppy-ph ends itself at the limit and says what it has; a round cannot be stopped, so it has
this much longer before it is ended."""


def tree_of(pid: int) -> list[int]:
    """A process and its living descendants."""
    found, at = [pid], 0
    while at < len(found):
        try:
            for task in Path(f"/proc/{found[at]}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        except OSError:
            pass
        at += 1
    return found


def used(pid: int) -> tuple[float, float]:
    """CPU seconds of a process, its living descendants and those that it has waited for; MB of those living now.

    What processes share is counted once among them (the proportional set size).
    """
    ticks, memory = 0, 0.0
    for each in tree_of(pid):
        try:
            ticks += sum(map(int, Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()[11:15]))
            memory += int(Path(f"/proc/{each}/smaps_rollup").read_text().split("Pss:")[1].split()[0]) / 1024
        except (OSError, IndexError):
            continue
    return ticks / os.sysconf("SC_CLK_TCK"), memory


def run(method: str, seed: int, paths: int, flags: list[str], limit: float, arrays: Path) -> dict:
    """One method on one instance. status "limit" where it was ended, "failed" where it broke."""
    command = [sys.executable, str(HERE / "peers.py"), method, str(seed), str(paths), *flags, "--limit", str(limit), "--arrays", str(arrays)]
    line = {"method": method, "seed": seed, "paths": paths, "projects": "--projects" in flags, "contracts": "--no-contracts" not in flags}
    line |= {"every_feature": True} if "--every-feature" in flags else {}
    line |= {"materials": int(flags[1]), "quarters": int(flags[3])} if "--materials" in flags else {}
    # Nothing kept from earlier runs: every process is a user's first.
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as errors:
        environment = {**os.environ, "OPTIMIZER_HOME": home, "XDG_CACHE_HOME": home, "OMP_NUM_THREADS": "1"}
        began, cpu, peak, now = time.monotonic(), 0.0, 0.0, 0.0
        process = subprocess.Popen(command, stdout=said, stderr=errors, env=environment, start_new_session=True)
        while process.poll() is None:
            time.sleep(0.25)  # looking costs some of a large process's time
            seen, now = used(process.pid)
            cpu, peak = max(cpu, seen), max(peak, now)
            if cpu > limit * (GRACE if method == "mpisppy-ph" else 1):
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                return {**line, "status": "limit", "cpu": round(cpu, 1), "wall": round(time.monotonic() - began, 1), "memory_mb": round(peak, 1)}
        said.seek(0)
        lines = said.read().strip().splitlines()
        if process.returncode or not lines:
            errors.seek(0)
            return {**line, "status": "failed", "cpu": round(cpu, 1), "memory_mb": round(peak, 1), "error": errors.read()[-500:]}
        return {**json.loads(lines[-1]), "memory_mb": round(peak, 1)}


def variant_of(line: dict) -> str:
    if "materials" in line:
        return size_name(line["materials"], line["quarters"], line["projects"])
    if line.get("every_feature"):
        return "every feature"
    return "contracts and projects" if line["projects"] else "contracts" if line["contracts"] else "no contracts"


def key(line: dict) -> tuple:
    return variant_of(line), line["paths"], line["seed"], line["method"]


def paths_of(variant: str, method: str, asked: list[int]) -> list[int]:
    """The paths at which a method is run on a variant, of those asked for."""
    if variant in GROWN:
        grown = () if method not in BESIDE else (BESIDE_PATHS, GROWN_PATHS) if method == "decomposed" else (BESIDE_PATHS,)
        return sorted({min(max(asked), paths) for paths in grown})
    return sorted(p for p in asked if p <= LARGEST.get(variant, p))


def smaller_than(variant: str) -> list[str]:
    """The variants that have fewer materials or quarters, and are alike otherwise."""
    own = next(((size, projects) for projects in (False, True) for size in SIZES if size_name(*size, projects) == variant), None)
    if own is None:
        return []
    (materials, quarters), projects = own
    return [size_name(m, q, projects) for m, q in SIZES if m <= materials and q <= quarters and (m, q) != (materials, quarters)]


def load() -> dict[tuple, dict]:
    """What is known so far, the latest of each."""
    if not RESULTS.exists():
        return {}
    lines = [json.loads(text) for text in RESULTS.read_text(encoding="utf-8").splitlines() if text.strip()]
    return {key(line): line for line in lines}


def ended(line: dict) -> bool:
    return line["status"] == "optimal"


def disagreements(known: dict[tuple, dict]) -> list[str]:
    """Objectives of one instance that differ beyond AGREE from the median of the methods that ended."""
    found = []
    for instance in sorted({k[:3] for k in known}):
        values = {k[3]: line["objective"] for k, line in known.items() if k[:3] == instance and ended(line)}
        middle = statistics.median(values.values()) if values else 0.0
        found += [
            f"{instance}: {method} says {value:.6g}, the others {middle:.6g}"
            for method, value in values.items()
            if abs(value - middle) > 2 * AGREE * abs(middle)
        ]
    return found


def measure(args: argparse.Namespace) -> None:
    """Run what is not known yet."""
    RESULTS.parent.mkdir(exist_ok=True)
    if args.fresh:
        RESULTS.unlink(missing_ok=True)
    known = load()
    wanted = [
        (variant, paths, seed, method)
        for variant in args.variants
        for paths in sorted({p for method in args.methods for p in paths_of(variant, method, args.paths)})
        for seed in args.seeds
        for method in args.methods
        if paths in paths_of(variant, method, args.paths)
        if variant != "every feature" or method in OURS
    ]
    with ThreadPoolExecutor(args.jobs) as pool:
        for _ in pool.map(lambda task: one(args, known, *task), [task for task in wanted if task not in known]):
            pass
    for sentence in disagreements(known):
        print("DISAGREES", sentence)
    print(f"{len(known)} results; " + ("objectives agree." if not disagreements(known) else "objectives do not agree."))


def one(args: argparse.Namespace, known: dict, variant: str, paths: int, seed: int, method: str) -> None:
    """One method on one instance; the result goes to `known` and to the file."""
    what = f"{variant}, {paths} paths, seed {seed}: {method}"
    stuck = [k[1] for k, line in list(known.items()) if k[0] == variant and k[3] == method and k[1] < paths and not ended(line)]
    if stuck:
        print(f"{what} not run: did not end at {min(stuck)}", flush=True)
        return
    if any((smaller, paths, seed, method) in known and not ended(known[smaller, paths, seed, method]) for smaller in smaller_than(variant)):
        print(f"{what} not run: did not end with fewer materials or quarters", flush=True)
        return
    with tempfile.TemporaryDirectory() as folder:
        arrays = Path(folder) / "arrays.npz"
        if method == "bare":
            run("prepare", seed, paths, VARIANTS[variant], 1e9, arrays)
        line = {**run(method, seed, paths, VARIANTS[variant], args.limit, arrays), "limit": args.limit, "jobs": args.jobs}
    known[key(line)] = line
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    gap = "" if line.get("gap") is None else f", gap {line['gap']:.1e}"
    print(f"{what} {line['status']}, {line['cpu']} s CPU, {line['memory_mb']} MB{gap}", flush=True)


def main() -> None:
    """Measure, then render."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--paths", type=int, nargs="+", default=[100, 500, 2000, 5000])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--limit", type=float, default=600.0, help="CPU seconds a process")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS)
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    parser.add_argument("--fresh", action="store_true", help="forget earlier results")
    parser.add_argument("--render-only", action="store_true")
    args = parser.parse_args()
    if not args.render_only:
        measure(args)
    from speed_page import render

    render(list(load().values()))


if __name__ == "__main__":
    main()
