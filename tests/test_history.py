"""Undo and redo: every version of a work's sheets is kept with the work, so that a reload, another window or a restart finds it."""

from __future__ import annotations

import datetime as dt

import pytest
from books import raw, sound

from optimizer.editing.rows import delete_rows, insert_rows
from optimizer.editing.sheets import add_sheet, sheet_of, with_address
from optimizer.intake.cells.parse import Formula
from optimizer.intake.files.sources import Source
from optimizer.runs.history import MOST, History
from optimizer.runs.store import Store, Work
from optimizer.schema.sheets import LIMITS


@pytest.fixture
def work(tmp_path):
    """A work that has not been edited."""
    return Store(tmp_path).begin(Source("case.xlsx", "0" * 64, raw({name: rows for name, rows in sound().items() if name != "Limits"})))


def amount(work):
    return sheet_of(work.sheets, "Budget").rows[1][1]


def test_undo_and_redo_walk_through_the_versions_after_a_restart(work):
    """Each undo goes one edit back and each redo one forward, also for a process that begins anew; at either end nothing happens."""
    for value in (1, 2, 3):
        History(work).save(with_address(work.sheets, "Budget", "B2", value))
    assert not History(work).can_redo
    seen = []
    for _ in range(5):
        History(Work(work.folder)).undo()
        seen.append(amount(work))
    assert seen == [2, 1, 90000, 90000, 90000] and not History(work).can_undo
    for _ in range(5):
        History(Work(work.folder)).redo()
        seen.append(amount(work))
    assert seen[5:] == [1, 2, 3, 3, 3] and work.original_sheets == Work(work.folder).original_sheets


def test_an_edit_after_an_undo_takes_the_place_of_what_was_undone(work):
    """As in Excel: after an undo and another edit there is nothing to redo, and undo leads back before that edit."""
    for value in (1, 2):
        History(work).save(with_address(work.sheets, "Budget", "B2", value))
    History(work).undo()
    History(work).save(with_address(work.sheets, "Budget", "B2", 7))
    assert not History(work).can_redo
    History(work).undo()
    assert amount(work) == 1


def test_rows_sheets_and_every_kind_of_value_come_back(work):
    """Rows that were inserted and deleted, a sheet that was added, formulas, days and odd texts are undone and redone as they were."""
    versions = [work.sheets]
    steps = (
        lambda sheets: insert_rows(sheets, "Suppliers", 2, 3),
        lambda sheets: delete_rows(sheets, "Suppliers", [6]),
        lambda sheets: add_sheet(sheets, LIMITS),
        lambda sheets: with_address(sheets, "Suppliers", "Z3", Formula("=1+1")),
        lambda sheets: with_address(sheets, "Suppliers", "Z4", dt.date(2027, 4, 1)),
        lambda sheets: with_address(sheets, "Suppliers", "Z5", "\u202e😀\n"),
    )
    for step in steps:
        History(work).save(step(work.sheets))
        versions.append(work.sheets)
    for version in reversed(versions[:-1]):
        History(work).undo()
        assert work.sheets == version
    for version in versions[1:]:
        History(work).redo()
        assert work.sheets == version


def test_an_edit_that_was_made_elsewhere_is_not_lost(work):
    """Sheets that were saved without the history, as by another program, are a version to go back to."""
    History(work).save(with_address(work.sheets, "Budget", "B2", 1))
    work.save_sheets(with_address(work.sheets, "Budget", "B2", 50))
    History(work).save(with_address(work.sheets, "Budget", "B2", 2))
    History(work).undo()
    assert amount(work) == 50


def test_saving_what_is_there_is_no_version(work):
    """Sheets that are equal to those that are kept make nothing to undo."""
    History(work).save(with_address(work.sheets, "Budget", "B2", 90000))
    assert not History(work).can_undo


def test_what_is_kept_is_bounded_and_shared(work):
    """The oldest versions go; a sheet that did not change is kept once, and what no version needs is deleted."""
    for value in range(MOST + 5):
        History(work).save(with_address(work.sheets, "Budget", "B2", value))
    files = list((work.folder / "history").glob("*.json.z"))
    assert len(files) == MOST + len(work.sheets) - 1
    for _ in range(MOST):
        History(work).undo()
    assert amount(work) == 5 and not History(work).can_undo
