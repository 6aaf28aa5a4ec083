"""A plan: what to sign, start, order and hold, what it costs and protects against, and where it comes from."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from optimizer.case import Case
from optimizer.errors import Problem
from optimizer.model.costs import OUTLAYS
from optimizer.plan.audit import Claimed, audit, require
from optimizer.plan.explain import sentences
from optimizer.plan.headline import Headline, headlines
from optimizer.plan.results import Results
from optimizer.plan.saving import WRITERS
from optimizer.solving.extensive import Solution
from optimizer.solving.highs import Watch
from optimizer.solving.highs import version as solver_version


@dataclass(frozen=True)
class Plan:
    """A solved case.

    status: "optimal" (within mip_gap) or "feasible" (stopped before that was proven). objective, bound, expected_cost, cvar
    in the case's currency, discounted; gap relative. unavoidable_shortage: the part of probability_of_shortage that no decision
    can avoid, NaN where there was no time to tell, see plan/unavoidable.py. tables: name -> tidy DataFrame with the columns of schema.OUTPUTS.
    sentences: what to sign, start, order, hold, what it costs, what it protects against, what binds. sheets: the input.

    >>> plan = optimizer.solve("sample_inputs/tutorial.xlsx")
    >>> plan.tables["contracts"][["supplier", "per_year", "unit"]].to_dict("records")
    [{'supplier': 'Allied Separation', 'per_year': 500.0, 'unit': 'kg'}]
    >>> plan.headlines[0].label, plan.headlines[0].text
    ('Total expected cost', 'USD 1.05 million')
    """

    case: Case
    status: str
    objective: float
    bound: float
    gap: float
    expected_cost: float
    cvar: float
    probability_of_shortage: float
    unavoidable_shortage: float
    tables: dict[str, pd.DataFrame]
    sentences: dict[str, list[str]]
    provenance: dict[str, Any]
    warnings: tuple[Problem, ...] = ()
    sheets: tuple = ()
    solution: Solution | None = field(default=None, repr=False, compare=False)

    @property
    def headlines(self) -> tuple[Headline, ...]:
        """The figures that a board asks for first."""
        return headlines(self)

    @property
    def expected_cash(self) -> float:
        """Mean over all futures of what is paid for purchases, storage and projects, discounted."""
        return self._expected(*OUTLAYS)

    @property
    def shortage_losses(self) -> float:
        """Mean over all futures of what the demand that is not met costs, discounted. Nobody pays it in cash."""
        return self._expected("shortage")

    def _expected(self, *parts: str) -> float:
        costs = self.tables["costs"]
        return float(costs.loc[costs["part"].isin(parts), "expected"].sum())

    def to_dict(self) -> dict[str, Any]:
        """The plan as model.md, "Results every plan carries", lays it out for JSON."""
        t = self.tables
        return {
            "status": self.status,
            "objective": self.objective,
            "bound": self.bound,
            "gap": self.gap,
            "expected_cost": self.expected_cost,
            "cvar": self.cvar,
            "probability_of_shortage": self.probability_of_shortage,
            "unavoidable_shortage": self.unavoidable_shortage,
            "costs": dict(zip(t["costs"]["part"], t["costs"]["expected"])),
            "fill_rate": _records(t["fill_rate"], "material", "use", "fill_rate", "expected_short"),
            "contracts": _records(t["contracts"], "supplier", "material", "offer", "per_year"),
            "projects": _records(t["projects"], "project", "start"),
            "orders": _records(t["orders"], "supplier", "material", "offer", "origin", "period", "spot", "contract"),
            "stock": _records(t["stock"], "material", "origin", "period", "quantity"),
            "budget": _records(t["budget"], "fiscal_year", "category", "amount", "spent"),
            "scenarios": _records(t["scenarios"], "scenario", "probability", "cost", "shortage_cost"),
            "conflicts": [],
            "provenance": self.provenance,
            "warnings": [str(warning) for warning in self.warnings],
        }

    def to_json(self) -> str:
        """to_dict as JSON text."""
        return dumps(self.to_dict())

    def save(self, path: str | os.PathLike) -> None:
        """Write the plan workbook, or with a name in .json the JSON. ValueError for any other ending."""
        ending = os.path.splitext(os.fspath(path))[1].lower()
        if ending not in WRITERS:
            raise ValueError(f"A plan is saved as {' or '.join(sorted(WRITERS, reverse=True))}, not as {ending or 'a file without an ending'}.")
        WRITERS[ending](self, path)


def _records(table: pd.DataFrame, *columns: str) -> list[dict[str, Any]]:
    return [dict(zip(columns, (_plain(v) for v in row))) for row in table[list(columns)].itertuples(index=False)]


def _plain(value: Any) -> Any:
    """A value as JSON has it: no NaN, no numpy."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if value is None or (isinstance(value, float) and not np.isfinite(value)) else value


def plain(part: Any) -> Any:
    """Nested data as JSON has it; NaN and infinities as None."""
    if isinstance(part, dict):
        return {str(k): plain(v) for k, v in part.items()}
    if isinstance(part, (list, tuple)):
        return [plain(v) for v in part]
    return _plain(part)


def dumps(content: dict[str, Any]) -> str:
    """JSON text; NaN and infinities as null."""
    return json.dumps(plain(content), indent=1, ensure_ascii=False)


def make_plan(
    case: Case, solution: Solution, *, warnings=(), sheets=(), source: dict[str, Any] | None = None, seconds: float = 0.0, watch: Watch | None = None
) -> Plan:
    """The audited plan of a solution. AuditError where it does not agree with its case. watch: what takes long is left out once it is over."""
    results = Results(solution, watch)
    costs = results.costs()
    claimed = Claimed(solution.objective, solution.expected_cost, solution.cvar, {row["part"]: row["expected"] for row in costs})
    checked = audit(solution.built.case, solution.built.tree, solution.decisions, claimed)
    require(checked)
    tables = results.tables()
    gap = solution.gap
    status = "optimal" if solution.status == "optimal" and gap <= max(case.settings.mip_gap, 1e-6) else "feasible"
    plan = Plan(
        case=case,
        status=status,
        objective=solution.objective,
        bound=solution.bound,
        gap=gap,
        expected_cost=solution.expected_cost,
        cvar=solution.cvar,
        probability_of_shortage=results.probability_of_shortage,
        unavoidable_shortage=results.unavoidable_shortage,
        tables=tables,
        sentences={},
        provenance=provenance(case, solution, source or {}, seconds, checked.worst_violation, len(warnings)),
        warnings=tuple(warnings),
        sheets=tuple(sheets),
        solution=solution,
    )
    object.__setattr__(plan, "sentences", sentences(plan))
    return plan


def provenance(case: Case, solution: Solution, source: dict[str, Any], seconds: float, worst: float, warnings: int) -> dict[str, Any]:
    """Where a plan comes from: input, versions, options, size, time, audit."""
    built, s = solution.built, case.settings
    return {
        "input": source.get("name", s.title),
        "input_sha256": source.get("sha256", ""),
        "version": version("critical-materials-optimizer"),
        "solver": solver_version(),
        "pyomo": version("pyomo"),
        "python": platform.python_version(),
        "method": solution.method,
        "scenario_method": built.tree.method,
        "scenarios": len(built.tree.scenarios),
        "nodes": built.tree.size,
        "rows": len(built.program.row_lower),
        "columns": len(built.program.cost),
        "seed": s.seed,
        "risk_weight": s.risk_weight,
        "cvar_level": s.cvar_level,
        "discount_rate": s.discount_rate,
        "mip_gap": s.mip_gap,
        "time_limit_seconds": s.time_limit_seconds,
        "stopped_by": solution.stopped,
        "seconds": round(seconds, 3),
        "audit_worst_violation": worst,
        "warnings": warnings,
    }
