"""The JSON of a plan holds every declared table, says which version it is, and is what docs/json.md describes."""

from __future__ import annotations

import json
import math
from dataclasses import fields
from pathlib import Path

import pandas as pd
import pytest
from plans import biting, plain, solved

import optimizer
from optimizer.errors import AuditError, ClusterError, Conflict, InfeasibleError, NoPlanError, NotWrittenError, Problem, WorkbookError
from optimizer.plan.json_format import content_of_failure, dumps
from optimizer.plan.status import ResultStatus
from optimizer.report import json_page
from optimizer.schema.results import FIGURES, JSON_FORMAT, OUTPUTS, PROVENANCE

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "json.md").read_text(encoding="utf-8")

PROMISED = {
    "costs": None,
    "fill_rate": {"material", "use", "fill_rate", "expected_short"},
    "contracts": {"supplier", "material", "offer", "per_year"},
    "projects": {"project", "start"},
    "orders": {"supplier", "material", "offer", "origin", "period", "spot", "contract"},
    "stock": {"material", "origin", "period", "quantity"},
    "budget": {"fiscal_year", "category", "amount", "spent", "carried"},
    "scenarios": {"scenario", "probability", "cost", "shortage_cost"},
}
"""What readers of the JSON have relied on since its first version: the keys of its tables and of their rows."""

FAILURES = {
    ResultStatus.BAD_INPUT: [WorkbookError([Problem("Budget", "B2", "Not a number.")]), ClusterError("gone")],
    ResultStatus.INFEASIBLE: [InfeasibleError([Conflict("Limits", 2, "floor", math.nan, "t")])],
    ResultStatus.NO_SOLUTION: [NoPlanError("Stopped.")],
    ResultStatus.FAILED: [AuditError(["off"]), NotWrittenError("plan.xlsx", "full")],
}


def section(name: str, level: str = "###") -> str:
    """A section of the page."""
    return PAGE.split(f"\n{level} {name}\n")[1].split("\n## ")[0].split("\n### ")[0]


def keys_in(text: str) -> list[str]:
    """The keys that a section's table describes."""
    return [line.split("`")[1] for line in text.splitlines() if line.startswith("| `")]


@pytest.fixture(params=(biting, plain, lambda: solved("tutorial")), ids=("biting", "plain", "tutorial"))
def plan(request):
    return request.param()


def test_a_plan_has_the_keys_that_the_page_describes_and_no_others(plan):
    """Every key of the object, of the rows of each table and of the provenance stands on the page, and the other way round."""
    content = json.loads(plan.to_json())
    assert list(content) and sorted(content) == sorted(keys_in(section("A plan", "##")))
    for output in OUTPUTS:
        if not output.keyed_by:
            assert all(list(row) == keys_in(section(output.name)) for row in content[output.name])
    assert set(content["provenance"]) | {"input_edited"} == set(PROVENANCE) == set(keys_in(section("provenance")))


def test_what_readers_have_relied_on_is_still_there(plan):
    """The keys of the first version are in this one, and the parts of the cost are numbers that add up to it."""
    content = plan.to_dict()
    for name, keys in PROMISED.items():
        assert keys is None or all(keys <= set(row) for row in content[name])
    assert {*FIGURES, "conflicts", "provenance", "warnings"} <= set(content) and content["conflicts"] == []
    assert sum(content["costs"].values()) == pytest.approx(content["expected_cost"])
    assert content["format"] == JSON_FORMAT == 2 and content["status"] in ("optimal", "feasible")


def test_the_json_holds_every_value_of_every_table(plan):
    """Read back, each table of the JSON is the plan's own, with null where a value is missing."""
    content = json.loads(plan.to_json())
    for output in OUTPUTS:
        table = plan.tables[output.name]
        found = (
            pd.DataFrame({output.keyed_by: list(content[output.name]), **{name: list(content[key].values()) for key, name in output.json_keys.items()}})
            if output.keyed_by
            else output.restored({name: [row[name] for row in content[output.name]] for name in output.columns})
        )
        pd.testing.assert_frame_equal(found, table.reset_index(drop=True), check_dtype=False)


ENDINGS = [(status, error) for status, errors in FAILURES.items() for error in errors]


@pytest.mark.parametrize(("status", "error"), ENDINGS, ids=[type(error).__name__ for _, error in ENDINGS])
def test_a_case_without_a_plan_has_the_keys_that_the_page_describes(status, error):
    """A failure says its version and status, and its conflicts and problems have the keys of the page; what is not a number is null."""
    content = json.loads(dumps(content_of_failure(error)))
    assert (content["format"], content["status"]) == (JSON_FORMAT, status) and content["message"]
    assert sorted(content) == sorted(keys_in(section("A case without a plan", "##")))
    for name in ("conflicts", "problems"):
        assert all(list(row) == keys_in(section(name)) for row in content[name])
    assert all(row["give"] is None for row in content["conflicts"])


def test_the_page_knows_every_field_of_a_conflict_and_of_a_problem():
    """A field that is added to either is described in optimizer/report/json_page.py."""
    assert list(json_page.CONFLICT) == [field.name for field in fields(Conflict)], "describe it in optimizer/report/json_page.py"
    assert list(json_page.PROBLEM) == list(Problem("", "", "").record()), "describe it in optimizer/report/json_page.py"


def test_every_status_has_one_sentence_on_the_page():
    """No status is without its meaning, and no two mean the same."""
    assert keys_in(section("status", "##")) == list(ResultStatus)
    assert len({status.meaning for status in ResultStatus}) == len(ResultStatus)


def test_a_saved_plan_is_its_json(tmp_path):
    """The file that a plan is saved as holds what to_dict gives."""
    made = plain()
    made.save(tmp_path / "plan.json")
    assert json.loads((tmp_path / "plan.json").read_text(encoding="utf-8")) == json.loads(json.dumps(made.to_dict()))
    assert isinstance(made, optimizer.Plan)
