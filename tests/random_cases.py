"""Small random cases in which every feature of the workbook occurs now and then, to compare programs on.

`random_case(seed)` is valid as a workbook, the same for a seed for ever, and small enough to be solved to optimality in
well under a second: at most MOST_SCENARIOS scenarios. Most cases have a plan. `features(case)` names what a case holds.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

from written_out import enumerate_paths, steps

from optimizer.case import BLOCS, BudgetRow, Case, Demand, Disruption, Limit, Material, Offer, Project, ScenarioRow, Settings, StockItem

MOST_SCENARIOS = 60
COUNTRIES = {"chinese": ("China",), "other": ("Chile", "Ghana"), "allied": ("Japan", "Norway"), "onshored": ("Home",)}


class Draw(Random):
    """The draws that a case is made of."""

    def chance(self, probability: float) -> bool:
        return self.random() < probability

    def pick(self, choices) -> Any:
        return choices[int(self.random() * len(choices))]

    def some(self, choices, share: float = 0.5) -> tuple:
        """At least one of the choices, in their order, each with probability `share`."""
        return tuple(choice for choice in choices if self.chance(share)) or (self.pick(choices),)

    def between(self, low: float, high: float, digits: int = 2) -> float:
        return round(low + (high - low) * self.random(), digits)

    def whole(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self.random() * (high - low + 1))

    def maybe(self, probability: float, **values) -> dict[str, Any]:
        """The values with that probability, else nothing; a callable is called for its value."""
        if not self.chance(probability):
            return {}
        return {name: value() if callable(value) else value for name, value in values.items()}


def random_case(seed: int) -> Case:
    """The case of a seed."""
    draw = Draw(seed)
    settings = draw_settings(draw)
    materials = draw_materials(draw)
    demand = draw_demand(draw, settings, materials)
    projects = draw_projects(draw, settings)
    offers = draw_offers(draw, settings, materials, demand, projects)
    disruptions = draw_disruptions(draw, settings, materials, offers)
    case = Case(settings, materials, demand, offers, disruptions, projects=projects)
    case = replace(case, scenarios=draw_scenarios(draw, case))
    case = draw_method(draw, smaller(draw, case))
    case = replace(case, inventory=draw_inventory(draw, case))
    case = replace(case, materials=draw_capacities(draw, case))
    return replace(case, budget=draw_budget(draw, case), limits=draw_limits(draw, case))


def draw_settings(draw: Draw) -> Settings:
    period = draw.pick(("month", "quarter", "quarter", "year"))
    fiscal = draw.pick((1, 1, 4, 7, 10, draw.whole(1, 12)))
    start_month = {"month": draw.whole(1, 12), "quarter": draw.pick((1, 4, 7, 10)), "year": fiscal}[period]
    return Settings(
        start=dt.date(draw.pick((2026, 2027)), start_month, 1),
        periods=draw.whole(2, 5),
        title="random",
        period=period,
        fiscal_year_start_month=fiscal,
        discount_rate=draw.pick((0.0, 0.05, 0.12)),
        risk_weight=draw.pick((0.0, 0.3, 0.3, 0.3, 1.0)),
        cvar_level=draw.pick((0.0, 0.5, 0.5, 0.9, 0.9)),
        scenario_method="exact",
        mip_gap=0.0,
    )


def draw_materials(draw: Draw) -> tuple[Material, ...]:
    """Materials without their storage capacity, which depends on the inventory."""
    names = ("ore", "oxide", "metal")[: draw.pick((1, 1, 2, 2, 3))]
    return tuple(
        Material(
            k + 2,
            name,
            "t",
            **draw.maybe(0.7, holding_cost_per_year=draw.between(0.05, 1)),
            **draw.maybe(0.25, annual_loss=draw.between(0.02, 0.4)),
            **draw.maybe(0.35, disposal_cost=draw.pick((0.0, draw.between(0.1, 2)))),
            **draw.maybe(0.3, salvage_value=draw.between(0.2, 3)),
        )
        for k, name in enumerate(names)
    )


def draw_demand(draw: Draw, settings: Settings, materials: tuple[Material, ...]) -> tuple[Demand, ...]:
    rows: list[Demand] = []
    for number, material in enumerate(materials):
        if number < len(materials) - 1 and draw.chance(0.4):
            continue  # a material that is only an input
        for use in ("defense", "commercial", "spares")[: draw.pick((1, 1, 2, 3))]:
            months = {"month": 1, "quarter": 3, "year": 12}[settings.period]
            quantity = draw.between(5, 40)
            allowed = draw.maybe(0.35, allowed_origins=draw.some(BLOCS))
            if allowed:
                allowed |= draw.maybe(0.5, allowed_origins_from=draw.whole(-1, settings.periods))
            most = 1.5 * quantity * months / 12
            columns = {t: draw.pick((0.0, 1.0)) * draw.between(0, most) for t in range(settings.periods) if draw.chance(0.4)}
            rows.append(
                Demand(
                    len(rows) + 2,
                    material.material,
                    use,
                    quantity,
                    draw.between(8, 50),
                    **draw.maybe(0.4, annual_growth=draw.between(-0.2, 0.3)),
                    **allowed,
                    **draw.maybe(0.25, minimum_fill_rate=draw.pick((0.05, 0.1, 0.2, 0.4))),
                    **draw.maybe(0.25, by_period=columns),
                )
            )
    return tuple(rows)


def draw_projects(draw: Draw, settings: Settings) -> tuple[Project, ...]:
    names = ("Mill", "Audit")[: draw.pick((0, 0, 1, 1, 2))]
    rows = []
    for k, name in enumerate(names):
        window: dict[str, Any] = {} | draw.maybe(0.3, earliest_start=draw.whole(-1, 2))
        window |= draw.maybe(0.3, latest_start=draw.pick((-1, 0, draw.whole(0, settings.periods))))
        if window.get("latest_start", settings.periods) < window.get("earliest_start", -1):
            del window["earliest_start"]
        rows.append(
            Project(
                k + 2,
                name,
                draw.between(1, 40),
                draw.pick((0.0, 2.0, 3.0, 6.0, 12.0, 14.0)),
                kind=draw.pick(("qualification", "expansion", "new_plant", "recycling", "other")),
                **window,
            )
        )
    return tuple(rows)


def draw_offers(
    draw: Draw, settings: Settings, materials: tuple[Material, ...], demand: tuple[Demand, ...], projects: tuple[Project, ...], count: int | None = None
) -> tuple[Offer, ...]:
    """Offers of every material, `count` of them or as many as are drawn."""
    rows: list[Offer] = []
    names = [m.material for m in materials]
    count = count or draw.whole(max(1, len(names)), 5)
    for k in range(count):
        material = names[k] if k < len(names) else draw.pick(names)
        supplier = draw.pick(("Arc", "Bolt", "Crux", "Dune"))
        makes = {row.offer for row in rows if (row.supplier, row.material) == (supplier, material)}
        label = "" if not makes else f"line {len(makes) + 1}"
        bloc = draw.pick(BLOCS)
        needed = sum(row.annual_demand for row in demand if row.material == material) or 30.0
        capacity = round(needed * draw.between(0.3, 1.6), 1)
        price = draw.between(1, 10)
        values: dict[str, Any] = {} | draw.maybe(0.7, country=draw.pick(COUNTRIES[bloc])) | draw.maybe(0.2, origin=draw.pick(BLOCS))
        values |= draw.maybe(0.4, price_growth=draw.between(-0.1, 0.3)) | draw.maybe(0.15, available_from=draw.whole(-1, settings.periods))
        values |= draw.maybe(0.4, lead_time_months=draw.pick((0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 12.0)))
        values |= draw.maybe(0.15, minimum_order=round(capacity * settings_years(settings) * draw.between(0.1, 1.1), 2))
        if projects and draw.chance(0.5):
            values["project"] = draw.pick(projects).project
        earlier = names[: names.index(material)]
        if earlier and draw.chance(0.6):
            values |= {"input_material": draw.pick(earlier), "input_per_unit": draw.between(0.5, 2)}
            price = draw.pick((0.0, round(price / 3, 2), round(price / 3, 2)))
        if draw.chance(0.35):
            source = draw.pick(BLOCS)
            values |= {"feedstock_dependence": draw.pick((1.0, draw.between(0.2, 0.9)))} | draw.maybe(0.75, feedstock_bloc=source)
            values |= draw.maybe(0.5, feedstock_country=draw.pick(COUNTRIES[source]))
        values["terms"] = draw.pick(("spot", "spot", "contract", "both", "both"))
        if values["terms"] != "contract":
            values |= draw.maybe(0.25, spot_limit_per_year=round(capacity * draw.between(0.2, 0.9), 1))
        if values["terms"] != "spot":
            values |= draw_contract(draw, price, capacity)
        rows.append(Offer(k + 2, supplier, material, bloc, price, capacity, offer=label, **values))
    return tuple(rows)


def settings_years(settings: Settings) -> float:
    """The length of a period in years."""
    return {"month": 1 / 12, "quarter": 0.25, "year": 1.0}[settings.period]


def draw_contract(draw: Draw, price: float, capacity: float) -> dict[str, Any]:
    values: dict[str, Any] = {} | draw.maybe(0.7, contract_price=round(price * draw.between(0.7, 1.2), 2))
    if price > 0 and draw.chance(0.4):
        values["contract_pricing"] = "indexed"
    else:
        values |= draw.maybe(0.4, contract_price_growth=draw.between(-0.1, 0.2))
    values |= draw.maybe(0.3, price_floor=round(price * draw.between(0.7, 1.1), 2))
    values |= draw.maybe(0.3, price_ceiling=round(max(price * draw.between(0.9, 1.4), values.get("price_floor", 0.0)), 2))
    values |= draw.maybe(0.5, reservation_price=draw.between(0.05, 1)) | draw.maybe(0.6, take_or_pay=draw.between(0.2, 1))
    return values | draw.maybe(0.3, minimum_contract=round(capacity * draw.between(0.2, 1.05), 1))


def draw_disruptions(draw: Draw, settings: Settings, materials: tuple[Material, ...], offers: tuple[Offer, ...]) -> tuple[Disruption, ...]:
    names = ["Ban", "Strike", "Flood"][: draw.pick((0, 1, 1, 2, 2, 2, 2, 3, 3, 3))]
    countries = sorted({s.country for s in offers if s.country} | {s.feedstock_country for s in offers if s.feedstock_country})
    suppliers = sorted({s.supplier for s in offers})
    backwards = draw.chance(0.3)  # whether a disruption may follow a later row, else an earlier one
    rows = []
    for k, name in enumerate(names):
        kind = draw.pick(("any time", "any time", "any time", "any time", "dated", "both"))
        values: dict[str, Any] = {"annual_probability": 0.0}
        if kind != "dated":
            values["annual_probability"] = draw.pick((draw.between(0.05, 0.6), draw.between(0.05, 0.6), 1.0))
        if kind != "any time":
            values["decision_date"] = draw.whole(1, settings.periods)
            values["decision_probability"] = draw.pick((draw.between(0.1, 0.9), 0.5, 1.0, 0.0))
        values |= draw.maybe(0.35, price_multiplier=draw.between(0.8, 2.5))
        values |= draw.maybe(0.35, spillover_price_multiplier=draw.between(0.9, 1.8))
        values |= draw.maybe(0.3, demand_multiplier=draw.pick((draw.between(0.6, 1.6), draw.between(0.6, 1.6), 0.0)))
        values |= draw.maybe(0.3, lead_time_added_months=draw.pick((0.5, 1.0, 3.0, 6.0)))
        values |= draw.maybe(0.35, bloc=draw.some(sorted({s.bloc for s in offers}))) | draw.maybe(0.25, supplier=draw.some(suppliers))
        values |= draw.maybe(0.3, material=draw.some([m.material for m in materials]))
        if countries:
            values |= draw.maybe(0.3, country=draw.some(countries))
        others = names[k + 1 :] if backwards else names[:k]
        if others:
            values |= draw.maybe(0.4, follows=draw.pick(others))
        rows.append(
            Disruption(
                k + 2,
                name,
                mean_duration_months=draw.pick((1.0, 4.0, 6.0, 12.0, 18.0, 30.0)),
                capacity_remaining=draw.pick((0.0, 0.25, 0.5, 1.0, draw.between(0, 1))),
                active_now=draw.chance(0.25),
                **values,
            )
        )
    return tuple(rows)


def draw_scenarios(draw: Draw, case: Case) -> tuple[ScenarioRow, ...]:
    """Listed scenarios for about a quarter of the cases."""
    if not case.disruptions or not draw.chance(0.25):
        return ()
    names = [d.disruption for d in case.disruptions]
    rows: list[ScenarioRow] = []
    count = draw.whole(1, 5)
    remainder = draw.chance(0.5)
    for k in range(count):
        probability = round(1 / count, 2) if k < count - 1 else round(1 - sum({row.scenario: row.probability for row in rows}.values()), 2)
        if remainder:
            probability = draw.pick((0.1, 0.15, 0.15, 0.18))
        if draw.chance(0.15):
            rows.append(ScenarioRow(len(rows) + 2, f"course {k + 1}", probability))
            continue
        seen = set()
        for _ in range(draw.pick((1, 1, 2, 3))):
            event = (draw.pick(names), draw.whole(-2, case.settings.periods), draw.pick((0.5, 1.0, 3.0, 5.0, 12.0, 30.0)))
            if event not in seen:
                seen.add(event)
                rows.append(ScenarioRow(len(rows) + 2, f"course {k + 1}", probability, **dict(zip(("disruption", "starts", "duration_months"), event))))
    return tuple(rows)


def draw_method(draw: Draw, case: Case) -> Case:
    """The way the scenarios come about: one that does not sample."""
    methods = ("listed", "listed", "auto", "exact") if case.scenarios else ("exact", "auto")
    return case.with_settings(scenario_method=draw.pick(methods), scenarios=draw.pick((MOST_SCENARIOS, 200)))


def count_paths(case: Case) -> int:
    """How many paths of regimes have positive probability, where they are not listed."""
    regimes = Counter([frozenset(k for k, d in enumerate(case.disruptions) if d.active_now)])
    for t in range(1, case.settings.periods):
        following: Counter = Counter()
        for regime, count in regimes.items():
            for after, _ in steps(case, regime, t):
                following[after] += count
        regimes = following
    return regimes.total()


def smaller(draw: Draw, case: Case) -> Case:
    """The case with its disruptions tamed, as little as will do, until its tree is small."""
    while (size := count_paths(case)) > MOST_SCENARIOS:
        milder = []
        for k, d in enumerate(case.disruptions):
            never = {"annual_probability": 0.0}
            dated = never | {"decision_date": draw.whole(1, case.settings.periods), "decision_probability": draw.between(0.1, 0.9)}
            for changes in (never, dated, {"mean_duration_months": 1.0}, {"active_now": False}):
                tamed = replace(case, disruptions=(*case.disruptions[:k], replace(d, **changes), *case.disruptions[k + 1 :]))
                if count_paths(tamed) < size:
                    milder.append(tamed)
        case = max(draw.some(milder), key=count_paths)
    return case


def draw_inventory(draw: Draw, case: Case) -> tuple[StockItem, ...]:
    rows: list[StockItem] = []
    for material in case.materials:
        scale = sum(row.annual_demand for row in case.demand if row.material == material.material) or 30.0
        scale *= min(1.0, case.settings.periods * case.calendar.years)
        events: dict[tuple[str, int | None], float] = {}
        for _ in range(draw.pick((0, 0, 1, 2, 3))):
            arrives = draw.pick((None, None, draw.whole(-1, case.settings.periods)))
            events[draw.pick(BLOCS), arrives] = round(scale * draw.between(0.05, 0.5), 2)
        for (origin, arrives), quantity in events.items():
            rows.append(StockItem(len(rows) + 2, material.material, origin, quantity, arrives=arrives))
    return tuple(rows)


def draw_capacities(draw: Draw, case: Case) -> tuple[Material, ...]:
    """The materials with their storage capacity: mostly room for what is there and on order."""
    rows = []
    for material in case.materials:
        held = sum(item.quantity for item in case.inventory if item.material == material.material)
        if draw.chance(0.35):
            room = draw.between(0.6, 1.0) if draw.chance(0.1) or material.disposal_cost is not None else draw.between(1.02, 1.6)
            material = replace(material, storage_capacity=round(held * room + draw.between(0.5, 4), 2))
        rows.append(material)
    return tuple(rows)


def draw_budget(draw: Draw, case: Case) -> tuple[BudgetRow, ...]:
    """Budgets around what the demand of a year costs at the mean price; those of storage with room for the inventory."""
    rows: list[BudgetRow] = []
    if not draw.chance(0.45):
        return ()
    price = sum(s.price for s in case.offers) / len(case.offers)
    years = case.calendar.fiscal_years
    holding = {m.material: m.holding_cost_per_year for m in case.materials}
    for _ in range(draw.pick((1, 1, 2, 3))):
        year = draw.pick((*years, *years, *years, years[-1] + 1))
        length = max(1, len(case.calendar.periods_in(year))) * case.calendar.years
        category = draw.pick(("all", "all", "purchases", "storage", "projects"))
        held = sum(item.quantity * holding[item.material] for item in case.inventory) * length
        bought = price * length * sum(row.annual_demand for row in case.demand)
        base = {"all": held + bought, "purchases": bought, "storage": 1 + held, "projects": 1 + sum(row.cost for row in case.projects)}
        amount = round((held if category == "all" else 0.0) + base[category] * draw.between(0.25, 1.6), 2)
        rows.append(BudgetRow(len(rows) + 2, year, amount, category=category))
    return tuple(rows)


def draw_limits(draw: Draw, case: Case) -> tuple[Limit, ...]:
    rows: list[Limit] = []
    horizon = case.settings.periods
    for _ in range(draw.pick((0, 0, 1, 2, 3))):
        measure = draw.pick(
            (
                "purchase_share",
                "purchase_share",
                "largest_supplier_share",
                "largest_country_share",
                "purchase_to_demand",
                "stock_cover_days",
                "stock_cover_days",
                "stock_quantity",
            )
        )
        values: dict[str, Any] = {}
        if measure.startswith("stock"):
            values |= draw.maybe(0.4, origin=draw.some(BLOCS, 0.6))
            if measure == "stock_cover_days" and case.demand:
                values |= draw.maybe(0.4, use=draw.some(sorted({row.use for row in case.demand})))
        else:
            values |= draw.maybe(0.4, bloc=draw.some(sorted({s.bloc for s in case.offers})))
            values |= draw.maybe(0.4, origin=draw.some(BLOCS))
            values |= draw.maybe(0.2, supplier=draw.some(sorted({s.supplier for s in case.offers})))
            countries = sorted({s.country for s in case.offers if s.country})
            if countries:
                values |= draw.maybe(0.2, country=draw.some(countries))
        values |= draw.maybe(0.4, material=draw.some([m.material for m in case.materials]))
        values |= draw.maybe(0.35, start=draw.whole(-1, horizon - 1))
        values |= draw.maybe(0.35, end=draw.whole(max(-1, values.get("start", 0)), horizon))
        penalised = draw.chance(0.65)
        values |= {"penalty": draw.between(0.2, 15)} if penalised else {}
        length = case.calendar.years
        low, high = {  # hard minima stay small
            "purchase_share": (draw.between(0.1, 0.7), draw.between(0.3, 0.9)),
            "purchase_to_demand": (draw.between(0.1, 0.8) if penalised else draw.between(0, 0.1), draw.between(0.7, 1.6)),
            "stock_cover_days": (draw.between(5, 150) if penalised else draw.between(0, 3), draw.between(60, 400)),
            "stock_quantity": (draw.between(0.5, 20 * length) if penalised else draw.between(0, 0.3), draw.between(8, 40)),
        }.get(measure, (0.0, draw.between(0.3, 0.9)))
        sides = "maximum" if measure.startswith("largest") else draw.pick(("minimum", "minimum", "maximum", "both"))
        if measure == "purchase_to_demand":
            sides = draw.pick((sides, "maximum"))
        values |= {"minimum": min(low, high)} if sides != "maximum" else {}
        values |= {"maximum": max(low, high)} if sides != "minimum" else {}
        rows.append(Limit(len(rows) + 2, f"rule {len(rows) + 1}", measure, **values))
    return tuple(rows)


# --- what a case holds -----------------------------------------------------------------------------------------------


def features(case: Case) -> set[str]:
    """The names of the workbook's features that a case holds."""
    s, horizon, years = case.settings, case.settings.periods, case.calendar.fiscal_years
    listed = s.scenario_method == "listed" or (s.scenario_method == "auto" and bool(case.scenarios))
    held = {
        f"period {s.period}",
        f"method {s.scenario_method}",
        f"risk weight {s.risk_weight:g}",
        f"cvar level {s.cvar_level:g}",
        f"{len(case.materials)} materials",
        f"{len(case.disruptions)} disruptions",
    }
    held |= {"listed" if listed else "exact"}

    def note(name: str, present: object) -> None:
        if present:
            held.add(name)

    note("discount", s.discount_rate)
    note("fiscal year not the calendar year", s.fiscal_year_start_month != 1)
    note("several fiscal years", len(years) > 1)
    note("partial fiscal year", any(len(case.calendar.periods_in(year)) * case.calendar.months < 12 for year in years))
    for row in case.materials:
        for name in ("holding_cost_per_year", "annual_loss", "salvage_value"):
            note(name, getattr(row, name))
        note("storage_capacity", row.storage_capacity is not None)
        note("disposal_cost", row.disposal_cost is not None)
        note("free disposal", row.disposal_cost == 0)
    for row in case.inventory:
        note("on hand", row.arrives is None)
        note("open order", row.arrives is not None)
        note("open order overdue", row.arrives is not None and row.arrives < 0)
    for row in case.demand:
        for name in ("annual_growth", "allowed_origins", "minimum_fill_rate", "by_period"):
            note(name, getattr(row, name))
        note("allowed_origins_from", row.allowed_origins_from is not None)
    for row in case.offers:
        for name in (
            "price_growth",
            "available_from",
            "lead_time_months",
            "contract_price_growth",
            "reservation_price",
            "take_or_pay",
            "minimum_order",
            "minimum_contract",
            "input_material",
            "feedstock_bloc",
            "feedstock_country",
            "feedstock_dependence",
            "project",
            "offer",
        ):
            note(name, getattr(row, name))
        note("price_floor", row.price_floor is not None)
        note("price_ceiling", row.price_ceiling is not None)
        note(f"terms {row.terms}", True)
        note(f"contract {row.contract_pricing}", row.contractable)
        note("spot limit", row.spot_limit_per_year < row.capacity_per_year)
        note("origin other than bloc", row.origin != row.bloc)
        note("offer without country", row.country is None)
        note("input under contract", row.input_material and row.contractable)
        note("project offer under contract", row.project and row.contractable)
        note("project offer without reservation price", row.project and row.contractable and not row.reservation_price)
        note("minimum over capacity", row.minimum_contract > row.capacity_per_year)
    for row in case.projects:
        note(f"project {row.kind}", True)
        note("earliest_start", row.earliest_start is not None)
        note("latest_start", row.latest_start is not None)
        note("project at once", row.lead_time_months == 0)
        note("project of several periods", row.lead_time_months > case.calendar.months)
        note("two offers of one project", sum(offer.project == row.project for offer in case.offers) > 1)
    for d in case.disruptions:
        for name in ("bloc", "country", "supplier", "material"):
            note(f"disruption {name}", getattr(d, name))
        for name in ("price_multiplier", "spillover_price_multiplier", "demand_multiplier"):
            note(name, getattr(d, name) != 1)
        note("lead_time_added_months", d.lead_time_added_months)
        note("active_now", d.active_now and not listed)
        note("decision_date", d.decision_date is not None and d.decision_date < horizon and not listed)
        note("follows", d.follows and not listed)
        note("follows and decision_date", d.follows and d.decision_date is not None and not listed)
        note("disruption without filter", not (d.bloc or d.country or d.supplier or d.material))
        note("feedstock struck", any(d.strikes_feedstock(offer) and offer.feedstock_dependence for offer in case.offers))
    if listed:
        note("listed before the horizon", any(row.starts is not None and row.starts < 0 for row in case.scenarios))
        note("listed without disruption", any(row.disruption is None for row in case.scenarios))
        paths = enumerate_paths(case)
        note("several roots", len({path[0] for path, _ in paths}) > 1)
        note("remainder", sum({row.scenario: row.probability for row in case.scenarios}.values()) < 1 - 1e-6)
    note("scenarios not read", case.scenarios and not listed)
    for row in case.budget:
        note(f"budget {row.category}", row.fiscal_year in years)
        note("budget outside the horizon", row.fiscal_year not in years)
        note("budget of a partial year", 0 < len(case.calendar.periods_in(row.fiscal_year)) * case.calendar.months < 12)
    for row in case.limits:
        note(f"{row.measure} {'hard' if row.penalty is None else 'with penalty'}", True)
        for name in ("material", "bloc", "country", "supplier", "origin", "use"):
            note(f"limit {name}", getattr(row, name))
        for name in ("start", "end", "minimum", "maximum"):
            note(f"limit {name}", getattr(row, name) is not None)
        note("limit minimum and maximum", row.minimum is not None and row.maximum is not None)
        on_orders = not row.measure.startswith("stock")
        note("limit origin of a converted material", row.origin and on_orders and any(offer.input_material for offer in case.offers))
    return held
