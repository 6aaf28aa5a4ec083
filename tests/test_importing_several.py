"""Cells of several names, several units of one material, and the buyer's files that docs/app.md walks through."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from import_cases import OWN_SHEETS, write_book
from test_importing import imported, rows
from test_importing_tables import asked

from optimizer.importing import Answer, Use, apply, find_tables, propose, read_files, with_row_for_each, with_whole_cells
from ui.parts.import_more import as_value

HEAD = ["Supplier", "Material", "Country", "Price (USD/kg)", "Capacity (kg/year)"]
ALPHA = ["Alpha", "Gallium", "China; Malaysia", 300, 4000]
BETA = ["Beta", "Gallium", "Germany", 420, 1500]


@pytest.mark.parametrize("cell", ["China; Malaysia", "China / Malaysia", "China, Malaysia", "PRC & Malaysia"])
def test_an_offer_of_two_countries_becomes_one_of_each_that_share_its_capacity(cell, tmp_path):
    """Taken for one country it would be struck by no embargo; counted once for each its capacity would double. That it is so read is pointed out."""
    path = write_book(tmp_path / "own.xlsx", {"Offers": [HEAD, [*ALPHA[:2], cell, *ALPHA[3:]], BETA]})
    result, mapping = imported([path])
    first, second, beta = rows(result, "Suppliers")
    assert {first["country"], second["country"]} == set(map(str.strip, cell.replace("/", ";").replace(",", ";").replace("&", ";").split(";")))
    assert (first["offer"], second["offer"], beta["offer"]) == (first["country"], second["country"], "Germany")
    assert [row["capacity_per_year"] for row in (first, second, beta)] == [4000, 4000, 1500]
    assert first["plant"] == second["plant"] and beta["plant"] is None
    assert rows(result, "Plants") == [{"plant": first["plant"], "capacity_per_year": 4000}]
    tables = find_tables(read_files([path]))
    mapping = propose(tables)
    assert f"'{cell}' names several countries" in mapping.tables[0].use("Country").question
    answers = {"Suppliers.bloc": {"*": "other", "China": "chinese", "PRC": "chinese"}, "Demand.annual_demand": {"*": 900}, "Demand.shortage_cost": {"*": 9000}}
    result, _ = imported([path], answers, {"start": "2027-01-01", "periods": 4})
    assert "several blocs" not in str(result.reading("offers").warnings)
    whole = apply(mapping.with_table(0, with_whole_cells(mapping.tables[0], 2)).as_confirmed(), tables)
    assert [(row["country"], row.get("offer"), row.get("plant")) for row in rows(whole, "Suppliers")] == [(cell, None, None), ("Germany", None, None)]


@pytest.mark.parametrize("cell", ["Germany", "Korea, Republic of", "Trinidad & Tobago", "Alpha; Beta"])
def test_what_is_one_country_or_none_stays_whole(cell, tmp_path):
    """A name that holds a sign is the name of one country; a list of what are no countries is left to the planner."""
    path = write_book(tmp_path / "own.xlsx", {"Offers": [HEAD, [*ALPHA[:2], cell, *ALPHA[3:]], BETA]})
    result, mapping = imported([path])
    assert [row["country"] for row in rows(result, "Suppliers")] == [cell, "Germany"] and mapping.tables[0].use("Country").split == ""


def test_several_materials_in_a_cell_share_the_suppliers_capacity_when_the_planner_splits_it(tmp_path):
    """A split by hand keeps the capacity of the row as that of all of its materials together, too; without the split the row is one."""
    head = ["Vendor", "Material", "Price (USD/kg)", "Capacity (kg/year)"]
    path = write_book(tmp_path / "own.xlsx", {"Offers": [head, ["Alpha", "Gallium + Indium", 300, 4000], ["Beta", "Gallium", 420, 1500]]})
    tables = find_tables(read_files([path]))
    made = propose(tables)
    place = [use.header for use in made.tables[0].uses].index("Material")
    result = apply(made.with_table(0, with_row_for_each(made.tables[0], place, "+")).as_confirmed(), tables)
    assert [(row["material"], row["plant"]) for row in rows(result, "Suppliers")] == [("Gallium", "Alpha"), ("Indium", "Alpha"), ("Gallium", None)]
    assert rows(result, "Plants") == [{"plant": "Alpha", "capacity_per_year": 4000}]
    assert len(rows(apply(made.as_confirmed(), tables), "Suppliers")) == 2


def test_a_material_that_is_counted_in_two_units_is_asked_with_a_proposal_and_nothing_else_is_lost(tmp_path):
    """The question names the material as the planner spells it; the unit of most numbers is proposed; needs and their periods wait for it, and stay."""
    sheets = {
        "Offers": [[*HEAD[:4], "Capacity (t/year)"], ["Alpha", "Gallium 6N", "China", 300, 4], ["Beta", "Gallium 6N", "Germany", 420, 1.5]],
        "Demand": [["Material", "Jan 2027 (kg)", "Feb 2027 (kg)"], ["Gallium 6N", 7, 8]],
    }
    path = write_book(tmp_path / "own.xlsx", sheets)
    result, _ = imported([path])
    assert "The tables count Gallium 6N in kg and t." in asked(result)
    assert [(ask.column, ask.proposed) for ask in result.asks][0] == ("Materials.unit", {"Gallium 6N": "kg"})
    assert [ask.column for ask in result.asks] == ["Materials.unit", "Demand.shortage_cost", "Suppliers.bloc"]
    assert (result.settings["start"], result.settings["periods"]) == ("2027-01-01", 2)
    answered, _ = imported([path], {"Materials.unit": {"*": "t"}})
    assert [(row["2027-01"], row["2027-02"]) for row in rows(answered, "Demand")] == [(0.007, 0.008)]
    assert [(row["price"], row["capacity_per_year"]) for row in rows(answered, "Suppliers")] == [(300_000, 4), (420_000, 1.5)]


@pytest.mark.parametrize(
    "words, value", [("6000", 6000), ("6000,5", 6000.5), ("1 250", 1250), ("35%", 0.35), ("1.250", "1.250"), ("n/a", "n/a"), (" 0,05 ", 0.05)]
)
def test_an_answer_is_read_as_the_grid_reads_it(words, value):
    """A decimal comma is one, blanks part thousands, and what has two readings is kept as it was typed, to be asked."""
    target = "Suppliers.take_or_pay" if "%" in words else "Demand.shortage_cost"
    assert as_value(target, words) == value and type(as_value(target, words)) is type(value)


def test_the_buyers_files_are_in_step_with_their_script():
    """The files of sample_inputs/own_sheets are what their script writes."""
    assert subprocess.run([sys.executable, str(OWN_SHEETS / "build.py"), "--check"], capture_output=True, text=True, check=False).stderr == ""


def test_the_buyers_files_are_a_case_that_can_be_solved():
    """A merged title, decimal commas in texts, t beside kg, two countries in a cell, a month a column: every figure is where it belongs, in kg and EUR."""
    tables = find_tables(read_files([OWN_SHEETS / "price_list.xlsx", OWN_SHEETS / "demand_plan.csv"]))
    mapping = propose(tables)
    first = mapping.tables[0]
    assert Use("Contact") in first.uses
    mapping = mapping.with_table(0, replace(first, fixed={**first.fixed, "Suppliers.lead_time_months": 2}))
    for column, by, values in [
        ("Materials.unit", "material", {"*": "kg"}),
        ("Demand.shortage_cost", "key", {"*": 6000}),
        ("Suppliers.bloc", "country", {"China": "chinese", "Malaysia": "other", "*": "allied"}),
    ]:
        mapping = mapping.with_answer(Answer(column, by, values))
    result = apply(mapping.as_confirmed(), tables)
    assert (result.questions, result.asks) == ((), ())
    reading = result.reading("own sheets")
    case = reading.case
    assert reading.warnings == ()
    assert [(offer.country, offer.price, offer.capacity_per_year) for offer in case.offers[:4]] == [
        ("China", 289.5, 1400),
        ("Malaysia", 289.5, 1400),
        ("Germany", 512, 600),
        ("Japan", 478.25, 500),
    ]
    assert case.offers[4].price == 1180 and {offer.lead_time_months for offer in case.offers} == {2}
    assert [(plant.plant, plant.capacity_per_year) for plant in case.plants] == [("Eastern Metals Trading Gallium 6N", 1400)]
    assert [(row.use, sum(row.by_period.values())) for row in case.demand] == [("Dresden", 782.5), ("Regensburg", 389.5), ("Jena", 510.5)]
    assert [(row.disruption, row.annual_probability, row.mean_duration_months) for row in case.disruptions] == [
        ("Export stop", 0.35, 6),
        ("Port strike", 0.15, 2),
    ]
    assert case.settings.currency == "EUR"
