"""Fixes with one click: each puts right what it was proposed for, and says what it does."""

from __future__ import annotations

import pytest
from books import put, raw, sound
from test_broken import ONE_CELL, STRUCTURE, spoilt

from optimizer.editing.repairs import fixes
from optimizer.editing.sheets import changes
from optimizer.errors import Problem, WorkbookError
from optimizer.intake.reader import case_from_sheets

PUTS_RIGHT = {
    "a number stored as text": "Use 200",
    "thousands separators": "Use 1.5",
    "a share over 1": "Use '20%'",
    "a share as a text number": "Use 0.2",
    "an unknown word": "Use 'allied'",
    "an empty part of a list": "Use 'chinese, other'",
    "a date as its serial number": "Use '2027-04-23'",
    "a year in a date cell": "Use '2027-01-01'",
    "an unknown material": "Use 'Oxide'",
    "an unknown supplier in a list": "Use 'East'",
    "an unknown country": "Use 'China'",
    "an unknown project": "Use 'Line 2'",
    "an unknown disruption": "Use 'Ban'",
    "an unused column": "Clear the cell: use then counts for nothing in this row",
    "an unknown setting": "Use 'risk_weight'",
    "a setting twice": "Keep 8 (clear row 6)",
    "a misspelled sheet": "Rename the sheet 'Supplier' to Suppliers",
    "an unknown column": "Use 'lead_time_months'",
    "a strange column": "Do not read column D (head it '# Qwxz')",
    "a misspelled required column": "Use 'price'",
    "a column twice": "Do not read column G (head it '# Price')",
    "a value without a header": "Do not read column I (head it '# not read')",
    "a period twice": "Do not read column F (head it '# 2027-04-01')",
    "the same limit twice": "Clear row 3, which says the same as row 2",
    "a use for a quantity": "Clear the cell: use then counts for nothing in this row",
}
"""Faults of test_broken.py -> the words of the first fix, after which that fault is gone."""

LEADS_ON = {
    "a missing sheet": "Add the sheet Budget",
    "no projects to refer to": "Add the sheet Projects",
    "an empty required sheet": "Put the headers in row 1",
    "an empty settings sheet": "Put the headers in row 1",
}
"""The same, where the fix gives the place to fill in."""


def broken(name):
    return raw(spoilt(name) if name in ONE_CELL else STRUCTURE[name][0])


def problems_of(sheets):
    try:
        case_from_sheets(sheets, "case.xlsx")
    except WorkbookError as error:
        return list(error.problems)
    return []


@pytest.mark.parametrize("name", [*PUTS_RIGHT, *LEADS_ON])
def test_the_first_fix_puts_the_problem_right(name):
    """The first fix says what it does, and after it the problem is gone; most leave none at all."""
    sheets = broken(name)
    (problem,) = problems_of(sheets)
    first = fixes(problem, sheets)[0]
    assert first.words == (PUTS_RIGHT | LEADS_ON)[name]
    left = problems_of(first.sheets)
    assert problem not in left
    assert name in LEADS_ON or name in ("an unknown setting",) or left == []


@pytest.mark.parametrize("name", sorted({*ONE_CELL, *STRUCTURE} - {*PUTS_RIGHT, *LEADS_ON}))
def test_nothing_is_proposed_that_leaves_things_as_they_are(name):
    """Whatever is proposed for any other fault changes the sheets, in a few words on one line."""
    sheets = broken(name)
    for problem in problems_of(sheets):
        for fix in fixes(problem, sheets):
            assert changes(sheets, fix.sheets) and "\n" not in fix.words and len(fix.words) < 160


def test_a_name_misspelled_in_many_rows_is_put_right_in_all_of_them():
    """One click corrects a name wherever its column holds it."""
    rows = sound()
    put(rows, "Suppliers", 2, "material", "Oxyde")
    put(rows, "Suppliers", 3, "material", "oxyde")
    sheets = raw(rows)
    (problem,) = problems_of(sheets)
    (fix,) = fixes(problem, sheets)
    assert fix.words == "Use 'Oxide' in 2 rows" and problems_of(fix.sheets) == []


def test_a_missing_column_and_setting_get_their_place():
    """A missing column is added to its sheet, a missing setting gets its row."""
    rows = sound()
    rows["Budget"] = [[row[0], row[2]] for row in rows["Budget"]]
    rows["Settings"] = [row for row in rows["Settings"] if row[0] != "periods"]
    sheets = raw(rows)
    words = {fix.words for problem in problems_of(sheets) for fix in fixes(problem, sheets)}
    assert words == {"Add a row for periods", "Add the column amount"}


def test_a_name_that_a_message_cuts_is_put_right_in_full():
    """A fix holds the whole name, also where its message shows only a part of it; the words of a message alone are no fix."""
    rows = sound()
    rows["Materials"][2][0] = "x" * 100
    put(rows, "Demand", 2, "material", "x" * 99 + "y")
    sheets = raw(rows)
    problem = next(problem for problem in problems_of(sheets) if problem.sheet == "Demand")
    (fix,) = fixes(problem, sheets)
    assert "…" in problem.fix and next(one for one in fix.sheets if one.name == "Demand").rows[1][0] == "x" * 100
    assert fixes(Problem("Nowhere", "A1", "gone", fix="Did you mean x?"), sheets) == []


def test_two_offers_of_one_name_that_differ_are_left_to_the_planner():
    """A row that doubles another one is cleared by a click only where it says the same."""
    sheets = broken("the same offer twice")
    (problem,) = problems_of(sheets)
    assert fixes(problem, sheets) == []


def test_a_number_with_two_readings_gets_both():
    """25.000 may be 25 or 25,000: each is one click, in words that nobody takes for the other."""
    for text, values in (("25.000", {25, 25000}), ("1,250", {1.25, 1250}), ("1 250,5", {1250.5}), ("8.000", {8, 8000}), ("1.250.000", {1_250_000})):
        rows = sound()
        put(rows, "Suppliers", 2, "capacity_per_year", text)
        sheets = raw(rows)
        (problem,) = problems_of(sheets)
        found = fixes(problem, sheets)
        assert {next(one for one in fix.sheets if one.name == "Suppliers").rows[1][5] for fix in found} == values
        assert len({fix.words for fix in found}) == len(values) and all(problems_of(fix.sheets) == [] for fix in found)
