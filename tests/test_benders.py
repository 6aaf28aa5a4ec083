"""The decomposition and the extensive form agree: same status, objectives within the gap, plans that pass the audit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from random_cases import random_case

from optimizer.plan.audit import Claimed, audit
from optimizer.plan.results import Results
from optimizer.solving.extensive import build, solve_built
from optimizer.solving.highs import Watch
from optimizer.solving.solve import decomposes, solve_decomposed

GAP = 1e-5


def decomposable(seed: int):
    """A random case without what keeps a program in one piece: minimum fill rates and risk_weight 1."""
    case = random_case(seed)
    case = replace(case, demand=tuple(replace(row, minimum_fill_rate=None) for row in case.demand))
    return case.with_settings(mip_gap=GAP, time_limit_seconds=60.0, risk_weight=min(case.settings.risk_weight, 0.7))


@pytest.mark.parametrize("first", range(0, 240, 20))
def test_decomposed_agrees_with_extensive(first):
    """On random cases with every feature, cut into the smallest blocks: same status, and objectives within the gap."""
    for seed in range(first, first + 20):
        built = build(decomposable(seed))
        if built.tree.size == len(built.tree.reference):
            continue
        assert decomposes(built, "decomposed")
        whole, parts = solve_built(built, Watch()), solve_decomposed(built, Watch(), largest=1 + seed % 3)
        assert parts.status == whole.status, f"seed {seed}: {parts.status}, as one program {whole.status}"
        if whole.status != "optimal":
            continue
        room = 1.1 * GAP * max(1.0, abs(whole.objective))
        assert parts.objective == pytest.approx(whole.objective, abs=room), f"seed {seed}"
        assert parts.bound <= whole.objective + 0.1 * room, f"seed {seed}: the bound is above the optimum"
        costs = {row["part"]: row["expected"] for row in Results(parts).costs()}
        checked = audit(built.case, built.tree, parts.decisions, Claimed(parts.objective, parts.expected_cost, parts.cvar, costs))
        assert not checked.findings, f"seed {seed}: {checked.findings}"
