"""Files to download, made when they are asked for; where one cannot be made, its place says so."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from functools import partial

import streamlit as st

from ui.parts import access, live_regions
from ui.session import announcing
from ui.words import shared as text

MOST_SECONDS = 300.0
"""How long a file may take to be made before its place stops waiting for word of it."""

FETCHED_AFTER = 1.0
"""Seconds within which the browser asks for a file that was made. Streamlit lets a made file go at the end of the second run after it, and the look at other
windows, which waits for this run to end, would be the second at once."""


class Making:
    """The outcomes of making one file, which the thread that makes the file reports and the page asks for."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.ended = self.seen = 0
        self.failure = ""

    def make(self, content: Callable[[], bytes]) -> bytes:
        """The file; the number of what went wrong stands in the server's log."""
        failure = ""
        try:
            return content()
        except Exception:
            failure = secrets.token_hex(4)
            logging.getLogger("ui").error("a file could not be made: error %s", failure)
            raise  # Streamlit logs it, and downloads nothing
        finally:
            with self.changed:
                self.ended, self.failure = self.ended + 1, failure
                self.changed.notify_all()

    def outcome(self) -> str:
        """The number of what went wrong, once what was asked for last has ended; "" for nothing."""
        with self.changed:
            self.changed.wait_for(lambda: self.ended > self.seen, MOST_SECONDS)
            self.seen = self.ended
            return self.failure


@st.fragment
@access.guarded
def download(label: str, content: Callable[[], bytes], name: str, mime: str, icon: str, look: str = "secondary", width: str = "content") -> None:
    """A button that downloads a file. It runs alone, so that the page stands still meanwhile."""
    making = st.session_state.setdefault(f"making:{label}:{name}", Making())
    asked = st.download_button(label, data=partial(making.make, content), file_name=name, mime=mime, icon=icon, type=look, width=width)
    if not asked:
        return
    if number := making.outcome():
        st.error(text.NO_FILE.format(number))
    else:
        announcing.say(text.FILE_MADE.format(name))
        live_regions.tell(f"file {label} {name}")
        time.sleep(FETCHED_AFTER)
