"""What is decided beforehand: contracts whose quantity is fixed, and projects that start in any case."""

from __future__ import annotations

from typing import Any

from optimizer.model.data import CaseData
from optimizer.model.registry import ONCE, Index, constraint
from optimizer.model.variables import contract, of_offer, pure


def with_fixed_contract(p: CaseData) -> list[Index]:
    """List (s,): the contracts whose quantity is fixed."""
    return [(s,) for (s,) in contract(p) if p.offers[s].fixed_contract is not None]


@constraint(ONCE, "unit per year", "offer s with a fixed contract", with_fixed_contract, of_offer, bound=None)
def contract_fixed(m: Any, p: CaseData, s: int) -> Any:
    r"""A contract whose quantity is fixed has that quantity.

    $$ \text{contract}_s = \text{fixed\_contract}_s $$
    """
    return m.contract[s] == p.offers[s].fixed_contract


def must_start(p: CaseData) -> list[Index]:
    """List (j,): the projects that are decided to start and can."""
    return [(j,) for j in p.projects if p.projects[j].decided == "start" and (p.starts(j) or p.conditions(j))]


@constraint(ONCE, "number", "project j that is decided to start", must_start, pure, bound=None)
def decided_start(m: Any, p: CaseData, j: str) -> Any:
    r"""A project that is decided to start does so in some period, or once a disruption that it may wait for is active.

    $$ \sum_{\tau \in T_j} \text{start}_{j,\tau} + \sum_{d \in V_j} \text{start\_if}_{j,d} \ge 1 $$
    """
    return sum(m.start[j, t] for t in p.starts(j)) + sum(m.start_if[j, d] for d in p.conditions(j)) >= 1
