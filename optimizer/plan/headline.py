"""The five figures of a plan that a board asks for first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from optimizer.plan.explain import figure, money, percent
from optimizer.workbook.summary import days_of_cover, fullest_budget

if TYPE_CHECKING:
    from optimizer.plan.plan import Plan


@dataclass(frozen=True, slots=True)
class Headline:
    """One figure: what it is called, its number as people write it, and what it means. value: the bare number, None without one."""

    name: str
    label: str
    text: str
    meaning: str
    value: float | None = None


def headlines(plan: Plan) -> tuple[Headline, ...]:
    """Total expected cost, cost of a bad year, chance of a shortage, budget used, days of cover."""
    s = plan.case.settings
    worst = f"the worst {percent(1 - s.cvar_level)} of futures" if s.cvar_level > 0 else "all futures"
    used, of_budget = fullest_budget(plan.tables["budget"])
    days, where = days_of_cover(plan.tables["cover"])
    some_budget, some_cover = not isinstance(used, str), not isinstance(days, str)
    return (
        Headline("expected_cost", "Total expected cost", money(plan.expected_cost, s.currency),
                 "Over the whole horizon, mean over all futures, shortages included, discounted.", plan.expected_cost),
        Headline("cvar", "Cost of a bad year", money(plan.cvar, s.currency), f"CVaR: what {worst} cost on average.", plan.cvar),
        Headline("probability_of_shortage", "Chance of a shortage", percent(plan.probability_of_shortage),
                 "Share of futures in which some demand goes short.", plan.probability_of_shortage),
        Headline("budget_used", "Budget used", percent(used) if some_budget else "no limit", of_budget, float(used) if some_budget else None),
        Headline("cover_days", "Days of cover", f"{figure(days)} days" if some_cover else "none", where, float(days) if some_cover else None),
    )


def answer(plan: Plan) -> list[str]:
    """The plan in a few sentences: what to do now, what to hold, what it costs, what may still go wrong."""
    s, labels = plan.case.settings, plan.case.calendar.labels
    bad = f", {money(plan.cvar, s.currency)} in a bad year (the worst {percent(1 - s.cvar_level)} of futures)" if s.cvar_level > 0 else ""
    return [
        f"{_now(plan)}.", _held(plan),
        f"From {labels[0]} to {labels[-1]} that costs {money(plan.expected_cost, s.currency)} on average{bad}.", _risk(plan),
    ]


def _now(plan: Plan) -> str:
    """What is decided now, in one clause each."""
    contracts, projects, orders = (plan.tables[name] for name in ("contracts", "projects", "orders"))
    first, parts = plan.case.calendar.label(0), []
    if count := len(contracts):
        suppliers = contracts["supplier"].nunique()
        parts.append(f"sign {_counted(count, 'contract')} with {_counted(suppliers, 'supplier')}")
    started = projects.loc[projects["start"].notna(), "project"].tolist()
    if started:
        more = f" and {len(started) - 3} more" if len(started) > 3 else ""
        parts.append(f"start {_counted(len(started), 'project')} ({', '.join(started[:3])}{more})")
    now = orders[orders["period"] == first]
    if len(now):
        parts.append(f"order {money(float(now['cost'].sum()), plan.case.settings.currency)} of material in {first}")
    words = parts or [f"sign nothing, start nothing and order nothing in {first}"]
    text = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    return text[0].upper() + text[1:]


def _held(plan: Plan) -> str:
    """The longest cover that the plan builds on the likeliest course of events."""
    cover = plan.tables["cover"]
    days = cover["cover_days"].astype(float)
    if not (cover["quantity"] > 0).any():
        return "Hold no stock."
    if days.isna().all():
        return "Hold stock, though nothing is needed of it within the horizon."
    peak = cover.loc[days.idxmax()]
    return (f"Hold stock of up to {figure(peak['cover_days'])} days of demand "
            f"({peak['material']}, {figure(peak['quantity'])} {peak['unit']} at the end of {peak['period']}).")


def _risk(plan: Plan) -> str:
    """How likely a shortage is, and what goes short first."""
    if plan.probability_of_shortage <= 0:
        return "Nothing goes short in any of the futures."
    worst = plan.tables["fill_rate"].sort_values("fill_rate").iloc[0]
    return (f"In {percent(plan.probability_of_shortage)} of futures something goes short, most of all {worst['material']} for {worst['use']}, "
            f"of which {percent(worst['fill_rate'])} is met on average.")


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"
