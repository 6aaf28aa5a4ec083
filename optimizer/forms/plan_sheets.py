"""The names and headers of the sheets that a plan workbook adds to its input.

An earlier plan's sheets are known by them when a plan workbook is read, solved or edited again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from optimizer.forms.writing import is_missing, safe_text
from optimizer.intake.files.sources import RawSheet
from optimizer.schema.language import normalize
from optimizer.schema.results import OUTPUTS

SUMMARY, CHARTS, DATA = "Summary", "Charts", "Chart data"
SUMMARY_HEAD, CHARTS_HEAD, DATA_HEAD = "Sourcing plan", "Charts of the plan", "Data of the charts"
PROVENANCE, WARNINGS = "Provenance", "Warnings"
PROVENANCE_HEAD = ("What", "Value")
WARNINGS_HEAD = ("Level", "Where", "Message", "Found", "Expected", "What to do")


def heading(name: str, unit: str, currency: str, units: Iterable[str]) -> str:
    """Return the header of a result column: its name in words and its unit."""
    words = name.replace("_", " ").capitalize()
    if not unit:
        return words
    if unit == "days" and words.endswith(" days"):
        words = words.removesuffix(" days")
    one_unit = set(units)
    unit_text = one_unit.pop() if len(one_unit) == 1 else "in the material's unit"
    # On one line: what was typed as a currency may hold a line break, and the formula of a total names its column.
    return " ".join(safe_text(f"{words} ({unit.replace('{currency}', currency).replace('{unit}', unit_text)})").split())[:255]


def is_ours(raw: RawSheet) -> bool:
    """Return whether a sheet was written by an earlier plan: one of our names over the first row that we write there."""
    first = [re.sub(r" \(.*\)$", "", str(value), flags=re.DOTALL) for value in (raw.rows[0] if raw.rows else ()) if not is_missing(value)]
    heads: dict[str, list[str]] = {
        SUMMARY: [SUMMARY_HEAD],
        CHARTS: [CHARTS_HEAD],
        DATA: [DATA_HEAD],
        PROVENANCE: list(PROVENANCE_HEAD),
        WARNINGS: list(WARNINGS_HEAD),
    }
    heads |= {output.sheet: [heading(name, "", "", ()) for name in output.columns] for output in OUTPUTS}
    ours = {normalize(name): [text.removesuffix(" days") for text in head] for name, head in heads.items()}
    return ours.get(normalize(raw.name)) == [text.removesuffix(" days") for text in first]
