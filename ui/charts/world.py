"""A map of the world with a circle for each country and bloc of the suppliers, and the suppliers that do not fit on it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd

from optimizer.case import BLOCS
from optimizer.intake import country_of, nearest_country
from ui.charts.style import NEUTRAL, PALE, Drawing, blocs_in, colours, finish, said, tips
from ui.words import charts as text
from ui.words.escape import short
from ui.words.figures import name_text, quantity

_ASSETS = Path(__file__).parents[1] / "assets"
_ANTARCTICA = "010"
_APART = 4.5
"""Degrees between the circles of one country."""


@dataclass(frozen=True, slots=True)
class Misplaced:
    """Suppliers that do not fit on the map. unknown: (name as typed, nearest known name or "", suppliers); mixed: (country, {bloc: suppliers})."""

    unknown: tuple[tuple[str, str, tuple[str, ...]], ...]
    mixed: tuple[tuple[str, dict[str, tuple[str, ...]]], ...]

    def sentences(self) -> list[str]:
        """The findings in words, names cut to fit."""
        lines = [text.nearest_country(name_text(name), nearest) for name, nearest, _ in self.unknown]
        for country, blocs in self.mixed:
            words = [f"{text.bloc_word(bloc)} ({', '.join(short(name, 30) for name in names)})" for bloc, names in blocs.items()]
            lines.append(text.several_blocs(country, "; ".join(words)))
        return lines


@cache
def _world() -> dict[str, Any]:
    return json.loads((_ASSETS / "countries-110m.json").read_text(encoding="utf-8"))


def misplaced(rows: Iterable[Mapping[str, Any]], material: str | None = None) -> Misplaced:
    """Countries that no map knows, and countries whose offers stand under several blocs. rows: as for sources_map."""
    unknown: dict[str, dict[str, None]] = {}
    blocs: dict[str, dict[str, dict[str, None]]] = {}
    for row in _rows(rows, material):
        country = country_of(row["country"])
        if country is None:
            if row["country"]:
                unknown.setdefault(row["country"], {})[row["supplier"]] = None
        elif row["bloc"]:
            blocs.setdefault(country.name, {}).setdefault(row["bloc"], {})[row["supplier"]] = None
    return Misplaced(
        tuple((name, nearest_country(name), tuple(suppliers)) for name, suppliers in unknown.items()),
        tuple((name, {bloc: tuple(found[bloc]) for bloc in found}) for name, found in blocs.items() if len(found) > 1),
    )


def _rows(rows: Iterable[Mapping[str, Any]], material: str | None) -> list[dict[str, Any]]:
    """Rows of the material with text as text; a cell that is empty is ""."""
    result = []
    for row in rows:
        words = {name: "" if pd.isna(row.get(name)) else str(row[name]).strip() for name in ("supplier", "material", "bloc", "country")}
        if material is None or words["material"] == material:
            result.append({**words, "capacity": pd.to_numeric(row.get("capacity_per_year"), errors="coerce")})
    return result


def places(rows: Iterable[Mapping[str, Any]], material: str | None = None) -> pd.DataFrame:
    """One row a country and bloc. Columns country, number, bloc, longitude, latitude, offers, capacity, suppliers."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in _rows(rows, material):
        country = country_of(row["country"])
        if country is None:
            continue
        place = found.setdefault(
            (country.name, row["bloc"]),
            {
                "country": country.name,
                "number": country.number,
                "bloc": row["bloc"],
                "longitude": country.longitude,
                "latitude": country.latitude,
                "offers": 0,
                "capacity": 0.0,
                "suppliers": {},
            },
        )
        place["offers"] += 1
        place["capacity"] += row["capacity"] if pd.notna(row["capacity"]) else 0.0
        place["suppliers"][row["supplier"]] = None
    table = pd.DataFrame(list(found.values()), columns=["country", "number", "bloc", "longitude", "latitude", "offers", "capacity", "suppliers"])
    table["suppliers"] = [list(names) for names in table["suppliers"]]
    beside = table.groupby("country").cumcount()
    count = table.groupby("country")["country"].transform("size") if len(table) else beside
    table["longitude"] = table["longitude"] + _APART * (beside - (count - 1) / 2)
    return table


def sources_spec(rows: Iterable[Mapping[str, Any]], material: str | None = None, unit: str = "") -> dict[str, Any]:
    """Return the map of `sources_map` as Vega-Lite has it. The land is put into it as it is: Altair would copy it, number by number, for each map."""
    spec: dict[str, Any] = sources_map(rows, material, unit, world={}).to_dict(validate=False)
    spec["layer"][0]["data"]["values"] = _world()
    return spec


def sources_map(
    rows: Iterable[Mapping[str, Any]], material: str | None = None, unit: str = "", height: int = 380, world: dict[str, Any] | None = None
) -> Drawing:
    """Sources of one material, circles by capacity a year, or of all (None), circles by the number of offers.

    rows: mappings with supplier, material, bloc, country, capacity_per_year, as the planner typed them. world: the countries' outlines, by default all.
    """
    data = places(rows, material)
    by_capacity = material is not None and len(data) > 0 and data["capacity"].max() > 0
    data["size"] = data["capacity"] if by_capacity else data["offers"]
    data["bloc_text"] = [text.bloc_word(bloc) for bloc in data["bloc"]]
    data["capacity_text"] = [quantity(value, f"{short(unit, 12)} a year") for value in data["capacity"]]
    data["offers_text"] = [f"{count:,}" for count in data["offers"]]
    data["supplier_text"] = [short(", ".join(short(name, 40) for name in names), 160) for names in data["suppliers"]]
    land = _land(set(data["number"]), _world() if world is None else world)
    if data.empty:
        return finish(alt.layer(land, said(text.NO_PLACES)).project("naturalEarth1"), text.ABOUT_MAP, height)
    odd = {text.bloc_word(bloc): NEUTRAL for bloc in data["bloc"] if bloc not in BLOCS}
    tooltip = {"country": text.COUNTRY, "bloc_text": text.BLOC, "supplier_text": text.SUPPLIER, "offers_text": text.OFFERS}
    if material is not None:
        tooltip["capacity_text"] = text.CAPACITY
    key = colours({**blocs_in(data["bloc"]), **odd})
    key["legend"]["symbolStrokeWidth"] = 0
    circles = (
        alt.Chart(data.drop(columns=["suppliers"]).sort_values("size", ascending=False))
        .mark_circle(opacity=0.88, stroke="white", strokeWidth=0.8)
        .encode(
            longitude="longitude:Q",
            latitude="latitude:Q",
            size=alt.Size("size:Q", legend=None, scale=alt.Scale(range=[50, 900] if by_capacity else [70, 500], zero=True)),
            color=alt.Color("bloc_text", **key),
            tooltip=tips(**tooltip),
        )
    )
    return finish(alt.layer(land, circles).project("naturalEarth1"), text.ABOUT_MAP, height)


def _land(numbers: set[str], world: dict[str, Any]) -> alt.Chart:
    """Land, the countries of the sources a little darker."""
    data = alt.Data(values=world, format=alt.TopoDataFormat(feature="countries", type="topojson"))
    has_source = alt.FieldOneOfPredicate(field="id", oneOf=sorted(number for number in numbers if number))
    return (
        alt.Chart(data)
        .mark_geoshape(stroke=PALE, strokeWidth=0.5, aria=False)  # a country is no image of its own; the chart has a description
        .transform_filter(f"datum.id != '{_ANTARCTICA}'")
        .encode(fill=alt.condition(has_source, alt.value("rgba(120, 134, 149, 0.55)"), alt.value("rgba(120, 134, 149, 0.22)")))
        .project("naturalEarth1")
    )
