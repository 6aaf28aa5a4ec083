"""The audit's rule of budgets: what each row counts, and what one year carries over to the next."""

from __future__ import annotations

import numpy as np

from optimizer.case import BudgetRow
from optimizer.plan.audit_costs import nodes_of, outlay, over_periods, stretches
from optimizer.plan.audit_facts import Facts, Ledger
from optimizer.plan.audit_read import Plan
from optimizer.plan.audit_rules import Rule, largest
from optimizer.schema.costs import COST_PARTS


def budget(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """At every last node that a budget row counts, what its nodes up to it have paid keeps to the row and to what the row just before it left."""
    usual = _usual_money(facts)
    paid = {of: outlay(facts, plan, of) for of in {row.material for row in facts.case.budget}}
    # What each row leaves to the next row of the same kind, (N,), at the last nodes that it counts; by the first period that the next one counts.
    left_over: dict[tuple[int, str, frozenset[str]], np.ndarray] = {}
    for row in sorted(facts.case.budget, key=lambda row: (row.fiscal_year, row.beyond is True)):
        periods = [t for t in facts.calendar.periods_in(row.fiscal_year) if row.beyond is None or row.beyond == (t >= stretches(facts)[0][1])]
        if not periods:
            continue
        nodes, kind = nodes_of(facts, periods[-1]), (row.category, frozenset(row.material))
        sums = over_periods(facts, _counted(facts, paid[row.material], row), nodes, periods)
        gained = np.zeros(len(nodes))
        if (periods[0], *kind) in left_over:
            gained = left_over[(periods[0], *kind)][facts.line[nodes, periods[0] - 1]]
        most = row.amount + gained
        if row.carry_over > 0:
            left = np.zeros(facts.tree.size)
            left[nodes] = row.carry_over * np.maximum(most - sums, 0.0)
            left_over[(periods[-1] + 1, *kind)] = left
        what = ("everything" if row.category == "all" else row.category) + (f" of {', '.join(row.material)}" if row.material else "")
        ledger.check(
            sums - most,
            largest(sums, most, usual.get(row.category, usual["all"])),
            lambda k: (
                f"Budget of fiscal year {row.fiscal_year} for {what} (row {row.row}), as it stands {facts.place(int(nodes[k]))}: "
                f"{sums[k]:.6g} {facts.case.settings.currency} are spent of {most[k]:.6g}."
            ),
        )


def _counted(facts: Facts, paid: dict[str, np.ndarray], row: BudgetRow) -> np.ndarray:
    """Return (N,) what a row counts at each node: the outlays of its category. paid: every outlay, of the row's materials only where it names some."""
    counts = [part.name for part in COST_PARTS if part.category and row.category in ("all", part.category)]
    return sum((paid[name] for name in counts), np.zeros(facts.tree.size))


def _usual_money(facts: Facts) -> dict[str, float]:
    """Return what is usually paid in a period for each budget category: at least this is the scale of its rows."""
    case = facts.case
    kept = ((m.holding_cost_per_year * facts.years + (m.disposal_cost or 0.0)) * facts.scale[m.material] for m in case.materials)
    usual = {
        "purchases": max((offer.price * facts.scale[offer.material] for offer in case.offers), default=0.0),
        "storage": max(kept, default=0.0),
        "projects": max((project.cost for project in case.projects), default=0.0),
    }
    return {**usual, "all": max(usual.values())}


BUDGET_RULES: tuple[Rule, ...] = (budget,)
