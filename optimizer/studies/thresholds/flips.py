"""Where a decision of the plan flips between being taken and not, as one number of the workbook varies: the search for the bracket.

A guess comes from two plans on the same futures, one with the decision and one without, whose costs are weighed anew for each value of the number
(optimizer/studies/path_weights.py). The guess says where to solve; what is told is what the solved cases do. A flip lies between two solved values next
to each other, at one of which the decision is taken and at the other not. What flips twice within a range that looks the same at both ends is not found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from optimizer.solving.solution import Solution
from optimizer.studies.estimates import SAME, Estimate
from optimizer.studies.path_weights import Futures, difference
from optimizer.studies.thresholds.decisions_now import Decision, taken_in
from optimizer.studies.thresholds.varied import SHARE, Varied

STEPS = 32
"""Values of a number, on each side of the workbook's, at which the guess weighs the futures anew."""

NARROW_SHARE, NARROW_RATIO = 0.01, 1.02
"""A bracket is narrow enough where a probability is known to so much, or where its ends have this ratio."""

PAST = 0.05
"""A solve looks first so much further than the guess, as a part of the way there, then as much nearer."""

MOST_PROBES = 9
"""Solves for one flip at most."""


@dataclass(frozen=True)
class Answer:
    """What the search keeps of a solved case.

    taken: the decisions that its plan takes. slack: by how much the objective may lie above the best possible. futures: its scenarios. cost: (K,) the
    cost of each. payment: for each decision that it takes, what each scenario pays for it, (K,), in proportion to its price.
    """

    taken: frozenset[Decision]
    slack: float
    futures: Futures
    cost: np.ndarray
    payment: dict[Decision, np.ndarray]


def answer_of(solution: Solution) -> Answer:
    """Keep of a solution what the search asks for."""
    built, taken = solution.built, taken_in(solution)
    assert solution.path_cost is not None
    cost = solution.path_cost[[future.leaf for future in built.tree.scenarios]]
    slack = max(0.0, solution.objective - solution.bound) if np.isfinite(solution.bound) else np.inf
    return Answer(
        taken, slack if slack > SAME * abs(solution.objective) else 0.0, Futures.of(built.case, built.tree), cost, {d: d.payment(solution) for d in taken}
    )


@dataclass(frozen=True)
class Pair:
    """Two plans on the same futures, one with a decision and one without. price: that of the decision when the former was made; its own, where None.

    risk_weight, cvar_level: of the objective.
    """

    decision: Decision
    with_it: Answer
    without: Answer
    price: float | None
    risk_weight: float
    cvar_level: float

    def gain(self, weight: np.ndarray | None = None, price: float | None = None) -> Estimate:
        """Estimate what the decision saves on the objective, at most, under weights of the futures and at a price of the decision; by default its own.

        The interval has room for what either plan may lack of the best.
        """
        cost = self.with_it.cost
        if price is not None and self.price:
            cost = cost + self.with_it.payment[self.decision] * (price / self.price - 1)
        futures = self.with_it.futures
        gain = difference(futures, futures.weight if weight is None else weight, self.without.cost, cost, self.risk_weight, self.cvar_level)
        return Estimate(gain.mean, gain.low - self.without.slack, gain.high + self.with_it.slack)

    @property
    def doubtful(self) -> bool:
        """Whether the decision saves, or costs, less than what the two plans may lack of the best, so that it may be taken or not by accident."""
        return abs(self.gain().mean) <= max(self.without.slack, self.with_it.slack)


def grid(varied: Varied, upward: bool) -> np.ndarray:
    """Return the values at which the guess is made, from the workbook's outward."""
    end = varied.high if upward else varied.low
    if varied.is_share or varied.value <= 0 or end <= 0:
        return np.linspace(varied.value, end, STEPS + 1)
    return np.geomspace(varied.value, end, STEPS + 1)


@dataclass(frozen=True, slots=True)
class Guess:
    """Where a decision is expected to flip. low, high: the 95% interval of that value for another sample of futures; NaN where it is not known."""

    value: float
    low: float = float("nan")
    high: float = float("nan")


def guessed(values: np.ndarray, gains: list[Estimate], taken: bool) -> Guess | None:
    """Return where the gain of a decision first changes its sign along values; None where it does not.

    gains: of the decision at the values, the first of which is the workbook's. taken: whether the plan takes it there. The interval is made of the values
    about the flip at which the gain does not differ from 0 beyond chance.
    """
    sign = 1.0 if taken else -1.0
    at = next((k for k, gain in enumerate(gains) if k and sign * gain.mean < 0), None)
    if at is None:
        return None
    before, after = sign * max(sign * gains[at - 1].mean, 0.0), gains[at].mean
    value = float(values[at - 1] + (values[at] - values[at - 1]) * before / (before - after)) if before != after else float(values[at])
    unsure = [gain.low <= 0 <= gain.high and gain.high > gain.low for gain in gains]
    first, last = at, at
    while first > 0 and unsure[first - 1]:
        first -= 1
    while last < len(gains) and unsure[last]:
        last += 1
    if all(gain.high == gain.low for gain in gains):
        return Guess(value)
    ends = (float(values[first]), float(values[min(last, len(values) - 1)]), value)
    return Guess(value, min(ends), max(ends))


@dataclass
class Side:
    """The search for a flip of one decision on one side of the workbook's value of a number.

    taken: whether the plan takes it at that value. known: value -> whether it is taken there, None where no plan was found; shared by all searches that
    vary the same number. doubtful: whether what the decision saves is less than the gap that the plans were solved to.
    """

    decision: Decision
    varied: Varied
    upward: bool
    taken: bool
    known: Mapping[float, Answer | None]
    guess: Guess | None = None
    doubtful: bool = False

    @property
    def end(self) -> float:
        """The end of the range."""
        return self.varied.high if self.upward else self.varied.low

    def _probed(self) -> list[tuple[float, bool | None]]:
        """List the values solved on this side, outward, and whether the decision is taken there."""
        mine = [v for v in self.known if (v > self.varied.value if self.upward else v < self.varied.value)]
        found = ((v, self.known[v]) for v in sorted(mine, reverse=not self.upward))
        return [(v, None if answer is None else self.decision in answer.taken) for v, answer in found]

    @property
    def bracket(self) -> tuple[float, float | None]:
        """Return the last value at which the decision is as in the plan, and the next at which it is not, None where none is known."""
        same = self.varied.value
        for value, taken in self._probed():
            if taken is None:
                continue
            if taken != self.taken:
                return same, value
            same = value
        return same, None

    @property
    def solves(self) -> int:
        """How many values were solved on this side."""
        return len(self._probed())

    @property
    def flips_nowhere(self) -> bool:
        """Whether the decision is at the end of the range, solved, as it is in the plan, and nowhere else before it."""
        return self.bracket == (self.end, None)

    @property
    def ends(self) -> list[float]:
        """List the values between which it flips; of a search that found none, the end of the range; none of one that was not ended."""
        near, far = self.bracket
        return [near, far] if far is not None else [self.end] if self.flips_nowhere else []

    @property
    def settled(self) -> bool:
        """Whether nothing more is to be solved: the bracket is narrow, or the decision does not flip up to the end of the range."""
        return self.next_probe is None

    @property
    def next_probe(self) -> float | None:
        """Return the value to solve next; None once that is enough."""
        near, far = self.bracket
        if len(self._probed()) >= MOST_PROBES or self.end == self.varied.value:
            return None
        if far is None:
            if self.end in self.known:
                return None
            beyond = self._towards_guess(1 + PAST)
            return beyond if beyond is not None and self._between(beyond, near, self.end) and not self._tried_past(beyond) else self.end
        if self._narrow(near, far) or any(self._between(v, near, far) for v, taken in self._probed() if taken is None):
            return None
        nearer = self._towards_guess(1 - PAST)
        if nearer is not None and self._between(nearer, near, far):
            return nearer
        return (near + far) / 2 if self.varied.is_share or min(near, far) <= 0 else float(np.sqrt(near * far))

    def _towards_guess(self, part: float) -> float | None:
        """Return a value that lies a part of the way to the guess."""
        if self.guess is None:
            return None
        value = self.varied.value
        return min(max(value + (self.guess.value - value) * part, self.varied.low), self.varied.high)

    def _tried_past(self, beyond: float) -> bool:
        """Return whether a value as far out was tried."""
        return any(abs(v - self.varied.value) >= abs(beyond - self.varied.value) for v, _ in self._probed())

    @staticmethod
    def _between(value: float, one: float, other: float) -> bool:
        return min(one, other) < value < max(one, other)

    def _narrow(self, near: float, far: float) -> bool:
        low, high = sorted((near, far))
        return high - low <= NARROW_SHARE if self.varied.unit == SHARE else high <= NARROW_RATIO * low
