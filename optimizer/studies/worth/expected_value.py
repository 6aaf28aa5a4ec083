"""The expected-value problem: the plan of whoever replaces all futures by their mean, and what that plan's first decisions come to on the real futures.

Every number of the model that depends on what is active (a price, a capacity that is served, a demand, a time until arrival) is replaced by its mean over
the futures in its period, weighted by their probabilities; a ban with a chance of 10% becomes a source that always serves 90%. This is the usual definition
(Birge, 1982; Birge & Louveaux, 2011, ch. 4). A rule is in force or it is not: one that holds in some futures of a period only holds in the mean future where
it holds in more than half of them, with the mean of its numbers there. Of several stages, the first is kept and all later ones are decided anew, node by node,
on the tree of the plan (Escudero, Garín, Merino & Pérez, 2007, the first of their values).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optimizer.model.stamp import NO_NODE, NO_TEMPLATE
from optimizer.model.template import NO_PERIOD, Entries, Template
from optimizer.scenarios.tree import Scenario, ScenarioTree
from optimizer.solving.built import Built, stamped
from optimizer.solving.outcome import Status
from optimizer.solving.solution import Solution
from optimizer.solving.solve import LARGE
from optimizer.studies.worth.work import Work

ORDERS = ("spot", "call_off", "filed")
"""The families of decisions that are orders."""

ROOM = 1e-6
"""By how much, in the solver's units, a kept decision may be moved where it is just out of reach: what rounding adds to a limit that it meets exactly."""

PREVAILING = 0.5
"""The probability above which a rule that holds in some futures only holds in the mean future."""


def mean_template(template: Template, tree: ScenarioTree) -> Template:
    """Return the template of the mean future: one path, whose coefficients are the means of those at the nodes of their period."""
    paths = template.rhs.shape[1] if len(template.rows) else template.cost.value.shape[1]
    # The probability that a period is as on each compiled path.
    share = np.zeros((tree.periods, paths))
    np.add.at(share, (tree.period, template.path_of[tree.period, tree.regime]), tree.probability)
    timeless = np.zeros(paths)
    timeless[0] = 1.0
    period_share = np.vstack([share, timeless])  # NO_PERIOD is the last one
    held = period_share[template.row_period] * template.present
    chance = held.sum(axis=1)
    exists = np.where(template.row_period == NO_PERIOD, template.present.any(axis=1), (chance > PREVAILING) | (chance >= 1 - 1e-9))
    given_held = held / np.where(chance > 0, chance, 1.0)[:, None]

    def mean(entries: Entries, row_period: np.ndarray, row_share: np.ndarray) -> Entries:
        """Return the mean of each entry: over the nodes of its column's period, of its row's where that is the same, or where the column has none."""
        own = template.column_period[entries.column]
        of_row = (own == row_period[entries.row]) | (own == NO_PERIOD)
        weight = np.where(of_row[:, None], row_share[entries.row], period_share[own])
        return Entries(entries.row, entries.column, (entries.value * weight).sum(axis=1, keepdims=True))

    cost_period = np.array([t for t, _ in template.cost_rows], dtype=np.int64)
    return replace(
        template,
        matrix=mean(template.matrix, template.row_period, given_held),
        rhs=(template.rhs * given_held).sum(axis=1, keepdims=True),
        present=exists[:, None],
        cost=mean(template.cost, cost_period, period_share[cost_period]),
        path_of=np.zeros((tree.periods, 1), dtype=np.int64),
    )


def mean_problem(built: Built) -> Built:
    """Return the program of the mean future of a plan's program, without risk: there is nothing uncertain in it."""
    periods = built.tree.periods
    chain = ScenarioTree(
        parent=np.arange(periods) - 1,
        period=np.arange(periods),
        probability=np.ones(periods),
        regime=np.zeros(periods, dtype=np.int64),
        regimes=((),),
        reference=tuple(range(periods)),
        scenarios=(Scenario("mean", 1.0, periods - 1),),
        method=built.tree.method,
    )
    return stamped(built.case.with_settings(risk_weight=0.0), built.data, chain, mean_template(built.template, built.tree), built.drop)


@dataclass(frozen=True, slots=True)
class MeanPlan:
    """The plan of the mean future, and what comes of its first decisions on the plan's futures. A solution may have no decisions: status says why.

    kept: with its contracts, projects and first orders; None where there is no plan for the mean future. without_orders: with its contracts and projects alone,
    where the first orders could not be kept, too.
    """

    solution: Solution
    kept: Solution | None = None
    without_orders: Solution | None = None


def plan_for_the_mean(built: Built, work: Work) -> MeanPlan:
    """Plan for the mean future, keep its contracts, projects and, where all futures share the first period, its orders there, and solve the rest again."""
    mean = mean_problem(built)
    solution = work.solve(mean)
    if solution.x is None:
        return MeanPlan(solution)
    values = np.zeros(len(built.template.columns))
    own = mean.program.column_template != NO_TEMPLATE
    values[mean.program.column_template[own]] = solution.x[own]

    def keep(orders: bool) -> Solution:
        for room in (0.0, ROOM):
            # That a large program is infeasible takes long to learn once.
            if room or built.program.rows < LARGE:
                kept = work.solve(with_first_decisions(built, values, orders, room))
                if kept.status != Status.INFEASIBLE:
                    break
        return kept

    kept = keep(True)
    without_orders = keep(False) if kept.status == Status.INFEASIBLE and np.count_nonzero(built.tree.parent < 0) == 1 else None
    return MeanPlan(solution, kept, without_orders)


def with_first_decisions(built: Built, values: np.ndarray, orders: bool = True, room: float = 0.0) -> Built:
    """Return a program in which contracts and projects are fixed, and the orders of the first period with `orders`, where all futures share that period.

    values: by column of the template. room: how far they may move, in the solver's units.
    """
    program, tree = built.program, built.tree
    roots = np.flatnonzero(tree.parent < 0)
    first = (program.column_template != NO_TEMPLATE) & (program.column_node == NO_NODE)
    if orders and len(roots) == 1:
        ordered = np.array([family.name in ORDERS for family, _ in built.template.columns] + [False])[program.column_template]
        first |= ordered & (program.column_node == roots[0])
    value = np.where(program.integer, np.round(values[program.column_template]), values[program.column_template])
    slack = np.where(program.integer, 0.0, room) * built.scales.column
    lower = np.where(first, np.clip(value - slack, 0, program.upper), program.lower)
    upper = np.where(first, np.minimum(value + slack, program.upper), program.upper)
    return replace(built, program=replace(program, lower=lower, upper=upper))
