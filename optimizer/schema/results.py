"""Every result table and figure that a plan carries, declared once.

The tables themselves, the plan workbook, its headers, the JSON and its description, and the reference of results derive from OUTPUTS,
FIGURES and PROVENANCE. The tables of a study are declared beside the study (optimizer/studies), in the same terms.
"""

from __future__ import annotations

from optimizer.schema.costs import listed
from optimizer.schema.tables import Field as Field
from optimizer.schema.tables import Kind as Kind
from optimizer.schema.tables import Output as Output
from optimizer.schema.tables import number as number
from optimizer.schema.tables import text as text
from optimizer.schema.tables import whole as whole
from optimizer.schema.tables import yes_no as yes_no

JSON_FORMAT = 2
"""Version of the JSON of a plan. It is raised when a key is renamed, taken away or given another meaning; a new key leaves it as it is."""

NOT_KNOWN = "not known"
"""What a missing value says of a figure that an earlier version of the program did not make."""

AFTER_HORIZON = "after the horizon"
"""Stands in place of a period that lies past the last one."""

ORDER_COST = "What this order costs, not discounted; a contract's take-or-pay and reservation come on top."
SCENARIO = {"scenario": text("The future.")}
MATERIAL = {"material": text("The material.")}
OFFER = {"supplier": text("The supplier."), **MATERIAL, "offer": text("The offer's name.")}
BLOC = {"bloc": text("The supplier's bloc.")}
ORIGIN = {"origin": text("Origin of the input where there is one, else of the offer.")}
USE = {"use": text("The use.")}
SUBSTITUTE = {"substitute": text("The material taken in its place.", blank="the use does with less (thrift)")}
PERIOD = {"period": text("The period.")}
UNIT = {"unit": text("The material's unit.")}
ORDERED = {"spot": number("{unit}", "Ordered on the spot market.", adds=True), "contract": number("{unit}", "Call-off under a contract.", adds=True)}
DEMAND = {"demand": number("{unit}", "Demand of the period, all uses.")}
SHORT = {"short": number("{unit}", "Demand not met.")}
COVER_DAYS = {"cover_days": number("days", "Stock divided by the period's demand per day.", blank="no demand")}
STOCK = number("{unit}", "Stock at the period's end, all origins.")
BUDGET_ROW = {
    "fiscal_year": whole("The fiscal year."),
    "category": text("What counts."),
    "material": text("The materials that count; blank = all."),
    "amount": number("{currency}", "What the row allows."),
    "carried": number("{currency}", "What the year before carries over to it."),
}

_OF_HORIZON = (
    Output(
        "contracts",
        "Contracts",
        "Contracts to sign, the same in every future.",
        {
            **OFFER,
            **BLOC,
            "per_year": number("{unit} per year", "Quantity contracted per year."),
            **UNIT,
            "price": number("{currency} per {unit}", "Contract price in its first period on the reference path, after floor and ceiling.", NOT_KNOWN),
            "begins": text("First period of the contract.", NOT_KNOWN),
            "ends": text("Last period of the contract within the horizon.", NOT_KNOWN),
            "take_or_pay": number("share", "Share of each period's contracted quantity that is paid for in any case.", NOT_KNOWN),
            "committed": number(
                "{currency}",
                "What is due if nothing is called off: take-or-pay, reservation, prepayment. Reference path, not discounted.",
                NOT_KNOWN,
                adds=True,
            ),
            "value": number(
                "{currency}", "What is due if all that is contracted and can be served is called off. Reference path, not discounted.", NOT_KNOWN, adds=True
            ),
            "lifted": number("{unit}", "Expected call-off over the horizon.", adds=True),
        },
    ),
    Output(
        "projects",
        "Project starts",
        "Projects to start, the same in every future.",
        {
            "project": text("The project."),
            "kind": text("Its kind."),
            "start": text("The period in which it starts.", blank="not started on a date"),
            "if": text("It starts once this disruption is active.", blank="it waits for none"),
            "ready": text(f"The period from which it is ready, or '{AFTER_HORIZON}'.", blank="not started on a date"),
            "chance": number("share", "Chance that it starts within the horizon.", blank="not known"),
            "cost": number("{currency}", "Its cost."),
            "reason": text("Why it does not start.", blank="it starts"),
        },
    ),
    Output(
        "filed",
        "Orders filed",
        "What to order now of offers that ship later, on the reference path; Orders says what is then shipped.",
        {
            **OFFER,
            **PERIOD,
            "quantity": number("{unit}", "Quantity ordered."),
            **UNIT,
            "due": text(f"The period in which it is due to leave, or '{AFTER_HORIZON}'."),
        },
    ),
    Output(
        "held_back",
        "Held back",
        "What may wait with a supplier because a disruption stops it: orders filed, and open orders that have not left.",
        {
            **OFFER,
            "most": number("{unit}", "The most that is due and cannot leave in a period of any future."),
            **UNIT,
            "period": text("The period in which that is."),
            "disruption": text("What then stops it."),
            "chance": number("share", "Chance that anything waits or is withdrawn."),
        },
    ),
    Output(
        "orders",
        "Orders",
        "Orders of the reference path: what to do while events take their likeliest course.",
        {
            **OFFER,
            **BLOC,
            **ORIGIN,
            **PERIOD,
            **ORDERED,
            **UNIT,
            "cost": number("{currency}", ORDER_COST, adds=True),
            "arrives": text(f"The period in which it arrives, or '{AFTER_HORIZON}'."),
        },
    ),
    Output(
        "replaced",
        "Replaced",
        "Demand that substitutes replace, or that is simply saved, on the reference path.",
        {**MATERIAL, **USE, **SUBSTITUTE, **PERIOD, "quantity": number("{unit}", "Demand replaced."), **UNIT},
    ),
    Output(
        "stock",
        "Stock",
        "Stock at the end of each period of the reference path, by origin.",
        {**MATERIAL, "origin": text("Its origin."), **PERIOD, "quantity": number("{unit}", "Stock at the period's end."), **UNIT},
        detail=True,
    ),
    Output(
        "sales",
        "Sales",
        "What is sold out of the stock on the reference path.",
        {**MATERIAL, "origin": text("Its origin."), **PERIOD, "quantity": number("{unit}", "Quantity sold.", adds=True), **UNIT},
    ),
    Output(
        "cover",
        "Cover",
        "Stock of each material and the days of demand that it covers, on the reference path.",
        {**MATERIAL, **PERIOD, "quantity": STOCK, **UNIT, **DEMAND, **SHORT, **COVER_DAYS},
    ),
    Output(
        "mix",
        "Supplier mix",
        "Quantity ordered by bloc and period on the reference path.",
        {**MATERIAL, "bloc": text("The suppliers' bloc."), **PERIOD, "ordered": number("{unit}", "Quantity ordered."), **UNIT},
        detail=True,
    ),
    Output(
        "budget",
        "Budget use",
        "What each budget row allows and what the reference path spends, with what it carries over.",
        {
            **BUDGET_ROW,
            "spent": number("{currency}", "What the reference path spends."),
            "highest": number("{currency}", "What the dearest future spends."),
            "fullest": number("share", "The largest share of what may be spent that any future spends.", blank="nothing may be spent"),
        },
    ),
    Output(
        "spending",
        "Spending",
        "Outlay of the reference path by fiscal year and category, not discounted.",
        {"fiscal_year": whole("The fiscal year."), "category": text(f"{listed(last='or')}."), "spent": number("{currency}", "Outlay.", adds=True)},
        detail=True,
    ),
    Output(
        "binding",
        "What binds",
        "What limits the plan, and what one more unit of it would save: for small changes, with the yes/no decisions kept.",
        {
            "sheet": text("The sheet of the workbook."),
            "row": whole("Its row."),
            "what": text("What binds."),
            "worth": number("{currency} per unit", "What loosening it by one unit saves on the objective."),
            "unit": text("The unit that one more is counted in."),
        },
    ),
    Output(
        "fill_rate",
        "Fill rate",
        "How much of each demand is met, over all futures.",
        {
            **MATERIAL,
            **USE,
            "fill_rate": number("share", "Expected share of demand that is met."),
            "expected_short": number("{unit}", "Expected quantity not delivered over the horizon.", adds=True),
            **UNIT,
            "probability_of_shortage": number("share", "Chance of any shortage of this demand."),
        },
    ),
    Output(
        "substitution",
        "Substitution",
        "How much of each demand substitutes replace, or is simply saved, over all futures.",
        {
            **MATERIAL,
            **USE,
            **SUBSTITUTE,
            "expected": number("{unit}", "Expected demand replaced over the horizon."),
            **UNIT,
            "taken": number("{unit}", "Expected quantity of the substitute taken for it, in its own unit.", blank="the use does with less (thrift)"),
            "chance": number("share", "Chance that any is replaced."),
        },
    ),
    Output(
        "limits",
        "Limits kept",
        "In which share of futures and periods each limit is kept, released or broken.",
        {
            "limit": text("The limit."),
            **MATERIAL,
            "side": text("minimum or maximum."),
            "group": text("The supplier or country, of a limit on the largest share.", blank="none"),
            "held": number("share", "Chance that it holds and is kept, over the periods in which it is asked for."),
            "released": number("share", "Chance that a disruption has released it."),
            "broken": number("share", "Chance that it holds and is broken; its penalty is then paid."),
            "worst": number("{unit}", "The most by which it is broken in any future."),
            **UNIT,
        },
    ),
    Output(
        "small_orders",
        "Small orders",
        "Orders below their offer's minimum, which binds on the reference path alone.",
        {**OFFER, "below_minimum": number("share", "Share of the orders off the reference path that are below the minimum, weighted by their probability.")},
        detail=True,
    ),
    Output(
        "costs",
        "Cost parts",
        "The parts of the cost, discounted.",
        {
            "part": text("The part."),
            "expected": number("{currency}", "Mean over the futures.", adds=True),
            "reference": number("{currency}", "On the reference path.", adds=True),
        },
        keyed_by="part",
        detail=True,
    ),
    Output(
        "yearly",
        "Costs by year",
        "Cash and losses from shortage by fiscal year: means over all futures. Nobody pays the losses in cash.",
        {
            "fiscal_year": whole("The fiscal year."),
            "cash": number("{currency}", f"{listed().capitalize()}, as they are paid.", adds=True),
            "cash_discounted": number("{currency}", "The same, discounted.", adds=True),
            "shortage_losses": number("{currency}", "What the demand that is not met costs, in the year of the shortage.", adds=True),
            "shortage_losses_discounted": number("{currency}", "The same, discounted.", adds=True),
        },
    ),
    Output(
        "scenarios",
        "Scenario costs",
        "Each future: its probability, what happens, what it costs.",
        {
            **SCENARIO,
            "probability": number("share", "Its probability."),
            "cost": number("{currency}", "Total cost, discounted."),
            "shortage_cost": number("{currency}", "Shortage cost in it, discounted."),
            "events": text("What happens, and when, in words."),
            "in_tail": yes_no("Whether it belongs to the worst 1 - cvar_level."),
        },
        detail=True,
    ),
    Output(
        "scenario_events",
        "Events by scenario",
        "What happens in every future: one row for each spell in which a disruption is active.",
        {**SCENARIO, "disruption": text("The disruption."), "begins": text("The first period of the spell."), "ends": text("Its last period.")},
        detail=True,
    ),
    Output(
        "scenario_orders",
        "Orders by scenario",
        "Orders in every future, where there are any.",
        {**SCENARIO, **OFFER, **ORIGIN, **PERIOD, **ORDERED, **UNIT},
        detail=True,
    ),
    Output(
        "scenario_stock",
        "Stock by scenario",
        "Stock, demand and shortage of each material in every future.",
        {**SCENARIO, **MATERIAL, **PERIOD, "quantity": STOCK, **DEMAND, **SHORT, **COVER_DAYS, **UNIT},
        detail=True,
    ),
    Output(
        "scenario_budget",
        "Budget by scenario",
        "Budget use in every future.",
        {**SCENARIO, **BUDGET_ROW, "spent": number("{currency}", "What is spent.")},
        detail=True,
    ),
)
"""Every result table of a plan, in the order of the plan's workbook."""

BEYOND = {
    "costs": ("Tail cost parts", "The parts of the cost beyond the horizon, discounted; no figure of another table counts any of it."),
    "yearly": ("Tail costs by year", "Cash and losses from shortage beyond the horizon by fiscal year, or by part of one: means over all futures."),
    "projects": ("Tail project starts", "Projects that start beyond the horizon: none of them is decided for good now."),
    "orders": ("Tail orders", "Orders of the reference path beyond the horizon."),
    "cover": ("Tail cover", "Stock and days of cover on the reference path beyond the horizon."),
    "fill_rate": ("Tail fill rate", "How much of each demand beyond the horizon is met, over all futures."),
    "budget": ("Tail budget use", "What each budget row allows beyond the horizon and what the reference path spends of it there."),
}
"""The tables that are told of what is planned for beyond the horizon too, apart: sheet and meaning of each. They are empty without a tail."""


def _beyond(output: Output) -> Output:
    """Declare the table that tells of what lies beyond the horizon what another one tells of the horizon."""
    title, meaning = BEYOND[output.name]
    return Output(f"tail_{output.name}", title, meaning, output.columns, beyond=output.name, detail=output.detail)


OUTPUTS: tuple[Output, ...] = (*_OF_HORIZON, *(_beyond(output) for output in _OF_HORIZON if output.name in BEYOND))
"""Every table: those of the horizon, then those of what lies beyond it."""

FIGURES = {
    "objective": number("{currency}", "(1 - risk_weight) × expected_cost + risk_weight × cvar, of the horizon and of what lies beyond it together."),
    "bound": number("{currency}", "No plan has a lower objective than this.", blank="not known"),
    "gap": number("share", "Distance of the objective from the bound, relative to the objective.", blank="not known"),
    "expected_cost": number("{currency}", "Mean of the total cost of the horizon over all futures, discounted."),
    "cvar": number("{currency}", "Mean of the total cost of the horizon over the worst 1 - cvar_level of futures, discounted."),
    "tail_expected_cost": number(
        "{currency}", "Mean of the total cost beyond the horizon over all futures, discounted; 0 without tail_periods.", blank="not known"
    ),
    "tail_cvar": number("{currency}", "Mean of the total cost beyond the horizon over the same worst futures, discounted.", blank="not known"),
    "probability_of_shortage": number("share", "Chance that any demand of any period goes short."),
    "unavoidable_shortage": number("share", "The part of that chance that no decision can avoid.", blank="there was no time to tell"),
}
"""The figures of a plan as a whole."""

PROVENANCE = {
    "input": "Input",
    "input_sha256": "Fingerprint of the input (SHA-256)",
    "input_edited": "Input edited in the app",
    "version": "Version of this program",
    "solver": "Solver",
    "pyomo": "Version of Pyomo",
    "python": "Version of Python",
    "method": "Method",
    "scenario_method": "Futures made by",
    "scenarios": "Futures",
    "nodes": "Nodes of the scenario tree",
    "rows": "Rows of the program",
    "columns": "Columns of the program",
    "seed": "Seed",
    "risk_weight": "Risk weight",
    "cvar_level": "Where the worst futures begin (level of CVaR)",
    "discount_rate": "Discount rate",
    "mip_gap": "Gap asked for",
    "time_limit_seconds": "Time limit (seconds)",
    "stopped_by": "Stopped by",
    "seconds": "Time taken (seconds)",
    "audit_worst_violation": "Largest violation found by the audit",
    "warnings": "Warnings",
}
"""Where a plan comes from: each entry of its provenance and what people call it."""
