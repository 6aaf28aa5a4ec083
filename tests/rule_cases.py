"""Hand-solved cases of budgets, projects, penalties, limits and origins; see term_cases.py."""

from __future__ import annotations

import datetime as dt

from constraint_cases import CHEAP_AND_DEAR, HOLD, QUARTERS, Solved, event, happens, limit, listed
from support import case, need, offer, ore, settings

from optimizer.case import BudgetRow, Project

MONEY = (
    Solved(
        "room of a quarter",
        case(
            settings=settings(periods=1, **QUARTERS),
            demand=(need(40.0),),
            materials=(ore(holding_cost_per_year=8.0),),
            limits=(limit("stock_quantity", minimum=2.0),),
        ),
        16,
        "12 t are bought, 2 of them kept for a quarter at a fourth of 8",
    ),
    Solved(
        "fiscal year from October",
        case(
            settings=settings(start=dt.date(2027, 7, 1), fiscal_year_start_month=10, **QUARTERS),
            **HOLD,
            demand=(need(40.0),),
            budget=(BudgetRow(2, 2028, 4.0),),
        ),
        614,
        "July falls in 2027 and is free; October opens 2028, where 4 pay for 4 t and 6 t go short",
    ),
    Solved(
        "budget is not discounted",
        case(settings=settings(discount_rate=1.0), budget=(BudgetRow(2, 2028, 4.0),), **HOLD),
        312,
        "in 2028 the 4 buy 4 t although money counts a half: 10 + (4 + 600)/2",
    ),
    Solved(
        "storage budget",
        case(offers=(offer(price_growth=2.0),), materials=(ore(holding_cost_per_year=1.0),), budget=(BudgetRow(2, 2027, 4.0, category="storage"),)),
        36,
        "4 keep 4 t for the second year, when the price is 3: 14 + 4 + 18",
    ),
    Solved(
        "projects budget",
        case(offers=(offer(project="plant"),), projects=(Project(2, "plant", 10.0, 0.0),), budget=(BudgetRow(2, 2027, 5.0, category="projects"),)),
        1020,
        "2027 cannot pay for the plant: 10 t short, then the plant (10) and 10 t at 1",
    ),
    Solved(
        "budget of all three",
        case(
            settings=settings(periods=1),
            offers=(offer(project="plant"),),
            projects=(Project(2, "plant", 10.0, 0.0),),
            materials=(ore(holding_cost_per_year=1.0),),
            limits=(limit("stock_quantity", minimum=2.0),),
            budget=(BudgetRow(2, 2027, 20.0), BudgetRow(3, 2027, 1000.0)),
        ),
        420,
        "20 pay for the plant (10), 2 t to keep, their room (2) and 6 t to use; 4 t go short",
    ),
    Solved(
        "outlay of a project",
        case(
            settings=settings(periods=3, discount_rate=1.0),
            demand=(need(by_period={0: 0.0, 1: 0.0}),),
            offers=(offer(price=4.0, project="plant"),),
            projects=(Project(2, "plant", 30.0, 24.0),),
        ),
        32.5,
        "15 now, 15 in a year at a half, 40 for 10 t in two years at a quarter",
    ),
    Solved(
        "project starts with a fiscal year",
        case(
            settings=settings(periods=5, **QUARTERS),
            demand=(need(40.0),),
            offers=(offer(project="plant"),),
            projects=(Project(2, "plant", 5.0, 0.0, earliest_start=1),),
        ),
        4015,
        "after the first quarter the next start is the fifth: four quarters short, then the plant (5) and 10 t",
    ),
    Solved(
        "latest start",
        case(offers=(offer(capacity=10.0, project="plant"),), projects=(Project(2, "plant", 5.0, 0.0, latest_start=-1),)),
        2000,
        "a window before the horizon leaves no start",
    ),
    Solved(
        "penalty",
        case(limits=(limit("stock_quantity", minimum=5.0, penalty=0.3),)),
        21.5,
        "5 t of the second year's need are bought a year early and meet the first; at the end 5 t missing at 0.3 are cheaper than kept",
    ),
    Solved(
        "penalty of a year's row",
        case(
            settings=settings(discount_rate=15.0, **QUARTERS),
            offers=CHEAP_AND_DEAR,
            demand=(need(40.0, by_period={1: 0.0}),),
            limits=(limit("purchase_share", bloc=("allied",), minimum=0.4, penalty=1.0),),
        ),
        12,
        "10 t from A at 1 in the first quarter; the 4 t short of the share are charged when the year ends, where 1 counts a half",
    ),
    Solved(
        "penalty of each group",
        case(settings=settings(periods=1), offers=CHEAP_AND_DEAR, limits=(limit("largest_supplier_share", maximum=0.3, penalty=0.5),)),
        13.5,
        "10 t from A at 1, 7 of them over its share, at 0.5; each ton moved to B costs 2 more and saves at most 0.5",
    ),
)

LIMITS = (
    Solved(
        "cover of a quarter",
        case(settings=settings(periods=1, **QUARTERS), demand=(need(40.0),), limits=(limit("stock_cover_days", minimum=73.0),)),
        18,
        "a fifth of a year's 40 t is kept beside the quarter's 10 t",
    ),
    Solved(
        "cover of an origin",
        case(settings=settings(periods=1), offers=CHEAP_AND_DEAR, limits=(limit("stock_cover_days", origin=("allied",), minimum=73.0),)),
        16,
        "10 t from A at 1 are used, 2 t from B at 3 are kept",
    ),
    Solved(
        "stock of an origin",
        case(settings=settings(periods=1), offers=CHEAP_AND_DEAR, limits=(limit("stock_quantity", origin=("allied",), minimum=3.0),)),
        19,
        "10 t from A at 1 are used, 3 t from B at 3 are kept",
    ),
    Solved(
        "share of nothing",
        case(
            settings=settings(periods=1),
            demand=(need(shortage_cost=0.5),),
            offers=CHEAP_AND_DEAR,
            limits=(limit("purchase_share", bloc=("allied",), minimum=0.4),),
        ),
        5,
        "a year without orders meets every share: 10 t go short at 0.5",
    ),
    Solved(
        "share of what is struck",
        case(
            **listed(periods=1),
            scenarios=(happens(0),),
            disruptions=(event(remaining=0.0, supplier=("B",)),),
            offers=CHEAP_AND_DEAR,
            limits=(limit("purchase_share", bloc=("allied",), minimum=0.4),),
        ),
        1000,
        "B cannot deliver its least share, so nothing may be bought from A either",
    ),
    Solved(
        "share of a supplier with two offers",
        case(
            settings=settings(periods=1),
            offers=(offer("A", capacity=5.0), offer("A", capacity=5.0, offer="two"), offer("B", price=3.0)),
            limits=(limit("largest_supplier_share", maximum=0.6),),
        ),
        18,
        "6 t from the two offers of A at 1, 4 t from B at 3",
    ),
    Solved(
        "largest share among the matched",
        case(
            settings=settings(periods=1),
            offers=(offer("A", bloc="chinese", capacity=7.0), offer("B", price=3.0)),
            limits=(limit("largest_supplier_share", bloc=("allied",), maximum=0.3),),
        ),
        16,
        "A, which is not allied, sells its 7 t; B, which is, just 3 of the 10 t at 3",
    ),
    Solved(
        "ordered against the demand of all uses",
        case(
            settings=settings(periods=1),
            demand=(need(6.0), need(4.0, use="other use")),
            offers=CHEAP_AND_DEAR,
            limits=(limit("purchase_to_demand", country=("X",), maximum=0.5),),
        ),
        20,
        "5 t from A, of X, for the 10 t of both uses; 5 t from B at 3",
    ),
)

ORIGINS = (
    Solved(
        "origins allowed from",
        case(offers=CHEAP_AND_DEAR, demand=(need(allowed_origins=("allied",), allowed_origins_from=1),)),
        40,
        "chinese ore at 1 serves the first year, only allied ore at 3 the second",
    ),
    Solved(
        "tolling keeps the more exposed origin",
        case(
            settings=settings(periods=1),
            materials=(ore(), ore("metal")),
            offers=(offer("A", bloc="chinese"), offer("B", price=4.0), offer("C", "metal", 3.0, input_material="ore", input_per_unit=2.0)),
            demand=(need(material="metal", use="civil"), need(material="metal", use="defence", allowed_origins=("allied",))),
        ),
        160,
        "a ton of metal takes two of ore and a fee of 3: with chinese ore 5 for civil use, with allied ore 11 for defence",
    ),
    Solved(
        "tolling by an exposed converter",
        case(
            settings=settings(periods=1),
            materials=(ore(), ore("metal")),
            offers=(offer("B", price=4.0), offer("C", "metal", 3.0, bloc="chinese", input_material="ore", input_per_unit=2.0)),
            demand=(need(material="metal", use="civil"), need(material="metal", use="defence", allowed_origins=("allied",))),
        ),
        1110,
        "allied ore converted in China is chinese metal: 110 for civil use, defence goes short",
    ),
    Solved(
        "share by the origin delivered",
        case(
            settings=settings(periods=1),
            materials=(ore(), ore("metal")),
            demand=(need(material="metal"),),
            offers=(offer("A", bloc="chinese"), offer("B", price=4.0), offer("C", "metal", 3.0, input_material="ore", input_per_unit=2.0)),
            limits=(limit("purchase_share", material=("metal",), origin=("chinese",), maximum=0.4),),
        ),
        86,
        "4 t of metal from chinese ore at 5 and 6 t from allied ore at 11, by the same converter",
    ),
    Solved(
        "input is used when the order is placed",
        case(
            materials=(ore(), ore("metal")),
            demand=(need(material="metal", by_period={0: 0.0}),),
            offers=(offer(price_growth=-0.5), offer("C", "metal", 3.0, input_material="ore", input_per_unit=2.0, lead_time_months=12.0)),
        ),
        50,
        "metal for the second year is ordered in the first, with 20 t of ore at 1, not at 0.5",
    ),
    Solved(
        "cover that the use may draw",
        case(
            settings=settings(periods=1),
            offers=CHEAP_AND_DEAR,
            demand=(need(use="civil"), need(use="defence", allowed_origins=("allied",))),
            limits=(limit("stock_cover_days", use=("defence",), minimum=73.0),),
        ),
        46,
        "10 t chinese for civil use; for defence 10 t and 73 days' 2 t of allied ore at 3",
    ),
    Solved(
        "share of a fiscal year",
        case(
            settings=settings(**QUARTERS),
            demand=(need(40.0),),
            offers=(offer("A", bloc="chinese", available_from=1), offer("B", price=3.0)),
            limits=(limit("purchase_share", bloc=("chinese",), maximum=0.5),),
        ),
        40,
        "10 t from B in the first quarter, 10 t from A in the second are half and half of the year",
    ),
    Solved(
        "share from a period on",
        case(**HOLD, offers=CHEAP_AND_DEAR, limits=(limit("purchase_share", bloc=("chinese",), maximum=0.3, start=1),)),
        34,
        "10 t from A at 1; then 3 t from A at 1 and 7 t from B at 3",
    ),
    Solved(
        "share until a period",
        case(**HOLD, offers=CHEAP_AND_DEAR, limits=(limit("purchase_share", bloc=("chinese",), maximum=0.3, end=0),)),
        34,
        "3 t from A at 1 and 7 t from B at 3; then 10 t from A at 1",
    ),
)

RULES = MONEY + LIMITS + ORIGINS
