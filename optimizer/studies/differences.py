"""In numbers, where two plans differ: cost, decisions and supply, the weightiest difference first, and one sentence on it all."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.plan.explain import money, order_quantity, percent, worst_futures
from optimizer.plan.plan import Plan
from optimizer.studies.reversing.why import INCOME, WORD, part_in_words

COST, RISK, CONTRACT, PROJECT, STOCK, SUPPLY, DEMAND = GROUPS = ("cost", "risk", "contract", "project", "stock", "supply", "demand")
"""The kinds of lines: parts of the expected cost; the cost in the worst futures and the chance of a shortage; what is signed a year; the chance that a
project starts; the largest stock on the reference path; what is ordered there from each bloc; and how much of a demand is met on average."""

MONEY = "money"
"""The unit of lines in the currency of the case."""

NOTHING = 1e-6
"""A difference below this share of the larger of the two values is the solver's rounding."""

MOST_NAMED = 3
"""The most parts of the cost, and the most decisions, that the sentence names."""

NAMED = 0.05
"""A part of the cost is named if it differs by at least this share of what the part does that differs most."""

BLOC_WORDS = {"chinese": "Chinese"}
"""How a sentence spells a bloc that it does not spell as the workbook does."""


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of a plan. worth: of one unit, about, in money, by which differences of different units are sorted; material: "" for all.

    names: what the words of a decision name: supplier and material, or project.
    """

    group: str
    what: str
    unit: str
    value: float
    worth: float
    material: str = ""
    names: tuple[str, ...] = ()


def lines_of(plan: Plan) -> Iterator[Line]:
    """List the figures by which plans are compared."""
    tables, price = plan.tables, _prices(plan)
    for row in tables["costs"].itertuples():
        word = WORD[row.part]
        what = f"Expected income from {word}, as a negative cost" if row.part in INCOME else f"Expected cost of {word}"
        yield Line(COST, what, MONEY, row.expected, 1.0, names=(row.part,))
    yield Line(RISK, f"Cost in {worst_futures(plan.case.settings.cvar_level)}", MONEY, plan.cvar, 1.0)
    yield Line(RISK, "Chance of a shortage", "share", plan.probability_of_shortage, 0.0)
    for row in tables["contracts"].itertuples():
        offer = f" ({row.offer})" if row.offer else ""
        yield Line(
            CONTRACT,
            f"Contract with {row.supplier} for {row.material}{offer}, a year",
            row.unit,
            row.per_year,
            price[row.material],
            row.material,
            (row.supplier, row.material),
        )
    for row in tables["projects"].itertuples():
        yield Line(PROJECT, f"Chance that {row.project} is started", "share", row.chance, row.cost, "", (row.project,))
    for material, cover in tables["cover"].groupby("material", sort=False):
        yield Line(STOCK, f"Largest stock of {material}", cover["unit"].iloc[0], cover["quantity"].max(), price[material], material, (material,))
    for (material, bloc), mix in tables["mix"].groupby(["material", "bloc"], sort=False):
        yield Line(
            SUPPLY, f"{material} ordered from {BLOC_WORDS.get(bloc, bloc)} suppliers", mix["unit"].iloc[0], mix["ordered"].sum(), price[material], material
        )
    for row in tables["fill_rate"].itertuples():
        need = row.expected_short / (1 - row.fill_rate) if row.fill_rate < 1 else 0.0
        yield Line(DEMAND, f"Part of {row.material} for {row.use} that is met", "share", row.fill_rate, need * price[row.material], row.material)


def _prices(plan: Plan) -> dict[str, float]:
    """Return the mean price of each material's offers, 0 without any."""
    offers = pd.DataFrame([(s.material, s.price) for s in plan.case.offers], columns=["material", "price"])
    means = offers.groupby("material")["price"].mean().to_dict()
    return {m.material: float(means.get(m.material, 0.0)) for m in plan.case.materials}


def differences(base: Plan, other: Plan) -> pd.DataFrame:
    """Return every figure of two plans, the weightiest difference first.

    Columns: group (one of GROUPS), what, material ("" for all), unit ("money" for the currency, "share" for shares), base, other, difference (other less
    base), percent (the difference as a share of the base; missing where that is 0, and of shares), weight (what the difference is worth, about, in
    money: quantities count with the mean price of their material's offers, starts with the project's cost), part (the part of the cost, "" for other
    lines). A figure that one plan does not have counts as 0 there.
    Raise ValueError where the plans are in different currencies.
    """
    if base.case.settings.currency != other.case.settings.currency:
        raise ValueError("The plans are in different currencies.")
    ours, theirs = ({(line.group, line.what, line.unit): line for line in lines_of(plan)} for plan in (base, other))
    rows = []
    for key in dict.fromkeys([*ours, *theirs]):
        line = ours.get(key) or theirs[key]
        a, b = (float(side[key].value) if key in side else 0.0 for side in (ours, theirs))
        worth = max(side[key].worth for side in (ours, theirs) if key in side)
        difference = b - a if abs(b - a) > NOTHING * max(abs(a), abs(b)) else 0.0
        share = difference / abs(a) if a and line.unit != "share" else None
        part = line.names[0] if line.group == COST else ""
        rows.append((line.group, line.what, line.material, line.unit, a, b, difference, share, abs(difference) * worth, part))
    columns = ["group", "what", "material", "unit", "base", "other", "difference", "percent", "weight", "part"]
    found = pd.DataFrame(rows, columns=columns).astype({"percent": float})
    return found.sort_values("weight", ascending=False, kind="stable", ignore_index=True)


def in_words(found: pd.DataFrame, base: Plan, other: Plan, names: tuple[str, str]) -> str:
    """Say what the other plan costs more or less, which parts of the cost make the difference, and which decisions differ most.

    found: of `differences`; names: what the base and the other plan are called.
    """
    currency, (a, b) = base.case.settings.currency, (plan.case.settings for plan in (base, other))
    more = other.expected_cost - base.expected_cost
    costs = found[(found["group"] == COST) & (found["difference"] != 0)]
    if _same(more, base.expected_cost):
        total = f"{names[1]} costs on average as much as {names[0]}"
    else:
        share = f" ({percent(abs(more / base.expected_cost))})" if base.expected_cost else ""
        total = f"{names[1]} costs on average {money(abs(more), currency)}{share} {_more(more)} than {names[0]}"
    largest = costs["difference"].abs().max() if len(costs) else 0.0
    named = costs[costs["difference"].abs() >= NAMED * largest].head(MOST_NAMED)
    parts = [part_in_words(part, more, currency) for part, more in zip(named["part"], named["difference"])]
    worst = other.cvar - base.cvar
    alike = a.cvar_level == b.cvar_level > 0 and not _same(worst, base.cvar)
    risk = f"; in {worst_futures(a.cvar_level)} it costs {money(abs(worst), currency)} {_more(worst)}" if alike else ""
    return f"{total}{': ' if parts else ''}{', '.join(parts)}{risk}. {_decided(found)}{_caution(base, other)}"


def _caution(base: Plan, other: Plan) -> str:
    """Say that totals over different stretches of time, or discounted differently, do not compare; an empty text where they do."""
    whole = [(plan.case.calendar.labels[0], plan.case.calendar.labels[-1]) for plan in (base, other)]
    if whole[0] != whole[1]:
        return f" The plans cover different times ({' to '.join(whole[0])}, and {' to '.join(whole[1])}), so that their totals do not compare."
    if base.case.settings.discount_rate != other.case.settings.discount_rate:
        return " Their costs are discounted at different rates, so that their totals do not compare."
    return ""


def reasons(found: pd.DataFrame, base: Plan, other: Plan, regret: pd.DataFrame) -> list[str]:
    """Return the reasons that the study of regret gives for those decisions of the other plan that differ, the weightiest first.

    regret: the other plan's table of that name.
    """
    names = {(line.group, line.what): line.names for plan in (base, other) for line in lines_of(plan) if line.names}
    known = {name for s in other.case.offers for name in (s.supplier, s.material)} | {p.project for p in other.case.projects}
    differ = found[(found["difference"] != 0) & found["group"].isin([CONTRACT, PROJECT, STOCK])]
    said: list[str] = []
    for key in zip(differ["group"], differ["what"]):
        kinds = zip(regret["kind"], regret["decision"])
        about = [kind.startswith(key[0]) and all(_names(decision, name, known) for name in names[key]) for kind, decision in kinds]
        mine = regret[np.array(about, dtype=bool)]
        said += [words for words in mine["words"] if words not in said]
    return said


def _names(words: str, name: str, known: Collection[str]) -> bool:
    """Return whether a sentence names exactly this supplier, material or project, and not only one of those known whose longer name holds it."""
    for longer in known:
        if name in longer and name != longer:
            words = words.replace(longer, "")
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words) is not None


def _same(difference: float, of: float) -> bool:
    return abs(difference) <= NOTHING * abs(of)


def _more(difference: float) -> str:
    return "more" if difference > 0 else "less"


def _decided(found: pd.DataFrame) -> str:
    """Name the decisions that differ most."""
    decided = found[found["group"].isin([CONTRACT, PROJECT, STOCK]) & (found["difference"] != 0)]
    if decided.empty:
        return "Contracts, projects and largest stocks are the same."
    head = decided.head(MOST_NAMED)
    said = [_change(*row) for row in zip(head["what"], head["unit"], head["base"], head["other"])]
    others = len(decided) - len(said)
    return f"What is decided differs most in this: {'; '.join(said)}{f'; and {others:,} more' if others else ''}."


def _change(what: str, unit: str, before: float, after: float) -> str:
    """Say how one decision differs."""
    said_before, said_after = (percent(value) if unit == "share" else f"{order_quantity(value)} {unit}" for value in (before, after))
    return f"{what}: {said_after} in place of {said_before}"
