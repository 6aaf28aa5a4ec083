"""Fixes with one click: each puts right what it was proposed for, and says what it does."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from books import put, raw, setting, sound
from test_broken import ONE_CELL, STRUCTURE, spoilt

from optimizer.editing.repairs import fixes
from optimizer.editing.sheets import changes
from optimizer.errors import Problem, WorkbookError
from optimizer.intake.checks import errors as rules_that_refuse
from optimizer.intake.checks import suspicions
from optimizer.intake.reader import case_from_sheets, read_sheets

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
    "a missing sheet": "Add the sheet Demand",
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


# -- words and repairs apart -----------------------------------------------------------------------------------------------

ROOT = Path(__file__).resolve().parent.parent
MESSY = sorted(path for path in (ROOT / "tests" / "cases" / "messy").glob("*.xlsx") if path.read_bytes()[:2] == b"PK")
SAYING = ("message", "fix")
"""The attributes of a problem that hold sentences."""


def everything(sheets):
    """All problems and warnings of some sheets."""
    try:
        return list(case_from_sheets(sheets, "case.xlsx").warnings)
    except WorkbookError as error:
        return [*error.problems, *error.warnings]


def proposals(problem, sheets):
    return [(fix.words, fix.sheets) for fix in fixes(problem, sheets)]


@pytest.mark.parametrize("name", [*ONE_CELL, *STRUCTURE])
def test_fixes_do_not_depend_on_the_words_of_an_error(name):
    """With other words in every part of its message an error has the same fixes."""
    sheets = broken(name)
    for problem in everything(sheets):
        reworded = replace(problem, message="Quite another sentence.", found="x", expected="y", fix="Ask somebody.")
        assert proposals(reworded, sheets) == proposals(problem, sheets)


@pytest.mark.parametrize("path", MESSY, ids=lambda path: path.stem)
def test_fixes_do_not_depend_on_the_words_of_a_rule(path, monkeypatch):
    """With another docstring for every rule, and so another message, each problem of a messy workbook has the same fixes."""
    sheets = read_sheets(path).sheets
    before = [proposals(problem, sheets) for problem in everything(sheets)]
    for rule in (*rules_that_refuse.RULES, *suspicions.RULES):
        monkeypatch.setattr(rule, "__doc__", "Other words. Expected more words. Do something.")
    assert [proposals(problem, sheets) for problem in everything(sheets)] == before


def test_no_code_reads_a_sentence_of_a_problem():
    """Nothing in the package or the app searches, compares or cuts a problem's message or its advice."""
    found = []
    for path in sorted([*(ROOT / "optimizer").rglob("*.py"), *(ROOT / "ui").rglob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare):
                read_ones = [node.left, *node.comparators]
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                searching = isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
                read_ones = list(node.args) if searching else [node.func.value]
            else:
                continue
            if any(isinstance(one, ast.Attribute) and one.attr in SAYING and isinstance(one.ctx, ast.Load) for one in read_ones):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


SUSPICIOUS = {
    "a contract column on a spot offer": (("Suppliers", 3, "contract_price", 190), ["Set terms to both", "Clear what is meant for a contract"]),
    "a country in another bloc": (("Suppliers", 3, "bloc", "allied"), ["Use 'chinese'"]),
    "a supplier in two spellings": (("Suppliers", 4, "supplier", "East Ltd."), ["Write 'East' everywhere", "Write 'East Ltd.' everywhere"]),
    "an order twice": (("Inventory", 4, "material", "Oxide"), ["Clear row {row}, which says the same as row {first}"]),
}
"""A cell of the sound workbook that makes it suspicious, and the words of the fixes."""


@pytest.mark.parametrize("above", [0, 1, 3])
@pytest.mark.parametrize("name", SUSPICIOUS)
def test_a_warning_is_put_right_wherever_the_headers_stand(name, above):
    """The fixes of a warning are found, and put it right, with titles above the headers too; headers may bear units."""
    rows, (place, words) = sound(), SUSPICIOUS[name]
    put(rows, *place)
    if name == "an order twice":
        rows["Inventory"][3] = list(rows["Inventory"][2])
    if place[0] == "Suppliers":
        header = rows["Suppliers"][0]
        header[header.index("price")] = "Price (USD)"
    rows[place[0]] = [["# a title", *[None] * (len(rows[place[0]][0]) - 1)] for _ in range(above)] + rows[place[0]]
    sheets = raw(rows)
    (warning,) = [one for one in everything(sheets) if fixes(one, sheets)]
    assert [fix.words for fix in fixes(warning, sheets)] == [one.format(row=above + 4, first=above + 3) for one in words]
    for fix in fixes(warning, sheets):
        assert not [one for one in everything(fix.sheets) if one.level == "error" or one.message == warning.message], fix.words


def test_a_setting_is_given_by_a_click_in_its_row_or_in_a_new_one():
    """Listed futures that stand in place of the probabilities are either meant, which a setting says, or cleared."""
    for row_is_there in (True, False):
        rows = sound()
        setting(rows, "scenario_method", "auto")
        rows["Settings"] = [row for row in rows["Settings"] if row_is_there or row[0] != "scenario_method"]
        rows["Settings"] = [["# of the plan", None], *rows["Settings"]]
        sheets = raw(rows)
        (warning,) = [one for one in everything(sheets) if one.sheet == "Scenarios"]
        listed, cleared = fixes(warning, sheets)
        assert case_from_sheets(listed.sheets).case.settings.scenario_method == "listed" and everything(listed.sheets) == []
        assert case_from_sheets(cleared.sheets).case.scenarios == () and not [one for one in everything(cleared.sheets) if one.sheet == "Scenarios"]
        assert len(next(one for one in listed.sheets if one.name == "Settings").rows) == len(rows["Settings"]) + (not row_is_there)


def test_a_row_that_differs_in_a_note_is_not_cleared_by_a_click():
    """Two rows that say the same but for a column that is not read stay with the planner: a click would lose the note."""
    rows = sound()
    rows["Inventory"].append(list(rows["Inventory"][2]))
    for number, row in enumerate(rows["Inventory"]):
        row.append("# Notes" if number == 0 else f"order {number}")
    sheets = raw(rows)
    (warning,) = everything(sheets)
    assert "says the same as row 3" in warning.message and fixes(warning, sheets) == []
