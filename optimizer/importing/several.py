"""Cells of several names, such as "China; Malaysia": a row for each of them, and what then is shared."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from optimizer.importing.mapping import EACH_ROW, TableMapping
from optimizer.importing.tables import FoundTable
from optimizer.intake.names.countries import country_of
from optimizer.schema.sheets import SUPPLIERS

_SIGNS = (";", "/", ",", "|", "+", "&")
"""Signs between several names in a cell, the surest first."""
_COUNTRY, _PLANT, _OFFER, _SHARED = "Suppliers.country", "Suppliers.plant", "Suppliers.offer", "Plants.capacity_per_year"


def several_countries(table: FoundTable, made: TableMapping) -> TableMapping:
    """Propose that an offer of several countries is one of each, of which any may deliver the one quantity: taken for a single country it would be none."""
    for place, use in enumerate(made.uses):
        if use.becomes != _COUNTRY or use.split or use.header not in table.positions:
            continue
        found = Counter(sign for value in table.column(use.header) if isinstance(value, str) and (sign := _sign_between_countries(value)))
        if found:
            sign = found.most_common(1)[0][0]
            example = next(value for value in table.column(use.header) if isinstance(value, str) and _sign_between_countries(value) == sign)
            question = f"'{example.strip()}' names several countries: it is read as an offer from each."
            return with_row_for_each(made, place, sign, question)
    return made


def _sign_between_countries(cell: str) -> str:
    """Return the sign between the names of a cell that are all countries; "" where there is none, or the whole is the name of one."""
    if country_of(cell) is not None:
        return ""
    for sign in _SIGNS:
        parts = [part for part in cell.split(sign) if part.strip()]
        if len(parts) > 1 and all(country_of(part.strip()) is not None for part in parts):
            return sign
    return ""


def with_row_for_each(made: TableMapping, place: int, sign: str, question: str = "") -> TableMapping:
    """Return a mapping in which a cell of several names becomes a row for each. place: of its use, from 0; sign: between the names.

    Of offers the capacity in the row is that of all of them together, a plant, and offers from several countries are named by the country, because a
    supplier has one offer of a name; where the planner means it otherwise, both can be changed.
    """
    use = made.uses[place]
    made = made.with_use_at(place, replace(use, split=sign, part=EACH_ROW, question=question))
    if made.sheet != SUPPLIERS.name:
        return made
    fixed, targets = dict(made.fixed), made.targets()
    if use.becomes == _COUNTRY and _OFFER not in targets:
        fixed[_OFFER] = f"{{{use.header}}}"
    capacity = next((one for one in made.uses if one.becomes == "Suppliers.capacity_per_year"), None)
    names = [one.header for name in ("Suppliers.supplier", "Suppliers.material") for one in made.uses if one.becomes == name and one.part != EACH_ROW]
    if capacity is None or not names or _PLANT in targets:
        return replace(made, fixed=fixed)
    words = "Of a row that becomes several, it is read as the capacity of all of them together, a plant."
    shared = replace(capacity, becomes=_SHARED, question=words)
    fixed[_PLANT] = " ".join(f"{{{name}}}" for name in names)
    return replace(made, uses=(*made.uses, shared), fixed=fixed)


def with_whole_cells(made: TableMapping, place: int) -> TableMapping:
    """Return a mapping in which the cells of a column are not taken apart: what `with_row_for_each` has added for it is gone, too."""
    use = made.uses[place]
    made = made.with_use_at(place, replace(use, split="", part="", question=""))
    fixed = {target: value for target, value in made.fixed.items() if (target, value) != (_OFFER, f"{{{use.header}}}")}
    if use.part != EACH_ROW or any(one.part == EACH_ROW for one in made.uses):
        return replace(made, fixed=fixed)
    return replace(made, uses=tuple(one for one in made.uses if one.becomes != _SHARED), fixed={name: value for name, value in fixed.items() if name != _PLANT})
