"""The studies of a plan, each listed once: the worker runs them, the app shows them and the interface offers them from here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from optimizer.studies.cash import CASH_FLOW
from optimizer.studies.failing.stress_test import STRESS
from optimizer.studies.hedging.probability_ranges import RANGES
from optimizer.studies.lengthening.longer_horizon import HORIZON
from optimizer.studies.living.simple_rules import POLICIES_STUDY
from optimizer.studies.living.unseen_futures import OUT_OF_SAMPLE
from optimizer.studies.naive_plans import NAIVE_METHOD
from optimizer.studies.playbooks import PLAYBOOK
from optimizer.studies.resampling.replications import REPLICATIONS
from optimizer.studies.reversing.by_disruption import DECIDED_FOR
from optimizer.studies.reversing.regrets import REGRET
from optimizer.studies.shortages.causes import SHORTAGE_CAUSES
from optimizer.studies.study import Study
from optimizer.studies.thresholds.break_even import BREAK_EVEN
from optimizer.studies.thresholds.risk_map import RISK_MAP
from optimizer.studies.varying.budget_frontier import BUDGET_FRONTIER
from optimizer.studies.varying.frontiers import FRONTIER
from optimizer.studies.varying.sensitivity import TORNADO
from optimizer.studies.worth.valuation import VALUE

if TYPE_CHECKING:
    import pandas as pd

    from optimizer.plan.plan import Plan
    from optimizer.solving.watch import Progress

_ALL = (
    *(OUT_OF_SAMPLE, POLICIES_STUDY, REGRET, DECIDED_FOR, SHORTAGE_CAUSES, REPLICATIONS, STRESS, VALUE),
    *(FRONTIER, BUDGET_FRONTIER, TORNADO, BREAK_EVEN, RISK_MAP, RANGES, HORIZON, CASH_FLOW, PLAYBOOK),
)

STUDIES: dict[str, Study] = {study.name: study for study in _ALL}
"""Every study by name, in the order in which the app shows them."""


def study(plan: Plan, name: str, progress: Callable[[Progress], None] | None = None) -> dict[str, pd.DataFrame]:
    """Ask a study of a plan; return its tables by name. name: one of STUDIES, KeyError for another.

    progress is told now and then where it stands; an exception that it raises stops the study. ValueError for a plan that was read back from a
    file, without the solver's arrays, and for that of a naive buyer. A study's own function, STUDIES[name].run, takes options; optimizer.studies
    offers it, too.

    >>> tables = optimizer.study(optimizer.solve("sample_inputs/tutorial.xlsx"), "out_of_sample")
    >>> tables["out_of_sample"].words[0]
    'The plan was made for every future that the workbook allows, so that its own figures hold.'
    """
    if name not in STUDIES:
        raise KeyError(f"'{name}' is no study; the studies are {', '.join(STUDIES)}.")
    if plan.provenance["method"].startswith(NAIVE_METHOD):
        raise ValueError("Studies are made of plans that were optimized; this is the plan of a naive buyer.")
    return STUDIES[name].run(plan, progress)
