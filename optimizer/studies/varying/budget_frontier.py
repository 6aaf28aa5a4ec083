"""The frontier over the budget: what more or less money would bring, every amount of the Budget sheet times a factor, the risk weight that of the plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from optimizer.plan.plan import Plan
from optimizer.schema.results import Output
from optimizer.solving.watch import Phase, Progress, Watch
from optimizer.studies.study import Study, solution_of
from optimizer.studies.varying.frontiers import MOST_SECONDS, frontier
from optimizer.studies.varying.frontiers import TABLES as OF_WEIGHTS

FACTORS = (0.6, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5)
"""The factors on the budget, unless others are asked for."""

TABLES = (
    Output(
        "budget_frontier",
        "Budget frontier",
        "What more or less money would bring: the plan for each factor on every amount of the Budget sheet, on the same futures.",
        OF_WEIGHTS[0].columns,
    ),
)


def budget_frontier(
    plan: Plan, progress: Callable[[Progress], None] | None = None, *, factors: Sequence[float] = FACTORS, seconds: float = MOST_SECONDS
) -> dict[str, pd.DataFrame]:
    """Make the table budget_frontier, as TABLES declares it, a row a factor; it is empty for a workbook without a budget.

    factors: on every amount of the Budget sheet, at least 0. seconds: what all points may take; those that are left then are blank. progress is told
    several times a second where it stands. ValueError for a plan without its solver's arrays, or a negative factor.

    >>> table = optimizer.studies.budget_frontier(optimizer.solve("sample_inputs/tutorial.xlsx"), factors=[0.8, 1])["budget_frontier"]
    >>> (table["objective"].diff().dropna() <= 0).all()
    True
    """
    if not solution_of(plan).built.case.budget:
        Watch(report=progress).tell(Phase.FRONTIER)
        return {"budget_frontier": TABLES[0].frame([])}
    return {"budget_frontier": TABLES[0].frame(frontier(plan, progress, budgets=factors, seconds=seconds)["frontier"])}


BUDGET_FRONTIER = Study(
    "budget_frontier",
    "Cost against budget",
    "What more or less money would bring: the plan under each factor on the budget, at the plan's own risk weight, all on the futures of this plan.",
    TABLES,
    budget_frontier,
    on_request=True,
    takes="up to two minutes",
    nothing="The workbook has no budget.",
    together=True,
)
"""The study as the registry lists it."""
