"""Set what a plan weighs, make it, and watch the solver."""

from __future__ import annotations

from typing import Any

import streamlit as st

from optimizer.errors import WorkbookError
from optimizer.intake import Reading, case_from_sheets
from optimizer.runs import Run, RunState, Work
from ui.charts import bound_chart
from ui.grid import editing
from ui.parts import access, conflicts, levers, live_regions, plan_view
from ui.session import announcing, solving, state, windows
from ui.words import shared as common
from ui.words import solve as text
from ui.words.escape import md
from ui.words.figures import money_text

REFRESH_SECONDS = 0.5
CHART_SECONDS = 2.0
"""How often the chart of the bounds is drawn anew."""
TIME_LIMITS = (15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)
FUTURES = (20, 50, 100, 150, 200, 300, 500, 1000, 2000)
LARGEST_BUDGET, STEP = 200, 5
AS_IT_IS = 1.0


def slider(work: Work, name: str, label: str, options: list, usual, help: str, in_words) -> None:
    """A slider whose value is kept as soon as it is moved; `usual` is the workbook's own.

    The value is kept when the slider is moved and never set through the session: on a slow machine the browser would take a
    value set at the start of a visit for newer than a key pressed since. What another window sets makes another slider.
    """
    kept = work.choices.get(name)
    stands = kept if kept in options else usual
    st.select_slider(
        label,
        options,
        value=stands,
        key=windows.key(work, name),
        help=help,
        format_func=in_words,
        persist_state="session",
        on_change=moved,
        args=(work, name, stands, usual, in_words),
    )


@access.guarded
def moved(work: Work, name: str, stood: Any, usual: Any, in_words: Any) -> None:
    """Keep what a slider was moved to. stood: the value from which; where another window has set another one since, that is said."""
    windows.choose(work, name, st.session_state[windows.key(work, name)], stood, usual, in_words)


def settings(work: Work, reading: Reading) -> None:
    """The settings that matter, each in plain words."""
    s = reading.case.settings
    left, right = st.columns(2, gap="large")
    with left:
        weights = sorted({*(k / 20 for k in range(21)), s.risk_weight})
        slider(work, "risk_weight", text.RISK_LABEL, weights, s.risk_weight, text.RISK_HELP, lambda w: f"{text.percent_of(w)}: {text.risk_in_words(w)}")
        if reading.case.budget:
            factors = [k / 100 for k in range(0, LARGEST_BUDGET + 1, STEP)]
            slider(work, "budget", text.BUDGET_LABEL, factors, AS_IT_IS, text.BUDGET_HELP, text.percent_of)
        else:
            st.markdown(text.NO_BUDGET)
    with right:
        if _is_listed(reading):
            st.markdown(text.LISTED)
        else:
            counts = sorted({*FUTURES, s.scenarios})
            slider(work, "scenarios", text.SCENARIOS_LABEL, counts, s.scenarios, text.SCENARIOS_HELP, "{:,}".format)
        limits = sorted({*TIME_LIMITS, s.time_limit_seconds})
        slider(work, "time_limit_seconds", text.TIME_LABEL, limits, s.time_limit_seconds, text.TIME_HELP, text.duration)


def _is_listed(reading: Reading) -> bool:
    """Return whether the workbook lists its futures itself."""
    return bool(reading.case.scenarios) and reading.case.settings.scenario_method in ("auto", "listed")


@access.guarded
def undo(work: Work, reading: Reading) -> None:
    """Back to what the workbook says."""
    usual = {name: getattr(reading.case.settings, name, AS_IT_IS) for name in solving.Choices.__dataclass_fields__}
    for name, value in usual.items():
        if (key := windows.key(work, name)) in st.session_state:
            st.session_state[key] = value
    with windows.changing(work, windows.CHOICES):
        work.choose(**dict.fromkeys(usual))
    announcing.say(text.AS_WORKBOOK)


def differences(work: Work, reading: Reading, chosen: solving.Choices) -> None:
    """Show what the choices change, and the way back."""
    words = chosen.in_words()
    with st.container(horizontal=True, vertical_alignment="center"):
        same = text.AS_WORKBOOK if work.sheets == work.original_sheets else text.AS_INPUTS
        st.markdown(f"**{text.CHANGED}:** {', '.join(words)}" if words else same, width="content")
        if words:
            st.button(text.UNDO, icon=":material/undo:", type="tertiary", on_click=undo, args=(work, reading))


def ask(work: Work) -> None:
    """The form: settings, name, the button."""
    editing.begin(work)
    reading = state.reading_of(work)
    st.title(text.SOLVE_TITLE, anchor=False)
    if isinstance(reading, WorkbookError):
        st.error(text.BLOCKED)
        if st.button(common.TO_DATA, type="primary"):
            state.go("data")
        return
    if reading.warnings:
        st.markdown(f":material/info: {text.warned(len(reading.warnings))}")
    settings(work, reading)
    levers.show(work, reading.case, _is_listed(reading))
    chosen = solving.choices_of(work, reading)
    differences(work, reading, chosen)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            text.PLAN_NAME,
            placeholder=solving.title_of(work, chosen),
            max_chars=80,
            key=f"title:{work.id}:{len(work.runs)}",
            width=420,
            persist_state="session",
        )
        if st.button(text.SOLVE_BUTTON, type="primary", icon=":material/play_arrow:", shortcut="Ctrl+Enter"):
            solving.begin(work, chosen, title=name.strip())
            st.rerun()


def latest(reports: list[dict[str, Any]], name: str) -> Any:
    """Return the last value that the solver reported under a name, or None."""
    return next((report[name] for report in reversed(reports) if report.get(name) is not None), None)


@st.fragment(run_every=REFRESH_SECONDS)
@access.guarded
def watch(run: Run, currency: str, limit: float, plan_known: bool) -> None:
    """Show where the solve stands, twice a second, until it ends. plan_known: whether the page around it already lets the first plan be kept."""
    status = run.status
    reports = run.progress()
    last = {name: latest(reports, name) for name in ("incumbent", "bound", "gap")}
    if not status["state"].under_way or "kept" in status or (last["incumbent"] is not None and not plan_known):
        st.rerun()
    report = reports[-1] if reports else {"phase": "", "seconds": 0.0}
    waiting = status["state"] == RunState.QUEUED and not reports
    phase = text.WAITING if waiting else text.STOPPING if run.asked_to_stop else text.phase_in_words(report["phase"])
    st.progress(min(report["seconds"] / limit, 1.0), text=phase)
    best = money_text(last["incumbent"], currency) if last["incumbent"] is not None else ""
    live_regions.progress(f"solve {run.id}", phase, report["seconds"], text.heard(phase, report["seconds"], best, last["gap"]))
    with st.grid(4, min_column_width=150):
        st.metric(text.ELAPSED, f"{report['seconds']:,.0f} s", delta_description=text.of_at_most(limit), border=True, height="stretch")
        for label, name in ((text.BEST, "incumbent"), (text.BOUND, "bound")):
            plan_view.amount(label, last[name], currency, text.NOT_YET)
        gap = f"{100 * last['gap']:.2f}%" if last["gap"] is not None else text.NOT_YET
        st.metric(text.GAP, gap, help=text.GAP_HELP, border=True, height="stretch")
    # The chart less often: to draw it takes the browser longer than all else, while the solver wants every core.
    drawn = [r for r in reports if r["seconds"] <= report["seconds"] // CHART_SECONDS * CHART_SECONDS]
    if sum(r.get("bound") is not None for r in drawn) > 1:
        st.altair_chart(bound_chart(drawn, currency), key="bounds")


def progress(work: Work, run: Run) -> None:
    """The solve under way, and the two ways to end it."""
    state.wait_for(run)  # whoever watches it waits for its plan, also after a reload, in another window, or where another began it
    st.title(md(run.title), anchor=False)
    settings = case_from_sheets(run.sheets, work.name, overrides=run.request["settings"]).case.settings
    plan_known = latest(run.progress(), "incumbent") is not None
    watch(run, settings.currency, settings.time_limit_seconds, plan_known)
    with st.container(horizontal=True):
        help = text.STOP_HELP if plan_known else text.NOTHING_TO_KEEP
        if st.button(text.STOP, icon=":material/stop_circle:", type="primary", help=help, disabled=run.asked_to_stop or not plan_known):
            run.stop()
            st.rerun()
        if st.button(text.DISCARD, icon=":material/delete:", help=text.DISCARD_HELP):
            run.stop(discard=True)
            st.session_state.pop("awaited", None)
            st.rerun()


def outcome(run: Run) -> None:
    """Show why a solve gave no plan."""
    status = run.status
    if run.discarded:
        st.info(text.DISCARDED)
    elif status["state"] == RunState.INFEASIBLE:
        conflicts.conflicts(status["conflicts"], status.get("finished", True))
    elif status["state"].without_plan:
        st.error(f"**{md(run.title)}:** {md(status.get('message') or status['state'].meaning, 600)}")
        st.markdown(text.FAILED_HINT)


work, run = access.need_work(), state.chosen()
if run is not None and run.under_way and not run.has_plan and not run.discarded:
    progress(work, run)
else:
    if run is not None and run.has_plan and state.awaited(run):
        announcing.say(text.made(run.title, run.figures()))
        state.go("plan")
    if run is not None:
        outcome(run)
    ask(work)
