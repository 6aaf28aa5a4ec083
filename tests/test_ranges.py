"""Ranges of probabilities: the plan for the worst of them, by hand; the weights of futures; where there is nothing to tell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from random_cases import random_case
from support import case, offer, ore, settings

import optimizer
from optimizer.case import Case, Disruption, Project, ScenarioRow
from optimizer.model.data import canonical
from optimizer.scenarios import make_tree
from optimizer.solving.watch import Watch
from optimizer.studies import ranges
from optimizer.studies.hedging.probability_box import Box, Weighing, drawn_tree
from optimizer.studies.hedging.probability_ranges import _alternating, _begun, _hedged
from optimizer.studies.path_weights import Futures, objective


def hedged(price: float = 10.0, low: float | None = 0.1, central: float = 0.14, high: float | None = 0.4, **changes) -> Case:
    """Ten units a year for two years at 1 from China, which a ban may stop in the second, when a unit short costs 100; or under an allied contract.

    The contract is paid for in any case and replaces a unit at 1 in each year. Without it a unit costs 2 + 99p, with it 2c: signed where 2c < 2 + 99p.
    """
    return replace(
        case(
            settings=settings(),
            materials=(ore(storage_capacity=0.0),),
            offers=(offer("China", bloc="chinese"), offer("Ally", price=price, contract_price=price, capacity=10.0, row=3, terms="contract", take_or_pay=1.0)),
            disruptions=(Disruption(2, "ban", central, 12.0, 0.0, bloc=("chinese",), annual_probability_low=low, annual_probability_high=high),),
        ),
        **changes,
    )


def costs(tables) -> dict[tuple[str, str], float]:
    """The objectives, by plan and probabilities."""
    return {(row.plan, row.probabilities): row.objective for row in tables["range_costs"].itertuples()}


def words(tables) -> dict[str, str]:
    """The sentences on top, by subject."""
    return dict(zip(tables["ranges"]["subject"], tables["ranges"]["words"]))


def test_the_insurance_by_hand():
    """At 14% the contract at 10 does not pay (20 against 15.86 a unit), at 40% it does (20 against 41.6): so much it costs and saves, ten units over."""
    tables = ranges(optimizer.solve(hedged()))
    found = costs(tables)
    worst = "worst for the central plan"
    assert found["central", "central"] == pytest.approx(158.6) and found["central", worst] == pytest.approx(416.0)
    assert found["robust", "central"] == pytest.approx(200.0) and found["robust", worst] == pytest.approx(200.0)
    assert found["difference", "central"] == pytest.approx(41.4) and found["difference", worst] == pytest.approx(-216.0)
    (row,) = tables["range_probabilities"].to_dict("records")
    assert (row["low"], row["central"], row["high"], row["worst_for_central"]) == (0.1, 0.14, 0.4, 0.4)
    contract = tables["range_decisions"].query("kind == 'contract'").iloc[0]
    assert (contract["plan"], contract["central"], contract["robust"]) == (0.0, 0.0, pytest.approx(10.0)) and contract["turns"]
    said = words(tables)
    assert said["what this insurance costs"].startswith("This insurance costs USD 41: the robust plan costs so much more at the workbook's own")
    assert "at its own worst USD 216 less" in said["what this insurance costs"] and "no sampling error" in said["futures"]


def test_where_the_plan_is_best_at_its_worst_there_is_nothing_to_insure():
    """At a price of 25 the contract pays at no probability up to 40%, so that both plans are one."""
    tables = ranges(optimizer.solve(hedged(price=25.0)))
    assert "because there is none to buy" in words(tables)["what this insurance costs"]
    assert not tables["range_decisions"]["turns"].any() and costs(tables)["difference", "central"] == 0


def test_a_plan_between_two_worst_probabilities():
    """A ban makes China dear and an indexed contract cheap: neither end of the range is the worst for all plans, and the robust plan balances both.

    A unit costs 2 + 99p from China and 20 - 10p under the contract, whose price a ban brings to nothing. With the share 99/109 of the contract the cost
    does not depend on p: 10 (20·99 + 2·10)/109, less than the contract's 200 at p = 0 and China's 317 at p = 0.3.
    """
    plain = hedged(low=0.0, central=0.1, high=0.3)
    china, ally = plain.offers
    ban = replace(plain.disruptions[0], spillover_price_multiplier=0.0)
    tables = ranges(optimizer.solve(replace(plain, offers=(china, replace(ally, contract_pricing="indexed")), disruptions=(ban,))))
    found = costs(tables)
    assert found["central", "central"] == pytest.approx(119.0) and found["central", "worst for the central plan"] == pytest.approx(317.0)
    assert found["robust", "worst for the robust plan"] == pytest.approx(10 * 2000 / 109, rel=3e-4)
    contract = tables["range_decisions"].query("kind == 'contract'").iloc[0]
    assert contract["robust"] == pytest.approx(990 / 109, rel=1e-3)


def test_large_programs_are_solved_in_turns_and_come_to_the_same():
    """With yes/no decisions kept in turn and freely for a mixture, as large programs are solved, the plan by hand is found and proven."""
    given = hedged(settings=settings(risk_weight=0.0))
    offers = (offer("China", bloc="chinese"), offer("New", capacity=10.0, row=3, project="line"))
    given = replace(given, offers=offers, projects=(Project(2, "line", cost=180.0, lead_time_months=12.0),))
    plan = optimizer.solve(given)
    hedge = _begun(plan.solution, Box.of(plan.solution.built.case), Watch(), 60.0, 10**6)
    hedge.known = [hedge.weighing.box.central]
    hedge.taken(hedge.central, lambda: None)
    for _ in range(3):
        assert _alternating(hedge, Watch(), 60.0)
        if hedge.closed:
            break
    # Without the line 20 + 990 p, with it 200 in any case.
    assert hedge.closed and hedge.worst_value(hedge.best) == pytest.approx(200.0) and hedge.worst_value(hedge.central) == pytest.approx(416.0)
    again = _begun(plan.solution, Box.of(plan.solution.built.case), Watch(), 60.0, 10**6)
    _hedged(again, Watch(), 60.0)
    assert again.worst_value(again.best) == pytest.approx(200.0)


def with_ranges(given: Case) -> Case:
    """The case with ranges of half and double for every disruption."""
    rows = (
        replace(d, annual_probability_low=d.annual_probability / 2, annual_probability_high=min(1.0, 2 * d.annual_probability + 0.01))
        for d in given.disruptions
    )
    return replace(given, disruptions=tuple(rows))


@pytest.mark.parametrize("seed", [seed for seed in range(40) if random_case(seed).disruptions][:8])
def test_weights_of_all_futures_are_those_of_the_process(seed):
    """At any point of the box the weights of an exact tree are the probabilities of the tree that is made anew there."""
    given = canonical(with_ranges(random_case(seed)))
    box = Box.of(given)
    drawn, tree = drawn_tree(box)
    weighing = Weighing(box, Futures.of(drawn, tree))
    for share in (0.2, 0.9):
        point = box.low + share * (box.high - box.low)
        anew = make_tree(box.at(point))
        mine = dict(zip(weighing.futures.paths, weighing.weight(point), strict=True))
        futures = Futures.of(given, anew)
        assert {path: pytest.approx(p, abs=1e-12) for path, p in mine.items() if p > 1e-13} == dict(zip(futures.paths, futures.weight, strict=True))


@pytest.mark.parametrize("seed", [0, 5, 9])
def test_the_worst_is_that_of_a_dense_grid(seed):
    """No point of a fine grid over a box of two ranges is worse than what the search finds, whatever the costs and the weight of risk."""
    random = np.random.default_rng(seed)
    bans = tuple(
        Disruption(2 + k, name, 0.3, 9.0, 0.0, supplier=("A",), annual_probability_low=0.05, annual_probability_high=0.9) for k, name in enumerate("xy")
    )
    given = canonical(case(settings=settings(periods=4), disruptions=bans))
    box = Box.of(given)
    drawn, tree = drawn_tree(box)
    weighing = Weighing(box, Futures.of(drawn, tree))
    cost = random.normal(size=len(weighing.futures.paths)) * 100
    for risk_weight in (0.0, 0.6):
        worst = weighing.worst(cost, risk_weight, 0.8)
        found = objective(weighing.weight(worst), cost, risk_weight, 0.8)
        line = np.linspace(0.05, 0.9, 35)
        assert found >= max(objective(weighing.weight(np.array([p, q])), cost, risk_weight, 0.8) for p in line for q in line) - 1e-6 * abs(found)


def test_a_mixed_draw_estimates_other_probabilities_without_bias():
    """The chance that a rare ban begins, estimated from mixed draws, is right at the workbook's probability and at twice it, though few futures are drawn."""
    ban = Disruption(2, "ban", 0.05, 12.0, 0.0, annual_probability_low=0.0, annual_probability_high=0.3)
    quake = Disruption(3, "quake", 0.1, 6.0, 0.0, annual_probability_low=0.05, annual_probability_high=0.2)
    estimates = {0.05: [], 0.3: []}
    for seed in range(30):
        given = canonical(case(settings=settings(periods=8, scenario_method="sampled", scenarios=40, seed=seed), disruptions=(ban, quake)))
        box = Box.of(given)
        drawn, tree = drawn_tree(box)
        weighing = Weighing(box, Futures.of(drawn, tree))
        position = [given.disruptions[k].disruption for k in box.positions].index("ban")
        hit = np.array([any(position in regime for regime in path) for path in weighing.futures.paths])
        for p, found in estimates.items():
            point = box.central.copy()
            point[position] = p
            found.append(float(weighing.weight(point) @ hit))
    for p, found in estimates.items():
        exact, error = 1 - (1 - p) ** 7, np.std(found, ddof=1) / np.sqrt(len(found))
        assert abs(np.mean(found) - exact) <= 4 * error + 0.01 and np.std(found) < 0.1


def test_what_the_workbook_holds_for_impossible_can_be_planned_against():
    """A ban of probability 0, which a range lets be 40%: the plan without the contract is dearest there, and the robust plan signs it."""
    tables = ranges(optimizer.solve(hedged(low=None, central=0.0, high=0.4)))
    found = costs(tables)
    assert found["central", "central"] == pytest.approx(20.0) and found["central", "worst for the central plan"] == pytest.approx(416.0)
    assert found["robust", "worst for the robust plan"] == pytest.approx(200.0)


def test_without_ranges_and_with_listed_futures_nothing_false_is_told():
    """Without ranges the study says that the workbook has none; with listed futures that their probabilities are not concerned; no table has figures."""
    for given, part in (
        (hedged(low=None, high=None), "gives no ranges"),
        (
            hedged(settings=settings(scenario_method="auto"), scenarios=(ScenarioRow(2, "a", 0.4, disruption="ban", starts=1, duration_months=12.0),)),
            "futures are those of the sheet Scenarios",
        ),
    ):
        tables = ranges(optimizer.solve(given))
        assert part in words(tables)["ranges"] and all(len(table) == 0 for name, table in tables.items() if name != "ranges")


def test_it_can_be_stopped():
    """What the listener raises ends the study."""

    def stop(progress):
        if "plan against" in progress.words or "worst" in progress.words:
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        ranges(optimizer.solve(hedged()), stop)
