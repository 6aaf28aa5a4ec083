"""Refuse a file as a whole, or one sheet of it."""

from __future__ import annotations

from optimizer.errors import Level, Problem, WorkbookError

SAVE_AS = "Open it in Excel and save it as Excel Workbook (.xlsx)."


def refusal(name: str, message: str, found: str = "", expected: str = "", fix: str = "") -> WorkbookError:
    """Return the error that refuses a whole file for one reason."""
    return WorkbookError([Problem("", "", f"{message} {fix}".strip(), found, expected, fix)], source=name)


def sheet_problem(sheet: str, cell: str, message: str, fix: str, found: str = "", expected: str = "", level: Level = Level.ERROR) -> Problem:
    """Return what is wrong with a sheet, or one of its cells, before any column is looked at."""
    return Problem(sheet, cell, f"{message} {fix}".strip(), found, expected, fix, level)
