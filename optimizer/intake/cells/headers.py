"""Find the column that a header means, and the unit that is written beside its name.

"Lead time (weeks)" is lead_time_months, counted in weeks; "Capacity per month" is capacity_per_year. A unit that can be converted is,
with a word; one that cannot is refused at the header's cell. A header that begins with "# " marks a column that is not read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.utils import get_column_letter

from optimizer.errors import Problem, Repair, SetCells
from optimizer.intake.cells.parse import Formula, is_blank, nearest, shown
from optimizer.intake.cells.units import PERCENTS, SIGN, Measure, UnitFault, declared_unit, factor, is_remark, is_signed, parse_unit
from optimizer.schema.language import NUMBER_KINDS, Column, Sheet, normalize

SETTING_COLUMNS = (Column("setting", "name", "The setting's name.", required=True), Column("value", "text", "Its value."))
PERIOD_COLUMN = Column("quantity of a period", "number", "The quantity of that period, in place of the computed one.", "{unit}", low=0)
"""What a further column of a sheet with periods holds."""

MARK = "# "
"""Before a header: the column is not read. Before the first text of a row: the row is a note."""
_SEARCHED = 20
"""Headers stand within the first rows."""
_BRACKETS = re.compile(r"[(\[{（]([^()\[\]{}（）]*)[)\]}）]")
_WORDS = re.compile(rf"{SIGN.pattern}|[{PERCENTS}/]|[^\W_]+")
_PER_M = re.compile(r"/\s*m\b")
"""A unit per m, which is a month where it stands beside a quantity; alone it may be a metre or a million."""
_SYNONYMS = {
    "unit_price": "price",
    "price_per_unit": "price",
    "spot_price": "price",
    "vendor": "supplier",
    "supplier_name": "supplier",
    "vendor_name": "supplier",
    "material_name": "material",
    "country_of_supplier": "country",
}
"""Other words that planners use for a column and that mean the same."""


@dataclass(frozen=True, slots=True)
class Context:
    """Hold the units of a case. currency: of the case, "" where it is not known; units: folded name of a material -> its unit."""

    currency: str = ""
    units: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """Hold what a header says: the column, the unit written beside its name, and how the name was given.

    measure: None where the header has no unit of its own. stem: whether it leaves out the unit that the column's name has.
    """

    column: Column
    measure: Measure | None = None
    stem: bool = False


def columns_of(sheet: Sheet) -> tuple[Column, ...]:
    """Return the columns that stand on a sheet; those of the settings sheet are setting and value."""
    return SETTING_COLUMNS if sheet.settings else sheet.columns


def place(row: int, position: int) -> str:
    """Return the name of a cell: its row counted from 1, its column from 0."""
    return f"{get_column_letter(position + 1)}{row}"


def is_marked(value: Any) -> bool:
    """Return whether a header marks a column that is not read, or the first text of a row a note: "# Notes", or "#" alone."""
    return isinstance(value, str) and not isinstance(value, Formula) and (value.strip() == "#" or value.lstrip().startswith(MARK))


def header_row(sheet: Sheet, rows: Sequence[Sequence[Any]]) -> int:
    """Return the number, from 1, of the row that holds the headers: of the first rows the one with the most names of columns; 1 where none has two."""
    counts = [sum(_is_header(sheet, value) for value in row) for row in rows[:_SEARCHED]]
    best = max(counts, default=0)
    return counts.index(best) + 1 if best > 1 or (best and counts[0] == best) else 1


def _is_header(sheet: Sheet, value: Any) -> bool:
    if not isinstance(value, str) or isinstance(value, Formula) or is_blank(value) or len(value) > 60:
        return False
    form = normalize(value)
    return any(normalize(column.name) == form for column in columns_of(sheet)) or bool(_BRACKETS.search(value) and any(_spellings(value, columns_of(sheet))))


def match(text: Any, columns: Iterable[Column], context: Context) -> Header | None:
    """Return the column that a header means, with the unit beside its name; None if it is none, or if the unit is not understood."""
    columns = tuple(columns)
    exact = next((column for column in columns if normalize(column.name) == normalize(text)), None)
    if exact is not None and not is_signed(str(text)):
        return Header(exact)
    for column, rest, inside, stem in _spellings(str(text), columns):
        if not rest and (not inside or is_remark(inside)):
            if not stem:
                return Header(column)
            continue
        units = [rest] if not inside or is_remark(inside) else [inside] if not rest else [f"{inside} {rest}", f"{rest} {inside}"]
        measure = next((found for unit in units if (found := _measure(unit, context)) is not None), None)
        if measure is not None and not (stem and _open(column, measure)):
            return Header(column, measure, stem)
    return None


def _measure(text: str, context: Context) -> Measure | None:
    """Return what a unit says; any unit of a material may stand for itself."""
    labels = dict.fromkeys(("", *(context.units or {}).values()))
    return next((found for label in labels if (found := parse_unit(text, context.currency, label)) is not None), None)


def _open(column: Column, measure: Measure) -> bool:
    """Return whether a header that leaves out the unit of its column's name does not say it by its own unit either."""
    unit = declared_unit(column.unit)
    if unit is None:
        return True
    if unit.top in ("months", "seconds"):
        return measure.top is None or measure.top.kind != "time"
    if unit.top == "share":
        return "probability" in column.name and not measure.of_time
    return unit.per_year and not measure.of_time


def _spellings(text: str, columns: Iterable[Column]) -> list[tuple[Column, str, str, bool]]:
    """Return the columns whose name, with or without its unit, stands in a header: the column, the words beside, those in brackets, whether without.

    The longest name comes first.
    """
    text = unicodedata.normalize("NFKC", text)
    inside = " ".join(part.strip() for part in _BRACKETS.findall(text))
    outside = _BRACKETS.sub(" ", text)
    if not re.search(r"[\s_\-./]", outside.strip()):
        outside = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", outside)
    words = _WORDS.findall(outside)
    found: list[tuple[int, Column, str, str, bool]] = []
    for column in columns:
        for name, stem in _names(column):
            if span := _span(words, "".join(name)):
                rest = " ".join(words[: span[0]] + words[span[1] :])
                found.append((len("".join(name)), column, rest, inside, stem))
    return [(column, rest, inside, stem) for _, column, rest, inside, stem in sorted(found, key=lambda one: (-one[0], one[4]))]


def _names(column: Column) -> Iterator[tuple[list[str], bool]]:
    """Yield the words of a column's name; and those without its unit, where the name has one."""
    words = normalize(column.name).split("_")
    yield words, False
    plain = words[:-2] if words[-2:] == ["per", "year"] else words[:-1] if words[-1] in ("months", "seconds") else words[1:] if words[0] == "annual" else words
    if plain != words and plain:
        yield plain, True


def _span(words: list[str], name: str) -> tuple[int, int] | None:
    """Return where consecutive words, written together, are a name."""
    for first in range(len(words)):
        joined = ""
        for last in range(first, len(words)):
            joined += words[last].lower()
            if joined == name:
                return first, last + 1
            if not name.startswith(joined):
                break
    return None


# -- what is wrong with a header -------------------------------------------------------------------------------------------


def header_problem(sheet: Sheet, title: str, row: int, position: int, text: Any, missing: list[str], context: Context) -> tuple[Problem, str]:
    """Return the problem of a header that is no column, with what may put it right; and the column that may be meant, "" for none."""
    columns = columns_of(sheet)
    known = [column.name for column in columns]
    cell, found = place(row, position), shown(text)
    aside = ignore(row, position, text)

    def problem(message: str, fix: str, *repairs: Repair, expected: str = "") -> Problem:
        return Problem(title, cell, f"{message} {fix}", found, expected or f"one of {', '.join(known)}", fix, repairs=repairs)

    for column, rest, inside, stem in _spellings(str(text), columns):
        beside = f"{rest} {inside}".strip()
        if stem and (not beside or (_measure(beside, context) is not None)):
            choices = list(_complete(column, str(text), row, position, columns, context))
            if choices:
                fix = f"Head it {' or '.join(repr(header) for header, _ in choices)}, as they are."
                return problem(
                    f"The header {found} leaves open what its numbers count.",
                    fix,
                    *(repair for _, repair in choices),
                    expected=f"{column.name}, or a header with its unit",
                ), column.name
        if inside and not rest and not (_measure(inside, context)):
            fix = (
                f"Write the unit as the column has it ({_in_words(column, context)}) or one that can be converted, or head it {column.name} "
                "if nothing else is meant."
            )
            message = f"The header {found} is {column.name} in '{inside}', which is not understood."
            return problem(message, fix, expected=f"{column.name}, or a header with a unit that can be converted"), column.name
    if sheet.period_columns and re.search(r"\b(19|20|21)[0-9]{2}\b", str(text)):
        fix = "Head a column by a period of the case, such as 2027-Q1, for its quantity, or give annual_demand, the quantity per year."
        return problem(f"There is no column {found} on {sheet.name}.", fix, aside), ""
    near, header = _near(str(text), known, missing, context)
    if near and _is_understood(header, columns, context):
        return problem(f"There is no column {found} on {sheet.name}.", f"Did you mean {header}?", _renamed(row, position, header), aside), near
    fix = "Delete the column, move it to a sheet of your own, or put # before its header: then it is not read."
    return problem(f"There is no column {found} on {sheet.name}.", fix, aside), ""


def _near(text: str, known: list[str], missing: list[str], context: Context) -> tuple[str, str]:
    """Return the column that a header is a slip for, and the header put right, its unit kept; "" twice where none is, or where the unit would be lost."""
    inside = " ".join(part.strip() for part in _BRACKETS.findall(text))
    base = _BRACKETS.sub(" ", text).strip()
    synonym = _SYNONYMS.get(normalize(base))
    near = synonym if synonym in known else nearest(base, missing) or nearest(base, known)
    if not near or is_signed(base):
        return "", ""
    if inside and not is_remark(inside):
        return (near, f"{near} ({inside})") if _measure(inside, context) is not None else ("", "")
    return near, near


def unit_problem(title: str, row: int, position: int, text: Any, header: Header, fault: UnitFault, context: Context) -> Problem:
    """Return the problem of a header, or a cell of a row of units, whose unit does not serve its column."""
    fix = fault.advice or f"Give {header.column.name} in {_in_words(header.column, context)}."
    message = f"{shown(text)} does not serve {header.column.name}: {fault.clause}. {fix}"
    return Problem(title, place(row, position), message, shown(text), _in_words(header.column, context), fix)


def _in_words(column: Column, context: Context) -> str:
    unit = column.unit.replace("{currency}", context.currency or "currency").replace("{unit}", "unit of the material")
    return unit or "no unit"


def ignore(row: int, position: int, text: Any) -> SetCells:
    """Mark a column as one that is not read."""
    marked = MARK + ("not read" if is_blank(text) else shown(text).removeprefix("the date ").strip("'") if not isinstance(text, str) else text.strip())
    return SetCells(f"Do not read column {get_column_letter(position + 1)} (head it {shown(marked)})", ((row, position + 1, marked),))


def _renamed(row: int, position: int, name: str) -> SetCells:
    return SetCells(f"Use {shown(name)}", ((row, position + 1, name),))


def _complete(column: Column, text: str, row: int, position: int, columns: Sequence[Column], context: Context) -> Iterator[tuple[str, SetCells]]:
    """Yield the ways to complete a header that leaves its unit open, each as the header and what a click does. Each of them can be read."""
    unit = declared_unit(column.unit)
    base = " ".join(text.split())
    if unit is None:
        return
    if unit.top == "months":
        choices = [(f"{base} ({word})", f"in {word}") for word in ("days", "weeks", "months")]
    elif unit.top == "seconds":
        choices = [(f"{base} ({word})", f"in {word}") for word in ("seconds", "minutes")]
    elif unit.top == "share":
        percent = bool(re.search(f"[{PERCENTS}]", unicodedata.normalize("NFKC", text)))
        choices = [(f"{column.name} (%)", "percentages per year")] if percent else [(column.name, "per year")]
    else:
        choices = [(f"{base} per {word}", f"per {word}") for word in ("year", "quarter", "month")]
        choices += [(_PER_M.sub(f"/{word}", base), f"per {word}") for word in ("month",) if _PER_M.search(base)]
    for header, meaning in choices:
        if _is_understood(header, columns, context):
            yield header, SetCells(f"Head it {shown(header)}: its numbers are {meaning}", ((row, position + 1, header),))


def _is_understood(text: str, columns: Iterable[Column], context: Context) -> bool:
    """Return whether a header means a column and its unit, if it has one, can be converted into the column's."""
    header = match(text, columns, context)
    if header is None or header.measure is None:
        return header is not None
    for unit in dict.fromkeys(("", *(context.units or {}).values())):
        try:
            convert(header, context, unit)
        except UnitFault:
            continue
        return True
    return False


# -- what is converted -----------------------------------------------------------------------------------------------------


def convert(header: Header, context: Context, material_unit: str) -> float:
    """Return what a number under a header with a unit is multiplied by. UnitFault where it cannot be converted."""
    column = header.column
    if column.kind not in NUMBER_KINDS:
        raise UnitFault("the column holds no numbers")
    unit = "share per year" if column.name.startswith("annual_") and column.unit == "share" else column.unit
    return factor(header.measure, unit, context.currency, material_unit)
