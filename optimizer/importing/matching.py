"""Find the mapping that was made for a table of this shape: next month's file, in which a row, a period or a column more may stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from optimizer.importing.captions import year_of
from optimizer.importing.mapping import OPEN, Mapping, TableMapping, Unpivot, Use
from optimizer.importing.tables import FoundTable
from optimizer.importing.wording import alone_in, read_header
from optimizer.schema.language import normalize

_LIKE = 0.7
"""Share of a mapping's columns that a table must have to be one of its shape."""
NEW_COLUMN = "The column is new: the mapping does not say what it is."


@dataclass(frozen=True, slots=True)
class Fit:
    """A table, and the mapping that is known for its shape; None if there is none."""

    table: FoundTable
    mapping: TableMapping | None = None


def matching(tables: Iterable[FoundTable], known: Mapping) -> tuple[Fit, ...]:
    """Return each table with what a mapping says of its shape: the table mapping that knows most of its headers."""
    fits = []
    for table in tables:
        ranked = sorted(((_likeness(table, one), -number, one) for number, one in enumerate(known.tables)), key=lambda pair: pair[:2], reverse=True)
        best = ranked[0] if ranked and ranked[0][0] >= _LIKE else None
        fits.append(Fit(table, _adapted(table, best[2]) if best else None))
    return tuple(fits)


def _likeness(table: FoundTable, made: TableMapping) -> float:
    """Return the share of headers that a table and a mapping have in common, of those of both; periods are one whatever they are."""
    mine = {key for header in table.headers if (key := _key(header, made))}
    theirs = {_key(header, made) for header in _headers(made)}
    common = len(mine & theirs)
    return common / max(len(theirs), 1) if common == len(mine) else common / max(len(mine | theirs), 1)


def _headers(made: TableMapping) -> tuple[str, ...]:
    return (*(use.header for use in made.uses), *(header for one in made.unpivots for header in one.headers))


def _key(header: str, made: TableMapping) -> str:
    """Return a header as it is compared; all periods of one group are one."""
    words = read_header(header)
    if alone_in(header) and any(one.year for one in made.unpivots):
        return "<part of a year>"
    periods = any(one.periods and words.base == read_header(one.headers[0]).base for one in made.unpivots if one.headers)
    return f"{words.base} <period>" if words.span is not None and periods else normalize(header) or header


def _adapted(table: FoundTable, made: TableMapping) -> TableMapping:
    """Return a mapping with the headers as this table spells them, its periods, and a question for each column that is new or gone."""
    spelled = {normalize(header): header for header in table.headers}
    uses, used = [], set()
    for use in made.uses:
        header = spelled.get(normalize(use.header), "")
        if header and _key(header, made) == normalize(header):
            uses.append(replace(use, header=header))
            used.add(header)
        elif use.becomes:
            uses.append(replace(use, question=f"The column {use.header} is not there any more."))
    unpivots = []
    for one in made.unpivots:
        headers = _columns_of(one, table, spelled)
        used |= set(headers)
        # Months without a year are those of another one in next year's file.
        year = (year_of(table) or OPEN) if one.year else ""
        unpivots.append(replace(one, headers=headers or one.headers, year=year, question=one.question if headers else "Its columns are not there any more."))
    uses += [Use(header, question=NEW_COLUMN) for header in table.headers if header not in used and not _is_blank(table, header)]
    return replace(made, uses=tuple(uses), unpivots=tuple(unpivots), file=table.file, where=f"{table.sheet}!{table.area}")


def _columns_of(one: Unpivot, table: FoundTable, spelled: dict[str, str]) -> tuple[str, ...]:
    if not one.periods:
        return tuple(spelled[normalize(header)] for header in one.headers if normalize(header) in spelled)
    if one.year:
        return tuple(header for header in table.headers if alone_in(header))
    base = read_header(one.headers[0]).base if one.headers else ""
    words = {header: read_header(header) for header in table.headers}
    return tuple(header for header, read in words.items() if read.span is not None and read.base == base)


def _is_blank(table: FoundTable, header: str) -> bool:
    return all(value is None or value == "" for value in table.column(header))
