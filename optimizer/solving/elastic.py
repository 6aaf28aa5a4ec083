"""The elastic program: each number of the workbook that limits something may change, by a slack in its own unit (Brown & Graves, 1975).

Most numbers are the right-hand sides of rows: such a number gets one slack, which all its rows share. A share is a coefficient of its rows. As
long as the question is only whether it must change, a slack on the right-hand side stands for it; a changed share is written into the
coefficients.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from math import ceil
from typing import Any, TypeAlias

import numpy as np

from optimizer.case import Limit
from optimizer.errors import SolverError
from optimizer.model.arrays import Arrays
from optimizer.model.limits import DAYS_PER_YEAR, LIMIT_ROWS
from optimizer.model.registry import Index
from optimizer.scenarios.tree import ScenarioTree, build_tree
from optimizer.solving.beforehand import Decided, decided, forbidden
from optimizer.solving.bounds import Bound, bound_rows
from optimizer.solving.built import Built, build
from optimizer.solving.highs import Solver
from optimizer.solving.numerics import INTEGRALITY_TOLERANCE
from optimizer.solving.outcome import Outcome, Status
from optimizer.solving.suspects import Suspect
from optimizer.solving.watch import Phase, Watch

STRICT = 1e-9
"""The tolerance of rows and of yes/no decisions in the check that an amount is enough: HiGHS allows nothing below 1e-10."""

MIP_GAP = 1e-6
"""The relative gap of a solve for the least total slack: as many digits as are printed."""

WHOLE_STEPS = 1e-9
"""The part of a step that is the rounding of a division: the most that a share can give is a whole number of steps."""

SHARES = ("purchase_share_minimum", "purchase_share_maximum", "supplier_share", "country_share")


class Unfinished(Exception):
    """The time was over, or it was stopped by hand, before an answer was known."""


class Elastic:
    """The program with a slack column for each suspect, which is 0 unless the suspect is set free.

    mixed: whether with its yes/no decisions. Without them a solve is quick, and what is infeasible then is infeasible with them, too.
    """

    def __init__(self, built: Built, watch: Watch, until: float = np.inf, mixed: bool = True, never: frozenset[str] = frozenset()) -> None:
        """until: the watch's second at which to give up. never: the projects that must not start, as beforehand.opened returns them with the program."""
        self.built, self.watch, self.until, self.mixed = built, watch, until, mixed
        self.suspects, rows, columns, values = _with_decided(suspects_of(built), decided(built, never))
        arrays = forbidden(built, never, built.arrays())
        width, count = arrays.columns, len(self.suspects)
        arrays = replace(arrays, cost=np.zeros(width), integer=arrays.integer & mixed)
        self.arrays = arrays.with_columns(count, upper=0.0, entries=[(rows, width + columns, values)])
        self.slacks = width + np.arange(count)
        self.rows_of = {k: rows[columns == k] for k, suspect in enumerate(self.suspects) if suspect.share}
        self._interior: Arrays | None = None
        self._solver: Solver | None = None
        self._shares: dict[int, float] = {}

    @property
    def everyone(self) -> set[int]:
        return set(range(len(self.suspects)))

    # -- questions -----------------------------------------------------------------------------------------------------

    def feasible(self, free: set[int], given: Mapping[int, float] | None = None) -> bool:
        """Return whether there is a plan if the suspects in `free` give as much as they like, and others what is given. Raises Unfinished."""
        return self.solve(free, given or {}, {}).x is not None

    def solve(self, free: set[int], given: Mapping[int, float], cost: Mapping[int, float]) -> Outcome:
        """Return the plan of least cost of the slacks. Raises Unfinished."""
        solver = self._solver_with({k: give for k, give in given.items() if self.suspects[k].share})
        low = np.array([given[k] / s.scale if k in given and not s.share else 0.0 for k, s in enumerate(self.suspects)])
        upper = np.where([k in free for k in range(len(self.suspects))], np.inf, low)
        solver.set_bounds(self.slacks, low, upper)
        solver.set_costs(self.slacks, np.array([cost.get(k, 0.0) for k in range(len(self.suspects))]))
        if self.watch.stop or self.watch.seconds > self.until:
            raise Unfinished
        outcome = solver.solve(Phase.CLASHES)
        if outcome.x is None and outcome.status != Status.INFEASIBLE:
            raise Unfinished
        return outcome

    def least(self, k: int, free: set[int], given: Mapping[int, float]) -> float | None:
        """Return by how much k must give at least, rounded outwards, so that it is enough beside what is free and given.

        None where no amount is enough. Raises Unfinished.
        """
        suspect, given = self.suspects[k], dict(given)
        free = free - {k}
        if suspect.share:
            return self._least_share(k, free, given)
        outcome = self.solve(free | {k}, given, {k: 1.0})
        if outcome.x is None:
            return None
        amount = float(outcome.x[self.slacks[k]] * suspect.scale)
        if amount <= STRICT * suspect.scale and self.feasible(free, given):
            return 0.0
        for candidate in suspect.candidates(amount):
            if self.feasible(free, given | {k: candidate}):
                return candidate
        return None

    def _least_share(self, k: int, free: set[int], given: dict[int, float]) -> float | None:
        """Return the same for a share, which is found by bisection."""
        suspect = self.suspects[k]
        if not self.feasible(free, given | {k: suspect.most}):
            return None
        if self.feasible(free, given):
            return 0.0
        step, low, high = suspect.step, 0, ceil(suspect.most / suspect.step - WHOLE_STEPS)
        while high - low > 1:
            middle = (low + high) // 2
            if self.feasible(free, given | {k: middle * step}):
                high = middle
            else:
                low = middle
        return min(suspect.most, float(f"{high * step:.12g}"))

    # -- the solver ----------------------------------------------------------------------------------------------------

    def _solver_with(self, shares: dict[int, float]) -> Solver:
        """Return the solver, with shares written into their rows."""
        if self._solver is None or shares != self._shares:
            arrays = self._with_shares(shares) if shares else self.arrays
            integrality = STRICT if self.mixed else INTEGRALITY_TOLERANCE
            self._solver = Solver(arrays, mip_gap=MIP_GAP, watch=self.watch, integrality=integrality, primal_feasibility_tolerance=STRICT)
            self._shares = dict(shares)
        self._solver.deadline = self.until
        return self._solver

    def _with_shares(self, shares: dict[int, float]) -> Arrays:
        """Return the program with other coefficients in the rows of these shares."""
        interior, a = self._with_all_entries(), self.arrays
        mine = {int(row): k for k in shares for row in self.rows_of[k]}
        rows = np.array(sorted(mine), dtype=np.int64)
        kept = ~np.isin(a.row, rows) | (a.column >= self.slacks[0])
        entry = np.flatnonzero(np.isin(interior.row, rows))
        scales = self.built.scales
        # A coefficient is what an order delivers to the share, less the share of all that is ordered; its sign is turned where the row is stated so.
        differs = np.zeros(a.rows)
        for number, k in mine.items():
            suspect, turned = self.suspects[k], np.isfinite(a.row_upper[number]) == (self.suspects[k].sign < 0)
            differs[number] = (suspect.changed(shares[k]) - _interior(suspect.value)) * (-1 if turned else 1)
        value = interior.value[entry] - differs[interior.row[entry]] * scales.column[interior.column[entry]] / scales.row[interior.row[entry]]
        rest = replace(a, row=a.row[kept], column=a.column[kept], value=a.value[kept])
        return rest.with_rows(0, entries=[(interior.row[entry], interior.column[entry], value)])

    def _with_all_entries(self) -> Arrays:
        """Return the program under shares at which no coefficient of their rows is zero."""
        if self._interior is None:
            case = self.built.case
            limits = tuple(replace(limit, **_interior_sides(limit)) if limit.penalty is None and "share" in limit.measure else limit for limit in case.limits)
            other = build(replace(case, limits=limits), self.watch, self.built.drop, tree=self.built.tree)
            if other.program.rows != self.built.program.rows:
                raise SolverError("A program with other shares has other rows.")
            self._interior = replace(self.built, program=other.program, scales=replace(self.built.scales, program=other.program)).arrays()
        return self._interior


INTERIOR = 1 / 64
"""The least distance of a share from 0 and 1 at which every coefficient of its row is there; a power of two, so that 1 - INTERIOR is exact."""


def _interior(share: float) -> float:
    """Return the nearest share at which neither it nor the rest is zero."""
    return min(max(share, INTERIOR), 1 - INTERIOR)


def _interior_sides(limit: Limit) -> dict[str, Any]:
    """Return the sides that a limit has, as _interior."""
    return {side: _interior(share) for side in ("minimum", "maximum") if (share := getattr(limit, side)) is not None}


Suspects: TypeAlias = tuple[list[Suspect], np.ndarray, np.ndarray, np.ndarray]
"""Suspects and the triples (program row, suspect, value) of their slacks, in the solver's units."""


def suspects_of(built: Built) -> Suspects:
    """Return the limits of a program as suspects."""
    program, found = built.program, bound_rows(built)
    names = [(family.name, index) for family, index in (built.template.rows[j] for j in program.row_template[found.row])]
    effect = found.effect * _per_unit(built, names, found.row)
    row_scale = built.scales.row[found.row]
    first = {int(k): n for n, k in reversed(list(enumerate(found.bound)))}
    # A number that limits several materials is one number: what it gives, it gives to all of them.
    cells: dict[tuple[str, int, str], list[int]] = {}
    for k, bound in enumerate(found.bounds):
        cells.setdefault((bound.sheet, bound.row, bound.column), []).append(k)
    cell_of = np.zeros(len(found.bounds), dtype=np.int64)
    for number, same in enumerate(cells.values()):
        cell_of[same] = number
    suspect = cell_of[found.bound]
    scale = np.ones(len(cells))
    gives = np.flatnonzero(effect > 0)
    # The first row of each number decides the unit of its slack: written last.
    scale[suspect[gives[::-1]]] = (row_scale[gives] / effect[gives])[::-1]
    suspects = []
    for number, same in enumerate(cells.values()):
        name, index = names[first[same[0]]]
        suspects.append(_suspect(built, [found.bounds[k] for k in same], name, index, float(scale[number])))
    size = scale[suspect] * effect / row_scale
    signed = np.where(np.isfinite(program.row_upper[found.row]), -size, size)
    return suspects, found.row[gives], suspect[gives], signed[gives]


def _with_decided(found: Suspects, decisions: list[Decided]) -> Suspects:
    """Return the suspects and their slacks, those of what is decided beforehand behind them."""
    suspects, rows, columns, values = found
    number = len(suspects) + np.arange(len(decisions))
    mine = np.array([one.row for one in decisions], dtype=np.int64)
    effects = np.array([one.effect for one in decisions], dtype=float)
    return [*suspects, *(one.suspect for one in decisions)], np.append(rows, mine), np.append(columns, number), np.append(values, effects)


def _per_unit(built: Built, names: list[tuple[str, Index]], rows: np.ndarray) -> np.ndarray:
    """Return by how many units of material each row gives when the number of the workbook gives one of its own."""
    data, tree = built.data, built.tree
    known: dict[tuple[str, Index, int], float] = {}

    def needed(t: int, g: str, uses: Iterable[str], regime: int) -> float:
        return sum(data.demand(g, u, t, tree.regimes[regime]) for u in uses)

    def size(name: str, index: Index, node: int) -> float:
        regime = int(tree.regime[node]) if node >= 0 else -1
        key = (name, index, regime)
        if key not in known:
            if name == "fill_rate":
                g, u, q = index
                known[key] = expected_demand(built, g, u, data.calendar.parts[q])
            elif name.startswith("purchase_to_demand"):
                t, _, g = index
                known[key] = needed(t, g, data.uses_of[g], regime)
            elif name.startswith("stock_cover"):
                t, i, g = index
                known[key] = needed(t, g, data.matched_uses(i, g), regime) / (data.years * DAYS_PER_YEAR)
            elif name == "substitution":
                t, g, u, _ = index
                known[key] = needed(t, g, [u], regime)
            else:
                known[key] = 1.0
        return known[key]

    return np.array([size(name, index, int(built.program.row_node[row])) for (name, index), row in zip(names, rows)])


def expected_demand(built: Built, material: str, use: str, periods: Collection[int]) -> float:
    """Return the expected demand of a use over some periods."""
    tree = built.tree
    pairs, first = np.unique(np.stack([tree.period, tree.regime]), axis=1, return_inverse=True)
    weight = np.bincount(first.reshape(-1), tree.probability)
    return float(sum(w * built.data.demand(material, use, int(t), tree.regimes[r]) for w, t, r in zip(weight, *pairs) if t in periods))


def _suspect(built: Built, bounds: list[Bound], name: str, index: Index, scale: float) -> Suspect:
    """Return the number of the workbook that stands behind these bounds, each of one material."""
    bound, share = bounds[0], name in SHARES
    sheet, column, what, unit, value = bound.sheet, bound.column, bound.what, bound.unit, bound.value
    sign = -1 if bound.side == "minimum" else 1
    most = value if sign < 0 else 1 - value if share or sheet == "Substitutes" else np.inf
    if name in LIMIT_ROWS:
        what += "".join(f", {other.what.rpartition(' for ')[2]}" for other in bounds[1:])
        units = {other.unit for other in bounds}
        unit = {"stock_quantity": bound.unit if len(units) == 1 else "", "stock_cover_days": "days"}.get(built.case.limits[index[1]].measure, "")
    elif sheet in ("Demand", "Substitutes"):
        unit = ""
    return Suspect(sheet, bound.row, column, what, unit, value, sign, most, share, scale)


def single_path(tree: ScenarioTree, row_numbers: list[int]) -> ScenarioTree:
    """Return the tree of the reference path alone."""
    return build_tree([([tree.regimes[tree.regime[n]] for n in tree.reference], 1.0, "reference path")], row_numbers, tree.method)
