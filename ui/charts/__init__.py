"""The charts that pages draw: Altair charts for st.altair_chart, ECharts options for st.echarts_chart.

All read on light and on dark and take the width of their place; colours, axes and legends stand in style.py.

Knows the plan, the charts of optimizer.report and words; neither Streamlit nor sessions.
"""

from __future__ import annotations

from ui.charts.compare import bound_chart, compare_costs, cost_risk, waterfall
from ui.charts.flows import flows, flows_height, flows_left_out
from ui.charts.plan import budget, cost_histogram, costs, days_fan, mix, stock_fan
from ui.charts.replay import disruption_strip, playbook, replay_days, replay_demand, replay_orders, replay_stock, spells
from ui.charts.studies import of_study

__all__ = [
    "bound_chart",
    "budget",
    "compare_costs",
    "cost_histogram",
    "cost_risk",
    "costs",
    "days_fan",
    "disruption_strip",
    "flows",
    "flows_height",
    "flows_left_out",
    "mix",
    "of_study",
    "playbook",
    "replay_days",
    "replay_demand",
    "replay_orders",
    "replay_stock",
    "spells",
    "stock_fan",
    "waterfall",
]
