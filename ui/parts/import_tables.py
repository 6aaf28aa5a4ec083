"""What each table of a planner's files becomes: its sheet, then column by column what it is and what its numbers count, beside its first values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from optimizer.importing import COMBINATIONS, OPEN, FoundTable, TableMapping, Unpivot, Use, choices, chosen, names_of_targets, proposed_as, usual_combination
from optimizer.intake import is_blank
from optimizer.schema import INPUTS
from ui.parts import access
from ui.parts.import_more import more
from ui.session.importing import Import
from ui.words import importing as text
from ui.words.escape import md, short

_WIDTHS = (2.4, 2, 1.6)
_OPEN = 2
"""Tables up to which all stand open."""


def tables(begun: Import) -> None:
    """Show every table with what it becomes."""
    for number, table in enumerate(begun.tables):
        made = begun.mapping.tables[number]
        said = [made.question, *(use.question for use in made.uses), *(one.question for one in made.unpivots)]
        unsure = any(said) or any(use.unit.endswith(OPEN) for use in made.uses)
        label = f"**{md(table.title)}**: {text.becomes(made)}, {text.used(made)}"
        # What is sure is folded up, unless the planner would see nothing else.
        with st.expander(label, expanded=unsure or len(begun.tables) <= _OPEN, icon=":material/help:" if unsure else ":material/check_circle:"):
            _head(begun, number, table)
            if begun.mapping.tables[number].sheet:
                _columns(begun, number, table)
                more(begun, number, table)


def _key(begun: Import, *parts: Any) -> str:
    return ":".join(map(str, ("import", begun.generation, *parts)))


def _head(begun: Import, number: int, table: FoundTable) -> None:
    """Show where the table stands and which sheet it is."""
    made = begun.mapping.tables[number]
    names = ["", *(sheet.name for sheet in INPUTS)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.markdown(f":small[{md(text.table_head(table))}]", width="stretch")
        key = _key(begun, "sheet", number)

        def change() -> None:
            begun.change(number, lambda _: proposed_as(table, st.session_state[key]), anew=True)

        st.selectbox(
            text.TABLE_IS,
            names,
            index=names.index(made.sheet),
            format_func=lambda name: name or text.NOT_USED,
            key=key,
            on_change=access.guarded(change),
            width=220,
        )
    if made.question:
        _mark(made.question)


def _mark(question: str) -> None:
    """Show what is not sure."""
    st.markdown(f":orange[:material/help:] :small[{md(question, 400)}]")


def _columns(begun: Import, number: int, table: FoundTable) -> None:
    """Show the columns that are used, or looked at, and the way to the others."""
    made = begun.mapping.tables[number]
    combined = {use.becomes for use in made.uses if use.becomes and sum(one.becomes == use.becomes for one in made.uses) > 1}
    for place, use in enumerate(made.uses):
        if use.becomes or use.question or (number, use.header) in begun.shown:
            _column(begun, number, table, place, use)
    for target in sorted(combined):
        _combination(begun, number, made, target)
    for place, one in enumerate(made.unpivots):
        _side_by_side(begun, number, table, place, one)
    rest = [use.header for use in made.uses if not use.becomes and not use.question and (number, use.header) not in begun.shown]
    if rest:
        _unused(begun, number, rest)


def _column(begun: Import, number: int, table: FoundTable, place: int, use: Use) -> None:
    """Show one column: its header and first values, what it becomes, and what its numbers count."""
    made = begun.mapping.tables[number]
    theirs, ours, unit = st.columns(_WIDTHS, gap="small", vertical_alignment="center")
    with theirs:
        held = table.column(use.header) if use.header in table.positions else ()
        values = list(dict.fromkeys(short(value, 24) for value in held if not is_blank(value)))[: text.SAMPLES_SHOWN]
        st.markdown(f"**{md(use.header, 60)}**  \n:small[:gray[{md(text.samples(values), 90)}]]")
    with ours:
        options = _options(made)
        key = _key(begun, "becomes", number, place)

        def become() -> None:
            def changed(one: TableMapping) -> TableMapping:
                return _with_combination(one.with_use_at(place, chosen(table, use.header, st.session_state[key] or "")), st.session_state[key] or "")

            begun.shown.add((number, use.header))
            begun.change(number, changed, anew=True)

        st.selectbox(
            f"{short(use.header, 60)} {text.BECOMES}",
            options,
            index=options.index(use.becomes) if use.becomes in options else 0,
            format_func=lambda target: text.target_label(target, made.sheet),
            key=key,
            on_change=access.guarded(become),
            label_visibility="collapsed",
        )
    with unit:
        if len(choices(use.becomes, use.unit)) > 1 or use.unit:
            _unit(begun, number, place, use)
    if use.question and not use.down:
        _mark(use.question)
    if use.down:
        key = _key(begun, "down", number, place)

        def stop() -> None:
            begun.change(number, lambda one: one.with_use_at(place, replace(one.uses[place], down=st.session_state[key])))

        st.checkbox(text.FILL_DOWN, value=True, key=key, on_change=access.guarded(stop))


def _options(made: TableMapping) -> list[str]:
    """Return what a column may become, those of the table's own sheet first."""
    names = names_of_targets()
    own = [name for name in names if name.startswith(f"{made.sheet}.")]
    return ["", *own, *(name for name in names if name not in own)]


def _with_combination(made: TableMapping, target: str) -> TableMapping:
    """Return a mapping in which several columns of one target have a way to become one: their sum, or their texts."""
    if not target or sum(use.becomes == target for use in made.uses) < 2 or target in made.combine:
        return made
    return replace(made, combine={**made.combine, target: usual_combination(target)})


def _unit(begun: Import, number: int, place: int, use: Use) -> None:
    """Show what the numbers of a column count; an open one is chosen."""
    open_ = use.unit.endswith(OPEN)
    options = list(dict.fromkeys([*([] if open_ else [use.unit]), *choices(use.becomes, use.unit)]))
    key = _key(begun, "unit", number, place)

    def change() -> None:
        unit = st.session_state[key]
        if unit is not None:
            begun.change(number, lambda one: one.with_use_at(place, replace(one.uses[place], unit=unit, question="")), anew=open_)

    st.selectbox(
        f"{short(use.header, 60)}: {text.COUNTS}",
        options,
        index=None if open_ else 0,
        placeholder=text.CHOOSE,
        format_func=text.unit_label,
        key=key,
        on_change=access.guarded(change),
        label_visibility="collapsed",
        accept_new_options=True,
    )


def _combination(begun: Import, number: int, made: TableMapping, target: str) -> None:
    """Show how several columns become one."""
    ways = list(COMBINATIONS)
    key = _key(begun, "combine", number, target)

    def change() -> None:
        begun.change(number, lambda one: replace(one, combine={**one.combine, target: st.session_state[key]}))

    st.selectbox(
        f"{text.target_label(target, made.sheet)}: {text.COMBINE}",
        ways,
        index=ways.index(made.combine[target]) if target in made.combine else None,
        placeholder=text.CHOOSE,
        format_func=COMBINATIONS.__getitem__,
        key=key,
        on_change=access.guarded(change),
    )


def _side_by_side(begun: Import, number: int, table: FoundTable, place: int, one: Unpivot) -> None:
    """Show columns that become rows: what their headers and their cells are; the unit of their numbers; the way out of it."""
    made = begun.mapping.tables[number]

    def with_unpivot(changed: Unpivot | None) -> None:
        def change(mapping: TableMapping) -> TableMapping:
            rest = [other for at, other in enumerate(mapping.unpivots) if at != place]
            uses = mapping.uses if changed is not None else (*mapping.uses, *map(Use, one.headers))
            return replace(mapping, unpivots=(*rest[:place], *([changed] if changed is not None else []), *rest[place:]), uses=uses)

        begun.change(number, change, anew=True)

    theirs, ours, unit = st.columns(_WIDTHS, gap="small", vertical_alignment="center")
    with theirs:
        st.markdown(f"**{md(text.side_by_side(one.headers), 120)}**  \n:small[:gray[{text.SIDE_BY_SIDE}]]")
    with ours:
        st.markdown(f"{md(text.target_label(one.values, made.sheet))}  \n:small[:gray[{md(text.rows_of(one), 80)}]]")
    with unit:
        known = one.values if not one.values.startswith("Offer changes.") else one.values.replace("Offer changes", "Suppliers")
        open_ = one.unit.endswith(OPEN)
        options = list(dict.fromkeys([*([] if open_ else [one.unit]), *choices(known, one.unit)]))
        key = _key(begun, "unpivot", number, place)
        st.selectbox(
            f"{short(text.side_by_side(one.headers), 120)}: {text.COUNTS}",
            options,
            index=None if open_ else 0,
            placeholder=text.CHOOSE,
            format_func=text.unit_label,
            key=key,
            on_change=access.guarded(lambda: with_unpivot(replace(one, unit=st.session_state[key] or "", question=""))),
            label_visibility="collapsed",
            accept_new_options=True,
        )
    if one.question:
        _mark(one.question)
    if one.year:
        year_key = _key(begun, "year", number, place)
        known = one.year if one.year.isdigit() else ""
        change = access.guarded(lambda: with_unpivot(replace(one, year=_year(st.session_state[year_key]), question="")))
        st.text_input(text.YEAR, value=known, key=year_key, on_change=change, width=260, placeholder=text.CHOOSE)
    leave = access.guarded(lambda: with_unpivot(None))
    st.button(text.LEAVE_OUT, key=_key(begun, "leave", number, place), on_click=leave, type="tertiary", icon=":material/close:")


def _year(words: str) -> str:
    """Return a year that was typed, "?" where it is none."""
    return words.strip() if words.strip().isdigit() and len(words.strip()) == 4 else OPEN


def _unused(begun: Import, number: int, rest: list[str]) -> None:
    """Name the columns that are not used, one of which may be."""
    key = _key(begun, "rest", number, len(rest))

    def show() -> None:
        if picked := st.session_state[key]:
            begun.shown.add((number, picked))

    st.selectbox(
        f"{text.not_used(len(rest))}: {md(', '.join(rest), 200)}",
        rest,
        index=None,
        placeholder=text.USE_ANOTHER,
        format_func=lambda header: short(header, 60),
        key=key,
        on_change=access.guarded(show),
    )
