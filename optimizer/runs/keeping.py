"""A plan is kept on disk before it is written where the planner wants it, so that what was solved is not lost if that fails."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimizer.errors import InternalError, NotWrittenError, OptimizerError
from optimizer.intake.files.sources import Source
from optimizer.places import home
from optimizer.runs.files import FILE, restrict
from optimizer.runs.library import computer_user
from optimizer.runs.run import Run
from optimizer.runs.store import Store, Work

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan


@dataclass(frozen=True)
class Kept:
    """A plan on disk: the run that holds it, in the store that the app opens (`usual`), or in another place where that one failed."""

    store: Store
    work: Work
    run: Run
    usual: bool

    def write(self, plan: Plan, ending: str, detail: bool = False) -> Path:
        """Write the plan beside what is kept, as a file that opens without this program; the folder where that fails, too."""
        path = self.run.folder / f"{'plan-detail' if detail and ending == '.xlsx' else 'plan'}{ending}"
        try:
            plan.save(path, detail=detail)
            restrict(path, FILE)
        except Exception:
            return self.run.folder
        return path

    def forget(self) -> None:
        """Delete it: it has been written where it was to go."""
        shutil.rmtree(self.work.folder, ignore_errors=True)

    def remember(self) -> None:
        """Have the app open on it."""
        try:
            self.store.remember(self.work, self.run)
        except OSError:
            pass


def keep(case: Path, plan: Plan, settings: dict[str, Any]) -> Kept | None:
    """Keep a plan of a workbook: in the data folder, where that fails in a new folder for temporary files; None where nothing can be kept."""
    for place, usual in ((home, True), (_temporary, False)):
        work = None
        try:
            store = Store(place())
            work = store.begin(Source(case.name, plan.provenance["input_sha256"], plan.sheets), _bytes(case, plan), computer_user())
            run = work.new_run(plan.sheets, title="Plan 1", settings=settings, who=computer_user())
            run.keep(plan, {})
            return Kept(store, work, run, usual)
        except Exception:  # nothing that goes wrong here may stand in the way of writing the plan where it is wanted
            if work is not None:
                shutil.rmtree(work.folder, ignore_errors=True)
    return None


def _temporary() -> Path:
    return Path(tempfile.mkdtemp(prefix="optimizer-plan-"))


def _bytes(case: Path, plan: Plan) -> bytes | None:
    """The file that was solved; None where it was a folder, or is not what it was."""
    try:
        data = case.read_bytes()
    except OSError:
        return None
    return data if hashlib.sha256(data).hexdigest() == plan.provenance["input_sha256"] else None


def write(plan: Plan, paths: Iterable[Path], kept: Kept | None, *, detail: bool = False) -> None:
    """Write the plan to each of the paths, going on past one that fails; then the first failure is raised. detail: as Plan.save has it.

    NotWrittenError says where the plan is kept. InternalError: a file of it cannot be made at all.
    """
    failed: list[OptimizerError] = []
    for path in paths:
        try:
            plan.save(path, detail=detail)
        except OSError as error:
            where = str(kept.write(plan, path.suffix.lower(), detail)) if kept else ""
            failed.append(NotWrittenError(str(path), reason(path, error), where))
        except MemoryError:
            failed.append(NotWrittenError(str(path), "there is not enough memory", str(kept.run.folder) if kept else ""))
        except Exception as error:
            where = f"The plan itself is kept: {kept.run.folder}" if kept else "The plan could not be kept."
            failed.append(InternalError(f"{path.name} could not be made ({type(error).__name__}: {error}).\n{where}"))
    if failed:
        raise failed[0]


def reason(path: Path, error: OSError) -> str:
    """Say for the planner why a file cannot be written."""
    if not path.parent.exists():
        return f"there is no folder {path.parent}"
    if not path.parent.is_dir():
        return f"{path.parent} is not a folder"
    if path.is_dir():
        return "a folder has this name"
    if isinstance(error, PermissionError) and path.exists() and _may_write_beside(path):
        return "it is open in another program, such as Excel, or may not be written to"
    if isinstance(error, PermissionError):
        return f"the folder {path.parent} may not be written to"
    return _decapitalized(error.strerror or str(error))


def _may_write_beside(path: Path) -> bool:
    return os.access(path.parent, os.W_OK)


def _decapitalized(words: str) -> str:
    return words[:1].lower() + words[1:]


def in_the_way(path: Path) -> str:
    """Say what is known, before a solve, to prevent a plan from being written to a path; "" for nothing."""
    if not path.parent.is_dir() or path.is_dir():
        return reason(path, OSError())
    return "" if _may_write_beside(path) else f"the folder {path.parent} may not be written to"
