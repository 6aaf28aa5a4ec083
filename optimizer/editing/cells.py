"""Name cells of a workbook in a line of text, and read the workbook anew with other values in them.

A cell is named as Excel names it, "Suppliers!F7" (or "Suppliers!F7:F9" for several); by its sheet, its row's name and its column,
"Suppliers / Allied Separation / price"; or as a whole column, "Disruptions / annual_probability". A row's name is one or more of the values
that identify it, with commas between them: "Suppliers / Allied Separation, Dysprosium oxide / price". It means every row that bears it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

from openpyxl.utils.cell import get_column_letter, range_boundaries

from optimizer.editing.entry import Percentage, typed
from optimizer.editing.readings import currency_of
from optimizer.editing.sheets import Sheets, column_at, column_positions, headers_in, value_at, with_cells
from optimizer.errors import Problem, WorkbookError
from optimizer.intake.cells.headers import SETTING_COLUMNS, is_marked
from optimizer.intake.cells.parse import Formula, is_blank, listed, shown, tidy
from optimizer.intake.files.raw import RawSheet, declared_sheet
from optimizer.intake.reader import Reading, case_from_sheets, reading_of
from optimizer.schema.fields import columns_of as columns_of_record
from optimizer.schema.language import NUMBER_KINDS, Column, fold, normalize
from optimizer.schema.records import Settings

_ADDRESS = re.compile(r"\s*(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>[^'!]+))!\s*(?P<cells>\$?[A-Za-z]{1,3}\$?[0-9]{1,7}(?::\$?[A-Za-z]{1,3}\$?[0-9]{1,7})?)\s*")
_BETWEEN = " / "
MOST_NAMED = 40
"""The rows or columns that a message names at most."""


@dataclass(frozen=True, slots=True)
class Times:
    """Stands in place of a value: the number that the cell holds, times a factor (at least 0), but no further than the column of the cell allows.

    A probability of 95% times 1.1 is 100%. Blank cells, and cells that hold no number, stay as they are.
    """

    factor: float

    def __post_init__(self) -> None:
        if not 0 <= self.factor < float("inf"):
            raise ValueError(f"A number of the workbook cannot be multiplied by {self.factor}.")


@dataclass(frozen=True, slots=True)
class Place:
    """The cells that a name means: the sheet as the file calls it, and the row and column of each, counted from 1."""

    sheet: str
    cells: tuple[tuple[int, int], ...]

    @property
    def addresses(self) -> tuple[str, ...]:
        """Return the cells as Excel names them, such as F7."""
        return tuple(f"{get_column_letter(column)}{row}" for row, column in self.cells)


def place_of(sheets: Iterable[RawSheet], name: str) -> Place:
    """Return the cells that a name means. WorkbookError where the sheet, the row or the column is not there.

    >>> sheets = optimizer.load("sample_inputs/tutorial.xlsx").sheets
    >>> optimizer.editing.place_of(sheets, "Suppliers / Allied Separation / price").addresses
    ('E3',)
    """
    sheets = tuple(sheets)
    if found := _ADDRESS.fullmatch(name):
        title = (found["quoted"] or found["plain"]).replace("''", "'").strip()
        raw = _sheet(sheets, title, name)
        left, top, right, bottom = range_boundaries(found["cells"].replace("$", ""))
        return Place(raw.name, tuple((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)))
    parts = [part.strip() for part in name.split(_BETWEEN)]
    if len(parts) < 2 or not all(parts):
        raise _unknown(name, "", "It names no cell. Name one as Suppliers!F7, as Suppliers / Allied Separation / price, or a column as Suppliers / price.")
    raw = _sheet(sheets, parts[0], name)
    declared = declared_sheet(raw.name)
    if declared is not None and declared.settings and len(parts) == 2:
        parts = [parts[0], parts[1], SETTING_COLUMNS[1].name]
    column = _column(raw, parts[-1], name)
    rows = _rows(raw, _BETWEEN.join(parts[1:-1]), name)
    return Place(raw.name, tuple((row, column) for row in rows))


def with_values(sheets: Iterable[RawSheet], cells: Mapping[str, Any]) -> Sheets:
    """Return the sheets with other values in cells that are named as place_of does; each value is a cell's value or Times.

    WorkbookError where a name means no cell, or none with a number to multiply. Names are taken in their order, one after the other.
    """
    sheets = tuple(sheets)
    currency = currency_of(sheets)
    for name, value in cells.items():
        place = place_of(sheets, name)
        raw = next(raw for raw in sheets if raw.name == place.sheet)
        if isinstance(value, Times):
            known = {cell: number for cell in place.cells if (number := number_at(raw, *cell, currency)) is not None}
            if not known:
                raise _unknown(name, place.sheet, "None of these cells holds a number that could be multiplied.", place.addresses[:1])
            values = {cell: _within(number, value.factor, column_at(raw, *cell)) for cell, number in known.items()}
        else:
            values = dict.fromkeys(place.cells, value)
        sheets = with_cells(sheets, place.sheet, values)
    return sheets


def number_at(raw: RawSheet, row: int, column: int, currency: str = "") -> float | int | None:
    """Return the number that a cell holds, also where it is written as text; None where it holds none."""
    value, declared = value_at(raw, row, column), column_at(raw, row, column)
    if declared is not None and declared.kind not in NUMBER_KINDS:
        return None
    if isinstance(value, str) and not isinstance(value, Formula):
        value = typed(value, declared, currency, (row - 1, column - 1) in raw.percents)
    return value if isinstance(value, Real) and not isinstance(value, bool) else None  # type: ignore[return-value]


def varied(source: Reading, cells: Mapping[str, Any], settings: Mapping[str, Any] | None = None) -> Reading:
    """Return a workbook's reading with other values in some cells, read anew; `settings` stand in for its own, as those do that it was read with.

    WorkbookError with every problem of the changed workbook, each at its cell, and for the reading of a case, which has no cells.
    """
    if not cells:
        return reading_of(source, settings)
    if not source.sheets:
        raise _unknown(next(iter(cells)), "", "This is a case, not a workbook, and has no cells. Change its records, or ask with the workbook.")
    given = settings_given(source) | {normalize(name): value for name, value in (settings or {}).items()}
    return case_from_sheets(with_values(source.sheets, cells), source.name, source.sha256, given)


def settings_given(source: Reading) -> dict[str, Any]:
    """Return the settings that a reading was made with beside its sheets: those that differ from what the sheets say."""
    known = source.case.settings
    try:
        plain: Settings | None = case_from_sheets(source.sheets, source.name, source.sha256).case.settings
    except WorkbookError:  # the sheets alone are not sound, so that it is not known what they say
        plain = None
    names = [column.attribute for column in columns_of_record(Settings)]
    return {name: getattr(known, name) for name in names if plain is None or getattr(plain, name) != getattr(known, name)}


def _within(number: float, factor: float, column: Column | None) -> float | int | Percentage:
    """Return a number times a factor, in the bounds of its column as far as they are admissible themselves."""
    changed = number * factor
    if column is not None:
        if column.high is not None and not column.below:
            changed = min(changed, max(column.high, number))
        if column.low is not None and not column.above:
            changed = max(changed, min(column.low, number))
    if isinstance(number, Percentage):
        return Percentage(changed)
    # 120 * 1.1 is 132.00000000000003 to a computer and 132 to a planner.
    changed = float(f"{changed:.15g}")
    return int(changed) if isinstance(number, int) and changed.is_integer() else changed


def _sheet(sheets: Sheets, title: str, name: str) -> RawSheet:
    found = [raw for raw in sheets if raw.name == title] or [raw for raw in sheets if normalize(raw.name) == normalize(title)]
    if not found:
        raise _unknown(name, "", f"There is no sheet {shown(title)}. The sheets are {listed(raw.name for raw in sheets)}.")
    return found[0]


def _column(raw: RawSheet, title: str, name: str) -> int:
    """Return the position, from 1, of a column that is named by its name in the schema or by its header."""
    headers = raw.rows[headers_in(raw) - 1] if raw.rows else ()
    readable = {position: str(text) for position, text in enumerate(headers, start=1) if not is_blank(text) and not is_marked(text)}
    by_header = next((position for position, text in readable.items() if normalize(text) == normalize(title)), None)
    position = by_header or column_positions(raw).get(normalize(title))
    if position is None:
        raise _unknown(name, raw.name, f"The sheet {raw.name} has no column {shown(title)}. Its columns are {listed(readable.values(), MOST_NAMED)}.")
    return position


def _rows(raw: RawSheet, row_name: str, name: str) -> list[int]:
    """Return the numbers of the rows that bear a name; of all rows that are read where it is blank."""
    filled = [row for row in range(headers_in(raw) + 1, len(raw.rows) + 1) if _is_read(raw.rows[row - 1])]
    rows = [row for row in filled if not row_name or _says(row_values(raw, row), fold(row_name))]
    if not rows:
        # Names may hold commas, so that rows are told apart by semicolons.
        known = list(dict.fromkeys(", ".join(row_values(raw, row)) for row in filled))
        more = f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else ""
        what = f"no row {shown(row_name)}. Its rows are {'; '.join(known[:MOST_NAMED])}{more}." if row_name else "no rows."
        raise _unknown(name, raw.name, f"The sheet {raw.name} has {what}")
    return rows


def _is_read(cells: tuple[Any, ...]) -> bool:
    first = next((value for value in cells if not is_blank(value)), None)
    return first is not None and not is_marked(first)


def row_values(raw: RawSheet, row: int) -> list[str]:
    """Return the values that identify a row: of its key, or of its required names; without blanks."""
    sheet, positions = declared_sheet(raw.name), column_positions(raw)
    if sheet is None:
        return [_word(value_at(raw, row, 1))]
    keys = sheet.key or tuple(column.name for column in sheet.columns if column.required and column.kind in ("name", "names", "choice", "year"))
    values = [value_at(raw, row, positions[key]) for key in keys if key in positions]
    return [_word(value) for value in values if not is_blank(value)]


def _word(value: Any) -> str:
    return tidy(value) if isinstance(value, str) else shown(value).removeprefix("the date ")


def _says(values: list[str], text: str) -> bool:
    """Return whether a text is made of some of these values, each at most once, with commas between them. Values may hold commas themselves."""
    for number, value in enumerate(values):
        one = fold(value)
        if text == one:
            return True
        if text.startswith(f"{one},") and _says(values[:number] + values[number + 1 :], text[len(one) + 1 :].strip()):
            return True
    return False


def _unknown(name: str, sheet: str, message: str, addresses: tuple[str, ...] = ()) -> WorkbookError:
    return WorkbookError([Problem(sheet, addresses[0] if addresses else "", f"{shown(name)}: {message}", shown(name))])
