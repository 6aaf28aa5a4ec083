"""Hand the plan on: as a workbook, as data, as a report for the board, each stamped with where it comes from."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from ui.parts import access
from ui.parts.downloads import download
from ui.report import pictures
from ui.report.board import report_html
from ui.session import state
from ui.words import export as text
from ui.words import shared as common
from ui.words.charts import stamp_word
from ui.words.escape import file_name, md

work, run, plan = access.need_plan()
st.title(text.EXPORT_TITLE, anchor=False)
st.markdown(f"**{md(plan.case.settings.title)}**  \n{md(run.title)}")
stem = file_name(f"{work.name.rsplit('.', 1)[0]} {run.title}")
FILES = (
    ("workbook", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", run.workbook, ":material/table:"),
    ("report", ".html", "text/html", lambda: report_html(plan, run.title, state.studies_of(run)).encode(), ":material/description:"),
    ("json", ".json", "application/json", lambda: plan.to_json().encode(), ":material/data_object:"),
)
for column, (name, ending, mime, content, icon) in zip(st.columns(len(FILES), gap="medium", border=True), FILES):
    with column:
        head, line, button = text.FILES[name]
        st.subheader(head, anchor=False)
        st.markdown(line)
        if name == "report" and not pictures.installed():
            st.info(text.NO_REPORT)
            st.code(text.REPORT_INSTALL, language=None)
            continue
        download(button, content, f"{stem}{ending}", mime, icon, "primary" if name == "workbook" else "secondary", "stretch")
st.subheader(text.STAMP_HEAD, anchor=False)
st.markdown(text.STAMP_LINE)
stamp = {name: words for name, words in plan.provenance.items() if words not in (None, "")}
st.dataframe(
    pd.DataFrame({common.WHAT: [stamp_word(name) for name in stamp], text.VALUE: [text.figure_in_words(v) for v in stamp.values()]}),
    hide_index=True,
    height="content",
    alt=text.STAMP_HEAD,
)
