"""Figures of plans, read from their tables and put into words."""

from __future__ import annotations

from collections.abc import Iterable

from optimizer import Plan
from optimizer.plan.explain import figure, percent
from optimizer.schema.costs import listed as in_prose

CRITICAL = 1e-6


def money(plan: Plan, value: float) -> str:
    """Return an amount of the plan's currency in USD, thousands, millions or billions of them."""
    value *= 1000 if plan.case.settings.currency.startswith("thousand") else 1
    for size, word in ((1e9, " billion"), (1e6, " million")):
        if abs(value) >= 0.9995 * size:
            return f"{value / size:.5g}{word} USD"
    return f"{value:,.0f} USD"


def cost(plan: Plan) -> str:
    """Return the expected cost in words."""
    return money(plan, plan.expected_cost)


def costs(plan: Plan) -> str:
    """Return the expected cost and that of the worst tenth of futures in words."""
    return f"expected cost is {cost(plan)}, {money(plan, plan.cvar)} in the worst tenth"


def instead(plan: Plan, plain: Plan) -> str:
    """Return the costs of a plan beside those of another as a sentence; plans whose objectives differ by less than their gaps count as equal."""
    gap = sum(max(0.0, one.gap or 0.0) for one in (plan, plain)) + CRITICAL
    if abs(plan.objective - plain.objective) <= gap * abs(plain.objective):
        return f"Either way {costs(plan)}, within the gap."
    return f"Expected cost is {cost(plan)} instead of {cost(plain)}, in the worst tenth {money(plan, plan.cvar)} instead of {money(plain, plain.cvar)}."


def limit_kept(plan: Plan, limit: str) -> str:
    """Return in which share of futures and periods a limit is kept, released and broken."""
    rows = _matching(plan, "limits", {"limit": limit})
    words = {"held": "kept", "released": "released", "broken": "broken"}
    return ", ".join(f"{word} in {percent(float(rows[column].mean()))}" for column, word in words.items())


def part(plan: Plan, name: str) -> float:
    """Return the expected, discounted amount of a part of the cost."""
    table = plan.tables["costs"]
    return float(table.loc[table["part"] == name, "expected"].sum())


def _matching(plan: Plan, table: str, keys: dict[str, str]):
    """Return the rows of a table that hold the keys."""
    rows = plan.tables[table]
    for name, value in keys.items():
        rows = rows[rows[name] == value]
    return rows


def total(plan: Plan, table: str, column: str, **keys: str) -> float:
    """Return the sum of a column over the rows of a table that hold the keys."""
    return float(_matching(plan, table, keys)[column].sum())


def first(plan: Plan, table: str, column: str, **keys: str):
    """Return a column of the first row of a table that holds the keys."""
    return _matching(plan, table, keys)[column].iloc[0]


def contracted(plan: Plan, **keys: str) -> float:
    """Return what is contracted a year."""
    return total(plan, "contracts", "per_year", **keys)


def ordered(plan: Plan, **keys: str) -> float:
    """Return what is ordered on the reference path, on the spot market and under contract."""
    return total(plan, "orders", "spot", **keys) + total(plan, "orders", "contract", **keys)


def lifted_on_average(plan: Plan, **keys: str) -> float:
    """Return what is ordered over the horizon, on average over the futures."""
    chance = plan.tables["scenarios"].set_index("scenario")["probability"]
    rows = _matching(plan, "scenario_orders", keys)
    if rows.empty:
        return 0.0
    return float(((rows["spot"] + rows["contract"]) * rows["scenario"].map(chance)).sum())


def chance_of_orders(plan: Plan, **keys: str) -> float:
    """Return the chance that anything is ordered."""
    chance = plan.tables["scenarios"].set_index("scenario")["probability"]
    return float(chance[_matching(plan, "scenario_orders", keys)["scenario"].unique()].sum())


def sources(plan: Plan, material: str, most: int = 3) -> str:
    """Return the suppliers of a material from which most is bought on average, with their quantities."""
    names = plan.tables["scenario_orders"].loc[lambda rows: rows["material"] == material, "supplier"].unique()
    bought = sorted(((lifted_on_average(plan, supplier=name, material=material), name) for name in names), reverse=True)
    return listed(f"{name} ({figure(quantity)} {unit(plan, material)})" for quantity, name in bought[:most])


def unit(plan: Plan, material: str) -> str:
    """Return the unit of a material."""
    return next(row.unit for row in plan.case.materials if row.material == material)


def started(plan: Plan, project: str) -> str:
    """Return what is decided of a project: 'starts in 2027-Q1', 'starts once X is in force', 'is not started'."""
    row = plan.tables["projects"].set_index("project").loc[project]
    if isinstance(row["start"], str):
        return f"starts in {row['start']}"
    return f"starts once “{row['if']}” is in force" if isinstance(row["if"], str) else "is not started"


def fills(plan: Plan, material: str) -> str:
    """Return the uses of a material with the share of each that is met, the best served first."""
    rows = _matching(plan, "fill_rate", {"material": material}).sort_values("fill_rate", ascending=False, kind="stable")
    return listed(f"{use} {percent(rate)}" for use, rate in zip(rows["use"], rows["fill_rate"], strict=True))


def shortage(plan: Plan) -> str:
    """Return the chance of any shortage in words."""
    return percent(plan.probability_of_shortage)


def worth(plan: Plan, sheet: str, what: str) -> float:
    """Return what loosening a row of a sheet by one unit saves: the row whose words hold `what`; 0 where it does not bind."""
    rows = plan.tables["binding"]
    rows = rows[(rows["sheet"] == sheet) & rows["what"].str.contains(what, regex=False)]
    return float(rows["worth"].max()) if len(rows) else 0.0


def listed(words: Iterable[str]) -> str:
    """Return words as a list in a sentence."""
    words = tuple(words)
    return in_prose(words) if words else "nothing"
