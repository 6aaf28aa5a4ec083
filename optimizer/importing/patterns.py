"""Shapes that a buyer's tables have and one row an offer has not: price breaks, a matrix of prices, a bill of materials, a single name for what is needed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from optimizer.importing.captions import said_of_caption, units_of_caption, with_caption
from optimizer.importing.mapping import OPEN, SUM, TableMapping, Unpivot, Use
from optimizer.importing.measures import lacks_weight, weights
from optimizer.importing.several import several_countries
from optimizer.importing.tables import FoundTable
from optimizer.importing.values import is_heading_row, profile_of
from optimizer.importing.wording import meanings, read_header
from optimizer.intake.cells.parse import is_blank
from optimizer.intake.cells.units import grams_of
from optimizer.schema.language import fold
from optimizer.schema.sheets import DEMAND, SUPPLIERS

ALL_USES = "all uses"
OWN_PRODUCTION = "Own production"


def with_patterns(tables: Sequence[FoundTable], made: Sequence[TableMapping], new: Sequence[bool]) -> tuple[TableMapping, ...]:
    """Return the proposals for all tables with what only several columns or several tables together show. new: which of them are proposals."""
    result = list(made)
    for number, table in enumerate(tables):
        if new[number]:
            result[number] = _demand(table, result[number])
    for number, table in enumerate(tables):
        if new[number]:
            found = several_countries(table, _price_breaks(table, _matrix(number, tables, result)))
            result[number] = _bill_of_materials(_paid_once(_stages_of_cost(table, found)))
    for number in range(len(tables)):
        if new[number]:
            result[number] = _lanes(number, tables, result)
    for number in range(len(tables)):
        if new[number] and not result[number].added_by:
            result[number] = _named_elsewhere(number, tables, result)
    return _open_weights(result, new)


def _source(made: TableMapping, target: str) -> str:
    """Return the header of the column that becomes one of the schema; "" if none does."""
    return next((use.header for use in made.uses if use.becomes == target), "")


# -- names that stand elsewhere --------------------------------------------------------------------------------------------


def _named_elsewhere(number: int, tables: Sequence[FoundTable], made: Sequence[TableMapping]) -> TableMapping:
    """Propose that what a table's rows do not name stands in the headings of its sections, or in the name of its sheet or file."""
    table, mine = tables[number], made[number]
    if mine.sheet not in (SUPPLIERS.name, DEMAND.name, "Inventory"):
        return mine
    targets = mine.targets()
    material, supplier = f"{mine.sheet}.material", f"{SUPPLIERS.name}.supplier"
    if material not in targets and any(map(is_heading_row, table.rows)):
        question = "The headings of its sections are read as the material of the rows below them."
        mine = replace(mine, fixed={**mine.fixed, material: "{section}"}, question=f"{mine.question} {question}".strip())
    if mine.sheet == SUPPLIERS.name and supplier not in targets:
        like = [other for other, one in zip(tables, made, strict=True) if one.sheet == SUPPLIERS.name and other.headers == table.headers]
        where = "{file}" if len({other.file for other in like}) > 1 or table.text else "{sheet}"
        question = f"No column names the supplier: the name of its {where.strip('{}')} is read as it."
        mine = replace(mine, fixed={**mine.fixed, supplier: where}, question=f"{mine.question} {question}".strip())
    return mine


# -- weights ---------------------------------------------------------------------------------------------------------------


def _open_weights(made: Sequence[TableMapping], new: Sequence[bool]) -> tuple[TableMapping, ...]:
    """Leave open which weight a column counts where others name one and this does not: a price may be per kg beside a capacity in t.

    Where a table says the unit of each material, or of each row, a column without a weight counts in that.
    """
    seen = {word for one in made for unit in _units_in(one) for word in weights(unit) if grams_of(word) is not None}
    if not seen or any("Materials.unit" in one.targets() for one in made):
        return tuple(made)
    words = f"Other columns are in {' and '.join(sorted(seen))}; this one does not say its weight."
    result = []
    for one, is_new in zip(made, new, strict=True):
        if is_new and f"{one.sheet}.unit" not in one.targets():
            uses = tuple(
                replace(use, unit=f"{use.unit} {OPEN}".strip(), question=f"{use.question} {words}".strip())
                if lacks_weight(use.becomes, use.unit) and not use.unit.endswith(OPEN)
                else use
                for use in one.uses
            )
            unpivots = tuple(
                replace(unpivot, unit=f"{unpivot.unit} {OPEN}".strip(), question=f"{unpivot.question} {words}".strip())
                if lacks_weight(unpivot.values, unpivot.unit) and not unpivot.unit.endswith(OPEN)
                else unpivot
                for unpivot in one.unpivots
            )
            one = replace(one, uses=uses, unpivots=unpivots)
        result.append(one)
    return tuple(result)


def _units_in(made: TableMapping) -> list[str]:
    return [*(use.unit for use in made.uses if use.becomes), *(one.unit for one in made.unpivots)]


# -- demand ----------------------------------------------------------------------------------------------------------------


def _demand(table: FoundTable, made: TableMapping) -> TableMapping:
    """Let the only name in a table of needs be the material; a table without uses needs for all of them."""
    if made.sheet != DEMAND.name:
        return made
    use, material = _source(made, "Demand.use"), _source(made, "Demand.material")
    if use and not material:
        question = "The table has one name for what is needed: it is read as the material."
        made = made.with_use(use, becomes="Demand.material", question=question)
        use = ""
    if not use and "Demand.use" not in made.fixed:
        made = replace(made, fixed={**made.fixed, "Demand.use": ALL_USES})
    return made


# -- a matrix of prices ----------------------------------------------------------------------------------------------------


def _matrix(number: int, tables: Sequence[FoundTable], made: Sequence[TableMapping]) -> TableMapping:
    """Propose that columns headed by names which another table knows, such as sites or materials, hold the price for each of them."""
    table, mine = tables[number], made[number]
    if mine.sheet not in ("", SUPPLIERS.name) or _source(mine, "Suppliers.price"):
        return mine
    free = [use.header for use in mine.uses if not use.becomes and profile_of(table, use.header).numbers >= 0.8 and read_header(use.header).span is None]
    for other, (their_table, theirs) in enumerate(zip(tables, made, strict=True)):
        if other == number:
            continue
        for use in theirs.uses:
            if use.becomes not in ("Demand.material", "Demand.use", "Materials.material"):
                continue
            known = {fold(str(value)) for value in their_table.column(use.header) if not is_blank(value)}
            headers = tuple(header for header in free if fold(header) in known)
            if len(headers) > 1:
                return _as_matrix(table, mine, headers)
    return mine


def _as_matrix(table: FoundTable, made: TableMapping, headers: tuple[str, ...]) -> TableMapping:
    question = "These columns are headed by names of another table, and are read as the price for each of them."
    unit, added = with_caption("Suppliers.price", "", units_of_caption(table))
    if added:
        question += f" {said_of_caption(added)}"
    names = Unpivot(headers, "Suppliers.material", "Suppliers.price", unit, question=question)
    uses, first = [], ""
    for use in made.uses:
        if use.header in headers:
            continue
        if not made.sheet and not first and profile_of(table, use.header).numbers < 0.5:
            first = use.header
            use = replace(use, becomes="Suppliers.supplier", question="The first column of names is read as the supplier.")
        elif not made.sheet:
            use = _as_capacity(use)
        uses.append(use)
    result = replace(made, sheet=SUPPLIERS.name, uses=tuple(uses), unpivots=(*made.unpivots, names))
    supplier, capacity = _source(result, "Suppliers.supplier"), _source(result, "Suppliers.capacity_per_year")
    if supplier and capacity and "Suppliers.plant" not in result.targets():
        # One capacity beside several prices is that of the maker as a whole.
        unit = next(use.unit for use in result.uses if use.header == capacity)
        words = f"One capacity stands beside {len(headers)} prices: it is read as that of all of them together, a plant."
        shared = Use(capacity, "Plants.capacity_per_year", unit, question=words)
        result = replace(result, uses=(*result.uses, shared), fixed={**result.fixed, "Suppliers.plant": f"{{{supplier}}}"})
    return result


def _as_capacity(use: Use) -> Use:
    words = read_header(use.header)
    if words.base not in ("capacity", "kapazitaet", "capacite", "capacidad", "capacita"):
        return use
    timed = bool(words.unit) and "per" in words.unit
    return replace(use, becomes="Suppliers.capacity_per_year", unit=words.unit if timed else f"{words.unit} ?".strip())


# -- price breaks ----------------------------------------------------------------------------------------------------------


def _price_breaks(table: FoundTable, made: TableMapping) -> TableMapping:
    """Propose that several rows of a supplier and material with rising least quantities are price breaks, of which one at most is signed."""
    if made.sheet != SUPPLIERS.name or made.unpivots:
        return made
    supplier, material, least = (_source(made, f"Suppliers.{name}") for name in ("supplier", "material", "minimum_order"))
    if not supplier or not least or _source(made, "Suppliers.terms"):
        return made
    names = [tuple(fold(str(row[table.positions[header]])) for header in (supplier, material) if header) for row in table.rows]
    several = {name for name, count in Counter(names).items() if count > 1}
    steps = {(name, str(row[table.positions[least]])) for name, row in zip(names, table.rows, strict=True)}
    if not several or len(steps) < len(names):
        return made
    group = " ".join(f"{{{header}}}" for header in (supplier, material) if header)
    fixed = {"Suppliers.offer": f"from {{{least}}}", "Suppliers.terms": "contract", "Suppliers.choose_one": group, "Suppliers.take_or_pay": 1, **made.fixed}
    if _source(made, "Suppliers.offer"):
        del fixed["Suppliers.offer"]
    known = made.use(least)
    unit = known.unit if known else ""
    timed = unit if "per" in unit or "/" in unit else f"{unit} ?".strip()
    question = "Several rows of one supplier with rising quantities are read as price breaks: contracts of which one at most is signed, paid in full."
    made = made.with_use(least, becomes="Suppliers.minimum_contract", unit=timed, question=question)
    if cost := _source(made, "Projects.cost"):
        fixed["Suppliers.project"] = f"{{{supplier}}} {fixed.get('Suppliers.offer', '{' + _source(made, 'Suppliers.offer') + '}')}"
        fixed["Projects.lead_time_months"] = 0
        made = made.with_use(cost, question="It is paid once, when the price break is chosen: a project that is ready at once.")
    return replace(made, fixed=fixed)


# -- lanes -----------------------------------------------------------------------------------------------------------------

_FREIGHT = re.compile(r"freight|fracht|transport|shipping|logistic|flete|nolo|trasport|handling")
_LANE_KEYS = ("country", "supplier", "plant")


def _lanes(number: int, tables: Sequence[FoundTable], made: Sequence[TableMapping]) -> TableMapping:
    """Propose that a table of freight or transit times, which names no offers but a column of theirs, is added to the offers that it is about."""
    table, mine = tables[number], made[number]
    if mine.sheet not in ("", SUPPLIERS.name) or _source(mine, "Suppliers.material") or {"Suppliers.price", "Suppliers.material"} <= set(mine.targets()):
        return mine
    words = {header: read_header(header) for header in table.headers}
    numeric = [header for header in table.headers if profile_of(table, header).numbers >= 0.8]
    freight = [header for header in numeric if _FREIGHT.search(words[header].base)]
    times = [header for header in numeric if any(meaning.target == "Suppliers.lead_time_months" for meaning in meanings(words[header].base))]
    if not freight and not times:
        return mine
    for other, theirs in zip(tables, made, strict=True):
        if other is table or theirs.sheet != SUPPLIERS.name or theirs.added_by:
            continue
        for key in _LANE_KEYS:
            source = _source(theirs, f"Suppliers.{key}")
            known = {fold(str(value)) for value in other.column(source) if not is_blank(value)} if source else set()
            for header in table.headers:
                held = {fold(str(value)) for value in table.column(header) if not is_blank(value)}
                if header not in numeric and held and len(held & known) >= 0.5 * len(held):
                    return _as_lanes(table, mine, key, header, freight, times)
    return mine


def _as_lanes(table: FoundTable, made: TableMapping, key: str, header: str, freight: list[str], times: list[str]) -> TableMapping:
    """Return a table of lanes: its key, and what is added to the price and to the lead time."""
    uses = [
        Use(one, f"Suppliers.{key}")
        if one == header
        else Use(one, "Suppliers.price", read_header(one).unit)
        if one in freight
        else Use(one, "Suppliers.lead_time_months", read_header(one).unit or OPEN)
        if one in times
        else Use(one)
        for one in table.headers
    ]
    question = f"Its rows are no offers: what they say is added to the price and lead time of the offers of the same {key}."
    combine = {**({"Suppliers.price": SUM} if len(freight) > 1 else {}), **({"Suppliers.lead_time_months": SUM} if len(times) > 1 else {})}
    return replace(made, sheet=SUPPLIERS.name, uses=tuple(uses), unpivots=(), fixed={}, combine=combine, added_by=f"Suppliers.{key}", question=question)


# -- stages of cost --------------------------------------------------------------------------------------------------------


def _stages_of_cost(table: FoundTable, made: TableMapping) -> TableMapping:
    """Propose that columns such as mining cost and refining cost, where there is no price, add up to it."""
    if made.sheet != SUPPLIERS.name or "Suppliers.price" in made.targets():
        return made
    stages = [
        use.header
        for use in made.uses
        if not use.becomes
        and re.search(r"(?:^|_)(?:costs?|kosten|couts?|costos?|costi)$", read_header(use.header).base)
        and profile_of(table, use.header).numbers >= 0.8
    ]
    for header in stages:
        question = (
            "There is no price: these costs of one unit are added up to it." if len(stages) > 1 else "There is no price: this cost of one unit is read as it."
        )
        made = made.with_use(header, becomes="Suppliers.price", unit=read_header(header).unit, question=question)
    return replace(made, combine={**made.combine, "Suppliers.price": SUM}) if len(stages) > 1 else made


def _paid_once(made: TableMapping) -> TableMapping:
    """Let a cost that is paid once, such as that of a qualification, be a project without which the offer cannot be used."""
    cost, supplier, material = _source(made, "Projects.cost"), _source(made, "Suppliers.supplier"), _source(made, "Suppliers.material")
    if made.sheet != SUPPLIERS.name or not cost or not supplier or "Suppliers.project" in made.targets():
        return made
    name = " ".join(f"{{{header}}}" for header in (supplier, material) if header)
    made = made.with_use(cost, question="It is paid once, before the offer can be used: a project of the offer's name, whose lead time is asked.")
    return replace(made, fixed={**made.fixed, "Suppliers.project": name})


# -- bills of materials ----------------------------------------------------------------------------------------------------


def _bill_of_materials(made: TableMapping) -> TableMapping:
    """Let a bill of materials without a supplier be that of the planner's own production, an offer of each parent without a price."""
    if made.sheet != "Inputs" or _source(made, "Inputs.supplier") or "Inputs.supplier" in made.fixed:
        return made
    parent = _source(made, "Inputs.material")
    if not parent:
        return made
    fixed = {"Inputs.supplier": OWN_PRODUCTION, "Suppliers.supplier": OWN_PRODUCTION, "Suppliers.material": f"{{{parent}}}", "Suppliers.price": 0, **made.fixed}
    return replace(made, fixed=fixed, question="A bill of materials is read as an offer of your own production for each parent, at no price.")
