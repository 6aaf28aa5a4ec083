"""The price at which what a plan does not take would be worth taking: an unsigned contract, a project that is not started, an offer not bought from.

A contract or project: the plan that was found with it is paid for at a lower price until it costs no more than the plan. That plan is at hand, so
that the price is certain to be low enough; another plan may take it at a higher price already.

An offer on the spot market: solved at a lower price, the plan buys of it; that plan is worth as much as the present one at a price somewhat higher,
at which it is solved again, until no better plan is found (Newton's method on the optimal value as a function of the price, which is concave where
risk does not count; Dinkelbach, 1967). The first price is where the reduced cost of an order is 0, the yes/no decisions of the plan kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from optimizer.model.arrays import Triples
from optimizer.model.stamp import NO_TEMPLATE, rows_of
from optimizer.plan.quantities import Quantities
from optimizer.solving.built import Built
from optimizer.solving.solution import Solution

STEPS = 60
"""Halvings in the search for a price: far below what is written of it."""

ROOM = 1e-6
"""A row with less room than this, in the solver's units, keeps an order from being placed."""

PRICED: tuple[str, ...] = ("purchases", "duties")
"""The parts of the cost that are in proportion to the price of what is ordered."""

PROJECTS: tuple[str, ...] = ("projects",)
"""The part of the cost that is in proportion to the cost of a project."""

GATES = ("capacity", "order_switch", "spot_limit", "plant_capacity")
"""The constraints under which nothing can be ordered where they leave no room."""


def price_share(other: Solution, least: float, part: Iterable[str], columns: np.ndarray, most: float = 1.0) -> float | None:
    """Return the largest share of its price or cost, at most `most`, at which another plan costs no more than `least`, the objective of the plan.

    part, columns: the parts of the cost and the columns in which the price is paid. None where it costs more even if nothing is paid. ValueError for
    a solution without decisions.
    """
    if other.x is None or other.path_cost is None:
        raise ValueError("The solution has no decisions.")
    built, cost = other.built, other.path_cost
    paid = _paid(built, other.x, part, columns)

    def objective(share: float) -> float:
        return built.objective(cost - (1 - share) * paid)[2]

    if objective(most) <= least:
        return most
    if objective(0.0) > least:
        return None
    low, high = 0.0, most
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if objective(middle) <= least else (low, middle)
    return low


def _paid(built: Built, x: np.ndarray, part: Iterable[str], columns: np.ndarray) -> np.ndarray:
    """Return (nodes,) what is paid in some columns from the root to each node, discounted."""
    chosen, paid = np.zeros(built.program.columns, dtype=bool), np.zeros(built.tree.size)
    chosen[columns] = True
    for name in part:
        cost = built.program.term_cost[name]
        mine = chosen[cost.column]
        paid += np.bincount(cost.row[mine], cost.value[mine] * x[cost.column[mine]], minlength=built.tree.size)
    for node in np.flatnonzero(built.tree.parent >= 0):
        paid[node] += paid[built.tree.parent[node]]
    return paid


def spot_columns(built: Built, s: int) -> np.ndarray:
    """Return the columns of the spot orders of an offer."""
    spot = built.columns("spot")
    numbers: np.ndarray = spot.number[spot.offer == s]
    return numbers


def contract_columns(built: Built, s: int) -> np.ndarray:
    """Return the columns in which the contract price of an offer is paid: what is called off, and what is paid for and not taken."""
    families = (built.columns(family) for family in ("call_off", "shortfall"))
    return np.concatenate([columns.number[columns.offer == s] for columns in families])


def project_columns(built: Built, project: str) -> np.ndarray:
    """Return the columns of a project's starts."""
    families = (built.columns(family) for family in ("start", "start_if"))
    return np.concatenate([columns.number[columns.project == project] for columns in families])


def not_bought(solution: Solution) -> list[int]:
    """List the offers on the spot market from which nothing is ordered in any future, in the order of the workbook's rows."""
    seen = Quantities(solution)
    sold = set(solution.built.columns("spot").offer.tolist())
    return [s for s in seen.offers if s in sold and not seen.ordered(s).any()]


class ReducedCosts:
    """What one more unit of each column would add to the objective of a plan, and how much of that is its price."""

    def __init__(self, solution: Solution) -> None:
        """ValueError for a solution whose duals are not known."""
        if solution.row_dual is None or solution.x is None:
            raise ValueError("The duals are not known.")
        built, program = solution.built, solution.built.program
        self.built = built
        charge = -program.value * solution.row_dual[program.row]
        self.reduced = program.cost + np.bincount(program.column, charge, minlength=program.columns)
        # The rows of risk and of spending carry the price on; the cost of an order is nothing but its price and the duty on it.
        carries = program.row_template == NO_TEMPLATE
        carries[rows_of(built.template, program, "spending").number] = True
        mine = carries[program.row]
        self.price = program.cost + np.bincount(program.column[mine], charge[mine], minlength=program.columns)
        # A column is shut where a row that holds it has no room.
        gates = np.array([family.name in GATES for family, _ in built.template.rows] + [False])[program.row_template]
        room = np.full(program.rows, np.inf)
        room[gates] = (program.row_upper[gates] - program.activity(solution.x)[gates]) / built.scales.row[: program.rows][gates]
        self.open = np.ones(program.columns, dtype=bool)
        self.open[program.column[(room < ROOM)[program.row]]] = False

    def share(self, s: int) -> float | None:
        """Return the share of its spot prices above which nothing of an offer would be ordered at any node; None where that is not known."""
        mine = spot_columns(self.built, s)
        mine = mine[self.open[mine] & (self.price[mine] > 0)]
        if not len(mine):
            return None
        share = float((1 - np.maximum(self.reduced[mine], 0.0) / self.price[mine]).max())
        return share if share > 0 else None


def at_share(built: Built, s: int, share: float) -> Built:
    """Return the program with all spot prices of an offer, and the duties on them, at a share of what they are."""
    program = built.program
    factor = np.ones(program.columns)
    factor[spot_columns(built, s)] = share
    carries = program.row_template == NO_TEMPLATE
    carries[rows_of(built.template, program, "spending").number] = True
    value = np.where(carries[program.row], program.value * factor[program.column], program.value)
    term_cost = {name: Triples(cost.row, cost.column, cost.value * factor[cost.column]) if name in PRICED else cost for name, cost in program.term_cost.items()}
    return replace(built, program=replace(program, cost=program.cost * factor, value=value, term_cost=term_cost))
