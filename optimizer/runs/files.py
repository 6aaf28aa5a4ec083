"""How the files of a user's works get there whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from optimizer.workbook.paper import replace_file


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file so that a reader finds the old one or the new one, never half of it."""
    replace_file(path, json.dumps(content, ensure_ascii=False, allow_nan=False).encode())


def read_json(path: Path, default: Any = None) -> Any:
    """What a JSON file holds; `default` where there is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return default
