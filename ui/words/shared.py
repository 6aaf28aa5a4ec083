"""Every sentence that several pages say, or that belongs to none."""

from __future__ import annotations

from ui.words.escape import short
from ui.words.glossary import explained

NAME = "Critical materials optimizer"
FILE_MADE = "{} is being downloaded."
NO_FILE = "This file could not be made. Your plan and your work are kept; try another format. If it stays, please report it with the number {}."
UNEXPECTED = "Something went wrong on this page. Your work is kept; try again, or go back to the first page. If it stays, please report it with the number {}."
NO_WORK = "There is no workbook yet. Open a sample or your own on the first page."
NO_PLAN_YET = "There is no plan yet. Solve the workbook first."
TO_START, TO_DATA, TO_SOLVE, TO_REASONS = "To the first page", "To the inputs", "To solving", "See why"
UNDER_WAY = "A plan is being made."
INFEASIBLE = "No plan satisfies all limits."
CLASH = "These rows clash. It is enough that one of them gives way:"
CLASH_TOO = "These rows clash, too. It is enough that one of them gives way:"
ALONE = "It is enough that this one gives way:"
ALL_OF_THEM = "All of these have to give way:"
CLASH_UNFINISHED = "The search ended before it was known which change is enough. Allow more time, or fewer futures."
NO_CLASH = "Loosening limits, budgets, fill rates, capacities or decisions made beforehand does not help. Look at project dates and minimum contracts."
WHERE, WHAT, GIVES = "Where", "What", "Would have to give"
COLUMN_LABELS = {
    "scenario": "future",
    "in_tail": "among the worst",
    "lifted": "call-off, on average",
    "start": "starts",
    "spot": "spot market",
    "events": "what happens",
}
"""Headings that say more than the columns' own names."""
YES, NO = "yes", "no"
WHICH_PLAN = "Plan"
STOCK_HEAD, DAYS_HEAD = "Stock at the end of each period", "Days of demand that it covers"
COSTS_HEAD, COSTS_NOTE = "What the expected cost is made of", explained("Mean over all futures, discounted.", "expected cost", "discount rate")
ALL_EQUAL = "There is no difference here."


def meanwhile(under_way: str, shown: str) -> str:
    """Say which plan is being made, and which one is shown until then."""
    return f"**{under_way}** is being made. Until then you see **{shown}**."


def gave_none(asked: str, why: str, shown: str) -> str:
    """Say that a solve gave no plan, and which one is shown in its place."""
    return f"**{asked}** has no plan. {why} You see **{shown}**."


def tab(page: str, work: str) -> str:
    """The title of the browser's tab: the page, the work, the program."""
    return " · ".join(part for part in (page, short(work, 40), NAME) if part)


def warnings_head(count: int) -> str:
    """Over the warnings that a plan carries."""
    return f"{count:,} warning{'s' * (count != 1)} about what this plan was made from"


def in_plan(value: str) -> str:
    """Beside a figure on unseen futures: what it is in the plan's own."""
    return f"in the plan's futures {value}"
