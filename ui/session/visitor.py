"""Who visits, and which works a visitor may list.

On this computer, reached under its own name and not through a proxy, a visitor lists every work of the data folder. Behind a proxy that asks for
a login a visitor lists the works that were begun under the same login. Any other visitor lists none, and finds a work by its address alone.
"""

from __future__ import annotations

import os

import streamlit as st

from optimizer.runs import Library, Work, computer_user
from ui.session import state

LIST = "OPTIMIZER_LIBRARY"
"""Set to "off", this variable of the server's environment keeps the first page from listing works."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")
"""Headers that a proxy adds to what it passes on."""


def _login() -> str:
    """The name under which a visitor is logged in: the e-mail address, else the name; "" for none."""
    known = st.user.to_dict()
    return str(known.get("email") or known.get("name") or "")


def on_this_computer() -> bool:
    """Return whether the visitor sits at this computer, as far as the request and the server's settings tell."""
    headers = st.context.headers
    host = headers.get("Host", LOOPBACK[0]).rsplit(":", 1)[0]
    admitted = st.get_option("server.allowedHosts") or ()
    return host in LOOPBACK and all(name in LOOPBACK for name in admitted) and not any(headers.get(name) for name in FORWARDED)


def who() -> str:
    """Who visits: the login, else this computer's user where the visitor sits at it; "" where that is not known."""
    return _login() or (computer_user() if on_this_computer() else "")


def library() -> Library | None:
    """The works that this visitor may list; None where there is no telling which."""
    store = state.solve_queue().store
    if os.environ.get(LIST, "on") == "off":
        return None
    if on_this_computer():
        return Library(store)
    return Library(store, _login()) if _login() else None


def new_works() -> Library:
    """The library in which a copy of a work begins; whoever sees a work may copy it."""
    return Library(state.solve_queue().store)


def shown_works(words: str = "") -> list[Work]:
    """The works to list, the one that was changed last first: those of the library, or the one that this session works on."""
    found, now = library(), state.current()
    return found.works(words) if found is not None else [now] if now is not None else []
