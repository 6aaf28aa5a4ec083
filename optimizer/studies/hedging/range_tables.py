"""The tables and sentences of the study of ranges: what is worst, what both plans decide and cost, and what the insurance costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from optimizer.plan.explain import figure, money, percent
from optimizer.plan.plan import Plan
from optimizer.plan.results import Results
from optimizer.schema.results import Output, number, text, yes_no
from optimizer.solving.outcome import relative_gap
from optimizer.solving.solution import Solution
from optimizer.studies.decisions_beside import TURNS, Decision, decided
from optimizer.studies.estimates import Estimate
from optimizer.studies.hedging.hedge import Hedge
from optimizer.studies.hedging.worst_case_program import ENOUGH
from optimizer.studies.path_weights import difference

CENTRAL, ROBUST = "central", "robust"
"""The two plans: that for the workbook's own probabilities, and that for the worst ones within the ranges."""

_NO_START = "not started"
TABLES = (
    Output(
        "ranges",
        "Worst probabilities",
        "The plan for the worst probabilities within the workbook's ranges, beside that for its own, and what this insurance costs.",
        {"subject": text("What the sentence is about."), "words": text("What was found.")},
    ),
    Output(
        "range_probabilities",
        "Ranges",
        "The annual probabilities within their ranges under which each plan is dearest.",
        {
            "disruption": text("The disruption."),
            "low": number("share", "Least that its annual probability may be."),
            "central": number("share", "Its annual probability in the workbook."),
            "high": number("share", "Most that its annual probability may be."),
            "worst_for_central": number("share", "Its annual probability where the plan for the workbook's own probabilities is dearest."),
            "worst_for_robust": number("share", "Its annual probability where the robust plan is dearest."),
        },
    ),
    Output(
        "range_costs",
        "Costs in ranges",
        "What each plan costs at the workbook's own probabilities and at the worst ones, each with its 95% interval.",
        {
            "plan": text("central: the plan for the workbook's own probabilities; robust: that for the worst ones; difference: robust less central."),
            "probabilities": text("central, or those that are worst for the central or for the robust plan."),
            "objective": number("{currency}", "What the plan minimises: expected cost and CVaR by the risk weight."),
            "low": number("{currency}", "Lower end of the 95% interval of the objective."),
            "high": number("{currency}", "Upper end of the 95% interval of the objective."),
            "expected_cost": number("{currency}", "The expected cost, discounted."),
            "futures": number("futures", "The number of equally probable futures that would tell as much as those the figure rests on (Kish, 1965)."),
            "words": text("The same in a sentence."),
        },
    ),
    Output(
        "range_decisions",
        "Decisions in ranges",
        f"What the two plans decide, beside the plan itself; a quantity turns when it differs by more than {TURNS:.0%}.",
        {
            "kind": text("contract, project, first orders or largest stock."),
            "decision": text("What is decided."),
            "plan": number("{unit}", "The quantity in the plan as it is.", blank="a project"),
            "central": number("{unit}", "The quantity in the plan for the workbook's own probabilities, on the futures of this study.", blank="a project"),
            "robust": number("{unit}", "The quantity in the robust plan.", blank="a project"),
            "unit": text("The unit of the quantities.", blank="a project"),
            "start_plan": text("When the project starts in the plan as it is.", blank=_NO_START),
            "start_central": text("When it starts in the plan for the workbook's own probabilities.", blank=_NO_START),
            "start_robust": text("When it starts in the robust plan.", blank=_NO_START),
            "turns": yes_no("Whether the robust plan decides otherwise than the plan for the workbook's own probabilities on the same futures."),
            "words": text("The same in a sentence."),
        },
    ),
)


def nothing(has_ranges: bool, why: str = "") -> dict[str, pd.DataFrame]:
    """Make the tables where there is no answer. has_ranges: whether the workbook has ranges. why: what is said; without it, what the workbook lacks."""
    words = why or (
        "The futures are those of the sheet Scenarios, whose probabilities the ranges of annual_probability do not concern. Use the scenario_method auto, "
        "exact or sampled without that sheet to ask for the worst probabilities."
        if has_ranges
        else "The workbook gives no ranges: fill in annual_probability_low and annual_probability_high of the sheet Disruptions for the disruptions whose "
        "probability is in doubt, then ask again."
    )
    rows: dict[str, list[dict[str, Any]]] = {"ranges": [{"subject": "ranges", "words": words}]}
    return {output.name: output.frame(rows.get(output.name, [])) for output in TABLES}


def tables(plan: Plan, hedge: Hedge) -> dict[str, pd.DataFrame]:
    """Make all tables of what was found."""
    assert plan.solution is not None and hedge.robust is not None
    results = {id(one): Results(one) for one in (plan.solution, hedge.central, hedge.robust)}
    made: list[Results | None] = [results[id(one)] for one in (hedge.central, plan.solution, hedge.robust)]
    decisions = list(decided(made, plan.case.calendar.periods))
    rows = {
        "ranges": _summary(plan, hedge, decisions),
        "range_probabilities": _probabilities(hedge),
        "range_costs": _costs(plan, hedge),
        "range_decisions": (_decision(row) for row in decisions),
    }
    return {output.name: output.frame(rows[output.name]) for output in TABLES}


def _interval(hedge: Hedge, point: np.ndarray, one: np.ndarray, other: np.ndarray | None = None) -> Estimate:
    """Estimate the objective of costs (K,), or by how much it exceeds that of other costs, under some probabilities."""
    s = hedge.built.case.settings
    return difference(hedge.weighing.futures, hedge.weighing.weight(point), one, np.zeros_like(one) if other is None else other, s.risk_weight, s.cvar_level)


def _points(hedge: Hedge) -> dict[str, np.ndarray]:
    """Return the probabilities that are told of, by what they are called."""
    assert hedge.robust is not None
    return {
        "central": hedge.weighing.box.central,
        "worst for the central plan": hedge.worst_of(hedge.central),
        "worst for the robust plan": hedge.worst_of(hedge.robust),
    }


def _probabilities(hedge: Hedge) -> Iterator[dict[str, Any]]:
    """Yield the row of each disruption that has a range."""
    box, points = hedge.weighing.box, _points(hedge)
    worst = [points["worst for the central plan"], points["worst for the robust plan"]]
    for d, k in enumerate(box.positions):
        yield {
            "disruption": box.case.disruptions[k].disruption,
            "low": box.low[d],
            "central": box.central[d],
            "high": box.high[d],
            "worst_for_central": worst[0][d],
            "worst_for_robust": worst[1][d],
        }


def _costs(plan: Plan, hedge: Hedge) -> Iterator[dict[str, Any]]:
    """Yield what each plan costs under each of the probabilities, and by how much the robust one differs."""
    assert hedge.robust is not None
    currency = plan.case.settings.currency
    costs = {CENTRAL: hedge.costs(hedge.central), ROBUST: hedge.costs(hedge.robust)}
    for name, point in _points(hedge).items():
        weight = hedge.weighing.weight(point)
        counted = float(weight.sum() ** 2 / (weight @ weight))
        for which, cost in costs.items():
            found = _interval(hedge, point, cost)
            words = f"The {which} plan at probabilities that are {name}: {written(found, currency)}." if name != "central" else ""
            yield {
                "plan": which,
                "probabilities": name,
                "objective": found.mean,
                "low": found.low,
                "high": found.high,
                "expected_cost": float(weight @ cost),
                "futures": counted,
                "words": words or f"The {which} plan at the workbook's own probabilities: {written(found, currency)}.",
            }
        apart = _interval(hedge, point, costs[ROBUST], costs[CENTRAL])
        yield {
            "plan": "difference",
            "probabilities": name,
            "objective": apart.mean,
            "low": apart.low,
            "high": apart.high,
            "expected_cost": float(weight @ (costs[ROBUST] - costs[CENTRAL])),
            "futures": counted,
            "words": f"The robust plan costs {_more(apart, currency)} there than the central plan.",
        }


def written(found: Estimate, currency: str) -> str:
    """Write an amount of money with its interval, where it has one."""
    if found.low == found.high:
        return money(found.mean, currency)
    if not np.isfinite(found.low):
        return f"{money(found.mean, currency)} (too few futures for an interval)"
    return f"{money(found.mean, currency)} (95% interval {money(found.low, currency)} to {money(found.high, currency)})"


def _more(apart: Estimate, currency: str) -> str:
    """Write by how much something costs more or less, with the interval."""
    if apart.mean >= 0:
        return f"{written(apart, currency)} more"
    return f"{written(Estimate(-apart.mean, -apart.high, -apart.low), currency)} less"


def _summary(plan: Plan, hedge: Hedge, decisions: list[Decision]) -> Iterator[dict[str, str]]:
    """Yield the sentences on top: the worst probabilities, what the plan costs there, what the insurance costs, what it decides, and what this rests on."""
    assert hedge.robust is not None
    currency, points = plan.case.settings.currency, _points(hedge)
    yield {"subject": "worst probabilities", "words": _what_is_worst(hedge, points["worst for the central plan"])}
    cost = hedge.costs(hedge.central)
    dearer = difference_between(hedge, hedge.central)
    worst = _interval(hedge, points["worst for the central plan"], cost)
    own = _interval(hedge, points["central"], cost)
    yield {
        "subject": "the central plan",
        "words": f"The plan for the workbook's own probabilities costs {written(own, currency)} at these, and {written(worst, currency)} at the worst ones, "
        f"{percent(dearer / abs(own.mean)) if own.mean else money(dearer, currency)} more.",
    }
    yield {"subject": "what this insurance costs", "words": _insurance(plan, hedge)}
    if hedge.robust is not hedge.central:
        turned = [row for row in decisions if row.turns[-1]]
        names = "; ".join(f"{row.kind} {row.name}" for row in sorted(turned, key=lambda row: -row.worth[-1])[:6])
        more = f" and {len(turned) - 6:,} more" if len(turned) > 6 else ""
        yield {"subject": "what it decides", "words": f"The robust plan decides otherwise: {names}{more}." if turned else "It decides nothing otherwise now."}
    yield {"subject": "futures", "words": _rests_on(hedge)}
    if plan.case.demand and any(row.minimum_fill_rate is not None for row in plan.case.demand):
        yield {"subject": "fill rates", "words": "Minimum fill rates are kept at the workbook's own probabilities, not at every one within the ranges."}


def difference_between(hedge: Hedge, solution: Solution) -> float:
    """Return by how much a plan costs more at its worst probabilities than at the central ones."""
    return hedge.worst_value(solution) - hedge.value(solution, hedge.weighing.box.central)


def _what_is_worst(hedge: Hedge, worst: np.ndarray) -> str:
    """Say which probabilities are worst for the central plan."""
    box = hedge.weighing.box
    names = [box.case.disruptions[k].disruption for k in box.positions]
    sides: dict[str, list[str]] = {"at the upper end": [], "at the lower end": [], "": []}
    for name, at, low, high in zip(names, worst, box.low, box.high, strict=True):
        near = 1e-3 * (high - low)
        side = "at the upper end" if at >= high - near else "at the lower end" if at <= low + near else ""
        sides[side].append(f"{name} ({percent(at)})")
    parts = [f"{'; '.join(found)} {side or 'in between'}" for side, found in sides.items() if found]
    return f"The plan for the workbook's own probabilities is dearest with {', and '.join(parts)} of {'its range' if len(names) == 1 else 'their ranges'}."


def _insurance(plan: Plan, hedge: Hedge) -> str:
    """Say what the robust plan costs more at the workbook's own probabilities, and what it saves at the worst ones."""
    assert hedge.robust is not None
    currency, s = plan.case.settings.currency, hedge.built.case.settings
    best, gap = hedge.worst_value(hedge.robust), relative_gap(hedge.worst_value(hedge.robust), hedge.bound)
    known = np.isfinite(hedge.bound)
    doubt = (
        ""
        if known and gap <= max(s.mip_gap, ENOUGH) * (1 + 1e-6)
        else (f" The search was stopped: another plan may cost up to {percent(gap)} less at its worst." if known else " The search was stopped before its end.")
    )
    if hedge.robust is hedge.central and doubt:
        return (
            f"What this insurance costs is not known: no plan was found that is better at its worst than the plan for the workbook's own probabilities.{doubt}"
        )
    if hedge.robust is hedge.central:
        return (
            "This insurance costs nothing, because there is none to buy: no plan is better at its worst probabilities than the plan for the workbook's own, "
            "by more than the gap to which plans are solved."
        )
    one, other = hedge.costs(hedge.robust), hedge.costs(hedge.central)
    premium = _interval(hedge, hedge.weighing.box.central, one, other)
    saved = hedge.worst_value(hedge.central) - best
    at_worst = _interval(hedge, hedge.worst_of(hedge.central), one, other)
    return (
        f"This insurance costs {written(premium, currency)}: the robust plan costs so much more at the workbook's own probabilities. At the probabilities "
        f"that are worst for the central plan it costs {_more(at_worst, currency)}, and at its own worst {money(saved, currency)} less than the central plan "
        f"at that plan's worst.{doubt}"
    )


def _rests_on(hedge: Hedge) -> str:
    """Say which futures both plans were made on."""
    count = len(hedge.weighing.futures.paths)
    if hedge.weighing.futures.modal < 0:
        return f"Both plans are made on all {count:,} futures that the workbook allows, so that their figures have no sampling error."
    return (
        f"Both plans are made on the same {count:,} futures, half of them drawn at the workbook's probabilities and half at the upper ends of the ranges; "
        "the plan as it is stands beside them. The intervals tell how far another draw may move the figures. "
        f"Probabilities under which fewer than {hedge.weighing.least_effective:.1f} equally probable futures would count are not "
        "looked at: what they say would be an accident of the draw."
    )


def _decision(row: Decision) -> dict[str, Any]:
    """Make the row of a decision; the first of its plans is the central one."""
    central, plan, robust = range(3)
    return {
        "kind": row.kind,
        "decision": row.name,
        "plan": row.quantities[plan],
        "central": row.quantities[central],
        "robust": row.quantities[robust],
        "unit": row.unit or None,
        "start_plan": row.starts[plan],
        "start_central": row.starts[central],
        "start_robust": row.starts[robust],
        "turns": row.turns[robust - 1],
        "words": _said(row),
    }


def _said(row: Decision) -> str:
    """Say a decision of the central and of the robust plan."""
    parts = []
    for place, name in ((0, "central"), (2, "robust")):
        quantity, start = row.quantities[place], row.starts[place]
        value = (start or _NO_START) if row.kind == "project" else f"{figure(quantity)} {row.unit}" if quantity else "none"
        parts.append(f"{value} in the {name} plan")
    heads = {"contract": "Contract with", "project": "Project", "first orders": "First orders of", "largest stock": "Largest stock of"}
    return f"{heads[row.kind]} {row.name}: {', '.join(parts)}."
