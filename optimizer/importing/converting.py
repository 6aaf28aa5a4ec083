"""Give every number of the records the unit and currency of the case, and put several columns that become one together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from optimizer.importing.mapping import OPEN, PRODUCT, QUOTIENT, SCRAP, SUM, TEXT, TableMapping, column_of
from optimizer.importing.measures import FRACTION, conversion, currency_in, restated, weights
from optimizer.importing.records import COLUMN, RATE, Cell, Findings, Record
from optimizer.importing.tables import FoundTable
from optimizer.importing.values import is_number, tidy_number
from optimizer.intake.cells.parse import is_blank
from optimizer.intake.cells.units import UnitFault, currency_of, grams_of, same_currency
from optimizer.schema.language import NUMBER_KINDS, fold

_OWN_CURRENCY = ("Suppliers", "Projects")
"""Sheets whose rows may be in a currency of their own."""


@dataclass(slots=True)
class Units:
    """The currency of the case, "" if not known; the units of its materials, by folded name; the rates of other currencies."""

    currency: str
    materials: dict[str, str] = field(default_factory=dict)
    rates: Mapping[str, float] = field(default_factory=dict)


def currencies_in(records: Iterable[Record]) -> list[str]:
    """Return the currencies that the numbers, or a column, of records are in, the most frequent first."""
    counts: dict[str, int] = defaultdict(int)
    for record in records:
        for target, cells in record.cells.items():
            column = column_of(target)
            for cell in cells:
                found = currency_in(cell.unit) if column is not None and column.unit.startswith("{currency}") and not is_blank(cell.value) else ""
                found = currency_of(str(cell.value)) if target.endswith(".currency") and not is_blank(cell.value) else found
                if found:
                    counts[found] += 1
    return sorted(counts, key=lambda name: -counts[name])


def units_of_materials(records: Iterable[Record]) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Return the unit of each material, by folded name, where Materials, columns of units and headers name one.

    And, by name, the units where they name several, the most frequent first.
    """
    own: dict[str, set[str]] = defaultdict(set)
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    names: dict[str, str] = {}
    for record in records:
        if name := record.text("Materials.material"):
            if unit := record.text("Materials.unit"):
                own[fold(name)].add(unit)
        for sheet in ("Suppliers", "Demand", "Inventory", "Materials"):
            material = fold(name := record.text(f"{sheet}.material"))
            if not material:
                continue
            names.setdefault(material, name)
            if unit := record.text(f"{sheet}.unit"):
                seen[material][unit] += 1
                continue
            for target, cells in record.cells.items():
                if target.startswith(f"{sheet}."):
                    seen[material].update(word for cell in cells for word in weights(cell.unit))
    found = {name: max(sorted(units), key=len) for name, units in seen.items() if len({grams_of(unit) or fold(unit).removesuffix("s") for unit in units}) == 1}
    found |= {name: next(iter(units)) for name, units in own.items() if len(units) == 1}
    return found, {names[name]: tuple(unit for unit, _ in units.most_common()) for name, units in seen.items() if name not in found and units}


def convert_records(records: Iterable[Record], tables: Sequence[FoundTable], made: Sequence[TableMapping], units: Units, findings: Findings) -> None:
    """Convert the numbers of records in place; each cell then is one value in the unit of the schema. What cannot be converted is asked and left out."""
    for record in records:
        converter = _Converter(record, tables[record.table], made[record.table], units, findings)
        for target in list(record.cells):
            record.cells[target] = [converter.one(target, record.cells[target])]
        converter.say_money()


class _Converter:
    """The cells of one record."""

    def __init__(self, record: Record, table: FoundTable, made: TableMapping, units: Units, findings: Findings) -> None:
        self.record, self.table, self.made, self.units, self.findings = record, table, made, units, findings
        self.money: dict[str, set[str]] = defaultdict(set)
        """Sheet -> the currencies that its numbers are in."""
        self.pending = False
        """Whether a number waits for an answer."""

    def one(self, target: str, cells: list[Cell]) -> Cell:
        """Return what one or several cells become."""
        column = column_of(target)
        held = [cell for cell in cells if not is_blank(cell.value)]
        if not held:
            return cells[0]
        if column is None or column.kind not in NUMBER_KINDS:
            return held[0] if len(held) == 1 else Cell(" ".join(str(cell.value) for cell in held), held[0].origin)
        way = self.made.combine.get(target, "") or (SUM if target in self.record.added else "")
        # Of a price for so many units, and of what is scrapped, only the first cell is in the unit of the column.
        numbers = [_share(cell) if number and way in (SCRAP, QUOTIENT) else self.number(target, cell) for number, cell in enumerate(held)]
        if len(cells) == 1:
            return Cell(numbers[0], held[0].origin, pending=self._was_pending())
        if any(number is None for number in numbers):
            return Cell(None, held[0].origin, pending=self._was_pending())
        if len(held) < len(cells):
            return Cell(None, next(cell.origin for cell in cells if is_blank(cell.value) or cell is cells[-1]), needed=True)
        if way == QUOTIENT and 0 in numbers[1:]:
            self.findings.ask(self.table.title, f"{self.record.origin.cell}: {target} cannot be divided by 0.", COLUMN, self.record.table)
            return Cell(None, held[0].origin, pending=True)
        if way not in (SUM, PRODUCT, QUOTIENT, SCRAP) or not all(map(is_number, numbers)):
            words = "Several columns become it, and how they are put together is not said." if way in ("", TEXT) else "One of its columns holds no number."
            self.findings.ask(self.table.title, f"{target}: {words}", COLUMN, self.record.table)
            return Cell(None, held[0].origin)
        return Cell(tidy_number(_together(way, numbers)), held[0].origin)

    def _was_pending(self) -> bool:
        """Return whether the number that was read last waits for an answer."""
        pending, self.pending = self.pending, False
        return pending

    def number(self, target: str, cell: Cell) -> Any:
        """Return a number in the unit of its column; a text as it is; None where its unit does not serve, which is asked."""
        if not is_number(cell.value) or cell.unit in ("", FRACTION):
            return cell.value
        where, header = str(cell.origin), self._header(target)
        if cell.unit.endswith(OPEN):
            self.findings.ask(self.table.title, f"What do the numbers below '{header}' count? ({target})", COLUMN, self.record.table, header)
            self.pending = True
            return None
        try:
            found = conversion(target, cell.unit, self.units.currency, self._material_unit(target))
        except UnitFault as fault:
            self.pending = True
            if not self._material_unit(target):
                return None  # asked once for each material, not at each of its columns
            words = f"'{cell.unit}' does not serve {target}: {fault.clause}. {fault.advice or 'Choose what its numbers count.'}"
            self.findings.ask(self.table.title, words, COLUMN, self.record.table, header)
            return None
        value = restated(float(cell.value), found.by)
        if not found.money:
            self.money[target.partition(".")[0]].add("")
            return tidy_number(value)
        return self._in_money(target, value, found.money, where)

    def _in_money(self, target: str, value: float, money: str, where: str) -> Any:
        """Return an amount in another currency: as it is where its row can say the currency, else by the rate."""
        sheet = target.partition(".")[0]
        self.money[sheet].add(money)
        if sheet in _OWN_CURRENCY:
            return tidy_number(value)
        if sheet == "Offer changes":
            return tidy_number(value)  # in the currency of the offer's own row
        rate = self.units.rates.get(money)
        if rate is None:
            self.findings.ask("", f"What is one {money} worth in {self.units.currency or 'the currency of the case'}? ({where})", RATE, header=money)
            self.pending = True
            return None
        return tidy_number(value * rate)

    def say_money(self) -> None:
        """Give the row the currency that its amounts are in."""
        for sheet in _OWN_CURRENCY:
            found = self.money.get(sheet, set())
            own = self.record.text(f"{sheet}.currency")
            foreign = found - {""}
            if foreign and (len(foreign) > 1 or (own and not same_currency(next(iter(foreign)), own))):
                words = (
                    f"{self.record.origin.cell}: the row has amounts in {' and '.join(sorted({*foreign, *([own] if own else [])}))}. Give them in one currency."
                )
                self.findings.ask(self.table.title, words, COLUMN, self.record.table)
            elif foreign and not own:
                self.record.cells[f"{sheet}.currency"] = [Cell(next(iter(foreign)), self.record.origin)]

    def _material_unit(self, target: str) -> str:
        """Return the unit in which a row's quantities stand: its own, else that of its material."""
        sheet = target.partition(".")[0]
        if sheet == "Plants":
            sheet = "Suppliers"
        if sheet == "Offer changes" and not self.record.text(f"{sheet}.material"):
            sheet = "Suppliers"
        own = self.record.text(f"{sheet}.unit") or (self.record.text("Suppliers.unit") if sheet == "Offer changes" else "")
        return own or self.units.materials.get(fold(self.record.text(f"{sheet}.material")), "")

    def _header(self, target: str) -> str:
        known = [use.header for use in self.made.uses if use.becomes == target]
        known += [one.headers[0] for one in self.made.unpivots if one.values == target and one.headers]
        name = target.partition(".")[2]
        known += [one.headers[0] for one in self.made.unpivots if one.values == f"Offer changes.{name}" and one.headers]
        return known[0] if known else target


def _share(cell: Cell) -> Any:
    """Return a cell as a fraction of 1."""
    return cell.value / 100 if is_number(cell.value) and "%" in cell.unit else cell.value


def _together(way: str, numbers: list[Any]) -> float:
    """Return the sum, the product, the quotient, or the first divided by what the share that follows leaves."""
    if way == SUM:
        return float(sum(numbers))
    result = float(numbers[0])
    for number in numbers[1:]:
        result = result * number if way == PRODUCT else result / number if way == QUOTIENT else result / (1 - number)
    return result
