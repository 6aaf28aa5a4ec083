"""The library: works and plans are found, renamed, copied, deleted and restored, and a plan's inputs begin a new work."""

from __future__ import annotations

import os

import pytest
from test_runs import TUTORIAL, work_of

import optimizer
from optimizer.editing.sheets import with_address
from optimizer.intake.reader import case_from_sheets
from optimizer.runs.history import History
from optimizer.runs.library import Library, duplicate_run
from optimizer.runs.run import Run
from optimizer.runs.states import RunState
from optimizer.runs.store import Store, Work

SET = {"risk_weight": 0.7, "time_limit_seconds": 60.0}


@pytest.fixture(scope="module")
def plan():
    """A plan of the tutorial with other settings than the workbook's."""
    return optimizer.solve(TUTORIAL, SET)


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def work(store, plan) -> Work:
    """A work with an edit, a choice, and one plan that is kept."""
    made = work_of(store=store)
    History(made).save(with_address(made.sheets, "Budget", "B2", 400_000.0))
    made.choose(budget=1.2)
    made.new_run(made.sheets, title="Plan 1", settings=SET, who="Ana").keep(plan, {})
    return made


def only(work: Work) -> Run:
    (found,) = work.runs
    return found


def test_works_are_listed_as_they_were_changed(store):
    """The work that was changed last comes first, whether by an edit, a choice or a plan; each has the name, the time and the person."""
    first, second, third = (work_of(store=store) for _ in range(3))
    for age, made in enumerate((third, second, first)):
        made.choose(budget=1.0)
        os.utime(made.folder / "choices.json", (made.about["created"] + 10 - age,) * 2)
    assert [one.id for one in Library(store).works()] == [third.id, second.id, first.id]
    assert third.changed == pytest.approx(third.about["created"] + 10)


@pytest.mark.parametrize(
    ("words", "found"), [("", True), ("TUTORIAL", True), ("june  board", True), ("plan 1 ana", True), ("june bob", False), ("tutorial.xlsm", False)]
)
def test_a_search_finds_what_has_all_of_its_words(store, work, words, found):
    """Words stand in the title, the file's name, a plan's title or a person, in any order and size of letters; all of them must."""
    work.rename("For the board in June")
    assert bool(Library(store).works(words)) == found


def test_a_person_lists_what_this_person_began(store):
    """With an owner only the owner's works are listed, deleted ones too; without one all are."""
    data = TUTORIAL.read_bytes()
    source = optimizer.runs.read_upload(data, TUTORIAL.name)
    mine, other = store.begin(source, data, "ana"), store.begin(source, data, "bob")
    gone = store.begin(source, data, "bob")
    gone.set_aside()
    assert [one.id for one in Library(store, "ana").works()] == [mine.id] and Library(store, "ana").deleted() == []
    assert [one.id for one in Library(store, "bob").deleted()] == [gone.id]
    assert {one.id for one in Library(store).works()} == {mine.id, other.id}


def test_a_name_changes_nothing_that_is_solved(store, work):
    """A work and a plan get other titles; the file's name and the question's key stay, and a blank title of a work is the file's name again."""
    run, key = only(work), only(work).key
    work.rename("  Base case ")
    run.rename("For the board")
    run.rename("   ")
    again = Store().work(work.id)
    assert (again.title, again.name, only(again).title, only(again).key) == ("Base case", TUTORIAL.name, "For the board", key)
    again.rename("")
    assert again.title == TUTORIAL.name


def test_a_plan_is_told_by_its_figures(work, plan):
    """Cost, worst futures and the chance of a shortage stand beside a kept plan, also of one that an earlier version kept without them."""
    shown = {line.name: (line.label, line.text) for line in plan.headlines}
    assert only(work).figures() == {name: shown[name] for name in ("expected_cost", "cvar", "probability_of_shortage")}
    (only(work).folder / "figures.json").unlink()
    assert only(work).figures()["expected_cost"] == shown["expected_cost"]


def test_a_deleted_work_is_gone_until_it_is_restored(store, work):
    """Deleted, a work is neither found nor listed, and what is under way is stopped; restored, it is as it was."""
    waiting = work.new_run(work.sheets, title="waits")
    work.set_aside()
    library = Library(store)
    assert store.work(work.id) is None and library.works() == [] and [one.id for one in library.deleted()] == [work.id]
    assert waiting.asked_to_stop and not waiting.discarded
    store.kept(work.id).restore()
    assert store.work(work.id).choices == {"budget": 1.2} and library.deleted() == []
    assert [run.title for run in store.work(work.id).runs] == ["Plan 1", "waits"]


def test_a_deleted_plan_is_gone_until_it_is_restored(work, plan):
    """Deleted, a plan is not found by its id; restored, it is; its number is not given to another meanwhile."""
    run = only(work)
    run.set_aside()
    assert work.runs == [] and work.run(run.id) is None and [gone.id for gone in work.deleted_runs] == [run.id]
    assert work.new_run(work.sheets, title="next").request["number"] == 2
    run.restore()
    assert work.run(run.id).plan().objective == plan.objective and work.deleted_runs == []


def test_a_plan_deleted_for_good_leaves_nothing(store, work, plan):
    """With the plan go its studies and the answer that was kept of it; the work and its other plans stay."""
    run = only(work)
    run.keep(plan, {}, store.answers)
    work.new_study(run, "stress", "Stress test")
    other = work.new_run(work.sheets, title="other")
    work.delete_run(run)
    assert [one.id for one in work.all_runs] == [other.id] and list(store.answers.iterdir()) == []


def test_a_copy_of_a_work_holds_all_and_is_its_own(store, work, plan):
    """A copy has workbook, edits with their history, choices and finished plans; what is deleted or under way stays behind; each is changed alone."""
    deleted = duplicate_run(work, only(work), "gone")
    deleted.set_aside()
    work.new_run(work.sheets, title="waits")
    copy = Library(store).duplicate(work, "A copy", "Bob")
    assert (copy.title, copy.name, copy.who, copy.choices) == ("A copy", TUTORIAL.name, "Bob", {"budget": 1.2})
    assert copy.sheets == work.sheets and copy.original_bytes() == work.original_bytes()
    assert [(run.title, run.who, run.state) for run in copy.runs] == [("Plan 1", "Ana", RunState.DONE)] and copy.deleted_runs == []
    assert only(copy).plan().objective == plan.objective
    History(copy).undo()
    assert copy.sheets == copy.original_sheets != work.sheets
    copy.delete()
    assert work.run(work.runs[0].id).plan().objective == plan.objective


def test_a_copy_of_a_plan_is_a_plan_of_its_own(work, plan):
    """A copy of a plan has the next number and its own title; deleting the first leaves it."""
    first = only(work)
    copy = duplicate_run(work, first, "Plan 1, kept", "Bob")
    work.delete_run(first)
    assert (only(work).title, only(work).request["number"], only(work).who) == ("Plan 1, kept", 2, "Bob")
    assert copy.plan().objective == plan.objective and copy.state == RunState.DONE


def test_the_inputs_of_a_plan_begin_a_new_work(store, work, plan):
    """The new work solves the same case as the plan did, with the settings that were set for it as edits of the file that it began with."""
    run = work.new_run(with_address(work.sheets, "Budget", "B3", 123_456.0), title="Plan 2", settings=SET)
    begun = Library(store).begin_from_plan(work, run, "tutorial: Plan 2", "Bob")
    asked = case_from_sheets(run.sheets, run.request["name"], overrides=SET).case
    assert case_from_sheets(begun.sheets, begun.name).case == asked and asked.settings.risk_weight == SET["risk_weight"]
    assert begun.runs == [] and begun.choices == {} and begun.title == "tutorial: Plan 2"
    assert begun.original_sheets == work.original_sheets and begun.original_bytes() == TUTORIAL.read_bytes()
    assert not History(begun).can_undo and work.sheets != begun.sheets
