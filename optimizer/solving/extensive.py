"""Solve a case as one program: the extensive form, that is the deterministic equivalent of its whole tree (Birge & Louveaux, 2011, ch. 1)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from optimizer.case import Case
from optimizer.errors import SolverError
from optimizer.solving.built import Built, build
from optimizer.solving.highs import Solver
from optimizer.solving.numerics import FEASIBILITY_TOLERANCE, INTEGRALITY_TOLERANCE, TIGHT_INTEGRALITY
from optimizer.solving.outcome import Outcome, Status, Stop
from optimizer.solving.refined import USUAL, WIDE, dearest, differences, dual_bound, feasible_point, rescaled, suited, well_scaled, with_exact_risk
from optimizer.solving.solution import Solution, solution_of
from optimizer.solving.warm_start import WarmStart
from optimizer.solving.watch import Phase, Watch

CVAR_ROOM = 0.9999e-6
"""How far the second solve of risk_weight 1 may leave the least CVaR, relative: 1e-6, less what tolerances may add."""

TINY = 1_000
"""Rows up to which a plan is checked without presolve, so that the second opinion takes another way than the first; larger ones take too long."""

SMALL = 3_000
"""Rows up to which a program is solved to the very optimum, whatever gap is allowed: it takes no more than a second or two."""

ROUNDS = 4
"""The most times that a better plan is looked for than one that was called the best."""

NO_GAIN = 1e-9
"""A plan that is better by less, relative, counts as equally good."""

ROUNDING = 1e-13
"""The relative rounding error of a sum of costs: some hundred times the precision of a double."""

LEAK = 1e-6
"""How much a plan may gain, relative, from switches that the solver takes for closed though they are not quite: the solver's INTEGRALITY_TOLERANCE."""

PRICED = FEASIBILITY_TOLERANCE
"""A dual or reduced cost up to the solver's dual tolerance counts as zero."""

SAME_OBJECTIVE = 1e-8
"""By how much the objective may differ, relative, after a choice among plans that should cost the same."""


@dataclass(frozen=True)
class Answer:
    """The solver's answer to a program in one piece, before it is put in order.

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
        assert self.outcome.x is not None
        x: np.ndarray = self.outcome.x * self.built.scales.column
        return x if self.start is None else x + self.start

    @property
    def value(self) -> float:
        """The objective, in money, as the decisions make it."""
        return float(self.built.program.cost @ with_exact_risk(self.built, self.x))


def solve_extensive(case: Case, *, watch: Watch | None = None, drop: Collection[str] = ()) -> Solution:
    """Return the plan of least (1-λ)·E[Z] + λ·CVaR_α(Z) of a case, by its extensive form, without the constraints named in `drop`."""
    watch = watch or Watch()
    return solve_built(build(case, watch, drop), watch)


def solve_again(case: Case, watch: Watch) -> Solution:
    """Solve, in the time that is left of the watch's, a case whose first answer was no good, in a different way."""
    solution = solve_built(build(case, watch), watch, again=True, until=case.settings.time_limit_seconds)
    return replace(solution, method=f"{solution.method}, another way")


def solve_built(built: Built, watch: Watch, warm_start: WarmStart | None = None, *, again: bool = False, until: float | None = None) -> Solution:
    """Solve a program in one piece. warm_start: what earlier solves left behind, and where this one leaves something for the next.

    again: in another way than the usual, where that has failed: from any feasible plan, in other units, by other steps of the solver.
    until: the watch's second by which to end, else the time limit from now.
    """
    until = min(watch.seconds + built.case.settings.time_limit_seconds, watch.limit) if until is None else until
    usual = built
    built, answer = well_scaled(built, watch), None
    try:
        answer = None if again else _first(built, watch, until, warm_start)
    except SolverError as error:
        watch.tell(Phase.ANOTHER_WAY, f"another way: {error}")
    if answer is None or answer.outcome.status == Status.INFEASIBLE:
        # The size of the costs can make a program seem infeasible, so that this is believed only of the program without its costs.
        status, start = feasible_point(built, watch, until - watch.seconds)
        if start is None:
            return Solution(built, status, stopped=Stop.NONE if status == Status.INFEASIBLE else Stop.BY_TIME)
        answer = _improved(usual, start, False, watch, until)
    if answer.outcome.x is None:
        return Solution(answer.built, answer.outcome.status, stopped=answer.outcome.stopped)
    if answer.outcome.status == Status.OPTIMAL and (again or doubtful(answer)):
        answer = _confirmed(usual, answer, watch, until)
    return _finished(answer, watch, until)


def _gap(built: Built) -> float:
    """Return the allowed gap, 0 for a program so small that its very optimum costs no time."""
    return 0.0 if built.program.rows <= SMALL else built.case.settings.mip_gap


def _first(built: Built, watch: Watch, until: float, warm_start: WarmStart | None) -> Answer:
    """Solve the program as it is."""

    def attempt(integrality: float) -> tuple[Answer, float]:
        """Return the answer, and the objective that the solver claimed before the yes/no decisions were rounded."""
        solver = Solver(
            built.arrays(),
            seed=built.case.settings.seed,
            time_limit=until - watch.seconds,
            mip_gap=_gap(built),
            watch=watch,
            money=built.scales.money,
            integrality=integrality,
        )
        if warm_start is not None:
            warm_start.apply(solver, built)
        found = solver.solve(Phase.SEARCH)
        if warm_start is not None and found.x is not None:
            warm_start.remember(built, found.x * built.scales.column, None if solver.arrays.integer.any() else solver.basis)
        return Answer(built, solver, _settled(solver, found, watch), found.bound * built.scales.money), found.objective

    answer, claimed = attempt(INTEGRALITY_TOLERANCE)
    if answer.outcome.status == Status.OPTIMAL and answer.outcome.objective > claimed + LEAK * abs(claimed):
        # A switch that was nearly closed let something through that the closed one does not: the program is solved again, more strictly.
        strict, _ = attempt(TIGHT_INTEGRALITY)
        if strict.outcome.x is not None and strict.outcome.objective < answer.outcome.objective:
            answer = replace(strict, bound=answer.bound)
    return answer


def doubtful(answer: Answer) -> bool:
    """Return whether a second solve has to confirm that the plan is the best.

    It has to for small programs with yes/no decisions; for others where an optimum is made of much less, or much more, than the largest
    cost, and where the duals do not prove what they should.
    """
    built, outcome = answer.built, answer.outcome
    value = abs(answer.value)
    if built.mixed and built.program.rows <= SMALL:
        return True
    if dearest(built) > WIDE * built.scales.money or not USUAL[0] <= value / built.scales.money <= USUAL[1]:
        return value > 0
    if built.mixed or outcome.row_dual is None or outcome.x is None:
        return False
    missing = outcome.objective - dual_bound(answer.solver.arrays, outcome.row_dual, outcome.x)
    return missing > _allowed(built) * abs(outcome.objective)


def _confirmed(usual: Built, answer: Answer, watch: Watch, until: float) -> Answer:
    """Return the plan, or a better one, with a bound that a second solve from other numbers has found as well."""
    for _ in range(ROUNDS):
        first = _second_opinion(usual, answer.x, True, watch, until)
        others = [] if first is None else [first]
        if first is None or answer.value - first.bound > _allowed(usual) * abs(answer.value):
            second = _second_opinion(usual, answer.x, False, watch, until)
            others += [] if second is None else [second]
        if not others:
            return answer
        best = min(others, key=lambda other: other.value)
        least = NO_GAIN * abs(answer.value)
        if answer.built.scales.money > usual.scales.money:
            # What was lost because money was counted coarsely counts, too.
            least = min(least, max(NO_GAIN * usual.scales.money, ROUNDING * abs(answer.value)))
        bound = max(other.bound for other in others)
        if best.value > answer.value - least:
            bound = answer.bound if abs(answer.bound - bound) <= least else bound
            return replace(answer, bound=min(bound, answer.value))
        answer = replace(best, bound=min(bound, best.value))
    return answer


def _allowed(built: Built) -> float:
    """Return the relative gap within which a plan counts as the best."""
    return max(LEAK, _gap(built))


def _second_opinion(usual: Built, x: np.ndarray, near: bool, watch: Watch, until: float) -> Answer | None:
    """Return the answer of _improved, None where the solver failed or was stopped."""
    try:
        other = _improved(usual, x, near, watch, until)
    except SolverError:
        return None
    return other if other.outcome.status == Status.OPTIMAL else None


def _improved(usual: Built, x: np.ndarray, near: bool, watch: Watch, until: float) -> Answer:
    """Look for the best plan as a difference from the plan x; near: where x is as good as the best. Raises SolverError.

    Near it, differences are counted in prices, however large the costs are that no decision avoids.
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
        presolve=(built.program.rows > TINY) == near,
        absolute_gap=max(_gap(built), NO_GAIN / 10) * abs(value) / built.scales.money,
    )
    if solver.arrays.integer.any():
        solver.start_from(np.zeros(len(start)))
    found = solver.solve(Phase.CHECKING)
    return Answer(built, solver, _settled(solver, found, watch), value + found.bound * built.scales.money, start)


def _settled(solver: Solver, outcome: Outcome, watch: Watch) -> Outcome:
    """Return the plan with its yes/no decisions at exactly 0 and 1."""
    if outcome.x is None:
        return outcome
    if outcome.status != Status.OPTIMAL:
        # The solve was stopped by hand or by the clock: the best plan found still gets the moment that it takes to put it in order.
        solver.watch, solver.deadline = Watch(report=watch.report), watch.grace
    return _with_fixed_integers(solver, outcome)


def _with_fixed_integers(solver: Solver, outcome: Outcome) -> Outcome:
    """Fix the yes/no decisions at exactly 0 and 1 and solve the rest anew: those of a mixed-integer solver are only nearly whole."""
    if not solver.arrays.integer.any() or outcome.x is None:
        return outcome
    solver.fix_integers(outcome.x)
    fixed = solver.attempt(Phase.ROUNDING)
    if fixed.status != Status.OPTIMAL:
        return outcome
    return replace(fixed, status=outcome.status, bound=min(outcome.bound, fixed.objective), stopped=outcome.stopped, iterations=outcome.iterations)


def _finished(answer: Answer, watch: Watch, until: float) -> Solution:
    """Choose among equally good plans, and state the plan in the planner's units."""
    bound, duals = answer.bound, None
    lexicographic = answer.built.risk_alone and answer.outcome.status == Status.OPTIMAL
    if lexicographic:
        duals = answer.outcome.row_dual
        answer = _least_expected(answer, watch, until)
    built, outcome = answer.built, _least_contracts(answer.built, answer.solver, answer.outcome)
    x = replace(answer, outcome=outcome).x / built.scales.column
    outcome = replace(outcome, x=x, row_dual=duals if lexicographic else outcome.row_dual)
    return solution_of(built, outcome, bound / built.scales.money)


def _least_expected(answer: Answer, watch: Watch, until: float) -> Answer:
    """Among the plans within CVAR_ROOM of the least CVaR, return one of least expected cost."""
    built, start = answer.built, with_exact_risk(answer.built, answer.x)
    solver = _differing_from(built, start, watch, until)
    if solver.arrays.integer.any():
        solver.start_from(np.zeros(len(start)))
    elif (basis := answer.solver.basis) is not None:
        solver.basis = basis
    _count_expected_cost(built, solver, start, CVAR_ROOM)
    if (found := solver.attempt(Phase.LEAST_COST)).x is None:
        return answer
    return Answer(built, solver, _settled(solver, found, watch), answer.bound, start)


@dataclass(frozen=True)
class Cheapest:
    """A plan of least expected cost where only the worst futures count. x: all columns of the program, in the planner's units; least: the least CVaR.

    row_dual: duals of the least CVaR with the plan's yes/no decisions, in the solver's units, where these decisions are not the first.
    """

    x: np.ndarray
    least: float
    row_dual: np.ndarray | None


def least_expected(built: Built, x: np.ndarray, decisions: np.ndarray, room: float, exact: bool, watch: Watch, until: float) -> Cheapest | None:
    """Return a plan of least expected cost among those with some of these yes/no decisions whose CVaR is within the share `room` of the least.

    x: a plan whose CVaR is within the allowed gap of the least, in the planner's units. decisions: (n, integer columns), those of x first. exact: whether
    their least CVaR is found first; else that of x counts as such. until: the watch's second by which to end. None where the time was too short, or the
    solver failed.
    """
    start, least = with_exact_risk(built, x), 0.0
    duals: list[np.ndarray | None] = [None] * len(decisions)
    try:
        if exact:
            solver = _differing_from(built, start, watch, (watch.seconds + until) / 2)
            safest = [_with_decisions(solver, built, start, chosen, Phase.CHECKING) for chosen in decisions]
            if any(outcome.status not in (Status.OPTIMAL, Status.INFEASIBLE) for outcome in safest):
                return None  # what is not known of one of them may be the least
            least = min((outcome.objective for outcome in safest if outcome.status == Status.OPTIMAL), default=least)
            duals = [outcome.row_dual for outcome in safest]
        solver = _differing_from(built, start, watch, until)
        _count_expected_cost(built, solver, start, room, least)
        found = [_with_decisions(solver, built, start, chosen, Phase.LEAST_COST) for chosen in decisions]
    except SolverError:
        return None
    known = [k for k, outcome in enumerate(found) if outcome.status == Status.OPTIMAL]
    if not known:
        return None
    best = min(known, key=lambda k: found[k].objective)
    plan = found[best].x * built.scales.column + start
    return Cheapest(plan, float(built.program.cost @ start) + least * built.scales.money, duals[best] if best else None)


def _with_decisions(solver: Solver, built: Built, start: np.ndarray, decisions: np.ndarray, phase: Phase) -> Outcome:
    """Solve for the difference from `start` with these yes/no decisions, from the last basis if there is one."""
    columns = np.flatnonzero(built.program.integer)
    changed = np.zeros(len(start))
    changed[columns] = decisions - start[columns]
    if solver.arrays.integer.any():
        solver.fix_integers(changed)
    elif len(columns):
        solver.set_bounds(columns, changed[columns], changed[columns])
    return solver.attempt(phase)


def _differing_from(built: Built, start: np.ndarray, watch: Watch, until: float) -> Solver:
    """Return a solver for the difference of a plan from the plan `start`: so small a room beside so large a CVaR is exact only as a difference."""
    return Solver(
        differences(built, start),
        seed=built.case.settings.seed,
        time_limit=until - watch.seconds,
        mip_gap=0.0,
        watch=watch,
        money=built.scales.money,
        absolute_gap=min(_gap(built), LEAK) * abs(float(built.expected_cost @ start)) / built.scales.money,
    )


def _count_expected_cost(built: Built, solver: Solver, start: np.ndarray, room: float, least: float = 0.0) -> None:
    """Have the solver look for the least expected cost among the differences from `start` whose CVaR is within the share `room` of the least.

    least: the difference of the least CVaR from that of `start`, in the solver's units.
    """
    columns, money = np.flatnonzero(solver.arrays.cost), built.scales.money
    most = least + room * abs(float(built.program.cost @ start) / money + least)
    solver.add_row(-np.inf, most, columns, solver.arrays.cost[columns])
    solver.set_objective(built.expected_cost * built.scales.column / money)


def _least_contracts(built: Built, solver: Solver, outcome: Outcome) -> Outcome:
    """Among plans of equal objective, return one of the least total of contracts.

    The search stays on the optimal face: columns and rows with a price keep their value, so that the objective cannot move.
    """
    contracts = built.columns("contract").number
    if not len(contracts) or outcome.x is None or outcome.row_dual is None or outcome.column_dual is None or outcome.status != Status.OPTIMAL:
        return outcome
    priced = np.flatnonzero(np.abs(outcome.column_dual) > PRICED)
    solver.set_bounds(priced, outcome.x[priced], outcome.x[priced])
    activity = solver.arrays.activity(outcome.x)
    tight = np.flatnonzero(np.abs(outcome.row_dual) > PRICED)
    solver.set_rows(tight, activity[tight], activity[tight])
    objective = solver.arrays.cost
    total = np.zeros(len(objective))
    total[contracts] = built.scales.column[contracts] / built.scales.column[contracts].max()
    solver.set_objective(total)
    least = solver.attempt(Phase.LEAST_CONTRACTS)
    if least.status != Status.OPTIMAL or least.x is None:
        return outcome
    value = float(objective @ least.x)
    if abs(value - outcome.objective) > SAME_OBJECTIVE * max(1.0, abs(outcome.objective)):
        return outcome
    return replace(outcome, objective=value, x=least.x)
