"""The countries of the world: their names, codes and other names in use, and a point inside each.

countries.csv holds them. Its origin: codes and names from the npm package i18n-iso-countries 7.14.0 (© 2016 widdix GmbH, MIT licence),
further names added by hand; the points are centroids of Natural Earth's outlines (see ui/assets/README.md).
"""

from __future__ import annotations

import csv
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path

_TABLE = Path(__file__).parent / "countries.csv"
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Country:
    """A country: its ISO 3166 number (as text) and code of two letters, name, and a point inside it in degrees."""

    number: str
    code: str
    name: str
    longitude: float
    latitude: float


def _plain(name: str) -> str:
    """Return a name without case, accents, spaces and marks."""
    return "".join(c for c in unicodedata.normalize("NFKD", str(name).casefold()) if c.isalnum())


@cache
def _known() -> dict[str, Country]:
    """Return every name, code and other name of every country, plain -> the country."""
    known: dict[str, Country] = {}
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            country = Country(row["number"], row["iso2"], row["name"], float(row["longitude"]), float(row["latitude"]))
            for name in (row["name"], row["iso2"], row["iso3"], *row["aliases"].split("|")):
                if name:
                    known[_plain(name)] = country
    return known


@lru_cache(maxsize=4_096)
def country_of(name: str) -> Country | None:
    """Return the country of a name or ISO code, however it is written; None if there is no such country."""
    plain = _plain(name)
    return _known().get(plain) or _known().get(plain.removeprefix("the"))


def nearest_country(name: str) -> str:
    """Return the known country whose name is most like it; "" if none is."""
    close = get_close_matches(_plain(name)[:_LONGEST], list(_known()), n=1, cutoff=0.6)
    return _known()[close[0]].name if close else ""
