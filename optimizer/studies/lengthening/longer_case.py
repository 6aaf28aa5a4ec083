"""A case whose horizon is some years longer, and the futures of its plan, continued into these years.

What the workbook says of the years after its horizon holds. Where it says nothing, the last year goes on: quantities by period and budgets are
repeated, and limits, duties and rules whose last period is that of the horizon go on. Growth of demand and prices, disruptions, and contracts
without an end go on by themselves.

The futures are not drawn anew: each of the plan's futures is continued from its last period, so that two plans of different horizons differ in
their horizon alone. A future that weighs much is continued in several ways.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from math import ceil
from typing import Any, TypeVar

import numpy as np

from optimizer.calendar import Calendar
from optimizer.case import BudgetRow, Case, Demand
from optimizer.plan.explain import money
from optimizer.scenarios import ScenarioTree
from optimizer.scenarios.exact import MOST_EXACT_PATHS, count_paths, exact_paths
from optimizer.scenarios.listed import listed_paths
from optimizer.scenarios.sampled import Chain, candidates, draw_paths
from optimizer.scenarios.tree import Regime, build_tree

Path = tuple[Regime, ...]
Row = TypeVar("Row")

AS_MUCH_AS_A_YEAR = 0.9
"""A budget for a part of a year that is this share of a whole year's counts as a whole year's; checks of the workbook warn of it from there, too."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """What holds in the years after the horizon. where: the sheet and the row that it comes from."""

    where: str
    words: str


def lengthened(case: Case, years: int) -> tuple[Case, list[Assumption]]:
    """Return a case with its horizon some years longer, and what it assumes of these years beyond what its rows say, a sentence each."""
    calendar = case.calendar
    later = replace(calendar, periods=calendar.periods + years * _a_year(calendar))
    last, end = calendar.label(calendar.periods - 1), later.label(later.periods - 1)
    told = [
        Assumption(
            "Settings",
            f"The horizon ends with {end} in place of {last}. Demand and prices go on by their yearly growth, disruptions begin and end as likely as before, "
            "and what has no last period goes on.",
        )
    ]
    demand, budget = tuple(_demand(row, calendar, later, told) for row in case.demand), _budget(case, later, told)
    limits = _going_on("Limits", "limit", case.limits, calendar, told)
    duties = _going_on("Duties", "duty", case.duties, calendar, told)
    rules = _going_on("Origin rules", "rule", case.origin_rules, calendar, told)
    told += _as_written(case, later)
    longer = case.with_settings(periods=later.periods)
    return replace(longer, demand=demand, budget=budget, limits=limits, duties=duties, origin_rules=rules), told


def _a_year(calendar: Calendar) -> int:
    """Return the periods of a year."""
    return 12 // calendar.months


def _demand(row: Demand, calendar: Calendar, later: Calendar, told: list[Assumption]) -> Demand:
    """Return a row of Demand that repeats the quantities by period of its last year; of its whole horizon, where that is shorter than a year."""
    step = min(_a_year(calendar), calendar.periods)
    source = {t: t - step * ceil((t - calendar.periods + 1) / step) for t in range(calendar.periods, later.periods)}
    repeated = {t: row.by_period[s] for t, s in source.items() if s in row.by_period}
    if not repeated:
        return row
    told.append(
        Assumption(f"Demand, row {row.row}", f"{row.material} for {row.use}: the quantities that the last year has by period are repeated, without growth.")
    )
    return replace(row, by_period={**row.by_period, **repeated})


def _budget(case: Case, later: Calendar, told: list[Assumption]) -> tuple[BudgetRow, ...]:
    """Return the rows of Budget with those of the last fiscal year repeated in the years for which the sheet has none of the same kind.

    Of a fiscal year that lies in the horizon in part, a row counts as the budget of that part, and goes on at the same rate; unless it is about as
    much as one of a whole year.
    """
    calendar = case.calendar
    whole, last = _a_year(calendar), calendar.fiscal_years[-1]
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
        amounts = {year: yearly * min(1.0, len(later.periods_in(year)) / whole) for year in (last, *years)}
        if whole_year or len(later.periods_in(last)) == inside[last]:
            amounts[last] = row.amount
        rows += [replace(row, fiscal_year=year, amount=amount) for year, amount in amounts.items()]
        told += _budget_told(case, row, amounts, inside[last], yearly)
    return tuple(rows)


def _budget_told(case: Case, row: BudgetRow, amounts: dict[int, float], inside: int, yearly: float) -> Iterator[Assumption]:
    """Say how a row of Budget goes on, if it does."""
    currency, whole = case.settings.currency, _a_year(case.calendar)
    what = f"{row.category}, {', '.join(row.material)}" if row.material else row.category
    where = f"Budget, row {row.row}"
    if yearly != row.amount:
        yield Assumption(
            where,
            f"{what}: {money(row.amount, currency)} for the {inside} of {whole} periods of {row.fiscal_year} in the horizon goes on at the same rate, "
            f"{money(yearly, currency)} a whole year.",
        )
    elif len(amounts) > 1:
        years = [str(year) for year in amounts if year != row.fiscal_year]
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


# -- futures ---------------------------------------------------------------------------------------------------------------


def continued(tree: ScenarioTree, longer: Case, tick: Callable[[], None] = lambda: None) -> ScenarioTree:
    """Return the tree of a plan's futures, each continued to the end of a longer case; the plan's tree is its first periods.

    longer: in canonical order, as the plan's own case. Listed futures go on as the sheet says. All futures of a plan that has all there are go on in
    every way, while these are not more than the setting `scenarios`; others go on in as many ways as their weight asks for. tick: called now and then.
    """
    rows, method = [d.row for d in longer.disruptions], tree.method
    if method == "listed":
        return build_tree(listed_paths(longer, tick), rows, method, tick)
    most = max(longer.settings.scenarios, len(tree.scenarios))
    if method == "exact" and count_paths(longer, min(most, MOST_EXACT_PATHS)) <= min(most, MOST_EXACT_PATHS):
        return build_tree(exact_paths(longer, tick), rows, method, tick)
    paths = _continued_paths(tree, longer, most, tick)
    return build_tree(paths, rows, "sampled", tick, reference=paths[0][0])


def history(tree: ScenarioTree, leaf: int) -> Path:
    """Return the regimes on the path to a node."""
    return tuple(tree.regimes[tree.regime[n]] for n in tree.path(leaf))


def _continued_paths(tree: ScenarioTree, longer: Case, most: int, tick: Callable[[], None]) -> list[tuple[list[Regime], float, str]]:
    """Return the paths that continue those of a tree, about `most` of them, each with a probability and a name; that of the reference path first.

    A path goes on in so many ways as its probability is of `most`, at least one. They are drawn together for all paths that end with the same regime,
    evenly spread over what may happen. The reference path goes on as is most probable, with the probability of that, and in other ways.
    """
    since = tree.periods - 1
    usual = history(tree, tree.reference[-1])
    weight: dict[Path, float] = {}
    names: dict[Path, str] = {}
    for scenario in tree.scenarios:
        path = history(tree, scenario.leaf)
        weight[path] = weight.get(path, 0.0) + scenario.probability
        names.setdefault(path, scenario.name)
    ways = {path: max(1, round(share * most)) for path, share in weight.items()}
    chain, seed = Chain(longer, tick, since, usual[-1]), _seed(longer, since, usual[-1])
    found = [([*usual[:-1], *rest], weight[usual] * share) for rest, share, _ in draw_paths(chain, max(2, ways[usual]), seed)]
    drawn: dict[Regime, Iterator[list[Regime]]] = {}
    for regime in {path[-1] for path in weight}:
        count = sum(number for path, number in ways.items() if path[-1] == regime and path != usual)
        drawn[regime] = iter(_drawn(longer, since, regime, count, tick))
    for path, share in weight.items():
        if path != usual:
            found += [([*path[:-1], *next(drawn[path[-1]])], share / ways[path]) for _ in range(ways[path])]
    return _named(found, names, since)


def _named(found: list[tuple[list[Regime], float]], names: dict[Path, str], since: int) -> list[tuple[list[Regime], float, str]]:
    """Return different paths, equal ones as one with the sum of their probabilities; each has the name of its future, with a number for the way it goes on."""
    together: dict[Path, float] = {}
    for path, share in found:
        together[tuple(path)] = together.get(tuple(path), 0.0) + share
    count: dict[str, int] = {}
    result = []
    for whole, share in together.items():
        name = names[whole[: since + 1]]
        count[name] = count.get(name, 0) + 1
        result.append((list(whole), share, name if count[name] == 1 else f"{name}.{count[name]}"))
    return result


def _seed(case: Case, since: int, regime: Regime) -> int:
    """Return the seed of what is drawn from a period and its regime on."""
    return int.from_bytes(hashlib.sha256(f"{case.settings.seed}\n{since}\n{regime}".encode()).digest()[:4], "little")


def _drawn(case: Case, since: int, regime: Regime, count: int, tick: Callable[[], None]) -> list[list[Regime]]:
    """Return so many paths of the disruption process from a period and its regime on, that regime first, all equally probable."""
    chain = Chain(case, tick, since, regime)
    if not chain.count or not count:
        return [[() for _ in range(chain.periods)] for _ in range(count)]
    return list(chain.regimes(candidates(chain, _seed(case, since, regime), 0, count)))


def agree(short: ScenarioTree, long: ScenarioTree) -> bool:
    """Return whether the first periods of a longer tree are a shorter one: the same histories with the same probabilities, and the reference path."""

    def nodes(tree: ScenarioTree, periods: int) -> dict[Path, float]:
        return {history(tree, int(n)): float(tree.probability[n]) for n in np.flatnonzero(tree.period == periods - 1)}

    one, other = nodes(short, short.periods), nodes(long, short.periods)
    usual = history(long, long.reference[short.periods - 1])
    return one.keys() == other.keys() and all(abs(p - other[path]) <= 1e-9 for path, p in one.items()) and usual == history(short, short.reference[-1])
