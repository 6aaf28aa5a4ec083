"""Load, check and solve: what the command line and the app are made of."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from optimizer.case import Case
from optimizer.errors import InternalError, NoPlanError, OptimizerError, Problem, WorkbookError
from optimizer.intake.reader import Reading, read, reading_of
from optimizer.report import writers  # noqa: F401  (importing it says what a plan can be saved as)

if TYPE_CHECKING:
    from optimizer.executors import Executor
    from optimizer.plan.plan import Plan
    from optimizer.solving.solution import Solution
    from optimizer.solving.warm_start import WarmStart
    from optimizer.solving.watch import Progress


Source = str | os.PathLike | Reading | Case
Settings = Mapping[str, Any]
Cells = Mapping[str, Any]


def load(path: str | os.PathLike, settings: Settings | None = None) -> Reading:
    """Read a sourcing workbook (.xlsx, .xlsm, or a folder of .csv); `settings` stand in for those of its Settings sheet.

    The reading's .case holds typed rows, .warnings what is legal but suspicious. Raise WorkbookError with every problem at once.

    >>> reading = optimizer.load("sample_inputs/tutorial.xlsx", {"periods": 2})
    >>> [offer.supplier for offer in reading.case.offers]
    ['Southern Refinery', 'Allied Separation']
    >>> reading.case.calendar.labels
    ('2027', '2028')
    """
    return read(path, settings or {})


def check(source: Source, settings: Settings | None = None) -> list[Problem]:
    """List everything wrong or suspicious about a workbook, errors first; level tells which. An empty list means that all is well.

    >>> optimizer.check("sample_inputs/tutorial.xlsx")
    []
    >>> for problem in optimizer.check("sample_inputs/tutorial.xlsx", {"risk_weight": 30, "mip_gap": "small"}):
    ...     print(problem.level, problem.where, problem.message.split(",")[0])
    error --set risk_weight: found 30
    error --set mip_gap: found the text 'small'
    """
    try:
        return list(reading_of(source, settings or {}).warnings)
    except WorkbookError as error:
        return [*error.problems, *error.warnings]


def solve(
    source: Source,
    settings: Settings | None = None,
    *,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    method: str = "auto",
    cluster: str | None = None,
) -> Plan:
    """Return the optimal plan of a workbook, a reading or a case; `settings` (name -> value) stand in for its own.

    progress is called several times a second while it runs; once cancelled() is true (or on Ctrl-C) the best plan found is
    returned. method: "extensive" (one program), "decomposed" (cut along the tree's trunk) or "auto" (by size). cluster: address of a
    Dask scheduler, on whose workers the parts of a tree that is cut are solved; without it, in processes of this machine. The setting
    time_limit_seconds holds for all of it, within a tenth and 5 s.

    WorkbookError: bad input, an unknown setting, or more than this computer's memory holds. ClusterError: the cluster cannot do it.
    InfeasibleError: no plan satisfies the limits; it says what has to give. NoPlanError: stopped before any plan was found. AuditError,
    SolverError: a mistake of this program, never shown as a plan.

    >>> plan = optimizer.solve("sample_inputs/tutorial.xlsx", {"risk_weight": 0.5})
    >>> str(plan.status), round(plan.expected_cost), round(plan.cvar)
    ('optimal', 1047250, 1084000)
    """
    if cluster is None:
        return _solve(source, progress, cancelled, method, settings or {})
    from optimizer.executors import on_cluster

    executor = on_cluster(cluster)
    try:
        return _solve(source, progress, cancelled, method, settings or {}, executor)
    finally:
        executor.close()


class WhatIf:
    """One case, asked again and again with something changed: a budget, a limit, a price, a setting.

    Each question is solved from what the ones before have left: the compiled model, the solver's bases, the plan, and of a tree
    that is cut up the workers with its parts and the cuts that still hold. The answers are those of `solve`, within the gap.

    >>> with optimizer.WhatIf("sample_inputs/tutorial.xlsx") as ask:
    ...     neutral = ask.solve(settings={"risk_weight": 0})
    ...     careful = ask.solve(settings={"risk_weight": 0.6})
    >>> neutral.cvar > careful.cvar, neutral.expected_cost < careful.expected_cost
    (True, True)
    """

    def __init__(self, source: Source, *, method: str = "auto", cluster: str | None = None) -> None:
        """Read the case; WorkbookError, ClusterError as for `solve`."""
        from optimizer.executors import on_cluster
        from optimizer.solving.warm_start import WarmStart

        self.reading, self.method = reading_of(source), method
        self.warm_start = WarmStart(None if cluster is None else on_cluster(cluster))

    def solve(
        self,
        source: Source | None = None,
        settings: Settings | None = None,
        *,
        cells: Cells | None = None,
        progress: Callable[[Progress], None] | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Plan:
        """Return the plan of the case, or of the same case changed by hand (`source`), under other settings; as `solve` otherwise.

        cells: name -> value of cells that are changed, by Excel's address ("Suppliers!F7"), by sheet, row and column ("Suppliers / Allied Separation
        / price") or as a whole column ("Disruptions / annual_probability"); a value may be editing.Times(1.1). The workbook is read anew with them:
        WorkbookError for a name that means no cell, for what the changed cells make wrong, and for a case, which has no cells.

        >>> with optimizer.WhatIf("sample_inputs/tutorial.xlsx") as ask:
        ...     dearer = ask.solve(cells={"Suppliers / Southern Refinery / price": 275})
        ...     riskier = ask.solve(cells={"Disruptions / annual_probability": optimizer.editing.Times(2)})
        >>> ask.reading.case.offers[0].price, dearer.case.offers[0].price, riskier.case.disruptions[0].annual_probability
        (250.0, 275.0, 0.6)
        """
        asked: Source = self.reading if source is None else source
        if cells:
            asked, settings = _varied(asked, cells, settings), None
        return _solve(asked, progress, cancelled, self.method, settings or {}, self.warm_start.executor, self.warm_start)

    def close(self) -> None:
        """Let the workers go."""
        self.warm_start.close()
        if self.warm_start.executor is not None:
            self.warm_start.executor.close()

    def __enter__(self) -> WhatIf:
        return self

    def __exit__(self, *exception) -> None:
        self.close()


def sweep(
    sources: Iterable[str | os.PathLike | Reading | Case],
    *,
    settings: Iterable[dict[str, Any]] = ({},),
    cells: Iterable[Cells] = ({},),
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    method: str = "auto",
    cluster: str | None = None,
) -> list[Plan | OptimizerError]:
    """Solve several sources under each of several settings, many at a time: all settings of the first source, then of the next.

    cells: changes of cells, each name -> value as for WhatIf.solve; every one of them is solved under every setting, setting by setting.
    They are solved in processes of this machine, or on the workers of the Dask cluster whose scheduler listens at `cluster`. Where a
    source has no plan, its error stands in the list instead, NoPlanError for what was not begun before cancelled() was true.
    progress(done, total) is called as they end. What a worker was at when it died is solved again.

    >>> weights = [{"risk_weight": weight} for weight in (0, 1)]
    >>> plans = optimizer.sweep(["sample_inputs/tutorial.xlsx"], settings=weights)
    >>> [round(plan.expected_cost, -2) for plan in plans]
    [1013500.0, 1047200.0]
    >>> prices = [{"Suppliers / Southern Refinery / price": price} for price in (225, 275)]
    >>> plans = optimizer.sweep(["sample_inputs/tutorial.xlsx"], cells=prices)
    >>> [round(plan.expected_cost, -2) for plan in plans]
    [946200.0, 1083500.0]
    """
    from optimizer.executors import Processes, on_cluster

    executor = Processes() if cluster is None else on_cluster(cluster)
    try:
        return list(sweep_on(executor, sources, settings, method, progress, cancelled, cells))
    finally:
        executor.close()


def sweep_on(
    executor: Executor, sources, settings=({},), method: str = "auto", progress=None, cancelled=lambda: False, cells: Iterable[Cells] = ({},)
) -> Iterator[Plan | OptimizerError]:
    """As `sweep`, one result after another, on an executor that is there."""
    results: dict[int, Plan | OptimizerError] = {}
    given = 0
    for place, result in as_they_end(executor, sources, settings, method, progress, cancelled, cells):
        results[place] = result
        while given in results:
            yield results.pop(given)
            given += 1


def as_they_end(
    executor: Executor, sources, settings=({},), method: str = "auto", progress=None, cancelled=lambda: False, cells: Iterable[Cells] = ({},)
) -> Iterator[tuple[int, Plan | OptimizerError]]:
    """As `sweep_on`, but each result as soon as it is there, with its place: what has ended need not wait for what takes long.

    Whatever goes wrong with one source is that source's result. Once cancelled() is true, solves under way on this machine stop, too,
    with the best plan that they have.
    """
    from optimizer.executors import StopFile, run_all

    tasks: list[tuple] = []
    places: list[int] = []
    changed = list(cells)
    varied = [(values, named) for values in settings for named in changed]
    stop = StopFile()
    count = 0
    open_: set[int] = set()
    try:
        for source in sources:
            for changes, named in varied:
                open_.add(count)
                if cancelled():
                    count += 1
                    continue
                try:
                    # Read here: a worker of another machine has not this one's files.
                    tasks.append((_varied(source, named, changes), method, stop.path))
                    places.append(count)
                except Exception as error:
                    open_.discard(count)
                    yield count, _as_ours(error)
                count += 1

        def asked() -> bool:
            if asked_now := cancelled():
                stop.ask()
            return asked_now

        for number, result in run_all(executor, solve_here, tasks, asked):
            open_.discard(places[number])
            if progress:
                progress(count - len(open_), count)
            yield places[number], _as_ours(result) if isinstance(result, Exception) else result
        for place in sorted(open_):
            yield place, NoPlanError("Stopped before any plan was found.")
    finally:
        stop.close()


def _varied(source: Source, cells: Cells, settings: Settings | None) -> Reading:
    """Read a source with other values in some cells and under other settings."""
    if not cells:
        return reading_of(source, settings or {})
    from optimizer.editing.cells import varied

    return varied(reading_of(source), cells, settings)


def _as_ours(error: Exception) -> OptimizerError:
    """What went wrong with one of several sources, as an error of ours: the others go on."""
    from optimizer.executors import WorkerLost

    if isinstance(error, OptimizerError):
        return error
    if isinstance(error, WorkerLost):
        return NoPlanError(f"Its workers died: {error}")
    if isinstance(error, MemoryError):
        return NoPlanError("There is not enough memory for this case. Use fewer futures or periods.")
    return InternalError(f"Something unexpected went wrong ({type(error).__name__}: {error}).")


def solve_here(reading: Reading, method: str, stop: str = "") -> Plan | OptimizerError:
    """The plan of a reading, or the error that there is none, in this very process. stop: a file that asks it to stop once it is there."""
    from optimizer.executors import Here, stop_at

    try:
        return _solve(reading, None, stop_at(stop), method, {}, Here())
    except OptimizerError as error:
        return error


MORE_TIME = "Allow more time (time_limit_seconds), or fewer futures, periods or offers."


def _solve(
    source, progress, cancelled, method: str, settings: Mapping[str, Any], executor: Executor | None = None, warm_start: WarmStart | None = None
) -> Plan:
    """As `solve`, on an executor and with what earlier solves left."""
    from optimizer.plan.plan import make_plan
    from optimizer.solving.extensive import solve_again
    from optimizer.solving.infeasibility import explained
    from optimizer.solving.outcome import Status, Stop
    from optimizer.solving.solve import METHODS, solve_case
    from optimizer.solving.watch import Phase, Stopped, Watch

    if method not in METHODS:
        raise ValueError(f"method is one of {', '.join(METHODS)}, not {method!r}.")
    began = time.monotonic()
    watch = Watch(report=progress, cancelled=cancelled)
    watch.tell(Phase.READING)
    reading = reading_of(source, settings)
    # Reading counts: the limit is on all that a planner waits for.
    watch.limit = reading.case.settings.time_limit_seconds

    def planned(solution: Solution) -> Plan:
        if solution.status == Status.INFEASIBLE:
            raise explained(solution.built, watch, watch.limit + watch.grace)
        if solution.decisions is None and solution.stopped == Stop.BY_HAND:
            raise NoPlanError("Stopped before any plan was found.")
        if solution.decisions is None:
            raise NoPlanError(f"No plan was found ({solution.stopped or 'stopped'}). {MORE_TIME}")
        watch.tell(Phase.CHECKING)
        return make_plan(
            reading.case,
            solution,
            warnings=reading.warnings,
            sheets=reading.sheets,
            source={"name": reading.name, "sha256": reading.sha256},
            seconds=time.monotonic() - began,
            watch=watch,
        )

    try:
        try:
            return planned(solve_case(reading.case, watch=watch, method=method, executor=executor, warm_start=warm_start))
        except InternalError as error:
            # Before anybody hears that an answer was no good, the case is solved once more another way.
            watch.tell(Phase.ANOTHER_WAY, f"another way: {type(error).__name__}")
            if warm_start is not None:
                warm_start.forget()
            try:
                solution = solve_again(reading.case, watch)
            except WorkbookError:
                raise error from None  # as one program the case is too large
            if solution.status == Status.NO_SOLUTION:
                raise
            return planned(solution)
    except (Stopped, KeyboardInterrupt) as stopped:
        reason = str(stopped)
    # Raised here, the error does not hold what was stopped, which may be large.
    if reason == Stop.BY_TIME:
        raise NoPlanError(f"The time limit of {watch.limit:g} s was over before any plan was found. {MORE_TIME}")
    raise NoPlanError("Stopped before any plan was found.")
