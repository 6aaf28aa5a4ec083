"""Rules on plants and contracts whose breach is an error. Each docstring is the planner's message, as in errors.py."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.intake.cells.parse import is_blank
from optimizer.intake.checks.rules import Finding, WorkbookRead, at
from optimizer.intake.rows.table import Row

Findings = Iterator[Finding]


def plant_without_offers(book: WorkbookRead) -> Findings:
    """No offer on Suppliers is made in the plant {plant}. Expected a plant that Suppliers names in its column plant. Name it there, or
    delete the row."""
    named = {row["plant"] for row in book.rows("Suppliers", "plant")}
    for row in book.rows("Plants", "plant"):
        if row["plant"] not in named:
            yield at("Plants", row.number, "plant", plant=row["plant"])


def plant_of_several_units(book: WorkbookRead) -> Findings:
    """The plant {plant} makes {materials}, which are counted in {units}. Expected materials of one unit in a plant. Count them in one unit, or
    make a plant of each."""
    units = {row["material"]: row["unit"] for row in book.rows("Materials", "material", "unit")}
    made: dict[str, list[Row]] = {}
    for row in book.rows("Suppliers", "plant", "material"):
        if row["plant"] is not None and row["material"] in units:
            made.setdefault(row["plant"], []).append(row)
    for plant, rows in made.items():
        found = {units[row["material"]]: row["material"] for row in rows}
        if len(found) > 1:
            yield at("Suppliers", rows[-1].number, "plant", plant=plant, materials=" and ".join(found.values()), units=" and ".join(found))


LIFE_COLUMNS = ("contract_from", "contract_to", "prepayment", "upside_trigger", "upside_share")
"""The columns of Suppliers that say what a contract is; on terms spot there is none."""


def life_of_no_contract(book: WorkbookRead) -> Findings:
    """{column} is a contract's, and this offer is sold spot only. Expected a blank cell, or terms contract or both. Clear it, or change terms."""
    for row in book.rows("Suppliers", "terms"):
        if row["terms"] == "spot":
            for column in LIFE_COLUMNS:
                if not is_blank(row.raw.get(column)):
                    yield at("Suppliers", row.number, column, column=column)


def half_an_upside(book: WorkbookRead) -> Findings:
    """{blank} is blank while {given} is given. Expected both or neither: the price above which the buyer gets a share back, and the share. Fill in
    {blank}."""
    pair = ("upside_trigger", "upside_share")
    for row in book.rows("Suppliers", *pair):
        for blank, given in (pair, pair[::-1]):
            if row[blank] is None and row[given] is not None:
                yield at("Suppliers", row.number, blank, blank=blank, given=given)


def one_of_several_on_the_spot(book: WorkbookRead) -> Findings:
    """The group {group} chooses one of several contracts, and this offer is sold {terms}. Expected terms contract. Write contract in terms, or
    clear choose_one."""
    for row in book.rows("Suppliers", "choose_one", "terms"):
        if row["choose_one"] is not None and row["terms"] != "contract":
            words = "spot" if row["terms"] == "spot" else "spot, too"
            yield at("Suppliers", row.number, "choose_one", group=row["choose_one"], terms=words)


CONTRACT_RULES = (plant_without_offers, plant_of_several_units, one_of_several_on_the_spot, life_of_no_contract, half_an_upside)
