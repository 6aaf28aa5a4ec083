"""The desk that starts runs: as many at once as there are cores, each in a process of its own, the others wait their turn.

One work has one run under way at a time, so that nobody who asks for much keeps the others waiting. Its process waits for the
next run of the same work, which then begins from what the last one left.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from optimizer.runs.files import FILE
from optimizer.runs.run import INTERRUPTED, UNDER_WAY, Run
from optimizer.runs.store import Store, Work

GRACE_SECONDS = 120.0
"""How long a solver that was asked to stop may take to put its best plan in order, on a busy machine, too: it is lost if it is ended before."""


class Desk:
    """Starts runs and sees them through. One a server; it may be used by many threads."""

    def __init__(self, store: Store, places: int | None = None) -> None:
        self.store = store
        self.places = places or os.cpu_count() or 1
        self.waiting: list[Run] = []
        self.busy: set[Path] = set()
        self.idle: dict[Path, subprocess.Popen] = {}
        self.driven: dict[Path, subprocess.Popen] = {}
        self.lock = threading.Lock()

    def start(self, run: Run) -> Run:
        """Begin a run as soon as there is a place, or answer it at once with the kept answer to the same question."""
        if not run.answer_from(self.store.answers):
            self._queue([run])
        return run

    def take_up(self) -> None:
        """Go on where an earlier server ended: begin the runs that wait, and see to those whose workers are still about to end."""
        self.store.open()
        self._queue(self.store.under_way())

    def _queue(self, runs: list[Run]) -> None:
        with self.lock:
            self.waiting += runs
        self._begin_next()

    def _begin_next(self) -> None:
        """Begin what can begin: the longest waiting runs whose works have none under way, while there are places."""
        with self.lock:
            for run in list(self.waiting):
                if len(self.busy) < self.places and run.work_folder not in self.busy:
                    self.waiting.remove(run)
                    self.busy.add(run.work_folder)
                    threading.Thread(target=self._take, args=(run,), name=f"run {run.id}", daemon=True).start()

    def _take(self, run: Run) -> None:
        """See one run through, then begin the next."""
        try:
            self._see_through(run)
        finally:
            with self.lock:
                self.busy.discard(run.work_folder)
            self._begin_next()

    def _see_through(self, run: Run) -> None:
        """Run one process to its end; one that does not heed a stop is ended."""
        if run.asked_to_stop:
            run.end("discarded" if run.discarded else "no_plan", message="Stopped before it began.")
            return
        try:
            if self._taken(run):
                self._drive(run)
        except OSError as error:
            run.end("failed", message=f"The solve could not be started ({error.strerror or error}).")

    @staticmethod
    def _taken(run: Run) -> bool:
        """Whether this desk drives the run. If another server does, or a worker that has lost its server, wait until it has ended."""
        while run.said == "running" or not run.claim():
            if run.said not in UNDER_WAY:
                return False
            if run.abandoned and run.said == "running":
                run.give_up(INTERRUPTED)
                return False
            if run.abandoned:
                run.release()
            else:
                time.sleep(0.2)
        return True

    def _drive(self, run: Run) -> None:
        process = self.driven[run.work_folder] = self._process(run)
        try:
            self._await(run, process)
        finally:
            del self.driven[run.work_folder]

    def _await(self, run: Run, process: subprocess.Popen) -> None:
        """Wait until a run has ended; one that is discarded, or does not heed a stop, is ended with its process."""
        asked = None
        while process.poll() is None and run.state in UNDER_WAY:
            time.sleep(0.05)
            with suppress(OSError):  # its work is being deleted, or the disk is full
                run.see_to()
            if asked is None and run.asked_to_stop:
                asked = time.monotonic()
            if run.discarded or (asked is not None and time.monotonic() - asked > GRACE_SECONDS):
                process.kill()
        if run.discarded:
            process.kill()
            self._let_go(process)
            process.wait()
            run.end("discarded")
        elif run.state in UNDER_WAY:
            process.wait()
            reason = "It did not stop in time." if asked is not None else f"Its process ended (status {process.returncode}); perhaps memory ran out."
            run.give_up(f"The solve ended without an answer. {reason}")
        else:
            self._keep(run.work_folder, process)

    def _process(self, run: Run) -> subprocess.Popen:
        """The process that solves a run: the one that waits for the next of its work, or a new one."""
        with self.lock:
            waiting = self.idle.pop(run.work_folder, None)
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
            command = [sys.executable, "-m", "optimizer.runs.worker", str(run.folder), str(self.store.answers)]
            return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)

    def _keep(self, work: Path, process: subprocess.Popen) -> None:
        """Let a process wait for the next run of its work; of those that wait, no more than there are places."""
        with self.lock:
            self.idle[work] = process
            dropped = [self.idle.pop(oldest) for oldest in list(self.idle)[: max(0, len(self.idle) - self.places)]]
        for each in dropped:
            self._let_go(each)

    @staticmethod
    def _let_go(process: subprocess.Popen) -> None:
        """End a process that waits: its standard input closes."""
        try:
            process.stdin.close()
        except OSError:
            pass

    def forget(self, work: Work) -> None:
        """Delete a work with all that was made from it, and end its processes."""
        for run in work.runs:
            run.stop(discard=True)
        with self.lock:
            waiting = self.idle.pop(work.folder, None)
        if waiting is not None:
            self._let_go(waiting)
        work.forget()

    def close(self) -> None:
        """Let all waiting processes go."""
        with self.lock:
            idle, self.idle = list(self.idle.values()), {}
        for process in idle:
            self._let_go(process)
