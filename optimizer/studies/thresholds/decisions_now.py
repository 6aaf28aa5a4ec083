"""The decisions of a plan that are made once, here and now: contracts and projects, and the case without one of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optimizer.case import Case, Offer, Project
from optimizer.plan.quantities import NEGLIGIBLE
from optimizer.solving.scaling import material_scales
from optimizer.solving.solution import Solution

NEVER = -1
"""A period before the horizon: nothing that must begin by then can begin."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A contract, by the key of its offer (supplier, material, offer), or a project, by its name alone."""

    key: tuple[str, ...]

    @property
    def is_contract(self) -> bool:
        """Whether it is a contract; else it is a project."""
        return len(self.key) == 3

    @property
    def name(self) -> str:
        """What a reader calls it."""
        if not self.is_contract:
            return f"The project {self.key[0]}"
        supplier, material, offer = self.key
        return f"The contract with {supplier} for {material}" + (f" ({offer})" if offer else "")

    def offer(self, case: Case) -> Offer:
        """Return the offer of a contract."""
        return next(offer for offer in case.offers if offer.key == self.key)

    def project(self, case: Case) -> Project:
        """Return the row of a project."""
        return next(project for project in case.projects if (project.project,) == self.key)

    def without(self, case: Case) -> Case:
        """Return the case in which it cannot be taken: a contract that is never live, or a project with no date to start on."""
        if self.is_contract:
            return replace(case, offers=tuple(replace(o, contract_from=NEVER, contract_to=NEVER) if o.key == self.key else o for o in case.offers))
        closed = (replace(p, latest_start=NEVER, may_wait_for=()) if (p.project,) == self.key else p for p in case.projects)
        return replace(case, projects=tuple(closed))

    def payment(self, solution: Solution) -> np.ndarray:
        """Return (K,) what each scenario pays that is in proportion to the contract's price, or to the project's cost, discounted."""
        built, x = solution.built, solution.x
        assert x is not None
        kept = np.zeros(len(x))
        for family in ("call_off", "shortfall") if self.is_contract else ("start", "start_if"):
            columns = built.columns(family)
            if self.is_contract:
                mine = np.array([built.data.offers[s].key == self.key for s in columns.offer], dtype=bool)
            else:
                mine = np.array([(name,) == self.key for name in columns.project], dtype=bool)
            kept[columns.number[mine]] = x[columns.number[mine]]
        paid: np.ndarray = built.path_costs(kept)[[future.leaf for future in built.tree.scenarios]]
        return paid


def decisions_of(case: Case) -> list[Decision]:
    """List every contract that an offer allows and every project, in the order of the workbook, but for what the workbook has decided already."""
    offers = [Decision(offer.key) for offer in sorted(case.offers, key=lambda o: o.row) if offer.contractable and offer.fixed_contract is None]
    return offers + [Decision((project.project,)) for project in sorted(case.projects, key=lambda p: p.row) if project.decided == "open"]


def taken_in(solution: Solution) -> frozenset[Decision]:
    """Return the contracts of a solution that are not negligible, and the projects that start, on a date or once a disruption is active."""
    made = solution.decisions
    assert made is not None
    data, least = solution.built.data, {g: 10 * scale * NEGLIGIBLE for g, scale in material_scales(solution.built.data).items()}
    contracts = [data.offers[s] for s, amount in made.contract.items() if amount > least[data.offers[s].material]]
    projects = [name for name, start in made.start.items() if start is not None] + list(made.start_if)
    taken = [Decision(offer.key) for offer in contracts] + [Decision((name,)) for name in projects]
    return frozenset(taken) & frozenset(decisions_of(solution.built.case))


def most_at_stake(case: Case, decision: Decision, years: float) -> float:
    """Return what a contract over all that its material needs, or a project, costs at the workbook's prices, not discounted. years: the horizon."""
    if not decision.is_contract:
        return decision.project(case).cost
    offer = decision.offer(case)
    need = sum(row.annual_demand or 0.0 for row in case.demand if row.material == offer.material)
    return offer.contract_price * min(offer.capacity_per_year, need) * years


def chosen(case: Case, solution: Solution, most: int) -> list[Decision]:
    """Return at most so many decisions, those of the most money at stake: what is taken fills five eighths of the places, the rest the others.

    Of what is taken the stake is what is paid for it in the mean, of the rest what `most_at_stake` says. Places that one side leaves are the other's.
    """
    taken, every = taken_in(solution), decisions_of(case)
    weight = np.array([future.probability for future in solution.built.tree.scenarios])
    years = case.calendar.years * case.calendar.periods
    mine = sorted((d for d in every if d in taken), key=lambda d: -float(weight @ d.payment(solution)))
    rest = sorted((d for d in every if d not in taken), key=lambda d: -most_at_stake(case, d, years))
    places = max(min(len(mine), -(-5 * most // 8)), most - len(rest))
    return mine[:places] + rest[: most - min(places, len(mine))]
