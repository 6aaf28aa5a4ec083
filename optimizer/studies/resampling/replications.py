"""How far a plan may be from the best, and how stable its decisions are: the plan on fresh samples of futures.

A plan is the best for the futures in its own tree. On each of several fresh samples of the same size, its here-and-now decisions (contracts, projects,
the orders of the first period) are given and all else is decided anew; what that costs, less what the best plan for that sample costs at
least, bounds from above in the mean what a better plan could save: the multiple replications procedure with common futures (Mak, Morton &
Wood, 1999). Both costs are those of the plan's objective, the part of CVaR included.

What is estimated is the cost of the here-and-now decisions when all that follows is decided on a tree of as many drawn futures. With two periods that
is their true expected cost. With more it is less: where a sample has one way to go on and the process has several, the sample foresees
what a buyer would not know (Chiralaksanakul & Morton, 2004). This concerns every plan that is compared, so that the gap is bounded in these terms;
the share of the steps that are foreseen is told beside the cost.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any

import numpy as np
import pandas as pd

from optimizer.errors import OptimizerError
from optimizer.executors import Executor, Processes, StopFile, WorkerLost, run_all
from optimizer.plan.explain import figure, money, percent
from optimizer.plan.plan import Plan
from optimizer.schema.results import Output, number, text, whole
from optimizer.solving.solution import Solution
from optimizer.solving.watch import Phase, Progress, Watch
from optimizer.studies.estimates import CONFIDENCE, two_sided, upper_bound
from optimizer.studies.resampling.fresh_samples import (
    Answer,
    Chosen,
    HereAndNow,
    Replication,
    Samples,
    chosen_by,
    draw,
    here_and_now,
    is_sampled,
    replicate,
    seeds_of,
)
from optimizer.studies.study import Study, solution_of

SAMPLES = 10
FEWEST = 2
"""A mean of fewer samples has no interval."""

SECONDS, SHARES = 105.0, 3
"""The time that the study may take, and how many equal shares of what drawing the samples leaves of it the first ones may take: half a solve says
nothing, so that on a slow machine fewer samples are solved, and these to the end. What a sample leaves, those after it have.
"""

_UNKNOWN = "not known"

TABLES = (
    Output(
        "replications",
        "How far from the best",
        "What a better plan could still save, and the interval of the plan's cost, from fresh samples of futures.",
        {
            "figure": text("What is estimated: the gap to the best plan, the objective, or the expected cost."),
            "estimate": number("{currency}", "Mean over the samples.", blank=_UNKNOWN),
            "low": number("{currency}", "Lower end of its 95% interval.", blank=_UNKNOWN),
            "high": number("{currency}", "Upper end of its 95% interval; of the gap, its one-sided 95% bound.", blank=_UNKNOWN),
            "share": number("share", "Of the gap, its bound as a share of the estimated objective.", blank="another figure, or not known"),
            "in_plan": number("{currency}", "The same figure on the futures of the plan's own tree."),
            "samples": whole("The number of samples that it is made of; 0 where the plan knows every future."),
            "words": text("The same in a sentence."),
        },
    ),
    Output(
        "replication_decisions",
        "How stable the decisions are",
        "What the best plans for the fresh samples decide, beside the plan.",
        {
            "kind": text("contract, project, order of the first period, or largest stock on the reference path."),
            "name": text("The supplier, with the offer's name where it has one; the project; or the material."),
            "material": text("The material; nothing for a project."),
            "in_plan": number("{unit}", "What the plan decides.", blank="a project"),
            "decided": whole("The number of samples whose best plan decides for it."),
            "samples": whole("The number of samples that have a best plan."),
            "least": number("{unit}", "The least that these plans decide for.", blank="a project, or decided in no sample"),
            "most": number("{unit}", "The most that these plans decide for.", blank="a project, or decided in no sample"),
            "unit": text("What the quantities are counted in; nothing for a project."),
            "words": text("The same in a sentence."),
        },
    ),
    Output(
        "replication_samples",
        "Fresh samples",
        "Each fresh sample of futures, and what it costs.",
        {
            "sample": whole("Its number."),
            "seed": whole("The seed of its draw."),
            "futures": whole("The number of different futures in it."),
            "answer": text(f"{Answer.KEPT}, {Answer.BROKEN}, {Answer.IMPOSSIBLE} or {Answer.UNSOLVED}."),
            "objective": number("{currency}", "What the plan's here-and-now decisions cost on it, with the best that can be done afterwards.", blank=_UNKNOWN),
            "best": number("{currency}", "What the best plan found for it costs.", blank=_UNKNOWN),
            "bound": number("{currency}", "No plan for it costs less.", blank=_UNKNOWN),
            "gap": number("{currency}", "How much less than the plan's decisions a better plan for it could cost at most.", blank=_UNKNOWN),
            "expected_cost": number("{currency}", "The mean cost of the plan's decisions over its futures.", blank=_UNKNOWN),
            "foreseen": number("share", "Share of the steps after the first in which it foresees what comes, as no other future of it shares them."),
            "words": text("What the answer means."),
        },
    ),
)


def multiple_replications(
    plan: Plan,
    progress: Callable[[Progress], None] | None = None,
    *,
    samples: int = SAMPLES,
    seed: int | None = None,
    executor: Executor | None = None,
    seconds: float = SECONDS,
) -> dict[str, pd.DataFrame]:
    """Make the tables replications, replication_decisions and replication_samples, as TABLES declares them.

    samples: how many fresh samples are drawn, at least 2. seed: from which those of the samples follow; the plan's without one. executor: where
    they are solved; processes of this machine without one. seconds: the time for all of it, of the wall clock; samples that it does not suffice for say
    so. A plan that knows every future has no sampling error, and nothing is solved for it.

    ValueError: fewer samples, or a plan that was read back without its solver's arrays. What `progress` raises stops the samples and goes on.
    Source: Mak, Morton & Wood (1999), with common random numbers.

    >>> tables = optimizer.studies.multiple_replications(optimizer.solve("sample_inputs/tutorial.xlsx"))
    >>> tables["replications"].samples.tolist()
    [0, 0]
    """
    solution = solution_of(plan)
    if samples < FEWEST:
        raise ValueError(f"An interval takes at least {FEWEST} samples, not {samples}.")
    watch = Watch(report=progress)
    watch.tell(Phase.REPLICATIONS)
    if not is_sampled(solution.built):
        return _frames(_without_error(solution), [], [])
    if len(solution.built.tree.scenarios) < FEWEST:
        return _frames(_of_one_future(solution), [], [])
    drawn = draw(solution.built, seeds_of(solution.built.case.settings.seed if seed is None else seed, samples), watch)
    found = solved(drawn, here_and_now(solution), watch, executor, seconds)
    return _frames(_figures(solution, found), _decisions(solution, found), _rows(found))


def _frames(*rows: list[dict[str, Any]]) -> dict[str, pd.DataFrame]:
    return {output.name: output.frame(mine) for output, mine in zip(TABLES, rows)}


def solved(samples: Samples, given: HereAndNow, watch: Watch, executor: Executor | None = None, seconds: float = SECONDS) -> list[Replication]:
    """Solve every sample; return what each says, in their order. executor: processes of this machine without one. What the watch raises stops them.

    seconds: from the beginning of the watch.
    """
    own = executor is None
    count = len(samples.seeds)
    workers = executor or Processes(samples.lanes(Processes().lanes))
    stop = StopFile()
    found: dict[int, Replication] = {}
    turns, began, left = ceil(count / workers.lanes), time.time(), max(0.0, seconds - watch.seconds)

    def tell() -> bool:
        watch.tell(Phase.REPLICATIONS, f"fresh samples of futures, {len(found)} of {count}")
        return watch.stop

    until = [began + left * min(1.0, (k // workers.lanes + SHARES) / turns) for k in range(count)]
    tasks = [(samples.one(k), 0, given, until[k], stop.path) for k in range(count)]
    try:
        tell()
        for k, result in run_all(workers, replicate, tasks, tell):
            if isinstance(result, (OptimizerError, WorkerLost, MemoryError)):
                result = Replication(samples.seeds[k], len(samples.trees[k].scenarios), Answer.UNSOLVED)
            if isinstance(result, Exception):
                raise result
            found[k] = result
            tell()
    finally:
        # Where something was raised, the workers are in the middle of their samples: they end within a second once they are asked to.
        stop.ask()
        if own:
            workers.close()
        stop.close()
    return [found[k] for k in sorted(found)]


# -- how far from the best, and at what cost -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Estimates:
    """What replications say of a plan, in money. gap: mean and one-sided bound; objective, expected_cost: mean and the ends of the interval.

    kept: the number of samples that these are made of. broken: of those that the decisions cannot be carried through. impossible: of those that
    no plan can. unsolved: of those left out because they took too long. open: the mean of what the solves left open between plan and bound.
    foreseen: the mean share of the steps after the first that the samples foresee.
    The bound is NaN where the decisions break a limit, because what they cost then has no price.
    """

    gap: tuple[float, float]
    objective: tuple[float, float, float]
    expected_cost: tuple[float, float, float]
    kept: int
    broken: int
    impossible: int
    unsolved: int
    open: float
    foreseen: float


def estimates(found: Iterable[Replication]) -> Estimates:
    """Return what replications say of a plan's gap and cost."""
    listed = list(found)
    counts = Counter(one.answer for one in listed)
    kept = [one for one in listed if one.answer == Answer.KEPT]
    mean, bound = upper_bound([one.gap for one in kept])
    return Estimates(
        gap=(mean, np.nan if counts[Answer.BROKEN] else bound),
        objective=two_sided([one.objective for one in kept]),
        expected_cost=two_sided([one.expected_cost for one in kept]),
        kept=len(kept),
        broken=counts[Answer.BROKEN],
        impossible=counts[Answer.IMPOSSIBLE],
        unsolved=counts[Answer.UNSOLVED],
        open=float(np.mean([max(0.0, one.best - one.bound) for one in kept])) if kept else np.nan,
        foreseen=float(np.mean([one.foreseen for one in kept])) if kept else 0.0,
    )


def _row(name: str, interval: tuple[float, float, float], objective: float, in_plan: float, samples: int, words: str) -> dict[str, Any]:
    estimate, low, high = interval
    share = high / abs(objective) if name == "gap" and objective else np.nan
    return {"figure": name, "estimate": estimate, "low": low, "high": high, "share": share, "in_plan": in_plan, "samples": samples, "words": words}


def _figures(solution: Solution, found: list[Replication]) -> list[dict[str, Any]]:
    e, built = estimates(found), solution.built
    amount = partial(money, currency=built.case.settings.currency)
    reason = _reasons(e, len(found))
    objective = e.objective[0]
    foresight = _foresight(e)
    rows = [_row("gap", (e.gap[0], np.nan, e.gap[1]), objective, solution.objective - solution.bound, e.kept, _gap_words(e, amount, len(found)) + reason)]
    if built.risk is not None:
        begin = "On such samples, the plan's decisions cost, weighed with CVaR as the plan weighs it,"
        words = _cost_words(begin, e.objective, amount, e.kept) + foresight + reason
        rows.append(_row("objective", e.objective, objective, solution.objective, e.kept, words))
    words = _cost_words("On such samples, the expected cost of the plan's decisions is", e.expected_cost, amount, e.kept) + foresight + reason
    return [*rows, _row("expected_cost", e.expected_cost, objective, solution.expected_cost, e.kept, words)]


def _gap_words(e: Estimates, amount: Callable[[float], str], count: int) -> str:
    """Say what a better plan could save at most, or why that is not known."""
    if not e.kept:
        return "What a better plan could save is not known."
    if not np.isfinite(e.gap[1]):
        return f"What a better plan could save has no bound; over the {e.kept} of {count} samples that allow a comparison it is {amount(e.gap[0])} in the mean."
    share = f" ({percent(e.gap[1] / abs(e.objective[0]))} of the cost)" if e.objective[0] else ""
    words = (
        f"With a confidence of {percent(CONFIDENCE)}, other decisions taken today could save at most {amount(e.gap[1])}{share} in the mean; "
        f"the estimate from {e.kept} fresh samples of futures is {amount(e.gap[0])}."
    )
    if e.open > 0.01 * e.gap[0]:
        words += f" Of this, {amount(min(e.open, e.gap[0]))} is what the solves of the samples left open; a smaller mip_gap makes it less."
    if e.foreseen:
        words += f" The samples foresee {percent(e.foreseen)} of the steps after the first, for every plan alike."
    return words


def _cost_words(begin: str, interval: tuple[float, float, float], amount: Callable[[float], str], count: int) -> str:
    mean, low, high = interval
    if not np.isfinite(low):
        return "What the plan's decisions cost is not known, because fewer than two samples tell it."
    return (
        f"{begin} between {amount(low)} and {amount(high)} with a confidence of {percent(CONFIDENCE)}; the mean over {count} fresh samples is {amount(mean)}."
    )


def _foresight(e: Estimates) -> str:
    """Say what the samples foresee, which makes costs look lower; an empty text where they foresee nothing."""
    if not e.foreseen:
        return ""
    share = percent(e.foreseen)
    known = "no other of its futures is left, so that a sample foresees what a buyer would not know"
    return f" The true cost is likely higher: in {share} of the steps after the first {known}."


def _reasons(e: Estimates, count: int) -> str:
    """Say which samples the figures leave out, and why."""
    said = [
        (e.broken, "the plan's decisions cannot keep a hard limit or a budget, whatever is decided later"),
        (e.impossible, "no plan at all keeps every hard limit and budget"),
        (e.unsolved, "there was not enough time for an answer, so that the figures are made without them"),
    ]
    return "".join(f" In {k} of {count} samples {words}." for k, words in said if k)


def _without_error(solution: Solution) -> list[dict[str, Any]]:
    """Return the figures of a plan whose tree has every future that can happen."""
    amount = partial(money, currency=solution.built.case.settings.currency)
    all_known = "The plan knows every future that the workbook allows, with its probability, so that its figures have no sampling error"
    left, cost = solution.objective - solution.bound, solution.expected_cost
    gap = f"{all_known}; what the solve left open is {amount(left)}."
    return [
        _row("gap", (left, np.nan, left), solution.objective, left, 0, gap),
        _row("expected_cost", (cost, cost, cost), solution.objective, cost, 0, f"{all_known}; the expected cost is {amount(cost)}."),
    ]


def _of_one_future(solution: Solution) -> list[dict[str, Any]]:
    """Return the figures of a plan for the most probable future alone, which is the same in every sample."""
    words = "The plan was made for one future, the most probable one. That is no sample: it does not tell what other futures cost. Plan for more futures."
    nothing = (np.nan, np.nan, np.nan)
    figures = (("gap", solution.objective - solution.bound), ("expected_cost", solution.expected_cost))
    return [_row(name, nothing, np.nan, in_plan, 0, words) for name, in_plan in figures]


# -- how stable ------------------------------------------------------------------------------------------------------------


def _decisions(solution: Solution, found: list[Replication]) -> list[dict[str, Any]]:
    """Return a row for each contract and first order of the plan or a sample's best plan, for each project, and for each material's largest stock."""
    case, mine, others = solution.built.case, chosen_by(solution), [one.chosen for one in found if one.chosen is not None]
    if not others:
        return []
    unit = {m.material: m.unit for m in case.materials}

    def quantities(kind: str, of: Callable[[Chosen], dict[int, float]], per: str, verb: str) -> list[dict[str, Any]]:
        rows = []
        for s in sorted(range(len(case.offers)), key=lambda s: case.offers[s].row):
            offer, own = case.offers[s], of(mine).get(s, 0.0)
            seen = [of(other)[s] for other in others if s in of(other)]
            if own or seen:
                name = f"{offer.supplier} ({offer.offer})" if offer.offer else offer.supplier
                rows.append(_decision(kind, name, offer.material, own, seen, len(others), f"{unit[offer.material]}{per}", verb))
        return rows

    stocks = []
    for m in sorted(case.materials, key=lambda m: m.row):
        seen = [other.peak[m.material] for other in others]
        stocks.append(_decision("largest stock", m.material, m.material, mine.peak[m.material], [x for x in seen if x > 0], len(others), m.unit, "held"))
    contracts = quantities("contract", lambda c: c.contract, " a year", "signed")
    projects = [_project(p.project, mine, others, case.calendar.labels) for p in sorted(case.projects, key=lambda p: p.row)]
    return [*contracts, *projects, *quantities("first order", lambda c: c.ordered, "", "ordered"), *stocks]


def _decision(kind: str, name: str, material: str, own: float, seen: list[float], samples: int, unit: str, verb: str) -> dict[str, Any]:
    least, most = (min(seen), max(seen)) if seen else (np.nan, np.nan)
    words = f"{name}, {material}" if name != material else name
    if not seen:
        words += f": {verb} in none of {samples} samples"
    elif figure(least) == figure(most):
        words += f": {verb} in {len(seen)} of {samples} samples, {figure(most)} {unit}"
    else:
        words += f": {verb} in {len(seen)} of {samples} samples, between {figure(least)} and {figure(most)} {unit}"
    words += f"; in the plan {figure(own)} {unit}." if own else f"; not {verb} in the plan."
    return {
        "kind": kind,
        "name": name,
        "material": material,
        "in_plan": own,
        "decided": len(seen),
        "samples": samples,
        "least": least,
        "most": most,
        "unit": unit,
        "words": words,
    }


def _project(name: str, mine: Chosen, others: list[Chosen], labels: tuple[str, ...]) -> dict[str, Any]:
    """Return the row of a project: in how many samples it starts, and when."""

    def said(start: int | str) -> str:
        return f"once {start} is active" if isinstance(start, str) else f"in {labels[start]}"

    starts = [start for other in others if (start := other.start[name]) is not None]
    # Dates first, in their order.
    when = Counter(said(start) for start in sorted(starts, key=lambda start: (isinstance(start, str), start)))
    listed, count = ", ".join(f"{words} in {times}" for words, times in when.items()), len(starts)
    words = f"{name}: started in {count} of {len(others)} samples" + (f" ({listed})" if count else "")
    own = mine.start[name]
    words += "; not started in the plan." if own is None else f"; in the plan {said(own)}."
    nothing = {"material": "", "in_plan": np.nan, "least": np.nan, "most": np.nan, "unit": ""}
    return {"kind": "project", "name": name, "decided": count, "samples": len(others), "words": words, **nothing}


def _rows(found: list[Replication]) -> list[dict[str, Any]]:
    return [
        {
            "sample": k,
            "seed": one.seed,
            "futures": one.futures,
            "answer": str(one.answer),
            "objective": one.objective,
            "best": one.best,
            "bound": one.bound,
            "gap": one.gap if one.answer == Answer.KEPT else np.nan,
            "expected_cost": one.expected_cost,
            "foreseen": one.foreseen,
            "words": one.answer.meaning,
        }
        for k, one in enumerate(found, start=1)
    ]


REPLICATIONS = Study(
    "replications",
    "How far from the best, and how stable",
    TABLES[0].help,
    TABLES,
    multiple_replications,
    on_request=True,
    takes="one to two minutes",
    together=True,
)
