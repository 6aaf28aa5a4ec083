"""Find the tables of a sheet wherever they stand: below titles, beside each other, one under the other, or lying on their side.

A sheet is cut along its blank rows and columns; of each piece the row is found that holds the headers. What stands above it is the table's caption.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

from optimizer.importing.files import GivenFile
from optimizer.importing.wording import known_words, period_of, unit_in
from optimizer.intake.cells.headers import place
from optimizer.intake.cells.parse import Formula, is_blank
from optimizer.intake.files.raw import RawSheet
from optimizer.intake.rows.kinds import is_line, is_note
from optimizer.schema.language import normalize

_SEARCHED = 15
"""Headers stand within the first rows of a piece."""
_MOST_PIECES = 60
"""Pieces of one sheet that are looked at: a sheet of more is a form or a dashboard, no table."""

Area = tuple[int, int, int, int]
"""First row, first column, last row, last column, from 0."""


@dataclass(frozen=True, slots=True)
class FoundTable:
    """One table of a file. headers: its columns, each name once ("Price", "Price #2"); rows: the cells below, as they stand.

    places: the Excel address of each cell of rows; header_places: of the headers. units: the units in a row of their own, by column position.
    caption: what stands above the headers. repeated: how many cells were filled from a merged one. text: whether its file is text.
    numbers_merged: places of merged cells that hold one number for several rows. percents: (row, column) of numbers shown as percentages.
    """

    file: str
    sheet: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    places: tuple[tuple[str, ...], ...]
    header_places: tuple[str, ...]
    caption: str = ""
    units: tuple[str, ...] = ()
    text: bool = False
    on_its_side: bool = False
    numbers_merged: tuple[str, ...] = ()
    percents: frozenset[tuple[int, int]] = frozenset()
    formats: tuple[tuple[tuple[int, int], str], ...] = ()
    remarks: tuple[str, ...] = ()
    """What is odd about its sheet, such as hidden rows."""
    below: str = ""
    """What stands below the last table of a sheet, such as a note on its prices."""

    @property
    def title(self) -> str:
        """Return where it stands, as a planner says it: the file and the sheet, which are one in a text file."""
        return self.file if self.text else f"{self.file}, {self.sheet}"

    @property
    def area(self) -> str:
        """Return the corner of its headers, such as B4."""
        return self.header_places[0]

    def column(self, header: str) -> tuple[Any, ...]:
        """Return the cells below a header. KeyError where there is none of that name."""
        position = self.positions[header]
        return tuple(row[position] for row in self.rows)

    @property
    def positions(self) -> dict[str, int]:
        """Return the position of each header."""
        return {header: position for position, header in enumerate(self.headers)}


def find_tables(files: Iterable[GivenFile]) -> tuple[FoundTable, ...]:
    """Return every table of every sheet, in their order."""
    return tuple(table for file in files for raw in file.sheets for table in _of_sheet(file, raw))


def _of_sheet(file: GivenFile, raw: RawSheet) -> Iterator[FoundTable]:
    if not raw.rows:
        return
    grid, numbers_merged = _without_merges(raw)
    pieces = _joined(grid, list(_cut(grid, (0, 0, len(grid) - 1, len(grid[0]) - 1))))
    caption: list[str] = []
    tables: list[FoundTable] = []
    for piece in pieces[:_MOST_PIECES]:
        found = _table(file, raw, grid, piece, numbers_merged)
        if found is None:
            caption += [str(grid[row][column]) for row, column in _places(piece) if isinstance(grid[row][column], str)]
        else:
            tables.append(replace(found, caption=" ".join([*caption[-4:], found.caption]).strip()))
            caption = []
    if tables and caption:
        tables[-1] = replace(tables[-1], below=" ".join(caption[:4]))
    yield from tables


def _places(area: Area) -> Iterator[tuple[int, int]]:
    top, left, bottom, right = area
    return ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))


def _without_merges(raw: RawSheet) -> tuple[list[list[Any]], set[tuple[int, int]]]:
    """Return the cells with each text of a merged area in all its rows; and the places of numbers that are merged over several rows."""
    grid = [list(row) for row in raw.rows]
    numbers: set[tuple[int, int]] = set()
    for top, left, bottom, right in raw.merged:
        if bottom == top or left != right or bottom >= len(grid) or left >= len(grid[0]) or is_blank(grid[top][left]):
            continue
        value = grid[top][left]
        if isinstance(value, Real) and not isinstance(value, bool):
            numbers.add((top, left))
            continue
        for row in range(top + 1, bottom + 1):
            grid[row][left] = value
    return grid, numbers


# -- pieces ----------------------------------------------------------------------------------------------------------------


def _cut(grid: list[list[Any]], area: Area) -> Iterator[Area]:
    """Yield the pieces of an area that blank rows and columns part, each without a blank edge."""
    top, left, bottom, right = area
    rows = [row for row in range(top, bottom + 1) if any(not is_blank(value) for value in grid[row][left : right + 1])]
    columns = [column for column in range(left, right + 1) if any(not is_blank(grid[row][column]) for row in rows)]
    if not rows or not columns:
        return
    column_runs, row_runs = _runs(columns), _runs(rows)
    if len(column_runs) == 1 and len(row_runs) == 1:
        yield rows[0], columns[0], rows[-1], columns[-1]
        return
    parts = (
        [(rows[0], first, rows[-1], last) for first, last in column_runs]
        if len(column_runs) > 1
        else [(first, columns[0], last, columns[-1]) for first, last in row_runs]
    )
    for part in parts:
        yield from _cut(grid, part)


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _joined(grid: list[list[Any]], pieces: list[Area]) -> list[Area]:
    """Return the pieces, those without headers joined to the table that they continue: below a blank row, or beside a blank column."""
    joined: list[Area] = []
    for piece in sorted(pieces):
        other = next((one for one in reversed(joined) if _continues(grid, one, piece)), None)
        if other is None:
            joined.append(piece)
        else:
            place_ = joined.index(other)
            joined[place_] = (min(other[0], piece[0]), min(other[1], piece[1]), max(other[2], piece[2]), max(other[3], piece[3]))
    return sorted(joined)


def _continues(grid: list[list[Any]], table: Area, piece: Area) -> bool:
    """Return whether a piece is more of a table: rows like its own under it, or columns of numbers beside it."""
    if _header_row(grid, table) is None:
        return False
    header = _header_row(grid, piece)
    if piece[0] > table[2] and table[1] <= piece[1] and piece[3] <= table[3] and piece[0] - table[2] <= 3:
        return header is None and _like_rows_of(grid, table, piece)
    beside = piece[1] == table[3] + 2 and piece[0] >= table[0] and piece[2] <= table[2]
    if not beside:
        return False
    below = range((_header_row(grid, table) or 0) + 1, table[2] + 1)
    return not any(isinstance(grid[row][column], str) for row in below for column in range(piece[1], piece[3] + 1))


def _like_rows_of(grid: list[list[Any]], table: Area, piece: Area) -> bool:
    """Return whether the rows of a piece have numbers where the table above has them."""
    last = grid[table[2]]
    numeric = [column for column in range(table[1], table[3] + 1) if _is_number(last[column])]
    return bool(numeric) and any(_is_number(grid[row][column]) for row in range(piece[0], piece[2] + 1) for column in numeric)


# -- headers ---------------------------------------------------------------------------------------------------------------


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _is_label(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, Formula) and not is_blank(value) and len(value) <= 90


def _header_row(grid: list[list[Any]], area: Area) -> int | None:
    """Return the row of a piece that holds its headers; None where none does."""
    top, left, bottom, right = area
    width = right - left + 1
    best: tuple[float, int] | None = None
    for row in range(top, min(bottom, top + _SEARCHED) + 1):
        cells = grid[row][left : right + 1]
        filled = [value for value in cells if not is_blank(value)]
        labels = [value for value in filled if _is_label(value) or isinstance(value, (dt.date, dt.datetime)) or period_of(value)]
        if len(filled) < 2 or is_note(cells) or is_line(cells) or len(labels) < len(filled) or not _filled_below(grid, row, area):
            continue
        known = sum(known_words(value) for value in labels if isinstance(value, str)) + 0.5 * sum(bool(period_of(value)) for value in labels)
        distinct = len({str(value) for value in filled}) / len(filled)
        score = 2 * known + len(filled) / width + distinct - 0.05 * (row - top)
        # A row of texts and of numbers alike is data; a first row of texts over numbers is a header though no word of it is known.
        if known == 0 and not _contrasts(grid, row, area):
            continue
        if best is None or score > best[0]:
            best = (score, row)
    return best[1] if best else None


def _filled_below(grid: list[list[Any]], row: int, area: Area) -> bool:
    return row < area[2] and any(not is_blank(value) for value in grid[row + 1][area[1] : area[3] + 1])


def _contrasts(grid: list[list[Any]], row: int, area: Area) -> bool:
    """Return whether some column has a text in this row and numbers below."""
    below = range(row + 1, min(area[2], row + 6) + 1)
    return any(
        _is_label(grid[row][column]) and any(_is_number(grid[number][column]) or _digits(grid[number][column]) for number in below)
        for column in range(area[1], area[3] + 1)
    )


def _digits(value: Any) -> bool:
    return isinstance(value, str) and any(mark.isdigit() for mark in value) and sum(mark.isalpha() for mark in value) <= 3


def _table(file: GivenFile, raw: RawSheet, grid: list[list[Any]], area: Area, merged: set[tuple[int, int]]) -> FoundTable | None:
    """Return the table of a piece, upright or lying on its side; None where it has no headers."""
    upright = _read(grid, area, lambda row, column: (row, column), raw)
    width, height = area[3] - area[1] + 1, area[2] - area[0] + 1
    side = None
    if width > 1 and height > 1:
        turned = [[grid[row][column] for row in range(area[0], area[2] + 1)] for column in range(area[1], area[3] + 1)]
        side = _read(turned, (0, 0, width - 1, height - 1), lambda row, column: (column + area[0], row + area[1]), raw)
    lying = side is not None and (upright is None or _known(side) >= max(3, 2 * _known(upright) + 1))
    chosen = side if lying else upright
    if chosen is None:
        return None
    places = [[(r, c) for r, c in row] for row in chosen.places]
    numbers = tuple(place(r + 1, c) for row in places for r, c in row if (r, c) in merged)
    percents = frozenset((i, j) for i, row in enumerate(places) for j, spot in enumerate(row) if spot in raw.percents)
    formats = tuple(((i, j), raw.formats[spot]) for i, row in enumerate(places) for j, spot in enumerate(row) if spot in raw.formats)
    return FoundTable(
        file.name,
        raw.name,
        _each_once(chosen.headers),
        tuple(map(tuple, chosen.rows)),
        tuple(tuple(place(r + 1, c) for r, c in row) for row in places),
        tuple(place(r + 1, c) for r, c in chosen.header_places),
        chosen.caption,
        tuple(chosen.units),
        file.text,
        lying,
        numbers,
        percents,
        formats,
        tuple(warning.message for warning in raw.warnings),
    )


@dataclass(slots=True)
class _Piece:
    """A piece with its headers told from its rows. places: (row, column) on the sheet."""

    headers: list[str]
    header_places: list[tuple[int, int]]
    rows: list[list[Any]]
    places: list[list[tuple[int, int]]]
    caption: str
    units: list[str]


def _known(piece: _Piece) -> float:
    return sum(known_words(header) for header in piece.headers)


def _read(grid: list[list[Any]], area: Area, spot: Callable[[int, int], tuple[int, int]], raw: RawSheet) -> _Piece | None:
    row = _header_row(grid, area)
    if row is None:
        return None
    top, left, bottom, right = area
    columns = [column for column in range(left, right + 1) if any(not is_blank(grid[number][column]) for number in range(row, bottom + 1))]
    groups = _groups(grid, row, area) if row > top else {}
    headers = [" ".join(filter(None, (groups.get(column, ""), _header_text(grid[row][column])))) for column in columns]
    first = row + 1
    below = _sub_headers(grid, row, columns) if first < bottom else {}
    headers = [" ".join(filter(None, (header, below[column]))) if column in below else header for column, header in zip(columns, headers, strict=True)]
    first += bool(below)
    units = _units_under(grid[first], columns) if first <= bottom else []
    first += bool(units)
    numbers = [number for number in range(first, bottom + 1) if any(not is_blank(grid[number][column]) for column in columns)]
    if not numbers:
        return None
    above = [
        str(value) for number in range(top, row) if not (groups and number == row - 1) for value in grid[number][left : right + 1] if isinstance(value, str)
    ]
    return _Piece(
        headers,
        [spot(row, column) for column in columns],
        [[grid[number][column] for column in columns] for number in numbers],
        [[spot(number, column) for column in columns] for number in numbers],
        " ".join(" ".join(dict.fromkeys(above)).split()),
        units,
    )


def _header_text(value: Any) -> str:
    """Return a header as text: a day as its ISO date, a year without decimals."""
    if is_blank(value):
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())


def _groups(grid: list[list[Any]], row: int, area: Area) -> dict[int, str]:
    """Return the heading of a group of columns, such as Price over 2027 and 2028, for each column under it; none where the row above is a title."""
    above = grid[row - 1]
    texts = [column for column in range(area[1], area[3] + 1) if _is_label(above[column])]
    if not texts or (len(texts) == 1 and texts[0] == area[1]):
        return {}
    found: dict[int, str] = {}
    for first, following in zip(texts, [*texts[1:], area[3] + 1], strict=True):
        under = [column for column in range(first, following) if not is_blank(grid[row][column])]
        # A group says what its periods, or its parts of one name, are; above other headers it is a title.
        if under and all(period_of(grid[row][column]) for column in under):
            found.update(dict.fromkeys(under, " ".join(str(above[first]).split())))
    return found


def _sub_headers(grid: list[list[Any]], row: int, columns: list[int]) -> dict[int, str]:
    """Return what a second row of headers adds to each column, such as 2027 below Price or weeks below Lead time; {} where there is none.

    It holds periods and units alone, one of them below a blank cell, which then means the group to its left.
    """
    cells = grid[row + 1]
    filled = [column for column in columns if not is_blank(cells[column])]
    spans = {column for column in filled if period_of(cells[column]) is not None}
    units = {column for column in filled if isinstance(cells[column], str) and unit_in(cells[column].strip("()[]{} ")) is not None}
    if not filled or not spans or set(filled) != spans | units or not any(is_blank(grid[row][column]) for column in filled):
        return {}
    added, group = {}, ""
    for column in columns:
        group = _header_text(grid[row][column]) or group
        if column in filled:
            text = _header_text(cells[column]).strip("()[]{} ")
            text = f"({text})" if column in units else text
            added[column] = f"{group} {text}" if is_blank(grid[row][column]) else text
    return added


def _units_under(cells: list[Any], columns: list[int]) -> list[str]:
    """Return the units of a row that holds nothing else, a text for each column; [] where it is no such row."""
    texts = ["" if is_blank(cells[column]) else cells[column] for column in columns]
    if not all(isinstance(text, str) for text in texts):
        return []
    found = [bool(text) and unit_in(text.strip("()[]{} ")) is not None for text in texts]
    others = [text for text, unit in zip(texts, found, strict=True) if text and not unit]
    enough = sum(found) >= 2 or (any(found) and not others)
    if not enough or any(
        len(normalize(text)) > 12 or known_words(text) < 1 for text in others if normalize(text) not in ("text", "name", "date", "iso", "code")
    ):
        return []
    return [" ".join(text.strip("()[]{} ").split()) if unit else "" for text, unit in zip(texts, found, strict=True)]


def _each_once(headers: list[str]) -> tuple[str, ...]:
    """Return headers, the second of a name as "Name #2"; a column without a header as "column 3"."""
    counts: dict[str, int] = {}
    result = []
    for number, header in enumerate(headers, start=1):
        name = header or f"column {number}"
        counts[normalize(name)] = counts.get(normalize(name), 0) + 1
        result.append(name if counts[normalize(name)] == 1 else f"{name} #{counts[normalize(name)]}")
    return tuple(result)
