"""Two or more plans side by side, the naive ones among them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from optimizer.plan import Plan
from optimizer.runs import Run, RunState, Work
from optimizer.studies import LABELS, NAIVE_RULES, Comparison, compare, reasons
from ui import charts
from ui.parts import access, live_regions, plan_view, tables
from ui.session import announcing, solving, state
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
    if any(run.has_plan or not run.under_way for run in runs):
        for run in runs:
            if run.has_plan or not run.under_way:
                announcing.say(solve_words.made(run.title, run.figures()) if run.has_plan else f"{run.title}: {run.state.meaning}")
        st.rerun()
    for run in runs:
        reports = run.progress()
        phase = solve_words.phase_in_words(reports[-1]["phase"]) if reports else solve_words.WAITING
        seconds = reports[-1]["seconds"] if reports else 0.0
        st.progress(0.0, text=f"{md(run.title)}: {phase}, {seconds:,.0f} s")
        live_regions.progress(f"naive {run.id}", phase, seconds, f"{run.title}: {solve_words.heard(phase, seconds, '', None)}")


def cancel(runs: list[Run]) -> None:
    """The way to end them."""
    if st.button(solve_words.DISCARD, icon=":material/delete:", key="naive:discard"):
        for run in runs:
            run.stop(discard=True)
        st.rerun()


def side_by_side(runs: list[Run]) -> None:
    """The comparison of the plans that were picked, the first of them the base."""
    plans = [state.plan_of(run) for run in runs]
    heads = [*LABELS, *text.HEADS]
    names = apart([*heads, *(run.title for run in runs)])[len(heads) :]
    found, by_name = compare(plans, names), dict(zip(names, plans))
    left, right = st.columns(2, gap="medium")
    with left:
        plan_view.chart(common.COSTS_HEAD, charts.compare_costs(by_name), common.COSTS_NOTE)
    with right:
        plan_view.chart(text.RISK_HEAD, charts.cost_risk(by_name), text.RISK_NOTE)
    for name, broken in ((name, plan.broken_rules) for name, plan in by_name.items()):
        if broken:
            st.warning(text.breaks(md(name)) + "\n\n" + "\n".join(f"- {md(line, 400)}" for line in broken))
    where_they_differ(runs, plans, names, found)
    only = st.toggle(text.ONLY_DIFFERENCES, value=False, key="compare:only")
    for head, frame, note in (
        (text.FIGURES_HEAD, found.figures, text.FIGURES_NOTE),
        (text.DECISIONS_HEAD, found.decisions, text.DECISIONS_NOTE),
        (text.INPUTS_HEAD, found.inputs, text.INPUTS_NOTE),
    ):
        st.header(head, anchor=False, help=note)
        tables.comparison(frame, names, only=only, alt=head)


def where_they_differ(runs: list[Run], plans: list[Plan], names: list[str], found: Comparison) -> None:
    """One plan set against the base: in words, as the steps from cost to cost, in numbers, and with the reasons that are known of its decisions."""
    st.header(text.DIFFERENCE_HEAD, anchor=False, help=text.DIFFERENCE_NOTE)
    other = names[1]
    if len(names) > 2:
        other = st.segmented_control(text.BESIDE.format(md(names[0])), names[1:], default=names[1], required=True, key="compare:beside") or names[1]
    numbers = found.differences.get(other)
    if numbers is None:
        st.info(text.OTHER_CURRENCY)
        return
    at = names.index(other)
    inputs = [(row.what, row.base, row.other) for row in _pair(found.inputs, names[0], other).itertuples()]
    st.markdown(md(f"{found.words[other]} {text.inputs_differ(inputs)}".strip(), 1500))
    plan_view.chart(text.WATERFALL_HEAD, charts.waterfall(plans[0], plans[at], (names[0], other), numbers), text.WATERFALL_NOTE)
    shown = _filtered(numbers[numbers["difference"] != 0])
    if shown.empty:
        st.markdown(text.NO_DIFFERENCE)
    else:
        tables.differences(shown, (names[0], other), plans[0].case.settings.currency, text.DIFFERENCE_HEAD)
    studied = state.studies_of(runs[at])
    if "regret" in studied and (said := reasons(numbers, plans[0], plans[at], studied["regret"])):
        with st.expander(text.REASONS.format(md(other)), icon=":material/help:"):
            plan_view.lines(said, 600)


def _pair(inputs: pd.DataFrame, base: str, other: str) -> pd.DataFrame:
    """The inputs of two plans that differ between them."""
    differ = inputs[inputs[base].astype(str) != inputs[other].astype(str)]
    return pd.DataFrame({"what": differ["what"], "base": differ[base], "other": differ[other]})


def _filtered(numbers: pd.DataFrame) -> pd.DataFrame:
    """The lines of the kinds and materials that were picked; all where none is."""
    kinds = [kind for kind in text.KIND_WORDS if kind in set(numbers["group"])]
    materials = [name for name in dict.fromkeys(numbers["material"]) if name]
    left, right = st.columns(2, gap="medium")
    picked = left.pills(text.KINDS, kinds, selection_mode="multi", format_func=text.KIND_WORDS.__getitem__, key="compare:kinds", wrap=True)
    of = right.multiselect(text.MATERIALS, materials, format_func=lambda name: short(name, 60), key="compare:materials") if len(materials) > 1 else []
    if picked:
        numbers = numbers[numbers["group"].isin(picked)]
    return numbers[numbers["material"].isin(of)] if of else numbers


work, run, plan = access.need_plan()
st.title(text.COMPARE_TITLE, anchor=False)
base = work.run(run.request["base"]) if run.naive else run
if base is not None:  # else it was deleted
    add_naive(work, base)
under_way = [made for made in work.runs if made.naive and made.under_way and not made.has_plan]
if under_way:
    wait(under_way)
    cancel(under_way)
for failed in (made for made in work.runs if made.naive and made.state.without_plan):
    st.warning(f"{md(failed.title)}: {md(failed.status.get('message') or failed.state.meaning, 400)}")
plans = {made.id: made for made in state.finished(work)}
default = [run.id, *(made.id for made in reversed(plans.values()) if made.id != run.id)][:4]
picked = st.multiselect(
    text.PICK_PLANS,
    list(plans),
    default=default,
    max_selections=text.MOST_PLANS,
    format_func=lambda made: short(plans[made].title, 60),
    key=f"compare:{len(plans)}:{run.id}",
)
if len(picked) < 2:
    st.info(text.PICK_TWO)
    if len(plans) < 2 and st.button(text.ANOTHER, type="primary", icon=":material/tune:"):
        state.go("solve")
else:
    side_by_side([plans[key] for key in picked])
