"""Cases in which every sheet, kind of offer and measure has a part, small enough to be solved many times."""

from __future__ import annotations

from dataclasses import replace

from constraint_cases import event
from support import case, need, offer, ore, settings

from optimizer.case import BudgetRow, Case, Limit, Project, ScenarioRow, StockItem


def trade(**changes) -> Case:
    """Ore is bought, kept and toll-converted into metal over three years; two uses need metal, one no chinese metal."""
    base = case(
        settings=settings(periods=3, discount_rate=0.06, risk_weight=0.4, cvar_level=0.8),
        materials=(
            ore(holding_cost_per_year=0.3, annual_loss=0.02, storage_capacity=14.0, disposal_cost=0.0, salvage_value=0.1),
            ore("metal", holding_cost_per_year=0.9, storage_capacity=6.0, disposal_cost=0.0, salvage_value=0.5),
        ),
        demand=(
            need(8.0, 90.0, "metal", "magnets", annual_growth=0.07),
            need(
                5.0,
                400.0,
                "metal",
                "defence",
                allowed_origins=("other", "allied", "onshored"),
                allowed_origins_from=1,
                by_period={2: 6.5},
                minimum_fill_rate=0.7,
            ),
        ),
        offers=(
            offer(
                "A",
                price=1.0,
                capacity=40.0,
                bloc="chinese",
                country="X",
                price_growth=0.03,
                spot_limit_per_year=28.0,
                minimum_order=7.0,
                terms="both",
                contract_price=0.95,
            ),
            offer(
                "B",
                price=2.7,
                capacity=22.0,
                country="Y",
                terms="contract",
                contract_pricing="indexed",
                price_floor=1.5,
                price_ceiling=3.1,
                reservation_price=0.11,
                take_or_pay=0.6,
                minimum_contract=9.0,
            ),
            offer("C", "metal", 3.1, 12.0, bloc="other", country="Z", input_material="ore", input_per_unit=2.2),
            offer("D", "metal", 9.3, 7.0, country="Y", lead_time_months=12.0, feedstock_bloc="chinese", feedstock_dependence=0.4),
            offer("E", "metal", 5.2, 6.0, bloc="onshored", country="W", project="plant"),
        ),
        disruptions=(
            event("ban", 0.22, 18.0, 0.15, price_multiplier=2.4, spillover_price_multiplier=1.6, lead_time_added_months=12.0, bloc=("chinese",)),
            event("strike", 0.15, 12.0, 0.3, supplier=("C",), demand_multiplier=1.1, material=("metal",)),
        ),
        inventory=(StockItem(2, "ore", "chinese", 11.0), StockItem(3, "metal", "allied", 4.0), StockItem(4, "metal", "other", 3.0, arrives=1)),
        projects=(Project(2, "plant", 60.0, 12.0),),
        budget=(BudgetRow(2, 2027, 118.0), BudgetRow(3, 2028, 95.0, category="purchases"), BudgetRow(4, 2029, 9.0, category="storage")),
        limits=(
            Limit(2, "chinese share", "purchase_share", material=("ore",), origin=("chinese",), maximum=0.7, penalty=4.0),
            Limit(3, "one supplier", "largest_supplier_share", material=("metal",), maximum=0.75, penalty=3.0),
            Limit(4, "cover", "stock_cover_days", material=("metal",), minimum=60.0, end=1, penalty=2.5),
            Limit(5, "reserve", "stock_quantity", material=("ore",), minimum=5.0, maximum=12.0),
            Limit(6, "licence", "purchase_to_demand", material=("metal",), supplier=("C",), maximum=1.2),
        ),
    )
    return replace(base, **changes)


def _row(scenario: str, probability: float, disruption: str, starts: int, months: float) -> ScenarioRow:
    return ScenarioRow(2, scenario, probability, disruption=disruption, starts=starts, duration_months=months)


TREE = trade()
"""Every history of two disruptions that begin and end by chance."""

LISTED = trade(
    settings=replace(trade().settings, scenario_method="listed", risk_weight=0.6, cvar_level=0.7),
    scenarios=(
        _row("long ban", 0.2, "ban", 1, 24.0),
        _row("ban and strike", 0.15, "ban", 1, 12.0),
        _row("ban and strike", 0.15, "strike", 2, 12.0),
        _row("late strike", 0.3, "strike", 2, 12.0),
    ),
)
"""Three futures that the planner wrote down, and the quiet one."""

QUARTERS = trade(
    settings=replace(trade().settings, period="quarter", fiscal_year_start_month=4, periods=3, scenario_method="listed", risk_weight=0.3),
    demand=(need(30.0, 90.0, "metal", "magnets", annual_growth=0.2), need(16.0, 400.0, "metal", "defence", allowed_origins=("allied", "other"))),
    budget=(BudgetRow(2, 2027, 60.0), BudgetRow(3, 2028, 70.0)),
    scenarios=(_row("ban", 0.3, "ban", 0, 6.0), _row("strike", 0.25, "strike", 1, 3.0)),
)
"""Quarters across a fiscal year's end; the listed futures differ from the first one on."""

CASES = {"tree": TREE, "listed": LISTED, "quarters": QUARTERS}
