"""The periods beyond the horizon, in a second reading of docs/workbook.md: what holds there where the sheets say nothing, and which periods a budget counts.

Nothing here is shared with the product but the records of a case and its calendar, as in `written_out.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from optimizer.case import BudgetRow, Case

NEARLY_A_YEAR = 0.9
"""A budget of a part of a year that is this share of a whole year's is one of the whole year."""


def gone_on(case: Case) -> Case:
    """The case with its tail as a part of its horizon. Its budgets stay as they are: `budgets` says what they count."""
    end, tail = case.settings.periods, case.settings.tail_periods
    if not tail:
        return case
    year = min(12 // case.calendar.months, end)
    demand = []
    for row in case.demand:
        quantities = dict(row.by_period)
        for t in range(end, end + tail):
            same = next(s for s in range(end - year, end) if (t - s) % year == 0)
            if t not in quantities and same in row.by_period:
                quantities[t] = row.by_period[same]
        demand.append(replace(row, by_period=quantities))
    return replace(
        case.with_settings(periods=end + tail, tail_periods=0),
        demand=tuple(demand),
        limits=without_end(case.limits, "limit", end),
        duties=without_end(case.duties, "duty", end),
        origin_rules=without_end(case.origin_rules, "rule", end),
    )


def without_end(rows: Sequence[Any], name: str, horizon: int) -> tuple[Any, ...]:
    """Rows that end with the horizon go on, but where another of their name begins in the tail."""
    after = {getattr(row, name) for row in rows if row.start is not None and row.start >= horizon}
    return tuple(replace(row, end=None) if row.end == horizon - 1 and getattr(row, name) not in after else row for row in rows)


def budgets(case: Case) -> list[tuple[BudgetRow, float, list[int]]]:
    """Each budget: its row, its amount, and the periods that it counts. The rows of the horizon's last fiscal year go on in the tail."""
    within, every = case.settings.periods, range(case.settings.periods + case.settings.tail_periods)
    whole, last = 12 // case.calendar.months, case.calendar.fiscal_year(within - 1)
    periods_of: dict[int, list[int]] = {}
    for t in every:
        periods_of.setdefault(case.calendar.fiscal_year(t), []).append(t)

    def scope(row: BudgetRow) -> tuple[str, frozenset[str]]:
        return row.category, frozenset(row.material)

    def inside(year: int) -> list[int]:
        return [t for t in periods_of.get(year, []) if t < within]

    found: list[tuple[BudgetRow, float, list[int]]] = []
    for row in case.budget:
        if row.fiscal_year != last or not case.settings.tail_periods:
            found.append((row, row.amount, periods_of.get(row.fiscal_year, [])))
            continue
        full = [other.amount for other in case.budget if scope(other) == scope(row) and len(inside(other.fiscal_year)) == whole]
        yearly, mine, rest = row.amount, inside(last), [t for t in periods_of[last] if t >= within]
        if len(mine) == whole or (full and min(full) > 0 and row.amount >= NEARLY_A_YEAR * min(full)):
            mine, rest = mine + rest, []
        else:
            yearly = row.amount * whole / len(mine)
        found.append((row, row.amount, mine))
        if rest:
            found.append((row, yearly * len(rest) / whole, rest))
        stated = {other.fiscal_year for other in case.budget if scope(other) == scope(row)}
        for year in sorted(set(periods_of) - stated):
            if year > last:
                found.append((row, yearly * len(periods_of[year]) / whole, periods_of[year]))
    return [(row, amount, periods) for row, amount, periods in found if periods]
