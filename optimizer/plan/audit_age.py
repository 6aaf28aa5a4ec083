"""The audit's rules of age and sale: what comes in first goes out first, and nothing is kept beyond its life."""

from __future__ import annotations

import numpy as np

from optimizer.case import BLOCS
from optimizer.plan.audit_facts import Facts, Ledger, in_periods
from optimizer.plan.audit_read import Plan
from optimizer.plan.audit_rules import Rule, comes_in, goes_out, largest


def shelf_life(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """Nothing is kept beyond its shelf life, the oldest going out first; without a disposal cost only what ends its life is thrown away."""
    arriving, leaving = comes_in(facts, plan), goes_out(facts, plan)
    for m in facts.case.materials:
        if m.shelf_life_months is None:
            continue
        name, usual, life = m.material, facts.scale[m.material], int(in_periods(facts.calendar, m.shelf_life_months))
        keeps = (1.0 - m.annual_loss) ** facts.years
        for b in BLOCS:
            held = sum(
                item.quantity for item in facts.case.inventory if (item.material, item.origin) == (name, b) and item.arrives is None and item.supplier is None
            )
            came = arriving[name, b] + np.where(facts.period == 0, held, 0.0)
            stock, thrown = plan.stock[name, b], plan.discard[name, b]
            old = _too_old(facts, came, sum(leaving[name, b], np.zeros(facts.tree.size)), keeps, life)
            ledger.check(
                old,
                largest(stock, *leaving[name, b], came, usual),
                lambda n: f"Shelf life of {name} {facts.place(n)}: {old[n]:.6g} {m.unit} of {b} origin are kept beyond their life of {life} periods.",
            )
            if m.disposal_cost is None:
                nodes = np.flatnonzero(facts.period >= life - 1)
                ends = np.zeros(facts.tree.size)
                ends[nodes] = came[facts.line[nodes, facts.period[nodes] - life + 1]] * keeps ** (life - 1)
                ledger.check(
                    thrown - ends,
                    largest(thrown, ends, usual),
                    lambda n: (
                        f"Disposal of {name} {facts.place(n)}: {thrown[n]:.6g} {m.unit} of {b} origin are thrown away, "
                        f"{ends[n]:.6g} of which may be, as their life ends."
                    ),
                )


def _too_old(facts: Facts, came: np.ndarray, out: np.ndarray, keeps: float, life: int) -> np.ndarray:
    """Return (N,) what is left at the end of each node's period that cannot be used any more, the oldest going out first."""
    # What is left by age, in periods since it came; the last column holds all that should have gone.
    left = np.zeros((facts.tree.size, life))
    for t in range(facts.tree.periods):
        here = np.flatnonzero(facts.period == t)
        if t:
            before = left[facts.tree.parent[here]] * keeps
            left[here, 1:] = before[:, :-1]
            left[here, -1] += before[:, -1]
        left[here, 0] += came[here]
        wanted = out[here].copy()
        for age in reversed(range(life)):
            taken = np.minimum(left[here, age], wanted)
            left[here, age] -= taken
            wanted -= taken
    return left[:, -1]


def sales(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """Sales keep to the sale limit; a material without a sale price is not sold."""
    for m in facts.case.materials:
        name, usual = m.material, facts.scale[m.material]
        sold = sum((plan.sold[name, b] for b in BLOCS), np.zeros(facts.tree.size))
        if m.sale_price is None:
            most = 0.0
        elif m.sale_limit_per_year is None:
            continue
        else:
            most = m.sale_limit_per_year * facts.years
        ledger.check(
            sold - most, largest(sold, most, usual), lambda n: f"Sales of {name} {facts.place(n)}: {sold[n]:.6g} {m.unit} are sold, {most:.6g} may be."
        )


AGE_RULES: tuple[Rule, ...] = (shelf_life, sales)
