"""One future replayed, and the playbook of one disruption: what happens, period by period."""

from __future__ import annotations

import altair as alt
import pandas as pd

from optimizer.case import BLOCS
from ui.charts.plan import days_fan, stock_fan
from ui.charts.style import ACCENT, BAD, NEUTRAL, PALE, Drawing, blocs_in, colours, finish, hover, line, name_axis, named, note, number_axis, period_axis, tips
from ui.words import charts as text
from ui.words.figures import apart, name_text, quantity, unit_text

MOST_ROWS = 15
"""Suppliers that get a row of their own."""
_ROW = 28


def replay_stock(plan, scenario: str, material: str) -> Drawing:
    """Stock in one future over the spread of all."""
    return stock_fan(plan, material, scenario)


def replay_days(plan, scenario: str, material: str) -> Drawing:
    """Days of cover in one future over the spread of all."""
    return days_fan(plan, material, scenario)


def replay_demand(plan, scenario: str, material: str) -> Drawing:
    """Demand of each period in one future: what is met and what goes short."""
    table = plan.tables["scenario_stock"]
    rows = table[(table["scenario"] == scenario) & (table["material"] == material)]
    if rows.empty or not (rows["demand"] > 0).any():
        return note(text.NO_ROWS)
    unit, periods = rows["unit"].iloc[0], list(rows["period"])
    met = (rows["demand"] - rows["short"]).clip(lower=0)
    data = pd.concat(
        [
            pd.DataFrame({"period": periods, "amount": amount.to_numpy(float), "kind": kind, "rank": rank})
            for rank, (kind, amount) in enumerate(((text.MET, met), (text.SHORT, rows["short"])))
        ],
        ignore_index=True,
    )
    data["amount_text"] = [quantity(value, unit) for value in data["amount"]]
    chart = (
        alt.Chart(data)
        .mark_bar()
        .encode(
            x=period_axis(periods, paddingInner=0.3, paddingOuter=0.15),
            y=alt.Y("amount:Q", stack="zero", axis=number_axis(text.demand_title(unit_text(unit)))),
            color=alt.Color("kind", **colours({text.MET: ACCENT, text.SHORT: BAD})),
            order=alt.Order("rank:Q"),
            tooltip=tips(period=text.PERIOD, kind=text.VALUE, amount_text=text.demand_title(unit_text(unit))),
        )
    )
    return finish(chart, text.about_replay(text.demand_title(unit_text(unit)), name_text(scenario)), 240)


def replay_orders(plan, scenario: str, material: str) -> Drawing:
    """Who delivers what in one future: a row a supplier, a circle an order, its area the quantity."""
    table = plan.tables["scenario_orders"]
    rows = table[(table["scenario"] == scenario) & (table["material"] == material)]
    if rows.empty:
        return note(text.NOTHING_ORDERED)
    bloc = {offer.key: offer.bloc for offer in plan.case.offers}
    unit, periods = rows["unit"].iloc[0], list(plan.case.calendar.labels)
    blocs = [bloc.get(key, "") for key in zip(rows["supplier"], rows["material"], rows["offer"])]
    amount = (rows["spot"] + rows["contract"]).to_numpy(float)
    data = pd.DataFrame({"supplier": rows["supplier"].to_numpy(), "bloc": blocs, "period": rows["period"].to_numpy(), "amount": amount})
    data = data.groupby(["supplier", "bloc", "period"], as_index=False, sort=False)["amount"].sum()
    data["row"], order = _rows_of(data)
    data["bloc_text"] = [text.bloc_word(name) for name in data["bloc"]]
    data["amount_text"] = [quantity(value, unit) for value in data["amount"]]
    chart = (
        alt.Chart(data[["row", "bloc_text", "period", "amount", "amount_text"]])
        .mark_circle(opacity=0.9)
        .encode(
            x=period_axis(periods),
            y=alt.Y("row:N", sort=order, axis=name_axis(grid=True, gridColor=PALE, labelLimit=115)),
            size=alt.Size("sum(amount):Q", legend=None, scale=alt.Scale(range=[12, 420], zero=True)),
            color=alt.Color("bloc_text", **colours(blocs_in(data["bloc"]), columns=2)),
            tooltip=tips(row=text.SUPPLIER, bloc_text=text.BLOC, period=text.PERIOD, amount_text=text.VALUE),
        )
    )
    return finish(chart, text.about_replay(text.ordered_title(unit_text(unit)), name_text(scenario)), 120 + _ROW * len(order))


def _rows_of(data: pd.DataFrame) -> tuple[list[str], list[str]]:
    """The row of each order (the smallest suppliers share one) and the rows in order: by bloc, the largest first."""
    total = data.groupby(["bloc", "supplier"], sort=False)["amount"].sum().sort_values(ascending=False)
    kept, rest = list(total.index[:MOST_ROWS]), len(total) - MOST_ROWS
    kept.sort(key=lambda key: BLOCS.index(key[0]) if key[0] in BLOCS else len(BLOCS))
    names = dict(zip(kept, apart(supplier for _, supplier in kept)))
    last = text.others(rest)
    rows = [names.get(key, last) for key in zip(data["bloc"], data["supplier"])]
    return rows, [*names.values(), *([last] if rest > 0 else [])]


# -- what happens ---------------------------------------------------------------------------------------------------------


def spells(plan, scenario: str) -> pd.DataFrame:
    """List when each disruption of a future is active. Columns disruption, begins, ends (labels of the first and last period)."""
    table = plan.tables["scenario_events"]
    return table.loc[table["scenario"] == scenario, ["disruption", "begins", "ends"]]


def disruption_strip(plan, scenario: str) -> Drawing:
    """The disruptions of one future as bars over the periods in which they are active."""
    table, periods = spells(plan, scenario), list(plan.case.calendar.labels)
    if table.empty:
        return note(text.NO_EVENTS, 60)
    found = list(dict.fromkeys(table["disruption"]))
    names = dict(zip(found, apart(found, 64)))
    cells = [
        {"row": names[spell.disruption], "period": period, "span": text.span(spell.begins, spell.ends)}
        for spell in table.itertuples()
        for period in periods[periods.index(spell.begins) : periods.index(spell.ends) + 1]
    ]
    row = alt.Y("row:N", sort=list(names.values()), axis=None)
    bars = (
        alt.Chart(pd.DataFrame(cells))
        .mark_rect(color=BAD, stroke=BAD, height=12, yOffset=9)
        .encode(x=period_axis(periods, padding=0), y=row, tooltip=tips(row=text.DISRUPTION, span=text.PERIOD))
    )
    words = alt.Chart(pd.DataFrame({"row": list(names.values())})).mark_text(align="left", x=0, dy=-8, color=NEUTRAL, fontSize=12, limit=330)
    return finish(alt.layer(bars, words.encode(y=row, text="row:N")), text.ABOUT_EVENTS, 30 + 38 * len(names))


def playbook(rows: pd.DataFrame) -> Drawing:
    """Stock and shortage of one material with a disruption against its stock undisturbed; the disrupted periods are shaded.

    rows: those of one disruption, beginning and material in the table `playbook`.
    """
    rows = rows.reset_index(drop=True)
    if rows.empty:
        return note(text.NO_ROWS)
    unit, periods = rows["unit"].iloc[0], list(rows["period"])
    data = rows[["period", "stock", "stock_undisturbed", "short"]].copy()
    for name in ("stock", "stock_undisturbed", "short"):
        data[f"{name}_text"] = [quantity(value, unit) for value in pd.to_numeric(rows[name], errors="coerce")]
    data["ordered_text"] = [quantity(value, unit) for value in pd.to_numeric(rows["ordered"], errors="coerce")]
    data["days_text"] = [quantity(value, "days") for value in pd.to_numeric(rows["cover_days"], errors="coerce")]
    # The two long words under each other: on a phone the second of a row has no room.
    key = colours({text.WITH: ACCENT, text.SHORT: BAD, text.WITHOUT: NEUTRAL, text.DISRUPTED: "rgba(204, 121, 167, 0.20)"}, columns=2)
    y = {"axis": number_axis(text.playbook_title(unit_text(unit)))}
    first, last = str(rows["begins"].iloc[0]), str(rows["lasts_until"].iloc[0])
    struck = data[[first <= str(period) <= last for period in periods]]
    base, alone = alt.Chart(data).encode(x=period_axis(periods)), len(periods) == 1
    layers = [
        named(alt.Chart(struck).mark_rect(), text.DISRUPTED, key, x=period_axis(periods, padding=0)),
        named(base.mark_bar(width={"band": 0.5}), text.SHORT, key, y=alt.Y("short:Q", **y)),
        named(line(base, alone, strokeWidth=2, strokeDash=[5, 4]), text.WITHOUT, key, y=alt.Y("stock_undisturbed:Q", **y)),
        named(line(base, alone), text.WITH, key, y=alt.Y("stock:Q", **y)),
        hover(
            data,
            periods,
            tips(
                period=text.PERIOD,
                stock_text=text.WITH,
                stock_undisturbed_text=text.WITHOUT,
                short_text=text.SHORT,
                days_text=text.DAYS_TITLE,
                ordered_text=text.ordered_title(unit_text(unit)),
            ),
        ),
    ]
    return finish(alt.layer(*layers), text.ABOUT_PLAYBOOK)
