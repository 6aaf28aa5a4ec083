"""Studies of a plan: how sure it is, why it is so, and what would change it."""

from __future__ import annotations

import streamlit as st

from optimizer.studies import STUDIES
from ui.parts import access, plan_view, study_view
from ui.words import studies as text
from ui.words.escape import md

work, run, plan = access.need_plan()
title, switch = st.columns([3, 1], vertical_alignment="bottom")
with title:
    st.title(text.STUDIES_TITLE, anchor=False)
with switch:
    plan_view.choose_plan(work, run)
st.markdown(f"**{md(plan.case.settings.title)}**, {md(run.title)}. {text.STUDIES_LINE}")
if run.naive:
    st.info(text.NOT_OF_NAIVE)
    st.stop()
names = list(text.TITLES)
picked = st.pills(
    text.PICK, names, format_func=text.TITLES.get, default=names[0], required=True, key="study", label_visibility="collapsed", bind="query-params"
)
study_view.show(work, run, plan, STUDIES[picked or names[0]])
