"""A case with two stages, a project and a ban, a plan of it that keeps every rule, and ways to change either."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from support import case, need, offer, ore, settings

from optimizer.case import BudgetRow, Case, Disruption, Project, StockItem
from optimizer.model.decisions import Decisions
from optimizer.plan.audit import Claimed, audit
from optimizer.plan.audit_costs import PARTS
from optimizer.scenarios.tree import build_tree

MAGNETS, DEFENCE = ("metal", "magnets"), ("metal", "defence")


def ban(**changes) -> Disruption:
    """What is Chinese loses half its capacity and doubles in price."""
    return Disruption(
        **{
            "row": 2,
            "disruption": "ban",
            "annual_probability": 0.25,
            "mean_duration_months": 12.0,
            "capacity_remaining": 0.5,
            "price_multiplier": 2.0,
            "bloc": ("chinese",),
            **changes,
        }
    )


def trade() -> Case:
    """Ore from A is toll-converted by B, whose plant must be built; C sells metal for next year; two uses need metal."""
    return case(
        settings=settings(risk_weight=0.5, cvar_level=0.5),
        materials=(ore(holding_cost_per_year=1.0, annual_loss=0.5, storage_capacity=9.0), ore("metal", salvage_value=2.0)),
        demand=(need(8.0, 100.0, *MAGNETS), need(4.0, 1000.0, *DEFENCE, allowed_origins=("other", "allied", "onshored"), minimum_fill_rate=1.0)),
        offers=(
            offer(
                "A",
                bloc="chinese",
                capacity=100.0,
                spot_limit_per_year=5.0,
                terms="both",
                contract_price=2.0,
                reservation_price=1.0,
                take_or_pay=0.5,
                minimum_contract=4.0,
                minimum_order=5.0,
            ),
            offer("B", "metal", 3.0, 4.0, input_material="ore", input_per_unit=2.0, feedstock_bloc="chinese", feedstock_dependence=1.0, project="plant"),
            offer("C", "metal", 10.0, 6.0, bloc="other", country="X", lead_time_months=12.0),
        ),
        disruptions=(ban(),),
        inventory=(StockItem(2, "ore", "allied", 4.0), StockItem(3, "ore", "allied", 2.0, arrives=1), StockItem(4, "metal", "onshored", 10.0)),
        projects=(Project(2, "plant", 50.0, 12.0),),
        budget=(
            BudgetRow(2, 2027, 73.0, category="purchases"),
            BudgetRow(3, 2027, 9.0, category="storage"),
            BudgetRow(4, 2027, 50.0, category="projects"),
            BudgetRow(5, 2027, 132.0, category="all"),
        ),
    )


def tree_of(plan_case: Case, paths=(([(), ()], 0.75, "calm"), ([(), (0,)], 0.25, "struck"))):
    """Node 0 is 2027; in 2028 node 1 is calm, node 2 under the ban. The reference path is 0, 1."""
    return build_tree(paths, [d.row for d in plan_case.disruptions], "exact")


def nodes(*values: float) -> np.ndarray:
    return np.array(values, float)


def sound() -> Decisions:
    """A plan of `trade` that keeps every rule, each year worked out by hand."""
    return Decisions(
        contract={0: 4.0},
        start={"plant": 0},
        spot={(0, "chinese"): nodes(5, 1, 0), (1, "allied"): nodes(0, 2, 2), (1, "chinese"): nodes(0, 1, 0), (2, "other"): nodes(6, 0, 0)},
        call_off={(0, "chinese"): nodes(0, 4, 2)},
        paid={0: nodes(2, 4, 2)},
        reserved={0: nodes(4, 4, 4)},
        stock={("ore", "allied"): nodes(4, 0, 0), ("ore", "chinese"): nodes(5, 5.5, 4.5), ("metal", "allied"): nodes(0, 1, 0)},
        draw={
            ("metal", "onshored", "defence"): nodes(4, 0, 0),
            ("metal", "other", "defence"): nodes(0, 4, 4),
            ("metal", "onshored", "magnets"): nodes(6, 0, 0),
            ("metal", "other", "magnets"): nodes(0, 2, 2),
            ("metal", "allied", "magnets"): nodes(0, 1, 2),
            ("metal", "chinese", "magnets"): nodes(0, 1, 0),
        },
        short={MAGNETS: nodes(2, 4, 4)},
    )


CLAIMED = Claimed(
    objective=756.625,
    expected_cost=755.75,
    cvar=757.5,
    costs={**dict.fromkeys(PARTS, 0.0), "purchases": 93.0, "storage": 14.25, "projects": 50.0, "shortage": 600.0, "salvage": -1.5},
)


def findings(the_case: Case, plan: Decisions, claimed: Claimed = CLAIMED) -> str:
    """All findings as one text."""
    return "\n".join(audit(the_case, tree_of(the_case), plan, claimed).findings)


def put(kind: str, key, node: int, value: float) -> Decisions:
    """The sound plan with one number of one node replaced."""
    values = dict(getattr(sound(), kind))
    values[key] = values.get(key, np.zeros(3)).copy()
    values[key][node] = value
    return replace(sound(), **{kind: values})


def with_offer(s: int, **changes) -> Case:
    """`trade` with an offer changed."""
    offers = list(trade().offers)
    offers[s] = replace(offers[s], **changes)
    return replace(trade(), offers=tuple(offers))


def with_row(sheet: str, k: int, **changes) -> Case:
    """`trade` with the row at a position of a sheet changed."""
    rows = list(getattr(trade(), sheet))
    rows[k] = replace(rows[k], **changes)
    return replace(trade(), **{sheet: tuple(rows)})
