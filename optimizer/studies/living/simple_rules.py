"""Buyers who follow a simple rule, lived through the same futures as the plan, deciding period by period.

Such a buyer may sign what the rule would sign: the plan's own contracts and projects, those that are best for the most probable course of events, or
none. From then on it is decided in every period anew for the most probable course from there on, as if nothing else could happen, with so many days
of demand kept in store as the rule asks for; or the orders of the plan's first year are placed again every year (kept_orders.py). The plan beside it
decides for futures that are drawn anew in each period (optimizer/studies/living/replay.py). All live through the same futures, so that the differences
are surer than the costs themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd

from optimizer.executors import Executor, Processes
from optimizer.model.arrays import Arrays
from optimizer.model.stamp import NO_NODE
from optimizer.plan.explain import money, percent
from optimizer.plan.plan import Plan
from optimizer.plan.quantities import NEGLIGIBLE
from optimizer.scenarios.sampled import unseen_paths
from optimizer.schema.results import Output, number, text
from optimizer.solving.built import Built
from optimizer.solving.scaling import material_scales
from optimizer.solving.solution import Solution
from optimizer.solving.watch import Phase, Progress, Watch
from optimizer.studies.estimates import Estimate, double_sampled, double_sampled_share, share_of
from optimizer.studies.living.kept_orders import FirstYear
from optimizer.studies.living.many import Sample, how_many_lived, live_many
from optimizer.studies.living.replay import History, Lived, RollingHorizon
from optimizer.studies.living.unseen_futures import STEP_SCENARIOS, is_short
from optimizer.studies.naive_plans import miss_cost, more_for_demand, target_of
from optimizer.studies.study import Study, solution_of

FUTURES, LIVED = 400, 32
"""Futures that are drawn, and different ones among them that are lived through."""

FIRST_YEAR_SIGNS = "the plan's contracts and projects that its first year uses"
PLAN_SIGNS, NOTHING_SIGNED, LIKELIEST_SIGNS = "the plan's contracts and projects", "nothing", "what is best for the most probable course"


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule. signs: what is signed and started; days: of demand kept in store; without: the bloc from which nothing is bought, "" for none.

    With FIRST_YEAR_SIGNS it repeats the orders of the plan's first year.
    """

    name: str
    title: str
    signs: str
    days: float = 0.0
    without: str = ""


POLICIES = (
    Policy("contracts", "The plan's contracts, reordered without regard to risk", PLAN_SIGNS),
    Policy("contracts_60", "The plan's contracts and 60 days of stock", PLAN_SIGNS, 60.0),
    Policy("contracts_180", "The plan's contracts and 180 days of stock", PLAN_SIGNS, 180.0),
    Policy("last_year", "Last year's plan kept: the orders of the plan's first year, every year", FIRST_YEAR_SIGNS),
    Policy("likeliest", "Planned for the most probable course alone", LIKELIEST_SIGNS),
    Policy("without_china", "No Chinese source, planned for the most probable course", LIKELIEST_SIGNS, without="chinese"),
    Policy("spot", "Spot market alone, no stock", NOTHING_SIGNED),
    Policy("spot_60", "Spot market alone and 60 days of stock", NOTHING_SIGNED, 60.0),
    Policy("spot_180", "Spot market alone and 180 days of stock", NOTHING_SIGNED, 180.0),
)
"""The rules, in the order in which they are told."""

TABLES = (
    Output(
        "policies",
        "Simple rules",
        "What buyers who follow a simple rule would pay, on the same unseen futures as the plan, with 95% intervals.",
        {
            "policy": text("The rule."),
            "signs": text("What is signed and started under it."),
            "cost": number("{currency}", "Expected cost on futures that the plan has not seen, discounted."),
            "low": number("{currency}", "The lower end of its 95% interval."),
            "high": number("{currency}", "The upper end of its 95% interval."),
            "more": number("{currency}", "Expected cost above that of the plan on the same futures.", blank="it is the plan"),
            "more_low": number("{currency}", "The lower end of its 95% interval.", blank="it is the plan"),
            "more_high": number("{currency}", "The upper end of its 95% interval.", blank="it is the plan"),
            "chance": number("share", "Chance of any shortage."),
            "chance_low": number("share", "The lower end of its 95% interval."),
            "chance_high": number("share", "The upper end of its 95% interval."),
            "broken": number("share", "Share of the futures lived through in which a budget or a limit could not be kept."),
            "broken_low": number("share", "The lower end of its 95% interval."),
            "broken_high": number("share", "The upper end of its 95% interval."),
            "words": text("The same in a sentence."),
        },
    ),
)


class RuleHorizon(RollingHorizon):
    """The policy of a buyer with a rule: what it signs, and for the rest what is best for the most probable course from each period on."""

    def __init__(self, prepared: RollingHorizon, rule: Policy) -> None:
        """prepared: the plan's own policy, whose template has seen all that the rule may meet; see `met_under_rules`."""
        super().__init__(prepared.solution, 1, prepared.seed)
        self.rule = rule
        self.template, self.position = prepared.template, prepared.position
        self.regimes, self.memories = prepared.regimes, prepared.memories

    @cached_property
    def first_year(self) -> FirstYear | None:
        """The orders that the rule repeats; None for another rule. ValueError where the horizon is no longer than a year."""
        if self.rule.signs != FIRST_YEAR_SIGNS:
            return None
        if (found := FirstYear.of(self.solution)) is None:
            raise ValueError("Within a year no order of last year is repeated.")
        return found

    @cached_property
    def planned(self) -> np.ndarray:
        """What the rule signs and starts, and its decisions of the first period, by column of the template."""
        start = self.reference[0]
        built = self._built((start,), self.continuation(0, start))
        template, node = built.program.column_template, built.program.column_node
        known = self._signed(built)
        # Decided together with the first period where the rule chooses it; before that period it is decided where it is given.
        x, _ = self._solved(built, known, NO_NODE if self.rule.signs == LIKELIEST_SIGNS else 0)
        here = (template >= 0) & (node <= 0)
        known[template[here]] = x[here]
        return known

    def _signed(self, built: Built) -> np.ndarray:
        """Return the plan's contracts and projects where the rule has them, by column of the template; else none."""
        known = np.zeros(len(built.template.columns))
        made = self.solution.built.program
        if self.rule.signs in (PLAN_SIGNS, FIRST_YEAR_SIGNS):
            assert self.solution.x is not None
            once = (made.column_template >= 0) & (made.column_node == NO_NODE)
            known[made.column_template[once]] = self.solution.x[once]
        return known if self.first_year is None else self.first_year.signed(built, known)

    def _arrays(self, built: Built, known: np.ndarray, now: int) -> Arrays:
        """Return the program from period `now` on with the rule's bounds and rows, in the solver's units."""
        arrays = super()._arrays(built, known, now)
        if self.rule.without:
            arrays = self._without_bloc(built, arrays, now)
        if self.first_year is not None:
            arrays = self.first_year.repeated(built, arrays, now)
        return self._with_stock(built, arrays, now) if self.rule.days else arrays

    def _without_bloc(self, built: Built, arrays: Arrays, now: int) -> Arrays:
        """Close what is bought and signed of the offers of a bloc from a period on."""
        upper = arrays.upper.copy()
        for family in ("contract", "signed", "spot", "filed"):
            columns = built.columns(family)
            left_out = np.array([built.data.offers[s].bloc == self.rule.without for s in columns.offer], dtype=bool)
            upper[columns.number[left_out & (columns.node >= now)]] = 0.0
        return replace(arrays, upper=upper)

    def _with_stock(self, built: Built, arrays: Arrays, now: int) -> Arrays:
        """Ask for so many days of demand in store from a period on. What is missing is dearer than any purchase and cheaper than any shortage."""
        stock, tree = built.columns("stock"), built.tree
        nodes = np.flatnonzero(tree.period >= max(now, 0))
        cost = arrays.cost.copy()
        for material in built.data.materials:
            mine = stock[(stock.material == material) & np.isin(stock.node, nodes)]
            target = target_of(built, material, self.rule.days)[nodes]
            if not len(mine) or target.max() <= 0:
                continue
            size = float(built.scales.column[mine.number].max())
            miss = miss_cost(built, material) * size / built.scales.money
            cost[: built.program.columns] += more_for_demand(built, material, miss * (tree.periods + 1) / size)
            row = arrays.rows + np.searchsorted(nodes, mine.node)
            arrays = arrays.with_columns(len(nodes), cost=miss * tree.probability[nodes])
            missing = (arrays.rows + np.arange(len(nodes)), arrays.columns - len(nodes) + np.arange(len(nodes)), 1.0)
            arrays = arrays.with_rows(len(nodes), lower=target / size, entries=[(row, mine.number, built.scales.column[mine.number] / size), missing])
            cost = np.concatenate([cost, arrays.cost[len(cost) :]])
        return replace(arrays, cost=cost)


def rules_of(solution: Solution, rules: Sequence[Policy] = POLICIES) -> tuple[Policy, ...]:
    """Return those of the rules that can be followed in the case of a plan: last year's orders are repeated where the horizon is longer than a year."""
    longer = FirstYear.of(solution) is not None
    return tuple(rule for rule in rules if longer or rule.signs != FIRST_YEAR_SIGNS)


def met_under_rules(policy: RollingHorizon, paths: list[History]) -> Iterator[History]:
    """Yield the courses of events that a buyer plans for who looks at the most probable one, in each period of each future."""
    likeliest = RollingHorizon(policy.solution, 1, policy.seed)
    yield from (tuple(future) for future, _, _ in likeliest.continuation(0, policy.reference[0]))
    for path in paths:
        for t in range(1, len(path)):
            yield from (path[:t] + tuple(future) for future, _, _ in likeliest.continuation(t, path[t]))


def policies(
    plan: Plan, progress: Callable[[Progress], None] | None = None, *, futures: int = FUTURES, lived: int = LIVED, executor: Executor | None = None
) -> dict[str, pd.DataFrame]:
    """Make the table `policies`: the plan and each of the rules that can be followed on the same futures that the plan has not seen.

    futures: how many are drawn; lived: about how many different ones are lived through. executor: where, by default in processes of this machine.
    ValueError for a plan that was read back without its solver's arrays. Of futures that are listed in the workbook none can be drawn: the table is empty.
    """
    solution = solution_of(plan)
    built = solution.built
    if built.tree.method == "listed":
        return {output.name: output.frame([]) for output in TABLES}
    watch, seed = Watch(report=progress), built.case.settings.seed
    paths = [tuple(path) for path in unseen_paths(built.case, futures, seed)]
    some = paths[: how_many_lived(built.case, futures, lived, seed)]
    own = RollingHorizon(solution, STEP_SCENARIOS, seed)
    own.prepare(
        some,
        [*paths, *met_under_rules(own, some)],
        lambda done, total: watch.tell(Phase.UNSEEN, f"simple rules: the model is compiled, {done:,} of {total:,} parts", share=done / total),
    )
    workers = executor or Processes()
    samples: list[Sample] = []

    rules = rules_of(solution)

    def tick(share: float, words: str) -> None:
        steps = len(rules) + 1
        watch.tell(Phase.UNSEEN, f"simple rules, {len(samples)} of {steps}: {words}", share=(len(samples) + share) / steps)

    try:
        for policy in (own, *(RuleHorizon(own, rule) for rule in rules)):
            known = samples[0].foreseen if samples else None
            one_by_one, foreseen = live_many(policy, some, () if known else paths, workers, tick)
            samples.append(Sample(policy, paths, [one_by_one[path] for path in some], known or [foreseen[path] for path in paths]))
    finally:
        if executor is None:
            workers.close()
    return {output.name: output.frame(_rows(plan, rules, samples)) for output in TABLES}


def _rows(plan: Plan, rules: tuple[Policy, ...], samples: list[Sample]) -> Iterator[dict[str, Any]]:
    """Yield the row of the plan, then that of each rule."""
    own = samples[0]
    least = {key: 10 * material_scales(own.policy.data)[key[0]] * NEGLIGIBLE for key in own.policy.data.demands}
    currency = plan.case.settings.currency
    for rule, sample in zip((None, *rules), samples, strict=True):
        cost = double_sampled(*sample.costs)
        chance = double_sampled_share(*sample.each(partial(is_short, least=least)))
        broken = share_of(np.array([float(bool(lived.broken)) for lived in sample.lived]))
        row = {"policy": "The plan" if rule is None else rule.title, "signs": PLAN_SIGNS if rule is None else rule.signs}
        more = _above(sample.lived, own)
        yield {
            **row,
            "cost": cost.mean,
            "low": cost.low,
            "high": cost.high,
            "more": np.nan if rule is None else more.mean,
            "more_low": np.nan if rule is None else more.low,
            "more_high": np.nan if rule is None else more.high,
            "chance": chance.mean,
            "chance_low": chance.low,
            "chance_high": chance.high,
            "broken": broken.mean,
            "broken_low": broken.low,
            "broken_high": broken.high,
            "words": _words(row["policy"], cost, None if rule is None else more, chance, broken.mean, currency),
        }


def _above(lived: list[Lived], own: Sample) -> Estimate:
    """Estimate by how much a rule costs more than the plan, future by future."""
    mine, known = own.costs
    return double_sampled(np.array([one.cost for one in lived]) - mine, known)


def _words(title: str, cost: Estimate, more: Estimate | None, chance: Estimate, broken: float, currency: str) -> str:
    """Say a row in a sentence."""
    short = f"something goes short in {percent(chance.mean)} of futures"
    kept = f", and in {percent(broken)} a budget or a limit is not kept" if broken else ""
    if more is None:
        return f"{title}: {money(cost.mean, currency)} on average; {short}{kept}."
    if more.low <= 0 <= more.high:
        return f"{title}: the cost does not differ from the plan's beyond chance; {short}{kept}."
    side = "more" if more.mean > 0 else "less"
    low, high = sorted((abs(more.low), abs(more.high)))
    share = f" ({percent(abs(more.mean) / (cost.mean - more.mean))})" if cost.mean > more.mean else ""
    between = f"(95% interval: {money(low, currency)} to {money(high, currency)})"
    return f"{title}: {money(abs(more.mean), currency)}{share} {side} than the plan {between}; {short}{kept}."


POLICIES_STUDY = Study(
    "policies",
    "Against simple rules",
    f"{TABLES[0].help} Some {LIVED} different futures are lived through for each rule; the study On unseen futures lives through more of them.",
    TABLES,
    policies,
    on_request=True,
    takes="one to three minutes",
    nothing="The futures of this workbook are listed in it, so that there are none that the plan has not seen.",
)
"""The study for the registry."""
