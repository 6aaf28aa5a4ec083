"""The reports that are made of sections, as pages: the risk assessment of the supply chain, and the stock requirement.

What they say is made by optimizer.report; this module draws their charts and writes their numbers as people read them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from optimizer.forms import heading
from optimizer.plan import Plan, percent
from optimizer.plan import figure as in_words
from optimizer.report import REPORTS, Section
from optimizer.schema import Field, Output
from ui.charts.plan import days_fan
from ui.charts.studies import of_study
from ui.charts.world import sources_map
from ui.report.board import MOST_MATERIALS, stamp
from ui.report.page import HALF, WHOLE, Column, Figure, Table, figure, rendered
from ui.words import charts as text
from ui.words import reports as words
from ui.words.escape import short
from ui.words.figures import money_scale, name_text, unit_text

MOST_ROWS = 16
"""Rows of a table on the page; the tables of the report have all."""
_LONGEST_WORD = 14
"""Letters of a word that stands on one line in a table; longer ones may be broken."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A section as the page shows it."""

    title: str
    lines: list[str]
    empty: str
    figures: list[Figure]
    tables: list[Table]


def document_html(name: str, plan: Plan, title: str = "", found: Mapping[str, pd.DataFrame] | None = None) -> str:
    """Return a report of a plan as HTML. name: one of REPORTS; KeyError for another. title: what the run is called. found: the tables of its studies."""
    report, studies, s = REPORTS[name], found or {}, plan.case.settings
    labels = plan.case.calendar.labels
    return rendered(
        "document.html.jinja",
        title=s.title or title or report.title,
        kicker=report.title if title in ("", s.title) else f"{report.title}: {short(title)}",
        status=plan.proven,
        about=text.horizon(labels[0], labels[-1], f"{len(plan.tables['scenarios']):,}", unit_text(s.currency)),
        meaning=report.meaning,
        sections=[_shown(section, plan, studies) for section in report.sections(plan, studies)],
        stamp=stamp(plan),
        more_lines=words.more_lines,
    )


def _shown(section: Section, plan: Plan, found: Mapping[str, pd.DataFrame]) -> Shown:
    drawn = CHARTS[section.chart](plan, found) if section.chart else []
    tables = [_table(output, frame, plan) for output, frame in section.tables if len(frame)]
    return Shown(section.title, section.lines, section.empty, drawn, tables)


# -- tables ---------------------------------------------------------------------------------------------------------------


def _table(output: Output, frame: pd.DataFrame, plan: Plan) -> Table:
    """Write a table as people read it, without the columns that are blank throughout, and without the unit where one unit heads them all."""
    currency, units = unit_text(plan.case.settings.currency), [m.unit for m in plan.case.materials]
    names = [name for name in output.columns if not frame[name].map(_blank).all() and not (name == "unit" and len(set(units)) == 1)]
    columns, written = [], []
    for name in names:
        field = output.columns[name]
        cells, unit = _cells(field, frame[name].tolist(), currency)
        written.append(cells)
        head = heading(name, unit, currency, units)
        columns.append(Column(head, bool(field.unit), min(_LONGEST_WORD, max(len(word) for cell in (head, *cells) for word in (*cell.split(), "")))))
    caption = output.sheet if len(frame) <= MOST_ROWS else words.some_rows(output.sheet, MOST_ROWS, len(frame))
    return Table(tuple(columns), list(zip(*written))[:MOST_ROWS], caption=caption)


def _blank(value: Any) -> bool:
    return value is None or value == "" or value != value


def _cells(field: Field, values: list[Any], currency: str) -> tuple[list[str], str]:
    """Write the values of a column, and return the unit that its heading names; money in the scale that suits the largest."""
    if field.unit.startswith("{currency}") and field.unit in ("{currency}", "{currency} per year"):
        scale = money_scale([value for value in values if not _blank(value)], currency)
        return [text.NO_VALUE if _blank(v) else scale.show(v) for v in values], field.unit.replace("{currency}", scale.unit("{currency}"))
    if field.unit == "share":
        return [text.NO_VALUE if _blank(v) else percent(v) for v in values], ""
    if field.unit:
        return [text.NO_VALUE if _blank(v) else in_words(v) for v in values], field.unit
    return ["" if _blank(v) else str(v) for v in values], ""


# -- charts ---------------------------------------------------------------------------------------------------------------


def _map(plan: Plan, found: Mapping[str, pd.DataFrame]) -> list[Figure]:
    return [figure(words.MAP_CAPTION, sources_map([asdict(offer) for offer in plan.case.offers]), WHOLE, 380)]


def _stress(plan: Plan, found: Mapping[str, pd.DataFrame]) -> list[Figure]:
    return [figure(head, drawn, WHOLE) for head, drawn, _ in of_study("stress", plan, found)]


def _days(plan: Plan, found: Mapping[str, pd.DataFrame]) -> list[Figure]:
    materials = [m.material for m in plan.case.materials][:MOST_MATERIALS]
    return [figure(text.days_caption(name_text(material)), days_fan(plan, material), HALF if len(materials) > 1 else WHOLE, 240) for material in materials]


CHARTS: dict[str, Callable[[Plan, Mapping[str, pd.DataFrame]], list[Figure]]] = {"map": _map, "stress": _stress, "days": _days}
"""The function that draws the charts of a section, by the name that it gives."""
