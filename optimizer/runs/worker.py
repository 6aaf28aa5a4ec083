"""The process in which the runs of one work are solved: python -m optimizer.runs.worker FOLDER ANSWERS.

It reads what was asked from the run's folder and writes progress, heartbeat and answer there. With NOTHING_YET for the folder it is started before there
is a run: it loads what a solve needs and waits for one, which then begins a second or two sooner. After a run it waits for the next run of the
same work, whose folder comes as a line on its standard input: a plan with something changed is solved from what the last one left. It
stops, keeping the best plan, when the run is asked to, on SIGTERM and Ctrl-C, and when its standard input ends, which says that the
process that started it is gone.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimizer.errors import InfeasibleError, NoPlanError, OptimizerError, WorkbookError
from optimizer.runs.files import FILE, sign
from optimizer.runs.run import Run
from optimizer.runs.states import RunState

if TYPE_CHECKING:
    import pandas as pd

    from optimizer.plan.plan import Plan

NOTHING_YET = "-"
"""Stands for the folder of the first run where there is none yet."""
REPORT_SECONDS = 0.25
SAME = 1e-4
"""How far, relative, the objective of a plan that is solved again may be from that of the plan that was kept."""
IDLE_SECONDS = 900.0
"""How long a worker waits for the next question: it holds the last one's memory."""


class Parent:
    """The process that started this one, as far as standard input tells: which runs come next, and whether it is still there."""

    def __init__(self) -> None:
        self.gone = False
        self.folders: queue.SimpleQueue[str] = queue.SimpleQueue()  # a signal may arrive in the midst of it
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._end)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        # Without a buffer: a thread that waits in one holds its lock, without which the interpreter cannot end.
        with open(0, "rb", buffering=0, closefd=False) as lines:
            for line in lines:
                self.folders.put(line.decode().strip())
        self._end()

    def _end(self, *_: Any) -> None:
        """Stop with the best plan, and take no other run."""
        self.gone = True
        self.folders.put("")

    def next_run(self) -> Run | None:
        """Return the run that is to be solved next; None where none comes."""
        try:
            folder = self.folders.get(timeout=IDLE_SECONDS)
        except queue.Empty:
            return None
        return Run(Path(folder)) if folder else None


class Worker:
    """One run under way.

    asker: the solver that remembers the earlier runs of this work, None before the first. plans: the last plan that this process has solved, by
    the folder of its run.
    """

    def __init__(self, run: Run, answers: Path, parent: Parent, asker: Any = None, plans: dict[Path, Plan] | None = None) -> None:
        self.run, self.answers, self.parent, self.asker = run, answers, parent, asker
        self.plans = {} if plans is None else plans
        self.began = time.monotonic()
        self.ended = False
        self.reported = -1.0
        self.last_words = ""
        sign(run.folder / "progress.jsonl")
        self.log = (run.folder / "progress.jsonl").open("a", encoding="utf-8")

    def cancelled(self) -> bool:
        return self.parent.gone or self.run.asked_to_stop

    def report(self, progress: Any) -> None:
        """Write down where the solve stands, a few times a second."""
        seconds = time.monotonic() - self.began
        if progress.words == self.last_words and seconds - self.reported < REPORT_SECONDS:
            return
        self.reported, self.last_words = seconds, progress.words
        self.log.write(json.dumps({**asdict(progress), "seconds": round(seconds, 2)}) + "\n")
        self.log.flush()

    def until_cancelled(self, progress: Any) -> None:
        """As `report`; raise Cancelled once it was asked to stop."""
        self.report(progress)
        if self.cancelled():
            raise Cancelled

    def watch_over(self) -> None:
        """Show every second that this process lives."""

        def beat() -> None:
            while not self.ended:
                try:
                    sign(self.run.folder / "heartbeat")
                except OSError:
                    pass  # the work has been deleted, or the disk is full: the solve goes on to its end
                time.sleep(1.0)

        threading.Thread(target=beat, daemon=True).start()

    def solve(self) -> None:
        """Solve it and keep what comes of it."""
        self.run.set_state(RunState.RUNNING)
        self.watch_over()
        try:
            self._solve()
        finally:
            self.ended = True
            self.log.close()

    def _make_plan(self) -> None:
        """Make the plan that was asked for, keep it, then keep it with its studies."""
        plan = self._plan()
        if self.run.request["edited"]:
            plan = replace(plan, provenance={**plan.provenance, "input_edited": "yes; the SHA-256 is that of the edited sheets"})
        if self.run.discarded:
            return
        self.run.keep_first(plan)
        studies = self._studies(plan)
        if not self.run.discarded:
            self.run.keep(plan, studies, self.answers)
            self._remember(self.run, plan)

    def _make_study(self) -> None:
        """Make the study that was asked for, and put its tables beside its plan."""
        from optimizer.solving.watch import Stopped, Watch
        from optimizer.studies.registry import STUDIES
        from optimizer.studies.study import require_whole

        base = self.run.base
        require_whole(base.plan())
        try:
            plan = self.plans.get(base.folder) or base.solved_plan(Watch(report=self.until_cancelled, cancelled=self.cancelled))
            if plan is None:
                plan = self._solved_again(base)
            self._remember(base, plan)
            base.add_study(STUDIES[self.run.study].run(plan, self.until_cancelled))
            self.run.set_state(RunState.DONE, status=RunState.DONE)
        except (Cancelled, Stopped):
            self.run.set_state(RunState.NO_PLAN, message="Stopped before the study was done.")

    def _solved_again(self, base: Run) -> Plan:
        """Solve the plan of a run whose arrays are of an earlier version, or lost. Raise NoPlanError where another one comes of it: a study is of one plan."""
        plan, kept = self._plan(), base.plan()
        if self.cancelled():
            raise Cancelled
        same = abs(plan.objective - kept.objective) <= SAME * abs(kept.objective)
        for name, columns in (("contracts", ["supplier", "material", "offer"]), ("projects", ["project", "start", "if"])):
            same = same and plan.tables[name][columns].fillna("").to_dict("records") == kept.tables[name][columns].fillna("").to_dict("records")
        if not same:
            raise NoPlanError(
                "This plan was kept by an earlier version, and solving its workbook again gives another one. Solve it again, and study that plan."
            )
        return plan

    def _remember(self, run: Run, plan: Plan) -> None:
        self.plans.clear()
        self.plans[run.folder] = plan

    def _solve(self) -> None:
        try:
            if self.run.study:
                self._make_study()
            else:
                self._make_plan()
        except WorkbookError as error:
            self.run.set_state(RunState.BAD_INPUT, message=str(error), problems=[problem.record() for problem in error.problems])
        except InfeasibleError as error:
            self.run.set_state(RunState.INFEASIBLE, message=str(error), conflicts=[asdict(conflict) for conflict in error.conflicts], finished=error.finished)
        except NoPlanError as error:
            self.run.set_state(RunState.NO_PLAN, message=str(error))
        except (OptimizerError, MemoryError) as error:
            self.run.set_state(RunState.FAILED, message=str(error) or "There is not enough memory for this case. Use fewer futures or periods.")
        if self.run.discarded:
            self.run.set_state(RunState.DISCARDED)

    def _plan(self):
        from optimizer import api
        from optimizer.intake.reader import case_from_sheets

        asked = self.run.request
        reading = case_from_sheets(self.run.sheets, asked["name"], asked["sha256"], asked["settings"])
        if not self.run.naive:
            self.asker = self.asker or api.WhatIf(reading)
            return self.asker.solve(reading, progress=self.report, cancelled=self.cancelled)
        from optimizer.studies.naive_plans import naive

        base = self.run.base
        beside = (self.plans.get(base.folder) or base.plan()) if base.has_plan else None
        return naive(reading, asked["kind"], progress=self.report, cancelled=self.cancelled, beside=beside)

    def _studies(self, plan: Plan) -> dict[str, pd.DataFrame]:
        """Make the tables of every study that follows a solve, of a plan that was not stopped by hand and is not too large to be studied."""
        from optimizer.studies.registry import STUDIES

        tables: dict[str, pd.DataFrame] = {}
        if self.run.naive or self.cancelled() or plan.in_parts:
            return tables
        try:
            for study in STUDIES.values():
                if not study.on_request:
                    tables |= study.run(plan, self.until_cancelled)
        except Cancelled:
            pass
        return tables


class Cancelled(Exception):
    """A study was stopped by hand: its plan is kept without it and those that come after it."""


def main() -> None:
    """Solve the run whose folder is named, with the folder of answers, and those that follow.

    What goes wrong beyond what a planner can mend is said in the run's status, with the details in its log.txt.
    """
    parent, run, asker = Parent(), None, None
    if sys.argv[1] == NOTHING_YET:
        _load()
        run = _next(parent)
    else:
        run = Run(Path(sys.argv[1]))
    plans: dict[Path, Plan] = {}
    while run is not None:
        worker = Worker(run, Path(sys.argv[2]), parent, asker, plans)
        try:
            worker.solve()
        except Exception:
            run.set_state(RunState.FAILED, message="Something unexpected went wrong. This is a mistake of the program, not of your workbook.")
            raise
        asker, run = worker.asker, _next(parent)
    if asker is not None:
        asker.close()


def _load() -> None:
    """Load what a solve needs."""
    import optimizer.api
    import optimizer.intake.reader
    import optimizer.plan.record
    import optimizer.studies.naive_plans
    import optimizer.studies.registry  # noqa: F401


def _next(parent: Parent) -> Run | None:
    """Wait for the next run; from then on what is printed goes into its log. None where none comes."""
    run = parent.next_run()
    if run is not None:
        with suppress(OSError):  # its work has been deleted since, which its first sign of life finds out
            _say_into(run.folder / "log.txt")
    return run


def _say_into(path: Path) -> None:
    """From here on, what this process prints goes into this file."""
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.close(log)


if __name__ == "__main__":
    main()
