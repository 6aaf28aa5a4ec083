"""Slips that went through in silence: a sense turned round, a percentage a hundred times off, a unit that stands alone; none is read, or offered, wrongly."""

from __future__ import annotations

from dataclasses import replace

import pytest
from books import put, raw, says, sound
from test_headers import fixes, formatted, put_by, reading_of, with_header

from optimizer.errors import WorkbookError


def refused(sheets):
    """The one problem that these sheets are refused for."""
    with pytest.raises(WorkbookError) as caught:
        reading_of(sheets)
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize("mark", ["!", "! ", "<>", "≠", "¬", "~", "-", "−", "!="])
@pytest.mark.parametrize(
    ("sheet", "header", "word"),
    [("Demand", "allowed_origins", "chinese"), ("Suppliers", "bloc", "allied"), ("Disruptions", "active_now", "yes"), ("Duties", "country", "China")],
)
def test_a_mark_that_turns_the_sense_of_a_word_is_an_error_without_a_click_that_drops_it(mark, sheet, header, word):
    """!chinese is not chinese: it is refused at its cell, and the word without its mark is not offered."""
    sheets = sound()
    if sheet == "Duties":
        sheets["Duties"] = [["duty", "rate", "country"], ["Tariff", 0.1, None]]
    put(sheets, sheet, 2, header, f"{mark}{word}")
    problem = refused(raw(sheets))
    assert problem.sheet == sheet and problem.row == 2 and header in problem.message
    assert not put_by(problem, raw(sheets))


def test_a_word_in_a_list_of_lines_may_stand_behind_a_dash():
    """A dash and a blank before each line of a list are no mark that turns its sense."""
    sheets = sound()
    put(sheets, "Demand", 2, "allowed_origins", "- allied\n- chinese")
    assert reading_of(raw(sheets)).case.demand[0].allowed_origins == ("allied", "chinese")


@pytest.mark.parametrize("code", ['0"%"', "0.0\\%", '0.0"%"', '0" %"', '0" percent"', '0"% p.a."', '0"‰"', '0" pct"'])
def test_a_share_beside_a_percent_sign_that_is_only_text_is_refused(code):
    """0.3 shown as 0.3% by a sign that does not count is not read as 30%; under a header in percent it is what it shows."""
    rows = sound()
    sheets = tuple(replace(one, formats={(1, 1): code}) if one.name == "Disruptions" else one for one in raw(rows))
    problem = refused(sheets)
    assert problem.where == "Disruptions!B2" and "is shown in" in problem.message


def test_a_percent_sign_in_a_format_agrees_with_a_header_in_percent():
    """Growth (%) over 2, shown as 2%, is 0.02."""
    sheets = with_header("Demand", None, "annual_growth (%)", 2)
    sheets = tuple(replace(one, formats={(1, 4): '0"%"'}) if one.name == "Demand" else one for one in sheets)
    assert reading_of(sheets).case.demand[0].annual_growth == 0.02


@pytest.mark.parametrize("code", ['0.00" USD/100 kg"', '0" per drum"', '0.0" $/stu"'])
def test_a_unit_in_a_format_that_is_not_understood_is_refused(code):
    """A price shown per 100 kg is no price per kg."""
    says(refused(formatted("Suppliers", (1, 4), code)), "Suppliers!E2", "which is not understood")


def test_a_probability_in_percent_keeps_its_unit_by_every_click():
    """Probability (%) leaves open per what time; the header put right is in percent, too, and its numbers mean the same."""
    sheets = with_header("Disruptions", "annual_probability", "Probability (%)")
    sheets = tuple(replace(one, rows=(one.rows[0], *((row[0], 20, *row[2:]) for row in one.rows[1:]))) if one.name == "Disruptions" else one for one in sheets)
    problem = refused(sheets)
    (fix,) = fixes(problem, sheets)
    assert put_by(problem, sheets) == {"annual_probability (%)"}
    assert [row.annual_probability for row in reading_of(fix.sheets).case.disruptions] == [0.2, 0.2]


@pytest.mark.parametrize("title", ["kUSD", "in kUSD", "(kUSD)", "k$", "Mio. USD", "thousand USD", "USD m"])
@pytest.mark.parametrize("place", [0, 2])
def test_a_unit_that_stands_alone_above_the_headers_is_not_lost(title, place):
    """A cell with nothing but kUSD above Budget is an error like a title that says so."""
    rows = sound()
    rows["Budget"].insert(0, [title if position == place else None for position in range(3)])
    says(refused(raw(rows)), f"Budget!{'ABC'[place]}1", "of amount")


def test_letters_that_number_the_columns_are_no_units():
    """A row of A, B, C above the headers is a title."""
    rows = sound()
    rows["Budget"].insert(0, ["A", "B", "D"])
    assert [row.amount for row in reading_of(raw(rows)).case.budget] == [90000, 95000]


@pytest.mark.parametrize("mark", ["2", "copy", "Kopie", "v2", "old"])
def test_a_copied_sheet_in_place_of_its_own_is_renamed_and_its_mark_is_no_unit(mark):
    """Budget (2) alone may be Budget: the click gives it the name, and nobody is told to write 2 into the headers."""
    sheets = tuple(replace(one, name=f"Budget ({mark})") if one.name == "Budget" else one for one in raw(sound()))
    problem = refused(sheets)
    assert "into the header" not in problem.message
    names = [{sheet.name for sheet in fix.sheets} for fix in fixes(problem, sheets)]
    assert any("Budget" in one and f"Budget ({mark})" not in one for one in names)


@pytest.mark.parametrize("unit", ["kUSD", "k$", "in Mio", "in thousands", "T€", "t", "per month", "monthly"])
@pytest.mark.parametrize("between", [" ", "_", " - ", ", "])
def test_a_unit_beside_the_name_of_a_sheet_is_not_lost_by_a_click(unit, between):
    """Budget kUSD is an error like Budget (kUSD): no click gives the sheet its name and drops the unit."""
    name = f"Budget{between}{unit}"
    sheets = tuple(replace(one, name=name) if one.name == "Budget" else one for one in raw(sound()))
    problem = refused(sheets)
    assert problem.sheet == name and f"write {unit} into the header" in problem.message or "€" in unit
    assert fixes(problem, sheets) == []


@pytest.mark.parametrize("name", ["Budget 2027", "Budget v2", "Budget final", "Budget plan"])
def test_a_year_or_a_word_beside_the_name_of_a_sheet_is_no_unit(name):
    """Budget 2027 may be Budget, and one click gives it the name."""
    sheets = tuple(replace(one, name=name) if one.name == "Budget" else one for one in raw(sound()))
    assert any("Budget" in {sheet.name for sheet in fix.sheets} for fix in fixes(refused(sheets), sheets))


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Demand per month", "annual_demand"),
        ("Monthly demand", "annual_demand"),
        ("Bedarf pro Woche", "annual_demand"),
        ("Weekly volumes, all sites", "annual_demand"),
        ("in 1000 kg", "in 1000"),
        ("Figures x 1,000", "x 1,000"),
        ("Costs in US cents", "cents"),
    ],
)
def test_a_rate_or_a_multiple_within_a_title_is_not_lost(title, words):
    """A title that says per month, or in 1000 kg, of columns that do not is an error at its cell."""
    rows = sound()
    rows["Demand"].insert(0, [title, None, None, None])
    says(refused(raw(rows)), "Demand!A1", words)


@pytest.mark.parametrize("title", ["Monthly review, May 2027", "Top 1000 customers", "Weekly report 14", "Approved per email"])
def test_a_title_that_speaks_of_time_without_counting_in_it_is_a_title(title):
    """A review that is monthly says nothing of the demand below it."""
    rows = sound()
    rows["Demand"].insert(0, [title, None, None, None])
    assert [row.annual_demand for row in reading_of(raw(rows)).case.demand] == [100, 10]


@pytest.mark.parametrize("header", ["annual_probability (%/month)", "annual_probability (% per quarter)", "annual_probability (% monthly)"])
def test_a_percentage_that_excel_shows_is_still_one_of_the_time_that_its_header_says(header):
    """5% under a header that says per month is no probability per year, though the cell shows a percentage of its own."""
    rows = sound()
    names = rows["Disruptions"][0]
    position = names.index("annual_probability")
    names[position] = header
    rows["Disruptions"][1][position] = 0.05
    sheets = tuple(replace(one, percents=frozenset({(1, position)})) if one.name == "Disruptions" else one for one in raw(rows))
    problem = refused(sheets)
    assert problem.sheet == "Disruptions" and "rates compound" in problem.message
