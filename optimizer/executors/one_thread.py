"""Have the linear algebra behind numpy use one thread: the cores are for the workers.

OpenBLAS multiplies two vectors of more than 10,000 numbers on every core, and its threads then look out for more work in a loop, for some hundredths of a
second. Two workers on two cores took twice the time for the blocks of a large program, although such products are a thousandth of their work.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager

NAMES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""The environment variables that the libraries read when numpy is first imported."""


_starting = threading.Lock()


def one_thread(environment: MutableMapping[str, str]) -> None:
    """Ask for one thread in an environment that says nothing of threads. In that of this process it takes effect only if numpy is not imported yet."""
    if not any(name in environment for name in NAMES):
        environment.update(dict.fromkeys(NAMES, "1"))


@contextmanager
def started_with_one_thread() -> Iterator[None]:
    """Ask for one thread in the processes that are started meanwhile."""
    with _starting:
        absent = [name for name in NAMES if name not in os.environ]
        one_thread(os.environ)
        try:
            yield
        finally:
            for name in absent:
                os.environ.pop(name, None)
