"""A planner's own sheets come in as a case: what they are is proposed, what is open is asked, and what was confirmed is used again."""

from __future__ import annotations

from dataclasses import replace

import import_cases
import pytest
from import_cases import write_book

import optimizer
from optimizer.importing import Answer, Imported, Mapping, TableMapping, Unpivot, Use, apply, find_tables, propose, read_files
from optimizer.importing.wording import normalized
from optimizer.schema.sheets import DEMAND, INPUTS, INPUTS_OF_OFFERS, MATERIALS, PLANTS, SUPPLIERS
from optimizer.schema.synonyms import synonyms, words_of

RISK_NEUTRAL = {"discount_rate": 0, "risk_weight": 0}
ANSWERS = {
    "price_breaks": ({"Demand.shortage_cost": {"*": 100}, "Suppliers.bloc": {"*": "allied"}}, RISK_NEUTRAL),
    "makers_and_sites": ({"Demand.shortage_cost": {"*": 5_000_000}, "Suppliers.bloc": {"*": "other"}}, RISK_NEUTRAL),
    "strategic_sourcing": (
        {"Demand.shortage_cost": {"*": 5_000}, "Suppliers.bloc": {"*": "allied"}, "Suppliers.capacity_per_year": {"*": 1e6}},
        {"start": "2027-01-01", "periods": 4},
    ),
    "mines_by_year": ({"Demand.shortage_cost": {"*": 5_000}, "Suppliers.bloc": {"*": "allied"}, "Suppliers.price": {"Mine 6, Nickel": 20}}, {}),
    "daily_orders": (
        {"Demand.shortage_cost": {"*": 900}, "Suppliers.bloc": {"*": "allied"}, "Materials.unit": {"*": "pcs"}, "Suppliers.capacity_per_year": {"*": 9000}},
        {},
    ),
}
"""What a planner answers about each data set, and sets."""


def imported(paths, answers=None, settings=None, known: Mapping | None = None, confirmed: bool = True) -> tuple[Imported, Mapping]:
    """What files become by what is proposed, with a planner's answers."""
    tables = find_tables(read_files(paths))
    mapping = propose(tables, known)
    mapping = replace(mapping, settings={**mapping.settings, **(settings or {})})
    for column, values in (answers or {}).items():
        mapping = mapping.with_answer(Answer(column, "key", values))
    mapping = mapping.as_confirmed() if confirmed else mapping
    return apply(mapping, tables), mapping


def of_data_set(name: str, folder) -> tuple[Imported, Mapping]:
    """One of the five data sets, answered."""
    return imported(getattr(import_cases, name)(folder), *ANSWERS[name])


def rows(result: Imported, sheet: str) -> list[dict]:
    """The rows of a sheet of the case, by column."""
    raw = next(raw for raw in result.sheets if raw.name == sheet)
    return [dict(zip(raw.rows[0], row, strict=True)) for row in raw.rows[1:]]


@pytest.mark.parametrize("name, optimum", [("price_breaks", 1_920), ("makers_and_sites", 107_821_896)])
def test_the_published_optima_come_out_of_a_buyers_own_sheets(name, optimum, tmp_path):
    """Price breaks, and makers by sites with one capacity for all, come in as they are laid out, and give the optima that their sources print."""
    result, _ = of_data_set(name, tmp_path)
    assert (result.questions, result.asks) == ((), ())
    assert optimizer.solve(result.reading(name)).expected_cost == pytest.approx(optimum, rel=1e-9)


def test_without_the_promise_price_breaks_give_the_other_published_optimum(tmp_path):
    """Where nothing was promised to the third supplier, the optimum is 1,660."""
    result, _ = imported(import_cases.price_breaks(tmp_path, None), *ANSWERS["price_breaks"])
    assert optimizer.solve(result.reading("breaks")).expected_cost == pytest.approx(1_660, rel=1e-9)


def test_offers_lanes_needs_and_recipes_in_five_files_are_one_case(tmp_path):
    """Weekly figures become yearly ones, lead weeks and transit days one lead time, scrap raises what one unit takes, and five plants are five uses."""
    result, _ = of_data_set("strategic_sourcing", tmp_path)
    case = result.reading("sourcing").case
    offer, (part, *_) = case.offers[1], case.inputs
    assert (offer.supplier, offer.price, offer.country) == ("Maker 2", 12.9 + 0.6, "Germany")
    assert offer.capacity_per_year == pytest.approx(960 * 365 / 7)
    assert offer.lead_time_months == pytest.approx((4 * 7 + 10) * 12 / 365)
    assert (part.supplier, part.input_material, part.input_per_unit) == ("Own production", "Part 001", pytest.approx(1 / 0.98))
    assert [row.use for row in case.demand] == [f"Plant {number}" for number in range(1, 6)]
    assert case.demand[0].annual_demand == pytest.approx(25 * 365 / 7)
    assert {material.unit for material in case.materials} == {"pcs"} and len(case.inventory) == 8


def test_mines_with_capacity_by_year_and_stages_of_cost_come_in(tmp_path):
    """Capacity by year becomes changes by date, a mine whose first years are NA is available later, stages of cost add up, NA is a blank, and is asked for."""
    result, mapping = of_data_set("mines_by_year", tmp_path)
    case = result.reading("mines").case
    assert (case.settings.period, case.settings.periods, case.settings.currency) == ("year", 6, "USD")
    assert [case.offers[0].price, case.offers[5].price] == [9 + 4, 20]
    assert [offer.available_from for offer in case.offers[:3]] == [None, 1, 2]
    assert [(row.start, row.capacity_per_year) for row in case.offer_changes if row.supplier == "Mine 1"] == [(t, 400 + 150 * t) for t in range(1, 6)]
    assert case.demand[0].by_period == {t: 900 + 100 * t for t in range(6)}
    assert sum(not use.becomes for use in mapping.tables[0].uses) == 38


def test_daily_orders_in_a_german_workbook_come_in(tmp_path):
    """Orders by day add up by month, lead times are texts with their unit, prices have a decimal comma and a euro sign, and a recipe has two levels."""
    result, _ = of_data_set("daily_orders", tmp_path)
    case = result.reading("fertigung").case
    assert case.settings.currency == "EUR" and case.calendar.labels == ("2027-03", "2027-04", "2027-05")
    assert sum(sum(row.by_period.values()) for row in case.demand) == sum(5 + number % 7 for number in range(30))
    assert [(offer.price, round(offer.lead_time_months, 4)) for offer in case.offers[:2]] == [(21.5, round(9 * 12 / 365, 4)), (3.2, round(4 * 12 / 365, 4))]
    assert {row.material for row in case.inputs} == {"Pumpe", "Ventil"}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_confirmed_mapping_is_used_at_once(name, tmp_path):
    """What was confirmed goes through its file and back, and makes the same case of the same files without a question."""
    result, mapping = of_data_set(name, tmp_path)
    again, used = imported(getattr(import_cases, name)(tmp_path), known=Mapping.from_json(mapping.to_json()), confirmed=False)
    assert used.confirmed and (again.questions, again.asks) == ((), ())
    assert [raw.rows for raw in again.sheets] == [raw.rows for raw in result.sheets]


def test_every_synonym_is_one_of_a_column():
    """The table of synonyms names columns that there are, each word as headers are compared, and knows words for every column that a row must have."""
    columns = {f"{sheet.name}.{column.name}" for sheet in INPUTS for column in sheet.columns}
    names = columns | {column.partition(".")[2] for column in columns}
    for part in ("words", "weak"):
        assert set(synonyms(part)) <= names
        assert [word for words in synonyms(part).values() for word in words if normalized(word) != word] == []
    needed = [(sheet.name, column.name) for sheet in (MATERIALS, DEMAND, SUPPLIERS, PLANTS, INPUTS_OF_OFFERS) for column in sheet.columns if column.required]
    assert [name for name in needed if not words_of(*name)] == []


def test_what_the_planner_says_of_a_column_holds(tmp_path):
    """A list becomes a row for each of its names, a part of a cell is taken, a word is translated, a value stands in every row, columns become rows."""
    table = [["Vendor (country)", "Materials", "Sold as", "Price USD/kg", "2027", "2028"], ["Alpha / Chile", "Gallium; Germanium", "Frame", 3, 40, 50]]
    tables = find_tables(read_files([write_book(tmp_path / "own.xlsx", {"Bids": [table[0], table[1]]})]))
    uses = (
        Use("Vendor (country)", "Suppliers.supplier", split="/", part="1"),
        Use("Vendor (country)", "Suppliers.country", split="/", part="2"),
        Use("Materials", "Suppliers.material", split=";", part="rows"),
        Use("Sold as", "Suppliers.terms", words={"frame": "contract"}),
        Use("Price USD/kg", "Suppliers.price", "USD/kg"),
    )
    years = Unpivot(("2027", "2028"), "Offer changes.from", "Offer changes.capacity_per_year", "kg", periods=True)
    made = TableMapping("Suppliers", uses, (years,), {"Suppliers.bloc": "other", "Suppliers.offer": "{Sold as} of {sheet}"})
    result = apply(Mapping((made,), {"start": "2027-01-01", "periods": 8}, confirmed=True), tables)
    sold = rows(result, "Suppliers")
    assert [(row["supplier"], row["country"], row["material"], row["terms"], row["offer"], row["capacity_per_year"]) for row in sold] == [
        ("Alpha", "Chile", material, "contract", "Frame of Bids", 40) for material in ("Gallium", "Germanium")
    ]
    assert [(row["material"], row["from"], row["capacity_per_year"]) for row in rows(result, "Offer changes")] == [
        ("Gallium", "2028-01", 50),
        ("Germanium", "2028-01", 50),
    ]
    assert result.questions == ()


def test_an_import_that_is_stopped_says_so_and_a_mapping_of_other_tables_is_refused(tmp_path):
    """Stopping ends in a question, never in half a case; a mapping goes with the tables that it is for."""
    tables = find_tables(read_files(import_cases.makers_and_sites(tmp_path)))
    seen: list[tuple[int, int]] = []
    stopped = apply(propose(tables), tables, progress=lambda done, of: seen.append((done, of)), cancelled=lambda: bool(seen))
    assert seen == [(1, 2)] and any("stopped" in question.words for question in stopped.questions)
    with pytest.raises(ValueError, match="part for each table"):
        apply(Mapping(), tables)
