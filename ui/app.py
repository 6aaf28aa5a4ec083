"""The planner's app: pages, navigation and what every page shares."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException

# `streamlit run ui/app.py` puts this folder first on the path; the package `ui` stands beside it.
ROOT = str(Path(__file__).resolve().parent.parent)
if ROOT not in sys.path:
    sys.path.insert(1, ROOT)

from ui.pages import FIRST, PAGES  # noqa: E402
from ui.parts import access, browser_steps, live_regions, other_windows  # noqa: E402
from ui.session import preload, state, windows  # noqa: E402
from ui.words import shared as text  # noqa: E402

ASSETS = Path(__file__).resolve().parent / "assets"
ICON, STYLE = str(ASSETS / "icon.png"), ASSETS / "app.css"


def main() -> None:
    """Run the page that was asked for."""
    preload.wait()
    # The icon first: without one of its own the navigation takes that of the page, which the browser would fetch from elsewhere.
    st.set_page_config(page_icon=ICON, layout="wide")
    pages = [st.Page(page.script, title=page.title, icon=page.icon, url_path=None if page is FIRST else page.name, default=page is FIRST) for page in PAGES]
    page = st.navigation(pages, position="top")
    state.enter(page.url_path)
    work = state.current()
    st.set_page_config(page_title=text.tab(page.title, work.title if work is not None else ""))
    st.html(STYLE)
    goes_on = False
    try:
        if work is not None and page.url_path:
            windows.enter(work)
            other_windows.say()
            other_windows.watch(work, page.url_path)
        page.run()
    except RerunException:
        goes_on = True
        raise
    except Exception:  # the last net: whatever it is, the planner reads a sentence and the log has the rest
        access.unexpected()
    finally:
        if not goes_on:  # else the run that follows at once tells what has happened, with its own words
            live_regions.tell()
        browser_steps.one_a_page()
        preload.begin()
        state.make_ready(page.url_path)


main()
