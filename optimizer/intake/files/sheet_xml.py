"""One worksheet's XML as plain values.

The walk is strict: what stands where no value of a cell can stand is reported with its cell, never passed over, so that no value is
lost in silence. What a sheet only looks like (colours, fonts, conditional formats, extensions) is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl.formula.translate import Translator
from openpyxl.utils.cell import column_index_from_string, get_column_letter
from openpyxl.utils.datetime import from_excel, from_ISO8601

from optimizer.errors import Problem
from optimizer.intake.cells.parse import Formula
from optimizer.intake.files.limits import MOST_CELLS, MOST_FORMULA_LETTERS, MOST_MERGED_CELLS, MOST_MERGES, MOST_PLACES
from optimizer.intake.files.package import MAIN, TooMuch, parse
from optimizer.intake.files.refusals import sheet_problem
from optimizer.intake.files.styles import Style
from optimizer.intake.files.texts import plain

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
LONGEST_TEXT = 32_767
MOST_FAULTS = 50
"""Faults of one sheet that are listed."""
MEND = "Open the workbook in Excel, check this cell and save it."

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,5})?")
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})(?::\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6}))?")
_TRUTHS = {"1": True, "true": True, "0": False, "false": False}

(_OUTSIDE, _SHEET, _COLUMNS, _MERGES, _DATA, _ROW, _CELL, _VALUE, _FORMULA, _INLINE, _RUN, _TEXT, _SKIP) = range(13)


@dataclass(slots=True)
class Room:
    """Count how much more the sheets of a workbook may hold together, so that reading it takes bounded time."""

    cells: int = MOST_CELLS
    places: int = MOST_PLACES
    formula_letters: int = MOST_FORMULA_LETTERS
    merges: int = MOST_MERGES
    merged_cells: int = MOST_MERGED_CELLS


class SheetFault(Exception):
    """A sheet that cannot be read. problems: why, one or several."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems


@dataclass(slots=True)
class Contents:
    """Hold the content of a worksheet's XML, rows and columns counted from 1.

    values: row -> column -> value, filled cells alone. formats: (row, column) -> number format where it is not General.
    hidden_columns: first and last column of each hidden stretch. merged: first row, first column, last row, last column.
    """

    values: dict[int, dict[int, Any]] = field(default_factory=dict)
    formats: dict[tuple[int, int], str] = field(default_factory=dict)
    percents: list[tuple[int, int]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


def read_contents(data: bytes, title: str, texts: Sequence[str], styles: Sequence[Style], epoch: Any, room: Room) -> Contents:
    """Return what a worksheet holds.

    texts: the shared strings. styles: those of the cells, by number. epoch: the day from which dates count. room: what it takes is taken
    from it. Raises SheetFault where the sheet or any of its cells is unsound, TooMuch where there is no room for its cells.
    """
    walk = _Walk(title, texts, styles, epoch, room)
    parse(data, walk.start, walk.end, walk.text)
    walk.finish()
    return walk.found


class _Walk:
    """The state of a walk through a worksheet's XML, and what was found."""

    def __init__(self, title: str, texts: Sequence[str], styles: Sequence[Style], epoch: Any, room: Room) -> None:
        self.found = Contents()
        self.problems: list[Problem] = []
        self.title, self.texts, self.styles, self.epoch, self.room = title, texts, styles, epoch, room
        self.state = self.returns = self.holder = _OUTSIDE
        self.depth = self.tables = 0
        self.names: dict[str, str] = {}
        self.row = self.column = 0
        self.cells: dict[int, Any] = {}
        self.columns: dict[str, int] = {}
        self.days: dict[tuple[float, bool], Any] = {}
        self.attributes: dict[str, str] = {}
        self.value: list[str] | None = None
        self.formula: list[str] | None = None
        self.inline: list[str] | None = None
        self.formula_attributes: dict[str, str] = {}
        self.shared: dict[str, tuple[str, str]] = {}

    # -- events of the parser --

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name, state = self.names.get(tag), self.state
        if name is None:
            name = self.names[tag] = self._local(tag)
        if state == _ROW and name == "c":
            self._start_cell(attributes)
        elif state == _CELL and name == "v" and self.value is None:
            self.state, self.value = _VALUE, []
        elif state == _CELL and name == "f" and self.formula is None:
            self.state, self.formula, self.formula_attributes = _FORMULA, [], attributes
        elif state == _CELL and name == "is" and self.inline is None:
            self.state, self.inline = _INLINE, []
        elif state == _DATA and name == "row":
            self._start_row(attributes)
        elif state in (_INLINE, _RUN) and name == "t":
            self.holder, self.state = state, _TEXT
        elif state == _INLINE and name == "r":
            self.state = _RUN
        elif state in (_VALUE, _FORMULA, _TEXT):
            self._cell_fault("holds a tag within its value", "a tag within a value")
            self._skip(state)
        elif state in (_CELL, _ROW, _DATA) and name in ("c", "v", "f", "is", "row", "sheetData", "t"):
            self._cell_fault(f"holds a second or misplaced part '{name}'", f"a misplaced {name}")
            self._skip(state)
        elif state == _OUTSIDE:
            if name != "worksheet":
                self._sheet_fault("The part of this sheet is no worksheet.", f"a part of the kind {name[:40]}")
            self.state = _SHEET
        else:
            self._start_other(name, attributes)

    def end(self, tag: str) -> None:
        state = self.state
        if state == _VALUE or state == _FORMULA or state == _INLINE:
            self.state = _CELL
        elif state == _CELL:
            self._end_cell()
            self.state = _ROW
        elif state == _ROW:
            self.state = _DATA
        elif state == _TEXT:
            self.state = self.holder
        elif state == _RUN:
            self.state = _INLINE
        elif state == _SKIP:
            self.depth -= 1
            if self.depth == 0:
                self.state = self.returns
        elif state in (_DATA, _COLUMNS, _MERGES):
            self.state = _SHEET
        elif state == _SHEET:
            self.state = _OUTSIDE

    def text(self, text: str) -> None:
        state = self.state
        if state == _VALUE:
            self.value.append(text)
        elif state == _TEXT:
            self.inline.append(text)
        elif state == _FORMULA:
            self.formula.append(text)
        elif state in (_CELL, _ROW, _DATA) and text.strip():
            self._cell_fault("holds text outside its value", f"the text {text.strip()[:40]}")

    def _start_other(self, name: str, attributes: dict[str, str]) -> None:
        """Read what stands beside the cells. Little of it matters, but a further table of cells is never passed over."""
        if name in ("sheetData", "row", "worksheet") and (self.tables or self.state != _SHEET or name != "sheetData"):
            self._sheet_fault("The sheet holds its table of cells twice or in an odd place, so that it is not clear which cells count.", f"a further {name}")
        if self.state == _SHEET and name == "sheetData":
            self.state, self.tables = _DATA, self.tables + 1
        elif self.state == _SHEET and name == "cols":
            self.state = _COLUMNS
        elif self.state == _SHEET and name == "mergeCells":
            self.state = _MERGES
        else:
            if self.state == _COLUMNS and name == "col" and _TRUTHS.get(attributes.get("hidden", "0")):
                first = self._whole(attributes.get("min", ""), LAST_COLUMN) or 1
                self.found.hidden_columns.append((first, self._whole(attributes.get("max", ""), LAST_COLUMN) or first))
            elif self.state == _MERGES and name == "mergeCell":
                self._merge(attributes.get("ref", ""))
            self._skip(self.state)

    def _skip(self, state: int) -> None:
        """Pass over an element and all within it."""
        if state != _SKIP:
            self.returns = state
        self.state, self.depth = _SKIP, self.depth + 1

    def finish(self) -> None:
        """Check what can only be known at the end."""
        if self.tables != 1:
            self._sheet_fault("The part of this sheet holds no table of cells.", "no table of cells")
        for top, left, bottom, right in self.found.merged:
            self._check_merge(top, left, bottom, right)
        if self.problems:
            raise SheetFault(*self.problems)

    # -- rows and cells --

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r")
        self.row = self.row + 1 if number is None else self._whole(number, LAST_ROW)
        if not self.row or self.row > LAST_ROW:
            self._sheet_fault(f"The sheet has a row numbered '{(number or '')[:40]}', which no sheet can have.", f"the row {(number or '')[:40]}")
        if self.row in self.found.values:
            self._sheet_fault(f"Row {self.row} stands twice in the sheet, so that it is not clear which of them counts.", "a row that stands twice")
        if attributes.get("hidden") in ("1", "true"):
            self.found.hidden_rows.append(self.row)
        self.cells = self.found.values[self.row] = {}
        self.column, self.state = 0, _ROW

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self.attributes, self.state = attributes, _CELL
        self.value = self.formula = self.inline = None
        reference = attributes.get("r")
        if reference is None:
            self.column += 1
            if self.column > LAST_COLUMN:
                self._sheet_fault(f"Row {self.row} has more cells than a sheet can have.", "too many cells in a row")
            return
        digits = str(self.row)
        letters = reference[: -len(digits)]
        column = self.columns.get(letters)
        if column is None or reference[-len(digits) :] != digits:
            found = _REFERENCE.fullmatch(reference)
            column = column_index_from_string(found[1]) if found and found[2] == digits else 0
            if not 0 < column <= LAST_COLUMN:
                message = f"A cell in row {self.row} says that it is {reference[:40]}, which is no cell of that row."
                self._sheet_fault(message, f"the cell {reference[:40]}")
            self.columns[letters] = column
        self.column = column

    def _end_cell(self) -> None:
        """Take a cell's value."""
        attributes = self.attributes
        kind, value = attributes.get("t", "n"), None
        text = None if self.value is None else "".join(self.value)
        if self.inline is not None:
            if kind != "inlineStr" or text is not None:
                self._cell_fault("holds a text of its own without saying so, or beside another value", "a text of its own")
                return
            value = plain("".join(self.inline)) or None
        elif text:
            value = self._typed(kind, text)
        elif self.formula is not None and kind != "str":  # "str" without a value is a formula whose result is an empty text
            value = self._formula()
        if value is None:
            return
        if self.column in self.cells:
            self._cell_fault("stands twice, so that it is not clear which of them counts", "a cell that stands twice")
            return
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            self._cell_fault("holds more letters than a cell can", f"{len(value)} letters")
            return
        self.room.cells -= 1
        if self.room.cells < 0:
            raise TooMuch
        style = attributes.get("s")
        if style is not None and style != "0":
            value = self._styled(value, style, kind)
        self.cells[self.column] = value

    def _typed(self, kind: str, text: str) -> Any:
        """Return a cell's value from its text, by its kind."""
        if kind == "n":
            if text.isdigit() and text.isascii() and len(text) < 16:
                return int(text)
            text = text.strip()
            if _NUMBER.fullmatch(text) and len(text) < 400:
                return int(text) if len(text) < 17 and text.lstrip("+-").isdigit() else float(text)
            return self._cell_fault("is a number by its kind, but its value reads otherwise", f"the value '{text[:40]}'")
        if kind == "s":
            number = self._whole(text.strip(), len(self.texts), least=0)
            if number is None or number >= len(self.texts):
                return self._cell_fault("names a text that the workbook does not hold", f"the text number '{text[:40]}'")
            return self.texts[number] or None
        if kind == "str":
            return plain(text)
        if kind == "e":
            return text.strip()
        if kind == "b" and text.strip() in _TRUTHS:
            return _TRUTHS[text.strip()]
        if kind == "d":
            try:
                return from_ISO8601(text.strip())
            except ValueError:
                pass
        return self._cell_fault(f"is of the kind '{kind[:20]}', but its value does not read as such", f"the value '{text[:40]}'")

    def _styled(self, value: Any, number: str, kind: str) -> Any:
        """Return the value as its number format makes it: a number may be a day. The format is noted."""
        at = self._whole(number, len(self.styles), least=0)
        style = self.styles[at] if at is not None and at < len(self.styles) else None
        if style is None or style.format == "General":
            return value
        place = (self.row, self.column)
        self.found.formats[place] = style.format
        if kind == "n" and isinstance(value, (int, float)):
            if style.percent:
                self.found.percents.append(place)
            if style.date:
                return self._day(value, style.duration)
        return value

    def _day(self, value: float, duration: bool) -> Any:
        """Return the day, time or duration that a number stands for; the number itself where it is beyond all days."""
        key = (value, duration)
        if key not in self.days:
            try:
                self.days[key] = from_excel(value, self.epoch, timedelta=duration)
            except (ValueError, OverflowError):
                self.days[key] = value
        return self.days[key]

    def _formula(self) -> Formula:
        """Return the text of a formula that has no value. One that is shared is the first of its kind, moved to this cell."""
        text, attributes = "".join(self.formula), self.formula_attributes
        place = f"{get_column_letter(self.column)}{self.row}"
        if attributes.get("t") != "shared" or text:
            if attributes.get("t") == "shared":
                self.shared.setdefault(attributes.get("si", ""), (f"={text}", place))
            return Formula(f"={text}" if text else "=TABLE()")
        text, origin = self.shared.get(attributes.get("si", ""), ("=TABLE()", place))
        self.room.formula_letters -= len(text)
        if self.room.formula_letters < 0:
            self._sheet_fault(
                "The sheet holds a great many formulas without a value.",
                "formulas without a value",
                "Open the workbook in Excel and save it, so that they get their values.",
            )
        try:
            return Formula(Translator(text, origin).translate_formula(place))
        except Exception:  # openpyxl's reader of formulas fails in many ways on a text that is none
            return Formula(text)

    # -- merged areas --

    def _merge(self, reference: str) -> None:
        found = _AREA.fullmatch(reference)
        area = None
        if found:
            top, bottom = sorted((int(found[2]), int(found[4] or found[2])))
            left, right = sorted(column_index_from_string(letters) for letters in (found[1], found[3] or found[1]))
            if bottom <= LAST_ROW and right <= LAST_COLUMN:
                area = (top, left, bottom, right)
                self.room.merges -= 1
                self.room.merged_cells -= (bottom - top + 1) * (right - left + 1)
                self.found.merged.append(area)
        if area is None or self.room.merged_cells < 0 or self.room.merges < 0:
            self._sheet_fault(
                f"The sheet merges too many cells, or cells that it cannot have ({reference[:40]}).", reference[:40], "Unmerge them, and save it."
            )

    def _check_merge(self, top: int, left: int, bottom: int, right: int) -> None:
        """Report values that a merged area covers: Excel does not show them, and only the planner knows whether they count."""
        rows, columns = range(top, bottom + 1), range(left, right + 1)
        for row in rows if len(rows) < len(self.found.values) else self.found.values:
            cells = self.found.values.get(row, {}) if row in rows else {}
            for column in columns if len(columns) < len(cells) else cells:
                if column in columns and column in cells and (row, column) != (top, left):
                    cell = f"{get_column_letter(column)}{row}"
                    area = f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"
                    message = f"The merged cells {area} hide the value that {cell} holds."
                    self._problem(cell, message, "a value under merged cells", "Unmerge them, and delete the value if it should not count.")

    # -- words --

    def _local(self, tag: str) -> str:
        """Return the name of an element of worksheets; that of any other kind begins with a point."""
        space, _, name = tag.rpartition(" ")
        return name if space in MAIN else f".{name}"

    def _whole(self, text: str, most: int, least: int = 1) -> int | None:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
        return number if number is not None and least <= number <= most else None

    def _cell_fault(self, what: str, found: str) -> None:
        cell = f"{get_column_letter(self.column)}{self.row}" if self.column else f"row {self.row}" if self.row else ""
        subject = f"The cell {cell}" if self.column else f"Row {self.row}" if self.row else "The table of cells"
        self._problem(cell, f"{subject} of the sheet {self.title} {what}.", found, MEND)

    def _problem(self, cell: str, message: str, found: str, fix: str) -> None:
        if len(self.problems) < MOST_FAULTS:
            self.problems.append(sheet_problem(self.title, cell, message, fix, found))

    def _sheet_fault(self, message: str, found: str, fix: str = "Open the workbook in Excel, check this sheet and save it.") -> None:
        raise SheetFault(sheet_problem(self.title, "", message, fix, found))
