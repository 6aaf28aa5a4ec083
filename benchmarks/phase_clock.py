"""One run of the command line's `solve`, with the time of each phase: python benchmarks/phase_clock.py CASE.xlsx OUT.xlsx prints a line of JSON.

The functions in which a phase is done are wrapped by a clock. Time counts for the innermost phase that is under way: CPU seconds of this
process and of its children, whose time is read from /proc in hundredths of a second, and seconds by the clock on the wall. What a module costs to import
counts as imports, wherever it is first asked for. `--build` stops once the program is laid out, before anything is solved; `--trunk` once the
trunk of a program in parts is laid out, and tells how large the whole would be.
"""

from __future__ import annotations

import time

BEGAN = time.monotonic()

import functools  # noqa: E402  (the clock begins before anything is imported)
import importlib  # noqa: E402
import importlib._bootstrap as bootstrap  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable  # noqa: E402
from contextlib import suppress  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

START, IMPORTS, REST = "start of Python", "imports", "the rest"

PHASES = {
    "reading": ("api:reading_of",),
    "drawing the tree": ("solving.built:tree_that_fits", "solving.built:with_memories"),
    "compiling the model": ("solving.built:template_of",),
    "laying it onto the tree": ("solving.built:stamped",),
    "solving, first point": ("solving.start:starting_point",),
    "solving, master": ("solving.master:Master.propose", "solving.master:Master.add"),
    "solving, blocks": ("solving.worker_pool:WorkerPool.ask", "solving.worker_pool:WorkerPool.answers"),
    "solving, else": ("solving.solve:solve_program",),
    "audit": ("plan.plan:audit",),
    "what no decision avoids": ("plan.quantities:unavoidable_shortage",),
    "tables of the plan": ("plan.plan:make_plan",),
    "keeping the plan": ("runs.keeping:keep",),
    "writing the workbook": ("runs.keeping:write",),
}
"""Phase -> the functions in which it is done, module:name of the package optimizer. They are wrapped where they are called from."""

WHOLE = {"solving, first point"}
"""Phases within which no other is told apart: they read, lay out and solve a smaller tree."""

ORDER = (START, IMPORTS, *PHASES, REST)


def children_seconds() -> float:
    """Return the CPU seconds of all children of this process, living and ended, with theirs."""
    ended = os.times()
    ticks, waiting = 0, [os.getpid()]
    while waiting:
        pid = waiting.pop()
        with suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                for child in map(int, (task / "children").read_text().split()):
                    waiting.append(child)
                    ticks += sum(map(int, Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()[11:15]))
    return ended.children_user + ended.children_system + ticks / os.sysconf("SC_CLK_TCK")


class PhaseClock:
    """The seconds of each phase: [CPU of this process, CPU of its children, wall]."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {phase: [0.0, 0.0, 0.0] for phase in ORDER}
        self.under_way = [START]
        self.last = [0.0, 0.0, BEGAN]

    def note(self) -> None:
        """Count what has passed since the last note for the innermost phase."""
        now = [time.process_time(), children_seconds(), time.monotonic()]
        for k, (before, value) in enumerate(zip(self.last, now, strict=True)):
            self.seconds[self.under_way[-1]][k] += value - before
        self.last = now

    def timed(self, phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, during which the phase is under way."""

        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            if self.under_way[-1] in (phase, *WHOLE):
                return function(*args, **kwargs)
            self.note()
            self.under_way.append(phase)
            try:
                return function(*args, **kwargs)
            finally:
                self.note()
                self.under_way.pop()

        return run

    def wrap(self) -> None:
        """Wrap the functions of every phase."""
        for phase, names in PHASES.items():
            for name in names:
                module, _, path = name.partition(":")
                *outer, last = path.split(".")
                holder = functools.reduce(getattr, outer, importlib.import_module(f"optimizer.{module}"))
                setattr(holder, last, self.timed(phase, getattr(holder, last)))


def solve(clock: PhaseClock, case: str, out: str) -> dict[str, Any]:
    """Solve as the command line does; return what is known of the plan."""
    from optimizer.cli import commands
    from optimizer.runs import keeping

    found: dict[str, Any] = {}
    keep = keeping.keep

    def seen(path: Path, plan: Any, settings: Any) -> Any:
        p = plan.provenance
        found.update(status=str(plan.status), objective=plan.objective, bound=plan.bound, gap=plan.gap, nodes=p["nodes"], rows=p["rows"])
        return keep(path, plan, settings)

    keeping.keep = seen
    sys.argv = ["optimizer", "solve", case, "-o", out]
    clock.under_way = [REST]
    try:
        commands.main()
    except SystemExit as end:
        found["exit"] = end.code
    return found


def build(clock: PhaseClock, case: str) -> dict[str, Any]:
    """Read, draw and lay out, and solve nothing."""
    from optimizer import api
    from optimizer.solving import built

    clock.under_way = [REST]
    made = built.build(api.reading_of(case).case)
    return {"status": "built", "nodes": made.tree.size, "rows": made.program.rows, "coefficients": len(made.program.value)}


def trunk(clock: PhaseClock, case: str) -> dict[str, Any]:
    """Read, draw, compile and lay out the trunk, and estimate the size of the whole program."""
    from optimizer import api
    from optimizer.solving import built, large
    from optimizer.solving.size import size_of
    from optimizer.solving.watch import Watch

    clock.under_way = [REST]
    drawn = built.draw(api.reading_of(case).case, Watch(), parts=True)
    parts = clock.timed("laying it onto the tree", large.parts_of)(drawn, Watch())
    size = size_of(drawn.data, drawn.tree.size, len(drawn.tree.regimes))
    sizes = {"rows": round(size.rows), "coefficients": round(size.coefficients), "bytes": size.bytes, "trunk": parts.trunk.arrays.rows}
    return {"status": "laid out", "nodes": drawn.tree.size, **sizes}


def main() -> None:
    """Run and report; what the command line says goes to the standard error stream."""
    clock = PhaseClock()
    clock.note()
    clock.under_way = [IMPORTS]
    bootstrap._find_and_load = clock.timed(IMPORTS, bootstrap._find_and_load)  # type: ignore[attr-defined]
    clock.wrap()
    clock.note()
    kept = os.dup(1)
    os.dup2(2, 1)
    case, *rest = sys.argv[1:]
    found = build(clock, case) if rest == ["--build"] else trunk(clock, case) if rest == ["--trunk"] else solve(clock, case, rest[0])
    clock.note()
    os.write(kept, (json.dumps({**found, "phases": {phase: [round(s, 3) for s in seconds] for phase, seconds in clock.seconds.items()}}) + "\n").encode())


if __name__ == "__main__":
    main()
