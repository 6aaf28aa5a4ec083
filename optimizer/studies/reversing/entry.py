"""What would have to change for the offers and projects that a plan does not take: the rows of the table of entry prices."""

from __future__ import annotations

from typing import Any

import numpy as np

from optimizer.plan.explain import figure, money
from optimizer.plan.quantities import Quantities
from optimizer.solving.built import Built
from optimizer.solving.outcome import Status
from optimizer.solving.solution import Solution
from optimizer.studies.reversing.entry_prices import (
    PRICED,
    PROJECTS,
    ReducedCosts,
    at_share,
    contract_columns,
    not_bought,
    price_share,
    project_columns,
    spot_columns,
)
from optimizer.studies.reversing.resolves import Job, Resolver
from optimizer.studies.reversing.reversals import CONTRACT, PROJECT, Reversal, seller

YES, NO, UNKNOWN = "yes", "no", "not known"
"""Whether an entry price is confirmed."""

MOST_ROUNDS = 12
"""The most solves for the price of one offer."""

UNTOLD_SHARE, JUST_BELOW, STEP_DOWN = 0.5, 0.999, 0.2
"""The share of its prices at which an offer is tried first where the duals tell none; how far below what they tell; and where nothing is bought, of that."""

FOR_NOTHING = 1e-4
"""The share of the present price below which a price is none."""

GAIN = 1e-7
"""A plan at a lower price that saves no more than this share of the plan's cost gains nothing by it."""

CLOSE = 0.01
"""Shares that differ by no more than this part are close enough."""

SAME_SHARE = 1e-6
"""Shares that differ by no more than this part are the same."""


class Entries:
    """Gathers entry prices: of contracts and projects from the plans that were found with them, of offers by reduced costs and new solves."""

    def __init__(self, solution: Solution, resolver: Resolver) -> None:
        self.solution, self.resolver, self.built = solution, resolver, solution.built
        self.case, self.currency = self.built.case, self.built.case.settings.currency
        self.noted: list[dict[str, Any]] = []

    def note(self, reversal: Reversal, found: Solution | None) -> None:
        """Take note of the plan that was found with what the plan does not take; other reversals are passed over."""
        if reversal.taken or reversal.kind not in (CONTRACT, PROJECT):
            return
        data = self.built.data
        if isinstance(reversal.subject, int):
            s = reversal.subject
            what, per_unit = f"contract with {seller(self.case.offers[s])} for {self.case.offers[s].material}", f" per {self._unit(s)}"
            present, parts, columns = data.contract_price(s, data.first_live(s) or 0, ()), PRICED, contract_columns(self.built, s)
        else:
            what, per_unit, present = reversal.subject, "", data.projects[reversal.subject].cost
            parts, columns = PROJECTS, project_columns(self.built, reversal.subject)
        share = None if found is None or found.x is None else price_share(found, self.solution.objective, parts, columns)
        self.noted.append(
            {
                "kind": reversal.kind,
                "what": what,
                "present": present,
                "enters_at": np.nan if share is None else share * present,
                "confirmed": UNKNOWN if share is None else YES,
                "words": self._words(reversal, found, present, share, per_unit),
            }
        )

    def _words(self, reversal: Reversal, found: Solution | None, present: float, share: float | None, per_unit: str) -> str:
        """Say at which price the plan with a contract or project costs no more. per_unit: " per t" of a contract's price."""
        if isinstance(reversal.subject, int):
            name, cost = f"The plan {reversal.otherwise} from {seller(self.case.offers[reversal.subject])}", "price"
        else:
            name, cost = f"The plan with {reversal.subject} started", "cost"
        if found is None or (found.x is None and found.status != Status.INFEASIBLE):
            return f"{name} was not found in the time of this study, so that no {cost} is known."
        if found.status == Status.INFEASIBLE:
            return f"{name} breaks limits or budgets of the workbook, at whatever {cost}."
        if share is None:
            return f"{name} costs more than the plan even at a {cost} of nothing."
        if share == 1.0:
            return f"{name} costs no more than the plan at the present {cost} of {self._price(present)}{per_unit}."
        return f"{name} costs no more than the plan at a {cost} of {self._price(share * present)}{per_unit} or less; it is {self._price(present)} now."

    def _unit(self, s: int) -> str:
        return self.built.data.materials[self.case.offers[s].material].unit

    def _price(self, value: float) -> str:
        """Write a price with its currency: small ones with their decimals."""
        if abs(value) >= 100:
            return money(value, self.currency)
        return f"{figure(value)} {self.currency}" if " " in self.currency else f"{self.currency} {figure(value)}"

    # -- offers on the spot market -------------------------------------------------------------------------------------

    def rows(self) -> list[dict[str, Any]]:
        """Return all rows: what was noted, then the offers that are not bought from, as far as there is time to look for their prices."""
        offers = not_bought(self.solution)
        searches = {s: Search(self.solution, s, first) for s, first in self._first_shares(offers).items()}
        for _ in range(MOST_ROUNDS):
            asked = [s for s in offers if searches[s].goes_on]
            jobs = [Job(f"at a lower price of {seller(self.case.offers[s])}", searches[s].cheaper, bounded=False) for s in asked]
            for k, found in self.resolver.solve(jobs):
                searches[asked[k]].note(found)
        return [*self.noted, *(self._spot(s, searches[s]) for s in offers)]

    def _first_shares(self, offers: list[int]) -> dict[int, float | None]:
        if self.solution.row_dual is None:
            return dict.fromkeys(offers)
        costs = ReducedCosts(self.solution)
        return {s: costs.share(s) for s in offers}

    def _spot(self, s: int, search: Search) -> dict[str, Any]:
        present, unit = self.built.data.spot_price(s, 0, ()), self._unit(s)
        what = f"{self.case.offers[s].material} from {seller(self.case.offers[s])}"
        share = search.known if search.known is not None else search.estimate
        enters = np.nan if share is None else share * present
        if search.known is not None:
            confirmed, words = YES, f"It is worth buying {what} below {self._price(enters)} per {unit}; it costs {self._price(present)} now."
        elif search.not_at is not None:
            confirmed, enters = NO, np.nan
            even = "for nothing" if search.not_at < FOR_NOTHING else f"at {self._price(search.not_at * present)} per {unit}"
            words = f"It is not worth buying {what} even {even}; it costs {self._price(present)} now."
        elif search.estimate is not None:
            confirmed = NO
            below = f"{self._price(enters)} per {unit}"
            words = f"By the duals of the plan it is not worth buying {what} above {below}; no new solve has told below which price it is."
        else:
            confirmed, words = UNKNOWN, f"Nothing of {what} is bought, and no price was found at which some would be."
        return {"kind": "spot market", "what": what, "present": present, "enters_at": enters, "confirmed": confirmed, "words": words}


class Search:
    """The search for the share of its prices below which an offer is worth buying from.

    known: the largest share at which the offer is known to be worth buying from; not_at: the last share at which the best plan gains nothing;
    estimate: what the reduced costs say; None each where there is none. share: at which the program is to be solved next. Where budgets count what
    is paid, a plan may not be possible any more at a higher price: the share is then enclosed by bisection, to 1%.
    """

    def __init__(self, solution: Solution, s: int, estimate: float | None) -> None:
        self.solution, self.s, self.estimate = solution, s, estimate
        self.known: float | None = None
        self.not_at: float | None = None
        self.share = UNTOLD_SHARE if estimate is None else min(1.0, estimate) * JUST_BELOW
        self.gained, self.in_vain = 0.0, 1.0
        self.bisects = bool(solution.built.case.budget)
        self.goes_on = True

    def cheaper(self, built: Built) -> Built:
        """Return the program with the prices at the share that is to be tried."""
        return at_share(built, self.s, self.share)

    def note(self, found: Solution | None) -> None:
        """Take note of the plan at the share that was tried, and choose the next share. None: there was no time."""
        if found is None or found.x is None:
            self.goes_on = False
        elif found.objective < self.solution.objective - GAIN * abs(self.solution.objective) and Quantities(found).ordered(self.s).any():
            self._gains(found)
        else:
            self.in_vain = self.share
            if self.gained == 0 and found.status == Status.OPTIMAL:
                self.not_at = self.share
            self.goes_on = self.gained == 0 or self.bisects
            self.share = self.share * STEP_DOWN if self.gained == 0 else self._middle()

    def _gains(self, found: Solution) -> None:
        """Raise the price to where the plan that was found costs as much as the present one, or, as far as that is known to be in vain, half-way."""
        self.gained = self.share
        times = price_share(found, self.solution.objective, PRICED, spot_columns(found.built, self.s), self.in_vain / self.share)
        most = self.share * max(1.0, times or 1.0)
        self.known = self.share if self.bisects else most
        self.goes_on = most > self.share * (1 + SAME_SHARE)
        self.share = most if most < self.in_vain else self._middle()

    def _middle(self) -> float:
        """Return the share between what gained and what was in vain; the search ends where they are close."""
        self.goes_on &= self.in_vain > self.gained * (1 + CLOSE)
        return (self.gained + self.in_vain) / 2
