"""Cells are named as a planner names them, changed as typed, and the workbook is read anew with them."""

from __future__ import annotations

from pathlib import Path

import books
import pytest
from support import case

import optimizer
from optimizer.editing.cells import Times, place_of, settings_given, varied, with_values
from optimizer.editing.sheets import value_at, with_address
from optimizer.errors import WorkbookError
from optimizer.intake.files.raw import RawSheet
from optimizer.intake.reader import reading_of

TUTORIAL = Path(__file__).resolve().parent.parent / "sample_inputs" / "tutorial.xlsx"
MAKERS = RawSheet(
    "Suppliers",
    (
        ("Offers of 2027", None, None, None),
        ("Supplier", "Material", "Price (USD)", "capacity_per_year"),
        ("Smith, Jones", "ore", 10, 100),
        ("Smith", "ore", "1,250.5", 200),
        ("Smith", "sand", None, 300),
        ("# a note", None, 5, None),
    ),
)
OTHER = RawSheet("Offer changes", (("supplier", "material", "from", "price"), ("Smith", "ore", "2028-01-01", 7)))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Suppliers!C3", {"C3"}),
        ("suppliers!$C$3:D4", {"C3", "D3", "C4", "D4"}),
        ("'Offer changes'!D2", {"D2"}),
        ("Suppliers / Smith, Jones / price", {"C3"}),
        ("Suppliers / smith / price", {"C4", "C5"}),
        ("Suppliers / Smith, ore / price", {"C4"}),
        ("Suppliers / ore, Smith / Price (USD)", {"C4"}),
        ("Suppliers / Smith, Jones, ore / capacity_per_year", {"D3"}),
        ("Suppliers / ore / price", {"C3", "C4"}),
        ("Suppliers / price", {"C3", "C4", "C5"}),
        ("Offer changes / Smith / price", {"D2"}),
    ],
)
def test_a_cell_is_named_in_every_way(name, wanted):
    """By its address, by row and column, and by its column; a name with a comma is one name where a row bears it, and a note is no row."""
    assert set(place_of((MAKERS, OTHER), name).addresses) == wanted


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Sellers!C3", "no sheet 'Sellers'. The sheets are Suppliers, Offer changes"),
        ("Suppliers / Brown / price", "no row 'Brown'. Its rows are Smith, Jones, ore; Smith, ore; Smith, sand"),
        ("Suppliers / cost", "no column 'cost'. Its columns are Supplier, Material"),
        ("price", "names no cell"),
        ("", "names no cell"),
        ("Suppliers /  / price", "names no cell"),
        ("Suppliers / Smith, Smith / price", "no row"),
    ],
)
def test_a_name_that_means_no_cell_is_an_error_in_words(name, words):
    """It says what there is in its place."""
    with pytest.raises(WorkbookError) as caught:
        place_of((MAKERS, OTHER), name)
    assert words in str(caught.value)


def test_numbers_are_multiplied_and_the_rest_stays():
    """Numbers written as text, too; blanks stay blank. What holds no number cannot be multiplied."""
    (changed, _) = with_values((MAKERS, OTHER), {"Suppliers / price": Times(1.1)})
    assert [value_at(changed, row, 3) for row in (3, 4, 5, 6)] == [11, 1375.55, None, 5]
    with pytest.raises(WorkbookError, match="holds a number"):
        with_values((MAKERS, OTHER), {"Suppliers / sand / price": Times(2)})
    with pytest.raises(WorkbookError, match="holds a number"):
        with_values((MAKERS, OTHER), {"Offer changes / from": Times(2)})
    for factor in (-1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="multiplied"):
            Times(factor)


def test_a_share_goes_no_further_than_its_column_allows():
    """95% times 1.1 is 100%; what is wrong already is not made right in silence, but left to the check."""
    raw = RawSheet("Disruptions", (("disruption", "annual_probability"), ("a", 0.95), ("b", 0.2), ("c", "40%"), ("d", 3)))
    (changed,) = with_values((raw,), {"Disruptions / annual_probability": Times(1.1)})
    assert [value_at(changed, row, 2) for row in (2, 3, 4, 5)] == pytest.approx([1.0, 0.22, 0.44, 3])


def test_later_names_see_what_earlier_ones_have_changed():
    """A value and then a factor."""
    (changed, _) = with_values((MAKERS, OTHER), {"Suppliers!C5": 20, "Suppliers / sand / price": Times(2)})
    assert value_at(changed, 5, 3) == 40


def test_a_varied_workbook_is_read_like_any_other():
    """The changed value is in the case, all else is as it was; a setting given beside stands; what becomes wrong is told at its cell."""
    reading = optimizer.load(TUTORIAL, {"periods": 2})
    assert settings_given(reading) == {"periods": 2}
    changed = varied(reading, {"Suppliers / Southern Refinery / price": 275, "Settings / risk_weight": 0.7}, {"seed": 5})
    assert (changed.case.offers[0].price, changed.case.settings.risk_weight, changed.case.settings.periods, changed.case.settings.seed) == (275, 0.7, 2, 5)
    assert changed.case.demand == reading.case.demand and reading.case.offers[0].price == 250
    with pytest.raises(WorkbookError) as caught:
        varied(reading, {"Suppliers / Southern Refinery / price": -1})
    assert [problem.where for problem in caught.value.problems] == ["Suppliers!E2"]
    with pytest.raises(WorkbookError, match="not a workbook"):
        varied(optimizer.WhatIf(case()).reading, {"Suppliers!E2": 1})


def test_what_if_and_sweep_take_cells():
    """They have the plans of the workbook with the cell typed into it, in the order of settings and cells."""
    cells = [{"Suppliers!E2": 225}, {"Suppliers!E2": 275}]
    alone = [_alone(changed, weight) for weight in (0.0, 0.5) for changed in cells]
    plans = optimizer.sweep([TUTORIAL], settings=[{"risk_weight": 0.0}, {"risk_weight": 0.5}], cells=cells)
    assert [plan.objective for plan in plans] == pytest.approx(alone)
    with optimizer.WhatIf(TUTORIAL) as ask:
        assert [ask.solve(settings={"risk_weight": weight}, cells=changed).objective for weight in (0.0, 0.5) for changed in cells] == pytest.approx(alone)
    (wrong, unknown) = optimizer.sweep([TUTORIAL], cells=[{"Suppliers!E2": "dear"}, {"Suppliers / Nobody / price": 1}])
    assert isinstance(wrong, WorkbookError) and isinstance(unknown, WorkbookError)


def _alone(changed, weight: float) -> float:
    """The objective of the tutorial with one cell typed over, read and solved by itself."""
    ((name, value),) = changed.items()
    sheets = with_address(optimizer.load(TUTORIAL).sheets, *name.split("!"), value)
    return optimizer.solve(optimizer.intake.case_from_sheets(sheets, overrides={"risk_weight": weight})).objective


def test_a_whole_column_of_a_sound_workbook_can_be_set():
    """One value in every row of a column."""
    sheets = books.raw(books.sound())
    changed = with_values(sheets, {"Demand / annual_demand": 7})
    assert {row.annual_demand for row in optimizer.intake.case_from_sheets(changed).case.demand} == {7}


def test_settings_given_on_reading_hold_where_others_are_given_on_solving():
    """A reading of two periods keeps them under another risk weight; what is given last holds, however it is spelled."""
    reading = optimizer.load("sample_inputs/tutorial.xlsx", {"periods": 2})
    assert optimizer.solve(reading, {"risk_weight": 0}).case.settings.periods == 2
    again = reading_of(reading, {"Periods": 1})
    assert again.case.settings.periods == 1
    assert reading_of(again, {"risk_weight": 0}).case.settings.periods == 1
