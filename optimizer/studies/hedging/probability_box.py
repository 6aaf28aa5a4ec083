r"""The box of annual probabilities that the workbook's ranges span, and the probabilities in it under which a plan is dearest.

Let p_d be the annual probability of disruption d, B the box of all p with low_d <= p_d <= high_d, and Z_k the cost of future k under one plan. The futures
were drawn, or listed in full, under probabilities q. Under p, future k counts

$$ w_k(p) \propto \pi_k \prod_d (b_d(p)/b_d(q))^{n^+_{kd}} \, ((1-b_d(p))/(1-b_d(q)))^{n^-_{kd}}, \qquad b_d(p) = 1-(1-p_d)^\Delta $$

where n+ counts the periods of future k in which d begins by its annual probability, and n- those in which it could have begun by it and did not: this is the
likelihood ratio of optimizer/studies/path_weights.py, whose normalisation is used. What is sought is

$$ \max_{p \in B} \ \rho_p(Z), \qquad \rho_p(Z) = (1-\lambda) E_{w(p)}[Z] + \lambda\, \text{CVaR}_{\alpha, w(p)}(Z). $$

The objective is a ratio of polynomials of p, and not monotone: a disruption that makes another one less likely to matter may make a future cheaper. So every
corner of the box is looked at while there are not too many of them, and Powell's search within bounds (Powell, 1964) goes on from the best ones and from the
workbook's own probabilities. What it finds is a maximum that no point it has looked at exceeds; with many ranges, that no other point does is not proven.

A sample tells only of probabilities that make enough of its futures likely. So half of the futures are drawn under the workbook's probabilities and half
under the upper ends of the ranges, each weighed by the mixture (a defensive mixture: Hesterberg, 1995; the balance heuristic: Veach & Guibas, 1995).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np

from optimizer.case import Case, Disruption
from optimizer.scenarios import ScenarioTree, choose_method, make_tree
from optimizer.scenarios.process import DisruptionProcess
from optimizer.scenarios.sampled import sampled_paths
from optimizer.scenarios.tree import Regime, build_tree
from optimizer.studies.path_weights import SAMPLED, Futures, objective

MOST_CORNERS = 4096
"""Corners of the box that are all looked at; of a box that has more, those that differ from the best known one in one range are, again and again."""

BEST_STARTS = 3
"""The points from which the search within the box goes on, beside the workbook's own probabilities."""

NEAR = 1e-3
"""What is nearer to the end of a range than this part of it is the end."""

TOO_FEW = 10.0
"""How many times its objective a point loses, in the search, for each share of the futures that must count and do not."""

EVALUATIONS = 400
"""The most points that one search within the box looks at."""

UNLIKELY, LIKELY = 0.4, 0.6
"""The chance a period with which futures are drawn, where it is not the workbook's own: at most, of what is less likely than not, and else at least."""

LEAST_EFFECTIVE, SHARE_EFFECTIVE, MOST_OF_OWN = 10.0, 0.2, 0.5
"""How many equally probable futures (Kish, 1965) must count under probabilities that are looked at: so many and this share of those drawn, but no more than
this share of those that count under the workbook's own. With fewer, the worst probabilities would be an accident of the sample."""


def range_of(row: Disruption) -> tuple[float, float]:
    """Return the least and the most that the annual probability of a disruption may be; both are the probability where no range is given."""
    low, high, central = row.annual_probability_low, row.annual_probability_high, row.annual_probability
    return central if low is None else low, central if high is None else high


@dataclass(frozen=True)
class Box:
    """The box of a case: positions of the disruptions that have a range, in Case.disruptions, and (D,) the ends of their ranges and their own values."""

    case: Case
    positions: tuple[int, ...]
    low: np.ndarray
    central: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, case: Case) -> Box:
        """Return the box of a case; one without dimensions where no disruption has a range wider than its own probability."""
        ranges = [range_of(row) for row in case.disruptions]
        found = [k for k, (low, high) in enumerate(ranges) if low < high]
        low, high = (np.array([ranges[k][side] for k in found]) for side in (0, 1))
        return cls(case, tuple(found), low, np.array([case.disruptions[k].annual_probability for k in found]), high)

    def at(self, point: np.ndarray) -> Case:
        """Return the case with other annual probabilities, (D,)."""
        rows = list(self.case.disruptions)
        for k, value in zip(self.positions, point, strict=True):
            rows[k] = replace(rows[k], annual_probability=float(value))
        return replace(self.case, disruptions=tuple(rows))

    def to_draw(self) -> Case:
        """Return the case by which futures are drawn: the workbook's own, but for what it holds for impossible or certain and the ranges do not.

        Futures that cannot be under one probability cannot be weighed for another one.
        """
        middle = (self.low + self.high) / 2
        return self._drawable(np.where((self.central <= 0) | (self.central >= 1), middle, self.central))

    def to_draw_high(self) -> Case:
        """Return the case by which the other half of the futures is drawn, so that what is rare in the workbook is seen: the upper ends of the ranges."""
        return self._drawable(self.high)

    def _drawable(self, point: np.ndarray) -> Case:
        """Return the case with other probabilities, brought so far back that each period's likelier course of events is that of the workbook's own."""
        years = self.case.calendar.years
        chance, own = 1 - (1 - point) ** years, 1 - (1 - self.central) ** years
        chance = np.where(own > 1 / 2, np.clip(chance, LIKELY, (1 + LIKELY) / 2), np.minimum(chance, UNLIKELY))
        keep = (point == self.central) & (point > 0) & (point < 1)
        return self.at(np.where(keep, point, 1 - (1 - chance) ** (1 / years)))


def drawn_tree(box: Box, tick: Callable[[], None] = lambda: None) -> tuple[Case, ScenarioTree]:
    """Return the case by which the futures of a box are drawn, and their tree: in full where the case has few futures, else by the mixture of two draws."""
    case, high = box.to_draw(), box.to_draw_high()
    rows, count = [row.row for row in case.disruptions], case.settings.scenarios
    if choose_method(case) != SAMPLED:
        return case, make_tree(case, tick)
    seed = case.settings.seed
    asked_for = (case.with_settings(scenarios=1 + count // 2), high.with_settings(scenarios=1 + (count - 1) // 2, seed=(seed + 1) % 2**31))
    halves = [sampled_paths(one, tick) for one in asked_for]
    modal, probability, name = halves[0][0]
    drawn: dict[tuple[Regime, ...], float] = {}
    for half in halves:
        others = half[1:] if half[0][0] == modal else half
        whole = sum(share for _, share, _ in others)
        # Each of the draws of a half stands for the same share of what it was drawn from; equal ones are one path with the sum of their weights.
        for path, share, _ in others:
            drawn[tuple(path)] = drawn.get(tuple(path), 0.0) + share / whole
    paths = list(drawn)
    asked = Futures(case, SAMPLED, tuple(paths), np.ones(len(paths)), tuple(map(str, range(len(paths)))), -1)
    # The density of a path under the mixture, given that it is not the most probable one, in units of its probability under the first half.
    quiet = Futures(case, SAMPLED, (tuple(modal),), np.ones(1), ("",), -1)
    at_high = probability * float(quiet.ratios(high)[0])
    density = 1 / (1 - probability) + asked.ratios(high) / (1 - at_high) if paths else np.ones(0)
    weight = np.array([drawn[path] for path in paths]) / density
    weight *= (1 - probability) / weight.sum() if paths else 1.0
    made = [(modal, probability if paths else 1.0, name)]
    made += [(list(path), share, f"S{n:03d}") for n, (path, share) in enumerate(zip(paths, weight.tolist(), strict=True), start=2)]
    return case, build_tree(made, rows, SAMPLED, tick, modal)


@dataclass(frozen=True)
class Weighing:
    """The futures of one tree under every point of a box. futures: those of the case that was drawn, with its own weights."""

    box: Box
    futures: Futures

    @cached_property
    def _counts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return (K, D) in how many periods each disruption begins by its annual probability, (K, D) how often it could have and did not, (D,) its chance."""
        case, drawn = self.box.case, DisruptionProcess(self.futures.case)
        ends = [DisruptionProcess(self.box.at(point)) for point in (self.box.low, self.box.high)]
        known: dict[tuple[int, tuple[int, ...]], np.ndarray] = {}
        begins, stays = (np.zeros((len(self.futures.paths), len(self.box.positions))) for _ in range(2))
        for n, path in enumerate(self.futures.paths):
            for t in range(1, len(path)):
                if (step := (t, path[t - 1])) not in known:
                    low, high = (np.array(process.chances(path[t - 1], t)) for process in ends)
                    known[step] = (low != high)[list(self.box.positions)]
                active = np.isin(self.box.positions, path[t])
                begins[n] += known[step] & active
                stays[n] += known[step] & ~active
        own = np.array([self.futures.case.disruptions[k].annual_probability for k in self.box.positions])
        assert drawn.periods == case.calendar.periods
        return begins, stays, 1 - (1 - own) ** case.calendar.years

    def weight(self, point: np.ndarray) -> np.ndarray:
        """Return the weights (K,) of the futures under annual probabilities (D,); they sum to 1."""
        begins, stays, own = self._counts
        chance = 1 - (1 - np.clip(point, 0.0, 1.0)) ** self.box.case.calendar.years
        # 0 to the power of 0 is 1: what never could have happened changes nothing.
        weight = self.futures.weighed(np.prod((chance / own) ** begins * ((1 - chance) / (1 - own)) ** stays, axis=1))
        assert weight is not None
        return weight

    def effective(self, point: np.ndarray) -> float:
        """Return as how many equally probable futures those count under some probabilities (Kish, 1965)."""
        weight = self.weight(point)
        return float(1 / (weight @ weight))

    @cached_property
    def least_effective(self) -> float:
        """How many futures must count under probabilities that are looked at: any number where the futures are no sample."""
        if self.futures.modal < 0:
            return 0.0
        return min(max(LEAST_EFFECTIVE, SHARE_EFFECTIVE * len(self.futures.paths)), MOST_OF_OWN * self.effective(self.box.central))

    def worst(self, cost: np.ndarray, risk_weight: float, cvar_level: float, tick: Callable[[], None] = lambda: None) -> np.ndarray:
        """Return the annual probabilities (D,) of the box under which costs (K,) have the largest objective that was found. tick: called now and then.

        Of those under which few futures would bear all weight none is taken, see LEAST_EFFECTIVE.
        """
        known: dict[bytes, tuple[float, np.ndarray]] = {}
        span = self.box.high - self.box.low

        def value(point: np.ndarray) -> float:
            share = (np.clip(point, self.box.low, self.box.high) - self.box.low) / span
            # An end of a range is the end itself.
            point = np.where(share < NEAR, self.box.low, np.where(share > 1 - NEAR, self.box.high, self.box.low + share * span))
            if (key := point.tobytes()) not in known:
                tick()
                weight = self.weight(point)
                found, lacking = objective(weight, cost, risk_weight, cvar_level), 1 - 1 / (weight @ weight) / max(self.least_effective, 1e-300)
                known[key] = (found if lacking <= 0 else found - TOO_FEW * float(lacking) * abs(found), point)
            return known[key][0]

        value(self.box.central)
        for corner in self._corners():
            value(corner)
        self._along_the_edges(value)
        best = sorted(known.values(), key=lambda one: -one[0])[:BEST_STARTS]
        for start in [self.box.central, *(point for _, point in best)]:
            self._climbed(value, start)
        allowed = [one for one in known.values() if self.effective(one[1]) >= self.least_effective * (1 - 1e-9)]
        # Of points that are equally bad the first one that was looked at: the workbook's own, where nothing is worse.
        most = max(found for found, _ in allowed)
        return next(point for found, point in allowed if found >= most - 1e-9 * abs(most))

    def _corners(self) -> Iterator[np.ndarray]:
        """Yield every corner of the box, or of a box that has too many of them the two ends."""
        if 2 ** len(self.box.low) > MOST_CORNERS:
            yield from (self.box.low, self.box.high)
            return
        yield from (np.where(ends, self.box.high, self.box.low) for ends in product((False, True), repeat=len(self.box.low)))

    def _along_the_edges(self, value: Callable[[np.ndarray], float]) -> None:
        """Go from corner to corner of a box that has too many of them, each time one range's other end, as long as it becomes worse."""
        if 2 ** len(self.box.low) <= MOST_CORNERS:
            return
        for start in (self.box.low, self.box.high):
            at, better = start.copy(), True
            while better:
                better = False
                for d in range(len(at)):
                    other = at.copy()
                    other[d] = self.box.low[d] if at[d] == self.box.high[d] else self.box.high[d]
                    if value(other) > value(at):
                        at, better = other, True

    def _climbed(self, value: Callable[[np.ndarray], float], start: np.ndarray) -> None:
        """Search within the box from a point, by Powell's method."""
        from scipy.optimize import minimize  # half a second that most commands do without

        scale = max(abs(value(start)), 1e-300)
        span = self.box.high - self.box.low
        minimize(
            lambda share: -value(self.box.low + span * share) / scale,
            (start - self.box.low) / span,
            method="Powell",
            bounds=[(0.0, 1.0)] * len(span),
            options={"maxfev": EVALUATIONS, "xtol": 1e-4, "ftol": 1e-9},
        )
