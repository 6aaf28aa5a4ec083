"""The records of all tables as rows of the schema's sheets; what other sheets then need, such as a row for each material, is made from their names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field

from optimizer.importing.mapping import PERIOD_NAME, PERIOD_QUANTITY, Mapping, TableMapping, sheet_named
from optimizer.importing.patterns import ALL_USES
from optimizer.importing.quantities import PeriodRow
from optimizer.importing.records import Cell, Origin, Record
from optimizer.intake.cells.parse import is_blank, tidy
from optimizer.intake.names.countries import country_of
from optimizer.schema.language import Sheet, fold
from optimizer.schema.sheets import DEMAND, INPUTS, MATERIALS, PLANTS, PROJECTS, SETTINGS, SUPPLIERS

KEY = "key"
"""In an answer's `by`: the columns that identify a row, with commas between them."""
_CHINESE = ("156", "344", "446")
"""The numbers of China, Hong Kong and Macao in ISO 3166-1: their bloc follows from its name."""


@dataclass(slots=True)
class Row:
    """One row of a sheet of the case. cells: by column name; by_period: of Demand. origin: of the row in the planner's file, None where it was made here.

    aside: whether the row goes along with one of another sheet, as the project of a price break does: equal ones are one.
    """

    cells: dict[str, Cell]
    origin: Origin | None = None
    aside: bool = False
    by_period: dict[int, Cell] = field(default_factory=dict)

    def text(self, column: str) -> str:
        """Return a cell as a text, "" where it is blank."""
        cell = self.cells.get(column)
        return "" if cell is None or is_blank(cell.value) else tidy(str(cell.value))


Rows = dict[str, list[Row]]
"""The rows of each sheet of the schema, by its name."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Values that every row needs and no table has. column: such as Suppliers.bloc; by: what decides; keys: its values; proposed: key -> a proposal."""

    column: str
    by: str
    keys: tuple[str, ...]
    proposed: dict[str, object] = field(default_factory=dict, hash=False)


def rows_of(records: Iterable[Record], made: Sequence[TableMapping], by_period: Iterable[PeriodRow]) -> Rows:
    """Return the rows of every sheet but Settings, equal ones once."""
    rows: Rows = {}
    for record in records:
        if PERIOD_QUANTITY in record.cells and PERIOD_NAME in record.cells:
            _add_related(rows, record, made[record.table], DEMAND.name)
            continue
        main = made[record.table].sheet
        targets = dict.fromkeys(target.partition(".")[0] for target in record.cells)
        for name in dict.fromkeys((main, *targets)):
            if name != SETTINGS.name and name in targets:
                _add(rows, record, name, main)
    for period_row in by_period:
        cells = {target.partition(".")[2]: cell for target, cell in period_row.cells.items() if target.startswith(f"{DEMAND.name}.")}
        first = next((cell.origin for cell in cells.values() if cell.origin is not None), None)
        rows.setdefault(DEMAND.name, []).append(Row(cells, first, by_period=period_row.by_period))
    return _without_lone_plants({name: list(_each_once(found)) for name, found in rows.items()})


def _add_related(rows: Rows, record: Record, made: TableMapping, main: str) -> None:
    for name in dict.fromkeys(target.partition(".")[0] for target in record.cells):
        if name not in (main, SETTINGS.name):
            _add(rows, record, name, main)


def _add(rows: Rows, record: Record, name: str, main: str) -> None:
    """Add what a record says of one sheet. On a sheet that goes along, its names are those of the main one."""
    sheet = sheet_named(name)
    cells = {target.partition(".")[2]: held[0] for target, held in record.cells.items() if target.startswith(f"{name}.")}
    if sheet is None:
        return
    if name != main:
        for key in (column.name for column in sheet.columns if column.required or column.key):
            other = record.cells.get(f"{main}.{key}") or record.cells.get(f"{SUPPLIERS.name}.{key}")
            if is_blank(cells[key].value if key in cells else None) and other:
                cells[key] = other[0]
        if name == PROJECTS.name and not _is_worth(cells.get("cost")):
            record.cells.pop("Suppliers.project", None)  # a price break without a set-up cost needs no project
            for row in rows.get(SUPPLIERS.name, [])[-1:]:
                if row.origin == record.origin:
                    row.cells.pop("project", None)
            return
        names = set(sheet.key) | {"supplier", "material", "offer"}
        if all(is_blank(cell.value) and not cell.pending for column, cell in cells.items() if column not in names) and name != SUPPLIERS.name:
            return
    if any(not is_blank(cell.value) for cell in cells.values()):
        rows.setdefault(name, []).append(Row(cells, record.origin, name != main))


def _is_worth(cell: Cell | None) -> bool:
    return cell is not None and not is_blank(cell.value) and cell.value != 0


def _each_once(rows: list[Row]) -> Iterator[Row]:
    """Yield rows, those that go along with another sheet once where they say the same; the rows of a table of their own stand as they are."""
    seen = set()
    for row in rows:
        content = tuple(sorted((column, str(cell.value)) for column, cell in row.cells.items() if not is_blank(cell.value)))
        if not row.aside or content not in seen:
            yield row
        if row.aside:
            seen.add(content)


def _without_lone_plants(rows: Rows) -> Rows:
    """Return the rows without the plants that go along with offers and are shared by none: one offer has each, with the same capacity."""
    offers: dict[str, list[Row]] = {}
    for row in rows.get(SUPPLIERS.name, []):
        offers.setdefault(fold(row.text("plant")), []).append(row)
    shared = []
    for plant in rows.get(PLANTS.name, []):
        users = offers.get(fold(plant.text("plant")), [])
        if plant.aside and len(users) == 1 and users[0].text("capacity_per_year") == plant.text("capacity_per_year"):
            users[0].cells.pop("plant")
        else:
            shared.append(plant)
    return {name: shared if name == PLANTS.name else found for name, found in rows.items()}


# -- sheets made from names ------------------------------------------------------------------------------------------------


def with_derived(rows: Rows, units: dict[str, str]) -> list[str]:
    """Add rows that follow from names on other sheets: materials, plants, projects, and needs where there is no table of them. Return what was added."""
    said = []
    named = {
        MATERIALS.name: (
            "material",
            ("Suppliers.material", "Demand.material", "Inventory.material", "Inputs.material", "Inputs.input_material", "Suppliers.input_material"),
        ),
        PLANTS.name: ("plant", ("Suppliers.plant",)),
        PROJECTS.name: ("project", ("Suppliers.project",)),
    }
    for name, (key, sources) in named.items():
        known = {fold(row.text(key)) for row in rows.get(name, [])}
        new: dict[str, str] = {}
        for source in sources:
            sheet, _, column = source.partition(".")
            for row in rows.get(sheet, []):
                if (text := row.text(column)) and fold(text) not in known:
                    new.setdefault(fold(text), text)
        if new:
            rows.setdefault(name, []).extend(Row({key: Cell(text)}) for text in new.values())
            said.append(f"{name}: {len(new):,} row{'s' * (len(new) != 1)} made from the names in your tables.")
    for row in rows.get(MATERIALS.name, []):
        unit = units.get(fold(row.text("material")), "")
        if unit and not row.text("unit"):
            row.cells["unit"] = Cell(unit)
    if not rows.get(DEMAND.name) and rows.get(MATERIALS.name):
        inputs = {fold(row.text("input_material")) for name in ("Inputs", SUPPLIERS.name) for row in rows.get(name, [])}
        wanted = [row for row in rows[MATERIALS.name] if fold(row.text("material")) not in inputs]
        rows[DEMAND.name] = [Row({"material": row.cells["material"], "use": Cell(ALL_USES)}) for row in wanted]
        said.append("Demand: a row for each material, because no table says what is needed.")
    return said


# -- what is asked ---------------------------------------------------------------------------------------------------------


def fill_and_ask(rows: Rows, mapping: Mapping, units: Dictionary[str, Sequence[str]]) -> list[Ask]:
    """Fill required cells that are blank from the planner's answers, and return what is still missing.

    units: of materials that the tables count in several, by name, the most frequent first. Any of them will do: what stands in another is converted.
    """
    asks = []
    usual = {fold(name): several[0] for name, several in units.items()}
    for sheet in INPUTS:
        if sheet is SETTINGS:
            continue
        periods = {t for row in rows.get(sheet.name, []) for t in row.by_period}
        for column in sheet.columns:
            answer = mapping.answer(f"{sheet.name}.{column.name}")
            needed = [row for row in rows.get(sheet.name, []) if column.name in row.cells and row.cells[column.name].needed]
            if not (column.required or answer or needed):
                continue
            waiting = {id(row) for row in rows.get(sheet.name, []) if column.name in row.cells and row.cells[column.name].pending}
            blank = [
                row
                for row in rows.get(sheet.name, [])
                if not (row.text(column.name) or id(row) in waiting or (column.from_periods and periods and set(row.by_period) == periods))
            ]
            by = answer.by if answer is not None else _decided_by(sheet, column.name, blank)
            values = {fold(key): value for key, value in (answer.values if answer else {}).items()}
            left: dict[str, Row] = {}
            for row in blank:
                key = key_of(row, sheet, by)
                value = values.get(fold(key), values.get("*"))
                if not is_blank(value):
                    row.cells[column.name] = Cell(value)
                elif column.required or row in needed:
                    left.setdefault(key, row)
            if left:
                proposed = {key: value for key, row in left.items() if (value := _proposal(f"{sheet.name}.{column.name}", row, usual)) is not None}
                asks.append(Ask(f"{sheet.name}.{column.name}", by, tuple(left), proposed))
    return asks


def key_of(row: Row, sheet: Sheet, by: str) -> str:
    """Return the value of a row by which it is asked."""
    if by and by != KEY:
        return row.text(by)
    return ", ".join(filter(None, (row.text(name) for name in sheet.key or ("material", "origin")))) if by == KEY else ""


def _decided_by(sheet: Sheet, column: str, rows: list[Row]) -> str:
    """Return the column by which a missing value is asked: a bloc by country where all are known, else by supplier; a cost by what identifies the row."""
    if column == "bloc":
        return "country" if rows and all(row.text("country") for row in rows) else "supplier"
    return "material" if column == "unit" else KEY


def _proposal(target: str, row: Row, units: Dictionary[str, str]) -> object | None:
    """Return what a name itself says, the bloc of a supplier in China; or of several units of a material the one that most of its numbers are in."""
    if target == "Materials.unit":
        return units.get(fold(row.text("material")))
    country = country_of(row.text("country")) if target == "Suppliers.bloc" and row.text("country") else None
    return "chinese" if country is not None and country.number in _CHINESE else None
