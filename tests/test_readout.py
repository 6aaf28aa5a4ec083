"""What was read is said, and what is suspicious: each slip that once went through in silence, at its cell, and others of its kind."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from books import raw, sound, write_csv, write_xlsx
from workbooks import write_workbook

import optimizer
from optimizer.editing.repairs import fixes
from optimizer.errors import WorkbookError
from optimizer.intake.reader import case_from_sheets, read, read_sheets

CASES = Path(__file__).parent / "cases"
MESSY, SOLVER = CASES / "messy", CASES / "solver"
SAMPLES = Path(__file__).parent.parent / "sample_inputs"

SLIPS = {
    # file: (where, words)
    "slip-leftover_scenarios": (
        "Scenarios!A2",
        "stands in place of every probability",
        "1 future of its own and, with probability 0.8",
        "scenario_method to listed",
    ),
    "slip-sheet_inventory_renamed": ("Stock", "not read, though it looks like Inventory", "rename it"),
    "slip-budget_missing_2028": ("Budget!A2", "The fiscal year 2028 has no row", "not limited"),
    "05a-budget-year-missing": ("Budget!A2", "The fiscal year 2028 has no row"),
    "slip-fy_april": ("Budget!A3", "The fiscal year 2029 has no row", "2027 to 2029"),
    "04a-fy-feb-quarters": ("Settings!B7", "Fiscal years begin in month 2, inside a quarter", "2027-Q1 begins in 2027"),
    "04a2-fy-feb-budgets": ("Settings!B7", "Fiscal years begin in month 2, inside a quarter"),
    "slip-price_fat_finger": ("Suppliers!G2", "price 6,200 of JL Mag, NdFeB magnets is 59 times above", "EUR per kg"),
    "03g-unit-slip-price-1000x": ("Suppliers!E3", "price 850,000 of Rhine Refining, Gallium is 1,417 times above", "600"),
    "slip-contract_price_terms_spot": ("Suppliers!N2", "contract_price and take_or_pay of JL Mag", "terms is spot"),
    "slip-unused_project": ("Projects!A3", "No offer needs Recycling line"),
    "slip-inv_gt_storage": ("Inventory!C2", "60,000 kg of NdFeB magnets are in stock", "storage_capacity is 40,000"),
    "03k2-country-synonym-cap": ("Suppliers!D6", "'PRC' is 'China' of row 2", "count as one country"),
    "03l-china-allied": ("Suppliers!C2", "bloc is allied for China", "usually chinese"),
}


def everything(path):
    """All problems of a file."""
    return optimizer.check(path)


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_that_went_through_in_silence_is_a_warning_at_its_cell(name):
    """Each slip that is easily made in a workbook gives exactly one warning at its cell, with what was found and what to do."""
    where, *words = SLIPS[name]
    found = [problem for problem in everything(MESSY / f"{name}.xlsx") if problem.where == where]
    assert len(found) == 1 and found[0].level == "warning"
    assert all(word in found[0].message for word in words), found[0].message
    assert found[0].found and found[0].expected and found[0].fix


@pytest.mark.parametrize(
    ("name", "where", "words"),
    [
        ("03r-abbrev", "Demand!A2", "Did you mean 'Gallium'?"),
        ("24a-nfd-nfc-same-offer-twice", "Suppliers!A6", "stands twice on Suppliers, here and in row 3"),
        ("slip-own_sheet", "Suppliers", "Is it the sheet 'Offers 2027'?"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_the_name_that_is_meant(name, where, words):
    """A name or sheet that cannot be resolved is an error that proposes the one that is meant."""
    problem = next(problem for problem in everything(MESSY / f"{name}.xlsx") if problem.where == where)
    assert problem.level == "error" and words in problem.message


def test_zero_width_characters_make_no_other_name():
    """Names that differ only in characters that nobody sees are one name, without a warning."""
    reading = read(MESSY / "03p-zero-width.xlsx")
    assert reading.warnings == () and {row.material for row in reading.case.demand} == {"Gallium", "Germanium"}


def test_two_open_orders_of_one_material_in_one_quarter_are_two():
    """Two equal rows of Inventory are two shipments and not a duplicate."""
    reading = read(SOLVER / "two_shipments_same_quarter.xlsx")
    assert [(item.quantity, item.arrives) for item in reading.case.inventory] == [(12, 1), (12, 1)] and reading.warnings == ()


def test_a_second_sheet_of_one_name_is_never_lost_in_silence():
    """A workbook with two sheets named Suppliers gives one problem that says so."""
    found = everything(CASES / "hostile" / "w38_same_sheet_name.xlsx")
    assert len(found) == 1 and "Suppliers" in found[0].message + found[0].sheet


@pytest.mark.parametrize("sample", ["gallium_germanium", "national_stockpile", "rare_earth_magnets", "tutorial"])
def test_a_sample_gives_no_warning_but_that_short_lead_times_count_as_a_period(sample):
    """The samples give no warning except those on lead times shorter than a period."""
    assert [problem for problem in everything(SAMPLES / f"{sample}.xlsx") if "is shorter than a period" not in problem.message] == []


# -- siblings of each kind -------------------------------------------------------------------------------------------------


def motors():
    """A healthy workbook of a motor maker: sheet -> rows."""
    sheets = {sheet.name: [list(row) for row in sheet.rows] for sheet in read_sheets(MESSY / "slip-leftover_scenarios.xlsx").sheets if sheet.name != "Read me"}
    sheets["Scenarios"] = sheets["Scenarios"][:1]
    for row, quantity in zip(sheets["Inventory"][1:4], (30000, 3000, 9000), strict=True):
        row[2], row[3] = quantity, None
    return sheets


MOTORS = motors()


def changed(*cells):
    """The warnings of the motor maker's workbook after changes, but that of short lead times. cells: (sheet, row, column, value)."""
    sheets = copy.deepcopy(MOTORS)
    for sheet, number, header, value in cells:
        rows = sheets[sheet]
        if header not in rows[0]:
            for place, row in enumerate(rows):
                row.append(header if place == 0 else None)
        while len(rows) < number:
            rows.append([None] * len(rows[0]))
        rows[number - 1][rows[0].index(header)] = value
    return [warning for warning in case_from_sheets(raw(sheets)).warnings if "is shorter than a period" not in warning.message]


def test_the_healthy_workbook_gives_no_other_warning():
    """The workbook that the tests below change gives no warning by itself."""
    assert changed() == []


def slip(sheet, row, column, value, letter, *words, also=()):
    return ([(sheet, row, column, value), *also], f"{sheet}!{letter}{row}", words)


FIGURES = [
    *(
        slip("Suppliers", row, "price", value, "G", "price", "times above")
        for row, value in ((2, 6200), (3, 10500), (3, 105e3), (4, 9.2e6), (8, 9800), (9, 85000))
    ),
    *(slip("Suppliers", row, "price", value, "G", "price", "times below") for row, value in ((2, 0.62), (3, 1.05), (4, 0.092))),
    *(
        slip("Suppliers", row, "contract_price", value, "N", "contract_price", way)
        for row, value, way in ((2, 6000, "above"), (2, 0.6, "below"), (3, 9800, "above"), (5, 255e3, "above"), (6, 4.2, "below"), (7, 1.12, "below"))
    ),
    slip("Suppliers", 2, "price_floor", 6000, "Q", "price_floor 6,000", "times above its contract_price"),
    slip("Suppliers", 2, "price_ceiling", 0.6, "R", "price_ceiling 0.6", "times below its contract_price"),
    slip("Suppliers", 2, "reservation_price", 6000, "S", "reservation_price 6,000", "times above its price"),
    *(
        slip("Suppliers", row, "capacity_per_year", value, "I", "capacity_per_year", way)
        for row, value, way in (
            (2, 60e6, "above"),
            (3, 25, "below"),
            (3, 25e6, "above"),
            (5, 2.5, "below"),
            (6, 9e5, "above"),
            (7, 6, "below"),
            (8, 1.2e6, "above"),
        )
    ),
    *(
        slip("Demand", row, "annual_demand", value, "C", "annual_demand", "times above what all its offers")
        for row, value in ((2, 6e6), (2, 60e6), (3, 12e6), (4, 18e4), (4, 18e5), (5, 9e5))
    ),
    *(slip("Demand", row, "annual_demand", value, "C", "annual_demand", "times below the nearest other use") for row, value in ((2, 60), (3, 12), (3, 120))),
    *(
        slip("Demand", 2, label, value, "I", f"The quantity of {label}", way)
        for label, value, way in (("2027-Q1", 1.5e6, "above"), ("2027-Q2", 15, "below"), ("2027-Q4", 9e6, "above"), ("2028-Q1", 150, "below"))
    ),
    *(slip("Budget", 3, "amount", value, "B", "fiscal year 2028", "times below") for value in (9500, 9.5, 95000)),
    slip("Budget", 2, "amount", 9.5e9, "B", "fiscal year 2027", "times above"),
    *(slip("Inventory", row, "quantity", value, "C", "years of its demand") for row, value in ((3, 5e4), (4, 2e5))),
]


@pytest.mark.parametrize(("cells", "where", "words"), FIGURES, ids=[f"{cells[0][2]} {cells[0][3]} in row {cells[0][1]}" for cells, *_ in FIGURES])
def test_a_figure_some_hundred_times_off_is_named(cells, where, words):
    """A figure in the wrong unit gives one warning at its cell, which names what it was compared with."""
    if "years of its demand" in words:
        cells = [*cells, *(("Materials", row, "storage_capacity", None) for row in (2, 3, 4))]
    found = [warning for warning in changed(*cells) if warning.where == where and all(word in warning.message for word in words)]
    assert len(found) == 1, [str(warning) for warning in changed(*cells)]


HEALTHY = {
    "a price three times its peers": ("Suppliers", 3, "price", 320),
    "a cheap offer": ("Suppliers", 9, "price", 12),
    "a free offer": ("Suppliers", 9, "price", 0),
    "no limit in words of nines": ("Suppliers", 2, "capacity_per_year", 999_999),
    "no limit as a round number": ("Suppliers", 2, "capacity_per_year", 1_000_000),
    "no limit as a huge number": ("Suppliers", 2, "capacity_per_year", 1e11),
    "a small recycler": ("Suppliers", 9, "capacity_per_year", 150),
    "a small use": ("Demand", 3, "annual_demand", 600),
    "a season": ("Demand", 2, "2027-Q2", 60000),
    "a quarter without need": ("Demand", 2, "2027-Q2", 0),
    "a small budget": ("Budget", 3, "amount", 2_000_000),
    "a budget of nothing": ("Budget", 3, "amount", 0),
    "a contract at half the price": ("Suppliers", 2, "contract_price", 31),
    "a low floor": ("Suppliers", 2, "price_floor", 1),
    "a high ceiling": ("Suppliers", 2, "price_ceiling", 9000),
    "a small option price": ("Suppliers", 2, "reservation_price", 0.5),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_figures_that_differ_for_good_reasons_are_not_named(name):
    """Figures that differ widely for a reason which the workbook shows give no warning of their size."""
    assert [str(warning) for warning in changed(HEALTHY[name]) if " times " in warning.message] == []


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        ({"contract_price": 80}, "contract_price of"),
        ({"take_or_pay": 0.5}, "take_or_pay of"),
        ({"reservation_price": 2}, "reservation_price of"),
        ({"minimum_contract": 100}, "minimum_contract of"),
        ({"price_floor": 50}, "price_floor of"),
        ({"price_ceiling": 150}, "price_ceiling of"),
        ({"contract_pricing": "indexed"}, "contract_pricing of"),
        ({"contract_price_growth": 0.02}, "contract_price_growth of"),
        ({"contract_price": 80, "price_floor": 50, "take_or_pay": 0.5}, "contract_price, price_floor and take_or_pay of"),
    ],
)
def test_what_only_counts_in_a_contract_is_named_on_a_spot_offer(columns, named):
    """Contract columns that are filled in on an offer sold spot only give one warning that names them all."""
    found = changed(*(("Suppliers", 8, name, value) for name, value in columns.items()))
    assert len(found) == 1 and found[0].cell.endswith("8") and found[0].message.startswith(named)


@pytest.mark.parametrize("columns", [{"contract_pricing": "fixed"}, {"take_or_pay": 0}, {"contract_price_growth": 0}, {"reservation_price": 0}])
def test_a_default_that_is_spelled_out_on_a_spot_offer_is_not(columns):
    """A contract column that is filled with its default on a spot offer gives no warning."""
    assert changed(*(("Suppliers", 8, name, value) for name, value in columns.items())) == []


@pytest.mark.parametrize(
    ("cells", "where", "words"),
    [
        ([("Suppliers", 2, "bloc", "allied")], "Suppliers!D2", "bloc is allied for China"),
        ([("Suppliers", 5, "bloc", "other")], "Suppliers!D5", "bloc is other for China"),
        ([("Suppliers", 2, "bloc", "onshored")], "Suppliers!D2", "bloc is onshored for China"),
        ([("Suppliers", 2, "country", "Hong Kong"), ("Suppliers", 2, "bloc", "other")], "Suppliers!D2", "Hong Kong, a part of China"),
        ([("Suppliers", 2, "country", "PRC"), ("Suppliers", 2, "bloc", "allied")], "Suppliers!D2", "usually chinese"),
        ([("Suppliers", 3, "bloc", "chinese")], "Suppliers!D3", "bloc is chinese for Germany, but onshored in row 9"),
        ([("Suppliers", 6, "bloc", "other")], "Suppliers!D7", "bloc is allied for Malaysia, but other in row 6"),
        (
            [("Suppliers", 4, "feedstock_country", "China"), ("Suppliers", 4, "feedstock_bloc", "allied"), ("Suppliers", 4, "feedstock_dependence", 0.4)],
            "Suppliers!Y4",
            "feedstock_bloc is allied for China",
        ),
    ],
)
def test_a_country_in_a_bloc_that_is_not_its_own_is_named(cells, where, words):
    """A country in a bloc that contradicts its usual one or another row is a warning at that cell."""
    found = [warning for warning in changed(*cells) if "bloc" in warning.message]
    assert [warning.where for warning in found if words in warning.message] == [where], [str(warning) for warning in found]


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("Stock", 1),
        ("Inventories", 1),
        ("Purchases", 1),
        ("Stock on hand", 1),
        ("Lagerbestand", 1),
        ("Open orders", 1),
        ("Inventory 2027", 1),
        ("inventory_final", 1),
        ("Copy of Inventory", 1),
        ("Tabelle1", 1),
        ("Stockpile (kg)", 3),
        ("Inventroy", 1),
        ("Existencias", 1),
        ("Magazzino 2027", 1),
    ],
)
def test_a_sheet_that_is_meant_as_inventory_is_never_left_out_in_silence(name, row):
    """A sheet under another name that looks like Inventory is named, and the repair renames it and reads its rows."""
    sheets = copy.deepcopy(MOTORS)
    rows = sheets.pop("Inventory")
    sheets[name] = [["Our stock", None, None, None]] * (row - 1) + rows
    found = [warning for warning in case_from_sheets(raw(sheets)).warnings if warning.sheet == name]
    assert len(found) == 1 and "not read, though it looks like Inventory, which is missing" in found[0].message
    if row == 1:
        fix = fixes(found[0], raw(sheets))[0]
        assert fix.words == f"Rename the sheet '{name}' to Inventory"
        assert len(case_from_sheets(fix.sheets).case.inventory) == 3


@pytest.mark.parametrize(
    ("name", "sheet"),
    [("Constraints", "Limits"), ("Caps", "Limits"), ("Investments", "Projects"), ("Limits1", "Limits"), ("Restricción", "Limits"), ("Limits (2)", "Limits")],
)
def test_other_optional_sheets_of_another_name_are_named_too(name, sheet):
    """A sheet under another name that looks like Limits or Projects is named in one warning."""
    sheets = copy.deepcopy(MOTORS)
    if sheet == "Projects":
        for row in sheets["Suppliers"][1:]:
            row[-1] = None
    sheets[name] = sheets.pop(sheet)
    assert [warning.sheet for warning in case_from_sheets(raw(sheets)).warnings if f"looks like {sheet}" in warning.message] == [name]


def test_a_sheet_of_another_name_takes_the_place_of_an_empty_one():
    """The repair of a misnamed sheet replaces the empty sheet of the right name."""
    sheets = copy.deepcopy(MOTORS)
    sheets["Stock"] = sheets["Inventory"]
    sheets["Inventory"] = sheets["Inventory"][:1]
    warning = next(warning for warning in case_from_sheets(raw(sheets)).warnings if warning.sheet == "Stock")
    assert len(case_from_sheets(fixes(warning, raw(sheets))[0].sheets).case.inventory) == 3


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Suppliers", "Vendors"),
        ("Suppliers", "Offers 2027"),
        ("Demand", "Requirements"),
        ("Disruptions", "Risks"),
        ("Budget", "Budgets 2027"),
        ("Materials", "Items"),
        ("Suppliers", "Tabelle3"),
        ("Suppliers", "Proveedores"),
        ("Disruptions", "Interrupciones"),
        ("Budget", "Presupuesto 2027"),
        ("Demand", "Fabbisogno"),
    ],
)
def test_a_required_sheet_of_another_name_is_named_in_the_error_and_one_click_renames_it(old, new):
    """A missing required sheet is an error that proposes the sheet that looks like it, and the repair renames that sheet."""
    sheets = copy.deepcopy(MOTORS)
    sheets[new] = sheets.pop(old)
    with pytest.raises(WorkbookError) as caught:
        case_from_sheets(raw(sheets))
    problem = next(problem for problem in caught.value.problems if problem.sheet == old)
    assert f"Is it the sheet '{new}'?" in problem.message
    assert case_from_sheets(fixes(problem, raw(sheets))[0].sheets).case.offers


@pytest.mark.parametrize("name", ["Notes", "Sources", "Read me", "Assumptions", "Sheet1", "Chart data", "Contacts", "Change log", "Prices 2026", "Forecast"])
def test_a_planners_own_sheet_is_listed_and_not_suspected(name):
    """A sheet of notes is listed as not read and gives no warning."""
    reading = case_from_sheets(raw(MOTORS | {name: [["What", "Why"], ["a", 1]]}))
    assert [warning for warning in reading.warnings if warning.sheet == name] == []
    assert reading.report.unread == ((name, 2),)


@pytest.mark.parametrize(
    ("file", "named"),
    [
        ("Limits.csv.txt", True),
        ("Stock.xls", True),
        ("Limits.csv.bak", True),
        ("Constraints.ods", True),
        ("README.txt", False),
        ("notes.docx", False),
        ("plan.json", False),
        (".Limits.swp", False),
    ],
)
def test_a_file_beside_the_csv_that_may_be_meant_as_a_sheet_is_named(file, named, tmp_path):
    """A file of another kind that bears a name like a sheet's gives one warning; other files give none."""
    folder = write_csv({name: rows for name, rows in sound().items() if name != "Limits"}, tmp_path / "case")
    (folder / file).write_text("limit,measure\n", encoding="utf-8")
    found = [problem for problem in read(folder).warnings if problem.sheet == file]
    assert len(found) == named and all("is not read, because only .csv files are" in problem.message for problem in found)


@pytest.mark.parametrize("file", ["Limits.txt", "limits.tsv", "Limits.xlsx", "Limits.csv/"])
def test_what_bears_the_name_of_a_sheet_and_is_no_csv_file_is_refused(file, tmp_path):
    """A file or folder with the exact name of a sheet that is no .csv file is an error of that sheet."""
    folder = write_csv({name: rows for name, rows in sound().items() if name != "Limits"}, tmp_path / "case")
    path = folder / file
    path.mkdir() if file.endswith("/") else path.write_text("limit,measure\n", encoding="utf-8")
    with pytest.raises(WorkbookError) as refused:
        read(folder)
    assert [problem.sheet for problem in refused.value.problems] == ["Limits"]


@pytest.mark.parametrize(
    ("lead", "stock", "first", "short"),
    [(4, 0, "2027-Q2", 50), (3, 0, "2027-Q1", 25), (9, 10, "2027-Q3", 65), (3, 24, "2027-Q1", 1), (0, 0, "", 0), (3, 25, "", 0)],
)
def test_a_use_that_must_go_short_until_the_first_delivery_is_named(lead, stock, first, short, tmp_path):
    """A shortage that stock and lead times make unavoidable is a warning with its size, which the best plan cannot avoid either."""
    path = write_workbook(
        tmp_path / "case.xlsx",
        {
            "Settings": {"start": "2027-01-01", "periods": 8},
            "Materials": [{"material": "m", "unit": "t"}],
            "Demand": [{"material": "m", "use": "u", "annual_demand": 100, "shortage_cost": 900}],
            "Inventory": [{"material": "m", "origin": "allied", "quantity": stock}],
            "Suppliers": [{"supplier": "s", "material": "m", "bloc": "allied", "price": 9, "capacity_per_year": 100, "lead_time_months": lead}],
        },
    )
    found = [warning for warning in read(path).warnings if "must go short" in warning.message]
    assert [warning.where for warning in found] == (["Demand!B2"] if short else [])
    if short:
        assert f"u must go short of {short} t of m by the end of {first}" in found[0].message
        plan = optimizer.solve(path, {"mip_gap": 0})
        assert plan.tables["cover"].short.sum() == pytest.approx(short), "what is claimed is what the best plan cannot avoid"


@pytest.mark.parametrize(
    ("change", "short"),
    [
        ({"project": "p"}, 50),
        ({"available_from": "2027-Q4"}, 75),
        ({"bloc": "chinese", "origin": "allied"}, 0),
        ({"origin": "chinese"}, 200),
        ({"capacity_per_year": 60}, 80),
        ({"spot_limit_per_year": 60}, 80),
        ({"spot_limit_per_year": 60, "terms": "both", "take_or_pay": 1}, 0),
        ({"input_material": "ore", "input_per_unit": 2}, 25),
    ],
)
def test_projects_dates_origins_capacities_and_inputs_decide_what_must_go_short(change, short, tmp_path):
    """The unavoidable shortage that is claimed respects projects, dates, origins, capacities and inputs: the best plan goes short by the same quantity."""
    path = write_workbook(
        tmp_path / "case.xlsx",
        {
            "Settings": {"start": "2027-01-01", "periods": 8},
            "Materials": [{"material": "m", "unit": "t"}, {"material": "ore", "unit": "t"}],
            "Demand": [{"material": "m", "use": "u", "annual_demand": 100, "shortage_cost": 900, "allowed_origins": "allied"}],
            "Suppliers": [
                {"supplier": "s", "material": "m", "bloc": "allied", "price": 9, "capacity_per_year": 400, **change},
                {"supplier": "o", "material": "ore", "bloc": "allied", "price": 1, "capacity_per_year": 4000, "lead_time_months": 3},
            ],
            "Projects": [{"project": "p", "cost": 1, "lead_time_months": 6}],
        },
    )
    reading = read(path)
    found = [warning for warning in reading.warnings if "must go short" in warning.message]
    assert len(found) == (short > 0)
    assert not short or f"must go short of {short} t" in found[0].message
    plan = optimizer.solve(reading, {"mip_gap": 0})
    assert plan.tables["cover"].query("material == 'm'").short.sum() == pytest.approx(short)


@pytest.mark.parametrize(
    ("month", "rows", "years"),
    [
        (1, {2027: 9}, "The fiscal year 2028"),
        (1, {2028: 9}, "The fiscal year 2027"),
        (4, {2027: 1, 2028: 9}, "The fiscal year 2029"),
        (10, {2027: 9, 2029: 1}, "The fiscal year 2028"),
        (7, {2028: 9}, "The fiscal years 2027, 2029"),
        (1, {2027: 9, 2028: 9}, ""),
        (1, {}, ""),
        (1, {2031: 9}, ""),
        (7, {2027: 5, 2028: 9, 2029: 5}, ""),
    ],
)
def test_a_fiscal_year_without_a_budget_beside_years_that_have_one_is_named(month, rows, years):
    """A fiscal year of the horizon without a budget row is named if other years of the horizon have one."""
    sheets = copy.deepcopy(MOTORS)
    sheets["Budget"] = [["fiscal_year", "amount"], *([year, 1e6 * amount] for year, amount in rows.items())]
    next(row for row in sheets["Settings"] if row[0] == "fiscal_year_start_month")[1] = month
    found = [warning.message for warning in case_from_sheets(raw(sheets)).warnings if "although other years have one" in warning.message]
    assert len(found) == bool(years) and all(message.startswith((f"{years} has no row", f"{years} have no row")) for message in found)


@pytest.mark.parametrize(
    ("categories", "named"),
    [
        ({"all": (2027, 2028), "projects": (2027,)}, ""),
        ({"projects": (2027,)}, "2028 has no row for projects"),
        ({"purchases": (2027, 2028), "storage": (2028,)}, "2027 has no row for storage"),
    ],
)
def test_a_category_of_budget_is_looked_at_by_itself_where_no_other_row_holds_the_year(categories, named):
    """A category's missing year is named unless a row for all categories bounds that year."""
    sheets = copy.deepcopy(MOTORS)
    sheets["Budget"] = [["fiscal_year", "amount", "category"], *([year, 9e6, name] for name, years in categories.items() for year in years)]
    found = [warning.message for warning in case_from_sheets(raw(sheets)).warnings if "although other years have one" in warning.message]
    assert len(found) == bool(named) and all(named in message for message in found)


@pytest.mark.parametrize(("month", "period", "named"), [(m, "quarter", m % 3 != 1) for m in range(1, 13)] + [(2, "month", False), (1, "year", False)])
def test_quarters_that_straddle_fiscal_years_are_named(month, period, named):
    """A fiscal year that begins within a quarter is warned of, and only if periods are quarters."""
    settings = {"start": "2027-01-01", "period": period, "periods": 8, "fiscal_year_start_month": month}
    reading = case_from_sheets(raw(MOTORS), "case", "", settings)
    assert sum("inside a quarter" in warning.message for warning in reading.warnings) == named


# -- the page --------------------------------------------------------------------------------------------------------------


def test_the_report_says_sheets_rows_units_currency_defaults_and_what_was_not_read(tmp_path):
    """The report of a reading counts sheets and rows and names units, currency, horizon, defaults, blanks and what was not read."""
    sheets = sound() | {"Notes": [["a"], [None], ["b"]]}
    del sheets["Inventory"]
    report = read(write_xlsx(sheets, tmp_path / "case.xlsx")).report
    assert (report.source, report.currency, report.horizon) == ("case.xlsx", "USD", "8 quarters from 2027-Q1 to 2028-Q4")
    assert report.units == {"Ore": "t", "Oxide": "kg"}
    assert {sheet.name: sheet.rows for sheet in report.sheets} == {
        "Settings": 5,
        "Materials": 2,
        "Demand": 2,
        "Suppliers": 3,
        "Projects": 1,
        "Disruptions": 2,
        "Scenarios": 2,
        "Budget": 2,
        "Limits": 1,
    }
    assert report.absent == {
        "Inventory": "no stock and no open orders",
        "Substitutes": "nothing is replaced or saved",
        "Plants": "no offers share a plant",
        "Offer changes": "every offer keeps its values",
        "Currencies": "every row is in the case's currency",
        "Origin rules": "only Demand says which origins a use accepts",
        "Inputs": "an offer converts the input that Suppliers names, or none",
        "Duties": "nothing is paid at the border",
    }
    assert report.unread == (("Notes", 2),)
    assert report.headline == "9 sheets, 20 rows, USD, 8 quarters from 2027-Q1 to 2028-Q4, 1 sheet or column not read"
    suppliers = next(sheet for sheet in report.sheets if sheet.name == "Suppliers")
    words = [default.words(suppliers.rows) for default in suppliers.defaults]
    assert "lead_time_months: 0" in words and "terms: spot" in words and "spot_limit_per_year: the value of capacity_per_year" in words
    assert "price_floor" in suppliers.blank and "price" not in suppliers.blank
    settings = report.sheets[0]
    assert {"currency", "discount_rate", "seed"} <= {default.name for default in settings.defaults} and "risk_weight" not in {d.name for d in settings.defaults}


def test_a_default_that_counts_in_some_rows_says_in_how_many():
    """A default that applies to some of the rows is reported with their number."""
    sheets = sound()
    sheets["Suppliers"][0].insert(6, "lead_time_months")
    for row, months in zip(sheets["Suppliers"][1:], (3, None, None), strict=True):
        row.insert(6, months)
    suppliers = next(sheet for sheet in case_from_sheets(raw(sheets)).report.sheets if sheet.name == "Suppliers")
    assert "lead_time_months: 0 (2 of 3 rows)" in [default.words(3) for default in suppliers.defaults]


def test_scenarios_that_the_method_leaves_out_are_said_not_to_be_read():
    """The report says that Scenarios is not read if the setting scenario_method does not use it."""
    report = case_from_sheets(raw(sound()), "case", "", {"scenario_method": "sampled"}).report
    assert "Scenarios: 2 rows; not read, because scenario_method is sampled" in list(report.lines())


def test_a_disruption_that_lowers_demand_now_is_counted_before_a_shortage_is_claimed():
    """No unavoidable shortage is claimed if an active disruption halves the demand that would cause it."""
    cells = [("Inventory", 2, "quantity", 10000), ("Disruptions", 2, "active_now", "yes")]
    assert any("must go short" in warning.message for warning in changed(*cells))
    assert not any("must go short" in warning.message for warning in changed(*cells, ("Disruptions", 2, "demand_multiplier", 0.5)))


def test_a_workbook_with_errors_says_what_was_read_all_the_same():
    """The error of a faulty workbook carries the report of what was read."""
    sheets = sound()
    sheets["Suppliers"][1][4] = "about 300"
    with pytest.raises(WorkbookError) as caught:
        case_from_sheets(raw(sheets), "case.xlsx")
    assert caught.value.report.headline.startswith("10 sheets, 22 rows, USD")


@pytest.mark.parametrize(
    ("file", "which", "gone"),
    [
        ("slip-leftover_scenarios", 1, "Scenarios!A2"),
        ("slip-leftover_scenarios", 0, "Scenarios!A2"),
        ("slip-contract_price_terms_spot", 0, "Suppliers!N2"),
        ("slip-contract_price_terms_spot", 1, "Suppliers!N2"),
        ("03l-china-allied", 0, "Suppliers!C2"),
        ("03k2-country-synonym-cap", 0, "Suppliers!D6"),
        ("slip-sheet_inventory_renamed", 0, "Stock"),
    ],
)
def test_one_click_puts_a_warning_right(file, which, gone):
    """A repair that is offered for a warning, once applied, removes that warning."""
    reading = read(MESSY / f"{file}.xlsx")
    warning = next(warning for warning in reading.warnings if warning.where == gone)
    after = case_from_sheets(fixes(warning, reading.sheets)[which].sheets)
    assert gone not in [warning.where for warning in after.warnings]
