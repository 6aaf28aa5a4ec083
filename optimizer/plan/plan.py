"""A plan: what to sign, start, order and hold, what it costs and protects against, and where it comes from."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable
from functools import cached_property
from importlib.metadata import version
from typing import Any

from optimizer.case import Case
from optimizer.errors import Problem
from optimizer.intake.files.sources import RawSheet
from optimizer.plan.audit import audit, require
from optimizer.plan.explain import sentences
from optimizer.plan.headline import Headline, headlines
from optimizer.plan.json_format import content_of, dumps
from optimizer.plan.results import Results
from optimizer.plan.solved import SolvedCase
from optimizer.plan.status import ResultStatus, proven
from optimizer.solving.highs import version as solver_version
from optimizer.solving.outcome import Status, Stop
from optimizer.solving.solution import IN_PARTS, Solution
from optimizer.solving.watch import Watch


class Plan(SolvedCase):
    """A solved case with its words: headline figures, sentences, and the files that it can be saved as.

    >>> plan = optimizer.solve("sample_inputs/tutorial.xlsx")
    >>> plan.tables["contracts"][["supplier", "per_year", "unit"]].to_dict("records")
    [{'supplier': 'Allied Separation', 'per_year': 500.0, 'unit': 'kg'}]
    >>> plan.headlines[0].label, plan.headlines[0].text
    ('Total expected cost', 'USD 1.05 million')
    """

    @property
    def stopped_by_hand(self) -> bool:
        """Whether the user stopped the solve, so that this is the best plan found until then."""
        return bool(self.provenance["stopped_by"] == Stop.BY_HAND)

    @property
    def in_parts(self) -> bool:
        """Whether its program was solved in parts, because the whole was too large; studies need the whole."""
        return bool(self.provenance["method"] == IN_PARTS)

    @property
    def headlines(self) -> tuple[Headline, ...]:
        """Return the figures that a board asks for first."""
        return headlines(self)

    @cached_property
    def sentences(self) -> dict[str, list[str]]:
        """Return what to sign, start, order and hold, what it costs, what it protects against, and what binds."""
        return sentences(self)

    @property
    def proven(self) -> str:
        """Say how good the plan is known to be."""
        return proven(self.status, self.gap)

    def to_dict(self) -> dict[str, Any]:
        """Return the content of the plan's JSON, which docs/json.md describes."""
        return content_of(self)

    def to_json(self) -> str:
        """Return the plan as JSON text."""
        return dumps(self.to_dict())

    def save(self, path: str | os.PathLike[str], *, detail: bool = False) -> None:
        """Write the plan workbook, or with a name in .json the JSON. ValueError for any other ending.

        detail: whether the workbook also has the tables that few people read, such as the orders of every future; the JSON always has them all.
        """
        ending = os.path.splitext(os.fspath(path))[1].lower()
        if ending not in WRITERS:
            raise ValueError(f"A plan is saved as {' or '.join(sorted(WRITERS, reverse=True))}, not as {ending or 'a file without an ending'}.")
        WRITERS[ending](self, path, detail)


WRITERS: dict[str, Callable[[Plan, str | os.PathLike[str], bool], None]] = {}
"""The file endings that a plan can be saved under, each with the function that writes such a file. The report room, which stands to the
right of this one, adds its functions here."""


def make_plan(
    case: Case,
    solution: Solution,
    *,
    warnings: Iterable[Problem] = (),
    broken_rules: Iterable[str] = (),
    sheets: Iterable[RawSheet] = (),
    source: dict[str, Any] | None = None,
    seconds: float = 0.0,
    watch: Watch | None = None,
    unavoidable: float | None = None,
) -> Plan:
    """Make the audited plan of a solution that has decisions. watch: what takes long is left out once it is over.

    unavoidable: the chance of the futures in which something goes short whatever is decided, where it is known from another plan of the same case.

    AuditError: the plan does not agree with its case.
    """
    results = Results(solution, watch)
    claimed = results.claimed()
    checked = audit(solution.built.case, solution.built.tree, results.decisions, claimed)
    require(checked)
    results.measured = checked.limit_rows
    optimal = solution.status == Status.OPTIMAL and solution.gap <= max(case.settings.mip_gap, 1e-6)
    suspicious = tuple(warnings)
    broken = tuple(broken_rules)
    return Plan(
        case=case,
        status=ResultStatus.OPTIMAL if optimal else ResultStatus.FEASIBLE,
        objective=solution.objective,
        bound=solution.bound,
        expected_cost=claimed.stretches[0].expected_cost,
        cvar=claimed.stretches[0].cvar,
        tail_expected_cost=sum(one.expected_cost for one in claimed.stretches[1:]),
        tail_cvar=sum(one.cvar for one in claimed.stretches[1:]),
        probability_of_shortage=results.probability_of_shortage,
        unavoidable_shortage=results.unavoidable_shortage if unavoidable is None else min(unavoidable, results.probability_of_shortage),
        tables=results.tables(),
        provenance=provenance(case, solution, source or {}, seconds, checked.worst_violation, len(suspicious) + len(broken)),
        warnings=suspicious,
        broken_rules=broken,
        sheets=tuple(sheets),
        solution=solution,
    )


def provenance(case: Case, solution: Solution, source: dict[str, Any], seconds: float, worst: float, warnings: int) -> dict[str, Any]:
    """Return where a plan comes from, with the entries that PROVENANCE of schema/results.py declares."""
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
        "stopped_by": str(solution.stopped),
        "seconds": round(seconds, 3),
        "audit_worst_violation": worst,
        "warnings": warnings,
    }
