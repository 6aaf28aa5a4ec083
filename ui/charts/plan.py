"""The charts of a plan: stock and cover, supplier mix, budget, cost and how it spreads."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from optimizer.case import BLOCS
from optimizer.plan import figure, money, percent
from optimizer.report import cost_ranges
from ui.charts.style import (
    ACCENT,
    BAD,
    BAND,
    NEUTRAL,
    PALE,
    PART_COLOURS,
    STORY,
    WIDE_BAND,
    Drawing,
    blocs_in,
    colours,
    finish,
    hover,
    line,
    name_axis,
    named,
    note,
    number_axis,
    period_axis,
    tips,
)
from ui.words import charts as text
from ui.words.escape import short
from ui.words.figures import bare_money, money_scale, name_text, quantity, unit_text

MOST_NUMBERS = 16
"""Columns up to which each carries its number: beyond, they would touch."""
_ROW = 38
"""Pixels of a row of horizontal bars."""


# -- stock and cover ------------------------------------------------------------------------------------------------------


def bands(plan, material: str, column: str = "quantity") -> pd.DataFrame:
    """Return the spread of a material's stock, or of another column of scenario_stock, over the futures in each period.

    Columns period, lowest, low (10%), high (90%), highest, reference, days (of cover, on the reference path), unit. The 10% value
    is the least that futures of 10% probability together do not pass; periods without any value are left out.
    """
    stock, futures = plan.tables["scenario_stock"], plan.tables["scenarios"]
    rows = stock[stock["material"] == material]
    table = rows.pivot_table(index="period", columns="scenario", values=column, aggfunc="first", sort=False, observed=True)
    weight = futures.set_index("scenario")["probability"].reindex(table.columns).to_numpy(float)
    cover = plan.tables["cover"]
    reference = cover[cover["material"] == material].set_index("period")
    found = []
    for period, values in zip(table.index, table.to_numpy(float)):
        known = np.isfinite(values)
        if known.any() and period in reference.index:
            found.append((period, *_quantiles(values[known], weight[known], (0.0, 0.1, 0.9, 1.0))))
    result = pd.DataFrame(found, columns=["period", "lowest", "low", "high", "highest"])
    result["reference"] = pd.to_numeric(reference[column].reindex(result["period"]), errors="coerce").to_numpy(float)
    result["days"] = pd.to_numeric(reference["cover_days"].reindex(result["period"]), errors="coerce").to_numpy(float)
    result["unit"] = reference["unit"].iloc[0] if len(reference) else ""
    return result


def _quantiles(values: np.ndarray, weight: np.ndarray, shares: tuple[float, ...]) -> list[float]:
    """For each share the least value that so much of the probability does not pass."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weight[order]) / weight.sum()
    at = np.searchsorted(below, np.array(shares) - 1e-9)
    return list(values[order][np.minimum(at, len(order) - 1)])


def stock_fan(plan, material: str, scenario: str | None = None) -> Drawing:
    """Stock at period end: the reference path over the spread of the futures, and the line of one future where it is named."""
    return _fan(plan, material, "quantity", scenario)


def days_fan(plan, material: str, scenario: str | None = None) -> Drawing:
    """Days of demand that the stock covers, drawn as stock_fan draws the stock."""
    return _fan(plan, material, "cover_days", scenario)


def _fan(plan, material: str, column: str, scenario: str | None) -> Drawing:
    data = bands(plan, material, column)
    if data.empty:
        return note(text.NO_STOCK)
    own_unit = data["unit"].iloc[0]
    unit, title = (own_unit, text.stock_title(unit_text(own_unit))) if column == "quantity" else ("days", text.DAYS_TITLE)
    periods = list(data["period"])
    for name in ("lowest", "low", "high", "highest", "reference"):
        data[f"{name}_text"] = [quantity(value, unit) for value in data[name]]
    data["days_text"] = [quantity(value, "days") for value in data["days"]]
    data["most_text"] = data["low_text"] + " – " + data["high_text"]
    data["all_text"] = data["lowest_text"] + " – " + data["highest_text"]
    inks = {text.REFERENCE: ACCENT, text.MOST: BAND, text.ALL: WIDE_BAND}
    tooltip = {"period": text.PERIOD, "reference_text": text.REFERENCE, "most_text": text.MOST, "all_text": text.ALL}
    if column == "quantity":
        tooltip["days_text"] = text.DAYS_TITLE
    if scenario is not None:
        inks = {text.THIS: STORY, **inks}
        data["story"] = _one_future(plan, material, column, scenario).reindex(periods).to_numpy(float)
        data["story_text"] = [quantity(value, unit) for value in data["story"]]
        tooltip = {"period": text.PERIOD, "story_text": text.THIS, **tooltip}
    base = alt.Chart(data).encode(x=period_axis(periods))
    key = colours(inks, columns=2)
    y = {"axis": number_axis(title), "scale": alt.Scale(zero=True, nice=True)}
    alone = len(periods) == 1
    spread = base.mark_bar(size=36) if alone else base.mark_area(interpolate="linear")
    layers = [
        named(spread, text.ALL, key, y=alt.Y("lowest:Q", **y), y2="highest:Q"),
        named(spread, text.MOST, key, y=alt.Y("low:Q", **y), y2="high:Q"),
        named(line(base, alone), text.REFERENCE, key, y=alt.Y("reference:Q", **y)),
    ]
    if scenario is not None:
        layers.append(named(line(base, alone), text.THIS, key, y=alt.Y("story:Q", **y)))
    layers.append(_peak(data, periods, y))
    layers.append(hover(data, periods, tips(**tooltip)))
    return finish(alt.layer(*layers), text.about_fan(title, name_text(material)))


def _peak(data: pd.DataFrame, periods: list[str], y: dict) -> alt.Chart:
    """Write the largest value of the reference path over its point."""
    known = data[data["reference"].notna()]
    top = known.loc[[known["reference"].idxmax()], ["period", "reference"]] if len(known) else known[["period", "reference"]]
    shown = top.rename(columns={"reference": "peak"}).assign(peak_text=[figure(value) for value in top["reference"]])
    return alt.Chart(shown).mark_text(dy=-9, color=NEUTRAL, fontSize=12).encode(x=period_axis(periods), y=alt.Y("peak:Q", **y), text="peak_text:N")


def _one_future(plan, material: str, column: str, scenario: str) -> pd.Series:
    stock = plan.tables["scenario_stock"]
    rows = stock[(stock["material"] == material) & (stock["scenario"] == scenario)]
    return pd.to_numeric(rows.set_index("period")[column], errors="coerce")


# -- supplier mix ---------------------------------------------------------------------------------------------------------


def mix(plan, material: str, by: str = "bloc") -> Drawing:
    """Quantity ordered in each period, stacked in bloc order, its sum above. by: "bloc", of the supplier, or "origin", of the material delivered."""
    table = plan.tables["mix"]
    rows = table[table["material"] == material]
    periods = list(dict.fromkeys(rows["period"]))
    if by == "origin":
        rows = _by_origin(plan, material)
    data = rows[rows["ordered"] > 0].copy()
    if data.empty:
        return note(text.NOTHING_ORDERED)
    unit = data["unit"].iloc[0]
    total = data.groupby("period")["ordered"].transform("sum")
    data["bloc_text"] = [text.bloc_word(bloc) for bloc in data["bloc"]]
    data["rank"] = [BLOCS.index(bloc) for bloc in data["bloc"]]
    data["ordered_text"] = [quantity(value, unit) for value in data["ordered"]]
    data["share_text"] = [percent(share) for share in data["ordered"] / total]
    bars = (
        alt.Chart(data[["period", "ordered", "bloc_text", "rank", "ordered_text", "share_text"]])
        .mark_bar()
        .encode(
            x=period_axis(periods, paddingInner=0.3, paddingOuter=0.15),
            y=alt.Y("ordered:Q", stack="zero", axis=number_axis(text.ordered_title(unit_text(unit)))),
            color=alt.Color("bloc_text", **colours(blocs_in(data["bloc"]))),
            order=alt.Order("rank:Q"),
            tooltip=tips(period=text.PERIOD, bloc_text=text.ORIGIN if by == "origin" else text.BLOC, ordered_text=text.VALUE, share_text=text.SHARE),
        )
    )
    if len(periods) > MOST_NUMBERS:
        return finish(bars, text.about_mix(name_text(material), by))
    sums = data.groupby("period", sort=False)["ordered"].sum().rename("whole").reset_index()
    sums["whole_text"] = [figure(value) for value in sums["whole"]]
    above = (
        alt.Chart(sums)
        .mark_text(dy=-7, color=NEUTRAL, fontSize=11)
        .encode(x=period_axis(periods, paddingInner=0.3, paddingOuter=0.15), y="whole:Q", text="whole_text:N")
    )
    return finish(alt.layer(bars, above), text.about_mix(name_text(material), by))


def _by_origin(plan, material: str) -> pd.DataFrame:
    """Return what is ordered of a material on the reference path by the origin that it is delivered with, as the table mix has it by bloc."""
    offers, orders = {offer.key: offer for offer in plan.case.offers}, plan.tables["orders"]
    mine = orders[orders["material"] == material]
    keys = zip(mine["supplier"], mine["material"], mine["offer"])
    origins = [offers[key].delivers(origin) for key, origin in zip(keys, mine["origin"])]
    rows = mine.assign(bloc=origins, ordered=mine["spot"] + mine["contract"])
    return rows.groupby(["material", "bloc", "period", "unit"], sort=False, as_index=False)["ordered"].sum()


# -- budget and cost ------------------------------------------------------------------------------------------------------


def budget(plan) -> Drawing:
    """Draw what each budget row allows, what the reference path spends of it, and what the dearest future spends.

    Without a budget: the outlay of each fiscal year by category.
    """
    data, currency = _by_category(plan.tables["budget"]), unit_text(plan.case.settings.currency)
    if data.empty:
        return _spending(plan)
    data["amount"] = data["amount"] + data["carried"]
    scale = money_scale(data[["amount", "spent", "highest"]].to_numpy(float).ravel(), currency)
    data["row"] = _budget_labels(data)
    for name in ("amount", "spent", "highest"):
        data[f"{name}_text"] = [money(value, currency) for value in data[name]]
        data[name] = data[name] / scale.divisor
    data["used"] = [percent(spent / amount) if amount > 0 else "" for spent, amount in zip(data["spent"], data["amount"])]
    top = float(data[["amount", "spent", "highest"]].to_numpy(float).max()) or 1.0
    axis = number_axis(scale.unit(currency), orient="bottom")
    x = {"axis": axis, "scale": alt.Scale(domain=[0, 1.2 * top], nice=False)}
    key = colours({text.LIMIT: PALE, text.SPENT: ACCENT, text.DEAREST: BAD}, columns=2)
    tooltip = tips(row=text.YEAR, amount_text=text.LIMIT, spent_text=text.SPENT, highest_text=text.DEAREST, used=text.BUDGET_USED)
    base = alt.Chart(data).encode(y=alt.Y("row:N", sort=None, axis=name_axis()), tooltip=tooltip)
    chart = alt.layer(
        named(base.mark_bar(height={"band": 0.72}), text.LIMIT, key, x=alt.X("amount:Q", **x)),
        named(base.mark_bar(height={"band": 0.34}), text.SPENT, key, x=alt.X("spent:Q", **x)),
        named(base.mark_tick(thickness=3, height={"band": 0.72}), text.DEAREST, key, x=alt.X("highest:Q", **x)),
        base.transform_calculate(end="max(datum.amount, datum.spent, datum.highest)")
        .mark_text(align="left", dx=8, color=NEUTRAL, fontSize=12)
        .encode(x=alt.X("end:Q", **x), text="used:N"),
    )
    return finish(chart, text.ABOUT_BUDGET, 130 + _ROW * len(data))


def _by_category(rows: pd.DataFrame) -> pd.DataFrame:
    """Budget rows with those of one category together, in time."""
    rank = {category: number for number, category in enumerate(dict.fromkeys(rows["category"]))}
    return rows.assign(rank=rows["category"].map(rank)).sort_values(["rank", "fiscal_year"], kind="stable").drop(columns="rank").reset_index(drop=True)


def _budget_labels(data: pd.DataFrame) -> list[str]:
    """A name of its own for each budget row: its year, what counts and of which materials, and a number where a row stands again."""
    only_all = set(data["category"]) == {"all"} and not data["material"].any()
    labels: list[str] = []
    for year, category, material in zip(data["fiscal_year"], data["category"], data["material"]):
        counts = [text.EVERYTHING if category == "all" else category, *([short(name_text(material))] if material else [])]
        label = str(year) if only_all else f"{year} {', '.join(counts)}"
        again = sum(other == label or other.startswith(f"{label} (") for other in labels)
        labels.append(f"{label} ({again + 1})" if again else label)
    return labels


def _spending(plan) -> Drawing:
    data, currency = plan.tables["spending"].reset_index(drop=True), unit_text(plan.case.settings.currency)
    data = data[data["spent"] != 0].copy()
    if data.empty:
        return note(text.NO_SPENDING)
    scale = money_scale(data.groupby("fiscal_year")["spent"].sum(), currency)
    data["period"] = data["fiscal_year"].astype(str)
    data["part"] = [text.part_word(part) for part in data["category"]]
    data["spent_text"] = [money(value, currency) for value in data["spent"]]
    data["spent"] = data["spent"] / scale.divisor
    shown = {text.part_word(part): colour for part, colour in PART_COLOURS.items() if part in set(data["category"])}
    chart = (
        alt.Chart(data)
        .mark_bar()
        .encode(
            x=period_axis(list(dict.fromkeys(data["period"])), paddingInner=0.4, paddingOuter=0.2),
            y=alt.Y("spent:Q", stack="zero", axis=number_axis(scale.unit(currency))),
            color=alt.Color("part", **colours(shown)),
            tooltip=tips(period=text.YEAR, part=text.CATEGORY, spent_text=text.SPENT),
        )
    )
    return finish(chart, text.ABOUT_BUDGET)


def costs(plan) -> Drawing:
    """The parts of the expected cost as horizontal bars, largest first."""
    data, currency = plan.tables["costs"].reset_index(drop=True), unit_text(plan.case.settings.currency)
    data = data[data["expected"] != 0].sort_values("expected", ascending=False)
    if data.empty:
        return note(text.NO_SPENDING)
    scale = money_scale([data["expected"].abs().sum()], currency)
    shown = {text.part_word(part): PART_COLOURS.get(part, NEUTRAL) for part in data["part"]}
    data["part"] = [text.part_word(part) for part in data["part"]]
    for name in ("expected", "reference"):
        data[f"{name}_text"] = [money(value, currency) for value in data[name]]
    data["label"] = [bare_money(value, currency) for value in data["expected"]]
    data["expected"] = data["expected"] / scale.divisor
    top, least = float(data["expected"].max()), float(data["expected"].min())
    room = 0.42 * max(top, -least)
    x = alt.X("expected:Q", axis=number_axis(scale.unit(currency), grid=False), scale=alt.Scale(domain=[min(0.0, least), max(top, 0.0) + room], nice=False))
    base = alt.Chart(data).encode(
        x=x,
        y=alt.Y("part:N", sort=list(shown), axis=name_axis()),
        tooltip=tips(part=text.PART, expected_text=text.IN_EXPECTATION, reference_text=text.ON_REFERENCE),
    )
    bars = base.mark_bar(height={"band": 0.6}).encode(color=alt.Color("part", **{**colours(shown), "legend": None}))
    labels = base.transform_calculate(end="max(datum.expected, 0)").mark_text(align="left", dx=6, color=NEUTRAL, fontSize=12)
    return finish(alt.layer(bars, labels.encode(x=alt.X("end:Q"), text="label:N")), text.ABOUT_COSTS, 80 + _ROW * len(data))


def cost_bins(futures: pd.DataFrame) -> pd.DataFrame:
    """Return the bars of the costs: columns low, high (in the case's currency), tail (whether of the worst futures), probability."""
    found = cost_ranges(futures)
    bars = [
        (low, high, tail, probability)
        for low, high, *both in zip(found.ranges.edges, found.ranges.edges[1:], found.others, found.tail)
        for tail, probability in zip((False, True), both)
        if probability > 0
    ]
    return pd.DataFrame(bars, columns=["low", "high", "tail", "probability"])


def cost_histogram(plan) -> Drawing:
    """Draw how likely each range of total cost is, the worst futures in another colour, with the expected cost and the mean of the worst."""
    table, s = plan.tables["scenarios"], plan.case.settings
    if table.empty:
        return note(text.NO_FUTURES)
    currency, share = unit_text(s.currency), percent(1 - s.cvar_level)
    scale = money_scale(table["cost"], currency)
    data = cost_bins(table)
    tail, expected, mean = text.worst(share), text.EXPECTED, text.worst_mean(share)
    data["kind"] = np.where(data["tail"], tail, text.OTHER_FUTURES)
    data["range"] = [f"{money(low, currency)} – {money(high, currency)}" for low, high in zip(data["low"], data["high"])]
    data["chance"] = [percent(p) for p in data["probability"]]
    data[["low", "high"]] /= scale.divisor
    highest = float(data.groupby("low")["probability"].sum().max())  # room above the bars for the numbers of the lines
    key = colours({text.OTHER_FUTURES: "#8B98A6", tail: BAD, expected: ACCENT, mean: STORY}, columns=2)
    x = {"axis": number_axis(text.money_title(scale.unit(currency), text.TOTAL), grid=False), "scale": alt.Scale(zero=False, nice=False)}
    bars = (
        alt.Chart(data)
        .mark_bar(binSpacing=1)
        .encode(
            x=alt.X("low:Q", bin="binned", **x),
            x2="high:Q",
            y=alt.Y("probability:Q", stack="zero", axis=number_axis(text.PROBABILITY, format="~%"), scale=alt.Scale(domain=[0, 1.15 * highest], nice=False)),
            color=alt.Color("kind", **key),
            tooltip=tips(range=text.TOTAL, kind=text.FUTURE, chance=text.PROBABILITY),
        )
    )
    lines = []
    for value, name, dash in ((plan.expected_cost, expected, [1, 0]), (plan.cvar, mean, [6, 4])):
        one = alt.Chart(pd.DataFrame({"at": [value / scale.divisor], "name": [name], "amount": [money(value, currency)]}))
        rule = one.mark_rule(strokeWidth=2.5, strokeDash=dash)
        lines.append(rule.encode(x=alt.X("at:Q", **x), color=alt.Color("name", **key), tooltip=tips(name=text.VALUE, amount=text.TOTAL)))
        side = {"align": "left", "dx": 5} if name == mean else {"align": "right", "dx": -5}
        number = one.transform_calculate(shown=f"format(datum.at, ',.{scale.decimals}f')").mark_text(color=NEUTRAL, fontSize=12, baseline="top", **side)
        lines.append(number.encode(x=alt.X("at:Q", **x), y=alt.value(2), text="shown:N"))
    return finish(alt.layer(bars, *lines), text.ABOUT_FUTURES)
