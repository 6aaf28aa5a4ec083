"""What another window, or another person, has changed in the work that is looked at."""

from __future__ import annotations

import streamlit as st

from optimizer.runs import Work
from ui.parts import access, live_regions
from ui.session import announcing, state, windows
from ui.words import windows as text

REFRESH_SECONDS = 3.0
BY_HAND = ("data",)
"""The pages that are shown anew by a click only, because something may be half typed there."""


def say() -> None:
    """Say what was changed elsewhere and is shown now, until it is read."""
    parts, remark = windows.told(), st.session_state.get(windows.REMARK, "")
    words = " ".join(part for part in (text.changed(parts) if parts else "", remark) if part)
    announcing.standing("other windows", " ".join(part for part in (text.heard(parts) if parts else "", remark) if part))
    if not words:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/sync: {words}", width="stretch")
        st.button(text.READ, key="windows:read", on_click=windows.read)


@st.fragment(run_every=REFRESH_SECONDS)
@access.guarded
def watch(work: Work, page: str) -> None:
    """Look every few seconds whether another window has changed the work, and show it: at once, or where a hand is at work by a click."""
    if state.current() is None:
        st.rerun()  # it was deleted
    found = windows.changed_elsewhere(work)
    if not found:
        return
    if page not in BY_HAND:
        st.rerun()
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        announcing.standing("other windows, by hand", text.heard(tuple(found)))
        live_regions.tell("other windows")
        st.markdown(f":material/sync: {text.changing(found)}", width="stretch")
        if st.button(text.SHOW, key="windows:show", type="primary"):
            st.rerun()
