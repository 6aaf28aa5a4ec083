"""The first page: what this is, and three ways in."""

from __future__ import annotations

import streamlit as st

from optimizer.forms import template_bytes
from optimizer.runs import Work, read_upload
from ui.parts import upload
from ui.parts.samples import sample
from ui.session import importing, solving, state
from ui.words import start as text
from ui.words.escape import md


def open_sample(name: str) -> None:
    """Begin with a sample and solve it at once."""
    path = sample(name)
    data = path.read_bytes()
    work = state.solve_queue().store.begin(read_upload(data, path.name), data)
    solving.begin(work)
    state.go("solve")


def go_on(work: Work) -> None:
    """Show the work under way, and the way back to it or out of it."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{md(work.name)}**", width="stretch")
        if st.button(text.GO_ON, icon=":material/arrow_forward:", type="primary"):
            state.go("plan" if state.finished(work) else "data")
        with st.popover(text.FORGET, icon=":material/delete:"):
            st.write(text.FORGET_HELP)
            if st.button(text.FORGET_SURE, type="primary"):
                state.solve_queue().delete(work)
                state.forget()
                st.rerun()


st.title(text.START_TITLE, anchor=False)
st.markdown(text.START_LINE)
if (work := state.current()) is not None:
    go_on(work)
samples, own, template = st.columns([1.15, 1, 1], gap="medium", border=True)
with samples:
    st.subheader(text.SAMPLE_HEAD, anchor=False)
    st.markdown(text.SAMPLE_LINE)
    for name, (title, story, seconds) in text.SAMPLES.items():
        if st.button(title, key=f"sample:{name}", width="stretch", icon=":material/play_arrow:", help=f"{story} {text.about(seconds)}"):
            open_sample(name)
with own:
    st.subheader(text.UPLOAD_HEAD, anchor=False)
    st.markdown(text.AS_LAST_TIME if importing.last_mapping() is not None else text.UPLOAD_LINE)
    given = st.file_uploader(text.UPLOAD_LABEL, type=upload.KINDS, accept_multiple_files=True, key="upload", max_upload_size=upload.LARGEST)
    if given:
        upload.take(given)
with template:
    st.subheader(text.TEMPLATE_HEAD, anchor=False)
    st.markdown(text.TEMPLATE_LINE)
    st.download_button(
        text.TEMPLATE_BUTTON, data=template_bytes, file_name="sourcing_workbook.xlsx", on_click="ignore", icon=":material/download:", width="stretch"
    )
st.markdown(text.KEPT_LINE)
