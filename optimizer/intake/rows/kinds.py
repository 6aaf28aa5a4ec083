"""The rows of a table that are no data: notes, units under the headers, totals, headings of sections; and merged cells.

What is left out is said. Where a row may as well be data that is not finished, it is a problem at its cell, never skipped in silence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Sequence
from numbers import Real
from typing import Any

from optimizer.errors import Level, Problem, SetCells
from optimizer.intake.cells.headers import MARK, Context, is_marked, place
from optimizer.intake.cells.parse import Formula, is_blank, shown
from optimizer.intake.cells.units import is_remark, parse_unit
from optimizer.intake.files.raw import RawSheet
from optimizer.schema.language import NUMBER_KINDS, Column, fold

_MOST_MERGES_NAMED = 20
"""Where more merged areas are not read, the first is named and the rest are counted."""
LABEL_KINDS = ("text", "name", "names", "choice", "choices")
TOTAL = re.compile(
    r"(?:(?:grand|sub|sum|overall)[\s-]*)?totals?\b.*|.*\b(?:sub-?)?totals?|sub-?totals?.*|sums?|sum of .*|summe\b.*|gesamt(?:summe)?|zwischensumme|insgesamt|"
    r"somme|totaux|totale|totaal|razem|suma|łącznie|ogółem|averages?|mean|mittelwert|Ø",
    re.IGNORECASE,
)
"""What a row says of itself that adds up others."""

Cells = Sequence[Any]


def filled(cells: Cells) -> list[int]:
    """Return the positions of the cells of a row that hold something."""
    return [position for position, value in enumerate(cells) if not is_blank(value)]


def is_note(cells: Cells) -> bool:
    """Return whether the first text of a row marks it as a note."""
    places = filled(cells)
    return bool(places) and is_marked(cells[places[0]])


def is_line(cells: Cells) -> bool:
    """Return whether a row holds nothing but marks, such as --- or ===."""
    texts = [cells[position] for position in filled(cells)]
    return bool(texts) and all(isinstance(text, str) and not isinstance(text, Formula) and re.fullmatch(r"[\s\-=_*~.–—·•|+]+", text) for text in texts)


def repeats(cells: Cells, header: Cells) -> bool:
    """Return whether a row holds the headers once more, as on the next page of a printed list."""
    places = filled(cells)
    return len(places) > 1 and all(isinstance(cells[position], str) and cells[position] == header[position] for position in places)


def note(title: str, row: int, cells: Cells, words: str) -> SetCells:
    """Mark a row as a note, which is not read."""
    position = filled(cells)[0]
    value = cells[position]
    return SetCells(words, ((row, position + 1, MARK + (value.strip() if isinstance(value, str) else shown(value))),))


def are_units(cells: Cells, columns: dict[int, Column], context: Context) -> bool:
    """Return whether a row below the headers holds units: remarks under names, and at least one unit under a number.

    columns: position -> the column that stands there.
    """
    places = filled(cells)
    texts = [cells[position] for position in places]
    if not places or not all(isinstance(text, str) and not isinstance(text, Formula) for text in texts):
        return False
    numbers = [position for position in places if position in columns and columns[position].kind in NUMBER_KINDS]
    others = [cells[position] for position in places if position not in numbers]
    units = [unit_of(cells[position], context) is not None for position in numbers]
    return any(units) and all(map(is_remark, others))


def unit_of(text: str, context: Context) -> Any:
    """Return the unit that a cell of a row of units gives, brackets or not; None if it gives none."""
    plain = text.strip().strip("()[]{}")
    if re.fullmatch(r"[\d.,'\s]*", plain):
        return None
    labels = dict.fromkeys(("", *(context.units or {}).values()))
    return next((found for label in labels if (found := parse_unit(plain, context.currency, label)) is not None), None)


def is_total(cells: Cells, columns: dict[int, Column], above: Sequence[Cells]) -> bool:
    """Return whether a row adds up those above it. above: the rows of data before it.

    A row that names itself a total and lacks a name that every row must have is one; so is one whose every required cell is filled, or that has
    no name at all, if its numbers are the sums of those above: Total may be a supplier.
    """
    labelled = [position for position in filled(cells) if isinstance(cells[position], str) and TOTAL.fullmatch(cells[position].strip().rstrip(":").strip())]
    required = [position for position, column in columns.items() if column.required and column.kind not in NUMBER_KINDS]
    blank = [position for position in required if is_blank(cells[position])]
    if labelled:
        if blank or any(columns[position].kind not in LABEL_KINDS for position in labelled if position in columns):
            return True
        return _adds_up(cells, columns, above)
    no_names = required and len(blank) == len(required) and not any(isinstance(cells[position], str) for position in filled(cells))
    return bool(no_names) and _adds_up(cells, columns, above)


def _adds_up(cells: Cells, columns: dict[int, Column], above: Sequence[Cells]) -> bool:
    """Return whether the row has numbers, one of which at least is the sum of two or more above it."""
    for position, column in columns.items():
        value = cells[position]
        if column.kind not in NUMBER_KINDS or not _is_number(value) or not value:
            continue
        numbers = [row[position] for row in above if _is_number(row[position])]
        if len(numbers) > 1 and math.isclose(sum(numbers), value, rel_tol=1e-9):
            return True
    return False


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def is_heading(cells: Cells, columns: dict[int, Column], below: Cells, merged: bool, context: Context) -> bool | None:
    """Return whether a row is the heading of a section: True where it cannot be data, None where it may be data that is not finished, else False."""
    places = filled(cells)
    if len(places) != 1 or not isinstance(cells[places[0]], str) or isinstance(cells[places[0]], Formula):
        return False
    required = [position for position, column in columns.items() if column.required]
    if sum(is_blank(cells[position]) for position in required) < 2:
        return False
    text, column = fold(cells[places[0]]), columns.get(places[0])
    elsewhere = [position for position in filled(below) if position != places[0] and isinstance(below[position], str) and fold(below[position]) == text]
    known = text in (context.units or {}) and (column is None or column.name != "material")
    return True if merged or text.endswith(":") or elsewhere or known else None


def vertical_areas(merged: Sequence[tuple[int, int, int, int]], first_row: int) -> Iterator[tuple[int, int, int]]:
    """Yield the merged areas of one column below the headers: position, first and last row, all counted from 0."""
    for top, left, bottom, right in merged:
        if left == right and bottom > top and top >= first_row:
            yield left, top, bottom


def merged_unread(raw: RawSheet, read: Collection[str]) -> Iterator[Problem]:
    """Warn of merged cells of which only the first is read. read: the areas that are read as one value for all their rows, or are titles."""
    width = max(map(len, raw.rows), default=0)
    areas = [area for area in raw.merged if area[0] < len(raw.rows) and area[1] < width]
    named = [(place(top + 1, left), f"{place(top + 1, left)}:{place(bottom + 1, right)}") for top, left, bottom, right in areas]
    unread = [(first, area) for first, area in named if area not in read]
    many = len(unread) > _MOST_MERGES_NAMED
    more = f" {len(unread) - 1} more merged areas are read likewise." if many else ""
    for first, area in unread[: 1 if many else None]:
        message = f"Merged cells {area}: only the first of them holds the value, the others are read as blank. Unmerge them.{more}"
        yield Problem(raw.name, first, message, f"merged cells {area}", "a plain table", "", Level.WARNING)


def merged_number(title: str, position: int, top: int, bottom: int, value: Any) -> Problem:
    """Return the problem of one number that stands in a merged cell beside several rows: each may have it, or all of them together."""
    message = f"One merged cell gives {shown(value)} to the rows {top + 1} to {bottom + 1}: each of them may have it, or all of them together."
    fix = "Unmerge the cells and give each row its own number."
    cells = tuple((row + 1, position + 1, value) for row in range(top + 1, bottom + 1))
    each = SetCells(f"Give {shown(value)} to each of the rows {top + 1} to {bottom + 1}", cells)
    found = f"merged cells {place(top + 1, position)}:{place(bottom + 1, position)}"
    return Problem(title, place(top + 1, position), f"{message} {fix}", found, "a number a row", fix, repairs=(each,))
