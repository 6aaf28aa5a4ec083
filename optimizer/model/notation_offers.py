"""The symbols of docs/model.md for what holds of an offer by period: its own columns, or what Offer changes puts in their place."""

from __future__ import annotations

from collections.abc import Callable

from optimizer.model.data import CaseData
from optimizer.model.symbols import Model, Symbol


def _in_force(column: str) -> Callable[..., float]:
    """Return what a column of an offer is in a period: its own, or that of the latest row of Offer changes that has begun and gives one."""

    def value(m: Model, p: CaseData, s: int, t: int) -> float:
        row = p.schedules[s].change(column, t)
        return float(getattr(p.offers[s] if row is None else row, column))

    return value


def _since(column: str) -> Callable[..., float]:
    """Return the years since that value holds."""

    def value(m: Model, p: CaseData, s: int, t: int) -> float:
        row = p.schedules[s].change(column, t)
        return (t - (0 if row is None else max(row.start, 0))) * p.years

    return value


BY_PERIOD = (
    Symbol(
        r"\text{capacity}_{s,t}",
        "capacity in t: Suppliers.capacity_per_year, or that of the latest row of Offer changes that has begun by t and gives one",
        "unit per year",
        _in_force("capacity_per_year"),
    ),
    Symbol(
        r"\text{spot limit}_{s,t}",
        r"spot limit in t: spot_limit_per_year, likewise; where neither sheet gives one, $\text{capacity}_{s,t}$",
        "unit per year",
        lambda m, p, s, t: p.spot_limit(s, t),
    ),
    Symbol(
        r"\text{rate}_{s,t}",
        r"share of a contract that can be called off in t: $\text{capacity}_{s,t}$ over the largest in the periods in which the contract is live",
        "",
        lambda m, p, s, t: p.rate(s, t),
    ),
    Symbol(
        r"\text{list price}_{s,t}",
        "price in t before growth: Suppliers.price, or that of Offer changes, as for the capacity",
        "money per unit",
        _in_force("price"),
    ),
    Symbol(r"\text{price age}_{s,t}", "time since that price holds, at most since the horizon began", "years", _since("price")),
    Symbol(
        r"\text{list contract price}_{s,t}",
        "contract price in t before growth: contract_price of Suppliers or Offer changes, likewise",
        "money per unit",
        _in_force("contract_price"),
    ),
    Symbol(r"\text{contract price age}_{s,t}", "time since that contract price holds, at most since the horizon began", "years", _since("contract_price")),
    Symbol(
        r"\text{ratio}_{s,t}",
        r"ratio of an indexed contract's price to the spot price: contract_price over price of the offer's own row; from a change of contract_price on, that "
        r"over the $\text{list price}$ of the period of this change",
        "",
        lambda m, p, s, t: p.schedules[s].ratio(t),
    ),
)
"""They come first on the page: prices and quantities rest on them."""
