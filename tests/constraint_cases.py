"""For every constraint of the model a tiny case that was solved by hand, in which that constraint decides.

Unless a case says else: two years, no discount, expected cost only, 10 t of ore a year at a price of 1, a missing ton costs 100,
so that the cheapest plan costs 20.
"""

from __future__ import annotations

from dataclasses import dataclass

from support import case, need, offer, ore, settings

from optimizer.case import BudgetRow, Case, Disruption, InputRow, Limit, OriginRule, Plant, Project, ScenarioRow, StockItem, Substitute


@dataclass(frozen=True)
class Solved:
    """A case that was solved by hand. about: the constraint or the term it is for; why: how the answer comes about."""

    about: str
    case: Case
    answer: float
    why: str


def event(name: str = "event", probability: float = 0.0, months: float = 12.0, remaining: float = 1.0, **changes) -> Disruption:
    """A disruption of everything that harms nothing unless `changes` say so."""
    return Disruption(
        **{"row": 2, "disruption": name, "annual_probability": probability, "mean_duration_months": months, "capacity_remaining": remaining, **changes}
    )


def happens(starts: int, probability: float = 1.0, months: float = 12.0, disruption: str = "event") -> ScenarioRow:
    """A row of the one listed scenario in which something happens, in period `starts`."""
    return ScenarioRow(2, "something happens", probability, disruption=disruption, starts=starts, duration_months=months)


def listed(**changes) -> dict:
    """Settings for listed scenarios."""
    return {"settings": settings(scenario_method="listed", **changes)}


def limit(measure: str, **changes) -> Limit:
    """A hard limit on every material."""
    return Limit(2, measure, measure, **changes)


def contract(**changes):
    """The offer of A, sold under contract only."""
    return offer(terms="contract", **changes)


HOLD = {"materials": (ore(holding_cost_per_year=2000.0),)}
"""Keeping anything is dearer than going short, so that nothing is bought ahead."""

LATER = {"lead_time_months": 12.0, "ships_after_months": 12.0}
"""Goods leave a year after they are ordered, and arrive at once."""

QUARTERS = {"period": "quarter"}
"""Settings for quarters in place of years."""

DEARER_NEXT_YEAR = (offer(price_growth=2.0),)
"""A price of 1 in the first year and of 3 in the second: the second year's need is bought in the first, if that may be."""

CHEAP_AND_DEAR = (offer("A", price=1.0, bloc="chinese", country="X"), offer("B", price=3.0))
"""A, chinese, from X, sells at 1; B, allied, without a country, at 3."""

RISKY = case(materials=(ore(holding_cost_per_year=3.0),), demand=(need(by_period={0: 0.0}),), disruptions=(event(probability=0.25, price_multiplier=9.0),))
"""Waiting for the second year's need costs 10 or, with chance 1/4, 90; buying now and keeping costs 40."""

CASES = (
    Solved("balance", case(), 20, "10 t at 1 in each of two years; without the balance stock would come from nothing"),
    Solved("demand", case(demand=(need(shortage_cost=0.5),)), 10, "a missing ton costs 0.5, less than one bought: 20 t go missing"),
    Solved("spot_limit", case(offers=(offer(spot_limit_per_year=4.0),)), 1208, "a year brings 4 t at 1 and 6 t short at 100: 604"),
    Solved("capacity", case(offers=(offer(capacity=7.0),)), 614, "a year brings 7 t at 1 and 3 t short at 100: 307"),
    Solved(
        "contract_call_off",
        case(offers=(contract(reservation_price=2.0),)),
        60,
        "lifting 10 t takes a contract of 10 a year: reserving it costs 2·10, lifting 1·10, each year",
    ),
    Solved(
        "contract_reserved",
        case(offers=(contract(capacity=10.0, reservation_price=2.0, project="plant"),), projects=(Project(2, "plant", 5.0, 12.0),)),
        1035,
        "the plant (5) is ready in the second year: 10 t short first, with nothing reserved; then 2·10 reserved and 10 lifted",
    ),
    Solved(
        "take_or_pay",
        case(offers=(contract(take_or_pay=0.5),), demand=(need(by_period={1: 2.0}),)),
        15,
        "the first year needs a contract of 10; the second needs 2 t but pays for half of 10",
    ),
    Solved(
        "contract_minimum",
        case(offers=(contract(minimum_contract=8.0, take_or_pay=1.0),), demand=(need(3.0),)),
        16,
        "3 t are needed, but the least contract is 8 a year, all of it paid for; without a contract 6 t short cost 600",
    ),
    Solved(
        "contract_maximum",
        case(offers=(contract(capacity=5.0, minimum_contract=8.0),), demand=(need(3.0),)),
        600,
        "the least contract, 8, is over the capacity, 5: none can be signed and 3 t a year go missing",
    ),
    Solved("contract_fixed", case(offers=(contract(fixed_contract=4.0),)), 1208, "the contract is 4 t a year, no more and no less: 6 t a year go missing"),
    Solved(
        "decided_start",
        case(projects=(Project(2, "plant", 10.0, 0.0, decided="start"),)),
        30,
        "nothing needs the plant, which costs 10, but it is decided that it starts",
    ),
    Solved(
        "storage",
        case(offers=DEARER_NEXT_YEAR, materials=(ore(storage_capacity=4.0),)),
        32,
        "10 t for now and the 4 t that fit the store at 1, the other 6 t at 3",
    ),
    Solved(
        "shelf_life",
        case(offers=DEARER_NEXT_YEAR, materials=(ore(shelf_life_months=12.0),)),
        40,
        "what arrives in the first year cannot be used in the second: 10 t at 1 and 10 t at 3",
    ),
    Solved(
        "end_of_life",
        case(
            materials=(ore(holding_cost_per_year=10.0, shelf_life_months=24.0),),
            demand=(need(by_period={0: 0.0}),),
            inventory=(StockItem(2, "ore", "allied", 30.0, arrives=1),),
        ),
        200,
        "30 t arrive in the second year, 10 of them are used; the others do not end their life yet, and are kept at 10 each",
    ),
    Solved(
        "sale_limit",
        case(materials=(ore(sale_price=2.0, sale_limit_per_year=4.0),), offers=(offer(price=3.0),), inventory=(StockItem(2, "ore", "allied", 30.0),)),
        -16,
        "of the 10 t more than two years need 4 may be sold a year, at 2",
    ),
    Solved(
        "minimum_order",
        case(offers=(offer(minimum_order=15.0),), materials=(ore(holding_cost_per_year=1.0),)),
        30,
        "all 20 t at once, 10 of them kept a year at 1; two orders of 15 would cost 30 and keep 5, then 10: 45",
    ),
    Solved("order_switch", case(settings=settings(periods=1), offers=(offer(minimum_order=12.0),)), 12, "10 t are needed, but an order is 12 t or nothing"),
    Solved(
        "single_start",
        case(offers=(offer(capacity=5.0, project="plant"),), projects=(Project(2, "plant", 10.0, 0.0),)),
        1020,
        "the plant (10) gives 5 t a year at 1, 5 t a year go missing; started twice it would give 10 t in the second year",
    ),
    Solved("budget", case(budget=(BudgetRow(2, 2027, 6.0),)), 416, "6 t for 6 and 4 t short in 2027, 10 t for 10 in 2028"),
    Solved(
        "spending",
        case(settings=settings(periods=4, **QUARTERS), **HOLD, budget=(BudgetRow(2, 2027, 6.0),)),
        406,
        "the quarters of 2027 count together: 6 t for 6, 4 t short",
    ),
    Solved(
        "purchase_share_minimum",
        case(offers=CHEAP_AND_DEAR, limits=(limit("purchase_share", bloc=("allied",), minimum=0.4),)),
        36,
        "4 of 10 t from B at 3, 6 t from A at 1: 18 a year",
    ),
    Solved(
        "purchase_share_maximum",
        case(offers=CHEAP_AND_DEAR, limits=(limit("purchase_share", origin=("chinese",), maximum=0.3),)),
        48,
        "3 of 10 t from A at 1, 7 t from B at 3: 24 a year",
    ),
    Solved(
        "supplier_share",
        case(offers=CHEAP_AND_DEAR, limits=(limit("largest_supplier_share", maximum=0.6),)),
        36,
        "at most 6 of 10 t from one supplier: 6 from A at 1, 4 from B at 3: 18 a year",
    ),
    Solved(
        "country_share",
        case(offers=(*CHEAP_AND_DEAR, offer("C", price=2.0, country="X")), limits=(limit("largest_country_share", maximum=0.3),)),
        48,
        "A and C are both of X, so 3 of 10 t come from A at 1; B at 3 is of no country and unbounded: 3 + 21 a year",
    ),
    Solved("purchase_to_demand_minimum", case(limits=(limit("purchase_to_demand", minimum=1.5),)), 30, "15 t are ordered for each year's 10 t"),
    Solved("purchase_to_demand_maximum", case(limits=(limit("purchase_to_demand", maximum=0.7),)), 614, "7 t at 1 and 3 t short at 100, each year"),
    Solved(
        "origin_rule",
        case(
            offers=(offer(bloc="chinese"), offer("B", price=3.0, bloc="allied")),
            origin_rules=(
                OriginRule(2, "rule", allowed_origins=("allied", "onshored"), start=1),
                OriginRule(3, "rule", material=("gold",), allowed_origins=("other",)),
            ),
        ),
        40,
        "chinese ore at 1 in the first year, allied ore at 3 from the second year on, when the rule binds: 10 + 30",
    ),
    Solved(
        "substitution",
        case(
            materials=(ore(), ore("gold")),
            offers=(offer(price=10.0), offer("B", "gold")),
            substitutes=(Substitute(2, "ore", "use", substitute="gold", units_per_unit=2.0, maximum_share=0.3, start=1),),
        ),
        176,
        "10 t of ore at 10 in the first year; in the second 7 t of it, and 6 t of gold at 1 in place of 3 t",
    ),
    Solved(
        "substitute_origin",
        case(
            materials=(ore(), ore("gold")),
            offers=(offer(price=10.0), offer("B", "gold", bloc="chinese"), offer("C", "gold", 4.0)),
            substitutes=(Substitute(2, "ore", "use", substitute="gold", units_per_unit=1.0),),
            origin_rules=(OriginRule(2, "rule", material=("gold",), allowed_origins=("allied", "onshored"), start=1),),
        ),
        50,
        "chinese gold at 1 replaces the ore in the first year, allied gold at 4 in the second, when the rule for gold binds",
    ),
    Solved(
        "plant_capacity",
        case(offers=(offer(plant="Works"), offer("B", price=2.0, plant="Works"), offer("C", price=5.0)), plants=(Plant(2, "Works", 6.0),)),
        52,
        "6 t a year from the plant, all of them A's at 1, and 4 t of C at 5: 2 · (6 + 20)",
    ),
    Solved(
        "choose_one",
        case(
            offers=(
                offer(terms="contract", capacity=6.0, choose_one="either"),
                offer("B", price=2.0, terms="contract", capacity=8.0, choose_one="either"),
                offer("C", price=9.0),
            )
        ),
        68,
        "6 t a year of A at 1 with 4 t of C at 9 are 42, 8 t of B at 2 with 2 t of C at 9 are 34: B alone is signed",
    ),
    Solved(
        "filing",
        case(settings=settings(periods=3), offers=(offer(project="plant", **LATER),), projects=(Project(2, "plant", 5.0, 12.0),)),
        2015,
        "the plant (5) takes orders from the second year on, which leave in the third: 10 t short in two years, 10 at 1",
    ),
    Solved(
        "filing_too_early",
        case(**listed(periods=3), scenarios=(happens(1),), disruptions=(event(lead_time_added_months=12.0),), offers=(offer(available_from=2, **LATER),)),
        3000,
        "orders of the first year would be due before the offer delivers, those of the second are delayed past the end",
    ),
    Solved("orders_due", case(offers=(offer(**LATER),)), 1010, "what is ordered in the first year leaves in the second: 10 t short, then 10 at 1"),
    Solved(
        "orders_held_back",
        case(offers=(offer(capacity=7.0, **LATER),)),
        1307,
        "10 t short in the first year; 7 at 1 and 3 short in the second, as were ordered",
    ),
    Solved(
        "firm_orders",
        case(
            scenarios=(happens(1, 0.5),),
            **listed(),
            demand=(need(by_period={0: 0.0}),),
            disruptions=(event(demand_multiplier=0.0),),
            offers=(offer(price=60.0, **LATER),),
        ),
        500,
        "an order would cost 600, wanted or not; without one 10 t are short in half of the futures",
    ),
    Solved(
        "open_orders_left", case(inventory=(StockItem(2, "ore", "allied", 4.0, supplier="A", ships=1),)), 16, "of the second year's 10 t 4 are paid already"
    ),
    Solved(
        "open_orders_served",
        case(scenarios=(happens(0),), **listed(periods=1), disruptions=(event(remaining=0.25),), inventory=(StockItem(2, "ore", "allied", 8.0, supplier="A"),)),
        8,
        "a quarter of the 8 t leaves, the other 8 t are bought",
    ),
    Solved(
        "inputs_needed",
        case(
            materials=(ore(), ore("acid"), ore("metal")),
            demand=(need(material="metal"),),
            offers=(offer(), offer("B", "acid", 5.0), offer("C", "metal", 3.0)),
            inputs=(InputRow(2, "C", "metal", "ore", 2.0), InputRow(3, "C", "metal", "acid", 1.0)),
        ),
        200,
        "10 t of metal a year: a fee of 3, 2 t of ore at 1 and 1 t of acid at 5 for each",
    ),
    Solved(
        "inputs_clean_enough",
        case(
            materials=(ore(), ore("metal")),
            demand=(need(material="metal", allowed_origins=("allied",)),),
            offers=(offer(bloc="chinese"), offer("B", price=4.0), offer("C", "metal", 3.0)),
            inputs=(InputRow(2, "C", "metal", "ore", 2.0),),
        ),
        220,
        "allied metal takes allied ore: a fee of 3 and 2 t of ore at 4 for each of 10 t a year",
    ),
    Solved("stock_cover_minimum", case(limits=(limit("stock_cover_days", minimum=73.0),)), 22, "73 of 365 days are 2 t, kept from the first year on"),
    Solved(
        "stock_cover_maximum",
        case(offers=DEARER_NEXT_YEAR, limits=(limit("stock_cover_days", maximum=73.0),)),
        36,
        "10 t and the 2 t of 73 days at 1, the other 8 t at 3",
    ),
    Solved("stock_quantity_minimum", case(limits=(limit("stock_quantity", minimum=5.0),)), 25, "20 t are used and 5 t kept to the end"),
    Solved(
        "stock_quantity_maximum",
        case(offers=DEARER_NEXT_YEAR, limits=(limit("stock_quantity", maximum=3.0),)),
        34,
        "10 t and 3 t to keep at 1, the other 7 t at 3",
    ),
    Solved(
        "fill_rate", case(demand=(need(shortage_cost=0.5, minimum_fill_rate=0.8),)), 18, "going short at 0.5 is cheaper, but only for 4 of 20 t: 16 at 1 and 2"
    ),
    Solved(
        "excess",
        RISKY.with_settings(risk_weight=0.5, cvar_level=0.75),
        40,
        "waiting has mean 30 and CVaR 90, half of each is 60; buying now and keeping costs 40 for sure",
    ),
)
