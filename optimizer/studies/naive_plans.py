"""Naive plans: what a buyer does who follows a simple rule, on the same futures as the plan that it is set against.

No contracts, no projects, purchases on the spot market alone; as much demand as can be is met over the horizon, then the stock that the
rule asks for is kept, then the expected cost is the least. Where the spot market falls short of demand that means: the stock is kept and
used up at the end, because a unit drawn earlier is missing later. It is the best that a buyer with such a rule can do: a real one,
who does not know the chances, does worse. Hard limits, minimum fill rates and minimum contracts are beyond such a buyer and not asked
for; what is broken is said in the plan's warnings.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from optimizer.case import Case
from optimizer.errors import Level, NoPlanError, Problem
from optimizer.intake.reader import Reading, reading_of
from optimizer.model.data import canonical
from optimizer.model.limits import DAYS_PER_YEAR
from optimizer.plan.audit import Claimed, audit
from optimizer.plan.plan import Plan, make_plan
from optimizer.plan.results import Results
from optimizer.solving.extensive import Built, Solution, build, solution_of
from optimizer.solving.highs import Arrays, Outcome, Solver, aggregate
from optimizer.solving.watch import BY_TIME, Progress, Stopped, Watch


@dataclass(frozen=True, slots=True)
class Rule:
    """A naive rule. days: the days of demand that it keeps in store; 0 = no more than the period needs."""

    title: str
    meaning: str
    days: float


_ELSE = "Signs nothing and builds nothing."

NAIVE_RULES = {
    "cheapest": Rule("Cheapest source, no stock", f"Buys each period what that period needs, where it is cheapest then. {_ELSE}", 0.0),
    "stock_60": Rule("60 days of stock", f"Buys on the spot market and keeps 60 days of demand in store. {_ELSE}", 60.0),
    "stock_180": Rule("180 days of stock", f"Buys on the spot market and keeps 180 days of demand in store. {_ELSE}", 180.0),
}
"""The naive rules by name, in the order in which they are offered."""

BROKEN = "Broken rule"
"""Where a warning stands that tells which of the workbook's own rules a naive plan breaks."""

CLOSED = ("contract", "signed", "start")
"""The decisions that a naive buyer leaves alone."""


def naive(
    source: str | os.PathLike | Reading | Case,
    rule: str,
    *,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    settings: Mapping[str, Any] | None = None,
) -> Plan:
    """Return the plan of a naive buyer on the futures of a workbook, a reading or a case; rule: a name of NAIVE_RULES, KeyError for another.

    settings stand in for those of the source, as for optimizer.solve. Its objective is its expected cost. NoPlanError: stopped, or even this
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
        words = "The time limit was over" if str(stopped) == BY_TIME else "Stopped"
        raise NoPlanError(f"{words} before any plan was found.") from None
    solution = solve_naive(built, chosen, watch)
    if solution.status == "infeasible":
        raise NoPlanError("Whatever is bought or not, what is inherited alone breaks a budget or a store.")
    if solution.decisions is None:
        raise NoPlanError(f"No plan was found ({solution.stopped or 'stopped'}). Allow more time, fewer scenarios or periods.")
    broken = _broken(reading.case, solution)
    return make_plan(
        case,
        solution,
        warnings=(*reading.warnings, *broken),
        sheets=reading.sheets,
        source={"name": reading.name, "sha256": reading.sha256},
        seconds=time.monotonic() - began,
        watch=watch,
    )


def naive_case(case: Case, rule: Rule) -> Case:
    """The case without what a naive buyer does not ask for: hard limits, minimum fill rates, aversion to risk."""
    return replace(
        case.with_settings(title=f"{rule.title}: {case.settings.title}", risk_weight=0.0),
        demand=tuple(replace(row, minimum_fill_rate=None) for row in case.demand),
        limits=tuple(row for row in case.limits if row.penalty is not None),
    )


def solve_naive(built: Built, rule: Rule, watch: Watch) -> Solution:
    """The decisions of a naive buyer: those of the program with its rule's bounds and rows."""
    s = built.case.settings
    inherited = inherited_of(built, watch)
    if inherited is None:
        return Solution(built, "no_solution" if watch.stop else "infeasible", stopped="stopped by hand" if watch.stop else "")
    arrays = _with_rule(built, rule, inherited)
    solver = Solver(arrays, seed=s.seed, time_limit=s.time_limit_seconds, mip_gap=s.mip_gap, watch=watch, money=built.scales.money)
    outcome = solver.solve("solver")
    if outcome.x is None:
        return Solution(built, outcome.status, stopped=outcome.stopped)
    kept = Outcome(outcome.status, outcome.objective, outcome.bound, outcome.x[: len(built.program.cost)], stopped=outcome.stopped)
    # The rule is followed, not weighed: there is nothing to prove a gap against.
    return solution_of(built, kept, np.inf, f"naive rule: {rule.title}")


# -- the rule as bounds and rows -------------------------------------------------------------------------------------------


def target_of(built: Built, material: str, days: float) -> np.ndarray:
    """(N,) the stock that the rule asks for: so many days of the node's demand, all uses."""
    data, tree = built.data, built.tree
    need = [sum(data.demand(material, use, int(t), tree.regimes[r]) for use in data.uses_of[material]) for t, r in zip(tree.period, tree.regime)]
    return np.array(need) / (data.years * DAYS_PER_YEAR) * days


def inherited_of(built: Built, watch: Watch) -> dict[str, np.ndarray] | None:
    """Material -> (N,) what stock on hand and open orders leave in store when nothing is ordered and as much is used up as can be.

    Nothing is thrown away that a store has room for. None where even that breaks a budget or a store.
    """
    arrays, mine = built.arrays(), _names(built)
    upper = np.where(np.isin(mine, (*CLOSED, "spot")), 0.0, arrays.upper)
    cost = np.where(mine == "stock", 1.0, np.where(mine == "discard", built.tree.periods + 1.0, 0.0))
    none = np.zeros_like(arrays.integer)
    outcome = Solver(replace(arrays, cost=cost, upper=upper, integer=none), seed=built.case.settings.seed, watch=watch).solve("what is in stock")
    if outcome.x is None:
        return None
    result = {}
    for material in built.data.materials:
        columns, nodes = _stock_columns(built, mine, material)
        held = np.clip(outcome.x[columns], 0.0, None) * built.scales.column[columns]
        result[material] = np.bincount(nodes, held, minlength=built.tree.size)
    return result


def cap_of(built: Built, material: str, days: float, inherited: dict[str, np.ndarray]) -> np.ndarray:
    """(N,) the most that the rule keeps in store: what it asks for, or what is inherited and cannot be used up yet."""
    return np.maximum(target_of(built, material, days), inherited[material])


def _names(built: Built) -> np.ndarray:
    """(columns,) the family of each column, blank for those of none."""
    names = np.array([family.name for family, _ in built.template.columns])
    return np.where(built.program.column_template >= 0, names[built.program.column_template], "")


def _with_rule(built: Built, rule: Rule, inherited: dict[str, np.ndarray]) -> Arrays:
    """The program's arrays under the rule: closed decisions, a cap on every node's stock, and on the reference path its floor.

    What the floor misses is a column of its own, dearer than any purchase and cheaper than any shortage, which no report counts.
    """
    arrays, scale, mine = built.arrays(), built.scales.column, _names(built)
    upper = np.where(np.isin(mine, CLOSED), 0.0, arrays.upper)
    cost = arrays.cost.copy()
    width, height = len(cost), len(arrays.row_lower)
    row, column, value, low, high, slack_cost = [], [], [], [], [], []
    for material in built.data.materials:
        columns, nodes = _stock_columns(built, mine, material)
        if not len(columns):
            continue
        size = float(scale[columns].max())
        target = target_of(built, material, rule.days)
        cap = cap_of(built, material, rule.days, inherited)
        place = height + len(low) + np.arange(built.tree.size)
        row.append(place[nodes])
        column.append(columns)
        value.append(scale[columns] / size)
        low += [-np.inf] * built.tree.size
        high += list(cap / size * (1 + 1e-9) + 1e-9)
        if rule.days and target.max() > 0:
            miss = _miss_cost(built, material) * size / built.scales.money
            _put_demand_first(built, mine, material, cost, miss * (built.tree.periods + 1) / size)
            for node in built.tree.reference:
                at = nodes == node
                row.append(np.full(at.sum() + 1, height + len(low)))
                column.append(np.append(columns[at], width + len(slack_cost)))
                value.append(np.append(scale[columns[at]] / size, 1.0))
                low.append(target[node] / size)
                high.append(np.inf)
                slack_cost.append(miss * built.tree.probability[node])
    extra = len(slack_cost)
    rows, columns, values = aggregate(
        np.concatenate([arrays.row, *row]).astype(np.int64),
        np.concatenate([arrays.column, *column]).astype(np.int64),
        np.concatenate([arrays.value, *value]),
        height + len(low),
    )
    return Arrays(
        cost=np.concatenate([cost, slack_cost]),
        lower=np.concatenate([arrays.lower, np.zeros(extra)]),
        upper=np.concatenate([upper, np.full(extra, np.inf)]),
        integer=np.concatenate([arrays.integer, np.zeros(extra, dtype=bool)]),
        row_lower=np.concatenate([arrays.row_lower, low]),
        row_upper=np.concatenate([arrays.row_upper, high]),
        row=rows,
        column=columns,
        value=values,
    )


def _stock_columns(built: Built, mine: np.ndarray, material: str) -> tuple[np.ndarray, np.ndarray]:
    """The columns of a material's stock and their nodes."""
    program = built.program
    stock = np.flatnonzero(mine == "stock")
    own = [k for k in stock if built.template.columns[program.column_template[k]][1][1] == material]
    return np.array(own, dtype=np.int64), program.column_node[own]


def _miss_cost(built: Built, material: str) -> float:
    """More than a unit of the material can cost to buy and keep to the end, at any node."""
    data, tree = built.data, built.tree
    pairs = {(int(t), int(r)) for t, r in zip(tree.period, tree.regime)}
    prices = [data.spot_price(s, t, tree.regimes[r]) for s in data.offers_of[material] for t, r in pairs]
    made = [data.offers[s] for s in data.offers_of[material] if data.offers[s].input_material]
    inputs = [_miss_cost(built, offer.input_material) * offer.input_per_unit for offer in made]
    keeping = data.materials[material].holding_cost_per_year * data.years * tree.periods
    return 2 * (max(prices, default=1.0) + max(inputs, default=0.0) + keeping) + 1e-6


def _put_demand_first(built: Built, mine: np.ndarray, material: str, cost: np.ndarray, extra: float) -> None:
    """Make a unit short dearer than anything that the floor could be missing because of it."""
    program, scale = built.program, built.scales.column
    for k in np.flatnonzero(mine == "short"):
        if built.template.columns[program.column_template[k]][1][1] == material:
            cost[k] += extra * built.tree.probability[program.column_node[k]] * scale[k]


def _broken(case: Case, solution: Solution) -> list[Problem]:
    """The workbook's own rules that the naive plan breaks, as warnings."""
    costs = {line["part"]: line["expected"] for line in Results(solution).costs()}
    claimed = Claimed(solution.objective, solution.expected_cost, solution.cvar, costs)
    whole = canonical(case.with_settings(risk_weight=0.0))
    found = audit(whole, solution.built.tree, solution.decisions, claimed).findings
    return [Problem(BROKEN, "", finding, level=Level.WARNING) for finding in found]
