"""A case as the workbook that it would be read from: what a benchmark's instance is to whoever begins with a file."""

from __future__ import annotations

import os
from typing import Any

import xlsxwriter

from optimizer.case import Case
from optimizer.schema.language import Column, Sheet
from optimizer.schema.sheets import INPUTS

DATES = ("date", "last_date")
"""Kinds of columns whose value a record holds as the number of a period."""


def write_case(path: str | os.PathLike[str], case: Case) -> None:
    """Write every sheet that has rows, and every required one. ValueError for a period outside the horizon, which no label names."""
    with xlsxwriter.Workbook(os.fspath(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        for sheet in INPUTS:
            if sheet.settings:
                page = book.add_worksheet(sheet.name)
                page.write_row(0, 0, ["setting", "value"])
                for number, column in enumerate(sheet.columns, 1):
                    page.write_row(number, 0, [column.name, getattr(case.settings, column.attribute)])
                continue
            records = getattr(case, sheet.case_field)
            if not records and not sheet.required:
                continue
            page = book.add_worksheet(sheet.name)
            page.write_row(0, 0, [column.name for column in sheet.columns])
            for number, record in enumerate(records, 1):
                page.write_row(number, 0, [_cell(case, column, _told(sheet, column, record)) for column in sheet.columns])


def _told(sheet: Sheet, column: Column, record: Any) -> Any:
    """Return a record's value in a column; None where a blank cell means it, as a rule may forbid a column where it has no meaning."""
    value = getattr(record, column.attribute)
    if column.required:
        return value
    if column.default_from:
        source = next(other for other in sheet.columns if other.name == column.default_from)
        return None if value == getattr(record, source.attribute) else value
    return None if value == column.blank else value


def _cell(case: Case, column: Column, value: Any) -> Any:
    """Return a value of a record as its cell holds it."""
    if value is None or value == "" or value == ():
        return None
    if column.kind in DATES and isinstance(value, int):
        if not 0 <= value < len(case.calendar.labels):
            raise ValueError(f"{column.name}: period {value} is outside the horizon.")
        return case.calendar.labels[value]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value
