"""Every sentence of the page that sets plans side by side."""

from __future__ import annotations

COMPARE_TITLE = "Plans side by side"
NAIVE_LINE = "Set the plan against a naive plan, as a buyer would make it without this program:"
NAIVE_ADD = "Add: {}"
PICK_PLANS, PICK_TWO = "Plans to compare, the first is the base", "Choose two plans or more. Make another one with other settings, or add a naive one above."
ANOTHER = "Make another plan"
RISK_HEAD, RISK_NOTE = "Cost against risk", "To the left: cheaper on average. Further down: the worst futures cost less."
ONLY_DIFFERENCES = "Show only what differs"
FIGURES_HEAD, FIGURES_NOTE = "Figures", "What each plan costs and protects against."
DECISIONS_HEAD, DECISIONS_NOTE = "Decisions", "What each plan signs, starts and holds."
INPUTS_HEAD, INPUTS_NOTE = "Inputs", "Cells and settings that are not the same for all of these plans."


def breaks(name: str) -> str:
    """Over the rules that a naive plan breaks."""
    return f"**{name}** breaks rules of the workbook:"
