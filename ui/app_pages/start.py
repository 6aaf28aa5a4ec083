"""The first page: the works that are there, and three ways to begin one."""

from __future__ import annotations

import streamlit as st

from optimizer.errors import WorkbookError
from optimizer.forms import template_bytes
from optimizer.runs import read_upload
from ui.parts import library
from ui.parts.samples import sample
from ui.session import solving, state, visitor
from ui.words import library as library_words
from ui.words import start as text
from ui.words.escape import md, short


def open_sample(name: str) -> None:
    """Begin with a sample and solve it at once."""
    path = sample(name)
    data = path.read_bytes()
    work = state.solve_queue().store.begin(read_upload(data, path.name), data, visitor.who())
    solving.begin(work)
    state.go("solve")


def open_upload(upload) -> None:
    """Begin with an uploaded workbook; what is wrong inside it is shown on the inputs page, what is no workbook here."""
    try:
        with st.spinner(text.READING):
            source = read_upload(upload.getvalue(), short(upload.name, 200).replace("/", "_").replace("\\", "_"))
    except WorkbookError as error:
        for problem in error.problems:
            st.error(md(problem.message, 500))
        return
    state.look_at(state.solve_queue().store.begin(source, upload.getvalue(), visitor.who()))
    state.go("data")


st.title(text.START_TITLE, anchor=False)
begun = library.show()
if begun:
    st.subheader(library_words.BEGIN_HEAD, anchor=False)
else:
    st.markdown(text.START_LINE)
samples, upload, template = st.columns([1.15, 1, 1], gap="medium", border=True)
with samples:
    st.subheader(text.SAMPLE_HEAD, anchor=False)
    st.markdown(text.SAMPLE_LINE)
    for name, (title, story, seconds) in text.SAMPLES.items():
        if st.button(title, key=f"sample:{name}", width="stretch", icon=":material/play_arrow:", help=f"{story} {text.about(seconds)}"):
            open_sample(name)
with upload:
    st.subheader(text.UPLOAD_HEAD, anchor=False)
    st.markdown(text.UPLOAD_LINE)
    given = st.file_uploader(text.UPLOAD_LABEL, type=["xlsx", "xlsm"], key="upload", max_upload_size=20)
    if given is not None:
        open_upload(given)
with template:
    st.subheader(text.TEMPLATE_HEAD, anchor=False)
    st.markdown(text.TEMPLATE_LINE)
    st.download_button(
        text.TEMPLATE_BUTTON, data=template_bytes, file_name="sourcing_workbook.xlsx", on_click="ignore", icon=":material/download:", width="stretch"
    )
st.markdown(text.KEPT_LINE if visitor.library() is not None else library_words.NOT_LISTED)
