"""The way out of a page where something is missing or goes wrong."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

import streamlit as st

from optimizer.plan import Plan
from optimizer.runs import Run, RunState, Work
from ui.session import state
from ui.words import shared as text


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
    return work if work is not None else way_out(text.NO_WORK, text.TO_START, "start")


def need_plan() -> tuple[Work, Run, Plan]:
    """The plan that this session looks at, or the last one made; without one, the way to one."""
    work, run = need_work(), state.chosen()
    if run is not None and run.under_way:
        way_out(text.UNDER_WAY, text.TO_SOLVE, "solve")
    if run is None or run.state != RunState.DONE:
        plans = [made for made in state.finished(work) if not made.naive]
        if not plans:
            way_out(text.NO_PLAN_YET, text.TO_SOLVE, "solve")
        run = plans[-1]
        state.look_at(work, run)
    return work, run, state.plan_of(run)
