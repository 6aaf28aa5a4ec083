"""Say of each limit in which share of futures and periods it is kept, released or broken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from optimizer.case import Case
from optimizer.model.decisions import Decisions
from optimizer.plan.audit_costs import LimitRow, limit_rows
from optimizer.plan.audit_facts import Ledger, gather
from optimizer.plan.audit_read import read
from optimizer.scenarios.tree import ScenarioTree

KEPT = 1e-6
"""A limit is kept where it is short of, or over, its bound by at most this part of it."""


def measured_limits(case: Case, tree: ScenarioTree, decisions: Decisions) -> list[LimitRow]:
    """Return every row of every limit as the audit measures it."""
    facts = gather(case, tree)
    return list(limit_rows(facts, read(facts, decisions, Ledger(KEPT))))


def limits_kept(case: Case, tree: ScenarioTree, measured: Iterable[LimitRow], inside: np.ndarray | None = None) -> list[dict[str, Any]]:
    """Return a row for each limit, material, side and group: the weights of the nodes at which it is held, released and broken, and the worst.

    The weights are probabilities over the nodes at which the limit is asked for; together they are 1. A limit on the reference path is
    asked for there alone. measured: every row of every limit. inside: (N,) the nodes that count, by default all.
    """
    counts = np.ones(tree.size, dtype=bool) if inside is None else inside
    found: dict[tuple[int, str, str, str], list[LimitRow]] = {}
    for row in measured:
        found.setdefault((row.limit.row, row.material, "minimum" if row.minimum else "maximum", row.group), []).append(row)
    units = {m.material: m.unit for m in case.materials}
    kept = []
    for (_, material, side, group), rows in found.items():
        limit = rows[0].limit
        held = released = broken = worst = 0.0
        for row in rows:
            over = row.excess > KEPT * np.abs(row.bound)
            weight = tree.probability[row.nodes] * counts[row.nodes]
            held, broken = held + float(weight[~over].sum()), broken + float(weight[over].sum())
            released += 0.0 if limit.holding == "reference path" else float((tree.probability * counts)[row.left_out].sum())
            worst = max(worst, float(row.excess[over & counts[row.nodes]].max(initial=0.0)))
        whole = held + released + broken
        if whole > 0:
            kept.append(
                {
                    "limit": limit.limit,
                    "material": material,
                    "side": side,
                    "group": group,
                    "held": held / whole,
                    "released": released / whole,
                    "broken": broken / whole,
                    "worst": worst,
                    "unit": units[material],
                }
            )
    return kept
