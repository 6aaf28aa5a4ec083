"""What several pages share: the way out where something is missing, the figures of a plan, tables, clashes."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from functools import wraps
from itertools import groupby
from typing import Any, NoReturn

import pandas as pd
import streamlit as st

from optimizer.errors import Conflict
from optimizer.forms import heading
from optimizer.plan import Plan
from optimizer.runs import Run, RunState, Work
from optimizer.schema import OUTPUTS, Output
from ui.session import state
from ui.words import pages as text
from ui.words.escape import md, short
from ui.words.figures import bare_money

ROWS_SHOWN = 12
ROW_PIXELS = 35


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
    def run(*words: Any) -> None:
        try:
            page(*words)
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


def figures(plan: Plan) -> None:
    """The figures, money first. An amount of money has its currency under it, so that it fits a narrow window."""
    currency = plan.case.settings.currency
    lines = plan.headlines
    for row in ([line for line in lines if line.kind == "money"], [line for line in lines if line.kind != "money"]):
        with st.grid(len(row), min_column_width=200):
            for line in row:
                amount = line.kind == "money"
                value = bare_money(line.value, currency) if amount else line.text
                st.metric(
                    line.label, md(value), delta_description=md(currency, 30) if amount else None, help=md(line.meaning, 400), border=True, height="stretch"
                )


def warnings(plan: Plan) -> None:
    """What was suspicious about the workbook when this plan was made, and what a naive plan breaks."""
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
    st.subheader(head, anchor=False, help=note)
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


def output(name: str) -> Output:
    """The declaration of a result table."""
    return next(declared for declared in OUTPUTS if declared.name == name)


def table(frame: pd.DataFrame, plan: Plan, columns: dict[str, tuple[str, str]], alt: str, labels: dict[str, str] | None = None, **more: Any) -> Any:
    """A table with its headings, units and number formats.

    columns: name -> (unit, meaning), in the order in which they are shown; the unit column is left out where one unit heads them all.
    labels: headings other than the columns' own. more: as st.dataframe has it.
    """
    labels = {**text.COLUMN_LABELS, **(labels or {})}
    units = frame["unit"].unique().tolist() if "unit" in frame and len(frame) else [m.unit for m in plan.case.materials]
    shown = [name for name in columns if not (name == "unit" and len(set(units)) == 1)]
    config = {}
    for name in shown:
        unit, meaning, *_ = columns[name]
        label = short(heading(labels.get(name, name), unit, plan.case.settings.currency, units), 80)
        if unit == "share":
            config[name] = st.column_config.NumberColumn(short(labels.get(name, name).capitalize().replace("_", " "), 80), help=meaning, format="percent")
        elif unit:
            config[name] = st.column_config.NumberColumn(label, help=meaning, format=_format(frame[name]))
        else:
            config[name] = st.column_config.TextColumn(label, help=meaning)
    height = "content" if len(frame) <= ROWS_SHOWN else ROW_PIXELS * (ROWS_SHOWN + 1)
    filled = frame[shown].fillna({name: "" for name in shown if not columns[name][0]})
    for name in filled.select_dtypes("bool").columns:
        filled[name] = filled[name].map({True: text.YES, False: text.NO})
    if "kind" in filled:
        filled["kind"] = filled["kind"].str.replace("_", " ")  # new_plant: as the workbook spells it, not as people do
    return st.dataframe(filled, column_config=config, hide_index=True, height=height, alt=alt, placeholder="", **more)


def _format(values: pd.Series) -> str:
    """Thousands separators, and decimals that suit the largest number, or every one where small ones stand beside large ones."""
    sizes = pd.to_numeric(values, errors="coerce").abs()
    if (sizes.dropna() % 1 == 0).all():
        return "%,.0f"
    top, low = sizes.max(), sizes[sizes > 0].min()
    if low < 1 and top >= 100:
        return "localized"
    return "%,.0f" if not top < 100 else "%,.1f" if top >= 10 else "%,.2f" if top >= 1 else "%,.4f"


def comparison(frame: pd.DataFrame, names: list[str], *, only: bool, alt: str) -> None:
    """A comparison as a table: labels to the left, a column a plan; `only` leaves out the rows in which all plans agree."""
    if only:
        frame = frame[frame[names].astype(str).nunique(axis=1) > 1]
    if frame.empty:
        st.markdown(text.ALL_EQUAL)
        return
    labels = {name: text.COLUMN_LABELS.get(name, name).replace("_", " ").capitalize() for name in frame.columns if name not in names}
    config = {name: st.column_config.TextColumn(labels.get(name, short(name, 60))) for name in frame.columns}
    st.dataframe(frame.astype(str), column_config=config, hide_index=True, height="content" if len(frame) <= 3 * ROWS_SHOWN else 500, alt=alt)


def conflicts(found: list[dict[str, Any]], finished: bool = True) -> None:
    """Which rows of the workbook clash, and by how much each would have to give. finished: whether all was known in time."""
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
        state.go("data")
