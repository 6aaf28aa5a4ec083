"""Read the name of a month, in full or shortened, in the languages that planners' workbooks come in."""

from __future__ import annotations

from functools import cache

from optimizer.schema.language import without_accents

_NAMES = (
    ("january", "januar", "jänner", "janvier", "enero", "gennaio", "styczeń"),
    ("february", "februar", "feber", "février", "febrero", "febbraio", "luty"),
    ("march", "märz", "mars", "marzo", "marzec"),
    ("april", "avril", "abril", "aprile", "kwiecień"),
    ("may", "mai", "mayo", "maggio", "maj"),
    ("june", "juni", "juin", "junio", "giugno", "czerwiec"),
    ("july", "juli", "juillet", "julio", "luglio", "lipiec"),
    ("august", "août", "agosto", "sierpień"),
    ("september", "septembre", "septiembre", "setiembre", "settembre", "wrzesień"),
    ("october", "oktober", "octobre", "octubre", "ottobre", "październik"),
    ("november", "novembre", "noviembre", "listopad"),
    ("december", "dezember", "décembre", "diciembre", "dicembre", "grudzień"),
)
"""The names of each month in English, German, French, Spanish, Italian and Polish."""
_SHORTEST = 3


@cache
def month_number(word: str) -> int | None:
    """Return the number of the month that a word names; None where it names none, or may name several, as jui does (juin, juillet)."""
    plain = _form(word.rstrip("."))
    if len(plain) < _SHORTEST:
        return None
    found = {number for number, names in enumerate(_NAMES, start=1) if any(_form(name).startswith(plain) for name in names)}
    return found.pop() if len(found) == 1 else None


def _form(word: str) -> str:
    return without_accents(word.casefold())
