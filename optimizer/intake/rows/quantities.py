"""The numbers of a table in the units of their columns: what headers and number formats say of them, and what was converted.

Each finding is remembered while the rows are read, and said once a column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

from optimizer.errors import Level, Problem
from optimizer.intake.cells.formats import as_shown, read_format, seems_a_unit
from optimizer.intake.cells.headers import Context, Header, convert, place, unit_problem
from optimizer.intake.cells.parse import listed, shown
from optimizer.intake.cells.units import UnitFault, same_currency
from optimizer.intake.files.sources import RawSheet
from optimizer.intake.rows.kinds import unit_of
from optimizer.schema.language import NUMBER_KINDS, Column, fold

if TYPE_CHECKING:
    from optimizer.intake.rows.table import Table


@dataclass(frozen=True, slots=True)
class _Refused:
    """A unit that does not serve a cell."""

    clause: str
    advice: str


REFUSED = object()
"""In place of a number under a header whose unit does not serve: it has no value, and the header is said."""


class Quantities:
    """The numbers of one table. columns: position -> column; cells: of every row, merged names filled in."""

    def __init__(self, table: Table, raw: RawSheet, columns: dict[int, Column], cells: list[list[Any]], context: Context) -> None:
        self.table, self.raw, self.columns, self.cells, self.context = table, raw, columns, cells, context
        self.examples: dict[int, dict[str, None]] = {}
        """Position -> examples of what was converted, in their order."""
        self.refused: dict[tuple[int, _Refused], list[str]] = {}
        self.formats: dict[tuple[int, str], list[str]] = {}
        self.shown: dict[int, list[tuple[str, str]]] = {}

    def converted(self, number: int, position: int, value: Any) -> Any:
        """Return a number under a header with a unit of its own, in the column's unit; REFUSED where it cannot be converted.

        A cell that shows a percentage holds its fraction already; what else its header says of the unit, such as the time, holds for it, too.
        """
        header = self.table.measured.get(position)
        if header is None or not _is_number(value):
            return value
        top = header.measure.top
        is_fraction = top is not None and top.kind == "percent" and (number - 1, position) in self.raw.percents
        try:
            by = convert(header, self.context, self._unit(number) if header.measure.weighs else "")
        except UnitFault as fault:
            self.refused.setdefault((position, _Refused(fault.clause, fault.advice)), []).append(place(number, position))
            return REFUSED
        by = float(f"{100 * by:.15g}") if is_fraction else by
        # A thousandth is divided by 1000 and not multiplied by its nearest double: 250 kg are 0.25 t.
        result = float(f"{value * by if by >= 1 else value / (1 / by):.15g}")
        if by != 1:
            self.examples.setdefault(position, {})[f"{value:,.15g} is {result:,.6g}" if abs(result) < 1e6 else f"{value:,.15g} is {result:,.0f}"] = None
        return result

    def as_shown(self, number: int, position: int, column: Column, value: Any) -> Any:
        """Return a number in a column of names as its format shows it: 007, where the cell holds 7."""
        code = self.raw.formats.get((number - 1, position))
        if code is None or column.kind not in ("text", "name", "names") or not _is_number(value) or self.table.sheet.settings:
            return value
        text = as_shown(value, code)
        if text is None or text == shown(value):
            return value
        self.shown.setdefault(position, []).append((place(number, position), f"{shown(value)} is shown as {text}"))
        return text

    def remember_format(self, number: int, position: int, column: Column, value: Any) -> None:
        """Keep the number format of a number, to be looked at once."""
        code = self.raw.formats.get((number - 1, position))
        if code is not None and column.kind in NUMBER_KINDS and _is_number(value):
            self.formats.setdefault((position, code), []).append(place(number, position))

    def problems(self) -> Iterator[Problem]:
        """Yield what is to be said: units that do not serve their columns, formats that show another one, and what was converted."""
        for (position, code), cells in self.formats.items():
            yield from self._of_format(position, code, cells)
        for position, found in self.shown.items():
            message = f"{self.columns[position].name}: numbers are read as they are shown: {listed((f'{cell}, {words}' for cell, words in found), 3)}."
            yield Problem(self.table.title, found[0][0], message, found[0][1], "names as text", "", Level.WARNING)
        top = self.table.header_row
        for position, header in self.table.measured.items():
            text = self.raw.rows[top - 1][position]
            faults = {refused: cells for (where, refused), cells in self.refused.items() if where == position}
            examples = self.examples.get(position, {})
            for refused, cells in faults.items():
                rows = f" (in {listed(cells, 3)})" if examples or len(faults) > 1 else ""
                yield unit_problem(self.table.title, top, position, text, header, UnitFault(refused.clause + rows, refused.advice), self.context)
            if examples and not faults:
                message = f"{shown(text)} is read as {header.column.name}, converted from '{header.measure.text}': {listed(examples, 3)}."
                yield Problem(self.table.title, place(top, position), message, shown(text), header.column.name, "", Level.WARNING)

    def _unit(self, number: int) -> str:
        """Return the unit of the row's material; on Materials its own. UnitFault where the row is about materials of several units."""
        cells = self.cells[number - 1]
        if self.table.sheet.name == "Materials":
            position = self.table.positions.get("unit")
            unit = cells[position] if position is not None else None
            return unit if isinstance(unit, str) else ""
        position, units = self.table.positions.get("material"), self.context.units or {}
        kind = next((column.kind for column in self.table.sheet.columns if column.name == "material"), None)
        if kind is None or (kind == "name" and position is None):
            return ""
        name = cells[position] if position is not None else None
        if kind == "name":
            shown_name = as_shown(name, self.raw.formats.get((number - 1, position), ""))
            return units.get(fold(name if isinstance(name, str) else shown_name or shown(name)), "")
        parts = [fold(part) for part in re.split("[;,]", name) if part.strip()] if isinstance(name, str) else []
        found = {unit for material, unit in units.items() if not parts or material in parts}
        if len(found) > 1:
            raise UnitFault("the materials of the row have several units")
        return next(iter(found), "")

    def _of_format(self, position: int, code: str, cells: list[str]) -> Iterator[Problem]:
        """Yield the problem of a number format that shows another currency or unit than the column's."""
        column, found, own = self.columns[position], read_format(code), self.context.currency
        also = f" (also {listed(cells[1:])})" if cells[1:] else ""
        foreign = [one for one in found.currencies if own and not same_currency(one, own)]
        if foreign:
            fix = f"Give the amount in {own}, or correct the format, or currency on Settings."
            message = f"{column.name}: the cell is shown in {' and '.join(foreign)} ('{found.text}'){also}, and the currency of the case is {own}. {fix}"
            yield Problem(self.table.title, cells[0], message, found.text, f"an amount in {own}", fix)
            return
        if column.kind != "share" and column.unit != "times" and ("digits", "%") in found.parts:
            fix = "Give it as a number, and format the cell so."
            message = f"{column.name}: the cell is shown as a percentage{also}, and the column counts none. {fix}"
            yield Problem(self.table.title, cells[0], message, "a percentage", column.allowed(), fix)
            return
        measure = unit_of(found.text, self.context) if found.text else None
        if measure is None:
            if seems_a_unit(found.text):
                fix = "Give the number in the unit of the column, or correct the format."
                message = f"{column.name}: the cell is shown in '{found.text}'{also}, which is not understood. {fix}"
                yield Problem(self.table.title, cells[0], message, found.text, column.allowed(), fix)
            return
        header = self.table.measured.get(position)
        own_percent = header is not None and header.measure is not None and header.measure.top is not None and header.measure.top.kind == "percent"
        if measure.top is not None and measure.top.kind == "percent" and (own_percent or ("digits", "%") in found.parts):
            return
        try:
            unit = self._unit(int(re.sub("[A-Z]", "", cells[0]))) if measure.weighs else ""
            by = convert(Header(column, measure), self.context, unit) / found.scale
        except UnitFault as fault:
            unit, clause = "unit of the material", fault.clause
        else:
            clause = f"that is {by:.6g} times what the cell holds"
            if abs(by - 1) < 1e-9:
                return
        wanted = column.unit.format(currency=own or "currency", unit=unit or "unit")
        fix = f"Give the number in the unit of the column ({wanted}), or correct the format."
        message = f"{column.name}: the cell is shown in '{found.text}'{also}: {clause}. {fix}"
        yield Problem(self.table.title, cells[0], message, found.text, column.allowed(), fix)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)
