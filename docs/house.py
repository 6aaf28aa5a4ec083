"""The drawing of the house in CONTRIBUTING.md: its rooms, in the order in which they may know each other, each in its own words."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "CONTRIBUTING.md"
BLOCK = re.compile(r"(<!-- rooms: .*? -->\n).*?(<!-- end of rooms -->)", re.DOTALL)


def contributing_page() -> str:
    """Return CONTRIBUTING.md with the drawing of the house as it now is."""
    drawing = "\n".join(["", *_rows("optimizer", "ROOMS"), "", *_rows("ui", "APP_ROOMS"), ""])
    return BLOCK.sub(lambda found: f"{found[1]}{drawing}\n{found[2]}", PAGE.read_text(encoding="utf-8"))


def _rows(package: str, order: str) -> list[str]:
    """Return a table of a package's rooms, from the one that knows nothing of the others to the one that may know all."""
    return [f"| `{package}/` | what it is for |", "|---|---|", *(f"| `{name}` | {_purpose(package, name)} |" for name in _listed(order))]


def _listed(name: str) -> tuple[str, ...]:
    """Return a list of rooms as the test of the arrows declares it."""
    tree = ast.parse((ROOT / "tests" / "test_architecture.py").read_text(encoding="utf-8"))
    return next(ast.literal_eval(node.value) for node in tree.body if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name)


def _purpose(package: str, room: str) -> str:
    """Return the first sentence or sentences of a room: the first line of its docstring. A folder of scripts has none."""
    path = ROOT / package / f"{room}.py"
    path = path if path.exists() else ROOT / package / room / "__init__.py"
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) if path.exists() else "The scripts of the pages, a file a page."
    return (text or "").splitlines()[0].replace("|", "\\|")
