"""An input column is declared in one line: the field of a record says all that reader, blank workbook and reference need."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from types import UnionType
from typing import get_args, get_type_hints

import pytest

from optimizer.case import BudgetRow, Case, Offer, StockItem
from optimizer.forms.template import number_format
from optimizer.schema.defaults import default_in_words
from optimizer.schema.fields import Record, amount, column, sheet
from optimizer.schema.sheets import INPUTS, SETTINGS

TYPES = {
    "text": str, "name": str, "names": tuple[str, ...], "number": float, "share": float, "whole": int, "choice": str, "choices": tuple[str, ...],
    "date": int, "last_date": int, "year": int, "yes_no": bool,
}  # fmt: skip
"""The type of the field that a column of each kind fills, as Column states it."""

COLUMNS = [pytest.param(sheet, column, id=f"{sheet.name}.{column.name}") for sheet in INPUTS for column in sheet.columns]
EVERY = {f"{sheet.name}.{column.name}" for sheet in INPUTS for column in sheet.columns}


@pytest.mark.parametrize(("sheet", "column"), COLUMNS)
def test_the_type_of_a_field_is_that_of_its_kind(sheet, column):
    """A field has the type that Column states for its kind, and may be None where a blank cell stays blank."""
    hint = get_type_hints(sheet.record)[column.attribute]
    stays_blank = not (column.required or column.default_from) and column.blank is None
    kind = dt.date if sheet.settings and column.kind == "date" else TYPES[column.kind]
    assert hint == (kind | None if stays_blank else kind)


@pytest.mark.parametrize(("sheet", "column"), COLUMNS)
def test_a_blank_cell_has_a_value_of_the_fields_type(sheet, column):
    """The value of a blank cell is one that the field's type allows; a share of 0 is 0.0 and not the whole number."""
    hint = get_type_hints(sheet.record)[column.attribute]
    allowed = tuple(getattr(one, "__origin__", one) for one in (get_args(hint) if isinstance(hint, UnionType) else (hint,)))
    assert column.required or column.default_from or type(column.blank) in allowed


@pytest.mark.parametrize(("sheet", "column"), COLUMNS)
def test_a_column_names_only_columns_that_are_there(sheet, column):
    """What a column refers to, and the column whose value a blank cell takes, are declared."""
    assert set(column.refers) <= EVERY
    assert column.default_from is None or column.default_from in {other.name for other in sheet.columns}
    assert column.help.endswith(".") and column.allowed()


@pytest.mark.parametrize("sheet", INPUTS, ids=lambda sheet: sheet.name)
def test_every_field_of_a_record_is_a_column(sheet):
    """Beside its row, the columns headed by periods, and what a case that goes on beyond its horizon must know, a record has only columns of its sheet."""
    known = {column.attribute for column in sheet.columns} | {"Settings": {"horizon"}, "Budget": {"beyond"}}.get(sheet.name, set())
    others = [member.name for member in fields(sheet.record) if member.name not in known]
    assert others == [name for name in (None if sheet.settings else "row", sheet.period_columns) if name]


def test_every_sheet_fills_a_field_of_the_case():
    """The sheets and the fields of Case are the same, each of the type of its records."""
    hints = get_type_hints(Case)
    assert {sheet.case_field for sheet in INPUTS} == set(hints)
    assert all(hints[sheet.case_field] == (sheet.record if sheet.settings else tuple[sheet.record, ...]) for sheet in INPUTS)


def test_required_columns_come_by_position_and_others_by_name():
    """A new column with a default, wherever it stands, moves no argument of a call."""
    assert BudgetRow(2, 2027, 9.0) == BudgetRow(row=2, fiscal_year=2027, amount=9.0, category="all")
    assert StockItem(2, "ore", "allied", 5.0, arrives=1).arrives == 1
    with pytest.raises(TypeError, match="positional"):
        BudgetRow(2, 2027, 9.0, "storage")
    with pytest.raises(TypeError, match="amount"):
        BudgetRow(2, 2027)


def test_a_blank_cell_takes_the_value_of_the_column_that_its_own_names():
    """origin and contract_price take bloc and price, but where they are given; spot_limit_per_year stays blank, as the capacity may change by date."""
    offer = Offer(2, "A", "ore", "chinese", 3.0, 10.0)
    assert (offer.origin, offer.spot_limit_per_year, offer.contract_price) == ("chinese", None, 3.0)
    offer = Offer(2, "A", "ore", "chinese", 3.0, 10.0, origin="other", spot_limit_per_year=0.0, contract_price=0.0)
    assert (offer.origin, offer.spot_limit_per_year, offer.contract_price) == ("other", 0.0, 0.0)


def test_a_sheet_derives_from_its_record():
    """Names, order, what is required, what identifies a row and what a blank cell takes follow from the fields."""

    @dataclass(frozen=True, slots=True)
    class Store(Record):
        store: str = column("name", "Its name.", key=True)
        fee: float = amount("What it takes.", "{currency}", default=2)
        room: float = amount("What it holds.", "{unit}")
        late_fee: float = amount("What it takes later; blank = the fee.", "{currency}", default_from="fee")
        since: int | None = column("date", "From when on.", name="from", default=None)

    stores = sheet("Stores", "Where things are kept.", Store, "stores")
    assert [column.name for column in stores.columns] == ["store", "fee", "room", "late_fee", "from"]
    assert [column.name for column in stores.columns if column.required] == ["store", "room"]
    assert stores.key == ("store",) and stores.column("from").attribute == "since" and not stores.settings
    assert Store(2, "shed", 30.0) == Store(2, "shed", 30.0, fee=2.0, late_fee=2.0, since=None)
    assert type(Store(2, "shed", 30.0).fee) is float


def test_what_a_blank_cell_means_stands_with_its_column():
    """In words: a default, another column's value, nothing, anything; of the title the file's name."""
    words = {f"{sheet.name}.{column.name}": default_in_words(column) for sheet in INPUTS for column in sheet.columns}
    assert words["Settings.title"] == "the file's name" and words["Suppliers.origin"] == "the value of bloc"
    assert words["Limits.bloc"] == "any" and words["Limits.penalty"] == "none" and words["Disruptions.active_now"] == "no"
    assert words["Suppliers.offer"] == "no name" and words["Suppliers.terms"] == "spot"


def test_a_percentage_shows_the_decimals_that_its_column_states():
    """Shares are percentages, the gap with two decimals; what a limit bounds may be days or a quantity and is none."""
    formats = {f"{sheet.name}.{column.name}": number_format(column) for sheet in INPUTS for column in sheet.columns}
    assert formats["Settings.mip_gap"] == "0.00%" and formats["Materials.annual_loss"] == "0.0%" and formats["Limits.maximum"] == "General"
    assert all(column.kind == "share" for sheet in INPUTS for column in sheet.columns if column.percent_decimals is not None)
    assert SETTINGS.column("mip_gap").percent_decimals == 2
