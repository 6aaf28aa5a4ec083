"""Warnings on dates, lead times, fiscal years and budgets. Each docstring is the planner's message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from optimizer.case import Case
from optimizer.intake.cells.parse import listed
from optimizer.intake.checks.rules import Finding, WorkbookRead, at
from optimizer.intake.checks.supply import possible_starts, unavoidable_shortages
from optimizer.intake.checks.suspicious_events import are_listed
from optimizer.intake.checks.suspicious_figures import far_demands

Findings = Iterator[Finding]

EVERYTHING = ("all", frozenset[str]())
"""What a row of Budget counts that names neither category nor materials."""

_AS_MUCH = 0.9
"""A budget for a part of a year that is this share of a whole year's looks like a whole year's."""


def begins_after_horizon(book: WorkbookRead, case: Case) -> Findings:
    """{column} lies after the horizon, which ends with {last}, so it has no effect. Expected a date before that. Correct it, or
    lengthen the horizon."""
    dated = [
        ("Inventory", "arrives", "arrives", case.inventory),
        ("Inventory", "ships", "ships", case.inventory),
        ("Suppliers", "available_from", "available_from", case.offers),
        ("Demand", "allowed_origins_from", "allowed_origins_from", case.demand),
        ("Limits", "from", "start", case.limits),
        ("Duties", "from", "start", case.duties),
        ("Offer changes", "from", "start", case.offer_changes),
        ("Origin rules", "from", "start", case.origin_rules),
        ("Substitutes", "from", "start", case.substitutes),
        ("Projects", "earliest_start", "earliest_start", case.projects),
        ("Scenarios", "starts", "starts", case.scenarios) if are_listed(case) else ("Disruptions", "decision_date", "decision_date", case.disruptions),
    ]
    calendar = case.calendar
    for sheet, column, attribute, records in dated:
        for row in records:
            t = getattr(row, attribute)
            if t is not None and t >= calendar.periods + case.settings.tail_periods:
                yield at(sheet, row.row, column, column=column, last=calendar.label(calendar.periods + case.settings.tail_periods - 1))


def over_before_horizon(book: WorkbookRead, case: Case) -> Findings:
    """{disruption} is over before the horizon begins, so it has no effect. Expected an end inside it. Correct starts or
    duration_months."""
    for row in case.scenarios if are_listed(case) else ():
        if row.starts is not None and row.starts + case.calendar.periods_of(row.duration_months) <= 0:
            yield at("Scenarios", row.row, "starts", disruption=row.disruption)


def limit_without_period(book: WorkbookRead, case: Case) -> Findings:
    """{limit} holds in no period: it ends before {what}. Expected from and to with a period between them. Correct to."""
    for row in case.limits:
        if row.end is not None and row.end < max(row.start or 0, 0):
            yield at("Limits", row.row, "to", limit=row.limit, what="the horizon" if row.end < 0 else "it begins")


def minimum_above_maximum(book: WorkbookRead, case: Case) -> Findings:
    """minimum {low} of {limit} is above its maximum {high}. Expected a minimum of at most the maximum. Exchange or correct them."""
    for row in case.limits:
        if row.minimum is not None and row.maximum is not None and row.minimum > row.maximum:
            yield at("Limits", row.row, "minimum", limit=row.limit, low=row.minimum, high=row.maximum)


def lead_past_horizon(book: WorkbookRead, case: Case) -> Findings:
    """{name} takes {months} months: what starts as early as it can is ready after the horizon. Expected a lead time that ends inside
    it. Correct lead_time_months, or lengthen the horizon."""
    calendar = case.calendar
    for offer in case.offers:
        first = max(0, offer.available_from or 0)
        if first < calendar.periods and first + calendar.periods_of(offer.lead_time_months) >= calendar.periods + case.settings.tail_periods:
            yield at("Suppliers", offer.row, "lead_time_months", name=offer.name, months=offer.lead_time_months)
    for project in case.projects:
        starts = possible_starts(calendar, project)
        if starts and starts[0] + calendar.periods_of(project.lead_time_months) >= calendar.periods + case.settings.tail_periods:
            yield at("Projects", project.row, "lead_time_months", name=project.project, months=project.lead_time_months)


def no_possible_start(book: WorkbookRead, case: Case) -> Findings:
    """{project} cannot start: no first period of the horizon or of a fiscal year lies between its earliest and its latest start. Expected one of
    {starts}. Correct earliest_start or latest_start."""
    calendar = case.calendar
    for row in case.projects:
        if row.decided == "open" and not possible_starts(calendar, row) and not row.may_wait_for:
            starts = ", ".join(calendar.label(t) for t in range(calendar.periods) if calendar.opens_year(t))
            column = "earliest_start" if row.latest_start is None else "latest_start"
            yield at("Projects", row.row, column, project=row.project, starts=starts)


def shorter_than_period(book: WorkbookRead, case: Case) -> Findings:
    """{column} is shorter than a period ({period} months) in {rows}, so it counts as a whole one. Expected at least a period, or 0
    for a lead time. Choose shorter periods if it matters."""
    months = case.calendar.months
    timed = [
        ("Materials", "shelf_life_months", case.materials),
        ("Suppliers", "lead_time_months", case.offers),
        ("Suppliers", "ships_after_months", case.offers),
        ("Projects", "lead_time_months", case.projects),
        ("Scenarios", "duration_months", case.scenarios) if are_listed(case) else ("Disruptions", "mean_duration_months", case.disruptions),
    ]
    for sheet, column, records in timed:
        rows = [row.row for row in records if 0 < (getattr(row, column) or 0) < months]
        if rows:
            yield at(sheet, rows[0], column, column=column, period=months, rows=f"row{'s' if rows[1:] else ''} {listed(rows)}")


def budget_outside_horizon(book: WorkbookRead, case: Case) -> Findings:
    """The fiscal year {year} does not touch the horizon, so its budget has no effect. Expected one of {years}. Correct the year, or
    delete the row."""
    years = replace(case.calendar, periods=case.calendar.periods + case.settings.tail_periods).fiscal_years
    for row in case.budget:
        if row.fiscal_year not in years:
            yield at("Budget", row.row, "fiscal_year", year=str(row.fiscal_year), years=", ".join(map(str, years)))


def year_without_budget(book: WorkbookRead, case: Case) -> Findings:
    """{years} no row{category}, although other years have one, so spending {then} is not limited. Expected a row for each fiscal year
    of the horizon, {first} to {last}. Add {rows}, or leave it if no limit is meant."""
    horizon = case.calendar.fiscal_years
    every = {row.fiscal_year for row in case.budget if row.category == "all" and not row.material}
    for scope in dict.fromkeys(row.scope for row in case.budget):
        rows, category = [row for row in case.budget if row.scope == scope and row.fiscal_year in horizon], scope[0]
        missing = [year for year in horizon if year not in {row.fiscal_year for row in rows} and (scope == EVERYTHING or year not in every)]
        if not rows or not missing:
            continue
        before = [row for row in rows if row.fiscal_year < missing[0]]
        place = max(before, key=lambda row: row.fiscal_year) if before else rows[0]
        years = f"The fiscal year{'s' * (len(missing) > 1)} {listed(missing)} {'has' if len(missing) == 1 else 'have'}"
        yield at(
            "Budget",
            place.row,
            "fiscal_year",
            years=years,
            category=("" if category == "all" else f" for {category}") + (f" of {listed(place.material)}" if place.material else ""),
            first=str(horizon[0]),
            last=str(horizon[-1]),
            then="then" if len(missing) == 1 else "in them",
            rows="a row" if len(missing) == 1 else "rows",
        )


def whole_budget_for_a_part(book: WorkbookRead, case: Case) -> Findings:
    """{amount} for the fiscal year {year} is as much as for a whole year, but only {inside} of its {whole} periods lie in the horizon.
    Expected what may be spent inside the horizon. Lower it to that part, or leave it if all of it may be spent then."""
    calendar = case.calendar
    whole = 12 // calendar.months
    inside = {year: len(calendar.periods_in(year)) for year in calendar.fiscal_years}
    for row in case.budget:
        full = [other.amount for other in case.budget if other.scope == row.scope and inside.get(other.fiscal_year) == whole]
        if 0 < inside.get(row.fiscal_year, 0) < whole and full and row.amount >= _AS_MUCH * min(full) > 0:
            yield at("Budget", row.row, "amount", amount=f"{row.amount:,.15g}", year=str(row.fiscal_year), inside=inside[row.fiscal_year], whole=whole)


def quarters_across_years(book: WorkbookRead, case: Case) -> Findings:
    """Fiscal years begin in month {month}, inside a quarter: {label} begins in {year} and ends in the next, and all of it counts into
    {year}. Expected a fiscal year that begins with a quarter, in month 1, 4, 7 or 10. Set period to month, or correct
    fiscal_year_start_month."""
    month = case.settings.fiscal_year_start_month
    if case.settings.period == "quarter" and month % 3 != 1:
        t = next(t for t in range(4) if (month - case.calendar.first_day(t).month) % 12 in (1, 2))
        yield at("Settings", 0, "fiscal_year_start_month", month=month, label=case.calendar.label(t), year=str(case.calendar.fiscal_year(t)))


def must_go_short(book: WorkbookRead, case: Case) -> Findings:
    """{use} must go short of {short} {unit} of {material} by the end of {period}, whatever is decided: {needed} are needed until then and
    {supply} can be there. Expected stock, open orders or offers that cover the first needs. Check lead times, available_from, capacities
    and Inventory, or accept it."""
    units = {row.material: row.unit for row in case.materials}
    slips = {far.key.row for far, _ in far_demands(case)}  # a demand that is a slip is said to be one
    for found in unavoidable_shortages(case):
        row = found.demand
        if row.row in slips:
            continue
        facts = {"short": found.short, "needed": found.needed, "supply": found.supply}
        yield at(
            "Demand",
            row.row,
            "use",
            use=row.use,
            material=row.material,
            unit=units[row.material],
            period=case.calendar.label(found.period),
            **{name: f"{value:,.6g}" for name, value in facts.items()},
        )


RULES = (
    begins_after_horizon,
    over_before_horizon,
    limit_without_period,
    minimum_above_maximum,
    lead_past_horizon,
    no_possible_start,
    shorter_than_period,
    budget_outside_horizon,
    year_without_budget,
    whole_budget_for_a_part,
    quarters_across_years,
    must_go_short,
)
