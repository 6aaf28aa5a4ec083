"""A planner's own sheets: what was found in them, what each column becomes, what is missing, and what comes out."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from optimizer.errors import WorkbookError
from optimizer.importing import PROVENANCE, Imported
from optimizer.intake import RawSheet
from optimizer.schema import INPUTS
from ui.grid.grid import label, terms_of
from ui.parts import upload
from ui.parts.import_missing import missing, settings
from ui.parts.import_more import questions_of
from ui.parts.import_tables import tables
from ui.session import announcing, importing, state
from ui.session.importing import Import
from ui.words import importing as text
from ui.words.escape import md, short

ROWS_SHOWN = 200


def nothing_yet() -> None:
    """Take the files."""
    st.markdown(text.NOTHING_YET)
    given = st.file_uploader(text.UPLOAD_LABEL, type=upload.KINDS, accept_multiple_files=True, key="import:files", max_upload_size=upload.LARGEST)
    if given:
        upload.take(given)


def head(begun: Import, questions: list) -> None:
    """Say what was found and how it stands, and offer to confirm."""
    said = [words for made in begun.mapping.tables for words in (made.question, *(one.question for one in made.uses), *(one.question for one in made.unpivots))]
    looks = sum(map(bool, said))
    st.markdown(text.found(len(begun.tables), len(begun.files), len(questions) + looks))
    announcing.standing(f"import {begun.sha256}", text.heard(len(questions), looks))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(
            text.standing(len(questions), looks), color="orange" if questions else "green", icon=":material/help:" if questions else ":material/check_circle:"
        )
        if st.button(text.CONFIRM, type="primary", icon=":material/check:", disabled=bool(questions)):
            upload.confirm(begun)
        st.download_button(
            text.SAVE_MAPPING,
            data=begun.mapping.to_json,
            file_name="mapping.json",
            mime="application/json",
            on_click="ignore",
            icon=":material/download:",
            help=text.SAVE_HELP,
        )
        if st.button(text.START_ANEW, icon=":material/close:", type="tertiary"):
            importing.end()
            st.rerun()
    if questions:
        st.markdown(f"**{text.QUESTIONS_HEAD}**\n" + "\n".join(f"- {md(question, 400)}" for question in questions[:20]))


def preview(begun: Import, imported: Imported) -> None:
    """Show the sheets that come out, what was made or left out, and what would be wrong with them."""
    st.header(text.PREVIEW_HEAD, anchor=False)
    st.markdown(text.PREVIEW_NOTE)
    sheets = {raw.name: raw for raw in imported.sheets if len(raw.rows) > 1 and raw.name != PROVENANCE}
    if not sheets:
        st.markdown(text.NOTHING_COMES_OUT)
    else:
        first = next((name for name in ("Suppliers", "Demand") if name in sheets), next(iter(sheets)))
        picked = st.segmented_control(text.PREVIEW_SHEET, list(sheets), default=first, key="import:preview", label_visibility="collapsed", wrap=True) or first
        raw = sheets[picked]
        headings = _headings(raw, imported)
        frame = pd.DataFrame({name: _shown([row[place] for row in raw.rows[1 : ROWS_SHOWN + 1]]) for place, name in enumerate(headings)})
        st.dataframe(frame, hide_index=True, height=min(35 * (len(frame) + 1) + 3, 320), alt=picked, placeholder="")
    if imported.notes:
        with st.expander(f"{text.NOTES_HEAD} ({len(imported.notes)})", icon=":material/info:"):
            st.markdown("\n".join(f"- {md(note, 300)}" for note in imported.notes))
    if not imported.asks and not imported.questions:
        try:
            imported.reading(begun.files[0].name)
        except WorkbookError as error:
            with st.expander(f"{text.PROBLEMS_HEAD} ({len(error.problems)})", icon=":material/error:", expanded=True):
                st.markdown("\n".join(f"- **{md(problem.where)}** {md(problem.message, 500)}" for problem in error.problems[:20]))


def _headings(raw: RawSheet, imported: Imported) -> list[str]:
    """Return the headings of a sheet that comes out in plain words, with their units."""
    sheet = next((one for one in INPUTS if one.name == raw.name and not one.settings), None)
    known = {column.name: column for column in sheet.columns} if sheet is not None else {}
    terms = terms_of(imported.sheets)
    return [label(known[name], terms).removesuffix(" *") if name in known else name for name in map(str, raw.rows[0])]


def _shown(values: list[Any]) -> list[Any]:
    """Return the cells of a column: numbers where all are, else texts."""
    if all(value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)) for value in values):
        return [None if value is None else float(f"{value:.6g}") if isinstance(value, float) else value for value in values]
    return ["" if value is None else short(value, 60) for value in values]


st.title(text.TITLE, anchor=False)
begun = importing.under_way()
if begun is None:
    nothing_yet()
    st.stop()
begun.take_proposals()
questions = questions_of(begun)
imported = begun.imported(begun.mapping.as_confirmed())
head(begun, questions)
tables(begun)
settings(begun, imported)
missing(begun)
preview(begun, imported)
state.keep_address()
importing.keep_address(begun)
