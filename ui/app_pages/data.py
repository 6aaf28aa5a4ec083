"""The workbook: what is wrong with it, each sheet as an editable grid, what was changed, the way out of it as a file."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from optimizer.editing import (
    add_sheet,
    column_at,
    currency_of,
    delete_rows,
    edited_bytes,
    entry_text,
    fixes,
    insert_rows,
    raw_of,
    repeat_rows,
    sheet_of,
    typed,
    value_at,
    with_address,
    with_cells,
)
from optimizer.errors import Problem, WorkbookError
from optimizer.importing import PROVENANCE
from optimizer.intake import RawSheet
from optimizer.runs import History, Work
from optimizer.schema import INPUTS, Column, Sheet
from ui.charts.world import misplaced, sources_spec
from ui.grid import clipboard, editing
from ui.grid.grid import BEYOND, Grid, Terms, checks, grid_of, label, options, terms_of
from ui.parts import access, changes, readout
from ui.parts.downloads import download
from ui.session import announcing, state
from ui.words import data as text
from ui.words.escape import file_name, md, short

MANY_ROWS = 12
"""A sheet of more rows can be shown in another order."""
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def problem_list(problems: tuple[Problem, ...]) -> Problem:
    """The problems as a table; the one that was chosen last, whose sheet is then shown, or the first."""
    frame = pd.DataFrame({text.WHERE: [problem.where for problem in problems], text.PROBLEM: [problem.message for problem in problems]})
    config = {text.WHERE: st.column_config.TextColumn(width=150), text.PROBLEM: st.column_config.TextColumn(width=1000)}
    # The table lives as long as the list is the same: what is chosen must outlast the generation that choosing begins.
    event = st.dataframe(
        frame,
        hide_index=True,
        column_config=config,
        on_select="rerun",
        selection_mode="single-row",
        key=f"problems:{hash(problems)}",
        height=min(35 * (len(problems) + 1) + 3, 260),
        alt=text.PROBLEMS_HEAD,
    )
    rows = [row for row in event.selection.rows if row < len(problems)]
    if rows and st.session_state.get("data:chosen") != problems[rows[0]]:
        st.session_state["data:chosen"] = problems[rows[0]]
        st.session_state["data:sheet"] = editing.sheet_with(problems[rows[0]]) or INPUTS[0].name
        st.session_state["data:only"] = True
        editing.renew()
    chosen = st.session_state.get("data:chosen")
    return next((problem for problem in problems if problem == chosen), problems[0])  # the new one: its proposals know the cells as they are now


def put_right(work: Work, problem: Problem) -> None:
    """The cell of a problem: what stands there, what may stand there, and proposals."""
    sheets = work.sheets
    with st.container(border=True):
        st.markdown(f"**{md(problem.where)}** {md(problem.message, 500)}{_origin(sheets, problem)}")
        proposals = fixes(problem, sheets)
        with st.container(horizontal=True):
            for number, fix in enumerate(proposals):
                if st.button(md(fix.words, 80), key=f"fix:{editing.generation()}:{number}", icon=":material/auto_fix_high:"):
                    editing.replace(work, fix.sheets)
        raw = sheet_of(sheets, problem.sheet)
        if raw is not None and problem.column:
            cell_box(work, problem, problem.row, problem.column)


def _origin(sheets: tuple[RawSheet, ...], problem: Problem) -> str:
    """Say where the row of a problem stands in the planner's own files, where the workbook was imported; "" where it was not."""
    raw = sheet_of(sheets, PROVENANCE)
    for sheet, row, *place in raw.rows[1:] if raw is not None else ():
        if (sheet, row) == (problem.sheet, problem.row):
            return f"  \n:small[{md(text.origin(*map(str, place)), 300)}]"
    return ""


def cell_box(work: Work, problem: Problem, row: int, column: int) -> None:
    """A box with the cell's value, to type another, or to choose one where there is a list of them."""
    raw = sheet_of(work.sheets, problem.sheet)
    known, percent = column_at(raw, row, column), (row - 1, column - 1) in raw.percents
    label, shown = text.cell_label(problem.where, problem.expected), entry_text(value_at(raw, row, column), known, percent) or ""
    with st.form(f"cell:{editing.generation()}:{problem.where}", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        value = value_box(md(label, 300), known, work, shown)
        if st.form_submit_button(text.APPLY, type="primary", icon=":material/check:") and value != shown:
            new = typed(value, known, currency_of(work.sheets), percent)
            editing.replace(work, with_address(work.sheets, problem.sheet, problem.cell, new))


def value_box(label: str, column: Column | None, work: Work, shown: str = "") -> str:
    """A box for one value: a drop-down where there is a list to choose from, into which other words can be typed, too."""
    words = options(column, terms_of(work.sheets))
    if not words:
        return st.text_input(label, value=shown, width=520)
    listed = list(dict.fromkeys([*words, *([shown] if shown else [])]))
    picked = st.selectbox(label, listed, index=listed.index(shown) if shown else None, accept_new_options=True, width=520)
    return picked or ""


def sheet_picker(counts: dict[str, int], first: str) -> Sheet:
    """The sheet to look at. counts: how much is wrong on each."""
    names = [sheet.name for sheet in INPUTS]
    picked = st.segmented_control(
        text.SHEETS_LABEL,
        names,
        default=first,
        required=True,
        format_func=lambda name: text.sheet_label(name, counts.get(name, 0)),
        key="data:sheet",
        label_visibility="collapsed",
        wrap=True,
        on_change=editing.renew,
    )
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
    began = editing.at_first(editing.only_faulty(sheet), bool(here))
    terms = terms_of(work.sheets)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = order(sheet, terms) if len(raw.rows) > MANY_ROWS and not sheet.settings else None
        only = began and st.toggle(text.ONLY_PROBLEMS, value=True, key="data:only", on_change=editing.renew)
    shown = editing.base(sheet.name, only, lambda: grid_of(sheet, raw, terms, here if only else None, by))
    if remark := editing.remark():
        st.warning(remark)
    st.data_editor(
        shown.with_checks(problems),
        column_config=shown.config,
        hide_index=True,
        num_rows="fixed",
        key=editing.key(),
        alt=sheet.help,
        on_change=access.guarded(editing.keep),
        args=(work, shown),
        height="auto",
        placeholder="",
    )
    rows_bar(work, shown)
    st.markdown(text.GRID_NOTE)
    if not only and not sheet.settings and editing.rows_left(shown) < 2 and st.button(text.MORE_ROWS, icon=":material/add:"):
        editing.redraw()
        st.rerun()


def order(sheet: Sheet, terms: Terms) -> str | None:
    """The column that orders the rows which are shown; None for their order in the file."""
    names = {column.name: label(column, terms) for column in sheet.columns}
    picked = st.selectbox(
        text.ORDER,
        ["", *names],
        format_func=lambda name: short(names[name], 60) if name else text.ORDER_ROWS,
        width=300,
        key=f"data:order:{sheet.name}",
        on_change=editing.redraw,
    )
    return picked or None


def rows_bar(work: Work, shown: Grid) -> None:
    """Undo and redo, and what can be done with the rows that are ticked."""
    history, rows, name = History(work), editing.ticked(shown), shown.raw.name
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(text.UNDO, icon=":material/undo:", disabled=not history.can_undo):
            editing.step(work, history.undo, text.UNDONE)
        if st.button(text.REDO, icon=":material/redo:", disabled=not history.can_redo):
            editing.step(work, history.redo, text.REDONE)
        st.markdown(text.ticked(len(rows)) if rows else text.TICKED_NONE)
    if not rows:
        return
    count = text.counted(len(rows), "row")
    with st.container(horizontal=True, vertical_alignment="center"):
        if not shown.sheet.settings:
            if st.button(text.INSERT_ABOVE, icon=":material/arrow_upward:"):
                editing.rearrange(work, shown.sheet, insert_rows(work.sheets, name, rows[0], len(rows)), text.INSERTED.format(count))
            if st.button(text.INSERT_BELOW, icon=":material/arrow_downward:"):
                editing.rearrange(work, shown.sheet, insert_rows(work.sheets, name, rows[-1] + 1, len(rows)), text.INSERTED.format(count))
            if st.button(text.REPEAT, icon=":material/content_copy:"):
                editing.rearrange(work, shown.sheet, repeat_rows(work.sheets, name, rows), text.REPEATED.format(count))
        if st.button(text.DELETE, icon=":material/delete:"):
            editing.rearrange(work, shown.sheet, delete_rows(work.sheets, name, rows), text.DELETED.format(count))
        if not shown.sheet.settings:
            with st.popover(text.FILL, icon=":material/format_color_fill:"):
                fill(work, shown, rows)


def fill(work: Work, shown: Grid, rows: list[int]) -> None:
    """One value for a column in all rows that are ticked."""
    fields = {field.id: field for field in shown.fields if field.position and field.id != BEYOND}
    picked = st.selectbox(text.FILL_COLUMN, list(fields), format_func=lambda name: short(fields[name].label, 60), key=f"fill:{editing.generation()}")
    field = fields.get(picked)
    if field is None:
        return
    value = value_box(text.FILL_VALUE, field.column, work)
    if st.button(text.FILL_DO, type="primary"):
        percents = {row for row in rows if (row - 1, field.position - 1) in shown.raw.percents}
        new = {(row, field.position): typed(value, column_at(shown.raw, row, field.position), shown.currency, row in percents) for row in rows}
        editing.rearrange(work, shown.sheet, with_cells(work.sheets, shown.raw.name, new), text.FILLED.format(text.counted(len(rows), "row")))


def files(work: Work, problems: tuple[Problem, ...]) -> None:
    """The workbook as a file, with the problems marked where there are some."""
    original, before, after = work.original_bytes(), work.original_sheets, work.sheets
    stem, ending = file_name(work.name.rsplit(".", 1)[0]), ".xlsm" if work.name.lower().endswith(".xlsm") else ".xlsx"
    with st.container(horizontal=True):
        download(text.DOWNLOAD, lambda: edited_bytes(original, before, after), f"{stem}{ending}", WORKBOOK, ":material/download:")
        if problems:
            download(
                text.DOWNLOAD_MARKED, lambda: edited_bytes(original, before, after, problems=problems), f"{stem} marked{ending}", WORKBOOK, ":material/flag:"
            )


def where(work: Work) -> None:
    """The map of the sources."""
    rows = editing.offers(work.sheets)
    if not rows:
        return
    st.header(text.MAP_HEAD, anchor=False)
    st.markdown(text.MAP_NOTE)
    materials = list(dict.fromkeys(row["material"] for row in rows if row["material"]))
    picked = st.selectbox(
        text.MAP_HEAD, ["", *materials], format_func=lambda name: short(name, 60) or text.ALL_MATERIALS, label_visibility="collapsed", key="data:map", width=360
    )
    for sentence in misplaced(rows, picked or None).sentences():
        st.warning(md(sentence, 400))
    st.vega_lite_chart(drawn_map(repr(rows), rows, picked or None, editing.units(work.sheets).get(picked, "")), width="stretch")


@st.cache_data(max_entries=32, show_spinner=False)
def drawn_map(content: str, _rows: list[dict[str, Any]], material: str | None, unit: str) -> dict[str, Any]:
    """The map as Vega-Lite has it, drawn once for the same rows: most edits leave it as it is.

    content: the rows in one text, by which the map is found again.
    """
    return sources_spec(_rows, material, unit)


work = access.need_work()
editing.begin(work)
reading = state.reading_of(work)
failed = isinstance(reading, WorkbookError)
problems = reading.problems if failed else ()
st.title(md(work.title, 80), anchor=False)
with st.container(horizontal=True, vertical_alignment="center"):
    colour, icon = ("red", "error") if failed else ("green", "check_circle")
    announcing.standing(f"inputs {work.id}", text.heard(len(problems), len(reading.warnings)))
    st.badge(text.standing(len(problems), len(reading.warnings)), color=colour, icon=f":material/{icon}:")
    if st.button(text.TO_SOLVE, type="primary", icon=":material/arrow_forward:", disabled=failed):
        state.go("solve")
above, middle, below = st.container(), st.container(), st.container()
# What turns wrong while a grid is typed into is told below it, so that the grid does not move under the hand.
place = above if editing.at_first("failed", failed) else below
chosen = None
if problems:
    with place:
        st.header(text.PROBLEMS_HEAD, anchor=False, help=text.PROBLEMS_NOTE)
        chosen = problem_list(problems)
        put_right(work, chosen)
with below:
    readout.show(work, reading)
counts = editing.counts(work.sheets, problems)
first = editing.sheet_with(chosen) if chosen else "Suppliers"
with middle:
    grid(work, sheet_picker(counts, first or "Settings"), problems)
changes.changed(work)
files(work, problems)
where(work)
clipboard.paste_plain_text()
