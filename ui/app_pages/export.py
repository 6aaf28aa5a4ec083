"""Hand the plan on: as a workbook, as data, as reports, each stamped with where it comes from."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from ui.parts import access, report_view
from ui.parts.downloads import download
from ui.words import export as text
from ui.words import reports as words
from ui.words import shared as common
from ui.words.charts import stamp_word
from ui.words.escape import file_name, md

work, run, plan = access.need_plan()
st.title(text.EXPORT_TITLE, anchor=False)
st.markdown(f"**{md(plan.case.settings.title)}**  \n{md(run.title)}")
stem = file_name(f"{work.name.rsplit('.', 1)[0]} {run.title}")

left, right = st.columns(2, gap="medium", border=True)
with left:
    head, line, button = text.FILES["workbook"]
    st.header(head, anchor=False)
    st.markdown(line)
    detail = st.checkbox(text.DETAIL, help=text.DETAIL_HELP, key="export:detail")
    download(button, partial(run.workbook, detail=detail), f"{stem}{' detail' * detail}.xlsx", words.MIMES[".xlsx"], words.ICONS[".xlsx"], "primary", "stretch")
with right:
    head, line, button = text.FILES["json"]
    st.header(head, anchor=False)
    st.markdown(line)
    download(button, lambda: plan.to_json().encode(), f"{stem}.json", "application/json", ":material/data_object:", width="stretch")

report_view.offer(run, plan)

st.header(text.STAMP_HEAD, anchor=False)
st.markdown(text.STAMP_LINE)
stamp = {name: value for name, value in plan.provenance.items() if value not in (None, "")}
st.dataframe(
    pd.DataFrame({common.WHAT: [stamp_word(name) for name in stamp], text.VALUE: [text.figure_in_words(v) for v in stamp.values()]}),
    hide_index=True,
    height="content",
    alt=text.STAMP_HEAD,
)
