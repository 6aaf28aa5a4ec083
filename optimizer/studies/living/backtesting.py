"""The backtest: plan with what was believed at a date, then live through what really happened, beside buyers who follow a simple rule.

A history says for each period which disruptions were active, what each offer's price was, and how much of its capacity could be had
(realised.py). How a period is lived through stands in settling.py. It is one course of events: the figures are
what would have been paid, within what the case leaves out, and have no interval. They say how a plan stood one test, not how good it is on average.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from optimizer.case import Case
from optimizer.errors import NoPlanError
from optimizer.intake.reader import Reading, reading_of
from optimizer.plan.explain import figure, money
from optimizer.plan.plan import Plan
from optimizer.plan.quantities import NEGLIGIBLE
from optimizer.scenarios import choose_method
from optimizer.schema.costs import OUTLAYS
from optimizer.schema.results import MATERIAL, PERIOD, UNIT, USE, Output, number, text, whole
from optimizer.solving.built import Built
from optimizer.solving.scaling import material_scales
from optimizer.solving.solution import Solution
from optimizer.solving.solve import solve_case
from optimizer.solving.watch import Phase, Progress, Watch
from optimizer.studies.living.realised import RealisedHistory
from optimizer.studies.living.replay import RollingHorizon
from optimizer.studies.living.settling import Reality, RuleSettling, Settling
from optimizer.studies.living.simple_rules import POLICIES, Policy, rules_of
from optimizer.studies.study import solution_of

Believed = str | os.PathLike[str] | Reading | Case | Plan

RULES: tuple[Policy, ...] = tuple(rule for rule in POLICIES if rule.name in ("contracts", "contracts_60", "contracts_180", "last_year", "spot", "spot_180"))
"""The rules that are lived through beside the plan where no others are named."""

SCENARIOS = 100
"""Futures that each period's orders are decided for, at most. As one path alone is lived through, there is time for more than in out_of_sample."""

THE_PLAN = "The plan, decided anew in every period"
FORESIGHT_SIGNED = "A buyer who knew it all, with the plan's contracts and projects"
FORESIGHT = "A buyer who knew it all before signing anything"

_WHO = {"policy": text("How it was decided."), "beliefs": text("What was believed of the disruptions when the plan was made.")}

TABLES = (
    Output(
        "backtest",
        "Backtest",
        "What each policy would have cost in what really happened. It is one course of events, so that no figure has an interval.",
        {
            **_WHO,
            "cash": number("{currency}", "Paid for purchases, duties, storage, projects and substitution, discounted."),
            "shortage_cost": number("{currency}", "Cost of what could not be delivered, discounted."),
            "other": number("{currency}", "Penalties, less sales and the value of what is left at the end, discounted."),
            "total": number("{currency}", "The three together."),
            "more": number("{currency}", "Total above that of the plan with the same beliefs.", blank="it is the plan"),
            "not_kept": whole("How many budgets and limits could not be kept, each counted once a period."),
            "words": text("The same in a sentence."),
        },
    ),
    Output(
        "backtest_short",
        "Backtest shortages",
        "How much of each demand could not be met in what really happened.",
        {
            **_WHO,
            **MATERIAL,
            **USE,
            "demand": number("{unit}", "Quantity needed in all periods."),
            "short": number("{unit}", "Quantity not delivered."),
            **UNIT,
        },
    ),
    Output(
        "backtest_periods",
        "Backtest by period",
        "What each policy ordered, had, held and missed of each material in each period of what really happened.",
        {
            **_WHO,
            **PERIOD,
            "disruptions": text("The disruptions that were active.", blank="none"),
            **MATERIAL,
            "ordered": number("{unit}", "Quantity ordered."),
            "cut": number("{unit}", "Of that, what could not be had. What is ordered to leave later is not cut, but held back when it is due."),
            "stock": number("{unit}", "Stock at the period's end."),
            "short": number("{unit}", "Demand not met."),
            **UNIT,
            "cash": number("{currency}", "Paid for purchases, duties and storage of the material, discounted."),
            "shortage_cost": number("{currency}", "Cost of its shortage, discounted."),
        },
    ),
)


@dataclass(frozen=True)
class Told:
    """What one policy came to. built, x: the program of what happened and the decisions in it; cut: period -> material -> units."""

    policy: str
    beliefs: str
    built: Built
    x: np.ndarray
    broken: tuple[tuple[int, str], ...]
    cut: Mapping[int, Mapping[str, float]]

    @property
    def costs(self) -> dict[str, float]:
        """The cost by term, discounted."""
        return {term: float(cost.sum()) for term, cost in self.built.costs(self.x).items()}

    @property
    def total(self) -> float:
        """The cost in all."""
        return sum(self.costs.values())

    def short(self) -> dict[tuple[str, str], np.ndarray]:
        """Return for each material and use what is short in each period."""
        return self.built.by_index("short", self.x)


def backtest(
    believed: Believed | Mapping[str, Believed],
    history: RealisedHistory,
    rules: Sequence[Policy] = RULES,
    *,
    scenarios: int | None = SCENARIOS,
    record_years: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> dict[str, pd.DataFrame]:
    """Make the tables backtest, backtest_short and backtest_periods, as TABLES declares them.

    believed: a workbook, a reading, a case or its plan as of the date at which the history begins; or several, by the name of what is believed.
    rules: the simple rules that are lived through beside each plan. scenarios: futures that each period's orders are decided for, at most; None
    for all there are. record_years: years of record that stand behind the annual probabilities, which what happens then changes (see `updated` of
    realised.py); None: they stay as they are. progress is told now and then where it stands; to stop, it raises an exception, which is let through.

    ValueError: a history that does not fit a case; a case whose futures are listed, so that none can be foreseen from a later period; a plan that
    was read back from a file. WorkbookError: bad input. NoPlanError: no plan was found. SolverError: a period could not be decided.

    >>> plan = optimizer.solve("sample_inputs/tutorial.xlsx")
    >>> active = {"2027": (), "2028": ("Export stop",), "2029": ()}
    >>> dearer = optimizer.studies.Quote("2029", "Southern Refinery", "Dysprosium oxide", price=500)
    >>> history = optimizer.studies.RealisedHistory("A stop, and a price that stays high after it", active, (dearer,))
    >>> optimizer.studies.backtest(plan, history)["backtest"].words[0]
    'The plan, decided anew in every period: USD 1.09 million paid and USD 100,000 of shortages (100 kg of Dysprosium oxide).'
    """
    watch = Watch(report=progress)
    named = believed if isinstance(believed, Mapping) else {"": believed}
    found: list[Told] = []
    try:
        for name, source in named.items():
            watch.tell(Phase.HISTORY, f"history: the plan {name or 'of the case'}")
            solution = _solution(source, progress)
            own = RollingHorizon(solution, scenarios, solution.built.case.settings.seed)
            found += _lived(Reality(own, history, record_years, watch), rules, name or "as in the case")
    except BaseException:
        watch.interrupted = True  # the solver, which runs in a thread of its own, stops then
        raise
    rows = (_costs(found), _short(found), _periods(found))
    return {output.name: output.frame(list(listed)) for output, listed in zip(TABLES, rows, strict=True)}


def _solution(source: Believed, progress: Callable[[Progress], None] | None) -> Solution:
    """Return the plan of a source as it was solved."""
    case = source.case if isinstance(source, Plan) else reading_of(source).case
    if choose_method(case) == "listed":
        raise ValueError("The futures of this case are listed, so that none can be foreseen from a later period. Set scenario_method to exact or sampled.")
    if isinstance(source, Plan):
        return solution_of(source)
    solution = solve_case(case, watch=Watch(report=progress, limit=case.settings.time_limit_seconds))
    if solution.x is None:
        raise NoPlanError("No plan was found to be lived through. optimizer.solve says why.")
    return solution


def _lived(reality: Reality, rules: Sequence[Policy], beliefs: str) -> Iterator[Told]:
    """Yield what a plan, each rule, and whoever knew it all came to."""
    labels = reality.case.calendar.labels
    plan = Settling(reality, reality.own.scenarios)
    for title, policy in ((THE_PLAN, plan), *((rule.title, RuleSettling(reality, rule)) for rule in rules_of(reality.own.solution, rules))):
        for t, label in enumerate(labels):
            reality.watch.tell(Phase.HISTORY, f"history: {title.lower()}, {label}", share=(t + 1) / len(labels))
            policy.decide(reality.path[: t + 1])
        yield Told(title, beliefs, *policy.outcome(), policy.cut)
    for title, signed in ((FORESIGHT_SIGNED, True), (FORESIGHT, False)):
        reality.watch.tell(Phase.HISTORY, f"history: {title.lower()}")
        yield Told(title, beliefs, *plan.hindsight(signed), {})


# -- tables ----------------------------------------------------------------------------------------------------------------


def _costs(found: Sequence[Told]) -> Iterator[dict[str, Any]]:
    plans = {told.beliefs: told for told in found if told.policy == THE_PLAN}
    for told in found:
        costs = told.costs
        cash, shortage = sum(costs.get(name, 0.0) for name in OUTLAYS), costs.get("shortage", 0.0)
        more = np.nan if told.policy == THE_PLAN else told.total - plans[told.beliefs].total
        yield {
            "policy": told.policy,
            "beliefs": told.beliefs,
            "cash": cash,
            "shortage_cost": shortage,
            "other": told.total - cash - shortage,
            "total": told.total,
            "more": more,
            "not_kept": len(set(told.broken)),
            "words": _words(told, cash, shortage, more),
        }


def _words(told: Told, cash: float, shortage: float, more: float) -> str:
    """Say a row in a sentence."""
    case, scales = told.built.case, material_scales(told.built.data)
    currency = case.settings.currency
    parts = []
    for row in case.materials:
        missing = sum(float(short.sum()) for (material, _), short in told.short().items() if material == row.material)
        if missing > 10 * scales[row.material] * NEGLIGIBLE:
            parts.append(f"{figure(missing)} {row.unit} of {row.material}")
    short = f"{money(shortage, currency)} of shortages ({', '.join(parts)})" if parts else "nothing short"
    words = f"{told.policy}: {money(cash, currency)} paid and {short}"
    if np.isfinite(more):
        near = abs(more) <= 1e-6 * (1 + abs(told.total))
        words += "; as much as the plan" if near else f"; in all {money(abs(more), currency)} {'more' if more > 0 else 'less'} than the plan"
    return words + (f"; {len(set(told.broken))} times a budget or a limit could not be kept." if told.broken else ".")


def _short(found: Sequence[Told]) -> Iterator[dict[str, Any]]:
    for told in found:
        data, tree = told.built.data, told.built.tree
        for (material, use), short in told.short().items():
            yield {
                "policy": told.policy,
                "beliefs": told.beliefs,
                "material": material,
                "use": use,
                "demand": sum(data.demand(material, use, t, tree.regimes[tree.regime[t]]) for t in range(tree.periods)),
                "short": float(short.sum()),
                "unit": data.materials[material].unit,
            }


def _periods(found: Sequence[Told]) -> Iterator[dict[str, Any]]:
    for told in found:
        built = told.built
        names, labels = [row.disruption for row in built.case.disruptions], built.case.calendar.labels
        tables = {material: _by_period(told, material) for material in built.data.materials}
        for t, label in enumerate(labels):
            active = ", ".join(names[k] for k in built.tree.regimes[built.tree.regime[t]]) or None
            for material, values in tables.items():
                row = {"policy": told.policy, "beliefs": told.beliefs, "period": label, "disruptions": active, "material": material}
                yield {**row, **{name: float(column[t]) for name, column in values.items()}, "unit": built.data.materials[material].unit}


def _by_period(told: Told, material: str) -> dict[str, np.ndarray]:
    """Return the columns of a material: name -> (T,). On one path a node has the number of its period."""
    built, periods = told.built, told.built.tree.periods

    def total(family: str, wanted: Callable[[tuple[Any, ...]], bool]) -> np.ndarray:
        return sum((values for index, values in built.by_index(family, told.x).items() if wanted(index)), np.zeros(periods))

    def at_once(index: tuple[Any, ...]) -> bool:
        return built.data.offers[index[0]].material == material and not built.data.offers[index[0]].ships_later

    cut = np.array([told.cut.get(t, {}).get(material, 0.0) for t in range(periods)])
    had = total("spot", at_once) + total("call_off", at_once) + total("filed", lambda index: built.data.offers[index[0]].material == material)
    costs = built.costs(told.x, (material,))
    return {
        "ordered": had + cut,
        "cut": cut,
        "stock": total("stock", lambda index: index[0] == material),
        "short": total("short", lambda index: index[0] == material),
        "cash": sum((costs[name] for name in OUTLAYS if name in costs), np.zeros(periods)),
        "shortage_cost": costs["shortage"],
    }
