"""The board report: one HTML file that stands alone (no script, nothing from outside) and prints on A4."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import vl_convert

from optimizer.plan import Headline, answer, figure, percent
from ui.charts.plan import budget, cost_histogram, costs, mix, stock_fan
from ui.charts.style import Drawing
from ui.words import charts as text
from ui.words.escape import short
from ui.words.figures import money_scale, name_text, quantity, unit_text

MOST_MATERIALS, MOST_FUTURES, MOST_ROWS, MOST_LINES = 12, 8, 40, 12
"""Materials drawn, worst futures, rows of a table and lines of a section; the plan workbook holds the rest."""

_LONGEST = 400
"""Letters of a sentence."""
_HALF, _WHOLE = 430, 880
"""Pixels that a chart of half and of the whole page is drawn in."""
_FONT = "Helvetica, Arial, Liberation Sans, sans-serif"
_LOOK = {
    "background": None,
    "font": _FONT,
    "view": {"stroke": None},
    "axis": {"labelColor": "#52606D", "titleColor": "#52606D", "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"},
    "legend": {"labelColor": "#1F2933", "labelFontSize": 12},
}
_CSS = Path(__file__).with_name("board.css")


def report_html(plan, name: str = "") -> str:
    """The report of a plan as HTML. name: what the run is called, beside the case's title."""
    title = plan.case.settings.title or name or text.REPORT_HEAD
    parts = (_head(plan, title, name), _do(plan), _money(plan), _time(plan), _protection(plan), _warnings(plan), _stamp(plan))
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{_text(title)}</title>\n<style>\n{_CSS.read_text(encoding='utf-8')}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


# -- pieces of HTML -------------------------------------------------------------------------------------------------------


def _text(words: object, most: int = _LONGEST) -> str:
    """What was typed, as text: one line, cut where it is long, nothing in it is markup."""
    return escape(short(words, most))


def _list(lines: Sequence[str]) -> str:
    shown = [f'<li dir="auto">{_text(line)}</li>' for line in lines[:MOST_LINES]]
    if len(lines) > MOST_LINES:
        shown.append(f"<li>{_text(text.more_rows(f'{len(lines) - MOST_LINES:,}'))}</li>")
    return f"<ul>{''.join(shown)}</ul>" if shown else f"<p>{text.NOTHING}</p>"


def _table(columns: dict[str, bool], rows: Sequence[Sequence[str]], *, total: bool = False, most: int = MOST_ROWS) -> str:
    """A table. columns: header -> whether it holds numbers. total: whether the last row adds up the others."""
    looks = [' class="number"' if numbers else ' dir="auto"' for numbers in columns.values()]
    head = "".join(f"<th{look if 'number' in look else ''}>{_text(header)}</th>" for header, look in zip(columns, looks))
    lines = []
    for number, row in enumerate(rows[:most], start=1):
        cells = "".join(f"<td{look}>{_text(cell, 320)}</td>" for cell, look in zip(row, looks))
        lines.append(f"<tr{' class=total' if total and number == len(rows) else ''}>{cells}</tr>")
    more = f'<p class="quiet">{_text(text.more_rows(f"{len(rows) - most:,}"))}</p>' if len(rows) > most else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>{more}"


def svg(chart: Drawing, width: int, height: int | None = None) -> str:
    """A chart as an SVG element for a light page, so many pixels wide."""
    spec = chart.to_dict()
    spec.update(width=width, autosize={"type": "fit", "contains": "padding"}, config=_LOOK)
    if height:
        spec["height"] = height
    return vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])


def _figure(caption: str, chart: Drawing, width: int, height: int | None = None) -> str:
    return f'<figure><figcaption dir="auto">{_text(caption)}</figcaption>{svg(chart, width, height)}</figure>'


def _section(head: str, content: str) -> str:
    return f"<section><h2>{_text(head)}</h2>\n{content}</section>"


# -- the pages ------------------------------------------------------------------------------------------------------------


def _head(plan, title: str, name: str) -> str:
    labels, s = plan.case.calendar.labels, plan.case.settings
    about = text.horizon(labels[0], labels[-1], f"{len(plan.tables['scenarios']):,}", unit_text(s.currency))
    lines = plan.headlines
    tiles = "".join(_tiles([line for line in lines if (line.kind == "money") == money]) for money in (True, False))
    kicker = text.REPORT_HEAD if name in ("", title) else f"{text.REPORT_HEAD}: {short(name)}"
    return (
        f'<p class="kicker" dir="auto">{_text(kicker)}</p>\n<h1 dir="auto">{_text(title, 160)}</h1>\n'
        f'<p class="quiet">{_text(plan.proven)} {_text(about)}</p>\n'
        f'<p class="answer" dir="auto">{" ".join(_text(line) for line in answer(plan))}</p>\n{tiles}'
    )


def _tiles(lines: Sequence[Headline]) -> str:
    """A row of figures, each with its name above it and its meaning below."""
    tiles = "".join(
        f'<div class="tile"><span>{_text(line.label)}</span><b>{_text(line.text)}</b><span dir="auto">{_text(line.meaning)}</span></div>' for line in lines
    )
    return f'<div class="tiles">{tiles}</div>'


def _do(plan) -> str:
    parts = [f"<section><h2>{_text(head)}</h2>{_list(plan.sentences.get(key, []))}</section>" for key, head in text.REPORT_SECTIONS]
    return f'<div class="pair">{"".join(parts)}</div>'


def _money(plan) -> str:
    currency, table = plan.case.settings.currency, plan.tables["costs"]
    total = (text.TOTAL_ROW, table["expected"].sum(), table["reference"].sum())
    rows = [(text.part_word(r.part), r.expected, r.reference) for r in table.itertuples()] + [total]
    columns = {text.PART: False, text.IN_EXPECTATION: True, text.ON_REFERENCE: True}
    cost = _list(plan.sentences.get("cost", [])) + _money_table(columns, rows, currency, total=True)
    charts = f'<div class="pair">{_figure(text.COST_HEAD, costs(plan), _HALF)}{_figure(text.SPREAD_HEAD, cost_histogram(plan), _HALF, 270)}</div>'
    by_year, limits = _section(text.YEARLY_HEAD, _yearly(plan, currency)), _section(text.BUDGET_HEAD, _budget(plan, currency))
    return _section(text.COST_HEAD, cost + charts) + by_year + limits


def _money_table(columns: dict[str, bool], rows: Sequence[Sequence[object]], currency: str, *, total: bool = False) -> str:
    """A table whose numbers are all money, in one scale that stands in the heads."""
    scale = money_scale([value for row in rows for value in row if isinstance(value, float)], currency)
    heads = {text.money_title(scale.unit(unit_text(currency)), head) if numbers else head: numbers for head, numbers in columns.items()}
    return _table(heads, [[scale.show(value) if isinstance(value, float) else str(value) for value in row] for row in rows], total=total)


def _yearly(plan, currency: str) -> str:
    table = plan.tables["yearly"]
    rows = [(str(r.fiscal_year), r.cash, r.cash_discounted, r.shortage_losses, r.shortage_losses_discounted) for r in table.itertuples()]
    rows.append((text.TOTAL_ROW, *(float(table[name].sum()) for name in table.columns[1:])))
    columns = {text.YEAR: False, text.CASH: True, text.CASH_DISCOUNTED: True, text.LOSSES: True, text.LOSSES_DISCOUNTED: True}
    return f'<p class="quiet">{text.YEARLY_NOTE}</p>' + _money_table(columns, rows, currency, total=True)


def _budget(plan, currency: str) -> str:
    table = plan.tables["budget"]
    columns = {text.YEAR: False, text.CATEGORY: False, text.LIMIT: True, text.SPENT: True, text.DEAREST: True}
    rows = [(str(r.fiscal_year), text.EVERYTHING if r.category == "all" else r.category, r.amount, r.spent, r.highest) for r in table.itertuples()]
    return _figure("", budget(plan), _WHOLE) + (_money_table(columns, rows, currency) if rows else "")


def _time(plan) -> str:
    materials = [m.material for m in plan.case.materials]
    drawn = "".join(
        _figure(text.stock_caption(name_text(m)), stock_fan(plan, m), _HALF, 240) + _figure(text.mix_caption(name_text(m)), mix(plan, m), _HALF, 240)
        for m in materials[:MOST_MATERIALS]
    )
    more = f'<p class="quiet">{_text(text.some_materials(MOST_MATERIALS, len(materials)))}</p>' if len(materials) > MOST_MATERIALS else ""
    return _section(text.TIME_HEAD, f'<div class="pair">{drawn}</div>{more}')


def _protection(plan) -> str:
    currency = plan.case.settings.currency
    rates = [
        (r.material, r.use, percent(r.fill_rate), quantity(r.expected_short, ""), unit_text(r.unit), percent(r.probability_of_shortage))
        for r in plan.tables["fill_rate"].itertuples()
    ]
    met = {text.MATERIAL: False, text.USE: False, text.SHARE_MET: True, text.SHORT_ON_AVERAGE: True, text.UNIT: False, text.CHANCE_SHORT: True}
    worst = plan.tables["scenarios"].sort_values("cost", ascending=False, kind="stable").head(MOST_FUTURES)
    futures = [(r.scenario, percent(r.probability), r.cost, r.shortage_cost, r.events) for r in worst.itertuples()]
    what = {text.FUTURE: False, text.PROBABILITY: False, text.TOTAL: True, text.SHORTAGE_COST: True, text.EVENTS: False}
    return (_section(text.FILL_HEAD, _table(met, rates)) if rates else "") + _section(text.WORST_HEAD, _money_table(what, futures, currency))


def _warnings(plan) -> str:
    return _section(text.WARNING_HEAD, _list([str(warning) for warning in plan.all_warnings]) if plan.all_warnings else f"<p>{text.NO_WARNINGS}</p>")


def _stamp(plan) -> str:
    """Every setting and fact that the plan carries, the gap that was reached, and when this page was made."""
    facts: dict[str, Any] = {text.stamp_word(key): value for key, value in plan.provenance.items() if value not in (None, "")}
    facts[text.GAP_REACHED] = plan.gap
    facts[text.MADE_ON] = f"{dt.datetime.now():%Y-%m-%d %H:%M}"
    lines = "".join(f"<div><dt>{_text(word)}</dt><dd>{_text(value)}</dd></div>" for word, value in zip(facts, _plain(facts.values())))
    return _section(text.STAMP_HEAD, f'<dl class="stamp">{lines}</dl>')


def _plain(values: Iterable[Any]) -> list[str]:
    """Facts as people read them: small numbers in full, large ones with separators."""
    result = []
    for value in values:
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and not pd.isna(value)
        result.append((figure(value) if abs(value) >= 1e-3 or value == 0 else f"{value:.1e}") if number else str(value))
    return result
