"""A plan with its figures on futures that it has not seen in place of its own, from the tables of the study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from optimizer.plan.explain import money, percent, worst_futures
from optimizer.plan.headline import Headline
from optimizer.plan.plan import Plan
from optimizer.schema.costs import COST_PARTS


def on_unseen(plan: Plan, found: Mapping[str, pd.DataFrame]) -> Plan | None:
    """Return a plan with its figures on futures that it has not seen in place of its own, as far as the study's tables tell them.

    These are the expected cost with its parts, CVaR, the chance of a shortage, and how much of each demand is met. None without these tables.
    """
    if not found.keys() >= {"out_of_sample_costs", "out_of_sample_service"} or found["out_of_sample_service"].empty:
        return None
    unseen = found["out_of_sample_costs"].set_index("figure")["unseen"]
    service = found["out_of_sample_service"]
    word = {part.name: f"Expected {part.word.lower()}" for part in COST_PARTS}
    costs, rates = plan.tables["costs"].copy(), plan.tables["fill_rate"].copy()
    costs["expected"] = [unseen.get(word.get(part, ""), value) for part, value in zip(costs["part"], costs["expected"])]
    met = {(row.material, row.use): (row.fill_rate, row.chance) for row in service.itertuples()}
    for k, (material, use) in enumerate(zip(rates["material"], rates["use"])):
        if (material, use) in met:
            rates.loc[rates.index[k], ["fill_rate", "probability_of_shortage"]] = met[material, use]
    return replace(
        plan,
        expected_cost=float(unseen.get("Total expected cost", plan.expected_cost)),
        cvar=float(unseen.get(f"Cost in {worst_futures(plan.case.settings.cvar_level)}", plan.cvar)),
        probability_of_shortage=float(service["chance"].iloc[0]),
        tables={**plan.tables, "costs": costs, "fill_rate": rates},
    )


def unseen_headlines(plan: Plan, found: Mapping[str, pd.DataFrame]) -> dict[str, Headline]:
    """Return the headline figures of a plan that the study's tables tell on futures that it has not seen, by name; none without these tables."""
    seen = on_unseen(plan, found)
    if seen is None:
        return {}
    costs, anything = found["out_of_sample_costs"].set_index("figure"), found["out_of_sample_service"].iloc[0]
    rows = {"expected_cost": "Total expected cost", "cvar": f"Cost in {worst_futures(plan.case.settings.cvar_level)}", "shortage_losses": "Expected shortage"}
    ends = {name: (costs.loc[figure, "low"], costs.loc[figure, "high"]) for name, figure in rows.items() if figure in costs.index}
    ends["probability_of_shortage"] = (anything["chance_low"], anything["chance_high"])

    def write(line: Headline, value: float) -> str:
        return money(value, plan.case.settings.currency) if line.kind == "money" else percent(value)

    lines = {}
    for own, line in zip(plan.headlines, seen.headlines, strict=True):
        if line.name in ends or (line.name == "expected_cash" and line.value != own.value):
            between = f" (95% interval: {write(line, ends[line.name][0])} to {write(line, ends[line.name][1])})" if line.name in ends else ""
            meaning = f"On futures that the plan has not seen, deciding period by period{between}. {line.meaning}"
            lines[line.name] = replace(line, meaning=meaning)
    return lines
