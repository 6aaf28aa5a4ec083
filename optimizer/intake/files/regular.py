"""Opening files, and nothing else: no pipe that never ends, no device, no folder."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from optimizer.intake.files.guard import check_size
from optimizer.intake.files.limits import MOST_BYTES

_KINDS = {stat.S_IFIFO: "a pipe", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFSOCK: "a socket", stat.S_IFDIR: "a folder"}


class NotRegular(Exception):
    """Say that no file stands at a path, and what stands there."""


def read_regular(path: Path, name: str) -> bytes:
    """Return the content of a file, which is not too large. NotRegular where there is something else, OSError where it cannot be read."""
    # A pipe would wait for its other end: what stands there is asked without opening it, and once more when it is open.
    _check(path.stat().st_mode)
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        _check(status.st_mode)
        check_size(status.st_size, name)
        data = file.read(MOST_BYTES + 1)
    check_size(len(data), name)
    return data


def _check(mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise NotRegular(_KINDS.get(stat.S_IFMT(mode), "something else"))
