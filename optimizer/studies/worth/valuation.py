"""What information and planning under uncertainty are worth, and what each limit costs, all on the futures of the plan.

Perfect information: each future is planned by itself, with contracts and projects of its own; the mean over the futures is the wait-and-see bound, and what
lies between it and the plan is the expected value of perfect information (Raiffa & Schlaifer, 1961; Birge & Louveaux, 2011, ch. 4). A forecast of one
disruption tells from the start when and whether it will be active, and nothing else. Foresight after the first decisions keeps the plan's contracts, projects
and first period. The value of the stochastic solution is what the first decisions of the mean future cost more than the plan's (Birge, 1982; see
expected_value.py).

All is counted on the objective of the plan, so that a plan that is averse to risk is compared with others by its own measure; where risk counts, perfect
information is told on the expected cost as well. Perfect information lowers the cost of each future, and thereby every such measure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from optimizer.case import Case
from optimizer.plan.explain import money, percent
from optimizer.plan.plan import Plan
from optimizer.schema.results import Output, number, text, whole
from optimizer.solving.outcome import Status
from optimizer.solving.solution import Solution
from optimizer.solving.watch import Progress, Stopped
from optimizer.studies.estimates import CONFIDENCE, equal_draws, student
from optimizer.studies.study import Study, solution_of
from optimizer.studies.worth.expected_value import plan_for_the_mean
from optimizer.studies.worth.information import Course, Information
from optimizer.studies.worth.limit_costs import Relaxed, named, relaxations
from optimizer.studies.worth.work import Work

SECONDS = 108.0
"""The seconds after which the study ends: what is not reached by then is said to be so."""

OF_FUTURES, OF_MEAN, OF_LIMITS = 0.3, 0.25, 0.6
"""The most that single futures, then the mean future, then limits may take of the time that is left each time; forecasts have the rest."""

MANY = "Planning for many futures"

SAME = 1e-6
"""Differences up to this share of the objective are none."""

_NOT_KNOWN, _EXACT = "not known", "the futures are all there are, or no figure is known"
_FIGURES = {
    "value": number("{currency}", "What it is worth, discounted over the horizon.", blank=_NOT_KNOWN),
    "at_least": number("{currency}", "The least that it can be worth, as far as the gaps of both plans leave that open.", blank=_NOT_KNOWN),
    "at_most": number("{currency}", "The most that it can be worth on these futures.", blank=_NOT_KNOWN),
    "low_95": number("{currency}", "Lower end of the 95% interval of the value, where the futures are a sample.", blank=_EXACT),
    "high_95": number("{currency}", "Upper end of the 95% interval of the value, where the futures are a sample.", blank=_EXACT),
}

TABLES = (
    Output(
        "value",
        "Value of information",
        "What knowing the future, and planning for many futures at once, are worth on the futures of the plan.",
        {
            "question": text("What is compared with the plan."),
            "measure": text("What is counted: the objective of the plan, or the expected cost."),
            "plan": number("{currency}", "What the plan comes to."),
            "other": number("{currency}", "What the other way of deciding comes to.", blank=_NOT_KNOWN),
            **_FIGURES,
            "words": text("The same in a sentence."),
        },
    ),
    Output(
        "value_disruptions",
        "Value of forecasts",
        "What it is worth to know from the start when and whether each disruption will be active, and nothing else.",
        {
            "disruption": text("The disruption."),
            "probability": number("share", "The probability that it is active in some period of these futures."),
            "courses": whole("How many different courses it takes in these futures."),
            **_FIGURES,
            "words": text("The same in a sentence."),
        },
    ),
    Output(
        "value_limits",
        "Cost of limits",
        "What each row of Budget and Limits costs: how much less the objective would be without it.",
        {
            "sheet": text("The sheet of the row."),
            "row": whole("Its number there."),
            "limit": text("What it limits."),
            **_FIGURES,
            "per_year": number("{currency} per year", "The value divided by the years of the horizon.", blank=_NOT_KNOWN),
            "words": text("The same in a sentence."),
        },
    ),
)


def value_of_information(plan: Plan, progress: Callable[[Progress], None] | None = None, *, seconds: float = SECONDS) -> dict[str, pd.DataFrame]:
    """Make the tables value, value_disruptions and value_limits, as TABLES declares them.

    progress is told where it stands, at least at each program that is solved. seconds: after which it ends; what is not reached by then is said to be so.
    ValueError for a plan that was read back without its solver's arrays.

    >>> tables = optimizer.studies.value_of_information(optimizer.solve("sample_inputs/tutorial.xlsx"))
    >>> tables["value"].words[0]
    'A buyer who knew the future from the start would spend USD 98,035 less.'
    """
    solution = solution_of(plan)
    work = Work(progress, seconds)
    try:
        work.tell("value, getting ready")
        told = _Told(solution, work)
        rows = {"value": told.comparisons(), "value_limits": told.limits(), "value_disruptions": told.disruptions()}
    except Stopped:
        work.raise_failure()
        raise
    finally:
        work.close()
    return {output.name: output.frame(rows[output.name]) for output in TABLES}


def interval(information: Information, difference: np.ndarray) -> tuple[float, float]:
    """Return how far the mean of a difference over all futures may lie below and above that over a sample of them: the 95% interval of the sampling error.

    difference: (leaves,), by future, in money. The most probable path of a sampled tree has its own probability and no error; the others are draws of equal
    weight. Both are NaN where the futures are no sample.
    """
    tree, settings = information.tree, information.settings
    if tree.method != "sampled":
        return np.nan, np.nan
    drawn = information.leaves != tree.reference[-1]
    mass = information.probability[drawn]
    if mass.sum() <= 0:
        return 0.0, 0.0
    counts = equal_draws(mass, settings.scenarios - 1)
    draws, share = int(counts.sum()), mass / mass.sum()
    if draws < 2:
        return np.nan, np.nan
    spread = share @ (difference[drawn] - share @ difference[drawn]) ** 2 * draws / (draws - 1)
    error = student((1 + CONFIDENCE) / 2, draws - 1) * float(mass.sum() * np.sqrt(spread / draws))
    return error, error


class _Told:
    """The rows of the tables."""

    def __init__(self, solution: Solution, work: Work) -> None:
        self.solution, self.work = solution, work
        self.information = Information(solution, work)
        self.case: Case = solution.built.case
        self.currency = self.case.settings.currency
        self.size = max(1.0, abs(solution.objective))

    # -- figures -------------------------------------------------------------------------------------------------------

    def money(self, amount: float) -> str:
        return money(amount, self.currency)

    def figures(self, dear: Course, cheap: Course) -> dict[str, float]:
        """Return the columns of _FIGURES of what a cheaper course saves against a dearer one."""
        found = dear.objective - cheap.objective
        weighed = self.information.weighed(dear.path_cost) - self.information.weighed(cheap.path_cost)
        below, above = interval(self.information, weighed)
        least = dear.bound - cheap.objective if np.isfinite(dear.bound) else np.nan
        most = dear.objective - cheap.bound if np.isfinite(cheap.bound) else np.nan
        return {
            "value": self._rounded(found),
            "at_least": self._rounded(max(0.0, least)) if np.isfinite(least) else np.nan,
            "at_most": self._rounded(most),
            "low_95": found - below,
            "high_95": found + above,
        }

    def _rounded(self, amount: float) -> float:
        """Return a difference, 0 where it is rounding."""
        return 0.0 if abs(amount) <= SAME * self.size else amount

    def course_of(self, solution: Solution) -> Course:
        """Return a solution of the plan's futures as a course."""
        x = solution.x
        assert x is not None
        return Course(solution.objective, solution.built.path_costs(x)[self.information.leaves], solution.bound)

    def span(self, figures: dict[str, float]) -> str:
        """Say between what a value lies, where that is not settled."""
        low, high = figures["at_least"], figures["at_most"]
        if np.isnan(high):
            return " at least"
        return "" if high - low <= 1e-4 * self.size else f" (between {self.money(max(0.0, low))} and {self.money(high)})"

    # -- the tables ----------------------------------------------------------------------------------------------------

    def comparisons(self) -> list[dict[str, Any]]:
        """Make the rows of the table value."""
        information = self.information
        with self.work.within(OF_FUTURES):
            self.work.tell("value, each future known after the first decisions")
            later = information.informed(information.futures(), decided=True)
            self.work.tell("value, each future planned by itself")
            known = information.informed(information.futures())
        rows = [self._informed("Perfect information", known, "A buyer who knew the future from the start would spend", " less")]
        if information.built.risk is not None and known.reached >= 1 - SAME:
            rows.append(self._expected(known))
        words = "With the contracts, projects and first period of the plan, knowing the future from then on would save"
        rows.append(self._informed("Foresight after the first decisions", later, words, ""))
        self.work.tell("value, the mean future planned for")
        return rows + self._stochastic_solution()

    def _informed(self, question: str, course: Course, words: str, end: str) -> dict[str, Any]:
        """Make the row of a course that knows more than the plan. words, end: of the sentence, before and after the amount."""
        row = {"question": question, "measure": "objective", "plan": self.information.planned.objective}
        if course.reached <= 0:
            return {**row, "other": np.nan, **dict.fromkeys(_FIGURES, np.nan), "words": f"{question}: it could not be solved in the time that there was."}
        figures = self.figures(self.information.planned, course)
        said = f"{words} {self.money(max(0.0, figures['value']))}{end}{self.span(figures)}."
        return {**row, "other": course.objective, **figures, "words": said + self._reached(course) + self._sampled(figures)}

    @staticmethod
    def _reached(course: Course) -> str:
        """Say for how many futures there was no time."""
        return "" if course.reached >= 1 - SAME else f" There was time to plan anew for {percent(course.reached)} of the futures; the others are as planned."

    def _expected(self, known: Course) -> dict[str, Any]:
        """Compare the expected costs of the plan, which are not the least possible ones, and of perfect information."""
        information = self.information
        plan, other = (float(information.probability @ course.path_cost) for course in (information.planned, known))
        below, above = interval(information, information.planned.path_cost - known.path_cost)
        found = plan - other
        figures = {"value": found, "at_least": np.nan, "at_most": np.nan, "low_95": found - below, "high_95": found + above}
        words = (
            f"On average over the futures, without regard to risk, a buyer who knew the future would spend {self.money(found)} less than the plan, "
            "which itself pays for less risk."
        )
        return {"question": "Perfect information", "measure": "expected cost", "plan": plan, "other": other, **figures, "words": words + self._sampled(figures)}

    def _sampled(self, figures: dict[str, float]) -> str:
        """Say how far the figure may be off because the futures are a sample."""
        if np.isnan(figures["low_95"]) or figures["high_95"] - figures["low_95"] <= SAME * self.size:
            return ""
        return f" The futures are a sample: with 95% confidence it is between {self.money(figures['low_95'])} and {self.money(figures['high_95'])}."

    def _stochastic_solution(self) -> list[dict[str, Any]]:
        """Compare the first decisions of the mean future; where its orders cannot be kept, its contracts and projects alone in a second row."""
        with self.work.within(OF_MEAN):
            mean = plan_for_the_mean(self.solution.built, self.work)
        if mean.kept is None:
            reason = "The mean future could not be planned for in the time that there was."
            if mean.solution.status == Status.INFEASIBLE:
                reason = "There is no plan for the mean future: its mean prices, capacities and demands cannot keep the limits and budgets."
            return [self._kept(MANY, None, "", reason)]
        rows = [self._kept(MANY, mean.kept, "first decisions", "The first decisions of a plan for the mean future")]
        if mean.without_orders is not None:
            first = "The contracts and projects of a plan for the mean future"
            rows.append(self._kept(f"{MANY}, contracts and projects alone", mean.without_orders, "contracts and projects", first))
        return rows

    def _kept(self, question: str, kept: Solution | None, what: str, subject: str) -> dict[str, Any]:
        """Make the row of some decisions of the mean future. kept: None where there are none, for the reason that is then the subject."""
        row = {"question": question, "measure": "objective", "plan": self.information.planned.objective}
        if kept is not None and kept.x is not None:
            course = self.course_of(kept)
            figures = self.figures(course, self.information.planned)
            said = f"A buyer who planned for the mean future and kept its {what} would spend {self.money(max(0.0, figures['value']))} more"
            return {**row, "other": course.objective, **figures, "words": f"{said}{self.span(figures)}.{self._sampled(figures)}"}
        words = subject
        if kept is not None and kept.status == Status.INFEASIBLE:
            words = f"{subject} cannot be kept: in some futures they break a limit or a budget, whatever is done later."
        elif kept is not None:
            words = f"{subject} could not be tried on all futures in the time that was left."
        return {**row, "other": np.nan, **dict.fromkeys(_FIGURES, np.nan), "words": words}

    def disruptions(self) -> list[dict[str, Any]]:
        """Make the rows of the table value_disruptions, in the order of the workbook. Those that divide the costs of the futures most are solved first."""
        information = self.information
        groups = {k: information.histories(k) for k in range(len(self.case.disruptions))}
        rows: dict[int, dict[str, Any]] = {}
        for done, k in enumerate(sorted(groups, key=lambda k: -self._divided(groups[k])), start=1):
            self.work.tell(f"value, a forecast of disruption {done} of {len(groups)}")
            row = self.case.disruptions[k]
            active = np.array([k in regime for regime in information.tree.regimes], dtype=bool)[information.tree.regime]
            happens = active[information.tree.ancestors()[information.leaves]].any(axis=1)
            head = {"disruption": row.disruption, "probability": float(information.probability @ happens), "courses": len(groups[k])}
            course = None if self.work.watch.over else information.informed(groups[k])
            rows[k] = {**head, **self._forecast(row.disruption, len(groups[k]), course)}
        return [rows[k] for k in sorted(rows, key=lambda k: self.case.disruptions[k].row)]

    def _divided(self, groups: list[np.ndarray]) -> float:
        """Return the variance between groups of what the futures add to the plan's objective."""
        weighed, probability = self.information.weighed(self.information.path_cost), self.information.probability
        mass = np.array([probability[futures].sum() for futures in groups])
        means = np.array([probability[futures] @ weighed[futures] for futures in groups]) / mass
        return float(mass @ (means - mass @ means) ** 2)

    def _forecast(self, name: str, courses: int, course: Course | None) -> dict[str, Any]:
        if course is None or (courses > 1 and course.reached <= 0):
            return {**dict.fromkeys(_FIGURES, np.nan), "words": f"{name}: it could not be solved in the time that there was."}
        if courses == 1:
            words = f"{name}: it takes the same course in all futures, so that there is nothing to know."
            return {**self.figures(self.information.planned, course), "at_least": 0.0, "at_most": 0.0, "words": words}
        figures = self.figures(self.information.planned, course)
        worth = f"{self.money(max(0.0, figures['value']))}{self.span(figures)}"
        words = f"{name}: knowing from the start when and whether it comes is worth {worth}.{self._reached(course)}"
        return {**figures, "words": words + self._sampled(figures)}

    def limits(self) -> list[dict[str, Any]]:
        """Make the rows of the table value_limits, in the order of the workbook."""
        with self.work.within(OF_LIMITS):
            return [self._limit(relaxed) for relaxed in relaxations(self.solution, self.work)]

    def _limit(self, relaxed: Relaxed) -> dict[str, Any]:
        line = relaxed.line
        found = self.case.budget[line.position] if line.sheet == "Budget" else self.case.limits[line.position]
        name = named(found, self.currency)
        head = {"sheet": line.sheet, "row": found.row, "limit": name}
        if relaxed.without is None:
            return {**head, **dict.fromkeys(_FIGURES, np.nan), "per_year": np.nan, "words": f"{name}: it could not be solved in the time that there was."}
        dear, cheap = self.course_of(relaxed.base), self.course_of(relaxed.without)
        cheap = cheap if cheap.objective <= dear.objective else Course(dear.objective, dear.path_cost, cheap.bound)
        figures = self.figures(dear, cheap)
        years = self.case.calendar.years * self.case.settings.periods
        yearly = figures["value"] / years
        kept = " with the same yes/no decisions" if relaxed.kept else ""
        if figures["value"] <= 0:
            said = f"{name}: it costs nothing; the plan would be no cheaper without it{kept}{self.span(figures)}."
        else:
            said = (
                f"{name}: without it the plan would be {self.money(figures['value'])} cheaper{kept}{self.span(figures)}; that is {self.money(yearly)} a year."
            )
        if relaxed.kept:
            figures["at_most"] = np.nan
        return {**head, **figures, "per_year": yearly, "words": said + self._sampled(figures)}


VALUE = Study(
    "value",
    "What knowing and limits are worth",
    "Tells what it would be worth to know the future or one disruption's course, what planning for many futures saves, and what each limit and budget costs.",
    TABLES,
    value_of_information,
    on_request=True,
    takes="up to two minutes",
    together=True,
)
