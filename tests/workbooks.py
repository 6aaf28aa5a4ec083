"""Sourcing workbooks written cell by cell, as a planner's Excel would hold them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook

from optimizer.schema.sheets import INPUTS

Rows = Sequence[Mapping[str, Any]]
"""Rows as column -> value; a column that is left out is a blank cell."""


def write_workbook(path: str | os.PathLike, sheets: Mapping[str, Rows | Mapping[str, Any]]) -> str:
    """Write an .xlsx with the given rows and return its path.

    Every required sheet is written, with its declared headers at least; further columns (of periods) come after them. Settings
    may be given as one mapping, setting -> value. A sheet that the schema does not know is written under the headers of its rows.
    """
    book = Workbook()
    book.remove(book.active)
    declared = {sheet.name: sheet for sheet in INPUTS}
    names = [name for name, sheet in declared.items() if sheet.required or name in sheets]
    for name in [*names, *(name for name in sheets if name not in declared)]:
        sheet, rows = declared.get(name), sheets.get(name, ())
        if isinstance(rows, Mapping):
            rows = [{"setting": setting, "value": value} for setting, value in rows.items()]
        headers = ["setting", "value"] if name == "Settings" else [column.name for column in sheet.columns] if sheet else []
        headers += [column for column in dict.fromkeys(column for row in rows for column in row) if column not in headers]
        page = book.create_sheet(name)
        page.append(headers)
        for row in rows:
            page.append([row.get(column) for column in headers])
    book.save(path)
    return os.fspath(path)
