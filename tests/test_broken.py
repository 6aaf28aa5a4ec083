"""Broken workbooks: each fault is reported at its exact cell, in words that say what to do, and all of them at once."""

from __future__ import annotations

import datetime as dt
import functools
import re

import openpyxl
import pytest
from books import only, problems_of, put, raw, says, setting, sound, write_xlsx

from optimizer.errors import WorkbookError
from optimizer.intake.checks.errors import RULES
from optimizer.intake.reader import case_from_sheets

ONE_CELL = {
    # Cells that do not hold what their column wants.
    "text in a number": ("Suppliers", 2, "price", "about 300", "E2", "'about 300'", "a number at least 0", "without unit"),
    "a number stored as text": ("Suppliers", 3, "price", "200", "E3", "a number stored as text", "Convert to Number"),
    "thousands separators": ("Suppliers", 3, "capacity_per_year", "1,500", "F3", "'1,500'", "without thousands separators"),
    "a percent text in an amount": ("Suppliers", 3, "price", "35%", "E3", "without the percent sign"),
    "an error value": ("Suppliers", 4, "price", "#REF!", "E4", "#REF!", "Correct the formula"),
    "an error value in a name": ("Demand", 2, "use", "#N/A", "B2", "#N/A"),
    "a formula without a value": ("Suppliers", 2, "capacity_per_year", "=40*2", "F2", "formula without a value", "save it"),
    "a formula without a value in a name": ("Demand", 2, "use", '="Mot"&"ors"', "B2", "formula without a value"),
    "a negative capacity": ("Suppliers", 2, "capacity_per_year", -5, "F2", "found -5", "at least 0"),
    "a number too large": ("Suppliers", 2, "price", 1e308, "E2", "1e+308", "below 1,000,000,000,000"),
    "a number just too large": ("Suppliers", 2, "price", 1e12, "E2", "below 1,000,000,000,000"),
    "yes or no in a number": ("Suppliers", 2, "price", True, "E2", "found TRUE", "a number"),
    "a date in a number": ("Suppliers", 2, "price", dt.datetime(2027, 3, 1), "E2", "the date 2027-03-01", "Format the cell as a number"),
    "a share over 1": ("Disruptions", 2, "annual_probability", 20, "B2", "at most 1", "type 20%"),
    "a share as a text number": ("Disruptions", 2, "annual_probability", "0.2", "B2", "a number stored as text"),
    "a growth of -1": ("Suppliers", 2, "price_growth", -1, "G2", "above -1"),
    "an annual loss of all": ("Materials", 2, "annual_loss", 1, "D2", "below 1"),
    "a duration of 0": ("Disruptions", 2, "mean_duration_months", 0, "C2", "above 0"),
    "a blank required cell": ("Demand", 3, "shortage_cost", None, "D3", "a blank cell", "Fill it in"),
    "a blank required name": ("Demand", 3, "use", "  ", "B3", "a blank cell"),
    "an unknown word": ("Suppliers", 2, "bloc", "alied", "C2", "'alied'", "one of chinese, other, allied, onshored", "Did you mean allied?"),
    "an unknown word in a list": ("Disruptions", 3, "bloc", "chinese, martian", "E3", "'martian'", "a comma-separated list"),
    "a number for a word": ("Suppliers", 2, "terms", 3, "G2", "found 3", "one of spot, contract, both"),
    "an empty part of a list": ("Disruptions", 3, "bloc", "chinese,,other", "E3", "nothing between two commas", "surplus comma"),
    "a date that is none": ("Inventory", 3, "arrives", "2027-02-30", "D3", "'2027-02-30'", "a date"),
    "a month written out": ("Inventory", 3, "arrives", "Spring 2027", "D3", "'Spring 2027'", "2027-Q2"),
    "a date as its serial number": ("Inventory", 3, "arrives", 46500, "D3", "the number 46500", "Format the cell as a date"),
    "a date of another age": ("Inventory", 3, "arrives", "1027-01-01", "D3", "between the years 1900 and 2200"),
    "a year in a date cell": ("Inventory", 3, "arrives", dt.datetime(1905, 7, 19), "D3", "a year typed into", "type 2027-01-01"),
    "a time of day": ("Inventory", 3, "arrives", dt.time(12, 30), "D3", "a date"),
    "a date in a name": ("Demand", 2, "use", dt.datetime(2027, 3, 1), "B2", "Format the cell as text"),
    "half a period": ("Settings", 3, "value", 7.5, "B3", "periods", "7.5", "a whole number"),
    "a fiscal year in words": ("Budget", 2, "fiscal_year", "FY27", "A2", "'FY27'", "a fiscal year such as 2027"),
    "neither yes nor no": ("Disruptions", 2, "active_now", "maybe", "F2", "'maybe'", "yes or no"),
    # Names.
    "an unknown material": ("Suppliers", 2, "material", "Oxyde", "B2", "'Oxyde'", "Materials, column material", "Did you mean 'Oxide'?"),
    "an unknown supplier in a list": ("Limits", 2, "supplier", "East, Easst", "G2", "'Easst'", "Did you mean 'East'?"),
    "an unknown supplier": ("Disruptions", 2, "supplier", "Zzz", "F2", "'Zzz'", "Known: East, Mine, North"),
    "an unknown country": ("Disruptions", 2, "country", "Chna", "F2", "'Chna'", "Did you mean 'China'?"),
    "an unknown project": ("Suppliers", 2, "project", "Line 3", "G2", "'Line 3'", "Did you mean 'Line 2'?"),
    "an unknown disruption": ("Scenarios", 2, "disruption", "Bann", "C2", "'Bann'", "Did you mean 'Ban'?"),
    # Rules within a row.
    "floor over ceiling": ("Suppliers", 2, "price_floor", 9, "G2", "price_floor 9 is above price_ceiling 5"),
    "an indexed contract on nothing": ("Suppliers", 2, "price", 0, "E2", "follows the spot price, and that is 0"),
    "an input without its quantity": ("Suppliers", 2, "input_material", "Ore", "row 2", "Ore is given without input_per_unit"),
    "its own input": ("Suppliers", 2, "input_material", "oxide", "G2", "own material, Oxide"),
    "a decision without its chance": ("Disruptions", 2, "decision_date", "2027-11", "row 2", "decision_probability is blank"),
    "a decision without its date": ("Disruptions", 2, "decision_probability", 0.5, "row 2", "decision_date is blank"),
    "a raise without its chance": ("Disruptions", 2, "raised_by", "Strike", "row 2", "raised_probability is blank"),
    "a raise without its cause": ("Disruptions", 2, "raised_probability", 0.5, "row 2", "raised_by is blank"),
    "a range above its probability": ("Disruptions", 2, "annual_probability_low", 0.9, "F2", "annual_probability_low is 0.9", "no larger than"),
    "a range below its probability": (
        "Disruptions",
        2,
        "annual_probability_high",
        0.01,
        "F2",
        "annual_probability_high is 0.01",
        "leave annual_probability_high",
    ),
    "a range above 1": ("Disruptions", 2, "annual_probability_high", 1.5, "F2", "at most 1"),
    "a range below 0": ("Disruptions", 2, "annual_probability_low", -0.1, "F2", "at least 0"),
    "a decision in the first period": ("Disruptions", 2, "decision_date", "2027-02-10", "F2", "in the first period", "2027-Q1"),
    "a decision before the horizon": ("Disruptions", 2, "decision_date", "2026-12-31", "F2", "before the horizon"),
    "it follows itself": ("Disruptions", 2, "follows", "Ban", "F2", "in a circle: Ban follows Ban"),
    "growth out of bounds": ("Suppliers", 2, "price_growth", 1e9, "G2", "grows past 1,000,000,000,000"),
    "a limit on the sale of nothing": ("Materials", 3, "sale_limit_per_year", 5, "D3", "sale_limit_per_year of Oxide is given, and sale_price is blank"),
    "a life of no time": ("Materials", 3, "shelf_life_months", 0, "D3", "above 0"),
    # Limits.
    "an unused column": ("Limits", 2, "use", "Motors", "G2", "purchase_share does not use use", "Clear it"),
    "a release beside another holds": (
        "Limits",
        2,
        "measure",
        "stock_quantity",
        "G2",
        "refill_months is only for a limit that can be released, but this one holds everywhere",
    ),
    "a release of a share": ("Limits", 2, "refill_months", 6, "G2", "purchase_share does not use refill_months", "Clear it"),
    "no bound": ("Limits", 2, "maximum", None, "D2", "neither minimum nor maximum"),
    "a share of 65": ("Limits", 2, "maximum", 65, "E2", "maximum of purchase_share is 65", "65%"),
    # Scenarios.
    "unequal probabilities": ("Scenarios", 4, "probability", 0.2, "B4", "Ban returns has probability 0.2 here and 0.3 in row 2"),
    "a probability of 0": ("Scenarios", 3, "probability", 0, "B3", "above 0"),
    "probabilities over 1": ("Scenarios", 3, "probability", 0.8, "B3", "add up to 1.1"),
    "nothing beside something": ("Scenarios", 4, "disruption", None, "C4", "has 2 rows, and this one names no disruption"),
    "a disruption without its start": ("Scenarios", 2, "starts", None, "D2", "starts is blank beside the disruption Ban"),
    "a disruption without its end": ("Scenarios", 2, "duration_months", None, "E2", "duration_months is blank"),
    "a start of nothing": ("Scenarios", 3, "starts", "2027-Q2", "D3", "no disruption"),
    # Settings.
    "no first day of a quarter": ("Settings", 2, "value", dt.date(2027, 2, 1), "B2", "1 January, 1 April", "Correct start"),
    "no first day of a month": ("Settings", 2, "value", "2027-01-15", "B2", "first day of a calendar quarter"),
    "too many periods": ("Settings", 3, "value", 241, "B3", "at most 240"),
    "a blank start": ("Settings", 2, "value", None, "B2", "start", "a blank cell"),
    "an unknown setting": ("Settings", 6, "setting", "risk_wait", "A6", "'risk_wait'", "Did you mean risk_weight?"),
    "a setting twice": ("Settings", 6, "setting", "Periods", "A6", "periods stands twice, here and in B3"),
}

BESIDE = {
    "floor over ceiling": [("Suppliers", 2, "price_ceiling", 5)],
    "an indexed contract on nothing": [("Suppliers", 2, "terms", "both"), ("Suppliers", 2, "contract_pricing", "indexed")],
    "its own input": [("Suppliers", 2, "input_per_unit", 2)],
    "a decision in the first period": [("Disruptions", 2, "decision_probability", 0.5)],
    "a decision before the horizon": [("Disruptions", 2, "decision_probability", 0.5)],
    "a release beside another holds": [("Limits", 2, "bloc", None), ("Limits", 2, "refill_months", 6)],
    "unequal probabilities": [
        ("Scenarios", 4, "scenario", "ban returns"),
        ("Scenarios", 4, "disruption", "Strike"),
        ("Scenarios", 4, "starts", "2028"),
        ("Scenarios", 4, "duration_months", 3),
    ],
    "nothing beside something": [("Scenarios", 4, "scenario", "Ban returns"), ("Scenarios", 4, "probability", 0.3)],
}
"""What else a fault needs before it can show."""


def spoilt(name):
    """The sound workbook with the named fault."""
    sheets = sound()
    put(sheets, *ONE_CELL[name][:4])
    for beside in BESIDE.get(name, ()):
        put(sheets, *beside)
    return sheets


@pytest.mark.parametrize("name", ONE_CELL)
def test_a_faulty_cell_is_the_one_problem_reported(name, tmp_path):
    """One faulty cell in a sound workbook gives exactly one problem, at that cell, in the words expected."""
    sheet, _, _, _, cell, *words = ONE_CELL[name]
    says(only(problems_of(write_xlsx(spoilt(name), tmp_path / "case.xlsx"))), f"{sheet}!{cell}", *words)


def without(sheets, *names):
    return {name: rows for name, rows in sheets.items() if name not in names}


def renamed(sheets, old, new):
    return {new if name == old else name: rows for name, rows in sheets.items()}


def with_rows(sheets, sheet, *rows):
    return sheets | {sheet: [*sheets[sheet], *rows]}


def with_header(sheets, sheet, old, new):
    return sheets | {sheet: [[new if value == old else value for value in sheets[sheet][0]], *sheets[sheet][1:]]}


def with_column(sheets, sheet, header, *values):
    for row, value in enumerate([header, *values], start=1):
        put(sheets, sheet, row, header, value)
    return sheets


def put_all(sheet, **values):
    """The sound workbook with values in the first row of a sheet."""
    sheets = sound()
    for header, value in values.items():
        put(sheets, sheet, 2, header, value)
    return sheets


def with_changes(*rows):
    """The sound workbook with rows of Offer changes."""
    return sound() | {"Offer changes": [["supplier", "material", "from", "price", "contract_price"], *rows]}


def with_limit(sheets, **cells):
    for header, value in cells.items():
        put(sheets, "Limits", 2, header, value)
    return sheets


def with_substitute(sheets, **cells):
    return sheets | {"Substitutes": [list(cells), list(cells.values())]}


def circle(sheets):
    for row, material in ((2, "Ore"), (4, "Oxide")):
        put(sheets, "Suppliers", row, "input_material", material)
        put(sheets, "Suppliers", row, "input_per_unit", 2)
    return sheets


def following(sheets):
    put(sheets, "Disruptions", 2, "follows", "Strike")
    put(sheets, "Disruptions", 3, "follows", "ban")
    return sheets


def listed_without_rows(sheets):
    setting(sheets, "scenario_method", "listed")
    return without(sheets, "Scenarios")


def far_value(sheets):
    sheets["Suppliers"][2] += [None, 12]
    return sheets


STRUCTURE = {
    "a missing sheet": (without(sound(), "Demand"), "Demand", "is missing", "Add a sheet named Demand"),
    "a budget by another name": (renamed(sound(), "Budget", "Spending"), "Budget", "is missing", "Is it the sheet 'Spending'?"),
    "a misspelled sheet": (renamed(sound(), "Suppliers", "Supplier"), "Suppliers", "is missing", "Is it the sheet 'Supplier'?"),
    "no materials to refer to": (without(sound(), "Materials"), "Materials", "is missing"),
    "no projects to refer to": (with_column(without(sound(), "Projects"), "Suppliers", "project", "P", "Q"), "Suppliers!G2", "no sheet Projects"),
    "two sheets of one name": (sound() | {"demand_": [["material"]]}, "demand_", "Two sheets read as Demand"),
    "an empty required sheet": (sound() | {"Budget": []}, "Budget!row 1", "no headers", "fiscal_year, amount, category"),
    "an empty settings sheet": (sound() | {"Settings": []}, "Settings!row 1", "no headers", "setting, value"),
    "headers nowhere": (sound() | {"Limits": [[], *sound()["Limits"][1:]]}, "Limits!row 1", "no headers"),
    "a sheet without rows": (sound() | {"Demand": sound()["Demand"][:1]}, "Demand!row 2", "has no rows"),
    "a substitute for what nobody needs": (
        with_substitute(sound(), material="Ore", use="Motors", substitute="Oxide", units_per_unit=1),
        "Substitutes!B2",
        "Demand has no row of Ore for Motors",
    ),
    "a substitute for a material that nobody needs": (
        with_substitute(with_rows(sound(), "Materials", ["Tin", "t", 1]), material="Tin", use="Motors", cost=1, maximum_share=0.5),
        "Substitutes!A2",
        "Demand has no row of Tin for Motors",
    ),
    "its own substitute": (
        with_substitute(sound(), material="Oxide", use="Motors", substitute="oxide", units_per_unit=1),
        "Substitutes!C2",
        "Oxide is its own substitute",
    ),
    "a substitute without its quantity": (
        with_substitute(sound(), material="Oxide", use="Motors", substitute="Ore", units_per_unit=None, cost=1),
        "Substitutes!D2",
        "substitute Ore is given without units_per_unit",
    ),
    "thrift without its cost": (
        with_substitute(sound(), material="Oxide", use="Motors", cost=None, maximum_share=0.5),
        "Substitutes!C2",
        "cost is blank, and so is substitute",
    ),
    "thrift without a largest share": (
        with_substitute(sound(), material="Oxide", use="Motors", cost=0),
        "Substitutes!row 2",
        "maximum_share is blank, and so is substitute",
    ),
    "the life of no contract": (
        with_column(sound(), "Suppliers", "prepayment", 5),
        "Suppliers!G2",
        "prepayment is a contract's, and this offer is sold spot only",
    ),
    "what leaves after it arrives": (
        with_column(with_column(sound(), "Suppliers", "lead_time_months", 3, 3, 3), "Suppliers", "ships_after_months", None, 4),
        "Suppliers!H3",
        "leave 4 months after an order and arrive 3 months after it",
    ),
    "the arrival of what has not left": (
        with_column(sound(), "Inventory", "supplier", None, "East"),
        "Inventory!D3",
        "An open order that names its supplier has not left yet",
    ),
    "a change of nothing": (with_changes(["North", "Oxide", "2028", None, None]), "Offer changes!D2", "The row changes nothing"),
    "a change of what nobody offers": (with_changes(["Mine", "Oxide", "2028", 9, None]), "Offer changes!A2", "Mine makes no offer of Oxide"),
    "a change of an unknown offer": (
        with_column(with_column(with_changes(["North", "Oxide", "2028", 9, None]), "Offer changes", "offer", "first"), "Suppliers", "offer", None, "first"),
        "Offer changes!F2",
        "North makes no offer first of Oxide",
    ),
    "a change of one of several offers": (
        with_rows(
            with_column(with_changes(["North", "Oxide", "2028", 9, None]), "Suppliers", "offer", "first"),
            "Suppliers",
            ["North", "Oxide", "allied", "Estonia", 310, 40, "second", None],
        ),
        "Offer changes!row 2",
        "North makes 2 offers of Oxide",
        "first, second",
    ),
    "two changes on one day": (
        with_changes(["North", "Oxide", "2028-Q1", 310, None], ["North", "Oxide", "2028", 320, None]),
        "Offer changes!D3",
        "price of this offer changes twice on one day, here and in row 2",
    ),
    "a ratio to a price of nothing": (
        with_column(
            with_column(with_changes(["East", "Oxide", "2028-01", 0, None], ["East", "Oxide", "2028-Q1", None, 90]), "Suppliers", "terms", None, "contract"),
            "Suppliers",
            "contract_pricing",
            None,
            "indexed",
        ),
        "Offer changes!E3",
        "sets its ratio to the price in force then, and that is 0",
    ),
    "a changed price that grows too large": (
        with_column(with_changes(["North", "Oxide", "2027-Q1", 9e11, None]), "Suppliers", "price_growth", 0.1),
        "Offer changes!D2",
        "price 9e+11 grows past 1,000,000,000,000",
    ),
    "a unit twice, on Offer changes": (
        with_column(with_header(with_changes(["North", "Oxide", "2028", 9, None]), "Offer changes", "price", "price (USD/t)"), "Suppliers", "unit", "lb"),
        "Offer changes!D2",
        "The row of this offer on Suppliers has the unit lb, and so has the header of price",
    ),
    "a departure from nobody": (with_column(sound(), "Inventory", "ships", "2027-Q2"), "Inventory!E2", "ships is given without a supplier"),
    "an open order with nobody who makes it": (with_column(sound(), "Inventory", "supplier", "Mine"), "Inventory!E2", "Mine makes no offer of Oxide"),
    "an open order with an unknown offer": (
        with_column(with_column(sound(), "Inventory", "supplier", "North"), "Inventory", "offer", "second line"),
        "Inventory!F2",
        "North makes no offer second line of Oxide",
    ),
    "an open order with one of several offers": (
        with_column(
            with_rows(
                with_column(sound(), "Suppliers", "offer", "first", None, None), "Suppliers", ["North", "Oxide", "allied", "Estonia", 310, 40, "second", None]
            ),
            "Inventory",
            "supplier",
            "North",
        ),
        "Inventory!row 2",
        "North makes 2 offers of Oxide",
    ),
    "inputs in two places": (
        with_column(with_column(sound(), "Suppliers", "input_material", "Ore"), "Suppliers", "input_per_unit", 2)
        | {"Inputs": [["supplier", "material", "input_material", "input_per_unit"], ["North", "Oxide", "Ore", 2]]},
        "Inputs!C2",
        "North, Oxide names the input Ore on Suppliers, too",
    ),
    "an input twice, once of the only offer without its name": (
        with_column(sound(), "Suppliers", "offer", "Line A")
        | {
            "Inputs": [
                ["supplier", "material", "offer", "input_material", "input_per_unit"],
                ["North", "Oxide", "Line A", "Ore", 2],
                ["North", "Oxide", None, "ore", 3],
            ]
        },
        "Inputs!D3",
        "The input Ore of this offer stands in row 2, too",
    ),
    "an input twice": (
        sound() | {"Inputs": [["supplier", "material", "input_material", "input_per_unit"], ["North", "Oxide", "Ore", 2], ["North", "Oxide", "ore", 3]]},
        "Inputs!A3",
        "stands twice on Inputs",
    ),
    "half an upside": (
        with_column(with_column(sound(), "Suppliers", "terms", "both"), "Suppliers", "upside_share", 0.5),
        "Suppliers!row 2",
        "upside_trigger is blank while upside_share is given",
    ),
    "projects of a material": (
        with_column(with_column(sound(), "Budget", "category", "projects"), "Budget", "material", "Ore"),
        "Budget!D2",
        "The row limits what projects cost, but names materials",
    ),
    "what is left for two rows": (
        with_rows(with_column(sound(), "Budget", "carry_over", 0.5), "Budget", [2028, 5, None]),
        "Budget!A4",
        "Row 3 is for the fiscal year 2028 and the same category and materials, too, and the rows of 2027 carry",
    ),
    "a ton that may be any": (with_column(sound(), "Suppliers", "unit", "ton"), "Suppliers!G2", "The unit ton cannot be converted into"),
    "a unit twice": (
        with_column(with_header(sound(), "Suppliers", "capacity_per_year", "capacity_per_year (lb)"), "Suppliers", "unit", "lb"),
        "Suppliers!G2",
        "The row has the unit lb, and so has the header of capacity_per_year",
    ),
    "a currency twice": (
        with_column(with_header(sound(), "Suppliers", "price", "price (kUSD)"), "Suppliers", "currency", "EUR")
        | {"Currencies": [["currency", "rate"], ["EUR", 1.1]]},
        "Suppliers!G2",
        "The row is in EUR, and the header of price states a currency, too",
    ),
    "a currency without a rate": (with_column(sound(), "Suppliers", "currency", "EUR"), "Suppliers!G2", "The currency EUR has no rate"),
    "a plant that nobody uses": (
        sound() | {"Plants": [["plant", "capacity_per_year"], ["Works", 100]]},
        "Plants!A2",
        "No offer on Suppliers is made in the plant Works",
    ),
    "a plant of two units": (
        with_column(sound(), "Suppliers", "plant", "Works", "Works", "Works") | {"Plants": [["plant", "capacity_per_year"], ["Works", 100]]},
        "Suppliers!G4",
        "The plant Works makes",
        "which are counted in",
    ),
    "one of several that is sold spot": (
        with_column(sound(), "Suppliers", "choose_one", "either"),
        "Suppliers!G2",
        "The group either chooses one of several contracts, and this offer is sold spot",
    ),
    "a fixed contract beyond the capacity": (
        put_all("Suppliers", terms="both", fixed_contract=81),
        "Suppliers!H2",
        "A contract of 81 a year cannot be signed: the offer can deliver 80 a year",
    ),
    "a project that is decided and cannot start": (
        put_all("Projects", decided="start", earliest_start="2027-Q2", latest_start="2027-Q4"),
        "Projects!D2",
        "Line 2 is decided to start",
    ),
    "an unknown column": (with_column(sound(), "Suppliers", "lead_tme_months", 3), "Suppliers!G1", "'lead_tme_months'", "Did you mean lead_time_months?"),
    "a strange column": (with_column(sound(), "Budget", "Qwxz", 3), "Budget!D1", "no column 'Qwxz'", "sheet of your own"),
    "a misspelled required column": (with_header(sound(), "Suppliers", "price", "prize"), "Suppliers!E1", "'prize'", "Did you mean price?"),
    "a column twice": (with_column(sound(), "Suppliers", "Price", 3), "Suppliers!G1", "price stands twice, here and in E1"),
    "a header with an error": (with_column(sound(), "Suppliers", "#REF!", 3), "Suppliers!G1", "#REF!"),
    "a value without a header": (far_value(sound()), "Suppliers!I3", "12", "without a header"),
    "a column of no period": (with_column(sound(), "Demand", "2031-Q1", 3), "Demand!E1", "'2031-Q1'", "from 2027-Q1 to 2028-Q4"),
    "a month among quarters": (with_column(sound(), "Demand", "2027-04", 3), "Demand!E1", "is no period of this case"),
    "a day inside a quarter": (with_column(sound(), "Demand", "2027-04-02", 3), "Demand!E1", "is no period of this case"),
    "a period twice": (with_column(with_column(sound(), "Demand", "2027-Q2", 3), "Demand", "2027-04-01", 3), "Demand!F1", "stands twice, here and in E1"),
    "a faulty quantity of a period": (with_column(sound(), "Demand", "2027-Q2", -3), "Demand!E2", "found -3"),
    "the same offer twice": (
        with_rows(sound(), "Suppliers", ["north", "OXIDE", "other", None, 5, 5]),
        "Suppliers!A5",
        "supplier 'North', material 'Oxide'",
        "row 2",
    ),
    "the same material twice": (with_rows(sound(), "Materials", ["ore", "t", 1]), "Materials!A4", "stands twice", "row 2"),
    "the same stock twice": (with_rows(sound(), "Inventory", ["oxide", "Allied", 5, None]), "Inventory!A4", "same as row 2"),
    "the same limit twice": (with_rows(sound(), "Limits", sound()["Limits"][1]), "Limits!A3", "same as row 2"),
    "inputs in a circle": (circle(sound()), "Suppliers!G2", "form a circle: Oxide from Ore from Oxide"),
    "disruptions in a circle": (following(sound()), "Disruptions!F2", "Ban follows Strike follows Ban"),
    "listed without rows": (listed_without_rows(sound()), "Settings!B6", "scenario_method is listed"),
    "a minimum of the largest share": (with_limit(sound(), measure="largest_supplier_share", minimum=0.1), "Limits!D2", "takes a maximum only"),
    "an unknown use": (
        with_limit(sound(), measure="stock_cover_days", bloc=None, maximum=90, use="Motors, Tanks"),
        "Limits!G2",
        "'Tanks'",
        "Demand, column use",
    ),
    "a percentage of days": (with_limit(sound(), measure="stock_cover_days", bloc=None, minimum="90%"), "Limits!D2", "is a percentage", "a number of days"),
    "a use for a quantity": (with_limit(sound(), measure="stock_quantity", bloc=None, use="Motors"), "Limits!G2", "stock_quantity does not use use"),
}


@pytest.mark.parametrize("name", STRUCTURE)
def test_a_fault_of_the_tables_is_the_one_problem_reported(name, tmp_path):
    """A missing, doubled or misshapen sheet, column or row gives exactly one problem, where it lies."""
    sheets, where, *words = STRUCTURE[name]
    says(only(problems_of(write_xlsx(sheets, tmp_path / "case.xlsx"))), where, *words)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_is_broken_by_one_of_these_workbooks(rule):
    """Each rule's sentence is the message of at least one faulty workbook above, so that no rule goes untried."""
    sentence = re.compile(re.sub(r"\\{\w+\\}", ".*", re.escape(" ".join(rule.__doc__.split()))))
    assert any(sentence.fullmatch(message) for message in messages())


@functools.cache
def messages():
    """Every sentence that the broken workbooks above give."""
    found = set()
    for sheets in [*(sheets for sheets, *_ in STRUCTURE.values()), *map(spoilt, ONE_CELL)]:
        try:
            case_from_sheets(raw(sheets))
        except WorkbookError as error:
            found |= {problem.message for problem in error.problems}
    return found


def test_all_problems_of_a_workbook_come_at_once_in_the_order_of_its_sheets(tmp_path):
    """Eight faults on seven sheets are reported together, in the order of the sheets and rows."""
    sheets = renamed(sound(), "Budget", "Spending")
    put(sheets, "Limits", 2, "measure", "share")
    put(sheets, "Settings", 3, "value", "eight")
    put(sheets, "Suppliers", 2, "price", "n/a")
    put(sheets, "Suppliers", 2, "capacity_per_year", -1)
    put(sheets, "Suppliers", 4, "material", "Oore")
    put(sheets, "Disruptions", 2, "follows", "Ban")
    put(sheets, "Demand", 2, "anual_demand", 4)
    problems = problems_of(write_xlsx(sheets, tmp_path / "case.xlsx"))
    assert [problem.where for problem in problems] == [
        "Settings!B3",
        "Demand!E1",
        "Suppliers!E2",
        "Suppliers!F2",
        "Suppliers!B4",
        "Disruptions!F2",
        "Budget",
        "Limits!B2",
    ]


def test_a_name_whose_own_row_is_faulty_still_counts_as_known(tmp_path):
    """A fault in the row that defines a name does not make other rows that mention the name faulty too."""
    sheets = sound()
    put(sheets, "Materials", 3, "salvage_value", "none")
    put(sheets, "Disruptions", 2, "mean_duration_months", None)
    problems = problems_of(write_xlsx(sheets, tmp_path / "case.xlsx"))
    assert [problem.where for problem in problems] == ["Materials!C3", "Disruptions!C2"]


def test_a_name_that_many_rows_mention_is_one_problem(tmp_path):
    """A name that is unknown is reported once a column, with the other rows that mention it and the name that may be meant."""
    sheets = sound()
    put(sheets, "Materials", 3, "material", "Oxidde")
    problems = problems_of(write_xlsx(sheets, tmp_path / "case.xlsx"))
    assert [problem.where for problem in problems] == ["Inventory!A2", "Demand!A2", "Suppliers!B2"]
    assert all("Did you mean 'Oxidde'?" in problem.message for problem in problems)
    assert "(also in A3)" in problems[0].message


def test_a_percentage_format_on_days_is_refused(tmp_path):
    """Days of cover in a cell that Excel shows as a percentage are a problem at that cell."""
    sheets = with_limit(sound(), measure="stock_cover_days", bloc=None, maximum=None, minimum=0.9)
    path = write_xlsx(sheets, tmp_path / "case.xlsx")
    book = openpyxl.load_workbook(path)
    book["Limits"]["D2"].number_format = "0%"
    book.save(path)
    says(only(problems_of(path)), "Limits!D2", "minimum of stock_cover_days is a percentage")


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"risk_wait": "0.5"}, ("no setting 'risk_wait'", "Did you mean risk_weight?")),
        ({"risk_weight": "high"}, ("risk_weight", "'high'", "a share")),
        ({"periods": "1_0"}, ("periods", "'1_0'")),
        ({"risk_weight": "nan"}, ("risk_weight", "'nan'")),
        ({"risk_weight": float("nan")}, ("risk_weight", "finite")),
        ({"start": "2027-02"}, ("start", "calendar quarter")),
    ],
)
def test_a_faulty_setting_beside_the_workbook_names_itself(overrides, words, tmp_path):
    """A setting given by --set is checked like a cell, and its problem names --set, the setting and the value."""
    says(only(problems_of(write_xlsx(sound(), tmp_path / "case.xlsx"), overrides)), "--set", *words)
