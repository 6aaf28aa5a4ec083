"""The other words that planners write for a column of the schema, in the languages that their sheets come in (synonyms.toml).

The import of a planner's own sheets reads them; a sourcing workbook itself keeps to the columns' own names.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("synonyms.toml")


@cache
def synonyms(part: str = "words") -> dict[str, tuple[str, ...]]:
    """Return column -> other words for it, normalized. part: "words", or "weak" for those that say it only where the table as a whole does.

    A column is named alone where the words hold on every sheet that has it, or as "Suppliers.price" where they hold on that sheet.
    """
    with _TABLE.open("rb") as file:
        return {column: tuple(words.split()) for column, words in tomllib.load(file)[part].items()}


def words_of(sheet: str, column: str, part: str = "words") -> tuple[str, ...]:
    """Return the other words for a column of a sheet, normalized; part as for `synonyms`."""
    known = synonyms(part)
    return (*known.get(f"{sheet}.{column}", ()), *known.get(column, ()))
