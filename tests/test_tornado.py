"""What moves the plan: every side is the plan of the workbook with that change typed in, on common futures, and what matters most stands first."""

from __future__ import annotations

import doctest
import inspect
from dataclasses import replace
from pathlib import Path

import books
import numpy as np
import pytest
from plans import solved
from random_cases import random_case
from support import case, offer, settings

import optimizer
from optimizer.case import Disruption
from optimizer.editing.cells import Times, place_of, varied
from optimizer.errors import WorkbookError
from optimizer.intake import case_from_sheets
from optimizer.model.data import canonical
from optimizer.scenarios import make_tree
from optimizer.solving.built import build
from optimizer.solving.extensive import solve_built
from optimizer.solving.watch import Phase, Watch
from optimizer.studies.varying.changes import Change, usual_changes
from optimizer.studies.varying.frontiers import frontier
from optimizer.studies.varying.reweighting import reweighted
from optimizer.studies.varying.sensitivity import _Layouts, _settled, grid, tornado
from optimizer.studies.varying.tornado_table import difference
from optimizer.studies.varying.variants import NO_TIME, Figures, Variants

EVENTS = ["disruption", "annual_probability", "mean_duration_months", "capacity_remaining"]
TUTORIAL = Path(__file__).resolve().parent.parent / "sample_inputs" / "tutorial.xlsx"


def bare(**sheets):
    """The sheets of a workbook in which 10 t a year are bought at 2 for two years: the objective is 40, in one future."""
    given = {
        "Settings": [["setting", "value"], ["start", "2027-01-01"], ["period", "year"], ["periods", 2], ["discount_rate", 0], ["risk_weight", 0]],
        "Materials": [["material", "unit"], ["ore", "t"]],
        "Demand": [["material", "use", "annual_demand", "shortage_cost"], ["ore", "use", 10, 100]],
        "Suppliers": [["supplier", "material", "bloc", "price", "capacity_per_year"], ["A", "ore", "allied", 2, 50]],
        "Disruptions": [EVENTS],
        "Budget": [["fiscal_year", "amount"]],
    }
    return books.raw({**given, **sheets})


def plan_of(sheets, **changes):
    """The plan of sheets."""
    return optimizer.solve(case_from_sheets(sheets, "book", overrides=changes))


def test_the_tornado_of_a_bare_workbook_is_that_found_by_hand():
    """40 is paid: price and demand move it by 4 each way, and capacity and shortage cost, which do not bind, by nothing. No other group is there."""
    table = tornado(plan_of(bare()))["tornado"].set_index("change")
    assert set(table.index) == {"Prices of allied suppliers", "Capacities of allied suppliers", "Demand of ore", "All shortage costs"}
    for name in ("Prices of allied suppliers", "Demand of ore"):
        row = table.loc[name]
        assert (row["objective_low"], row["objective"], row["objective_high"], row["spread"]) == pytest.approx((36.0, 40.0, 44.0, 8.0))
        assert (row["expected_cost_low"], row["expected_cost"], row["expected_cost_high"]) == pytest.approx((36.0, 40.0, 44.0))
    assert list(table["spread"].iloc[2:]) == pytest.approx([0.0, 0.0]) and list(table["spread"].iloc[:2]) == pytest.approx([8.0, 8.0])
    assert table.loc["Prices of allied suppliers", ["low", "high"]].tolist() == ["10% less", "10% more"]
    assert table.loc["Prices of allied suppliers", ["low_value", "value", "high_value"]].tolist() == pytest.approx([1.8, 2.0, 2.2])
    assert table.loc["Prices of allied suppliers", "words"] == (
        "Prices of allied suppliers: with 10% less the objective falls by USD 4, with 10% more the objective rises by USD 4. "
        "The same contracts are signed, and the same projects started."
    )
    assert table["interval_low"].isna().all() and set(table["futures"]) == {1}


def test_what_is_decided_otherwise_is_told():
    """A contract at 2.1 is worth signing once the spot price is 2.2, and not before; a contract that is cheaper by then is signed at 10 t a year."""
    offers = [
        ["supplier", "material", "bloc", "price", "capacity_per_year", "terms", "contract_price"],
        ["A", "ore", "allied", 2, 50, "spot", None],
        ["B", "ore", "other", 2.1, 50, "contract", 2.1],
    ]
    table = tornado(plan_of(bare(Suppliers=offers)), changes={"Suppliers / A / price": (1.8, 2.2)})["tornado"].iloc[0]
    assert (table["objective_low"], table["objective_high"]) == pytest.approx((36.0, 42.0))
    assert (table["decisions_low"], table["decisions_high"]) == ("none", "signs B, ore")
    assert (table["low"], table["high"]) == ("1.8", "2.2") and (table["low_value"], table["value"], table["high_value"]) == (1.8, 2.0, 2.2)


def test_a_change_that_leaves_no_plan_or_no_workbook_stands_first_and_says_so():
    """A stock of 20 that must be kept does not fit a store of 18; a price of -1 is refused at its cell."""
    sheets = bare(Materials=[["material", "unit", "storage_capacity"], ["ore", "t", 20]], Inventory=[["material", "origin", "quantity"], ["ore", "allied", 20]])
    sheets = tuple(replace(raw, rows=(raw.rows[0], ("ore", "use", 0, 100))) if raw.name == "Demand" else raw for raw in sheets)
    table = tornado(plan_of(sheets), changes={"Suppliers / price": (-1, 3), "Materials / storage_capacity": (Times(0.9), Times(1.1))})["tornado"]
    said = dict(zip(table["change"], table["words"]))
    assert "the workbook is not sound (Suppliers!D2" in said["Suppliers / price"] and "no plan keeps the limits" in said["Materials / storage_capacity"]
    assert np.isnan(table.set_index("change").loc["Materials / storage_capacity", "objective_low"])


def test_every_side_is_the_plan_of_the_changed_workbook():
    """On the tutorial, whose futures are all there are, each figure is what solving the workbook with that change alone gives; the largest spread is first."""
    plan, reading = solved("tutorial"), optimizer.load(TUTORIAL, {"scenarios": 30, "mip_gap": 0.02})
    table = tornado(plan)["tornado"].set_index("change")
    changes = usual_changes(plan.case, plan.sheets, 0.1)
    assert len(table) == len(changes) > 8 and (np.diff(table["spread"]) <= 1e-6 * plan.objective).all()
    for change in changes:
        for side, values in (("low", change.low), ("high", change.high)):
            cells = {name: value for name, value in values.items() if "!" in name}
            alone = optimizer.solve(varied(reading, cells, {name: value for name, value in values.items() if "!" not in name}))
            assert table.loc[change.name, f"objective_{side}"] == pytest.approx(alone.objective, rel=1e-6), change.name


def test_a_grid_has_a_row_for_each_combination():
    """Price 2 or 3, demand 10 or 20 t, a setting beside: price times demand times two years."""
    axes = {"Suppliers / price": [2, 3], "Demand / annual_demand": [10, Times(2)], "discount_rate": [0]}
    table = grid(plan_of(bare()), axes)
    assert list(table["objective"]) == pytest.approx([40.0, 80.0, 60.0, 120.0]) and list(table["Demand / annual_demand"]) == [10, "100% more"] * 2
    with pytest.raises(ValueError, match="an axis"):
        grid(plan_of(bare()), {})
    with pytest.raises(WorkbookError, match="no row"):
        grid(plan_of(bare()), {"Suppliers / Nobody / price": [1]})


# -- futures ---------------------------------------------------------------------------------------------------------------


def rarer(row: Disruption) -> Disruption:
    """A disruption that begins less often and lasts longer."""
    return replace(row, annual_probability=0.9 * row.annual_probability, mean_duration_months=1.1 * row.mean_duration_months)


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_other_weights_are_those_of_the_other_process(first):
    """On trees with all paths the likelihood ratio gives each path exactly the probability that it has under the other probabilities and durations."""
    compared = 0
    for seed in range(first, first + 20):
        before = canonical(replace(random_case(seed), scenarios=()).with_settings(scenario_method="exact"))
        after = replace(before, disruptions=tuple(map(rarer, before.disruptions)))
        tree, other = make_tree(before), make_tree(after)
        moved = reweighted(replace(tree, method="sampled"), before, after)
        if moved is None:
            continue
        assert moved.probability[moved.period == 0].sum() == pytest.approx(1.0)
        paths = {tuple(moved.regimes[moved.regime[n]] for n in moved.path(one.leaf)): one.probability for one in moved.scenarios}
        wanted = {tuple(other.regimes[other.regime[n]] for n in other.path(one.leaf)): one.probability for one in other.scenarios}
        if paths.keys() != wanted.keys():  # a duration of one period that became longer has paths that were not there
            continue
        assert paths == pytest.approx(wanted), f"seed {seed}"
        for n in range(moved.size):
            assert moved.probability[n] == pytest.approx(moved.probability[moved.parent == n].sum() or moved.probability[n])
        compared += len(paths) > 1
    assert compared > 3


def test_paths_that_do_not_serve_are_drawn_anew():
    """Where another path is the most probable one, a path cannot be, or one path would bear nearly all weight, the old paths are not used."""
    ban = Disruption(2, "ban", annual_probability=0.3, mean_duration_months=24.0, capacity_remaining=0.0)
    before = canonical(case(settings=settings(periods=6, scenario_method="sampled", scenarios=20), disruptions=(ban,)))
    tree = make_tree(before)

    def under(**changes):
        return reweighted(tree, before, replace(before, disruptions=(replace(ban, **changes),)))

    assert under(annual_probability=0.33) is not None and under(annual_probability=0.9) is None
    assert under(annual_probability=0.0) is None and under(annual_probability=0.3, mean_duration_months=600.0) is None
    assert list(under().probability) == pytest.approx(list(tree.probability))


def test_the_shared_template_has_the_program_of_each_variant():
    """Changed chances are laid out by one template for all: the objective is that of the program that is compiled for the variant alone, memories included."""
    compared = 0
    for seed in range(0, 60):
        given = canonical(random_case(seed).with_settings(mip_gap=0.0, risk_weight=0.4))
        if not given.disruptions or not any(d.annual_probability for d in given.disruptions):
            continue
        if not (any(project.may_wait_for for project in given.projects) or seed % 6 == 0):
            continue
        changed = [replace(given, disruptions=tuple(replace(d, annual_probability=f * d.annual_probability) for d in given.disruptions)) for f in (0.5, 0.9)]
        laid = _Layouts.__new__(_Layouts)
        laid.base, laid.template, laid.position, laid.method = given, None, {}, "auto"
        laid.own_tree = laid.fresh(given)
        laid.share_template(changed)
        for one in changed:
            assert laid.shares(one)
            alone = solve_built(build(one), Watch())
            together = solve_built(laid.program(one)(Watch(limit=60.0)), Watch())
            assert together.status == alone.status, f"seed {seed}"
            if alone.x is not None:
                assert together.objective == pytest.approx(alone.objective, rel=1e-6, abs=1e-6), f"seed {seed}"
                compared += 1
        if compared >= 8:
            break
    assert compared >= 8


def figures(costs: dict[str, float], modal: float) -> Figures:
    """Figures of futures S001, the most probable, and others."""
    weights = {name: modal if name == "S001" else (1 - modal) / (len(costs) - 1) for name in costs}
    expected = modal * costs["S001"] + (1 - modal) * float(np.mean([cost for name, cost in costs.items() if name != "S001"]))
    return Figures(expected, expected, expected, expected, 0.0, 0.0, max(costs.values()), "S002", costs, weights, "S001", {}, {})


def test_the_interval_is_that_of_paired_differences():
    """Of differences 1, 2, 3 with a weight of 60% in all: 0.4 · 5 + 0.6 · 2 = 3.2, plus or minus t(0.975; 2) · 0.6 · 1 / √3."""
    low = figures({"S001": 0.0, "S002": 10.0, "S003": 20.0, "S004": 30.0}, 0.4)
    high = figures({"S001": 5.0, "S002": 11.0, "S003": 22.0, "S004": 33.0}, 0.4)
    t = 4.302653
    assert difference(low, high) == pytest.approx((3.2 - t * 0.6 / np.sqrt(3), 3.2 + t * 0.6 / np.sqrt(3)), rel=1e-6)
    assert difference(low, replace(low, weights={"S001": 0.4, "S002": 0.3, "S003": 0.2, "S004": 0.1})) != difference(low, low) == (0.0, 0.0)
    assert difference(low, "no time") is None and difference(low, figures({"S001": 1.0, "S009": 2.0, "S002": 3.0}, 0.4)) is None


def test_a_drawn_case_is_compared_on_fewer_futures_with_intervals():
    """Twelve futures are drawn for a study of eight: the base is solved on them, too, and a certain rise of all prices has an interval above 0."""
    disruptions = [[*EVENTS, "supplier"], ["stop", 0.3, 12, 0.1, "A"], ["out", 0.2, 6, 0.5, "B"]]
    offers = [["supplier", "material", "bloc", "price", "capacity_per_year"], ["A", "ore", "allied", 2, 50], ["B", "ore", "other", 5, 4]]
    kept = [["material", "unit", "holding_cost_per_year"], ["ore", "t", 30]]
    plan = plan_of(bare(Disruptions=disruptions, Suppliers=offers, Materials=kept), scenario_method="sampled", scenarios=12, periods=6, risk_weight=0.3)
    table = tornado(plan, futures=8)["tornado"].set_index("change")
    assert set(table["futures"]) == {8} and table["objective"].nunique() == 1 and table["interval_low"].notna().all()
    prices = table.loc["Prices of allied suppliers"]
    assert 0 < prices["interval_low"] < prices["expected_cost_high"] - prices["expected_cost_low"] < prices["interval_high"]
    chance = table.loc["Probability of stop"]
    assert chance["objective_low"] < chance["objective"] < chance["objective_high"]


@pytest.mark.parametrize("seed", [0, 1])
def test_half_the_probability_never_costs_a_buyer_without_aversion_more(seed):
    """On the tutorial's futures, whose disruption only takes away: all of them, and drawn with a seed."""
    with optimizer.WhatIf(TUTORIAL) as ask:
        asked = {"risk_weight": 0, "periods": 5, "scenario_method": "sampled", "scenarios": 12, "seed": seed} if seed else {"risk_weight": 0}
        whole, half = (ask.solve(settings=asked, cells={"Disruptions / annual_probability": Times(factor)}) for factor in (1, 0.5))
    assert half.objective <= whole.objective + (whole.objective - whole.bound) + (half.objective - half.bound) + 1e-9 * whole.objective


# -- refusals, time, stops -------------------------------------------------------------------------------------------------


def test_without_time_every_row_says_so():
    """With no second to spend there are rows without figures."""
    table = tornado(plan_of(bare(), scenario_method="sampled"), seconds=0.0)["tornado"]
    assert len(table) and table[["objective_low", "objective_high", "spread"]].isna().all(axis=None) and not table["kept_low"].any()
    assert table["words"].str.contains("there was no time").all()


def test_a_plan_of_a_case_and_one_without_its_arrays_are_refused():
    """Each in words."""
    with pytest.raises(ValueError, match="not of a workbook"):
        tornado(optimizer.solve(case()))
    with pytest.raises(ValueError, match="as it was solved"):
        tornado(replace(plan_of(bare()), solution=None))


@pytest.mark.parametrize("changes", [{"Suppliers / Nobody / price": (1, 2)}, {"Nothing!A1": (1, 2)}])
def test_a_name_that_means_no_cell_is_refused(changes):
    """Before anything is solved."""
    with pytest.raises(WorkbookError):
        tornado(plan_of(bare()), changes=changes)


@pytest.mark.parametrize(
    ("sheets", "changes"),
    [
        (bare(Demand=[["material", "use", "annual_demand", "shortage_cost"], ["ore", "use", 0, 100]]), {}),
        (bare(), {"risk_weight": 1.0, "cvar_level": 0.5}),
        (bare(), {"risk_weight": 0.5, "cvar_level": 0.0}),
        (bare(Budget=[["fiscal_year", "amount"], [2027, 15], [2028, 15]]), {}),
        (
            bare(
                Disruptions=[EVENTS, ["stop", 0.2, 12, 0]],
                Scenarios=[
                    ["scenario", "probability", "disruption", "starts", "duration_months"],
                    ["calm", 0.5, None, None, None],
                    ["stopped", 0.5, "stop", "2028", 12],
                ],
            ),
            {"risk_weight": 0.3},
        ),
    ],
)
def test_bare_workbooks_have_a_tornado(sheets, changes):
    """No demand, CVaR alone, CVaR that is the mean, a budget that binds, listed futures: every side has its figures."""
    table = tornado(plan_of(sheets, **changes))["tornado"]
    assert table[["objective_low", "objective", "objective_high"]].notna().all(axis=None)
    assert not table["change"].str.startswith("Probability").any()


def test_a_plan_that_the_clock_left_far_from_its_gap_is_none():
    """Twice the workbook's gap still counts, more does not."""
    found = figures({"S001": 100.0, "S002": 100.0}, 0.5)
    wide = case().with_settings(mip_gap=0.01)
    assert _settled(replace(found, bound=98.1), wide) is not NO_TIME and _settled(replace(found, bound=97.9), wide) is NO_TIME
    assert _settled("no plan", wide) == "no plan"


def test_what_there_is_no_time_for_is_told_with_all_decisions_kept():
    """10 t at 2 are bought a year; a stop in the second, of 20%, leaves 10 t short, at 100. With 18% and 22% the cost is known without a solve."""
    disruptions = [EVENTS, ["stop", 0.2, 12, 0]]
    kept = [["material", "unit", "storage_capacity"], ["ore", "t", 0]]
    plan = plan_of(bare(Disruptions=disruptions, Materials=kept), scenario_method="sampled", scenarios=10, risk_weight=0.5, cvar_level=0.9)
    assert plan.objective == pytest.approx(0.5 * (20 + 16 + 200) + 0.5 * 1020)
    table = tornado(plan, seconds=0.0)["tornado"].set_index("change")
    row = table.loc["Probability of stop"]
    assert (row["expected_cost_low"], row["expected_cost"], row["expected_cost_high"]) == pytest.approx(
        (20 + 0.82 * 20 + 180, 20 + 0.8 * 20 + 200, 20 + 0.78 * 20 + 220)
    )
    assert row["kept_low"] and row["kept_high"] and row["decisions_low"] == "all kept" and "all decisions are kept" in row["words"]
    solved_anew = tornado(plan)["tornado"].set_index("change").loc["Probability of stop"]
    assert not solved_anew["kept_low"]
    for side in ("objective_low", "objective_high", "expected_cost_low"):
        assert solved_anew[side] == pytest.approx(row[side]), "nothing else can be decided here"


class Enough(Exception):
    """Raised by a listener that has heard enough."""


@pytest.mark.parametrize("when", [1, 2, 30])
def test_an_exception_of_the_listener_stops_it(when):
    """Whatever progress raises, at the first call or later, comes out of the study."""
    calls = []

    def listen(state):
        calls.append(state)
        if len(calls) == when:
            raise Enough

    with pytest.raises(Enough):
        tornado(solved("tutorial"), listen)
    assert len(calls) == when and {call.phase for call in calls} == {Phase.TORNADO}


def test_an_exception_within_a_solve_stops_the_solver_first():
    """While the solver runs the exception is kept, the solve is told to stop, and then it is raised."""
    told = []

    def listen(state):
        told.append(state)
        if len(told) == 2:
            raise Enough

    given = canonical(random_case(3))

    def make(watch):
        built = build(given, watch)
        assert watch.stop, "the listener has raised while the tree was made"
        return built

    with Variants(Phase.TORNADO, "change", 1, listen, 60.0) as variants, pytest.raises(Enough):
        variants.solve(make)
    assert len(told) == 2


@pytest.mark.parametrize("member", [frontier, tornado, grid, place_of, optimizer.WhatIf.solve], ids=lambda member: member.__name__)
def test_the_examples_run(member, monkeypatch):
    """What the docstrings of the studies, of named cells and of WhatIf.solve show is what they give."""
    monkeypatch.chdir(TUTORIAL.parent.parent)
    example = doctest.DocTestParser().get_doctest(inspect.getdoc(member), {"optimizer": optimizer}, member.__name__, None, None)
    said: list[str] = []
    assert example.examples and doctest.DocTestRunner().run(example, out=said.append).failed == 0, "".join(said)


def test_a_change_may_be_a_group_under_a_name():
    """Two cells and a setting as one."""
    group = Change("dear and late", {"Suppliers / price": 2, "discount_rate": 0}, {"Suppliers / price": 4, "discount_rate": 0.0})
    (row,) = tornado(plan_of(bare()), changes=[group])["tornado"].to_dict("records")
    assert (row["change"], row["objective_low"], row["objective_high"]) == ("dear and late", pytest.approx(40.0), pytest.approx(80.0))


def test_equal_draws_count_as_many_as_they_are():
    """Of nine draws, 1, 1, 1, 2, 2, 2, 3, 3, 3 in difference, merged in three futures, the interval is that of the nine: t(0.975; 8) · √(0.75 / 9)."""
    low = figures({"S001": 0.0, "S002": 10.0, "S003": 20.0, "S004": 30.0}, 0.0)
    high = figures({"S001": 0.0, "S002": 11.0, "S003": 22.0, "S004": 33.0}, 0.0)
    half = 2.306004 * np.sqrt(0.75 / 9)
    assert difference(low, high, {"S002": 3, "S003": 3, "S004": 3}) == pytest.approx((2 - half, 2 + half), rel=1e-6)


def test_paths_do_not_serve_a_process_that_goes_where_they_never_go():
    """A ban that always ends after a year has no path on which it lasts; with a longer duration its futures are drawn anew, not given other weights."""
    drawn = case(
        settings=settings(periods=4, scenario_method="sampled", scenarios=20),
        offers=(offer(bloc="chinese"),),
        disruptions=(Disruption(2, "ban", 0.4, 12.0, 0.0, bloc=("chinese",)),),
    )
    tree = make_tree(drawn)
    longer = replace(drawn, disruptions=(replace(drawn.disruptions[0], mean_duration_months=24.0),))
    assert reweighted(tree, drawn, longer) is None
    likelier = replace(drawn, disruptions=(replace(drawn.disruptions[0], annual_probability=0.45),))
    found = reweighted(tree, drawn, likelier)
    assert found is not None and found.probability[found.leaves].sum() == pytest.approx(1.0)
    active = [sum(found.probability[n] for n in range(t.size) if 0 in t.regimes[t.regime[n]]) for t in (tree, found)]
    own = sum(tree.probability[n] for n in range(tree.size) if 0 in tree.regimes[tree.regime[n]])
    assert active[1] > own
