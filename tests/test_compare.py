"""Plans side by side say what differs: what was put in, what is decided, what comes of it."""

from __future__ import annotations

import pandas as pd
import pytest
from books import raw, sound

import optimizer
from optimizer.intake.reader import case_from_sheets
from optimizer.studies.comparison import compare
from optimizer.studies.differences import _change, _names, differences, reasons


def reading(change=lambda sheets: None, **settings):
    """The sound workbook of the tests, changed."""
    sheets = sound()
    change(sheets)
    return case_from_sheets(raw(sheets), "sound", "", settings)


@pytest.fixture(scope="module")
def base():
    return optimizer.solve(reading())


def column(table: pd.DataFrame, head: str, name: str) -> dict[str, str]:
    return dict(zip(table[head], table[name]))


def test_a_plan_beside_itself_differs_in_nothing(base):
    """The same plan twice: no input stands in the table, every figure and decision is the same in both columns."""
    found = compare([base, base], ["A", "B"])
    assert found.inputs.empty
    assert (found.figures["A"] == found.figures["B"]).all() and (found.decisions["A"] == found.decisions["B"]).all()


def test_figures_are_those_of_each_plan(base):
    """Expected cost, risk, each part of the cost and what is met of each demand, under the plan's own name."""
    tight = optimizer.solve(reading(lambda s: s["Budget"].__setitem__(1, [2027, 9000, "all"])))
    found = compare([base, tight], ["Base", "Tight"]).figures
    for plan, name in ((base, "Base"), (tight, "Tight")):
        said = column(found, "figure", name)
        assert said["Total expected cost"] == optimizer.plan.money(plan.expected_cost, "USD")
        assert said[f"Cost in the worst {optimizer.plan.percent(1 - plan.case.settings.cvar_level)} of futures"] == optimizer.plan.money(plan.cvar, "USD")
        parts = dict(zip(plan.tables["costs"]["part"], plan.tables["costs"]["expected"]))
        assert said["Expected cost of shortage"] == optimizer.plan.money(parts["shortage"], "USD")
        assert said["Met of Oxide for Motors"] == optimizer.plan.percent(plan.tables["fill_rate"].query("use == 'Motors'")["fill_rate"].iloc[0])
    assert column(found, "figure", "Base") != column(found, "figure", "Tight")


def test_what_is_decided_stands_beside_what_is_not(base):
    """A contract that only one plan signs is a dash in the other's column; a project is told either way."""
    naive = optimizer.naive(reading(lambda s: contracted(s)), "stock_180")
    signed = optimizer.solve(reading(lambda s: contracted(s)))
    found = compare([signed, naive], ["Signed", "Naive"]).decisions
    (line,) = [line for line in found["decision"] if line.startswith("Sign North, Oxide")]
    assert column(found, "decision", "Signed")[line].endswith("kg a year") and column(found, "decision", "Naive")[line] == "–"
    assert column(found, "decision", "Naive")["Start Line 2"] == "not started"
    assert any(line == "Hold Oxide at most" for line in found["decision"])


def contracted(sheets) -> None:
    """North sells Oxide at a tenth of its price under a contract that must be paid for."""
    sheets["Suppliers"][0] += ["terms", "contract_price", "take_or_pay"]
    for row in sheets["Suppliers"][1:]:
        row += ["both", 30, 1] if row[0] == "North" else [None, None, None]


def test_inputs_name_the_cell_and_the_setting_that_differ(base):
    """A changed amount stands under its cell with both values, a replaced setting under its name; what is the same is left out."""
    other = optimizer.solve(reading(lambda s: s["Budget"].__setitem__(1, [2027, 80000, "all"]), risk_weight=0.25))
    found = compare([base, other], ["Base", "Other"]).inputs
    rows = {(r.where, r.what): (r.Base, r.Other) for r in found.itertuples()}
    assert rows == {("Settings", "Risk weight"): ("50%", "25%"), ("Budget!B2", "Budget 2027: amount"): ("90,000", "80,000")}


def test_a_sheet_that_was_taken_away_is_told_cell_by_cell(base):
    """Without the Budget sheet each of its cells is blank in the other plan's column."""

    def away(sheets) -> None:
        sheets["Limits"] = sheets["Limits"][:1]
        del sheets["Inventory"]

    found = compare([base, optimizer.solve(reading(away))], ["Base", "Less"]).inputs
    inventory = found[found["where"].str.startswith("Inventory!")]
    assert {"5", "7"} <= set(inventory["Base"]) and set(inventory["Less"]) == {"blank"}
    assert "Limits!A2" in set(found["where"])


def test_differences_are_numbers_the_weightiest_first(base):
    """Two plans of different budgets: each line is other less base, the parts add up to the difference of the totals, and contracts and stocks are there."""
    signed, naive = optimizer.solve(reading(contracted)), optimizer.naive(reading(contracted), "stock_180")
    found = compare([signed, naive], ["Signed", "Naive"])
    table = found.differences["Naive"]
    assert (table["difference"] - (table["other"] - table["base"])).abs().max() <= 1e-5 * table[["base", "other"]].abs().max().max()
    costs = table[table["group"] == "cost"]
    assert costs["difference"].sum() == pytest.approx(naive.expected_cost - signed.expected_cost, rel=1e-5)
    assert table["weight"].is_monotonic_decreasing and (table["weight"] >= 0).all()
    (contract,) = table[table["group"] == "contract"].itertuples()
    (per_year,) = signed.tables["contracts"]["per_year"]
    assert (contract.base, contract.other, contract.percent) == (pytest.approx(per_year), 0, -1)
    assert contract.weight == pytest.approx(per_year * mean_price(signed, contract.material))
    peaks = signed.tables["cover"].groupby("material")["quantity"].max()
    assert dict(zip(table["material"], table["base"])).keys() >= set(peaks.index)
    (stock,) = table[(table["group"] == "stock") & (table["material"] == "Oxide")].itertuples()
    assert stock.base == pytest.approx(peaks["Oxide"])


def mean_price(plan, material: str) -> float:
    prices = [s.price for s in plan.case.offers if s.material == material]
    return sum(prices) / len(prices)


def test_the_sentence_says_what_the_figures_say(base):
    """More or less, by how much, of which parts; a plan beside itself differs in nothing; totals over different times come with a caution."""
    signed, naive = optimizer.solve(reading(contracted)), optimizer.naive(reading(contracted), "stock_180")
    more = naive.expected_cost - signed.expected_cost
    there, back = compare([signed, naive], ["A", "B"]).words["B"], compare([naive, signed], ["B", "A"]).words["A"]
    amount = optimizer.plan.money(abs(more), "USD")
    assert there.startswith(f"B costs on average {amount}") and f"{'more' if more > 0 else 'less'} than A" in there
    assert back.startswith(f"A costs on average {amount}") and f"{'less' if more > 0 else 'more'} than B" in back
    assert "Contract with North for Oxide" in there
    same = compare([base, base], ["A", "B"])
    assert (same.differences["B"]["difference"] == 0).all()
    assert same.words["B"] == "B costs on average as much as A. Contracts, projects and largest stocks are the same."
    longer = optimizer.solve(reading(periods=base.case.settings.periods + 1))
    assert "so that their totals do not compare" in compare([base, longer], ["A", "B"]).words["B"]


def test_plans_in_different_currencies_are_not_set_against_each_other_in_numbers(base):
    """Their tables of words stand side by side; numbers and sentence are missing, and asked for directly they are refused."""
    euro = optimizer.solve(reading(currency="EUR"))
    found = compare([base, euro, base], ["USD", "EUR", "again"])
    assert set(found.differences) == set(found.words) == {"again"}
    with pytest.raises(ValueError, match="currencies"):
        differences(base, euro)


def test_reasons_are_those_of_the_decisions_that_differ(base):
    """Of the study of regret, the sentences on a contract that only one of the plans signs; none where nothing differs."""
    signed, naive = optimizer.solve(reading(contracted)), optimizer.naive(reading(contracted), "stock_180")
    regret = optimizer.study(signed, "regret")["regret"]
    (about,) = regret[(regret["kind"] == "contract") & regret["decision"].str.contains("North")]["words"]
    assert about in reasons(differences(naive, signed), naive, signed, regret)
    assert reasons(differences(signed, signed), signed, signed, regret) == []


def test_a_reason_is_of_exactly_the_one_that_is_named():
    """A supplier whose name is a part of another's, or of a word, is not taken for it."""
    known = {"North", "North Sea Metals", "A", "Allied ore", "ore"}
    assert _names("Signing North for 5 t of ore a year", "North", known) and not _names("Signing North Sea Metals for 5 t of ore a year", "North", known)
    assert _names("Signing A for 5 t of ore a year", "A", known) and not _names("Signing Allied ore for 5 t", "A", known)
    assert not _names("Signing A for 5 t of Allied ore a year", "ore", known)


@pytest.mark.parametrize(("value", "said"), ((12345.6, "12,346 kg"), (1.5e7, "15,000,000 kg"), (0.01234, "0.01234 kg"), (0.0, "0 kg")))
def test_a_quantity_is_written_as_a_buyer_types_it(value, said):
    """However large or small it is: never as a power of ten."""
    assert _change("Largest stock of ore", "kg", 0.0, value) == f"Largest stock of ore: {said} in place of 0 kg"


def test_names_must_tell_plans_apart(base):
    """Two plans of one name, too few names, or a name that a table's own column has are refused."""
    for names in (["A", "A"], ["A"], ["A", "figure"], ["what", "A"]):
        with pytest.raises(ValueError, match="name of its own"):
            compare([base, base], names)
