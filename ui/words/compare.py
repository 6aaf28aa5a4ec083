"""Every sentence of the page that sets plans side by side."""

from __future__ import annotations

COMPARE_TITLE = "Plans side by side"
NAIVE_LINE = "Set the plan against a naive plan, as a buyer would make it without this program:"
NAIVE_ADD = "Add: {}"
PICK_PLANS, PICK_TWO = "Plans to compare, the first is the base", "Choose two plans or more. Make another one with other settings, or add a naive one above."
ANOTHER = "Make another plan"
RISK_HEAD, RISK_NOTE = "Cost against risk", "To the left: cheaper on average. Further down: the worst futures cost less."
ONLY_DIFFERENCES = "Show only what differs"
MOST_PLANS = 5
DIFFERENCE_HEAD = "Where they differ"
DIFFERENCE_NOTE = "In numbers, the largest difference first. Quantities are valued at the mean price of their material's offers, projects at their cost."
WATERFALL_HEAD, WATERFALL_NOTE = "From one cost to the other", "Which parts of the expected cost make the difference, the largest first."
BESIDE = "Set {} against"
KINDS, MATERIALS = "Kinds of lines", "Materials"
KIND_WORDS = {
    "cost": "Costs",
    "risk": "Risk",
    "contract": "Contracts",
    "project": "Projects",
    "stock": "Stocks",
    "supply": "Supply",
    "demand": "Demand that is met",
}
NO_DIFFERENCE = "These two plans do not differ in anything of this kind."
OTHER_CURRENCY = "This plan is in another currency, so that its figures do not compare."
INPUTS_DIFFER = "The inputs differ in this: {}."
REASONS = "Why the decisions of {}"
HEADS = DIFFERENCE, PERCENT, UNIT = "Difference", "Difference in %", "Unit"
FIGURES_HEAD, FIGURES_NOTE = "Figures", "What each plan costs and protects against."
DECISIONS_HEAD, DECISIONS_NOTE = "Decisions", "What each plan signs, starts and holds."
INPUTS_HEAD, INPUTS_NOTE = "Inputs", "Cells and settings that are not the same for all of these plans."


def breaks(name: str) -> str:
    """Over the rules that a naive plan breaks."""
    return f"**{name}** breaks rules of the workbook:"


def inputs_differ(lines: list[tuple[str, str, str]], most: int = 3) -> str:
    """The first inputs that differ, each (what, of the base, of the other plan); an empty text without any."""
    if not lines:
        return ""
    said = "; ".join(f"{what}: {other} in place of {base}" for what, base, other in lines[:most])
    return INPUTS_DIFFER.format(said + (f"; and {len(lines) - most:,} more" if len(lines) > most else ""))
