"""Works and their runs on disk.

    <home>/works/<work>/work.json        what it is called, where its workbook comes from
                        original.json    the sheets as they came; original.bin: the file itself
                        sheets.json      the sheets as they are now, with the planner's edits
                        choices.json     what the planner has set on the screen
                        runs/<run>/      one solve: request.json, progress.jsonl, status.json, record.json, plan.xlsx

    <home>/proven/<question>/            a proven plan, kept for whoever asks the same of the same file

A work's name is a long random word: who does not know it does not find it. Files are replaced whole, so that a reader
finds the old one or the new one. Nothing that a user typed becomes part of a path. All of it is readable by its owner alone.
"""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from optimizer.editing.sheets import sheets_from_json, sheets_to_json
from optimizer.intake.files.sources import RawSheet, Source
from optimizer.places import cache, home
from optimizer.runs.files import FOLDER, close_to_others, private_folder, read_json, restrict, write_json, write_private
from optimizer.runs.run import UNDER_WAY, Run, content_hash

_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")
LAST = "last.json"
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
        """name, sha256, sample and created, as they were when the work began."""
        return read_json(self.folder / "work.json")

    @property
    def name(self) -> str:
        """The workbook's file name."""
        return self.about["name"]

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
        """Keep the planner's edits."""
        write_json(self.folder / "sheets.json", sheets_to_json(sheets))

    @property
    def choices(self) -> dict[str, Any]:
        """What the planner has set on the screen, by name."""
        return read_json(self.folder / "choices.json", {})

    def choose(self, **choices: Any) -> None:
        """Keep what the planner sets."""
        write_json(self.folder / "choices.json", {**self.choices, **choices})

    @property
    def runs(self) -> list[Run]:
        """Every solve of this work, oldest first."""
        found = [Run(path) for path in (self.folder / "runs").glob("*") if (path / "request.json").exists()]
        return sorted(found, key=lambda run: (run.request["number"], run.id))

    def run(self, run_id: str | None) -> Run | None:
        """The solve of that id, if this work has it."""
        return next((run for run in self.runs if run.id == run_id), None)

    def new_run(self, sheets: Iterable[RawSheet], *, title: str, kind: str = "plan", settings: dict[str, Any] | None = None, base: str = "") -> Run:
        """A solve that is asked for and not begun.

        kind: "plan" or the name of a naive rule; settings stand in for the sheets' own; base: the run that a naive plan is set against.
        """
        number = max((run.request["number"] for run in self.runs), default=0) + 1
        content = sheets_to_json(sheets)
        edited = content != sheets_to_json(self.original_sheets)
        request = {
            "number": number,
            "title": title,
            "kind": kind,
            "settings": settings or {},
            "base": base,
            "name": self.name,
            "edited": edited,
            "sha256": content_hash(content) if edited else self.sha256,
            "file": self.sha256,
            "asked": time.time(),
        }
        return Run.create(self.folder / "runs" / secrets.token_urlsafe(12), request, content)

    def forget(self) -> None:
        """Delete the work with all that was made from it: its solves, the kept answers to what was asked of it, and what was compiled.

        Another work that was answered from one of these answers has a copy of its own, which stays.
        """
        for run in self.runs:
            run.forget_answer(self.folder.parent.parent / ANSWERS)
        shutil.rmtree(cache() / "templates", ignore_errors=True)  # hold names of the case, and can be made again
        for _ in range(20):
            # A worker that is about to end may write once more while its folder goes.
            shutil.rmtree(self.folder, ignore_errors=True)
            if not self.folder.exists():
                return
            time.sleep(0.1)
        shutil.rmtree(self.folder)


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
        """Where proven answers are kept by their question, for all works."""
        return self.root / ANSWERS

    def begin(self, source: Source, data: bytes | None = None) -> Work:
        """A new work from what a workbook holds; data: the file's bytes, from which the edited workbook is written."""
        self.open()
        folder = private_folder(self.root / "works" / secrets.token_urlsafe(18))
        if data is not None:
            write_private(folder / "original.bin", data)
        write_json(folder / "original.json", sheets_to_json(source.sheets))
        write_json(folder / "work.json", {"name": source.name, "sha256": source.sha256, "created": time.time()})
        return Work(folder)

    def work(self, work_id: str | None) -> Work | None:
        """The work of that id; None if there is none, or if it is no id."""
        if not work_id or not _ID.fullmatch(work_id):
            return None
        folder = self.root / "works" / work_id
        return Work(folder) if (folder / "work.json").exists() else None

    def under_way(self) -> list[Run]:
        """The runs of all works that wait or run, in the order in which they were asked."""
        found = [Run(path.parent) for path in (self.root / "works").glob("*/runs/*/request.json")]
        return sorted((run for run in found if run.said in UNDER_WAY), key=lambda run: run.request["asked"])

    def remember(self, work: Work, run: Run) -> None:
        """Note which plan was solved last from the command line, for the app to open on it."""
        write_json(self.root / LAST, {"work": work.id, "run": run.id})

    def last(self) -> tuple[Work, Run] | None:
        """The work and plan that were solved last from the command line."""
        noted = read_json(self.root / LAST, {})
        work = self.work(noted.get("work"))
        run = work.run(noted.get("run")) if work else None
        return (work, run) if work and run else None
