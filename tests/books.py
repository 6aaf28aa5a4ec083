"""Small workbooks for the tests of the reader: a sound one as plain rows, and the ways to write it to a file."""

from __future__ import annotations

import copy
import csv
import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from optimizer.errors import WorkbookError
from optimizer.intake.reader import RawSheet, read

SOUND: dict[str, list[list[Any]]] = {
    "Settings": [
        ["setting", "value"],
        ["start", dt.date(2027, 1, 1)],
        ["periods", 8],
        ["period", "quarter"],
        ["risk_weight", 0.5],
        ["scenario_method", "listed"],
    ],
    "Materials": [["material", "unit", "salvage_value"], ["Ore", "t", 1], ["Oxide", "kg", 2]],
    "Inventory": [["material", "origin", "quantity", "arrives"], ["Oxide", "allied", 5, None], ["Oxide", "chinese", 7, "2027-Q2"]],
    "Demand": [["material", "use", "annual_demand", "shortage_cost"], ["Oxide", "Motors", 100, 5000], ["Ore", "Flux", 10, 90]],
    "Suppliers": [
        ["supplier", "material", "bloc", "country", "price", "capacity_per_year", "project"],
        ["North", "Oxide", "allied", "Estonia", 300, 80, "Line 2"],
        ["East", "Oxide", "chinese", "China", 200, 500, None],
        ["Mine", "Ore", "other", "Chile", 10, 1000, None],
    ],
    "Projects": [["project", "cost", "lead_time_months"], ["Line 2", 1000, 6]],
    "Disruptions": [
        ["disruption", "annual_probability", "mean_duration_months", "capacity_remaining", "bloc"],
        ["Ban", 0.2, 6, 0.1, "chinese"],
        ["Strike", 0.1, 3, 0.5, "other"],
    ],
    "Scenarios": [
        ["scenario", "probability", "disruption", "starts", "duration_months"],
        ["Ban returns", 0.3, "Ban", "2027-Q3", 6],
        ["Calm", 0.5, None, None, None],
    ],
    "Budget": [["fiscal_year", "amount", "category"], [2027, 90000, "all"], [2028, 95000, "all"]],
    "Limits": [["limit", "measure", "bloc", "minimum", "maximum", "penalty"], ["Chinese share", "purchase_share", "chinese", None, 0.65, 20]],
}
"""A workbook without errors or warnings, with one or two rows a sheet."""


def sound() -> dict[str, list[list[Any]]]:
    """A copy of the sound workbook, to be spoilt."""
    return copy.deepcopy(SOUND)


def put(sheets: dict[str, list[list[Any]]], sheet: str, row: int, header: str, value: Any) -> None:
    """Set the cell of a row (as Excel counts it) under a header; a new header becomes a new column, the last but for `project`."""
    rows = sheets.setdefault(sheet, [[]])
    if header not in rows[0]:
        place = len(rows[0]) - (rows[0][-1:] == ["project"])
        for number, cells in enumerate(rows):
            cells.insert(place, header if number == 0 else None)
    position = rows[0].index(header)
    while len(rows) < row:
        rows.append([None] * len(rows[0]))
    rows[row - 1][position] = value


def setting(sheets: dict[str, list[list[Any]]], name: str, value: Any) -> None:
    """Set a setting, in its row or in a new one, the last but for scenario_method."""
    rows = sheets["Settings"]
    for row in rows[1:]:
        if row[0] == name:
            row[1] = value
            return
    rows.insert(len(rows) - (rows[-1][0] == "scenario_method"), [name, value])


def raw(sheets: dict[str, list[list[Any]]]) -> tuple[RawSheet, ...]:
    """The sheets as the reader gets them from a file."""
    result = []
    for name, rows in sheets.items():
        width = max((len(row) for row in rows), default=0)
        result.append(RawSheet(name, tuple(tuple(row) + (None,) * (width - len(row)) for row in rows)))
    return tuple(result)


def write_xlsx(sheets: dict[str, list[list[Any]]], path: Path) -> Path:
    """Write the sheets as a workbook. A text that begins with = becomes a formula without a value."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(path)
    return path


def repacked(data: bytes, **changed: bytes) -> bytes:
    """A workbook's bytes with parts added or replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changed:
                new.writestr(name, old.read(name))
        for name, content in changed.items():
            new.writestr(name, content)
    return out.getvalue()


def write_csv(sheets: dict[str, list[list[Any]]], folder: Path, encoding: str = "utf-8") -> Path:
    """Write the sheets as a folder of .csv files."""
    folder.mkdir()
    for name, rows in sheets.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding=encoding) as file:
            csv.writer(file).writerows([["" if value is None else value for value in row] for row in rows])
    return folder


def problems_of(path, overrides=None):
    """The problems of a file or folder that must be refused."""
    with pytest.raises(WorkbookError) as caught:
        read(path, overrides)
    assert all(problem.level == "error" for problem in caught.value.problems)
    return caught.value.problems


def only(problems):
    """The one problem there must be."""
    assert len(problems) == 1, "\n".join(map(str, problems))
    return problems[0]


def says(problem, where, *words):
    """Whether a problem stands at its place and its sentence holds these words."""
    assert problem.where == where, str(problem)
    assert all(word in problem.message for word in words), problem.message
    assert "  " not in problem.message and "{" not in problem.message
