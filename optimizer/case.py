"""The planner's problem as frozen, typed rows: what the workbook says, resolved onto the calendar.

Every date has become a period number (below 0: before the horizon; T or more: after it), every name its first
spelling, every default is filled in. `row` is the row of the workbook that a record came from. Quantities are in the
material's unit, money in the case's currency, shares are fractions. Nothing here knows files, pandas or Pyomo.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

from optimizer.calendar import Calendar

BLOCS = ("chinese", "other", "allied", "onshored")
"""Blocs and origins, from most to least exposed."""

EXPOSURE = {bloc: rank for rank, bloc in enumerate(BLOCS)}

MEASURES = ("purchase_share", "largest_supplier_share", "largest_country_share", "purchase_to_demand", "stock_cover_days", "stock_quantity")


def more_exposed(a: str, b: str) -> str:
    """The more exposed of two origins."""
    return a if EXPOSURE[a] <= EXPOSURE[b] else b


@dataclass(frozen=True, slots=True)
class Settings:
    """The Settings sheet. start is the first day of the first period."""

    start: dt.date
    periods: int
    title: str = ""
    currency: str = "USD"
    period: str = "quarter"
    fiscal_year_start_month: int = 1
    discount_rate: float = 0.05
    risk_weight: float = 0.3
    cvar_level: float = 0.9
    scenario_method: str = "auto"
    scenarios: int = 200
    seed: int = 1
    mip_gap: float = 1e-4
    time_limit_seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Material:
    row: int
    material: str
    unit: str
    holding_cost_per_year: float = 0.0
    annual_loss: float = 0.0
    storage_capacity: float | None = None
    disposal_cost: float | None = None
    salvage_value: float = 0.0


@dataclass(frozen=True, slots=True)
class StockItem:
    """A row of Inventory. arrives: None = on hand, else the period of arrival (below 0 counts as 0)."""

    row: int
    material: str
    origin: str
    quantity: float
    arrives: int | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """A row of Demand. by_period: period -> quantity of that period in place of the computed one."""

    row: int
    material: str
    use: str
    annual_demand: float
    shortage_cost: float
    annual_growth: float = 0.0
    allowed_origins: tuple[str, ...] = ()
    allowed_origins_from: int | None = None
    minimum_fill_rate: float | None = None
    by_period: dict[int, float] = field(default_factory=dict)

    def allows(self, origin: str, t: int) -> bool:
        """Whether this use may draw stock of `origin` in period t."""
        if not self.allowed_origins or origin in self.allowed_origins:
            return True
        return self.allowed_origins_from is not None and t < self.allowed_origins_from


@dataclass(frozen=True, slots=True)
class Offer:
    """A row of Suppliers. available_from: None = at once. offer is "" where a supplier makes one offer of a material.

    origin, spot_limit_per_year and contract_price left as None take bloc, capacity_per_year and price.
    """

    row: int
    supplier: str
    material: str
    bloc: str
    price: float
    capacity_per_year: float
    offer: str = ""
    country: str | None = None
    origin: str | None = None
    price_growth: float = 0.0
    spot_limit_per_year: float | None = None
    available_from: int | None = None
    lead_time_months: float = 0.0
    terms: str = "spot"
    contract_price: float | None = None
    contract_price_growth: float = 0.0
    contract_pricing: str = "fixed"
    price_floor: float | None = None
    price_ceiling: float | None = None
    reservation_price: float = 0.0
    take_or_pay: float = 0.0
    minimum_order: float = 0.0
    minimum_contract: float = 0.0
    input_material: str | None = None
    input_per_unit: float | None = None
    feedstock_bloc: str | None = None
    feedstock_country: str | None = None
    feedstock_dependence: float = 0.0
    project: str | None = None

    def __post_init__(self) -> None:
        for name, source in (("origin", "bloc"), ("spot_limit_per_year", "capacity_per_year"), ("contract_price", "price")):
            if getattr(self, name) is None:
                object.__setattr__(self, name, getattr(self, source))

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.supplier, self.material, self.offer)

    @property
    def contractable(self) -> bool:
        return self.terms in ("contract", "both")

    @property
    def sold_spot(self) -> bool:
        return self.terms in ("spot", "both")

    def delivers(self, input_origin: str) -> str:
        """The origin of one unit ordered with input of `input_origin` (without an input: the offer's own)."""
        return more_exposed(input_origin, self.origin)

    @property
    def name(self) -> str:
        """What a reader calls this offer."""
        return f"{self.supplier}, {self.material}" + (f" ({self.offer})" if self.offer else "")


@dataclass(frozen=True, slots=True)
class Project:
    """A row of Projects. earliest_start, latest_start: period numbers, None = open."""

    row: int
    project: str
    cost: float
    lead_time_months: float
    kind: str = "other"
    earliest_start: int | None = None
    latest_start: int | None = None


@dataclass(frozen=True, slots=True)
class Disruption:
    """A row of Disruptions. decision_date: period number; an empty filter means any."""

    row: int
    disruption: str
    annual_probability: float
    mean_duration_months: float
    capacity_remaining: float
    price_multiplier: float = 1.0
    spillover_price_multiplier: float = 1.0
    demand_multiplier: float = 1.0
    lead_time_added_months: float = 0.0
    decision_date: int | None = None
    decision_probability: float | None = None
    bloc: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    supplier: tuple[str, ...] = ()
    material: tuple[str, ...] = ()
    active_now: bool = False
    follows: str | None = None

    def strikes(self, offer: Offer) -> bool:
        """Whether each non-blank filter contains the offer's value."""
        return (
            (not self.bloc or offer.bloc in self.bloc)
            and (not self.country or offer.country in self.country)
            and (not self.supplier or offer.supplier in self.supplier)
            and (not self.material or offer.material in self.material)
        )

    def strikes_feedstock(self, offer: Offer) -> bool:
        """Whether this strikes the place that the offer's feedstock comes from, but not the offer itself."""
        if self.supplier or self.strikes(offer) or not (offer.feedstock_bloc or offer.feedstock_country):
            return False
        return (
            (not self.bloc or offer.feedstock_bloc in self.bloc)
            and (not self.country or offer.feedstock_country in self.country)
            and (not self.material or offer.material in self.material)
        )


@dataclass(frozen=True, slots=True)
class ScenarioRow:
    """A row of Scenarios. disruption None: nothing happens in this scenario. starts: period number."""

    row: int
    scenario: str
    probability: float
    disruption: str | None = None
    starts: int | None = None
    duration_months: float | None = None


@dataclass(frozen=True, slots=True)
class BudgetRow:
    row: int
    fiscal_year: int
    amount: float
    category: str = "all"


@dataclass(frozen=True, slots=True)
class Limit:
    """A row of Limits. start, end: period numbers of `from` and `to` (both inclusive), None = open."""

    row: int
    limit: str
    measure: str
    material: tuple[str, ...] = ()
    bloc: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    supplier: tuple[str, ...] = ()
    origin: tuple[str, ...] = ()
    use: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    start: int | None = None
    end: int | None = None
    penalty: float | None = None

    def covers(self, t: int) -> bool:
        """Whether period t lies within from..to."""
        return (self.start is None or t >= self.start) and (self.end is None or t <= self.end)

    def matches(self, offer: Offer) -> bool:
        """Whether the offer passes every filter but the origin, which is that of what it delivers."""
        return (
            (not self.material or offer.material in self.material)
            and (not self.bloc or offer.bloc in self.bloc)
            and (not self.country or offer.country in self.country)
            and (not self.supplier or offer.supplier in self.supplier)
        )


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

    @property
    def calendar(self) -> Calendar:
        """The periods of the horizon and their labels."""
        s = self.settings
        return Calendar(s.start, s.period, s.periods, s.fiscal_year_start_month)

    def with_settings(self, **changes) -> Case:
        """The same case with other settings."""
        return replace(self, settings=replace(self.settings, **changes))
