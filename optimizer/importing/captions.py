"""Units that stand above a table, or in the name of its sheet or file, and hold for the columns that give none: Demand (t), all prices in EUR/kg."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from optimizer.importing.mapping import Unpivot, column_of
from optimizer.importing.measures import currency_in
from optimizer.importing.periods import DAY, MONTH, QUARTER, WEEK, YEAR
from optimizer.importing.tables import FoundTable
from optimizer.importing.values import is_heading_row
from optimizer.importing.wording import read_header, unit_in
from optimizer.intake.cells.parse import is_blank
from optimizer.intake.cells.units import declared_unit
from optimizer.schema.language import NUMBER_KINDS

_PARTS = re.compile(r"[,:;–—|/]\s|\s-\s|\b(?:in|en|w)\b")


def units_of_caption(table: FoundTable) -> tuple[str, ...]:
    """Return the units that a table's caption, the notes below it, its sheet and file name, each once."""
    names = [table.caption, *_notes_below(table), *([] if table.text else [table.sheet]), Path(table.file).stem.replace("_", " ")]
    found = []
    for name in filter(None, names):
        inside = re.findall(r"[(\[]([^()\[\]]*)[)\]]", name)
        outside = re.sub(r"[(\[][^()\[\]]*[)\]]", "", name)
        parts = [*inside, *(part for one in (*inside, outside) for part in _PARTS.split(one)[1:])]
        parts += [outside] if len(outside.strip()) > 1 or outside.strip() == "t" else []  # kUSD by itself; a single letter may number something
        found += [" ".join(part.split()) for part in parts if part.strip() and len(part) <= 30 and unit_in(part.strip(" .:")) is not None]
        if len(outside.split()) > 1 and (unit := read_header(outside).unit):
            found.append(unit)
    return tuple(dict.fromkeys(found))


def _notes_below(table: FoundTable) -> list[str]:
    """Return what stands below a table, and in its last rows as a text alone: all prices in EUR."""
    last = takewhile(is_heading_row, reversed(table.rows))
    return [*(next(str(value) for value in row if not is_blank(value)) for row in last), table.below]


def year_of(table: FoundTable) -> str:
    """Return the one year that a table's caption, sheet or file names, "" where none or several do."""
    names = [table.caption] if table.text else [table.caption, table.sheet]
    for name in (*names, Path(table.file).stem):
        found = set(re.findall(r"(?<!\d)(20\d{2})(?!\d)", name))
        if found:
            return found.pop() if len(found) == 1 else ""
    return ""


_CUMULATIVE = re.compile(r"\b(?:running totals?|year to date|ytd|aufgelaufen\w*|kumul\w*|cumul\w*|acumulad\w*|narastaj\w*)", re.IGNORECASE)
"""Words that say that each number holds those before it, which no unit can say."""
_RATES = (r"daily|täglich\w*|per day", r"weekly|wöchentlich\w*|per week", r"monthly|monatlich\w*|per month", r"quarterly|vierteljährlich\w*|per quarter")
_LENGTHS = (DAY, WEEK, MONTH, QUARTER, YEAR)
"""Periods by their length; the words of a rate per the first four stand in their order above."""


def counted_otherwise(table: FoundTable, unpivots: Sequence[Unpivot]) -> str:
    """Return the words of a caption or sheet that may change what numbers by period say, "" for none: cumulative, or monthly over columns of years."""
    text = f"{table.caption} {table.sheet}"
    if not (headers := [header for one in unpivots if one.periods for header in one.headers]):
        return ""
    if found := _CUMULATIVE.search(text):
        return found[0]
    longest = max((_LENGTHS.index(span.kind) for header in headers if (span := read_header(header).span) is not None), default=0)
    rates = (re.search(rf"\b(?:{rate})\b", text, re.IGNORECASE) for rate in _RATES[:longest])
    return next((found[0] for found in rates if found), "")


def said_of_caption(unit: str) -> str:
    """Say where a unit comes from that a column's own header does not name."""
    return f"'{unit}' is taken from the caption, a note below, or the name of the sheet or file."


def with_caption(target: str, unit: str, caption: Sequence[str]) -> tuple[str, str]:
    """Return a column's unit with what the caption adds to it, and that addition, "" for none.

    A caption adds a whole unit to a header without one, and a currency, a weight or a time where the header leaves just that open.
    """
    column = column_of(target)
    declared = declared_unit(column.unit) if column is not None and column.kind in NUMBER_KINDS else None
    if declared is None or declared.top in ("share", "times"):
        return unit, ""
    for added in caption:
        if not _serves(added, declared.top, declared.per_material, declared.per_year):
            continue
        own = unit_in(unit) if unit else None
        if own is None:
            return added, added
        if declared.top == "money" and not currency_in(unit) and (currency := currency_in(added)) and own.top is None:
            return f"{currency} {unit}", currency
        other = unit_in(added)
        if declared.per_year and other is not None and other.top is None and not own.of_time:
            return f"{unit} {added}", added
        if declared.top == "material" and own.top is None and other is not None and other.top is not None and not other.of_time:
            return f"{added} {unit}", added
    return unit, ""


def _serves(unit: str, top: str, per_material: bool, per_year: bool) -> bool:
    """Return whether a unit counts what a column counts."""
    found = unit_in(unit)
    if found is None:
        return False
    kind = "" if found.top is None else found.top.kind
    if (found.of_time and not per_year) or (top == "money" and per_material and kind == "money" and per_year):
        return False
    counted = {"money": ("money",), "material": ("mass", "other"), "months": ("time",), "seconds": ("time",)}[top]
    return kind in counted or (not kind and bool(found.of_time))
