"""The section of docs/performance.md on the phases of a solve, from the results of phases.py."""

from __future__ import annotations

import statistics
from typing import Any

from phase_clock import ORDER
from phases import IN_MATERIALS, IN_QUARTERS, LARGE, LARGEST, RUNS, SAMPLES, load

WORDS = """`optimizer solve CASE.xlsx -o OUT.xlsx`, each a process of its own: CPU seconds of the process and its workers, phase by phase. What a
module takes to import counts as imports, wherever it is asked for; the workers' start and what they import count for the phase in which it
happens. "First": nothing is kept of earlier solves; "again": the compiled model is there. {runs} (`python
benchmarks/phases.py`). Seconds by the clock are those of a machine that others may use; on two free cores the workers' share of the CPU
time is halved."""

LEAST = 0.005
"""Seconds below which a phase is shown as nothing."""


def section() -> list[str]:
    """Return the lines of the section; none where nothing is measured."""
    results = load()
    measured = {(line["case"], line["run"]) for line in results}
    names = [name for name in {*SAMPLES, *IN_MATERIALS, *IN_QUARTERS} if all((name, run) in measured for run in RUNS)]
    if not names:
        return []
    count = min(sum((line["case"], line["run"]) == (name, RUNS[0]) for line in results) for name in names)
    page = ["## Where the time goes", "", WORDS.format(runs="One run each" if count == 1 else f"Medians of {count} runs in turns"), ""]
    for group in (SAMPLES, IN_MATERIALS, IN_QUARTERS):
        if known := [name for name in group if name in names]:
            page += [*_table(results, known), ""]
    return [*page, *_large(results)]


def _table(results: list[dict[str, Any]], names: list[str]) -> list[str]:
    """Return a line for each phase, a column for each case and run; then what they come to."""
    columns = [(name, run) for name in names for run in RUNS]
    lines = {at: [line for line in results if (line["case"], line["run"]) == at] for at in columns}
    rows = ["| | " + " | ".join(f"{name.replace('_', ' ')}, {run}" for name, run in columns) + " |", "|---|" + "---|" * len(columns)]
    for phase in ORDER:
        values = [_median(lines[at], lambda line, phase=phase: sum(line["phases"][phase][:2])) for at in columns]
        if max(values) >= LEAST:
            rows.append(f"| {phase} | " + " | ".join(f"{value:.2f}" if value >= LEAST else "" for value in values) + " |")
    summed = {"CPU s in all": _cpu, "of which workers": _workers, "seconds by the clock": _wall}
    rows += [f"| **{name}** | " + " | ".join(f"{_median(lines[at], figure):.2f}" for at in columns) + " |" for name, figure in summed.items()]
    rows.append("| peak MB | " + " | ".join(f"{_median(lines[at], lambda line: line['memory_mb']):,.0f}" for at in columns) + " |")
    rows.append("| rows | " + " | ".join(f"{lines[at][0]['rows']:,}" for at in columns) + " |")
    rows.append("| gap reached | " + " | ".join(f"{_median(lines[at], lambda line: line['gap']):.0e}" for at in columns) + " |")
    return rows


def _large(results: list[dict[str, Any]]) -> list[str]:
    """Return what reading, drawing and laying out takes where there are 200 offers."""
    page: list[str] = []
    for instance, done in ((LARGE, "Reading, drawing and laying out"), (LARGEST, "Reading, drawing and compiling, and laying out the trunk of,")):
        lines = {run: [line for line in results if (line["case"], line["run"]) == (instance.name, run)] for run in RUNS}
        if not all(lines.values()):
            continue
        one = lines[RUNS[0]][0]
        size = f"{one['nodes']:,} nodes, {one['rows'] / 1e6:,.1f} million rows, {one['coefficients'] / 1e6:,.0f} million coefficients"
        need = f"; as a whole it would need {one['bytes'] / 1e9:,.0f} GB of memory; workers lay out its parts, 2 microseconds a row" if "bytes" in one else ""
        page += [f"{done} {instance.name} (200 offers; {size}{need}), CPU seconds:", "", "| | " + " | ".join(RUNS) + " |", "|---|---|---|"]
        for phase in ORDER:
            values = [_median(lines[run], lambda line, phase=phase: sum(line["phases"][phase][:2])) for run in RUNS]
            if max(values) >= LEAST:
                page.append(f"| {phase} | " + " | ".join(f"{value:.2f}" for value in values) + " |")
        page.append("| **in all** | " + " | ".join(f"{_median(lines[run], _cpu):.2f}" for run in RUNS) + " |")
        page += ["| peak MB | " + " | ".join(f"{_median(lines[run], lambda line: line['memory_mb']):,.0f}" for run in RUNS) + " |", ""]
    return page


def _median(lines: list[dict[str, Any]], figure: Any) -> float:
    return float(statistics.median(map(figure, lines)))


def _cpu(line: dict[str, Any]) -> float:
    return sum(sum(seconds[:2]) for seconds in line["phases"].values())


def _workers(line: dict[str, Any]) -> float:
    return sum(seconds[1] for seconds in line["phases"].values())


def _wall(line: dict[str, Any]) -> float:
    return sum(seconds[2] for seconds in line["phases"].values())
