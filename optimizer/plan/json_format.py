"""The JSON of a plan, and of a case without one: what stands under which key, derived from the declarations of schema/results.py.

docs/json.md, which is generated, describes it (report/json_page.py).
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from optimizer.errors import OptimizerError
from optimizer.plan.solved import SolvedCase
from optimizer.plan.status import ResultStatus
from optimizer.schema.results import FIGURES, JSON_FORMAT, OUTPUTS, Output


def content_of(plan: SolvedCase) -> dict[str, Any]:
    """Return the content of a plan's JSON: its format and status, figures, every table, provenance and warnings."""
    content: dict[str, Any] = {"format": JSON_FORMAT, "status": str(plan.status)}
    content |= {name: plain(getattr(plan, name)) for name in FIGURES}
    for output in OUTPUTS:
        content |= _table(output, plan.tables[output.name])
    return content | {"conflicts": [], "provenance": plain(plan.provenance), "warnings": [str(warning) for warning in plan.all_warnings]}


def content_of_failure(error: OptimizerError) -> dict[str, Any]:
    """Return the content of the JSON of a case without a plan: why there is none."""
    return {
        "format": JSON_FORMAT,
        "status": str(ResultStatus.of(error)),
        "conflicts": plain([asdict(conflict) for conflict in getattr(error, "conflicts", ())]),
        "problems": [problem.record() for problem in getattr(error, "problems", ())],
        "message": str(error),
    }


def _table(output: Output, table: pd.DataFrame) -> dict[str, Any]:
    columns = {name: _values(table[name]) for name in output.columns}
    rows = [dict(zip(columns, row)) for row in zip(*columns.values())]
    return {key: dict(zip(columns[output.keyed_by], columns[name])) if name else rows for key, name in output.json_keys.items()}


def _values(column: pd.Series[Any]) -> list[Any]:
    """Return the values of a column, None for those that are missing."""
    missing = column.isna() | column.isin((math.inf, -math.inf)) if column.dtype.kind == "f" else column.isna()
    values: list[Any] = (column.astype(object).where(~missing, None) if missing.any() else column).tolist()
    return values


def dumps(content: dict[str, Any]) -> str:
    """Write content that is plain, as above, as JSON text with a row of a table on each line."""
    return "{\n" + ",\n".join(f" {_text(name)}: {_lines(value)}" for name, value in content.items()) + "\n}"


def _lines(value: Any) -> str:
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        return "[\n  " + ",\n  ".join(map(_text, value)) + "\n ]"
    return _text(value)


_text = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def plain(part: Any) -> Any:
    """Return nested data as JSON has it: no numpy, and None for NaN and infinities."""
    if isinstance(part, dict):
        return {str(k): plain(v) for k, v in part.items()}
    if isinstance(part, (list, tuple)):
        return [plain(v) for v in part]
    return _plain(part)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
