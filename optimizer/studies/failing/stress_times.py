"""The times of a stress test: how long each failure is survived, by the period in which it begins and by use, and how soon it recovers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from optimizer.solving.watch import Phase, Watch
from optimizer.studies.failing.failures import Failure, time_to_recover
from optimizer.studies.failing.stress_losses import Loss
from optimizer.studies.failing.stress_network import SupplyNetwork
from optimizer.studies.failing.survival import Supply, time_to_survive

LAST_MONTHS = 12.0
"""The months at the end of the horizon in which the weakest moment is not looked for."""

MOST_LOOKS = 3000
"""Failures times periods from which only every second period is looked at, or every third, and so on."""


@dataclass
class Stressed:
    """What is known of a failure: months survived by the period in which it begins, all told and by (period, material, use); its losses.

    recovers, by: months until it recovers if it begins at its weakest moment, and why. losses: (period, months) -> what it costs.
    """

    failure: Failure
    survives: dict[int, float]
    weakest: int
    recovers: float
    by: str
    uses: dict[tuple[int, str, str | None], float] = field(default_factory=dict)
    losses: dict[tuple[int, float], Loss] = field(default_factory=dict)

    @property
    def least(self) -> float:
        """The months survived at the weakest moment."""
        return self.survives[self.weakest]

    @property
    def moments(self) -> list[int]:
        """The periods in which its beginning is told in detail: the first and the weakest."""
        return sorted({0, self.weakest})


class Survival:
    """Times to survive, each computed once for failures that are the same to the model."""

    def __init__(self, network: SupplyNetwork, watch: Watch) -> None:
        self.network, self.watch = network, watch
        count = len(network.data.case.disruptions)
        self.periods = range(0, network.periods, 1 + count * network.periods // MOST_LOOKS)
        self.before_end = max(0, network.periods - network.data.calendar.periods_of(LAST_MONTHS))
        self.known: dict[tuple[int, ...], tuple[dict[int, float], dict[int, Supply]]] = {}
        self.detailed: dict[tuple[tuple[int, ...], int], dict[tuple[str, str | None], float]] = {}
        self.calm = self._by_period((), "without a failure")[0]

    def of(self, failure: Failure, done: int, count: int) -> Stressed:
        """Return what is known of a failure but its losses."""
        regime, words = failure.regime, f"failures survived, {done + 1} of {count}"
        survives, supplies = self._by_period(regime, words)
        weakest = min((t for t in self.periods if t <= self.before_end), key=lambda t: (survives[t], t))
        recovers, by = time_to_recover(self.network, failure, weakest)
        one = Stressed(failure, survives, weakest, recovers, by)
        for t in one.moments:
            if (regime, t) not in self.detailed:
                self.detailed[regime, t] = self._by_use(supplies[t], survives[t], words)
            one.uses |= {(t, *pair): value for pair, value in self.detailed[regime, t].items()}
        return one

    def _by_period(self, regime: tuple[int, ...], words: str) -> tuple[dict[int, float], dict[int, Supply]]:
        """Return the months survived, and the figures they were found from, by the period in which a failure begins."""
        if regime not in self.known:
            found: dict[int, float] = {}
            supplies: dict[int, Supply] = {}
            guess = 0
            for t in self.periods:
                self.watch.tell(Phase.STRESS, words)
                supplies[t] = self.network.supply(t, regime)
                found[t] = time_to_survive(self.network.network, supplies[t], guess)
                guess = supplies[t].periods if np.isinf(found[t]) else int(found[t] / supplies[t].months)
            self.known[regime] = found, supplies
        return self.known[regime]

    def _by_use(self, supply: Supply, whole: float, words: str) -> dict[tuple[str, str | None], float]:
        """Return the months for which a material (use None), or one use of it, is met if no other demand is."""
        uses, found = self.network.uses, {}
        for g in self.network.data.materials:
            own = [u for material, u in uses if material == g]
            for u in [None, *own] if own else []:
                self.watch.tell(Phase.STRESS, words)
                mine = np.array([material == g and u in (None, use) for material, use in uses])
                # Whoever has the first call is met for as long as all are, at least.
                alone = replace(supply, demand=np.where(mine[:, None], supply.demand, 0.0))
                guess = int(min(whole, supply.months * supply.periods) / supply.months)
                found[g, u] = whole if np.isinf(whole) else time_to_survive(self.network.network, alone, guess)
        return found
