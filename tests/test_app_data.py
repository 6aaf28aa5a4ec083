"""The inputs page: problems are shown with their cell and go once they are put right; what was changed can be taken back."""

from __future__ import annotations

import re

import pytest
from books import put, sound, write_xlsx
from browser import at_rest, browsing, grid_focused, new_page, opened, serving, settled, type_into_cell
from plans import BITING
from test_app_pages import app, fresh_server, words  # noqa: F401 - fresh_server serves every test here
from test_broken import ONE_CELL, STRUCTURE, spoilt

from optimizer.editing.rows import differences
from optimizer.editing.sheets import raw_of, sheet_of, value_at, with_address
from optimizer.errors import WorkbookError
from optimizer.intake.reader import case_from_sheets, read_sheets
from optimizer.runs.store import Store
from optimizer.schema.sheets import BUDGET, DEMAND
from ui.grid import editing
from ui.grid.grid import edited, grid_of, terms_of

ONE_OF_EACH = (
    "text in a number",
    "an unknown word",
    "a missing sheet",
    "a misspelled sheet",
    "a misspelled required column",
    "an empty settings sheet",
    "a value without a header",
    "an input without its quantity",
    "two sheets of one name",
    "a sheet without rows",
    "a year in a date cell",
)


def work_with(rows, tmp_path):
    """A work begun with a workbook of these rows."""
    path = write_xlsx(rows, tmp_path / "case.xlsx")
    return Store().begin(read_sheets(path), path.read_bytes())


def press(test, label: str):
    """The page after the button whose label begins so was pressed."""
    plain = {button.label.replace("\\", ""): button for button in test.button}
    return next(button for text, button in plain.items() if text.startswith(label)).click().run()


def page(work):
    test = app(work, page="data")
    assert not test.exception, test.exception
    return test


def problems(work):
    try:
        case_from_sheets(work.sheets)
    except WorkbookError as error:
        return error.problems
    return ()


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_every_kind_of_problem_is_shown_without_an_exception(name, tmp_path):
    """A broken workbook's page lists its problems with their places and names the first of them in full."""
    work = work_with(spoilt(name) if name in ONE_CELL else STRUCTURE[name][0], tmp_path)
    test = page(work)
    found = problems(work)
    assert test.dataframe[0].value["Where"].tolist() == [problem.where for problem in found]
    assert found[0].where in words(test).replace("\\", "")
    assert next(button for button in test.button if button.label == "Make a plan").disabled


def test_a_bad_cell_is_put_right_in_its_box(tmp_path):
    """Typing into the box of a faulty cell and applying it makes the problem go; undo brings it back, and the change can be taken back."""
    rows = sound()
    put(rows, "Suppliers", 2, "price", "about 300")
    work = work_with(rows, tmp_path)
    test = page(work)
    assert test.text_input[0].value == "about 300" and test.text_input[0].label.replace("\\", "").startswith("Suppliers!E2")
    test.text_input[0].set_value("310")
    press(test, "Apply")
    assert value_at(sheet_of(work.sheets, "Suppliers"), 2, 5) == 310 and not test.text_input
    assert not next(button for button in test.button if button.label == "Make a plan").disabled
    press(test, "Undo")
    assert test.text_input[0].value == "about 300" and work.sheets == work.original_sheets
    test.text_input[0].set_value("310")
    press(press(test, "Apply"), "Take all back")
    assert work.sheets == work.original_sheets and not test.exception


def test_a_proposal_is_one_click_also_for_headers_and_missing_sheets(tmp_path):
    """A misspelled header is renamed and a missing sheet is added by their buttons."""
    work = work_with(STRUCTURE["a misspelled required column"][0], tmp_path)
    press(page(work), "Use 'price'")
    assert value_at(sheet_of(work.sheets, "Suppliers"), 1, 5) == "price" and problems(work) == ()
    work = work_with(STRUCTURE["a missing sheet"][0], tmp_path)
    press(page(work), "Add the sheet Demand")
    assert raw_of(work.sheets, DEMAND) is not None and not any("is missing" in problem.message for problem in problems(work))


def test_applying_what_was_there_changes_nothing(tmp_path):
    """Apply without typing leaves even a very long value with doubled blanks as it is."""
    rows = sound()
    put(rows, "Demand", 2, "material", "no  such " * 1000)
    work = work_with(rows, tmp_path)
    press(page(work), "Apply")
    assert work.sheets == work.original_sheets


def test_what_was_saved_is_there_after_pages_and_reloads(tmp_path):
    """An edit is on the page again after another page, and in a new session."""
    work = work_with(sound(), tmp_path)
    work.save_sheets(with_address(work.sheets, "Budget", "B2", 12345))
    test = page(work)
    test.switch_page("app_pages/solve.py").run()
    test.switch_page("app_pages/data.py").run()
    for again in (test, page(work)):
        assert not again.exception
        table = next(frame.value for frame in again.dataframe if "Now" in frame.value)
        assert table[["Cell", "Before", "Now"]].values.tolist() == [["Budget!B2", "90000", "12345"]]


def test_hostile_names_and_units_are_text(tmp_path):
    """Names, units and currency that would be markup, formulas or code draw the page without an exception and unescaped nowhere."""
    rows = sound()
    for number, name in enumerate(BITING):
        rows["Materials"].append([f"{name} {number}", name, 1])
        rows["Suppliers"].append([name, f"{name} {number}", "allied", name, 1, 1])
    rows["Settings"].append(["currency", BITING[2]])
    put(rows, "Suppliers", 2, "price", BITING[2])
    test = page(work_with(rows, tmp_path))
    said = "\n".join([words(test), *(button.label for button in test.button), *(box.label for box in test.text_input)])
    assert "script" in said and not re.search(r"(?<!\\)<|\](?<!\\\])\(", said)


def test_a_new_row_typed_in_the_grid_is_one_change(tmp_path):
    """What is typed into a blank row of the grid is listed as one row that was added, named after what stands in it."""
    work = work_with(sound() | {"Budget": sound()["Budget"][:2]}, tmp_path)
    sheets = work.sheets
    raw = raw_of(sheets, BUDGET)
    after = edited(grid_of(BUDGET, raw, terms_of(sheets)), {1: {"fiscal_year": "2028", "amount": "5"}})
    work.save_sheets(tuple(after if one is raw else one for one in sheets))
    (change,) = differences(work.original_sheets, work.sheets)
    assert (change.cell, change.after, change.label) == ("row 3", "2028, 5", "Budget 2028: row added")


def test_two_windows_do_not_overwrite_each_other(tmp_path, monkeypatch):
    """What another window changed on a sheet is not taken back by an edit in a grid that was made before; that edit is refused with a word."""
    held = {}
    monkeypatch.setattr(editing.st, "session_state", held)
    work = work_with(sound(), tmp_path)
    shown = grid_of(BUDGET, raw_of(work.sheets, BUDGET), terms_of(work.sheets))
    for amount in ("5", "6"):
        held[editing.key()] = {"edited_rows": {0: {"amount": amount}}}
        editing.keep(work, shown)
    assert raw_of(work.sheets, BUDGET).rows[1][1] == 6 and editing.remark() is None
    work.save_sheets(with_address(work.sheets, "Budget", "B3", 77))
    held[editing.key()] = {"edited_rows": {0: {"amount": "8"}}}
    editing.keep(work, shown)
    assert [row[1] for row in raw_of(work.sheets, BUDGET).rows[1:3]] == [6, 77] and "another window" in editing.remark()


@pytest.fixture(scope="module")
def visitor(tmp_path_factory):
    """A server with a work that has two problems and one that has none, and a visitor's page: (page, address of a work, the works)."""
    folder = tmp_path_factory.mktemp("data")
    store = Store(folder / "home")
    bad = sound()
    put(bad, "Suppliers", 2, "bloc", "alied")
    put(bad, "Disruptions", 2, "annual_probability", 20)
    works = {}
    good = sound() | {"Budget": sound()["Budget"][:2]}
    for name, rows in (("bad", bad), ("good", good)):
        path = write_xlsx(rows, folder / f"{name}.xlsx")
        works[name] = store.begin(read_sheets(path), path.read_bytes())
    with serving(folder / "home") as at, browsing() as browser:
        yield new_page(browser, height=1400), (lambda name: f"{at}/data?work={works[name].id}"), works


def test_a_problem_that_was_chosen_is_the_one_that_is_put_right(visitor):
    """In a real browser: the second problem is chosen in the list, its sheet is shown, its proposal is taken, and that problem goes."""
    page, address, works = visitor
    opened(page, address("bad"))
    box = at_rest(page, page.get_by_test_id("stDataFrame").first)
    page.mouse.click(box["x"] + 17, box["y"] + 35 * 2 + 17)
    proposal = page.get_by_role("button", name="Use '20%'")
    proposal.wait_for()
    # A click while the page is still being drawn can meet a button that is just replaced.
    settled(page)
    proposal.click()
    page.wait_for_selector("text=1 problem to put right")
    assert value_at(sheet_of(works["bad"].sheets, "Disruptions"), 2, 2) == "20%"
    assert value_at(sheet_of(works["bad"].sheets, "Suppliers"), 2, 3) == "alied"


def test_a_grid_does_not_move_while_a_new_row_is_typed(visitor):
    """In a real browser: a row that is faulty because it is not complete yet is typed on in its place, and is kept cell by cell."""
    page, address, works = visitor
    opened(page, address("good"))
    page.get_by_role("radio", name="Budget").click()
    settled(page)
    grid = page.get_by_test_id("stDataFrame").first
    grid_focused(page, grid, 320, 35 * 2 + 17)
    before = grid.bounding_box()
    type_into_cell(page, "2028", end="Tab")
    page.wait_for_selector("text=1 problem to put right")
    settled(page)
    assert grid.bounding_box() == before
    type_into_cell(page, "750")
    page.wait_for_selector("text=Ready to solve")
    assert raw_of(works["good"].sheets, BUDGET).rows[2][:2] == (2028, 750)
