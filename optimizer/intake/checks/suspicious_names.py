"""Warnings on names: two spellings of one, and countries in a bloc that is not theirs. Each docstring is the planner's message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from optimizer.case import Case
from optimizer.errors import Repair, UseOneName
from optimizer.intake.cells.parse import shown
from optimizer.intake.checks.rules import Finding, WorkbookRead, at
from optimizer.intake.names.countries import country_of
from optimizer.intake.names.spellings import COMPANY, COUNTRY
from optimizer.intake.rows.twins import Twin
from optimizer.schema.language import fold

Findings = Iterator[Finding]

_USUALLY_CHINESE = ("CN", "HK", "MO")
"""ISO codes of the countries whose suppliers are usually of the bloc chinese."""
_CAMPS = {"chinese": "chinese", "other": "other", "allied": "allied", "onshored": "allied"}
"""Bloc -> what it means for a country: a plant at home may stand beside other suppliers of an allied country."""


def counted_as_one(book: WorkbookRead, case: Case) -> Findings:
    """{name} is {first} of row {row} in another spelling: both count as one {noun}, also in limits and disruptions. Expected one spelling
    of each name. Make them one, or, if they are two, give one of them another name."""
    for twin in book.twins:
        if twin.united:
            yield _at(twin)


def nearly_alike(book: WorkbookRead, case: Case) -> Findings:
    """{name} looks like {first} of row {row} in another spelling, but they count as two{limits}. Expected one spelling of each name. Make
    them one, or leave it if they are two."""
    for twin in book.twins:
        if not twin.united:
            yield _at(twin, limits=_limits_passed(case, twin))


def _at(twin: Twin, **facts: str) -> Finding:
    noun = {COMPANY: "supplier", COUNTRY: "country"}.get(twin.kind, "name")
    names = {"name": f"'{twin.pair.name}'", "first": f"'{twin.pair.first}'"}
    return at(twin.sheet, twin.row, twin.column, _made_one(twin), row=twin.first_row, noun=noun, **names, **facts)


def _made_one(twin: Twin) -> Iterator[Repair]:
    """Yield the two ways to make two spellings one: the first spelling everywhere, or the second."""
    for old, new in ((twin.pair.name, twin.pair.first), (twin.pair.first, twin.pair.name)):
        yield UseOneName(f"Write {shown(new)} everywhere", twin.columns, old, new)


def _limits_passed(case: Case, twin: Twin) -> str:
    """Return the limits that each of two spellings keeps by itself, in words."""
    column, measure = {COMPANY: ("supplier", "largest_supplier_share"), COUNTRY: ("country", "largest_country_share")}.get(twin.kind, ("", ""))
    names = {twin.pair.name, twin.pair.first}
    passed = [row.limit for row in case.limits if column and (row.measure == measure or len(names & set(getattr(row, column))) == 1)]
    return f", each of which may reach {' and '.join(passed)} by itself" if passed else ""


def country_in_another_bloc(book: WorkbookRead, case: Case) -> Findings:
    """{column} is {bloc} for {country}{where}, whose suppliers are usually chinese. Expected chinese. Correct it, unless this supplier
    really stands outside of China's reach."""
    for row, column, country, bloc in _placed(case):
        known = country_of(country)
        if known is not None and known.code in _USUALLY_CHINESE and bloc != "chinese":
            where = "" if known.code == "CN" else ", a part of China"
            yield at("Suppliers", row, column, _bloc(book, row, column, "chinese"), column=column, country=country, bloc=bloc, where=where)


def country_in_two_blocs(book: WorkbookRead, case: Case) -> Findings:
    """{column} is {bloc} for {country}, but {others} in {rows}. Expected one bloc for the suppliers of a country. Correct it, unless this
    supplier really stands apart."""
    places: dict[str, list[tuple[int, str, str, str]]] = {}
    for row, column, country, bloc in _placed(case):
        known = country_of(country)
        if known is None or known.code not in _USUALLY_CHINESE:
            places.setdefault(known.code if known else fold(country), []).append((row, column, country, bloc))
    for found in places.values():
        counts = Counter(_CAMPS[bloc] for *_, bloc in found)
        if len(counts) < 2:
            continue
        # Where two are as frequent, the first met is the usual one, but never chinese: these are other countries.
        usual = max(counts, key=lambda camp: (counts[camp], camp != "chinese"))
        others = [place for place in found if _CAMPS[place[3]] == usual]
        rows = list(dict.fromkeys(str(place[0]) for place in others))
        for row, column, country, bloc in found:
            if _CAMPS[bloc] != usual:
                yield at(
                    "Suppliers",
                    row,
                    column,
                    _bloc(book, row, column, others[0][3]),
                    column=column,
                    bloc=bloc,
                    country=country,
                    others=others[0][3],
                    rows=f"row{'s' if rows[1:] else ''} {', '.join(rows[:5])}{' and more' if rows[5:] else ''}",
                )


def _bloc(book: WorkbookRead, row: int, column: str, bloc: str) -> tuple[Repair, ...]:
    """Return the repair that writes another bloc into an offer's cell."""
    return book.set_cells(f"Use {shown(bloc)}", "Suppliers", {(row, column): bloc})


def _placed(case: Case) -> Iterator[tuple[int, str, str, str]]:
    """Yield row, column of the bloc, country and bloc of every offer, and of every feedstock."""
    for offer in case.offers:
        if offer.country:
            yield offer.row, "bloc", offer.country, offer.bloc
        if offer.feedstock_country and offer.feedstock_bloc:
            yield offer.row, "feedstock_bloc", offer.feedstock_country, offer.feedstock_bloc


RULES = (counted_as_one, nearly_alike, country_in_another_bloc, country_in_two_blocs)
