"""The planner's problem: the settings and the records of every input sheet, resolved onto the calendar.

The records are declared in optimizer/schema/records.py. Nothing here knows files, pandas or Pyomo.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from optimizer.calendar import Calendar
from optimizer.schema.choices import BLOCS, EXPOSURE, MEASURES, more_exposed
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

__all__ = [
    "BLOCS", "EXPOSURE", "MEASURES", "BudgetRow", "Case", "Currency", "Demand", "Disruption", "Duty", "Limit", "Material", "Offer", "OriginRule", "Plant",
    "Project", "ScenarioRow", "Settings", "StockItem", "more_exposed",
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

    @property
    def calendar(self) -> Calendar:
        """The periods of the horizon and their labels."""
        s = self.settings
        return Calendar(s.start, s.period, s.periods, s.fiscal_year_start_month)

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

    def with_settings(self, **changes: Any) -> Case:
        """Return the same case with other settings."""
        return replace(self, settings=replace(self.settings, **changes))
