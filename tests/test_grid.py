"""The editable grid of a sheet: it shows what is there, keeps what was not typed, and puts what was typed where it belongs."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from books import raw as books
from books import sound
from plans import SAMPLES

from optimizer.editing.sheets import raw_of, sheet_of, value_at
from optimizer.errors import WorkbookError
from optimizer.intake.cells.parse import Formula
from optimizer.intake.files.sources import RawSheet
from optimizer.intake.reader import case_from_sheets, read_sheets
from optimizer.schema.sheets import BUDGET, DEMAND, INPUTS, SETTINGS, SUPPLIERS
from ui.grid.grid import BEYOND, CHECK, ROW, TICK, cut_off, edited, grid_of, misplaced, terms_of, ticked

NAMES = sorted(path.stem for path in SAMPLES.glob("*.xlsx"))


def suppliers(*rows, extra=()):
    """A sheet of suppliers with a price, and further columns."""
    header = ("supplier", "material", "bloc", "price", "capacity_per_year", *extra)
    return RawSheet("Suppliers", (header, *rows))


def grid(raw: RawSheet, sheet=SUPPLIERS, only=None):
    return grid_of(sheet, raw, terms_of((raw,)), only)


@pytest.mark.parametrize("name", NAMES)
def test_a_grid_in_which_nothing_was_typed_changes_nothing(name):
    """Every sheet of every sample comes out of its grid as it went in, also when every cell is given back as it was shown."""
    sheets = read_sheets(SAMPLES / f"{name}.xlsx").sheets
    for sheet in INPUTS:
        raw = raw_of(sheets, sheet)
        if raw is None:
            continue
        shown = grid_of(sheet, raw, terms_of(sheets))
        everything = {index: {field.id: shown.frame[field.id][index] for field in shown.fields} for index in range(len(shown.rows))}
        assert edited(shown, {}) is raw
        assert edited(shown, everything) == raw, sheet.name


@pytest.mark.parametrize("seed", range(8))
def test_typing_changes_only_the_cells_that_were_typed(seed):
    """Random numbers typed into random cells of the magnet sample's suppliers: these cells hold them, all others what they held."""
    sheets = read_sheets(SAMPLES / "rare_earth_magnets.xlsx").sheets
    raw, chance = raw_of(sheets, SUPPLIERS), random.Random(seed)
    shown = grid_of(SUPPLIERS, raw, terms_of(sheets))
    numbers = [field for field in shown.fields if field.position and field.column and field.column.kind == "number"]
    typed = {index: {chance.choice(numbers).id: str(chance.randrange(1, 10**6))} for index in chance.sample(range(len(raw.rows) - 1), 5)}
    after = edited(shown, typed)
    at = {field.id: field.position for field in numbers}
    places = {(shown.rows[index], at[name]): int(value) for index, row in typed.items() for name, value in row.items()}
    for row in range(1, len(raw.rows) + 1):
        for column in range(1, len(raw.rows[0]) + 1):
            assert value_at(after, row, column) == places.get((row, column), value_at(raw, row, column)), (row, column)


def test_a_bad_value_is_seen_and_can_be_replaced():
    """A word among numbers and a misspelled bloc are shown as they are; digits typed over the one are a number again."""
    raw = suppliers(("A", "ore", "allied", "dear", 10), ("B", "ore", "alied", 5, 10))
    shown = grid(raw)
    assert shown.frame["price"].tolist()[:2] == ["dear", "5"]
    assert shown.frame["bloc"].tolist()[1] == "alied"
    after = edited(shown, {0: {"price": "12.5"}, 1: {"bloc": "allied"}})
    assert value_at(after, 2, 4) == 12.5 and value_at(after, 3, 3) == "allied" and value_at(after, 3, 4) == 5


def test_a_column_that_the_file_lacks_gets_its_header_when_it_is_used():
    """Typing into a column of the schema that the file does not have appends its header; looking at it does not."""
    raw = suppliers(("A", "ore", "allied", 1, 10))
    after = edited(grid(raw), {0: {"lead_time_months": 3.0}})
    assert after.rows[0][-1] == "lead_time_months" and after.rows[1][-1] == 3
    assert edited(grid(raw), {0: {"lead_time_months": None}}) is raw


def test_new_rows_are_appended_and_cleared_ones_stay_blank():
    """A blank row at the end takes a new entry below the last; clearing a row blanks it, so that the rows below keep their numbers."""
    raw = suppliers(("A", "ore", "allied", 1, 10), ("B", "ore", "allied", 2, 10))
    shown = grid(raw)
    after = edited(
        shown,
        {
            2: {"supplier": "C", "material": "ore", "bloc": "other", "price": 3.0, "capacity_per_year": 5.0},
            0: dict.fromkeys(("supplier", "material", "bloc", "price", "capacity_per_year")),
        },
    )
    assert after.rows[1] == (None,) * 5 and after.rows[2][0] == "B" and after.rows[3] == ("C", "ore", "other", 3, 5)


def test_what_a_grid_cannot_show_is_kept():
    """Formulas, dates, columns of one's own and columns without a header stand as they stood after an edit beside them."""
    raw = suppliers(("A", "ore", "allied", Formula("=1+1"), dt.date(2027, 1, 1), "mine", "lost"), extra=("notes", None))
    after = edited(grid(raw), {0: {"supplier": "Z"}})
    assert after.rows[1] == ("Z", "ore", "allied", Formula("=1+1"), dt.date(2027, 1, 1), "mine", "lost")
    assert isinstance(after.rows[1][3], Formula)


def test_rows_with_problems_alone_keep_their_numbers():
    """Shown alone, the faulty rows carry the row numbers of Excel and what is wrong; an edit there reaches its own row."""
    sheets = read_sheets(SAMPLES / "tutorial.xlsx").sheets
    raw = raw_of(sheets, SUPPLIERS)
    bad = edited(grid_of(SUPPLIERS, raw, terms_of(sheets)), {1: {"price": -4.0}})
    shown = grid_of(SUPPLIERS, bad, terms_of(sheets), only=[3])
    try:
        case_from_sheets(tuple(bad if one is raw else one for one in sheets))
        raise AssertionError("the price is below 0")
    except Exception as error:
        frame = shown.with_checks(error.problems)
    assert frame[ROW].tolist() == ["3"] and "price" in frame[CHECK][0]
    assert value_at(edited(shown, {0: {"price": 7.0}}), 3, 5) == 7


def test_settings_show_their_defaults_rows_and_take_new_ones():
    """Settings that the file leaves out are offered with what they mean; one that is typed gets a row of its own, its kind kept."""
    raw = RawSheet("Settings", (("setting", "value"), ("start", "2027-01-01"), ("periods", 4)))
    shown = grid(raw, SETTINGS)
    names = shown.frame["setting"].tolist()
    assert names[:2] == ["start", "periods"] and set(names) == {column.name for column in SETTINGS.columns}
    after = edited(shown, {1: {"value": "6"}, names.index("discount_rate"): {"value": "7%"}})
    assert after.rows[2] == ("periods", 6) and after.rows[3] == ("discount_rate", 0.07) and (3, 1) in after.percents


def test_period_columns_of_demand_are_numbers_to_edit():
    """A column headed by a period is an editable quantity of that period."""
    raw = RawSheet("Demand", (("material", "use", "annual_demand", "shortage_cost", "2027"), ("ore", "u", 10, 99, 12)))
    shown = grid(raw, DEMAND)
    period = next(field for field in shown.fields if field.position == 5)
    assert period.number and value_at(edited(shown, {0: {period.id: 15.0}}), 2, 5) == 15


def test_percentages_stay_percentages():
    """A number shown as a percentage in Excel is still shown so after it was changed."""
    growth = RawSheet("Demand", (("material", "annual_growth"), ("ore", 0.05)), frozenset({(1, 1)}))
    sheets = (RawSheet("Budget", (("fiscal_year", "amount"), (2027, 100))), growth)
    raw = sheet_of(sheets, "Demand")
    assert edited(grid(raw, DEMAND), {0: {"annual_growth": 0.07}}).percents == frozenset({(1, 1)})
    assert edited(grid(sheets[0], BUDGET), {0: {"amount": 5.0}}).rows[1] == (2027, 5)


def test_what_is_pasted_beyond_the_last_column_is_a_problem_at_its_cell():
    """A block that is wider than the sheet loses nothing: its values stand in a column without a header, which is reported with a proposal."""
    rows = sound()
    sheets = books(rows)
    one = raw_of(sheets, BUDGET)
    after = edited(grid_of(BUDGET, one, terms_of(sheets)), {0: {BEYOND: "agreed by mail"}})
    assert after.rows[1][-1] == "agreed by mail" and after.rows[0][-1] is None
    with pytest.raises(WorkbookError) as caught:
        case_from_sheets(tuple(after if raw is one else raw for raw in sheets))
    assert [problem.where for problem in caught.value.problems] == ["Budget!D2"] and "without a header" in caught.value.problems[0].message


def test_what_lands_on_the_row_numbers_is_noticed_and_a_tick_is_no_edit():
    """Text on the columns Row and Check, or on the name of a setting, is told apart from a tick and a key that clears; ticks change no cell."""
    shown = grid(suppliers(("A", "ore", "allied", 1, 10)))
    assert misplaced(shown, {3: {ROW: "A"}}) and misplaced(shown, {0: {CHECK: "x", "supplier": "B"}})
    assert not misplaced(shown, {0: {TICK: True, "supplier": "B"}, 1: {ROW: None}})
    settings = grid(RawSheet("Settings", (("setting", "value"), ("periods", 4))), SETTINGS)
    assert misplaced(settings, {0: {"setting": "start", "value": "5"}}) and not misplaced(settings, {0: {"value": "5"}})
    assert edited(shown, {0: {TICK: True}, 5: {TICK: True}}) is shown.raw
    assert ticked(shown, {0: {TICK: True}, 5: {TICK: True}, 1: {TICK: False}}) == [2]


def test_a_block_that_reaches_the_last_row_is_noticed():
    """A block that fills the last row may have been longer; a single cell there, or what was there before, is no such block."""
    shown = grid(suppliers(("A", "ore", "allied", 1, 10)))
    last = len(shown.rows) - 1
    block = {row: {"supplier": "x"} for row in range(last - 2, last + 1)}
    assert cut_off(shown, {}, block) and not cut_off(shown, {}, {last: {"supplier": "x"}}) and not cut_off(shown, block, {**block, 0: {"supplier": "y"}})
    assert not cut_off(shown, {}, {row: {"supplier": "x"} for row in range(5)})


def test_a_number_typed_over_a_number_that_is_not_read_stays_a_number():
    """In a column of the planner's own, which formulas may use, digits over a number are a number; digits over a text are text."""
    raw = suppliers(("A", "ore", "allied", 1, 10, 5, "007"), extra=("mine", "code"))
    shown = grid(raw)
    mine, code = (field.id for field in shown.fields if field.position in (6, 7))
    after = edited(shown, {0: {mine: "6.5", code: "008"}})
    assert after.rows[1][5:] == (6.5, "008")
    assert edited(shown, {0: {mine: "6,5"}}).rows[1][5] == "6,5"


def test_rows_can_be_shown_by_size_and_keep_their_numbers():
    """Ordered by price, 200 stands before 1000, texts and blanks after all numbers; what is typed into a row goes into its row of the file."""
    raw = suppliers(("A", "ore", "allied", 1000, 1), ("B", "ore", "allied", None, 1), ("C", "ore", "allied", "dear", 1), ("D", "ore", "allied", 200, 1))
    shown = grid_of(SUPPLIERS, raw, terms_of((raw,)), by="price")
    assert shown.frame["supplier"].tolist()[:4] == ["D", "A", "C", "B"] and shown.frame[ROW].tolist()[:5] == ["5", "2", "4", "3", "6"]
    assert edited(shown, {0: {"price": "7"}}).rows[4][3] == 7 and edited(shown, {4: {"supplier": "E"}}).rows[5][0] == "E"
    assert ticked(shown, {0: {TICK: True}, 1: {TICK: True}}) == [2, 5]


def test_a_grid_finds_the_headers_below_titles_and_those_with_units():
    """Columns are found by the reader's rules: below a title, and with a unit of their own, which is then their label."""
    header = ("supplier", "material", "bloc", "Price", "Capacity per month", "Growth of price")
    raw = RawSheet("Suppliers", (("Quotations", None, None, None, None, None), header, ("A", "ore", "allied", 5, 10, None)))
    shown = grid(raw)
    assert shown.rows[0] == 3 and shown.frame["capacity_per_year"].tolist()[0] == "10"
    assert next(field.label for field in shown.fields if field.id == "capacity_per_year") == "Capacity per month *"
    after = edited(shown, {0: {"price": "6", "capacity_per_year": "12", "lead_time_months": "2"}})
    assert after.rows[2][3:5] == (6, 12) and after.rows[1][-1] == "lead_time_months" and after.rows[2][-1] == 2 and after.rows[0][0] == "Quotations"


def test_a_plain_number_under_a_percent_header_is_a_percentage():
    """Under Growth (%) the number 2 is 2% in one way only; 2% typed there means the same."""
    raw = RawSheet("Demand", (("material", "use", "annual_demand", "Growth (%)", "shortage_cost"), ("Ore", "Flux", 10, None, 90)))
    for typed in ("2", "2%"):
        sheets = [one if one.name != "Demand" else edited(grid_of(DEMAND, raw, terms_of((raw,))), {0: {"annual_growth": typed}}) for one in books(sound())]
        assert [row.annual_growth for row in case_from_sheets(sheets, "case.xlsx").case.demand] == [0.02]
