"""What a plan orders of offers that ship later, and what may wait with a supplier because a disruption stops it."""

from __future__ import annotations

from typing import Any

import numpy as np

from optimizer.plan.quantities import Quantities, total


def filed(q: Quantities) -> list[dict[str, Any]]:
    """Make the rows of the table `filed`: what is ordered in each period of the reference path of offers that ship later."""
    rows = []
    for s in (s for s in q.offers if s in q.decisions.filed):
        material = q.case.offers[s].material
        quantity = q.decisions.filed[s][q.reference]
        for t in map(int, np.flatnonzero(quantity > q.least[material])):
            due = q.window.start + t + q.data.wait(s, q.tree.regimes[q.tree.regime[q.reference[t]]])
            rows.append({**q.offer_keys(s), "period": q.labels[t], "quantity": quantity[t], "unit": q.unit[material], "due": q.label(due)})
    return sorted(rows, key=lambda row: row["period"])


def held_back(q: Quantities) -> list[dict[str, Any]]:
    """Make the rows of the table `held_back`: of each offer the most that waits, and what stops it there."""
    rows = []
    for s in q.offers:
        material = q.case.offers[s].material
        waiting = [q.decisions.held_back[s], q.decisions.withdrawn[s]] if s in q.decisions.held_back else []
        waiting += [q.decisions.open_left[i] for seller, i in q.data.unshipped if seller == s and i in q.decisions.open_left]
        held = total(waiting, q.tree.size)
        held[(held < q.least[material]) | ~q.inside] = 0.0
        if not held.any():
            continue
        node = int(np.argmax(held))
        active = [k for k in q.tree.regimes[q.tree.regime[node]] if k in q.data.struck_by(s)]
        stopping = [k for k in active if q.case.disruptions[k].capacity_remaining < 1]
        rows.append(
            {
                **q.offer_keys(s),
                "most": held[node],
                "unit": q.unit[material],
                "period": q.label(int(q.tree.period[node])),
                "disruption": " and ".join(q.case.disruptions[k].disruption for k in stopping),
                "chance": q.chance(held > 0),
            }
        )
    return rows
