"""The edits that a planner thinks in: what each does to the case, that it leaves the workbook sound, and that it is listed and taken back."""

from __future__ import annotations

import pytest
from books import put, raw, sound

from optimizer.editing import levers
from optimizer.editing.rows import differences, without_differences
from optimizer.intake.reader import case_from_sheets
from optimizer.schema.sheets import DISRUPTIONS


def workbook():
    """The sound workbook, with a change of an offer's capacity by date and a contract."""
    sheets = sound()
    for header, value in {"terms": "both", "reservation_price": 1}.items():
        put(sheets, "Suppliers", 2, header, value)
    for header, value in {"supplier": "North", "material": "Oxide", "from": "2028-Q1", "capacity_per_year": 90}.items():
        put(sheets, "Offer changes", 2, header, value)
    return raw(sheets)


def case_of(sheets):
    """The case of sheets that are sound."""
    return case_from_sheets(sheets).case


BEFORE = workbook()
CASE = case_of(BEFORE)
NORTH, (PLANT,), (BAN, STRIKE) = CASE.offers[0], CASE.projects, CASE.disruptions

LEVERS = {
    "leave an offer out": (lambda: levers.without_offer(BEFORE, CASE, NORTH), lambda case: levers.is_out(case, case.offers[0])),
    "start a project": (lambda: levers.with_decided(BEFORE, PLANT, "start"), lambda case: case.projects[0].decided == "start"),
    "forbid a project": (lambda: levers.with_decided(BEFORE, PLANT, "never"), lambda case: case.projects[0].decided == "never"),
    "fix a contract": (lambda: levers.with_fixed_contract(BEFORE, NORTH, 85), lambda case: case.offers[0].fixed_contract == 85),
    "fix no contract": (lambda: levers.with_fixed_contract(BEFORE, NORTH, 0), lambda case: case.offers[0].fixed_contract == 0),
    "fix a stock": (
        lambda: levers.with_fixed_stock(BEFORE, "Oxide", 12, "2028-Q1"),
        lambda case: [(row.material, row.minimum, row.maximum, row.start) for row in levers.fixed_stocks(case)] == [(("Oxide",), 12, 12, 4)],
    ),
    "a disruption now": (lambda: levers.with_certain(BEFORE, CASE, BAN, 0), lambda case: levers.coming(case.disruptions[0]) == 0),
    "a disruption later": (lambda: levers.with_certain(BEFORE, CASE, BAN, 3), lambda case: levers.coming(case.disruptions[0]) == 3),
    "no disruption": (lambda: levers.without_disruption(BEFORE, BAN), lambda case: levers.coming(case.disruptions[0]) == -1),
}


@pytest.mark.parametrize("name", LEVERS)
def test_a_lever_is_an_edit_that_is_listed_and_taken_back(name):
    """The case says what the lever means and the workbook stays sound; taken back as any change, the inputs are what they were."""
    pull, meaning = LEVERS[name]
    after = pull()
    assert not meaning(CASE) and meaning(case_of(after))
    listed = differences(BEFORE, after)
    assert listed and case_of(without_differences(BEFORE, after, listed)) == CASE


def test_each_lever_gives_back_what_it_took():
    """An offer has its capacities at each date again, and a disruption its chances; a project and a contract are the plan's to decide again."""
    out = levers.without_offer(levers.with_fixed_contract(BEFORE, NORTH, 85), CASE, NORTH)
    assert case_of(levers.with_offer_again(BEFORE, out, case_of(out), case_of(out).offers[0])) == CASE
    certain = levers.with_certain(BEFORE, CASE, STRIKE, 2)
    assert case_of(levers.as_before(BEFORE, certain, DISRUPTIONS, [STRIKE.row], levers.CERTAIN_COLUMNS)) == CASE
    started = levers.with_decided(BEFORE, PLANT, "start")
    assert case_of(levers.with_decided(started, case_of(started).projects[0], "open")) == CASE
    fixed = levers.with_fixed_contract(BEFORE, NORTH, 85)
    assert case_of(levers.with_fixed_contract(fixed, case_of(fixed).offers[0], None)) == CASE


def test_what_comes_for_certain_waits_for_nothing():
    """A disruption that follows another, or is raised by one, comes for certain in its period alone."""
    follows = levers.with_fields(BEFORE, DISRUPTIONS, STRIKE.row, {"follows": "Ban"})
    after = levers.with_certain(follows, case_of(follows), case_of(follows).disruptions[1], 2)
    strike = case_of(after).disruptions[1]
    assert (strike.follows, strike.annual_probability, strike.decision_date, strike.decision_probability) == (None, 0, 2, 1)


def test_settings_are_set_in_their_rows_or_in_new_ones():
    """A setting that the workbook has is changed in its row, one that it has not gets a row below; all else stays."""
    after = levers.with_settings(BEFORE, {"periods": 6, "Mip_Gap": 0.02, "seed": 7})
    settings = case_of(after).settings
    assert (settings.periods, settings.mip_gap, settings.seed, settings.start) == (6, 0.02, 7, CASE.settings.start)
    assert levers.with_settings(BEFORE, {}) == BEFORE
