"""What is typed or pasted into a cell: it is stored as what it says, or it is a problem at its cell; never as something else without a word."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from books import put, raw, setting, sound

from optimizer.editing.entry import Percentage, entry_text, readings_of, typed
from optimizer.editing.repairs import fixes
from optimizer.editing.sheets import column_at, raw_of, sheet_of, value_at
from optimizer.errors import WorkbookError
from optimizer.intake.reader import case_from_sheets
from optimizer.schema.language import Column
from optimizer.schema.sheets import INPUTS
from ui.grid.grid import edited, grid_of, terms_of

PROBLEM = "a problem"
PRICE, SHARE, GROWTH = ("Suppliers", "price"), ("Suppliers", "take_or_pay"), ("Suppliers", "price_growth")
DATE, BLOCS, NAMES = ("Suppliers", "available_from"), ("Disruptions", "bloc"), ("Disruptions", "country")
CAPACITY, YEAR, WHOLE, BLOC = ("Suppliers", "capacity_per_year"), ("Budget", "fiscal_year"), ("Settings", "periods"), ("Suppliers", "bloc")
YES, NAME, LAST = ("Disruptions", "active_now"), ("Suppliers", "supplier"), ("Limits", "to")

WAYS = [
    # where, what is typed, what the case then holds, or PROBLEM; and the proposals, where there must be some
    (SHARE, "35%", 0.35),
    (SHARE, "0,35", 0.35),
    (SHARE, ".05", 0.05),
    (PRICE, "70,5", 70.5),
    (PRICE, "1.250", PROBLEM, "Use 1.25", "Use 1250"),
    (GROWTH, "0,02", 0.02),
    (PRICE, "8.000", PROBLEM, "Use 8", "Use 8000"),
    (PRICE, "€ 99.50", PROBLEM),
    (PRICE, "12,000", PROBLEM, "Use 12", "Use 12000"),
    (PRICE, "12000", 12000),
    (PRICE, "1,250.50", 1250.5),
    (PRICE, "1.250,50", 1250.5),
    (PRICE, "1 250", 1250),
    (PRICE, "1\u202f250,5", 1250.5),
    (PRICE, "1'250.5", 1250.5),
    (PRICE, "1.000.000", 1_000_000),
    (PRICE, "2e3", 2000),
    (PRICE, "USD 99.50", 99.5),
    (PRICE, "$99.50", 99.5),
    (PRICE, "99,50 USD", 99.5),
    (PRICE, "EUR 99.50", PROBLEM),
    (PRICE, "£5", PROBLEM),
    (CAPACITY, "$80", PROBLEM),
    (CAPACITY, "80 t", PROBLEM),
    (CAPACITY, "5%", PROBLEM),
    (CAPACITY, "80²", PROBLEM),
    (CAPACITY, "８０", 80),
    (PRICE, "=1+1", PROBLEM),
    (PRICE, "n/a", PROBLEM),
    (PRICE, "-5", PROBLEM),
    (PRICE, "(5)", PROBLEM),
    (PRICE, "1_000", PROBLEM),
    (PRICE, "inf", PROBLEM),
    (SHARE, "35", PROBLEM, "Use '35%'"),
    (SHARE, "35 %", 0.35),
    (SHARE, "35,7%", 0.357),
    (SHARE, "1.000", 1),
    (SHARE, "64.162%", 0.64162),
    (SHARE, "1.250", PROBLEM, "Use 1.25", "Use 1250"),
    (GROWTH, "5", PROBLEM, "Use 5%", "Use 5 (500%)"),
    (GROWTH, "-2%", -0.02),
    (GROWTH, "−0,5", -0.5),
    (GROWTH, "500%", 5),
    (DATE, "2027-04-01", dt.date(2027, 4, 1)),
    (DATE, "2027-Q2", dt.date(2027, 4, 1)),
    (DATE, "Q2 2027", dt.date(2027, 4, 1)),
    (DATE, "1.4.2027", PROBLEM, "Use 1 April 2027", "Use 4 January 2027"),
    (DATE, "01/04/2027", PROBLEM, "Use 1 April 2027", "Use 4 January 2027"),
    (DATE, "13/4/2027", dt.date(2027, 4, 13)),
    (DATE, "4/13/2027", dt.date(2027, 4, 13)),
    (DATE, "1 April 2027", dt.date(2027, 4, 1)),
    (DATE, "Apr 2027", dt.date(2027, 4, 1)),
    (DATE, "04/2027", dt.date(2027, 4, 1)),
    (DATE, "1. März 2027", dt.date(2027, 3, 1)),
    (DATE, "12 de enero de 2027", dt.date(2027, 1, 12)),
    (DATE, "septiembre 2027", dt.date(2027, 9, 1)),
    (DATE, "1er février 2027", dt.date(2027, 2, 1)),
    (DATE, "3 maggio 2027", dt.date(2027, 5, 3)),
    (DATE, "jui 2027", PROBLEM),
    (DATE, "2027/7/1", dt.date(2027, 7, 1)),
    (DATE, "1.4.27", PROBLEM, "Use 1 April 2027", "Use 4 January 2027"),
    (DATE, "31.2.2027", PROBLEM),
    (DATE, "46113", PROBLEM),
    (DATE, "soon", PROBLEM),
    (LAST, "Q2 2027", dt.date(2027, 6, 30)),
    (LAST, "06/2027", dt.date(2027, 6, 30)),
    (YEAR, "2028", 2028),
    (YEAR, "FY28", PROBLEM),
    (YEAR, "2,028", PROBLEM),
    (YEAR, "28", PROBLEM),
    (WHOLE, "8,5", PROBLEM),
    (WHOLE, "6", 6),
    (WHOLE, "1.000", PROBLEM, "Use 1", "Use 1000"),
    (BLOC, "Allied", "allied"),
    (BLOC, "alied", PROBLEM, "Use 'allied'"),
    (BLOCS, "chinese, other", ("chinese", "other")),
    (BLOCS, "chinese other", PROBLEM),
    (BLOCS, "chinese; other", ("chinese", "other")),
    (NAMES, "China;Chile", ("China", "Chile")),
    (NAMES, "China / Chile", PROBLEM),
    (NAMES, "China, Chile", ("China", "Chile")),
    (NAMES, "China, Mars", PROBLEM),
    (YES, "yes", True),
    (YES, "FALSE", False),
    (YES, "maybe", PROBLEM),
    (NAME, "007", "007"),
    (NAME, "1.250", "1.250"),
    (NAME, "=cmd", "=cmd"),
    (NAME, "Smith, Sons", "Smith, Sons"),
]


def wide():
    """The sound workbook with every column that is typed into."""
    rows = sound()
    for sheet, column in (SHARE, GROWTH, DATE, NAMES, YES, LAST):
        put(rows, sheet, 2, column, None)
    setting(rows, "currency", "USD")
    return raw(rows)


def sheet_named(name):
    return next(sheet for sheet in INPUTS if sheet.name == name)


def into_grid(sheets, place, text):
    """The sheets after a text was typed into the first row of a column, or into the row of a setting; and the cell's row and column."""
    sheet, column = place
    one = raw_of(sheets, sheet_named(sheet))
    shown = grid_of(sheet_named(sheet), one, terms_of(sheets))
    index, name = (shown.frame["setting"].tolist().index(column), "value") if sheet == "Settings" else (0, column)
    after = edited(shown, {index: {name: text}})
    field = next(field for field in shown.fields if field.id == name)
    return tuple(after if raw_sheet is one else raw_sheet for raw_sheet in sheets), (shown.rows[index], field.position)


def in_the_case(case, place):
    sheet, column = place
    if sheet == "Settings":
        return getattr(case.settings, column)
    record = getattr(case, sheet_named(sheet).case_field)[0]
    value = getattr(record, sheet_named(sheet).column(column).attribute)
    return value


@pytest.mark.parametrize(
    ("place", "text", "meant", "proposals"), [(way[0], way[1], way[2], way[3:]) for way in WAYS], ids=[f"{way[0][1]} {way[1]}" for way in WAYS]
)
def test_what_is_typed_is_stored_as_it_says_or_is_a_problem_at_its_cell(place, text, meant, proposals):
    """Typed into the grid, the text is in the case what it says; where it is unclear or faulty, its cell has a problem, and keeps the text."""
    sheets, (row, column) = into_grid(wide(), place, text)
    try:
        case = case_from_sheets(sheets, "case.xlsx").case
    except WorkbookError as error:
        here = [problem for problem in error.problems if problem.sheet == place[0] and problem.cell.endswith(str(row))]
        assert meant == PROBLEM and here, error.problems
        assert value_at(sheet_of(sheets, place[0]), row, column) == text or text in ("-5", "(5)", "35", "28", "8,5")
        words = [fix.words for fix in fixes(here[0], sheets)]
        assert list(proposals) == words[: len(proposals)], words
        return
    assert meant != PROBLEM, in_the_case(case, place)
    found = in_the_case(case, place)
    if place in (DATE, LAST):
        calendar = case.calendar
        assert found == calendar.index(meant), found
    else:
        assert found == meant and (not isinstance(meant, bool) or found is meant)


@pytest.mark.parametrize("way", [way for way in WAYS if way[2] == PROBLEM and len(way) > 3], ids=lambda way: way[1])
def test_a_proposal_of_an_unclear_text_puts_its_own_reading_there(way):
    """Each proposal stores the reading that it names, and no other; the problem of that cell is then gone, or is another one."""
    sheets, (row, column) = into_grid(wide(), way[0], way[1])
    with pytest.raises(WorkbookError) as caught:
        case_from_sheets(sheets, "case.xlsx")
    problem = next(problem for problem in caught.value.problems if problem.cell.endswith(str(row)) and problem.sheet == way[0][0])
    for fix, words in zip(fixes(problem, sheets), way[3:], strict=False):
        raw_sheet = sheet_of(fix.sheets, way[0][0])
        value, known = value_at(raw_sheet, row, column), column_at(raw_sheet, row, column)
        said = words.removeprefix("Use ").split(" (")[0].strip("'")
        assert value == said or value in readings_of(said, known), (words, value)


@pytest.mark.parametrize("seed", range(3))
def test_a_shown_number_typed_again_is_the_same_number(seed):
    """Every digit of a number is shown, and never so that it has two readings: typing or copying what is shown gives the very number."""
    draw, number, share = random.Random(seed), Column("n", "number", ""), Column("s", "share", "", low=0, high=1)
    for _ in range(1000):
        value = draw.choice((draw.random(), draw.uniform(-1e9, 1e9), draw.randrange(10**12), round(draw.uniform(0, 999), 3), 10 ** draw.uniform(-30, 30)))
        assert typed(entry_text(value), number) == value, entry_text(value)
        part = draw.randrange(10**6) / 10**6
        assert typed(entry_text(part, share, True), share) == part
    assert entry_text(1234567.891) == "1234567.891" and entry_text(0.357, share, True) == "35.7%" and entry_text(2.5e-7) == "0.00000025"
    assert entry_text(1.125) == "1.1250" and entry_text(0.125) == "0.125" and entry_text(1250.125) == "1250.125"


def test_a_percentage_is_shown_as_one_and_its_cell_takes_percentages():
    """35% is kept as 0.35 and shown as 35%; as in Excel 40 is 40% there, and 0.4 the same."""
    after, (row, column) = into_grid(wide(), SHARE, "35%")
    one = sheet_of(after, "Suppliers")
    assert (row - 1, column - 1) in one.percents and value_at(one, row, column) == 0.35 and type(value_at(one, row, column)) is float
    assert grid_of(sheet_named("Suppliers"), one, terms_of(after)).frame["take_or_pay"][0] == "35%"
    again, _ = into_grid(after, SHARE, "40")
    assert value_at(sheet_of(again, "Suppliers"), row, column) == 0.4
    again, _ = into_grid(after, SHARE, "0.4")
    assert value_at(sheet_of(again, "Suppliers"), row, column) == 0.4
    assert readings_of("5", Column("g", "share", "", low=-1, above=True)) == (Percentage(0.05), 5)


@pytest.mark.parametrize(
    ("currency", "sign", "same"),
    [
        ("EUR", "€", True),
        ("€", "EUR", True),
        ("USD", "$", True),
        ("CAD", "$", False),
        ("CNY", "¥", False),
        ("CHF", "CHF", True),
        ("kUSD", "$", False),
        ("", "$", False),
    ],
)
def test_only_the_currency_of_the_case_is_taken(currency, sign, same):
    """A price with the sign or code of the case's currency is a number; with any other, and in a column of quantities, it stays text."""
    price, quantity = Column("p", "number", "", "{currency} per {unit}"), Column("q", "number", "", "{unit}")
    assert (typed(f"{sign} 99.5", price, currency) == 99.5) is same
    assert typed(f"{sign} 99.5", quantity, currency) == f"{sign} 99.5"
