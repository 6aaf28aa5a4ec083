"""A plan in a planner's words: what to sign, start, order and hold, what it costs, what it protects against, what binds."""

from __future__ import annotations

from math import floor, log10
from typing import Any

import numpy as np
import pandas as pd

from optimizer.plan.quantities import NEGLIGIBLE
from optimizer.plan.solved import SolvedCase
from optimizer.schema.choices import STOCK_MEASURES
from optimizer.schema.costs import OUTLAYS
from optimizer.schema.figures import money as money
from optimizer.schema.results import AFTER_HORIZON

MOST_WORTHS = 8
"""Sentences on what one more unit is worth."""

WORTHS_HOLD = "These worths count on the plan's objective; they hold for small changes, with the yes/no decisions of the plan kept."


def figure(value: float) -> str:
    """Write a number as people do: with thousands separators, and three significant digits below 100."""
    if value == 0 or not np.isfinite(value):
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:,.{max(0, 2 - floor(log10(abs(value))))}f}".rstrip("0").rstrip(".")


def order_decimals(value: float) -> int:
    """Return the decimals to which a buyer types an order: four significant digits, so that it is off by at most 0.05%, and no less than whole units."""
    return 0 if value == 0 or not np.isfinite(value) else max(0, 3 - floor(log10(abs(value))))


def order_quantity(value: float) -> str:
    """Write the quantity of an order or a contract as a buyer types it, with thousands separators."""
    written = f"{value:,.{order_decimals(value)}f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def percent(share: float) -> str:
    """Write a share as a percentage that never rounds something to nothing."""
    if 0 < share < 0.001:
        return "under 0.1%"
    return f"{100 * share:.1f}".removesuffix(".0") + "%"


def worst_futures(cvar_level: float) -> str:
    """Say over which futures CVaR is the mean."""
    return f"the worst {percent(1 - cvar_level)} of futures" if cvar_level > 0 else "all futures"


def unavoidable(plan: SolvedCase) -> str:
    """Say how much of the chance of a shortage no decision can avoid; an empty text where nothing goes short."""
    if plan.probability_of_shortage <= 0 or not np.isfinite(plan.unavoidable_shortage):
        return ""
    buyer = "a buyer who knew what comes and had no budget and no limits"
    if plan.unavoidable_shortage <= 0:
        return f"In every future {buyer} could avoid it."
    everywhere = plan.unavoidable_shortage >= plan.probability_of_shortage * (1 - 1e-9)
    where = "any of them" if everywhere else f"{percent(plan.unavoidable_shortage)} of futures"
    return f"In {where} not even {buyer} could avoid it: too little can arrive in time."


def sentences(plan: SolvedCase) -> dict[str, list[str]]:
    """Write the sentences of each part of the summary, most important first."""
    return {
        "sign": _sign(plan),
        "start": _start(plan),
        "order": _order(plan),
        "hold": _hold(plan),
        "cost": _cost(plan),
        "protects": _protects(plan),
        "binds": _binds(plan),
    }


def _from(row: Any) -> str:
    """Say who sells, and the offer's name where it has one."""
    return f"{row.supplier} ({row.offer})" if row.offer else str(row.supplier)


def _sign(plan: SolvedCase) -> list[str]:
    price = {schedule.offer.key: schedule.fixed_price(max(0, schedule.offer.contract_from or 0)) for schedule in plan.case.schedules}
    lines = []
    for material, rows in plan.tables["contracts"].groupby("material", sort=False):
        parts = [f"{_from(r)} {order_quantity(r.per_year)}" for r in rows.sort_values("per_year", ascending=False).itertuples()]
        value = sum(r.per_year * price[r.supplier, r.material, r.offer] for r in rows.itertuples())
        lines.append((value, f"{material}, {rows['unit'].iloc[0]} a year: {', '.join(parts)}."))
    return _largest_first(lines) or ["Sign no contract."]


def _largest_first(lines: list[tuple[float, str]]) -> list[str]:
    """Sort sentences, those first that speak of the most money: a short page cuts off the last ones."""
    return [line for _, line in sorted(lines, key=lambda entry: -entry[0])]


def _start(plan: SolvedCase) -> list[str]:
    table = plan.tables["projects"]
    if table.empty:
        return ["There are no projects to choose from."]
    currency = plan.case.settings.currency
    lines = []
    for r in table[table["start"].notna()].itertuples():
        ready = r.ready if r.ready == AFTER_HORIZON else f"in {r.ready}"
        lines.append(f"Start {r.project} in {r.start} ({money(r.cost, currency)}); ready {ready}.")
    months = {project.project: project.lead_time_months for project in plan.case.projects}
    waiting = table[table["if"].notna()]
    for name, condition, cost, chance in zip(waiting["project"], waiting["if"], waiting["cost"], waiting["chance"]):
        ready = f"ready {figure(months[name])} months later; " if months[name] else ""
        lines.append(f"Start {name} once {condition} is in force, not before ({money(cost, currency)}); {ready}that comes in {percent(chance)} of futures.")
    left = table.loc[table["start"].isna() & table["if"].isna(), "project"].tolist()
    return lines + ([f"Do not start: {', '.join(left)}."] if left else [])


def _order(plan: SolvedCase) -> list[str]:
    orders, first = plan.tables["orders"], plan.case.calendar.label(0)
    lines = []
    for material, rows in orders[orders["period"] == first].groupby("material", sort=False):
        parts = []
        for r in rows.sort_values("cost", ascending=False).itertuples():
            how = [f"{order_quantity(amount)} {name}" for amount, name in ((r.contract, "under contract"), (r.spot, "spot")) if amount > 0]
            parts.append(f"{_from(r)} {' and '.join(how)}")
        lines.append((float(rows["cost"].sum()), f"{material}, {rows['unit'].iloc[0]} in {first}: {', '.join(parts)}."))
    return [*_file(plan), *_largest_first(lines), *_replace(plan)] or [f"Order nothing in {first}."]


def _file(plan: SolvedCase) -> list[str]:
    """Say what to file first of offers that ship later, and what may then wait."""
    table, waiting = plan.tables["filed"], plan.tables["held_back"]
    lines, first = [], plan.case.calendar.label(0)
    for r in table[table["period"] == first].itertuples():
        due = "after the horizon" if r.due == AFTER_HORIZON else f"in {r.due}"
        lines.append(f"File {order_quantity(r.quantity)} {r.unit} of {r.material} with {_from(r)} in {first}, due to leave {due}.")
    for r in waiting.itertuples():
        stops = f" while {r.disruption} is in force" if r.disruption else ""
        lines.append(f"Up to {figure(r.most)} {r.unit} of {r.material} wait with {_from(r)}{stops}; anything waits in {percent(r.chance)} of futures.")
    return lines


def _replace(plan: SolvedCase) -> list[str]:
    """Say what uses replace or save in the first period, and over all futures."""
    table, first, lines = plan.tables["replaced"], plan.case.calendar.label(0), []
    for material, use, substitute, quantity, unit in table.loc[table["period"] == first, ["material", "use", "substitute", "quantity", "unit"]].itertuples(
        index=False
    ):
        how = f"Replace {figure(quantity)} {unit} of {material} by {substitute}" if substitute else f"Do without {figure(quantity)} {unit} of {material}"
        lines.append(f"{how} for {use} in {first}.")
    for r in plan.tables["substitution"].itertuples():
        if r.chance > 0:
            by = f"replaced by {r.substitute}" if r.substitute else "saved"
            lines.append(f"Of {r.material} for {r.use} {figure(r.expected)} {r.unit} are {by} on average over the horizon, in {percent(r.chance)} of futures.")
    return lines


def _hold(plan: SolvedCase) -> list[str]:
    price: dict[str, float] = {}
    for schedule in plan.case.schedules:
        material, now = schedule.offer.material, schedule.price(0)
        price[material] = min(now, price.get(material, now))
    lines = []
    for material, rows in plan.tables["cover"].groupby("material", sort=False):
        peak = rows.loc[rows["quantity"].idxmax()]
        if peak["quantity"] <= 0:
            continue
        days = rows["cover_days"]
        cover = f", {figure(peak['cover_days'])} days of demand" if pd.notna(peak["cover_days"]) else ""
        mean = f"; on average {figure(days.mean())} days" if days.notna().any() else ""
        words = f"Hold up to {figure(peak['quantity'])} {peak['unit']} of {material} (end of {peak['period']}{cover}{mean})."
        lines.append((peak["quantity"] * price.get(material, 0.0), words))
    held = [*_covers(plan), *_largest_first(lines)] or ["Hold no stock on the reference path."]
    return [*held, *_sell(plan)]


def _sell(plan: SolvedCase) -> list[str]:
    """Say of each material how much is sold on the reference path, and from when to when."""
    price = {m.material: m.sale_price or 0.0 for m in plan.case.materials}
    lines = []
    for material, rows in plan.tables["sales"].groupby("material", sort=False):
        quantity, first, last = rows["quantity"].sum(), rows["period"].min(), rows["period"].max()
        when = f"in {first}" if first == last else f"from {first} to {last}"
        lines.append((quantity * price[str(material)], f"Sell {figure(quantity)} {rows['unit'].iloc[0]} of {material} {when}."))
    return _largest_first(lines)


def _covers(plan: SolvedCase) -> list[str]:
    """Say of each minimum of stock in which share of futures it is held, released and missed."""
    asked = {limit.limit: limit for limit in plan.case.limits if limit.measure in STOCK_MEASURES and limit.minimum is not None}
    lines = []
    for row in plan.tables["limits"].itertuples():
        limit = asked.get(row.limit)
        if limit is None or row.side != "minimum":
            continue
        what = f"{figure(limit.minimum or 0.0)} {'days' if limit.measure == 'stock_cover_days' else row.unit}"
        if limit.holding == "reference path":
            lines.append(f"{row.limit}: {what} of {row.material} are asked for on the reference path alone, and held in {percent(row.held)} of its periods.")
            continue
        released = f", released in {percent(row.released)}" if row.released > 0 else ""
        missed = f", missed in {percent(row.broken)}" if row.broken > 0 else ""
        lines.append(f"{row.limit}: {what} of {row.material} are held in {percent(row.held)} of futures{released}{missed}.")
    return lines


def _cost(plan: SolvedCase) -> list[str]:
    s = plan.case.settings
    parts = [f"{r.part} {money(r.expected, s.currency)}" for r in plan.tables["costs"].itertuples() if abs(r.expected) > 0]
    lines = [f"Total expected cost {money(plan.expected_cost, s.currency)}, discounted: {', '.join(parts) or 'nothing'}."]
    cash = {part: value for part, value in zip(plan.tables["costs"]["part"], plan.tables["costs"]["expected"]) if part in OUTLAYS}
    if cash.get("duties", 0) > 0:
        lines.append(f"Duties are {percent(cash['duties'] / sum(cash.values()))} of cash.")
    if s.tail_periods:
        lines.append(f"Beyond the horizon {money(plan.tail_expected_cost, s.currency)} more are expected, which no figure here counts.")
    if s.cvar_level > 0:
        lines.append(f"Over the whole horizon, {worst_futures(s.cvar_level)} cost {money(plan.cvar, s.currency)} on average.")
    return lines


def _protects(plan: SolvedCase) -> list[str]:
    rates = plan.tables["fill_rate"]
    lines = [" ".join((f"The chance of any shortage is {percent(plan.probability_of_shortage)}.", unavoidable(plan))).strip()]
    for r in rates.sort_values("fill_rate").itertuples():
        if r.expected_short > 0:
            lines.append(f"{r.material} for {r.use}: {percent(r.fill_rate)} of demand is met; {figure(r.expected_short)} {r.unit} short on average.")
    if len(lines) == 1 and len(rates):
        lines.append("Every demand is met in every future.")
    worst = plan.tables["scenarios"].sort_values("cost", ascending=False).iloc[0]
    lines.append(f"The dearest future costs {money(worst['cost'], plan.case.settings.currency)}: {worst['events']}.")
    return lines


def _binds(plan: SolvedCase) -> list[str]:
    currency = plan.case.settings.currency
    lines = []
    for r in plan.tables["budget"].itertuples():
        kind = ("" if r.category == "all" else f" for {r.category}") + (f" of {r.material}" if r.material else "")
        room = r.amount + r.carried
        if room <= 0 or r.fullest >= 1 - 1e-6:
            where = "on the reference path" if r.spent >= room * (1 - 1e-6) else "in some scenarios"
            more = f", with {money(r.carried, currency)} of the year before," if r.carried > NEGLIGIBLE * r.amount else ""
            lines.append(f"The {r.fiscal_year} budget{kind} of {money(r.amount, currency)}{more} is used up {where}.")
    lines = lines or ["No budget is used up."]
    binding = plan.tables["binding"]
    # Budgets first: they are the planner's own to move.
    binding = binding.sort_values("sheet", key=lambda sheet: sheet != "Budget", kind="stable")
    worths = [_worth(r, currency) for r in binding.head(MOST_WORTHS).itertuples()]
    return lines + worths + ([WORTHS_HOLD] if worths else [])


def _worth(r: Any, currency: str) -> str:
    """Say what one more unit of a bound saves."""
    saved = f"{figure(r.worth)} {currency}" if " " in currency else f"{currency} {figure(r.worth)}"
    if r.sheet == "Budget":
        return f"One more {r.unit} in {r.what} is worth {saved}."
    if r.sheet in ("Limits", "Demand"):
        return f"Loosening {r.what} by 1 {r.unit} saves {saved}."
    return f"One more {r.unit} in {r.what} saves {saved}."
