"""What several plans for the same workbook decide, side by side, and which decisions turn: plans over other horizons, or for other probabilities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from optimizer.case import Material, Project
from optimizer.plan.results import Results

TURNS = 0.1
"""A quantity turns when it differs by more than this share of the larger one."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision in each of several plans, the first of which the others are compared with.

    quantities: NaN for a project, and without a plan. starts: when a project starts, None where it does not. turns: of each other plan, whether
    it is another decision there. known: whether there is a plan. worth: of each other plan, the money that turns with the decision, 0 if it does not.
    """

    kind: str
    name: str
    quantities: tuple[float, ...]
    unit: str
    starts: tuple[str | None, ...]
    turns: tuple[bool, ...]
    known: tuple[bool, ...]
    worth: tuple[float, ...]


def decided(made: list[Results | None], periods: int) -> Iterator[Decision]:
    """Yield what is decided in each of several plans: contracts, projects, first orders, and the largest stocks.

    made: their results, None where there is no plan; the first is there. periods: those within which starts and stocks are looked at.
    """
    own = made[0]
    assert own is not None
    contracts = (_contract(made, own, s, periods) for s in own.offers)
    yield from (row for row in contracts if np.nansum(row.quantities) > 0)
    for project in sorted(own.case.projects, key=lambda row: row.row):
        yield _project(made, project, periods)
    for material in own.materials:
        yield _first_orders(made, own, material)
    for material in own.materials:
        yield _largest_stock(made, own, material, periods)


def _contract(made: list[Results | None], own: Results, s: int, periods: int) -> Decision:
    """Return the size of a contract; it is worth its price over these periods."""
    offer = own.case.offers[s]
    amounts = [np.nan if r is None else r.decisions.contract.get(s, 0.0) for r in made]
    quantities = [0.0 if amount <= own.least[offer.material] else amount for amount in amounts]
    return _quantity("contract", offer.name, quantities, f"{own.unit[offer.material]} a year", offer.contract_price * periods * own.data.years)


def _project(made: list[Results | None], project: Project, periods: int) -> Decision:
    """Return the start of a project; it is worth its cost."""
    starts = tuple(None if r is None else _start(r, project.project, periods) for r in made)
    known = tuple(r is not None for r in made)
    turns = tuple(there and start != starts[0] for there, start in zip(known[1:], starts[1:], strict=True))
    return Decision("project", project.project, (np.nan,) * len(made), "", starts, turns, known, tuple(project.cost * turned for turned in turns))


def _start(r: Results, project: str, periods: int) -> str | None:
    """Return when a project starts within the first periods, in words; None where it does not."""
    start, condition = r.decisions.start.get(project), r.decisions.start_if.get(project)
    if start is not None:
        return r.labels[start] if start < periods else None
    return None if condition is None else f"once {condition} is in force"


def _first_orders(made: list[Results | None], own: Results, material: Material) -> Decision:
    """Return what is ordered of a material in the first period, of all its offers; of those that ship later, what is ordered to be shipped."""
    quantities = []
    for r in made:
        ordered = 0.0
        for s in own.data.offers_of[material.material] if r else ():
            assert r is not None
            found = r.decisions.filed.get(s) if r.case.offers[s].ships_later else r.ordered(s)
            ordered += 0.0 if found is None else float(found[r.reference[0]])
        quantities.append(np.nan if r is None else 0.0 if ordered <= r.least[material.material] else ordered)
    return _quantity("first orders", material.material, quantities, material.unit, _price(own, material))


def _largest_stock(made: list[Results | None], own: Results, material: Material, periods: int) -> Decision:
    """Return the largest stock of a material at the end of one of the first periods, on the reference path."""
    quantities = [np.nan if r is None else float(r.stock_of(material.material)[r.reference[:periods]].max()) for r in made]
    return _quantity("largest stock", material.material, quantities, material.unit, _price(own, material))


def _price(own: Results, material: Material) -> float:
    """Return the middle one of the spot prices of a material, 0 where nobody sells it."""
    prices = [own.case.offers[s].price for s in own.data.offers_of[material.material]]
    return float(np.median(prices)) if prices else 0.0


def _quantity(kind: str, name: str, quantities: list[float], unit: str, price: float) -> Decision:
    """Return a decision on a quantity, whether it turns, and what the difference is worth at a price."""
    own, others = quantities[0], quantities[1:]
    turns = tuple(bool(abs(q - own) > TURNS * max(abs(q), abs(own))) for q in others)
    worth = tuple(abs(q - own) * price if turned else 0.0 for q, turned in zip(others, turns, strict=True))
    return Decision(kind, name, tuple(quantities), unit, (None,) * len(quantities), turns, tuple(bool(np.isfinite(q)) for q in quantities), worth)
