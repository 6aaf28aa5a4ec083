"""The process in which one run is solved: python -m optimizer.runs.worker FOLDER ANSWERS.

It reads what was asked from the run's folder and writes progress, heartbeat and answer there. It stops, keeping the best plan, when
the run is asked to, and when its standard input ends, which says that the program that started it is gone.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from optimizer.errors import InfeasibleError, NoPlanError, OptimizerError, WorkbookError
from optimizer.runs.run import Run

REPORT_SECONDS = 0.25


class Worker:
    """One run under way."""

    def __init__(self, run: Run, answers: Path) -> None:
        self.run, self.answers = run, answers
        self.began = time.monotonic()
        self.orphaned = False
        self.reported = -1.0
        self.last_phase = ""
        self.log = (run.folder / "progress.jsonl").open("a", encoding="utf-8")

    def cancelled(self) -> bool:
        return self.orphaned or self.run.asked_to_stop

    def report(self, progress: Any) -> None:
        """Write down where the solve stands, a few times a second."""
        seconds = time.monotonic() - self.began
        if progress.phase == self.last_phase and seconds - self.reported < REPORT_SECONDS:
            return
        self.reported, self.last_phase = seconds, progress.phase
        self.log.write(json.dumps({**asdict(progress), "seconds": round(seconds, 2)}) + "\n")
        self.log.flush()

    def watch_over(self) -> None:
        """Show every second that this process lives, and see whether its starter does."""
        def beat() -> None:
            while True:
                (self.run.folder / "heartbeat").touch()
                time.sleep(1.0)

        def listen() -> None:
            while sys.stdin.buffer.read(1):
                pass
            self.orphaned = True

        for work in (beat, listen):
            threading.Thread(target=work, daemon=True).start()

    def solve(self) -> None:
        """Solve it and keep what comes of it."""
        self.run.end("running")
        self.watch_over()
        try:
            plan = self._plan()
            if self.run.request["edited"]:
                plan.provenance["input_edited"] = "yes; the SHA-256 is that of the edited sheets"
            self.run.keep(plan, self._studies(plan), self.answers)
        except WorkbookError as error:
            self.run.end("bad_input", message=str(error), problems=[asdict(problem) for problem in error.problems])
        except InfeasibleError as error:
            self.run.end("infeasible", message=str(error), conflicts=[asdict(conflict) for conflict in error.conflicts])
        except NoPlanError as error:
            self.run.end("no_plan", message=str(error))
        except (OptimizerError, MemoryError) as error:
            self.run.end("failed", message=str(error) or "There is not enough memory for this case. Use fewer scenarios or periods.")
        if self.run.discarded:
            self.run.end("discarded")

    def _plan(self):
        from optimizer import api
        from optimizer.workbook.reader import case_from_sheets

        asked = self.run.request
        reading = case_from_sheets(self.run.sheets, asked["name"], asked["sha256"], asked["settings"])
        if asked["kind"] == "plan":
            return api.solve(reading, progress=self.report, cancelled=self.cancelled)
        from optimizer.studies.naive import naive

        return naive(reading, asked["kind"], progress=self.report, cancelled=self.cancelled)

    def _studies(self, plan) -> dict:
        """The playbook of a plan that was not stopped by hand."""
        from optimizer.studies.playbook import playbook

        if self.run.kind != "plan" or self.cancelled():
            return {}
        return playbook(plan, progress=self.report)


def main() -> None:
    """Solve the run whose folder is named, with the folder of answers. What goes wrong beyond that is said in the run's status, with the details in log.txt."""
    run = Run(Path(sys.argv[1]))
    try:
        Worker(run, Path(sys.argv[2])).solve()
    except Exception:
        run.end("failed", message="Something unexpected went wrong. This is a mistake of the program, not of your workbook.")
        raise


if __name__ == "__main__":
    main()
