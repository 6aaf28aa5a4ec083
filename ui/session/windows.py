"""Several windows on one work: what this one has shown of it, and what another has changed since.

A work has parts that are changed apart from each other. This window remembers of each part the mark that it had when it was shown, and marks anew
what it changes itself. A part whose mark is another one was changed in another window: it is shown as it is now, and that is said.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import streamlit as st

from optimizer.runs import Work
from ui.words import windows as text

SEEN, CHANGED, REMARK, GENERATION = "windows:seen", "windows:changed", "windows:remark", "windows:generation"
WINDOW = "windows:window"
INPUTS, CHOICES, PLANS, TITLE = "inputs", "choices", "plans", "title"

MARKS: dict[str, Callable[[Work], Any]] = {
    INPUTS: lambda work: work.edition,
    CHOICES: lambda work: work.choices,
    PLANS: lambda work: [(run.id, run.title) for run in work.runs],
    TITLE: lambda work: work.title,
}
"""The parts of a work, each with what changes whenever it does. A solve that goes on, or ends, is no change."""


def _seen(work: Work) -> dict[str, Any]:
    """The marks as this window has shown them; of a work that it has not shown yet, as they are now."""
    kept, marks = st.session_state.get(SEEN, ("", {}))
    if kept != work.id:
        marks = {part: mark(work) for part, mark in MARKS.items()}
        st.session_state[SEEN] = (work.id, marks)
        st.session_state[CHANGED] = ()
    return marks


def _window() -> str:
    """The name of this window, which its changes are signed with."""
    return st.session_state.setdefault(WINDOW, secrets.token_hex(8))


@contextmanager
def changing(work: Work, part: str) -> Iterator[None]:
    """Change a part of a work in this window. What another window has changed before stays to be said.

    The change is signed while the work is locked: a run of the page that begins before this one has ended does not take it for another window's.
    """
    window = _window()
    with work.locked():
        alone = not changed_elsewhere(work, part)
        yield
        if alone:
            work.sign(part, window, str(MARKS[part](work)))
            note(work, part)


def changing_listed(work: Work, part: str) -> AbstractContextManager[None]:
    """Change a part of a work in the list of works: of the one that this window shows on other pages, as `changing`."""
    return changing(work, part) if st.session_state.get(SEEN, ("", {}))[0] == work.id else nullcontext()


def note(work: Work, part: str) -> None:
    """Note that this window shows a part of a work as it is now."""
    marks = _seen(work)
    marks[part] = MARKS[part](work)


def changed_elsewhere(work: Work, *parts: str) -> list[str]:
    """Return the parts, of these or of all, that another window has changed since this one has shown them."""
    marks, found = _seen(work), []
    with work.locked():
        for part in parts or MARKS:
            mark = MARKS[part](work)
            if mark != marks[part] and is_mine(work, part):
                marks[part] = mark
            elif mark != marks[part]:
                found.append(part)
    return found


def is_mine(work: Work, part: str) -> bool:
    """Return whether a part of a work is as this window has changed it."""
    return work.signed.get(part) == [_window(), str(MARKS[part](work))]


def enter(work: Work) -> None:
    """Begin a run of a page: what was changed elsewhere is shown now, and is to be said."""
    found = changed_elsewhere(work)
    for part in found:
        note(work, part)
    if CHOICES in found:
        st.session_state[GENERATION] = generation() + 1
    st.session_state[CHANGED] = tuple(dict.fromkeys((*st.session_state.get(CHANGED, ()), *found)))


def told() -> tuple[str, ...]:
    """Return the parts whose change in another window is to be said, until it is read."""
    return st.session_state.get(CHANGED, ())


def read() -> None:
    """Say no more what was changed until now."""
    st.session_state[CHANGED], st.session_state[REMARK] = (), ""


def choose(work: Work, name: str, value: Any, stood: Any, usual: Any, in_words: Callable[[Any], str]) -> None:
    """Keep a choice of this window. Where another one has set the same since this one has shown it as `stood`, say what that was."""
    with changing(work, CHOICES):
        theirs = work.choices.get(name)
        work.choose(**{name: value})
    if (theirs if theirs is not None else usual) not in (stood, value):
        st.session_state[REMARK] = text.replaced(name, in_words(theirs if theirs is not None else usual))


def generation() -> int:
    """A number that grows whenever what is set on the screen was set elsewhere, so that the screen is made anew from what is kept."""
    return st.session_state.get(GENERATION, 0)


def key(work: Work, name: str) -> str:
    """The name of the widget that sets one choice of a work."""
    return f"{name}:{work.id}" + (f":{generation()}" if generation() else "")
