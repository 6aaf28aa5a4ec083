"""Every sentence of the page that hands the plan on."""

from __future__ import annotations

EXPORT_TITLE = "Hand the plan on"
FILES = {
    "workbook": ("Plan workbook", "A page for the board, charts, every table, and the input: it can be solved again as it is.", "Download .xlsx"),
    "report": ("Board report", "One page after another with the answer, the figures and the charts. Opens in any browser and prints to PDF.", "Download .html"),
    "json": ("Data", "The plan for another program.", "Download .json"),
}
NO_REPORT = "The board report needs the package vl-convert-python. Install it with:"
REPORT_INSTALL = 'pip install "critical-materials-optimizer[report]"'
STAMP_HEAD, STAMP_LINE, VALUE = "Where this plan comes from", "Every file carries this stamp.", "Value"


def figure_in_words(value: object) -> str:
    """A value of the stamp as text."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"
