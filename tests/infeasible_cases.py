"""Random cases made too tight in ten ways, and the amounts that are said to be enough put into them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from random import Random

from random_cases import random_case

from optimizer.case import BudgetRow, Case, Limit, StockItem
from optimizer.errors import Conflict

Tighten = Callable[[Case, Random], Case]


def budgets_by_category(case: Case, draw: Random) -> Case:
    """Little money for storage, for purchases and in all, while half of every demand must be met."""
    rows = []
    for year in case.calendar.fiscal_years:
        for category in ("all", "purchases", "storage", "projects"):
            if draw.random() < 0.6:
                rows.append(BudgetRow(len(rows) + 2, year, round(draw.uniform(0, 60), 2), category=category))
    return replace(fill_rates(case, draw, 0.5), budget=tuple(rows))


def fill_rates(case: Case, draw: Random, most: float = 1.0) -> Case:
    """Fill rates that few cases can reach."""
    return replace(case, demand=tuple(replace(row, minimum_fill_rate=round(draw.uniform(0.3, most), 3)) for row in case.demand))


def shares(case: Case, draw: Random) -> Case:
    """Hard shares that exclude each other, where purchases are asked for."""
    blocs = sorted({offer.bloc for offer in case.offers})
    rows = [
        Limit(2, "mix", "purchase_share", bloc=(draw.choice(blocs),), minimum=round(draw.uniform(0.3, 1.0), 3)),
        Limit(3, "spread", "largest_supplier_share", maximum=round(draw.uniform(0.0, 0.5), 3)),
        Limit(4, "cap", "purchase_share", bloc=(draw.choice(blocs),), maximum=draw.choice((0.0, round(draw.uniform(0.0, 0.4), 3)))),
    ]
    return fill_rates(replace(case, limits=tuple(rows[: draw.choice((2, 3, 3))])), draw, 0.6)


def shares_and_budgets(case: Case, draw: Random) -> Case:
    return replace(shares(case, draw), budget=budgets_by_category(case, draw).budget)


def stores_too_small(case: Case, draw: Random) -> Case:
    """Floors on stock, in units and in days, above what the stores hold."""
    materials = tuple(replace(m, storage_capacity=round(draw.uniform(0.5, 8), 2)) for m in case.materials)
    limits = (
        Limit(2, "floor", "stock_quantity", minimum=round(draw.uniform(4, 20), 2), start=draw.choice((None, 1))),
        Limit(3, "cover", "stock_cover_days", minimum=round(draw.uniform(10, 200), 1)),
    )
    return replace(case, materials=materials, limits=limits[: draw.choice((1, 2))])


def inventory_that_finds_no_room(case: Case, draw: Random) -> Case:
    """Stock on hand and on order beyond the stores, and no money to keep it."""
    rows = list(case.inventory)
    for m in case.materials:
        rows.append(StockItem(len(rows) + 2, m.material, draw.choice(("chinese", "allied")), round(draw.uniform(20, 80), 1), arrives=draw.choice((None, 0, 1))))
    materials = tuple(
        replace(
            m,
            storage_capacity=round(draw.uniform(1, 30), 2),
            holding_cost_per_year=round(draw.uniform(0.1, 2), 2),
            disposal_cost=draw.choice((None, None, 0.5)),
        )
        for m in case.materials
    )
    budget = (BudgetRow(2, case.calendar.fiscal_years[0], round(draw.uniform(0, 10), 2), category="storage"),)
    return replace(case, inventory=tuple(rows), materials=materials, budget=budget)


def projects_without_money(case: Case, draw: Random) -> Case:
    """What is needed waits for projects that the budget cannot pay."""
    if not case.projects:
        return budgets_by_category(case, draw)
    offers = tuple(replace(offer, project=case.projects[0].project) if k % 2 else offer for k, offer in enumerate(case.offers))
    budget = tuple(BudgetRow(k + 2, year, round(draw.uniform(0, 8), 2), category="projects") for k, year in enumerate(case.calendar.fiscal_years))
    return fill_rates(replace(case, offers=offers, budget=budget), draw, 0.7)


def minimum_contracts(case: Case, draw: Random) -> Case:
    """Contracts whose minimum is more than the budgets and the limit on purchases allow."""
    offers = tuple(
        replace(offer, terms="contract", minimum_contract=round(offer.capacity_per_year * draw.uniform(0.6, 1.0), 1), take_or_pay=0.9) for offer in case.offers
    )
    limits = (Limit(2, "licence", "purchase_to_demand", maximum=round(draw.uniform(0.1, 0.8), 3)),)
    return fill_rates(replace(case, offers=offers, limits=limits), draw, 0.9)


def purchases_and_capacities(case: Case, draw: Random) -> Case:
    """Purchases that are asked for and that no capacity can serve, some of it struck."""
    offers = tuple(
        replace(
            offer,
            capacity_per_year=round(offer.capacity_per_year / 5, 2),
            spot_limit_per_year=round(offer.capacity_per_year / draw.choice((5, 8)), 2),
            minimum_contract=0.0,
        )
        for offer in case.offers
    )
    limits = (Limit(2, "buy", "purchase_to_demand", minimum=round(draw.uniform(0.2, 1.0), 3)),)
    return replace(case, offers=offers, limits=limits)


def as_drawn(case: Case, draw: Random) -> Case:
    return case


KINDS: tuple[Tighten, ...] = (
    as_drawn,
    budgets_by_category,
    fill_rates,
    shares,
    shares_and_budgets,
    stores_too_small,
    inventory_that_finds_no_room,
    projects_without_money,
    minimum_contracts,
    purchases_and_capacities,
)


def tight_case(seed: int) -> Case:
    """A random case made tight in the way of its number; most of them have no plan."""
    case = random_case(seed)
    if not case.materials or not case.offers:
        return case
    return KINDS[seed % len(KINDS)](case, Random(seed))


def typed(case: Case, conflicts: Iterable[Conflict]) -> Case:
    """The case with what the conflicts ask for typed into its rows; of one number that is asked twice, what gives more."""
    cells: dict[tuple[str, int, str], Conflict] = {}
    for c in conflicts:
        known = cells.get((c.sheet, c.row, c.column))
        if known is None or abs(c.to - c.value) > abs(known.to - known.value):
            cells[c.sheet, c.row, c.column] = c
    for (sheet, row, column), conflict in cells.items():
        field = {
            "Budget": "budget",
            "Materials": "materials",
            "Demand": "demand",
            "Suppliers": "offers",
            "Limits": "limits",
            "Offer changes": "offer_changes",
            "Plants": "plants",
            "Substitutes": "substitutes",
            "Projects": "projects",
        }[sheet]
        records = list(getattr(case, field))
        at = next(k for k, record in enumerate(records) if record.row == row)
        stands = getattr(records[at], column)
        if isinstance(conflict.to, str):
            assert (conflict.value, conflict.to) == (stands, "open")
        else:
            assert abs(abs(stands - conflict.to) - conflict.give) <= 1e-9 * max(1.0, abs(conflict.to))
        records[at] = replace(records[at], **{column: conflict.to})
        case = replace(case, **{field: tuple(records)})
    return case
