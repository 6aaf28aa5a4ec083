"""Slides of a plan's five charts for PowerPoint: what it costs, how the futures differ, budget, cover, and supplier mix.

The charts are PowerPoint's own, so that their numbers can be edited and looked up. This module alone knows python-pptx, which the extra `report` installs.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import pandas as pd

from optimizer.case import BLOCS
from optimizer.plan import Plan, money, percent, worst_futures
from optimizer.plan import figure as in_words
from optimizer.report import BLOC_COLOURS, Scale, cost_ranges
from ui.charts.style import ACCENT, BAD, NEUTRAL, PART_COLOURS
from ui.words import charts as text
from ui.words import reports as words
from ui.words.escape import short
from ui.words.figures import apart, money_scale, unit_text

MOST_MATERIALS, MOST_BARS, MOST_NUMBERS = 6, 12, 4
"""Materials and bars that one chart holds and still reads, of which a slide says where there are more, and groups of columns that carry their numbers."""
LEAST_LABEL = 0.03
"""The least share whose number stands in its bar; in a narrower one it would not fit."""
_INK, _MUTED, _LINE = "1F2933", "52606D", "CBD2D9"
_WIDTH, _HEIGHT, _EDGE = 13.333, 7.5, 0.6
"""Inches of a wide slide, and of its margin."""


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a chart: its name, its values, its colour as #RRGGBB."""

    name: str
    values: Sequence[float | None]
    colour: str


@dataclass(frozen=True, slots=True)
class Slide:
    """A slide: what it says in a sentence, and its chart.

    kind: bar, stacked bar, column, stacked column or line. axis: what the values are counted in. look: their number format. note: what stands below.
    """

    title: str
    kind: str
    categories: Sequence[str]
    series: Sequence[Series]
    axis: str
    look: str
    note: str = ""


def installed() -> bool:
    """Return whether slides can be made here."""
    return find_spec("pptx") is not None


def slides_bytes(plan: Plan, name: str = "") -> bytes:
    """Return the slides of a plan as a .pptx file's content. name: what the run is called."""
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(_WIDTH), Inches(_HEIGHT)
    title = short(plan.case.settings.title or name or text.REPORT_HEAD, 120)
    deck.core_properties.title = title
    foot = words.slide_foot(title, plan.proven, plan.provenance.get("version", ""))
    for number, make in enumerate(SLIDES, start=1):
        _add(deck, make(plan), foot, number)
    file = io.BytesIO()
    deck.save(file)
    return file.getvalue()


# -- what the slides say --------------------------------------------------------------------------------------------------


def _costs(plan: Plan) -> Slide:
    """The parts of the expected cost, the largest on top."""
    data, currency = plan.tables["costs"], unit_text(plan.case.settings.currency)
    data = data[data["expected"] != 0].sort_values("expected")
    scale = money_scale([data["expected"].abs().sum()], currency)
    series = [Series(text.IN_EXPECTATION, [float(v) / scale.divisor for v in data["expected"]], ACCENT)]
    title = words.slide_cost(money(plan.expected_cost, currency), money(plan.expected_cash, currency))
    note = " ".join(plan.sentences["cost"][-1:])
    parts = [text.part_word(part) for part in data["part"]]
    return Slide(title, "bar", parts, series, text.money_title(scale.unit(currency), text.IN_EXPECTATION), _look(scale), note)


def _spread(plan: Plan) -> Slide:
    """How likely each range of cost is, the worst futures in another colour."""
    s, currency = plan.case.settings, unit_text(plan.case.settings.currency)
    scale = money_scale(plan.tables["scenarios"]["cost"], currency)
    found = cost_ranges(plan.tables["scenarios"], scale.divisor)
    edges, decimals = found.ranges.edges, found.ranges.decimals
    labels = [f"{low:,.{decimals}f}" for low in edges[:-1]]
    series = [Series(text.OTHER_FUTURES, found.others, NEUTRAL), Series(text.worst(percent(1 - s.cvar_level)), found.tail, BAD)]
    title = words.slide_spread(money(plan.cvar, currency), worst_futures(s.cvar_level))
    note = " ".join(plan.sentences["protects"][:1])
    axis = text.money_title(scale.unit(currency), words.BY_COST)
    return Slide(title, "stacked column", labels, series, axis, "0%", note)


def _budget(plan: Plan) -> Slide:
    """What each budget row allows, what the reference path spends, what the dearest future spends; without a budget the outlay by year."""
    rows, currency = plan.tables["budget"], unit_text(plan.case.settings.currency)
    if rows.empty:
        return _outlay(plan, currency)
    used = next(line for line in plan.headlines if line.name == "budget_used")
    counts = [(text.EVERYTHING if r.category == "all" else r.category) + (f", {short(r.material, 30)}" if r.material else "") for r in rows.itertuples()]
    spent = [percent(r.spent / (r.amount + r.carried)) if r.amount + r.carried > 0 else text.NO_VALUE for r in rows.itertuples()]
    labels = apart([words.budget_bar(str(year), what, used_up) for year, what, used_up in zip(rows["fiscal_year"], counts, spent)], 60)
    amounts = (rows["amount"] + rows["carried"], rows["spent"], rows["highest"])
    scale = money_scale([float(value) for column in amounts for value in column], currency)
    names = ((text.LIMIT, f"#{_LINE}"), (text.SPENT, ACCENT), (text.DEAREST, BAD))
    series = [Series(name, [float(v) / scale.divisor for v in column][:MOST_BARS], colour) for (name, colour), column in zip(names, amounts)]
    note = words.some_rows_of_budget(MOST_BARS, len(rows)) if len(rows) > MOST_BARS else " ".join(plan.sentences["binds"][:1])
    return Slide(
        words.slide_budget(used.text, used.meaning.removeprefix("Fullest budget, ").rstrip(".")),
        "column",
        labels[:MOST_BARS],
        series,
        scale.unit(currency),
        _look(scale),
        note,
    )


def _outlay(plan: Plan, currency: str) -> Slide:
    spent = plan.tables["spending"].pivot_table(index="fiscal_year", columns="category", values="spent", aggfunc="sum", sort=False)
    spent = spent.loc[:, (spent != 0).any()]
    scale = money_scale(spent.sum(axis=1), currency)
    series = [Series(text.part_word(part), [float(v) / scale.divisor for v in spent[part]], PART_COLOURS.get(part, NEUTRAL)) for part in spent.columns]
    return Slide(words.SLIDE_BUDGET_EMPTY, "stacked column", [str(year) for year in spent.index], series, scale.unit(currency), _look(scale))


def _cover(plan: Plan) -> Slide:
    """Days of demand that the stock of each material covers, on the reference path."""
    cover, periods = plan.tables["cover"], list(plan.case.calendar.labels)
    days = cover.pivot_table(index="period", columns="material", values="cover_days", aggfunc="first", sort=False).reindex(periods)
    if days.empty or not len(days.columns):
        return Slide(words.SLIDE_COVER_EMPTY, "line", periods, [], text.DAYS_TITLE, "#,##0")
    means = days.mean().sort_values(kind="stable")
    shown = list(means.index[:MOST_MATERIALS])
    ink = [ACCENT, BLOC_COLOURS["chinese"], BLOC_COLOURS["onshored"], BLOC_COLOURS["other"], BAD, NEUTRAL]
    series = [
        Series(name, [None if pd.isna(value) else float(value) for value in days[material]], colour) for material, name, colour in zip(shown, apart(shown), ink)
    ]
    title = words.slide_cover(f"{in_words(float(means.iloc[0]))} days", short(means.index[0], 60))
    note = words.some_materials(len(shown), len(means)) if len(shown) < len(means) else " ".join(plan.sentences["hold"][:1])
    return Slide(title, "line", periods, series, f"{text.DAYS_TITLE}, {text.REFERENCE.lower()}", "#,##0", note)


def _mix(plan: Plan) -> Slide:
    """The share of each bloc in what is ordered of each material, on the reference path."""
    mix = plan.tables["mix"].pivot_table(index="material", columns="bloc", values="ordered", aggfunc="sum", sort=False)
    mix = mix[mix.sum(axis=1) > 0]
    if mix.empty:
        return Slide(words.SLIDE_MIX_EMPTY, "stacked bar", [], [], words.OF_ORDERS, "0%")
    shares = mix.div(mix.sum(axis=1), axis=0).fillna(0.0).head(MOST_BARS)
    largest = shares.stack().idxmax()
    blocs = [bloc for bloc in BLOCS if bloc in shares.columns and shares[bloc].any()]
    rows = shares.iloc[::-1]
    series = [Series(text.bloc_word(bloc), [float(value) for value in rows[bloc]], BLOC_COLOURS[bloc]) for bloc in blocs]
    title = words.slide_mix(percent(float(shares.loc[largest])), text.bloc_word(largest[1]), short(largest[0], 60))
    note = words.some_materials(len(shares), len(mix)) if len(shares) < len(mix) else words.BLOC_NOTE
    return Slide(title, "stacked bar", apart(rows.index), series, f"{words.OF_ORDERS}, {text.REFERENCE.lower()}", "0%", note)


def _look(scale: Scale) -> str:
    """Return the number format of amounts that are divided by a scale."""
    return "#,##0" + ("." + "0" * scale.decimals if scale.decimals else "")


SLIDES: tuple[Callable[[Plan], Slide], ...] = (_costs, _spread, _budget, _cover, _mix)
"""What makes each slide, in their order."""


# -- how they look --------------------------------------------------------------------------------------------------------


def _add(deck: Any, slide: Slide, foot: str, number: int) -> None:
    """Put a slide at the end: its sentence, its chart, its note, and where it comes from."""
    from pptx.util import Inches

    page = deck.slides.add_slide(deck.slide_layouts[5])
    wide = Inches(_WIDTH - 2 * _EDGE)
    head = page.shapes.title
    head.left, head.top, head.width, head.height = Inches(_EDGE), Inches(0.35), wide, Inches(1.0)
    _write(head.text_frame, slide.title, 28, _INK, bold=True)
    if slide.series and slide.categories:
        _chart(page, slide)
    for words_, top, size in ((slide.note, 6.3, 14), (f"{foot} {number} / {len(SLIDES)}", 6.95, 10)):
        box = page.shapes.add_textbox(Inches(_EDGE), Inches(top), wide, Inches(0.5))
        _write(box.text_frame, words_, size, _MUTED)


def _write(frame: Any, said: str, size: int, colour: str, *, bold: bool = False) -> None:
    from pptx.dml.color import RGBColor
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Pt

    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
    paragraph = frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.LEFT
    run = paragraph.add_run()
    run.text = short(said, 260)
    run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, RGBColor.from_string(colour)


def _chart(page: Any, slide: Slide) -> None:
    """Draw a chart with its numbers where they can be read, and its legend where there is more than one series."""
    from pptx.chart.data import CategoryChartData
    from pptx.dml.color import RGBColor
    from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
    from pptx.util import Inches, Pt

    kinds = {
        "bar": XL_CHART_TYPE.BAR_CLUSTERED,
        "stacked bar": XL_CHART_TYPE.BAR_STACKED,
        "column": XL_CHART_TYPE.COLUMN_CLUSTERED,
        "stacked column": XL_CHART_TYPE.COLUMN_STACKED,
        "line": XL_CHART_TYPE.LINE_MARKERS,
    }
    data = CategoryChartData(number_format=slide.look)
    data.categories = [short(name, 60) for name in slide.categories]
    for series in slide.series:
        data.add_series(short(series.name, 60), series.values)
    frame = page.shapes.add_chart(kinds[slide.kind], Inches(_EDGE), Inches(1.4), Inches(_WIDTH - 2 * _EDGE), Inches(4.85), data)
    frame.name = short(slide.title, 120)
    chart = frame.chart
    chart.font.size, chart.font.color.rgb = Pt(14), RGBColor.from_string(_INK)
    chart.has_title = False
    chart.has_legend = len(slide.series) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    plot = chart.plots[0]
    if slide.kind != "line":
        plot.gap_width = 15 if slide.kind == "stacked column" and len(slide.categories) > MOST_BARS // 2 else 60
        plot.overlap = 100 if slide.kind.startswith("stacked") else 0
    _axes(chart, slide)
    for drawn, series in zip(plot.series, slide.series, strict=True):
        colour = RGBColor.from_string(series.colour.removeprefix("#"))
        if slide.kind == "line":
            drawn.smooth = False
            drawn.format.line.color.rgb, drawn.format.line.width = colour, Pt(2.5)
            drawn.marker.format.fill.solid()
            drawn.marker.format.fill.fore_color.rgb = colour
            _label_peak(drawn, series)
        else:
            drawn.format.fill.solid()
            drawn.format.fill.fore_color.rgb = colour
            drawn.invert_if_negative = False
    if slide.kind in ("bar", "stacked bar") or (slide.kind == "column" and len(slide.categories) <= MOST_NUMBERS):
        plot.has_data_labels = True
        plot.data_labels.number_format, plot.data_labels.number_format_is_linked = (
            f'[<{LEAST_LABEL}]"";{slide.look}' if slide.kind == "stacked bar" else f"{slide.look};-{slide.look};",
            False,
        )
        plot.data_labels.font.size = Pt(12)
        if slide.kind == "stacked bar":
            plot.data_labels.font.color.rgb = RGBColor(255, 255, 255)


def _label_peak(drawn: Any, series: Series) -> None:
    """Write the largest value of a line at its point."""
    from pptx.enum.chart import XL_LABEL_POSITION
    from pptx.util import Pt

    known = [(value, place) for place, value in enumerate(series.values) if value is not None]
    if known:
        value, place = max(known)
        label = drawn.points[place].data_label
        label.position = XL_LABEL_POSITION.ABOVE
        label.text_frame.text = in_words(value)
        label.text_frame.paragraphs[0].runs[0].font.size = Pt(12)


def _axes(chart: Any, slide: Slide) -> None:
    from pptx.dml.color import RGBColor
    from pptx.enum.chart import XL_TICK_LABEL_POSITION
    from pptx.util import Pt

    value, category = chart.value_axis, chart.category_axis
    value.has_title = True
    value.axis_title.text_frame.text = short(slide.axis, 80)
    value.axis_title.text_frame.paragraphs[0].runs[0].font.size = Pt(12)
    value.axis_title.text_frame.paragraphs[0].runs[0].font.bold = False
    value.tick_labels.number_format, value.tick_labels.number_format_is_linked = slide.look, False
    value.major_gridlines.format.line.color.rgb = RGBColor.from_string(_LINE)
    value.format.line.fill.background()
    category.format.line.color.rgb = RGBColor.from_string(_LINE)
    if slide.look == "0%" and slide.kind == "stacked bar":
        value.maximum_scale = 1.0
    category.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    for axis in (value, category):
        axis.tick_labels.font.size = Pt(12)
