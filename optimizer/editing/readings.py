"""Propose for a cell each meaning of a text that cannot be read in one way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from optimizer.editing.entry import Percentage, entry_text, readings_of
from optimizer.editing.sheets import Sheets, column_at, headers_in, raw_of, sheet_of, value_at, with_cell
from optimizer.errors import Problem
from optimizer.intake.cells.headers import SETTING_COLUMNS
from optimizer.intake.cells.parse import is_blank
from optimizer.intake.files.sources import RawSheet
from optimizer.schema.language import normalize
from optimizer.schema.sheets import SETTINGS


def of_readings(problem: Problem, sheets: Sheets) -> Iterator[tuple[str, Sheets]]:
    """Yield, for each value that the text of a problem's cell may mean in its column, the words of a proposal and the sheets after it."""
    raw = sheet_of(sheets, problem.sheet)
    row, column = problem.row, problem.column
    if raw is None:
        return
    found = readings_of(value_at(raw, row, column), column_at(raw, row, column), currency_of(sheets))
    share = any(isinstance(value, Percentage) for value in found)
    for value in found:
        yield f"Use {in_words(value, share)}", with_cell(sheets, raw.name, row, column, value)


def in_words(value: Any, share: bool) -> str:
    """Return a value as a proposal names it: a day with its month in words, so that nobody takes the one for the other.

    share: beside this number stands a percentage, so that it is said as one, too.
    """
    if isinstance(value, dt.date):
        return f"{value.day} {value:%B %Y}"
    if share and not isinstance(value, Percentage):
        return f"{entry_text(value)} ({entry_text(value, percent=True)})"
    return entry_text(value, percent=isinstance(value, Percentage)) or ""


def currency_of(sheets: Iterable[RawSheet]) -> str:
    """Return the currency of the case as its settings say it, or their default."""
    raw, (name, value) = raw_of(sheets, SETTINGS), SETTING_COLUMNS
    top = headers_in(raw) - 1 if raw is not None else 0
    header = [normalize(text) if not is_blank(text) else "" for text in (raw.rows[top] if raw is not None and raw.rows else ())]
    default = SETTINGS.column("currency").default
    if name.name not in header or value.name not in header:
        return default
    at, to = header.index(name.name), header.index(value.name)
    given = next((row[to] for row in raw.rows[top + 1 :] if not is_blank(row[at]) and normalize(row[at]) == "currency"), None)
    return default if is_blank(given) else str(given)
