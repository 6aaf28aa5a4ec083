"""The stress test: supply lasts as long as it can, is replaced as soon as it can be, and what a failure costs is what answering it costs more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from plans import barest
from published_stress import CAPACITY, DEMAND, FORD, LOST_PER_UNIT, STOCK
from random_cases import random_case
from support import case, need, offer, ore, settings

import optimizer
from optimizer.case import Disruption, Limit, Plant, Project, ScenarioRow, StockItem, Substitute
from optimizer.errors import InfeasibleError
from optimizer.studies.failing.failures import Remedy, failures_of, months_to_replace
from optimizer.studies.failing.stress_test import TABLES, stress

BAN = Disruption(2, "ban", annual_probability=0.0, mean_duration_months=12.0, capacity_remaining=0.0, supplier=("A",))


def at(table, **where):
    """The rows of a table where columns have these values."""
    for column, value in where.items():
        table = table[table[column] == value]
    return table


def monthly(periods: int = 6, **changes):
    """Monthly periods from 2027."""
    return settings(period="month", periods=periods, **changes)


# -- a workbook's -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ford():
    """The published instance as a workbook, stressed for two months."""
    products, suppliers = ("P1", "P2"), ("S1", "S2", "S3")
    given = case(
        settings=monthly(8),
        materials=tuple(ore(p, row=k) for k, p in enumerate(products)),
        demand=tuple(need(12 * d, cost, material=p, row=k) for k, (p, d, cost) in enumerate(zip(products, DEMAND, LOST_PER_UNIT))),
        inventory=tuple(StockItem(k, p, "allied", q) for k, (p, q) in enumerate(zip(products, STOCK))),
        plants=tuple(Plant(k, s, 12 * c) for k, (s, c) in enumerate(zip(suppliers, CAPACITY))),
        offers=tuple(
            offer(s, p, price=0.0, capacity=12 * c, plant=s, row=2 * k + j) for k, (s, c) in enumerate(zip(suppliers, CAPACITY)) for j, p in enumerate(products)
        ),
    )
    return stress(optimizer.solve(given), months=(2.0,))


@pytest.mark.parametrize(("fails", "months", "cost"), FORD[1:])
def test_the_published_instance_as_a_workbook_gives_the_published_answers(ford, fails, months, cost):
    """The same study, asked by a workbook, tells the published times and what a failure of two months costs: 0, 125,000 and 275,000."""
    (told,) = at(ford["stress"], kind="supplier", failure=f"S{fails + 1}").to_dict("records")
    assert told["survives_at_start"] == pytest.approx(months, abs=1e-6)
    (lost,) = at(ford["stress_losses"], kind="supplier", failure=f"S{fails + 1}", begins="2027-01").to_dict("records")
    assert lost["extra_cost"] == pytest.approx(cost, abs=1e-3) and lost["extra_shortage_cost"] == pytest.approx(cost, abs=1e-3)
    assert (lost["material"], lost["short"]) == ("P1", pytest.approx(cost / 5000, abs=1e-6)) if cost else np.isnan(lost["short"])
    assert at(ford["stress_losses"], begins="2027-01", kind="supplier")["failure"].tolist() == ["S3", "S2", "S1"]


def test_a_recipe_draws_on_the_stock_of_its_input():
    """3 magnets in stock and 12 t of ore, 2 t a magnet: 3 a month last three months once the ore fails, and without end if nothing does."""
    given = case(
        settings=monthly(),
        materials=(ore(), ore("magnet", row=3)),
        demand=(need(36.0, material="magnet"),),
        inventory=(StockItem(2, "magnet", "allied", 3.0), StockItem(3, "ore", "allied", 12.0)),
        offers=(offer("A"), offer("M", "magnet", row=3, input_material="ore", input_per_unit=2.0)),
    )
    tables = stress(optimizer.solve(given), months=(6.0,))
    mine = at(tables["stress"], kind="supplier").set_index("failure")
    assert mine.loc["A", "survives_at_start"] == pytest.approx(3.0, abs=1e-6)
    assert mine.loc["M", "survives_at_start"] == pytest.approx(1.0, abs=1e-6)
    assert at(tables["stress_periods"], failure="A")["without_failure"].isna().all()


def test_a_substitute_and_thrift_make_it_last_longer():
    """Half of 10 t a month can be replaced by 2 t of B a t, of which 20 t are there, and a tenth saved: stock 8 t of ore, by hand.

    In two months 8 t of ore, 10 t replaced (20 t of B) and 2 t saved meet 20 t; after that nothing but the tenth is left.
    """
    given = case(
        settings=monthly(),
        materials=(ore(), ore("B", row=3)),
        demand=(need(120.0, 1000.0),),
        inventory=(StockItem(2, "ore", "allied", 8.0), StockItem(3, "B", "allied", 20.0)),
        offers=(offer("A"),),
        substitutes=(
            Substitute(2, material="ore", use="use", substitute="B", units_per_unit=2.0, cost=50.0, maximum_share=0.5),
            Substitute(3, material="ore", use="use", substitute=None, units_per_unit=None, cost=60.0, maximum_share=0.1),
        ),
    )
    told = at(stress(optimizer.solve(given), months=(6.0,))["stress"], kind="supplier").iloc[0]
    assert told["survives_at_start"] == pytest.approx(2.0, abs=1e-6)


def test_what_ends_its_life_is_no_supply():
    """35 t in stock would last three and a half months; with a shelf life of two, 20 t are used and the rest is lost."""
    for months, expected in ((None, 3.5), (2.0, 2.0), (3.0, 3.0), (4.0, 3.5)):
        given = case(settings=monthly(), materials=(ore(shelf_life_months=months),), demand=(need(120.0),), inventory=(StockItem(2, "ore", "allied", 35.0),))
        told = at(stress(optimizer.solve(given), months=(6.0,))["stress"], kind="supplier").iloc[0]
        assert told["survives_at_start"] == pytest.approx(expected, abs=1e-6), f"a shelf life of {months} months"


def test_each_use_is_told_with_the_first_call_and_its_own_origins():
    """Defence, 1 t a month, may not draw the 6 t of Chinese stock; the others, 2 t a month, may: together 3.5 t of allied stock last 7/2 months."""
    given = case(
        settings=monthly(),
        demand=(need(12.0, 500.0, use="defence", allowed_origins=("allied",)), need(24.0, 50.0, use="rest", row=3)),
        inventory=(StockItem(2, "ore", "chinese", 6.0), StockItem(3, "ore", "allied", 3.5)),
        offers=(offer("A"),),
    )
    tables = stress(optimizer.solve(given), months=(6.0,))
    uses = at(tables["stress_uses"], kind="supplier", begins="2027-01").set_index("use")["survives"]
    assert uses["defence"] == pytest.approx(3.5, abs=1e-6) and uses["rest"] == pytest.approx(9.5 / 2, abs=1e-6)
    assert at(tables["stress"], kind="supplier").iloc[0]["survives_at_start"] == pytest.approx(9.5 / 3, abs=1e-6)


def test_it_recovers_by_the_quickest_offers_with_enough_free_capacity():
    """10 t a month are lost. B has 4 free after 2 months, C 8 after 5: together from month 5 on. With D, 9 after its project's 3 + 1, month 4 it is."""
    offers = (
        offer("A", capacity=120.0),
        offer("B", price=3.0, capacity=48.0, lead_time_months=2.0, row=3),
        offer("C", price=4.0, capacity=96.0, lead_time_months=5.0, row=4),
        offer("D", price=5.0, capacity=108.0, lead_time_months=1.0, project="plant D", row=5),
    )
    given = case(settings=monthly(12), demand=(need(120.0),), offers=offers, projects=(Project(2, "plant D", cost=1e6, lead_time_months=3.0),))
    slow = replace(given, offers=offers[:3], projects=())
    for example, months, by in ((slow, 5.0, "C, ore"), (given, 4.0, "D, ore")):
        told = at(stress(optimizer.solve(example), months=(12.0,))["stress"], kind="supplier", failure="A").iloc[0]
        assert (told["recovers"], told["recovers_by"]) == (pytest.approx(months), by) and not told["in_time"]
    assert months_to_replace(13.0, [Remedy(5.0, 8.0, "C"), Remedy(2.0, 4.0, "B")]) == (np.inf, "")


def test_a_disruption_recovers_in_its_mean_duration_and_acts_as_it_acts():
    """A ban that leaves half of A's capacity halves what comes in: stock of 10 lasts 10/(10 - 5) months; it lasts 12 on average."""
    given = case(
        settings=monthly(),
        demand=(need(120.0),),
        offers=(offer("A", capacity=120.0),),
        inventory=(StockItem(2, "ore", "allied", 10.0),),
        disruptions=(replace(BAN, capacity_remaining=0.5),),
    )
    told = at(stress(optimizer.solve(given), months=(3.0,))["stress"], kind="disruption").iloc[0]
    assert told["survives_at_start"] == pytest.approx(2.0, abs=1e-6) and told["recovers"] == 12.0 and not told["in_time"]


def test_a_project_that_waits_for_the_failure_begins_with_it():
    """Once the ban is in force the plan starts its plant, ready after 2 months: 20 t of stock last until then, and the plant serves all from there on."""
    given = case(
        settings=monthly(8),
        demand=(need(120.0, 1e5),),
        offers=(offer("A", capacity=120.0), offer("P", price=2.0, capacity=120.0, project="plant", row=3)),
        inventory=(StockItem(2, "ore", "allied", 20.0),),
        disruptions=(replace(BAN, annual_probability=0.3, active_now=False),),
        projects=(Project(2, "plant", cost=50.0, lead_time_months=2.0, may_wait_for=("ban",), earliest_start=1),),
    )
    plan = optimizer.solve(given)
    assert plan.tables["projects"]["if"].tolist() == ["ban"], "the plan waits for the ban"
    rows = at(stress(plan, months=(3.0,))["stress_periods"], period="2027-02").set_index("kind")
    assert np.isnan(rows.loc["disruption", "survives"]), "the ban starts the plant"
    assert rows.loc["supplier", "survives"].min() < 4, "a failure without a ban does not"


def test_a_loss_is_what_the_cheapest_answer_costs_more():
    """A fails in the first of three years: 5 of 10 t come from B at 3, 4 t from a stock that would else be sold at the end, and 1 t is short."""
    given = case(
        settings=settings(periods=3),
        materials=(ore(salvage_value=2.9),),
        inventory=(StockItem(2, "ore", "allied", 4.0),),
        demand=(need(10.0),),
        offers=(offer("A", capacity=10.0), offer("B", price=3.0, capacity=5.0, row=3)),
    )
    tables = stress(optimizer.solve(given), months=(7.0, 12.0, 24.0))
    rows = at(tables["stress_losses"], kind="supplier", failure="A", begins="2027").set_index("months")
    assert rows.loc[12.0, "extra_cost"] == pytest.approx(-10 + 15 + 100 + 4 * 2.9) and rows.loc[12.0, "first_short"] == "2027"
    assert rows.loc[12.0, "extra_shortage_cost"] == pytest.approx(100) and rows.loc[12.0, "extra_purchase_cost"] == pytest.approx(5)
    assert rows.loc[7.0, "extra_cost"] == rows.loc[12.0, "extra_cost"], "months are rounded up to years"
    assert rows.loc[24.0, "extra_shortage_cost"] == pytest.approx(600) and rows.loc[24.0, "short"] == pytest.approx(6)
    assert rows.loc[12.0, "words"] == "A, 2027: it costs USD 117 more; use is hit hardest, short of 1 t of ore."
    best = at(tables["stress"], kind="supplier")["words"].iloc[0]
    assert best == (
        "If the supplier A fails in 2027, all demand can be met for 9.6 months. It does not recover: nothing in the workbook replaces all of it for ore. "
        "Lasting 24 months from 2027 on, it costs USD 622 more; use is hit hardest, short of 6 t of ore."
    )


def test_an_answer_that_breaks_a_firm_order_or_a_limit_is_not_priced():
    """A hard least purchase that the only supplier's failure makes impossible: no figure, the worst rank, and a sentence that says so."""
    given = case(limits=(Limit(2, "keep buying", "purchase_to_demand", minimum=0.5),))
    tables = stress(optimizer.solve(given), months=(12.0,))
    rows = at(tables["stress_losses"], failure="A")
    assert not rows["feasible"].any() and rows["extra_cost"].isna().all() and rows["words"].str.contains("cannot be kept").all()
    assert tables["stress"].iloc[0]["failure"] in ("A", "allied") and np.isnan(tables["stress"].iloc[0]["longest_loss"])


def test_what_never_happens_to_anything_costs_nothing():
    """A disruption without effect changes no time and costs nothing, and its tables are complete."""
    idle = Disruption(99, "idle", annual_probability=0.0, mean_duration_months=7.0, capacity_remaining=1.0)
    tables = stress(optimizer.solve(case(disruptions=(idle,))))
    assert at(tables["stress_losses"], failure="idle")["extra_cost"].abs().max() <= 1e-6
    rows = at(tables["stress_periods"], failure="idle")
    assert rows["survives"].equals(rows["without_failure"])


# -- which failures there are -----------------------------------------------------------------------------------------------


def test_every_supplier_country_bloc_and_disruption_fails_once():
    """Suppliers, countries and blocs by name; an origin only where it is no bloc; what strikes the same offers shares one disruption."""
    given = case(
        offers=(
            offer("A", country="Chile", bloc="other"),
            offer("B", country="Japan", row=3),
            offer("T", country="Japan", origin="chinese", feedstock_country="Chile", feedstock_dependence=0.5, row=4),
        ),
        disruptions=(replace(BAN, disruption="licences"), replace(BAN, row=3, follows="licences")),
    )
    whole, failures = failures_of(given)
    names = [(f.kind, f.name) for f in failures]
    sources = [*(("supplier", s) for s in "ABT"), ("country", "Chile"), ("country", "Japan"), ("bloc", "other"), ("bloc", "allied")]
    assert names == [*sources, ("origin", "allied"), ("origin", "chinese"), ("disruption", "licences"), ("disruption", "ban")]
    by = {(f.kind, f.name): f for f in failures}
    assert by["supplier", "A"].regime == by["bloc", "other"].regime != by["country", "Chile"].regime, "a country's feedstock fails with it"
    assert len(by["disruption", "ban"].regime) == 2, "a ban comes with the licences that it follows"
    assert by["origin", "chinese"].regime == by["supplier", "T"].regime and len(whole.disruptions) == len({d.disruption.casefold() for d in whole.disruptions})


def test_a_name_of_the_workbook_is_not_taken_twice():
    """A disruption that is called like a failure stays itself."""
    whole, failures = failures_of(case(disruptions=(replace(BAN, disruption="Supplier: A", capacity_remaining=0.5),)))
    assert len({d.disruption.casefold() for d in whole.disruptions}) == len(whole.disruptions) == 2
    assert whole.disruptions[next(f for f in failures if f.kind == "disruption").regime[0]].capacity_remaining == 0.5


# -- every legal workbook ---------------------------------------------------------------------------------------------------


def test_nothing_needed_and_nothing_that_happens():
    """A plan of one period, without demand or disruptions, survives everything."""
    tables = stress(barest())
    assert {o.name: list(o.columns) for o in TABLES} == {name: list(table) for name, table in tables.items()}
    assert tables["stress"]["survives_at_start"].isna().all() and tables["stress"]["in_time"].all()


BANNED = replace(BAN, annual_probability=0.2)
LISTED = (ScenarioRow(2, "worse", 0.6, disruption="ban", starts=0, duration_months=12.0), ScenarioRow(3, "better", 0.4))


@pytest.mark.parametrize(
    ("changes", "at_start", "lost"),
    [
        ({"offers": ()}, 0.0, 0.0),
        ({"demand": ()}, np.inf, 0.0),
        ({"settings": settings(risk_weight=1.0, cvar_level=0.9)}, 0.0, 990.0),
        ({"settings": settings(cvar_level=0.5)}, 0.0, 990.0),
        ({"settings": settings(scenario_method="listed"), "scenarios": LISTED}, 0.0, 0.0),
        ({"disruptions": (replace(BANNED, active_now=True),)}, 0.0, 0.0),
        ({"offers": (offer(capacity=1e15),)}, 0.0, 990.0),
        ({"offers": (offer(available_from=500), offer("B", price=2.0, row=3))}, np.inf, 0.0),
        ({"demand": (need(1e-7, 1e9),)}, 0.0, 100.0),
    ],
    ids=("no offers", "no demand", "risk alone", "cost alone", "listed", "active now", "no limit of capacity", "never available", "tiny"),
)
def test_every_legal_workbook_can_be_stressed(changes, at_start, lost):
    """The ban of A, for a year from the first on, costs 100 - 1 a t of 10 t; nothing where it is active anyway, or nothing comes from A or is needed."""
    tables = stress(optimizer.solve(case(**{"disruptions": (BANNED,), **changes})), months=(12.0,))
    told = at(tables["stress"], kind="disruption").fillna({"survives_at_start": np.inf}).iloc[0]
    assert told["survives_at_start"] == pytest.approx(at_start, abs=1e-6)
    loss = at(tables["stress_losses"], kind="disruption", begins="2027").iloc[0]
    assert loss["feasible"] and loss["extra_cost"] == pytest.approx(lost, rel=1e-6, abs=1e-6)
    assert ("changes no cost" in loss["words"]) == (lost == 0.0)


@pytest.mark.parametrize("first", range(0, 12, 4))
def test_on_random_cases_goods_last_as_long_as_an_answer_meets_all_demand(first):
    """Where the cheapest answer to a failure that never ends meets all demand for some periods, the time to survive is at least as long."""
    compared = 0
    for seed in range(first, first + 4):
        given = random_case(seed)
        try:
            plan = optimizer.solve(given, method="decomposed" if seed % 3 == 0 else "extensive")
        except InfeasibleError:
            continue
        tables = stress(plan, months=(12.0 * 300,))
        labels, months = given.calendar.labels, given.calendar.months
        times = tables["stress_periods"].set_index(["kind", "failure", "period"])["survives"].fillna(np.inf)
        for row in at(tables["stress_losses"], feasible=True).to_dict("records"):
            begins = labels.index(row["begins"])
            met = (labels.index(row["first_short"]) if isinstance(row["first_short"], str) else len(labels)) - begins
            survived = times[row["kind"], row["failure"], row["begins"]]
            assert survived >= met * months - 1e-4 * months, f"seed {seed}: {row}"
            compared += 1
    assert compared > 10


def without_money_and_limits(given):
    """The case with nothing but goods to decide about: no limit, budget or store, and shortages dearer than anything else."""
    return replace(
        given.with_settings(mip_gap=0.01),
        materials=tuple(replace(m, storage_capacity=None, disposal_cost=0.0) for m in given.materials),
        demand=tuple(replace(d, shortage_cost=1e5, minimum_fill_rate=None) for d in given.demand),
        limits=(),
        budget=(),
    )


@pytest.mark.parametrize("first", (40, 46))
def test_where_only_goods_count_time_to_survive_and_the_cheapest_answer_agree(first):
    """Without budgets and limits all demand is met until the end of the horizon exactly where the time to survive says so (random cases)."""
    ends = []
    for seed in range(first, first + 6):
        given = without_money_and_limits(random_case(seed))
        tables = stress(optimizer.solve(given, method="extensive"), months=(12.0 * 300,))
        labels, months = given.calendar.labels, given.calendar.months
        times = tables["stress_periods"].set_index(["kind", "failure", "period"])["survives"].fillna(np.inf)
        for row in tables["stress_losses"].to_dict("records"):
            assert row["feasible"], f"seed {seed}: {row}"
            left = (len(labels) - labels.index(row["begins"])) * months
            survived = times[row["kind"], row["failure"], row["begins"]]
            if abs(survived - left) > 1e-4 * months:
                ends.append(survived > left)
                assert ends[-1] == (not isinstance(row["first_short"], str)), f"seed {seed}: {survived} of {left}, {row}"
    assert 5 <= sum(ends) <= len(ends) - 5, "both ends occur"


def test_a_plan_without_its_solution_is_refused():
    """A plan read back from a file cannot be tested, and neither can no duration at all."""
    plan = optimizer.solve(case())
    with pytest.raises(ValueError, match="as it was solved"):
        stress(replace(plan, solution=None))
    with pytest.raises(ValueError, match="at least one duration"):
        stress(plan, months=())


@pytest.mark.parametrize("moment", [1, 5, 40])
def test_whoever_listens_can_stop_it(moment):
    """What the listener raises ends the study at once, whether while times are computed or failures answered."""
    plan, told = optimizer.solve(case(disruptions=(BAN,))), []

    class Enough(Exception):
        pass

    def listen(progress):
        told.append(progress)
        if len(told) == moment or "answered" in progress.words:
            raise Enough

    with pytest.raises(Enough):
        stress(plan, listen)
    assert len(told) <= moment + 2
