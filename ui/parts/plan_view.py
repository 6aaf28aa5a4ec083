"""Views of a plan that several pages show: its figures, its warnings, a chart under its heading, the choice of another plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from optimizer.plan import Headline, Plan
from optimizer.runs import Run, Work
from ui.session import state
from ui.words import shared as text
from ui.words.escape import md, short
from ui.words.figures import bare_money


def figures(plan: Plan, unseen: Mapping[str, Headline]) -> None:
    """The figures, money first. An amount of money has its currency under it, so that it fits a narrow window.

    unseen: those that are known on futures that the plan has not seen, by name; they stand in place of its own, with what its own are.
    """
    currency = plan.case.settings.currency
    lines = plan.headlines
    for row in ([line for line in lines if line.kind == "money"], [line for line in lines if line.kind != "money"]):
        with st.grid(len(row), min_column_width=200):
            for own in row:
                line = unseen.get(own.name, own)
                amount = line.kind == "money"
                value = bare_money(line.value, currency) if amount else line.text
                under = [currency] if amount else []
                under += [text.in_plan(bare_money(own.value, currency) if amount else own.text)] if line is not own else []
                st.metric(line.label, md(value), delta_description=md("; ".join(under), 80) or None, help=md(line.meaning, 600), border=True, height="stretch")


def amount(label: str, value: float | None, currency: str, missing: str) -> None:
    """One amount of money as a figure, its currency under it, so that neither is cut in a narrow window; `missing` where it is not known."""
    known = value is not None
    under = md(currency, 80) or None if known else None
    st.metric(label, md(bare_money(value, currency)) if known else missing, delta_description=under, border=True, height="stretch")


def warnings(plan: Plan) -> None:
    """Show what was suspicious about the workbook when this plan was made, and what a naive plan breaks."""
    found = plan.all_warnings
    if found:
        with st.expander(text.warnings_head(len(found)), icon=":material/info:"):
            frame = pd.DataFrame({text.WHERE: [w.where for w in found], text.WHAT: [w.message for w in found]})
            st.dataframe(frame, hide_index=True, alt=text.warnings_head(len(found)))


def lines(sentences: list[str], most: int = 400) -> None:
    """Sentences as a list."""
    st.markdown("\n".join(f"- {md(sentence, most)}" for sentence in sentences))


def chart(head: str, drawn: Any, note: str) -> None:
    """A chart under its heading; note says how to read it."""
    st.header(head, anchor=False, help=note)
    st.altair_chart(drawn, width="stretch")


def choose_plan(work: Work, run: Run) -> None:
    """Another plan of this work to look at, where there are several."""
    plans = state.finished(work)
    if len(plans) < 2:
        return
    names = {made.id: short(made.title, 60) for made in plans}
    key = f"looked_at:{run.id}"
    picked = st.selectbox(text.WHICH_PLAN, list(names), index=list(names).index(run.id), format_func=names.get, key=key)
    if picked != run.id:
        state.look_at(work, work.run(picked))
        st.rerun()
