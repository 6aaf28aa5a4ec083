"""Suspicious workbooks: what is legal is read, with a warning at its cell."""

from __future__ import annotations

import re

import openpyxl
import pytest
from books import put, raw, setting, sound, write_xlsx

from optimizer.errors import WorkbookError
from optimizer.intake.checks.suspicions import RULES
from optimizer.intake.reader import case_from_sheets, read

SAMPLED = (
    ("Settings", 6, "setting", "scenario_method"),
    ("Settings", 6, "value", "sampled"),
    *(("Scenarios", row, column, None) for row in (2, 3) for column in ("scenario", "probability", "disruption", "starts", "duration_months")),
)


def row(sheet, number, **cells):
    """The cells of a row."""
    return [(sheet, number, header, value) for header, value in cells.items()]


CASES = {
    # name: (cells to set, where the warning stands, words)
    "salvage above the price": ([("Materials", 3, "salvage_value", 250)], "Materials!C3", "250 of Oxide", "cheapest price, 200"),
    "a sale above the price": ([("Materials", 3, "sale_price", 250)], "Materials!D3", "sale_price 250 of Oxide", "cheapest price, 200"),
    "shortage below the price": ([("Demand", 2, "shortage_cost", 150)], "Demand!D2", "150 of Oxide for Motors", "cheapest price, 200"),
    "a growth of 500%": (
        [("Demand", 2, "annual_growth", 5), ("Suppliers", 3, "capacity_per_year", 1e5)],
        "Demand!E2",
        "annual_growth is 5, which is 500% per year",
    ),
    "nobody offers it": (
        [
            ("Materials", 4, "material", "Tin"),
            ("Materials", 4, "unit", "t"),
            ("Demand", 3, "material", "Tin"),
            ("Demand", 4, "material", "Ore"),
            ("Demand", 4, "use", "Flux"),
            ("Demand", 4, "annual_demand", 1),
            ("Demand", 4, "shortage_cost", 90),
        ],
        "Demand!A3",
        "Tin has demand, but nobody offers it",
    ),
    "an offer for nobody": ([("Demand", 2, "allowed_origins", "allied"), ("Demand", 2, "annual_demand", 2)], "Suppliers!B3", "East, Oxide", "(chinese)"),
    "a free option": ([("Suppliers", 2, "terms", "both")], "Suppliers!G2", "North, Oxide", "neither take_or_pay nor reservation_price"),
    "a minimum over the capacity": (
        [("Suppliers", 2, "minimum_order", 21)],
        "Suppliers!G2",
        "minimum_order 21 is above what North, Oxide can deliver, 20 per quarter",
    ),
    "a contract over the capacity": (
        [("Suppliers", 2, "minimum_contract", 81), ("Suppliers", 2, "terms", "contract"), ("Suppliers", 2, "take_or_pay", 1)],
        "Suppliers!G2",
        "minimum_contract 81",
        "80 per year",
    ),
    "a dependence on nothing": ([("Suppliers", 2, "feedstock_dependence", 0.5)], "Suppliers!G2", "no effect, because feedstock_bloc is blank"),
    "a disruption that strikes nothing": ([("Disruptions", 3, "bloc", "onshored")], "Disruptions!A3", "Strike strikes no offer"),
    "a hard minimum": ([("Limits", 2, "minimum", 0.2), ("Limits", 2, "penalty", None)], "Limits!D2", "For Oxide, Ore", "nothing may be bought at all"),
    "a hard minimum that rests on struck feedstock": (
        [*row("Limits", 2, bloc="allied", minimum=0.2, maximum=None, penalty=None), *row("Suppliers", 2, feedstock_bloc="chinese", feedstock_dependence=0.4)],
        "Limits!D2",
        "For Oxide, Ore",
    ),
    "stock that arrives at once over the storage": (
        [("Materials", 3, "storage_capacity", 6), ("Inventory", 3, "arrives", "2027-Q1")],
        "Inventory!C3",
        "7 kg of Oxide arrive in 2027-Q1",
    ),
    "a lead past the horizon of what is offered late": (
        [("Suppliers", 2, "available_from", "2028-Q1"), ("Suppliers", 2, "lead_time_months", 15)],
        "Suppliers!H2",
        "North, Oxide takes 15 months",
    ),
    "a hard minimum of demand": (
        [("Limits", 2, "measure", "purchase_to_demand"), ("Limits", 2, "minimum", 0.2), ("Limits", 2, "penalty", None)],
        "Limits!D2",
        "For Oxide, Ore",
        "no plan can keep it",
    ),
    "a change that never holds": (
        [
            *row("Offer changes", 2, **{"supplier": "North", "material": "Oxide", "from": "2028-01", "price": 310}),
            *row("Offer changes", 3, **{"supplier": "North", "material": "Oxide", "from": "2028-02", "price": 320}),
        ],
        "Offer changes!D2",
        "This price is never in force: row 3 changes it again",
    ),
    "a changed contract price on the spot": (
        row("Offer changes", 2, **{"supplier": "North", "material": "Oxide", "from": "2028", "contract_price": 310}),
        "Offer changes!D2",
        "contract_price of North, Oxide has no effect, because its terms are spot",
    ),
    "a changed price far off": (
        row("Offer changes", 2, **{"supplier": "North", "material": "Oxide", "from": "2028", "price": 9000}),
        "Offer changes!D2",
        "price 9,000 of North, Oxide is 30 times above what it was, 300",
    ),
    "a changed capacity below the minimum order": (
        [
            *row("Offer changes", 2, **{"supplier": "North", "material": "Oxide", "from": "2028", "capacity_per_year": 40}),
            ("Suppliers", 2, "minimum_order", 15),
        ],
        "Offer changes!D2",
        "From 2028-Q1 on North, Oxide can deliver 10 per quarter, less than its minimum_order 15",
    ),
    "a change after the horizon": (
        row("Offer changes", 2, **{"supplier": "North", "material": "Oxide", "from": "2029", "price": 310}),
        "Offer changes!C2",
        "from lies after the horizon",
    ),
    "a rule that leaves nothing": (
        [*row("Demand", 2, allowed_origins="chinese, other, allied"), *row("Origin rules", 2, rule="Rule", allowed_origins="onshored")],
        "Origin rules!B2",
        "With Rule in force, Motors may not draw Oxide of any origin",
    ),
    "a contract that is over": (
        [*row("Suppliers", 2, terms="both", take_or_pay=0.5, contract_to="2026-Q2")],
        "Suppliers!I2",
        "The contract of North, Oxide runs in no period",
    ),
    "a quantity of no substitute": (
        row("Substitutes", 2, material="Oxide", use="Motors", cost=1, maximum_share=0.1, units_per_unit=2),
        "Substitutes!E2",
        "units_per_unit has no effect, because substitute is blank",
    ),
    "a substitute too late": (
        row("Substitutes", 2, material="Oxide", use="Motors", cost=1, maximum_share=0.1, **{"from": "2029"}),
        "Substitutes!E2",
        "from lies after the horizon",
    ),
    "a plant in two places": (
        [*row("Plants", 2, plant="Works", capacity_per_year=100), ("Suppliers", 2, "plant", "Works"), ("Suppliers", 3, "plant", "Works")],
        "Plants!A2",
        "The offers of the plant Works are of several",
    ),
    "a hard cover in every future": (
        [*row("Limits", 3, limit="Cover", measure="stock_cover_days", minimum=1)],
        "Limits!D3",
        "The hard minimum of Cover must be kept from the first period on in every future that does not release it",
        "from",
    ),
    "a duration in days": (
        [*SAMPLED, ("Disruptions", 2, "mean_duration_months", 180)],
        "Disruptions!C2",
        "mean_duration_months 180 of Ban is 60 times above the nearest other one, 3",
    ),
    "a listed duration in days": (
        [*row("Scenarios", 4, scenario="c", probability=0.1, disruption="Strike", starts="2027-Q4", duration_months=90)],
        "Scenarios!E4",
        "duration_months 90 of Strike is 15 times above the nearest other one, 6",
    ),
    "a year without a row for a material": (
        [("Budget", 2, "material", "Ore"), ("Budget", 3, "material", "ore"), ("Budget", 3, "fiscal_year", 2027)],
        "Budget!A2",
        "The fiscal year 2028 has no row of Ore, although other years have one",
    ),
    "active beside listed": ([("Disruptions", 2, "active_now", "yes")], "Disruptions!F2", "active_now of Ban is not read"),
    "it arrives too late": ([("Inventory", 3, "arrives", "2029-Q1")], "Inventory!D3", "arrives lies after the horizon", "2028-Q4"),
    "it is offered too late": ([("Suppliers", 2, "available_from", "2029")], "Suppliers!G2", "available_from lies after"),
    "it is decided too late": (
        [*SAMPLED, ("Disruptions", 2, "decision_date", "2029"), ("Disruptions", 2, "decision_probability", 1)],
        "Disruptions!F2",
        "decision_date lies after",
    ),
    "a limit too late": ([("Limits", 2, "from", "2029")], "Limits!G2", "from lies after"),
    "a scenario too late": ([("Scenarios", 2, "starts", "2029")], "Scenarios!D2", "starts lies after"),
    "a scenario that is over": ([("Scenarios", 2, "starts", "2026-Q1")], "Scenarios!D2", "Ban is over before the horizon"),
    "a limit that ends before it begins": (
        [("Limits", 2, "from", "2028"), ("Limits", 2, "to", "2027")],
        "Limits!H2",
        "Chinese share holds in no period",
        "before it begins",
    ),
    "a limit before the horizon": ([("Limits", 2, "to", "2026")], "Limits!G2", "ends before the horizon"),
    "a minimum above the maximum": ([("Limits", 2, "minimum", 0.9)], "Limits!D2", "minimum 0.9 of Chinese share is above its maximum 0.65"),
    "a lead past the horizon": ([("Suppliers", 2, "lead_time_months", 24)], "Suppliers!G2", "North, Oxide takes 24 months"),
    "a project past the horizon": ([("Projects", 2, "lead_time_months", 30)], "Projects!C2", "Line 2 takes 30 months"),
    "a project without a start": (
        [("Projects", 2, "earliest_start", "2027-Q2"), ("Projects", 2, "latest_start", "2027-Q4")],
        "Projects!E2",
        "Line 2 cannot start",
        "2027-Q1, 2028-Q1",
    ),
    "a lead shorter than a period": (
        [("Suppliers", 3, "lead_time_months", 1), ("Inventory", 2, "quantity", 50)],
        "Suppliers!G3",
        "shorter than a period (3 months) in row 3",
    ),
    "a duration shorter than a period": ([*SAMPLED, ("Disruptions", 3, "mean_duration_months", 2)], "Disruptions!C3", "than a period"),
    "a scenario shorter than a period": ([("Scenarios", 2, "duration_months", 2)], "Scenarios!E2", "shorter than a period"),
    # Names and places.
    "a company in two spellings": (
        [
            *row("Suppliers", 5, supplier="East Co., Ltd.", material="Oxide", bloc="chinese", country="China", price=205, capacity_per_year=400),
            ("Suppliers", 3, "supplier", "East Company Limited"),
        ],
        "Suppliers!A5",
        "'East Co., Ltd.' is 'East Company Limited' of row 3",
        "both count as one supplier",
    ),
    "a name one letter apart": (
        [
            *row("Suppliers", 5, supplier="Northern Seperation", material="Oxide", bloc="allied", price=290, capacity_per_year=80),
            ("Suppliers", 2, "supplier", "Northern Separation"),
        ],
        "Suppliers!A5",
        "'Northern Seperation' looks like 'Northern Separation' of row 2",
        "count as two",
    ),
    "China as allied": (
        [("Suppliers", 3, "bloc", "allied"), ("Disruptions", 2, "bloc", "allied")],
        "Suppliers!C3",
        "bloc is allied for China",
        "usually chinese",
    ),
    "a country in two blocs": (
        row("Suppliers", 5, supplier="Andes", material="Ore", bloc="allied", country="Chile", price=11, capacity_per_year=900),
        "Suppliers!C5",
        "bloc is allied for Chile, but other in row 4",
    ),
    # Figures.
    "a price a hundred times too high": (
        [*row("Suppliers", 5, supplier="West", material="Oxide", bloc="other", price=25000, capacity_per_year=90)],
        "Suppliers!E5",
        "price 25,000 of West, Oxide is 83 times above",
        "300",
        "USD per kg",
    ),
    "a contract price a hundred times too low": (
        [("Suppliers", 3, "terms", "both"), ("Suppliers", 3, "take_or_pay", 0.5), ("Suppliers", 3, "contract_price", 4)],
        "Suppliers!I3",
        "contract_price 4 of East, Oxide is 50 times below its price, 200",
    ),
    "a capacity in tonnes": (
        [("Suppliers", 2, "capacity_per_year", 0.8)],
        "Suppliers!F2",
        "capacity_per_year 0.8 of North, Oxide is 625 times below",
        "500",
        "kg per year",
    ),
    "a demand in grams": ([("Demand", 2, "annual_demand", 100_000)], "Demand!C2", "100,000 of Oxide for Motors is 172 times above", "580"),
    "a quantity of a period for tonnes": (
        [("Demand", 2, "2027-Q3", 0.025)],
        "Demand!E2",
        "The quantity of 2027-Q3 for Motors, 0.025, is 1,000 times below",
        "25",
    ),
    "stock over the storage": (
        [("Materials", 3, "storage_capacity", 6), ("Inventory", 2, "quantity", 7)],
        "Inventory!C2",
        "7 kg of Oxide are in stock",
        "storage_capacity is 6",
    ),
    "a stock in grams": ([("Inventory", 2, "quantity", 5000)], "Inventory!C2", "5,007 kg of Oxide in stock and on order are 50 years", "100 per year"),
    "an open order twice": (
        row("Inventory", 4, material="Oxide", origin="chinese", quantity=7, arrives="2027-Q2"),
        "Inventory!A4",
        "the same as row 3, and both count",
    ),
    "a budget in thousands": ([("Budget", 3, "amount", 95)], "Budget!B3", "95 for the fiscal year 2028 is 947 times below", "thousands"),
    # What has no effect, or cannot be helped.
    "contract columns on a spot offer": (
        [("Suppliers", 3, "contract_price", 190), ("Suppliers", 3, "take_or_pay", 0.6)],
        "Suppliers!G3",
        "contract_price and take_or_pay of East, Oxide",
        "can only count in a contract",
        "terms is spot",
    ),
    "a project for nobody": ([("Suppliers", 2, "project", None)], "Projects!A2", "No offer needs Line 2"),
    "scenarios that override": ([("Settings", 6, "value", "auto")], "Scenarios!A2", "2 futures of its own and, with probability 0.2, one in which nothing"),
    "scenarios that the method leaves out": ([("Settings", 6, "value", "exact")], "Scenarios!A2", "not read, because scenario_method is exact"),
    "a use that must go short": (
        [("Suppliers", 3, "lead_time_months", 6)],
        "Demand!B2",
        "Motors must go short of 38 kg of Oxide by the end of 2027-Q2",
        "50 are needed",
        "12 can be there",
    ),
    "a year without a budget": ([("Budget", 3, "fiscal_year", 2027)], "Budget!A2", "The fiscal year 2028 has no row"),
    "a year's budget for a part of it": (
        [*row("Settings", 7, setting="fiscal_year_start_month", value=7), *row("Budget", 4, fiscal_year=2029, amount=90000), ("Budget", 2, "amount", 40000)],
        "Budget!B4",
        "90,000 for the fiscal year 2029 is as much as for a whole year",
        "2 of its 4 periods",
    ),
    "quarters across fiscal years": (
        [*row("Settings", 7, setting="fiscal_year_start_month", value=2), *row("Budget", 4, fiscal_year=2029, amount=9000), ("Budget", 2, "amount", 9000)],
        "Settings!B7",
        "begin in month 2, inside a quarter: 2027-Q1 begins in 2027 and ends in the next",
    ),
    "a disruption of nothing": ([("Disruptions", 3, "capacity_remaining", 1)], "Disruptions!A3", "Strike changes nothing"),
    "a disruption that never comes": (
        [*SAMPLED, ("Disruptions", 3, "annual_probability", 0)],
        "Disruptions!B3",
        "annual_probability of Strike is 0, and nothing else makes it begin",
    ),
    "a duration of decades that stands alone": (
        [*SAMPLED, *row("Disruptions", 2, mean_duration_months=365), *row("Disruptions", 3, mean_duration_months=180)],
        "Disruptions!C2",
        "mean_duration_months of Ban is 365 months, which is 30.4 years",
    ),
    "a little left over beside a calm future": (
        [("Scenarios", 3, "probability", 0.69)],
        "Scenarios!B3",
        "leave 0.01 of all chances to a future in which nothing happens, beside Calm",
    ),
    "a duty of 25 for 25%": (row("Duties", 2, duty="Tariff", rate=25, bloc="chinese"), "Duties!B2", "The rate of Tariff is 25, which is 2,500% of the price"),
    "holding for a tonne": ([("Materials", 3, "holding_cost_per_year", 4000)], "Materials!D3", "holding_cost_per_year 4000 of Oxide is above", "200"),
    "all budgets in thousands": (
        [("Budget", 2, "amount", 90), ("Budget", 3, "amount", 95)],
        "Budget!B3",
        "The budgets are at most 95 a fiscal year, 212 times below",
        "20,100",
        "not in thousands",
    ),
    "a budget year twice": (
        row("Budget", 4, fiscal_year=2028, amount=80000, category="all"),
        "Budget!B3",
        "95,000 for the fiscal year 2028 stands beside 80,000 of row 4",
    ),
    "a spot limit under contract": (
        row("Suppliers", 3, terms="contract", take_or_pay=0.5, spot_limit_per_year=9),
        "Suppliers!I3",
        "spot_limit_per_year of East, Oxide has no effect, because its terms are contract",
    ),
    "a spot limit above the capacity": (
        [("Suppliers", 3, "spot_limit_per_year", 501)],
        "Suppliers!G3",
        "spot_limit_per_year of East, Oxide has no effect, because it is above capacity_per_year",
    ),
    "a total among the uses": (
        [
            *row("Demand", 4, material="Oxide", use="Magnets", annual_demand=20, shortage_cost=5000),
            *row("Demand", 5, material="Oxide", use="All uses", annual_demand=120, shortage_cost=5000),
        ],
        "Demand!C5",
        "annual_demand 120 of Oxide for All uses is that of its other uses together",
    ),
    "a material for nobody": (row("Materials", 4, material="Tin", unit="t"), "Materials!A4", "Tin is needed, sold, stocked and used up by nobody"),
    "feedstock that nothing rests on": ([("Suppliers", 2, "feedstock_bloc", "chinese")], "Suppliers!G2", "no effect, because feedstock_dependence is blank"),
    "a budget of another year": (
        [("Budget", 4, "fiscal_year", 2031), ("Budget", 4, "amount", 1)],
        "Budget!A4",
        "2031 does not touch the horizon",
        "2027, 2028",
    ),
}


def spoilt(cells):
    """The sound workbook with these cells."""
    sheets = sound()
    for cell in cells:
        put(sheets, *cell)
    return sheets


@pytest.mark.parametrize("name", CASES)
def test_what_is_suspicious_is_read_with_one_warning_at_its_cell(name):
    """Each suspicious cell is read and gives exactly one warning, at its cell, in the words expected."""
    cells, where, *words = CASES[name]
    warnings = case_from_sheets(raw(spoilt(cells))).warnings
    assert [warning.where for warning in warnings] == [where], "\n".join(map(str, warnings))
    assert warnings[0].level == "warning"
    assert all(word in warnings[0].message for word in words), warnings[0].message


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_that_warns_has_a_case_here(rule):
    """Each warning rule's sentence is the message of at least one case above."""
    sentence = re.compile(re.sub(r"\\{\w+\\}", ".*", re.escape(" ".join(rule.__doc__.split()))))
    messages = (warning.message for cells, *_ in CASES.values() for warning in case_from_sheets(raw(spoilt(cells))).warnings)
    assert any(sentence.fullmatch(message) for message in messages)


def test_an_input_counts_into_the_price_of_what_is_made_from_it():
    """The cheapest price of a converted material includes its input, so that a salvage value just above it is warned of and one just below is not."""
    converting = [("Suppliers", 3, "input_material", "Ore"), ("Suppliers", 3, "input_per_unit", 4)]
    sheets = spoilt([*converting, ("Materials", 3, "salvage_value", 239)])
    assert case_from_sheets(raw(sheets)).warnings == ()
    put(sheets, "Materials", 3, "salvage_value", 241)
    assert "cheapest price, 240" in case_from_sheets(raw(sheets)).warnings[0].message


def test_a_price_that_falls_counts_at_its_lowest():
    """A salvage value is compared with the price at its lowest within the horizon."""
    sheets = spoilt([("Suppliers", 3, "price_growth", -0.5), ("Materials", 3, "salvage_value", 60)])
    warning = case_from_sheets(raw(sheets)).warnings[0]
    assert "cheapest price, 59.46" in warning.message  # 200 * 0.5 ** 1.75, in the last of 8 quarters


def test_the_discount_rate_of_500_percent_is_warned_of_at_its_setting():
    """A discount rate of 5, which is 500%, is warned of at its cell."""
    sheets = sound()
    setting(sheets, "discount_rate", 5)
    assert [warning.where for warning in case_from_sheets(raw(sheets)).warnings] == ["Settings!B6"]


def test_a_disruption_of_feedstock_or_demand_strikes_something():
    """A disruption that strikes only feedstock or only demand is not said to strike nothing."""
    feedstock = [("Disruptions", 3, "bloc", "onshored"), ("Suppliers", 2, "feedstock_bloc", "onshored"), ("Suppliers", 2, "feedstock_dependence", 0.5)]
    demand = [("Disruptions", 3, "bloc", "onshored"), ("Disruptions", 3, "demand_multiplier", 1.5)]
    assert case_from_sheets(raw(spoilt(feedstock))).warnings == case_from_sheets(raw(spoilt(demand))).warnings == ()


@pytest.mark.parametrize(("name", "words"), [("Budget", "spending is not limited"), ("Disruptions", "nothing happens")])
def test_a_budget_and_disruptions_may_be_missing_with_a_warning(name, words):
    """Without the sheet, and with no other sheet that may be meant, the case is read, and it is said what that means."""
    sheets = sound()
    del sheets[name]
    if name == "Disruptions":
        del sheets["Scenarios"]
        setting(sheets, "scenario_method", "auto")
    reading = case_from_sheets(raw(sheets))
    (warning,) = [found for found in reading.warnings if found.sheet == name]
    assert f"There is no sheet {name}: {words}" in warning.message and getattr(reading.case, name.lower()) == ()


def test_an_empty_optional_sheet_and_one_of_a_similar_name_are_warned_of():
    """An empty optional sheet and a sheet with a similar name each give a warning."""
    sheets = sound() | {"Projects": [], "Limit": sound()["Limits"]}
    del sheets["Limits"]
    warnings = case_from_sheets(raw(sheets)).warnings
    assert [warning.where for warning in warnings] == ["Limit", "Projects"]
    assert "rename it" in warnings[0].message


def oddities(tmp_path, change):
    """The warnings of the sound workbook after a change to its file."""
    path = write_xlsx(sound() | {"Notes": [["a", "b"], [1, 2]]}, tmp_path / "case.xlsx")
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return [(warning.where, warning.message) for warning in read(path).warnings]


def test_hidden_rows_columns_and_sheets_are_read_and_warned_of(tmp_path):
    """Hidden rows, columns and sheets of the model are read and warned of; hidden rows of other sheets are not named."""

    def hide(book):
        book["Suppliers"].row_dimensions[3].hidden = True
        book["Suppliers"].column_dimensions["D"].hidden = True
        book["Budget"].sheet_state = "hidden"
        book["Notes"].row_dimensions[1].hidden = True

    found = oddities(tmp_path, hide)
    assert [where for where, _ in found] == ["Suppliers!D1", "Suppliers!row 3", "Budget"]
    assert all("read all the same" in message for _, message in found)


def test_merged_cells_are_warned_of(tmp_path):
    """Merged cells within a table of the model are warned of, those outside of it or on other sheets are not."""

    def merge(book):
        book["Demand"].merge_cells("E2:F3")
        book["Inventory"].merge_cells("D2:E2")
        book["Notes"].merge_cells("A1:B1")

    found = oddities(tmp_path, merge)
    assert [where for where, _ in found] == ["Inventory!D2"]
    assert "Merged cells D2:E2" in found[0][1]


def test_warnings_come_along_when_there_are_errors_too():
    """The error of a faulty workbook carries its warnings."""
    sheets = sound() | {"Projects": []}
    put(sheets, "Suppliers", 2, "price", "x")
    with pytest.raises(WorkbookError) as caught:
        case_from_sheets(raw(sheets))
    assert [warning.where for warning in caught.value.warnings] == ["Projects"]


def test_an_event_that_does_nothing_by_itself_may_last_for_ever():
    """A law that is repealed stays so: its duration is not compared with those of measures that harm."""
    sheets = sound()
    for header, value in (("mean_duration_months", 1200), ("capacity_remaining", 1)):
        put(sheets, "Disruptions", 2, header, value)
    for cells in SAMPLED:
        put(sheets, *cells)
    warnings = [str(warning) for warning in case_from_sheets(raw(sheets)).warnings]
    assert not any("mean_duration_months" in text for text in warnings)
