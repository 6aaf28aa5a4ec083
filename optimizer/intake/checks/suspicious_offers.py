"""Warnings on prices, offers, demand and projects. Each docstring is the planner's message."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.case import BLOCS, Case
from optimizer.errors import AddColumn, Repair
from optimizer.intake.cells.parse import is_blank
from optimizer.intake.checks.rules import ROUNDING, Finding, WorkbookRead, at
from optimizer.intake.checks.supply import cheapest_prices, delivered_by, origins_of

Findings = Iterator[Finding]

CONTRACT_COLUMNS = (
    "contract_price",
    "contract_price_growth",
    "contract_pricing",
    "price_floor",
    "price_ceiling",
    "reservation_price",
    "take_or_pay",
    "minimum_contract",
)
"""What says something of a contract only."""


def salvage_above_price(book: WorkbookRead, case: Case) -> Findings:
    """salvage_value {salvage} of {material} is above its cheapest price, {price}. Expected less than it costs: else buying and
    keeping it pays. Lower salvage_value."""
    cheapest = cheapest_prices(case)
    for row in case.materials:
        price = cheapest.get(row.material)
        if price is not None and row.salvage_value > price:
            yield at("Materials", row.row, "salvage_value", material=row.material, salvage=row.salvage_value, price=price)


def sale_above_price(book: WorkbookRead, case: Case) -> Findings:
    """sale_price {sale} of {material} is above its cheapest price, {price}. Expected less than it costs: else it is bought to be sold. Lower
    sale_price."""
    cheapest = cheapest_prices(case)
    for row in case.materials:
        price = cheapest.get(row.material)
        if price is not None and row.sale_price is not None and row.sale_price > price:
            yield at("Materials", row.row, "sale_price", material=row.material, sale=row.sale_price, price=price)


def shortage_below_price(book: WorkbookRead, case: Case) -> Findings:
    """shortage_cost {shortage} of {material} for {use} is below its cheapest price, {price}. Expected more: else nothing need be
    bought for it. Raise shortage_cost to what a missing unit really costs."""
    cheapest = cheapest_prices(case)
    for row in case.demand:
        price = cheapest.get(row.material)
        if price is not None and row.shortage_cost < price:
            facts = {"shortage": row.shortage_cost, "material": row.material, "use": row.use, "price": price}
            yield at("Demand", row.row, "shortage_cost", **facts)


def steep_growth(book: WorkbookRead, case: Case) -> Findings:
    """{column} is {rate}, which is {percent}% per year. Expected a rate such as 5% (0.05). Correct it unless it is meant so."""
    rates = [("Settings", 0, "discount_rate", case.settings.discount_rate)]
    rates += [("Demand", row.row, "annual_growth", row.annual_growth) for row in case.demand]
    for offer in case.offers:
        rates += [("Suppliers", offer.row, name, getattr(offer, name)) for name in ("price_growth", "contract_price_growth")]
    for sheet, row, column, rate in rates:
        if rate >= 1:
            yield at(sheet, row, column, column=column, rate=rate, percent=100 * rate)


def demand_without_offer(book: WorkbookRead, case: Case) -> Findings:
    """{material} has demand, but nobody offers it. Expected a row for it on Suppliers. Add an offer, or check the material's name."""
    offered = {offer.material for offer in case.offers}
    seen: set[str] = set()
    for row in case.demand:
        if row.material not in offered | seen:
            seen.add(row.material)
            yield at("Demand", row.row, "material", material=row.material)


def offer_without_use(book: WorkbookRead, case: Case) -> Findings:
    """No use may take what {offer} delivers ({origins}). Expected a demand that allows its origin, or an offer that converts it.
    Check allowed_origins on Demand."""
    origins = origins_of(case)
    inputs = {name for needed in case.inputs_of_offers() for name, _ in needed}
    # A list of allowed origins binds from a period on: what any period allows, the first or the last one does.
    ends = (0, case.settings.periods - 1)
    allowed = {(row.material, origin) for row in case.demand for origin in BLOCS if any(row.allows(origin, t) for t in ends)}
    # What a use may draw of its material it may take of a substitute, too.
    replacing = {(row.material, row.use, row.substitute) for row in case.substitutes}
    allowed |= {
        (taken, origin)
        for row in case.demand
        for material, use, taken in replacing
        if (material, use) == (row.material, row.use) and taken
        for origin in BLOCS
        if any(row.allows(origin, t) for t in ends)
    }
    for offer, needed in zip(case.offers, case.inputs_of_offers()):
        delivered = delivered_by(offer, needed, origins)
        taken = any((offer.material, origin) in allowed for origin in delivered)
        if not taken and offer.material not in inputs:
            yield at("Suppliers", offer.row, "material", offer=offer.name, origins=" or ".join(delivered) or "nothing")


def free_option(book: WorkbookRead, case: Case) -> Findings:
    """The contract with {offer} has neither take_or_pay nor reservation_price, so it costs nothing to sign. Expected one of them.
    Give what the supplier asks for holding the quantity."""
    for offer in case.offers:
        if offer.contractable and offer.take_or_pay == 0 and offer.reservation_price == 0:
            yield at("Suppliers", offer.row, "terms", offer=offer.name)


def minimum_over_capacity(book: WorkbookRead, case: Case) -> Findings:
    """{column} {minimum} is above what {offer} can deliver, {capacity} per {span}, so that it can never be met. Expected at most that.
    Lower the minimum, or delete the offer."""
    years, period = case.calendar.years, case.settings.period
    for schedule in case.schedules:
        offer, periods = schedule.offer, range(case.settings.periods)
        capacity = max(schedule.deliverable(t) for t in schedule.turns(periods))
        largest = schedule.largest_capacity(filter(offer.live, periods))
        if offer.contractable and offer.minimum_contract > largest and any(map(offer.live, periods)):
            facts = {"minimum": offer.minimum_contract, "capacity": largest, "span": "year"}
            yield at("Suppliers", offer.row, "minimum_contract", column="minimum_contract", offer=offer.name, **facts)
        if offer.minimum_order > capacity * years * (1 + ROUNDING):
            facts = {"minimum": offer.minimum_order, "capacity": capacity * years, "span": period}
            yield at("Suppliers", offer.row, "minimum_order", column="minimum_order", offer=offer.name, **facts)


def without_effect(book: WorkbookRead, case: Case) -> Findings:
    """{column} has no effect, because {partner} is blank. Expected both or neither. Fill in {partner}, or clear {column}."""
    for offer in case.offers:
        if offer.input_per_unit is not None and offer.input_material is None:
            yield at("Suppliers", offer.row, "input_per_unit", column="input_per_unit", partner="input_material")
        if offer.feedstock_dependence > 0 and not (offer.feedstock_bloc or offer.feedstock_country):
            yield at("Suppliers", offer.row, "feedstock_dependence", column="feedstock_dependence", partner="feedstock_bloc")
        if offer.feedstock_dependence == 0 and (offer.feedstock_bloc or offer.feedstock_country):
            column = "feedstock_bloc" if offer.feedstock_bloc else "feedstock_country"
            yield at("Suppliers", offer.row, column, column=column, partner="feedstock_dependence")
    for replacing in case.substitutes:
        if replacing.units_per_unit is not None and replacing.substitute is None:
            yield at("Substitutes", replacing.row, "units_per_unit", column="units_per_unit", partner="substitute")
    for row in case.demand:
        if row.allowed_origins_from is not None and not row.allowed_origins:
            yield at("Demand", row.row, "allowed_origins_from", column="allowed_origins_from", partner="allowed_origins")


def contract_columns_on_spot(book: WorkbookRead, case: Case) -> Findings:
    """{columns} of {offer} can only count in a contract, but terms is spot. Expected terms contract or both, or blank cells. Set terms
    to both, or clear what is meant for a contract."""
    table = book.tables["Suppliers"]
    there = {name: table.sheet.column(name).default for name in CONTRACT_COLUMNS if name in table.positions}
    for offer in case.offers if there else ():
        if offer.contractable:
            continue
        row = table.row(offer.row)
        filled = [name for name, default in there.items() if not is_blank(row.raw.get(name)) and row[name] != default]
        if filled:
            columns = " and ".join([", ".join(filled[:-1]), filled[-1]] if filled[1:] else filled)
            yield at("Suppliers", offer.row, filled[0], _contract_or_none(book, offer.row), columns=columns, offer=offer.name)


def _contract_or_none(book: WorkbookRead, row: int) -> Iterator[Repair]:
    """Yield the two ways to settle what contract columns mean for a spot offer: it sells under contract too, or they are blank."""
    table, words = book.tables["Suppliers"], "Set terms to both"
    if "terms" in table.positions:
        yield from book.set_cells(words, "Suppliers", {(row, "terms"): "both"})
    else:
        yield AddColumn(words, "terms", ((row, "both"),))
    there = [name for name in CONTRACT_COLUMNS if name in table.positions]
    yield from book.set_cells("Clear what is meant for a contract", "Suppliers", {(row, name): None for name in there})


def project_without_offer(book: WorkbookRead, case: Case) -> Findings:
    """No offer needs {project}, so it is never started. Expected its name in the column project of an offer on Suppliers. Enter it there
    for the offers that wait for it, or delete the row."""
    used = {offer.project for offer in case.offers} | {row.project for row in case.substitutes}
    for project in case.projects:
        if project.project not in used:
            yield at("Projects", project.row, "project", project=project.project)


def plant_in_several_places(book: WorkbookRead, case: Case) -> Findings:
    """The offers of the plant {plant} are of several {what}: {places}. Expected one place a plant. Check the names, or make a plant of each."""
    for plant in case.plants:
        mine = [offer for offer in case.offers if offer.plant == plant.plant]
        if len({(offer.supplier, offer.material) for offer in mine}) == 1 and all(offer.country and offer.country == offer.offer for offer in mine):
            continue  # one quantity of a trader, from any of the countries by which its offers are named
        for what, places in (("blocs", {offer.bloc for offer in mine}), ("countries", {offer.country for offer in mine if offer.country})):
            if len(places) > 1:
                yield at("Plants", plant.row, "plant", plant=plant.plant, what=what, places=", ".join(sorted(places)))
                break


def contract_never_live(book: WorkbookRead, case: Case) -> Findings:
    """The contract of {offer} runs in no period of the horizon, so that nothing can be called off under it. Expected dates that overlap the
    horizon. Correct contract_from and contract_to."""
    for offer in case.offers:
        if offer.contractable and not any(offer.live(t) for t in range(case.settings.periods)):
            column = "contract_from" if offer.contract_from is not None else "contract_to"
            yield at("Suppliers", offer.row, column, offer=offer.name)


RULES = (
    contract_never_live,
    plant_in_several_places,
    salvage_above_price,
    sale_above_price,
    shortage_below_price,
    steep_growth,
    demand_without_offer,
    offer_without_use,
    free_option,
    minimum_over_capacity,
    without_effect,
    contract_columns_on_spot,
    project_without_offer,
)
