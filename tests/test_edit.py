"""Editing sheets outside Excel: nothing untouched changes, what was typed comes back, the planner's file stays the planner's."""

from __future__ import annotations

import datetime as dt
import io
import json
import random
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from books import raw, repacked, sound, write_xlsx
from test_broken import ONE_CELL, STRUCTURE, spoilt

from optimizer.editing.entry import typed
from optimizer.editing.file import PROBLEMS, edited_bytes
from optimizer.editing.sheets import (
    add_sheet,
    changes,
    raw_of,
    rename_sheet,
    same,
    sheet_of,
    sheets_from_json,
    sheets_to_json,
    with_address,
    with_cell,
    without_change,
)
from optimizer.errors import Problem, WorkbookError
from optimizer.forms.template import template_bytes
from optimizer.intake.cells.parse import Formula
from optimizer.intake.files.sources import RawSheet
from optimizer.intake.reader import case_from_sheets, read_sheets, sheets_of_bytes
from optimizer.schema.language import Column
from optimizer.schema.sheets import INPUTS, LIMITS, SUPPLIERS

SAMPLES = sorted((Path(__file__).resolve().parent.parent / "sample_inputs").glob("*.xlsx"))
VALUES = (
    None,
    "",
    " ",
    "text",
    "=1+1",
    '=HYPERLINK("http://x","y")',
    "+1",
    "@a",
    "#REF!",
    "35%",
    "12,000",
    "<b>x</b>",
    "😀",
    "\u202eabc",
    "_x0041_",
    0,
    1,
    1.0,
    -3,
    0.1,
    1e-9,
    1e300,
    True,
    False,
    dt.date(2027, 4, 1),
    dt.datetime(2027, 4, 1, 12, 30, 5),
    dt.time(12, 30),
    dt.timedelta(hours=30),
)


def source(path):
    return Path(path).read_bytes(), read_sheets(path).sheets


def equal(left, right):
    """Whether two lots of sheets hold the same cells, blank edges aside."""
    return [one.name for one in left] == [one.name for one in right] and not changes(left, right)


def outcome(sheets):
    """The case that sheets describe, or the places and words of their problems."""
    try:
        return case_from_sheets(sheets, "case.xlsx").case
    except WorkbookError as error:
        return [(problem.where, problem.message) for problem in error.problems]


# -- JSON and cells --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_sheets_survive_json(path):
    """A sample's sheets are the same after a way through JSON, warnings and percentages included."""
    sheets = read_sheets(path).sheets
    assert sheets_from_json(json.loads(json.dumps(sheets_to_json(sheets)))) == sheets


def test_every_kind_of_value_survives_json():
    """Each kind of value that a cell can hold comes back as the same value of the same kind."""
    values = (*VALUES, float("inf"), Formula("=A1*2"), "\ud800", "x" * 40_000, 2**70)
    warning = Problem("S", "A1", "odd", "found", "expected", "fix", "warning")
    sheets = (RawSheet("S", (values,), frozenset({(0, 3)}), (warning,)),)
    (back,) = sheets_from_json(json.loads(json.dumps(sheets_to_json(sheets))))
    assert back == sheets[0]
    assert [type(value) for value in back.rows[0]] == [type(value) for value in values]


def test_a_cell_is_changed_and_nothing_else():
    """with_cell sets that cell, grows the sheet where needed, drops a percentage that is none any more and leaves the rest."""
    sheets = (RawSheet("S", ((1, 0.2), (3, 4)), frozenset({(0, 1)})), RawSheet("T", ((5,),)))
    after = with_cell(sheets, "S", 3, 4, "x")
    assert after[0].rows == ((1, 0.2, None, None), (3, 4, None, None), (None, None, None, "x"))
    assert after[1] is sheets[1] and after[0].percents == {(0, 1)}
    assert with_address(sheets, "S", "B1", 0.5)[0].percents == {(0, 1)}
    assert with_address(sheets, "S", "B1", "35%")[0].percents == frozenset()
    with pytest.raises(KeyError):
        with_cell(sheets, "U", 1, 1, 1)


def test_what_is_typed_becomes_the_value_that_its_column_takes():
    """Digits are a number in a column of numbers and text elsewhere; what has two readings, dates and formulas stay text."""
    number, share, text = Column("n", "number", ""), Column("s", "share", ""), Column("t", "name", "")
    assert typed("12000", number) == 12000 and type(typed("12000", number)) is int
    assert typed("0.5", share) == 0.5 and typed(12.0, number) == 12
    assert typed("35%", share) == 0.35 and typed("35%", number) == "35%" and typed("12,000", number) == "12,000" and typed("nan", number) == "nan"
    assert typed("007", text) == "007" and typed("007", None) == "007" and typed("2027-04-01", Column("d", "date", "")) == "2027-04-01"
    assert typed("2027", Column("y", "year", "")) == 2027 and typed("2027", Column("d", "date", "")) == "2027"
    assert typed("  ", text) is None and typed(None, number) is None and typed(float("nan"), number) is None
    assert typed("=1+1", number) == "=1+1" and not isinstance(typed("=1+1", number), Formula)


# -- changes ---------------------------------------------------------------------------------------------------------------


def test_changes_say_what_they_mean_and_can_be_taken_back_one_by_one():
    """Each change has its cell, both values and words for it; taking all back gives the sheets as they were."""
    before = raw(sound())
    after = with_address(before, "Budget", "B2", 80000)
    after = with_address(after, "Settings", "B3", 4)
    after = with_address(after, "Suppliers", "H1", "price_growth")
    after = with_address(after, "Suppliers", "A5", "New")
    found = changes(before, after)
    assert [(change.sheet, change.cell, change.before, change.after) for change in found] == [
        ("Settings", "B3", 8, 4),
        ("Suppliers", "H1", None, "price_growth"),
        ("Suppliers", "A5", None, "New"),
        ("Budget", "B2", 90000, 80000),
    ]
    assert [change.label for change in found] == ["Settings: periods", "Suppliers: header of column H", "Suppliers New: supplier", "Budget 2027: amount"]
    for change in found:
        after = without_change(before, after, change)
    assert equal(before, after)


def test_sheets_added_and_renamed_are_changes_too():
    """A new sheet and a new name are one change each, and can be taken back."""
    before = raw({name: rows for name, rows in sound().items() if name != "Limits"})
    after = rename_sheet(add_sheet(before, LIMITS), "Budget", "Budgets")
    found = changes(before, after)
    assert [(change.before, change.after) for change in found] == [("Budget", "Budgets"), (None, "Limits")]
    for change in found:
        after = without_change(before, after, change)
    assert after == before


def test_values_of_different_kinds_are_different():
    """1 and TRUE, a formula and its text, a day and its midnight are changes; 1 and 1.0 are none."""
    assert not same(1, True) and not same("=A1", Formula("=A1")) and not same(dt.date(2027, 1, 1), dt.datetime(2027, 1, 1))
    assert same(1, 1.0) and same(None, None) and not same(None, "")
    assert len(changes((RawSheet("S", ((1, "=A1"),)),), (RawSheet("S", ((True, Formula("=A1")),)),))) == 2


# -- the planner's file ----------------------------------------------------------------------------------------------------


def random_edits(sheets, seed, count=25):
    """Sheets with cells changed at random, some of them beyond the edge."""
    draw = random.Random(seed)
    for _ in range(count):
        one = draw.choice(sheets)
        width = max(map(len, one.rows), default=1)
        sheets = with_cell(sheets, one.name, draw.randint(1, len(one.rows) + 3), draw.randint(1, width + 2), draw.choice(VALUES))
    return sheets


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("seed", range(2))
def test_an_edited_file_reads_back_as_the_edited_sheets(path, seed):
    """Whatever is changed in a sample, its file with the changes holds these very sheets, and no formula that was not there."""
    data, before = source(path)
    after = random_edits(before, seed)
    written = edited_bytes(data, before, after)
    assert equal([blankless(one) for one in after], [blankless(one) for one in sheets_of_bytes(written, "x.xlsx").sheets])
    assert b"<f>" not in b"".join(parts(written).values())


def parts(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def blankless(one):
    """A sheet as a file keeps it: an empty text is an empty cell, a day is its midnight."""

    def kept(value):
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return dt.datetime(value.year, value.month, value.day)
        return None if value == "" else value

    return replace(one, rows=tuple(tuple(kept(value) for value in row) for row in one.rows))


@pytest.mark.parametrize("name", [*ONE_CELL, *STRUCTURE])
def test_an_edited_broken_workbook_has_the_problems_that_were_shown(name, tmp_path):
    """A broken workbook with a change and its problems marked reads back to the very same problems."""
    rows = spoilt(name) if name in ONE_CELL else STRUCTURE[name][0]
    data, before = source(write_xlsx(rows, tmp_path / "case.xlsx"))
    after = with_address(before, before[0].name, "D40", "a note")
    with pytest.raises(WorkbookError) as caught:
        case_from_sheets(after)
    marked = sheets_of_bytes(edited_bytes(data, before, after, problems=caught.value.problems), "case.xlsx").sheets
    assert marked[0].name == PROBLEMS and len(marked[0].rows) == len(caught.value.problems) + 1
    assert outcome(marked) == outcome(after) != []


def test_without_an_edit_the_file_is_the_same_to_the_byte():
    """A download without changes is the file that was uploaded."""
    data, sheets = source(SAMPLES[0])
    assert edited_bytes(data, sheets, sheets) is data


def test_without_a_file_a_new_one_is_written():
    """Sheets that came from no file are written as a workbook that reads as the same case, problems marked where there are any."""
    sheets = raw(sound())
    assert outcome(sheets_of_bytes(edited_bytes(None, sheets, sheets), "case.xlsx").sheets) == outcome(sheets)
    problem = Problem("Suppliers", "E2", "=cmd|' /C calc'!A0", "'x'", "y", "z")
    book = openpyxl.load_workbook(io.BytesIO(edited_bytes(None, sheets, sheets, problems=[problem])))
    assert book["Suppliers"]["E2"].fill.fgColor.rgb == "FFFFC7CE" and "cmd" in book["Suppliers"]["E2"].comment.text
    assert book[PROBLEMS]["C2"].data_type == "s" and book[PROBLEMS]["B2"].hyperlink.location == "'Suppliers'!E2"


def planner_book(path):
    """A workbook as planners have them: formulas with values, formats, an Excel table, a merged title, notes, a chart."""
    book = xlsxwriter.Workbook(path)
    percent, day = book.add_format({"num_format": "0%"}), book.add_format({"num_format": "dd.mm.yyyy"})
    for name, rows in sound().items():
        page = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for position, value in enumerate(row):
                style = day if isinstance(value, dt.date) else percent if value == 0.5 else None
                (page.write_datetime if isinstance(value, dt.date) else page.write)(number, position, value, style)
    suppliers = book.get_worksheet_by_name("Suppliers")
    suppliers.write_formula("E2", "=Notes!A2*3", None, 300)
    suppliers.write_formula("A4", '="Mi"&"ne"', None, "Mine")
    suppliers.write_formula("D4", '=IF(1,"","x")', None, "EMPTY")
    suppliers.add_table("A1:F4", {"name": "offers", "columns": [{"header": text} for text in sound()["Suppliers"][0]], "autofilter": False})
    suppliers.write_formula("E2", "=Notes!A2*3", None, 300)
    notes = book.add_worksheet("Notes")
    notes.write("A2", 100)
    notes.merge_range("B2:D3", "Merged")
    notes.write_comment("A2", "where this comes from")
    notes.write_array_formula("F1:F2", "{=A2:A3*2}", None, 200)
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=Notes!$A$1:$A$3"})
    notes.insert_chart("H2", chart)
    book.close()
    part = "xl/worksheets/sheet5.xml"
    path.write_bytes(repacked(path.read_bytes(), **{part: parts(path.read_bytes())[part].replace(b"<v>EMPTY</v>", b"<v></v>")}))
    return path


def test_formulas_formats_notes_and_charts_of_the_file_stay(tmp_path):
    """After an edit elsewhere formulas are there with the values they had, formats, notes and charts too, and the case is the same."""
    data, before = source(planner_book(tmp_path / "case.xlsx"))
    assert sheet_of(before, "Suppliers").rows[1][4] == 300
    after = with_address(before, "Budget", "B2", 80000)
    written = edited_bytes(data, before, after)
    again = sheets_of_bytes(written, "case.xlsx").sheets
    assert equal(after, again)
    assert outcome(again) == outcome(after) and outcome(after).budget[0].amount == 80000
    book = openpyxl.load_workbook(io.BytesIO(written))
    assert book["Suppliers"]["E2"].value == "=Notes!A2*3" and book["Suppliers"].tables["offers"].ref == "A1:F4"
    assert book["Settings"]["B2"].number_format == "dd.mm.yyyy" and book["Settings"]["B5"].number_format == "0%"
    assert book["Notes"]["A2"].comment.text == "where this comes from" and "B2:D3" in str(book["Notes"].merged_cells)
    assert any(name.startswith("xl/charts/chart") for name in parts(written)) and book.calculation.fullCalcOnLoad


def test_cells_that_formulas_tables_and_merges_hold_can_be_edited(tmp_path):
    """A formula typed over is a plain value, a merged cell is parted, a table follows its header, a date's cell takes a number."""
    data, before = source(planner_book(tmp_path / "case.xlsx"))
    after = with_address(before, "Suppliers", "E2", 310)
    after = with_address(after, "Suppliers", "E1", "Price")
    after = with_address(after, "Notes", "C3", "mine")
    after = with_address(after, "Settings", "B2", 7)
    after = with_address(after, "Settings", "B5", 7)
    written = edited_bytes(data, before, after)
    assert equal(after, sheets_of_bytes(written, "case.xlsx").sheets)
    assert [column.name for column in openpyxl.load_workbook(io.BytesIO(written))["Suppliers"].tables["offers"].tableColumns][4] == "Price"
    blanked = edited_bytes(data, before, with_address(before, "Suppliers", "E1", None))
    assert not openpyxl.load_workbook(io.BytesIO(blanked))["Suppliers"].tables


def test_macros_stay_and_text_never_comes_alive(tmp_path):
    """The macros of an .xlsm are in the edited file; a text like a formula is a text in it, on an old cell and on a new one."""
    book = xlsxwriter.Workbook(tmp_path / "case.xlsm")
    project = tmp_path / "vbaProject.bin"
    project.write_bytes(b"macros")
    book.add_vba_project(str(project))
    book.add_worksheet("Notes").write_comment("A1", "a note")
    book.close()
    data, before = source(tmp_path / "case.xlsm")
    hostile = '=HYPERLINK("http://x")'
    after = with_address(with_address(before, "Notes", "A1", hostile), "Notes", "Z99", hostile)
    written = edited_bytes(data, before, after)
    assert parts(written)["xl/vbaProject.bin"] == b"macros" and b"<f>" not in parts(written)["xl/worksheets/sheet1.xml"]
    assert equal(after, sheets_of_bytes(written, "case.xlsm").sheets)


def test_the_template_with_every_sheet_edited_reads_back():
    """The blank template, edited on each of its sheets, reads back as it was edited, and still has its drop-downs."""
    data = template_bytes()
    before = sheets_of_bytes(data, "t.xlsx").sheets
    after = before
    for sheet in INPUTS:
        after = with_address(after, raw_of(after, sheet).name, "A3", "x")
    written = edited_bytes(data, before, after)
    assert equal(after, sheets_of_bytes(written, "t.xlsx").sheets)
    assert openpyxl.load_workbook(io.BytesIO(written))[SUPPLIERS.name].data_validations.count > 5


def test_marking_again_replaces_the_earlier_list(tmp_path):
    """A file that was downloaded with problems marked and is marked again has one sheet of problems."""
    sheets = raw(sound())
    problem = Problem("Suppliers", "row 3", "wrong")
    once = edited_bytes(None, sheets, sheets, problems=[problem])
    again = sheets_of_bytes(once, "x.xlsx").sheets
    assert [one.name for one in sheets_of_bytes(edited_bytes(once, again, again, problems=[problem]), "x.xlsx").sheets].count(PROBLEMS) == 1
