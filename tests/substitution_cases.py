"""Hand-solved cases of substitutes and thrift; see term_cases.py."""

from __future__ import annotations

from constraint_cases import QUARTERS, Solved, event, happens, listed
from support import case, need, offer, ore, settings

from optimizer.case import BudgetRow, OriginRule, Project, StockItem, Substitute


def instead(**changes) -> Substitute:
    """Gold in place of ore in its one use, a unit for a unit, of all of the demand."""
    return Substitute(**{"row": 2, "material": "ore", "use": "use", "substitute": "gold", "units_per_unit": 1.0, **changes})


def less(**changes) -> Substitute:
    """A fifth of the ore is not needed, at a cost of 2 a unit."""
    return Substitute(**{"row": 2, "material": "ore", "use": "use", "cost": 2.0, "maximum_share": 0.2, **changes})


def both(**changes) -> dict:
    """Ore at 10 and gold at 1, both allied, of which only ore is needed."""
    return {"materials": (ore(), ore("gold")), "offers": (offer(price=10.0), offer("B", "gold", **changes))}


ONE = {"settings": settings(periods=1)}
"""One year."""

SUBSTITUTES = (
    Solved(
        "substitution", case(**both(), substitutes=(instead(cost=4.0),)), 100, "each year 10 t of gold at 1 and 4 more for each ton of ore that they replace"
    ),
    Solved(
        "units of the substitute",
        case(**both(), substitutes=(instead(units_per_unit=3.0),)),
        60,
        "3 t of gold at 1 for each of 10 t of ore, in each of two years",
    ),
    Solved("largest share replaced", case(**both(), substitutes=(instead(maximum_share=0.3),)), 146, "3 t of gold at 1 and 7 t of ore at 10, each year"),
    Solved(
        "share of the demand in the regime",
        case(**both(), **listed(periods=1), scenarios=(happens(0),), disruptions=(event(demand_multiplier=3.0),), substitutes=(instead(maximum_share=0.5),)),
        165,
        "of 30 t of ore half are replaced by gold at 1: 15 + 150",
    ),
    Solved(
        "share of a quarter",
        case(settings=settings(periods=1, **QUARTERS), **both(), demand=(need(40.0),), substitutes=(instead(maximum_share=0.5),)),
        55,
        "a quarter needs 10 t of which 5 are replaced: 5 at 1 and 5 at 10",
    ),
    Solved("substitute from a period on", case(**both(), substitutes=(instead(start=1),)), 110, "ore at 10 in the first year, gold at 1 in the second"),
    Solved("substitute from before the horizon", case(**both(), substitutes=(instead(start=-3),)), 20, "gold in both years"),
    Solved(
        "substitute that waits for a project",
        case(**both(), projects=(Project(2, "trial", 30.0, 12.0),), substitutes=(instead(project="trial"),)),
        140,
        "the trial (30) takes the first year, whose ore costs 100; gold at 1 in the second",
    ),
    Solved(
        "thrift that waits for a project",
        case(offers=(offer(price=10.0),), projects=(Project(2, "trial", 30.0, 0.0),), substitutes=(less(project="trial", maximum_share=0.5),)),
        150,
        "the trial (30) is over at once: each year 5 t saved at 2 and 5 t at 10",
    ),
    Solved(
        "substitute once a disruption is active",
        case(
            **{**both(), "materials": (ore(holding_cost_per_year=2000.0), ore("gold"))},
            **listed(),
            scenarios=(happens(1, 0.5),),
            disruptions=(event(supplier=("A",), price_multiplier=100.0),),
            projects=(Project(2, "trial", 200.0, 0.0, earliest_start=1, may_wait_for=("event",)),),
            substitutes=(instead(project="trial"),),
        ),
        255,
        "100 for the first year's ore; in the second, with chance 1/2, the trial (200) and gold for 10, else ore for 100 again; the trial in any case is 210",
    ),
    Solved("thrift", case(offers=(offer(price=10.0),), substitutes=(less(),)), 168, "2 t saved at 2 and 8 t at 10, each year"),
    Solved(
        "two ways to save",
        case(offers=(offer(price=10.0),), substitutes=(less(), less(cost=5.0, row=3))),
        148,
        "2 t saved at 2, 2 t at 5 and 6 t at 10, each year",
    ),
    Solved(
        "no more is replaced than is needed",
        case(**both(), substitutes=(instead(), less(cost=0.0, maximum_share=1.0, row=3))),
        0,
        "all is saved at no cost; gold beside it would be more than the demand",
    ),
    Solved("dearer than going short", case(offers=(offer(price=300.0),), substitutes=(less(cost=101.0),)), 2000, "a missing ton costs 100, a saved one 101"),
    Solved(
        "what is replaced is met",
        case(demand=(need(shortage_cost=0.5, minimum_fill_rate=1.0),), offers=(offer(price=10.0),), substitutes=(less(),)),
        168,
        "nothing may go short, though it would cost less: 2 t are saved at 2, 8 t bought at 10",
    ),
    Solved(
        "stock of the substitute",
        case(**both(price=20.0), inventory=(StockItem(2, "gold", "allied", 6.0),), substitutes=(instead(units_per_unit=2.0),)),
        170,
        "6 t of gold in stock replace 3 t of ore; gold at 20 does not",
    ),
    Solved(
        "substitute that is needed itself",
        case(**ONE, **both(capacity=12.0), demand=(need(), need(material="gold")), substitutes=(instead(),)),
        92,
        "of 12 t of gold at 1 ten are needed, two replace ore; 8 t of ore at 10",
    ),
    Solved(
        "substitution counts in a budget of all",
        case(**ONE, **both(), substitutes=(instead(cost=4.0),), budget=(BudgetRow(2, 2027, 30.0),)),
        430,
        "a budget of 30 replaces 6 t at 1 + 4; 4 t go short",
    ),
    Solved(
        "substitution counts in no budget of purchases",
        case(**ONE, **both(), substitutes=(instead(cost=4.0),), budget=(BudgetRow(2, 2027, 8.0, category="purchases"),)),
        240,
        "8 t of gold at 1 replace 8 t of ore at 4 a ton; 2 t go short",
    ),
    Solved(
        "substitution is discounted",
        case(settings=settings(discount_rate=1.0), offers=(offer(price=10.0),), substitutes=(less(maximum_share=1.0),)),
        30,
        "10 t saved at 2 in each year, of which the second counts half",
    ),
    Solved(
        "substitute of an origin that the use allows",
        case(**ONE, **both(bloc="chinese"), demand=(need(allowed_origins=("allied",)),), substitutes=(instead(),)),
        100,
        "the use takes allied material alone: chinese gold does not do",
    ),
    Solved(
        "what Demand says of the substitute",
        case(**ONE, **both(bloc="chinese"), demand=(need(), need(0.0, material="gold", allowed_origins=("allied",))), substitutes=(instead(),)),
        10,
        "the use of ore takes any origin; what the use of gold as such accepts is another thing",
    ),
    Solved(
        "substitute of an origin that a rule for the material does not list",
        case(**ONE, **both(bloc="chinese"), substitutes=(instead(),), origin_rules=(OriginRule(2, "rule", material=("ore",), allowed_origins=("allied",)),)),
        100,
        "while the rule for ore is in force, chinese gold does not replace it",
    ),
    Solved(
        "rule for another use",
        case(
            **ONE,
            **both(bloc="chinese"),
            demand=(need(), need(0.0, use="other use")),
            substitutes=(instead(),),
            origin_rules=(OriginRule(2, "rule", material=("gold",), use=("other use",), allowed_origins=("allied",)),),
        ),
        10,
        "the rule speaks of gold in another use",
    ),
)
