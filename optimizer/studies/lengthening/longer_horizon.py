"""What one and two more years of planning change in what is decided now.

A plan lets its stocks run down towards the end of its horizon, and signs and starts only what pays back before it. So the case is solved again with
its horizon one and two fiscal years longer (optimizer/lengthening.py), on the plan's own futures continued into these years. First what the plan
decides now is kept: contracts, projects, and the orders of the first period. Only where this costs more over the longer horizon than another plan, by
more than the gaps to which both were solved leave open, does a decision turn: plans that are equally good differ by chance.

That a first decision is to be trusted when longer horizons leave it as it is, is the idea of a forecast horizon (Chand, Hsu & Sethi, 2002).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from optimizer.case import Case
from optimizer.errors import WorkbookError
from optimizer.lengthening import Assumption, a_year, lengthened
from optimizer.model.data import CaseData, canonical
from optimizer.model.stamp import NO_NODE
from optimizer.plan.audit import audit, require
from optimizer.plan.plan import Plan
from optimizer.plan.results import Results
from optimizer.scenarios.continued import agree, continued
from optimizer.schema.results import Output, number, text, whole, yes_no
from optimizer.solving.built import Built, build
from optimizer.solving.decomposition import LEAST_GAP
from optimizer.solving.outcome import Status, relative_gap
from optimizer.solving.size import free_memory, require_room
from optimizer.solving.solution import Solution
from optimizer.solving.solve import solve_program
from optimizer.solving.warm_start import WarmStart
from optimizer.solving.watch import Phase, Progress, Stopped, Watch
from optimizer.studies.decisions_beside import TURNS, Decision, decided
from optimizer.studies.lengthening import horizon_words as words
from optimizer.studies.lengthening.horizon_words import Compared
from optimizer.studies.study import Study, solution_of

YEARS = (1, 2)
"""The fiscal years by which the horizon is made longer."""

SECONDS = 105.0
"""The time for all solves together. What is stopped by it is said with its gap."""

SHARE_OF_KEPT = 0.5
"""The most of a longer horizon's time that goes to the plan that keeps today's decisions, once its program is made; the search for a better one begins
from that plan."""

LEAST_SECONDS = 2.0
"""The seconds that each solve gets, however little time is left."""

SLOW = 2.0
"""How many times the time of a horizon its solves may take at most, with all that is not stopped by their own limits, on a slow machine."""

KEPT, FREE = "today's decisions kept", "all decisions free"
"""The two solves of a longer horizon."""

NOW = ("contract", "signed", "start", "start_if")
"""The decisions that are made once, here and now."""

FIRST = ("spot", "call_off", "filed")
"""What is ordered at a node."""

_NO_PLAN = "no plan was found over that horizon"
_LENGTHS = {"as_it_is": "over the horizon as it is", "one_year": "over a horizon one year longer", "two_years": "over a horizon two years longer"}

TABLES = (
    Output(
        "horizon",
        "Longer horizon",
        "What one and two more years of planning change in what is decided now.",
        {"subject": text("What the sentence is about."), "words": text("The sentence.")},
    ),
    Output(
        "horizon_decisions",
        "Decisions by horizon",
        "What is decided over the horizon as it is, and over one and two years more.",
        {
            "kind": text("Contract, project, first orders or largest stock."),
            "decision": text("What is decided."),
            **{name: number("{unit}", f"The quantity {meaning}.", blank=f"a project, or {_NO_PLAN}") for name, meaning in _LENGTHS.items()},
            "unit": text("The unit of the quantities; of a contract, a year.", blank="a project has none"),
            **{
                f"start_{name}": text(f"When a project starts {meaning}.", blank=f"no project, not started, or {_NO_PLAN}")
                for name, meaning in _LENGTHS.items()
            },
            "turns": yes_no(f"Whether it turns over a longer horizon: done or not done, or another quantity, by more than {TURNS:.0%} of the larger."),
            "words": text("The same in a sentence."),
        },
    ),
    Output(
        "horizon_plans",
        "Plans by horizon",
        "The plan over each horizon, and what it costs there to keep what is decided now.",
        {
            "longer": whole("The years by which the horizon is longer."),
            "last_period": text("The last period of the horizon."),
            "futures": whole("The number of futures."),
            "objective": number("{currency}", "The objective of the best plan found.", blank=_NO_PLAN),
            "gap": number("share", "Distance of that plan from the best possible, relative to its objective.", blank=_NO_PLAN),
            "kept": number("{currency}", "The objective of the best plan found that keeps what is decided now.", blank="none was found"),
            "extra": number("{currency}", "By how much that is more; risk counts as in the plan.", blank="none was found"),
            "words": text("The same in a sentence."),
        },
    ),
    Output(
        "horizon_assumptions",
        "Years after the horizon",
        "What is assumed of the years after the horizon, where the workbook's rows end with it or begin after it.",
        {"where": text("The sheet and the row."), "words": text("What is assumed.")},
    ),
)


@dataclass(frozen=True, slots=True)
class Longer:
    """The answer over one longer horizon.

    kept: the plan that keeps today's decisions. best: the one to compare with: kept where none was found that is better by more than gaps leave open,
    None without any plan. impossible: whether no plan can keep today's decisions. least: the least objective found; bound: on that of every
    plan. failed: why there is no plan, in words.
    """

    years: int
    case: Case
    futures: int
    same_futures: bool
    kept: Solution | None = None
    best: Solution | None = None
    impossible: bool = False
    least: float = np.nan
    bound: float = np.nan
    failed: str = ""


def horizon(plan: Plan, progress: Callable[[Progress], None] | None = None, *, seconds: float = SECONDS) -> dict[str, pd.DataFrame]:
    """Make the tables that TABLES declares: what is decided now over the horizon as it is, and over one and two fiscal years more.

    seconds: for all solves together; what is stopped by it is said with its gap. ValueError for a plan that was read back without its solver's arrays.

    >>> tables = optimizer.studies.horizon(optimizer.solve("sample_inputs/tutorial.xlsx"))
    >>> tables["horizon_decisions"][["kind", "as_it_is", "two_years", "turns"]].to_dict("records")[0]
    {'kind': 'contract', 'as_it_is': 500.0, 'two_years': 500.0, 'turns': False}
    """
    solution = solution_of(plan)
    watch = Watch(report=progress)
    watch.tell(Phase.HORIZON)
    found: list[Longer] = []
    assumed: list[Assumption] = []
    for done, years in enumerate(YEARS, start=1):
        longer, assumed = lengthened(plan.case, plan.case.settings.tail_periods + years * a_year(plan.case.calendar))
        found.append(_solved(solution, years, longer, watch, seconds * done / len(YEARS)))
    return _tables(plan, found, assumed)


# -- solving ---------------------------------------------------------------------------------------------------------------


class Link:
    """The link between the caller of the study and one of its solves: it tells progress on, and stops the solve once the caller has raised an exception.

    A solver that is at work in a thread of its own must end before the exception goes on, or it would be left behind.
    """

    def __init__(self, outer: Watch, years: int, limit: float) -> None:
        """limit: seconds after which the time is over, however slow the machine is."""
        self.outer, self.years, self.step, self.share = outer, years, KEPT, YEARS.index(years) / len(YEARS)
        self.error: BaseException | None = None
        self.watch = Watch(report=self.report, cancelled=lambda: self.error is not None, limit=limit)

    def report(self, progress: Progress) -> None:
        """Tell on where a solve stands."""
        try:
            self.outer.tell(Phase.HORIZON, f"{words.longer(self.years)}, {self.step}: {progress.words}", share=self.share)
        except BaseException as error:
            self.error = self.error or error

    def go_on(self) -> None:
        """Raise what the caller has raised."""
        if self.error is not None:
            raise self.error
        if self.watch.interrupted:
            raise KeyboardInterrupt

    def now_free(self) -> None:
        """Take note that the search without kept decisions begins."""
        self.step, self.share = FREE, self.share + 0.5 / len(YEARS)


def _solved(solution: Solution, years: int, longer: Case, watch: Watch, until: float) -> Longer:
    """Solve a longer case: first with today's decisions kept, then freely from there. until: the watch's second by which to end."""
    made, longer = solution.built, canonical(longer)
    seconds = max(LEAST_SECONDS, until - watch.seconds)
    link = Link(watch, years, SLOW * seconds)
    tree = continued(made.tree, longer, lambda: link.report(Progress(Phase.SCENARIOS, watch.seconds)))
    link.go_on()
    answer = Longer(years, longer, len(tree.scenarios), agree(made.tree, tree))
    try:
        pairs = np.unique(tree.period * len(tree.regimes) + tree.regime) // len(tree.regimes)
        require_room(CaseData(longer), tree.size, int(np.bincount(pairs).max()), free_memory())
        built = build(longer, link.watch, made.drop, tree)
        kept, free = _both(built, with_kept(built, solution), link, seconds)
    except WorkbookError as error:
        return replace(answer, failed=" ".join(problem.message for problem in error.problems))
    except Stopped:
        link.go_on()
        return replace(answer, failed=words.out_of_time(years))
    return _judged(answer, solution, kept, free)


def _both(built: Built, fixed: Built, link: Link, seconds: float) -> tuple[Solution, Solution]:
    """Solve a program with today's decisions kept, and then freely; what the first solve leaves is where the second begins."""
    warm_start = WarmStart()
    try:
        kept = solve_program(_timed(fixed, SHARE_OF_KEPT * (seconds - link.watch.seconds)), link.watch, warm_start=warm_start)
        link.go_on()
        if kept.x is None:
            warm_start.close()
        link.now_free()
        free = solve_program(_timed(built, seconds - link.watch.seconds), link.watch, warm_start=warm_start)
        link.go_on()
    finally:
        warm_start.close()
    return kept, free


def _timed(built: Built, seconds: float) -> Built:
    """Return a program with a time limit, its own where that is shorter."""
    limit = min(built.case.settings.time_limit_seconds, max(LEAST_SECONDS, seconds))
    return replace(built, case=built.case.with_settings(time_limit_seconds=limit))


def with_kept(built: Built, solution: Solution) -> Built:
    """Return the program of a longer case in which what a plan decides now is fixed: contracts, projects, the orders of the first period."""
    assert solution.x is not None
    before = {key: float(solution.x[n]) for n, key in _decided_now(solution.built)}
    lower, upper = built.program.lower.copy(), built.program.upper.copy()
    for n, key in _decided_now(built):
        # A project's start after the plan's horizon, for one, is no decision of the plan.
        if key in before:
            lower[n] = upper[n] = min(max(before[key], lower[n]), upper[n])
    return replace(built, program=replace(built.program, lower=lower, upper=upper))


def _decided_now(built: Built) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield the columns of a program that are decided now, each with a key that tells it in the program of any horizon."""
    program, tree = built.program, built.tree
    roots = np.flatnonzero(tree.parent < 0)
    here = (program.column_template >= 0) & np.isin(program.column_node, [NO_NODE, *roots])
    for n in np.flatnonzero(here).tolist():
        family, index = built.template.columns[program.column_template[n]]
        node = int(program.column_node[n])
        if family.name in (NOW if node == NO_NODE else FIRST):
            # Several roots differ in their regimes.
            yield n, (family.name, index, None if node == NO_NODE else tree.regimes[tree.regime[node]])


def _judged(answer: Longer, plan: Solution, kept: Solution, free: Solution) -> Longer:
    """Return the answer with the plan to compare with, which is audited: the better one, or that of today's decisions where it is as good."""
    solutions = [one for one in (kept, free) if one.x is not None]
    if not solutions:
        return replace(answer, failed=words.no_plan(answer.years, free))
    best = min(solutions, key=lambda one: one.objective)
    least = best.objective
    if kept.x is not None and kept.objective <= least + room(answer.case, least, plan):
        best = kept
    _audit(best)
    known = kept if kept.x is not None else None
    return replace(answer, kept=known, best=best, impossible=kept.status == Status.INFEASIBLE, least=least, bound=min(free.bound, least))


def room(case: Case, least: float, plan: Solution) -> float:
    """Return by how much plans may differ in money through the gaps to which they were solved: the one that the case allows, and the plan's own."""
    own = plan.objective - plan.bound
    return max(case.settings.mip_gap, LEAST_GAP) * abs(least) + (max(0.0, own) if np.isfinite(own) else 0.0)


def _audit(solution: Solution) -> None:
    """Check a plan as every plan is checked before it is shown; AuditError where it does not agree with its case."""
    results = Results(solution)
    claimed = results.claimed()
    require(audit(solution.built.case, solution.built.tree, results.decisions, claimed))


# -- tables ----------------------------------------------------------------------------------------------------------------


def _tables(plan: Plan, found: list[Longer], assumed: list[Assumption]) -> dict[str, pd.DataFrame]:
    """Make all tables. assumed: of the longest horizon, which says all that the others assume."""
    assert plan.solution is not None
    periods = plan.case.calendar.periods
    made = [Results(plan.solution), *(None if one.best is None else Results(one.best) for one in found)]
    decisions = list(decided(made, periods))
    answers = [_compared(plan, one) for one in found]
    turned = {one.years: [row for row in decisions if row.turns[one.years - 1]] for one in found}
    rows = (
        words.summary(plan, answers, turned),
        [_decision_row(row) for row in decisions],
        [_plan_row(plan), *(_longer_row(one, said) for one, said in zip(found, answers, strict=True))],
        [{"where": one.where, "words": one.words} for one in assumed],
    )
    return {output.name: output.frame(listed) for output, listed in zip(TABLES, rows, strict=True)}


def _compared(plan: Plan, one: Longer) -> Compared:
    """Return what there is to say of a longer horizon."""
    gap = relative_gap(one.least, one.bound)
    extra = np.nan if one.kept is None else one.kept.objective - one.least
    proven = bool(gap <= max(plan.case.settings.mip_gap, LEAST_GAP) * (1 + 1e-6))
    as_good = one.best is not None and one.best is one.kept
    return Compared(one.years, one.least, gap, extra, one.impossible, as_good, proven, one.same_futures, one.failed)


def _plan_row(plan: Plan) -> dict[str, Any]:
    calendar = plan.case.calendar
    return {
        "longer": 0,
        "last_period": calendar.label(calendar.periods - 1),
        "futures": len(plan.solution.built.tree.scenarios) if plan.solution else 0,
        "objective": plan.objective,
        "gap": plan.gap,
        "kept": plan.objective,
        "extra": 0.0,
        "words": "The plan itself.",
    }


def _longer_row(one: Longer, said: Compared) -> dict[str, Any]:
    calendar = one.case.calendar
    return {
        "longer": one.years,
        "last_period": calendar.label(calendar.periods - 1),
        "futures": one.futures,
        "objective": said.objective,
        "gap": said.gap,
        "kept": np.nan if one.kept is None else one.kept.objective,
        "extra": said.extra,
        "words": words.of_plan(said, one.case.settings.currency),
    }


def _decision_row(row: Decision) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "decision": row.name,
        **dict(zip(_LENGTHS, row.quantities, strict=True)),
        "unit": row.unit or None,
        **dict(zip((f"start_{name}" for name in _LENGTHS), row.starts, strict=True)),
        "turns": any(row.turns),
        "words": words.of_decision(row),
    }


HORIZON = Study("horizon", "A longer horizon", TABLES[0].help, TABLES, horizon, on_request=True, takes="up to two minutes", together=True)
"""The study for the registry."""
