"""Every sentence of the reports, beside those of charts, and of the places that offer them."""

from __future__ import annotations

BOARD = "board"
BOARD_TITLE = "Board report"
BOARD_MEANING = "The answer, the figures and the charts, how sure it is, why, what would change it, and cash: one page after another."

PARTS = (
    ("sure", "How sure it is", ("out_of_sample", "replications", "stress")),
    ("why", "Why", ("regret", "decided_for", "shortage_causes", "policies", "value")),
    ("change", "What would change it", ("tornado", "break_even", "risk_map", "ranges", "frontier", "budget_frontier", "horizon")),
    ("cash", "Cash", ("cash_flow",)),
)
"""The parts of the board report that studies tell: name, heading, and the studies in the order in which they stand."""

FORMATS = {".html": "{} .html", ".pdf": "{} .pdf", ".pptx": "Slides .pptx", ".xlsx": "{}, tables .xlsx"}
"""What stands on the button of a file; in braces stands the title of the report, so that whoever hears the buttons alone can tell them apart."""
MIMES = {
    ".html": "text/html",
    ".pdf": "application/pdf",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
ICONS = {".html": ":material/description:", ".pdf": ":material/picture_as_pdf:", ".pptx": ":material/slideshow:", ".xlsx": ":material/table:"}
REPORTS_HEAD = "Reports"
REPORTS_LINE = "Each stands alone, says where its figures come from, and what it lacks."
NO_BROWSER = "A PDF is made by Chrome, Edge or Chromium, none of which was found on this computer. Open the .html in any browser and print it to PDF instead."
NO_PACKAGE = "Some reports need packages that are not installed here (vl-convert-python, playwright, python-pptx). Install them with:"

MAP_CAPTION = "Sources by country and bloc of the supplier; the circle grows with the number of offers"
SLIDE_BUDGET_EMPTY, SLIDE_COSTS_EMPTY, SLIDE_MIX_EMPTY, SLIDE_COVER_EMPTY = "No budget is set.", "Nothing is spent.", "Nothing is ordered.", "No stock is held."
OF_ORDERS = "Share of what is ordered"


def not_asked(titles: list[str]) -> str:
    """Say which studies were not asked of the plan that a part of a report would tell."""
    return f"Not asked of this plan yet: {', '.join(titles)}. Ask these studies on the page Studies, or with optimizer study on the command line."


def not_printed(browser: str, reason: str) -> str:
    """Say that the browser did not print."""
    return f"{browser} did not print the report ({reason}). Write the .html, open it in any browser and print it to PDF instead."


def some_rows(name: str, shown: int, count: int) -> str:
    """Head a table of which a page shows the first rows."""
    return f"{name}, the first {shown} of {count:,}; the tables of this report (.xlsx) have them all"


def more_lines(count: str) -> str:
    """Say how many sentences a page leaves out, and where they are."""
    return f"… and {count} more, in the tables of this report (.xlsx)."


def missing(titles: list[str]) -> str:
    """Say which studies a report needs that were not asked of the plan."""
    return f"This report says more once these studies have been asked on the page Studies: {', '.join(titles)}."


def sure(proven: str, futures: int, drawn: bool) -> list[str]:
    """Say how far a plan can be believed by itself: how near to the best it is, and on how many futures it rests."""
    rests = f"It rests on {futures:,} future{'s' * (futures != 1)}"
    return [proven, f"{rests}, drawn from the probabilities of the workbook." if drawn else f"{rests}, every one that the workbook allows."]


def slide_cost(total: str, cash: str) -> str:
    return f"The plan costs {total} on average, {cash} of it in cash"


def slide_spread(worst: str, futures: str) -> str:
    return f"In {futures} the cost is {worst} on average"


def slide_budget(share: str, where: str) -> str:
    return f"{share} of the fullest budget is used ({where})"


def slide_cover(days: str, material: str) -> str:
    return f"The least cover on average is {days}, of {material}"


def slide_mix(share: str, bloc: str, material: str) -> str:
    return f"{share} of {material} is ordered from the {bloc} bloc, the largest share of any"


BLOC_NOTE = "By the bloc of the supplier; the origin of a material may differ from it, for instance where a supplier converts an input from elsewhere."


BY_COST = "Probability, by total cost from"


def budget_bar(year: str, what: str, used: str) -> str:
    """Name a row of the budget with the share of it that the reference path spends."""
    return f"{year} {what} ({used})"


def some_rows_of_budget(shown: int, count: int) -> str:
    return f"{shown} of {count} rows of the budget are drawn; the plan workbook has them all."


def some_materials(shown: int, count: int) -> str:
    return f"{shown} of {count} materials are drawn; the plan workbook has them all."


def slide_foot(name: str, proven: str, version: str) -> str:
    return f"{name}. {proven} Program version {version}. Every number comes from the plan."
