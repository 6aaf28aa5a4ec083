"""Plans side by side, and a solve as it goes on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import altair as alt
import pandas as pd

from optimizer.plan import figure, money
from ui.charts.style import ACCENT, BAD, NEUTRAL, PART_COLOURS, Drawing, colours, finish, name_axis, note, number_axis, tips
from ui.words import charts as text
from ui.words.figures import apart, bare_money, money_scale, unit_text

_ROW, _STEP = 44, 34
_NOTHING_FOUND = 1e29
"""What a solver reports before it has found anything is larger."""


def _clash(plans: Mapping[str, Any]) -> Drawing | None:
    """Return the reason why these plans cannot stand on one axis; "" where they can."""
    if not plans:
        return note(text.NO_PLANS)
    currencies = list(dict.fromkeys(plan.case.settings.currency for plan in plans.values()))
    return note(text.different_currencies(", ".join(unit_text(name) for name in currencies))) if len(currencies) > 1 else None


def compare_costs(plans: Mapping[str, Any]) -> Drawing:
    """The parts of the expected cost of each plan, stacked, on one axis. plans: name -> plan, in order."""
    if clash := _clash(plans):
        return clash
    labels = apart(plans)
    currency = unit_text(next(iter(plans.values())).case.settings.currency)
    scale = money_scale([plan.expected_cost for plan in plans.values()], currency)
    rows, order = [], list(PART_COLOURS)
    for label, plan in zip(labels, plans.values()):
        for part, expected in zip(plan.tables["costs"]["part"], plan.tables["costs"]["expected"]):
            if expected != 0:
                rows.append(
                    {
                        "plan": label,
                        "part": text.part_word(part),
                        "rank": order.index(part) if part in order else len(order),
                        "cost": expected / scale.divisor,
                        "cost_text": money(expected, currency),
                        "total": money(plan.expected_cost, currency),
                    }
                )
    if not rows:
        return note(text.NO_SPENDING)
    data = pd.DataFrame(rows)
    present = set(data["part"])
    shown = {text.part_word(part): colour for part, colour in PART_COLOURS.items() if text.part_word(part) in present}
    chart = (
        alt.Chart(data)
        .mark_bar(height={"band": 0.62})
        .encode(
            x=alt.X("cost:Q", stack="zero", axis=number_axis(text.money_title(scale.unit(currency), text.EXPECTED))),
            y=alt.Y("plan:N", sort=labels, axis=name_axis(labelLimit=140)),
            color=alt.Color("part", **colours(shown, columns=2)),
            order=alt.Order("rank:Q"),
            tooltip=tips(plan=text.PLAN_WORD, part=text.PART, cost_text=text.IN_EXPECTATION, total=text.EXPECTED),
        )
    )
    return finish(chart, text.ABOUT_COMPARED, 150 + _ROW * len(plans))


def waterfall(base: Any, other: Any, names: tuple[str, str], found: pd.DataFrame) -> Drawing:
    """From the expected cost of one plan to that of another by the parts of the cost, the largest step first. found: of studies/differences.py."""
    currency = unit_text(base.case.settings.currency)
    steps = found[(found["group"] == "cost") & (found["difference"] != 0)]
    if steps.empty:
        return note(text.NO_STEPS)
    labels = apart([names[0], *(text.part_word(part) for part in steps["part"]), names[1]])
    scale = money_scale([base.expected_cost, other.expected_cost], currency)
    rows = [{"step": labels[0], "from": 0.0, "to": base.expected_cost, "kind": text.WHOLE, "words": bare_money(base.expected_cost, currency)}]
    level = base.expected_cost
    for label, more in zip(labels[1:-1], steps["difference"]):
        kind = text.MORE if more > 0 else text.LESS
        rows.append({"step": label, "from": level, "to": level + more, "kind": kind, "words": _signed(more, currency)})
        level += more
    rows.append({"step": labels[-1], "from": 0.0, "to": other.expected_cost, "kind": text.WHOLE, "words": bare_money(other.expected_cost, currency)})
    data = pd.DataFrame(rows)
    data["end"] = data[["from", "to"]].max(axis=1)
    for name in ("from", "to", "end"):
        data[name] /= scale.divisor
    order, (first, last) = data["step"].tolist(), _stretch(data)
    # Bars that begin at 0 begin at the chart's edge, where the chart does not show 0: drawn beyond it they would cover the names.
    data["from"] = data["from"].clip(lower=min(first, data["to"].min()))
    encoded = alt.Chart(data).encode(y=alt.Y("step:N", sort=order, axis=name_axis(labelLimit=160)))
    title = text.money_title(scale.unit(currency), text.EXPECTED)
    bars = encoded.mark_bar(height={"band": 0.62}).encode(
        x=alt.X("from:Q", axis=number_axis(title), scale=alt.Scale(domain=[first, last], nice=False)),
        x2="to:Q",
        color=alt.Color("kind", **colours({text.WHOLE: NEUTRAL, text.MORE: BAD, text.LESS: ACCENT}, columns=2)),
        tooltip=tips(step=text.PART, words=text.VALUE),
    )
    numbers = encoded.mark_text(align="left", dx=5, color=NEUTRAL, fontSize=12).encode(x="end:Q", text="words:N")
    return finish(alt.layer(bars, numbers), text.ABOUT_WATERFALL, 90 + _STEP * len(data))


def _signed(amount: float, currency: str) -> str:
    return ("+" if amount > 0 else "\u2212") + bare_money(abs(amount), currency)


def _stretch(data: pd.DataFrame) -> tuple[float, float]:
    """From where the steps begin, so that they are seen, to a little more than the longest bar, for the number beside it."""
    ends = pd.concat([data["from"].iloc[1:-1], data["to"]])
    low, high = float(ends.min()), float(ends.max())
    room = 0.35 * (high - low)
    first = 0.0 if low < 2 * room else low - room
    return min(first, low), high + room


def cost_risk(plans: Mapping[str, Any]) -> Drawing:
    """Expected cost of each plan against its cost in the worst futures: further left is cheaper, lower is safer."""
    if clash := _clash(plans):
        return clash
    labels = apart(plans)
    currency = unit_text(next(iter(plans.values())).case.settings.currency)
    expected, risk = ([getattr(plan, name) for plan in plans.values()] for name in ("expected_cost", "cvar"))
    scale = money_scale([*expected, *risk], currency)
    data = pd.DataFrame({"plan": labels, "expected": expected, "risk": risk})
    data["expected_text"], data["risk_text"] = ([money(value, currency) for value in data[name]] for name in ("expected", "risk"))
    data[["expected", "risk"]] /= scale.divisor
    middle = (data["expected"].min() + data["expected"].max()) / 2
    tooltip = tips(plan=text.PLAN_WORD, expected_text=text.EXPECTED, risk_text=text.WORST_FUTURES)
    unit = scale.unit(currency)
    base = alt.Chart(data).encode(
        x=alt.X("expected:Q", axis=number_axis(text.money_title(unit, text.EXPECTED)), scale=_around(data["expected"])),
        y=alt.Y("risk:Q", axis=number_axis(text.money_title(unit, text.WORST_FUTURES)), scale=_around(data["risk"])),
        tooltip=tooltip,
    )
    layers = [base.mark_circle(size=150, color=ACCENT, opacity=1)]
    # Plans at one point share one label, which would else be written over each other.
    labelled = data.groupby(["expected_text", "risk_text"], sort=False, as_index=False).agg({"expected": "first", "risk": "first", "plan": ", ".join})
    for left in (False, True):
        side = (labelled["expected"] > middle) == left
        words = alt.Chart(labelled[side]).encode(x="expected:Q", y="risk:Q", text="plan:N")
        layers.append(words.mark_text(align="right" if left else "left", dx=-10 if left else 10, dy=-8, color=NEUTRAL, fontSize=12, limit=220))
    return finish(alt.layer(*layers), text.ABOUT_RISK, 320)


def _around(values: pd.Series) -> alt.Scale:
    """A scale with room around the values."""
    low, high = float(values.min()), float(values.max())
    room = 0.12 * (high - low) or 0.05 * abs(high) or 1.0
    return alt.Scale(domain=[low - room, high + room], nice=True, zero=False)


def _late(data: pd.DataFrame) -> pd.Series:
    """The values that matter: those of the last nine tenths of the time, when the first wild bounds are past."""
    late = data[data["seconds"] >= 0.1 * data["seconds"].max()]
    last = data.groupby("kind").tail(1)
    return pd.concat([late["value"], last["value"]])


def bound_chart(progress: Iterable[Mapping[str, Any]], currency: str) -> Drawing:
    """Best plan found and best possible against time. progress: rows of seconds, incumbent, bound; None or huge where not yet known."""
    points = []
    for row in progress:
        for key, kind in (("incumbent", text.BEST_PLAN), ("bound", text.BEST_POSSIBLE)):
            value = row.get(key)
            if value is not None and math.isfinite(value) and abs(value) < _NOTHING_FOUND:
                points.append({"seconds": float(row["seconds"]), "kind": kind, "value": float(value)})
    if not points:
        return note(text.NO_PROGRESS)
    data, currency = pd.DataFrame(points), unit_text(currency)
    scale = money_scale(data["value"], currency)
    data["value_text"] = [money(value, currency) for value in data["value"]]
    data["seconds_text"] = [f"{figure(value)} s" for value in data["seconds"]]
    data["value"] = data["value"] / scale.divisor
    kinds = {text.BEST_PLAN: ACCENT, text.BEST_POSSIBLE: NEUTRAL}
    chart = (
        alt.Chart(data)
        .mark_line(interpolate="step-after", strokeWidth=2.5, point=alt.OverlayMarkDef(size=24), clip=True)
        .encode(
            x=alt.X("seconds:Q", axis=number_axis(text.TIME_TITLE, grid=False)),
            y=alt.Y("value:Q", axis=number_axis(text.money_title(scale.unit(currency), text.VALUE)), scale=_around(_late(data))),
            color=alt.Color("kind", **colours(kinds)),
            tooltip=tips(seconds_text=text.TIME, kind=text.VALUE, value_text=text.VALUE),
        )
    )
    return finish(chart, text.ABOUT_BOUND, 270)
