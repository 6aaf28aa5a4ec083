"""Files of a user's works, which are written whole and read by their owner alone."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

from optimizer.files import replace_file

FOLDER, FILE = 0o700, 0o600
"""Who may enter a folder of the data folder and read a file in it: its owner. On Windows the user's profile sees to that."""


def private_folder(path: Path) -> Path:
    """The folder, made where it is not there, for its owner alone, those above it that had to be made likewise."""
    missing = [path, *path.parents]
    missing = missing[: next((n for n, folder in enumerate(missing) if folder.exists()), len(missing))]
    for folder in reversed(missing):
        folder.mkdir(mode=FOLDER, exist_ok=True)
    return path


def write_private(path: Path, data: bytes) -> None:
    """Write a file that its owner alone can read, so that a reader finds the old one or the new one, never half of it."""
    replace_file(path, data, FILE)


def copy_private(source: Path, target: Path) -> None:
    """Copy a file, as write_private writes it."""
    write_private(target, source.read_bytes())


def remove_folder(path: Path) -> None:
    """Delete a folder with all that is in it, also while a worker that is about to end writes into it once more."""
    for _ in range(20):
        shutil.rmtree(path, ignore_errors=True)
        if not path.exists():
            return
        time.sleep(0.1)
    shutil.rmtree(path)


def sign(path: Path) -> None:
    """An empty file that says something by being there."""
    path.touch(mode=FILE)


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file as write_private does."""
    write_private(path, json.dumps(content, ensure_ascii=False, allow_nan=False).encode())


def read_json(path: Path, default: Any = None) -> Any:
    """Return the content of a JSON file; `default` where there is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return default


def close_to_others(path: Path) -> None:
    """Take from others what an earlier version, or a copy, left open to them: the path itself and all that is in it.

    In a folder that is closed already everything was made closed.
    """
    mode = FOLDER if path.is_dir() else FILE
    if os.name == "nt" or not path.exists() or path.stat().st_mode & 0o777 == mode:
        return
    restrict(path, mode)
    for folder, folders, files in os.walk(path):
        for name in folders:
            restrict(Path(folder, name), FOLDER)
        for name in files:
            restrict(Path(folder, name), FILE)


def restrict(path: Path, mode: int) -> None:
    """Set who may read a path, where that is not so; what belongs to another user, or is a link to elsewhere, stays as it is."""
    if os.name == "nt":
        return
    try:
        found = path.lstat()
        if found.st_uid == os.geteuid() and not path.is_symlink() and found.st_mode & 0o777 != mode:
            path.chmod(mode)
    except OSError:
        pass  # gone meanwhile, or a file system without such rules
