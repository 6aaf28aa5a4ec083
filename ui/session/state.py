"""The workbook and the plan that a session works on. Both stand in the address, so that a reload or a bookmark leads back to them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit import runtime

from optimizer.errors import WorkbookError
from optimizer.intake import Reading, case_from_sheets
from optimizer.plan import Plan
from optimizer.runs import Run, SolveQueue, Store, Work
from optimizer.studies import budget_scaled
from ui.pages import page_named

WORK, PLAN = "work", "plan"
SOLVED_FROM = ("", "importing", "data", "solve")
"""The addresses of the pages from which a plan is asked for; the first page has none of its own."""


@st.cache_resource(show_spinner=False)
def solve_queue() -> SolveQueue:
    """Return the queue of this server, which goes on where an earlier server ended."""
    made = SolveQueue(Store())
    made.resume()
    return made


@st.cache_resource(max_entries=16)
def _held(folder: str) -> Work:
    return Work(Path(folder))


def make_ready(page: str) -> None:
    """Have a process ready for the solve that this session is likely to ask for next, on a page from which that is done.

    Without a server, as in tests of single pages, nothing happens.
    """
    if page not in SOLVED_FROM or not runtime.exists():
        return
    work = current()
    solve_queue().prepare(work.folder if work is not None else None)


def current() -> Work | None:
    """The workbook that this session works on. Its sheets are held, so that a large one is not read from disk at every click."""
    found = solve_queue().store.work(current_id())
    return _held(str(found.folder)) if found else None


def current_id() -> str | None:
    """The id of the work that this session works on, also where it is deleted, or there is none of that id."""
    return st.session_state.get(WORK) or st.query_params.get(WORK)


def deleted() -> Work | None:
    """The work that this session works on, if it is deleted and can be restored."""
    found = solve_queue().store.kept(current_id())
    return found if found is not None and found.deleted is not None else None


def chosen() -> Run | None:
    """The solve that this session looks at."""
    work = current()
    return work.run(chosen_id()) if work else None


def chosen_id() -> str | None:
    """The id of the solve that this session looks at, also where it is deleted, or there is none of that id."""
    return st.session_state.get(PLAN) or st.query_params.get(PLAN)


def look_at(work: Work, run: Run | None = None) -> None:
    """Work on this from now on."""
    st.session_state[WORK] = work.id
    st.session_state[PLAN] = run.id if run else None
    keep_address()


def enter(page: str) -> None:
    """Note that a run of this page begins. A page that is entered with a work in its address is that work's and that plan's.

    So it is with a bookmark, and where the browser goes back or forward. Moving on by the navigation drops both from the address; then
    they are those of the page before.
    """
    st.session_state["entered"] = st.session_state.get("page") != page
    st.session_state["page"] = page
    if st.session_state["entered"] and st.query_params.get(WORK):
        for name in (WORK, PLAN):
            st.session_state[name] = st.query_params.get(name)
    keep_address()


def keep_address() -> None:
    """Write into the address what this session works on, in one step."""
    values = {name: st.session_state.setdefault(name, st.query_params.get(name)) for name in (WORK, PLAN)}
    wanted = {name: value for name, value in values.items() if value}
    if {name: st.query_params.get(name) for name in wanted} != wanted:
        st.query_params.update(wanted)
    for name in values.keys() - wanted.keys():
        if name in st.query_params:
            del st.query_params[name]


def go(page: str) -> None:
    """Move to a page, the address with it."""
    st.switch_page(page_named(page).script, query_params={name: st.session_state[name] for name in (WORK, PLAN) if st.session_state.get(name)})


@st.cache_resource(max_entries=16)
def _plan(folder: str) -> Plan:
    return Run(Path(folder)).plan()


def plan_of(run: Run) -> Plan:
    """The plan of a finished solve. It is shared between sessions that know its run: nobody may change it."""
    return _plan(str(run.folder))


@st.cache_resource(max_entries=16)
def _studies(folder: str, written: int) -> dict:
    return Run(Path(folder)).studies()


def studies_of(run: Run) -> dict:
    """The further tables of a finished solve, such as its playbook, with those of the studies that were asked for since."""
    return _studies(str(run.folder), run.studies_written)


def finished(work: Work) -> list[Run]:
    """The solves of a work that gave a plan, oldest first."""
    return [run for run in work.runs if run.has_plan]


def forget() -> None:
    """Work on nothing from now on."""
    for name in (WORK, PLAN):
        st.session_state[name] = None
    keep_address()


def edited_since(work: Work, run: Run) -> bool:
    """Return whether the inputs say something else than they said when this solve was asked for. What was edited and taken back says the same."""
    if work.edition <= run.request["asked"] * 1e9:
        return False
    factor = run.request.get("budget")
    return (work.sheets if factor is None else budget_scaled(work.sheets, factor)) != run.sheets


def wait_for(run: Run) -> None:
    """Show the plan of this solve as soon as there is one."""
    st.session_state["awaited"] = run.id


def awaited(run: Run) -> bool:
    """Return whether this solve's plan is to be shown now; true once."""
    if st.session_state.get("awaited") != run.id:
        return False
    del st.session_state["awaited"]
    return True


@st.cache_resource(max_entries=16)
def _reading(folder: str, edited: int) -> Reading | WorkbookError:
    work = _held(folder)
    try:
        return case_from_sheets(work.sheets, work.name, work.sha256)
    except WorkbookError as error:
        return error


def reading_of(work: Work) -> Reading | WorkbookError:
    """Return what the workbook says with the planner's edits, or everything that is wrong with it."""
    return _reading(str(work.folder), work.edition)
