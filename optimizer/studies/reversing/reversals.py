"""The decisions that a plan makes here and now, and the bounds on the program's columns that take each of them back.

A reversal narrows what may be decided and adds nothing: every plan of the narrowed program is a plan of the case. So it costs at least as much
as the best plan, and what the program's sizes rest on (model/usable.py) holds for it, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from optimizer.case import Offer
from optimizer.model.arrays import Arrays
from optimizer.model.stamp import rows_of
from optimizer.plan.explain import figure
from optimizer.plan.quantities import Quantities
from optimizer.plan.unavoidable import PHYSICAL
from optimizer.solving.built import Built
from optimizer.solving.highs import Solver
from optimizer.solving.outcome import Status
from optimizer.solving.solution import Solution
from optimizer.solving.watch import Phase, Watch

CONTRACT, SIZE, PROJECT, DATE, OFFER, STOCK = KINDS = ("contract", "contract size", "project", "project date", "offer", "stock")
"""What a decision is about, in the order in which decisions are looked at."""

TRIAL_SHARE = 0.1
"""The share of its capacity at which a contract without a minimum is tried that the plan does not sign."""

STEP = 0.25
"""By which share the size of a contract is changed."""

WAITING = "with the project decided now, to begin once what it may wait for is in force"

SAME_SIZE = 1e-6
"""Sizes that differ by no more than this share are the same."""


@dataclass(frozen=True, slots=True)
class Reversal:
    """One decision of a plan, and what takes it back.

    kind: one of KINDS. subject: the position of the offer in Case.offers, or the name of the project or material. taken: whether the plan does
    what is reversed, so that reversing it means to do without. decision: a phrase that begins a sentence ("Signing A for 5 t of ore a year");
    otherwise: one that follows "the plan" ("without the contract"). stake: about the money that the decision moves; the largest are solved first.
    lower, upper: number of a column -> its bound; least: number of a row -> its lower bound; one_of: the columns of yes/no decisions of which that
    row asks for one. Quantities are in the planner's units.
    """

    kind: str
    subject: int | str
    taken: bool
    decision: str
    otherwise: str
    stake: float
    lower: dict[int, float] = field(default_factory=dict)
    upper: dict[int, float] = field(default_factory=dict)
    least: dict[int, float] = field(default_factory=dict)
    one_of: tuple[int, ...] = ()

    def applied(self, built: Built) -> Built:
        """Return the program with the decision taken back and everything else free."""
        p = built.program
        lower, upper, least = p.lower.copy(), p.upper.copy(), p.row_lower.copy()
        for bounds, changes in ((lower, self.lower), (upper, self.upper), (least, self.least)):
            bounds[list(changes)] = list(changes.values())
        return replace(built, program=replace(p, lower=lower, upper=upper, row_lower=least))


def reversals_of(solution: Solution, watch: Watch) -> list[Reversal]:
    """List what can be reversed in a plan: contracts first, then projects, offers that are bought from, stocks, and sizes of contracts.

    Within each in the order of the workbook's rows. ValueError for a solution without decisions.
    """
    seen = Decided(solution)
    return [*seen.contracts(), *seen.projects(), *seen.offers(), *seen.stocks(watch), *seen.sizes()]


class Decided:
    """What a solution decides, and the columns in which it does."""

    def __init__(self, solution: Solution) -> None:
        self.quantities = Quantities(solution)
        self.built = built = solution.built
        self.case, self.data, self.program = built.case, built.data, built.program
        self.decisions = self.quantities.decisions
        self.contract = _numbers(built, "contract")
        self.signed = _numbers(built, "signed")
        single = rows_of(built.template, built.program, "single_start")
        self.single_start = dict(zip(single.project.tolist(), single.number.tolist()))

    # -- contracts -----------------------------------------------------------------------------------------------------

    def size(self, s: int) -> float:
        """Return the units per year that are contracted with an offer, 0 for what is negligible."""
        amount = self.decisions.contract.get(s, 0.0)
        return amount if amount > self.quantities.least[self.case.offers[s].material] else 0.0

    def contracts(self) -> Iterator[Reversal]:
        """Yield each contract that is signed, to be left out, and each that is not, to be signed at its trial size."""
        for s in self._contractable():
            offer, size = self.case.offers[s], self.size(s)
            if size > 0:
                yield Reversal(CONTRACT, s, True, f"Signing {self._contract(s, size)}", "without the contract", self._worth(s, size), upper=self._nothing_of(s))
            elif (trial := self.trial_size(s)) > 0:
                otherwise = f"with a contract of {figure(trial)} {self.quantities.unit[offer.material]} a year"
                decision = f"Signing no contract with {seller(offer)} for {offer.material}"
                yield Reversal(CONTRACT, s, False, decision, otherwise, self._worth(s, trial), lower=self._at_least(s, trial))

    def sizes(self) -> Iterator[Reversal]:
        """Yield each contract that is signed, to be a quarter smaller, and to be a quarter larger, where its own bounds allow that."""
        for s in self._contractable():
            offer, size = self.case.offers[s], self.size(s)
            most = min(self.data.usable.contract[s], self.data.largest_capacity[s])
            unit, fewer, more = self.quantities.unit[offer.material], size * (1 - STEP), size * (1 + STEP)
            stake = self._worth(s, STEP * size)
            if size > 0 and fewer >= offer.minimum_contract:
                otherwise = f"with at most {figure(fewer)} {unit} a year"
                yield Reversal(SIZE, s, True, f"Signing {self._contract(s, size)} and no less", otherwise, stake, upper={self.contract[s]: fewer})
            if size > 0 and more <= most * (1 + SAME_SIZE):
                otherwise = f"with at least {figure(more)} {unit} a year"
                yield Reversal(SIZE, s, False, f"Signing {self._contract(s, size)} and no more", otherwise, stake, lower=self._at_least(s, min(more, most)))

    def trial_size(self, s: int) -> float:
        """Return the units per year at which a contract is tried: its minimum, else a tenth of its capacity, no more than a plan can use."""
        usable, offer = self.data.usable.contract[s], self.case.offers[s]
        return min(offer.minimum_contract or TRIAL_SHARE * self.data.largest_capacity[s], usable)

    def _worth(self, s: int, size: float) -> float:
        """Return what a contract of a size comes to over the horizon, at its first price without disruptions."""
        return size * self.data.contract_price(s, self.data.first_live(s) or 0, ()) * self.data.years * len(self.data.periods)

    def _contractable(self) -> list[int]:
        """List the offers whose contract the plan decides: what the workbook fixes cannot be reversed."""
        return [s for s in self.quantities.offers if s in self.contract and self.case.offers[s].fixed_contract is None]

    def _contract(self, s: int, size: float) -> str:
        offer = self.case.offers[s]
        return f"{seller(offer)} for {figure(size)} {self.quantities.unit[offer.material]} of {offer.material} a year"

    def _at_least(self, s: int, size: float) -> dict[int, float]:
        return {self.contract[s]: size} | ({self.signed[s]: 1.0} if s in self.signed else {})

    def _nothing_of(self, s: int) -> dict[int, float]:
        return {self.contract[s]: 0.0} | ({self.signed[s]: 0.0} if s in self.signed else {})

    # -- projects ------------------------------------------------------------------------------------------------------

    def projects(self) -> Iterator[Reversal]:
        """Yield each project that is started or waits, to be left out or decided otherwise; and each that is not, to be started or to wait."""
        starts, waits = self.built.columns("start"), self.built.columns("start_if")
        for row in sorted(self.case.projects, key=lambda p: p.row):
            j = row.project
            dates = dict(zip(starts.period[starts.project == j].tolist(), starts.number[starts.project == j].tolist()))
            conditions = waits.number[waits.project == j].tolist()
            if row.decided == "open" and (dates or conditions):
                yield from self._project(j, dates, conditions)

    def _project(self, j: str, dates: dict[int, int], conditions: list[int]) -> Iterator[Reversal]:
        start, condition = self.decisions.start.get(j), self.decisions.start_if.get(j)
        cost, columns = self.data.projects[j].cost, [*dates.values(), *conditions]
        no_date, no_wait = dict.fromkeys(dates.values(), 0.0), dict.fromkeys(conditions, 0.0)

        def begun(kind: str, taken: bool, decision: str, otherwise: str, closed: dict[int, float]) -> Reversal:
            """Return the reversal by which the project must begin, in a way that is not closed."""
            one_of, stake = tuple(k for k in columns if k not in closed), cost if kind == PROJECT else STEP * cost
            return Reversal(kind, j, taken, decision, otherwise, stake, upper=closed, least={self.single_start[j]: 1.0}, one_of=one_of)

        if start is not None or condition is not None:
            decision = f"Starting {j} " + (f"in {self.quantities.case.calendar.label(start)}" if start is not None else f"once {condition} is in force")
            yield Reversal(PROJECT, j, True, decision, "without the project", cost, upper=no_date | no_wait)
            if start is not None and any(t > start for t in dates):
                soon = {number: 0.0 for t, number in dates.items() if t <= start}
                yield begun(DATE, True, f"{decision} and no later", "with the project begun at a later date", soon | no_wait)
            if start is not None and conditions:
                yield begun(DATE, True, f"{decision} and not waiting", WAITING, no_date)
            if start is None and dates:
                yield begun(DATE, False, f"{decision} and not on a date", "with the project begun on the best date", no_wait)
            return
        decision = f"Not starting {j}"
        if dates:
            yield begun(PROJECT, False, decision, "with the project begun on the best date", no_wait)
        if conditions:
            yield begun(DATE, False, f"{decision} and not having it wait", WAITING, no_date)

    # -- offers and stocks ---------------------------------------------------------------------------------------------

    def offers(self) -> Iterator[Reversal]:
        """Yield each offer of which something is bought on the spot market in some future, to be left out altogether."""
        for s in self.quantities.offers:
            offer = self.case.offers[s]
            if offer.fixed_contract:
                continue  # without the offer there would be no such contract
            if not any(self.quantities.bought(s, b, "spot").any() for b in self.data.order_origins(s)):
                continue
            stake = float(self.built.tree.probability @ self.quantities.ordered(s)) * self.data.spot_price(s, 0, ())
            upper = {number: 0.0 for family in ("spot", "call_off") for number in _of(self.built, family, s)}
            upper |= self._nothing_of(s) if s in self.contract else {}
            yield Reversal(OFFER, s, True, f"Buying {offer.material} from {seller(offer)}", "without this offer", stake, upper=upper)

    def stocks(self, watch: Watch) -> Iterator[Reversal]:
        """Yield each material of which more is held than is inherited, to be kept without a stock."""
        inherited = None
        for m in self.quantities.materials:
            g = m.material
            held = self.quantities.stock_of(g)
            if not held.any():
                continue
            inherited = Inherited(self.built, self.quantities.least, watch) if inherited is None else inherited
            upper = inherited.caps(g)
            stock = self.built.columns("stock")
            most = np.zeros(self.built.tree.size)
            np.add.at(most, stock.node[stock.material == g], list(upper.values()))
            if (held > most + self.quantities.least[g]).any():
                price = min((self.data.spot_price(s, 0, ()) for s in self.data.offers_of[g]), default=0.0)
                decision = f"Holding up to {figure(held.max())} {m.unit} of {g} in stock, the most in any future"
                yield Reversal(STOCK, g, True, decision, "with no stock beyond what is inherited", float(held.max()) * price, upper=upper)


class Inherited:
    """What stock on hand and open orders leave in store.

    left: material -> (nodes,) units, when nothing is ordered and as much is used up as can be; empty where that is not known.
    """

    def __init__(self, built: Built, least: dict[str, float], watch: Watch) -> None:
        """least: material -> units that count as nothing."""
        self.built, self.least, self.watch = built, least, watch
        self.left = self._left()

    def caps(self, material: str) -> dict[int, float]:
        """Return number of a stock column of the material -> units that may be kept without building a stock.

        Of each origin that is no more than what the stock on hand and the open orders come to as if none of them were used, and no more than is left of
        all origins when as much is used up as can be.
        """
        stock = self.built.columns("stock")
        stock = stock[stock.material == material]
        unused = {b: self._unused(material, b) for b in self.built.data.origins[material]}
        left, period = self.left.get(material), self.built.tree.period
        most = np.full(self.built.tree.size, np.inf) if left is None else left
        return {int(k): float(min(unused[b][period[n]], most[n])) for k, n, b in zip(stock.number, stock.node, stock.origin)}

    def _unused(self, material: str, origin: str) -> np.ndarray:
        """Return (periods,) the units of an origin in store if none of what is inherited were used.

        What has not left yet may arrive in any period from the first possible one on, so that all of it counts from then on, without loss.
        """
        data = self.built.data
        mine = [(s, data.case.inventory[i]) for s, i in data.unshipped]
        waiting = [
            (max(0, item.ships or 0) + data.case.transit(data.offers[s]), item) for s, item in mine if (item.material, item.origin) == (material, origin)
        ]
        total, held = np.zeros(len(data.periods)), data.on_hand(material, origin)
        for t in data.periods:
            held = (data.keeps(material) * held if t else held) + data.open_orders(material, origin, t)
            total[t] = held + sum(item.quantity for first, item in waiting if first <= t)
        return total

    def _left(self) -> dict[str, np.ndarray]:
        built, tree = self.built, self.built.tree
        arrays, stock = built.arrays(), built.columns("stock")
        upper, cost = arrays.upper.copy(), np.zeros(arrays.columns)
        for family in ("contract", "signed", "start", "start_if", "sold", "spot", "call_off"):
            upper[built.columns(family).number] = 0.0
        cost[stock.number], cost[built.columns("discard").number] = 1.0, tree.periods + 1.0
        kept = np.zeros(arrays.rows, dtype=bool)
        for family in PHYSICAL:
            kept[rows_of(built.template, built.program, family).number] = True
        closed: Arrays = replace(arrays, cost=cost, upper=upper, integer=np.zeros_like(arrays.integer)).with_only_rows(kept)
        outcome = Solver(closed, seed=built.case.settings.seed, watch=self.watch).attempt(Phase.INHERITED)
        if outcome.status != Status.OPTIMAL or outcome.x is None:
            return {}
        held = np.clip(outcome.x, 0.0, None) * built.scales.column
        found = {}
        for g in built.data.materials:
            mine = stock[stock.material == g]
            amount = np.bincount(mine.node, held[mine.number], minlength=tree.size)
            found[g] = np.where(amount > self.least[g], amount, 0.0)
        return found


def seller(offer: Offer) -> str:
    """Say who sells, and the offer's name where it has one."""
    return f"{offer.supplier} ({offer.offer})" if offer.offer else offer.supplier


def _numbers(built: Built, family: str) -> dict[int, int]:
    """Return the column of each offer in a family that has one column an offer."""
    columns = built.columns(family)
    return dict(zip(columns.offer.tolist(), columns.number.tolist()))


def _of(built: Built, family: str, s: int) -> list[int]:
    """Return the columns of an offer in a family."""
    columns = built.columns(family)
    numbers: list[int] = columns.number[columns.offer == s].tolist()
    return numbers
