"""Colours, axes and notes that all charts share: colours that read on light and on dark, axes, legends, and a chart that says why there is nothing to draw."""

from __future__ import annotations

import json
from collections.abc import Sequence

import altair as alt
import pandas as pd
from altair.utils import schemapi

from optimizer.case import BLOCS
from optimizer.report import BLOC_COLOURS, TAIL
from optimizer.schema import COST_PARTS
from ui.words import charts as text
from ui.words.escape import short
from ui.words.figures import name_text

# Altair would check each part of a chart against its schema as it is made, and the whole once more when it is drawn: of a page of charts half of the time.
schemapi.disable_debug_mode()

ACCENT = "#2F78B7"
"""The one accent: at least 4:1 against white and against Streamlit's dark background."""
BAND, WIDE_BAND = "rgba(47, 120, 183, 0.42)", "rgba(47, 120, 183, 0.22)"
STORY = "#8E6BBF"
"""The line of a single future."""
NEUTRAL, PALE = "#6B7785", "rgba(120, 134, 149, 0.28)"
BAD = TAIL
PART_COLOURS = {part.name: part.colour for part in COST_PARTS}

HEIGHT = 300
NUMBERS = ",.12~g"
"""d3 format of axis numbers: thousands separators, no needless zeros."""

Drawing = alt.Chart | alt.LayerChart


def legend(columns: int = 0) -> alt.Legend:
    """A legend over the chart, without a title."""
    return alt.Legend(orient="top", title=None, symbolType="square", labelLimit=300, columns=columns, columnPadding=14, offset=4)


def colours(of: dict[str, str], columns: int = 0) -> dict:
    """Scale and legend of named colours, in their order."""
    return {"scale": alt.Scale(domain=list(of), range=list(of.values())), "legend": legend(columns), "type": "nominal"}


def named(layer: alt.Chart, name: str, key: dict, **encoding) -> alt.Chart:
    """A layer that stands in the legend as `name`, one of the program's own words, coloured by `key` (of `colours`)."""
    return layer.transform_calculate(series=json.dumps(name)).encode(color=alt.Color("series", **key), **encoding)


def line(base: alt.Chart, alone: bool, **look) -> alt.Chart:
    """A line; of a single period its point."""
    return base.mark_point(filled=True, size=90, opacity=1) if alone else base.mark_line(**{"strokeWidth": 2.5, **look})


def blocs_in(found: Sequence[str]) -> dict[str, str]:
    """Words and colours of the blocs that occur, in bloc order; all of them where none does."""
    present = [bloc for bloc in BLOCS if bloc in set(found)] or list(BLOCS)
    return {text.bloc_word(bloc): BLOC_COLOURS[bloc] for bloc in present}


def period_axis(periods: Sequence[str], **more) -> alt.X:
    """Periods in time along the bottom; labels that would touch are left out."""
    axis = alt.Axis(title=None, labelAngle=0, labelOverlap="parity", labelSeparation=6, ticks=False, grid=False, labelPadding=6, domainColor=PALE)
    return alt.X("period:O", sort=list(periods), scale=alt.Scale(domain=list(periods), **more), axis=axis)


def number_axis(title: str, **more) -> alt.Axis:
    """A quiet axis of numbers: few ticks, thousands separators."""
    return alt.Axis(**{"title": short(title, 60), "format": NUMBERS, "tickCount": 5, "domain": False, "ticks": False, "gridColor": PALE, **more})


def name_axis(**more) -> alt.Axis:
    """An axis of names, cut where they are long."""
    return alt.Axis(**{"title": None, "ticks": False, "domain": False, "grid": False, "labelLimit": 150, "labelPadding": 6, "labelOverlap": False, **more})


def tips(**columns: str) -> list[alt.Tooltip]:
    """Tooltip lines: column = what it is called. The columns hold finished text."""
    return [alt.Tooltip(f"{column}:N", title=name_text(title)) for column, title in columns.items()]


def finish(chart: Drawing, description: str, height: int = HEIGHT) -> Drawing:
    """Size, description for screen readers, no menu."""
    return chart.properties(width="container", height=height, description=short(description, 300), usermeta={"embedOptions": {"actions": False}})


def note(words: str, height: int = 120) -> Drawing:
    """A chart that says why there is nothing to draw."""
    return finish(said(words), words, height)


def said(words: str) -> alt.Chart:
    """Words in the middle of a chart."""
    return alt.Chart(pd.DataFrame({"words": [short(words, 200)]})).mark_text(color=NEUTRAL, fontSize=14).encode(text="words:N")


def hover(data: pd.DataFrame, periods: Sequence[str], tooltip: list[alt.Tooltip]) -> alt.Chart:
    """Invisible columns over the whole height that carry the tooltip of a period and light up under the pointer."""
    over = alt.selection_point(fields=["period"], on="pointerover", clear="pointerout", empty=False)
    return (
        alt.Chart(data)
        .mark_rect(color=NEUTRAL)
        .encode(x=period_axis(periods), opacity=alt.condition(over, alt.value(0.12), alt.value(0)), tooltip=tooltip)
        .add_params(over)
    )
