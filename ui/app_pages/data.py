"""The workbook: what is wrong with it, each sheet as an editable grid, what was changed, the way out of it as a file."""

from __future__ import annotations

import re

import pandas as pd
import streamlit as st

from optimizer import (
    INPUTS,
    Problem,
    Sheet,
    Work,
    WorkbookError,
    add_sheet,
    changes,
    column_at,
    edited_bytes,
    fixes,
    raw_of,
    sheet_of,
    typed,
    value_at,
    with_address,
    without_change,
)
from ui import editing, parts, readout, state
from ui import text_data as text
from ui.downloads import download
from ui.escape import file_name, md, short
from ui.grid import as_text, checks, grid_of, terms_of
from ui.map import misplaced, sources_map

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def problem_list(problems: tuple[Problem, ...]) -> Problem:
    """The problems as a table; the one that was chosen last, whose sheet is then shown, or the first."""
    frame = pd.DataFrame({text.WHERE: [problem.where for problem in problems], text.PROBLEM: [problem.message for problem in problems]})
    config = {text.WHERE: st.column_config.TextColumn(width=150), text.PROBLEM: st.column_config.TextColumn(width=1000)}
    # The table lives as long as the list is the same: what is chosen must outlast the generation that choosing begins.
    event = st.dataframe(frame, hide_index=True, column_config=config, on_select="rerun", selection_mode="single-row", key=f"problems:{hash(problems)}",
                         height=min(35 * (len(problems) + 1) + 3, 260), alt=text.PROBLEMS_HEAD)
    rows = [row for row in event.selection.rows if row < len(problems)]
    if rows and st.session_state.get("data:chosen") != problems[rows[0]]:
        st.session_state["data:chosen"] = problems[rows[0]]
        st.session_state["data:sheet"] = editing.sheet_with(problems[rows[0]]) or INPUTS[0].name
        st.session_state["data:only"] = True
        editing.renew()
    chosen = st.session_state.get("data:chosen")
    return chosen if chosen in problems else problems[0]


def put_right(work: Work, problem: Problem) -> None:
    """The cell of a problem: what stands there, what may stand there, and proposals."""
    sheets = work.sheets
    with st.container(border=True):
        st.markdown(f"**{md(problem.where)}** {md(problem.message, 500)}")
        proposals = fixes(problem, sheets)
        with st.container(horizontal=True):
            for number, fix in enumerate(proposals):
                if st.button(md(fix.words, 80), key=f"fix:{editing.generation()}:{number}", icon=":material/auto_fix_high:"):
                    editing.replace(work, fix.sheets)
        raw = sheet_of(sheets, problem.sheet)
        place = re.fullmatch(r"([A-Z]+)([0-9]+)", problem.cell)
        if raw is not None and place:
            cell_box(work, problem, *editing.position(problem.cell))


def cell_box(work: Work, problem: Problem, row: int, column: int) -> None:
    """A box with the cell's value, to type another."""
    raw = sheet_of(work.sheets, problem.sheet)
    label, shown = text.cell_label(problem.where, problem.expected), as_text(value_at(raw, row, column)) or ""
    with st.form(f"cell:{editing.generation()}:{problem.where}", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        value = st.text_input(md(label, 300), value=shown, width=520)
        if st.form_submit_button(text.APPLY, type="primary", icon=":material/check:") and value != shown:
            editing.replace(work, with_address(work.sheets, problem.sheet, problem.cell, typed(value, column_at(raw, row, column))))


def sheet_picker(counts: dict[str, int], first: str) -> Sheet:
    """The sheet to look at. counts: how much is wrong on each."""
    names = [sheet.name for sheet in INPUTS]
    picked = st.segmented_control(text.SHEETS_LABEL, names, default=first, required=True, format_func=lambda name: text.sheet_label(name, counts.get(name, 0)),
                                  key="data:sheet", label_visibility="collapsed", wrap=True, on_change=editing.renew)
    return next(sheet for sheet in INPUTS if sheet.name == (picked or first))


def grid(work: Work, sheet: Sheet, problems: tuple[Problem, ...]) -> None:
    """One sheet as a grid; what is typed is kept at once."""
    st.markdown(md(sheet.help, 300))
    raw = raw_of(work.sheets, sheet)
    if raw is None:
        st.info(text.MISSING_SHEET)
        if st.button(text.ADD_SHEET, icon=":material/add:"):
            editing.replace(work, add_sheet(work.sheets, sheet))
        return
    here = [row for row in sorted(checks(problems, raw.name)) if 1 < row <= len(raw.rows)]
    # A row that is being typed is faulty until it is complete: the view stays as it was when the grid was made.
    began = editing.at_first(f"only:{sheet.name}", bool(here))
    only = began and st.toggle(text.ONLY_PROBLEMS, value=True, key="data:only", on_change=editing.renew)
    shown = editing.base(sheet.name, only, lambda: grid_of(sheet, raw, terms_of(work.sheets), here if only else None))
    st.data_editor(shown.with_checks(problems), column_config=shown.config, hide_index=True, num_rows="fixed", key=editing.key(), alt=sheet.help,
                   on_change=parts.guarded(editing.keep), args=(work, shown), height="auto", placeholder="")
    st.markdown(text.GRID_NOTE)
    if not only and not sheet.settings and editing.rows_left(shown) < 2 and st.button(text.MORE_ROWS, icon=":material/add:"):
        editing.renew()
        st.rerun()


def changed(work: Work) -> None:
    """What was changed since the file was opened, and the way back."""
    found = changes(work.original_sheets, work.sheets)
    with st.expander(f"{text.CHANGED_HEAD} ({len(found):,})", icon=":material/edit:", expanded=False):
        if not found:
            st.markdown(text.NOTHING_CHANGED)
            return
        frame = pd.DataFrame({
            text.CELL: [f"{change.sheet}!{change.cell}" if change.cell else change.sheet for change in found],
            text.MEANING: [change.label for change in found],
            text.BEFORE: [as_text(change.before) or text.BLANK for change in found], text.AFTER: [as_text(change.after) or text.BLANK for change in found],
        })
        event = st.dataframe(frame, hide_index=True, on_select="rerun", selection_mode="multi-row", key=f"changed:{editing.generation()}:{len(found)}",
                             alt=text.CHANGED_HEAD)
        with st.container(horizontal=True):
            chosen = [found[row] for row in event.selection.rows if row < len(found)]
            if st.button(text.REVERT_ONE, disabled=not chosen):
                sheets = work.sheets
                for change in chosen:
                    sheets = without_change(work.original_sheets, sheets, change)
                editing.replace(work, sheets)
            if st.button(text.REVERT_ALL):
                editing.replace(work, work.original_sheets)


def files(work: Work, problems: tuple[Problem, ...]) -> None:
    """The workbook as a file, with the problems marked where there are some."""
    original, before, after = work.original_bytes(), work.original_sheets, work.sheets
    stem, ending = file_name(work.name.rsplit(".", 1)[0]), ".xlsm" if work.name.lower().endswith(".xlsm") else ".xlsx"
    with st.container(horizontal=True):
        if editing.can_undo() and st.button(text.UNDO, icon=":material/undo:"):
            editing.undo(work)
        download(text.DOWNLOAD, lambda: edited_bytes(original, before, after), f"{stem}{ending}", WORKBOOK, ":material/download:")
        if problems:
            download(text.DOWNLOAD_MARKED, lambda: edited_bytes(original, before, after, problems=problems), f"{stem} marked{ending}", WORKBOOK,
                     ":material/flag:")


def where(work: Work) -> None:
    """The map of the sources."""
    rows = editing.offers(work.sheets)
    if not rows:
        return
    st.subheader(text.MAP_HEAD, anchor=False)
    st.markdown(text.MAP_NOTE)
    materials = list(dict.fromkeys(row["material"] for row in rows if row["material"]))
    picked = st.selectbox(text.MAP_HEAD, ["", *materials], format_func=lambda name: short(name, 60) or text.ALL_MATERIALS, label_visibility="collapsed",
                          key="data:map", width=360)
    for sentence in misplaced(rows, picked or None).sentences():
        st.warning(md(sentence, 400))
    st.altair_chart(sources_map(rows, picked or None, editing.units(work.sheets).get(picked, "")), width="stretch")


work = parts.need_work()
editing.begin(work)
reading = state.reading_of(work)
failed = isinstance(reading, WorkbookError)
problems = reading.problems if failed else ()
st.title(md(work.name, 80), anchor=False)
with st.container(horizontal=True, vertical_alignment="center"):
    colour, icon = ("red", "error") if failed else ("green", "check_circle")
    st.badge(text.standing(len(problems), len(reading.warnings)), color=colour, icon=f":material/{icon}:")
    if st.button(text.TO_SOLVE, type="primary", icon=":material/arrow_forward:", disabled=failed):
        state.go("solve")
above, middle, below = st.container(), st.container(), st.container()
# What turns wrong while a grid is typed into is told below it, so that the grid does not move under the hand.
place = above if editing.at_first("failed", failed) else below
chosen = None
if problems:
    with place:
        st.subheader(text.PROBLEMS_HEAD, anchor=False, help=text.PROBLEMS_NOTE)
        chosen = problem_list(problems)
        put_right(work, chosen)
with below:
    readout.show(work, reading)
counts = editing.counts(work.sheets, problems)
first = editing.sheet_with(chosen) if chosen else "Suppliers"
with middle:
    grid(work, sheet_picker(counts, first or "Settings"), problems)
changed(work)
files(work, problems)
where(work)
