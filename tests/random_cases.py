"""Small random cases in which every feature of the workbook occurs now and then, to compare programs on.

`random_case(seed)` is valid as a workbook, the same for a seed for ever, and small enough to be solved to optimality in
well under a second: at most MOST_SCENARIOS scenarios. Most cases have a plan. random_features.py names what a case holds.

Each cell is drawn from a stream of random numbers of its own, named after its sheet, row and column: a column that is drawn
in addition leaves all others as they were. Draw a new column where its record is made: `at.maybe("column", 0.3, lambda s: s.between(1, 9))`.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from dataclasses import replace
from typing import Any

from random_streams import Draw
from written_out import steps

from optimizer.case import (
    BLOCS,
    BudgetRow,
    Case,
    Demand,
    Disruption,
    Duty,
    InputRow,
    Limit,
    Material,
    Offer,
    OfferChange,
    OriginRule,
    Plant,
    Project,
    ScenarioRow,
    Settings,
    StockItem,
    Substitute,
)
from optimizer.schema.choices import HELD_MEASURES, HOLDS, STOCK_MEASURES

MOST_SCENARIOS = 60
USES = ("defense", "commercial", "spares")
COUNTRIES = {"chinese": ("China",), "other": ("Chile", "Ghana"), "allied": ("Japan", "Norway"), "onshored": ("Home",)}


MORE = float(os.environ.get("RANDOM_CASES", "1"))
"""How many times as many seeds as usual are looked at where a test asks for `seeds`: what CI has no time for, RANDOM_CASES=10 finds at a desk."""


def seeds(count: int) -> range:
    """Return the seeds that a test looks at, `count` of them as a rule; see MORE."""
    return range(round(count * MORE))


def random_case(seed: int) -> Case:
    """Return the case of a seed."""
    return case_of(Draw(seed))


def case_of(draw: Draw) -> Case:
    """Return the case that is drawn from some streams."""
    settings = draw_settings(draw.within("Settings"))
    materials = draw_materials(draw.within("Materials"))
    demand = draw_demand(draw.within("Demand"), settings, materials)
    projects = draw_projects(draw.within("Projects"), settings)
    offers = draw_offers(draw.within("Suppliers"), settings, materials, demand, projects)
    disruptions = draw_disruptions(draw.within("Disruptions"), settings, materials, offers)
    case = Case(settings, materials, demand, offers, disruptions, projects=projects)
    case = replace(case, scenarios=draw_scenarios(draw.within("Scenarios"), case))
    case = draw_method(draw.within("Settings"), smaller(draw.within("smaller"), case))
    case = replace(case, inventory=draw_inventory(draw.within("Inventory"), case))
    case = replace(case, projects=draw_waiting(draw.within("Projects"), case))
    case = draw_backup(draw.within("Backup"), case)
    case = replace(case, materials=draw_capacities(draw.within("Materials"), case))
    case = draw_inputs(draw.within("Inputs"), case)
    case = replace(case, origin_rules=draw_origin_rules(draw.within("Origin rules"), case))
    case = draw_plants(draw.within("Plants"), case)
    case = replace(case, substitutes=draw_substitutes(draw.within("Substitutes"), case))
    case = replace(case, duties=draw_duties(draw.within("Duties"), case))
    case = replace(case, offer_changes=draw_offer_changes(draw.within("Offer changes"), case))
    return replace(case, budget=draw_budget(draw.within("Budget"), case), limits=draw_limits(draw.within("Limits"), case))


def draw_origin_rules(draw: Draw, case: Case) -> tuple[OriginRule, ...]:
    """Draw rules of origin for about a third of the cases."""
    rows, events = [], [d.disruption for d in case.disruptions]
    for number in range(draw("rows").pick((0, 0, 0, 0, 1, 2))):
        at = draw.within(number)
        values = at.maybe("material", 0.3, lambda s: s.some([m.material for m in case.materials])) | at.maybe("use", 0.4, lambda s: s.some(USES))
        values |= draw_limit_periods(at, case.settings.periods)
        if events:
            values |= at.maybe("while_active", 0.4, lambda s: s.pick(events)) | at.maybe("unless_active", 0.2, lambda s: s.pick(events))
        rows.append(OriginRule(number + 2, "rule", allowed_origins=at("allowed_origins").some(BLOCS, 0.6), **values))
    return tuple(rows)


def draw_substitutes(draw: Draw, case: Case) -> tuple[Substitute, ...]:
    """Let some uses take another material in place of theirs, or less of it, in about half of the cases."""
    rows: list[Substitute] = []
    for number in range(draw("rows").pick((0, 0, 1, 1, 2, 3))):
        at = draw.within(number)
        need = at("material and use").pick(case.demand)
        others = [m.material for m in case.materials if m.material != need.material]
        values = at.maybe("cost", 0.6, lambda s, most=need.shortage_cost: round(most * s.between(0.02, 0.6), 2))
        values |= at.maybe("maximum_share", 0.7, lambda s: s.between(0.1, 0.9))
        if others and at("thrift").chance(0.75):
            values |= {"substitute": at("substitute").pick(others), "units_per_unit": at("units_per_unit").between(0.2, 1.6)}
        if case.projects:
            values |= at.maybe("project", 0.3, lambda s: s.pick(case.projects).project)
        values |= at.maybe("start", 0.3, lambda s: s.whole(-1, case.settings.periods))
        drawn = Substitute(len(rows) + 2, need.material, need.use, **values)
        if all(replace(drawn, row=row.row) != row for row in rows):
            rows.append(drawn)
    return tuple(rows)


def draw_plants(draw: Draw, case: Case) -> Case:
    """Let some offers share a plant, and some contracts be one of several, in some of the cases; all random materials have one unit."""
    offers = list(case.offers)
    shared = [s for s in range(len(offers)) if draw(f"shares {s}").chance(0.5)] if draw("plant").chance(0.3) else []
    if shared:
        capacity = round(sum(offers[s].capacity_per_year for s in shared) * draw("capacity_per_year").between(0.2, 0.9), 2)
        case = replace(case, plants=(Plant(2, "Works", capacity),))
        offers = [replace(offer, plant="Works") if s in shared else offer for s, offer in enumerate(offers)]
    if draw("choose_one").chance(0.4):
        offers = [
            replace(offer, choose_one="either", fixed_contract=None) if offer.terms == "contract" and draw(f"chosen {s}").chance(0.8) else offer
            for s, offer in enumerate(offers)
        ]
    return replace(case, offers=tuple(offers))


def draw_duties(draw: Draw, case: Case) -> tuple[Duty, ...]:
    """Draw duties for about a third of the cases: of some offers, for some time, while or unless something is active."""
    rows = []
    events = [d.disruption for d in case.disruptions]
    countries = sorted({offer.country for offer in case.offers if offer.country})
    for number in range(draw("rows").pick((0, 0, 0, 0, 1, 2))):
        at = draw.within(number)
        values = at.maybe("bloc", 0.4, lambda s: s.some(sorted({offer.bloc for offer in case.offers})))
        values |= at.maybe("supplier", 0.2, lambda s: s.some(sorted({offer.supplier for offer in case.offers})))
        values |= at.maybe("material", 0.3, lambda s: s.some([m.material for m in case.materials]))
        values |= at.maybe("country", 0.3, lambda s: s.some(countries)) if countries else {}
        values |= draw_limit_periods(at, case.settings.periods)
        if events:
            values |= at.maybe("while_active", 0.3, lambda s: s.pick(events)) | at.maybe("unless_active", 0.3, lambda s: s.pick(events))
        rows.append(Duty(number + 2, "tariff", at("rate").pick((0.025, 0.25, 1.45)), **values))
    return tuple(rows)


def draw_offer_changes(draw: Draw, case: Case) -> tuple[OfferChange, ...]:
    """Draw values of offers that change by date, for about half of the cases: prices and capacities that rise or fall, and capacities that end."""
    rows: list[OfferChange] = []
    for number in range(draw("rows").pick((0, 0, 0, 1, 2, 3, 4))):
        at = draw.within(number)
        offer, start = at("offer").pick(case.offers), at("from").whole(-2, case.settings.periods)
        if any((*offer.key, start) == (row.supplier, row.material, row.offer, row.start) for row in rows):
            continue
        price, capacity = offer.price or 2.0, offer.capacity_per_year  # a fee may be 0
        ends, limit, contract = at("capacity_per_year"), at("spot_limit_per_year"), at("contract_price")
        values = {
            "price": round(price * at("price").between(0.5, 1.6), 2),
            "capacity_per_year": 0.0 if ends.chance(0.15) else round(capacity * ends.between(0.4, 1.8), 1),
            "spot_limit_per_year": round(capacity * limit.between(0.1, 1.2), 1) if offer.sold_spot else None,
            "contract_price": round(price * contract.between(0.6, 1.3), 2) if offer.contractable else None,
        }
        chosen = at("columns").some([name for name, value in values.items() if value is not None], 0.45)
        supplier, material, name = offer.key
        rows.append(OfferChange(len(rows) + 2, supplier, material, start, offer=name, **{column: values[column] for column in chosen}))
    return tuple(rows)


def draw_settings(draw: Draw) -> Settings:
    period = draw("period").pick(("month", "quarter", "quarter", "year"))
    months = draw("fiscal_year_start_month")
    fiscal = months.pick((1, 1, 4, 7, 10, months.whole(1, 12)))
    start = draw("start")
    year, month = start.pick((2026, 2027)), {"month": start.whole(1, 12), "quarter": start.pick((1, 4, 7, 10)), "year": fiscal}[period]
    return Settings(
        start=dt.date(year, month, 1),
        periods=draw("periods").whole(2, 5),
        title="random",
        period=period,
        fiscal_year_start_month=fiscal,
        discount_rate=draw("discount_rate").pick((0.0, 0.05, 0.12)),
        risk_weight=draw("risk_weight").pick((0.0, 0.3, 0.3, 0.3, 1.0)),
        cvar_level=draw("cvar_level").pick((0.0, 0.5, 0.5, 0.9, 0.9)),
        scenario_method="exact",
        mip_gap=0.0,
    )


def draw_materials(draw: Draw) -> tuple[Material, ...]:
    """Draw materials without their storage capacity, which depends on the inventory."""
    rows = []
    for name in ("ore", "oxide", "metal")[: draw("rows").pick((1, 1, 2, 2, 3))]:
        at = draw.within(name)
        values = at.maybe("holding_cost_per_year", 0.7, lambda s: s.between(0.05, 1))
        values |= at.maybe("annual_loss", 0.25, lambda s: s.between(0.02, 0.4))
        values |= at.maybe("disposal_cost", 0.35, lambda s: s.pick((0.0, s.between(0.1, 2))))
        values |= at.maybe("salvage_value", 0.3, lambda s: s.between(0.2, 3))
        values |= at.maybe("shelf_life_months", 0.3, lambda s: s.pick((1.0, 2.0, 4.0, 6.0, 12.0, 13.0, 24.0)))
        values |= at.maybe("sale_price", 0.25, lambda s: s.between(0.5, 6))
        if "sale_price" in values:
            values |= at.maybe("sale_limit_per_year", 0.6, lambda s: s.between(2, 20))
        rows.append(Material(len(rows) + 2, name, "t", **values))
    return tuple(rows)


def draw_demand(draw: Draw, settings: Settings, materials: tuple[Material, ...]) -> tuple[Demand, ...]:
    rows: list[Demand] = []
    for number, material in enumerate(materials):
        only_input = draw(f"{material.material} is only an input").chance(0.4)
        if number < len(materials) - 1 and only_input:
            continue
        for use in USES[: draw(f"uses of {material.material}").pick((1, 1, 2, 3))]:
            values = draw_use(draw.within(material.material, use), settings)
            rows.append(Demand(len(rows) + 2, material.material, use, **values))
    return tuple(rows)


def draw_use(at: Draw, settings: Settings) -> dict[str, Any]:
    """Draw what one use of a material needs, accepts and loses."""
    quantity = at("annual_demand").between(5, 40)
    most = 1.5 * quantity * settings_years(settings)
    periods = range(settings.periods)
    values = {"annual_demand": quantity, "shortage_cost": at("shortage_cost").between(8, 50)}
    values |= at.maybe("annual_growth", 0.4, lambda s: s.between(-0.2, 0.3))
    values |= at.maybe("allowed_origins", 0.35, lambda s: s.some(BLOCS))
    if "allowed_origins" in values:
        values |= at.maybe("allowed_origins_from", 0.5, lambda s: s.whole(-1, settings.periods))
    values |= at.maybe("minimum_fill_rate", 0.25, lambda s: s.pick((0.05, 0.1, 0.2, 0.4)))
    return values | at.maybe("by_period", 0.25, lambda s: {t: s.pick((0.0, 1.0)) * s.between(0, most) for t in periods if s.chance(0.4)})


def draw_projects(draw: Draw, settings: Settings) -> tuple[Project, ...]:
    rows = []
    for name in ("Mill", "Audit")[: draw("rows").pick((0, 0, 1, 1, 2))]:
        at = draw.within(name)
        values = at.maybe("earliest_start", 0.3, lambda s: s.whole(-1, 2))
        values |= at.maybe("latest_start", 0.3, lambda s: s.pick((-1, 0, s.whole(0, settings.periods))))
        if values.get("latest_start", settings.periods) < values.get("earliest_start", -1):
            del values["earliest_start"]
        values |= at.maybe("decided", 0.4, lambda s: s.pick(("start", "start", "never")))
        values["kind"] = at("kind").pick(("qualification", "expansion", "new_plant", "recycling", "other"))
        months = at("lead_time_months").pick((0.0, 2.0, 3.0, 6.0, 12.0, 14.0))
        rows.append(Project(len(rows) + 2, name, at("cost").between(1, 40), months, **values))
    return tuple(rows)


def draw_waiting(draw: Draw, case: Case) -> tuple[Project, ...]:
    """Let some projects wait for disruptions."""
    names = [d.disruption for d in case.disruptions]
    if not names:
        return case.projects
    return tuple(replace(row, **draw.within(row.project).maybe("may_wait_for", 0.6, lambda s: s.some(names))) for row in case.projects)


def draw_backup(draw: Draw, case: Case) -> Case:
    """Let in some cases one offer be enough while it is not struck, and add a dear source at home that is built at once or once it is struck."""
    needed = {row.material: sum(other.annual_demand for other in case.demand if other.material == row.material) for row in case.demand}
    struck = [(s, d) for s, offer in enumerate(case.offers) for d in case.disruptions if d.capacity_remaining <= 0.5 and d.strikes(offer)]
    struck = [(s, d) for s, d in struck if case.offers[s].material in needed and not case.offers[s].input_material]
    if not struck or not draw("backup").chance(0.4):
        return case
    s, disruption = draw("struck").pick(struck)
    usual = case.offers[s]
    capacity, dear = round(2 * needed[usual.material], 2), min(row.shortage_cost for row in case.demand if row.material == usual.material)
    usual = replace(usual, capacity_per_year=capacity, spot_limit_per_year=None, terms="spot", project=None, available_from=None, plant=None, choose_one=None)
    usual = replace(
        usual, lead_time_months=0.0, ships_after_months=0.0, minimum_order=0.0, **dict.fromkeys(("contract_from", "contract_to", "fixed_contract"), None)
    )
    usual = replace(usual, prepayment=0.0, upside_trigger=None, upside_share=None)
    cost = round(dear * needed[usual.material] * case.calendar.years * draw("cost").between(0.02, 0.4), 2)
    months = draw("lead_time_months").pick((0.0, case.calendar.months))
    project = Project(len(case.projects) + 2, "Backup", cost, float(months), may_wait_for=draw("may_wait_for").some([d.disruption for d in case.disruptions]))
    if disruption.disruption not in project.may_wait_for:
        project = replace(project, may_wait_for=(*project.may_wait_for, disruption.disruption))
    values = draw.maybe("ships_after_months", 0.3, lambda s: float(case.calendar.months))
    values |= {"lead_time_months": float(case.calendar.months)} if values else {}
    if draw("terms").chance(0.4):
        values |= {"terms": "both", "take_or_pay": draw("take_or_pay").between(0.2, 0.8), "reservation_price": draw("reservation_price").between(0.05, 0.5)}
    backup = Offer(len(case.offers) + 2, "Backup", usual.material, "onshored", round(0.4 * dear, 2), capacity, project="Backup", **values)
    offers = (*case.offers[:s], usual, *case.offers[s + 1 :], backup)
    # Stock would do as well as a backup, and cost less.
    kept = {"holding_cost_per_year": round(dear / case.calendar.years, 2)} if draw("holding_cost_per_year").chance(0.8) else {}
    materials = tuple(replace(row, **kept) if row.material == usual.material else row for row in case.materials)
    return replace(case, projects=(*case.projects, project), offers=offers, materials=materials)


def draw_offers(
    draw: Draw, settings: Settings, materials: tuple[Material, ...], demand: tuple[Demand, ...], projects: tuple[Project, ...], count: int | None = None
) -> tuple[Offer, ...]:
    """Draw offers of every material, `count` of them or as many as are drawn."""
    rows: list[Offer] = []
    names = [m.material for m in materials]
    for k in range(count or draw("rows").whole(max(1, len(names)), 5)):
        at = draw.within(k)
        any_of_them = at("material").pick(names)
        material = names[k] if k < len(names) else any_of_them
        supplier = at("supplier").pick(("Arc", "Bolt", "Crux", "Dune"))
        makes = {row.offer for row in rows if (row.supplier, row.material) == (supplier, material)}
        bloc = at("bloc").pick(BLOCS)
        needed = sum(row.annual_demand for row in demand if row.material == material) or 30.0
        capacity = round(needed * at("capacity_per_year").between(0.3, 1.6), 1)
        price = at("price").between(1, 10)
        values: dict[str, Any] = {"offer": f"line {len(makes) + 1}" if makes else ""} | draw_delivery(at, settings, bloc, capacity)
        if projects:
            values |= at.maybe("project", 0.5, lambda s: s.pick(projects).project)
        values |= draw_input(at, names[: names.index(material)])
        if "input_material" in values:
            price = at("fee").pick((0.0, round(price / 3, 2), round(price / 3, 2)))
        values |= draw_terms(at, price, capacity)
        rows.append(Offer(k + 2, supplier, material, bloc, price, capacity, **values))
    return tuple(rows)


def draw_delivery(at: Draw, settings: Settings, bloc: str, capacity: float) -> dict[str, Any]:
    """Draw from where and when an offer delivers, what of it at least, and what it rests on."""
    values = at.maybe("country", 0.7, lambda s: s.pick(COUNTRIES[bloc])) | at.maybe("origin", 0.2, lambda s: s.pick(BLOCS))
    values |= at.maybe("price_growth", 0.4, lambda s: s.between(-0.1, 0.3)) | at.maybe("available_from", 0.15, lambda s: s.whole(-1, settings.periods))
    values |= at.maybe("lead_time_months", 0.4, lambda s: s.pick((0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 12.0)))
    if "lead_time_months" in values:
        values |= at.maybe("ships_after_months", 0.5, lambda s: round(values["lead_time_months"] * s.pick((0.25, 0.5, 1.0)), 3))
    values |= at.maybe("minimum_order", 0.15, lambda s: round(capacity * settings_years(settings) * s.between(0.1, 1.1), 2))
    values |= at.maybe("feedstock_dependence", 0.35, lambda s: s.pick((1.0, s.between(0.2, 0.9))))
    if "feedstock_dependence" in values:
        source = at("where the feedstock is from").pick(BLOCS)
        values |= at.maybe("feedstock_bloc", 0.75, lambda s: source) | at.maybe("feedstock_country", 0.5, lambda s: s.pick(COUNTRIES[source]))
    return values


def settings_years(settings: Settings) -> float:
    """Return the length of a period in years."""
    return {"month": 1 / 12, "quarter": 0.25, "year": 1.0}[settings.period]


def draw_input(at: Draw, earlier: list[str]) -> dict[str, Any]:
    """Draw what an offer converts: one of the materials before its own, or nothing."""
    values = at.maybe("input_material", 0.6, lambda s: s.pick(earlier)) if earlier else {}
    return values | {"input_per_unit": at("input_per_unit").between(0.5, 2)} if values else {}


def draw_inputs(draw: Draw, case: Case) -> Case:
    """Let some of the offers that convert an input name it, and others beside it, on Inputs."""
    order, offers, rows = [m.material for m in case.materials], list(case.offers), []
    makers = Counter((offer.supplier, offer.material) for offer in offers)
    for s, offer in enumerate(offers):
        earlier = order[: order.index(offer.material)]
        at = draw.within(s)
        if not earlier or (makers[offer.supplier, offer.material] > 1 and not offer.offer) or not at("listed").chance(0.5):
            continue
        chosen = at("input_material").some(earlier, 0.8)
        for name in chosen:
            named = offer.offer if makers[offer.supplier, offer.material] > 1 or at.within(name)("offer").chance(0.5) else ""
            rows.append(InputRow(len(rows) + 2, offer.supplier, offer.material, name, at.within(name)("input_per_unit").between(0.3, 1.2), offer=named))
        offers[s] = replace(offer, input_material=None, input_per_unit=None)
    return replace(case, offers=tuple(offers), inputs=tuple(rows))


def draw_terms(at: Draw, price: float, capacity: float) -> dict[str, Any]:
    """Draw how an offer sells."""
    values = {"terms": at("terms").pick(("spot", "spot", "contract", "both", "both"))}
    if values["terms"] != "contract":
        values |= at.maybe("spot_limit_per_year", 0.25, lambda s: round(capacity * s.between(0.2, 0.9), 1))
    return values if values["terms"] == "spot" else values | draw_contract(at, price, capacity)


def draw_life(at: Draw, price: float) -> dict[str, Any]:
    """Draw when a contract is live, what is paid in advance, and what comes back of a high price."""
    values = at.maybe("contract_from", 0.2, lambda s: s.whole(-1, 3))
    values |= at.maybe("contract_to", 0.2, lambda s: s.whole(max(0, values.get("contract_from", 0)), 5))
    values |= at.maybe("prepayment", 0.2, lambda s: round(price * s.between(0.05, 0.3), 2))
    if at("upside").chance(0.25):
        values |= {"upside_trigger": round(price * at("upside_trigger").between(0.6, 1.1), 2), "upside_share": at("upside_share").pick((0.25, 0.5, 1.0))}
    return values


def draw_contract(at: Draw, price: float, capacity: float) -> dict[str, Any]:
    """Draw the terms of an offer's contract."""
    values = at.maybe("contract_price", 0.7, lambda s: round(price * s.between(0.7, 1.2), 2))
    if price > 0:
        values |= at.maybe("contract_pricing", 0.4, lambda s: "indexed")
    if "contract_pricing" not in values:
        values |= at.maybe("contract_price_growth", 0.4, lambda s: s.between(-0.1, 0.2))
    values |= at.maybe("price_floor", 0.3, lambda s: round(price * s.between(0.7, 1.1), 2))
    values |= at.maybe("price_ceiling", 0.3, lambda s: round(max(price * s.between(0.9, 1.4), values.get("price_floor", 0.0)), 2))
    values |= at.maybe("reservation_price", 0.5, lambda s: s.between(0.05, 1)) | at.maybe("take_or_pay", 0.6, lambda s: s.between(0.2, 1))
    values |= draw_life(at, price)
    fixed = at.maybe("fixed_contract", 0.08, lambda s: s.pick((0.0, round(capacity * s.between(0.1, 0.4), 1))))
    if fixed:
        return values | fixed
    return values | at.maybe("minimum_contract", 0.3, lambda s: round(capacity * s.between(0.2, 1.05), 1))


def draw_disruptions(draw: Draw, settings: Settings, materials: tuple[Material, ...], offers: tuple[Offer, ...]) -> tuple[Disruption, ...]:
    names = ["Ban", "Strike", "Flood"][: draw("rows").pick((0, 1, 1, 2, 2, 2, 2, 3, 3, 3))]
    backwards = draw("follow a later row").chance(0.3)
    rows = []
    for k, name in enumerate(names):
        at = draw.within(name)
        others = names[k + 1 :] if backwards else names[:k]
        values = draw_beginning(at, settings, others) | draw_effects(at) | draw_filters(at, materials, offers)
        if raising := [other for other in names if other != name]:
            raised = at.maybe("raised_by", 0.3, lambda s, raising=raising: s.pick(raising))
            values |= raised and raised | {"raised_probability": at("raised_probability").pick((0.0, 0.9, 1.0))}
        values["mean_duration_months"] = at("mean_duration_months").pick((1.0, 4.0, 6.0, 12.0, 18.0, 30.0))
        remaining = at("capacity_remaining")
        values["capacity_remaining"] = remaining.pick((0.0, 0.25, 0.5, 1.0, remaining.between(0, 1)))
        rows.append(Disruption(k + 2, name, **values))
    return tuple(rows)


def draw_beginning(at: Draw, settings: Settings, others: list[str]) -> dict[str, Any]:
    """Draw when a disruption begins, and which of the others must be active then."""
    kind = at("when").pick(("any time", "any time", "any time", "any time", "dated", "both"))
    values: dict[str, Any] = {"annual_probability": 0.0, "active_now": at("active_now").chance(0.25)}
    if kind != "dated":
        chances = at("annual_probability")
        values["annual_probability"] = chances.pick((chances.between(0.05, 0.6), chances.between(0.05, 0.6), 1.0))
    if kind != "any time":
        chances = at("decision_probability")
        values["decision_date"] = at("decision_date").whole(1, settings.periods)
        values["decision_probability"] = chances.pick((chances.between(0.1, 0.9), 0.5, 1.0, 0.0))
    return values | (at.maybe("follows", 0.4, lambda s: s.pick(others)) if others else {})


def draw_effects(at: Draw) -> dict[str, Any]:
    """Draw what a disruption does."""
    values = at.maybe("price_multiplier", 0.35, lambda s: s.between(0.8, 2.5))
    values |= at.maybe("spillover_price_multiplier", 0.35, lambda s: s.between(0.9, 1.8))
    values |= at.maybe("demand_multiplier", 0.3, lambda s: s.pick((s.between(0.6, 1.6), s.between(0.6, 1.6), 0.0)))
    values |= at.maybe("use", 0.3, lambda s: s.some(USES, 0.4))
    return values | at.maybe("lead_time_added_months", 0.3, lambda s: s.pick((0.5, 1.0, 3.0, 6.0)))


def draw_filters(at: Draw, materials: tuple[Material, ...], offers: tuple[Offer, ...]) -> dict[str, Any]:
    """Draw whom a disruption strikes."""
    countries = sorted({offer.country for offer in offers if offer.country} | {offer.feedstock_country for offer in offers if offer.feedstock_country})
    values = at.maybe("bloc", 0.35, lambda s: s.some(sorted({offer.bloc for offer in offers})))
    values |= at.maybe("supplier", 0.25, lambda s: s.some(sorted({offer.supplier for offer in offers})))
    values |= at.maybe("material", 0.3, lambda s: s.some([m.material for m in materials]))
    return values | (at.maybe("country", 0.3, lambda s: s.some(countries)) if countries else {})


def draw_scenarios(draw: Draw, case: Case) -> tuple[ScenarioRow, ...]:
    """Draw listed scenarios for about a quarter of the cases."""
    if not case.disruptions or not draw("listed").chance(0.25):
        return ()
    names = [d.disruption for d in case.disruptions]
    rows: list[ScenarioRow] = []
    count = draw("rows").whole(1, 5)
    remainder = draw("remainder").chance(0.5)
    for k in range(count):
        at = draw.within(k)
        probability = round(1 / count, 2) if k < count - 1 else round(1 - sum({row.scenario: row.probability for row in rows}.values()), 2)
        if remainder:
            probability = at("probability").pick((0.1, 0.15, 0.15, 0.18))
        if at("nothing happens").chance(0.15):
            rows.append(ScenarioRow(len(rows) + 2, f"course {k + 1}", probability))
            continue
        seen = []
        for number in range(at("events").pick((1, 1, 2, 3))):
            event = at.within(number)
            happens = {"disruption": event("disruption").pick(names), "starts": event("starts").whole(-2, case.settings.periods)}
            happens["duration_months"] = event("duration_months").pick((0.5, 1.0, 3.0, 5.0, 12.0, 30.0))
            if happens not in seen:
                seen.append(happens)
                rows.append(ScenarioRow(len(rows) + 2, f"course {k + 1}", probability, **happens))
    return tuple(rows)


def draw_method(draw: Draw, case: Case) -> Case:
    """Draw the way the scenarios come about: one that does not sample."""
    methods = ("listed", "listed", "auto", "exact") if case.scenarios else ("exact", "auto")
    return case.with_settings(scenario_method=draw("scenario_method").pick(methods), scenarios=draw("scenarios").pick((MOST_SCENARIOS, 200)))


def count_paths(case: Case) -> int:
    """Return how many paths of regimes have positive probability, where they are not listed."""
    regimes = Counter([frozenset(k for k, d in enumerate(case.disruptions) if d.active_now)])
    for t in range(1, case.settings.periods):
        following: Counter = Counter()
        for regime, count in regimes.items():
            for after, _ in steps(case, regime, t):
                following[after] += count
        regimes = following
    return regimes.total()


def smaller(draw: Draw, case: Case) -> Case:
    """Return the case with its disruptions tamed, as little as will do, until its tree is small."""
    turn = 0
    while (size := count_paths(case)) > MOST_SCENARIOS:
        turn += 1
        milder = []
        for k, d in enumerate(case.disruptions):
            at = draw.within(turn, d.disruption)
            never = {"annual_probability": 0.0}
            chance = at("decision_probability").between(0.1, 0.9)
            dated = never | {"decision_date": at("decision_date").whole(1, case.settings.periods), "decision_probability": chance}
            for changes in (never, dated, {"mean_duration_months": 1.0}, {"active_now": False}):
                tamed = replace(case, disruptions=(*case.disruptions[:k], replace(d, **changes), *case.disruptions[k + 1 :]))
                if count_paths(tamed) < size:
                    milder.append(tamed)
        case = max(draw.within(turn)("milder").some(milder), key=count_paths)
    return case


def draw_inventory(draw: Draw, case: Case) -> tuple[StockItem, ...]:
    rows: list[StockItem] = []
    for material in case.materials:
        scale = sum(row.annual_demand for row in case.demand if row.material == material.material) or 30.0
        scale *= min(1.0, case.settings.periods * case.calendar.years)
        held: dict[tuple[str, int | None], float] = {}
        for number in range(draw(f"rows of {material.material}").pick((0, 0, 1, 2, 3))):
            at = draw.within(material.material, number)
            arrives = at("arrives")
            place = at("origin").pick(BLOCS), arrives.pick((None, None, arrives.whole(-1, case.settings.periods)))
            held[place] = round(scale * at("quantity").between(0.05, 0.5), 2)
        for (origin, arrives), quantity in held.items():
            at = draw.within(material.material, origin, arrives)
            values: dict[str, Any] = {"arrives": arrives}
            makers = Counter(offer.supplier for offer in case.offers if offer.material == material.material)
            sellers = [offer for offer in case.offers if offer.material == material.material and (offer.offer or makers[offer.supplier] == 1)]
            if arrives is not None and sellers and at("has not left").chance(0.5):
                seller = at("supplier").pick(sellers)
                values = {"supplier": seller.supplier, "offer": seller.offer}
                values |= at.maybe("ships", 0.7, lambda s: s.whole(-1, case.settings.periods))
            rows.append(StockItem(len(rows) + 2, material.material, origin, quantity, **values))
    return tuple(rows)


def draw_capacities(draw: Draw, case: Case) -> tuple[Material, ...]:
    """Draw the storage capacity of the materials: mostly room for what is there and on order."""
    rows = []
    for material in case.materials:
        held = sum(item.quantity for item in case.inventory if item.material == material.material)
        stream = draw.within(material.material)("storage_capacity")
        if stream.chance(0.35):
            room = stream.between(0.6, 1.0) if stream.chance(0.1) or material.disposal_cost is not None else stream.between(1.02, 1.6)
            material = replace(material, storage_capacity=round(held * room + stream.between(0.5, 4), 2))
        rows.append(material)
    return tuple(rows)


def draw_budget(draw: Draw, case: Case) -> tuple[BudgetRow, ...]:
    """Draw budgets around what the demand of a year costs at the mean price; those of storage with room for the inventory."""
    rows: list[BudgetRow] = []
    if not draw("budget").chance(0.45):
        return ()
    price = sum(offer.price for offer in case.offers) / len(case.offers)
    years = case.calendar.fiscal_years
    holding = {m.material: m.holding_cost_per_year for m in case.materials}
    for number in range(draw("rows").pick((1, 1, 2, 3))):
        at = draw.within(number)
        year = at("fiscal_year").pick((*years, *years, *years, years[-1] + 1))
        length = max(1, len(case.calendar.periods_in(year))) * case.calendar.years
        category = at("category").pick(("all", "all", "purchases", "storage", "projects"))
        held = sum(item.quantity * holding[item.material] for item in case.inventory) * length
        bought = price * length * sum(row.annual_demand for row in case.demand)
        base = {"all": held + bought, "purchases": bought, "storage": 1 + held, "projects": 1 + sum(row.cost for row in case.projects)}
        amount = round((held if category == "all" else 0.0) + base[category] * at("amount").between(0.25, 1.6), 2)
        values = at.maybe("material", 0.4, lambda s: s.some([m.material for m in case.materials])) if category != "projects" else {}
        values |= at.maybe("carry_over", 0.5, lambda s: s.pick((0.5, 0.9, 1.0)))
        rows.append(BudgetRow(len(rows) + 2, year, amount, category=category, **values))
        if "carry_over" in values and at("next year").chance(0.7):
            again = at.within("next year").maybe("carry_over", 0.5, lambda s: s.pick((0.5, 1.0)))
            rows.append(BudgetRow(len(rows) + 2, year + 1, round(amount * at("next amount").between(0.2, 1.0), 2), category=category, **values | again))
    return without_doubts(tuple(rows))


def without_doubts(rows: tuple[BudgetRow, ...]) -> tuple[BudgetRow, ...]:
    """Return budget rows without those of which it would not be clear what is carried over: where a row carries, each year has one of its kind."""
    carrying = {row.scope for row in rows if row.carry_over}
    kept: dict[tuple, BudgetRow] = {}
    for row in rows:
        kept.setdefault((row.fiscal_year, row.scope) if row.scope in carrying else (row.row,), row)
    return tuple(replace(row, row=number) for number, row in enumerate(kept.values(), start=2))


MEASURES_DRAWN = (
    "purchase_share", "purchase_share", "largest_supplier_share", "largest_country_share", "purchase_to_demand", "stock_cover_days", "stock_cover_days",
    "stock_quantity",
)  # fmt: skip


def draw_limits(draw: Draw, case: Case) -> tuple[Limit, ...]:
    rows = []
    for number in range(draw("rows").pick((0, 0, 1, 2, 3))):
        at = draw.within(number)
        measure = at("measure").pick(MEASURES_DRAWN)
        values = draw_limit_filters(at, case, measure) | draw_limit_periods(at, case.settings.periods)
        values |= at.maybe("penalty", 0.65, lambda s: s.between(0.2, 15))
        values |= draw_bounds(at, measure, "penalty" in values, case.calendar.years)
        values |= draw_holding(at, case, measure, "minimum" in values)
        rows.append(Limit(number + 2, f"rule {number + 1}", measure, **values))
    return tuple(rows)


def draw_holding(at: Draw, case: Case, measure: str, minimum: bool) -> dict[str, Any]:
    """Draw where a limit on stock, or of purchases to demand, holds, and what releases it."""
    if measure not in HELD_MEASURES:
        return {}
    values = at.maybe("holds", 0.6, lambda s: s.pick(HOLDS))
    if values.get("holds", "unless released" if measure in STOCK_MEASURES and minimum else "everywhere") == "unless released":
        if case.disruptions:
            values |= at.maybe("released_by", 0.4, lambda s: s.some([d.disruption for d in case.disruptions]))
        values |= at.maybe("refill_months", 0.7, lambda s: s.pick((0.0, 1.0, 4.0, 6.0, 14.0)))
    return values


def draw_limit_filters(at: Draw, case: Case, measure: str) -> dict[str, Any]:
    """Draw what a limit counts."""
    values = at.maybe("material", 0.4, lambda s: s.some([m.material for m in case.materials]))
    if measure.startswith("stock"):
        values |= at.maybe("origin", 0.4, lambda s: s.some(BLOCS, 0.6))
        if measure == "stock_cover_days" and case.demand:
            values |= at.maybe("use", 0.4, lambda s: s.some(sorted({row.use for row in case.demand})))
        return values
    values |= at.maybe("bloc", 0.4, lambda s: s.some(sorted({offer.bloc for offer in case.offers})))
    values |= at.maybe("origin", 0.4, lambda s: s.some(BLOCS))
    values |= at.maybe("supplier", 0.2, lambda s: s.some(sorted({offer.supplier for offer in case.offers})))
    countries = sorted({offer.country for offer in case.offers if offer.country})
    return values | (at.maybe("country", 0.2, lambda s: s.some(countries)) if countries else {})


def draw_limit_periods(at: Draw, horizon: int) -> dict[str, Any]:
    """Draw from when to when a limit holds."""
    values = at.maybe("start", 0.35, lambda s: s.whole(-1, horizon - 1))
    return values | at.maybe("end", 0.35, lambda s: s.whole(max(-1, values.get("start", 0)), horizon))


def draw_bounds(at: Draw, measure: str, penalised: bool, years: float) -> dict[str, float]:
    """Draw the bounds of a limit; hard minima stay small."""
    low, high, sides = at("minimum"), at("maximum"), at("sides")
    least, most = {
        "purchase_share": (low.between(0.1, 0.7), high.between(0.3, 0.9)),
        "purchase_to_demand": (low.between(0.1, 0.8) if penalised else low.between(0, 0.1), high.between(0.7, 1.6)),
        "stock_cover_days": (low.between(5, 150) if penalised else low.between(0, 3), high.between(60, 400)),
        "stock_quantity": (low.between(0.5, 20 * years) if penalised else low.between(0, 0.3), high.between(8, 40)),
    }.get(measure, (0.0, high.between(0.3, 0.9)))
    chosen = "maximum" if measure.startswith("largest") else sides.pick(("minimum", "minimum", "maximum", "both"))
    if measure == "purchase_to_demand":
        chosen = sides.pick((chosen, "maximum"))
    values = {"minimum": min(least, most)} if chosen != "maximum" else {}
    return values | ({"maximum": max(least, most)} if chosen != "minimum" else {})
