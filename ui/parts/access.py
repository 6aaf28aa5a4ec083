"""The way out of a page where something is missing or goes wrong."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

import streamlit as st

from optimizer.plan import Plan
from optimizer.runs import Run, Work
from ui.session import announcing, state, windows
from ui.words import library
from ui.words import shared as text
from ui.words.escape import md

REFRESH_SECONDS = 1.0


def way_out(line: str, button: str, page: str) -> NoReturn:
    """Say what is missing and lead there."""
    st.info(line)
    if st.button(button, type="primary", icon=":material/arrow_forward:"):
        state.go(page)
    st.stop()


def unexpected() -> None:
    """Say that something went wrong, with a number that finds the details in the server's log."""
    number = secrets.token_hex(4)
    logging.getLogger("ui").exception("unexpected error %s", number)
    st.error(text.UNEXPECTED.format(number))


def guarded(page: Callable[..., None]) -> Callable[..., None]:
    """A fragment or callback that never shows an exception: it runs on its own, outside of the net that holds its page."""

    @wraps(page)
    def run(*words: Any, **named: Any) -> None:
        try:
            page(*words, **named)
        except Exception:
            unexpected()

    return run


def need_work() -> Work:
    """The work of this session; without one, the way to the first page."""
    work = state.current()
    if work is not None:
        return work
    if (gone := state.deleted()) is not None:
        _restorable(gone, gone, library.WAS_DELETED)
        st.stop()
    way_out(text.NO_WORK, text.TO_START, "start")


def _restorable(work: Work, gone: Work | Run, line: str) -> None:
    """Say that what the address names was deleted, with the way to restore it."""
    st.info(line)
    if st.button(library.RESTORE, type="primary", icon=":material/undo:"):
        with windows.changing_listed(work, windows.PLANS):
            gone.restore()
        announcing.say(library.restored(gone.title))
        st.rerun()


def _plan_before(work: Work, run: Run) -> tuple[Run, Plan]:
    """The last plan that was finished, to be read while another one is made; without one, the way to the solve under way."""
    plans = [made for made in state.finished(work) if not made.naive]
    if not plans:
        way_out(text.UNDER_WAY, text.TO_SOLVE, "solve")
    _in_place(f":material/hourglass_top: {text.meanwhile(md(run.title), md(plans[-1].title))}", text.TO_SOLVE)
    _until_made(run)
    return plans[-1], state.plan_of(plans[-1])


def _plan_in_place(run: Run, shown: Run) -> tuple[Run, Plan]:
    """The plan that is read in place of one that a solve did not give; with the way to the reasons."""
    _in_place(f":material/error: {text.gave_none(md(run.title), run.state.meaning, md(shown.title))}", text.TO_REASONS)
    announcing.standing(f"none {run.id}", f"{run.title}: {run.state.meaning}")
    return shown, state.plan_of(shown)


def _in_place(words: str, button: str) -> None:
    """Say why another plan is shown than the one that was asked for, with the way to that one's solve."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(words, width="stretch")
        if st.button(button, key="in place:solve", icon=":material/arrow_forward:"):
            state.go("solve")


@st.fragment(run_every=REFRESH_SECONDS)
@guarded
def _until_made(run: Run) -> None:
    """Show the plan that is being made as soon as it is there, in place of the one before."""
    if run.has_plan or not run.under_way:
        st.rerun()


def need_plan() -> tuple[Work, Run, Plan]:
    """The plan that this session looks at, or the last one made; without one, the way to one."""
    work, run = need_work(), state.chosen()
    if run is not None and run.under_way and not run.has_plan:
        return work, *_plan_before(work, run)
    if run is None or not run.has_plan:
        plans = [made for made in state.finished(work) if not made.naive]
        gone = next((made for made in work.deleted_runs if made.id == state.chosen_id()), None)
        if gone is not None:
            _restorable(work, gone, library.PLAN_WAS_DELETED)
            if plans and st.button(library.OTHER_PLAN):
                state.look_at(work, plans[-1])
                st.rerun()
            st.stop()
        if not plans:
            way_out(text.NO_PLAN_YET, text.TO_SOLVE, "solve")
        if run is not None and run.state.without_plan:
            return work, *_plan_in_place(run, plans[-1])
        run = plans[-1]
        state.look_at(work, run)
    return work, run, state.plan_of(run)
