"""Rules on plants, contracts, units and currencies whose breach is an error. Each docstring is the planner's message, as in errors.py."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.intake.cells.parse import is_blank
from optimizer.intake.checks.rules import ROUNDING, Finding, WorkbookRead, at
from optimizer.intake.rows.changes import changed_offers
from optimizer.intake.rows.restate import unit_factor
from optimizer.intake.rows.table import Row
from optimizer.schema.language import fold

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


UNIT_SHEETS = ("Suppliers", "Inventory", "Demand")
"""The sheets whose rows may be in a unit of their own."""

LIFE_COLUMNS = ("contract_from", "contract_to", "prepayment", "upside_trigger", "upside_share", "fixed_contract")
"""The columns of Suppliers that say what a contract is; on terms spot there is none."""


def life_of_no_contract(book: WorkbookRead) -> Findings:
    """{column} is a contract's, and this offer is sold spot only. Expected a blank cell, or terms contract or both. Clear it, or change terms."""
    for row in book.rows("Suppliers", "terms"):
        if row["terms"] == "spot":
            for column in LIFE_COLUMNS:
                if not is_blank(row.raw.get(column)):
                    yield at("Suppliers", row.number, column, column=column)


def fixed_contract_out_of_bounds(book: WorkbookRead) -> Findings:
    """A contract of {fixed} a year cannot be signed: {bound}. Expected 0, or a quantity from minimum_contract to the largest capacity. Correct fixed_contract,
    or the other number."""
    changed: dict[int, list[float]] = {}
    for number, offer in changed_offers(book.tables).items():
        capacity = book.tables["Offer changes"].row(number).values.get("capacity_per_year")
        changed.setdefault(offer.number, []).extend([] if capacity is None else [capacity])
    for row in book.rows("Suppliers", "fixed_contract", "minimum_contract", "capacity_per_year"):
        fixed, least, most = row["fixed_contract"], row["minimum_contract"], max([row["capacity_per_year"], *changed.get(row.number, ())])
        if fixed is not None and fixed > most * (1 + ROUNDING):
            yield at("Suppliers", row.number, "fixed_contract", fixed=f"{fixed:,.10g}", bound=f"the offer can deliver {most:,.10g} a year")
        elif fixed and fixed < least * (1 - ROUNDING):
            yield at("Suppliers", row.number, "fixed_contract", fixed=f"{fixed:,.10g}", bound=f"the least contract is {least:,.10g}")


def decided_without_a_start(book: WorkbookRead) -> Findings:
    """{project} is decided to start, but no first period of the horizon or of a fiscal year lies in its window. Expected one of {starts} within it. Correct
    earliest_start or latest_start, or write open or never in decided."""
    calendar = book.calendar
    if calendar is None:
        return
    opening = [t for t in range(calendar.periods) if calendar.opens_year(t)]
    for row in book.rows("Projects", "project", "decided", "earliest_start", "latest_start", "may_wait_for"):
        first, last = row["earliest_start"], row["latest_start"]
        possible = any((first is None or first <= t) and (last is None or t <= last) for t in opening)
        if row["decided"] == "start" and not possible and not row["may_wait_for"]:
            yield at("Projects", row.number, "decided", project=row["project"], starts=", ".join(map(calendar.label, opening)))


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


def unit_unknown(book: WorkbookRead) -> Findings:
    """The unit {unit} cannot be converted into {own}, the unit of {material}. Expected {own}, or a unit of weight such as kg, t, lb, oz, short ton or
    long ton where that is one. Correct it, or state the row in {own}."""
    own = {fold(row["material"]): row["unit"] for row in book.rows("Materials", "material", "unit")}
    for sheet in UNIT_SHEETS:
        for row in book.rows(sheet, "material", "unit"):
            unit, wanted = row["unit"], own.get(fold(row["material"]))
            if unit and wanted is not None and unit_factor(unit, wanted) is None:
                yield at(sheet, row.number, "unit", unit=unit, own=wanted, material=row["material"])


def unit_twice(book: WorkbookRead) -> Findings:
    """{whose} has the unit {unit}, and so has the header of {column}. Expected one of them: both would convert the number twice. Clear the cell, or
    take the unit out of the header."""
    for sheet in UNIT_SHEETS:
        measured = [header.column.name for header in book.tables[sheet].measured.values() if "{unit}" in header.column.unit] if sheet in book.tables else []
        for row in book.rows(sheet, "unit") if measured else ():
            if row["unit"]:
                yield at(sheet, row.number, "unit", whose="The row", unit=row["unit"], column=measured[0])
    changes = book.tables.get("Offer changes")
    measured = [header.column.name for header in changes.measured.values() if "{unit}" in header.column.unit] if changes else []
    for number, offer in changed_offers(book.tables).items() if measured else ():
        if offer.values.get("unit"):
            yield at("Offer changes", number, measured[0], whose="The row of this offer on Suppliers", unit=offer["unit"], column=measured[0])


def currency_twice(book: WorkbookRead) -> Findings:
    """The row is in {currency}, and the header of {column} states a currency, too. Expected one of them: the number would be in both. Clear the cell, or
    take the currency out of the header."""
    for sheet in ("Suppliers", "Projects"):
        measured = [header.column.name for header in book.tables[sheet].measured.values() if "{currency}" in header.column.unit] if sheet in book.tables else []
        for row in book.rows(sheet, "currency") if measured else ():
            if row["currency"]:
                yield at(sheet, row.number, "currency", currency=row["currency"], column=measured[0])


def currency_unknown(book: WorkbookRead) -> Findings:
    """The currency {currency} has no rate. Expected {own}, the currency of the case, or a row of the sheet Currencies with its rate. Add the
    row, or correct the name."""
    own = str(book.settings.values.get("currency", ""))
    known = {fold(own)} | {fold(row["currency"]) for row in book.rows("Currencies", "currency")}
    for sheet in ("Suppliers", "Projects"):
        for row in book.rows(sheet, "currency"):
            if row["currency"] and fold(row["currency"]) not in known:
                yield at(sheet, row.number, "currency", currency=row["currency"], own=own)


CONTRACT_RULES = (
    unit_unknown,
    unit_twice,
    currency_twice,
    currency_unknown,
    plant_without_offers,
    plant_of_several_units,
    one_of_several_on_the_spot,
    life_of_no_contract,
    half_an_upside,
    fixed_contract_out_of_bounds,
    decided_without_a_start,
)
