"""The library: every work of a data folder with its plans, what is deleted and can be restored, and the ways to make a new work of an old one."""

from __future__ import annotations

import getpass
import secrets
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optimizer.editing.levers import with_settings
from optimizer.editing.sheets import sheets_to_json
from optimizer.runs.files import copy_private, private_folder, read_json, write_json
from optimizer.runs.run import DELETED, Run
from optimizer.runs.store import Store, Work
from optimizer.schema.language import fold

_INPUTS = ("original.bin", "original.json", "sheets.json", "choices.json")
"""The files that hold what a work began with and what was changed since."""
_OF_ONE_SOLVE = ("claim", "heartbeat", "stop", "discard", "displaced", "lock", "log.txt", "plan.xlsx", DELETED)
"""The files of a run that belong to the process that made it, or can be made again."""


def computer_user() -> str:
    """Return the name of this computer's user; "" where the system knows none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # which of them depends on the version of Python and the system
        return ""


@dataclass(frozen=True)
class Library:
    """The works that one person may list. owner: only those that this person has begun; None for all works of the folder."""

    store: Store
    owner: str | None = None

    def works(self, words: str = "") -> list[Work]:
        """Return the works that are not deleted, the one that was changed last first.

        words: only those in which each of these words stands, in their title or file name, in a plan's title, or in who made them.
        """
        asked = fold(words).split()
        found = [work for work in self._all() if work.deleted is None and (not asked or _holds(work, asked))]
        return sorted(found, key=lambda work: (-work.changed, work.id))

    def deleted(self) -> list[Work]:
        """Return the works that are deleted and can be restored, the one that was deleted last first."""
        gone = {work: when for work in self._all() if (when := work.deleted) is not None}
        return sorted(gone, key=lambda work: -gone[work])

    def _all(self) -> Iterable[Work]:
        return (work for work in self.store.all_kept() if self.owner is None or work.who == self.owner)

    def duplicate(self, work: Work, title: str, who: str = "") -> Work:
        """Return a new work that holds all that another holds: its workbook, its edits with their history, its choices, and its finished plans.

        What is deleted, or under way, does not go along. Either work can be changed without the other.
        """
        folder = self._new_folder()
        for name in _INPUTS:
            _copy(work.folder / name, folder / name)
        with work.locked():
            for path in (work.folder / "history").glob("*"):
                _copy(path, folder / "history" / path.name)
        finished = {run.id: run for run in work.runs if not run.under_way}
        studies = [run for run in work.all_runs if run.study and run.request["base"] in finished and not run.under_way]
        for run in (*finished.values(), *studies):
            _copy_run(run, folder / "runs" / run.id)
        return self._begun(folder, work, title, who)

    def begin_from_plan(self, work: Work, run: Run, title: str, who: str = "") -> Work:
        """Return a new work whose inputs are those of a plan: its workbook, with what was edited and set for this plan as edits of it."""
        folder = self._new_folder()
        for name in ("original.bin", "original.json"):
            _copy(work.folder / name, folder / name)
        sheets = with_settings(run.sheets, run.request["settings"])
        if sheets != work.original_sheets:
            write_json(folder / "sheets.json", sheets_to_json(sheets))
        return self._begun(folder, work, title, who)

    def _new_folder(self) -> Path:
        self.store.open()
        return private_folder(self.store.root / "works" / secrets.token_urlsafe(18))

    @staticmethod
    def _begun(folder: Path, work: Work, title: str, who: str) -> Work:
        """Write down what a new work is; only then it can be found, so that nobody finds half of one."""
        write_json(folder / "title.json", {"title": title.strip()})
        write_json(folder / "work.json", {**work.about, "created": time.time(), "who": who})
        return Work(folder)


def duplicate_run(work: Work, run: Run, title: str, who: str = "") -> Run:
    """Return a copy of a finished solve in the same work, with its plan and the tables of its studies, under the next number."""
    with work.locked():
        number = max(made.request["number"] for made in work.all_runs) + 1
        folder = work.folder / "runs" / secrets.token_urlsafe(12)
        _copy_run(run, folder, title=title.strip() or run.title, number=number, asked=time.time(), who=who)
    return Run(folder)


def _copy_run(run: Run, folder: Path, **changed: Any) -> None:
    """Copy the folder of a run that has ended. What it was asked comes last: without that it is no run."""
    for path in run.folder.iterdir():
        if path.is_file() and path.name not in (*_OF_ONE_SOLVE, "request.json"):
            _copy(path, folder / path.name)
    write_json(folder / "request.json", {**read_json(run.folder / "request.json"), **changed})


def _copy(source: Path, target: Path) -> None:
    """Copy a file, where there is one, with the time of its last change, by which editions are told apart."""
    if source.exists():
        private_folder(target.parent)
        copy_private(source, target)
        shutil.copystat(source, target)


def _holds(work: Work, words: list[str]) -> bool:
    """Return whether each word stands somewhere in what a work and its plans are called and who made them."""
    runs = work.runs
    names = fold(" ".join([work.title, work.name, work.who, *(run.title for run in runs), *(run.who for run in runs)]))
    return all(word in names for word in words)
