"""Every sentence of what was read, and of what looks odd, on the inputs page."""

from __future__ import annotations

HEAD = "What was read"
NOT_READ, SHEETS, ABSENT, DEFAULTS = "Not read", "Read", "Not in the file", "On defaults"
DEFAULTS_NOTE = "Left blank in the workbook, so what stands here counts."
SHEET, COLUMN, COUNTS, ROWS = "Sheet", "Column", "What counts", "In rows"
EVERY_ROW = "all"
NOTHING_LEFT_OUT = "Everything in the file was read."
WARNINGS_HEAD = "Warnings"
WARNINGS_NOTE = "These are legal but look odd. They do not stand in the way of a plan. Choose a row to see what may put it right."
WHERE, WHAT = "Where", "What looks odd"


def rows(count: int) -> str:
    """A number of rows."""
    return f"{count:,} row{'s' * (count != 1)}"


def filled(count: int) -> str:
    """Say how much stands on a sheet that is not read."""
    return f"sheet, {count:,} filled row{'s' * (count != 1)}"


def no_data(cell: str) -> str:
    """A row that is no data, such as a title or a total, by its first cell."""
    return f"row of {cell}, no data"


def column_unread(cell: str) -> str:
    """A column that is not read, by its header's cell."""
    return f"column {cell}"


def example(numbers: tuple[int, ...]) -> str:
    """Example rows that do not count."""
    return f"the template's example in row {', '.join(map(str, numbers))} does not count"


def some_rows(count: int, of: int) -> str:
    """In how many rows a default counts."""
    return f"{count:,} of {of:,}"
