"""Units for the solver: quantities per material and money so that what is typical lies between 1 and 100.

kg against t, or dollars against millions, then makes no difference to the solver's tolerances and time. Scales are powers
of ten, so that restating a unit moves the scale with it exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10
from statistics import median

import numpy as np

from optimizer.model.data import CaseData
from optimizer.model.stamp import Program
from optimizer.model.template import Template

ROUNDING = 1e-12
"""Added to a logarithm, so that 1000, whose logarithm may be computed as 2.9999999999999996, counts as 10 to the 3."""


@dataclass(frozen=True, slots=True)
class Scales:
    """Planner's units per solver unit. of_column, of_row: of each column and row of the template, money last; money: of money."""

    program: Program
    of_column: np.ndarray
    of_row: np.ndarray
    money: float

    @property
    def column(self) -> np.ndarray:
        """The scale of each column of the program. It is made when it is asked for, because it takes as much memory as the program's bounds."""
        column: np.ndarray = self.of_column[self.program.column_template]
        return column

    @property
    def row(self) -> np.ndarray:
        """The scale of each row of the program."""
        row: np.ndarray = self.of_row[self.program.row_template]
        return row


def power_of_ten(value: float) -> float:
    """Return the largest power of ten that is not above value; 1 for 0."""
    return 10.0 ** floor(log10(value) + ROUNDING) if value > 0 else 1.0


def material_scales(p: CaseData) -> dict[str, float]:
    """Return the units of each material per solver unit: a tenth of a period's demand, or what stands in for it, as a power of ten."""
    typical: dict[str, float] = {}
    for g in p.materials:
        peak = max((sum(p.demand(g, u, t, ()) for u in p.uses_of[g]) for t in p.periods), default=0.0)
        typical[g] = peak
    # A material that is only an input, or a substitute, is as large as what is made of it, or replaced by it.
    for _ in p.materials:
        for offer, inputs in zip(p.offers, p.inputs):
            for name, per_unit in inputs:
                typical[name] = typical[name] or typical[offer.material] * per_unit
        for row in p.case.substitutes:
            if row.substitute:
                typical[row.substitute] = typical[row.substitute] or typical[row.material] * (row.units_per_unit or 0.0) * row.maximum_share
    for g in p.materials:
        if typical[g] == 0:
            largest = {s: p.schedules[s].largest_capacity(p.periods) for s in p.offers_of[g]}
            offers = [(capacity * p.years, p.usable.order[s]) for s, capacity in largest.items() if capacity > 0]
            # Where nobody needs any of it, the capacity is all that is known.
            amounts = [min(pair) for pair in offers if pair[1] > 0] or [capacity for capacity, _ in offers]
            amounts += [item.quantity for item in p.case.inventory if item.material == g and item.quantity > 0]
            typical[g] = median(amounts) if amounts else 0.0
    return {g: power_of_ten(value) / 10 if value > 0 else 1.0 for g, value in typical.items()}


def money_scale(p: CaseData, units: dict[str, float]) -> float:
    """Return the money per solver unit: the typical price of one solver unit of material, as a power of ten; without prices, of what else is paid."""
    prices = [price * units[schedule.offer.material] for schedule in p.schedules for price in schedule.prices if price > 0]
    prices = prices or [cost for cost in _other_costs(p, units) if cost > 0]
    prices = prices or [d.shortage_cost * units[g] for (g, _), d in p.demands.items() if d.shortage_cost > 0]
    return power_of_ten(median(sorted(prices))) if prices else 1.0


def _other_costs(p: CaseData, units: dict[str, float]) -> list[float]:
    """Return the costs of one solver unit of material besides its price, and a hundredth of those of projects."""
    offers = [cost * units[o.material] for o in p.offers for cost in (o.contract_price, o.reservation_price)]
    kept = [cost * units[g] for g, m in p.materials.items() for cost in (m.holding_cost_per_year * p.years, m.disposal_cost or 0.0)]
    return offers + kept + [project.cost / 100 for project in p.case.projects]


def scales_of(p: CaseData, template: Template, program: Program) -> Scales:
    """Return the scales of a program's columns and rows; those of risk, which no template has, are money."""
    units = material_scales(p)
    money = money_scale(p, units)

    def scale(what: str | None) -> float:
        return money if what == "money" else 1.0 if what is None else units[what]

    columns = np.array([scale(family.material(p, *index)) for family, index in template.columns] + [money])
    rows = np.array([scale(family.scale(p, *index)) for family, index in template.rows] + [money])
    return Scales(program, columns, rows, money)
