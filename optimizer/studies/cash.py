"""Cash and commitments: what is paid when, how far the futures spread, and how much of it is bound by what is signed and started now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from optimizer.plan.commitments import commitments
from optimizer.plan.explain import money
from optimizer.plan.plan import Plan
from optimizer.plan.results import Results
from optimizer.schema.results import PERIOD, Output, number, text, whole
from optimizer.solving.watch import Phase, Progress, Watch
from optimizer.studies.study import Study, solution_of

LOW, HIGH = 0.1, 0.9
"""The shares of the futures below which the low and the high figure of a period lie."""

TABLES = (
    Output(
        "commitments",
        "Commitments",
        "What the contracts signed and the projects started now bind the buyer to on the reference path, by fiscal year, and what is then still due.",
        {
            "fiscal_year": whole("The fiscal year."),
            "contracts": number("{currency}", "What contracts cost in it if nothing is called off: take-or-pay, reservation and prepayment, not discounted."),
            "projects": number("{currency}", "What the projects started on a date cost in it, not discounted."),
            "left": number("{currency}", "What is still due of both after it, which is the most that leaving then would cost."),
            "words": text("The same in a sentence."),
        },
    ),
    Output(
        "commitments_signed",
        "Commitments signed",
        "Each contract signed and project started now: until when it binds, and how much.",
        {
            "what": text("The supplier with its material, or the project."),
            "kind": text("contract or project."),
            "until": text("The last period in which anything is due if nothing is called off.", blank="nothing is due"),
            "committed": number("{currency}", "What is due in all if nothing is called off, on the reference path, not discounted."),
        },
    ),
    Output(
        "cash_flow",
        "Cash flow",
        "What is paid in each period, not discounted, and how far the futures spread.",
        {
            **PERIOD,
            "mean": number("{currency}", "Mean over all futures."),
            "low": number("{currency}", f"In {LOW:.0%} of the futures it is no more."),
            "high": number("{currency}", f"In {HIGH:.0%} of the futures it is no more."),
            "most": number("{currency}", "In the future in which it is the most."),
            "reference": number("{currency}", "On the reference path."),
        },
    ),
)


def cash_flow(plan: Plan, progress: Callable[[Progress], None] | None = None) -> dict[str, pd.DataFrame]:
    """Make the tables commitments, commitments_signed and cash_flow, as TABLES declares them.

    Projects that wait for a disruption bind nobody until it is there, and are left out of the commitments. progress is told where it stands.
    ValueError for a plan that was read back without its solver's arrays.

    >>> tables = optimizer.studies.cash_flow(optimizer.solve("sample_inputs/tutorial.xlsx"))
    >>> tables["commitments"].words[0]
    'After 2027 USD 400,000 is still due for what is signed and started now, while events take their likeliest course, even if nothing is called off.'
    """
    solution = solution_of(plan)
    Watch(report=progress).tell(Phase.CHECKING, "cash and commitments")
    results = Results(solution)
    due = {("contract", name): dues for name, dues in _contracts(results)} | {("project", name): dues for name, dues in _projects(results)}
    # What is due beyond the horizon is planned for, too; it is told in a sentence and counts in no figure.
    later = sum(float(dues[results.window.stop :].sum()) for dues in due.values())
    due = {key: dues[: results.window.stop] for key, dues in due.items() if key[0] == "contract" or dues[: results.window.stop].any()}
    rows = (list(_by_year(results, due, later)), list(_signed(results, due)), list(_by_period(results)))
    return {output.name: output.frame(listed) for output, listed in zip(TABLES, rows, strict=True)}


def _contracts(results: Results) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each signed contract with what is due of it in each period of the reference path if nothing is called off, (T,)."""
    for found in commitments(results):
        yield results.data.offers[found.offer].name, found.due


def _projects(results: Results) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each project that is started on a date with what it costs in each period, (T,)."""
    data, built = results.data, results.solution.built
    assert results.solution.x is not None
    columns = built.columns("start")
    for j, begun, number_ in zip(columns.project, columns.period, columns.number):
        if results.solution.x[number_] > 0.5:
            yield j, np.array([data.project_outlay(j, int(begun), t) for t in data.periods], dtype=float)


def _by_year(results: Results, due: dict[tuple[str, str], np.ndarray], later: float) -> Iterator[dict[str, Any]]:
    """Yield what is due in each fiscal year of the horizon. later: what is due beyond it."""
    calendar, currency = results.case.calendar, results.case.settings.currency
    years = np.array([calendar.fiscal_year(t) for t in results.window])
    zero = np.zeros(len(years))
    of_kind = {kind: sum((dues for (other, _), dues in due.items() if other == kind), zero) for kind in ("contract", "project")}
    both = of_kind["contract"] + of_kind["project"]
    for year in sorted(set(years.tolist())):
        left = float(both[years > year].sum())
        course = "while events take their likeliest course, even if nothing is called off"
        beyond = f" Beyond the horizon {money(later, currency)} more are due in the periods that are planned for there." if later > 0 else ""
        within = " within the horizon" if later > 0 else ""
        said = f"After {year} {money(left, currency)} is still due{within} for what is signed and started now, {course}.{beyond}"
        yield {
            "fiscal_year": year,
            "contracts": float(of_kind["contract"][years == year].sum()),
            "projects": float(of_kind["project"][years == year].sum()),
            "left": left,
            "words": said if left > 0 else f"After {year} nothing is due{within} for what is signed and started now.{beyond}",
        }


def _signed(results: Results, due: dict[tuple[str, str], np.ndarray]) -> Iterator[dict[str, Any]]:
    for (kind, name), dues in due.items():
        last = np.flatnonzero(dues > 0)
        yield {"what": name, "kind": kind, "until": results.labels[last[-1]] if len(last) else None, "committed": float(dues.sum())}


def _by_period(results: Results) -> Iterator[dict[str, Any]]:
    cash, chances = results.outlay["all"], np.array([future.probability for future in results.futures])
    for t, label in enumerate(results.labels):
        paid = cash[results.paths[:, t]]
        order = np.argsort(paid, kind="stable")
        below = np.cumsum(chances[order]) / chances.sum()
        low, high = (float(paid[order][min(np.searchsorted(below, share - 1e-12), len(order) - 1)]) for share in (LOW, HIGH))
        mean = float(chances @ paid / chances.sum())
        yield {"period": label, "mean": mean, "low": low, "high": high, "most": float(paid.max()), "reference": float(cash[results.reference[t]])}


CASH_FLOW = Study("cash_flow", "Cash and commitments", TABLES[0].help, TABLES, cash_flow, on_request=True, takes="a moment")
"""The study for the registry."""
