"""The planner's problem: the settings and the records of every input sheet, resolved onto the calendar.

The records are declared in optimizer/schema/records.py. Nothing here knows files, pandas or Pyomo.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from optimizer.calendar import Calendar
from optimizer.schema.changes import OfferChange, Schedule
from optimizer.schema.choices import BLOCS, EXPOSURE, MEASURES, more_exposed
from optimizer.schema.inputs import InputRow
from optimizer.schema.records import (
    BudgetRow,
    Currency,
    Demand,
    Disruption,
    Duty,
    Limit,
    Material,
    Offer,
    OriginRule,
    Plant,
    Project,
    ScenarioRow,
    Settings,
    StockItem,
)
from optimizer.schema.substitutes import Substitute

__all__ = [
    "BLOCS", "EXPOSURE", "MEASURES", "BudgetRow", "Case", "Currency", "Demand", "Disruption", "Duty", "InputRow", "Limit", "Material", "Offer",
    "OfferChange", "OriginRule", "Plant", "Project", "ScenarioRow", "Schedule", "Settings", "StockItem", "Substitute", "more_exposed",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """Hold one planner's problem as typed rows. Records stand in the order of their workbook rows.

    >>> case = optimizer.load("sample_inputs/tutorial.xlsx").case
    >>> [(row.disruption, row.annual_probability) for row in case.disruptions]
    [('Export stop', 0.3)]
    >>> optimizer.solve(case.with_settings(risk_weight=1.0)).cvar < optimizer.solve(case.with_settings(risk_weight=0.0)).cvar
    True
    """

    settings: Settings
    materials: tuple[Material, ...]
    demand: tuple[Demand, ...]
    offers: tuple[Offer, ...]
    disruptions: tuple[Disruption, ...] = ()
    budget: tuple[BudgetRow, ...] = ()
    inventory: tuple[StockItem, ...] = ()
    projects: tuple[Project, ...] = ()
    scenarios: tuple[ScenarioRow, ...] = ()
    limits: tuple[Limit, ...] = ()
    duties: tuple[Duty, ...] = ()
    plants: tuple[Plant, ...] = ()
    origin_rules: tuple[OriginRule, ...] = ()
    currencies: tuple[Currency, ...] = ()
    inputs: tuple[InputRow, ...] = ()
    substitutes: tuple[Substitute, ...] = ()
    offer_changes: tuple[OfferChange, ...] = ()

    @property
    def calendar(self) -> Calendar:
        """The periods that are planned for, and their labels."""
        s = self.settings
        return Calendar(s.start, s.period, s.periods, s.fiscal_year_start_month, s.horizon)

    def budget_periods(self, row: BudgetRow) -> tuple[int, ...]:
        """Return the periods whose outlay a row of Budget counts."""
        within = self.calendar.within
        return tuple(t for t in self.calendar.periods_in(row.fiscal_year) if row.beyond is None or row.beyond == (t >= within))

    def releasing(self, row: Limit, material: str) -> list[int]:
        """Return the positions of the disruptions that release a limit's minimum for a material.

        Those that it names, or, where it names none, each that takes capacity or adds lead time and strikes an offer of the material, or the
        feedstock of one that depends on it.
        """
        if row.released_by:
            return [k for k, d in enumerate(self.disruptions) if d.disruption in row.released_by]
        sources = [offer for offer in self.offers if offer.material == material]
        return [
            k
            for k, d in enumerate(self.disruptions)
            if (d.capacity_remaining < 1 or d.lead_time_added_months > 0)
            and any(d.strikes(offer) or (offer.feedstock_dependence > 0 and d.strikes_feedstock(offer)) for offer in sources)
        ]

    def offer_of(self, item: StockItem) -> int | None:
        """Return the position of the offer of an open order that has not left; None of any other row of Inventory."""
        return None if item.supplier is None else self._offer_named(item.supplier, item.material, item.offer)

    def _offer_named(self, supplier: str, material: str, offer: str) -> int:
        """Return the position of the offer of these names; the offer's own may be blank where the supplier makes one of the material."""
        mine = [s for s, known in enumerate(self.offers) if (known.supplier, known.material) == (supplier, material)]
        return mine[0] if len(mine) == 1 else next(s for s in mine if self.offers[s].offer == offer)

    def listed_inputs(self) -> dict[int, list[int]]:
        """Return position of an offer -> positions of its rows of Inputs, for the offers that have any."""
        found: dict[int, list[int]] = {}
        for i, row in enumerate(self.inputs):
            found.setdefault(self._offer_named(row.supplier, row.material, row.offer), []).append(i)
        return found

    def inputs_of_offers(self) -> list[tuple[tuple[str, float], ...]]:
        """List for each offer its inputs, (material, units per unit of output): of its own columns, or of the sheet Inputs."""
        listed = self.listed_inputs()
        own = [((offer.input_material, offer.input_per_unit or 0.0),) if offer.input_material else () for offer in self.offers]
        return [tuple((self.inputs[i].input_material, self.inputs[i].input_per_unit) for i in listed[s]) if s in listed else mine for s, mine in enumerate(own)]

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """What holds of each offer by period: of its own row, and of the rows of Offer changes that name it."""
        rows: list[list[OfferChange]] = [[] for _ in self.offers]
        for row in self.offer_changes:
            rows[self._offer_named(row.supplier, row.material, row.offer)].append(row)
        return tuple(Schedule(offer, tuple(own), self.calendar.years) for offer, own in zip(self.offers, rows))

    def transit(self, offer: Offer) -> int:
        """Return the periods from the departure of an offer's goods to their arrival."""
        return self.calendar.periods_of(offer.lead_time_months) - self.calendar.periods_of(offer.ships_after_months)

    def usual_arrival(self, item: StockItem) -> int | None:
        """Return the period in which a row of Inventory arrives where nothing stops it; None where it is on hand."""
        if (s := self.offer_of(item)) is not None:
            return max(0, item.ships or 0) + self.transit(self.offers[s])
        return None if item.arrives is None else max(0, item.arrives)

    def with_settings(self, **changes: Any) -> Case:
        """Return the same case with other settings."""
        return replace(self, settings=replace(self.settings, **changes))
