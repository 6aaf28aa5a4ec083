"""The plan for the worst probabilities within the ranges of the sheet Disruptions, beside the plan for its own probabilities.

The robust plan has the least worst objective: the largest that any probabilities within the ranges give it. It is found by cutting sets: the best plan
against the probabilities known so far, then the worst probabilities for that plan (probability_box.py), which are added, until no worse ones are found
(the adversarial approach of Bienstock & Özbay, 2008; ambiguous distributions on a scenario tree: Pflug & Wozabal, 2007; Delage & Ye, 2010).
What must hold on average, a minimum fill rate, holds under the workbook's own probabilities.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from optimizer.case import Case
from optimizer.errors import OptimizerError
from optimizer.plan.audit import audit, require
from optimizer.plan.plan import Plan
from optimizer.plan.results import Results
from optimizer.scenarios import choose_method
from optimizer.solving.built import build
from optimizer.solving.solution import Solution, decided
from optimizer.solving.solve import solve_program
from optimizer.solving.watch import TICK_SECONDS, Phase, Progress, Stopped, Watch
from optimizer.studies.hedging.hedge import Hedge
from optimizer.studies.hedging.probability_box import Box, Weighing, drawn_tree
from optimizer.studies.hedging.range_tables import TABLES, nothing, tables
from optimizer.studies.hedging.worst_case_program import Found, against_worst, reweighted_tree, stated
from optimizer.studies.path_weights import LISTED, Futures
from optimizer.studies.study import Study, solution_of

SECONDS = 100.0
"""The time for all solves together. What is stopped by it is said with its gap."""

MOST_ROWS = 24_000
"""Rows of the program up to which the study keeps the plan's futures; a larger case is planned for fewer, of which both plans are made."""

EXACT = "exact"
"""The method of a tree that has all futures."""

LEAST_GAP = 0.01
"""The gap to which a large case is solved, at least: it is planned for few futures, whose accidents move more than that."""

LEAST_FUTURES = 8
"""The fewest futures that a large case is planned for."""

MOST_ROUNDS = 12
"""The most sets of probabilities against which a plan is made."""

UNLIKELY_WEIGHT = 1e-3
"""The share of the drawn weights in those that the central plan is made for, where the workbook holds for impossible what a range does not: else what it
decides in these futures would be left to chance."""

SHARE_OF_CENTRAL, SHARE_OF_LAST = 0.4, 0.95
"""The shares of the time by which the plan for the central probabilities is made, where it is made anew, and by which the last plan is made."""

LEAST_SECONDS = 2.0
"""The seconds that a solve gets, however little time is left."""

SHARE_OF_MIXTURE = 0.25
"""The most of the time that the plan for one mixture of probabilities takes."""

SMALL = 6_000
"""Rows of a program with yes/no decisions up to which it is solved against all probabilities at once."""


def ranges(plan: Plan, progress: Callable[[Progress], None] | None = None, *, seconds: float = SECONDS, most_rows: int = MOST_ROWS) -> dict[str, pd.DataFrame]:
    """Make the tables that TABLES declares: the plan for the worst probabilities within the ranges, beside that for the workbook's own.

    seconds: for all solves together; what is stopped by it is said with its gap. most_rows: of the program up to which the plan's futures are kept.
    Without ranges in the workbook, and with listed futures, whose probabilities the ranges do not concern, the tables say so and have nothing else.
    ValueError for a plan that was read back without its solver's arrays.

    >>> plan = optimizer.solve("sample_inputs/tutorial.xlsx")
    >>> optimizer.studies.ranges(plan)["ranges"].words[0].split(":")[0]
    'The workbook gives no ranges'
    """
    solution = solution_of(plan)
    watch = Watch(report=progress)
    watch.tell(Phase.RANGES)
    box = Box.of(solution.built.case)
    if not box.positions or solution.built.tree.method == LISTED:
        return nothing(bool(box.positions))
    try:
        hedge = _begun(solution, box, watch, seconds, most_rows)
        _hedged(hedge, watch, seconds)
    except (Stopped, OptimizerError):
        if watch.interrupted:
            raise KeyboardInterrupt from None
        return nothing(True, "No plan was found in the time that the study has, so that nothing can be told of the ranges.")
    assert hedge.robust is not None
    return tables(plan, hedge)


def _begun(solution: Solution, box: Box, watch: Watch, seconds: float, most_rows: int) -> Hedge:
    """Return the futures that the study plans for, and the plan for the central probabilities on them."""
    case = _case_of_study(solution, most_rows)
    own, box = solution.built, replace(box, case=case)
    if own.tree.method == EXACT and box.to_draw() == case:
        return Hedge(Weighing(box, Futures.of(case, own.tree)), own, solution, drawn=False)
    drawn, tree = drawn_tree(box, lambda: watch.check(Phase.RANGES))
    weighing = Weighing(box, Futures.of(drawn, tree))
    central = weighing.weight(box.central)
    planned = central if drawn == case else (1 - UNLIKELY_WEIGHT) * central + UNLIKELY_WEIGHT * weighing.futures.weight
    built = build(case, watch, own.drop, reweighted_tree(tree, planned))
    limit = min(case.settings.time_limit_seconds, SHARE_OF_CENTRAL * seconds)
    listening = _Link(watch, "the plan for the central probabilities", _share(watch, seconds))
    made = solve_program(replace(built, case=built.case.with_settings(time_limit_seconds=limit)), listening.watch)
    listening.go_on()
    if made.decisions is None:
        raise Stopped(made.stopped)
    return Hedge(weighing, replace(made.built, case=built.case), replace(made, built=replace(made.built, case=built.case)), drawn=True)


def _case_of_study(solution: Solution, most_rows: int) -> Case:
    """Return the case that the study plans for: that of the plan, with fewer futures where its program is large."""
    built = solution.built
    count, room = len(built.tree.scenarios), int(len(built.tree.scenarios) * most_rows / max(1, built.program.rows))
    if room >= count:
        return built.case.with_settings(scenario_method=choose_method(built.case))
    gap = max(built.case.settings.mip_gap, LEAST_GAP)
    return built.case.with_settings(scenario_method="sampled", scenarios=max(LEAST_FUTURES, room), mip_gap=gap)


class _Link:
    """Tells the progress of a solve on, and stops it once the listener has raised an exception, which then goes on."""

    def __init__(self, outer: Watch, what: str, share: float, limit: float = np.inf) -> None:
        self.outer, self.what, self.share = outer, what, share
        self.error: BaseException | None = None
        self.watch = Watch(report=self.report, cancelled=lambda: self.error is not None, limit=limit)

    def report(self, progress: Progress) -> None:
        """Tell on where a solve stands."""
        try:
            self.outer.tell(Phase.RANGES, self.what, share=self.share)
        except BaseException as error:
            self.error = self.error or error

    def go_on(self) -> None:
        """Raise what the listener has raised, or that the solve was interrupted."""
        if self.error is not None:
            raise self.error
        if self.watch.interrupted:
            self.outer.interrupted = True
            raise KeyboardInterrupt


def _hedged(hedge: Hedge, watch: Watch, seconds: float) -> None:
    """Find the robust plan: plan against the probabilities known, and add the worst ones for that plan, until there are none worse."""
    hedge.known = [hedge.weighing.box.central]
    hedge.taken(hedge.central, _teller(hedge, watch, seconds))
    step = _alternating if hedge.built.mixed and hedge.built.program.rows > SMALL else _at_once
    for _ in range(MOST_ROUNDS):
        known = len(hedge.known)
        if not step(hedge, watch, seconds):
            hedge.stopped = True
            break
        if hedge.closed or len(hedge.known) == known:
            break
    best = hedge.best
    saves = hedge.worst_value(hedge.central) - hedge.worst_value(best)
    # Plans that are equally good, as far as both were solved, differ by chance.
    hedge.robust = hedge.central if saves <= hedge.gap * abs(hedge.worst_value(hedge.central)) else best
    _audited(hedge.robust)


def _at_once(hedge: Hedge, watch: Watch, seconds: float) -> bool:
    """Plan against the probabilities known, all decisions free. False where the time is over."""
    found = _against_known(hedge, watch, seconds, kept=False)
    if found is None or found.x is None:
        return False
    hedge.bound = max(hedge.bound, found.bound)
    hedge.taken(stated(hedge.built, found), _teller(hedge, watch, seconds))
    return True


def _alternating(hedge: Hedge, watch: Watch, seconds: float) -> bool:
    """Plan against the probabilities known in turns: with the yes/no decisions of the best plan kept, then freely for a mixture of these probabilities.

    The mixture is the one that is as bad for the first of these plans as the worst of them; no plan's worst objective is below the least objective under
    any mixture, because the objective is concave in the distribution. False where the time is over.
    """
    found = _against_known(hedge, watch, seconds, kept=True)
    if found is None or found.x is None or found.share is None:
        return False
    mixture = sum((share * hedge.weighing.weight(point) for share, point in zip(found.share, hedge.known, strict=True)), np.zeros(1))
    hedge.taken(stated(hedge.built, found), _teller(hedge, watch, seconds))
    if hedge.closed:
        return True
    if (left := min(SHARE_OF_MIXTURE * seconds, SHARE_OF_LAST * seconds - watch.seconds)) <= 0:
        return False
    free = _planned(hedge, mixture, watch, left, seconds)
    if free is None:
        return False
    hedge.bound = max(hedge.bound, free.bound)
    # Its figures are told under the central probabilities, as those of every plan here.
    assert free.x is not None
    hedge.taken(decided(hedge.built, free.x, -np.inf, status=free.status, method=free.method), _teller(hedge, watch, seconds))
    return True


def _planned(hedge: Hedge, weight: np.ndarray, watch: Watch, left: float, seconds: float) -> Solution | None:
    """Return the plan of least objective under weights of the futures, (K,); None where none was found in the seconds that are left."""
    case = hedge.built.case
    tree = reweighted_tree(hedge.built.tree, (1 - UNLIKELY_WEIGHT) * weight + UNLIKELY_WEIGHT * hedge.weighing.weight(hedge.weighing.box.central))
    listening = _Link(watch, "the best plan for a mixture of probabilities", _share(watch, seconds), left)
    try:
        built = build(case, listening.watch, hedge.built.drop, tree)
        limited = replace(built, case=case.with_settings(time_limit_seconds=max(LEAST_SECONDS, min(case.settings.time_limit_seconds, left))))
        made = solve_program(limited, listening.watch)
    except Stopped:
        listening.go_on()
        return None
    listening.go_on()
    return made if made.decisions is not None else None


def _against_known(hedge: Hedge, watch: Watch, seconds: float, kept: bool) -> Found | None:
    """Plan against the probabilities known; None where the time is over."""
    if (left := SHARE_OF_LAST * seconds - watch.seconds) <= 0:
        return None
    listening = _Link(watch, f"a plan against {len(hedge.known)} sets of probabilities", _share(watch, seconds))
    weights = [hedge.weighing.weight(point) for point in hedge.known]
    found = against_worst(hedge.built, weights, listening.watch, left, hedge.best.x, kept=kept)
    listening.go_on()
    return found


def _teller(hedge: Hedge, watch: Watch, seconds: float) -> Callable[[], None]:
    """Return a function that tells that the worst probabilities are looked for, several times a second at most."""
    told = [-1.0]

    def tick() -> None:
        if watch.seconds - told[0] > TICK_SECONDS:
            told[0] = watch.seconds
            watch.tell(Phase.RANGES, "the worst probabilities for a plan", share=_share(watch, seconds))

    return tick


def _share(watch: Watch, seconds: float) -> float:
    """Return how much of the study is done, about."""
    return min(0.95, watch.seconds / seconds)


def _audited(solution: Solution) -> None:
    """Check a plan as every plan is checked before it is shown; AuditError where it does not agree with its case."""
    results = Results(solution)
    claimed = results.claimed()
    require(audit(solution.built.case, solution.built.tree, results.decisions, claimed))


RANGES = Study("ranges", "The worst probabilities", TABLES[0].help, TABLES, ranges, on_request=True, takes="up to two minutes", together=True)
"""The study for the registry."""
