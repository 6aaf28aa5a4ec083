"""The editor's memory: what the grid began with, and what was typed since. What can be undone is kept with the work.

A grid must not be made anew while it is edited: what was typed would be lost or counted twice. So its first state is held for one
generation; a new one begins when the page is entered, another sheet is picked, or the sheets were changed other than in the grid.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from optimizer.editing import headers_in, raw_of, sheet_of, value_at
from optimizer.errors import Problem
from optimizer.intake import RawSheet, is_blank
from optimizer.runs import History, Work
from optimizer.schema import INPUTS, MATERIALS, Sheet, normalize
from ui.grid import grid as grids
from ui.grid.grid import Grid, edited, positions
from ui.session import announcing, windows
from ui.words import data as text
from ui.words import windows as window_words

GENERATION, BASE, FIRST, SEEN, KEPT, REMARK = "edit:generation", "edit:base", "edit:first", "edit:seen", "edit:kept", "edit:remark"
EDITED = "edit:edited"
"""Under this name stand the work and its edition that the page shows."""
SUPPLIERS = next(sheet for sheet in INPUTS if sheet.name == "Suppliers")
SHOWN = ("supplier", "material", "bloc", "country", "capacity_per_year")


def begin(work: Work) -> None:
    """Begin anew where the page was just entered, another work is edited, or another window has edited this one."""
    with work.locked():
        known = st.session_state.get(EDITED, ("", 0))[0] == work.id
        elsewhere = known and _changed_elsewhere(work)
        st.session_state[EDITED] = (work.id, work.edition)
    if st.session_state.pop("entered", False) or not known:
        renew()
    elif elsewhere:
        renew()
        st.rerun()  # without what was pressed on the page that showed something else


def generation() -> int:
    """The number of the present generation."""
    return st.session_state.setdefault(GENERATION, 0)


def renew() -> None:
    """Begin a new generation: the page and its grid are made from the sheets as they are now."""
    st.session_state[FIRST] = {}
    _remake()


def redraw() -> None:
    """Make the grid from the sheets as they are now, and leave all else where it is: a hand is at work there."""
    st.session_state[FIRST] = {name: began for name, began in st.session_state.get(FIRST, {}).items() if not began}
    _remake()


def _remake() -> None:
    st.session_state[GENERATION] = generation() + 1
    st.session_state[BASE], st.session_state[SEEN] = {}, {}
    st.session_state.pop(KEPT, None)


def at_first(name: str, value: bool) -> bool:
    """Return the `value` of the time when this generation began."""
    return st.session_state.setdefault(FIRST, {}).setdefault(name, value)


def only_faulty(sheet: Sheet) -> str:
    """The name under which `at_first` remembers whether only the faulty rows of a sheet are shown."""
    return f"only:{sheet.name}"


def base(sheet: str, only: bool, make: Callable[[], Grid]) -> Grid:
    """The grid as it was at the beginning of this generation."""
    if (sheet, only) not in st.session_state.setdefault(BASE, {}):
        if st.session_state[BASE]:
            renew()  # what was typed into another grid must not be put on top of this one
        st.session_state[BASE][sheet, only] = make()
    return st.session_state[BASE][sheet, only]


def key() -> str:
    """The name of the grid's widget."""
    return f"grid:{generation()}"


def _typed() -> dict[Any, dict[str, Any]]:
    return st.session_state.get(key(), {}).get("edited_rows", {})


def keep(work: Work, grid: Grid) -> None:
    """Keep what was typed into the grid. What cannot be kept as it was meant is said."""
    now, before = _typed(), st.session_state.get(SEEN, {})
    st.session_state[SEEN] = {index: dict(values) for index, values in now.items()}
    if grids.misplaced(grid, now):
        st.session_state[REMARK] = text.MISPLACED
        redraw()
        return
    with work.locked():  # another window may write meanwhile
        if sheet_of(work.sheets, grid.raw.name) != st.session_state.get(KEPT, grid.raw):
            st.session_state[REMARK] = text.CHANGED_ELSEWHERE
            redraw()
            return
        raw = st.session_state[KEPT] = edited(grid, now)
        alone = not _changed_elsewhere(work)
        with windows.changing(work, windows.INPUTS):
            History(work).save(tuple(raw if sheet.name == raw.name else sheet for sheet in work.sheets))
        if alone:
            st.session_state[EDITED] = (work.id, work.edition)
    announcing.say(text.KEPT)
    if grids.cut_off(grid, before, now):
        st.session_state[REMARK] = text.CUT_OFF
        redraw()


def remark() -> str | None:
    """Return the remark on the last edit, once."""
    return st.session_state.pop(REMARK, None)


def say(words: str) -> None:
    """Keep a remark on what was just done, to be shown once."""
    st.session_state[REMARK] = words


def ticked(grid: Grid) -> list[int]:
    """The rows of the file that are ticked."""
    return grids.ticked(grid, _typed())


def rows_left(grid: Grid) -> int:
    """Return the number of blank rows that the grid still has."""
    return grids.rows_left(grid, _typed())


def _changed_elsewhere(work: Work) -> bool:
    """Return whether another window has edited the work since this page began to show it."""
    return st.session_state.get(EDITED) != (work.id, work.edition) and not windows.is_mine(work, windows.INPUTS)


def save(work: Work, change: Callable[[], None]) -> None:
    """Change the inputs, unless another window has changed them since this page began to show them: then that is said, and nothing is overwritten."""
    with work.locked():
        if _changed_elsewhere(work):
            st.session_state[REMARK] = window_words.NOT_KEPT
            renew()
            st.rerun()
        with windows.changing(work, windows.INPUTS):
            change()
        st.session_state[EDITED] = (work.id, work.edition)


def replace(work: Work, sheets: tuple[RawSheet, ...], said: str = text.KEPT) -> None:
    """Keep sheets that were changed other than in the grid, and show them. said: what has happened, for those who hear it."""
    save(work, lambda: History(work).save(sheets))
    announcing.say(said)
    renew()
    st.rerun()


def rearrange(work: Work, sheet: Sheet, sheets: tuple[RawSheet, ...], said: str) -> None:
    """Keep sheets of which rows of one were moved or filled in the grid, and show all rows of that one. said: what has happened."""
    save(work, lambda: History(work).save(sheets))
    announcing.say(said)
    redraw()
    st.session_state[FIRST][only_faulty(sheet)] = False
    st.rerun()


def step(work: Work, move: Callable[[], None], said: str) -> None:
    """Undo or redo, and show what is there then. said: which of the two."""
    save(work, move)
    announcing.say(said)
    redraw()
    st.rerun()


def sheet_with(problem: Problem) -> str | None:
    """The sheet of the schema on which a problem is."""
    return next((sheet.name for sheet in INPUTS if normalize(sheet.name) == normalize(problem.sheet)), None)


def counts(sheets: tuple[RawSheet, ...], problems: tuple[Problem, ...]) -> dict[str, int]:
    """Count the problems on each sheet of the schema."""
    names = [sheet_with(problem) for problem in problems]
    return {sheet.name: names.count(sheet.name) for sheet in INPUTS}


def units(sheets: tuple[RawSheet, ...]) -> dict[str, str]:
    """Each material's unit, as they are typed."""
    return {str(row["material"]): str(row["unit"]) for row in _rows(sheets, MATERIALS, ("material", "unit"))}


def offers(sheets: tuple[RawSheet, ...]) -> list[dict[str, Any]]:
    """The rows of Suppliers as they are typed, for the map."""
    return _rows(sheets, SUPPLIERS, SHOWN)


def _rows(sheets: tuple[RawSheet, ...], sheet: Sheet, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """The rows of a sheet that are not blank: column -> what stands there; None where there is no such column."""
    raw = raw_of(sheets, sheet)
    if raw is None:
        return []
    at = positions(raw, [sheet.column(name) for name in columns])
    rows = [{name: value_at(raw, row, at[name]) if name in at else None for name in columns} for row in range(headers_in(raw) + 1, len(raw.rows) + 1)]
    return [row for row in rows if not all(is_blank(value) for value in row.values())]
