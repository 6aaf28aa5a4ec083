"""Where the work of this computer's user is kept, and how files get there whole."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import platformdirs

from optimizer.workbook.paper import replace_file

HOME_VARIABLE = "OPTIMIZER_HOME"
APP = "critical-materials-optimizer"


def home() -> Path:
    """The folder of all works: OPTIMIZER_HOME, else the place that this system has for a program's data."""
    return Path(os.environ.get(HOME_VARIABLE) or platformdirs.user_data_dir(APP, appauthor=False))


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file so that a reader finds the old one or the new one, never half of it."""
    replace_file(path, json.dumps(content, ensure_ascii=False, allow_nan=False).encode())


def read_json(path: Path, default: Any = None) -> Any:
    """What a JSON file holds; `default` where there is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return default
