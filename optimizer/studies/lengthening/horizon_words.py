"""The sentences of the study of longer horizons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite, isnan

from optimizer.plan.explain import figure, money, percent
from optimizer.plan.plan import Plan
from optimizer.solving.outcome import Status
from optimizer.solving.solution import Solution
from optimizer.studies.decisions_beside import Decision

MOST_NAMED = 6
"""Decisions that a sentence names."""

EQUAL = 1e-6
"""A difference of costs below this share is none."""

_COUNT = {1: "one", 2: "two"}


@dataclass(frozen=True, slots=True)
class Compared:
    """What there is to say of one longer horizon.

    objective: of the best plan found, and its gap. extra: by how much keeping today's decisions costs more, NaN without a plan that keeps them.
    impossible: whether no plan can keep them. as_good: whether nothing better than today's decisions was found. proven: whether the gap is one that
    was allowed. failed: why there is no plan, in words.
    """

    years: int
    objective: float
    gap: float
    extra: float
    impossible: bool
    as_good: bool
    proven: bool
    same_futures: bool
    failed: str


def longer(years: int) -> str:
    """Say by how much a horizon is longer."""
    return f"{_COUNT[years]} year{'s' * (years > 1)} longer"


def more(years: int) -> str:
    """Say the years that a longer horizon adds."""
    return f"{_COUNT[years]} more year{'s' * (years > 1)}"


def no_plan(years: int, solution: Solution) -> str:
    """Say why there is no plan over a longer horizon."""
    if solution.status == Status.INFEASIBLE:
        return f"With {more(years)} there is no plan: the workbook's limits cannot all be kept then."
    return out_of_time(years)


def out_of_time(years: int) -> str:
    """Say that no plan was found in time."""
    return f"With {more(years)}, no plan was found in the time that a study has."


def of_plan(said: Compared, currency: str) -> str:
    """Say what keeping today's decisions costs over a longer horizon."""
    if said.failed:
        return said.failed
    head = f"With {more(said.years)}, "
    sure = "" if said.proven else _not_proven(said.gap)
    if said.impossible:
        return f"{head}what is decided now cannot be kept: the workbook's limits cannot all be kept with it.{sure}"
    if isnan(said.extra):
        return f"{head}no plan that keeps what is decided now was found in the time that a study has.{sure}"
    share = f" ({percent(said.extra / abs(said.objective))})" if said.objective else ""
    costs = f"{head}keeping what is decided now costs {money(said.extra, currency)}{share} more than the best plan found"
    if said.as_good and said.extra <= EQUAL * abs(said.objective):
        return f"{head}no plan was found that is better than one that keeps what is decided now.{sure}"
    if said.as_good:
        return f"{costs}, which is within the precision to which the plans were solved.{sure}"
    return f"{costs}.{sure}"


def _not_proven(gap: float) -> str:
    """Say that a better plan may exist."""
    less = f"a plan that costs up to {percent(gap)} less may exist" if isfinite(gap) else "how much less another plan may cost is not known"
    return f" The search was stopped: {less}."


def of_decision(row: Decision) -> str:
    """Say a decision under each horizon."""
    parts = []
    for k, (quantity, start) in enumerate(zip(row.quantities, row.starts, strict=True)):
        value = (start or "not started") if row.kind == "project" else f"{figure(quantity)} {row.unit}" if quantity else "none"
        when = "over the horizon as it is" if k == 0 else f"with {more(k)}"
        parts.append(f"{value if row.known[k] else 'no plan'} {when}")
    turned = [more(k + 1) for k, turns in enumerate(row.turns) if turns]
    end = f" It turns with {' and with '.join(turned)}." if turned else " It stays."
    return f"{_named(row)}: {', '.join(parts)}.{end}"


def _named(row: Decision) -> str:
    """Name a decision."""
    heads = {"contract": "Contract with", "project": "Project", "first orders": "First orders of", "largest stock": "Largest stock of"}
    return f"{heads[row.kind]} {row.name}"


def summary(plan: Plan, answers: list[Compared], turned: dict[int, list[Decision]]) -> Iterator[dict[str, str]]:
    """Yield the sentences on top: what turns, what keeping today's decisions costs, and what the answer rests on."""
    yield {"subject": "what turns", "words": _what_turns(answers, turned)}
    for said in answers:
        yield {"subject": more(said.years), "words": of_plan(said, plan.case.settings.currency)}
    if plan.gap > plan.case.settings.mip_gap + EQUAL:
        gap = f"at a gap of {percent(plan.gap)}" if isfinite(plan.gap) else "before it was known how far it is from the best possible"
        yield {
            "subject": "the plan itself",
            "words": f"The plan was stopped {gap}. What costs no more than that to keep over a longer horizon is not counted as turning.",
        }
    periods = plan.case.calendar.periods
    same = all(said.same_futures for said in answers)
    yield {
        "subject": "futures",
        "words": f"In the first {periods:,} period{'s' * (periods > 1)} the futures are those of the plan, with the same probabilities; they go on from there."
        if same
        else "The futures are not those of the plan, so that a decision may turn because of the futures.",
    }


def _what_turns(answers: list[Compared], turned: dict[int, list[Decision]]) -> str:
    """Say which decisions turn, in a warning where some do, those first with which the most money turns."""
    told = [said for said in answers if not said.failed]
    if not told:
        return "It cannot be told whether a longer horizon turns a decision, because no plan was found over any."
    parts = []
    for said in sorted(told, key=lambda one: -one.years):
        rows = sorted(turned[said.years], key=lambda row: -row.worth[said.years - 1])
        if rows:
            names = [_named(row) for row in rows[:MOST_NAMED]]
            rest = f" and {len(rows) - MOST_NAMED:,} more" if len(rows) > MOST_NAMED else ""
            turn = "turns" if said.years == 1 else "turn"
            what = "1 decision" if len(rows) == 1 else f"{len(rows):,} decisions"
            parts.append(f"{more(said.years).capitalize()} {turn} {what}: {'; '.join(names)}{rest}.")
    if not parts:
        return f"No decision turns with {' or with '.join(more(said.years) for said in told)}."
    return " ".join([*parts, "Plan over the longer horizon, or set a salvage value for what is left at the end."])
