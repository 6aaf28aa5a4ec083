"""Everything that is made of a plan, for tests that all of it can be made whatever the figures are."""

from __future__ import annotations

import io
import json

import pandas as pd
import vl_convert
from openpyxl import load_workbook
from plans import BITING, SCRIPT

from optimizer.plan import answer
from optimizer.plan.record import from_record, to_record
from optimizer.report.plan_book import plan_bytes
from optimizer.studies import compare
from optimizer.studies.differences import differences
from optimizer.studies.living.unseen_futures import known_already
from ui import charts
from ui.charts import world
from ui.report.board import report_html


def worst(plan) -> str:
    """The name of the dearest future."""
    return plan.tables["scenarios"].sort_values("cost")["scenario"].iloc[-1]


def playbook_of(plan, material: str) -> pd.DataFrame:
    """Rows as the table playbook has them, made of the plan's own cover."""
    cover = plan.tables["cover"]
    rows = cover[cover["material"] == material].rename(columns={"quantity": "stock"}).reset_index(drop=True)
    periods = plan.case.calendar.labels
    return rows.assign(disruption=SCRIPT, begins=periods[0], lasts_until=periods[len(periods) // 2], ordered=1.0, stock_undisturbed=rows["stock"] + 1)


def every_chart(plan, most: int = 4) -> list:
    """Every chart of the app; those of a material for so many materials."""
    rows = [
        {"supplier": o.supplier, "material": o.material, "bloc": o.bloc, "country": o.country, "capacity_per_year": o.capacity_per_year}
        for o in plan.case.offers
    ]
    progress = [{"seconds": 0.0, "incumbent": None, "bound": -1e30}, {"seconds": 1.0, "incumbent": 5.0, "bound": 4.0}]
    found = [
        charts.budget(plan),
        charts.costs(plan),
        charts.cost_histogram(plan),
        charts.disruption_strip(plan, worst(plan)),
        charts.compare_costs({SCRIPT: plan, BITING[5]: plan, BITING[5] + "!": plan}),
        charts.cost_risk({SCRIPT: plan, "other": plan}),
        charts.waterfall(plan, plan, (SCRIPT, SCRIPT), differences(plan, plan)),
        charts.bound_chart(progress, plan.case.settings.currency),
        world.sources_map(rows),
    ]
    found += [drawn for _, drawn, _ in charts.of_study("out_of_sample", plan, known_already(plan))]
    for material in [m.material for m in plan.case.materials][:most]:
        found += [
            charts.stock_fan(plan, material),
            charts.days_fan(plan, material),
            charts.mix(plan, material),
            charts.playbook(playbook_of(plan, material)),
            charts.replay_stock(plan, worst(plan), material),
            charts.replay_days(plan, worst(plan), material),
            charts.replay_demand(plan, worst(plan), material),
            charts.replay_orders(plan, worst(plan), material),
            world.sources_map(rows, material, "t"),
        ]
    return found


def make_all(plan, picture: bool = True) -> None:
    """Make the workbook, the JSON, the report, every chart (as a picture), the flows, the figures and the comparison of a plan; all must hold."""
    book = load_workbook(io.BytesIO(plan_bytes(plan)), read_only=True)
    assert {"Summary", "Charts", "Chart data"} <= set(book.sheetnames)
    shown = [row for row in book["Chart data"].iter_rows(values_only=True)]
    start = next(n for n, row in enumerate(shown) if str(row[0]).startswith("Cost of the futures"))
    chances = [sum(value or 0.0 for value in row[1:3]) for row in shown[start + 2 :] if row[0] is not None]
    assert abs(sum(chances) - plan.tables["scenarios"]["probability"].sum()) < 1e-6 and len(chances) <= 24
    content = json.loads(plan.to_json())
    assert content["status"] == plan.status and len(content["scenarios"]) == len(plan.tables["scenarios"])
    page = report_html(plan)
    assert "</html>" in page and ">nan<" not in page.lower() and ">inf<" not in page.lower()
    for chart in every_chart(plan, 1):
        spec = chart.to_dict()
        if picture:
            vl_convert.vegalite_to_svg({**spec, "width": 600}, allowed_base_urls=[])
    for material in (None, plan.case.materials[0].material):
        charts.flows(plan, material)
    assert plan.headlines and answer(plan)
    compare([plan, plan], ["one", "other"])
    if plan.sheets:
        assert from_record(to_record(plan)).objective == plan.objective
