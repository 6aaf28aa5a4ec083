"""Warnings on disruptions, scenarios and what rests on them. Each docstring is the planner's message."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.case import BLOCS, Case, Limit
from optimizer.errors import ClearRows, Repair, SetSetting
from optimizer.intake.checks.rules import ROUNDING, Finding, WorkbookRead, at
from optimizer.intake.checks.supply import delivered_by, origins_of
from optimizer.intake.checks.suspicious_figures import far_off
from optimizer.schema.choices import STOCK_MEASURES

Findings = Iterator[Finding]

DURATIONS_APART, _MANY_MONTHS = 15.0, 60.0
"""A disruption that lasts so many times as long as the next shorter one, and so many months, is usually counted in days: a month has 30."""


def strikes_nothing(book: WorkbookRead, case: Case) -> Findings:
    """{disruption} strikes no offer, no feedstock and no demand. Expected filters that some offer passes together. Check its bloc,
    country, supplier and material."""
    named = named_events(case)
    for row in case.disruptions:
        if row.disruption in named:
            continue  # it stands for an event that others wait for
        struck = any(row.strikes(offer) or row.strikes_feedstock(offer) for offer in case.offers)
        moves = row.demand_multiplier != 1 and any(row.moves(need.material, need.use) for need in case.demand)
        if not struck and not moves:
            yield at("Disruptions", row.row, "disruption", disruption=row.disruption)


def named_events(case: Case) -> set[str | None]:
    """Return the disruptions that other rows name: those stand for an event that others wait for."""
    named = {name for row in case.disruptions for name in (row.follows, row.raised_by)}
    named |= {name for duty in case.duties for name in (duty.while_active, duty.unless_active)}
    named |= {name for rule in case.origin_rules for name in (rule.while_active, rule.unless_active)}
    return named | {name for project in case.projects for name in project.may_wait_for}


def hard_minimum_can_fail(book: WorkbookRead, case: Case) -> Findings:
    """For {materials}, every offer that could keep the hard minimum of {limit} can be struck, or there is no such offer: {outcome}. Expected
    a penalty on such a minimum. Fill in penalty."""
    for limit in case.limits:
        if limit.measure not in ("purchase_share", "purchase_to_demand") or not limit.minimum or limit.penalty is not None:
            continue
        if not any(limit.covers(t) for t in range(case.settings.periods)):
            continue
        outcome = "then nothing may be bought at all" if limit.measure == "purchase_share" else "then no plan can keep it"
        if materials := _exposed(case, limit):
            yield at("Limits", limit.row, "minimum", materials=", ".join(materials), limit=limit.limit, outcome=outcome)


def hard_cover_everywhere(book: WorkbookRead, case: Case) -> Findings:
    """The hard minimum of {limit} must be kept from the first period on in every future that does not release it: if one of them cannot keep it,
    there is no plan. Expected a penalty, or a period from which it holds. Fill in penalty or from."""
    for limit in case.limits:
        if limit.measure in STOCK_MEASURES and limit.minimum and limit.penalty is None and limit.holding != "reference path" and limit.start is None:
            yield at("Limits", limit.row, "minimum", limit=limit.limit)


def nothing_left_to_draw(book: WorkbookRead, case: Case) -> Findings:
    """With {rule} in force, {use} may not draw {material} of any origin, so that all of its demand goes short. Expected an origin that Demand and
    every rule allow. Check allowed_origins here and on Demand."""
    for row in case.origin_rules:
        for need in case.demand:
            own = set(need.allowed_origins) or set(BLOCS)
            if row.concerns(need.material, need.use) and not own & set(row.allowed_origins):
                yield at("Origin rules", row.row, "allowed_origins", rule=row.rule, use=need.use, material=need.material)
                break


def _exposed(case: Case, limit: Limit) -> list[str]:
    """Return the materials of a limit of which every matched offer, if there is any, can be struck."""
    hits = [row for row in case.disruptions if row.capacity_remaining < 1]
    origins, result = origins_of(case), []
    for material in dict.fromkeys(offer.material for offer in case.offers if not limit.material or offer.material in limit.material):
        matched = [
            offer
            for offer, inputs in zip(case.offers, case.inputs_of_offers())
            if offer.material == material and limit.matches(offer) and (not limit.origin or set(limit.origin) & set(delivered_by(offer, inputs, origins)))
        ]
        if all(any(row.strikes(o) or (row.strikes_feedstock(o) and o.feedstock_dependence > 0) for row in hits) for o in matched):
            result.append(material)
    return result


def active_beside_listed(book: WorkbookRead, case: Case) -> Findings:
    """active_now of {disruption} is not read, because the scenarios are listed. Expected a scenario row that begins in the first
    period. List it there, or clear active_now."""
    for row in case.disruptions if are_listed(case) else ():
        if row.active_now:
            yield at("Disruptions", row.row, "active_now", disruption=row.disruption)


def are_listed(case: Case) -> bool:
    """Return whether the scenarios are those of the sheet: then that alone says when disruptions begin and how long they last."""
    return case.settings.scenario_method == "listed" or (case.settings.scenario_method == "auto" and bool(case.scenarios))


def scenarios_override(book: WorkbookRead, case: Case) -> Findings:
    """This sheet stands in place of every probability on Disruptions: the plan prepares for {futures}. Expected a sheet without rows
    where the probabilities are to count. Clear its rows, or set scenario_method to listed if it is meant so."""
    if case.settings.scenario_method != "auto" or not case.scenarios:
        return
    names = list(dict.fromkeys(row.scenario for row in case.scenarios))
    rest = 1 - sum({row.scenario: row.probability for row in case.scenarios}.values())
    listed = f"{len(names)} future{'s' * (len(names) > 1)} of its own"
    futures = f"{listed} and, with probability {rest:.3g}, one in which nothing happens" if rest > ROUNDING else f"{listed} alone"
    yield at("Scenarios", case.scenarios[0].row, "scenario", _listed_or_cleared(book), futures=futures)


def scenarios_not_read(book: WorkbookRead, case: Case) -> Findings:
    """The rows of this sheet are not read, because scenario_method is {method}. Expected listed, or auto, where they are to count. Set
    scenario_method to listed, or clear the rows."""
    if case.scenarios and case.settings.scenario_method not in ("auto", "listed"):
        yield at("Scenarios", case.scenarios[0].row, "scenario", _listed_or_cleared(book), method=case.settings.scenario_method)


def _listed_or_cleared(book: WorkbookRead) -> Iterator[Repair]:
    """Yield the two ways to say what the listed futures are for: they alone count, or they are gone."""
    yield SetSetting("Plan for these futures alone (scenario_method listed)", "scenario_method", "listed")
    yield ClearRows("Clear the rows, so that the probabilities count", tuple(row.number for row in book.tables["Scenarios"].rows))


def duration_in_days(book: WorkbookRead, case: Case) -> Findings:
    """{column} {value} of {disruption} is {times} times above the nearest other one, {nearest}. Expected a number of months. Check that it is
    not in days, or leave it if it lasts so long."""
    column, sheet, rows = (
        ("duration_months", "Scenarios", [row for row in case.scenarios if row.duration_months])
        if are_listed(case)
        # What only stands for an event, such as a law that is repealed, may last for ever.
        else ("mean_duration_months", "Disruptions", [row for row in case.disruptions if not row.harmless])
    )
    for far in far_off(((row, getattr(row, column)) for row in rows), DURATIONS_APART):
        if far.above and far.value >= _MANY_MONTHS:
            yield at(sheet, far.key.row, column, column=column, disruption=far.key.disruption, **far.words)


RULES = (
    strikes_nothing,
    hard_minimum_can_fail,
    hard_cover_everywhere,
    nothing_left_to_draw,
    active_beside_listed,
    scenarios_override,
    scenarios_not_read,
    duration_in_days,
)
