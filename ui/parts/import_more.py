"""What is seldom needed of a table: a value for every row, lists in cells, columns that should be rows, and how its numbers and dates are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from optimizer.editing import typed
from optimizer.importing import EACH_ROW, FoundTable, Question, TableMapping, Unpivot, column_of, names_of_targets, with_row_for_each, with_whole_cells
from optimizer.schema import NUMBER_KINDS
from ui.parts import access
from ui.session.importing import Import
from ui.words import importing as text
from ui.words.escape import md, short


def more(begun: Import, number: int, table: FoundTable) -> None:
    """Show it folded up; how numbers and dates are written stands open where it is asked."""
    asked = {question.about for question in begun.imported().questions if question.table == number}
    made = begun.mapping.tables[number]
    if asked & {"decimal", "days"}:
        habits(begun, number)
    with st.expander(text.MORE):
        _fixed(begun, number)
        _split(begun, number)
        _unpivot(begun, number, table)
        if not asked & {"decimal", "days"}:
            habits(begun, number)
        words = list(dict.fromkeys((*made.blanks, "NA", "n/a", "-", "TBD")))
        key = _key(begun, "blanks", number)
        st.multiselect(
            text.BLANKS,
            words,
            default=list(made.blanks),
            key=key,
            accept_new_options=True,
            on_change=access.guarded(lambda: begun.change(number, lambda one: replace(one, blanks=tuple(st.session_state[key])))),
        )


def _key(begun: Import, *parts: Any) -> str:
    return ":".join(map(str, ("more", begun.generation, *parts)))


def habits(begun: Import, number: int) -> None:
    """Ask how the numbers and dates of a table's file are written; the answer holds for every table of the file."""
    made = begun.mapping.tables[number]
    same = [place for place, table in enumerate(begun.tables) if table.file == begun.tables[number].file]

    def set_all(**changes: Any) -> None:
        for place in same:
            begun.change(place, lambda one: replace(one, **changes))

    with st.container(horizontal=True):
        signs = {text.POINT: ".", text.COMMA: ","}
        known = next((words for words, sign in signs.items() if sign == made.decimal), None)
        key = _key(begun, "decimal", number)
        st.segmented_control(
            text.DECIMAL, list(signs), default=known, key=key, on_change=access.guarded(lambda: set_all(decimal=signs.get(st.session_state[key] or "", "")))
        )
        orders = {text.DAY_FIRST: True, text.MONTH_FIRST: False}
        order = next((words for words, first in orders.items() if first is made.day_first), None)
        day_key = _key(begun, "days", number)
        st.segmented_control(
            text.DAY_ORDER, list(orders), default=order, key=day_key, on_change=access.guarded(lambda: set_all(day_first=orders.get(st.session_state[day_key])))
        )


def _fixed(begun: Import, number: int) -> None:
    """Show the values that hold in every row, and take another."""
    made = begun.mapping.tables[number]
    st.markdown(f"**{text.FIXED_HEAD}**")
    for target, value in made.fixed.items():
        rest = {name: held for name, held in made.fixed.items() if name != target}
        _line(f"{md(text.target_label(target, made.sheet))}: {md(value)}", _key(begun, "unfix", number, target), partial(_fixed_to, begun, number, rest))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        own = [name for name in names_of_targets() if name.startswith(f"{made.sheet}.")]
        target = st.selectbox(
            text.FIXED_COLUMN,
            own,
            index=None,
            placeholder=text.CHOOSE,
            format_func=lambda name: text.target_label(name, made.sheet),
            key=_key(begun, "fix", number),
        )
        value = st.text_input(text.FIXED_VALUE, key=_key(begun, "fixed", number))
        # Never disabled: what is typed reaches the server by the click on the button itself.
        if st.button(text.FIXED_ADD, key=_key(begun, "add", number)) and target and value:
            begun.change(number, lambda one: replace(one, fixed={**one.fixed, target: as_value(target, value)}), anew=True)
            st.rerun()


def _line(words: str, key: str, take_back: Callable[[], None]) -> None:
    """Show something that was said of a table, with the way to take it back."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(words, width="stretch")
        st.button(text.FIXED_REMOVE, key=key, type="tertiary", on_click=access.guarded(take_back))


def as_value(target: str, words: str) -> Any:
    """Return what was typed as its column has it: a number where the column holds numbers."""
    column = column_of(target)
    if column is None or column.kind not in NUMBER_KINDS:
        return words.strip()
    value = typed(words, column)
    if not isinstance(value, (int, float)):
        return words.strip()  # no number, or one of two: the reader says so, and asks which
    number = float(value)
    return int(number) if number.is_integer() else number


def _split(begun: Import, number: int) -> None:
    """Take a cell of several values apart."""
    made = begun.mapping.tables[number]
    st.markdown(f"**{text.SPLIT_HEAD}**")
    for place, use in enumerate(made.uses):
        if use.split:
            _line(text.taken_apart(md(use.header, 60), use.split, use.part), _key(begun, "whole", number, place), partial(_whole_again, begun, number, place))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        used = {f"{use.header} → {text.target_label(use.becomes, made.sheet)}": place for place, use in enumerate(made.uses) if use.becomes}
        picked = st.selectbox(
            text.SPLIT_COLUMN, list(used), index=None, placeholder=text.CHOOSE, format_func=lambda name: short(name, 60), key=_key(begun, "split", number)
        )
        sign = st.text_input(text.SPLIT_SIGN, value=";", key=_key(begun, "sign", number), width=120)
        part = st.selectbox(text.SPLIT_PART, list(text.PARTS), format_func=text.PARTS.__getitem__, key=_key(begun, "part", number), width=200)
        if st.button(text.SPLIT_DO, key=_key(begun, "do split", number)) and picked and sign:
            place = used[picked]
            begun.change(number, lambda one: _taken_apart(one, place, sign, part), anew=True)
            st.rerun()


def _fixed_to(begun: Import, number: int, fixed: dict[str, Any]) -> None:
    begun.change(number, lambda one: replace(one, fixed=fixed), anew=True)


def _whole_again(begun: Import, number: int, place: int) -> None:
    begun.change(number, lambda one: with_whole_cells(one, place), anew=True)


def _taken_apart(made: TableMapping, place: int, sign: str, part: str) -> TableMapping:
    """Return the mapping with the cells of a column taken apart: a row for each of their values, or one of them."""
    return with_row_for_each(made, place, sign) if part == EACH_ROW else made.with_use_at(place, replace(made.uses[place], split=sign, part=part))


def _unpivot(begun: Import, number: int, table: FoundTable) -> None:
    """Let columns side by side become rows."""
    made = begun.mapping.tables[number]
    st.markdown(f"**{text.UNPIVOT_HEAD}**")
    free = [use.header for use in made.uses if use.header in table.positions]
    headers = st.multiselect(text.UNPIVOT_COLUMNS, free, format_func=lambda name: short(name, 60), key=_key(begun, "columns", number))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        own = [name for name in names_of_targets() if name.startswith((f"{made.sheet}.", "Offer changes."))]
        names = st.selectbox(
            text.UNPIVOT_NAMES,
            own,
            index=None,
            placeholder=text.CHOOSE,
            format_func=lambda name: text.target_label(name, made.sheet),
            key=_key(begun, "names", number),
        )
        values = st.selectbox(
            text.UNPIVOT_VALUES,
            own,
            index=None,
            placeholder=text.CHOOSE,
            format_func=lambda name: text.target_label(name, made.sheet),
            key=_key(begun, "values", number),
        )
        if st.button(text.UNPIVOT_DO, key=_key(begun, "unpivot", number)) and headers and names and values:
            periods = names in ("Demand.period", "Offer changes.from")
            made_rows = Unpivot(tuple(headers), names, values, periods=periods)
            kept = tuple(use for use in made.uses if use.header not in headers)
            begun.change(number, lambda one: replace(one, uses=kept, unpivots=(*one.unpivots, made_rows)), anew=True)
            st.rerun()


def questions_of(begun: Import) -> list[Question]:
    """Return the questions that must be answered before the planner can confirm. Settings may as well be filled in later, in the grid."""
    return [question for question in begun.imported(begun.mapping.as_confirmed()).questions if question.about != "setting"]
