"""The words of which a cell may hold one: blocs, which are origins too, and the measures of a limit."""

from __future__ import annotations

BLOCS = ("chinese", "other", "allied", "onshored")
"""Blocs and origins, from most to least exposed."""

EXPOSURE = {bloc: rank for rank, bloc in enumerate(BLOCS)}

MEASURES = {
    "purchase_share": "quantity ordered that matches ÷ quantity ordered from all offers of the material, in the periods of from..to of "
    "each fiscal year; in every future",
    "largest_supplier_share": "the same for each single supplier among the matched offers (maximum only)",
    "largest_country_share": "the same for each single country among the matched offers (maximum only; offers without a country are in no group)",
    "purchase_to_demand": "quantity ordered that matches in a period ÷ that period's demand, all uses, in that regime; in every future",
    "stock_cover_days": "stock at a period's end that at least one of the matched uses may draw in that period ÷ those uses' demand per day "
    "in that period and regime (a year has 365 days)",
    "stock_quantity": "stock at a period's end",
}
"""The measures of a limit, and what each bounds."""

STOCK_MEASURES = ("stock_cover_days", "stock_quantity")
HELD_MEASURES = (*STOCK_MEASURES, "purchase_to_demand")
"""The measures whose limits may hold elsewhere than in every future."""

HOLDS = ("everywhere", "unless released", "reference path")
"""Where a limit holds: in every future, in every future but in and after the disruptions that release it, or on the reference path."""


def more_exposed(a: str, b: str) -> str:
    """Return the more exposed of two origins."""
    return a if EXPOSURE[a] <= EXPOSURE[b] else b
