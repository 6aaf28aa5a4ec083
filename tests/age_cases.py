"""Hand-solved cases of age and sale; see term_cases.py."""

from __future__ import annotations

from constraint_cases import DEARER_NEXT_YEAR, QUARTERS, Solved
from support import case, need, offer, ore, settings

from optimizer.case import BudgetRow, StockItem

PLENTY = {"offers": (offer(price=3.0),), "inventory": (StockItem(2, "ore", "allied", 30.0),)}
"""30 t on hand, 10 more than two years need, which cost 3 anew."""

AGES = (
    Solved(
        "shelf life rounds up",
        case(materials=(ore(shelf_life_months=13.0),), offers=DEARER_NEXT_YEAR),
        20,
        "13 months are two years: all is bought at 1, not at 3",
    ),
    Solved(
        "stock on hand counts as fresh",
        case(materials=(ore(shelf_life_months=12.0),), **PLENTY),
        30,
        "10 t on hand serve the first year, the other 20 end their life with it, for nothing; then 10 t at 3",
    ),
    Solved(
        "the end of a life at a disposal cost",
        case(materials=(ore(shelf_life_months=12.0, disposal_cost=1.5),), **PLENTY),
        60,
        "10 t on hand serve the first year, 20 are thrown away at 1.5; then 10 t at 3",
    ),
    Solved(
        "loss before the end of a life",
        case(materials=(ore(shelf_life_months=24.0, annual_loss=0.5, holding_cost_per_year=1.0),), **PLENTY),
        20,
        "20 t are kept a year at 1; half is lost, and the other 10 t serve the second year, with nothing left to throw away",
    ),
    Solved(
        "life from the arrival on",
        case(
            settings=settings(periods=3),
            materials=(ore(shelf_life_months=24.0),),
            demand=(need(by_period={0: 0.0}),),
            offers=(offer(price_growth=1.0, lead_time_months=12.0),),
        ),
        20,
        "what is ordered at 1 arrives in the second year and can be used in the third, so that nothing is ordered at 2",
    ),
    Solved(
        "an open order's life",
        case(materials=(ore(shelf_life_months=12.0),), inventory=(StockItem(2, "ore", "allied", 20.0, arrives=0),)),
        10,
        "20 t arrive in the first year; 10 of them serve it and the rest cannot serve the second: 10 t at 1",
    ),
    Solved("sales", case(materials=(ore(sale_price=2.0),), **PLENTY), -20, "10 t of the 30 are sold at 2, less than they cost anew"),
    Solved(
        "sale of a later period",
        case(settings=settings(discount_rate=1.0), materials=(ore(sale_price=2.0, sale_limit_per_year=5.0),), **PLENTY),
        -15,
        "5 t are sold in the first year and 5 in the second, where money counts a half: 10 + 5",
    ),
    Solved(
        "sale limit of a quarter",
        case(settings=settings(periods=1, **QUARTERS), demand=(need(40.0),), materials=(ore(sale_price=2.0, sale_limit_per_year=20.0),), **PLENTY),
        -10,
        "a fourth of 20 is sold at 2",
    ),
    Solved(
        "risk of a sale",
        case(settings=settings(risk_weight=0.5, cvar_level=0.9), materials=(ore(sale_price=2.0, salvage_value=1.0),), **PLENTY),
        -20,
        "a certain gain of 20 is as much in the worst tenth as on average",
    ),
    Solved(
        "bought to be sold",
        case(materials=(ore(sale_price=5.0),), offers=(offer(capacity=20.0),)),
        -60,
        "a year brings 20 t at 1, half of which are sold at 5: 20 - 50",
    ),
    Solved(
        "bought to be sold without a limit of capacity",
        case(settings=settings(risk_weight=0.5, cvar_level=0.9), materials=(ore(sale_price=5.0, sale_limit_per_year=30.0),), offers=(offer(capacity=1e9),)),
        -220,
        "a year brings 40 t at 1, 30 of which are sold at 5: 40 - 150",
    ),
    Solved(
        "sales add to no budget",
        case(materials=(ore(sale_price=5.0),), offers=(offer(capacity=20.0),), budget=(BudgetRow(2, 2027, 15.0), BudgetRow(3, 2028, 15.0))),
        -20,
        "15 pay for 15 t a year, of which 5 are sold at 5: 15 - 25",
    ),
)
