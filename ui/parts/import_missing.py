"""What a planner's sheets do not say and every case needs: the plan's first day and length, rates, and values of rows, asked once for each name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from optimizer.importing import OTHERS, Ask, Imported, column_of
from optimizer.schema import SETTINGS
from ui.parts import access
from ui.parts.import_more import as_value
from ui.session.importing import Import
from ui.words import importing as text
from ui.words.escape import md, short

_ONE_BY_ONE = 6
"""Names up to which each has a box of its own; more stand in a grid."""
_SETTINGS = ("title", "start", "period", "periods", "currency")


def settings(begun: Import, imported: Imported) -> None:
    """Ask for the plan's first day, its periods and its currency, and for the rates of other currencies."""
    st.header(text.SETTINGS_HEAD, anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        asked = ["fiscal_year_start_month"] if any(question.header == "fiscal_year_start_month" for question in begun.imported().questions) else []
        held_back = [name for name in ("fiscal_year_start_month",) if name in begun.mapping.settings]
        for name in (*_SETTINGS, *dict.fromkeys((*asked, *held_back))):
            column = SETTINGS.column(name)
            held = imported.settings.get(name, "" if column.required or name == "currency" else column.default)
            key = f"import:setting:{name}"
            change = access.guarded(lambda name=name, key=key: begun.set(name, _setting(name, st.session_state[key])))
            label = text.target_label(f"Settings.{name}", "Settings")
            if column.choices:
                options = list(column.choices)
                st.selectbox(label, options, index=options.index(str(held)) if held in options else 0, key=key, on_change=change, help=column.help, width=160)
            else:
                example = str(column.example or column.default)
                st.text_input(
                    label, value=_shown(held), key=key, on_change=change, placeholder=example, help=column.help, width=340 if name == "title" else 180
                )
    for question in imported.questions:
        if question.about == "rate":
            key = f"import:rate:{question.header}"
            change = access.guarded(lambda currency=question.header, key=key: begun.rate(currency, st.session_state[key]))
            st.number_input(text.RATE.format(short(question.header, 20)), min_value=0.0, value=None, key=key, on_change=change, format="%.6g", width=320)


def _shown(value: Any) -> str:
    return "" if value is None else str(value).removesuffix(" 00:00:00")


def _setting(name: str, words: str) -> Any:
    value = as_value(f"Settings.{name}", words or "")
    return value


def missing(begun: Import) -> None:
    """Ask for the values that no table has. What was answered stays in its box, to be changed."""
    imported = begun.imported(replace(begun.mapping, answers=()))
    asks, currency = imported.asks, str(imported.settings.get("currency") or "")
    units = {str(row[1]) for raw in begun.imported(begun.mapping).sheets if raw.name == "Materials" for row in raw.rows[1:] if row[1]}
    if not asks:
        return
    st.header(text.MISSING_HEAD, anchor=False)
    st.markdown(text.MISSING_NOTE)
    for ask in asks:
        with st.container(border=True):
            st.markdown(md(text.ask_label(ask, currency, units), 400).replace("\\*\\*", "**"))
            if len(ask.keys) <= _ONE_BY_ONE:
                with st.container(horizontal=True):
                    if len(ask.keys) > 1:
                        _box(begun, ask, OTHERS, text.FOR_OTHERS if any(_answer(begun, ask, key) is not None for key in ask.keys) else text.FOR_ALL)
                    for key in ask.keys:
                        _box(begun, ask, key, short(key, 40) or text.FOR_ALL)
            else:
                _box(begun, ask, OTHERS, text.FOR_ALL)
                _grid(begun, ask)


def _answer(begun: Import, ask: Ask, key: str) -> Any:
    """Return what was answered for a name; None if nothing was."""
    known = begun.mapping.answer(ask.column)
    return known.values.get(key) if known else None


def _box(begun: Import, ask: Ask, key: str, label: str) -> None:
    """Ask for one value."""
    column, held = column_of(ask.column), _answer(begun, ask, key)
    name = f"import:answer:{ask.column}:{key}"
    change = access.guarded(lambda: begun.answer(ask.column, ask.by, key, as_value(ask.column, st.session_state[name] or "")))
    words = list(column.choices) if column is not None else []
    if words:
        index = words.index(held) if held in words else None
        st.selectbox(md(label, 60), words, index=index, placeholder=text.CHOOSE, key=name, on_change=change, width=220)
    else:
        st.text_input(md(label, 60), value=_shown(held), key=name, on_change=change, width=220)


def _grid(begun: Import, ask: Ask) -> None:
    """Ask for the value of each of many names."""
    column = column_of(ask.column)
    name = f"import:grid:{ask.column}:{len(ask.keys)}"
    label = text.target_label(ask.column)
    first = st.session_state.setdefault(f"{name}:first", {key: _answer(begun, ask, key) for key in ask.keys})
    frame = pd.DataFrame({ask.by or "name": list(ask.keys), label: [None if first.get(key) is None else str(first[key]) for key in ask.keys]})
    choices = list(column.choices) if column is not None else []
    config = {
        ask.by or "name": st.column_config.TextColumn(disabled=True),
        label: st.column_config.SelectboxColumn(options=choices) if choices else st.column_config.TextColumn(),
    }

    def keep() -> None:
        for row, changes in st.session_state[name]["edited_rows"].items():
            begun.answer(ask.column, ask.by, ask.keys[row], as_value(ask.column, str(changes.get(label) or "")))

    st.data_editor(
        frame, column_config=config, hide_index=True, key=name, on_change=access.guarded(keep), height=min(35 * (len(ask.keys) + 1) + 3, 280), alt=label
    )
