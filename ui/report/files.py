"""Every report of a plan as a file: which there are, which kinds of file each can be, and what is needed for one."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from optimizer.plan import Plan
from optimizer.report import REPORTS, report_bytes
from optimizer.studies import STUDIES
from ui.report import pictures, printing, slides
from ui.report.board import report_html
from ui.report.documents import document_html
from ui.report.slides import slides_bytes
from ui.words import reports as words

ENDINGS: dict[str, tuple[str, ...]] = {words.BOARD: (".html", ".pdf", ".pptx"), **{name: (".html", ".pdf", ".xlsx") for name in REPORTS}}
"""The kinds of file that each report can be, by its name."""

QUICK = ("cash_flow",)
"""The studies that the board report asks on the command line, because they take a moment only."""

TITLES = {words.BOARD: words.BOARD_TITLE, **{name: report.title for name, report in REPORTS.items()}}
MEANINGS = {words.BOARD: words.BOARD_MEANING, **{name: report.meaning for name, report in REPORTS.items()}}


def needs(name: str) -> tuple[str, ...]:
    """Return the studies without which a part of a report is missing, by name."""
    return REPORTS[name].needs if name in REPORTS else QUICK


def better_with(name: str) -> tuple[str, ...]:
    """Return the studies that take longer and of which a report says more, by name."""
    if name in REPORTS:
        return REPORTS[name].better_with
    return tuple(study for _, _, studies in words.PARTS for study in studies if study not in QUICK)


def asked(study: str, found: Mapping[str, pd.DataFrame]) -> bool:
    """Return whether the tables of a study are among those that were found."""
    return any(table.name in found for table in STUDIES[study].tables)


def unavailable(ending: str) -> str:
    """Say why a kind of file cannot be made on this computer; "" where it can."""
    if ending in (".html", ".pdf") and not pictures.installed():
        return words.NO_PACKAGE
    if ending == ".pdf" and not printing.installed() or ending == ".pptx" and not slides.installed():
        return words.NO_PACKAGE
    return words.NO_BROWSER if ending == ".pdf" and not printing.browser() else ""


def report_file(name: str, ending: str, plan: Plan, title: str = "", found: Mapping[str, pd.DataFrame] | None = None) -> bytes:
    """Return a report as a file's content. name, ending: as ENDINGS has them, KeyError for others. title: what the run is called. found: its studies' tables.

    NotPrintedError: a PDF is asked for, and no browser prints it; the words say why.
    """
    if ending not in ENDINGS[name]:
        raise KeyError(f"The report {name} is made as {', '.join(ENDINGS[name])}, not as {ending}.")
    if ending == ".pptx":
        return slides_bytes(plan, title)
    if ending == ".xlsx":
        return report_bytes(REPORTS[name], plan, found or {})
    html = report_html(plan, title, found) if name == words.BOARD else document_html(name, plan, title, found)
    return printing.pdf(html) if ending == ".pdf" else html.encode()
