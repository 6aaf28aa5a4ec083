"""What clashes is named by its row of the workbook, with how much it would have to give, and giving that much is enough."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice, product
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from infeasible_cases import KINDS, tight_case, typed
from support import case, need, offer, ore, settings

import optimizer
from optimizer.case import BudgetRow, Disruption, Limit, Project, Substitute
from optimizer.cli.commands import cli
from optimizer.errors import InfeasibleError
from optimizer.solving import infeasibility
from optimizer.solving.built import build
from optimizer.solving.extensive import solve_extensive
from optimizer.solving.infeasibility import explain, explained
from optimizer.solving.watch import Watch

CASES = Path(__file__).parent / "cases" / "solver"


def conflicts(problem):
    with pytest.raises(InfeasibleError) as caught:
        optimizer.solve(problem)
    return {(c.sheet, c.row): c for c in caught.value.conflicts}


def test_a_floor_and_a_budget_clash():
    """A stock floor of 50 t against a budget for 30 t: either gives 20; the store, which has room, is not named."""
    found = conflicts(
        case(limits=(Limit(5, "floor", "stock_quantity", minimum=50),), budget=(BudgetRow(3, 2027, 30.0),), materials=(ore(storage_capacity=60),))
    )
    assert {place: pytest.approx(c.give) for place, c in found.items()} == {("Limits", 5): 20, ("Budget", 3): 20}


def test_a_floor_and_a_store_clash():
    """A floor of 50 t does not fit a store of 30 t: either gives 20 t."""
    found = conflicts(case(limits=(Limit(5, "floor", "stock_quantity", minimum=50),), materials=(ore(row=7, storage_capacity=30),)))
    assert {place: pytest.approx(c.give) for place, c in found.items()} == {("Limits", 5): 20, ("Materials", 7): 20}


def test_a_fill_rate_and_a_capacity_clash():
    """Half of 2 × 10 t must be delivered from an offer of 4 t a year: the offer gives 1 t a year, or the floor a tenth."""
    found = conflicts(case(demand=(need(minimum_fill_rate=0.5),), offers=(offer(row=9, capacity=4.0),)))
    assert found["Suppliers", 9].give == pytest.approx(1) and found["Suppliers", 9].to == pytest.approx(5)
    assert found["Demand", 2].give == pytest.approx(0.1) and found["Demand", 2].to == pytest.approx(0.4)


def test_a_fill_rate_and_what_can_be_saved_clash():
    """Of 10 t a year 8 must be met, 4 can be bought and 3 saved: saving gives a tenth of the demand, the floor a tenth, the offer 1 t a year."""
    thrift = Substitute(5, "ore", "use", cost=1.0, maximum_share=0.3)
    found = conflicts(case(demand=(need(minimum_fill_rate=0.8),), offers=(offer(row=9, capacity=4.0),), substitutes=(thrift,)))
    assert {place: pytest.approx(c.give) for place, c in found.items()} == {("Substitutes", 5): 0.1, ("Demand", 2): 0.1, ("Suppliers", 9): 1}
    assert found["Substitutes", 5].to == pytest.approx(0.4) and "that can be saved" in found["Substitutes", 5].what


def test_two_clashes_are_told_apart():
    """Two materials, each with a floor over its store: two clashes of two rows."""
    found = conflicts(
        case(
            materials=(ore("a", row=2, storage_capacity=1), ore("b", row=3, storage_capacity=2)),
            demand=(need(material="a"), need(material="b", row=3)),
            offers=(offer(material="a"), offer(material="b", row=3)),
            limits=(Limit(2, "floor", "stock_quantity", material=("a",), minimum=5), Limit(3, "floor", "stock_quantity", material=("b",), minimum=5)),
        )
    )
    assert {c.clash for c in found.values()} == {1, 2}
    assert {place: c.give for place, c in found.items()} == {("Limits", 2): 4, ("Materials", 2): 4, ("Limits", 3): 3, ("Materials", 3): 3}


def test_a_number_that_clashes_twice_is_one_number():
    """One floor for two materials over two stores: that the floor gives 4 is enough, and no store has to give beside it."""
    found = conflicts(
        case(
            materials=(ore("a", row=2, storage_capacity=1), ore("b", row=3, storage_capacity=2)),
            demand=(need(material="a"), need(material="b", row=3)),
            offers=(offer(material="a"), offer(material="b", row=3)),
            limits=(Limit(2, "floor", "stock_quantity", minimum=5),),
        )
    )
    assert [(c.sheet, c.row, c.give, c.to) for c in found.values()] == [("Limits", 2, 4, 1)]


def test_what_cannot_be_met_at_all_stands_alone():
    """A floor on a material that nobody offers clashes with nothing else."""
    found = conflicts(case(materials=(ore(), ore("b", row=3)), limits=(Limit(4, "floor", "stock_quantity", material=("b",), minimum=5),)))
    assert list(found) == [("Limits", 4)]


def test_a_clash_in_one_scenario_is_found():
    """Take-or-pay at a floor purchase in a year in which the offer is struck: the limit on purchases cannot be met there."""
    found = conflicts(
        case(settings=settings(periods=2), disruptions=(Disruption(2, "stop", 0.5, 12, 0.0),), limits=(Limit(6, "buy", "purchase_to_demand", minimum=0.5),))
    )
    assert ("Limits", 6) in found


def test_where_the_simplex_method_loses_its_way_what_clashes_is_still_named():
    """A case with penalties a million times the prices: the solver calls what is to explain it Unknown, from scratch too."""
    found = optimizer.load(CASES / "infeasible_simplex_unknown.xlsx").case
    with pytest.raises(InfeasibleError) as caught:
        optimizer.solve(found.with_settings(mip_gap=1e-5), method="decomposed")
    assert any(c.sheet == "Demand" for c in caught.value.conflicts)


def solved(problem) -> bool:
    """Whether there is a plan."""
    return solve_extensive(problem.with_settings(risk_weight=0.0)).status == "optimal"


def check_amounts(problem, found) -> None:
    """Whichever row of each clash gives its amount as printed, there is a plan; and with one of them back at its own number there is none."""
    clashes = [[c for c in found if c.clash == number] for number in sorted({c.clash for c in found})]
    for choice in islice(product(*clashes), 6):
        assert solved(typed(problem, choice)), [str(c) for c in choice]
        for back in choice:
            assert not solved(typed(problem, [c for c in choice if c is not back])), f"{back} is not needed of {[str(c) for c in choice]}"


# A case in each way and of each shape of answer (one row; one of several; all of several; several clashes), the quick ones.
SEEDS = (
    430,
    40,
    450,
    480,
    341,
    141,
    101,
    321,
    122,
    282,
    322,
    252,
    83,
    333,
    253,
    124,
    274,
    154,
    114,
    105,
    95,
    295,
    205,
    86,
    206,
    137,
    97,
    167,
    107,
    148,
    238,
    88,
    168,
    249,
    109,
    209,
)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_has_to_give_is_enough_and_needed(seed):
    """On random cases made too tight in ten ways, what is printed, typed into the case, is enough, and none of it can be left out."""
    problem = tight_case(seed)
    found = explain(build(problem))
    assert found and all(c.enough and c.give > 0 and c.row >= 2 for c in found)
    assert all(f"{c.give:,.6g}" in str(c) and float(f"{c.give:.6g}") == c.give for c in found if c.to != 0 and c.to != 1)
    check_amounts(problem, found)


def test_each_way_of_being_too_tight_is_tried():
    """The seeds cover every way in which a case can be made infeasible."""
    assert {seed % len(KINDS) for seed in SEEDS} == set(range(len(KINDS)))


@pytest.mark.parametrize(
    "name, amounts",
    [
        ("give_too_small", {("Budget", 2): 390, ("Demand", 2): 0.39}),
        ("infeasible_not_enough", {("Budget", 2): 1500, ("Demand", 2): 0.438583}),
        ("infeasible_not_minimal", {("Suppliers", 10): 500, ("Budget", 2): 500}),
    ],
)
def test_of_workbooks_that_were_told_too_little(name, amounts):
    """The dear offer must be paid, a project is started or not, and what alone is enough is told with all else as it is."""
    reading = optimizer.load(CASES / f"{name}.xlsx")
    with pytest.raises(InfeasibleError) as caught:
        optimizer.solve(reading)
    assert {(c.sheet, c.row): c.give for c in caught.value.conflicts} == {place: pytest.approx(give) for place, give in amounts.items()}
    check_amounts(reading.case, caught.value.conflicts)
    if len(amounts) > 1:
        assert "it is enough that one of them gives way:" in str(caught.value)


def test_the_amount_typed_into_the_workbook_is_enough(tmp_path):
    """410 in place of 20 in the cell of the budget: solved; 409.99: not."""
    for amount, status in ((409.99, 3), (410, 0)):
        book = openpyxl.load_workbook(CASES / "give_too_small.xlsx")
        book["Budget"]["B2"] = amount
        book.save(tmp_path / "case.xlsx")
        assert CliRunner().invoke(cli, ["solve", str(tmp_path / "case.xlsx"), "--quiet"]).exit_code == status


@pytest.mark.parametrize("seed", [4, 253])
def test_where_all_have_to_give_it_says_so(seed):
    """Several things clash in four ways: in one of them, or in all, no single row is enough."""
    problem = tight_case(seed)
    with pytest.raises(InfeasibleError) as caught:
        optimizer.solve(problem)
    assert "All of these have to give way:" in str(caught.value)
    assert len({c.clash for c in caught.value.conflicts}) == len(caught.value.conflicts) > 1


def test_when_the_time_is_over_it_says_what_is_known():
    """Without time no amount is known to be enough, and the words do not claim it."""
    built = build(tight_case(SEEDS[0]))
    error = explained(built, Watch(), until=-1.0)
    assert not error.finished and not any(c.enough for c in error.conflicts)
    assert "Allow more time" in str(error) and "is enough that" not in str(error)


def test_of_a_large_tree_the_amounts_are_those_of_the_whole(monkeypatch):
    """What clashes is found on the likeliest path; what is enough there is not enough where events go worse."""
    monkeypatch.setattr(infeasibility, "LARGE", 0)
    problem = case(
        settings=settings(periods=3),
        disruptions=(Disruption(2, "stop", 0.2, 12, 0.5),),
        limits=(Limit(6, "buy", "purchase_to_demand", minimum=0.5),),
        offers=(offer(capacity=4.0),),
    )
    found = explain(build(problem))
    assert {(c.sheet, c.row): c.give for c in found} == {("Limits", 6): pytest.approx(0.3), ("Suppliers", 2): pytest.approx(6)}
    check_amounts(problem, found)


def clash_on_the_reference_path():
    """Return a case with a floor of 50 t over a store of 30 t, over three years in which a stop may begin."""
    return case(
        settings=settings(periods=3),
        disruptions=(Disruption(2, "stop", 0.2, 12, 0.5),),
        limits=(Limit(6, "floor", "stock_quantity", minimum=50),),
        materials=(ore(row=7, storage_capacity=30),),
    )


def test_what_clashes_on_the_reference_path_of_a_large_tree_is_found_there(monkeypatch):
    """The clash is known before the whole tree is examined, whose first solve then starts from it; the answer is that of a small tree."""
    problem = clash_on_the_reference_path()
    usual = explain(build(problem))
    asked, begun = [], infeasibility._clashes

    def clashes(mixed, relaxed, known_before, known):
        asked.append((mixed.built.tree.size, [[mixed.suspects[k].key[:2] for k in clash] for clash in known_before]))
        return begun(mixed, relaxed, known_before, known)

    monkeypatch.setattr(infeasibility, "LARGE", 0)
    monkeypatch.setattr(infeasibility, "_clashes", clashes)
    built = build(problem)
    found = explain(built)
    assert [(c.sheet, c.row, c.give) for c in found] == [(c.sheet, c.row, c.give) for c in usual] and len(found) == 2
    (path, nothing), (whole, known) = asked
    assert (path, nothing) == (3, []) and whole == built.tree.size > 3
    assert [sorted(clash) for clash in known] == [[("Limits", 6), ("Materials", 7)]]


def test_of_a_large_tree_the_clash_of_the_reference_path_is_told_where_the_time_is_over(monkeypatch):
    """Once the path has been examined, its amounts are told as what they are: not known to be enough for the whole tree."""
    monkeypatch.setattr(infeasibility, "LARGE", 0)
    looked = infeasibility._same

    def over(*args):
        looked(*args)
        raise infeasibility.Unfinished

    monkeypatch.setattr(infeasibility, "_same", over)
    error = explained(build(clash_on_the_reference_path()), Watch())
    assert not error.finished and not any(c.enough for c in error.conflicts)
    assert {(c.sheet, c.row): c.give for c in error.conflicts} == {("Limits", 6): pytest.approx(20), ("Materials", 7): pytest.approx(20)}


# -- what is decided beforehand ----------------------------------------------------------------------------------------------

PLANT = Project(4, "plant", 10.0, 0.0)
HALF = need(minimum_fill_rate=0.5)
"""Half of 2 × 10 t must be delivered."""

FIXED_BEFOREHAND = {
    "a fixed contract and a budget": (
        # 12 t a year at 2 USD are paid for whether they are needed or not, from 20 USD a year.
        case(
            offers=(offer(), offer("B", row=3, price=2.0, terms="contract", take_or_pay=1.0, fixed_contract=12.0)),
            budget=(BudgetRow(3, 2027, 20.0), BudgetRow(4, 2028, 30.0)),
        ),
        {("Budget", 3): (4.0, 24.0), ("Suppliers", 3): (2.0, 10.0)},
    ),
    "no contract and a fill rate": (
        # 5 t a year are needed, 4 can be bought on the spot market, and the contract that could bring the rest is fixed at none.
        case(offers=(offer(row=9, capacity=4.0), offer("B", row=3, terms="contract", fixed_contract=0.0)), demand=(HALF,)),
        {("Demand", 2): (0.1, 0.4), ("Suppliers", 9): (1.0, 5.0), ("Suppliers", 3): (1.0, 1.0)},
    ),
    "a contract that is too small and a fill rate": (
        case(offers=(offer(row=9, capacity=2.0), offer("B", row=3, terms="contract", fixed_contract=2.5)), demand=(HALF,)),
        {("Demand", 2): (0.05, 0.45), ("Suppliers", 9): (0.5, 2.5), ("Suppliers", 3): (0.5, 3.0)},
    ),
    "a project that starts in any case and a budget": (
        case(projects=(replace(PLANT, decided="start"),), budget=(BudgetRow(3, 2027, 4.0), BudgetRow(5, 2028, 4.0))),
        {("Projects", 4): (1.0, "open"), ("Budget", 3): (6.0, 10.0), ("Budget", 5): (6.0, 10.0)},
    ),
    "two projects that start in any case and a budget for one": (
        case(
            projects=(replace(PLANT, decided="start"), Project(5, "mine", 7.0, 0.0, decided="start", latest_start=0)),
            budget=(BudgetRow(3, 2027, 9.0), BudgetRow(6, 2028, 9.0)),
        ),
        {("Projects", 4): (1.0, "open"), ("Budget", 3): (8.0, 17.0), ("Budget", 6): (1.0, 10.0)},
    ),
    "a project that never starts and a fill rate": (
        # The plant could bring 3 t a year, of which one is needed.
        case(
            offers=(offer(row=9, capacity=4.0), offer("H", row=3, capacity=3.0, project="plant")), projects=(replace(PLANT, decided="never"),), demand=(HALF,)
        ),
        {("Demand", 2): (0.1, 0.4), ("Suppliers", 9): (1.0, 5.0), ("Projects", 4): (1.0, "open")},
    ),
    "a project that never waits for what it may wait for and a stock": (
        # Of the two quarters one is left, which opens no year: the plant can start then only because it may wait for the stop, which begins.
        case(
            settings=settings(period="quarter"),
            offers=(offer(row=9, capacity=4.0), offer("H", row=3, capacity=30.0, project="plant")),
            disruptions=(Disruption(2, "stop", 0.0, 12, 1.0, supplier=("A",), decision_date=1, decision_probability=1.0),),
            projects=(replace(PLANT, decided="never", may_wait_for=("stop",), earliest_start=1),),
            limits=(Limit(7, "floor", "stock_quantity", minimum=3.0, start=1),),
        ),
        {("Limits", 7): (1.0, 2.0), ("Suppliers", 9): (2.0, 6.0), ("Projects", 4): (1.0, "open")},
    ),
}


@pytest.mark.parametrize("name", FIXED_BEFOREHAND)
def test_what_is_decided_beforehand_is_named_where_it_clashes(name):
    """A contract that is fixed too large, at none or too small, a project that starts in any case, or never: named with what to write in its place."""
    problem, expected = FIXED_BEFOREHAND[name]
    error = explained(build(problem), Watch())
    assert {(c.sheet, c.row): (pytest.approx(c.give), c.to if isinstance(c.to, str) else pytest.approx(c.to)) for c in error.conflicts} == expected
    check_amounts(problem, error.conflicts)
