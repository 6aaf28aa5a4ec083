"""Write the generated pages of this folder: python docs/build.py."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from api_page import api_page  # noqa: E402
from house import contributing_page  # noqa: E402

from optimizer.forms.glossary import glossary_page  # noqa: E402
from optimizer.forms.reference import reference_page  # noqa: E402
from optimizer.model.document import model_page  # noqa: E402
from optimizer.report.json_page import json_page  # noqa: E402

PAGES: dict[str, Callable[[], str]] = {
    "workbook.md": reference_page,
    "json.md": json_page,
    "model.md": model_page,
    "api.md": api_page,
    "glossary.md": glossary_page,
    "../CONTRIBUTING.md": contributing_page,
}
"""Each generated page and the function that gives its text."""


def main() -> None:
    """Write every page."""
    for name, text in PAGES.items():
        (HERE / name).write_text(text(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
