"""A case that goes on beyond its horizon: what its workbook says of the periods after it, and where it says nothing, its last year again.

What the workbook says of the years after its horizon holds. Where it says nothing, the last year goes on: quantities by period and budgets are
repeated, and limits, duties and rules whose last period is that of the horizon go on. Growth of demand and prices, disruptions, and contracts
without an end go on by themselves. What the case promises on average or of a year, it promises of its horizon and of what lies beyond it, each by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import ceil
from typing import Any, TypeVar

from optimizer.calendar import Calendar
from optimizer.case import BudgetRow, Case, Demand
from optimizer.schema.figures import money

Row = TypeVar("Row")

AS_MUCH_AS_A_YEAR = 0.9
"""A budget for a part of a year that is this share of a whole year's counts as a whole year's; checks of the workbook warn of it from there, too."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """What holds in the years after the horizon. where: the sheet and the row that it comes from."""

    where: str
    words: str


def with_tail(case: Case) -> Case:
    """Return a case as it is solved: with the periods beyond its horizon that its setting tail_periods asks for. It stays as it is where that is 0."""
    return lengthened(case, case.settings.tail_periods)[0] if case.settings.tail_periods else case


def lengthened(case: Case, periods: int) -> tuple[Case, list[Assumption]]:
    """Return a case that goes on for so many periods beyond its horizon, and what it assumes of these beyond what its rows say, a sentence each.

    ValueError for a case that goes on already.
    """
    if case.settings.horizon is not None:
        raise ValueError("The case goes on beyond its horizon already.")
    calendar = case.calendar
    later = replace(calendar, periods=calendar.periods + periods, horizon=calendar.periods)
    last, end = calendar.label(calendar.periods - 1), later.label(later.periods - 1)
    told = [
        Assumption(
            "Settings",
            f"What is planned for ends with {end} in place of {last}. Demand and prices go on by their yearly growth, disruptions begin and end as likely as "
            "before, and what has no last period goes on.",
        )
    ]
    demand, budget = tuple(_demand(row, calendar, later, told) for row in case.demand), _budget(case, later, told)
    limits = _going_on("Limits", "limit", case.limits, calendar, told)
    duties = _going_on("Duties", "duty", case.duties, calendar, told)
    rules = _going_on("Origin rules", "rule", case.origin_rules, calendar, told)
    told += _as_written(case, later)
    longer = case.with_settings(periods=later.periods, tail_periods=0, horizon=calendar.periods)
    return replace(longer, demand=demand, budget=budget, limits=limits, duties=duties, origin_rules=rules), told


def a_year(calendar: Calendar) -> int:
    """Return the periods of a year."""
    return 12 // calendar.months


def _demand(row: Demand, calendar: Calendar, later: Calendar, told: list[Assumption]) -> Demand:
    """Return a row of Demand that repeats the quantities by period of its last year; of its whole horizon, where that is shorter than a year.

    A quantity that is known of a period beyond the horizon stays: a workbook states none, a case made in Python may.
    """
    step = min(a_year(calendar), calendar.periods)
    source = {t: t - step * ceil((t - calendar.periods + 1) / step) for t in range(calendar.periods, later.periods)}
    repeated = {t: row.by_period[s] for t, s in source.items() if s in row.by_period and t not in row.by_period}
    if not repeated:
        return row
    told.append(
        Assumption(f"Demand, row {row.row}", f"{row.material} for {row.use}: the quantities that the last year has by period are repeated, without growth.")
    )
    return replace(row, by_period={**row.by_period, **repeated})


def _budget(case: Case, later: Calendar, told: list[Assumption]) -> tuple[BudgetRow, ...]:
    """Return the rows of Budget, with those of the last fiscal year repeated in the years for which the sheet has none of the same kind.

    Of a fiscal year that lies in the horizon in part, a row counts as the budget of that part and stays so; what is left of the year has a budget at the
    same rate. But where a row is about as much as one of a whole year, it is that of the whole year.
    """
    calendar = case.calendar
    whole, last = a_year(calendar), calendar.fiscal_years[-1]
    inside = {year: len(calendar.periods_in(year)) for year in calendar.fiscal_years}
    known = {(row.fiscal_year, row.scope) for row in case.budget}
    rows: list[BudgetRow] = []
    for row in case.budget:
        if row.fiscal_year != last:
            rows.append(row)
            continue
        full = [other.amount for other in case.budget if other.scope == row.scope and inside.get(other.fiscal_year) == whole]
        whole_year = inside[last] == whole or (bool(full) and row.amount >= AS_MUCH_AS_A_YEAR * min(full) > 0)
        yearly = row.amount if whole_year else row.amount * whole / inside[last]
        years = [year for year in later.fiscal_years if year > last and (year, row.scope) not in known]
        amounts = {year: yearly * min(1.0, len(later.periods_in(year)) / whole) for year in years}
        left = len(later.periods_in(last)) - inside[last]
        split = bool(left) and not whole_year
        rows.append(replace(row, beyond=False) if split else row)
        rows += [replace(row, amount=yearly * left / whole, beyond=True)] if split else []
        rows += [replace(row, fiscal_year=year, amount=amount) for year, amount in amounts.items()]
        told += _budget_told(case, row, amounts, inside[last], yearly, split)
    return tuple(rows)


def _budget_told(case: Case, row: BudgetRow, amounts: dict[int, float], inside: int, yearly: float, split: bool) -> Iterator[Assumption]:
    """Say how a row of Budget goes on, if it does. amounts: of the years after its own. split: whether the rest of its year has a budget of its own."""
    currency, whole = case.settings.currency, a_year(case.calendar)
    what = f"{row.category}, {', '.join(row.material)}" if row.material else row.category
    where = f"Budget, row {row.row}"
    if yearly != row.amount and (split or amounts):
        yield Assumption(
            where,
            f"{what}: {money(row.amount, currency)} for the {inside} of {whole} periods of {row.fiscal_year} in the horizon goes on at the same rate, "
            f"{money(yearly, currency)} a whole year.",
        )
    elif amounts:
        years = [str(year) for year in amounts]
        yield Assumption(where, f"{what}: {money(yearly, currency)} a year, as in {row.fiscal_year}, is allowed in {' and in '.join(years)}, too.")


def _going_on(sheet: str, name: str, rows: tuple[Row, ...], calendar: Calendar, told: list[Assumption]) -> tuple[Row, ...]:
    """Return rows of which those that end with the horizon go on, where no later row of the same name takes their place."""
    end = calendar.periods - 1
    records: tuple[Any, ...] = rows
    begins_later = {getattr(row, name) for row in records if row.start is not None and row.start > end}
    goes_on = [row.end == end and getattr(row, name) not in begins_later for row in records]
    for row, does in zip(records, goes_on, strict=True):
        if does:
            told.append(Assumption(f"{sheet}, row {row.row}", f"{getattr(row, name)}: it ends with the horizon, in {calendar.label(end)}, and goes on."))
    return tuple(replace(row, end=None) if does else row for row, does in zip(records, goes_on, strict=True))


def _as_written(case: Case, later: Calendar) -> Iterator[Assumption]:
    """Yield the dates of rows that change something in the years after the horizon: what ends with it, as written, and what begins then."""
    calendar = case.calendar
    end = calendar.periods - 1
    for offer in case.offers:
        if offer.contract_to == end:
            yield Assumption(f"Suppliers, row {offer.row}", f"The contract with {offer.name} ends in {calendar.label(end)}, as written.")
    for project in case.projects:
        if project.latest_start == end:
            yield Assumption(f"Projects, row {project.row}", f"{project.project} cannot start after {calendar.label(end)}, as written.")
    if case.scenarios and case.settings.scenario_method in ("auto", "listed"):
        yield Assumption("Scenarios", "Nothing happens in the years after the horizon but what the sheet lists.")
    dated: tuple[tuple[str, str, Iterable[Any]], ...] = (
        ("Inventory", "arrives", case.inventory),
        ("Inventory", "ships", case.inventory),
        ("Suppliers", "available_from", case.offers),
        ("Suppliers", "contract_from", case.offers),
        ("Demand", "allowed_origins_from", case.demand),
        ("Limits", "start", case.limits),
        ("Duties", "start", case.duties),
        ("Offer changes", "start", case.offer_changes),
        ("Origin rules", "start", case.origin_rules),
        ("Substitutes", "start", case.substitutes),
        ("Projects", "earliest_start", case.projects),
        ("Disruptions", "decision_date", case.disruptions),
        ("Scenarios", "starts", case.scenarios),
    )
    for sheet, field, rows in dated:
        for row in rows:
            t = getattr(row, field)
            if t is not None and end < t < later.periods:
                yield Assumption(f"{sheet}, row {row.row}", f"What the row dates {calendar.label(t)}, after the horizon as it is, counts in the longer one.")
