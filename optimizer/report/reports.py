"""The reports of a plan that are made of sections, each listed once, and their workbooks."""

from __future__ import annotations

from optimizer.forms.writing import INK, MUTED, Book
from optimizer.plan.plan import Plan
from optimizer.report.plan_book import add_provenance, add_table
from optimizer.report.risk_assessment import RISK_ASSESSMENT
from optimizer.report.sections import Found, Report
from optimizer.report.stock_requirement import STOCK_REQUIREMENT

REPORTS: dict[str, Report] = {report.name: report for report in (RISK_ASSESSMENT, STOCK_REQUIREMENT)}
"""Every report by name, in the order in which the app offers them."""

_WIDTH = 150


def report_bytes(report: Report, plan: Plan, found: Found) -> bytes:
    """Return the workbook of a report as a file's content: its sentences on the first sheet, then each of its tables. found: tables of studies by name."""
    sections = report.sections(plan, found)
    book = Book(f"{report.title}: {plan.case.settings.title or 'sourcing plan'}")
    page = book.sheet("Report")
    page.hide_gridlines(2)
    page.set_column(0, 0, _WIDTH)
    rows: list[tuple[str, dict[str, object]]] = [
        (report.title, {"bold": True, "font_size": 16, "font_color": INK}),
        (plan.case.settings.title, {"font_color": MUTED}),
    ]
    for section in sections:
        rows += [("", {}), (section.title, {"bold": True, "font_size": 12, "font_color": INK})]
        rows += [
            (line, {"text_wrap": True, "valign": "top"}) for line in section.lines or ([section.empty] if not any(len(t) for _, t in section.tables) else [])
        ]
    for number, (words, look) in enumerate(rows):
        book.put(page, number, 0, words, **look)
    for section in sections:
        for output, frame in section.tables:
            add_table(book, output, frame, plan.case)
    add_provenance(book, plan.provenance)
    return book.data()
