"""The versions of a work's sheets, to undo and redo edits; on disk, so that they outlast a reload and the server.

<work>/history/versions.json    which sheets make up each version, and which version is shown
                <hash>.json.z   one sheet, compressed; a sheet that several versions share is kept once
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optimizer.editing.sheets import Sheets, sheets_from_json, sheets_to_json
from optimizer.files import replace_file
from optimizer.intake.files.sources import RawSheet
from optimizer.runs.files import read_json, write_json
from optimizer.runs.store import Work

MOST = 100
"""Versions that are kept; the oldest goes first."""


@dataclass(frozen=True)
class History:
    """The edits of a work. Another window on the same work sees the same history."""

    work: Work

    @property
    def folder(self) -> Path:
        return self.work.folder / "history"

    @property
    def can_undo(self) -> bool:
        """Return whether there is an earlier version."""
        return self._noted["at"] > 0

    @property
    def can_redo(self) -> bool:
        """Return whether an edit was undone that nothing has replaced since."""
        return self._noted["at"] < len(self._noted["versions"]) - 1

    def save(self, sheets: Iterable[RawSheet]) -> None:
        """Keep sheets as the newest version. What was undone before is gone then, as in Excel."""
        with self.work.locked():
            self._save(tuple(sheets))

    def _save(self, sheets: Sheets) -> None:
        if sheets == self.work.sheets:
            return
        noted, now = self._noted, self.work.sheets
        versions = noted["versions"][: noted["at"] + 1]
        if not versions or noted.get("edition") != self.work.edition:
            versions.append(self._kept(now))  # the first edit, or one that was made elsewhere
        known = dict(zip(map(id, now), versions[-1], strict=True))
        after = [known[id(raw)] if id(raw) in known else self._kept((raw,))[0] for raw in sheets]
        self._move([*versions, after][-MOST:], sheets)

    def undo(self) -> None:
        """Go back to the version before; without one nothing happens."""
        self._step(-1)

    def redo(self) -> None:
        """Go forward again to the version that was undone last; without one nothing happens."""
        self._step(1)

    @property
    def _noted(self) -> dict[str, Any]:
        return read_json(self.folder / "versions.json", {"versions": [], "at": 0})

    def _step(self, by: int) -> None:
        with self.work.locked():
            noted = self._noted
            at = noted["at"] + by
            if 0 <= at < len(noted["versions"]):
                self.work.save_sheets(self._read(noted["versions"][at]))
                self._note(noted["versions"], at)

    def _move(self, versions: list[list[str]], sheets: Sheets) -> None:
        """Note the versions, show the last of them, and let go of the sheets that none needs."""
        self.work.save_sheets(sheets)
        self._note(versions, len(versions) - 1)
        needed = {name for version in versions for name in version}
        for path in self.folder.glob("*.json.z"):
            if path.name.removesuffix(".json.z") not in needed:
                path.unlink(missing_ok=True)

    def _note(self, versions: list[list[str]], at: int) -> None:
        write_json(self.folder / "versions.json", {"versions": versions, "at": at, "edition": self.work.edition})

    def _kept(self, sheets: Iterable[RawSheet]) -> list[str]:
        """The names under which sheets are kept, which are written if they are not there yet."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        names = []
        for raw in sheets:
            content = json.dumps(sheets_to_json((raw,)), ensure_ascii=False).encode("utf-8", "surrogatepass")
            names.append(hashlib.sha256(content).hexdigest()[:32])
            path = self.folder / f"{names[-1]}.json.z"
            if not path.exists():
                replace_file(path, zlib.compress(content, 1))
        return names

    def _read(self, names: Iterable[str]) -> Sheets:
        contents = [zlib.decompress((self.folder / f"{name}.json.z").read_bytes()).decode("utf-8", "surrogatepass") for name in names]
        return tuple(raw for content in contents for raw in sheets_from_json(json.loads(content)))
