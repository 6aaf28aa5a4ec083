# ruff: noqa: E501, one column a line reads as the table that it is
"""The settings and the rows of every input sheet: each field with a `column` is a column of the sheet, declared here alone.

A record is frozen and resolved onto the calendar: every date has become a period number (below 0: before the horizon; T or more: after it),
every name its first spelling, every default is filled in. Quantities are in the material's unit, money in the case's currency, shares are
fractions. fields.py says how a column is declared, Column (in language.py) what may be said of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field

from optimizer.schema.choices import BLOCS, HOLDS, MEASURES, STOCK_MEASURES, more_exposed
from optimizer.schema.costs import CATEGORIES
from optimizer.schema.fields import Record, amount, column, growth, period_columns, share

MONEY, PER_UNIT, UNITS = "{currency}", "{currency} per {unit}", "{unit}"


# fmt: off
@dataclass(frozen=True, slots=True)
class Settings:
    """The Settings sheet. start is the first day of the first period.

    horizon: None as written; of a case that goes on beyond it (optimizer/lengthening.py) the periods of the horizon: `periods` then counts all, tail_periods is 0.
    """

    title: str = column("text", "Shown on every output. Default: the file's name.", default=None, blank_words="the file's name", example="Magnet sourcing 2027-2028")
    currency: str = column("text", "A label only; all money in the workbook is in it.", default="USD")
    start: dt.date = column("date", "First day of the first period: of a month, of a calendar quarter, of a fiscal year.", example="2027-01-01")
    period: str = column("choice", "Length of a period.", default="quarter", choices=("month", "quarter", "year"))
    periods: int = column("whole", "Number of periods.", low=1, high=240, example=8)
    tail_periods: int = column("whole", "Periods that are planned for beyond the horizon, with its last year repeated, so that decisions do not ignore what comes after it; they are reported separately.", default=0, low=0, high=120)
    fiscal_year_start_month: int = column("whole", "Month in which fiscal years begin. A period belongs to the fiscal year in which it begins; a fiscal year is named after the calendar year in which it ends.", default=1, low=1, high=12)
    discount_rate: float = growth("Rate at which later money counts less.", default=0.05)
    risk_weight: float = share("Weight of the worst futures: 0 = expected cost only, 1 = CVaR (the mean cost of the worst futures) only.", default=0.3)
    cvar_level: float = share("CVaR is the mean cost of the worst 1 - cvar_level of futures.", default=0.9, below=True)
    scenario_method: str = column("choice", "How the futures are made: every one, drawn at random, or those of the Scenarios sheet.", default="auto", choices=("auto", "exact", "sampled", "listed"))
    scenarios: int = column("whole", "The number of futures to aim at.", default=200, low=1, high=100_000)
    seed: int = column("whole", "The seed of the random draw.", default=1, low=0, high=2**31 - 1)
    mip_gap: float = share("Stop when the plan is proven within this share of the best possible.", default=1e-4, percent_decimals=2)
    time_limit_seconds: float = column("number", "Stop with the best plan found after this time.", "seconds", default=300, low=0, above=True)
    horizon: int | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Material(Record):
    """A row of Materials."""

    material: str = column("name", "Its name.", key=True, example="Dysprosium oxide")
    unit: str = column("text", "The unit of all its quantities and prices.", example="kg")
    holding_cost_per_year: float = amount("Cost of keeping one unit for a year.", "{currency} per {unit} and year", default=0, example=4)
    annual_loss: float = share("Share lost per year in store.", "share per year", default=0, below=True)
    storage_capacity: float | None = amount("Most that can be stored; blank = no limit.", UNITS, default=None, example=20000)
    disposal_cost: float | None = amount("Cost of throwing one unit away; blank = nothing may be thrown away.", PER_UNIT, default=None)
    salvage_value: float = amount("Value of one unit left at the end.", PER_UNIT, default=0, example=120)
    shelf_life_months: float | None = amount("Its shelf life: how long after its arrival it can be used; blank = for ever.", "months", default=None, above=True)
    sale_price: float | None = amount("What one unit sold out of the stock brings; blank = none may be sold.", PER_UNIT, default=None)
    sale_limit_per_year: float | None = amount("Most that can be sold; blank = no limit.", "{unit} per year", default=None)


@dataclass(frozen=True, slots=True)
class StockItem(Record):
    """A row of Inventory: stock on hand, an open order under way, or one that has not left its supplier.

    arrives: the period of arrival of one under way (below 0 counts as 0). supplier: of one that has not left, due in the period `ships`.
    """

    material: str = column("name", "What is held.", refers=("Materials.material",), example="Dysprosium oxide")
    origin: str = column("choice", "Its origin.", choices=BLOCS, example="chinese")
    quantity: float = amount("How much.", UNITS, example=2500)
    arrives: int | None = column("date", "Blank = on hand; else the period in which the open order arrives.", default=None)
    unit: str = column("text", "Unit of the quantities and prices of this row; blank = the material's own.", default="", blank_words="the material's own")
    supplier: str | None = column("name", "The supplier of an open order that has not left yet and that a disruption of this supplier can stop; blank = on hand or under way.", default=None, refers=("Suppliers.supplier",))
    offer: str = column("name", "The supplier's offer, where it makes several of the material.", default="")
    ships: int | None = column("date", "The period in which an open order that has not left is due to leave; blank = the first.", default=None)

    @property
    def on_hand(self) -> bool:
        """Whether it is in stock when the horizon begins."""
        return self.arrives is None and self.supplier is None


@dataclass(frozen=True, slots=True)
class Demand(Record):
    """A row of Demand. by_period: period -> quantity of that period in place of the computed one."""

    material: str = column("name", "What is needed.", key=True, refers=("Materials.material",), example="Dysprosium oxide")
    use: str = column("name", "For what.", key=True, example="Traction motors")
    annual_demand: float = amount("Quantity needed per year, at the start of the horizon. May stay blank where every period has its own quantity.", "{unit} per year", from_periods=True, example=8000)
    annual_growth: float = growth("Growth of that quantity, stepping each period.", default=0, example=0.05)
    shortage_cost: float = amount("Cost of one unit not delivered.", PER_UNIT, example=5000)
    allowed_origins: tuple[str, ...] = column("choices", "Origins this use accepts; blank = all.", default=None, choices=BLOCS)
    allowed_origins_from: int | None = column("date", "The period from which that list binds; blank = from the first.", default=None)
    minimum_fill_rate: float | None = share("Share of expected demand that must be met on average; blank = none.", default=None)
    unit: str = column("text", "Unit of the quantities and prices of this row; blank = the material's own.", default="", blank_words="the material's own")
    by_period: dict[int, float] = period_columns()

    def allows(self, origin: str, t: int) -> bool:
        """Return whether this use may draw stock of `origin` in period t."""
        if not self.allowed_origins or origin in self.allowed_origins:
            return True
        return self.allowed_origins_from is not None and t < self.allowed_origins_from


@dataclass(frozen=True, slots=True)
class Offer(Record):
    """A row of Suppliers. available_from: None = at once. offer is "" where a supplier makes one offer of a material."""

    supplier: str = column("name", "Who sells.", key=True, example="Northern Separation")
    material: str = column("name", "What is sold.", key=True, refers=("Materials.material",), example="Dysprosium oxide")
    offer: str = column("name", "Name of this offer where the supplier makes several of one material.", key=True, default="")
    bloc: str = column("choice", "Bloc of the supplier.", choices=BLOCS, example="allied")
    country: str | None = column("name", "Country of the supplier.", default=None, example="Estonia")
    origin: str = column("choice", "Origin of the material for compliance; blank = the bloc.", choices=BLOCS, default_from="bloc")
    price: float = amount("Spot price at the start of the horizon.", PER_UNIT, example=310)
    price_growth: float = growth("Growth of the spot price.", default=0)
    capacity_per_year: float = amount("Most that it can deliver, spot and contract together.", "{unit} per year", example=12000)
    spot_limit_per_year: float | None = amount("What the spot market can really deliver; blank = the capacity.", "{unit} per year", default=None, blank_words="the value of capacity_per_year", example=2000)
    available_from: int | None = column("date", "First period in which it delivers; blank = at once.", default=None)
    lead_time_months: float = amount("From order to arrival.", "months", default=0, example=3)
    ships_after_months: float = amount("The part of lead_time_months until the goods leave, for a licence or production; until then a disruption can stop them.", "months", default=0)
    terms: str = column("choice", "How it sells.", default="spot", choices=("spot", "contract", "both"), example="both")
    contract_price: float = amount("Price under contract at the start of the horizon; blank = the spot price.", PER_UNIT, default_from="price", example=280)
    contract_price_growth: float = growth("Growth of a fixed contract's price; an indexed one follows the spot price.", default=0)
    contract_pricing: str = column("choice", "Whether the contract price is fixed or follows the spot price.", default="fixed", choices=("fixed", "indexed"))
    price_floor: float | None = amount("Least that a contract pays; blank = none.", PER_UNIT, default=None)
    price_ceiling: float | None = amount("Most that a contract pays; blank = none.", PER_UNIT, default=None)
    reservation_price: float = amount("Paid for each unit contracted and year, whether it is called off or not, even while the offer is struck.", "{currency} per {unit} and year", default=0)
    take_or_pay: float = share("Share of each period's contracted quantity that is paid for in any case.", default=0, example=0.8)
    minimum_order: float = amount("Least order of a period, spot and contract together, on the reference path.", UNITS, default=0)
    minimum_contract: float = amount("Least contract, if there is one.", "{unit} per year", default=0)
    fixed_contract: float | None = amount("Quantity that is contracted in any case; blank = the plan decides, 0 = no contract.", "{unit} per year", default=None)
    contract_from: int | None = column("date", "First period of the contract; blank = the first of the horizon.", default=None)
    contract_to: int | None = column("last_date", "Last period of the contract; blank = the last of the horizon.", default=None)
    prepayment: float = amount("Paid once per unit contracted a year, in the first period of the contract; not given back.", "{currency} per {unit} and year", default=0)
    upside_trigger: float | None = amount("Contract price above which the buyer gets a share back; blank = none.", PER_UNIT, default=None)
    upside_share: float | None = share("Share that the buyer gets back of the part of the contract price above the trigger.", default=None)
    input_material: str | None = column("name", "The material that this offer converts; the price is then the fee.", default=None, refers=("Materials.material",))
    input_per_unit: float | None = column("number", "Units of input used per unit of output.", "units per unit", default=None, low=0, above=True)
    feedstock_bloc: str | None = column("choice", "Bloc that its feedstock comes from.", default=None, choices=BLOCS, example="chinese")
    feedstock_country: str | None = column("name", "Country that its feedstock comes from.", default=None)
    feedstock_dependence: float = share("Share of the output that rests on that feedstock.", default=0, example=0.4)
    project: str | None = column("name", "The project that must be ready first; blank = already qualified and built.", default=None, refers=("Projects.project",))
    unit: str = column("text", "Unit of the quantities and prices of this row; blank = the material's own.", default="", blank_words="the material's own")
    currency: str = column("text", "Currency of the money of this row; blank = the case's.", default="", blank_words="the case's")
    plant: str | None = column("name", "The plant whose capacity it shares with other offers; blank = none.", default=None, refers=("Plants.plant",))
    choose_one: str | None = column("name", "A group of contract offers of which at most one is signed; blank = none.", default=None)

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies the offer."""
        return (self.supplier, self.material, self.offer)

    @property
    def ships_later(self) -> bool:
        """Whether goods leave some time after they are ordered."""
        return self.ships_after_months > 0

    @property
    def contractable(self) -> bool:
        """Whether it sells under contract."""
        return self.terms in ("contract", "both")

    @property
    def paid_unused(self) -> bool:
        """Whether a contract costs money though nothing is called off under it."""
        return self.contractable and (self.take_or_pay > 0 or self.reservation_price > 0)

    def live(self, t: int) -> bool:
        """Return whether its contract is live in period t."""
        return (self.contract_from is None or t >= self.contract_from) and (self.contract_to is None or t <= self.contract_to)

    def with_upside(self, price: float) -> float:
        """Return a contract price, after floor and ceiling, less the buyer's share of what it is above the trigger."""
        if self.upside_trigger is None or self.upside_share is None:
            return price
        return price - self.upside_share * max(0.0, price - self.upside_trigger)

    @property
    def sold_spot(self) -> bool:
        """Whether it sells on the spot market."""
        return self.terms in ("spot", "both")

    def delivers(self, input_origin: str) -> str:
        """Return the origin of one unit ordered with input of `input_origin` (without an input: the offer's own)."""
        return more_exposed(input_origin, self.origin)

    @property
    def name(self) -> str:
        """The name of this offer for a reader."""
        return f"{self.supplier}, {self.material}" + (f" ({self.offer})" if self.offer else "")


@dataclass(frozen=True, slots=True)
class Project(Record):
    """A row of Projects. earliest_start, latest_start: period numbers, None = open."""

    project: str = column("name", "Its name.", key=True, example="Qualify Northern Separation")
    kind: str = column("choice", "A label.", default="other", choices=("qualification", "expansion", "new_plant", "recycling", "other"), example="qualification")
    cost: float = amount("Total cost, spread evenly over the lead time.", MONEY, example=400000)
    lead_time_months: float = amount("From the start until it is ready.", "months", example=9)
    earliest_start: int | None = column("date", "First period in which it may start.", default=None)
    latest_start: int | None = column("last_date", "Last period in which it may start.", default=None)
    may_wait_for: tuple[str, ...] = column("names", "Disruptions for which it may wait: the plan may then decide now that it starts once one of them is active.", default=None, refers=("Disruptions.disruption",))
    decided: str = column("choice", "Whether the plan decides on it (open), or it starts within its window in any case (start), or never.", default="open", choices=("open", "start", "never"))
    currency: str = column("text", "Currency of the money of this row; blank = the case's.", default="", blank_words="the case's")

    def in_window(self, t: int) -> bool:
        """Return whether it may start in period t: it is not decided never to, and t is neither before its earliest nor after its latest start."""
        return self.decided != "never" and (self.earliest_start is None or t >= self.earliest_start) and (self.latest_start is None or t <= self.latest_start)


@dataclass(frozen=True, slots=True)
class Currency(Record):
    """A row of Currencies."""

    currency: str = column("name", "A currency that rows of Suppliers or Projects are in.", key=True, example="EUR")
    rate: float = column("number", "What one of it is worth in the case's currency.", "{currency}", low=0, above=True, example=1.08)


@dataclass(frozen=True, slots=True)
class Plant(Record):
    """A row of Plants."""

    plant: str = column("name", "Its name, as Suppliers has it.", key=True, example="Northern Separation, line 1")
    capacity_per_year: float = amount("Most that its offers deliver together, in the unit that their materials share.", "units per year", example=15000)


@dataclass(frozen=True, slots=True)
class Disruption(Record):
    """A row of Disruptions. decision_date: period number; an empty filter means any."""

    disruption: str = column("name", "Its name.", key=True, example="Export licences tightened")
    annual_probability: float = share("Chance that it begins within a year.", example=0.22)
    annual_probability_low: float | None = share("Least that annual_probability may truly be, for the study of ranges; the plan itself counts with annual_probability.", default=None, blank_words="the value of annual_probability")
    annual_probability_high: float | None = share("Most that annual_probability may truly be, for the study of ranges.", default=None, blank_words="the value of annual_probability")
    mean_duration_months: float = column("number", "How long it lasts on average.", "months", low=0, above=True, example=6)
    capacity_remaining: float = share("Share of the struck capacity that is still served.", example=0.1)
    price_multiplier: float = amount("Factor on the spot price of struck offers.", "times", default=1, example=1.5)
    spillover_price_multiplier: float = amount("Factor on the spot price of the other offers of the same materials.", "times", default=1, example=2)
    demand_multiplier: float = amount("Factor on the demand of the materials and uses that it names.", "times", default=1)
    use: tuple[str, ...] = column("names", "Uses to whose demand demand_multiplier applies; blank = any. It does not restrict which offers are struck.", default=None, refers=("Demand.use",))
    lead_time_added_months: float = amount("Added to orders placed with struck offers while it is active.", "months", default=0)
    decision_date: int | None = column("date", "The one period in which decision_probability holds.", default=None)
    decision_probability: float | None = share("Chance that it begins in the period of decision_date, instead of the annual one.", default=None)
    bloc: tuple[str, ...] = column("choices", "Blocs it strikes; blank = any.", default=None, choices=BLOCS, example="chinese")
    country: tuple[str, ...] = column("names", "Countries it strikes; blank = any.", default=None, refers=("Suppliers.country", "Suppliers.feedstock_country"))
    supplier: tuple[str, ...] = column("names", "Suppliers it strikes; blank = any.", default=None, refers=("Suppliers.supplier",))
    material: tuple[str, ...] = column("names", "Materials it strikes; blank = any.", default=None, refers=("Materials.material",))
    active_now: bool = column("yes_no", "Whether it is active in the first period.", default=False)
    follows: str | None = column("name", "A disruption that must already be active for this one to begin.", default=None, refers=("Disruptions.disruption",))
    raised_by: str | None = column("name", "A disruption that makes this one likelier to begin while it is active; it may stand for a mere event, such as a tension.", default=None, refers=("Disruptions.disruption",))
    raised_probability: float | None = share("Chance that it begins within a year while raised_by is active, in place of annual_probability.", default=None)

    def strikes(self, offer: Offer) -> bool:
        """Return whether each non-blank filter contains the offer's value."""
        return (
            (not self.bloc or offer.bloc in self.bloc)
            and (not self.country or offer.country in self.country)
            and (not self.supplier or offer.supplier in self.supplier)
            and (not self.material or offer.material in self.material)
        )

    @property
    def harmless(self) -> bool:
        """Whether it does nothing by itself, and only stands for an event that others name."""
        unchanged = self.price_multiplier == self.spillover_price_multiplier == self.demand_multiplier == self.capacity_remaining == 1
        return unchanged and self.lead_time_added_months == 0

    def moves(self, material: str, use: str) -> bool:
        """Return whether demand_multiplier concerns the demand of a material and use."""
        return (not self.material or material in self.material) and (not self.use or use in self.use)

    def strikes_feedstock(self, offer: Offer) -> bool:
        """Return whether this strikes the place that the offer's feedstock comes from, but not the offer itself."""
        if self.supplier or self.strikes(offer) or not (offer.feedstock_bloc or offer.feedstock_country):
            return False
        return (
            (not self.bloc or offer.feedstock_bloc in self.bloc)
            and (not self.country or offer.feedstock_country in self.country)
            and (not self.material or offer.material in self.material)
        )


@dataclass(frozen=True, slots=True)
class Duty(Record):
    """A row of Duties. start, end: period numbers of `from` and `to` (both inclusive), None = open; an empty filter means any."""

    duty: str = column("name", "Its name; several rows of one name are a schedule.", example="Tariff on Chinese magnets")
    rate: float = column("share", "Share of the price that is paid on what crosses the border.", "share of the price", low=0, percent_decimals=1, example=0.25)
    bloc: tuple[str, ...] = column("choices", "Blocs of the offers; blank = any.", default=None, choices=BLOCS, example="chinese")
    country: tuple[str, ...] = column("names", "Countries of the offers; blank = any.", default=None, refers=("Suppliers.country",))
    supplier: tuple[str, ...] = column("names", "Suppliers; blank = any.", default=None, refers=("Suppliers.supplier",))
    material: tuple[str, ...] = column("names", "Materials; blank = any.", default=None, refers=("Materials.material",))
    start: int | None = column("date", "First period; blank = the first of the horizon.", name="from", default=None)
    end: int | None = column("last_date", "Last period; blank = the last of the horizon.", name="to", default=None)
    while_active: str | None = column("name", "The duty is due only while this disruption is active; blank = no condition.", default=None, refers=("Disruptions.disruption",))
    unless_active: str | None = column("name", "The duty is not due while this disruption is active; blank = no condition.", default=None, refers=("Disruptions.disruption",))

    def matches(self, offer: Offer) -> bool:
        """Return whether each non-blank filter contains the offer's value."""
        return (
            (not self.bloc or offer.bloc in self.bloc)
            and (not self.country or offer.country in self.country)
            and (not self.supplier or offer.supplier in self.supplier)
            and (not self.material or offer.material in self.material)
        )

    def in_force(self, t: int, active: Collection[str]) -> bool:
        """Return whether it is due in period t while the disruptions of these names are active."""
        return _in_force(self, t, active)


@dataclass(frozen=True, slots=True)
class OriginRule(Record):
    """A row of Origin rules. start, end: period numbers of `from` and `to` (both inclusive), None = open; an empty filter means any."""

    rule: str = column("name", "Its name; several rows of one name are a schedule.", example="Defence rule on magnets")
    material: tuple[str, ...] = column("names", "Materials; blank = any.", default=None, refers=("Materials.material",))
    use: tuple[str, ...] = column("names", "Uses; blank = any.", default=None, refers=("Demand.use",))
    allowed_origins: tuple[str, ...] = column("choices", "Origins that the use may draw while the rule is in force.", choices=BLOCS, example="allied, onshored")
    start: int | None = column("date", "First period; blank = the first of the horizon.", name="from", default=None)
    end: int | None = column("last_date", "Last period; blank = the last of the horizon.", name="to", default=None)
    while_active: str | None = column("name", "The rule is in force only while this disruption is active; blank = no condition.", default=None, refers=("Disruptions.disruption",))
    unless_active: str | None = column("name", "The rule is not in force while this disruption is active; blank = no condition.", default=None, refers=("Disruptions.disruption",))

    def concerns(self, material: str, use: str) -> bool:
        """Return whether it speaks of a material and use."""
        return (not self.material or material in self.material) and (not self.use or use in self.use)

    def in_force(self, t: int, active: Collection[str]) -> bool:
        """Return whether it is in force in period t while the disruptions of these names are active."""
        return _in_force(self, t, active)


def _in_force(row: Duty | OriginRule, t: int, active: Collection[str]) -> bool:
    """Return whether a row's dates hold period t, its while_active is active and its unless_active is not."""
    return (
        (row.start is None or t >= row.start)
        and (row.end is None or t <= row.end)
        and (row.while_active is None or row.while_active in active)
        and (row.unless_active is None or row.unless_active not in active)
    )


@dataclass(frozen=True, slots=True)
class ScenarioRow(Record):
    """A row of Scenarios. disruption None: nothing happens in this scenario. starts: period number."""

    scenario: str = column("name", "Its name.", example="Ban returns")
    probability: float = share("Its probability, equal on each of its rows.", above=True, example=0.2)
    disruption: str | None = column("name", "What happens; blank = nothing, allowed only where the scenario has a single row.", default=None, refers=("Disruptions.disruption",), example="Export licences tightened")
    starts: int | None = column("date", "The period in which it begins.", default=None, example="2027-Q3")
    duration_months: float | None = column("number", "How long it lasts.", "months", default=None, low=0, above=True, example=6)


@dataclass(frozen=True, slots=True)
class BudgetRow(Record):
    """A row of Budget. beyond: whether it counts the periods of its fiscal year beyond the horizon alone, or those within it alone; None = all of them."""

    fiscal_year: int = column("year", "The fiscal year.", example=2027)
    amount: float = amount("What may be spent inside it.", MONEY, example=1234567)
    category: str = column("choice", "What counts.", default="all", choices=("all", *CATEGORIES))
    material: tuple[str, ...] = column("names", "Materials whose purchases and storage count; blank = everything.", default=None, refers=("Materials.material",))
    carry_over: float = share("Share of what is not spent that is added to the next fiscal year's row of the same category and materials.", default=0)

    beyond: bool | None = field(default=None, kw_only=True)

    @property
    def scope(self) -> tuple[str, frozenset[str]]:
        """Return what counts: the category, and the set of materials."""
        return self.category, frozenset(self.material)


@dataclass(frozen=True, slots=True)
class Limit(Record):
    """A row of Limits. start, end: period numbers of `from` and `to` (both inclusive), None = open."""

    limit: str = column("name", "Its name.", example="Chinese share")
    measure: str = column("choice", "What is bounded.", choices=tuple(MEASURES), example="purchase_share")
    material: tuple[str, ...] = column("names", "Materials; blank = each.", default=None, refers=("Materials.material",))
    bloc: tuple[str, ...] = column("choices", "Blocs of the offers; blank = any.", default=None, choices=BLOCS, example="chinese")
    country: tuple[str, ...] = column("names", "Countries of the offers; blank = any.", default=None, refers=("Suppliers.country",))
    supplier: tuple[str, ...] = column("names", "Suppliers; blank = any.", default=None, refers=("Suppliers.supplier",))
    origin: tuple[str, ...] = column("choices", "Origins of what is delivered or held; blank = any.", default=None, choices=BLOCS)
    use: tuple[str, ...] = column("names", "Uses, for stock_cover_days; blank = any.", default=None, refers=("Demand.use",))
    minimum: float | None = column("share", "Lower limit; blank = none.", "as the measure", default=None, low=0)
    maximum: float | None = column("share", "Upper limit; blank = none.", "as the measure", default=None, low=0, example=0.65)
    start: int | None = column("date", "First period; blank = the first of the horizon.", name="from", default=None)
    end: int | None = column("last_date", "Last period; blank = the last of the horizon.", name="to", default=None)
    penalty: float | None = amount("Paid per unit of material short of or over the limit; blank = the limit is hard.", PER_UNIT, default=None, example=200)
    holds: str | None = column("choice", "Where a limit on stock, or of purchase_to_demand, holds; blank = 'unless released' for a minimum of stock, 'everywhere' for any other.", default=None, choices=HOLDS)
    released_by: tuple[str, ...] = column("names", "Disruptions that release the minimum; blank = every one that strikes the material's supply.", default=None, refers=("Disruptions.disruption",))
    refill_months: float | None = amount("How long after a release the minimum need not hold again; blank = 12.", "months", default=None)

    @property
    def holding(self) -> str:
        """Return where the limit holds: one of HOLDS."""
        return self.holds or ("unless released" if self.measure in STOCK_MEASURES and self.minimum is not None else "everywhere")

    @property
    def months_of_refilling(self) -> float:
        """Return how long after a release the minimum need not hold again."""
        return 12.0 if self.refill_months is None else self.refill_months

    def covers(self, t: int) -> bool:
        """Return whether period t lies within from..to."""
        return (self.start is None or t >= self.start) and (self.end is None or t <= self.end)

    def matches(self, offer: Offer) -> bool:
        """Return whether the offer passes every filter but the origin, which is that of what it delivers."""
        return (
            (not self.material or offer.material in self.material)
            and (not self.bloc or offer.bloc in self.bloc)
            and (not self.country or offer.country in self.country)
            and (not self.supplier or offer.supplier in self.supplier)
        )
