"""Hand-solved cases of budgets of some materials and of what one year leaves to the next; see term_cases.py."""

from __future__ import annotations

from constraint_cases import Solved, event, happens, limit, listed
from support import case, need, offer, ore, settings

from optimizer.case import BudgetRow, Duty, Project, ScenarioRow

DEAR_TO_KEEP = {"materials": (ore(holding_cost_per_year=2000.0), ore("metal", holding_cost_per_year=2000.0))}
"""Keeping anything is dearer than going short."""

TWO = {"offers": (offer(), offer(material="metal")), "demand": (need(), need(material="metal")), "materials": (ore(), ore("metal"))}
"""10 t of ore and 10 t of metal a year, at 1 each."""


def rows(*of: tuple) -> tuple[BudgetRow, ...]:
    """Rows of Budget: fiscal year, amount, and what else there is to say."""
    return tuple(BudgetRow(number, year, amount, **(more[0] if more else {})) for number, (year, amount, *more) in enumerate(of, start=2))


LATER = {**DEAR_TO_KEEP, "demand": (need(by_period={0: 0.0}),)}
"""10 t of ore are needed in the second year alone."""

BAN_IN_EACH_QUARTER = {
    **listed(period="quarter", periods=4),
    "materials": (ore(holding_cost_per_year=2000.0),),
    "offers": (offer(project="plant"),),
    "disruptions": (event("ban"),),
    "scenarios": (
        *(ScenarioRow(k + 1, f"ban in quarter {k + 1}", 0.25, disruption="ban", starts=k, duration_months=3.0) for k in (1, 2, 3)),
        ScenarioRow(5, "calm", 0.25),
    ),
}
"""A ban begins in the second, third or fourth quarter, or never, each with a chance of 1/4; 2.5 t of ore are needed a quarter."""


def plant_that_waits(amount: float, lead: float) -> dict:
    """A plant for 8 that can only wait for the ban, and a budget for projects."""
    plant = Project(2, "plant", 8.0, lead, earliest_start=1, may_wait_for=("ban",))
    return {**BAN_IN_EACH_QUARTER, "projects": (plant,), "budget": rows((2027, amount, {"category": "projects"}))}


BUDGETS = (
    Solved(
        "budget counts a project that waits, in the quarter in which it begins",
        case(**plant_that_waits(8.0, 0.0)),
        634.75,
        "(265.5 + 513 + 760.5 + 1000) / 4: with the ban in the second quarter 8 + 3 · 2.5, and 250 of the first quarter; and so on",
    ),
    Solved("budget bars a project that waits", case(**plant_that_waits(7.0, 0.0)), 1000, "8 are not to be had in any quarter, so that all 10 t are short"),
    Solved(
        "budget counts both parts of a project that waits",
        case(**plant_that_waits(8.0, 6.0)),
        944.125,
        "begun in the second quarter the plant serves the last one: 750 + 8 + 2.5; in the third it is ready too late and costs 8, in the fourth 8; calm 1000",
    ),
    Solved(
        "budget of a material", case(**TWO, settings=settings(periods=1), budget=rows((2027, 4.0, {"material": ("ore",)}))), 614, "4 t of ore, 10 t of metal"
    ),
    Solved(
        "budget of two materials of three",
        case(
            settings=settings(periods=1),
            materials=(ore(), ore("metal"), ore("salt")),
            offers=(offer(), offer(material="metal", price=2.0), offer(material="salt")),
            demand=(need(), need(material="metal"), need(material="salt")),
            budget=rows((2027, 20.0, {"material": ("metal", "ore")})),
        ),
        530,
        "20 pay for 10 t of ore at 1 and 5 t of metal at 2; 10 t of salt at 1 count nowhere",
    ),
    Solved(
        "budget of a material counts its room and no project",
        case(
            settings=settings(periods=1),
            offers=(offer(project="plant"),),
            projects=(Project(2, "plant", 50.0, 0.0),),
            materials=(ore(holding_cost_per_year=1.0),),
            limits=(limit("stock_quantity", minimum=2.0),),
            budget=rows((2027, 13.0, {"material": ("ore",)})),
        ),
        163,
        "the plant (50) counts in no material; 13 pay for 2 t to keep, their room (2) and 9 t to use; 1 t goes short",
    ),
    Solved(
        "purchases budget of a material counts its duties",
        case(
            **TWO, settings=settings(periods=1), duties=(Duty(2, "tariff", 0.25),), budget=rows((2027, 10.0, {"category": "purchases", "material": ("ore",)}))
        ),
        222.5,
        "10 pay for 8 t of ore with their duty, 2 t go short; the metal costs 12.5",
    ),
    Solved(
        "what is left is carried over in part",
        case(**DEAR_TO_KEEP, demand=(need(by_period={0: 4.0}),), budget=rows((2027, 10.0, {"carry_over": 0.5}), (2028, 6.0))),
        113,
        "4 of 10 are spent, half of what is left adds 3 to 6: 9 t in the second year and 1 t short",
    ),
    Solved(
        "what is carried over is carried on",
        case(
            settings=settings(periods=3),
            **DEAR_TO_KEEP,
            demand=(need(by_period={0: 0.0, 1: 1.0}),),
            budget=rows((2029, 2.0), (2028, 0.0, {"carry_over": 1.0}), (2027, 8.0, {"carry_over": 0.5})),
        ),
        506,
        "half of 8 comes to the second year, where 1 is spent; the other 3 join 2: 5 t in the third year and 5 t short",
    ),
    Solved(
        "nothing is carried over a year without a row",
        case(
            settings=settings(periods=3), **DEAR_TO_KEEP, demand=(need(by_period={0: 0.0, 1: 0.0}),), budget=rows((2027, 8.0, {"carry_over": 1.0}), (2029, 2.0))
        ),
        802,
        "2 t in the third year and 8 t short",
    ),
    Solved(
        "nothing is carried over from everything to all that there is",
        case(**LATER, budget=rows((2027, 8.0, {"carry_over": 1.0}), (2028, 4.0, {"material": ("ore", "metal")}))),
        604,
        "the rows count alike and are not of one kind: 4 t and 6 t short",
    ),
    Solved(
        "materials are a set",
        case(**LATER, budget=rows((2027, 4.0, {"material": ("metal", "ore"), "carry_over": 1.0}), (2028, 4.0, {"material": ("ore", "metal")}))),
        208,
        "the same materials in another order: 4 and 4 pay for 8 t, 2 t go short",
    ),
    Solved(
        "each category carries over for itself",
        case(**LATER, budget=rows((2027, 8.0, {"category": "storage", "carry_over": 1.0}), (2028, 4.0, {"category": "purchases"}))),
        604,
        "what is left of storage buys nothing: 4 t and 6 t short",
    ),
    Solved(
        "each future carries over what it has left",
        case(
            **listed(),
            scenarios=(happens(0, 0.5),),
            disruptions=(event(demand_multiplier=2.0),),
            **DEAR_TO_KEEP,
            demand=(need(by_period={0: 4.0}),),
            budget=rows((2027, 10.0, {"carry_over": 1.0}), (2028, 2.0)),
        ),
        412,
        "with the event 8 of 10 are spent and 2 left, without it 4 and 6: 4 t or 8 t in the second year: (8 + 604)/2 + (12 + 200)/2",
    ),
)
