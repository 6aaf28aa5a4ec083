"""Headers, units and rows as planners write them: read with a word, or refused at their cell; no proposal changes unit, sense or data."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from books import put, raw, says, setting, sound, write_csv, write_xlsx
from openpyxl.utils.cell import coordinate_to_tuple

from optimizer.editing.repairs import fixes
from optimizer.editing.sheets import changes
from optimizer.errors import WorkbookError
from optimizer.forms.inputs import add_inputs
from optimizer.forms.writing import Book
from optimizer.intake.cells.parse import nearest
from optimizer.intake.reader import case_from_sheets, read, read_sheets
from optimizer.schema.sheets import DEMAND, SETTINGS, SUPPLIERS

MESSY = Path(__file__).parent / "cases" / "messy"
MONTH = 365 / 12
"""Days of a month."""


def offers(case, attribute):
    return [getattr(offer, attribute) for offer in case.offers]


def demands(case, attribute):
    return [getattr(row, attribute) for row in case.demand]


READ = {
    # file: (what must be so, the places where a word is said)
    "02a-lead-time-weeks": (lambda case: offers(case, "lead_time_months") == pytest.approx([84 / MONTH] * 4), ["Suppliers!G1"]),
    "02b-Capacity-per-month": (lambda case: offers(case, "capacity_per_year") == [108_000, 36_000, 36_000, 10_800], ["Suppliers!F1"]),
    "02b-Holding-cost-per-month": (lambda case: [row.holding_cost_per_year for row in case.materials] == [240, 1200], ["Materials!C1"]),
    "02b-Monthly-demand": (lambda case: demands(case, "annual_demand") == [48_000, 14_400], ["Demand!C1"]),
    "02c-Lead-time--d-": (lambda case: offers(case, "lead_time_months") == pytest.approx([84 / MONTH, 0, 0, 0]), ["Suppliers!G1"]),
    "02c-lead-time-days": (lambda case: offers(case, "lead_time_months") == pytest.approx([84 / MONTH, 0, 0, 0]), ["Suppliers!G1"]),
    "02d-growth-percent-header": (lambda case: demands(case, "annual_growth") == [0.005, 0.008], ["Demand!E1"]),
    "02g-budget-kUSD": (lambda case: [row.amount for row in case.budget] == [9e6, 9e6], ["Budget!B1"]),
    "04a-fy-feb-quarters": (lambda case: case.calendar.fiscal_years == (2027, 2028, 2029), []),
    "04a2-fy-feb-budgets": (lambda case: [row.amount for row in case.budget] == [1e6, 1e6], []),
    "06i-leading-zero-format": (
        lambda case: case.materials[0].material == case.demand[0].material == case.offers[0].material == "0000711",
        ["Materials!A2", "Inventory!A2", "Demand!A2", "Suppliers!B2"],
    ),
    "11a-title-above-headers": (lambda case: offers(case, "price") == [600, 850, 2600, 3400] and case.offers[0].row == 4, ["Suppliers!A3"]),
    "11d-units-row-under-headers": (lambda case: offers(case, "price") == [600, 850, 2600, 3400], ["Suppliers!A2"]),
    "11e-total-row": (lambda case: demands(case, "annual_demand") == [4000, 1200], ["Demand!A4"]),
    "11g-section-rows": (lambda case: [offer.row for offer in case.offers] == [3, 4, 6, 7], ["Suppliers!A2"]),
    "11h-merged-supplier": (lambda case: offers(case, "supplier") == ["Eastern Metals"] * 2 + ["Rhine Refining", "Maple Zinc"], ["Suppliers!A2"]),
    "11u-semicolon-list": (lambda case: case.limits[0].material == ("Gallium", "Germanium"), []),
    "12a-annual-blank-all-periods": (lambda case: [(row.annual_demand, row.by_period[7]) for row in case.demand] == [(4000, 1000), (1200, 300)], []),
    "12b-no-annual-column": (lambda case: [(row.annual_demand, row.by_period[7]) for row in case.demand] == [(4000, 1000), (1200, 300)], []),
    "40a-price-breaks-naive": (lambda case: len(case.offers) == 12, []),
    "41a-shared-capacity-naive": (lambda case: case.settings.currency == "VND", []),
    "42-lead-days-monthly": (lambda case: offers(case, "lead_time_months") == pytest.approx([7 / 30.4, 14 / 30.4, 1 / 30.4]), []),
}
"""Files that are read: what must be so in the case, and the cells at which a word is said."""

REFUSED = {
    "02b-Capacity": ("Suppliers!F1", "leaves open", {"Capacity per year", "Capacity per quarter", "Capacity per month"}),
    "02b-Demand-2027": ("Demand!C1", "annual_demand, the quantity per year", {"# Demand 2027"}),
    "02b-Price--EUR-kg-": ("Suppliers!E1", "in EUR, and the currency of the case is USD", set()),
    "02b-Unit-price": ("Suppliers!E1", "Did you mean price?", {"price", "# Unit price"}),
    "02c-Lead-Time": ("Suppliers!G1", "leaves open", {"Lead Time (days)", "Lead Time (weeks)", "Lead Time (months)"}),
    "02c-leadtime": ("Suppliers!G1", "leaves open", {"leadtime (days)", "leadtime (weeks)", "leadtime (months)"}),
    "03a-price-euro-header": ("Suppliers!E1", "in EUR, and the currency of the case is USD", set()),
    "03b-mixed-currency-formats": ("Suppliers!E3", "shown in EUR", set()),
    "03e-notes-column": ("Suppliers!G1", "no column 'notes'", {"# notes"}),
    "03f-rfq-columns": ("Suppliers!J1", "no column 'Duty %'", {"# Duty %"}),
    "04e-monthly-columns-in-quarter-case": ("Demand!F1", "Give the quantities by quarter", set()),
    "12d-capacity-by-year": ("Suppliers!G1", "no column 'capacity 2027'", {"# capacity 2027"}),
    "12e3-contract-end": ("Suppliers!G1", "no column 'contract_end'", {"# contract_end", "contract_to"}),
    "23-two-inputs": ("Suppliers!G2", "takes one name", set()),
    "messy": ("Suppliers!I3", "(25 or 25,000)", {25, 25_000}),
    "messy_notitle": ("Suppliers!AC1", "no column 'Notes'", {"# Notes"}),
}
"""Files that are refused: a problem, its words, and the values that its fixes put into its cell."""


def refused(path):
    with pytest.raises(WorkbookError) as caught:
        read(path)
    return caught.value


def put_by(problem, sheets):
    """The values that the fixes of a problem put into its own cell; they change nothing else."""
    values = set()
    for fix in fixes(problem, sheets):
        (change,) = changes(sheets, fix.sheets)
        assert (change.sheet, change.cell) == (problem.sheet, problem.cell)
        row, position = coordinate_to_tuple(change.cell)
        values.add(next(one for one in fix.sheets if one.name == problem.sheet).rows[row - 1][position - 1])
    return values


@pytest.mark.parametrize("name", READ)
def test_a_planners_file_is_read_rightly_and_said(name):
    """Units are converted, rows that are no data left out, and each of these is said at its cell."""
    check, places = READ[name]
    reading = read(MESSY / f"{name}.xlsx")
    assert check(reading.case)
    said = [warning.where for warning in reading.warnings]
    assert all(place in said for place in places), said


@pytest.mark.parametrize("name", REFUSED)
def test_a_planners_file_is_refused_at_its_cell_with_safe_fixes(name):
    """What can be read in no way, or in two, is a problem at its cell; its fixes put nothing else there than what it may mean."""
    where, words, values = REFUSED[name]
    problem = next(problem for problem in refused(MESSY / f"{name}.xlsx").problems if problem.where == where)
    assert words in problem.message
    assert put_by(problem, read_sheets(MESSY / f"{name}.xlsx").sheets) == values


def test_every_cell_in_a_foreign_currency_is_named():
    """Number formats in euros and yuan are errors at their cells in a case in dollars; the one in dollars is fine."""
    problems = refused(MESSY / "03b-mixed-currency-formats.xlsx").problems
    assert [problem.where for problem in problems] == ["Suppliers!E3", "Suppliers!E4", "Suppliers!E5"]
    assert "CNY" in problems[1].message


# -- headers with units: siblings ------------------------------------------------------------------------------------------


def reading_of(sheets):
    return case_from_sheets(sheets, "case.xlsx")


def with_header(sheet, old, new, value=None, **settings):
    """The sound workbook with one header in place of another (or a new one), and a value in each of its rows."""
    rows = sound()
    for name, given in settings.items():
        setting(rows, name, given)
    if old is None:
        put(rows, sheet, 1, new, new)
    else:
        rows[sheet][0] = [new if text == old else text for text in rows[sheet][0]]
    if value is not None:
        for number in range(2, len(rows[sheet]) + 1):
            put(rows, sheet, number, new, value)
    return raw(rows)


CONVERTED = [
    ("Suppliers", None, "Lead time (wks)", 12, "offers", "lead_time_months", 84 / MONTH),
    ("Suppliers", None, "lead time, days", 84, "offers", "lead_time_months", 84 / MONTH),
    ("Suppliers", None, "LeadTimeWeeks", 12, "offers", "lead_time_months", 84 / MONTH),
    ("Suppliers", None, "Lead time in quarters", 2, "offers", "lead_time_months", 6),
    ("Suppliers", None, "Lead time [years]", 1, "offers", "lead_time_months", 12),
    ("Suppliers", None, "Lead time (months)", 3, "offers", "lead_time_months", 3),
    ("Projects", "lead_time_months", "Lead time (weeks)", 52, "projects", "lead_time_months", 364 / MONTH),
    ("Disruptions", "mean_duration_months", "Mean duration (days)", 73, "disruptions", "mean_duration_months", 73 / MONTH),
    ("Disruptions", "annual_probability", "annual_probability (%)", 20, "disruptions", "annual_probability", 0.2),
    ("Disruptions", "annual_probability", "Probability (% per year)", 20, "disruptions", "annual_probability", 0.2),
    ("Disruptions", "annual_probability", "annual_probability (‰)", 200, "disruptions", "annual_probability", 0.2),
    ("Disruptions", "annual_probability", "annual_probability（％）", 20, "disruptions", "annual_probability", 0.2),
    ("Disruptions", "annual_probability", "annual_probability ٪", 20, "disruptions", "annual_probability", 0.2),
    ("Budget", "amount", "amount (tys. USD)", 90, "budget", "amount", 90_000),
    ("Budget", "amount", "amount (T$)", 90, "budget", "amount", 90_000),
    ("Disruptions", "capacity_remaining", "Capacity remaining %", 10, "disruptions", "capacity_remaining", 0.1),
    ("Suppliers", None, "Price growth (% p.a.)", 2, "offers", "price_growth", 0.02),
    ("Demand", None, "Growth (%)", 2, "demand", "annual_growth", 0.02),
    ("Demand", None, "annual_growth (%)", 0.5, "demand", "annual_growth", 0.005),
    ("Suppliers", "capacity_per_year", "Capacity per quarter", 20, "offers", "capacity_per_year", 80),
    ("Suppliers", "capacity_per_year", "Weekly capacity", 7, "offers", "capacity_per_year", 365),
    ("Suppliers", "capacity_per_year", "capacity / month", 5, "offers", "capacity_per_year", 60),
    ("Suppliers", "capacity_per_year", "Capacity (1000 per year)", 5, "offers", "capacity_per_year", 5000),
    ("Budget", "amount", "Amount (k USD)", 90, "budget", "amount", 90_000),
    ("Budget", "amount", "Amount, thousand USD", 90, "budget", "amount", 90_000),
    ("Budget", "amount", "Amount ('000)", 90, "budget", "amount", 90_000),
    ("Budget", "amount", "amount ($M)", 0.09, "budget", "amount", 90_000),
    ("Budget", "amount", "amount USDm", 0.09, "budget", "amount", 90_000),
    ("Projects", "cost", "cost (mn)", 2, "projects", "cost", 2_000_000),
    ("Materials", None, "Holding cost (USD/month)", 1, "materials", "holding_cost_per_year", 12),
    ("Suppliers", None, "reservation_price ($ per quarter)", 1, "offers", "reservation_price", 4),
    ("Demand", "shortage_cost", "Shortage cost per unit", 5000, "demand", "shortage_cost", 5000),
]


@pytest.mark.parametrize(("sheet", "old", "new", "value", "field", "attribute", "wanted"), CONVERTED, ids=[f"{one[0]} {one[2]}" for one in CONVERTED])
def test_a_unit_in_a_header_is_converted_and_said(sheet, old, new, value, field, attribute, wanted):
    """Every row has the number in its column's unit, and a warning at the header gives an example where that differs."""
    reading = reading_of(with_header(sheet, old, new, value))
    assert [getattr(row, attribute) for row in getattr(reading.case, field)] == pytest.approx([wanted] * len(getattr(reading.case, field)))
    said = [warning for warning in reading.warnings if "is read as" in warning.message]
    assert [warning.sheet for warning in said] == ([sheet] if wanted != value else []) and all(warning.cell.endswith("1") for warning in said)


WEIGHED = [
    ("kg", "kg", 1),
    ("t", "kg", 1000),
    ("g", "kg", 0.001),
    ("lb", "kg", 0.45359237),
    ("kg", "t", 0.001),
    ("tonnes", "t", 1),
    ("MT", "t", 1),
    ("metric tons", "kg", 1000),
    ("pcs", "pc", 1),
    ("oz", "g", 28.349523125),
]


@pytest.mark.parametrize(("written", "unit", "factor"), WEIGHED)
def test_quantities_and_prices_are_converted_into_each_rows_own_unit(written, unit, factor):
    """A price per t of a material counted in kg is a thousandth, a capacity in t a thousand times the number."""
    rows = sound()
    for number in (2, 3):
        put(rows, "Materials", number, "unit", unit)
    rows["Suppliers"][0][4:6] = [f"Price (USD/{written})", f"Capacity ({written}/year)"]
    case = reading_of(raw(rows)).case
    assert offers(case, "price") == pytest.approx([price / factor for price in (300, 200, 10)])
    assert offers(case, "capacity_per_year") == pytest.approx([capacity * factor for capacity in (80, 500, 1000)])


def test_one_column_serves_materials_of_several_units():
    """Under one header in kg the material counted in t is converted, the one counted in kg is not."""
    case = reading_of(with_header("Suppliers", "capacity_per_year", "capacity_per_year (kg)")).case
    assert [(offer.material, offer.capacity_per_year) for offer in case.offers] == [("Oxide", 80), ("Oxide", 500), ("Ore", 1)]


@pytest.mark.parametrize(
    ("sheet", "old", "new", "cell", "words"),
    [
        ("Suppliers", "price", "Price (EUR)", "E1", "in EUR, and the currency of the case is USD"),
        ("Suppliers", "price", "price €", "E1", "in EUR, and the currency of the case is USD"),
        ("Suppliers", "price", "Price [GBP/kg]", "E1", "in GBP"),
        ("Suppliers", "price", "price (₹)", "E1", "in ₹, and the currency of the case is USD"),
        ("Suppliers", "price", "price ₽", "E1", "in ₽, and the currency of the case is USD"),
        ("Suppliers", "price", "price (￥)", "E1", "in ¥, and the currency of the case is USD"),
        ("Suppliers", "price", "Price (₦)", "E1", "not understood"),
        ("Suppliers", "price", "Price (¢/lb)", "E1", "not understood"),
        ("Suppliers", "price", "Price (%)", "E1", "it counts %"),
        ("Suppliers", "price", "Price per month", "E1", "per month"),
        ("Suppliers", "price", "Price (contract)", "E1", "not understood"),
        ("Suppliers", "price", "Price (USD/ton)", "E1", "not understood"),
        ("Suppliers", "capacity_per_year", "Capacity (kg)", "F1", "leaves open"),
        ("Suppliers", "capacity_per_year", "capacity_per_year (m)", "F1", "counts m"),
        ("Suppliers", "capacity_per_year", "capacity_per_year (litres)", "F1", "not understood"),
        ("Suppliers", None, "Lead time (fortnights)", "G1", "not understood"),
        ("Suppliers", None, "Price growth (% per month)", "G1", "rates compound"),
        ("Demand", None, "annual_growth (quarterly)", "E1", "rates compound"),
        ("Disruptions", "annual_probability", "Probability (% per month)", "B1", "rates compound"),
        ("Limits", "maximum", "maximum (%)", "E1", "no other unit"),
        ("Suppliers", "country", "country (USD)", "D1", "holds no numbers"),
    ],
)
def test_a_unit_that_does_not_serve_is_refused_at_its_header(sheet, old, new, cell, words):
    """A currency, a kind of unit or a rate that cannot be converted is an error at the header, and nothing that drops it is offered."""
    sheets = with_header(sheet, old, new, 5 if old is None else None)
    with pytest.raises(WorkbookError) as caught:
        reading_of(sheets)
    (problem,) = [problem for problem in caught.value.problems if problem.where == f"{sheet}!{cell}"]
    assert words in problem.message
    for fix in fixes(problem, sheets):
        (change,) = changes(sheets, fix.sheets)
        assert change.cell == cell and change.after.startswith(new) and not change.after.startswith("#")


def test_the_cases_own_currency_and_unit_are_simply_the_column():
    """Price (EUR/kg) in a case in euros, or in one whose currency is written as a sign, needs no word."""
    for currency, header in (
        ("EUR", "Price (EUR/kg)"),
        ("€", "Price (EUR)"),
        ("eur", "price €"),
        ("AUD", "Price ($)"),
        ("CNY", "Price (¥)"),
        ("credits", "Price (credits)"),
    ):
        rows = sound()
        rows["Suppliers"] = rows["Suppliers"][:3]
        put(rows, "Suppliers", 1, "price", header)
        setting(rows, "currency", currency)
        reading = reading_of(raw(rows))
        assert offers(reading.case, "price") == [300, 200]
        assert not [warning for warning in reading.warnings if "converted" in warning.message]


def test_a_percentage_under_a_percent_header_is_what_it_shows():
    """Under (%) the number 35 is 35%; a cell that shows 35%, and the text 35%, mean the same and are not divided twice."""
    rows = sound()
    rows["Disruptions"][0][1] = "annual_probability (%)"
    rows["Disruptions"][1][1], rows["Disruptions"][2][1] = 35, "35%"
    rows["Disruptions"].append(["Flood", 0.35, 3, 0.5, "other"])
    sheets = tuple(replace(one, percents=frozenset({(3, 1)})) if one.name == "Disruptions" else one for one in raw(rows))
    assert [row.annual_probability for row in reading_of(sheets).case.disruptions] == pytest.approx([0.35] * 3)


@pytest.mark.parametrize(
    ("sheet", "old", "new", "title", "words"),
    [
        ("Budget", "amount", "amount", "Budżet w tys. USD", "the unit tys. USD"),
        ("Budget", "amount", "amount", "Budget en milliers de dollars", "says 'milliers'"),
        ("Budget", "amount", "amount", "Beträge in T$", "the unit T$"),
        ("Budget", "amount", "amount", "Etat (Mrd. $)", "the unit Mrd. $"),
        ("Demand", "annual_demand", "annual_demand", "Mengen in Tonnen", "such as annual_demand (Tonnen)"),
        ("Demand", "annual_demand", "annual_demand", "Quantités en tonnes", "such as annual_demand (tonnes)"),
        ("Projects", "lead_time_months", "lead_time_months", "Dauer in Wochen", "such as lead_time_months (Wochen)"),
        ("Demand", "annual_demand", "Demand per month", "Quantities in t", "such as Demand per month (t)"),
        ("Suppliers", "price", "Price (USD)", "Prices in USD/t", "such as price (USD/t)"),
    ],
)
def test_a_unit_in_a_title_of_any_language_is_not_lost(sheet, old, new, title, words):
    """A title that gives another unit than a header does, or than one leaves open, is an error at its cell, in English, German, French and Polish."""
    rows = sound()
    rows[sheet][0] = [new if text == old else text for text in rows[sheet][0]]
    rows[sheet].insert(0, [title])
    with pytest.raises(WorkbookError) as caught:
        reading_of(raw(rows))
    (problem,) = caught.value.problems
    assert problem.where == f"{sheet}!A1" and words in problem.message


@pytest.mark.parametrize(
    ("sheet", "old", "new", "title"),
    [
        ("Demand", "annual_demand", "Demand (kg per month)", "Quantities in kg"),
        ("Suppliers", "price", "Price (USD/t)", "Prices in USD/t"),
        ("Budget", "amount", "Amount (kUSD)", "Budget in kUSD"),
        ("Projects", "lead_time_months", "Lead time (weeks)", "All lead times in weeks"),
        ("Budget", "amount", "amount", "Budget 2027, as of 1.3.2027 | approved in May"),
    ],
)
def test_a_title_that_says_what_the_headers_say_is_no_problem(sheet, old, new, title):
    """A title may repeat the unit of a header, and may hold words that are no unit."""
    rows = sound()
    rows[sheet][0] = [new if text == old else text for text in rows[sheet][0]]
    plain = reading_of(raw(rows)).case
    rows[sheet].insert(0, [title])
    titled = reading_of(raw(rows)).case
    field, attribute = {
        "Demand": ("demand", "annual_demand"),
        "Suppliers": ("offers", "price"),
        "Budget": ("budget", "amount"),
        "Projects": ("projects", "lead_time_months"),
    }[sheet]
    assert [getattr(row, attribute) for row in getattr(titled, field)] == [getattr(row, attribute) for row in getattr(plain, field)]


def test_settings_bear_units_too():
    """discount_rate (%) and time_limit (minutes) are read in the settings' own units, and said."""
    rows = sound()
    setting(rows, "discount_rate (%)", 8)
    setting(rows, "time limit (minutes)", 5)
    reading = reading_of(raw(rows))
    assert (reading.case.settings.discount_rate, reading.case.settings.time_limit_seconds) == (0.08, 300)
    assert [warning.where for warning in reading.warnings if "converted" in warning.message] == ["Settings!A6", "Settings!A7"]


def test_a_refused_unit_is_the_one_problem_of_its_column():
    """Numbers under a header whose unit does not serve are not read, so that none of them is a fault, or a proposal, of its own."""
    sheets = with_header("Materials", None, "Monthly loss (%)", 2)
    with pytest.raises(WorkbookError) as caught:
        reading_of(sheets)
    (problem,) = caught.value.problems
    says(problem, "Materials!D1", "rates compound")


def test_a_header_put_right_keeps_its_unit():
    """A slip in the name is put right and the unit beside it stays; a name whose unit would be lost is not suggested."""
    for written, wanted in (
        ("Minimum fil rate (%)", {"minimum_fill_rate (%)", "# Minimum fil rate (%)"}),
        ("minimum_fil_rate %", {"# minimum_fil_rate %"}),
        ("minimum fil rate (x)", {"# minimum fil rate (x)"}),
    ):
        sheets = with_header("Demand", None, written, 90)
        with pytest.raises(WorkbookError) as caught:
            reading_of(sheets)
        (problem,) = caught.value.problems
        assert put_by(problem, sheets) == wanted


# -- nearest names ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    [
        "available_to",
        "max_contract",
        "maximum_contract",
        "lead_time_weeks",
        "Capacity per month",
        "Price (EUR/kg)",
        "notes",
        "price_decline",
        "minimum_price",
        "capacity_per_quarter",
        "spot_price_limit",
        "Incoterm",
        "Contact",
        "Freight",
        "unallied",
        "feedstock_price",
        "maximum_order",
    ],
)
def test_no_opposite_and_no_other_quantity_is_suggested(word):
    """Better no suggestion than one that says something else."""
    assert nearest(word, [column.name for column in SUPPLIERS.columns]) is None


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("lead_tme_months", "lead_time_months"),
        ("prize", "price"),
        ("capcity_per_year", "capacity_per_year"),
        ("min_contract", "minimum_contract"),
        ("suplier", "supplier"),
        ("price_cieling", "price_ceiling"),
        ("feedstock_contry", "feedstock_country"),
        ("available_form", "available_from"),
    ],
)
def test_a_slip_of_spelling_is_still_put_right(word, wanted):
    """A typing slip is recognised."""
    assert nearest(word, [column.name for column in SUPPLIERS.columns]) == wanted


def test_opposites_of_words_are_not_suggested():
    """non-allied is not allied, and of two names in one cell none is left out."""
    blocs = ("chinese", "other", "allied", "onshored")
    assert [nearest(word, blocs) for word in ("non-allied", "unallied", "not chinese", "alied")] == [None, None, None, "allied"]
    assert nearest("China; Malaysia", ["China", "Malaysia"]) is None and nearest("China / Malaysia", ["China", "Malaysia"]) is None
    assert nearest("fiscal_year_end_month", [column.name for column in SETTINGS.columns]) is None
    assert nearest("maximum_fill_rate", [column.name for column in DEMAND.columns]) is None


# -- lists, columns and rows that are not read -----------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["East; North", "East, North", "East;North;", "East\nNorth", "East;\nNorth"])
def test_lists_take_semicolons_commas_and_lines(text):
    """A list is read however its parts are kept apart, but for an empty part."""
    rows = sound()
    put(rows, "Disruptions", 2, "supplier", text)
    put(rows, "Disruptions", 3, "bloc", "chinese; other")
    if text.endswith(";"):
        with pytest.raises(WorkbookError) as caught:
            reading_of(raw(rows))
        (problem,) = caught.value.problems
        assert "semicolon" in problem.message and put_by(problem, raw(rows)) == {"East; North"}
        return
    case = reading_of(raw(rows)).case
    assert case.disruptions[0].supplier == ("East", "North") and case.disruptions[1].bloc == ("chinese", "other")


def test_names_with_commas_stand_between_semicolons():
    """Between semicolons a name may hold commas; a slip in one part leaves the others as they are."""
    rows = sound()
    rows["Suppliers"][1][0] = "North, Inc."
    put(rows, "Disruptions", 2, "supplier", "North, Inc.; East")
    assert reading_of(raw(rows)).case.disruptions[0].supplier == ("North, Inc.", "East")
    put(rows, "Disruptions", 2, "supplier", "North, Inc.; Easst")
    with pytest.raises(WorkbookError) as caught:
        reading_of(raw(rows))
    assert put_by(caught.value.problems[0], raw(rows)) == {"North, Inc.; East"}


def test_a_marked_column_is_not_read_and_survives_the_file(tmp_path):
    """One click marks a strange column; the workbook is then sound, keeps its data, and says so again when it is read anew."""
    rows = sound()
    put(rows, "Suppliers", 2, "Incoterm", "CIF")
    sheets = raw(rows)
    with pytest.raises(WorkbookError) as caught:
        reading_of(sheets)
    (fix,) = fixes(caught.value.problems[0], sheets)
    after = {one.name: [list(row) for row in one.rows] for one in fix.sheets}
    position = after["Suppliers"][0].index("# Incoterm")
    assert after["Suppliers"][1][position] == "CIF"
    case, plain = read(write_xlsx(after, tmp_path / "case.xlsx")).case, reading_of(raw(sound())).case
    assert (case.offers, case.demand) == (plain.offers, plain.demand)


def test_error_values_are_no_marks():
    """#N/A in a header or at the start of a row is an error, not a mark; "#" alone heads a column of row numbers."""
    rows = sound()
    put(rows, "Suppliers", 2, "#", 1)
    assert reading_of(raw(rows)).case.offers[0].supplier == "North"
    rows["Suppliers"][1][0] = "#N/A"
    with pytest.raises(WorkbookError) as caught:
        reading_of(raw(rows))
    says(caught.value.problems[0], "Suppliers!A2", "#N/A")


TITLES = [["Quotations 2027"], ["Quotations 2027 (USD)"], ["# anything"], ["Status", "Nov 2026"], ["Supplier list"]]


@pytest.mark.parametrize("title", TITLES)
def test_headers_below_titles_are_found(title):
    """The table is read from its headers on; the row of the title is named, and one click marks it."""
    rows = sound()
    width = len(rows["Suppliers"][0])
    rows["Suppliers"] = [title + [None] * (width - len(title)), [None] * width, *rows["Suppliers"]]
    sheets = raw(rows)
    reading = reading_of(sheets)
    assert [offer.row for offer in reading.case.offers] == [4, 5, 6]
    said = [warning for warning in reading.warnings if "headers were found" in warning.message]
    if not title[0].startswith("#"):
        says(said[0], "Suppliers!A3", "row 3, columns A to G", title[0])
        (fix,) = fixes(said[0], sheets)
        assert not [warning for warning in reading_of(fix.sheets).warnings if "headers were found" in warning.message]
    else:
        assert not said


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Quotations (EUR/kg)", "EUR"),
        ("Quotes in €", "EUR"),
        ("All prices in kUSD (kUSD)", "kUSD"),
        ("Amounts in thousands", "thousands"),
        ("Prices (USD/lb)", "USD/lb"),
        ("Prices, k USD", "k USD"),
        ("All prices in USD per t, all capacities in kg", "USD per t"),
        ("Offers: M USD", "M USD"),
    ],
)
def test_a_unit_in_a_title_is_not_lost(title, words):
    """A title that gives another currency, multiple or unit than the columns' is an error at its cell."""
    rows = sound()
    rows["Suppliers"].insert(0, [title, *[None] * 5])
    with pytest.raises(WorkbookError) as caught:
        reading_of(raw(rows))
    says(caught.value.problems[0], "Suppliers!A1", words)


@pytest.mark.parametrize(
    "units", [["(text)", "(text)", None, None, "USD/kg", "kg/year"], [None, None, None, None, "[USD]", "per year"], ["Unit", None, None, None, "USD", None]]
)
def test_a_row_of_units_is_read_as_units(units):
    """Units under the headers count as if they stood in them."""
    rows = sound()
    rows["Suppliers"] = [rows["Suppliers"][0], units, *rows["Suppliers"][1:3]]
    reading = reading_of(raw(rows))
    assert offers(reading.case, "price") == [300, 200] and any("units of the columns" in warning.message for warning in reading.warnings)


def test_a_row_of_units_converts_or_is_refused():
    """k USD and weeks under the headers are converted; euros are an error."""
    rows = sound()
    rows["Projects"].insert(1, [None, "k USD", "weeks"])
    project = reading_of(raw(rows)).case.projects[0]
    assert (project.cost, project.lead_time_months) == (1_000_000, pytest.approx(42 / MONTH))
    rows["Projects"][1][1] = "EUR"
    with pytest.raises(WorkbookError) as caught:
        reading_of(raw(rows))
    assert "EUR" in caught.value.problems[0].message


@pytest.mark.parametrize(
    "total",
    [
        ["Total", None, 110, None],
        ["TOTAL:", None, 110, None],
        [None, "Total", 110, None],
        ["Grand total", None, 110, 5090],
        ["Sum", None, 110, None],
        [None, None, 110, None],
        ["Total", "Total", 110, 5090],
        ["Average", None, 55, 2545],
        ["Subtotal Oxide", None, 100, None],
        ["Oxide total", None, 100, None],
        ["Gesamt", None, 110, None],
        ["Summe", None, 999, None],
        ["Razem", None, 110, None],
        ["Suma:", None, 110, None],
    ],
)
def test_a_total_never_counts_as_data(total):
    """A total row is left out, and said at its cell."""
    rows = sound()
    rows["Demand"].append(total)
    reading = reading_of(raw(rows))
    assert demands(reading.case, "annual_demand") == [100, 10]
    assert any(warning.sheet == "Demand" and "as a total" in warning.message for warning in reading.warnings)


def test_lines_and_repeated_headers_are_left_out():
    """A row of dashes, and the headers of the next page, are no data and are said."""
    rows = sound()
    rows["Suppliers"].insert(2, ["---"] * 6)
    rows["Suppliers"].insert(4, list(rows["Suppliers"][0]))
    reading = reading_of(raw(rows))
    assert [offer.row for offer in reading.case.offers] == [2, 4, 6]
    assert [warning.where for warning in reading.warnings] == ["Suppliers!A3", "Suppliers!A5"]


def test_a_supplier_that_is_named_once_may_be_repeated():
    """A blank supplier is an error; the one of the row above is one click, and nothing else is filled in so."""
    rows = sound()
    rows["Suppliers"].insert(2, [None, "Ore", "allied", "Estonia", 30, 80])
    sheets = raw(rows)
    with pytest.raises(WorkbookError) as caught:
        reading_of(sheets)
    (problem,) = caught.value.problems
    assert problem.where == "Suppliers!A3" and put_by(problem, sheets) == {"North"}


def test_a_unit_in_the_name_of_a_sheet_is_not_lost():
    """Budget (€) in a case in dollars, and Budget (kUSD), are errors of which no click drops the unit."""
    for name, words in (("Budget (€)", "EUR"), ("Budget (kUSD)", "kUSD into the header")):
        sheets = tuple(replace(one, name=name) if one.name == "Budget" else one for one in raw(sound()))
        with pytest.raises(WorkbookError) as caught:
            reading_of(sheets)
        (problem,) = caught.value.problems
        says(problem, name, words)
        assert fixes(problem, sheets) == []


def test_a_total_of_years_is_no_year():
    """Below the fiscal years a row Total, or one with the sum alone, is left out."""
    for label in ("Total", None):
        rows = sound()
        rows["Budget"] = [*rows["Budget"][:2], [2028, 10_000, "all"], [label, 100_000, None]]
        assert [row.amount for row in reading_of(raw(rows)).case.budget] == [90_000, 10_000]


def test_a_supplier_may_be_called_total():
    """A whole row of data counts, whatever its name is."""
    rows = sound()
    rows["Suppliers"].append(["Total", "Oxide", "allied", "France", 250, 70])
    rows["Suppliers"].append(["Total Energies", "Ore", "allied", "France", 12, 70])
    assert offers(reading_of(raw(rows)).case, "supplier")[3:] == ["Total", "Total Energies"]


@pytest.mark.parametrize("heading", ["Oxide", "Chinese offers:", "China"])
def test_a_heading_of_a_section_is_left_out_and_said(heading):
    """A row that holds the name of a material, or what the next row has elsewhere, or ends with a colon, is a heading."""
    rows = sound()
    rows["Suppliers"].insert(2, [heading, None, None, None, None, None])
    reading = reading_of(raw(rows))
    assert len(reading.case.offers) == 3 and any("heading of a section" in warning.message for warning in reading.warnings)


def test_a_row_that_may_be_data_is_a_problem_at_its_cell():
    """One text alone may be a heading or a row that is not finished: one problem, and one click to leave it out."""
    rows = sound()
    rows["Suppliers"].insert(2, ["Nova Metals", None, None, None, None, None])
    sheets = raw(rows)
    with pytest.raises(WorkbookError) as caught:
        reading_of(sheets)
    (problem,) = caught.value.problems
    says(problem, "Suppliers!A3", "'Nova Metals' alone")
    assert put_by(problem, sheets) == {"# Nova Metals"}
    assert len(reading_of(fixes(problem, sheets)[0].sheets).case.offers) == 3


def merged(rows, sheet, *areas):
    return tuple(replace(one, merged=areas) if one.name == sheet else one for one in raw(rows))


def test_a_merged_number_is_asked_about():
    """One capacity merged over two rows may be each row's or both rows' together: an error with the one reading that a click can give."""
    rows = sound()
    rows["Suppliers"][2][5] = None
    sheets = merged(rows, "Suppliers", (1, 5, 2, 5))
    with pytest.raises(WorkbookError) as caught:
        reading_of(sheets)
    problem = caught.value.problems[0]
    says(problem, "Suppliers!F2", "all of them together")
    assert [fix.words for fix in fixes(problem, sheets)] == ["Give 80 to each of the rows 2 to 3"]


def test_merged_labels_of_every_kind_are_filled_down():
    """A country, a bloc and a fiscal year that are merged beside several rows count for each of them."""
    rows = sound()
    rows["Suppliers"][2][2:4] = [None, None]
    rows["Suppliers"][3] = ["Mine", "Ore", None, None, 10, 1000]
    sheets = merged(rows, "Suppliers", (1, 2, 3, 2), (1, 3, 3, 3))
    reading = reading_of(sheets)
    assert offers(reading.case, "country") == ["Estonia"] * 3 and offers(reading.case, "bloc") == ["allied"] * 3
    assert [warning.where for warning in reading.warnings if "merged" in warning.message] == ["Suppliers!C2", "Suppliers!D2"]


# -- number formats --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "currency", "words"),
    [
        ('#,##0.00 "EUR"', "USD", "EUR"),
        ("[$€-2] #,##0", "USD", "EUR"),
        ("[$£-809]#,##0.00", "USD", "£"),
        ("[$¥-411]#,##0", "CNY", "JPY"),
        ('"$"#,##0', "EUR", "$"),
        ("[$CHF] #,##0", "EUR", "CHF"),
        ('#,##0 "USD/t"', "USD", "times"),
        ('#,##0 "kUSD"', "USD", "1000 times"),
        ('#,##0.00\\ "€";[Red]-#,##0.00', "USD", "EUR"),
        ("[$A$-C09]#,##0", "USD", "AUD"),
        ("0.0%", "USD", "percentage"),
        ('0.00" USD/100 kg"', "USD", "not understood"),
        ('0" per drum"', "USD", "not understood"),
        ('0"%"', "USD", "counts"),
    ],
)
def test_a_number_format_of_another_currency_or_unit_is_an_error(code, currency, words):
    """What the planner sees beside the number must be what the column counts."""
    with pytest.raises(WorkbookError) as caught:
        reading_of(formatted("Suppliers", (1, 4), code, currency))
    says(caught.value.problems[0], "Suppliers!E2", words)


@pytest.mark.parametrize(
    ("code", "currency"),
    [
        ('#,##0.00 "EUR"', "EUR"),
        ("[$€-407] #,##0", "eur"),
        ('"$"#,##0', "AUD"),
        ("[$¥-804]#,##0", "CNY"),
        ('#,##0.00 "USD/kg"', "USD"),
        ('#,##0,"k$"', "USD"),
        ("#,##0.00", "USD"),
        ('#,##0 "approx."', "USD"),
        ('#,##0 "w/o VAT"', "USD"),
        ('#,##0 "n/a"', "USD"),
        ("[Red]#,##0", "EUR"),
        ("0.00E+00", "EUR"),
    ],
)
def test_a_number_format_of_the_case_is_fine(code, currency):
    """The case's own currency and unit in a format need no word."""
    reading = reading_of(formatted("Suppliers", (1, 4), code, currency))
    assert offers(reading.case, "price")[0] == 300


def formatted(sheet, place, code, currency="USD"):
    rows = sound()
    setting(rows, "currency", currency)
    return tuple(replace(one, formats={place: code}) if one.name == sheet else one for one in raw(rows))


@pytest.mark.parametrize(("code", "sign"), [('0.00"¢"', "¢"), ("[$₦-468]#,##0", "₦")])
def test_a_sign_that_is_not_known_is_no_sign_of_the_case(code, sign):
    """A price shown in cents, or in a currency of which only the sign is there, is an error at its cell."""
    sheets = tuple(replace(one, formats={(1, 4): code}) if one.name == "Suppliers" else one for one in raw(sound()))
    with pytest.raises(WorkbookError) as caught:
        reading_of(sheets)
    (problem,) = caught.value.problems
    says(problem, "Suppliers!E2", f"shown in {sign}")


@pytest.mark.parametrize(("code", "shown"), [("000", "007"), ('"PN-"0000', "PN-0007"), ("00-00", "00-07"), ("0", "7"), ("#,##0.00", "7"), ("General", "7")])
def test_a_number_in_a_column_of_names_is_read_as_it_is_shown(code, shown):
    """The planner sees 007: that is the name, on every sheet where it is shown so."""
    rows = sound()
    rows["Demand"][1][1] = 7
    sheets = tuple(replace(one, formats={(1, 1): code}) if one.name == "Demand" else one for one in raw(rows))
    reading = reading_of(sheets)
    assert reading.case.demand[0].use == shown
    assert [warning.where for warning in reading.warnings if "as they are shown" in warning.message] == (["Demand!B2"] if shown != "7" else [])


def test_signs_in_cells_are_read_or_refused():
    """A price in the case's currency is one click away; one in another currency says so and offers nothing."""
    for text, currency, wanted in (("€ 105.00", "EUR", {105}), ("€ 105.00", "USD", set()), ("USD 1,250.50", "USD", {1250.5}), ("105 kg", "USD", set())):
        rows = sound()
        setting(rows, "currency", currency)
        put(rows, "Suppliers", 2, "price", text)
        with pytest.raises(WorkbookError) as caught:
            reading_of(raw(rows))
        (problem,) = caught.value.problems
        assert problem.where == "Suppliers!E2" and put_by(problem, raw(rows)) == wanted
        assert wanted or "kg" in text or "an amount in USD" in problem.message


# -- periods ---------------------------------------------------------------------------------------------------------------


def by_period(*quantities, annual=None):
    rows = sound()
    rows["Demand"] = [
        ["material", "use", "annual_demand", "shortage_cost", *(f"{year}-Q{quarter}" for year in (2027, 2028) for quarter in (1, 2, 3, 4))],
        ["Oxide", "Motors", annual, 5000, *quantities],
    ]
    return rows


def test_a_yearly_quantity_follows_from_the_periods():
    """Where every period has its quantity, annual_demand may stay blank: it is then their yearly mean."""
    demand = reading_of(raw(by_period(10, 20, 30, 40, 10, 20, 30, 40))).case.demand[0]
    assert demand.annual_demand == 100 and demand.by_period[3] == 40


def test_a_period_without_a_quantity_needs_the_yearly_one():
    """A blank period beside a blank annual_demand is a problem at its cell."""
    with pytest.raises(WorkbookError) as caught:
        reading_of(raw(by_period(10, 20, None, 40, 10, 20, 30, 40)))
    says(caught.value.problems[0], "Demand!G2", "2027-Q3", "annual_demand")
    assert reading_of(raw(by_period(10, 20, None, 40, 10, 20, 30, 40, annual=80))).case.demand[0].annual_demand == 80


@pytest.mark.parametrize(
    ("sheet", "old", "new"),
    [
        ("Demand", "annual_demand", "Demand (t/m)"),
        ("Demand", "annual_demand", "Demand (kg/m)"),
        ("Demand", "annual_demand", "Demand"),
        ("Demand", "annual_demand", "Demand (t)"),
        ("Suppliers", "capacity_per_year", "Capacity (t/m)"),
        ("Suppliers", "capacity_per_year", "Capacity (m)"),
        ("Suppliers", "capacity_per_year", "Capacty (t/m²)"),
        ("Demand", "shortage_cost", "Shortage costs (USD/m)"),
    ],
)
def test_no_click_on_a_header_leads_to_another_problem_of_it(sheet, old, new):
    """Whatever header a click writes, it is read: no click leads from one problem of a header to the next."""
    rows = sound()
    rows[sheet][0][rows[sheet][0].index(old)] = new
    sheets = raw(rows)
    with pytest.raises(WorkbookError) as caught:
        reading_of(sheets)
    problem = next(one for one in caught.value.problems if one.where.startswith(sheet) and one.row == 1 and one.column)
    for fix in fixes(problem, sheets):
        try:
            reading_of(fix.sheets)
        except WorkbookError as error:
            # Where the column is marked as not to be read, it is missing: that is said of the sheet.
            assert fix.words.startswith("Do not read column") and all(one.where != problem.where for one in error.problems), str(error)


def test_some_period_columns_do_not_stand_for_the_year():
    """Without annual_demand every period of the case needs its column."""
    rows = by_period(1, 2, 3, 4, 5, 6, 7, 8)
    rows["Demand"] = [[cell for position, cell in enumerate(row) if position not in (2, 11)] for row in rows["Demand"]]
    with pytest.raises(WorkbookError) as caught:
        reading_of(raw(rows))
    says(caught.value.problems[0], "Demand!row 1", "annual_demand is missing")


@pytest.mark.parametrize(
    ("written", "label"), [("Q1 2027", "2027-Q1"), ("Q2/2027", "2027-Q2"), ("1Q2028", "2028-Q1"), ("2027/Q3", "2027-Q3"), ("Q4 2027 (t)", "2027-Q4 (t)")]
)
def test_a_period_in_another_form_is_one_click_away(written, label):
    """The header is named, and the click gives it the form of the periods, its unit kept."""
    sheets = with_header("Demand", None, written, 3)
    with pytest.raises(WorkbookError) as caught:
        reading_of(sheets)
    (problem,) = caught.value.problems
    assert problem.where == "Demand!E1" and put_by(problem, sheets) == {label}
    assert reading_of(fixes(problem, sheets)[0].sheets).case.demand[0].by_period


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("Jan 2027", "2027-01"),
        ("März 2027", "2027-03"),
        ("enero 2027", "2027-01"),
        ("abr. 2027", "2027-04"),
        ("giugno 2027", "2027-06"),
        ("août 2027", "2027-08"),
    ],
)
def test_a_month_in_another_language_is_one_click_away(written, label):
    """Where the periods are months, the name of a month in any of the planners' languages is put into their form."""
    rows = sound()
    setting(rows, "period", "month")
    put(rows, "Demand", 2, written, 3)
    sheets = raw(rows)
    with pytest.raises(WorkbookError) as caught:
        reading_of(sheets)
    (problem,) = [one for one in caught.value.problems if one.sheet == "Demand"]
    assert put_by(problem, sheets) == {label}


@pytest.mark.parametrize("headers", [["Jan 2027", "Feb 2027"], ["ene 2027", "febr. 2027"], ["2027-01", "2027-02"], [2027, 2028], ["01/2027", "02/2027"]])
def test_columns_of_other_periods_are_one_problem(headers):
    """Months or years among quarters are one problem that names them all, and no click gives their numbers to a quarter."""
    rows = sound()
    for header in headers:
        put(rows, "Demand", 2, header, 3)
    sheets = raw(rows)
    with pytest.raises(WorkbookError) as caught:
        reading_of(sheets)
    (problem,) = caught.value.problems
    says(problem, "Demand!E1", "E1, F1")
    assert fixes(problem, sheets) == []


def test_a_period_column_bears_a_unit_too():
    """2027-Q1 (t) of a material counted in kg is converted."""
    rows = by_period(1, 2, 3, 4, 5, 6, 7, 8, annual=4)
    rows["Demand"][0][4] = "2027-Q1 (t)"
    reading = reading_of(raw(rows))
    assert reading.case.demand[0].by_period[0] == 1000 and any(warning.where == "Demand!E1" for warning in reading.warnings)


def test_a_date_that_shows_its_year_alone_is_no_quarter():
    """An Excel date of 1 January that is shown as 2027 heads a year, and is no period of a case in quarters."""
    rows = by_period(1, 2, 3, 4, 5, 6, 7, 8, annual=4)
    rows["Demand"][0][4] = dt.datetime(2027, 1, 1)
    assert reading_of(raw(rows)).case.demand[0].by_period[0] == 1
    sheets = tuple(replace(one, formats={(0, 4): "yyyy"}) if one.name == "Demand" else one for one in raw(rows))
    with pytest.raises(WorkbookError) as caught:
        reading_of(sheets)
    says(caught.value.problems[0], "Demand!E1", "no period of this case")


# -- files -----------------------------------------------------------------------------------------------------------------


def test_units_in_headers_serve_csv_files_too(tmp_path):
    """In a folder of .csv files a column under a header with a unit holds numbers, as in a workbook."""
    rows = sound()
    rows["Suppliers"][0][5] = "Capacity per month"
    put(rows, "Suppliers", 2, "Lead time (weeks)", 52)
    case = read(write_csv(rows, tmp_path / "case")).case
    assert case.offers[0].capacity_per_year == 960 and case.offers[0].lead_time_months == pytest.approx(364 / MONTH)


@pytest.mark.parametrize(
    "name", ["02a-lead-time-weeks", "06i-leading-zero-format", "11a-title-above-headers", "11d-units-row-under-headers", "11e-total-row", "11h-merged-supplier"]
)
def test_the_input_in_a_plan_workbook_gives_the_same_case_again(name, tmp_path):
    """Formats, merged cells, titles, unit and total rows travel along, so that the plan workbook reads back as the same case."""
    path = MESSY / f"{name}.xlsx"
    book = Book()
    add_inputs(book, read_sheets(path).sheets)
    (tmp_path / "plan.xlsx").write_bytes(book.data())
    again, first = read(tmp_path / "plan.xlsx"), read(path)
    assert replace(again.case, settings=first.case.settings) == first.case
    assert [warning.where for warning in again.warnings] == [warning.where for warning in first.warnings]


def test_what_was_read_names_what_was_left_out():
    """Marked columns, titles, totals and notes stand on the page of what was read, each with its cell."""
    rows = sound()
    put(rows, "Demand", 2, "# Remark", "sure")
    width = len(rows["Demand"][0])
    blank = [None] * (width - 3)
    rows["Demand"] = [["Needs 2027", None, None, *blank], *rows["Demand"], ["Total", None, 110, *blank], ["# as of May", None, None, *blank]]
    report = reading_of(raw(rows)).report
    (sheet,) = [one for one in report.sheets if one.name == "Demand"]
    assert "3 rows that are no data" in report.headline and any("Total (A5)" in line for line in report.lines())
    assert sheet.ignored == (("A1", "Needs 2027"), ("A5", "Total"), ("A6", "# as of May"))
    assert [header for _, header in sheet.unread] == ["# Remark"]
