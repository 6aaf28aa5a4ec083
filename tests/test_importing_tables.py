"""Tables as planners lay them out: each is read right, or asked about, and none ends in a wrong case."""

from __future__ import annotations

import datetime as dt

import openpyxl
import pytest
from import_cases import write_book, write_csv
from test_importing import imported, rows

from optimizer.importing import Imported, Mapping, find_tables, propose, read_files

HEAD = ["Supplier", "Material", "Country", "Price (USD/kg)", "Capacity (kg/year)", "Lead time (weeks)"]
ALPHA = ["Alpha", "Gallium", "China", 300, 4000, 6]
BETA = ["Beta", "Gallium", "Germany", 420, 1500, 10]
GAMMA = ["Gamma", "Germanium", "Canada", 1600, 800, 12]
OFFERS = [("Alpha", "Gallium", 300, 4000), ("Beta", "Gallium", 420, 1500), ("Gamma", "Germanium", 1600, 800)]
"""What the three offers are, however they are laid out."""


def of_rows(table, folder, name: str = "Offers", merges=()) -> tuple[Imported, Mapping]:
    """What a sheet of these rows becomes."""
    path = write_book(folder / "own.xlsx", {name: table})
    if merges:
        book = openpyxl.load_workbook(path)
        for area in merges:
            book.active.merge_cells(area)
        book.save(path)
    return imported([path])


def offers(result: Imported) -> list[tuple]:
    """The offers of a case: supplier, material, price and capacity."""
    return [(row["supplier"], row["material"], row["price"], row["capacity_per_year"]) for row in rows(result, "Suppliers")]


def asked(result: Imported) -> str:
    """Every question, but for the settings that every case needs."""
    return "\n".join(str(question) for question in result.questions if question.about != "setting")


LAYOUTS = {
    "plain": [HEAD, ALPHA, BETA, GAMMA],
    "titles above": [["Offers as of 3 November"], ["Buyer: M. Rossi"], [], HEAD, ALPHA, BETA, GAMMA],
    "units under the headers": [[*HEAD[:3], "Price", "Capacity", "Lead time"], ["", "", "", "USD/kg", "kg/year", "weeks"], ALPHA, BETA, GAMMA],
    "totals and sections": [HEAD, ["Gallium offers"], ALPHA, BETA, ["Total", None, None, None, 5500], ["Germanium offers"], GAMMA],
    "a blank row inside": [HEAD, ALPHA, BETA, [], GAMMA],
    "a blank column inside": [[*row[:3], None, *row[3:]] for row in (HEAD, ALPHA, BETA, GAMMA)],
    "away from the corner": [[], [], *[[None, None, *row] for row in (HEAD, ALPHA, BETA, GAMMA)]],
    "on its side": [["Bid comparison"], *map(list, zip(HEAD, ALPHA, BETA, GAMMA, strict=True))],
    "notes below": [HEAD, ALPHA, BETA, GAMMA, [], ["# prices without freight"]],
    "headers once more": [HEAD, ALPHA, HEAD, BETA, GAMMA],
    "a price for so many units": [
        [*HEAD[:3], "Net price (USD/kg)", "Price unit", *HEAD[4:]],
        *[[*row[:3], row[3] * by, by, *row[4:]] for row, by in ((ALPHA, 100), (BETA, 10), (GAMMA, 1))],
    ],
    "the sum of a single row": [HEAD, ALPHA, ["Sum", None, None, 300, 4000, 6], BETA, GAMMA],
    "columns of the planner's own": [[*row, more] for row, more in zip((HEAD, ALPHA, BETA, GAMMA), ("Incoterm", "FOB", "DAP", "EXW"), strict=True)],
    "numbers as text": [HEAD, ["Alpha", "Gallium", "China", "300", "4,000", "6 weeks"], ["Beta", "Gallium", "Germany", "$ 420.00", "1,500", "10"], GAMMA],
    "the material in the headings": [[HEAD[0], *HEAD[2:]], ["Gallium"], *[[row[0], *row[2:]] for row in (ALPHA, BETA)], ["Germanium"], [GAMMA[0], *GAMMA[2:]]],
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_table_is_found_wherever_it_stands(name, tmp_path):
    """Three offers are the same three offers in every layout, with lead times in months, and nothing is asked about them."""
    result, _ = of_rows(LAYOUTS[name], tmp_path)
    assert offers(result) == OFFERS and asked(result) == ""
    assert [row["lead_time_months"] for row in rows(result, "Suppliers")] == pytest.approx([weeks * 7 * 12 / 365 for weeks in (6, 10, 12)])


LANGUAGES = {
    "German": ["Lieferant", "Werkstoff", "Land", "Preis (€/kg)", "Kapazität (kg/Jahr)", "Lieferzeit (Wochen)"],
    "French": ["Fournisseur", "Matière première", "Pays", "Prix unitaire (€/kg)", "Capacité annuelle (kg)", "Délai de livraison (semaines)"],
    "Spanish": ["Proveedor", "Material", "País", "Precio (€/kg)", "Capacidad (kg por año)", "Plazo de entrega (semanas)"],
    "Italian": ["Fornitore", "Materiale", "Paese", "Prezzo (€/kg)", "Capacità annua (kg)", "Tempo di consegna (settimane)"],
    "Polish": ["Dostawca", "Surowiec", "Kraj", "Cena (€/kg)", "Zdolność produkcyjna (kg/rok)", "Czas dostawy (tygodnie)"],
    "misspelled": ["Suplier", "Matrial", "Contry", "Unit prise (€/kg)", "Capacitty (kg/year)", "Lead tmie (weeks)"],
    "with signs": ["SUPPLIER *", "material_name", "Country:", "Price € / kg", "Capacity - kg p.a.", "Lead-time (wks)"],
}


@pytest.mark.parametrize("name", LANGUAGES)
def test_headers_are_known_in_many_languages_and_spellings(name, tmp_path):
    """The same offers under the words of other languages, with their units, are the same offers, in euro."""
    result, _ = of_rows([LANGUAGES[name], ALPHA, BETA, GAMMA], tmp_path)
    assert offers(result) == OFFERS and asked(result) == "" and result.settings["currency"] == "EUR"


@pytest.mark.parametrize("separator, encoding", [(";", "utf-8"), (";", "cp1252"), ("\t", "utf-16")])
def test_a_text_file_of_another_locale_is_read_by_what_it_can_only_mean(separator, encoding, tmp_path):
    """One number that can only have a decimal comma tells how all of a file are written, whatever its separator and encoding."""
    lines = [["Lieferant", "Werkstoff", "Preis €/kg", "Kapazität kg/Jahr"], ["Münster", "Gallium", "1.250", "4.000,5"], ["Köln", "Gallium", "980,00", "12"]]
    result, mapping = imported([write_csv(tmp_path / "angebote.csv", lines, separator, encoding)])
    assert offers(result) == [("Münster", "Gallium", 1250, 4000.5), ("Köln", "Gallium", 980, 12)] and asked(result) == ""


MONTHS = "Jan Feb Mar Apr May Jun".split()
NEEDS = {
    "months": [["Material", "Use", *[f"{month} 2027 (kg)" for month in MONTHS]], ["Gallium", "LED", 1, 2, 3, 4, 5, 6]],
    "days that begin months": [["Material", "Use", *[dt.datetime(2027, number, 1) for number in range(1, 7)]], ["Gallium", "LED", 1, 2, 3, 4, 5, 6]],
    "months and their total": [
        ["Material", "Use", *[f"{month}-27" for month in MONTHS], "Total"],
        ["Gallium", "LED", 1, 2, 3, 4, 5, 6, 21],
        ["Total", None, 1, 2, 3, 4, 5, 6, 21],
    ],
    "months below a year": [["Demand plan 2027"], ["Material", "Use", *MONTHS], ["Gallium", "LED", 1, 2, 3, 4, 5, 6]],
    "a list": [["Part", "Application", "Month", "Quantity"], *[["Gallium", "LED", f"2027-{number:02d}", number] for number in range(1, 7)]],
    "a list of days": [["Part", "Application", "Due date", "Quantity"], *[["Gallium", "LED", dt.datetime(2027, number, 9), number] for number in range(1, 7)]],
}


@pytest.mark.parametrize("name", NEEDS)
def test_needs_by_month_become_quantities_of_periods(name, tmp_path):
    """Six months are six periods, whether they stand side by side or one under the other; totals are left out, and the plan covers what is there."""
    result, _ = of_rows(NEEDS[name], tmp_path, "Demand")
    (need,) = rows(result, "Demand")
    assert [need[f"2027-{number:02d}"] for number in range(1, 7)] == [1, 2, 3, 4, 5, 6]
    assert result.settings["periods"] == 6 and asked(result) == ""


def test_months_add_up_to_the_quarters_of_a_plan_and_a_quarter_that_is_not_whole_is_asked(tmp_path):
    """In a plan of quarters three months are one; where the third month is missing, nothing is guessed."""
    path = write_book(tmp_path / "own.xlsx", {"Demand": NEEDS["months"]})
    result, _ = imported([path], settings={"period": "quarter", "periods": 2})
    assert [rows(result, "Demand")[0][name] for name in ("2027-Q1", "2027-Q2")] == [6, 15] and asked(result) == ""
    path = write_book(tmp_path / "own.xlsx", {"Demand": [row[:7] for row in NEEDS["months"]]})
    assert "covered in part" in asked(imported([path], settings={"period": "quarter", "periods": 2})[0])


def test_what_the_cells_of_a_label_column_leave_out_is_filled_from_above_or_from_a_merged_cell(tmp_path):
    """A supplier named once above its rows, or in a merged cell beside them, sells all of them; the first is a proposal that can be taken back."""
    table = [HEAD, ALPHA, [None, "Germanium", "China", 1500, 300, 6], BETA]
    result, mapping = of_rows(table, tmp_path)
    assert [row["supplier"] for row in rows(result, "Suppliers")] == ["Alpha", "Alpha", "Beta"] and mapping.tables[0].use("Supplier").down
    result, mapping = of_rows(table, tmp_path, merges=["A2:A3"])
    assert [row["supplier"] for row in rows(result, "Suppliers")] == ["Alpha", "Alpha", "Beta"] and not mapping.tables[0].use("Supplier").down


def test_files_of_one_supplier_each_take_its_name_from_the_file(tmp_path):
    """Two bid sheets of one shape without a column of suppliers: the files' names are proposed for it."""
    paths = [write_book(tmp_path / f"{name}.xlsx", {"Bid": [HEAD[1:], row[1:]]}) for name, row in (("Alpha", ALPHA), ("Beta", BETA))]
    assert offers(imported(paths)[0]) == OFFERS[:2]


BID, STOCK = ["Supplier", "Material", "Price USD/t"], ["Material", "Origin", "Stock on hand", "ETA"]
UNCLEAR = {
    "no unit of time": ([["Supplier", "Material", "Price USD/kg", "Capacity kg", "Lead time"], ["A", "Ga", 3, 4, 5]], ("Capacity kg", "Lead time")),
    "a price without a weight": ([["Supplier", "Material", "Price USD", "Capacity (t/year)"], ["A", "Ga", 3, 4]], ("Price USD",)),
    "a material in two units": ([["Supplier", "Material", "Price USD/kg", "Capacity (t/year)"], ["A", "Ga", 3, 4]], ("kg and t",)),
    "two currencies": (
        [["Supplier", "Material", "Price", "Currency", "Capacity per year"], ["A", "Ga", 3, "USD", 4], ["B", "Ga", 3, "EUR", 4]],
        ("USD and EUR",),
    ),
    "a point or a comma": ([["Supplier", "Material", "Price USD/kg", "Capacity kg/year"], ["A", "Ga", "1.250", 4]], ("point or a comma",)),
    "the day or the month": ([STOCK, ["Ga", "allied", 4, "03/04/2027"]], ("day or with the month",)),
    "dates of both kinds": (
        [["Material", "Origin", "Stock on hand", "ETA"], ["Ga", "allied", 4, "13/04/2027"], ["Ga", "allied", 4, "04/13/2027"]],
        ("in one way",),
    ),
    "a second lane": (
        [[*BID, "Capacity (t/year)", "Country", None, "Country", "Transit days"], ["A", "Ga", 3, 4, "Chile", None, "Chile", 6], [None] * 6 + ["Chile", 9]],
        ("Leave the one that counts",),
    ),
    "fiscal years": ([["Material", "FY27", "FY28"], ["Ga", 1, 2]], ("month does a fiscal year begin",)),
    "months and their quarter": ([["Material", "Jan 2027", "Feb 2027", "Mar 2027", "Q1 2027"], ["Ga", 1, 2, 3, 6]], ("overlap",)),
    "months of no year": ([["Material", "Use", "Jan", "Feb", "Mar"], ["Ga", "LED", 1, 2, 3]], ("Of which year",)),
    "a share over 1": ([["Material", "Use", "Annual demand kg", "Service level"], ["Ga", "LED", 1, 95]], ("Service level",)),
    "a gap in capacities by year": ([[*BID, "Capacity 2027 (t)", "Capacity 2028 (t)"], ["A", "Ga", 3, 4, None], ["B", "Ga", 3, 4, 5]], ("as before",)),
    "thousands in the caption": ([["Offers, all prices in thousands"], [*BID, "Capacity (t/year)"], ["A", "Ga", 3, 4]], ("Price USD/t",)),
    "nothing known": ([["foo", "bar"], [1, "a"]], ("None of the tables",)),
}


@pytest.mark.parametrize("name", UNCLEAR)
def test_what_is_not_clear_is_asked_and_never_guessed(name, tmp_path):
    """Units, currencies, numbers and dates with two readings are asked, also where all proposals are confirmed."""
    table, expected = UNCLEAR[name]
    result, _ = of_rows(table, tmp_path, "Sheet1")
    assert all(words in asked(result) for words in expected), asked(result)


def test_a_number_in_a_merged_cell_is_asked(tmp_path):
    """One capacity in a merged cell beside two offers may be that of each, or of both together."""
    result, _ = of_rows([HEAD, ALPHA, [*BETA[:4], None, 10]], tmp_path, merges=["E2:E3"])
    assert "each of them may have it" in asked(result)


def test_a_foreign_currency_goes_with_its_row_and_its_rate_is_asked_once(tmp_path):
    """Amounts in euro in a plan in dollars keep their currency on the row, and the rate stands on a sheet of its own."""
    table = [["Supplier", "Material", "Price", "Currency", "Capacity per year"], ["A", "Ga", 3, "USD", 4], ["B", "Ga", 5, "EUR", 4], ["C", "Ga", 6, "EUR", 4]]
    path = write_book(tmp_path / "own.xlsx", {"Offers": table})
    result, mapping = imported([path], settings={"currency": "USD"})
    assert [question.header for question in result.questions if question.about == "rate"] == ["EUR"]
    tables = find_tables(read_files([path]))
    answered = Mapping.from_json(mapping.to_json().replace('"confirmed": true', '"rates": {"EUR": 1.1}, "confirmed": true'))
    assert propose(tables, answered).rates == {"EUR": 1.1}
    result, _ = imported([path], settings={"currency": "USD"}, known=answered)
    assert [row["currency"] for row in rows(result, "Suppliers")] == [None, "EUR", "EUR"] and rows(result, "Currencies") == [{"currency": "EUR", "rate": 1.1}]


def test_a_problem_names_the_planners_own_file_sheet_and_cell(tmp_path):
    """A price that is no number is said at its place in the case, and at its place in the planner's sheet."""
    path = write_book(tmp_path / "bids.xlsx", {"Bids": [["Offers"], [], HEAD, ALPHA, [*BETA[:3], "on request", *BETA[4:]]]})
    answers = {"Suppliers.bloc": {"*": "allied"}, "Demand.annual_demand": {"*": 1}, "Demand.shortage_cost": {"*": 1}}
    result, _ = imported([path], answers, {"start": "2027-01-01", "periods": 1})
    with pytest.raises(Exception) as caught:
        result.reading()
    (problem,) = caught.value.problems
    assert problem.where == "Suppliers!E3" and "'on request'" in problem.message and "bids.xlsx, Bids!D5" in problem.message


def test_hidden_rows_and_what_is_left_out_are_said(tmp_path):
    """What a planner may not see, and what is no data, stands in the notes."""
    path = write_book(tmp_path / "own.xlsx", {"Offers": [HEAD, ALPHA, BETA, ["Total", None, None, None, 5500]]})
    book = openpyxl.load_workbook(path)
    book.active.row_dimensions[2].hidden = True
    book.save(path)
    notes = "\n".join(imported([path])[0].notes)
    assert "Hidden rows" in notes and "row 4 is left out: a total" in notes


def test_a_cost_that_is_paid_once_is_a_project_of_its_offer(tmp_path):
    """A qualification's cost beside an offer becomes a project without which the offer cannot be used; an offer without such a cost needs none."""
    table = [[*BID, "Capacity (t/year)", "Qualification cost (USD)"], ["A", "Ga", 3, 4, 500], ["B", "Ga", 3, 4, None]]
    result, _ = of_rows(table, tmp_path)
    assert rows(result, "Projects") == [{"project": "A Ga", "cost": 500, "lead_time_months": None}]
    assert [row["project"] for row in rows(result, "Suppliers")] == ["A Ga", None]
    assert [ask.keys for ask in result.asks if ask.column == "Projects.lead_time_months"] == [("A Ga",)]


def test_words_that_mean_another_thing_are_not_taken_for_a_columns_own(tmp_path):
    """Terms of payment are no terms of sale, and an origin that is a country is the country."""
    table = [[*BID, "Capacity (t/year)", "Terms", "Origin"], ["A", "Ga", 3, 4, "30 days net", "Chile"], ["B", "Ga", 3, 4, "60 days net", "Japan"]]
    result, mapping = of_rows(table, tmp_path)
    assert mapping.tables[0].use("Terms").becomes == "" and [row["country"] for row in rows(result, "Suppliers")] == ["Chile", "Japan"]


def test_annual_needs_beside_those_of_periods_stay_annual(tmp_path):
    """A table with both keeps both: the periods stand in place of what the year says."""
    result, _ = of_rows([["Material", "Use", "Annual demand (kg)", "Jan 2027 (kg)", "Feb 2027 (kg)"], ["Gallium", "LED", 120, 7, 8]], tmp_path, "Demand")
    (need,) = rows(result, "Demand")
    assert (need["annual_demand"], need["2027-01"], need["2027-02"]) == (120, 7, 8)


def test_a_second_column_of_the_same_meaning_is_pointed_out(tmp_path):
    """Of two prices one is proposed, and the other is named beside it."""
    _, _ = of_rows([["Supplier", "Material", "Spot price USD/kg", "Unit price USD/kg", "Capacity (kg/year)"], ["A", "Ga", 3, 4, 5]], tmp_path)
    (table,) = propose(find_tables(read_files([tmp_path / "own.xlsx"]))).tables
    assert "Unit price USD/kg, which is not used, may be meant as well" in table.use("Spot price USD/kg").question


def test_two_rows_of_headers_are_one(tmp_path):
    """A group of columns over its years and units: prices by year change the offer by date."""
    table = [
        ["Supplier", "Material", "Price (USD/kg)", None, "Capacity (kg/year)", "Lead time"],
        [None, None, 2027, 2028, None, "(weeks)"],
        ["A", "Ga", 3, 4, 500, 6],
    ]
    result, _ = of_rows(table, tmp_path, merges=["C1:D1"])
    assert offers(result) == [("A", "Ga", 3, 500)] and asked(result) == ""
    assert [(row["from"], row["price"]) for row in rows(result, "Offer changes")] == [("2028-01", 4)]


def test_fiscal_years_begin_where_the_plan_says(tmp_path):
    """Needs by fiscal year that begin in April are those of the plan's years, named by the year in which they end."""
    path = write_book(tmp_path / "own.xlsx", {"Demand": [["Material", "FY27", "FY28"], ["Ga", 1, 2]]})
    result, _ = imported([path], settings={"fiscal_year_start_month": 4})
    assert (result.settings["start"], result.settings["period"], result.settings["periods"]) == ("2026-04-01", "year", 2)
    assert [rows(result, "Demand")[0][year] for year in ("2027", "2028")] == [1, 2] and asked(result) == ""
