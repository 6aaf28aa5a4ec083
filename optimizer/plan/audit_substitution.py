"""The audit of substitutes and thrift: how much of a demand is replaced or saved, when, and with what."""

from __future__ import annotations

import numpy as np

from optimizer.case import BLOCS, Substitute
from optimizer.plan.audit_facts import Facts, Ledger, in_periods, may_draw, ruled_out
from optimizer.plan.audit_read import Plan
from optimizer.plan.audit_rules import largest, rule


@rule
def replaced_share(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """Check that no more than the largest share of a demand is replaced, from the row's first period on and once its project is ready."""
    for i, row in enumerate(facts.case.substitutes):
        wanted = facts.demand.get((row.material, row.use), np.zeros(facts.tree.size))
        most = row.maximum_share * wanted * _possible(facts, plan, row)
        total = np.sum([plan.replaced[i, b] for b in (BLOCS if row.substitute else ("",))], axis=0)
        what, unit = f"Replacing {row.material} for {row.use}{f' by {row.substitute}' if row.substitute else ''}", facts.unit(row.material)
        ledger.check(
            total - most,
            largest(total, most, facts.demand_scale[row.material]),
            lambda n: f"{what} {facts.place(n)}: {total[n]:.6g} {unit} are replaced, at most {most[n]:.6g} can be.",
        )


@rule
def replaced_origin(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """Check that a use takes a substitute only of origins that it may draw of its material, and that every rule in force for the substitute lists."""
    for i, row in enumerate(facts.case.substitutes):
        needs = [need for need in facts.case.demand if (need.material, need.use) == (row.material, row.use)]
        for b in BLOCS if row.substitute is not None else ():
            allowed = np.zeros(facts.tree.size, bool)
            for need in needs:
                allowed |= may_draw(need, b, facts.period) & ~ruled_out(facts.case, facts.tree, need.material, need.use, b)
            allowed &= ~ruled_out(facts.case, facts.tree, str(row.substitute), row.use, b)
            taken = plan.replaced[i, b]
            ledger.check(
                np.where(allowed, 0.0, taken),
                largest(taken, facts.demand_scale[row.material]),
                lambda n: (
                    f"Origin of {row.substitute} for {row.material} in {row.use} {facts.place(n)}: {b} is not allowed, {taken[n]:.6g} are replaced by it."
                ),
            )


def _possible(facts: Facts, plan: Plan, row: Substitute) -> np.ndarray:
    """Return (N,) 1 where a row of Substitutes counts: from its first period on, and once its project is ready."""
    possible = np.ones(facts.tree.size) if row.start is None else (facts.period >= row.start).astype(float)
    if row.project is not None:
        months = next(project.lead_time_months for project in facts.case.projects if project.project == row.project)
        begun = plan.begun[row.project]
        possible *= (begun < facts.tree.periods) & (begun + int(in_periods(facts.calendar, months)) <= facts.period)
    return possible
