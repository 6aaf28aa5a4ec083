"""What the tests share: a small case to start from, and the ways to solve one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from optimizer.case import Case, Demand, Material, Offer, Settings

PATIENCE = 900.0
"""Seconds that a test waits for what must come: so many that only what hangs is given up, on however slow a machine."""


def settings(**changes) -> Settings:
    """Two yearly periods from 2027, no discount, expected cost only, exact scenarios, unless `changes` say else."""
    base = Settings(
        start=dt.date(2027, 1, 1),
        periods=2,
        title="test",
        period="year",
        discount_rate=0.0,
        risk_weight=0.0,
        cvar_level=0.0,
        scenario_method="exact",
        mip_gap=0.0,
    )
    return replace(base, **changes)


def offer(supplier: str = "A", material: str = "ore", price: float = 1.0, capacity: float = 1000.0, **changes) -> Offer:
    """An allied spot offer in row 2."""
    return Offer(**{"row": 2, "supplier": supplier, "material": material, "bloc": "allied", "price": price, "capacity_per_year": capacity, **changes})


def need(quantity: float = 10.0, shortage_cost: float = 100.0, material: str = "ore", use: str = "use", **changes) -> Demand:
    """A demand of `quantity` units a year."""
    return Demand(**{"row": 2, "material": material, "use": use, "annual_demand": quantity, "shortage_cost": shortage_cost, **changes})


def ore(material: str = "ore", **changes) -> Material:
    """A material counted in t."""
    return Material(**{"row": 2, "material": material, "unit": "t", **changes})


def case(**changes) -> Case:
    """One material, one offer, one use; `changes` replace whole sheets, `settings` included."""
    base = Case(settings=settings(), materials=(ore(),), demand=(need(),), offers=(offer(),))
    return replace(base, **changes)


def optimum(case: Case, drop: tuple[str, ...] = ()) -> float:
    """The optimal objective of the stamped program, without the constraints named in `drop`."""
    from optimizer.solving.extensive import solve_extensive

    return solve_extensive(case, drop=drop).objective
