"""Where the cost of another plan differs from that of a plan, on the same futures: by part of the cost, and by what happens in the futures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimizer.plan.explain import money, percent
from optimizer.schema.costs import COST_PARTS
from optimizer.solving.built import Built
from optimizer.solving.solution import Solution

MOST_PARTS = 3
"""The most parts of the cost that a sentence names."""

NAMED = 0.05
"""A part of the cost is named if it differs by at least this share of what the part does that differs most."""

TELLING = 0.5
"""A sentence names a disruption if the extra cost in futures with it and in those without differ by at least this share of the larger of the two."""

INCOME = ("sales", "salvage")
"""The parts of the cost that are income."""

WORD = {part.name: part.word.lower() for part in COST_PARTS}

NOTHING = 1e-9
"""The share of a plan's cost below which a difference of a part is the rounding of a sum."""


def tail_weights(cost: np.ndarray, probability: np.ndarray, level: float) -> np.ndarray:
    """Return the weight of each future in CVaR: its share of the worst 1 - level of the probability (Rockafellar & Uryasev, 2000), summing to 1.

    The CVaR is then the mean of the costs under these weights, and splits into parts that add up to it (Tasche, 1999).
    """
    order = np.argsort(-cost, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(probability[order])[:-1]])
    weights = np.zeros(len(cost))
    weights[order] = np.clip(1 - level - before, 0, probability[order])
    return weights / weights.sum()


@dataclass(frozen=True)
class PathCosts:
    """The costs of a plan by future. probability: (leaves,); parts: part of the cost -> (leaves,) of the whole path, discounted.

    beyond: what of the expected cost lies in the periods beyond the horizon.
    """

    probability: np.ndarray
    parts: dict[str, np.ndarray]
    level: float
    beyond: float = 0.0

    @classmethod
    def of(cls, solution: Solution) -> PathCosts:
        """Add up the costs of a solution along the path to each leaf. ValueError for a solution without costs."""
        if solution.term_cost is None:
            raise ValueError("The solution has no costs.")
        tree = solution.built.tree
        paths = tree.ancestors()[tree.leaves]
        parts = {part: cost[paths].sum(axis=1) for part, cost in solution.term_cost.items()}
        later = np.where(tree.period >= solution.built.case.calendar.within, tree.probability, 0.0)
        beyond = sum(float(cost @ later) for cost in solution.term_cost.values())
        return cls(tree.probability[tree.leaves], parts, solution.built.case.settings.cvar_level, beyond)

    @cached_property
    def total(self) -> np.ndarray:
        """The (leaves,) cost of each future."""
        total: np.ndarray = sum(self.parts.values(), np.zeros(len(self.probability)))
        return total

    @cached_property
    def tail(self) -> np.ndarray:
        """The (leaves,) weights of the futures in CVaR."""
        return tail_weights(self.total, self.probability, self.level)


@dataclass(frozen=True)
class Difference:
    """What another plan costs more than a plan. parts: each part of the cost that differs -> (more on average over all futures, and over the worst).

    Each plan is counted over its own worst futures. by_future: (leaves,) more in each future, all parts together. beyond: more on average in the periods
    beyond the horizon.
    """

    parts: dict[str, tuple[float, float]]
    by_future: np.ndarray
    beyond: float = 0.0

    @classmethod
    def between(cls, plan: PathCosts, other: PathCosts) -> Difference:
        """Return the difference of two plans on one tree."""
        least = NOTHING * max(float(np.abs(costs).max()) for costs in (plan.total, other.total))

        def exact(value: float) -> float:
            return value if abs(value) > least else 0.0

        parts = {
            name: (exact(float(plan.probability @ (other.parts[name] - costs))), exact(float(other.tail @ other.parts[name] - plan.tail @ costs)))
            for name, costs in plan.parts.items()
        }
        return cls({name: differs for name, differs in parts.items() if any(differs)}, other.total - plan.total, exact(other.beyond - plan.beyond))

    @property
    def expected(self) -> float:
        """The difference of the expected costs."""
        return sum(average for average, _ in self.parts.values())

    @property
    def worst(self) -> float:
        """The difference of the CVaRs."""
        return sum(worst for _, worst in self.parts.values())

    def in_words(self, currency: str) -> str:
        """Say which parts of the cost differ most, on average over all futures; an empty text where none does by as much as is written."""
        largest = max((abs(average) for average, _ in self.parts.values()), default=0.0)
        named = sorted(
            ((abs(d), name, d) for name, (d, _) in self.parts.items() if abs(d) >= NAMED * largest and money(abs(d), currency) != money(0, currency))
        )
        return ", ".join(part_in_words(name, more, currency) for _, name, more in named[: -MOST_PARTS - 1 : -1])


def part_in_words(name: str, more: float, currency: str) -> str:
    """Say by how much a part of the cost is more or less; of income, whether less or more comes in."""
    if name in INCOME:
        return f"{money(abs(more), currency)} {'less' if more > 0 else 'more'} from {WORD[name]}"
    return f"{money(abs(more), currency)} {'more' if more > 0 else 'less'} for {WORD[name]}"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Futures in which a disruption is active at some time, and the others.

    chance: of the former; extra, otherwise: more cost on average, NaN without any. position: of the disruption in the case.
    """

    disruption: str
    chance: float
    extra: float
    otherwise: float
    position: int = -1

    @property
    def spread(self) -> float:
        """How much of the spread of the extra cost over the futures goes with this disruption: the standard deviation between the two groups."""
        spread = abs(self.extra - self.otherwise) * (self.chance * (1 - self.chance)) ** 0.5
        return 0.0 if np.isnan(spread) else spread


def occurs(built: Built) -> np.ndarray:
    """Return (leaves, disruptions) whether each disruption is active at some time on the path to each leaf."""
    tree = built.tree
    active = np.zeros((len(tree.regimes), len(built.case.disruptions)), dtype=bool)
    for k, regime in enumerate(tree.regimes):
        active[k, list(regime)] = True
    found: np.ndarray = active[tree.regime[tree.ancestors()[tree.leaves]]].any(axis=1)
    return found


def occurrences(built: Built, hits: np.ndarray, by_future: np.ndarray) -> list[Occurrence]:
    """Split the extra cost of each future by whether each disruption occurs in it; disruptions in the order of the workbook's rows.

    These are means over groups of futures, which overlap where several disruptions occur in one future; they say where the difference lies, not
    what a disruption causes by itself.
    """
    probability = built.tree.probability[built.tree.leaves]
    found = []
    for d in sorted(range(len(built.case.disruptions)), key=lambda d: built.case.disruptions[d].row):
        hit = hits[:, d]
        means = [float(probability[group] @ by_future[group] / probability[group].sum()) if group.any() else np.nan for group in (hit, ~hit)]
        extra, otherwise = means
        found.append(Occurrence(built.case.disruptions[d].disruption, min(1.0, float(probability[hit].sum())), extra, otherwise, d))
    return found


def where_it_lies(found: Iterable[Occurrence], currency: str) -> str:
    """Say how the extra cost of "that plan" differs with the disruption that tells most about it; an empty text where none tells much."""
    best = max(found, key=lambda occurrence: occurrence.spread, default=None)
    if best is None or best.spread == 0 or abs(best.extra - best.otherwise) < TELLING * max(abs(best.extra), abs(best.otherwise)):
        return ""
    extra, others = _more(best.extra, currency), _more(best.otherwise, currency)
    return f"In futures in which {best.disruption} occurs ({percent(best.chance)}) that plan costs {extra} on average, in the others {others}."


def _more(value: float, currency: str) -> str:
    """Say an extra cost."""
    said = money(abs(value), currency)
    return "nothing more" if said == money(0, currency) else f"{said} {'more' if value > 0 else 'less'}"
