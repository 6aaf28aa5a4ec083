"""Values of offers that change by date, from the workbook to the plan: which of them holds when, in which unit, and what is said of them."""

from __future__ import annotations

import pytest
from books import put, raw, sound
from change_cases import change
from constraint_cases import HOLD, contract
from support import case, need, offer, ore, settings

import optimizer
from optimizer.case import BudgetRow, Limit, OfferChange
from optimizer.intake.checks.supply import cheapest_prices, unavoidable_shortages
from optimizer.intake.reader import case_from_sheets
from optimizer.model.data import CaseData
from optimizer.plan.explain import sentences

HEADERS = ["supplier", "material", "offer", "from", "price", "capacity_per_year", "spot_limit_per_year", "contract_price"]


def with_changes(*rows):
    """The sound workbook, eight quarters from 2027, with rows of Offer changes about North's oxide at 300."""
    return sound() | {"Offer changes": [HEADERS, *(["North", "Oxide", None, *row] for row in rows)]}


def prices(sheets) -> list[float]:
    """North's price in each quarter."""
    schedule = case_from_sheets(raw(sheets)).case.schedules[0]
    return [schedule.price(t) for t in range(8)]


# -- which value holds -----------------------------------------------------------------------------------------------------


def test_a_date_means_the_whole_period_that_holds_it():
    """A price from the middle of a quarter holds in all of it."""
    assert prices(with_changes(["2027-05-20", 310, None, None, None])) == [300] + 7 * [310]


def test_of_two_dates_in_one_period_the_later_holds_whatever_their_order():
    """Of two prices in one quarter that of the later day counts; what the earlier row says of another column stands."""
    early, late = ["2027-04-01", 310, 60, None, None], ["2027-06-30", 320, None, None, None]
    for rows in ((early, late), (late, early)):
        sheets = with_changes(*rows)
        assert prices(sheets) == [300] + 7 * [320]
        assert [case_from_sheets(raw(sheets)).case.schedules[0].capacity(t) for t in (0, 1, 7)] == [80, 60, 60]


def test_what_began_before_the_horizon_holds_from_its_first_period():
    """The latest of several earlier prices holds from the start, and gives way to one of the first period."""
    sheets = with_changes(["2025", 310, None, None, None], ["2026-12-31", 320, None, None, None], ["2026-11", 330, None, None, None])
    assert prices(sheets) == 8 * [320]
    assert prices(with_changes(["2026-12-31", 320, None, None, None], ["2027-01-01", 340, None, None, None])) == 8 * [340]


def test_a_value_that_is_replaced_at_once_is_warned_of_and_leaves_no_row():
    """The case holds no row that changes nothing."""
    reading = case_from_sheets(raw(with_changes(["2027-04-01", 310, None, None, None], ["2027-04-02", 320, None, None, None])))
    assert [(row.row, row.price) for row in reading.case.offer_changes] == [(3, 320)]
    assert [warning.where for warning in reading.warnings] == ["Offer changes!E2"]


def test_one_day_may_change_several_columns_in_several_rows():
    """Two rows of one day are no error where they say different things."""
    reading = case_from_sheets(raw(with_changes(["2028", 310, None, None, None], ["2028-Q1", None, 70, None, None])))
    assert (reading.case.schedules[0].price(4), reading.case.schedules[0].capacity(4)) == (310, 70)
    assert reading.warnings == ()


# -- of which offer --------------------------------------------------------------------------------------------------------


def two_lines(*names):
    """The sound workbook in which North makes two offers of oxide, at 300 and 310, with a change of one by each of these names."""
    sheets = with_changes(*(["2028", 500 + k, None, None, None] for k in range(len(names))))
    for row, name in enumerate(names, start=1):
        sheets["Offer changes"][row][2] = name
    sheets["Suppliers"].append(["North", "Oxide", "allied", "Estonia", 310, 40, None])
    put(sheets, "Suppliers", 5, "offer", "Line B")
    return sheets


def test_an_offer_is_named_as_on_suppliers_whatever_the_case_of_letters():
    """The change goes to the offer of that name; a blank one to the offer without a name."""
    case = case_from_sheets(raw(two_lines("LINE b", None))).case
    assert [(row.offer, row.price) for row in case.offer_changes] == [("Line B", 500), ("", 501)]
    assert [case.schedules[s].price(4) for s in (0, 3)] == [501, 500]


def test_the_only_offer_of_a_material_need_not_be_named():
    """A blank offer is the only one that the supplier makes of the material, though it has a name."""
    sheets = with_changes(["2028", 310, None, None, None])
    put(sheets, "Suppliers", 2, "offer", "Line A")
    assert case_from_sheets(raw(sheets)).case.offer_changes[0].offer == "Line A"
    assert prices(sheets) == 4 * [300] + 4 * [310]


def test_a_supplier_of_two_spellings_keeps_the_changes_of_each_apart():
    """Where two spellings become one supplier, a change stays with the offer whose supplier was spelled like it."""
    sheets = with_changes(["2028", 310, None, None, None])
    sheets["Suppliers"].append(["North Ltd", "Oxide", "allied", "Estonia", 305, 40, None])
    sheets["Suppliers"][1][0] = "North Ltd."
    sheets["Offer changes"][1][0] = "North Ltd"
    case = case_from_sheets(raw(sheets)).case
    assert case.offers[0].supplier == case.offers[3].supplier
    assert [case.schedules[s].price(4) for s in (0, 3)] == [300, 310]


# -- units and currencies --------------------------------------------------------------------------------------------------


def test_a_change_is_in_the_unit_and_currency_of_its_offer():
    """Of an offer in lb and EUR, changed prices and quantities are restated as its own are; a header with a unit of its own is read by that."""
    sheets = with_changes(["2028", 100, 50, 40, 90]) | {"Currencies": [["currency", "rate"], ["EUR", 2.0]]}
    put(sheets, "Suppliers", 2, "unit", "lb")
    put(sheets, "Suppliers", 2, "currency", "EUR")
    (row,) = case_from_sheets(raw(sheets)).case.offer_changes
    pound = 0.45359237
    assert (row.capacity_per_year, row.spot_limit_per_year) == (pytest.approx(50 * pound), pytest.approx(40 * pound))
    assert (row.price, row.contract_price) == (pytest.approx(100 * 2 / pound), pytest.approx(90 * 2 / pound))
    sheets = with_changes(["2028", 100_000, None, None, None])
    sheets["Offer changes"][0][4] = "price (USD/t)"
    assert case_from_sheets(raw(sheets)).case.offer_changes[0].price == pytest.approx(100)


# -- what follows from them ------------------------------------------------------------------------------------------------


def test_the_worked_cases_of_a_workbook(tmp_path):
    """A price that doubles each year changes to 12 in the second of three: 10, 12, 24 for 100 t; a capacity of 100 t halves: 50 t short at 50."""

    def solved(periods, suppliers, changes):
        sheets = {
            "Settings": [["setting", "value"], ["start", "2027-01-01"], ["period", "year"], ["periods", periods], ["discount_rate", 0], ["risk_weight", 0]],
            "Materials": [["material", "unit", "holding_cost_per_year"], ["A", "t", 1000]],
            "Demand": [["material", "use", "annual_demand", "shortage_cost"], ["A", "x", 100, 50]],
            "Suppliers": [["supplier", "material", "bloc", "price", "capacity_per_year", "price_growth"], ["S", "A", "allied", 10, 100, *suppliers]],
            "Offer changes": changes,
        }
        return optimizer.solve(case_from_sheets(raw(sheets)), {"mip_gap": 0}).objective

    assert solved(3, [1], [["supplier", "material", "from", "price"], ["S", "A", "2028", 12]]) == pytest.approx(4600)
    assert solved(2, [0], [["supplier", "material", "from", "capacity_per_year"], ["S", "A", "2028", 50]]) == pytest.approx(4000)


def test_the_cheapest_price_is_sought_between_changes_too():
    """A price that grows, falls and grows again is least where it has just fallen."""
    given = case(settings=settings(periods=6), offers=(offer(price=4.0, price_growth=0.5),), offer_changes=(change(2, price=3.0), change(4, price=9.0)))
    assert cheapest_prices(given) == {"ore": 3.0}
    falls = case(settings=settings(periods=6), offers=(offer(price=4.0, price_growth=-0.5),), offer_changes=(change(3, price=8.0),))
    assert cheapest_prices(falls) == {"ore": 1.0}


@pytest.mark.parametrize(
    ("changes", "lead", "short"),
    [((change(1, capacity_per_year=4.0),), 0.0, 16.0), ((change(1, capacity_per_year=4.0),), 12.0, 16.0), ((change(2, capacity_per_year=30.0),), 12.0, 10.0)],
)
def test_what_must_go_short_follows_the_capacity_of_the_year_of_the_order(changes, lead, short):
    """10 t a year are needed over four years; an offer of 8 a year delivers what it could when that was ordered, as the best plan shows."""
    given = case(
        settings=settings(periods=4), offers=(offer(capacity=8.0 if lead == 0 else 10.0, lead_time_months=lead),), offer_changes=changes, demand=(need(10.0),)
    )
    (found,) = unavoidable_shortages(given)
    plan = optimizer.solve(given)
    assert found.short == pytest.approx(plan.tables["fill_rate"]["expected_short"].sum())
    assert lead == 0.0 or found.short >= short


def test_what_is_usable_of_a_contract_reaches_for_its_least_rate():
    """With a tenth of the capacity in the second year, ten times the need is contracted; a capacity of 0 asks for nothing."""
    given = case(offers=(contract(capacity=1e6, project=None),), offer_changes=(change(1, capacity_per_year=1e5),))
    data = CaseData(given)
    assert data.largest_capacity == [1e6]
    assert [data.rate(0, t) for t in (0, 1)] == [1.0, 0.1]
    assert data.usable.contract == [pytest.approx(10 * data.usable.order[0])]
    closed = CaseData(case(offers=(contract(capacity=1e6),), offer_changes=(change(1, capacity_per_year=0.0),)))
    assert closed.usable.contract == [pytest.approx(closed.usable.order[0])]


def test_a_free_contract_is_stated_as_large_as_its_least_rate_asks():
    """A contract that costs nothing to hold is stated at the least quantity: 20 a year, as half of it counts in the second year."""
    plan = optimizer.solve(case(**HOLD, offers=(contract(capacity=100.0),), offer_changes=(change(1, capacity_per_year=50.0),)))
    assert plan.objective == pytest.approx(20)
    assert plan.tables["contracts"].per_year.tolist() == [pytest.approx(20)]


# -- what is said of them --------------------------------------------------------------------------------------------------


def test_what_binds_is_the_cell_that_holds_in_the_period():
    """In the second year the changed capacity binds, and one more unit of it saves 99; the offer's own binds in the first."""
    plan = optimizer.solve(case(**HOLD, offers=(offer(capacity=8.0),), offer_changes=(change(1, capacity_per_year=6.0),)))
    found = plan.tables["binding"].set_index("sheet")
    assert found.loc["Offer changes", "what"] == "the capacity of A, ore from 2028 on"
    assert found.worth.to_dict() == {"Suppliers": pytest.approx(99), "Offer changes": pytest.approx(99)}
    assert any("from 2028 on saves USD 99" in line for line in sentences(plan)["binds"])


def test_a_capacity_by_which_a_contract_counts_is_worth_nothing_that_could_be_said():
    """Where a contract's rates hang on the capacity, no worth of it is claimed."""
    plan = optimizer.solve(case(**HOLD, offers=(contract(capacity=8.0),), offer_changes=(change(1, capacity_per_year=6.0),)))
    assert plan.tables["binding"].empty


def test_what_has_to_give_is_a_changed_spot_limit():
    """Purchases of all demand clash with a spot limit from the second year on: it is named with its row, and by how much it has to give."""
    given = case(
        offers=(offer(),), offer_changes=(OfferChange(7, "A", "ore", 1, spot_limit_per_year=6.0),), limits=(Limit(2, "all", "purchase_to_demand", minimum=1.0),)
    )
    with pytest.raises(optimizer.errors.InfeasibleError) as error:
        optimizer.solve(given)
    found = {(c.sheet, c.row, c.column): c.give for c in error.value.conflicts}
    assert found["Offer changes", 7, "spot_limit_per_year"] == pytest.approx(4.0)


def test_a_budget_counts_changed_prices():
    """A budget of 12 buys 4 t at the changed price of 3."""
    plan = optimizer.solve(case(**HOLD, offer_changes=(change(1, price=3.0),), budget=(BudgetRow(2, 2028, 12.0),)))
    assert plan.objective == pytest.approx(10 + 12 + 600)
    assert plan.tables["orders"].cost.tolist() == [pytest.approx(10), pytest.approx(12)]


def test_a_naive_buyer_goes_where_it_is_cheapest_then():
    """Who buys each year where it is cheapest follows the changed price."""
    given = case(offers=(offer("A", price=1.0), offer("B", price=2.0)), offer_changes=(change(1, price=5.0),))
    orders = optimizer.naive(given, "cheapest").tables["orders"]
    assert dict(zip(orders.period, orders.supplier)) == {"2027": "A", "2028": "B"}


def test_stock_is_worth_what_it_costs_in_the_first_period():
    """A plan is told in words whatever changes there are."""
    plan = optimizer.solve(case(materials=(ore(),), offer_changes=(change(1, price=3.0),)))
    assert plan.objective == pytest.approx(20)
    assert any("Hold up to 10 t of ore" in line for line in sentences(plan)["hold"])
