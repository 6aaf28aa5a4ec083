"""The features of the workbook that a case holds, by name."""

from __future__ import annotations

from written_out import enumerate_paths

from optimizer.case import Case
from optimizer.schema.changes import CHANGED
from optimizer.schema.choices import HELD_MEASURES
from optimizer.schema.sheets import INPUTS


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
        life = row.shelf_life_months and case.calendar.periods_of(row.shelf_life_months)
        note("shelf life", life)
        note("shelf life of one period", life == 1)
        note("shelf life that ends within the horizon", life and 1 < life <= horizon)
        note("shelf life with disposal_cost", life and row.disposal_cost is not None)
        note("shelf life with loss", life and row.annual_loss)
        note("sale_price", row.sale_price is not None)
        note("sale limit", row.sale_limit_per_year is not None)
    for row in case.inventory:
        note("on hand", row.on_hand)
        note("open order that has not left", row.supplier is not None)
        note("open order with a named offer", row.offer)
        note("open order that ships later", row.ships is not None and row.ships > 0)
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
            "ships_after_months",
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
        note("fixed_contract", row.fixed_contract)
        note("fixed_contract of nothing", row.fixed_contract == 0)
        note("price_floor", row.price_floor is not None)
        note("price_ceiling", row.price_ceiling is not None)
        note(f"terms {row.terms}", True)
        note(f"contract {row.contract_pricing}", row.contractable)
        note("spot limit", row.spot_limit_per_year is not None)
        note("origin other than bloc", row.origin != row.bloc)
        note("offer without country", row.country is None)
        note("input under contract", row.input_material and row.contractable)
        note("ships later under contract", row.ships_later and row.contractable)
        note("ships later and waits for a project", row.ships_later and row.project)
        note("project offer under contract", row.project and row.contractable)
        note("project offer without reservation price", row.project and row.contractable and not row.reservation_price)
        note("minimum over capacity", row.minimum_contract > row.capacity_per_year)
    for row in case.projects:
        note(f"project {row.kind}", True)
        note("earliest_start", row.earliest_start is not None)
        note("latest_start", row.latest_start is not None)
        note("may_wait_for", row.may_wait_for)
        note("project decided to start", row.decided == "start")
        note("project decided never to start", row.decided == "never")
        note("project at once", row.lead_time_months == 0)
        note("project of several periods", row.lead_time_months > case.calendar.months)
        note("two offers of one project", sum(offer.project == row.project for offer in case.offers) > 1)
    for d in case.disruptions:
        for name in ("bloc", "country", "supplier", "material"):
            note(f"disruption {name}", getattr(d, name))
        for name in ("price_multiplier", "spillover_price_multiplier", "demand_multiplier"):
            note(name, getattr(d, name) != 1)
        note("demand of some uses", d.use and d.demand_multiplier != 1)
        note("lead_time_added_months", d.lead_time_added_months)
        note("active_now", d.active_now and not listed)
        note("decision_date", d.decision_date is not None and d.decision_date < horizon and not listed)
        note("follows", d.follows and not listed)
        note("raised_by", d.raised_by and not listed)
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
        note("budget of some materials", row.material)
        note(
            "budget that carries over",
            any(
                row.carry_over and row.scope == other.scope and other.fiscal_year in years for other in case.budget if other.fiscal_year == row.fiscal_year + 1
            ),
        )
        note("budget of a partial year", 0 < len(case.calendar.periods_in(row.fiscal_year)) * case.calendar.months < 12)
    contracts = [offer for offer in case.offers if offer.contractable]
    note("contract_from or contract_to", any(offer.contract_from is not None or offer.contract_to is not None for offer in contracts))
    note("prepayment", any(offer.prepayment for offer in contracts))
    note("upside", any(offer.upside_share is not None for offer in contracts))
    note("origin rule", case.origin_rules)
    note("origin rule that hangs on an event", any(rule.while_active or rule.unless_active for rule in case.origin_rules))
    note("plant", case.plants)
    note("plant of two offers", sum(offer.plant is not None for offer in case.offers) > 1)
    note("choose_one of several", sum(offer.choose_one is not None for offer in case.offers) > 1)
    listed_inputs = case.listed_inputs()
    note("inputs on Inputs", listed_inputs)
    note("two inputs", any(len(rows) > 1 for rows in listed_inputs.values()))
    note("input of a named offer", any(row.offer for row in case.inputs))
    for row in case.substitutes:
        note("substitute" if row.substitute else "thrift", True)
        note("substitution at a cost", row.cost)
        note("substitution of a share", row.maximum_share < 1)
        note("substitution that waits for a project", row.project)
        note("substitution from a period on", row.start is not None)
        note("substitute under an origin rule", row.substitute and any(rule.concerns(row.substitute, row.use) for rule in case.origin_rules))
    note("several substitutions of one use", len({(row.material, row.use) for row in case.substitutes}) < len(case.substitutes))
    for schedule in case.schedules:
        offer, changes = schedule.offer, schedule.changes
        note("offer change", changes)
        note("offer change before the horizon", any(row.start < 0 for row in changes))
        note("several changes of one offer", len(changes) > 1)
        for name in CHANGED:
            note(f"changed {name}", schedule.changes_in(name))
        note("changed price that grows", schedule.changes_in("price") and offer.price_growth)
        note("changed capacity of a contract", schedule.changes_in("capacity_per_year") and offer.contractable)
        note("changed capacity with a blank spot limit", schedule.changes_in("capacity_per_year") and offer.spot_limit_per_year is None)
        note("changed capacity of an offer that ships later", schedule.changes_in("capacity_per_year") and offer.ships_later)
        indexed = offer.contractable and offer.contract_pricing == "indexed"
        note("changed price of an indexed contract", schedule.changes_in("price") and indexed)
        note("changed contract_price of an indexed contract", schedule.changes_in("contract_price") and indexed)
    for duty in case.duties:
        note("duty", True)
        note("duty from or to", duty.start is not None or duty.end is not None)
        note("duty while_active", duty.while_active)
        note("duty unless_active", duty.unless_active)
        note("duty of some offers", duty.bloc or duty.country or duty.supplier or duty.material)
    for row in case.limits:
        note(f"{row.measure} {'hard' if row.penalty is None else 'with penalty'}", True)
        for name in ("material", "bloc", "country", "supplier", "origin", "use"):
            note(f"limit {name}", getattr(row, name))
        for name in ("start", "end", "minimum", "maximum"):
            note(f"limit {name}", getattr(row, name) is not None)
        if row.measure in HELD_MEASURES:
            note(f"limit {row.holding}", True)
            note("limit released_by", row.released_by)
            note("limit refill_months", row.refill_months is not None)
        note("limit minimum and maximum", row.minimum is not None and row.maximum is not None)
        on_orders = not row.measure.startswith("stock")
        note("limit origin of a converted material", row.origin and on_orders and any(offer.input_material for offer in case.offers))
    return held


def columns_set(case: Case) -> set[str]:
    """Return the "Sheet.column"s of which a row of the case holds another value than a blank cell's."""
    found = set()
    for sheet in INPUTS:
        for row in [case.settings] if sheet.settings else getattr(case, sheet.case_field):
            for column in sheet.columns:
                blank = getattr(row, column.default_from) if column.default_from else column.blank
                if column.required or getattr(row, column.attribute) != blank:
                    found.add(f"{sheet.name}.{column.name}")
    return found
