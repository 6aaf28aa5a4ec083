"""docs/performance.md and its plots from the results of speed.py."""

from __future__ import annotations

import datetime as dt
import os
import platform
import statistics
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd
import vl_convert
from phases_page import section
from speed import BESIDE_PATHS, GROWN, GROWN_PATHS, METHODS, SIZES, VARIANTS, disagreements, ended, growing, key, size_name, variant_of

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = DOCS / "performance.md"
NAMES = {
    "bare": "HiGHS alone",
    "extensive": "optimizer, extensive form",
    "decomposed": "optimizer, decomposed",
    "linopy": "linopy",
    "pyomo": "Pyomo",
    "mpisppy-ef": "mpi-sppy, extensive form",
    "mpisppy-ph": "mpi-sppy, progressive hedging",
}
PEERS = ("linopy", "pyomo", "mpisppy-ef", "mpisppy-ph")
PACKAGES = ("highspy", "pyomo", "linopy", "mpi-sppy", "numpy", "scipy")
COLOURS = ["#7f7f7f", "#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#8c564b", "#e377c2"]

SETTING = """8 materials, 40 offers, 3 uses, 6 disruptions, 12 quarters, yearly budgets, CVaR (benchmarks/instances.py); contracts are cheap enough to be
signed.
Medians over data seeds {seeds}. Each solve is a process of its own, one after the other but where the last column says otherwise (two solves
beside each other on two cores took some 5% more CPU time each at 100 paths): CPU seconds of the whole process with imports and children, the
peak of its memory and its children's together (proportional set size); nothing is kept from one process to the next. HiGHS runs with one
thread and the same options everywhere, to a gap of 1e-4. The instance and its tree come from this program for all; HiGHS alone gets the
finished arrays. Results are kept as they come, and an interrupted run goes on where it was: lines can be of different hours of one machine. Those
that grow in paths are of 27 November 2026 (AMD EPYC), those that grow in materials or quarters of 28 November, after decisions 72 (blocks
have a third fewer rows) and 73.
One instance again: `python benchmarks/peers.py decomposed 1 500`."""

EVERY_FEATURE = """Contracts and projects, and everything else that a workbook can ask (benchmarks/features.py), which the peers' models do not
state. What a rule must know of the past multiplies the regimes, along each of which the model is compiled."""

HEDGING = """mpi-sppy's progressive hedging: bundles of whole subtrees below the root, packed to the size of the largest; rho in proportion to
unit cost over the spread of the first wishes; a plan and a bound every third round (benchmarks/peer_mpisppy.py). It runs in one process
here; its authors run it on many."""


def cell(lines: list[dict], name: str, form: str) -> str:
    """The median over seeds of one measure, with the number of seeds where some did not end."""
    values = [line[name] for line in lines if ended(line) and line.get(name) is not None]
    if not values:
        return "-"
    text = format(statistics.median(values), form)
    return text if len(values) == len(lines) else f"{text} ({len(values)} of {len(lines)})"


def outcome(lines: list[dict]) -> str:
    """How a method fared on the instances of one size."""
    bad = [line for line in lines if not ended(line)]
    shared = sum(line.get("jobs", 1) > 1 for line in lines)
    beside = f"; {shared} of {len(lines)} beside another solve" if shared else ""
    if not bad:
        return f"{len(lines)} of {len(lines)} ended{beside}"
    failed = sum(line["status"] == "failed" for line in bad)
    gaps = [line["gap"] for line in bad if line.get("gap") is not None]
    left = f", gap left {statistics.median(gaps):.2%}" if gaps else ""
    return f"{len(bad) - failed} of {len(lines)} did not end in {lines[0]['limit']:.0f} s{left}" + (f", {failed} failed" if failed else "") + beside


def table(results: list[dict], variant: str) -> list[str]:
    """One variant: a line a size and method."""
    mine = [line for line in results if variant_of(line) == variant]
    rows = ["| paths | nodes | method | CPU s | wall s | peak MB | gap | |", "|---|---|---|---|---|---|---|---|"]
    stuck: dict[str, int] = {}
    for paths in sorted({line["paths"] for line in mine}):
        nodes = statistics.median([line["nodes"] for line in mine if line["paths"] == paths and line.get("nodes")] or [0])
        for method in METHODS:
            lines = [line for line in mine if (line["paths"], line["method"]) == (paths, method)]
            head = f"| {paths:,} | {nodes:,.0f} | {NAMES[method]} |"
            if lines:
                rows.append(
                    f"{head} {cell(lines, 'cpu', '.1f')} | {cell(lines, 'wall', '.1f')} | {cell(lines, 'memory_mb', ',.0f')} "
                    f"| {cell(lines, 'gap', '.0e')} | {outcome(lines)} |"
                )
                if not all(map(ended, lines)):
                    stuck.setdefault(method, paths)
            elif method in stuck:
                rows.append(f"{head} - | - | - | - | not run: did not end at {stuck[method]:,} |")
    return rows


def exponent(results: list[dict], method: str) -> str:
    """Slope of log CPU on log paths, contracts, over the sizes at which every seed ended."""
    mine = [line for line in results if variant_of(line) == "contracts" and line["method"] == method]
    stopped = {line["paths"] for line in mine if not ended(line)}
    at = [(line["paths"], line["cpu"]) for line in mine if line["paths"] not in stopped]
    sizes = sorted({paths for paths, _ in at})
    if len(sizes) < 2:
        return "-"
    slope = np.polyfit(*np.log(np.array(at)).T, 1)[0]
    return f"{slope:.2f} ({sizes[0]:,} to {sizes[-1]:,} paths)"


def at_size(results: list[dict], method: str, size: tuple[int, int], projects: bool, paths: int) -> list[dict]:
    """The lines of a method on the instances of some materials, quarters and paths."""
    mine = [line for line in results if line["method"] == method and line["paths"] == paths]
    return [line for line in mine if variant_of(line) == size_name(*size, projects)]


def growth(results: list[dict], method: str, at: int, projects: bool, paths: int) -> str:
    """Slope of log CPU on log materials (at 0) or quarters (at 1), over the sizes at which every seed ended."""
    points, sizes = [], []
    for size in growing(at):
        lines = at_size(results, method, size, projects, paths)
        if lines and all(map(ended, lines)):
            points += [(size[at], line["cpu"]) for line in lines]
            sizes.append(size[at])
    if len(sizes) < 2:
        return "-"
    return f"{np.polyfit(*np.log(np.array(points)).T, 1)[0]:.2f} ({sizes[0]} to {sizes[-1]})"


def grows(results: list[dict], method: str, paths: int) -> str:
    """The four slopes of a method: materials and quarters, without and with projects."""
    return " | ".join(growth(results, method, at, projects, paths) for projects in (False, True) for at in (0, 1))


def grown(results: list[dict], paths: int) -> list[str]:
    """A line for each size and method. One that is not run, as it did not end at a smaller size, has none."""
    rows = ["| materials | quarters | projects | method | CPU s | wall s | peak MB | gap | |", "|---|---|---|---|---|---|---|---|---|"]
    for projects in (False, True):
        for size in SIZES:
            for method in METHODS:
                lines = at_size(results, method, size, projects, paths)
                if lines:
                    rows.append(
                        f"| {size[0]} | {size[1]} | {'yes' if projects else 'no'} | {NAMES[method]} | {cell(lines, 'cpu', '.1f')} "
                        f"| {cell(lines, 'wall', '.1f')} | {cell(lines, 'memory_mb', ',.0f')} | {cell(lines, 'gap', '.0e')} | {outcome(lines)} |"
                    )
    return rows


def ratios(results: list[dict]) -> list[str]:
    """The extensive form's whole process against HiGHS alone, and the decomposition against the best peer."""
    found = {key(line): line for line in results}
    rows = []
    for variant in VARIANTS:
        if variant in GROWN:
            continue
        for paths in sorted({k[1] for k in found if k[0] == variant}):
            pairs = [
                (found[*k[:3], "extensive"], line)
                for k, line in found.items()
                if k[:2] == (variant, paths) and k[3] == "bare" and ended(line) and (*k[:3], "extensive") in found
            ]
            pairs = [(a["cpu"], b["cpu"]) for a, b in pairs if ended(a)]
            if pairs:
                rows.append(
                    f"| {variant}, {paths:,} paths: extensive form's whole process / HiGHS alone on its arrays "
                    f"| {statistics.median([a / b for a, b in pairs]):.2f} | {statistics.median([a - b for a, b in pairs]):+.1f} s |"
                )
            best = []
            for seed in {k[2] for k in found if k[:2] == (variant, paths)}:
                own = found.get((variant, paths, seed, "decomposed"))
                peers = [line["cpu"] if ended(line) else line["limit"] for m in PEERS if (line := found.get((variant, paths, seed, m)))]
                if own and ended(own) and peers:
                    best.append((min(peers), own["cpu"]))
            if best:
                rows.append(
                    f"| {variant}, {paths:,} paths: best peer / decomposed (a peer that did not end counts with the limit) "
                    f"| {statistics.median([a / b for a, b in best]):.2f} | {statistics.median([a - b for a, b in best]):+.1f} s |"
                )
    return ["| | ratio | difference |", "|---|---|---|", *rows]


def drawn(lines: list[dict], at: Callable[[dict], int], name: str, across: str, up: str, size: tuple[int, int] = (460, 320), title: str = "") -> alt.LayerChart:
    """A measure against a size, both logarithmic, one line a method, medians over the seeds that ended.

    Where no seed of a size ended, an open triangle stands at what had been used by then: the method needs more.
    """
    every = [{"at": at(line), "method": NAMES[line["method"]], "value": line[name], "ended": ended(line)} for line in lines if line["status"] != "failed"]
    data = pd.DataFrame(every).groupby(["at", "method", "ended"], as_index=False)["value"].median()
    data = data.sort_values("ended").drop_duplicates(["at", "method"], keep="last")
    colour = {NAMES[m]: colour for m, colour in zip(METHODS, COLOURS) if NAMES[m] in set(data["method"])}
    sizes = sorted(int(x) for x in set(data["at"]))
    base = alt.Chart(width=size[0], height=size[1], title=title).encode(
        x=alt.X("at:Q", scale=alt.Scale(type="log", domain=[sizes[0], sizes[-1]]), axis=alt.Axis(values=sizes, title=across)),
        y=alt.Y("value:Q", scale=alt.Scale(type="log"), title=up),
        color=alt.Color("method:N", title="(triangle: did not end)", scale=alt.Scale(domain=list(colour), range=list(colour.values()))),
    )
    return alt.layer(
        base.mark_line(point=True).properties(data=data[data["ended"]]), base.mark_point(shape="triangle-up", size=90).properties(data=data[~data["ended"]])
    )


def plot(results: list[dict], name: str, title: str) -> str:
    """A measure against paths; contracts."""
    mine = [line for line in results if variant_of(line) == "contracts"]
    return vl_convert.vegalite_to_svg(drawn(mine, lambda line: line["paths"], name, "sampled paths", title).to_json())


def plot_grown(results: list[dict]) -> str:
    """CPU seconds against materials and against quarters, without and with projects, of all methods at the paths at which the peers are run."""
    rows = []
    for projects in (False, True):
        charts = []
        for at, across in enumerate(("materials", "quarters")):
            names = [size_name(*size, projects) for size in growing(at)]
            mine = [line for line in results if variant_of(line) in names and line["paths"] == BESIDE_PATHS]
            if mine:
                title = f"{'With' if projects else 'Without'} projects"
                charts.append(drawn(mine, lambda line, across=across: line[across], "cpu", across, "CPU seconds", (300, 220), title))
        if charts:
            rows.append(alt.hconcat(*charts))
    return vl_convert.vegalite_to_svg(alt.vconcat(*rows).to_json())


def machine() -> str:
    """Processor, cores, memory, system."""
    try:
        processor = next(line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name"))
    except (OSError, StopIteration):
        processor = platform.processor()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{processor}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}"


def installed(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} not installed"


def render(results: list[dict]) -> None:
    """Write the page and the plots."""
    if not any(ended(line) and variant_of(line) == "contracts" for line in results):
        print("Nothing to show yet.")
        return
    seeds = sorted({line["seed"] for line in results})
    differ = disagreements({key(line): line for line in results})
    page = [
        "# Speed",
        "",
        "Written by `python benchmarks/speed.py` from what it measured (benchmarks/results/speed.jsonl). How futures are drawn: [sampling.md](sampling.md).",
        "",
        f"{machine()}. {', '.join(map(installed, PACKAGES))}. {dt.date.today():%d %B %Y}.",
        "",
        SETTING.format(seeds=", ".join(map(str, seeds))),
        "",
        f"**Objectives:** {'; '.join(differ) or 'all methods that ended agree within their gaps on every instance'}.",
        "",
        "![CPU seconds against paths](performance-time.svg)",
        "",
        "![Peak memory against paths](performance-memory.svg)",
        "",
    ]
    for variant in [v for v in VARIANTS if v not in GROWN]:
        if any(variant_of(line) == variant for line in results):
            head = f"## With {variant}" if not variant.startswith("no") else "## Without contracts"
            page += [head, "", *([EVERY_FEATURE, ""] if variant == "every feature" else []), *table(results, variant), ""]
    if any(variant_of(line) in GROWN for line in results):
        page += ["## More materials, more quarters", "", f"With contracts, {GROWN_PATHS} paths.", "", *grown(results, GROWN_PATHS), ""]
        page += [f"Beside peers, {BESIDE_PATHS} paths. What did not end at a size was not run at larger ones.", ""]
        page += ["![CPU seconds against materials and quarters](performance-grown.svg)", "", *grown(results, BESIDE_PATHS), ""]
        (DOCS / "performance-grown.svg").write_text(plot_grown(results), encoding="utf-8")
    page += [
        "## Growth",
        "",
        "CPU seconds grow as paths to the power of (with contracts), and as materials and quarters (with contracts; with projects, too), "
        f"of which there are {GROWN_PATHS} paths for {NAMES['decomposed']} and {BESIDE_PATHS} for the others:",
        "",
        "| method | paths | materials | quarters | materials, projects | quarters, projects |",
        "|---|---|---|---|---|---|",
        *[f"| {NAMES[m]} | {exponent(results, m)} | {grows(results, m, GROWN_PATHS if m == 'decomposed' else BESIDE_PATHS)} |" for m in METHODS],
        f"| {NAMES['decomposed']}, {BESIDE_PATHS} paths | - | {grows(results, 'decomposed', BESIDE_PATHS)} |",
        "",
        "## Ratios of CPU seconds",
        "",
        "Medians over seeds.",
        "",
        *ratios(results),
        "",
        *section(),
        HEDGING,
        "",
    ]
    PAGE.write_text("\n".join(line.rstrip() for line in page), encoding="utf-8")
    (DOCS / "performance-time.svg").write_text(plot(results, "cpu", "CPU seconds"), encoding="utf-8")
    (DOCS / "performance-memory.svg").write_text(plot(results, "memory_mb", "peak memory, MB"), encoding="utf-8")
    print(f"Written: {PAGE}")
