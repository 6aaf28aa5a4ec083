"""Every sentence of the first page."""

from __future__ import annotations

START_TITLE = "From your sourcing workbook to a plan that you can defend"
START_LINE = (
    "Tell it in Excel what you need, who sells it, what may go wrong and what you may spend: it answers what to sign, start, order and hold, "
    "with a proof of how good that is."
)
SAMPLE_HEAD, SAMPLE_LINE = "Try a sample", "One click leads to a solved plan."
UPLOAD_HEAD = "Use your own sheets"
UPLOAD_LINE = (
    "A sourcing workbook is checked, and what is wrong in it listed with its sheet and cell. Bid sheets, price lists and demand plans are recognised "
    "column by column: you confirm what they are."
)
AS_LAST_TIME = "Your workbook was made of your own sheets. Drop the next ones of that shape here: they come in as last time, and what is new is asked."
TEMPLATE_HEAD, TEMPLATE_LINE = "Begin from the blank template", "With drop-downs, a note on each column and an example row a sheet, which does not count."
UPLOAD_LABEL = "Excel workbooks (.xlsx, .xlsm; macros never run) or .csv files, those of one case together"
TEMPLATE_BUTTON = "Download the blank template"
KEPT_LINE = "Your works stay on this computer and are listed on this page. The address of any other page leads back to its plan, too."
SAMPLES = {
    "gallium_germanium": ("Gallium and germanium", "A maker of chips and infrared optics, under a ban that is suspended, not gone.", "6 s"),
    "tutorial": ("Tutorial: stock or contract?", "One material, two suppliers, an export stop: small enough to solve by hand.", "3 s"),
    "rare_earth_magnets": ("Rare earth magnets", "An EV maker and defence supplier; licences, a crackdown, a dated decision.", "14 s"),
    "national_stockpile": ("National stockpile", "A ministry, ten materials, six fiscal years, budgets that cannot meet every target.", "12 s"),
}
"""The samples: title, story in a sentence, and about how long they take to solve."""


def about(seconds: str) -> str:
    """Say how long something takes."""
    return f"Takes about {seconds}."
