"""Works and their runs on disk.

    <home>/works/<work>/work.json        the file's name, where its workbook comes from, who began it
                        title.json       what the planner calls it, where that is not the file's name
                        deleted.json     when it was deleted; it can be restored as long as it is there
                        original.json    the sheets as they came; original.bin: the file itself
                        sheets.json      the sheets as they are now, with the planner's edits
                        choices.json     what the planner has set on the screen
                        runs/<run>/      one solve: request.json, progress.jsonl, status.json, record.json, figures.json, plan.xlsx

    <home>/proven/<question>/            a proven plan, kept for whoever asks the same of the same file

A work's name is a long random word, so that only those who know it find the work. Files are replaced whole, so that a reader
finds the old one or the new one. Nothing that a user typed becomes part of a path. All of it is readable by its owner alone.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from filelock import BaseFileLock, FileLock

from optimizer.editing.sheets import sheets_from_json, sheets_to_json
from optimizer.intake.files.sources import RawSheet, Source
from optimizer.places import cache, home
from optimizer.runs.files import FILE, FOLDER, close_to_others, private_folder, read_json, remove_folder, restrict, write_json, write_private
from optimizer.runs.run import DELETED, Run, content_hash
from optimizer.runs.states import PLAN, STUDY

_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")
LAST = "last.json"
LOCK_SECONDS = 60.0
"""The longest wait for another process that writes to the same work."""
ANSWERS, FORMER_ANSWERS = "proven", "answers"
"""Former versions kept answers by the sheets that are read: a file's other sheets, such as notes, went along to whoever asked the same."""
OURS = ("works", ANSWERS, FORMER_ANSWERS, "cache", LAST)
"""What this program puts into the data folder."""


@dataclass(frozen=True)
class Work:
    """One workbook under way and everything made from it. id: its folder's name, which is not to be guessed."""

    folder: Path
    _held: dict[int, tuple[RawSheet, ...]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def id(self) -> str:
        return self.folder.name

    @cached_property
    def about(self) -> dict[str, Any]:
        """name, sha256, created and who, as they were when the work began."""
        return read_json(self.folder / "work.json")

    @property
    def name(self) -> str:
        """The workbook's file name."""
        return self.about["name"]

    @property
    def title(self) -> str:
        """What the planner calls it; by default the file's name."""
        return str(read_json(self.folder / "title.json", {}).get("title") or self.name)

    def rename(self, title: str) -> None:
        """Call it by another title; blank for the file's name. Nothing that is solved depends on it."""
        with self.locked():
            write_json(self.folder / "title.json", {"title": title.strip()})

    @property
    def who(self) -> str:
        """Who began it; "" where that is not known."""
        return str(self.about.get("who", ""))

    @property
    def deleted(self) -> float | None:
        """The time at which it was deleted; None where it is not. What is deleted stays on disk until it is restored or deleted for good."""
        return read_json(self.folder / DELETED, {}).get("time")

    def set_aside(self) -> None:
        """Delete it so that it can be restored. What is under way is stopped and keeps its best plan."""
        for run in self.all_runs:
            if run.under_way:
                run.stop()
        write_json(self.folder / DELETED, {"time": time.time()})

    def restore(self) -> None:
        """Take back its deletion; nothing happens where it is not deleted."""
        (self.folder / DELETED).unlink(missing_ok=True)

    @property
    def changed(self) -> float:
        """The time of the last edit, choice or solve."""
        last = max((path.stat().st_mtime for name in ("sheets.json", "choices.json", "runs") if (path := self.folder / name).exists()), default=0.0)
        return max(last, float(self.about["created"]))

    @property
    def sha256(self) -> str:
        """Of the bytes of the file that it began with."""
        return self.about["sha256"]

    @cached_property
    def original_sheets(self) -> tuple[RawSheet, ...]:
        """The sheets as they came."""
        return sheets_from_json(read_json(self.folder / "original.json"))

    def original_bytes(self) -> bytes | None:
        """The file as it came; None where there was none, only sheets."""
        path = self.folder / "original.bin"
        return path.read_bytes() if path.exists() else None

    @property
    def sheets(self) -> tuple[RawSheet, ...]:
        """The sheets as they are now."""
        edition = self.edition
        if edition not in self._held:
            edited = read_json(self.folder / "sheets.json")
            held = self.original_sheets if edited is None else sheets_from_json(edited)
            self._held.clear()
            self._held[edition] = held
        return self._held[edition]

    @property
    def edition(self) -> int:
        """A number that changes with every edit; 0 before the first."""
        edits = self.folder / "sheets.json"
        return edits.stat().st_mtime_ns if edits.exists() else 0

    def save_sheets(self, sheets: Iterable[RawSheet]) -> None:
        """Keep the planner's edits, under a new edition."""
        path = self.folder / "sheets.json"
        with self.locked():
            before = self.edition
            write_json(path, sheets_to_json(sheets))
            if self.edition <= before:  # two edits within one tick of the file system's clock
                os.utime(path, ns=(before + 1, before + 1))

    @property
    def choices(self) -> dict[str, Any]:
        """Return the choices that the planner has made on the screen, by name."""
        return read_json(self.folder / "choices.json", {})

    def choose(self, **choices: Any) -> None:
        """Keep what the planner sets, and leave the other choices as they are."""
        with self.locked():
            write_json(self.folder / "choices.json", {**self.choices, **choices})

    @property
    def signed(self) -> dict[str, Any]:
        """Return which window has changed a part of the work last, as `sign` has noted it."""
        return read_json(self.folder / "signed.json", {})

    def sign(self, part: str, window: str, mark: str) -> None:
        """Note which window has just changed a part of the work, and what tells its state from others, so that this window knows its own change."""
        with self.locked():
            write_json(self.folder / "signed.json", {**self.signed, part: [window, mark]})

    def locked(self) -> BaseFileLock:
        """Return the lock of this work, to be held by whoever reads a file of it and writes the file anew from what was read.

        Windows of several browsers, and several servers, may do so at once. A thread that holds the lock may take it again.
        FileNotFoundError where the work has been deleted.
        """
        if not self.folder.exists():
            raise FileNotFoundError(f"The work {self.id} has been deleted.")
        return FileLock(self.folder / "lock", timeout=LOCK_SECONDS, mode=FILE, is_singleton=True)

    @property
    def runs(self) -> list[Run]:
        """Every solve of this work that is not deleted, oldest first."""
        return [run for run in self.all_runs if not run.study and run.deleted is None]

    @property
    def deleted_runs(self) -> list[Run]:
        """Every solve of this work that was deleted and can be restored, the one that was deleted last first."""
        gone = [run for run in self.all_runs if not run.study and run.deleted is not None]
        return sorted(gone, key=lambda run: -run.deleted)

    @property
    def all_runs(self) -> list[Run]:
        """Every solve of this work and every study of a plan, oldest first."""
        found = [Run(path) for path in (self.folder / "runs").glob("*") if (path / "request.json").exists()]
        return sorted(found, key=lambda run: (run.request["number"], run.id))

    def study_of(self, run: Run, name: str) -> Run | None:
        """The last run that makes, or made, this study of a run's plan."""
        return next((made for made in reversed(self.all_runs) if made.study == name and made.request["base"] == run.id), None)

    def run(self, run_id: str | None) -> Run | None:
        """The solve of that id, if this work has it and it is not deleted."""
        return next((run for run in self.runs if run.id == run_id), None)

    def new_run(
        self,
        sheets: Iterable[RawSheet],
        *,
        title: str,
        kind: str = PLAN,
        settings: dict[str, Any] | None = None,
        base: str = "",
        who: str = "",
        budget: float | None = None,
    ) -> Run:
        """Make a run that waits to be started.

        kind: PLAN or the name of a naive rule; settings stand in for the sheets' own; base: the run that a naive plan is set against; who: who asks.
        budget: the factor that the sheets' budget was multiplied by, None for none; it is noted, so that the inputs can be told from those of the run.
        """
        asked = {"title": title, "kind": kind, "settings": settings or {}, "base": base, "who": who}
        return self._new_run(sheets, asked if budget is None else {**asked, "budget": budget})

    def new_study(self, run: Run, name: str, title: str) -> tuple[Run, bool]:
        """Return the run that makes a study of a run's plan, and whether it is new and waits to be started; else it is under way. title: the study's."""
        with self.locked():
            asked = self.study_of(run, name)
            if asked is not None and asked.under_way and not asked.asked_to_stop:
                return asked, False
            request = {"title": title, "kind": STUDY, "settings": run.request["settings"], "base": run.id, "study": name}
            return self._new_run(run.sheets, request), True

    def _new_run(self, sheets: Iterable[RawSheet], asked: dict[str, Any]) -> Run:
        content = sheets_to_json(sheets)
        edited = content != sheets_to_json(self.original_sheets)
        request = {
            **asked,
            "name": self.name,
            "edited": edited,
            "sha256": content_hash(content) if edited else self.sha256,
            "file": self.sha256,
            "asked": time.time(),
        }
        with self.locked():
            request["number"] = max((run.request["number"] for run in self.all_runs), default=0) + 1
            return Run.create(self.folder / "runs" / secrets.token_urlsafe(12), request, content)

    def delete(self) -> None:
        """Delete the work with all that was made from it: its solves, the kept answers to what was asked of it, and what was compiled.

        Another work that was answered from one of these answers has a copy of its own, which stays.
        """
        for run in self.all_runs:
            run.delete_answer(self.folder.parent.parent / ANSWERS)
        shutil.rmtree(cache() / "templates", ignore_errors=True)  # hold names of the case, and can be made again
        remove_folder(self.folder)

    def delete_run(self, run: Run) -> None:
        """Delete a solve for good, with its studies and the kept answer to its question; what of it is under way is thrown away."""
        for gone in [*(study for study in self.all_runs if study.study and study.request["base"] == run.id), run]:
            if gone.under_way:
                gone.stop(discard=True)
            gone.delete_answer(self.folder.parent.parent / ANSWERS)
            remove_folder(gone.folder)


class Store:
    """All works of one folder, by default of this user's home."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = Path(root) if root else home()

    def open(self) -> None:
        """Make the folder, for its owner alone, also where an earlier version has left it open to others; drop what that kept too widely."""
        private_folder(self.root)
        shutil.rmtree(self.root / FORMER_ANSWERS, ignore_errors=True)
        for name in OURS:
            close_to_others(self.root / name)
        if all(path.name in OURS for path in self.root.iterdir()):
            # A folder that OPTIMIZER_HOME names may hold other things, which are not this program's to close.
            restrict(self.root, FOLDER)

    @property
    def answers(self) -> Path:
        """Return the folder in which proven answers are kept by their question, for all works."""
        return self.root / ANSWERS

    def begin(self, source: Source, data: bytes | None = None, who: str = "") -> Work:
        """A new work from what a workbook holds; data: the file's bytes, from which the edited workbook is written; who: who begins it."""
        self.open()
        folder = private_folder(self.root / "works" / secrets.token_urlsafe(18))
        if data is not None:
            write_private(folder / "original.bin", data)
        write_json(folder / "original.json", sheets_to_json(source.sheets))
        write_json(folder / "work.json", {"name": source.name, "sha256": source.sha256, "created": time.time(), "who": who})
        return Work(folder)

    def work(self, work_id: str | None) -> Work | None:
        """The work of that id; None if there is none, if it is deleted, or if it is no id."""
        found = self.kept(work_id)
        return found if found is not None and found.deleted is None else None

    def kept(self, work_id: str | None) -> Work | None:
        """The work of that id, also if it is deleted and can be restored; None if there is none, or if it is no id."""
        if not work_id or not _ID.fullmatch(work_id):
            return None
        folder = self.root / "works" / work_id
        return Work(folder) if (folder / "work.json").exists() else None

    def all_kept(self) -> list[Work]:
        """Every work, also those that are deleted and can be restored, in no order."""
        return [Work(path.parent) for path in (self.root / "works").glob("*/work.json") if _ID.fullmatch(path.parent.name)]

    def under_way(self) -> list[Run]:
        """The runs of all works that wait or run, in the order in which they were asked."""
        found = [Run(path.parent) for path in (self.root / "works").glob("*/runs/*/request.json")]
        return sorted((run for run in found if run.stored_state.under_way), key=lambda run: run.request["asked"])

    def remember(self, work: Work, run: Run) -> None:
        """Note which plan was solved last from the command line, for the app to open on it."""
        write_json(self.root / LAST, {"work": work.id, "run": run.id})

    def last(self) -> tuple[Work, Run] | None:
        """The work and plan that were solved last from the command line."""
        noted = read_json(self.root / LAST, {})
        work = self.work(noted.get("work"))
        run = work.run(noted.get("run")) if work else None
        return (work, run) if work and run else None
