"""What those who hear the page, and do not see it change, are told: what has just happened, and how it stands.

Streamlit's own errors and warnings are alerts, its infos and spinners are statuses. What else appears on a page by a click, or by itself, is said here;
`ui.parts.live_regions` hands it to the browser.
"""

from __future__ import annotations

import streamlit as st

_WAITING, _LAST, _STANDING, _PROGRESS = "announce:waiting", "announce:last", "announce:standing", "announce:progress"
EVERY_SECONDS = 15.0
"""Progress is told anew no more often than this, unless another phase begins: whoever hears it could not hear anything else."""


def say(words: str) -> None:
    """Tell what has just happened, at the end of this run of the page or of the next one."""
    st.session_state.setdefault(_WAITING, []).append(words)


def standing(name: str, words: str) -> None:
    """Tell how something stands whenever that has changed. name: of what stands so; words: "" for nothing."""
    known = st.session_state.setdefault(_STANDING, {})
    if known.get(name) != words:
        known[name] = words
        if words:
            say(words)


def awaiting(name: str) -> None:
    """Note that something is waited for in this session. name: of what."""
    st.session_state.setdefault(_STANDING, {})[name] = ""


def came(name: str, words: str) -> None:
    """Tell, once, that something has ended that was waited for in this session."""
    if st.session_state.get(_STANDING, {}).get(name) == "":
        standing(name, words)


def due() -> tuple[int, str]:
    """Return what was told last and its number, which is another one whenever something is told."""
    number, last = st.session_state.get(_LAST, (0, ""))
    if waiting := st.session_state.pop(_WAITING, []):
        number, last = number + 1, " ".join(waiting)
        st.session_state[_LAST] = (number, last)
    return number, last


def progress(name: str, phase: str, seconds: float, words: str) -> str:
    """Return what is told of the progress of something now: `words`, or what was told last where the phase is the same and not enough time has passed.

    name: of what goes on; seconds: since it began.
    """
    told = st.session_state.setdefault(_PROGRESS, {})
    before = told.get(name)
    if before is None or before[0] != phase or not before[1] <= seconds < before[1] + EVERY_SECONDS:
        told[name] = (phase, seconds, words)
    return told[name][2]
