"""The only room that knows the solver: arrays in, an outcome in words of our own out.

HiGHS refuses a whole batch of rows for one coefficient of 1e15 or inf and then calls the empty rest "optimal"; it drops
coefficients below small_matrix_value; it takes NaN for a number. So numbers are checked before they go in, counts after,
every returned status is looked at, and the solution is checked against the arrays.
"""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import dataclass, replace
from typing import Any

import highspy
import numpy as np

from optimizer.errors import SolverError
from optimizer.solving.watch import BY_HAND, BY_TIME, Watch, attended

LARGEST_COEFFICIENT = 1e13
SMALLEST_COEFFICIENT = 1e-11
SMALLEST_KEPT = 1e-12
"""A coefficient below this is dropped by the solver when it takes up a program."""
FEASIBILITY_TOLERANCE = 1e-7
INTEGRALITY_TOLERANCE = 1e-6
"""The solver's own. With 1e-8 it has called an objective 1% above the optimum optimal."""
TIGHT_INTEGRALITY = 1e-9
LOST = tuple(
    getattr(highspy.HighsModelStatus, name) for name in ("kNotset", "kUnknown", "kUnboundedOrInfeasible", "kSolveError", "kPresolveError", "kPostsolveError")
)
RETRIES = ({}, {"presolve": "off"}, {"small_matrix_value": 1e-9}, {"solver": "ipm"})
"""Options for another try, from scratch, where the simplex method lost its way numerically."""


@dataclass(frozen=True, slots=True)
class Arrays:
    """minimise cost·x, row_lower <= A·x <= row_upper, lower <= x <= upper; A as triples without repeated places."""

    cost: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    integer: np.ndarray
    row_lower: np.ndarray
    row_upper: np.ndarray
    row: np.ndarray
    column: np.ndarray
    value: np.ndarray


SEARCH = "solver"
"""The phase in which the objective is the case's own."""

STALLED = "stalled"
"""Why a decomposition ended whose bound and best plan did not move any more, although there was time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a solve came to.

    status: optimal (within the gap), feasible (stopped by a limit or by hand, with a plan), infeasible, no_solution.
    x, row_dual, column_dual: None without a plan or without duals.
    """

    status: str
    objective: float = np.nan
    bound: float = -np.inf
    x: np.ndarray | None = None
    row_dual: np.ndarray | None = None
    column_dual: np.ndarray | None = None
    stopped: str = ""
    iterations: int = 0

    @property
    def gap(self) -> float:
        """(objective - bound) relative to the objective."""
        return abs(self.objective - self.bound) / max(abs(self.objective), 1e-9)


def aggregate(row: np.ndarray, column: np.ndarray, value: np.ndarray, rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Triples in column order, those of one place added up."""
    key = column.astype(np.int64)
    key *= max(1, rows)
    key += row
    order = np.argsort(key, kind="stable")
    key, value = key[order], value[order]
    del order
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else np.zeros(0, dtype=np.int64)
    if len(starts) < len(key):
        key, value = key[starts], np.add.reduceat(value, starts)
    return (key % max(1, rows)).astype(np.int32), (key // max(1, rows)).astype(np.int32), value


@dataclass(frozen=True, slots=True)
class Model:
    """A program as the solver takes it, and its coefficients counted: the solver's own object would copy them all to tell."""

    lp: highspy.HighsLp
    entries: int


def model_of(arrays: Arrays) -> Model:
    """The arrays as the solver takes them; what is as good as no coefficient is left out."""
    a = arrays
    keep = np.abs(a.value) > SMALLEST_COEFFICIENT
    row, column, value = (a.row, a.column, a.value) if keep.all() else (a.row[keep], a.column[keep], a.value[keep])
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(a.cost), len(a.row_lower)
    model.col_cost_, model.col_lower_, model.col_upper_ = a.cost, a.lower, a.upper
    model.row_lower_, model.row_upper_ = a.row_lower, a.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.searchsorted(column, np.arange(len(a.cost) + 1)).astype(np.int32)
    model.a_matrix_.index_, model.a_matrix_.value_ = row.astype(np.int32), value
    if a.integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        model.integrality_ = [kinds[int(flag)] for flag in a.integer]
    return Model(model, len(value))


def arrays_of(model: highspy.HighsLp) -> Arrays:
    """The arrays of the solver's program, without its yes/no decisions."""
    matrix = model.a_matrix_
    column = np.repeat(np.arange(model.num_col_, dtype=np.int32), np.diff(matrix.start_))
    return Arrays(
        np.array(model.col_cost_),
        np.array(model.col_lower_),
        np.array(model.col_upper_),
        np.zeros(model.num_col_, dtype=bool),
        np.array(model.row_lower_),
        np.array(model.row_upper_),
        np.array(matrix.index_),
        column,
        np.array(matrix.value_),
    )


_first = threading.Lock()
_greeted = False


def new_highs() -> highspy.Highs:
    """A solver. The first of a process greets the world on standard output before any option can stop it: to nowhere."""
    global _greeted
    with _first:
        if _greeted:
            return highspy.Highs()
        _greeted = True
        try:
            sys.stdout.flush()
            kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
        except (OSError, ValueError):
            return highspy.Highs()
        os.dup2(nowhere, 1)
        try:
            return highspy.Highs()
        finally:
            os.dup2(kept, 1)
            os.close(kept)
            os.close(nowhere)


class Solver:
    """One program in HiGHS: solve it, fix it, change it, solve it again.

    money: the caller's money per unit of the objective, in which progress is reported. integrality: how far from whole a yes/no
    decision may be. absolute_gap: in units of the objective. presolve: whether the solver first makes the program smaller.
    """

    def __init__(
        self,
        arrays: Arrays,
        *,
        seed: int = 1,
        time_limit: float = np.inf,
        mip_gap: float = 1e-4,
        watch: Watch | None = None,
        money: float = 1.0,
        integrality: float = INTEGRALITY_TOLERANCE,
        absolute_gap: float = 0.0,
        presolve: bool = True,
    ) -> None:
        self.arrays, self.money = arrays, money
        self.usual = {"presolve": "choose" if presolve else "off", "solver": "choose", "small_matrix_value": SMALLEST_KEPT}
        self.watch = watch or Watch()
        self.deadline = min(self.watch.seconds + time_limit, self.watch.limit)
        self._check_numbers()
        self.highs = new_highs()
        self._options(
            {
                "output_flag": False,
                "threads": 1,
                "random_seed": seed,
                "mip_rel_gap": mip_gap,
                "mip_abs_gap": absolute_gap,
                **self.usual,
                "primal_feasibility_tolerance": FEASIBILITY_TOLERANCE,
                "dual_feasibility_tolerance": FEASIBILITY_TOLERANCE,
                "mip_feasibility_tolerance": integrality,
            }
        )
        self.load(model_of(arrays))

    # -- going in ------------------------------------------------------------------------------------------------------

    def _check_numbers(self) -> None:
        a = self.arrays
        if not all(np.isfinite(part).all() for part in (a.cost, a.value)):
            raise SolverError("A coefficient of the program is not a finite number.")
        for part in (a.cost, a.value):
            if len(part) and np.abs(part).max() > LARGEST_COEFFICIENT:
                raise SolverError(f"A coefficient of the program is {np.abs(part).max():.3g}, beyond what the solver can take.")
        for low, high in ((a.lower, a.upper), (a.row_lower, a.row_upper)):
            if np.isnan(low).any() or np.isnan(high).any():
                raise SolverError("A bound of the program is not a number.")

    def _options(self, options: dict[str, Any]) -> None:
        for name, value in options.items():
            if self.highs.setOptionValue(name, value) != highspy.HighsStatus.kOk:
                raise SolverError(f"The solver refused its option {name} = {value}.")

    def load(self, model: Model, basis: highspy.HighsBasis | None = None) -> None:
        """Take up a program in the place of the last one, and a basis to begin from."""
        status = self.highs.passModel(model.lp)
        counts = (self.highs.getNumCol(), self.highs.getNumRow(), self.highs.getNumNz())
        given = (model.lp.num_col_, model.lp.num_row_, model.entries)
        if status == highspy.HighsStatus.kError or counts != given:
            raise SolverError(f"The solver took {counts} columns, rows and coefficients of {given}.")
        if basis is not None:
            self._ok(self.highs.setBasis(basis))

    # -- solving -------------------------------------------------------------------------------------------------------

    def solve(self, phase: str = SEARCH) -> Outcome:
        """Solve what is there now. A first Ctrl-C stops the solver and keeps what it has. Best plan and bound are reported in SEARCH alone."""
        self._options({"time_limit": max(0.0, self.deadline - self.watch.seconds) + self.highs.getRunTime()})
        status = self._run(phase)
        for options in RETRIES:
            if self.highs.getModelStatus() not in LOST:
                break
            self.highs.clearSolver()
            self._options(options)
            status = self._run(phase)
            self._options(self.usual)
        return self._outcome(status)

    def _run(self, phase: str):
        latest: dict[str, float] = {}

        def look(event) -> None:
            # The solver looks at its own clock more seldom than it asks here.
            if self.watch.stop or self.watch.seconds > self.deadline:
                event.interrupt()

        def log(event) -> None:
            data = event.data_out
            primal, dual = data.mip_primal_bound, data.mip_dual_bound
            known = abs(primal) < 1e29, abs(dual) < 1e29
            latest.update(incumbent=primal * self.money if known[0] else None, bound=dual * self.money if known[1] else None)
            latest["gap"] = abs(primal - dual) / max(abs(primal), 1e-9) if all(known) else None

        highs, hooks = self.highs, []
        for name, hook in (("cbMipLogging", log), ("cbMipInterrupt", look), ("cbSimplexInterrupt", look), ("cbIpmInterrupt", look)):
            if hook is look or self.watch.report:
                getattr(highs, name).subscribe(hook)
                hooks.append((name, hook))
        # Later solves of a case have other objectives, whose values are neither a plan's cost nor a bound on it.
        figures = ("incumbent", "bound", "gap") if phase == SEARCH else ()
        status = attended(highs.run, self.watch, lambda: self.watch.tell(phase, **{k: latest.get(k) for k in figures}))
        for name, hook in hooks:
            getattr(highs, name).unsubscribe(hook)
        return status

    def _outcome(self, run_status) -> Outcome:
        highs, status = self.highs, self.highs.getModelStatus()
        info = highs.getInfo()
        kinds = highspy.HighsModelStatus
        if run_status == highspy.HighsStatus.kError:
            raise SolverError(f"The solver failed: {highs.modelStatusToString(status)}.")
        if status == kinds.kModelEmpty:
            return Outcome("optimal", 0.0, 0.0, np.zeros(len(self.arrays.cost)))
        if status in (kinds.kInfeasible,):
            return Outcome("infeasible")
        if status in (kinds.kUnbounded, kinds.kUnboundedOrInfeasible):
            raise SolverError("The program is unbounded; this is a mistake in the model, not in the workbook.")
        stopped = {kinds.kTimeLimit: BY_TIME, kinds.kInterrupt: BY_HAND if self.watch.stop else BY_TIME, kinds.kSolutionLimit: "solution limit"}
        if status != kinds.kOptimal and status not in stopped:
            raise SolverError(f"The solver ended with: {highs.modelStatusToString(status)}.")
        if status != kinds.kOptimal and info.primal_solution_status != 2:
            return Outcome("no_solution", stopped=stopped[status])
        return self._plan(status, stopped.get(status, ""))

    def _plan(self, status, stopped: str) -> Outcome:
        info, solution = self.highs.getInfo(), self.highs.getSolution()
        x = np.array(solution.col_value)
        mixed = bool(self.highs.getLp().integrality_)
        objective = float(self.arrays.cost @ x)
        optimal = status == highspy.HighsModelStatus.kOptimal
        bound = info.mip_dual_bound if mixed else (objective if optimal else -np.inf)
        self._check_solution(x, objective)
        duals = not mixed and solution.dual_valid
        return Outcome(
            "optimal" if optimal else "feasible",
            objective,
            min(float(bound), objective),
            x,
            np.array(solution.row_dual) if duals else None,
            np.array(solution.col_dual) if duals else None,
            stopped,
            int(info.simplex_iteration_count),
        )

    def _check_solution(self, x: np.ndarray, objective: float) -> None:
        """The returned point, put into our own arrays: no row or bound broken beyond rounding."""
        a = self.arrays
        if not np.isfinite(x).all() or not np.isfinite(objective):
            raise SolverError("The solver returned something that is not a number.")
        terms = a.value * x[a.column]
        activity = np.bincount(a.row, terms, minlength=len(a.row_lower))
        size = 1 + np.bincount(a.row, np.abs(terms), minlength=len(a.row_lower))
        broken = np.maximum(np.maximum(a.row_lower - activity, activity - a.row_upper), 0) / size
        worst = max(broken.max(initial=0), (np.maximum(np.maximum(a.lower - x, x - a.upper), 0) / (1 + np.abs(x))).max(initial=0))
        if worst > 1e-5:
            raise SolverError(f"The solver's answer breaks a row by {worst:.2g} of its size.")

    # -- changing ------------------------------------------------------------------------------------------------------

    def _replace(self, **changes) -> None:
        self.arrays = replace(self.arrays, **changes)

    def set_bounds(self, columns: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> None:
        """New bounds of some columns."""
        low, high = self.arrays.lower.copy(), self.arrays.upper.copy()
        low[columns], high[columns] = lower, upper
        self._replace(lower=low, upper=high)
        self._ok(self.highs.changeColsBounds(len(columns), columns.astype(np.int32), np.asarray(lower, float), np.asarray(upper, float)))

    def set_rows(self, rows: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> None:
        """New bounds of some rows."""
        low, high = self.arrays.row_lower.copy(), self.arrays.row_upper.copy()
        low[rows], high[rows] = lower, upper
        self._replace(row_lower=low, row_upper=high)
        self._ok(self.highs.changeRowsBounds(len(rows), rows.astype(np.int32), np.asarray(lower, float), np.asarray(upper, float)))

    def set_cost(self, cost: np.ndarray) -> None:
        """A new objective."""
        self._replace(cost=cost)
        self._ok(self.highs.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost))

    def add_row(self, lower: float, upper: float, columns: np.ndarray, values: np.ndarray) -> None:
        """One more row."""
        a, at = self.arrays, len(self.arrays.row_lower)
        row, column, value = aggregate(
            np.concatenate([a.row, np.full(len(columns), at)]), np.concatenate([a.column, columns]), np.concatenate([a.value, values]), at + 1
        )
        self._replace(row=row, column=column, value=value, row_lower=np.append(a.row_lower, lower), row_upper=np.append(a.row_upper, upper))
        self._ok(self.highs.addRow(lower, upper, len(columns), columns.astype(np.int32), np.asarray(values, float)))

    def start_from(self, x: np.ndarray) -> None:
        """Give a mixed program a plan to begin with, which the solver completes or leaves."""
        solution = highspy.HighsSolution()
        solution.col_value = list(np.clip(x, self.arrays.lower, self.arrays.upper))
        self.highs.setSolution(solution)

    def relax_integers(self, x: np.ndarray) -> None:
        """Fix the integer columns at the whole numbers nearest to x and forget that they were integer."""
        columns = np.flatnonzero(self.arrays.integer)
        fixed = np.round(x[columns])
        self.set_bounds(columns, fixed, fixed)
        kinds = np.array([highspy.HighsVarType.kContinuous] * len(columns))
        self._ok(self.highs.changeColsIntegrality(len(columns), columns.astype(np.int32), kinds))
        self._replace(integer=np.zeros_like(self.arrays.integer))

    @staticmethod
    def _ok(status) -> None:
        if status != highspy.HighsStatus.kOk:
            raise SolverError("The solver refused a change of its program.")


def version() -> str:
    """The solver and its version."""
    return f"HiGHS {new_highs().version()}"
