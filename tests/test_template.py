"""The blank workbook explains every column, checks what is typed, and is itself a case."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import openpyxl
import pytest

from optimizer.errors import WorkbookError
from optimizer.forms.template import HOW_TO, write_template
from optimizer.forms.writing import OPTIONAL, REQUIRED
from optimizer.intake.reader import RawSheet, read, read_sheets
from optimizer.intake.rows.examples import without_examples
from optimizer.schema.sheets import INPUTS

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
    """The template has a page of instructions and then every input sheet in its declared order."""
    assert book.sheetnames == ["Read me", *(sheet.name for sheet in INPUTS)]
    page = book["Read me"]
    assert page["A1"].value == "How to fill in this sourcing workbook"
    assert [page.cell(row, 2).value for row in range(3, 3 + len(HOW_TO))] == list(HOW_TO)


@pytest.mark.parametrize(("sheet", "column"), COLUMNS, ids=lambda part: part.name)
def test_every_header_is_the_columns_name_with_a_note(book, sheet, column):
    """Each header is its column's name, with help and allowed values as a note and the colour of required or optional columns."""
    cell = cell_of(book, sheet, column, 1)
    assert cell.value == column.name
    assert column.help in cell.comment.text and column.allowed() in cell.comment.text
    assert ("Required." in cell.comment.text) == column.required
    assert cell.fill.fgColor.rgb == "FF" + (REQUIRED if column.required else OPTIONAL)[1:]


def test_every_setting_has_its_value_and_a_note_and_nothing_else_stands_beside(book):
    """The sheet Settings lists each setting with a value and its help, in two columns."""
    settings = INPUTS[0]
    page = book["Settings"]
    assert [cell.value for cell in page[1]] == ["setting", "value"]
    assert [page.cell(row, 1).value for row in range(2, page.max_row + 1)] == [column.name for column in settings.columns]
    for row, column in enumerate(settings.columns, start=2):
        assert column.help in page.cell(row, 1).comment.text
        assert page.cell(row, 2).value is not None


@pytest.mark.parametrize("sheet", TABLES, ids=lambda sheet: sheet.name)
def test_every_sheet_has_an_example_row_that_fills_what_is_required(book, sheet):
    """The second row of each sheet is the declared example and fills every required column."""
    for column in sheet.columns:
        value = cell_of(book, sheet, column, 2).value
        marked = column.kind in ("name", "names") and column.example is not None
        assert value == (f"Example: {column.example}" if marked else column.example)
        assert not (column.required and value is None)


@pytest.mark.parametrize(("sheet", "column"), COLUMNS, ids=lambda part: part.name)
def test_what_may_be_typed_is_checked_for_a_thousand_rows(book, sheet, column):
    """Each column has the validation that its kind needs, the same one from the first to the thousandth row."""
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
    """A column that refers to another sheet offers that sheet's names and lets others pass with a warning."""
    suppliers = next(sheet for sheet in INPUTS if sheet.name == "Suppliers")
    (rule,) = rules_of(book, suppliers, cell_of(book, suppliers, suppliers.column("project"), 2).coordinate)
    assert rule.formula1 == "'Projects'!$A$2:$A$1001"
    assert rule.errorStyle == "warning", "a name may be typed before the sheet that holds it is filled in"


def test_shares_show_as_percentages_and_dates_as_dates(book):
    """Shares are formatted as percentages and dates as dates, and columns whose unit varies as plain numbers."""
    assert book["Disruptions"]["B2"].number_format == "0.0%"
    assert book["Settings"]["B4"].number_format == "yyyy-mm-dd" and book["Settings"]["B4"].is_date
    limits = next(sheet for sheet in INPUTS if sheet.name == "Limits")
    assert cell_of(book, limits, limits.column("maximum"), 2).number_format == "General", "it may be days or a quantity"


def test_headers_stay_in_sight(book):
    """The header row of each sheet is fixed while one scrolls."""
    assert all(book[sheet.name].freeze_panes in ("B2", "A2") for sheet in INPUTS)


def test_the_same_template_has_the_same_bytes(path, tmp_path):
    """Writing the template twice gives the same bytes and leaves no other file."""
    write_template(tmp_path / "again.xlsx")
    assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256((tmp_path / "again.xlsx").read_bytes()).digest()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["again.xlsx"]


def edited(path, tmp_path, *cells):
    """The template with cells changed: (sheet, cell, value)."""
    book = openpyxl.load_workbook(path)
    for sheet, cell, value in cells:
        book[sheet][cell] = value
    book.save(tmp_path / "edited.xlsx")
    return tmp_path / "edited.xlsx"


OWN = (
    *(("Materials", f"{letter}3", value) for letter, value in zip("AB", ("Oxide", "kg"), strict=True)),
    *(("Demand", f"{letter}3", value) for letter, value in zip("ABCE", ("Oxide", "Motors", 100, 5000), strict=True)),
    *(("Suppliers", f"{letter}3", value) for letter, value in zip("ABDGI", ("East", "Oxide", "chinese", 200, 500), strict=True)),
)
"""A case of the planner's own, in the rows below the examples."""


def test_the_examples_alone_are_no_case_and_it_says_why(path):
    """The untouched template is refused because its examples do not count, on each sheet that needs rows."""
    with pytest.raises(WorkbookError) as caught:
        read(path)
    assert [(p.where, p.found) for p in caught.value.problems] == [(f"{name}!row 2", "no rows") for name in ("Materials", "Demand", "Suppliers")]
    assert all("the template's example, which does not count" in problem.message for problem in caught.value.problems)
    assert all(sheet.examples == (2,) for sheet in caught.value.report.sheets if sheet.name != "Settings")


def test_untouched_examples_never_count_and_are_said_to_be_left_out(path, tmp_path):
    """Examples beside the planner's own rows are left out of the case, and the report says so without a warning."""
    reading = read(edited(path, tmp_path, *OWN))
    case = reading.case
    assert [len(rows) for rows in (case.materials, case.demand, case.offers)] == [1, 1, 1]
    optional = (
        case.inventory,
        case.projects,
        case.disruptions,
        case.scenarios,
        case.budget,
        case.limits,
        case.duties,
        case.plants,
        case.origin_rules,
        case.currencies,
        case.substitutes,
        case.offer_changes,
    )
    assert optional == ((),) * len(optional)
    assert [sheet.examples for sheet in reading.report.sheets] == [(), *[(2,)] * (len(INPUTS) - 1)]
    assert "the template's example does not count: row 2" in "\n".join(reading.report.lines())
    assert reading.warnings == ()


@pytest.mark.parametrize("sheet", TABLES, ids=lambda sheet: sheet.name)
def test_an_example_counts_once_any_cell_of_it_is_changed_added_or_cleared(sheet, path):
    """An example row with any one cell changed, filled or cleared counts as the planner's own row."""
    raw = next(raw for raw in read_sheets(path).sheets if raw.name == sheet.name)
    assert without_examples(sheet, raw)[1] == (2,)
    for place in range(len(sheet.columns)):
        for value in ("changed", 77, None):
            cells = list(raw.rows[1])
            if cells[place] == value:
                continue
            cells[place] = value
            assert without_examples(sheet, replace(raw, rows=(raw.rows[0], tuple(cells), *raw.rows[2:])))[1] == (), (place, value)


def test_an_example_is_known_below_other_rows_in_other_order_and_without_columns_that_were_deleted(path):
    """The example is recognised in any row, in any order of columns and without columns that were deleted."""
    sheet = next(sheet for sheet in TABLES if sheet.name == "Suppliers")
    raw = next(raw for raw in read_sheets(path).sheets if raw.name == "Suppliers")
    header, example = raw.rows[0], raw.rows[1]
    kept = [place for place, name in enumerate(header) if name not in ("feedstock_bloc", "price_growth")][::-1]
    other = tuple("x" if header[place] != "price" else 1 for place in kept)
    moved = replace(raw, rows=(("Our offers",) + (None,) * (len(kept) - 1), tuple(header[p] for p in kept), other, tuple(example[p] for p in kept)))
    changed, rows = without_examples(sheet, moved)
    assert rows == (4,) and changed.rows[2] == other and set(changed.rows[3]) == {None}


def test_an_example_saved_as_csv_with_its_percentages_is_still_an_example():
    """The example row is recognised as text with percentages, and one with another percentage is not."""
    limits = next(sheet for sheet in TABLES if sheet.name == "Limits")
    header = tuple(column.name for column in limits.columns)
    written = {**{column.name: column.example for column in limits.columns}, "limit": "Example: Chinese share", "maximum": "65.0%", "penalty": "200"}
    rows = (header, tuple(written[name] for name in header), tuple({**written, "maximum": "65.5%"}[name] for name in header))
    assert without_examples(limits, RawSheet("Limits", rows))[1] == (2,)


def test_a_row_of_the_planners_own_is_no_example_even_with_the_same_figures(path, tmp_path):
    """A row with the example's figures under a name of the planner's own counts."""
    own = [cell for cell in OWN if not (cell[0] == "Materials" and cell[1].startswith("A"))]
    reading = read(edited(path, tmp_path, *own, ("Materials", "A2", "Dysprosium oxide"), ("Materials", "A3", "Oxide")))
    assert [material.material for material in reading.case.materials] == ["Dysprosium oxide", "Oxide"]
