"""The time to survive: for how long stocks and what still comes in can meet all demand (Simchi-Levi et al., Interfaces 45(5), 2015).

Simchi-Levi et al. ask for the largest t such that stock + t·supply covers t·demand, a linear program whose supply and demand keep one rate for
ever. Here time is cut into periods of one length, each with rates of its own, and a last one that never ends. Demand is met from the first
moment on without a break, so that the periods fill one after the other: a program is solved for a period in which the supply may run out, all
earlier ones being survived in full, and the right period is found by bisection. With the endless period alone it is the program of the paper.

Within a period that is survived in part, what flows in or out by month counts in proportion; stock and goods on their way, which come at its
beginning, count in full. What is too much may be thrown away, so that the time is never understated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.model.arrays import Arrays
from optimizer.solving.columnwise import model_of
from optimizer.solving.highs import Reoptimizer
from optimizer.solving.numerics import FEASIBILITY_TOLERANCE
from optimizer.solving.outcome import State

LONGEST = 1200.0
"""The months of the endless period after which supply counts as lasting without end."""

FULL = 1 - 1e-7
"""The share of a period from which it counts as survived in full."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What can be ordered: it fills a pool and takes of each of its inputs so many units per unit, from any of some pools."""

    pool: int
    inputs: tuple[tuple[float, tuple[int, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Draw:
    """What can meet a need: so many units out of a pool for one unit of the need; pool None: nothing has to be taken."""

    need: int
    pool: int | None
    units: float = 1.0


@dataclass(frozen=True, slots=True)
class Network:
    """Pools of stock, the flows that fill them, and the draws that meet needs.

    shared: groups of flows with a capacity in common, each flow with what one unit of it takes of that capacity. shares: groups of draws that
    together meet no more than a share of their need. stores: groups of pools that share a room.
    """

    pools: int
    needs: int
    flows: tuple[Flow, ...]
    draws: tuple[Draw, ...]
    shared: tuple[tuple[tuple[int, float], ...], ...]
    shares: tuple[tuple[int, ...], ...] = ()
    stores: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Supply:
    """The figures of a network from a moment on: n periods of equal length, then one without end, whose figures stand last.

    months: the length of a period. opening: (pools,) stock. arriving: (pools, n) goods on their way, at the beginning of the period. Each of the
    following has n+1 columns. demand: (needs, ...) units a month. capacity: (shared, ...) units a month that can be ordered. lag: (flows, ...) periods
    from an order in this period to its arrival, ignored in the endless one, where all has settled. usable: (draws, ...) whether they are
    allowed. most: (shares, ...) units a month. keep: (pools,) share of the stock that a period leaves. room: (stores,) most stock at a period's end.
    life: (pools,) periods in which goods can be used, that of their arrival included; 0 = for ever; None: all keep for ever. old: (pools, n) what can
    still be used, after each period, of the goods that came in before the first.
    """

    months: float
    opening: np.ndarray
    arriving: np.ndarray
    demand: np.ndarray
    capacity: np.ndarray
    lag: np.ndarray
    usable: np.ndarray
    most: np.ndarray
    keep: np.ndarray
    room: np.ndarray
    life: np.ndarray | None = None
    old: np.ndarray | None = None

    @property
    def periods(self) -> int:
        """The number of periods before the endless one."""
        return int(self.demand.shape[1]) - 1


def time_to_survive(network: Network, supply: Supply, guess: int = 0) -> float:
    """Return the months for which every need is met in full; inf where that is without end.

    guess: the period in which the supply probably runs out; it saves time and changes nothing. Raises NumericalError where the solver fails.
    """
    low, high, doubled, at = 0, supply.periods, True, min(guess, supply.periods)
    while True:
        months = _months_in(network, supply, at)
        length = supply.months if at < supply.periods else LONGEST
        if months is None:
            high, doubled = at - 1, False
        elif months < FULL * length:
            return at * supply.months + months
        elif at == supply.periods:
            return float(np.inf)
        else:
            low = at + 1
        if low > high:
            return low * supply.months
        at = min(high, 2 * at + 1) if doubled else (low + high) // 2


def _months_in(network: Network, supply: Supply, last: int) -> float | None:
    """Return the most months of period `last` that are survived, all before it being survived in full; None where those cannot be."""
    solver = Reoptimizer(
        model_of(_Program(network, supply, last).arrays()),
        {"primal_feasibility_tolerance": FEASIBILITY_TOLERANCE, "dual_feasibility_tolerance": FEASIBILITY_TOLERANCE},
    )
    if solver.rerun() != State.OPTIMAL:
        return None
    return float(solver.point.x[0])


class _Program:
    """The linear program of the periods up to one: column 0 is the months of the last; a family of columns has one in each period."""

    def __init__(self, network: Network, supply: Supply, last: int) -> None:
        self.network, self.supply, self.last = network, supply, last
        self.count = last + 1
        self.when = np.arange(self.count)
        flows, draws, pools = len(network.flows), len(network.draws), network.pools
        # An input that has one pool is taken from there; for another a column says how much comes from which pool.
        self.takes = [(f, k, pool) for f, flow in enumerate(network.flows) for k, (_, some) in enumerate(flow.inputs) if len(some) > 1 for pool in some]
        sizes = np.array([1, *(family * self.count for family in (flows, len(self.takes), draws, pools))])
        ends = np.cumsum(sizes)
        self.flow, self.take, self.draw, self.stock = (start + np.arange(size).reshape(-1, self.count) for start, size in zip(ends[:-1], sizes[1:]))
        self.columns = int(ends[-1])
        endless = self.when == supply.periods
        self.arrival = np.where(endless, self.when, self.when + supply.lag[:, : self.count])
        self.rows = 0
        self.entries: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self.bounds: list[tuple[np.ndarray, np.ndarray]] = []

    def arrays(self) -> Arrays:
        """Return the program."""
        self._balances()
        self._needs()
        self._capacities()
        self._shares()
        self._inputs()
        self._rooms()
        self._lives()
        supply, upper = self.supply, np.full(self.columns, np.inf)
        upper[0] = supply.months if self.last < supply.periods else LONGEST
        # What would come after the last period is of no use; in the endless one only what is ordered there counts.
        upper[self.flow[self.arrival > self.last]] = 0.0
        if self.last == supply.periods:
            late = (self.arrival == self.last) & (self.when < self.last)
            upper[self.flow[late]] = 0.0
            if supply.life is not None and self.last:
                # How old a stock grows in a period without end cannot be told: none is taken into it.
                upper[self.stock[supply.life > 0, self.last - 1]] = 0.0
        upper[self.draw[~supply.usable[:, : self.count]]] = 0.0
        cost = np.zeros(self.columns)
        cost[0] = -1.0
        row, column, value = (np.concatenate([part[k] for part in self.entries]) for k in range(3))
        lower_of_rows, upper_of_rows = (np.concatenate([part[k] for part in self.bounds]) for k in range(2))
        entries = row.astype(np.int64), column.astype(np.int64), value.astype(float)
        return Arrays(cost, np.zeros(self.columns), upper, np.zeros(self.columns, dtype=bool), lower_of_rows, upper_of_rows, *entries)

    def _add(self, lower: np.ndarray | float, upper: np.ndarray | float, count: int) -> np.ndarray:
        """Add rows with these bounds and return their numbers."""
        numbers = self.rows + np.arange(count)
        self.bounds.append((np.broadcast_to(np.asarray(lower, dtype=float), count), np.broadcast_to(np.asarray(upper, dtype=float), count)))
        self.rows += count
        return numbers

    def _enter(self, rows: np.ndarray, columns: np.ndarray, values: np.ndarray | float) -> None:
        """Enter coefficients, without those that are 0."""
        row, column, value = (np.ravel(part) for part in np.broadcast_arrays(rows, columns, values))
        some = value != 0
        self.entries.append((row[some], column[some], value[some]))

    def _in_time(self, rates: np.ndarray, periods: np.ndarray) -> np.ndarray:
        """Return what monthly rates come to in their periods, 0 in the last one, whose months are a column."""
        amounts: np.ndarray = np.where(periods == self.last, 0.0, rates * self.supply.months)
        return amounts

    def _per_month(self, rows: np.ndarray, rates: np.ndarray, periods: np.ndarray) -> None:
        """Subtract the monthly rates of the last period from its rows, times its months."""
        mine = periods == self.last
        self._enter(rows[mine], np.zeros(int(mine.sum()), dtype=int), -rates[mine])

    def _balances(self) -> None:
        """What leaves a pool, with what stays, is no more than what it had and what comes in."""
        s, net = self.supply, self.network
        held = np.zeros((net.pools, self.count))
        known = min(self.count, s.periods)
        held[:, :known] = s.arriving[:, :known]
        held[:, 0] += s.opening
        rows = self._add(-np.inf, held.ravel(), held.size).reshape(held.shape)
        self._enter(rows, self.stock, 1.0)
        self._enter(rows[:, 1:], self.stock[:, :-1], -s.keep[:, None])
        comes = self.arrival <= self.last
        fills = np.array([flow.pool for flow in net.flows], dtype=int)
        self._enter(rows[np.broadcast_to(fills[:, None], comes.shape)[comes], self.arrival[comes]], self.flow[comes], -1.0)
        # The triples (pool, columns, units) of what leaves: inputs that come from one pool, those that come from several, and what meets needs.
        single = [(some[0], f, units) for f, flow in enumerate(net.flows) for units, some in flow.inputs if len(some) == 1]
        several = [(pool, k, 1.0) for k, (_, _, pool) in enumerate(self.takes)]
        drawn = [(draw.pool, d, draw.units) for d, draw in enumerate(net.draws) if draw.pool is not None]
        for family, leaving in ((self.flow, single), (self.take, several), (self.draw, drawn)):
            if leaving:
                pool, member, each = (np.array(part) for part in zip(*leaving))
                self._enter(rows[pool], family[member], each[:, None])

    def _needs(self) -> None:
        """Every need is met."""
        rates = self.supply.demand[:, : self.count]
        when = np.broadcast_to(self.when, rates.shape)
        rows = self._add(self._in_time(rates, when).ravel(), np.inf, rates.size).reshape(rates.shape)
        self._enter(rows[np.array([draw.need for draw in self.network.draws], dtype=int)], self.draw, 1.0)
        self._per_month(rows, rates, when)

    def _capacities(self) -> None:
        """What a group orders in a period stays within its capacity, in proportion to the time that passes in the period of arrival."""
        mixed = []
        together: list[tuple[int, int, float]] = []
        for g, group in enumerate(self.network.shared):
            alike = (self.arrival[[f for f, _ in group]] == self.arrival[group[0][0]]).all()
            if alike:
                together += [(g, f, units) for f, units in group]
            else:
                mixed.append(g)
        if together:
            which, flow, each = (np.array(part) for part in zip(*together))
            groups, first, place = np.unique(which, return_index=True, return_inverse=True)
            arrives, rates = self.arrival[flow[first]], self.supply.capacity[groups, : self.count]
            rows = self._add(-np.inf, self._in_time(rates, arrives).ravel(), rates.size).reshape(rates.shape)
            self._enter(rows[place], self.flow[flow], each[:, None])
            self._per_month(rows, rates, arrives)
        for g in mixed:
            self._mixed_capacity(g)

    def _mixed_capacity(self, g: int) -> None:
        """The same for a group whose flows take different times: each time by itself, and all together what the period of the order can serve."""
        own, group = self.supply.capacity[g, : self.count], self.network.shared[g]
        mine, each = np.array([f for f, _ in group], dtype=int), np.array([[units] for _, units in group])
        arrival = self.arrival[mine]
        pairs, which = np.unique(np.stack([np.broadcast_to(self.when, arrival.shape).ravel(), arrival.ravel()]), axis=1, return_inverse=True)
        ordered, arrives = pairs
        rates = own[ordered]
        rows = self._add(-np.inf, self._in_time(rates, arrives), len(arrives))
        self._enter(rows[np.ravel(which)].reshape(arrival.shape), self.flow[mine], each)
        self._per_month(rows, rates, arrives)
        rows = self._add(-np.inf, self._in_time(own, self.when), self.count)
        self._enter(rows, self.flow[mine], each)
        self._per_month(rows, own, self.when)

    def _shares(self) -> None:
        """A group of draws meets no more than its share of the need."""
        for k, group in enumerate(self.network.shares):
            rates = self.supply.most[k, : self.count]
            rows = self._add(-np.inf, self._in_time(rates, self.when), self.count)
            self._enter(rows, self.draw[list(group)], 1.0)
            self._per_month(rows, rates, self.when)

    def _inputs(self) -> None:
        """What is taken from several pools for one input is what the flow needs of it."""
        for f, k in dict.fromkeys((f, k) for f, k, _ in self.takes):
            rows = self._add(0.0, 0.0, self.count)
            mine = [number for number, (flow, which, _) in enumerate(self.takes) if (flow, which) == (f, k)]
            self._enter(rows, self.take[mine], 1.0)
            self._enter(rows, self.flow[f], -self.network.flows[f].inputs[k][0])

    def _rooms(self) -> None:
        """What is kept at the end of a period fits the room; what the last one leaves is of no use."""
        for k, group in enumerate(self.network.stores):
            rows = self._add(-np.inf, self.supply.room[k], self.count)
            self._enter(rows, self.stock[list(group)], 1.0)

    def _lives(self) -> None:
        """What is kept of goods with a shelf life is no more than what came in lately; the oldest goes out first."""
        s = self.supply
        if s.life is None or s.old is None:
            return
        for pool in np.flatnonzero(s.life > 0):
            into = [f for f, flow in enumerate(self.network.flows) if flow.pool == pool]
            for t in range(self.last):
                first = max(0, t - int(s.life[pool]) + 2)
                kept = s.keep[pool] ** (t - np.arange(first, t + 1))
                (row,) = self._add(-np.inf, s.old[pool, t] + float(kept @ s.arriving[pool, first : t + 1]), 1)
                self._enter(np.array([row]), self.stock[pool, t : t + 1], 1.0)
                for f in into:
                    recent = (self.arrival[f] >= first) & (self.arrival[f] <= t)
                    shares = s.keep[pool] ** (t - self.arrival[f, recent])
                    self._enter(np.full(len(shares), row), self.flow[f, recent], -shares)
