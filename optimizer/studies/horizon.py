"""What one and two more years of planning change in what is decided now.

A plan lets its stocks run down towards the end of its horizon, and signs and starts only what pays back before it. So the case is solved again with
its horizon one and two fiscal years longer (optimizer/studies/longer.py), on the plan's own futures continued into these years. First what the plan
decides now is kept: contracts, projects, and the orders of the first period. Only where this costs more over the longer horizon than another plan, by
more than the gap, does a decision turn: plans that are equally good differ by chance.

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
from optimizer.model.data import CaseData, canonical
from optimizer.model.stamp import NO_NODE
from optimizer.plan.audit import Claimed, audit, require
from optimizer.plan.plan import Plan
from optimizer.plan.results import Results
from optimizer.schema.results import Output, number, text, whole, yes_no
from optimizer.solving.built import Built, build
from optimizer.solving.decomposition import LEAST_GAP
from optimizer.solving.outcome import Status
from optimizer.solving.size import free_memory, require_room
from optimizer.solving.solution import Solution
from optimizer.solving.solve import solve_program
from optimizer.solving.warm_start import WarmStart
from optimizer.solving.watch import Phase, Progress, Watch
from optimizer.studies import horizon_words as words
from optimizer.studies.horizon_words import Compared, Decision
from optimizer.studies.longer import Assumption, agree, continued, lengthened
from optimizer.studies.study import Study

YEARS = (1, 2)
"""The fiscal years by which the horizon is made longer."""

SECONDS = 90.0
"""The time for all solves together. What is stopped by it is said with its gap."""

SHARE_OF_KEPT = 0.4
"""The most of a longer horizon's time that goes to the plan that keeps today's decisions; the search for a better one begins from that."""

LEAST_SECONDS = 2.0
"""The seconds that each solve gets, however little time is left."""

TURNS = 0.1
"""A quantity turns when it differs by more than this share of the larger one."""

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
            **{f"start_{name}": text(f"When a project starts {meaning}.", blank=f"no project, not started, or {_NO_PLAN}") for name, meaning in _LENGTHS.items()},
            "turns": yes_no(f"Whether it turns over a longer horizon: done or not done, or a quantity that differs by more than {TURNS:.0%} of the larger."),
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
            "extra": number("{currency}", "By how much that is more.", blank="none was found"),
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

    kept: the plan that keeps today's decisions. best: the one to compare with: kept where no plan is better by more than the gap, None without any
    plan. bound: on the objective of every plan, in money. failed: why there is no plan, in words.
    """

    years: int
    case: Case
    futures: int
    same_futures: bool
    kept: Solution | None = None
    best: Solution | None = None
    bound: float = -np.inf
    failed: str = ""

    @property
    def as_good(self) -> bool:
        """Whether today's decisions are as good as any others over this horizon, as far as can be told."""
        return self.best is not None and self.best is self.kept


def horizon(plan: Plan, progress: Callable[[Progress], None] | None = None, *, seconds: float = SECONDS) -> dict[str, pd.DataFrame]:
    """Make the tables that TABLES declares: what is decided now over the horizon as it is, and over one and two fiscal years more.

    seconds: for all solves together; what is stopped by it is said with its gap. ValueError for a plan that was read back without its solver's arrays.

    >>> tables = optimizer.horizon(optimizer.solve("sample_inputs/tutorial.xlsx"))
    >>> tables["horizon_decisions"][["kind", "as_it_is", "two_years", "turns"]].to_dict("records")[0]
    {'kind': 'contract', 'as_it_is': 500.0, 'two_years': 500.0, 'turns': False}
    """
    if plan.solution is None or plan.solution.x is None:
        raise ValueError("This plan was read back from a file; its horizon can be made longer as it was solved.")
    watch = Watch(report=progress)
    watch.tell(Phase.HORIZON)
    found, assumed = [], []
    for years in YEARS:
        longer, assumed = lengthened(plan.solution.built.case, years)
        part = sum(YEARS[: YEARS.index(years) + 1]) / sum(YEARS)
        found.append(_solved(plan.solution, years, longer, watch, seconds * part))
    return _tables(plan, found, assumed)


# -- solving ---------------------------------------------------------------------------------------------------------------


def _solved(solution: Solution, years: int, longer: Case, watch: Watch, until: float) -> Longer:
    """Solve a longer case: first with today's decisions kept, then freely from there. until: the watch's second by which to end."""
    made = solution.built
    longer = canonical(longer)

    def told(step: str) -> Watch:
        share = (YEARS.index(years) + (step == "free") / 2) / len(YEARS)
        doing = "today's decisions kept" if step == "kept" else "all decisions free"
        return Watch(report=lambda p: watch.tell(Phase.HORIZON, f"{words.longer(years)}, {doing}: {p.words}", share=share))

    began = watch.seconds
    tree = continued(made.tree, longer, lambda: watch.tell(Phase.HORIZON, f"{words.longer(years)}: the futures are continued"))
    answer = Longer(years, longer, len(tree.scenarios), agree(made.tree, tree))
    try:
        pairs = np.unique(tree.period * len(tree.regimes) + tree.regime) // len(tree.regimes)
        require_room(CaseData(longer), tree.size, int(np.bincount(pairs).max()), free_memory())
    except WorkbookError as error:
        return replace(answer, failed=" ".join(problem.message for problem in error.problems))
    built = build(longer, told("kept"), made.drop, tree)
    warm_start = WarmStart()
    try:
        most = SHARE_OF_KEPT * (until - began) - (watch.seconds - began)
        kept = solve_program(_timed(with_kept(built, solution), most), told("kept"), warm_start=warm_start)
        if kept.x is None:
            warm_start.close()
        free = solve_program(_timed(built, until - watch.seconds), told("free"), warm_start=warm_start)
    finally:
        warm_start.close()
    return _judged(answer, built, kept, free)


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
        lower[n] = upper[n] = min(max(before.get(key, 0.0), lower[n]), upper[n])
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


def _judged(answer: Longer, built: Built, kept: Solution, free: Solution) -> Longer:
    """Return the answer with the plan to compare with, which is audited: the better one, or that of today's decisions where it is as good."""
    solutions = [one for one in (kept, free) if one.x is not None]
    if not solutions:
        return replace(answer, failed=words.no_plan(answer.years, free))
    allowed = max(built.case.settings.mip_gap, LEAST_GAP)
    # A plan that keeps today's decisions is one of all plans, so that the free search bounds it, too.
    bound = min(free.bound if np.isfinite(free.bound) else -np.inf, *(one.objective for one in solutions))
    best = min(solutions, key=lambda one: one.objective)
    if kept.x is not None and (kept.objective - bound <= allowed * abs(kept.objective) or kept.objective <= best.objective + LEAST_GAP * abs(best.objective)):
        best = kept
    _audit(best)
    return replace(answer, kept=kept if kept.x is not None else None, best=best, bound=bound)


def _audit(solution: Solution) -> None:
    """Check a plan as every plan is checked before it is shown; AuditError where it does not agree with its case."""
    results = Results(solution)
    claimed = Claimed(solution.objective, solution.expected_cost, solution.cvar, results.expected_costs)
    require(audit(solution.built.case, solution.built.tree, results.decisions, claimed))


# -- tables ----------------------------------------------------------------------------------------------------------------


def _tables(plan: Plan, found: list[Longer], assumed: list[Assumption]) -> dict[str, pd.DataFrame]:
    """Make all tables. assumed: of the longest horizon, which says all that the others assume."""
    assert plan.solution is not None
    periods = plan.case.calendar.periods
    made = [Results(plan.solution), *(None if one.best is None else Results(one.best) for one in found)]
    decisions = list(_decisions(made, periods))
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
    best, kept = one.best, one.kept
    gap = np.nan if best is None else (best.objective - one.bound) / max(abs(best.objective), 1e-9)
    extra = np.nan if best is None or kept is None else kept.objective - best.objective
    objective = np.nan if best is None else best.objective
    proven = bool(gap <= max(plan.case.settings.mip_gap, LEAST_GAP) * (1 + 1e-6))
    return Compared(one.years, objective, max(gap, 0.0), extra, one.as_good, proven, one.same_futures, one.failed)


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


def _decisions(made: list[Results | None], periods: int) -> Iterator[Decision]:
    """Yield what is decided under each horizon, the plan's own first: contracts, projects, first orders and largest stocks within its horizon."""
    own = made[0]
    assert own is not None
    for s in own.offers:
        quantities = _each(made, lambda r: _of_contract(r, s))
        if np.nansum(quantities) > 0:
            offer = own.case.offers[s]
            yield _quantity("contract", offer.name, quantities, f"{own.unit[offer.material]} a year")
    for project in sorted(own.case.projects, key=lambda row: row.row):
        starts = tuple(None if r is None else _start(r, project.project, periods) for r in made)
        turns = tuple(r is not None and start != starts[0] for r, start in zip(made[1:], starts[1:]))
        yield Decision("project", project.project, (np.nan,) * len(made), "", starts, turns, tuple(r is not None for r in made))
    for material in own.materials:
        yield _quantity("first orders", material.material, _each(made, lambda r: _first_orders(r, material.material)), material.unit)
    for material in own.materials:
        yield _quantity("largest stock", material.material, _each(made, lambda r: _largest_stock(r, material.material, periods)), material.unit)


def _each(made: list[Results | None], of: Callable[[Results], float]) -> tuple[float, ...]:
    """Return a quantity under each horizon, NaN where there is no plan."""
    return tuple(np.nan if r is None else of(r) for r in made)


def _quantity(kind: str, name: str, quantities: tuple[float, ...], unit: str) -> Decision:
    """Return a decision on a quantity, and whether it turns."""
    own = quantities[0]
    turns = tuple(bool(abs(q - own) > TURNS * max(abs(q), abs(own))) for q in quantities[1:])
    return Decision(kind, name, quantities, unit, (None,) * len(quantities), turns, tuple(np.isfinite(q) for q in quantities))


def _of_contract(r: Results, s: int) -> float:
    amount = r.decisions.contract.get(s, 0.0)
    return amount if amount > r.least[r.case.offers[s].material] else 0.0


def _start(r: Results, project: str, periods: int) -> str | None:
    """Return when a project starts within the first periods, in words; None where it does not."""
    start, condition = r.decisions.start.get(project), r.decisions.start_if.get(project)
    if start is not None:
        return r.labels[start] if start < periods else None
    return None if condition is None else f"once {condition} is in force"


def _first_orders(r: Results, material: str) -> float:
    """Return what is ordered of a material in the first period, of all offers: filed, with those that ship later."""
    root, found = int(r.reference[0]), 0.0
    for s in r.data.offers_of[material]:
        filed = r.decisions.filed.get(s) if r.case.offers[s].ships_later else r.ordered(s)
        found += 0.0 if filed is None else float(filed[root])
    return found if found > r.least[material] else 0.0


def _largest_stock(r: Results, material: str, periods: int) -> float:
    """Return the largest stock of a material at the end of one of the first periods, on the reference path."""
    return float(r.stock_of(material)[r.reference[:periods]].max())


HORIZON = Study("horizon", "A longer horizon", TABLES[0].help, TABLES, horizon, on_request=True, takes="up to two minutes")
"""The study for the registry."""
