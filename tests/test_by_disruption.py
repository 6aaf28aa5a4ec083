"""What a decision saves is split among the disruptions as by hand: exactly, all of it, and nothing to an event without effect."""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from plans import plain
from random_cases import random_case
from support import case, need, offer, ore, settings

import optimizer
from optimizer.case import Disruption
from optimizer.errors import InfeasibleError
from optimizer.studies.reversing import by_disruption, masked_futures
from optimizer.studies.reversing.by_disruption import CALM, DECIDED_FOR, OTHERS, TABLES, UNKNOWN, Split, decided_for, in_words
from optimizer.studies.reversing.masked_futures import MaskedFutures, shapley
from optimizer.studies.reversing.reversals import CONTRACT, STOCK

BAN = Disruption(2, "ban", annual_probability=0.5, mean_duration_months=12.0, capacity_remaining=0.0, supplier=("A",))
IDLE = replace(BAN, row=3, disruption="idle", capacity_remaining=1.0)


def parts_of(given, kind):
    """The parts of the one decision of a kind, and what they are parts of."""
    tables = decided_for(optimizer.solve(given))
    table = tables["decided_for_parts"].query(f"kind == '{kind}'")
    (whole,) = tables["decided_for"].query(f"kind == '{kind}'").to_dict("records")
    return dict(zip(table["disruption"], table["expected"])), whole


@pytest.mark.parametrize("count", (1, 2, 4))
def test_the_shapley_value_is_the_mean_over_all_orders(count):
    """It is what each player adds on average over every order of joining; who adds nothing has nothing, and the values add up to the whole."""
    rng = np.random.default_rng(count)
    worth = {frozenset(k for k in range(count) if n >> k & 1): float(rng.normal()) for n in range(2**count)}
    worth = {some: worth[some - {0}] if count > 1 else value for some, value in worth.items()}
    found = shapley(list(range(count)), worth.__getitem__)
    orders = list(permutations(range(count)))
    for player in range(count):
        added = [worth[frozenset(o[: o.index(player) + 1])] - worth[frozenset(o[: o.index(player)])] for o in orders]
        assert found[player] == pytest.approx(np.mean(added))
    assert sum(found.values()) == pytest.approx(worth[frozenset(range(count))] - worth[frozenset()])
    assert count == 1 or found[0] == 0


def test_a_stock_is_held_for_the_ban_and_not_for_an_event_without_effect():
    """In a ban of the second year (one half) no stock leaves 5 t at 60 and 5 t short at 100, in place of 10 t at 1: half of 790, all of it the ban's."""
    given = case(offers=(offer("A"), offer("B", price=60.0, capacity=5.0, row=3)), disruptions=(BAN, IDLE))
    parts, whole = parts_of(given, STOCK)
    assert parts == {"ban": pytest.approx(395.0), "idle": pytest.approx(0.0), CALM: pytest.approx(0.0), UNKNOWN: pytest.approx(0.0)}
    assert whole["expected"] == pytest.approx(395.0)
    assert whole["words"] == (
        "Holding up to 10 t of ore in stock, the most in any future: the plan with no stock beyond what is inherited costs USD 395 more on average. "
        "Its parts: USD 395 more (100%) because of ban."
    )


def test_two_disruptions_that_hurt_only_together_share_what_they_cause():
    """A and B are banned independently, one half each; only with both (one quarter) is the stock of 10 t used, in place of 10 t short: 250 less 2.5, halved."""
    other = replace(BAN, row=3, disruption="other ban", supplier=("B",))
    given = case(offers=(offer("A"), offer("B", row=3)), disruptions=(BAN, other), materials=(ore(holding_cost_per_year=1.0),))
    parts, whole = parts_of(given, STOCK)
    # With one ban, or none, the stock of 10 t costs 10 to hold and is used all the same, in place of 10 t bought a year later.
    assert parts["ban"] == parts["other ban"] == pytest.approx(0.25 * (1000 - 10) / 2)
    assert parts[CALM] == pytest.approx(-10.0) and whole["expected"] == pytest.approx(sum(parts.values()))


def test_a_contract_that_is_cheaper_without_any_disruption_is_told_so():
    """The contract serves 10 t a year at 2 in place of 5: 60 less, whether or not an event occurs."""
    given = case(offers=(offer("A", price=2.0, capacity=10.0, terms="contract"), offer("B", price=5.0, row=3)), disruptions=(IDLE,))
    parts, whole = parts_of(given, CONTRACT)
    assert parts == {"idle": pytest.approx(0.0), CALM: pytest.approx(60.0), UNKNOWN: pytest.approx(0.0)}
    assert whole["words"].endswith("Its parts: USD 60 more (100%) if none of the disruptions occurs.")


def test_what_is_not_known_beforehand_is_a_part_of_its_own():
    """In the third year a ban may come: who knew would buy ahead only then, so that what knowing would save is told beside what the ban costs."""
    given = case(
        settings=settings(periods=3),
        materials=(ore(holding_cost_per_year=2.0),),
        offers=(offer("A"), offer("B", price=60.0, capacity=5.0, row=3)),
        demand=(need(10.0),),
        disruptions=(BAN,),
    )
    parts, whole = parts_of(given, STOCK)
    assert sum(parts.values()) == pytest.approx(whole["expected"]) and parts["ban"] > 0 and abs(parts[UNKNOWN]) > 1


@pytest.mark.parametrize("seeds", ((0, 1, 2, 3), (5, 9, 12)))
def test_on_random_cases_the_parts_add_up_and_the_tables_are_as_declared(seeds):
    """Whatever decision is split, its parts come to what the plan without it costs more."""
    split = 0
    for seed in seeds:
        try:
            plan = optimizer.solve(random_case(seed))
        except InfeasibleError:
            continue
        tables = decided_for(plan)
        assert {o.name: list(o.columns) for o in TABLES} == {name: list(table) for name, table in tables.items()}
        parts = tables["decided_for_parts"].groupby(["decision", "instead"], sort=False)["expected"].sum()
        assert parts.tolist() == pytest.approx(tables["decided_for"]["expected"].tolist(), abs=1e-6 * abs(plan.objective))
        assert tables["decided_for"]["words"].str.endswith(".").all()
        split += len(tables["decided_for"])
    assert split > 0


def test_of_many_disruptions_those_that_matter_less_are_one(monkeypatch):
    """Two bans that hurt only together and an event without effect: one ban is told by itself, and shares what they cause with the two others as one."""
    other = replace(BAN, row=3, disruption="other ban", supplier=("B",), annual_probability=0.4)
    given = case(offers=(offer("A"), offer("B", row=3)), disruptions=(BAN, other, replace(IDLE, row=4)), materials=(ore(holding_cost_per_year=1.0),))
    alone, _ = parts_of(given, STOCK)
    for module in (by_disruption, masked_futures):
        monkeypatch.setattr(module, "MOST_PLAYERS", 2)
    parts, whole = parts_of(given, STOCK)
    assert list(parts) == ["other ban", OTHERS, CALM, UNKNOWN]
    assert parts["other ban"] == parts[OTHERS] == pytest.approx(0.2 * (1000 - 10) / 2) == alone["ban"]
    assert parts[CALM] == alone[CALM] and sum(parts.values()) == pytest.approx(whole["expected"])
    assert "because of all other disruptions together" in whole["words"] and whole["words"].endswith("For lack of time, these are counted as one: ban, idle.")


def test_as_many_disruptions_stand_by_themselves_as_the_courses_allow():
    """Of three, two and the third alone make eight courses of a future in which all occur; with fewer allowed the first stands beside the two others."""
    other = replace(BAN, row=3, disruption="other ban", supplier=("B",))
    plan = optimizer.solve(case(offers=(offer("A"), offer("B", row=3)), disruptions=(BAN, other, replace(IDLE, row=4))))
    futures = MaskedFutures(plan.solution)
    assert futures.players == [{0}, {1}, {2}] and len(futures.all_courses()) == 8
    assert futures.with_others_as_one([2, 0, 1], 8).players == [{2}, {0}, {1}]
    assert futures.with_others_as_one([2, 0, 1], 7).players == [{2}, {0, 1}]


def test_without_a_disruption_that_may_or_may_not_occur_nothing_is_split():
    """The tables are empty, and the study says why."""
    assert decided_for(plain())["decided_for_parts"].empty and "no disruption occurs in some futures and not in others" in DECIDED_FOR.nothing


def test_what_there_was_no_time_for_is_left_out():
    """Without any time no decision is split."""
    given = case(offers=(offer("A"), offer("B", price=60.0, capacity=5.0, row=3)), disruptions=(BAN,))
    assert decided_for(optimizer.solve(given), seconds=0.0)["decided_for"].empty


def test_progress_stops_it_and_no_thread_is_left():
    """An exception of progress is passed on wherever it comes from, and nothing goes on."""

    class Enough(Exception):
        pass

    plan = optimizer.solve(case(offers=(offer("A"), offer("B", price=60.0, capacity=5.0, row=3)), disruptions=(BAN,)))
    before = threading.active_count()
    for word in ("getting ready", "regret", "compiled", "plan itself", "decision 1"):

        def stop(progress, word=word):
            if word in progress.words:
                raise Enough

        with pytest.raises(Enough):
            decided_for(plan, stop)
    assert threading.active_count() <= before
    with pytest.raises(ValueError, match="read back"):
        decided_for(replace(plan, solution=None))


def test_a_decision_that_costs_the_same_on_average_has_no_shares():
    """Where the worst futures alone make the difference, the parts stand without percent."""
    (reversal,) = [r for r in by_disruption.reversals_of(plain().solution, by_disruption.Watch()) if r.kind == "offer"]
    words = in_words(Split(reversal, 0.0, {"ban": 40.0, CALM: -40.0, UNKNOWN: 0.0}), "USD")
    parts = "USD 40 more because of ban; USD 40 less if none of the disruptions occurs"
    assert words == f"Buying ore from A: the plan without this offer costs the same. Its parts: {parts}."
