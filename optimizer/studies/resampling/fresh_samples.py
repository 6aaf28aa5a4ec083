"""Fresh samples of futures: what the here-and-now decisions of a plan cost on each, and what the best plan for it costs at least.

All samples are drawn as the plan's own was, each from another seed. They share one template, compiled for every regime that any of them
meets. A sample that is cut up is solved for its best plan first; the cuts and bases that this leaves answer for the given decisions in a tenth of the
time, because a bound on a decision of the trunk moves no cut.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from optimizer.case import Case
from optimizer.errors import SolverError
from optimizer.executors import Here, stop_at
from optimizer.model.cache import template_of
from optimizer.model.data import CaseData
from optimizer.model.template import Template
from optimizer.plan.quantities import Quantities
from optimizer.scenarios.memory import with_memories
from optimizer.scenarios.process import DisruptionProcess
from optimizer.scenarios.sampled import Chain, modal_path, sampled_paths
from optimizer.scenarios.tree import Memory, Regime, ScenarioTree, build_tree
from optimizer.solving.built import Built, stamped
from optimizer.solving.extensive import CVAR_ROOM
from optimizer.solving.highs import Solver
from optimizer.solving.outcome import Status, Stop
from optimizer.solving.refined import feasible_point, well_scaled, with_exact_risk
from optimizer.solving.size import free_memory, size_of
from optimizer.solving.solution import Solution
from optimizer.solving.solve import decomposes, solve_program
from optimizer.solving.warm_start import WarmStart
from optimizer.solving.watch import Phase, Progress, Stopped, Watch
from optimizer.solving.words import Words

ONCE = ("contract", "signed", "start", "start_if")
"""The families of variables that are decided once, for all futures."""

FIRST_ORDERS = ("spot", "call_off", "filed")
"""The families of variables that are the orders of a period; those of the first period are given, too."""

ROOM = 1e-6
"""How far a given quantity may be moved, relative to its size, where it is feasible but for the rounding of the solve that it comes from."""

LEAST_SECONDS = 1.0
"""The time that a sample gets, however late it is."""

SHARE_OF_BEST = 0.85
"""The share of a sample's time that the search for its best plan may take."""

SHARPER = 0.1
"""The gap to which the cost of the given decisions is computed, as a share of the gap that the case allows."""


class Answer(Words):
    """What a sample of futures says of the decisions that are given."""

    KEPT = "kept", "The decisions can be carried through on the sample."
    BROKEN = "cannot be kept", "Whatever is decided later, the decisions break a hard limit or a budget on the sample."
    IMPOSSIBLE = "no plan", "No plan at all keeps every hard limit and budget on the sample."
    UNSOLVED = "not solved", "The sample could not be solved in its time."


@dataclass(frozen=True, slots=True)
class HereAndNow:
    """The decisions that a plan takes before it knows anything of the future.

    value: (template columns,), in the planner's units, NaN where a decision is left open. threshold: the threshold of risk, which is a decision of
    this kind, too (Rockafellar & Uryasev, 2000); None where risk has no price. Without it, a sample's own worst futures would make risk
    look smaller than it is.
    """

    value: np.ndarray
    threshold: float | None

    def within(self, built: Built, room: float = 0.0) -> Built:
        """Return a program of the same case with these decisions given. room: by how much of its size, and of a solver's unit, a quantity may be moved."""
        program, scale = built.program, built.scales.column
        lower, upper = program.lower.copy(), program.upper.copy()
        first = np.flatnonzero((program.column_template >= 0) & (program.column_node <= built.tree.reference[0]))
        given = self.value[program.column_template[first]]
        at, given = first[~np.isnan(given)], given[~np.isnan(given)]
        slack = np.where(program.integer[at], 0.0, room * (np.abs(given) + scale[at]))
        lower[at], upper[at] = np.maximum(given - slack, program.lower[at]), np.minimum(given + slack, program.upper[at])
        if built.risk is not None and self.threshold is not None:
            # No cost of a path lies below the column's lower bound.
            lower[built.risk.threshold] = upper[built.risk.threshold] = max(self.threshold, program.lower[built.risk.threshold])
        return replace(built, program=replace(program, lower=lower, upper=upper))

    def objective(self, built: Built, path_cost: np.ndarray) -> float:
        """Return what the paths to the nodes cost in all, by the case's objective, with the threshold of risk as it was decided."""
        leaves, settings = built.tree.leaves, built.case.settings
        cost, probability = path_cost[leaves], built.tree.probability[leaves]
        expected = float(probability @ cost)
        if built.risk is None or self.threshold is None:
            return expected
        excess = float(probability @ np.maximum(cost - self.threshold, 0.0)) / (1 - settings.cvar_level)
        return (1 - settings.risk_weight) * expected + settings.risk_weight * (self.threshold + excess)


def here_and_now(solution: Solution) -> HereAndNow:
    """Return what a plan decides here and now: contracts, projects, and the orders of the first period. ValueError for a solution without a plan."""
    built, x = solution.built, solution.x
    if x is None:
        raise ValueError("There is no plan: the solution has no decisions.")
    value = np.full(len(built.template.columns), np.nan)
    for family in (*ONCE, *FIRST_ORDERS):
        columns = built.columns(family)
        first = columns.number[columns.node <= built.tree.reference[0]]
        value[built.program.column_template[first]] = x[first]
    return HereAndNow(value, None if built.risk is None else float(with_exact_risk(built, x)[built.risk.threshold]))


@dataclass(frozen=True, slots=True)
class Chosen:
    """The decisions of one plan whose stability is looked at, by position of the offer, by project and by material.

    contract: units per year. start: period, or the name of the disruption that it waits for; None = not started. ordered: units in the first
    period. peak: the largest stock at the end of a period of the reference path.
    """

    contract: dict[int, float]
    start: dict[str, int | str | None]
    ordered: dict[int, float]
    peak: dict[str, float]


def chosen_by(solution: Solution) -> Chosen:
    """Return the decisions of a plan; quantities that a plan does not show count as nothing."""
    q = Quantities(solution)
    made, reference = q.decisions, q.reference
    least = [q.least[offer.material] for offer in q.case.offers]
    ordered = {s: float(made.filed[s][reference[0]] if s in made.filed else q.ordered(s)[reference[0]]) for s in q.offers}
    return Chosen(
        contract={s: amount for s, amount in made.contract.items() if amount > least[s]},
        start={p.project: made.start_if.get(p.project, made.start.get(p.project)) for p in q.case.projects},
        ordered={s: amount for s, amount in ordered.items() if amount > least[s]},
        peak={m.material: float(q.stock_of(m.material)[reference].max()) for m in q.materials},
    )


@dataclass(frozen=True, slots=True)
class Replication:
    """One sample of futures and what it says. Money is the case's objective, but for expected_cost; NaN where it is not known.

    objective, expected_cost: of the given decisions, with the best that can be done afterwards. best: of the best plan found for the sample;
    bound: no plan costs less on it. chosen: what the best plan found decides. foreseen: see foreseen_share.
    """

    seed: int
    futures: int
    answer: Answer
    objective: float = np.nan
    expected_cost: float = np.nan
    best: float = np.nan
    bound: float = np.nan
    chosen: Chosen | None = None
    foreseen: float = 0.0

    @property
    def gap(self) -> float:
        """How much less than the given decisions a better plan for the sample could cost at most; NaN where one of the two is not known."""
        return float(np.maximum(0.0, self.objective - self.bound))


# -- drawing the samples ---------------------------------------------------------------------------------------------------


def is_sampled(built: Built) -> bool:
    """Return whether the futures of a program are a sample of those that can happen, and not all of them."""
    return built.tree.method == "sampled" and modal_path(Chain(built.case))[1] < 1


def seeds_of(seed: int, count: int) -> list[int]:
    """Return the seeds of so many fresh samples, which follow from one seed and have nothing to do with it or with each other."""
    keys = (hashlib.sha256(f"{seed}\nfresh sample\n{k}".encode()).digest() for k in range(count))
    return [int.from_bytes(key[:4], "little") >> 2 for key in keys]


def foreseen_share(case: Case, tree: ScenarioTree) -> float:
    """Return the share of the steps after the first, weighed by probability, in which the tree has one way to go on and the process has several.

    There a sample foresees what a buyer would not know. It is 0 in a tree of all futures, and with two periods or fewer.
    """
    process, children = DisruptionProcess(case), np.bincount(tree.parent[tree.parent >= 0], minlength=tree.size)
    several: dict[tuple[int, int], bool] = {}
    foreseen = 0.0
    for node in np.flatnonzero((children == 1) & (tree.period > 0)):
        key = int(tree.period[node]), int(tree.regime[node])
        if key not in several:
            several[key] = process.branching(tree.regimes[key[1]], key[0] + 1) > 1
        foreseen += tree.probability[node] * several[key]
    return float(foreseen / max(1, tree.periods - 2))


@dataclass(frozen=True)
class Samples:
    """Trees of fresh samples, numbered as the template that they share. case: in canonical order."""

    case: Case
    seeds: list[int]
    trees: list[ScenarioTree]
    template: Template
    drop: tuple[str, ...] = ()
    data: CaseData = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", CaseData(self.case))

    def built(self, number: int, tick: Callable[[], None] = lambda: None) -> Built:
        """Return the program of a sample."""
        return stamped(self.case, self.data, self.trees[number], self.template, self.drop, tick)

    def one(self, number: int) -> Samples:
        """Return a sample alone, for whoever solves it in another process."""
        return Samples(self.case, [self.seeds[number]], [self.trees[number]], self.template, self.drop)

    def lanes(self, most: int) -> int:
        """Return how many of the programs fit the memory side by side: at least one, at most so many."""
        nodes, regimes = max(tree.size for tree in self.trees), int(self.template.path_of.max()) + 1
        return max(1, min(most, int(free_memory() / max(1.0, size_of(self.data, nodes, regimes).bytes)), len(self.trees)))


def draw(built: Built, seeds: Sequence[int], watch: Watch) -> Samples:
    """Draw a sample from each of the seeds, of the size and kind of a program's own, and compile the template that they share."""
    case = built.case.with_settings(scenario_method="sampled")
    rows = [d.row for d in case.disruptions]

    def tick(done: int = 0, total: int = 0) -> None:
        watch.tell(Phase.REPLICATIONS, f"the futures of {len(seeds)} samples")

    drawn = [sampled_paths(case.with_settings(seed=seed), tick) for seed in seeds]
    every = {tuple(path): None for paths in drawn for path, _, _ in paths}
    # The most probable path is the first of each sample, and the reference path of each tree.
    reference = drawn[0][0][0]
    whole = with_memories(case, build_tree([(path, 1 / len(every), "") for path in every], rows, "sampled", tick, reference))
    template = template_of(built.data, whole, built.drop, tick)
    position = {_key(whole, k): k for k in range(len(whole.regimes))}
    trees = []
    for paths in drawn:
        tree = with_memories(case, build_tree(paths, rows, "sampled", tick, reference))
        number = np.array([position[_key(tree, k)] for k in range(len(tree.regimes))])
        trees.append(replace(tree, regime=number[tree.regime], regimes=whole.regimes, memories=whole.memories))
    return Samples(case, list(seeds), trees, template, built.drop)


def _key(tree: ScenarioTree, regime: int) -> tuple[Regime, Memory]:
    return tree.regimes[regime], tree.memory(regime)


# -- solving them ----------------------------------------------------------------------------------------------------------


def replicate(samples: Samples, number: int, given: HereAndNow, until: float = np.inf, stop: str = "") -> Replication:
    """Solve one sample, in this very process. Raises Stopped once the file named by `stop` is there.

    until: when to end with what is known by then, in seconds of the epoch, which processes share.
    """
    asked = stop_at(stop)

    def heed(_: Progress) -> None:
        if asked():
            raise Stopped(Stop.BY_HAND)

    whole = Watch(report=heed, cancelled=asked, limit=max(LEAST_SECONDS, until - time.time()))
    built = samples.built(number, lambda: heed(Progress(Phase.REPLICATIONS, 0.0)))
    known = Replication(samples.seeds[number], len(built.tree.scenarios), Answer.UNSOLVED, foreseen=foreseen_share(built.case, built.tree))
    try:
        return _with_answer(known, built, given, whole)
    except SolverError:
        return known
    except Stopped:
        if asked():
            raise
        return known


def _with_answer(known: Replication, built: Built, given: HereAndNow, watch: Watch) -> Replication:
    """Return what is known of a sample with the cost of the given decisions and that of the best plan."""

    def best_plan() -> Solution:
        seconds = min(SHARE_OF_BEST * watch.limit, watch.limit - watch.seconds)
        return solve_program(built, Watch(watch.report, watch.cancelled, seconds), executor=Here(), warm_start=warm)

    warm = WarmStart(executor=Here())
    try:
        if decomposes(built, "auto"):
            best = best_plan()
            status, x = (best.status, None) if best.x is None else _by_parts(built, given, _rest(watch), warm)
        else:
            status, x = _as_one(built, given, _rest(watch))
            if x is not None:
                warm.remember(built, x)
            best = best_plan()
    finally:
        warm.close()
    if best.status == Status.INFEASIBLE:
        return replace(known, answer=Answer.IMPOSSIBLE)
    if best.x is None or not np.isfinite(best.bound):
        return known
    known = replace(known, best=best.objective, bound=best.bound, chosen=chosen_by(best))
    if x is None:
        return replace(known, answer=Answer.BROKEN if status == Status.INFEASIBLE else Answer.UNSOLVED)
    path_cost = built.path_costs(x)
    return replace(known, answer=Answer.KEPT, objective=given.objective(built, path_cost), expected_cost=built.objective(path_cost)[0])


def _rest(watch: Watch) -> Watch:
    """Return a watch of its own for what is left of the time."""
    return Watch(watch.report, watch.cancelled, watch.limit - watch.seconds)


Found = tuple[Status, np.ndarray | None]
"""A status, and all columns of a program in the planner's units."""


def _by_parts(built: Built, given: HereAndNow, watch: Watch, warm: WarmStart) -> Found:
    """Return the best that can be done with the given decisions on a tree that is cut up, from what the search for the best plan has left."""
    case = built.case.with_settings(mip_gap=SHARPER * built.case.settings.mip_gap)
    for room in (0.0, ROOM):
        bounded = replace(given.within(built, room), case=case)
        found = solve_program(bounded, watch, executor=Here(), warm_start=warm)
        if found.status != Status.INFEASIBLE:
            return found.status, found.x
    return _confirmed(bounded, watch), None


def _as_one(built: Built, given: HereAndNow, watch: Watch) -> Found:
    """Return the best that can be done with the given decisions on a tree that is solved as one program."""
    built = well_scaled(built, watch)
    for room in (0.0, ROOM):
        bounded = given.within(built, room)
        solver = Solver(
            bounded.arrays(),
            seed=built.case.settings.seed,
            time_limit=watch.limit - watch.seconds,
            mip_gap=SHARPER * built.case.settings.mip_gap,
            watch=watch,
            money=built.scales.money,
        )
        found = solver.solve(Phase.REPLICATIONS)
        if found.x is not None and built.risk_alone and found.status == Status.OPTIMAL:
            found_x = _of_least_expected_cost(built, solver, found.x)
            return found.status, _in_planners_units(built, found_x)
        if found.status != Status.INFEASIBLE:
            return found.status, None if found.x is None else _in_planners_units(built, found.x)
    return _confirmed(bounded, watch), None


def _of_least_expected_cost(built: Built, solver: Solver, x: np.ndarray) -> np.ndarray:
    """Return, of decisions as good as x by a CVaR that counts alone, those of least expected cost, as the plan itself was chosen."""
    if solver.arrays.integer.any():
        solver.fix_integers(x)
    cost = solver.arrays.cost
    columns, value = np.flatnonzero(cost), float(cost @ x)
    solver.add_row(-np.inf, value + CVAR_ROOM * abs(value), columns, cost[columns])
    solver.set_objective(built.expected_cost * built.scales.column / built.scales.money)
    found = solver.attempt(Phase.LEAST_COST)
    return x if found.x is None else found.x


def _in_planners_units(built: Built, x: np.ndarray) -> np.ndarray:
    own = built.program.column_template >= 0
    whole: np.ndarray = np.where(own, np.clip(np.where(built.program.integer, np.round(x), x), 0, None), x) * built.scales.column
    return whole


def _confirmed(bounded: Built, watch: Watch) -> Status:
    """Return whether decisions that seemed infeasible are: the size of the costs can make a program seem so, therefore it is asked without its costs."""
    return feasible_point(bounded, watch, watch.limit - watch.seconds)[0]
