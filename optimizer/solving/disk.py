"""A mapping whose values are on disk, for what a worker needs seldom and cannot hold in memory."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterator, MutableMapping
from typing import TypeVar

Value = TypeVar("Value")


class OnDisk(MutableMapping[int, Value]):
    """Values by number, pickled into a temporary file that goes with the mapping. What was replaced or deleted still takes its place there."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()
        self._at: dict[int, int] = {}

    def __getitem__(self, number: int) -> Value:
        self._file.seek(self._at[number])
        value: Value = pickle.load(self._file)
        return value

    def __setitem__(self, number: int, value: Value) -> None:
        self._at[number] = self._file.seek(0, 2)
        pickle.dump(value, self._file, protocol=pickle.HIGHEST_PROTOCOL)

    def __delitem__(self, number: int) -> None:
        del self._at[number]

    def __iter__(self) -> Iterator[int]:
        return iter(self._at)

    def __len__(self) -> int:
        return len(self._at)

    def __reduce__(self) -> tuple[type[dict[int, Value]], tuple[dict[int, Value]]]:
        """Pickle it as a dict: another process has no access to the file."""
        return dict, (dict(self),)
