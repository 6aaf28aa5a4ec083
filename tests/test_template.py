"""The blank workbook explains every column, checks what is typed, and is itself a case."""

from __future__ import annotations

import hashlib

import openpyxl
import pytest

from optimizer.workbook.paper import OPTIONAL, REQUIRED
from optimizer.workbook.schema import INPUTS
from optimizer.workbook.template import HOW_TO, write_template

TABLES = [sheet for sheet in INPUTS if not sheet.settings]
COLUMNS = [(sheet, column) for sheet in TABLES for column in sheet.columns]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "case.xlsx"
    write_template(path)
    return path


@pytest.fixture(scope="module")
def book(path):
    return openpyxl.load_workbook(path)


def cell_of(book, sheet, column, row):
    return book[sheet.name].cell(row, sheet.columns.index(column) + 1)


def rules_of(book, sheet, cell):
    return [rule for rule in book[sheet.name].data_validations.dataValidation if cell in rule.sqref]


def test_the_sheets_are_those_of_the_schema_after_a_page_that_tells_how(book):
    assert book.sheetnames == ["Read me", *(sheet.name for sheet in INPUTS)]
    page = book["Read me"]
    assert page["A1"].value == "How to fill in this sourcing workbook"
    assert [page.cell(row, 2).value for row in range(3, 3 + len(HOW_TO))] == list(HOW_TO)


@pytest.mark.parametrize(("sheet", "column"), COLUMNS, ids=lambda part: part.name)
def test_every_header_is_the_columns_name_with_a_note(book, sheet, column):
    cell = cell_of(book, sheet, column, 1)
    assert cell.value == column.name
    assert column.help in cell.comment.text and column.allowed() in cell.comment.text
    assert ("Required." in cell.comment.text) == column.required
    assert cell.fill.fgColor.rgb == "FF" + (REQUIRED if column.required else OPTIONAL)[1:]


def test_every_setting_has_its_value_and_a_note_and_nothing_else_stands_beside(book):
    settings = INPUTS[0]
    page = book["Settings"]
    assert [cell.value for cell in page[1]] == ["setting", "value"]
    assert [page.cell(row, 1).value for row in range(2, page.max_row + 1)] == [column.name for column in settings.columns]
    for row, column in enumerate(settings.columns, start=2):
        assert column.help in page.cell(row, 1).comment.text
        assert page.cell(row, 2).value is not None


@pytest.mark.parametrize("sheet", TABLES, ids=lambda sheet: sheet.name)
def test_every_sheet_has_an_example_row_that_fills_what_is_required(book, sheet):
    for column in sheet.columns:
        value = cell_of(book, sheet, column, 2).value
        assert value == column.example
        assert not (column.required and value is None)


@pytest.mark.parametrize(("sheet", "column"), COLUMNS, ids=lambda part: part.name)
def test_what_may_be_typed_is_checked_for_a_thousand_rows(book, sheet, column):
    first, last = cell_of(book, sheet, column, 2).coordinate, cell_of(book, sheet, column, 1001).coordinate
    rules = rules_of(book, sheet, first)
    assert rules == rules_of(book, sheet, last)
    free = column.kind == "text" or (column.kind == "name" and not column.refers)
    assert len(rules) == (0 if free else 1)
    if free:
        return
    rule = rules[0]
    if column.kind in ("choice", "yes_no"):
        assert rule.type == "list" and rule.formula1 == f'"{",".join(column.choices or ("yes", "no"))}"'
    elif column.kind in ("choices", "names"):
        assert rule.formula1 is None and "separated by commas" in rule.prompt
    else:
        assert rule.error and rule.errorTitle


def test_a_name_is_picked_from_the_column_that_it_refers_to(book):
    suppliers = next(sheet for sheet in INPUTS if sheet.name == "Suppliers")
    (rule,) = rules_of(book, suppliers, cell_of(book, suppliers, suppliers.column("project"), 2).coordinate)
    assert rule.formula1 == "'Projects'!$A$2:$A$1001"
    assert rule.errorStyle == "warning", "a name may be typed before the sheet that holds it is filled in"


def test_shares_show_as_percentages_and_dates_as_dates(book):
    assert book["Disruptions"]["B2"].number_format == "0.0%"
    assert book["Settings"]["B4"].number_format == "yyyy-mm-dd" and book["Settings"]["B4"].is_date
    limits = next(sheet for sheet in INPUTS if sheet.name == "Limits")
    assert cell_of(book, limits, limits.column("maximum"), 2).number_format == "General", "it may be days or a quantity"


def test_headers_stay_in_sight(book):
    assert all(book[sheet.name].freeze_panes in ("B2", "A2") for sheet in INPUTS)


def test_the_same_template_has_the_same_bytes(path, tmp_path):
    write_template(tmp_path / "again.xlsx")
    assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256((tmp_path / "again.xlsx").read_bytes()).digest()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["again.xlsx"]


def test_the_template_reads_without_an_error(path):
    reader = pytest.importorskip("optimizer.workbook.reader")
    case = reader.read(path)
    case = getattr(case, "case", case)
    assert [len(rows) for rows in (case.materials, case.offers, case.limits)] == [1, 1, 1]
