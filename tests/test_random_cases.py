"""The random cases are small, repeatable, and hold every feature of the workbook often enough to mean something."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from itertools import combinations

import pytest
from random_cases import MOST_SCENARIOS, case_of, random_case
from random_features import features
from random_streams import Draw, Stream
from written_out import enumerate_paths, solve_written_out

from optimizer.schema.sheets import INPUTS

SEEDS = range(400)
ENOUGH = 5

FEATURES = """
0 disruptions, 1 disruptions, 1 materials, 2 disruptions, 2 materials, 3 disruptions, 3 materials, active_now, allowed_origins,
allowed_origins_from, annual_growth, annual_loss, available_from, budget all, budget of a partial year, budget of some materials,
budget outside the horizon, budget projects, budget purchases, budget storage, budget that carries over, by_period, changed capacity of
a contract, changed capacity of an offer that ships later, changed capacity with a blank spot limit, changed capacity_per_year, changed
contract_price, changed contract_price of an indexed contract, changed price, changed price of an indexed contract, changed price that
grows, changed spot_limit_per_year, choose_one of several, contract fixed, contract indexed, contract_from or contract_to,
contract_price_growth, cvar level 0, cvar level 0.5, cvar level 0.9, decision_date, demand of some uses, demand_multiplier, discount,
disposal_cost, disruption bloc, disruption country, disruption material, disruption supplier, disruption without filter, duty, duty
from or to, duty of some offers, duty unless_active, duty while_active, earliest_start, exact, feedstock struck, feedstock_bloc,
feedstock_country, feedstock_dependence, fixed_contract, fixed_contract of nothing, fiscal year not the calendar year, follows, follows
and decision_date, free disposal, holding_cost_per_year, input of a named offer, input under contract, input_material, inputs on
Inputs, largest_country_share hard, largest_country_share with penalty, largest_supplier_share hard, largest_supplier_share with
penalty, latest_start, lead_time_added_months, lead_time_months, limit bloc, limit country, limit end, limit everywhere, limit
material, limit maximum, limit minimum, limit minimum and maximum, limit origin, limit origin of a converted material, limit reference
path, limit refill_months, limit released_by, limit start, limit supplier, limit unless released, limit use, listed, listed before the
horizon, listed without disruption, may_wait_for, method auto, method exact, method listed, minimum over capacity, minimum_contract,
minimum_fill_rate, minimum_order, offer, offer change, offer change before the horizon, offer without country, on hand, open order,
open order overdue, open order that has not left, open order that ships later, open order with a named offer, origin other than bloc,
origin rule, origin rule that hangs on an event, partial fiscal year, period month, period quarter, period year, plant, plant of two
offers, prepayment, price_ceiling, price_floor, price_growth, price_multiplier, project, project at once, project decided never to
start, project decided to start, project expansion, project new_plant, project of several periods, project offer under contract,
project offer without reservation price, project other, project qualification, project recycling, purchase_share hard, purchase_share
with penalty, purchase_to_demand hard, purchase_to_demand with penalty, raised_by, remainder, reservation_price, risk weight 0, risk
weight 0.3, risk weight 1, sale limit, sale_price, salvage_value, scenarios not read, several changes of one offer, several fiscal
years, several roots, several substitutions of one use, shelf life, shelf life of one period, shelf life that ends within the horizon,
shelf life with disposal_cost, shelf life with loss, ships later and waits for a project, ships later under contract,
ships_after_months, spillover_price_multiplier, spot limit, stock_cover_days hard, stock_cover_days with penalty, stock_quantity hard,
stock_quantity with penalty, storage_capacity, substitute, substitute under an origin rule, substitution at a cost, substitution from a
period on, substitution of a share, substitution that waits for a project, take_or_pay, terms both, terms contract, terms spot, thrift,
two inputs, two offers of one project, upside
"""


@pytest.fixture(scope="module")
def cases():
    return [random_case(seed) for seed in SEEDS]


def test_every_feature_occurs_often_enough(cases):
    """Every feature of the model occurs in a sufficient number of the random cases, and every one that occurs is named here."""
    counts = Counter(name for case in cases for name in features(case))
    expected = [name.strip() for name in FEATURES.replace("\n", " ").split(",")]
    rare = {name: counts[name] for name in expected if counts[name] < ENOUGH}
    assert not rare, f"too few random cases have these features: draw them more often in tests/random_cases.py: {rare}"
    assert sorted(set(counts) - set(expected)) == [], "name these features in FEATURES of tests/test_random_cases.py"


def test_trees_are_small_and_most_branch(cases):
    """No random case has more scenarios than can be written out, and most have more than one."""
    sizes = [len(enumerate_paths(case)) for case in cases]
    assert max(sizes) <= MOST_SCENARIOS
    assert sum(size > 1 for size in sizes) > 0.7 * len(sizes)
    assert sum(size > 10 for size in sizes) > 0.2 * len(sizes)


def test_probabilities_sum_to_one(cases):
    """The probabilities of each random case's scenarios sum to 1."""
    for case in cases:
        assert sum(probability for _, probability in enumerate_paths(case)) == pytest.approx(1, abs=1e-9)


def test_a_seed_is_one_case():
    """A seed gives the same case each time, and another seed another case."""
    assert all(random_case(seed) == random_case(seed) for seed in range(20))
    assert random_case(1) != random_case(2)


def test_cases_keep_the_rules_of_the_workbook(cases):
    """Each random case keeps the rules that the reader of workbooks enforces, so that it could have been typed."""
    for case in cases:
        names = {row.material for row in case.materials}
        order = [row.material for row in case.materials]
        for sheet in (getattr(case, field.name) for field in fields(case) if field.name != "settings"):
            assert [row.row for row in sheet] == list(range(2, len(sheet) + 2))
            assert not any(replace(one, row=2) == replace(other, row=2) for one, other in combinations(sheet, 2))
        assert len({row.key for row in case.offers}) == len(case.offers)
        assert len({(row.material, row.use) for row in case.demand}) == len(case.demand)
        assert names >= {row.material for sheet in (case.demand, case.offers, case.inventory) for row in sheet}
        projects = {row.project for row in case.projects}
        countries = {s.country for s in case.offers} | {s.feedstock_country for s in case.offers}
        for s in case.offers:
            assert s.input_material is None or order.index(s.input_material) < order.index(s.material)
            assert (s.input_material is None) == (s.input_per_unit is None)
            assert s.project is None or s.project in projects
            assert s.price_floor is None or s.price_ceiling is None or s.price_floor <= s.price_ceiling
            assert s.contract_pricing == "fixed" or s.price > 0
        for row in case.demand:
            assert all(0 <= t < case.settings.periods for t in row.by_period)
        for d in case.disruptions:
            assert (d.decision_date is None) == (d.decision_probability is None)
            assert d.decision_date is None or d.decision_date >= 1
            assert set(d.country) <= countries and set(d.material) <= names and set(d.supplier) <= {s.supplier for s in case.offers}
        assert sum({row.scenario: row.probability for row in case.scenarios}.values()) <= 1 + 1e-9
        for limit in case.limits:
            stock = limit.measure.startswith("stock")
            assert not (stock and (limit.bloc or limit.country or limit.supplier))
            assert not (limit.use and limit.measure != "stock_cover_days")
            assert limit.minimum is not None or limit.maximum is not None
            assert limit.minimum is None or not limit.measure.startswith("largest")
            assert set(limit.country) <= countries


def test_most_cases_have_a_plan():
    """At least seven in ten random cases are feasible."""
    statuses = Counter(solve_written_out(random_case(seed)).status for seed in range(0, 400, 20))
    assert statuses["optimal"] >= 0.7 * statuses.total()


class Wider(Draw):
    """Streams that draw one more column, `extra`, wherever a column is drawn, before all others."""

    def __call__(self, feature):
        extra = f"{feature} and extra"
        super().__call__(extra).pick((1, 2, 3))
        return super().__call__(feature)

    def within(self, *part):
        return Wider(*self.path, *part, drawn=self.drawn)


def test_what_is_drawn_in_addition_leaves_every_case_as_it_was():
    """A case is the same where a further column is drawn beside each of its own, before it."""
    assert all(case_of(Wider(seed)) == random_case(seed) for seed in range(60))


class Redrawn(Draw):
    """Streams of which those of one column of one sheet are others."""

    def __init__(self, *path, changed=(), drawn=None):
        super().__init__(*path, drawn=drawn)
        self.changed = changed

    def __call__(self, feature):
        stream = super().__call__(feature)
        return Stream(f"another {'.'.join(map(str, self.path))}") if (self.path[1], feature) == self.changed else stream

    def within(self, *part):
        return Redrawn(*self.path, *part, changed=self.changed, drawn=self.drawn)


ALONE = {
    "Settings": ("discount_rate", "risk_weight", "cvar_level"),
    "Materials": ("annual_loss", "salvage_value", "storage_capacity"),
    "Demand": ("annual_growth", "allowed_origins_from", "minimum_fill_rate"),
    "Suppliers": (
        "price_growth", "available_from", "ships_after_months", "origin", "spot_limit_per_year", "contract_price", "contract_price_growth",
        "reservation_price", "take_or_pay", "minimum_order", "minimum_contract", "price_ceiling", "project", "input_per_unit",
    ),
    "Offer changes": ("price", "capacity_per_year", "spot_limit_per_year", "contract_price"),
    "Projects": ("kind", "lead_time_months"),
    "Disruptions": ("price_multiplier", "spillover_price_multiplier", "demand_multiplier", "lead_time_added_months"),
    "Scenarios": ("probability",),
    "Budget": ("amount",),
    "Limits": ("material", "bloc", "supplier", "origin", "use", "end"),
}  # fmt: skip
"""Columns from whose values no other is drawn."""


@pytest.mark.parametrize(("sheet", "column"), [(sheet, column) for sheet, columns in ALONE.items() for column in columns])
def test_another_draw_of_one_column_changes_that_column_alone(sheet, column, cases):
    """Where one column is drawn anew, every other cell of every case is as it was."""
    declared = next(found for found in INPUTS if found.name == sheet)
    changed = 0
    for seed in range(40):
        one, other = cases[seed], case_of(Redrawn(seed, changed=(sheet, column)))
        changed += one != other
        assert without(one, declared, column) == without(other, declared, column), f"seed {seed}"
    assert changed > 0, f"no case draws {sheet}.{column}"


def without(case, sheet, name):
    """The case with nothing in a field of the records of a sheet."""
    if sheet.settings:
        return case.with_settings(**{name: None})
    return replace(case, **{sheet.case_field: tuple(replace(row, **{name: ""}) for row in getattr(case, sheet.case_field))})
