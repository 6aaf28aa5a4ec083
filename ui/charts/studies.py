"""The charts of studies: a figure with its interval, beside the figure that it is compared with."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import altair as alt
import numpy as np
import pandas as pd

from optimizer.plan import Plan, money, percent
from ui.charts.style import ACCENT, NEUTRAL, PALE, STORY, Drawing, colours, finish, name_axis, named, number_axis, tips
from ui.words import charts as text
from ui.words.figures import apart, money_scale, unit_text

Charts = list[tuple[str, Drawing, str]]
"""Charts of a study, each with its heading and a note on how to read it."""

_ROW, MOST_ROWS, LONGEST = 34, 15, 60
"""The pixels of a row, the rows that a chart has at most, of which the table has all, and the letters of a name."""


MOST_MONTHS = 24
"""Supply that lasts longer than this is not drawn: beside it the short ones could not be told apart."""


_ROW_NAME = alt.ExprRef("containerSize()[0] < 520 ? 110 : 260")
"""The pixels that a row's name may take: on a phone no more than leaves the plot as much, and the legend above it its words."""

STRATEGIES = {"accept": "#C9CED6", "stock": "#2F78B7", "contract": "#3E8E7E", "build": "#8E6BBF"}
"""The colours of the strategies of a risk map."""


def of_study(name: str, plan: Plan, found: Mapping[str, pd.DataFrame]) -> Charts:
    """Return the charts of a study of that name, from its tables; none where it has none."""
    return STUDY_CHARTS[name](plan, found) if name in STUDY_CHARTS else []


def intervals(data: pd.DataFrame, title: str, beside: str, value: str, about: str, number: str = "") -> Drawing:
    """Draw estimates with their intervals as points on bars, and ticks for the figures that they are compared with.

    data: name, estimate, low, high, other and the first four again as finished text in *_text. title: of the axis; beside, value: what the ticks
    and the points are called. number: d3 format of the axis, where it is not that of all charts.
    """
    names = apart(data["name"], LONGEST)
    data = data.assign(name=names)
    key = colours({value: ACCENT, beside: NEUTRAL}, columns=1)
    y = alt.Y("name:N", sort=names, axis=name_axis(labelLimit=_ROW_NAME))
    tooltip = tips(name=text.FIGURE_WORD, estimate_text=value, interval_text=text.INTERVAL, other_text=beside)
    axis = number_axis(title, **({"format": number} if number else {}))
    base = alt.Chart(data)
    x = alt.X("low:Q", axis=axis, scale=alt.Scale(zero=False, nice=True))
    layers = [
        base.mark_rule(strokeWidth=7, opacity=0.35, color=ACCENT, strokeCap="round").encode(x=x, x2="high:Q", y=y, tooltip=tooltip),
        named(base.mark_tick(thickness=3, size=24, opacity=1), beside, key, x="other:Q", y=y, tooltip=tooltip),
        named(base.mark_circle(size=110, opacity=1), value, key, x="estimate:Q", y=y, tooltip=tooltip),
    ]
    return finish(alt.layer(*layers), about, 140 + _ROW * len(data))


def _out_of_sample(plan: Plan, found: Mapping[str, pd.DataFrame]) -> Charts:
    """Costs, and chances of a shortage, on futures that the plan has not seen, beside its own figures; nothing where these are known to hold."""
    if found["out_of_sample_futures"].empty:
        return []
    currency = unit_text(plan.case.settings.currency)
    costs = found["out_of_sample_costs"]
    totals = costs[~costs["figure"].str.startswith("Expected ")]
    scale = money_scale([*totals["high"], *totals["in_plan"]], currency)
    amounts = pd.DataFrame({"name": totals["figure"], "estimate": totals["unseen"], "low": totals["low"], "high": totals["high"], "other": totals["in_plan"]})
    amounts = _with_text(amounts, lambda value: money(value, currency))
    amounts[["estimate", "low", "high", "other"]] /= scale.divisor
    service = found["out_of_sample_service"]
    of_what = [text.ANYTHING if material == "any" else f"{material}, {use}" for material, use in zip(service["material"], service["use"])]
    chances = pd.DataFrame({"name": of_what, "estimate": service["chance"], "low": service["chance_low"], "high": service["chance_high"]})
    chances = _with_text(chances.assign(other=service["chance_in_plan"]), percent)
    title = text.money_title(scale.unit(currency), text.VALUE)
    return [
        (text.UNSEEN_COSTS, intervals(amounts, title, text.IN_PLAN, text.UNSEEN, text.UNSEEN_COSTS), text.INTERVAL_NOTE),
        (text.UNSEEN_CHANCES, intervals(chances, text.UNSEEN_CHANCES, text.IN_PLAN, text.UNSEEN, text.UNSEEN_CHANCES, "~%"), text.INTERVAL_NOTE),
    ]


def _with_text(data: pd.DataFrame, write: Callable[[float], str]) -> pd.DataFrame:
    """Return the data of `intervals` with its numbers as texts beside them."""
    return data.assign(
        estimate_text=data["estimate"].map(write),
        other_text=data["other"].map(write),
        interval_text=[f"{write(low)} – {write(high)}" for low, high in zip(data["low"], data["high"])],
    )


def _policies(plan: Plan, found: Mapping[str, pd.DataFrame]) -> Charts:
    """What buyers with simple rules cost, beside the plan."""
    table, currency = found["policies"], unit_text(plan.case.settings.currency)
    if table.empty:
        return []
    scale = money_scale(table["high"], currency)
    data = pd.DataFrame({"name": table["policy"], "estimate": table["cost"], "low": table["low"], "high": table["high"], "other": table["cost"].iloc[0]})
    data = _with_text(data, lambda value: money(value, currency))
    data[["estimate", "low", "high", "other"]] /= scale.divisor
    title = text.money_title(scale.unit(currency), text.VALUE)
    return [(text.POLICY_COSTS, intervals(data, title, text.OF_THE_PLAN, text.OF_THE_RULE, text.POLICY_COSTS), text.POLICY_NOTE)]


def _money_intervals(data: pd.DataFrame, plan: Plan, words: tuple[str, str, str]) -> Charts:
    """Draw amounts with their intervals, the largest first, at most MOST_ROWS. data: as for `intervals`, in money. words: heading, ticks, points."""
    data = data[data["estimate"].notna()].sort_values("estimate", ascending=False, kind="stable").head(MOST_ROWS)
    if data.empty:
        return []
    currency = unit_text(plan.case.settings.currency)
    data = data.assign(low=data["low"].fillna(data["estimate"]), high=data["high"].fillna(data["estimate"]))
    scale = money_scale([*data["high"], *data["other"], *data["low"]], currency)
    data = _with_text(data, lambda value: money(value, currency))
    data[["estimate", "low", "high", "other"]] /= scale.divisor
    head, beside, value = words
    return [(head, intervals(data, text.money_title(scale.unit(currency), text.VALUE), beside, value, head), text.BOUNDS_NOTE)]


def _regret(plan: Plan, found: Mapping[str, pd.DataFrame]) -> Charts:
    """What reversing each decision costs, between what is known at least and at most."""
    table = found["regret"]
    names = [f"{decision} ({kind})" for decision, kind in zip(table["decision"], table["kind"])]
    data = pd.DataFrame({"name": names, "estimate": table["at_most"], "low": table["at_least"], "high": table["at_most"], "other": 0.0})
    return _money_intervals(data, plan, (text.REGRETS, text.NO_DIFFERENCE, text.REVERSED))


def _value(plan: Plan, found: Mapping[str, pd.DataFrame]) -> Charts:
    """What information is worth, and what limits cost."""
    drawn: Charts = []
    for name, column, head in (
        ("value", "question", text.WORTH_KNOWING),
        ("value_disruptions", "disruption", text.WORTH_FORECAST),
        ("value_limits", "limit", text.LIMITS_COST),
    ):
        table = found[name]
        names = [f"{what} ({measure})" for what, measure in zip(table[column], table["measure"])] if "measure" in table else table[column]
        data = pd.DataFrame({"name": names, "estimate": table["value"], "low": table["at_least"], "high": table["at_most"], "other": 0.0})
        drawn += _money_intervals(data, plan, (head, text.NOTHING_WORTH, text.WORTH))
    return drawn


def _stress(plan: Plan, found: Mapping[str, pd.DataFrame]) -> Charts:
    """How long supply lasts when a source fails, beside how long it takes to replace it."""
    table = found["stress"]
    table = table[table["survives_least"] <= MOST_MONTHS].sort_values("survives_least", kind="stable").head(MOST_ROWS)
    if table.empty:
        return []
    names = [f"{failure} ({kind})" for failure, kind in zip(table["failure"], table["kind"])]
    lasts = table["survives_least"]
    data = pd.DataFrame({"name": names, "estimate": lasts, "low": 0.0, "high": lasts, "other": table["recovers"]})
    data = _with_text(data, lambda months: text.months(months))
    return [(text.SURVIVAL, intervals(data, text.MONTHS, text.RECOVERED, text.SURVIVES, text.SURVIVAL), text.SURVIVAL_NOTE)]


def _frontier(plan: Plan, found: Mapping[str, pd.DataFrame]) -> Charts:
    """Expected cost against the cost in the worst futures, a point a risk weight, the knee and the plan itself marked."""
    table, currency = found["frontier"].dropna(subset=["expected_cost", "cvar"]), unit_text(plan.case.settings.currency)
    if table.empty:
        return []
    scale = money_scale([*table["expected_cost"], *table["cvar"]], currency)
    rows = []
    # Weights whose plans cost the same, to a thousandth of what is drawn, are one point.
    nearest = [(table[name] / max(1e-3 * float(np.ptp(table[name])), 1e-9)).round() for name in ("expected_cost", "cvar")]
    for _, same in table.groupby(nearest, sort=False):
        expected, cvar = float(same["expected_cost"].mean()), float(same["cvar"].mean())
        kind = text.THE_PLAN if same["is_plan"].any() else text.KNEE if same["knee"].any() else text.OTHER_WEIGHT
        first, last = percent(same["risk_weight"].min()), percent(same["risk_weight"].max())
        rows.append(
            {
                "kind": kind,
                "x": expected / scale.divisor,
                "y": cvar / scale.divisor,
                "weight": first if first == last else f"{first} – {last}",
                "x_text": money(expected, currency),
                "y_text": money(cvar, currency),
                "short": percent(same["probability_of_shortage"].mean()),
            }
        )
    data = pd.DataFrame(rows)
    unit, tooltip = scale.unit(currency), tips(weight=text.WEIGHT, x_text=text.EXPECTED, y_text=text.WORST_FUTURES, short=text.UNSEEN_CHANCES)
    base = alt.Chart(data).encode(
        x=alt.X("x:Q", axis=number_axis(text.money_title(unit, text.EXPECTED)), scale=alt.Scale(zero=False, nice=True)),
        y=alt.Y("y:Q", axis=number_axis(text.money_title(unit, text.WORST_FUTURES)), scale=alt.Scale(zero=False, nice=True)),
    )
    key = colours({text.THE_PLAN: ACCENT, text.KNEE: STORY, text.OTHER_WEIGHT: NEUTRAL}, columns=1)
    layers = [
        base.mark_line(color=PALE, strokeWidth=2).encode(order="x:Q"),
        base.mark_circle(size=130, opacity=1).encode(color=alt.Color("kind", **key), tooltip=tooltip),
        base.mark_text(dy=-12, color=NEUTRAL, fontSize=12).encode(text="weight:N"),
    ]
    return [(text.FRONTIER, finish(alt.layer(*layers), text.FRONTIER, 340), text.FRONTIER_NOTE)]


def _budget_frontier(plan: Plan, found: Mapping[str, pd.DataFrame]) -> Charts:
    """The objective against the budget, a point a factor, the knee and the plan itself marked."""
    table, currency = found["budget_frontier"].dropna(subset=["objective"]), unit_text(plan.case.settings.currency)
    if table.empty:
        return []
    scale = money_scale(table["objective"], currency)
    data = pd.DataFrame(
        {
            "kind": np.select([table["is_plan"], table["knee"]], [text.THE_PLAN, text.KNEE], text.OTHER_BUDGET),
            "x": table["budget_factor"],
            "y": table["objective"] / scale.divisor,
            "x_text": table["budget_factor"].map(percent),
            "y_text": table["objective"].map(lambda value: money(value, currency)),
            "short": table["probability_of_shortage"].map(percent),
        }
    )
    base = alt.Chart(data).encode(
        x=alt.X("x:Q", axis=number_axis(text.BUDGET_SHARE, format="~%"), scale=alt.Scale(zero=False, nice=True)),
        y=alt.Y("y:Q", axis=number_axis(text.money_title(scale.unit(currency), text.OBJECTIVE)), scale=alt.Scale(zero=False, nice=True)),
    )
    key = colours({text.THE_PLAN: ACCENT, text.KNEE: STORY, text.OTHER_BUDGET: NEUTRAL}, columns=1)
    tooltip = tips(x_text=text.BUDGET_SHARE, y_text=text.OBJECTIVE, short=text.UNSEEN_CHANCES)
    layers = [
        base.mark_line(color=PALE, strokeWidth=2).encode(order="x:Q"),
        base.mark_circle(size=130, opacity=1).encode(color=alt.Color("kind", **key), tooltip=tooltip),
    ]
    return [(text.BUDGET_FRONTIER, finish(alt.layer(*layers), text.BUDGET_FRONTIER, 340), text.BUDGET_FRONTIER_NOTE)]


def _tornado(plan: Plan, found: Mapping[str, pd.DataFrame]) -> Charts:
    """The objective with each number of the workbook lower and higher, what moves it most first."""
    table, currency = found["tornado"].dropna(subset=["objective"]), unit_text(plan.case.settings.currency)
    sides = table[["objective_low", "objective_high"]]
    table = table[sides.notna().any(axis=1)].head(MOST_ROWS)
    if table.empty:
        return []
    # A side without a plan is not drawn: the bar then goes from the workbook as it is to the other side.
    low, high = table[["objective_low", "objective_high", "objective"]].min(axis=1), table[["objective_low", "objective_high", "objective"]].max(axis=1)
    scale = money_scale([*low, *high], currency)
    data = pd.DataFrame({"name": table["change"], "estimate": table["objective_high"], "low": low, "high": high, "other": table["objective"]})
    data = _with_text(data, lambda value: money(value, currency))
    data[["estimate", "low", "high", "other"]] /= scale.divisor
    title = text.money_title(scale.unit(currency), text.VALUE)
    return [(text.TORNADO, intervals(data, title, text.AS_IT_IS, text.HIGHER, text.TORNADO), text.TORNADO_NOTE)]


def _cash_flow(plan: Plan, found: Mapping[str, pd.DataFrame]) -> Charts:
    """What is paid in each period: the mean, how far most futures spread, and the reference path."""
    table, currency = found["cash_flow"], unit_text(plan.case.settings.currency)
    scale = money_scale(table["high"], currency)
    data = pd.DataFrame({"name": table["period"], "estimate": table["mean"], "low": table["low"], "high": table["high"], "other": table["reference"]})
    data = _with_text(data, lambda value: money(value, currency))
    data[["estimate", "low", "high", "other"]] /= scale.divisor
    title = text.money_title(scale.unit(currency), text.PAID)
    return [(text.CASH_BY_PERIOD, intervals(data, title, text.ON_REFERENCE, text.MEAN, text.CASH_BY_PERIOD), text.CASH_NOTE)]


def _risk_map(plan: Plan, found: Mapping[str, pd.DataFrame]) -> Charts:
    """Which strategy dominates, by the probability and the duration of a disruption."""
    table = found["risk_map"]
    table = table[table["strategy"].notna() & (table["strategy"] != "")] if not table.empty else table
    if table.empty:
        return []
    data = pd.DataFrame(
        {
            "probability": [percent(value) for value in table["probability"]],
            "duration": [text.months(value) for value in table["duration_months"]],
            "strategy": table["strategy"],
            "words": table["words"],
        }
    )
    across = list(dict.fromkeys(data["probability"].iloc[table["probability"].argsort(kind="stable")]))
    down = list(dict.fromkeys(data["duration"].iloc[(-table["duration_months"]).argsort(kind="stable")]))
    shown = {strategy: colour for strategy, colour in STRATEGIES.items() if strategy in set(data["strategy"])}
    chart = (
        alt.Chart(data)
        .mark_rect(stroke="white", strokeWidth=2)
        .encode(
            x=alt.X("probability:O", sort=across, axis=name_axis(title=text.ANNUAL_CHANCE, labelAngle=0)),
            y=alt.Y("duration:O", sort=down, axis=name_axis()),
            color=alt.Color("strategy", **colours(shown)),
            tooltip=tips(strategy=text.STRATEGY, probability=text.ANNUAL_CHANCE, duration=text.MEAN_DURATION),
        )
    )
    return [(text.RISK_MAP, finish(chart, text.RISK_MAP, 320), text.RISK_MAP_NOTE)]


STUDY_CHARTS: dict[str, Callable[[Plan, Mapping[str, pd.DataFrame]], Charts]] = {
    "budget_frontier": _budget_frontier,
    "cash_flow": _cash_flow,
    "frontier": _frontier,
    "out_of_sample": _out_of_sample,
    "policies": _policies,
    "risk_map": _risk_map,
    "regret": _regret,
    "stress": _stress,
    "tornado": _tornado,
    "value": _value,
}
"""The function that draws the charts of a study, by its name."""
