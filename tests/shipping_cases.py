"""Hand-solved cases of what has not left, and of projects that wait for a disruption; see term_cases.py."""

from __future__ import annotations

from constraint_cases import HOLD, LATER, QUARTERS, Solved, contract, event, happens, listed
from support import case, need, offer, ore, settings

from optimizer.case import InputRow, Project, ScenarioRow, StockItem

SEVERAL = (
    Solved(
        "a clean input for a more exposed output",
        case(
            materials=(ore(), ore("acid"), ore("metal")),
            demand=(need(4.0, use="defence", material="metal", allowed_origins=("allied",)), need(6.0, material="metal")),
            offers=(
                offer(bloc="chinese", capacity=10.0),
                offer("B", price=4.0),
                offer("D", "acid", 1.0, bloc="chinese"),
                offer("E", "acid", 2.0),
                offer("C", "metal", 3.0),
            ),
            inputs=(InputRow(2, "C", "metal", "ore", 2.0), InputRow(3, "C", "metal", "acid", 1.0)),
        ),
        188,
        "a year: 30 of fees; 4 t for defence take 8 t of allied ore at 4 and 4 t of allied acid at 2; 6 t take 10 t of Chinese ore at 1 and 2 t of allied ore, "
        "and 6 t of Chinese acid at 1: 30 + 32 + 8 + 10 + 8 + 6",
    ),
)

SHIPPING = (
    Solved("price and duty of the departure", case(offers=(offer(price_growth=2.0, **LATER),)), 1030, "ordered in the first year, paid in the second at 3"),
    Solved(
        "departure and transit",
        case(settings=settings(periods=3), offers=(offer(lead_time_months=24.0, ships_after_months=12.0),)),
        2010,
        "ordered in the first year, shipped in the second, there in the third",
    ),
    Solved(
        "a quarter's orders of what ships later",
        case(
            settings=settings(period="quarter"),
            demand=(need(by_period={0: 0.0, 1: 30.0}),),
            offers=(offer(capacity=20.0, lead_time_months=3.0, ships_after_months=3.0),),
        ),
        2505,
        "5 t, a quarter of 20, are ordered in the first quarter and leave in the second, in which 25 are short",
    ),
    Solved(
        "what is stopped leaves later",
        case(
            scenarios=(happens(1),),
            **listed(periods=3),
            disruptions=(event(remaining=0.0),),
            demand=(need(by_period={0: 0.0}),),
            offers=(offer(price=2.0, price_growth=-0.5, **LATER),),
        ),
        1005,
        "nothing leaves in the second year, 10 t short; in the third 10 t at 0.5",
    ),
    Solved(
        "a quarter of what is due",
        case(
            scenarios=(happens(1),),
            **listed(periods=3),
            disruptions=(event(remaining=0.25),),
            demand=(need(by_period={0: 0.0, 2: 0.0}),),
            offers=(offer(capacity=20.0, **LATER),),
        ),
        505,
        "5 of the 20 t that were ordered leave when they are due; the rest is withdrawn at no cost, and 5 t are short",
    ),
    Solved(
        "licence that takes longer",
        case(scenarios=(happens(0),), **listed(periods=3), disruptions=(event(lead_time_added_months=12.0),), offers=(offer(**LATER),)),
        2010,
        "orders of the first year are due in the third, like those of the second",
    ),
    Solved(
        "licence that took no longer when it was asked for",
        case(scenarios=(happens(1),), **listed(), disruptions=(event(lead_time_added_months=12.0),), offers=(offer(**LATER),)),
        1010,
        "orders of the first year are due in the second, whatever comes then",
    ),
    Solved(
        "contract before anything can be due",
        case(offers=(contract(take_or_pay=1.0, reservation_price=2.0, **LATER),)),
        1030,
        "the first year pays nothing, as no order is due yet; the second 2·10 for the reservation and 10 for what is lifted",
    ),
    Solved(
        "contract of a plant that was not ready when orders were filed",
        case(
            settings=settings(periods=3),
            offers=(contract(capacity=10.0, reservation_price=2.0, project="plant", **LATER),),
            projects=(Project(2, "plant", 5.0, 12.0),),
        ),
        2035,
        "ready in the second year, in which nothing can be due: 2·10 are reserved and 10 lifted in the third alone",
    ),
    Solved(
        "contract while the licence takes longer",
        case(
            scenarios=(happens(0),), **listed(periods=3), disruptions=(event(lead_time_added_months=12.0),), offers=(contract(reservation_price=2.0, **LATER),)
        ),
        2030,
        "nothing is due in the second year, because the first year's orders take two: 2·10 are reserved in the third alone",
    ),
    Solved(
        "open order of a named offer, late and on its way a year",
        case(
            settings=settings(periods=2),
            offers=(offer(offer="one"), offer(offer="two", lead_time_months=12.0)),
            inventory=(StockItem(2, "ore", "allied", 4.0, supplier="A", offer="two", ships=-1),),
        ),
        16,
        "it was due before the horizon, leaves in the first year and arrives in the second",
    ),
    Solved(
        "open order that a ban stops",
        case(
            scenarios=(happens(0, months=12.0),), **listed(), disruptions=(event(remaining=0.0),), inventory=(StockItem(2, "ore", "allied", 8.0, supplier="A"),)
        ),
        1002,
        "nothing leaves in the first year; in the second the 8 t do, without any cost, and 2 t are bought",
    ),
)

STRUCK = {
    "scenarios": (happens(1, 0.5, 24.0),),
    "disruptions": (event(remaining=0.0, supplier=("A",)),),
    "offers": (offer("A"), offer("B", project="plant")),
    **HOLD,
}
"""A can deliver nothing from the second year on, with chance 1/2; B must be built, and nothing can be kept."""

WAITING = (
    Solved(
        "start once it is active",
        case(**listed(periods=3), **STRUCK, projects=(Project(2, "plant", 100.0, 0.0, may_wait_for=("event",)),)),
        80,
        "30 while nothing happens; else 10, then 100 for the plant and 20: the mean is 80, a start on a date would cost 130",
    ),
    Solved(
        "start once it is active, ready later",
        case(**listed(periods=4), **{**STRUCK, "scenarios": (happens(1, 0.5, 36.0),)}, projects=(Project(2, "plant", 1200.0, 12.0, may_wait_for=("event",)),)),
        1135,
        "40, or 10, then 1000 short and 1200 for the plant, then 20: (40 + 2230)/2; a start in the first year costs 1240, none (40 + 3010)/2",
    ),
    Solved(
        "start once it is active, within the window",
        case(**listed(periods=3), **STRUCK, projects=(Project(2, "plant", 100.0, 0.0, earliest_start=2, may_wait_for=("event",)),)),
        575,
        "the second year goes short in half of the futures: 30, or 10, 1000, then 110: (30 + 1120)/2 = 575; fixed in the third: 130 or 1120",
    ),
    Solved(
        "start once it is active, in the middle of a year",
        case(
            **listed(periods=2, **QUARTERS),
            **{**STRUCK, "scenarios": (happens(1, 0.5, 3.0),)},
            demand=(need(40.0),),
            projects=(Project(2, "plant", 100.0, 0.0, may_wait_for=("event",)),),
        ),
        70,
        "20, or 10, then 100 for the plant and 10: the mean is 70; a start on a date could only be in the first quarter",
    ),
    Solved(
        "outlay of what would be ready after the end",
        case(
            **listed(periods=3, discount_rate=1.0),
            **{
                **STRUCK,
                "scenarios": (
                    ScenarioRow(2, "early", 0.1, disruption="event", starts=0, duration_months=36.0),
                    ScenarioRow(3, "late", 0.9, disruption="event", starts=2, duration_months=12.0),
                    ScenarioRow(4, "late", 0.9, disruption="halt", starts=2, duration_months=12.0),
                ),
                "disruptions": (event(remaining=0.0, supplier=("A",)), event("halt", demand_multiplier=0.0)),
            },
            demand=(need(shortage_cost=200.0),),
            projects=(Project(2, "plant", 96.0, 24.0, may_wait_for=("event",)),),
        ),
        342.55,
        "early: 2000 and 1000 short, 48 and 24 paid, then 2.5 from B; late: 10, 5, and both parts of 48 in the last year: 24; a start in the first year costs "
        "72 in either, none goes 500 short early",
    ),
)
