"""Every sheet and column of the sourcing workbook, declared once.

The reader, the blank template, docs/workbook.md and the forms in the browser all derive from INPUTS.
"""

from __future__ import annotations

from optimizer.case import BLOCS, MEASURES
from optimizer.schema.language import Column, Sheet

MONEY = "{currency}"
PER_UNIT = "{currency} per {unit}"
UNITS = "{unit}"


def amount(name: str, help: str, unit: str, **more) -> Column:
    """A number of at least 0."""
    return Column(name, "number", help, unit, low=0, **more)


def share(name: str, help: str, **more) -> Column:
    """A fraction 0..1."""
    return Column(name, "share", help, "share", low=0, high=1, **more)


def growth(name: str, help: str, **more) -> Column:
    """A yearly rate above -1."""
    return Column(name, "share", help, "per year", low=-1, above=True, **more)


# fmt: off
SETTINGS = Sheet(
    "Settings",
    "One row a setting: its name and its value.",
    (
        Column("title", "text", "Shown on every output. Default: the file's name.", example="Magnet sourcing 2027-2028"),
        Column("currency", "text", "A label only; all money in the workbook is in it.", default="USD"),
        Column("start", "date", "First day of the first period: of a month, of a calendar quarter, of a fiscal year.", required=True, example="2027-01-01"),
        Column("period", "choice", "Length of a period.", default="quarter", choices=("month", "quarter", "year")),
        Column("periods", "whole", "Number of periods.", required=True, low=1, high=240, example=8),
        Column("fiscal_year_start_month", "whole", "A period belongs to the fiscal year in which it begins, named by the calendar year in which that fiscal year ends.", default=1, low=1, high=12),
        growth("discount_rate", "Rate at which later money counts less.", default=0.05),
        share("risk_weight", "Weight of the worst futures: 0 = expected cost only, 1 = CVaR (the mean cost of the worst futures) only.", default=0.3),
        Column("cvar_level", "share", "CVaR is the mean cost of the worst 1 - cvar_level of futures.", "share", default=0.9, low=0, high=1, below=True),
        Column("scenario_method", "choice", "How the futures are made: every one, drawn at random, or those of the Scenarios sheet.", default="auto", choices=("auto", "exact", "sampled", "listed")),
        Column("scenarios", "whole", "The number of scenarios to aim at.", default=200, low=1, high=100_000),
        Column("seed", "whole", "The seed of the random draw.", default=1, low=0, high=2**31 - 1),
        share("mip_gap", "Stop when the plan is proven within this share of the best possible.", default=1e-4),
        Column("time_limit_seconds", "number", "Stop with the best plan found after this time.", "seconds", default=300, low=0, above=True),
    ),
    record="Settings", case_field="settings", key=("setting",), rows_required=True, settings=True,
)

MATERIALS = Sheet(
    "Materials",
    "One row a material, in a unit of your choice that every quantity of it uses.",
    (
        Column("material", "name", "Its name.", required=True, example="Dysprosium oxide"),
        Column("unit", "text", "The unit of all its quantities and prices.", required=True, example="kg"),
        amount("holding_cost_per_year", "Cost of keeping one unit for a year.", "{currency} per {unit} and year", default=0, example=4),
        Column("annual_loss", "share", "Share lost per year in store.", "share per year", default=0, low=0, high=1, below=True),
        amount("storage_capacity", "Most that can be stored; blank = no limit.", UNITS, example=20000),
        amount("disposal_cost", "Cost of throwing one unit away; blank = nothing may be thrown away.", PER_UNIT),
        amount("salvage_value", "Value of one unit left at the end.", PER_UNIT, default=0, example=120),
    ),
    record="Material", case_field="materials", key=("material",), rows_required=True,
)

INVENTORY = Sheet(
    "Inventory",
    "Stock on hand and open orders. They are paid for already.",
    (
        Column("material", "name", "What is held.", required=True, refers=("Materials.material",), example="Dysprosium oxide"),
        Column("origin", "choice", "Its origin.", required=True, choices=BLOCS, example="chinese"),
        amount("quantity", "How much.", UNITS, required=True, example=2500),
        Column("arrives", "date", "Blank = on hand; else the period in which the open order arrives."),
    ),
    record="StockItem", case_field="inventory", required=False,
)

DEMAND = Sheet(
    "Demand",
    "One row a material and use. A further column headed by a period's label gives that period's quantity.",
    (
        Column("material", "name", "What is needed.", required=True, refers=("Materials.material",), example="Dysprosium oxide"),
        Column("use", "name", "For what.", required=True, example="Traction motors"),
        amount("annual_demand", "Quantity needed per year, at the start of the horizon. May stay blank where every period has its own quantity.", "{unit} per year", required=True, from_periods=True, example=8000),
        growth("annual_growth", "Growth of that quantity, stepping each period.", default=0, example=0.05),
        amount("shortage_cost", "Cost of one unit not delivered.", PER_UNIT, required=True, example=5000),
        Column("allowed_origins", "choices", "Origins this use accepts; blank = all.", choices=BLOCS),
        Column("allowed_origins_from", "date", "The period from which that list binds; blank = from the first."),
        share("minimum_fill_rate", "Share of expected demand that must be met on average; blank = none."),
    ),
    record="Demand", case_field="demand", key=("material", "use"), rows_required=True, period_columns=True,
)

SUPPLIERS = Sheet(
    "Suppliers",
    "One row an offer: a supplier, a material and, where it makes several offers of one material, a name for the offer.",
    (
        Column("supplier", "name", "Who sells.", required=True, example="Northern Separation"),
        Column("material", "name", "What is sold.", required=True, refers=("Materials.material",), example="Dysprosium oxide"),
        Column("offer", "name", "Name of this offer where the supplier makes several of one material.", default=""),
        Column("bloc", "choice", "Bloc of the supplier.", required=True, choices=BLOCS, example="allied"),
        Column("country", "name", "Country of the supplier.", example="Estonia"),
        Column("origin", "choice", "Origin of the material for compliance; blank = the bloc.", choices=BLOCS, default_from="bloc"),
        amount("price", "Spot price at the start of the horizon.", PER_UNIT, required=True, example=310),
        growth("price_growth", "Growth of the spot price.", default=0),
        amount("capacity_per_year", "Most that it can deliver, spot and contract together.", "{unit} per year", required=True, example=12000),
        amount("spot_limit_per_year", "What the spot market can really deliver; blank = the capacity.", "{unit} per year", default_from="capacity_per_year", example=2000),
        Column("available_from", "date", "First period in which it delivers; blank = at once."),
        amount("lead_time_months", "From order to arrival.", "months", default=0, example=3),
        Column("terms", "choice", "How it sells.", default="spot", choices=("spot", "contract", "both"), example="both"),
        amount("contract_price", "Price under contract at the start of the horizon; blank = the spot price.", PER_UNIT, default_from="price", example=280),
        growth("contract_price_growth", "Growth of a fixed contract's price; an indexed one follows the spot price.", default=0),
        Column("contract_pricing", "choice", "Whether the contract price is fixed or follows the spot price.", default="fixed", choices=("fixed", "indexed")),
        amount("price_floor", "Least that a contract pays; blank = none.", PER_UNIT),
        amount("price_ceiling", "Most that a contract pays; blank = none.", PER_UNIT),
        amount("reservation_price", "Paid per unit contracted and year, lifted or not, also while struck.", "{currency} per {unit} and year", default=0),
        share("take_or_pay", "Share of each period's contracted quantity that is paid for in any case.", default=0, example=0.8),
        amount("minimum_order", "Least order of a period, spot and contract together, on the reference path.", UNITS, default=0),
        amount("minimum_contract", "Least contract, if there is one.", "{unit} per year", default=0),
        Column("input_material", "name", "The material that this offer converts; the price is then the fee.", refers=("Materials.material",)),
        Column("input_per_unit", "number", "Units of input used per unit of output.", "units per unit", low=0, above=True),
        Column("feedstock_bloc", "choice", "Bloc that its feedstock comes from.", choices=BLOCS, example="chinese"),
        Column("feedstock_country", "name", "Country that its feedstock comes from."),
        share("feedstock_dependence", "Share of the output that rests on that feedstock.", default=0, example=0.4),
        Column("project", "name", "The project that must be ready first; blank = already qualified and built.", refers=("Projects.project",)),
    ),
    record="Offer", case_field="offers", key=("supplier", "material", "offer"), rows_required=True,
)

PROJECTS = Sheet(
    "Projects",
    "What must be started before an offer can be used: a qualification, a new plant, an expansion.",
    (
        Column("project", "name", "Its name.", required=True, example="Qualify Northern Separation"),
        Column("kind", "choice", "A label.", default="other", choices=("qualification", "expansion", "new_plant", "recycling", "other"), example="qualification"),
        amount("cost", "Total cost, spread evenly over the lead time.", MONEY, required=True, example=400000),
        amount("lead_time_months", "From the start until it is ready.", "months", required=True, example=9),
        Column("earliest_start", "date", "First period in which it may start."),
        Column("latest_start", "last_date", "Last period in which it may start."),
    ),
    record="Project", case_field="projects", key=("project",), required=False,
)

DISRUPTIONS = Sheet(
    "Disruptions",
    "What may happen: how often, for how long, whom it strikes, and what it does.",
    (
        Column("disruption", "name", "Its name.", required=True, example="Export licences tightened"),
        share("annual_probability", "Chance that it begins within a year.", required=True, example=0.22),
        Column("mean_duration_months", "number", "How long it lasts on average.", "months", required=True, low=0, above=True, example=6),
        share("capacity_remaining", "Share of the struck capacity that is still served.", required=True, example=0.1),
        amount("price_multiplier", "On the spot price of struck offers.", "times", default=1, example=1.5),
        amount("spillover_price_multiplier", "On the spot price of the other offers of the same materials.", "times", default=1, example=2),
        amount("demand_multiplier", "On the demand of the materials it names.", "times", default=1),
        amount("lead_time_added_months", "Added to orders placed with struck offers while it is active.", "months", default=0),
        Column("decision_date", "date", "The one period in which decision_probability holds."),
        share("decision_probability", "Chance that it begins in the period of decision_date, instead of the annual one."),
        Column("bloc", "choices", "Blocs it strikes; blank = any.", choices=BLOCS, example="chinese"),
        Column("country", "names", "Countries it strikes; blank = any.", refers=("Suppliers.country", "Suppliers.feedstock_country")),
        Column("supplier", "names", "Suppliers it strikes; blank = any.", refers=("Suppliers.supplier",)),
        Column("material", "names", "Materials it strikes; blank = any.", refers=("Materials.material",)),
        Column("active_now", "yes_no", "Whether it is active in the first period.", default=False),
        Column("follows", "name", "A disruption that must already be active for this one to begin.", refers=("Disruptions.disruption",)),
    ),
    record="Disruption", case_field="disruptions", key=("disruption",),
)

SCENARIOS = Sheet(
    "Scenarios",
    "Futures of your own. Rows with one scenario name together are one scenario.",
    (
        Column("scenario", "name", "Its name.", required=True, example="Ban returns"),
        Column("probability", "share", "Its probability, equal on each of its rows.", "share", required=True, low=0, above=True, high=1, example=0.2),
        Column("disruption", "name", "What happens; blank only in a scenario's single row: nothing.", refers=("Disruptions.disruption",), example="Export licences tightened"),
        Column("starts", "date", "The period in which it begins.", example="2027-Q3"),
        Column("duration_months", "number", "How long it lasts.", "months", low=0, above=True, example=6),
    ),
    record="ScenarioRow", case_field="scenarios", required=False,
)

BUDGET = Sheet(
    "Budget",
    "What may be spent in a fiscal year. A year without a row is not limited; several rows all bind.",
    (
        Column("fiscal_year", "year", "The fiscal year.", required=True, example=2027),
        amount("amount", "What may be spent inside it.", MONEY, required=True, example=1234567),
        Column("category", "choice", "What counts.", default="all", choices=("all", "purchases", "storage", "projects")),
    ),
    record="BudgetRow", case_field="budget",
)

LIMITS = Sheet(
    "Limits",
    "Rules of your own on shares, cover and stock. Each material stands by itself.",
    (
        Column("limit", "name", "Its name.", required=True, example="Chinese share"),
        Column("measure", "choice", "What is bounded.", required=True, choices=MEASURES, example="purchase_share"),
        Column("material", "names", "Materials; blank = each.", refers=("Materials.material",)),
        Column("bloc", "choices", "Blocs of the offers; blank = any.", choices=BLOCS, example="chinese"),
        Column("country", "names", "Countries of the offers; blank = any.", refers=("Suppliers.country",)),
        Column("supplier", "names", "Suppliers; blank = any.", refers=("Suppliers.supplier",)),
        Column("origin", "choices", "Origins of what is delivered or held; blank = any.", choices=BLOCS),
        Column("use", "names", "Uses, for stock_cover_days; blank = any.", refers=("Demand.use",)),
        Column("minimum", "share", "Lower limit; blank = none.", "as the measure", low=0),
        Column("maximum", "share", "Upper limit; blank = none.", "as the measure", low=0, example=0.65),
        Column("from", "date", "First period; blank = the first of the horizon.", field="start"),
        Column("to", "last_date", "Last period; blank = the last of the horizon.", field="end"),
        amount("penalty", "Paid per unit of material short of or over the limit; blank = the limit is hard.", PER_UNIT, example=200),
    ),
    record="Limit", case_field="limits", required=False,
)

INPUTS = (SETTINGS, MATERIALS, INVENTORY, DEMAND, SUPPLIERS, PROJECTS, DISRUPTIONS, SCENARIOS, BUDGET, LIMITS)
"""Every input sheet, in the order of the template."""
