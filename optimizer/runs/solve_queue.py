"""The queue of runs. As many runs are solved at once as there are cores, each in a worker process of its own; the others wait for their turn.

One work has one run under way at a time, so that a planner who asks for many plans does not keep the others waiting. The worker of a run
waits for the next run of the same work, which then starts from the last solution. One more worker may be made ready for a work that has none yet.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from optimizer.executors import one_thread
from optimizer.runs.files import FILE
from optimizer.runs.run import INTERRUPTED, Run
from optimizer.runs.states import RunState
from optimizer.runs.store import Store, Work
from optimizer.runs.worker import NOTHING_YET

GRACE_SECONDS = 120.0
"""How long a solver that was asked to stop may take to put its best plan in order, on a busy machine, too: it is lost if it is ended before."""


class SolveQueue:
    """The queue of one server. Many threads may use it at once."""

    def __init__(self, store: Store, slots: int | None = None) -> None:
        self.store = store
        self.slots = slots or os.cpu_count() or 1
        self.waiting: list[Run] = []
        self.busy: set[Path] = set()
        self.idle: dict[Path, subprocess.Popen] = {}
        self.running: dict[Path, subprocess.Popen] = {}
        self.spare: subprocess.Popen | None = None
        self.lock = threading.Lock()

    def start(self, run: Run) -> Run:
        """Start a run as soon as a slot is free, or answer it at once with the kept answer to the same question."""
        if run.study or not run.answer_from(self.store.answers):
            self._add([run])
        return run

    def resume(self) -> None:
        """Go on where an earlier server ended: queue the runs that wait, and supervise those whose workers have not ended yet."""
        self.store.open()
        self._add(self.store.under_way())

    def prepare(self, work: Path | None = None) -> None:
        """Make a worker ready for a run that is likely to be asked for soon, unless one waits already. work: the folder of its work, None for a new one.

        Nothing happens while anything is solved, which needs the cores.
        """
        with self.lock:
            if self.busy or work in self.idle or (self.spare is not None and self.spare.poll() is None):
                return
            with suppress(OSError):  # without it the worker is started with its run
                self.spare = self._start_worker(NOTHING_YET, subprocess.DEVNULL)

    def _start_worker(self, folder: str, log: Any) -> subprocess.Popen:
        command = [sys.executable, "-m", "optimizer.runs.worker", folder, str(self.store.answers)]
        one_thread(environment := dict(os.environ))
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment)

    def _add(self, runs: list[Run]) -> None:
        with self.lock:
            self.waiting += runs
        self._start_next()

    def _start_next(self) -> None:
        """Start the runs that have waited longest and whose works have none under way, while slots are free."""
        with self.lock:
            for run in list(self.waiting):
                if len(self.busy) < self.slots and run.work_folder not in self.busy:
                    self.waiting.remove(run)
                    self.busy.add(run.work_folder)
                    threading.Thread(target=self._run, args=(run,), name=f"run {run.id}", daemon=True).start()

    def _run(self, run: Run) -> None:
        """Supervise one run to its end, then start the next."""
        try:
            self._supervise(run)
        finally:
            with self.lock:
                self.busy.discard(run.work_folder)
            self._start_next()

    def _supervise(self, run: Run) -> None:
        """Have a worker solve a run, unless the run was stopped before or another server has claimed it."""
        if run.asked_to_stop:
            run.set_state(RunState.DISCARDED if run.discarded else RunState.NO_PLAN, message="Stopped before it began.")
            return
        try:
            if self._claimed(run):
                self._solve_in_worker(run)
        except OSError as error:
            run.set_state(RunState.FAILED, message=f"The solve could not be started ({error.strerror or error}).")

    @staticmethod
    def _claimed(run: Run) -> bool:
        """Claim the run for this queue and return True; where another server, or a worker that has lost its server, solves it, wait for its end."""
        while run.stored_state == RunState.RUNNING or not run.claim():
            if not run.stored_state.under_way:
                return False
            if run.abandoned and run.stored_state == RunState.RUNNING:
                run.worker_died(INTERRUPTED)
                return False
            if run.abandoned:
                run.release()
            else:
                time.sleep(0.2)
        return True

    def _solve_in_worker(self, run: Run) -> None:
        """Give the run to a worker and wait for its end."""
        process = self.running[run.work_folder] = self._worker_for(run)
        try:
            self._wait_for_end(run, process)
        finally:
            del self.running[run.work_folder]

    def _wait_for_end(self, run: Run, process: subprocess.Popen) -> None:
        """Wait until a run has ended. Kill the worker of a run that is discarded, or that does not stop in time when it is asked to."""
        asked = None
        while process.poll() is None and run.under_way:
            time.sleep(0.05)
            with suppress(OSError):  # its work is being deleted, or the disk is full
                run.renew_claim()
            if asked is None and run.asked_to_stop:
                asked = time.monotonic()
            if run.discarded or (asked is not None and time.monotonic() - asked > GRACE_SECONDS):
                process.kill()
        if run.discarded:
            process.kill()
            self._close(process)
            process.wait()
            run.set_state(RunState.DISCARDED)
        elif run.under_way:
            process.wait()
            reason = "It did not stop in time." if asked is not None else f"Its process ended (status {process.returncode}); perhaps memory ran out."
            run.worker_died(f"The solve ended without an answer. {reason}")
        else:
            self._keep_idle(run.work_folder, process)

    def _worker_for(self, run: Run) -> subprocess.Popen:
        """Return the process that solves a run: the idle worker of the same work, one that was made ready, or a new one."""
        with self.lock:
            waiting = self.idle.pop(run.work_folder, None)
            if waiting is None or waiting.poll() is not None:
                waiting, self.spare = self.spare, None
        if waiting is not None and waiting.poll() is None:
            try:
                waiting.stdin.write(f"{run.folder}\n".encode())
                waiting.stdin.flush()
                return waiting
            except OSError:
                pass  # it has just ended
        log_file = run.folder / "log.txt"
        log_file.touch(mode=FILE)
        with log_file.open("wb") as log:
            return self._start_worker(str(run.folder), log)

    def _keep_idle(self, work: Path, process: subprocess.Popen) -> None:
        """Keep a worker for the next run of its work, and end the oldest idle ones beyond the number of slots."""
        with self.lock:
            self.idle[work] = process
            dropped = [self.idle.pop(oldest) for oldest in list(self.idle)[: max(0, len(self.idle) - self.slots)]]
        for each in dropped:
            self._close(each)

    @staticmethod
    def _close(process: subprocess.Popen) -> None:
        """End an idle worker by closing its standard input."""
        try:
            process.stdin.close()
        except OSError:
            pass

    def delete(self, work: Work) -> None:
        """Delete a work with all that was made from it, and end its processes."""
        for run in work.all_runs:
            run.stop(discard=True)
        with self.lock:
            waiting = self.idle.pop(work.folder, None)
        if waiting is not None:
            self._close(waiting)
        work.delete()

    def close(self) -> None:
        """End all idle workers."""
        with self.lock:
            idle, self.idle = [*self.idle.values(), *([self.spare] if self.spare is not None else [])], {}
            self.spare = None
        for process in idle:
            self._close(process)
