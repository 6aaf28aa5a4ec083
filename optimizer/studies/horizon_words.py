"""The sentences of the study of longer horizons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.plan.explain import figure, money, percent
from optimizer.plan.plan import Plan
from optimizer.solving.outcome import Status
from optimizer.solving.solution import Solution

MOST_NAMED = 6
"""Decisions that a sentence names."""

_COUNT = {1: "one", 2: "two"}


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision under each horizon, the plan's own first.

    quantities: NaN for a project, and without a plan. starts: when a project starts, None where it does not. turns: of each longer horizon, whether
    it is another decision there. known: whether there is a plan.
    """

    kind: str
    name: str
    quantities: tuple[float, ...]
    unit: str
    starts: tuple[str | None, ...]
    turns: tuple[bool, ...]
    known: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """What there is to say of one longer horizon.

    objective: of the best plan found, and its gap. extra: by how much keeping today's decisions costs more, NaN where they cannot be kept. as_good:
    whether nothing better than today's decisions was found. proven: whether the gap is one that was allowed. failed: why there is no plan, in words.
    """

    years: int
    objective: float
    gap: float
    extra: float
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
        return f"With {more(years)}, the workbook's limits cannot all be kept: no plan satisfies them."
    return f"With {more(years)}, no plan was found in the time."


def of_plan(said: Compared, currency: str) -> str:
    """Say what keeping today's decisions costs over a longer horizon."""
    if said.failed:
        return said.failed
    sure = "" if said.proven else f" (the search was stopped; a plan that costs up to {percent(said.gap)} less may exist)"
    head = f"With {more(said.years)}, "
    if said.as_good:
        return f"{head}no plan was found that is better than one that keeps what is decided now{sure}."
    if said.extra != said.extra:
        return f"{head}no plan was found that keeps what is decided now{sure}."
    share = f" ({percent(said.extra / abs(said.objective))})" if said.objective else ""
    return f"{head}keeping what is decided now costs {money(said.extra, currency)}{share} more than the best plan found{sure}."


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
    periods = plan.case.calendar.periods
    same = all(said.same_futures for said in answers)
    yield {
        "subject": "futures",
        "words": f"In the first {periods:,} period{'s' * (periods > 1)} the futures are those of the plan, with the same probabilities; they go on from there."
        if same
        else "The futures are not those of the plan, so that a decision may turn because of the futures.",
    }


def _what_turns(answers: list[Compared], turned: dict[int, list[Decision]]) -> str:
    """Say which decisions turn, in a warning where some do."""
    told = [said for said in answers if not said.failed]
    if not told:
        return "It cannot be told whether a longer horizon turns a decision, because no plan was found over any."
    parts = []
    for said in sorted(told, key=lambda one: -one.years):
        rows = turned[said.years]
        if rows:
            names = [_named(row) for row in rows[:MOST_NAMED]]
            rest = f" and {len(rows) - MOST_NAMED:,} more" if len(rows) > MOST_NAMED else ""
            parts.append(f"{more(said.years).capitalize()} turn{'s' * (said.years == 1)} {len(rows):,} decision{'s' * (len(rows) > 1)}: {'; '.join(names)}{rest}.")
    if not parts:
        asked = " nor ".join(more(said.years) for said in told)
        return f"{'Neither ' * (len(told) > 1)}{asked} turn any decision.".replace("Neither one", "Neither one")
    return " ".join([*parts, "Plan over the longer horizon, or set a salvage value for what is left at the end."])
