"""Where the materials of a plan come from: what is ordered of each offer, and how much of it comes from few places."""

from __future__ import annotations

import pandas as pd

from optimizer.case import Disruption
from optimizer.plan.plan import Plan

NOT_STATED = "not stated"


def expected_orders(plan: Plan) -> pd.Series:
    """Return the quantity ordered over the horizon, the mean over all futures, by (supplier, material, offer)."""
    rows = plan.tables["scenario_orders"]
    weight = rows["scenario"].map(plan.tables["scenarios"].set_index("scenario")["probability"]).astype(float)
    amount = (rows["spot"] + rows["contract"]).astype(float) * weight
    return amount.groupby([rows["supplier"], rows["material"], rows["offer"]], sort=False).sum()


def stages(plan: Plan) -> list[str]:
    """Say of each offer which stage of the value chain it is, as far as the workbook tells: by its inputs, and by the kind of its project."""
    kinds = {project.project: project.kind for project in plan.case.projects}
    found = []
    for offer, inputs in zip(plan.case.offers, plan.case.inputs_of_offers()):
        if inputs:
            found.append(f"processing of {', '.join(name for name, _ in inputs)}")
        else:
            found.append("recycling" if kinds.get(offer.project or "") == "recycling" else NOT_STATED)
    return found


def shares(ordered: pd.Series, groups: list[str]) -> pd.Series:
    """Return each group's share of what is ordered, the largest first; empty where nothing is."""
    totals = pd.Series(ordered.to_numpy(float)).groupby(pd.Series(groups, dtype=object).to_numpy(), sort=False).sum()
    return (totals[totals > 0] / totals.sum()).sort_values(ascending=False, kind="stable") if totals.sum() > 0 else totals.iloc[:0]


def concentration(parts: pd.Series) -> float:
    """Return the Herfindahl-Hirschman index of shares that add up to 1: 10,000 for one source, 0 for countless ones (Herfindahl, 1950; Hirschman, 1945)."""
    return float(10_000 * (parts**2).sum())


def strikes_supply(disruption: Disruption) -> bool:
    """Return whether a disruption does anything to the offers that its filters contain; a surge of demand alone does not."""
    return disruption.capacity_remaining < 1 or disruption.lead_time_added_months > 0 or disruption.price_multiplier != 1


def chance_within(plan: Plan) -> dict[str, float]:
    """Return disruption -> the chance that it is active at some time within the horizon; nothing of one that never is."""
    events, chances = plan.tables["scenario_events"], plan.tables["scenarios"].set_index("scenario")["probability"]
    within = events.drop_duplicates(["scenario", "disruption"])
    total = within["scenario"].map(chances).astype(float).groupby(within["disruption"], sort=False).sum()
    return {str(name): min(1.0, float(chance)) for name, chance in total.items()}
