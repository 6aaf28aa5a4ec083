"""An instance of the benchmark that asks everything a workbook can: every sheet and every rule, at the size of the others."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.instances import MATERIALS, instance
from optimizer.case import Case, Disruption, Duty, InputRow, Limit, Offer, OfferChange, OriginRule, Plant, StockItem, Substitute

TALKS = "talks break down"


def every_feature(seed: int, paths: int) -> Case:
    """The instance of a data seed with `paths` sampled futures, contracts and projects, and with what the second part of the contract adds."""
    case = instance(seed, paths, projects=True)
    first, second, *_ = MATERIALS
    offers = tuple(_changed(offer) for offer in case.offers)
    magnets = replace(case.materials[0], row=len(case.materials) + 2, material="magnets", unit="t", salvage_value=0.0)
    price = max(offer.price for offer in offers if offer.material == first)
    maker = {"project": None, "country": "Home", "origin": "onshored", "lead_time_months": 3.0}
    made = Offer(len(offers) + 2, "Magnet works", "magnets", "onshored", round(0.3 * price, 2), 300.0, **maker)
    demand = (*case.demand, replace(case.demand[0], row=len(case.demand) + 2, material="magnets", annual_demand=100.0, shortage_cost=20 * price))
    chinese = next(offer for offer in offers if offer.country == "China" and offer.material == second)
    return replace(
        case,
        materials=(*(replace(m, shelf_life_months=24.0, sale_price=0.4 * _price(case, m.material), sale_limit_per_year=50.0) for m in case.materials), magnets),
        demand=demand,
        offers=(*offers, made),
        inputs=(InputRow(2, "Magnet works", "magnets", first, 0.3), InputRow(3, "Magnet works", "magnets", second, 0.02)),
        inventory=(*case.inventory, StockItem(len(case.inventory) + 2, second, "chinese", 20.0, supplier=chinese.supplier, ships=1)),
        projects=tuple(replace(project, may_wait_for=("ban", TALKS)) for project in case.projects),
        disruptions=_disruptions(case),
        plants=(Plant(2, "Works", 0.5 * sum(offer.capacity_per_year for offer in offers if offer.plant)),),
        duties=(Duty(2, "tariff", 0.25, country=("China",)), Duty(3, "raised", 0.25, country=("China",), while_active=TALKS)),
        origin_rules=(OriginRule(2, "defence", use=("defence",), allowed_origins=("other", "allied", "onshored"), start=4, unless_active=TALKS),),
        offer_changes=(OfferChange(2, "Japan 4", first, start=6, price=1.2 * _price(case, first), capacity_per_year=100.0),),
        substitutes=(Substitute(2, second, "motors", substitute=MATERIALS[2], units_per_unit=0.3, cost=5.0, maximum_share=0.3, start=4),),
        budget=tuple(replace(row, carry_over=0.5) for row in case.budget),
        limits=(*case.limits, Limit(len(case.limits) + 2, "cover", "stock_cover_days", minimum=30.0, penalty=5.0, start=3)),
    )


def _price(case: Case, material: str) -> float:
    return min(offer.price for offer in case.offers if offer.material == material)


def _changed(offer: Offer) -> Offer:
    """Chinese goods of the first four materials leave later; two sources share a plant; Japanese contracts have a life, an advance and an upside."""
    if offer.country == "China" and offer.material in MATERIALS[:4]:
        offer = replace(offer, ships_after_months=1.0)
    if offer.supplier in ("China 1", "China 2") and offer.material in MATERIALS[4:6]:
        offer = replace(offer, plant="Works")
    if offer.country == "Japan":
        terms = {"contract_from": 2, "prepayment": round(0.05 * offer.price, 2), "upside_trigger": round(offer.price, 2), "upside_share": 0.5}
        offer = replace(offer, **terms)
    return offer


def _disruptions(case: Case) -> tuple[Disruption, ...]:
    """Those of the instance, of which talks that break down raise the first two, and a surge that concerns one use alone."""
    raised = [replace(d, raised_by=TALKS, raised_probability=0.6) if d.disruption in ("licences", "ban") else d for d in case.disruptions]
    count = len(raised) + 2
    return (*raised, Disruption(count, TALKS, 0.3, 9.0, 1.0), Disruption(count + 1, "surge of defence", 0.1, 6.0, 1.0, demand_multiplier=1.5, use=("defence",)))
