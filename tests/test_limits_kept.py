"""A plan says of each limit in which share of futures and periods it is kept, released or broken, and how many orders are too small."""

from __future__ import annotations

import pytest
from constraint_cases import event, happens, limit, listed
from support import case, offer

import optimizer
from optimizer.errors import Level

EVENT = {**listed(periods=1), "scenarios": (happens(0, 0.4),), "disruptions": (event(),)}
"""One year, in which the event happens with a chance of 0.4."""


def the_limit(**changes):
    """The one row that the plan of a case with one limit has."""
    plan = optimizer.solve(case(**EVENT, limits=(limit("stock_cover_days", minimum=182.5, **changes),)))
    (row,) = plan.tables["limits"].to_dict("records")
    return plan, row


def test_a_cover_is_held_unless_it_is_released():
    """Half a year's cover is held with a chance of 0.6 and released with one of 0.4, in the table, in the JSON and in words."""
    plan, row = the_limit(released_by=("event",))
    assert row == pytest.approx({**row, "held": 0.6, "released": 0.4, "broken": 0.0, "worst": 0.0, "side": "minimum", "unit": "t"})
    (line,) = plan.to_dict()["limits"]
    assert {line[name] for name in ("limit", "material")} == {"stock_cover_days", "ore"} and (line["held"], line["released"]) == pytest.approx((0.6, 0.4))
    assert "182 days of ore are held in 60% of futures, released in 40%." in plan.sentences["hold"][0]


def test_a_cover_that_nobody_keeps_is_broken_by_all_of_it():
    """Where its penalty is less than a unit costs, it is broken wherever it holds, by all of its 5 t."""
    plan, row = the_limit(released_by=("event",), penalty=0.1)
    assert row == pytest.approx({**row, "held": 0.0, "released": 0.4, "broken": 0.6, "worst": 5.0})
    assert "released in 40%, missed in 60%" in plan.sentences["hold"][0]


def test_a_cover_on_the_reference_path_is_asked_for_there_alone():
    """Its shares are those of the reference path's periods, off which it is neither held nor released."""
    plan, row = the_limit(holds="reference path")
    assert row == pytest.approx({**row, "held": 1.0, "released": 0.0, "broken": 0.0})
    assert "on the reference path alone" in plan.sentences["hold"][0]


def test_small_orders_off_the_reference_path_are_told():
    """Where the event halves what can be had, every order is below the minimum of 6 t, and the plan warns of it; without, none is."""
    halved = {**EVENT, "disruptions": (event(remaining=0.5),)}
    plan = optimizer.solve(case(**halved, offers=(offer(capacity_per_year=10.0, minimum_order=6.0),)))
    assert plan.tables["small_orders"]["below_minimum"].tolist() == [1.0]
    assert [(w.sheet, w.level) for w in plan.all_warnings if "minimum order" in w.message] == [("Suppliers", Level.WARNING)]
    calm = optimizer.solve(case(**EVENT, offers=(offer(capacity_per_year=10.0, minimum_order=6.0),)))
    assert calm.tables["small_orders"]["below_minimum"].tolist() == [0.0] and calm.all_warnings == ()
