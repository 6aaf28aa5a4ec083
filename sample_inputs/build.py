"""Write the sample workbooks from their readable data: data/<case>/<Sheet>.csv becomes <case>.xlsx.

    python sample_inputs/build.py            write every workbook, byte for byte the same on every run
    python sample_inputs/build.py --check    exit 1 if a workbook on disk is not in step with its data

Which cells are numbers, dates or text follows from the schema of the workbook (optimizer.schema.sheets.INPUTS).
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import sys
import tempfile
from pathlib import Path

import openpyxl
import xlsxwriter

HERE = Path(__file__).resolve().parent
if str(HERE.parent) not in sys.path:
    sys.path.insert(0, str(HERE.parent))

from optimizer.schema.language import Column  # noqa: E402
from optimizer.schema.sheets import INPUTS  # noqa: E402

DATA = HERE / "data"
CREATED = dt.datetime(2026, 11, 23)
SOURCES = ("sheet", "row", "column", "value", "grade", "source", "note")
WIDTHS = {"sheet": 13, "row": 42, "column": 30, "value": 18, "grade": 7, "source": 60, "note": 90}
WIDEST = 44


def cases() -> list[str]:
    """The samples, by name."""
    return sorted(folder.name for folder in DATA.iterdir() if folder.is_dir())


def read_rows(path: Path) -> list[list[str]]:
    """The cells of one csv as text; rows of another length than the header are refused."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            raise ValueError(f"{path}, line {number}: {len(row)} cells under {len(rows[0])} headers")
    return rows


def typed(text: str, column: Column | None):
    """The value of one cell: a number, a date or text, as its column says; None if blank. A label such as 2027-Q2 stays text."""
    text = text.strip()
    if not text:
        return None
    kind = column.kind if column else "text"
    if kind in ("number", "share"):
        return float(text)
    if kind in ("whole", "year"):
        return int(text)
    if kind in ("date", "last_date"):
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            return text
    return text


def columns_of(case: str, sheet_name: str, header: list[str]) -> list[Column | None]:
    """The declared column under each header; period columns of Demand count as annual_demand, free columns as None."""
    sheet = next((sheet for sheet in INPUTS if sheet.name == sheet_name), None)
    if sheet is None:
        return [None] * len(header)
    known = {column.name: column for column in sheet.columns}
    if sheet.period_columns:
        return [known.get(name, known["annual_demand"]) for name in header]
    unknown = [name for name in header if name not in known]
    if unknown:
        raise ValueError(f"{case}/{sheet_name}: unknown columns {unknown}")
    return [known[name] for name in header]


def contents(case: str) -> dict[str, list[list]]:
    """The sheets of one case in the schema's order, Sources last: rows of typed cells, the header first."""
    result = {}
    for sheet in INPUTS:
        path = DATA / case / f"{sheet.name}.csv"
        if not path.exists():
            continue
        rows = read_rows(path)
        if sheet.settings:
            settings = {column.name: column for column in sheet.columns}
            result[sheet.name] = [rows[0]] + [[name, typed(value, settings[name])] for name, value in rows[1:]]
        else:
            columns = columns_of(case, sheet.name, rows[0])
            result[sheet.name] = [rows[0]] + [[typed(text, column) for text, column in zip(row, columns, strict=True)] for row in rows[1:]]
    rows = read_rows(DATA / case / "Sources.csv")
    if tuple(rows[0]) != SOURCES:
        raise ValueError(f"{case}/Sources: the headers must be {SOURCES}")
    value = SOURCES.index("value")
    result["Sources"] = [rows[0]] + [[number(text) if k == value else text or None for k, text in enumerate(row)] for row in rows[1:]]
    return result


def number(text: str):
    """The text as a number where it is one."""
    try:
        return float(text)
    except ValueError:
        return text or None


def number_format(value, column: Column | None, sheet: str) -> str:
    """How a number is shown: percentages for shares, thousands apart, as many decimals as it needs."""
    if column is not None and column.kind == "year":
        return "0"
    if column is not None and column.kind == "share" and sheet != "Limits":
        return "0%" if abs(value * 100 - round(value * 100)) < 1e-9 else "0.0##%"
    return "#,##0" if float(value).is_integer() else "#,##0.0###"


def write(case: str, target: Path) -> None:
    """Write the workbook of one case."""
    book = xlsxwriter.Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    sheets = contents(case)
    title = next((value for name, value in sheets["Settings"][1:] if name == "title"), case)
    book.set_properties({"title": title, "created": CREATED})
    formats: dict[tuple, object] = {}

    def style(**properties):
        wanted = tuple(sorted(properties.items()))
        if wanted not in formats:
            formats[wanted] = book.add_format(properties)
        return formats[wanted]

    for name, rows in sheets.items():
        page = book.add_worksheet(name)
        page.freeze_panes(1, 0)
        declared = [None] * len(rows[0]) if name in ("Settings", "Sources") else columns_of(case, name, rows[0])
        wrap = {"text_wrap": True, "valign": "top"} if name == "Sources" else {}
        settings = {column.name: column for sheet in INPUTS if sheet.settings for column in sheet.columns}
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                column = settings.get(row[0]) if name == "Settings" and c == 1 else declared[c]
                if r == 0:
                    page.write_string(r, c, value, style(bold=True, bg_color="#DCE6F1", bottom=1, text_wrap=True, valign="top"))
                elif value is None:
                    continue
                elif isinstance(value, dt.date):
                    page.write_datetime(r, c, dt.datetime(value.year, value.month, value.day), style(num_format="yyyy-mm-dd", align="left"))
                elif isinstance(value, (int, float)):
                    page.write_number(r, c, value, style(num_format=number_format(value, column, name), **wrap))
                else:
                    page.write_string(r, c, str(value), style(**wrap) if wrap else None)
        for c, header in enumerate(rows[0]):
            longest = max((len(str(row[c])) for row in rows[1:] if row[c] is not None), default=0)
            page.set_column(c, c, WIDTHS[header] if name == "Sources" else min(WIDEST, max(11, longest + 2, len(header) * 0.62 + 2)))
        if name == "Sources":
            page.autofilter(0, 0, len(rows) - 1, len(rows[0]) - 1)
    book.close()


def cells(path: Path) -> dict[str, list[tuple]]:
    """What the cells of a workbook hold, sheet by sheet."""
    book = openpyxl.load_workbook(path)
    return {page.title: [tuple(row) for row in page.iter_rows(values_only=True)] for page in book.worksheets}


def in_step(case: str) -> bool:
    """Whether the workbook on disk holds what its data say."""
    target = HERE / f"{case}.xlsx"
    if not target.exists():
        return False
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / target.name
        write(case, fresh)
        return cells(fresh) == cells(target)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Write the sample workbooks from their readable data.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a workbook is not in step with its data")
    options = parser.parse_args(arguments)
    if not options.check:
        for case in cases():
            write(case, HERE / f"{case}.xlsx")
            print(f"wrote {case}.xlsx")
        return 0
    stale = [case for case in cases() if not in_step(case)]
    for case in stale:
        print(f"{case}.xlsx is not in step with data/{case}; run: python sample_inputs/build.py")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
