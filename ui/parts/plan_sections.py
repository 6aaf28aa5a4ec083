"""The sections of the plan page, one function each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st

from optimizer.plan import Plan
from optimizer.report import TYPED
from optimizer.runs import Run
from optimizer.schema import Field
from optimizer.studies import STUDIES, Study
from ui import charts
from ui.parts import plan_view, report_view, study_view, tables
from ui.session import state
from ui.words import plan as text
from ui.words import shared as common
from ui.words.escape import md, short

INK = "#1F2933"
"""The flows' labels on the light theme, whose own are pale."""

NOT_STARTING = "Not starting "
"""What the study of reversals begins the decision with that a project does not start."""

PILLS = 12
"""Materials up to which each gets a button of its own; beyond, a list."""


def show(section: str, run: Run, plan: Plan) -> None:
    """One section of the plan page."""
    SECTIONS[section](run, plan)


def pick_material(plan: Plan, key: str, *, every: str = "") -> str | None:
    """The material to look at. every: the name of a choice for all of them together, which gives None."""
    materials = [m.material for m in plan.case.materials]
    options = ["", *materials] if every else materials
    if len(options) == 1:
        return materials[0]
    if len(options) <= PILLS:
        picked = st.pills(
            text.MATERIAL, options, default=options[0], required=True, format_func=lambda m: md(m, 40) if m else every, key=key, label_visibility="collapsed"
        )
    else:
        picked = st.selectbox(text.MATERIAL, options, format_func=lambda m: short(m, 60) if m else every, key=key)
    return picked or None


# -- what to do ------------------------------------------------------------------------------------------------------------


def what_to_do(run: Run, plan: Plan) -> None:
    """Show what to sign, start, order and hold, and when."""
    found, first = plan.tables, plan.case.calendar.label(0)
    st.header(text.SIGN, anchor=False, help=text.SIGN_HELP)
    if found["contracts"].empty:
        st.markdown(text.SIGN_NOTHING)
    else:
        terms = ("price", "begins", "ends", "take_or_pay", "committed", "value")
        known = [name for name in terms if found["contracts"][name].notna().any()]  # a plan of an earlier version does not know them
        _table("contracts", plan, "supplier", "material", "offer", "bloc", "per_year", "unit", *known, "lifted")
    st.header(text.START_WHAT, anchor=False, help=text.START_HELP)
    if found["projects"].empty:
        st.markdown(text.NO_PROJECTS)
    else:
        projects(run, plan)
    st.header(text.ORDER, anchor=False, help=text.ORDER_HELP)
    period = st.select_slider(text.PERIOD, plan.case.calendar.labels, value=first, key="order:period") if len(plan.case.calendar.labels) > 1 else first
    orders = found["orders"]
    now = orders[orders["period"] == period]
    if now.empty:
        st.markdown(text.order_nothing(period))
    else:
        _table("orders", plan, "supplier", "material", "offer", "bloc", "spot", "contract", "unit", "cost", "arrives", rows=now)
    for name in ("filed", "held_back", "sales", "small_orders"):
        _where_any(name, plan)
    st.header(text.HOLD, anchor=False, help=text.HOLD_HELP)
    tables.table(_peaks(plan), plan, text.PEAK_COLUMNS, text.HOLD, text.PEAK_LABELS)


def projects(run: Run, plan: Plan) -> None:
    """Show the projects that start, and folded those that do not, with their reason."""
    table = plan.tables["projects"]
    starts = table["start"].notna() | table["if"].notna()
    if starts.any():
        waits = ("if", "chance") if table["if"].notna().any() else ()
        _table("projects", plan, "project", "kind", "start", *waits, "ready", "cost", rows=table[starts])
    else:
        st.markdown(text.START_NOTHING)
    left = table[~starts]
    if left.empty:
        return
    with st.expander(text.not_started(len(left))):
        told = _why_not(state.studies_of(run))
        reasons = left.assign(reason=[told.get(project, reason) for project, reason in zip(left["project"], left["reason"])])
        _table("projects", plan, "project", "kind", "cost", "reason", rows=reasons)


def _why_not(found: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Return project -> why it does not start, of those of which the study of what reversing costs tells more than the plan itself."""
    regret = found.get("regret")
    if regret is None:
        return {}
    rows = regret[(regret["kind"] == "project") & (regret["verdict"] != "not known") & regret["decision"].str.startswith(NOT_STARTING)]
    return {decision.removeprefix(NOT_STARTING): words for decision, words in zip(rows["decision"], rows["words"])}


def _columns(name: str, *columns: str) -> dict[str, Field]:
    declared = tables.output(name).columns
    return {column: declared[column] for column in columns}


def _table(name: str, plan: Plan, *columns: str, rows: pd.DataFrame | None = None) -> None:
    """A result table, or some rows of it, without the name of the offer where none has one."""
    frame = plan.tables[name] if rows is None else rows
    filled = [column for column in columns if not (column == "offer" and (frame[column] == "").all())]
    typed = [column for column in filled if (name, column) in TYPED]
    tables.table(frame, plan, _columns(name, *filled), tables.output(name).help, typed=typed)


def _where_any(name: str, plan: Plan) -> None:
    """A result table with all its columns under its own heading, where it has any row: most cases do not ask for it."""
    if not plan.tables[name].empty:
        declared = tables.output(name)
        st.header(declared.sheet, anchor=False, help=declared.help)
        _table(name, plan, *declared.columns)


def _peaks(plan: Plan) -> pd.DataFrame:
    """Each material's largest stock and when, and its cover then and on average, on the reference path."""
    rows = []
    for material, cover in plan.tables["cover"].groupby("material", sort=False):
        days = pd.to_numeric(cover["cover_days"], errors="coerce")
        peak = cover.loc[cover["quantity"].idxmax()]
        rows.append(
            {
                "material": material,
                "quantity": peak["quantity"],
                "unit": peak["unit"],
                "period": peak["period"],
                "cover_days": days[peak.name],
                "mean_days": days.mean(),
            }
        )
    return pd.DataFrame(rows)


# -- stock, suppliers, flows, money ----------------------------------------------------------------------------------------


def stock(run: Run, plan: Plan) -> None:
    """Stock and cover over time, with the fan over the futures."""
    material = pick_material(plan, "stock:material")
    left, right = st.columns(2, gap="medium")
    with left:
        plan_view.chart(common.STOCK_HEAD, charts.stock_fan(plan, material), text.FAN_NOTE)
    with right:
        plan_view.chart(common.DAYS_HEAD, charts.days_fan(plan, material), text.FAN_NOTE)


def suppliers(run: Run, plan: Plan) -> None:
    """Who supplies, by bloc over time."""
    material = pick_material(plan, "mix:material")
    by = st.segmented_control(text.MIX_BY, list(text.MIX_WAYS), format_func=text.MIX_WAYS.get, default="bloc", required=True, key="mix:by") or "bloc"
    head, note = text.MIX_HEADS[by]
    plan_view.chart(head, charts.mix(plan, material, by), note)
    orders = plan.tables["orders"]
    mine = orders[orders["material"] == material]
    if not mine.empty:
        by_offer = mine.groupby(["supplier", "offer", "bloc", "origin", "unit"], sort=False, as_index=False)[["spot", "contract", "cost"]].sum()
        by_offer = by_offer.sort_values("cost", ascending=False)
        _table("orders", plan, "supplier", "offer", "bloc", "origin", "spot", "contract", "unit", "cost", rows=by_offer)


def flows(run: Run, plan: Plan) -> None:
    """From suppliers through materials to uses."""
    material = pick_material(plan, "flows:material", every=text.ALL_MATERIALS)
    st.header(text.FLOWS_HEAD, anchor=False, help=text.FLOWS_NOTE)
    drawn = charts.flows(plan, material, ink=None if st.context.theme.type == "dark" else INK)
    if drawn is None:
        st.markdown(text.NO_FLOWS)
        return
    st.echarts_chart(drawn, height=charts.flows_height(drawn), key="flows")
    for line in charts.flows_left_out(plan, material):
        st.caption(md(line, 600))


def money(run: Run, plan: Plan) -> None:
    """Show what the plan costs, and its spending against the budget."""
    left, right = st.columns(2, gap="medium")
    with left:
        plan_view.chart(text.BUDGET_HEAD, charts.budget(plan), text.BUDGET_NOTE)
    with right:
        plan_view.chart(common.COSTS_HEAD, charts.costs(plan), common.COSTS_NOTE)
    st.header(text.YEARLY_HEAD, anchor=False, help=text.YEARLY_NOTE)
    tables.table(plan.tables["yearly"], plan, tables.output("yearly").columns, text.YEARLY_HEAD)
    plan_view.chart(text.SPREAD_HEAD, charts.cost_histogram(plan), text.SPREAD_NOTE)
    _where_any("budget", plan)
    # What is planned for beyond the horizon, where the workbook asks for it: no figure above counts any of it.
    for name in ("tail_costs", "tail_yearly", "tail_budget", "tail_projects", "tail_orders", "tail_cover", "tail_fill_rate"):
        _where_any(name, plan)


# -- why, and what if ------------------------------------------------------------------------------------------------------


def binds(run: Run, plan: Plan) -> None:
    """Show what stands in the way of a cheaper plan, and what one more unit of it is worth."""
    st.header(text.BINDS_HEAD, anchor=False)
    st.markdown(text.BINDS_NOTE)
    plan_view.lines(plan.sentences["binds"])
    table = plan.tables["binding"]
    if not table.empty:
        tables.table(table, plan, tables.output("binding").columns, text.BINDS_HEAD)
    _where_any("limits", plan)


def playbook(run: Run, plan: Plan) -> None:
    """Pick a disruption and its date, see what the plan does then, period by period."""
    st.header(text.PLAYBOOK_HEAD, anchor=False)
    if (work := state.current()) is not None:
        study_view.fill(work, run, STUDIES["playbook"])
    studies = state.studies_of(run)
    summary = studies.get("playbook_summary", pd.DataFrame())
    if summary.empty:
        st.markdown(text.NO_PLAYBOOK)
        return
    st.markdown(text.PLAYBOOK_NOTE)
    worst_first = summary.groupby("disruption", sort=False)["extra_cost"].max().sort_values(ascending=False).index.tolist()
    left, right = st.columns([2, 3], gap="medium")
    with left:
        disruption = st.selectbox(text.DISRUPTION, worst_first, format_func=lambda name: short(name, 80), key="playbook:disruption")
    dates = summary.loc[summary["disruption"] == disruption, "begins"].tolist()
    with right:
        begins = st.select_slider(text.BEGINS, dates, key=f"playbook:begins:{len(dates)}") if len(dates) > 1 else dates[0]

    def picked(name: str) -> pd.DataFrame:
        frame = studies[name]
        return frame[(frame["disruption"] == disruption) & (frame["begins"] == begins)]

    line, answer, orders = picked("playbook_summary").iloc[0], picked("playbook"), picked("playbook_orders")
    st.info(md(line["words"], 600))
    if answer.empty or not line["feasible"]:
        return
    material = pick_material(plan, "playbook:material")
    plan_view.chart(text.PLAYBOOK_CHART, charts.playbook(answer[answer["material"] == material]), text.PLAYBOOK_CHART_NOTE)
    st.markdown(f"**{text.PLAYBOOK_ORDERS}**")
    moved = orders[orders["material"] == material]
    if moved.empty:
        st.markdown(text.NO_ORDERS)
    else:
        tables.table(moved, plan, text.PLAYBOOK_ORDER_COLUMNS, text.PLAYBOOK_ORDERS)


def tables_of(study: Study) -> Callable[[Run, Plan], None]:
    """Return the section of a study that has no section of its own here: what it tells, and each of its tables."""

    def show_tables(run: Run, plan: Plan) -> None:
        st.header(study.title, anchor=False)
        st.markdown(study.meaning)
        study_view.show_tables(study, state.studies_of(run), plan)

    return show_tables


def reports(run: Run, plan: Plan) -> None:
    """Offer the reports of the plan."""
    report_view.offer(run, plan)


OWN = {"do": what_to_do, "stock": stock, "mix": suppliers, "flows": flows, "money": money, "binds": binds, "playbook": playbook, "reports": reports}

SECTIONS = {**{name: tables_of(study) for name, study in STUDIES.items() if not study.on_request}, **OWN}
"""The function that shows each section: a study is shown by its tables where no section of its own stands here."""
