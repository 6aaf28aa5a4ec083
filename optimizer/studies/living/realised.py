"""What really happened in place of what a case believed: active disruptions, prices, and the share of each capacity that could be had, by period.

RealisedData are the parameters of a case as they are known in one period. What has been seen by then stands as it was. What is still to come is
believed as the case believes it, but for two things. A price that was seen above or below what the case says for the same regime is expected to
stay so by the same ratio, as in a random walk (which forecasts of exchange rates fail to beat: Meese & Rogoff, 1983). And what could be had of an
offer is expected again whenever the same disruptions strike it, or none does as none did then.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import expm1, log1p
from pathlib import Path
from typing import Any

from optimizer.case import Case, Disruption
from optimizer.model.data import CaseData
from optimizer.scenarios.tree import Regime

SEPARATOR = ";"
"""Between the names of the disruptions that are active in one period."""

ALIKE = 1e-12
"""Relative difference up to which two prices or shares are the same."""


@dataclass(frozen=True, slots=True)
class Quote:
    """What was seen of one offer in one period, named as a workbook names it.

    period: its label, such as "2024-Q1". price: spot price in the currency and unit of the case, None = as the case says at the last ratio seen.
    available: share of the capacity that could be had, 0 or more; None = as the case says of the disruptions that were active.
    """

    period: str
    supplier: str
    material: str
    price: float | None = None
    available: float | None = None
    offer: str = ""


@dataclass(frozen=True, slots=True)
class RealisedHistory:
    """What really happened. active: for each period of the horizon, by its label, the names of the disruptions that were active."""

    title: str
    active: Mapping[str, tuple[str, ...]]
    quotes: tuple[Quote, ...] = ()

    def path(self, case: Case) -> tuple[Regime, ...]:
        """Return the regime of each period, by the positions of the disruptions in the case. ValueError for another horizon or an unknown name."""
        labels, position = case.calendar.labels, {row.disruption: k for k, row in enumerate(case.disruptions)}
        if missing := [label for label in labels if label not in self.active]:
            raise ValueError(f"The history does not say which disruptions were active in {', '.join(missing)}, which the horizon of the case includes.")
        if unknown := sorted({name for label in labels for name in self.active[label]} - set(position)):
            raise ValueError(f"The case lists no disruption of the name {', '.join(unknown)}, which the history says was active.")
        return tuple(tuple(sorted(position[name] for name in set(self.active[label]))) for label in labels)

    def by_offer(self, case: Case) -> dict[tuple[int, int], Quote]:
        """Return (position of the offer, period) -> what was seen. Periods after the horizon are left out.

        ValueError for an offer or a period that the case does not know, a value below 0, and an offer that is quoted twice in one period.
        """
        position, period = {offer.key: s for s, offer in enumerate(case.offers)}, {label: t for t, label in enumerate(case.calendar.labels)}
        found: dict[tuple[int, int], Quote] = {}
        for quote in self.quotes:
            key = (quote.supplier, quote.material, quote.offer)
            if key not in position:
                raise ValueError(f"The case lists no offer {' / '.join(part for part in key if part)}, which the history quotes.")
            if min(quote.price or 0.0, quote.available or 0.0) < 0:
                raise ValueError(f"The history quotes a value below 0 for {quote.supplier} in {quote.period}.")
            if quote.period not in period:
                if quote.period not in self.active:
                    raise ValueError(f"The history quotes {quote.supplier} in {quote.period}, which is none of its periods.")
                continue
            if found.setdefault((position[key], period[quote.period]), quote) is not quote:
                raise ValueError(f"The history quotes {quote.supplier}, {quote.material} twice in {quote.period}.")
        return found


def read_history(folder: str | Path) -> RealisedHistory:
    """Read a history from a folder: active.csv (period, disruptions; separated by a semicolon) and quotes.csv (fields of Quote, and notes).

    The folder's name is the title. Columns of other names, such as source, grade and note, are for the reader and are not used.
    """
    folder = Path(folder)
    active = {row["period"]: tuple(filter(None, map(str.strip, row["disruptions"].split(SEPARATOR)))) for row in _rows(folder / "active.csv")}
    return RealisedHistory(folder.name.replace("_", " "), active, tuple(map(_quote, _rows(folder / "quotes.csv"))))


def _rows(path: Path) -> Iterable[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _quote(row: Mapping[str, str]) -> Quote:
    def value(name: str) -> float | None:
        return float(row[name]) if row[name].strip() else None

    return Quote(row["period"], row["supplier"], row["material"], value("price"), value("available"), row.get("offer", ""))


def read_beliefs(file: str | Path, case: Case) -> dict[str, Case]:
    """Return the case under each of several beliefs, by their names, from a .csv file with a line for each belief and disruption.

    Its columns are beliefs, disruption, annual_probability and mean_duration_months. What it does not list stays as in the case. ValueError for a
    disruption that the case does not list.
    """
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for row in _rows(Path(file)):
        found.setdefault(row["beliefs"], {})[row["disruption"]] = float(row["annual_probability"]), float(row["mean_duration_months"])
    known = {row.disruption for row in case.disruptions}
    for name, changed in found.items():
        if unknown := sorted(set(changed) - known):
            raise ValueError(f"The case lists no disruption of the name {', '.join(unknown)}, of which '{name}' says what is believed.")

    def under(row: Disruption, changed: Mapping[str, tuple[float, float]]) -> Disruption:
        probability, months = changed.get(row.disruption, (row.annual_probability, row.mean_duration_months))
        return replace(row, annual_probability=probability, mean_duration_months=months)

    return {name: replace(case, disruptions=tuple(under(row, changed) for row in case.disruptions)) for name, changed in found.items()}


def updated(case: Case, path: Sequence[Regime], now: int, record_years: float) -> Case:
    """Return the case with the annual probabilities that follow from what has begun, and what has not, from its first period to period `now`.

    A rate is believed as if so many years of record had shown it: with a gamma prior it becomes (rate · record years + beginnings) / (record years +
    years in which it could have begun), (Gelman et al., 2013, section 2.6). Probabilities of a decision date, and while another disruption raises
    them, stay as they are.
    """
    position = {row.disruption: k for k, row in enumerate(case.disruptions)}

    def at_risk(row: Disruption, t: int) -> bool:
        """Return whether it could have begun in period t at its annual probability."""
        before = path[t - 1]
        waits = row.follows is not None and position[row.follows] not in before
        raised = row.raised_by is not None and position[row.raised_by] in before
        return not (waits or raised or position[row.disruption] in before or row.decision_date == t)

    def after(row: Disruption) -> Disruption:
        periods = [t for t in range(1, now + 1) if at_risk(row, t)]
        if row.annual_probability >= 1 or not periods:
            return row
        begun = sum(position[row.disruption] in path[t] for t in periods)
        rate = (-log1p(-row.annual_probability) * record_years + begun) / (record_years + len(periods) * case.calendar.years)
        return replace(row, annual_probability=-expm1(-rate))

    return replace(case, disruptions=tuple(map(after, case.disruptions)))


class RealisedData(CaseData):
    """The parameters of a case as they are known in one period.

    path: the regimes of the periods, as they were. quotes: by offer and period, as RealisedHistory.by_offer has them. priced, delivered: the last
    period whose prices, and whose deliveries, have been seen; -1: none.
    """

    def __init__(self, case: Case, path: tuple[Regime, ...], quotes: Mapping[tuple[int, int], Quote], priced: int, delivered: int) -> None:
        self.path, self.quotes, self.priced, self.delivered = path, quotes, priced, delivered
        super().__init__(case)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what it is made of."""
        return type(self), (self.case, self.path, self.quotes, self.priced, self.delivered)

    def spot_price(self, s: int, t: int, regime: Regime) -> float:
        """Return the spot price per unit of offer s: as it was seen, or as the case says at the last ratio that was seen."""
        for seen in range(min(t, self.priced), -1, -1):
            quote = self.quotes.get((s, seen))
            if quote is None or quote.price is None:
                continue
            if seen == t and regime == self.path[t]:
                return quote.price
            usual = super().spot_price(s, seen, self.path[seen])
            if usual > 0:
                return super().spot_price(s, t, regime) * quote.price / usual
        return super().spot_price(s, t, regime)

    def availability(self, s: int, t: int, regime: Regime) -> float:
        """Return the share of offer s's capacity that can be had: as it was seen, as it was last seen under the same strikes, or as the case says."""
        usual = super().availability(s, t, regime)
        first = self.offers[s].available_from
        for seen in range(min(t, self.delivered), -1, -1):
            quote = self.quotes.get((s, seen))
            if quote is None or quote.available is None:
                continue
            if seen == t or (self.strikes(s, self.path[seen]) == self.strikes(s, regime) and (first is None or first <= seen)):
                return quote.available
        return usual

    def strikes(self, s: int, regime: Regime) -> frozenset[int]:
        """Return the disruptions of a regime that strike offer s or its feedstock."""
        own, feed, _ = self.struck[s]
        return (own | feed).intersection(regime)

    def like(self, other: RealisedData, t: int) -> bool:
        """Return whether prices and deliveries of a period are the same as in other data of the same case."""

        def near(one: float, two: float) -> bool:
            return abs(one - two) <= ALIKE * max(abs(one), abs(two))

        regime = self.path[t]
        return all(
            near(self.spot_price(s, t, regime), other.spot_price(s, t, regime)) and near(self.availability(s, t, regime), other.availability(s, t, regime))
            for s in range(len(self.offers))
        )
