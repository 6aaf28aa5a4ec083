"""The plan: the answer and its figures first, then what to do, and why."""

from __future__ import annotations

import streamlit as st

from optimizer.plan import answer
from optimizer.studies import on_unseen
from ui.parts import access, plan_sections, plan_view, study_view
from ui.session import state
from ui.words import plan as text
from ui.words.escape import md

work, run, plan = access.need_plan()
title, switch = st.columns([3, 1], vertical_alignment="bottom")
with title:
    st.title(md(plan.case.settings.title), anchor=False)
with switch:
    plan_view.choose_plan(work, run)
st.markdown(text.standing(md(work.title), md(run.title), plan.proven, plan.case.calendar.labels, len(plan.tables["scenarios"])))
if state.edited_since(work, run):
    st.info(text.EDITED_SINCE, icon=":material/edit:")
said = st.container(border=True)
unseen = study_view.behind(work, run, plan)
with said:
    st.markdown("  \n".join(md(sentence, 600) for sentence in answer(on_unseen(plan, state.studies_of(run)) if unseen else plan)))
plan_view.figures(plan, unseen)
section = st.segmented_control(
    text.SECTIONS_LABEL,
    list(text.SECTIONS),
    format_func=text.SECTIONS.get,
    default="do",
    required=True,
    key="section",
    label_visibility="collapsed",
    bind="query-params",
    wrap=True,
)
plan_sections.show(section or "do", run, plan)
plan_view.warnings(plan)
