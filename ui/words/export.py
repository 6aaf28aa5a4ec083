"""Every sentence of the page that hands the plan on."""

from __future__ import annotations

EXPORT_TITLE = "Hand the plan on"
FILES = {
    "workbook": ("Plan workbook", "A page for the board, charts, the tables that people use, and the input, so that it can be solved again.", "Download .xlsx"),
    "json": ("Data", "The plan for another program.", "Download .json"),
}
DETAIL = "With every table"
DETAIL_HELP = "Adds the tables that few people read: every future with its orders, stock and budget, stock by origin, supplier mix and cost parts."
REPORT_INSTALL = 'pip install "critical-materials-optimizer[report]"'
STAMP_HEAD, STAMP_LINE, VALUE = "Where this plan comes from", "Every file carries this stamp.", "Value"


def figure_in_words(value: object) -> str:
    """A value of the stamp as text."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"
