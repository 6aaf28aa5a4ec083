"""The first page: the works that are there, and three ways to begin one."""

from __future__ import annotations

import streamlit as st

from optimizer.forms import template_bytes
from optimizer.runs import read_upload
from ui.parts import library, upload
from ui.parts.samples import sample
from ui.session import importing, solving, state, visitor
from ui.words import library as library_words
from ui.words import start as text


def open_sample(name: str) -> None:
    """Begin with a sample and solve it at once."""
    path = sample(name)
    data = path.read_bytes()
    work = state.solve_queue().store.begin(read_upload(data, path.name), data, visitor.who())
    solving.begin(work)
    state.go("solve")


st.title(text.START_TITLE, anchor=False)
begun = library.show()
if begun:
    st.header(library_words.BEGIN_HEAD, anchor=False)
else:
    st.markdown(text.START_LINE)
samples, own, template = st.columns([1.15, 1, 1], gap="medium", border=True)
with samples:
    st.header(text.SAMPLE_HEAD, anchor=False)
    st.markdown(text.SAMPLE_LINE)
    for name, (title, story, seconds) in text.SAMPLES.items():
        if st.button(title, key=f"sample:{name}", width="stretch", icon=":material/play_arrow:", help=f"{story} {text.about(seconds)}"):
            open_sample(name)
with own:
    st.header(text.UPLOAD_HEAD, anchor=False)
    st.markdown(text.AS_LAST_TIME if importing.last_mapping() is not None else text.UPLOAD_LINE)
    given = st.file_uploader(text.UPLOAD_LABEL, type=upload.KINDS, accept_multiple_files=True, key="upload", max_upload_size=upload.LARGEST)
    if given:
        upload.take(given)
with template:
    st.header(text.TEMPLATE_HEAD, anchor=False)
    st.markdown(text.TEMPLATE_LINE)
    st.download_button(
        text.TEMPLATE_BUTTON, data=template_bytes, file_name="sourcing_workbook.xlsx", on_click="ignore", icon=":material/download:", width="stretch"
    )
st.markdown(text.KEPT_LINE if visitor.library() is not None else library_words.NOT_LISTED)
