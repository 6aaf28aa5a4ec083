"""What a signed contract binds the buyer to: its term, its price, what is due though nothing is called off, and what all of it costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.plan.quantities import Quantities


@dataclass(frozen=True, slots=True)
class Commitment:
    """A signed contract along the reference path, not discounted.

    offer: its position in case.offers. price: per unit, in the first period in which it is live, NaN where it never is. begins, ends: the first and the
    last period in which it is live, None where it never is. due: (T,) money due in each period if nothing is called off: the agreed share of what can
    be served, reservation and prepayment. full: (T,) money due if the whole contracted quantity is called off.
    """

    offer: int
    price: float
    begins: int | None
    ends: int | None
    due: np.ndarray
    full: np.ndarray


def commitments(results: Quantities) -> list[Commitment]:
    """List the signed contracts in the order of the sheet Suppliers."""
    return [_commitment(results, s, per_year) for s, per_year in sorted(results.decisions.contract.items()) if per_year > 0]


def _commitment(results: Quantities, s: int, per_year: float) -> Commitment:
    """Follow one contract along the reference path."""
    data, tree = results.data, results.tree
    offer = data.offers[s]
    due, full = np.zeros(tree.periods), np.zeros(tree.periods)
    live = [t for t in data.periods if offer.live(t)]
    prices = {t: data.contract_price(s, t, tree.regimes[tree.regime[tree.reference[t]]]) for t in live}
    for t in live:
        node = tree.reference[t]
        quantity = float(results.decisions.reserved[s][node]) * data.rate(s, t) * data.years
        served = data.availability(s, t, tree.regimes[tree.regime[node]])
        fixed = quantity * offer.reservation_price + (offer.prepayment * per_year if data.first_live(s) == t else 0.0)
        due[t] = quantity * offer.take_or_pay * served * prices[t] + fixed
        full[t] = quantity * served * prices[t] + fixed
    return Commitment(s, prices[live[0]] if live else np.nan, live[0] if live else None, live[-1] if live else None, due, full)
