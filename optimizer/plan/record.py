"""A plan as plain JSON data and back, so that it can be kept and shown elsewhere without being solved again."""

from __future__ import annotations

import hashlib
import io
import math
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pandas as pd

from optimizer.editing.sheets import sheets_from_json, sheets_to_json
from optimizer.errors import Problem
from optimizer.intake.reader import case_from_sheets
from optimizer.plan.json_format import plain
from optimizer.plan.plan import Plan
from optimizer.plan.solved import BROKEN
from optimizer.plan.status import ResultStatus
from optimizer.schema.results import FIGURES, OUTPUTS
from optimizer.schema.sheets import SETTINGS
from optimizer.solving.built import build
from optimizer.solving.outcome import Status, Stop
from optimizer.solving.solution import decided
from optimizer.solving.watch import Watch

DIGEST = "decisions_sha256"
"""The key of a record under which the SHA-256 of its decisions stands; the decisions themselves are kept in a file of their own."""

AGREES = 1e-6
"""How far, relative, the objective of kept decisions may be from that of their plan."""

KEPT = tuple(name for name in FIGURES if name != "gap")
"""The figures that are kept; the gap follows from them."""


def to_record(plan: Plan) -> dict[str, Any]:
    """Return all of a plan but the solver's own arrays, for which see solver_arrays. The plan must have been made from a workbook's sheets."""
    known = {column.attribute for column in SETTINGS.columns}
    content: dict[str, Any] = plain(
        {
            "status": plan.status,
            **{name: getattr(plan, name) for name in KEPT},
            "tables": {name: _columns(table) for name, table in plan.tables.items()},
            "provenance": plan.provenance,
            "warnings": [warning.record() for warning in plan.warnings],
            "broken_rules": plan.broken_rules,
            "settings": {name: str(value) if name == "start" else value for name, value in asdict(plan.case.settings).items() if name in known},
            "sheets": sheets_to_json(plan.sheets),
            DIGEST: "" if plan.solution is None or plan.solution.x is None else digest_of(plan.solution.x),
        }
    )
    return content


def from_record(record: dict[str, Any]) -> Plan:
    """Return the plan of a record; its case is read anew from the sheets that it was made from.

    A record of an earlier version lacks what that version did not compute: such a figure is NaN, such a table empty. It has the broken rules
    of a naive plan among its warnings.
    """
    provenance = record["provenance"]
    reading = case_from_sheets(sheets_from_json(record["sheets"]), provenance["input"], provenance["input_sha256"], record["settings"])
    warnings = tuple(Problem(**warning) for warning in record["warnings"])
    return Plan(
        case=reading.case,
        status=ResultStatus(record["status"]),
        **{name: record[name] if record.get(name) is not None else math.nan for name in KEPT},  # type: ignore[arg-type]  # names and types of FIGURES
        tables={output.name: output.restored(record["tables"].get(output.name, {})) for output in OUTPUTS},
        provenance=provenance,
        warnings=tuple(warning for warning in warnings if warning.sheet != BROKEN),
        broken_rules=(*record.get("broken_rules", ()), *(warning.message for warning in warnings if warning.sheet == BROKEN)),
        sheets=reading.sheets,
    )


def digest_of(x: np.ndarray) -> str:
    """Return the SHA-256 of decisions, by which it is known that they are those of a record."""
    return hashlib.sha256(np.ascontiguousarray(x, dtype=np.float64).tobytes()).hexdigest()


def solver_arrays(plan: Plan) -> bytes:
    """Return the solver's own arrays of a plan as a file's content, empty where it has none: what a study of the plan begins from."""
    if plan.solution is None or plan.solution.x is None:
        return b""
    file = io.BytesIO()
    dual = plan.solution.row_dual
    np.savez_compressed(file, x=plan.solution.x, row_dual=np.zeros(0) if dual is None else dual)
    return file.getvalue()


def with_solver_arrays(record: dict[str, Any], content: bytes, watch: Watch) -> Plan:
    """Return the plan of a record with its solver's arrays, its program laid out anew. ValueError where they are not those of this plan."""
    plan = from_record(record)
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        x, dual = arrays["x"], arrays["row_dual"]
    if digest_of(x) != record.get(DIGEST):
        raise ValueError("The kept decisions are those of another plan.")
    built = build(plan.case, watch)
    if len(x) != built.program.columns or len(dual) not in (0, built.program.rows):
        raise ValueError("The kept decisions are those of another program.")
    solution = decided(
        built,
        x,
        plan.bound,
        status=Status(plan.status),
        stopped=Stop(plan.provenance["stopped_by"]),
        method=plan.provenance["method"],
        row_dual=dual if len(dual) else None,
    )
    if not math.isclose(solution.objective, plan.objective, rel_tol=AGREES, abs_tol=AGREES):
        raise ValueError("The kept decisions do not have the objective of this plan.")
    return replace(plan, solution=solution)


def _columns(table: pd.DataFrame) -> dict[str, list[Any]]:
    return {str(name): table[name].tolist() for name in table.columns}
