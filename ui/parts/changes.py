"""The list of what was changed in the inputs, with the way back."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from optimizer.editing import differences, entry_text, without_differences
from optimizer.runs import Work
from ui.grid import editing
from ui.words import data as text


def changed(work: Work, *, opened: bool = False) -> None:
    """Show what was changed since the file was opened, and the way back. opened: whether the list is unfolded."""
    found = differences(work.original_sheets, work.sheets)
    with st.expander(f"{text.CHANGED_HEAD} ({len(found):,})", icon=":material/edit:", expanded=opened and bool(found)):
        if not found:
            st.markdown(text.NOTHING_CHANGED)
            return
        frame = pd.DataFrame(
            {
                text.CELL: [f"{change.sheet}!{change.cell}" if change.cell else change.sheet for change in found],
                text.MEANING: [change.label for change in found],
                text.BEFORE: [entry_text(change.before) or text.BLANK for change in found],
                text.AFTER: [entry_text(change.after) or text.BLANK for change in found],
            }
        )
        event = st.dataframe(
            frame, hide_index=True, on_select="rerun", selection_mode="multi-row", key=f"changed:{editing.generation()}:{len(found)}", alt=text.CHANGED_HEAD
        )
        with st.container(horizontal=True):
            chosen = [found[row] for row in event.selection.rows if row < len(found)]
            if st.button(text.REVERT_ONE, disabled=not chosen):
                editing.replace(work, without_differences(work.original_sheets, work.sheets, chosen), text.TAKEN_BACK)
            if st.button(text.REVERT_ALL):
                editing.replace(work, work.original_sheets, text.TAKEN_BACK)
