"""Every sentence of what a planner decides beforehand on the page that makes a plan."""

from __future__ import annotations

from collections.abc import Sequence

HEAD = "Decide beforehand"
LINE = "Each of these is an edit of the inputs: it is listed below, and on the page Inputs, and can be taken back there. The plan decides everything else."
KINDS = {"offers": "Offers", "projects": "Projects", "contracts": "Contracts", "stocks": "Stocks", "budgets": "Budgets", "disruptions": "Disruptions"}
KIND = "What to decide"
NONE = {
    "projects": "The workbook lists no projects.",
    "contracts": "No offer is sold under contract.",
    "budgets": "The workbook sets no budget.",
    "disruptions": "The workbook lists no disruptions.",
}
OUT, OUT_HELP = "Leave these offers out", "Their capacity is 0 from now on. Open orders still arrive."
STILL_OUT = "This offer delivers nothing in the workbook itself. Type its capacity on the page Inputs."
DECIDED = {"open": "The plan decides", "start": "Start it", "never": "Never start it"}
DECIDED_HELP = "Start it: the plan chooses when, within the dates of the workbook."
OFFER, QUANTITY, FIX, FREE = "Offer", "Quantity", "Fix this quantity", "Leave it to the plan"
CONTRACT_LINE = "A fixed contract is signed whatever it costs; 0 signs none."
MATERIAL, SINCE = "Material", "At the end of each period from"
STOCK_LINE = "A fixed stock is kept in every future, except during and after disruptions that strike its supply: then there may be less."
BUDGET_LINE = "Type the amount of each year; the slider above multiplies what stands here."
APPLY = "Apply"
CHANCE, NEVER = "By chance, as in the workbook", "Never"
CERTAIN_HELP = "For certain: it begins then, and at no other time, and lasts as long as the workbook says."
LISTED = "The futures are those of the Scenarios sheet, which already says what happens and when."
WRONG = "This was not kept, because the workbook would be wrong with it:"


def certain(period: str) -> str:
    """A disruption that comes for certain."""
    return f"For certain, in {period}"


def fixed(name: str, quantity: str, unit: str) -> str:
    """A contract or stock that is fixed."""
    return f"**{name}**: {quantity} {unit}".rstrip()


def per_year(unit: str) -> str:
    """The unit of a contract."""
    return f"{unit} a year".strip()


def amount_of(year: str, category: str, materials: str, currency: str) -> str:
    """The box of the amount of one row of Budget."""
    counts = ", ".join(part for part in ("" if category == "all" else category, materials) if part)
    return f"{year}{f' ({counts})' if counts else ''}, {currency}"


def not_read(typed: str, readings: Sequence[object]) -> str:
    """Say that a number cannot be read; where it can be read in several ways, how to type each of them."""
    ways = [f"{reading:.15g}" for reading in readings if isinstance(reading, (int, float))]
    if len(ways) > 1:
        return f"{typed} can be read in several ways. Type {' or '.join(ways)}."
    return f"{typed} cannot be read as a number here. Type it in digits, such as 1250.5."
