"""The reports of a plan: what each is for, its files, and what it lacks."""

from __future__ import annotations

from functools import partial

import streamlit as st

from optimizer.plan import Plan
from optimizer.runs import Run
from optimizer.studies import STUDIES
from ui.parts.downloads import download
from ui.report import files
from ui.session import state
from ui.words import export as text
from ui.words import reports as words
from ui.words.escape import file_name


def offer(run: Run, plan: Plan) -> None:
    """Offer each report of a plan in each kind of file that can be made here, and say which studies it lacks."""
    found, work = state.studies_of(run), state.current()
    stem = file_name(f"{work.name.rsplit('.', 1)[0] if work is not None else ''} {run.title}".strip())
    st.header(words.REPORTS_HEAD, anchor=False)
    st.markdown(words.REPORTS_LINE)
    if any(files.unavailable(ending) == words.NO_PACKAGE for ending in words.FORMATS):
        st.info(words.NO_PACKAGE)
        st.code(text.REPORT_INSTALL, language=None)
    elif files.unavailable(".pdf"):
        st.info(words.NO_BROWSER)
    for column, name in zip(st.columns(len(files.ENDINGS), gap="medium", border=True), files.ENDINGS):
        with column:
            st.markdown(f"**{files.TITLES[name]}**  \n{files.MEANINGS[name]}")
            for ending in files.ENDINGS[name]:
                if not files.unavailable(ending):
                    content = partial(files.report_file, name, ending, plan, run.title, found)
                    label = words.FORMATS[ending].format(files.TITLES[name])
                    download(label, content, f"{stem} {name}{ending}", words.MIMES[ending], words.ICONS[ending], width="stretch")
            left_out = [STUDIES[study].title for study in (*files.needs(name), *files.better_with(name)) if not files.asked(study, found)]
            if left_out and not run.naive:
                st.caption(words.missing(left_out))
