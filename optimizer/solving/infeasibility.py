"""Why no plan satisfies the limits: the smallest sets of workbook rows that clash, and by how much each would have to give.

Every row of the workbook that limits something gets one slack of its own, in its own unit, shared by all the program's
rows that it stands behind. The duals of the least total slack prove the infeasibility and name the suspects; a deletion
filter (Chinneck & Dravnieks, 1991) reduces them to a set of which none can be left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optimizer.errors import Conflict
from optimizer.scenarios.tree import build_tree
from optimizer.solving.bounds import bound_rows
from optimizer.solving.extensive import Built, build
from optimizer.solving.highs import Solver, Watch, aggregate

MOST_CLASHES = 5
LARGE = 15_000
NOTHING = 1e-9

# In which order suspects are acquitted: what a planner can change least goes first, so that limits and budgets remain.
ACQUITTAL = ("Suppliers", "Materials", "Demand", "Budget", "Limits")


@dataclass(frozen=True, slots=True)
class Suspect:
    """A row of the workbook that limits something. scale: planner's units per solver unit of its slack."""

    sheet: str
    row: int
    what: str
    unit: str
    scale: float


def explain(built: Built, watch: Watch | None = None) -> list[Conflict]:
    """The clashes of an infeasible case, at most MOST_CLASHES; empty where no slack makes it feasible.

    A large tree is examined on its reference path first: what clashes there clashes in the whole.
    """
    watch = watch or Watch()
    watch.tell("looking for what clashes")
    if len(built.program.row_lower) > LARGE:
        tree, path = built.tree, list(built.tree.reference)
        alone = build_tree([([tree.regimes[tree.regime[n]] for n in path], 1.0, "reference path")], [d.row for d in built.case.disruptions], tree.method)
        found = explain(build(built.case, watch, tree=alone), watch)
        if found:
            return found
    elastic = _Elastic(built, watch)
    if not elastic.feasible(set(range(len(elastic.suspects)))):
        return []
    conflicts: list[Conflict] = []
    free: set[int] = set()
    for clash in range(1, MOST_CLASHES + 1):
        if elastic.feasible(free):
            break
        members = elastic.irreducible(free)
        for k in members:
            suspect, give = elastic.suspects[k], elastic.least(k, set(members))
            if give is not None:
                conflicts.append(Conflict(suspect.sheet, suspect.row, suspect.what, give, suspect.unit, clash))
        free |= set(members)
    return conflicts


class _Elastic:
    """The program with a slack column for each suspect, closed unless set free."""

    def __init__(self, built: Built, watch: Watch) -> None:
        self.built, self.watch = built, watch
        self.suspects, rows, columns, values = _suspects(built)
        arrays = built.arrays()
        width, count = len(arrays.cost), len(self.suspects)
        row, column, value = aggregate(np.concatenate([arrays.row, rows]), np.concatenate([arrays.column, width + columns]),
                                       np.concatenate([arrays.value, values]), len(arrays.row_lower))
        arrays = replace(
            arrays, cost=np.zeros(width + count), lower=np.concatenate([arrays.lower, np.zeros(count)]),
            upper=np.concatenate([arrays.upper, np.zeros(count)]), integer=np.concatenate([arrays.integer, np.zeros(count, dtype=bool)]),
            row=row, column=column, value=value,
        )
        self.slacks = width + np.arange(count)
        self.solver = Solver(arrays, watch=watch)
        if arrays.integer.any() and self.solver.solve(self.phase).status == "infeasible":
            # Most clashes do not need the yes/no decisions: without them every further solve is a quick one.
            relaxed = Solver(replace(arrays, integer=np.zeros_like(arrays.integer)), watch=watch)
            if relaxed.solve(self.phase).status == "infeasible":
                self.solver = relaxed

    phase = "looking for what clashes"

    def _set(self, free: set[int], cost: dict[int, float]) -> None:
        upper = np.array([np.inf if k in free else 0.0 for k in range(len(self.suspects))])
        self.solver.set_bounds(self.slacks, np.zeros(len(upper)), upper)
        costs = np.zeros(len(self.solver.arrays.cost))
        for k, price in cost.items():
            costs[self.slacks[k]] = price
        self.solver.set_cost(costs)

    def feasible(self, free: set[int]) -> bool:
        """Whether a plan exists once the suspects in `free` give as much as they like."""
        self._set(free, {})
        return self.solver.solve(self.phase).x is not None

    def irreducible(self, free: set[int]) -> list[int]:
        """Suspects that clash, none of whom can be left out, while those in `free` are disregarded."""
        everyone = set(range(len(self.suspects)))
        guilty = self._accused(free)
        released = everyone - guilty
        if self.feasible(released):
            guilty, released = everyone - free, set(free)
        for k in sorted(guilty, key=lambda k: (ACQUITTAL.index(self.suspects[k].sheet), -self.suspects[k].row)):
            if not self.feasible(released | {k}):
                released.add(k)
        return sorted(everyone - released)

    def _accused(self, free: set[int]) -> set[int]:
        """Suspects whose rows bear a price at the least total slack: they prove the infeasibility."""
        everyone = set(range(len(self.suspects)))
        self._set(everyone, {k: 1.0 for k in everyone - free})
        outcome = self.solver.solve(self.phase)
        if outcome.row_dual is None:
            return everyone - free
        a = self.solver.arrays
        priced = np.abs(outcome.row_dual[a.row]) > NOTHING
        return {int(k) for k in a.column[priced] - self.slacks[0] if k >= 0} - free

    def least(self, k: int, clash: set[int]) -> float | None:
        """How much suspect k alone must give while the others of its clash stand and all else is disregarded."""
        everyone = set(range(len(self.suspects)))
        self._set((everyone - clash) | {k}, {k: 1.0})
        outcome = self.solver.solve(self.phase)
        return None if outcome.x is None else float(outcome.x[self.slacks[k]] * self.suspects[k].scale)


def _suspects(built: Built) -> tuple[list[Suspect], np.ndarray, np.ndarray, np.ndarray]:
    """The suspects and the triples (program row, suspect, value) of their slacks, in the solver's units."""
    program, found = built.program, bound_rows(built)
    row_scale = built.scales.row[found.row]
    scale = np.ones(len(found.bounds))
    # The first row of each bound decides the unit of its slack: written last.
    scale[found.bound[::-1]] = (row_scale / np.where(found.effect > 0, found.effect, 1.0))[::-1]
    suspects = [Suspect(b.sheet, b.row, b.what, b.unit, float(scale[k])) for k, b in enumerate(found.bounds)]
    size = scale[found.bound] * found.effect / row_scale
    gives = size > 0
    signed = np.where(np.isfinite(program.row_upper[found.row]), -size, size)
    return suspects, found.row[gives], found.bound[gives], signed[gives]
