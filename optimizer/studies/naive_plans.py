"""Naive plans: the plan of a buyer who follows a simple rule, on the same futures as the plan that it is compared with.

The buyer signs no contract, starts no project, buys on the spot market alone and sells nothing. As much demand as possible is met over the
horizon; then the stock that the rule asks for is kept; then the expected cost is the least. Where the spot market cannot meet the demand, the
stock is kept until the end: a unit that is drawn earlier serves the same demand, and is then missing from the stock. This is the best that a
buyer with such a rule can do; a real one, who does not know the probabilities, does worse. Hard limits, minimum fill rates,
minimum and fixed contracts, and projects that are decided to start are not asked of such a buyer; the plan's broken_rules say which of them are broken.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from optimizer.case import Case
from optimizer.errors import NoPlanError
from optimizer.intake.reader import Reading, reading_of
from optimizer.lengthening import with_tail
from optimizer.model.arrays import Arrays
from optimizer.model.data import canonical
from optimizer.model.limits import DAYS_PER_YEAR
from optimizer.plan.audit import audit
from optimizer.plan.plan import Plan, make_plan
from optimizer.plan.results import Results
from optimizer.solving.built import Built, build
from optimizer.solving.highs import Solver
from optimizer.solving.outcome import Outcome, Status, Stop
from optimizer.solving.solution import Solution, solution_of
from optimizer.solving.watch import Phase, Progress, Stopped, Watch


@dataclass(frozen=True, slots=True)
class Rule:
    """A naive rule. days: the days of demand that it keeps in store; 0 = no more than the period needs."""

    title: str
    meaning: str
    days: float


_ELSE = "Signs nothing and builds nothing."

NAIVE_RULES = {
    "cheapest": Rule("Cheapest supplier, no stock", f"Buys each period what that period needs, where it is cheapest then. {_ELSE}", 0.0),
    "stock_60": Rule("60 days of stock", f"Buys on the spot market and keeps 60 days of demand in store. {_ELSE}", 60.0),
    "stock_180": Rule("180 days of stock", f"Buys on the spot market and keeps 180 days of demand in store. {_ELSE}", 180.0),
}
"""The naive rules by name, in the order in which they are offered."""

CLOSED = ("contract", "signed", "start", "start_if", "sold")
"""The decisions that a naive buyer does not take."""

NAIVE_METHOD = "naive rule"
"""What the method of a naive plan begins with, in its provenance."""

ROUNDING = 1e-9
"""By how much, relative and in solver units, a store may exceed the rule's cap: what is inherited was computed with the solver's rounding."""


def naive(
    source: str | os.PathLike[str] | Reading | Case,
    rule: str,
    *,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    settings: Mapping[str, Any] | None = None,
    beside: Plan | None = None,
) -> Plan:
    """Return the plan of a naive buyer on the futures of a workbook, a reading or a case; rule: a name of NAIVE_RULES, KeyError for another.

    settings stand in for those of the source, as for optimizer.solve. beside: the plan that it is to be set beside; if it is of the same case, what no
    decision avoids is taken from it, which saves a third of the time. Its objective is its expected cost. NoPlanError: stopped, or even this
    buyer breaks a budget or a store.

    >>> ours = optimizer.solve("sample_inputs/tutorial.xlsx")
    >>> theirs = optimizer.naive("sample_inputs/tutorial.xlsx", "stock_60")
    >>> theirs.expected_cost > ours.expected_cost, len(theirs.tables["contracts"])
    (True, 0)
    """
    chosen, began = NAIVE_RULES[rule], time.monotonic()
    watch = Watch(report=progress, cancelled=cancelled)
    reading = reading_of(source, settings or {})
    watch.limit = reading.case.settings.time_limit_seconds
    case = naive_case(reading.case, chosen)
    try:
        built = build(case, watch)
    except Stopped as stopped:
        words = "The time limit was over" if str(stopped) == Stop.BY_TIME else "Stopped"
        raise NoPlanError(f"{words} before any plan was found.") from None
    solution = solve_naive(built, chosen, watch)
    if solution.status == Status.INFEASIBLE:
        raise NoPlanError("Whatever is bought or not, what is inherited alone breaks a budget or a store.")
    if solution.decisions is None:
        raise NoPlanError(f"No plan was found ({solution.stopped or 'stopped'}). Allow more time, fewer futures or periods.")
    broken = _broken(reading.case, solution)
    return make_plan(
        case,
        solution,
        warnings=reading.warnings,
        broken_rules=broken,
        sheets=reading.sheets,
        source={"name": reading.name, "sha256": reading.sha256},
        seconds=time.monotonic() - began,
        watch=watch,
        unavoidable=_unavoidable(reading.case, beside),
    )


def _unavoidable(case: Case, beside: Plan | None) -> float | None:
    """Return the chance of the futures that go short whatever is decided, as another plan of a case tells it; None where none does.

    It is no matter of the plan: a future in which no decision avoids a shortage is one under every plan. But a project that never starts by the
    workbook's word is open to a naive buyer.
    """
    if beside is None or beside.case != case or not np.isfinite(beside.unavoidable_shortage) or any(row.decided == "never" for row in case.projects):
        return None
    return beside.unavoidable_shortage


def naive_case(case: Case, rule: Rule) -> Case:
    """Return the case without what a naive buyer does not ask for: hard limits, minimum fill rates, decisions made beforehand, aversion to risk."""
    return replace(
        case.with_settings(title=f"{rule.title}: {case.settings.title}", risk_weight=0.0),
        demand=tuple(replace(row, minimum_fill_rate=None) for row in case.demand),
        offers=tuple(replace(row, fixed_contract=None) for row in case.offers),
        projects=tuple(replace(row, decided="open") for row in case.projects),
        limits=tuple(row for row in case.limits if row.penalty is not None),
    )


def solve_naive(built: Built, rule: Rule, watch: Watch) -> Solution:
    """Solve the program with the rule's bounds and rows: the decisions of a naive buyer."""
    s = built.case.settings
    inherited = inherited_of(built, watch)
    if inherited is None:
        return Solution(built, Status.NO_SOLUTION, stopped=Stop.BY_HAND) if watch.stop else Solution(built, Status.INFEASIBLE)
    arrays = _with_rule(built, rule, inherited)
    solver = Solver(arrays, seed=s.seed, time_limit=s.time_limit_seconds, mip_gap=s.mip_gap, watch=watch, money=built.scales.money)
    outcome = solver.solve(Phase.SEARCH)
    if outcome.x is None:
        return Solution(built, outcome.status, stopped=outcome.stopped)
    kept = Outcome(outcome.status, outcome.objective, outcome.bound, outcome.x[: built.program.columns], stopped=outcome.stopped)
    # The rule is followed, not weighed: there is nothing to prove a gap against.
    return solution_of(built, kept, np.inf, f"{NAIVE_METHOD}: {rule.title}")


# -- the rule as bounds and rows -------------------------------------------------------------------------------------------


def target_of(built: Built, material: str, days: float) -> np.ndarray:
    """Return (nodes,) the stock that the rule asks for: so many days of the node's demand, all uses."""
    data, tree = built.data, built.tree
    need = [sum(data.demand(material, use, int(t), tree.regimes[r]) for use in data.uses_of[material]) for t, r in zip(tree.period, tree.regime)]
    return np.array(need) / (data.years * DAYS_PER_YEAR) * days


def inherited_of(built: Built, watch: Watch) -> dict[str, np.ndarray] | None:
    """Return for each material (nodes,) what stock on hand and open orders leave in store when nothing is ordered and as much is used up as can be.

    Nothing is thrown away that a store has room for. None where even that breaks a budget or a store.
    """
    arrays, stock = _closed(built, (*CLOSED, "spot")), built.columns("stock")
    cost = np.zeros(arrays.columns)
    cost[stock.number], cost[built.columns("discard").number] = 1.0, built.tree.periods + 1.0
    none = np.zeros_like(arrays.integer)
    outcome = Solver(replace(arrays, cost=cost, integer=none), seed=built.case.settings.seed, watch=watch).solve(Phase.INHERITED)
    if outcome.x is None:
        return None
    held = np.clip(outcome.x, 0.0, None) * built.scales.column
    result = {}
    for material in built.data.materials:
        mine = stock[stock.material == material]
        result[material] = np.bincount(mine.node, held[mine.number], minlength=built.tree.size)
    return result


def cap_of(built: Built, material: str, days: float, inherited: dict[str, np.ndarray]) -> np.ndarray:
    """Return (nodes,) the most that the rule keeps in store: what it asks for, or what is inherited and cannot be used up yet."""
    most: np.ndarray = np.maximum(target_of(built, material, days), inherited[material])
    return most


def _with_rule(built: Built, rule: Rule, inherited: dict[str, np.ndarray]) -> Arrays:
    """Return the program's arrays under the rule: closed decisions, a cap on every node's stock, and on the reference path its floor.

    What the floor misses is a column of its own, dearer than any purchase and cheaper than any shortage, which no report counts.
    """
    arrays, tree = _closed(built, CLOSED), built.tree
    stock, reference = built.columns("stock"), np.array(tree.reference)
    for material in built.data.materials:
        mine = stock[stock.material == material]
        if not len(mine):
            continue
        size = float(built.scales.column[mine.number].max())
        share = built.scales.column[mine.number] / size
        target = target_of(built, material, rule.days)
        cap = cap_of(built, material, rule.days, inherited) / size
        arrays = arrays.with_rows(tree.size, upper=cap * (1 + ROUNDING) + ROUNDING, entries=[(arrays.rows + mine.node, mine.number, share)])
        if rule.days and target.max() > 0:
            miss = miss_cost(built, material) * size / built.scales.money
            cost = arrays.cost.copy()
            cost[: built.program.columns] += more_for_demand(built, material, miss * (tree.periods + 1) / size)
            arrays = replace(arrays, cost=cost).with_columns(len(reference), cost=miss * tree.probability[reference])
            place = np.full(tree.size, -1)
            place[reference] = np.arange(len(reference))
            on_path = place[mine.node] >= 0
            held = (arrays.rows + place[mine.node[on_path]], mine.number[on_path], share[on_path])
            missing = (arrays.rows + np.arange(len(reference)), arrays.columns - len(reference) + np.arange(len(reference)), 1.0)
            arrays = arrays.with_rows(len(reference), lower=target[reference] / size, entries=[held, missing])
    return arrays


def _closed(built: Built, families: Iterable[str]) -> Arrays:
    """Return the program's arrays with the decisions of some families fixed at 0."""
    arrays = built.arrays()
    upper = arrays.upper.copy()
    for family in families:
        upper[built.columns(family).number] = 0.0
    return replace(arrays, upper=upper)


def miss_cost(built: Built, material: str) -> float:
    """Return more than a unit of the material can cost to buy and keep to the end, at any node."""
    data, tree = built.data, built.tree
    pairs = {(int(t), int(r)) for t, r in zip(tree.period, tree.regime)}
    prices = [data.spot_price(s, t, tree.regimes[r]) for s in data.offers_of[material] for t, r in pairs]
    inputs = [sum(miss_cost(built, name) * units for name, units in data.inputs[s]) for s in data.offers_of[material]]
    keeping = data.materials[material].holding_cost_per_year * data.years * tree.periods
    return 2 * (max(prices, default=1.0) + max(inputs, default=0.0) + keeping) + 1e-6


def more_for_demand(built: Built, material: str, extra: float) -> np.ndarray:
    """Return what to add to the costs so that a unit short is dearer than all that the floor may miss because of it."""
    short, more = built.columns("short"), np.zeros(built.program.columns)
    mine = short[short.material == material]
    more[mine.number] = extra * built.tree.probability[mine.node] * built.scales.column[mine.number]
    return more


def _broken(case: Case, solution: Solution) -> tuple[str, ...]:
    """List the workbook's own rules that the naive plan breaks, a sentence each."""
    results = Results(solution)
    claimed = results.claimed()
    whole = canonical(with_tail(case.with_settings(risk_weight=0.0)))
    return audit(whole, solution.built.tree, results.decisions, claimed).findings
