"""The app's charts show the figures of the plan's tables, take any name as text, and say so where there is nothing to draw."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import vl_convert
from outputs import every_chart, playbook_of, worst
from plans import BITING, NAMES, SCRIPT, barest, biting, plain, solved, with_table
from support import case, offer, settings

import optimizer
from optimizer.case import BLOCS
from optimizer.report.colours import BLOC_COLOURS
from optimizer.studies.differences import differences
from ui import charts
from ui.charts import world
from ui.charts.plan import MOST_NUMBERS, bands, cost_bins
from ui.words import charts as text_charts
from ui.words.figures import apart, bare_money, money_text, quantity

PLANS = {**{name: lambda name=name: solved(name) for name in NAMES}, "biting": biting, "barest": barest, "plain": plain}


@pytest.fixture(params=list(PLANS))
def plan(request):
    return PLANS[request.param]()


def data_of(chart, column: str) -> pd.DataFrame:
    """The rows that a chart carries, of those of its tables that have a column."""
    spec = chart.to_dict()
    tables = [pd.DataFrame(rows) for rows in spec["datasets"].values() if isinstance(rows, list) and rows and column in rows[0]]
    return pd.concat(tables, ignore_index=True)


def drawn(chart) -> str:
    """The chart as SVG."""
    spec = chart.to_dict()
    assert spec["width"] == "container" and spec["description"]
    assert "background" not in spec and "background" not in spec.get("config", {}).get("view", {})
    spec.update(width=700)
    return vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])


def materials(plan):
    return [m.material for m in plan.case.materials]


# -- all charts -----------------------------------------------------------------------------------------------------------


def test_every_chart_of_every_plan_can_be_drawn_and_lets_no_name_become_markup(plan):
    """Each chart builds and renders for each sample, for a plan of one period without demand and for hostile names, which stay text."""
    for chart in every_chart(plan):
        picture = drawn(chart)
        assert "<script" not in picture and "<img" not in picture and "<b>" not in picture
        assert "\u202e" not in picture


def test_no_text_in_a_chart_is_longer_than_its_place():
    """Names of 10,000 letters are cut with an ellipsis in all the data that a chart carries."""
    plan = biting()
    for chart in (charts.replay_orders(plan, "S001", materials(plan)[0]), charts.compare_costs({BITING[5]: plan}), charts.disruption_strip(plan, "S004")):
        for rows in chart.to_dict()["datasets"].values():
            assert all(len(value) <= 120 for row in rows for value in row.values() if isinstance(value, str))


# -- stock ----------------------------------------------------------------------------------------------------------------


def test_the_fan_holds_the_reference_path_and_the_spread_of_the_futures(plan):
    """Lowest, highest and reference stock are those of the tables; the 10% and 90% values split the probability as they say."""
    chance = plan.tables["scenarios"].set_index("scenario")["probability"]
    for material in materials(plan)[:3]:
        data = bands(plan, material)
        stock = plan.tables["scenario_stock"]
        stock = stock[stock["material"] == material]
        cover = plan.tables["cover"]
        assert data["reference"].tolist() == cover.loc[cover["material"] == material, "quantity"].tolist()
        for row in data.itertuples():
            held = stock[stock["period"] == row.period].set_index("scenario")["quantity"]
            assert (row.lowest, row.highest) == (held.min(), held.max())
            weight = chance[held.index]
            assert weight[held < row.low].sum() < 0.1 + 1e-9 <= weight[held <= row.low].sum() + 2e-9
            assert weight[held < row.high].sum() < 0.9 + 1e-9 and weight[held <= row.high].sum() >= 0.9 - 1e-9
        if len(data):
            shown = data_of(charts.stock_fan(plan, material), "reference")
            assert shown["reference"].tolist() == data["reference"].tolist() and shown["low"].tolist() == data["low"].tolist()


def test_a_future_of_little_weight_widens_the_outer_band_only():
    """Bands weigh the futures by probability: one of 5% moves the extremes, not the middle 80%."""
    plan = plain()
    futures = pd.DataFrame({"scenario": ["a", "b", "c"], "probability": [0.05, 0.9, 0.05]})
    stock = pd.DataFrame({"scenario": ["a", "b", "c"], "material": "ore", "period": "2027", "quantity": [0.0, 5.0, 100.0], "cover_days": [None, 1.0, 2.0]})
    plan = with_table(with_table(plan, "scenarios", futures), "scenario_stock", stock)
    row = bands(plan, "ore").iloc[0]
    assert (row["lowest"], row["low"], row["high"], row["highest"]) == (0.0, 5.0, 5.0, 100.0)
    assert bands(plan, "ore", "cover_days").iloc[0]["lowest"] == 1.0


def test_the_days_fan_leaves_out_periods_without_demand():
    """Where nothing is needed there are no days of cover, and the chart says so."""
    assert bands(barest(), "ore", "cover_days").empty
    assert text_charts.NO_STOCK in drawn(charts.days_fan(barest(), "ore"))


def test_a_replayed_future_is_drawn_with_its_own_stock(plan):
    """The line of one future holds its stock, period by period."""
    material, name = materials(plan)[0], worst(plan)
    shown = data_of(charts.stock_fan(plan, material, name), "story")
    stock = plan.tables["scenario_stock"]
    assert shown["story"].tolist() == stock.loc[(stock["material"] == material) & (stock["scenario"] == name), "quantity"].tolist()


# -- suppliers and uses ---------------------------------------------------------------------------------------------------


def test_the_mix_holds_the_orders_of_each_bloc_in_its_colour():
    """Bars hold the table's quantities, in bloc order, each bloc in its colour."""
    for name in NAMES:
        plan = solved(name)
        for material in materials(plan)[:4]:
            table = plan.tables["mix"]
            rows = table[(table["material"] == material) & (table["ordered"] > 0)]
            chart = charts.mix(plan, material)
            if rows.empty:
                assert text_charts.NOTHING_ORDERED in drawn(chart)
                continue
            assert data_of(chart, "ordered")["ordered"].tolist() == rows["ordered"].tolist()
            if table["period"].nunique() <= MOST_NUMBERS:
                assert data_of(chart, "whole")["whole"].sum() == pytest.approx(rows["ordered"].sum())
            spec = chart.to_dict()
            scale = spec.get("layer", [spec])[0]["encoding"]["color"]["scale"]
            present = [bloc for bloc in BLOCS if bloc in set(rows["bloc"])]
            assert scale["domain"] == [text_charts.BLOC_WORDS[bloc] for bloc in present] and scale["range"] == [BLOC_COLOURS[bloc] for bloc in present]


def test_origin_is_told_apart_from_bloc():
    """What an allied trader sells of Chinese material stands under allied by bloc and under Chinese by origin; nothing is lost between the two."""
    sold = (offer("Trader", origin="chinese", capacity=6.0), offer("Mine", price=2.0, row=3))
    plan = optimizer.solve(case(settings=settings(periods=1), offers=sold))
    by_bloc, by_origin = (data_of(charts.mix(plan, "ore", by), "bloc_text").set_index("bloc_text")["ordered"] for by in ("bloc", "origin"))
    assert by_bloc.to_dict() == {"Allied": 10.0} and by_origin.to_dict() == {"Chinese": 6.0, "Allied": 4.0}


def test_the_highest_stock_and_the_mean_costs_carry_their_number():
    """The largest stock of the reference path is written at its point, the expected cost and that of the worst at their lines."""
    plan = solved("gallium_germanium")
    material = materials(plan)[0]
    cover = plan.tables["cover"]
    peak = data_of(charts.stock_fan(plan, material), "peak")
    assert peak["peak"].tolist() == [cover.loc[cover["material"] == material, "quantity"].max()]
    shown = json.dumps(charts.cost_histogram(plan).to_dict())
    assert shown.count("format(datum.at") == 2


def test_the_flows_carry_their_numbers_and_say_what_they_put_together():
    """A node's label begins with what flows through it; the suppliers that are put together are named, with their share; where none are, nothing is said."""
    plan = plain()
    rows = pd.DataFrame({"supplier": [f"S{n:02d}" for n in range(30)], "material": "ore", "offer": "", "bloc": "allied"})
    many = with_table(plan, "orders", rows.assign(spot=1.0, contract=0.0, cost=range(1, 31)))
    labels = {node["name"]: node["label"]["formatter"] for node in charts.flows(many)["series"][0]["data"]}
    assert labels["ore"] == "465 USD  ore" and labels[text_charts.others(10)] == f"55 USD  {text_charts.others(10)}"
    (said,) = charts.flows_left_out(many)
    assert said.startswith("The 10 smallest suppliers are put together, 11.8% of what is ordered: S09, S08")
    assert charts.flows_left_out(plan) == [] and charts.flows_left_out(barest(), "ore") == []
    for node in charts.flows(biting())["series"][0]["data"]:
        assert "{b" not in node["label"]["formatter"] and "{@" not in node["label"]["formatter"]


def test_the_flows_of_a_material_balance():
    """What comes in is the expected orders (and stock drawn), and as much goes out, the uses getting the demand that is met."""
    for name in NAMES:
        plan = solved(name)
        chance = plan.tables["scenarios"].set_index("scenario")["probability"]
        for material in materials(plan):
            option = charts.flows(plan, material)
            links, middle = option["series"][0]["links"], material
            into = sum(link["value"] for link in links if link["target"] == middle)
            out = sum(link["value"] for link in links if link["source"] == middle)
            assert into == pytest.approx(out, rel=1e-4)
            orders = plan.tables["scenario_orders"]
            orders = orders[orders["material"] == material]
            bought = ((orders["spot"] + orders["contract"]) * orders["scenario"].map(chance)).sum()
            from_stock = sum(link["value"] for link in links if link["source"] == text_charts.FROM_STOCK)
            assert into - from_stock == pytest.approx(bought, rel=1e-4)
            stock = plan.tables["scenario_stock"]
            stock = stock[stock["material"] == material]
            met = ((stock["demand"] - stock["short"]) * stock["scenario"].map(chance)).sum()
            uses = {demand.use for demand in plan.case.demand if demand.material == material}
            assert sum(link["value"] for link in links if link["target"] in uses) == pytest.approx(met, rel=1e-4)


def test_the_flows_of_all_materials_are_what_the_orders_cost():
    """In money, suppliers give what their orders on the reference path cost; what is made into another material goes on there."""
    for name in NAMES:
        plan = solved(name)
        links = charts.flows(plan)["series"][0]["links"]
        known = set(materials(plan))
        inflow = sum(link["value"] for link in links if link["target"] in known and link["source"] not in known)
        assert inflow == pytest.approx(plan.tables["orders"]["cost"].sum(), rel=1e-6)
        assert sum(link["value"] for link in links if link["target"] not in known) == pytest.approx(inflow, rel=1e-6)
    links = charts.flows(solved("rare_earth_magnets"))["series"][0]["links"]
    assert any((link["source"], link["target"]) == ("NdPr oxide", "NdFeB magnets") for link in links)


def test_every_node_of_the_flows_has_a_name_of_its_own_whatever_the_names():
    """A supplier, a material and a use of one name are three nodes; links join them without a circle; a percent sign in a unit is text."""
    for material in (None, *materials(biting())):
        option = charts.flows(biting(), material)
        names = [node["name"] for node in option["series"][0]["data"]]
        assert len(set(names)) == len(names) and all(len(name) <= 60 for name in names)
        assert all(link["source"] in names and link["target"] in names and link["source"] != link["target"] for link in option["series"][0]["links"])
        unit = option["tooltip"]["valueFormatter"].split("f ", 1)[1]
        assert unit.replace("%%", "").count("%") == 0
    assert charts.flows(barest()) is None and charts.flows(barest(), "ore") is None


def test_the_smallest_of_many_suppliers_stand_together():
    """Past 20 suppliers the rest is one node, and no quantity is lost."""
    plan = plain()
    rows = pd.DataFrame({"supplier": [f"S{n:02d}" for n in range(30)], "material": "ore", "offer": "", "bloc": "allied"})
    rows = rows.assign(spot=1.0, contract=0.0, cost=range(1, 31))
    links = charts.flows(with_table(plan, "orders", rows))["series"][0]["links"]
    sources = {link["source"]: link["value"] for link in links if link["target"] == "ore"}
    assert len(sources) == 21 and sources[text_charts.others(10)] == sum(range(1, 11)) and sum(sources.values()) == 465


def test_materials_made_of_each_other_do_not_run_in_a_circle():
    """Where A is made of B and B of A, what is made ends at a node of its own, for a Sankey cannot show a circle."""
    plan = plain()
    offer = replace(plan.case.offers[0], input_material="ore", input_per_unit=0.5)
    links = charts.flows(replace(plan, case=replace(plan.case, offers=(offer,))))["series"][0]["links"]
    assert all(link["source"] != link["target"] for link in links) and any(link["target"] == text_charts.made_into("ore") for link in links)


# -- money ----------------------------------------------------------------------------------------------------------------


def test_the_budget_shows_each_row_of_the_table_once():
    """Limit, reference path and dearest future of every budget row are drawn, two rows of one year apart."""
    for plan in (*map(solved, NAMES), biting()):
        shown, table = data_of(charts.budget(plan), "amount"), plan.tables["budget"].assign(amount=lambda rows: rows.amount + rows.carried)
        assert shown["row"].is_unique and len(shown) == len(table)
        for column in ("amount", "spent", "highest"):
            ratio = shown[column].sum() / table[column].sum()
            assert any(ratio == pytest.approx(size) for size in (1, 1e-6, 1e-9))


def test_without_a_budget_the_outlay_is_drawn():
    """A plan without budget rows shows what each year spends, and one that spends nothing says so."""
    shown = data_of(charts.budget(plain()), "spent")
    assert shown["spent"].tolist() == [10.0] and shown["part"].tolist() == ["Purchases"]
    assert text_charts.NO_SPENDING in drawn(charts.budget(barest())) and text_charts.NO_SPENDING in drawn(charts.costs(barest()))


def test_the_cost_parts_are_those_of_the_table(plan):
    """Every part that is not nothing is drawn with its expected cost, the largest first."""
    table = plan.tables["costs"]
    table = table[table["expected"] != 0].sort_values("expected", ascending=False)
    if len(table):
        shown = data_of(charts.costs(plan), "expected")
        assert shown["part"].tolist() == [text_charts.part_word(part) for part in table["part"]]
        assert np.allclose(shown["expected"] / shown["expected"].sum(), table["expected"] / table["expected"].sum())


def test_the_bins_of_the_futures_hold_all_the_probability(plan):
    """Each future falls into one bin that spans its cost; the tail's probability is that of the futures in it."""
    futures = plan.tables["scenarios"]
    bins = cost_bins(futures)
    assert bins["probability"].sum() == pytest.approx(1.0) and bins["low"].nunique() <= 25
    tail = futures["in_tail"]
    assert bins.loc[bins["tail"], "probability"].sum() == pytest.approx(futures.loc[tail, "probability"].sum())
    step = (bins["high"] - bins["low"]).iloc[0]
    assert all(((bins["low"] <= cost + 1e-6 * step) & (cost <= bins["high"] + 1e-6 * step)).any() for cost in futures["cost"])
    rules = data_of(charts.cost_histogram(plan), "at")["at"].tolist()
    assert rules[0] == 0 or rules[1] / rules[0] == pytest.approx(plan.cvar / plan.expected_cost)


# -- one future, a disruption, several plans ------------------------------------------------------------------------------


def test_the_spells_of_a_future_are_read_whatever_the_names_hold():
    """Names with colons, semicolons and period labels in them are told from the periods beside them."""
    found = charts.spells(biting(), "S004")
    assert sorted(found.itertuples(index=False, name=None)) == sorted([(SCRIPT, "2028", "2028"), (BITING[6], "2028", "2028")])
    assert charts.spells(biting(), "S001").empty and charts.spells(plain(), "no such future").empty


def test_the_spells_of_every_future_say_its_events_again():
    """Put into words again, the spells of each future of each sample are its events."""
    for name in NAMES:
        plan = solved(name)
        for line in plan.tables["scenarios"].itertuples():
            words = [
                f"{disruption}: " + ", ".join(r.begins if r.begins == r.ends else f"{r.begins} to {r.ends}" for r in rows.itertuples())
                for disruption, rows in charts.spells(plan, line.scenario).groupby("disruption", sort=False)
            ]
            assert ("; ".join(words) or "nothing happens") == line.events


def test_replayed_demand_and_orders_are_those_of_the_future(plan):
    """Met and short add up to the demand, circles to the orders of that future."""
    name = worst(plan)
    for material in materials(plan)[:3]:
        stock, orders = plan.tables["scenario_stock"], plan.tables["scenario_orders"]
        stock = stock[(stock["scenario"] == name) & (stock["material"] == material)]
        if stock["demand"].sum() > 0:
            shown = data_of(charts.replay_demand(plan, name, material), "amount").groupby("kind")["amount"].sum()
            assert shown[text_charts.SHORT] == pytest.approx(stock["short"].sum()) and shown.sum() == pytest.approx(stock["demand"].sum())
        orders = orders[(orders["scenario"] == name) & (orders["material"] == material)]
        if len(orders):
            shown = data_of(charts.replay_orders(plan, name, material), "amount")
            assert shown["amount"].sum() == pytest.approx((orders["spot"] + orders["contract"]).sum())


def test_the_playbook_shades_the_disrupted_periods():
    """Stock, undisturbed stock and shortage are the table's; the shade spans begins to lasts_until."""
    plan = solved("gallium_germanium")
    rows = playbook_of(plan, materials(plan)[0])
    tables = charts.playbook(rows).to_dict()["datasets"].values()
    lengths = sorted(len(table) for table in tables)
    assert lengths == [len(rows) // 2 + 1, len(rows)]
    whole = next(pd.DataFrame(table) for table in tables if len(table) == len(rows))
    assert whole["stock"].tolist() == rows["stock"].tolist() and whole["short"].tolist() == rows["short"].tolist()
    assert text_charts.NO_ROWS in drawn(charts.playbook(rows.iloc[:0]))


def test_the_waterfall_goes_from_one_cost_to_the_other():
    """Its first and last bars are the two costs, each step begins where the last ended, and the words carry the sign; plans that are called like a step too."""
    a, b = solved("tutorial"), solved("gallium_germanium")
    found = differences(a, b)
    chart = charts.waterfall(a, b, ("Purchases", "b"), found)
    steps = data_of(chart, "from")
    assert steps["to"].iloc[0] * 1e6 == pytest.approx(a.expected_cost) and steps["to"].iloc[-1] * 1e6 == pytest.approx(b.expected_cost)
    between = steps.iloc[1:-1]
    assert between["from"].tolist() == pytest.approx(steps["to"].iloc[:-2].tolist()) and between["to"].iloc[-1] == pytest.approx(steps["to"].iloc[-1])
    moves = (between["to"] - between["from"]).tolist()
    assert [abs(move) for move in moves] == sorted((abs(move) for move in moves), reverse=True)
    assert [words[0] for words in between["words"]] == ["+" if move > 0 else "\u2212" for move in moves]
    assert steps["step"].is_unique and steps["step"].iloc[0] == "Purchases"
    assert text_charts.NO_STEPS in drawn(charts.waterfall(a, a, ("a", "b"), differences(a, a)))


def test_plans_are_compared_in_one_currency_only():
    """Costs of plans are stacked side by side; plans in different currencies are not, and the chart says why."""
    a, b = solved("tutorial"), solved("gallium_germanium")
    shown = data_of(charts.compare_costs({"a": a, "b": b}), "cost").groupby("plan")["cost"].sum() * 1e6
    assert shown["a"] == pytest.approx(a.expected_cost) and shown["b"] == pytest.approx(b.expected_cost)
    points = data_of(charts.cost_risk({"a": a, "b": b}), "risk").drop_duplicates("plan")
    assert points["risk"].tolist() == pytest.approx([a.cvar / 1e6, b.cvar / 1e6])
    for chart in (charts.compare_costs({"a": a, "b": solved("rare_earth_magnets")}), charts.cost_risk({"a": a, "b": solved("rare_earth_magnets")})):
        assert "different currencies" in drawn(chart)
    assert text_charts.NO_PLANS in drawn(charts.compare_costs({}))


def test_the_bound_chart_leaves_out_what_is_not_yet_known():
    """None, infinite and huge values are not drawn; without any value the chart says so."""
    values = ((None, float("-inf")), (1e30, 10.0), (12.0, 11.0))
    rows = [{"seconds": 0.1 * number, "incumbent": incumbent, "bound": bound} for number, (incumbent, bound) in enumerate(values)]
    shown = data_of(charts.bound_chart(rows, "USD"), "value")
    assert sorted(shown["value"]) == [10.0, 11.0, 12.0]
    assert text_charts.NO_PROGRESS in drawn(charts.bound_chart(rows[:1], "USD"))


# -- the map --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written, name",
    [
        ("USA", "United States"),
        ("u.s.", "United States"),
        ("UK", "United Kingdom"),
        ("Korea", "South Korea"),
        ("DRC", "DR Congo"),
        ("Czech Republic", "Czechia"),
        ("Turkiye", "Türkiye"),
        ("turkey", "Türkiye"),
        ("Taiwan", "Taiwan"),
        ("hong kong", "Hong Kong"),
        ("COTE D'IVOIRE", "Côte d'Ivoire"),
        ("de", "Germany"),
        ("The Netherlands", "Netherlands"),
        ("EST", "Estonia"),
        ("Congo", "Congo"),
    ],
)
def test_countries_are_known_by_their_names_and_codes_however_written(written, name):
    """Case, accents, marks and usual other names make no difference."""
    assert world.country_of(written).name == name


def test_every_country_of_the_samples_is_on_the_map():
    """No sample has a country that the map does not know."""
    for name in NAMES:
        assert all(world.country_of(offer.country) for offer in solved(name).case.offers if offer.country)


def test_a_wrong_country_or_bloc_leaps_to_the_eye():
    """A misspelt country is named with the nearest known one, a country under two blocs with both."""
    rows = [
        {"supplier": "A", "material": "ore", "bloc": "allied", "country": "Estonnia", "capacity_per_year": 1},
        {"supplier": "B", "material": "ore", "bloc": "chinese", "country": "China", "capacity_per_year": "many"},
        {"supplier": "C", "material": "ore", "bloc": "allied", "country": "PRC", "capacity_per_year": 5},
        {"supplier": "D", "material": "oxide", "bloc": None, "country": None, "capacity_per_year": None},
    ]
    found = world.misplaced(rows)
    assert found.unknown == (("Estonnia", "Estonia", ("A",)),)
    assert found.mixed == (("China", {"chinese": ("B",), "allied": ("C",)}),)
    assert len(found.sentences()) == 2 and "Estonia" in found.sentences()[0]
    places = world.places(rows)
    assert places[["country", "bloc", "offers", "capacity"]].values.tolist() == [["China", "chinese", 1, 0.0], ["China", "allied", 1, 5.0]]
    assert world.misplaced(rows, "oxide").unknown == ()


def test_the_map_asks_nothing_of_the_net():
    """The outlines of the countries travel in the chart, also in that which the page takes; it holds no address to fetch from."""
    rows = [{"supplier": "A", "material": "ore", "bloc": "allied", "country": "Japan", "capacity_per_year": 1}]
    chart = world.sources_map(rows, "ore", "t")
    assert '"url"' not in chart.to_json(validate=False)
    spec, whole = world.sources_spec(rows, "ore", "t"), chart.to_dict(validate=False)
    assert (spec["layer"], spec["datasets"]) == (whole["layer"], whole["datasets"]) and spec["layer"][0]["data"]["values"]["objects"]


# -- figures --------------------------------------------------------------------------------------------------------------


def test_figures_carry_their_unit():
    """Quantities and money have thousands separators and a unit, and what is missing is a dash."""
    assert quantity(1234567.0, "kg") == "1,234,567 kg" and quantity(float("nan"), "kg") == quantity(None, "kg") == "–"
    assert money_text(4.59e6, "USD") == "USD 4.59 million" and bare_money(4.59e6, "USD") == "4.59 million" and bare_money(5e6, "thousand USD") == "5,000,000"
    assert apart(["x" * 50, "x" * 51, "y"]) == ["x" * 39 + "…", "x" * 39 + "… 2", "y"]
