"""Rows of Inventory and Inputs name an offer of Suppliers as its own row spells it, whatever the case of letters, and may leave out what is plain."""

from __future__ import annotations

import pytest
from books import put, raw, sound

import optimizer
from optimizer.intake.reader import case_from_sheets

FULL = ("North", "Oxide", "Line A")


def of_two_offers(sheets: dict) -> dict:
    """The sheets with a second offer of North's oxide."""
    put(sheets, "Suppliers", 2, "offer", "Line A")
    sheets["Suppliers"].append(
        [
            {"supplier": "North", "material": "Oxide", "bloc": "allied", "price": 310, "capacity_per_year": 40, "offer": "Line B"}.get(h)
            for h in sheets["Suppliers"][0]
        ]
    )
    return sheets


@pytest.mark.parametrize("offer", ["Line A", "LINE a", " line  A"])
def test_an_open_order_finds_its_offer_however_it_is_spelled(offer):
    """The record has the offer's own spelling, and the order leaves with that offer."""
    sheets = of_two_offers(sound())
    for header, value in (("supplier", "north"), ("offer", offer), ("ships", "2027-Q3")):
        put(sheets, "Inventory", 2, header, value)
    case = case_from_sheets(raw(sheets)).case
    item = case.inventory[0]
    assert (item.supplier, item.material, item.offer) == FULL
    assert case.offers[case.offer_of(item)].key == FULL
    assert optimizer.solve(case).status == "optimal"


def test_an_input_finds_its_offer_however_it_is_spelled():
    """So does a row of Inputs; of a supplier's only offer the name may stay blank."""
    sheets = of_two_offers(sound())
    sheets["Inputs"] = [
        ["supplier", "material", "offer", "input_material", "input_per_unit"],
        ["NORTH", "oxide", "line a", "ore", 2],
        ["East", "Oxide", None, "Ore", 3],
    ]
    case = case_from_sheets(raw(sheets)).case
    assert (case.inputs[0].supplier, case.inputs[0].material, case.inputs[0].offer) == FULL
    assert dict(zip([offer.key for offer in case.offers], case.inputs_of_offers())) == {
        FULL: (("Ore", 2),),
        ("East", "Oxide", ""): (("Ore", 3),),
        ("Mine", "Ore", ""): (),
        ("North", "Oxide", "Line B"): (),
    }


def test_suppliers_of_two_spellings_keep_their_open_orders_apart():
    """Where two spellings of one supplier become one, each open order stays with the offer that it named."""
    sheets = sound()
    sheets["Suppliers"].append(
        [{"supplier": "North Ltd.", "material": "Oxide", "bloc": "allied", "price": 310, "capacity_per_year": 40}.get(h) for h in sheets["Suppliers"][0]]
    )
    sheets["Suppliers"][1][0] = "North Ltd"
    put(sheets, "Inventory", 2, "supplier", "North Ltd.")
    case = case_from_sheets(raw(sheets)).case
    assert case.offers[case.offer_of(case.inventory[0])].price == 310
