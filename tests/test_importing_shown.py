"""What a planner sees beside or above numbers counts in an import: number formats, captions of a unit alone, words that say how figures are counted."""

from __future__ import annotations

import openpyxl
import pytest
from import_cases import write_book
from test_importing import imported, rows
from test_importing_tables import ALPHA, BETA, HEAD, asked, of_rows, offers


def of_formats(table, folder, formats):
    """What a sheet of these rows becomes whose cells have these number formats."""
    path = write_book(folder / "own.xlsx", {"Offers": table})
    book = openpyxl.load_workbook(path)
    for cell, code in formats.items():
        book.active[cell].number_format = code
    book.save(path)
    return imported([path])[0]


RISKS = [["Risk", "Annual probability", "Duration (months)", "Country"], ["Ban", 0.3, 6, "China"]]
BUDGETS = [["Fiscal year", "Budget USD"], [2027, 1000]]
LEADS = [["Supplier", "Material", "Price (USD/kg)", "Capacity (kg/year)", "Lead time (months)"], ["A", "Ga", 3, 4, 6]]


@pytest.mark.parametrize(
    ("table", "cell", "code"),
    [
        ([HEAD, ALPHA, BETA], "D2", '0" USD/t"'),
        ([HEAD, ALPHA, BETA], "D3", '0.00" USD/100 kg"'),
        ([HEAD, ALPHA, BETA], "D2", "[$€-407] #,##0.00"),
        ([HEAD, ALPHA, BETA], "D2", '0"k"'),
        ([HEAD, ALPHA, BETA], "E2", '0" t"'),
        ([HEAD, ALPHA, BETA], "E2", '0" kg/month"'),
        (RISKS, "B2", '0.0"%"'),
        (RISKS, "B2", "0.0\\%"),
        (RISKS, "C2", '0" weeks"'),
        (BUDGETS, "B2", '0.0" Mio."'),
        (BUDGETS, "B2", '"$"0"k"'),
        (LEADS, "E2", '0" wks"'),
    ],
)
def test_a_format_that_shows_another_unit_than_the_header_is_asked_about_at_its_cell(table, cell, code, tmp_path):
    """A price that is shown per tonne below a header per kilogram is not taken for one per kilogram."""
    result = of_formats(table, tmp_path, {cell: code})
    assert f"Offers!{cell}" in asked(result) and "The cell is shown in" in asked(result)


@pytest.mark.parametrize(
    ("table", "cell", "code"),
    [
        ([HEAD, ALPHA, BETA], "D2", '0" USD/kg"'),
        ([HEAD, ALPHA, BETA], "D2", '"$"#,##0'),
        ([HEAD, ALPHA, BETA], "D2", '0" approx."'),
        ([HEAD, ALPHA, BETA], "E2", '0" kg"'),
        (RISKS, "B2", "0%"),
        (RISKS, "C2", '0" months"'),
        (BUDGETS, "B2", '#,##0,"k$"'),
        ([[RISKS[0][0], "Annual probability (%)", *RISKS[0][2:]], ["Ban", 30, 6, "China"]], "B2", '0"%"'),
    ],
)
def test_a_format_that_says_what_the_header_says_is_no_question(table, cell, code, tmp_path):
    """The unit of the header, a remark and a real percentage in a format need no word."""
    assert "The cell is shown in" not in asked(of_formats(table, tmp_path, {cell: code}))


def test_one_format_is_asked_about_once_a_column(tmp_path):
    """A column of prices in one odd format is one question, at its first cell."""
    result = of_formats([HEAD, ALPHA, BETA], tmp_path, {"D2": '0" USD/t"', "D3": '0" USD/t"'})
    assert asked(result).count("The cell is shown in") == 1


def test_a_caption_that_is_a_unit_alone_holds_for_its_table(tmp_path):
    """kUSD, USD/t or tonnes by itself above a table is the unit of the columns that give none."""
    result, _ = of_rows([["kUSD"], ["Fiscal year", "Budget"], [2027, 1000]], tmp_path, "Budget")
    assert rows(result, "Budget") == [{"fiscal_year": 2027, "amount": 1_000_000}] and result.settings["currency"] == "USD"
    result, _ = of_rows([["USD/t"], ["Supplier", "Material", "Price", "Capacity (t/year)"], ["A", "Ga", 3, 4]], tmp_path)
    assert offers(result) == [("A", "Ga", 3, 4)] and asked(result) == "" and rows(result, "Materials")[0]["unit"] == "t"


@pytest.mark.parametrize("caption", ["Cumulative demand", "Bedarf kumuliert", "Need, year to date", "Demande cumulée"])
def test_numbers_that_may_hold_those_before_them_are_asked_about(caption, tmp_path):
    """Whether a need by month is added up from month to month nobody but the planner knows."""
    table = [[caption], ["Material", "Use", "Jan 2027 (kg)", "Feb 2027 (kg)"], ["Ga", "LED", 10, 20]]
    assert "count" in asked(of_rows(table, tmp_path, "Sheet1")[0])
    assert asked(of_rows([["Demand"], *table[1:]], tmp_path, "Sheet1")[0]) == ""


@pytest.mark.parametrize(("caption", "columns", "open_"), [("Monthly demand", ("2027", "2028"), True), ("Monthly demand", ("Jan 2027", "Feb 2027"), False)])
def test_a_rate_above_columns_of_longer_periods_is_asked_about(caption, columns, open_, tmp_path):
    """Monthly demand over years may be per month; over months it is that of each month."""
    table = [[caption], ["Material", "Use", *(f"{column} (kg)" for column in columns)], ["Ga", "LED", 10, 20]]
    assert ("count" in asked(of_rows(table, tmp_path, "Sheet1")[0])) == open_


@pytest.mark.parametrize("between", [0, 1, 3])
@pytest.mark.parametrize("note", ["Note: all prices in EUR", "* Prices in EUR, without freight", "(prices in EUR per kg)"])
def test_a_note_below_a_table_holds_for_its_prices(note, between, tmp_path):
    """Prices whose currency stands in a note below them alone are in that currency, and not in the plan's by default."""
    table = [["Supplier", "Material", "Price per kg", "Capacity (kg/year)"], ["A", "Ga", 3, 4], ["B", "Ga", 5, 4], *[[]] * between, [note]]
    result, _ = of_rows(table, tmp_path)
    assert [row["price"] for row in rows(result, "Suppliers")] == [3, 5] and result.settings["currency"] == "EUR"
