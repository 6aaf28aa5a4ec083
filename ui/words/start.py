"""Every sentence of the first page."""

from __future__ import annotations

START_TITLE = "From your sourcing workbook to a plan that you can defend"
START_LINE = (
    "Say in Excel what you need, who sells it, what may go wrong and what you may spend. The plan says what to sign, start, order and hold, "
    "with a proof of how good it is."
)
SAMPLE_HEAD, SAMPLE_LINE = "Try a sample", "One click leads to a solved plan."
UPLOAD_HEAD = "Use your own sheets"
UPLOAD_LINE = (
    "A sourcing workbook is checked, and everything wrong in it is listed with its sheet and cell. Bid sheets, price lists and demand plans are "
    "recognised column by column: you confirm what each column is."
)
AS_LAST_TIME = (
    "Your workbook was made from your own sheets. Drop the next files of that layout here: they are imported as last time, and you are asked only about "
    "what is new."
)
TEMPLATE_HEAD, TEMPLATE_LINE = "Begin from the blank template", "It has drop-downs, notes on columns and an example row on each sheet, which does not count."
UPLOAD_LABEL = "Excel workbooks (.xlsx, .xlsm; macros never run) or .csv files; drop all files of one case together"
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
