"""The list of works and their plans: find, open, rename, duplicate, delete and restore them."""

from __future__ import annotations

import time
from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from optimizer.runs import Run, Work, duplicate_run
from ui.parts import access
from ui.session import announcing, state, visitor, windows
from ui.words import library as text
from ui.words.escape import md, short

SHOWN = 3
"""Works that are listed until all of them are asked for."""
MANY = 4
"""Works from which on there is a box to search them."""
LONGEST_NAME = 80
WORK_MENU = (text.RENAME, text.DUPLICATE, text.DELETE)
PLAN_MENU = (text.RENAME, text.DUPLICATE, text.INPUTS, text.DELETE)
UNDO = "library:undo"


def show() -> bool:
    """List the works of this visitor; return whether there are any."""
    every = visitor.shown_works()
    _just_deleted()
    if every:
        head, search = st.columns([2, 1], vertical_alignment="bottom")
        head.header(text.HEAD, anchor=False)
        words = ""
        if len(every) >= MANY:
            words = search.text_input(
                text.SEARCH, key="library:words", placeholder=text.SEARCH_HINT, icon=":material/search:", label_visibility="collapsed", type="search"
            )
        _list(visitor.shown_works(words) if words else every, bool(words))
    _deleted(every)
    return bool(every)


def _list(works: list[Work], searched: bool) -> None:
    if not works:
        st.markdown(text.NOTHING_FOUND)
    every = searched or st.session_state.get("library:all", False)
    for number, work in enumerate(works if every else works[:SHOWN]):
        _card(work, first=number == 0)
    if not every and len(works) > SHOWN and st.button(text.show_all(len(works)), icon=":material/expand_more:", type="tertiary"):
        st.session_state["library:all"] = True
        st.rerun()


# -- a work ----------------------------------------------------------------------------------------------------------------


def _card(work: Work, first: bool) -> None:
    """One work: what it is called, how it stands, and what can be done with it."""
    plans, mine = work.runs, state.current()
    is_current = mine is not None and mine.id == work.id
    made = [run for run in plans if run.has_plan]
    newest = next((run for run in reversed(made) if not run.naive), None)
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            facts = text.joined(text.changed(_when(work.changed)), text.by(md(work.who, 60)))
            figures = f"**{md(newest.title, 80)}:** {_figures(newest)}" if newest else text.NO_PLAN
            st.markdown(f"**{md(work.title, LONGEST_NAME)}**  \n{facts}  \n{figures}", width="stretch")
            label = text.GO_ON if is_current else text.OPEN
            if st.button(
                label, key=f"open:{work.id}", icon=":material/arrow_forward:", type="primary" if is_current or first and mine is None else "secondary"
            ):
                _open(work)
            picked = _menu(WORK_MENU, f"menu:{work.id}", work.title)
        if plans:
            shown = st.expander(text.plans_head(len(plans)), key=f"plans:{work.id}", on_change="rerun", type="compact")
            if shown.open:
                with shown:
                    for run in reversed(plans):
                        _plan(work, run)
    if picked == text.RENAME:
        _rename(work, work)
    elif picked == text.DUPLICATE:
        _begin(work, None)
    elif picked == text.DELETE:
        _delete_work(work)


def _menu(options: tuple[str, ...], key: str, name: str) -> str | None:
    """What can be done with a work or a plan besides opening it. name: whose menu it is, for those who hear the page."""
    return st.menu_button(text.MORE, options, key=key, icon=":material/more_vert:", type="tertiary", help=short(name, LONGEST_NAME))


def _open(work: Work, run: Run | None = None) -> None:
    """Go on with a work where it stands: at a plan, at its last one, or at its inputs."""
    mine = state.current()
    if run is not None or mine is None or mine.id != work.id:
        state.look_at(work, run)
    run = state.chosen()
    state.go("solve" if run is not None and run.under_way and not run.has_plan else "plan" if state.finished(work) else "data")


def _delete_work(work: Work) -> None:
    work.set_aside()
    announcing.say(text.set_aside(work.title))
    st.session_state[UNDO] = (work.id, "")
    if state.current_id() == work.id:
        state.forget()
    st.rerun()


# -- a plan ----------------------------------------------------------------------------------------------------------------


def _plan(work: Work, run: Run) -> None:
    """One plan of a work, or why there is none."""
    done = run.has_plan
    with st.container(horizontal=True, vertical_alignment="center"):
        facts = text.joined(_when(run.request["asked"]), text.by(md(run.who, 60)))
        stands = _figures(run) if done else text.BEING_MADE if run.under_way else md(run.state.meaning, 200)
        st.markdown(f"**{md(run.title, LONGEST_NAME)}**  \n{stands}  \n{facts}", width="stretch")
        if (done or run.under_way) and st.button(text.OPEN, key=f"open:{work.id}:{run.id}"):
            _open(work, run)
        options = PLAN_MENU if done else tuple(option for option in PLAN_MENU if option != text.DUPLICATE)
        picked = _menu(options, f"menu:{work.id}:{run.id}", run.title)
    if picked == text.RENAME:
        _rename(work, run)
    elif picked == text.DUPLICATE:
        with windows.changing_listed(work, windows.PLANS):
            duplicate_run(work, run, text.copy_of(run.title), visitor.who())
        announcing.say(text.copied(run.title))
        st.rerun()
    elif picked == text.INPUTS:
        _begin(work, run)
    elif picked == text.DELETE:
        with windows.changing_listed(work, windows.PLANS):
            run.set_aside()
        announcing.say(text.set_aside(text.plan_of(work.title, run.title)))
        st.session_state[UNDO] = (work.id, run.id)
        if state.current_id() == work.id and state.chosen_id() == run.id:
            state.look_at(work)
        st.rerun()


def _figures(run: Run) -> str:
    return md(text.figures(run.figures()), 300)


def _when(seconds: float) -> str:
    return text.when(seconds, time.time(), _zone())


def _zone() -> tzinfo | None:
    """The visitor's time zone; that of the server where the browser names none that is known here."""
    try:
        return ZoneInfo(st.context.timezone or "")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


# -- names, copies -----------------------------------------------------------------------------------------------------------


@st.dialog(text.RENAME)
@access.guarded
def _rename(work: Work, renamed: Work | Run) -> None:
    """Ask for another name."""
    with st.form(f"rename:{renamed.id}", border=False):
        title = st.text_input(text.NEW_NAME, value=renamed.title, max_chars=LONGEST_NAME, key=f"name:{renamed.id}")
        if st.form_submit_button(text.SAVE, type="primary"):
            with windows.changing_listed(work, windows.TITLE if renamed is work else windows.PLANS):
                renamed.rename(title)
            announcing.say(text.renamed(renamed.title))
            st.rerun()


def _begin(work: Work, run: Run | None) -> None:
    """Begin a new work as a copy of one, or with the inputs of a plan, and look at it."""
    found = visitor.new_works()
    if run is None:
        state.look_at(found.duplicate(work, text.copy_of(work.title), visitor.who()))
        announcing.say(text.copied(work.title))
        st.rerun()
    else:
        state.look_at(found.begin_from_plan(work, run, text.inputs_of(work.title, run.title), visitor.who()))
        state.go("data")


# -- what was deleted --------------------------------------------------------------------------------------------------------


def _just_deleted() -> None:
    """Say what has just been deleted, with the way back, until something else is done."""
    work_id, run_id = st.session_state.get(UNDO, ("", ""))
    work = state.solve_queue().store.kept(work_id)
    run = None if work is None else next((one for one in work.deleted_runs if one.id == run_id), None)
    gone = run or work
    if work is None or gone is None or gone.deleted is None:
        st.session_state.pop(UNDO, None)
        return
    name = text.plan_of(work.title, run.title) if run is not None else work.title
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/delete: {text.deleted(md(name, 2 * LONGEST_NAME))}", width="stretch")
        if st.button(text.RESTORE, key="restore:last", icon=":material/undo:", type="primary"):
            with windows.changing_listed(work, windows.PLANS):
                gone.restore()
            announcing.say(text.restored(name))
            del st.session_state[UNDO]
            st.rerun()
        _for_good(work, run, "last")


def _deleted(works: list[Work]) -> None:
    """What is deleted and can be restored: works, and plans of works that are not."""
    found = visitor.library()
    gone: list[tuple[Work, Run | None]] = [(work, None) for work in (found.deleted() if found is not None else [])]
    gone += [(work, run) for work in works for run in work.deleted_runs]
    if not gone:
        return
    shown = st.expander(text.deleted_head(len(gone)), icon=":material/delete:", key="library:deleted", on_change="rerun", type="compact")
    if shown.open:
        with shown:
            for work, run in gone:
                _gone(work, run)


def _gone(work: Work, run: Run | None) -> None:
    """One work or plan that is deleted: the way back, and the way to delete it for good."""
    name, key = (work.title, work.id) if run is None else (text.plan_of(work.title, run.title), f"{work.id}:{run.id}")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{md(name, 2 * LONGEST_NAME)}**", width="stretch")
        if st.button(text.RESTORE, key=f"restore:{key}", icon=":material/undo:"):
            with windows.changing_listed(work, windows.PLANS):
                (run or work).restore()
            announcing.say(text.restored(name))
            st.rerun()
        _for_good(work, run, key)


def _for_good(work: Work, run: Run | None, key: str) -> None:
    """The way to delete a work or a plan for good, which is asked for twice."""
    with st.popover(text.FOR_GOOD, icon=":material/delete_forever:"):
        st.write(text.FOR_GOOD_HELP)
        if st.button(text.FOR_GOOD_SURE, key=f"forever:{key}", type="primary"):
            if run is None:
                state.solve_queue().delete(work)
            else:
                work.delete_run(run)
            announcing.say(text.gone(work.title if run is None else text.plan_of(work.title, run.title)))
            st.rerun()
