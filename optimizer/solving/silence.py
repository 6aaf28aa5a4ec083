"""Keep the standard output of a library written in C away from the user's."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def silence() -> Iterator[None]:
    """Send to the null device what is written to standard output meanwhile; where there is none, let it be."""
    try:
        sys.stdout.flush()
        kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    except (OSError, ValueError):
        yield
        return
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        # C keeps what it writes to a pipe or a file until its buffer is full: it must go before the output is back.
        ctypes.CDLL(None if os.name != "nt" else "msvcrt").fflush(None)
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
