"""The charts of a plan workbook: native Excel charts, drawn from blocks of numbers on a sheet of their own.

Titles and axis names are references to cells, so that a material's name is never taken for a formula.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pandas as pd
from xlsxwriter.chart import Chart
from xlsxwriter.worksheet import Worksheet

from optimizer.case import BLOCS
from optimizer.forms.plan_sheets import CHARTS_HEAD, DATA, DATA_HEAD
from optimizer.forms.writing import BAR, INK, LINE, MUTED, Book, safe_text
from optimizer.plan.plan import Plan
from optimizer.report.colours import BLOC_COLOURS
from optimizer.report.scales import cost_ranges, scale_of
from optimizer.schema.costs import COST_PARTS

MOST_MATERIALS = 40
"""Materials that get charts of their own; the tables hold the rest."""

TAIL = "#CC79A7"
"""The colour of the worst futures in every chart of costs."""
CATEGORY_COLOURS = {part.name: part.shade for part in COST_PARTS if part.name == part.spending}
_WIDTH, _HEIGHT, _ROWS_APART, _COLUMNS_APART = 630, 380, 20, 10


def add_charts(book: Book, charts: Worksheet, data: Worksheet, plan: Plan) -> None:
    """Fill the sheets of the charts and of their data."""
    desk = _Desk(book, charts, data)
    units = {material.material: material.unit for material in plan.case.materials}
    drawn = list(units)[:MOST_MATERIALS]
    for material in drawn:
        _stock_and_cover(desk, plan, material, units[material])
        _mix(desk, plan, material, units[material])
    _budget(desk, plan)
    _costs(desk, plan)
    if len(drawn) < len(units):
        text = f"The first {len(drawn)} of {len(units)} materials are drawn; the tables hold them all."
        book.put(charts, 1, 0, text, font_color=MUTED, italic=True)


class _Desk:
    """Where charts are made: each gets a block on the data sheet and the next place on the charts sheet."""

    def __init__(self, book: Book, charts: Worksheet, data: Worksheet) -> None:
        self.book, self.charts, self.data = book, charts, data
        self.row, self.made = 2, 0
        book.put(data, 0, 0, DATA_HEAD, bold=True)
        book.put(charts, 0, 0, CHARTS_HEAD, bold=True, font_size=16, font_color=INK)
        charts.hide_gridlines(2)
        data.set_column(0, 0, 26)
        data.set_column(1, 8, 16)

    def block(self, title: str, axes: list[str], table: pd.DataFrame) -> Block:
        """Write a block: its title, its axes' names, and a table whose index holds the categories."""
        top = self.row
        self.book.put(self.data, top, 0, title, bold=True)
        for position, axis in enumerate(axes, start=1):
            self.book.put(self.data, top, position, axis, font_color=MUTED)
        for position, name in enumerate(table.columns, start=1):
            self.book.put(self.data, top + 1, position, name, bold=True, bottom=1, bottom_color=LINE)
        for number, (label, *values) in enumerate(table.itertuples(), start=top + 2):
            self.book.put(self.data, number, 0, str(label))
            for position, value in enumerate(values, start=1):
                self.book.put(self.data, number, position, value if math.isfinite(value) else None, num_format="#,##0.####")
        self.row = top + len(table) + 4
        return Block(top, len(table), list(table.columns))

    def chart(self, kind: str, stacked: bool = False) -> Chart:
        """Return a new chart without anything on it."""
        return self.book.workbook.add_chart({"type": kind, "subtype": "stacked"} if stacked else {"type": kind})

    def place(self, chart: Chart, block: Block, money_format: str, labels: int, description: str) -> None:
        """Dress a chart and put it into the next place."""
        chart.set_title({"name": block.title, "name_font": {"size": 13, "bold": True, "color": INK}, "overlay": False})
        step = max(1, math.ceil(labels / 12))
        small = {"size": 9, "color": MUTED}
        chart.set_x_axis(
            {
                "num_font": {**small, "rotation": -45 if labels > 8 else 0},
                "interval_unit": step,
                "line": {"color": LINE},
                "major_tick_mark": "none",
                "label_position": "low",
            }
        )
        chart.set_y_axis(
            {
                "name": block.axis(1),
                "name_font": {**small, "bold": False},
                "num_font": small,
                "num_format": money_format,
                "min": 0,
                "line": {"none": True},
                "major_gridlines": {"visible": True, "line": {"color": LINE, "width": 0.5}},
            }
        )
        chart.set_legend({"position": "bottom", "font": {"size": 10, "color": INK}})
        chart.set_size({"width": _WIDTH, "height": _HEIGHT})
        chart.set_chartarea({"border": {"color": LINE}})
        chart.show_blanks_as("gap")
        line, side = divmod(self.made, 2)
        row = 3 + line * _ROWS_APART
        if side == 0 and line and line % 2 == 0:
            self.charts.set_h_pagebreaks([2 + earlier * _ROWS_APART for earlier in range(2, line + 1, 2)])
        self.charts.insert_chart(row, side * _COLUMNS_APART, chart, {"description": safe_text(description)[:250], "object_position": 1})
        self.made += 1


class Block:
    """The cells of one chart's numbers."""

    def __init__(self, top: int, rows: int, columns: list[str]) -> None:
        self.top, self.rows, self.columns = top, rows, columns

    @property
    def title(self) -> list[str | int]:
        """Return the cell that holds the title."""
        return [DATA, self.top, 0]

    def axis(self, number: int) -> list[str | int]:
        """Return the cell that holds the name of the first or second value axis."""
        return [DATA, self.top, number]

    def series(self, column: str, **look: Any) -> dict[str, Any]:
        """Return a series of the chart: one column of the block, looking like `look`."""
        position = self.columns.index(column) + 1
        first, last = self.top + 2, self.top + 1 + self.rows
        return {"name": [DATA, self.top + 1, position], "categories": [DATA, first, 0, last, 0], "values": [DATA, first, position, last, position], **look}


def _solid(colour: str) -> dict[str, Any]:
    return {"fill": {"color": colour}, "border": {"none": True}}


def _stock_and_cover(desk: _Desk, plan: Plan, material: str, unit: str) -> None:
    """Draw stock as columns, and the days of demand that it covers as a line on the second axis."""
    cover = plan.tables["cover"]
    rows = cover[cover["material"] == material]
    if rows.empty:
        return
    table = pd.DataFrame({"Stock": rows["quantity"].to_numpy(float), "Cover in days": rows["cover_days"].to_numpy(float)}, index=rows["period"])
    block = desk.block(f"Stock and cover: {material}", [f"Stock at the period's end ({unit})", "Cover (days)"], table)
    chart = desk.chart("column")
    chart.add_series(block.series("Stock", gap=60, **_solid(BAR)))
    line = desk.chart("line")
    marker = {"type": "circle", "size": 6, "fill": {"color": INK}, "border": {"color": INK}}
    line.add_series(block.series("Cover in days", y2_axis=True, line={"color": INK, "width": 2}, marker=marker if len(table) <= 24 else {"type": "none"}))
    chart.combine(line)
    small = {"size": 9, "color": MUTED}
    line.set_y2_axis({"name": block.axis(2), "name_font": {**small, "bold": False}, "num_font": small, "num_format": "#,##0", "min": 0, "line": {"none": True}})
    text = f"Columns: stock of {material} at the end of each period, in {unit}. Line: days of demand that it covers."
    desk.place(chart, block, _quantity_format(table["Stock"]), len(table), text)


def _mix(desk: _Desk, plan: Plan, material: str, unit: str) -> None:
    """Draw the orders of each period, stacked by bloc."""
    mix = plan.tables["mix"]
    rows = mix[mix["material"] == material]
    if rows.empty:
        return
    table = rows.pivot_table(index="period", columns="bloc", values="ordered", aggfunc="sum", sort=False, observed=True)
    periods = [label for label in plan.case.calendar.labels if label in table.index]
    blocs = [bloc for bloc in BLOCS if bloc in table.columns]
    table = table.reindex(index=periods, columns=blocs).fillna(0.0)
    block = desk.block(f"Supplier mix: {material}", [f"Ordered ({unit})"], table)
    chart = desk.chart("column", stacked=True)
    for bloc in blocs:
        chart.add_series(block.series(bloc, gap=60, **_solid(BLOC_COLOURS[bloc])))
    text = f"Quantity of {material} ordered in each period from suppliers of each bloc, in {unit}."
    desk.place(chart, block, _quantity_format(table.sum(axis=1)), len(table), text)


def _budget(desk: _Desk, plan: Plan) -> None:
    """Draw what each budget row allows and what is spent; without a budget, the outlay of each year."""
    rows, currency = plan.tables["budget"], plan.case.settings.currency
    if rows.empty:
        _spending(desk, plan)
        return
    only_all = set(rows["category"]) == {"all"} and not rows["material"].any()
    named = zip(rows["fiscal_year"], rows["category"], rows["material"], strict=True)
    labels = [str(year) if only_all else " ".join(filter(None, (str(year), category, material))) for year, category, material in named]
    rows = rows.assign(amount=rows["amount"] + rows["carried"])
    columns = {"May be spent": "amount", "Spent on the reference path": "spent", "Spent in the dearest future": "highest"}
    table = pd.DataFrame({name: rows[column].to_numpy(float) for name, column in columns.items()}, index=labels)
    scale = scale_of(table.to_numpy().ravel(), currency)
    block = desk.block("Budget by fiscal year", [scale.unit(currency)], table)
    chart = desk.chart("column")
    chart.add_series(block.series("May be spent", gap=80, overlap=0, **_solid(LINE)))
    chart.add_series(block.series("Spent on the reference path", **_solid(MUTED)))
    points = desk.chart("line")
    marker = {"type": "diamond", "size": 9, "fill": {"color": TAIL}, "border": {"color": INK}}
    points.add_series(block.series("Spent in the dearest future", line={"none": True}, marker=marker))
    chart.combine(points)
    desk.place(
        chart, block, scale.format, len(table), "For each fiscal year: what may be spent, what the reference path spends, what the dearest future spends."
    )


def _spending(desk: _Desk, plan: Plan) -> None:
    """Draw the outlay of each fiscal year by category."""
    rows, currency = plan.tables["spending"], plan.case.settings.currency
    if rows.empty:
        return
    table = rows.pivot_table(index="fiscal_year", columns="category", values="spent", aggfunc="sum", sort=False).sort_index()
    table = table[[category for category in CATEGORY_COLOURS if category in table.columns]].fillna(0.0)
    scale = scale_of(table.sum(axis=1), currency)
    block = desk.block("Outlay by fiscal year (no budget is set)", [scale.unit(currency)], table)
    chart = desk.chart("column", stacked=True)
    for category in table.columns:
        chart.add_series(block.series(category, gap=80, **_solid(CATEGORY_COLOURS[category])))
    desk.place(chart, block, scale.format, len(table), "Outlay of the reference path in each fiscal year, by category.")


def _costs(desk: _Desk, plan: Plan) -> None:
    """Draw how likely each range of cost is, the worst futures in another colour."""
    rows, settings = plan.tables["scenarios"], plan.case.settings
    if rows.empty:
        return
    tail = f"Worst {1 - settings.cvar_level:.0%}"
    scale = scale_of(rows["cost"], settings.currency)
    table = cost_histogram(rows, tail, scale.divisor)
    means = f"mean {scale.show(plan.expected_cost)}, {tail.lower()} {scale.show(plan.cvar)}"
    block = desk.block(f"Cost of the futures: {means} ({scale.unit(settings.currency)})", ["Probability"], table)
    chart = desk.chart("column", stacked=True)
    chart.add_series(block.series("Other futures", gap=15, **_solid(BAR)))
    chart.add_series(block.series(tail, **_solid(TAIL)))
    desk.place(chart, block, "0%", len(table), f"Probability of each range of total cost; the worst futures ({tail}) in another colour.")


def cost_histogram(futures: pd.DataFrame, tail: str, divisor: float) -> pd.DataFrame:
    """Return the probability of each range of cost (divided by `divisor`), apart for the futures of the tail and the others."""
    found = cost_ranges(futures, divisor)
    edges, decimals = found.ranges.edges, found.ranges.decimals
    labels = [f"{low:,.{decimals}f} to {high:,.{decimals}f}" for low, high in pairwise(edges)]
    return pd.DataFrame({"Other futures": found.others, tail: found.tail}, index=labels)


def _quantity_format(values: pd.Series) -> str:
    top = float(values.abs().max()) if len(values) else 0.0
    return "#,##0" if top >= 10 or top == 0 else "#,##0.0##"
