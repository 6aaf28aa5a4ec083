"""Regret: what it costs to take back each decision that a plan makes here and now, and why.

A decision is taken back by bounds on the columns of the plan's own program, and the rest is decided anew on the same futures (the value of a
decision by re-solving; Wagner, 1995, sets out why the duals alone do not tell it). Two numbers enclose what that costs: the bound of the new
solve less the plan's cost, and the cost of the new plan less the plan's cost. No smaller sum is told apart from nothing than the plan's own gap,
or TIE of its cost: then either is as good.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from optimizer.plan.explain import money, percent, worst_futures
from optimizer.plan.plan import Plan
from optimizer.schema.costs import COST_PARTS
from optimizer.schema.results import Output, number, text, whole
from optimizer.solving.outcome import Status
from optimizer.solving.solution import Solution
from optimizer.solving.watch import Phase, Progress, Watch
from optimizer.studies.reversing.entry import Entries
from optimizer.studies.reversing.resolves import Job, Resolver
from optimizer.studies.reversing.reversals import DATE, SIZE, Reversal, reversals_of
from optimizer.studies.reversing.why import Difference, Occurrence, PathCosts, occurrences, occurs, where_it_lies
from optimizer.studies.study import Study, solution_of

SECONDS = 100.0
"""The time for all new solves together, in seconds of the wall clock. What it does not suffice for is said to be not known."""

KEEP, REVERSE, EITHER, OPEN, NEEDED, UNKNOWN = ("keep", "reverse", "either", "open", "needed", "not known")
"""What the figures say of a decision: keeping it is better, reversing it is, either is as good, the two figures do not tell, no plan can do
without it, there was no time."""

NO_PLAN = "no plan is known without the decision"

_DECISION = {
    "kind": text("What the decision is about: contract, contract size, project, project date, offer or stock."),
    "decision": text("The decision of the plan."),
    "instead": text("What is done instead; everything else is then decided anew."),
}

TABLES = (
    Output(
        "regret",
        "Regret",
        "What it costs to take back each decision that is made here and now, everything else decided anew on the same futures.",
        {
            **_DECISION,
            "verdict": text("keep, reverse, either (as good), open (the figures do not tell), needed (no plan without it), or not known."),
            "at_least": number("{currency}", "What reversing it costs at least, by the bound of the new solve, risk counted as the plan counts it.", NO_PLAN),
            "at_most": number("{currency}", "What reversing it costs at most: the new plan's cost less the plan's, risk counted in the same way.", NO_PLAN),
            "expected": number("{currency}", "How much more the new plan costs on average over all futures.", NO_PLAN),
            "beyond": number("{currency}", "How much of that lies in the periods beyond the horizon (tail_periods); 0 without any.", NO_PLAN),
            "worst": number("{currency}", "How much more the new plan's worst futures cost on average than those of the plan.", NO_PLAN),
            "words": text("The same in sentences, and where the difference lies."),
        },
    ),
    Output(
        "regret_reach",
        "Regret told",
        "For how many decisions this study found the answer in its time, and how long the others would take.",
        {
            "told": whole("Decisions for which it is known what reversing them costs, or that there is no choice."),
            "bounded": whole("Decisions for which only the least that reversing them costs is known, from a bound."),
            "left": whole("Decisions for which neither is known."),
            "seconds": number("s", "About how long the decisions without an answer would take, if each takes as long as the others did.", "none was told"),
            "words": text("The same in sentences."),
        },
    ),
    Output(
        "regret_costs",
        "Regret by cost",
        "Which parts of the cost differ once a decision is taken back; those of a decision add up to its whole difference.",
        {
            **_DECISION,
            "part": text("The part of the cost."),
            "expected": number("{currency}", "How much higher it is on average over all futures, discounted."),
            "worst": number("{currency}", "How much higher it is on average over the worst futures of each plan."),
        },
    ),
    Output(
        "regret_disruptions",
        "Regret by disruption",
        "In which futures the difference lies: those in which a disruption occurs at some time, and the others. Futures with several count for each.",
        {
            **_DECISION,
            "disruption": text("The disruption."),
            "chance": number("share", "The chance that it occurs within the horizon."),
            "extra": number("{currency}", "How much more the new plan costs, on average over the futures in which it occurs.", "it never occurs"),
            "otherwise": number("{currency}", "How much more the new plan costs, on average over the futures in which it does not.", "it always occurs"),
        },
    ),
    Output(
        "entry_prices",
        "Entry prices",
        "The price or cost at which what the plan does not take would be worth taking, all else as in the workbook.",
        {
            "kind": text("contract, project, or spot market."),
            "what": text("What is not taken."),
            "present": number("{currency}", "Its price of a unit, or its cost, in the workbook: in its first period, without disruptions."),
            "enters_at": number("{currency}", "The price or cost at or below which it is worth taking, as far as that is known.", "not known"),
            "confirmed": text("Whether that is confirmed: yes, no, or not known."),
            "words": text("The same in a sentence."),
        },
    ),
)


@dataclass(frozen=True)
class Weighed:
    """A reversal and what it costs. difference: from the plan to the new plan, None without one; at_least, at_most in money, NaN likewise."""

    reversal: Reversal
    verdict: str
    at_least: float = np.nan
    at_most: float = np.nan
    difference: Difference | None = None
    occurrences: tuple[Occurrence, ...] = ()


def verdict_of(at_least: float, at_most: float, tolerance: float, tie: float) -> str:
    """Return what two figures say of a decision whose reversal costs between them.

    tie: what counts as nothing; tolerance: up to what the gap of the plan leaves it open which of the two is better, at least as much. A plan in hand
    that is cheaper by more than a tie is better whatever that gap is.
    """
    if at_most < -tie:
        return REVERSE
    if at_most <= tolerance:
        return EITHER
    return KEEP if at_least > tolerance else OPEN


class Weigher:
    """Compares the plan of each reversal with the plan."""

    def __init__(self, solution: Solution, resolver: Resolver) -> None:
        self.solution, self.resolver = solution, resolver
        self.costs, self.hits = PathCosts.of(solution), occurs(solution.built)

    def weigh(self, reversal: Reversal, found: Solution | None) -> Weighed:
        """Return what a reversal costs. found: the new plan, None where there was no time for one."""
        if found is None:
            return Weighed(reversal, UNKNOWN)
        if found.status == Status.INFEASIBLE:
            return Weighed(reversal, NEEDED)
        if found.x is None:
            at_least = found.bound - self.solution.objective
            return Weighed(reversal, KEEP, at_least) if at_least > self.resolver.tolerance else Weighed(reversal, UNKNOWN)
        at_most = found.objective - self.solution.objective
        # A plan without the decision is a plan: whatever bounds all plans bounds it.
        at_least = min(max(found.bound, self.resolver.bound) - self.solution.objective, at_most)
        difference = Difference.between(self.costs, PathCosts.of(found))
        lies = tuple(occurrences(self.solution.built, self.hits, difference.by_future))
        return Weighed(reversal, verdict_of(at_least, at_most, self.resolver.tolerance, self.resolver.tie), at_least, at_most, difference, lies)


def regret(plan: Plan, progress: Callable[[Progress], None] | None = None, *, seconds: float = SECONDS) -> dict[str, pd.DataFrame]:
    """Make the tables regret, regret_reach, regret_costs, regret_disruptions and entry_prices, as TABLES declares them.

    progress is told several times a second where it stands; an exception that it raises stops the study. seconds: for all new solves together; what they
    do not suffice for is said to be not known, and regret_reach says what it would take. ValueError for a plan that was read back without its solver's
    arrays.

    >>> tables = optimizer.studies.regret(optimizer.solve("sample_inputs/tutorial.xlsx"))
    >>> tables["regret"].verdict[0]
    'keep'
    """
    solution = solution_of(plan)
    watch = Watch(report=progress)
    watch.tell(Phase.REGRET)
    found = reversals_of(solution, watch)
    resolver = Resolver(solution, watch, Phase.REGRET, seconds)
    try:
        weigher, entries = Weigher(solution, resolver), Entries(solution, resolver)
        weighed: dict[int, Weighed] = {}
        answers: dict[int, Solution | None] = {}
        order = sorted(range(len(found)), key=lambda k: (found[k].kind in (SIZE, DATE), -found[k].stake))
        for place, answer in resolver.solve([Job(found[k].decision, found[k].applied, found[k].one_of) for k in order]):
            weighed[order[place]] = weigher.weigh(found[order[place]], answer)
            answers[order[place]] = answer
        for k, reversal in enumerate(found):
            entries.note(reversal, answers[k])
        rows = [weighed[k] for k in range(len(found))]
        tables = _Tables(solution, rows, resolver.tolerance)
        made = {"regret": tables.regret(), "regret_reach": tables.reach(resolver.took), "regret_costs": tables.costs()}
        made |= {"regret_disruptions": tables.disruptions(), "entry_prices": entries.rows()}
    finally:
        resolver.close()
    return {output.name: output.frame(made[output.name]) for output in TABLES}


class _Tables:
    """The rows of the tables, and the sentences."""

    def __init__(self, solution: Solution, weighed: list[Weighed], tolerance: float) -> None:
        self.solution, self.weighed, self.tolerance = solution, weighed, tolerance
        self.settings = solution.built.case.settings
        self.currency = self.settings.currency

    @staticmethod
    def _head(weighed: Weighed) -> dict[str, Any]:
        reversal = weighed.reversal
        return {"kind": reversal.kind, "decision": reversal.decision, "instead": reversal.otherwise}

    def regret(self) -> list[dict[str, Any]]:
        rows = []
        for w in self.weighed:
            d = w.difference
            apart = {name: np.nan if d is None else float(getattr(d, name)) for name in ("expected", "beyond", "worst")}
            figures = {"at_least": w.at_least, "at_most": w.at_most, **apart}
            rows.append({**self._head(w), "verdict": w.verdict, **figures, "words": self._words(w)})
        return rows

    def reach(self, took: list[float]) -> list[dict[str, Any]]:
        """Return the row that says how far the time went; none where every decision is told. took: the seconds of those that were solved for."""
        left = sum(w.verdict == UNKNOWN for w in self.weighed)
        bounded = sum(w.verdict == KEEP and w.difference is None for w in self.weighed)
        if not left + bounded:
            return []
        told, seconds = len(self.weighed) - left - bounded, (left + bounded) * float(np.mean(took)) if took else np.nan
        said = f"{told} of {len(self.weighed)} decisions {'is' if told == 1 else 'are'} answered, those that move the most money first"
        said += f"; for {bounded} more it is known what {'it saves' if bounded == 1 else 'they save'} at least" if bounded else ""
        said += f". {'One decision is' if left == 1 else f'{left} decisions are'} left." if left else "."
        if took:
            said += f" The rest would take about {in_time(seconds)} more on this computer: in Python, regret(plan, seconds={_enough(seconds)})."
        return [{"told": told, "bounded": bounded, "left": left, "seconds": seconds, "words": said}]

    def costs(self) -> list[dict[str, Any]]:
        return [
            {**self._head(w), "part": part.name, "expected": w.difference.parts[part.name][0], "worst": w.difference.parts[part.name][1]}
            for w in self.weighed
            if w.difference is not None
            for part in COST_PARTS
            if part.name in w.difference.parts
        ]

    def disruptions(self) -> list[dict[str, Any]]:
        return [
            {**self._head(w), "disruption": o.disruption, "chance": o.chance, "extra": o.extra, "otherwise": o.otherwise}
            for w in self.weighed
            for o in w.occurrences
        ]

    # -- words ---------------------------------------------------------------------------------------------------------

    def _words(self, w: Weighed) -> str:
        said = f"{w.reversal.decision}: {self._verdict(w)}"
        if w.verdict not in (KEEP, REVERSE) or w.difference is None:
            return said
        parts, lies = w.difference.in_words(self.currency), where_it_lies(w.occurrences, self.currency)
        sentences = [
            said,
            f"On average over all futures the plan {w.reversal.otherwise} costs {self._amount(w.difference.expected)}: {parts}." if parts else "",
            f"Of this, {self._amount(w.difference.beyond)} lies beyond the horizon." if w.difference.beyond else "",
            self._worst(w.difference),
            lies,
        ]
        return " ".join(filter(None, sentences))

    def _verdict(self, w: Weighed) -> str:
        otherwise = w.reversal.otherwise
        if w.verdict == UNKNOWN:
            return f"no plan {otherwise} was found in the time of this study, so that its regret is not known."
        if w.verdict == NEEDED:
            return f"there is no choice, because no plan {otherwise} keeps the limits and budgets of the workbook."
        if w.verdict == EITHER:
            known = percent(self.tolerance / abs(self.solution.objective)) + " of its cost" if self.solution.objective else "the rounding of the solver"
            return f"either is as good; the plan {otherwise} costs {self._amount(w.at_most)}, and differences up to {known} count as nothing here."
        if w.verdict == OPEN:
            least = f"and {money(w.at_least, self.currency)} more at least" if w.at_least > 0 else "and perhaps nothing more"
            return f"the figures do not tell; the plan {otherwise} costs {money(w.at_most, self.currency)} more at most, {least}."
        counted = ", risk counted as in the plan" if self.settings.risk_weight > 0 else ""
        if w.verdict == REVERSE:
            return f"reversing it is better; the plan {otherwise} costs {money(-w.at_most, self.currency)} less{counted}."
        if np.isnan(w.at_most):
            return f"this saves at least {money(w.at_least, self.currency)}{counted}; no plan {otherwise} was found in the time of this study."
        low, high = money(w.at_least, self.currency), money(w.at_most, self.currency)
        return f"this saves {high if low == high else f'between {low} and {high}'}{counted}."

    def _amount(self, value: float) -> str:
        said = money(abs(value), self.currency)
        return "the same" if said == money(0, self.currency) else f"{said} {'more' if value > 0 else 'less'}"

    def _worst(self, difference: Difference) -> str:
        if self.settings.risk_weight == 0 or self.settings.cvar_level == 0:
            return ""
        futures = worst_futures(self.settings.cvar_level)
        return f"{futures[0].upper()}{futures[1:]} then cost {self._amount(difference.worst)} on average."


def in_time(seconds: float) -> str:
    """Say a time in whole minutes, or in seconds where it is short."""
    return f"{max(1.0, round(seconds)):.0f} s" if seconds < 90 else f"{round(seconds / 60):,} minutes"


def _enough(seconds: float) -> int:
    """Return a round number of seconds in which the study, the others included, is likely done."""
    return int(np.ceil((SECONDS + seconds) / 100)) * 100


REGRET = Study("regret", "Why, and what reversing costs", TABLES[0].help, TABLES, regret, on_request=True, takes="up to two minutes", together=True)
"""The study as the registry lists it."""
