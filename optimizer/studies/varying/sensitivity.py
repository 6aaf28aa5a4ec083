"""What moves the plan: one number of the workbook changed at a time, and the case read and solved anew (a tornado; Eschenbach, 1992), or several on a grid.

Every change is made to the cells, so that the case is read as any workbook is. All variants have the same futures, as far as they can (common random
numbers): where futures are drawn, a changed probability or duration gives the same paths other weights (reweighting.py), and where these do not serve,
each disruption's own stream (decision 31) moves the onsets of that disruption alone. Fewer futures are drawn than for the plan, and the plan of the
unchanged workbook is made on these as well, so that all rows compare with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from optimizer.case import Case
from optimizer.editing.cells import settings_given, with_values
from optimizer.errors import WorkbookError
from optimizer.intake.reader import Reading, case_from_sheets
from optimizer.model.cache import TIMING
from optimizer.model.data import CaseData, canonical
from optimizer.model.risk import conditional_value_at_risk
from optimizer.model.template import Template, compile_template
from optimizer.plan.plan import Plan
from optimizer.scenarios import ScenarioTree, choose_method, make_tree
from optimizer.scenarios.memory import with_memories
from optimizer.scenarios.tree import Memory, Regime
from optimizer.solving.built import Built, stamped
from optimizer.solving.solution import Solution
from optimizer.solving.watch import Phase, Progress, Watch
from optimizer.studies.study import Study, solution_of
from optimizer.studies.varying.changes import Change, given_changes, in_words, split, usual_changes, values_of
from optimizer.studies.varying.reweighting import reweighted
from optimizer.studies.varying.tornado_table import TABLES, Bar, rows_of
from optimizer.studies.varying.variants import NO_TIME, Figures, Variants, figures_of

STEP = 0.1
"""The share by which each number is changed down and up, unless other values are given."""

FUTURES = 20
"""The futures that are drawn for a study of changes, where they are drawn."""

GAPS, LEAST_GAP = 2.0, 1e-4
"""The gap up to which the plan of a solve that was stopped counts: so many times the workbook's, and this one at the least."""

DRAWING = ("scenario_method", "scenarios", "seed")
"""The settings that the futures depend on, beside those of time."""

MOST_SECONDS = 90.0
"""What all changes may take, so that the study ends within two minutes with what putting the last one in order takes."""


def tornado(
    plan: Plan,
    progress: Callable[[Progress], None] | None = None,
    *,
    changes: Mapping[str, tuple[Any, Any]] | Iterable[Change] | None = None,
    step: float = STEP,
    futures: int | None = FUTURES,
    seconds: float = MOST_SECONDS,
) -> dict[str, pd.DataFrame]:
    """Make the table tornado, as TABLES declares it: a row a change, what moves the objective most first.

    changes: name of a cell, a column, named rows or a setting -> (low, high), see editing.place_of; or Change objects, for groups under one name. By
    default each of the usual groups, down and up by the share `step`. futures: how many are drawn at most, None for as many as the plan has. seconds:
    what all may take; of what is left then, changed chances are told with all decisions kept, and the rest is blank. progress is told several times a
    second where it stands. ValueError for a plan without its solver's arrays or without the sheets of a workbook; WorkbookError for a name that means no
    cell. A change that makes the workbook unsound has its problem in words.

    >>> plan = optimizer.solve("sample_inputs/tutorial.xlsx")
    >>> table = optimizer.studies.tornado(plan, changes={"Suppliers / Southern Refinery / price": (225, 275)})["tornado"]
    >>> table[["objective_low", "objective", "objective_high"]].round(-2).values.tolist()
    [[1014500.0, 1058300.0, 1094100.0]]
    """
    solution = solution_of(plan)
    laid = _Layouts(plan, solution, futures)
    if changes is None:
        asked = usual_changes(plan.case, plan.sheets, step)
    else:
        asked = given_changes(changes, plan.sheets) if isinstance(changes, Mapping) else list(changes)
    sides = [side for change in asked for side in (change.low, change.high)]
    with Variants(Phase.TORNADO, "change", 1 + len(sides), progress, seconds, laid.method) as variants:
        variants.tell()
        base, found = _all_solved(laid, variants, solution, sides)
    bars = [_bar(change, plan, *found[2 * k : 2 * k + 2]) for k, change in enumerate(asked)]
    return {"tornado": TABLES[0].frame(rows_of(bars, base, laid.base))}


def grid(
    plan: Plan,
    axes: Mapping[str, Sequence[Any]],
    progress: Callable[[Progress], None] | None = None,
    *,
    futures: int | None = FUTURES,
    seconds: float = MOST_SECONDS,
) -> pd.DataFrame:
    """Return a row for each combination of the values of the axes: the values, then objective, expected_cost, cvar, contracts and why it has no plan.

    axes: name of a cell, a column, named rows or a setting -> its values, or Times. The rest is as for `tornado`.

    >>> plan = optimizer.solve("sample_inputs/tutorial.xlsx")
    >>> table = optimizer.studies.grid(plan, {"Suppliers / Southern Refinery / price": [225, 275], "risk_weight": [0, 1]})
    >>> table["objective"].round(-2).tolist()
    [946200.0, 1049000.0, 1080800.0, 1119000.0]
    """
    solution = solution_of(plan)
    if not axes or not all(axes.values()):
        raise ValueError("A grid has an axis at least, and a value at least on each.")
    given_changes({name: (values[0], values[-1]) for name, values in axes.items()}, plan.sheets)
    laid = _Layouts(plan, solution, futures)
    points = [dict(zip(axes, values)) for values in product(*axes.values())]
    with Variants(Phase.TORNADO, "point", 1 + len(points), progress, seconds, laid.method) as variants:
        variants.tell()
        _, found = _all_solved(laid, variants, solution, points)
    rows = []
    for point, answer in zip(points, found):
        known = answer if isinstance(answer, Figures) else None
        values = {name: in_words({name: value}) if not isinstance(value, (int, float)) else value for name, value in point.items()}
        figures = {name: getattr(known, name) if known else np.nan for name in ("objective", "expected_cost", "cvar")}
        rows.append(
            {
                **values,
                **figures,
                "contracts": len(known.contracts) if known else np.nan,
                "why": str(answer) if known is None else "all decisions were kept, for want of time" if known.kept else "",
            }
        )
    return pd.DataFrame(rows)


def _all_solved(laid: _Layouts, variants: Variants, solution: Solution, sides: Sequence[Mapping[str, Any]]) -> tuple[Figures | str, list[Figures | str]]:
    """Return what the unchanged workbook and each variant comes to, on the same futures as far as they are the same."""
    cases = []
    for side in sides:
        cases.append(laid.read(side))
        variants.tell()
    laid.share_template([case for case in cases if isinstance(case, Case)])
    if laid.as_planned:
        variants.done += 1
        base: Figures | str = figures_of(solution)
    else:
        base = variants.solve(laid.program(laid.base))
    found: dict[int, Figures | str] = {k: case for k, case in enumerate(cases) if isinstance(case, str)}
    todo = [(k, case) for k, case in enumerate(cases) if isinstance(case, Case)]
    variants.done += len(found)
    for done, (k, case) in enumerate(sorted(todo, key=lambda one: -laid.estimate(one[1], base))):
        found[k] = base if case == laid.base else _settled(variants.solve(laid.program(case), seconds=_share(variants.left, len(todo) - done)), case)
    for k, case in todo:
        if found[k] == NO_TIME:
            found[k] = laid.kept(case, base)
    return base, [found[k] for k in range(len(cases))]


def _settled(found: Figures | str, case: Case) -> Figures | str:
    """Return what was found, or that there was no time where the solver was stopped far from its gap: that plan would tell of the clock, not of the change."""
    if isinstance(found, Figures) and found.gap > max(GAPS * case.settings.mip_gap, LEAST_GAP):
        return NO_TIME
    return found


def _share(left: float, count: int) -> float:
    """Return the seconds that the next of `count` variants may take: ten times its part, at least a tenth of what is left; most take less."""
    return left * min(1.0, max(0.1, 10.0 / count))


def _bar(change: Change, plan: Plan, low: Figures | str, high: Figures | str) -> Bar:
    def value(changed: Mapping[str, Any]) -> float | None:
        cells, settings = split(changed)
        return values_of(with_values(plan.sheets, cells), changed, plan.case.with_settings(**settings))

    try:
        low_value, high_value = value(change.low), value(change.high)
    except (TypeError, ValueError, WorkbookError):
        low_value = high_value = None
    return Bar(change.name, in_words(change.low), in_words(change.high), values_of(plan.sheets, change.low, plan.case), low_value, high_value, low, high)


class _Layouts:
    """Reads variants of a plan's workbook, and lays out their programs. base: the unchanged case, with as many futures as the study draws.

    as_planned: whether the base is the plan's own case on its own futures. Probabilities and durations change the tree alone, so that such variants share one
    template, which is compiled for all regimes that any of their trees meets in a period.
    """

    def __init__(self, plan: Plan, solution: Solution, futures: int | None) -> None:
        if not plan.sheets:
            raise ValueError("This plan was made of a case, not of a workbook, so that it has no cells that could be changed.")
        self.reading = Reading(plan.case, plan.warnings, plan.sheets, plan.provenance["input_sha256"], plan.provenance["input"])
        self.given = settings_given(self.reading)
        drawn = choose_method(plan.case) == "sampled"
        self.as_planned = futures is None or not drawn or plan.case.settings.scenarios <= futures
        if not self.as_planned:
            self.given["scenarios"] = futures
        self.method = "decomposed" if solution.method.startswith("decomposed") else "auto"
        self.base = canonical(plan.case if self.as_planned else plan.case.with_settings(scenarios=futures))
        self.own_tree = self.fresh(self.base)
        self.template: Template | None = None
        self.position: dict[tuple[Regime, Memory], int] = {}

    def read(self, side: Mapping[str, Any]) -> Case | str:
        """Return the case of the workbook with these cells and settings, or what is wrong with it, in words."""
        cells, settings = split(side)
        try:
            sheets = with_values(self.reading.sheets, cells)
            return canonical(case_from_sheets(sheets, self.reading.name, self.reading.sha256, self.given | settings).case)
        except WorkbookError as error:
            return str(error.problems[0])

    def tree(self, case: Case) -> ScenarioTree:
        """Return the scenario tree of a case, with its memories: that of the base under other weights where its paths serve the case."""
        drawn_alike = case.scenarios == self.base.scenarios and all(getattr(case.settings, name) == getattr(self.base.settings, name) for name in DRAWING)
        if not self.shares(case) or not drawn_alike:
            return self.fresh(case)
        if case.disruptions == self.base.disruptions:
            return self.own_tree
        return reweighted(self.own_tree, self.base, case) or self.fresh(case)

    @staticmethod
    def fresh(case: Case) -> ScenarioTree:
        """Return the scenario tree that a case makes by itself, with its memories."""
        return with_memories(case, make_tree(case))

    def shares(self, case: Case) -> bool:
        """Return whether a case has the path model of the base: whether they differ in chances, durations and the weighing of risk alone."""
        same = all(getattr(case.settings, name) == getattr(self.base.settings, name) for name in TIMING)
        return same and _without_chances(case, self.base) == _without_chances(self.base, self.base)

    def kept(self, case: Case, base: Figures | str) -> Figures | str:
        """Return what a case comes to that differs from the base in its chances alone, if all decisions of the base are kept; else that there is no time.

        The optimum costs no more than that, and for small changes as much, to the first order (the envelope theorem; Danskin, 1967).
        """
        if not isinstance(base, Figures) or not self.shares(case):
            return NO_TIME
        tree = self.tree(case)
        if tree.parent is not self.own_tree.parent:
            return NO_TIME  # futures that were drawn anew are other futures, though they have the same names
        weights = {one.name: one.probability for one in tree.scenarios}
        cost, chance = np.array([base.path_cost[name] for name in weights]), np.array(list(weights.values()))
        settings, expected = case.settings, float(cost @ chance)
        cvar = conditional_value_at_risk(cost, chance, settings.cvar_level)
        objective = (1 - settings.risk_weight) * expected + settings.risk_weight * cvar
        return replace(base, objective=objective, bound=np.nan, expected_cost=expected, cvar=cvar, weights=weights, kept=True)

    def estimate(self, case: Case, base: Figures | str) -> float:
        """Return by how much the objective would move if all decisions were kept, where that is known; else infinity: it is solved first.

        So what there is no time for is what matters least.
        """
        found = self.kept(case, base)
        return abs(found.objective - base.objective) if isinstance(found, Figures) and isinstance(base, Figures) else np.inf

    def share_template(self, cases: Sequence[Case]) -> None:
        """Note every regime, with its memory, that the trees of the base and of the cases that share its template have."""
        self.trees = [self.tree(case) for case in [self.base, *(case for case in cases if self.shares(case))]]
        for tree in self.trees:
            for k in range(len(tree.regimes)):
                self.position.setdefault((tree.regimes[k], tree.memory(k)), len(self.position))

    def program(self, case: Case) -> Callable[[Watch], Built]:
        """Return the function that lays out the program of a case."""

        def make(watch: Watch) -> Built:
            solved = case.with_settings(time_limit_seconds=max(watch.limit, 1.0))
            data, tree = CaseData(solved), self.tree(case)

            def tick(done: int, total: int) -> None:
                watch.check(Phase.MODEL)

            if not self.shares(case):
                return stamped(solved, data, tree, compile_template(data, tree, (), tick), (), watch.check)
            if self.template is None:
                self.template = compile_template(CaseData(self.base), self._together(), (), tick)
            return stamped(solved, data, self._renumbered(tree), self.template, (), watch.check)

        return make

    def _renumbered(self, tree: ScenarioTree) -> ScenarioTree:
        """Return a tree whose regimes have the numbers that they have in the shared template."""
        number = np.array([self.position[tree.regimes[k], tree.memory(k)] for k in range(len(tree.regimes))])
        memories = tuple(memory for _, memory in self.position) if any(tree.memories for tree in self.trees) else ()
        return replace(tree, regime=number[tree.regime], regimes=tuple(regime for regime, _ in self.position), memories=memories)

    def _together(self) -> ScenarioTree:
        """Return all nodes of all trees as one, for a template, which asks for their periods and regimes alone."""
        trees = [self._renumbered(tree) for tree in self.trees]
        period, regime = (np.concatenate([getattr(tree, name) for tree in trees]) for name in ("period", "regime"))
        return replace(trees[0], period=period, regime=regime)


def _without_chances(case: Case, base: Case) -> Case:
    """Return a case with the numbers that shape its tree alone replaced by whether they are above 0, under the settings of another."""

    def some(value: float | None) -> float | None:
        return None if value is None else float(value > 0)

    rows = tuple(
        replace(
            row,
            annual_probability=float(row.annual_probability > 0),
            decision_probability=some(row.decision_probability),
            raised_probability=some(row.raised_probability),
            mean_duration_months=1.0,
        )
        for row in case.disruptions
    )
    return replace(case, disruptions=rows, scenarios=(), settings=base.settings)


TORNADO = Study(
    "tornado",
    "What moves the plan",
    "Which numbers of the workbook matter most: each a little lower and a little higher, with what that does to the objective and to contracts and projects. "
    f"All is set against the plan that is best for at most {FUTURES} of the futures, which may differ a little from this one.",
    TABLES,
    tornado,
    on_request=True,
    takes="up to two minutes",
    together=True,
)
