"""Where this program keeps what belongs to this computer's user."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

HOME_VARIABLE = "OPTIMIZER_HOME"
APP = "critical-materials-optimizer"


def home() -> Path:
    """The folder of all works: OPTIMIZER_HOME, else the place that this system has for a program's data."""
    return Path(os.environ.get(HOME_VARIABLE) or platformdirs.user_data_dir(APP, appauthor=False))


def cache() -> Path:
    """The folder of what can be made again: in OPTIMIZER_HOME, else the place that this system has for that."""
    chosen = os.environ.get(HOME_VARIABLE)
    return Path(chosen) / "cache" if chosen else Path(platformdirs.user_cache_dir(APP, appauthor=False))
