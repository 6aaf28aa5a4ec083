"""Every sheet of the sourcing workbook, whose columns records.py declares.

The reader, the blank template, docs/workbook.md and the forms in the browser all derive from INPUTS.
"""

from __future__ import annotations

from optimizer.schema.changes import OfferChange
from optimizer.schema.fields import sheet
from optimizer.schema.inputs import InputRow
from optimizer.schema.records import (
    BudgetRow,
    Currency,
    Demand,
    Disruption,
    Duty,
    Limit,
    Material,
    Offer,
    OriginRule,
    Plant,
    Project,
    ScenarioRow,
    Settings,
    StockItem,
)
from optimizer.schema.substitutes import Substitute

# fmt: off
SETTINGS = sheet("Settings", "One row a setting: its name and its value.", Settings, "settings", rows_required=True)
MATERIALS = sheet("Materials", "One row a material, in a unit of your choice that every quantity of it uses.", Material, "materials", rows_required=True)
INVENTORY = sheet("Inventory", "Stock on hand and open orders. They are paid for already.", StockItem, "inventory", required=False)
DEMAND = sheet("Demand", "One row a material and use. A further column headed by a period's label gives that period's quantity.", Demand, "demand", rows_required=True)
SUPPLIERS = sheet("Suppliers", "One row an offer: a supplier, a material and, where it makes several offers of one material, a name for the offer.", Offer, "offers", rows_required=True)
SUBSTITUTES = sheet("Substitutes", "What a use can take in place of a material, and how much of the material it can save.", Substitute, "substitutes", required=False)
INPUTS_OF_OFFERS = sheet("Inputs", "The inputs of offers that convert several; one that converts a single input may name it on Suppliers instead.", InputRow, "inputs", required=False)
OFFER_CHANGES = sheet("Offer changes", "Values of an offer that change by date: from then on they stand in place of the offer's own.", OfferChange, "offer_changes", required=False)
PLANTS = sheet("Plants", "Plants whose capacity several offers share.", Plant, "plants", required=False)
PROJECTS = sheet("Projects", "What must be started before an offer can be used: a qualification, a new plant, an expansion.", Project, "projects", required=False)
DISRUPTIONS = sheet("Disruptions", "What may happen: how often, for how long, whom it strikes, and what it does.", Disruption, "disruptions")
DUTIES = sheet("Duties", "What is paid at the border on top of the price, by schedule and by event.", Duty, "duties", required=False)
ORIGIN_RULES = sheet("Origin rules", "Which origins a use may draw, on top of what Demand says, by schedule and by event.", OriginRule, "origin_rules", required=False)
SCENARIOS = sheet("Scenarios", "Futures of your own. Rows with one scenario name together are one future.", ScenarioRow, "scenarios", required=False)
BUDGET = sheet("Budget", "What may be spent in a fiscal year. A year without a row is not limited; several rows all bind.", BudgetRow, "budget")
CURRENCIES = sheet("Currencies", "What other currencies are worth, for rows that are in one.", Currency, "currencies", required=False)
LIMITS = sheet("Limits", "Rules of your own on shares, cover and stock. Each material stands by itself.", Limit, "limits", required=False)

INPUTS = (
    SETTINGS, MATERIALS, INVENTORY, DEMAND, SUBSTITUTES, SUPPLIERS, OFFER_CHANGES, INPUTS_OF_OFFERS, PLANTS, PROJECTS, DISRUPTIONS, DUTIES, ORIGIN_RULES, SCENARIOS, BUDGET,
    LIMITS, CURRENCIES,
)
"""Every input sheet, in the order of the template."""
