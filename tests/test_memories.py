"""What a node remembers of its past, on trees of two futures, worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support import case, offer, ore, settings

from optimizer.case import Case, Disruption, Limit, Project
from optimizer.scenarios.memory import with_memories
from optimizer.scenarios.tree import NOTHING, Memory, Regime, build_tree

CALM, BAN, STRIKE = (), (0,), (1,)
FIRST = [CALM, BAN, CALM, CALM, CALM]
"""The ban is active in the second of five years alone."""

LAST = [CALM, CALM, CALM, BAN, STRIKE]
"""The ban is active in the fourth year, the strike in the fifth."""


def told(given: Case, course: list[Regime]) -> list[Memory]:
    """What is remembered in each year of one of the two futures; the second is the reference path."""
    given = replace(given, settings=settings(periods=5), disruptions=(ban(), strike()) if not given.disruptions else given.disruptions)
    tree = build_tree([(FIRST, 0.4, "first"), (LAST, 0.6, "last")], [2, 3], "exact", reference=LAST)
    (leaf,) = [scenario.leaf for scenario in tree.scenarios if scenario.name == ("first" if course is FIRST else "last")]
    remembering = with_memories(given, tree)
    assert [remembering.regimes[remembering.regime[node]] for node in tree.path(leaf)] == course
    return [remembering.memory(int(remembering.regime[node])) for node in tree.path(leaf)]


def ban(**changes) -> Disruption:
    return Disruption(2, "ban", 0.1, 12.0, **{"capacity_remaining": 0.5, "supplier": ("A",), **changes})


def strike(**changes) -> Disruption:
    return Disruption(3, "strike", 0.1, 12.0, **{"capacity_remaining": 0.5, "supplier": ("B",), **changes})


def test_a_case_without_such_rules_remembers_nothing():
    """Its tree is the same, whatever limits hold everywhere."""
    for limits in ((), (Limit(2, "rule", "stock_quantity", maximum=5.0),), (Limit(2, "rule", "stock_quantity", minimum=5.0, holds="everywhere"),)):
        assert told(case(limits=limits), FIRST) == told(case(limits=limits), LAST) == [NOTHING] * 5


def test_a_limit_on_the_reference_path_tells_its_nodes_apart():
    """The first year is shared; after it the futures part."""
    given = case(limits=(Limit(2, "rule", "stock_quantity", minimum=5.0, holds="reference path"),))
    assert [memory.on_reference for memory in told(given, LAST)] == [True] * 5
    assert [memory.on_reference for memory in told(given, FIRST)] == [True] + [False] * 4


@pytest.mark.parametrize(
    "months, first, last", [(0.0, [1], [3]), (12.0, [1, 2], [3, 4]), (13.0, [1, 2, 3], [3, 4]), (24.0, [1, 2, 3], [3, 4]), (None, [1, 2], [3, 4])]
)
def test_a_minimum_is_released_while_its_disruption_lasts_and_as_long_as_it_takes_to_refill(months, first, last):
    """The months of refilling, a year where nothing is said, count from the last year in which the ban is active, rounded up."""
    given = case(limits=(Limit(2, "rule", "stock_quantity", minimum=5.0, released_by=("ban",), refill_months=months),))
    for course, years in ((FIRST, first), (LAST, last)):
        assert [t for t, memory in enumerate(told(given, course)) if memory.released] == years
        assert {pair for memory in told(given, course) for pair in memory.released} == {(0, "ore")}


def test_each_limit_and_material_is_released_by_what_takes_its_supply():
    """Without names, a disruption releases the reserves of the materials that it strikes; a maximum is never released, and what is not struck neither."""
    given = case(
        materials=(ore(), ore("metal"), ore("salt")),
        offers=(offer("A"), offer("B", "metal"), offer("C", "salt")),
        limits=(Limit(2, "most", "stock_quantity", maximum=5.0), Limit(3, "least", "stock_quantity", minimum=5.0, refill_months=0.0)),
    )
    assert [memory.released for memory in told(given, LAST)] == [frozenset()] * 3 + [frozenset({(1, "ore")}), frozenset({(1, "metal")})]
    of_metal = replace(given, limits=(*given.limits, Limit(4, "metal", "stock_quantity", minimum=5.0, material=("metal",), refill_months=0.0)))
    assert told(of_metal, LAST)[4].released == {(1, "metal"), (2, "metal")}


def later(**changes) -> dict:
    """An offer of A whose goods leave a year after they are ordered, under a contract that is paid for unused, and a ban that delays it by a year."""
    sold = {"terms": "contract", "take_or_pay": 0.5, "lead_time_months": 12.0, "ships_after_months": 12.0, **changes}
    return {"offers": (offer("C"), offer("A", **sold)), "disruptions": (ban(lead_time_added_months=12.0), strike())}


def test_the_orders_that_are_due_are_those_of_the_year_of_their_wait():
    """Orders of a calm year are due a year later, those of the year of the ban two years later; before the first is due there is none."""
    assert [memory.due_since for memory in told(case(**later()), FIRST)] == [(), ((1, 0),), ((1, 0),), ((1, 2),), ((1, 3),)]
    assert [memory.due_since for memory in told(case(**later()), LAST)] == [(), ((1, 0),), ((1, 1),), ((1, 2),), ((1, 2),)]


@pytest.mark.parametrize("changes", [dict(take_or_pay=0.0), dict(ships_after_months=0.0), dict(supplier="B"), dict(terms="spot", take_or_pay=0.0)])
def test_an_offer_whose_dues_follow_from_the_date_remembers_none(changes):
    """What is not paid for unused, ships at once, or is never delayed asks for no memory."""
    given = case(**later())
    given = replace(given, offers=(given.offers[0], replace(given.offers[1], **changes)))
    assert told(given, FIRST) == [NOTHING] * 5


def waiting(months: float, **changes) -> dict:
    """A mill that may wait for the ban or the strike, and takes so many months."""
    return {"projects": (Project(2, "mill", 50.0, months, may_wait_for=("ban", "strike"), **changes),)}


@pytest.mark.parametrize(
    "months, changes, first, last",
    [
        (24.0, {}, {1: 0, 2: 1, 3: 2, 4: 2}, {3: 0, 4: 1}),
        (12.0, {}, {1: 0, 2: 1, 3: 1, 4: 1}, {3: 0, 4: 1}),
        (0.0, {}, {1: 0, 2: 1, 3: 1, 4: 1}, {3: 0, 4: 1}),
        (24.0, {"earliest_start": 2}, {}, {3: 0, 4: 1}),
        (24.0, {"latest_start": 2}, {1: 0, 2: 1, 3: 2, 4: 2}, {}),
    ],
)
def test_a_project_that_waits_begins_when_its_disruption_is_first_active(months, changes, first, last):
    """It counts the years since then, no more than it takes and at least one, if it may start then at all."""
    given = case(offers=(offer(project="mill"),), **waiting(months, **changes))
    for course, since in ((FIRST, first), (LAST, last)):
        begun = [dict(((project, name), years) for project, name, years in memory.begun) for memory in told(given, course)]
        assert {t: memory["mill", "ban"] for t, memory in enumerate(begun) if ("mill", "ban") in memory} == since
    assert [("mill", "strike", 0) in memory.begun for memory in told(case(**waiting(24.0)), LAST)] == [False] * 4 + [True]


@pytest.mark.parametrize("months, first", [(0.0, [2, 3, 4]), (12.0, [3, 4]), (24.0, [4]), (36.0, [])])
def test_a_project_was_ready_for_what_is_due_if_it_was_when_that_was_ordered(months, first):
    """The ban begins in the second year; what is due was ordered a year before."""
    sold = {"terms": "contract", "take_or_pay": 0.5, "lead_time_months": 12.0, "ships_after_months": 12.0, "project": "mill"}
    given = case(offers=(offer("C", project="other"), offer("B", **sold)), **waiting(months))
    assert [t for t, memory in enumerate(told(given, FIRST)) if (1, "ban") in memory.ready_for] == first
    assert {pair for memory in told(given, FIRST) for pair in memory.ready_for} <= {(1, "ban")}
