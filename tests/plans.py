"""Plans that tests of the app's charts and report share: each sample solved once, and a small one with names that bite."""

from __future__ import annotations

import os
import pickle
from dataclasses import replace
from functools import cache
from pathlib import Path

from filelock import FileLock
from support import case, need, offer, ore, settings

import optimizer
from optimizer.case import BudgetRow, Disruption, Project

SAMPLES = Path(__file__).resolve().parent.parent / "sample_inputs"
NAMES = ("gallium_germanium", "national_stockpile", "rare_earth_magnets", "tutorial")

SCRIPT = "<script>alert(1)</script>"
BITING = (
    SCRIPT,
    "=1+1",
    "**bold** [a](https://example.org/a) <img src=x onerror=alert(1)>",
    "\u202eright to left \U0001f525",
    "%d %s {b} {@x}",
    "long " * 2000,
    "quote \" and ' & ; 2027: to, ",
)


@cache
def solved(name: str):
    """The plan of a sample, with few futures and a wide gap, so that it takes a moment only. All workers of a run of pytest have the same."""
    file = Path(os.environ["SHARED_PLANS"]) / f"{name}.pickle"
    with FileLock(f"{file}.lock"):
        if not file.exists():
            file.write_bytes(pickle.dumps(optimizer.solve(SAMPLES / f"{name}.xlsx", {"scenarios": 30, "mip_gap": 0.02})))
        return pickle.loads(file.read_bytes())


@cache
def biting():
    """A small plan whose every name, unit and currency is hostile, with a disruption, a project, a budget and a tolling offer."""
    a, b = BITING[0], BITING[2]
    return optimizer.solve(
        case(
            settings=settings(title=BITING[5], currency="%s <b>", cvar_level=0.5),
            materials=(ore(a, unit="%d <i>t"), ore(b, row=3)),
            demand=(need(material=a, use=BITING[0]), need(material=a, use=BITING[3], row=3, shortage_cost=0.5), need(material=b, use=BITING[0], row=4)),
            offers=(
                offer(BITING[0], a, capacity=4.0),
                offer(BITING[4], a, price=2.0, bloc="chinese", row=3),
                offer(BITING[5], a, price=3.0, capacity=5.0, row=4),
                offer(BITING[5] + "!", a, price=2.5, capacity=5.0, row=5, bloc="other"),
                offer(BITING[6], b, input_material=a, input_per_unit=0.5, row=6),
            ),
            projects=(Project(row=2, project=BITING[1], cost=5.0, lead_time_months=0.0),),
            disruptions=(
                Disruption(row=2, disruption=BITING[6], annual_probability=0.3, mean_duration_months=12.0, capacity_remaining=0.0, bloc=("chinese",)),
                Disruption(row=3, disruption=SCRIPT, annual_probability=0.2, mean_duration_months=12.0, capacity_remaining=0.5, bloc=("allied",)),
            ),
            budget=(BudgetRow(row=2, fiscal_year=2027, amount=1000.0), BudgetRow(row=3, fiscal_year=2027, amount=1100.0)),
        )
    )


@cache
def barest():
    """A plan of one period and one future without budget, projects or disruptions, in which nothing is needed."""
    return optimizer.solve(case(settings=settings(periods=1), demand=(need(0.0),)))


@cache
def plain():
    """A plan of one period and one future, in which 10 t are bought at 1 USD."""
    return optimizer.solve(case(settings=settings(periods=1)))


def with_table(plan, name: str, frame):
    """A plan with one of its tables replaced."""
    return replace(plan, tables={**plan.tables, name: frame})
