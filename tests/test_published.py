"""Problems with a printed answer, written as a planner would write them, come out at that answer."""

from __future__ import annotations

import pytest
from workbooks import write_workbook

import optimizer
from optimizer.intake.reader import read

EXACT = 1e-6
"""Relative: what a printed optimum and ours may differ by."""

EXPECTED_COST = {"discount_rate": 0, "risk_weight": 0, "cvar_level": 0, "mip_gap": 0}
"""Settings of a textbook: money keeps its value, and only the expected cost counts."""


def event(name: str, probability: float = 0, months: float = 12, remaining: float = 1, **more) -> dict:
    """A row of Disruptions that harms nothing unless `more` says so."""
    return {"disruption": name, "annual_probability": probability, "mean_duration_months": months, "capacity_remaining": remaining, **more}


def solved(tmp_path, sheets: dict) -> optimizer.Plan:
    """The plan of the workbook with these sheets."""
    return optimizer.solve(write_workbook(tmp_path / "case.xlsx", sheets))


def newsvendor() -> dict:
    """Order this year, without knowing it, what next year needs; what is left costs 500,000, what is missing 1,000,000."""
    chances = {1: 0.25, 2: 0.05, 3: 0.10, 4: 0.20, 5: 0.15, 6: 0.10, 7: 0.10, 8: 0.05}
    return {
        "Settings": {"start": "2027-01-01", "period": "year", "periods": 2, "scenario_method": "listed", **EXPECTED_COST},
        "Materials": [{"material": "papers", "unit": "piece", "holding_cost_per_year": 500_000}],
        "Demand": [{"material": "papers", "use": "readers", "annual_demand": 1, "shortage_cost": 1_000_000, "2027": 0}],
        "Suppliers": [{"supplier": "printer", "material": "papers", "bloc": "allied", "price": 0, "capacity_per_year": 100, "lead_time_months": 12}],
        "Disruptions": [event(f"{n} readers", demand_multiplier=n) for n in chances if n > 1],
        "Scenarios": [
            {"scenario": f"demand {n}", "probability": p, **({"disruption": f"{n} readers", "starts": "2028", "duration_months": 12} if n > 1 else {})}
            for n, p in chances.items()
        ],
    }


def test_newsvendor_with_discrete_demand_costs_1_225_000(tmp_path):
    """Snyder & Shen, Fundamentals of Supply Chain Theory (2nd ed.), problem 4.7(b): order 5, expected cost 1,225,000.

    The order is placed in the first year and arrives a year later, when the demand 1..8 is seen: eight listed scenarios, each
    with a disruption that multiplies a demand of 1. Left-over pieces pay a year's holding cost, missing ones the shortage cost.
    """
    plan = solved(tmp_path, newsvendor())
    assert plan.objective == pytest.approx(1_225_000, rel=EXACT)
    assert plan.tables["orders"]["spot"].sum() == pytest.approx(5, rel=EXACT), "the critical ratio 2/3 is reached at 5"


def test_newsvendor_whose_papers_are_worthless_the_next_day_costs_1_225_000(tmp_path):
    """The same problem told as it is: a paper's life ends with its day, and what is left then is thrown away at 500,000."""
    sheets = newsvendor()
    sheets["Materials"] = [{"material": "papers", "unit": "piece", "shelf_life_months": 12, "disposal_cost": 500_000}]
    plan = solved(tmp_path, sheets)
    assert plan.objective == pytest.approx(1_225_000, rel=EXACT)
    assert plan.tables["orders"]["spot"].sum() == pytest.approx(5, rel=EXACT)
    assert not plan.tables["stock"]["quantity"].any(), "nothing is kept overnight"


def air_conditioners(**settings) -> dict:
    """Three months of production, 200 a month at 100 each and overtime at 300; 50 for each piece kept a month."""
    return {
        "Settings": {"start": "2027-01-01", "period": "month", "periods": 3, **EXPECTED_COST, **settings},
        "Materials": [{"material": "air conditioners", "unit": "piece", "holding_cost_per_year": 600}],
        "Demand": [{"material": "air conditioners", "use": "orders", "annual_demand": 1200, "shortage_cost": 100_000}],
        "Suppliers": [
            {"supplier": "regular time", "material": "air conditioners", "bloc": "onshored", "price": 100, "capacity_per_year": 2400},
            {"supplier": "overtime", "material": "air conditioners", "bloc": "onshored", "price": 300, "capacity_per_year": 100_000},
        ],
    }


def test_air_conditioners_with_listed_demands_cost_62_500(tmp_path):
    """Birge & Louveaux, Introduction to Stochastic Programming (2nd ed.), p. 237; 62,500 in Papavasiliou's notes and SDDP.jl.

    Demand is 100 in the first month, then 100 or 300 with equal chance: a disruption that triples it, in four listed scenarios
    which share a node until their demands differ. A shortage cost above any production cost makes all demand be met.
    """
    sheets = air_conditioners(scenario_method="listed") | {
        "Disruptions": [event("heat", demand_multiplier=3)],
        "Scenarios": [
            {"scenario": "cool, cool", "probability": 0.25},
            {"scenario": "cool, hot", "probability": 0.25, "disruption": "heat", "starts": "2027-03", "duration_months": 1},
            {"scenario": "hot, cool", "probability": 0.25, "disruption": "heat", "starts": "2027-02", "duration_months": 1},
            {"scenario": "hot, hot", "probability": 0.25, "disruption": "heat", "starts": "2027-02", "duration_months": 2},
        ],
    }
    assert solved(tmp_path, sheets).objective == pytest.approx(62_500, rel=EXACT)


def test_air_conditioners_with_random_heat_cost_62_500(tmp_path):
    """The same problem with every history of the disruption process instead of listed scenarios (`exact`).

    Heat that begins with a chance of 1/2 a month (1 - (1/2)^12 a year) and lasts two months on average, thus ends with a chance
    of 1/2, makes the demands of months 2 and 3 independent coin tosses.
    """
    sheets = air_conditioners(scenario_method="exact") | {"Disruptions": [event("heat", 1 - 0.5**12, 2, demand_multiplier=3)]}
    assert solved(tmp_path, sheets).objective == pytest.approx(62_500, rel=EXACT)


def test_gas_bought_before_the_winter_is_known_costs_1_400(tmp_path):
    """LINDO, LINGO user's manual, gas buying example (SPGAS1), after the Stochastic Programming Society's introduction: 1,400.

    Gas costs 5 this year and 5, 6 or 7.5 next year, when 100, 150 or 180 units are needed; keeping a unit costs 1. Cold and very
    cold are disruptions that multiply price and demand, in listed scenarios of probability 1/3. The plan keeps 100 units.
    """
    plan = solved(
        tmp_path,
        {
            "Settings": {"start": "2027-01-01", "period": "year", "periods": 2, **EXPECTED_COST},
            "Materials": [{"material": "gas", "unit": "unit", "holding_cost_per_year": 1}],
            "Demand": [{"material": "gas", "use": "heating", "annual_demand": 100, "shortage_cost": 1000}],
            "Suppliers": [{"supplier": "market", "material": "gas", "bloc": "other", "price": 5, "capacity_per_year": 10_000}],
            "Disruptions": [event("cold", price_multiplier=1.2, demand_multiplier=1.5), event("very cold", price_multiplier=1.5, demand_multiplier=1.8)],
            "Scenarios": [
                {"scenario": "normal winter", "probability": 1 / 3},
                {"scenario": "cold winter", "probability": 1 / 3, "disruption": "cold", "starts": "2028", "duration_months": 12},
                {"scenario": "very cold winter", "probability": 1 / 3, "disruption": "very cold", "starts": "2028", "duration_months": 12},
            ],
        },
    )
    assert plan.objective == pytest.approx(1400, rel=EXACT)
    stock = plan.tables["stock"]
    assert stock[stock["period"] == "2027"]["quantity"].sum() == pytest.approx(100, rel=EXACT)


def test_three_suppliers_are_best_at_80_636_80(tmp_path):
    """Berger, Gerstenfeld & Zeng (2004), Omega 32, as in Heizer & Render, Operations Management, supplement 11: 3 suppliers.

    All fail together with S = 0.005, each alone with U = 0.04; being without any costs 10,000,000, each supplier 10,000:
    10,000 n + 10,000,000 (S + (1-S) U^n). A supplier is an offer behind a project of 10,000; four are on offer, and every
    combination of the five disruptions is a scenario.
    """
    names = ["first", "second", "third", "fourth"]
    plan = solved(
        tmp_path,
        {
            "Settings": {"start": "2027-01-01", "period": "year", "periods": 2, "scenario_method": "exact", **EXPECTED_COST},
            "Materials": [{"material": "motors", "unit": "lot"}],
            "Demand": [{"material": "motors", "use": "production", "annual_demand": 1, "shortage_cost": 10_000_000, "2027": 0}],
            "Suppliers": [
                {
                    "supplier": name,
                    "material": "motors",
                    "bloc": "allied",
                    "price": 0,
                    "capacity_per_year": 1,
                    "available_from": "2028",
                    "project": f"manage {name}",
                }
                for name in names
            ],
            "Projects": [{"project": f"manage {name}", "kind": "qualification", "cost": 10_000, "lead_time_months": 0} for name in names],
            "Disruptions": [event("super-event", 0.005, remaining=0), *(event(f"unique event at {name}", 0.04, remaining=0, supplier=name) for name in names)],
        },
    )
    assert plan.objective == pytest.approx(80_636.80, rel=EXACT)
    assert plan.tables["projects"]["start"].notna().sum() == 3
    assert plan.probability_of_shortage == pytest.approx(0.005 + 0.995 * 0.04**3, rel=EXACT)


def test_cvar_of_four_equally_likely_costs_is_36_25(tmp_path):
    """Rockafellar & Uryasev (2002), J. Banking & Finance 26: CVaR of a discrete distribution splits the atom at the quantile.

    One unit is bought at 10, 20, 30 or 40, listed scenarios that differ from the first period on. The worst 0.4 are all of the
    0.25 at 40 and 0.15 of the 0.25 at 30: (0.25·40 + 0.15·30) / 0.4 = 36.25.
    """
    plan = solved(
        tmp_path,
        {
            "Settings": {"start": "2027-01-01", "period": "year", "periods": 1, **EXPECTED_COST, "risk_weight": 1, "cvar_level": 0.6},
            "Materials": [{"material": "ore", "unit": "t"}],
            "Demand": [{"material": "ore", "use": "smelter", "annual_demand": 1, "shortage_cost": 1000}],
            "Suppliers": [{"supplier": "mine", "material": "ore", "bloc": "other", "price": 10, "capacity_per_year": 5}],
            "Disruptions": [event(f"times {n}", price_multiplier=n) for n in (2, 3, 4)],
            "Scenarios": [
                {"scenario": "calm", "probability": 0.25},
                *({"scenario": f"price {n}0", "probability": 0.25, "disruption": f"times {n}", "starts": "2027", "duration_months": 12} for n in (2, 3, 4)),
            ],
        },
    )
    assert plan.cvar == pytest.approx(36.25, rel=EXACT)
    assert plan.objective == pytest.approx(36.25, rel=EXACT)
    assert plan.expected_cost == pytest.approx(25, rel=EXACT)


def widget(**project) -> dict:
    """A factory of 1,600 makes a widget a year for ever, or widgets are bought at 200 now and at 300 or 100, with equal chance, from next year on.

    Those of next year and later are worth 11 of next year's; none can be kept.
    """
    return {
        "Settings": {"start": "2027-01-01", "period": "year", "periods": 2, "scenario_method": "listed", **EXPECTED_COST, "discount_rate": 0.1},
        "Materials": [{"material": "widgets", "unit": "piece", "storage_capacity": 0}],
        "Demand": [{"material": "widgets", "use": "sale", "annual_demand": 1, "shortage_cost": 100_000, "2028": 11}],
        "Suppliers": [
            {"supplier": "market", "material": "widgets", "bloc": "other", "price": 200, "capacity_per_year": 11},
            {"supplier": "factory", "material": "widgets", "bloc": "onshored", "price": 0, "capacity_per_year": 11, "project": "build"},
        ],
        "Projects": [{"project": "build", "cost": 1600, "lead_time_months": 0, **project}],
        "Disruptions": [event("rise", price_multiplier=1.5, supplier="market"), event("fall", price_multiplier=0.5, supplier="market")],
        "Scenarios": [{"scenario": name, "probability": 0.5, "disruption": name, "starts": "2028", "duration_months": 12} for name in ("rise", "fall")],
    }


def test_a_factory_that_waits_for_the_price_is_worth_772_73(tmp_path):
    """Dixit & Pindyck (1994), Investment under Uncertainty, chapter 2: the two-period widget is worth 600 built now, 772.73 if it may wait."""
    bought = 200 + 11 * 200 / 1.1
    now = solved(tmp_path, widget())
    assert bought - now.objective == pytest.approx(600, rel=EXACT)
    assert now.tables["projects"]["start"].tolist() == ["2027"]
    waiting = solved(tmp_path, widget(may_wait_for="rise, fall"))
    assert bought - waiting.objective == pytest.approx(0.5 * (3300 - 1600) / 1.1, rel=EXACT)
    assert bought - waiting.objective == pytest.approx(772.7272727, rel=EXACT)
    assert waiting.tables["projects"]["if"].tolist() == ["rise"]
    assert any(sentence.startswith("Start build once rise is in force, not before") for sentence in waiting.sentences["start"])


MASKS = {
    "M1": (50, 704986, 704370, 639830, 781834),
    "M2": (38, 681994, 744763, 759305, 727634),
    "M3": (30, 649896, 669537, 664394, 653397),
    "M4": (45, 722885, 753833, 773519, 699529),
    "M5": (30, 699373, 652477, 652477, 670911),
}
"""Maker -> its capacity in boxes a month, and its price delivered to each site."""

SITES = {"HCM": 40, "Hanoi": 50, "Haiphong": 37, "Danang": 35}
"""Site -> boxes needed in a month."""


def test_makers_who_deliver_to_several_sites_cost_107_821_896(tmp_path):
    """A published selection of suppliers (VND): five makers, four sites, one capacity for all that a maker delivers, here its plant."""
    plan = solved(
        tmp_path,
        {
            "Settings": {"start": "2027-01-01", "period": "month", "periods": 1, **EXPECTED_COST},
            "Materials": [{"material": f"masks at {site}", "unit": "box"} for site in SITES],
            "Demand": [
                {"material": f"masks at {site}", "use": "training", "annual_demand": 12 * boxes, "shortage_cost": 5_000_000} for site, boxes in SITES.items()
            ],
            "Plants": [{"plant": maker, "capacity_per_year": 12 * capacity} for maker, (capacity, *_) in MASKS.items()],
            "Suppliers": [
                {"supplier": maker, "material": f"masks at {site}", "bloc": "other", "price": price, "capacity_per_year": 12 * capacity, "plant": maker}
                for maker, (capacity, *prices) in MASKS.items()
                for site, price in zip(SITES, prices, strict=True)
            ],
            "Disruptions": [],
            "Budget": [],
        },
    )
    assert plan.objective == pytest.approx(107_821_896, rel=EXACT)


@pytest.mark.parametrize("needed, cost, signed", [(280, 27_300, "from 300 t"), (270, 27_000, "any quantity")])
def test_a_price_break_is_taken_once_it_pays(tmp_path, needed, cost, signed):
    """9% off from 300 t a year, under contract: 300 t at 91, all paid for, cost 27,300, and as much do 273 t at 100. By hand.

    The price breaks are contracts of one choose_one; the plant of 400 t keeps them from adding up.
    """
    terms = {"supplier": "magnet maker", "material": "magnets", "bloc": "chinese", "price": 120, "terms": "contract", "take_or_pay": 1, "plant": "works"}
    bands = [
        {"offer": "any quantity", "contract_price": 100, "capacity_per_year": 300, "minimum_contract": 1},
        {"offer": "from 300 t", "contract_price": 91, "capacity_per_year": 400, "minimum_contract": 300},
    ]
    plan = solved(
        tmp_path,
        {
            "Settings": {"start": "2027-01-01", "period": "year", "periods": 1, **EXPECTED_COST},
            "Materials": [{"material": "magnets", "unit": "t"}],
            "Demand": [{"material": "magnets", "use": "motors", "annual_demand": needed, "shortage_cost": 1000}],
            "Plants": [{"plant": "works", "capacity_per_year": 400}],
            "Suppliers": [{**terms, **band, "choose_one": "magnet maker's price breaks"} for band in bands],
            "Disruptions": [],
            "Budget": [],
        },
    )
    assert plan.objective == pytest.approx(cost, rel=EXACT)
    assert plan.tables["contracts"]["offer"].tolist() == [signed]


def test_a_workbook_reads_as_it_was_written(tmp_path):
    """The newsvendor's workbook reads as its eight demands with their probabilities, and none in the first year."""
    reading = read(write_workbook(tmp_path / "newsvendor.xlsx", newsvendor()))
    assert [row.probability for row in reading.case.scenarios] == [0.25, 0.05, 0.10, 0.20, 0.15, 0.10, 0.10, 0.05]
    assert [row.demand_multiplier for row in reading.case.disruptions] == [2, 3, 4, 5, 6, 7, 8]
    assert reading.case.demand[0].by_period == {0: 0}
