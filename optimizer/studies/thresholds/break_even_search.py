"""The search for the values at which some decisions of a plan flip: which solves are made, in which order, until when."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from optimizer.case import Case
from optimizer.executors import Executor
from optimizer.solving.watch import Phase, Watch
from optimizer.studies.path_weights import LISTED
from optimizer.studies.thresholds.decisions_now import Decision
from optimizer.studies.thresholds.flips import Answer, Guess, Pair, Side, answer_of, grid, guessed
from optimizer.studies.thresholds.solves import Kept, Reply, solve_many
from optimizer.studies.thresholds.varied import Varied, duration_of, price_of, probability_of, without

SEARCHING = 0.6
"""The part of the time in which brackets are looked for where their ends are then solved anew."""

LEAST_SECONDS = 5.0
"""Time that is left which is no longer divided."""


@dataclass
class Search:
    """The search for the flips of some decisions.

    in_plan: those that the plan takes. until: the time.monotonic() at which it ends. base: the case as it stands, solved; None while unknown. kept:
    yes/no decisions that are kept while brackets are looked for, so that many cases are solved in the time; the ends of the brackets are then solved
    without that. anew: (name, value) -> what was found there so; a case with the workbook's value is the same for all names.
    known: name of a varied number -> value -> what was found there. impossible: the (name, value) at which no plan can keep all limits,
    given what is kept.
    sides: for each decision the searches, those of one number next to each other.
    """

    case: Case
    decisions: list[Decision]
    in_plan: frozenset[Decision]
    executor: Executor
    until: float
    watch: Watch
    base: Answer | None
    kept: Kept | None = None
    anew: dict[tuple[tuple[str, ...], float], Answer | None] = field(default_factory=dict)
    known: dict[tuple[str, ...], dict[float, Answer | None]] = field(default_factory=dict)
    impossible: set[tuple[tuple[str, ...], float]] = field(default_factory=set)
    sides: dict[Decision, list[Side]] = field(default_factory=dict)
    weights: dict[tuple[str, ...], np.ndarray | None] = field(default_factory=dict)

    def run(self) -> None:
        """Look for every flip until each bracket is narrow or the time is over, and solve its ends anew where decisions were kept."""
        whole = self.until
        if self.kept is not None:
            self.until = self._soon(whole)
        pairs = self._pairs()
        if self.base is None:
            return
        self.sides = {decision: list(self._sides(decision, pairs.get(decision))) for decision in self.decisions}
        every = [side for decision in self.decisions for side in self.sides[decision]]
        self._search(every)
        while self.kept is not None and time.monotonic() < whole:
            self.until = whole
            self._confirm(every)
            if all(side.settled for side in every):
                return
            self.until = self._soon(whole)
            self._search(every)

    @staticmethod
    def _soon(whole: float) -> float:
        """Return until when brackets are looked for, of the time that is left, before their ends are solved anew."""
        now = time.monotonic()
        return now + SEARCHING * (whole - now) if whole - now > LEAST_SECONDS else whole

    def _search(self, every: list[Side]) -> None:
        """Solve, some cases at a time, what the searches ask for next; first those that have solved least, and of these those that expect a flip."""
        while time.monotonic() < self.until:
            wanted: dict[tuple[tuple[str, ...], float], Side] = {}
            for side in sorted(every, key=lambda side: (side.solves, side.guess is None)):
                value = side.next_probe
                if value is not None and len(wanted) < 2 * self.executor.lanes:
                    wanted.setdefault((side.varied.key, value), side)
            if not wanted:
                return
            probes = [(side.varied, value) for (_, value), side in wanted.items()]
            cases = [varied.change(self.case, value) for varied, value in probes]
            for number_, reply in solve_many(self.executor, cases, answer_of, self.until, lambda done: self._tell(every), self.kept):
                self._keep(*probes[number_], reply)

    def _confirm(self, every: list[Side]) -> None:
        """Solve the case with all decisions free at the ends of each bracket, and at the end of each range before which nothing flips."""
        wanted: dict[tuple[tuple[str, ...], float], Case] = {}
        for side in every:
            for value in side.ends:
                place = self.place(side.varied, value)
                if place not in wanted and place not in self.anew:
                    wanted[place] = side.varied.change(self.case, value)
        places = list(wanted)
        if not places:
            return

        def tick(done: int) -> None:
            self.watch.tell(Phase.BREAK_EVEN, f"break-even, {done} of {len(places)} values solved with all decisions free", share=done / len(places))

        for number_, reply in solve_many(self.executor, list(wanted.values()), answer_of, self.until, tick):
            self.anew[places[number_]] = reply.told

    @staticmethod
    def place(varied: Varied, value: float) -> tuple[tuple[str, ...], float]:
        """Return where `anew` holds what was found at a value of a number."""
        return ((), 0.0) if value == varied.value else (varied.key, value)

    def confirmed(self, side: Side) -> bool | None:
        """Return whether cases with all decisions free say the same as the search at the ends of its bracket; None where they were not solved."""
        if self.kept is None:
            return True
        found = [(value, self.anew.get(self.place(side.varied, value))) for value in side.ends]
        if not found or any(answer is None for _, answer in found):
            return None
        return all(answer is not None and (side.decision in answer.taken) == (side.taken == (value != side.bracket[1])) for value, answer in found)

    def _tell(self, sides: list[Side]) -> None:
        settled = sum(side.settled for side in sides)
        detail = f"break-even, {settled} of {len(sides)} searches ended" if sides else "break-even, plans with and without each decision"
        self.watch.tell(Phase.BREAK_EVEN, detail, share=settled / len(sides) if sides else 0.0)

    def _pairs(self) -> dict[Decision, Pair]:
        """Return for each decision, where it can be had, a plan with it and one without; the case is solved with them where it was not yet."""
        priced = {decision: price_of(self.case, decision) for decision in self.decisions}
        asked: list[tuple[Decision | None, Case]] = [(None, self.case)] if self.base is None else []
        for decision, price in priced.items():
            if decision in self.in_plan:
                asked.append((decision, decision.without(self.case)))
            elif price is not None:
                asked.append((decision, price.change(self.case, price.low)))
        found: dict[Decision, Answer] = {}
        for number_, reply in solve_many(self.executor, [case for _, case in asked], answer_of, self.until, lambda done: self._tell([]), self.kept):
            decision_asked, price = asked[number_][0], None
            if decision_asked is None:
                self.base = reply.told
                continue
            price = priced[decision_asked]
            if reply.told is not None:
                found[decision_asked] = reply.told
            if decision_asked not in self.in_plan and price is not None:
                self._keep(price, price.low, reply)
        pairs = {decision: self._pair(decision, answer, priced[decision]) for decision, answer in found.items()}
        return {decision: pair for decision, pair in pairs.items() if pair is not None}

    def _keep(self, varied: Varied, value: float, reply: Reply[Answer]) -> None:
        """Keep what was found at a value of a number."""
        self.known.setdefault(varied.key, {})[value] = reply.told
        if not reply.feasible:
            self.impossible.add((varied.key, value))

    def _pair(self, decision: Decision, other: Answer, price: Varied | None) -> Pair | None:
        """Return the plan of the case and the other one as a pair; None where both have the decision, or neither has."""
        base, s = self.base, self.case.settings
        if base is None or other.futures.paths != base.futures.paths or (decision in base.taken) == (decision in other.taken):
            return None
        if decision in base.taken:
            return Pair(decision, base, other, None if price is None else price.value, s.risk_weight, s.cvar_level)
        return Pair(decision, other, base, None if price is None else price.low, s.risk_weight, s.cvar_level)

    # -- what is varied ------------------------------------------------------------------------------------------------

    def _sides(self, decision: Decision, pair: Pair | None) -> Iterator[Side]:
        """Yield the searches of one decision: the probability and the duration of what matters most to it, downward and upward, then its price."""
        assert self.base is not None
        price, taken = price_of(self.case, decision), decision in self.base.taken
        if self.case.disruptions:
            name, listed = self._matters_most(decision, pair, price), self.base.futures.method == LISTED
            for varied in (probability_of(self.case, name, listed), duration_of(self.case, name, listed)):
                if varied is not None:
                    for upward in (False, True):
                        yield self._side(decision, pair, varied, upward, price)
        if price is not None:
            # What is taken stays so where it is cheaper, and what is not taken where it is dearer.
            yield self._side(decision, pair, price, taken, price)

    def _side(self, decision: Decision, pair: Pair | None, varied: Varied, upward: bool, price: Varied | None) -> Side:
        assert self.base is not None
        known, taken = self.known.setdefault(varied.key, {}), decision in self.base.taken
        guess = None if pair is None else self._guess(pair, varied, upward, price, taken)
        return Side(decision, varied, upward, taken, known, guess, pair is not None and pair.doubtful)

    def _guess(self, pair: Pair, varied: Varied, upward: bool, price: Varied | None, taken: bool) -> Guess | None:
        """Guess where a decision flips from its two plans."""
        values = grid(varied, upward)
        own = None if price is None else price.value
        if varied is price:
            return guessed(values, [pair.gain(price=float(value)) for value in values], taken)
        gains, reached = [], []
        for value in values:
            weight = self._weight(varied, float(value))
            if weight is not None:
                gains.append(pair.gain(weight, own))
                reached.append(value)
        return guessed(np.array(reached), gains, taken)

    def _weight(self, varied: Varied, value: float) -> np.ndarray | None:
        """Return the weights of the futures at a value of a number; they are kept, because all decisions ask for the same ones."""
        assert self.base is not None
        place = (*varied.key, repr(value))
        if place not in self.weights:
            futures = self.base.futures
            self.weights[place] = futures.reweighted(varied.change(futures.case, value))
        return self.weights[place]

    def _matters_most(self, decision: Decision, pair: Pair | None, price: Varied | None) -> str:
        """Return the disruption whose absence changes most what a decision saves.

        Where that cannot be told, of the disruptions that strike its material the one that is active for the largest share of time.
        """
        assert self.base is not None
        futures, own = self.base.futures, None if price is None else price.value
        effect: dict[str, float] = {}
        if pair is not None:
            usual = pair.gain(price=own).mean
            for row in self.case.disruptions:
                weight = futures.reweighted(without(futures.case, row.disruption, futures.method == LISTED))
                effect[row.disruption] = 0.0 if weight is None else abs(usual - pair.gain(weight, own).mean)
        most = max(effect, key=lambda name: effect[name], default="")
        if most and effect[most] > 0:
            return most
        return strikes_most(self.case, decision)


def strikes_most(case: Case, decision: Decision) -> str:
    """Return, of the disruptions that strike what a decision buys, that which is active for the largest share of time; of all, where none does."""
    offers = [o for o in case.offers if (o.key == decision.key if decision.is_contract else (o.project,) == decision.key)]
    materials = {offer.material for offer in offers}
    sources = [offer for offer in case.offers if offer.material in materials]
    striking = [d for d in case.disruptions if any(d.strikes(offer) or d.strikes_feedstock(offer) for offer in sources)]

    return max(striking or case.disruptions, key=lambda d: d.annual_probability * d.mean_duration_months).disruption
