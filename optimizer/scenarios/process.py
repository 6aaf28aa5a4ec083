"""Disruptions as a Markov chain: how one regime follows another.

At t = 0 exactly the active_now disruptions are active. From t to t+1 each inactive disruption begins with probability
1 - (1 - annual_probability)^Δ, or decision_probability where t+1 is the period of its decision_date (and, with
`follows`, only if that one was active at t; with `raised_by`, while that one was active at t, with raised_probability in place of
annual_probability); each active one ends with probability min(1, Δ·12/mean_duration_months)
and does not begin again in the same step. All independently, given the regime at t.
"""

from __future__ import annotations

from itertools import product

from optimizer.case import Case
from optimizer.scenarios.tree import Regime


class DisruptionProcess:
    """The chain of one case. Disruptions are numbered by their position in Case.disruptions."""

    def __init__(self, case: Case) -> None:
        calendar = case.calendar
        position = {d.disruption: k for k, d in enumerate(case.disruptions)}
        self.count = len(case.disruptions)
        self.periods = calendar.periods
        self.start: Regime = tuple(k for k, d in enumerate(case.disruptions) if d.active_now)
        self._begins = [1 - (1 - d.annual_probability) ** calendar.years for d in case.disruptions]
        self._raised = [
            None if d.raised_by is None or d.raised_probability is None else (position[d.raised_by], 1 - (1 - d.raised_probability) ** calendar.years)
            for d in case.disruptions
        ]
        self._ends = [min(1.0, calendar.months / d.mean_duration_months) for d in case.disruptions]
        self._decision = [(d.decision_date, d.decision_probability) for d in case.disruptions]
        self._follows = [None if d.follows is None else position[d.follows] for d in case.disruptions]

    def chances(self, regime: Regime, t: int) -> list[float]:
        """Return for each disruption the probability that it is active in period t, given the regime of period t-1."""
        active = set(regime)
        chances = []
        for k in range(self.count):
            if k in active:
                chances.append(1 - self._ends[k])
            elif self._follows[k] is not None and self._follows[k] not in active:
                chances.append(0.0)
            else:
                date, probability = self._decision[k]
                raised = self._raised[k]
                begins = raised[1] if raised is not None and raised[0] in active else self._begins[k]
                chances.append(probability if date == t and probability is not None else begins)
        return chances

    def successors(self, regime: Regime, t: int) -> list[tuple[Regime, float]]:
        """List the regimes of positive probability in period t after `regime` in t-1, with their probabilities."""
        chances = self.chances(regime, t)
        options = [[(on, p) for on, p in ((False, 1 - chance), (True, chance)) if p > 0] for chance in chances]
        result = []
        for combination in product(*options):
            probability = 1.0
            for _, p in combination:
                probability *= p
            if probability > 0:
                result.append((tuple(k for k, (on, _) in enumerate(combination) if on), probability))
        return result

    def branching(self, regime: Regime, t: int) -> int:
        """Count the successors of `regime` in period t."""
        return 1 << sum(0 < chance < 1 for chance in self.chances(regime, t))
