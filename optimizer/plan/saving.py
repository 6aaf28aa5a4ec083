"""The file endings that a plan can be saved under, each with the function that writes such a file.

The rooms that write files stand to the right of this one, so they add their functions here.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

WRITERS: dict[str, Callable[[Any, str | os.PathLike], None]] = {}
"""Ending, with its dot -> a function that writes a plan to a path."""
