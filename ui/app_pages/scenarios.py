"""The futures: the worst and the typical ones, their cost and shortages, each replayed on the charts."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from optimizer.plan import Plan
from ui import charts
from ui.parts import access, plan_view, tables
from ui.parts.plan_sections import pick_material
from ui.words import scenarios as text
from ui.words import shared as common
from ui.words.escape import md

WORST = 10
TYPICAL = 10


def table_of(plan: Plan) -> pd.DataFrame:
    """Every future with its cost and how much of each goes short, the dearest first."""
    scenarios = plan.tables["scenarios"]
    short = plan.tables["scenario_stock"]
    hit = short[short["short"] > 0].groupby("scenario")["period"].nunique()
    return scenarios.assign(short_periods=scenarios["scenario"].map(hit).fillna(0).astype(int)).sort_values("cost", ascending=False, kind="stable")


def typical(futures: pd.DataFrame) -> pd.DataFrame:
    """The futures around the one in the middle by cost: as many dearer as cheaper ones, by probability."""
    middle = int((futures["probability"].cumsum() < 0.5).sum())
    first = max(0, min(middle - TYPICAL // 2, len(futures) - TYPICAL))
    return futures.iloc[first : first + TYPICAL]


def replay(plan: Plan, scenario: str) -> None:
    """One future on the charts."""
    line = plan.tables["scenarios"].set_index("scenario").loc[scenario]
    st.header(text.replay_of(md(scenario, 60)), anchor=False)
    st.markdown(text.happens(md(line["events"], 600)))
    st.altair_chart(charts.disruption_strip(plan, scenario), width="stretch")
    material = pick_material(plan, "replay:material")
    left, right = st.columns(2, gap="medium")
    with left:
        plan_view.chart(common.STOCK_HEAD, charts.replay_stock(plan, scenario, material), text.REPLAY_NOTE)
    with right:
        plan_view.chart(text.SHORT_HEAD, charts.replay_demand(plan, scenario, material), text.SHORT_NOTE)
    plan_view.chart(text.REPLAY_ORDERS, charts.replay_orders(plan, scenario, material), text.REPLAY_ORDERS_NOTE)


work, run, plan = access.need_plan()
st.title(text.SCENARIOS_TITLE, anchor=False)
futures = table_of(plan)
st.markdown(text.scenarios_line(len(futures), plan.probability_of_shortage))
which = st.segmented_control(text.WHICH_FUTURES, list(text.FUTURE_KINDS), format_func=text.FUTURE_KINDS.get, default="worst", required=True, key="futures")
shown = {"worst": futures.head(WORST), "typical": typical(futures), "all": futures}[which or "worst"].reset_index(drop=True)
declared = tables.output("scenarios").columns
columns = {name: declared[name] for name in ("scenario", "events", "cost", "shortage_cost")} | {"short_periods": ("periods", text.SHORT_PERIODS)}
columns |= {name: declared[name] for name in ("probability", "in_tail")}
event = tables.table(shown, plan, columns, text.SCENARIOS_TITLE, on_select="rerun", selection_mode="single-row", key=f"futures:{which}:{run.id}")
picked = event.selection.rows
st.markdown(text.PICK_FUTURE)
replay(plan, shown["scenario"].iloc[picked[0] if picked else 0])
