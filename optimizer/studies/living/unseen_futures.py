"""What a plan costs, and how short it goes, on futures that it has not seen, deciding as one would have to.

A plan that is made for a sample of futures flatters itself: further on in its tree a node often stands for one future alone, and what is decided
there knows what comes. So new futures are drawn, and the plan is lived through on them: contracts and projects as planned, everything else decided
period by period with what is known then (optimizer/studies/living/replay.py). What the same futures cost whoever knows them after the first period is
quick to have; that cost of many futures makes the mean over the few that are lived through more precise (optimizer/studies/estimates.py).
Where the tree holds every future there is, the plan's own figures are right as they stand, and nothing is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from optimizer.executors import Executor, Processes
from optimizer.plan.explain import money, percent, worst_futures
from optimizer.plan.plan import Plan
from optimizer.plan.quantities import NEGLIGIBLE
from optimizer.scenarios.sampled import unseen_paths
from optimizer.schema.costs import COST_PARTS, CostPart
from optimizer.schema.results import MATERIAL, USE, Output, number, text, whole
from optimizer.solving.scaling import material_scales
from optimizer.solving.watch import Phase, Progress, Watch
from optimizer.studies.estimates import Estimate, double_sampled, double_sampled_share, exactly, share_of
from optimizer.studies.living.many import Sample, how_many_lived, live_many
from optimizer.studies.living.replay import Lived, RollingHorizon
from optimizer.studies.study import Study, solution_of

FUTURES = 1000
"""Futures that are drawn."""

LIVED = 100
"""Different futures among them that are lived through."""

STEP_SCENARIOS = 30
"""Futures that each period's decision is made for."""

SAMPLED = "sampled"
ANY = "any"
"""Stands for the material and the use where any of them counts."""

_INTERVAL = {"low": "lower end of its 95% interval", "high": "upper end of its 95% interval"}


def _interval(unit: str, what: str, blank: str = "") -> dict[str, Any]:
    """Declare the two columns of the interval of a column."""
    prefix = f"{what}_" if what else ""
    return {f"{prefix}{end}": number(unit, f"The {words}.", blank=blank) for end, words in _INTERVAL.items()}


_NOT_LIVED = "not lived through"
TABLES = (
    Output(
        "out_of_sample",
        "Unseen futures",
        "What the plan costs and how short it goes on futures that it has not seen, deciding period by period with what is known then.",
        {"figure": text("What the sentence is about."), "words": text("The sentence.")},
    ),
    Output(
        "out_of_sample_costs",
        "Unseen costs",
        "The plan's cost in its own futures and on futures that it has not seen, discounted, with 95% intervals.",
        {
            "figure": text("The figure."),
            "in_plan": number("{currency}", "Its value in the plan's futures."),
            "unseen": number("{currency}", "Its value on futures that the plan has not seen."),
            **_interval("{currency}", ""),
            "foreseen": number(
                "{currency}",
                "The same for a buyer who knows all of each future after its first period, with the plan's contracts, projects and first orders.",
                blank="the plan's own figures hold, so that no future was drawn",
            ),
        },
    ),
    Output(
        "out_of_sample_service",
        "Unseen service",
        "How much of each demand is met, and the chance of a shortage, in the plan's futures and on those that it has not seen.",
        {
            **MATERIAL,
            **USE,
            "fill_rate_in_plan": number("share", "Expected share of demand that is met in the plan's futures.", blank="the row counts several demands"),
            "fill_rate": number("share", "The same on futures that it has not seen.", blank="the row counts several demands"),
            **_interval("share", "fill_rate", blank="the row counts several demands"),
            "chance_in_plan": number("share", "Chance of any shortage in the plan's futures."),
            "chance": number("share", "The same on futures that it has not seen."),
            **_interval("share", "chance"),
        },
    ),
    Output(
        "out_of_sample_broken",
        "Unseen limits",
        "Budgets and limits that could not be kept in futures that the plan has not seen. They are then kept as far as they can be.",
        {
            "period": text("The period."),
            "rule": text("What could not be kept."),
            "chance": number("share", "The share of the futures lived through in which that was so."),
            **_interval("share", ""),
        },
    ),
    Output(
        "out_of_sample_futures",
        "Unseen futures listed",
        "Each future that was drawn, and what it costs, discounted.",
        {
            "future": whole("Its number."),
            "lived": number("{currency}", "Its cost, lived through period by period.", blank=_NOT_LIVED),
            "foreseen": number(
                "{currency}", "Its cost for a buyer who knows all of it after the first period, with the plan's contracts, projects and first orders."
            ),
            "disruptions": text("The disruptions that occur in it.", blank="none"),
        },
    ),
)


def out_of_sample(
    plan: Plan, progress: Callable[[Progress], None] | None = None, *, futures: int = FUTURES, lived: int = LIVED, executor: Executor | None = None
) -> dict[str, pd.DataFrame]:
    """Make the tables that TABLES declares: the plan's figures on futures that it has not seen, with their 95% intervals.

    futures: how many are drawn; lived: about how many different ones are lived through period by period. executor: where, by default in processes of
    this machine, one a core. ValueError for a plan that was read back without its solver's arrays, and for fewer than three futures
    lived through, or more than are drawn.

    >>> tables = optimizer.studies.out_of_sample(optimizer.solve("sample_inputs/tutorial.xlsx"))
    >>> tables["out_of_sample"].words[0]
    'The plan was made for every future that the workbook allows, so that its own figures hold.'
    """
    solution = solution_of(plan)
    if futures < lived or lived < 3:
        raise ValueError("At least three futures are lived through, and no more than are drawn.")
    watch = Watch(report=progress)
    watch.tell(Phase.UNSEEN)
    built = solution.built
    if built.tree.method != SAMPLED:
        return known_already(plan)
    policy = RollingHorizon(solution, STEP_SCENARIOS, built.case.settings.seed)
    seed = built.case.settings.seed
    paths = [tuple(path) for path in unseen_paths(built.case, futures, seed)]
    some = paths[: how_many_lived(built.case, futures, lived, seed)]
    policy.prepare(
        some, paths, lambda done, total: watch.tell(Phase.UNSEEN, f"unseen futures: the model is compiled, {done:,} of {total:,} parts", share=done / total)
    )

    def tick(share: float, words: str) -> None:
        watch.tell(Phase.UNSEEN, f"unseen futures: {words}", share=share)

    workers = executor or Processes()
    try:
        one_by_one, known = live_many(policy, some, paths, workers, tick)
    finally:
        if executor is None:
            workers.close()
    return _tables(plan, Sample(policy, paths, [one_by_one[path] for path in some], [known[path] for path in paths]))


def _tables(plan: Plan, sample: Sample) -> dict[str, pd.DataFrame]:
    """Make all tables of a sample."""
    costs, service, broken = list(_costs(plan, sample)), list(_service(plan, sample)), _broken(plan, sample)
    rows = (_words(plan, sample, costs, service, broken), costs, service, broken, _futures(plan, sample))
    return {output.name: output.frame(listed) for output, listed in zip(TABLES, rows, strict=True)}


def known_already(plan: Plan) -> dict[str, pd.DataFrame]:
    """Make the tables of a plan whose tree holds every future: its own figures."""
    costs = [_cost_row(figure.name, figure.in_plan, exactly(figure.in_plan), float("nan")) for figure in _money_figures(plan)]
    service = [_service_row(*row, exactly(row[2]), exactly(row[3])) for row in _service_figures(plan)]
    words = [{"figure": "how it is known", "words": "The plan was made for every future that the workbook allows, so that its own figures hold."}]
    return {output.name: output.frame(rows) for output, rows in zip(TABLES, (words, costs, service, [], []), strict=True)}


# -- money -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of money.

    in_plan: its value in the plan's futures. terms: those of a sample whose mean it is. foreseen: its value for whoever knows each future.
    """

    name: str
    in_plan: float
    terms: Callable[[Sample], tuple[np.ndarray, np.ndarray]]
    foreseen: Callable[[Sample], float]


def _money_figures(plan: Plan) -> Iterator[Figure]:
    """Yield the figures of money: the cost, its CVaR, the objective, and each part of the cost."""
    s = plan.case.settings
    weight, level = s.risk_weight, s.cvar_level
    yield Figure("Total expected cost", plan.expected_cost, lambda sample: sample.costs, lambda sample: float(sample.costs[1].mean()))
    # With a tail, CVaR and the objective are of the horizon and the tail together, and only the horizon is lived through.
    alone = not s.tail_periods
    if level > 0 and alone:
        yield Figure(f"Cost in {worst_futures(level)}", plan.cvar, lambda sample: sample.tails(level), lambda sample: sample.foreseen_cvar(level))
    if level > 0 and weight > 0 and alone:
        yield Figure(
            "Objective",
            plan.objective,
            lambda sample: _weighed(sample, weight, level),
            lambda sample: (1 - weight) * float(sample.costs[1].mean()) + weight * sample.foreseen_cvar(level),
        )
    expected = plan.tables["costs"].set_index("part")["expected"]
    for part in COST_PARTS:
        if expected.get(part.name, 0.0) != 0:
            yield _part(part, float(expected[part.name]))


def _part(part: CostPart, in_plan: float) -> Figure:
    """Return the figure of one part of the cost."""

    def terms(sample: Sample) -> tuple[np.ndarray, np.ndarray]:
        return sample.each(lambda lived: lived.costs.get(part.name, 0.0))

    return Figure(f"Expected {part.word.lower()}", in_plan, terms, lambda sample: float(terms(sample)[1].mean()))


def _weighed(sample: Sample, weight: float, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the terms whose mean is the objective."""
    lived, known = ((1 - weight) * costs + weight * tails for costs, tails in zip(sample.costs, sample.tails(level), strict=True))
    return lived, known


def _costs(plan: Plan, sample: Sample) -> Iterator[dict[str, Any]]:
    for figure in _money_figures(plan):
        yield _cost_row(figure.name, figure.in_plan, double_sampled(*figure.terms(sample)), figure.foreseen(sample))


def _cost_row(figure: str, in_plan: float, unseen: Estimate, foreseen: float) -> dict[str, Any]:
    return {"figure": figure, "in_plan": in_plan, "unseen": unseen.mean, "low": unseen.low, "high": unseen.high, "foreseen": foreseen}


# -- service ---------------------------------------------------------------------------------------------------------------


def _service_figures(plan: Plan) -> Iterator[tuple[str, str, float, float]]:
    """Yield material, use, fill rate and chance of a shortage in the plan's futures: of any demand first, which has no fill rate, then of each."""
    yield ANY, ANY, float("nan"), plan.probability_of_shortage
    for row in plan.tables["fill_rate"].itertuples():
        yield row.material, row.use, float(row.fill_rate), float(row.probability_of_shortage)


def _service(plan: Plan, sample: Sample) -> Iterator[dict[str, Any]]:
    data = sample.policy.data
    least = {g: 10 * scale * NEGLIGIBLE for g, scale in material_scales(data).items()}
    for material, use, fill_rate, chance in _service_figures(plan):
        keys = [key for key in data.demands if material == ANY or key == (material, use)]
        chance_unseen = double_sampled_share(*sample.each(partial(is_short, least={key: least[key[0]] for key in keys})))
        met = exactly(float("nan")) if material == ANY else _fill_rate(sample, material, use)
        yield _service_row(material, use, fill_rate, chance, met, chance_unseen)


def is_short(lived: Lived, least: dict[tuple[str, str], float]) -> float:
    """Return 1 where any of some demands is short by more than is negligible of it, else 0."""
    return float(any(lived.short.get(key, 0.0) > negligible for key, negligible in least.items()))


def _fill_rate(sample: Sample, material: str, use: str) -> Estimate:
    """Estimate the share of a demand that is met, a quotient of two means: what is short and what is needed (delta method, Cochran 1977, section 6.4)."""
    data = sample.policy.data
    need = np.array([sum(data.demand(material, use, t, regime) for t, regime in enumerate(path[: data.calendar.within])) for path in sample.paths])
    if not need.any():
        return exactly(1.0)
    lived, known = sample.each(lambda one: one.short.get((material, use), 0.0))
    missed = double_sampled(lived, known).mean / need.mean()
    rest = double_sampled(lived - missed * need[: len(lived)], known - missed * need)
    low, high = (1 - missed - (end - rest.mean) / need.mean() for end in (rest.high, rest.low))
    return Estimate(1 - missed, low, high).within(0.0, 1.0)


def _service_row(material: str, use: str, fill_rate: float, chance: float, met: Estimate, is_short: Estimate) -> dict[str, Any]:
    return {
        "material": material,
        "use": use,
        "fill_rate_in_plan": fill_rate,
        "fill_rate": met.mean,
        "fill_rate_low": met.low,
        "fill_rate_high": met.high,
        "chance_in_plan": chance,
        "chance": is_short.mean,
        "chance_low": is_short.low,
        "chance_high": is_short.high,
    }


def _broken(plan: Plan, sample: Sample) -> list[dict[str, Any]]:
    """List what could not be kept, the most frequent first."""
    counts: dict[tuple[int, str], int] = {}
    for lived in sample.lived:
        for key in set(lived.broken):
            counts[key] = counts.get(key, 0) + 1
    calendar, rows = plan.case.calendar, []
    for (t, rule), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        share = share_of((np.arange(len(sample.lived)) < count).astype(float))
        rows.append({"period": calendar.label(t), "rule": rule.replace("_", " "), "chance": share.mean, "low": share.low, "high": share.high})
    return rows


def _futures(plan: Plan, sample: Sample) -> Iterable[dict[str, Any]]:
    names = [row.disruption for row in plan.case.disruptions]
    for number_, (path, foreseen) in enumerate(zip(sample.paths, sample.foreseen, strict=True)):
        occurs = sorted({k for regime in path for k in regime})
        yield {
            "future": number_ + 1,
            "lived": sample.lived[number_].cost if number_ < len(sample.lived) else float("nan"),
            "foreseen": foreseen.cost,
            "disruptions": ", ".join(names[k] for k in occurs) or None,
        }


# -- words -----------------------------------------------------------------------------------------------------------------


def _words(plan: Plan, sample: Sample, costs: list[dict[str, Any]], service: list[dict[str, Any]], broken: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Say in sentences what the tables show."""
    currency = plan.case.settings.currency

    def between(row: dict[str, Any], write: Callable[[float], str], prefix: str = "") -> str:
        return f"(95% interval: {write(row[prefix + 'low'])} to {write(row[prefix + 'high'])})"

    def amount(value: float) -> str:
        return money(value, currency)

    mean, anything = costs[0], service[0]
    rows = [
        (
            "how it is known",
            f"{len(sample.paths):,} futures were drawn that the plan has not seen; on the first {len(sample.lived):,} everything but contracts and projects "
            "was decided period by period, with what is known then.",
        ),
        ("cost", f"On them the plan costs {amount(mean['unseen'])} on average {between(mean, amount)}, {_compared(mean)} its own futures."),
    ]
    rows += [
        ("worst futures", f"{row['figure']}: {amount(row['unseen'])} {between(row, amount)}, {_compared(row)} its own futures.")
        for row in costs
        if row["figure"].startswith("Cost in")
    ]
    chance = f"Something goes short in {percent(anything['chance'])} of them {between(anything, percent, 'chance_')}"
    rows.append(("shortage", f"{chance}; in the plan's futures it is {percent(anything['chance_in_plan'])}."))
    lived, known = sample.costs
    saved = double_sampled(lived - known[: len(lived)], np.zeros(len(lived)))
    rows.append(
        (
            "foresight",
            f"A buyer who knew all of each future after its first period would pay {amount(saved.mean)} less on average (95% interval: {amount(saved.low)} to "
            f"{amount(saved.high)}) with the plan's contracts, projects and first orders: no later forecast is worth more than that.",
        )
    )
    if broken:
        share = share_of(np.array([float(bool(one.broken)) for one in sample.lived]))
        said = f"In {percent(share.mean)} of the futures lived through (95% interval: {percent(share.low)} to {percent(share.high)})"
        rows.append(("limits", f"{said} a budget or a limit could not be kept whatever was done then."))
    return [{"figure": figure, "words": words} for figure, words in rows]


def _compared(row: dict[str, Any]) -> str:
    """Say how a figure on unseen futures compares with that in the plan's, within what its interval allows."""
    if row["low"] <= row["in_plan"] <= row["high"]:
        return "which differs by no more than chance from"
    change = row["unseen"] / row["in_plan"] - 1 if row["in_plan"] else np.inf
    return f"{percent(abs(change))} {'more' if row['unseen'] > row['in_plan'] else 'less'} than in"


OUT_OF_SAMPLE = Study("out_of_sample", "On unseen futures", TABLES[0].help, TABLES, out_of_sample, on_request=True, takes="one to five minutes")
"""The study for the registry."""
