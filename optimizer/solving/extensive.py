"""Solve a case as one program: the deterministic equivalent of its whole tree."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from optimizer.case import Case
from optimizer.errors import SolverError
from optimizer.model.cache import template_of
from optimizer.model.data import CaseData, canonical
from optimizer.model.decisions import Decisions
from optimizer.model.risk import RiskColumns, conditional_value_at_risk, least_cost, with_risk
from optimizer.model.stamp import Program, Triples, stamp
from optimizer.model.template import Template
from optimizer.scenarios import ScenarioTree
from optimizer.solving.highs import INTEGRALITY_TOLERANCE, TIGHT_INTEGRALITY, Arrays, Outcome, Solver, aggregate
from optimizer.solving.readout import decisions_of, duals_of, with_least_slacks, without_idle_contracts
from optimizer.solving.refined import USUAL, WIDE, dearest, differences, dual_bound, feasible_point, magnitude, rescaled, suited, with_exact_risk
from optimizer.solving.scaling import Scales, scales_of
from optimizer.solving.size import tree_that_fits
from optimizer.solving.watch import Watch

if TYPE_CHECKING:
    from optimizer.solving.memory import Memory

CVAR_ROOM = 0.9999e-6
"""How far the second solve of risk_weight 1 may leave the least CVaR, relative: 1e-6, less what tolerances may add."""

TINY = 1_000
"""Rows up to which a plan is checked without the solver's presolve."""

ROUNDS = 4
"""Of looking for a better plan than one that was called the best."""

NO_GAIN = 1e-9
"""What is better by less, relative, is not better."""

ROUNDING = 1e-13
"""What a sum of costs may be off, relative."""

SMALL = 3_000
"""Rows up to which a program is solved to the very optimum, whatever the gap allowed."""

LEAK = 1e-6
"""How much a plan may gain, relative, from switches that the solver takes for closed though they are not quite."""


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
        return Arrays(
            p.cost * s.column / s.money,
            p.lower / s.column,
            p.upper / s.column,
            p.integer,
            p.row_lower / s.row,
            p.row_upper / s.row,
            p.matrix.row,
            p.matrix.column,
            value,
        )

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

    WorkbookError where it is too large.
    """
    watch = watch or Watch()
    case = canonical(case)
    watch.tell("scenarios")
    data = CaseData(case)
    tree = tree or tree_that_fits(data, lambda: watch.check("scenarios"))

    def tick(done: int, total: int) -> None:
        watch.check()
        watch.tell(f"model, {done} of {total}")

    template = template_of(data, tree, drop, tick)
    watch.tell("model, laid onto the scenarios")
    return stamped(case, data, tree, template, tuple(drop), watch.check)


def stamped(case: Case, data: CaseData, tree: ScenarioTree, template: Template, drop: tuple[str, ...] = (), tick: Callable[[], None] = lambda: None) -> Built:
    """The program of a case on a tree, from a template that has seen the tree's regimes. tick: called now and then."""
    program, risk = stamp(template, tree, tick), None
    s = case.settings
    if s.risk_weight > 0 and s.cvar_level > 0:
        program, risk = with_risk(program, tree, s.risk_weight, s.cvar_level, least_cost(data), drop)
    tick()
    matrix = program.matrix
    program = replace(program, matrix=Triples(*aggregate(matrix.row, matrix.column, matrix.value, len(program.row_lower))))
    tick()
    return Built(case, data, tree, template, program, risk, scales_of(data, template, program), drop)


def solve_extensive(case: Case, *, watch: Watch | None = None, drop: Collection[str] = ()) -> Solution:
    """The plan of least (1-λ)·E[Z] + λ·CVaR_α(Z), by the extensive form of the scenario tree."""
    watch = watch or Watch()
    built = build(case, watch, drop)
    return solve_built(built, watch)


@dataclass(frozen=True)
class Answer:
    """What a program in one piece came to, before it is put in order.

    outcome, solver: in the solver's units, of differences from `start` (planner's units) where there is one. bound: in money.
    """

    built: Built
    solver: Solver
    outcome: Outcome
    bound: float
    start: np.ndarray | None = None

    @property
    def x(self) -> np.ndarray:
        """All columns of the program, in the planner's units."""
        x = self.outcome.x * self.built.scales.column
        return x if self.start is None else x + self.start

    @property
    def value(self) -> float:
        """The objective, in money, as the decisions make it."""
        return float(self.built.program.cost @ with_exact_risk(self.built, self.x))


def solve_again(case: Case, watch: Watch) -> Solution:
    """The plan of a case whose first answer was no good, another way, in what time is left of the watch's."""
    solution = solve_built(build(case, watch), watch, again=True, until=case.settings.time_limit_seconds)
    return replace(solution, method=f"{solution.method}, another way")


def solve_built(built: Built, watch: Watch, memory: Memory | None = None, again: bool = False, until: float | None = None) -> Solution:
    """Solve a program that is built; see solve_extensive. memory: what earlier solves left behind, for the next.

    again: another way than the usual, where that has failed: from any plan there is, in other units, by other steps of the solver.
    until: the watch's second by which to end, else the time limit from now.
    """
    until = min(watch.seconds + built.case.settings.time_limit_seconds, watch.limit) if until is None else until
    usual = built
    built, answer = well_scaled(built, watch), None
    try:
        answer = None if again else _first(built, watch, until, memory)
    except SolverError as error:
        watch.tell(f"another way: {error}")
    if answer is None or answer.outcome.status == "infeasible":
        # Also what is called infeasible is looked at without its costs, whose size can make it seem so.
        status, start = feasible_point(built, watch, until - watch.seconds)
        if start is None:
            return Solution(built, status, stopped="" if status == "infeasible" else "time limit")
        answer = _improved(usual, start, False, watch, until)
    if answer.outcome.x is None:
        return Solution(answer.built, answer.outcome.status, stopped=answer.outcome.stopped)
    if answer.outcome.status == "optimal" and (again or doubtful(answer)):
        answer = _confirmed(usual, answer, watch, until)
    return _finished(answer, watch, until)


def well_scaled(built: Built, watch: Watch) -> Built:
    """The program with its money counted in what an optimum is made of, where the prices alone do not tell."""
    if dearest(built) <= WIDE * built.scales.money:
        return built
    return rescaled(built, suited(built, magnitude(built, expected_cost(built), watch)))


def _gap(built: Built) -> float:
    """Where it costs nothing, the optimum itself rather than a plan within the gap of it."""
    return 0.0 if len(built.program.row_lower) <= SMALL else built.case.settings.mip_gap


def _first(built: Built, watch: Watch, until: float, memory: Memory | None) -> Answer:
    """The program as it is."""

    def attempt(integrality: float) -> tuple[Answer, float]:
        solver = Solver(
            built.arrays(),
            seed=built.case.settings.seed,
            time_limit=until - watch.seconds,
            mip_gap=_gap(built),
            watch=watch,
            money=built.scales.money,
            integrality=integrality,
        )
        if memory is not None:
            memory.help(solver, built)
        found = solver.solve("solver")
        if memory is not None and found.x is not None:
            memory.remember(built, found.x * built.scales.column, None if solver.arrays.integer.any() else solver.highs.getBasis())
        return Answer(built, solver, _settled(solver, found, watch), found.bound * built.scales.money), found.objective

    answer, promised = attempt(INTEGRALITY_TOLERANCE)
    if answer.outcome.status == "optimal" and answer.outcome.objective > promised + LEAK * abs(promised):
        # A nearly closed switch let something through that the closed one does not: look again, more strictly.
        strict, _ = attempt(TIGHT_INTEGRALITY)
        if strict.outcome.x is not None and strict.outcome.objective < answer.outcome.objective:
            answer = replace(strict, bound=answer.bound)
    return answer


def doubtful(answer: Answer) -> bool:
    """Whether the solver's word that a plan is the best is checked by a second solve.

    Of small programs with yes/no decisions always; of others where an optimum is made of much less, or much more, than the largest
    cost, and where the duals do not prove what they should.
    """
    built, outcome = answer.built, answer.outcome
    mixed, value = built.program.integer.any(), abs(answer.value)
    if mixed and len(built.program.row_lower) <= SMALL:
        return True
    if dearest(built) > WIDE * built.scales.money or not USUAL[0] <= value / built.scales.money <= USUAL[1]:
        return value > 0
    if mixed or outcome.row_dual is None:
        return False
    missing = outcome.objective - dual_bound(answer.solver.arrays, outcome.row_dual, outcome.x)
    return missing > _allowed(built) * abs(outcome.objective)


def _confirmed(usual: Built, answer: Answer, watch: Watch, until: float) -> Answer:
    """The plan, or a better one, with a bound that a second solve from other numbers has come to as well."""
    for _ in range(ROUNDS):
        others = [_looked_for(usual, answer.x, True, watch, until)]
        if others[0] is None or answer.value - others[0].bound > _allowed(usual) * abs(answer.value):
            others.append(_looked_for(usual, answer.x, False, watch, until))
        others = [other for other in others if other is not None]
        if not others:
            return answer
        best = min(others, key=lambda other: other.value)
        least = NO_GAIN * abs(answer.value)
        if answer.built.scales.money > usual.scales.money:
            # What was lost in coarse money counts, too.
            least = min(least, max(NO_GAIN * usual.scales.money, ROUNDING * abs(answer.value)))
        bound = max(other.bound for other in others)
        if best.value > answer.value - least:
            bound = answer.bound if abs(answer.bound - bound) <= least else bound
            return replace(answer, bound=min(bound, answer.value))
        answer = replace(best, bound=min(bound, best.value))
    return answer


def _allowed(built: Built) -> float:
    """The relative gap within which a plan counts as the best."""
    return max(LEAK, _gap(built))


def _looked_for(usual: Built, x: np.ndarray, near: bool, watch: Watch, until: float) -> Answer | None:
    """As _improved; None where the solver failed or was stopped."""
    try:
        other = _improved(usual, x, near, watch, until)
    except SolverError:
        return None
    return other if other.outcome.status == "optimal" else None


def _improved(usual: Built, x: np.ndarray, near: bool, watch: Watch, until: float) -> Answer:
    """The best plan, looked for as a difference from the plan x; near: where x is as good as the best. Raises SolverError.

    Near it, differences are counted in prices, however much is lost whatever is decided.
    """
    start = with_exact_risk(usual, x)
    value = float(usual.program.cost @ start)
    money = suited(usual, value)
    built = rescaled(usual, min(money, usual.scales.money) / 10 if near else money)
    solver = Solver(
        differences(built, start),
        seed=built.case.settings.seed + 1,
        time_limit=until - watch.seconds,
        mip_gap=0.0,
        watch=watch,
        money=built.scales.money,
        integrality=TIGHT_INTEGRALITY,
        presolve=(len(built.program.row_lower) > TINY) == near,
        absolute_gap=max(_gap(built), NO_GAIN / 10) * abs(value) / built.scales.money,
    )
    if solver.arrays.integer.any():
        solver.start_from(np.zeros(len(start)))
    found = solver.solve("checking")
    return Answer(built, solver, _settled(solver, found, watch), value + found.bound * built.scales.money, start)


def _settled(solver: Solver, outcome: Outcome, watch: Watch) -> Outcome:
    """The plan with its yes/no decisions at exactly 0 and 1."""
    if outcome.x is None:
        return outcome
    if outcome.status != "optimal":
        # Stopped by hand or by the clock: the best plan found still gets the moment it takes to be put in order.
        solver.watch, solver.deadline = Watch(report=watch.report), watch.grace
    return _settle_integers(solver, outcome)


def _finished(answer: Answer, watch: Watch, until: float) -> Solution:
    """The plan in the planner's units, the choice among equally good ones made."""
    bound, duals = answer.bound, None
    alone = lexicographic(answer.built) and answer.outcome.status == "optimal"
    if alone:
        duals = answer.outcome.row_dual
        answer = _least_expected(answer, watch, until)
    built, outcome = answer.built, _least_contracts(answer.built, answer.solver, answer.outcome)
    outcome = replace(outcome, x=replace(answer, outcome=outcome).x / built.scales.column, row_dual=duals if alone else outcome.row_dual)
    return solution_of(built, outcome, bound / built.scales.money)


def _least_expected(answer: Answer, watch: Watch, until: float) -> Answer:
    """Among the plans within CVAR_ROOM of the least CVaR, the one of least expected cost; found as a difference, so that the room is exact."""
    built, settings = answer.built, answer.built.case.settings
    start, cost = with_exact_risk(built, answer.x), expected_cost(built)
    money, risk = built.scales.money, built.program.cost
    solver = Solver(
        differences(built, start),
        seed=settings.seed,
        time_limit=until - watch.seconds,
        mip_gap=0.0,
        watch=watch,
        money=money,
        absolute_gap=min(_gap(built), LEAK) * abs(float(cost @ start)) / money,
    )
    if solver.arrays.integer.any():
        solver.start_from(np.zeros(len(start)))
    else:
        solver.highs.setBasis(answer.solver.highs.getBasis())
    columns = np.flatnonzero(solver.arrays.cost)
    solver.add_row(-np.inf, CVAR_ROOM * abs(float(risk @ start)) / money, columns, solver.arrays.cost[columns])
    solver.set_cost(cost * built.scales.column / money)
    found = solver.solve("least expected cost")
    if found.x is None:
        return answer
    return Answer(built, solver, _settled(solver, found, watch), answer.bound, start)


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
    return Outcome(
        outcome.status,
        settled.objective,
        min(outcome.bound, settled.objective),
        settled.x,
        settled.row_dual,
        settled.column_dual,
        outcome.stopped,
        outcome.iterations,
    )


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
    x = with_least_slacks(built, without_idle_contracts(built, x))
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
        built,
        outcome.status,
        objective,
        min(bound * built.scales.money, objective),
        expected,
        cvar,
        decisions_of(built, x),
        term_cost,
        path_cost,
        x,
        outcome.stopped,
        method,
        duals_of(built, outcome),
    )
