"""How much of a material is worth having at most, the least that a path can cost, and what a compiled model is known by, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest
from constraint_cases import contract
from support import case, offer, ore, settings

from optimizer.case import Disruption, Limit, StockItem
from optimizer.model.cache import content_key
from optimizer.model.data import CaseData
from optimizer.model.risk import least_cost
from optimizer.scenarios.tree import build_tree


def usable(**changes):
    return CaseData(case(**changes)).usable


def test_no_more_is_ordered_than_is_needed():
    """10 t a year for two years; a minimum order may be one more in each of them."""
    assert usable().order == [20.0]
    assert usable(offers=(offer(minimum_order=3.0),)).order == [26.0]


@pytest.mark.parametrize(
    "salvage, changes, most",
    [
        (0.0, {"take_or_pay": 0.5}, 20.0),
        (0.5, {"take_or_pay": 0.0, "reservation_price": 1.0}, 20.0),
        (0.5, {"take_or_pay": 0.5, "minimum_contract": 70.0}, 70.0),
    ],
)
def test_what_is_paid_for_anyway_may_be_taken_to_be_left_over(salvage, changes, most):
    """Under take-or-pay a whole contract may be called off where a unit left over brings anything, if less than it costs."""
    given = usable(materials=(ore(salvage_value=salvage),), offers=(contract(**changes),))
    assert given.order == [most]


@pytest.mark.parametrize(
    "limits, room",
    [
        ((), 1.0),
        ((Limit(2, "a", "purchase_share", maximum=0.5),), 20.0),
        ((Limit(2, "a", "purchase_share", minimum=0.5),), 20.0),
        ((Limit(2, "a", "purchase_share", maximum=0.5), Limit(3, "b", "largest_supplier_share", maximum=0.25)), 80.0),
        ((Limit(2, "a", "purchase_share", maximum=1.0), Limit(3, "b", "stock_quantity", maximum=0.5)), 1.0),
    ],
)
def test_limits_on_shares_ask_for_more_purchases(limits, room):
    """Ten times as much as the shares ask for alone, all of them together; a share of all or none bounds nothing."""
    assert usable(limits=limits).dilution("ore") == pytest.approx(room)
    assert usable(limits=limits).order == pytest.approx([20.0 * room])


def test_what_there_is_of_a_material_is_its_own_stock_and_orders():
    """5 t in stock and 20 t ordered of ore; the stock of metal is no ore."""
    stock = (StockItem(2, "ore", "allied", 5.0), StockItem(3, "metal", "allied", 7.0))
    given = usable(materials=(ore(), ore("metal")), inventory=stock, offers=(offer(capacity=10.0), offer("B", capacity=0.0)))
    assert (given.had("ore"), given.had("metal")) == (25.0, 7.0)
    assert usable(offers=(offer(lead_time_months=12.0, ships_after_months=12.0),)).order == [inf]


@pytest.mark.parametrize("sale, limit, least", [(1.0, None, 30.0), (3.0, None, 45.0), (3.0, 4.0, 32.0), (4.0, 4.0, 34.0)])
def test_the_least_that_a_path_can_cost_is_that_of_selling_all(sale, limit, least):
    """15 t in two quarters at most: all left over at 2, or sold for what that is more, up to 1 t a quarter with a limit of 4 a year."""
    material = ore(salvage_value=2.0, sale_price=sale, sale_limit_per_year=limit)
    quarters, stock = settings(period="quarter"), (StockItem(2, "ore", "allied", 5.0),)
    assert least_cost(CaseData(case(settings=quarters, materials=(material,), inventory=stock, offers=(offer(capacity=20.0),)))) == pytest.approx(-least)


def test_a_compiled_model_is_known_by_the_regimes_of_each_period():
    """Of two trees with the same regimes, one of which no longer sees the ban in its last period, neither takes the other's model."""
    data = CaseData(case(settings=settings(periods=4), disruptions=(Disruption(2, "ban", 0.1, 12.0, 0.5),)))
    calm, ban = (), (0,)
    courses = ([calm] * 4, [calm, ban, ban, ban]), ([calm] * 4, [calm, ban, ban, calm])
    keys = [content_key(data, build_tree([(course, 0.5, str(k)) for k, course in enumerate(paths)], [2], "exact"), ()) for paths in courses]
    assert keys[0] != keys[1]
    again = replace(data.case, offers=tuple(replace(one, row=9) for one in data.case.offers))
    tree = build_tree([(course, 0.5, str(k)) for k, course in enumerate(courses[0])], [2], "exact")
    assert content_key(CaseData(again), tree, ()) == keys[0] != content_key(CaseData(again), tree, ("balance",))
