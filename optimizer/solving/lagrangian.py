"""Lagrangian relaxation of the rows in which materials meet (Geoffrion, 1974): a bound on what projects cost that are started whole or not at all.

The relaxation of a decomposition starts a third of a plant. To close that gap, branch and bound has to branch on all such projects together, and
its nodes double with each. But materials meet only in budgets, limits and risk. Priced by the duals of the relaxation, these rows leave each
material a program of its own, in which every way of deciding a project has a cost, whatever is decided of the others; their sum bounds the cost of
the whole from below. As a row of the master it is a Lagrangian cut (Zou, Ahmed & Sun, 2019).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from optimizer.errors import NumericalError, SolverError
from optimizer.executors import Executor, WorkerLost, run_all
from optimizer.model.arrays import Arrays
from optimizer.solving.branch_and_bound import WHOLE
from optimizer.solving.columnwise import model_of
from optimizer.solving.crash import basis_near
from optimizer.solving.decomposition import Decomposition, whole
from optimizer.solving.highs import Reoptimizer
from optimizer.solving.master import BOUND_ROWS
from optimizer.solving.options import DEVEX, UNPERTURBED
from optimizer.solving.outcome import State
from optimizer.solving.subproblems import block_solver

FEWEST_IF_SMALL, FEWEST_ALWAYS = 3, 6
"""The number of components with open choices from which the bound is worth its time: where they hold at most half of the program's rows, and always.
Branch and bound settles the choices of fewer as fast, or, where they are most of the program, several times as fast."""

MOST_ROWS = 100_000
"""The most rows of one material's program: solved in one piece, larger ones take minutes."""

STEPS_PER_ROW = 5
"""The most steps of the simplex method for each row of a material's program, after which it is given up: from scratch it takes half a step for each. Without
perturbed costs the method may go round in circles."""


class StartingPoint(NamedTuple):
    """What is nearly a solution of a program's relaxation: values of its columns, and duals of its rows."""

    x: np.ndarray
    dual: np.ndarray


@dataclass(frozen=True, slots=True)
class Choice:
    """Integer decisions of one component of which at most one is 1. columns: in the whole program; component: of the materials they belong to."""

    columns: np.ndarray
    component: int


@dataclass(frozen=True, slots=True)
class Costs:
    """What deciding a choice adds to the cost of its component's relaxation. none: if no decision of it is 1; one: for each decision, if it is 1."""

    choice: Choice
    none: float
    one: np.ndarray

    @property
    def least(self) -> float:
        """By how much the choice raises the bound."""
        return float(min(self.none, self.one.min()))


class Components:
    """The materials of a program, grouped so that no integer decision belongs to two groups, and the rows that belong to one group alone.

    of_column, of_row: the component of each, NONE for what several share.
    """

    NONE = -1

    def __init__(self, a: Arrays, material: np.ndarray) -> None:
        """material: the number of each column's material, NONE without one."""
        self.arrays = a
        continuous = ~a.integer[a.column]
        shared = np.zeros(a.rows, dtype=bool)
        shared[a.row[continuous & (material[a.column] == self.NONE)]] = True
        low, high = _range(a.row, material[a.column], a.rows)
        apart = ~shared & (low == high)
        integer = ~continuous & apart[a.row]
        group = _united(int(material.max(initial=0)) + 1, a.column[integer], high[a.row[integer]])
        component = np.where(material != self.NONE, group[material], self.NONE)
        # An integer column is of the component of its rows, where these are of one component.
        low, high = _range(a.row, component[a.column], a.rows)
        integer = ~continuous & ~shared[a.row] & (low == high)[a.row]
        low, high = _range(a.column[integer], high[a.row[integer]], a.columns)
        self.of_column = np.where(a.integer, np.where(low == high, high, self.NONE), component)
        shared[a.row[self.of_column[a.column] == self.NONE]] = True
        low, high = _range(a.row, self.of_column[a.column], a.rows)
        self.of_row = np.where(~shared & (low == high), high, self.NONE)

    def choices(self) -> list[Choice]:
        """Return the integer columns, grouped where a row allows one of them to be 1 at most."""
        a = self.arrays
        count, integers = np.bincount(a.row, minlength=a.rows), np.bincount(a.row, a.integer[a.column], minlength=a.rows)
        only = (count == integers) & (count > 1) & np.isfinite(a.row_upper) & (self.of_row != self.NONE)
        entries = np.flatnonzero(only[a.row])
        entries = entries[np.argsort(a.row[entries], kind="stable")]
        found, taken = [], ~a.integer | (self.of_column == self.NONE)
        for part in np.split(entries, np.flatnonzero(np.diff(a.row[entries])) + 1) if len(entries) else []:
            columns, most = a.column[part], a.row_upper[a.row[part]] / a.value[part]
            if (a.value[part] > 0).all() and (most < 2).all() and np.ptp(a.value[part]) == 0 and not taken[columns].any():
                taken[columns] = True
                found.append(Choice(columns, int(self.of_column[columns[0]])))
        return found + [Choice(np.array([k]), int(self.of_column[k])) for k in np.flatnonzero(~taken)]

    def program(self, component: int, dual: np.ndarray) -> tuple[Arrays, np.ndarray, np.ndarray]:
        """Return the program of one component, the rows that it shares with others priced at their duals, and its columns and rows in the whole program."""
        a = self.arrays
        columns, rows = np.flatnonzero(self.of_column == component), np.flatnonzero(self.of_row == component)
        own = self.of_row[a.row] == component
        priced = np.bincount(a.column[~own], a.value[~own] * dual[a.row[~own]], minlength=a.columns)
        number_column, number_row = np.full(a.columns, -1), np.full(a.rows, -1)
        number_column[columns], number_row[rows] = np.arange(len(columns)), np.arange(len(rows))
        part = replace(a, cost=a.cost - priced, integer=np.zeros(a.columns, dtype=bool)).part(columns, rows, own, number_column, number_row)
        return part, columns, rows


def _range(place: np.ndarray, number: np.ndarray, places: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the lowest and the highest number at each place, NONE left out; (largest, NONE) where there is none."""
    known = number != Components.NONE
    low, high = np.full(places, np.iinfo(np.int64).max), np.full(places, Components.NONE)
    np.minimum.at(low, place[known], number[known])
    np.maximum.at(high, place[known], number[known])
    return low, high


def _united(count: int, column: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Return for each of `count` numbers that of its group: two that stand beside the same column are in one group (union-find; Tarjan, 1975)."""
    group = np.arange(count)

    def root(k: int) -> int:
        while group[k] != k:
            k = group[k]
        return k

    first: dict[int, int] = {}
    for j, k in zip(column.tolist(), number.tolist()):
        one, other = root(first.setdefault(j, k)), root(k)
        group[max(one, other)] = min(one, other)
    return np.array([root(k) for k in range(count)])


def cost_of_choices(program: Arrays, choices: list[np.ndarray], near: StartingPoint, seed: int, until: float) -> tuple[float, list[tuple[float, np.ndarray]]]:
    """Return the cost of a component's relaxation, and of each choice the costs if none of its columns is 1 and if each alone is.

    choices: the columns of each. near: what is nearly a solution of the relaxation. inf where a decision is not allowed. The list is empty where the
    solver loses its way, or takes more than STEPS_PER_ROW: duals carry the rounding of the blocks that found them, and at such prices a program may be
    unbounded. Raises OutOfTime.
    """
    try:
        steps = {"simplex_iteration_limit": STEPS_PER_ROW * program.rows}
        solver = block_solver(model_of(program), seed, {**DEVEX, **UNPERTURBED, **steps})
        solver.basis = basis_near(program, *near)
        return _cost_of_choices(solver, program, choices, until)
    except SolverError:
        return np.nan, []


def _cost_of_choices(solver: Reoptimizer, program: Arrays, choices: list[np.ndarray], until: float) -> tuple[float, list[tuple[float, np.ndarray]]]:
    def cost() -> float:
        state = solver.rerun(until)
        if state not in (State.OPTIMAL, State.INFEASIBLE):
            raise NumericalError(f"A material's program ended with: {state.value}.")
        return solver.objective if state == State.OPTIMAL else np.inf

    base, found = cost(), []
    for columns in choices:
        low, high = program.lower[columns], program.upper[columns]
        values = []
        for decided in (np.zeros(len(columns)), *np.eye(len(columns))):
            allowed = bool(((low <= decided) & (decided <= high)).all())
            if allowed:
                solver.set_bounds(columns, decided, decided)
            values.append(cost() if allowed else np.inf)
        solver.set_bounds(columns, low, high)
        found.append((values[0], np.array(values[1:])))
    return base, found


class MaterialRelaxation:
    """The Lagrangian relaxation of a decomposition's program at the duals of its master's last optimum."""

    def __init__(self, problem: Decomposition) -> None:
        self.problem = problem
        built, arrays = problem.built, problem.whole.split.arrays
        names = {name: number for number, name in enumerate(built.data.materials)}
        of_template = [names.get(family.material(built.data, *index) or "", Components.NONE) for family, index in built.template.columns]
        material = np.full(arrays.columns, Components.NONE)
        own = built.program.column_template
        material[: problem.whole.own[0]] = np.where(own >= 0, np.array([*of_template, Components.NONE])[own], Components.NONE)
        self.components = Components(arrays, material)
        self.number = np.full(arrays.columns, -1)
        self.number[problem.trunk.columns[problem.integers]] = np.arange(len(problem.integers))

    def open_choices(self, values: np.ndarray) -> list[Choice]:
        """Return the choices that these values of the integer decisions leave open, but none of a program that is too large."""
        rows = np.bincount(self.components.of_row[self.components.of_row >= 0])
        is_open = np.abs(values - np.round(values)) > WHOLE
        return [c for c in self.components.choices() if is_open[self.number[c.columns]].any() and rows[c.component] <= MOST_ROWS]

    def is_worth_its_time(self, choices: list[Choice]) -> bool:
        """Return whether to find the costs of these choices is likely to take less time than to branch on them."""
        components = {choice.component for choice in choices}
        most = np.isin(self.components.of_row, list(components)).mean() > 1 / 2
        return len(components) >= (FEWEST_ALWAYS if most else FEWEST_IF_SMALL)

    def costs(self, choices: list[Choice], near: StartingPoint, executor: Executor) -> list[Costs]:
        """Return what the choices cost at the duals of `near`, without those of a component whose worker died. Raises OutOfTime."""
        p = self.problem
        of: dict[int, list[Choice]] = {}
        for choice in choices:
            of.setdefault(choice.component, []).append(choice)
        chosen, tasks = list(of.values()), []
        for component, mine in of.items():
            program, columns, rows = self.components.program(component, near.dual)
            asked = [np.searchsorted(columns, choice.columns) for choice in mine]
            tasks.append((program, asked, StartingPoint(near.x[columns], near.dual[rows]), p.built.case.settings.seed, p.stopping.until))
        answers: dict[int, Any] = {}
        for number, answer in run_all(executor, cost_of_choices, tasks, lambda: p.stopping.met):
            p.report(p.lower, p.upper)
            answers[number] = answer
        found = []
        for number in sorted(answers):
            answer = answers[number]
            if isinstance(answer, WorkerLost):
                continue  # the bound does without this component
            if isinstance(answer, Exception):
                raise answer
            base, values = answer
            found += [Costs(choice, none - base, one - base) for choice, (none, one) in zip(chosen[number], values)]
        return found


@dataclass(frozen=True, slots=True)
class LagrangianBound:
    """What the relaxation says. least: a bound on the cost of every plan; decisions: the integer decisions that cost least by it.

    cuts: bounds that depend on the integer decisions z, each a pair (constant, slope): cost >= constant + slope·z.
    """

    least: float
    decisions: np.ndarray
    cuts: list[tuple[float, np.ndarray]]


def lagrangian_bound(problem: Decomposition, executor: Executor) -> LagrangianBound | None:
    """Return the Lagrangian bound at the duals of the master's optimum; None where it leaves choices of few components open. Raises OutOfTime."""
    p = problem
    p.bound_integers(*p.root)
    proposed = p.master.propose(until=p.stopping.until)
    if proposed is None:
        return None
    point, value = proposed
    values = point[p.integers]
    # Looked at first, because the relaxation takes the whole program, which may have been released.
    few = np.count_nonzero(np.abs(values - np.round(values)) > WHOLE) < FEWEST_IF_SMALL
    if few or p.whole.height > MOST_ROWS * len(p.built.data.materials):
        return None
    was_released = p.whole.released
    try:
        return _bound(p, point, value, executor)
    finally:
        if was_released:
            p.whole.release()


def _bound(p: Decomposition, point: np.ndarray, value: float, executor: Executor) -> LagrangianBound | None:
    """Return the bound at the master's optimum. point, value: the trunk's columns and the cost there."""
    relaxation, values = MaterialRelaxation(p), point[p.integers]
    choices = relaxation.open_choices(values)
    if not relaxation.is_worth_its_time(choices):
        return None
    dual = p.duals()  # first, because HiGHS need not keep a solution once rows are added
    try:
        near = StartingPoint(p.whole_point_at(point), dual)
    except NumericalError:
        return None  # the search does without the bound
    costs = [c for c in relaxation.costs(choices, near, executor) if np.isfinite(c.least)]
    decisions = whole(values)
    for c in costs:
        at = relaxation.number[c.choice.columns]
        decisions[at] = 0.0
        if c.one.min() < c.none:
            decisions[at[c.one.argmin()]] = 1.0
    layers = _layers(costs)
    least = value + sum(c.least for c in layers[0]) if layers else value
    return LagrangianBound(least, decisions, [_cut(value, layer, relaxation.number, len(values)) for layer in layers])


def _cut(value: float, layer: list[Costs], number: np.ndarray, width: int) -> tuple[float, np.ndarray]:
    """Return the cut of one choice of each component. value: of the master's optimum; number: of each integer column among the `width` of them."""
    slope = np.zeros(width)
    for c in layer:
        # A decision that is not allowed counts as the dearest that is: other rows of the master know that it is not allowed.
        known = np.array([c.none, *c.one])
        known = np.where(np.isfinite(known), known, known[np.isfinite(known)].max())
        value += known[0]
        slope[number[c.choice.columns]] = known[1:] - known[0]
    return value, slope


def _layers(costs: list[Costs]) -> list[list[Costs]]:
    """Return sets of choices with one choice of each component: first those that raise the bound most, then the next of those that have another.

    The costs of two choices of the same component do not add up. There are as many sets as the master has rows for bounds.
    """
    of: dict[int, list[Costs]] = {}
    for c in sorted(costs, key=lambda c: -c.least):
        of.setdefault(c.choice.component, []).append(c)
    most = min(BOUND_ROWS, max((len(mine) for mine in of.values()), default=0))
    return [[mine[layer] if layer < len(mine) else mine[0] for mine in of.values()] for layer in range(most)]
