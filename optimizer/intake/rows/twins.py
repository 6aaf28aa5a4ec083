"""Two spellings of one name in a workbook: where they stand, and how they count.

Suppliers and countries that certainly are one count as one, so that a limit on a single supplier or country is not passed by the twin;
the warning says so. What only looks alike stays two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from optimizer.intake.names.spellings import COMPANY, COUNTRY, PLAIN, Pair, pairs
from optimizer.intake.rows.table import Row, Table
from optimizer.schema.language import Column, Sheet
from optimizer.schema.sheets import INPUTS, SUPPLIERS

DOMAINS = {
    ("Suppliers.supplier",): COMPANY,
    ("Suppliers.country", "Suppliers.feedstock_country"): COUNTRY,
    ("Materials.material",): PLAIN,
    ("Demand.use",): PLAIN,
    ("Projects.project",): PLAIN,
    ("Disruptions.disruption",): PLAIN,
    ("Scenarios.scenario",): PLAIN,
}
"""The columns that define names, those together that share them -> what kind of names they are."""
_COUNTED_AS_ONE = (COMPANY, COUNTRY)


@dataclass(frozen=True, slots=True)
class Twin:
    """Name a second spelling. sheet, row, column: where it stands first; first_row: where the first spelling stands.

    kind: what kind of name it is, of spellings.py. columns: the "Sheet.column" that define names of this kind together.
    """

    pair: Pair
    kind: str
    sheet: str
    row: int
    column: str
    first_row: int
    columns: tuple[str, ...]

    @property
    def united(self) -> bool:
        """Return whether the two count as one."""
        return self.pair.certain and self.kind in _COUNTED_AS_ONE


def find_twins(tables: dict[str, Table]) -> list[Twin]:
    """Return every name that is spelled in a second way."""
    found = []
    for keys, kind in DOMAINS.items():
        places: dict[str, tuple[str, int, str]] = {}
        for key in keys:
            sheet, column = key.split(".")
            for row in tables[sheet].rows if sheet in tables else ():
                name = row.values.get(column)
                if isinstance(name, str) and name:
                    places.setdefault(name, (sheet, row.number, column))
        for pair in pairs(places, kind):
            sheet, number, column = places[pair.name]
            found.append(Twin(pair, kind, sheet, number, column, places[pair.first][1], keys))
    return found


def kind_of(column: Column) -> str:
    """Return the kind of names that a column refers to."""
    return next((kind for keys, kind in DOMAINS.items() if set(keys) & set(column.refers)), PLAIN)


def unite(tables: dict[str, Table], twins: Iterable[Twin]) -> None:
    """Give names that count as one their first spelling, wherever they stand.

    Where two offers of one material would then be called alike, the later takes its own spelling as the offer's name.
    """
    twins = tuple(twins)
    for keys, kind in DOMAINS.items():
        mapping = {twin.pair.name: twin.pair.first for twin in twins if twin.united and twin.kind == kind and f"{twin.sheet}.{twin.column}" in keys}
        if not mapping:
            continue
        taken = {tuple(row.values.get(name) for name in SUPPLIERS.key) for row in _rows(tables, SUPPLIERS)}
        for sheet, column in columns_of_names(keys):
            for row in _rows(tables, sheet):
                value = row.values.get(column.name)
                if isinstance(value, tuple):
                    row.values[column.name] = tuple(dict.fromkeys(mapping.get(name, name) for name in value))
                elif value in mapping:
                    row.values[column.name] = mapping[value]
                    if sheet is SUPPLIERS and column.name == SUPPLIERS.key[0]:
                        _name_offer(row.values, value, taken)


def _rows(tables: dict[str, Table], sheet: Sheet) -> list[Row]:
    return tables[sheet.name].rows if sheet.name in tables else []


def columns_of_names(keys: tuple[str, ...]) -> Iterator[tuple[Sheet, Column]]:
    """Yield every column that holds names which these columns define."""
    for sheet in INPUTS:
        for column in sheet.columns:
            if f"{sheet.name}.{column.name}" in keys or (set(column.refers) & set(keys)):
                yield sheet, column


def _name_offer(values: dict, spelling: str, taken: set[tuple]) -> None:
    """Keep an offer apart from another of the same supplier and material, by the way its supplier was spelled."""
    supplier, material, offer = (values.get(name) for name in SUPPLIERS.key)
    if (supplier, material, offer) in taken:
        values["offer"] = f"{offer}, {spelling}" if offer else spelling
    taken.add((supplier, material, values.get("offer")))
