"""The benchmark's instances: 8 materials, 40 offers, 3 uses, 6 disruptions over 12 quarters, with CVaR, yearly budgets and take-or-pay; or more of each.

Every material has two Chinese sources, two allied ones and one at home. Contracts are cheap enough to be signed: with them a
few columns touch every node of the tree, which is what makes such programs hard. With `projects` the sources at home have to be built.
"""

from __future__ import annotations

import datetime as dt
from itertools import cycle

import numpy as np

from optimizer.case import BudgetRow, Case, Demand, Disruption, Limit, Material, Offer, Project, Settings, StockItem

PATHS = (100, 500, 2000, 5000)
SEEDS = (1, 2, 3)
MATERIALS = ("neodymium", "dysprosium", "terbium", "samarium", "gallium", "germanium", "graphite", "tungsten")
USES = ("motors", "defence", "spares")
ORIGIN = "other"
"""No use asks where a material is from, so origins are not told apart."""
SOURCES = (  # bloc, country, price against China's, lead time in months, terms
    ("chinese", "China", 1.0, 3, "spot"),
    ("chinese", "China", 1.05, 3, "both"),
    ("allied", "Chile", 1.3, 6, "spot"),
    ("allied", "Japan", 1.5, 3, "both"),
    ("onshored", "Home", 1.7, 0, "spot"),
)


QUARTERS = 12


def names_of(count: int) -> tuple[str, ...]:
    """The names of so many materials: those of MATERIALS, then the same with a number."""
    return tuple(name if k < len(MATERIALS) else f"{name} {k // len(MATERIALS) + 1}" for k, name in zip(range(count), cycle(MATERIALS)))


def instance(seed: int, paths: int, projects: bool = False, contracts: bool = True, materials: int = len(MATERIALS), quarters: int = QUARTERS) -> Case:
    """The instance of a data seed with `paths` sampled futures. Without `contracts` everything is bought on the spot market."""
    random, names = np.random.default_rng(seed), names_of(materials)
    rows, demand, offers, inventory = [], [], [], []
    for name in names:
        price = round(float(random.uniform(20, 200)), 2)
        need = round(float(random.uniform(100, 1000)), 0)
        rows.append(Material(len(rows) + 2, name, "t", holding_cost_per_year=round(0.05 * price, 3), annual_loss=0.01, salvage_value=round(0.3 * price, 2)))
        for use, share in zip(USES, (0.6, 0.3, 0.1)):
            missing = round(price * float(random.uniform(5, 15)), 2)
            demand.append(Demand(len(demand) + 2, name, use, round(share * need, 1), missing, annual_growth=0.05))
        inventory.append(StockItem(len(inventory) + 2, name, ORIGIN, round(0.15 * need, 1)))
        offers += _offers(random, len(offers) + 2, name, price, need, projects, contracts)
    start = dt.date(2027, 1, 1)
    return Case(
        Settings(
            start=start,
            periods=quarters,
            title=f"benchmark {seed}",
            period="quarter",
            risk_weight=0.3,
            cvar_level=0.9,
            scenario_method="sampled",
            scenarios=paths,
            seed=seed,
            mip_gap=1e-4,
            time_limit_seconds=3600.0,
        ),
        tuple(rows),
        tuple(demand),
        tuple(offers),
        _disruptions(random, names),
        budget=_budget(demand, offers, start.year, quarters),
        inventory=tuple(inventory),
        projects=_projects(random, names) if projects else (),
        limits=(Limit(2, "Chinese share", "purchase_share", bloc=("chinese",), maximum=0.75, penalty=50.0),),
    )


def _offers(random: np.random.Generator, row: int, material: str, price: float, need: float, projects: bool, contracts: bool) -> list[Offer]:
    found = []
    for k, (bloc, country, dearer, lead, terms) in enumerate(SOURCES):
        own = round(price * dearer * float(random.uniform(0.95, 1.1)), 2)
        # Every allied refiner and every other material's second Chinese one offers a contract.
        terms = terms if contracts and (bloc == "allied" or row % 2 == 0) else "spot"
        contract = {"contract_price": round(0.85 * own, 2), "reservation_price": round(0.02 * own, 3), "take_or_pay": 0.7} if terms == "both" else {}
        feedstock = {"feedstock_bloc": "chinese", "feedstock_dependence": 0.4} if country == "Japan" else {}
        capacity = round(need * float(random.uniform(0.4, 0.9)), 1)
        found.append(
            Offer(
                row + k,
                f"{country} {k + 1}",
                material,
                bloc,
                own,
                capacity,
                country=country,
                origin=ORIGIN,
                price_growth=0.02,
                lead_time_months=float(lead),
                terms=terms,
                project=f"plant for {material}" if projects and bloc == "onshored" else None,
                **contract,
                **feedstock,
            )
        )
    return found


def _projects(random: np.random.Generator, names: tuple[str, ...]) -> tuple[Project, ...]:
    return tuple(Project(k + 2, f"plant for {name}", round(float(random.uniform(2, 6)) * 1000, 0), 6.0) for k, name in enumerate(names))


def _disruptions(random: np.random.Generator, names: tuple[str, ...]) -> tuple[Disruption, ...]:
    """A licence regime, a ban on half of the materials, a price surge, a blockade, a strike and a fire."""
    half = tuple(sorted(map(str, random.choice(names, len(names) // 2, replace=False))))
    return (
        Disruption(2, "licences", 0.35, 12.0, 0.5, price_multiplier=1.3, spillover_price_multiplier=1.3, lead_time_added_months=3.0, bloc=("chinese",)),
        Disruption(3, "ban", 0.20, 9.0, 0.05, spillover_price_multiplier=2.0, bloc=("chinese",), material=half),
        Disruption(4, "price surge", 0.35, 6.0, 1.0, price_multiplier=1.6),
        Disruption(5, "blockade", 0.10, 6.0, 0.2, spillover_price_multiplier=1.5, country=("China", "Japan")),
        Disruption(6, "strike in Chile", 0.35, 4.0, 0.3, country=("Chile",)),
        Disruption(7, "fire at home", 0.15, 6.0, 0.0, bloc=("onshored",)),
    )


def _budget(demand: list[Demand], offers: list[Offer], first: int, quarters: int) -> tuple[BudgetRow, ...]:
    """For each year what its demand costs at the mean price, with room for dear years."""
    price = {name: float(np.mean([s.price for s in offers if s.material == name])) for name in {row.material for row in demand}}
    yearly = sum(row.annual_demand * price[row.material] for row in demand)
    return tuple(BudgetRow(k + 2, first + k, round(1.5 * yearly * 1.05**k, 0)) for k in range(-(-quarters // 4)))
