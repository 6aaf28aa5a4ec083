"""Warnings on rows that change nothing, and on figures that stand alone in their kind. Each docstring is the planner's message.

A figure that has peers is compared with them (suspicious_figures.py). One that has none, such as the only duty, is held against what it acts on.
"""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.case import Case
from optimizer.intake.checks.rules import ROUNDING, Finding, WorkbookRead, at
from optimizer.intake.checks.supply import cheapest_prices, needed_in
from optimizer.intake.checks.suspicious_events import DURATIONS_APART, are_listed, named_events
from optimizer.intake.checks.suspicious_figures import far_demands, far_off

Findings = Iterator[Finding]

_SAME_EVERYWHERE = 100.0
"""A budget so many times below what the cheapest offers ask for a year's need is a slip of the unit: nobody plans for that."""
_DECADES = 240.0
"""From so many months on a disruption outlasts every plan: it may be counted in days."""


def disruption_without_effect(book: WorkbookRead, case: Case) -> Findings:
    """{disruption} changes nothing: all of the capacity remains, and prices, demand and lead times stay. Expected an effect, or a row that names
    it. Check capacity_remaining, or delete the row."""
    named = named_events(case)
    for row in case.disruptions:
        if row.harmless and row.disruption not in named:
            yield at("Disruptions", row.row, "disruption", disruption=row.disruption)


def disruption_never_begins(book: WorkbookRead, case: Case) -> Findings:
    """annual_probability of {disruption} is 0, and nothing else makes it begin. Expected a probability above 0. Correct it, or delete the row."""
    named = named_events(case)
    for row in () if are_listed(case) else case.disruptions:
        if row.disruption not in named and not (row.annual_probability or row.active_now or row.decision_probability or row.raised_probability):
            yield at("Disruptions", row.row, "annual_probability", disruption=row.disruption)


def duration_of_decades(book: WorkbookRead, case: Case) -> Findings:
    """{column} of {disruption} is {value} months, which is {years} years. Expected a number of months. Check that it is not in days, or leave
    it if it lasts so long."""
    column, sheet, rows = (
        ("duration_months", "Scenarios", [row for row in case.scenarios if row.duration_months])
        if are_listed(case)
        else ("mean_duration_months", "Disruptions", [row for row in case.disruptions if not row.harmless])
    )
    said = {far.key.row for far in far_off(((row, getattr(row, column)) for row in rows), DURATIONS_APART) if far.above}
    for row in rows:
        months = getattr(row, column)
        if months >= _DECADES and row.row not in said:
            yield at(sheet, row.row, column, column=column, disruption=row.disruption, value=f"{months:,.6g}", years=f"{months / 12:,.3g}")


def calm_twice(book: WorkbookRead, case: Case) -> Findings:
    """The scenarios leave {rest} of all chances to a future in which nothing happens, beside {calm}, in which nothing happens either. Expected
    probabilities that add up to 1. Give the rest to one of them, or leave it if it is meant so."""
    calm = next((row for row in case.scenarios if row.disruption is None), None)
    rest = 1 - sum({row.scenario: row.probability for row in case.scenarios}.values())
    if are_listed(case) and calm is not None and 0 < rest < _LEFT_OVER and rest > ROUNDING:
        yield at("Scenarios", calm.row, "probability", rest=f"{rest:.3g}", calm=calm.scenario)


_LEFT_OVER = 0.05
"""So small a rest is left by rounding, or by a scenario that was taken out."""


def duty_above_price(book: WorkbookRead, case: Case) -> Findings:
    """The rate of {duty} is {rate}, which is {percent}% of the price. Expected a rate such as 25% (0.25). Correct it unless it is meant so."""
    for row in case.duties:
        if row.rate > 1:
            yield at("Duties", row.row, "rate", duty=row.duty, rate=row.rate, percent=f"{100 * row.rate:,.6g}")


def holding_above_price(book: WorkbookRead, case: Case) -> Findings:
    """holding_cost_per_year {cost} of {material} is above its cheapest price, {price}. Expected a part of what it costs. Check its digits and its
    unit: it is the cost of one {unit}."""
    cheapest = cheapest_prices(case)
    for row in case.materials:
        price = cheapest.get(row.material, 0.0)
        if row.holding_cost_per_year > price > 0:
            facts = {"cost": row.holding_cost_per_year, "price": price, "unit": row.unit}
            yield at("Materials", row.row, "holding_cost_per_year", material=row.material, **facts)


def budget_off_need(book: WorkbookRead, case: Case) -> Findings:
    """The budgets are at most {amount} a fiscal year, {times} times below what the cheapest offers ask for the demand of a year, {need}. Expected
    amounts of that size, in {currency}. Check that they are not in thousands."""
    prices, labels = cheapest_prices(case), case.calendar.periods_in
    rows = [row for row in case.budget if row.category in ("all", "purchases") and not row.material and row.fiscal_year in case.calendar.fiscal_years]
    needs = [sum(needed_in(case, need, t) * prices.get(need.material, 0.0) for need in case.demand for t in labels(row.fiscal_year)) for row in rows]
    if not rows or far_demands(case) or not all(0 < row.amount * _SAME_EVERYWHERE <= need for row, need in zip(rows, needs, strict=True)):
        return
    most = max(range(len(rows)), key=lambda number: rows[number].amount)
    words = {"amount": f"{rows[most].amount:,.15g}", "times": f"{needs[most] / rows[most].amount:,.0f}", "need": f"{needs[most]:,.6g}"}
    yield at("Budget", rows[most].row, "amount", currency=case.settings.currency, **words)


def budget_twice(book: WorkbookRead, case: Case) -> Findings:
    """{amount} for the fiscal year {year} stands beside {least} of row {first} for the same: both bind, so only the lower one counts. Expected one
    row a fiscal year, category and material. Add them up if each is a part, or delete one."""
    groups: dict[tuple, list] = {}
    for row in case.budget:
        groups.setdefault((row.fiscal_year, row.scope), []).append(row)
    horizon = set(case.calendar.fiscal_years)
    for (_, scope), rows in groups.items():
        if horizon - {row.fiscal_year for row in case.budget if row.scope == scope}:
            continue  # a year that is missing is said to be so: the second row may be its
        least = min(rows, key=lambda row: row.amount)
        for row in rows:
            if row is not least and row.carry_over == least.carry_over == 0 and row.beyond == least.beyond:
                words = {"amount": f"{row.amount:,.15g}", "year": str(row.fiscal_year), "least": f"{least.amount:,.15g}", "first": least.row}
                yield at("Budget", row.row, "amount", **words)


def spot_limit_without_effect(book: WorkbookRead, case: Case) -> Findings:
    """spot_limit_per_year of {offer} has no effect, because {reason}. Expected a limit below the capacity of an offer that sells spot. Correct it,
    or clear it."""
    changed = {(change.supplier, change.material, change.offer) for change in case.offer_changes}
    for offer in case.offers:
        if offer.spot_limit_per_year is None:
            continue
        above = offer.spot_limit_per_year > offer.capacity_per_year and offer.key not in changed
        if not offer.sold_spot or above:
            reason = "it is above capacity_per_year" if offer.sold_spot else "its terms are contract"
            yield at("Suppliers", offer.row, "spot_limit_per_year", offer=offer.name, reason=reason)


def use_that_sums_others(book: WorkbookRead, case: Case) -> Findings:
    """annual_demand {value} of {material} for {use} is that of its other uses together. Expected uses that stand beside each other. Delete the row if
    it is their total, or leave it if it is a use of its own."""
    for row in case.demand:
        others = [other.annual_demand for other in case.demand if other.material == row.material and other is not row and other.annual_demand > 0]
        if len(others) > 1 and abs(sum(others) - row.annual_demand) <= ROUNDING * row.annual_demand and not row.by_period:
            yield at("Demand", row.row, "annual_demand", value=f"{row.annual_demand:,.15g}", material=row.material, use=row.use)


def material_for_nobody(book: WorkbookRead, case: Case) -> Findings:
    """{material} is needed, sold, stocked and used up by nobody. Expected a row that names it on another sheet. Add one, or delete the row."""
    known = {row.material for rows in (case.demand, case.offers, case.inventory) for row in rows}
    known |= {name for needed in case.inputs_of_offers() for name, _ in needed} | {row.substitute for row in case.substitutes}
    for row in case.materials:
        if row.material not in known:
            yield at("Materials", row.row, "material", material=row.material)


RULES = (
    disruption_without_effect,
    disruption_never_begins,
    duration_of_decades,
    calm_twice,
    duty_above_price,
    holding_above_price,
    budget_off_need,
    budget_twice,
    spot_limit_without_effect,
    use_that_sums_others,
    material_for_nobody,
)
