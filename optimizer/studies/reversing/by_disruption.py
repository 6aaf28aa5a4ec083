"""For which disruptions a decision is made: what the plan without it costs more, split among the disruptions by their Shapley values.

The game is on the futures of the plan: what the plan without a decision costs more than the plan if, of the disruptions of each future, only some occur
(masked_futures.py). Its value if none occurs is what the decision saves without any disruption; the Shapley value of each disruption (Shapley, 1953) is
what it adds, exact over all subsets. The game is played with each course known after the first period; what is left between its whole and the
difference of the two plans is due to what is not known beforehand. The parts add up to the difference exactly.

Where there are more disruptions than can be told apart in time, those with which the cost of the decisions differs most stand each by itself, and all
others together are one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.plan.explain import money, percent
from optimizer.plan.plan import Plan
from optimizer.schema.results import Output, number, text
from optimizer.solving.solution import Solution
from optimizer.solving.watch import Phase, Progress, Watch
from optimizer.studies.living.replay import History
from optimizer.studies.reversing.masked_futures import MOST_PLAYERS, Foreseeing, MaskedFutures
from optimizer.studies.reversing.resolves import Job, Resolver
from optimizer.studies.reversing.reversals import CONTRACT, OFFER, PROJECT, STOCK, Reversal, reversals_of
from optimizer.studies.reversing.why import PathCosts, occurrences, occurs
from optimizer.studies.study import Study, solution_of

SECONDS = 112.0
"""The time for all of it, in seconds of the wall clock; decisions that it does not suffice for are left out."""

OF_RESOLVES = 0.22
"""The share of the time that is left in which the decisions are taken back."""

MOST_DECISIONS, OF_A_LARGE_ONE = 20, 4
"""The decisions that are looked at, those that move most money; and of a program that is decomposed."""

MOST_COURSES, OF_GROUPED = 2_500, 1_100
"""The most courses of events that are solved for one plan: more would not be done in time. And where the disruptions that matter less are one, so that it
can be chosen how many there are: with these, three decisions on the rare earths are split in two minutes."""

NAMED, MOST_NAMED = 0.05, 4
"""A part is named in the sentence if it is at least this share of the largest one, and at most so many are."""

CALM, UNKNOWN, OTHERS = "none of them occurs", "what is not known beforehand", "all other disruptions together"

_DECISION = {
    "kind": text("What the decision is about: contract, project, offer or stock."),
    "decision": text("The decision of the plan."),
    "instead": text("What is done instead; everything else is then decided anew."),
}

TABLES = (
    Output(
        "decided_for",
        "Decided for",
        "For which disruptions each decision is made: how much more the plan without it costs on average, split among the disruptions.",
        {
            **_DECISION,
            "expected": number("{currency}", "How much more the plan without it costs on average over all futures, discounted."),
            "words": text("The same in sentences, with its largest parts."),
        },
    ),
    Output(
        "decided_for_parts",
        "Decided for, parts",
        "The parts of the extra cost of the plan without a decision; those of one decision add up to all of it.",
        {
            **_DECISION,
            "disruption": text(
                f"The disruption; '{OTHERS}' = those that matter less, where there are many; '{CALM}' = the extra cost if no disruption occurs "
                f"but those that must; '{UNKNOWN}' = the extra cost because the course is not known beforehand."
            ),
            "expected": number("{currency}", "What it adds on average over all futures: its Shapley value, discounted."),
            "share": number("share", "Its share of the extra cost of the plan without the decision.", blank="it costs no more"),
        },
    ),
)


@dataclass(frozen=True)
class Split:
    """One decision: what the plan without it costs more on average, and its parts by disruption, OTHERS, CALM and UNKNOWN, which add up to that.

    together: the disruptions that OTHERS stands for.
    """

    reversal: Reversal
    expected: float
    parts: dict[str, float]
    together: tuple[str, ...] = ()


def decided_for(plan: Plan, progress: Callable[[Progress], None] | None = None, *, seconds: float = SECONDS) -> dict[str, pd.DataFrame]:
    """Make the tables decided_for and decided_for_parts, as TABLES declares them.

    Of more than MOST_PLAYERS disruptions, or where they make more courses of events than can be solved in time, those that matter less are told as one.
    Empty where no disruption occurs in some futures and not in others. progress is told several times a second where it stands; an exception that it
    raises stops the study. seconds: for all of it.
    ValueError for a plan that was read back without its solver's arrays.

    >>> tables = optimizer.studies.decided_for(optimizer.solve("sample_inputs/tutorial.xlsx"))
    >>> parts = tables["decided_for_parts"].groupby("decision")["expected"].sum()
    >>> abs(parts.sum() - tables["decided_for"]["expected"].sum()) < 1e-3
    True
    """
    solution, watch = solution_of(plan), Watch(report=progress)
    watch.tell(Phase.REGRET, "disruptions of each decision, getting ready")
    splits = _Splits(solution, watch, time.monotonic() + seconds).found()
    currency = solution.built.case.settings.currency
    rows = [{**_head(split), "expected": split.expected, "words": in_words(split, currency)} for split in splits]
    parts = [
        {**_head(split), "disruption": name, "expected": value, "share": value / split.expected if split.expected > 0 else None}
        for split in splits
        for name, value in split.parts.items()
    ]
    return {output.name: output.frame(listed) for output, listed in zip(TABLES, (rows, parts), strict=True)}


class _Splits:
    """Takes the decisions back, and splits what that costs; the dearest first, as far as the time goes. until: of time.monotonic."""

    def __init__(self, solution: Solution, watch: Watch, until: float) -> None:
        self.solution, self.watch, self.until = solution, watch, until
        self.futures = MaskedFutures(solution)

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return self.until - time.monotonic()

    def found(self) -> list[Split]:
        """Return the decisions that could be split, the dearest first."""
        others = self._taken_back() if self.futures.disruptions else []
        if not others:
            return []
        if len(self.futures.players) > MOST_PLAYERS or len(self.futures.all_courses()) > MOST_COURSES:
            self.futures = self.futures.with_others_as_one(self._ranked([found for _, found in others]), OF_GROUPED)
        courses = self.futures.all_courses()
        own = Foreseeing(self.futures, self.solution)
        own.prepare((), courses, self._compiling)
        base = self._costs(own, courses, "the plan itself")
        splits = []
        for number_, (reversal, other) in enumerate(others, start=1):
            costs = self._costs(Foreseeing(self.futures, other, reversal).like(own), courses, f"decision {number_} of {len(others)}") if base else None
            if base and costs:
                splits.append(self._split(reversal, other, {course: costs[course] - base[course] for course in courses}))
        return splits

    def _compiling(self, done: int, total: int) -> None:
        self.watch.tell(Phase.REGRET, f"disruptions of each decision: the model is compiled, {done:,} of {total:,} parts")

    def _taken_back(self) -> list[tuple[Reversal, Solution]]:
        """Return each decision whose plan without it was found and costs more, the dearest first."""
        resolver = Resolver(self.solution, self.watch, Phase.REGRET, OF_RESOLVES * self.left)
        try:
            kinds = (CONTRACT, PROJECT, OFFER, STOCK)
            taken = sorted((one for one in reversals_of(self.solution, self.watch) if one.taken and one.kind in kinds), key=lambda one: -one.stake)
            taken = taken[: OF_A_LARGE_ONE if resolver.in_parts else MOST_DECISIONS]
            jobs = [Job(one.decision, one.applied, one.one_of, bounded=False) for one in taken]
            made = [(taken[k], found) for k, found in resolver.solve(jobs) if found is not None and found.x is not None]
            dearer = [(one, found) for one, found in made if found.objective - self.solution.objective > resolver.tolerance]
        finally:
            resolver.close()
        return sorted(dearer, key=lambda pair: self.solution.objective - pair[1].objective)

    def _ranked(self, others: list[Solution]) -> list[int]:
        """Return the disruptions, those first with whose occurrence the cost of taking the decisions back differs most over the futures of the plan."""
        built, hits, costs = self.solution.built, occurs(self.solution.built), PathCosts.of(self.solution).total
        spread = dict.fromkeys(self.futures.disruptions, 0.0)
        for found in others:
            for one in occurrences(built, hits, PathCosts.of(found).total - costs):
                if one.position in spread:
                    spread[one.position] += one.spread
        return sorted(spread, key=lambda k: (-spread[k], built.case.disruptions[k].row))

    def _costs(self, policy: Foreseeing, courses: list[History], words: str) -> dict[History, float] | None:
        """Return what each course costs under a policy; None where the time ends first, or one could not be solved."""
        costs: dict[History, float] = {}
        for course, cost in policy.costs(courses):
            self.watch.tell(Phase.REGRET, f"disruptions of each decision, {words}: {len(costs):,} of {len(courses):,} courses of events")
            if cost is None or self.left <= 0:
                return None
            costs[course] = cost
        return costs

    def _split(self, reversal: Reversal, other: Solution, difference: dict[History, float]) -> Split:
        expected = _within_horizon(other) - _within_horizon(self.solution)
        calm, shares = self.futures.split(difference)
        disruptions, players = self.solution.built.case.disruptions, self.futures.players
        rows = {number: min(disruptions[k].row for k in player) for number, player in enumerate(players)}
        order = sorted(shares, key=lambda number: (len(players[number]) > 1, rows[number]))
        parts = {OTHERS if len(players[number]) > 1 else disruptions[min(players[number])].disruption: shares[number] for number in order}
        rest = expected - calm - sum(parts.values())
        together = tuple(disruptions[k].disruption for player in players if len(player) > 1 for k in sorted(player, key=lambda k: disruptions[k].row))
        return Split(reversal, expected, {**parts, CALM: calm, UNKNOWN: rest}, together)


def _within_horizon(solution: Solution) -> float:
    """Return the expected cost of a plan within the horizon, as the courses of events are counted, discounted."""
    tree = solution.built.tree
    assert solution.term_cost is not None
    weight = np.where(tree.period < solution.built.case.calendar.within, tree.probability, 0.0)
    return sum(float(cost @ weight) for cost in solution.term_cost.values())


def _head(split: Split) -> dict[str, object]:
    return {"kind": split.reversal.kind, "decision": split.reversal.decision, "instead": split.reversal.otherwise}


def in_words(split: Split, currency: str) -> str:
    """Say for which disruptions a decision is made: its largest parts."""
    nothing, largest = money(0, currency), max(map(abs, split.parts.values()))
    told = [(name, value) for name, value in split.parts.items() if abs(value) >= NAMED * largest and money(abs(value), currency) != nothing]
    told = sorted(told, key=lambda part: -abs(part[1]))[:MOST_NAMED]
    more = "the same" if money(abs(split.expected), currency) == nothing else f"{_amount(split.expected, currency)} on average"
    said = f"{split.reversal.decision}: the plan {split.reversal.otherwise} costs {more}"
    if not told:
        return f"{said}."
    parts = "; ".join(_part(name, value, split.expected, currency) for name, value in told)
    counted = f" For lack of time, these are counted as one: {', '.join(split.together)}." if split.together and OTHERS in dict(told) else ""
    return f"{said}. Its parts: {parts}.{counted}"


def _part(name: str, value: float, expected: float, currency: str) -> str:
    share = f" ({percent(value / expected)})" if expected > 0 and 0 < value <= expected else ""
    amount = f"{_amount(value, currency)}{share}"
    if name == CALM:
        return f"{amount} if none of the disruptions occurs"
    if name == OTHERS:
        return f"{amount} because of all other disruptions together"
    return f"{amount} because of {name}"


def _amount(value: float, currency: str) -> str:
    return f"{money(abs(value), currency)} {'more' if value > 0 else 'less'}"


DECIDED_FOR = Study(
    "decided_for",
    "Which disruptions a decision is made for",
    TABLES[0].help,
    TABLES,
    decided_for,
    on_request=True,
    takes="up to two minutes",
    nothing=(
        "Nothing can be split: no decision that could be taken back in time saves more than the gap of the plan, no disruption occurs in some futures and "
        "not in others, or the time was too short for the courses of events that they make."
    ),
)
"""The study as the registry lists it."""
