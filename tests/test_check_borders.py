"""The borders of the rules across rows and sheets: the last value that passes in silence, and the first one that is refused or warned of."""

from __future__ import annotations

import pytest
from books import put, raw, setting, sound
from support import case, offer

from optimizer.case import Disruption, ScenarioRow
from optimizer.errors import WorkbookError
from optimizer.intake.checks.rules import ROUNDING
from optimizer.intake.checks.supply import unavoidable_shortages
from optimizer.intake.reader import case_from_sheets


def said(cells):
    """The places and sentences of everything that the sound workbook with these cells is refused for, or warned of."""
    sheets = sound()
    for sheet, row, header, value in cells:
        if sheet == "Settings":
            setting(sheets, header, value)
        else:
            put(sheets, sheet, row, header, value)
    try:
        found = case_from_sheets(raw(sheets)).warnings
    except WorkbookError as error:
        found = (*error.problems, *error.warnings)
    return [f"{one.where}: {one.message}" for one in found]


def row(sheet, number, **values):
    """The cells of one row."""
    return [(sheet, number, header, value) for header, value in values.items()]


def scenarios(*probabilities, method="listed"):
    """Listed futures of these probabilities, the first of them with a disruption."""
    first = row("Scenarios", 2, scenario="a", probability=probabilities[0])
    others = [
        cell
        for number, probability in enumerate(probabilities[1:], start=3)
        for cell in row("Scenarios", number, scenario=f"future {number}", probability=probability)
    ]
    return [*first, *others, ("Settings", 0, "scenario_method", method)]


def cap(**values):
    """The limit of the sound workbook with these cells."""
    return row("Limits", 2, **values)


def late():
    """Oxide for motors that cannot be there in time."""
    return [*(("Suppliers", number, "lead_time_months", 6) for number in (2, 3)), ("Inventory", 2, "quantity", 0.5), ("Inventory", 3, "quantity", 0.5)]


FOREVER = {"scenario": "c", "probability": 0.1, "disruption": "Strike", "starts": "2027-Q4"}
"""A third listed future but for how long its disruption lasts."""


def changed(number, **values):
    """A row of Offer changes about North's oxide from 2028 on."""
    return row("Offer changes", number, **{"supplier": "North", "material": "Oxide", "from": "2028-Q1", **values})


INDEXED = row("Suppliers", 2, terms="both", contract_price=290, contract_pricing="indexed", reservation_price=1)
"""North's oxide under a contract that follows the spot price."""

BORDERS = {
    # -- rules that refuse: (what they are told by, the cells that pass, the cells that do not) --
    "a floor at the ceiling": (
        "is above price_ceiling",
        [*row("Suppliers", 2, terms="both", reservation_price=1, price_floor=300), ("Suppliers", 2, "price_ceiling", 300)],
        [*row("Suppliers", 2, terms="both", reservation_price=1, price_floor=301), ("Suppliers", 2, "price_ceiling", 300)],
    ),
    "a price of 0 that a contract follows": (
        "follows the spot price, and that is 0",
        row("Suppliers", 2, price=0, terms="spot", contract_pricing="indexed"),
        row("Suppliers", 2, price=0, terms="contract", contract_pricing="indexed"),
    ),
    "a price of 0 beside a contract of its own price": (
        "follows the spot price, and that is 0",
        row("Suppliers", 2, price=0, terms="both", contract_price=5, contract_pricing="fixed", reservation_price=1),
        row("Suppliers", 2, price=0, terms="both", contract_price=5, contract_pricing="indexed", reservation_price=1),
    ),
    "growth to the largest number": (
        "grows past",
        row("Demand", 3, annual_demand=2.49e11, annual_growth=1),
        row("Demand", 3, annual_demand=2.5e11, annual_growth=1),
    ),
    "a decision after the first period": (
        "The decision falls",
        row("Disruptions", 2, decision_date="2027-Q2", decision_probability=0.5),
        row("Disruptions", 2, decision_date="2027-Q1", decision_probability=0.5),
    ),
    "the low end of a range": (
        "annual_probability_low is",
        row("Disruptions", 2, annual_probability=0.22, annual_probability_low=0.22),
        row("Disruptions", 2, annual_probability=0.22, annual_probability_low=0.221),
    ),
    "the high end of a range": (
        "annual_probability_high is",
        row("Disruptions", 2, annual_probability=0.22, annual_probability_high=0.22),
        row("Disruptions", 2, annual_probability=0.22, annual_probability_high=0.219),
    ),
    "a chance of 0 is a chance": ("is blank while", row("Disruptions", 2), row("Disruptions", 2, decision_probability=0)),
    "probabilities of one scenario that agree": (
        "has probability",
        row("Scenarios", 3, scenario="Ban returns", probability=0.3 + 1e-10, disruption="Strike", starts="2027-Q3", duration_months=6),
        row("Scenarios", 3, scenario="Ban returns", probability=0.3 + 1e-8, disruption="Strike", starts="2027-Q3", duration_months=6),
    ),
    "probabilities that add up to one but for rounding": ("add up to", scenarios(0.5, 0.5 + 1e-10), scenarios(0.5, 0.5 + 1e-8)),
    "a share of all": ("Expected a share between 0 and 1", cap(maximum=1), cap(maximum=1.01)),
    "a minimum of 0 is a bound": ("neither minimum nor maximum", cap(minimum=0, maximum=None), cap(minimum=None, maximum=None)),
    "a minimum of 0 of the largest supplier": (
        "takes a maximum only",
        cap(measure="largest_supplier_share", bloc=None, minimum=None),
        cap(measure="largest_supplier_share", bloc=None, minimum=0),
    ),
    "a duty of the whole price": ("of the price", row("Duties", 2, duty="Tariff", rate=1), row("Duties", 2, duty="Tariff", rate=1.01)),
    "holding for the price itself": (
        "is above its cheapest price",
        [("Materials", 3, "holding_cost_per_year", 200)],
        [("Materials", 3, "holding_cost_per_year", 201)],
    ),
    "budgets a hundred times below the need": (
        "The budgets are at most",
        row("Budget", 2, amount=202) + row("Budget", 3, amount=202),
        row("Budget", 2, amount=201) + row("Budget", 3, amount=201),
    ),
    "a spot limit of the whole capacity": (
        "spot_limit_per_year of",
        [("Suppliers", 3, "spot_limit_per_year", 500)],
        [("Suppliers", 3, "spot_limit_per_year", 500.5)],
    ),
    "a rest that is a future": ("of all chances to", scenarios(0.3, 0.65), scenarios(0.3, 0.651)),
    "a duration below two decades": ("months, which is", [*row("Scenarios", 2, duration_months=239)], [*row("Scenarios", 2, duration_months=240)]),
    "changes of two offers, the first of nobody": (
        "makes",
        [*changed(2, price=250), *changed(3, price=260, **{"from": "2028-Q2"})],
        [*changed(2, price=250), *changed(3, supplier="Mine", price=260)],
    ),
    "an indexed price that a change makes 0": (
        "sets its ratio",
        [*INDEXED, *changed(2, price=250), *changed(3, contract_price=240, **{"from": "2028-Q2"})],
        [*INDEXED, *changed(2, price=0), *changed(3, contract_price=240, **{"from": "2028-Q2"})],
    ),
    "a change to the largest number": (
        "grows past",
        [*row("Suppliers", 2, price_growth=1), *changed(2, price=4.9e11)],
        [*row("Suppliers", 2, price_growth=1), *changed(2, price=5e11)],
    ),
    "a change after the horizon grows no more": (
        "grows past",
        [*row("Suppliers", 2, price_growth=1), *changed(2, price=9e11, **{"from": "2029-Q1"})],
        [*row("Suppliers", 2, price_growth=1), *changed(2, price=9e11, **{"from": "2028-Q1"})],
    ),
    "a fixed contract of all the capacity": (
        "cannot be signed",
        row("Suppliers", 2, terms="both", reservation_price=1, fixed_contract=80),
        row("Suppliers", 2, terms="both", reservation_price=1, fixed_contract=80.1),
    ),
    "a fixed contract of the capacity that comes by date": (
        "cannot be signed",
        [*row("Suppliers", 2, terms="both", reservation_price=1, fixed_contract=90), *changed(2, capacity_per_year=90)],
        [*row("Suppliers", 2, terms="both", reservation_price=1, fixed_contract=90), *changed(2, capacity_per_year=89)],
    ),
    "a fixed contract of the minimum": (
        "cannot be signed",
        row("Suppliers", 2, terms="both", reservation_price=1, minimum_contract=20, fixed_contract=20),
        row("Suppliers", 2, terms="both", reservation_price=1, minimum_contract=20, fixed_contract=19.9),
    ),
    "a decided project that can start when the next year opens": (
        "is decided to start",
        row("Projects", 2, decided="start", earliest_start="2028-Q1", latest_start="2028-Q2"),
        row("Projects", 2, decided="start", earliest_start="2027-Q2", latest_start="2027-Q4"),
    ),
    # -- rules that warn --
    "salvage at the cheapest price": ("above its cheapest price", row("Materials", 3, salvage_value=200), row("Materials", 3, salvage_value=200.1)),
    "a sale at the cheapest price": ("bought to be sold", row("Materials", 3, sale_price=200), row("Materials", 3, sale_price=200.1)),
    "a shortage at the cheapest price": ("below its cheapest price", row("Demand", 2, shortage_cost=200), row("Demand", 2, shortage_cost=199.9)),
    "growth of nearly 100%": ("% per year", row("Demand", 2, annual_growth=0.999), row("Demand", 2, annual_growth=1)),
    "a minimum contract of all the capacity": (
        "is above what",
        row("Suppliers", 2, terms="both", reservation_price=1, minimum_contract=80),
        row("Suppliers", 2, terms="both", reservation_price=1, minimum_contract=80.1),
    ),
    "a minimum order of all that a period delivers": (
        "is above what",
        row("Suppliers", 2, minimum_order=20 * (1 + ROUNDING)),
        row("Suppliers", 2, minimum_order=20.001),
    ),
    "an arrival in the last period": ("lies after the horizon", row("Inventory", 3, arrives="2028-Q4"), row("Inventory", 3, arrives="2029-Q1")),
    "a disruption that lasts into the horizon": (
        "is over before the horizon",
        row("Scenarios", 2, starts="2026-Q3", duration_months=9),
        row("Scenarios", 2, starts="2026-Q3", duration_months=6),
    ),
    "a limit of one period": ("holds in no period", cap(**{"from": "2027-Q3", "to": "2027-Q3"}), cap(**{"from": "2027-Q3", "to": "2027-Q2"})),
    "a minimum at the maximum": ("is above its maximum", cap(minimum=0.65), cap(minimum=0.66)),
    "a delivery in the last period": ("is ready after the horizon", row("Suppliers", 3, lead_time_months=21), row("Suppliers", 3, lead_time_months=24)),
    "a project that is ready in the last period": (
        "is ready after the horizon",
        row("Projects", 2, lead_time_months=21),
        row("Projects", 2, lead_time_months=24),
    ),
    "a lead time of a period": ("is shorter than a period", row("Suppliers", 3, lead_time_months=3), row("Suppliers", 3, lead_time_months=2.9)),
    "prices nearly 25 times apart": (" times below", row("Suppliers", 3, price=12.1), row("Suppliers", 3, price=12)),
    "a capacity that stands for no limit": (
        "the nearest other offer of Oxide",
        row("Suppliers", 3, capacity_per_year=1.5e9),
        row("Suppliers", 3, capacity_per_year=9.5e8),
    ),
    "stock that just fits": ("Expected no more than can be stored", row("Materials", 3, storage_capacity=12), row("Materials", 3, storage_capacity=4.9)),
    "stock of nearly ten years": ("years of its demand", row("Inventory", 2, quantity=992), row("Inventory", 2, quantity=993)),
    "a long disruption": ("is not in days", row("Scenarios", 4, **FOREVER, duration_months=89), row("Scenarios", 4, **FOREVER, duration_months=90)),
    "a disruption of five years": (
        "is not in days",
        [*row("Scenarios", 2, duration_months=3), *row("Scenarios", 4, **FOREVER, duration_months=59)],
        [*row("Scenarios", 2, duration_months=3), *row("Scenarios", 4, **FOREVER, duration_months=60)],
    ),
    "stock of what others are made from": (
        "years of its demand",
        [*row("Inventory", 4, material="Ore", origin="other", quantity=100), *row("Suppliers", 3, input_material="Ore", input_per_unit=1)],
        row("Inventory", 4, material="Ore", origin="other", quantity=100),
    ),
    "stock of a substitute": (
        "years of its demand",
        [
            *row("Inventory", 4, material="Ore", origin="other", quantity=100),
            *row("Substitutes", 2, material="Oxide", use="Motors", substitute="Ore", units_per_unit=1),
        ],
        row("Inventory", 4, material="Ore", origin="other", quantity=100),
    ),
    "an offer of what only replaces": (
        "No use may take what",
        [
            *row("Materials", 4, material="Tin", unit="t"),
            *row("Suppliers", 5, supplier="Pit", material="Tin", bloc="allied", price=9, capacity_per_year=90),
            *row("Substitutes", 2, material="Oxide", use="Motors", substitute="Tin", units_per_unit=1),
        ],
        [*row("Materials", 4, material="Tin", unit="t"), *row("Suppliers", 5, supplier="Pit", material="Tin", bloc="allied", price=9, capacity_per_year=90)],
    ),
    "a project that only a substitute waits for": (
        "so it is never started",
        [
            *row("Projects", 3, project="Trial", cost=1, lead_time_months=3),
            *row("Substitutes", 2, material="Oxide", use="Motors", cost=1, maximum_share=0.1, project="Trial"),
        ],
        row("Projects", 3, project="Trial", cost=1, lead_time_months=3),
    ),
    "a shortage that thrift just avoids": (
        "must go short",
        [*late(), *row("Substitutes", 2, material="Oxide", use="Motors", cost=1, maximum_share=1)],
        [*late(), *row("Substitutes", 2, material="Oxide", use="Motors", cost=1, maximum_share=0.9)],
    ),
    "a part of a year's budget": (
        "is as much as for a whole year",
        [("Settings", 0, "fiscal_year_start_month", 7), *row("Budget", 4, fiscal_year=2029, amount=85499), ("Budget", 2, "amount", 40000)],
        [("Settings", 0, "fiscal_year_start_month", 7), *row("Budget", 4, fiscal_year=2029, amount=85500), ("Budget", 2, "amount", 40000)],
    ),
}
"""What a message is told by, the cells that just pass, and those that just do not."""


@pytest.mark.parametrize("name", BORDERS)
def test_a_rule_holds_up_to_its_border_and_not_beyond(name):
    """The last value that a rule lets pass gives no such message; the first one beyond gives one."""
    words, passes, fails = BORDERS[name]
    assert not [line for line in said(passes) if words in line]
    assert len([line for line in said(fails) if words in line]) == 1


def test_every_change_of_nobody_is_refused():
    """Of two rows about offers that nobody makes, each is told."""
    lines = [line for line in said([*changed(2, supplier="Mine", price=1), *changed(3, supplier="East", material="Ore", price=1)]) if "no offer of" in line]
    assert [line.split(":")[0] for line in lines] == ["Offer changes!A2", "Offer changes!A3"]


def test_a_second_budget_that_carries_over_names_the_first():
    """Each row after the first of its year is refused, with the number of the first."""
    cells = [*row("Budget", 2, carry_over=0.5), *row("Budget", 4, fiscal_year=2027, amount=5, category="all"), ("Budget", 3, "amount", 95000)]
    (line,) = [line for line in said(cells) if "the same category and materials, too" in line]
    assert line.startswith("Budget!A4") and "Row 2 is for the fiscal year" in line


def test_inputs_of_the_only_offer_stand_in_one_place():
    """Inputs of a supplier's only offer are found beside its own input, whatever it is called; of two offers, those of the one that is named."""
    own = [
        *row("Suppliers", 2, input_material="Ore", input_per_unit=1),
        *row("Suppliers", 4, material="Oxide"),
        *row("Materials", 4, material="Acid", unit="t"),
    ]
    used = row("Inputs", 2, supplier="North", material="Oxide", input_material="Acid", input_per_unit=1)
    assert [line.split(":")[0] for line in said([*own, *used]) if "names the input" in line] == ["Inputs!C2"]
    second = row("Suppliers", 5, supplier="North", material="Oxide", bloc="allied", price=300, capacity_per_year=80, offer="second")
    for name, count in (("first", 1), ("second", 0)):
        two = [*own, ("Suppliers", 2, "offer", "first"), *second, *used, ("Inputs", 2, "offer", name)]
        assert len([line for line in said(two) if "names the input" in line]) == count


def test_two_spellings_keep_each_limit_by_itself():
    """Where limits name one of two spellings, or hold for the largest supplier, both spellings may reach them; those that name both hold them together."""
    spelt = [*row("Suppliers", 2, supplier="Northern Separation"), *row("Suppliers", 3, supplier="Northern Seperation")]
    for limit, told in (
        (cap(measure="largest_supplier_share", bloc=None), True),
        (cap(bloc=None, supplier="Northern Separation"), True),
        (cap(bloc=None, supplier="Northern Separation, Northern Seperation"), False),
        (cap(), False),
    ):
        (line,) = [line for line in said([*spelt, *limit]) if "but they count as two" in line]
        assert ("may reach Chinese share by itself" in line) == told


def test_a_country_that_nobody_knows_is_one_place_too():
    """Two suppliers of an unknown country in two blocs are told, those of two unknown countries are not."""
    cells = [*row("Suppliers", 2, country="Ruritania"), *row("Suppliers", 4, country="Ruritania")]
    assert len([line for line in said(cells) if "Expected one bloc" in line]) == 1
    assert not [line for line in said([*cells, ("Suppliers", 4, "country", "Freedonia")]) if "Expected one bloc" in line]


def lower(**changes):
    """A disruption that halves demand from the first period on."""
    return Disruption(**{"row": 2, "disruption": "slump", "annual_probability": 0.0, "mean_duration_months": 99.0, "capacity_remaining": 1.0, **changes})


@pytest.mark.parametrize(
    "disruption, listed, needed",
    [
        (lower(active_now=True, demand_multiplier=0.5), False, 10.0),
        (lower(active_now=True, demand_multiplier=0.5, material=("ore", "metal")), False, 10.0),
        (lower(active_now=True, demand_multiplier=0.5, material=("metal",)), False, 20.0),
        (lower(active_now=True, demand_multiplier=0.5, use=("use",)), False, 20.0),
        (lower(active_now=True, demand_multiplier=3.0), False, 20.0),
        (lower(demand_multiplier=0.5), False, 20.0),
        (lower(demand_multiplier=0.5), True, 10.0),
    ],
)
def test_a_shortage_is_sure_only_beyond_the_least_demand(disruption, listed, needed):
    """What may lower all demand from the first period on counts: 10 t a year are needed for two years, or half of it, and nothing can be had."""
    scenarios = (ScenarioRow(2, "one", 1.0),) if listed else ()
    (found,) = unavoidable_shortages(case(offers=(offer(capacity=0.0),), disruptions=(disruption,), scenarios=scenarios))
    assert (found.needed, found.short, found.supply) == (needed, needed, 0.0)


def test_a_limit_that_ends_too_early_says_before_what():
    """Before the horizon, or before it begins, where it begins in the horizon's first period or later."""
    for first, last, what in (("2026-Q1", "2026-Q4", "the horizon"), ("2027-Q2", "2027-Q1", "it begins"), ("2027-Q3", "2027-Q2", "it begins")):
        (line,) = [line for line in said(cap(**{"from": first, "to": last})) if "holds in no period" in line]
        assert f"it ends before {what}." in line


def test_probabilities_that_binary_fractions_cannot_hold_are_all_of_them():
    """Ten times 0.1 is 1: no rest is left in which nothing happens."""
    (line,) = said(scenarios(*[0.1] * 10, method="auto"))
    assert "the plan prepares for 10 futures of its own alone." in line
    (line,) = said(scenarios(*[0.1] * 9, method="auto"))
    assert "for 9 futures of its own and, with probability 0.1, one in which nothing happens." in line


def test_the_largest_of_the_stocks_that_do_not_fit_is_named():
    """Where several stocks together are more than can be stored, the warning stands at the largest of them."""
    cells = [*row("Inventory", 3, arrives=None), *row("Inventory", 4, material="Oxide", origin="other", quantity=6), *row("Materials", 3, storage_capacity=17)]
    (line,) = [line for line in said(cells) if "Expected no more than can be stored" in line]
    assert line.startswith("Inventory!C3: 18 kg of Oxide are in stock, but its storage_capacity is 17.")


def test_the_largest_of_the_stocks_for_many_years_is_named():
    """Where stock and open orders are many years of the demand, the warning stands at the largest of them."""
    cells = [*row("Inventory", 2, quantity=900), *row("Inventory", 3, quantity=901)]
    (line,) = [line for line in said(cells) if "years of its demand" in line]
    assert line.startswith("Inventory!C3: 1,801 kg of Oxide in stock and on order are 18 years of its demand, 100 per year.")
