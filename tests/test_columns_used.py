"""Every input column is drawn by the random cases, read by the model, and read a second time by the audit and by the model as it is written out."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import pytest
from random_cases import random_case
from random_features import columns_set
from shipping_cases import WAITING
from written_out import solve_written_out

from optimizer.plan.audit import Claimed, audit
from optimizer.plan.results import Results
from optimizer.schema.sheets import INPUTS
from optimizer.solving.extensive import solve_extensive

SEEDS, ENOUGH = range(400), 5
MOST_SOLVED = 200
"""Cases that are solved until every column is read."""

COLUMNS = [f"{sheet.name}.{column.name}" for sheet in INPUTS for column in sheet.columns]

LABELS = {"Settings.title", "Settings.currency", "Materials.unit", "Projects.kind", "Limits.limit", "Duties.duty", "Origin rules.rule"}
"""Columns that only name or describe something: no number of a plan depends on them."""

OF_THE_STUDIES = {"Disruptions.annual_probability_low", "Disruptions.annual_probability_high"}
"""Columns that a study asks about: the plan itself does not depend on them (tests/test_ranges.py)."""

OF_THE_SOLVER = {"Settings.mip_gap", "Settings.time_limit_seconds"}
"""Settings of the solver, which small programs do not ask for."""

NOT_DRAWN = OF_THE_STUDIES | OF_THE_SOLVER | {"Settings.title", "Settings.currency", "Settings.scenarios", "Settings.seed", "Settings.tail_periods"}
"""Columns that no optimum depends on, and the tail, whose random cases stand in tests/test_tail.py."""

OF_THE_SCENARIOS = {
    f"{sheet}.{column}"
    for sheet, columns in {
        "Settings": ("scenario_method", "scenarios", "seed"),
        "Disruptions": (
            "disruption",
            "annual_probability",
            "mean_duration_months",
            "decision_date",
            "decision_probability",
            "active_now",
            "follows",
            "raised_by",
            "raised_probability",
        ),
        "Scenarios": ("scenario", "probability", "disruption", "starts", "duration_months"),
    }.items()
    for column in columns
}
"""Columns that say which futures there are and how likely: the audit takes these from the tree that the plan was made on."""

RESTATED = {"Suppliers.unit", "Inventory.unit", "Demand.unit", "Suppliers.currency", "Projects.currency", "Currencies.currency", "Currencies.rate"}
"""Columns by which the reader restates a row: a record is in the material's unit and the case's currency (tests/test_restate.py)."""

OF_THE_CALENDAR = {"Settings.start", "Settings.period", "Settings.fiscal_year_start_month", "Settings.tail_periods"}
"""Columns that are read through Case.calendar, which all readings share; random cases with a tail stand in tests/test_tail.py."""

RECORDS = ("optimizer.schema.records", "optimizer.schema.changes", "optimizer.schema.inputs", "optimizer.schema.substitutes", "optimizer.schema.fields")


@dataclass
class Readers:
    """The modules that read each column while a case is solved, audited and written out."""

    modules: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def watch(self, patch: pytest.MonkeyPatch) -> None:
        """Note who reads, from now on."""
        for sheet in INPUTS:
            names = {column.attribute: f"{sheet.name}.{column.name}" for column in sheet.columns}

            def look(record: Any, attribute: str, names: dict[str, str] = names) -> Any:
                if attribute in names and (module := self._reader(sys._getframe(1))):
                    self.modules[names[attribute]].add(module)
                return object.__getattribute__(record, attribute)

            patch.setattr(sheet.record, "__getattribute__", look)

    @staticmethod
    def _reader(frame: FrameType | None) -> str:
        """The module that a reading frame belongs to: a method of a record reads for its caller; comparing or printing whole records reads nothing."""
        while frame is not None and (frame.f_code.co_name == "look" or frame.f_globals["__name__"] in RECORDS):
            if frame.f_code.co_name in ("__eq__", "__hash__", "__repr__", "__post_init__"):
                return ""
            frame = frame.f_back
        return "" if frame is None else frame.f_globals["__name__"]

    def of(self, *beginnings: str) -> set[str]:
        """The columns that a module whose name begins so has read."""
        return {column for column, modules in self.modules.items() if any(module.startswith(beginnings) for module in modules)}


NEEDED = {
    ("optimizer.model.", "optimizer.scenarios", "optimizer.solving.", "optimizer.case", "optimizer.lengthening"): set(COLUMNS)
    - LABELS
    - RESTATED
    - OF_THE_SOLVER
    - OF_THE_STUDIES,
    ("optimizer.plan.audit",): set(COLUMNS) - LABELS - RESTATED - OF_THE_SOLVER - OF_THE_STUDIES - OF_THE_CALENDAR - OF_THE_SCENARIOS,
    ("written_out", "written_tail"): set(COLUMNS)
    - LABELS
    - RESTATED
    - OF_THE_SOLVER
    - OF_THE_STUDIES
    - OF_THE_CALENDAR
    - {"Settings.scenarios", "Settings.seed"},
}
"""The columns that modules whose names begin so must read. The written-out model makes every future, so that it draws none."""

MODEL, AUDIT, WRITTEN = NEEDED


@pytest.fixture(scope="module")
def readers(tmp_path_factory):
    """Who reads each column of random cases, of a sampled one too, that are solved, audited and written out."""
    found = Readers()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPTIMIZER_HOME", str(tmp_path_factory.mktemp("home")))
        found.watch(patch)
        look_at(WAITING[0].case)  # a plan that waits, as random cases rarely do
        look_at(random_case(0).with_settings(scenario_method="sampled", scenarios=10, risk_weight=0.3))
        for seed in range(MOST_SOLVED):
            if all(needed <= found.of(*group) for group, needed in NEEDED.items()):
                break
            look_at(random_case(seed))
    return found


def look_at(case) -> None:
    """Solve a case, audit its plan, and write it out."""
    solution = solve_extensive(case)
    if case.settings.scenario_method != "sampled":
        solve_written_out(case)
    if solution.status == "optimal":
        costs = {row["part"]: row["expected"] for row in Results(solution).costs()}
        audit(solution.built.case, solution.built.tree, solution.decisions, Claimed(solution.objective, solution.expected_cost, solution.cvar, costs))


@pytest.fixture(scope="module")
def drawn():
    """How many random cases set each column to another value than a blank cell's."""
    return Counter(column for seed in SEEDS for column in columns_set(random_case(seed)))


@pytest.mark.parametrize("column", [column for column in COLUMNS if column not in RESTATED])
def test_every_column_is_drawn(column, drawn):
    """Every column differs from its default in a sufficient number of the random cases."""
    if column not in NOT_DRAWN and drawn[column] < ENOUGH:
        pytest.fail(f"{column} is drawn by {drawn[column] or 'no'} random cases: add it to tests/random_cases.py", pytrace=False)


@pytest.mark.parametrize("column", sorted(set(COLUMNS) - OF_THE_SOLVER))
def test_every_column_is_read_by_the_model(column, readers):
    """The scenarios, the model or the solver read every column but labels, and no label."""
    if (column in readers.of(*MODEL)) != (column in NEEDED[MODEL]):
        told = f"{column} is read: take it out of LABELS in tests/test_columns_used.py"
        if column in NEEDED[MODEL]:
            told = f"no module of optimizer/model or optimizer/scenarios reads {column}: use it there, or call it a label in tests/test_columns_used.py"
        pytest.fail(told, pytrace=False)


@pytest.mark.parametrize("column", sorted(NEEDED[AUDIT]))
def test_every_column_is_read_by_the_audit(column, readers):
    """The audit reads by itself every column that says what a plan may do or what it costs."""
    if column not in readers.of(*AUDIT):
        pytest.fail(f"the audit does not read {column}: check it in optimizer/plan/audit_rules.py or audit_costs.py", pytrace=False)


@pytest.mark.parametrize("column", sorted(NEEDED[WRITTEN]))
def test_every_column_is_written_out(column, readers):
    """The model as it is written out for the tests reads every column that an optimum depends on."""
    if column not in readers.of(*WRITTEN):
        pytest.fail(f"the written-out model does not read {column}: say in tests/written_out.py what it does", pytrace=False)
