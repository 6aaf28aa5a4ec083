"""The rules whose breach is a warning: what is legal but suspicious. Each docstring is the planner's message.

They look at a whole case, in which no error was found, in ordinary times: what disruptions do to prices is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from optimizer.calendar import Calendar
from optimizer.case import BLOCS, Case, Limit, Offer, Project
from optimizer.errors import Problem
from optimizer.workbook.cells import listed
from optimizer.workbook.checks import growing
from optimizer.workbook.rules import Book, Finding, at, problems_of

Findings = Iterator[Finding]


def find_warnings(case: Case, book: Book) -> list[Problem]:
    """Everything suspicious in a case."""
    return [problem for rule in RULES for problem in problems_of(rule, "warning", book, case)]


# -- prices ----------------------------------------------------------------------------------------------------------------


def salvage_above_price(book: Book, case: Case) -> Findings:
    """salvage_value {salvage} of {material} is above its cheapest price, {price}. Expected less than it costs: else buying and
    keeping it pays. Lower salvage_value."""
    cheapest = cheapest_prices(case)
    for row in case.materials:
        price = cheapest.get(row.material)
        if price is not None and row.salvage_value > price:
            yield at("Materials", row.row, "salvage_value", material=row.material, salvage=row.salvage_value, price=price)


def shortage_below_price(book: Book, case: Case) -> Findings:
    """shortage_cost {shortage} of {material} for {use} is below its cheapest price, {price}. Expected more: else nothing need be
    bought for it. Raise shortage_cost to what a missing unit really costs."""
    cheapest = cheapest_prices(case)
    for row in case.demand:
        price = cheapest.get(row.material)
        if price is not None and row.shortage_cost < price:
            facts = {"shortage": row.shortage_cost, "material": row.material, "use": row.use, "price": price}
            yield at("Demand", row.row, "shortage_cost", **facts)


def cheapest_prices(case: Case) -> dict[str, float]:
    """Material -> the least that a unit costs in any period, its inputs included; without what no offer sells in the horizon."""
    found: dict[str, float | None] = {}
    offers: dict[str, list[Offer]] = {}
    for offer in case.offers:
        offers.setdefault(offer.material, []).append(offer)

    def cheapest(material: str) -> float | None:
        if material not in found:
            prices = [_offer_price(case.calendar, offer, cheapest) for offer in offers.get(material, ())]
            found[material] = min((price for price in prices if price is not None), default=None)
        return found[material]

    for row in case.materials:
        cheapest(row.material)
    return {material: price for material, price in found.items() if price is not None}


def _offer_price(calendar: Calendar, offer: Offer, cheapest: Callable[[str], float | None]) -> float | None:
    """The least that a unit of an offer costs in any period from which it is available; None if there is none."""
    first, last = max(0, offer.available_from or 0), calendar.periods - 1
    own: list[float] = []
    for t in (first, last) if first <= last else ():  # a price grows or falls steadily: it is least at one end
        years = t * calendar.years
        spot = growing(offer.price, offer.price_growth, years)
        if offer.sold_spot:
            own.append(spot)
        if offer.contractable:
            fixed = growing(offer.contract_price, offer.contract_price_growth, years)
            price = spot * offer.contract_price / offer.price if offer.contract_pricing == "indexed" else fixed
            floor, ceiling = offer.price_floor, offer.price_ceiling
            own.append(min(max(price, floor if floor is not None else price), ceiling if ceiling is not None else float("inf")))
    if not own:
        return None
    if offer.input_material is None:
        return min(own)
    input_price = cheapest(offer.input_material)
    return None if input_price is None else min(own) + offer.input_per_unit * input_price


def steep_growth(book: Book, case: Case) -> Findings:
    """{column} is {rate}, which is {percent}% per year. Expected a rate such as 5% (0.05). Correct it unless it is meant so."""
    rates = [("Settings", 0, "discount_rate", case.settings.discount_rate)]
    rates += [("Demand", row.row, "annual_growth", row.annual_growth) for row in case.demand]
    for offer in case.offers:
        rates += [("Suppliers", offer.row, name, getattr(offer, name)) for name in ("price_growth", "contract_price_growth")]
    for sheet, row, column, rate in rates:
        if rate >= 1:
            yield at(sheet, row, column, column=column, rate=rate, percent=100 * rate)


# -- offers and demand -----------------------------------------------------------------------------------------------------


def demand_without_offer(book: Book, case: Case) -> Findings:
    """{material} has demand, but nobody offers it. Expected a row for it on Suppliers. Add an offer, or check the material's name."""
    offered = {offer.material for offer in case.offers}
    seen: set[str] = set()
    for row in case.demand:
        if row.material not in offered | seen:
            seen.add(row.material)
            yield at("Demand", row.row, "material", material=row.material)


def offer_without_use(book: Book, case: Case) -> Findings:
    """No use may take what {offer} delivers ({origins}). Expected a demand that allows its origin, or an offer that converts it.
    Check allowed_origins on Demand."""
    origins = _origins(case)
    inputs = {offer.input_material for offer in case.offers}
    # A list of allowed origins binds from a period on: what any period allows, the first or the last one does.
    ends = (0, case.settings.periods - 1)
    allowed = {(row.material, origin) for row in case.demand for origin in BLOCS if any(row.allows(origin, t) for t in ends)}
    for offer in case.offers:
        delivered = _delivered(offer, origins)
        taken = any((offer.material, origin) in allowed for origin in delivered)
        if not taken and offer.material not in inputs:
            yield at("Suppliers", offer.row, "material", offer=offer.name, origins=" or ".join(delivered) or "nothing")


def _origins(case: Case) -> dict[str, list[str]]:
    """Material -> the origins that any of it can have: of stock, open orders and deliveries."""
    found: dict[str, list[str]] = {row.material: [] for row in case.materials}

    def add(material: str, origins: list[str]) -> bool:
        before = found[material]
        found[material] = [origin for origin in BLOCS if origin in before or origin in origins]
        return found[material] != before

    for item in case.inventory:
        add(item.material, [item.origin])
    # What is made from others gets their origins, one step of processing in each round, until a round adds nothing.
    while any([add(offer.material, _delivered(offer, found)) for offer in case.offers]):
        pass
    return found


def _delivered(offer: Offer, origins: dict[str, list[str]]) -> list[str]:
    inputs = origins[offer.input_material] if offer.input_material else [offer.origin]
    delivered = {offer.delivers(origin) for origin in inputs}
    return [origin for origin in BLOCS if origin in delivered]


def free_option(book: Book, case: Case) -> Findings:
    """The contract with {offer} has neither take_or_pay nor reservation_price, so it costs nothing to sign. Expected one of them.
    Give what the supplier asks for holding the quantity."""
    for offer in case.offers:
        if offer.contractable and offer.take_or_pay == 0 and offer.reservation_price == 0:
            yield at("Suppliers", offer.row, "terms", offer=offer.name)


def minimum_over_capacity(book: Book, case: Case) -> Findings:
    """{column} {minimum} is above what {offer} can deliver, {capacity} per {span}, which rules it out. Expected at most that.
    Lower the minimum, or delete the offer."""
    years, period = case.calendar.years, case.settings.period
    for offer in case.offers:
        capacity = offer.capacity_per_year if offer.contractable else min(offer.capacity_per_year, offer.spot_limit_per_year)
        if offer.contractable and offer.minimum_contract > offer.capacity_per_year:
            facts = {"minimum": offer.minimum_contract, "capacity": offer.capacity_per_year, "span": "year"}
            yield at("Suppliers", offer.row, "minimum_contract", column="minimum_contract", offer=offer.name, **facts)
        if offer.minimum_order > capacity * years * (1 + 1e-9):
            facts = {"minimum": offer.minimum_order, "capacity": capacity * years, "span": period}
            yield at("Suppliers", offer.row, "minimum_order", column="minimum_order", offer=offer.name, **facts)


def without_effect(book: Book, case: Case) -> Findings:
    """{column} has no effect, because {partner} is blank. Expected both or neither. Fill in {partner}, or clear {column}."""
    for offer in case.offers:
        if offer.input_per_unit is not None and offer.input_material is None:
            yield at("Suppliers", offer.row, "input_per_unit", column="input_per_unit", partner="input_material")
        if offer.feedstock_dependence > 0 and not (offer.feedstock_bloc or offer.feedstock_country):
            yield at("Suppliers", offer.row, "feedstock_dependence", column="feedstock_dependence", partner="feedstock_bloc")
    for row in case.demand:
        if row.allowed_origins_from is not None and not row.allowed_origins:
            yield at("Demand", row.row, "allowed_origins_from", column="allowed_origins_from", partner="allowed_origins")


# -- disruptions -----------------------------------------------------------------------------------------------------------


def strikes_nothing(book: Book, case: Case) -> Findings:
    """{disruption} strikes no offer, no feedstock and no demand. Expected filters that some offer passes together. Check its bloc,
    country, supplier and material."""
    for row in case.disruptions:
        struck = any(row.strikes(offer) or row.strikes_feedstock(offer) for offer in case.offers)
        moves = row.demand_multiplier != 1 and any(not row.material or need.material in row.material for need in case.demand)
        if not struck and not moves:
            yield at("Disruptions", row.row, "disruption", disruption=row.disruption)


def hard_minimum_can_fail(book: Book, case: Case) -> Findings:
    """The hard minimum of {limit} rests on offers that can all be struck, or on none, for {materials}: {outcome}. Expected a penalty
    on such a minimum. Fill in penalty."""
    for limit in case.limits:
        if limit.measure not in ("purchase_share", "purchase_to_demand") or not limit.minimum or limit.penalty is not None:
            continue
        if not any(limit.covers(t) for t in range(case.settings.periods)):
            continue
        outcome = "then nothing may be bought at all" if limit.measure == "purchase_share" else "then no plan can keep it"
        if materials := _exposed(case, limit):
            yield at("Limits", limit.row, "minimum", materials=", ".join(materials), limit=limit.limit, outcome=outcome)


def _exposed(case: Case, limit: Limit) -> list[str]:
    """The materials of a limit of which every matched offer, if there is any, can be struck."""
    hits = [row for row in case.disruptions if row.capacity_remaining < 1]
    origins, result = _origins(case), []
    for material in dict.fromkeys(offer.material for offer in case.offers if not limit.material or offer.material in limit.material):
        matched = [
            offer for offer in case.offers if offer.material == material and limit.matches(offer)
            and (not limit.origin or set(limit.origin) & set(_delivered(offer, origins)))
        ]
        if all(any(row.strikes(o) or (row.strikes_feedstock(o) and o.feedstock_dependence > 0) for row in hits) for o in matched):
            result.append(material)
    return result


def active_beside_listed(book: Book, case: Case) -> Findings:
    """active_now of {disruption} is not read, because the scenarios are listed. Expected a scenario row that begins in the first
    period. List it there, or clear active_now."""
    for row in case.disruptions if _are_listed(case) else ():
        if row.active_now:
            yield at("Disruptions", row.row, "active_now", disruption=row.disruption)


def _are_listed(case: Case) -> bool:
    """Whether the scenarios are those of the sheet: then that alone says when disruptions begin and how long they last."""
    return case.settings.scenario_method == "listed" or (case.settings.scenario_method == "auto" and bool(case.scenarios))


# -- time ------------------------------------------------------------------------------------------------------------------


def begins_after_horizon(book: Book, case: Case) -> Findings:
    """{column} lies after the horizon, which ends with {last}, so it has no effect. Expected a date before that. Correct it, or
    lengthen the horizon."""
    dated = [
        ("Inventory", "arrives", "arrives", case.inventory), ("Suppliers", "available_from", "available_from", case.offers),
        ("Demand", "allowed_origins_from", "allowed_origins_from", case.demand), ("Limits", "from", "start", case.limits),
        ("Projects", "earliest_start", "earliest_start", case.projects),
        ("Scenarios", "starts", "starts", case.scenarios) if _are_listed(case)
        else ("Disruptions", "decision_date", "decision_date", case.disruptions),
    ]
    calendar = case.calendar
    for sheet, column, attribute, records in dated:
        for row in records:
            t = getattr(row, attribute)
            if t is not None and t >= calendar.periods:
                yield at(sheet, row.row, column, column=column, last=calendar.label(calendar.periods - 1))


def over_before_horizon(book: Book, case: Case) -> Findings:
    """{disruption} is over before the horizon begins, so it has no effect. Expected an end inside it. Correct starts or
    duration_months."""
    for row in case.scenarios if _are_listed(case) else ():
        if row.starts is not None and row.starts + case.calendar.periods_of(row.duration_months) <= 0:
            yield at("Scenarios", row.row, "starts", disruption=row.disruption)


def limit_without_period(book: Book, case: Case) -> Findings:
    """{limit} holds in no period: it ends before {what}. Expected from and to with a period between them. Correct to."""
    for row in case.limits:
        if row.end is not None and row.end < max(row.start or 0, 0):
            yield at("Limits", row.row, "to", limit=row.limit, what="the horizon" if row.end < 0 else "it begins")


def minimum_above_maximum(book: Book, case: Case) -> Findings:
    """minimum {low} of {limit} is above its maximum {high}. Expected a minimum of at most the maximum. Exchange or correct them."""
    for row in case.limits:
        if row.minimum is not None and row.maximum is not None and row.minimum > row.maximum:
            yield at("Limits", row.row, "minimum", limit=row.limit, low=row.minimum, high=row.maximum)


def lead_past_horizon(book: Book, case: Case) -> Findings:
    """{name} takes {months} months: what starts as early as it can is ready after the horizon. Expected a lead time that ends inside
    it. Correct lead_time_months, or lengthen the horizon."""
    calendar = case.calendar
    for offer in case.offers:
        first = max(0, offer.available_from or 0)
        if first < calendar.periods <= first + calendar.periods_of(offer.lead_time_months):
            yield at("Suppliers", offer.row, "lead_time_months", name=offer.name, months=offer.lead_time_months)
    for project in case.projects:
        starts = _starts(calendar, project)
        if starts and starts[0] + calendar.periods_of(project.lead_time_months) >= calendar.periods:
            yield at("Projects", project.row, "lead_time_months", name=project.project, months=project.lead_time_months)


def no_possible_start(book: Book, case: Case) -> Findings:
    """{project} cannot start: its window holds no first period of the horizon or of a fiscal year. Expected one of {starts}. Correct
    earliest_start or latest_start."""
    calendar = case.calendar
    for row in case.projects:
        if not _starts(calendar, row):
            starts = ", ".join(calendar.label(t) for t in range(calendar.periods) if calendar.opens_year(t))
            column = "earliest_start" if row.latest_start is None else "latest_start"
            yield at("Projects", row.row, column, project=row.project, starts=starts)


def _starts(calendar: Calendar, project: Project) -> list[int]:
    """The periods in which a project may start."""
    early, late = project.earliest_start or 0, project.latest_start
    return [t for t in range(calendar.periods) if calendar.opens_year(t) and t >= early and (late is None or t <= late)]


def shorter_than_period(book: Book, case: Case) -> Findings:
    """{column} is shorter than a period ({period} months) in {rows}, so it counts as a whole one. Expected at least a period, or 0
    for a lead time. Choose shorter periods if it matters."""
    months = case.calendar.months
    timed = [
        ("Suppliers", "lead_time_months", case.offers), ("Projects", "lead_time_months", case.projects),
        ("Scenarios", "duration_months", case.scenarios) if _are_listed(case)
        else ("Disruptions", "mean_duration_months", case.disruptions),
    ]
    for sheet, column, records in timed:
        rows = [row.row for row in records if 0 < (getattr(row, column) or 0) < months]
        if rows:
            yield at(sheet, rows[0], column, column=column, period=months, rows=f"row{'s' if rows[1:] else ''} {listed(rows)}")


def budget_outside_horizon(book: Book, case: Case) -> Findings:
    """The fiscal year {year} does not touch the horizon, so its budget has no effect. Expected one of {years}. Correct the year, or
    delete the row."""
    years = case.calendar.fiscal_years
    for row in case.budget:
        if row.fiscal_year not in years:
            yield at("Budget", row.row, "fiscal_year", year=str(row.fiscal_year), years=", ".join(map(str, years)))


RULES = (
    salvage_above_price, shortage_below_price, steep_growth, demand_without_offer, offer_without_use, free_option,
    minimum_over_capacity, without_effect, strikes_nothing, hard_minimum_can_fail, active_beside_listed, begins_after_horizon,
    over_before_horizon, limit_without_period, minimum_above_maximum, lead_past_horizon, no_possible_start, shorter_than_period,
    budget_outside_horizon,
)
