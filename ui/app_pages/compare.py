"""Two or more plans side by side, the naive ones among them."""

from __future__ import annotations

import streamlit as st

from optimizer.runs import Run, RunState, Work
from optimizer.studies import LABELS, NAIVE_RULES, compare
from ui import charts
from ui.parts import access, plan_view, tables
from ui.session import solving, state
from ui.words import compare as text
from ui.words import shared as common
from ui.words import solve as solve_words
from ui.words.escape import md, short
from ui.words.figures import apart

REFRESH_SECONDS = 1.0


def add_naive(work: Work, base: Run) -> None:
    """Buttons that make the naive plans of the same question as the plan looked at."""
    there = {(run.kind, run.request["base"]) for run in work.runs if run.naive and run.state != RunState.DISCARDED}
    missing = [rule for rule in NAIVE_RULES if (rule, base.id) not in there]
    if not missing:
        return
    st.markdown(text.NAIVE_LINE)
    with st.container(horizontal=True):
        for rule in missing:
            words = NAIVE_RULES[rule]
            if st.button(text.NAIVE_ADD.format(md(words.title)), help=md(words.meaning, 400), key=f"naive:{rule}", icon=":material/add:"):
                solving.begin_naive(work, base, rule)
                st.rerun()


@st.fragment(run_every=REFRESH_SECONDS)
@access.guarded
def wait(runs: list[Run]) -> None:
    """The naive plans under way."""
    if not any(run.under_way for run in runs):
        st.rerun()
    for run in runs:
        reports = run.progress()
        phase = solve_words.phase_in_words(reports[-1]["phase"]) if reports else solve_words.WAITING
        st.progress(0.0, text=f"{md(run.title)}: {phase}, {reports[-1]['seconds'] if reports else 0:,.0f} s")


def cancel(runs: list[Run]) -> None:
    """The way to end them."""
    if st.button(solve_words.DISCARD, icon=":material/delete:", key="naive:discard"):
        for run in runs:
            run.stop(discard=True)
        st.rerun()


def side_by_side(runs: list[Run]) -> None:
    """The comparison of the plans that were picked, the first of them the base."""
    plans = [state.plan_of(run) for run in runs]
    names = apart([*LABELS, *(run.title for run in runs)])[len(LABELS) :]
    found, by_name = compare(plans, names), dict(zip(names, plans))
    left, right = st.columns(2, gap="medium")
    with left:
        plan_view.chart(common.COSTS_HEAD, charts.compare_costs(by_name), common.COSTS_NOTE)
    with right:
        plan_view.chart(text.RISK_HEAD, charts.cost_risk(by_name), text.RISK_NOTE)
    for name, broken in ((name, plan.broken_rules) for name, plan in by_name.items()):
        if broken:
            st.warning(text.breaks(md(name)) + "\n\n" + "\n".join(f"- {md(line, 400)}" for line in broken))
    only = st.toggle(text.ONLY_DIFFERENCES, value=False, key="compare:only")
    for head, frame, note in (
        (text.FIGURES_HEAD, found.figures, text.FIGURES_NOTE),
        (text.DECISIONS_HEAD, found.decisions, text.DECISIONS_NOTE),
        (text.INPUTS_HEAD, found.inputs, text.INPUTS_NOTE),
    ):
        st.subheader(head, anchor=False, help=note)
        tables.comparison(frame, names, only=only, alt=head)


work, run, plan = access.need_plan()
st.title(text.COMPARE_TITLE, anchor=False)
base = work.run(run.request["base"]) if run.naive else run
if base is not None:  # else it was deleted
    add_naive(work, base)
under_way = [made for made in work.runs if made.naive and made.under_way]
if under_way:
    wait(under_way)
    cancel(under_way)
for failed in (made for made in work.runs if made.naive and made.state.without_plan):
    st.warning(f"{md(failed.title)}: {md(failed.status.get('message') or failed.state.meaning, 400)}")
plans = {made.id: made for made in state.finished(work)}
default = [run.id, *(made.id for made in reversed(plans.values()) if made.id != run.id)][:4]
picked = st.multiselect(
    text.PICK_PLANS, list(plans), default=default, format_func=lambda made: short(plans[made].title, 60), key=f"compare:{len(plans)}:{run.id}"
)
if len(picked) < 2:
    st.info(text.PICK_TWO)
    if len(plans) < 2 and st.button(text.ANOTHER, type="primary", icon=":material/tune:"):
        state.go("solve")
else:
    side_by_side([plans[key] for key in picked])
