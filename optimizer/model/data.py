"""The data of the model: the parameters of a case in one order of rows, and the bounds on what can be used of each offer."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

from optimizer.case import Case
from optimizer.model.parameters import Parameters
from optimizer.model.usable import Usable
from optimizer.scenarios.tree import Regime


def canonical(case: Case) -> Case:
    """Order the rows of every sheet by their content, so that the order in which they were typed changes nothing."""

    def content(record: Any) -> str:
        return repr(replace(record, row=0)).casefold()

    return replace(
        case,
        materials=tuple(sorted(case.materials, key=lambda r: r.material.casefold())),
        demand=tuple(sorted(case.demand, key=lambda r: (r.material.casefold(), r.use.casefold()))),
        offers=tuple(sorted(case.offers, key=lambda r: tuple(part.casefold() for part in r.key))),
        disruptions=tuple(sorted(case.disruptions, key=lambda r: r.disruption.casefold())),
        projects=tuple(sorted(case.projects, key=lambda r: r.project.casefold())),
        inventory=tuple(sorted(case.inventory, key=content)),
        budget=tuple(sorted(case.budget, key=content)),
        limits=tuple(sorted(case.limits, key=content)),
        duties=tuple(sorted(case.duties, key=content)),
        origin_rules=tuple(sorted(case.origin_rules, key=content)),
        substitutes=tuple(sorted(case.substitutes, key=content)),
        currencies=tuple(sorted(case.currencies, key=content)),
        inputs=tuple(sorted(case.inputs, key=lambda r: (r.supplier.casefold(), r.material.casefold(), r.offer.casefold(), r.input_material.casefold()))),
        offer_changes=tuple(sorted(case.offer_changes, key=content)),
        plants=tuple(sorted(case.plants, key=lambda r: r.plant.casefold())),
    )


class CaseData(Parameters):
    """The parameters of a case with the bounds on usable orders and contracts, which big-M coefficients are made of."""

    @cached_property
    def usable(self) -> Usable:
        """Return the largest orders and contracts that a plan can use."""
        return Usable(self)

    def most(self, s: int, t: int, regime: Regime) -> float:
        """Return what can be ordered of offer s in a period: its capacity as far as it is served, no more than a plan can use."""
        return min(self.capacity(s, t) * self.years * self.availability(s, t, regime), self.usable.order[s])
