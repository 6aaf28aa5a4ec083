"""The board report: one HTML file that stands alone (no script, nothing from outside) and prints on A4.

This module gathers what the report says; board.html.jinja says where it stands, board.css how it looks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from optimizer.plan import Plan, answer, percent
from optimizer.plan import figure as in_words
from optimizer.studies import STUDIES, Study, on_unseen, unseen_headlines
from ui.charts.plan import budget, cost_histogram, costs, mix, stock_fan
from ui.charts.studies import of_study
from ui.report.page import HALF, WHOLE, Column, Figure, Table, figure, rendered
from ui.words import charts as text
from ui.words import reports as words
from ui.words.escape import short
from ui.words.figures import money_scale, name_text, quantity, unit_text

MOST_MATERIALS, MOST_FUTURES = 12, 8
"""Materials drawn and worst futures; the plan workbook holds the rest."""

WORDS = "words"
"""The column of a study's table that says its rows in sentences."""


@dataclass(frozen=True, slots=True)
class Studied:
    """What a study says in the report: its title, its sentences, its charts."""

    title: str
    lines: list[str]
    figures: list[Figure]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the report that studies tell: lines of the plan itself, what each study says, and which of them were not asked."""

    name: str
    title: str
    lines: list[str]
    studies: list[Studied]
    not_asked: str


def report_html(plan: Plan, name: str = "", found: Mapping[str, pd.DataFrame] | None = None) -> str:
    """Return the report of a plan as HTML. name: what the run is called, beside the case's title. found: the tables of its studies, by name."""
    return rendered("board.html.jinja", most_materials=MOST_MATERIALS, **_content(plan, name, found or {}))


def _content(plan: Plan, name: str, found: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Gather everything that the page says of a plan."""
    unseen = unseen_headlines(plan, found)
    s, labels, materials = plan.case.settings, plan.case.calendar.labels, [m.material for m in plan.case.materials]
    title = s.title or name or text.REPORT_HEAD
    return {
        "title": title,
        "kicker": text.REPORT_HEAD if name in ("", title) else f"{text.REPORT_HEAD}: {short(name)}",
        "status": plan.proven,
        "about": text.horizon(labels[0], labels[-1], f"{len(plan.tables['scenarios']):,}", unit_text(s.currency)),
        "answer": answer(on_unseen(plan, found) or plan),
        "tiles": [[unseen.get(line.name, line) for line in plan.headlines if (line.kind == "money") == money] for money in (True, False)],
        "parts": _parts(plan, found),
        "sentences": plan.sentences,
        "costs": _costs(plan),
        "cost_chart": figure(text.COST_HEAD, costs(plan), HALF),
        "spread_chart": figure(text.SPREAD_HEAD, cost_histogram(plan), HALF, 270),
        "yearly": _yearly(plan),
        "budget": _budget(plan),
        "budget_chart": figure("", budget(plan), WHOLE),
        "material_charts": [chart for material in materials[:MOST_MATERIALS] for chart in _material_charts(plan, material)],
        "materials": len(materials),
        "fill_rates": _fill_rates(plan),
        "worst": _worst_futures(plan),
        "warnings": [str(warning) for warning in plan.all_warnings],
        "stamp": stamp(plan),
    }


def _parts(plan: Plan, found: Mapping[str, pd.DataFrame]) -> list[Part]:
    """Gather how sure the plan is, why it is as it is, what would change it, and what it binds one to: of the plan itself, and of its studies."""
    own = {"sure": words.sure(plan.proven, len(plan.tables["scenarios"]), plan.provenance["scenario_method"] == "sampled"), "why": plan.sentences["binds"]}
    parts = []
    for name, title, studies in words.PARTS:
        told = {study: made for study in studies if (made := _studied(STUDIES[study], plan, found))}
        missing = [STUDIES[study].title for study in studies if study not in told]
        parts.append(Part(name, title, own.get(name, []), list(told.values()), words.not_asked(missing) if missing else ""))
    return parts


def _studied(study: Study, plan: Plan, found: Mapping[str, pd.DataFrame]) -> Studied | None:
    """Gather what a study says that was made of the plan; None where it was not, or says nothing."""
    tables = [found[table.name] for table in study.tables if table.name in found]
    lines = [line for table in tables if WORDS in table for line in table[WORDS] if line]
    return Studied(study.title, lines, [figure(head, drawn, WHOLE) for head, drawn, _ in of_study(study.name, plan, found)]) if lines else None


def _material_charts(plan: Plan, material: str) -> tuple[Figure, Figure]:
    name = name_text(material)
    return figure(text.stock_caption(name), stock_fan(plan, material), HALF, 240), figure(text.mix_caption(name), mix(plan, material), HALF, 240)


def _money_table(plan: Plan, columns: Mapping[str, bool], rows: Sequence[Sequence[object]], *, total: bool = False) -> Table:
    """Make a table whose numbers are all money, in one scale that stands in the heads. columns: heading -> whether it holds numbers."""
    currency = plan.case.settings.currency
    scale = money_scale([value for row in rows for value in row if isinstance(value, float)], currency)
    heads = tuple(Column(text.money_title(scale.unit(unit_text(currency)), head) if numbers else head, numbers) for head, numbers in columns.items())
    return Table(heads, [[scale.show(value) if isinstance(value, float) else str(value) for value in row] for row in rows], total)


def _costs(plan: Plan) -> Table:
    table = plan.tables["costs"]
    total = (text.TOTAL_ROW, table["expected"].sum(), table["reference"].sum())
    rows = [(text.part_word(r.part), r.expected, r.reference) for r in table.itertuples()] + [total]
    return _money_table(plan, {text.PART: False, text.IN_EXPECTATION: True, text.ON_REFERENCE: True}, rows, total=True)


def _yearly(plan: Plan) -> Table:
    table = plan.tables["yearly"]
    rows = [(str(r.fiscal_year), r.cash, r.cash_discounted, r.shortage_losses, r.shortage_losses_discounted) for r in table.itertuples()]
    rows.append((text.TOTAL_ROW, *(float(table[name].sum()) for name in table.columns[1:])))
    columns = {text.YEAR: False, text.CASH: True, text.CASH_DISCOUNTED: True, text.LOSSES: True, text.LOSSES_DISCOUNTED: True}
    return _money_table(plan, columns, rows, total=True)


def _budget(plan: Plan) -> Table:
    columns = {text.YEAR: False, text.CATEGORY: False, text.LIMIT: True, text.SPENT: True, text.DEAREST: True}
    rows = []
    for r in plan.tables["budget"].itertuples():
        counts = (text.EVERYTHING if r.category == "all" else r.category) + (f": {r.material}" if r.material else "")
        rows.append((str(r.fiscal_year), counts, r.amount + r.carried, r.spent, r.highest))
    return _money_table(plan, columns, rows)


def _fill_rates(plan: Plan) -> Table:
    columns = {text.MATERIAL: False, text.USE: False, text.SHARE_MET: True, text.SHORT_ON_AVERAGE: True, text.UNIT: False, text.CHANCE_SHORT: True}
    rows = [
        (r.material, r.use, percent(r.fill_rate), quantity(r.expected_short, ""), unit_text(r.unit), percent(r.probability_of_shortage))
        for r in plan.tables["fill_rate"].itertuples()
    ]
    return Table(tuple(Column(head, numbers) for head, numbers in columns.items()), rows)


def _worst_futures(plan: Plan) -> Table:
    worst = plan.tables["scenarios"].sort_values("cost", ascending=False, kind="stable").head(MOST_FUTURES)
    rows = [(r.scenario, percent(r.probability), r.cost, r.shortage_cost, r.events) for r in worst.itertuples()]
    return _money_table(plan, {text.FUTURE: False, text.PROBABILITY: False, text.TOTAL: True, text.SHORTAGE_COST: True, text.EVENTS: False}, rows)


def stamp(plan: Plan) -> dict[str, str]:
    """Give every setting and fact that the plan carries, the gap that was reached, and when this page was made."""
    facts: dict[str, Any] = {text.stamp_word(key): value for key, value in plan.provenance.items() if value not in (None, "")}
    facts[text.GAP_REACHED] = plan.gap
    facts[text.MADE_ON] = f"{dt.datetime.now():%Y-%m-%d %H:%M}"
    return {word: _fact(value) for word, value in facts.items()}


def _fact(value: Any) -> str:
    """Write a fact as people read it: small numbers in full, large ones with separators."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or pd.isna(value):
        return str(value)
    return in_words(value) if abs(value) >= 1e-3 or value == 0 else f"{value:.1e}"
