"""The edits that a planner thinks in, each as a change of the sheets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from optimizer.editing.sheets import Sheets, add_sheet, column_positions, headers_in, raw_of, value_at, with_cells
from optimizer.intake.cells.headers import SETTING_COLUMNS
from optimizer.intake.cells.parse import is_blank
from optimizer.intake.files.raw import RawSheet
from optimizer.schema.language import normalize
from optimizer.schema.sheets import SETTINGS


def with_settings(sheets: Iterable[RawSheet], values: Mapping[str, Any]) -> Sheets:
    """Return the sheets with other values of some settings, by name, each in its row of the Settings sheet, or in a new one."""
    sheets = tuple(sheets)
    if not values:
        return sheets
    sheets = add_sheet(sheets, SETTINGS)
    raw = raw_of(sheets, SETTINGS)
    assert raw is not None  # it was added where it was missing
    name_at, value_at_column = (column_positions(raw)[column.name] for column in SETTING_COLUMNS[:2])
    rows = range(headers_in(raw) + 1, len(raw.rows) + 1)
    known = {normalize(name): row for row in rows if not is_blank(name := value_at(raw, row, name_at))}
    free = max((row for row in rows if any(not is_blank(value) for value in raw.rows[row - 1])), default=headers_in(raw)) + 1
    cells: dict[tuple[int, int], Any] = {}
    for name, value in values.items():
        if normalize(name) not in known:
            known[normalize(name)] = free
            cells[free, name_at], free = name, free + 1
        cells[known[normalize(name)], value_at_column] = value
    return with_cells(sheets, raw.name, cells)
