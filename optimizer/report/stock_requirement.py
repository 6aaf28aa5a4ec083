"""A stock requirement by material: how many days of cover, for which uses, against which disruptions, at what cost, and what shortage is left.

The figures are those that requirement reports of national stockpiles give for each material: the quantity to hold, what it is held against, its cost,
and the shortfall that remains (as the Strategic and Critical Materials Requirements Report of the U.S. Department of Defense does).
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from optimizer.plan.explain import figure, money, percent
from optimizer.plan.plan import Plan
from optimizer.report.sections import Found, Report, Section
from optimizer.report.sources import chance_within, strikes_supply
from optimizer.schema.results import MATERIAL, UNIT, USE
from optimizer.schema.tables import Output, number, text

MOST_LINES = 12

REQUIREMENT = Output(
    "stock_requirement",
    "Requirement",
    "What to hold of each material, on the reference path and in nine of ten futures.",
    {
        **MATERIAL,
        "requirement": number("{unit}", "The largest stock at the end of a period, on the reference path."),
        **UNIT,
        "covers": number("days", "The days of demand that it covers then.", blank="no demand"),
        "period": text("The period at whose end it is held."),
        "covers_on_average": number("days", "The days of demand that the stock covers at the end of a period, on average.", blank="no demand"),
        "high": number("{unit}", "In 90% of futures the largest stock is no more."),
        "on_hand": number("{unit}", "What is on hand when the horizon begins."),
        "to_build": number("{unit}", "What the requirement is more than what is on hand."),
    },
)
USES = Output(
    "stock_uses",
    "Uses that it serves",
    "What the stock is for: the uses of each material, the costliest shortage first, and what is left short of each.",
    {
        **MATERIAL,
        **USE,
        "shortage_cost": number("{currency} per {unit}", "What a unit that is short costs: what is short goes to the use with the least of it."),
        "fill_rate": number("share", "Expected share of demand that is met."),
        "expected_short": number("{unit}", "Expected quantity not delivered over the horizon."),
        **UNIT,
        "chance": number("share", "Chance of any shortage of this demand."),
    },
)
AGAINST = Output(
    "stock_against",
    "What it protects against",
    "The disruptions and failures that reach each material, with how long its demand can be met in them at the plan's weakest moment.",
    {
        **MATERIAL,
        "kind": text("What fails: a disruption of the workbook, a supplier, country, bloc or origin."),
        "failure": text("Its name."),
        "chance": number("share", "Chance that the disruption is active at some time within the horizon.", blank="not a disruption of the workbook"),
        "survives": number("months", "How long the material's demand can be met, all uses together.", blank="without end, or not asked"),
        "recovers": number("months", "The time until what fails is replaced, or over.", blank="nothing replaces it, or not asked"),
    },
)
COST = Output(
    "stock_cost",
    "What it costs",
    "The value of the stock and what keeping it costs, not discounted.",
    {
        **MATERIAL,
        "mean_stock": number("{unit}", "Stock at the end of a period, mean over periods and futures."),
        **UNIT,
        "price": number("{currency} per {unit}", "The lowest price at which the material is offered in the first period.", blank="nothing is offered"),
        "value": number("{currency}", "The requirement at that price.", blank="nothing is offered", adds=True),
        "storage": number("{currency} per year", "Keeping the mean stock, at the holding cost of the workbook.", adds=True),
        "capital": number(
            "{currency} per year", "The money tied up in the mean stock, at the workbook's discount rate.", blank="nothing is offered", adds=True
        ),
    },
)
RULES = Output(
    "stock_rules",
    "Stock asked for",
    "The minimum stocks of the sheet Limits, and in which share of futures and periods they are held.",
    {
        "limit": text("The limit."),
        **MATERIAL,
        "held": number("share", "Chance that it holds and is kept."),
        "released": number("share", "Chance that a disruption has released it."),
        "broken": number("share", "Chance that it holds and is broken."),
    },
)


def sections(plan: Plan, found: Found) -> list[Section]:
    """Write the sections of the requirement. found: the tables of the study `stress` and, where they are there, of `regret`."""
    requirement = REQUIREMENT.frame(_requirement(plan))
    return [_held(plan, requirement), _uses(plan), _against(plan, found), _cost(plan, requirement), _left(plan, found)]


def _requirement(plan: Plan) -> list[dict[str, Any]]:
    chances, rows = plan.tables["scenarios"].set_index("scenario")["probability"], []
    stock, cover = plan.tables["scenario_stock"], plan.tables["cover"]
    for m in plan.case.materials:
        mine = cover[cover["material"] == m.material]
        if mine.empty:
            continue
        peak = mine.loc[mine["quantity"].idxmax()]
        largest = stock[stock["material"] == m.material].groupby("scenario", sort=False)["quantity"].max().sort_values()
        below = chances.reindex(largest.index).cumsum()
        on_hand = sum(item.quantity for item in plan.case.inventory if item.material == m.material and item.on_hand)
        rows.append(
            {
                "material": m.material,
                "requirement": float(peak["quantity"]),
                "unit": m.unit,
                "covers": float(peak["cover_days"]),
                "period": peak["period"],
                "covers_on_average": float(mine["cover_days"].mean()),
                "high": float(largest[below >= 0.9 - 1e-9].iloc[0]) if (below >= 0.9 - 1e-9).any() else float(peak["quantity"]),
                "on_hand": float(on_hand),
                "to_build": max(0.0, float(peak["quantity"]) - on_hand),
            }
        )
    return rows


def _held(plan: Plan, requirement: pd.DataFrame) -> Section:
    lines = []
    for r in requirement.itertuples(index=False):
        if r.requirement <= 0:
            lines.append(f"{r.material}: no stock is held on the reference path.")
            continue
        days = "" if r.covers != r.covers else f", {figure(r.covers)} days of demand"
        build = f"{figure(r.to_build)} {r.unit} of it are to be built up" if r.to_build > 0 else "none of it is to be built up"
        lines.append(
            f"{r.material}: {figure(r.requirement)} {r.unit}{days}, at the end of {r.period}; with {figure(r.on_hand)} {r.unit} on hand today, {build}."
        )
    rules = RULES.frame(
        {name: getattr(r, name) for name in RULES.columns}
        for r in plan.tables["limits"].itertuples(index=False)
        if r.side == "minimum" and r.limit in {limit.limit for limit in plan.case.limits if limit.measure in ("stock_cover_days", "stock_quantity")}
    )
    lines += [
        f"The limit '{r.limit}' for {r.material}: held in {percent(r.held)} of futures and periods, "
        f"released in {percent(r.released)}, missed in {percent(r.broken)}."
        for r in rules.itertuples(index=False)
    ]
    return Section("Requirement by material", lines, [(REQUIREMENT, requirement), *([(RULES, rules)] if len(rules) else [])], chart="days")


def _uses(plan: Plan) -> Section:
    costs = {(row.material, row.use): row.shortage_cost for row in plan.case.demand}
    rows = [
        {
            **{name: getattr(r, name) for name in ("material", "use", "fill_rate", "expected_short", "unit")},
            "shortage_cost": costs[r.material, r.use],
            "chance": r.probability_of_shortage,
        }
        for r in plan.tables["fill_rate"].itertuples(index=False)
    ]
    order = {m.material: place for place, m in enumerate(plan.case.materials)}
    table = USES.frame(sorted(rows, key=lambda row: (order[row["material"]], -row["shortage_cost"])))
    lines = []
    for material, rows_of in table.groupby("material", sort=False):
        served = ", ".join(f"{use} ({percent(rate)} met)" for use, rate in zip(rows_of["use"], rows_of["fill_rate"]))
        lines.append(f"{material} serves, the costliest shortage first: {served}.")
    return Section("Uses that it serves", lines, [(USES, table)])


def _against(plan: Plan, found: Found) -> Section:
    """Say against which disruptions and failures the stock stands; without the stress test those of the workbook alone."""
    chance = chance_within(plan)
    rows: list[dict[str, Any]] = []
    lines = []
    for material in (m.material for m in plan.case.materials):
        mine = [offer for offer in plan.case.offers if offer.material == material]
        harmful = [d for d in plan.case.disruptions if strikes_supply(d)]
        struck = {d.disruption for d in harmful if any(d.strikes(offer) or d.strikes_feedstock(offer) for offer in mine)}
        if found.get("stress") is None:
            rows += [{"material": material, "kind": "disruption", "failure": name, "survives": None, "recovers": None} for name in sorted(struck)]
        else:
            rows += _failing(found, material, struck)
    for row in rows:
        row["chance"] = chance.get(row["failure"], 0.0) if row["kind"] == "disruption" else None
    table = AGAINST.frame(rows)
    table = table.sort_values("survives", kind="stable", na_position="last").reset_index(drop=True)
    for r in table[table["survives"].notna()].head(MOST_LINES).itertuples(index=False):
        back = f"it is replaced or over after {figure(r.recovers)} months" if r.recovers == r.recovers else "nothing in the workbook replaces it"
        happens = f"the disruption {r.failure} begins" if r.kind == "disruption" else f"the {r.kind} {r.failure} fails"
        lines.append(f"If {happens}, demand for {r.material} can be met for {figure(r.survives)} months; {back}.")
    if found.get("stress") is None:
        lines.append("The stress test was not asked of this plan: how long the stock lasts in a failure is not told.")
    return Section("What it protects against", lines, [(AGAINST, table)], empty="No disruption of the workbook reaches a material.")


def _failing(found: Found, material: str, struck: set[str]) -> list[dict[str, Any]]:
    """Return the failures that shorten how long a material's demand can be met, or that are disruptions which strike it, from the stress test."""
    uses, all_uses = found["stress_uses"], found["stress"].set_index(["kind", "failure"])["recovers"]
    whole = uses[(uses["material"] == material) & (uses["use"].isna() | (uses["use"] == ""))]
    least = whole.groupby(["kind", "failure"], sort=False)["survives"].min()
    return [
        {"material": material, "kind": kind, "failure": failure, "survives": survives, "recovers": all_uses.get((kind, failure))}
        for (kind, failure), survives in least.items()
        if survives == survives or (kind == "disruption" and failure in struck)
    ]


def _cost(plan: Plan, requirement: pd.DataFrame) -> Section:
    rate, rows = plan.case.settings.discount_rate, []
    chances, stock = plan.tables["scenarios"].set_index("scenario")["probability"], plan.tables["scenario_stock"]
    held = stock["quantity"].astype(float) * stock["scenario"].map(chances).astype(float)
    mean = held.groupby(stock["material"], sort=False).sum() / plan.case.calendar.periods
    prices: dict[str, float] = {}
    for schedule in plan.case.schedules:
        if schedule.deliverable(0) > 0 and not schedule.offer.input_material:
            prices[schedule.offer.material] = min(schedule.price(0), prices.get(schedule.offer.material, schedule.price(0)))
    needed = requirement.set_index("material")["requirement"]
    for m in plan.case.materials:
        amount, price = float(mean.get(m.material, 0.0)), prices.get(m.material)
        rows.append(
            {
                "material": m.material,
                "mean_stock": amount,
                "unit": m.unit,
                "price": price,
                "value": None if price is None else price * float(needed.get(m.material, 0.0)),
                "storage": m.holding_cost_per_year * amount,
                "capital": None if price is None else rate * price * amount,
            }
        )
    table, currency = COST.frame(rows), plan.case.settings.currency
    lines = [
        f"At the lowest prices of the first period the requirement is worth {money(float(table['value'].sum()), currency)}.",
        f"Keeping the stock costs {money(float(table['storage'].sum()), currency)} a year on average; the money that is tied up in it, "
        f"at {percent(rate)} a year, another {money(float(table['capital'].sum()), currency)}.",
    ]
    return Section("What it costs", lines, [(COST, table)])


def _left(plan: Plan, found: Found) -> Section:
    """Say what shortage is left with the stock, and, where that was asked, what going without it would cost."""
    lines = [*plan.sentences["protects"]]
    regret = found.get("regret")
    if regret is None:
        lines.append("What going without the stock would cost is told by the study Why, and what reversing costs, which was not asked of this plan.")
    else:
        lines += regret.loc[(regret["kind"] == "stock") & (regret["verdict"] != "not known"), "words"].tolist()
    lost = plan.shortage_losses
    lines.insert(1, f"The losses from shortage that are left come to {money(lost, plan.case.settings.currency)} on average over all futures, discounted.")
    return Section("What shortage is left", lines)


STOCK_REQUIREMENT = Report(
    "stock",
    "Stock requirement",
    "What to hold of each material, for which uses, against which disruptions, what that costs, and what shortage is left.",
    needs=("stress",),
    better_with=("regret",),
    sections=sections,
)
