"""What a plan replaces by substitutes, or simply saves."""

from __future__ import annotations

from typing import Any

import numpy as np

from optimizer.plan.quantities import Quantities, total


def _amounts(q: Quantities) -> list[tuple[int, np.ndarray]]:
    """List, in the order of the sheet, the rows of Substitutes by position, each with the (N,) demand that it replaces; what is negligible is none."""
    found = []
    for i in sorted(range(len(q.case.substitutes)), key=lambda i: q.case.substitutes[i].row):
        amount = total((values for (row, _), values in q.decisions.replaced.items() if row == i), q.tree.size)
        found.append((i, np.where(amount < q.least[q.case.substitutes[i].material], 0.0, amount)))
    return found


def replaced(q: Quantities) -> list[dict[str, Any]]:
    """Make the rows of the table `replaced`: what each row of Substitutes replaces in each period of the reference path."""
    rows = []
    for i, amount in _amounts(q):
        row = q.case.substitutes[i]
        rows += [
            {
                "material": row.material,
                "use": row.use,
                "substitute": row.substitute,
                "period": q.labels[t],
                "quantity": amount[node],
                "unit": q.unit[row.material],
            }
            for t, node in enumerate(q.reference)
            if amount[node] > 0
        ]
    return sorted(rows, key=lambda row: row["period"])


def substitution(q: Quantities) -> list[dict[str, Any]]:
    """Make the rows of the table `substitution`: what each row of Substitutes replaces over all futures."""
    rows = []
    for i, amount in _amounts(q):
        row, expected = q.case.substitutes[i], float(q.weight @ amount)
        rows.append(
            {
                "material": row.material,
                "use": row.use,
                "substitute": row.substitute,
                "expected": expected,
                "unit": q.unit[row.material],
                "taken": None if row.substitute is None else expected * (row.units_per_unit or 0.0),
                "chance": q.chance(amount > 0),
            }
        )
    return rows
