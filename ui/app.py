"""The planner's app: pages, navigation and what every page shares."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

# `streamlit run ui/app.py` puts this folder first on the path; the package `ui` stands beside it.
ROOT = str(Path(__file__).resolve().parent.parent)
if ROOT not in sys.path:
    sys.path.insert(1, ROOT)

from ui.pages import FIRST, PAGES  # noqa: E402
from ui.parts import access  # noqa: E402
from ui.session import state  # noqa: E402
from ui.words import shared as text  # noqa: E402

ICON = str(Path(__file__).resolve().parent / "assets" / "icon.png")


def main() -> None:
    """Run the page that was asked for."""
    st.set_page_config(page_title=text.NAME, page_icon=ICON, layout="wide")
    pages = [st.Page(page.script, title=page.title, icon=page.icon, url_path=None if page is FIRST else page.name, default=page is FIRST) for page in PAGES]
    page = st.navigation(pages, position="top")
    state.keep_address()
    st.session_state["entered"] = st.session_state.get("page") != page.url_path
    st.session_state["page"] = page.url_path
    try:
        page.run()
    except Exception:  # the last net: whatever it is, the planner reads a sentence and the log has the rest
        access.unexpected()


main()
