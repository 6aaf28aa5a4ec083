"""A study of a plan on the screen: the way to ask for it, how it goes, and what it found."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st

from optimizer.plan import Headline, Plan
from optimizer.report import study_bytes
from optimizer.runs import Run, Work
from optimizer.schema import Output
from optimizer.studies import OUT_OF_SAMPLE, Study, unseen_headlines
from ui import charts
from ui.parts import access, live_regions, plan_view, tables
from ui.parts.downloads import download
from ui.session import announcing, solving, state
from ui.words import solve as solve_words
from ui.words import studies as text
from ui.words.escape import file_name, md, short

REFRESH_SECONDS = 1.0
CHECK = "OPTIMIZER_CHECK"
"""Set to "off", this variable of the server's environment leaves it to the planner to ask for the check on unseen futures."""
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SAMPLED = "sampled"
"""The method by which the futures of a plan are drawn that can be checked on others."""
MOST_SENTENCES = 5
"""Sentences that stand above the charts; the tables have all."""
MOST_TELLING: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "frontier": lambda rows: rows[rows["is_plan"] | rows["knee"] | rows.index.isin([rows.index.min(), rows.index.max()])],
    "budget_frontier": lambda rows: rows[rows["is_plan"] | rows["knee"] | rows.index.isin([rows.index.min(), rows.index.max()])],
    "regret": lambda rows: rows.sort_values("at_most", ascending=False, kind="stable", na_position="last"),
}
"""Which rows of a study's first table say most, where it is not the first ones."""
POINTS = {"frontier": "risk_weight", "budget_frontier": "budget_factor"}
"""The studies each row of whose table is a plan that can be opened, and the column that tells which."""
REACH = {"regret": "regret_reach"}
"""The table of a study, beside its first one, whose sentence says how far its time went; it stands above all others."""
WORDS = "words"
"""The column of a table that says its rows in sentences."""


def show(work: Work, run: Run, plan: Plan, study: Study) -> None:
    """Show a study that is made on request: its answer, or the way to it."""
    st.header(study.title, anchor=False)
    st.markdown(study.meaning)
    if counts := study.counts(plan.case):
        st.caption(md(counts, 400))
    asked, found = work.study_of(run, study.name), state.studies_of(run)
    if asked is not None and asked.under_way:
        _watch(asked)
        if st.button(text.STOP, icon=":material/stop_circle:", disabled=asked.asked_to_stop, key=f"stop:{study.name}"):
            asked.stop()
            st.rerun()
        if all(declared.name in found for declared in study.tables):
            st.caption(text.SO_FAR)
            _answer(work, run, plan, study, found)
        return
    if asked is not None:
        announcing.came(asked.id, text.ended(asked.title))
    if asked is not None and asked.state.without_plan and not asked.displaced:
        st.warning(md(asked.status.get("message") or text.STOPPED, 600))
    made = all(declared.name in found for declared in study.tables)
    if made:
        _answer(work, run, plan, study, found)
    else:
        st.caption(text.takes(study.takes))
    if st.button(text.ASK_AGAIN if made else text.ASK, type="secondary" if made else "primary", icon=":material/play_arrow:", key=f"ask:{study.name}"):
        solving.begin_study(work, run, study)
        st.rerun()


def behind(work: Work, run: Run, plan: Plan) -> dict[str, Headline]:
    """Check a plan on futures that it has not seen, behind its page; return its headline figures there, by name, once they are known."""
    if run.naive or plan.provenance["scenario_method"] != SAMPLED:
        return {}
    if found := unseen_headlines(plan, state.studies_of(run)):
        return found
    asked = work.study_of(run, OUT_OF_SAMPLE.name)
    if asked is None and run.has_solver_arrays and os.environ.get(CHECK, "on") != "off":
        solving.begin_study(work, run, OUT_OF_SAMPLE)
        asked = work.study_of(run, OUT_OF_SAMPLE.name)
    if asked is not None and asked.under_way:
        _watch(asked, text.BEHIND)
    else:
        st.caption(text.NOT_CHECKED)
    return {}


def fill(work: Work, run: Run, study: Study) -> None:
    """Make a study that follows every solve of the app, and that the command line leaves to it; show how it goes."""
    if run.under_way:  # it makes them itself
        _watch(run)
        return
    asked = work.study_of(run, study.name)
    if asked is None and run.has_solver_arrays and not run.naive and not state.studies_of(run).keys() & {table.name for table in study.tables}:
        solving.begin_study(work, run, study)
        asked = work.study_of(run, study.name)
    if asked is not None and asked.under_way:
        _watch(asked)


@st.fragment(run_every=REFRESH_SECONDS)
@access.guarded
def _watch(asked: Run, line: str = "") -> None:
    """Show how a study goes, until it ends. line: what stands before it."""
    if not asked.under_way:
        announcing.came(asked.id, text.ended(asked.title))
        st.rerun()
    reports = asked.progress()
    words = text.STOPPING if asked.asked_to_stop else (reports[-1]["detail"] or solve_words.phase_in_words(reports[-1]["phase"])) if reports else text.WAITING
    share = reports[-1].get("share") if reports else None
    seconds = reports[-1]["seconds"] if reports else 0.0
    st.progress(min(share or 0.0, 1.0), text=f"{line}{md(_capital(words) if not line else words)}, {seconds:,.0f} s")
    live_regions.progress(f"study {asked.id}", reports[-1]["phase"] if reports else "", seconds, text.heard(asked.title, words, seconds, share))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _answer(work: Work, run: Run, plan: Plan, study: Study, found: Mapping[str, pd.DataFrame]) -> None:
    """Show what a study found: its sentences, its charts, its tables, and the way to take them along."""
    other = _beside(work, run, study)
    if other is None:
        said = _said(plan, study, found)
    else:
        left, right = st.columns(2, gap="medium")
        with left:
            st.markdown(f"**{md(run.title)}**")
            said = _said(plan, study, found)
        with right:
            st.markdown(f"**{md(other.title)}**")
            _said(state.plan_of(other), study, state.studies_of(other))
    with st.expander(text.all_tables(len(said)), icon=":material/table:"):
        show_tables(study, found, plan)
    if study.name in POINTS:
        _open_point(work, run, study, found[study.name])
    stem = file_name(f"{work.name.rsplit('.', 1)[0]} {run.title} {study.title}")
    download(text.DOWNLOAD, lambda: study_bytes(plan, study, found), f"{stem}.xlsx", EXCEL, ":material/table:")


def _open_point(work: Work, run: Run, study: Study, points: pd.DataFrame) -> None:
    """Offer each point of a frontier that has a plan, but the plan itself, to be solved and looked at as a plan of its own."""
    column = POINTS[study.name]
    others = points.loc[points["objective"].notna() & ~points["is_plan"], column].tolist()
    if not others:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = st.selectbox(text.POINT, others, format_func=text.POINT_WORDS[column], key=f"point:{study.name}", help=text.POINT_HELP, width=320)
        if st.button(text.OPEN_POINT, icon=":material/open_in_new:", key=f"open:{study.name}"):
            solving.begin_point(work, run, solving.Choices(**{text.POINT_CHOICES[column]: picked}))
            state.go("solve")


def _beside(work: Work, run: Run, study: Study) -> Run | None:
    """Return the other plan whose answer to the same study is to stand beside this one's, if one is chosen."""
    asked = {declared.name for declared in study.tables}
    others = {made.id: made for made in state.finished(work) if made.id != run.id and asked <= state.studies_of(made).keys()}
    if not others:
        return None
    picked = st.selectbox(text.BESIDE, ["", *others], format_func=lambda made: short(others[made].title, 60) if made else text.NONE, key=f"beside:{study.name}")
    return others.get(picked)


def _said(plan: Plan, study: Study, found: Mapping[str, pd.DataFrame]) -> list[str]:
    """Show the first sentences and the charts of a study; return all of its sentences."""
    first, *_ = (*(declared.name for declared in study.tables if WORDS in declared.columns), "")
    said = [words for declared in study.tables if WORDS in declared.columns for words in found[declared.name][WORDS] if words]
    if reach := found.get(REACH.get(study.name, ""), pd.DataFrame({WORDS: []}))[WORDS].tolist():
        st.caption(md(" ".join(reach), 800))
    if all(found[declared.name].empty for declared in study.tables):
        st.markdown(study.nothing)
    telling = MOST_TELLING[study.name](found[first])[WORDS].tolist() if study.name in MOST_TELLING else said
    plan_view.lines([words for words in telling if words][:MOST_SENTENCES], 800)
    for head, drawn, note in charts.of_study(study.name, plan, found):
        plan_view.chart(head, drawn, note)
    return said


def show_tables(study: Study, found: Mapping[str, pd.DataFrame], plan: Plan) -> None:
    """Show each table of a study but one of sentences alone."""
    for declared in (table for table in study.tables if not _of_sentences(table)):
        frame = found.get(declared.name, pd.DataFrame())
        st.markdown(f"**{md(declared.sheet)}**", help=declared.help)
        if frame.empty:
            st.markdown(text.NO_ROWS)
        else:
            tables.table(frame, plan, declared.columns, declared.help)


def _of_sentences(declared: Output) -> bool:
    """Return whether a table holds sentences alone, and what each is about."""
    return len(declared.columns) == 2 and WORDS in declared.columns
