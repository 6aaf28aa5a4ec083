"""The figures of a plan that a board asks for first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from optimizer.plan.explain import figure, money, percent, unavoidable, worst_futures
from optimizer.plan.solved import SolvedCase
from optimizer.schema.costs import listed

NEGLIGIBLE = 1e-6
"""A part of the cost below this share of it is not named."""

IN_A_SUM = 1e-3
"""A penalty or income below this share of the cost is not named in a sentence: amounts of three digits add up without it."""


@dataclass(frozen=True, slots=True)
class Headline:
    """One figure of a plan.

    label: what it is called; kind: money, share or days; text: the number as people write it; meaning: a sentence on what it is.
    value: the bare number, None without one.
    """

    name: str
    label: str
    kind: str
    text: str
    meaning: str
    value: float | None = None


def headlines(plan: SolvedCase) -> tuple[Headline, ...]:
    """List total expected cost and its parts, cash and losses from shortage; the cost in the worst futures; then the chance of a
    shortage, the budget used, days of cover.
    """
    s, labels = plan.case.settings, plan.case.calendar.labels
    used, of_budget = fullest_budget(plan.tables["budget"])
    days, where = days_of_cover(plan.tables["cover"])

    def amount(name: str, label: str, value: float, meaning: str) -> Headline:
        return Headline(name, label, "money", money(value, s.currency), meaning, value)

    whole = f"{labels[0]} to {labels[-1]}, discounted"
    return (
        amount("expected_cost", "Total expected cost", plan.expected_cost, f"Mean over all futures, {whole}: {_made_of(plan)}."),
        amount("expected_cash", "of which cash", plan.expected_cash, f"{listed().capitalize()}: what is paid. By year on the sheet Costs by year."),
        amount("shortage_losses", "of which losses from shortage", plan.shortage_losses, "Shortages at their shortage costs. Nobody pays them in cash."),
        amount(
            "cvar",
            f"Cost in {worst_futures(s.cvar_level)}",
            plan.cvar,
            f"The same total, {whole}, on average in those futures (CVaR): of the whole horizon, not of one year.{_worst_of_both(plan)}",
        ),
        *_tail(plan),
        Headline(
            "probability_of_shortage", "Chance of a shortage", "share", percent(plan.probability_of_shortage), _chance(plan), plan.probability_of_shortage
        ),
        Headline("budget_used", "Budget used", "share", "no limit" if used is None else percent(used), of_budget, used),
        Headline("cover_days", "Days of cover", "days", "none" if days is None else f"{figure(days)} days", where, days),
    )


def _worst_of_both(plan: SolvedCase) -> str:
    """Say, where there is a tail, by what the worst futures are known."""
    return " They are those that cost most in the horizon and beyond it together." if plan.case.settings.tail_periods else ""


def _tail(plan: SolvedCase) -> Iterator[Headline]:
    """Yield the cost of what is planned for beyond the horizon, where there is any."""
    s = plan.case.settings
    if not s.tail_periods:
        return
    first, last = (plan.case.calendar.label(t) for t in (s.periods, s.periods + s.tail_periods - 1))
    when = first if first == last else f"{first} to {last}"
    meaning = f"Mean over all futures, {when}, discounted: beyond the horizon. It counts in what the plan minimises, and in no other figure."
    yield Headline(
        "tail_expected_cost", "Expected cost beyond the horizon", "money", money(plan.tail_expected_cost, s.currency), meaning, plan.tail_expected_cost
    )


def _made_of(plan: SolvedCase) -> str:
    """Say which parts the total has beside cash and losses from shortage."""
    parts = ["cash", "losses from shortage"]
    parts += ["penalties for limits not kept"] if _notable(plan, "penalties") else []
    return f"{', '.join(parts[:-1])} and {parts[-1]}{_less(plan)}"


def _beside_cash(plan: SolvedCase) -> str:
    """Say with their amounts which parts the total has beside cash, so that a reader can add it up."""
    words = {"shortage": ("losses from shortage of {}", NEGLIGIBLE), "penalties": ("penalties of {} for limits not kept", IN_A_SUM)}
    parts = [text.format(money(cost, plan.case.settings.currency)) for part, (text, least) in words.items() if (cost := _notable(plan, part, least))]
    return f"{''.join(f', {part}' for part in parts[:-1])}{f' and {parts[-1]}' if parts else ''}{_less(plan, IN_A_SUM)}"


def _less(plan: SolvedCase, least: float = NEGLIGIBLE) -> str:
    """Say which income the total is less by, and how much; an empty text for none. least: see _notable."""
    gains = {"sales": "what sales bring", "salvage": "the value of what is left"}
    less = [f"{words} ({money(-cost, plan.case.settings.currency)})" for part, words in gains.items() if (cost := _notable(plan, part, least))]
    return f", less {' and '.join(less)}" if less else ""


def _notable(plan: SolvedCase, part: str, least: float = NEGLIGIBLE) -> float:
    """Return the expected amount of a part of the cost, 0 where it is no more than the share `least` of the total."""
    costs = plan.tables["costs"].set_index("part")["expected"]
    amount = float(costs.get(part, 0.0))
    return amount if abs(amount) > least * abs(plan.expected_cost) else 0.0


def _chance(plan: SolvedCase) -> str:
    """Say what the chance of a shortage counts, and how much of it no decision can avoid."""
    return f"Share of futures in which any demand goes short, be it by little. {unavoidable(plan)}".strip()


def fullest_budget(budget: pd.DataFrame) -> tuple[float | None, str]:
    """Return the share used of the fullest budget row of the reference path, None without a budget, and which row it is. Of a budget of 0 all is used."""
    if budget.empty:
        return None, "No budget is set."
    rows = budget[budget["amount"] + budget["carried"] > 0]
    if rows.empty:
        return 1.0, "Every budget is 0: nothing may be spent."
    shares = rows["spent"] / (rows["amount"] + rows["carried"])
    fullest = rows.loc[shares.idxmax()]
    of_what = ("" if fullest["category"] == "all" else f" for {fullest['category']}") + (f" of {fullest['material']}" if fullest["material"] else "")
    most = fullest["fullest"]
    return float(shares.max()), f"Fullest budget, {fullest['fiscal_year']}{of_what}, on the reference path; {most:.0%} in the fullest future."


def days_of_cover(cover: pd.DataFrame) -> tuple[float | None, str]:
    """Return the mean days of cover on the reference path of the material that has the least, None without demand, and which material it is.

    The mean, because every plan runs its stock down towards the end of the horizon: the lowest of all days is nearly always 0.
    """
    days = cover.groupby("material", sort=False)["cover_days"].mean().dropna()
    if days.empty:
        return None, "No demand to cover."
    which = f"Of {days.idxmin()}, which has the least" if len(days) > 1 else f"Of {days.index[0]}"
    return float(days.min()), f"{which}: mean over the periods' ends, on the reference path."


def answer(plan: SolvedCase) -> list[str]:
    """Write the plan in a few sentences: what to do now, what to hold, what it costs, what may still go wrong."""
    s, labels = plan.case.settings, plan.case.calendar.labels
    bad = f"; in {worst_futures(s.cvar_level)} the total is {money(plan.cvar, s.currency)}" if s.cvar_level > 0 else ""
    return [
        f"{_now(plan)}.",
        _held(plan),
        f"From {labels[0]} to {labels[-1]} that takes {money(plan.expected_cash, s.currency)} in cash on average{_beside_cash(plan)}, discounted{bad}.",
        _risk(plan),
    ]


def _now(plan: SolvedCase) -> str:
    """Say what is decided now, in one clause each."""
    contracts, projects, orders = (plan.tables[name] for name in ("contracts", "projects", "orders"))
    first, parts = plan.case.calendar.label(0), []
    if count := len(contracts):
        suppliers = contracts["supplier"].nunique()
        parts.append(f"sign {_counted(count, 'contract')} with {_counted(suppliers, 'supplier')}")
    if started := projects.loc[projects["start"].notna(), "project"].tolist():
        parts.append(f"start {_counted(len(started), 'project')} ({_first_of(started)})")
    waiting = projects[projects["if"].notna()]
    if started := [f"{project} once {condition} is in force" for project, condition in zip(waiting["project"], waiting["if"])]:
        parts.append(f"start {_first_of(started)}")
    now = orders[orders["period"] == first]
    if len(now):
        parts.append(f"order {money(float(now['cost'].sum()), plan.case.settings.currency)} of material in {first}")
    words = parts or [f"sign nothing, start nothing and order nothing in {first}"]
    text = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    return text[0].upper() + text[1:]


def _first_of(names: list[str], most: int = 3) -> str:
    """List the first names and count the others."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _held(plan: SolvedCase) -> str:
    """Say the longest cover that the plan builds on the likeliest course of events."""
    cover = plan.tables["cover"]
    days = cover["cover_days"]
    if not (cover["quantity"] > 0).any():
        return "Hold no stock."
    if days.isna().all():
        return "Hold stock, though nothing is needed of it within the horizon."
    peak = cover.loc[days.idxmax()]
    return (
        f"Hold stock of up to {figure(peak['cover_days'])} days of demand "
        f"({peak['material']}, {figure(peak['quantity'])} {peak['unit']} at the end of {peak['period']})."
    )


def _risk(plan: SolvedCase) -> str:
    """Say how likely a shortage is, and what goes short first."""
    if plan.probability_of_shortage <= 0:
        return "Nothing goes short in any of the futures."
    worst = plan.tables["fill_rate"].sort_values("fill_rate").iloc[0]
    return (
        f"In {percent(plan.probability_of_shortage)} of futures something goes short, most of all {worst['material']} for {worst['use']}, "
        f"of which {percent(worst['fill_rate'])} is met on average. {unavoidable(plan)}"
    ).strip()


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"
