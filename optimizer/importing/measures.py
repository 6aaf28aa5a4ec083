"""What the numbers of a planner's column count: whether its header says so, what may be meant, and the number in the unit of the schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import cast

from optimizer.importing.mapping import OPEN, PERIOD_QUANTITY, column_of
from optimizer.importing.values import Profile, measure_of
from optimizer.importing.wording import unit_in
from optimizer.intake.cells.units import Measure, Term, UnitFault, declared_unit, factor, same_currency
from optimizer.schema.language import NUMBER_KINDS, Column

_YEARLY = re.compile(
    r"(?:^|_)(?:annual|annually|yearly|per_year|p_a|pa|per_annum|jahres\w*|jaehrlich\w*|annuel\w*|par_an|anual|al_ano|annuo|annua|roczn\w*|cagr)(?:_|$)"
)
_SIGNS_OF_ONE = ("zł", "₹", "₽", "₺", "₫", "₴", "₪", "฿", "Fr.")
_CODES = ("PLN", "INR", "RUB", "TRY", "VND", "UAH", "ILS", "THB", "CHF")
_WEIGHTS = ("kg", "t", "g", "lb", "pcs")
"""Units of a material of which a planner may choose one; any other may be typed."""
FRACTION = "fraction"
"""Of a share: it is a fraction of 1, as the schema has it."""


def _unit_of(column: Column) -> str:
    """Return the unit that a column declares; a plant's capacity counts its materials, which share one unit."""
    return "{unit} per year" if column.unit == "units per year" else column.unit


def takes_unit(target: str) -> bool:
    """Return whether the numbers of a column can be given in another unit than the schema's."""
    column = column_of(target)
    return column is not None and column.kind in NUMBER_KINDS and declared_unit(_unit_of(column)) is not None


def open_unit(target: str, base: str, unit: str, profile: Profile, dated: bool = False) -> bool:
    """Return whether neither a header nor its cells say what its numbers count, so that it must be asked.

    base: the header's words, normalized; unit: in the header; dated: whether a period beside it says the time.
    """
    column = column_of(target)
    declared = declared_unit(_unit_of(column)) if column is not None and column.kind in NUMBER_KINDS else None
    if column is None or declared is None or target == PERIOD_QUANTITY:
        return False
    measure = unit_in(unit or profile.unit)
    if declared.top in ("months", "seconds"):
        named = base in (column.name, f"{column.name}s")
        return not named and (measure is None or measure.top is None or measure.top.kind != "time")
    if declared.top == "share":
        if measure is None and not profile.percent and profile.largest > 1:
            return True
        return "probability" in column.name and base != column.name and not _YEARLY.search(base) and (measure is None or not measure.of_time)
    return declared.per_year and not dated and base != column.name and not _YEARLY.search(base) and (measure is None or not measure.of_time)


def counts_much(target: str) -> bool:
    """Return whether a column holds amounts of money or quantities, which may be given in thousands."""
    column = column_of(target)
    declared = declared_unit(_unit_of(column)) if column is not None and column.kind in NUMBER_KINDS else None
    return declared is not None and declared.top in ("money", "material")


def lacks_weight(target: str, unit: str) -> bool:
    """Return whether a column counts a material, or is per one, and a unit does not say in which weight or pieces."""
    column = column_of(target)
    declared = declared_unit(_unit_of(column)) if column is not None and column.kind in NUMBER_KINDS else None
    counts = declared is not None and (declared.top == "material" or declared.per_material)
    return counts and not any(weights(unit.removesuffix(OPEN)))


def choices(target: str, unit: str) -> tuple[str, ...]:
    """Return the units of which a planner may choose one for a column, the schema's own first as "". unit: what the header says already."""
    column = column_of(target)
    declared = declared_unit(_unit_of(column)) if column is not None and column.kind in NUMBER_KINDS else None
    if column is None or declared is None:
        return ("",)
    said = "" if unit in ("", OPEN) else unit.removesuffix(f" {OPEN}")
    if declared.top in ("months", "seconds"):
        return ("", "days", "weeks", "quarters", "years") if declared.top == "months" else ("", "minutes", "hours")
    if declared.top == "share":
        return (FRACTION, "%") if "probability" not in column.name else ("per year", "% per year")
    weighed = tuple(_with_weight(said, word, declared.top) for word in _WEIGHTS) if lacks_weight(target, said) else ()
    if declared.per_year:
        measure = unit_in(said)
        timed = measure is not None and bool(measure.of_time)
        if timed:
            return (said, *weighed)
        tops = (said, *(word for word in weighed if declared.top == "material"))
        return tuple(f"{top} per {time}".strip() for top in tops for time in ("year", "quarter", "month", "week", "day"))
    thousands = (f"thousand {said}".strip(),) if declared.top == "money" and "k" not in said.split(" ")[0] else ()
    return (said, *weighed, *thousands)


def _with_weight(unit: str, weight: str, top: str) -> str:
    """Return a unit that counts, or is per, a weight: kg per month, EUR per kg."""
    return f"{weight} {unit}".strip() if top == "material" else f"{unit} per {weight}".strip()


@dataclass(frozen=True, slots=True)
class Conversion:
    """How a number becomes one of the schema: times `by`; money: the currency that it is in where that is another than the case's, "" for none."""

    by: float
    money: str = ""


@lru_cache(maxsize=10_000)
def conversion(target: str, unit: str, currency: str, material_unit: str) -> Conversion:
    """Return how numbers in a unit become those of a column, in the material's unit. UnitFault where they cannot, or where the material's unit is not known.

    Factors are those of the reader's own table of units. A foreign currency stays, to be converted by its rate.
    """
    column = column_of(target)
    if unit == FRACTION or column is None:
        return Conversion(1.0)
    measure = measure_of(unit, currency, material_unit) or unit_in(unit)
    if measure is None:
        raise UnitFault(f"the unit '{unit}' is not understood")
    if measure.weighs and not material_unit and declared_unit(_unit_of(column)) is not None:
        raise UnitFault("the unit of its material is not known yet", "Give the material's unit.")
    plain, money = without_currency(measure)
    if money and same_currency(money, currency):
        money = ""
    return Conversion(factor(plain, _unit_of(column), currency, material_unit), money)


def without_currency(measure: Measure) -> tuple[Measure, str]:
    """Return a measure without its currency, but with its thousands or millions; and that currency, "" for none."""
    top = measure.top
    if top is None or top.kind != "money":
        return measure, ""
    rest = replace(top, kind="multiple", name="thousand") if top.multiple != 1 else None
    return Measure(measure.text, cast(Term, rest), measure.per), code_of(top.name)


def weights(unit: str) -> Iterator[str]:
    """Yield the units of weight, or of pieces, that a unit's text counts or is per."""
    measure = unit_in(unit)
    for term in (measure.top, *measure.per) if measure is not None else ():
        if term is not None and term.kind in ("mass", "other"):
            yield term.name.replace("_", " ")


def currency_in(unit: str) -> str:
    """Return the currency that a unit's text counts, "" for none."""
    measure = unit_in(unit)
    return code_of(measure.currency) if measure is not None else ""


def code_of(currency: str) -> str:
    """Return the code of a currency whose sign serves no other, such as PLN for zł; else as it is."""
    return next((code for code in _CODES if currency and same_currency(code, currency)), currency) if currency in _SIGNS_OF_ONE else currency


def restated(value: float, by: float) -> float:
    """Return a number times a factor, without the digits that a multiplication by a thousandth leaves."""
    return value * by if by >= 1 else value / (1 / by)


def declared_words(column: Column, currency: str, units: Mapping[str, str]) -> str:
    """Return a column's unit in words for a planner."""
    unit = next(iter(units.values())) if len(set(units.values())) == 1 else "unit"
    return column.unit.replace("{currency}", currency or "currency").replace("{unit}", unit) if column.unit else ""
