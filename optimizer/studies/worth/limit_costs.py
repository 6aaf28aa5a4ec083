"""What each row of Budget and of Limits costs: the program of a plan, solved again on the same futures without that row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from optimizer.case import BudgetRow, Case, Limit
from optimizer.model.limits import LIMIT_ROWS
from optimizer.model.stamp import rows_of
from optimizer.plan.explain import money
from optimizer.solving.built import Built
from optimizer.solving.solution import Solution
from optimizer.solving.solve import LARGE
from optimizer.solving.warm_start import WarmStart
from optimizer.studies.worth.work import Work

PRECISION = 3e-4
"""The relative gap of a large program whose yes/no decisions are kept: what a limit costs is often less than the gap of the plan."""

PROVEN = 1e-6
"""The relative gap up to which a plan counts as the best."""

TOUCHED = 1e-5
"""How near, as a share of its terms, a row is to its bound that counts as reached."""

FAR = 1e4
"""How many times the program's largest bound of a row of its kind a bound is that is as good as none."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of Budget or Limits, by its sheet and its position in the case."""

    sheet: str
    position: int

    def row_of(self, case: Case) -> int:
        """Return its number on the sheet."""
        return (case.budget if self.sheet == "Budget" else case.limits)[self.position].row


def lines_of(case: Case) -> list[Line]:
    """List the rows of both sheets in the order of the workbook."""
    lines = [Line("Budget", i) for i in range(len(case.budget))] + [Line("Limits", i) for i in range(len(case.limits))]
    return sorted(lines, key=lambda line: (line.sheet, line.row_of(case)))


def named(row: BudgetRow | Limit, currency: str) -> str:
    """Return what a row of Budget or Limits limits, in words."""
    if isinstance(row, Limit):
        return row.limit
    what = {"all": "Budget"}.get(row.category, f"Budget for {row.category}")
    return f"{what} of {row.fiscal_year}, {money(row.amount, currency)}" + (f", for {', '.join(row.material)}" if row.material else "")


def without(built: Built, line: Line) -> Built:
    """Return the program without a row of Budget or Limits.

    A budget that is not there carries nothing over either: the money that it leaves unspent is fixed at 0.
    """
    program = built.program
    lower, upper, most = program.row_lower.copy(), program.row_upper.copy(), program.upper.copy()
    for family in ("budget",) if line.sheet == "Budget" else LIMIT_ROWS:
        rows = rows_of(built.template, program, family)
        mine = rows.number[rows.line == line.position]
        lower[mine], upper[mine] = -np.inf, np.inf
    if line.sheet == "Budget":
        unspent = built.columns("unspent")
        most[unspent.number[unspent.line == line.position]] = 0.0
    return replace(built, program=replace(program, row_lower=lower, row_upper=upper, upper=most))


def binds(built: Built, x: np.ndarray, line: Line) -> bool:
    """Return whether decisions reach a row of a line at some node, or carry over what a budget leaves unspent.

    Where the best decisions of a program without yes/no decisions do not, they are the best without the line as well: the program is convex.
    """
    program = built.program
    activity, size = program.activity(x), np.maximum(program.activity_size(x), built.scales.row[: program.rows])
    for family in ("budget",) if line.sheet == "Budget" else LIMIT_ROWS:
        rows = rows_of(built.template, program, family)
        mine = rows.number[rows.line == line.position]
        if (np.minimum(program.row_upper[mine] - activity[mine], activity[mine] - program.row_lower[mine]) <= TOUCHED * size[mine]).any():
            return True
    unspent = built.columns("unspent")
    own = unspent.number[unspent.line == line.position] if line.sheet == "Budget" else unspent.number[:0]
    return bool((x[own] > TOUCHED * built.scales.column[own]).any())


def with_kept_choices(built: Built, x: np.ndarray) -> Built:
    """Return the program with the yes/no decisions of a plan."""
    program, fixed = built.program, built.program.integer
    lower, upper = np.where(fixed, np.round(x), program.lower), np.where(fixed, np.round(x), program.upper)
    return replace(built, program=replace(program, lower=lower, upper=upper, integer=np.zeros_like(fixed)))


def with_finite_rows(changed: Built, built: Built) -> Built:
    """Return a changed program with bounds that are far away in place of none: a cut of a decomposition moves with a bound, but not to infinity."""
    before, now = built.program, changed.program
    size = FAR * max(1.0, float(np.max(np.abs(before.row_upper[np.isfinite(before.row_upper)]), initial=0.0)))
    lower = np.where(np.isfinite(before.row_lower) & ~np.isfinite(now.row_lower), -size, now.row_lower)
    upper = np.where(np.isfinite(before.row_upper) & ~np.isfinite(now.row_upper), size, now.row_upper)
    return replace(changed, program=replace(now, row_lower=lower, row_upper=upper))


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The plan with and without a line, solved alike. kept: the yes/no decisions of the plan are kept in both. without: None where there was no time."""

    line: Line
    base: Solution
    without: Solution | None
    kept: bool


def relaxations(solution: Solution, work: Work) -> Iterator[Relaxed]:
    """Yield for each row of Budget and Limits the program solved with and without it, as far as the time goes."""
    built, x = solution.built, solution.x
    lines = lines_of(built.case)
    if not lines or x is None:
        return
    large = built.program.rows >= LARGE
    warm = WarmStart()
    try:
        usual = with_kept_choices(built, x) if large else built
        base = solution
        if not work.watch.over and (large or solution.gap > PROVEN):
            work.tell("value, the plan itself once more")
            again = work.solve(usual, PRECISION if large else None, warm)
            base = again if again.x is not None and again.objective <= solution.objective else replace(solution, bound=-np.inf if large else solution.bound)
        for number, line in enumerate(lines, start=1):
            if work.watch.over:
                yield Relaxed(line, base, None, large)
                continue
            if large and base.x is not None and not binds(usual, base.x, line):
                yield Relaxed(line, base, base, large)
                continue
            work.tell(f"value, without row {line.row_of(built.case)} of {line.sheet}, {number} of {len(lines)}")
            changed = without(usual, line)
            if large:
                changed = with_finite_rows(changed, usual)
            found = work.solve(changed, PRECISION if large else None, warm if large else None)
            # A search that the time has ended before it found anything better says nothing of the line.
            better = found.x is not None and (not found.stopped or found.objective < base.objective)
            yield Relaxed(line, base, found if better else None, large)
    finally:
        warm.close()
