"""Tell a worker process that it is to stop, and end it with the process that started it.

attend(starter)      called first of all in a worker: heed signals, and end with the process of that number
give_way()           called in a worker: let others go first
asked_to_stop()      called in a worker: whether a signal has asked it to stop and hand back its best plan
StopFile, stop_at    the same through a file, which works without signals, too: the caller's side and the workers' side
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

LOOK_SECONDS = 0.5
BEHIND = 10
"""The niceness of a worker that gives way to others."""
GRACE_SECONDS = 30.0
"""The time that a worker has, once it is asked to stop, to hand back its best plan."""

_asked, _attends = threading.Event(), threading.Event()


def attend(starter: int) -> None:
    """Leave it to the process that started this worker what a signal means, and end with it, however it ends.

    Ctrl-C reaches every process of a terminal, and a service manager ends all of a service: a worker that died of that would take the
    best plan with it. Linux can kill a child with its parent (PR_SET_PDEATHSIG), but means the thread that started it, which may end sooner.
    """
    _attends.set()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)
    threading.Thread(target=_end_with, args=(starter,), daemon=True).start()


def give_way() -> None:
    """Let whatever else runs on this machine go first from here on, if this process is a worker; the process that started it is left as it is."""
    if _attends.is_set() and hasattr(os, "nice"):
        os.nice(max(0, BEHIND - os.nice(0)))


def asked_to_stop() -> bool:
    """Return whether this worker was asked to stop."""
    return _asked.is_set()


def _stop(*_) -> None:
    """Ask this worker to hand back its best plan, and end it after GRACE_SECONDS."""
    _asked.set()
    timer = threading.Timer(GRACE_SECONDS, os._exit, (1,))
    timer.daemon = True
    timer.start()


def _end_with(starter: int) -> None:
    if os.name == "nt":
        _wait_for(starter)
    else:
        # The number of a dead parent may be given to another process, but never again to this one's parent.
        while os.getppid() == starter:
            time.sleep(LOOK_SECONDS)
    os._exit(1)


def _wait_for(process: int) -> None:
    """Wait on Windows until a process has ended."""
    import ctypes

    synchronize, forever = 0x00100000, 0xFFFFFFFF
    kernel = getattr(ctypes, "WinDLL")("kernel32")  # noqa: B009 (it is there on Windows alone)
    kernel.OpenProcess.restype = ctypes.c_void_p
    handle = kernel.OpenProcess(synchronize, False, process)
    if handle:
        kernel.WaitForSingleObject(ctypes.c_void_p(handle), ctypes.c_uint32(forever))


class StopFile:
    """A file whose existence asks workers of this machine to stop. path: where they look for it; "" where no file can be made."""

    def __init__(self) -> None:
        try:
            self.folder = tempfile.mkdtemp()
        except OSError:
            self.folder = ""
        self.path = os.path.join(self.folder, "stop") if self.folder else ""

    def ask(self) -> None:
        """Ask the workers to stop."""
        if self.path:
            with suppress(OSError):
                Path(self.path).touch()

    def close(self) -> None:
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


def stop_at(path: str) -> Callable[[], bool]:
    """Return a function that tells whether to stop. A solver may call it thousands of times a second: it looks for the file now and then."""
    looked, found = -LOOK_SECONDS, False

    def stop() -> bool:
        nonlocal looked, found
        now = time.monotonic()
        if not found and now - looked >= LOOK_SECONDS / 2:
            looked, found = now, bool(path) and os.path.exists(path)
        return found or asked_to_stop()

    return stop
