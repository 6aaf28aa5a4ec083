"""Sound workbooks: everything is read as a planner means it."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile

import openpyxl
import pytest
import xlsxwriter
from books import problems_of, put, raw, repacked, setting, sound, write_csv, write_xlsx

from optimizer.case import BudgetRow, Disruption, Limit, Offer, ScenarioRow, Settings, StockItem
from optimizer.editing.sheets import sheets_from_json, sheets_to_json
from optimizer.forms.template import write_template
from optimizer.intake.reader import case_from_sheets, read, read_sheets


def case_of(sheets, **overrides):
    """The case of sheets that must be free of errors."""
    return case_from_sheets(raw(sheets), "case.xlsx", "", overrides).case


def test_every_sheet_of_a_workbook_is_read(tmp_path):
    """Each sheet of the sound workbook becomes the records that its cells say, with the defaults of blank cells."""
    case = read(write_xlsx(sound(), tmp_path / "case.xlsx")).case
    assert case.settings == Settings(dt.date(2027, 1, 1), 8, title="case", period="quarter", risk_weight=0.5, scenario_method="listed")
    assert [row.material for row in case.materials] == ["Ore", "Oxide"]
    assert case.inventory == (StockItem(2, "Oxide", "allied", 5.0), StockItem(3, "Oxide", "chinese", 7.0, arrives=1))
    assert case.offers[1] == Offer(3, "East", "Oxide", "chinese", 200.0, 500.0, country="China")
    assert (case.offers[1].origin, case.offers[1].spot_limit_per_year, case.offers[1].contract_price) == ("chinese", None, 200.0)
    assert case.disruptions[0] == Disruption(2, "Ban", 0.2, 6.0, 0.1, bloc=("chinese",))
    assert case.scenarios == (ScenarioRow(2, "Ban returns", 0.3, disruption="Ban", starts=2, duration_months=6.0), ScenarioRow(3, "Calm", 0.5))
    assert case.budget == (BudgetRow(2, 2027, 90000.0), BudgetRow(3, 2028, 95000.0))
    assert case.limits == (Limit(2, "Chinese share", "purchase_share", bloc=("chinese",), maximum=0.65, penalty=20.0),)


def test_the_sound_workbook_gives_no_warning():
    """The workbook that the other tests spoil gives no warning by itself."""
    assert case_from_sheets(raw(sound())).warnings == ()


def test_a_reading_carries_the_hash_of_the_bytes_and_every_sheet_unknown_ones_too(tmp_path):
    """A reading holds the file's SHA-256, its name and all sheets, those that the model does not know included."""
    path = write_xlsx(sound() | {"Sources": [["sheet", "source"], ["Demand", 7]]}, tmp_path / "case.xlsx")
    reading = read(path)
    assert reading.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert reading.name == "case.xlsx"
    assert reading.sheets[-1].name == "Sources"
    assert reading.sheets[-1].rows == (("sheet", "source"), ("Demand", 7))


def test_a_macro_workbook_is_read_whatever_its_name_says(tmp_path):
    """A workbook named .xlsm is read like one named .xlsx."""
    path = write_xlsx(sound(), tmp_path / "case.xlsx")
    macro = path.rename(tmp_path / "case.xlsm")
    assert read(macro).case.settings.title == "case"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_folder_of_csv_files_says_the_same_as_the_workbook(tmp_path, encoding):
    """The same tables as .csv files give the same case, with and without a byte-order mark."""
    sheets = sound()
    put(sheets, "Suppliers", 2, "country", "Österreich")
    folder = read(write_csv(sheets, tmp_path / "case", encoding))
    assert folder.case == read(write_xlsx(sheets, tmp_path / "case.xlsx")).case
    assert folder.name == "case"


def test_names_in_csv_keep_their_leading_zeros_and_shares_may_be_percentages(tmp_path):
    """In a .csv file the name 007 stays 007 and 65% is 0.65."""
    sheets = sound()
    put(sheets, "Demand", 2, "use", "007")
    put(sheets, "Limits", 2, "maximum", "65%")
    case = read(write_csv(sheets, tmp_path / "case")).case
    assert case.demand[0].use == "007"
    assert case.limits[0].maximum == 0.65


def test_hidden_files_beside_the_csv_files_are_left_alone(tmp_path):
    """Files that begin with a dot and files of other kinds are no sheets."""
    folder = write_csv(sound(), tmp_path / "case")
    (folder / "._Settings.csv").write_bytes(b"\0\5\x16\7")
    (folder / "notes.txt").write_text("anything")
    assert len(read(folder).sheets) == len(sound())


def test_the_hash_of_a_folder_changes_with_any_of_its_files(tmp_path):
    """One more .csv file in the folder changes its hash."""
    folder = write_csv(sound(), tmp_path / "case")
    before = read_sheets(folder).sha256
    (folder / "Notes.csv").write_text("a,b\n")
    assert read_sheets(folder).sha256 != before


def test_the_blank_template_wants_rows_and_nothing_else(tmp_path):
    """The template as it is delivered lacks rows on the three sheets that need them and has no other problem."""
    write_template(tmp_path / "template.xlsx")
    problems = problems_of(tmp_path / "template.xlsx")
    assert [problem.where for problem in problems] == ["Materials!row 2", "Demand!row 2", "Suppliers!row 2"]
    assert all("example, which does not count" in problem.message for problem in problems)


@pytest.mark.parametrize(
    ("sheet", "header", "value", "read_as"),
    [
        ("Suppliers", "price_growth", "5%", 0.05),
        ("Suppliers", "price_growth", "-2.5 %", -0.025),
        ("Suppliers", "price_growth", 0.05, 0.05),
        ("Suppliers", "terms", "Both", "both"),
        ("Suppliers", "origin", "ALLIED", "allied"),
        ("Suppliers", "offer", 5083, "5083"),
        ("Suppliers", "available_from", "2027-07-15", 2),
        ("Suppliers", "available_from", dt.datetime(2027, 7, 15), 2),
        ("Suppliers", "available_from", "2027-07", 2),
        ("Suppliers", "available_from", "2027-q3", 2),
        ("Suppliers", "available_from", 2028, 4),
        ("Suppliers", "available_from", "2028", 4),
        ("Suppliers", "available_from", "2020", -28),
        ("Suppliers", "available_from", " ", None),
        ("Projects", "kind", "New plant", "new_plant"),
        ("Projects", "latest_start", "2027", 3),
        ("Projects", "earliest_start", "2027", 0),
        ("Limits", "to", "2028", 7),
        ("Limits", "from", "2028", 4),
        ("Disruptions", "active_now", "Yes", True),
        ("Disruptions", "active_now", False, False),
        ("Disruptions", "bloc", "Chinese,  other, chinese", ("chinese", "other")),
        ("Demand", "allowed_origins", "allied,onshored", ("allied", "onshored")),
        ("Budget", "fiscal_year", "2028", 2028),
        ("Budget", "fiscal_year", 2028.0, 2028),
    ],
)
def test_a_cell_means(sheet, header, value, read_as):
    """A cell of each kind becomes the value that a planner means by it."""
    sheets = sound()
    put(sheets, sheet, 2, header, value)
    fields = {"Suppliers": "offers", "to": "end", "from": "start"}
    record = getattr(case_of(sheets), fields.get(sheet, sheet.lower()))[0]
    assert getattr(record, fields.get(header, header)) == read_as


def test_the_workbook_of_fiscal_years_names_them_by_the_year_in_which_they_end():
    """With yearly periods from October on, 2027 is the year that ends in September 2027, in settings and dates alike."""
    sheets = sound()
    for name, value in (("period", "year"), ("periods", 3), ("start", "2027"), ("fiscal_year_start_month", 10)):
        setting(sheets, name, value)
    put(sheets, "Suppliers", 2, "available_from", "2028")
    put(sheets, "Suppliers", 3, "available_from", "2027-12")
    case = case_of(sheets)
    assert case.settings.start == dt.date(2026, 10, 1)
    assert case.calendar.labels == ("2027", "2028", "2029")
    assert [offer.available_from for offer in case.offers] == [1, 1, None]


@pytest.mark.parametrize("header", ["Lead time (months)", "LEAD_TIME_MONTHS", " lead-time  months ", "lead_time_months*"])
def test_a_header_matches_its_column_in_any_dress(header):
    """A header is recognised in any case, with blanks or hyphens for underscores, and with a mark for required columns."""
    sheets = sound()
    put(sheets, "Suppliers", 2, header, 6)
    assert case_of(sheets).offers[0].lead_time_months == 6


def test_sheets_match_in_any_dress_and_stand_in_any_order_and_columns_too():
    """The order of sheets and columns and the case of their names change nothing in the case."""
    sheets = dict(reversed([(f" {name.upper()}", [row[::-1] for row in rows]) for name, rows in sound().items()]))
    assert case_of(sheets) == case_of(sound())


def test_names_match_in_any_case_and_spacing_and_are_shown_as_first_spelled():
    """Names are equal whatever their case and spacing, and keep the spelling of their first mention."""
    sheets = sound()
    put(sheets, "Suppliers", 2, "material", " oXiDe ")
    put(sheets, "Suppliers", 2, "supplier", "Acme  Corp")
    put(sheets, "Suppliers", 4, "supplier", "ACME CORP")
    put(sheets, "Suppliers", 2, "feedstock_country", "CHINA")
    put(sheets, "Scenarios", 2, "disruption", "ban")
    put(sheets, "Limits", 2, "supplier", "east, acme corp")
    put(sheets, "Disruptions", 2, "country", "estonia, china")
    case = case_of(sheets)
    assert (case.offers[0].material, case.offers[0].supplier, case.offers[2].supplier) == ("Oxide", "Acme Corp", "Acme Corp")
    assert case.offers[0].feedstock_country == case.offers[1].country
    assert case.scenarios[0].disruption == "Ban"
    assert case.limits[0].supplier == ("East", "Acme Corp")
    assert set(case.disruptions[0].country) == {"Estonia", case.offers[1].country}


def test_a_name_may_hold_a_comma_even_in_a_comma_list():
    """A supplier's name with a comma is found as one name in a list separated by commas."""
    sheets = sound()
    put(sheets, "Suppliers", 2, "supplier", "Acme, Inc.")
    put(sheets, "Limits", 2, "supplier", "East, acme, inc., Mine")
    assert case_of(sheets).limits[0].supplier == ("East", "Acme, Inc.", "Mine")


@pytest.mark.parametrize(
    ("period", "periods", "header", "t"),
    [
        ("quarter", 8, "2027-Q3", 2),
        ("quarter", 8, "2027-q3", 2),
        ("quarter", 8, dt.datetime(2027, 7, 1), 2),
        ("quarter", 8, "2027-07-01", 2),
        ("month", 24, "2027-07", 6),
        ("month", 24, dt.date(2027, 7, 1), 6),
        ("year", 3, "2028", 1),
        ("year", 3, 2028, 1),
    ],
)
def test_a_demand_column_headed_by_a_period_gives_its_quantity(period, periods, header, t):
    """A column of Demand headed by a period, as text, number or date, sets that period's quantity."""
    sheets = sound()
    setting(sheets, "period", period)
    setting(sheets, "periods", periods)
    put(sheets, "Demand", 3, header, 77)
    assert [row.by_period for row in case_of(sheets).demand] == [{}, {t: 77.0}]


def test_blank_rows_are_skipped_and_rows_keep_their_numbers():
    """A blank row is skipped, and the rows below keep the row numbers of the workbook."""
    sheets = sound()
    sheets["Demand"].insert(2, [None, " ", None, None])
    assert [row.row for row in case_of(sheets).demand] == [2, 4]


def test_optional_sheets_may_be_missing_and_required_ones_without_rows():
    """A case without optional sheets and with empty Disruptions and Budget is read, with no rows there."""
    sheets = {name: rows for name, rows in sound().items() if name not in ("Inventory", "Projects", "Scenarios", "Limits")}
    sheets["Disruptions"], sheets["Budget"] = sheets["Disruptions"][:1], sheets["Budget"][:1]
    setting(sheets, "scenario_method", "auto")
    put(sheets, "Suppliers", 2, "project", None)
    case = case_of(sheets)
    assert (case.inventory, case.projects, case.scenarios, case.limits, case.disruptions, case.budget) == ((),) * 6


def test_settings_given_beside_the_workbook_take_the_place_of_its_own(tmp_path):
    """Settings given to read() replace those of the workbook and are parsed like its cells."""
    path = write_xlsx(sound(), tmp_path / "case.xlsx")
    settings = read(path, {"risk_weight": "0.25", "Cvar level": "80%", "seed": 7, "start": "2027-Q2"}).case.settings
    assert (settings.risk_weight, settings.cvar_level, settings.seed, settings.start) == (0.25, 0.8, 7, dt.date(2027, 4, 1))


def test_a_formula_is_read_as_its_value(tmp_path):
    """A formula with a stored value gives the same case as that value typed."""
    path, sheets = tmp_path / "case.xlsx", sound()
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for number, row in enumerate(rows):
                page.write_row(number, 0, [value.isoformat() if isinstance(value, dt.date) else value for value in row])
            if name == "Demand":
                page.write_formula(1, 2, "=50*2", value=100)
    assert read(path).case == read(write_xlsx(sheets, tmp_path / "case2.xlsx"), {"title": "case"}).case


def test_a_formula_that_results_in_an_empty_text_is_a_blank_cell(tmp_path):
    """A formula whose value is the empty text counts as a blank cell."""
    sheets = sound()
    put(sheets, "Materials", 2, "disposal_cost", '=IF(C2>0,"",1)')
    data = write_xlsx(sheets, tmp_path / "case.xlsx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read("xl/worksheets/sheet2.xml")
    assert b'<c r="D2"><f>' in xml
    changed = xml.replace(b'<c r="D2"><f>', b'<c r="D2" t="str"><f>')  # as Excel writes it after calculating
    (tmp_path / "case.xlsx").write_bytes(repacked(data, **{"xl/worksheets/sheet2.xml": changed}))
    assert read(tmp_path / "case.xlsx").case.materials[0].disposal_cost is None


def test_far_away_formatted_cells_do_no_harm(tmp_path):
    """A formatted but empty cell in the last row and column adds no rows."""
    path = write_xlsx(sound(), tmp_path / "case.xlsx")
    book = openpyxl.load_workbook(path)
    book["Demand"]["XFD1048576"].font = openpyxl.styles.Font(bold=True)
    book.save(path)
    assert len(read(path).case.demand) == 2


def test_the_reader_needs_neither_pandas_nor_pyomo():
    """Importing the reader imports neither pandas, Pyomo, SciPy nor the solver."""
    code = "import sys, optimizer.intake.reader; sys.exit(any(name in sys.modules for name in ('pandas', 'pyomo', 'scipy', 'highspy')))"
    assert subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": os.getcwd()}, check=False).returncode == 0


def test_a_sheet_tells_its_number_formats_merged_areas_and_hidden_rows(tmp_path):
    """What a file says beyond its values is kept by place, counted from 0, and survives being written as JSON."""
    path, sheets = tmp_path / "case.xlsx", sound()
    book = openpyxl.load_workbook(write_xlsx(sheets, path))
    page = book["Suppliers"]
    page["E2"].number_format, page["E3"].number_format, page["F3"].number_format = "#,##0.00 [$€-407]", "General", "0%"
    page["J9"].number_format = "0.0"
    page.row_dimensions[3].hidden = True
    page.merge_cells("D3:D4")
    book.save(path)
    source = read_sheets(path)
    raw = next(raw for raw in source.sheets if raw.name == "Suppliers")
    assert raw.formats == {(1, 4): "#,##0.00 [$€-407]", (2, 5): "0%"}
    assert (raw.merged, raw.hidden_rows, raw.percents) == (((2, 3, 3, 3),), {2}, {(2, 5)})
    assert next(raw for raw in source.sheets if raw.name == "Settings").formats == {(1, 1): "yyyy-mm-dd"}
    assert sheets_from_json(json.loads(json.dumps(sheets_to_json(source.sheets)))) == source.sheets
