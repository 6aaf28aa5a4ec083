"""Rows are inserted, copied and deleted with all that is known of their cells; what was changed is told by rows and can be taken back."""

from __future__ import annotations

import datetime as dt
import io
import random
from pathlib import Path

import openpyxl
import pytest
from books import raw, sound
from test_edit import equal, planner_book

from optimizer.editing.file import edited_bytes
from optimizer.editing.rows import delete_rows, differences, insert_rows, repeat_rows, without_differences
from optimizer.editing.sheets import raw_of, sheet_of, with_address, with_cell
from optimizer.errors import Problem
from optimizer.intake.cells.parse import Formula
from optimizer.intake.files.sources import RawSheet
from optimizer.intake.reader import case_from_sheets, read_sheets, sheets_of_bytes
from optimizer.schema.sheets import SUPPLIERS

SAMPLES = sorted((Path(__file__).resolve().parent.parent / "sample_inputs").glob("*.xlsx"))


def sheet():
    """A sheet of which more is known than values."""
    warning = Problem("S", "row 3", "hidden", level="warning")
    return RawSheet(
        "S",
        (("a", "b"), (1, 0.1), (2, 0.2), (3, dt.date(2027, 1, 1))),
        frozenset({(1, 1), (2, 1)}),
        (warning,),
        {(2, 1): "0%", (3, 1): "yyyy"},
        ((2, 0, 3, 0),),
        frozenset({2}),
    )


def test_a_row_takes_all_that_is_known_of_it_along():
    """Below an inserted row percentages, formats, hidden rows, merged areas and warnings stand one row lower."""
    (after,) = insert_rows((sheet(),), "S", 3)
    assert after.rows == (("a", "b"), (1, 0.1), (None, None), (2, 0.2), (3, dt.date(2027, 1, 1)))
    assert after.percents == {(1, 1), (3, 1)} and after.formats == {(3, 1): "0%", (4, 1): "yyyy"}
    assert after.hidden_rows == {3} and after.merged == ((3, 0, 4, 0),) and after.warnings[0].cell == "row 4"
    assert delete_rows((after,), "S", [3]) == (sheet(),)


def test_a_deleted_row_leaves_nothing_behind_and_a_copy_has_everything():
    """Of a deleted row no percentage, format, area or warning is left; a copy stands right below, as its row is shown."""
    (gone,) = delete_rows((sheet(),), "S", [3])
    assert gone.rows == (("a", "b"), (1, 0.1), (3, dt.date(2027, 1, 1)))
    assert gone.percents == {(1, 1)} and gone.formats == {(2, 1): "yyyy"} and gone.hidden_rows == frozenset() == frozenset(gone.merged + gone.warnings)
    (twice,) = repeat_rows((sheet(),), "S", [2, 3])
    assert [row[0] for row in twice.rows] == ["a", 1, 1, 2, 2, 3]
    assert twice.percents == {(1, 1), (2, 1), (3, 1), (4, 1)} and twice.formats == {(3, 1): "0%", (4, 1): "0%", (5, 1): "yyyy"}


def test_the_headers_stay_where_they_are():
    """Row 1 is neither deleted nor copied, and nothing is inserted above it; rows beyond the end change nothing."""
    sheets = raw(sound())
    assert delete_rows(sheets, "Budget", [1]) == sheets == repeat_rows(sheets, "Budget", [1])
    assert sheet_of(insert_rows(sheets, "Budget", 1), "Budget").rows[:2] == (("fiscal_year", "amount", "category"), (None, None, None))
    assert delete_rows(sheets, "Budget", [99]) == sheets
    with pytest.raises(KeyError):
        insert_rows(sheets, "Nowhere", 2)


def test_a_row_that_came_is_one_difference_and_those_below_are_none():
    """A row inserted at the top and filled is one difference, a deleted one another, an edited cell a third; each is named."""
    before = raw(sound())
    after = insert_rows(before, "Suppliers", 2)
    for position, value in enumerate(("South", "Ore", "allied", "Peru", 12, 50), start=1):
        after = with_cell(after, "Suppliers", 2, position, value)
    after = delete_rows(with_address(after, "Suppliers", "E3", 301), "Suppliers", [5])
    found = differences(before, after)
    assert [(one.cell, one.label) for one in found] == [
        ("row 2", "Suppliers South, Ore: row added"),
        ("E3", "Suppliers North, Oxide: price"),
        ("row 5", "Suppliers Mine, Ore: row deleted"),
    ]
    assert (found[1].before, found[1].after) == (300, 301) and found[2].before.startswith("Mine, Ore")


def test_kinds_of_values_are_told_apart():
    """TRUE in place of 1 and a formula in place of its text are differences."""
    before = (RawSheet("S", (("a",), (1,), ("=A1",))),)
    after = (RawSheet("S", (("a",), (True,), (Formula("=A1"),))),)
    assert [one.cell for one in differences(before, after)] == ["A2", "A3"] and differences(before, before) == []


def shuffled(sheets, draw):
    """Sheets after edits at random: cells, rows that come, go and are repeated."""
    for _ in range(draw.randrange(1, 9)):
        one = draw.choice([found for found in sheets if len(found.rows) > 1])
        row = draw.randrange(2, len(one.rows) + 1)
        do = draw.choice(("cell", "cell", "insert", "delete", "repeat"))
        if do == "cell":
            sheets = with_cell(sheets, one.name, row, draw.randrange(1, len(one.rows[0]) + 1), draw.choice(("x", 7, None, 0.5, dt.date(2027, 4, 1))))
        else:
            change = {
                "insert": lambda s, n, r: insert_rows(s, n, r, draw.randrange(1, 3)),
                "delete": lambda s, n, r: delete_rows(s, n, [r]),
                "repeat": lambda s, n, r: repeat_rows(s, n, [r]),
            }[do]
            sheets = change(sheets, one.name, row)
    return sheets


def filled(sheets):
    """Sheets without blank rows and edges, which nobody sees as a difference."""

    def rows(one):
        kept = [tuple(value for value in row) for row in one.rows if any(value is not None for value in row)]
        return tuple(kept)

    return [(one.name, rows(one)) for one in sheets]


@pytest.mark.parametrize("seed", range(24))
def test_all_differences_taken_back_give_the_sheets_as_they_were(seed):
    """Whatever was typed, inserted, deleted and copied: taking all of it back gives each row as it was, and its percentages."""
    draw, before = random.Random(seed), read_sheets(SAMPLES[seed % len(SAMPLES)]).sheets
    after = shuffled(before, draw)
    back = without_differences(before, after, differences(before, after))
    assert filled(back) == filled(before)
    assert {one.name: len(one.percents) for one in back} == {one.name: len(one.percents) for one in before}


@pytest.mark.parametrize("seed", range(10))
def test_one_difference_taken_back_leaves_the_others(seed):
    """Of two edits in rows that moved, either can be taken back alone."""
    before, draw = raw(sound()), random.Random(seed)
    after = with_address(insert_rows(before, "Suppliers", draw.randrange(2, 5)), "Suppliers", "A9", "New")
    place = next(row for row, cells in enumerate(sheet_of(after, "Suppliers").rows, start=1) if cells[0] == "East")
    after = with_cell(after, "Suppliers", place, 5, 222)
    found = differences(before, after)
    assert [one.label for one in found] == ["Suppliers East, Oxide: price", "Suppliers New: row added"]
    assert sheet_of(without_differences(before, after, found[:1]), "Suppliers").rows[place - 1][4] == 200
    left = without_differences(before, after, found[1:])
    assert "New" not in [row[0] for row in sheet_of(left, "Suppliers").rows] and sheet_of(left, "Suppliers").rows[place - 1][4] == 222


@pytest.mark.parametrize("path", SAMPLES[:2], ids=lambda path: path.stem)
def test_a_file_with_rows_that_moved_reads_back_as_it_is_shown(path):
    """The planner's file with rows inserted, copied and deleted holds the very values and percentages, and makes the same case."""
    data, before = path.read_bytes(), read_sheets(path).sheets
    after = delete_rows(repeat_rows(insert_rows(before, "Suppliers", 3), "Demand", [2]), "Demand", [2])
    again = sheets_of_bytes(edited_bytes(data, before, after), path.name).sheets
    assert equal(after, again)
    assert case_from_sheets(again).case == case_from_sheets(after).case
    assert raw_of(after, SUPPLIERS).percents == raw_of(again, SUPPLIERS).percents != frozenset()


def test_formulas_that_would_read_other_rows_are_kept_as_values(tmp_path):
    """Where rows have moved, formulas on that sheet or about it become their values, which is said in the file; others stay; so do all if rows are added."""
    data = planner_book(tmp_path / "case.xlsx").read_bytes()
    before = sheets_of_bytes(data, "case.xlsx").sheets
    moved = delete_rows(before, "Suppliers", [3])
    book = openpyxl.load_workbook(io.BytesIO(edited_bytes(data, before, moved)))
    assert (book["Suppliers"]["E2"].value, book["Suppliers"]["A3"].value) == (300, "Mine") and book["Notes"]["F1"].value.text == "=A2:A3*2"
    assert "Suppliers!E2" in book["About this file"]["A2"].value
    assert equal(moved, [one for one in sheets_of_bytes(edited_bytes(data, before, moved), "case.xlsx").sheets if one.name != "About this file"])
    added = with_address(before, "Suppliers", "A6", "New")
    book = openpyxl.load_workbook(io.BytesIO(edited_bytes(data, before, added)))
    assert book["Suppliers"]["E2"].value == "=Notes!A2*3" and "About this file" not in book.sheetnames
