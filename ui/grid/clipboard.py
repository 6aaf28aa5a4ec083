"""The format in which the grid takes cells from the clipboard."""

from __future__ import annotations

import streamlit as st

_PLAIN_TEXT = """<script>
    if (navigator.clipboard) Object.defineProperty(navigator.clipboard, "read", {value: undefined, configurable: true});
    document.currentScript?.remove();
</script>"""


def paste_plain_text() -> None:
    """Have the grid paste the clipboard's plain text.

    Excel also puts the block there as HTML, in which merged cells are one wide or high cell; the grid's editor would take that for a single one
    and put all cells behind it into the columns before theirs. In the plain text the cells that a merged area covers are blank.
    """
    st.html(_PLAIN_TEXT, unsafe_allow_javascript=True)
