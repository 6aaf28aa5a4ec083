"""One solve on disk: what was asked, how it goes, what came of it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from filelock import FileLock

from optimizer.editing.sheets import sheets_from_json
from optimizer.intake.files.sources import RawSheet
from optimizer.runs.files import FILE, copy_private, private_folder, read_json, sign, write_json, write_private
from optimizer.runs.states import PLAN, STUDY, RunState
from optimizer.solving.watch import Phase as Phase

if TYPE_CHECKING:
    import pandas as pd

    from optimizer.plan.plan import Plan
    from optimizer.solving.watch import Watch

ANSWER, SOLUTION = ("record.json", "studies.json"), "solution.npz"
DELETED = "deleted.json"
"""The file that says of a work, or of a plan, that it is deleted and can be restored."""
SHOWN_FIGURES = ("expected_cost", "cvar", "probability_of_shortage")
"""The headline figures by which plans are told apart in a list."""
LOCK_SECONDS = 60.0
"""The longest wait for another process that puts a study beside the same plan."""
INTERRUPTED = "The solve was interrupted. Solve again."
SILENT_SECONDS = 15.0
"""A worker writes its heartbeat every second; one that has been silent for so long is dead."""


def content_hash(content: Any) -> str:
    """The SHA-256 of plain data."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _figures_of(plan: Plan) -> dict[str, tuple[str, str]]:
    return {line.name: (line.label, line.text) for line in plan.headlines if line.name in SHOWN_FIGURES}


@dataclass(frozen=True)
class Run:
    """A folder with one solve.

    status.json holds its state, a word of RunState, and a message that says why.
    """

    folder: Path

    @classmethod
    def create(cls, folder: Path, request: dict[str, Any], sheets: list) -> Run:
        """A new run in its own folder."""
        private_folder(folder)
        write_json(folder / "sheets.json", sheets)
        write_json(folder / "status.json", {"state": RunState.QUEUED})
        write_json(folder / "request.json", request)
        return cls(folder)

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def work_folder(self) -> Path:
        """The folder of the work that this run belongs to."""
        return self.folder.parent.parent

    @cached_property
    def request(self) -> dict[str, Any]:
        """number, title, kind, settings, base, study, name of the workbook, edited (whether its sheets were), sha256 (of the file, or of the
        edited sheets), file (the SHA-256 of the file that the work began with), asked (a time), who (asked);
        budget, where one was set for it: the factor on the amounts of the work's sheets."""
        return read_json(self.folder / "request.json")

    @property
    def title(self) -> str:
        return self.request["title"]

    def rename(self, title: str) -> None:
        """Call it by another title; a blank one changes nothing. No answer depends on it."""
        if title.strip():
            write_json(self.folder / "request.json", {**read_json(self.folder / "request.json"), "title": title.strip()})

    @property
    def who(self) -> str:
        """Who asked for it; "" where that is not known."""
        return str(self.request.get("who", ""))

    @property
    def deleted(self) -> float | None:
        """The time at which it was deleted; None where it is not. What is deleted stays on disk until it is restored or deleted for good."""
        return read_json(self.folder / DELETED, {}).get("time")

    def set_aside(self) -> None:
        """Delete it so that it can be restored. If it is under way, it is stopped and keeps its best plan."""
        if self.under_way:
            self.stop()
        write_json(self.folder / DELETED, {"time": time.time()})

    def restore(self) -> None:
        """Take back its deletion; nothing happens where it is not deleted."""
        (self.folder / DELETED).unlink(missing_ok=True)

    @property
    def kind(self) -> str:
        """PLAN, or the rule by which a naive plan is made."""
        return self.request["kind"]

    @property
    def naive(self) -> bool:
        """Return whether the run makes a naive plan, to be set against the best one."""
        return self.kind not in (PLAN, STUDY)

    @property
    def study(self) -> str:
        """The name of the study that the run makes of the plan of another run, `base`; "" where it makes a plan."""
        return self.request.get("study", "") if self.kind == STUDY else ""

    @property
    def base(self) -> Run:
        """The run whose plan this one is a study of, or is set against."""
        return Run(self.folder.parent / self.request["base"])

    @cached_property
    def sheets(self) -> tuple[RawSheet, ...]:
        """The sheets that are solved."""
        return sheets_from_json(read_json(self.folder / "sheets.json"))

    @cached_property
    def key(self) -> str:
        """A hash of everything that the answer holds or depends on: the file's bytes, all sheets' values, also of sheets that no plan
        depends on, the settings, the kind and this program's version."""
        asked = self.request
        sheets = read_json(self.folder / "sheets.json")
        return content_hash([version("critical-materials-optimizer"), self.kind, asked["name"], asked["settings"], asked.get("file", self.id), sheets])

    # -- how it goes -----------------------------------------------------------------------------------------------------

    @property
    def status(self) -> dict[str, Any]:
        """state, message and what belongs to it; a run whose worker has died has failed."""
        status = self._stored_status
        if status["state"] == RunState.RUNNING and time.time() - self._last_sign() > SILENT_SECONDS:
            return self._without_worker(status, INTERRUPTED)
        return status

    @property
    def _stored_status(self) -> dict[str, Any]:
        """The status as it was last written."""
        status = read_json(self.folder / "status.json", {"state": RunState.QUEUED})
        return {**status, "state": RunState(status["state"])}

    @staticmethod
    def _without_worker(status: dict[str, Any], message: str) -> dict[str, Any]:
        """Return the status of a run whose worker has died: done if its plan was kept already, else failed."""
        return {"state": RunState.DONE, "status": status["kept"]} if "kept" in status else {"state": RunState.FAILED, "message": message}

    def worker_died(self, message: str) -> None:
        """Write the status of a run whose worker has died."""
        self.set_state(**self._without_worker(self._stored_status, message))

    def _last_sign(self) -> float:
        """Return the time at which the worker last showed that it lives."""
        signs = [self.folder / name for name in ("heartbeat", "status.json")]
        return max(sign.stat().st_mtime for sign in signs if sign.exists())

    @property
    def stored_state(self) -> RunState:
        """The state as it was last written, also where its worker has died since."""
        return self._stored_status["state"]

    @property
    def state(self) -> RunState:
        """The state, which is DONE or FAILED where the worker has died."""
        return self.status["state"]

    @property
    def under_way(self) -> bool:
        """Return whether the run still waits or is being solved."""
        return self.state.under_way

    @property
    def has_plan(self) -> bool:
        """Return whether its plan is kept: as soon as there is one, though the tables that follow every plan are still being made."""
        status = self.status
        return status["state"] == RunState.DONE or "kept" in status

    def set_state(self, state: RunState, **more: Any) -> None:
        """Write the state and what belongs to it. Do nothing where the work has been deleted meanwhile."""
        with suppress(FileNotFoundError):
            write_json(self.folder / "status.json", {"state": state, **more})

    def progress(self) -> list[dict[str, Any]]:
        """phase, seconds, incumbent, bound, gap at each report of the solver, oldest first."""
        try:
            lines = (self.folder / "progress.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines if line.endswith("\n")]

    # -- what the planner says -------------------------------------------------------------------------------------------

    def stop(self, *, discard: bool = False) -> None:
        """Ask the solver to stop and keep the best plan found so far; with discard, to throw it away."""
        sign(self.folder / ("discard" if discard else "stop"))

    def displace(self) -> None:
        """Ask a study to stop because something else was asked for that comes first; it may be asked again afterwards."""
        sign(self.folder / "displaced")
        self.stop()

    @property
    def displaced(self) -> bool:
        """Return whether it was stopped because something else came first."""
        return (self.folder / "displaced").exists()

    @property
    def asked_to_stop(self) -> bool:
        return (self.folder / "stop").exists() or self.discarded

    @property
    def discarded(self) -> bool:
        """Return whether the run was thrown away, alone or with its work."""
        return (self.folder / "discard").exists() or not self.folder.exists()

    # -- what came of it ---------------------------------------------------------------------------------------------------

    def keep_first(self, plan: Plan) -> None:
        """Keep a plan as soon as there is one: its studies take longer, and its worker may die meanwhile."""
        from optimizer.plan.record import to_record

        write_json(self.folder / "record.json", to_record(plan))
        write_json(self.folder / "figures.json", _figures_of(plan))
        self._keep_solver_arrays(plan)
        self.set_state(RunState.RUNNING, kept=plan.status)

    def _keep_solver_arrays(self, plan: Plan) -> None:
        from optimizer.plan.record import solver_arrays

        if content := solver_arrays(plan):
            write_private(self.folder / SOLUTION, content)

    def keep(self, plan: Plan, studies: dict[str, pd.DataFrame], answers: Path | None = None) -> None:
        """Keep a plan; its workbook is written when it is asked for.

        studies: further tables by name, such as its playbook. answers: the folder of answers, in which a proven one is kept for whoever asks the same.
        """
        from optimizer.plan.record import to_record

        write_json(self.folder / "record.json", to_record(plan))
        write_json(self.folder / "figures.json", _figures_of(plan))
        if not (self.folder / SOLUTION).exists():
            self._keep_solver_arrays(plan)
        self.keep_studies(studies)
        status: dict[str, Any] = {"state": RunState.DONE, "status": plan.status}
        if answers is not None and plan.status == "optimal":
            status["answer"] = self.key
            kept = private_folder(answers / self.key)
            for name in (*ANSWER, *([SOLUTION] if (self.folder / SOLUTION).exists() else [])):
                copy_private(self.folder / name, kept / name)
            write_json(kept / "status.json", status)
        write_json(self.folder / "status.json", status)

    def keep_studies(self, studies: dict[str, pd.DataFrame]) -> None:
        """Keep further tables beside the plan."""
        from optimizer.plan.json_format import plain

        write_json(self.folder / "studies.json", plain({name: table.to_dict(orient="list") for name, table in studies.items()}))

    def add_study(self, tables: dict[str, pd.DataFrame]) -> None:
        """Put the tables of one more study beside the plan. Others may do so at the same time: who does holds the lock of this run."""
        before = self.studies_written
        with FileLock(self.folder / "lock", timeout=LOCK_SECONDS, mode=FILE, is_singleton=True):
            self.keep_studies({**self.studies(), **tables})
            path = self.folder / "studies.json"
            if self.studies_written <= before:  # twice within one tick of the file system's clock
                os.utime(path, ns=(before + 1, before + 1))

    def answer_from(self, answers: Path) -> bool:
        """Take the answer to the same question, if one is kept; the status comes last."""
        kept = answers / self.key
        try:
            for name in (*ANSWER, *([SOLUTION] if (kept / SOLUTION).exists() else []), "status.json"):
                if not (kept / "status.json").exists():
                    return False
                copy_private(kept / name, self.folder / name)
        except FileNotFoundError:
            return False  # whoever asked first has just deleted it
        return True

    def delete_answer(self, answers: Path) -> None:
        """Delete the kept answer to this question. Other works that were answered from it have copies of their own."""
        for key in {self.status.get("answer"), self.key}:
            if key:
                shutil.rmtree(answers / key, ignore_errors=True)

    def claim(self) -> bool:
        """Claim this run for the server that solves it, and return True; return False where another server of the same folder has claimed it."""
        try:
            os.close(os.open(self.folder / "claim", os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE))
        except FileExistsError:
            return False
        return True

    @property
    def abandoned(self) -> bool:
        """Return whether the run waits or runs without a server: it was claimed long ago, and its worker has shown no sign of life since."""
        claim = self.folder / "claim"
        try:
            taken = claim.stat().st_mtime
            return time.time() - max(taken, self._last_sign()) > SILENT_SECONDS
        except FileNotFoundError:
            return True  # no server has claimed it

    def renew_claim(self) -> None:
        """Show that the server that has claimed it is still there."""
        os.utime(self.folder / "claim")

    def release(self) -> None:
        """Give up the claim, so that another server can claim it."""
        (self.folder / "claim").unlink(missing_ok=True)

    def plan(self) -> Plan:
        """The plan that was kept, without its solver's arrays."""
        from optimizer.plan.record import from_record

        return from_record(read_json(self.folder / "record.json"))

    def figures(self) -> dict[str, tuple[str, str]]:
        """name of SHOWN_FIGURES -> (label, value in words) of the plan that was kept; they are kept beside it, so that a list of plans is quick."""
        path = self.folder / "figures.json"
        kept = read_json(path)
        if kept is None:
            kept = _figures_of(self.plan())
            write_json(path, kept)
        return {name: (label, words) for name, (label, words) in kept.items()}

    def solved_plan(self, watch: Watch) -> Plan | None:
        """The plan that was kept with its solver's arrays, its program laid out anew; None where they are not there or of another version."""
        from optimizer.plan.record import with_solver_arrays

        try:
            return with_solver_arrays(read_json(self.folder / "record.json"), (self.folder / SOLUTION).read_bytes(), watch)
        except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile):
            return None

    def studies(self) -> dict[str, pd.DataFrame]:
        """The further tables that were kept with the plan."""
        from optimizer.studies.registry import STUDIES

        kept = read_json(self.folder / "studies.json", {})
        return {table.name: table.restored(kept[table.name]) for study in STUDIES.values() for table in study.tables if table.name in kept}

    @property
    def has_solver_arrays(self) -> bool:
        """Return whether the solver's arrays are kept with the plan, from which a study begins."""
        return (self.folder / SOLUTION).exists()

    @property
    def studies_written(self) -> int:
        """A number that changes whenever tables of a study are put beside the plan; 0 before the first."""
        path = self.folder / "studies.json"
        return path.stat().st_mtime_ns if path.exists() else 0

    def workbook(self, *, detail: bool = False) -> bytes:
        """The plan workbook; with `detail` also the tables that few people read."""
        from optimizer.report.plan_book import plan_bytes

        path = self.folder / ("plan-detail.xlsx" if detail else "plan.xlsx")
        if not path.exists():
            write_private(path, plan_bytes(self.plan(), detail=detail))
        return path.read_bytes()
