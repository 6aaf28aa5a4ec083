# ruff: noqa: E501, one column a line reads as the table that it is
"""The rows of Offer changes, and what holds of an offer in each period: its own columns, or what has taken their place since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from optimizer.schema.fields import Record, amount, column
from optimizer.schema.records import PER_UNIT, Offer

CHANGED = ("price", "capacity_per_year", "spot_limit_per_year", "contract_price")
"""The columns of Suppliers that Offer changes may change."""


# fmt: off
@dataclass(frozen=True, slots=True)
class OfferChange(Record):
    """A row of Offer changes. start: the period of `from`; no two rows of an offer change one column in one period.

    What a later date of the same period changes again, the reader leaves out of the earlier row.
    """

    supplier: str = column("name", "Who sells.", refers=("Suppliers.supplier",), example="Northern Separation")
    material: str = column("name", "What is sold.", refers=("Materials.material",), example="Dysprosium oxide")
    offer: str = column("name", "Name of the offer where the supplier makes several of the material.", default="", refers=("Suppliers.offer",))
    start: int = column("date", "The period from which the values hold.", name="from", example="2028-Q1")
    price: float | None = amount("Spot price from then on; its growth counts from then. Blank = as before.", PER_UNIT, default=None, example=330)
    capacity_per_year: float | None = amount("Most that it can deliver from then on. Blank = as before.", "{unit} per year", default=None, example=15000)
    spot_limit_per_year: float | None = amount("What the spot market can really deliver from then on. Blank = as before.", "{unit} per year", default=None)
    contract_price: float | None = amount("Price under contract from then on; its growth counts from then. Blank = as before.", PER_UNIT, default=None)
# fmt: on


@dataclass(frozen=True, slots=True)
class Schedule:
    """What holds of an offer in each period, without what a disruption does. changes: its rows of Offer changes; years: the length of a period."""

    offer: Offer
    changes: tuple[OfferChange, ...]
    years: float

    def change(self, name: str, t: int) -> OfferChange | None:
        """Return the row that says a column in period t, the latest that has begun; None where the offer's own row does."""
        begun = (row for row in self.changes if getattr(row, name) is not None and row.start <= max(t, 0))
        return max(begun, key=lambda row: row.start, default=None)

    def before(self, name: str, change: OfferChange) -> float | None:
        """Return the value of a column that a row of changes takes the place of."""
        earlier = [row for row in self.changes if getattr(row, name) is not None and row.start < change.start]
        value: float | None = getattr(max(earlier, key=lambda row: row.start, default=self.offer), name)
        return value

    def _value(self, name: str, t: int) -> float | None:
        row = self.change(name, t) if self.changes else None
        value: float | None = getattr(self.offer if row is None else row, name)
        return value

    def _growth(self, rate: float, name: str, t: int) -> float:
        """Return by how much a value has grown since it came to hold; what holds from before the horizon, since its start."""
        row = self.change(name, t)
        return float((1 + rate) ** ((t - (0 if row is None else max(0, row.start))) * self.years))

    def changes_in(self, name: str) -> bool:
        """Return whether some row changes a column."""
        return any(getattr(row, name) is not None for row in self.changes)

    def turns(self, periods: range) -> list[int]:
        """Return the first of some periods, and those of them in which something changes: between two of these no quantity does."""
        return sorted({*periods[:1], *(row.start for row in self.changes if row.start in periods)})

    # -- prices --------------------------------------------------------------------------------------------------------

    def price_in_force(self, t: int) -> float:
        """Return the price that holds in period t, before growth."""
        return self._value("price", t) or 0.0

    def price(self, t: int) -> float:
        """Return the spot price in period t."""
        return self.price_in_force(t) * self._growth(self.offer.price_growth, "price", t)

    @property
    def prices(self) -> tuple[float, ...]:
        """Return the offer's own price and those that take its place."""
        return (self.offer.price, *(row.price for row in self.changes if row.price is not None))

    def fixed_price(self, t: int) -> float:
        """Return the price of a fixed contract in period t, before floor and ceiling."""
        return (self._value("contract_price", t) or 0.0) * self._growth(self.offer.contract_price_growth, "contract_price", t)

    def ratio(self, t: int) -> float:
        """Return the ratio of an indexed contract's price to the spot price: that of the offer's own columns, or set when its contract price changed."""
        row = self.change("contract_price", t)
        if row is None:
            return self.offer.contract_price / self.offer.price if self.offer.price else 0.0
        price = self.price_in_force(row.start)
        return (row.contract_price or 0.0) / price if price else 0.0

    def contract_price(self, t: int, spot: float) -> float:
        """Return the contract price in period t: fixed or by its ratio to a spot price, then raised to the floor, then lowered to the ceiling."""
        price = spot * self.ratio(t) if self.offer.contract_pricing == "indexed" else self.fixed_price(t)
        if self.offer.price_floor is not None:
            price = max(price, self.offer.price_floor)
        return price if self.offer.price_ceiling is None else min(price, self.offer.price_ceiling)

    # -- quantities ----------------------------------------------------------------------------------------------------

    def capacity(self, t: int) -> float:
        """Return the capacity per year in period t."""
        return self._value("capacity_per_year", t) or 0.0

    def spot_limit(self, t: int) -> float:
        """Return the spot limit per year in period t: the capacity of the period where nothing says it."""
        limit = self._value("spot_limit_per_year", t)
        return self.capacity(t) if limit is None else limit

    def deliverable(self, t: int) -> float:
        """Return the most per year that can be bought in period t, however it is bought."""
        return self.capacity(t) if self.offer.contractable else min(self.capacity(t), self.spot_limit(t))

    def largest_capacity(self, periods: Iterable[int]) -> float:
        """Return the largest capacity per year of some periods; 0 without any."""
        if not self.changes:
            return self.offer.capacity_per_year if any(True for _ in periods) else 0.0
        return max(map(self.capacity, periods), default=0.0)
