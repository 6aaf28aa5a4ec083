"""The rows of the workbook that clash, where no plan satisfies all limits."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pandas as pd
import streamlit as st

from optimizer.errors import Conflict
from optimizer.schema import INPUTS
from ui.session import state
from ui.words import shared as text


def conflicts(found: list[dict[str, Any]], finished: bool = True) -> None:
    """Show which rows of the workbook clash, and by how much each would have to give. finished: whether all was known in time."""
    st.error(f"**{text.INFEASIBLE}**")
    if not finished:
        st.markdown(text.CLASH_UNFINISHED)
    elif not found:
        st.markdown(text.NO_CLASH)
    clashes = [[Conflict(**row) for row in clash] for _, clash in groupby(found, key=lambda conflict: conflict["clash"])]
    alone = [clash[0] for clash in clashes if len(clash) == 1]
    groups = [(text.ALONE if len(alone) == 1 else text.ALL_OF_THEM, alone)] if alone else []
    groups += [(text.CLASH if len(clashes) == 1 else text.CLASH_TOO, clash) for clash in clashes if len(clash) > 1]
    for words, rows in groups:
        st.markdown(words)
        st.dataframe(
            pd.DataFrame(
                {text.WHERE: [f"{row.sheet}, row {row.row}" for row in rows], text.WHAT: [row.what for row in rows], text.GIVES: [row.gives for row in rows]}
            ),
            hide_index=True,
            alt=text.INFEASIBLE,
        )
    if st.button(text.TO_DATA, icon=":material/arrow_forward:", key="conflicts:data"):
        if found and found[0]["sheet"] in {sheet.name for sheet in INPUTS}:  # that of the first row which may give way
            st.session_state["data:sheet"] = found[0]["sheet"]
        state.go("data")
