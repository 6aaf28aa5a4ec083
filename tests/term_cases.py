"""For every term of the model that is no constraint of its own a tiny case that was solved by hand.

Unless a case says else: two years, no discount, expected cost only, 10 t of ore a year at a price of 1, a missing ton costs 100,
so that the cheapest plan costs 20.
"""

from __future__ import annotations

from dataclasses import replace

from age_cases import AGES
from budget_cases import BUDGETS
from change_cases import CHANGED_CONTRACTS, CHANGES
from constraint_cases import DEARER_NEXT_YEAR, HOLD, QUARTERS, Solved, contract, event, happens, limit, listed
from rule_cases import RULES
from shipping_cases import SEVERAL, SHIPPING, WAITING
from substitution_cases import SUBSTITUTES
from support import case, need, offer, ore, settings

from optimizer.case import BudgetRow, Duty, Project, StockItem

LATER = {"demand": (need(by_period={0: 0.0}),)}
"""Nothing is needed in the first period."""

NEXT_YEAR = {"scenarios": (happens(1),), **listed()}
"""The event happens in the second year, for sure."""

NOW = {"scenarios": (happens(0),), **listed()}
"""The event happens in the first year, for sure."""

TIME = (
    Solved("lead time", case(offers=(offer(lead_time_months=12.0),)), 1010, "an order arrives a year later: the first year goes short"),
    Solved(
        "lead time rounds up",
        case(settings=settings(periods=3, **QUARTERS), demand=(need(40.0),), offers=(offer(lead_time_months=4.0),)),
        2010,
        "4 months are two quarters: 10 t short in each of the first two, 10 bought for the third",
    ),
    Solved(
        "lead time added",
        case(**NOW, disruptions=(event(lead_time_added_months=12.0),), offers=(offer(price_growth=-0.5),)),
        1005,
        "orders of the first year come too late for it; in the second, at 0.5, they come at once",
    ),
    Solved(
        "lead time of the regime of the order",
        case(**NOW, disruptions=(event(lead_time_added_months=12.0),), offers=DEARER_NEXT_YEAR),
        1010,
        "10 t ordered at 1 while the event lasts come a year later, when it is over and the price is 3",
    ),
    Solved(
        "lead time added to others",
        case(**NOW, disruptions=(event(lead_time_added_months=12.0, supplier=("B",)),)),
        20,
        "only the orders placed with struck offers take longer",
    ),
    Solved(
        "lead time sum rounds once",
        case(
            scenarios=(happens(0, months=6.0),),
            **listed(**QUARTERS),
            demand=(need(40.0),),
            disruptions=(event(lead_time_added_months=1.0),),
            offers=(offer(lead_time_months=2.0),),
        ),
        1010,
        "2 and 1 months are one quarter, not two: the second quarter is supplied",
    ),
    Solved("available from", case(offers=(offer(available_from=1),)), 1010, "nothing can be bought in the first year"),
    Solved(
        "capacity of a quarter",
        case(settings=settings(periods=1, **QUARTERS), offers=(offer(capacity=40.0),), demand=(need(60.0),)),
        510,
        "a quarter of 60 is needed, a quarter of 40 served: 10 at 1 and 5 short",
    ),
    Solved("open order", case(inventory=(StockItem(2, "ore", "allied", 10.0, arrives=1),)), 10, "the second year's need is under way and paid for"),
    Solved(
        "late open order", case(**HOLD, inventory=(StockItem(2, "ore", "allied", 10.0, arrives=-3),)), 10, "due before the horizon: comes in its first year"
    ),
    Solved(
        "loss in store",
        case(settings=settings(**QUARTERS), materials=(ore(annual_loss=0.75),), demand=(need(40.0),), offers=(offer(price_growth=15.0),)),
        24.142135623731,
        "the price doubles in a quarter, the store loses 1 - (1/4)^(1/4): 10 t for now and 10·√2 t for later at 1",
    ),
    Solved(
        "no loss before the horizon",
        case(materials=(ore(annual_loss=0.5),), inventory=(StockItem(2, "ore", "allied", 10.0),)),
        10,
        "the inventory of 10 t serves the whole first year",
    ),
    Solved(
        "growth of demand and price",
        case(settings=settings(**QUARTERS), **HOLD, demand=(need(40.0, annual_growth=15.0),), offers=(offer(price_growth=15.0),)),
        50,
        "16 times a year is twice a quarter: 10 t at 1, then 20 t at 2",
    ),
    Solved("demand by period", case(demand=(need(by_period={1: 3.0}),)), 13, "the second year needs 3 t in place of 10"),
    Solved(
        "discount",
        case(settings=settings(discount_rate=15.0, **QUARTERS), demand=(need(40.0),)),
        15,
        "a quarter later money counts (1/16)^(1/4), a half: 10 t at 1, 10 t at 1/2",
    ),
    Solved(
        "salvage",
        case(
            settings=settings(discount_rate=1.0),
            materials=(ore(salvage_value=8.0),),
            offers=(offer(price=100.0),),
            inventory=(StockItem(2, "ore", "allied", 30.0),),
        ),
        -20,
        "10 t are left after two years: their value of 8 each counts a quarter at the end of the horizon",
    ),
    Solved(
        "risk of a gain",
        case(
            settings=settings(risk_weight=0.5, cvar_level=0.9),
            materials=(ore(salvage_value=2.0),),
            offers=(offer(price=100.0),),
            inventory=(StockItem(2, "ore", "allied", 30.0),),
        ),
        -20,
        "a certain gain of 20 is as much in the worst tenth as on average",
    ),
    Solved(
        "kept for want of disposal",
        case(materials=(ore(holding_cost_per_year=10.0),), inventory=(StockItem(2, "ore", "allied", 30.0),)),
        300,
        "20 t are kept for a year, then 10 t for another, at 10 each",
    ),
    Solved(
        "disposal",
        case(materials=(ore(holding_cost_per_year=10.0, disposal_cost=1.0),), inventory=(StockItem(2, "ore", "allied", 30.0),)),
        30,
        "throwing 20 t away at 1 and buying 10 t anew at 1 is cheaper than keeping any at 10",
    ),
)

CONTRACTS = (
    Solved("contract price", case(offers=(contract(contract_price=3.0),)), 60, "what is lifted under contract is paid for at 3, not at the spot price"),
    Solved(
        "contract of a quarter",
        case(settings=settings(periods=1, **QUARTERS), demand=(need(40.0),), offers=(contract(reservation_price=4.0, take_or_pay=1.0),)),
        50,
        "10 t take a contract of 40 a year, reserved for a quarter at a fourth of 4, and are all paid for at 1",
    ),
    Solved(
        "spot limit of a quarter",
        case(settings=settings(periods=1, **QUARTERS), demand=(need(40.0),), offers=(offer(spot_limit_per_year=20.0),)),
        505,
        "a fourth of 20 is bought at 1, 5 t go short",
    ),
    Solved(
        "contract in a strike",
        case(**listed(periods=1), scenarios=(happens(0),), disruptions=(event(remaining=0.5),), offers=(contract(reservation_price=30.0),)),
        610,
        "only half of what is contracted is served, so 20 are reserved at 30 to lift 10 t",
    ),
    Solved(
        "spot beside contract",
        case(offers=(offer(terms="both", contract_price=2.0, spot_limit_per_year=4.0, capacity=9.0),), **HOLD),
        228,
        "a year brings 4 t spot at 1, 5 t of the capacity of 9 under contract at 2, and 1 t short",
    ),
    Solved(
        "minimum order of spot and contract together",
        case(settings=settings(periods=1), offers=(offer(terms="both", contract_price=2.0, spot_limit_per_year=6.0, minimum_order=12.0),)),
        18,
        "6 t spot at 1 and 6 t under contract at 2 are the 12 t of an order",
    ),
    Solved(
        "fixed contract",
        case(**HOLD, **NEXT_YEAR, disruptions=(event(price_multiplier=3.0),), offers=(contract(contract_price=2.0, contract_price_growth=0.5),)),
        50,
        "10 t at 2, then at 2·1.5, whatever the spot price does",
    ),
    Solved(
        "indexed contract",
        case(
            **HOLD,
            **NEXT_YEAR,
            disruptions=(event(price_multiplier=3.0),),
            offers=(contract(contract_price=2.0, contract_pricing="indexed", price_growth=0.5),),
        ),
        110,
        "twice the spot price of 1, then of 1·1.5·3: 20 and 90",
    ),
    Solved(
        "floor and ceiling",
        case(
            **HOLD,
            **NEXT_YEAR,
            disruptions=(event(price_multiplier=3.0),),
            offers=(contract(contract_price=2.0, contract_pricing="indexed", price_floor=3.0, price_ceiling=4.0),),
        ),
        70,
        "2 is raised to 3, 6 lowered to 4",
    ),
    Solved(
        "take-or-pay of what is served",
        case(**NEXT_YEAR, disruptions=(event(remaining=0.5),), demand=(need(by_period={1: 0.0}),), offers=(contract(take_or_pay=1.0),)),
        15,
        "10 t in the first year; in the second only half of 10 can be served, and only that is paid for",
    ),
    Solved(
        "contract for every future",
        case(**listed(periods=1), scenarios=(happens(0, 0.25),), disruptions=(event(remaining=0.0),), offers=(contract(reservation_price=5.0),)),
        307.5,
        "10 reserved at 5 also while struck; 10 t lifted with chance 3/4, 10 t short with chance 1/4: 50 + 7.5 + 250",
    ),
    Solved(
        "reservation is outlay of purchases",
        case(offers=(contract(reservation_price=2.0),), budget=(BudgetRow(2, 2027, 15.0, category="purchases"),)),
        1030,
        "15 in 2027 pay for a contract of 5 and 5 t; so much a year for both years, 5 t short in each",
    ),
)

STRIKES = (
    Solved(
        "spillover",
        case(
            **HOLD,
            **NEXT_YEAR,
            disruptions=(event(remaining=0.0, price_multiplier=50.0, spillover_price_multiplier=4.0, supplier=("A",)),),
            offers=(offer("A"), offer("B", price=2.0)),
        ),
        90,
        "10 t from A at 1; then A is struck and B's 2 becomes 8",
    ),
    Solved(
        "no spillover without another struck",
        case(
            **NEXT_YEAR,
            disruptions=(event(spillover_price_multiplier=4.0, supplier=("B",)),),
            offers=(offer("A"), offer("B", "metal")),
            materials=(*HOLD["materials"], ore("metal")),
        ),
        20,
        "the struck offer sells another material",
    ),
    Solved(
        "capacities multiply",
        case(
            **listed(periods=1),
            disruptions=(event("one", remaining=0.5), event("two", remaining=0.5)),
            scenarios=(happens(0, disruption="one"), happens(0, disruption="two")),
            offers=(offer(capacity=20.0),),
        ),
        505,
        "a half of a half of 20 is 5 t at 1; 5 t short",
    ),
    Solved(
        "feedstock",
        case(
            **NEXT_YEAR,
            disruptions=(event(remaining=0.2, price_multiplier=3.0, bloc=("chinese",)),),
            offers=(offer(capacity=10.0, feedstock_bloc="chinese", feedstock_dependence=0.5),),
        ),
        416,
        "half the output rests on feedstock of which 0.2 is left: 6 t at the old price, 4 t short",
    ),
    Solved(
        "feedstock of another country",
        case(
            **NEXT_YEAR,
            disruptions=(event(remaining=0.2, bloc=("chinese",), country=("X",)),),
            offers=(offer(capacity=10.0, feedstock_bloc="chinese", feedstock_dependence=0.5),),
        ),
        20,
        "a filter on the country, which the feedstock leaves blank, does not match",
    ),
    Solved(
        "feedstock and a strike on one supplier",
        case(
            **NEXT_YEAR,
            disruptions=(event(remaining=0.2, bloc=("chinese",), supplier=("A",)),),
            offers=(offer(capacity=10.0, feedstock_bloc="chinese", feedstock_dependence=0.5),),
        ),
        20,
        "what names suppliers does not reach feedstock",
    ),
    Solved(
        "demand multiplier",
        case(
            **listed(periods=1),
            scenarios=(happens(0),),
            disruptions=(event(demand_multiplier=2.0, material=("metal",)),),
            materials=(ore(), ore("metal")),
            offers=(offer(), offer(material="metal")),
            demand=(need(), need(material="metal", by_period={0: 15.0})),
        ),
        40,
        "10 t of ore as ever, twice the period's own 15 t of metal",
    ),
)

PROCESS = (
    Solved(
        "chance of a quarter",
        case(
            settings=settings(**QUARTERS), **HOLD, demand=(need(by_period={0: 0.0, 1: 10.0}),), disruptions=(event(probability=0.9375, price_multiplier=3.0),)
        ),
        20,
        "1 - (1/16)^(1/4) is a half: 10 t at 1 or at 3",
    ),
    Solved(
        "active now",
        case(disruptions=(event(months=24.0, remaining=0.0, active_now=True),)),
        1505,
        "nothing in the first year, and with chance 12/24 of ending nothing in half of the second years: 1000 + (1000 + 10)/2",
    ),
    Solved(
        "decision date",
        case(**HOLD, **LATER, disruptions=(event(probability=1.0, price_multiplier=5.0, decision_date=1, decision_probability=0.25),)),
        20,
        "it begins with chance 1/4, not 1: 10 t at 1 or at 5",
    ),
    Solved(
        "follows",
        case(
            settings=settings(periods=3),
            **HOLD,
            demand=(need(by_period={0: 0.0, 1: 0.0}),),
            disruptions=(event("first", 0.5), event("second", 1.0, price_multiplier=11.0, follows="first")),
        ),
        60,
        "the second begins in the third year if the first was active in the second, though that has ended: 10 t at 1 or at 11",
    ),
    Solved(
        "no decision without the event that it follows",
        case(
            **HOLD,
            **LATER,
            disruptions=(event("first", 1.0), event("second", 1.0, price_multiplier=5.0, follows="first", decision_date=1, decision_probability=1.0)),
        ),
        10,
        "on its decision date too, the second begins only if the first was active the year before",
    ),
    Solved(
        "an end and no new beginning",
        case(disruptions=(event(probability=1.0, remaining=0.0, active_now=True),)),
        1010,
        "it ends after its year for sure, and what ends does not begin again in the same step",
    ),
    Solved(
        "listed before the horizon",
        case(**listed(), scenarios=(happens(-1, months=24.0),), disruptions=(event(remaining=0.0),)),
        1010,
        "begun a year before the horizon, two years end with the first year",
    ),
    Solved(
        "listed duration rounds up",
        case(**listed(), scenarios=(happens(0, months=13.0),), disruptions=(event(remaining=0.0),)),
        2000,
        "13 months are two years",
    ),
    Solved(
        "several first periods",
        case(**listed(periods=1), scenarios=(happens(0, 0.25),), disruptions=(event(remaining=0.0),), inventory=(StockItem(2, "ore", "allied", 4.0),)),
        154.5,
        "each future has the 4 t; 6 t are bought with chance 3/4 and missing with chance 1/4",
    ),
    Solved(
        "minimum order off the reference path",
        case(**listed(periods=1), scenarios=(happens(0, 0.4),), disruptions=(event(),), offers=(offer(minimum_order=15.0),)),
        13,
        "15 t are ordered on the likelier path, 10 t on the other: 0.6·15 + 0.4·10",
    ),
    Solved(
        "reference path of the fewest events",
        case(**listed(periods=1), scenarios=(happens(0, 0.5),), disruptions=(event(demand_multiplier=2.0),), offers=(offer(minimum_order=15.0),)),
        17.5,
        "of two equal chances the quiet one is the reference, where 15 t are ordered for 10; the other needs 20 t anyway",
    ),
    Solved(
        "reference path of the likeliest events",
        case(**listed(periods=1), scenarios=(happens(0, 0.6),), disruptions=(event(demand_multiplier=2.0),), offers=(offer(minimum_order=25.0),)),
        19,
        "the event is likelier than quiet: 25 t are ordered for 20 with chance 0.6, 10 t with chance 0.4",
    ),
    Solved(
        "contract with a life",
        case(offers=(offer(terms="contract", capacity=10.0, contract_from=1), offer("B", price=3.0))),
        40,
        "nothing is called off before the second year: 10 t of B at 3, then 10 t of A at 1",
    ),
    Solved(
        "contract that has ended",
        case(offers=(offer(terms="contract", capacity=10.0, contract_to=0, reservation_price=0.5, take_or_pay=1.0), offer("B", price=3.0))),
        45,
        "10 t of A in the first year at 1 and 5 of reservation, which both end with it; then 10 t of B at 3",
    ),
    Solved(
        "prepayment",
        case(offers=(offer(terms="contract", capacity=10.0, contract_from=1, prepayment=1.5), offer("B", price=3.0)), settings=settings(discount_rate=1.0)),
        42.5,
        "10 t of B at 3; then 10 t of A at 1 and 15 for the 10 t a year, all of it in the second year, which counts half: 30 + 12.5",
    ),
    Solved(
        "upside",
        case(offers=(offer(price=9.0, terms="contract", contract_price=4.0, price_floor=5.0, upside_trigger=2.0, upside_share=0.5),)),
        70,
        "the price of 4 is raised to 5, of which half of what it is above 2 comes back: 20 t at 3.5",
    ),
    Solved("duties", case(duties=(Duty(2, "tariff", 0.25),)), 25, "a quarter of the price on 20 t at 1"),
    Solved(
        "duty while an event is active",
        case(**NOW, disruptions=(event(),), duties=(Duty(2, "tariff", 0.5, while_active="event"), Duty(3, "tariff", 0.1, unless_active="event"))),
        26,
        "10 t at 1.5 in the first year and 10 t at 1.1 in the second: 15 + 11",
    ),
    Solved(
        "duty from a date on some offers",
        case(
            offers=(offer(capacity=10.0), offer("B", price=1.2, country="Ghana")),
            duties=(Duty(2, "tariff", 0.5, supplier=("A",), start=1), Duty(3, "tariff", 5.0, country=("Chile",)), Duty(4, "tariff", 9.0, end=-1)),
        ),
        22,
        "A's 10 t of the first year at 1, and in the second, when A would cost 1.5, 10 t of B at 1.2",
    ),
    Solved(
        "duty on what is called off",
        case(
            demand=(need(by_period={1: 0.0}),),
            offers=(offer(terms="contract", capacity=10.0, minimum_contract=10.0, take_or_pay=1.0),),
            duties=(Duty(2, "tariff", 0.5),),
        ),
        25,
        "10 t a year are paid for; the 10 t of the first year are called off and bear the duty, those of the second are not: 15 + 10",
    ),
    Solved(
        "duties count as purchases",
        case(duties=(Duty(2, "tariff", 0.25),), budget=(BudgetRow(2, 2027, 12.5, category="purchases"), BudgetRow(3, 2028, 10.0, category="purchases"))),
        222.5,
        "12.5 buy 10 t with their duty, 10 buy 8 t in the second year: 2 t are short at 100",
    ),
    Solved(
        "demand of some uses",
        case(**NOW, demand=(need(use="defence"), need(use="motors")), disruptions=(event(demand_multiplier=3.0, use=("defence",)),)),
        60,
        "the event triples the 10 t of defence in the first year, and neither the 10 t of motors nor the second year's: 30 + 10, then 10 + 10",
    ),
    Solved(
        "cover off the reference path",
        case(
            **listed(periods=1),
            scenarios=(happens(0, 0.4),),
            disruptions=(event(),),
            limits=(limit("stock_cover_days", minimum=182.5, holds="reference path"),),
        ),
        13,
        "half a year's 5 t are kept on the likelier path only: 0.6·15 + 0.4·10",
    ),
    Solved(
        "cover in the regime of the reference path",
        case(
            **listed(periods=1),
            scenarios=(happens(0, 0.6),),
            disruptions=(event(demand_multiplier=2.0),),
            limits=(limit("stock_cover_days", minimum=182.5, holds="reference path"),),
        ),
        22,
        "half a year of the likelier path's 20 t: 30 t with chance 0.6, 10 t with chance 0.4",
    ),
    Solved(
        "cover in every future",
        case(**listed(periods=1), scenarios=(happens(0, 0.4),), disruptions=(event(),), limits=(limit("stock_cover_days", minimum=182.5),)),
        15,
        "the event releases nothing: half a year's 5 t are kept whatever happens",
    ),
    Solved(
        "cover that an event releases",
        case(
            **listed(periods=1),
            scenarios=(happens(0, 0.4),),
            disruptions=(event(),),
            limits=(limit("stock_cover_days", minimum=182.5, released_by=("event",)),),
        ),
        13,
        "half a year's 5 t are kept unless the event is active: 0.6·15 + 0.4·10",
    ),
    Solved(
        "cover while it is refilled",
        case(
            **listed(periods=2),
            scenarios=(happens(0, 0.4),),
            disruptions=(event(),),
            limits=(limit("stock_quantity", minimum=5.0, start=1, released_by=("event",)),),
        ),
        23,
        "5 t are kept to the end unless the event was a year ago, as refilling takes a year: 0.6·25 + 0.4·20",
    ),
    Solved(
        "cover without time to refill",
        case(
            **listed(periods=2),
            scenarios=(happens(0, 0.4),),
            disruptions=(event(),),
            limits=(limit("stock_quantity", minimum=5.0, start=1, released_by=("event",), refill_months=0.0),),
        ),
        25,
        "the event is over in the second year, at whose end 5 t are kept in either future",
    ),
    Solved(
        "licence in each regime",
        case(
            **listed(periods=1), scenarios=(happens(0, 0.4),), disruptions=(event(demand_multiplier=2.0),), limits=(limit("purchase_to_demand", minimum=1.5),)
        ),
        21,
        "1.5 times the demand of the regime, in every future: 0.6·15 + 0.4·30",
    ),
)

REGIMES = (
    Solved(
        "limit that is there in some regimes only",
        case(
            **listed(periods=1),
            scenarios=(happens(0, 0.5, disruption="halt"), replace(happens(0, 0.5, disruption="restart"), scenario="something else happens")),
            disruptions=(event("halt", demand_multiplier=0.0), event("restart")),
            limits=(limit("purchase_to_demand", maximum=0.7),),
        ),
        153.5,
        "nothing is needed in one future, where the limit has no row; in the other 7 t at 1 and 3 t short, with chance 1/2",
    ),
)

PARTS = (
    Solved("purchases", case(), 20, "10 t at 1 in each of two years"),
    Solved(
        "storage",
        case(offers=DEARER_NEXT_YEAR, materials=(ore(holding_cost_per_year=1.5),)),
        35,
        "10 t for now at 1; the other 10 t also at 1, kept a year at 1.5, rather than at 3",
    ),
    Solved(
        "projects",
        case(offers=(offer(project="plant"),), projects=(Project(2, "plant", 50.0, 12.0),)),
        1060,
        "10 t short in the first year; the plant (50) gives the second year's 10 t at 1",
    ),
    Solved("penalties", case(limits=(limit("purchase_to_demand", maximum=0.7, penalty=2.0),)), 32, "10 t a year at 1, 3 t of them over the limit at 2"),
    Solved("shortage", case(offers=(offer(capacity=9.0),)), 218, "a year brings 9 t at 1 and 1 t short at 100"),
)

TERMS = (
    PARTS + REGIMES + TIME + CONTRACTS + STRIKES + PROCESS + RULES + SEVERAL + SHIPPING + WAITING + AGES + BUDGETS + SUBSTITUTES + CHANGES + CHANGED_CONTRACTS
)
