"""Solve a case as one program: the deterministic equivalent of its whole tree."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from optimizer.case import Case
from optimizer.model.cache import template_of
from optimizer.model.data import CaseData, canonical
from optimizer.model.decisions import Decisions
from optimizer.model.risk import RiskColumns, conditional_value_at_risk, least_cost, with_risk
from optimizer.model.stamp import Program, Triples, stamp
from optimizer.model.template import Template
from optimizer.scenarios import ScenarioTree, make_tree
from optimizer.solving.highs import INTEGRALITY_TOLERANCE, TIGHT_INTEGRALITY, Arrays, Outcome, Solver, Watch, aggregate
from optimizer.solving.scaling import Scales, scales_of

if TYPE_CHECKING:
    from optimizer.solving.memory import Memory

CVAR_ROOM = 0.9e-6
"""How far the second solve of risk_weight 1 may leave the least CVaR, relative: 1e-6, less what tolerances may add."""

SMALL = 3_000
"""Rows up to which a program is solved to the very optimum, whatever the gap allowed."""

LEAK = 1e-6
"""How much a plan may gain, relative, from switches that the solver takes for closed though they are not quite."""

GRACE_SECONDS = 20.0
"""Time to settle a plan after the solver was stopped."""


@dataclass(frozen=True)
class Built:
    """A case and its program, ready to solve. case is in canonical order; scales bring program units to solver units."""

    case: Case
    data: CaseData
    tree: ScenarioTree
    template: Template
    program: Program
    risk: RiskColumns | None
    scales: Scales
    drop: tuple[str, ...] = ()

    def arrays(self) -> Arrays:
        """The program in the solver's units."""
        p, s = self.program, self.scales
        value = p.matrix.value * s.column[p.matrix.column]
        value /= s.row[p.matrix.row]
        return Arrays(p.cost * s.column / s.money, p.lower / s.column, p.upper / s.column, p.integer,
                      p.row_lower / s.row, p.row_upper / s.row, p.matrix.row, p.matrix.column, value)

    def costs(self, x: np.ndarray) -> dict[str, np.ndarray]:
        """Each cost term at each node, discounted."""
        return {term: np.bincount(c.row, c.value * x[c.column], minlength=self.tree.size) for term, c in self.program.term_cost.items()}


@dataclass(frozen=True)
class Solution:
    """The best plan found for a case, in the planner's units, or why there is none.

    objective, bound in money; status as in Outcome. term_cost: term -> (N,). x: the program's columns. row_dual: by how much
    the objective changes with one more unit of each row's bound, the yes/no decisions kept; None where that is not known.
    """

    built: Built
    status: str
    objective: float = np.nan
    bound: float = np.nan
    expected_cost: float = np.nan
    cvar: float = np.nan
    decisions: Decisions | None = None
    term_cost: dict[str, np.ndarray] | None = None
    path_cost: np.ndarray | None = None
    x: np.ndarray | None = None
    stopped: str = ""
    method: str = "extensive form"
    row_dual: np.ndarray | None = None

    @property
    def gap(self) -> float:
        return abs(self.objective - self.bound) / max(abs(self.objective), 1e-9)


def build(case: Case, watch: Watch | None = None, drop: Collection[str] = (), tree: ScenarioTree | None = None) -> Built:
    """From a case to its program on its own scenario tree or another, without the constraints named in `drop`.

    WorkbookError where the tree is too large.
    """
    watch = watch or Watch()
    case = canonical(case)
    watch.tell("scenarios")
    tree = tree or make_tree(case)
    data = CaseData(case)

    def tick(done: int, total: int) -> None:
        watch.tell(f"model, {done} of {total}")
        if watch.stop:
            raise Stopped

    return stamped(case, data, tree, template_of(data, tree, drop, tick), tuple(drop))


def stamped(case: Case, data: CaseData, tree: ScenarioTree, template: Template, drop: tuple[str, ...] = ()) -> Built:
    """The program of a case on a tree, from a template that has seen the tree's regimes."""
    program, risk = stamp(template, tree), None
    s = case.settings
    if s.risk_weight > 0 and s.cvar_level > 0:
        program, risk = with_risk(program, tree, s.risk_weight, s.cvar_level, least_cost(data), drop)
    matrix = program.matrix
    program = replace(program, matrix=Triples(*aggregate(matrix.row, matrix.column, matrix.value, len(program.row_lower))))
    return Built(case, data, tree, template, program, risk, scales_of(data, template, program), drop)


class Stopped(Exception):
    """Stopped by hand before the solver began."""


def solve_extensive(case: Case, *, watch: Watch | None = None, drop: Collection[str] = ()) -> Solution:
    """The plan of least (1-λ)·E[Z] + λ·CVaR_α(Z), by the extensive form of the scenario tree."""
    watch = watch or Watch()
    built = build(case, watch, drop)
    return solve_built(built, watch)


def solve_built(built: Built, watch: Watch, memory: Memory | None = None) -> Solution:
    """Solve a program that is built; see solve_extensive. memory: what earlier solves left behind, for the next."""
    settings = built.case.settings
    # Where it costs nothing, the optimum itself rather than a plan within the gap of it.
    gap = 0.0 if len(built.program.row_lower) <= SMALL else settings.mip_gap

    def attempt(integrality: float) -> tuple[Solver, Outcome, float, float]:
        solver = Solver(built.arrays(), seed=settings.seed, time_limit=settings.time_limit_seconds, mip_gap=gap, watch=watch,
                        money=built.scales.money, integrality=integrality)
        if memory is not None:
            memory.help(solver, built)
        first = solver.solve("solver")
        if memory is not None and first.x is not None:
            memory.remember(built, first.x * built.scales.column, None if solver.arrays.integer.any() else solver.highs.getBasis())
        return solver, *_solved(built, solver, first, watch)

    solver, outcome, promised, bound = attempt(INTEGRALITY_TOLERANCE)
    if outcome.x is None:
        return Solution(built, outcome.status, stopped=outcome.stopped)
    if outcome.status == "optimal" and outcome.objective > promised + LEAK * abs(promised):
        # A nearly closed switch let something through that the closed one does not: look again, more strictly.
        other, strict, _, _ = attempt(TIGHT_INTEGRALITY)
        if strict.x is not None and strict.objective < outcome.objective:
            solver, outcome = other, strict
    outcome = _least_contracts(built, solver, outcome)
    if lexicographic(built) and outcome.status == "optimal":
        outcome = replace(outcome, row_dual=_duals_of_risk(built, outcome.x, watch))
    return solution_of(built, outcome, bound)


def _duals_of_risk(built: Built, x: np.ndarray, watch: Watch) -> np.ndarray | None:
    """The duals of the least CVaR with the yes/no decisions of x: the second solve of risk_weight 1 has those of another objective."""
    solver = Solver(built.arrays(), seed=built.case.settings.seed, time_limit=GRACE_SECONDS, watch=watch)
    solver.relax_integers(x)
    return solver.solve("what binds").row_dual


def _solved(built: Built, solver: Solver, outcome: Outcome, watch: Watch) -> tuple[Outcome, float, float]:
    """The plan with its yes/no decisions at exactly 0 and 1, what was promised before they were, and the bound."""
    bound = outcome.bound
    if outcome.x is None:
        return outcome, np.nan, bound
    if outcome.status != "optimal":
        # Stopped by hand or by the clock: the best plan found still gets the moment it takes to be put in order.
        solver.watch, solver.deadline = Watch(report=watch.report), GRACE_SECONDS
    if lexicographic(built) and outcome.status == "optimal":
        outcome = _least_expected(built, solver, outcome)
    return _settle_integers(solver, outcome), outcome.objective, bound


def _least_expected(built: Built, solver: Solver, outcome: Outcome) -> Outcome:
    """Among the plans within CVAR_ROOM of the least CVaR, the one of least expected cost."""
    cvar = solver.arrays.cost
    columns = np.flatnonzero(cvar)
    solver.add_row(-np.inf, outcome.objective + CVAR_ROOM * abs(outcome.objective), columns, cvar[columns])
    solver.set_cost(expected_cost(built) * built.scales.column / built.scales.money)
    second = solver.solve("least expected cost")
    return second if second.x is not None else outcome


def lexicographic(built: Built) -> bool:
    """Whether risk alone counts, so that a second solve chooses among the plans of least CVaR."""
    return built.risk is not None and built.case.settings.risk_weight == 1


def expected_cost(built: Built) -> np.ndarray:
    """The coefficients of the expected cost."""
    cost = np.zeros(len(built.program.cost))
    for triples in built.program.term_cost.values():
        np.add.at(cost, triples.column, triples.value * built.tree.probability[triples.row])
    return cost


def _settle_integers(solver: Solver, outcome: Outcome) -> Outcome:
    """The same yes/no decisions at exactly 0 and 1, the rest solved anew: a mixed solver's whole numbers are only near."""
    if not solver.arrays.integer.any():
        return outcome
    solver.relax_integers(outcome.x)
    settled = solver.solve("yes/no decisions kept")
    if settled.status != "optimal":
        return outcome
    return Outcome(outcome.status, settled.objective, min(outcome.bound, settled.objective), settled.x, settled.row_dual,
                   settled.column_dual, outcome.stopped, outcome.iterations)


def _least_contracts(built: Built, solver: Solver, outcome: Outcome) -> Outcome:
    """Among plans of equal objective, the one of the least total of contracts.

    Stays on the optimal face: columns and rows with a price keep their value, so the objective cannot move.
    """
    names = np.array([family.name for family, _ in built.template.columns])
    mine = built.program.column_template
    contracts = np.flatnonzero((mine >= 0) & (names[mine] == "contract"))
    if not len(contracts) or outcome.row_dual is None or outcome.status != "optimal":
        return outcome
    priced = np.flatnonzero(np.abs(outcome.column_dual) > 1e-7)
    solver.set_bounds(priced, outcome.x[priced], outcome.x[priced])
    a = solver.arrays
    activity = np.bincount(a.row, a.value * outcome.x[a.column], minlength=len(a.row_lower))
    tight = np.flatnonzero(np.abs(outcome.row_dual) > 1e-7)
    solver.set_rows(tight, activity[tight], activity[tight])
    total = np.zeros(len(a.cost))
    total[contracts] = built.scales.column[contracts] / built.scales.column[contracts].max()
    objective = a.cost
    solver.set_cost(total)
    least = solver.solve("least contracts")
    value = float(objective @ least.x) if least.x is not None else np.inf
    if least.status != "optimal" or abs(value - outcome.objective) > 1e-8 * max(1.0, abs(outcome.objective)):
        return outcome
    return Outcome(outcome.status, value, outcome.bound, least.x, outcome.row_dual, outcome.column_dual, outcome.stopped, outcome.iterations)


def solution_of(built: Built, outcome: Outcome, bound: float, method: str = "extensive form") -> Solution:
    """The plan in the planner's units; cost and risk are computed anew from its decisions."""
    x = np.clip(outcome.x, 0, None) if built.risk is None else np.where(built.program.column_template >= 0, np.clip(outcome.x, 0, None), outcome.x)
    x = np.where(built.program.integer, np.round(x), x) * built.scales.column
    x = _with_least_slacks(built, _without_idle_contracts(built, x))
    tree, s = built.tree, built.case.settings
    term_cost = built.costs(x)
    path_cost = sum(term_cost.values())
    for node in np.flatnonzero(tree.parent >= 0):
        path_cost[node] += path_cost[tree.parent[node]]
    leaves = tree.leaves
    expected = float(tree.probability[leaves] @ path_cost[leaves])
    cvar = conditional_value_at_risk(path_cost[leaves], tree.probability[leaves], s.cvar_level)
    objective = (1 - s.risk_weight) * expected + s.risk_weight * cvar
    return Solution(
        built, outcome.status, objective, min(bound * built.scales.money, objective), expected, cvar,
        decisions_of(built, x), term_cost, path_cost, x, outcome.stopped, method, duals_of(built, outcome),
    )


def duals_of(built: Built, outcome: Outcome) -> np.ndarray | None:
    """The duals of the program's own rows in money per unit of the row; None unless they belong to an optimum."""
    if outcome.row_dual is None or outcome.status != "optimal":
        return None
    return outcome.row_dual[:len(built.program.row_lower)] * built.scales.money / built.scales.row


def _without_idle_contracts(built: Built, x: np.ndarray) -> np.ndarray:
    """The decisions with every contract that costs nothing to hold cut to what is taken under it.

    Such are contracts without reservation price and take-or-pay, and those that wait for a project that is not started.
    """
    program, data, tree = built.program, built.data, built.tree
    names = [(family.name, index) for family, index in built.template.columns]
    here = {names[j]: k for k, j in enumerate(program.column_template) if j >= 0 and names[j][0] in ("contract", "signed", "start")}
    started = {index[0] for (name, index), k in here.items() if name == "start" and x[k] > 0.5}
    idle = {}
    for (name, index), k in here.items():
        offer = data.offers[index[0]] if name == "contract" else None
        if offer and (offer.reservation_price == offer.take_or_pay == 0 or (offer.project and offer.project not in started)):
            idle[index[0]] = k
    taken = {s: np.zeros(tree.size) for s in idle}
    for k, j in enumerate(program.column_template):
        if j >= 0 and names[j][0] == "lift" and names[j][1][1] in taken:
            taken[names[j][1][1]][program.column_node[k]] += x[k]
    for s, k in idle.items():
        served = np.array([data.availability(s, int(t), tree.regimes[r]) for t, r in zip(tree.period, tree.regime)]) * data.years
        needed = float(np.max(np.divide(taken[s], served, out=np.zeros(tree.size), where=served > 0), initial=0.0))
        if needed > 1e-7 * data.usable.contract[s]:
            needed = max(needed, data.offers[s].minimum_contract)
        else:
            needed = 0.0
            if ("signed", (s,)) in here:
                x[here["signed", (s,)]] = 0.0
        x[k] = min(x[k], needed)
    return x


def _with_least_slacks(built: Built, x: np.ndarray) -> np.ndarray:
    """The decisions with the slack of each limit no larger than what it is short of or over."""
    program, matrix = built.program, built.program.matrix
    is_slack = np.array([family.name in ("slack", "reference_slack") for family, _ in built.template.columns] + [False])[program.column_template]
    entry = np.flatnonzero(is_slack[matrix.column] & (program.row_template[matrix.row] >= 0))
    row, column, value = matrix.row[entry], matrix.column[entry], matrix.value[entry]
    others = np.bincount(matrix.row, matrix.value * np.where(is_slack, 0.0, x)[matrix.column], minlength=len(program.row_lower))[row]
    missing = np.where(np.isfinite(program.row_upper[row]), others - program.row_upper[row], program.row_lower[row] - others)
    x[column] = np.clip(missing / np.abs(value), 0, x[column])
    return x


def decisions_of(built: Built, x: np.ndarray) -> Decisions:
    """The program's columns as decisions by offer, material, origin, use and node."""
    program, template, data = built.program, built.template, built.data
    names = np.array([family.name for family, _ in template.columns])
    contract: dict[int, float] = {}
    start: dict[str, int | None] = {project: None for project in data.projects}
    by_node: dict[str, dict] = {name: {} for name in ("spot", "lift", "unlifted", "reserved", "stock", "discard", "draw", "short")}
    own = np.flatnonzero(program.column_template >= 0)
    order = own[np.argsort(program.column_template[own], kind="stable")]
    template_of = program.column_template[order]
    cuts = np.searchsorted(template_of, np.arange(len(template.columns) + 1))
    for j, (_, index) in enumerate(template.columns):
        columns = order[cuts[j]:cuts[j + 1]]
        name = names[j]
        if name == "contract":
            contract[index[0]] = float(x[columns[0]])
        elif name == "start":
            if x[columns[0]] > 0.5:
                start[index[0]] = index[1]
        elif name in by_node:
            key = index[1] if len(index) == 2 else index[1:]
            values = by_node[name].setdefault(key, np.zeros(built.tree.size))
            values[program.column_node[columns]] = x[columns]
    nothing = np.zeros(built.tree.size)
    unlifted, reserved = by_node.pop("unlifted"), by_node.pop("reserved")
    paid = {s: sum((by_node["lift"][s, b] for b in data.order_origins(s)), unlifted.get(s, nothing)) for s in contract}
    in_force = {s: reserved.get(s, nothing + quantity) for s, quantity in contract.items()}
    return Decisions(contract, start, paid=paid, reserved=in_force, **by_node)
