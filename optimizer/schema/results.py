"""Every result table that a plan or a study gives, declared once.

The tables themselves, the plan workbook, its headers, the JSON and the reference of results all derive from OUTPUTS and STUDIES.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Output:
    """One result table. columns: name -> (unit, meaning); the unit may hold {currency} and {unit}."""

    name: str
    sheet: str
    help: str
    columns: dict[str, tuple[str, str]] = field(default_factory=dict)


# fmt: off
_OFFER = {
    "supplier": ("", "The supplier."),
    "material": ("", "The material."),
    "offer": ("", "The offer's name."),
}
_PERIOD = {"period": ("", "The period.")}

OUTPUTS = (
    Output("contracts", "Contracts", "Contracts to sign, the same in every scenario.", {
        **_OFFER, "bloc": ("", "The supplier's bloc."), "per_year": ("{unit} per year", "Quantity contracted per year."),
        "unit": ("", "The material's unit."), "lifted": ("{unit}", "Expected quantity lifted over the horizon."),
    }),
    Output("projects", "Project starts", "Projects to start, the same in every scenario.", {
        "project": ("", "The project."), "kind": ("", "Its kind."), "start": ("", "The period in which it starts; blank = not started."),
        "ready": ("", "The period from which it is ready."), "cost": ("{currency}", "Its cost."),
    }),
    Output("orders", "Orders", "Orders of the reference path: what to do while events take their likeliest course.", {
        **_OFFER, "bloc": ("", "The supplier's bloc."), "origin": ("", "Origin of the input where there is one, else of the offer."), **_PERIOD,
        "spot": ("{unit}", "Ordered on the spot market."), "contract": ("{unit}", "Taken under contract."), "unit": ("", "The material's unit."),
        "cost": ("{currency}", "What this order costs, not discounted; a contract's take-or-pay and reservation come on top."),
        "arrives": ("", "The period in which it arrives."),
    }),
    Output("stock", "Stock", "Stock at the end of each period of the reference path, by origin.", {
        "material": ("", "The material."), "origin": ("", "Its origin."), **_PERIOD, "quantity": ("{unit}", "Stock at the period's end."),
        "unit": ("", "The material's unit."),
    }),
    Output("cover", "Cover", "Stock of each material and the days of demand that it covers, on the reference path.", {
        "material": ("", "The material."), **_PERIOD, "quantity": ("{unit}", "Stock at the period's end, all origins."), "unit": ("", "The material's unit."),
        "demand": ("{unit}", "Demand of the period, all uses."), "short": ("{unit}", "Demand not met."),
        "cover_days": ("days", "Stock divided by the period's demand per day."),
    }),
    Output("mix", "Supplier mix", "Quantity ordered by bloc and period on the reference path.", {
        "material": ("", "The material."), "bloc": ("", "The suppliers' bloc."), **_PERIOD, "ordered": ("{unit}", "Quantity ordered."),
        "unit": ("", "The material's unit."),
    }),
    Output("budget", "Budget use", "What each budget row allows and what the reference path spends.", {
        "fiscal_year": ("", "The fiscal year."), "category": ("", "What counts."), "amount": ("{currency}", "What may be spent."),
        "spent": ("{currency}", "What the reference path spends."), "highest": ("{currency}", "What the dearest scenario spends."),
    }),
    Output("spending", "Spending", "Outlay of the reference path by fiscal year and category, not discounted.", {
        "fiscal_year": ("", "The fiscal year."), "category": ("", "purchases, storage or projects."), "spent": ("{currency}", "Outlay."),
    }),
    Output("binding", "What binds", "What limits the plan, and what one more unit of it would save: for small changes, with the yes/no decisions kept.", {
        "sheet": ("", "The sheet of the workbook."), "row": ("", "Its row."), "what": ("", "What binds."),
        "worth": ("{currency} per unit", "What loosening it by one unit saves on the objective."), "unit": ("", "The unit that one more is counted in."),
    }),
    Output("fill_rate", "Fill rate", "How much of each demand is met, over all scenarios.", {
        "material": ("", "The material."), "use": ("", "The use."), "fill_rate": ("share", "Expected share of demand that is met."),
        "expected_short": ("{unit}", "Expected quantity not delivered over the horizon."), "unit": ("", "The material's unit."),
        "probability_of_shortage": ("share", "Chance of any shortage of this demand."),
    }),
    Output("costs", "Cost parts", "The parts of the cost, discounted.", {
        "part": ("", "The part."), "expected": ("{currency}", "Mean over the scenarios."), "reference": ("{currency}", "On the reference path."),
    }),
    Output("yearly", "Costs by year", "Cash and losses from shortage by fiscal year: means over all futures. Nobody pays the losses in cash.", {
        "fiscal_year": ("", "The fiscal year."), "cash": ("{currency}", "Purchases, storage and projects, as they are paid."),
        "cash_discounted": ("{currency}", "The same, discounted."),
        "shortage_losses": ("{currency}", "What the demand that is not met costs, when it is missed."),
        "shortage_losses_discounted": ("{currency}", "The same, discounted."),
    }),
    Output("scenarios", "Scenario costs", "Each scenario: its probability, what happens, what it costs.", {
        "scenario": ("", "The scenario."), "probability": ("share", "Its probability."), "cost": ("{currency}", "Total cost, discounted."),
        "shortage_cost": ("{currency}", "Shortage cost in it, discounted."), "events": ("", "What happens, and when."),
        "in_tail": ("", "Whether it belongs to the worst 1 - cvar_level."),
    }),
    Output("scenario_orders", "Orders by scenario", "Orders in every scenario, where there are any.", {
        "scenario": ("", "The scenario."), **_OFFER, "origin": ("", "Origin of the input where there is one, else of the offer."), **_PERIOD,
        "spot": ("{unit}", "Ordered on the spot market."), "contract": ("{unit}", "Taken under contract."), "unit": ("", "The material's unit."),
    }),
    Output("scenario_stock", "Stock by scenario", "Stock, demand and shortage of each material in every scenario.", {
        "scenario": ("", "The scenario."), "material": ("", "The material."), **_PERIOD, "quantity": ("{unit}", "Stock at the period's end, all origins."),
        "demand": ("{unit}", "Demand of the period, all uses."), "short": ("{unit}", "Demand not met."),
        "cover_days": ("days", "Stock divided by the period's demand per day."), "unit": ("", "The material's unit."),
    }),
    Output("scenario_budget", "Budget by scenario", "Budget use in every scenario.", {
        "scenario": ("", "The scenario."), "fiscal_year": ("", "The fiscal year."), "category": ("", "What counts."),
        "amount": ("{currency}", "What may be spent."), "spent": ("{currency}", "What is spent."),
    }),
)
"""Every result table of a plan, in the order of the plan's workbook."""

_BRANCH = {
    "disruption": ("", "The disruption."), "begins": ("", "The period in which it begins."), "lasts_until": ("", "The last period in which it is active."),
    "feasible": ("", "Whether the limits can be kept: yes or no."),
}

STUDIES = (
    Output("playbook", "Playbook", "What the plan does when a disruption begins, against its undisturbed reference path. The buyer knows how long it lasts.", {
        **_BRANCH, "material": ("", "The material."), **_PERIOD, "demand": ("{unit}", "Demand of the period, all uses."),
        "stock": ("{unit}", "Stock at the period's end, all origins."), "short": ("{unit}", "Demand not met."),
        "cover_days": ("days", "Stock divided by the period's demand per day."), "ordered": ("{unit}", "Quantity ordered in the period."),
        "unit": ("", "The material's unit."), "stock_undisturbed": ("{unit}", "Stock at the period's end on the plan's reference path."),
    }),
    Output("playbook_orders", "Playbook orders", "Orders when a disruption begins, beside those of the undisturbed reference path.", {
        "disruption": ("", "The disruption."), "begins": ("", "The period in which it begins."), **_OFFER, "bloc": ("", "The supplier's bloc."),
        "origin": ("", "Origin of the input where there is one, else of the offer."), **_PERIOD, "spot": ("{unit}", "Ordered on the spot market."),
        "contract": ("{unit}", "Taken under contract."), "unit": ("", "The material's unit."),
        "spot_undisturbed": ("{unit}", "Ordered on the spot market on the plan's reference path."),
        "contract_undisturbed": ("{unit}", "Taken under contract on the plan's reference path."),
    }),
    Output("playbook_summary", "Playbook summary", "What each disruption costs the plan, by when it begins, for a buyer who then knows how long it lasts.", {
        **_BRANCH, "extra_cost": ("{currency}", "Cost above that of the cheapest course from then on in which nothing more happens, discounted."),
        "extra_shortage_cost": ("{currency}", "Shortage cost above that of the same course, discounted."),
        "first_short": ("", "The first period with a shortage; blank = none."), "words": ("", "The same in a sentence."),
    }),
)
"""What studies of a plan tell: tables that are made on demand and are no part of the plan workbook."""
