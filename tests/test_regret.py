"""Each decision that is taken back costs what it does by hand, the reasons add up, and what the figures do not tell is not said."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from plans import plain, solved
from random_cases import random_case
from support import case, need, offer, ore, settings

import optimizer
from optimizer.case import Disruption, Limit, Project, StockItem
from optimizer.errors import InfeasibleError
from optimizer.model.risk import conditional_value_at_risk
from optimizer.solving.extensive import solve_extensive
from optimizer.solving.watch import Phase, Watch
from optimizer.studies.reversing import resolves
from optimizer.studies.reversing.regrets import EITHER, KEEP, NEEDED, OPEN, REVERSE, TABLES, UNKNOWN, regret, verdict_of
from optimizer.studies.reversing.reversals import CONTRACT, DATE, OFFER, PROJECT, SIZE, STOCK, reversals_of
from optimizer.studies.reversing.why import tail_weights

BAN = Disruption(2, "ban", annual_probability=0.5, mean_duration_months=12.0, capacity_remaining=0.0, supplier=("A",))
SIGNED = case(offers=(offer("A", price=2.0, capacity=10.0, terms="contract"), offer("B", price=5.0, row=3)))
"""10 t a year for two years: A under contract at 2, B spot at 5. Signed, it costs 40; without the contract 100."""

WITH_BAN = case(
    offers=(offer("A", price=1.0), offer("B", price=60.0, capacity=5.0, row=3)),
    disruptions=(BAN, replace(BAN, row=3, disruption="idle", capacity_remaining=1.0)),
)
"""A sells at 1 and may be banned in the second year (one half), B sells 5 t a year at 60: the plan stocks 10 t and costs 20."""


def made(given, **options):
    """The tables of a case."""
    return regret(optimizer.solve(given, **options))


def row(table, **where):
    """The one row of a table where columns have these values."""
    for column, value in where.items():
        table = table[table[column] == value]
    (found,) = table.to_dict("records")
    return found


def test_a_signed_contract_is_worth_what_the_dearer_source_costs_more():
    """Without A's contract 20 t cost 5 instead of 2: 60 more, all of it purchases."""
    tables = made(SIGNED)
    found = row(tables["regret"], kind=CONTRACT)
    assert [found[k] for k in ("at_least", "at_most", "expected", "worst")] == pytest.approx([60.0] * 4) and found["verdict"] == KEEP
    assert found["words"] == (
        "Signing A for 10 t of ore a year: this saves USD 60. On average over all futures the plan without the contract costs USD 60 more: "
        "USD 60 more for purchases."
    )
    assert tables["regret_costs"].query("kind == 'contract'")[["part", "expected", "worst"]].values.tolist() == [["purchases", 60.0, 60.0]]


def test_the_size_of_a_contract_is_tried_a_quarter_smaller_and_no_larger_than_its_capacity():
    """With at most 7.5 t of A a year, 5 t cost 3 more each; 12.5 t A cannot serve, so that it is not asked."""
    table = made(SIGNED)["regret"]
    sizes = table[table["kind"] == SIZE]
    assert sizes["instead"].tolist() == ["with at most 7.5 t a year"] and sizes["at_most"].tolist() == pytest.approx([15.0])


def test_an_offer_that_is_not_bought_enters_just_below_the_price_of_the_others():
    """B costs 5 and is worth buying below 2, the price of A."""
    found = row(made(SIGNED)["entry_prices"], kind="spot market")
    assert found["present"] == 5.0 and found["enters_at"] == pytest.approx(2.0) and found["confirmed"] == "yes"
    assert found["words"] == "It is worth buying ore from B below USD 2 per t; it costs USD 5 now."


def test_a_contract_that_is_not_signed_is_forced_at_its_minimum():
    """4 t a year of B at 3, all of it to be paid for, in place of A's at 1, cost 16 more; at a price of 1 they cost no more."""
    given = case(offers=(offer("A"), offer("B", price=3.0, capacity=20.0, row=3, terms="contract", minimum_contract=4.0, take_or_pay=1.0)))
    tables = made(given)
    found = row(tables["regret"], kind=CONTRACT)
    assert found["instead"] == "with a contract of 4 t a year" and (found["at_least"], found["at_most"]) == pytest.approx((16.0, 16.0))
    price = row(tables["entry_prices"], kind=CONTRACT)
    assert price["enters_at"] == pytest.approx(1.0) and price["confirmed"] == "yes" and "at a price of USD 1 per t or less" in price["words"]


def test_a_contract_without_a_minimum_is_tried_at_a_tenth_of_its_capacity():
    """2 of 20 t a year: 2 a t more, over two years."""
    given = case(offers=(offer("A"), offer("B", price=3.0, capacity=20.0, row=3, terms="contract", take_or_pay=1.0)))
    found = row(made(given)["regret"], kind=CONTRACT)
    assert found["instead"] == "with a contract of 2 t a year" and found["at_most"] == pytest.approx(8.0)


PLANT = offer("P", row=3, project="plant")


def test_a_project_that_is_started_is_worth_what_it_saves_less_its_cost():
    """The plant costs 100 and saves 9 a t on 20 t: it is worth 80. Begun a year later it saves 90 at the same cost."""
    given = case(offers=(offer("A", price=10.0), PLANT), projects=(Project(2, "plant", cost=100.0, lead_time_months=0.0),))
    found = made(given)["regret"]
    assert row(found, kind=PROJECT)["at_most"] == pytest.approx(80.0) and row(found, kind=PROJECT)["decision"] == "Starting plant in 2027"
    assert row(found, kind=DATE)["at_most"] == pytest.approx(90.0)
    assert row(found, kind=OFFER, decision="Buying ore from P")["at_most"] == pytest.approx(80.0)


def test_a_project_that_is_not_started_says_at_which_cost_it_would_be():
    """At 500 it costs 320 more than it is worth, which is 180."""
    given = case(offers=(offer("A", price=10.0), PLANT), projects=(Project(2, "plant", cost=500.0, lead_time_months=0.0),))
    tables = made(given)
    assert row(tables["regret"], kind=PROJECT)["at_most"] == pytest.approx(320.0)
    assert row(tables["entry_prices"], kind=PROJECT)["enters_at"] == pytest.approx(180.0)


def test_a_project_may_be_made_to_wait_and_a_waiting_one_to_start():
    """A plant at 1,000 pays only with a ban (one half, in the second year), where it saves 10 t at 1,000: it waits. Started now, it costs 500 more."""
    dear = need(10.0, shortage_cost=1000.0)
    given = case(
        demand=(dear,),
        materials=(ore(annual_loss=1.0),),
        offers=(offer("A"), PLANT),
        projects=(Project(2, "plant", cost=1000.0, lead_time_months=0.0, may_wait_for=("ban",)),),
        disruptions=(BAN,),
    )
    found = made(given)["regret"]
    waits = row(found, kind=DATE)
    assert waits["decision"] == "Starting plant once ban is in force and not on a date" and waits["at_most"] == pytest.approx(500.0)
    # Without it: half of 10 t short at 1,000, and not bought at 1, instead of half of 1,000.
    assert row(found, kind=PROJECT)["at_most"] == pytest.approx(5000.0 - 500.0 - 5.0)


def test_a_stock_is_worth_the_shortages_that_it_avoids_and_they_lie_where_the_ban_is():
    """With no stock a ban in the second year leaves B's 5 t at 60, and 5 t short at 100: 790 more in futures with it, nothing in the others."""
    tables = made(WITH_BAN)
    found = row(tables["regret"], kind=STOCK)
    assert (found["at_least"], found["at_most"]) == pytest.approx((395.0, 395.0)) and found[
        "decision"
    ] == "Holding up to 10 t of ore in stock, the most in any future"
    assert "In futures in which ban occurs (50%) that plan costs USD 790 more on average, in the others nothing more." in found["words"]
    lies = tables["regret_disruptions"].query(f"kind == '{STOCK}'").set_index("disruption")
    assert lies.loc["ban", ["chance", "extra", "otherwise"]].tolist() == pytest.approx([0.5, 790.0, 0.0])
    assert lies.loc["idle", ["chance", "extra", "otherwise"]].tolist() == pytest.approx([0.5, 395.0, 395.0]), "an event without effect tells nothing"


def test_what_is_inherited_is_no_stock_that_was_built():
    """20 t on hand last two years, whatever is decided: 10 t of them in store after the first are not taken back."""
    given = replace(WITH_BAN, inventory=(StockItem(2, "ore", "allied", 20.0),))
    assert STOCK not in made(given)["regret"]["kind"].tolist()
    more = replace(WITH_BAN, inventory=(StockItem(2, "ore", "allied", 12.0),))
    found = row(made(more)["regret"], kind=STOCK)
    # 2 t are left of what is inherited, so that only 8 t are missing in a ban: 5 at 60 and 3 at 100, less the 8 at 1 that are not bought before.
    assert found["at_most"] == pytest.approx(0.5 * (300 + 300) + 0.5 * 8 - 8)


def test_what_no_plan_can_do_without_is_said_to_be_needed():
    """A hard limit asks for purchases that only A can serve."""
    given = case(limits=(Limit(2, "buy", "purchase_to_demand", minimum=1.0),))
    found = row(made(given)["regret"], kind=OFFER)
    assert found["verdict"] == NEEDED and np.isnan(found["at_most"]) and "no plan without this offer keeps the limits and budgets" in found["words"]


def test_of_two_equal_offers_either_is_as_good():
    """A's contract costs what B costs: leaving it out costs nothing, and no reason is made up."""
    given = case(offers=(offer("A", capacity=10.0, terms="contract", take_or_pay=1.0, price=1.0), offer("B", row=3)))
    decided = row(made(given)["regret"], kind=CONTRACT)
    assert decided["verdict"] == EITHER and decided["words"].endswith("costs the same, and differences up to 0.1% of its cost count as nothing here.")


@pytest.mark.parametrize(
    "low, high, said", ((2, 3, KEEP), (0, 3, OPEN), (-1, 1, EITHER), (-3, -2, REVERSE), (1, 1, EITHER), (-3, -0.6, REVERSE), (-3, -0.4, EITHER))
)
def test_a_verdict_needs_both_figures(low, high, said):
    """Up to 1 the plan's own gap may blur what is better, and 0.5 counts as nothing: a cheaper plan in hand is better, whatever the gap of the plan is."""
    assert verdict_of(low, high, 1.0, 0.5) == said


def test_the_weights_of_the_tail_add_up_to_one_and_give_the_cvar():
    """CVaR is the mean of the costs under the weights of the tail, also where a future lies on its border."""
    rng = np.random.default_rng(1)
    for level in (0.0, 0.3, 0.95):
        cost, probability = rng.normal(size=20).round(1), rng.dirichlet(np.ones(20))
        weights = tail_weights(cost, probability, level)
        assert weights.sum() == pytest.approx(1.0) and weights @ cost == pytest.approx(conditional_value_at_risk(cost, probability, level))


def decided(seeds, method="auto"):
    """Plans of random cases; those that have none are passed over."""
    for seed in seeds:
        try:
            yield seed, optimizer.solve(random_case(seed), method=method)
        except InfeasibleError:
            continue


@pytest.mark.parametrize("first", (0, 9))
def test_on_random_cases_the_figures_add_up(first):
    """Parts add up to the whole, futures to the mean; no reversal is cheaper than the best plan; tables are as declared."""
    seen = set()
    for _, plan in decided(range(first, first + 3)):
        tables = regret(plan)
        assert {o.name: list(o.columns) for o in TABLES} == {name: list(table) for name, table in tables.items()}
        table, size = tables["regret"], max(1.0, abs(plan.objective))
        known = table[table["at_most"].notna()]
        seen |= set(known["kind"])
        assert (known["at_least"] <= known["at_most"]).all() and (known["at_least"] >= -1e-6 * size).all() and UNKNOWN not in set(table["verdict"])
        assert table["words"].str.endswith(".").all() and tables["entry_prices"]["words"].str.endswith(".").all()
        s = plan.case.settings
        at_risk = (1 - s.risk_weight) * known["expected"] + s.risk_weight * known["worst"]
        assert at_risk.tolist() == pytest.approx(known["at_most"].tolist(), abs=2e-6 * size)
        keys = ["kind", "decision", "instead"]
        parts = tables["regret_costs"].groupby(keys, sort=False)[["expected", "worst"]].sum()
        both = known.set_index(keys)[["expected", "worst"]].join(parts.add_suffix("_parts")).fillna(0.0)
        assert both["expected"].tolist() == pytest.approx(both["expected_parts"].tolist(), abs=1e-7 * size)
        lies = tables["regret_disruptions"].fillna(0.0)
        means = lies["chance"] * lies["extra"] + (1 - lies["chance"]) * lies["otherwise"]
        whole = lies.merge(known, on=keys)["expected"]
        assert means.tolist() == pytest.approx(whole.tolist(), abs=1e-6 * size)
    assert {CONTRACT, OFFER} <= seen


def without(given, key):
    """The case in which nothing can be bought of an offer, neither spot nor under contract."""
    changed = tuple(replace(o, terms="spot", spot_limit_per_year=0.0, choose_one=None) if o.key == key else o for o in given.offers)
    return replace(given, offers=changed, offer_changes=tuple(r for r in given.offer_changes if (r.supplier, r.material, r.offer) != key))


def test_leaving_an_offer_out_is_solving_the_workbook_without_it():
    """What is found by bounds on the plan's own program is the optimum of the case in which the offer cannot deliver."""
    compared = 0
    for seed, plan in decided(range(40, 45)):
        table = regret(plan)["regret"]
        for reversal, (_, found) in zip(reversals_of(plan.solution, Watch()), table.iterrows()):
            if reversal.kind != OFFER:
                continue
            key = plan.solution.built.case.offers[reversal.subject].key
            alone = solve_extensive(without(plan.case, key))
            size = max(1.0, abs(plan.objective))
            assert np.isnan(alone.objective) == np.isnan(found["at_most"]), seed
            if not np.isnan(alone.objective):
                assert alone.objective - plan.objective == pytest.approx(found["at_most"], abs=2e-6 * size), (seed, reversal.decision)
                compared += 1
    assert compared > 5


def test_what_enters_at_a_price_does_so_in_the_workbook():
    """C is worth buying in a ban below 1, the price of the stock that is left unbought: just below it is bought, just above it is not."""
    plan = optimizer.solve(replace(WITH_BAN, offers=(*WITH_BAN.offers, offer("C", price=300.0, row=4, bloc="other"))))
    found = row(regret(plan)["entry_prices"], what="ore from C")
    assert found["confirmed"] == "yes" and found["enters_at"] == pytest.approx(1.0)
    for price, bought in ((0.999 * found["enters_at"], True), (1.001 * found["enters_at"], False)):
        changed = tuple(replace(o, price=price) if o.supplier == "C" else o for o in plan.case.offers)
        again = optimizer.solve(replace(plan.case, offers=changed))
        assert ("C" in again.tables["scenario_orders"]["supplier"].tolist()) == bought


@pytest.mark.parametrize("seed, name", ((18, "Dune"), (21, "Dune")))
def test_an_entry_price_holds_in_the_workbook_also_under_budgets(seed, name):
    """Below its entry price an offer makes the workbook's plan cheaper, above it does not; the budget of seed 21 stops what the price alone would not."""
    ((_, plan),) = decided([seed])
    found = regret(plan)["entry_prices"].query("kind == 'spot market' and confirmed == 'yes'")
    (found,) = found[found["what"].str.endswith(f" from {name}")].to_dict("records")
    for factor, cheaper in ((0.98, True), (1.02, False)):
        price = factor * found["enters_at"]
        changed = tuple(
            replace(o, price=price) if (o.supplier, o.offer) == (name, "") and found["what"].startswith(o.material) else o for o in plan.case.offers
        )
        assert (solve_extensive(replace(plan.case, offers=changed)).objective < plan.objective - 1e-6 * abs(plan.objective)) == cheaper


def test_a_decomposition_tells_the_same_as_one_program(monkeypatch):
    """Solved in parts, one after another, the intervals of the reversals hold the optima of the whole program."""
    plan = solved("tutorial")
    whole = regret(plan)["regret"]
    monkeypatch.setattr("optimizer.solving.solve.LARGE", 1)
    monkeypatch.setattr("optimizer.solving.solve.largest_block", lambda tree, mixed: 1)
    parts = regret(plan)["regret"]
    assert resolves.Resolver(plan.solution, Watch(), Phase.REGRET, 1.0).in_parts
    size = 1e-3 * abs(plan.objective)
    assert (parts["at_least"] <= whole["at_most"] + size).all() and (parts["at_most"] >= whole["at_least"] - size).all()
    assert parts["verdict"].tolist() == whole["verdict"].tolist()


def test_a_decomposition_encloses_what_one_program_finds(monkeypatch):
    """With yes/no decisions kept in one program and relaxed in another, each interval holds the regret; what it says is better is better."""
    plans = [plan for _, plan in decided((1, 8)) if plan.solution.built.mixed]
    whole = [regret(plan)["regret"] for plan in plans]
    monkeypatch.setattr("optimizer.solving.solve.LARGE", 1)
    monkeypatch.setattr("optimizer.solving.solve.largest_block", lambda tree, mixed: 1)
    compared = 0
    for plan, exact in zip(plans, whole):
        if not resolves.Resolver(plan.solution, Watch(), Phase.REGRET, 1.0).in_parts:
            continue
        size = 1e-3 * abs(plan.objective)
        for found, true in zip(regret(plan)["regret"].itertuples(), exact.itertuples()):
            if found.verdict == NEEDED:
                assert true.verdict == NEEDED
            elif found.verdict != UNKNOWN and true.verdict != NEEDED:
                assert found.at_least <= true.at_most + size and not found.at_most < true.at_least - size
                assert found.verdict != KEEP or true.at_most > 0
                compared += 1
    assert compared > 5


def test_cuts_that_are_known_bound_what_there_is_no_time_to_solve(monkeypatch):
    """Where nothing but the plan's own relaxation is solved, contracts have bounds below what reversing them costs; one proves that the plan saves money."""
    monkeypatch.setattr("optimizer.solving.solve.LARGE", 1)
    monkeypatch.setattr("optimizer.solving.solve.largest_block", lambda tree, mixed: 1)
    plan = solved("tutorial")
    whole = regret(plan)
    assert whole["regret_reach"].empty
    solve = resolves.Resolver._enclosed
    monkeypatch.setattr(resolves.Resolver, "_enclosed", lambda self, job, *more: solve(self, job, *more) if "Buying" in job.words else None)
    monkeypatch.setattr(resolves, "BOUNDS_SHARE", 1.0)
    tables = regret(plan)
    found, size = tables["regret"], 1e-3 * abs(plan.objective)
    alone = found["at_least"].notna() & found["at_most"].isna()
    assert alone.any() and (found["at_least"][alone] <= whole["regret"]["at_most"][alone] + size).all()
    assert (found["verdict"][alone] == KEEP).all() and found["words"][alone].str.contains("this saves at least").all()
    (reach,) = tables["regret_reach"].to_dict("records")
    assert reach["told"] + reach["bounded"] + reach["left"] == len(found) and reach["bounded"] == alone.sum()
    assert reach["words"].startswith(f"{reach['told']} of {len(found)} decisions ")


def test_a_case_in_which_nothing_is_decided_says_so():
    """No demand, no disruption, one future: nothing is bought, and only the price of the offer is asked for, in vain."""
    tables = made(case(settings=settings(periods=1), demand=(need(0.0),)))
    assert tables["regret"].empty and tables["regret_disruptions"].empty
    assert row(tables["entry_prices"], kind="spot market")["confirmed"] != "yes"


@pytest.mark.parametrize("weight", (0.0, 1.0))
def test_risk_is_counted_as_the_plan_counts_it(weight):
    """With risk weight 1 what counts is the mean of the worst futures, here the half with a ban."""
    given = replace(WITH_BAN, settings=settings(risk_weight=weight, cvar_level=0.5))
    found = row(made(given)["regret"], kind=STOCK)
    assert found["expected"] == pytest.approx(395.0, rel=1e-4) and found["worst"] == pytest.approx(790.0, rel=1e-4)
    assert found["at_most"] == pytest.approx(790.0 if weight else 395.0, rel=1e-4)


def test_what_there_was_no_time_for_is_not_known():
    """Without any time no reversal is solved, and each says so."""
    tables = regret(optimizer.solve(SIGNED), seconds=0.0)
    (reach,) = tables["regret_reach"].to_dict("records")
    assert (reach["told"], reach["bounded"], reach["left"]) == (0, 0, len(tables["regret"])) and np.isnan(reach["seconds"])
    assert set(tables["regret"]["verdict"]) == {UNKNOWN} and tables["regret_costs"].empty
    assert row(tables["entry_prices"], kind="spot market")["confirmed"] == "no"


def test_progress_stops_it_at_once_and_nothing_goes_on():
    """An exception of progress is passed on, and no thread is left."""

    class Enough(Exception):
        pass

    def stop(progress):
        if "of" in progress.detail:
            raise Enough

    before = threading.active_count()
    with pytest.raises(Enough):
        regret(solved("tutorial"), stop)
    assert threading.active_count() == before


def test_a_plan_without_its_solution_is_refused():
    """A plan read back from a file cannot be asked."""
    with pytest.raises(ValueError, match="as it was solved"):
        regret(replace(plain(), solution=None))
    assert isinstance(regret(plain())["regret"], pd.DataFrame)
