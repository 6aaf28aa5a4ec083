"""What a planner's own tables become, as it was proposed and as it was confirmed: kept as a file, and used at once for next month's files of that shape.

A mapping names the columns of a planner's table by their headers, never by their places, so that a column more or a row above moves nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any

from optimizer.errors import Problem, WorkbookError
from optimizer.schema.language import LARGEST_NUMBER, NUMBER_KINDS, Column, Sheet
from optimizer.schema.sheets import INPUTS, SETTINGS

FORMAT = 1
PERIOD_QUANTITY, PERIOD_NAME = "Demand.quantity of a period", "Demand.period"
"""What a cell becomes whose quantities are added up by the periods of the case, and what says the period or day of each."""
OTHERS = "*"
"""In the values of an answer: every name that is not listed."""
OPEN = "?"
"""In place of a unit: what the numbers count is not known, and is asked for."""
SUM, PRODUCT, QUOTIENT, TEXT, SCRAP = "sum", "product", "quotient", "text", "scrap"
COMBINATIONS = {
    SUM: "their sum, each in its own unit",
    PRODUCT: "their product",
    QUOTIENT: "the first, divided by the second",
    SCRAP: "the first, divided by 1 less the second, which is the share that is scrapped",
    TEXT: "their texts, with a blank between them",
}
"""How several columns become one."""
EACH_ROW = "rows"
"""In place of the number of a part: a cell of several names becomes a row for each."""


@dataclass(frozen=True, slots=True)
class Use:
    """What one column of a planner's table becomes.

    header: as it stands. becomes: a column of the schema, such as Suppliers.price; "" = it is not used. unit: what its numbers count, in words
    that the header of a sourcing workbook may have; "" = as the column has it, "?" = to be asked. split: the sign between several values of a cell;
    part: the number of the one that is taken, counted from 1, or "rows". down: whether a blank cell means what stands above it. words: the planner's
    word -> the schema's. question: what is not sure, "" if nothing.
    """

    header: str
    becomes: str = ""
    unit: str = ""
    split: str = ""
    part: str = ""
    down: bool = False
    words: Dictionary[str, str] = field(default_factory=dict, hash=False)
    question: str = ""


@dataclass(frozen=True, slots=True)
class Unpivot:
    """Columns side by side that become rows: headed by periods, or by names such as sites.

    headers: of these columns; where periods is true whichever are periods in the file at hand. names: the column that their headers become;
    values: the column that their cells become; unit: of the cells. year: of months or weeks that are named without one, "?" = to be asked.
    """

    headers: tuple[str, ...]
    names: str
    values: str
    unit: str = ""
    periods: bool = False
    year: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class TableMapping:
    """What one table becomes. sheet: of the schema, "" = it is not used. file, where: of the table that it was made for, for people.

    fixed: a column of the schema -> the value of every row, in which {Header} stands for the row's own cell, {sheet} and {file} for their names, and
    {section} for the heading above the row.
    combine: a column of the schema that several columns become -> one of COMBINATIONS. decimal: the sign before decimals in texts, "" = not known.
    added_by: a column of the schema, such as Suppliers.country: its rows are none of their own, and what they say is added to the rows of other tables
    that have the same there, as the transit days of a lane to the lead times of its country; "" = its rows are rows.
    day_first: whether 02/03/2027 is in March; None = not known. blanks: words that mean a blank cell. question: what is not sure of the whole table.
    """

    sheet: str
    uses: tuple[Use, ...]
    unpivots: tuple[Unpivot, ...] = ()
    fixed: Dictionary[str, Any] = field(default_factory=dict, hash=False)
    combine: Dictionary[str, str] = field(default_factory=dict, hash=False)
    added_by: str = ""
    decimal: str = ""
    day_first: bool | None = None
    blanks: tuple[str, ...] = ()
    file: str = ""
    where: str = ""
    question: str = ""

    def use(self, header: str) -> Use | None:
        """Return what a column becomes; None where the mapping does not know it."""
        return next((use for use in self.uses if use.header == header), None)

    def targets(self) -> tuple[str, ...]:
        """Return every column of the schema that the table fills."""
        found = [*(use.becomes for use in self.uses), *(name for one in self.unpivots for name in (one.names, one.values)), *self.fixed]
        return tuple(dict.fromkeys(name for name in found if name))

    def with_use_at(self, place: int, use: Use) -> TableMapping:
        """Return the mapping with another use in place of one, counted from 0."""
        return replace(self, uses=tuple(use if number == place else one for number, one in enumerate(self.uses)))

    def with_use(self, header: str, **changes: Any) -> TableMapping:
        """Return the mapping with other words about one column."""
        return replace(self, uses=tuple(replace(use, **changes) if use.header == header else use for use in self.uses))


@dataclass(frozen=True, slots=True)
class Answer:
    """What the planner gave for a column that no table has. by: the column that decides, "" = one value for all; values: its value, or "*" -> the answer."""

    column: str
    by: str = ""
    values: Dictionary[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Everything that turns a planner's files into a case. settings: name -> value. rates: a currency -> what one of it is worth in the case's.

    confirmed: whether a person has looked at it. Raises nothing; `from_json` raises WorkbookError.
    """

    tables: tuple[TableMapping, ...] = ()
    settings: Dictionary[str, Any] = field(default_factory=dict, hash=False)
    answers: tuple[Answer, ...] = ()
    rates: Dictionary[str, float] = field(default_factory=dict, hash=False)
    confirmed: bool = False

    def answer(self, column: str) -> Answer | None:
        """Return what was given for a column; None if nothing was."""
        return next((answer for answer in self.answers if answer.column == column), None)

    def with_answer(self, answer: Answer) -> Mapping:
        """Return the mapping with one answer in place of what was given for its column."""
        return replace(self, answers=(*(one for one in self.answers if one.column != answer.column), answer))

    def with_table(self, number: int, table: TableMapping) -> Mapping:
        """Return the mapping with one table's in place of another, counted from 0."""
        return replace(self, tables=tuple(table if place == number else one for place, one in enumerate(self.tables)))

    def as_confirmed(self) -> Mapping:
        """Return the mapping as the planner has confirmed it: nothing of it is a mere proposal any more. Units that are open stay open."""
        tables = tuple(
            replace(
                table,
                question="",
                uses=tuple(replace(use, question="") for use in table.uses),
                unpivots=tuple(replace(one, question="") for one in table.unpivots),
            )
            for table in self.tables
        )
        return replace(self, tables=tables, confirmed=True)

    def to_json(self) -> str:
        """Return the mapping as a text that people can read and change."""
        return json.dumps({"format": FORMAT, **_plain(self)}, ensure_ascii=False, indent=1, default=str) + "\n"

    @staticmethod
    def from_json(text: str, name: str = "the mapping") -> Mapping:
        """Return the mapping that `to_json` wrote. WorkbookError names each entry that is none."""
        try:
            content = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise WorkbookError([Problem(name, "", f"The mapping is not JSON: {error}.")], source=name) from None
        faults: list[str] = []
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            faults.append(f"The mapping has not the format {FORMAT}, which this version reads.")
            content = {}
        found: Mapping = _read(Mapping, {key: value for key, value in content.items() if key != "format"}, "", faults)
        if not faults:
            faults += _unknown(found)
        if faults:
            raise WorkbookError([Problem(name, "", fault) for fault in faults], source=name)
        # What is confirmed in the file answers its own questions; those of next month's file are put when it is there.
        return found.as_confirmed() if found.confirmed else found


def _plain(value: Any) -> Any:
    """Return a dataclass as what JSON can hold, without what stands on its default."""
    if hasattr(value, "__dataclass_fields__"):
        plain = {one.name: getattr(value, one.name) for one in fields(value)}
        return {name: _plain(held) for name, held in plain.items() if held not in ("", None, (), {}, False) or name in ("becomes", "sheet")}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return {str(key): _plain(held) for key, held in value.items()} if isinstance(value, Dictionary) else value


_LISTS: dict[str, type[Any]] = {"tables": TableMapping, "uses": Use, "unpivots": Unpivot, "answers": Answer}
_NEEDED: dict[type[Any], tuple[str, ...]] = {
    Use: ("header",),
    TableMapping: ("sheet", "uses"),
    Unpivot: ("headers", "names", "values"),
    Answer: ("column",),
    Mapping: (),
}
_TEXTS = ("headers", "blanks")
_DICTIONARIES = ("settings", "rates", "fixed", "combine", "values", "words")
_FLAGS = ("periods", "confirmed", "day_first", "down")


def _read(kind: type[Any], content: Any, where: str, faults: list[str]) -> Any:
    """Return an entry of a mapping as its class; what it cannot hold is added to the faults."""
    if not isinstance(content, dict):
        faults.append(f"{where or 'The mapping'} is no group of named entries.")
        return kind() if kind is Mapping else None
    known = {one.name for one in fields(kind)}
    held: dict[str, Any] = {}
    for key, value in content.items():
        place = f"{where}{key}"
        if key not in known:
            faults.append(f"{place} is not known here; there may be {', '.join(sorted(known))}.")
        elif key in _LISTS or key in _TEXTS:
            held[key] = _list(key, value, place, faults)
        else:
            group = key in _DICTIONARIES and not (kind is Unpivot and key == "values")
            fits, what = (
                (isinstance(value, dict), "no group of named entries")
                if group
                else (isinstance(value, bool) or value is None, "neither true nor false")
                if key in _FLAGS
                else (isinstance(value, str), "no text")
            )
            if fits:
                held[key] = value
            else:
                faults.append(f"{place} is {what}.")
    missing = [name for name in _NEEDED[kind] if name not in held]
    faults += [f"{where}{name} is missing." for name in missing]
    return None if missing else kind(**held)


def _list(key: str, value: Any, place: str, faults: list[str]) -> tuple[Any, ...]:
    if not isinstance(value, list):
        faults.append(f"{place} is no list.")
        return ()
    if key in _LISTS:
        return tuple(_read(_LISTS[key], one, f"{place}[{number}].", faults) for number, one in enumerate(value, start=1))
    if not all(isinstance(one, str) for one in value):
        faults.append(f"{place} is no list of texts.")
    return tuple(value)


def _unknown(mapping: Mapping) -> list[str]:
    """Return a sentence for each column, setting or way that a mapping names and that there is not."""
    faults = []
    for number, table in enumerate(mapping.tables, start=1):
        if table.sheet and sheet_named(table.sheet) is None:
            faults.append(f"tables[{number}].sheet: there is no sheet {table.sheet}.")
        faults += [f"tables[{number}]: there is no column {name}." for name in table.targets() if column_of(name) is None]
        faults += [f"tables[{number}].combine: {way} is none of {', '.join(COMBINATIONS)}." for way in table.combine.values() if way not in COMBINATIONS]
        values = (*table.fixed.values(), *(word for use in table.uses for word in use.words.values()))
        faults += [f"tables[{number}]: {value!r} is no single value." for value in values if isinstance(value, (list, dict))]
        faults += [
            f"tables[{number}]: part is a number or {EACH_ROW}, not {use.part}." for use in table.uses if not (use.part.isdigit() or use.part in ("", EACH_ROW))
        ]
        if table.added_by and column_of(table.added_by) is None:
            faults.append(f"tables[{number}].added_by: there is no column {table.added_by}.")
        if table.decimal not in ("", ".", ","):
            faults.append(f'tables[{number}].decimal is "." or ",".')
    faults += [f"answers: there is no column {answer.column}." for answer in mapping.answers if column_of(answer.column) is None]
    given = (*mapping.settings.values(), *(value for answer in mapping.answers for value in answer.values.values()))
    faults += [f"settings, answers: {value!r} is no single value." for value in given if isinstance(value, (list, dict))]
    faults += [f"settings: there is no setting {name}." for name in mapping.settings if name not in {column.name for column in SETTINGS.columns}]
    rates = [rate for rate in mapping.rates.values() if rate is not None and not (isinstance(rate, (int, float)) and 0 < rate < LARGEST_NUMBER)]
    faults += [f"rates: {rate!r} is no number above 0." for rate in rates]
    return faults


# -- columns by name -------------------------------------------------------------------------------------------------------


def usual_combination(target: str) -> str:
    """Return how several columns that become one are put together unless the planner says otherwise: numbers are added up, texts follow each other."""
    column = column_of(target)
    return SUM if column is not None and column.kind in NUMBER_KINDS else TEXT


def sheet_named(name: str) -> Sheet | None:
    """Return the sheet of the schema of that name; None if there is none."""
    return next((sheet for sheet in INPUTS if sheet.name == name), None)


@cache
def column_of(target: str) -> Column | None:
    """Return the column that a name such as Suppliers.price means; None if there is none."""
    if target == PERIOD_QUANTITY:
        return Column("quantity of a period", "number", "The quantity of a period or day; all that fall into one period are added up.", "{unit}", low=0)
    if target == PERIOD_NAME:
        return Column("period", "date", "The period or day of a quantity.")
    sheet = sheet_named(target.partition(".")[0])
    name = target.partition(".")[2]
    return next((column for column in sheet.columns if column.name == name), None) if sheet else None
