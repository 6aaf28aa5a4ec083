"""What the number format of a planner's cell shows beside its number, where that is not what the column is read in."""

from __future__ import annotations

from optimizer.importing.wording import unit_in
from optimizer.intake.cells.formats import read_format, seems_a_unit
from optimizer.intake.cells.units import Measure, Term, same_currency
from optimizer.schema.language import Column


class Contradictions:
    """Ask about the number formats of one table that show another unit than their column is read in, once a column and format."""

    def __init__(self) -> None:
        self._asked: set[tuple[str, str]] = set()

    def question(self, header: str, code: str | None, unit: str, column: Column) -> str:
        """Return what to ask about a cell of a column that has this format; "" where nothing is to be asked, or was asked before."""
        if code is None or (header, code) in self._asked or not (words := shown_otherwise(code, unit, column)):
            return ""
        self._asked.add((header, code))
        return f"The cell is shown in '{words}', which is not how {header} is read. Give the number in the unit of the column, or correct the format."


def shown_otherwise(code: str, unit: str, column: Column) -> str:
    """Return what a number format shows that contradicts the unit in which a column is read, such as USD/t over USD/kg; "" where it does not.

    unit: of the header, or as the planner said it; "" for the column's own; one that ends with ? is asked about already. A unit that the format
    shows and nobody understands contradicts, too.
    """
    found = read_format(code)
    if not found.text or unit.endswith("?"):
        return ""
    shown, own = unit_in(found.text), unit_in(unit or column.unit)
    if shown is None:
        return found.text if seems_a_unit(found.text) else ""
    if own is not None and own.currency and any(not same_currency(one, own.currency) for one in found.currencies):
        return found.text
    if shown.top is not None and shown.top.kind == "percent":
        real = any(part == ("digits", "%") for part in found.parts)
        return "" if real or "%" in unit or column.unit == "times" else found.text
    return found.text if _differs(shown, own, found.scale) else ""


def _differs(shown: Measure, own: Measure | None, scale: float) -> bool:
    """Return whether a unit counts, or is per, another size of what the own one counts; what the own one leaves open is not held against it."""
    top, mine = shown.top, own.top if own is not None else None
    if top is not None and top.multiple / scale != (mine.multiple if mine is not None else 1.0):
        return True
    if top is not None and mine is not None and _other(top, mine):
        return True
    return any(_other(one, other) for one in shown.per for other in (own.per if own is not None else ()))


def _other(one: Term, other: Term) -> bool:
    return one.kind == other.kind and (one.size != other.size or (one.kind == "other" and one.name != other.name))
