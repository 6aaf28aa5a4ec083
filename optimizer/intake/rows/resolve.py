"""Names and dates of the rows read: each name to its first spelling, each day to its period.

Which column refers to which stands in the schema (Column.refers). A name whose own row is faulty still counts as known, so
that one slip does not become a complaint about every row that mentions it.
"""

from __future__ import annotations

import datetime as dt

from optimizer.calendar import Calendar
from optimizer.errors import AddSheet, Problem, Repair, SetCells
from optimizer.intake.cells.parse import is_blank, list_parts, listed, nearest, shown, tidy, with_name_replaced
from optimizer.intake.cells.senses import is_denied
from optimizer.intake.names.spellings import COMPANY, meant
from optimizer.intake.rows.table import Report, Row, Table
from optimizer.intake.rows.twins import kind_of
from optimizer.schema.language import Column, Sheet, fold
from optimizer.schema.sheets import INPUTS

_MOST_COMMAS = 3
"""A company's name holds no more: Acme Co., Ltd., Inc., S.A."""


def resolve_dates(tables: dict[str, Table], calendar: Calendar | None) -> None:
    """Turn every day into the number of its period; without a calendar no day counts as read."""
    for table in tables.values():
        dated = [column.name for column in table.sheet.columns if column.kind in ("date", "last_date") and not table.sheet.settings]
        for row in table.rows:
            for name in dated:
                day = row.values.get(name)
                if isinstance(day, dt.date):
                    if calendar is None:
                        row.spoil(name)
                    else:
                        row.days[name] = day
                        row.values[name] = calendar.index(day)


class Names:
    """The names that a workbook defines: for each "Sheet.column" the folded names and their first spelling.

    Columns that one list of references joins (a country of suppliers or of feedstocks) share their spellings.
    """

    def __init__(self, tables: dict[str, Table]) -> None:
        self._domain = _domains()
        self._spelling: dict[str, dict[str, str]] = {}
        self._known: dict[str, dict[str, str]] = {}
        for sheet in INPUTS:
            for column in sheet.columns:
                if column.kind == "name" and not column.refers:
                    self._collect(sheet, column, tables.get(sheet.name))

    def _collect(self, sheet: Sheet, column: Column, table: Table | None) -> None:
        key = f"{sheet.name}.{column.name}"
        spelling = self._spelling.setdefault(self._domain.get(key, key), {})
        known = self._known.setdefault(key, {})
        for row in table.rows if table else ():
            name = row.values.get(column.name)
            if isinstance(name, str) and name:
                known[fold(name)] = spelling.setdefault(fold(name), name)

    def spelled(self, key: str, name: str) -> str:
        """A name of the defining column `key`, as first spelled."""
        return self._known[key].get(fold(name), name)

    def find(self, column: Column, name: str) -> str | None:
        """The first spelling of a name that a referring column holds, None if it is unknown."""
        return next((self._known[key][fold(name)] for key in column.refers if fold(name) in self._known[key]), None)

    def known(self, column: Column) -> list[str]:
        """All names that a referring column may hold."""
        return sorted({name for key in column.refers for name in self._known[key].values()}, key=str.casefold)

    def split(self, column: Column, text: str) -> tuple[list[str], list[str]]:
        """The names of a list with commas or semicolons, known and unknown.

        A name may hold commas itself ("Acme, Inc."): the longest run of parts that is a known name is taken as one.
        """
        whole = self.find(column, tidy(text)) or self.find(column, tidy(text.replace(";", " ")))
        if whole is not None:
            return [whole], []
        found: list[str] = []
        unknown: list[str] = []
        for part in list_parts(text) if ";" in text else [text]:
            self._split_commas(column, part, found, unknown)
        return list(dict.fromkeys(found)), list(dict.fromkeys(unknown))

    def _split_commas(self, column: Column, text: str, found: list[str], unknown: list[str]) -> None:
        parts = [tidy(part) for part in text.split(",")]
        start = 0
        while start < len(parts):
            for end in range(len(parts), start, -1):
                name = self._find_with_commas(column, parts[start:end])
                if name is not None:
                    found.append(name)
                    break
            else:
                end = self._end_of_other_spelling(column, parts, start)
                unknown.append(", ".join(parts[start:end]))
            start = end

    def _end_of_other_spelling(self, column: Column, parts: list[str], start: int) -> int:
        """Where a name ends that is unknown as it is spelled: "Acme Co., Ltd." is one name where "Acme Co Ltd" is known."""
        if len(parts) - start > 1 and kind_of(column) == COMPANY:
            known = self.known(column)
            for end in range(min(len(parts), start + _MOST_COMMAS + 1), start + 1, -1):
                if meant(", ".join(parts[start:end]), known, COMPANY):
                    return end
        return start + 1

    def one(self, column: Column, name: str) -> tuple[list[str], list[str]]:
        """The same for a cell that holds one name."""
        found = self.find(column, name)
        return ([], [name]) if found is None else ([found], [])

    def _find_with_commas(self, column: Column, parts: list[str]) -> str | None:
        return self.find(column, ", ".join(parts)) or self.find(column, ",".join(parts))


def _domains() -> dict[str, str]:
    """For each "Sheet.column" that shares its spellings with others, the first of them."""
    lists = {column.refers for sheet in INPUTS for column in sheet.columns if len(column.refers) > 1}
    return {key: refers[0] for refers in lists for key in refers}


def resolve_names(tables: dict[str, Table], report: Report) -> None:
    """Give every name its first spelling, and report names that stand nowhere else."""
    names = Names(tables)
    for table in tables.values():
        if table.sheet.settings:
            continue
        for column in table.sheet.columns:
            if column.kind not in ("name", "names"):
                continue
            if not column.refers:
                _respell(names, table, column)
            elif _can_check(tables, column):
                _resolve_column(names, tables, table, column, report)


def _can_check(tables: dict[str, Table], column: Column) -> bool:
    """Whether the columns that a column refers to stand in the workbook; where a required one is missing, that is said already."""
    for key in column.refers:
        sheet_name, name = key.split(".")
        table = tables.get(sheet_name)
        sheet = next(sheet for sheet in INPUTS if sheet.name == sheet_name)
        if sheet.required and (table is None or not table.positions or (sheet.column(name).required and name not in table.positions)):
            return False
        if table is not None and sheet.column(name).required and name not in table.positions:
            return False
    return True


def _respell(names: Names, table: Table, column: Column) -> None:
    for row in table.rows:
        value = row.values.get(column.name)
        if value:
            row.values[column.name] = names.spelled(f"{table.sheet.name}.{column.name}", value)


def _resolve_column(names: Names, tables: dict[str, Table], table: Table, column: Column, report: Report) -> None:
    """Resolve one column; an unknown name is one problem, however many of its rows mention it."""
    unknown: dict[str, list[tuple[str, Row]]] = {}
    for row in table.rows:
        value = row.values.get(column.name)
        if is_blank(value) or value == ():
            continue
        found, missing = names.split(column, value) if column.kind == "names" else names.one(column, value)
        row.values[column.name] = tuple(found) if column.kind == "names" else next(iter(found), None)
        if missing:
            row.spoil(column.name)
        for name in missing:
            unknown.setdefault(fold(name), []).append((name, row))
    if unknown and not any(sheet in tables for sheet in _sheets(column)):
        unknown = dict(list(unknown.items())[:1])  # the sheet that would hold them is not there: once is enough
    for places in unknown.values():
        report(_unknown(names, tables, table, column, places))


def _sheets(column: Column) -> list[str]:
    return [key.split(".")[0] for key in column.refers]


def _unknown(names: Names, tables: dict[str, Table], table: Table, column: Column, places: list[tuple[str, Row]]) -> Problem:
    """The problem of a name that stands nowhere on the sheet that it should refer to, at the first cell that holds it."""
    name = places[0][0]
    repairs: tuple[Repair, ...] = ()
    expected = f"a name from {' or '.join(key.replace('.', ', column ') for key in column.refers)}"
    if not any(sheet in tables for sheet in _sheets(column)):
        fix = f"There is no sheet {_sheets(column)[0]}: add it, or leave {column.name} blank."
        repairs = (AddSheet(f"Add the sheet {_sheets(column)[0]}", _sheets(column)[0]),)
    elif column.kind == "name" and (several := names.split(column, name)[0]) and len(several) > 1:
        fix = f"Type one of them: the column takes one name, not {listed(several)}."
    else:
        near = None if is_denied(name) else meant(name, names.known(column), kind_of(column)) or nearest(name, names.known(column))
        fix = f"Did you mean {shown(near)}?" if near else f"Add it there, or correct the name. Known: {listed(names.known(column))}."
        repairs = (_respelling(names, table, column, places, near),) if near else ()
    cells = [table.cell(row.number, column.name) for _, row in places]
    also = f" (also in {listed(cells[1:])})" if cells[1:] else ""
    message = f"{column.name}: {shown(name)} stands nowhere else{also}, expected {expected}. {fix}"
    return Problem(table.title, cells[0], message, shown(name), expected, fix, repairs=repairs)


def _respelling(names: Names, table: Table, column: Column, places: list[tuple[str, Row]], near: str) -> SetCells:
    """The known name in place of an unknown one in every row that holds it; in a list in place of its part alone."""
    old, position, cells = places[0][0], table.positions[column.name], {}
    for _, row in places:
        text = row.raw[column.name]
        cells[row.number, position + 1] = near if column.kind == "name" or not isinstance(text, str) else with_name_replaced(text, old, near)
    more = f" in {len(cells)} rows" if len(cells) > 1 else ""
    return SetCells(f"Use {shown(near)}{more}", tuple((row, column, value) for (row, column), value in cells.items()))
