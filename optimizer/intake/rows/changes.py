"""Rows that name an offer of Suppliers: the offer that each is about, and which of two rows of Offer changes in one period holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from optimizer.intake.rows.table import Row, Table
from optimizer.schema.changes import CHANGED
from optimizer.schema.language import fold

KEY = ("supplier", "material", "offer")
"""What names an offer, on Suppliers and on Offer changes."""


def changed_offers(tables: Mapping[str, Table]) -> dict[int, Row]:
    """Return for rows of Offer changes, by their number, the row of Suppliers that each is about."""
    return named_offers(tables, "Offer changes")


def named_offers(tables: Mapping[str, Table], sheet: str) -> dict[int, Row]:
    """Return for rows of a sheet that name an offer by supplier, material and offer, by their number, the row of Suppliers that each is about.

    Without the name of an offer it is the offer that has none, or the only one that the supplier makes of the material. Rows that name none,
    or one of several, are left out, and so are rows without a supplier.
    """
    offers: dict[tuple[str, str], dict[str, Row]] = {}
    for row in tables["Suppliers"].complete(*KEY) if "Suppliers" in tables else ():
        offers.setdefault((fold(row["supplier"]), fold(row["material"])), {}).setdefault(fold(row["offer"]), row)
    found = {}
    for row in (row for row in tables[sheet].complete(*KEY) if row["supplier"] is not None) if sheet in tables else ():
        mine = offers.get((fold(row["supplier"]), fold(row["material"])), {})
        offer = fold(row["offer"] or "")
        if offer in mine:
            found[row.number] = mine[offer]
        elif not offer and len(mine) == 1:
            found[row.number] = next(iter(mine.values()))
    return found


def replaced(rows: Iterable[Row], offers: Mapping[int, Row]) -> Iterator[tuple[Row, str, Row]]:
    """Yield each value of a row of Offer changes that never holds, (row, column, the row that replaces it): one of a later day of the same period."""
    latest: dict[tuple[int, int, str], Row] = {}
    ordered = sorted((row for row in rows if row.number in offers and "from" in row.days), key=lambda row: row.days["from"], reverse=True)
    for row in ordered:
        for column in (name for name in CHANGED if row.values.get(name) is not None):
            holds = latest.setdefault((offers[row.number].number, row["from"], column), row)
            if holds.days["from"] != row.days["from"]:
                yield row, column, holds


def settled(rows: Iterable[Row], offers: Mapping[int, Row]) -> list[Row]:
    """Return the rows of Offer changes with the full names of their offers, and without the values that never hold; rows without any other are left out."""
    rows = list(rows)
    gone: dict[int, dict[str, None]] = {}
    for row, column, _ in replaced(rows, offers):
        gone.setdefault(row.number, {})[column] = None
    named = [replace(row, values=row.values | gone.get(row.number, {})) for row in with_full_names(rows, offers)]
    return [row for row in named if any(row[column] is not None for column in CHANGED)]


def with_full_names(rows: Iterable[Row], offers: Mapping[int, Row]) -> Iterator[Row]:
    """Yield rows with the full names of their offers, as Suppliers has them; rows that are about none stay as they are."""
    for row in rows:
        yield replace(row, values=row.values | {name: offers[row.number][name] for name in KEY}) if row.number in offers else row
