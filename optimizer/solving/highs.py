"""HiGHS behind a small interface: arrays in, an outcome in words of our own out. No other module imports highspy.

HiGHS refuses a whole batch of rows for one coefficient of 1e15 or inf and then calls the empty rest "optimal"; it drops coefficients
below small_matrix_value; it takes NaN for a number. So this module checks the numbers before they go in, counts them after, looks at
every returned status, and checks the returned point against the arrays.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import highspy
import numpy as np

from optimizer.errors import NumericalError, SolverError
from optimizer.model.arrays import Arrays
from optimizer.solving.columnwise import NO_ENTRIES, Model, arrays_of, model_of
from optimizer.solving.numerics import FEASIBILITY_TOLERANCE, INTEGRALITY_TOLERANCE, MIP_GAP, SMALLEST_COEFFICIENT, SMALLEST_KEPT, check_numbers, check_solution
from optimizer.solving.options import IPM_ITERATIONS, RETRIES, Options
from optimizer.solving.outcome import Outcome, OutOfTime, Point, State, Status, Stop, relative_gap
from optimizer.solving.silence import silence
from optimizer.solving.watch import Phase, Watch, run_interruptibly

UNKNOWN_VALUE = 1e29
"""HiGHS reports 1e30 or inf for a bound that it does not know."""

_KINDS = highspy.HighsModelStatus
_LOST_COLD = frozenset((_KINDS.kNotset, _KINDS.kUnknown, _KINDS.kUnboundedOrInfeasible, _KINDS.kSolveError, _KINDS.kPresolveError, _KINDS.kPostsolveError))
_LOST_WARM = frozenset((_KINDS.kUnknown,))

Basis = highspy.HighsBasis

_STATES = {
    _KINDS.kOptimal: State.OPTIMAL,
    _KINDS.kInfeasible: State.INFEASIBLE,
    _KINDS.kUnboundedOrInfeasible: State.INFEASIBLE_OR_UNBOUNDED,
    _KINDS.kObjectiveBound: State.CUT_OFF,
}


_BY_COLUMN, _MINIMISE = int(highspy.MatrixFormat.kColwise), int(highspy.ObjSense.kMinimize)

_Highs: Any = highspy.Highs  # without the types that it lacks
_first = threading.Lock()
_greeted = False


def new_highs() -> Any:
    """Return a solver. The first one of a process prints a banner before any option can stop it."""
    global _greeted
    with _first:
        if _greeted:
            return _Highs()
        _greeted = True
        with silence():
            return _Highs()


def version() -> str:
    """Return the solver and its version."""
    return f"HiGHS {new_highs().version()}"


_STATUSES = (
    highspy.HighsBasisStatus.kLower,
    highspy.HighsBasisStatus.kBasic,
    highspy.HighsBasisStatus.kUpper,
    highspy.HighsBasisStatus.kZero,
    highspy.HighsBasisStatus.kNonbasic,
)
LOWER, BASIC, UPPER, FREE, _ = map(int, _STATUSES)
"""What the statuses of columns and rows in a basis are as numbers: at the lower bound, in the basis, at the upper bound, and without bounds at 0."""


def statuses_of(basis: Basis) -> tuple[np.ndarray, np.ndarray]:
    """Return the statuses of columns and rows as numbers."""
    columns, rows = (np.array([int(status) for status in part]) for part in (basis.col_status, basis.row_status))
    return columns, rows


def basis_of(columns: np.ndarray, rows: np.ndarray) -> Basis:
    """Return the basis of these statuses, which HiGHS completes where they are none."""
    basis = highspy.HighsBasis()
    basis.col_status, basis.row_status = ([_STATUSES[status] for status in part.tolist()] for part in (columns, rows))
    basis.valid = basis.alien = True
    return basis


class Reoptimizer:
    """One program in HiGHS that is changed and solved again from its last basis, by the simplex method. Every method raises SolverError where HiGHS refuses."""

    def __init__(self, model: Model, options: Options) -> None:
        """options: those in force, to which a retry returns."""
        self.highs = new_highs()
        self.usual: Options = {"presolve": "choose", "solver": "choose", "simplex_scale_strategy": 2, "small_matrix_value": SMALLEST_KEPT, **options}
        self.options({"output_flag": False, "threads": 1, "ipm_iteration_limit": IPM_ITERATIONS, **self.usual})
        self.load(model)

    def options(self, options: Options) -> None:
        """Set options of HiGHS."""
        for name, value in options.items():
            if self.highs.setOptionValue(name, value) != highspy.HighsStatus.kOk:
                raise SolverError(f"The solver refused its option {name} = {value}.")

    def load(self, model: Model, basis: Basis | None = None) -> None:
        """Take up a program in the place of the last one, and a basis to begin from."""
        a, entries = model.arrays, (model.start, model.index, model.value)
        given = (a.columns, a.rows, len(model.value))
        bounds = (a.lower, a.upper, a.row_lower, a.row_upper)
        status = self.highs.passModel(*given, _BY_COLUMN, _MINIMISE, 0.0, a.cost, *bounds, *entries, a.integer.astype(np.int32))
        counts = (self.highs.getNumCol(), self.highs.getNumRow(), self.highs.getNumNz())
        if status == highspy.HighsStatus.kError or counts != given:
            raise SolverError(f"The solver took {counts} columns, rows and coefficients of {given}.")
        if basis is not None:
            self.basis = basis

    # -- solving -------------------------------------------------------------------------------------------------------

    def rerun(self, until: float = np.inf) -> State:
        """Solve the program as it is now, from its last basis.

        until: in seconds of the epoch, which processes share. Raises OutOfTime after it, NumericalError where no retry has an answer.
        """

        def run() -> highspy.HighsStatus:
            if until < np.inf:
                left = until - time.time()
                if left <= 0:
                    raise OutOfTime
                self._limit(left)
            status: highspy.HighsStatus = self.highs.run()
            return status

        if self._run_with_retries(run, _LOST_WARM) == highspy.HighsStatus.kError:
            raise NumericalError("The solver failed on a part of the tree.")
        status = self.highs.getModelStatus()
        if status == _KINDS.kTimeLimit:
            raise OutOfTime
        if status not in _STATES:
            raise NumericalError(f"A part of the tree ended with: {self.highs.modelStatusToString(status)}.")
        return _STATES[status]

    def _limit(self, seconds: float) -> None:
        """Let the next run take so many seconds."""
        self.options({"time_limit": seconds + self.highs.getRunTime()})

    def _run_with_retries(self, run: Callable[[], highspy.HighsStatus], lost: frozenset[highspy.HighsModelStatus]) -> highspy.HighsStatus:
        """Call run(), and as long as it ends in a status of `lost` again from scratch, with each of RETRIES that differs from the usual options."""
        status, retried = run(), False
        for options in RETRIES:
            if status != highspy.HighsStatus.kError and self.highs.getModelStatus() not in lost:
                break
            if options and options.items() <= self.usual.items():
                continue
            self.highs.clearSolver()
            self.options({**self.usual, **options})
            status, retried = run(), True
        if retried:
            self.options(self.usual)
        return status

    @property
    def point(self) -> Point:
        """The last solution."""
        solution = self.highs.getSolution()
        return Point(np.array(solution.col_value), np.array(solution.col_dual), np.array(solution.row_dual))

    @property
    def objective(self) -> float:
        """The objective of the last solution."""
        return float(self.highs.getInfo().objective_function_value)

    @property
    def basis(self) -> Basis | None:
        """The last basis, None where there is none. Assigned, it is where the next solve begins."""
        return basis if (basis := self.highs.getBasis()).valid else None

    @basis.setter
    def basis(self, basis: Basis) -> None:
        _accepted(self.highs.setBasis(basis))

    def arrays_now(self) -> Arrays:
        """Return the program as it stands in HiGHS, its integer columns relaxed."""
        lp, matrix = self.highs.getLp(), self.highs.getLp().a_matrix_
        cost, lower, upper, row_lower, row_upper = (np.array(part) for part in (lp.col_cost_, lp.col_lower_, lp.col_upper_, lp.row_lower_, lp.row_upper_))
        bare = Arrays(cost, lower, upper, np.zeros(len(cost), dtype=bool), row_lower, row_upper, NO_ENTRIES, NO_ENTRIES, np.zeros(0))
        return arrays_of(Model(bare, np.array(matrix.start_), np.array(matrix.index_), np.array(matrix.value_)))

    def row_bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the lower and upper bounds of the rows as they stand."""
        lp = self.highs.getLp()
        return np.array(lp.row_lower_), np.array(lp.row_upper_)

    # -- changing ------------------------------------------------------------------------------------------------------

    def set_costs(self, columns: np.ndarray, costs: np.ndarray) -> None:
        """Replace the costs of some columns."""
        _accepted(self.highs.changeColsCost(len(columns), columns.astype(np.int32), np.asarray(costs, float)))

    def set_bounds(self, columns: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> None:
        """Replace the bounds of some columns."""
        _accepted(self.highs.changeColsBounds(len(columns), columns.astype(np.int32), np.asarray(lower, float), np.asarray(upper, float)))

    def set_rows(self, rows: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> None:
        """Replace the bounds of some rows."""
        _accepted(self.highs.changeRowsBounds(len(rows), rows.astype(np.int32), np.asarray(lower, float), np.asarray(upper, float)))

    def set_coefficients(self, row: int, values: np.ndarray) -> None:
        """Set the coefficients of one row in the first columns, those above SMALLEST_COEFFICIENT."""
        for column in np.flatnonzero(np.abs(values) > SMALLEST_COEFFICIENT):
            _accepted(self.highs.changeCoeff(row, int(column), float(values[column])))

    def add_rows(self, lower: np.ndarray, upper: np.ndarray, starts: np.ndarray, columns: np.ndarray, values: np.ndarray) -> None:
        """Add rows at the end. starts: where the entries of each row begin in columns and values."""
        _accepted(self.highs.addRows(len(lower), lower, upper, len(columns), starts.astype(np.int32), columns.astype(np.int32), values))

    def delete_rows(self, rows: np.ndarray) -> None:
        """Delete rows; those after them move up."""
        _accepted(self.highs.deleteRows(len(rows), rows.astype(np.int32)))


def _accepted(status: highspy.HighsStatus) -> None:
    if status != highspy.HighsStatus.kOk:
        raise SolverError("The solver refused a change of its program.")


class Solver(Reoptimizer):
    """One program in HiGHS, with its arrays beside it, against which every answer is checked.

    money: the caller's money per unit of the objective, in which progress is reported. integrality: how far from whole an integer column
    may be. absolute_gap: in units of the objective. presolve: whether HiGHS first makes the program smaller.
    """

    def __init__(
        self,
        arrays: Arrays,
        *,
        seed: int = 1,
        time_limit: float = np.inf,
        mip_gap: float = MIP_GAP,
        watch: Watch | None = None,
        money: float = 1.0,
        integrality: float = INTEGRALITY_TOLERANCE,
        absolute_gap: float = 0.0,
        presolve: bool = True,
        **options: Any,
    ) -> None:
        """options: more of HiGHS, by their names there."""
        self.arrays, self.money = arrays, money
        self.watch = watch or Watch()
        self.deadline = min(self.watch.seconds + time_limit, self.watch.limit)
        check_numbers(arrays)
        given = {
            "random_seed": seed,
            "mip_rel_gap": mip_gap,
            "mip_abs_gap": absolute_gap,
            "presolve": "choose" if presolve else "off",
            "primal_feasibility_tolerance": FEASIBILITY_TOLERANCE,
            "dual_feasibility_tolerance": FEASIBILITY_TOLERANCE,
            "mip_feasibility_tolerance": integrality,
        }
        super().__init__(model_of(arrays), {**given, **options})

    # -- solving -------------------------------------------------------------------------------------------------------

    def solve(self, phase: Phase = Phase.SEARCH) -> Outcome:
        """Solve the program as it is now. A first Ctrl-C stops the solver and keeps what it has. Incumbent and bound are reported in Phase.SEARCH alone."""
        self._limit(max(0.0, self.deadline - self.watch.seconds))
        status = self._run_with_retries(lambda: self._run(phase), _LOST_COLD)
        return self._outcome(status)

    def attempt(self, phase: Phase) -> Outcome:
        """Solve what only refines a plan that is already known: where the solver fails, that plan is not lost, and the outcome has no solution."""
        try:
            return self.solve(phase)
        except SolverError:
            return Outcome(Status.NO_SOLUTION)

    def _run(self, phase: Phase) -> highspy.HighsStatus:
        latest: dict[str, float | None] = {}

        def interrupt(event: Any) -> None:
            # HiGHS looks at its own clock more seldom than it asks here.
            if self.watch.stop or self.watch.seconds > self.deadline:
                event.interrupt()

        def note(event: Any) -> None:
            incumbent, bound = event.data_out.mip_primal_bound, event.data_out.mip_dual_bound
            known = abs(incumbent) < UNKNOWN_VALUE, abs(bound) < UNKNOWN_VALUE
            latest.update(incumbent=incumbent * self.money if known[0] else None, bound=bound * self.money if known[1] else None)
            latest["gap"] = relative_gap(incumbent, bound) if all(known) else None

        def tick() -> None:
            # Later solves of a case have other objectives, whose values are neither a plan's cost nor a bound on it.
            figures = latest if phase == Phase.SEARCH else {}
            self.watch.tell(phase, incumbent=figures.get("incumbent"), bound=figures.get("bound"), gap=figures.get("gap"))

        with self._listening(interrupt, note if self.watch.report else None):
            status: highspy.HighsStatus = run_interruptibly(self.highs.run, self.watch, tick)
        return status

    @contextmanager
    def _listening(self, interrupt: Callable[[Any], None], note: Callable[[Any], None] | None) -> Iterator[None]:
        """Have HiGHS call these functions while it runs."""
        events = {name: interrupt for name in ("cbMipInterrupt", "cbSimplexInterrupt", "cbIpmInterrupt")}
        if note is not None:
            events["cbMipLogging"] = note
        for name, hook in events.items():
            getattr(self.highs, name).subscribe(hook)
        try:
            yield
        finally:
            for name, hook in events.items():
                getattr(self.highs, name).unsubscribe(hook)

    def _outcome(self, run_status: highspy.HighsStatus) -> Outcome:
        status = self.highs.getModelStatus()
        words = self.highs.modelStatusToString(status)
        if run_status == highspy.HighsStatus.kError:
            raise SolverError(f"The solver failed: {words}.")
        if status == _KINDS.kModelEmpty:
            return Outcome(Status.OPTIMAL, 0.0, 0.0, np.zeros(self.arrays.columns))
        if status == _KINDS.kInfeasible:
            return Outcome(Status.INFEASIBLE)
        if status in (_KINDS.kUnbounded, _KINDS.kUnboundedOrInfeasible):
            raise SolverError("The program is unbounded; this is a mistake in the model, not in the workbook.")
        if status == _KINDS.kOptimal:
            return self._found(Status.OPTIMAL, Stop.NONE)
        if status not in (_KINDS.kTimeLimit, _KINDS.kInterrupt):
            raise SolverError(f"The solver ended with: {words}.")
        stopped = Stop.BY_HAND if status == _KINDS.kInterrupt and self.watch.stop else Stop.BY_TIME
        if self.highs.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return Outcome(Status.NO_SOLUTION, stopped=stopped)
        return self._found(Status.FEASIBLE, stopped)

    def _found(self, status: Status, stopped: Stop) -> Outcome:
        """Return the solution that HiGHS has, checked."""
        info, solution = self.highs.getInfo(), self.highs.getSolution()
        x, mixed = np.array(solution.col_value), bool(self.arrays.integer.any())
        objective = float(self.arrays.cost @ x)
        bound = info.mip_dual_bound if mixed else (objective if status == Status.OPTIMAL else -np.inf)
        check_solution(self.arrays, x, objective)
        row_dual, column_dual = (np.array(solution.row_dual), np.array(solution.col_dual)) if not mixed and solution.dual_valid else (None, None)
        return Outcome(status, objective, min(float(bound), objective), x, row_dual, column_dual, stopped, int(info.simplex_iteration_count))

    def set_bounds(self, columns: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> None:
        super().set_bounds(columns, lower, upper)
        low, high = self.arrays.lower.copy(), self.arrays.upper.copy()
        low[columns], high[columns] = lower, upper
        self.arrays = replace(self.arrays, lower=low, upper=high)

    def set_rows(self, rows: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> None:
        super().set_rows(rows, lower, upper)
        low, high = self.arrays.row_lower.copy(), self.arrays.row_upper.copy()
        low[rows], high[rows] = lower, upper
        self.arrays = replace(self.arrays, row_lower=low, row_upper=high)

    def set_costs(self, columns: np.ndarray, costs: np.ndarray) -> None:
        super().set_costs(columns, costs)
        cost = self.arrays.cost.copy()
        cost[columns] = costs
        self.arrays = replace(self.arrays, cost=cost)

    def set_objective(self, cost: np.ndarray) -> None:
        """Replace the costs of all columns."""
        self.set_costs(np.arange(len(cost)), cost)

    def add_row(self, lower: float, upper: float, columns: np.ndarray, values: np.ndarray) -> None:
        """Add one row at the end, with the coefficients above SMALLEST_COEFFICIENT."""
        kept = np.abs(values) > SMALLEST_COEFFICIENT
        columns, values = columns[kept], values[kept]
        self.add_rows(np.array([lower]), np.array([upper]), np.zeros(1), columns, values)
        self.arrays = self.arrays.with_rows(1, lower=lower, upper=upper, entries=[(self.arrays.rows, columns, values)])

    def start_from(self, x: np.ndarray) -> None:
        """Give a mixed-integer program a plan to begin with, which HiGHS completes or leaves."""
        solution = highspy.HighsSolution()
        solution.col_value = list(np.clip(x, self.arrays.lower, self.arrays.upper))
        self.highs.setSolution(solution)

    def fix_integers(self, x: np.ndarray) -> None:
        """Fix the integer columns at the whole numbers nearest to x, and make them continuous."""
        columns = np.flatnonzero(self.arrays.integer)
        fixed = np.round(x[columns])
        self.set_bounds(columns, fixed, fixed)
        kinds = np.array([highspy.HighsVarType.kContinuous] * len(columns))
        _accepted(self.highs.changeColsIntegrality(len(columns), columns.astype(np.int32), kinds))
        self.arrays = replace(self.arrays, integer=np.zeros_like(self.arrays.integer))
