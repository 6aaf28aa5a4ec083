"""What the pages of all reports are made of: tables, pictures with captions, and the template that says where they stand.

A page is one HTML file that stands alone (no script, nothing from outside) and prints on A4; board.css says how it looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ui.charts.style import Drawing
from ui.report.pictures import svg
from ui.words import charts as text
from ui.words.escape import short

MOST_ROWS, MOST_LINES, MOST_SAID = 40, 12, 5
"""Rows of a table, lines of a section, and sentences of a study; the workbook holds the rest."""
LONGEST = 400
"""Letters of a sentence."""
HALF, WHOLE = 430, 880
"""Pixels that a chart of half and of the whole page is drawn in."""
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, whether it holds numbers, and the letters that its width holds at least, 0 for what the page finds."""

    head: str
    numbers: bool = False
    least: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a report. total: whether the last row adds up the others. caption: what stands above it, "" for nothing."""

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[str]]
    total: bool = False
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with its caption. picture: an SVG element, which the page takes as it is."""

    caption: str
    picture: str


def figure(caption: str, chart: Drawing, width: int, height: int | None = None) -> Figure:
    """Draw a chart for a page."""
    return Figure(caption, svg(chart, width, height))


def rendered(template: str, **content: Any) -> str:
    """Return a page as HTML; a name in its template that `content` does not give is an error."""
    return _environment().get_template(template).render(text=text, style=(HERE / "board.css").read_text(encoding="utf-8"), **content)


@cache
def _environment() -> Environment:
    page = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page.filters["cut"] = lambda words, most=LONGEST: short(words, most)
    page.globals.update(most_lines=MOST_LINES, most_said=MOST_SAID, most_rows=MOST_ROWS, text=text)
    return page
