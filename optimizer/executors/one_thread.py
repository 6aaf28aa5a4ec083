"""Have the linear algebra behind numpy use one thread: the cores are for the workers.

OpenBLAS multiplies two vectors of more than 10,000 numbers on every core, and its threads then look out for more work in a loop, for some hundredths of a
second. Two workers on two cores took twice the time for the blocks of a large program, although such products are a thousandth of their work.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager

NAMES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""The environment variables that the libraries read when numpy is first imported."""


def one_thread(environment: MutableMapping[str, str]) -> None:
    """Ask for one thread in an environment, where it says nothing of threads. In that of this process it takes effect only if numpy is not imported yet."""
    for name in NAMES:
        environment.setdefault(name, "1")


@contextmanager
def started_with_one_thread() -> Iterator[None]:
    """Ask for one thread in the processes that are started meanwhile."""
    absent = [name for name in NAMES if name not in os.environ]
    one_thread(os.environ)
    try:
        yield
    finally:
        for name in absent:
            os.environ.pop(name, None)
