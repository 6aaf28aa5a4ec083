"""The inputs page says what was read, and puts a warning right with one click."""

from __future__ import annotations

from pathlib import Path

from books import sound, write_xlsx
from test_app_pages import app, fresh_server, words  # noqa: F401 - fresh_server serves every test here

from optimizer.intake.reader import read_sheets
from optimizer.runs.store import Store

MESSY = Path(__file__).parent / "cases" / "messy"


def page_of(path):
    """The inputs page of a workbook."""
    work = Store().begin(read_sheets(path), path.read_bytes())
    test = app(work, page="data")
    assert not test.exception, test.exception
    return work, test


def test_what_was_read_stands_in_one_line_and_folds_out(tmp_path):
    """Sheets, rows, units and horizon; what is not read, by its name; the defaults, as a table."""
    sheets = sound() | {"My ~notes~": [["a"], ["b"]]}
    del sheets["Inventory"]
    _, test = page_of(write_xlsx(sheets, tmp_path / "case.xlsx"))
    heads = [expander.label.replace("\\", "") for expander in test.expander]
    assert "**What was read**: 9 sheets, 20 rows, USD, 8 quarters from 2027-Q1 to 2028-Q4, 1 sheet or column not read" in heads
    said = words(test).replace("\\", "")
    assert "Ore in t · Oxide in kg" in said and "Not read: **My ~notes~** (sheet, 2 filled rows)" in said
    assert "Not in the file: **Inventory**, so no stock and no open orders" in said
    table = next(frame.value for frame in test.dataframe if "What counts" in frame.value.columns)
    assert ["Suppliers", "terms", "spot", "all"] in table.values.tolist()


def test_a_workbook_with_problems_says_what_was_read_too(tmp_path):
    """The page is there whatever is wrong."""
    sheets = sound()
    sheets["Suppliers"][1][4] = "about 300"
    _, test = page_of(write_xlsx(sheets, tmp_path / "case.xlsx"))
    assert any("What was read" in expander.label for expander in test.expander)


def test_one_click_makes_two_spellings_one():
    """The warning's own words, both spellings to choose from, and no warning afterwards."""
    work, test = page_of(MESSY / "03k2-country-synonym-cap.xlsx")
    assert "'PRC' is 'China' of row 2 in another spelling" in words(test).replace("\\", "")
    labels = {button.label.replace("\\", ""): button for button in test.button}
    assert {"Write 'China' everywhere", "Write 'PRC' everywhere"} <= set(labels)
    after = labels["Write 'China' everywhere"].click().run()
    assert not after.exception
    suppliers = next(sheet for sheet in work.sheets if sheet.name == "Suppliers")
    assert [row[3] for row in suppliers.rows[1:]] == ["China", "Germany", "China", "Canada", "China"]
    assert not any(expander.label.startswith("Warnings") for expander in after.expander)
