"""Questions of a maker of gallium and germanium chips."""

from __future__ import annotations

from optimizer.plan.explain import figure, percent
from questions.figures import chance_of_orders, contracted, cost, instead, lifted_on_average, listed, started
from questions.language import ASKED, IN_PART, YES, Cells, Copied, Edit, Part, Plans, Question, Row, Rows

SAMPLE = "gallium_germanium"
FEWER = {"scenarios": 40, "mip_gap": 0.0002}
GALLIUM, GERMANIUM = "Gallium 6N", "Germanium metal"
BAN = "US ban on gallium and germanium returns"
CHINESE_GALLIUM = {"supplier": "Chinese gallium refiner", "material": GALLIUM}
CHINESE_GERMANIUM = {"supplier": "Chinese germanium smelter", "material": GERMANIUM}


def _held(material: str, origin: str, quantity: float, **columns: str) -> Row:
    return {"material": material, "origin": origin, "quantity": quantity, "arrives": "", "supplier": "", "ships": "", **columns}


ON_HAND = (
    _held(GALLIUM, "chinese", 260),
    _held(GALLIUM, "allied", 90),
    _held(GERMANIUM, "chinese", 120),
    _held(GERMANIUM, "allied", 110),
    _held(GERMANIUM, "allied", 60, arrives="2027-Q2"),
)
NOT_LEFT = (
    _held(GALLIUM, "chinese", 180, supplier=CHINESE_GALLIUM["supplier"], ships="2027-Q1"),
    _held(GALLIUM, "chinese", 120, supplier=CHINESE_GALLIUM["supplier"], ships="2027-Q2"),
    _held(GERMANIUM, "chinese", 60, supplier=CHINESE_GERMANIUM["supplier"], ships="2027-Q1"),
)
UNDER_WAY = (
    _held(GALLIUM, "chinese", 180, arrives="2027-Q2"),
    _held(GALLIUM, "chinese", 120, arrives="2027-Q3"),
    _held(GERMANIUM, "chinese", 60, arrives="2027-Q2"),
)


def _ships(months: int) -> tuple[Edit, ...]:
    """Return the lines by which Chinese goods leave so long after they are ordered."""
    return tuple(Cells("Suppliers", who, {"ships_after_months": months}) for who in (CHINESE_GALLIUM, CHINESE_GERMANIUM))


def _ban(**columns: float | str) -> tuple[Edit, ...]:
    """Return the line by which the ban returns."""
    return (Cells("Disruptions", {"disruption": BAN}, columns),)


def not_licensed(plans: Plans) -> str:
    """Tell what a ban holds back."""
    plan, plain = plans[ASKED], plans["safe once ordered"]
    rows = plan.tables["held_back"].to_dict("records")
    most = listed(f"{figure(row['most'])} kg of {row['material'].split()[0].lower()} in {row['period']} (chance {percent(row['chance'])})" for row in rows)
    return (
        f"The sheet Held back says it: at most {most} is due and cannot leave. Expected cost is {cost(plan)}; were all of it safe once ordered, as a plan "
        f"without these columns has it, {cost(plain)}."
    )


def ban_returns(plans: Plans) -> str:
    """Tell what the chance of the ban changes."""
    likely, unlikely, now = plans[ASKED], plans["chance 10%"], plans["active now"]
    return (
        f"With a chance of 60% expected cost is {cost(likely)} and Chinese gallium is signed for {figure(contracted(likely, **CHINESE_GALLIUM))} kg a "
        f"year; with 10% it is {cost(unlikely)} and {figure(contracted(unlikely, **CHINESE_GALLIUM))} kg. A decision that has fallen before the start is "
        f"`active_now`: with `yes` it is {cost(now)} and {figure(contracted(now, **CHINESE_GALLIUM))} kg."
    )


CHANCES = (0, 0.05, 0.1, 0.3)


def _at(chance: float) -> tuple[Edit, ...]:
    return _ban(annual_probability=chance, decision_date="2027-11-27", decision_probability=chance, active_now="no", raised_by="", raised_probability="")


def break_even(plans: Plans) -> str:
    """Tell at which chance a project pays."""
    decided = listed(
        f"at {percent(chance)} Wagerup {started(plans[f'chance {percent(chance)}'], 'Qualify Wagerup')} "
        f"({figure(contracted(plans[f'chance {percent(chance)}'], supplier='Alcoa-Sojitz Wagerup'))} kg a year signed)"
        for chance in CHANCES
    )
    return f"A workbook for each chance, solved in one go by `optimizer.sweep`: {decided}. No study looks for the chance at which the plan turns."


def toll(plans: Plans) -> str:
    """Tell what toll conversion gives."""
    plan, plain = plans[ASKED], plans["without the scrap"]
    returned = lifted_on_average(plan, supplier="Umicore Olen", offer="toll return")
    return (
        f"On average {figure(returned)} kg of germanium come back for the fee. {instead(plan, plain)} A swap (metal at once against scrap later) and the "
        "balance of a metal account cannot be said."
    )


def collar(plans: Plans) -> str:
    """Tell what a collar with a share of the upside does."""
    plan, plain = plans[ASKED], plans["without the share"]
    umicore = {"supplier": "Umicore Olen", "material": GERMANIUM}
    return (
        f"{figure(contracted(plan, **umicore))} kg a year are signed at 20% under the spot price, between 3,000 and 4,200 USD, with 40% back of what lies "
        f"above 3,600; without that share {figure(contracted(plain, **umicore))} kg. {instead(plan, plain)} The index is the price of the period: an "
        "average of the last month and the low end of a quotation stand for a discount of your own, in contract_price."
    )


def vendor_stock(plans: Plans) -> str:
    """Tell what a vendor's stock is worth."""
    plan, plain = plans[ASKED], plans["without it"]
    offer = {"supplier": "Neutral store"}
    return (
        f"{figure(contracted(plan, **offer))} kg are reserved; something is drawn with a chance of {percent(chance_of_orders(plan, **offer))}, "
        f"{figure(lifted_on_average(plan, **offer))} kg on average. {instead(plan, plain)} The entitlement is a rate: a quarter of it each quarter, anew "
        "every year; 100 kg drawn at once and once only cannot be said."
    )


def pool(plans: Plans) -> str:
    """Tell whether to join a pool."""
    plan, plain = plans[ASKED], plans["without it"]
    rate = contracted(plan, supplier="Metal pool")
    signed = f", with {figure(rate)} kg a year" if rate else ""
    return (
        f"Membership as a project, the entitlement as a contract behind it: “Join the pool” {started(plan, 'Join the pool')}{signed}. "
        f"{instead(plan, plain)} What is drawn is paid for at the pool's price that day; that it must be given back in kind cannot be said."
    )


POOL = (
    Rows("Projects", ({"project": "Join the pool", "cost": 25000, "lead_time_months": 0},)),
    Rows(
        "Suppliers",
        (
            {
                "supplier": "Metal pool",
                "material": GALLIUM,
                "bloc": "allied",
                "price": 1050,
                "capacity_per_year": 120,
                "terms": "contract",
                "contract_price": 950,
                "contract_pricing": "indexed",
                "reservation_price": 50,
                "project": "Join the pool",
            },
        ),
    ),
)
VENDOR = (
    Rows(
        "Suppliers",
        (
            {
                "supplier": "Neutral store",
                "material": GALLIUM,
                "bloc": "allied",
                "country": "Netherlands",
                "price": 1400,
                "capacity_per_year": 100,
                "terms": "contract",
                "contract_price": 1300,
                "reservation_price": 30,
                "take_or_pay": 0,
            },
        ),
    ),
)
SCRAP = "Optics scrap"
TOLL = (
    Rows("Materials", ({"material": SCRAP, "unit": "kg", "disposal_cost": 0},)),
    Rows("Inventory", tuple({"material": SCRAP, "origin": "onshored", "quantity": 40, "arrives": f"{year}-Q{q}"} for year in (2027, 2028) for q in (1, 3))),
    Copied(
        "Suppliers",
        {"supplier": "Umicore Olen", "material": GERMANIUM},
        {
            "offer": "toll return",
            "price": 650,
            "terms": "spot",
            "capacity_per_year": 80,
            "spot_limit_per_year": "",
            "contract_price": "",
            "contract_pricing": "",
            "price_floor": "",
            "price_ceiling": "",
            "take_or_pay": "",
            "feedstock_bloc": "",
            "feedstock_country": "",
            "feedstock_dependence": "",
            "input_material": SCRAP,
            "input_per_unit": 1.6,
        },
    ),
)


def _collar(**upside: float | str) -> tuple[Edit, ...]:
    values = {"contract_pricing": "indexed", "price": 4300, "contract_price": 3440, "price_floor": 3000, "price_ceiling": 4200, **upside}
    return (Cells("Suppliers", {"supplier": "Umicore Olen", "material": GERMANIUM}, values),)


CHIPS = Part(
    "c",
    "Gallium and germanium chip maker",
    (
        Question(
            "c1",
            "What is ordered but not licensed when the ban returns?",
            YES,
            not_licensed,
            SAMPLE,
            (Rows("Inventory", ON_HAND + NOT_LEFT, alone=True), *_ships(3)),
            {"safe once ordered": (Rows("Inventory", ON_HAND + UNDER_WAY, alone=True), *_ships(0))},
            settings=FEWER,
        ),
        Question(
            "c2",
            "How likely is it that the ban returns on 27 November?",
            YES,
            ban_returns,
            SAMPLE,
            _ban(decision_date="2027-11-27", decision_probability=0.6, active_now="no"),
            {
                "chance 10%": _ban(decision_date="2027-11-27", decision_probability=0.1, active_now="no"),
                "active now": _ban(decision_date="", decision_probability="", active_now="yes"),
            },
            settings=FEWER,
        ),
        Question(
            "c3",
            "At what probability does Wagerup stop paying?",
            IN_PART,
            break_even,
            SAMPLE,
            _at(CHANCES[1]),
            {f"chance {percent(chance)}": _at(chance) for chance in CHANCES},
            settings=FEWER,
        ),
        Question("c4", "Our own scrap goes to Umicore and comes back as metal.", IN_PART, toll, SAMPLE, TOLL, {"without the scrap": ()}, settings=FEWER),
        Question(
            "c5",
            "A collar on the index: floor, ceiling, a share of the upside, a discount, the average of last month.",
            IN_PART,
            collar,
            SAMPLE,
            _collar(upside_trigger=3600, upside_share=0.4),
            {"without the share": _collar(upside_trigger="", upside_share="")},
            settings=FEWER,
        ),
        Question("c6", "A vendor holds 100 kg for us at a fee.", IN_PART, vendor_stock, SAMPLE, VENDOR, {"without it": ()}, settings=FEWER),
        Question("c7", "Join a pool: entry fee, entitlement, draw, replenish.", IN_PART, pool, SAMPLE, POOL, {"without it": ()}, settings=FEWER),
    ),
)
