"""Write files whole: a failure leaves the old file, and nothing half written, behind."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

unfinished: set[Path] = set()
"""Files that are being written."""


def replace_file(path: str | os.PathLike, data: bytes, mode: int = 0o666) -> Path:
    """Write a file in full beside its place, then put it there in one step. mode: who may read it, less what the umask takes away."""
    target = Path(path)
    temporary = target.with_name(f".{secrets.token_hex(8)}.tmp")
    unfinished.add(temporary)
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        _delete(temporary)
        raise
    finally:
        unfinished.discard(temporary)
    return target


def sweep_up() -> None:
    """Delete what is half written: for a process that ends at once."""
    for temporary in list(unfinished):
        _delete(temporary)


def _delete(temporary: Path) -> None:
    """Delete a file; where that fails, too (a folder that is gone, a disk that is full), what went wrong before is what counts."""
    try:
        temporary.unlink(missing_ok=True)
    except OSError:
        pass
