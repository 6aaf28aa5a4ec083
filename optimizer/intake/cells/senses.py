"""Tell whether a misspelled word may mean a known one, or says something else: from is not to, a week is no month, non-allied is not allied."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher

_SAME_SENSE = (
    "day days daily d",
    "week weeks weekly wk wks",
    "month months monthly mth",
    "quarter quarters quarterly qtr",
    "year years annual annually yearly yr pa",
    "second seconds",
    "hour hours",
    "min minimum least lowest low lower",
    "max maximum most highest high upper",
    "from start starts begin begins since first earliest",
    "to until till end ends expiry latest last through",
    "not non no without except excl excluding excludes other",
    "price prices",
    "cost costs fee fees",
    "value values",
    "capacity capacities",
    "demand demands",
    "amount amounts",
    "quantity quantities qty volume",
    "limit limits",
    "share shares ratio",
    "rate rates",
    "growth",
    "loss losses",
    "floor",
    "ceiling cap",
    "spot",
    "contract contracts",
    "fixed",
    "indexed index",
    "order orders",
    "input inputs",
    "output outputs",
    "lead",
    "per",
    "percent pct",
    "kg",
    "t ton tons tonne tonnes",
    "g",
    "lb lbs",
    "eur euro",
    "usd dollar",
    "gbp",
    "cny",
    "jpy",
    "before",
    "after",
    "in",
    "out",
    "chinese",
    "allied",
    "onshored",
    "bloc",
    "country",
    "origin",
    "material",
    "supplier",
    "use",
    "project",
    "offer",
    "purchases purchase",
    "storage stock",
    "penalty",
    "probability",
    "duration",
    "multiplier",
    "remaining",
    "added",
    "reservation",
    "salvage",
    "sale sales",
    "disposal",
    "holding",
    "shortage",
    "yes",
    "all",
    "any",
    "none",
)
_SENSE = {word: group.split()[0] for group in _SAME_SENSE for word in group.split()}
"""Word -> the sense it carries. Two words of different senses never stand for each other, and none of them may be left out or added."""
_OPPOSITES = ("un", "non", "in", "im", "dis", "anti", "ex", "de", "off")
_LIKE = 0.75


_DENIAL = re.compile(r"(?:!|≠|¬|~|<>|/=|[-\u2010-\u2015\u2212](?=\S))")


def is_denied(text: str) -> bool:
    """Return whether a text begins with a mark that turns the sense of what follows: !chinese, <>chinese, -chinese. A dash and a blank begin a list."""
    return bool(_DENIAL.match(unicodedata.normalize("NFKC", text).strip(" \"'(")))


def may_be_meant(word: str, known: str) -> bool:
    """Return whether a normalized word may be a slip for a known one: like in spelling, and not different by a word that changes the sense."""
    one, other = word.split("_"), known.split("_")
    if "".join(one) == "".join(other):
        return True
    left, extra = list(other), []
    for part in one:
        match = max(left, key=lambda candidate: _alike(part, candidate), default=None)
        if match is None or _alike(part, match) < _LIKE:
            extra.append(part)
        else:
            left.remove(match)
    if len(one) == 1 and len(other) > 1 and left:
        # Written together, with a slip: leadtme_months.
        return SequenceMatcher(None, word, "".join(other)).ratio() >= 0.9
    if any(part in _SENSE for part in (*extra, *left)):
        return False
    if len(extra) > len(left):
        return False  # what says more than the known word says something else
    # A part that is far off is forgiven where another part is right: risk_wait, Line 3.
    return not extra or (len(extra) < len(one) and all(any(_far(part, other) for other in left) for part in extra))


def _far(one: str, other: str) -> bool:
    return (one.isdigit() and other.isdigit()) or SequenceMatcher(None, one, other).ratio() >= 0.5


def _alike(one: str, other: str) -> float:
    """Return how like two words are, from 0 to 1; 0 where they carry different senses or one is the opposite of the other."""
    if one == other:
        return 1.0
    senses = _SENSE.get(one), _SENSE.get(other)
    if senses[0] is not None and senses[1] is not None:
        return 1.0 if senses[0] == senses[1] else 0.0
    if any(one == mark + other or other == mark + one for mark in _OPPOSITES):
        return 0.0
    if one.isdigit() or other.isdigit():
        return 0.0
    return SequenceMatcher(None, one, other).ratio()
