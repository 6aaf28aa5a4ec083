"""Fields of a record that are columns of its sheet: one line declares both.

    holding_cost_per_year: float = amount("Cost of keeping one unit for a year.", "{currency} per {unit} and year", default=0, example=4)

is a field of the record and a column of the sheet, named alike. A column without a default is required. In Python a record takes the required
columns by position or name and the others by name alone, so that a new column moves no argument of a call.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields, replace
from functools import cache
from typing import Any

from optimizer.schema.language import Column, Sheet

PERIOD_COLUMNS = "period columns"
"""The mark, in the metadata of a field, of the one that the columns headed by a period fill."""


def column(kind: str, help: str, unit: str = "", *, name: str = "", default: Any = MISSING, default_from: str | None = None, **more: Any) -> Any:
    """Declare a field that is a column; see Column for what may be said of it.

    name: of the column, where Python cannot name the field so. default: of a blank cell; None = blank stays blank. Without `default` and `default_from`
    the column is required.
    """
    required = default is MISSING and default_from is None
    declared = Column(name, kind, help, unit, required, None if default is MISSING else default, default_from, **more)
    return field(metadata={"column": declared}) if required else field(default=declared.blank, kw_only=True, metadata={"column": declared})


def amount(help: str, unit: str, **more: Any) -> Any:
    """Declare a column of numbers of at least 0."""
    return column("number", help, unit, low=0, **more)


def share(help: str, unit: str = "share", **more: Any) -> Any:
    """Declare a column of fractions 0..1, shown as percentages."""
    return column("share", help, unit, **({"low": 0, "high": 1, "percent_decimals": 1} | more))


def growth(help: str, **more: Any) -> Any:
    """Declare a column of yearly rates above -1, shown as percentages."""
    return column("share", help, "per year", low=-1, above=True, percent_decimals=1, **more)


def period_columns() -> Any:
    """Declare the field that columns headed by a period's label fill: period number -> number."""
    return field(default_factory=dict, kw_only=True, metadata={PERIOD_COLUMNS: True})


@dataclass(frozen=True, slots=True)
class Record:
    """One row of an input sheet, resolved onto the calendar. row: its number on the sheet."""

    row: int

    def __post_init__(self) -> None:
        record: Any = type(self)
        for name, source in _taken_over(record):
            if getattr(self, name) is None:
                object.__setattr__(self, name, getattr(self, source))


def columns_of(record: type[Any]) -> tuple[Column, ...]:
    """Return the columns that a class of records declares, in the order of its fields."""
    return tuple(
        replace(found, name=found.name or member.name, field=member.name) for member in fields(record) if (found := member.metadata.get("column")) is not None
    )


@cache
def _taken_over(record: type[Any]) -> tuple[tuple[str, str], ...]:
    """Return (field, the field whose value it takes where it is blank) of a class of records."""
    by_name = {column.name: column.attribute for column in columns_of(record)}
    return tuple((column.attribute, by_name[column.default_from]) for column in columns_of(record) if column.default_from)


def sheet(name: str, help: str, record: type[Any], case_field: str, *, required: bool = True, rows_required: bool = False) -> Sheet:
    """Return the input sheet whose rows become records of a class; a class that is no Record makes a sheet of settings."""
    columns = columns_of(record)
    settings = not issubclass(record, Record)
    key = ("setting",) if settings else tuple(column.name for column in columns if column.key)
    periods = next((member.name for member in fields(record) if PERIOD_COLUMNS in member.metadata), None)
    return Sheet(name, help, columns, record, case_field, key, required, rows_required, settings, periods)
