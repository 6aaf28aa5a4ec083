"""The plan workbook: a page for the board, charts, every result table, and the input it was made from.

The input sheets travel along unchanged under their own names, so that the plan workbook reads back as the same case.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from optimizer.case import Case
from optimizer.errors import Problem
from optimizer.files import replace_file
from optimizer.forms.inputs import add_inputs
from optimizer.forms.plan_sheets import CHARTS, DATA, PROVENANCE, PROVENANCE_HEAD, SUMMARY, WARNINGS, WARNINGS_HEAD, heading
from optimizer.forms.writing import INK, LINE, PALE, Book, excel_length, is_missing, safe_text
from optimizer.plan.explain import order_decimals
from optimizer.plan.plan import Plan
from optimizer.report.charts import add_charts
from optimizer.report.colours import BLOC_COLOURS
from optimizer.report.summary import add_summary
from optimizer.schema.results import OUTPUTS
from optimizer.schema.tables import Field, Output

MOST_ROWS = 100_000
"""Rows of a result table that one sheet holds: a plan workbook must itself stay within what the reader accepts."""

NOTHING_LEFT_OUT = "This file has every table of the plan that holds a row."

TYPED = {
    ("orders", "spot"),
    ("orders", "contract"),
    ("filed", "quantity"),
    ("contracts", "per_year"),
    ("scenario_orders", "spot"),
    ("scenario_orders", "contract"),
}
"""The columns (table, column) of quantities that a buyer types into an order or a contract."""

_TABS = {"front": INK, "result": "#0B4F6C", "input": "#CBD2D9"}
_INPUT_HEADER = {"bold": True, "bg_color": PALE, "bottom": 1, "bottom_color": LINE}
_WIDEST = 60
_LOOKS = {"share": "0.0%", "days": "#,##0", "months": "#,##0.0", "": "0"}
"""The number formats of units that need no look at the numbers."""
_TEXT = {"align": "left", "indent": 1, "valign": "top"}


def write_plan(plan: Plan, path: str | os.PathLike[str], *, detail: bool = False) -> None:
    """Write the plan workbook to `path`: all of it, or, when something fails, nothing. detail: as plan_bytes has it."""
    replace_file(path, plan_bytes(plan, detail=detail))


def plan_bytes(plan: Plan, *, detail: bool = False) -> bytes:
    """Return the plan workbook as a file's content.

    It has the tables that people use, without those that hold no row; with `detail` every table, those of each future among them.
    """
    book = Book(plan.case.settings.title or "Sourcing plan")
    outputs = [output for output in OUTPUTS if output.beyond is None or plan.case.settings.tail_periods]
    shown = [output for output in outputs if detail or not (output.detail or plan.tables[output.name].empty)]
    add_summary(book, _front(book, SUMMARY), plan)
    charts = _front(book, CHARTS)
    notes = [note for output in shown if (note := add_table(book, output, plan.tables[output.name], plan.case))]
    if not detail:
        notes.append(_left_out(plan))
    add_provenance(book, plan.provenance)
    _warnings(book, plan.all_warnings, notes)
    add_charts(book, charts, _front(book, DATA), plan)
    add_inputs(book, plan.sheets)
    return book.data()


def _left_out(plan: Plan) -> str:
    """Say which tables a workbook without detail leaves out, and how to have them."""
    names = ", ".join(output.sheet for output in OUTPUTS if output.detail and not plan.tables[output.name].empty)
    return f"This file leaves out: {names or 'nothing'}. The app's page Hand on, and --detail on the command line, give them." if names else NOTHING_LEFT_OUT


def _front(book: Book, name: str) -> Worksheet:
    page = book.sheet(name)
    page.set_tab_color(_TABS["front"])
    return page


def _listing(book: Book, name: str, tab: str) -> Worksheet:
    """Add a sheet with one header row that stays in sight."""
    page = book.sheet(name)
    page.set_tab_color(_TABS[tab])
    page.freeze_panes(1, 0)
    page.repeat_rows(0)
    return page


def add_table(book: Book, output: Output, frame: pd.DataFrame, case: Case) -> str:
    """Write one result table as an Excel table on a sheet of its own. Return a note if it is too long for a sheet, else nothing."""
    shown = frame.head(MOST_ROWS)
    page = _listing(book, output.sheet, "result")
    units = [material.unit for material in case.materials]
    currency = case.settings.currency
    headings = [heading(name, column.unit, currency, units) for name, column in output.columns.items()]
    materials = shown["material"].tolist() if "material" in shown else None
    columns = {name: shown[name].tolist() for name in output.columns}
    totals = _totals(output, columns, materials)
    looks = []
    for position, (name, column) in enumerate(output.columns.items()):
        values = columns[name]
        formats = _order_formats(values) if (output.name, name) in TYPED else _number_formats(column.unit, values, materials)
        _column(book, page, position, name, values, formats)
        page.set_column(position, position, _width(headings[position], values))
        sums = _decimals(max(map(abs, [totals[name], *(value for value in values if not is_missing(value))]))) if name in totals else "General"
        rows = f"{xl_rowcol_to_cell(1, position)}:{xl_rowcol_to_cell(len(shown), position)}"
        looks.append(_table_column(book, headings[position], column, totals.get(name), sums, rows))
    _heighten(page, list(columns.values()))
    if totals:
        looks[0]["total_string"] = "Total"
    page.add_table(
        0,
        0,
        max(len(shown), 1) + bool(totals),
        len(headings) - 1,
        {
            "name": f"plan_{output.name}",
            "style": "Table Style Light 1",
            "banded_rows": True,
            "description": output.help,
            "total_row": bool(totals),
            "columns": looks,
        },
    )
    if output.name == "projects":
        _fold(page, shown)
    page.set_row(0, 32)
    for position, column in enumerate(output.columns.values()):
        page.write_comment(0, position, column.meaning, {"author": "", "width": 240, "height": 60, "font_size": 9})
    if len(frame) > len(shown):
        return f"{output.sheet} has {len(frame):,} rows; this file shows the first {len(shown):,}."
    return ""


def _table_column(book: Book, head: str, column: Field, total: float | None, look: str, rows: str) -> dict[str, Any]:
    """Return a column of an Excel table: its header, and where it adds up its total, a formula over `rows` that follows the filter, with its value.

    The formula names cells, not the column, whose name may hold what other programs than Excel do not read in a formula.
    """
    style = {"bold": True, "text_wrap": True, "bg_color": _TABS["result"], "font_color": "#FFFFFF"}
    made: dict[str, Any] = {"header": head, "header_format": book.format(**style, **({"align": "right", "valign": "top"} if column.unit else _TEXT))}
    if total is not None:
        made |= {"total_function": f"=SUBTOTAL(109,{rows})", "total_value": total, "format": book.format(num_format=look)}
    return made


def _totals(output: Output, columns: Mapping[str, list[Any]], materials: list[str] | None) -> dict[str, float]:
    """Return the sums of the columns that add up, of two rows or more; quantities are only added up where all rows speak of one material."""
    if max(map(len, columns.values()), default=0) < 2:
        return {}
    adds = {name for name, column in output.columns.items() if column.adds and ("{unit}" not in column.unit or (materials and len(set(materials)) == 1))}
    return {name: math.fsum(value for value in columns[name] if not is_missing(value)) for name in output.columns if name in adds}


def _fold(page: Worksheet, projects: pd.DataFrame) -> None:
    """Fold the projects that do not start, which stand last, under those that do; a click on + shows them with their reason."""
    begins = projects["start"].notna() | projects["if"].notna()
    page.outline_settings(symbols_below=False)
    if not begins.any() or begins.all():
        return
    first = int(begins.sum()) + 1
    page.set_row(first - 1, None, None, {"collapsed": True})
    for row in range(first, len(projects) + 1):
        page.set_row(row, None, None, {"level": 1, "hidden": True})


def _column(book: Book, page: Worksheet, position: int, name: str, values: list[Any], looks: list[str]) -> None:
    """Write the cells of one result column; a bloc carries its colour on the left edge."""
    wrap = {"text_wrap": True} if any(lines(value, _WIDEST) > 1 for value in values) else {}
    plain = book.format(**_TEXT, **wrap)
    blocs = {bloc: book.format(**_TEXT, **wrap, left=5, left_color=colour) for bloc, colour in BLOC_COLOURS.items()} if name == "bloc" else {}
    numbers = {look: book.format(num_format=look, valign="top") for look in set(looks)}
    for row, (value, look) in enumerate(zip(values, looks, strict=True), start=1):
        if type(value) is float and math.isfinite(value):
            page.write_number(row, position, value, numbers[look])
        elif isinstance(value, bool):
            page.write_string(row, position, "yes" if value else "no", plain)
        elif isinstance(value, str) and value:
            page.write_string(row, position, safe_text(value), blocs.get(value, plain))
        elif not is_missing(value):
            book.put(page, row, position, value, num_format=look, valign="top")


def _heighten(page: Worksheet, columns: list[list[Any]]) -> None:
    """Give the rows with a text longer than the widest column the height that it needs."""
    long = [values for values in columns if any(lines(value, _WIDEST) > 1 for value in values)]
    for row, values in enumerate(zip(*long, strict=True), start=1):
        page.set_row(row, 15 * min(max(lines(value, _WIDEST) for value in values), 20))


def lines(value: Any, width: float) -> int:
    """Return the number of lines that a text takes in a column of that width."""
    return math.ceil(excel_length(value) / (width - 4)) if isinstance(value, str) and len(value) > width - 4 else 1


def _order_formats(values: list[Any]) -> list[str]:
    """Choose the number format of each order: to the digit that a buyer types."""
    decimals = [0 if is_missing(value) else order_decimals(value) for value in values]
    return ["#,##0" + ("." + "0" * count if count else "") for count in decimals]


def _number_formats(unit: str, values: list[Any], materials: list[str] | None) -> list[str]:
    """Choose the number format of each row: percent, days, or decimals that suit the largest number of that material."""
    if unit in _LOOKS:
        return [_LOOKS[unit]] * len(values)
    if unit.endswith("per unit") or unit == "{currency} per {unit}":
        return [_decimals(0.0 if is_missing(value) else abs(value)) for value in values]
    keys = materials if materials is not None and "{unit}" in unit else [""] * len(values)
    largest: dict[str, float] = {}
    for key, value in zip(keys, values, strict=True):
        if not is_missing(value):
            largest[key] = max(largest.get(key, 0.0), abs(value))
    return [_decimals(largest.get(key, 0.0)) for key in keys]


def _decimals(top: float) -> str:
    for bound, look in ((100, "#,##0"), (10, "#,##0.0"), (1, "#,##0.00")):
        if top >= bound:
            return look
    return "#,##0" if top == 0 else "#,##0.0000"


def _width(header: str, values: list[Any]) -> float:
    """Choose a column width that shows most of its texts whole; a header may wrap onto two lines."""
    words = max((len(word) for word in header.split()), default=0)
    texts = max((len(value) for value in values[:500] if isinstance(value, str)), default=0)
    return min(max(words + 4, len(header) / 2 + 4, texts + 4, 11), _WIDEST)


def add_provenance(book: Book, provenance: Mapping[str, Any]) -> None:
    """Write where the plan comes from: input, versions, options, times."""
    page = _listing(book, PROVENANCE, "result")
    _rows(book, page, PROVENANCE_HEAD, (34, 90), flat(provenance))


def flat(values: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    """Return the entries of a nested mapping as (dotted name, value), lists as one text."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        elif isinstance(value, (list, tuple)):
            yield f"{prefix}{name}", ", ".join(map(str, value))
        else:
            yield f"{prefix}{name}", value


def _warnings(book: Book, problems: Iterable[Problem], notes: Iterable[str]) -> None:
    """Write what was suspicious in the input, and what this file leaves out."""
    page = _listing(book, WARNINGS, "result")
    rows: list[tuple[str, ...]] = [(problem.level, problem.where, problem.message, problem.found, problem.expected, problem.fix) for problem in problems]
    rows += [("note", "", note, "", "", "") for note in notes]
    _rows(book, page, WARNINGS_HEAD, (10, 22, 70, 24, 30, 50), rows or [("", "", "No warnings.", "", "", "")])


def _rows(book: Book, page: Worksheet, head: tuple[str, ...], widths: tuple[int, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    """Write a plain listing under its header, long texts wrapped."""
    for position, (name, width) in enumerate(zip(head, widths, strict=True)):
        page.set_column(position, position, width)
        book.put(page, 0, position, name, bold=True, bg_color=_TABS["result"], font_color="#FFFFFF")
    for number, row in enumerate(rows, start=1):
        for position, value in enumerate(row):
            book.put(page, number, position, value, text_wrap=True, valign="top", align="left")
        page.set_row(number, 15 * min(max(map(lines, row, widths)), 20))
