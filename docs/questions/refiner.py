"""Questions of a refiner and magnet maker that buys and sells."""

from __future__ import annotations

from optimizer.plan.explain import figure, percent
from questions.chips import FEWER, GALLIUM, GERMANIUM, SAMPLE
from questions.figures import first, instead, listed, money, ordered, part, started
from questions.language import ASKED, IN_PART, NO, YES, Cells, Edit, Part, Plans, Question, Rows

LED = "LED and laser epitaxy"
SITE = "Gallium 6N at site B"
LINE, OXIDE = "Second line", "Dysprosium oxide"
FEED = "Qualify Guinean feed"
CUSTOMER = "Customer with a contract"
THIRD = "A third at most from one country"


def sell(plans: Plans) -> str:
    """Tell what is sold, and when."""
    plan, plain = plans[ASKED], plans["without sales"]
    rows = plan.tables["sales"]
    when = listed(
        f"{figure(sold)} kg of {name.split()[0].lower()} in {period}" for (name, period), sold in rows.groupby(["material", "period"])["quantity"].sum().items()
    )
    return (
        f"While events take their likeliest course, the plan sells {when}; over all futures sales bring {money(plan, -part(plan, 'sales'))} on average. "
        f"{instead(plan, plain)} The price is one for the horizon: that it rises in a crisis cannot be said. A price above what the metal can be bought "
        "for is warned of."
    )


def sites(plans: Plans) -> str:
    """Tell what a second site gets."""
    plan = plans[ASKED]
    return (
        f"A material for each site and the truck as an offer that turns one into the other: {figure(ordered(plan, supplier='Truck'))} kg go to site B "
        f"while events take their likeliest course, where {percent(first(plan, 'fill_rate', 'fill_rate', material=SITE))} of the demand is met. The way back "
        "is refused: the two materials would be made from each other in a circle."
    )


def feed(plans: Plans) -> str:
    """Tell which qualifications start."""
    plan = plans[ASKED]
    decided = listed(f"“{project}” {started(plan, project)}" for project in plan.tables["projects"]["project"])
    return f"{decided[0].upper()}{decided[1:]}. {instead(plan, plans['without it'])}"


def dearest_rule(plans: Plans) -> str:
    """Tell what rules cost."""
    plan = plans[ASKED]
    rows = plan.tables["binding"]
    rows = rows[rows["sheet"] == "Limits"].sort_values("worth", ascending=False)
    most = rows.iloc[0]
    return (
        f"The sheet What binds ranks them: the dearest is {most['what']}, where one more {most['unit']} would save {money(plan, most['worth'])}. With and "
        f"without the rule that is added here: {instead(plan, plans['without it'])[0].lower()}{instead(plan, plans['without it'])[1:]}"
    )


def second_line(plans: Plans) -> str:
    """Tell when a project starts that may wait."""
    plan, plain = plans[ASKED], plans["now or never"]
    chance = first(plan, "projects", "chance", project=LINE)
    return (
        f"The second line {started(plan, LINE)} (chance of a start {percent(chance)}); as a decision between now and never, it {started(plain, LINE)}. "
        f"{instead(plan, plain)}"
    )


def _line(may_wait_for: str) -> tuple[Edit, ...]:
    """Return the lines of a second line that may wait for a disruption."""
    project = {"project": LINE, "kind": "expansion", "cost": 90000, "lead_time_months": 0, "may_wait_for": may_wait_for}
    offer = {"supplier": "Own second line", "material": OXIDE, "bloc": "onshored", "price": 450, "capacity_per_year": 600, "terms": "spot", "project": LINE}
    return Rows("Projects", (project,)), Rows("Suppliers", (offer,))


def customer(plans: Plans) -> str:
    """Tell how well a customer is served."""
    plan, plain = plans[ASKED], plans["without the option"]
    rate = first(plan, "fill_rate", "fill_rate", use=CUSTOMER)
    return (
        f"{percent(rate)} of what the customer wants is delivered, {figure(first(plan, 'fill_rate', 'expected_short', use=CUSTOMER))} kg are paid for by the "
        f"penalty on average. Against the same contract without the option: {instead(plan, plain)[0].lower()}{instead(plan, plain)[1:]} What is late "
        "counts as not delivered."
    )


DELIVERY = Rows("Demand", ({"material": GALLIUM, "use": CUSTOMER, "annual_demand": 150, "shortage_cost": 1800},))


def _option(times: float) -> Rows:
    """Return the event that the customer takes so many times as much; with 1 it changes nothing, and the futures are the same."""
    event = {"disruption": "Customer takes more", "annual_probability": 0.4, "mean_duration_months": 240, "capacity_remaining": 1}
    return Rows("Disruptions", ({**event, "demand_multiplier": times, "material": GALLIUM, "use": CUSTOMER},))


REFINER = Part(
    "e",
    "Refiner and magnet maker, buying and selling",
    (
        Question(
            "e1",
            "Sell now, later, or keep?",
            IN_PART,
            sell,
            SAMPLE,
            (
                Cells("Materials", {"material": GALLIUM}, {"sale_price": 700, "sale_limit_per_year": 200}),
                Cells("Materials", {"material": GERMANIUM}, {"sale_price": 2600, "sale_limit_per_year": 60}),
            ),
            {"without sales": ()},
            settings=FEWER,
        ),
        Question(
            "e2",
            "One tonne of mixed carbonate gives NdPr, Dy, Tb, La and Ce in fixed shares.",
            NO,
            "An offer makes one material. Several inputs for one output can be said (sheet Inputs), several outputs of one input cannot: offers that each "
            "make one of them from the carbonate would choose their shares freely, and the plan would make dysprosium alone.",
        ),
        Question(
            "e3",
            "Two plants, a store at each, transfers between them.",
            IN_PART,
            sites,
            SAMPLE,
            (
                Rows("Materials", ({"material": SITE, "unit": "kg", "holding_cost_per_year": 16, "storage_capacity": 200},)),
                Cells("Demand", {"use": LED}, {"material": SITE}),
                Rows(
                    "Suppliers",
                    (
                        {
                            "supplier": "Truck",
                            "material": SITE,
                            "bloc": "onshored",
                            "price": 3,
                            "capacity_per_year": 600,
                            "input_material": GALLIUM,
                            "input_per_unit": 1,
                        },
                    ),
                ),
            ),
            settings=FEWER,
        ),
        Question(
            "e4",
            "Which feed do I pay to qualify?",
            YES,
            feed,
            SAMPLE,
            (
                Rows("Projects", ({"project": FEED, "kind": "qualification", "cost": 40000, "lead_time_months": 9},)),
                Rows(
                    "Suppliers",
                    (
                        {
                            "supplier": "Guinean residue refiner",
                            "material": GALLIUM,
                            "bloc": "other",
                            "country": "Guinea",
                            "price": 600,
                            "capacity_per_year": 200,
                            "lead_time_months": 3,
                            "project": FEED,
                        },
                    ),
                ),
            ),
            {"without it": ()},
            settings=FEWER,
        ),
        Question(
            "e5",
            "The board asks which rule costs most.",
            YES,
            dearest_rule,
            SAMPLE,
            (Rows("Limits", ({"limit": THIRD, "measure": "largest_country_share", "material": GALLIUM, "maximum": 0.34},)),),
            {"without it": ()},
            settings=FEWER,
        ),
        Question(
            "e6",
            "When would I start the second line: now, or once the ban is back?",
            YES,
            second_line,
            "tutorial",
            _line("Export stop"),
            {"now or never": _line("")},
        ),
        Question(
            "e7",
            "Deliver to a customer every year, with a penalty for what is not delivered; the customer may take 20% more.",
            YES,
            customer,
            SAMPLE,
            (DELIVERY, _option(1.2)),
            {"without the option": (DELIVERY, _option(1))},
            settings=FEWER,
        ),
    ),
)
