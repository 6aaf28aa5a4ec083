"""What a planner decides beforehand, on the page that makes a plan. Each is an edit of the inputs like any other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from optimizer.case import Case, Disruption, Offer
from optimizer.editing import (
    CERTAIN_COLUMNS,
    as_before,
    column_at,
    column_positions,
    coming,
    currency_of,
    delete_rows,
    entry_text,
    fixed_stocks,
    is_out,
    raw_of,
    readings_of,
    typed,
    value_at,
    with_certain,
    with_decided,
    with_fields,
    with_fixed_contract,
    with_fixed_stock,
    with_offer_again,
    without_disruption,
    without_offer,
)
from optimizer.errors import WorkbookError
from optimizer.intake import RawSheet, case_from_sheets
from optimizer.runs import Work
from optimizer.schema import INPUTS, Sheet
from ui.grid import editing
from ui.parts import changes
from ui.words import levers as text
from ui.words.escape import md, short

SHEETS = {sheet.name: sheet for sheet in INPUTS}
SUPPLIERS, LIMITS, BUDGET, DISRUPTIONS = (SHEETS[name] for name in ("Suppliers", "Limits", "Budget", "Disruptions"))
_NAME = 80
"""Letters of a name."""


def show(work: Work, case: Case, is_listed: bool) -> None:
    """The levers, folded up, and what is changed in the inputs. is_listed: whether the workbook lists its futures itself."""
    block = st.expander(text.HEAD, icon=":material/tune:", key="levers", on_change="rerun")
    if not block.open:
        return
    with block:
        st.markdown(text.LINE)
        kind = st.segmented_control(
            text.KIND, list(text.KINDS), format_func=text.KINDS.get, default="offers", required=True, key="levers:kind", label_visibility="collapsed", wrap=True
        )
        if remark := editing.remark():
            st.warning(remark)
        if kind == "disruptions" and is_listed:
            st.markdown(text.LISTED)
        else:
            LEVERS[kind or "offers"](work, case)
    changes.changed(work, opened=True)


def _key(*parts: object) -> str:
    """The name of a widget, which is made anew from the sheets after each change."""
    return ":".join(["lever", str(editing.generation()), *map(str, parts)])


# -- offers, projects, contracts -------------------------------------------------------------------------------------------


def _keep(work: Work, sheets: tuple[RawSheet, ...]) -> None:
    """Keep a change, unless the workbook would be wrong with it: then say why."""
    try:
        case_from_sheets(sheets, work.name, work.sha256)
    except WorkbookError as error:
        st.warning("\n".join([text.WRONG, *(f"- **{md(problem.where)}** {md(problem.message, 400)}" for problem in error.problems)]))
        return
    editing.replace(work, sheets)


def _offers(work: Work, case: Case) -> None:
    """Which offers are left out."""
    offers = {offer.row: offer for offer in case.offers}
    out = [row for row, offer in offers.items() if is_out(case, offer)]
    picked = st.multiselect(text.OUT, list(offers), default=out, format_func=lambda row: short(offers[row].name, _NAME), key=_key("offers"), help=text.OUT_HELP)
    if set(picked) == set(out):
        return
    sheets = work.sheets
    for row, offer in offers.items():
        if row in picked and row not in out:
            sheets = without_offer(sheets, case, offer)
        elif row in out and row not in picked:
            again = with_offer_again(work.original_sheets, sheets, case, offer)
            if again == sheets:
                editing.say(text.STILL_OUT)
            sheets = again
    _keep(work, sheets)


def _projects(work: Work, case: Case) -> None:
    """Whether each project starts in any case, or never."""
    if not case.projects:
        st.markdown(text.NONE["projects"])
    for project in case.projects:
        picked = st.segmented_control(
            md(project.project, _NAME),
            list(text.DECIDED),
            default=project.decided,
            required=True,
            format_func=text.DECIDED.get,
            key=_key("project", project.row),
            help=text.DECIDED_HELP,
            wrap=True,
        )
        if picked and picked != project.decided:
            _keep(work, with_decided(work.sheets, project, picked))


def _contracts(work: Work, case: Case) -> None:
    """The contracts whose quantity is fixed, and a form for one more."""
    offers = {offer.row: offer for offer in case.offers if offer.contractable}
    if not offers:
        st.markdown(text.NONE["contracts"])
        return
    raw = _sheet(work, SUPPLIERS)
    st.markdown(text.CONTRACT_LINE)
    for row, offer in offers.items():
        if offer.fixed_contract is not None:
            said = text.fixed(md(offer.name, _NAME), md(_cell(raw, row, "fixed_contract")), md(text.per_year(_unit(case, raw, offer))))
            if _listed(said, _key("free", row)):
                _keep(work, with_fixed_contract(work.sheets, offer, None))
    with st.form(_key("contract"), border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        units = {row: text.per_year(_unit(case, raw, offer)) for row, offer in offers.items()}
        row = st.selectbox(
            text.OFFER, list(offers), format_func=lambda row: f"{short(offers[row].name, _NAME)}, {units[row]}", key=_key("contract offer"), width=420
        )
        said = st.text_input(text.QUANTITY, key=_key("contract quantity"), width=160)
        if st.form_submit_button(text.FIX, type="primary", icon=":material/push_pin:") and said.strip():
            _apply(work, SUPPLIERS, "fixed_contract", said, lambda value: with_fixed_contract(work.sheets, offers[row], value))


def _sheet(work: Work, sheet: Sheet) -> RawSheet:
    """A sheet that has rows, as they are typed."""
    raw = raw_of(work.sheets, sheet)
    assert raw is not None  # the case has rows of it
    return raw


def _cell(raw: RawSheet, row: int, column: str) -> str:
    """What is typed in a row's cell of a column."""
    at = column_positions(raw).get(column)
    return "" if at is None else entry_text(value_at(raw, row, at), column_at(raw, row, at), (row - 1, at - 1) in raw.percents) or ""


def _unit(case: Case, raw: RawSheet, offer: Offer) -> str:
    """The unit in which the row of an offer is typed."""
    return _cell(raw, offer.row, "unit") or next(m.unit for m in case.materials if m.material == offer.material)


def _listed(said: str, key: str) -> bool:
    """One line of what is fixed; return whether it is to be left to the plan again."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(said, width="content")
        return st.button(text.FREE, key=key, icon=":material/undo:", type="tertiary")


def _apply(work: Work, sheet: Sheet, column: str, said: str, change: Callable[[Any], tuple[RawSheet, ...]]) -> None:
    """Carry out a change with a number that was typed, as in the grid; what can be read in several ways, or not at all, is said and changes nothing."""
    value = typed(said, sheet.column(column), currency_of(work.sheets))
    if isinstance(value, str):
        st.warning(text.not_read(md(said, _NAME), readings_of(said, sheet.column(column), currency_of(work.sheets))))
        return
    _keep(work, change(value))


# -- stocks, budgets, disruptions --------------------------------------------------------------------------------------------


def _stocks(work: Work, case: Case) -> None:
    """The stocks that are fixed, and a form for one more."""
    units = {m.material: m.unit for m in case.materials}
    st.markdown(text.STOCK_LINE)
    for limit in fixed_stocks(case):
        said = text.fixed(md(limit.limit, _NAME), md(_cell(_sheet(work, LIMITS), limit.row, "minimum")), md(units[limit.material[0]]))
        if _listed(said, _key("stock", limit.row)):
            _keep(work, delete_rows(work.sheets, _sheet(work, LIMITS).name, [limit.row]))
    with st.form(_key("stocks"), border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        material = st.selectbox(text.MATERIAL, list(units), format_func=lambda name: f"{short(name, _NAME)}, {units[name]}", key=_key("material"), width=300)
        since = st.selectbox(text.SINCE, case.calendar.labels, key=_key("since"), width=200)
        said = st.text_input(text.QUANTITY, key=_key("stock quantity"), width=160)
        if st.form_submit_button(text.FIX, type="primary", icon=":material/push_pin:") and said.strip():
            _apply(work, LIMITS, "minimum", said, lambda value: with_fixed_stock(work.sheets, material, value, since))


def _budgets(work: Work, case: Case) -> None:
    """The amount of each year."""
    if not case.budget:
        st.markdown(text.NONE["budgets"])
        return
    raw, currency, column = _sheet(work, BUDGET), case.settings.currency, BUDGET.column("amount")
    st.markdown(text.BUDGET_LINE)
    with st.form(_key("budgets"), border=False):
        said = {}
        for row in case.budget:
            label = text.amount_of(str(row.fiscal_year), row.category, ", ".join(row.material), currency)
            said[row.row] = st.text_input(md(label, _NAME), value=_cell(raw, row.row, "amount"), key=_key("budget", row.row), width=300)
        if not st.form_submit_button(text.APPLY, type="primary", icon=":material/check:"):
            return
    sheets = work.sheets
    for number, words in said.items():
        if words.strip() and words != _cell(raw, number, "amount"):
            value = typed(words, column, currency)
            if isinstance(value, str):
                st.warning(text.not_read(md(words, _NAME), readings_of(words, column, currency)))
                return
            sheets = with_fields(sheets, BUDGET, number, {"amount": value})
    if sheets != work.sheets:
        _keep(work, sheets)


BY_CHANCE = -2
"""The choice that leaves a disruption to chance, beside its period and -1 for never."""


def _disruptions(work: Work, case: Case) -> None:
    """Whether each disruption comes by chance, for certain in a period, or never."""
    if not case.disruptions:
        st.markdown(text.NONE["disruptions"])
    labels = case.calendar.labels

    def words(choice: int) -> str:
        return text.CHANCE if choice == BY_CHANCE else text.NEVER if choice < 0 else text.certain(labels[choice])

    for disruption in case.disruptions:
        stands = coming(disruption)
        stands = BY_CHANCE if stands is None or stands >= len(labels) else stands
        options = [BY_CHANCE, -1, *range(len(labels))]
        picked = st.selectbox(
            short(disruption.disruption, _NAME),
            options,
            index=options.index(stands),
            format_func=words,
            key=_key("disruption", disruption.row),
            help=text.CERTAIN_HELP,
            width=420,
        )
        if picked != stands:
            _keep(work, _coming(work, case, disruption, picked))


def _coming(work: Work, case: Case, disruption: Disruption, picked: int) -> tuple[RawSheet, ...]:
    """The sheets in which a disruption comes as was picked."""
    if picked == BY_CHANCE:
        return as_before(work.original_sheets, work.sheets, DISRUPTIONS, [disruption.row], CERTAIN_COLUMNS)
    return without_disruption(work.sheets, disruption) if picked < 0 else with_certain(work.sheets, case, disruption, picked)


LEVERS: dict[str, Callable[[Work, Case], None]] = {
    "offers": _offers,
    "projects": _projects,
    "contracts": _contracts,
    "stocks": _stocks,
    "budgets": _budgets,
    "disruptions": _disruptions,
}
