"""The part of the probability of a shortage that no decision can avoid.

For each scenario that goes short a buyer is imagined who knows that scenario from the start, starts every project at the first
possible moment, signs any contract, orders any amount, and has no budget and no limit to keep. Where even this buyer goes short, by
what arrives in time, what can be stored and what each use may draw, no decision avoids the shortage.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.model.arrays import Arrays
from optimizer.model.data import CaseData
from optimizer.model.stamp import Program, columns_of, rows_of, stamp
from optimizer.scenarios.tree import Scenario, ScenarioTree
from optimizer.solving.built import Built
from optimizer.solving.highs import Solver
from optimizer.solving.outcome import Status
from optimizer.solving.scaling import Scales, scales_of
from optimizer.solving.watch import Phase, Watch

CONVERSION = ("inputs_needed", "inputs_clean_enough")
SHIPPING = ("filing", "filing_too_early", "orders_due", "orders_held_back", "open_orders_left", "open_orders_served")

SUBSTITUTION = ("substitution", "substitute_origin")

PHYSICAL = ("balance", "demand", "origin_rule", "capacity", "spot_limit", "storage", "shelf_life", "end_of_life", *CONVERSION, *SUBSTITUTION, *SHIPPING)
"""The constraints that no decision of a planner or a board can lift."""

PATHS_AT_ONCE = 8
"""Scenarios solved together: few enough for a small program, many enough that making one costs little."""


def unavoidable_shortage(built: Built, short: np.ndarray, least: dict[str, float], watch: Watch | None = None, periods: int | None = None) -> np.ndarray | None:
    """Return which scenarios go short whatever is decided.

    short: (materials, scenarios), whether the plan leaves the material of that position in CaseData.materials short in that scenario;
    only these are looked at. periods: those from the first one whose shortages count; all by default. least: material -> quantity, units, up
    to which a shortage is rounding. Returns (scenarios,), true where the shortage cannot be avoided; None where the watch is stopped, or the
    time and the grace are over, before that is known.
    """
    watch = watch or Watch()
    result = np.zeros(len(built.tree.scenarios), dtype=bool)
    candidates = np.flatnonzero(short.any(axis=0))
    linked = _linked(built.data, [g for g, any_short in zip(built.data.materials, np.any(short, axis=1).tolist()) if any_short])
    for start in range(0, len(candidates), PATHS_AT_ONCE):
        left = watch.limit + watch.grace - watch.seconds
        if watch.stop or left <= 0:
            return None
        watch.tell(Phase.UNAVOIDABLE, f"what no decision avoids, {start} of {len(candidates)} futures")
        chosen = candidates[start : start + PATHS_AT_ONCE]
        found = _least_shortage(built, chosen, linked, least, Watch(cancelled=lambda: watch.stop, limit=left), periods)
        if found is None:
            return None
        result[chosen] = found
    return result


def _linked(p: CaseData, materials: list[str]) -> set[str]:
    """Return the materials, those that they are made of or replaced by, and those that compete for the same inputs."""
    found, before = set(materials), 0
    while len(found) != before:
        before = len(found)
        for offer, inputs in zip(p.offers, p.inputs):
            together = {offer.material, *(name for name, _ in inputs)}
            if inputs and together & found:
                found |= together
        for row in p.case.substitutes:
            if row.substitute and {row.material, row.substitute} & found:
                found |= {row.material, row.substitute}
    return found


def _least_shortage(built: Built, chosen: np.ndarray, linked: set[str], least: dict[str, float], watch: Watch, periods: int | None) -> np.ndarray | None:
    """Return whether the least possible shortage of each chosen scenario in the first periods is more than rounding; None where that is not known."""
    forest = _apart(built.tree, chosen)
    program = stamp(built.template, forest)
    scales = scales_of(built.data, built.template, program)
    short = columns_of(built.template, program, "short")
    rounding = np.array([least[material] for material in short.material])
    solved = Solver(_physical(program, built, linked, scales, periods), seed=built.case.settings.seed, watch=watch).attempt(Phase.UNAVOIDABLE)
    if solved.status != Status.OPTIMAL or solved.x is None:
        return None
    hit = np.zeros(len(chosen), dtype=bool)
    over = ((solved.x * scales.column)[short.number] > rounding) & _counts(short.period, periods)
    hit[short.node[over] % len(chosen)] = True
    return hit


def _apart(tree: ScenarioTree, chosen: np.ndarray) -> ScenarioTree:
    """Return the paths of the chosen scenarios as a forest, each with nodes of its own from its root on: node number t·n + k for the k-th in period t."""
    count, periods = len(chosen), tree.periods
    paths = np.array([tree.path(tree.scenarios[k].leaf) for k in chosen]).T.ravel()
    nodes = np.arange(count * periods)
    leaves = nodes[-count:]
    return replace(
        tree,
        parent=np.where(nodes < count, -1, nodes - count),
        period=nodes // count,
        probability=np.full(len(nodes), 1 / count),
        regime=tree.regime[paths],
        reference=tuple(int(n) for n in nodes[::count]),
        scenarios=tuple(Scenario(f"S{k}", 1 / count, int(n)) for k, n in enumerate(leaves)),
    )


def _counts(period: np.ndarray, periods: int | None) -> np.ndarray:
    """Return whether a shortage in each of some periods counts."""
    return np.ones(len(period), dtype=bool) if periods is None else period < periods


def _physical(program: Program, built: Built, linked: set[str], scales: Scales, periods: int | None) -> Arrays:
    """Return the program of the least total shortage of the linked materials in the first periods, under the physical constraints alone.

    Every project is begun as early as it may.
    """
    template, data = built.template, built.data
    of_interest = list(linked)
    kept = np.zeros(program.rows, dtype=bool)
    offered = np.array([offer.material for offer in data.offers], dtype=object)
    for family in PHYSICAL:
        rows = rows_of(template, program, family)
        material = rows.material if "material" in (rows.dtype.names or ()) else offered[rows.offer]
        kept[rows.number[np.isin(material, of_interest)]] = True
    cost, lower, upper = np.zeros(program.columns), program.lower.copy(), program.upper / scales.column
    short, start = columns_of(template, program, "short"), columns_of(template, program, "start")
    cost[short.number[np.isin(short.material, of_interest) & _counts(short.period, periods)]] = 1.0
    first = {j: min(starts) for j in data.projects if (starts := data.starts(j))}
    waiting = columns_of(template, program, "start_if")
    # A project that may only wait is as good as begun once what it waits for is active.
    upper[waiting.number] = [float(j not in first) for j in waiting.project]
    lower[start.number] = upper[start.number] = [float(first[j] == t) for j, t in zip(start.project, start.period)]
    whole = Arrays(
        cost=cost,
        lower=lower,
        upper=upper,
        integer=np.zeros(program.columns, dtype=bool),
        row_lower=program.row_lower / scales.row,
        row_upper=program.row_upper / scales.row,
        row=program.row,
        column=program.column,
        value=program.value * scales.column[program.column] / scales.row[program.row],
    )
    return whole.with_only_rows(kept)
